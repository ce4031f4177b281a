/* SPDX-License-Identifier: MIT */
/*
 * Sessions that outlive the machine: what runs is saved before it goes down and goes on when it
 * comes up; and quicksave by keys in between. Boot words: `session=NAME`, `fresh`.
 */
#ifndef KERNEL_KEEP_H
#define KERNEL_KEEP_H

#include "input.h"

/* What is wrong with a session's name, a word as <words.h> has it; NULL: nothing. */
const char *keep_name_wrong(const char *word);

/* Where people see it: a line of text; trouble: something went wrong. */
typedef void keep_show_fn(bool trouble, const char *text);

/* The name of this machine's session up to the next space, NULL: none is kept. shown is
 * told what keys have done and what is in the way of keeping; the log has it too. [boot] */
void keep_start(const char *name, keep_show_fn *shown);

/*
 * Go on with the session that was kept. True: it runs. False: there is none, or it could not be
 * used, and the log says why. What could not be used, or not all of it, is still there under the
 * name NAME.refused. What this machine has not the memory to read stays where it is, and no session
 * is kept this time; what has rotted on the disk is given up. [boot]
 */
bool keep_resume(void);

/* Save and load by keys. [loop] */
void keep_obey(enum input_asks asked);

/*
 * The machine is about to go down: save what runs. False: that failed, and the log says why; it had
 * better not go. Asked once more within ten seconds it tries again, unless the disk still owes the
 * last answer, and says true in any case. [loop]
 */
bool keep_before_end(void);

/* Nobody will ask again: that keep_before_end() which comes next, and all after it, say true in any
 * case, with an error and the verdict UNFIT if it failed. [loop] */
void keep_or_lose(void);

#endif
