#!/usr/bin/env python3
#
# Copyright (C) the ngx_acctinfo_module authors
#
# The generator of the Unicode tables: what is committed is what it makes, and
# it refuses what it must.  Run from the root of the repository.

import os
import shutil
import subprocess
import sys
import tempfile

UCD = os.environ.get("UCD", "/usr/share/unicode")
HERE = "ngx_acctinfo_module/unicode"
CORE = "ngx_acctinfo_module/core"

count, failed = 0, 0


def ok(passed, name, why=""):
    global count, failed
    count += 1

    if not passed:
        failed += 1

    print("%sok %d - %s" % ("" if passed else "not ", count, name))

    if not passed and why:
        print("# " + why.strip().replace("\n", "\n# "))


def run(script, out, ucd=UCD):
    return subprocess.run([sys.executable, script, "--ucd", ucd, "--out", out],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


# file, line that is added to it, what the generator says

REFUSED = [
    ("plain.txt", "# why\n2777\t❶\t0031\t1\n", "the glyph ❶ is U+2776"),
    ("plain.txt", "# why\n2606\t☆\t0061\tb\n", "the glyphs b are not 0061"),
    ("plain.txt", "# why\n2776\t❶\t0031\t1\n", "is there already"),
    ("plain.txt", "\n2606\t☆\t0061\ta\n", "the group has no reason"),
    ("plain.txt", "# why\n2606 ☆ 0061 a\n", "separated by tabs"),
    ("plain.txt", "# why\n2606\t☆\t0061\ta\todd\n", "unknown word"),
    ("plain.txt", "# why\nxyz\t☆\t0061\ta\n", "not a code point"),
    ("latin.txt", "# why\n0444\tф\t0041\tA\n", "one small letter"),
    ("latin.txt", "# why\n0424\tФ\t0061\ta\n", "never comes out of base"),
    ("leet.txt", "# why\n0038\t8\t0030\t0\n", "one small letter"),
    ("digits.txt", "# why\n7389\t玉\t0061\ta\n", "one digit"),
    ("han.txt", "# why\n56FD\t国\t5BB6\t家\n", "is a standard character"),
    ("han.txt", "# why\n570B\t國\t56FD\t国\n", "Unihan has"),
    ("han.txt", "# why\n9280\t銀\t9280\t銀\n", "one standard character"),
    ("han.txt", "# why\n5BB6\t家\t56FD\t国\talike\n56FD\t国\t5BB6\t家\talike\n",
     "comes back to itself"),
]


with tempfile.TemporaryDirectory() as tmp:
    made = os.path.join(tmp, "made")
    os.mkdir(made)

    p = run(os.path.join(HERE, "tables.py"), made)
    ok(p.returncode == 0, "the tables are made", p.stderr)

    for name in ("acct_unicode_data.c", "acct_unicode_data.h"):
        path = os.path.join(made, name)
        ok(os.path.exists(path)
           and read(path) == read(os.path.join(CORE, name)),
           name + " is what is committed")

    ok("Permission is hereby granted"
       in read(os.path.join(CORE, "acct_unicode_data.c")),
       "the notice of Unicode is with the tables")

    for name, line, words in REFUSED:
        copy = os.path.join(tmp, "copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(HERE, copy)

        with open(os.path.join(copy, name), "a", encoding="utf-8") as f:
            f.write("\n" + line)

        p = run(os.path.join(copy, "tables.py"), made)
        ok(p.returncode != 0 and words in p.stderr,
           "%s: %s" % (name, words), p.stderr or "it was taken")

    # another version of a file, by name or by content

    ucd = os.path.join(tmp, "ucd")
    shutil.copytree(UCD, ucd)

    for name, old, new in (("Scripts.txt", "-15.0.0", "-15.1.0"),
                           ("emoji/emoji-sequences.txt", "Version: 15.0",
                            "Version: 15.1"),
                           ("UnicodeData.txt", "0041;", "0041; ")):
        path = os.path.join(ucd, name)
        text = read(path)

        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace(old, new, 1))

        p = run(os.path.join(HERE, "tables.py"), made, ucd)
        ok(p.returncode != 0 and name in p.stderr and "15.0" in p.stderr,
           "another version of %s is refused" % name, p.stderr)

        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

print("1..%d" % count)
sys.exit(1 if failed else 0)
