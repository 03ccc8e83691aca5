/* Wire: envelope and message checks. Called by the sender before any library. Must not repair. */
#include "base/prelude.h"

#include "workers/wire.h"

#include "base/limits.h"

static bool is_envelope_char(unsigned char c)
{
	return c > 0x20 && c < 0x7f && !strchr("<>\"\\,()[];:", c);
}

bool wire_address_ok(const char *address)
{
	const char *at = strchr(address, '@');
	size_t len = strlen(address);
	if (!at || strchr(at + 1, '@') || len > MAX_ADDRESS_BYTES)
		return false;
	size_t local = (size_t)(at - address);
	if (local == 0 || local > MAX_LOCAL_PART_BYTES || at[1] == '\0' || at[1] == '.')
		return false;
	for (const char *p = address; *p; p++) {
		if (!is_envelope_char((unsigned char)*p))
			return false;
	}
	return true;
}

/* The fault of one line without its CRLF. */
static const char *line_fault(const unsigned char *line, size_t n)
{
	if (n > MAX_LINE_OUT)
		return "a line over 998 octets";
	for (size_t i = 0; i < n; i++) {
		if (line[i] == '\r')
			return "a bare CR";
		if (line[i] == '\0')
			return "a NUL";
		if (line[i] >= 0x80)
			return "an 8-bit byte";
	}
	return NULL;
}

const char *wire_fault(struct bytes message)
{
	if (message.n == 0 || message.n > MAX_IPC_PAYLOAD)
		return "empty or too large";
	size_t at = 0;
	bool in_header = true;
	if (message.p[0] == '\r' || message.p[0] == '\n')
		return "no header";
	while (at < message.n) {
		const unsigned char *line = message.p + at;
		const unsigned char *lf = memchr(line, '\n', message.n - at);
		if (!lf)
			return "no CRLF at the end";
		if (lf == line || lf[-1] != '\r')
			return "a bare LF";
		size_t n = (size_t)(lf - line) - 1;
		const char *fault = line_fault(line, n);
		if (fault)
			return fault;
		in_header = in_header && n > 0;
		at += n + 2;
	}
	return in_header ? "no end of the header" : NULL;
}
