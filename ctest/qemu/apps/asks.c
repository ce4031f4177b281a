/* SPDX-License-Identifier: MIT */
/* Lists ctx.cpu/1 in its note and uses AVX2 without asking; says each time whether the sum is
 * right. */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);
CTX_NOTE_TEXT(CTX_NOTE_OPTIONAL, "ctx.cpu/1");

static int a[256], b[256];

int32_t _start(struct ctx *ctx)
{
    int sum = 0;
    for (int i = 0; i < 256; i++) {
        a[i] = i;
        b[i] += 3 * a[i];
    }
    for (int i = 0; i < 256; i++) {
        sum += b[i];
        b[i] = 0;
    }
    ctx->log((const uint8_t *)(sum == 3 * 255 * 128 ? "SUM ok" : "SUM wrong"), 6);
    return CTX_AGAIN;
}
