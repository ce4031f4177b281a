/* SPDX-License-Identifier: MIT
 *
 * What the test apps share: the Context of versions 1 and 2 declared by hand from its table of
 * offsets, as a stranger would, and a way to report.
 *
 * An app logs "T NAME ok" or "T NAME FAIL why" once. The test that booted it waits for the line.
 */
#ifndef T_H
#define T_H

#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t i64;

struct event {
    u8 down;
    u8 pad[7];
    u64 code;
};

struct input {
    u64 mx, my;
    u8 keys[1024];
    u64 last;
    struct event ring[64];
};

struct ctx {
    u8 version;
    u8 reserved[7];
    u64 start_time_ms;
    void (*log)(const u8 *s, u32 len);
    u64 pid;
    struct {
        u32 *pixels;
        u64 len, w, h;
    } fb;
    void *(*alloc)(u64 size, u64 align);
    void (*dealloc)(void *p, u64 size, u64 align);
    void **store;
    const struct input *input;
};

_Static_assert(sizeof(struct input) == 2072, "input");
_Static_assert(sizeof(struct ctx) == 96, "ctx");

int32_t _start(struct ctx *ctx);

/* gcc makes calls of these from plain loops. */
__attribute__((weak)) void *memset(void *to, int c, unsigned long n)
{
    void *d = to;
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
    return to;
}

__attribute__((weak)) void *memcpy(void *to, const void *from, unsigned long n)
{
    void *d = to;
    __asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(n)::"memory");
    return to;
}

__attribute__((weak)) int memcmp(const void *a, const void *b, unsigned long n)
{
    const u8 *p = a, *q = b;
    for (; n; n--, p++, q++) {
        if (*p != *q) {
            return *p - *q;
        }
    }
    return 0;
}

static inline u32 length(const char *s)
{
    u32 n = 0;
    while (s[n]) {
        n++;
    }
    return n;
}

/* A line under construction. */
struct line {
    u32 n;
    char text[240];
};

static inline void put(struct line *l, const char *s)
{
    while (*s && l->n < sizeof l->text) {
        l->text[l->n++] = *s++;
    }
}

static inline void put_number(struct line *l, u64 v)
{
    char digits[20];
    int n = 0;
    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    while (n && l->n < sizeof l->text) {
        l->text[l->n++] = digits[--n];
    }
}

static inline void put_hex(struct line *l, u64 v)
{
    put(l, "0x");
    int shift = 60;
    while (shift && !(v >> shift)) {
        shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
        char digit[2] = {"0123456789abcdef"[v >> shift & 15], 0};
        put(l, digit);
    }
}

static inline void send(struct ctx *ctx, struct line *l)
{
    ctx->log((const u8 *)l->text, l->n);
    l->n = 0;
}

static inline void say(struct ctx *ctx, const char *text)
{
    ctx->log((const u8 *)text, length(text));
}

/* The verdict of a test app, once; the first one counts. */
static int t_done;

static inline void t_ok(struct ctx *ctx, const char *name)
{
    if (!t_done) {
        struct line l = {0};
        put(&l, "T ");
        put(&l, name);
        put(&l, " ok");
        send(ctx, &l);
    }
    t_done = 1;
}

static inline void t_fail(struct ctx *ctx, const char *name, const char *why, u64 value)
{
    if (!t_done) {
        struct line l = {0};
        put(&l, "T ");
        put(&l, name);
        put(&l, " FAIL ");
        put(&l, why);
        put(&l, " ");
        put_hex(&l, value);
        send(ctx, &l);
    }
    t_done = 1;
}

#define T_CHECK(name, condition, value)                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            t_fail(ctx, name, #condition, (u64)(value));                                           \
            return 0;                                                                              \
        }                                                                                          \
    } while (0)

#endif
