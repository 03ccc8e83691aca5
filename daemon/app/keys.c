/* Keys: see keys.h. Read once by the desk before it speaks to anybody. */
#include "base/prelude.h"

#include "app/keys.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/folder.h"
#include "base/limits.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS_FILE_BYTES 8192 /* 33 lines of 75 */
#define HEX_LEN (2 * TOKEN_KEY_BYTES)

static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648, the key's name */

static int open_file(const char *state_dir, int flags)
{
	int dir = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	int fd = openat(dir, "keys", flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	int kept = errno;
	close(dir);
	errno = kept;
	return fd;
}

int keys_create(const char *state_dir)
{
	unsigned char token[TOKEN_KEY_BYTES], content[TOKEN_KEY_BYTES];
	char hex[HEX_LEN + 1];
	struct buf b;
	random_bytes(token, sizeof(token));
	random_bytes(content, sizeof(content));
	buf_init(&b, KEYS_FILE_BYTES);
	hex_encode(hex, token, sizeof(token));
	buf_addf(&b, "token a %s\n", hex);
	hex_encode(hex, content, sizeof(content));
	buf_addf(&b, "content %s\n", hex);
	int fd = open_file(state_dir, O_WRONLY | O_CREAT | O_EXCL);
	int rc = -1;
	if (fd >= 0) {
		rc = write(fd, b.data, b.len) == (ssize_t)b.len && fsync(fd) == 0 ? 0 : -1;
		if (rc == 0)
			rc = folder_sync(state_dir);
		close(fd);
	}
	explicit_bzero(b.data, b.len);
	buf_release(&b);
	return rc;
}

static bool take_line(const char *line, size_t len, struct token_keys *tokens,
	unsigned char *content, bool *has_content)
{
	char hex[HEX_LEN + 1];
	if (len == 8 + HEX_LEN && strncmp(line, "token ", 6) == 0 && line[7] == ' ') {
		const char *digit = strchr(digits, line[6]);
		if (digit == NULL || line[6] == '\0')
			return false;
		int i = (int)(digit - digits);
		memcpy(hex, line + 8, HEX_LEN);
		hex[HEX_LEN] = '\0';
		tokens->present[i] = true;
		tokens->current = i;
		return hex_decode(hex, tokens->key[i], TOKEN_KEY_BYTES);
	}
	if (len == 8 + HEX_LEN && strncmp(line, "content ", 8) == 0) {
		memcpy(hex, line + 8, HEX_LEN);
		hex[HEX_LEN] = '\0';
		*has_content = true;
		return hex_decode(hex, content, TOKEN_KEY_BYTES);
	}
	return len == 0;
}

int keys_load(const char *state_dir, struct token_keys *tokens,
	unsigned char content[TOKEN_KEY_BYTES], const char **error)
{
	char text[KEYS_FILE_BYTES];
	struct stat st;
	memset(tokens, 0, sizeof(*tokens));
	int fd = open_file(state_dir, O_RDONLY);
	if (fd < 0) {
		*error = errno == EACCES ? "you may not read it: ask as root, or as the user of"
					   " lotsd"
					 : "the file keys in the state folder is missing"
					   " (lotsctl init makes it)";
		return -1;
	}
	bool private = fstat(fd, &st) == 0 && (st.st_mode & 077) == 0;
	ssize_t n = private ? read(fd, text, sizeof(text) - 1) : -1;
	close(fd);
	if (!private) {
		*error = "the file keys in the state folder may be read by others (chmod 600)";
		return -1;
	}
	text[n > 0 ? n : 0] = '\0';
	const char *cursor = text, *line;
	size_t len;
	bool has_content = false, ok = true;
	while (ok && text_next_line(&cursor, &line, &len))
		ok = take_line(line, len, tokens, content, &has_content);
	explicit_bzero(text, sizeof(text));
	if (!ok || !has_content || !tokens->present[tokens->current]) {
		*error = "the file keys in the state folder is not understood";
		return -1;
	}
	return 0;
}

void keys_from_seed(
	const char *seed, struct token_keys *tokens, unsigned char content[TOKEN_KEY_BYTES])
{
	memset(tokens, 0, sizeof(*tokens));
	hmac_sha256("token", 5, seed, strlen(seed), tokens->key[0]);
	tokens->present[0] = true;
	hmac_sha256("content", 7, seed, strlen(seed), content);
}
