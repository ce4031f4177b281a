/* SPDX-License-Identifier: MIT */
/*
 * Vector registers between the app that calls and the host that stands in for the function. As
 * -DHOST it wraps every app that names it and writes down YMM0-15 before any code of its function
 * runs; else it is the child, which leaves a pattern in them and logs.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);
CTX_NOTE_TEXT(CTX_NOTE_OPTIONAL, "ctx.cpu/1");

#define EACH(M)                                                                                    \
    M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11) M(12) M(13) M(14) M(15)
#define TEXT(x)  #x
#define STORE(n) "vmovdqu %ymm" TEXT(n) ", found + 32 * " TEXT(n) "(%rip)\n"
#define LOAD(n)  "vmovdqu pattern + 32 * " TEXT(n) "(%rip), %ymm" TEXT(n) "\n"

__attribute__((used)) uint64_t found[64], pattern[64];

__asm__(
    ".text\nfill:\n" EACH(LOAD) "ret\n"
                                "look:\n" EACH(STORE) "ret\n"
                                                      "serve:\n" EACH(STORE) "jmp serve_in_c\n");

void fill(void);
void look(void);

/* How many of the words found are of this pattern. */
static int64_t of_pattern(uint64_t start)
{
    int64_t n = 0;
    for (uint64_t i = 0; i < 64; i++) {
        n += found[i] == start * (i + 1);
    }
    return n;
}

static void set_pattern(uint64_t start)
{
    for (uint64_t i = 0; i < 64; i++) {
        pattern[i] = start * (i + 1);
    }
}

#define CHILDS 0x0101010101010101u
#define HOSTS  0x0303030303030301u

#ifdef HOST
static const struct ctx_host *host;
void serve(struct ctx *ctx, struct ctx_host_call *call);

__attribute__((used)) void serve_in_c(struct ctx *ctx, struct ctx_host_call *call)
{
    static int told;
    if (told++ == 0) {
        say(ctx, "host finds", of_pattern(CHILDS));
    }
    host->forward(host, call->child, call);
    set_pattern(HOSTS);
    fill();
}

int32_t _start(struct ctx *ctx)
{
    static struct ctx_app_info apps[8];
    static uint64_t calls;
    uint32_t count = 0, child;
    if (calls++ != 0) {
        return CTX_AGAIN;
    }
    host = (const struct ctx_host *)open(ctx, CTX_ID_HOST);
    const struct ctx_apps *list = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
    list->list(list, apps, sizeof apps, sizeof apps[0], &count);
    for (uint32_t i = 0; i < count; i++) {
        if (host->open(host, apps[i].pid, &child) == CTX_OK) {
            say(ctx, "wraps", host->wrap(host, child, "log", 3, serve, 0));
        }
    }
    return CTX_AGAIN;
}
#else
void serve_in_c(void);
__attribute__((used)) void serve_in_c(void) {}

int32_t _start(struct ctx *ctx)
{
    static uint64_t calls;
    if (calls++ == 0) { /* the host has not wrapped it yet, perhaps */
        return CTX_AGAIN;
    }
    set_pattern(CHILDS);
    fill();
    ctx->log((const uint8_t *)"from the child", 14);
    look();
    if (calls == 3) {
        say(ctx, "child finds", of_pattern(HOSTS));
    }
    return CTX_AGAIN;
}
#endif
