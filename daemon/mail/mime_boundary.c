/* libetpan 1.9.4 as Debian ships it writes before a buffer when a boundary parameter is a single quote
 * mark: a mail of 126 bytes crashes every reader of the mailbox. Upstream repaired it in July 2026.
 * The library calls the function through its PLT, so this definition is the one that is called. */
#include "base/prelude.h"

#include "mail/mime_boundary.h"

#include <libetpan/libetpan.h>

/* RFC 2046 5.1.1: the boundary without the quotes that the parser leaves on. malloc'd, or NULL. */
char *mailmime_extract_boundary(struct mailmime_content *content)
{
	if (!content || !content->ct_parameters)
		return NULL;
	for (clistiter *i = clist_begin(content->ct_parameters); i; i = clist_next(i)) {
		const struct mailmime_parameter *p = clist_content(i);
		const char *v = p->pa_value;
		size_t n = strlen(v);

		if (strcasecmp(p->pa_name, "boundary") != 0)
			continue;
		if (n >= 2 && v[0] == '"' && v[n - 1] == '"') {
			v++;
			n -= 2;
		}
		return strndup(v, n);
	}
	return NULL;
}

void mime_boundary_link(void)
{
}
