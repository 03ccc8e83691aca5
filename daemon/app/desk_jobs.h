/* Desk jobs: the list of workers the settings call for, told to the parent. */
#ifndef LOTS_APP_DESK_JOBS_H
#define LOTS_APP_DESK_JOBS_H

struct desk_loop;

void desk_send_jobs(struct desk_loop *l);

#endif
