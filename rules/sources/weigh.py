#!/usr/bin/python3
#
# Copyright (C) the ngx_acctinfo_module authors
#
# Makes rules/lists/weights-*.txt: what small signs are worth that say nothing
# alone.  They are learned from lines of which a person said whether they may
# pass (told/*.tsv), from the examples of the packs, and from the ordinary
# texts, by logistic regression (Debian: python3-sklearn).  The signs are whole
# words and how words begin, numbers, and where words are not set apart pieces
# of one to five characters, as the core reads them in the view han: "_" is an
# edge, "0" any digit.
#
#     weigh.py                      learn; write the lists, and into hints.json
#                                   what they must add up to
#     weigh.py --try FILE...        learn from all but a tenth, and say what of
#                                   that tenth and of the files would be found
#
# The command must have been built.  Four minutes.

import argparse
import glob
import hashlib
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.dirname(HERE)
COMMAND = os.environ.get('ACCTINFO',
                         os.path.join(RULES, '..', 'build', 'acctinfo'))

LONGEST = 5             # characters of a piece
LONGEST_HAN = 4         # and of one of Han or kana
BEGINNING = 8           # letters of the beginning of a word, at most
WORD = 14               # letters of a whole one, at most
STRETCH, STEP = 128, 64 # acct_weigh.h
UNIT = 20               # a weight of the lists is that of the model, so often
TERMS = 24000           # at most; those that tell the most
HEAVIEST = 1000         # acct_weigh.h

# how much a line counts: what was told, what is honest and was told, what is
# ordinary

WEIGH_BAD, WEIGH_HONEST, WEIGH_ORDINARY = 1, 2, 0.3

# A rule asks for what so few of the ordinary lines weigh that were not learned
# from.  Names may be found a little sooner, for they are short.

RARE = {'HNT-0001': 0.0002,             # level 1
        'HNT-0002': 0.0015,             # level 2
        'HNT-0003': 0.003}              # level 2, names
ALL, NAMES = 'HNT-0002', 'HNT-0003'

SCRIPTS = (
    ('han', lambda c: 0x2e80 <= c < 0x3040 or 0x3100 <= c < 0xa000
                      or 0xf900 <= c < 0xfb00 or c >= 0x20000),
    ('kana', lambda c: 0x3040 <= c < 0x3100),
    ('hangul', lambda c: 0x1100 <= c < 0x1200 or 0xac00 <= c < 0xd7b0),
    ('cyrillic', lambda c: 0x400 <= c < 0x530),
    ('greek', lambda c: 0x370 <= c < 0x400),
    ('arabic', lambda c: 0x600 <= c < 0x780),
    ('indic', lambda c: 0x900 <= c < 0xe00),
    ('thai', lambda c: 0xe00 <= c < 0xe80),
    ('latin', lambda c: True),
)


def is_close(c):
    """Han and kana, between which there is no edge"""

    c = ord(c)

    return SCRIPTS[0][1](c) or SCRIPTS[1][1](c)


def view(texts, *options, name='han'):
    texts = [' '.join(t.split()) for t in texts]
    run = subprocess.run([COMMAND, 'view', '-v', name, *options],
                         input='\n'.join(texts) + '\n', capture_output=True,
                         encoding='utf8', check=True)

    return run.stdout.split('\n')


def symbols(texts):
    """what the core weighs: each text of the view han, with its edges"""

    out, now, close = [], [], False

    for line in view(texts, '--offsets'):
        if not line:
            out.append('_' + ''.join(now) + '_' if now else '')
            now, close = [], False
            continue

        char, _, _, *notes = line.split('\t')
        note = notes[0] if notes else ''
        here = is_close(char)

        if now and ('gap before' in note or 'a capital behind' in note) \
           and not (here and close):
            now.append('_')

        now.append('0' if char in '0123456789' else char)
        close = here

    return out[:len(texts)]


def is_letters(piece):
    """of scripts that set words apart: not of Thai and its neighbours, Khmer,
    kana, Han and Hangul"""

    return all(c not in '0_' and (ord(c) < 0xe00 or 0x10a0 <= ord(c) < 0x1780
                                  or 0x1800 <= ord(c) < 0x2e80)
               for c in piece)


def signs(text):
    """of a text; an edge is only at either end of one"""

    found = set()

    for i in range(len(text)):
        for k in range(1, LONGEST + 1):
            piece = text[i:i + k]

            if len(piece) < k or '_' in piece[1:-1]:
                break

            core = piece.strip('_')

            if not core or (k > LONGEST_HAN and any(map(is_close, piece))):
                continue

            if any(map(is_letters, core)) and not any(map(is_close, core)):
                continue

            found.add(piece)

    for word in text.split('_'):
        found.update('_' + word[:k] for k in range(1, BEGINNING + 1)
                     if k <= len(word))

        if 0 < len(word) <= WORD:
            found.add('_' + word + '_')

    return found


def told(files):
    rows = {}

    for name in files:
        with open(name, encoding='utf8') as f:
            for line in f:
                cells = line.rstrip('\n').split('\t')

                if len(cells) >= 5 and cells[0] in ('bad', 'good'):
                    rows.setdefault(cells[4], (cells[0], cells[1], cells[3]))

    return rows


def examples():
    """of the packs; what weighs is not taught by itself"""

    rows = {}

    for name in sorted(glob.glob(RULES + '/*.json')):
        with open(name, encoding='utf8') as f:
            rules = json.load(f)['rules']

        for rule in rules:
            if 'weights' in rule or rule.get('stage') == 'retired':
                continue

            for key, verdict in (('match', 'bad'), ('pass', 'good')):
                for e in rule.get(key, []):
                    e = e if isinstance(e, str) else e.get('value', '')
                    rows.setdefault(e, (verdict, '', ''))

    return rows


def ordinary():
    lines = []

    for name in sorted(glob.glob(RULES + '/ordinary/*.txt')):
        with open(name, encoding='utf8') as f:
            lines += [l.rstrip('\n') for l in f
                      if l.strip() and not l.startswith('#')]

    return lines


def unmasked(texts):
    """of those that wear a mask, what stands behind it: it is weighed too"""

    return [off for on, off in zip(view(texts, name='base'),
                                   view(texts, '--masks', name='base'))
            if on != off]


def tenth(text):
    return hashlib.sha256(text.encode()).digest()[0] < 26


class Model:
    """texts, taught with what each counts; then the weight of every sign"""

    def __init__(self, texts, bad, counts):
        import numpy
        from sklearn.feature_extraction.text import CountVectorizer

        self.texts, self.bad = texts, bad
        self.counts = numpy.array(counts, dtype=float)

        vector = CountVectorizer(analyzer=signs, min_df=3, binary=True)
        self.table = vector.fit_transform(texts).tocsc()
        self.names = vector.get_feature_names_out()

        keep = numpy.array([n in FOLDED for n in foldable(self.names)])
        self.table = self.table[:, keep]
        self.names = self.names[keep]

    def learn(self):
        import numpy

        weights = self.fit(self.table)
        total = self.counts.sum()
        part = numpy.asarray(self.table.T @ self.counts).ravel() / total
        tells = numpy.abs(weights) * numpy.sqrt(part * (1 - part))

        chosen = numpy.sort(numpy.argsort(-tells, kind='stable')[:TERMS])
        weights = self.fit(self.table[:, chosen])

        self.weights = {}

        for name, w in zip(self.names[chosen], weights):
            w = max(-HEAVIEST, min(HEAVIEST, round(w * UNIT)))

            if w:
                self.weights[name] = int(w)

    def fit(self, table):
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=0.5, max_iter=300, solver='liblinear',
                                   random_state=1)
        model.fit(table.tocsr(), self.bad, sample_weight=self.counts)

        return model.coef_[0]

    def weigh(self, text):
        best = 0

        for start in range(0, max(1, len(text)), STEP):
            s = sum(self.weights.get(p, 0)
                    for p in signs(text[start:start + STRETCH]))
            best = max(best, s)

            if start + STRETCH >= len(text):
                break

        return best


FOLDED = set()


def foldable(names):
    """signs that a list can say: those that fold to themselves"""

    bare = [n.strip('_') for n in names]
    FOLDED.update(n for n, b, v in zip(names, bare, view(bare)) if b == v)

    return names


def write(weights):
    lists = {}

    for name, w in weights.items():
        chars = [ord(c) for c in name if c not in '_0']
        script = next((s for s, has in SCRIPTS[:-1]
                       if any(has(c) for c in chars)), 'latin')
        lists.setdefault(script, []).append((-w, name))

    for script, _ in SCRIPTS:
        path = '%s/lists/weights-%s.txt' % (RULES, script)

        with open(path, 'w', encoding='utf8') as f:
            f.write('# Made by sources/weigh.py: what speaks for a text that '
                    'is to be looked at,\n# and against it.\n\n')

            for w, name in sorted(lists.get(script, [])):
                f.write('%s\tweight=%d\n' % (name, -w))

        print('%-24s %6d terms' % (os.path.basename(path),
                                   len(lists.get(script, []))))


def ask_for(least):
    path = RULES + '/hints.json'

    with open(path, encoding='utf8') as f:
        pack = json.load(f)

    for rule in pack['rules']:
        if rule['id'] in least:
            rule['weights']['least'] = least[rule['id']]

    with open(path, 'w', encoding='utf8') as f:
        json.dump(pack, f, ensure_ascii=False)

    subprocess.run([COMMAND, 'fmt', path], check=True)


def rare(sums, part):
    """what so few of them reach"""

    return sorted(sums)[max(0, len(sums) - 1 - int(len(sums) * part))] + 1


def teach(rows, lines):
    texts = symbols(list(rows) + lines)
    bad = [r[0] == 'bad' for r in rows.values()] + [False] * len(lines)
    counts = [WEIGH_BAD if r[0] == 'bad' else WEIGH_HONEST
              for r in rows.values()] + [WEIGH_ORDINARY] * len(lines)

    print('%d told and bad, %d told and honest, %d ordinary'
          % (sum(bad), len(rows) - sum(bad), len(lines)), flush=True)

    model = Model(texts, bad, counts)
    model.learn()

    return model


def main():
    args = argparse.ArgumentParser()
    args.add_argument('--try', dest='files', nargs='+')
    args.add_argument('--told', default=HERE + '/told/*.tsv')
    args = args.parse_args()

    rows = examples()
    rows.update(told(sorted(glob.glob(args.told))))
    lines = ordinary()
    lines = [l for l in dict.fromkeys(lines + unmasked(lines))
             if l not in rows]

    kept = {}

    if args.files:
        kept = {t: r for t, r in rows.items() if tenth(t)}
        rows = {t: r for t, r in rows.items() if t not in kept}

    taught = [l for l in lines if not tenth(l)]
    others = [l for l in lines if tenth(l)]

    model = teach(rows, taught)
    sums = [model.weigh(t) for t in symbols(others)]
    least = {rule: rare(sums, part) for rule, part in RARE.items()}

    print('%d terms; by %d ordinary lines that were not learned from, least is'
          % (len(model.weights), len(others)), least, flush=True)

    if args.files:
        for what, some in [('the tenth', kept)] \
                          + [(f, told([f])) for f in args.files]:
            found = {'bad': [0, 0], 'good': [0, 0]}

            for s, (verdict, field, _) in zip(symbols(list(some)),
                                              some.values()):
                enough = least[NAMES if field == 'name' else ALL]
                found[verdict][0] += model.weigh(s) >= enough
                found[verdict][1] += 1

            print('%-24s bad found %d of %d, honest found %d of %d'
                  % (os.path.basename(what), *found['bad'], *found['good']))

        return

    # all of them now; one that is found counts more, until none is

    model = teach(rows, lines)

    for _ in range(10):
        heavy = [i for i in range(len(rows), len(model.texts))
                 if model.weigh(model.texts[i]) >= least[NAMES]]
        print('%d ordinary lines found' % len(heavy), flush=True)

        if not heavy:
            break

        model.counts[heavy] *= 4
        model.learn()

    write(model.weights)
    ask_for(least)


main()
