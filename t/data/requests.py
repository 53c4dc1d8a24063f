#!/usr/bin/python3
"""Writes requests.ndjson: one request a line, as `acctinfo inspect --batch`
reads it, 320 for each reader.

    t/data/requests.py > t/data/requests.ndjson

They are made from a list of people by every way of writing that the format
has, with a fixed seed: a third at least has escapes or characters of several
bytes in a watched value, a third at least is refused by the shipped rules.
"""

import base64
import json
import random
from urllib.parse import quote

R = random.Random(20261125)

HONEST = [
    "Alice", "Padmini", "小明Tom", "王O'Brien", "安徽信息工程学院的小王",
    "Nguyễn Văn An", "नमस्ते", "คนไทย", "ロボット", "Scunthorpe", "a\"b\\c/d",
    "line\nbreak", "tab\tstop", "𝓐lice", "😀😃", "N", "", "支持微信支付",
    "Jürgen Groß", "محمد علي", "x" * 300, "山有木兮" * 40, "0", "a&b=c;d%20+e",
]

REFUSED = [
    "官方客服", "官\u200b方客服", "某某银行官方客服✅", "系统通知", "Ａｄｍｉｎ",
    "аdmin", "adm1n", "微信号:wx_car888", "薇信 abc_12345", "加我V❤abc12345",
    "１３８－００００－１２３４", "138💚0000💚1234", "一三八零零零零一二三四",
    "扣扣12345678", "🇻🇽abc12345", "繫統通知", "E s c o r t  s e r v i c e",
    "x" * 200 + "微信号:abc12345", "山有木兮" * 30 + "13800001234",
]

TAGGED = ["Admin Zhang", "某市头条", "me@example.com", "主页有联系方式"]


def value():
    return R.choice(R.choice([HONEST, HONEST, REFUSED, REFUSED, TAGGED]))


def person():
    p = {"name": value()}
    if R.random() < 0.6:
        p["signature"] = R.choice(HONEST)
    if R.random() < 0.6:
        p["profile"] = R.choice(HONEST + TAGGED)
    return p


def json_string(s):
    out = '"'
    for c in s:
        if c in '"\\' or ord(c) < 32:
            out += json.dumps(c)[1:-1]
        elif R.random() < 0.3:
            out += json.dumps(c)[1:-1] if ord(c) > 126 else "\\u%04X" % ord(c)
        elif c == "/" and R.random() < 0.5:
            out += "\\/"
        else:
            out += c
    return out + '"'


def space():
    return R.choice(["", "", " ", "\n  ", "\t"])


def json_value(v, depth=0):
    if isinstance(v, str):
        return json_string(v)
    if isinstance(v, dict):
        return "{" + ",".join(f"{space()}{json_string(k)}{space()}:{space()}"
                              f"{json_value(x, depth + 1)}{space()}"
                              for k, x in v.items()) + "}"
    if isinstance(v, list):
        return "[" + ",".join(space() + json_value(x) for x in v) + "]"
    return json.dumps(v)


def as_json(p):
    keys = {"name": R.choice(["username", "nick", "Nickname"]),
            "signature": "signature", "profile": R.choice(["bio", "about"])}
    o = {}
    for k, v in p.items():
        if k == "name" and R.random() < 0.3:
            o["user"] = {"id": R.randrange(10 ** 12), "name": v}
        elif R.random() < 0.1:
            o[keys[k]] = [v, None, True, -1.5e3]
        else:
            o[keys[k]] = v
    o[R.choice(["token", "x"])] = R.choice(
        ["z" * R.randrange(400), {"a": [{"b": [1, 2, {"c": "\\"}]}]}, 1e9, None])
    items = list(o.items())
    R.shuffle(items)
    text = space() + json_value(dict(items)) + space()
    return R.choice(["application/json", "application/json; charset=utf-8",
                     "application/vnd.api+json"]), text.encode()


def percent(s):
    out = ""
    for b in s.encode():
        c = chr(b)
        if c == " ":
            out += R.choice(["+", "%20"])
        elif c.isalnum() and R.random() < 0.8 and b < 128:
            out += c
        else:
            out += R.choice(["%%%02X", "%%%02x"]) % b
    return out


def as_form(p):
    keys = {"name": R.choice(["username", "user[name]", "nick%6eame"]),
            "signature": R.choice(["signature", "sign"]),
            "profile": R.choice(["profile", "bio[]"])}
    pairs = [f"{keys[k]}={percent(v)}" for k, v in p.items()]
    pairs.append("csrf=" + "t" * R.randrange(300))
    R.shuffle(pairs)
    return "application/x-www-form-urlencoded", "&".join(pairs).encode()


def as_multipart(p):
    boundary = R.choice(["----WebKitFormBoundary", "x", "--a'b_c"]) + str(
        R.randrange(10 ** 9))
    keys = {"name": "username", "signature": "signature", "profile": "profile"}
    parts = [(f'name="{keys[k]}"', v.encode()) for k, v in p.items()]
    noise = bytes(R.choice(b"\r\n-abc\0\xff") for _ in range(R.randrange(600)))
    parts.append((f'name="avatar"; filename="{quote("我.png")}"\r\n'
                  f'Content-Type: image/png', noise))
    R.shuffle(parts)
    body = R.choice([b"", b"preamble\r\n"])
    for head, data in parts:
        body += (f"--{boundary}\r\nContent-Disposition: form-data; {head}"
                 f"\r\n\r\n").encode() + data + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    mark = R.choice(['"%s"', "%s"]) if "'" not in boundary else '"%s"'
    return f"multipart/form-data; boundary={mark % boundary}", body


for make in as_json, as_form, as_multipart:
    for _ in range(320):
        kind, body = make(person())
        line = {"type": kind, "body": base64.b64encode(body).decode()}
        if R.random() < 0.1:
            line["query"] = "page=1&name=" + percent(R.choice(HONEST[:8]))
        print(json.dumps(line))
