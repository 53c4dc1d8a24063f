#!/usr/bin/python3
"""What is left of a refusal when its words are disguised by a machine.

    t/disguises.py [--level N] [--show DISGUISE] [RULES]

Every example of the rules' own that is refused or asked for proof in plain
writing, and is short, goes through each disguise; it must get at least the
same.  Prints how many of how many did not, by disguise and script, and fails
where more than one in twenty of a disguise did not.
"""

import argparse
import collections
import glob
import json
import os
import subprocess
import sys
import unicodedata

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RANK = {"pass": 0, "tag": 1, "verify": 2, "reject": 3}
SCRIPTS = ("CJK", "LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "HANGUL",
           "HIRAGANA", "KATAKANA", "THAI", "DEVANAGARI", "BENGALI")
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONGEST = 24


def between(sign):
    """A sign between any two letters of a word, not before a mark."""

    def disguise(text):
        out = ""
        for a, b in zip(text, text[1:] + " "):
            out += a
            if " " not in (a, b) and unicodedata.category(b)[0] != "M":
                out += sign
        return out

    return disguise


def behind(mark, first="", last=""):
    """A mark on each letter, or on those from first to last."""

    return lambda text: "".join(
        c + (mark if c.isalnum() and (not first or first <= c <= last) else "")
        for c in text)


def letters(upper, lower=None):
    table = {c: chr(upper + i) for i, c in enumerate(UPPER)}
    table.update({c.lower(): chr((lower or upper) + i)
                  for i, c in enumerate(UPPER)})
    return one_by_one(table)


def one_by_one(table, every=1):
    def disguise(text):
        n, out = 0, ""
        for c in text:
            n += c in table
            out += table[c] if c in table and n % every == 0 else c
        return out

    return disguise


def wide(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c
                   for c in text)


def jamo(text):
    """Syllables of Hangul as the letters of a keyboard."""

    first = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
    last = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
    out = ""
    for c in text:
        k = ord(c) - 0xAC00
        out += c if not 0 <= k < 11172 else \
            first[k // 588] + chr(0x314F + k % 588 // 28) \
            + last[k % 28].strip()
    return out


def traditional():
    """From the simplified form, where there is one traditional one."""

    table, doubt = {}, set()
    for line in os.popen("bzcat /usr/share/unicode/Unihan_Variants.txt.bz2"):
        f = line.split("\t")
        if len(f) == 3 and f[1] == "kTraditionalVariant":
            c = chr(int(f[0][2:], 16))
            to = [chr(int(x[2:].split("<")[0], 16)) for x in f[2].split()]
            to = [x for x in to if x != c]
            if len(to) == 1 and ord(to[0]) < 0x10000:
                table[c] = to[0]
            else:
                doubt.add(c)
    return one_by_one({c: x for c, x in table.items() if c not in doubt})


LATIN = dict(zip("aeopcxyiAEOPCXTHKMBS", "аеорсхуіАЕОРСХТНКМВЅ"))
CYRILLIC = dict(zip("аеорсхуАЕОРСХТНКМВ", "aeopcxyAEOPCXTHKMB"))
LEET = dict(zip("aeiosAEIOSоО", "431054310500"))
ARABIC = dict(zip("يكةأإآ", "یکهااا"))
PERSIAN = dict(zip("یک", "يك"))
TATWEEL = "بتثجحخسشصضطظعغفقكلمنهيپچکگی"

DISGUISES = {
    "full width": wide,
    "capitals": str.upper,
    "zero-width space": between("\u200b"),
    "word joiner": between("\u2060"),
    "soft hyphen": between("\u00ad"),
    "variation selector": between("\ufe0f"),
    "direction mark": between("\u200e"),
    "space": between(" "),
    "two spaces": between("  "),
    "ideographic space": between("\u3000"),
    "dot": between("."),
    "hyphen": between("-"),
    "middle dot": between("·"),
    "bar": between("|"),
    "slash": between("/"),
    "star": between("★"),
    "emoji": between("🌸"),
    "traditional": traditional(),
    "circled": letters(0x24B6, 0x24D0),
    "squared": letters(0x1F130),
    "negative squared": letters(0x1F170),
    "bold": letters(0x1D400, 0x1D41A),
    "monospace": letters(0x1D670, 0x1D68A),
    "Cyrillic letters": one_by_one(LATIN, 2),
    "Latin letters": one_by_one(CYRILLIC, 2),
    "digits for letters": one_by_one(LEET, 2),
    "struck through": behind("\u0336"),
    "slashed": behind("\u0338"),
    "ringed": behind("\u20dd"),
    "underlined": behind("\u0332"),
    "overlined": behind("\u0305"),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "vowels of Arabic": behind("\u064e", "\u0621", "\u064a"),
    "points of Hebrew": behind("\u05b7", "\u05d0", "\u05ea"),
    "tatweel": lambda text: "".join(
        c + ("\u0640" if c in TATWEEL and "\u0620" <= n <= "\u06ff" else "")
        for c, n in zip(text, text[1:] + " ")),
    "Persian letters": one_by_one(ARABIC),
    "Arabic letters": one_by_one(PERSIAN),
    "letters of Hangul": jamo,
}


def script(text):
    count = collections.Counter()
    for c in text:
        name = unicodedata.name(c, "")
        for s in SCRIPTS:
            if name.startswith(s):
                count["KANA" if "KANA" in s else s] += 1
    return count.most_common(1)[0][0] if count else "OTHER"


def scan(rules, level, values):
    """Values are pairs of a field and a text."""

    verdicts = [None] * len(values)
    for field in sorted({f for f, _ in values}):
        at = [i for i, v in enumerate(values) if v[0] == field]
        out = subprocess.run(
            [ROOT + "/build/acctinfo", "scan", "-r", rules, "-f", field, "-l",
             level], input="".join(values[i][1] + "\n" for i in at).encode(),
            capture_output=True, check=True).stdout.decode().split("\n")
        for i, line in zip(at, out):
            verdicts[i] = json.loads(line)
    return verdicts


def examples(folder):
    for path in sorted(glob.glob(folder + "/*.json")):
        with open(path, encoding="utf-8") as f:
            pack = json.load(f)
        for rule in pack["rules"]:
            fields = rule.get("fields", ["name"])
            for e in rule.get("match", []):
                text = e if isinstance(e, str) else e.get("value", "")
                field = fields[0] if isinstance(e, str) \
                    else e.get("field", fields[0])
                if field in ("name", "signature", "profile") \
                        and 1 < len(text) <= LONGEST and "\n" not in text:
                    yield field, text


ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
ap.add_argument("--level", default="2")
ap.add_argument("--show")
ap.add_argument("rules", nargs="?", default=ROOT + "/rules")
args = ap.parse_args()

plain = sorted(set(examples(args.rules)))
compiled = ROOT + "/build/disguises.acct"
subprocess.run([ROOT + "/build/acctinfo", "compile", "-o", compiled,
                args.rules], check=True)

plain = [(v, x["action"]) for v, x in
         zip(plain, scan(compiled, args.level, plain))
         if RANK[x["action"]] >= 2 and not x["evasive"]]
tries = [(name, v, action, (v[0], disguise(v[1])))
         for name, disguise in DISGUISES.items() for v, action in plain
         if disguise(v[1]) != v[1]]

count = collections.defaultdict(lambda: [0, 0])

for (name, v, action, masked), x in zip(
        tries, scan(compiled, args.level, [t[3] for t in tries])):
    missed = RANK[x["action"]] < RANK[action]
    for key in ((name, ""), (name, script(v[1])), ("all", "")):
        count[key][0] += missed
        count[key][1] += 1
    if missed and name == args.show:
        print("  ", v[0], v[1], "|", masked[1], x["action"], "for", action)

failed = 0

for name in [*DISGUISES, "all"]:
    missed, n = count[name, ""]
    by = " ".join("%s %d" % (s, count[name, s][0])
                  for s in sorted(s for d, s in count if d == name and s)
                  if count[name, s][0])
    print("%-20s %5d of %6d  %s" % (name, missed, n, by))
    failed += n > 0 and missed * 20 > n

sys.exit(1 if failed else 0)
