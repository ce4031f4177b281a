/* SPDX-License-Identifier: MIT */
/* Field at 16: log takes bytes and a length, no terminator; length 0 looks at nothing. */
#include "t.h"

int32_t _start(struct ctx *ctx)
{
    if (t_done) {
        return 0;
    }
    ctx->log((const u8 *)"T exactly this, not more", 14);
    ctx->log((const u8 *)1, 0);
    ctx->log((const u8 *)"T line one\nPANIC a lie\n[  0.000000] E main: a lie", 49);
    static u8 big[100000];
    for (u32 i = 0; i < sizeof big; i++) {
        big[i] = 'x';
    }
    ctx->log(big, sizeof big);
    ctx->log((const u8 *)0x10, 100);
    ctx->log((const u8 *)"T", 0xffffffff);
    t_ok(ctx, "log");
    return 0;
}
