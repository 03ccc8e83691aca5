/* Scenario runner: whole conversations as readable text, fed as real RFC 5322 bytes through the
 * daemon's own parse, turn, store and compose functions on SQLite in memory. The language is
 * described in tests/scenario/README. */
#ifndef LOTS_SCENARIO_RUNNER_H
#define LOTS_SCENARIO_RUNNER_H

#include "app/desk.h"
#include "base/arena.h"
#include "base/buf.h"
#include "core/config.h"
#include "mail/charset.h"
#include "mail/mail.h"
#include "store/store.h"

#define WORDS_MAX 40
#define SENT_MAX 4000

struct sent {		/* a mail that left */
	const char *to; /* address key */
	const char *template_id, *language;
	struct mail *m; /* parsed from its wire bytes */
	struct bytes wire;
	int64_t at_ms;
	int event;    /* number of the event it followed */
	bool matched; /* an expectation has named it */
};

struct line { /* of a script: words and quoted strings, and the block under it */
	const char *v[WORDS_MAX];
	bool quoted[WORDS_MAX];
	size_t n;
	const char *body;    /* "| " lines */
	const char *headers; /* "+ " lines, CRLF */
	int number;
};

struct world {
	const char *file;
	struct arena *arena; /* of the whole scenario */
	struct arena *scratch;
	struct desk desk;
	struct store *store;
	struct config *config; /* shared by all scenarios; `set` is undone */
	struct charsets *charsets;
	int64_t now_ms;
	bool has_now;
	struct sent sent[SENT_MAX];
	size_t n_sent;
	int event;
	int mails_in;
	const char *last_outcome, *last_reason;
	const struct line *line;
	bool failed;
	bool show; /* --mails: print each mail as it leaves */
	bool once; /* through lotsd --once */
	const char *once_dir, *build;
	int64_t once_last_ms; /* --now of the latest run */
};

/* Says why, once, with file and line; the scenario ends. */
void fail_line(struct world *w, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* world.c */
struct config *world_config(struct arena *arena, const char *root);
void world_open(struct world *w);
void world_close(struct world *w);
void world_start(struct world *w, int64_t at_ms); /* the first moment */
void world_deliver(struct world *w, const char *mailbox, const char *raw, size_t n, bool imported);
void world_advance(struct world *w, int64_t to_ms); /* clocks due on the way fire at their time */
void world_settle(struct world *w);		    /* sends what may leave now */
void world_operator(struct world *w, const struct line *l);   /* operator VERB ADDRESS */
void world_show(const struct world *w, const struct sent *s); /* --mails */
const struct sent *world_last_to(const struct world *w, const char *address);

/* inbound.c */
void inbound_mail(struct world *w, const struct line *l);
void inbound_reply(struct world *w, const struct line *l);
void inbound_forward(struct world *w, const struct line *l);
void inbound_bounce(struct world *w, const struct line *l);

/* expect.c */
void expect_line(struct world *w, const struct line *l);

/* once.c: the same through lotsd --once. */
void once_open(struct world *w);
void once_close(struct world *w);
void once_deliver(struct world *w, const char *mailbox, const char *raw, size_t n);
void once_run(struct world *w);
void once_start(struct world *w);

/* script.c */
int script_run(struct world *w, const char *text);
bool word_is(const struct line *l, size_t i, const char *word);
const char *word_after(const struct line *l, const char *word); /* NULL if it is not there */

#endif
