"""A scripted IMAP server on loopback, in threads of the test: well-behaved, but for what the script says.

ImapPeer(mails={uid: bytes}, certs=..., **script) listens on .port of 127.0.0.1. The script holds for the
first `bad` sessions (1), afterwards the server is honest, so that a test can see the client recover.
  tls="implicit"|"starttls"|None, cert="good"
  strip=True           STARTTLS is not offered, and refused
  inject=b"..."        plain bytes behind the OK to STARTTLS, in the same packet; {tag} is its tag, {next} the
                       one of the command that follows
  preauth=True         greets with PREAUTH
  greeting=b"..."
  say={"FETCH": b"..."}     raw bytes instead of the answer to a verb (FETCH is the one for bodies, LIST
                            the one for sizes); {tag} and {uid} are filled in
  before={"FETCH": b"..."}  raw bytes before the right answer
  arrive={"STORE": {9: b"..."}}  mail that comes during a verb, told at the end of its answer only
  drop={"SEARCH"}      closes instead of an answer
  stall={"SELECT"}     is silent for ever
  cut_at=n             closes after n bytes sent
  slow=s               sleeps so long before each byte sent
  capabilities="..."
"""
import re
import socket
import ssl
import threading
import time

import servers


class Gone(Exception):
    pass


class Session:
    def __init__(self, peer, conn, script):
        self.peer, self.conn, self.script = peer, conn, script
        self.buf, self.is_tls, self.commands = b"", False, []
        self.left = script.get("cut_at")

    def line(self):
        while b"\n" not in self.buf:
            data = self.conn.recv(65536)
            if not data:
                raise Gone
            self.buf += data
        line, self.buf = self.buf.split(b"\n", 1)
        return line.rstrip(b"\r").decode("latin-1")

    def send(self, data):
        if self.left is not None:
            data = data[:self.left]
            self.left -= len(data)
        if self.script.get("slow"):
            for i in range(len(data)):
                time.sleep(self.script["slow"])
                self.conn.sendall(data[i:i + 1])
        else:
            self.conn.sendall(data)
        if self.left == 0:
            raise Gone

    def start_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        base = "%s/%s" % (self.peer.certs, self.peer.cert)
        context.load_cert_chain(base + ".pem", base + ".key")
        self.conn = context.wrap_socket(self.conn, server_side=True)
        self.is_tls, self.buf = True, b""

    def capabilities(self):
        words = self.script.get("capabilities", "IMAP4rev1 IDLE UIDPLUS MOVE SASL-IR")
        if self.peer.tls == "starttls" and not self.is_tls and not self.script.get("strip"):
            words += " STARTTLS LOGINDISABLED"
        return words

    def uids(self, text):
        """The uids of a set that exist."""
        found = []
        top = max(self.peer.mails, default=0)
        for part in text.split(","):
            ends = [top if e == "*" else int(e) for e in part.split(":")]
            found += [u for u in self.peer.mails if min(ends) <= u <= max(ends)]
        return sorted(set(found))

    def run(self):
        if self.peer.tls == "implicit":
            self.start_tls()
        word = "PREAUTH" if self.script.get("preauth") else "OK"
        self.send(self.script.get("greeting") or ("* %s peer ready\r\n" % word).encode())
        while True:
            self.command(self.line())

    def command(self, line):
        tag, _, rest = line.partition(" ")
        words = rest.split(" ")
        verb = words[0].upper()
        if verb == "UID":
            verb, words = words[1].upper(), words[1:]
        if verb == "FETCH" and "BODY" not in rest:
            verb = "LIST"
        secret = verb in ("LOGIN", "AUTHENTICATE")
        self.commands.append((self.is_tls, verb if secret else rest))
        self.verb = verb
        if verb in self.script.get("drop", ()):
            raise Gone
        if verb in self.script.get("stall", ()):
            time.sleep(60)
            raise Gone
        uid = str(self.uids(words[1])[0] if verb in ("FETCH", "LIST", "STORE") and
                  self.uids(words[1]) else 1)

        def filled(text):
            return text.replace(b"{tag}", tag.encode()).replace(b"{uid}", uid.encode())

        if verb in self.script.get("before", {}):
            self.send(filled(self.script["before"][verb]))
        if verb in self.script.get("say", {}):
            self.send(filled(self.script["say"][verb]))
            if b"* BYE" in self.script["say"][verb]:
                raise Gone
            return
        getattr(self, "do_" + verb.lower(), self.do_other)(tag, words, rest)

    def ok(self, tag, text="done"):
        arrived = self.script.get("arrive", {}).pop(self.verb, None)
        if arrived:
            self.peer.mails.update(arrived)
            self.send(("* %d EXISTS\r\n" % len(self.peer.mails)).encode())
        self.send(("%s OK %s\r\n" % (tag, text)).encode())

    def do_other(self, tag, words, rest):
        self.ok(tag)

    def do_capability(self, tag, words, rest):
        self.send(("* CAPABILITY %s\r\n" % self.capabilities()).encode())
        self.ok(tag)

    def do_starttls(self, tag, words, rest):
        if self.script.get("strip"):
            self.send(("%s BAD unknown\r\n" % tag).encode())
            return
        following = str(int(tag) + 1) if tag.isdigit() else tag
        self.send(("%s OK go\r\n" % tag).encode() + self.script.get("inject", b"").replace(b"{tag}", tag.encode()).replace(
            b"{next}", following.encode()))
        self.start_tls()

    def do_authenticate(self, tag, words, rest):
        if len(words) < 3:
            self.send(b"+ \r\n")
            self.line()
        self.ok(tag)

    def do_select(self, tag, words, rest):
        mails = self.peer.mails
        self.send(("* FLAGS (\\Seen \\Deleted)\r\n* %d EXISTS\r\n* 0 RECENT\r\n"
                   "* OK [UIDVALIDITY %d] v\r\n* OK [UIDNEXT %d] n\r\n" % (
                       len(mails), self.peer.validity, max(mails, default=0) + 1)).encode())
        self.ok(tag, "[READ-WRITE] in")

    def do_search(self, tag, words, rest):
        found = self.uids(re.search(r"UID ([\d:*,]+)", rest).group(1))
        self.send(("* SEARCH%s\r\n" % "".join(" %d" % u for u in found)).encode())
        self.ok(tag)

    def do_list(self, tag, words, rest):
        for n, uid in enumerate(self.uids(words[1])):
            self.send(('* %d FETCH (UID %d FLAGS () RFC822.SIZE %d INTERNALDATE '
                       '"23-Nov-2026 08:00:00 +0100")\r\n' % (
                           n + 1, uid, len(self.peer.mails[uid]))).encode())
        self.ok(tag)

    def do_fetch(self, tag, words, rest):
        part = re.search(r"\[\]<(\d+)\.(\d+)>", rest)
        for n, uid in enumerate(self.uids(words[1])):
            data, at = self.peer.mails[uid], ""
            if part:
                start, size = int(part.group(1)), int(part.group(2))
                data, at = data[start:start + size], "<%d>" % start
            self.send(("* %d FETCH (UID %d BODY[]%s {%d}\r\n" % (n + 1, uid, at, len(data)))
                      .encode() + data + b")\r\n")
        self.ok(tag)

    def do_store(self, tag, words, rest):
        self.peer.changed += [(u, rest.split(" ", 2)[-1]) for u in self.uids(words[1])]
        self.ok(tag)

    def do_move(self, tag, words, rest):
        for uid in self.uids(words[1]):
            self.peer.moved.append(uid)
            del self.peer.mails[uid]
        self.ok(tag)

    def do_idle(self, tag, words, rest):
        self.send(b"+ idling\r\n")
        count = len(self.peer.mails)
        self.conn.settimeout(0.05)
        try:
            while True:
                try:
                    if self.line().upper() == "DONE":
                        break
                except (socket.timeout, ssl.SSLWantReadError):
                    if len(self.peer.mails) != count:
                        count = len(self.peer.mails)
                        self.send(("* %d EXISTS\r\n" % count).encode())
        finally:
            self.conn.settimeout(60)
        self.ok(tag)

    def do_logout(self, tag, words, rest):
        self.send(b"* BYE\r\n")
        self.ok(tag)
        raise Gone


class ImapPeer:
    def __init__(self, mails, certs=None, tls=None, cert="good", bad=1, **script):
        self.mails, self.certs, self.tls, self.cert = dict(mails), certs, tls, cert
        self.script, self.bad, self.validity = script, bad, 7
        self.sessions, self.changed, self.moved = [], [], []
        self.port, self.listener = servers.free_listener()
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            conn.settimeout(60)
            session = Session(self, conn, self.script if len(self.sessions) < self.bad else {})
            self.sessions.append(session)
            threading.Thread(target=self.serve, args=(session,), daemon=True).start()

    def serve(self, session):
        try:
            session.run()
        except (Gone, OSError, ValueError):
            pass
        finally:
            try:
                session.conn.close()
            except OSError:
                pass

    def commands(self):
        return [c for s in self.sessions for c in s.commands]

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)
