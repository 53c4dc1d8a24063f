#!/usr/bin/env python3
#
# Writes the cases oracle-*.body and oracle-*.txt.  What is expected comes from
# Python's own json, urllib.parse and email, and from a plain walk over what
# these return; none of it knows how the readers work.  Run in this folder; the
# numbers are the same every time.

import email.parser
import email.policy
import json
import random
import re
import urllib.parse

WIRES = [('name', 'name'), ('name', 'username'), ('sign', 'signature'),
         ('user', 'user.name'), ('title', 'items[].title'),
         ('nick', '**.nick')]

TEXTS = ['', 'a', 'Ann', '微信客服', 'x y', '😀', 'a"b\\c/d', '\n\r\t\b\f',
         'é', '\u0000', 'ſK', '100%', 'a&b=c', '中' * 40, 'word ' * 30,
         '\ud800', 'x\udc00y', '\u2028', '</script>', '-1.5']


def quote(data):
    out = ''
    i = 0

    while i < len(data):
        c = data[i]

        if c < 0x80:
            if c in b'"\\':
                out += '\\' + chr(c)
            elif c < 0x20 or c == 0x7f:
                out += '\\x%02x' % c
            else:
                out += chr(c)

            i += 1
            continue

        n = 2 if c < 0xe0 else 3 if c < 0xf0 else 4

        try:
            out += data[i:i + n].decode()
            i += n
        except UnicodeDecodeError:
            out += '\\x%02x' % c
            i += 1

    return '"%s"' % out


def write(folder, number, content_type, body, events):
    path = '%s/oracle-%03d' % (folder, number)

    with open(path + '.body', 'wb') as f:
        f.write(body)

    with open(path + '.txt', 'w', newline='\n') as f:
        f.write('type: %s\n' % content_type)

        for field, wire in WIRES:
            f.write('wire %s: %s\n' % (field, wire))

        f.write('\n' + ''.join(e + '\n' for e in events))


# JSON

class Number(str):
    pass


def fold(key):
    return ''.join({'\u017f': 's', '\u212a': 'k'}.get(c, c.lower()
                   if 'A' <= c <= 'Z' else c) for c in key)


def path_of(wire):
    steps = []

    for segment in wire.split('.'):
        name, arrays = re.fullmatch(r'(.*?)((?:\[\])*)', segment).groups()
        steps.append(('any',) if name == '**' else ('key', name))
        steps += [('element',)] * (len(arrays) // 2)

    return steps


def leads(steps, path):
    """Whether a wire's steps lead along the path to its end."""

    if not steps:
        return not path

    if steps[0] == ('any',):
        return leads(steps[1:], path) or (path and leads(steps, path[1:]))

    return path and steps[0] == path[0] and leads(steps[1:], path[1:])


class Json:
    def __init__(self):
        self.events = []
        self.flags = set()
        self.opened = 0
        self.order = [f for i, (f, _) in enumerate(WIRES)
                      if f not in [g for g, _ in WIRES[:i]]]

    def flag(self, name):
        if name not in self.flags:
            self.flags.add(name)
            self.events.append('flag ' + name)

    def scalar(self, text, key, fields):
        raw = text.encode('utf-8', 'surrogatepass')
        raw = re.sub(rb'\xed[\xa0-\xbf][\x80-\xbf]', '\ufffd'.encode(), raw)
        lone = any('\ud800' <= c <= '\udfff' for c in text)
        key = re.sub('[\ud800-\udfff]', '\ufffd', key).encode()
        names = [f for f in self.order if f in fields]
        between = lone and 'bad_utf8' not in self.flags

        if len(names) == 1 and not between:
            self.opened += 1
            self.events.append('value %s %s %s' % (names[0], quote(key),
                                                   quote(raw)))
            return

        first = self.opened + 1

        for f in names:
            self.opened += 1
            self.events.append('open %d %s %s' % (self.opened, f, quote(key)))

        if lone:
            self.flag('bad_utf8')

        for i in range(len(names)):
            self.events.append('close %d %s' % (first + i, quote(raw)))

    def walk(self, value, path, key, below):
        fields = below | {f for f, w in WIRES if leads(path_of(w), path)}

        if isinstance(value, list) and value and value[0] is PAIRS:
            seen = set()

            for k, v in value[1]:
                step = ('key', fold(k))

                if step in seen and self.waits(path, step):
                    self.flag('duplicate_field')

                seen.add(step)
                self.walk(v, path + [step], k, fields)

        elif isinstance(value, list):
            for v in value:
                self.walk(v, path + [('element',)], key, fields)

        elif fields and value is not None:
            self.scalar({True: 'true', False: 'false'}.get(value, value)
                        if isinstance(value, bool) else value, key, fields)

    def waits(self, path, step):
        """Whether some wire's next step behind the path is this key."""

        for _, w in WIRES:
            steps = path_of(w)

            for i, s in enumerate(steps):
                if s == step and leads(steps[:i], path):
                    return True

        return False


PAIRS = object()


def json_text(r, depth):
    keys = ['name', 'NAME', 'username', 'signature', 'user', 'items', 'title',
            'nick', 'x', 'y', '', 'na\\u006de', '\\u017fignature', 'n', 'a.b']
    space = r.choice(['', '', '', ' ', '\n\t'])
    kind = r.random()

    if depth and kind < 0.35:
        return '{' + space + (',' + space).join(
            '"%s"%s:%s%s' % (r.choice(keys), space, space,
                             json_text(r, depth - 1))
            for _ in range(r.randrange(5))) + space + '}'

    if depth and kind < 0.5:
        return '[' + (space + ',').join(json_text(r, depth - 1)
                                        for _ in range(r.randrange(4))) + ']'

    if kind < 0.6:
        return r.choice(['true', 'false', 'null'])

    if kind < 0.7:
        return r.choice(['0', '-0', '12', '-3.25', '1e5', '1E-7',
                         '123456789012345678901234567890', '0.0', '5e+3'])

    text = r.choice(TEXTS)

    if r.random() < 0.3:
        text = ''.join(r.choice(['\\u%04x' % ord(c) if ord(c) < 0x10000
                                 else json.dumps(c)[1:-1],
                                 json.dumps(c, ensure_ascii=False)[1:-1]
                                 if not '\ud800' <= c <= '\udfff'
                                 else '\\u%04X' % ord(c)]) for c in text)
    else:
        text = json.dumps(text)[1:-1]

    return '"' + text + '"'


def make_json(number):
    r = random.Random('json %d' % number)
    text = json_text(r, 0 if number % 20 == 0 else 5)

    while len(text) < 40 and number % 20:
        text = json_text(r, 5)

    value = json.loads(text, parse_int=Number, parse_float=Number,
                       object_pairs_hook=lambda p: [PAIRS, p])
    j = Json()
    j.walk(value, [], '', set())

    write('json', number, 'application/json', text.encode(), j.events)


# urlencoded

def normal(name):
    """The normal form of a name, by substitution; the second is PHP's."""

    forms = []

    for n in (name, re.split('\0', name)[0],
              re.sub(r'(\[[^\]]*\])[^\[].*', r'\1', name, flags=re.S)):
        n = n.lstrip(' ')
        n = re.sub(r'\[\d*\]', '', n)
        n = re.sub(r'\[([^\]]*)\]', r'_\1', n)
        n = re.sub(r'[. \[]', '_', n)
        forms.append(fold(n))

    return forms


def matches(name, wire):
    form = normal(wire.replace('**.', ''))[0]

    for n in normal(name):
        if n == form or (wire.startswith('**.') and n.endswith('_' + form)):
            return True

    return False


class Pairs:
    def __init__(self, body_events):
        self.events = body_events
        self.seen = set()
        self.twice = False
        self.opened = 0
        self.order = Json().order

    def add(self, name, raw, key=None):
        hits = [(f, w) for f, w in WIRES if matches(name, w)]
        array = re.search(r'\[\d*\]', name)
        key = key if key is not None else name.encode()

        for _, w in hits:
            if w.startswith('**') or array:
                continue

            if w in self.seen and not self.twice:
                self.twice = True
                self.events.append('flag duplicate_field')

        for _, w in hits:
            if not array:
                self.seen.add(w)

        names = [f for f in self.order if f in {f for f, _ in hits}]

        if len(names) == 1:
            self.opened += 1
            self.events.append('value %s %s %s' % (names[0], quote(key),
                                                   quote(raw)))
            return

        for f in names:
            self.opened += 1
            self.events.append('open %d %s %s' % (self.opened, f, quote(key)))

        for i, f in enumerate(names):
            self.events.append('close %d %s' % (self.opened - len(names) + 1
                                                + i, quote(raw)))


NAMES = ['name', 'Name', 'username', 'signature', 'user[name]', 'user.name',
         'user_name', 'items[0][title]', 'items[][title]', 'name[]', ' name',
         'nick', 'a[nick]', 'x', 'y', '昵称', 'user name', 'ſignature', 'q[]',
         'name\0x', 'user[name]z', '']


def make_form(number):
    r = random.Random('form %d' % number)
    pairs = []

    for _ in range(r.randrange(1, 9)):
        text = r.choice(TEXTS).encode('utf-8', 'replace')
        name = r.choice(NAMES).encode()
        safe = r.choice(['', '/:?@!$()*,', "'-._~"])

        text = (urllib.parse.quote_plus(text, safe) if r.random() < 0.7
                else ''.join('%%%02x' % c for c in text))
        name = (urllib.parse.quote_plus(name, '[].') if r.random() < 0.7
                else urllib.parse.quote_plus(name, ''))

        pairs.append(name if not text and r.random() < 0.5
                     else name + '=' + text)

    body = '&'.join(pairs)

    if r.random() < 0.2:
        body = '&' + body + '&&'

    p = Pairs([])

    for name, text in urllib.parse.parse_qsl(body, keep_blank_values=True,
                                             errors='surrogateescape'):
        p.add(name, text.encode('utf-8', 'surrogateescape'))

    write('form', number, 'application/x-www-form-urlencoded', body.encode(),
          p.events)


# multipart

def make_multipart(number):
    r = random.Random('multipart %d' % number)
    boundary = r.choice(['b', 'xYzZY', '----WebKitFormBoundary' + 'aB3' * 5,
                         '=_' + 'q' * 60, "a'()+_,-./:=?"[:7] + 'z'])
    body = b''

    for _ in range(r.randrange(1, 7)):
        name = r.choice([n for n in NAMES if '\0' not in n and n])
        text = r.choice(TEXTS + ['\r\n', 'a\r\n--', '\r\n--x\r\n', '--', '\r',
                                 'line\r\n' * 20]).encode('utf-8', 'replace')
        head = [r.choice(['Content-Disposition', 'content-disposition'])
                + r.choice([': ', ':']) + 'form-data'
                + r.choice(['; ', ';', ';\r\n ']) + 'name="%s"' % name]

        if r.random() < 0.3:
            head[0] += '; filename="a.png"'
            head.append('Content-Type: image/png')
        elif r.random() < 0.3:
            head.append('Content-Type: text/plain; charset=utf-8')

        if r.random() < 0.2:
            head.insert(0, 'Content-Length: %d' % len(text))

        body += (b'--' + boundary.encode() + b'\r\n'
                 + '\r\n'.join(head).encode() + b'\r\n\r\n' + text + b'\r\n')

    body += b'--' + boundary.encode() + b'--\r\n'
    kind = 'multipart/form-data; boundary=' + ('"%s"' % boundary
           if re.search('[^A-Za-z0-9-]', boundary) else boundary)

    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        b'Content-Type: ' + kind.encode() + b'\r\n\r\n' + body)
    p = Pairs([])

    for part in message.iter_parts():
        line = part['content-disposition']
        raw = str(line).encode('utf-8', 'surrogateescape')
        name = re.search(rb'name="([^"]*)"', raw).group(1)
        given = b'filename=' in raw
        text = part.get_payload(decode=True)
        key = name.decode()
        at = len(p.events)

        p.add(key, text)

        if given:
            p.events[at:] = [e.replace(quote(name), quote(name)
                                       + ' file "a.png"', 1)
                             if not e.startswith(('close', 'flag')) else e
                             for e in p.events[at:]]

    write('multipart', number, kind, body, p.events)


for i in range(120):
    make_json(i)
    make_form(i)

for i in range(80):
    make_multipart(i)
