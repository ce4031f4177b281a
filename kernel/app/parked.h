/* SPDX-License-Identifier: MIT */
/* For app_call.c: a call that overstays is set aside. */
#ifndef KERNEL_PARKED_H
#define KERNEL_PARKED_H

#include "resource.h"

struct app;
struct call;

/*
 * Keep an interrupted call, which the machine left in *call->keep, for the next frame; pay for the
 * slice, if it was one. in_idle: of time that nobody else wanted, so that it does not count against
 * the app. Without memory it is over, like a fault (ENDED_BADLY); its policy may want it undone.
 */
enum app_ending app_park(struct app *app, const struct call *call, bool in_idle);

#endif
