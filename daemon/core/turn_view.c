/* Turn view: the mails of a turn, their views and rendering. A view holds ready words; the texts
 * around them are in templates/ (names: templates/names.txt). Everything that leaves passes
 * turn_masked. */
#include "base/prelude.h"
#include "core/turn_state.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/attachment.h"
#include "core/privacy.h"
#include "core/template.h"
#include "core/words.h"

#define HISTORY_MAX 12

/* Every place where `words` stand, in any case of letters of ASCII. */
static const char *blot(struct turn *t, const char *text, const char *words)
{
	struct buf b;
	size_t n = strlen(words);

	if (n == 0)
		return text;
	buf_init(&b, strlen(text) * 4 + 64);
	for (const char *p = text; *p;) {
		if (ascii_starts_nocase(p, words)) {
			buf_addstr(&b, "XXXX");
			p += n;
		} else {
			buf_addch(&b, *p++);
		}
	}
	return buf_take(&b, t->arena);
}

/* Without what turns the direction of reading or cannot be seen: it only serves to show another text
 * than the one that stands there. */
static const char *without_tricks(struct turn *t, const char *s)
{
	char *out = NULL;
	size_t n = strlen(s), k = 0, len;

	if (!strstr(s, "\xE2\x80") && !strstr(s, "\xE2\x81") && !strstr(s, "\xEF\xBB\xBF"))
		return s;
	out = arena_alloc(t->arena, n + 1);
	for (size_t i = 0; i < n; i += len) {
		uint32_t c = 0;

		len = utf8_next(s + i, n - i, &c);
		if (len == 0)
			len = 1;
		if (c == 0x200B || c == 0xFEFF || (c >= 0x202A && c <= 0x202E) ||
			(c >= 0x2066 && c <= 0x2069))
			continue;
		memcpy(out + k, s + i, len);
		k += len;
	}
	out[k] = '\0';
	return out;
}

const char *turn_masked(struct turn *t, const char *text)
{
	const char *s = privacy_mask(t->arena, without_tricks(t, text ? text : ""), NULL);
	json_t *one, *masks = t->c ? json_object_get(t->c->data, "masks") : NULL;
	size_t i;

	json_array_foreach(masks, i, one) s = blot(t, s, json_string_value(one));
	return s;
}

const char *turn_subject(struct turn *t, const struct kase *k)
{
	return utf8_shorten(t->arena, turn_masked(t, k->subject), MAX_SHOWN_SUBJECT_BYTES);
}

static void set_text(json_t *view, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(view, name, json_string(text));
}

void mail_text(struct outgoing *o, const char *name, const char *text)
{
	json_object_del(o->view, name);
	set_text(o->view, name, text);
}

void mail_flag(struct outgoing *o, const char *name)
{
	json_object_set_new(o->view, name, json_true());
}

void mail_json(struct outgoing *o, const char *name, json_t *value)
{
	json_object_set_new(o->view, name, value);
}

static const char *word_of(struct turn *t, const char *language, const char *group, const char *id)
{
	return t->config->templates
		       ? words_name(t->config->templates, t->arena, language, group, id)
		       : "";
}

static void view_requester(struct turn *t, json_t *view, const char *language)
{
	json_t *r = json_object();

	set_text(r, "name", turn_masked(t, t->k->requester_name));
	set_text(r, "address", t->k->requester_address);
	set_text(r, "role_the", word_of(t, language, "requester_the", case_kind_id(t->k->kind)));
	set_text(r, "role", word_of(t, language, "requester", case_kind_id(t->k->kind)));
	json_object_set_new(view, "requester", r);
}

static void view_attachments(struct turn *t, json_t *view)
{
	const char *names = "";
	const struct loaded_case *l = t->c->loaded;

	for (size_t i = 0; l && i < l->n_attachments; i++) {
		if (!turn_withheld(t, i))
			names = arena_printf(t->arena, "%s%s%s", names, *names ? ", " : "",
				l->attachments[i].name);
	}
	for (size_t i = 0; !l && t->mail && i < t->mail->n_attachments; i++) {
		if (attachment_may_go(&t->mail->attachments[i]) && *t->mail->attachments[i].name)
			names = arena_printf(t->arena, "%s%s%s", names, *names ? ", " : "",
				t->mail->attachments[i].name);
	}
	set_text(view, "attachments", turn_masked(t, names));
}

/* What the requester wrote first. */
const char *turn_opening_text(struct turn *t, struct turn_case *c)
{
	const char *kept = json_string_value(json_object_get(c->data, "text"));
	const char *added = json_string_value(json_object_get(c->data, "added"));
	const struct loaded_case *l = c->loaded;

	for (size_t i = 0; !kept && l && i < l->n_log; i++) {
		if (l->log[i].type == LOGGED_OPENED)
			kept = l->log[i].text;
	}
	if (!kept)
		return added ? added : "";
	return added ? arena_printf(t->arena, "%s\n\n%s", kept, added) : kept;
}

static const char *phone_of(struct turn *t)
{
	const struct organisation *o = config_organisation(t->config, t->k->organisation);

	return o && o->phone ? o->phone : "";
}

static void view_agent(
	struct turn *t, json_t *view, const char *name, const char *key, const char *language)
{
	const struct agent *a =
		people_agent(t->people, json_integer_value(json_object_get(t->c->data, key)));

	if (a)
		set_text(view, name, turn_agent_name(t, a, language));
}

/* A value of the order as its reader says it: words of ours in his language, a date written out. */
static const char *order_value(struct turn *t, const char *value, const char *language)
{
	static const char *const keys[] = {
		"access_what.new", "access_what.change", "access_what.end", "access_to.open"};
	struct date d;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (strcmp(value, turn_words(t, t->k->language, keys[i], NULL)) == 0)
			return turn_words(t, language, keys[i], NULL);
	}
	if (t->config->templates && strlen(value) == 10 && date_parse(value, &d))
		return words_date(t->config->templates, t->arena, language, d, t->today);
	return turn_masked(t, value);
}

/* What has been ordered, as handlers/access keeps it. */
static void view_order(struct turn *t, json_t *view, const char *language)
{
	json_t *order = json_object_get(t->c->data, "order"), *shown, *value;
	const char *key;
	int64_t approved = json_integer_value(json_object_get(t->c->data, "approved_ms"));

	if (!order)
		return;
	shown = json_object();
	json_object_foreach(order, key, value)
		set_text(shown, key, order_value(t, json_string_value(value), language));
	json_object_set_new(view, "order", shown);
	view_agent(t, view, "head_name", "head", language);
	view_agent(t, view, "desk_name", "order_desk", language);
	if (approved && t->config->templates)
		set_text(view, "approved_when",
			words_moment(t->config->templates, t->arena, language, &t->config->zone,
				approved, t->now_ms));
}

/* The facts of the case in hand that most templates use. */
static void view_case(struct turn *t, json_t *view, const char *language)
{
	const struct kase *k = t->k;
	const struct templates *tm = t->config->templates;
	const struct agent *holder = turn_holder(t);

	json_object_set_new(
		view, "number", json_string(arena_printf(t->arena, "%" PRId64, k->number)));
	set_text(view, "subject", turn_subject(t, k));
	set_text(view, "kind_word", word_of(t, language, "kind", case_kind_id(k->kind)));
	set_text(view, "organisation", turn_organisation_name(t, k->organisation, language));
	set_text(view, "system", turn_system_name(t, k->system, language));
	set_text(view, "area", turn_area_name(t, k->area, language));
	set_text(view, "priority_word",
		word_of(t, language, "priority", arena_printf(t->arena, "%d", k->priority)));
	set_text(view, "state_word", word_of(t, language, "state", case_state_id(k->state)));
	if (holder)
		set_text(view, "holder_name", turn_agent_name(t, holder, language));
	set_text(view, "link_name", turn_role_name(t, k->link, language));
	set_text(view, "phone", phone_of(t));
	set_text(view, "supplier_number", k->supplier_number);
	set_text(view, "text", turn_masked(t, turn_opening_text(t, t->c)));
	if (tm) {
		set_text(view, "opened",
			words_moment(
				tm, t->arena, language, &t->config->zone, k->opened_ms, t->now_ms));
		/* What has just come in has not waited. */
		if (t->now_ms - k->opened_ms >= MS_MINUTE)
			set_text(view, "waited",
				words_span(tm, t->arena, language, t->now_ms - k->opened_ms));
	}
	int64_t related = json_integer_value(json_object_get(t->c->data, "related"));
	if (related)
		set_text(view, "related", arena_printf(t->arena, "%" PRId64, related));
	view_requester(t, view, language);
	view_order(t, view, language);
	view_attachments(t, view);
	if (privacy_has_number(t->text) && t->mail)
		json_object_set_new(view, "personal_number", json_true());
}

static bool in_history(enum log_type type)
{
	return type == LOGGED_ANSWERED || type == LOGGED_INTERIM || type == LOGGED_QUESTION_BACK ||
	       type == LOGGED_ADDITION || type == LOGGED_OPENED || type == LOGGED_DENIED;
}

/* Was it undone before it left? Then nobody has read it, and nobody shall. */
bool turn_never_left(const struct loaded_case *l, size_t i)
{
	const struct log_entry *e = &l->log[i];

	for (size_t k = i + 1; k < l->n_log; k++) {
		const struct log_entry *later = &l->log[k];

		if (later->actor != e->actor)
			continue;
		if (later->type == LOGGED_UNDONE)
			return strstr(later->data, "\"had_left\":false") != NULL &&
			       strstr(later->data, log_type_id(e->type)) != NULL;
		if (later->type == e->type)
			return false;
	}
	return false;
}

/* Who wrote it, by name where one is known. */
static const char *who_wrote(struct turn *t, const struct log_entry *e, const char *language)
{
	const struct agent *a = e->actor ? people_agent(t->people, e->actor) : NULL;

	if (a)
		return turn_agent_name(t, a, language);
	return *t->k->requester_name && strcmp(e->who, t->k->requester_address) == 0
		       ? turn_masked(t, t->k->requester_name)
		       : e->who;
}

/* What requester and chain have said to each other, newest first; never what the chain said within
 * itself. */
static void view_history(struct turn *t, json_t *view, const char *language)
{
	const struct loaded_case *l = t->c->loaded;
	json_t *list = json_array();

	for (size_t i = l ? l->n_log : 0; i-- > 0 && json_array_size(list) < HISTORY_MAX;) {
		const struct log_entry *e = &l->log[i];
		json_t *one;

		if (!in_history(e->type) || !*e->text || turn_never_left(l, i))
			continue;
		one = json_object();
		set_text(one, "who", who_wrote(t, e, language));
		if (t->config->templates)
			set_text(one, "when",
				words_moment(t->config->templates, t->arena, language,
					&t->config->zone, e->at_ms, t->now_ms));
		set_text(one, "text", turn_masked(t, e->text));
		json_array_append_new(list, one);
	}
	if (json_array_size(list))
		json_object_set_new(view, "history", list);
	else
		json_decref(list);
}

/* Did a mail to the requester come back? */
static bool was_not_reached(const struct turn *t)
{
	const struct loaded_case *l = t->c->loaded;

	for (size_t i = 0; l && i < l->n_log; i++) {
		if (l->log[i].type == LOGGED_DELIVERY &&
			strstr(l->log[i].data, t->k->requester_address) &&
			!strstr(l->log[i].data, "\"temporary\":true"))
			return true;
	}
	return false;
}

/* What is odd about the mail that opened the case, for those who are to answer it. */
static void view_doubts(struct turn *t, json_t *view)
{
	if (was_not_reached(t))
		json_object_set_new(view, "unreached", json_true());
	if (json_is_true(json_object_get(t->c->data, "unproven")))
		json_object_set_new(view, "opened_unproven", json_true());
	set_text(
		view, "other_reply_to", json_string_value(json_object_get(t->c->data, "reply_to")));
}

static struct outgoing *add_mail(struct turn *t, enum mail_class class, const char *template_id,
	const char *verbs, const char *language)
{
	struct outgoing *o = arena_new_of(t->arena, struct outgoing);

	o->kase = t->k;
	o->class = class;
	o->template_id = template_id;
	o->verbs = verbs;
	o->language = language;
	o->view = json_object();
	o->subject = o->in_reply_to = o->address = o->name = "";
	o->not_before_ms = t->now_ms;
	if (t->k) {
		view_case(t, o->view, language);
		/* "Waiting for your answer" is for the requester alone. */
		if (strcmp(verbs, "requester") != 0)
			set_text(o->view, "state_word",
				word_of(t, language, "state_for_chain",
					case_state_id(t->k->state)));
		view_history(t, o->view, language);
		if (strcmp(verbs, "requester") != 0)
			view_doubts(t, o->view);
	}
	STAILQ_INSERT_TAIL(&t->fx->mails, o, next);
	t->fx->n_mails++;
	return o;
}

struct outgoing *turn_mail_requester(struct turn *t, enum mail_class class, const char *template_id)
{
	struct outgoing *o = add_mail(t, class, template_id, "requester", t->k->language);

	o->address = t->k->requester_address;
	o->name = t->k->requester_name;
	o->kase = t->k;
	/* Threads at the requester hang on his own mail as long as ours are few. */
	o->in_reply_to = t->mail && t->match.as == AS_REQUESTER ? t->mail->message_id : "";
	return o;
}

struct outgoing *turn_mail_agent(struct turn *t, const struct agent *a, enum mail_class class,
	const char *template_id, const char *verbs)
{
	struct outgoing *o = add_mail(t, class, template_id, verbs, turn_agent_language(t, a));

	o->agent = a->id;
	o->address = a->address;
	o->name = a->name;
	return o;
}

struct outgoing *turn_mail_address(struct turn *t, const char *address, const char *name,
	const char *language, enum mail_class class, const char *template_id, const char *verbs)
{
	struct outgoing *o = add_mail(t, class, template_id, verbs, language);

	o->address = address;
	o->name = name;
	return o;
}

static struct doc *empty_doc(struct turn *t, const char *language)
{
	struct doc *d = arena_new_of(t->arena, struct doc);

	d->language = language;
	d->blocks = arena_array(t->arena, 1, sizeof(d->blocks[0]));
	return d;
}

/* Is `part` the whole of `text`, or the beginning or the end of it that an empty line parts from the rest? */
static bool stands_in(const char *text, const char *part)
{
	size_t n = strlen(text), m = strlen(part);

	if (m > n)
		return false;
	return (strncmp(text, part, m) == 0 && (m == n || strncmp(text + m, "\n\n", 2) == 0)) ||
	       (n >= m + 2 && strcmp(text + n - m, part) == 0 &&
		       strncmp(text + n - m - 2, "\n\n", 2) == 0);
}

/* To the chain the mail's own text stands first: it is not said once more at the end. */
static void drop_own_text(const struct outgoing *o)
{
	json_t *list = json_object_get(o->view, "history");
	const char *text = json_string_value(json_object_get(o->view, "text"));

	if (strcmp(o->verbs, "requester") == 0 || !text)
		return;
	for (size_t i = json_array_size(list); i-- > 0;) {
		const char *one =
			json_string_value(json_object_get(json_array_get(list, i), "text"));

		if (one && stands_in(text, one))
			json_array_remove(list, i);
	}
}

/* Fills what is to be sent. A template that is missing (found by --check) must not lose the mail:
 * it goes with its number as subject and the text as it is. */
void view_render(struct turn *t)
{
	struct outgoing *o;

	STAILQ_FOREACH(o, &t->fx->mails, next)
	{
		drop_own_text(o);
		if (t->config->templates &&
			templates_fill(t->config->templates, t->arena, o->language, o->template_id,
				o->view, &o->subject, &o->doc) == 0)
			continue;
		const char *number = json_string_value(json_object_get(o->view, "number"));

		o->subject = number ? arena_printf(t->arena, "[Support %s]", number) : "Support";
		o->doc = empty_doc(t, o->language);
	}
}
