/* Protocol: every message between the parent, the desk and the workers. One packet of base/ipc.h each;
 * "op" names it. The desk believes nothing but what is checked. Worker -> desk unless said otherwise.
 *
 * Every worker starts with fd 3 = its socket to the desk, fd 4 = its job (a JSON object in a sealed
 * memfd), fd 5 = its secret (sealed memfd) or absent.
 *
 * parent -> desk
 *   {op:"worker", role, name} + [socket]   a worker was started; its socket
 *   {op:"gone", role, name}                it ended (its socket is closed too)
 *   {op:"ping"}  -> desk answers {op:"pong"}
 *   {op:"reload"}                          SIGHUP
 *   {op:"stop"}                            settle what is begun and end
 * desk -> parent
 *   {op:"ready", status}                   serving
 *   {op:"settled", code}                   --once is done; the exit code
 *   {op:"pong"}
 *   {op:"jobs", ...}                       the settings changed: new list of workers (see supervise.h)
 *
 * reader
 *   {op:"hello", validity}                 text; "" for Maildir
 *   desk: {op:"start", known:[key...]?, after:uid?, first:bool}
 *   {op:"item", key, size, internal_ms, old:bool} + [raw memfd]   one mail; old: before first contact
 *   {op:"oversize", key, size}             left on the server, told once
 *   desk: {op:"ack", keys:[...]}           committed: flag, move or delete
 *   {op:"flagged", keys:[...]}             done on the server
 *   {op:"status", state:"ok"|"down", reason}
 *   {op:"swept"}                           all that was there has been handed over (for --once and the
 *                                          first reading after a start)
 *   desk: {op:"sweep"}                     look now
 *
 * parser (socket of the zygote)
 *   desk: {op:"parse", job} + [raw memfd, reply socket]
 *   on the reply socket: {op:"parsed"} + [JSON memfd]; end of file without it = the child died
 *
 * sender
 *   desk: {op:"send", id, from, to, message_id, dsn:bool} + [wire memfd]   from "" = null return path
 *   {op:"dot", id}                         all but the last byte is out: may I?
 *   desk: {op:"go", id} | {op:"drop", id}  dot pending is committed | close without sending it
 *   {op:"done", id, outcome:"accepted"|"deferred"|"failed"|"unknown", code, text}
 *   {op:"status", state, reason}
 */
#ifndef LOTS_WORKERS_PROTOCOL_H
#define LOTS_WORKERS_PROTOCOL_H

#define WORKER_SOCKET_FD 3
#define WORKER_JOB_FD 4
#define WORKER_SECRET_FD 5
#define READER_WINDOW 32	/* mails handed over and not yet acknowledged */
#define SENDER_WINDOW 32	/* mails handed to a sender and not yet done */
#define PARSER_JOBS 4		/* children at one time */
#define PARSER_CPU_SECONDS 2
#define PARSER_WALL_MS 10000
#define PARSER_MEMORY (256u << 20)

#endif
