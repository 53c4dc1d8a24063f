#!/usr/bin/python3
#
# Copyright (C) the ngx_acctinfo_module authors
#
# Makes rules/lists/desks*.txt of rules/sources/desks.txt: what a desk is for
# with what a desk is called.  A word that a dictionary knows (--dictionary,
# one word a line, the first column) is left out where it names no desk: it is
# printed, for the maintainer to judge, and kept unless "!" drops it.

import argparse
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, words):
    with open(os.path.join(HERE, '..', 'lists', name), 'w',
              encoding='utf8') as f:
        f.write('# What a desk is for with what a desk is called, made by\n'
                '# sources/desks.py of sources/desks.txt; never edited.\n'
                '# Source: own list.\n')
        f.write('\n'.join(words) + '\n')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--dictionary')
    args = parser.parse_args()

    parts, drop, name = {}, set(), None

    with open(os.path.join(HERE, 'desks.txt'), encoding='utf8') as f:
        for line in f:
            line = line.strip()

            if line.startswith('#') or not line:
                continue

            if line.startswith('['):
                name = line.strip('[]')
                parts[name] = []

            elif line.startswith('!'):
                drop.update(line[1:].split())

            else:
                parts[name] += line.split()

    words = sorted({b + d for b in parts['business'] for d in parts['desk']}
                   - drop)

    if args.dictionary:
        with open(args.dictionary, encoding='utf8') as f:
            known = {line.split()[0] for line in f if line.strip()}

        print('\n'.join(w for w in words if w in known))

    write('desks.txt', words)
    write('desks-money.txt', sorted({b + d for b in parts['money']
                                     for d in parts['counter']} - drop))
    write('desks-order.txt', sorted({b + d for b in parts['power']
                                 for d in parts['keeper']} - drop))


main()
