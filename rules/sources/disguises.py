#!/usr/bin/python3
#
# Copyright (C) the ngx_acctinfo_module authors
#
# Makes rules/lists/disguises.txt of disguises.txt: names of messengers with one
# or two of their letters exchanged for signs, or all of some for figures, with a vowel masked, and with
# something between all of them.  What one of the ordinary texts holds as a word
# is left out.

import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))

LEET = {'e': '3', 'a': '4@', 'i': '1!', 'o': '0', 's': '5', 't': '7',
        'l': '1', 'е': '3', 'а': '4@', 'о': '0', 'т': '7'}

VOWELS = 'aeiouаеиоуяіイアオ'


def groups(name):
    parts, current = {}, None

    with open(os.path.join(HERE, name), encoding='utf8') as f:
        for line in f:
            if line.startswith('#'):
                continue

            line = line.strip()

            if re.fullmatch(r'\[[a-z]+\]', line):
                current = parts.setdefault(line.strip('[]'), [])

            elif line:
                current += line.split()

    return parts


def exchanged(word, letters, most):
    """The word with one, or two, of its letters as signs."""

    for i, c in enumerate(word):
        for sign in letters.get(c, []):
            yield word[:i] + sign + word[i + 1:]

            if most < 2:
                continue

            for j in range(i + 1, len(word)):
                for other in letters.get(word[j], []):
                    yield (word[:i] + sign + word[i + 1:j] + other
                           + word[j + 1:])


def leet(word):
    """The word with every one of some letters as its figure."""

    out = {word}

    for c, signs in LEET.items():
        out |= {w.replace(c, s) for w in out for s in signs}

    return out


def masked(word, masks):
    for i in range(1, len(word)):
        if word[i] in VOWELS:
            for m in masks:
                yield word[:i] + m + word[i + 1:]


def main():
    own = groups('disguises.txt')
    letters = {}

    for item in own['letters']:
        letters.setdefault(item[0], []).append(item[1:])

    made = set(own['own'])

    for word in own['long']:
        made.update(exchanged(word, letters, 2 if len(word) < 9 else 1))
        made.update(leet(word))
        made.update(masked(word, own['masks']))
        made.update(s.join(word) for s in [' '] + own['between'])

    for word in own['short']:
        made.update(leet(word))
        made.update(exchanged(word, letters, 1))
        made.update(s.join(word) for s in ' -_*/·•|~')

    words = set()

    for path in glob.glob(os.path.join(HERE, '..', 'ordinary', '*')):
        with open(path, encoding='utf8') as f:
            words.update(f.read().lower().split())

    made -= words
    made -= set(own['long'] + own['short'] + own['not'])

    with open(os.path.join(HERE, '..', 'lists', 'disguises.txt'), 'w',
              encoding='utf8') as f:
        f.write('# Names of messengers, written so that they are not found.\n'
                '# Source: made by sources/disguises.py of disguises.txt;'
                ' never edited.\n\n')
        f.write('\n'.join(sorted(made)) + '\n')

    print(f'disguises: {len(made)}')


main()
