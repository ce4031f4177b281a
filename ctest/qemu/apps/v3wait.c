/* SPDX-License-Identifier: MIT */
/*
 * Waits: "MS N" N times for so many milliseconds, "forever" until the end, "key" and "text" for
 * events. Says each call, and whether one came that nobody asked for.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

static char how[32], times[32];
static uint64_t calls, wanted_ns;

static int32_t wait_for_events(struct ctx *ctx, uint32_t kind)
{
    struct ctx_event e;
    uint32_t n, seen = 0;
    while (ctx->events->read(ctx->events, &e, sizeof e, sizeof e, &n) == CTX_OK) {
        if (e.kind == kind) {
            seen++;
            say(ctx, kind == CTX_EVENT_KEY ? "key" : "text", e.code);
        }
    }
    if (seen == 0 && calls > 1) {
        say(ctx, "spurious", (int64_t)calls);
    }
    ctx->events->wait(ctx->events, 1u << kind);
    return CTX_WAIT;
}

int32_t _start(struct ctx *ctx)
{
    if (calls++ == 0) {
        word(ctx, 0, how);
        word(ctx, 1, times);
        say(ctx, "waits", (int64_t)ctx->pid);
    }
    if (same(how, "key")) {
        return wait_for_events(ctx, CTX_EVENT_KEY);
    }
    if (same(how, "text")) {
        return wait_for_events(ctx, CTX_EVENT_TEXT);
    }
    if (same(how, "forever")) {
        if (calls > 1) {
            say(ctx, "spurious", (int64_t)calls);
        }
        return CTX_WAIT;
    }
    if (now(ctx) < wanted_ns) {
        say(ctx, "spurious", (int64_t)calls);
    }
    if (calls > 1) {
        say(ctx, "woke", (int64_t)number(how));
    }
    if (calls > number(times)) {
        say(ctx, "calls", (int64_t)calls);
        return CTX_EXIT(0);
    }
    /* Each time from where the last one was due: it does not drift. */
    wanted_ns = (calls == 1 ? now(ctx) : wanted_ns) + number(how) * 1000000;
    ctx->time->wake_at(ctx->time, wanted_ns);
    return CTX_WAIT;
}
