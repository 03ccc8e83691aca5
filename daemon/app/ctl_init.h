/* Ctl_init: `lotsctl init DIR [--sample NAME]`: a complete instance in a new or empty folder. */
#ifndef LOTS_APP_CTL_INIT_H
#define LOTS_APP_CTL_INIT_H

#include "base/prelude.h"

struct arena;

/* argv[0] is the first argument after "init". Returns a code of sysexits.h. Without --sample the
 * settings are made from six answers on standard input. */
int ctl_init(int argc, char **argv);

/* Asks the six questions and writes DIR/lots.yaml and what it names. 0, or a code of sysexits.h. */
int ctl_init_ask(struct arena *arena, const char *dir, FILE *in, FILE *out);

/* Is dir where lotsd.service looks? Then its state is where the unit keeps it, passwords are its
 * credentials, and the settings can be read by the user it makes up at each start. */
bool ctl_init_is_service(const char *dir);
#define SERVICE_SECRETS "secrets"

#endif
