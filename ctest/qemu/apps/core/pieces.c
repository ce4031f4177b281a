/* SPDX-License-Identifier: MIT */
/* restart=undo, a large heap; one call writes every other page, faults; the next one looks whether
 * all is as before */
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static uint64_t n;
static uint64_t *m;
static uint64_t pages, step;
int _start(struct ctx *ctx)
{
    n++;
    if (n == 1) {
        char w[32];
        word(ctx, 0, w);
        pages = number(w);
        word(ctx, 1, w);
        step = number(w);
        m = ctx->mem->alloc(ctx->mem, pages * 4096, 4096, 0);
        say(ctx, "alloc", m != 0);
        if (!m)
            return CTX_EXIT(1);
        for (uint64_t i = 0; i < pages; i++)
            m[i * 512] = 7;
        return CTX_AGAIN;
    }
    if (n < 6)
        return CTX_AGAIN;
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < pages; i++)
        wrong += m[i * 512] != 7;
    say(ctx, "call", n);
    say(ctx, "pages that are not as before", wrong);
    if (wrong)
        return CTX_EXIT(2);
    if (n == 6) {
        for (uint64_t i = 0; i < pages; i += step)
            m[i * 512] = 8;
        say(ctx, "wrote", 0);
        __asm__ volatile("movl $1, 16");
    }
    return CTX_EXIT(0);
}
