/* The parser process with the real parser inside its cage: every allowed charset, the mail that crashed
 * libetpan, and a mail of the largest size. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "base/log.h"
#include "mail/charset.h"
#include "mail/mailjson.h"
#include "mail/mailpack.h"
#include "tests/unit/cmocka_test.h"
#include "workers/parser.h"

#include <iconv.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t zygote;
static int zygote_sock;

static int set_up(void **state)
{
	(void)state;
	int s[2];
	if (ipc_pair(s) != 0 || (zygote = fork()) < 0)
		return -1;
	if (zygote == 0) {
		close(s[0]);
		log_set_level(LOG_LEVEL_ERROR);
		_exit(parser_main(s[1], json_object()));
	}
	close(s[1]);
	zygote_sock = s[0];
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	int status;
	close(zygote_sock);
	return waitpid(zygote, &status, 0) == zygote && status == 0 ? 0 : -1;
}

/* The parser's answer to these bytes, NULL if its child died. */
static json_t *parse(const char *raw, size_t n)
{
	struct ipc_message m;
	struct bytes b;
	int reply[2], memfd = ipc_seal_bytes(raw, n);
	assert_int_equal(ipc_pair(reply), 0);
	json_t *head = json_pack("{s:s,s:i}", "op", "parse", "job", 1);
	assert_int_equal(ipc_send_wait(zygote_sock, head, (int[]){memfd, reply[1]}, 2), 0);
	json_decref(head);
	close(memfd);
	close(reply[1]);
	int r = ipc_recv(reply[0], &m, 30000);
	close(reply[0]);
	assert_int_equal(r, 0);
	if (strcmp(json_str(m.head, "op", ""), "died") == 0) {
		ipc_message_release(&m);
		return NULL;
	}
	assert_int_equal(ipc_map(m.fds[0], MAX_IPC_PAYLOAD, &b), 0);
	struct arena *arena = arena_new(MAX_ARENA_BYTES);
	const char *error;
	struct mail *mail = mail_unpack(arena, b, &error);
	json_t *o = mail != NULL ? mail_to_json(mail) : NULL;
	arena_free(&arena);
	ipc_unmap(&b);
	ipc_message_release(&m);
	return o;
}

/* A word that the charset can write, in UTF-8, and its bytes. */
static const char *word_in(const char *charset, char *out, size_t size, size_t *n)
{
	/* Japanese first: its charsets write Swedish in a part of theirs that mail does not use. */
	static const char *const words[] = {"\xE5\x8A\xA9\xE3\x81\x91",
		"r\xC3\xA4ksm\xC3\xB6rg\xC3\xA5s",
		"\xD0\xBF\xD0\xBE\xD0\xBC\xD0\xBE\xD1\x89\xD1\x8C",
		"\xCE\xB2\xCE\xBF\xCE\xAE\xCE\xB8\xCE\xB5\xCE\xB9\xCE\xB1",
		"\xD7\xA2\xD7\x96\xD7\xA8\xD7\x94",
		"\xD9\x85\xD8\xB3\xD8\xA7\xD8\xB9\xD8\xAF\xD8\xA9", "\xE5\xB8\xAE\xE5\x8A\xA9",
		"\xE5\xB9\xAB\xE5\x8A\xA9", "\xEB\x8F\x84\xEC\x9B\x80",
		"\xE0\xB8\x8A\xE0\xB9\x88\xE0\xB8\xA7\xE0\xB8\xA2",
		"pom\xC3\xB3"
		"c",
		"hj\xC4\x81lp", "Hj"};
	/* The one that iconv does not know. */
	if (strcmp(charset, "HZ-GB-2312") == 0) {
		*n = (size_t)snprintf(out, size, "~{0oVz~}");
		return "\xE5\xB8\xAE\xE5\x8A\xA9";
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		iconv_t cd = iconv_open(charset, "UTF-8");
		assert_ptr_not_equal(cd, (iconv_t)-1);
		char *in = (char *)(uintptr_t)words[i], *to = out;
		size_t left = strlen(words[i]), room = size;
		bool ok = iconv(cd, &in, &left, &to, &room) == 0 && left == 0 &&
			  iconv(cd, NULL, NULL, &to, &room) == 0;
		iconv_close(cd);
		*n = size - room;
		if (ok)
			return words[i];
	}
	return NULL;
}

TEST(every_allowed_charset_decodes_inside_the_cage)
{
	size_t count = 0;
	for (const char *const *name = charset_names(); *name != NULL; name++, count++) {
		char bytes[256];
		size_t n;
		const char *word = word_in(*name, bytes, sizeof(bytes), &n);
		assert_non_null(word);
		struct buf mail;
		buf_init(&mail, 4096);
		buf_addf(&mail,
			"From: a@kalix.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; "
			"charset=\"%s\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
			*name);
		buf_add(&mail, bytes, n);
		buf_addstr(&mail, "\r\n");
		json_t *o = parse(mail.data, mail.len);
		buf_release(&mail);
		assert_non_null(o);
		if (strstr(json_str(o, "text", ""), word) == NULL)
			fail_msg("%s: got \"%s\", wanted \"%s\"", *name, json_str(o, "text", ""),
				word);
		json_decref(o);
	}
	assert_true(count > 20);
}

TEST(the_boundary_mail_is_read_or_costs_itself_only)
{
	static const char raw[] =
		"From: a@kalix.example\r\nTo: support@lots.example\r\nContent-Type: "
		"multipart/mixed; boundary=\"\\\"\"\r\n\r\n--\"\r\n\r\nhej\r\n";
	json_t *o = parse(raw, sizeof(raw) - 1);
	json_decref(o);
	static const char good[] = "From: a@kalix.example\r\nSubject: efter\r\n\r\nhej\r\n";
	o = parse(good, sizeof(good) - 1);
	assert_non_null(o);
	assert_string_equal(json_str(o, "subject", ""), "efter");
	json_decref(o);
}

/* The largest mail must fit in the child's memory and time. */
TEST(a_mail_of_the_largest_size_is_read)
{
	static const char head[] =
		"From: a@kalix.example\r\nSubject: stor\r\nMIME-Version: 1.0\r\nContent-Type: "
		"multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhej\r\n--b\r\nContent-Type: "
		"application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n";
	static const char line[] =
		"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoBAgMEBQYHCAkKCwwNDg8QQUJDREVGR0hJSktMTU5P\r\n";
	struct buf mail;
	buf_init(&mail, MAX_MAIL_BYTES);
	buf_addstr(&mail, head);
	while (mail.len < MAX_MAIL_BYTES - 200)
		buf_addstr(&mail, line);
	buf_addstr(&mail, "--b--\r\n");
	assert_true(buf_ok(&mail));
	json_t *o = parse(mail.data, mail.len);
	buf_release(&mail);
	assert_non_null(o);
	assert_string_equal(json_str(o, "subject", ""), "stor");
	assert_int_equal(json_array_size(json_object_get(o, "attachments")), 1);
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allowed_charset_decodes_inside_the_cage),
		cmocka_unit_test(the_boundary_mail_is_read_or_costs_itself_only),
		cmocka_unit_test(a_mail_of_the_largest_size_is_read),
	};
	return cmocka_run_group_tests_name("parser_mail", tests, set_up, tear_down);
}
