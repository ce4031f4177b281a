/* SPDX-License-Identifier: MIT */
/*
 * Going back to an image while the app runs: in place where it has kept what lies outside its
 * pages, else anew; pictures of sessions; and apps whose data lies in several pieces.
 */
#include "canvas.h"
#include "event.h"
#include "image.h"
#include "image_reseal.h"
#include "policy_fixture.h"
#include "restore.h"
#include "save.h"
#include "session.h"
#include "undo.h"

#include <kernel/input.h>

#include <signal.h>

#define W 320u
#define H 200u

static struct {
    uint8_t *bytes;
    uint64_t len;
    struct image image;
    struct image_error error;
} f;

static void keep(struct image_bytes *made)
{
    free(f.bytes);
    f.bytes = malloc(made->len);
    assert_non_null(f.bytes);
    memcpy(f.bytes, made->bytes, made->len);
    f.len = made->len;
    image_bytes_free(made);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
}

static void take(struct app *app, uint32_t flags)
{
    struct image_bytes made;
    assert_int_equal(app_save(app, flags, &made), CTX_OK);
    keep(&made);
}

/* ---- in place, or anew ---- */

static struct {
    uint32_t *out;
    uint32_t surface, second;
    uint8_t *block, *later;
    uint32_t *pixels;
} s;

static int32_t body_begin(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_RANDOM, 0, &t), CTX_OK);
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &t), CTX_OK);
    s.out = own(ctx, 4);
    const struct ctx_display *d = ctx->display;
    assert_int_equal(d->create(d, 100, 60, CTX_SURFACE_RGBX, 0, s.out), CTX_OK);
    s.surface = *s.out;
    assert_int_equal(d->create(d, 50, 30, CTX_SURFACE_RGBX, 0, s.out), CTX_OK);
    s.second = *s.out;
    s.pixels = d->pixels(d, s.surface);
    memset(s.pixels, 0x33, 100 * 60 * 4);
    s.block = ctx->mem->alloc(ctx->mem, 3 * PAGE_SIZE, PAGE_SIZE, CTX_MEM_ZERO);
    memset(s.block, 0x44, PAGE_SIZE);
    memset(s.block + 2 * PAGE_SIZE, 0x55, PAGE_SIZE); /* the page between them is zero */
    *ctx->store = s.block;
    return CTX_AGAIN;
}

static int32_t body_check(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    assert_ptr_equal(*ctx->store, s.block);
    for (uint32_t i = 0; i < PAGE_SIZE; i++) {
        assert_int_equal(s.block[i], 0x44);
        assert_int_equal(s.block[PAGE_SIZE + i], 0);
        assert_int_equal(s.block[2 * PAGE_SIZE + i], 0x55);
    }
    assert_ptr_equal(d->pixels(d, s.surface), s.pixels);
    for (uint32_t i = 0; i < 100 * 60; i++) {
        assert_int_equal(s.pixels[i], 0x33333333);
    }
    assert_non_null(d->pixels(d, s.second));
    return CTX_AGAIN;
}

/* Its memory is another one; what lies outside is as it was. */
static int32_t body_spoil(struct ctx *ctx)
{
    memset(s.block, 0xee, 3 * PAGE_SIZE);
    memset(s.pixels, 0xee, 100 * 60 * 4);
    s.later = ctx->mem->alloc(ctx->mem, 5000, 16, 0);
    memset(s.later, 0xee, 5000);
    *ctx->store = NULL;
    return CTX_AGAIN;
}

static int32_t body_table(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_LOG, 0, &t), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_larger(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, s.second, 51, 30), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_taller(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, s.second, 50, 31), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_one_less(struct ctx *ctx)
{
    assert_int_equal(ctx->display->destroy(ctx->display, s.second), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_one_more(struct ctx *ctx)
{
    assert_int_equal(ctx->display->create(ctx->display, 8, 8, CTX_SURFACE_RGBX, 0, s.out), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_another(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    assert_int_equal(d->destroy(d, s.second), CTX_OK);
    assert_int_equal(d->create(d, 50, 30, CTX_SURFACE_RGBX, 0, s.out), CTX_OK);
    return body_spoil(ctx);
}

static int32_t body_with_canvas(struct ctx *ctx)
{
    assert_int_equal(ctx->display->canvas(ctx->display), CTX_OK);
    return body_spoil(ctx);
}

/* In place it keeps the pages of its heap; anew it has others. */
static void what_was_kept_stays_in_place(void **state)
{
    (void)state;
    static const struct {
        int32_t (*body)(struct ctx *);
        bool in_place;
    } ways[] = {{body_spoil, true},    {body_table, true},       {body_larger, false},
                {body_taller, false},  {body_one_less, false},   {body_one_more, false},
                {body_another, false}, {body_with_canvas, false}};
    static const uint32_t flags[] = {0, SAVE_PACKED, SAVE_UNCHECKED | SAVE_BARE};
    for (uint32_t i = 0; i < ARRAY_COUNT(ways) * 3; i++) {
        remember();
        struct app *app = load_v3("app");
        call(app, body_begin);
        take(app, flags[i % 3]);
        call(app, ways[i / 3].body);
        assert_int_equal(app->faults, 0);
        fake.small_ones_free = true;
        uint64_t allocs = fake.alloc_calls;
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        allocs = fake.alloc_calls - allocs;
        fake.small_ones_free = false;
        if (ways[i / 3].in_place != (allocs < 10)) {
            print_error("way %u: %llu allocations\n", i, (unsigned long long)allocs);
            fail();
        }
        call(app, body_check);
        assert_int_equal(app->faults, 0);
        assert_int_equal(app->epoch, 1);
        app_unload(app);
        all_is_back();
    }
}

/* A page of the image that the slot has lost does not shift those behind it. */
static void a_page_that_is_not_there(void **state)
{
    (void)state;
    static const uint32_t flags[] = {0, SAVE_PACKED, SAVE_UNCHECKED | SAVE_BARE};
    for (uint32_t i = 0; i < ARRAY_COUNT(flags) * 4; i++) {
        remember();
        struct app *app = load_v3("app");
        call(app, body_begin);
        take(app, flags[i % 3]);
        call(app, body_spoil);
        uint64_t at = (uint64_t)(uintptr_t)s.pixels + i / 3 * PAGE_SIZE;
        uint64_t frame = machine_slot_frame(at);
        machine_slot_unmap(at, 1 + i / 3 % 2);
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        for (uint64_t page = 0; page < 1 + i / 3 % 2; page++) {
            paddr_t its = frame + page * PAGE_SIZE;
            assert_int_equal(*(uint8_t *)machine_direct(its), 0xee); /* nobody has written there */
            assert_int_equal(machine_slot_map(at + page * PAGE_SIZE, its, 1, 3), CTX_OK);
            memset(machine_direct(its), 0x33, PAGE_SIZE);
        }
        call(app, body_check);
        assert_int_equal(app->faults, 0);
        app_unload(app);
        all_is_back();
    }
}

/* An image may leave less room for the stack; then that is what the app has. */
static void a_stack_of_another_size(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_begin);
    take(app, 0);
    struct ctx_image_app *a =
        (struct ctx_image_app *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_APP));
    uint64_t low = a->stack_low;
    assert_int_equal(app->stack_low, low);
    for (uint32_t i = 0; i < 2; i++) {
        a->stack_low = low + (i == 0 ? 2 * PAGE_SIZE : 0);
        image_reseal(f.bytes, f.len);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        assert_int_equal(app->stack_low, a->stack_low);
        call(app, body_check);
        assert_int_equal(app->faults, 0);
    }
    app_unload(app);
}

/* The two tables were opened in another order, by another instance of the same file. */
static int32_t body_begin_otherwise(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_ARGS, 0, &t), CTX_OK);
    return body_begin(ctx);
}

static void other_tables_are_made_anew(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_begin);
    take(app, 0);
    uint64_t base = app->base;
    app_unload(app);
    __typeof__(s) places = s;
    for (uint32_t few = 0; few < 2; few++) {
        app = load_v3("app");
        if (few == 0) {
            call(app, body_begin_otherwise);
        }
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        assert_int_equal(app->base, base);
        s = places;
        call(app, body_check);
        assert_int_equal(app->faults, 0);
        app_unload(app);
    }
}

/* Whoever was to end or to begin anew goes back all the same. */
static void a_fate_is_taken_back(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_begin);
    take(app, 0);
    call(app, body_spoil);
    app_set_fate(app, FATE_UNLOAD, 0);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    app_settle();
    assert_int_equal(app_count(), 1);
    call(app, body_check);
    app_unload(app);
}

/* Its place is another app's now. */
static void another_app_lives_there(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_begin);
    take(app, 0);
    uint64_t base = app->base;
    app_set_fate(app, FATE_RESTART, fake.now_ns);
    app_settle();
    struct app *other = NULL;
    while (other == NULL || other->base != base) { /* slots are given at random */
        if (other != NULL) {
            app_unload(other);
        }
        other = load_v3("other");
    }
    assert_true(app_begin_anew(app));
    call(app, body_begin);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_E_EXIST);
    assert_text(f.error.field, "app.base");
    call(app, body_check); /* nothing has happened to it */
    app_unload(other);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    assert_int_equal(app->base, base);
    app_unload(app);
}

static uint8_t *hole[4];

static int32_t body_holes(struct ctx *ctx)
{
    for (uint32_t i = 0; i < 7; i++) {
        uint8_t *block = ctx->alloc(200, 16);
        if (i % 2 == 1) {
            hole[i / 2] = block;
        }
    }
    ctx->dealloc(hole[1], 200, 16);
    ctx->dealloc(hole[0], 200, 16);
    ctx->dealloc(hole[2], 200, 16);
    return 0;
}

static int32_t body_other_order(struct ctx *ctx)
{
    for (uint32_t i = 0; i < 3; i++) {
        hole[i] = ctx->alloc(200, 16);
    }
    for (uint32_t i = 0; i < 3; i++) {
        ctx->dealloc(hole[i], 200, 16);
    }
    return 0;
}

/* The same blocks, but freed in another order: the next ones lie where they would have lain. */
static void the_next_blocks_lie_where_they_would_have(void **state)
{
    (void)state;
    struct app *app = load("old");
    call(app, body_holes);
    take(app, 0);
    call(app, body_other_order);
    uint8_t *wanted[3];
    memcpy(wanted, hole, sizeof wanted);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        memset(hole, 0, sizeof hole);
        call(app, body_other_order);
        assert_memory_equal(hole, wanted, sizeof wanted);
    }
    app_unload(app);
}

static int32_t body_data(struct ctx *ctx)
{
    (void)ctx->alloc(100, 16);
    uint64_t *data = (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_DYN_BIAS + 0x2400);
    data[0] = 7; /* a page that was zero when it was saved */
    data[PAGE_SIZE / 8] = 7;
    return 0;
}

static int32_t body_data_is_zero(struct ctx *ctx)
{
    (void)ctx;
    uint64_t *data = (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_DYN_BIAS + 0x2400);
    assert_int_equal(data[0] + data[PAGE_SIZE / 8], 0);
    return 0;
}

static void nothing_was_allocated_then(void **state)
{
    (void)state;
    remember();
    struct app *app = load("old");
    take(app, 0);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    for (uint32_t i = 0; i < 3; i++) {
        call(app, body_data);
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        call(app, body_data_is_zero);
        assert_int_equal(app->faults, 0);
        struct slotheap_usage usage = {0};
        slotheap_usage(app->heap, &usage);
        assert_int_equal(usage.blocks, 0);
    }
    app_unload(app);
    all_is_back();
}

static int32_t body_one_and_a_hole(struct ctx *ctx)
{
    hole[0] = ctx->alloc(200, 16);
    hole[1] = ctx->alloc(200, 16);
    hole[2] = ctx->alloc(200, 16);
    ctx->dealloc(hole[1], 200, 16);
    ctx->dealloc(hole[2], 200, 16);
    memset(hole[0], 0x71, 200);
    return 0;
}

static int32_t body_one_is_there(struct ctx *ctx)
{
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(hole[0][i], 0x71);
    }
    ctx->dealloc(hole[0], 200, 16);
    return 0;
}

/* It has a heap in the image, as many blocks as holes, and none yet. */
static void nothing_was_allocated_since(void **state)
{
    (void)state;
    remember();
    struct app *app = load("old");
    call(app, body_one_and_a_hole);
    take(app, 0);
    uint64_t free_blocks = f.image.parts[CTX_IMAGE_FREE].count;
    assert_int_equal(f.image.parts[CTX_IMAGE_HEAP].count, 1);
    assert_int_equal(free_blocks, 1);
    slotheap_delete(app->heap);
    app->heap = NULL;
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    assert_non_null(app->heap);
    call(app, body_one_is_there);
    struct slotheap_usage usage = {0};
    slotheap_usage(app->heap, &usage);
    assert_int_equal(usage.blocks, 0);
    assert_int_equal(app->faults, 0);
    app_unload(app);
    all_is_back();
}

/* With each allocation refused in turn it goes back, or begins anew and says so. */
static void little_memory(void **state)
{
    (void)state;
    uint32_t failed = 0;
    for (uint32_t way = 0; way < 8; way++) {
        for (uint64_t n = 0, asked = 0; n <= asked; n++) {
            remember();
            struct app *app = load_v3("app");
            call(app, body_begin);
            take(app, (way & 1) != 0 ? SAVE_PACKED : 0);
            struct slotheap_usage then = {0}, now = {0};
            slotheap_usage(app->heap, &then);
            call(app, (way & 2) != 0 ? body_larger : body_spoil);
            fake.once = (way & 4) != 0;
            fake.allocs_left = n;
            asked = fake.alloc_calls;
            ctx_status status = app_go_back(app, &f.image, &f.error);
            asked = fake.alloc_calls - asked;
            fake.allocs_left = FAKE_ALWAYS;
            fake.once = false;
            if (status == CTX_OK) {
                slotheap_usage(app->heap, &now);
                assert_int_equal(now.blocks, then.blocks);
                assert_int_equal(now.bytes, then.bytes);
                call(app, body_check);
                assert_int_equal(app->faults, 0);
            } else {
                assert_int_equal(status, CTX_E_NOMEM);
                assert_text(f.error.field, "memory");
                failed++;
            }
            app_settle();
            app_unload(app);
            all_is_back();
            assert_true(n < 2000);
        }
    }
    assert_true(failed > 10);
}

static uint8_t *freed;

static int32_t body_block(struct ctx *ctx)
{
    if (freed == NULL) {
        freed = ctx->mem->alloc(ctx->mem, 2 * PAGE_SIZE, PAGE_SIZE, 0);
        (void)ctx->mem->alloc(ctx->mem, 2 * PAGE_SIZE, PAGE_SIZE, 0);
        memset(freed, 0x61, 2 * PAGE_SIZE);
        return CTX_AGAIN;
    }
    ctx->mem->free(ctx->mem, freed, 2 * PAGE_SIZE, PAGE_SIZE);
    return CTX_AGAIN;
}

static int32_t body_block_fault(struct ctx *ctx)
{
    (void)ctx;
    memset(freed, 0x99, 2 * PAGE_SIZE);
    fake_fault(6, 0);
}

static int32_t body_block_check(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < 2 * PAGE_SIZE; i++) {
        assert_int_equal(freed[i], 0x61);
    }
    return CTX_AGAIN;
}

/* A block that is there again, in a page that never went: it is copied before each call again. */
static void what_came_back_is_undone_as_well(void **state)
{
    (void)state;
    remember();
    freed = NULL;
    struct app *app = load_v3("app restart=undo");
    turn(app, body_block);
    take(app, 0);
    turn(app, body_block);
    turn(app, body_again);
    uint64_t base = app->base;
    assert_int_not_equal(machine_slot_frame((uint64_t)(uintptr_t)freed), 0);
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    assert_int_equal(app->base, base);
    turn(app, body_block_check);
    turn(app, body_block_fault);
    assert_int_equal(app->undone, 1);
    turn(app, body_block_check);
    assert_int_equal(app->faults, 1);
    app_unload(app);
    all_is_back();
}

static struct ctx_event told;
static uint32_t told_room = 8;

static int32_t body_told(struct ctx *ctx)
{
    struct ctx_event *events = own(ctx, 8 * sizeof *events);
    uint32_t *count = own(ctx, 4);
    told = (struct ctx_event){0};
    if (ctx->events->read(ctx->events, events, told_room * (uint32_t)sizeof *events, count) ==
        CTX_OK) {
        told = events[0];
    }
    return CTX_AGAIN;
}

static struct app *load_to_be_told(void)
{
    make_elf(&m);
    make_note(&m, CTX_NOTE_MINIMUM, 3);
    make_note(&m, CTX_NOTE_FLAGS, CTX_NOTE_TELL_RESTORED);
    struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", "told");
    assert_non_null(app);
    return app;
}

/* A screen that is not there has no size, and an app that never asked for events is told as well.
 */
static void told_of_a_restore(void **state)
{
    (void)state;
    struct app *app = load_to_be_told();
    take(app, 0);
    app_unload(app);
    for (uint32_t i = 0; i < 4; i++) {
        struct ctx_image_app *a =
            (struct ctx_image_app *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_APP));
        assert_true(i != 0 || (a->devices == 0 && a->screen_w == 0 && a->screen_h == 0));
        a->devices = CTX_IMAGE_DISPLAY; /* saved where there was one */
        a->screen_w = i == 1 ? 0 : 64;
        a->screen_h = i == 2 ? 64 : 0;
        image_reseal(f.bytes, f.len);
        assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
        assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_OK);
        call(app, body_told);
        assert_int_equal(told.kind, CTX_EVENT_RESTORED);
        assert_int_equal(told.code, (i == 1 ? 0 : CTX_RESTORED_SCREEN) | CTX_RESTORED_DEVICES);
        assert_int_equal(told.value, 1);
        assert_int_equal(told.x, 0);
        assert_int_equal(told.y, 0);
        call(app, body_told);
        assert_int_equal(told.kind, 0);
        app_unload(app);
    }
}

/* In its own place too, and before the events that it had not read when it was saved. */
static void told_of_going_back(void **state)
{
    (void)state;
    remember();
    struct app *app = load_to_be_told();
    call(app, body_told); /* subscribes */
    assert_int_equal(told.kind, 0);
    input_key(30, INPUT_KEY_DOWN);
    input_key(30, INPUT_KEY_UP);
    take(app, 0);
    assert_true(f.image.parts[CTX_IMAGE_EVENTS].count >= 2);
    uint64_t base = app->base;
    for (uint32_t i = 1; i < 4; i++) {
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        assert_int_equal(app->base, base);
        told_room = 1;
        call(app, body_told);
        assert_int_equal(told.kind, CTX_EVENT_RESTORED);
        assert_int_equal(told.value, i);
        call(app, body_told);
        assert_int_equal(told.kind, CTX_EVENT_KEY);
        assert_int_equal(told.code, 30);
        assert_int_equal(told.value, 1);
        told_room = 8;
        call(app, body_told);
        call(app, body_told);
        assert_int_equal(told.kind, 0);
    }
    app_unload(app);
    event_settle(machine_now_ns() + SECOND);
    all_is_back();
}

/* ---- pictures ---- */

static uint32_t color(uint32_t x, uint32_t y)
{
    return 0x40000000u + y * 1000 + x;
}

static void paint(bool black)
{
    for (uint32_t i = 0; i < W * H; i++) {
        canvas_pixels()[i] = black ? 0 : color(i % W, i / W);
    }
}

static void a_session_has_its_picture(void **state)
{
    (void)state;
    struct image_bytes made;
    struct app *app = load("app");
    paint(false);
    assert_int_equal(session_take("all", &made), CTX_OK);
    keep(&made);
    app_unload(app);
    for (uint32_t back = 0; back < 2; back++) {
        paint(true);
        struct session_failures failures;
        if (back == 0) {
            assert_int_equal(session_resume(&f.image, "all"), 1);
        } else {
            assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_OK);
        }
        for (uint32_t i = 0; i < W * H; i++) {
            assert_int_equal(canvas_pixels()[i], color(i % W, i / W));
        }
    }
    app_unload(app_first());

    /* As if it had been a screen of that size: nearest pixels, and not a pixel more than there
     * are. */
    static const uint32_t sizes[][2] = {{160, 100}, {W, 100}, {160, H}, {640, 100}, {640, 50},
                                        {1, 1},     {W, 1},   {1, H},   {W, 400}};
    for (uint32_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        uint32_t w = sizes[i][0], h = sizes[i][1];
        paint(true);
        remember();
        restore_canvas(&f.image, w, h);
        all_is_back();
        for (uint32_t at = 0; at < W * H; at++) {
            uint32_t x = at % W, y = at / W;
            uint32_t from = y * h / H * w + x * w / W; /* pixels from the image's first one */
            uint32_t wanted = from < W * H ? color(from % W, from / W) : 0;
            assert_int_equal(canvas_pixels()[at], wanted);
        }
    }

    /* No memory for a row: the picture is missing, and that is all. */
    for (uint32_t n = 0; n < 4; n++) {
        remember();
        fake.allocs_left = n;
        restore_canvas(&f.image, W, H);
        fake.allocs_left = FAKE_ALWAYS;
        all_is_back();
    }
}

/* With each allocation refused in turn a session is taken, or nothing of it is left. */
static void a_session_in_little_memory(void **state)
{
    (void)state;
    struct app *app = load_v3("app"), *other = load("old");
    call(app, body_begin);
    uint32_t failed = 0, failed_once = 0;
    for (uint32_t once = 0; once < 2; once++) {
        for (uint64_t n = 0, asked = 0; n <= asked; n++) {
            struct image_bytes made = {(void *)1, 2, 3};
            remember();
            fake_serial_clear();
            fake.once = once != 0;
            fake.allocs_left = n;
            asked = fake.alloc_calls;
            ctx_status status = session_take("all", &made);
            asked = fake.alloc_calls - asked;
            fake.allocs_left = FAKE_ALWAYS;
            fake.once = false;
            if (status == CTX_OK) {
                keep(&made);
                assert_int_equal(f.image.session.apps, 2);
                assert_false(fake_said("can not be saved")); /* a second try is nobody's trouble */
                struct session_failures failures;            /* and what it took is whole */
                call(app, body_spoil);
                assert_int_equal(session_go_back(&f.image, "all", NULL, &failures), CTX_OK);
                call(app, body_check);
                assert_int_equal(app->faults, 0);
            } else {
                failed++;
                failed_once += once;
                assert_int_equal(status, CTX_E_NOMEM);
                assert_null(made.bytes);
                assert_int_equal(made.len + made.pages, 0);
            }
            all_is_back();
            assert_true(n < 2000);
        }
    }
    assert_true(failed > 5);
    assert_true(failed_once <= 3); /* only where all is joined in one piece is no second try */
    app_unload(other);
    app_unload(app);
}

/* Whoever could not be looked at, for want of memory, was taken for one that was not there then,
 * and ended; and what was said was that the image is bad. */
static void a_session_comes_back_in_little_memory(void **state)
{
    (void)state;
    uint32_t failed = 0;
    for (uint32_t once = 0; once < 2; once++) {
        for (uint64_t n = 0, asked = 0; n <= asked; n++) {
            struct image_bytes made;
            remember();
            struct app *app = load_v3("app"), *other = load("old");
            uint64_t pids[] = {app->pid, other->pid};
            call(app, body_begin);
            call(other, body_holes);
            assert_int_equal(session_take("all", &made), CTX_OK);
            keep(&made);
            call(app, body_spoil);
            uint64_t late = load("late")->pid;
            struct session_failures failures;
            fake.once = once != 0;
            fake.allocs_left = n;
            asked = fake.alloc_calls;
            ctx_status status = session_go_back(&f.image, "all", NULL, &failures);
            asked = fake.alloc_calls - asked;
            fake.allocs_left = FAKE_ALWAYS;
            fake.once = false;
            assert_true(status == CTX_OK || status == CTX_E_NOMEM);
            assert_int_equal(failures.apps, 2);
            assert_int_equal(failures.count > 0, status != CTX_OK);
            assert_ptr_equal(app_find(pids[0]), app);
            assert_ptr_equal(app_find(pids[1]), other);
            if (status != CTX_OK) {
                failed++;
                assert_text(failures.first.field, "memory");
            } else {
                assert_null(app_find(late));
                call(app, body_check);
                assert_int_equal(app->faults, 0);
            }
            app_settle();
            while (app_first() != NULL) {
                app_unload(app_first());
            }
            all_is_back();
            assert_true(n < 2000);
        }
    }
    assert_true(failed > 10);
}

static void an_image_without_a_picture(void **state)
{
    (void)state;
    struct app *app = load("app");
    take(app, 0);
    app_unload(app);
    paint(false);
    remember();
    restore_canvas(&f.image, W, H);
    all_is_back();
    for (uint32_t i = 0; i < W * H; i++) {
        assert_int_equal(canvas_pixels()[i], color(i % W, i / W));
    }
}

/* ---- data in several pieces ---- */

#define SECOND_AT 0x6000u /* before it, in the list, stands one at 0x7000 */
#define FIRST_AT  0x7000u

static void on_fault(int signal_no, siginfo_t *info, void *context)
{
    (void)context;
    if (!app_page_write((uint64_t)(uintptr_t)info->si_addr)) {
        (void)signal(signal_no, SIG_DFL);
    }
}

static uint64_t *piece(uint32_t no)
{
    static const uint32_t at[] = {0x2400, FIRST_AT, SECOND_AT};
    return (uint64_t *)(uintptr_t)(app_current()->base + CTX_SLOT_DYN_BIAS + at[no]);
}

static int32_t body_pieces(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < 3; i++) {
        *piece(i) = 100 + i;
    }
    return 0;
}

static int32_t body_pieces_are_there(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(*piece(i), 100 + i);
    }
    return 0;
}

static int32_t body_pieces_fault(struct ctx *ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < 3; i++) {
        *piece(i) = 666;
    }
    fake_fault(6, 0);
}

static int32_t body_much(struct ctx *ctx)
{
    (void)ctx->alloc(UNDO_COPY_PAGES * 2u * PAGE_SIZE, 16);
    return 0;
}

static struct app *load_pieces(const char *words)
{
    make_elf(&m);
    m.len = sizeof m.bytes;
    make_segment(&m, 1, 6, FIRST_AT, FIRST_AT, 0x100);
    make_segment(&m, 1, 6, SECOND_AT, SECOND_AT, 0x100);
    struct app *app = app_load(m.bytes, m.len, "pieces.elf", words);
    assert_non_null(app);
    return app;
}

static void two_writable_segments_out_of_order(void **state)
{
    (void)state;
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
    for (uint32_t packed = 0; packed < 2; packed++) {
        remember();
        struct app *app = load_pieces("pieces");
        call(app, body_pieces);
        take(app, packed != 0 ? SAVE_PACKED : 0);
        call(app, body_pieces_fault);
        assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        call(app, body_pieces_are_there);
        app_unload(app);
        assert_int_equal(app_restore(&f.image, "made.img", NULL, &app, &f.error), CTX_OK);
        call(app, body_pieces_are_there);
        assert_int_equal(app->faults, 0);
        app_unload(app);
        all_is_back();
    }
    for (uint32_t much = 0; much < 2; much++) { /* copied, or watched */
        remember();
        struct app *app = load_pieces("pieces restart=undo");
        if (much != 0) {
            turn(app, body_much);
        }
        turn(app, body_pieces);
        for (uint32_t i = 0; i < 3; i++) {
            turn(app, body_pieces_fault);
            assert_int_equal(app->undone, i + 1);
            turn(app, body_pieces_are_there);
        }
        assert_int_equal(app->faults, 3);
        app_unload(app);
        all_is_back();
    }
}

static int done(void **state)
{
    (void)state;
    free(f.bytes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_kept_stays_in_place),
        cmocka_unit_test(a_page_that_is_not_there),
        cmocka_unit_test(a_stack_of_another_size),
        cmocka_unit_test(other_tables_are_made_anew),
        cmocka_unit_test(a_fate_is_taken_back),
        cmocka_unit_test(another_app_lives_there),
        cmocka_unit_test(the_next_blocks_lie_where_they_would_have),
        cmocka_unit_test(nothing_was_allocated_then),
        cmocka_unit_test(nothing_was_allocated_since),
        cmocka_unit_test(little_memory),
        cmocka_unit_test(what_came_back_is_undone_as_well),
        cmocka_unit_test(told_of_a_restore),
        cmocka_unit_test(told_of_going_back),
        cmocka_unit_test(a_session_has_its_picture),
        cmocka_unit_test(a_session_in_little_memory),
        cmocka_unit_test(a_session_comes_back_in_little_memory),
        cmocka_unit_test(an_image_without_a_picture),
        cmocka_unit_test(two_writable_segments_out_of_order),
    };
    return cmocka_run_group_tests(tests, boot_late, done);
}
