/* Subject: reply and forward prefixes of mail clients (declared in mail/reply.h). Pure. */
#include "base/prelude.h"

#include "mail/reply.h"

#include "base/arena.h"
#include "base/text.h"

/* Swedish, English, Finnish, Norwegian, Danish, German, French, Spanish and neighbours. */
static const char *const reply_words[] = {"re", "sv", "svar", "vs", "aw", "antw", "antwort",
	"antwoord", "ref", "r", "rif", "res", "odp", "ynt", "atb", "bls", "ad", "rép", "回复",
	"答复", "отв", NULL};
static const char *const forward_words[] = {"fwd", "fw", "vb", "vl", "wg", "tr", "rv", "enc",
	"doorst", "videresendt", "videresend", "vidarebefordrat", "vidarebefordra", "välitetty",
	"pd", "i", "转发", "rvs", "vidaresänt", NULL};
/* Tags that a gateway puts before the subject of mail from outside. */
static const char *const gateway_tags[] = {"[extern]", "[external]", "[ext]", "[externt]",
	"[extern e-post]", "[extern avsändare]", "[ulkoinen]", "[ekstern]", "(extern)",
	"(external)", NULL};

static const char *skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

static const char *after_word(const char *s, const char *const *table)
{
	for (; *table; table++) {
		size_t n = strlen(*table);
		const char *p = s + n;

		if (strncmp(s, *table, n) != 0)
			continue;
		if ((*p == '[' || *p == '(' || *p == '^') && p[1] >= '0' &&
			p[1] <= '9') { /* Re[2]: */
			p++;
			while (*p >= '0' && *p <= '9')
				p++;
			if (*p == ']' || *p == ')')
				p++;
		}
		p = skip_blanks(p);
		if (*p == ':')
			return p + 1;
		if (strncmp(p, "：", strlen("：")) == 0)
			return p + strlen("：");
	}
	return NULL;
}

static const char *after_tag(const char *s)
{
	for (const char *const *t = gateway_tags; *t; t++)
		if (strncmp(s, *t, strlen(*t)) == 0)
			return s + strlen(*t);
	return NULL;
}

/* ASCII lower-casing keeps byte offsets, so positions in the copy hold in the original. */
static void lower_into(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
		else if ((unsigned char)s[0] == 0xc3 && (unsigned char)s[1] >= 0x80 &&
			 (unsigned char)s[1] <= 0x9e && (unsigned char)s[1] != 0x97)
			s[1] = (char)(s[1] + 0x20);
}

const char *subject_bare(struct arena *arena, const char *subject)
{
	char *lower = arena_strdup(arena, subject);
	const char *s = lower;

	lower_into(lower);
	for (;;) {
		const char *next;

		s = skip_blanks(s);
		next = after_word(s, reply_words);
		if (!next)
			next = after_word(s, forward_words);
		if (!next)
			next = after_tag(s);
		if (!next)
			break;
		s = next;
	}
	return text_trim(arena, subject + (s - lower));
}

static bool first_prefix_in(const char *subject, const char *const *table)
{
	char start[128];
	size_t n = strnlen(subject, sizeof(start) - 2);
	const char *s = start, *next;

	memcpy(start, subject, n);
	start[n] = start[n + 1] = '\0';
	lower_into(start);
	for (s = skip_blanks(s); (next = after_tag(s)) != NULL;)
		s = skip_blanks(next);
	return after_word(s, table) != NULL;
}

bool subject_is_forward(const char *subject)
{
	return first_prefix_in(subject, forward_words);
}

bool subject_is_reply(const char *subject)
{
	return first_prefix_in(subject, reply_words);
}
