/* SPDX-License-Identifier: MIT */
/*
 * Does to the apps whose pids are below N what a bad day does: begins them anew, stops them and
 * begins them later, pauses them. "meddler N RARE TIMES": in one of RARE frames, TIMES in all; then
 * all of them run again, and it says so.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

static uint32_t seed = 7;

static uint32_t below(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static uint32_t argument(struct ctx *ctx, uint32_t no)
{
    char text[32];
    uint32_t n = 0;
    word(ctx, no, text);
    for (uint32_t i = 0; text[i] >= '0' && text[i] <= '9'; i++) {
        n = n * 10 + (uint32_t)(text[i] - '0');
    }
    return n != 0 ? n : 1;
}

static void meddle(const struct ctx_control *control, uint64_t pid)
{
    switch (below(4)) {
    case 0:
        control->pause(control, pid);
        break;
    case 1:
        control->resume(control, pid);
        break;
    case 2:
        control->stop(control, pid);
        break;
    default:
        control->restart(control, pid);
    }
}

int32_t _start(struct ctx *ctx)
{
    static const struct ctx_control *control;
    static uint32_t pids, rare, times, done;
    if (control == 0) {
        control = (const struct ctx_control *)open(ctx, CTX_ID_CONTROL);
        pids = argument(ctx, 0);
        rare = argument(ctx, 1);
        times = argument(ctx, 2);
    }
    if (done < times && below(rare) == 0) {
        meddle(control, below(pids));
        if (++done == times) {
            for (uint32_t pid = 0; pid < pids; pid++) {
                control->resume(control, pid);
                control->restart(control, pid);
            }
            say(ctx, "meddled", done);
        }
    }
    return CTX_AGAIN;
}
