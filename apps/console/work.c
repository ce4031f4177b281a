/* SPDX-License-Identifier: MIT */
#include "work.h"

#include "console.h"
#include "repl.h"

#include <stdlib.h>
#include <string.h>

#define STACK_BYTES (256u << 10) /* Lua's calls within calls: apps/lua/CMakeLists.txt */
#define TURN_NS     UINT64_C(4000000)

static uint64_t now_ns(const struct console *c)
{
    uint64_t ns = 0;
    c->ctx->time->now(c->ctx->time, &ns);
    return ns;
}

static void body(struct ctx *ctx, void *arg)
{
    struct console *c = arg;
    (void)ctx;
    c->work.fn(c, c->work.line);
}

static void end(struct console *c)
{
    ctx_fiber_free(c->ctx, c->work.fiber);
    free(c->work.line);
    c->work = (struct work){0};
    c->dirty = 1;
}

int work_begin(struct console *c, work_fn fn, const char *line)
{
    if (c->work.fiber != NULL || !CTX_HAS(c->ctx, events) || !CTX_HAS(c->ctx, time)) {
        return 0;
    }
    c->work.line = strdup(line);
    c->work.fn = fn;
    c->work.fiber = c->work.line != NULL ? ctx_fiber_start(c->ctx, body, c, STACK_BYTES) : NULL;
    if (c->work.fiber == NULL) {
        free(c->work.line);
        c->work = (struct work){0};
        return 0;
    }
    work_go_on(c);
    return 1;
}

void work_go_on(struct console *c)
{
    if (c->work.fiber == NULL) {
        return;
    }
    c->work.since_ns = now_ns(c);
    if (ctx_fiber_state(c->work.fiber) == CTX_FIBER_FAULTED) {
        /* What it left half done is not used again. */
        console_print(c, TEXT_ERROR, "that ended in a fault\n");
        if (c->repl != NULL && repl_is_running(c->repl)) {
            c->repl = NULL;
            c->mode = MODE_SHELL;
        }
        work_drop(c);
        return;
    }
    c->work.answer = ctx_fiber_run(c->ctx, c->work.fiber);
    if (ctx_fiber_state(c->work.fiber) >= CTX_FIBER_ENDED) {
        end(c);
    }
}

int work_runs(const struct console *c)
{
    return c->work.fiber != NULL;
}

int work_waits(const struct console *c)
{
    return c->work.fiber != NULL && c->work.answer == CTX_WAIT;
}

void work_stop(struct console *c)
{
    c->work.stop = c->work.fiber != NULL;
}

void work_drop(struct console *c)
{
    if (c->work.fiber != NULL) {
        end(c);
    }
}

int work_turn(struct console *c)
{
    if (now_ns(c) - c->work.since_ns > TURN_NS) {
        (void)ctx_fiber_yield();
    }
    return !c->work.stop;
}
