/* The repair of libetpan 1.9.4's mailmime_extract_boundary, from outside. */
#ifndef LOTS_MAIL_MIME_BOUNDARY_H
#define LOTS_MAIL_MIME_BOUNDARY_H

/* Does nothing: naming it is what links the repair into a program. The linker exports the repair by
 * itself, because the library has the same name; tests/check/boundary looks whether it did. */
void mime_boundary_link(void);

#endif
