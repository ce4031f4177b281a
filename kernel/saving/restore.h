/* SPDX-License-Identifier: MIT */
/* Images become apps again. Everything is looked at before anything changes. */
#ifndef KERNEL_RESTORE_H
#define KERNEL_RESTORE_H

#include "app.h"
#include "image.h"

/*
 * An app from its image, at the end of the list; it goes on as if nothing had happened. label is
 * for messages. `by` is the app that asks, NULL: nobody; it gives away nothing that it does not
 * have. On an error nothing has changed and *error says why: EXIST: its slot is taken, or a living
 * app has its pid; NOSYS: this machine lacks what it was offered; INVAL: the image contradicts
 * itself or this kernel; NOMEM.
 * [loop, in a call]
 */
ctx_status app_restore(const struct image *image, const char *label, const struct app *by,
                       struct app **out, struct image_error *error);

/*
 * An app goes back to what its image says, in its place in the list and with its grants and policy.
 * The image must be one of that program and that slot, or the app's slot must be given up: INVAL.
 * A call of it that is parked is thrown away: an app that hangs can go back. AGAIN: it is in the
 * chain of calls that is going on. [loop, in a call of another app]
 */
ctx_status app_go_back(struct app *app, const struct image *image, struct image_error *error);

/* Say in the log that it went back: who asks for many does not want a line for each. */
void go_back_log(const struct app *app);

/* Show the canvas that an image holds, scaled to this screen. */
void restore_canvas(const struct image *image, uint32_t w, uint32_t h);

#endif
