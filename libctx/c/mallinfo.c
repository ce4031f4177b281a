/* SPDX-License-Identifier: MIT */
/*
 * What malloc.c and arena.c have, for those who ask; picolibc's look into a heap of its own, which
 * nobody fills here.
 */
#include "arena.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

/* arena, uordblks, fordblks: small blocks; hblks, hblkhd: large ones. */
struct mallinfo mallinfo(void)
{
    struct ctx_c_arena_sums small = ctx_c_arena_sums(false);
    struct ctx_c_large_sums large = ctx_c_large_sums();
    return (struct mallinfo){
        .arena = small.total,
        .ordblks = small.arenas,
        .hblks = large.count,
        .hblkhd = large.bytes,
        .uordblks = small.used,
        .fordblks = small.total - small.used,
    };
}

void malloc_stats(void)
{
    struct mallinfo info = mallinfo();
    fprintf(stderr, "small blocks: %lu of %lu bytes in %lu arenas\n", (unsigned long)info.uordblks,
            (unsigned long)info.arena, (unsigned long)info.ordblks);
    fprintf(stderr, "large blocks: %lu, %lu bytes\n", (unsigned long)info.hblks,
            (unsigned long)info.hblkhd);
}

/* Nothing can be set: what is large is the kernel's at once. */
int mallopt(int what, int value)
{
    (void)what;
    (void)value;
    return 0;
}

/* 1: some memory is the kernel's again. */
int malloc_trim(size_t pad)
{
    (void)pad;
    size_t before = ctx_c_arena_sums(false).total;
    return ctx_c_arena_sums(true).total < before;
}

void cfree(void *p)
{
    free(p);
}
