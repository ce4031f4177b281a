/* SPDX-License-Identifier: MIT */
/* The Context that an app sees, and its time. */
#include "app_chain.h"
#include "resource.h"

#include <kernel/string.h>

#define V2_BYTES 96u

void app_write_context(struct app *app, uint64_t ns)
{
    uint64_t gates = app->base + CTX_SLOT_GATES;
    /* Pointers are slot addresses: they mean something to the app only. */
    struct ctx ctx = {
        .version = 2,
        .start_time_ms = ns / NSEC_PER_MSEC,
        .log = (void (*)(const uint8_t *, uint32_t))(gates + CTX_GATE_V1_LOG * CTX_GATE_SIZE),
        .pid = app->pid,
        .alloc = (void *(*)(uint64_t, uint64_t))(gates + CTX_GATE_V2_ALLOC * CTX_GATE_SIZE),
        .dealloc =
            (void (*)(void *, uint64_t, uint64_t))(gates + CTX_GATE_V2_DEALLOC * CTX_GATE_SIZE),
        .store = (void **)(app->base + CTX_SLOT_STORE),
        .input = (const struct ctx_input *)(app->base + CTX_SLOT_INPUT),
    };
    resources_describe(app, &ctx);
    if (app->poison) {
        memset(ctx.rsv0, APP_POISON, sizeof ctx.rsv0);
        memset(&ctx.rsv1, APP_POISON, sizeof ctx.rsv1);
    }
    /* Behind the header lie the table pointers, which v3_build() wrote for good. */
    memcpy(app->ctx, &ctx, app->version >= 3 ? offsetof(struct ctx, iface) : V2_BYTES);
    app->ctx_ns = ns - ns % NSEC_PER_MSEC;
    app->ctx_is_outdated = app->version < 3; /* those may write to it */
}

/* Before its time began is at once; a time that the machine's clock can not show is never. */
uint64_t app_deadline(const struct app *app, uint64_t app_ns)
{
    uint64_t ns = app_ns - app->clock_offset;
    bool ahead = (int64_t)app->clock_offset >= 0;
    if (app_ns == NEVER_NS || (!ahead && ns < app_ns)) {
        return NEVER_NS;
    }
    return ahead && ns > app_ns ? 0 : ns;
}
