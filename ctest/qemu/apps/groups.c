/* SPDX-License-Identifier: MIT */
/*
 * Every kind of instruction and of group that verified code is made of, each on the way of one
 * call, and a line of the log for what it computes. For ctest/harness/groups.py: parked behind each
 * instruction, the call must say what it says in one piece.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#define APART __attribute__((noinline, noclone))

typedef uint64_t words __attribute__((vector_size(16)));
typedef double reals __attribute__((vector_size(16)));

struct node {
    uint8_t byte;
    uint16_t half;
    uint32_t word;
    uint64_t whole;
    int32_t next;
};

static struct node nodes[8];
static uint64_t table[16];
static uint8_t bytes[64], copies[64];
static volatile uint64_t seed = 0x9e3779b97f4a7c15;

/* gs-relative operands of every size, with base, index, scale and displacement; operands that are
 * read, changed and written; data of its own by rip. */
static APART uint64_t memory(uint64_t n)
{
    for (uint32_t i = 0; i < 8; i++) {
        struct node *at = &nodes[i];
        at->byte = (uint8_t)(n + i);
        at->half = (uint16_t)(n * i);
        at->word ^= (uint32_t)n << i;
        at->whole += n - i;
        at->next = (int32_t)(i * 5 % 8);
        table[(n + i) & 15] += at->whole * at->word;
    }
    uint64_t sum = seed;
    for (uint32_t i = 0, at = 0; i < 8; i++, at = (uint32_t)nodes[at].next + 3 & 7) {
        sum = sum * 31 + nodes[at].byte + nodes[at].half + table[i * 2];
        __asm__ volatile("lock addq %1, %0" : "+m"(table[i]) : "r"(sum) : "cc");
        __asm__ volatile("xchg %1, %0" : "+m"(nodes[at].whole), "+r"(sum));
        __asm__ volatile("btsq $7, %0" : "+m"(table[i + 1]) : : "cc");
    }
    return sum;
}

/* SSE, x87 and control words. */
static APART uint64_t floating(uint64_t n)
{
    reals a = {(double)(int64_t)(n & 0xffff), 3.25}, b = {1.5, (double)(int64_t)(n >> 48)};
    words w = {n, ~n};
    for (uint32_t i = 0; i < 4; i++) {
        a = a * b + a;
        w = (w << 3) ^ (w >> 5);
        *(words *)(void *)&table[i * 2 & ~1u] ^= w;
    }
    long double x = (long double)a[0];
    x = x / 3 + 1;
    uint32_t mxcsr;
    uint16_t x87;
    __asm__ volatile(
        "stmxcsr %0\n\torl $0x8000, %0\n\tldmxcsr %0\n\tandl $~0x8000, %0\n\tldmxcsr %0"
        : "=m"(mxcsr));
    __asm__ volatile("fnstcw %0\n\tfldcw %0" : "=m"(x87));
    return (uint64_t)(int64_t)(a[0] + a[1]) + (uint64_t)(int64_t)x + w[0] + mxcsr + x87;
}

/* Every string instruction, and repetitions, each step of which is a place to be parked at. */
static APART uint64_t strings(uint64_t n)
{
    uint64_t sum = 0, count = 40;
    void *to = bytes;
    const void *from = bytes;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(n) : "memory");
    to = bytes;
    __asm__ volatile("stosl\n\tstosw\n\tstosq" : "+D"(to) : "a"(n * 3) : "memory");
    to = copies;
    count = 5;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count)::"memory");
    __asm__ volatile("movsb\n\tmovsl" : "+D"(to), "+S"(from)::"memory");
    copies[17] ^= 1;
    to = bytes;
    from = copies;
    count = 40;
    __asm__ volatile("repe cmpsb" : "+D"(to), "+S"(from), "+c"(count)::"memory", "cc");
    sum = count;
    to = bytes;
    count = 40;
    __asm__ volatile("repne scasb" : "+D"(to), "+c"(count) : "a"(copies[9]) : "memory", "cc");
    sum = sum * 64 + count;
    from = copies + 3;
    uint64_t loaded = 0;
    __asm__ volatile("lodsq\n\tlodsb" : "+a"(loaded), "+S"(from)::"memory");
    return sum * 31 + loaded + (uint64_t)((const uint8_t *)from - copies);
}

/* Calls by pointer, a switch by table, returns, and rsp that goes down with each level. */
static APART uint64_t twice(uint64_t n)
{
    return n * 2;
}

static APART uint64_t plus(uint64_t n)
{
    return n + seed;
}

static APART uint64_t turned(uint64_t n)
{
    return n << 7 | n >> 57;
}

static uint64_t (*volatile functions[])(uint64_t) = {twice, plus, turned};

static APART uint64_t deeper(uint64_t n, uint32_t level)
{
    return level == 0 ? n : deeper(functions[level % 3](n), level - 1) ^ level;
}

static APART uint64_t by_table(uint64_t n)
{
    switch (n % 9) {
    case 0:
        return twice(n);
    case 1:
        return seed * n;
    case 2:
        return plus(n) - 5;
    case 3:
        return n ^ table[2];
    case 4:
        return turned(n) + 1;
    case 5:
        return n / 3;
    case 6:
        return n % 1000 + table[1];
    case 7:
        return n * n;
    default:
        return ~n;
    }
}

static APART uint64_t branches(uint64_t n)
{
    n = deeper(n, 9);
    for (uint32_t i = 0; i < 9; i++) {
        n = by_table(n) + i;
    }
    return n;
}

/* A small frame, which is probed; a large one and one whose size is not known, which are rebased;
 * one that is aligned. */
static APART uint64_t filled(volatile uint8_t *at, uint64_t size, uint64_t n)
{
    at[0] = (uint8_t)n;
    at[size / 2] = (uint8_t)(n >> 8);
    at[size - 1] = (uint8_t)(n >> 16);
    return at[0] + at[size / 2] * UINT64_C(3) + at[size - 1];
}

static APART uint64_t small(uint64_t n)
{
    volatile uint8_t frame[200];
    return filled(frame, sizeof frame, n);
}

static APART uint64_t large(uint64_t n)
{
    volatile uint8_t frame[40000];
    return filled(frame, sizeof frame, n);
}

static APART uint64_t unknown(uint64_t n)
{
    uint64_t size = 100 + (n & 1023);
    return filled(__builtin_alloca(size), size, n);
}

static APART uint64_t aligned(uint64_t n)
{
    volatile uint8_t frame[128] __attribute__((aligned(64)));
    return filled(frame, sizeof frame, n) + ((uint64_t)(uintptr_t)frame & 63);
}

static APART uint64_t frames(uint64_t n)
{
    return small(n) + large(n) * 3 + unknown(n) * 5 + aligned(n) * 7;
}

/* Gates: parked at their end. */
static APART uint64_t gates(struct ctx *ctx, uint64_t n)
{
    uint64_t *block = ctx->alloc(4096, 8);
    if (block == 0) {
        return 1;
    }
    block[0] = n;
    block[511] = n * 3;
    n = block[0] ^ block[511];
    ctx->dealloc(block, 4096, 8);
    return n;
}

int32_t _start(struct ctx *ctx)
{
    static uint32_t calls;
    uint64_t n = seed + calls++;
    n = memory(n);
    say(ctx, "memory", (int64_t)n);
    n = floating(n);
    say(ctx, "floating", (int64_t)n);
    n = strings(n);
    say(ctx, "strings", (int64_t)n);
    n = branches(n);
    say(ctx, "branches", (int64_t)n);
    n = frames(n);
    say(ctx, "frames", (int64_t)n);
    n = gates(ctx, n);
    say(ctx, "gates", (int64_t)n);
    return calls < 3 ? CTX_AGAIN : CTX_EXIT(0);
}
