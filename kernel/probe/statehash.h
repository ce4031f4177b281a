/* SPDX-License-Identifier: MIT */
/*
 * A test aid: the word `hash` behind an app's name makes each good call end with a line `HASH` of
 * what an image of the app would hold, so that two runs can be compared call by call.
 */
#ifndef KERNEL_STATEHASH_H
#define KERNEL_STATEHASH_H

#include "app.h"

/* Before there are any: for all apps, those that are restored too: boot word `hash`, option --hash
 * of ctx run. [boot] */
void statehash_all(void);

#endif
