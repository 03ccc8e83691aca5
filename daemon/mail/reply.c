/* Reply: the sender's own words of a mail (mail/reply.h). Called by the parser; pure.
 *
 * Two wrongs are possible and both count. Another's words taken for the sender's could be obeyed as
 * commands or sent on as an answer; the sender's words lost leave somebody without one. Where a
 * program's marker is certain, all behind it goes; where words stand between quoted lines, they
 * stay together with the lines they answer, whose ">" keeps them from being read as commands; where
 * nothing would be left, the whole text is the answer and is marked so. */
#include "base/prelude.h"

#include "mail/reply.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/reply_lines.h"
#include "mail/reply_marker.h"
#include "mail/reply_sign.h"
#include "mail/uuencode.h"
#include "mail/words.h"

#define BANNER_MAX 2000	   /* bytes: a note is short */
#define SIGNATURE_MAX 2000 /* bytes */
#define MAX_KEPT_QUOTE 30  /* lines of one quote kept above an answer that stands below it */
#define MIN_WRAPPED 55	 /* a quoted line this long may have been broken by a program on the way */
#define MAX_TAIL_LINES 6 /* text behind the last quote that is more likely added than written */

struct split {
	struct arena *arena;
	struct reply_lines lines;
	size_t cut;		  /* own words end before this line */
	struct reply_marker hard; /* the marker that cut, kind NONE if none */
	bool marker_first;	  /* nothing of the sender's stands above the first marker */
};

/* ---- preparation --------------------------------------------------------------------------- */

/* "-----BEGIN PGP SIGNED MESSAGE-----" with its Hash line, and the signature at the end. */
static void mark_pgp(struct reply_lines *ls)
{
	bool inside = false;

	for (size_t i = 0; i < ls->n; i++) {
		const char *s = ls->v[i].folded;

		if (strncmp(s, "-----begin pgp ", 15) == 0)
			inside = true;
		if (!inside)
			continue;
		if (ls->v[i].kind == REPLY_EMPTY && strstr(ls->v[i].folded, "signature") == NULL) {
			/* the armour header of a signed message ends here, a signature's goes on */
			size_t back = i;

			while (back > 0 && strncmp(ls->v[back - 1].folded, "-----begin", 10) != 0)
				back--;
			if (back > 0 && strstr(ls->v[back - 1].folded, "signed message"))
				inside = false;
		} else {
			ls->v[i].kind = REPLY_DROPPED;
		}
		if (strncmp(s, "-----end pgp ", 13) == 0)
			inside = false;
	}
}

/* A file in the text is no words; it is listed among the attachments. */
static void mark_uu(struct reply_lines *ls, const char *text)
{
	struct bytes in = {(const unsigned char *)text, strlen(text)};
	struct uu_file f = {.end = 0};
	size_t i = 0;

	while (uu_find(in, f.end, &f))
		for (; i < ls->n && (size_t)(ls->v[i].s - text) < f.end; i++)
			if ((size_t)(ls->v[i].s - text) >= f.start)
				ls->v[i].kind = REPLY_INTRO;
}

/* ">>>>" alone to "<<<<" alone encloses a quote. */
static void mark_enclosed(struct reply_lines *ls)
{
	for (size_t i = 0; i < ls->n; i++) {
		size_t end;

		if (strncmp(ls->v[i].s, ">>>>", ls->v[i].n < 4 ? ls->v[i].n : 4) != 0 ||
			ls->v[i].n < 4 || ls->v[i].folded[0] != '\0')
			continue;
		for (end = i + 1; end < ls->n && end < i + 200; end++)
			if (strncmp(ls->v[end].folded, "<<<<", 4) == 0)
				break;
		if (end >= ls->n || end >= i + 200)
			continue;
		for (; i <= end; i++)
			ls->v[i].kind = REPLY_QUOTE;
	}
}

/* The tail of a quoted line that some program broke without a new ">". */
static void mark_wrapped_tails(struct reply_lines *ls)
{
	for (size_t i = 1; i + 1 < ls->n; i++) {
		const struct reply_line *before = &ls->v[i - 1], *after = &ls->v[i + 1];

		if (ls->v[i].kind == REPLY_TEXT && before->kind == REPLY_QUOTE &&
			after->kind == REPLY_QUOTE && before->n >= MIN_WRAPPED &&
			ls->v[i].n <= 40 && before->n + ls->v[i].n >= 70)
			ls->v[i].kind = REPLY_QUOTE;
	}
}

/* ---- markers ------------------------------------------------------------------------------- */

static bool quote_follows(const struct reply_lines *ls, size_t i)
{
	i = reply_lines_skip_empty(ls, i, ls->n);
	return i < ls->n && ls->v[i].kind == REPLY_QUOTE;
}

static void mark_intro(struct reply_lines *ls, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (ls->v[i].kind != REPLY_EMPTY)
			ls->v[i].kind = REPLY_INTRO;
}

static bool has_own_text(const struct reply_lines *ls, size_t from, size_t to)
{
	return reply_lines_count(ls, from, to, REPLY_TEXT) > 0;
}

/* Finds the first marker behind which nothing is the sender's, and marks the introductions of
 * quotes on the way. */
static void find_cut(struct split *sp)
{
	struct reply_lines *ls = &sp->lines;

	sp->cut = ls->n;
	for (size_t i = 0; i < ls->n;) {
		struct reply_marker m;

		if (ls->v[i].kind != REPLY_TEXT && ls->v[i].kind != REPLY_RULE) {
			i++;
			continue;
		}
		m = reply_marker_at(ls, i);
		if (m.kind == MARKER_NONE ||
			(m.kind == MARKER_WROTE_WEAK && !quote_follows(ls, m.to))) {
			i++;
			continue;
		}
		if ((m.kind == MARKER_WROTE || m.kind == MARKER_WROTE_WEAK ||
			    (m.kind != MARKER_ABOVE && !has_own_text(ls, 0, i))) &&
			quote_follows(ls, m.to)) {
			mark_intro(ls, m.from, m.to);
			i = m.to;
			continue;
		}
		if (sp->hard.kind == MARKER_NONE)
			sp->hard = m;
		if (has_own_text(ls, 0, i)) {
			sp->cut = i;
			return;
		}
		sp->marker_first = true;
		mark_intro(ls, m.from, m.to);
		i = m.to;
	}
}

/* ---- quotes ------------------------------------------------------------------------------- */

static size_t first_of(const struct reply_lines *ls, size_t from, size_t to, enum reply_kind kind)
{
	while (from < to && ls->v[from].kind != kind)
		from++;
	return from;
}

static size_t end_of(const struct reply_lines *ls, size_t from, size_t to, enum reply_kind kind)
{
	while (to > from && ls->v[to - 1].kind != kind)
		to--;
	return to;
}

static void drop_range(struct reply_lines *ls, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (ls->v[i].kind != REPLY_EMPTY)
			ls->v[i].kind = REPLY_DROPPED;
}

/* Of each long quote the last lines stay: those that the answer below them answers. */
static void shorten_quotes(struct reply_lines *ls, size_t from, size_t to)
{
	for (size_t i = from; i < to;) {
		size_t start, end;

		start = first_of(ls, i, to, REPLY_QUOTE);
		for (end = start; end < to && ls->v[end].kind != REPLY_TEXT; end++)
			;
		if (end - start > MAX_KEPT_QUOTE)
			drop_range(ls, start, end - MAX_KEPT_QUOTE);
		i = end > start ? end : to;
		while (i < to && ls->v[i].kind != REPLY_QUOTE)
			i++;
	}
}

/* Text stands above and below one quote. What is below is an answer if the text above is but a
 * greeting or says so, or if it does not look like what programs add. */
static bool tail_is_added(struct split *sp, size_t last_quote, size_t end)
{
	struct reply_lines *ls = &sp->lines;
	size_t first_quote = first_of(ls, 0, last_quote, REPLY_QUOTE);

	if (reply_is_lead_in(ls, 0, first_quote) || reply_points_below(ls, 0, first_quote))
		return false;
	return reply_lines_count(ls, last_quote, end, REPLY_TEXT) <= MAX_TAIL_LINES &&
	       reply_looks_added(sp->arena, ls, last_quote, end);
}

/* Decides what to do with quoted lines in [0, cut): gone, or kept with answers between them.
 * Returns where own words begin; *inline_ tells that quotes are to be kept. */
static size_t settle_quotes(struct split *sp, bool *inline_)
{
	struct reply_lines *ls = &sp->lines;
	size_t first_quote = first_of(ls, 0, sp->cut, REPLY_QUOTE), end, last_quote, begin,
	       text_above;

	*inline_ = false;
	if (first_quote == sp->cut)
		return 0;
	end = end_of(ls, 0, sp->cut, REPLY_TEXT);
	if (end < first_quote || end == 0)
		return 0;
	last_quote = end_of(ls, 0, end, REPLY_QUOTE);
	text_above = reply_lines_count(ls, 0, first_quote, REPLY_TEXT);
	begin = first_of(ls, 0, last_quote, REPLY_TEXT);
	if (begin == last_quote)
		return last_quote; /* all own words stand below */
	if (text_above && reply_lines_count(ls, first_quote, last_quote, REPLY_TEXT) == 0 &&
		tail_is_added(sp, last_quote, end)) {
		sp->cut = first_quote;
		return 0;
	}
	if (!has_own_text(ls, 0, end))
		return 0;
	*inline_ = true;
	sp->cut = end;
	shorten_quotes(ls, 0, end);
	return 0;
}

/* A signature is gone: quotes that now end the text answer nothing. */
static void settle_end(struct split *sp, size_t begin, bool *inline_)
{
	struct reply_lines *ls = &sp->lines;
	size_t first_quote = first_of(ls, begin, sp->cut, REPLY_QUOTE);

	if (!*inline_)
		return;
	sp->cut = end_of(ls, begin, sp->cut, REPLY_TEXT);
	*inline_ = first_quote < sp->cut;
}

/* ---- forward ------------------------------------------------------------------------------ */

static const char *without_mailto(const char *s)
{
	return ascii_starts_nocase(s, "mailto:") ? s + 7 : s;
}

/* "Anna Ek <anna@x.example>", "Anna Ek [mailto:anna@x.example]", "anna@x.example", "Anna Ek". */
static struct mail_address read_sender(struct arena *arena, const char *field)
{
	struct mail_address a = {"", ""};
	const char *open = strpbrk(field, "<[(");
	size_t n;

	if (open && words_has_address(open)) {
		const char *start = without_mailto(open + 1);

		n = strcspn(start, ">]) <[(");
		a.address = arena_strndup(arena, start, n);
		a.name = words_strip(
			arena, arena_strndup(arena, field, (size_t)(open - field)), " \"'*");
		if (words_has_address(a.name))
			a.name = "";
	} else if (words_has_address(field) && words_count(field) == 1) {
		a.address = words_strip(arena, field, "\"'* ,;");
	} else {
		a.name = words_strip(arena, field, "\"'* ");
	}
	if (strlen(a.address) > MAX_ADDRESS_BYTES)
		a.address = "";
	if (strlen(a.name) > MAX_NAME_BYTES)
		a.name = utf8_shorten(arena, a.name, MAX_NAME_BYTES);
	return a;
}

/* The first line from i that holds more than a quote mark. */
static size_t skip_bare(const struct reply_lines *ls, size_t i)
{
	while (i < ls->n && ls->v[i].folded[0] == '\0')
		i++;
	return i;
}

/* Apple's newer programs quote the forwarded mail, its heading too. */
static void find_quoted_forward(struct split *sp)
{
	struct reply_lines *ls = &sp->lines;
	size_t i = skip_bare(ls, first_of(ls, 0, ls->n, REPLY_QUOTE)), block, end;
	struct reply_marker m;

	if (i == ls->n)
		return;
	m = reply_marker_at(ls, i);
	if (m.kind != MARKER_FORWARD)
		return;
	block = skip_bare(ls, i + 1);
	end = block < ls->n ? reply_block_end(ls, block) : block;
	sp->hard = (struct reply_marker){MARKER_FORWARD, i, end > block ? end : i + 1};
}

static void read_forward(struct split *sp, const char *subject, struct mail_forward *f)
{
	struct reply_lines *ls = &sp->lines;
	struct reply_marker m = sp->hard;
	struct reply_block block;

	if (m.kind != MARKER_FORWARD &&
		!(subject_is_forward(subject) &&
			(m.kind == MARKER_HEADERS || m.kind == MARKER_ORIGINAL)))
		return;
	block = reply_block_read(sp->arena, ls, m.from, m.to);
	f->present = true;
	f->from = read_sender(sp->arena, block.from);
	f->subject = utf8_shorten(sp->arena, block.subject, MAX_SUBJECT_BYTES);
	for (size_t i = m.to; i < ls->n;
		i++) /* as it stands: also quotes and footers are its text */
		if (ls->v[i].kind != REPLY_EMPTY)
			ls->v[i].kind = REPLY_TEXT;
	f->text = reply_lines_join(sp->arena, ls, m.to, ls->n, true);
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* The writer says that the answers stand in the text below, which has no quote marks (Outlook): it
 * is kept, marked as a quote so that nothing in it is taken for a command. */
static const char *with_text_below(struct split *sp, const char *own)
{
	struct arena *arena = sp->arena;
	const char *below = reply_lines_join(arena, &sp->lines, sp->hard.to, sp->lines.n, true);
	const char *cursor = below, *line;
	struct buf b;
	size_t len;

	buf_init(&b, 4 * MAX_TEXT_BYTES);
	buf_addstr(&b, own);
	buf_addch(&b, '\n');
	while (text_next_line(&cursor, &line, &len)) {
		buf_addstr(&b, "\n> ");
		buf_add(&b, line, len);
	}
	if (!buf_ok(&b)) {
		buf_release(&b);
		return own;
	}
	return buf_take(&b, arena);
}

/* Nothing is left: what the mail says, as it is, without the lines that programs wrote. */
static void take_whole(struct split *sp, const char *text, struct reply_text *out)
{
	struct reply_lines ls;

	out->is_whole = true;
	out->answers_inline = false;
	if (out->forward.present && !text_is_blank(out->forward.text)) {
		out->new_text = out->forward.text;
		return;
	}
	reply_lines_read(sp->arena, text, &ls);
	for (size_t i = 0; i < ls.n; i++) {
		if (i < sp->lines.n && sp->lines.v[i].kind == REPLY_INTRO)
			ls.v[i].kind = REPLY_INTRO;
	}
	out->new_text = reply_lines_join(sp->arena, &ls, 0, ls.n, true);
	if (text_is_blank(out->new_text))
		out->new_text = text_trim(sp->arena, text);
}

bool reply_is_signature(struct arena *arena, const char *new_text)
{
	struct reply_lines ls;

	if (strnlen(new_text, SIGNATURE_MAX + 1) > SIGNATURE_MAX)
		return false;
	reply_lines_read(arena, new_text, &ls);
	return reply_is_bare_signature(&ls, 0, ls.n);
}

bool reply_is_banner(struct arena *arena, const char *text)
{
	struct reply_lines ls;

	if (strnlen(text, BANNER_MAX + 1) > BANNER_MAX)
		return false;
	reply_lines_read(arena, text, &ls);
	reply_banner_mark(&ls, 0, ls.n);
	for (size_t i = 0; i < ls.n; i++) {
		if (ls.v[i].kind != REPLY_EMPTY && ls.v[i].kind != REPLY_RULE &&
			ls.v[i].kind != REPLY_DROPPED)
			return false;
	}
	return reply_lines_count(&ls, 0, ls.n, REPLY_DROPPED) > 0;
}

void reply_split(struct arena *arena, const char *text, const char *subject, struct reply_text *out)
{
	struct split sp = {.arena = arena};
	struct reply_lines *ls = &sp.lines;
	size_t begin;
	bool points_below;

	*out = (struct reply_text){
		.new_text = "", .forward = {.from = {"", ""}, .subject = "", .text = ""}};
	if (text_is_blank(text))
		return;
	reply_lines_read(arena, text, ls);
	mark_pgp(ls);
	mark_uu(ls, text);
	mark_enclosed(ls);
	mark_wrapped_tails(ls);
	reply_banner_mark(ls, 0, ls->n);
	reply_footer_mark(ls, 0, ls->n);
	find_cut(&sp);
	points_below =
		sp.hard.kind != MARKER_NONE && sp.cut < ls->n && reply_points_below(ls, 0, sp.cut);
	begin = settle_quotes(&sp, &out->answers_inline);
	reply_sign_mark(arena, ls, begin, sp.cut);
	settle_end(&sp, begin, &out->answers_inline);
	out->new_text = reply_lines_join(arena, ls, begin, sp.cut, out->answers_inline);
	if (sp.hard.kind == MARKER_NONE && subject_is_forward(subject))
		find_quoted_forward(&sp);
	if (sp.hard.kind != MARKER_NONE)
		read_forward(&sp, subject, &out->forward);
	if (text_is_blank(out->new_text) || sp.marker_first ||
		(out->forward.present && reply_is_bare_signature(ls, begin, sp.cut))) {
		take_whole(&sp, text, out);
		return;
	}
	if (points_below && !out->forward.present) {
		out->answers_inline = true;
		out->new_text = with_text_below(&sp, out->new_text);
	}
}
