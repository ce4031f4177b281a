/* SPDX-License-Identifier: MIT */
/*
 * Every function of version 3, with arguments that are good and with ones that are not. Logs
 * "T v3.CASE ok" or "T v3.CASE FAIL line" for each case, in the end "T v3 done".
 */
#include "v3.h"

#include <ctx/note.h>

CTX_NOTE(3);

static uint32_t wrong; /* the line of a check that failed, the first one of a case */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition) && wrong == 0) {                                                          \
            wrong = __LINE__;                                                                      \
        }                                                                                          \
    } while (0)

static uint64_t slot(const void *p)
{
    return (uint64_t)p & ~0xffffffffull;
}

/* Addresses of other slots, of nobody, of the kernel, and of this slot where nothing is. */
static void *bad(struct ctx *ctx, uint32_t n)
{
    uint64_t base = slot(ctx);
    const uint64_t all[] = {0,
                            1,
                            base,
                            base + 0xfffc,
                            base - 8,
                            base + 0x100000000,
                            0xffff800000100000,
                            0xffffffff80100000,
                            base + 0x9ffff000,
                            base + 0xffff0000,
                            UINT64_MAX - 3};
    return (void *)all[n];
}
#define BAD 11u

static void header(struct ctx *ctx)
{
    CHECK(ctx->version == 3 && ctx->size == sizeof *ctx && ctx->epoch == 0 && ctx->rsv1 == 0);
    CHECK(CTX_HAS(ctx, events));
    CHECK(ctx->fb.pixels != NULL && ctx->fb.len == 0 && ctx->fb.w == 0 && ctx->fb.h == 0);
    CHECK(ctx->input != NULL && ctx->input->last == 0);
    const struct ctx_table *tables[] = {&ctx->iface->t, &ctx->time->t, &ctx->mem->t,
                                        &ctx->display->t, &ctx->events->t};
    const uint32_t sizes[] = {sizeof *ctx->iface, sizeof *ctx->time, sizeof *ctx->mem,
                              sizeof *ctx->display, sizeof *ctx->events};
    for (uint32_t i = 0; i < 5; i++) {
        CHECK(tables[i]->size == sizes[i] && tables[i]->flags == CTX_TBL_GRANTED);
        CHECK(tables[i]->features == 0);
        /* Behind what there is, every function answers NOSYS. */
        ctx_status (*const *fns)(const void *) = (ctx_status(*const *)(const void *))tables[i];
        for (uint32_t n = sizes[i] / 8; n < 128; n += 25) {
            CHECK(fns[n](tables[i]) == CTX_E_NOSYS);
        }
    }
    const void *const *words = (const void *const *)ctx;
    for (uint32_t n = sizeof *ctx / 8; n < 128; n += 9) { /* tables of a later version */
        ctx_status (*const *fns)(const void *) = words[n];
        CHECK(fns[2](fns) == CTX_E_NOSYS && fns[127](fns) == CTX_E_NOSYS);
    }
}

static void iface(struct ctx *ctx)
{
    const struct ctx_iface *f = ctx->iface;
    const struct ctx_table *a = NULL, *b = NULL;
    CHECK(f->open(f, CTX_ID_LOG, 9, 24, &a) == CTX_OK && a != NULL && a->size == 24);
    CHECK(f->open(f, CTX_ID_LOG, 9, 0, &b) == CTX_OK && a == b);
    CHECK(f->open(f, CTX_ID_LOG, 9, 25, &b) == CTX_E_NOSYS);
    CHECK(f->open(f, CTX_ID_LOG, 8, 0, &b) == CTX_E_NOSYS);
    CHECK(f->open(f, "org.example.thing/1", 19, 0, &b) == CTX_E_NOSYS);
    CHECK(f->open(f, "", 0, 0, &b) == CTX_E_NOSYS);
    for (uint32_t i = 0; i < BAD; i++) {
        CHECK(f->open(f, bad(ctx, i), 9, 0, &b) == CTX_E_INVAL);
        CHECK(f->open(f, CTX_ID_LOG, 9, 0, bad(ctx, i)) == CTX_E_INVAL);
    }
    CHECK(f->open(f, CTX_ID_LOG, UINT32_MAX, 0, &b) == CTX_E_INVAL);
    CHECK(f->open(f, CTX_ID_LOG, 9, 0, (void *)ctx) == CTX_E_INVAL); /* read-only */
}

static void clocks(struct ctx *ctx)
{
    const struct ctx_time *t = ctx->time;
    uint64_t a = 0, b = 0;
    int64_t wall = 0;
    CHECK(t->now(t, &a) == CTX_OK && t->now(t, &b) == CTX_OK && a != 0 && b >= a);
    CHECK(a / 1000000 >= ctx->start_time_ms);
    ctx_status status = t->wall(t, &wall);
    CHECK(status == CTX_OK && wall > INT64_C(1600000000000000000));
    for (uint32_t i = 0; i < BAD; i++) {
        CHECK(t->now(t, bad(ctx, i)) == CTX_E_INVAL);
        CHECK(t->wall(t, bad(ctx, i)) == CTX_E_INVAL);
    }
    CHECK(t->wake_at(t, 0) == CTX_OK && t->wake_at(t, UINT64_MAX) == CTX_OK);
}

static void memory(struct ctx *ctx)
{
    const struct ctx_mem *m = ctx->mem;
    struct ctx_mem_usage u = {.size = sizeof u};
    uint8_t *p = m->alloc(m, 10000, 4096, CTX_MEM_ZERO);
    CHECK(p != NULL && (uint64_t)p % 4096 == 0 && p[0] == 0 && p[9999] == 0);
    p[9999] = 7;
    CHECK(m->usage(m, &u) == CTX_OK && u.size == sizeof u && u.blocks == 1 && u.bytes == 10000);
    CHECK(u.committed >= 12288 && u.quota > u.committed);
    CHECK(m->alloc(m, 1, 3, 0) == NULL && m->alloc(m, 1, 1, 4) == NULL);
    CHECK(m->alloc(m, UINT64_MAX, 1, 0) == NULL && m->alloc(m, u.quota + 1, 1, 0) == NULL);
    CHECK(m->resize(m, p, 9999, 4096, 5) == NULL && m->resize(m, p, 10000, 16, 5) == NULL);
    uint8_t *q = m->resize(m, p, 10000, 4096, 50000);
    CHECK(q != NULL && q[9999] == 7);
    CHECK(m->free(m, q, 49999, 4096) == CTX_E_INVAL && m->free(m, q, 50000, 16) == CTX_E_INVAL);
    CHECK(m->free(m, q + 16, 50000, 4096) == CTX_E_NOENT && m->free(m, ctx, 1, 1) == CTX_E_NOENT);
    CHECK(m->free(m, q, 50000, 4096) == CTX_OK && m->free(m, q, 50000, 4096) == CTX_E_NOENT);
    CHECK(m->free(m, NULL, 0, 0) == CTX_OK);
    uint8_t *stack = m->alloc(m, 8192, 16, CTX_MEM_GUARD_LOW);
    CHECK(stack != NULL && (uint64_t)stack % 4096 == 0);
    CHECK(ctx->time->now(ctx->time, (uint64_t *)(stack - 8)) == CTX_E_INVAL); /* nothing there */
    CHECK(ctx->time->now(ctx->time, (uint64_t *)stack) == CTX_OK);
    CHECK(m->free(m, stack, 8192, 16) == CTX_OK);
    p = ctx->alloc(24, 8);
    CHECK(p != NULL && m->free(m, p, 24, 8) == CTX_OK);
    for (uint32_t i = 0; i < BAD; i++) {
        CHECK(m->usage(m, bad(ctx, i)) == CTX_E_INVAL);
        CHECK(i == 0 || m->free(m, bad(ctx, i), 1, 1) == CTX_E_NOENT);
        CHECK(m->resize(m, bad(ctx, i), 1, 1, 2) == NULL);
    }
    u.size = 7;
    CHECK(m->usage(m, &u) == CTX_E_INVAL);
    u = (struct ctx_mem_usage){.size = 16, .bytes = 99};
    CHECK(m->usage(m, &u) == CTX_OK && u.bytes == 99 && u.blocks == 0);
}

static void display(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    struct ctx_display_info info = {.size = sizeof info};
    struct ctx_presented shown = {.size = sizeof shown};
    CHECK(d->info(d, &info) == CTX_OK && info.w == 1280 && info.h == 800 &&
          info.frame_ns > 1000000 && info.scale == 120);
    uint32_t s = 0, t = 0;
    CHECK(d->create(d, 33, 44, CTX_SURFACE_RGBA, 0, &s) == CTX_OK && s != 0);
    CHECK(d->create(d, 0, 44, CTX_SURFACE_RGBA, 0, &t) == CTX_E_INVAL);
    CHECK(d->create(d, 33, 8193, CTX_SURFACE_RGBA, 0, &t) == CTX_E_INVAL);
    CHECK(d->create(d, 33, 44, 9, 0, &t) == CTX_E_INVAL);
    CHECK(d->create(d, 33, 44, CTX_SURFACE_RGBA, 2 * CTX_SURFACE_SCALED, &t) == CTX_E_INVAL);
    CHECK(d->create(d, 8192, 8192, CTX_SURFACE_RGBA, 0, &t) == CTX_E_NOMEM);
    uint32_t *p = d->pixels(d, s);
    CHECK(p != NULL && slot(p) == slot(ctx) && p[0] == 0 && p[33 * 44 - 1] == 0);
    p[33 * 44 - 1] = 1;
    CHECK(d->pixels(d, s + 1) == NULL && d->pixels(d, 0) == NULL && d->pixels(d, ~0u) == NULL);
    CHECK(d->damage(d, s, 0, 0, 33, 44) == CTX_OK);
    CHECK(d->damage(d, s, 50, 50, ~0u, ~0u) == CTX_OK); /* outside: ignored */
    CHECK(d->damage(d, s + 1, 0, 0, 1, 1) == CTX_E_NOENT);
    /* On a busy machine this call has been set aside meanwhile, and a picture was made. */
    CHECK(d->presented(d, s, &shown) == CTX_OK && (shown.count == 0) == (shown.time_ns == 0));
    CHECK(d->presented(d, s + 1, &shown) == CTX_E_NOENT);
    CHECK(d->resize(d, s, 0, 5) == CTX_E_INVAL && d->resize(d, s + 1, 5, 5) == CTX_E_NOENT);
    CHECK(d->resize(d, s, 8192, 8192) == CTX_E_NOMEM && d->pixels(d, s) == p);
    CHECK(d->resize(d, s, 100, 90) == CTX_OK);
    p = d->pixels(d, s);
    CHECK(p != NULL && p[33 * 44 - 1] == 0);
    p[100 * 90 - 1] = 1;
    uint32_t many[64], n = 0;
    while (n < 64 && d->create(d, 5, 5, CTX_SURFACE_RGBX, 0, &many[n]) == CTX_OK) {
        n++;
    }
    CHECK(n == 63 && d->create(d, 5, 5, CTX_SURFACE_RGBX, 0, &t) == CTX_E_NOSPC);
    while (n > 0) {
        CHECK(d->destroy(d, many[--n]) == CTX_OK);
    }
    for (uint32_t i = 0; i < BAD; i++) {
        CHECK(d->info(d, bad(ctx, i)) == CTX_E_INVAL);
        CHECK(d->create(d, 5, 5, CTX_SURFACE_RGBX, 0, bad(ctx, i)) == CTX_E_INVAL);
        CHECK(d->presented(d, s, bad(ctx, i)) == CTX_E_INVAL);
    }
    struct ctx_surface_info told = {.size = sizeof told};
    CHECK(d->ask_position(d, s, -5, 7) == CTX_OK && d->ask_smallest(d, s, 10, 10) == CTX_OK);
    CHECK(d->title(d, s, "v3", 2) == CTX_OK && d->title(d, s, "\n", 1) == CTX_E_INVAL);
    CHECK(d->cursor(d, s, CTX_CURSOR_HAND) == CTX_OK && d->cursor(d, s, 99) == CTX_E_INVAL);
    CHECK(d->describe(d, s, &told) == CTX_OK && told.x == -5 && told.y == 7 && told.w == 100 &&
          told.cursor == CTX_CURSOR_HAND && told.title[0] == 'v' && told.pid == ctx->pid);
    CHECK(d->describe(d, s + 1, &told) == CTX_E_NOENT);
    CHECK(d->destroy(d, s) == CTX_OK && d->destroy(d, s) == CTX_E_NOENT);
    CHECK(d->pixels(d, s) == NULL);
    CHECK(d->canvas(d) == CTX_OK && d->canvas(d) == CTX_OK);
}

/* Whatever memory has held before, a new surface is black, and so is one of another size. */
static void pixels(struct ctx *ctx)
{
    static const uint32_t sides[] = {100, 300, 129, 500, 90, 301};
    const struct ctx_display *d = ctx->display;
    for (uint32_t i = 0; i < 12; i++) {
        uint32_t s = 0, side = sides[i % 6], lit = 0;
        CHECK(d->create(d, side, side, CTX_SURFACE_RGBX, 0, &s) == CTX_OK);
        for (uint32_t again = 0; again < 2; again++, side += 61) {
            CHECK(again == 0 || d->resize(d, s, side, side) == CTX_OK);
            uint32_t *p = d->pixels(d, s);
            for (uint32_t at = 0; p != NULL && at < side * side; at++) {
                lit |= p[at];
                p[at] = UINT32_MAX;
            }
            CHECK(p != NULL && lit == 0);
        }
        CHECK(d->destroy(d, s) == CTX_OK);
    }
}

static void events(struct ctx *ctx)
{
    const struct ctx_events *e = ctx->events;
    struct ctx_event some[4];
    uint32_t count = 99;
    CHECK(e->read(e, some, sizeof some, sizeof some[0], &count) == CTX_E_AGAIN && count == 0);
    CHECK(e->read(e, some, 39, sizeof some[0], &count) == CTX_E_INVAL &&
          e->read(e, NULL, 0, sizeof some[0], &count) == CTX_E_INVAL);
    CHECK(e->wait(e, 0x3e) == CTX_OK && e->wait(e, 0) == CTX_OK);
    CHECK(e->wait(e, 1) == CTX_E_INVAL && e->wait(e, 1ull << 40) == CTX_E_INVAL);
    for (uint32_t i = 0; i < BAD; i++) {
        CHECK(e->read(e, some, sizeof some, sizeof some[0], bad(ctx, i)) == CTX_E_INVAL);
        ctx_status status = e->read(e, bad(ctx, i), sizeof some, sizeof some[0], &count);
        /* What is in the slot but not mapped shows only when there is something to write. */
        CHECK(status == CTX_E_INVAL || (i == 8 && status == CTX_E_AGAIN));
    }
}

static void drafts(struct ctx *ctx)
{
    const struct ctx_log *log = (const struct ctx_log *)open(ctx, CTX_ID_LOG);
    CHECK(log->write(log, CTX_LOG_DEBUG, "v3 at level D", 13) == CTX_OK);
    CHECK(log->write(log, 0, "x", 1) == CTX_E_INVAL && log->write(log, 5, "x", 1) == CTX_E_INVAL);
    const struct ctx_args *args = (const struct ctx_args *)open(ctx, CTX_ID_ARGS);
    uint32_t n = 0;
    char text[8] = "       ";
    CHECK(args->count(args, &n) == CTX_OK && n == 2);
    CHECK(args->get(args, 1, text, 2, &n) == CTX_OK && n == 3);
    CHECK(text[0] == 't' && text[1] == 'w' && text[2] == ' ');
    CHECK(args->get(args, 2, text, 2, &n) == CTX_E_NOENT);
    const struct ctx_random *random = (const struct ctx_random *)open(ctx, CTX_ID_RANDOM);
    static uint8_t a[600], b[600];
    CHECK(random->fill(random, a, sizeof a) == CTX_OK && random->reseed(random) == CTX_OK);
    CHECK(random->fill(random, b, sizeof b) == CTX_OK && random->fill(random, NULL, 0) == CTX_OK);
    uint32_t equal = 0, bits = 0;
    for (uint32_t i = 0; i < sizeof a; i++) {
        equal += a[i] == b[i];
        bits += a[i] >> (i % 8) & 1;
    }
    CHECK(equal < 20 && bits > 220 && bits < 380);
    const struct ctx_cpu *cpu = (const struct ctx_cpu *)open(ctx, CTX_ID_CPU);
    struct ctx_cpu_info features = {.size = sizeof features};
    CHECK(cpu->info(cpu, &features) == CTX_OK && (features.features & CTX_CPU_SSE3) != 0);
    const struct ctx_apps *apps = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
    static struct ctx_app_info list[4];
    CHECK(apps->list(apps, list, sizeof list, sizeof list[0], &n) == CTX_OK && n == 1 &&
          list[0].pid == ctx->pid);
    CHECK(list[0].version == 3 && list[0].memory > 40000 && same((char *)list[0].name, "v3"));
    CHECK(apps->list(apps, NULL, 0, sizeof list[0], &n) == CTX_OK && n == 1);
    for (uint32_t i = 0; i < BAD; i++) {
        CHECK(log->write(log, CTX_LOG_INFO, bad(ctx, i), 4) == CTX_E_INVAL);
        CHECK(args->count(args, bad(ctx, i)) == CTX_E_INVAL);
        CHECK(args->get(args, 1, bad(ctx, i), 3, &n) == CTX_E_INVAL);
        CHECK(args->get(args, 1, text, 3, bad(ctx, i)) == CTX_E_INVAL);
        CHECK(random->fill(random, bad(ctx, i), 8) == CTX_E_INVAL);
        CHECK(cpu->info(cpu, bad(ctx, i)) == CTX_E_INVAL);
        CHECK(apps->list(apps, bad(ctx, i), sizeof list, sizeof list[0], &n) == CTX_E_INVAL);
        CHECK(apps->list(apps, list, sizeof list, sizeof list[0], bad(ctx, i)) == CTX_E_INVAL);
    }
}

static void denied(struct ctx *ctx)
{
    const struct ctx_system *system = (const struct ctx_system *)open(ctx, CTX_ID_SYSTEM);
    const struct ctx_loader *loader = (const struct ctx_loader *)open(ctx, CTX_ID_LOADER);
    struct ctx_system_info info = {.size = sizeof info};
    uint64_t pid;
    CHECK(system->t.flags == 0 && system->t.size == sizeof *system);
    CHECK(system->info(system, &info) == CTX_E_DENIED && info.memory == 0);
    CHECK(system->reboot(system) == CTX_E_DENIED && system->power_off(system) == CTX_E_DENIED);
    CHECK(loader->t.flags == 0);
    CHECK(loader->start(loader, NULL, 0, NULL, 0, &pid) == CTX_E_DENIED);
    CHECK(loader->start(loader, bad(ctx, 6), 9, NULL, 0, NULL) == CTX_E_DENIED);
}

/* In the second call: what the first one asked for. */
static void second(struct ctx *ctx)
{
    CHECK(ctx->fb.w == 1280 && ctx->fb.h == 800 && ctx->fb.len == 1280 * 800);
    ctx->fb.pixels[1280 * 800 - 1] = (struct ctx_rgba){1, 2, 3, 0};
}

static void run(struct ctx *ctx, const char *name, void (*test)(struct ctx *))
{
    struct line l = {0};
    wrong = 0;
    test(ctx);
    put(&l, "T v3.");
    put(&l, name);
    put(&l, wrong == 0 ? " ok" : " FAIL ");
    if (wrong != 0) {
        put_number(&l, wrong);
    }
    send(ctx, &l);
}

int32_t _start(struct ctx *ctx)
{
    if (*ctx->store == NULL) {
        *ctx->store = ctx; /* something that is not NULL */
        run(ctx, "header", header);
        run(ctx, "iface", iface);
        run(ctx, "time", clocks);
        run(ctx, "mem", memory);
        run(ctx, "display", display);
        run(ctx, "pixels", pixels);
        run(ctx, "events", events);
        run(ctx, "drafts", drafts);
        run(ctx, "denied", denied);
        return CTX_WAIT; /* wake_at(0) and the like were asked for */
    }
    run(ctx, "second", second);
    say(ctx, "v3 done", 0);
    return CTX_EXIT(7);
}
