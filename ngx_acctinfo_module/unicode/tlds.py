#!/usr/bin/python3
"""Writes acct_shape_data.c: the top-level domains of a list of public suffixes.

    tlds.py /usr/share/publicsuffix/effective_tld_names.dat > acct_shape_data.c
"""

import sys

names, version = set(), ""
with open(sys.argv[1], encoding="utf-8") as f:
    for line in f:
        line = line.strip()
        if line.startswith("// VERSION:"):
            version = line[3:]
        if line.startswith("// ===BEGIN PRIVATE"):
            break
        if not line or line.startswith(("//", "*", "!")):
            continue
        label = line.split()[0].rsplit(".", 1)[-1]
        if label.isascii() and label.isalpha():
            names.add(label)

print(f"""
/*
 * Made by unicode/tlds.py from the list of public suffixes; never edited.
 *
 * {version or "The list of Debian's package publicsuffix."}
 *
 * The list is under the Mozilla Public License, v. 2.0; a copy of it can be
 * had at https://mozilla.org/MPL/2.0/.  Here are the names of its top-level
 * domains in ASCII letters, and nothing else of it.
 */


#include "acct_shape.h"


const char *const  acct_tlds[] = {{""")
for name in sorted(names):
    print(f'    "{name}",')
print("""};


const size_t  acct_tlds_n = sizeof(acct_tlds) / sizeof(acct_tlds[0]);""")
