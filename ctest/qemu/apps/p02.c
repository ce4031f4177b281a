/* SPDX-License-Identifier: MIT */
/* Profile 2: the app may write all over its ctx page; its 96 bytes are new before each call. */
#include "t.h"

static u64 calls;
static struct ctx first;

int32_t _start(struct ctx *ctx)
{
    struct ctx now = *ctx;
    if (!calls++) {
        first = now;
    }
    T_CHECK("p02", now.version == 2, now.version);
    T_CHECK("p02", now.log == first.log, now.log);
    T_CHECK("p02", now.pid == first.pid, now.pid);
    T_CHECK("p02", !memcmp(&now.fb, &first.fb, sizeof now.fb), now.fb.len);
    T_CHECK("p02", now.alloc == first.alloc && now.dealloc == first.dealloc, now.alloc);
    T_CHECK("p02", now.store == first.store && now.input == first.input, now.store);
    if (calls == 30) {
        t_ok(ctx, "p02");
    }
    ctx->version++;
    if (calls > 5) {
        memset(ctx, 0xa5, sizeof *ctx);
    }
    return 0;
}
