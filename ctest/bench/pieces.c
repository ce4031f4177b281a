/* SPDX-License-Identifier: MIT */
/*
 * For isolation.py: pieces of work without a library, one a call, each told in nanoseconds. Every
 * piece leans on something that becomes other code where it is verified: memory, calls, calls
 * through pointers, bytes, tables of a switch.
 */
#include "../qemu/apps/v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#define SIDE 256

static uint32_t canvas[SIDE * SIDE], picture[SIDE * SIDE], numbers[20000], state[8], table[256];
static uint8_t bytes[1 << 16];
static volatile uint64_t sink;
static uint64_t seed = 1;

static uint32_t next(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33);
}

/* ---- SHA-256's rounds (FIPS 180-4), with constants of no meaning ---- */

static uint32_t right(uint32_t v, int by)
{
    return v >> by | v << (32 - by);
}

static void block(const uint8_t *p)
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++, p += 4) {
        w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    }
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (right(a, 7) ^ right(a, 18) ^ a >> 3) + w[i - 7] +
               (right(b, 17) ^ right(b, 19) ^ b >> 10);
    }
    for (int i = 0; i < 8; i++) {
        v[i] = state[i];
    }
    for (int i = 0; i < 64; i++) {
        uint32_t a = v[0], e = v[4];
        uint32_t t1 = v[7] + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) +
                      ((e & v[5]) ^ (~e & v[6])) + table[i] + w[i];
        uint32_t t2 =
            (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        for (int k = 7; k > 0; k--) {
            v[k] = v[k - 1];
        }
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) {
        state[i] += v[i];
    }
}

static void sha256(void)
{
    for (uint32_t at = 0; at < sizeof bytes; at += 64) {
        block(bytes + at);
    }
    sink += state[0];
}

static void blit(void)
{
    for (int i = 0; i < SIDE * SIDE; i++) {
        uint32_t a = picture[i], b = canvas[i], part = a >> 24;
        uint32_t rb = ((a & 0xff00ff) * part + (b & 0xff00ff) * (256 - part)) >> 8 & 0xff00ff;
        canvas[i] = rb | (((a & 0xff00) * part + (b & 0xff00) * (256 - part)) >> 8 & 0xff00);
    }
}

static void crc32(void)
{
    uint32_t crc = ~0u;
    for (uint32_t i = 0; i < sizeof bytes; i++) {
        crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
    }
    sink += crc;
}

__attribute__((noinline)) static uint64_t fib(uint64_t n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static void recursion(void)
{
    sink += fib(22);
}

static int smaller(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void sink_down(uint32_t *v, int at, int count, int (*compare)(const void *, const void *))
{
    for (int child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && compare(&v[child], &v[child + 1]) < 0;
        if (compare(&v[at], &v[child]) >= 0) {
            return;
        }
        uint32_t t = v[at];
        v[at] = v[child];
        v[child] = t;
    }
}

/* Heap sort, with comparisons through a pointer. */
static void sort(void)
{
    int (*volatile compare)(const void *, const void *) = smaller;
    const int count = 5000;
    for (int i = 0; i < count; i++) {
        numbers[i] = next();
    }
    for (int i = count / 2; i-- > 0;) {
        sink_down(numbers, i, count, compare);
    }
    for (int i = count; i-- > 1;) {
        uint32_t t = numbers[0];
        numbers[0] = numbers[i];
        numbers[i] = t;
        sink_down(numbers, 0, i, compare);
    }
}

/* Some machine's code, by a switch. */
static void interpret(void)
{
    uint64_t a = 1, b = 2;
    for (int i = 0; i < (int)sizeof bytes; i++) {
        switch (bytes[i] & 7) {
        case 0:
            a += b;
            break;
        case 1:
            b ^= a;
            break;
        case 2:
            a = a << 3 | a >> 61;
            break;
        case 3:
            b -= 7;
            break;
        case 4:
            a ^= numbers[b % 1000];
            break;
        case 5:
            numbers[a % 1000] = (uint32_t)b;
            break;
        case 6:
            b = b * 5 + 1;
            break;
        default:
            a -= b;
            break;
        }
    }
    sink += a + b;
}

static void list(void)
{
    uint32_t at = 0;
    for (int i = 0; i < 100000; i++) {
        at = picture[at] & (SIDE * SIDE - 1);
        canvas[at & 1023]++;
    }
    sink += at;
}

int32_t _start(struct ctx *ctx)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } all[] = {{"sha256", sha256},       {"blit", blit}, {"crc32", crc32},
               {"recursion", recursion}, {"sort", sort}, {"list", list},
               {"interpret", interpret}};
    static uint32_t calls;
    if (calls == 0) {
        for (uint32_t i = 0; i < sizeof bytes; i++) {
            bytes[i] = (uint8_t)next();
            table[i % 256] = next();
            picture[i] = next();
        }
    }
    uint32_t which = calls++ % (sizeof all / sizeof all[0]);
    uint64_t before = now(ctx);
    all[which].run();
    uint64_t took = now(ctx) - before;
    struct line l = {0};
    put(&l, "T piece ");
    put(&l, all[which].name);
    put(&l, " ");
    put_number(&l, (int64_t)took);
    send(ctx, &l);
    return CTX_AGAIN;
}
