#!/usr/bin/python3
"""Endurance: what an operator does to a server, and what happens to one.

    endure.py [TRIAL...]        reloads killed unreadable disk workers waiting

Each trial has an nginx of its own with the module, in front of another nginx
that notes every token it is sent.  While a trial goes on, requests come all
the time: each honest one must be answered 200, each bad one 403, and no bad
one's token may be among the application's.  Prints figures; exit 1 if
something was lost or let through.
"""

import asyncio
import json
import os
import re
import resource
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
MODULE = os.environ.get("ACCTINFO_MODULE", os.path.join(
    ROOT, "build", "ngx_http_acctinfo_module.so"))
COMMAND = os.environ.get("ACCTINFO", os.path.join(ROOT, "build", "acctinfo"))
NGINX = os.environ.get("TEST_NGINX_BINARY") or shutil.which(
    "nginx", path=os.environ["PATH"] + ":/usr/sbin")
PACK = os.path.join(HERE, "data", "rules", "suite.json")

TEMPS = "".join(f"    {n}_temp_path temp_{n.split('_')[0]};\n" for n in (
    "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))

APP = """
worker_processes 1;
worker_rlimit_nofile 20000;
pid app.pid;
error_log app-error.log error;
events {{ worker_connections 16000; }}
http {{
{temps}
    log_format token '$http_x_token';
    server {{
        listen unix:{dir}/app.sock backlog=8192;
        access_log {dir}/tokens token;
        location / {{ return 200 "ok\n"; }}
    }}
}}
"""

CONF = """
{load}
{user}
worker_processes {workers};
worker_rlimit_nofile 20000;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 12000; }}
http {{
{temps}
    access_log off;
    log_format record escape=none '$acctinfo_record';
    upstream app {{ server unix:{dir}/app.sock; }}

    acctinfo_zone counters 256k;
    acctinfo_field name username;
    acctinfo_field profile bio;
    acctinfo_rules {rules};

    server {{
        listen 127.0.0.1:{port} backlog=8192;
        client_body_timeout 300s;

        location / {{ acctinfo on; {log} proxy_pass http://app; }}
        location /off {{ proxy_pass http://app; }}
        location = /metrics {{ acctinfo_metrics json; }}
    }}
}}
"""

problems = []


def say(text):
    print(text, flush=True)


def check(right, text):
    if not right:
        problems.append(text)
        say(f"    FAILED: {text}")


class Server:
    def __init__(self, rules=PACK, workers=2, log="", user="", prefix=()):
        self.dir = tempfile.mkdtemp(prefix="acctinfo-endure-")
        os.chmod(self.dir, 0o777)
        self.prefix = list(prefix)
        self.conf = os.path.join(self.dir, "nginx.conf")
        import socket
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        with open(os.path.join(self.dir, "app.conf"), "w") as f:
            f.write(APP.format(temps=TEMPS, dir=self.dir))
        with open(self.conf, "w") as f:
            f.write(CONF.format(load=f"load_module {MODULE};" if MODULE else "",
                                user=user, workers=workers, temps=TEMPS,
                                dir=self.dir, rules=rules, port=self.port,
                                log=log.format(dir=self.dir)))
        self.nginx("app.conf")
        os.chmod(os.path.join(self.dir, "app.sock"), 0o666)
        self.nginx("nginx.conf")

    def nginx(self, conf, *args, check=True):
        prefix = self.prefix if conf == "nginx.conf" else []
        return subprocess.run(
            prefix + [NGINX, "-p", self.dir, "-c", os.path.join(self.dir, conf),
                      "-e", os.path.join(self.dir, conf + "-error.log"), *args],
            check=check, stdin=subprocess.DEVNULL, capture_output=True,
            text=True)

    def pid(self, name="nginx.pid"):
        with open(os.path.join(self.dir, name)) as f:
            return int(f.read())

    def workers(self):
        out = subprocess.run(["ps", "-o", "pid=,args=", "--ppid",
                              str(self.pid())], capture_output=True,
                             text=True).stdout
        return [int(line.split()[0]) for line in out.splitlines()
                if "worker process" in line and "shutting" not in line]

    def log(self):
        with open(os.path.join(self.dir, "error.log"), errors="replace") as f:
            return f.read()

    def tokens(self):
        with open(os.path.join(self.dir, "tokens")) as f:
            return f.read().split()

    def stop(self):
        pids = []
        for name in ("nginx.pid", "app.pid"):
            try:
                pids.append(self.pid(name))
                os.kill(pids[-1], signal.SIGQUIT)
            except (OSError, ValueError):
                pass
        for _ in range(200):
            pids = [p for p in pids if os.path.exists(f"/proc/{p}")]
            if not pids:
                break
            time.sleep(0.05)
        for p in pids:
            os.kill(p, signal.SIGTERM)
        shutil.rmtree(self.dir, ignore_errors=True)


def memory(pid):
    """What a process has of its own, and in all; in bytes."""
    with open(f"/proc/{pid}/smaps_rollup") as f:
        text = f.read()
    kb = {k: int(v) for k, v in re.findall(r"^(\w+):\s+(\d+) kB", text, re.M)}
    return 1024 * (kb["Private_Dirty"] + kb["Private_Clean"]), 1024 * kb["Rss"]


# the load

HONEST = ("alice", "王小明", "Мария", "tea and music")
BAD = ("zhongyang", "it is zhongyang")


def request(token, bad, path="/"):
    """One request of a random form; long ones have 100 kB before the name."""
    from urllib.parse import quote
    name = secrets.choice(BAD if bad else HONEST)
    fill = secrets.choice((0, 0, 0, 100_000)) * "x"
    form = secrets.choice(("form", "json", "multipart"))
    if form == "form":
        kind = "application/x-www-form-urlencoded"
        body = f"fill={fill}&username={quote(name)}&bio=tea"
    elif form == "json":
        kind = "application/json"
        body = json.dumps({"fill": fill, "username": name})
    else:
        kind = "multipart/form-data; boundary=b"
        body = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"'
                       f"\r\n\r\n{v}\r\n"
                       for k, v in (("fill", fill), ("username", name)))
        body += "--b--\r\n"
    body = body.encode()
    head = (f"POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            f"X-Token: {token}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


async def ask(port, data, pause=0.0):
    """The status of an answer, or None where there was none."""
    try:
        r, w = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return None
    try:
        cut = len(data) // 2
        w.write(data[:cut])
        await w.drain()
        if pause:
            await asyncio.sleep(pause)
        w.write(data[cut:])
        await w.drain()
    except OSError:
        pass
    try:
        answer = await asyncio.wait_for(r.read(), 30)
    except (OSError, asyncio.TimeoutError):
        answer = b""
    finally:
        w.close()
    return int(answer[9:12]) if answer[:5] == b"HTTP/" else None


class Load:
    def __init__(self, server, clients=16):
        self.server, self.clients = server, clients
        self.running = True
        self.bad, self.lost, self.wrong, self.done = set(), 0, [], 0

    async def client(self):
        while self.running:
            token = secrets.token_hex(8)
            bad = secrets.randbelow(2) == 1
            if bad:
                self.bad.add(token)
            status = await ask(self.server.port, request(token, bad),
                               secrets.choice((0, 0, 0.01, 0.1)))
            self.done += 1
            if status is None:
                self.lost += 1
            elif status != (403 if bad else 200):
                self.wrong.append((status, bad))

    async def __aenter__(self):
        self.tasks = [asyncio.create_task(self.client())
                      for _ in range(self.clients)]
        self.began = time.time()
        return self

    async def __aexit__(self, *_):
        self.running = False
        await asyncio.gather(*self.tasks)
        self.seconds = time.time() - self.began

    def conclude(self, may_lose=0):
        time.sleep(0.3)
        through = self.bad.intersection(self.server.tokens())
        say(f"    {self.done} requests in {self.seconds:.0f} s, "
            f"{len(self.bad)} of them bad; lost {self.lost}, "
            f"answered wrongly {len(self.wrong)}, let through {len(through)}")
        check(self.lost <= may_lose, f"{self.lost} requests were lost")
        check(not self.wrong, f"wrong answers: {self.wrong[:5]}")
        check(not through, f"{len(through)} bad requests were let through")
        check(not re.search(r"exited on signal (?!9)", self.server.log()),
              "a worker died")


async def metrics(server):
    r, w = await asyncio.open_connection("127.0.0.1", server.port)
    w.write(b"GET /metrics HTTP/1.0\r\n\r\n")
    answer = await r.read()
    w.close()
    return json.loads(answer.split(b"\r\n\r\n", 1)[1])


async def settled(server, generation):
    """Waits until workers of that configuration alone are there."""
    for _ in range(600):
        try:
            m = await metrics(server)
        except (OSError, ValueError, IndexError):
            m = None
        if m and [w["generation"] for w in m["workers"]] == [generation]:
            return True
        await asyncio.sleep(0.05)
    return False


# the trials

async def reloads(n=100):
    say(f"{n} reloads under load")
    server = Server()
    try:
        async with Load(server) as load:
            for i in range(n):
                if i == 10:
                    before = memory(server.pid())[1]
                await asyncio.sleep(0.1)
                g = (await metrics(server))["generation"]
                os.kill(server.pid(), signal.SIGHUP)
                for _ in range(200):
                    if (await metrics(server))["generation"] > g:
                        break
                    await asyncio.sleep(0.02)
        load.conclude()
        check(await settled(server, n + 1), "old workers did not leave")
        m = await metrics(server)
        say(f"    the configuration is number {m['generation']}, "
            f"{sum(w['count'] for w in m['workers'])} workers run it; "
            f"{m['requests']['pass'] + m['requests']['reject']} requests are "
            f"counted; the master has {before >> 10} kB after ten reloads "
            f"and {memory(server.pid())[1] >> 10} kB after all")
        check(memory(server.pid())[1] < before + 2**20, "the master grows")
        check(m["generation"] == n + 1, "not every reload was taken")
        check(m["requests"]["pass"] + m["requests"]["reject"] == load.done,
              "the counters do not count every request")
    finally:
        server.stop()


async def killed(n=10):
    say(f"a worker killed under load, {n} times")
    server = Server()
    try:
        async with Load(server) as load:
            for _ in range(n):
                await asyncio.sleep(0.3)
                os.kill(secrets.choice(server.workers()), signal.SIGKILL)
        # each of the clients may have had its request on the killed one
        load.conclude(may_lose=n * load.clients)
        check(len(server.workers()) == 2, "a worker was not replaced")
    finally:
        server.stop()


async def unreadable():
    say("rules that cannot be read at a reload")
    dir = tempfile.mkdtemp(prefix="acctinfo-endure-rules-")
    os.chmod(dir, 0o755)
    rules = os.path.join(dir, "rules")
    with open(PACK, "rb") as f:
        pack = f.read()
    compiled = os.path.join(dir, "compiled")
    subprocess.run([COMMAND, "compile", "-o", compiled, PACK], check=True,
                   capture_output=True)
    with open(compiled, "rb") as f:
        compiled = f.read()

    def clear():
        if os.path.isdir(rules) and not os.path.islink(rules):
            shutil.rmtree(rules)
        elif os.path.lexists(rules):
            os.unlink(rules)

    def put(data):
        clear()
        with open(rules, "wb") as f:
            f.write(data)

    def folder():
        clear()
        os.mkdir(rules)

    def dangling():
        clear()
        os.symlink(os.path.join(dir, "nowhere"), rules)

    def forbidden():
        put(pack)
        os.chmod(rules, 0)

    cases = [("missing", clear), ("a folder without packs", folder),
             ("a dangling link", dangling),
             ("mode 000, of another user", forbidden),
             ("empty", lambda: put(b""))]
    cases += [(f"a pack cut at {n} bytes of {len(pack)}",
               lambda n=n: put(pack[:n]))
              for n in (1, len(pack) // 2, len(pack) - 3)]
    cases += [(f"a compiled file cut at {n} bytes of {len(compiled)}",
               lambda n=n: put(compiled[:n]))
              for n in (3, 20, len(compiled) // 2, len(compiled) - 1)]

    # root reads everything, so the master is somebody else

    server = None
    prefix = []
    if os.getuid() == 0:
        prefix = ["setpriv", "--reuid=nobody", "--regid=nogroup",
                  "--clear-groups"]
    put(pack)
    try:
        server = Server(rules=rules, prefix=prefix)
        async with Load(server, clients=4) as load:
            for name, spoil in cases:
                await asyncio.sleep(0.1)
                generation = (await metrics(server))["generation"]
                at = len(server.log())
                spoil()
                t = server.nginx("nginx.conf", "-t", check=False)
                os.kill(server.pid(), signal.SIGHUP)
                for _ in range(100):
                    said = server.log()[at:]
                    if "[emerg]" in said:
                        break
                    await asyncio.sleep(0.05)
                lines = [re.sub(r".*\[emerg\] \S+ ", "", line)
                         for line in said.splitlines() if "[emerg]" in line]
                say(f"  {name}:")
                for line in lines:
                    line = line.replace(dir, "...").replace(server.dir, "...")
                    say(f"    {line}")
                check(t.returncode != 0, f"{name}: nginx -t takes it")
                check(lines, f"{name}: nothing is said")
                check((await metrics(server))["generation"] == generation,
                      f"{name}: it was taken")
                put(pack)
                os.kill(server.pid(), signal.SIGHUP)
                check(await settled(server, generation + 1),
                      f"{name}: the next good one was not taken")

            # somebody writes the file in place all the time

            say("  a compiled file that is being written, 30 reloads:")
            taken = 0
            generation = (await metrics(server))["generation"]
            put(b"")
            stop = False

            async def writer():
                while not stop:
                    with open(rules, "wb") as f:
                        for i in range(0, len(compiled), 4096):
                            f.write(compiled[i:i + 4096])
                            f.flush()
                            await asyncio.sleep(0.0005)
                    await asyncio.sleep(0.02)

            task = asyncio.create_task(writer())
            for _ in range(30):
                await asyncio.sleep(0.05)
                os.kill(server.pid(), signal.SIGHUP)
            stop = True
            await task
            await asyncio.sleep(0.5)
            taken = (await metrics(server))["generation"] - generation
            say(f"    taken {taken} times, when it was whole")
        load.conclude()
    finally:
        if server:
            server.stop()
        shutil.rmtree(dir, ignore_errors=True)


async def disk():
    say("no room for the log")
    mounted = tempfile.mkdtemp(prefix="acctinfo-endure-disk-")
    server = None
    try:
        full = subprocess.run(["mount", "-t", "tmpfs", "-o",
                               "size=64k,mode=777", "none", mounted],
                              capture_output=True)
        if full.returncode != 0:
            say(f"    not tried: {full.stderr.decode().strip()}")
            return
        log = os.path.join(mounted, "record.log")
        server = Server(log=f"access_log {log} record;")
        async with Load(server) as load:
            for _ in range(200):
                await asyncio.sleep(0.1)
                if "No space left" in server.log():
                    break
            await asyncio.sleep(2)
            size = os.path.getsize(log)
            os.truncate(log, 0)
            await asyncio.sleep(2.2)    # nginx tries again after a second
        load.conclude()
        with open(log) as f:
            lines = f.read().splitlines()
        said = server.log().count("No space left")
        say(f"    the log stood at {size} bytes, the error log says so {said} "
            f"times; when there is room it goes on, {len(lines)} lines")
        check(said, "it never became full")
        check(lines, "it does not go on")
        check(said < load.done / 10, "the error log is flooded")
    finally:
        if server:
            server.stop()
        subprocess.run(["umount", mounted], capture_output=True)
        os.rmdir(mounted)


async def workers():
    say("memory of a worker")
    for name, rules in (("a handful of rules", PACK),
                        ("the shipped rules", os.path.join(ROOT, "rules"))):
        server = Server(rules=rules)
        try:
            for _ in range(200):
                await ask(server.port, request("0", False))
            own, rss = zip(*map(memory, server.workers()))
            say(f"    {name}: {max(own) / 2**20:.1f} MB of its own, "
                f"{max(rss) / 2**20:.1f} MB with what all share")
        finally:
            server.stop()


async def waiting(n=10_000):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    n = min(n, hard - 1000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (n + 500, hard))
    say(f"{n} requests that wait half way through their bodies")

    field = b"username=" + b"al" * 50
    stages = [("module off, in a value", "/off", field, 1),
              ("before the first field", "/", b"fill=" + b"x" * 104, 2048),
              ("100 bytes into a value", "/", field, 3072)]
    base = None

    for name, path, first, most in stages:
        server = Server(workers=1)
        try:
            await ask(server.port, request("0", False))
            worker = server.workers()[0]
            before = memory(worker)
            conns = []
            for i in range(n):
                bad = i % 2
                token = f"{'b' if bad else 'h'}{i:07d}"
                rest = b"&username=zhongyang" if bad else b"&username=alicealic"
                rest += b"&bio=tea"
                head = (f"POST {path} HTTP/1.1\r\nHost: a\r\nX-Token: {token}"
                        f"\r\nConnection: close\r\n"
                        f"Content-Type: application/x-www-form-urlencoded\r\n"
                        f"Content-Length: {len(first) + len(rest)}\r\n\r\n")
                r, w = await asyncio.open_connection("127.0.0.1", server.port)
                w.write(head.encode() + first)
                conns.append((r, w, rest, bad))
                if i % 500 == 0:
                    await asyncio.sleep(0.02)
            for _ in range(300):
                if len(os.listdir(f"/proc/{worker}/fd")) >= n:
                    break
                await asyncio.sleep(0.1)
            await asyncio.sleep(1)
            after = memory(worker)
            each = (after[0] - before[0]) / n
            if base is None:
                base = each
            say(f"  {name}: the worker had {before[0] / 2**20:.1f} MB of its "
                f"own, now {after[0] / 2**20:.1f} MB: {each:.0f} bytes a "
                f"request, {each - base:+.0f} for the inspection")
            check(each - base < most, f"{name}: more than {most} bytes")

            right = 0
            began = time.time()
            for i in range(0, n, 200):
                for r, w, rest, bad in conns[i:i + 200]:
                    w.write(rest)
                for r, w, rest, bad in conns[i:i + 200]:
                    answer = await asyncio.wait_for(r.read(), 60)
                    # where the name stands twice it is a flag that refuses
                    want = (b"200" if path == "/off"
                            else b"403" if bad else
                            b"400" if first == field else b"200")
                    right += answer[9:12] == want
                    w.close()
            took = time.time() - began
            through = sum(t[0] == "b" for t in server.tokens())
            say(f"    then all went on: {right} of {n} answered rightly in "
                f"{took:.1f} s")
            check(right == n, f"{name}: {n - right} answered wrongly")
            check(path == "/off" or not through,
                  f"{name}: {through} let through")
            check("[alert]" not in server.log(), f"{name}: alerts")
        finally:
            server.stop()


TRIALS = {f.__name__: f for f in (reloads, killed, unreadable, disk,
                                workers, waiting)}


def main():
    names = sys.argv[1:] or list(TRIALS)
    if MODULE and not os.path.exists(MODULE):
        sys.exit("the module is not built: run make first")
    for name in names:
        if name not in TRIALS:
            sys.exit(__doc__)
    for name in names:
        asyncio.run(TRIALS[name]())
    say("all right" if not problems else f"{len(problems)} failures")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
