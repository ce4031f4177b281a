/* SPDX-License-Identifier: MIT */
/* Between signal.c, which every app has, and what waits, sleeps or counts time. */
#ifndef CTX_C_SIGNALS_H
#define CTX_C_SIGNALS_H

#include <ctx/ctx.h>

#include <signal.h>
#include <stdbool.h>

/* Whether handlers ran, and the most that one of them wants of what was waited for. */
enum ctx_c_handled {
    CTX_C_NOT_HANDLED,
    CTX_C_HANDLED_RESTART, /* SA_RESTART: it goes on, unless it is of those that never do */
    CTX_C_HANDLED,
};

/* How many handlers have begun. What never begins again by itself, poll() and epoll_wait(), sees by
 * it one that ran while something else was asked for. */
extern uint32_t ctx_c_signals_handled;

/* Handlers of what has come run now. */
enum ctx_c_handled ctx_c_signals_run(void);

/* The same, if something has come, from a function that does not wait: once in 1024 of its weights.
 */
void ctx_c_signals_poll(uint32_t weight);

/* main has computed for a while: it pauses for as long as others want, so that the app's call ends.
 * In main.c, weak. */
__attribute__((weak)) void ctx_c_pause(void);

/* Another set of blocked signals; returns the one before. */
sigset_t ctx_c_signals_block(sigset_t set);

/* Those of the set that have come, and are told by this. */
sigset_t ctx_c_signals_take(sigset_t set);

/* What Linux' signal of this number is called here; 0: nothing. */
int ctx_c_signal_of(uint32_t number);

/* When SIGALRM is due (alarm.c); weak. */
__attribute__((weak)) uint64_t ctx_c_alarm_deadline(void);
__attribute__((weak)) void ctx_c_alarm_check(void);

#endif
