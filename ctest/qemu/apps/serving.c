/* SPDX-License-Identifier: MIT */
/*
 * A service that is killed all the time, and who calls it. By the first word: `offer N` offers
 * work(), which in N of 30,000 calls faults, and in one does not return; `ask N` makes N calls and
 * counts what came of them; `kill N` has the provider begin anew in one of N frames. `looker` says
 * what is left when the askers have gone.
 */
#include "v3.h"

#include <ctx/interface.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define ID "org.example.serving/1"
#ifdef NEEDS
CTX_NOTE_TEXT(CTX_NOTE_REQUIRED, ID);
#endif
#define ONCE 250 /* calls of the service in one call of an asker */

static const struct {
    struct ctx_interface head;
    struct ctx_interface_fn fns[2];
} serving_1 = {
    {sizeof serving_1, CTX_INTERFACE_VERSION, 2, 0, sizeof(struct ctx_interface),
     sizeof(struct ctx_interface_fn), ID},
    {
        {"work",
         4,
         {0},
         {{CTX_INTERFACE_IN, 0, 0, 0, 0},
          {CTX_INTERFACE_U32, 0, 0, 0, 0},
          {CTX_INTERFACE_OUT, 0, 0, 0, 0},
          {CTX_INTERFACE_U32, 0, 0, 0, 0}}},
        {"later", 2, {0}, {{CTX_INTERFACE_U32, 0, 0, 0, 0}, {CTX_INTERFACE_REQUEST, 0, 0, 0, 0}}},
    },
};

struct serving {
    struct ctx_table t;
    ctx_status(CTX_CALL *work)(const struct serving *self, const void *in, uint32_t in_len,
                               void *out, uint32_t out_len);
    ctx_status(CTX_CALL *later)(const struct serving *self, uint32_t n, uint64_t *request);
};

static char what[32];
static uint32_t wanted; /* the second word */
static uint64_t seed;
static const struct ctx_service *service;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

/* ---- the provider ---- */

#define OWED 64
static uint64_t owed[OWED];
static uint32_t owed_count;

/* By what the caller says: where this is undone, the next call is another one. */
static void misbehave(uint32_t said)
{
    uint32_t chance = (said * 2654435761u >> 8) % 30000;
    if (chance < wanted) {
        __builtin_trap();
    }
    while (wanted > 0 && chance == 29999) {
        __asm__ volatile("");
    }
}

static ctx_status work(struct ctx *ctx, const uint8_t *in, uint32_t in_len, uint8_t *out,
                       uint32_t out_len)
{
    uint32_t sum = in_len + 1;
    (void)ctx;
    for (uint32_t i = 0; i < in_len; i++) {
        sum = sum * 31 + in[i];
    }
    misbehave(sum);
    for (uint32_t i = 0; i < in_len && i < out_len; i++) {
        out[i] = (uint8_t)(in[i] ^ 0x5a);
    }
    return CTX_OK;
}

static ctx_status later(struct ctx *ctx, uint32_t n, uint64_t request)
{
    misbehave(n);
    if (owed_count == OWED) {
        return CTX_E_NOSPC;
    }
    owed[owed_count++] = request;
    ctx->time->wake_at(ctx->time, 0);
    return CTX_PENDING;
}

static int32_t offer(struct ctx *ctx)
{
    if (service == 0) {
        const uint64_t fns[2] = {(uint64_t)(uintptr_t)work, (uint64_t)(uintptr_t)later};
        uint32_t handle;
        service = (const struct ctx_service *)open(ctx, CTX_ID_SERVICE);
        seed = now(ctx) + 1;
        ctx_status status =
            service->publish(service, &serving_1, sizeof serving_1, fns, sizeof fns, &handle);
        if (status != CTX_OK) {
            say(ctx, "publish FAIL", status);
        }
    }
    struct ctx_service_news news = {.size = sizeof news};
    while (service->news(service, &news) == CTX_OK) {
    }
    while (owed_count > 0) {
        uint64_t request = owed[--owed_count];
        ctx_status status = service->complete(service, request, CTX_OK, &request, sizeof request);
        if (status != CTX_OK && status != CTX_E_NOENT) {
            say(ctx, "complete FAIL", status);
        }
    }
    return CTX_AGAIN;
}

/* ---- who asks ---- */

static const struct serving *serving;
static uint32_t made, counts[32], opened;
static uint64_t request;

static void count(struct ctx *ctx, const char *which, ctx_status status)
{
    int32_t n = -status;
    if (status > 1 || n > 20) {
        say(ctx, which, status);
        return;
    }
    counts[status == CTX_PENDING ? 31 : n]++;
}

static ctx_status ask_once(struct ctx *ctx)
{
    uint8_t in[24], out[24];
    uint32_t len = random_below(sizeof in);
    for (uint32_t i = 0; i < len; i++) {
        in[i] = (uint8_t)random_below(256);
    }
    ctx_status status = serving->work(serving, in, len, out, len);
    for (uint32_t i = 0; status == CTX_OK && i < len; i++) {
        if (out[i] != (uint8_t)(in[i] ^ 0x5a)) {
            say(ctx, "work FAIL", i);
            break;
        }
    }
    return status;
}

static void ask_later(struct ctx *ctx)
{
    uint32_t full = 0, result = 0;
    uint64_t bytes = 0;
    if (request == 0) {
        ctx_status status = serving->later(serving, random_below(1u << 30), &request);
        count(ctx, "later FAIL", status);
        request = status == CTX_PENDING ? request : 0;
        return;
    }
    ctx_status status = service->take(service, request, &bytes, sizeof bytes, &full, &result);
    if (status == CTX_OK && (full != sizeof bytes || result != CTX_OK || bytes == 0)) {
        say(ctx, "take FAIL", full);
    }
    if (status != CTX_OK && status != CTX_E_AGAIN && status != CTX_E_STALE) {
        say(ctx, "take FAIL", status);
    }
    request = status == CTX_E_AGAIN ? request : 0;
}

static int32_t ask(struct ctx *ctx)
{
    const struct ctx_table *table;
    if (service == 0) {
        service = (const struct ctx_service *)open(ctx, CTX_ID_SERVICE);
        seed = ctx->pid + 7;
    }
    for (uint32_t i = 0; i < ONCE && made < wanted; i++) {
        if (opened == 0) {
            ctx_status status = ctx->iface->open(ctx->iface, ID, sizeof ID - 1, 0, &table);
            if (status == CTX_E_NOSYS) {
                return CTX_AGAIN; /* nobody offers it now */
            }
            if (status != CTX_OK) {
                say(ctx, "open FAIL", status);
            }
            serving = (const struct serving *)table;
            opened = 1;
        }
        made++;
        ctx_status status = ask_once(ctx);
        count(ctx, "call FAIL", status);
        opened = status != CTX_E_STALE;
        if (status != CTX_OK) {
            return CTX_AGAIN; /* it may be another frame before that changes */
        }
    }
    if (opened != 0) {
        ask_later(ctx);
    }
    if (made < wanted) {
        return CTX_AGAIN;
    }
    struct line l = {0};
    put(&l, "T asked");
    for (uint32_t n = 0; n < 32; n++) {
        if (counts[n] != 0) {
            put(&l, " ");
            put_number(&l, n == 31 ? 1 : -(int64_t)n);
            put(&l, ":");
            put_number(&l, counts[n]);
        }
    }
    send(ctx, &l);
    return CTX_EXIT(0);
}

/* ---- the others ---- */

static struct ctx_service_info info;

static uint32_t look(void)
{
    uint32_t n = 0;
    service->list(service, &info, sizeof info, sizeof info, &n);
    return n;
}

static int32_t kill(struct ctx *ctx)
{
    static const struct ctx_control *control;
    static uint64_t pid = UINT64_MAX;
    static uint32_t gone, killed;
    if (service == 0) {
        service = (const struct ctx_service *)open(ctx, CTX_ID_SERVICE);
        control = (const struct ctx_control *)open(ctx, CTX_ID_CONTROL);
        seed = 99;
    }
    if (look() > 0) {
        pid = info.provider;
        gone = 0;
    } else {
        gone++;
    }
    if (pid != UINT64_MAX && (random_below(wanted) == 0 || gone > 1)) {
        control->restart(control, pid);
        killed++;
        if ((killed & (killed - 1)) == 0) {
            say(ctx, "killed", killed);
        }
    }
    return CTX_AGAIN;
}

static int32_t looker(struct ctx *ctx)
{
    static uint32_t calls, users = UINT32_MAX;
    if (service == 0) {
        service = (const struct ctx_service *)open(ctx, CTX_ID_SERVICE);
    }
    if (++calls % 8 == 0 && look() > 0 && info.users != users) {
        users = info.users;
        say(ctx, "users", users);
    }
    return CTX_AGAIN;
}

int32_t _start(struct ctx *ctx)
{
    if (what[0] == 0) {
        char second[32];
        word(ctx, 0, what);
        word(ctx, 1, second);
        wanted = (uint32_t)number(second);
    }
    return same(what, "offer")  ? offer(ctx)
           : same(what, "ask")  ? ask(ctx)
           : same(what, "kill") ? kill(ctx)
                                : looker(ctx);
}
