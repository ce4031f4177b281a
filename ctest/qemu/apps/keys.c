/* SPDX-License-Identifier: MIT */
/* Logs every event of the ring and every change of a key's state: the tests type and look. */
#include "t.h"

static u64 calls, seen;
static u8 states[1024];

int32_t _start(struct ctx *ctx)
{
    const struct input *in = ctx->input;
    struct line l = {0};
    if (!calls++) {
        seen = in->last;
        say(ctx, "T keys ready");
    }
    if (in->last - seen > 64) {
        t_fail(ctx, "keys", "events lost", in->last - seen);
        seen = in->last - 64;
    }
    while (seen < in->last) {
        const struct event *e = &in->ring[++seen % 64];
        put(&l, e->down ? "T down code=" : "T up code=");
        put_number(&l, e->code);
        put(&l, " n=");
        put_number(&l, seen);
        send(ctx, &l);
    }
    for (u32 i = 0; i < 1024; i++) {
        if (in->keys[i] != states[i]) {
            put(&l, "T state code=");
            put_number(&l, i);
            put(&l, " is=");
            put_number(&l, in->keys[i]);
            send(ctx, &l);
            states[i] = in->keys[i];
        }
    }
    return 0;
}
