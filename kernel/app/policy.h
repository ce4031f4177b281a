/* SPDX-License-Identifier: MIT */
/*
 * What is to happen to an app that misbehaves: when its calls fault, take too long or say too much.
 * Its note has a say, the words behind its name on the boot line have the last one.
 *
 * It decides on an app's fate, which the loop then fulfils when no call is going on (app_settle());
 * only a call that is undone is so at once (watch.h), and a pause is.
 */
#ifndef KERNEL_POLICY_H
#define KERNEL_POLICY_H

#include "app.h"

#include <ctx/note.h>

/* No budget is shorter. */
#define POLICY_BUDGET_LEAST MACHINE_TICK_NS

/* The defaults, and what the note says. */
void policy_start(struct app_policy *policy, const struct ctx_note *note);

/*
 * One word of the app's text: restart=, overrun=, budget=, share=, mem=, log=, critical. True: it
 * was one of these; a value that makes no sense is a warning and changes nothing. (policy_words.c)
 */
bool policy_word(struct app *app, const char *word, size_t len);

/*
 * What an app may give to one that it starts: to be critical only if it is, and no budget that is
 * longer than its own and than a note's, because all others wait for that long.
 */
void policy_limit(struct app_policy *child, const struct app_policy *parent);

/* The app's note says whether its calls may be undone. Where it may not, and its policy wants that,
 * the log has it, once. */
void policy_forbid_undo(struct app *app, bool forbidden);

/* Whether calls of the app that go wrong are undone. */
bool policy_undoes(const struct app *app);

/*
 * A call has ended in a fault at ip; or was interrupted. True: it is undone, and the app goes on as
 * if it had not been made. [loop, in a call]
 */
bool policy_fault(struct app *app, uint64_t ip);
bool policy_overrun(struct app *app);

/* _start has returned exit(code). [loop] */
void policy_exit(struct app *app, int32_t code);

/* It could not begin anew: no memory. */
void policy_failed_restart(struct app *app);

/*
 * Whether the app has had its share of the time for now; then *until is when it has not any more.
 */
bool policy_is_over_share(const struct app *app, uint64_t now_ns, uint64_t *until);

/* It took so long. */
void policy_took(struct app *app, uint64_t now_ns, uint64_t ns);

/* A line of its log, or about what it did, which it may do in a loop: whether it may be written.
 * How many before it were not is said first. [loop, in a call] */
bool policy_may_log(struct app *app);

#endif
