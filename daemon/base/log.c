/* Log: formats one line, makes it printable, writes it with one write(2) so that the lines of
 * several processes never mix. Called everywhere but in the pure floors' logic. */
#include "base/prelude.h"

#include "base/log.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_BYTES 2048

static enum log_level least_level = LOG_LEVEL_INFO;
static char who[96];
static bool to_journal; /* stderr leads there: the level is a prefix it takes away */

/* systemd names the journal's stream by device and inode ("3:12345"); a shell that it started passes
 * the name on, but its stderr may be something else. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char *end;
	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	uintmax_t device = strtoumax(stream, &end, 10);
	if (*end != ':' || device != (uintmax_t)st.st_dev)
		return false;
	uintmax_t inode = strtoumax(end + 1, &end, 10);
	return *end == '\0' && inode == (uintmax_t)st.st_ino;
}

void log_set_role(const char *role, const char *name)
{
	to_journal = stderr_is_journal();
	if (name != NULL && name[0] != '\0')
		snprintf(who, sizeof(who), "role=%.30s name=%.50s ", role, name);
	else
		snprintf(who, sizeof(who), "role=%.30s ", role);
}

void log_set_level(enum log_level least)
{
	least_level = least;
}

/* As the journal reads it (sd-daemon(3)), or as everybody does. */
static const char *level_word(enum log_level level)
{
	static const char *const journal[] = {[LOG_LEVEL_DEBUG] = "<7>",
		[LOG_LEVEL_INFO] = "<6>",
		[LOG_LEVEL_WARN] = "<4>",
		[LOG_LEVEL_ERROR] = "<3>"};
	static const char *const plain[] = {[LOG_LEVEL_DEBUG] = "level=debug ",
		[LOG_LEVEL_INFO] = "level=info ",
		[LOG_LEVEL_WARN] = "level=warn ",
		[LOG_LEVEL_ERROR] = "level=error "};
	return to_journal ? journal[level] : plain[level];
}

void log_line(enum log_level level, const char *event, const char *fmt, ...)
{
	if (level < least_level)
		return;
	int kept = errno;
	char raw[LINE_BYTES], line[LINE_BYTES + 4];
	int n = snprintf(raw, sizeof(raw), "%s%sevent=%s ", level_word(level), who, event);
	size_t used = n < 0 ? 0 : (size_t)n < sizeof(raw) ? (size_t)n : sizeof(raw) - 1;
	va_list ap;
	va_start(ap, fmt);
	int m = vsnprintf(raw + used, sizeof(raw) - used, fmt, ap);
	va_end(ap);
	if (m > 0)
		used += (size_t)m < sizeof(raw) - used ? (size_t)m : sizeof(raw) - used - 1;
	while (used > 0 && raw[used - 1] == ' ')
		used--;
	size_t len = utf8_clean_line_to(line, sizeof(line) - 1, raw, used);
	line[len++] = '\n';
	/* Nowhere to complain if stderr is gone. */
	ssize_t ignored = write(STDERR_FILENO, line, len);
	(void)ignored;
	errno = kept;
}

struct log_quoted log_quote(const char *s)
{
	struct log_quoted q;
	char clean[LOG_QUOTE_SIZE - 2];
	size_t n = utf8_clean_line_to(clean, sizeof(clean), s, strlen(s)), o = 0;
	q.text[o++] = '"';
	for (size_t i = 0; i < n; i++)
		q.text[o++] = clean[i] == '"' ? '\'' : clean[i];
	q.text[o++] = '"';
	q.text[o] = '\0';
	return q;
}
