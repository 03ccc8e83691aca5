"""A sample instance with a rehearsed clock: people write, Lots works, the mails it sent are read.

Used by the demo and by tests that want a whole lotsd without servers: mailboxes are folders,
everything sent lands in DIR/out."""
import datetime
import email
import email.policy
import json
import os
import subprocess

ZONE = "+01:00"  # Sweden in winter


class Failed(Exception):
    pass


def run(*command, ok=(0,)):
    r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if r.returncode not in ok:
        raise Failed("%s exited %d\n%s" % (" ".join(command), r.returncode,
                                           r.stderr.decode("utf-8", "replace")[-2000:]))
    return r.stdout.decode("utf-8", "replace")


class Mail:
    """One mail that Lots sent, as the recipient's program shows it."""

    def __init__(self, raw):
        self.raw = raw
        m = email.message_from_bytes(raw, policy=email.policy.default)
        self.to = m["To"].addresses[0].addr_spec
        self.subject = str(m["Subject"])
        self.message_id = str(m["Message-ID"]).strip()
        self.reply_to = str(m["Reply-To"] or "").strip("<> ")
        self.text = m.get_body(("plain",)).get_content()


def encoded(text):
    plain = lambda b: 48 <= b <= 57 or 65 <= b <= 90 or 97 <= b <= 122
    return "=?utf-8?q?%s?=" % "".join(chr(b) if plain(b) else "=%02X" % b for b in text.encode())


class Day:
    def __init__(self, build, folder, sample="norrbotten"):
        self.build, self.folder = build, folder
        self.seen, self.count = set(), 0
        self.date, self.clock = datetime.date(2026, 11, 23), "08:00"
        run(os.path.join(build, "lotsctl"), "init", folder, "--sample", sample)

    def at(self, clock, date=None):
        self.clock = clock
        if date:
            self.date = datetime.date.fromisoformat(date)

    def _date_field(self):
        names = "Mon Tue Wed Thu Fri Sat Sun".split()
        months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
        d = self.date
        return "%s, %d %s %d %s:00 +0100" % (names[d.weekday()], d.day, months[d.month - 1], d.year, self.clock)

    def _deliver(self, box, sender, to, subject, text, more):
        self.count += 1
        fields = ["From: " + sender, "To: " + to, "Subject: " + encoded(subject),
                  "Message-ID: <%d.rehearsal@%s>" % (self.count, sender.rpartition("@")[2].strip(">")),
                  "Date: " + self._date_field(), "MIME-Version: 1.0",
                  "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"] + more
        raw = "\r\n".join(fields) + "\r\n\r\n" + text.replace("\n", "\r\n") + "\r\n"
        with open(os.path.join(self.folder, "in", box, "new", "%06d.rehearsal" % self.count), "wb") as f:
            f.write(raw.encode())

    def write(self, sender, subject, text, box="support"):
        self._deliver(box, sender, box + "@lots.example", subject, text, [])

    def reply(self, mail, text, sender=None):
        """Answers a mail as Outlook in Swedish does: own words on top, the old mail below."""
        quoted = "\n\nFrån: Support <%s>\nSkickat: %s %s\nTill: %s\nÄmne: %s\n\n%s" % (
            mail.reply_to, self.date, self.clock, mail.to, mail.subject, mail.text)
        self._deliver("support", sender or mail.to, mail.reply_to, "SV: " + mail.subject, text + quoted,
                      ["In-Reply-To: " + mail.message_id, "References: " + mail.message_id])

    def forward(self, mail, to, text):
        """Forwards a notification to a colleague, with the desk among the recipients (people do)."""
        below = "\n\nFrån: Support <%s>\nSkickat: %s %s\nTill: %s\nÄmne: %s\n\n%s" % (
            mail.reply_to, self.date, self.clock, mail.to, mail.subject, mail.text)
        self._deliver("support", mail.to, to + ", " + mail.reply_to, "VB: " + mail.subject, text + below,
                      ["In-Reply-To: " + mail.message_id, "References: " + mail.message_id])

    def work(self):
        """Lets Lots do what there is to do at this time; the mails it sent, in order."""
        run(os.path.join(self.build, "lotsd"), "-c", self.folder + "/lots.yaml", "--once", "--now",
            "%sT%s:00%s" % (self.date, self.clock, ZONE))
        new = os.path.join(self.folder, "out", "new")
        fresh = sorted((os.stat(os.path.join(new, n)).st_mtime_ns, n)
                       for n in os.listdir(new) if n not in self.seen)
        self.seen.update(n for _, n in fresh)
        return [Mail(open(os.path.join(new, n), "rb").read()) for _, n in fresh]

    def ask(self, *words):
        return json.loads(run(os.path.join(self.build, "lotsctl"), "-c", self.folder + "/lots.yaml",
                              *words, "--json", ok=(0, 1)))


def to(mails, address, containing=""):
    for m in mails:
        if m.to == address and containing in m.text + m.subject:
            return m
    raise Failed("no mail to %s%s; there were: %s" % (
        address, ' with "%s"' % containing if containing else "",
        ", ".join("%s (%s)" % (m.to, m.subject) for m in mails) or "none"))
