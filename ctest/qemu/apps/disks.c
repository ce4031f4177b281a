/* SPDX-License-Identifier: MIT */
/*
 * Disks by ctx.block/1. Says what it may see, claims one, and does to it what its words say, in
 * their order:
 *
 *   on=NAME ro=NAME   claim it, to be written or not; T claimed NAME STATUS
 *   write=N read=N    N requests of `bytes=` each at places that are scattered, `depth=` at a time,
 * by shares and by memory of its own in turns, each block as its place and `round=` say; read
 * compares flush zeroes discard   once; T flush STATUS bad               what has to be refused: T
 * bad N, how many were not as they should last              read the last block; T last STATUS
 *   watch=MS          say how its size and flags change, for so long, or until it is gone
 *   wait=MS           do nothing
 *   hold              wait for ever
 *   bench=NAME        read, or flush: as many as `time=MS` takes; T bench NAME PER-SECOND
 *   die fault         with requests in flight
 *   release list
 *
 * `T read ok N`: so many ended well; `T read bad N STATUS`: so many did not, and with what the last
 * one did; `T read wrong N`: bytes were not those that were written.
 */
#include "v3.h"

#include <ctx/fiber.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define DEPTH_MAX 64u
#define BYTES_MAX (1u << 20)
#define SPREAD    UINT64_C(0x9e3779b97f4a7c15)

static const struct ctx_block *block;
static const struct ctx_share *share;
static struct ctx_block_info info;
static uint32_t disk, handle, depth = 16, share_handle;
static uint64_t bytes = 4096, round_no = 1, bench_ns = 2000000000;
static uint8_t *own, *shared;
static uint64_t ok, bad, wrong;
static ctx_status last_bad;

static uint64_t seed_of(uint64_t at, uint64_t round)
{
    return (at / 512 + 1) * SPREAD ^ round * UINT64_C(0xd1342543de82ef95);
}

static void fill(uint8_t *to, uint64_t at, uint64_t len)
{
    for (uint64_t i = 0; i < len; i += 8) {
        *(uint64_t *)(void *)(to + i) = seed_of(at + i, round_no) + i % 512;
    }
}

static int is_filled(const uint8_t *from, uint64_t at, uint64_t len)
{
    for (uint64_t i = 0; i < len; i += 8) {
        if (*(const uint64_t *)(const void *)(from + i) != seed_of(at + i, round_no) + i % 512) {
            return 0;
        }
    }
    return 1;
}

static void say_named(struct ctx *ctx, const char *a, const char *b, int64_t n)
{
    struct line l = {0};
    put(&l, "T ");
    put(&l, a);
    put(&l, " ");
    put(&l, b);
    put(&l, " ");
    put_number(&l, n);
    send(ctx, &l);
}

static void await_end(struct ctx *ctx, uint64_t ns)
{
    (void)ctx_fiber_await(UINT64_C(1) << CTX_EVENT_BLOCK,
                          ns == 0 ? CTX_FIBER_NEVER : now(ctx) + ns);
}

/* The next end, whenever it comes. */
static struct ctx_block_done next_end(struct ctx *ctx)
{
    struct ctx_block_done end = {.size = sizeof end};
    while (block->done(block, &end) != CTX_OK) {
        await_end(ctx, 0);
    }
    return end;
}

/* Where request number i goes: each place once, as long as there are so many. */
static uint64_t place(uint64_t i)
{
    uint64_t places = info.bytes / bytes;
    return (i * UINT64_C(7919) % places) * bytes;
}

static uint8_t *memory(uint32_t slot)
{
    return (slot & 1 ? shared : own) + (uint64_t)slot * bytes;
}

static ctx_status begin(uint32_t op, uint64_t i, uint32_t slot)
{
    struct ctx_block_request r = {.size = sizeof r,
                                  .op = op,
                                  .handle = handle,
                                  .share = slot & 1 ? share_handle : 0,
                                  .from =
                                      slot & 1 ? slot * bytes : (uint64_t)(uintptr_t)memory(slot),
                                  .at = place(i),
                                  .bytes = bytes,
                                  .tag = i << 8 | slot};
    if (op == CTX_BLOCK_WRITE) {
        fill(memory(slot), r.at, bytes);
    } else {
        memset(memory(slot), 0xee, bytes);
    }
    return block->submit(block, &r);
}

static void end_of(uint32_t op, const struct ctx_block_done *end)
{
    uint32_t slot = end->tag & 0xff;
    if (end->status != CTX_OK) {
        bad++;
        last_bad = end->status;
    } else {
        ok++;
        wrong += end->bytes != bytes ||
                 (op == CTX_BLOCK_READ && !is_filled(memory(slot), place(end->tag >> 8), bytes));
    }
}

static void report(struct ctx *ctx, const char *what)
{
    say_named(ctx, what, "ok", (int64_t)ok);
    if (bad != 0) {
        struct line l = {0};
        put(&l, "T ");
        put(&l, what);
        put(&l, " bad ");
        put_number(&l, (int64_t)bad);
        put(&l, " ");
        put_number(&l, last_bad);
        send(ctx, &l);
    }
    if (wrong != 0) {
        say_named(ctx, what, "wrong", (int64_t)wrong);
    }
}

static void many(struct ctx *ctx, const char *what, uint32_t op, uint64_t count, uint64_t until)
{
    uint32_t going_on = 0;
    uint64_t next = 0;
    uint8_t busy[DEPTH_MAX] = {0};
    ok = bad = wrong = 0;
    while (next < count || going_on > 0) {
        for (uint32_t slot = 0; slot < depth && next < count; slot++) {
            if (!busy[slot]) {
                ctx_status status = begin(op, next++, slot);
                busy[slot] = status == CTX_OK;
                going_on += status == CTX_OK;
                bad += status != CTX_OK;
                last_bad = status != CTX_OK ? status : last_bad;
            }
        }
        if (going_on > 0) {
            struct ctx_block_done end = next_end(ctx);
            end_of(op, &end);
            busy[end.tag & 0xff] = 0;
            going_on--;
        }
        if (until != 0 && now(ctx) >= until) {
            count = next;
        }
    }
    if (until == 0) {
        report(ctx, what);
    }
}

static ctx_status once(struct ctx *ctx, uint32_t op, uint64_t at, uint64_t len, void *from)
{
    struct ctx_block_request r = {.size = sizeof r,
                                  .op = op,
                                  .handle = handle,
                                  .at = at,
                                  .bytes = len,
                                  .from = (uint64_t)(uintptr_t)from,
                                  .tag = 77};
    ctx_status status = block->submit(block, &r);
    return status != CTX_OK ? status : next_end(ctx).status;
}

static void list(struct ctx *ctx)
{
    struct ctx_block_info i = {.size = sizeof i};
    for (uint32_t n = 0; block->list(block, n, &i) == CTX_OK; n++) {
        struct line l = {0};
        put(&l, "T disk ");
        put(&l, (const char *)i.name);
        put(&l, " bytes ");
        put_number(&l, (int64_t)i.bytes);
        put(&l, " block ");
        put_number(&l, i.block);
        put(&l, " flags ");
        put_number(&l, i.flags);
        put(&l, " label ");
        put(&l, (const char *)i.label);
        send(ctx, &l);
    }
}

static void claim(struct ctx *ctx, const char *name, uint32_t flags)
{
    struct ctx_block_info i = {.size = sizeof i};
    ctx_status status = CTX_E_NOENT;
    for (uint32_t n = 0; block->list(block, n, &i) == CTX_OK; n++) {
        if (same((const char *)i.name, name)) {
            status = block->claim(block, i.disk, flags, &handle);
            if (status == CTX_OK) {
                disk = i.disk;
                info = i;
                bytes = bytes < i.block ? i.block : bytes;
            }
            break;
        }
    }
    say_named(ctx, "claimed", name, status);
}

static ctx_status try(uint32_t op, uint64_t at, uint64_t len, uint64_t from, uint32_t of)
{
    struct ctx_block_request r = {.size = sizeof r,
                                  .op = op,
                                  .handle = handle,
                                  .share = of,
                                  .from = from,
                                  .at = at,
                                  .bytes = len};
    return block->submit(block, &r);
}

static void refuse(struct ctx *ctx)
{
    const uint64_t here = (uint64_t)(uintptr_t)own;
    const uint32_t b = info.block;
    const struct {
        uint32_t op;
        uint64_t at, len, from;
        uint32_t share;
        ctx_status want;
    } all[] = {
        {CTX_BLOCK_READ, 1, b, here, 0, CTX_E_INVAL},
        {CTX_BLOCK_READ, 0, b + 1, here, 0, CTX_E_INVAL},
        {CTX_BLOCK_READ, 0, 0, here, 0, CTX_E_INVAL},
        {CTX_BLOCK_READ, 0, (uint64_t)info.most + b, here, 0, CTX_E_INVAL},
        {CTX_BLOCK_READ, 0, UINT64_MAX - b + 1, here, 0, CTX_E_INVAL},
        {CTX_BLOCK_READ, info.bytes / b * b, b, here, 0, CTX_E_RANGE},
        {CTX_BLOCK_READ, UINT64_MAX - b + 1, b, here, 0, CTX_E_RANGE},
        {CTX_BLOCK_READ, 0, b, 0, 0, CTX_E_INVAL},
        {CTX_BLOCK_READ, 0, b, UINT64_MAX, 0, CTX_E_INVAL},
        {CTX_BLOCK_READ, 0, b, 0, 12345, CTX_E_NOENT},
        {CTX_BLOCK_READ, 0, b, 1, share_handle, CTX_E_INVAL},
        {CTX_BLOCK_READ, 0, b, UINT64_C(1) << 40, share_handle, CTX_E_RANGE},
        {CTX_BLOCK_WRITE, 0, b, here + (UINT64_C(3) << 30), 0, CTX_E_INVAL},
        {CTX_BLOCK_FLUSH, b, 0, 0, 0, CTX_E_INVAL},
        {0, 0, b, here, 0, CTX_E_NOSYS},
        {6, 0, b, here, 0, CTX_E_NOSYS},
        {UINT32_MAX, 0, b, here, 0, CTX_E_NOSYS},
    };
    uint32_t odd = 0, good_handle = handle;
    uint64_t none = 0;
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        ctx_status status = try(all[i].op, all[i].at, all[i].len, all[i].from, all[i].share);
        if (status != all[i].want && !(all[i].op == CTX_BLOCK_WRITE && status == CTX_E_RDONLY)) {
            say_named(ctx, "odd", "answer", status);
            say_named(ctx, "odd", "number", i);
            odd++;
        }
    }
    handle = 99;
    odd += try(CTX_BLOCK_READ, 0, b, here, 0) != CTX_E_STALE;
    handle = good_handle;
    odd += block->release(block, 4242) != CTX_E_STALE;
    odd += block->claim(block, disk, 8, &handle) != CTX_E_INVAL;
    odd += block->claim(block, 4711, 0, &handle) != CTX_E_NOENT;
    odd += block->claim(block, disk, 0, &handle) != CTX_E_BUSY;
    (void)none;
    say(ctx, "bad", odd);
}

static void watch(struct ctx *ctx, uint64_t ms)
{
    struct ctx_block_info i = info;
    uint64_t end = now(ctx) + ms * 1000000;
    while (now(ctx) < end && (i.flags & CTX_BLOCK_IS_GONE) == 0) {
        uint64_t before = i.bytes;
        if (block->info(block, handle, &i) != CTX_OK) {
            say(ctx, "info FAIL", 0);
            return;
        }
        if (i.bytes != before) {
            say(ctx, "size", (int64_t)i.bytes);
        }
        if ((i.flags & CTX_BLOCK_IS_GONE) != 0) {
            say(ctx, "gone", 1);
        } else {
            await_end(ctx, 200000000);
        }
    }
    info = i;
}

static void bench(struct ctx *ctx, const char *what)
{
    uint64_t from = now(ctx), n = 0;
    if (same(what, "read")) {
        many(ctx, what, CTX_BLOCK_READ, UINT64_MAX, from + bench_ns);
        n = ok;
    } else {
        uint32_t all = depth;
        depth = 1;
        while (now(ctx) < from + bench_ns) {
            many(ctx, what, CTX_BLOCK_WRITE, 1, 1);
            n += once(ctx, CTX_BLOCK_FLUSH, 0, 0, NULL) == CTX_OK;
        }
        depth = all;
    }
    say_named(ctx, "bench", what, (int64_t)(n * 1000000000 / (now(ctx) - from)));
}

/* Whether text is NAME, or NAME=VALUE. */
static const char *is(const char *text, const char *name)
{
    while (*name != 0 && *text == *name) {
        text++;
        name++;
    }
    return *name == 0 && (*text == '=' || *text == 0) ? text + (*text == '=') : NULL;
}

static void in_flight_and_gone(struct ctx *ctx, int fault)
{
    for (uint32_t slot = 0; slot < depth; slot++) {
        (void)begin(slot & 2 ? CTX_BLOCK_WRITE : CTX_BLOCK_READ, slot, slot);
    }
    say(ctx, "in flight", depth);
    if (fault) {
        __builtin_trap();
    }
}

static int act(struct ctx *ctx, const char *w)
{
    const char *v;
    if ((v = is(w, "on")) || (v = is(w, "ro"))) {
        claim(ctx, v, w[0] == 'o' ? CTX_BLOCK_CLAIM_WRITE : 0);
    } else if ((v = is(w, "write"))) {
        many(ctx, "write", CTX_BLOCK_WRITE, number(v), 0);
    } else if ((v = is(w, "read"))) {
        many(ctx, "read", CTX_BLOCK_READ, number(v), 0);
    } else if (is(w, "flush")) {
        say(ctx, "flush", once(ctx, CTX_BLOCK_FLUSH, 0, 0, NULL));
    } else if (is(w, "zeroes") || is(w, "discard")) {
        uint64_t len = info.most_erased < info.bytes ? info.most_erased : info.bytes;
        say(ctx, w, once(ctx, w[0] == 'z' ? CTX_BLOCK_ZEROES : CTX_BLOCK_DISCARD, 0, len, NULL));
        if (w[0] == 'z') {
            memset(own, 1, bytes);
            ctx_status status = once(ctx, CTX_BLOCK_READ, len - bytes, bytes, own);
            for (uint64_t i = 0; i < bytes; i++) {
                status = own[i] != 0 ? CTX_E_FAULT : status;
            }
            say(ctx, "zero", status);
        }
    } else if (is(w, "bad") && handle != 0) {
        refuse(ctx);
    } else if (is(w, "last")) {
        say(ctx, "last", once(ctx, CTX_BLOCK_READ, info.bytes - info.block, info.block, own));
    } else if ((v = is(w, "watch"))) {
        watch(ctx, number(v));
    } else if ((v = is(w, "wait"))) {
        (void)ctx_fiber_await(0, now(ctx) + number(v) * 1000000);
    } else if (is(w, "hold")) {
        (void)ctx_fiber_await(0, CTX_FIBER_NEVER);
    } else if ((v = is(w, "bench"))) {
        bench(ctx, v);
    } else if ((v = is(w, "bytes"))) {
        bytes = number(v) <= BYTES_MAX ? number(v) : BYTES_MAX;
    } else if ((v = is(w, "depth"))) {
        depth = number(v) <= DEPTH_MAX ? (uint32_t)number(v) : DEPTH_MAX;
    } else if ((v = is(w, "round"))) {
        round_no = number(v);
    } else if ((v = is(w, "time"))) {
        bench_ns = number(v) * 1000000;
    } else if (is(w, "die") || is(w, "fault")) {
        in_flight_and_gone(ctx, w[0] == 'f');
        return 0;
    } else if (is(w, "release")) {
        say(ctx, "release", block->release(block, handle));
    } else if (is(w, "list")) {
        list(ctx);
    } else {
        return 0;
    }
    return 1;
}

static void run(struct ctx *ctx, void *arg)
{
    char text[32];
    (void)arg;
    for (uint32_t i = 0; word(ctx, i, text), text[0] != 0; i++) {
        if (!act(ctx, text)) {
            return;
        }
    }
    say(ctx, "end", 0);
}

int32_t _start(struct ctx *ctx)
{
    static int began;
    if (!began) {
        block = (const struct ctx_block *)open(ctx, CTX_ID_BLOCK);
        share = (const struct ctx_share *)open(ctx, CTX_ID_SHARE);
        own = ctx->mem->alloc(ctx->mem, DEPTH_MAX * 65536, 4096, 0);
        uint64_t address = 0;
        if (block == NULL || share == NULL || own == NULL ||
            share->create(share, DEPTH_MAX * 65536, CTX_SHARE_ZERO, &share_handle) != CTX_OK ||
            share->map(share, share_handle, CTX_SHARE_READ | CTX_SHARE_WRITE, &address) != CTX_OK ||
            ctx_fiber_start(ctx, run, NULL, 32768) == NULL) {
            return CTX_EXIT(1);
        }
        shared = (uint8_t *)(uintptr_t)address;
        info.size = sizeof info;
        began = 1;
    }
    return ctx_fibers_run(ctx);
}
