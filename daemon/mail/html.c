/* HTML -> text: lays the tokens of html_token.c out as lines.
 *
 * Called by body.c. An element is remembered on a small stack only for what its end must undo: hidden,
 * quoted, preformatted, a list, a link. Markup that does not fit is passed over; text never is, except
 * what the sender's style hides. */
#include "base/prelude.h"

#include "mail/html.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "mail/html_entity.h"
#include "mail/html_token.h"

#define STACK_MAX 512
#define CLOSE_SEARCH 64 /* how deep an end tag looks for its beginning */
#define QUOTE_MAX 20
#define HREF_MAX 500
#define STYLE_MAX 2048
#define RULE "________________________________"

enum element_kind {
	OTHER,
	BLOCK,	   /* its own line */
	PARAGRAPH, /* an empty line around */
	QUOTE,
	LIST,
	NUMBERED,
	ITEM,
	PRE,
	ROW,
	CELL,
	LINK,
	BREAK,
	HRULE,
	IMAGE,
	SILENT /* content not shown: form controls, objects */
};

static const struct element {
	const char *name;
	enum element_kind kind;
} elements[] = {
	{"p", PARAGRAPH},
	{"div", BLOCK},
	{"br", BREAK},
	{"a", LINK},
	{"td", CELL},
	{"th", CELL},
	{"tr", ROW},
	{"table", BLOCK},
	{"img", IMAGE},
	{"li", ITEM},
	{"ul", LIST},
	{"ol", NUMBERED},
	{"blockquote", QUOTE},
	{"pre", PRE},
	{"hr", HRULE},
	{"h1", PARAGRAPH},
	{"h2", PARAGRAPH},
	{"h3", PARAGRAPH},
	{"h4", PARAGRAPH},
	{"h5", PARAGRAPH},
	{"h6", PARAGRAPH},
	{"dt", BLOCK},
	{"dd", BLOCK},
	{"dl", BLOCK},
	{"center", BLOCK},
	{"section", BLOCK},
	{"article", BLOCK},
	{"header", BLOCK},
	{"footer", BLOCK},
	{"address", BLOCK},
	{"fieldset", BLOCK},
	{"form", BLOCK},
	{"body", BLOCK},
	{"caption", BLOCK},
	{"tbody", OTHER},
	{"thead", OTHER},
	{"listing", PRE},
	{"plaintext", PRE},
	{"xmp", PRE},
	{"select", SILENT},
	{"object", SILENT},
	{"noframes", SILENT},
	{"noembed", SILENT},
	{"menu", LIST},
	{"main", BLOCK},
	{"nav", BLOCK},
	{"figure", BLOCK},
};

struct open_element {
	char name[HTML_NAME_MAX + 1];
	enum element_kind kind;
	bool hidden, wingdings;
	unsigned counter; /* NUMBERED */
	const char *href; /* LINK */
	size_t href_len, text_start;
};

struct layout {
	struct arena *arena;
	struct html_reader reader;
	struct buf out;
	size_t max;
	bool full;
	bool space; /* a blank is due before the next word */
	bool line_empty;
	bool nbsp;	 /* the empty line holds a hard blank: it is meant to be there */
	unsigned breaks; /* line ends due before the next word */
	unsigned hidden, quotes, pre, lists;
	unsigned quotes_above; /* of the line written last */
	struct open_element stack[STACK_MAX];
	size_t depth;
};

static enum element_kind kind_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(elements); i++)
		if (strcmp(elements[i].name, name) == 0)
			return elements[i].kind;
	return OTHER;
}

static void emit(struct layout *l, const char *s, size_t n)
{
	if (l->full || l->out.len + n > l->max) {
		l->full = true;
		return;
	}
	buf_add(&l->out, s, n);
}

static void want_breaks(struct layout *l, unsigned n)
{
	unsigned have = l->breaks;

	if (!l->line_empty) {
		have = 0;
	} else if (l->nbsp) {
		have++;
		l->nbsp = false;
	}
	l->breaks = have > n ? have : n;
	if (l->breaks > 3)
		l->breaks = 3;
	l->line_empty = true;
	l->space = false;
}

static void one_break(struct layout *l)
{
	if (l->line_empty && l->breaks < 3)
		l->breaks++;
	else if (!l->line_empty)
		l->breaks = 1;
	l->line_empty = true;
	l->space = l->nbsp = false;
}

static void start_line(struct layout *l)
{
	unsigned inside = l->quotes < l->quotes_above ? l->quotes : l->quotes_above;

	if (l->out.len == 0)
		l->breaks = 0;
	for (; l->breaks > 0; l->breaks--) {
		emit(l, "\n", 1);
		/* An empty line inside a quotation stays part of it. */
		for (unsigned i = 0; l->breaks > 1 && i < inside && i < QUOTE_MAX; i++)
			emit(l, ">", 1);
	}
	for (unsigned i = 0; i < l->quotes && i < QUOTE_MAX; i++)
		emit(l, ">", 1);
	if (l->quotes)
		emit(l, " ", 1);
	l->quotes_above = l->quotes;
	l->line_empty = false;
	l->nbsp = l->space = false;
}

static void word(struct layout *l, const char *s, size_t n)
{
	if (l->line_empty || l->out.len == 0)
		start_line(l);
	else if (l->space)
		emit(l, " ", 1);
	l->space = false;
	emit(l, s, n);
}

static void pre_char(struct layout *l, const char *c, size_t n)
{
	if (*c == '\n')
		one_break(l);
	else if (*c != '\r')
		word(l, c, n);
}

static void text(struct layout *l, const struct html_token *t)
{
	const char *p = t->p, *end = t->p + t->n, *symbol;

	if (l->hidden)
		return;
	if (l->depth && l->stack[l->depth - 1].wingdings && (symbol = html_wingding(p, t->n))) {
		word(l, symbol, strlen(symbol));
		return;
	}
	while (p < end && !l->full) {
		char c[8];
		const char *run = p;

		if (l->pre) {
			p += html_char(p, end, c);
			pre_char(l, c, strlen(c));
			continue;
		}
		/* The usual case: a word of plain ASCII or UTF-8. */
		while (p < end && (unsigned char)*p > ' ' && *p != '&' &&
			(unsigned char)*p != 0xc2 && (unsigned char)*p != 0xe2)
			p++;
		if (p > run) {
			word(l, run, (size_t)(p - run));
			continue;
		}
		p += html_char(p, end, c);
		if (strcmp(c, "\xc2\xa0") == 0) {
			l->nbsp |= l->line_empty;
			l->space = !l->line_empty;
		} else if (c[0] == ' ' || c[0] == '\t' || c[0] == '\n' || c[0] == '\r' ||
			   c[0] == '\f') {
			l->space = !l->line_empty;
		} else if (strcmp(c, "\xe2\x80\x8c") != 0 && strcmp(c, "\xe2\x80\x8b") != 0 &&
			   strcmp(c, "\xc2\xad") != 0) { /* zero width, soft hyphen: filler */
			word(l, c, strlen(c));
		}
	}
}

/* The style attribute without blanks, in lower case. */
static size_t style_of(const struct html_token *t, char out[STYLE_MAX])
{
	const char *v;
	size_t n, len = 0;

	if (!html_attr(t, "style", &v, &n))
		n = 0;
	for (size_t i = 0; i < n && len + 1 < STYLE_MAX; i++)
		if ((unsigned char)v[i] > ' ')
			out[len++] = (char)(v[i] >= 'A' && v[i] <= 'Z' ? v[i] | 0x20 : v[i]);
	out[len] = '\0';
	return len;
}

/* "font-size:0", "0px", "0.0pt" but not "0.8em". */
static bool zero_length(const char *style, const char *property)
{
	const char *p = strstr(style, property);

	while (p && p > style && p[-1] != ';')
		p = strstr(p + 1, property);
	if (!p)
		return false;
	p += strlen(property);
	if (*p != '0')
		return false;
	return strspn(p, "0123456789.") == strspn(p, "0.");
}

static bool is_hidden(const struct html_token *t, const char *style)
{
	const char *v;
	size_t n;

	if (html_attr(t, "hidden", &v, &n))
		return true;
	if (!*style)
		return false;
	return strstr(style, "display:none") || strstr(style, "visibility:hidden") ||
	       strstr(style, "mso-hide:all") || zero_length(style, "font-size:") ||
	       zero_length(style, "max-height:") || strstr(style, "opacity:0;") ||
	       (strstr(style, "overflow:hidden") &&
		       (zero_length(style, "height:") || zero_length(style, "width:"))) ||
	       (strlen(style) >= 9 && strcmp(style + strlen(style) - 9, "opacity:0") == 0);
}

static bool class_has(const struct html_token *t, const char *word)
{
	const char *v;
	size_t n;

	return html_attr(t, "class", &v, &n) && memmem(v, n, word, strlen(word));
}

/* Editors indent with <blockquote style="border:none">; that is no quotation. */
static bool is_quotation(const struct html_token *t, const char *style)
{
	const char *v;
	size_t n;

	if (html_attr(t, "type", &v, &n) || html_attr(t, "cite", &v, &n) || class_has(t, "quote"))
		return true;
	return !strstr(style, "border:none") && !strstr(style, "border-style:none") &&
	       !class_has(t, "webkit-indent");
}

static void end_link(struct layout *l, const struct open_element *e)
{
	struct buf url;
	char *shown;
	const char *bare;
	size_t n;

	if (!e->href || l->hidden || l->out.len <= e->text_start || e->href_len > HREF_MAX ||
		l->out.len - e->text_start > 4 * HREF_MAX)
		return;
	buf_init(&url, 4 * HREF_MAX);
	html_decode(e->href, e->href_len, &url);
	shown = text_trim(l->arena,
		arena_strndup(l->arena, l->out.data + e->text_start, l->out.len - e->text_start));
	bare = url.data;
	if (ascii_starts_nocase(bare, "mailto:")) {
		bare += 7;
		n = strcspn(bare, "?");
	} else {
		if (ascii_starts_nocase(bare, "http"))
			bare += strcspn(bare, "/") + 2;
		n = strlen(bare);
	}
	/* Nothing new for the reader: the text shows where it leads. */
	if (n > 0 && bare[n - 1] == '/')
		n--;
	if (*shown && n > 0 && !memmem(shown, strlen(shown), bare, n)) {
		emit(l, " <", 2);
		emit(l, url.data, url.len);
		emit(l, ">", 1);
	}
	buf_release(&url);
}

static bool link_target(const struct html_token *t, const char **href, size_t *n)
{
	static const char *const schemes[] = {"http://", "https://", "mailto:", "tel:", "ftp://"};

	if (!html_attr(t, "href", href, n))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (*n > strlen(schemes[i]) &&
			strncasecmp(*href, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

static void close_top(struct layout *l)
{
	struct open_element *e = &l->stack[--l->depth];

	if (e->kind == LINK)
		end_link(l, e);
	l->hidden -= e->hidden;
	switch (e->kind) {
	case PARAGRAPH:
		want_breaks(l, 2);
		break;
	case QUOTE:
		want_breaks(l, 1);
		l->quotes--;
		break;
	case LIST:
	case NUMBERED:
		l->lists--;
		want_breaks(l, l->lists ? 1 : 2);
		break;
	case PRE:
		l->pre--;
		want_breaks(l, 1);
		break;
	case BLOCK:
	case ITEM:
	case ROW:
		want_breaks(l, 1);
		break;
	default:
		break;
	}
}

static void close_element(struct layout *l, const char *name)
{
	size_t lowest = l->depth > CLOSE_SEARCH ? l->depth - CLOSE_SEARCH : 0;

	for (size_t i = l->depth; i > lowest; i--) {
		/* A table is a wall: what is inside does not end what is outside. */
		if (strcmp(l->stack[i - 1].name, "table") == 0 && strcmp(name, "table") != 0)
			return;
		if (strcmp(l->stack[i - 1].name, name) == 0) {
			while (l->depth >= i)
				close_top(l);
			return;
		}
	}
}

/* <p>, <li>, <td>, <tr> end the one before without saying so. */
static void close_implied(struct layout *l, const char *name)
{
	static const char *const pairs[][2] = {{"li", "li"}, {"p", "p"}, {"td", "td"}, {"td", "th"},
		{"th", "th"}, {"th", "td"}, {"tr", "td"}, {"tr", "th"}, {"tr", "tr"}, {"dt", "dd"},
		{"dd", "dt"}, {"dd", "dd"}, {"dt", "dt"}, {"div", "p"}, {"table", "p"},
		{"ul", "p"}};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (l->depth && strcmp(pairs[i][0], name) == 0 &&
			strcmp(pairs[i][1], l->stack[l->depth - 1].name) == 0)
			close_top(l);
}

static void start_item(struct layout *l)
{
	char mark[32];
	unsigned number = 0;

	want_breaks(l, 1);
	for (size_t i = l->depth; i > 0; i--) {
		if (l->stack[i - 1].kind == LIST)
			break;
		if (l->stack[i - 1].kind == NUMBERED) {
			number = ++l->stack[i - 1].counter;
			break;
		}
	}
	if (l->hidden)
		return;
	snprintf(mark, sizeof(mark), number ? "%u." : "-", number);
	start_line(l);
	for (unsigned i = 1; i < l->lists && i < QUOTE_MAX; i++)
		emit(l, "  ", 2);
	emit(l, mark, strlen(mark));
	l->space = true;
}

static void show_image(struct layout *l, const struct html_token *t)
{
	const char *alt;
	size_t n;
	struct buf b;

	if (l->hidden || !html_attr(t, "alt", &alt, &n) || n == 0 || n > 200)
		return;
	buf_init(&b, 2048);
	html_decode(alt, n, &b);
	if (!text_is_blank(b.data)) {
		char *s = arena_printf(l->arena, "[%s]", utf8_clean_line(l->arena, b.data, b.len));

		word(l, s, strlen(s));
	}
	buf_release(&b);
}

/* Clients name the element that holds their signature; the reader of replies wants it apart. */
static bool is_signature(const struct html_token *t)
{
	const char *v;
	size_t n;

	if (class_has(t, "gmail_signature") || class_has(t, "moz-signature"))
		return true;
	return html_attr(t, "id", &v, &n) && n < 60 &&
	       (memmem(v, n, "ignature", 8) || memmem(v, n, "divRplyFwdMsg", 13));
}

/* What the beginning of an element does to the lines. */
static void begin(
	struct layout *l, const struct html_token *t, const char *style, struct open_element *e)
{
	switch (e->kind) {
	case PARAGRAPH:
		/* Word's paragraphs have no space between; empty ones make it. */
		want_breaks(l, class_has(t, "MsoNormal") || zero_length(style, "margin:") ? 1 : 2);
		if (class_has(t, "Mso") || zero_length(style, "margin:"))
			e->kind = BLOCK;
		break;
	case BLOCK:
	case ROW:
		want_breaks(l, is_signature(t) ? 2 : 1);
		break;
	case QUOTE:
		want_breaks(l, 2);
		if (is_quotation(t, style))
			l->quotes++;
		else
			e->kind = BLOCK;
		break;
	case LIST:
	case NUMBERED:
		want_breaks(l, 1);
		l->lists++;
		break;
	case ITEM:
		start_item(l);
		break;
	case PRE:
		want_breaks(l, 1);
		l->pre++;
		break;
	case CELL:
		if (!l->line_empty && !l->hidden)
			word(l, " |", 2);
		l->space = !l->line_empty;
		break;
	case LINK:
		if (!link_target(t, &e->href, &e->href_len))
			e->href = NULL;
		e->text_start = l->out.len;
		break;
	default:
		break;
	}
}

static bool is_void(const char *name)
{
	static const char *const names[] = {"meta", "link", "input", "base", "area", "col", "wbr",
		"param", "embed", "source", "track", "frame", "basefont"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool face_is_wingdings(const struct html_token *t)
{
	const char *v;
	size_t n;

	return strcmp(t->name, "font") == 0 && html_attr(t, "face", &v, &n) && n == 9 &&
	       strncasecmp(v, "wingdings", n) == 0;
}

static void open_tag(struct layout *l, const struct html_token *t)
{
	char style[STYLE_MAX];
	struct open_element *e;
	enum element_kind kind = kind_of(t->name);

	if (kind == BREAK)
		one_break(l);
	else if (kind == IMAGE)
		show_image(l, t);
	else if (kind == HRULE && !l->hidden) {
		want_breaks(l, 1);
		word(l, RULE, strlen(RULE));
		want_breaks(l, 1);
	}
	if (kind == BREAK || kind == IMAGE || kind == HRULE || is_void(t->name))
		return;
	close_implied(l, t->name);
	/* Deeper than any client nests: the markup is dropped, the text shown. */
	if (l->depth == STACK_MAX || (t->self_closing && kind == OTHER))
		return;
	style_of(t, style);
	e = &l->stack[l->depth];
	*e = (struct open_element){.kind = kind};
	memcpy(e->name, t->name, sizeof(e->name));
	e->hidden = kind == SILENT || is_hidden(t, style);
	l->hidden += e->hidden;
	e->wingdings = strstr(style, "wingdings") || face_is_wingdings(t);
	begin(l, t, style, e);
	l->depth++;
}

char *html_to_text(struct arena *arena, const char *utf8, size_t max, bool *too_large)
{
	struct layout *l = arena_alloc(arena, sizeof(*l));
	struct html_token t;

	l->arena = arena;
	l->max = max;
	l->line_empty = true;
	html_reader_init(&l->reader, utf8, strlen(utf8));
	buf_init(&l->out, max + 1);
	while (!l->full && html_next(&l->reader, &t)) {
		if (t.kind == HTML_TEXT)
			text(l, &t);
		else if (t.kind == HTML_OPEN)
			open_tag(l, &t);
		else
			close_element(l, t.name);
	}
	while (l->depth > 0)
		close_top(l);
	if (l->out.len && l->out.data[l->out.len - 1] != '\n')
		emit(l, "\n", 1);
	*too_large = l->full;
	return buf_take(&l->out, arena);
}
