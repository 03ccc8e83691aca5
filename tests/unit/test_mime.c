/* MIME structure: both readers on ordinary mail, our own on the broken, and the limits. */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/mime.h"
#include "mail/mime_decode.h"
#include "tests/unit/cmocka_test.h"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(MAX_ARENA_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const struct mime_limits limits = {MAX_HEADER_BYTES, MAX_MIME_PARTS, MAX_MIME_DEPTH};

/* "depth:type=body|..." of the leaves. */
static const char *leaves(const struct mime *m)
{
	const char *s = "";

	for (size_t i = 0; i < m->n; i++) {
		const struct mime_part *p = &m->v[i];

		if (!p->multipart && !p->message)
			s = arena_printf(arena, "%s%s%u:%s=%.*s", s, *s ? "|" : "", p->depth,
				p->type.value, (int)p->body.n, (const char *)p->body.p);
	}
	return s;
}

static struct mime walk(const char *raw)
{
	struct bytes in = {(const unsigned char *)raw, strlen(raw)};
	struct header h;
	struct mime m;

	header_parse(arena, in, limits.header_bytes, &h);
	mime_walk(arena, in, &h, &limits, &m);
	return m;
}

#define MULTI(kind, b)                                                                             \
	"From: a@kalix.example\r\nContent-Type: multipart/" kind "; boundary=" b "\r\n\r\n"

TEST(ordinary_mail_reads_the_same_by_both)
{
	static const char *const mails[] = {
		MULTI("alternative",
			"b") "--b\r\nContent-Type: text/plain\r\n\r\nhej\r\n--b\r\nContent-Type: "
			     "text/html\r\n\r\n<p>hej\r\n--b--\r\n",
		MULTI("mixed",
			"\"=_x y\"") "preamble\r\n--=_x y\r\n\r\nhej\r\n\r\n--=_x "
				     "y\r\nContent-Type: "
				     "multipart/related; boundary=i\r\n\r\n--i\r\nContent-Type: "
				     "text/html\r\n\r\nx\r\n--i\r\nContent-Type: "
				     "image/png\r\n\r\n\r\n--i--\r\n--=_x y--\r\nepilogue\r\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		struct bytes in = {(const unsigned char *)mails[i], strlen(mails[i])};
		struct header h;
		struct mime a, b;

		header_parse(arena, in, limits.header_bytes, &h);
		assert_true(mime_etpan(arena, in, &h, &limits, &a));
		mime_walk(arena, in, &h, &limits, &b);
		assert_int_equal(a.n, b.n);
		assert_string_equal(leaves(&a), leaves(&b));
		for (size_t k = 0; k < a.n; k++) {
			assert_ptr_equal(a.v[k].body.p, b.v[k].body.p);
			assert_int_equal(a.v[k].end, b.v[k].end);
			assert_int_equal(a.v[k].parent, b.v[k].parent);
		}
	}
}

TEST(what_the_library_may_not_see)
{
	char *many = arena_alloc(arena, 200000);
	const char *const mails[] = {
		MULTI("mixed", "b") "--b\r\n\r\nhej\r\n",	     /* not ended */
		MULTI("mixed", "b") "--b\r\n\r\nhe\rj\r\n--b--\r\n", /* lone CR */
		MULTI("digest", "b") "--b\r\n\r\nSubject: x\r\n\r\nhej\r\n--b--\r\n",
		many,
	};

	snprintf(
		many, 200000, MULTI("mixed", "b") "--b\r\nX: %0100000d\r\n\r\nhej\r\n--b--\r\n", 0);
	memset(strstr(many, "X: ") + 3, '(', 100000);
	for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
		struct bytes in = {(const unsigned char *)mails[i], strlen(mails[i])};
		struct header h;
		struct mime m;

		header_parse(arena, in, limits.header_bytes, &h);
		mime_read(arena, in, &h, &limits, &m);
		assert_false(m.by_library);
		assert_non_null(strstr(leaves(&m), "=he"));
	}
}

TEST(broken_structure)
{
	static const struct {
		const char *raw, *leaves;
		bool broken;
	} cases[] = {
		{MULTI("mixed", "b") "--b\r\n\r\nhej\r\n--b--\r\n", "1:text/plain=hej", false},
		{MULTI("mixed", "b") "--b\r\n\r\nhej", "1:text/plain=hej", true},
		{MULTI("mixed", "b") "--b  \r\n\r\nhej\r\n--b-- x\r\n", "1:text/plain=hej", false},
		{MULTI("mixed", "b") "--bb\r\n\r\nhej\r\n", "0:multipart/mixed=--bb\r\n\r\nhej\r\n",
			true},
		{MULTI("mixed", "x") "--y\r\nContent-Type: text/plain\r\n\r\nhej\r\n--y--\r\n",
			"1:text/plain=hej", true}, /* the boundary is guessed */
		{"Content-Type: multipart/mixed\r\n\r\n--y\r\nContent-Type: "
		 "text/html\r\n\r\nhej\r\n--y--",
			"1:text/html=hej", true},
		{MULTI("mixed", "b") "--b\r\n--b\r\n\r\nhej\r\n--b--", "1:text/plain=hej", false},
		{MULTI("digest", "b") "--b\r\n\r\nSubject: x\r\n\r\nhej\r\n--b--",
			"2:text/plain=hej", false},
		{MULTI("mixed",
			 "b") "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: "
			      "base64\r\n\r\nU3ViamVjdDogeA0KDQpoZWo=\r\n--b--",
			"2:text/plain=hej", false},
		{"Content-Type: text/html\r\nContent-Type: text/plain\r\n\r\nhej",
			"0:text/plain=hej", false},
		{"Content-Type: text\r\n\r\nhej", "0:text/plain=hej", false},
		{MULTI("mixed", "a") "--a\r\nContent-Type: multipart/mixed; "
				     "boundary=b\r\n\r\n--a\r\n\r\nhej\r\n--b\r\n",
			"1:multipart/mixed=|1:text/plain=hej\r\n", true},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mime m = walk(cases[i].raw);

		assert_string_equal(leaves(&m), cases[i].leaves);
		assert_int_equal(m.broken, cases[i].broken);
	}
}

TEST(limits_hold)
{
	struct buf b;
	struct mime m;

	buf_init(&b, 1 << 20);
	buf_addstr(&b, MULTI("mixed", "b0"));
	for (int i = 0; i < 40; i++)
		buf_addf(&b, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i,
			i + 1);
	m = walk(b.data);
	assert_true(m.too_deep);
	assert_int_equal(m.n, MAX_MIME_DEPTH);
	buf_clear(&b);
	buf_addstr(&b, MULTI("mixed", "b"));
	for (int i = 0; i < 1000; i++)
		buf_addstr(&b, "--b\r\n\r\nx\r\n");
	m = walk(b.data);
	assert_true(m.too_many);
	assert_int_equal(m.n, MAX_MIME_PARTS);
	buf_release(&b);
}

TEST(transfer_encodings)
{
	static const struct {
		const char *name, *in, *out;
	} cases[] = {
		{"base64", "aGVq", "hej"},
		{"BASE64 ", "aGV\r\n q", "hej"},
		{"base64", "aGVqIQ==", "hej!"},
		{"base64", "aA==aGVq", "hhej"},
		{"base64", "a!G*Vq", "hej"},
		{"base64", "aGVqIQ", "hej!"},
		{"quoted-printable", "h=E5l =\r\ntom  \r\nx=3", "h\345l tom\r\nx=3"},
		{"quoted-printable", "a= \r\nb=\nc", "abc"},
		{"quoted-printable", "=zz=3D", "=zz="},
		{"x-uuencode", "x\r\nbegin 644 a\r\n#:&5J\r\n`\r\nend\r\ny", "hej"},
		{"8bit", "hej", "hej"},
		{"quoted/printable", "h=E5l", "h\345l"},
		{"Quoted_Printable", "h=E5l", "h\345l"},
		{"base 64", "aGVq", "hej"},
		{"\"base64\" (x)", "aGVq", "hej"},
		{"base64-and-something-long-behind", "aGVq", "aGVq"},
		{"nonsense", "hej", "hej"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes in = {(const unsigned char *)cases[i].in, strlen(cases[i].in)}, out;
		bool cut;

		out = mime_decode_all(arena, mime_encoding_of(cases[i].name), in, 1000, &cut);
		assert_int_equal(out.n, strlen(cases[i].out));
		assert_memory_equal(out.p, cases[i].out, out.n);
		assert_false(cut);
		out = mime_decode_all(arena, mime_encoding_of(cases[i].name), in, 2, &cut);
		assert_int_equal(out.n, 2);
		assert_true(cut);
	}
}

TEST(what_is_base64)
{
	static const char *const yes[] = {
		"", "aGVq", "aGVq\r\naGVq\r\n", "  aGVq\n  aGVq=\n", "aGVq!aGVqaGVqaGVqaGVq"};
	static const char *const no[] = {
		"Hej! Datorn startar inte.", "en tv\303\245 tre fyra", "a b c d e f g h i j k l"};

	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		assert_true(mime_is_base64(
			(struct bytes){(const unsigned char *)yes[i], strlen(yes[i])}));
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		assert_false(mime_is_base64(
			(struct bytes){(const unsigned char *)no[i], strlen(no[i])}));
}

TEST(text_behind_base64)
{
	static const struct {
		const char *in, *tail;
	} cases[] = {
		{"aGVqc2Fu\nIGRpZw==\nSent by a list.\n", "Sent by a list.\n"},
		{"\naGVqc2Fu\r\naGVqc2Fu\r\n\r\n-- \r\nA list, lots.example",
			"-- \r\nA list, lots.example"},
		{"aGVqc2Fu\n\naGVqc2Fu\n", ""},
		{"aGVqc2Fu IGRpZw==\n", ""},
		{"aGVq\n\nMvh Anna, Boden\n", ""}, /* a short word, not base64 */
		{"Hej, hej!\n\nMvh Anna\n", ""},
		{"", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bytes tail = mime_base64_tail(
			(struct bytes){(const unsigned char *)cases[i].in, strlen(cases[i].in)});

		assert_int_equal(tail.n, strlen(cases[i].tail));
		assert_memory_equal(tail.p, cases[i].tail, tail.n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary_mail_reads_the_same_by_both),
		cmocka_unit_test(what_the_library_may_not_see),
		cmocka_unit_test(broken_structure),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(transfer_encodings),
		cmocka_unit_test(what_is_base64),
		cmocka_unit_test(text_behind_base64),
	};
	return cmocka_run_group_tests_name("mime", tests, set_up, tear_down);
}
