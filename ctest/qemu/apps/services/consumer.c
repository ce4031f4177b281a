/* SPDX-License-Identifier: MIT */
/* Calls every function of parcel.toml, in C, in a fiber: "T parcel ok", or what was otherwise. */
#include <ctx/fiber.h>
#include <ctx/note.h>

#include "parcel.h"

CTX_NOTE(3);

static void say(struct ctx *ctx, const char *text)
{
    uint32_t len = 0;
    while (text[len] != 0) {
        len++;
    }
    ctx->log((const uint8_t *)text, len);
}

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            say(ctx, "T parcel FAIL " #condition);                                                 \
            return 0;                                                                              \
        }                                                                                          \
    } while (0)

static int numbers(struct ctx *ctx, struct parcel_client *parcel)
{
    uint32_t low = 0;
    uint64_t sum = 0;
    int64_t negated = 0;
    CHECK(parcel_call_add(parcel, 7, UINT64_C(1) << 40, -3, &low, &sum) == CTX_OK);
    CHECK(low == 4 && sum == (UINT64_C(1) << 40) + 4);
    CHECK(parcel_call_add(parcel, 13, 1, 1, &low, &sum) == CTX_E_RANGE);
    CHECK(low == 4); /* a failure brings nothing back */
    CHECK(parcel_call_negate(parcel, 5, -1000000000000, &negated) == CTX_OK);
    CHECK(negated == 999999999995);
    return 1;
}

static int bytes(struct ctx *ctx, struct parcel_client *parcel)
{
    char back[8] = "xxxxxxx";
    CHECK(parcel_call_reverse(parcel, "abcde", 5, back, 7) == CTX_OK);
    CHECK(back[0] == 'e' && back[4] == 'a' && back[5] == 0 && back[6] == 0);
    CHECK(parcel_call_reverse(parcel, "abcde", 5, back, 4) == CTX_E_NOSPC);
    CHECK(parcel_call_reverse(parcel, back, 0, back, 0) == CTX_OK);
    return 1;
}

static int structs(struct ctx *ctx, struct parcel_client *parcel)
{
    struct parcel_carton carton = {sizeof carton, 30, 400, "zebra"};
    struct parcel_report report = {0, 0, 0, {0}, 77};
    struct parcel_counter counter = {0, 5, -7};
    CHECK(parcel_call_measure(parcel, &carton, &report, &counter) == CTX_OK);
    CHECK(report.later == 0); /* the provider does not know of it */
    CHECK(report.size == sizeof report && report.count >= 1 && report.total == 430);
    CHECK(report.marks[0] == 1 && report.marks[2] == 3 && report.marks[3] == 'z');
    CHECK(counter.value == -2);
    carton.size = 16; /* the first version had no label */
    CHECK(parcel_call_measure(parcel, &carton, &report, &counter) == CTX_OK);
    CHECK(report.marks[3] == 0 && counter.value == 3);
    carton.size = 8;
    CHECK(parcel_call_measure(parcel, &carton, &report, &counter) == CTX_E_INVAL);
    return 1;
}

static int requests(struct ctx *ctx, struct parcel_client *parcel)
{
    struct parcel_answer answer;
    CHECK(parcel_call_later(parcel, 3, &answer) == CTX_OK);
    CHECK(answer.number == 1003 && answer.text[0] == 'l' && answer.text[7] == 0);
    CHECK(parcel_call_later(parcel, 0, &answer) == CTX_OK);
    CHECK(answer.number == 1000);
    CHECK(parcel_call_later(parcel, 99, &answer) == CTX_E_INVAL);
    CHECK(answer.number == 0);
    CHECK(parcel_call_knock(parcel, 0) == CTX_OK);
    CHECK(parcel_call_knock(parcel, (uint32_t)CTX_E_IO) == CTX_E_IO);
    uint64_t now_ns = 0;
    ctx->time->now(ctx->time, &now_ns);
    parcel->of.deadline_ns = now_ns + 20000000;
    CHECK(parcel_call_later(parcel, 1000000, &answer) == CTX_E_TIMEDOUT);
    parcel->of.deadline_ns = 0;
    return 1;
}

#define SHARED 5000u

/* Memory of ours that the provider reads and writes during the call, and not after it. */
static int shares(struct ctx *ctx, struct parcel_client *parcel)
{
    const struct ctx_table *table = NULL;
    uint32_t page = 0;
    uint64_t address = 0, sum = 0, want = 0;
    CHECK(ctx->iface->open(ctx->iface, CTX_ID_SHARE, sizeof CTX_ID_SHARE - 1,
                           sizeof(struct ctx_share), &table) == CTX_OK);
    const struct ctx_share *share = (const struct ctx_share *)table;
    CHECK(share->create(share, 8192, CTX_SHARE_ZERO, &page) == CTX_OK);
    CHECK(share->map(share, page, CTX_SHARE_READ | CTX_SHARE_WRITE, &address) == CTX_OK);
    volatile uint8_t *bytes = (volatile uint8_t *)(uintptr_t)address;
    for (uint32_t i = 0; i < SHARED; i++) {
        bytes[i] = (uint8_t)(i * 7);
        want += (uint8_t)(i * 7);
    }
    CHECK(parcel_call_mark(parcel, page, SHARED, &sum) == CTX_OK && sum == want);
    for (uint32_t i = 0; i < SHARED; i++) {
        CHECK(bytes[i] == (uint8_t)(i * 7 + 1));
    }
    CHECK(bytes[SHARED] == 0);
    CHECK(parcel_call_mark(parcel, page, 8193, &sum) == CTX_E_RANGE);
    CHECK(parcel_call_mark(parcel, 0, 1, &sum) != CTX_OK); /* no share of ours */
    CHECK(share->close(share, page) == CTX_OK);
    return 1;
}

/* What the provider is too old for, and what it knows less of. */
static int newer(struct ctx *ctx, struct parcel_client *parcel)
{
    const struct parcel_table *table = NULL;
    CHECK(parcel_call_newer(parcel, 1) == CTX_E_NOSYS);
    CHECK(parcel_open(ctx, &table) == CTX_E_NOSYS && table == NULL);
    CHECK(
        !CTX_TABLE_HAS(struct parcel_table, (const struct parcel_table *)parcel->of.table, newer));
    return 1;
}

static uint32_t count_of(struct parcel_client *parcel)
{
    struct parcel_carton carton = {sizeof carton, 0, 0, ""};
    struct parcel_report report = {0, 0, 0, {0}, 0};
    struct parcel_counter counter = {0, 0, 0};
    return parcel_call_measure(parcel, &carton, &report, &counter) == CTX_OK ? report.count : 0;
}

/* A function that takes too long: whether it was done is not known, so it is not called again. */
static int too_long(struct ctx *ctx, struct parcel_client *parcel)
{
    uint32_t before = count_of(parcel);
    CHECK(before > 0);
    CHECK(parcel_call_fail(parcel, PARCEL_LONG) == CTX_E_TIMEDOUT);
    CHECK(count_of(parcel) == before + 2);
    return 1;
}

/* The provider is in the middle of something: the table says BUSY, the wrapper waits. */
static int busy(struct ctx *ctx, struct parcel_client *parcel)
{
    const struct parcel_table *table = (const struct parcel_table *)parcel->of.table;
    uint32_t low = 0;
    uint64_t sum = 0;
    ctx_status status = CTX_OK;
    for (int i = 0; i < 10 && status != CTX_E_BUSY; i++) {
        CHECK(parcel_call_spin(parcel, 400) == CTX_OK);
        for (int wait = 0; wait < 40 && status != CTX_E_BUSY; wait++) {
            ctx_fiber_yield();
            status = table->add(table, 1, 1, 1, &low, &sum);
        }
    }
    CHECK(status == CTX_E_BUSY);
    CHECK(parcel_call_add(parcel, 1, 1, 1, &low, &sum) == CTX_OK && low == 3);
    return 1;
}

/* It faults: this caller hears of it, and after a while it is as if nothing had been. */
static int faults(struct ctx *ctx, struct parcel_client *parcel)
{
    ctx_status status;
    uint32_t low = 0;
    uint64_t sum = 0;
    CHECK(parcel_call_fail(parcel, 7) == CTX_E_AGAIN);
    CHECK(parcel_call_fail(parcel, 0) == CTX_OK);
    CHECK(parcel_call_fail(parcel, PARCEL_TRAP) == CTX_E_FAULT);
    do { /* it may begin anew, which takes a while */
        ctx_fiber_yield();
        CHECK(ctx_client_wait(&parcel->of, PARCEL_ID) == CTX_OK);
        status = parcel_call_add(parcel, 2, 2, 2, &low, &sum);
    } while (status == CTX_E_STALE);
    CHECK(status == CTX_OK && low == 6);
    return 1;
}

static int only_in_a_fiber(struct ctx *ctx, struct parcel_client *parcel)
{
    struct parcel_answer answer;
    CHECK(parcel_call_later(parcel, 0, &answer) == CTX_E_INVAL);
    return 1;
}

/* Somebody saves us meanwhile, and puts us back: the table leads nowhere, and the wrapper sees to
 * it. */
static int saved(struct ctx *ctx, struct parcel_client *parcel)
{
    uint64_t now_ns = 0;
    say(ctx, "T parcel waits");
    ctx->time->now(ctx->time, &now_ns);
    while (ctx_fiber_await(0, now_ns + 500000000) != CTX_E_TIMEDOUT) {
    }
    return numbers(ctx, parcel);
}

static uint32_t faulty, pausing;

static void all(struct ctx *ctx, void *arg)
{
    struct parcel_client parcel = CTX_CLIENT(ctx);
    (void)arg;
    if (ctx_client_wait(&parcel.of, PARCEL_ID) == CTX_OK && numbers(ctx, &parcel) &&
        bytes(ctx, &parcel) && structs(ctx, &parcel) && requests(ctx, &parcel) &&
        shares(ctx, &parcel) && newer(ctx, &parcel) && (!pausing || saved(ctx, &parcel)) &&
        busy(ctx, &parcel) && (!faulty || (too_long(ctx, &parcel) && faults(ctx, &parcel)))) {
        say(ctx, "T parcel ok");
    } else {
        say(ctx, "T parcel ends");
    }
}

int32_t _start(struct ctx *ctx)
{
    static int begun;
    if (!begun++) {
        const struct ctx_table *table = NULL;
        uint8_t word[8] = {0};
        uint32_t len = 0;
        struct parcel_client parcel = CTX_CLIENT(ctx);
        ctx->iface->open(ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &table);
        const struct ctx_args *args = (const struct ctx_args *)table;
        faulty = args->get(args, 1, word, sizeof word, &len) == CTX_OK && word[0] == 'f';
        pausing = word[0] == 'p';
        if (!only_in_a_fiber(ctx, &parcel) || ctx_fiber_start(ctx, all, NULL, 16384) == NULL) {
            return CTX_EXIT(1);
        }
    }
    return ctx_fibers_run(ctx);
}
