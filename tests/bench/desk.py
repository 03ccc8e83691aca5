#!/usr/bin/env python3
"""The main job, measured: mails in -> cases in the database -> mails out, by the real daemon.

  desk.py [--mails N] [--preload N ...] [--through maildir|imap]

Of N mails two thirds open cases (plain, HTML, a 50 KB attachment, Swedish; the area is recognised, so
each gives a receipt and one notification) and one third are superusers' answers to those notifications
(one mail each to the requester). CPU is of all processes of lotsd, parser children included; PSS is
sampled every 0.2 s over all of them; mails a second count from the first mail handed over until the
last mail out is accepted. Every run is checked: as many cases and mails out as there must be."""
import argparse
import base64
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "demo"))
from rehearsal import Mail, encoded  # noqa: E402

BUILD = os.path.abspath(os.environ.get("LOTS_BUILD", "build"))
TICK = os.sysconf("SC_CLK_TCK")
# Pajala has two superusers for the area: left out, so that each case gives exactly one notification.
TOWNS = ("kalix boden pitea lulea kiruna gallivare haparanda jokkmokk arjeplog arvidsjaur alvsbyn "
         "overkalix overtornea").split()
TEXTS = ["Jag kan inte signera en HSL-insats i Ekosystem SOC sedan i morse. Knappen är grå.",
         "Delegeringen för läkemedel syns inte på HSL-patienten, hur gör jag?",
         "Får fel när jag dokumenterar en HSL-åtgärd på en ny patient."]


def new_mail(i, rng):
    town = TOWNS[i % len(TOWNS)]
    text = rng.choice(TEXTS) + "\n\nMed vänlig hälsning\nAnvändare %d" % i
    head = ("From: =?utf-8?q?Anv=C3=A4ndare_%d?= <anvandare%d@%s.example>\r\nTo: support@lots.example\r\n"
            "Subject: %s\r\nMessage-ID: <bench-%d-%d@%s.example>\r\n"
            "Date: Mon, 23 Nov 2026 08:00:00 +0100\r\nMIME-Version: 1.0\r\n"
            % (i, i, town, encoded("HSL: kan inte signera %d" % i), i, rng.getrandbits(40), town))
    plain = ("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
             + base64.encodebytes(text.encode()).decode().replace("\n", "\r\n"))
    kind = i % 10
    if kind < 5:
        return (head + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                + text.replace("\n", "\r\n") + "\r\n").encode()
    html = ("Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(("<html><body><p>%s</p></body></html>" % text.replace("\n", "<br>")).encode())
            .decode().replace("\n", "\r\n"))
    alternative = ('Content-Type: multipart/alternative; boundary="a%d"\r\n\r\n--a%d\r\n%s\r\n--a%d\r\n%s\r\n--a%d--\r\n'
                   % (i, i, plain, i, html, i))
    if kind < 9:
        return (head + alternative).encode()
    blob = base64.encodebytes(rng.randbytes(50000)).decode().replace("\n", "\r\n")
    return (head + 'Content-Type: multipart/mixed; boundary="m%d"\r\n\r\n--m%d\r\n%s\r\n--m%d\r\n'
            'Content-Type: image/png; name="skarm.png"\r\nContent-Disposition: attachment; filename="skarm.png"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n--m%d--\r\n" % (i, i, alternative, i, blob, i)).encode()


def answer(i, notification):
    return ("From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: <bench-answer-%d@kalix.example>\r\n"
            "In-Reply-To: %s\r\nReferences: %s\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            "Logga ut och in igen, så kommer knappen tillbaka.\r\n\r\nFrån: Support\r\nSkickat: den 23 november 2026\r\n"
            "Till: superanvändare\r\nÄmne: %s\r\n\r\n%s" % (
                notification.to, notification.reply_to, encoded("SV: " + notification.subject), i,
                notification.message_id, notification.message_id, notification.subject,
                notification.text.replace("\n", "\r\n"))).encode()


class Watched:
    """lotsd and all its processes: CPU so far and PSS now."""

    def __init__(self, folder):
        self.log = open(os.path.join(folder, "lotsd.log"), "wb")
        self.p = subprocess.Popen([os.path.join(BUILD, "lotsd"), "-c", folder + "/lots.yaml"], stderr=self.log)
        self.peak = 0

    def pids(self):
        out, todo = [], [self.p.pid]
        while todo:
            pid = todo.pop()
            out.append(pid)
            try:
                todo += [int(x) for x in open("/proc/%d/task/%d/children" % (pid, pid)).read().split()]
            except OSError:
                pass
        return out

    def role(self, pid):
        words = open("/proc/%d/cmdline" % pid).read().split("\0")
        return next((w[7:] for w in words if w.startswith("--role=")), "parent")

    def cpu(self):
        """Seconds by role so far; the parser's ended children count as parser."""
        by_role = {}
        for pid in self.pids():
            try:
                f = open("/proc/%d/stat" % pid).read().rpartition(")")[2].split()
                ticks = sum(int(x) for x in f[11:13])
                if pid != self.p.pid:
                    ticks += sum(int(x) for x in f[13:15])
                role = self.role(pid)
                by_role[role] = by_role.get(role, 0) + ticks / TICK
            except OSError:
                pass
        return by_role

    def sample(self):
        pss = 0
        for pid in self.pids():
            try:
                for line in open("/proc/%d/smaps_rollup" % pid):
                    if line.startswith("Pss:"):
                        pss += int(line.split()[1])
            except OSError:
                pass
        self.peak = max(self.peak, pss / 1024)

    def stop(self):
        self.p.terminate()
        self.p.wait(30)


def put(folder, box, mails, start):
    tmp, new = (os.path.join(folder, "in", box, d) for d in ("tmp", "new"))
    for i, raw in enumerate(mails):
        name = "%08d.bench" % (start + i)
        with open(os.path.join(tmp, name), "wb") as f:
            f.write(raw)
        os.rename(os.path.join(tmp, name), os.path.join(new, name))


def wait_out(out, count, watched, limit=300):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        n = len(os.listdir(out))
        if n >= count:
            return n
        watched.sample()
        time.sleep(0.05)
    raise SystemExit("bench: %d mails out of %d in %d s; see the log" % (len(os.listdir(out)), count, limit))


def ctl(folder, *words):
    r = subprocess.run([os.path.join(BUILD, "lotsctl"), "-c", folder + "/lots.yaml", *words, "--json"],
                       stdout=subprocess.PIPE)
    return json.loads(r.stdout)


def add(spent, before, after):
    for role, t in after.items():
        spent[role] = spent.get(role, 0) + t - before.get(role, 0)


def maildir_run(n, preload):
    folder = tempfile.mkdtemp(prefix="lots-bench-")
    try:
        subprocess.run([os.path.join(BUILD, "lotsctl"), "init", folder + "/i", "--sample", "norrbotten"],
                       check=True, stdout=subprocess.DEVNULL)
        folder += "/i"
        if preload:
            subprocess.run([os.path.join(BUILD, "preload-tool"), folder, str(preload)], check=True)
        rng = random.Random(1)
        opening = [new_mail(i, rng) for i in range(n - n // 3)]
        out = os.path.join(folder, "out", "new")
        watched = Watched(folder)
        time.sleep(1.5)
        spent, wall, cpu0 = {}, 0.0, watched.cpu()
        t = time.monotonic()
        put(folder, "support", opening, 0)
        wait_out(out, 2 * len(opening), watched)
        wall += time.monotonic() - t
        add(spent, cpu0, watched.cpu())
        mails = [Mail(open(os.path.join(out, f), "rb").read()) for f in os.listdir(out)]
        asked = [m for m in mails if m.to.startswith("superanvandare.")]
        answers = [answer(i, m) for i, m in enumerate(asked[:n // 3])]
        cpu0 = watched.cpu()
        t = time.monotonic()
        put(folder, "support", answers, len(opening))
        total = 2 * len(opening) + len(answers)
        wait_out(out, total, watched)
        wall += time.monotonic() - t
        add(spent, cpu0, watched.cpu())
        time.sleep(0.5)
        status = ctl(folder, "status")
        watched.stop()
        done = len(os.listdir(out))
        if done != total or status["quarantine"] or not status["conservation"]["holds"]:
            raise SystemExit("bench: wrong result: %d of %d mails, %s" % (done, total, status))
        return n / wall, {r: 1000 * t / n for r, t in spent.items()}, watched.peak
    finally:
        shutil.rmtree(os.path.dirname(folder) if folder.endswith("/i") else folder, ignore_errors=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--mails", type=int, default=1000)
    ap.add_argument("--preload", type=int, nargs="*", default=[100, 10000])
    a = ap.parse_args()
    base = None
    for cases in a.preload:
        rate, by_role, peak = maildir_run(a.mails, cases)
        cpu = sum(by_role.values())
        base = base or cpu
        print("maildir -> maildir  %8d cases there: %6.0f mails/s  %5.2f ms CPU a mail (%.2f x the first)  peak %5.1f MiB PSS"
              % (cases, rate, cpu, cpu / base, peak), flush=True)
        print("    of which " + ", ".join("%s %.2f" % x for x in sorted(by_role.items(), key=lambda x: -x[1])) + " ms")


if __name__ == "__main__":
    main()
