/* SPDX-License-Identifier: MIT */
/*
 * Holds so many KiB (first word) in blocks of at most 64 KiB, filled with noise, and changes one
 * word of each page that the second word allows in each call. For benchmarks of images and undo.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#define BLOCK (64u << 10)
#define MAX   1024u

static uint64_t *blocks[MAX];
static uint64_t count, kib, writes, calls;

int32_t _start(struct ctx *ctx)
{
    char text[32];
    if (kib == 0) {
        word(ctx, 0, text);
        kib = number(text);
        word(ctx, 1, text);
        writes = number(text);
        uint64_t x = 88172645463325252ull;
        for (uint64_t left = kib << 10; left > 0 && count < MAX;) {
            uint64_t size = left < BLOCK ? left : BLOCK;
            uint64_t *b = ctx->mem->alloc(ctx->mem, size, 4096, 0);
            if (b == 0) {
                say(ctx, "no memory", 0);
                return CTX_EXIT(1);
            }
            for (uint64_t i = 0; i < size / 8; i++) {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                b[i] = x;
            }
            blocks[count++] = b;
            left -= size;
        }
    }
    calls++;
    for (uint64_t i = 0; i < writes && i * 4 < kib; i++) {
        blocks[i / 16][i % 16 * 512] = calls;
    }
    return CTX_AGAIN;
}
