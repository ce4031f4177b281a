/* SPDX-License-Identifier: MIT */
/*
 * What an app's note requires. While nobody offers it the app is not started, or not started again;
 * it waits without a slot, and is listed so. What goes when it runs already is its own affair: its
 * table answers STALE.
 */
#ifndef KERNEL_NEEDS_H
#define KERNEL_NEEDS_H

#include "app.h"

#define NEEDS_ID 64u /* room for an id, cut if it is longer: then nobody can offer it */

/* Whether something that this file's note requires is neither a table of the kernel's nor offered
 * now; *id: the first such thing. */
bool needs_missing(const struct program *program, char id[NEEDS_ID]);

/* Somebody offers something: those that wait for such a thing look again. [loop] */
void needs_look_again(void);

#endif
