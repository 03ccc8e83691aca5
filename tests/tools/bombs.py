#!/usr/bin/env python3
"""Mail made to hurt its reader, and the proof that it does not.

usage: bombs.py DIR              write the mails to DIR
       bombs.py --check BUILD    write them to a temporary folder and read each with BUILD's programs:
                                 at most 1 s CPU and 64 MiB of memory with the mail itself, no death,
                                 and the ordinary mails between them are read as ever
"""
import base64
import os
import random
import subprocess
import sys
import tempfile
import json

CPU_MAX = 1.0
MEMORY_MAX = 64 << 20

HEAD = (b"From: Bo Ek <bo.ek@kalix.example>\r\nTo: support@lots.example\r\n"
        b"Subject: %s\r\nMessage-ID: <bomb@kalix.example>\r\nMIME-Version: 1.0\r\n")


def head(subject, *fields):
    return HEAD % subject + b"".join(f + b"\r\n" for f in fields)


def fill(piece, size):
    return piece * (size // len(piece) + 1)


def nested_multipart(levels, closed=False):
    out = [head(b"nested", b'Content-Type: multipart/mixed; boundary="b0"'), b"\r\n"]
    for i in range(levels):
        out.append(b"--b%d\r\nContent-Type: multipart/mixed; boundary=\"b%d\"\r\n\r\n" % (i, i + 1))
    out.append(b"--b%d\r\n\r\nhej\r\n" % levels)
    if closed:
        for i in range(levels, -1, -1):
            out.append(b"--b%d--\r\n" % i)
    return b"".join(out)


def same_boundary(levels):
    part = b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return head(b"same", b"Content-Type: multipart/mixed; boundary=b") + b"\r\n" + part * levels


def many_parts(n, part=b"--b\r\n\r\nx\r\n"):
    return head(b"parts", b"Content-Type: multipart/mixed; boundary=b") + b"\r\n" + part * n + b"--b--\r\n"


def one_part(ctype, body, encoding=b"8bit"):
    return head(b"part", b"Content-Type: " + ctype, b"Content-Transfer-Encoding: " + encoding) + b"\r\n" + body


def der(tag, content):
    n = len(content)
    if n < 128:
        return bytes([tag, n]) + content
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def signed(content):
    data = der(0x06, bytes.fromhex("2a864886f70d010701")) + der(0xa0, der(0x04, content))
    inner = der(0x02, b"\x01") + der(0x31, b"") + der(0x30, data)
    return der(0x30, der(0x06, bytes.fromhex("2a864886f70d010702")) + der(0xa0, der(0x30, inner)))


def p7m(content):
    return (b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(signed(content)))


def nested_smime(levels):
    entity = b"Content-Type: text/plain\r\n\r\nhej\r\n"
    for _ in range(levels):
        entity = p7m(entity)
    return HEAD % b"smime" + entity


def tnef(records, signature=b"\x78\x9f\x3e\x22\x01\x00"):
    return one_part(b"application/ms-tnef; name=winmail.dat", base64.encodebytes(signature + records),
                    b"base64")


def record(level, ident, data, claim=None):
    return (bytes([level]) + ident.to_bytes(4, "little") + (len(data) if claim is None else claim).to_bytes(4, "little")
            + data + (sum(data) & 0xffff).to_bytes(2, "little"))


def noise(n, seed=1):
    return random.Random(seed).randbytes(n)


def html(body):
    return one_part(b"text/html; charset=utf-8", b"<html><body>" + body)


def name(text):
    return head(b"name", b"Content-Type: multipart/mixed; boundary=b") + (
        b"\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''" + text +
        b"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n")


def percent(text):
    return "".join("%%%02X" % b for b in text.encode("utf-8")).encode()


def bombs():
    """(name, bytes) of each; made one at a time."""
    m = 1 << 20
    yield "levels-100000", nested_multipart(100000)
    yield "levels-1000-closed", nested_multipart(1000, True)
    yield "levels-30-large", nested_multipart(30) + fill(b"--b0x\r\n", 8 * m)
    yield "same-boundary-100000", same_boundary(100000)
    yield "parts-1000000", many_parts(1000000)
    yield "parts-with-header", many_parts(300000, b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nx\r\n")
    yield "delimiters-only", many_parts(5000000, b"--b\r\n")
    yield "rfc822-100000", head(b"m", b"Content-Type: message/rfc822") + b"\r\n" + (
        b"Content-Type: message/rfc822\r\n\r\n" * 100000)
    yield "digest-100000", head(b"d", b"Content-Type: multipart/digest; boundary=b") + b"\r\n" + (
        b"--b\r\n\r\nSubject: x\r\n\r\nx\r\n" * 100000)
    yield "header-100MB", head(b"h") + fill(b"X-A: " + b"a" * 70 + b"\r\n", 100 * m)
    yield "header-one-line", head(b"h", b"X-A: " + b"a" * (30 * m)) + b"\r\nhej\r\n"
    yield "header-one-fold", head(b"h") + b"X-A:" + fill(b"\r\n a", 30 * m) + b"\r\n\r\nhej\r\n"
    yield "header-no-end", head(b"h") + fill(b"a:\r\n", 20 * m)
    yield "header-cr", head(b"h") + fill(b"a:b\r", 20 * m)
    yield "header-nul", head(b"h\0h", b"X-A: " + b"\0" * 100000) + b"\r\nhej\r\n"
    yield "header-8bit", head(noise(200000).replace(b"\n", b"").replace(b"\r", b"")) + b"\r\nhej\r\n"
    yield "comments-1000000", head(b"c", b"Content-Type: text/plain " + b"(" * 1000000) + b"\r\nhej\r\n"
    for field in (b"From", b"To", b"Date", b"Content-Type", b"Message-ID", b"References"):
        yield "comments-" + field.decode(), field + b": " + b"(" * 250000 + b"\r\n" + head(b"c") + b"\r\nhej\r\n"
    yield "comments-in-part", many_parts(1, b"--b\r\nContent-Type: text/plain" + b"(" * m + b"\r\n\r\nx\r\n")
    yield "addresses-100000", head(b"a", b"Cc: " + b"a@b.example, " * 20000) + b"\r\nhej\r\n"
    yield "addresses-groups", head(b"a", b"Cc: " + b"a:" * 120000 + b";") + b"\r\nhej\r\n"
    yield "addresses-brackets", head(b"a", b"Cc: " + b"<a," * 80000) + b"\r\nhej\r\n"
    yield "addresses-quotes", head(b"a", b"Cc: " + b'"a\\' * 80000) + b"\r\nhej\r\n"
    yield "words-open", head(b"=?utf-8?q?a" * 22000) + b"\r\nhej\r\n"
    yield "words-many", head(b"=?utf-8?b?w6U=?= " * 15000) + b"\r\nhej\r\n"
    yield "words-charsets", head(b"".join(b"=?x%d?q?a?= " % i for i in range(17000))) + b"\r\nhej\r\n"
    yield "references-20000", head(b"r", b"References: " + b"<a@b> " * 40000) + b"\r\nhej\r\n"
    yield "params-many", head(b"p", b"Content-Type: text/plain; " + b"a=b; " * 50000) + b"\r\nhej\r\n"
    yield "params-sections", head(b"p", b"Content-Type: text/plain; " + b"".join(
        b"name*%d*=%%C3; " % i for i in range(15000))) + b"\r\nhej\r\n"
    yield "boundary-quote", head(b"b", b'Content-Type: multipart/mixed; boundary="\\""') + b"\r\nhej\r\n"
    yield "boundary-quote-part", many_parts(1, b'--b\r\nContent-Type: multipart/mixed; boundary="\\""\r\n\r\n')
    yield "boundary-long", head(b"b", b"Content-Type: multipart/mixed; boundary=" + b"x" * 200000) + b"\r\nhej\r\n"
    yield "boundary-dashes", head(b"b", b'Content-Type: multipart/mixed; boundary="-"') + b"\r\n" + fill(b"-", 30 * m)
    yield "boundary-blank", head(b"b", b'Content-Type: multipart/mixed; boundary=" "') + b"\r\n" + fill(b"-- \r\n", 20 * m)
    yield "base64-garbage", one_part(b"application/pdf", noise(30 * m), b"base64")
    yield "base64-text-large", one_part(b"text/plain; charset=utf-8", base64.b64encode(b"a" * (24 * m)), b"base64")
    yield "attachment-large", many_parts(1, b"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                                         fill(b"QUJD" * 19 + b"\r\n", 33 * m))
    yield "qp-equals", one_part(b"text/plain", fill(b"=", 20 * m), b"quoted-printable")
    yield "qp-blanks", one_part(b"text/plain", fill(b" ", 20 * m), b"quoted-printable")
    yield "qp-soft", one_part(b"text/plain", fill(b"=\r\n", 20 * m), b"quoted-printable")
    yield "uu-garbage", one_part(b"application/x", b"begin 644 a\r\n" + noise(10 * m), b"x-uuencode")
    for charset in (b"utf-7", b"utf-8", b"utf-16", b"iso-2022-jp", b"iso-2022-kr", b"gb18030", b"hz-gb-2312", b"big5",
                    b"shift_jis", b"euc-jp", b"windows-1258", b"x" * 5000, b"../../../etc/passwd", b"//TRANSLIT"):
        yield "charset-" + charset[:12].decode().replace("/", "_"), one_part(b"text/plain; charset=" + charset, noise(3 * m))
    yield "charset-utf-7-plus", one_part(b"text/plain; charset=utf-7", fill(b"+AAAA", 8 * m))
    yield "charset-escapes", one_part(b"text/plain; charset=iso-2022-jp", fill(b"\x1b$B\x1b(B", 8 * m))
    yield "text-one-line", one_part(b"text/plain", fill(b"a", 30 * m))
    yield "text-empty-lines", one_part(b"text/plain", fill(b"\r\n", 30 * m))
    yield "text-quotes", one_part(b"text/plain", fill(b">", 30 * m))
    yield "text-quote-lines", one_part(b"text/plain", fill(b"> a\r\n", 30 * m))
    yield "text-flowed", one_part(b"text/plain; format=flowed", fill(b">>>>>>>>>>> a \r\n", 10 * m))
    yield "text-from-lines", one_part(b"text/plain", fill("Från: a\r\nSkickat: b\r\nTill: c\r\nÄmne: d\r\n".encode(), 4 * m))
    yield "text-wrote", one_part(b"text/plain", fill(b"Den 1 jan skrev a <a@b.example>:\r\n", 4 * m))
    yield "text-dashes", one_part(b"text/plain", fill(b"-- \r\n", 4 * m))
    yield "text-controls", one_part(b"text/plain", fill(bytes(range(32)), 4 * m))
    yield "html-deep", html(fill(b"<div>", 20 * m))
    yield "html-deep-quotes", html(fill(b"<blockquote>a", 4 * m))
    yield "html-unmatched", html(fill(b"<b>", m) + fill(b"</i>", 4 * m))
    yield "html-attributes", html(b"<a " + b" ".join(b"a%d" % i for i in range(400000)) + b">x</a>")
    yield "html-attribute-long", html(b'<img src="data:' + fill(b"A", 20 * m) + b'">hej')
    yield "html-quote-open", html(fill(b"<a b='", 4 * m) + fill(b'<a b="', 4 * m))
    yield "html-comments", html(fill(b"<!--", 8 * m))
    yield "html-scripts", html(fill(b"<script>", 8 * m))
    yield "html-entities", html(fill(b"&x;", 4 * m))
    yield "html-entity-long", html(fill(b"&" + b"a" * 100, 4 * m))
    yield "html-links", html(fill(b"<a href=http://a.example/>x", 4 * m))
    yield "html-lists", html(fill(b"<ol><li>", 4 * m))
    yield "html-tables", html(fill(b"<table><tr><td>", 4 * m))
    yield "html-breaks", html(fill(b"<br>", 20 * m))
    yield "html-noise", html(noise(4 * m))
    yield "html-styles", html(fill(b'<p style="' + b"a:b;" * 500 + b'">x', 4 * m))
    yield "alternative-500", head(b"a", b"Content-Type: multipart/alternative; boundary=b") + b"\r\n" + b"".join(
        b"--b\r\nContent-Type: text/%s\r\n\r\n%s\r\n" % (t, b"hej " * 500) for t in (b"plain", b"html") * 250)
    yield "calendar-large", one_part(b"text/calendar", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + fill(
        b"SUMMARY:" + b"a\\n" * 30 + b"\r\n a\r\n", 4 * m))
    yield "calendar-folds", one_part(b"text/calendar", b"BEGIN:VEVENT\r\nSUMMARY:x" + fill(b"\r\n a", 8 * m))
    yield "calendar-begins", one_part(b"text/calendar", fill(b"BEGIN:VEVENT\r\n", 8 * m))
    yield "tnef-noise", tnef(noise(2 * m))
    yield "tnef-lengths", tnef(record(1, 0x0002800C, b"x", 0xffffffff))
    yield "tnef-records", tnef(record(1, 0x0002800C, b"x") * 100000)
    yield "tnef-counts", tnef(record(1, 0x00069003, (0xffffffff).to_bytes(4, "little") + b"\0" * 100))
    yield "tnef-values", tnef(record(1, 0x00069003, b"\x01\0\0\0\x1e\x10\x00\x10\xff\xff\xff\x7f" + b"\0" * 100))
    yield "tnef-files", tnef(record(2, 0x00069002, b"\0" * 14) * 2000 + record(2, 0x0006800F, noise(1000)) * 2000)
    yield "tnef-rtf", tnef(record(1, 0x00069003, b"\x01\0\0\0\x02\x01\x09\x10\x01\0\0\0\x14\0\0\0" +
                                  b"\x10\0\0\0\xff\xff\xff\x7fLZFu\0\0\0\0\0\0\0\0"))
    yield "smime-noise", one_part(b"application/pkcs7-mime", base64.encodebytes(noise(2 * m)), b"base64")
    yield "smime-der", one_part(b"application/pkcs7-mime", base64.encodebytes(b"\x30\x80" * 500000), b"base64")
    yield "smime-length", one_part(b"application/pkcs7-mime", base64.encodebytes(b"\x30\x84\xff\xff\xff\xff"), b"base64")
    yield "smime-pieces", one_part(b"application/pkcs7-mime", base64.encodebytes(
        bytes.fromhex("308006092a864886f70d010702a0803080020101310030800609" "2a864886f70d010701a0802480") +
        b"\x04\x01a" * 500000), b"base64")
    yield "smime-nested", nested_smime(12)
    yield "name-dotdot", name(percent("../../../etc/passwd"))
    yield "name-nul", name(percent("a\0b.exe"))
    yield "name-rtl", name(percent("faktura\u202efdp.exe"))
    yield "name-zero-width", name(percent("fak\u200btura\ufeff.pdf"))
    yield "name-long", name(percent("å" * 20000 + ".pdf"))
    yield "name-lines", name(percent("a\r\nX-Injected: 1\r\n.pdf"))
    yield "noise", noise(8 * m)
    yield "nuls", b"\0" * (30 * m)
    yield "empty", b""
    yield "lf-only", fill(b"\n", 30 * m)
    yield "cr-only", fill(b"\r", 30 * m)


def good(i):
    return (head(b"God mail %d" % i, b"Content-Type: text/plain; charset=utf-8") +
            "\r\nHej, det här är mail %d.\r\n".encode() % i)


def write(folder):
    paths = []
    for i, (title, data) in enumerate(bombs()):
        path = os.path.join(folder, "%03d-%s.eml" % (i, title))
        with open(path, "wb") as f:
            f.write(data)
        paths.append(path)
    return paths


def read_one(tool, path):
    """CPU seconds, bytes of memory with the mapped mail, exit status of one reading."""
    r = subprocess.run([tool, "--measure", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if r.returncode != 0:
        return 0, 0, r.returncode
    cpu, memory = r.stdout.split()
    return int(cpu) / 1000, int(memory) * 1024, 0


def check(build):
    """The worst figures are printed; 1 if one is over its limit."""
    tool, bad, worst_cpu, worst_memory = os.path.join(build, "parse-tool"), 0, (0, ""), (0, "")
    with tempfile.TemporaryDirectory() as folder:
        for i, (title, data) in enumerate(bombs()):
            path, mail = os.path.join(folder, "bomb"), os.path.join(folder, "good")
            with open(path, "wb") as f:
                f.write(data)
            with open(mail, "wb") as f:
                f.write(good(i))
            cpu, memory, status = read_one(tool, path)
            worst_cpu, worst_memory = max(worst_cpu, (cpu, title)), max(worst_memory, (memory, title))
            lines = subprocess.run([os.path.join(build, "lotsctl"), "parse", "--json", path, mail],
                                   stdout=subprocess.PIPE, check=False).stdout.splitlines()
            answers = [json.loads(l) for l in lines]
            faults = [w for w, wrong in (
                ("%.2f s CPU" % cpu, cpu > CPU_MAX), ("%d KiB" % (memory >> 10), memory > MEMORY_MAX),
                ("status %d" % status, status != 0),
                ("died in the cage", len(answers) != 2 or "parser-died" in answers[0]["defects"]),
                ("the next mail is lost", len(answers) == 2 and answers[1].get("subject") != "God mail %d" % i),
                ("a name climbs or lies", any(set(a["name"]) & set("\r\n\0\u202e\u200b\ufeff") or ".." in a["name"]
                                              for a in (answers or [{}])[0].get("attachments", [])))) if wrong]
            if faults:
                print("%s: %s" % (title, ", ".join(faults)))
                bad = 1
    print("worst: %.2f s CPU (%s), %d KiB (%s)" %
          (worst_cpu[0], worst_cpu[1], worst_memory[0] >> 10, worst_memory[1]))
    return bad


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        sys.exit(check(sys.argv[2]))
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    write(sys.argv[1])
