"""An attacker's bench around a sample instance: raw mails in, what Lots did out of its databases and
its outgoing folder. Mints signed addresses with the instance's own keys, to try what a thief could.

The border of the `rfc8601` instances is mx.lots.example; `good()` is the field it writes."""
import base64
import datetime
import hashlib
import hmac
import os
import re
import signal
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "demo"))
import rehearsal  # noqa: E402

# Whoever is asked to end cleans up all the same.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
BUILD = os.path.abspath(os.environ.get("LOTS_BUILD", "build"))
SANITIZED = "san" in os.path.basename(BUILD)
BORDER = "mx.lots.example"
REQUESTER, CHAIN, HEAD, EXERCISE, DESK = range(5)  # classes of a signed address
DIGITS = "abcdefghijklmnopqrstuvwxyz234567"
failed = 0


def tap(ok, what, why=""):
    global failed
    failed += not ok
    print("%s - %s" % ("ok" if ok else "not ok", what), flush=True)
    if not ok and why != "":
        print("\n".join("# " + l for l in str(why).splitlines()[:40]), flush=True)


def none_of(found, of, what):
    """Nothing of `of` may be found."""
    tap(not found and of > 0, "%s: %d of %d" % (what, len(found), of), found)


def good(domain):
    return "Authentication-Results: %s; dmarc=pass header.from=%s" % (BORDER, domain)


def domain_of(address):
    return address.rpartition("@")[2].rstrip("> ")


def digits(value, n):
    return "".join(DIGITS[value >> 5 * (n - 1 - i) & 31] for i in range(n))


class Rig(rehearsal.Day):
    def __init__(self, top, name, trust="rfc8601 " + BORDER, settings=()):
        super().__init__(BUILD, os.path.join(top, name))
        self.trust = trust
        path = os.path.join(self.folder, "lots.yaml")
        text = open(path, encoding="utf-8").read().replace("trust: local", "trust: " + trust)
        for old, new in settings:
            assert old in text, old
            text = text.replace(old, new)
        open(path, "w", encoding="utf-8").write(text)
        os.makedirs(os.path.join(self.folder, "taken"))
        keys = open(os.path.join(self.folder, "state", "keys")).read()
        self.key_name, key = re.findall(r"token (\w) (\w+)", keys)[-1]
        self.key = bytes.fromhex(key)
        self.all = []
        self.seconds = 0.0

    # ---- mail in

    def raw(self, raw, box="support"):
        """A mail as it stands, with CRLF."""
        self.count += 1
        data = raw if isinstance(raw, bytes) else raw.encode()
        data = re.sub(rb"\r?\n", b"\r\n", data)
        with open(os.path.join(self.folder, "in", box, "new", "%06d.attack" % self.count), "wb") as f:
            f.write(data)

    def mail(self, sender, to, subject, text, more=(), auth=None, box="support", message_id=None, from_lines=None):
        """`auth`: None for what the border writes of an honest sender, else a list of fields.
        `from_lines`: the whole lines that stand in the place of From."""
        if auth is None:
            auth = [good(domain_of(sender))] if self.trust.startswith("rfc8601") else []
        n = self.count + 1
        fields = list(auth) + ["Received: from out.example (out.example [192.0.2.1]) by relay.example with ESMTP; " + self._date_field(),
                  *(["From: " + sender] if from_lines is None else from_lines), "To: " + to, "Subject: " + rehearsal.encoded(subject),
                  "Message-ID: <%s>" % (message_id or "%d.attack@%s" % (n, domain_of(sender) or "x.example")),
                  "Date: " + self._date_field()] + list(more)
        if not any(f.lower().startswith("content-type") for f in more):
            fields += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
        self.raw("\n".join(fields) + "\n\n" + text + "\n", box)

    def ask(self, sender, subject="Delegering i HSL", text="Hur registrerar jag en delegering i HSL?", **more):
        self.mail(sender, "support@lots.example", subject, text, **more)

    def answer(self, mail, text, sender=None, to=None, refer=True, subject=None, more=(), **rest):
        """A reply to one of our mails."""
        ids = ["In-Reply-To: " + mail.message_id, "References: " + mail.message_id] if refer else []
        self.mail(sender or mail.to, to or mail.reply_to, subject if subject is not None else "SV: " + mail.subject,
                  text, ids + list(more), **rest)

    # ---- what came of it

    def work(self):
        begin = time.monotonic()
        fresh = super().work()
        self.seconds += time.monotonic() - begin
        self.all += fresh
        return fresh

    def rows(self, sql, *values):
        db = sqlite3.connect("file:%s?mode=ro" % os.path.join(self.folder, "state", "lots.db"), uri=True)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def cases(self):
        return {n: dict(state=s, requester=r, subject=j, organisation=o) for n, s, r, j, o in self.rows(
            "SELECT number, state, requester_address, subject, organisation FROM kase")}

    def log(self, number=None):
        """(number, type, who, text, data) of all cases."""
        return [r for r in self.rows("SELECT k.number, l.type, l.who, l.text, l.data FROM case_log l"
                                     " JOIN kase k ON k.id = l.case_id ORDER BY l.id")
                if number is None or r[0] == number]

    def outcomes(self):
        return self.rows("SELECT outcome, reason, count(*) FROM inbox GROUP BY outcome, reason")

    # ---- what a thief of the keys could write

    def token(self, number, contact, kind, day=None, at="support@lots.example"):
        if day is None:
            day = self.today()
        head = self.key_name + digits(number, 7) + digits(contact, 6) + digits(day, 3) + DIGITS[kind]
        mac = hmac.new(self.key, b"lots-token-1:" + head.encode(), hashlib.sha256).digest()[:15]
        local, domain = at.split("@")
        return "%s+%s%s@%s" % (local, head, base64.b32encode(mac).decode().lower(), domain)

    def today(self):
        return (self.date - datetime.date(2020, 1, 1)).days

    def contact(self, address):
        return self.rows("SELECT id FROM contact WHERE key = ?", address)[0][0]


def number_of(mail):
    return int(re.search(r"\[\w+ (\d+)\]", mail.subject).group(1))


def by_case(mails, to=None):
    """The newest mail of each case, to that address."""
    return {number_of(m): m for m in mails if (to is None or m.to == to) and re.search(r"\[\w+ \d+\]", m.subject)}
