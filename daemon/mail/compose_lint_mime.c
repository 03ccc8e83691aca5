/* Compose lint, MIME: content types and their parameters (RFC 2045, 2231), boundaries (RFC 2046)
 * and encoded bodies, down through every part. Called by compose_lint.c. */
#include "base/prelude.h"

#include "mail/compose_parts.h"

#include "base/limits.h"
#include "base/text.h"

struct content {
	bool seen_type;
	char type[80]; /* lower case, "multipart/mixed" */
	char boundary[80];
	char charset[40];
	char encoding[40];
};

static bool is_token_char(char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

static const char *skip_blank(const char *p, const char *end)
{
	while (p < end && strchr(" \t\r\n", *p))
		p++;
	return p;
}

static const char *read_quoted(const char *p, const char *end, struct lint_parameter *out)
{
	size_t n = 0;
	for (; p < end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		if (*p == '\r' || *p == '\n' || n + 1 >= sizeof(out->value))
			return NULL;
		out->value[n++] = *p;
	}
	out->value[n] = '\0';
	out->quoted = true;
	return p < end ? p + 1 : NULL;
}

/* "; name=value" at p; NULL if malformed. */
static const char *read_parameter(const char *p, const char *end, struct lint_parameter *out)
{
	size_t n = 0, v = 0;
	out->quoted = false;
	if (p == end || *p != ';')
		return NULL;
	p = skip_blank(p + 1, end);
	for (; p < end && is_token_char(*p); p++) {
		if (n + 1 >= sizeof(out->name))
			return NULL;
		out->name[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	}
	out->name[n] = '\0';
	if (n == 0 || p == end || *p != '=')
		return NULL;
	if (++p < end && *p == '"')
		return read_quoted(p + 1, end, out);
	for (; p < end && is_token_char(*p); p++) {
		if (v + 1 >= sizeof(out->value))
			return NULL;
		out->value[v++] = *p;
	}
	out->value[v] = '\0';
	return v > 0 ? p : NULL;
}

/* "name*0*" must count up from 0; an extended value is percent-encoded UTF-8. */
static const char *lint_extended(const struct lint_parameter *a, int *piece)
{
	const char *star = strchr(a->name, '*');
	const char *v = a->value;
	if (!star)
		return strstr(v, "=?") ? "a parameter holds an encoded word" : NULL;
	bool counted = star[1] >= '0' && star[1] <= '9';
	int64_t index = 0;
	char digits[12];
	snprintf(digits, sizeof(digits), "%.*s", (int)strspn(star + 1, "0123456789"), star + 1);
	if (counted && (!text_to_i64(digits, 0, 10000, &index) || index != *piece))
		return "the pieces of a parameter are out of order";
	*piece += counted;
	bool extended = a->name[strlen(a->name) - 1] == '*';
	if (!extended)
		return NULL;
	if (a->quoted)
		return "an extended parameter is quoted";
	if (index == 0 && strncmp(v, "UTF-8''", 7) != 0)
		return "an extended parameter names no charset";
	for (v += index == 0 ? 7 : 0; *v; v++) {
		static const char hex[] = "0123456789ABCDEF";
		if (*v == '%') {
			if (!v[1] || !v[2] || !strchr(hex, v[1]) || !strchr(hex, v[2]))
				return "an extended parameter is malformed";
			v += 2;
		} else if (strchr("*'", *v)) {
			return "an extended parameter is malformed";
		}
	}
	return NULL;
}

/* type/subtype or a disposition, then parameters. */
static const char *lint_parameters(const char *p, const char *end, struct content *out)
{
	struct lint_parameter a;
	int piece = 0;
	for (p = skip_blank(p, end); p < end; p = skip_blank(p, end)) {
		p = read_parameter(p, end, &a);
		if (!p)
			return "a parameter is malformed";
		const char *fault = lint_extended(&a, &piece);
		if (fault)
			return fault;
		if (out && strcmp(a.name, "boundary") == 0)
			snprintf(out->boundary, sizeof(out->boundary), "%.79s", a.value);
		if (out && strcmp(a.name, "charset") == 0)
			snprintf(out->charset, sizeof(out->charset), "%.39s", a.value);
	}
	return NULL;
}

static const char *lint_type(const struct lint_field *f, struct content *out)
{
	const char *end = f->value + f->len, *p = skip_blank(f->value, end), *start = p;
	size_t slashes = 0;
	for (; p < end && (is_token_char(*p) || *p == '/'); p++)
		slashes += *p == '/';
	if (slashes != 1 || *start == '/' || p[-1] == '/' ||
		(size_t)(p - start) >= sizeof(out->type))
		return "a content type is malformed";
	if (out->seen_type)
		return "a field stands twice";
	out->seen_type = true;
	snprintf(out->type, sizeof(out->type), "%.*s", (int)(p - start), start);
	for (char *c = out->type; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
	return lint_parameters(p, end, out);
}

static const char *lint_disposition(const struct lint_field *f)
{
	const char *end = f->value + f->len, *p = skip_blank(f->value, end);
	if (p == end || !is_token_char(*p))
		return "a disposition is malformed";
	while (p < end && is_token_char(*p))
		p++;
	return lint_parameters(p, end, NULL);
}

static const char *read_content(const char *p, const char *end, struct content *out)
{
	struct lint_field f;
	bool bad;
	while (lint_next_field(&p, end, &f, &bad)) {
		const char *fault = NULL, *value = skip_blank(f.value, f.value + f.len);
		if (lint_field_is(&f, "Content-Type"))
			fault = lint_type(&f, out);
		else if (lint_field_is(&f, "Content-Disposition"))
			fault = lint_disposition(&f);
		else if (lint_field_is(&f, "Content-Transfer-Encoding"))
			snprintf(out->encoding, sizeof(out->encoding), "%.*s",
				(int)(f.value + f.len - value), value);
		if (fault)
			return fault;
	}
	return bad ? "a header line is no field" : NULL;
}

static const char *lint_leaf(const struct content *c, const char *p, size_t n)
{
	struct buf body;
	const char *fault = NULL;
	buf_init(&body, MAX_MAIL_BYTES * 2);
	if (strcmp(c->encoding, "quoted-printable") == 0) {
		if (body_decode_quoted_printable(&body, p, n) != 0)
			fault = "quoted-printable is malformed";
	} else if (strcmp(c->encoding, "base64") == 0) {
		if (body_decode_base64(&body, p, n) != 0)
			fault = "base64 is malformed";
	} else {
		fault = "a body is neither quoted-printable nor base64";
	}
	bool readable = strcmp(c->charset, "utf-8") == 0;
	if (!fault && readable && !utf8_valid(body.data, body.len))
		fault = "a text is not UTF-8";
	if (!fault && readable && memchr(body.data, '\0', body.len))
		fault = "a text holds NUL";
	if (!fault && !buf_ok(&body))
		fault = "a body is too large";
	buf_release(&body);
	return fault;
}

/* True if the line at p is the boundary; *last if it is the closing one. */
static bool at_boundary(const char *p, const char *end, const char *boundary, bool *last)
{
	size_t n = strlen(boundary);
	if ((size_t)(end - p) < n + 4 || memcmp(p, "--", 2) != 0 || memcmp(p + 2, boundary, n) != 0)
		return false;
	p += n + 2;
	*last = end - p >= 4 && memcmp(p, "--\r\n", 4) == 0;
	return *last || memcmp(p, "\r\n", 2) == 0;
}

static const char *next_line(const char *p, const char *end)
{
	const char *stop = memmem(p, (size_t)(end - p), "\r\n", 2);
	return stop ? stop + 2 : end;
}

static const char *lint_multipart(const struct content *c, const char *p, size_t n, int depth)
{
	const char *end = p + n, *part = NULL;
	bool last = false;
	if (!*c->boundary || strlen(c->boundary) > 70)
		return "a multipart has no right boundary";
	if (strcmp(c->encoding, "") != 0)
		return "a multipart is encoded";
	for (; p < end && !last; p = next_line(p, end)) {
		if (!at_boundary(p, end, c->boundary, &last))
			continue;
		const char *fault = part ? lint_entity(part, (size_t)(p - part), depth + 1) : NULL;
		if (fault)
			return fault;
		if (last && !part)
			return "a multipart has no parts";
		part = next_line(p, end);
	}
	if (!last)
		return "a multipart is not closed";
	return p == end ? NULL : "text stands after the last boundary";
}

const char *lint_entity(const char *p, size_t n, int depth)
{
	struct content c = {.encoding = ""};
	const char *end = lint_header_end(p, n);
	if (depth > MAX_MIME_DEPTH)
		return "parts too deep";
	if (!end)
		return "the header of a part does not end";
	const char *fault = read_content(p, end, &c);
	if (fault)
		return fault;
	if (!c.seen_type)
		return "a part has no content type";
	const char *body = end + 2;
	size_t len = (size_t)(p + n - body);
	if (strncmp(c.type, "multipart/", 10) == 0)
		return lint_multipart(&c, body, len, depth);
	if (strncmp(c.type, "message/", 8) == 0)
		return "an encoded message";
	if (strncmp(c.type, "text/", 5) == 0 && *c.charset && strcmp(c.charset, "utf-8") != 0)
		return "a text is not UTF-8";
	return lint_leaf(&c, body, len);
}
