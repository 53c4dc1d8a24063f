#!/usr/bin/python3
"""A browser in front, a real application behind.

    browser.py [FOLDER]         pictures of the pages are put there

Headless Chromium sends the forms of a Django application through the module:
urlencoded, multipart with a file, JSON by a script.  Honest people arrive,
impostors get a page in the browser's language, or the same words in JSON.
Then it looks at the page of the counters, by day and by night.  TAP.
"""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "demo"))
import demo                                             # noqa: E402

CONF = """
{load}
worker_processes 1;
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
    acctinfo_zone counters 1m;
    acctinfo_rules {rules};
    acctinfo_rules_url /rules;
    acctinfo_field name username user.name;
    acctinfo_field profile profile;

    upstream app {{ server unix:{dir}/app.sock; }}

    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{http2} ssl http2;
        ssl_certificate {dir}/cert.pem;
        ssl_certificate_key {dir}/key.pem;

        location / {{
            acctinfo on;
            proxy_pass http://app;
        }}

        location = /counters {{
            acctinfo_metrics html;
        }}
    }}
}}
"""

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

count = failures = 0


def ok(right, name, got=None):
    global count, failures
    count += 1
    failures += not right
    print(f"{'ok' if right else 'not ok'} {count} - {name}", flush=True)
    if not right and got is not None:
        print("\n".join("# " + line for line in str(got).splitlines()))


class Browser:
    """As much of WebDriver as is needed."""

    def __init__(self, language, folder):
        self.profile = tempfile.mkdtemp(prefix="acctinfo-browser-")
        self.port = demo.free_ports()
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={self.port}"], start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        args = ["--headless=new", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", "--disable-background-networking",
                "--disable-component-update", "--no-first-run",
                "--ignore-certificate-errors",
                f"--user-data-dir={self.profile}", f"--lang={language}",
                f"--accept-lang={language}", "--window-size=1000,1400",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        for _ in range(100):
            try:
                self.call("GET", "/status", session="")
                break
            except OSError:
                time.sleep(0.1)
        self.session = ""
        self.session = "/session/" + self.call("POST", "/session", {
            "capabilities": {"alwaysMatch": {"goog:chromeOptions": {
                "args": args, "prefs": {"intl.accept_languages": language}}}}
        }, session="")["sessionId"]

    def call(self, method, path, data=None, session=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}"
            + (self.session if session is None else session) + path,
            method=method,
            data=None if data is None else json.dumps(data).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as r:
                return json.load(r)["value"]
        except urllib.error.HTTPError as e:
            raise RuntimeError(e.read().decode()[:500])

    def go(self, url):
        self.call("POST", "/url", {"url": url})

    def find(self, css):
        return self.call("POST", "/element", {
            "using": "css selector", "value": css})[ELEMENT]

    def type(self, css, text):
        self.call("POST", f"/element/{self.find(css)}/value", {"text": text})

    def click(self, css):
        self.call("POST", f"/element/{self.find(css)}/click", {})

    def run(self, script):
        return self.call("POST", "/execute/sync", {"script": script,
                                                   "args": []})

    def cdp(self, cmd, **params):
        return self.call("POST", "/goog/cdp/execute", {"cmd": cmd,
                                                       "params": params})

    def wait(self, script, what=10):
        for _ in range(what * 20):
            got = self.run(script)
            if got:
                return got
            time.sleep(0.05)
        return None

    def picture(self, path):
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.call("GET", "/screenshot")))

    def stop(self):
        try:
            self.call("DELETE", "")
        except (OSError, RuntimeError):
            pass
        self.driver.send_signal(signal.SIGTERM)
        self.driver.wait(10)
        shutil.rmtree(self.profile, ignore_errors=True)


class Site(demo.Demo):
    """The demonstration's nginx in front of another application."""

    def start(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-days", "2", "-subj", "/CN=localhost",
             "-keyout", os.path.join(self.dir, "key.pem"),
             "-out", os.path.join(self.dir, "cert.pem")],
            check=True, capture_output=True)
        self.children.append(subprocess.Popen(
            [sys.executable, os.path.join(HERE, "demo", "django_app.py"),
             os.path.join(self.dir, "app.sock"), self.bytes],
            start_new_session=True))
        self.wait(lambda: os.path.exists(os.path.join(self.dir, "app.sock")))
        self.serve(CONF)

    def registered(self):
        return [json.loads(line) for line in
                self.received().decode().splitlines()]


AVATAR = 15_000_000
HONEST = "王O'Brien"
IMPOSTOR = "官\u200b方客服"

WORDS = {
    "en-GB": ("This was not accepted", "It could be taken for", "en"),
    "zh-CN": ("提交未通过", "可能被误认为", "zh-CN"),
}


def forms(site, browser, language, folder, url):
    title, text, tag = WORDS[language]
    way = "h2" if url.startswith("https") else "http/1.1"
    language += ", " + way
    avatar = os.path.join(site.dir, "avatar.png")
    with open(avatar, "wb") as f:
        f.write(os.urandom(AVATAR))

    for form in ("plain", "upload"):
        for name in (HONEST, IMPOSTOR):
            before = len(site.registered())
            browser.go(url)
            browser.type(f"#{form} [name=username]", name)
            browser.type(f"#{form} [name=profile]", "热爱生活，喜欢摄影")
            if form == "upload":
                browser.type("#upload [name=avatar]", avatar)
            browser.click(f"#{form} button")
            browser.wait("return document.readyState == 'complete' "
                         "&& location.pathname == '/register'")
            who = "honest" if name == HONEST else "impostor"
            what = f"{language}, {form}, {who}"
            page = browser.run("return document.title + '|' + "
                               "document.body.innerText + '|' + "
                               "document.documentElement.lang")
            new = site.registered()[before:]
            ok(browser.run("return performance.getEntriesByType('navigation')"
                           "[0].nextHopProtocol") == way, f"{what}: {way}")

            if name == HONEST:
                ok(HONEST in page, f"{what}: is welcome", page)
                ok(len(new) == 1 and new[0]["name"] == HONEST,
                   f"{what}: the application has the name", new)
                ok(new and new[0]["mark"].startswith("action=pass"),
                   f"{what}: and the mark", new)
                if form == "upload":
                    ok(new and new[0]["files"] == {"avatar": AVATAR},
                       f"{what}: and the whole file", new)
                continue

            ok(page.startswith(f"{title}|"), f"{what}: a page says so", page)
            ok(text in page, f"{what}: why, in the reader's language", page)
            ok(page.endswith(f"|{tag}"), f"{what}: and in which one it is", page)
            ok(browser.run("return document.querySelector('a').href")
               == url + "rules", f"{what}: with a link to the rules")
            ok(not new, f"{what}: the application has heard nothing", new)
            browser.picture(os.path.join(folder,
                                         f"refused-{form}-{tag}.png"))

    for name in (HONEST, IMPOSTOR):
        before = len(site.registered())
        browser.go(url)
        browser.type("#script [name=username]", name)
        browser.click("#script button")
        said = browser.wait("return document.getElementById('answer')"
                            ".textContent")
        new = site.registered()[before:]
        if name == HONEST:
            ok(said == f"200 {HONEST}" and len(new) == 1,
               f"{language}, fetch, honest", (said, new))
        else:
            ok(said and said.startswith("403 ") and text in said,
               f"{language}, fetch, impostor: the same words", said)
            ok(not new, f"{language}, fetch: the application has heard nothing")


def counters(site, browser, folder):
    url = f"http://127.0.0.1:{site.port}/counters"

    for scheme in ("light", "dark"):
        browser.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])
        browser.go(url)
        loaded = browser.run("return performance.getEntriesByType('resource')"
                             ".map(e => e.name).filter("
                             "n => !n.endsWith('/favicon.ico'))")
        ok(loaded == [], f"counters, {scheme}: nothing else is loaded", loaded)
        colours = browser.run(
            "const bar = document.querySelector('rect');"
            "return [getComputedStyle(document.body).color,"
            "        getComputedStyle(bar).fill]")
        bright = sum(int(n) for n in colours[0][4:-1].split(","))
        ok(bright > 500 if scheme == "dark" else bright < 200,
           f"counters, {scheme}: its text can be read, {colours[0]}")
        widths = browser.run("return [...document.querySelectorAll('rect')]"
                             ".map(r => r.getBoundingClientRect().width)")
        ok(max(widths) == 300 and min(widths) == 0,
           f"counters, {scheme}: bars are drawn", widths)
        ok(browser.run("return document.documentElement.scrollWidth"
                       " <= window.innerWidth"),
           f"counters, {scheme}: nothing stands beyond the window")
        browser.picture(os.path.join(folder, f"counters-{scheme}.png"))

    browser.cdp("Emulation.setDeviceMetricsOverride", width=390, height=800,
                deviceScaleFactor=1, mobile=True)
    browser.go(url)
    ok(browser.run("return document.documentElement.scrollWidth"
                   " <= window.innerWidth"),
       "counters, on a telephone: nothing stands beyond the window",
       browser.run("return document.documentElement.scrollWidth"))
    browser.picture(os.path.join(folder, "counters-telephone.png"))


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    site = Site(demo.free_ports(), "on")
    try:
        site.start()
        for language in WORDS:
            browser = Browser(language, folder)
            try:
                forms(site, browser, language, folder,
                      f"http://127.0.0.1:{site.port}/")
                forms(site, browser, language, folder,
                      f"https://127.0.0.1:{site.port + 1}/")
                if language == "zh-CN":
                    counters(site, browser, folder)
            finally:
                browser.stop()
    finally:
        site.stop()
    print(f"1..{count}")
    print(f"# pictures are in {folder}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
