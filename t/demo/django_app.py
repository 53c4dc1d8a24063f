#!/usr/bin/python3
"""An application as sites have them, in Django: it reads forms, uploads and
JSON by its framework's own means, and keeps what it was given.

    django_app.py SOCKET FILE   serves on a Unix socket; a line of JSON a
                                registration is appended to FILE
"""

import json
import os
import socketserver
import sys
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse
from django.urls import path

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Register</title>
<h1>Register</h1>
<form id="plain" method="post" action="/register">
  <input name="username"><textarea name="profile"></textarea>
  <button>Register</button>
</form>
<form id="upload" method="post" action="/register"
      enctype="multipart/form-data">
  <input name="username"><textarea name="profile"></textarea>
  <input type="file" name="avatar"><button>Register</button>
</form>
<form id="script"><input name="username"><button>Register</button></form>
<p id="answer"></p>
<script>
document.getElementById('script').addEventListener('submit', async e => {
    e.preventDefault();
    const r = await fetch('/register', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ user: { name: e.target.username.value } }),
    });
    const said = await r.json();
    document.getElementById('answer').textContent =
        r.status + ' ' + (said.detail || said.registered);
});
</script>
</html>
"""


def register(request):
    if request.method != "POST":
        return HttpResponse(PAGE)
    seen = {"mark": request.META.get("HTTP_X_ACCTINFO"), "files": {}}
    if request.content_type == "application/json":
        seen["name"] = json.loads(request.body)["user"]["name"]
    else:
        seen["name"] = request.POST["username"]
        seen["profile"] = request.POST.get("profile")
        seen["files"] = {k: f.size for k, f in request.FILES.items()}
    with open(COPY, "a") as f:
        f.write(json.dumps(seen, ensure_ascii=False) + "\n")
    if request.content_type == "application/json":
        return JsonResponse({"registered": seen["name"]})
    return HttpResponse("<!doctype html><meta charset=utf-8><title>Welcome"
                        "</title><h1 id=who></h1><script>who.textContent = "
                        + json.dumps(seen["name"]) + "</script>")


class Handler(WSGIRequestHandler):
    def address_string(self):
        return "local"

    def log_message(self, *args):
        pass

    def get_environ(self):
        self.client_address = ("127.0.0.1", 0)
        return super().get_environ()

    def handle(self):
        self.raw_requestline = self.rfile.readline(65537)
        if not self.parse_request():
            return
        handler = ServerHandler(self.rfile, self.wfile, sys.stderr,
                                self.get_environ(), multithread=True)
        handler.request_handler = self
        handler.run(self.server.application)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    base_environ = {"SERVER_NAME": "site", "GATEWAY_INTERFACE": "CGI/1.1",
                    "SERVER_PORT": "80", "REMOTE_HOST": "",
                    "CONTENT_LENGTH": "", "SCRIPT_NAME": ""}


def main():
    global COPY
    socket, COPY = sys.argv[1:]
    settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__,
                       SECRET_KEY="demonstration", DEBUG=False,
                       DEFAULT_CHARSET="utf-8", MIDDLEWARE=[])
    django.setup()
    with Server(socket, Handler) as server:
        server.application = get_wsgi_application()
        os.chmod(socket, 0o666)
        server.serve_forever()


urlpatterns = [path("", register), path("register", register)]

if __name__ == "__main__":
    main()
