/* SPDX-License-Identifier: MIT */
/*
 * Calls that are undone inside one another. `ask` calls `middle`, which calls `inner`; all three
 * change what they have, by half, and by the plan of the step fault before or behind the nested
 * call. With the word `twin` none faults: who would have been undone changes nothing, and does the
 * nested calls that it would have done. Both ways each says the same sums. `steps` numbers the
 * steps, and is never undone. With the word `kills` nobody faults, but inner has ask begin anew,
 * two calls above it. With `endless`, whose twin is `endless-twin`, a call does not fault but
 * never ends: who made it gets TIMEDOUT, and it is undone later, and the next step waits for that.
 * Words: ROLE, `faults` or one of the others, and of ask the number of steps.
 */
#include "v3.h"

#include <ctx/interface.h>
#include <ctx/note.h>

CTX_NOTE(3);

#ifndef WORDS /* pages of it are watched; of few words they are copied */
#define WORDS 16384u
#endif
#define BLOCKS 12u
#define SHARES 4u

#define INTERFACE(name)                                                                            \
    {                                                                                              \
        {sizeof(struct interface),                                                                 \
         CTX_INTERFACE_VERSION,                                                                    \
         1,                                                                                        \
         0,                                                                                        \
         sizeof(struct ctx_interface),                                                             \
         sizeof(struct ctx_interface_fn),                                                          \
         "org.example." name "/1"},                                                                \
            {                                                                                      \
                {"step",                                                                           \
                 2,                                                                                \
                 {0},                                                                              \
                 {{CTX_INTERFACE_U32, 0, 0, 0, 0}, {CTX_INTERFACE_OUT8, 0, 0, 0, 0}}},             \
            },                                                                                     \
    }

static const struct interface {
    struct ctx_interface head;
    struct ctx_interface_fn fns[1];
} steps_1 = INTERFACE("steps"), middle_1 = INTERFACE("middle"), inner_1 = INTERFACE("inner");

struct served {
    struct ctx_table t;
    ctx_status(CTX_CALL *step)(const struct served *self, uint32_t n, uint64_t *answer);
};

/* Who faults in a step, and where. */
enum {
    ASK = 1,    /* at its end */
    BEFORE = 2, /* middle, before it calls */
    BEHIND = 4, /* middle, at its end */
    INNER = 8,  /* at its end */
};

static struct {
    uint64_t words[WORDS];
    uint64_t steps, heard;
    struct block {
        uint8_t *at;
        uint64_t bytes;
    } blocks[BLOCKS];
    uint32_t shares[SHARES]; /* handles */
} s;

#define READY UINT32_MAX /* in the place of a step: whether all below are between calls */

static char role[32], how[32];
static ctx_status goes_wrong; /* what whoever calls gets then */
static int is_twin;
static uint32_t goal;
static const struct served *next_one, *below;
static const struct ctx_share *share;
static struct ctx *context;

static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdull;
    return x ^ x >> 29;
}

/* Never twice in a row, so that nobody gives up on undoing. */
static uint32_t plan(uint32_t step)
{
    static const uint8_t plans[] = {ASK,
                                    BEFORE,
                                    BEHIND,
                                    INNER,
                                    INNER | BEHIND,
                                    BEHIND | ASK,
                                    INNER | ASK,
                                    INNER | BEHIND | ASK,
                                    BEFORE | ASK};
    uint32_t all = step % 3 == 1 ? plans[mix(step) % sizeof plans] : 0;
    /* While ask does not end nobody has anything to do, and all that time is its own first. */
    return goes_wrong == CTX_E_TIMEDOUT ? all & ~(uint32_t)ASK : all;
}

/* ---- what each has ---- */

static void change(uint32_t step, uint32_t part)
{
    uint64_t r = mix(step * 2u + part + 1);
    for (uint32_t i = 0; i < 60; i++) {
        r = mix(r + i);
        s.words[r % WORDS] += r;
    }
    struct block *b = &s.blocks[r % BLOCKS];
    if (b->at != NULL) {
        context->mem->free(context->mem, b->at, b->bytes, 16);
        b->at = NULL;
    }
    if (r >> 20 & 3) {
        b->bytes = 16 + (r >> 24) % 9000;
        b->at = context->mem->alloc(context->mem, b->bytes, 16, 0);
        for (uint64_t i = 0; b->at != NULL && i < b->bytes; i++) {
            b->at[i] = (uint8_t)(r >> i % 7 * 8);
        }
    }
    if (part == 1 && r >> 40 & 1) { /* an object of the kernel's, which goes with the call */
        uint32_t *handle = &s.shares[r >> 44 & (SHARES - 1)];
        if (*handle != 0 && share->close(share, *handle) != CTX_OK) {
            say(context, "close FAIL", step);
        }
        if (share->create(share, 4096, CTX_SHARE_ZERO, handle) != CTX_OK) {
            say(context, "create FAIL", step);
        }
    }
}

static uint64_t sum(void)
{
    uint64_t hash = mix(s.steps + 1) ^ mix(s.heard);
    for (uint32_t i = 0; i < WORDS; i++) {
        hash = mix(hash ^ s.words[i]);
    }
    const uint8_t *first = NULL; /* where blocks lie is part of it, but not where the slot is */
    for (uint32_t n = 0; n < BLOCKS; n++) {
        const struct block *b = &s.blocks[n];
        first = first != NULL ? first : b->at;
        hash = mix(hash ^ (b->at != NULL ? (uint64_t)(b->at - first) + b->bytes : 1));
        for (uint64_t i = 0; b->at != NULL && i < b->bytes; i++) {
            hash = mix(hash ^ b->at[i]);
        }
    }
    for (uint32_t i = 0; i < SHARES; i++) {
        struct ctx_share_info info = {.size = sizeof info};
        hash = mix(hash ^ (s.shares[i] != 0));
        if (s.shares[i] != 0 && share->info(share, s.shares[i], &info) != CTX_OK) {
            say(context, "share FAIL", i);
        }
    }
    return hash;
}

static void tell(uint32_t step)
{
    struct line l = {0};
    put(&l, "T nested ");
    put(&l, role);
    put(&l, " ");
    put_number(&l, step);
    put(&l, " ");
    put_number(&l, (int64_t)(sum() >> 1));
    send(context, &l);
}

#define ASK_PID 3u

/* It goes on to the end of its call, as if nothing was, and is gone then. */
static void end_who_asks(void)
{
    const struct ctx_control *control = (const struct ctx_control *)open(context, CTX_ID_CONTROL);
    ctx_status status = control->restart(control, ASK_PID);
    if (status != CTX_OK) {
        say(context, "restart FAIL", status);
    }
}

/* Each of the three services has one user, whoever has come and gone. */
static void count_users(void)
{
    const struct ctx_service *service = (const struct ctx_service *)open(context, CTX_ID_SERVICE);
    struct ctx_service_info all[8];
    uint32_t count = 0, users = 0;
    service->list(service, all, sizeof all, sizeof all[0], &count);
    for (uint32_t i = 0; i < count && i < 8; i++) {
        users += all[i].users;
    }
    if (count != 3 || users != 3) {
        say(context, "users FAIL", users);
    }
}

static void go_wrong(void)
{
    if (goes_wrong == CTX_E_FAULT) {
        __builtin_trap();
    }
    for (;;) {
        __asm__ volatile("" : : : "memory");
    }
}

/*
 * One call of a role: its first half, what is below, its second half. mine: where it faults. In the
 * twin the same calls are made, and nothing is changed.
 */
static ctx_status act(uint32_t step, uint32_t before, uint32_t behind, uint64_t *answer)
{
    uint32_t faults = plan(step) & (before | behind);
    if (same(how, "kills")) {
        if (faults == INNER) {
            end_who_asks();
        }
        faults = 0;
    }
    if (faults != 0 && is_twin) {
        uint64_t heard = 0;
        if ((faults & before) == 0 && below != NULL) {
            below->step(below, step, &heard);
        }
        return goes_wrong;
    }
    uint64_t heard = 0;
    ctx_status status = CTX_OK;
    change(step, 0);
    if ((faults & before) != 0) {
        go_wrong();
    }
    if (below != NULL) {
        status = below->step(below, step, &heard);
        if (status != CTX_OK && status != goes_wrong) {
            say(context, "step FAIL", status);
        }
    }
    s.heard = mix(s.heard ^ heard) + (uint64_t)-status;
    s.steps++;
    change(step, 1);
    if (faults != 0) {
        go_wrong();
    }
    if (step % 8 == 0) {
        tell(step);
    }
    *answer = s.words[step % WORDS];
    return CTX_OK;
}

/* ---- the roles ---- */

static ctx_status serve_steps(struct ctx *ctx, uint32_t n, uint64_t *answer)
{
    static uint64_t step;
    (void)ctx;
    (void)n;
    *answer = step++;
    return CTX_OK;
}

static ctx_status serve_middle(struct ctx *ctx, uint32_t n, uint64_t *answer)
{
    context = ctx;
    if (n == READY) {
        return below->step(below, READY, answer);
    }
    return act(n, BEFORE, BEHIND, answer);
}

static ctx_status serve_inner(struct ctx *ctx, uint32_t n, uint64_t *answer)
{
    context = ctx;
    if (n == READY) {
        return CTX_OK;
    }
    return act(n, 0, INNER, answer);
}

static int32_t ask(void)
{
    uint64_t step = 0, answer = 0;
    if (goes_wrong == CTX_E_TIMEDOUT && below->step(below, READY, &answer) != CTX_OK) {
        return CTX_AGAIN; /* somebody has not been undone yet */
    }
    if (next_one->step(next_one, 0, &step) != CTX_OK) {
        say(context, "number FAIL", (int64_t)s.steps);
    }
    if (step >= goal) {
        tell((uint32_t)step);
        count_users();
        say(context, "nested end", (int64_t)step);
        return CTX_EXIT(0);
    }
    act((uint32_t)step, 0, ASK, &answer);
    return CTX_AGAIN;
}

static const struct served *find(const char *id)
{
    const struct ctx_table *table = NULL;
    context->iface->open(context->iface, id, length(id), 0, &table);
    return (const struct served *)table;
}

static void offer(const struct interface *what, uint64_t function)
{
    const struct ctx_service *service = (const struct ctx_service *)open(context, CTX_ID_SERVICE);
    uint32_t handle;
    if (service->publish(service, what, sizeof *what, &function, sizeof function, &handle) !=
        CTX_OK) {
        say(context, "publish FAIL", 0);
    }
}

int32_t _start(struct ctx *ctx)
{
    context = ctx;
    if (role[0] == 0) {
        char third[32];
        word(ctx, 0, role);
        word(ctx, 1, how);
        word(ctx, 2, third);
        goal = (uint32_t)number(third);
        is_twin = same(how, "twin") || same(how, "endless-twin");
        goes_wrong =
            same(how, "endless") || same(how, "endless-twin") ? CTX_E_TIMEDOUT : CTX_E_FAULT;
        share = (const struct ctx_share *)open(ctx, CTX_ID_SHARE);
        if (same(role, "steps")) {
            offer(&steps_1, (uint64_t)(uintptr_t)serve_steps);
        } else if (same(role, "middle")) {
            offer(&middle_1, (uint64_t)(uintptr_t)serve_middle);
        } else if (same(role, "inner")) {
            offer(&inner_1, (uint64_t)(uintptr_t)serve_inner);
        }
    }
    if (same(role, "middle") && below == NULL) {
        below = find("org.example.inner/1");
        return below != NULL ? CTX_WAIT : CTX_AGAIN;
    }
    if (!same(role, "ask")) {
        return CTX_WAIT;
    }
    if (next_one == NULL || below == NULL) { /* middle has to have had its first call */
        static uint32_t calls;
        next_one = find("org.example.steps/1");
        below = ++calls > 5 ? find("org.example.middle/1") : NULL;
        return CTX_AGAIN;
    }
    return ask();
}
