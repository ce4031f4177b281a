/* SPDX-License-Identifier: MIT */
/* Offers the interface of parcel.toml, in C. The same in C++ and Rust beside it. */
#include <ctx/note.h>

#include "parcel_provider.h"

CTX_NOTE(3);

#define OWED 8

static struct {
    uint32_t handle, boxes, spin_ms;
    uint64_t total;
    struct {
        uint64_t request;
        uint32_t turns, knocks, outcome;
    } owed[OWED];
} app;

static const struct ctx_service *service_of(struct ctx *ctx)
{
    const struct ctx_table *table = NULL;
    ctx_status status = ctx->iface->open(ctx->iface, CTX_ID_SERVICE, sizeof CTX_ID_SERVICE - 1,
                                         sizeof(struct ctx_service), &table);
    return status == CTX_OK ? (const struct ctx_service *)table : NULL;
}

static uint64_t now(struct ctx *ctx)
{
    uint64_t ns = 0;
    ctx->time->now(ctx->time, &ns);
    return ns;
}

/* Works for so long, about. A budget counts work: of a machine that was busy with something else in
 * between, no more than this is taken for ours. */
#define STEP_NS UINT64_C(2000000)

static void spin(struct ctx *ctx, uint32_t ms)
{
    for (uint64_t done = 0, before = now(ctx); done < ms * UINT64_C(1000000);) {
        for (uint32_t i = 0; i < 100000; i++) {
            __asm__ volatile("");
        }
        uint64_t after = now(ctx);
        done += after - before < STEP_NS ? after - before : STEP_NS;
        before = after;
    }
}

ctx_status parcel_add(struct ctx *ctx, uint32_t a, uint64_t b, int64_t c, uint32_t *low,
                      uint64_t *sum)
{
    (void)ctx;
    *sum = a + b + (uint64_t)c;
    *low = (uint32_t)*sum;
    return a == 13 ? CTX_E_RANGE : CTX_OK;
}

ctx_status parcel_negate(struct ctx *ctx, uint32_t which, int64_t value, int64_t *negated)
{
    (void)ctx;
    *negated = -value - (int64_t)which;
    return CTX_OK;
}

ctx_status parcel_reverse(struct ctx *ctx, const void *text, uint32_t text_len, void *back,
                          uint32_t room)
{
    (void)ctx;
    const uint8_t *from = text;
    uint8_t *to = back;
    for (uint32_t i = 0; i < text_len && i < room; i++) {
        to[i] = from[text_len - 1 - i];
    }
    return room < text_len ? CTX_E_NOSPC : CTX_OK;
}

ctx_status parcel_measure(struct ctx *ctx, const struct parcel_carton *carton,
                          struct parcel_report *report, struct parcel_counter *counter)
{
    (void)ctx;
    app.total += carton->price;
    report->count = ++app.boxes;
    report->total = carton->price + carton->weight;
    for (uint16_t i = 0; i < 3; i++) {
        report->marks[i] = (uint16_t)(i + 1);
    }
    report->marks[3] = carton->label[0];
    counter->value += counter->step;
    return CTX_OK;
}

static ctx_status owe(struct ctx *ctx, uint64_t request, uint32_t turns, uint32_t knocks,
                      uint32_t outcome)
{
    for (uint32_t i = 0; i < OWED; i++) {
        if (app.owed[i].request == 0) {
            app.owed[i].request = request;
            app.owed[i].turns = turns;
            app.owed[i].knocks = knocks;
            app.owed[i].outcome = outcome;
            ctx->time->wake_at(ctx->time, now(ctx)); /* _start goes on with it */
            return CTX_PENDING;
        }
    }
    return CTX_E_NOSPC;
}

static void answer(struct ctx *ctx, uint64_t request, uint32_t turns)
{
    const struct parcel_answer result = {1000 + turns, "later"};
    parcel_complete_later(service_of(ctx), request, CTX_OK, &result);
}

ctx_status parcel_later(struct ctx *ctx, uint32_t turns, uint64_t request)
{
    if (turns == 99) {
        return CTX_E_INVAL;
    }
    if (turns == 0) {
        answer(ctx, request, 0);
        return CTX_PENDING;
    }
    return owe(ctx, request, turns, 0, turns);
}

ctx_status parcel_knock(struct ctx *ctx, uint64_t request, uint32_t outcome)
{
    return owe(ctx, request, 1, 1, outcome);
}

ctx_status parcel_spin(struct ctx *ctx, uint32_t ms)
{
    app.spin_ms = ms;
    ctx->time->wake_at(ctx->time, now(ctx));
    return CTX_OK;
}

ctx_status parcel_fail(struct ctx *ctx, uint32_t how)
{
    if (how == PARCEL_TRAP) {
        __builtin_trap();
    }
    if (how == PARCEL_LONG) {
        app.boxes++;
        spin(ctx, 400);
        return CTX_OK;
    }
    return -(ctx_status)how;
}

/* What lies there may change while it is read: so each byte is taken once. */
ctx_status parcel_mark(struct ctx *ctx, uint32_t page, uint32_t len, uint64_t *sum)
{
    const struct ctx_table *table = NULL;
    struct ctx_share_info info = {.size = sizeof info};
    uint64_t address = 0;
    ctx_status status = ctx->iface->open(ctx->iface, CTX_ID_SHARE, sizeof CTX_ID_SHARE - 1,
                                         sizeof(struct ctx_share), &table);
    if (status != CTX_OK) {
        return status;
    }
    const struct ctx_share *share = (const struct ctx_share *)table;
    status = share->info(share, page, &info);
    if (status == CTX_OK && len > info.bytes) {
        status = CTX_E_RANGE;
    }
    if (status == CTX_OK) {
        status = share->map(share, page, CTX_SHARE_READ | CTX_SHARE_WRITE, &address);
    }
    volatile uint8_t *bytes = (volatile uint8_t *)(uintptr_t)address;
    for (uint32_t i = 0; status == CTX_OK && i < len; i++) {
        uint8_t byte = bytes[i];
        *sum += byte;
        bytes[i] = (uint8_t)(byte + 1);
    }
    share->close(share, page);
    return status;
}

/* One turn of all that is owed; how much is left. */
static uint32_t turn(struct ctx *ctx)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < OWED; i++) {
        if (app.owed[i].request == 0) {
            continue;
        }
        if (--app.owed[i].turns > 0) {
            left++;
        } else if (app.owed[i].knocks) {
            parcel_complete_knock(service_of(ctx), app.owed[i].request,
                                  (ctx_status)app.owed[i].outcome);
            app.owed[i].request = 0;
        } else {
            answer(ctx, app.owed[i].request, app.owed[i].outcome);
            app.owed[i].request = 0;
        }
    }
    return left;
}

int32_t _start(struct ctx *ctx)
{
    if (app.handle == 0) {
        ctx_status status = parcel_publish(service_of(ctx), &app.handle);
        ctx->log((const uint8_t *)(status == CTX_OK ? "offers" : "failed"), 6);
        return status == CTX_OK ? CTX_WAIT : CTX_EXIT(1);
    }
    struct ctx_service_news news = {.size = sizeof news};
    while (service_of(ctx)->news(service_of(ctx), &news) == CTX_OK) {
        for (uint32_t i = 0; news.kind == CTX_NEWS_CANCELED && i < OWED; i++) {
            app.owed[i].request = app.owed[i].request == news.request ? 0 : app.owed[i].request;
        }
    }
    spin(ctx, app.spin_ms);
    app.spin_ms = 0;
    return turn(ctx) > 0 ? CTX_AGAIN : CTX_WAIT;
}
