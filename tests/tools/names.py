#!/usr/bin/env python3
"""The table of docs/templates.md out of templates/names.txt and the files. --check only compares."""
import glob
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DOC = os.path.join(ROOT, "docs", "templates.md")
BEGIN, END = "<!-- names -->\n", "<!-- /names -->\n"


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


def names():
    known = {}
    for line in read("templates", "names.txt").splitlines():
        if not line.strip() or line.startswith(";"):
            continue
        key, _, rest = line.partition(":")
        out = []
        for word in rest.split():
            out += known[word] if word.startswith("@") else [word]
        known[key] = list(dict.fromkeys(out))
    return {k: v for k, v in known.items() if not k.startswith("@")}


def table():
    out = "| mail | its heading | names |\n|---|---|---|\n"
    for key, words in sorted(names().items()):
        text = read("templates", "sv", key + ".txt")
        heading = re.search(r"^# (.*)$", text, re.M).group(1)
        heading = re.sub(r"\{\{[#^]([\w.]+)\}\}.*?\{\{/\1\}\}", "", heading)
        heading = re.sub(r"\{\{[^}]*\}\}", "…", heading)
        out += "| `%s` | %s | %s |\n" % (key, heading.replace("|", ""), " ".join(words))
    return out


def main():
    doc = open(DOC, encoding="utf-8").read()
    before, _, rest = doc.partition(BEGIN)
    after = rest.partition(END)[2]
    new = before + BEGIN + table() + END + after
    missing = [os.path.basename(p)[:-4] for p in glob.glob(os.path.join(ROOT, "templates", "sv", "*.txt"))]
    missing = [m for m in missing if m not in names() and m[0] != "_" and m not in ("words", "help")]
    if missing:
        print("not in names.txt: " + " ".join(missing))
        return 1
    if "--check" in sys.argv:
        if new != doc:
            print("docs/templates.md: the table is old; run tests/tools/names.py")
        return new != doc
    open(DOC, "w", encoding="utf-8").write(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
