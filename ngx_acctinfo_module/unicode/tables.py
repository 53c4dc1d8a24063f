#!/usr/bin/env python3
#
# Copyright (C) the ngx_acctinfo_module authors
#
# Makes core/acct_unicode_data.c and .h from the files of Unicode 15.0.0 (the
# package unicode-data) and from the tables beside this script.
#
#     tables.py [--ucd DIR] --out DIR
#
# Python's own unicodedata is of another version and is never asked.

import argparse
import bz2
import collections
import hashlib
import os
import re
import sys

VERSION = "15.0.0"

# UnicodeData.txt is the one file that does not say its version
UNICODE_DATA = ("806e9aed65037197f1ec85e12be6e8cd"
                "870fc5608b4de0fffd990f689f376a73")

HERE = os.path.dirname(os.path.abspath(__file__))

LAST = 0x10FFFF
BLOCK = 128

# Tags of UnicodeData's decompositions whose use is an evasion
EVASIVE_TAGS = {"font", "circle", "super", "sub", "square", "small", "compat"}

# Scripts after whose letters a mark of no precomposed letter is dropped
LOOSE = {"Latin", "Greek", "Cyrillic", "Han", "Hangul", "Hiragana",
         "Katakana", "Bopomofo", "Common"}

# Simplified parts of characters, which are none of their own
PARTS = {0x8BA0, 0x7E9F, 0x9963, 0x9485}

LINES = {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85}

FDFA = 0xFDFA
REGIONAL = range(0x1F1E6, 0x1F200)

# Class byte: a group, and four bits
GROUPS = ["SYMBOL", "SPACE", "LETTER", "LATIN", "GREEK", "CYRILLIC", "HAN",
          "KANA", "BOPOMOFO", "HANGUL", "MARK", "NUMBER"]
SCRIPT_GROUPS = {"Latin": "LATIN", "Greek": "GREEK", "Cyrillic": "CYRILLIC",
                 "Han": "HAN", "Hiragana": "KANA", "Katakana": "KANA",
                 "Bopomofo": "BOPOMOFO", "Hangul": "HANGUL"}
KEEP, DIGIT, MAP, TOKEN = 0x10, 0x20, 0x40, 0x80

# Flags of a record of the base table
SELF, DROP, ALTERED, PLAIN = 0x0100, 0x0200, 0x0400, 0x0800
SECOND, NONSPACING, FLAG, FIRST = 0x1000, 0x2000, 0x4000, 0x8000
SURROGATE = 0
# with SELF, in the place of the length
OVERLAY = 0x0001
# with DROP, in the place of the combining class
CONTROL, IGNORABLE, BIDI, JOINER, ENCLOSING, SELECTOR = 1, 2, 4, 8, 16, 32


def die(text):
    sys.exit("tables.py: " + text)


class Ucd:
    """The files, each checked for its version."""

    def __init__(self, folder):
        self.folder = folder

    def lines(self, name):
        path = os.path.join(self.folder, name)

        try:
            with open(path, "rb") as f:
                data = f.read()
        except OSError as e:
            die(str(e))

        if name.endswith(".bz2"):
            data = bz2.decompress(data)

        text = data.decode("utf-8")

        if name == "UnicodeData.txt":
            if hashlib.sha256(data).hexdigest() != UNICODE_DATA:
                die("%s: is not that of Unicode %s" % (path, VERSION))

        else:
            head = text[:1500]
            stem = os.path.basename(name).split(".")[0]
            short = VERSION[:-2]

            if not ("%s-%s.txt" % (stem, VERSION) in head
                    or "Unicode version: %s\n" % VERSION in head
                    or ("Emoji Data" in head or "Emoji Sequence" in head)
                    and "Version: %s\n" % short in head):
                die("%s: does not say that it is of Unicode %s"
                    % (path, VERSION))

        return text.split("\n")

    def rows(self, name):
        for line in self.lines(name):
            line = line.split("#")[0].strip()

            if line:
                yield [x.strip() for x in line.split(";")]

    def ranges(self, name):
        for row in self.rows(name):
            a, _, b = row[0].partition("..")
            yield range(int(a, 16), int(b or a, 16) + 1), row[1:]

    def unihan(self, name, wanted):
        for line in self.lines(name):
            f = line.split("\t")

            if len(f) == 3 and f[1] in wanted:
                yield int(f[0][2:], 16), f[1], f[2]


def own(name):
    """A table of ours: (code point, code points, words) of each line."""

    path = os.path.join(HERE, name)
    reason, table, block = False, {}, False

    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")

    for number, line in enumerate(lines, 1):
        def bad(text):
            die("%s:%d: %s" % (path, number, text))

        if not line.strip():
            reason = False
            continue

        if line.startswith("#"):
            reason = True
            continue

        if not reason:
            bad("the group has no reason")

        f = line.split("\t")

        if len(f) < 4:
            bad("needs four members separated by tabs")

        try:
            c = int(f[0], 16)
            to = [] if f[2] == "-" else [int(x, 16) for x in f[2].split()]
        except ValueError:
            bad("not a code point")

        if chr(c) != f[1]:
            bad("the glyph %s is U+%s and not U+%s"
                % (f[1], " ".join("%04X" % ord(x) for x in f[1]), f[0]))

        if "".join(map(chr, to)) != ("" if f[3] == "-" and not to else f[3]):
            bad("the glyphs %s are not %s" % (f[3], f[2]))

        if c in table:
            bad("U+%04X is there already" % c)

        for word in f[4:]:
            if word not in ("even", "keep", "loose", "strict", "alike",
                            "stroke", "masked"):
                bad("unknown word \"%s\"" % word)

        table[c] = (to, set(f[4:]))

    return table


class Data:

    def __init__(self, ucd):
        self.read_own()
        self.read_ucd(ucd)
        self.check_own()
        self.make_base()
        self.make_pairs()
        self.make_strip()
        self.make_unmask()
        self.make_han()
        self.make_classes()
        self.make_sound()
        self.check()

    # what Unicode says

    def read_ucd(self, ucd):
        self.gc, self.ccc = {}, {}
        self.canonical, self.tag = {}, {}
        self.decimal = {}
        first = None

        for row in ucd.rows("UnicodeData.txt"):
            c = int(row[0], 16)

            if row[1].endswith("First>"):
                first = c
                continue

            for d in range(first if first is not None else c, c + 1):
                self.gc[d] = row[2]

                if row[3] != "0":
                    self.ccc[d] = int(row[3])

            first = None

            if row[6]:
                self.decimal[c] = int(row[6])

            if row[5]:
                tag, _, rest = row[5].rpartition("> ")

                if tag:
                    self.tag[c] = tag[1:]
                else:
                    self.canonical[c] = [int(x, 16) for x in rest.split()]

        self.cf, self.excluded = {}, set()

        for cs, row in ucd.ranges("DerivedNormalizationProps.txt"):
            if row[0] == "NFKC_CF":
                for c in cs:
                    self.cf[c] = [int(x, 16) for x in row[1].split()]

            elif row[0] == "Full_Composition_Exclusion":
                self.excluded.update(cs)

        self.script = {}

        for cs, row in ucd.ranges("Scripts.txt"):
            for c in cs:
                self.script[c] = row[0]

        self.scripts = ["Unknown"] + sorted(set(self.script.values()))

        # ZWJ and ZWNJ are ordinary spelling where letters join or stack

        self.joins = set()

        for cs, row in ucd.ranges("ArabicShaping.txt"):
            if row[1] in ("D", "R", "L"):
                self.joins.update(self.script[c] for c in cs)

        for cs, row in ucd.ranges("IndicSyllabicCategory.txt"):
            if row[0] in ("Virama", "Invisible_Stacker", "Pure_Killer"):
                self.joins.update(self.script[c] for c in cs)

        self.joins -= {"Common", "Inherited"}

        self.ignorable = set()

        for cs, row in ucd.ranges("DerivedCoreProperties.txt"):
            if row[0] == "Default_Ignorable_Code_Point":
                self.ignorable.update(cs)

        self.bidi = set()

        for cs, row in ucd.ranges("PropList.txt"):
            if row[0] == "Bidi_Control":
                self.bidi.update(c for c in cs if 0x202A <= c)

        self.joiner = {c for cs, row in ucd.ranges("PropList.txt")
                       if row[0] == "Join_Control" for c in cs}
        self.selector = {c for cs, row in ucd.ranges("PropList.txt")
                         if row[0] == "Variation_Selector" for c in cs}

        self.unified = {}

        for cs, row in ucd.ranges("EquivalentUnifiedIdeograph.txt"):
            for c in cs:
                self.unified[c] = int(row[0], 16)

        self.flags = set()

        for row in ucd.rows("emoji/emoji-sequences.txt"):
            if row[1] == "RGI_Emoji_Flag_Sequence":
                self.flags.add(tuple(int(x, 16) for x in row[0].split()))

        self.standard, readings = set(), {}

        for c, key, value in ucd.unihan("Unihan_Readings.txt.bz2",
                                        ("kTGHZ2013", "kMandarin")):
            if key == "kTGHZ2013":
                self.standard.add(c)
                readings[c] = value.split()[0].split(":")[1].split(",")[0]
            else:
                readings.setdefault(c, value.split()[0])

        self.readings = readings

        self.simplified = {}

        for c, key, value in ucd.unihan("Unihan_Variants.txt.bz2",
                                        ("kSimplifiedVariant",)):
            if c in self.standard or c > 0xFFFF:
                continue

            for x in value.split():
                d = int(x.split("<")[0][2:], 16)

                if d in self.standard and d <= 0xFFFF:
                    self.simplified[c] = d
                    break

        self.numeral = {}

        for c, key, value in ucd.unihan("Unihan_NumericValues.txt.bz2",
                                        ("kPrimaryNumeric",
                                         "kAccountingNumeric")):
            if value in "0123456789" and len(value) == 1:
                self.numeral[c] = int(value)

    # what we say

    def read_own(self):
        self.plain = own("plain.txt")
        self.latin = own("latin.txt")
        self.leet = own("leet.txt")
        self.words = own("digits.txt")
        self.variants = own("han.txt")
        self.unmask = own("unmask.txt")

    def check_own(self):
        for name, table, low, high in (("latin.txt", self.latin, 0x80, 0xFFFF),
                                       ("leet.txt", self.leet, 0, 0x7F)):
            for c, (to, words) in table.items():
                if not low <= c <= high or len(to) != 1 \
                   or not 0x61 <= to[0] <= 0x7A:
                    die("%s: U+%04X must become one small letter" % (name, c))

        self.overlays = {c for c, (to, words) in self.plain.items()
                         if "loose" in words}

        for c in self.overlays:
            to = self.plain[c][0]

            if to != [c] or self.gc.get(c) != "Mn":
                die("plain.txt: U+%04X is no mark that can be loose" % c)

        for c, (to, words) in self.words.items():
            if len(to) != 1 or not 0x30 <= to[0] <= 0x39:
                die("digits.txt: U+%04X must become one digit" % c)

        for c, (to, words) in self.variants.items():
            if len(to) != 1 or c > 0xFFFF \
               or to[0] not in self.standard | PARTS:
                die("han.txt: U+%04X must become one standard character" % c)

            if not words and c in self.standard:
                die("han.txt: U+%04X is a standard character" % c)

            if not words and self.simplified.get(c) == to[0]:
                die("han.txt: Unihan has U+%04X already" % c)

    # base: rows 2 to 8

    def row(self, c):
        """(code points, altered) of one character, before closure."""

        if c in self.plain:
            to, words = self.plain[c]
            return to, not words & {"even", "keep", "loose"}

        if c in self.unified and c not in self.cf \
           and c not in self.canonical and c not in self.tag:
            return [self.unified[c]], True

        gc = self.gc.get(c, "Cn")

        if c in LINES or gc in ("Zs", "Zl", "Zp"):
            return [0x20], False

        if gc == "Cc" or gc == "Me":
            return [], True

        if c in self.cf:
            return self.cf[c], self.tag.get(c) in EVASIVE_TAGS

        return [c], c == 0xFFFD

    def fold(self, c):
        to, altered = self.row(c)

        for _ in range(8):
            out = []

            for d in to:
                e, again = ([d], False) if d == c else self.row(d)

                if d != c and e != [d]:
                    altered = altered or again

                out += e

            if out == to:
                return to, altered

            to = out

        die("U+%04X does not come to rest" % c)

    def make_base(self):
        self.base, self.altered = {}, set()

        for c in range(LAST + 1):
            if 0xD800 <= c <= 0xDFFF:
                continue

            to, altered = self.fold(c)

            if to != [c]:
                self.base[c] = to

            if altered:
                self.altered.add(c)

        self.image = {c for c in self.gc if c not in self.base}

        # the four rows that drop, and what each drop means

        self.drops = {}

        for c, to in self.base.items():
            if to:
                continue

            bits = 0

            if self.gc.get(c) == "Cc":
                bits |= CONTROL
            elif self.gc.get(c) == "Me":
                bits |= ENCLOSING
            else:
                bits |= IGNORABLE

            if c in self.bidi:
                bits |= BIDI
            if c in self.joiner:
                bits |= JOINER
            if c in self.selector:
                bits |= SELECTOR

            self.drops[c] = bits

    # NFC

    def make_pairs(self):
        self.pairs = {}

        for c, to in self.canonical.items():
            if c in self.excluded or len(to) != 2:
                continue

            if to[0] in self.base or to[1] in self.base:
                continue

            if c in self.base:
                die("U+%04X is composed and does not stay" % c)

            self.pairs[tuple(to)] = c

        self.first = {a for a, b in self.pairs}
        self.second = {b for a, b in self.pairs}
        self.second.update(range(0x1161, 0x1176))
        self.second.update(range(0x11A8, 0x11C3))

    # latin, step 1

    def decomposed(self, c):
        if c not in self.canonical:
            return [c]

        return [e for d in self.canonical[c] for e in self.decomposed(d)]

    def make_strip(self):
        self.strip = {}

        for c in self.image:
            if self.script.get(c) not in ("Latin", "Greek", "Cyrillic") \
               or self.gc[c][0] == "M":
                continue

            to = [d for d in self.decomposed(c) if self.gc[d] != "Mn"]

            if to == [c]:
                continue

            if len(to) != 1 or c > 0xFFFF or to[0] > 0xFFFF:
                die("U+%04X is not one letter without its marks" % c)

            self.strip[c] = to[0]

        for name, table in (("latin.txt", self.latin),
                            ("unmask.txt", self.unmask)):
            for c in table:
                if c not in self.image:
                    die("%s: U+%04X never comes out of base" % (name, c))

    # what stands behind a mask

    def make_unmask(self):
        self.native = {"Cyrillic": [0] * 128, "Greek": [0] * 128}
        self.even, self.masked, self.drawn = {}, {}, {}

        for c, (to, words) in self.unmask.items():
            if any(x > 0xFFFF for x in [c, *to]):
                die("unmask.txt: U+%04X lies beyond U+FFFF" % c)

            if words:
                if len(to) > 1 or to and to[0] in self.unmask \
                   and self.unmask[to[0]][1] & words:
                    die("unmask.txt: U+%04X does not become one that stays" % c)

                table = self.drawn if "stroke" in words \
                    else self.masked if "masked" in words else self.even
                table[c] = to[0] if to else 0xFFFF

                continue

            native = self.native.get(self.script.get(c))

            if native is None:
                die("unmask.txt: U+%04X is not Cyrillic, nor Greek" % c)

            for x in to:
                if x > 0x7F or native[x]:
                    die("unmask.txt: U+%04X: U+%04X is not ASCII, or has a "
                        "letter" % (c, x))

                native[x] = c

    # han, steps 1 to 3

    def make_han(self):
        joined = dict(self.simplified)
        self.strokes, alike = {}, set()

        for c, (to, words) in self.variants.items():
            if c in self.base:
                die("han.txt: U+%04X never comes out of base" % c)

            if "stroke" in words:
                self.strokes[c] = to[0]
                continue

            joined[c] = to[0]

            if "alike" in words:
                alike.add(c)

        self.han, self.alike = {}, set()

        for c in joined:
            d, seen, evasive = c, set(), False

            while d in joined:
                if d in seen:
                    die("han.txt: U+%04X comes back to itself" % c)

                seen.add(d)
                evasive = evasive or d in alike
                d = joined[d]

            if c in self.base:
                continue

            if not (0x3400 <= c < 0xFB00 and 0x3400 <= d < 0xB400):
                die("U+%04X, a form of U+%04X, is out of the table" % (c, d))

            self.han[c] = d

            if evasive:
                self.alike.add(c)

    # classes

    def make_classes(self):
        self.digit = {}

        for c, value in self.decimal.items():
            if self.gc[c] == "Nd" and c not in self.base:
                self.digit[c] = (value, False)

        for c, value in self.numeral.items():
            self.digit[c] = (value, False)

        for c, (to, words) in self.words.items():
            self.digit[c] = (to[0] - 0x30, "even" not in words)

        # a word that holds a look-alike is judged whole

        scripts = {self.script[c] for c in self.latin} - {"Common"}
        scripts |= {"Latin", "Greek", "Cyrillic"}

        self.cls = {}

        for c in self.image:
            gc = self.gc[c]
            script = self.script.get(c, "Unknown")
            bits = 0

            if gc[0] == "M":
                group = "MARK"
            elif gc[0] == "L" or script == "Han" and gc == "Nl":
                group = SCRIPT_GROUPS.get(script, "LETTER")
                if c == 0x30FC:
                    group = "KANA"
            elif gc[0] == "N":
                group = "NUMBER"
            elif c == 0x20:
                group = "SPACE"
            else:
                group = "SYMBOL"

            if gc[0] in "LNM" and c != 0x30FB:
                bits |= KEEP

            if c in self.digit:
                bits |= DIGIT

            if c in self.strip or c in self.latin or c in self.han \
               or c in self.strokes:
                bits |= MAP

            if gc[0] == "L" and script in scripts or c in self.latin \
               or c in self.leet or 0x30 <= c <= 0x39:
                bits |= TOKEN

            self.cls[c] = GROUPS.index(group) | bits

    # sound

    def make_sound(self):
        tones = {}

        for plain, toned in (("a", "āáǎà"), ("e", "ēéěèê"), ("i", "īíǐì"),
                             ("o", "ōóǒò"), ("u", "ūúǔù"), ("v", "üǖǘǚǜ"),
                             ("n", "ńňǹ"), ("m", "ḿ")):
            for x in toned:
                tones[x] = plain

        self.sound = {}

        for c, reading in self.readings.items():
            if c in self.base or c in self.han:
                continue

            out = ""

            for x in reading:
                if 0x300 <= ord(x) <= 0x36F:
                    continue

                x = tones.get(x, x)

                if not "a" <= x <= "z":
                    die("U+%04X: the reading \"%s\" has no plain form"
                        % (c, reading))

                out += x

            self.sound[c] = out

        self.syllables = sorted(set(self.sound.values()))

    # what must hold, whatever the tables say

    def check(self):
        for c, to in self.base.items():
            for d in to:
                if d in self.base and d != c:
                    die("U+%04X becomes U+%04X, which does not stay" % (c, d))

        def size(cs):
            return sum(len(chr(d).encode()) for d in cs)

        def bound(view):
            return -(-max(n * 1000 // size([c]) for c, n in view) // 1000)

        whole = [(c, self.base.get(c, [c])) for c in self.gc
                 if self.gc[c] != "Cs"]

        def image(step):
            return [(c, sum(step(d) for d in to)) for c, to in whole]

        base = image(lambda d: size([d]))
        bare = image(lambda d: size([d]) if self.cls[d] & KEEP else 0)
        han = image(lambda d: size([self.han.get(d, self.strokes.get(d, d))])
                    if self.cls[d] & KEEP else 0)
        latin = image(lambda d: size([self.strip.get(d, d)])
                      if self.cls[d] & (KEEP | TOKEN) else 0)
        digits = [(c, self.digits_of(to)) for c, to in whole]
        sound = image(lambda d: max(len(self.sound.get(self.han.get(d, d), "")),
                                    0 if self.han.get(d, d) in self.sound
                                    else size([d]))
                      if self.cls[d] & KEEP else 0)

        # an ill-formed byte is three in raw and in base

        self.growth = {
            "BASE": max(3, bound(base)), "BARE": bound(bare),
            "HAN": bound(han), "LATIN": bound(latin),
            "DIGITS": bound(digits), "SOUND": bound(sound),
        }
        self.fold_chars = max(len(to) for c, to in whole)
        self.fold_bytes = max(n for c, n in base)


    def digits_of(self, to):
        """Digits, and one sign for each run of other letters."""

        n, run = 0, False

        for d in to:
            if self.cls[d] & DIGIT:
                n, run = n + 1, False
            elif self.cls[d] & KEEP and not run \
                    and GROUPS[self.cls[d] & 15] != "MARK":
                n, run = n + 1, True

        return n


class Writer:

    def __init__(self, data):
        self.data = data
        self.c, self.h, self.sizes = [], [], []

    def array(self, name, kind, values, width=None):
        size = {"uint8_t": 1, "uint16_t": 2, "uint32_t": 4,
                "uint64_t": 8}[kind]
        self.sizes.append((name, len(values), len(values) * size))
        self.h.append("extern const %s  %s[%d];" % (kind, name, len(values)))
        self.c.append("const %s  %s[%d] = {" % (kind, name, len(values)))

        texts = ["0x%x" % v if v > 9 else "%d" % v for v in values]
        line = "   "

        for i, x in enumerate(texts):
            x = " " + x + ("," if i < len(texts) - 1 else "")

            if len(line) + len(x) > 79:
                self.c.append(line)
                line = "   "

            line += x

        self.c += [line, "};", "", ""]

    def stages(self, name, kind, get, last=LAST, first=0):
        """A two-stage table; the index is as narrow as its blocks allow."""

        blocks, index, leaf = {}, [], []

        for start in range(first, last + 1, BLOCK):
            block = tuple(get(c) for c in range(start, start + BLOCK))

            if block not in blocks:
                blocks[block] = len(blocks)
                leaf += block

            index.append(blocks[block])

        # an index is a place in the leaves where that fits, else of a block

        if len(leaf) > 0x10000:
            wide = "uint8_t" if len(blocks) <= 256 else "uint16_t"
        else:
            wide, index = "uint16_t", [x * BLOCK for x in index]

        self.array("acct_%s_index" % name, wide, index)
        self.array("acct_%s_leaf" % name, kind, leaf)

    def base(self):
        d = self.data
        pool, where = [], {}

        def cc(c):
            return c | d.cls[c] << 24

        def place(words):
            words = tuple(words)

            if words not in where:
                where[words] = len(pool) + 256
                pool.extend(words)

            return where[words]

        def special(c):
            return c in d.ccc or c in d.second \
                or d.gc.get(c) == "Mn" and c not in d.base

        def leaf(c):
            # not to be taken for one that stays, by a reader in haste

            if 0xD800 <= c <= 0xDFFF:
                return place([SURROGATE])

            if c in REGIONAL:
                return place([FLAG | d.cls[c] << 24])

            if c in d.drops:
                return place([DROP | d.drops[c] << 16])

            altered = ALTERED if c in d.altered else 0

            if c not in d.base:
                if not special(c) and not altered:
                    return d.cls.get(c, 0)

                if altered and not special(c):
                    return place([1 | altered | PLAIN, cc(c)])

                if altered:
                    die("U+%04X is altered and may compose" % c)

                return place([SELF | d.cls[c] << 24 | d.ccc.get(c, 0) << 16
                              | (SECOND if c in d.second else 0)
                              | (NONSPACING if d.gc[c] == "Mn" else 0)
                              | (OVERLAY if c in d.overlays else 0)
                              | (FIRST if c in d.first else 0)])

            to = d.base[c]
            plain = PLAIN if not any(special(x) for x in to) else 0

            return place([len(to) | altered | plain] + [cc(x) for x in to])

        leaves = [leaf(c) for c in range(LAST + 1)]

        if len(pool) + 256 > 0xFFFF:
            die("the pool is full")

        # Most characters need the first table alone: those that stay, and
        # those of a plain fold that many share.  Its leaves are numbers of
        # what is to be added for the character with its class.

        add = sorted({v << 24 for v in leaves if v < 256})
        stay = len(add)
        folds = collections.Counter()

        for c, v in enumerate(leaves):
            if v > 255 and pool[v - 256] == 1 | PLAIN:
                folds[pool[v - 255] - c & 0xFFFFFFFF] += 1

        add += [x for x, n in sorted(folds.items(),
                                     key=lambda f: (-f[1], f[0]))]
        del add[255:]
        number = {x: i for i, x in enumerate(add)}

        def kind(c):
            v = leaves[c]

            if v < 256:
                return number[v << 24]
            if pool[v - 256] == 1 | PLAIN:
                return number.get(pool[v - 255] - c & 0xFFFFFFFF, 255)
            return 255

        self.stages("class", "uint8_t", kind)
        self.array("acct_class_add", "uint32_t",
                   add + [0] * (256 - len(add)))
        self.stay = stay
        self.stages("base", "uint16_t",
                    lambda c: leaves[c] - 256 if leaves[c] > 255 else 0)
        self.array("acct_base_pool", "uint32_t", pool)

        ascii = []

        for c in range(128):
            v = leaves[c]

            if v < 256:
                ascii.append(cc(c))
            elif pool[v - 256] & 0xFFFF == 1 | PLAIN:
                ascii.append(pool[v - 256 + 1])
            else:
                ascii.append(0)

        self.array("acct_base_ascii", "uint32_t", ascii)

    def write(self, folder):
        d = self.data

        self.base()

        pairs = sorted(a << 42 | b << 21 | c for (a, b), c in d.pairs.items())
        order = sorted(range(len(pairs)), key=lambda i: pairs[i] & 0x1FFFFF)
        self.array("acct_pairs", "uint64_t", pairs)
        self.array("acct_pairs_order", "uint16_t", order)

        ids = {s: i for i, s in enumerate(d.scripts)}

        if len(ids) > 256:
            die("too many scripts")

        self.stages("script", "uint8_t",
                    lambda c: ids[d.script.get(c, "Unknown")])
        self.array("acct_scripts", "uint8_t",
                   [(1 if s in LOOSE else 0) | (2 if s in d.joins else 0)
                    | (4 if s in ("Hiragana", "Katakana") else 0)
                    | (8 if s == "Inherited" else 0) for s in d.scripts])

        flags = [0] * (-(-676 // 8))

        for a, b in d.flags:
            i = (a - REGIONAL[0]) * 26 + b - REGIONAL[0]
            flags[i >> 3] |= 1 << (i & 7)

        self.array("acct_flag_pairs", "uint8_t", flags)

        if any(x > 0xFFFF for x in [*d.strip, *d.strip.values()]):
            die("a letter without its marks lies beyond U+FFFF")

        def lookalike(c):
            to, words = d.latin.get(c, ([0], ()))
            return (0x8000 if "strict" in words else 0) \
                | (0x4000 if "even" in words else 0) | to[0]

        self.stages("strip", "uint16_t", lambda c: d.strip.get(c, 0), 0xFFFF)
        self.stages("lookalike", "uint16_t", lookalike, 0xFFFF)

        leet = [0] * 128

        for c, (to, words) in d.leet.items():
            leet[c] = to[0] | (0 if "even" in words else 0x80)

        self.array("acct_leet", "uint8_t", leet)

        self.stages("han", "uint16_t",
                    lambda c: 0 if c not in d.han else
                    (d.han[c] - 0x3400 | (0x8000 if c in d.alike else 0)),
                    0xFAFF, 0x3400)
        self.array("acct_strokes", "uint32_t",
                   [c << 16 | x for c, x in sorted(d.strokes.items())])

        for script, native in d.native.items():
            self.array("acct_unmask_" + script.lower(), "uint16_t", native)

        for name, table in (("even", d.even), ("masked", d.masked),
                            ("drawn", d.drawn)):
            self.array("acct_unmask_" + name, "uint32_t",
                       [c << 16 | x for c, x in sorted(table.items())])

        runs = []

        for c, (value, evasive) in sorted(d.digit.items()):
            if runs and c == runs[-1][0] + runs[-1][1] and \
               value == runs[-1][2] + runs[-1][1] and \
               evasive == runs[-1][3]:
                runs[-1][1] += 1
            else:
                runs.append([c, 1, value, evasive])

        self.array("acct_digit_runs", "uint32_t",
                   [c << 9 | n - 1 << 5 | value << 1 | evasive
                    for c, n, value, evasive in runs])

        number = {s: i + 1 for i, s in enumerate(d.syllables)}
        longest = max(len(s) for s in d.syllables)

        self.stages("sound", "uint16_t",
                    lambda c: number[d.sound[c]] if c in d.sound else 0,
                    0x3FFFF)
        self.array("acct_syllables", "uint8_t",
                   [x for s in [""] + d.syllables
                    for x in [ord(y) for y in s.ljust(7, "\0")] + [len(s)]])

        if longest > 7:
            die("a reading is longer than its row")

        defines = [("ACCT_UNICODE_VERSION", '"%s"' % VERSION)]
        defines += [("ACCT_CLASS_" + g, str(i)) for i, g in enumerate(GROUPS)]
        defines += [
            ("ACCT_CLASS_GROUP", "0x0f"), ("ACCT_CLASS_KEEP", "0x10"),
            ("ACCT_CLASS_DIGIT", "0x20"), ("ACCT_CLASS_MAP", "0x40"),
            ("ACCT_CLASS_TOKEN", "0x80"),
            ("ACCT_CLASS_STAY", str(self.stay)),
            ("ACCT_BASE_SELF", "0x0100"), ("ACCT_BASE_DROP", "0x0200"),
            ("ACCT_BASE_ALTERED", "0x0400"), ("ACCT_BASE_PLAIN", "0x0800"),
            ("ACCT_BASE_SECOND", "0x1000"),
            ("ACCT_BASE_NONSPACING", "0x2000"), ("ACCT_BASE_FLAG", "0x4000"),
            ("ACCT_BASE_FIRST", "0x8000"),
            ("ACCT_BASE_LEN", "0x00ff"), ("ACCT_BASE_OVERLAY", "0x0001"),
            ("ACCT_DROP_CONTROL", "1"), ("ACCT_DROP_IGNORABLE", "2"),
            ("ACCT_DROP_BIDI", "4"), ("ACCT_DROP_JOINER", "8"),
            ("ACCT_DROP_ENCLOSING", "16"), ("ACCT_DROP_SELECTOR", "32"),
            ("ACCT_SCRIPT_LOOSE", "1"), ("ACCT_SCRIPT_JOINS", "2"),
            ("ACCT_SCRIPT_KANA", "4"), ("ACCT_SCRIPT_INHERITED", "8"),
            ("ACCT_SYLLABLE_MAX", str(longest)),
            ("ACCT_FOLD_CHARS", str(d.fold_chars)),
            ("ACCT_FOLD_BYTES", str(d.fold_bytes)),
        ]
        defines += [("ACCT_GROWTH_" + v, str(n)) for v, n in d.growth.items()]

        with open(os.path.join(HERE, "UNICODE-LICENSE"),
                  encoding="utf-8") as f:
            notice = f.read().rstrip("\n").split("\n")

        made = ["", "/*",
                " * Made by unicode/tables.py from the files of Unicode %s and "
                "from our own" % VERSION,
                " * tables beside it; never edited.  What comes from Unicode "
                "stands under this",
                " * notice:", " *"]
        made += [(" *  " + x).rstrip() for x in notice] + [" */", "", ""]

        head = made + ["#ifndef ACCT_UNICODE_DATA_H_INCLUDED",
                       "#define ACCT_UNICODE_DATA_H_INCLUDED", "", "",
                       "#include <stdint.h>", "", ""]
        head += ["#define %-26s  %s" % x for x in defines]
        head += ["", ""] + self.h
        head += ["", "", "#endif /* ACCT_UNICODE_DATA_H_INCLUDED */", ""]

        body = made + ['#include "acct_unicode_data.h"', "", ""] + self.c

        while body[-1] == "":
            body.pop()

        for name, lines in (("acct_unicode_data.h", head),
                            ("acct_unicode_data.c", body + [""])):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write("\n".join(lines))

        for name, n, size in self.sizes:
            print("%-22s %7d entries %8d bytes" % (name, n, size))

        print("%-22s %24d bytes" % ("all", sum(x[2] for x in self.sizes)))


def main():
    p = argparse.ArgumentParser(description="makes acct_unicode_data.[ch]")
    p.add_argument("--ucd", default="/usr/share/unicode", metavar="DIR")
    p.add_argument("--out", required=True, metavar="DIR")
    args = p.parse_args()

    Writer(Data(Ucd(args.ucd))).write(args.out)


if __name__ == "__main__":
    main()
