/* Ctl_preview: see ctl_preview.h. Reads settings and templates only; no database, no desk. */
#include "base/prelude.h"

#include "app/ctl_preview.h"

#include "app/ctl_files.h"
#include "app/settings.h"
#include "base/arena.h"
#include "base/ipc.h"
#include "base/limits.h"
#include "core/preview.h"
#include "core/template.h"

#include <sysexits.h>

#define MAILS_MAX 2000

struct preview {
	struct arena *arena;
	const struct config *config;
	json_t *samples;
	const char *dir; /* NULL: standard output */
	size_t made;
};

/* The names that a reader would see as his own: installation, first organisation, its telephone. */
static json_t *own_names(const struct preview *p, const char *language)
{
	const struct config *c = p->config;
	json_t *own = json_object();
	for (size_t i = 0; i < c->n_organisations; i++) {
		const struct organisation *o = &c->organisations[i];
		if (strcmp(o->kind, "municipality") != 0 && strcmp(o->kind, "region") != 0)
			continue;
		json_object_set_new(
			own, "organisation", json_string(config_name(c, &o->name, language)));
		if (*o->phone != '\0')
			json_object_set_new(own, "phone", json_string(o->phone));
		break;
	}
	for (size_t i = 0; i < c->n_systems; i++)
		if (c->systems[i].is_default)
			json_object_set_new(own, "system",
				json_string(config_name(c, &c->systems[i].name, language)));
	return own;
}

static int put(struct preview *p, const char *language, const char *id, size_t n,
	const char *subject, const char *text, const char *html)
{
	if (p->dir == NULL) {
		printf("==== %s %s %zu\nSubject: %s\n\n%s\n", language, id, n + 1, subject, text);
		return 0;
	}
	const char *base = arena_printf(p->arena, "%s/%s-%s-%zu", p->dir, language, id, n + 1);
	const char *plain = arena_printf(p->arena, "Subject: %s\n\n%s", subject, text);
	if (ctl_write_file(arena_printf(p->arena, "%s.txt", base), plain, strlen(plain), 0644) !=
			0 ||
		ctl_write_file(arena_printf(p->arena, "%s.html", base), html, strlen(html), 0644) !=
			0)
		return EX_IOERR;
	return 0;
}

static int preview_one(struct preview *p, const char *language, const char *id, size_t n)
{
	const struct templates *t = p->config->templates;
	json_t *own = own_names(p, language);
	json_t *view = preview_view(t, p->samples, language, id, n, own);
	const char *subject = "";
	struct doc *doc = NULL;
	int rc = templates_fill(t, p->arena, language, id, view, &subject, &doc);
	json_decref(view);
	json_decref(own);
	if (rc != 0) {
		fprintf(stderr, "lotsctl: the text %s cannot be filled\n", id);
		return EX_DATAERR;
	}
	const char *reply = p->config->mailboxes[0].address;
	p->made++;
	return put(p, language, id, n, subject, doc_to_text(p->arena, doc, reply),
		doc_to_html(p->arena, doc, subject, reply));
}

static int preview_all(struct preview *p)
{
	const struct config *c = p->config;
	const char **ids;
	size_t n_ids = templates_ids(c->templates, p->arena, &ids);
	for (size_t l = 0; l < c->n_languages; l++)
		for (size_t i = 0; i < n_ids; i++) {
			size_t n = preview_count(p->samples, ids[i]);
			for (size_t k = 0; k < n && p->made < MAILS_MAX; k++) {
				int rc = preview_one(p, c->languages[l], ids[i], k);
				if (rc != 0)
					return rc;
			}
		}
	return 0;
}

static json_t *read_samples(struct arena *arena, const struct config *c)
{
	size_t n = 0;
	char *text =
		ctl_read_file(arena, arena_printf(arena, "%s/samples.json", c->template_dir), &n);
	json_t *samples = text != NULL ? json_read(text, n) : NULL;
	if (text != NULL && samples == NULL)
		fprintf(stderr, "lotsctl: samples.json is not understood\n");
	return samples;
}

int ctl_preview(const char *settings, int argc, char **argv)
{
	struct preview p = {.arena = arena_new(MAX_ARENA_BYTES), .dir = argc > 0 ? argv[0] : NULL};
	struct settings_errors errors;
	int code = EX_CONFIG;
	if (argc > 1 || (argc == 1 && argv[0][0] == '-')) {
		fprintf(stderr, "usage: lotsctl [-c FILE] preview [DIR]\n");
		arena_free(&p.arena);
		return EX_USAGE;
	}
	settings_errors_init(&errors, p.arena);
	struct config *config = settings_load(p.arena, settings, &errors);
	if (config == NULL)
		settings_errors_print(&errors, stderr);
	p.config = config;
	if (config != NULL) {
		p.samples = read_samples(p.arena, config);
		code = p.samples == NULL ? EX_DATAERR : 0;
	}
	if (code == 0 && p.dir != NULL && ctl_make_empty_dir(p.dir, NULL) != 0)
		code = EX_CANTCREAT;
	if (code == 0)
		code = preview_all(&p);
	if (code == 0 && p.dir != NULL)
		printf("%zu mails in %s\n", p.made, p.dir);
	json_decref(p.samples);
	settings_release(config);
	arena_free(&p.arena);
	return code;
}
