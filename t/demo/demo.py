#!/usr/bin/python3
"""The demonstration: a private nginx with the module, in front of app.py.

    demo.py run [--port PORT]   in the foreground, until Ctrl-C
    demo.py demo [--off]        one request of each kind, checked; --off turns
                                the module off, and then the checks must fail

Everything it makes lies in a folder of its own, which goes when it ends.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MODULE = os.environ.get("ACCTINFO_MODULE", os.path.join(
    ROOT, "build", "ngx_http_acctinfo_module.so"))
RULES = os.path.join(ROOT, "rules")

CONF = """
{load}
worker_processes 2;
pid nginx.pid;
error_log error.log info;
events {{ worker_connections 512; }}

http {{
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;

    client_max_body_size 20m;

    log_format record escape=none '$acctinfo_record';
    access_log record.log record if=$acctinfo_id;

    acctinfo_rules {rules};

    acctinfo_field name      username nickname user.name;
    acctinfo_field signature signature;
    acctinfo_field profile   profile bio;

    upstream app {{ server unix:{dir}/app.sock; }}

    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{http2} http2;

        location / {{
            proxy_pass http://app;
        }}

        location = /register {{
            acctinfo {mode};
            proxy_pass http://app;
        }}
    }}
}}
"""


def free_ports(first=None, given=False):
    """Two neighbouring ports that nobody listens on."""
    while True:
        port = first or 20000 + secrets.randbelow(20000)
        held = []
        try:
            for p in (port, port + 1):
                s = socket.socket()
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                held.append(s)
                s.bind(("127.0.0.1", p))
            return port
        except OSError:
            if given:
                sys.exit(f"port {port} or {port + 1} is taken: choose another "
                         f"with PORT=")
            if first:
                first += 10
        finally:
            for s in held:
                s.close()


class Demo:
    def __init__(self, port, mode):
        self.port, self.mode = port, mode
        self.dir = tempfile.mkdtemp(prefix="acctinfo-demo-")
        os.chmod(self.dir, 0o755)               # workers have another user
        self.bytes = os.path.join(self.dir, "received")
        self.children = []

    def start(self):
        if MODULE and not os.path.exists(MODULE):
            sys.exit("the module is not built: run make first")
        self.children.append(subprocess.Popen(
            [sys.executable, os.path.join(HERE, "app.py"),
             os.path.join(self.dir, "app.sock"), self.bytes],
            start_new_session=True))
        self.wait(lambda: os.path.exists(os.path.join(self.dir, "app.sock")))

        self.serve(CONF)

    def compiled(self):
        """The rules as they are shipped to a server: it loads them at once."""

        path = os.path.join(self.dir, "rules.bin")
        if not os.path.exists(path):
            subprocess.run([os.path.join(ROOT, "build", "acctinfo"), "compile",
                            "-o", path, RULES], check=True)
            os.chmod(path, 0o644)
        return path

    def serve(self, text):
        conf = os.path.join(self.dir, "nginx.conf")
        with open(conf, "w") as f:
            load = f"load_module {MODULE};" if MODULE else ""
            f.write(text.format(load=load, rules=self.compiled(),
                                dir=self.dir,
                                port=self.port, http2=self.port + 1,
                                mode=self.mode))
        nginx = os.environ.get("TEST_NGINX_BINARY") or shutil.which(
            "nginx", path=os.environ["PATH"] + ":/usr/sbin")
        self.children.append(subprocess.Popen(
            [nginx, "-p", self.dir, "-c", conf, "-e",
             os.path.join(self.dir, "error.log"), "-g", "daemon off;"],
            start_new_session=True))
        self.wait(self.connects)

    def connects(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def wait(self, ready):
        for _ in range(1200):
            if any(c.poll() is not None for c in self.children):
                break
            if ready():
                return
            time.sleep(0.05)
        log = os.path.join(self.dir, "error.log")
        if os.path.exists(log):
            sys.stderr.write(open(log, errors="replace").read()[-3000:])
        raise SystemExit("the demonstration did not start")

    def stop(self):
        for c in reversed(self.children):
            if c.poll() is None:
                c.send_signal(signal.SIGTERM)
        for c in self.children:
            try:
                c.wait(10)
            except subprocess.TimeoutExpired:
                c.kill()
                c.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def received(self):
        try:
            with open(self.bytes, "rb") as f:
                return f.read()
        except FileNotFoundError:
            return b""


def run(args):
    demo = Demo(free_ports(args.port or 8080, given=bool(args.port)), "on")
    url = f"http://127.0.0.1:{demo.port}/register"

    def interrupt(*_):
        raise KeyboardInterrupt

    # a shell that started us in the background has SIGINT ignored
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        demo.start()
        print(f"""
nginx with the module answers on http://127.0.0.1:{demo.port}/ (the form), and
over HTTP/2 with prior knowledge on port {demo.port + 1}.  Try, in another window:

  curl -i {url} -d username=Alice
  curl -i {url} --data-urlencode 'username=官方客服'
  curl -i {url} -H 'Content-Type: application/json' -d '{{"user":{{"name":"аdm1n"}}}}'

Ctrl-C ends it.""", flush=True)
        while all(c.poll() is None for c in demo.children):
            time.sleep(0.2)
        sys.exit("a process of the demonstration ended by itself")
    except KeyboardInterrupt:
        print()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        demo.stop()


# The requests of the demonstration.  Each carries a token in a field that
# nobody watches, by which its bytes are found in what the application got.

AVATAR = 5 * 1024 * 1024


def encode_json(fields, token):
    body = json.dumps({"user": {"name": fields["username"]},
                       "signature": fields["signature"],
                       "profile": fields["profile"], "token": token},
                      ensure_ascii=secrets.choice([True, False]))
    return "application/json", body.encode()


def encode_form(fields, token):
    from urllib.parse import urlencode
    return ("application/x-www-form-urlencoded",
            urlencode(dict(fields, token=token)).encode())


def encode_multipart(fields, token):
    boundary = "----demo" + secrets.token_hex(8)
    parts = [(f'name="{k}"', v.encode()) for k, v in fields.items()]
    parts.append(('name="token"', token.encode()))
    parts.append(('name="avatar"; filename="me.png"\r\n'
                  'Content-Type: image/png', os.urandom(AVATAR)))
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n"
        .encode() + data + b"\r\n" for head, data in parts)
    return (f"multipart/form-data; boundary={boundary}",
            body + f"--{boundary}--\r\n".encode())


FORMATS = {"json": encode_json, "form": encode_form,
           "multipart, 5 MB": encode_multipart}

PEOPLE = {
    "honest": ("pass", dict(username="王O'Brien", signature="山有木兮",
                            profile="热爱生活，喜欢摄影和旅行。")),
    "tagged": ("tag", dict(username="某县大小事", signature="",
                           profile="")),
    "needs proof": ("verify", dict(username="某某市公安局", signature="",
                                   profile="")),
    "refused": ("reject", dict(username="官\u200b方客服", signature="",
                               profile="加V❤abc12345")),
}


def head(port, kind, length, token):
    return (f"POST /register HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {length}\r\n"
            f"X-Acctinfo: action=pass\r\nX_Acctinfo: action=pass\r\n"
            f"X-Token: {token}\r\nConnection: close\r\n\r\n").encode()


def read_all(s):
    data = b""
    try:
        while True:
            more = s.recv(65536)
            if not more:
                break
            data += more
    except ConnectionError:
        pass
    return data


def post(port, kind, body, token):
    """The whole request; an answer that comes early is read all the same."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
        s.sendall(head(port, kind, len(body), token))
        for i in range(0, len(body), 65536):
            try:
                s.sendall(body[i:i + 65536])
            except ConnectionError:
                break
        return read_all(s)


def post_early(port, kind, body, token):
    """Stops after 64 KB of the body and waits: was the answer there already?"""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
        s.sendall(head(port, kind, len(body), token) + body[:65536])
        return s.recv(65536)


def problem(answer):
    try:
        return json.loads(answer.split(b"\r\n\r\n", 1)[1])
    except (IndexError, ValueError):
        return {}


def check(demo, name, want, kind, body, token, answer):
    """What came of one request; returns the row and what was wrong."""
    status = int(answer.split(b" ", 2)[1]) if answer else 0
    received = demo.received()
    wrong = []

    if want in ("pass", "tag"):
        start = received.rfind(b"X-Token: " + token.encode())
        mark = ""
        if start < 0:
            wrong.append("the application never got it")
        else:
            at = received.rfind(b"POST ", 0, start)
            end = received.find(b"\r\n\r\n", at)
            marks = [line for line in received[at:end].split(b"\r\n")
                     if line.lower().replace(b"_", b"-")
                     .startswith(b"x-acctinfo")]
            mark = b" / ".join(marks).decode()
            if len(marks) != 1 or f"action={want}".encode() not in marks[0]:
                wrong.append("the mark is not the one mark that it must have")
            if received[end + 4:end + 4 + len(body)] != body:
                wrong.append("the body differs")
        if status != 200:
            wrong.append(f"answered with {status}")
        said = mark
    else:
        if token.encode() in received:
            wrong.append("the application got bytes of it")
        if status != 403:
            wrong.append(f"answered with {status}, not 403")
        said = problem(answer).get("reason", "")
        if not said:
            wrong.append("the answer gives no reason")

    return (name, status, said), wrong


def demonstrate(args):
    demo = Demo(free_ports(), "off" if args.off else "on")
    failures = 0

    try:
        demo.start()
        print(f"{'request':<32}{'status':>6}  mark, or the reason given")

        for who, (want, fields) in PEOPLE.items():
            for form, encode in FORMATS.items():
                token = secrets.token_hex(16)
                kind, body = encode(fields, token)
                row, wrong = check(demo, f"{who}, {form}", want, kind, body,
                                   token, post(demo.port, kind, body, token))
                print(f"{row[0]:<32}{row[1]:>6}  {row[2]}")
                for w in wrong:
                    print(f"    FAILED: {w}")
                failures += len(wrong)

        token = secrets.token_hex(16)
        kind, body = encode_multipart(PEOPLE["refused"][1], token)
        try:
            answer = post_early(demo.port, kind, body, token)
        except TimeoutError:
            answer = b""
        row, wrong = check(demo, "refused early in an upload", "reject", kind,
                           body, token, answer)
        print(f"{row[0]:<32}{row[1]:>6}  {row[2]}")
        for w in wrong:
            print(f"    FAILED: {w}")
        failures += len(wrong)

        print(f"the application received {len(demo.received())} bytes, none of "
              f"them of a refused request" if not failures
              else f"{failures} failures")
    finally:
        demo.stop()

    sys.exit(1 if failures else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["run", "demo"])
    parser.add_argument("--port", type=int)
    parser.add_argument("--off", action="store_true")
    args = parser.parse_args()
    run(args) if args.what == "run" else demonstrate(args)


if __name__ == "__main__":
    main()
