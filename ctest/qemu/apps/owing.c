/* SPDX-License-Identifier: MIT */
/*
 * A service with requests that nobody ends, and who waits for them, for sessions: put back, both
 * have to find that the table is stale, that each request is over, and that no number comes twice.
 * By the first word: `owe` offers, `wait` asks.
 */
#include "v3.h"

#include <ctx/interface.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define ID       "org.example.owing/1"
#define REQUESTS 4u
#define EVER     64u

static const struct {
    struct ctx_interface head;
    struct ctx_interface_fn fns[2];
} owing_1 = {
    {sizeof owing_1, CTX_INTERFACE_VERSION, 2, 0, sizeof(struct ctx_interface),
     sizeof(struct ctx_interface_fn), ID},
    {
        {"twice", 2, {0}, {{CTX_INTERFACE_U32, 0, 0, 0, 0}, {CTX_INTERFACE_OUT4, 0, 0, 0, 0}}},
        {"later", 2, {0}, {{CTX_INTERFACE_U32, 0, 0, 0, 0}, {CTX_INTERFACE_REQUEST, 0, 0, 0, 0}}},
    },
};

struct owing {
    struct ctx_table t;
    ctx_status(CTX_CALL *twice)(const struct owing *self, uint32_t n, uint32_t *out);
    ctx_status(CTX_CALL *later)(const struct owing *self, uint32_t n, uint64_t *request);
};

static char what[32];
static uint32_t epoch; /* in which we were put back last */
static const struct ctx_service *service;

/* Numbers of requests that this app has ever heard, as consumer or as provider. */
static uint64_t ever[EVER];
static uint32_t ever_count;

static void is_new(struct ctx *ctx, uint64_t number)
{
    for (uint32_t i = 0; i < ever_count; i++) {
        if (ever[i] == number) {
            say(ctx, "a number comes twice FAIL", (int64_t)number);
        }
    }
    if (ever_count < EVER) {
        ever[ever_count++] = number;
    }
}

/* ---- the provider ---- */

#define OWED 16u
static uint64_t owed[OWED], at_once;
static uint32_t owed_count;

static ctx_status twice(struct ctx *ctx, uint32_t n, uint32_t *out)
{
    (void)ctx;
    *out = 2 * n;
    return CTX_OK;
}

/* Put back: what was owed has nobody who waits for it, and what was offered is. */
static void look_back(struct ctx *ctx)
{
    uint32_t gone = 0, again = 0;
    const uint64_t fns[2] = {0, 0};
    if (epoch == ctx->epoch) {
        return;
    }
    epoch = ctx->epoch;
    while (owed_count > 0) {
        ctx_status status =
            service->complete(service, owed[--owed_count], CTX_OK, &gone, sizeof gone);
        gone += status == CTX_E_NOENT;
    }
    say(ctx, "gone", gone);
    if (service->publish(service, &owing_1, sizeof owing_1, fns, sizeof fns, &again) == CTX_OK) {
        say(ctx, "it is not offered FAIL", 0);
    }
}

/* Number 0 is ended in the next call, and lies in the kernel then. */
static ctx_status later(struct ctx *ctx, uint32_t n, uint64_t request)
{
    look_back(ctx);
    is_new(ctx, request);
    if (n == 0) {
        at_once = request;
        ctx->time->wake_at(ctx->time, 0);
    } else if (owed_count < OWED) {
        owed[owed_count++] = request;
    }
    return CTX_PENDING;
}

static int32_t owe(struct ctx *ctx)
{
    static uint32_t handle;
    const uint64_t fns[2] = {(uint64_t)(uintptr_t)twice, (uint64_t)(uintptr_t)later};
    if (handle == 0) {
        ctx_status status =
            service->publish(service, &owing_1, sizeof owing_1, fns, sizeof fns, &handle);
        if (status != CTX_OK) {
            say(ctx, "publish FAIL", status);
        }
    }
    look_back(ctx);
    if (at_once != 0) {
        ctx_status status = service->complete(service, at_once, CTX_OK, &at_once, sizeof at_once);
        if (status != CTX_OK) {
            say(ctx, "complete FAIL", status);
        }
        at_once = 0;
    }
    struct ctx_service_news news = {.size = sizeof news};
    while (service->news(service, &news) == CTX_OK) {
    }
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_NEWS);
    return CTX_AGAIN;
}

/* ---- who waits ---- */

static const struct owing *owing;
static uint64_t made[REQUESTS];

static int32_t ask(struct ctx *ctx)
{
    const struct ctx_table *table = NULL;
    uint32_t doubled = 0;
    if (ctx->iface->open(ctx->iface, ID, sizeof ID - 1, 0, &table) != CTX_OK) {
        return CTX_AGAIN;
    }
    owing = (const struct owing *)table;
    if (owing->twice(owing, 21, &doubled) != CTX_OK || doubled != 42) {
        say(ctx, "twice FAIL", doubled);
    }
    for (uint32_t i = 0; i < REQUESTS; i++) {
        ctx_status status = owing->later(owing, i, &made[i]);
        if (status != CTX_PENDING) {
            say(ctx, "later FAIL", status);
        }
        is_new(ctx, made[i]);
    }
    say(ctx, "waits", ctx->epoch);
    return CTX_AGAIN;
}

/* Put back: the table, each request, whether it was ended or not. */
static void find_all_stale(struct ctx *ctx)
{
    uint32_t doubled = 0, stale = 0, left = 0;
    uint64_t result = 0;
    ctx_status status = owing->twice(owing, 1, &doubled);
    if (status != CTX_E_STALE) {
        say(ctx, "the table is not stale FAIL", status);
    }
    for (uint32_t i = 0; i < REQUESTS; i++) {
        uint32_t full = 0, outcome = 0;
        status = service->take(service, made[i], &result, sizeof result, &full, &outcome);
        stale += status == CTX_E_STALE;
        status = service->take(service, made[i], &result, sizeof result, &full, &outcome);
        left += status != CTX_E_NOENT && status != CTX_E_STALE;
    }
    say(ctx, "stale", stale);
    if (left != 0) {
        say(ctx, "taken twice FAIL", left);
    }
    owing = NULL;
}

static int32_t wait(struct ctx *ctx)
{
    if (epoch != ctx->epoch && owing != NULL) {
        find_all_stale(ctx);
    }
    if (owing == NULL) {
        return ask(ctx);
    }
    uint64_t result = 0;
    uint32_t full = 0, outcome = 0;
    ctx_status status = service->take(service, made[1], &result, sizeof result, &full, &outcome);
    if (status != CTX_E_AGAIN) {
        say(ctx, "take FAIL", status);
    }
    return CTX_AGAIN;
}

int32_t _start(struct ctx *ctx)
{
    if (what[0] == 0) {
        word(ctx, 0, what);
        service = (const struct ctx_service *)open(ctx, CTX_ID_SERVICE);
        epoch = ctx->epoch;
    }
    int32_t answer = same(what, "owe") ? owe(ctx) : wait(ctx);
    epoch = ctx->epoch;
    return answer;
}
