/* SPDX-License-Identifier: MIT */
/* What a call writes, allocates, frees, draws and destroys is as before when it has ended in a
 * fault. */
#include "canvas.h"
#include "surface.h"
#include "undo_fixture.h"

/* ---- an app ---- */

/* Where the next blocks would lie: given back again. */
static int32_t body_next(struct ctx *ctx)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(s.next); i++) {
        s.next[i] = ctx->mem->alloc(ctx->mem, 100 + 300 * i, 16, 0);
    }
    for (uint32_t i = ARRAY_COUNT(s.next); i-- > 0;) {
        ctx->mem->free(ctx->mem, s.next[i], 100 + 300 * i, 16);
    }
    return CTX_AGAIN;
}

static void there_and_back(struct app *app)
{
    struct slotheap_usage usage, later;
    uint8_t *next[ARRAY_COUNT(s.next)];
    turn(app, body_next);
    memcpy(next, s.next, sizeof next);
    slotheap_usage(app->heap, &usage);
    uint64_t calls = app->calls, undone = app->undone;
    turn(app, body_spoil);
    assert_int_equal(app->undone, undone + 1);
    assert_int_equal(app->calls, calls);
    assert_int_equal(app->faults, undone + 1);
    assert_null(slotheap_check(app->heap));
    slotheap_usage(app->heap, &later);
    assert_int_equal(later.blocks, usage.blocks);
    assert_int_equal(later.bytes, usage.bytes);
    turn(app, body_check);
    turn(app, body_next);
    assert_memory_equal(next, s.next, sizeof next);
    turn(app, body_check);
}

static void copied(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(0);
    for (uint32_t i = 0; i < 5; i++) {
        there_and_back(app);
    }
    assert_int_equal(machine_slot_rights((uint64_t)(uintptr_t)s.block[0]), MAP_READ | MAP_WRITE);
    gone(app);
}

static void watched(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    turn(app, body_again);
    assert_int_equal(machine_slot_rights((uint64_t)(uintptr_t)s.large), MAP_READ);
    for (uint32_t i = 0; i < 5; i++) {
        there_and_back(app);
    }
    gone(app);
}

/* ---- what is tried, and when it is given up ---- */

/* Room for the copies is made once, not for each call. */
static void good_calls_allocate_nothing(void **state)
{
    (void)state;
    for (uint32_t large = 0; large < 2; large++) {
        remember();
        struct app *app = begin(large != 0 ? LARGE : 0);
        turn(app, body_check);
        turn(app, body_check);
        uint64_t calls = fake.alloc_calls;
        for (uint32_t i = 0; i < 5; i++) {
            turn(app, body_check);
        }
        assert_int_equal(fake.alloc_calls, calls);
        gone(app);
    }
}

static uint64_t to_write;

static int32_t body_writes(struct ctx *ctx)
{
    (void)ctx;
    memset(s.large, 0x5c, to_write);
    return CTX_AGAIN;
}

static int32_t body_writes_wrong(struct ctx *ctx)
{
    (void)ctx;
    memset(s.large, 0xa3, to_write);
    fake_fault(6, 0);
}

/* Frames for what is written are kept from call to call, so many of them. */
static void frames_are_used_again(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(LARGE);
    turn(app, body_again);
    to_write = 5 * PAGE_SIZE; /* few: none is asked for */
    turn(app, body_writes);
    turn(app, body_writes);
    uint64_t calls = fake.alloc_calls;
    turn(app, body_writes);
    assert_int_equal(fake.alloc_calls, calls);
    fake.allocs_left = 0; /* so it can be undone without memory */
    turn(app, body_writes_wrong);
    fake.allocs_left = FAKE_ALWAYS;
    assert_int_equal(app->undone, 1);
    turn(app, body_check);
    to_write = LARGE; /* many: they stay with their pages */
    turn(app, body_writes);
    for (uint32_t i = 0; i < 3; i++) {
        turn(app, body_writes);
        calls = fake.alloc_calls;
        turn(app, body_writes);
        assert_true(app->undo->count >= LARGE / PAGE_SIZE);
        assert_int_equal(fake.alloc_calls, calls);
        turn(app, body_writes_wrong);
        assert_int_equal(app->undone, 2 + i);
        turn(app, body_check);
    }
    gone(app);
}

static int32_t body_destroys_all(struct ctx *ctx)
{
    assert_int_equal(ctx->display->destroy(ctx->display, s.surface), CTX_OK);
    assert_int_equal(ctx->display->destroy(ctx->display, s.other), CTX_OK);
    fake_fault(6, 0);
}

static int32_t body_recreates(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, s.surface, 5, 5), CTX_OK);
    fake_fault(6, 0);
}

static int32_t body_destroys_for_ever(struct ctx *ctx)
{
    assert_int_equal(ctx->display->destroy(ctx->display, s.surface), CTX_OK);
    assert_int_equal(ctx->display->destroy(ctx->display, s.other), CTX_OK);
    fake.maps_left = 0;
    fake_fault(6, 0);
}

/* Then it begins anew, and the pixels that were kept for it go. */
static void surfaces_that_can_not_be_mapped_again(void **state)
{
    (void)state;
    remember();
    struct app *app = begin(0);
    turn(app, body_destroys_for_ever);
    fake.maps_left = FAKE_ALWAYS;
    assert_int_equal(app->undone, 0);
    assert_true(fake_said("no memory for the surfaces as they were"));
    restart_now(app);
    gone(app);
}

/* Surfaces that come back are seen again, as what they were. */
static void surfaces_are_shown_again(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 2; way++) {
        remember();
        struct app *app = begin(0);
        assert_true(surface_covers(0, 0, 320, 200));
        surface_presented(fake.now_ns);
        assert_false(surface_any_damage());
        turn(app, way == 0 ? body_destroys_all : body_recreates);
        assert_int_equal(app->undone, 1);
        assert_true(surface_any_damage());
        assert_true(surface_covers(0, 0, 320, 200));
        uint32_t line[320];
        memset(line, 0, sizeof line);
        surface_compose(line, 0, 100, 320);
        assert_int_equal(line[160 - SIDE / 2], 0x11111111);
        turn(app, body_check);
        gone(app);
        assert_false(surface_covers(0, 0, 320, 200));
    }
}

static struct ctx_surface_info told;

static int32_t body_describe(struct ctx *ctx)
{
    struct ctx_surface_info *info = own(ctx, sizeof *info);
    info->size = sizeof *info;
    assert_int_equal(ctx->display->describe(ctx->display, s.surface, info), CTX_OK);
    told = *info;
    ctx->mem->free(ctx->mem, info, sizeof *info, 16);
    return CTX_AGAIN;
}

static int32_t body_ask(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    assert_int_equal(d->ask_position(d, s.surface, 1, 2), CTX_OK);
    assert_int_equal(d->ask_smallest(d, s.surface, 3, 4), CTX_OK);
    assert_int_equal(d->title(d, s.surface, own_copy(ctx, "spoilt", 7), 6), CTX_OK);
    assert_int_equal(d->cursor(d, s.surface, CTX_CURSOR_WAIT), CTX_OK);
    fake_fault(6, 0);
}

/* Both go, and one that is as large as both and the gap between them takes their place; then many,
 * which need more room than there was. */
static int32_t body_others_in_their_place(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    uint8_t *first = d->pixels(d, s.surface);
    assert_int_equal(d->destroy(d, s.surface), CTX_OK);
    assert_int_equal(d->destroy(d, s.other), CTX_OK);
    assert_int_equal(d->create(d, 512, 400, CTX_SURFACE_RGBX, 0, s.out), CTX_OK);
    assert_ptr_equal(d->pixels(d, *s.out), first);
    memset(first, 0xee, 512 * 400 * 4);
    for (uint32_t i = 0; i < 30; i++) {
        assert_int_equal(d->create(d, 20, 20, CTX_SURFACE_RGBX, 0, s.out), CTX_OK);
        memset(d->pixels(d, *s.out), 0xee, 20 * 20 * 4);
    }
    fake_fault(6, 0);
}

static void what_surfaces_asked_for_and_where_they_lay(void **state)
{
    (void)state;
    remember();
    watch();
    struct app *app = begin(0);
    turn(app, body_describe);
    struct ctx_surface_info was = told;
    turn(app, body_ask);
    turn(app, body_describe);
    assert_memory_equal(&told, &was, sizeof told);
    for (uint32_t i = 0; i < 3; i++) {
        turn(app, body_others_in_their_place);
        assert_int_equal(app->undone, 2 + i);
        turn(app, body_check);
        turn(app, body_describe);
        assert_memory_equal(&told, &was, sizeof told);
    }
    gone(app);
}

/* ---- a page that was free when the way of keeping changed ---- */

static int32_t body_canvas(struct ctx *ctx)
{
    memset(ctx->fb.pixels, 0x77, 5000);
    fake_fault(6, 0);
}

/* It is not the app's own, and watching all of it would cost each frame more than drawing it. */
static void the_canvas_stays_as_it_is(void **state)
{
    (void)state;
    remember();
    watch();
    struct app *app = load("old restart=undo");
    turn(app, body_canvas);
    assert_int_equal(app->undone, 1);
    assert_int_equal(canvas_pixels()[0], 0x77777777);
    gone(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copied),
        cmocka_unit_test(watched),
        cmocka_unit_test(good_calls_allocate_nothing),
        cmocka_unit_test(frames_are_used_again),
        cmocka_unit_test(surfaces_are_shown_again),
        cmocka_unit_test(what_surfaces_asked_for_and_where_they_lay),
        cmocka_unit_test(surfaces_that_can_not_be_mapped_again),
        cmocka_unit_test(the_canvas_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, boot_late, NULL);
}
