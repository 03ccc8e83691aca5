#!/usr/bin/env python3
"""CPU a mail of reading, beside Python's email package over the same mails in the same run.

Mails: the corpus beside the repository (LOTS_SHARED), else the project's own. Printed are CPU times of
this machine and the ratios, which are what counts: reading alone at least 10 times cheaper than Python,
with the fork and the hop to the caged process at least 3 times. Exit 1 if a ratio is missed."""
import email
import email.policy
import glob
import json
import os
import resource
import subprocess
import sys
import time

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.path.join(ROOT, os.environ.get("LOTS_BUILD", "build"))
SHARED = os.environ.get("LOTS_SHARED", os.path.join(ROOT, "..", "shared"))
ROUNDS = 10


def mails():
    manifest = os.path.join(SHARED, "corpus", "mail", "manifest.jsonl")
    if os.path.exists(manifest):
        with open(manifest, encoding="utf-8") as f:
            cases = [json.loads(line) for line in f]
        return [os.path.join(os.path.dirname(manifest), c["file"]) for c in cases
                if c.get("form") == "eml"]
    return sorted(glob.glob(os.path.join(ROOT, "tests", "**", "*.eml"), recursive=True))


def read_python(path):
    """What a program must do to have the same: address, subject, text, attachments."""
    with open(path, "rb") as f:
        m = email.message_from_binary_file(f, policy=email.policy.default)
    for get in (lambda: m["from"].addresses, lambda: str(m["subject"]), lambda: str(m["message-id"]),
                lambda: m.get_body(preferencelist=("plain", "html")).get_content(),
                lambda: [a.get_content() for a in m.iter_attachments()]):
        try:
            get()
        except Exception:  # pylint: disable=broad-except
            pass


def python_cpu(files):
    start = time.process_time()
    for path in files:
        read_python(path)
    return time.process_time() - start


def child_cpu(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        sys.exit("%s failed" % command[0])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main():
    files = mails()
    if not files:
        print("no mails to read")
        return 0
    tool = os.path.join(BUILD, "parse-tool")
    once = child_cpu([tool, "--here=1"] + files)
    alone = (child_cpu([tool, "--here=%d" % (ROUNDS + 1)] + files) - once) / ROUNDS
    hop = child_cpu([os.path.join(BUILD, "lotsctl"), "parse", "--json"] + files)
    python = python_cpu(files)
    bad = 0
    print("%d mails, Python %.3f ms a mail" % (len(files), 1000 * python / len(files)))
    for name, cpu, least in (("reading alone", alone, 10), ("with fork, cage and hop", hop, 3)):
        ratio = python / cpu
        bad |= ratio < least
        print("%-24s %.3f ms a mail, %.1f times cheaper (at least %d)%s" %
              (name, 1000 * cpu / len(files), ratio, least, "" if ratio >= least else "  MISSED"))
    return bad


if __name__ == "__main__":
    sys.exit(main())
