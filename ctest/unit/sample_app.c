/* SPDX-License-Identifier: MIT */
/* An app for the loader's tests: it has code, constants, data that needs relocation, and zeroes. */
#include <ctx/ctx.h>

static const char first[] = "relocated one";
static const char second[] = "relocated two";

/* A table of pointers: right only if the loader relocated it. volatile: not folded away. */
static const char *volatile table[] = {first, second, first, second};
static uint32_t calls = 100;
static uint8_t zeroes[10000];

int32_t CTX_CALL _start(struct ctx *ctx)
{
    const char *text = table[calls % 4];
    uint32_t len = 0;
    while (text[len] != 0) {
        len++;
    }
    ctx->log((const uint8_t *)text, len);
    zeroes[calls % sizeof zeroes]++;
    calls++;
    return (int32_t)calls;
}
