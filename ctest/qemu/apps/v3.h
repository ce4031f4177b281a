/* SPDX-License-Identifier: MIT */
/* What the test apps of version 3 share: lines of the log, and words of their arguments. */
#ifndef V3_H
#define V3_H

#include <ctx/ctx.h>

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

static inline uint32_t length(const char *s)
{
    uint32_t n = 0;
    while (s[n] != 0) {
        n++;
    }
    return n;
}

static inline int same(const char *a, const char *b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

struct line {
    uint32_t n;
    char text[200];
};

static inline void put(struct line *l, const char *s)
{
    while (*s != 0 && l->n < sizeof l->text) {
        l->text[l->n++] = *s++;
    }
}

static inline void put_number(struct line *l, int64_t v)
{
    char digits[20];
    int n = 0;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    if (v < 0) {
        put(l, "-");
    }
    do {
        digits[n++] = (char)('0' + u % 10);
        u /= 10;
    } while (u != 0);
    while (n > 0 && l->n < sizeof l->text) {
        l->text[l->n++] = digits[--n];
    }
}

static inline void send(struct ctx *ctx, struct line *l)
{
    ctx->log((const uint8_t *)l->text, l->n);
    l->n = 0;
}

/* "T WHAT NUMBER" */
static inline void say(struct ctx *ctx, const char *what, int64_t number)
{
    struct line l = {0};
    put(&l, "T ");
    put(&l, what);
    put(&l, " ");
    put_number(&l, number);
    send(ctx, &l);
}

static inline const struct ctx_table *open(struct ctx *ctx, const char *id)
{
    const struct ctx_table *table = NULL;
    ctx_status status = ctx->iface->open(ctx->iface, id, length(id), 0, &table);
    if (status != CTX_OK) {
        say(ctx, "open FAIL", status);
    }
    return table;
}

/* The app's argument number index; empty if there is none. */
static inline void word(struct ctx *ctx, uint32_t index, char out[32])
{
    const struct ctx_args *args = (const struct ctx_args *)open(ctx, CTX_ID_ARGS);
    uint32_t len = 0;
    out[0] = 0;
    if (args->get(args, index, out, 31, &len) == CTX_OK) {
        out[len < 31 ? len : 31] = 0;
    }
}

static inline uint64_t number(const char *text)
{
    uint64_t n = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        n = n * 10 + (uint64_t)(*text - '0');
    }
    return n;
}

static inline uint64_t now(struct ctx *ctx)
{
    uint64_t ns = 0;
    ctx->time->now(ctx->time, &ns);
    return ns;
}

#endif
