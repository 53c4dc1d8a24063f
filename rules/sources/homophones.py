#!/usr/bin/python3
#
# Copyright (C) the ngx_acctinfo_module authors
#
# Makes rules/lists/homophones-*.txt of rules/sources/homophones.txt and of the
# readings of characters in Debian's unicode-data (Unihan_Readings): each name
# with one of its characters by another of the same syllable, or in letters.
#
# A spelling that a dictionary knows is no spelling of something else: whatever
# stands in --dictionary (one word a line, the first column) is left out, and so
# is what one of the ordinary texts holds.

import argparse
import bz2
import glob
import os
import re
import unicodedata

from terms import shortest

HERE = os.path.dirname(os.path.abspath(__file__))
HAN = os.path.join(HERE, '..', '..', 'ngx_acctinfo_module', 'unicode',
                   'han.txt')
READINGS = '/usr/share/unicode/Unihan_Readings.txt.bz2'

# seen as one another, whatever they sound like
SEEN = ['工土士', '人入八', '日曰', '末未', '民皿', '己已巳', '大太犬', '东㒰',
        '安桉', '局居', '银垠', '商啇', '天夭', '王玉主', '支攴', '微徽薇',
        '官宫管宦', '系糸', '子孑', '出岀', '本夲', '底厎', '间问', '干千于',
        '折拆', '院完', '住往佳', '国囻囯', '告吿', '总縂', '团団', '款歀', '拉菈',
        '户戶尸', '查査', '客容']


# of words of the trades only letters are a disguise: their other spellings are
# words too often
LETTERS = {'trade'}

# a spelling that holds another is as good as found, unless a rule asks what
# stands beside it
ALONE = {'organs', 'trade'}

TONED = {}


def plain(syllable):
    s = unicodedata.normalize('NFD', syllable.replace('ü', 'v'))
    return ''.join(c for c in s if not unicodedata.combining(c))


def typed(c):
    try:
        c.encode('gb2312')
        return True

    except UnicodeEncodeError:
        return False


def readings():
    common = {}

    with bz2.open(READINGS, 'rt', encoding='utf-8') as f:
        for line in f:
            m = re.match(r'U\+([0-9A-F]+)\tkTGHZ2013\t(.*)', line)

            if not m:
                continue

            c = chr(int(m[1], 16))
            s = {plain(x) for x in re.findall('[^0-9.:, ]+', m[2])}

            # what a keyboard offers: the 6763 of GB 2312

            if typed(c):
                common[c] = s
                TONED[c] = set(re.findall('[^0-9.:, ]+', m[2]))

    return common


def folded():
    """characters that the view han turns into others itself"""

    with open(HAN, encoding='utf-8') as f:
        return {chr(int(line.split()[0], 16)) for line in f
                if re.match('[0-9A-F]{4,5}\t', line)}


def spellings(name, common, sounds, letters):
    for i, c in enumerate(name):
        same = set() if letters else {x for s in common.get(c, [])
                                      for x in sounds[s]}

        if not letters:
            same |= {x for group in SEEN if c in group for x in group}

        for x in same - {c}:
            yield name[:i] + x + name[i + 1:]

        # letters for one character, with the tone's mark or without

        for s in common.get(c, []):

            # at an end, two letters begin a word of another language

            if letters and len(s) < 3 and i in (0, len(name) - 1):
                continue

            yield name[:i] + s + name[i + 1:]

        for s in TONED.get(c, []):
            yield name[:i] + s + name[i + 1:]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--dictionary', required=True)
    args = ap.parse_args()

    common = readings()
    sounds = {}

    for c, syllables in common.items():
        for s in syllables:
            sounds.setdefault(s, set()).add(c)

    for c in folded():
        for same in sounds.values():
            same.discard(c)

        for i, group in enumerate(SEEN):
            SEEN[i] = group.replace(c, '')

    with open(args.dictionary, encoding='utf-8') as f:
        words = {line.split()[0] for line in f if line.strip()}

    ordinary = ''

    for path in sorted(glob.glob(os.path.join(HERE, '..', 'ordinary', '*'))):
        with open(path, encoding='utf-8') as f:
            ordinary += f.read()

    lists, dropped, current = {}, set(), None

    with open(os.path.join(HERE, 'homophones.txt'), encoding='utf-8') as f:
        for line in f:
            line = line.split('#')[0].strip()

            if line.startswith('['):
                current = lists.setdefault(line[1:-1], [])

            elif line.startswith('!'):
                dropped.update(line[1:].split())

            elif line:
                current.extend(line.split())

    names = {n for group in lists.values() for n in group}

    for group, members in lists.items():
        terms = sorted({s for n in members
                        for s in spellings(n, common, sounds,
                                            group in LETTERS)
                        if s not in words and s not in dropped
                        and s not in names and s not in ordinary})

        if group in ALONE:
            terms = shortest(terms)

        with open(os.path.join(HERE, '..', 'lists', f'homophones-{group}.txt'),
                  'w', encoding='utf-8') as f:
            f.write('# Spellings of protected names, one character by another '
                    'of the same sound,\n# or in letters.  Made by '
                    'sources/homophones.py; never edited.  Readings: Unicode\n'
                    '# Han database; licences/unicode-data.\n')
            f.write(''.join(t + '\n' for t in terms))

        print(f'{group}: {len(members)} names, {len(terms)} spellings')


main()
