/* Sender: one sink (Maildir, SMTP submission, or the local MTA), given mails by the desk; answers each
 * with exactly one outcome. The dot gate: the end of a mail leaves only after the desk's "go" (protocol.h).
 *
 * The job, a JSON object (unknown members are ignored; * = needed):
 *   kind*         "maildir" | "smtp" | "local_mta"
 *   name*         of the sink, for the log
 *   path          maildir*: the folder that holds tmp/, new/ and cur/
 *   host port     smtp*: port 587 (starttls), 465 (tls) when absent. local_mta: "127.0.0.1", 25; its
 *                 host must be a loopback address
 *   security      smtp: "starttls" (default) | "tls" | "none" (loopback only, no user)
 *   ca_file       smtp: PEM file of the CAs to believe, and no other; absent or "": the system's
 *   user          smtp: with it AUTH PLAIN or LOGIN is used; the password is the secret
 *   hello         name said in EHLO; absent: "localhost"
 *   connections   smtp: kept at most (4)
 *   timeout_ms    of one mail, less the time it waits at the gate (300000) */
#ifndef LOTS_WORKERS_SENDER_H
#define LOTS_WORKERS_SENDER_H

#include "base/prelude.h"

#include <jansson.h>

/* Runs until the desk closes its socket (returns 0) or the job makes no sense (78, message on stderr).
 * job and secret_fd (-1: none) stay the caller's. */
int sender_main(int sock, json_t *job, int secret_fd);

#endif
