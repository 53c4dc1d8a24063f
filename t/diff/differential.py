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
# yields nothing in the whole run.  Speaks TAP; a body that breaks us is shown
# in base64.

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
WHO = {'CGI.pm', 'HTTP::Body', 'aiohttp', 'assign{}', 'bottle', 'busboy', 'cgi',
       'django', 'email', 'express', 'express-', 'express{}', 'fastify',
       'fileupload', 'formidable', 'formidable{}', 'go', 'go{}', 'jackson{}',
       'json{}', 'mojo', 'multer', 'multiparty', 'parse_qsl', 'php', 'php{}',
       'python{}', 'qs', 'qs.', 'qs;', 'querystring', 'rack', 'ruby{}',
       'starlette', 'tomcat', 'tornado', 'undici', 'url', 'webob', 'werkzeug'}


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


# What may follow a name, and what may stand in front of it, behind it or in it

SEGMENTS = ['[]', '[0]', '[12]', '[name]', '[x]', '.name', '.0', '.12', '.x',
            '[', ']', '[[', ']]', '[name', 'name]', '[ name]', '[name ]',
            '[.name]', '.[name]', '[0].name', '.0.name', '[0][name]', '.', '..',
            '[__proto__]', '.__proto__', '[-1]', '[01]', "['name']", '["0"]',
            '[1a]', '[name][]', '[name].1', '[0][0]', '.1.2', '.1[2]', '[1].2',
            '[name].x', '._', '_name', ' name', '%5Bname%5D', '%2Ename',
            '.constructor.prototype', '[name]x', '[0]x', '\0', '\0[name]']
ODD = [' ', '\t', '\n', '\r', '\0', ';', '?', '#', '"', "'", '\\', '.', '[',
       ']', '=', '+', '%', '%00', '%20', '*', ':', '/', '@', '\x0b', '\x0c',
       '\x1f',
       '\x85', '\xa0', '\ufeff', '\u200b', '\u2028', '\u3000', '\udcff', '_',
       '-', '$', '!', '(', '&amp;', '\udcc2', 'amp;']


def often(r, usual, others, share=0.15):
    return r.choice(others) if r.random() < share else usual


def spelled(r):
    """A watched name, or what some parser could take for one."""

    if r.random() < 0.4:
        return r.choice(NAMES)

    text = r.choice(['name', 'username', 'signature', 'user', 'user'])

    for _ in range(r.randrange(4)):
        text += r.choice(SEGMENTS)

    if r.random() < 0.1:
        text = r.choice(['__proto__.', '__proto__[']) + text

    if r.random() < 0.25:
        at = r.choice([0, 0, len(text), len(text), r.randrange(len(text) + 1)])
        text = text[:at] + r.choice(ODD) + text[at:]

    return text


def octets(text):
    return text.encode('utf-8', 'surrogateescape')


def percent(r, text):
    """Percent signs for what needs them, and for what does not."""

    share = r.choice([0, 0, 0, 0.2, 1])
    out = ''

    for c in octets(text):
        if c == 32 and r.random() < 0.5:
            out += '+'
        elif (c > 126 or c <= 32 or chr(c) in '&+%' or r.random() < share):
            out += often(r, '%%%02X' % c, ['%%%02x' % c, '%%u%04X' % c], 0.03)
        else:
            out += chr(c)

    return out


def form(r):
    pairs = []

    for _ in range(r.choice([1, 1, 1, 2, 2, 4])):
        enc = r.choice([lambda r, s: s.replace(' ', '+'), percent, percent])
        pairs.append(enc(r, spelled(r)) + often(r, '=', ['', '==', '%3D', '=%'])
                     + percent(r, r.choice(TEXTS)))

    body = often(r, '&', [';', '&&', '&;', '; ', '&amp;', '\n', '&?'],
                 0.3).join(pairs)
    kind = often(r, 'application/x-www-form-urlencoded', [
        'application/x-www-form-urlencoded; charset=utf-8',
        'application/x-www-form-urlencoded;charset="UTF-8"',
        'application/x-www-form-urlencoded; charset=iso-8859-1',
        'application/x-www-form-urlencoded; charset=utf-7',
        'Application/X-WWW-Form-Urlencoded',
        'application/x-www-form-urlencoded;',
        'application/x-www-form-urlencoded ; charset=utf-8; charset=gbk'], 0.2)

    return kind, octets(often(r, '', ['\ufeff', '?', '&', ' ', '\r\n', '\0',
                                      '_charset_=utf-8&', '_charset_=gbk&'],
                              0.1) + body)


def key(r):
    """A member's name, in quotes."""

    text = r.choice(['name', 'username', 'user', 'signature', 'x', 'NAME', 'n',
                     'name', 'user', 'user.name', 'user[name]', 'name[]',
                     '__proto__', 'constructor', '\u7528', '', '0'])

    if r.random() < 0.1:
        at = r.randrange(len(text) + 1)
        text = text[:at] + r.choice(ODD) + text[at:]

    share = r.choice([0, 0, 0, 0.3, 1])
    out = ''

    for c in text:
        if c == '"' or c == '\\':
            out += '\\' + c
        elif ord(c) < 32 or r.random() < share:
            out += often(r, '\\u%04x' % ord(c), ['\\u%04X' % ord(c)], 0.5)
        elif c < '\x80' and r.random() < 0.02:

            # longer than it need be, as UTF-8 forbids

            low = chr(0xdc80 | ord(c) & 63)
            out += r.choice([chr(0xdcc0 | ord(c) >> 6) + low,
                             '\udce0' + chr(0xdc80 | ord(c) >> 6) + low])
        else:
            out += c

    return '"' + out + '"'


def jsonv(r, depth):
    k = r.random()
    space = often(r, '', [' ', '\r\n', '\t'])

    if depth and k < 0.4:
        return '{' + ','.join(space + key(r) + space + ':' + jsonv(r, depth - 1)
                              for _ in range(r.randrange(4))) + space + '}'

    if depth and k < 0.5:
        return '[' + ','.join(jsonv(r, depth - 1)
                              for _ in range(r.randrange(3))) + ']'

    if k < 0.6:
        return r.choice(['1', '-2.5e3', 'true', 'null', '0'])

    return json.dumps(r.choice(TEXTS + ['&name=in&', '&username=in']),
                      ensure_ascii=r.random() < 0.5)


def jsonb(r):
    kind = often(r, 'application/json', [
        'application/json; charset=utf-8', 'APPLICATION/JSON',
        'application/json;', 'application/problem+json',
        'application/json; charset=utf-16', 'application/json, text/json',
        'text/json', 'application/json ;charset="utf-8"'], 0.2)
    text = ('{"x":%s,"name":%s,"user":{"name":%s}}' % (
        jsonv(r, 3), jsonv(r, 2), jsonv(r, 1)) if r.random() < 0.4
        else '{%s:%s}' % (key(r), jsonv(r, 4)))
    text = often(r, '', ['\ufeff', '\ufeff\ufeff', ' ', '\n', '\0', '\x1e',
                         ")]}',\n", '//\n', '\udcff'], 0.05) + text
    text += often(r, '', [' ', '\n', '\0', ';', '}', ',', '{"name":"b"}',
                          '\n{"name":"b"}', '\x1a'], 0.07)
    body = octets(text)

    if r.random() < 0.05:
        body = text.encode(r.choice(['utf-16', 'utf-16-le', 'utf-16-be',
                                     'utf-32', 'utf-32-be', 'utf-7']),
                           'replace')

    return kind, body


def parameters(r, name, nl):
    """What follows the type of a Content-Disposition."""

    quoted = name.replace('\\', '\\\\').replace('"', '\\"')
    coded = ''.join('%%%02X' % c for c in octets(name))
    usual = ['name="%s"' % name] * 6 + ['name="%s"' % quoted]

    if r.random() < 0.03:
        return r.choice(['', '; name=""', '; name=']) + '; filename="%s"' % name

    odd = ['name=' + name, "name='%s'" % name, 'NAME="%s"' % name,
           'name = "%s"' % name, 'name= "%s"' % name, 'name ="%s"' % name,
           "name*=utf-8''" + coded, "name*=UTF-8'en'" + coded,
           'name*="%s"' % name, "name*=iso-8859-1''" + coded,
           "name*=''" + coded, 'name*=' + coded,
           'name*0="%s"; name*1="%s"' % (name[:2], name[2:]),
           "name*0*=utf-8''%s; name*1=%s" % (coded[:6], name[2:]),
           'name*1="%s"; name*0="%s"' % (name[2:], name[:2]),
           'name*0="%s"' % name, 'name*00="%s"' % name, 'name**="%s"' % name,
           'name="%s' % name, 'name=%s"' % name, 'name=""; name="%s"' % name,
           'name="%s"x' % name, 'name="%s" (c)' % name, 'name=(c)"%s"' % name,
           'name="%s"' % coded, 'name="=?utf-8?q?%s?="' % name,
           'name="%s"' % (nl + ' ').join([name[:2], name[2:]]),
           'name=%s"%s"' % (nl + ' ', name), 'name="x", name="%s"' % name,
           'x="a;name=%s"' % name, 'x="\\"; name="%s"' % name,
           "x='; name=%s'" % name, 'x="a" name="%s"' % name,
           'xname="%s"' % name, 'x-name="%s"' % name, 'name;="%s"' % name,
           'name\0="%s"' % name, 'name="%s\0"' % name, 'name="\\%s"' % name,
           'name:"%s"' % name, 'name=="%s"' % name, '"name"="%s"' % name,
           'name="%s"\r' % name, '=name="%s"' % name,
           'name="x\\"; name="%s"' % name, 'name="%s\\"' % name,
           'name="%s\\\\"' % name, 'name=“%s”' % name, 'name="\t%s "' % name,
           'name="%s";name' % name]
    files = ['filename="f"', 'filename=f', "filename*=utf-8''f", 'filename=""',
             'filename="a\\"b"', 'filename="C:\\x\\"', 'filename*0="f"',
             'filename="; name=\\"x\\""', "filename='f; name=x'", 'filename',
             'filename="f"; filename="g"', 'filename="name=\'x\'"', 'x=y']
    params = [often(r, r.choice(usual), odd, 0.35)]

    while r.random() < 0.3:
        params.insert(r.randrange(len(params) + 1), r.choice(files + odd))

    return often(r, '; ', [';', ' ; ', ';;', '; ; ', ',', ', ', ';' + nl + ' ',
                           ';' + nl + '\t', ' ', ';' + nl, '\t;\t'], 0.15).join(
                               [''] + params)


def part(r, boundary, nl):
    name = spelled(r)
    field = often(r, 'Content-Disposition: ', ['content-disposition:',
        'CONTENT-DISPOSITION: ', 'Content-Disposition : ',
        'Content-Disposition:\t', ' Content-Disposition: ',
        'Content-Disposition:' + nl + ' ', 'Content-Disposition\0: ',
        'X: y' + nl + 'Content-Disposition: ',
        'X:' + nl + ' y' + nl + 'Content-Disposition: ',
        'Content_Disposition: ', 'X-Content-Disposition: ',
        'x' + nl + 'Content-Disposition: ', 'Content-Disposition\xa0: ',
        'Content-Disposition:\x0b', 'Content-Disposition\t: ',
        'X: ' + 'y' * r.choice([900, 5000]) + nl + 'Content-Disposition: '])
    kind = often(r, 'form-data', ['FORM-DATA', 'form-data ', 'attachment',
        'file', 'inline', '', '"form-data"', 'form-data/x', 'x; form-data',
        'form-data form-data', 'form-data\0'], 0.1)
    head = field + kind + parameters(r, name, nl)
    text = r.choice(TEXTS)
    more = ['Content-Type: text/plain; charset=utf-8',
            'Content-Type: text/plain', 'Content-Type: application/json',
            'Content-Type: text/plain; charset=iso-8859-1',
            'Content-Type: text/plain; charset=utf-16',
            'Content-Type: text/plain; charset="utf-7"',
            'Content-Type: text/plain; charset=us-ascii; charset=gbk',
            'Content-Type: text/plain; charset*=utf-8\'\'utf-7',
            'Content-Type: text/plain; charset=UTF8',
            'Content-Type: TEXT/HTML', 'Content-Type: message/rfc822',
            'Content-Type: multipart/mixed; boundary=c',
            'Content-Type: multipart/mixed; boundary=' + boundary,
            'Content-Type: multipart/form-data; boundary="c"',
            'Content-Type: ', 'Content-Type: x', 'Content-Length: 1', 'Content-ID: username',
            'Content-ID: <name>', 'Content-Type: name',
            'Content-Transfer-Encoding: base64',
            'Content-Transfer-Encoding: BASE64 ',
            'Content-Transfer-Encoding: quoted-printable',
            'Content-Transfer-Encoding: 7bit',
            'Content-Transfer-Encoding: binary',
            'Content-Transfer-Encoding: "base64"',
            'Content-Transfer-Encoding:',
            'Content-Transfer-Encoding: base64; x',
            'Content-Transfer-Encoding: uue',
            'Content-Transfer-Encoding: x-uuencode',
            'Content-Transfer-Encoding : base64',
            'Content-Transfer-Encoding:' + nl + ' base64', 'X: y',
            'Content-Encoding: gzip',
            field + kind + parameters(r, spelled(r), nl)]
    lines = [head]

    while r.random() < 0.25:
        lines.insert(r.randrange(len(lines) + 1), r.choice(more))

    head = nl.join(lines)

    if 'boundary=c' in head or 'boundary="c"' in head:
        text = ('--c' + nl + r.choice([
            'Content-Disposition: file; name="signature"; filename="x"',
            'Content-Disposition: attachment; filename=x',
            'Content-Disposition: form-data; name="name"', 'X: y'])
                + nl + nl + 'in' + nl
                + often(r, '--c--', ['', '--c', '--c--' + nl,
                                     '--' + boundary + '--']))

    return head + nl + nl + text


def multipart(r):
    b = often(r, 'b', ['----WebKitFormBoundaryA', 'B', "b'c", 'b b', 'b+c',
        'b.c', '(b)', '-', '--', '=b', 'b:c', 'b?', 'b/c', 'b' * 70, 'b' * 71,
        'b,c', 'b_', 'b*', '$b', 'bé'], 0.3)
    nl = often(r, '\r\n', ['\n', '\r', '\n\r', '\r\r\n'], 0.06)
    body = often(r, '', ['pre\r\n', '\r\n', '--\r\n', '\n', ' ', 'pre\r\n\r\n',
        'Content-Disposition: form-data; name=name\r\n\r\nx\r\n', '\ufeff',
        '\r\n\r\n', '--x\r\n'], 0.1)

    for _ in range(r.choice([1, 1, 1, 1, 2, 3])):
        body += often(r, '--', ['-', '---', nl + '--'], 0.02) + b + often(
            r, '', [' ', '\t', '-', '--', 'x', '\r', '\0', ';'], 0.04) + nl
        body += part(r, b, nl) + often(r, nl, ['', nl + nl, '\n', '\r',
                                               nl + ' '], 0.05)

    body += often(r, '--%s--%s' % (b, nl), ['', '--%s--' % b,
        '--%s--x\r\n' % b, '--%s' % b, '--%s-' % b,
        '--%s--%s--%s%s' % (b, nl, b, nl) + part(r, b, nl), '--%s-- \r\n' % b,
        '--%s--\r\n\r\n' % b, '--%s--\r\nepilogue' % b, '--%s --\r\n' % b,
        '--%s--\n--%s--\r\n' % (b, b), '--%s--\r\r\n' % b], 0.15)
    other = r.choice(['c', 'b', 'x'])
    kind = often(r, 'multipart/form-data; boundary=%s' % b, [
        'multipart/form-data; boundary="%s"' % b,
        'multipart/form-data; charset=utf-8; boundary=%s' % b,
        'multipart/form-data; boundary=%s; boundary=%s' % (b, other),
        'multipart/form-data; boundary=%s; boundary=%s' % (other, b),
        'multipart/form-data; boundary=%s;Boundary=%s' % (other, b),
        'multipart/form-data; boundary =%s' % b,
        'multipart/form-data; boundary= %s' % b,
        'multipart/form-data; BOUNDARY=%s' % b,
        'multipart/form-data;boundary=%s' % b,
        'multipart/form-data boundary=%s' % b,
        'multipart/form-data, boundary=%s' % b,
        'multipart/form-data; x=boundary=%s; boundary=%s' % (other, b),
        'multipart/form-data; xboundary=%s; boundary=%s' % (other, b),
        'multipart/form-data; x="; boundary=%s"; boundary=%s' % (other, b),
        "multipart/form-data; boundary*=utf-8''%s" % b,
        'multipart/form-data; boundary*0=%s' % b,
        'multipart/form-data; boundary=%s,%s' % (b, other),
        'multipart/form-data; boundary="%s' % b,
        'multipart/form-data; boundary=%s"' % b,
        'multipart/form-data; boundary=%s; charset=iso-8859-1' % b,
        'multipart/form-data; boundary=%s; charset=utf-16' % b,
        "multipart/form-data; boundary='%s'" % b,
        'multipart/form-data; boundary=%s ' % b,
        'multipart/form-data; boundary="%s "' % b,
        'Multipart/Form-Data; boundary=%s' % b,
        'multipart/form-data; boundary="\\%s"' % b,
        'multipart/mixed; boundary=%s' % b,
        'multipart/related; boundary=%s' % b,
        'multipart/form-data; boundary=%s;' % b,
        'multipart/form-data; (boundary=%s) boundary=%s' % (other, b),
        'multipart/form-data;\tboundary=%s' % b], 0.3)

    return kind, octets(body)


def crossed(r):
    """A body of one format that says, or half says, that it is another."""

    kinds = [form(r), jsonb(r), multipart(r)]
    (kind, _), (other, body) = r.choice(kinds), r.choice(kinds)
    k = r.random()

    if k < 0.3:
        kind += r.choice(['; x=', ', ', '; ', ';x="', ' ', '+']) + other
    elif k < 0.5:
        kind = other + r.choice(['; x=', ', ', '; ', ';x="', ' ', '+']) + kind
    elif k < 0.6:
        kind = other + r.choice(['+json', '+form', 'x', ' x', '/x', ';json',
                                 '; urlencoded', '; multipart'])
    elif k < 0.7:
        kind = r.choice(['', 'text/plain', 'application/octet-stream', 'json',
                         '*/*', 'text/html', 'application/xml', 'x/y+json',
                         'application/x-www-form-urlencoded+json',
                         'multipart/form-data+json; boundary=b'])

    return kind, body


def mutate(r, body):
    for _ in range(r.choice([0] * 8 + [1, 1, 2, 4])):
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
        self.http.request('POST', '/', body, {'Content-Type': kind.encode()})
        text = self.http.getresponse().read()

        # a warning may stand in front of the answer

        return json.loads(text[text.rindex(b'\0') + 1:])

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

def watched(who, key):
    segments = re.findall(r'\[([^\]]*)\]', key)

    if who.endswith('{}'):

        # a key with brackets of its own is no path

        if re.sub(r'\[[^\[\]]*\]', '', key):
            return False

        return ((segments and segments[0] in ('name', 'username', 'signature'))
                or segments[:2] == ['user', 'name'])

    base = re.sub(r'\[[^\]]*\]', '', key)

    if who in DEEP:
        return tuple([base] + [s for s in segments
                               if s and not s.isdigit()]) in NESTED

    return re.sub(r'\[\d*\]', '', key) in FLAT


def plain(text):
    return bytes(c for c in text if c < 128)


def excused(who, kind, body, text, texts):
    """What a parser makes of a value that we told."""

    # Django and Starlette read bytes that were not escaped as Latin-1, which
    # are the same bytes and letters that nobody meant

    if who in ('django', 'starlette'):
        return plain(text) in {plain(t) for t in texts}

    # what its charset has not is a question mark to it

    if b'\xef\xbf\xbd' in text:
        return plain(text) in {plain(t) for t in texts}

    # they take the line end off a body, and spaces before it

    kind = kind.lower()

    if who in ('aiohttp', 'mojo') and 'urlencoded' in kind:
        return text.rstrip() in {t.rstrip() for t in texts} | {b''}

    # it takes a bit off bytes that were not escaped

    if who == 'formidable' and 'urlencoded' in kind:
        return any(c > 127 for c in body)

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
        kind, body = r.choice([form, form, jsonb, jsonb, multipart, multipart,
                               multipart, crossed])(r)
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

                if key is None or not watched(who, key):
                    continue

                # its decoder loses the last group of four

                if who == 'formidable' and b'base64' in body.lower():
                    continue

                yields[who] += 1

                if text in texts:
                    continue

                if excused(who, kind, body, text, texts):
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
