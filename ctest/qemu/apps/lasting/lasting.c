/* SPDX-License-Identifier: MIT */
/*
 * One of the programs that are frozen with a version (libctx/abi/freeze.py): it uses what version 3
 * promises, a table per call, and nothing that is only so today: no limit, no number of things, no
 * table that is a draft; and not ctx.cpu/1, which would bind its images to processors like this
 * one. "T lasting TABLE ok" for each; then it draws for a while, and ends with the same picture and
 * the same sum wherever and however often it was saved meanwhile.
 *
 * Words: X Y, where its surface is to lie.
 */
#include "../v3.h"
#include <ctx/note.h>

CTX_NOTE(3);
CTX_NOTE_TEXT(CTX_NOTE_VERSION, "3");

#define COLOUR 0xe04020u
#define W      48u
#define H      32u
#define STEPS  120u
#define BLOCK  6000u
#define NO_ID  UINT64_C(0xfffffffffffffff0)

static struct {
    uint32_t stage, step, surface;
    uint8_t *block; /* of the heap: what is drawn depends on it */
    uint64_t sum;
} app;

static uint32_t wrong;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition) && wrong == 0) {                                                          \
            wrong = __LINE__;                                                                      \
        }                                                                                          \
    } while (0)

static void header(struct ctx *ctx)
{
    CHECK(ctx->version >= 3 && ctx->size >= 152);
    CHECK(ctx->fb.pixels != NULL && ctx->fb.w == 0 && ctx->fb.len == 0);
    CHECK(ctx->alloc != NULL && ctx->dealloc != NULL && ctx->input != NULL && ctx->store != NULL);
}

static void iface(struct ctx *ctx)
{
    const struct ctx_iface *i = ctx->iface;
    const struct ctx_table *one = NULL, *again = NULL;
    CHECK(i->open(i, CTX_ID_LOG, sizeof CTX_ID_LOG - 1, 0, &one) == CTX_OK && one != NULL);
    CHECK(i->open(i, CTX_ID_LOG, sizeof CTX_ID_LOG - 1, one->size, &again) == CTX_OK);
    CHECK(one == again && (one->flags & CTX_TBL_GRANTED) != 0);
    CHECK(i->open(i, "org.example.nobody/1", 20, 0, &again) == CTX_E_NOSYS);
    CHECK(i->open(i, CTX_ID_LOG, sizeof CTX_ID_LOG - 1, 1032, &again) == CTX_E_NOSYS);
    CHECK(i->open(i, CTX_ID_LOG, sizeof CTX_ID_LOG - 1, 0, NULL) == CTX_E_INVAL);
}

static void clocks(struct ctx *ctx)
{
    const struct ctx_time *t = ctx->time;
    uint64_t a = 0, b = 0;
    int64_t wall = 0;
    CHECK(t->now(t, &a) == CTX_OK && t->now(t, &b) == CTX_OK && a > 0 && b >= a);
    ctx_status status = t->wall(t, &wall);
    CHECK(status == CTX_E_NOSYS || (status == CTX_OK && wall > 0));
    CHECK(t->wake_at(t, b) == CTX_OK && t->now(t, NULL) == CTX_E_INVAL);
}

static void memory(struct ctx *ctx)
{
    const struct ctx_mem *m = ctx->mem;
    struct ctx_mem_usage before = {.size = sizeof before}, after = {.size = sizeof after};
    struct { /* as if the struct had grown since */
        struct ctx_mem_usage known;
        uint64_t later;
    } longer = {{.size = sizeof longer}, 7};
    CHECK(m->usage(m, &before) == CTX_OK && before.quota > 0);
    app.block = m->alloc(m, BLOCK, 64, CTX_MEM_ZERO);
    CHECK(app.block != NULL && (uint64_t)(uintptr_t)app.block % 64 == 0 &&
          app.block[BLOCK - 1] == 0);
    CHECK(m->usage(m, &after) == CTX_OK && after.blocks == before.blocks + 1);
    CHECK(m->usage(m, &longer.known) == CTX_OK && longer.later == 0);
    uint8_t *p = m->alloc(m, 100, 0, 0);
    CHECK(p != NULL);
    for (uint32_t i = 0; p != NULL && i < 100; i++) {
        p[i] = (uint8_t)i;
    }
    p = m->resize(m, p, 100, 0, 9000);
    CHECK(p != NULL && p[0] == 0 && p[99] == 99);
    CHECK(m->free(m, p, 100, 0) == CTX_E_INVAL && m->free(m, p, 9000, 0) == CTX_OK);
    CHECK(m->free(m, NULL, 0, 0) == CTX_OK && m->alloc(m, 100, 3, 0) == NULL);
    for (uint32_t i = 0; app.block != NULL && i < BLOCK; i++) {
        app.block[i] = (uint8_t)(i * 7 + (i >> 8));
    }
}

static void display(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    struct ctx_display_info info = {.size = sizeof info};
    struct ctx_surface_info told = {.size = sizeof told};
    struct ctx_presented shown = {.size = sizeof shown};
    uint32_t other = 0;
    char x[32], y[32];
    word(ctx, 0, x);
    word(ctx, 1, y);
    CHECK(d->info(d, &info) == CTX_OK && info.w > 0 && info.h > 0 && info.scale >= 120);
    CHECK(d->create(d, W, H, CTX_SURFACE_RGBX, CTX_SURFACE_FIXED, &app.surface) == CTX_OK);
    CHECK(d->create(d, 0, H, CTX_SURFACE_RGBX, 0, &other) == CTX_E_INVAL);
    CHECK(d->create(d, 9, 9, CTX_SURFACE_RGBA, 0, &other) == CTX_OK && other != app.surface &&
          other != 0);
    CHECK(d->ask_position(d, app.surface, (int32_t)number(x), (int32_t)number(y)) == CTX_OK);
    CHECK(d->ask_smallest(d, other, 5, 5) == CTX_OK &&
          d->cursor(d, other, CTX_CURSOR_HAND) == CTX_OK);
    CHECK(d->title(d, other, "other", 5) == CTX_OK && d->title(d, other, "\n", 1) == CTX_E_INVAL);
    CHECK(d->ask_flags(d, other, CTX_SURFACE_HIDDEN) == CTX_OK);
    CHECK(d->describe(d, other, &told) == CTX_OK && told.w == 9 && told.h == 9 &&
          told.smallest_w == 5 && told.cursor == CTX_CURSOR_HAND &&
          same((char *)told.title, "other") && told.pid == ctx->pid && told.surface == other &&
          told.flags == CTX_SURFACE_HIDDEN);
    CHECK(d->presented(d, other, &shown) == CTX_OK);
    CHECK(d->resize(d, other, 20, 10) == CTX_OK && d->pixels(d, other) != NULL);
    CHECK(d->damage(d, other, 0, 0, 20, 10) == CTX_OK && d->destroy(d, other) == CTX_OK);
    CHECK(d->pixels(d, other) == NULL && d->pixels(d, 0) == NULL);
    CHECK(d->destroy(d, other) == CTX_E_NOENT && d->damage(d, other, 0, 0, 1, 1) == CTX_E_NOENT);
}

static void events(struct ctx *ctx)
{
    const struct ctx_events *e = ctx->events;
    struct ctx_event some[4];
    uint32_t count = 99;
    ctx_status status = e->read(e, some, sizeof some, sizeof some[0], &count);
    CHECK(status == CTX_OK ? count > 0 && count <= 4 : status == CTX_E_AGAIN && count == 0);
    CHECK(e->read(e, some, 7, 8, &count) == CTX_E_INVAL &&
          e->read(e, some, 64, 7, &count) == CTX_E_INVAL);
    CHECK(e->wait(e, UINT64_C(1) << CTX_EVENT_KEY | UINT64_C(1) << CTX_EVENT_CLOSE) == CTX_OK);
}

static void small_tables(struct ctx *ctx)
{
    const struct ctx_log *log = (const struct ctx_log *)open(ctx, CTX_ID_LOG);
    const struct ctx_args *args = (const struct ctx_args *)open(ctx, CTX_ID_ARGS);
    const struct ctx_random *random = (const struct ctx_random *)open(ctx, CTX_ID_RANDOM);
    uint32_t n = 0;
    uint64_t a[4] = {0};
    char text[8];
    CHECK(log->write(log, CTX_LOG_INFO, "T lasting says so", 17) == CTX_OK);
    CHECK(log->write(log, 0, "x", 1) == CTX_E_INVAL);
    CHECK(args->count(args, &n) == CTX_OK && n == 2);
    CHECK(args->get(args, 0, text, sizeof text, &n) == CTX_OK && n > 0 && n < 5);
    CHECK(args->get(args, 2, text, sizeof text, &n) == CTX_E_NOENT);
    CHECK(random->fill(random, a, sizeof a) == CTX_OK && (a[0] | a[1] | a[2] | a[3]) != 0 &&
          a[0] != a[1]);
    CHECK(random->reseed(random) == CTX_OK && random->fill(random, NULL, 0) == CTX_OK);
}

static void apps(struct ctx *ctx)
{
    const struct ctx_apps *t = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
    static uint8_t list[64 * 256];
    static const uint32_t each[] = {sizeof(struct ctx_app_info), 64, 256};
    for (uint32_t n = 0; n < 3; n++) {
        uint32_t count = 0, found = 0;
        CHECK(t->list(t, list, 64 * each[n], each[n], &count) == CTX_OK && count > 0);
        for (uint32_t i = 0; i < count && i < 64; i++) {
            const struct ctx_app_info *info = (const struct ctx_app_info *)&list[i * each[n]];
            found += info->pid == ctx->pid && info->version == ctx->version && info->calls > 0;
        }
        CHECK(found == 1 && (each[n] < 256 || list[255] == 0));
    }
    CHECK(t->list(t, list, 64, 7, &(uint32_t){0}) == CTX_E_INVAL);
}

static void rulers(struct ctx *ctx)
{
    const struct ctx_system *system = (const struct ctx_system *)open(ctx, CTX_ID_SYSTEM);
    const struct ctx_loader *loader = (const struct ctx_loader *)open(ctx, CTX_ID_LOADER);
    const struct ctx_control *control = (const struct ctx_control *)open(ctx, CTX_ID_CONTROL);
    const struct ctx_host *host = (const struct ctx_host *)open(ctx, CTX_ID_HOST);
    static struct ctx_crash crash;
    struct ctx_system_info info = {.size = sizeof info};
    struct ctx_program_info programs[2];
    uint64_t pid = 0;
    uint32_t n = 0;
    CHECK(system->info(system, &info) == CTX_OK && info.apps > 0 && info.memory > info.memory_free);
    CHECK(loader->programs(loader, programs, sizeof programs, sizeof programs[0], &n) == CTX_OK);
    CHECK(loader->start(loader, "no program at all", 17, "child", 5, &pid) == CTX_E_INVAL);
    CHECK(loader->run(loader, "nobody-has-this", 15, NULL, 0, &pid) == CTX_E_NOENT);
    crash.size = sizeof crash;
    CHECK(control->crash(control, NO_ID, &crash) == CTX_E_NOENT);
    CHECK(control->pause(control, NO_ID) == CTX_E_NOENT &&
          control->resume(control, NO_ID) == CTX_E_NOENT);
    CHECK(control->resume(control, ctx->pid) == CTX_E_INVAL &&
          control->stop(control, NO_ID) == CTX_E_NOENT);
    CHECK(control->restart(control, NO_ID) == CTX_E_NOENT &&
          control->remove(control, NO_ID) == CTX_E_NOENT);
    CHECK(host->open(host, NO_ID, &n) == CTX_E_NOENT && host->close(host, 0) == CTX_E_NOENT);
}

static void images(struct ctx *ctx)
{
    const struct ctx_image *image = (const struct ctx_image *)open(ctx, CTX_ID_IMAGE);
    struct ctx_image_place place = {.size = sizeof place};
    struct ctx_image_job job = {.size = sizeof job};
    struct ctx_image_info infos[2];
    uint32_t n = 0;
    CHECK(image->place(image, &place) == CTX_OK);
    CHECK(image->list(image, infos, sizeof infos, sizeof infos[0], &n) == CTX_OK);
    CHECK(image->save(image, ctx->pid, "", 0, &n) == CTX_E_INVAL &&
          image->poll(image, 0, &job) == CTX_E_NOENT);
}

static void services(struct ctx *ctx)
{
    const struct ctx_service *service = (const struct ctx_service *)open(ctx, CTX_ID_SERVICE);
    struct ctx_service_caller caller = {.size = sizeof caller};
    struct ctx_service_news news = {.size = sizeof news};
    struct ctx_service_info infos[2];
    uint32_t n = 0, status = 0;
    uint64_t request = 0;
    CHECK(service->list(service, infos, sizeof infos, sizeof infos[0], &n) == CTX_OK);
    CHECK(service->caller(service, &caller) == CTX_E_NOENT &&
          service->news(service, &news) == CTX_E_AGAIN);
    CHECK(service->take(service, NO_ID, NULL, 0, &n, &status) == CTX_E_NOENT);
    CHECK(service->cancel(service, NO_ID) == CTX_E_NOENT &&
          service->done(service, &request) == CTX_E_AGAIN);
    CHECK(service->publish(service, "none", 4, NULL, 0, &n) == CTX_E_INVAL);
    CHECK(service->unpublish(service, 0) == CTX_E_NOENT);
    CHECK(service->grant(service, infos, sizeof infos, &n) == CTX_E_NOENT);
}

static void shares(struct ctx *ctx)
{
    const struct ctx_share *share = (const struct ctx_share *)open(ctx, CTX_ID_SHARE);
    struct ctx_share_info info = {.size = sizeof info};
    uint32_t one = 0;
    uint64_t at = 0;
    CHECK(share->create(share, 5000, CTX_SHARE_ZERO, &one) == CTX_OK && one != 0);
    CHECK(share->create(share, 0, 0, &one) == CTX_E_INVAL);
    CHECK(share->map(share, one, CTX_SHARE_READ | CTX_SHARE_WRITE, &at) == CTX_OK);
    volatile uint32_t *words = (volatile uint32_t *)(uintptr_t)at;
    CHECK(at != 0 && words[1249] == 0);
    words[1249] = 5;
    CHECK(share->info(share, one, &info) == CTX_OK && info.bytes == 8192 && info.address == at &&
          info.owner == ctx->pid && info.holders == 1 && (info.flags & CTX_SHARE_ROOT) != 0);
    CHECK(share->grant(share, one, NO_ID, CTX_SHARE_READ, 0) == CTX_E_NOENT);
    CHECK(share->wake(share, one) == CTX_OK && share->take(share, &info) == CTX_E_AGAIN);
    CHECK(share->unmap(share, one) == CTX_OK && share->unmap(share, one) == CTX_E_NOENT);
    CHECK(share->close(share, one) == CTX_OK && share->close(share, one) == CTX_E_NOENT);
}

static void screens(struct ctx *ctx)
{
    const struct ctx_windows *windows = (const struct ctx_windows *)open(ctx, CTX_ID_WINDOWS);
    const struct ctx_screen *screen = (const struct ctx_screen *)open(ctx, CTX_ID_SCREEN);
    const struct ctx_block *block = (const struct ctx_block *)open(ctx, CTX_ID_BLOCK);
    static struct ctx_surface_info all[8];
    struct ctx_keyboard_layout layouts[1];
    uint32_t n = 0, w = 0, h = 0;
    CHECK(windows->list(windows, all, sizeof all, sizeof all[0], &n) == CTX_OK && n >= 2);
    CHECK((all[0].state & CTX_WINDOW_CANVAS) != 0 && all[0].pid == UINT64_MAX &&
          all[0].surface == 0);
    CHECK(windows->layouts(windows, layouts, sizeof layouts, sizeof layouts[0], &n) == CTX_OK &&
          n > 0);
    CHECK(windows->release(windows) == CTX_E_DENIED &&
          windows->focus(windows, ctx->pid, 0) == CTX_E_DENIED);
    CHECK(screen->copy(screen, NULL, 0, 1, &w, &h) == CTX_E_NOSPC && w > 0 && h > 0);
    CHECK(screen->copy(screen, all, sizeof all, 9, &w, &h) == CTX_E_INVAL);
    CHECK(block->claim(block, 0xfffffff0, 0, &n) == CTX_E_NOENT);
    CHECK(block->done(block, &(struct ctx_block_done){.size = sizeof(struct ctx_block_done)}) ==
          CTX_E_AGAIN);
}

static void draw(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint32_t *pixels = d->pixels(d, app.surface);
    for (uint32_t i = 0; pixels != NULL && i < W * H; i++) {
        uint32_t shade = app.block[(i * 3 + app.step) % BLOCK];
        pixels[i] = i % W * STEPS < app.step * W ? shade << 16 | COLOUR : COLOUR >> 1 & 0x7f7f7f;
        app.sum = app.sum * 31 + pixels[i];
    }
    d->damage(d, app.surface, 0, 0, W, H);
}

static const struct {
    const char *name;
    void (*test)(struct ctx *ctx);
} stages[] = {{"header", header},   {"iface", iface},   {"time", clocks},        {"mem", memory},
              {"display", display}, {"events", events}, {"small", small_tables}, {"apps", apps},
              {"rulers", rulers},   {"image", images},  {"service", services},   {"share", shares},
              {"screens", screens}};
#define STAGES (uint32_t)(sizeof stages / sizeof stages[0])

static void stage(struct ctx *ctx)
{
    struct line l = {0};
    wrong = 0;
    stages[app.stage].test(ctx);
    put(&l, "T lasting ");
    put(&l, stages[app.stage].name);
    put(&l, wrong == 0 ? " ok" : " FAIL line ");
    if (wrong != 0) {
        put_number(&l, wrong);
    }
    send(ctx, &l);
    app.stage++;
}

int32_t _start(struct ctx *ctx)
{
    if (app.stage < STAGES) {
        stage(ctx);
        return CTX_AGAIN;
    }
    if (app.step < STEPS) {
        app.step++;
        draw(ctx);
        if (app.step == STEPS) {
            say(ctx, "lasting sum", (int64_t)(app.sum >> 1));
            say(ctx, "lasting ends", app.step);
        }
        return CTX_AGAIN;
    }
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_CLOSE);
    ctx->time->wake_at(ctx->time, now(ctx) + 20000000);
    return CTX_WAIT;
}
