/* SPDX-License-Identifier: MIT */
/*
 * A terminal that the machine itself has, for one app: what stands behind ctx.terminal/1 when no
 * app offers that. On Linux these are the three streams of the tool's process (linux/terminal.c);
 * on the other machine there is none.
 *
 * Every function is called in a call of the app, except where it says otherwise; the structs and
 * statuses are those of the table (<ctx/tables.h>).
 */
#ifndef KERNEL_TERMINAL_H
#define KERNEL_TERMINAL_H

#include <kernel/types.h>

#include <ctx/status.h>

struct app;
struct ctx_terminal_modes;
struct ctx_terminal_stream;

struct terminal {
    ctx_status (*describe)(uint32_t fd, struct ctx_terminal_stream *out);

    /* Never waits; *done may be less than len. fd is 1 or 2. [loop, in a call] */
    ctx_status (*write)(uint32_t fd, const uint8_t *bytes, uint32_t len, uint32_t *done);
    ctx_status (*read)(uint8_t *bytes, uint32_t len, uint32_t *done);

    ctx_status (*modes)(struct ctx_terminal_modes *out);
    ctx_status (*set_modes)(uint32_t when, const struct ctx_terminal_modes *modes);

    /* Somebody waits for these CTX_READY_*, 0: for nothing any more: terminal_tell() when one
     * holds, once. [loop, in a call] */
    void (*want)(uint32_t wanted);

    /* Wait until more can be written. False: not for this one. [loop] */
    bool (*wait)(void);

    /* The app's instance has gone: the modes are what they were before it. [loop, in a call]
     */
    void (*left)(void);
};

/* There is one, for whoever is given it. NULL: not any more. [boot] */
void terminal_offer(const struct terminal *terminal);

/* This app has it from its next open on, and those that it begins anew as. An app whose line says
 * that it offers the table itself goes before it: then nobody is given it. [boot, loop] */
void terminal_give(const struct app *app);

/*
 * What holds now of what is wanted; with SIGNAL which one. Whatever comes back, what was wanted so
 * far is over: what is still waited for was said by want() meanwhile. False: nobody has heard it,
 * and a signal is to be told once more when one is wanted again. [loop, in a call]
 */
bool terminal_tell(uint32_t what, uint32_t signal);

/* Whether something that was written has not been taken by the machine yet. [loop, in a
 * call] */
bool terminal_has_more(void);

#endif
