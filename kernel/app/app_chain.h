/* SPDX-License-Identifier: MIT */
/* The chain of calls that are going on (app_chain.c), and what of a call's beginning app.c,
 * app_call.c, app_chain.c and app_context.c share. */
#ifndef KERNEL_APP_CHAIN_H
#define KERNEL_APP_CHAIN_H

#include <kernel/types.h>

struct app;
struct call;

/* Write all of its Context anew, as it is at this time of its own. [loop, in a call] */
void app_write_context(struct app *app, uint64_t ns);

/*
 * The record of the loop's usual calls as each of them finds it, but for what each writes itself.
 * app_init() does that, and a call that has ended in another way than by its return. [boot, loop]
 */
void app_open_usual(struct call *call);

/* Whether it has had its time: its own, or the larger one that inner calls share. [any] */
bool app_call_is_over(const struct call *call);

#endif
