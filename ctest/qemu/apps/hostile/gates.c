/* SPDX-License-Identifier: MIT */
/*
 * Every gate of versions 1 and 2, and of every table of version 3, with one kind of bad pointer in
 * the place of each of its pointers, or with a bad length or size of what a good one points to. The
 * kinds of arguments come from the list that the kernel checks them by; what must come of it from
 * here.
 *
 * An app with a note for version 3, as <ctx/ctx.h> has it; it opens all tables that there are.
 */
#include "../v3.h"

#include <ctx/gates.h>
#include <ctx/note.h>
#include <ctx/slot.h>

CTX_NOTE(3);

#define TABLES_ON_CTX 5u
#define BAD_MAX       8u
#define MANY          40u

typedef uint64_t raw_gate(const void *self, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

__attribute__((unused)) static const uint64_t constant[4] = {1, 2, 3, 4};

static uint8_t good[4][256] __attribute__((aligned(64)));

#if defined T_SHARE_GONE || defined T_SHARE_READ_ONLY
/* Where a page that could be shared is mapped, or was. */
static uint64_t shared(struct ctx *ctx, uint32_t rights, int gone)
{
    const struct ctx_share *share = NULL;
    uint32_t handle = 0;
    uint64_t at = 0;
    ctx->iface->open(ctx->iface, CTX_ID_SHARE, length(CTX_ID_SHARE), 0,
                     (const struct ctx_table **)&share);
    if (share != NULL && share->create(share, 4096, 0, &handle) == CTX_OK) {
        share->map(share, handle, rights, &at);
    }
    if (gone) {
        share->close(share, handle);
    }
    return at;
}
#endif

/* Addresses of one kind (or lengths, or sizes); how many. Those that are mapped but read-only are
 * bad for outputs alone.
 */
static uint32_t bad_addresses(struct ctx *ctx, uint64_t bad[BAD_MAX])
{
    uint64_t base = (uint64_t)ctx & ~UINT64_C(0xffffffff);
    uint64_t other = base < 0x210000000000 ? base + CTX_SLOT_SIZE : base - CTX_SLOT_SIZE;
    (void)other;
#if defined T_NULL
    const uint64_t all[] = {0, 1, 8, 0xffff};
#elif defined T_WILD
    const uint64_t all[] = {0x1000000, 0x123456789000, 0x7fffffffe000, base + 0x9ffff000,
                            base + CTX_SLOT_HEAP_END};
#elif defined T_NONCANONICAL
    const uint64_t all[] = {0x8000000000000000, 0x0000800000000000, 0xffff7fffffffffff,
                            base | 0x4000000000000000};
#elif defined T_OTHER_SLOT
    const uint64_t all[] = {other, other + CTX_SLOT_CTX, other + CTX_SLOT_IMAGE,
                            other + CTX_SLOT_HEAP, other + CTX_SLOT_CANVAS};
#elif defined T_KERNEL
    const uint64_t all[] = {0xffff800000000000, 0xffff800000100000, 0xffffffff80100000,
                            0xffffffffffffff00, *(const uint64_t *)(base + CTX_SLOT_ENTRY_WORD)};
#elif defined T_GUARD
    static uint64_t last; /* the last page of a heap that is there */
    if (last == 0) {
        last = (uint64_t)ctx->mem->alloc(ctx->mem, 4096, 4096, 0);
    }
    const uint64_t all[] = {base + CTX_SLOT_GUARD - 4, base + CTX_SLOT_SIZE - CTX_SLOT_GUARD - 2,
                            base + CTX_SLOT_SIZE - 4,  base - 4,
                            base + CTX_SLOT_STACK_TOP, last + 4096 - 2};
#elif defined T_READ_ONLY
    const uint64_t all[] = {base + CTX_SLOT_GATES, base + CTX_SLOT_BASE_WORD,
                            base + CTX_SLOT_NOSYS, (uint64_t)ctx,
                            (uint64_t)constant,    (uint64_t)&bad_addresses};
#elif defined T_OVERFLOW
    const uint64_t all[] = {UINT64_MAX, UINT64_MAX - 3, UINT64_MAX - 7};
#elif defined T_SHARE_GONE
    static uint64_t was; /* where memory that is shared lay, and does not any more */
    was = was != 0 ? was : shared(ctx, CTX_SHARE_READ | CTX_SHARE_WRITE, 1);
    const uint64_t all[] = {was, was + 4096 - 2, was - 8};
#elif defined T_SHARE_READ_ONLY
    static uint64_t at;
    at = at != 0 ? at : shared(ctx, CTX_SHARE_READ, 0);
    const uint64_t all[] = {at, at + 64, at + 4096 - 2, at + 4096};
#elif defined T_LENGTHS
    /* of what begins in its data: all that there is up to the slot's end, and more */
    uint32_t left = (uint32_t)(CTX_SLOT_SIZE - CTX_SLOT_GUARD - ((uint64_t)good - base));
    const uint64_t all[] = {UINT32_MAX, left + 1, left + CTX_SLOT_GUARD, UINT32_MAX - 255};
#elif defined T_SIZES
    const uint64_t all[] = {0, 1, 7, UINT32_MAX, UINT32_MAX - 3, 1u << 31, 1u << 16 | 1};
#else
#error which pointers?
#endif
    uint32_t n = sizeof all / sizeof all[0];
    memcpy(bad, all, sizeof all);
    return n;
}

#if defined T_READ_ONLY || defined T_SHARE_READ_ONLY
#define OUTPUTS_ONLY 1
#else
#define OUTPUTS_ONLY 0
#endif

/* Arguments that are right in kind, place by place. */
static void fill(const struct ctx_gate_info *info, uint64_t args[6])
{
    memset(good, 0, sizeof good);
    for (uint32_t i = 0; i < info->count; i++) {
        const struct ctx_arg_info *a = &info->args[i];
        uint8_t *room = good[i % 4];
        args[i] = 1;
        if (a->kind >= CTX_ARG_IN && a->kind <= CTX_ARG_MEMORY) {
            args[i] = (uint64_t)room;
        }
        if (a->kind == CTX_ARG_IN_STRUCT || a->kind == CTX_ARG_OUT_STRUCT) {
            *(uint32_t *)room = a->size;
        }
        if (i > 0 &&
            (info->args[i - 1].kind == CTX_ARG_IN || info->args[i - 1].kind == CTX_ARG_OUT)) {
            args[i] = sizeof good[0]; /* the length of what stands before it */
        }
    }
}

static uint32_t tried, wrong;

static void complain(struct ctx *ctx, const struct ctx_gate_info *info, uint64_t address,
                     uint64_t result)
{
    struct line l = {0};
    if (wrong++ < 4) {
        put(&l, "T FAIL ");
        put(&l, info->name);
        put(&l, " takes ");
        put_number(&l, (int64_t)address);
        put(&l, " and answers ");
        put_number(&l, (int64_t)result);
        send(ctx, &l);
    }
}

/* Whether there is something to be spoiled in an argument of this kind, and doing so. */
static int fits(uint32_t kind)
{
#if defined T_LENGTHS
    return kind == CTX_ARG_IN || kind == CTX_ARG_OUT;
#elif defined T_SIZES
    return kind == CTX_ARG_IN_STRUCT || kind == CTX_ARG_OUT_STRUCT;
#else
    return kind >= CTX_ARG_IN;
#endif
}

static void spoil(uint64_t args[6], uint32_t place, uint64_t bad)
{
#if defined T_LENGTHS
    args[place + 1] = bad;
#elif defined T_SIZES
    *(uint32_t *)args[place] = (uint32_t)bad;
#else
    args[place] = bad;
#endif
}

static void one_gate(struct ctx *ctx, const void *self, raw_gate *gate,
                     const struct ctx_gate_info *info, int plain)
{
    uint64_t bad[BAD_MAX], args[6] = {0};
    uint32_t count = bad_addresses(ctx, bad);
    for (uint32_t place = 0; place < info->count; place++) {
        uint32_t kind = info->args[place].kind;
        int out = kind == CTX_ARG_OUT || kind == CTX_ARG_OUT_STRUCT || kind == CTX_ARG_OUT4 ||
                  kind == CTX_ARG_OUT8;
        if (!fits(kind) || (OUTPUTS_ONLY && !out)) {
            continue;
        }
        for (uint32_t i = 0; i < count; i++) {
            fill(info, args);
            spoil(args, place, bad[i]);
            uint64_t result = plain ? ((raw_gate *)gate)((void *)args[0], args[1], args[2], args[3],
                                                         args[4], args[5])
                                    : gate(self, args[0], args[1], args[2], args[3], args[4]);
            tried++;
            int refused = info->returns == CTX_RETURNS_STATUS    ? (int32_t)result < 0
                          : info->returns == CTX_RETURNS_POINTER ? result == 0
                                                                 : 1;
            if (!refused &&
                !(bad[i] == 0 && kind == CTX_ARG_MEMORY)) { /* freeing nothing is right */
                complain(ctx, info, bad[i], result);
            }
        }
    }
}

static raw_gate *gate_at(struct ctx *ctx, uint32_t number)
{
    uint64_t base = (uint64_t)ctx & ~UINT64_C(0xffffffff);
    return (raw_gate *)(base + CTX_SLOT_GATES + (uint64_t)number * CTX_GATE_SIZE);
}

int32_t _start(struct ctx *ctx)
{
    static uint32_t calls;
    if (++calls != 3) {
        if (calls == 4) {
            ctx->log((const uint8_t *)"T again ok", 10);
        }
        return CTX_AGAIN;
    }
    for (uint32_t gate = CTX_GATE_V1_LOG; gate <= CTX_GATE_V2_DEALLOC; gate++) {
        one_gate(ctx, NULL, gate_at(ctx, gate), &ctx_gates[gate], 1);
    }
    for (uint32_t t = 0; t < CTX_TABLES; t++) {
        const struct ctx_table_info *info = &ctx_tables[t];
        const struct ctx_table *table = ((const struct ctx_table *const *)&ctx->iface)[t];
        if (t >= TABLES_ON_CTX) {
            table = NULL;
            ctx->iface->open(ctx->iface, info->id, length(info->id), 0, &table);
        }
        for (uint32_t fn = 0; table != NULL && fn < info->count; fn++) {
            raw_gate *const *fns = (raw_gate *const *)table;
            one_gate(ctx, table, fns[2 + fn], &info->fns[fn], 0);
        }
    }
    struct line l = {0};
    put(&l, wrong == 0 && tried > MANY ? "T went on tried=" : "T FAIL tried=");
    put_number(&l, tried);
    send(ctx, &l);
    return CTX_AGAIN;
}
