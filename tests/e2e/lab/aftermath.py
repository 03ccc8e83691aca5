"""What stands when a day has been disturbed, and whether that is what stands when it has not been.

For instances of the rehearsal (Maildirs in and out, or another sink's mails handed in)."""
import os
import sqlite3
import subprocess
import time

from attack import BUILD, rehearsal

OPERATOR = "drift@lots.example"  # trouble may be told


def words(folder, now, build=BUILD):
    return [build + "/lotsd", "-c", folder + "/lots.yaml", "--once", "--now", now]


def recover(folder, now):
    """Started again, as systemd would, until there is nothing left to do."""
    said = b""
    for _ in range(8):
        process = subprocess.Popen(words(folder, now), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        said = process.communicate(timeout=120)[1]
        if process.returncode == 0:
            return ""
        with sqlite3.connect(folder + "/state/lots.db", timeout=10) as db:  # what waits for its next try is tried now
            db.execute("UPDATE outbox SET next_try_ms = 0 WHERE state IN ('deferred', 'unknown')")
        time.sleep(0.05)
    return "it does not settle: %d\n%s" % (process.returncode, said.decode("utf-8", "replace")[-1500:])


def maildir(folder):
    return [open(os.path.join(top, n), "rb").read() for top in (folder + "/out/new", folder + "/out/cur") for n in os.listdir(top)]


def outcome(folder, sent=None):
    """What stands after it, without the times and ids that depend on how often it was tried."""
    db = sqlite3.connect("file:%s/state/lots.db?mode=ro" % folder, uri=True)
    rows = lambda sql: sorted(map(tuple, db.execute(sql)))
    stands = {
        "cases": rows("SELECT number, kind, state, link, requester_address, holder IS NULL FROM kase"),
        "log": rows("SELECT k.number, l.type, l.text FROM case_log AS l JOIN kase AS k ON k.id = l.case_id"),
        "clocks": rows("SELECT kind, owner_id, running, due_ms FROM clock"),
        "inbox": rows("SELECT mailbox, source_key, state, outcome FROM inbox"),
        "seen": rows("SELECT mailbox, source_key FROM mailbox_item WHERE inbox IS NOT NULL"),
        "outbox": rows("SELECT address, state FROM outbox WHERE class <> 'alarm'"),
    }
    check = db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    mails = [rehearsal.Mail(raw) for raw in (maildir(folder) if sent is None else sent)]
    stands["sent"] = sorted((m.to, m.subject, m.text) for m in mails if m.to != OPERATOR)
    stands["twice"] = len(mails) - len({m.message_id for m in mails})
    stands["integrity"] = check
    stands["left"] = sorted(n for box in os.listdir(folder + "/in") for n in os.listdir("%s/in/%s/new" % (folder, box)))
    return stands


def difference(a, b):
    def only(x, y):
        return [one for one in x if one not in y] if isinstance(x, list) else x
    return "; ".join("%s: without %.300r, with %.300r" % (k, only(a[k], b[k]), only(b[k], a[k])) for k in a if a[k] != b[k])
