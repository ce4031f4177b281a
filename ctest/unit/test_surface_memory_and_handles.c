/* SPDX-License-Identifier: MIT */
/* Surfaces: their sizes, their memory, and their handles. */
#include "gate.h"
#include "surface_fixture.h"
#include "surface_private.h"

static int32_t body_limits(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    make(ctx, 0, 5, CTX_SURFACE_RGBX, 0, CTX_E_INVAL);
    make(ctx, 5, 0, CTX_SURFACE_RGBX, 0, CTX_E_INVAL);
    make(ctx, 8193, 1, CTX_SURFACE_RGBX, 0, CTX_E_INVAL);
    make(ctx, 1, 8193, CTX_SURFACE_RGBX, 0, CTX_E_INVAL);
    make(ctx, UINT32_MAX, UINT32_MAX, CTX_SURFACE_RGBX, 0, CTX_E_INVAL);
    make(ctx, 5, 5, 0, 0, CTX_E_INVAL);
    make(ctx, 5, 5, 3, 0, CTX_E_INVAL);
    make(ctx, 5, 5, CTX_SURFACE_RGBX, 2 * CTX_SURFACE_SCALED, CTX_E_INVAL);
    make(ctx, 5, 5, CTX_SURFACE_RGBX, CTX_SURFACE_POINTER | CTX_SURFACE_HIDDEN, CTX_E_INVAL);
    make(ctx, 5, 5, CTX_SURFACE_RGBX, CTX_SURFACE_INTEGER | CTX_SURFACE_SMOOTH, CTX_E_INVAL);
    make(ctx, 129, 5, CTX_SURFACE_RGBX, CTX_SURFACE_POINTER, CTX_E_INVAL);
    make(ctx, 5, 129, CTX_SURFACE_RGBX, CTX_SURFACE_POINTER, CTX_E_INVAL);
    make(ctx, 5, 5, CTX_SURFACE_RGBX, UINT64_C(1) << 63, CTX_E_INVAL);
    make(ctx, 8192, 8192, CTX_SURFACE_RGBX, 0, CTX_E_NOMEM); /* above the quota of 8 MiB */
    uint32_t wide = make(ctx, 8192, 1, CTX_SURFACE_RGBA, 0, CTX_OK);
    uint32_t tall = make(ctx, 1, 8192, CTX_SURFACE_RGBX, 0, CTX_OK);
    uint32_t *p = d->pixels(d, tall);
    for (uint32_t i = 0; i < 8192; i++) {
        assert_int_equal(p[i], 0); /* black */
    }
    p[8191] = 1;
    assert_int_equal(d->destroy(d, wide), CTX_OK);
    assert_int_equal(d->destroy(d, tall), CTX_OK);
    uint32_t many[SURFACES];
    for (uint32_t i = 0; i < SURFACES; i++) {
        many[i] = make(ctx, 10 + i, 10, CTX_SURFACE_RGBX, 0, CTX_OK);
        for (uint32_t n = 0; n < i; n++) {
            assert_true(many[i] != many[n] && d->pixels(d, many[i]) != d->pixels(d, many[n]));
        }
    }
    make(ctx, 10, 10, CTX_SURFACE_RGBX, 0, CTX_E_NOSPC);
    assert_int_equal(d->destroy(d, many[3]), CTX_OK);
    many[3] = make(ctx, 20, 20, CTX_SURFACE_RGBX, 0, CTX_OK);
    return 0;
}

static void limits(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_limits);
    assert_int_equal(app->faults, 0);
    app_unload(app); /* all of them go with it */
    all_is_back();
}

static int32_t body_handles(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint32_t old = make(ctx, 10, 10, CTX_SURFACE_RGBX, 0, CTX_OK);
    struct ctx_presented *p = own(ctx, sizeof *p);
    p->size = sizeof *p;
    const uint32_t bad[] = {0,         1, 7, 8, 63, 64, 255, old + 1, old + 0x100, old | 0x1000000,
                            UINT32_MAX};
    for (size_t i = 0; i <= ARRAY_COUNT(bad); i++) {
        uint32_t h = i < ARRAY_COUNT(bad) ? bad[i] : old;
        if (i == ARRAY_COUNT(bad)) { /* one that was good, and whose place has a new tenant */
            assert_int_equal(d->destroy(d, old), CTX_OK);
            assert_int_equal(d->destroy(d, old), CTX_E_NOENT);
            uint32_t fresh = make(ctx, 10, 10, CTX_SURFACE_RGBX, 0, CTX_OK);
            assert_true(fresh != old && (fresh & 0xff) == (old & 0xff));
        }
        assert_null(d->pixels(d, h));
        assert_int_equal(d->damage(d, h, 0, 0, 1, 1), CTX_E_NOENT);
        assert_int_equal(d->presented(d, h, p), CTX_E_NOENT);
        assert_int_equal(d->resize(d, h, 5, 5), CTX_E_NOENT);
        assert_int_equal(d->destroy(d, h), CTX_E_NOENT);
    }
    return 0;
}

/* A handle is never 0 and never the last one, however often its place was used. */
static int32_t body_generations(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint32_t *out = own(ctx, 4);
    uint32_t old = 0;
    for (uint32_t i = 0; i < 66000; i++) {
        assert_int_equal(d->create(d, 1, 1, CTX_SURFACE_RGBX, 0, out), CTX_OK);
        assert_true(*out != 0 && *out >> 8 != 0 && *out != old);
        old = *out;
        assert_int_equal(d->destroy(d, old), CTX_OK);
    }
    return 0;
}

static void handles(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_handles);
    app_unload(app);
    app = load_v3("app");
    call(app, body_generations);
    app_unload(app);
    all_is_back();
}

static int32_t body_resize(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    struct app *app = app_current();
    uint32_t h = make(ctx, 100, 100, CTX_SURFACE_RGBX, 0, CTX_OK);
    uint32_t *p = d->pixels(d, h);
    memset(p, 0x11, 100 * 100 * 4);
    uint64_t pages = app->pages;
    assert_int_equal(d->resize(d, h, 0, 5), CTX_E_INVAL);
    assert_int_equal(d->resize(d, h, 5, 8193), CTX_E_INVAL);
    assert_int_equal(d->resize(d, h, 8000, 8000), CTX_E_NOMEM);
    fake.allocs_left = 0;
    assert_int_equal(d->resize(d, h, 200, 200), CTX_E_NOMEM);
    fake.allocs_left = FAKE_ALWAYS;
    assert_int_equal(app->pages, pages);
    assert_ptr_equal(d->pixels(d, h), p);
    for (uint32_t i = 0; i < 100 * 100; i++) {
        assert_int_equal(p[i], 0x11111111); /* on an error everything stays */
    }
    assert_int_equal(d->resize(d, h, 200, 200), CTX_OK);
    p = d->pixels(d, h);
    for (uint32_t i = 0; i < 200 * 200; i++) {
        assert_int_equal(p[i], 0);
    }
    assert_int_equal(d->resize(d, h, 1, 1), CTX_OK);
    p = d->pixels(d, h);
    *p = 1;
    assert_int_equal(fake_rights((uint64_t)(uintptr_t)p + PAGE_SIZE), 0);
    return 0;
}

static void resize(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_resize);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
}

static uint64_t allowed;
static bool was_refused;

static int32_t body_little_memory(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint32_t *out = own(ctx, 4);
    uint32_t old = make(ctx, 64, 64, CTX_SURFACE_RGBX, 0, CTX_OK);
    uint32_t *p = d->pixels(d, old);
    memset(p, 0x11, 64 * 64 * 4);
    fake.allocs_left = allowed;
    ctx_status created = d->create(d, 1000, 700, CTX_SURFACE_RGBX, 0, out);
    ctx_status resized = d->resize(d, old, 300, 200);
    was_refused = fake.allocs_left == 0 || (fake.once && fake.allocs_left == FAKE_ALWAYS);
    fake.allocs_left = FAKE_ALWAYS;
    assert_true(created == CTX_OK || created == CTX_E_NOMEM);
    assert_true(resized == CTX_OK || resized == CTX_E_NOMEM);
    if (created == CTX_OK) {
        assert_non_null(d->pixels(d, *out));
    }
    const uint32_t *now = d->pixels(d, old);
    for (uint32_t i = 0; now != NULL && i < 64 * 64; i++) {
        assert_int_equal(now[i], resized == CTX_OK ? 0 : 0x11111111);
    }
    assert_true(now != NULL || resized == CTX_E_NOMEM);
    return 0;
}

/* Creating and resizing with each allocation refused in turn. */
static void little_memory(void **state)
{
    (void)state;
    for (uint32_t once = 0; once < 2; once++) {
        was_refused = true;
        for (allowed = 0; was_refused; allowed++) {
            remember();
            struct app *app = load_v3("app");
            fake.once = once != 0;
            call(app, body_little_memory);
            fake.once = false;
            assert_int_equal(app->faults, 0);
            app_unload(app);
            all_is_back();
            assert_true(allowed < 100);
        }
    }
}

static int32_t body_only_the_quota(struct ctx *ctx)
{
    /* 11.4 MiB of pixels: within sides, window and memory, and over 8 MiB of quota. */
    make(ctx, 2000, 1500, CTX_SURFACE_RGBX, 0, CTX_E_NOMEM);
    uint32_t fits = make(ctx, 2000, 900, CTX_SURFACE_RGBX, 0, CTX_OK);
    assert_int_equal(ctx->display->resize(ctx->display, fits, 2000, 1500), CTX_E_NOMEM);
    make(ctx, 2000, 900, CTX_SURFACE_RGBX, 0, CTX_E_NOMEM); /* a second one is one too many */
    assert_int_equal(ctx->display->destroy(ctx->display, fits), CTX_OK);
    make(ctx, 2000, 900, CTX_SURFACE_RGBX, 0, CTX_OK);
    return 0;
}

/* A 2000x1500 surface, which breaks only the quota, passed unseen. */
static void only_the_quota(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_only_the_quota);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    app = load_v3("app mem=20M");
    want_w = 2000;
    want_h = 1500;
    call(app, body_create); /* nothing else is wrong with it */
    app_unload(app);
    all_is_back();
}

/* Creating with the n-th frame refused: nothing is half there. */
static void no_frames(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_create); /* page tables and the heap are there now */
    uint64_t pages = app->pages;
    for (uint64_t n = 0; n < 3; n++) {
        fake.allocs_left = n;
        const uint64_t args[6] = {
            0, 2000, 700, CTX_SURFACE_RGBX, 0, app->base + CTX_SLOT_STORE + 64};
        int32_t status = (int32_t)gate_offered(CTX_TABLE_DISPLAY, 2)(app, args);
        fake.allocs_left = FAKE_ALWAYS;
        if (status != CTX_OK) {
            assert_int_equal(status, CTX_E_NOMEM);
            assert_int_equal(app->pages, pages);
        }
    }
    app_unload(app);
    all_is_back();
}

/* ---- where they lie in the slot ---- */

struct piece {
    uint32_t handle, w, h;
    uint8_t seed;
};

static void paint(const struct ctx_display *d, struct piece *p, uint8_t seed)
{
    p->seed = seed;
    memset(d->pixels(d, p->handle), seed, (size_t)p->w * p->h * 4);
}

static void check_pieces(const struct ctx_display *d, const struct piece *pieces)
{
    for (uint32_t i = 0; i < SURFACES; i++) {
        const uint8_t *from = pieces[i].handle != 0 ? d->pixels(d, pieces[i].handle) : NULL;
        uint64_t bytes = (uint64_t)pieces[i].w * pieces[i].h * 4;
        for (uint64_t n = 0; from != NULL && n < bytes; n += 1 + n % 97) {
            assert_int_equal(from[n], pieces[i].seed);
        }
    }
}

/* Many of all sizes, which come, go and change at random: none lies over another, or right beside
 * it. */
static int32_t body_many_sizes(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    struct piece pieces[SURFACES] = {{0}};
    struct rng rng = {15};
    uint32_t *out = own(ctx, 4);
    for (uint32_t round = 0; round < 1500; round++) {
        struct piece *p = &pieces[rng_below(&rng, SURFACES)];
        uint32_t w = 1 + (uint32_t)rng_below(&rng, 120), h = 1 + (uint32_t)rng_below(&rng, 120);
        ctx_status status = CTX_OK;
        if (p->handle != 0 && round % 3 == 0) {
            assert_int_equal(d->destroy(d, p->handle), CTX_OK);
            p->handle = 0;
            continue;
        }
        if (p->handle != 0) {
            status = d->resize(d, p->handle, w, h);
        } else {
            status = d->create(d, w, h, CTX_SURFACE_RGBX, 0, out);
            p->handle = status == CTX_OK ? *out : 0;
        }
        assert_true(status == CTX_OK || status == CTX_E_NOMEM); /* the quota */
        if (status == CTX_OK) {
            p->w = w;
            p->h = h;
            paint(d, p, (uint8_t)round);
            uint64_t end =
                (uint64_t)(uintptr_t)d->pixels(d, p->handle) + surface_pages(w, h) * PAGE_SIZE;
            assert_int_equal(fake_rights(end), 0);
        }
        check_pieces(d, pieces);
    }
    return 0;
}

static void many_of_all_sizes(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_many_sizes);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
}

/* The range is one for all of them: a large one has all that no other takes. */
static void the_first_gap_that_fits(void **state)
{
    (void)state;
    const uint64_t gap = STAGGER_PAGES, all = (SURFACES_END - SURFACES_FIRST) / PAGE_SIZE - gap;
    struct app *app = load_v3("app");
    uint64_t at;
    assert_int_equal(surface_make_room(app, 3), CTX_OK);
    struct surface *s = app->surfaces->all;
    assert_true(all * PAGE_SIZE > UINT64_C(8192) * 8192 * 4); /* the largest that there is */
    assert_true(surface_find_gap(app, all, NULL, &at));
    assert_int_equal(at, SURFACES_FIRST + gap * PAGE_SIZE);
    assert_false(surface_find_gap(app, all + 1, NULL, &at));
    assert_false(surface_find_gap(app, UINT64_MAX / PAGE_SIZE / 2, NULL, &at));
    /* Not in the order of their numbers: 2 pages, a gap of 10, 5 pages. */
    s[2] = (struct surface){.frame = 1, .pages = 2, .at = at};
    s[0] = (struct surface){.frame = 1, .pages = 5, .at = at + (2 + 2 * gap + 10) * PAGE_SIZE};
    uint64_t behind = s[0].at + (5 + gap) * PAGE_SIZE;
    assert_true(surface_find_gap(app, 10, NULL, &at));
    assert_int_equal(at, s[2].at + (2 + gap) * PAGE_SIZE);
    assert_true(surface_find_gap(app, 11, NULL, &at));
    assert_int_equal(at, behind);
    assert_true(surface_find_gap(app, 11, &s[0], &at)); /* it takes its own place again */
    assert_int_equal(at, s[2].at + (2 + gap) * PAGE_SIZE);
    assert_true(surface_find_gap(app, (SURFACES_END - behind) / PAGE_SIZE, NULL, &at));
    assert_false(surface_find_gap(app, (SURFACES_END - behind) / PAGE_SIZE + 1, NULL, &at));
    s[0].frame = s[2].frame = 0;
    app_unload(app);
    all_is_back();
}

/* ---- what is asked of whoever manages windows ---- */

static int32_t body_asks(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    const uint64_t flags = CTX_SURFACE_FIXED | CTX_SURFACE_FULL | CTX_SURFACE_SMOOTH |
                           CTX_SURFACE_HIDDEN | CTX_SURFACE_RELATIVE;
    struct ctx_display_info *screen = own(ctx, sizeof *screen);
    screen->size = sizeof *screen;
    assert_int_equal(d->info(d, screen), CTX_OK);
    assert_int_equal(screen->scale, 120);
    uint32_t h = make(ctx, 20, 10, CTX_SURFACE_RGBA, flags, CTX_OK);
    struct ctx_surface_info *info = own(ctx, sizeof *info);
    *info = (struct ctx_surface_info){.size = sizeof *info};
    assert_int_equal(d->describe(d, h, info), CTX_OK);
    assert_int_equal(info->surface, h);
    assert_int_equal(info->pid, ctx->pid);
    assert_int_equal(info->flags, flags);
    assert_int_equal(info->w, 20);
    assert_int_equal(info->h, 10);
    assert_int_equal(info->x, (W - 20) / 2); /* in the middle, while nothing else is asked */
    assert_int_equal(info->y, (H - 10) / 2);
    assert_int_equal(info->format, CTX_SURFACE_RGBA);
    assert_int_equal(info->asked + info->smallest_w + info->smallest_h + info->cursor, 0);
    assert_int_equal(info->title[0], 0);

    assert_int_equal(d->ask_position(d, h, -7, INT32_MAX), CTX_OK);
    assert_int_equal(d->ask_smallest(d, h, 8192, 3), CTX_OK);
    assert_int_equal(d->ask_smallest(d, h, 8193, 3), CTX_E_INVAL);
    assert_int_equal(d->ask_smallest(d, h, 3, 8193), CTX_E_INVAL);
    assert_int_equal(d->cursor(d, h, CTX_CURSOR_FORBIDDEN), CTX_OK);
    assert_int_equal(d->cursor(d, h, CTX_CURSOR_FORBIDDEN + 1), CTX_E_INVAL);
    assert_int_equal(d->ask_flags(d, h, CTX_SURFACE_RELATIVE | CTX_SURFACE_FULL), CTX_OK);
    assert_int_equal(d->ask_flags(d, h, CTX_SURFACE_INTEGER | CTX_SURFACE_SMOOTH), CTX_E_INVAL);
    assert_int_equal(d->ask_flags(d, h, CTX_SURFACE_POINTER), CTX_E_INVAL);
    assert_int_equal(d->ask_flags(d, h, UINT64_C(1) << 40), CTX_E_INVAL);
    assert_int_equal(d->describe(d, h, info), CTX_OK);
    assert_int_equal(info->flags, CTX_SURFACE_RELATIVE | CTX_SURFACE_FULL);
    assert_int_equal(d->ask_flags(d, h, 0), CTX_OK);
    uint32_t follows = make(ctx, 8, 8, CTX_SURFACE_RGBA, CTX_SURFACE_POINTER, CTX_OK);
    assert_int_equal(d->ask_flags(d, follows, 0), CTX_E_INVAL);
    assert_int_equal(d->ask_flags(d, follows, CTX_SURFACE_POINTER), CTX_OK);
    assert_int_equal(d->destroy(d, follows), CTX_OK);
    char *title = own(ctx, 128);
    memset(title, 'a', 128);
    assert_int_equal(d->title(d, h, title, 63), CTX_OK);
    assert_int_equal(d->title(d, h, title, 64), CTX_E_INVAL);
    assert_int_equal(d->title(d, h, title, UINT32_MAX), CTX_E_INVAL);
    static const char bad[][4] = {"a\nb", "\x01", "\xff", "\xc3", "a\x7f"};
    for (uint32_t i = 0; i < ARRAY_COUNT(bad); i++) {
        memcpy(title, bad[i], 4);
        assert_int_equal(d->title(d, h, title, i < 1 ? 3 : i < 4 ? 1 : 2), CTX_E_INVAL);
    }
    title[0] = 0;
    assert_int_equal(d->title(d, h, title, 1), CTX_E_INVAL);
    assert_int_equal(d->describe(d, h, info), CTX_OK);
    assert_int_equal(info->asked, CTX_ASKED_POSITION);
    assert_int_equal(info->x, -7);
    assert_int_equal(info->asked_y, INT32_MAX);
    assert_int_equal(info->smallest_w, 8192);
    assert_int_equal(info->smallest_h, 3);
    assert_int_equal(info->cursor, CTX_CURSOR_FORBIDDEN);
    assert_int_equal(strlen((char *)info->title), 63); /* what was refused changed nothing */
    assert_int_equal(d->resize(d, h, 30, 30), CTX_OK); /* nor does another size */
    assert_int_equal(d->describe(d, h, info), CTX_OK);
    assert_int_equal(info->w, 30);
    assert_int_equal(strlen((char *)info->title), 63);
    assert_int_equal(info->x, -7);
    assert_int_equal(d->title(d, h, title, 0), CTX_OK);
    assert_int_equal(d->describe(d, h, info), CTX_OK);
    assert_int_equal(info->title[0], 0);
    info->size = 24; /* an older app */
    info->w = 99;
    assert_int_equal(d->describe(d, h, info), CTX_OK);
    assert_int_equal(info->w, 99);

    const uint32_t gone[] = {0, h + 1, h + 0x100, UINT32_MAX};
    for (uint32_t i = 0; i < ARRAY_COUNT(gone); i++) {
        assert_int_equal(d->ask_position(d, gone[i], 1, 1), CTX_E_NOENT);
        assert_int_equal(d->ask_smallest(d, gone[i], 1, 1), CTX_E_NOENT);
        assert_int_equal(d->title(d, gone[i], title, 0), CTX_E_NOENT);
        assert_int_equal(d->cursor(d, gone[i], 1), CTX_E_NOENT);
        assert_int_equal(d->ask_flags(d, gone[i], 0), CTX_E_NOENT);
        info->size = sizeof *info;
        assert_int_equal(d->describe(d, gone[i], info), CTX_E_NOENT);
    }
    /* The next tenant of its place has asked for nothing. */
    assert_int_equal(d->destroy(d, h), CTX_OK);
    h = make(ctx, 20, 10, CTX_SURFACE_RGBX, 0, CTX_OK);
    assert_int_equal(d->describe(d, h, info), CTX_OK);
    assert_int_equal(info->asked + info->smallest_w + info->cursor, 0);
    assert_int_equal(info->x, (W - 20) / 2);
    return 0;
}

static void asked_and_told(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_asks);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
}

static struct ctx_surface_info listed[8];
static uint32_t listed_count, listed_each = sizeof(struct ctx_surface_info);

static int32_t body_list(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_WINDOWS, 0, &t), CTX_OK);
    const struct ctx_windows *windows = (const struct ctx_windows *)t;
    uint8_t *to = own(ctx, sizeof listed);
    uint32_t *count = own(ctx, 4);
    for (uint32_t each = 0; each < 8; each++) {
        assert_int_equal(windows->list(windows, to, sizeof listed, each, count), CTX_E_INVAL);
    }
    assert_int_equal(windows->list(windows, to, 4 * listed_each, listed_each, count), CTX_OK);
    listed_count = *count;
    for (uint32_t i = 0; i < 4; i++) {
        memcpy(&listed[i], to + i * listed_each, listed_each);
    }
    return 0;
}

static int32_t body_list_denied(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_WINDOWS, 0, &t), CTX_OK);
    const struct ctx_windows *windows = (const struct ctx_windows *)t;
    assert_int_equal(windows->list(windows, NULL, 0, 160, own(ctx, 4)), CTX_E_DENIED);
    return 0;
}

static void who_manages_windows_sees_all(void **state)
{
    (void)state;
    struct app *one = load_v3("one"), *two = load_v3("two");
    struct app *manager = load_v3("manager grant=ctx.windows/1");
    call(two, body_create);
    uint32_t first = handle;
    call(one, body_create);
    call(one, body_create);
    call(manager, body_list);
    assert_int_equal(listed_count, 4);
    assert_int_equal(listed[0].pid, UINT64_MAX);
    assert_int_equal(listed[0].surface, 0);
    assert_int_equal(listed[0].state, CTX_WINDOW_CANVAS | CTX_WINDOW_PLACED);
    assert_int_equal(listed[1].pid, one->pid);
    assert_int_equal(listed[2].pid, one->pid);
    assert_int_equal(listed[2].surface, handle);
    assert_int_equal(listed[3].pid, two->pid);
    assert_int_equal(listed[3].surface, first);
    assert_int_equal(listed[3].w, 100);
    call(one, body_create);
    call(two, body_create); /* six, of which four fit */
    listed_each = 24;
    call(manager, body_list);
    assert_int_equal(listed_count, 6);
    assert_int_equal(listed[3].pid, one->pid);
    call(two, body_list_denied); /* a title is nobody's business */
    assert_int_equal(one->faults + two->faults + manager->faults, 0);
    app_unload(manager);
    app_unload(two);
    app_unload(one);
    all_is_back();
}

/* ---- one that follows the pointer ---- */

static int32_t body_count_pages(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    static const uint32_t sizes[][3] = {{10, 10, 1}, {200, 100, 20}, {32, 32, 1}, {33, 32, 2}};
    const struct app *app = app_current();
    uint32_t *out = own(ctx, 4);
    uint64_t pages = app->pages;
    assert_int_equal(d->create(d, 100, 60, CTX_SURFACE_RGBX, 0, out), CTX_OK);
    assert_int_equal(app->pages, pages + 6);
    for (uint32_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        assert_int_equal(d->resize(d, *out, sizes[i][0], sizes[i][1]), CTX_OK);
        assert_int_equal(app->pages, pages + sizes[i][2]);
    }
    assert_int_equal(d->destroy(d, *out), CTX_OK);
    assert_int_equal(app->pages, pages);
    return 0;
}

/* What counts against the quota is what it has, whichever way it came to its size. */
static void pages_are_counted(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_count_pages);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(limits, setup),
        cmocka_unit_test_setup(handles, setup),
        cmocka_unit_test_setup(resize, setup),
        cmocka_unit_test_setup(no_frames, setup),
        cmocka_unit_test_setup(little_memory, setup),
        cmocka_unit_test_setup(only_the_quota, setup),
        cmocka_unit_test_setup(pages_are_counted, setup),
        cmocka_unit_test_setup(many_of_all_sizes, setup),
        cmocka_unit_test_setup(the_first_gap_that_fits, setup),
        cmocka_unit_test_setup(asked_and_told, setup),
        cmocka_unit_test_setup(who_manages_windows_sees_all, setup),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
