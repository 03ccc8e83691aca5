/* Script: reads a scenario and plays it, line by line. */
#include "base/prelude.h"

#include "runner.h"

#include "base/date.h"
#include "base/text.h"

#include <unistd.h>

void fail_line(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->failed)
		return;
	w->failed = true;
	printf("FAIL %s:%d: ", w->file, w->line ? w->line->number : 0);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

bool word_is(const struct line *l, size_t i, const char *word)
{
	return i < l->n && !l->quoted[i] && strcmp(l->v[i], word) == 0;
}

const char *word_after(const struct line *l, const char *word)
{
	for (size_t i = 0; i + 1 < l->n; i++) {
		if (word_is(l, i, word))
			return l->v[i + 1];
	}
	return NULL;
}

/* Words and "quoted strings" (\" and \n inside). */
static void split(struct world *w, const char *s, struct line *l)
{
	l->n = 0;
	while (*s && l->n < WORDS_MAX) {
		struct buf b;

		while (*s == ' ' || *s == '\t')
			s++;
		if (!*s)
			break;
		buf_init(&b, 100000);
		l->quoted[l->n] = *s == '"';
		if (*s == '"') {
			for (s++; *s && *s != '"'; s++) {
				if (*s == '\\' && s[1] == 'n') {
					buf_addch(&b, '\n');
					s++;
				} else {
					s += *s == '\\' && s[1];
					buf_addch(&b, *s);
				}
			}
			s += *s == '"';
		} else {
			while (*s && *s != ' ' && *s != '\t')
				buf_addch(&b, *s++);
		}
		l->v[l->n++] = buf_take(&b, w->arena);
	}
}

static void set_time(struct world *w, const struct line *l)
{
	struct date d;
	int64_t at;
	int h, m;

	if (l->n != 3 || !date_parse(l->v[1], &d) || sscanf(l->v[2], "%d:%d", &h, &m) != 2) {
		fail_line(w, "at YYYY-MM-DD HH:MM");
		return;
	}
	at = zone_instant(&w->config->zone, d, h * MS_HOUR + m * MS_MINUTE);
	if (w->has_now && at < w->now_ms)
		fail_line(w, "time goes forward only");
	else if (w->has_now)
		world_advance(w, at);
	else
		world_start(w, at);
	w->has_now = true;
}

static void advance(struct world *w, const struct line *l)
{
	int64_t span;

	if (l->n != 2 || !text_to_duration(l->v[1], 1, 4000 * MS_DAY, &span))
		fail_line(w, "advance 3h");
	else
		world_advance(w, w->now_ms + span);
}

/* `set undo 10m`, `set strangers hold`, `set trust none`, `set privacy full`. */
static void set_setting(struct world *w, const struct line *l)
{
	struct config *c = w->config;
	const char *value = l->n == 3 ? l->v[2] : "";

	if (w->once) {
		fail_line(w, "settings cannot be changed for --once");
	} else if (word_is(l, 1, "undo")) {
		if (!text_to_duration(value, 0, MS_DAY, &c->undo_delay_ms))
			fail_line(w, "set undo 10m");
	} else if (word_is(l, 1, "strangers")) {
		c->strangers = strcmp(value, "hold") == 0     ? STRANGER_HOLD
			       : strcmp(value, "answer") == 0 ? STRANGER_ANSWER
							      : STRANGER_TO_MANAGER;
	} else if (word_is(l, 1, "trust")) {
		for (size_t i = 0; i < c->n_mailboxes; i++) {
			c->mailboxes[i].trust.kind = strcmp(value, "none") == 0	   ? TRUST_NONE
						     : strcmp(value, "local") == 0 ? TRUST_LOCAL
										   : TRUST_RFC8601;
			c->mailboxes[i].trust.authserv_id = value;
		}
	} else {
		fail_line(w, "unknown setting");
	}
}

static void play(struct world *w, const struct line *l)
{
	w->line = l;
	if (word_is(l, 0, "at"))
		set_time(w, l);
	else if (word_is(l, 0, "advance"))
		advance(w, l);
	else if (word_is(l, 0, "set"))
		set_setting(w, l);
	else if (word_is(l, 0, "mail"))
		inbound_mail(w, l);
	else if (word_is(l, 0, "reply"))
		inbound_reply(w, l);
	else if (word_is(l, 0, "forward"))
		inbound_forward(w, l);
	else if (word_is(l, 0, "bounce"))
		inbound_bounce(w, l);
	else if (word_is(l, 0, "operator"))
		world_operator(w, l);
	else if (word_is(l, 0, "expect"))
		expect_line(w, l);
	else
		fail_line(w, "not understood: %s", l->v[0]);
}

static void add_block(struct world *w, const char **block, const char *s, const char *end)
{
	*block = *block ? arena_printf(w->arena, "%s%s%s", *block, s, end)
			: arena_printf(w->arena, "%s%s", s, end);
}

int script_run(struct world *w, const char *text)
{
	const char *cursor = text, *at;
	struct line *l = NULL;
	size_t len;
	int number = 0;

	while (!w->failed) {
		bool more = text_next_line(&cursor, &at, &len);
		char *s = more ? arena_strndup(w->arena, at, len) : NULL;

		number++;
		if (more && l && s[0] == '|') {
			add_block(w, &l->body, s[1] == ' ' ? s + 2 : s + 1, "\n");
			continue;
		}
		if (more && l && s[0] == '+') {
			add_block(w, &l->headers, s[1] == ' ' ? s + 2 : s + 1, "\r\n");
			continue;
		}
		if (l)
			play(w, l);
		l = NULL;
		if (!more)
			break;
		if (text_is_blank(s) || s[0] == '#')
			continue;
		l = arena_new_of(w->arena, struct line);
		l->number = number;
		split(w, s, l);
	}
	return w->failed ? -1 : 0;
}
