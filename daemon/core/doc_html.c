/* Doc -> HTML, for mail clients and screen readers: language, one h1, real lists, tables that hold
 * facts only (the first cell of a row is its header), no pictures, no scripts, nothing fetched.
 * Every string is escaped here and nowhere else. Called by app's delivery and the preview. */
#include "base/prelude.h"

#include "core/doc.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "core/mustache.h"

#define MAX_DOC_HTML (64u << 20)

/* Contrast: #1a1a1a on white 17:1, white on #0b4a8f 8.9:1, #595959 only as a line. Most clients
 * keep a style element; what must not be lost without one (the buttons, the quote's line) is
 * inline. */
static const char style[] =
	"body{margin:0;background:#fff;color:#1a1a1a}"
	"main{max-width:40em;padding:16px;font:16px/1.5 Arial,Helvetica,sans-serif;"
	"overflow-wrap:break-word;word-break:break-word}"
	"h1{font-size:22px;line-height:1.3;margin:0 0 16px}"
	"h2{font-size:18px;line-height:1.3;margin:24px 0 8px}"
	"p,ul,table{margin:0 0 16px}"
	"ul{padding-left:24px}"
	"table{border-collapse:collapse}"
	"th,td{text-align:left;vertical-align:top;padding:4px 16px 4px 0;font-size:16px}"
	"th{word-break:normal;overflow-wrap:normal}td{overflow-wrap:anywhere}"
	"blockquote p{margin:0 0 8px}";
static const char button_style[] =
	"display:inline-block;margin:0 8px 8px 0;padding:12px 18px;border-radius:6px;"
	"background:#0b4a8f;color:#ffffff;font-weight:bold;text-decoration:none";
static const char quote_style[] =
	"margin:0 0 16px;padding:0 0 0 12px;border-left:4px solid #595959";

/* Lines become <br>, blank lines new paragraphs. */
static void put_paragraphs(struct buf *out, struct arena *arena, const char *text)
{
	const char *cursor = text, *line;
	size_t n;
	bool open = false;
	while (text_next_line(&cursor, &line, &n)) {
		bool blank = true;
		for (size_t i = 0; i < n && blank; i++)
			blank = line[i] == ' ' || line[i] == '\t';
		if (blank) {
			buf_addstr(out, open ? "</p>\n" : "");
			open = false;
			continue;
		}
		buf_addstr(out, open ? "<br>\n" : "<p>");
		open = true;
		mustache_escape_html(out, arena_strndup(arena, line, n));
	}
	buf_addstr(out, open ? "</p>\n" : "");
}

static void put_element(struct buf *out, const char *open, const char *text, const char *close)
{
	buf_addstr(out, open);
	mustache_escape_html(out, text);
	buf_addstr(out, close);
}

static void put_table(struct buf *out, const struct block *b)
{
	buf_addstr(out, "<table>\n");
	for (size_t i = 0; i < b->n_items; i++) {
		bool first = i % b->columns == 0;
		if (first)
			put_element(out, "<tr><th scope=\"row\">", b->items[i], "</th>");
		else
			put_element(out, "<td>", b->items[i], "</td>");
		if ((i + 1) % b->columns == 0)
			buf_addstr(out, "</tr>\n");
	}
	buf_addstr(out, "</table>\n");
}

static void put_button(
	struct buf *out, struct arena *arena, const struct block *b, const char *address)
{
	buf_addstr(out, "<a href=\"");
	mustache_escape_html(out, doc_mailto(arena, address, b->subject, b->reply));
	buf_addf(out, "\" style=\"%s\">", button_style);
	mustache_escape_html(out, b->text);
	buf_addstr(out, "</a>\n");
}

static void put_block(
	struct buf *out, struct arena *arena, const struct block *b, bool first_heading)
{
	switch (b->type) {
	case BLOCK_HEADING:
		put_element(out, first_heading ? "<h1>" : "<h2>", b->text,
			first_heading ? "</h1>\n" : "</h2>\n");
		break;
	case BLOCK_PARAGRAPH:
		put_paragraphs(out, arena, b->text);
		break;
	case BLOCK_LIST:
		buf_addstr(out, "<ul>\n");
		for (size_t i = 0; i < b->n_items; i++)
			put_element(out, "<li>", b->items[i], "</li>\n");
		buf_addstr(out, "</ul>\n");
		break;
	case BLOCK_QUOTE:
		buf_addf(out, "<blockquote style=\"%s\">\n", quote_style);
		put_paragraphs(out, arena, b->text);
		buf_addstr(out, "</blockquote>\n");
		break;
	case BLOCK_TABLE:
		put_table(out, b);
		break;
	case BLOCK_RULE:
		buf_addstr(out, "<hr>\n");
		break;
	default:
		break;
	}
}

static void put_blocks(
	struct buf *out, struct arena *arena, const struct doc *d, const char *address)
{
	bool headed = false, in_buttons = false;
	for (size_t i = 0; i < d->n_blocks; i++) {
		const struct block *b = &d->blocks[i];
		bool button = b->type == BLOCK_BUTTON;
		if (button && !*address)
			continue;
		if (button != in_buttons)
			buf_addstr(out, button ? "<p>" : "</p>\n");
		in_buttons = button;
		if (button)
			put_button(out, arena, b, address);
		else
			put_block(out, arena, b, !headed);
		headed = headed || b->type == BLOCK_HEADING;
	}
	if (in_buttons)
		buf_addstr(out, "</p>\n");
}

char *doc_to_html(
	struct arena *arena, const struct doc *d, const char *title, const char *reply_address)
{
	struct buf out;
	buf_init(&out, MAX_DOC_HTML);
	put_element(&out, "<!DOCTYPE html>\n<html lang=\"", d->language, "\">\n<head>\n");
	buf_addstr(&out,
		"<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
	put_element(&out, "<title>", title, "</title>\n");
	buf_addf(&out, "<style>%s</style>\n</head>\n<body>\n<main>\n", style);
	put_blocks(&out, arena, d, reply_address);
	buf_addstr(&out, "</main>\n</body>\n</html>\n");
	return buf_take(&out, arena);
}

static void put_percent(struct buf *out, const char *s, const char *also)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || strchr(also, c);
		if (plain)
			buf_addch(out, *s);
		else
			buf_addf(out, "%%%02X", c);
	}
}

char *doc_mailto(
	struct arena *arena, const char *address, const char *subject, const char *first_line)
{
	struct buf out;
	buf_init(&out, MAX_DOC_HTML);
	buf_addstr(&out, "mailto:");
	put_percent(&out, address, "-._~@");
	buf_addstr(&out, "?subject=");
	put_percent(&out, subject, "-._~");
	buf_addstr(&out, "&body=");
	put_percent(&out, first_line, "-._~");
	buf_addstr(&out, "%0D%0A");
	return buf_take(&out, arena);
}
