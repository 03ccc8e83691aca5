#!/usr/bin/env python3
"""What the database alone costs a mail, with few and with many cases there. See store.c.

  store_bench.py [--preload N ...] [--mails N]"""
import argparse
import os
import subprocess
import tempfile

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("--mails", type=int, default=3200)
ap.add_argument("--preload", type=int, nargs="*", default=[100, 10000])
a = ap.parse_args()
program = os.path.join(os.path.abspath(os.environ.get("LOTS_BUILD", "build")), "bench", "store")
for n in a.preload:
    with tempfile.TemporaryDirectory(prefix="lots-bench-") as folder:
        subprocess.run([program, folder, str(n), str(a.mails)], check=True)
