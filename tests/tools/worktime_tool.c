/* worktime-tool: the working-time clock on standard input, for tests/check/worktime_oracle, which
 * computes the same in another way. Lines in, one answer line out per question:
 *
 *   zone CET-1CEST,M3.5.0,M10.5.0/3
 *   calendar holidays|- eves|- 1=480-990,... 2=... closed=2026-05-15 half=2026-04-30@720
 *                                       (minutes of the day per ISO weekday)
 *   add FROM AMOUNT | between FROM TO | days FROM N | open AT      (ms) -> a number
 *   holiday 2026-06-19                                             -> "0|1 0|1" (holiday, eve)
 */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/worktime.h"

#define MAX_LINE 4096

static struct arena *arena;
static struct calendar calendar;
static struct zone zone;

static NORETURN void bad(const char *line)
{
	fprintf(stderr, "worktime-tool: not understood: %s\n", line);
	exit(64);
}

static int64_t number(const char *s)
{
	int64_t n;

	if (!s || !text_to_i64(s, -INT64_C(100000000000000), INT64_C(100000000000000), &n))
		bad(s ? s : "(nothing)");
	return n;
}

static char *next_word(char **cursor)
{
	char *word = strsep(cursor, " ");

	return word && *word ? word : NULL;
}

static void add_spans(int weekday, char *list)
{
	char *one;

	calendar.spans[weekday] = arena_array(arena, 16, sizeof(struct span));
	while ((one = strsep(&list, ",")) != NULL) {
		char *to = one, *from = strsep(&to, "-");
		size_t n = calendar.n_spans[weekday]++;

		if (n >= 16)
			bad(one);
		calendar.spans[weekday][n].from_ms = number(from) * MS_MINUTE;
		calendar.spans[weekday][n].to_ms = number(to) * MS_MINUTE;
	}
}

static void add_half(char *word)
{
	char *minutes = word, *date = strsep(&minutes, "@");
	struct half_day *h = &calendar.half_days[calendar.n_half_days++];

	if (calendar.n_half_days > 64 || !date_parse(date, &h->date))
		bad(word);
	h->to_ms = number(minutes) * MS_MINUTE;
}

static void read_calendar(char *cursor)
{
	char *word;

	calendar = (struct calendar){.id = "tool"};
	calendar.closed = arena_array(arena, 64, sizeof(struct date));
	calendar.half_days = arena_array(arena, 64, sizeof(struct half_day));
	while ((word = next_word(&cursor)) != NULL) {
		if (strcmp(word, "holidays") == 0)
			calendar.swedish_holidays = true;
		else if (strcmp(word, "eves") == 0)
			calendar.eves_closed = true;
		else if (word[0] >= '1' && word[0] <= '7' && word[1] == '=')
			add_spans(word[0] - '0', word + 2);
		else if (strncmp(word, "half=", 5) == 0)
			add_half(word + 5);
		else if (strncmp(word, "closed=", 7) == 0 && calendar.n_closed < 64 &&
			 date_parse(word + 7, &calendar.closed[calendar.n_closed]))
			calendar.n_closed++;
		else if (strcmp(word, "-") != 0)
			bad(word);
	}
}

static void answer_holiday(const char *word)
{
	struct date d;
	bool eve, holiday;

	if (!word || !date_parse(word, &d))
		bad(word ? word : "holiday");
	holiday = holiday_swedish(d, &eve);
	printf("%d %d\n", holiday, eve);
}

static void answer_question(const char *verb, char *cursor, const char *line)
{
	int64_t a = number(next_word(&cursor)), r;

	if (strcmp(verb, "open") == 0)
		r = calendar_is_open(&calendar, &zone, a);
	else if (strcmp(verb, "add") == 0)
		r = worktime_add(&calendar, &zone, a, number(next_word(&cursor)));
	else if (strcmp(verb, "between") == 0)
		r = worktime_between(&calendar, &zone, a, number(next_word(&cursor)));
	else if (strcmp(verb, "days") == 0)
		r = worktime_add_days(&calendar, &zone, a, (int)number(next_word(&cursor)));
	else
		bad(line);
	printf("%" PRId64 "\n", r);
}

static void handle(char *line)
{
	char *cursor = line;
	char *verb = next_word(&cursor);

	if (!verb)
		return;
	if (strcmp(verb, "zone") == 0) {
		if (!cursor || zone_parse(cursor, &zone) != 0)
			bad(line);
	} else if (strcmp(verb, "calendar") == 0) {
		read_calendar(cursor);
	} else if (strcmp(verb, "holiday") == 0) {
		answer_holiday(next_word(&cursor));
	} else {
		answer_question(verb, cursor, line);
	}
}

int main(void)
{
	char line[MAX_LINE];

	arena = arena_new(MAX_ARENA_BYTES);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		handle(line);
	}
	arena_free(&arena);
	return ferror(stdin) ? 74 : 0;
}
