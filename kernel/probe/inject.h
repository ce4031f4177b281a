/* SPDX-License-Identifier: MIT */
/*
 * A test aid: faults put into running apps by chance, the same in every run with one seed. An
 * app's word inject=SEED,RATE[,KINDS] asks for it; one in RATE calls, and one in 8 * RATE uses
 * of its Context, goes wrong. What became of them is told at the end of the loop. Costs nothing
 * else.
 */
#ifndef KERNEL_INJECT_H
#define KERNEL_INJECT_H

#include "resource.h"

/* For tests: a call is about to begin, perhaps somewhere else; and it has ended. [loop,
 * in a call] */
void inject_call(struct app *app, struct machine_entry *entry);
void inject_ended(struct app *app, enum app_ending how);

/* How many were put into this app. */
uint64_t inject_count(const struct app *app);

/* Say what became of all of them, if there were any. */
void inject_report(void);

#endif
