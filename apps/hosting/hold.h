/* SPDX-License-Identifier: MIT */
/*
 * Taking hold of an app by its name: it may run already, come later, end and come again. The app
 * that does so has grant=ctx.host/1, and over=NAME unless the other one says host=ITS_NAME.
 */
#ifndef HOSTING_HOLD_H
#define HOSTING_HOLD_H

#include <ctx/ctx.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HOLD_NAME 32u

/* Why there is no hold, or that there is one. */
enum hold_state {
    HOLD_NO_APP = 0, /* none has the name, so far */
    HOLD_NO_GRANT,   /* ctx.host/1 is not granted */
    HOLD_NOT_OVER,   /* neither over= nor host= lets us */
    HOLD_FAILED,     /* no memory, or an error that nobody foresaw: status says which */
    HOLD_HELD,
};

enum hold_news {
    HOLD_NOTHING_NEW = 0,
    HOLD_TAKEN, /* just now: its next call is ours */
    HOLD_LOST,  /* it has gone, or we are not what we were (restored): looked for again next time */
};

struct hold {
    const struct ctx_host *host; /* NULL: not granted */
    const struct ctx_apps *apps;
    char name[HOLD_NAME]; /* of the app that is wanted */
    enum hold_state state;
    ctx_status status;     /* of what was tried last */
    uint32_t child;        /* HELD: the handle */
    uint64_t pid;          /* HELD: its */
    uint64_t calls_before; /* HELD: calls of its _start that were over when it was taken */
};

/* name: of the app that is wanted; as words of a line, cut at 31 bytes. */
void hold_begin(struct hold *hold, struct ctx *ctx, const char *name, uint32_t len);

/*
 * Look for the app, or whether it is still there; when it has just been found all functions of its
 * Context lead to serve. looks_on: what we have no answer to goes on without us
 * (ctx.host/1's let_pass). Cheap while there is nothing new: once in each call.
 */
enum hold_news hold_look(struct hold *hold, struct ctx *ctx, ctx_serve_fn serve, int looks_on);

/* Give it back as it was. */
void hold_let_go(struct hold *hold);

#ifdef __cplusplus
}
#endif

#endif
