/* Ctl_people: `lotsctl people import|export|check` and `lotsctl mailbox test`. argv[0] is the first
 * argument after the word; both return a code of sysexits.h. */
#ifndef LOTS_APP_CTL_PEOPLE_H
#define LOTS_APP_CTL_PEOPLE_H

/* people import FILE.csv [--apply]   shows the difference; --apply makes it so
 * people export [FILE.csv]           the directory as Excel opens it; standard output without FILE
 * people check [FILE.csv]            errors and gaps; without FILE the directory as it is, and who has
 *                                    not done the exercise. Exit 1 when something is missing. */
int ctl_people(const char *settings, int argc, char **argv);
/* mailbox test [NAME]                waits for a mail, tells how long it took */
int ctl_mailbox(const char *settings, int argc, char **argv);

#endif
