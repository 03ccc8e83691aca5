"""A scripted SMTP server on loopback, in threads of the test. It keeps what it was told, byte for byte.

SmtpPeer(certs=..., **script) listens on .port of 127.0.0.1. The script:
  reply={"MAIL": "452 4.3.1 full", ...}  another answer at a verb: GREETING EHLO STARTTLS AUTH MAIL RCPT
                                         DATA DOT; a list gives one a time, the last one for ever
  drop={"DOT"}          closes without an answer at these verbs
  close_after={"MAIL"}  closes after the answer
  stall={"DOT"}         never answers at these
  tls="starttls"|"implicit"|None, cert="good" (file name in certs)
  strip=True            does not offer STARTTLS
  inject=True           sends an answer in plain text behind the STARTTLS 220
  offers=[...]          further EHLO lines
  auth=("user", "secret") accepts only this
  cut_at=n              closes after n bytes sent in a session
"""
import base64
import socket
import ssl
import threading
import time

import servers


class Gone(Exception):
    pass


class Session:
    def __init__(self, peer, conn):
        self.peer, self.conn, self.buf = peer, conn, b""
        self.is_tls = False
        self.left = peer.script.get("cut_at")
        self.commands, self.mails, self.has_recipient = [], [], False
        self.envelope = {}

    def read(self):
        data = self.conn.recv(65536)
        if not data:
            raise Gone
        self.buf += data

    def line(self):
        while b"\n" not in self.buf:
            self.read()
        line, self.buf = self.buf.split(b"\n", 1)
        line = line.rstrip(b"\r").decode("latin-1")
        self.commands.append(("tls " if self.is_tls else "") + line)
        return line

    def say(self, text):
        data = (text + "\r\n").encode()
        if self.left is not None:
            data, self.left = data[:self.left], self.left - len(data[:self.left])
        self.conn.sendall(data)
        if self.left == 0:
            raise Gone

    def answer(self, verb, usual):
        script = self.peer.script
        if verb in script.get("stall", ()):
            time.sleep(self.peer.script.get("stall_s", 30))
            raise Gone
        if verb in script.get("drop", ()):
            raise Gone
        reply = script.get("reply", {}).get(verb, usual)
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        self.say(reply)
        if verb in script.get("close_after", ()):
            raise Gone
        return reply[:1] in "23"

    def start_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        base = "%s/%s" % (self.peer.certs, self.peer.script.get("cert", "good"))
        context.load_cert_chain(base + ".pem", base + ".key")
        context.sni_callback = lambda sock, name, ctx: self.peer.sni.append(name)
        self.conn = context.wrap_socket(self.conn, server_side=True)
        self.is_tls, self.buf = True, b""

    def hello(self):
        script = self.peer.script
        lines = ["peer.example"] + script.get("offers", ["SIZE 60000000", "PIPELINING", "8BITMIME",
                                                         "ENHANCEDSTATUSCODES", "DSN"])
        if script.get("tls") == "starttls" and not self.is_tls and not script.get("strip"):
            lines.append("STARTTLS")
        if "auth" in script:
            lines.append("AUTH PLAIN LOGIN")
        text = "\r\n".join("250%s%s" % (" " if i == len(lines) - 1 else "-", l)
                           for i, l in enumerate(lines))
        self.answer("EHLO", text)

    def login(self, line):
        words = line.split()
        if words[1].upper() == "PLAIN":
            if len(words) < 3:
                self.say("334 ")
                words.append(self.line())
            _, user, secret = base64.b64decode(words[2]).decode().split("\0")
        else:
            user = words[2] if len(words) > 2 else self.ask("334 VXNlcm5hbWU6")
            user = base64.b64decode(user).decode()
            secret = base64.b64decode(self.ask("334 UGFzc3dvcmQ6")).decode()
        good = (user, secret) == tuple(self.peer.script.get("auth", ()))
        self.answer("AUTH", "235 2.7.0 welcome" if good else "535 5.7.8 no")

    def ask(self, text):
        self.say(text)
        return self.line()

    def data(self):
        if not self.has_recipient:
            self.say("503 5.5.1 no recipient")
            return
        if not self.answer("DATA", "354 go on"):
            return
        if "BODY" in self.peer.script.get("drop", ()):
            raise Gone
        while b"\r\n.\r\n" not in b"\r\n" + self.buf:
            self.read()
        body, self.buf = (b"\r\n" + self.buf).split(b"\r\n.\r\n", 1)
        self.finish(body[2:] + b"\r\n")

    def finish(self, body):
        mail = dict(self.envelope, wire=body)
        self.mails.append(mail)
        self.peer.dots.append(mail)
        script = self.peer.script
        if not (script.get("reply", {}).get("DOT") or "DOT" in script.get("drop", ()) or
                "DOT" in script.get("stall", ())):
            self.peer.mails.append(mail)
        self.answer("DOT", "250 2.0.0 taken")

    def chunk(self, line):
        size = int(line.split()[1])
        while len(self.buf) < size:
            self.read()
        self.envelope["chunks"] = self.envelope.get("chunks", b"") + self.buf[:size]
        self.buf = self.buf[size:]
        if not self.has_recipient:
            self.say("503 5.5.1 no recipient, or a piece was refused")
        elif line.upper().endswith("LAST"):
            self.finish(self.envelope.pop("chunks"))
        else:
            self.has_recipient = self.answer("BDAT", "250 2.0.0 chunk")

    def run(self):
        script = self.peer.script
        if script.get("tls") == "implicit":
            self.start_tls()
        self.answer("GREETING", "220 peer.example ESMTP")
        while True:
            line = self.line()
            verb = line.split(" ")[0].split(":")[0].upper()
            if verb in ("EHLO", "HELO"):
                self.hello()
            elif verb == "STARTTLS":
                extra = "\r\n250-evil\r\n250 AUTH PLAIN" if script.get("inject") else ""
                if self.answer("STARTTLS", "220 go" + extra):
                    self.start_tls()
            elif verb == "AUTH":
                self.login(line)
            elif verb == "MAIL":
                self.envelope = {"from": line[10:].split(">")[0].strip("<"), "mail": line}
                self.answer("MAIL", "250 2.1.0 ok")
            elif verb == "RCPT":
                self.envelope.update(to=line[8:].split(">")[0].strip("<"), rcpt=line)
                self.has_recipient = self.answer("RCPT", "250 2.1.5 ok")
            elif verb == "DATA":
                self.data()
            elif verb == "BDAT":
                self.chunk(line)
            elif verb == "QUIT":
                self.say("221 2.0.0 bye")
                raise Gone
            else:
                self.say("250 2.0.0 ok")


class SmtpPeer:
    def __init__(self, certs=None, **script):
        self.script, self.certs = script, certs
        self.mails, self.dots, self.sessions, self.sni, self.problems = [], [], [], [], []
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
            session = Session(self, conn)
            self.sessions.append(session)
            threading.Thread(target=self.serve, args=(session,), daemon=True).start()

    def serve(self, session):
        try:
            session.run()
        except (Gone, OSError) as e:
            self.problems.append(repr(e))
        finally:
            try:
                session.conn.close()
            except OSError:
                pass

    def all_commands(self):
        return [c for s in self.sessions for c in s.commands]

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)
