/* SPDX-License-Identifier: MIT */
/*
 * A test aid: faults put into running apps by chance, the same in every run with one seed. An
 * app's word inject=SEED,RATE[,KINDS] asks for it; one in RATE calls, and one in 8 * RATE uses
 * of its Context, goes wrong. What became of them is told at the end of the loop. Costs nothing
 * else.
 */
#ifndef KERNEL_INJECT_H
#define KERNEL_INJECT_H

#include "app.h"

/* The word was inject=...; one that makes no sense is a warning. [loop, in a call] */
bool inject_word(struct app *app, const char *word, size_t len);
void inject_forget(struct app *app);

/* Its slot is made, or about to go: a page of code for writes. NOMEM. */
ctx_status inject_build(struct app *app);
void inject_tear_down(struct app *app);

/* A call is about to begin: perhaps somewhere else. And it has ended. [loop] */
void inject_call(struct app *app, struct machine_entry *entry);
void inject_ended(struct app *app, ctx_status status);

/*
 * A gate is used: perhaps with other arguments, which are then in changed[]. True: it is not done
 * at all, and *result goes back. Then what came of it. [in a call]
 */
bool inject_gate(struct app *app, uint32_t gate, const struct ctx_gate_info *info,
                 const uint64_t **args, uint64_t changed[6], uint64_t *result);
void inject_answered(struct app *app, const struct ctx_gate_info *info, uint64_t result);

/* How many were put into this app. */
uint64_t inject_count(const struct app *app);

/* Say what became of all of them, if there were any. */
void inject_report(void);

#endif
