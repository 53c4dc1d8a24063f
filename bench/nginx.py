#!/usr/bin/python3
"""What a request costs the worker with the module, as a ratio to without.

    bench/nginx.py [--rounds N] [--words N] [--seconds S] [--kinds a,b,c,...]

One nginx with one worker on a core of its own, a second nginx behind it that
takes the body and answers at once, the load on the other core.  The figure is
the processor time of the front's worker (/proc/PID/schedstat) over exactly N
requests.  Rounds are interleaved: within each kind of request first without,
then with; the ratio is taken within a round, and the median is printed.

The rules are N random words in the view han (10 000), 1 000 in bare, 1 000 in
latin and 100 patterns each in digits and base, so five views are made; three
fields are watched; nothing is hit; nothing is logged.
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
R = random.Random(7)

# common characters: those of GB 2312's first level
HAN = [bytes([a, b]).decode("gb2312") for a in range(0xb0, 0xd8)
       for b in range(0xa1, 0xff) if (a, b) < (0xd7, 0xfa)]
LATIN = "abcdefghijkmnopqrstuvwxyz"

KINDS = {
    "a": "JSON 300 B", "b": "JSON 2 KB", "c": "urlencoded 400 B",
    "d": "multipart 200 KB", "e": "multipart 5 MB", "f": "GET outside",
}


def han(n):
    return "".join(R.choice(HAN) for _ in range(n))


def words(n):
    seen = set()
    while len(seen) < n:
        seen.add(han(R.randint(2, 6)) if R.random() < 0.9 else
                 "".join(R.choice(LATIN) for _ in range(R.randint(4, 10))))
    return sorted(seen)


def make_rules(folder, n):
    os.mkdir(folder)

    def rule(i, view, what):
        return dict(id=f"B-{i}", view=view, action="reject", **what)

    digits = [f"9{i:02}[0-9]{{{R.randint(6, 9)}}}7{R.randrange(1000):03}"
              for i in range(100)]
    base = ["[0-9a-z]{2,8}@" + "".join(R.choice(LATIN) for _ in range(6))
            + "\\.(?:com|net)" for _ in range(100)]
    with open(folder + "/bench.json", "w") as f:
        json.dump({"pack": "bench", "prefix": "B", "rules": [
            rule(1, "han", {"words": words(n)}),
            rule(2, "bare", {"words": words(1000)}),
            rule(3, "latin", {"words": [
                "".join(R.choice(LATIN) for _ in range(R.randint(5, 10)))
                for _ in range(1000)]}),
            rule(4, "digits", {"regex": digits}),
            rule(5, "base", {"regex": base}),
        ]}, f)


def make_request(path, kind, body=b"", method="POST",
                 uri="/account/register"):
    with open(path, "wb") as f:
        f.write((f"{method} {uri} HTTP/1.1\r\nHost: localhost\r\n"
                 "User-Agent: load\r\nAccept: */*\r\n").encode())
        if method == "POST":
            f.write((f"Content-Type: {kind}\r\nContent-Length: {len(body)}"
                     "\r\n").encode())
        f.write(b"\r\n" + body)


def make_requests(folder):
    person = {"username": han(12), "signature": han(40)}
    small = json.dumps(dict(person, id=12345, lang="zh-CN"),
                       ensure_ascii=False).encode()
    token = "".join(R.choice(LATIN) for _ in range(1400))
    large = json.dumps(dict(person, bio=han(120), token=token, n=[1, 2, 3],
                            ok=True), ensure_ascii=False).encode()
    from urllib.parse import urlencode
    form = urlencode({"username": person["username"],
                      "signature": person["signature"][:20], "id": "12345",
                      "csrf": token[:80]}).encode()

    def multipart(size):
        parts = [(f'name="{k}"', v.encode()) for k, v in person.items()]
        parts.append(('name="avatar"; filename="a.png"\r\n'
                      'Content-Type: image/png', R.randbytes(size)))
        return b"".join(f"--b0undary\r\nContent-Disposition: form-data; {h}"
                        f"\r\n\r\n".encode() + d + b"\r\n" for h, d in parts
                        ) + b"--b0undary--\r\n"

    kind = "multipart/form-data; boundary=b0undary"
    make_request(folder + "/a", "application/json", small)
    make_request(folder + "/b", "application/json", large)
    make_request(folder + "/c", "application/x-www-form-urlencoded", form)
    make_request(folder + "/d", kind, multipart(200 * 1024))
    make_request(folder + "/e", kind, multipart(5 * 1024 * 1024))
    make_request(folder + "/f", "", method="GET", uri="/")


CONF = """
{load}
worker_processes 1;
daemon off;
pid nginx.pid;
error_log error.log error;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path body; proxy_temp_path proxy;
    fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    access_log off;
    client_max_body_size 16m;
    keepalive_requests 1000000000;
    {http}
}}
"""

BACK = """
    client_body_buffer_size 8m;
    server {{
        listen unix:{dir}/back.sock;
        location / {{ return 200 ok; }}
    }}
"""

FRONT = """
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    upstream back {{ server unix:{dir}/back.sock; keepalive 64;
                     keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://back; }}
        location /account/ {{
            {ours}
            proxy_pass http://back;
        }}
    }}
"""

OURS = """
            acctinfo on;
            acctinfo_rules {dir}/rules;
            acctinfo_field name username;
            acctinfo_field signature signature;
            acctinfo_field profile bio;
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Nginx:
    def __init__(self, folder, core, conf):
        os.makedirs(folder)
        os.chmod(folder, 0o755)
        with open(folder + "/nginx.conf", "w") as f:
            f.write(conf)
        nginx = os.environ.get("NGINX", "/usr/sbin/nginx")
        self.proc = subprocess.Popen(
            ["taskset", "-c", str(core), nginx, "-p", folder, "-e",
             folder + "/error.log", "-c", folder + "/nginx.conf"])
        for _ in range(200):
            time.sleep(0.05)
            if self.proc.poll() is not None:
                sys.exit(open(folder + "/error.log").read())
            kids = self.children()
            if kids:
                self.worker = kids[-1]
                time.sleep(0.3)
                return
        sys.exit("no worker")

    def children(self):
        pid = self.proc.pid
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [int(x) for x in f.read().split()]

    def cpu(self):
        with open(f"/proc/{self.worker}/schedstat") as f:
            return int(f.read().split()[0]) / 1e9

    def rss(self):
        with open(f"/proc/{self.worker}/status") as f:
            return [int(line.split()[1]) / 1024 for line in f
                    if line.startswith("VmRSS")][0]

    def stop(self):
        self.proc.send_signal(signal.SIGTERM)
        self.proc.wait()


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--rounds", type=int, default=7)
    ap.add_argument("--words", type=int, default=10000)
    ap.add_argument("--seconds", type=float, default=0.6)
    ap.add_argument("--kinds", default="a,b,c,d,e,f")
    ap.add_argument("--rules", help="packs or a compiled file, instead of the "
                    "words that are made")
    args = ap.parse_args()

    folder = tempfile.mkdtemp(prefix="acctinfo-bench-")
    os.chmod(folder, 0o755)
    servers = []

    try:
        load = folder + "/load"
        subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", load,
                        ROOT + "/bench/load.c"], check=True)
        if args.rules:
            os.symlink(os.path.abspath(args.rules), folder + "/rules")
        else:
            make_rules(folder + "/rules", args.words)
        make_requests(folder)
        module = (f"load_module {ROOT}/build/ngx_http_acctinfo_module.so;")

        def conf(load, http, **kw):
            return CONF.format(load=load, http=http.format(dir=folder, **kw))

        # the load never sleeps, and the back end does not interrupt it: so
        # the front's worker is not charged for waking the other core

        back = Nginx(folder + "/back", 1, conf("", BACK))
        os.sched_setscheduler(back.worker, os.SCHED_BATCH, os.sched_param(0))
        servers.append(back)
        fronts = {}
        for name in ("without", "with"):
            port = free_port()
            ours = OURS.format(dir=folder) if name == "with" else ""
            n = Nginx(f"{folder}/{name}", 0,
                      conf(module if ours else "", FRONT, port=port,
                           ours=ours))
            n.port = port
            fronts[name] = n
            servers.append(n)

        def cost(name, kind, count):
            front = fronts[name]
            before = front.cpu()
            subprocess.run(["taskset", "-c", "1", load, str(front.port),
                            "4" if kind == "e" else "16", str(count),
                            f"{folder}/{kind}"], check=True,
                           stdout=subprocess.DEVNULL)
            return (front.cpu() - before) / count * 1e6

        rss = {name: f.rss() for name, f in fronts.items()}
        print(args.rules or f"{args.words} words in han, 1000 in bare, 1000 in "
              "latin, 100 patterns each in digits and base", end="; ")
        print(f"{args.rounds} rounds")
        print(f"{'request':<20}{'without, us':>12}{'with, us':>12}"
              f"{'ratio':>8}{'spread':>14}")
        for kind in args.kinds.split(","):
            rate = max(1.0, cost("without", kind, 64))
            count = int(max(64, min(50000, args.seconds * 1e6 / rate / 2)))
            rows = []
            for _ in range(args.rounds):
                a = cost("without", kind, count)
                b = cost("with", kind, count)
                rows.append((a, b, b / a))
            med = [statistics.median(r[i] for r in rows) for i in range(3)]
            lo, hi = min(r[2] for r in rows), max(r[2] for r in rows)
            print(f"{kind + '  ' + KINDS[kind]:<20}{med[0]:>12.1f}"
                  f"{med[1]:>12.1f}{med[2]:>8.2f}{lo:>8.2f}-{hi:.2f}",
                  flush=True)
        print("worker, MiB after start (after load): " + ", ".join(
            f"{n} {rss[n]:.1f} ({f.rss():.1f})" for n, f in fronts.items()))
    finally:
        for s in reversed(servers):
            s.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
