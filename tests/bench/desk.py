#!/usr/bin/env python3
"""The main job, measured: mails in -> cases in the database -> mails out, by the real daemon.

  desk.py [--mails N] [--through maildir imap] [--preload N ...] [--rounds N] [--no-large]

Through maildir: Maildir -> lotsd -> Maildir. Through imap: a real Dovecot by IMAP over TLS -> lotsd ->
submission to a real Postfix over STARTTLS with log-in, four kept connections, all on loopback (as root; else
skipped). The mails are those of mails.py. CPU is of all processes of lotsd, parser children included, and of
nothing else; PSS is the sum over all of them, sampled five times a second; mails a second count from the
first mail handed over until the last mail out is accepted, with the servers and whatever else the machine does
on the same processors. Each run is checked: as many mails out as there must be, nothing in quarantine, the
conservation law holds. Goals are printed beside the figures; missing one is not an error."""
import argparse
import atexit
import fcntl
import json
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "e2e", "lab"))
import servers  # noqa: E402
from mails import answer, opening  # noqa: E402
from rehearsal import Mail  # noqa: E402
from watched import Watched, cores_busy  # noqa: E402

BUILD = os.path.abspath(os.environ.get("LOTS_BUILD", "build"))
GOAL_RATE = {"maildir": 400, "imap": 150}
FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_TOPDIR_FL = 0x80086601, 0x40086602, 0x20000  # linux/fs.h
GOAL_CPU, GOAL_PSS, GOAL_GROWTH, LARGE = 2.0, 64, 1.3, 35
BOXES = {"support": "any", "storning": "disturbance", "behorighet": "access", "behov": "need"}
IMAP_BOX = """
  - address: {name}@lots.example
    kind: {kind}
    trust: local
    type: imap
    host: localhost
    port: {port}
    tls: implicit
    user: {name}@lots.example
    ca_file: {ca}
    secret_file: secret"""
SUBMISSION = """
sinks:
  - name: out
    type: submission
    host: localhost
    port: {port}
    tls: starttls
    user: robot@lots.example
    ca_file: {ca}
    secret_file: secret
    connections: 4
    rate: 0
"""
folders = []
atexit.register(lambda: [shutil.rmtree(f, ignore_errors=True) for f in folders])


def lie_apart():
    """All is made in a folder whose folders ext4 puts far from each other. Beside others, each new file would be looked
    for among those deleted in the last minutes, one by one, and that is no cost of lotsd. Nothing is deleted
    before the end."""
    tempfile.tempdir = tempfile.mkdtemp(prefix="lots-bench-")
    folders.append(tempfile.tempdir)
    os.chmod(tempfile.tempdir, 0o755)  # Postfix and Dovecot are other users
    fd = os.open(tempfile.tempdir, os.O_RDONLY)
    try:
        flags = struct.unpack("i", fcntl.ioctl(fd, FS_IOC_GETFLAGS, struct.pack("i", 0)))[0]
        fcntl.ioctl(fd, FS_IOC_SETFLAGS, struct.pack("i", flags | FS_TOPDIR_FL))
    except OSError:
        pass  # another file system
    os.close(fd)


def lab():
    """Dovecot and Postfix; what Postfix takes it throws away, so that it competes as little as it can."""
    servers.POSTFIX_MAIN = servers.POSTFIX_MAIN.replace("lmtp:unix:{dir}/dovecot/lmtp", "discard:")
    servers.POSTFIX_MASTER += "discard unix - - n - - discard\n"
    place = servers.Servers()
    atexit.register(place.stop)
    return place.start()


def instance(cases):
    folder = tempfile.mkdtemp() + "/lots"
    subprocess.run([os.path.join(BUILD, "lotsctl"), "init", folder, "--sample", "norrbotten"], check=True,
                   stdout=subprocess.DEVNULL)
    began = time.monotonic()
    subprocess.run([os.path.join(BUILD, "preload-tool"), folder + "/state", str(cases)], check=True)
    if time.monotonic() - began > 10:
        print("(%d cases made in %d s)" % (cases, time.monotonic() - began), flush=True)
    return folder


def use_servers(folder, place):
    with open(folder + "/lots.yaml") as f:
        text = f.read()
    text = text[:text.index("\nmailboxes:")] + "\nmailboxes:" + "".join(
        IMAP_BOX.format(name=n, kind=k, port=place.imaps, ca=place.ca) for n, k in BOXES.items())
    with open(folder + "/lots.yaml", "w") as f:
        f.write(text + SUBMISSION.format(port=place.submission, ca=place.ca))
    with open(folder + "/secret", "w", opener=lambda p, m: os.open(p, m, 0o600)) as f:
        f.write(servers.PASSWORD + "\n")


class Run:
    """One start of lotsd on an instance."""

    def __init__(self, folder, place, seed):
        self.folder, self.place, self.rng, self.seed = folder, place, random.Random(seed), seed
        self.old = set(os.listdir(folder + "/out/new"))
        self.put_so_far, self.wall, self.others, self.spent = 0, 0.0, 0.0, {}
        self.watched = Watched(BUILD, folder)
        end = time.monotonic() + 60
        while self.watched.well < len(BOXES) and time.monotonic() < end:
            time.sleep(0.05)
            self.watched.read_log()
        time.sleep(1)

    def put(self, mails):
        for raw in mails:
            self.put_so_far += 1
            if self.place:
                self.place.put("support@lots.example", raw)
                continue
            name = "%d.%08d.bench" % (self.seed, self.put_so_far)
            path = os.path.join(self.folder, "in", "support", "tmp", name)
            with open(path, "wb") as f:
                f.write(raw)
            os.rename(path, os.path.join(self.folder, "in", "support", "new", name))

    def measure(self, mails, out):
        """Hands the mails over, waits for `out` mails more to be accepted."""
        before, busy, began = self.watched.cpu(), cores_busy(), time.monotonic()
        self.put(mails)
        self.watched.wait_accepted(self.watched.accepted + out)
        self.wall += time.monotonic() - began
        busy = cores_busy() - busy
        for role, t in self.watched.cpu().items():
            self.spent[role] = self.spent.get(role, 0) + t - before.get(role, 0)
            busy -= t - before.get(role, 0)
        self.others += max(0, busy)

    def told(self):
        """The notifications that went out, newest run only."""
        if not self.place:
            new = sorted(set(os.listdir(self.folder + "/out/new")) - self.old)
            sent = []
            for name in new:
                with open(os.path.join(self.folder, "out/new", name), "rb") as f:
                    sent.append(Mail(f.read()))
            return [vars(m) for m in sent if m.to.startswith("superanvandare.")]
        text = "> Ett nytt ärende, %s\n" + "> Så svarar du: svara på det här mejlet.\n" * 20
        db = sqlite3.connect("file:%s/state/lots.db?mode=ro" % self.folder, uri=True)
        rows = db.execute("SELECT o.address, o.reply_address, c.subject, o.message_id FROM outbox o"
                          " JOIN content c ON c.id = o.content WHERE o.class = 'notification'"
                          " AND o.address LIKE 'superanvandare.%' ORDER BY o.id DESC LIMIT ?",
                          (self.put_so_far,)).fetchall()
        db.close()
        return [{"to": r[0], "reply_to": r[1], "subject": r[2], "message_id": "<%s>" % r[3].strip("<>"),
                 "text": text % r[2]} for r in rows]

    def main_job(self, n):
        cases, answers = n - n // 3, n // 3
        self.measure([opening(i, self.rng) for i in range(cases)], 2 * cases)
        told = self.told()
        if len(told) < answers:
            raise SystemExit("bench: %d notifications of %d" % (len(told), cases))
        self.measure([answer(self.seed * 100000 + i, t) for i, t in enumerate(told[:answers])], answers)

    def large(self):
        """One mail as large as is taken."""
        self.watched.every = 0.02
        self.put([opening(0, self.rng, attachment=LARGE * (1 << 20) * 57 // 78 - 5000)])
        self.watched.wait_accepted(self.watched.accepted + 2)

    def end(self):
        time.sleep(0.5)
        accepted = self.watched.accepted
        self.watched.read_log()
        r = subprocess.run([os.path.join(BUILD, "lotsctl"), "-c", self.folder + "/lots.yaml", "status", "--json"],
                           stdout=subprocess.PIPE, check=False)
        status = json.loads(r.stdout)
        self.watched.stop()
        if self.watched.accepted != accepted or status["quarantine"] or not status["conservation"]["holds"]:
            raise SystemExit("bench: wrong result: %d mails out instead of %d, %s" % (
                self.watched.accepted, accepted, status))


def beside(value, goal, good):
    return "goal %s%s" % (goal, "" if good else ", MISSED: %.2f" % value)


def report(run, n, through, cases):
    rate, cpu = n / run.wall, 1000 * sum(run.spent.values()) / n
    roles = ", ".join("%s %.2f" % (r, 1000 * t / n) for r, t in sorted(run.spent.items(), key=lambda x: -x[1])
                      if t / n > 0.000005)
    peak = run.watched.peak
    print("%s, %d cases there" % ("IMAP -> SMTP" if through == "imap" else "Maildir -> Maildir", cases))
    print("  mails a second %7.0f  (%s; others had %.0f %% of the cores)" % (
        rate, beside(rate, ">= %d" % GOAL_RATE[through], rate >= GOAL_RATE[through]),
        100 * run.others / run.wall / os.cpu_count()))
    print("  CPU ms a mail  %7.2f  (%s; %s)" % (cpu, beside(cpu, "<= 2", cpu <= GOAL_CPU), roles))
    print("  peak PSS MiB   %7.1f  (%s)" % (peak, beside(peak, "<= 64", peak <= GOAL_PSS)), flush=True)
    return cpu


def one(folder, place, through, cases, args, seed):
    run = Run(folder, place, seed)
    run.main_job(args.mails)
    cpu = report(run, args.mails, through, cases)
    if args.large and cases == args.preload[0] and seed < 10:
        run.large()
        peak = run.watched.peak
        print("  with one %d MiB mail %.1f  (%s)" % (LARGE, peak, beside(
            peak, "<= 64 + %d" % LARGE, peak <= GOAL_PSS + LARGE)), flush=True)
    run.end()
    return cpu


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--mails", type=int, default=1000)
    ap.add_argument("--through", nargs="*", default=["maildir", "imap"], choices=["maildir", "imap"])
    ap.add_argument("--preload", type=int, nargs="*", default=[100, 10000, 1000000])
    ap.add_argument("--rounds", type=int, default=1)
    ap.add_argument("--no-large", dest="large", action="store_false")
    a = ap.parse_args()
    if "imap" in a.through and servers.usable():
        print("skipped: IMAP -> SMTP: " + servers.usable())
        a.through.remove("imap")
    lie_apart()
    place = lab() if "imap" in a.through else None
    least = {}
    # A machine may be a quarter slower some minutes later: the first is measured once more at the end, and
    # the last compared with the mean of both.
    again = a.preload[:1] if len(a.preload) > 1 else []
    for turn, cases in enumerate(a.preload + again):
        folder = instance(cases)
        for number, through in enumerate(a.through):
            if through == "imap":
                use_servers(folder, place)
            for k in range(a.rounds):
                cpu = one(folder, place if through == "imap" else None, through, cases, a,
                          1 + number + 10 * k)
                least[through, turn] = min(cpu, least.get((through, turn), cpu))
    for through in a.through:
        first, last = a.preload[0], a.preload[-1]
        if last > first:
            n = len(a.preload)
            x = least[through, n - 1] / ((least[through, 0] + least[through, n]) / 2)
            print("%s: with %d cases %.2f times the CPU a mail of %d  (%s)" % (
                through, last, x, first, beside(x, "<= 1.3", x <= GOAL_GROWTH)))


if __name__ == "__main__":
    main()
