/* Reader: one mailbox, Maildir or IMAP, handed to the desk mail by mail; what the desk has committed is
 * flagged, moved or deleted there. Nothing is changed on the server before the desk's ack.
 *
 * The job, a JSON object (unknown members are ignored; * = needed):
 *   kind*         "maildir" | "imap"
 *   name*         of the mailbox, for the log
 *   path          maildir*: the folder that holds new/ and cur/
 *   host port     imap*: port 993 (tls), 143 (else) when absent
 *   security      imap: "tls" (default) | "starttls" | "none" (loopback only)
 *   ca_file       imap: PEM file of the CAs to believe; absent or "": the system's
 *   user*         imap; the password is the secret, without its last newline
 *   auth          imap: "login" (default) | "plain"
 *   mailbox       imap: "INBOX" when absent
 *   after         "seen" (default) | "move" | "delete" | "keep": done with a committed mail
 *   folder        move*: an IMAP mailbox, or the path of a Maildir
 *   delete_days   delete: 0 (default) at once, else flagged as seen and deleted when the desk says so
 *   poll_ms       between looks when nothing tells of new mail (60000; Maildir 250)
 *   max_bytes     larger mail is left on the server (MAX_MAIL_BYTES)
 *   import_since  "2026-01-01": at first contact take what is younger than this, else begin at the end
 *   timeout_ms    of one operation on the server (60000) */
#ifndef LOTS_WORKERS_READER_H
#define LOTS_WORKERS_READER_H

#include "base/prelude.h"

#include <jansson.h>

/* Runs until the desk closes its socket (returns 0) or the job makes no sense (78, message on stderr).
 * job and secret_fd (-1: none) stay the caller's. */
int reader_main(int sock, json_t *job, int secret_fd);

#endif
