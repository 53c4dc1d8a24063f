# Python's own parsers, and those of Django, werkzeug, Tornado, Bottle, WebOb,
# Starlette and aiohttp.  One that cannot be found is an error.

import asyncio
import base64
import cgi
import email.parser
import email.policy
import io
import json
import logging
import os
import sys
import urllib.parse
import warnings

warnings.simplefilter('ignore')

import django.conf
django.conf.settings.configure(DEFAULT_CHARSET='utf-8',
                               DATA_UPLOAD_MAX_NUMBER_FIELDS=None)
from django.core.handlers.wsgi import WSGIRequest
from werkzeug.wrappers import Request
import aiohttp.streams
import aiohttp.test_utils
import bottle
import starlette.requests
import tornado.httputil
import webob

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
logging.disable(logging.CRITICAL)

out = []


def add(who, key, value):
    if isinstance(value, dict):
        for k, v in value.items():
            add(who, '%s[%s]' % (key, k), v)

        return

    if isinstance(value, list):
        for v in value:
            add(who, key + '[]', v)

        return

    if isinstance(value, str):
        value = value.encode('utf-8', 'surrogateescape' if not any(
            '\ud800' <= c < '\udc80' or '\udcff' < c <= '\udfff'
            for c in value) else 'replace')

    if isinstance(value, bytes):
        out.append([who, str(key).encode('utf-8', 'replace').decode(),
                    base64.b64encode(value).decode()])


def environ(kind, body):
    return {'REQUEST_METHOD': 'POST', 'CONTENT_TYPE': kind,
            'CONTENT_LENGTH': str(len(body)), 'PATH_INFO': '/',
            'SERVER_NAME': 'h', 'SERVER_PORT': '80', 'wsgi.version': (1, 0),
            'wsgi.url_scheme': 'http', 'QUERY_STRING': '',
            'wsgi.input': io.BytesIO(body)}


def by_json(kind, body):
    add('python{}', '', json.loads(body))


def by_qsl(kind, body):
    text = body.decode('utf-8', 'surrogateescape')

    for sep in '&;':
        for k, v in urllib.parse.parse_qsl(text, keep_blank_values=True,
                                           errors='surrogateescape',
                                           separator=sep):
            # ";" alone as the separator is nobody's reading

            if sep == '&':
                add('parse_qsl', k, v)


def by_django(kind, body):
    r = WSGIRequest(environ(kind, body))

    for k, vs in r.POST.lists():
        for v in vs:
            add('django', k, v)

    for k, vs in r.FILES.lists():
        for v in vs:
            add('django', k, v.read())


def by_werkzeug(kind, body):
    r = Request(environ(kind, body))

    for k, vs in r.form.lists():
        for v in vs:
            add('werkzeug', k, v)

    for k, vs in r.files.lists():
        for v in vs:
            add('werkzeug', k, v.read())


def by_cgi(kind, body):
    f = cgi.FieldStorage(fp=io.BytesIO(body), environ=environ(kind, body),
                         headers={'content-type': kind,
                                  'content-length': str(len(body))},
                         keep_blank_values=True, encoding='utf-8',
                         errors='surrogateescape')

    def each(items):
        for i in items or []:
            if isinstance(i.list, list):
                each(i.list)
            else:
                add('cgi', i.name or '', i.value)

    each(f.list)


def by_tornado(kind, body):
    arguments, files = {}, {}

    tornado.httputil.parse_body_arguments(kind, body, arguments, files)

    for k, vs in arguments.items():
        for v in vs:
            add('tornado', k, v)

    for k, vs in files.items():
        for v in vs:
            add('tornado', k, v.body)


def by_bottle(kind, body):
    r = bottle.BaseRequest(environ(kind, body))

    # it hands out bytes as Latin-1

    for k, v in r.POST.allitems():
        v = v.file.read() if hasattr(v, 'file') else v.encode('latin-1')
        add('bottle', k.encode('latin-1').decode('utf-8', 'replace'), v)


def by_webob(kind, body):
    for k, v in webob.Request(environ(kind, body)).POST.items():
        add('webob', k, v.file.read() if hasattr(v, 'file') else v)


async def starlette_form(kind, body):
    async def receive():
        return {'type': 'http.request', 'body': body, 'more_body': False}

    r = starlette.requests.Request({
        'type': 'http', 'method': 'POST', 'path': '/', 'query_string': b'',
        'headers': [(b'content-type', kind.encode('latin-1'))]}, receive)

    for k, v in (await r.form()).multi_items():
        add('starlette', k, v if isinstance(v, str) else await v.read())


async def aiohttp_form(kind, body):
    class Protocol:
        _reading_paused = False

        def pause_reading(self):
            pass

        def resume_reading(self):
            pass

    payload = aiohttp.streams.StreamReader(Protocol(), 2 ** 20, loop=loop)
    payload.feed_data(body)
    payload.feed_eof()

    r = aiohttp.test_utils.make_mocked_request(
        'POST', '/', headers={'Content-Type': kind}, payload=payload)

    for k, v in (await r.post()).items():
        if hasattr(v, 'file'):
            v = v.file.read()

        add('aiohttp', k, bytes(v) if isinstance(v, bytearray) else v)


def by_starlette(kind, body):
    loop.run_until_complete(asyncio.wait_for(starlette_form(kind, body), 2))


def by_aiohttp(kind, body):
    loop.run_until_complete(asyncio.wait_for(aiohttp_form(kind, body), 2))


def by_email(kind, body):
    m = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        b'Content-Type: ' + kind.encode('latin-1') + b'\r\n\r\n' + body)

    for part in m.iter_parts():
        name = part.get_param('name', header='content-disposition')

        if isinstance(name, tuple):
            name = email.utils.collapse_rfc2231_value(name)

        if name is not None:
            add('email', name, part.get_payload(decode=True))


for line in sys.stdin:
    kind, body = [base64.b64decode(s) for s in
                  (line.strip('\n').split(' ') + [''])[:2]]
    kind = kind.decode('latin-1')
    out = []
    low = kind.lower()

    # most look at the type themselves, and some applications do not

    run = [by_json, by_django, by_werkzeug, by_cgi, by_tornado, by_webob,
           by_starlette, by_aiohttp]

    if low.split(';')[0].strip() == 'application/x-www-form-urlencoded':
        run += [by_qsl]
    elif low.startswith('multipart/'):
        run += [by_email]

    # Bottle takes whatever is not multipart for a form

    if 'json' not in low:
        run += [by_bottle]

    for f in run:
        try:
            f(kind, body)
        except Exception:
            pass

    print(json.dumps(out), flush=True)
