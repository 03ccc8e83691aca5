/* Auto: machines' mail and people's, days of absence, and delivery reports (RELIABILITY rows 16, 19,
 * 21, 22, 24). */
#include "base/prelude.h"

#include "base/arena.h"
#include "base/date.h"
#include "mail/auto.h"
#include "mail/auto_absence.h"
#include "mail/bounce_scan.h"
#include "tests/unit/cmocka_test.h"

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const struct mail_report no_report = {"", "", "", ""};

static struct mail *classify(const char *from, const char *subject, const char *text,
	const struct mail_header *headers, size_t n, const struct mail_report *report)
{
	struct mail *m = arena_new_of(arena, struct mail);
	struct mail_address *to = arena_new_of(arena, struct mail_address);

	*to = (struct mail_address){"", "support@stod.example"};
	m->from = (struct mail_address){"", from};
	m->to.v = to;
	m->to.n = 1;
	m->subject = subject;
	m->text = m->new_text = text;
	m->return_path = "";
	m->date_ms = date_to_days((struct date){2026, 7, 6}) * MS_DAY + 7 * MS_HOUR; /* a Monday */
	auto_classify(arena, m, headers, n, report);
	return m;
}

static enum mail_auto kind_of(const char *from, const char *subject, const char *text,
	const char *name, const char *value)
{
	struct mail_header h[] = {{"From", from}, {name, value}};

	return classify(from, subject, text, h, name ? 2 : 1, &no_report)->auto_class;
}

struct kind_case {
	enum mail_auto want;
	const char *from, *subject, *text, *name, *value;
};

TEST(kinds)
{
	static const struct kind_case cases[] = {
		{MAIL_PERSON, "a@x.example", "Hej", "Hej", NULL, NULL},
		{MAIL_PERSON, "a@x.example", "Hej", "Hej", "Auto-Submitted", "no"},
		{MAIL_AUTO_REPLY, "a@x.example", "SV: Hej", "Mottaget.", "Auto-Submitted",
			"auto-replied"},
		{MAIL_OUT_OF_OFFICE, "a@x.example", "SV: Hej", "Jag har semester.",
			"Auto-Submitted", "auto-replied"},
		{MAIL_AUTO_REPLY, "a@x.example", "Autosvar: Hej", "Mottaget.", NULL, NULL},
		{MAIL_OUT_OF_OFFICE, "a@x.example", "Automatiskt svar: Hej",
			"Jag är inte på plats.", NULL, NULL},
		{MAIL_OUT_OF_OFFICE, "a@x.example", "Frånvaro: Hej", "Åter måndag.", NULL, NULL},
		{MAIL_OUT_OF_OFFICE, "a@x.example", "Out of Office", "Back soon.", "Precedence",
			"auto_reply"},
		{MAIL_AUTO_REPLY, "a@x.example", "Hej", "Mottaget.", "X-Autoreply", "yes"},
		{MAIL_AUTO_REPLY, "a@x.example", "Hej", "Mottaget.", "Return-Path", "<>"},
		{MAIL_AUTO_REPLY, "a@x.example", "Hej", "Mottaget.", "X-Auto-Response-Suppress",
			"All"},
		{MAIL_PERSON, "a@x.example", "Hej", "Hej", "X-Auto-Response-Suppress", "DR"},
		{MAIL_PERSON, "a@x.example", "Semester v 28-31", "Vem tar över?", NULL, NULL},
		{MAIL_PERSON, "a@x.example", "Frånvaro syns dubbelt", "I kalendern.", NULL, NULL},
		{MAIL_PERSON, "a@x.example", "SV: Automatiskt svar fungerar inte", "Hej", NULL,
			NULL},
		{MAIL_PERSON, "a@x.example", "VB: Automatiskt svar: Hej", "Vad gör vi?", NULL,
			NULL},
		{MAIL_LIST, "a@x.example", "Nyheter", "Läs", "List-Id", "<n.x.example>"},
		{MAIL_LIST, "a@x.example", "Nyheter", "Läs", "Precedence", "bulk"},
		{MAIL_LIST, "a@x.example", "Nyheter", "Läs", "Feedback-ID", "1:2:3"},
		{MAIL_VERIFICATION, "noreply@x.example", "Din verifieringskod",
			"Din kod är 482913.", NULL, NULL},
		{MAIL_VERIFICATION, "no-reply@x.example", "Confirm your email",
			"https://x.example/confirm", NULL, NULL},
		{MAIL_VERIFICATION, "team@x.example", "Your code", "Your code is 482 913.", NULL,
			NULL},
		{MAIL_PERSON, "a@x.example", "Ingen verifieringskod", "Koden 123456 är fel.", NULL,
			NULL},
		{MAIL_PERSON, "a@x.example", "VB: Din verifieringskod", "Din kod är 482913.", NULL,
			NULL},
		{MAIL_READ_RECEIPT, "a@x.example", "Läst: Hej",
			"Ditt meddelande lästes den 5 januari.", NULL, NULL},
		{MAIL_READ_RECEIPT, "a@x.example", "Oläst: Hej",
			"togs bort utan att läsas den 5 januari", NULL, NULL},
		{MAIL_PERSON, "a@x.example", "Läst: tre rutiner", "Jag undrar över den tredje.",
			NULL, NULL},
		{MAIL_BOUNCE, "MAILER-DAEMON@x.example", "failure notice",
			"<b@y.example>:\nNo such user", NULL, NULL},
		{MAIL_BOUNCE, "postmaster@x.example", "Olevererat: Hej",
			"Meddelandet till b@y.example kunde inte levereras.", NULL, NULL},
		{MAIL_PERSON, "a@x.example", "VB: Olevererat: Hej",
			"Det kunde inte levereras. b@y.example", NULL, NULL},
		{MAIL_PERSON, "a@x.example", "Mejl kunde inte levereras",
			"Det kunde inte levereras.", "X-Mailer", "Outlook"},
		{MAIL_FEEDBACK, "staff@x.example", "complaint about message from 192.0.2.7", "",
			NULL, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct kind_case *c = &cases[i];
		enum mail_auto have = kind_of(c->from, c->subject, c->text, c->name, c->value);

		if (have != c->want)
			fail_msg("%zu: %s / %s: %s, not %s", i, c->subject, c->text,
				mail_auto_id(have), mail_auto_id(c->want));
	}
}

TEST(reactions_are_a_persons_word)
{
	struct mail *m = classify("a@x.example", "Anna Ek reagerade på ditt meddelande: Hej",
		"👍 Anna Ek reagerade på ditt meddelande:\n\nHej\n#stäng", NULL, 0, &no_report);

	assert_int_equal(m->auto_class, MAIL_PERSON);
	assert_int_equal(m->defects.n, 1);
	assert_string_equal(m->defects.v[0], "reaction");
	assert_string_equal(m->new_text, "👍 Anna Ek reagerade på ditt meddelande:");
}

static const char *date_text(int64_t ms)
{
	struct date d = date_from_days(ms / MS_DAY);

	return ms ? arena_printf(arena, "%04d-%02d-%02d", d.year, d.month, d.day) : "";
}

/* The mail is of Monday 2026-07-06, week 28. */
TEST(days_of_absence)
{
	static const struct {
		const char *text, *from, *until;
	} cases[] = {
		{"Jag är åter den 3 augusti.", "", "2026-08-03"},
		{"Åter den 3:e augusti", "", "2026-08-03"},
		{"tillbaka måndag v 32", "", "2026-08-03"},
		{"Tillbaka vecka 32.", "", "2026-08-03"},
		{"Jag är tillbaka på kontoret den 3/8.", "", "2026-08-03"},
		{"Åter i tjänst måndag 3 augusti 2026", "", "2026-08-03"},
		{"åter 2026-08-03", "", "2026-08-03"},
		{"Jag är tillbaka på måndag.", "", "2026-07-13"},
		{"Jag är tillbaka imorgon.", "", "2026-07-07"},
		{"semester t.o.m. 2/8", "", "2026-08-03"},
		{"ledig t o m söndag 2 augusti", "", "2026-08-03"},
		{"ledig till och med den 2 augusti", "", "2026-08-03"},
		{"ledig v 28-31", "2026-07-06", "2026-08-03"},
		{"Semester vecka 28 - 31", "2026-07-06", "2026-08-03"},
		{"ledig 6-17 juli", "2026-07-06", "2026-07-18"},
		{"ledig 6/7 - 17/7", "2026-07-06", "2026-07-18"},
		{"Frånvarande från den 6 juli till den 2 augusti", "2026-07-06", "2026-08-03"},
		{"Jag har semester 2026-07-06 – 2026-07-17", "2026-07-06", "2026-07-18"},
		{"I am out of the office until 14 July", "", "2026-07-15"},
		{"I am away until July 14th", "", "2026-07-15"},
		{"I will be back on Monday 20 July", "", "2026-07-20"},
		{"out from 6 July through 17 July, back 20 July", "2026-07-06", "2026-07-20"},
		{"returning Wednesday, January 6", "", "2027-01-06"},
		{"Olen lomalla 6.7.–2.8.2026", "2026-07-06", "2026-08-03"},
		{"Palaan maanantaina 3.8.2026.", "", "2026-08-03"},
		{"Palaan 3. elokuuta", "", "2026-08-03"},
		{"Ich bin bis 14. Juli nicht im Büro", "", "2026-07-15"},
		{"Jag är tillbaka kl 10.30", "", ""},
		{"Återkommer så snart jag kan. Ring 0921-12 34 56.", "", ""},
		{"Jag har slutat.", "", ""},
		{"Åter den 45 augusti", "", ""},
		{"Åter 3.8.0190", "", ""},
		{"Frånvarande från 3.8.0190 till 4.8.0190", "", ""},
		{"", "", ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t from = 0, until = 0;

		auto_absence(arena, "Autosvar", cases[i].text,
			date_to_days((struct date){2026, 7, 6}) * MS_DAY + 7 * MS_HOUR, &from,
			&until);
		if (strcmp(date_text(from), cases[i].from) != 0 ||
			strcmp(date_text(until), cases[i].until) != 0)
			fail_msg("%s: %s to %s, not %s to %s", cases[i].text, date_text(from),
				date_text(until), cases[i].from, cases[i].until);
	}
}

TEST(reports_of_rfc_3464)
{
	struct mail_report r = {"delivery-status",
		"Reporting-MTA: dns;mx.x.example\n\nFinal-Recipient: rfc822; ok@y.example\nAction: "
		"delivered\nStatus: 2.0.0\n\n"
		"Original-Recipient: rfc822;b@y.example\nFinal-Recipient: rfc822; "
		"alias@z.example\nAction: failed\nStatus: 5.0.0\n"
		"Diagnostic-Code: smtp; 550 5.1.1\n <b@y.example>: unknown\n",
		"", "Message-ID: <c7@stod.example>\nTo: b@y.example\n"};
	struct mail *m = classify("postmaster@x.example", "Hej", "", NULL, 0, &r);

	assert_int_equal(m->auto_class, MAIL_BOUNCE);
	assert_string_equal(m->bounce.recipient, "b@y.example");
	assert_string_equal(m->bounce.status, "5.1.1");
	assert_string_equal(m->bounce.original_id, "c7@stod.example");
	assert_string_equal(m->bounce.diagnostic, "smtp; 550 5.1.1 <b@y.example>: unknown");
	assert_false(m->bounce.temporary || m->bounce.delivered);
}

TEST(delays_and_successes)
{
	struct mail_report r = {"delivery-status",
		"Final-Recipient: rfc822; b@y.example\nAction: delayed\nStatus: 4.4.1\n", "", ""};
	struct mail *m = classify("postmaster@x.example", "Hej", "", NULL, 0, &r);

	assert_true(m->auto_class == MAIL_BOUNCE && m->bounce.temporary);
	r.delivery_status =
		"Final-Recipient: rfc822; b@y.example\rAction: relayed\rStatus: 2.1.5\r";
	m = classify("postmaster@x.example", "Hej", "", NULL, 0, &r);
	assert_true(m->auto_class != MAIL_BOUNCE && m->bounce.delivered);
	assert_string_equal(m->bounce.status, "2.1.5");
}

TEST(what_stands_in_prose)
{
	static const char *const own[] = {"support@stod.example", NULL};
	struct bounce_prose p;

	bounce_prose_read(arena,
		"Your message to support@stod.example\ncould not be delivered to:\n\n  "
		"b@y.example\n    451 4.2.2 full\n\n"
		"--- Below this line is a copy of the message.\n\nMessage-ID: "
		"<c8@stod.example>\nTo: c@y.example\n",
		"", own, &p);
	assert_string_equal(p.recipient, "b@y.example");
	assert_string_equal(p.status, "4.2.2");
	assert_string_equal(p.original_id, "c8@stod.example");
	assert_true(p.delayed);
	assert_string_equal(
		bounce_status_in(arena, "host 192.5.1.1 said 5.1.1.9 then 550 5.7.26 x"), "5.7.26");
	assert_string_equal(
		bounce_answer_in(arena, "554 4.4.7 expired <421 4.4.2 timed out>"), "4.4.2");
	assert_int_equal(bounce_reply_code_in("10.550.1 x1550 said: 452-full"), 452);
	assert_null(bounce_address_in(arena, "no @ address@ here @x", NULL));
	assert_string_equal(bounce_address_in(arena, "<b.c@y.example>.", NULL), "b.c@y.example");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kinds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reactions_are_a_persons_word, set_up, tear_down),
		cmocka_unit_test_setup_teardown(days_of_absence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reports_of_rfc_3464, set_up, tear_down),
		cmocka_unit_test_setup_teardown(delays_and_successes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_stands_in_prose, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
