/* lotsctl parse: files through the daemon's own caged parser. Needs no instance and no desk. */
#ifndef LOTS_APP_CTL_PARSE_H
#define LOTS_APP_CTL_PARSE_H

/* argv[0] is "parse"; then [--json] FILE... Prints one object a file, in order, with the keys of
 * mail/mailjson.h: on one line with --json, else indented for reading. A file that cannot be read, or
 * whose parser died or ran out of time, gives {"defects":["unreadable"]} or ["parser-died"] in its
 * place. Exit code: 0; 64 usage; 66 if a file could not be read; 71 if no parser can be started. */
int ctl_parse(int argc, char **argv);

#endif
