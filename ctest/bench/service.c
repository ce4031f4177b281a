/* SPDX-License-Identifier: MIT */
/*
 * For services.py: one app that offers an interface (word `offer`), and one that calls it many
 * times (`ask`) and logs picoseconds; `wrap` stands in for one function of all apps behind it, and
 * forwards its calls.
 */
#include "../qemu/apps/v3.h"

#include <ctx/interface.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define ROUNDS 20000
#define TURNS  30

static const struct {
    struct ctx_interface head;
    struct ctx_interface_fn fns[3];
} bench_1 = {
    {sizeof bench_1, CTX_INTERFACE_VERSION, 3, 0, sizeof(struct ctx_interface),
     sizeof(struct ctx_interface_fn), "org.example.bench/1"},
    {
        {"add", 2, {0}, {{CTX_INTERFACE_U64, 0, 0, 0, 0}, {CTX_INTERFACE_U64, 0, 0, 0, 0}}},
        {"sum", 2, {0}, {{CTX_INTERFACE_IN, 0, 0, 0, 0}, {CTX_INTERFACE_U32, 0, 0, 0, 0}}},
        {"copy",
         4,
         {0},
         {{CTX_INTERFACE_IN, 0, 0, 0, 0},
          {CTX_INTERFACE_U32, 0, 0, 0, 0},
          {CTX_INTERFACE_OUT, 0, 0, 0, 0},
          {CTX_INTERFACE_U32, 0, 0, 0, 0}}},
    },
};

struct bench {
    struct ctx_table t;
    ctx_status(CTX_CALL *add)(const struct bench *self, uint64_t a, uint64_t b);
    ctx_status(CTX_CALL *sum)(const struct bench *self, const void *bytes, uint32_t len);
    ctx_status(CTX_CALL *copy)(const struct bench *self, const void *in, uint32_t in_len, void *out,
                               uint32_t out_len);
};

static ctx_status add(struct ctx *ctx, uint64_t a, uint64_t b)
{
    (void)ctx;
    return (ctx_status)(a + b);
}

static ctx_status sum(struct ctx *ctx, const uint8_t *bytes, uint32_t len)
{
    (void)ctx;
    return len > 0 ? bytes[0] + bytes[len - 1] : 0;
}

static ctx_status copy(struct ctx *ctx, const uint8_t *in, uint32_t in_len, uint8_t *out,
                       uint32_t out_len)
{
    (void)ctx;
    memcpy(out, in, in_len < out_len ? in_len : out_len);
    return 0;
}

static char what[32];
static const struct bench *bench;
static int turn, only, copies;
static uint8_t from[0x10000] __attribute__((aligned(4096))),
    to[0x10000] __attribute__((aligned(4096)));

static void offer(struct ctx *ctx)
{
    const struct ctx_service *service = (const struct ctx_service *)open(ctx, CTX_ID_SERVICE);
    const uint64_t fns[3] = {(uint64_t)(uintptr_t)add, (uint64_t)(uintptr_t)sum,
                             (uint64_t)(uintptr_t)copy};
    uint32_t handle;
    ctx_status status =
        service->publish(service, &bench_1, sizeof bench_1, fns, sizeof fns, &handle);
    if (status != CTX_OK) {
        say(ctx, "publish FAIL", status);
    }
}

static const struct ctx_host *host;

static void serve(struct ctx *ctx, struct ctx_host_call *call)
{
    (void)ctx;
    host->forward(host, call->child, call);
}

static void wrap(struct ctx *ctx)
{
    static struct ctx_app_info apps[16];
    const struct ctx_apps *list = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
    uint32_t count = 0, child;
    host = (const struct ctx_host *)open(ctx, CTX_ID_HOST);
    list->list(list, apps, sizeof apps, sizeof apps[0], &count);
    for (uint32_t i = 0; i < count && i < 16; i++) {
        ctx_status status = CTX_OK;
        if (apps[i].pid > ctx->pid && (status = host->open(host, apps[i].pid, &child)) == CTX_OK) {
            status = host->wrap(host, child, "mem.alloc", 9, serve, 0);
        }
        if (status != CTX_OK) {
            say(ctx, "wrap FAIL", status);
        }
    }
}

static uint64_t least[6] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};

#define MEASURE(no, rounds, expression)                                                            \
    do {                                                                                           \
        uint64_t before = now(ctx);                                                                \
        for (int i = 0; i < (rounds); i++) {                                                       \
            (void)(expression);                                                                    \
        }                                                                                          \
        uint64_t took = (now(ctx) - before) * 1000 / ((rounds) + !(rounds));                       \
        least[no] = took < least[no] ? took : least[no];                                           \
    } while (0)

static void measure(struct ctx *ctx)
{
    if (only || copies) { /* for a profiler */
        MEASURE(0, only ? ROUNDS * 100 : 0, bench->add(bench, (uint64_t)i, 1));
        MEASURE(2, copies ? ROUNDS * 20 : 0, bench->copy(bench, from, 4096, to, 4096));
        return;
    }
    MEASURE(0, ROUNDS, bench->add(bench, (uint64_t)i, 1));
    MEASURE(1, ROUNDS / 4, bench->sum(bench, from, 4096));
    MEASURE(2, ROUNDS / 4, bench->copy(bench, from, 4096, to, 4096));
    MEASURE(3, ROUNDS / 4, memcpy(to, from, 4096));
    MEASURE(4, ROUNDS, ctx->time->wake_at(ctx->time, UINT64_MAX));
    MEASURE(5, ROUNDS, ctx->mem->alloc(ctx->mem, 0, 3, 0)); /* a gate that only says no; wrapped */
}

int32_t _start(struct ctx *ctx)
{
    if (what[0] == 0) {
        char second[32];
        word(ctx, 0, what);
        word(ctx, 1, second);
        only = same(second, "only");
        copies = same(second, "copies");
        if (same(what, "offer")) {
            offer(ctx);
        }
        if (same(what, "wrap")) {
            wrap(ctx);
        }
        return CTX_AGAIN;
    }
    if (!same(what, "ask")) {
        return CTX_AGAIN;
    }
    if (bench == 0) {
        bench = (const struct bench *)open(ctx, "org.example.bench/1");
        if (bench->add(bench, 20, 22) != 42) {
            say(ctx, "add FAIL", 0);
        }
    }
    measure(ctx);
    if (++turn == TURNS) {
        static const char *const names[] = {"scalars",  "in4k", "inout4k",
                                            "memcpy4k", "gate", "alloc"};
        for (uint32_t i = 0; i < 6; i++) {
            say(ctx, names[i], (int64_t)least[i]);
        }
        return CTX_EXIT(0);
    }
    return CTX_AGAIN;
}
