#!/usr/bin/python3

"""What of core/ its tests reach: a line for each file.

    coverage.py BUILD [FILE...]

The core, its tests and the command are built with gcc's counters into BUILD,
the tests of t/core and t/cli run, and gcov's numbers are told.  For each FILE
(acct_json.c) the branches that no test took are printed, with their lines.
"""

import glob
import json
import os
import subprocess
import sys

SOURCE = "ngx_acctinfo_module"
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-O0", "-g", "--coverage",
         "-I" + SOURCE + "/core"]
LIBS = ["-lhs", "-ljansson", "-lcrypto", "-lz", "-lgcov"]


def run(args, **more):
    return subprocess.run(args, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **more)


def build(args, target, sources):
    newest = max(os.path.getmtime(s) for s in sources)

    if os.path.exists(target) and os.path.getmtime(target) > newest:
        return

    done = run(args)

    if done.returncode:
        sys.exit(done.stdout.decode())


def main():
    out = sys.argv[1]
    misses = sys.argv[2:]

    os.makedirs(out, exist_ok=True)

    headers = glob.glob(SOURCE + "/*/*.h") + glob.glob("t/core/*.h")

    def objects(sources, folder):
        made = []

        for source in sources:
            target = "%s/%s%s.o" % (out, folder,
                                    os.path.basename(source)[:-2])
            build(["gcc"] + FLAGS + ["-c", "-o", target, source], target,
                  [source] + headers)
            made.append(target)

        return made

    core = objects(sorted(glob.glob(SOURCE + "/core/*.c")), "")
    cli = objects(sorted(glob.glob(SOURCE + "/cli/*.c")), "cli-")

    build(["gcc", "-o", out + "/acctinfo"] + core + cli + LIBS,
          out + "/acctinfo", core + cli)

    for data in glob.glob(out + "/*.gcda"):
        os.remove(data)

    failed = []

    for test in sorted(glob.glob("t/core/*.c")):
        name = os.path.basename(test)[:-2]
        target = out + "/t-" + name

        build(["gcc"] + FLAGS + ["-o", target, test] + core + LIBS, target,
              [test] + core + headers)

        done = run([target])

        if done.returncode or b"\nnot ok" in done.stdout:
            failed.append(test)

    done = run(["prove", "--exec", ""] + sorted(glob.glob("t/cli/*.t")),
               env=dict(os.environ, ACCTINFO=out + "/acctinfo"))

    if done.returncode:
        failed.append("t/cli")

    for name in failed:
        print("failed:", name)

    print("%-22s %14s %18s" % ("", "lines", "branches"))

    total = [0, 0, 0, 0]

    for source in sorted(glob.glob(SOURCE + "/core/*.c")):
        name = os.path.basename(source)
        data = out + "/" + name[:-2] + ".gcda"

        if not os.path.exists(data):
            continue

        told = json.loads(subprocess.run(["gcov", "-b", "-j", "-t", data],
                                         capture_output=True).stdout)

        lines, branches = {}, {}

        for file in told["files"]:
            if os.path.basename(file["file"]) != name:
                continue

            for line in file["lines"]:
                n = line["line_number"]
                lines[n] = lines.get(n, 0) + line["count"]

                for i, branch in enumerate(line["branches"]):
                    branches[n, i] = branches.get((n, i), 0) + branch["count"]

        counts = [sum(1 for c in lines.values() if c), len(lines),
                  sum(1 for c in branches.values() if c), len(branches)]

        if not counts[3]:
            continue

        total = [a + b for a, b in zip(total, counts)]

        print("%-22s %5d of %5d %7d of %5d %6.1f %%"
              % (name, *counts, 100 * counts[2] / counts[3]))

        if name in misses:
            text = open(source).read().split("\n")
            shown = sorted({n for (n, i), c in branches.items() if not c}
                           | {n for n, c in lines.items() if not c})

            for n in shown:
                of = [c for (line, i), c in sorted(branches.items())
                      if line == n]
                print("    %5d  %-12s %s" % (n, " ".join(
                    "+" if c else "-" for c in of), text[n - 1].strip()))

    print("%-22s %5d of %5d %7d of %5d %6.1f %%"
          % ("all", *total, 100 * total[2] / max(total[3], 1)))

    return 1 if failed else 0


sys.exit(main())
