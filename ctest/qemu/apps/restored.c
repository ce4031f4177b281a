/* SPDX-License-Identifier: MIT */
/*
 * Asks to be told of a restore, and says what it was told; what it kept of the Context before goes
 * on working. Every call: its number, its time in milliseconds, and how often it was restored.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

__attribute__((section(".note.ctx"), aligned(4), used)) static const struct {
    uint32_t name_len, desc_len, type;
    char name[4];
    uint16_t tag, len;
    uint32_t flags;
} note_flags = {4, 8, 1, "ctx", CTX_NOTE_FLAGS, 4, CTX_NOTE_TELL_RESTORED};

static uint64_t calls, last_ns;
static const struct ctx_random *random_table; /* cached, and its functions with it */

int32_t _start(struct ctx *ctx)
{
    struct ctx_event e;
    uint32_t bytes;
    uint64_t now = 0, chance = 0;
    if (calls++ == 0) {
        random_table = (const struct ctx_random *)open(ctx, CTX_ID_RANDOM);
    }
    ctx->time->now(ctx->time, &now);
    if (now < last_ns) {
        say(ctx, "time ran backwards", (int64_t)(last_ns - now));
    }
    last_ns = now;
    say(ctx, "call", (int64_t)calls);
    say(ctx, "epoch", ctx->epoch);
    while (ctx->events->read(ctx->events, &e, sizeof e, sizeof e, &bytes) == CTX_OK) {
        say(ctx, "event", e.kind);
        if (e.kind == CTX_EVENT_RESTORED) {
            say(ctx, "different", e.code);
            say(ctx, "times", e.value);
            say(ctx, "width", e.x);
            say(ctx, "height", e.y);
        }
    }
    if (random_table->fill(random_table, &chance, sizeof chance) == CTX_OK) {
        say(ctx, "random", (int64_t)(chance >> 1));
    }
    return CTX_AGAIN;
}
