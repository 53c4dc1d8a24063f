#!/usr/bin/python3
"""Which different words of a dictionary each view joins.

    t/folds.py [--view VIEW]... [--show N] [FILE...]

Every word goes through `acctinfo view`; words that are different in the view
before (raw for base, base for bare and latin, bare for han, han for sound) and
the same in this one are a pair; "masks" is base with the masks off.  A new line
of a table shows its price here.  Without FILE: Debian's wamerican, the
dictionary of python3-jieba, the Japanese head words of edict, wukrainian, and
the words of hunspell-ru and hunspell-ar.
"""

import argparse
import collections
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BEFORE = {"base": "raw", "bare": "base", "han": "bare", "latin": "base",
          "digits": "base", "sound": "han", "masks": "base"}


def view(name, words):
    name = ["base", "--masks"] if name == "masks" else [name]
    out = subprocess.run([ROOT + "/build/acctinfo", "view", "-v", *name],
                         input="\n".join(words).encode() + b"\n",
                         capture_output=True, check=True).stdout
    return out.decode().split("\n")[:-1]


def read(path):
    encoding = "euc_jp" if os.path.basename(path) == "edict" else "utf-8"
    words = dict.fromkeys(line.split()[0].split("/")[0] or "/" for line in
                          open(path, encoding=encoding, errors="ignore")
                          if line.strip())
    return list(words)


ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
ap.add_argument("--view", action="append")
ap.add_argument("--show", type=int, default=20)
ap.add_argument("files", nargs="*")
args = ap.parse_args()

files = args.files or ["/usr/share/dict/american-english",
                       "/usr/lib/python3/dist-packages/jieba/dict.txt",
                       "/usr/share/edict/edict",
                       "/usr/share/dict/ukrainian",
                       "/usr/share/hunspell/ru_RU.dic",
                       "/usr/share/hunspell/ar.dic"]

for path in files:
    words = read(path)
    print(f"{path}: {len(words)} words")
    made = {"raw": words}

    for name in args.view or BEFORE:
        before = BEFORE[name]
        for v in (before, name):
            if v not in made:
                made[v] = view(v, words)

        # in digits only what could be a number is of interest

        groups = collections.defaultdict(dict)
        for word, a, b in zip(words, made[before], made[name]):
            if b and (name != "digits" or sum(map(str.isdigit, b)) > 4):
                groups[b].setdefault(a, word)

        joined = {k: list(g.values()) for k, g in groups.items() if len(g) > 1}
        pairs = sum(len(g) * (len(g) - 1) // 2 for g in joined.values())
        empty = sum(1 for b in made[name] if not b)
        print(f"  {name:<7} {pairs:>7} pairs in {len(joined)} groups beyond "
              f"{before}; {empty} words fold to nothing")
        for key in sorted(joined, key=lambda k: -len(joined[k]))[:args.show]:
            print(f"          {key}: {' '.join(joined[key][:8])}")
