/* SPDX-License-Identifier: MIT */
/* Logs where the mouse is, when it moved. */
#include "t.h"

int32_t _start(struct ctx *ctx)
{
    static u64 calls, x, y;
    const struct input *in = ctx->input;
    if (!calls++) {
        say(ctx, "T mouse ready");
        x = in->mx, y = in->my;
    }
    T_CHECK("mouse", in->mx < ctx->fb.w, in->mx);
    T_CHECK("mouse", in->my < ctx->fb.h, in->my);
    if (in->mx != x || in->my != y) {
        struct line l = {0};
        put(&l, "T mouse x=");
        put_number(&l, x = in->mx);
        put(&l, " y=");
        put_number(&l, y = in->my);
        send(ctx, &l);
    }
    return 0;
}
