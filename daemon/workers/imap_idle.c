/* IMAP client: waiting for the server (RFC 2177). Written over libetpan's stream, not by its own IDLE,
 * which hangs when the server says anything before its "+".
 *
 * Called by the IMAP reader between commands. What is said while idling is not kept: it only tells
 * that it is time to search. */
#include "base/prelude.h"

#include "workers/imap_session.h"

#include "base/clock.h"
#include "base/text.h"

#include <libetpan/libetpan.h>

#define IDLE_BYTES (1u << 20)
#define IDLE_TAG "idle"

enum line_kind { LINE_NOTHING, LINE_NEWS, LINE_GO_ON, LINE_TAGGED_OK, LINE_TAGGED_NO };

static enum line_kind kind_of(const char *line)
{
	if (line[0] == '+')
		return LINE_GO_ON;
	if (ascii_starts_nocase(line, IDLE_TAG " "))
		return ascii_starts_nocase(line, IDLE_TAG " OK") ? LINE_TAGGED_OK : LINE_TAGGED_NO;
	if (line[0] != '*')
		return LINE_NOTHING;
	/* "* 5 EXISTS", "* 3 EXPUNGE": a number; "* OK still here" is none. "* BYE" ends the session,
	 * which the next read will show. */
	return line[1] == ' ' && line[2] >= '0' && line[2] <= '9' ? LINE_NEWS : LINE_NOTHING;
}

/* The next line of the server; -1 over. */
static int next_line(struct imap *imap, MMAPString *buffer, enum line_kind *kind)
{
	const char *line = mailstream_read_line(imap->session->imap_stream, buffer);
	if (!line) {
		transport_abort(imap->transport, "closed by the server");
		return -1;
	}
	*kind = kind_of(line);
	return 0;
}

static int say(struct imap *imap, const char *text)
{
	mailstream *stream = imap->session->imap_stream;
	if (mailstream_write(stream, text, strlen(text)) != (ssize_t)strlen(text) ||
		mailstream_flush(stream) != 0) {
		transport_abort(imap->transport, "connection broken");
		return -1;
	}
	return 0;
}

/* Reads until the server answers with one of two kinds; true in *news if it had something to tell. */
static int read_until(
	struct imap *imap, MMAPString *buffer, bool until_go, bool *news, enum line_kind *end)
{
	do {
		if (next_line(imap, buffer, end) != 0)
			return -1;
		*news = *news || *end == LINE_NEWS;
	} while (*end != LINE_TAGGED_OK && *end != LINE_TAGGED_NO &&
		 !(until_go && *end == LINE_GO_ON));
	return 0;
}

/* Lines that have come, until there is news or none is left whole in the buffer. */
static int read_news(struct imap *imap, MMAPString *buffer, bool *news)
{
	enum line_kind kind;
	do {
		if (next_line(imap, buffer, &kind) != 0)
			return -1;
		*news = *news || kind == LINE_NEWS;
	} while (!*news && imap->session->imap_stream->read_buffer_len > 0);
	return 0;
}

static int wait_idling(struct imap *imap, MMAPString *buffer, int other_fd, int64_t ms, bool *news)
{
	int64_t until = clock_mono_ms() + ms;
	while (!*news) {
		int64_t left = until - clock_mono_ms();
		int ready =
			imap->session->imap_stream->read_buffer_len > 0
				? TRANSPORT_READY
				: transport_wait(imap->transport, other_fd, left > 0 ? left : 0);
		if (ready & TRANSPORT_READY) {
			imap_begin(imap, IDLE_BYTES, 1000);
			if (read_news(imap, buffer, news) != 0)
				return -1;
		}
		if ((ready & TRANSPORT_OTHER) || left <= 0)
			return ready & TRANSPORT_OTHER;
	}
	return 0;
}

static int idle_with(struct imap *imap, MMAPString *buffer, int other_fd, int64_t ms)
{
	enum line_kind end;
	bool news = false;
	imap_begin(imap, IDLE_BYTES, 1000);
	if (say(imap, IDLE_TAG " IDLE\r\n") != 0 ||
		read_until(imap, buffer, true, &news, &end) != 0)
		return -1;
	if (end != LINE_GO_ON) {
		imap->has_idle = false; /* offered and refused: poll */
		return TRANSPORT_READY;
	}
	int other = news ? 0 : wait_idling(imap, buffer, other_fd, ms, &news);
	if (other < 0)
		return -1;
	imap_begin(imap, IDLE_BYTES, 1000);
	if (say(imap, "DONE\r\n") != 0 || read_until(imap, buffer, false, &news, &end) != 0)
		return -1;
	return other | (news ? TRANSPORT_READY : 0);
}

int imap_idle(struct imap *imap, int other_fd, int64_t ms)
{
	MMAPString *buffer = mmap_string_new("");
	if (!buffer)
		abort();
	int rc = idle_with(imap, buffer, other_fd, ms);
	mmap_string_free(buffer);
	return rc;
}
