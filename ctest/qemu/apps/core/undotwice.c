/* SPDX-License-Identifier: MIT */
/* With restart=undo. Attempt 1 of call 3: resize (works), fault -> undone, surface put back.
 * Attempt 2: only writes pixels, fault -> undone. Attempt 3 looks. */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static uint64_t n;
static uint32_t s;
__attribute__((noinline)) static void fault1(void)
{
    __asm__ volatile("movl $1, 16");
    __asm__ volatile("nop");
}
__attribute__((noinline)) static void fault2(void)
{
    __asm__ volatile("movl $2, 24");
    __asm__ volatile("nop;nop");
}
int _start(struct ctx *ctx)
{
    volatile uint64_t *mark = (volatile uint64_t *)((uint64_t)__builtin_frame_address(0) -
                                                    3 * 4096); /* the stack is not undone */
    n++;
    if (n == 1) {
        *mark = 0;
        ctx->display->create(ctx->display, 64, 64, CTX_SURFACE_RGBX, 0, &s);
        uint32_t *p = (uint32_t *)ctx->display->pixels(ctx->display, s);
        for (int i = 0; i < 4096; i++)
            p[i] = 0x11111111;
        return CTX_AGAIN;
    }
    char w[32];
    word(ctx, 0, w);
    uint32_t *p = (uint32_t *)ctx->display->pixels(ctx->display, s);
    if (n == 3) {
        uint64_t attempt = ++*mark;
        say(ctx, "attempt", attempt);
        say(ctx, "pixel is as before", p[100] == 0x11111111);
        if (attempt == 1) {
            if (same(w, "resize"))
                say(ctx, "resize", ctx->display->resize(ctx->display, s, 32, 32));
            if (same(w, "destroy"))
                say(ctx, "destroy", ctx->display->destroy(ctx->display, s));
            fault1();
        }
        if (attempt == 2) {
            for (int i = 0; i < 4096; i++)
                p[i] = 0x22222222;
            fault2();
        }
        return CTX_EXIT(p[100] == 0x11111111 ? 0 : 1);
    }
    return CTX_AGAIN;
}
