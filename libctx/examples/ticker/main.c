/* SPDX-License-Identifier: MIT */
/*
 * ticker - waits, where other apps would be called with every frame: it is called when half a
 * second is over, or a key is pressed, and takes no time in between. A q ends it, and so do four
 * ticks.
 */
#include <ctx/ctx.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define HALF_NS UINT64_C(500000000)

/* What is kept between calls, and saved, undone and restored with the app. */
static uint64_t next_ns;
static uint32_t ticks;

static void say(struct ctx *ctx, const char *text)
{
    uint32_t len = 0;
    while (text[len] != 0) {
        len++;
    }
    ctx->log((const uint8_t *)text, len);
}

/* Whether somebody typed a q. */
static int is_over(struct ctx *ctx)
{
    struct ctx_event events[8];
    uint32_t count = 0;
    int over = 0;
    while (ctx->events->read(ctx->events, events, sizeof events, sizeof events[0], &count) ==
               CTX_OK &&
           count > 0) {
        for (uint32_t i = 0; i < count; i++) {
            over |= events[i].kind == CTX_EVENT_TEXT && events[i].code == 'q';
        }
    }
    return over;
}

int32_t _start(struct ctx *ctx)
{
    uint64_t now_ns = 0;
    ctx->time->now(ctx->time, &now_ns);
    if (next_ns == 0 || now_ns >= next_ns) {
        say(ctx, ticks++ % 2 == 0 ? "tick" : "tock");
        next_ns = now_ns + HALF_NS;
    }
    if (is_over(ctx) || ticks == 4) {
        return CTX_EXIT(0);
    }
    ctx->time->wake_at(ctx->time, next_ns);
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_TEXT);
    return CTX_WAIT;
}
