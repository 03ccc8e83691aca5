/* Protocol: every message between the parent, the desk and the workers. One packet of base/ipc.h each;
 * "op" names it. The desk believes nothing but what is checked. Worker -> desk unless said otherwise.
 *
 * Every worker starts with fd 3 = its socket to the desk, fd 4 = its job (a JSON object in a sealed
 * memfd), fd 5 = its secret (sealed memfd) or absent; the parser's is its charset tables (mail/charset.h).
 *
 * parent -> desk
 *   {op:"worker", role, name} + [socket]   a worker was started; its socket
 *   {op:"retire", role, name}              it is to end: close its socket once it has nothing begun. It
 *                                          is given 10 s, then killed; a new one may follow
 *   {op:"gone", role, name, reason}        it ended (its socket is closed too), or could not be started;
 *                                          "worker" follows if it is still wanted
 *   {op:"ping"}  -> desk answers {op:"pong"}
 *   {op:"reload"}                          SIGHUP
 *   {op:"stop"}                            settle what is begun and end
 * desk -> parent
 *   {op:"ready", status}                   serving
 *   {op:"settled", code}                   --once is done; the exit code
 *   {op:"pong"}
 *   {op:"jobs"} + [memfd]                  the list of workers wanted, at the start and whenever it
 *                                          changes (see app/supervise.h)
 *
 * reader (job: workers/reader.h)
 *   {op:"hello", validity}                 text; "" for Maildir. Also when the server's validity changes
 *   desk: {op:"start", after:uid, first:bool, since_ms}
 *                                          after: every mail up to this uid of this validity is known
 *                                          (0: none). first: never read before. since_ms: when this
 *                                          mailbox was first read (now, if first): what is older is
 *                                          left alone, or with import_since handed over as old
 *   {op:"begun", after:uid}                answer to a first start: reading begins after this uid. To be
 *                                          stored, else mail that comes before the next start is "old"
 *   {op:"have", keys:[...]}                Maildir: names found in cur/, not seen by this process yet
 *   desk: {op:"want", keys:[...]}          those of them that are not known (may be empty)
 *   {op:"item", key, size, internal_ms, old:bool} + [raw memfd]   one mail; old: before since_ms
 *   {op:"oversize", key, size}             left on the server, told once
 *   {op:"unreadable", key, reason}         the server cannot hand it over (three tries); left there
 *   desk: {op:"ack", keys:[...]}           committed: flag, move or delete. After a start the desk sends
 *                                          it again for keys it has no "flagged" of
 *   {op:"flagged", keys:[...]}             done on the server
 *   desk: {op:"delete", keys:[...]}        kept long enough (delete_days); answered by "deleted"
 *   {op:"deleted", keys:[...]}
 *   {op:"status", state:"ok"|"down", reason}
 *   {op:"swept"}                           all that was there has been handed over (for --once and the
 *                                          first reading after a start)
 *   desk: {op:"sweep"}                     look now
 *   A packet holds at most READER_KEYS keys.
 *
 * parser (socket of the zygote)
 *   desk: {op:"parse", job} + [raw memfd, reply socket]
 *   on the reply socket: {op:"parsed"} + [memfd of mail/mailpack.h], or {op:"died"}: the mail's child did. End of
 *   file with neither: the parser itself went, which no mail can cause
 *
 * sender (job: workers/sender.h)
 *   desk: {op:"send", mails:[{id, from, to, message_id, dsn:bool, retry:bool, size} ...]} + [memfd]
 *                                          the memfd holds their wire bytes, one after the other; from
 *                                          "" = null return path; retry: handed out before
 *   {op:"said", said:[...]}                at most SENDER_SAID of these, in the order they came about:
 *     {op:"dot", id}                       all but its end is out: may I? The end is the dot; to the
 *                                          local MTA the last byte and the dot; a Maildir never asks
 *     {op:"done", id, outcome:"accepted"|"deferred"|"failed"|"unknown", code, text}
 *                                          code: of the server's reply, 0 none; text: one clean line
 *     {op:"status", state, reason}
 *   desk: {op:"go", ids:[...]} | {op:"drop", ids:[...]}  dot pending is committed | close without sending it
 *   When the sender ends, a mail without "done" is: after "go" unknown, before it not sent.
 */
#ifndef LOTS_WORKERS_PROTOCOL_H
#define LOTS_WORKERS_PROTOCOL_H

#define WORKER_SOCKET_FD 3
#define WORKER_JOB_FD 4
#define WORKER_SECRET_FD 5
#define READER_WINDOW 32 /* mails handed over and not yet acknowledged */
#define READER_KEYS 100	 /* in one packet (and at most 12 KiB of them) */
#define SENDER_WINDOW 32 /* mails handed to a sender and not yet done */
#define SENDER_SAID 12	 /* a packet has room for so many texts of a server */
#define PARSER_JOBS 4	 /* children at one time */
#define PARSER_QUEUE                                                                               \
	32 /* mails asked for at one time: what was read while a round ran is its next batch */
#define PARSER_CPU_SECONDS 2
#define PARSER_WALL_MS                                                                             \
	30000 /* long beside the processor time: a busy machine is no fault of a mail */
#define PARSER_MEMORY (256u << 20)

#endif
