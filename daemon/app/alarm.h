/* Alarm: what needs a person, as a thing that is raised, told and over; and the mail that tells it.
 * For the running desk (desk_alarm.c says when) and the scenario runner. */
#ifndef LOTS_APP_ALARM_H
#define LOTS_APP_ALARM_H

#include "app/desk.h"
#include "store/alarms.h"

/* Raises it, or renews the text of one that stands. key: "sort" or "sort:name"; words.txt has the sort's
 * words. text: English, without personal data, for `lotsctl status` and the log. */
enum store_status alarm_raise(
	struct desk *d, const char *key, const char *text, int64_t now_ms) MUST_CHECK;
/* It is over; nothing happens if it did not stand. */
enum store_status alarm_over(struct desk *d, const char *key, int64_t now_ms) MUST_CHECK;
/* "quarantine" and "held" stand for as long as such a mail lies there. */
enum store_status alarm_quarantine(struct desk *d, int64_t now_ms) MUST_CHECK;
/* Mails it to the operator, if there is an address, and notes that it was told. The caller owns the
 * transaction; the desk's turn_arena is used. */
enum store_status alarm_tell(struct desk *d, const struct alarm *a, int64_t now_ms) MUST_CHECK;

#endif
