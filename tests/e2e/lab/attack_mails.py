"""What attackers and mail programs write: lists for the attack tests."""
import base64
import itertools

B = "mx.lots.example"
D = "kalix.example"
A = "Authentication-Results: "
HOP = "Received: from a by %s with ESMTP; Mon, 23 Nov 2026 07:59:00 +0100" % B


def auth_mutants():
    """Sixty fields (lists of header lines) none of which proves that the mail is from kalix.example."""
    ours = A + B + "; "
    one = [
        "", A, A + ";", A + B, A + B + ";", ours + "none", ours + "dmarc", ours + "dmarc=", ours + "=pass header.from=" + D,
        ours + "dmarc=pass", ours + "dmarc=pass header.from=", ours + "dmarc=pass header.from=evil.example",
        ours + "dmarc=pass header.from=%s.evil.example" % D, ours + "dmarc=pass header.from=evil-" + D,
        ours + "dmarc=pass header.from=x." + D, ours + "dmarc=pass header.from=example",
        ours + "dmarc=pass header.from=%s(.evil.example)" % D, ours + "dmarc=pass (header.from=%s)" % D,
        ours + "dmarc=pass header.from=evil.example (header.from=%s)" % D,
        ours + "dmarc=pass header.from=%s header.from=evil.example" % D,
        ours + "dmarc=pass header.from=evil.example header.from=" + D,
        ours + "dmarc=fail header.from=%s; dmarc=pass header.from=%s" % (D, D),
        ours + "dmarc=pass header.from=%s; dmarc=pass header.from=%s" % (D, D),
        ours + "dmarc=pass header.from=%s; dmarc=fail header.from=evil.example" % D,
        ours + "dmarc=passed header.from=" + D, ours + "dmarc=pass2 header.from=" + D, ours + "dmarc=bestguesspass header.from=" + D,
        ours + "dmarc=fail (p=none) header.from=" + D, ours + "dmarc=none header.from=" + D, ours + "dmarc=permerror header.from=" + D,
        ours + "dmarc=\"pass header.from=%s\"" % D, ours + "dmarc=pass header.from=\"%s\"" % D,
        ours + "xdmarc=pass header.from=" + D, ours + "dmarc.x=pass header.from=" + D,
        ours + "spf=pass smtp.mailfrom=" + D, ours + "spf=pass smtp.mailfrom=%s; dmarc=fail header.from=%s" % (D, D),
        ours + "dkim=pass header.i=@" + D, ours + "dkim=pass header.d=evil.example header.i=@" + D,
        ours + "dkim=fail header.d=" + D, ours + "dkim=neutral header.d=" + D, ours + "dkim=pass header.d=sub." + D,
        ours + "dkim=pass header.d=%s; dmarc=fail header.from=%s" % (D, D), ours + "arc=pass header.d=" + D,
        ours + "iprev=pass policy.iprev=192.0.2.1; auth=pass smtp.auth=superanvandare.hsl@" + D,
        ours + "dmarc=pass header.from=%s (unclosed" % D, ours + "dmarc=pass header.from=%s )" % D,
        ours + "dmarc=pass; header.from=" + D, ours + "dmarc=fail; reason=\"; dmarc=pass header.from=%s\"" % D,
        ours + "dmarc=pass\theader.from=evil.example\x0b header.from=" + D,
        ours + "dmarc = pass header.from = " + D,
        A + B + ".evil.example; dmarc=pass header.from=" + D, A + "evil.example; dmarc=pass header.from=" + D,
        A + "x" + B + "; dmarc=pass header.from=" + D, A + "\"" + B + "\"x; dmarc=pass header.from=" + D,
        A + "(" + B + ") evil.example; dmarc=pass header.from=" + D, A + B + "/2 x; dmarc=pass header.from=" + D,
        A + B + " 2; dmarc=pass header.from=" + D, A + B + " evil.example; dmarc=pass header.from=" + D,
        "X-Authentication-Results: " + B + "; dmarc=pass header.from=" + D, "ARC-" + A + "i=1; " + B + "; dmarc=pass header.from=" + D,
        "Authentication-Result: " + B + "; dmarc=pass header.from=" + D,
    ]
    two = [
        [A + "evil.example; dmarc=fail", ours + "dmarc=pass header.from=" + D],
        [ours + "dmarc=fail header.from=" + D, ours + "dmarc=pass header.from=" + D],
        [A + B, ours + "dmarc=pass header.from=" + D],
        [HOP, ours + "dmarc=pass header.from=" + D],
        [HOP.replace("by mx", "by\n mx"), ours + "dmarc=pass header.from=" + D],
    ]
    return [[f] if f else [] for f in one] + two


def from_forms(who, evil):
    """Forty ways to write From (whole header lines) that give no identity of `who`."""
    return [["From: " + f] for f in (
        "%s, %s" % (who, evil), "%s, %s" % (evil, who), "<%s>, <%s>" % (evil, who), "a:%s;" % who, "a: %s, %s;" % (who, evil),
        "Undisclosed:;", "", "<>", "Anna", "\"%s\" <%s>" % (who, evil), "%s <%s>" % (who, evil), "'%s' <%s>" % (who, evil),
        "<%s> <%s>" % (who, evil), "\"<%s>\" <%s>" % (who, evil), "(%s) <%s>" % (who, evil), "<%s> (%s)" % (evil, who),
        "%s (%s)" % (evil, who), "\"%s\"@evil.example" % who, "<%s@evil.example>" % who, "<evil.example@%s@x>" % who,
        "=?utf-8?q?=3C%s=3E?= <%s>" % (who.replace("@", "=40"), evil), "=?utf-8?b?%s?= <%s>" % (base64.b64encode(who.encode()).decode(), evil),
        "<@kalix.example:%s>" % evil, "<%s\u200b>" % who, "<\u200b%s>" % who, "<%s>" % who.replace("@", "@\u00ad"),
        "<%s>" % who.replace("a", "\u0430"), "<%s>" % who.replace("kalix", "ka\u217cix.x"), "<%s.>" % who, "<%s.evil.example>" % who,
        "<%s>" % who.replace(".example", "\u3002examp1e"), "<%s%%evil.example@evil.example>" % who, "<%s!%s>" % (who, evil),
        "\"%s\\\"\" <%s>" % (who, evil), "<%s>" % who.replace("kalix", "ka1ix"), "<%s>" % who.replace("@", "@@"),
        "<" + "a" * 300 + who + ">", "<%s>" % who.replace("@", "\x00@"))] + [
        ["From: " + evil, "From: " + who], ["From: " + who, "From: " + evil], ["From: %s" % evil, "Sender: " + who, "Reply-To: " + who],
        ["Sender: " + who], ["Resent-From: " + who, "From: " + evil], ["X-From: " + who, "Return-Path: <%s>" % who, "From: " + evil]]


SAID = "Den mån 23 nov. 2026 kl 08:01 skrev Support <support@lots.example>:"
HEADS = [  # how programs announce what they quote
    SAID, "On Mon, Nov 23, 2026 at 8:01 AM Support <support@lots.example> wrote:", "23 nov. 2026 kl. 08:01 skrev Support <support@lots.example>:",
    "Den 2026-11-23 kl. 08:01, skrev Support:", "Am 23.11.2026 um 08:01 schrieb Support:", "Le lun. 23 nov. 2026 à 08:01, Support a écrit :",
    "Support kirjoitti 23.11.2026 kello 8.01:", "El lun, 23 nov 2026 a las 8:01, Support escribió:",
    "-----Ursprungligt meddelande-----\nFrån: Support\nSkickat: den 23 november 2026 08:01\nTill: Anna\nÄmne: Delegering",
    "-----Original Message-----\nFrom: Support\nSent: Monday, November 23, 2026 8:01 AM\nTo: Anna\nSubject: Delegering",
    "________________________________\nFrån: Support <support@lots.example>\nSkickat: den 23 november 2026 08:01\nTill: Anna\nÄmne: Delegering\n",
    "Från: Support <support@lots.example>\nDatum: måndag 23 november 2026 08:01\nTill: Anna\nÄmne: Delegering\n",
    "*From:* Support\n*Sent:* Monday, November 23, 2026 8:01 AM\n*To:* Anna\n*Subject:* Delegering\n",
    "Lähettäjä: Support\nLähetetty: 23. marraskuuta 2026 8:01\nVastaanottaja: Anna\nAihe: Delegering\n",
    "Fra: Support\nSendt: 23. november 2026 08:01\nTil: Anna\nEmne: Delegering\n",
    "---------- Forwarded message ---------\nFrån: Eve <eve@evil.example>\nDate: mån 23 nov. 2026\nSubject: Hej\nTo: <support@lots.example>\n",
    "Begin forwarded message:\n\nFrom: Eve <eve@evil.example>\nSubject: Hej\nDate: 23 november 2026\nTo: support@lots.example\n",
    "Vidarebefordrat mejl:\n\nFrån: Eve <eve@evil.example>\nÄmne: Hej\nDatum: 23 november 2026\nTill: support@lots.example\n",
]
PREFIXES = ["> ", ">", "> > ", "| "]


def quotes(command, own_words=True):
    """A hundred bodies (headers, text) whose command is not the writer's own first line. In half of
    them he wrote something of his own above. Without `own_words` only those where somebody else wrote it."""
    out = []
    for i, head in enumerate(HEADS):
        quoted = i < 8
        body = "\n".join(("> " if quoted else "") + l for l in (command, "Hej", "Hur registrerar jag?"))
        out.append("%s\n%s\n" % (head, body))
        out.append("Se nedan.\n\n%s\n%s\n" % (head, body))
        out.append("Se nedan.\n\n-- \nMvh\nAnna\n\n%s\n%s\n" % (head, body))
    for prefix, top in itertools.product(PREFIXES[:3], ["", "Jag ser inte det du skriver om.\n\n", "Hej!\n\n"]):
        out.append("%s%s%s\n%sHej\n" % (top, prefix, command, prefix))
        out.append("%s%s\n%s%s\n" % (top, SAID, prefix, command))
    for sign in ("-- \n", "--\n", "Mvh\nAnna Lind\n", "Med vänlig hälsning\nAnna Lind\nKalix kommun\n", "Vänliga hälsningar,\n\nAnna\n",
                 "Skickat från min iPhone\n", "Hämta Outlook för Android\n", "_______________\nAnna Lind\n", "Best regards\nAnna\n"):
        out.append("Jag tittar på det i morgon och hör av mig.\n\n%s%s\n" % (sign, command))
    for where in () if not own_words else ("Hej! %s", "Jag skrev %s i förra mejlet.", "Hej\n\nMan kan skriva\n%s", "1. %s", "* %s", "\"%s\"", "a%s", "http://x.example/%s"):
        out.append(where % command + "\n")
    text = [([], t) for t in out]
    html = lambda h: (["MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8"], "<html><body>%s</body></html>" % h)
    for style in ("display:none", "display: none !important", "visibility:hidden", "font-size:0", "font-size:0px;line-height:0", "max-height:0;overflow:hidden",
                  "opacity:0", "color:#fff;display:none", "mso-hide:all", "width:0;height:0;overflow:hidden"):
        text.append(html("<div style=\"%s\">%s</div><p>Jag tittar på det.</p>" % (style, command)))
    for h in ("<p hidden>%s</p><p>Hej</p>", "<!-- %s --><p>Hej</p>", "<style>%s</style><p>Hej</p>", "<script>%s</script><p>Hej</p>", "<title>%s</title><p>Hej</p>",
              "<template>%s</template><p>Hej</p>", "<blockquote>%s</blockquote>", "<p>Hej</p><blockquote type=\"cite\">%s</blockquote>",
              "<input value=\"%s\"><p>Hej</p>", "<p title=\"%s\">Hej</p>",
              "<div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>Från:</b> Support<br><b>Skickat:</b> i dag</div><div>%s</div>",
              "<p>Hej</p><div style=\"border:none;border-top:solid #E1E1E1 1.0pt\"><p><b>Från:</b> Support<br><b>Skickat:</b> den 23 november<br><b>Till:</b> Anna<br><b>Ämne:</b> Hej</p></div><p>%s</p>"):
        text.append(html(h % command))
    return text


VERIFICATIONS = [(s, b) for s, b in itertools.product(
    ("Verify your email address", "Your verification code", "Bekräfta din e-postadress", "Din engångskod", "Activate your account",
     "Confirm your account for Slack", "Reset your password", "Din inloggningskod", "Sign-in code for your workspace", "Join the workspace Kalix"),
    ("Your verification code is 482913", "Click the link below to verify your email: https://service.example/v?t=8123", "Din kod är 482 913. Ange koden för att logga in.",
     "Use this code to continue: 482913", "Klicka på länken för att bekräfta https://service.example/b/91"))]

ABSENCES = [([], s, b) for s, b in itertools.product(
    ("Autosvar: [Support %d] Delegering", "Automatiskt svar: [Support %d] Delegering", "Frånvaro: SV: [Support %d]", "Automatic reply: [Support %d] Delegering",
     "Out of Office: [Support %d]", "Out of office Re: [Support %d] Delegering", "Automaattinen vastaus: [Support %d] Delegering", "Abwesenheitsnotiz: [Support %d]"),
    ("Hej! Jag är på semester till och med den 4 december. JA, jag läser mejl ibland.", "I am out of the office until December 4.",
     "Jag är inte på plats. Vid brådskande ärenden, ring växeln.", "JA\n\nJag är ledig."))] + [
    ([h], "SV: [Support %d] Delegering", b) for h, b in itertools.product(
        ("Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated", "X-Autoreply: yes", "X-Autorespond: 1", "X-Auto-Response-Suppress: All\nAuto-Submitted: auto-replied",
         "Precedence: auto_reply", "X-Precedence: auto_reply", "Return-Path: <>", "X-MS-Exchange-Inbox-Rules-Loop: anna@kalix.example", "X-Vacation: yes",
         "X-Mail-Autoreply: vacation", "X-AutoReply-From: anna@kalix.example"),
        ("JA", "Jag är på semester.", "NEJ", "DET LÖSTE SIG"))]

# Spellings that some program takes for superanvandare.hsl@kalix.example, and the address key must not.
LOOKALIKES = [l + "@" + d for l, d in itertools.chain(
    ((x, D) for x in ("superanvandare.hs\u217c", "superanvandare.h\u017fl", "\u017fuperanvandare.hsl", "superanvandare.hsl ", "superanvandare..hsl", ".superanvandare.hsl",
                      "superanvandare.hsl.", "superanvandare\uff0ehsl", "superanvandare.hsl\u200b", "superanvandare.\u202ehsl", "superanvandare.hsl\x00", "superanvandare.hsl\x01",
                      "superanv\u00e4ndare.hsl", "superanvandare.hsl\u0301", "\"superanvandare\".hsl", "superanvandare.hsl%kalix.example", "superanvandare.hsl!", "superanvandarehsl",
                      "superanvandare-hsl", "superanvandare_hsl", "superanvandare.hs1", "superanvandare.hsI", "xsuperanvandare.hsl", "superanvandare.hsl+x", "superanvandare.hsl=x",
                      "superanvandare.hsl" + "a" * 300, "a" * 64 + "superanvandare.hsl", "=?utf-8?q?superanvandare=2Ehsl?=x", "superanvandare\\.hsl", "superanvandare.hsl/kalix")),
    (("superanvandare.hsl", x) for x in (
        "kalix.example.", "kalix.example..", ".kalix.example", "kalix..example", "kalix.example.evil.example", "evil-kalix.example", "kalix.examp1e", "ka1ix.example", "kalix.exampl\u0435",
        "k\u0430lix.example", "\u212aalix.example", "\uff4balix.example", "kalix\u3002example", "kalix\uff0eexample", "kal\u0131x.example", "KAL\u0130X.example", "kalix.\u200bexample",
        "kalix.exa\u00admple", "kalix.example\x00.evil.example", "kalix.example\x00", "xn--kalix-.example", "xn--kalix.example", "[192.0.2.1]", "[kalix.example]", "kalix.example:25",
        "kalix.example/evil.example", "kalix.example?evil.example", "kalix.example#evil.example", "kalix_.example", "-kalix.example", "kalix-.example", "kalix", "example", "kalix.example%evil.example",
        "kalix.example@evil.example", "evil.example@kalix.example@evil.example", "x." + "kalix.example", "a" * 64 + ".kalix.example", ("a" * 60 + ".") * 5 + "kalix.example",
        "kalix.example,evil.example", "kalix.example;evil.example", "kalix(.evil).example", "kalix.example(comment", "kalix.ex\u0430mple", "ⓚalix.example", "kalix.example\u0338")))]

# Text that would like to be more than text, in a subject, a name or a file name.
HOSTILE = [
    "x\r\nBcc: victim@evil.example", "x\nBcc: victim@evil.example", "x\rBcc: victim@evil.example", "x\r\n\r\n<script>alert(1)</script>", "x\r\n.\r\nMAIL FROM:<a@b>",
    "x\x00y", "x\x0by\x0cz", "x\x1b[31mred\x1b]8;;http://evil\x07", "x\u2028Bcc: victim@evil.example", "x\u2029y", "x\u0085Bcc: a@evil.example", "\u202egnp.exe", "\u2066a\u2069", "a\u200bb\ufeffc",
    "{{subject}}", "{{{text}}}", "{{#number}}x{{/number}}", "{{> facts}}", "{{=<% %>=}}", "%s%n%d", "${7*7}", "<%= 7*7 %>", "#{7*7}", "$(touch /tmp/x)", "`id`", "'; DROP TABLE kase; --",
    "\" OR 1=1 --", "100% _ \\ [x]", "<b>fet</b>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "&lt;b&gt;", "&#x3C;b&#x3E;", "]]>", "<!--", "[Support 1001]", "[Support 1001] [Support 1002]",
    "[Support 99999999999999999999]", "=?utf-8?q?=0D=0ABcc:_victim=40evil.example?=", "=?utf-8?b?DQpCY2M6IHZpY3RpbUBldmlsLmV4YW1wbGU=?=", "=?utf-16?b?//4NAAoA?=", "=?x?q?a?=", "=?utf-8?q?",
    "a" * 5000, "å" * 3000, "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 200, "a " * 3000, "", " ", "\t", ".", "..", "-", "> citat", "# rubrik", "* lista", "| tabell |", "1042 löst",
    "SKICKA", "#stäng", "JA", "http://evil.example/?a=b&c=d", "www.evil.example", "tel:112", "mailto:x@evil.example?body=%0d%0aBcc:x", "\ud83d", "\udcff\udcfe", "\uffff\ufffe", "ﷺ" * 50, "a" + "\u0301" * 500,
    "../../etc/passwd", "..\\..\\x", "con", "nul.txt", "x.pdf\u202efdp.exe", "a/b", "a;b", "a\"b", "a'b", "a=b; c=d", "*?.txt", "~root", "-rf", ".htaccess", "file:///etc/passwd", "a\tb", "=1+1", "@SUM(A1)", "+1", "-1",
    "<!channel>", "@all", "@here", "|", "a,b", "a, b <c@evil.example>", "\"Support\" <support@lots.example>", "(kommentar", "a)", "<", ">", "\\", "\"",
]
