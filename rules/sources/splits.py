#!/usr/bin/python3
#
# Copyright (C) the ngx_acctinfo_module authors
#
# Makes rules/lists/splits-*.txt of splits.txt and homophones.txt: protected
# names, and words of the trades, with one of their characters drawn apart, and
# with all of those that can be.  What one of the ordinary texts holds is left
# out.

import glob
import os

from terms import shortest

HERE = os.path.dirname(os.path.abspath(__file__))


def groups(name):
    parts, current = {}, None

    with open(os.path.join(HERE, name), encoding='utf8') as f:
        for line in f:
            line = line.split('#')[0].strip()

            if line.startswith('['):
                current = parts.setdefault(line.strip('[]'), [])

            elif line and not line.startswith('!'):
                current += line.split()

    return parts


def apart(word, parts):
    for i, c in enumerate(word):
        for p in parts.get(c, []):
            yield word[:i] + p + word[i + 1:]

    yield ''.join(parts[c][0] if c in parts else c for c in word)


def main():
    own = groups('splits.txt')
    parts = {}

    for item in own.pop('parts'):
        if len(item) > 2:
            parts.setdefault(item[0], []).append(item[1:])

    ordinary = ''

    for path in glob.glob(os.path.join(HERE, '..', 'ordinary', '*')):
        with open(path, encoding='utf8') as f:
            ordinary += f.read()

    names = groups('homophones.txt')
    names.update(own)

    made = set()

    for group, members in sorted(names.items()):
        words = {s for w in members for s in apart(w, parts) if s != w
                 and s not in ordinary and s not in made}
        made |= words
        words = shortest(words)

        if not words:
            continue

        with open(os.path.join(HERE, '..', 'lists', f'splits-{group}.txt'),
                  'w', encoding='utf8') as f:
            f.write('# Protected words with characters drawn apart, made by\n'
                    '# sources/splits.py of sources/splits.txt; never edited.\n'
                    '# Source: own list.\n')
            f.write('\n'.join(sorted(words)) + '\n')


main()
