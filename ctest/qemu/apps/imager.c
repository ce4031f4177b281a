/* SPDX-License-Identifier: MIT */
/*
 * Asks ctx.image/1 for what nobody should ask for. `list N`: one thing after the other, twice, and
 * N saves of itself; memory and images must be the same after both rounds. `chaos MS [all]`:
 * anything that chance will for so long, restoring itself and its neighbours, with `all` whole
 * sessions too; then all jobs must be there again. Says "T imager ok", or FAIL and why.
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

#define ALL  UINT64_MAX
#define NEW  (UINT64_MAX - 1)
#define JOBS 16u

static const struct ctx_image *image;
static const struct ctx_system *sys;
static uint32_t jobs[JOBS], used, step, turn, round_no, epoch, count, failed, done, pause;
static uint64_t free_before, used_before, until_ns, chance_state, times;
static char mode[32];
static int with_all;
static uint8_t filler[40000]; /* so that an image of it is not too small to fill a store with */

static int32_t status_of(uint32_t job, uint64_t *made)
{
    struct ctx_image_job how = {.size = sizeof how};
    ctx_status status = image->poll(image, job, &how);
    *made = how.pid;
    return status != CTX_OK ? -1000 + status : (int32_t)how.status;
}

static void fail(struct ctx *ctx, const char *what, int64_t value)
{
    struct line l = {0};
    put(&l, "T imager FAIL ");
    put(&l, what);
    put(&l, " ");
    put_number(&l, value);
    put(&l, " in step ");
    put_number(&l, step);
    if (failed++ < 5) {
        send(ctx, &l);
    }
}

static uint64_t chance(uint64_t of)
{
    uint64_t x = chance_state += 0x9e3779b97f4a7c15ull;
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdull;
    return (x ^ x >> 29) % of;
}

/* Keep a job until it is done; 0: there is no place left. */
static void keep(uint32_t job)
{
    if (used < JOBS) {
        jobs[used++] = job;
    }
}

/* Whether all that was asked for is done; what failed is fine. */
static int drained(struct ctx *ctx)
{
    for (uint32_t i = 0; i < used;) {
        uint64_t made;
        int32_t status = status_of(jobs[i], &made);
        if (status == CTX_PENDING) {
            i++;
            continue;
        }
        if (status < -900 && epoch == ctx->epoch) {
            fail(ctx, "its own job is not known", status);
        }
        jobs[i] = jobs[--used];
    }
    return used == 0;
}

static void name_of(char name[64], uint32_t number)
{
    static const char begin[] = "h/";
    memcpy(name, begin, 2);
    for (uint32_t i = 0; i < 6; i++, number /= 10) {
        name[7 - i] = (char)('0' + number % 10);
    }
}

/* Where no answer may be written. */
static uint64_t bad_place(struct ctx *ctx, uint32_t no)
{
    uint64_t slot = (uint64_t)ctx & ~0xffffffffull;
    const uint64_t places[] = {0,
                               8,
                               0x8000000000000000ull,
                               0xffff800000000000ull,
                               0xffffffff80100000ull,
                               slot,
                               slot + 0x10000,        /* gates */
                               slot + 0x21000,        /* its Context's pages */
                               slot + 0x100000000ull, /* the neighbour's */
                               slot - 0x100000000ull + 0x81000,
                               slot + 0xfffffffe,            /* over the end */
                               slot + 0x1f0000,              /* above the stack */
                               (uint64_t)(uintptr_t)&_start, /* its own code */
                               ~0ull};
    return places[no % (sizeof places / sizeof places[0])];
}

#define PLACES 14u

/* ---- one thing after the other; true: done with it ---- */

/* Names of all lengths, and of bytes that are none. */
static int names(struct ctx *ctx)
{
    char name[80];
    for (uint32_t len = 0; len <= 70; len++) {
        memset(name, 'h', sizeof name);
        uint32_t job = 0;
        ctx_status status = image->remove(image, name, len, &job);
        if ((len >= 1 && len <= 63) != (status == CTX_PENDING)) {
            fail(ctx, "a name of so many bytes", len);
        }
        if (status == CTX_PENDING) {
            keep(job);
            uint64_t made;
            for (uint32_t i = 0; i < used && used == JOBS;
                 i++) { /* not done before the call ends */
                if (status_of(jobs[i], &made) != CTX_PENDING) {
                    jobs[i] = jobs[--used];
                }
            }
            if (used == JOBS) {
                if (image->remove(image, "h", 1, &job) != CTX_E_NOSPC) {
                    fail(ctx, "a seventeenth job", 0);
                }
                break;
            }
        }
    }
    static const char *const bad[] = {"\x01",     "a\nb",  "\xff\xfe",
                                      "\xc0\x80", "a\x7f", "\xed\xa0\x80"};
    for (uint32_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint32_t job;
        if (image->save(image, ctx->pid, bad[i], length(bad[i]), &job) != CTX_E_INVAL) {
            fail(ctx, "a bad name", i);
        }
    }
    uint32_t job;
    if (image->save(image, ctx->pid, "h\0i", 3, &job) != CTX_E_INVAL ||
        image->save(image, ctx->pid, "h", 0xffffffff, &job) != CTX_E_INVAL) {
        fail(ctx, "a name with a NUL, or without an end", 0);
    }
    return 1;
}

static int pointers(struct ctx *ctx)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        void *bad = (void *)bad_place(ctx, i);
        uint32_t job, number;
        uint8_t infos[160];
        int32_t statuses[] = {image->save(image, ctx->pid, "h", 1, bad),
                              image->save(image, ctx->pid, bad, 63, &job),
                              image->restore(image, ctx->pid, "h", 1, bad),
                              image->restore(image, ctx->pid, bad, 63, &job),
                              image->remove(image, "h", 1, bad),
                              image->remove(image, bad, 63, &job),
                              image->list(image, infos, sizeof infos, sizeof infos[0], bad),
                              image->place(image, bad),
                              image->poll(image, 0x100, bad)};
        for (uint32_t s = 0; s < sizeof statuses / sizeof statuses[0]; s++) {
            /* What can be read may be a name, by chance, and its own code can be read. */
            if (statuses[s] >= 0 && !(s % 2 == 1 && s < 6)) {
                fail(ctx, "a bad pointer is taken, function", s + 100 * i);
            }
            if (statuses[s] == CTX_PENDING && s < 6) {
                keep(job);
            }
        }
        (void)image->list(image, bad, 0xffffffff, sizeof infos[0], &number);
    }
    return 1;
}

/* No number that was not given is a job. */
static int handles(struct ctx *ctx)
{
    uint64_t made;
    for (uint64_t h = 0; h < 0x1000000; h += 1 + h / 977) {
        if (status_of((uint32_t)h, &made) != -1000 + CTX_E_NOENT) {
            fail(ctx, "a job out of nothing", (int64_t)h);
        }
    }
    for (uint64_t h = 0x1000000; h < 0x100000000; h += 0x10001 * 97) {
        if (status_of((uint32_t)h, &made) != -1000 + CTX_E_NOENT) {
            fail(ctx, "a job out of nothing", (int64_t)h);
        }
    }
    return 1;
}

/* Pids of nobody, of the kernel's own numbers, and images of nothing. */
static int nobody(struct ctx *ctx)
{
    static const uint64_t pids[] = {77777, 1ull << 32, 1ull << 63, UINT64_MAX - 2, NEW};
    if (turn < 5) {
        uint32_t a = 0, b = 0;
        ctx_status first = image->save(image, pids[turn], "h/none", 6, &a);
        ctx_status second = image->restore(image, turn == 4 ? ALL : pids[turn], "h/none", 6, &b);
        if (first != CTX_PENDING || second != CTX_PENDING) {
            fail(ctx, "a job is refused", first);
            return 1;
        }
        keep(a);
        keep(b);
    }
    if (turn == 40) {
        struct ctx_image_info info;
        uint32_t number = 0;
        if (image->list(image, &info, sizeof info, sizeof info, &number) != CTX_OK ||
            number != used_before) {
            fail(ctx, "images of nobody", number);
        }
    }
    return turn >= 40;
}

/* Itself, ten thousand times or so, as fast as it goes, and all under one name. */
static int many(struct ctx *ctx)
{
    if (turn == 0) {
        count = 0;
    }
    (void)drained(ctx);
    while (used < JOBS && count < times) {
        uint32_t job;
        ctx_status status = image->save(image, ctx->pid, "h/self", 6, &job);
        if (status != CTX_PENDING) {
            fail(ctx, "save", status);
            return 1;
        }
        keep(job);
        count++;
    }
    return count == times && used == 0;
}

/* Images until there is no room, and then all of them away. */
static int fill(struct ctx *ctx)
{
    static uint32_t made, gone, full;
    char name[64];
    if (turn == 0) {
        made = gone = full = 0;
    }
    for (uint32_t i = 0; i < used;) {
        uint64_t pid;
        int32_t status = status_of(jobs[i], &pid);
        if (status == CTX_PENDING) {
            i++;
            continue;
        }
        if (status == CTX_E_NOSPC) {
            full = 1;
        } else if (status != CTX_OK && status != CTX_E_NOENT && status != CTX_E_NOMEM) {
            fail(ctx, "fill", status);
        }
        jobs[i] = jobs[--used];
    }
    while (used < JOBS && !full && made < 20000) {
        uint32_t job;
        name_of(name, made++);
        if (image->save(image, ctx->pid, name, 8, &job) == CTX_PENDING) {
            keep(job);
        }
    }
    while (used < JOBS && full && gone < made) {
        uint32_t job;
        name_of(name, gone++);
        if (image->remove(image, name, 8, &job) == CTX_PENDING) {
            keep(job);
        }
    }
    if (made >= 20000) {
        fail(ctx, "there is room for ever", made);
        return 1;
    }
    return full && gone == made && used == 0;
}

static int remove_rest(struct ctx *ctx)
{
    uint32_t job;
    (void)ctx;
    if (turn == 0 && image->remove(image, "h/self", 6, &job) == CTX_PENDING) {
        keep(job);
    }
    return 1;
}

/* After a round: all as it was. */
static int settle(struct ctx *ctx)
{
    struct ctx_system_info info = {.size = sizeof info};
    struct ctx_image_place place = {.size = sizeof place};
    if (turn < 30) {
        return 0; /* whatever else goes on has an end by now */
    }
    if (sys->info(sys, &info) != CTX_OK || image->place(image, &place) != CTX_OK) {
        fail(ctx, "system", 0);
        return 1;
    }
    if (round_no > 0 && info.memory_free != free_before) {
        fail(ctx, "bytes of memory are lost:", (int64_t)(free_before - info.memory_free));
    }
    struct ctx_image_info first;
    uint32_t number = 0;
    image->list(image, &first, sizeof first, sizeof first, &number);
    if (number != used_before) {
        fail(ctx, "images are left:", number);
    }
    free_before = info.memory_free;
    return 1;
}

typedef int step_fn(struct ctx *ctx);

static int32_t list(struct ctx *ctx)
{
    step_fn *const steps[] = {names, pointers, handles, nobody, many, fill, remove_rest, settle};
    const uint32_t last = sizeof steps / sizeof steps[0];
    if (turn != 0xffffffff && steps[step](ctx)) {
        turn = 0xffffffff;
    }
    if (turn == 0xffffffff) { /* that step is over when its jobs are */
        if (drained(ctx)) {
            step++;
            turn = 0;
            if (step == last) {
                step = 0;
                round_no++;
            }
        }
    } else {
        turn++;
    }
    return 0;
}

/* ---- anything ---- */

static void anything(struct ctx *ctx)
{
    char name[80];
    uint32_t job = 0, len = 8;
    static const uint64_t pids[] = {0, 1, 2, 3, 4, NEW, 99};
    uint64_t pid = chance(3) == 0 ? ctx->pid : pids[chance(7)];
    uint32_t which = (uint32_t)chance(6);
    if (with_all && chance(12) == 0) {
        pid = ALL;
        which = chance(10) == 0 ? which : 6; /* else hardly one would find a session */
    }
    name_of(name, which);
    if (chance(10) == 0) {
        len = (uint32_t)chance(71);
        for (uint32_t i = 0; i < len; i++) {
            name[i] = (char)chance(256);
        }
    }
    uint32_t *out = chance(10) == 0 ? (uint32_t *)bad_place(ctx, (uint32_t)chance(PLACES)) : &job;
    ctx_status status;
    uint64_t made;
    struct ctx_image_info infos[3];
    uint32_t number;
    switch (chance(8)) {
    case 0:
    case 1:
    case 2:
        status = image->save(image, pid, name, len, out);
        break;
    case 3:
    case 4:
        status = image->restore(image, pid, name, len, out);
        break;
    case 5:
        status = image->remove(image, name, len, out);
        break;
    case 6:
        (void)status_of((uint32_t)chance(JOBS) | (uint32_t)chance(300) << 8, &made);
        return;
    default:
        (void)image->list(image, infos, (uint32_t)chance(sizeof infos + 1), sizeof infos[0],
                          &number);
        return;
    }
    if (status == CTX_PENDING && out == &job) {
        keep(job);
    }
}

static int32_t chaos(struct ctx *ctx)
{
    uint64_t t = now(ctx);
    if (epoch != ctx->epoch) { /* it went back: its jobs are none of its any more */
        epoch = ctx->epoch;
        used = 0;
    }
    if (t < until_ns) {
        chance_state ^= t; /* else it would do the same again when it went back */
        (void)drained(ctx);
        for (uint64_t i = chance(4); i > 0 && used < JOBS; i--) {
            anything(ctx);
        }
        return 0;
    }
    /* The end: jobs of others end too, and then all of them are to be had at once. */
    if (!drained(ctx)) {
        return 0;
    }
    if (count == JOBS) {
        return 1;
    }
    if (pause > 0) {
        pause--;
        return 0;
    }
    pause = (uint32_t)chance(100); /* the others want the same */
    for (count = 0; count < JOBS; count++) {
        uint32_t job;
        if (image->remove(image, "h/000000", 8, &job) != CTX_PENDING) {
            break;
        }
        keep(job);
    }
    return 0;
}

int32_t _start(struct ctx *ctx)
{
    if (image == 0) {
        char text[32];
        word(ctx, 0, mode);
        word(ctx, 1, text);
        image = (const struct ctx_image *)open(ctx, CTX_ID_IMAGE);
        sys = (const struct ctx_system *)open(ctx, CTX_ID_SYSTEM);
        times = number(text);
        until_ns = now(ctx) + times * 1000000;
        word(ctx, 2, text);
        with_all = same(text, "all");
        chance_state = ctx->pid + 1;
        epoch = ctx->epoch;
        for (uint32_t i = 0; i < sizeof filler; i++) {
            filler[i] = (uint8_t)(chance(256));
        }
        struct ctx_image_info first;
        uint32_t number_now = 0;
        image->list(image, &first, sizeof first, sizeof first, &number_now);
        used_before = number_now;
    }
    if (done) {
        return CTX_AGAIN;
    }
    if (same(mode, "list")) {
        list(ctx);
        done = round_no == 2;
    } else {
        done = chaos(ctx) != 0;
    }
    if (done) {
        struct line l = {0};
        put(&l, failed != 0 ? "T imager FAIL in the end" : "T imager ok");
        send(ctx, &l);
    }
    return CTX_AGAIN;
}
