#!/usr/bin/python3
"""A small application to stand behind the demonstration: a registration form.

    app.py SOCKET FILE

listens on a Unix socket, serves the form, answers what it received, and
appends every byte that it gets to FILE.  It checks nothing: that is done in
front of it.
"""

import html
import json
import os
import socketserver
import sys
from http.server import BaseHTTPRequestHandler

FORM = """<!doctype html>
<meta charset="utf-8">
<title>Register</title>
<style>
  body { font: 1rem/1.5 sans-serif; max-width: 30em; margin: 3em auto; }
  label { display: block; margin: 1em 0; }
  input, textarea { width: 100%; font: inherit; }
</style>
<h1>Register</h1>
<form method="post" action="/register">
  <label>Name <input name="username" required></label>
  <label>Signature <input name="signature"></label>
  <label>Profile <textarea name="profile" rows="4"></textarea></label>
  <button>Register</button>
</form>
"""


class Tee:
    """Reads from a file and appends all that was read to another."""

    def __init__(self, source, copy):
        self.source, self.copy = source, copy

    def _log(self, data):
        self.copy.write(data)
        self.copy.flush()
        return data

    def readline(self, limit=-1):
        return self._log(self.source.readline(limit))

    def read(self, size=-1):
        return self._log(self.source.read(size))

    def close(self):
        self.source.close()

    @property
    def closed(self):
        return self.source.closed


class Handler(BaseHTTPRequestHandler):
    def setup(self):
        super().setup()
        self.rfile = Tee(self.rfile, self.server.copy)

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            data = b""
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                data += self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    return data
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status, kind, data):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_GET(self):
        self.answer(200, "text/html; charset=utf-8", FORM.encode())

    do_HEAD = do_GET

    def do_POST(self):
        data = self.body()
        seen = {
            "received": len(data),
            "type": self.headers.get("Content-Type"),
            "mark": self.headers.get("X-Acctinfo"),
            "body": data[:300].decode("utf-8", "replace"),
        }
        if "text/html" in self.headers.get("Accept", ""):
            rows = "".join(f"<dt>{html.escape(k)}<dd>{html.escape(str(v))}"
                           for k, v in seen.items())
            self.answer(200, "text/html; charset=utf-8",
                        f"<!doctype html><meta charset=utf-8><title>Registered"
                        f"</title><h1>Registered</h1><dl>{rows}</dl>".encode())
        else:
            self.answer(200, "application/json; charset=utf-8",
                        json.dumps(seen, ensure_ascii=False,
                                   indent=2).encode() + b"\n")

    do_PUT = do_PATCH = do_POST

    def address_string(self):
        return "local"

    def log_message(self, *args):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def main():
    path, copy = sys.argv[1:]
    with open(copy, "ab") as f, Server(path, Handler) as server:
        server.copy = f
        os.chmod(path, 0o666)
        server.serve_forever()


if __name__ == "__main__":
    main()
