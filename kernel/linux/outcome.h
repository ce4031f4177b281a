/* SPDX-License-Identifier: MIT */
/*
 * How a run ended, and the exit code that says so: that of the first app, as a shell would have it
 * of a program; or, with --verdict, what the tests of both machines want to know (enum linux_exit).
 */
#ifndef KERNEL_LINUX_OUTCOME_H
#define KERNEL_LINUX_OUTCOME_H

#include "options.h"

/* Exit codes beside those of apps. */
#define OUTCOME_MISSING 125 /* wrong usage, or something is missing */
#define OUTCOME_REFUSED 126 /* an app's file was refused */
#define OUTCOME_GAVE_UP 127 /* the core gave up */
#define OUTCOME_SIGNAL  128 /* and the signal's number */

/* Before the first app. [boot] */
void outcome_start(const struct run_options *options);

/* The apps are loaded: the first one's end is the run's. [boot] */
void outcome_of_first(void);

/* The first app that offers nothing, whose text this process' streams are; if all do, the first.
 * NULL: there is none. [boot, loop] */
struct app *outcome_foreground(void);

/* Whether nobody is left who could be called. [loop] */
bool outcome_is_over(void);

/* Why it ends, a word of the JSON object: "frames", "seconds", "window" (the code is 0), "signal",
 * "refused", "missing", "core". The first one counts; without one the first app's end does. [any]
 */
void outcome_because(const char *why, int signal_no);

/* Why something that is to be kept can not be: no folder for a file, no files on the disk that is
 * to have them. *what is its path; NULL: as far as is seen it can. [boot, after outcome_start()] */
const char *outcome_wrong(const char **what);

/* What the command line wanted kept could not be: who ends well has not, and says 125. */
void outcome_unsaved(void);

/* The exit code; LINUX_FINE among the others is what the core's verdicts say (end.c). Writes the
 * JSON object, once. [any] */
int outcome_code(int verdict);

#endif
