/* SPDX-License-Identifier: MIT */
/* qsort, bsearch, setjmp, and the heap. */
#include "conform.h"

#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* glibc would rather have mallinfo2() asked, which nobody else has. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define COUNT  1000
#define BLOCKS 256
#define ROUNDS 20000

uint32_t conform_random(void)
{
    static uint32_t state = 12345;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static int by_value(const void *a, const void *b)
{
    const int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void conform_sort(void)
{
    static int v[COUNT];
    for (int kind = 0; kind < 5; kind++) {
        for (int i = 0; i < COUNT; i++) {
            v[i] = kind == 0   ? (int)conform_random()
                   : kind == 1 ? i
                   : kind == 2 ? COUNT - i
                   : kind == 3 ? 7
                               : (int)(conform_random() % 10);
        }
        qsort(v, COUNT, sizeof v[0], by_value);
        bool sorted = true;
        for (int i = 1; i < COUNT; i++) {
            sorted = sorted && v[i - 1] <= v[i];
        }
        int found = 0;
        for (int i = 0; i < COUNT; i++) {
            int *at = bsearch(&v[i], v, COUNT, sizeof v[0], by_value);
            found += at != NULL && *at == v[i];
        }
        printf("qsort %d: sorted=%d found=%d first=%d last=%d\n", kind, sorted, found, v[0],
               v[COUNT - 1]);
    }
    const char *names[] = {"pear", "apple", "fig", "banana", "cherry"};
    qsort(names, 5, sizeof names[0], by_text);
    printf("qsort text: %s %s %s %s %s\n", names[0], names[1], names[2], names[3], names[4]);
    int missing = 5;
    printf("bsearch none %d\n", bsearch(&missing, v, 0, sizeof v[0], by_value) == NULL);
}

/* What a block must hold from its first to its last byte. */
static uint8_t pattern(size_t block, size_t at)
{
    return (uint8_t)(block * 37 + at * 11 + (at >> 8));
}

static void fill(uint8_t *p, size_t block, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        p[i] = pattern(block, i);
    }
}

static int wrong(const uint8_t *p, size_t block, size_t len)
{
    int n = 0;
    for (size_t i = 0; i < len; i++) {
        n += p[i] != pattern(block, i);
    }
    return n;
}

static size_t some_size(void)
{
    uint32_t r = conform_random();
    uint32_t kind = r % 100;
    return kind < 60 ? (r >> 8) % 128 : kind < 95 ? (r >> 8) % 4096 : (r >> 8) % 100000;
}

void conform_memory(void)
{
    static struct {
        uint8_t *p;
        size_t size;
    } blocks[BLOCKS];
    int bad = 0, misaligned = 0, refused = 0;
    size_t total = 0;
    for (int round = 0; round < ROUNDS; round++) {
        size_t i = conform_random() % BLOCKS;
        size_t size = some_size();
        size_t align = 16;
        uint8_t *p = NULL;
        uint32_t what = conform_random() % 8;
        if (blocks[i].p != NULL) {
            bad += wrong(blocks[i].p, i, blocks[i].size);
            if (what < 4) {
                p = realloc(blocks[i].p, size + 1);
                size++;
                size_t kept = size < blocks[i].size ? size : blocks[i].size;
                refused += p == NULL;
                bad += p != NULL ? wrong(p, i, kept) : 0;
            } else {
                free(blocks[i].p);
                blocks[i].p = NULL;
                continue;
            }
        } else if (what == 0) {
            p = calloc(size, 1);
            for (size_t k = 0; p != NULL && k < size; k++) {
                bad += p[k] != 0;
            }
        } else if (what == 1) {
            align = (size_t)16 << conform_random() % 9;
            p = aligned_alloc(align, size);
        } else if (what == 2) {
            void *out = NULL;
            align = (size_t)8 << conform_random() % 10;
            refused += posix_memalign(&out, align, size) != 0;
            p = out;
        } else {
            p = malloc(size);
        }
        refused += p == NULL;
        misaligned += (uintptr_t)p % align != 0;
        bad += malloc_usable_size(p) < size;
        blocks[i].p = p;
        blocks[i].size = size;
        total += size;
        if (p != NULL) {
            fill(p, i, 0, size);
        }
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        bad += blocks[i].p != NULL ? wrong(blocks[i].p, i, blocks[i].size) : 0;
        free(blocks[i].p);
        blocks[i].p = NULL;
    }
    printf("malloc rounds=%d total=%zu bad=%d misaligned=%d refused=%d\n", ROUNDS, total, bad,
           misaligned, refused);
    struct mallinfo before = mallinfo();
    /* small, but not so small that glibc keeps it in a cache of a thread, which counts as taken */
    void *volatile small = malloc(3000), *volatile large = malloc(1 << 20);
    struct mallinfo taken = mallinfo();
    free(small);
    free(large);
    struct mallinfo after = mallinfo();
    printf("mallinfo small %d large %d %d back %d %d\n", taken.uordblks >= before.uordblks + 3000,
           taken.hblks == before.hblks + 1, taken.hblkhd >= before.hblkhd + (1 << 20),
           after.hblks == before.hblks, after.hblkhd == before.hblkhd);
    volatile size_t huge = SIZE_MAX / 2;
    errno = 0;
    void *p = malloc(huge + 1);
    printf("malloc huge %d %d\n", p == NULL, errno == ENOMEM);
    errno = 0;
    p = calloc(huge, 4);
    printf("calloc huge %d %d\n", p == NULL, errno == ENOMEM);
    p = malloc(16);
    printf("realloc huge %d\n", realloc(p, huge + 1) == NULL);
    free(p);
    free(NULL);
    void *out = &out;
    printf("posix_memalign bad %d %d\n", posix_memalign(&out, 24, 8) == EINVAL, out == &out);
    p = malloc(0);
    printf("malloc nothing %d\n", p != NULL);
    free(p);
}

static jmp_buf back;

static void deep(int depth, volatile int *reached)
{
    volatile char room[100];
    room[0] = (char)depth;
    *reached += 1;
    if (depth == 0) {
        longjmp(back, 42);
    }
    if (depth > 0) {
        deep(depth - 1, reached);
    }
    *reached += room[0] * 1000;
}

void conform_jumps(void)
{
    volatile int reached = 0, rounds = 0;
    int code = setjmp(back);
    if (code == 0) {
        deep(50, &reached);
    }
    printf("setjmp %d %d\n", code, reached);
    code = setjmp(back);
    if (rounds++ < 3) {
        longjmp(back, 0);
    }
    printf("setjmp 0 is %d, %d rounds\n", code, rounds);
}
