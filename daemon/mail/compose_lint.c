/* Compose lint: the strict check that everything sent must pass. Knows nothing of how compose.c
 * works; reads the bytes as a suspicious server would. Called by delivery before bytes are frozen
 * and by tests on whole outboxes. */
#include "base/prelude.h"

#include "mail/compose.h"

#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/compose_parts.h"

bool lint_next_field(const char **at, const char *end, struct lint_field *f, bool *bad)
{
	const char *p = *at;
	*bad = false;
	if (p >= end)
		return false;
	f->name = p;
	while (p<end && * p> ' ' && *p < 0x7f && *p != ':')
		p++;
	f->name_len = (size_t)(p - f->name);
	*bad = f->name_len == 0 || p == end || *p != ':';
	if (*bad)
		return false;
	f->value = ++p;
	for (;;) {
		const char *stop = memmem(p, (size_t)(end - p), "\r\n", 2);
		if (!stop) {
			*bad = true;
			return false;
		}
		p = stop + 2;
		if (p == end || (*p != ' ' && *p != '\t')) {
			f->len = (size_t)(stop - f->value);
			*at = p;
			return true;
		}
	}
}

bool lint_field_is(const struct lint_field *f, const char *name)
{
	if (strlen(name) != f->name_len)
		return false;
	for (size_t i = 0; i < f->name_len; i++) {
		char a = f->name[i], b = name[i];
		a = a >= 'A' && a <= 'Z' ? (char)(a + 32) : a;
		b = b >= 'A' && b <= 'Z' ? (char)(b + 32) : b;
		if (a != b)
			return false;
	}
	return true;
}

const char *lint_header_end(const char *p, size_t n)
{
	const char *at = memmem(p, n, "\r\n\r\n", 4);
	return at ? at + 2 : NULL;
}

/* Unfolds into a string; false if it does not fit. Leading and final blanks go. */
static bool unfold(const struct lint_field *f, char *out, size_t size)
{
	size_t o = 0;
	for (size_t i = 0; i < f->len; i++) {
		if (f->value[i] == '\r' || f->value[i] == '\n')
			continue;
		if (o == 0 && f->value[i] == ' ')
			continue;
		if (o + 1 >= size)
			return false;
		out[o++] = f->value[i];
	}
	while (o > 0 && out[o - 1] == ' ')
		o--;
	out[o] = '\0';
	return true;
}

static const char *lint_encoded_payload(const char *payload, size_t n, bool q)
{
	struct buf text;
	buf_init(&text, 200);
	const char *fault = NULL;
	if (q) {
		for (size_t i = 0; i < n && !fault; i++) {
			int64_t byte = payload[i];
			if (payload[i] == '=') {
				static const char digits[] = "0123456789ABCDEF";
				const char *h = i + 2 < n ? strchr(digits, payload[i + 1]) : NULL;
				const char *l = h ? strchr(digits, payload[i + 2]) : NULL;
				if (!l)
					return "an encoded word is malformed";
				byte = (h - digits) * 16 + (l - digits);
				i += 2;
			}
			buf_addch(&text, byte == '_' ? ' ' : (char)byte);
		}
	} else {
		char line[ENCODED_WORD + 3];
		snprintf(line, sizeof(line), "%.*s\r\n", (int)n, payload);
		if (body_decode_base64(&text, line, n + 2) != 0)
			fault = "an encoded word is malformed";
	}
	if (!fault && (!utf8_valid(text.data, text.len) || text.len == 0))
		fault = "an encoded word splits a character";
	for (size_t i = 0; i < text.len && !fault; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			fault = "an encoded word hides a control character";
	buf_release(&text);
	return fault;
}

/* Every "=?" must begin a whole, well-formed encoded word. */
static const char *lint_encoded_words(const char *p, size_t n)
{
	const char *at = p, *end = p + n;
	while ((at = memmem(at, (size_t)(end - at), "=?", 2))) {
		bool q = end - at > 10 && memcmp(at, "=?UTF-8?Q?", 10) == 0;
		bool b = end - at > 10 && memcmp(at, "=?UTF-8?B?", 10) == 0;
		const char *stop = at + 10;
		while (stop<end && * stop> ' ' && *stop < 0x7f && *stop != '?')
			stop++;
		if (!(q || b) || end - stop < 2 || stop[1] != '=')
			return "an encoded word is malformed";
		if (stop + 2 - at > ENCODED_WORD)
			return "an encoded word is over 75";
		if (at > p && !strchr(" \n", at[-1]))
			return "an encoded word does not stand alone";
		if (stop + 2 < end && !strchr(" \r", stop[2]))
			return "an encoded word does not stand alone";
		const char *fault = lint_encoded_payload(at + 10, (size_t)(stop - at - 10), q);
		if (fault)
			return fault;
		at = stop + 2;
	}
	return NULL;
}

/* phrase <address>, or address. */
static const char *lint_mailbox(const char *v)
{
	size_t n = strlen(v);
	char address[MAX_ADDRESS_BYTES + 1];
	if (n == 0 || v[n - 1] != '>')
		return address_envelope_ok(v) ? NULL : "an address is malformed";
	const char *open = strrchr(v, '<');
	if (!open || open == v || open[-1] != ' ' || (size_t)(v + n - 2 - open) >= sizeof(address))
		return "an address is malformed";
	snprintf(address, sizeof(address), "%.*s", (int)(v + n - 2 - open), open + 1);
	if (!address_envelope_ok(address))
		return "an address is malformed";
	const char *p = v;
	if (*p == '"') {
		for (p++; p < open && *p != '"'; p++)
			if (*p == '\\')
				p++;
		return p + 2 == open ? NULL : "a quoted name is malformed";
	}
	for (; p < open; p++)
		if (strchr("()<>[]:;@\\,.\"", *p))
			return "a name needs quotes";
	return NULL;
}

static const char *lint_id(const char *v)
{
	size_t n = strlen(v);
	const char *at = strchr(v, '@');
	if (n < 5 || v[0] != '<' || v[n - 1] != '>' || !at || at == v + 1 || at == v + n - 2)
		return "a message id is malformed";
	for (size_t i = 1; i + 1 < n; i++)
		if (v[i] <= ' ' || v[i] >= 0x7f || strchr("<>()\"\\", v[i]))
			return "a message id is malformed";
	return strchr(at + 1, '@') ? "a message id is malformed" : NULL;
}

static const char *lint_ids(char *v)
{
	for (char *p = v; *p;) {
		size_t n = strcspn(p, " ");
		char *next = p + n + (p[n] ? 1 : 0);
		p[n] = '\0';
		const char *fault = lint_id(p);
		if (fault)
			return fault;
		p = next;
	}
	return *v ? NULL : "a list of ids is empty";
}

enum lint_kind {
	LINT_DATE,
	LINT_MAILBOX,
	LINT_ADDRESS,
	LINT_ID,
	LINT_IDS,
	LINT_VERSION,
	LINT_TEXT
};

static const struct lint_rule {
	const char *name;
	bool required;
	enum lint_kind kind;
} rules[] = {
	{"Date", true, LINT_DATE},
	{"From", true, LINT_MAILBOX},
	{"To", true, LINT_MAILBOX},
	{"Reply-To", false, LINT_ADDRESS},
	{"Subject", true, LINT_TEXT},
	{"Message-ID", true, LINT_ID},
	{"In-Reply-To", false, LINT_IDS},
	{"References", false, LINT_IDS},
	{"MIME-Version", true, LINT_VERSION},
	{"Content-Type", true, LINT_TEXT},
	{"Content-Transfer-Encoding", false, LINT_TEXT},
	{"Content-Language", false, LINT_TEXT},
	{"Auto-Submitted", false, LINT_TEXT},
};

static const char *lint_value(const struct lint_rule *rule, const struct lint_field *f)
{
	char v[16384];
	int64_t ms;
	if (!unfold(f, v, sizeof(v)))
		return "a field is too large";
	switch (rule->kind) {
	case LINT_DATE:
		return date_parse_rfc5322(v, &ms) ? NULL : "the date is malformed";
	case LINT_MAILBOX:
		return lint_mailbox(v);
	case LINT_ADDRESS:
		return address_envelope_ok(v) ? NULL : "an address is malformed";
	case LINT_ID:
		return lint_id(v);
	case LINT_IDS:
		return lint_ids(v);
	case LINT_VERSION:
		return strcmp(v, "1.0") == 0 ? NULL : "MIME-Version is not 1.0";
	default:
		return NULL;
	}
}

/* Width: 998 is checked for all lines; here what a writer should have folded. */
static const char *lint_width(const struct lint_field *f)
{
	const char *line = f->name, *end = f->value + f->len;
	for (const char *stop; line < end; line = stop + 2) {
		stop = memmem(line, (size_t)(end - line), "\r\n", 2);
		stop = stop ? stop : end;
		size_t n = (size_t)(stop - line);
		size_t skip = line == f->name ? f->name_len + 2 : 1;
		if (n > ENCODED_WIDTH && memmem(line, n, "=?", 2))
			return "a line with an encoded word is over 76";
		if (n > HEADER_WIDTH && n > skip && memchr(line + skip, ' ', n - skip))
			return "a header line over 78 could be folded";
		if (line != f->name && n > 0 && strspn(line, " \t") >= n)
			return "a folded line is blank";
	}
	return NULL;
}

static const char *lint_fields(const char *p, const char *end)
{
	size_t seen[ARRAY_LEN(rules)] = {0};
	struct lint_field f;
	bool bad;
	while (lint_next_field(&p, end, &f, &bad)) {
		const char *fault = lint_width(&f);
		if (!fault)
			fault = lint_encoded_words(f.value, f.len);
		if (lint_field_is(&f, "Bcc") || lint_field_is(&f, "Return-Path"))
			fault = "a field that must not be sent";
		for (size_t i = 0; i < ARRAY_LEN(rules) && !fault; i++) {
			if (!lint_field_is(&f, rules[i].name))
				continue;
			fault = ++seen[i] > 1 ? "a field stands twice" : lint_value(&rules[i], &f);
		}
		if (fault)
			return fault;
	}
	if (bad)
		return "a header line is no field";
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].required && seen[i] == 0)
			return "a required field is missing";
	return NULL;
}

static const char *lint_octets(struct bytes w)
{
	size_t line = 0;
	for (size_t i = 0; i < w.n; i++) {
		unsigned char c = w.p[i];
		if (c == '\r') {
			if (i + 1 == w.n || w.p[i + 1] != '\n')
				return "a bare CR";
			i++;
			line = 0;
			continue;
		}
		if (c == '\n')
			return "a bare LF";
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return "a control character";
		if (c >= 0x80)
			return "an 8-bit octet";
		if (++line > MAX_LINE_OUT)
			return "a line over 998";
	}
	return line == 0 && w.n > 0 ? NULL : "the last line is not ended";
}

const char *compose_lint(struct bytes wire)
{
	const char *p = (const char *)wire.p;
	const char *fault = lint_octets(wire);
	const char *end = fault ? NULL : lint_header_end(p, wire.n);
	if (fault)
		return fault;
	if (!end)
		return "the header does not end";
	if (end - p > MAX_HEADER_BYTES)
		return "the header is too large";
	fault = lint_fields(p, end);
	return fault ? fault : lint_entity(p, wire.n, 0);
}
