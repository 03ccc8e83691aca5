"""The mails of the benches: two thirds open cases, one third are superusers' answers to what they were
told. Half are plain, four of ten have HTML too, one of ten a 50 KB attachment; all are Swedish and name an
area, so that each case gives one receipt and one notification and each answer one mail."""
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "demo"))
from rehearsal import encoded  # noqa: E402

# Pajala has two superusers for the area: left out, so that each case gives exactly one notification.
TOWNS = ("kalix boden pitea lulea kiruna gallivare haparanda jokkmokk arjeplog arvidsjaur alvsbyn "
         "overkalix overtornea").split()
TEXTS = ["Jag kan inte signera en HSL-insats i Ekosystem SOC sedan i morse. Knappen är grå.",
         "Delegeringen för läkemedel syns inte på HSL-patienten, hur gör jag?",
         "Får fel när jag dokumenterar en HSL-åtgärd på en ny patient."]


def lines64(data):
    return base64.encodebytes(data).decode().replace("\n", "\r\n")


def head(i, rng, sender=None):
    town = TOWNS[i % len(TOWNS)]
    return ("From: =?utf-8?q?Anv=C3=A4ndare_%d?= <%s>\r\nTo: support@lots.example\r\n"
            "Subject: %s\r\nMessage-ID: <bench-%d-%d@%s.example>\r\n"
            "Date: Mon, 23 Nov 2026 08:00:00 +0100\r\nMIME-Version: 1.0\r\n"
            % (i, sender or "anvandare%d@%s.example" % (i, town), encoded("HSL: kan inte signera %d" % i), i,
               rng.getrandbits(40), town))


def with_attachment(i, rng, first_part, size):
    return ('Content-Type: multipart/mixed; boundary="m%d"\r\n\r\n--m%d\r\n%s\r\n--m%d\r\n'
            'Content-Type: image/png; name="skarm.png"\r\nContent-Disposition: attachment; filename="skarm.png"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n--m%d--\r\n"
            % (i, i, first_part, i, lines64(rng.randbytes(size)), i))


def opening(i, rng, attachment=50000):
    """Opens a case."""
    text = rng.choice(TEXTS) + "\n\nMed vänlig hälsning\nAnvändare %d" % i
    if i % 10 < 5 and attachment == 50000:
        return (head(i, rng) + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                + text.replace("\n", "\r\n") + "\r\n").encode()
    part = "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n%s"
    html = "<html><body><p>%s</p></body></html>" % text.replace("\n", "<br>")
    alternative = ('Content-Type: multipart/alternative; boundary="a%d"\r\n\r\n--a%d\r\n%s\r\n--a%d\r\n%s\r\n--a%d--\r\n'
                   % (i, i, part % ("plain", lines64(text.encode())), i,
                      part % ("html", lines64(html.encode())), i))
    if i % 10 < 9 and attachment == 50000:
        return (head(i, rng) + alternative).encode()
    return (head(i, rng) + with_attachment(i, rng, alternative, attachment)).encode()


def answer(i, told):
    """A superuser's answer to the notification `told` (to, reply_to, subject, message_id, text)."""
    return ("From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: <bench-answer-%d@kalix.example>\r\n"
            "In-Reply-To: %s\r\nReferences: %s\r\nDate: Mon, 23 Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            "Logga ut och in igen, så kommer knappen tillbaka.\r\n\r\nFrån: Support\r\nSkickat: den 23 november 2026\r\n"
            "Till: superanvändare\r\nÄmne: %s\r\n\r\n%s" % (
                told["to"], told["reply_to"], encoded("SV: " + told["subject"]), i, told["message_id"],
                told["message_id"], told["subject"], told["text"].replace("\n", "\r\n"))).encode()
