/* SPDX-License-Identifier: MIT */
/*
 * Does at the third call of each life what its first word says: fault, exit, loop; or in each call:
 * slow MS, log N, memory; or looks on: end N (frames) lists all apps and ends the machine.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#ifdef POLICY /* restart 1 on-fault, a budget of 20 ms, critical */
__attribute__((section(".note.ctx"), aligned(4), used)) static const struct {
    uint32_t name_len, desc_len, type;
    char name[4];
    uint16_t tag6, len6;
    uint32_t restart;
    uint16_t tag7, len7;
    uint32_t budget[2];
    uint16_t tag12, len12;
} policy = {4, 24, 1, "ctx", 6, 4, 1, 7, 8, {20000000, 0}, 12, 0};
#endif

static char what[32], amount[32];
static uint64_t calls, began;

static void list_all(struct ctx *ctx)
{
    static struct ctx_app_info apps[32];
    uint32_t count = 0;
    const struct ctx_apps *table = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
    table->list(table, apps, sizeof apps, sizeof apps[0], &count);
    for (uint32_t i = 0; i < count && i < 32; i++) {
        const struct ctx_app_info *a = &apps[i];
        const int64_t numbers[] = {a->state,
                                   (int64_t)a->calls,
                                   (int64_t)a->overruns,
                                   a->restarts,
                                   (int64_t)a->log_dropped,
                                   (int64_t)a->faults,
                                   (int64_t)(a->memory >> 10),
                                   (int64_t)(a->budget_ns / 1000000)};
        static const char *const names[] = {" state=",   " calls=",  " overruns=", " restarts=",
                                            " dropped=", " faults=", " KiB=",      " budget="};
        struct line l = {0};
        put(&l, "T app ");
        put(&l, (const char *)a->name);
        for (uint32_t n = 0; n < 8; n++) {
            put(&l, names[n]);
            put_number(&l, numbers[n]);
        }
        send(ctx, &l);
    }
    say(ctx, "ms", (int64_t)((now(ctx) - began) / 1000000));
    say(ctx, "end", 0);
    const struct ctx_system *system = (const struct ctx_system *)open(ctx, CTX_ID_SYSTEM);
    system->power_off(system);
}

static void take_memory(struct ctx *ctx)
{
    int64_t kib = 0;
    while (ctx->mem->alloc(ctx->mem, 65536, 16, 0) != NULL) {
        kib += 64;
    }
    say(ctx, "memory", kib);
}

int32_t _start(struct ctx *ctx)
{
    if (calls++ == 0) {
        word(ctx, 0, what);
        word(ctx, 1, amount);
        began = now(ctx);
    }
    uint64_t n = number(amount);
    if (same(what, "slow")) {
        for (uint64_t until = now(ctx) + n * 1000000; now(ctx) < until;) {
        }
    } else if (same(what, "log")) {
        for (uint64_t i = 0; i < n; i++) {
            say(ctx, "flood", (int64_t)i);
        }
    } else if (same(what, "memory") && calls == 1) {
        take_memory(ctx);
    } else if (same(what, "end") && calls == n) {
        list_all(ctx);
    } else if (calls == 3) {
        if (same(what, "fault")) {
            volatile uint64_t null = 8;
            *(volatile char *)null = 1;
        } else if (same(what, "exit")) {
            return CTX_EXIT(7);
        }
        while (same(what, "loop")) {
        }
    }
    return CTX_AGAIN;
}
