#!/usr/bin/env python3
#
# The same bodies through the body room and through the parsers that
# applications use.  Every value that any parser yields under a watched name
# must have been told of, or a flag be up.
#
#     differential.py TELL [COUNT [SEED]]
#
# TELL is the program made of tell.c; what the parsers are made of stands in the
# folder beside it.  A parser that cannot run is an error, and so is one that
# yields nothing in the whole run.  Speaks TAP; a body that breaks us is shown in
# base64.

import base64
import collections
import http.client
import json
import os
import random
import re
import select
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FLAT = {'name', 'username', 'signature', 'user.name', 'user[name]'}
NESTED = {('name',), ('username',), ('signature',), ('user', 'name'),
          ('user_name',), ('user.name',)}
DEEP = {'php', 'qs', 'qs;', 'qs.', 'multer', 'express', 'rack'}
WHO = {'CGI.pm', 'HTTP::Body', 'aiohttp', 'bottle', 'busboy', 'cgi', 'django',
       'email', 'express', 'express-', 'fastify', 'fileupload', 'formidable',
       'go', 'jackson', 'json', 'mojo', 'multer', 'multiparty', 'parse_qsl',
       'php', 'qs', 'qs.', 'qs;', 'querystring', 'rack', 'ruby', 'starlette',
       'tomcat', 'tornado', 'undici', 'url', 'webob', 'werkzeug'}


# bodies

TEXTS = ['Ann', '微信客服', 'a b', 'x;y', 'a=b', '100%', '', '😀', '"q"', 'a\\b',
         'line\r\nline', '--b', '\r\n', 'x--b\r\n', '=41=42', 'aGVsbG8=']
NAMES = ['name', 'username', 'signature', 'user[name]', 'user.name', 'Name',
         'x', 'y[z]', 'name[]', 'name[0]', ' name', 'na me', 'user[name]z',
         'name\0x', 'n%61me', 'name ', 'user', 'name.', 'name[', '昵称']
BITS = [b'\r', b'\n', b'\r\n', b'--b', b'--', b'"', b'\\', b';', b'=', b' ',
        b'%', b'%6e', b'&', b'\0', b'[', b']', b'.', b"'", b':', b'{', b'}',
        b',', b'/*', b'*/', b'//', b'\\u006e', b'name', b'\xef\xbb\xbf', b'+',
        b'\t', b'name=', b'\xff', b'%u0041', b'null', b'1', b'\x0b', b'\x0c',
        b'?', b'#', b'(', b'<', b'filename="f"', b'; name="signature"',
        b"name*=utf-8''signature", b'Content-Transfer-Encoding: base64\r\n',
        b'Content-Type: text/plain; charset=utf-16\r\n']


def form(r):
    pairs = []

    for _ in range(r.randrange(1, 5)):
        text, name = r.choice(TEXTS), r.choice(NAMES)
        enc = r.choice([lambda s: s.replace(' ', '+'),
                        lambda s: ''.join('%%%02X' % c for c in s.encode()),
                        lambda s: s.replace('&', '%26')])
        pairs.append(enc(name) + r.choice(['=', '=', '=', '', '==']) + enc(text))

    return ('application/x-www-form-urlencoded',
            r.choice(['&', '&', '&', ';', '&&', '&;']).join(pairs).encode())


def jsonv(r, depth):
    k = r.random()

    if depth and k < 0.4:
        return '{' + ','.join('%s:%s' % (json.dumps(r.choice(
            ['name', 'username', 'user', 'signature', 'x', 'NAME', 'n']),
            ensure_ascii=False), jsonv(r, depth - 1))
            for _ in range(r.randrange(4))) + '}'

    if depth and k < 0.5:
        return '[' + ','.join(jsonv(r, depth - 1)
                              for _ in range(r.randrange(3))) + ']'

    if k < 0.6:
        return r.choice(['1', '-2.5e3', 'true', 'null', '0'])

    return json.dumps(r.choice(TEXTS), ensure_ascii=r.random() < 0.5)


def jsonb(r):
    return 'application/json', ('{"x":%s,"name":%s,"user":{"name":%s}}' % (
        jsonv(r, 3), jsonv(r, 2), jsonv(r, 1)) if r.random() < 0.6
        else '{"y":' + jsonv(r, 4) + '}').encode()


def multipart(r):
    b = r.choice(['b', 'b', '----WebKitFormBoundaryA'])
    nl = r.choice(['\r\n'] * 9 + ['\n'])
    body = r.choice([''] * 9 + ['pre\r\n', '\r\n', '--\r\n'])

    for _ in range(r.randrange(1, 4)):
        name = r.choice(NAMES)
        head = r.choice(['Content-Disposition: form-data; name="%s"'] * 5 + [
            'content-disposition:form-data;name=%s',
            'Content-Disposition: form-data;%s name="%%s"' % (nl + ' '),
            'Content-Disposition: form-data; NAME = "%s"',
            "Content-Disposition: form-data; name='%s'",
            "Content-Disposition: form-data; name*=utf-8''%s",
            'Content-Disposition: form-data; name="%s"; filename="a\\"b"',
            'Content-Disposition: form-data; filename="C:\\x\\"; name="%s"',
            'Content-Disposition: form-data; name="x"; name="%s"',
            'Content-Disposition: attachment; name="%s"',
            'X: y' + nl + 'Content-Disposition: form-data; name="%s"'])
        head = head.replace('%s', name)
        more = r.choice([''] * 8 + [
            nl + 'Content-Type: text/plain; charset=utf-8',
            nl + 'Content-Transfer-Encoding: base64',
            nl + 'Content-Transfer-Encoding: quoted-printable',
            nl + 'Content-Type: multipart/mixed; boundary=c'])
        text = r.choice(TEXTS)

        if 'boundary=c' in more:
            text = ('--c\r\nContent-Disposition: file; name="signature"; '
                    'filename="x"\r\n\r\nin\r\n--c--')

        body += '--' + b + nl + head + more + nl + nl + text + nl

    body += r.choice(['--%s--' % b + nl] * 8 + ['', '--%s--' % b,
                                               '--%s--' % b + 'x\r\n'])
    kind = r.choice(['multipart/form-data; boundary=%s' % b] * 8 + [
        'multipart/form-data; boundary="%s"' % b,
        'multipart/form-data; charset=utf-8; boundary=%s' % b,
        'multipart/form-data; boundary=%s; boundary=c' % b])

    return kind, body.encode()


def mutate(r, body):
    for _ in range(r.choice([0, 0, 1, 1, 1, 2, 4])):
        at = r.randrange(len(body) + 1)
        k = r.random()

        if k < 0.55:
            body = body[:at] + r.choice(BITS) + body[at:]
        elif k < 0.75:
            body = body[:at] + body[at + r.randrange(1, 4):]
        elif k < 0.9:
            to = r.randrange(len(body) + 1)
            body = body[:at] + body[min(at, to):max(at, to)] + body[at:]
        else:
            body = body[:at]

    return body


# parsers

JARS = ['jackson-core', 'jackson-databind', 'jackson-annotations',
        'commons-fileupload', 'commons-io', 'tomcat9-coyote', 'tomcat9-util',
        'tomcat9-juli', 'tomcat9-servlet-api']
TASTES = [('application/x-www-form-urlencoded', b'name=a'),
          ('application/json', b'{"name":"a"}')]


class Line:
    """A parser that answers a line with a line, in five seconds.

    The first line may take a minute: the parser has to start."""

    def __init__(self, command):
        self.command = command
        self.start()

    def start(self):
        self.p = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, bufsize=0,
                                  stderr=subprocess.DEVNULL)
        self.patience = 60

    def ask(self, kind, body):
        self.p.stdin.write(base64.b64encode(kind.encode()) + b' '
                           + base64.b64encode(body) + b'\n')
        line = b''

        while not line.endswith(b'\n'):
            if not select.select([self.p.stdout], [], [],
                                 self.patience)[0]:
                self.p.kill()
                self.p.wait()
                self.start()
                raise TimeoutError(self.command[-1])

            piece = os.read(self.p.stdout.fileno(), 65536)

            if not piece:
                self.p.wait()
                self.start()
                raise EOFError(self.command[-1])

            line += piece

        self.patience = 5

        return line.decode()

    def parse(self, kind, body):
        return json.loads(self.ask(kind, body))

    def stop(self):
        self.p.stdin.close()
        self.p.wait()


class Php:
    def __init__(self):
        s = socket.socket()
        s.bind(('127.0.0.1', 0))
        self.port = s.getsockname()[1]
        s.close()

        self.p = subprocess.Popen(['php', '-d', 'max_input_vars=10000', '-S',
                                   '127.0.0.1:%d' % self.port,
                                   os.path.join(HERE, 'parser.php')],
                                  stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.http = http.client.HTTPConnection('127.0.0.1', self.port,
                                               timeout=5)

        for _ in range(100):
            try:
                self.http.connect()
                break
            except OSError:
                time.sleep(0.1)

    def parse(self, kind, body):
        self.http.close()
        self.http.request('POST', '/', body, {'Content-Type': kind})
        text = self.http.getresponse().read()

        # a warning may stand in front of the answer

        return json.loads(text[text.rindex(b'[['):] if b'[[' in text
                          else b'[]')

    def stop(self):
        self.p.terminate()
        self.p.wait()


def start(built):
    """The parsers, each asked for one body that it can read."""

    java = ':'.join('/usr/share/java/%s.jar' % jar for jar in JARS)

    parsers = [
        Line(['/usr/bin/python3', os.path.join(HERE, 'parser.py')]),
        Line(['node', os.path.join(HERE, 'parser.js')]),
        Line(['perl', os.path.join(HERE, 'parser.pl')]),
        Line(['ruby', os.path.join(HERE, 'parser.rb')]),
        Line(['java', '-cp', built + ':' + java, 'Parser']),
        Line([os.path.join(built, 'go-parser')]),
        Php()]

    for p in parsers:
        for kind, body in TASTES:
            if p.parse(kind, body):
                break
        else:
            sys.exit('a parser cannot run: %s' % getattr(p, 'command', 'php'))

    return parsers


# what must hold

def watched(kind, who, key):
    segments = re.findall(r'\[([^\]]*)\]', key)

    if 'json' in kind:

        # a key with brackets of its own is no path

        if re.sub(r'\[[^\[\]]*\]', '', key) and who != 'go':
            return False

        return ((segments and segments[0] in ('name', 'username', 'signature'))
                or segments[:2] == ['user', 'name']
                or (who == 'go' and key in FLAT))

    base = re.sub(r'\[[^\]]*\]', '', key)

    if who in DEEP:
        return tuple([base] + [s for s in segments
                               if s and not s.isdigit()]) in NESTED

    return re.sub(r'\[\d*\]', '', key) in FLAT


def excused(who, kind, text, texts):
    """What a parser makes of a value that we told."""

    # Django and Starlette read bytes that were not escaped as Latin-1, which
    # are the same bytes and letters that nobody meant

    if who in ('django', 'starlette'):
        return text in {t.decode('latin-1').encode() for t in texts}

    # they take the line end off a body, and spaces before it

    if who in ('aiohttp', 'mojo') and 'urlencoded' in kind:
        return text.rstrip() in {t.rstrip() for t in texts} | {b''}

    # it takes a zero off the end of a body, as an old browser sent one

    if who == 'rack' and 'urlencoded' in kind:
        return text in {t.removesuffix(b'\0') for t in texts}

    # it gives parts in a part with the header before them

    if who == 'CGI.pm' and b'multipart/mixed' in text:
        return any(text.endswith(t) for t in texts if t)

    return False


def told(line):
    flags, _, values = line.rstrip('\n').partition(' ')
    texts = set()

    for v in values.split(' ') if values else []:
        texts.add(base64.b64decode(v.split(':')[2]))

    return flags, texts


def utf8(data):
    try:
        data.decode()
        return True
    except UnicodeDecodeError:
        return False


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time())
    tell = Line([sys.argv[1]])
    parsers = start(os.path.join(os.path.dirname(sys.argv[1]), 'diff'))
    yields = collections.Counter()
    alone = collections.Counter()
    bad = 0
    flagged = 0

    print('# seed %d' % seed)

    for i in range(count):
        r = random.Random('%d %d' % (seed, i))
        kind, body = r.choice([form, jsonb, multipart, multipart])(r)
        body = mutate(r, body)

        flags, texts = told(tell.ask(kind, body))
        doubt = flags or not all(utf8(t) for t in texts)
        flagged += bool(doubt)
        seen = set()

        for p in parsers:
            try:
                values = p.parse(kind, body)
            except Exception as e:
                print('# a parser broke: %r' % e)
                continue

            for who, key, text in values:
                text = base64.b64decode(text)

                if key is None or not watched(kind, who, key):
                    continue

                # its decoder loses the last group of four

                if who == 'formidable' and b'base64' in body:
                    continue

                yields[who] += 1

                if text in texts:
                    continue

                if excused(who, kind, text, texts):
                    continue

                alone[who] += 1

                if not doubt and (who, key, text) not in seen:
                    seen.add((who, key, text))
                    bad += 1
                    print('# %d: %s yields %r = %r; told %r\n# %s %s' % (
                        i, who, key, text, texts, kind,
                        base64.b64encode(body).decode()))

    print('# %d bodies, %d of them flagged' % (count, flagged))

    for who in sorted(yields):
        print('# %-12s %6d watched values, %5d of them not told but flagged'
              % (who, yields[who], alone[who]))

    print('%sok 1 - what any parser yields is told of or flagged'
          % ('not ' if bad else ''))
    silent = sorted(WHO - set(yields))
    print('%sok 2 - each parser yielded values%s'
          % ('not ' if silent else '', ', but not ' + ' '.join(silent)
             if silent else ''))
    print('1..2')

    for p in parsers + [tell]:
        p.stop()

    sys.exit(1 if bad or silent else 0)


main()
