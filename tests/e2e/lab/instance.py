"""A whole instance of Lots for a test: `lotsctl init`, mailboxes and sink as wanted, lotsd running.

Instance(source="imap", sink="submission", servers=S): mail comes through Dovecot and goes through
Postfix; with "maildir" on either side through folders. Outgoing mail is found by sent().
"""
import atexit
import email
import email.policy
import glob
import json
import os
import re
import shutil
import signal
import smtplib
import subprocess
import tempfile
import time

import servers as place
from worker import ROOT, program

IMAP_MAILBOX = """
  - address: {address}
    kind: {kind}
    trust: local
    type: imap
    host: localhost
    port: {imaps}
    tls: {tls}
    user: {address}
    ca_file: {ca}
    secret_file: secret
    poll: 1s
"""

MAILDIR_MAILBOX = """
  - address: {address}
    kind: {kind}
    trust: local
    type: maildir
    path: in/{name}
"""

SINKS = {
    "maildir": "  - name: out\n    type: maildir\n    path: out\n",
    "submission": "  - name: out\n    type: submission\n    host: localhost\n    port: {submission}\n"
                  "    tls: starttls\n    user: robot@lots.example\n    ca_file: {ca}\n"
                  "    secret_file: secret\n    connections: 4\n",
    "local-mta": "  - name: out\n    type: local-mta\n    host: 127.0.0.1\n    port: {mta}\n",
}

BOXES = {"support": "any", "storning": "disturbance"}


_all = []


@atexit.register
def remove_all():
    """What a test that failed or was ended has left."""
    for one in list(_all):
        one.remove()


class Instance:
    def __init__(self, source="maildir", sink="maildir", servers=None, boxes=BOXES, sink_text=None):
        self.dir = os.path.join(tempfile.mkdtemp(prefix="lots-instance-"), "lots")
        self.servers, self.source, self.sink, self.boxes = servers, source, sink, boxes
        self.yaml = os.path.join(self.dir, "lots.yaml")
        _all.append(self)
        self.process, self.log_path = None, os.path.join(self.dir, "log")
        subprocess.run([program("lotsctl"), "init", self.dir, "--sample", "norrbotten"], check=True,
                       stdout=subprocess.DEVNULL, cwd=ROOT)
        self.write_settings(boxes, sink_text)

    def write_settings(self, boxes, sink_text):
        with open(self.yaml) as f:
            text = f.read()
        text = text[:text.index("\nmailboxes:")]
        ports = {k: getattr(self.servers, k, 0) for k in ("imaps", "submission", "mta")}
        ca = self.servers.ca if self.servers else ""
        text += "\nmailboxes:"
        for name, kind in boxes.items():
            shape = IMAP_MAILBOX if self.source == "imap" else MAILDIR_MAILBOX
            text += shape.format(address=name + "@lots.example", name=name, kind=kind, ca=ca,
                                 tls="implicit", **ports)
        text += "\nsinks:\n" + (sink_text or SINKS[self.sink]).format(ca=ca, **ports) + "    rate: 0\n"
        with open(self.yaml, "w") as f:
            f.write(text)
        fd = os.open(os.path.join(self.dir, "secret"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w") as f:
            f.write(place.PASSWORD + "\n")

    # running

    def start(self):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen([program(), "-c", self.yaml], stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log, cwd=ROOT)
        log.close()
        self.wait(self.live, 30, lambda: "lotsd does not serve: %r\n%s" % (
            self.ctl_error, self.log()[-3000:]))
        return self

    def live(self):
        return '"pid"' in self.ctl("status", "--json")

    def stop(self, how=signal.SIGTERM):
        if not self.process:
            return None
        self.process.send_signal(how)
        try:
            return self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self.process = None

    def once(self, *more):
        with open(self.log_path, "ab") as log:
            return subprocess.run([program(), "-c", self.yaml, "--once", *more],
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
                                  timeout=120).returncode

    def remove(self):
        self.stop(signal.SIGKILL)
        shutil.rmtree(os.path.dirname(self.dir), ignore_errors=True)
        if self in _all:
            _all.remove(self)

    def log(self):
        try:
            with open(self.log_path, errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def children(self):
        """[(pid, role, name)] of the running roles (not the parser's own children)."""
        found = []
        if not self.process:
            return found
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path) as f:
                    stat = f.read()
                with open(path[:-4] + "cmdline") as f:
                    words = f.read().split("\0")
            except OSError:
                continue
            if int(stat.rsplit(")", 1)[1].split()[1]) != self.process.pid:
                continue
            role = [w[7:] for w in words if w.startswith("--role=")]
            name = [w[7:] for w in words if w.startswith("--name=")]
            if role:
                found.append((int(path.split("/")[2]), role[0], (name or [""])[0]))
        return sorted(found)

    def ctl(self, *words):
        done = subprocess.run([program("lotsctl"), "-c", self.yaml, *words],
                              stdin=subprocess.DEVNULL, capture_output=True, cwd=ROOT)
        self.ctl_error = done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8", "replace")

    def json(self, *words):
        """What lotsctl says as JSON. A desk that is being started again is waited for."""
        for _ in range(100):
            text = self.ctl(*words, "--json")
            try:
                return json.loads(text)
            except ValueError:
                time.sleep(0.2)
        raise AssertionError("lotsctl %r said %r %r" % (words, text, self.ctl_error))

    @staticmethod
    def wait(true, seconds=20, what="it did not happen"):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            result = true()
            if result:
                return result
            time.sleep(0.05)
        raise AssertionError("%s in %d s" % (what() if callable(what) else what, seconds))

    # mail in

    def put(self, to, data):
        """As the world's mail servers would: over SMTP to Postfix, or into the Maildir."""
        if self.source == "imap":
            with smtplib.SMTP("127.0.0.1", self.servers.mta, timeout=20) as smtp:
                smtp.sendmail(email.message_from_bytes(data)["From"].split("<")[-1].rstrip(">"),
                              [to], data)
            return
        name = to.split("@")[0].split("+")[0]
        base = os.path.join(self.dir, "in", name)
        self.serial = getattr(self, "serial", 0) + 1
        file = "%d.M%06dP%d.test" % (time.time(), self.serial, os.getpid())
        with open(os.path.join(base, "tmp", file), "wb") as f:
            f.write(data)
        os.rename(os.path.join(base, "tmp", file), os.path.join(base, "new", file))

    # mail out

    def sent_raw(self):
        """{recipient: [bytes]} of all that left."""
        found = {}
        if self.sink == "maildir":
            for path in sorted(glob.glob(os.path.join(self.dir, "out", "[nc][eu][wr]", "*"))):
                with open(path, "rb") as f:
                    data = f.read()
                to = email.message_from_bytes(data, policy=email.policy.default)["To"]
                found.setdefault(to.addresses[0].addr_spec, []).append(data)
            return found
        for box in glob.glob(os.path.join(self.servers.dir, "mail", "*", "*")):
            user, domain = os.path.basename(box), os.path.basename(os.path.dirname(box))
            if domain != "lots.example" or user not in self.boxes:
                found["%s@%s" % (user, domain)] = self.servers.mails("%s@%s" % (user, domain))
        return found

    def sent(self, to):
        """Parsed mails to an address, oldest first."""
        mails = [email.message_from_bytes(m, policy=email.policy.default)
                 for m in self.sent_raw().get(to, [])]
        return sorted(mails, key=lambda m: email.utils.parsedate_to_datetime(m["Date"]))

    def wait_sent(self, to, n, seconds=20):
        return self.wait(lambda: (lambda m: m if len(m) >= n else None)(self.sent(to)), seconds,
                         "no mail number %d to %s; log:\n%s" % (n, to, self.log()[-3000:]))


def letter(sender, to, subject, text, number, in_reply_to=""):
    """A person's mail as wire bytes."""
    lines = ["From: %s" % sender, "To: %s" % to, "Subject: %s" % subject,
             "Message-ID: <letter%s@%s>" % (number, sender.split("@")[1]),
             "Date: " + email.utils.formatdate(), "MIME-Version: 1.0",
             "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    if in_reply_to:
        lines += ["In-Reply-To: " + in_reply_to, "References: " + in_reply_to]
    return ("\r\n".join(lines) + "\r\n\r\n" + text.replace("\n", "\r\n") + "\r\n").encode()


def reply(sender, mail, text, number):
    """An answer to one of Lots' mails, as a mail program makes it."""
    to = (mail["Reply-To"] or mail["From"]).addresses[0].addr_spec
    quoted = mail.get_body(("plain",)).get_content().replace("\n", "\n> ")
    return to, letter(sender, to, "SV: " + mail["Subject"],
                      text + "\n\n> " + quoted, number, mail["Message-ID"])


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def ids_of(raw):
    return re.findall(rb"^Message-ID: *<([^>]*)>", raw, re.M | re.I)
