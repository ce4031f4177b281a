/* SPDX-License-Identifier: MIT */
/* Windows at moments that nobody plans for: undone, held, half gone, from another world. */
#include "image_taken.h"
#include "surface_private.h"
#include "windows_fixture.h"

#define KEY_A 30u
#define KEY_B 48u

static struct app *manager, *owner;

static void begin(const char *words)
{
    manager = load_v3("manager grant=ctx.windows/1");
    owner = load_v3(words);
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
}

static void end(void)
{
    if (route_manager() == manager) {
        assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    }
    app_unload(owner);
    app_unload(manager);
    all_is_back();
}

static int32_t body_relative(struct ctx *ctx)
{
    handle = make(ctx, 30, 30, CTX_SURFACE_RGBX, CTX_SURFACE_RELATIVE, CTX_OK);
    return 0;
}

static bool pointer_moves(void)
{
    uint32_t x, y, x2, y2;
    input_pointer(&x, &y);
    input_pointer_move(x > 0 ? -1 : 1, 0);
    input_pointer(&x2, &y2);
    return x != x2;
}

static void the_next_manager_finds_a_pointer_that_moves(void **state)
{
    (void)state;
    begin("owner");
    call(owner, body_relative);
    assert_int_equal(wm_do(manager, WM_FOCUS, owner->pid, handle, 0), CTX_OK);
    assert_false(pointer_moves());
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    assert_true(pointer_moves());
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    assert_int_equal(route_focused().to, ROUTE_CANVAS);
    assert_true(pointer_moves());
    end();
}

static void who_manages_again_and_again_floods_nobody(void **state)
{
    (void)state;
    begin("owner");
    manager->policy.log_per_second = 3;
    fake_serial_clear();
    for (uint32_t i = 0; i < 300; i++) {
        assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
        assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    }
    assert_in_range(fake_said_times(" manages them\n"), 1, 60);
    end();
}

static void a_manager_that_comes_back_leaves_the_pointer_relative(void **state)
{
    (void)state;
    begin("owner");
    call(owner, body_relative);
    assert_int_equal(wm_do(manager, WM_FOCUS, owner->pid, handle, 0), CTX_OK);
    take(manager, 0);
    app_unload(manager);
    manager = bring_back();
    assert_int_equal(route_focused().surface, handle);
    assert_false(pointer_moves());
    end();
}

static void keys_of_a_focus_that_is_not_there_are_nobodys(void **state)
{
    (void)state;
    begin("owner");
    uint32_t window = window_of(owner, 10, 10);
    assert_int_equal(wm_do(manager, WM_FOCUS, owner->pid, window, 0), CTX_OK);
    take(manager, 0);
    app_unload(manager);
    (void)hears(owner);
    static const struct {
        uint64_t pid;
        uint32_t surface;
    } wrong[] = {{UINT64_MAX, 0}, {UINT64_MAX, 256}, {0, 0}, {0, 4711}, {ROUTE_CANVAS, 256}};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        struct ctx_image_window *w =
            (struct ctx_image_window *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_WINDOWS));
        w->pid = wrong[i].pid != 0 ? wrong[i].pid : owner->pid;
        w->surface = wrong[i].surface;
        image_reseal(f.bytes, f.len);
        if (!image_open(f.bytes, f.len, &f.image, &f.error)) {
            continue; /* refused is as good */
        }
        manager = bring_back();
        (void)hears(owner);
        press(KEY_A);
        lift(KEY_A);
        assert_int_equal(hears(owner), 0);
        app_unload(manager);
    }
    manager = load_v3("manager grant=ctx.windows/1");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    end();
}

/* ---- undone ---- */

static uint32_t sides;

static int32_t body_resizes_and_faults(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, handle, sides, sides), CTX_OK);
    fake_fault(6, 0);
}

static void a_resize_that_is_undone_leaves_keys_and_pointer(void **state)
{
    (void)state;
    begin("owner restart=undo");
    uint32_t window = window_of(owner, 20, 20);
    assert_int_equal(wm_place(manager, owner->pid, window, 10, 10, 7), CTX_OK);
    assert_int_equal(wm_do(manager, WM_FOCUS, owner->pid, window, 0), CTX_OK);
    point_at(15, 15);
    press(KEY_A);
    press(CTX_BTN_LEFT);
    (void)hears(owner);
    sides = 64;
    call(owner, body_resizes_and_faults);
    assert_int_equal(owner->undone, 1);
    assert_int_equal(owner->surfaces->all[0].w, 20);
    assert_int_equal(owner->surfaces->all[0].place.level, 7);
    assert_int_equal(route_focused().to, owner->pid);
    assert_int_equal(route_focused().surface, window);
    point_at(16, 16);
    lift(KEY_A);
    lift(CTX_BTN_LEFT);
    uint32_t n = hears(owner);
    assert_true(n >= 3);
    assert_int_equal(heard[n - 1].code, CTX_BTN_LEFT);
    assert_int_equal(heard[n - 2].code, KEY_A);
    assert_int_equal(heard[n - 3].kind, CTX_EVENT_POINTER);
    assert_int_equal(heard[n - 3].x, 6);
    end();
}

static int32_t body_resizes_for_ever(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, handle, sides, sides), CTX_OK);
    fake.maps_left = 0;
    fake_fault(6, 0);
}

/* It can not be as it was, and goes with all that led to it. */
static void a_resize_that_can_not_be_undone_leaves_no_keys(void **state)
{
    (void)state;
    begin("owner restart=undo");
    uint32_t window = window_of(owner, 20, 20);
    assert_int_equal(wm_place(manager, owner->pid, window, 10, 10, 7), CTX_OK);
    assert_int_equal(wm_do(manager, WM_FOCUS, owner->pid, window, 0), CTX_OK);
    sides = 64;
    call(owner, body_resizes_for_ever);
    fake.maps_left = FAKE_ALWAYS;
    assert_int_equal(owner->undone, 0);
    assert_int_equal(owner->windows, 0);
    assert_int_equal(route_focused().to, ROUTE_NOBODY);
    press(KEY_A);
    lift(KEY_A);
    end();
}

/* ---- a canvas ---- */

static int32_t body_canvas(struct ctx *ctx)
{
    assert_int_equal(ctx->display->canvas(ctx->display), CTX_OK);
    return 0;
}

static uint32_t hears_of_key(struct app *app, uint32_t key)
{
    uint32_t n = 0;
    for (uint32_t i = 0, all = hears(app); i < all; i++) {
        n += heard[i].kind == CTX_EVENT_KEY && heard[i].code == key;
    }
    return n;
}

/* Whoever has both hears what goes to either; without a canvas, windows are all it has. */
static void the_canvas_of_one_with_windows_has_keys(void **state)
{
    (void)state;
    begin("owner");
    uint32_t window = window_of(owner, 20, 10);
    (void)hears(owner);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(wm_do(manager, WM_FOCUS, NO_PID, 0, 0), CTX_OK);
        press(KEY_A);
        lift(KEY_A);
        assert_int_equal(hears_of_key(owner, KEY_A), 2 * i);
        assert_int_equal(wm_do(manager, WM_FOCUS, owner->pid, window, 0), CTX_OK);
        press(KEY_A);
        lift(KEY_A);
        assert_int_equal(hears_of_key(owner, KEY_A), 2);
        call(owner, body_canvas);
    }
    end();
}

/* ---- held ---- */

static void a_button_goes_up_in_the_surface_where_it_went_down(void **state)
{
    (void)state;
    begin("owner");
    uint32_t first = window_of(owner, 20, 20), second = window_of(owner, 20, 20);
    assert_int_equal(wm_place(manager, owner->pid, first, 0, 0, 0), CTX_OK);
    assert_int_equal(wm_place(manager, owner->pid, second, 100, 0, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_FOCUS, owner->pid, first, 0), CTX_OK);
    point_at(105, 5);
    (void)hears(owner);
    press(CTX_BTN_LEFT);
    lift(CTX_BTN_LEFT);
    assert_int_equal(hears(owner), 2);
    assert_int_equal(heard[0].surface, second);
    assert_int_equal(heard[1].surface, second);
    /* The same app, without the focus. */
    assert_int_equal(wm_do(manager, WM_FOCUS, NO_PID, 0, 0), CTX_OK);
    (void)hears(owner);
    press(CTX_BTN_LEFT);
    press(CTX_BTN_RIGHT);
    lift(CTX_BTN_LEFT);
    lift(CTX_BTN_RIGHT);
    assert_int_equal(hears(owner), 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(heard[i].surface, second);
    }
    end();
}

static void a_first_window_leaves_no_key_down(void **state)
{
    (void)state;
    begin("owner");
    (void)hears(owner);
    press(KEY_A);
    assert_int_equal(hears(owner), 2);
    (void)window_of(owner, 10, 10); /* the canvas's keys are not its any more */
    lift(KEY_A);
    assert_int_equal(hears(owner), 1);
    assert_int_equal(heard[0].kind, CTX_EVENT_KEY);
    assert_int_equal(heard[0].code, KEY_A);
    assert_int_equal(heard[0].value, 0);
    end();
}

/* It was told that a key is down, and has not read yet that it is up again. */
static void what_is_unread_then_is_not_lost(void **state)
{
    (void)state;
    for (uint32_t manages = 0; manages < 2; manages++) {
        begin("owner grant=ctx.windows/1");
        (void)hears(owner);
        app_unload(manager); /* the canvas keeps the keys */
        press(KEY_A);
        assert_int_equal(hears(owner), 2);
        lift(KEY_A);
        press(KEY_B); /* that it goes down is the canvas's, and is not told twice */
        if (manages != 0) {
            assert_int_equal(wm_do(owner, WM_MANAGE, 0, 0, 0), CTX_OK);
        } else {
            (void)window_of(owner, 10, 10);
        }
        assert_int_equal(hears(owner), 2);
        assert_int_equal(heard[0].code, KEY_A);
        assert_int_equal(heard[1].code, KEY_B);
        assert_int_equal(heard[0].value + heard[1].value, 0);
        lift(KEY_B);
        manager = load_v3("manager grant=ctx.windows/1");
        if (manages != 0) {
            assert_int_equal(wm_do(owner, WM_RELEASE, 0, 0, 0), CTX_OK);
        }
        assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
        end();
    }
}

static void a_chord_while_the_manager_has_the_keys(void **state)
{
    (void)state;
    begin("owner");
    uint32_t menu = window_of(manager, 10, 10);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, CTX_KEY_TAB, CTX_MOD_ALT), CTX_OK);
    assert_int_equal(wm_do(manager, WM_FOCUS, manager->pid, menu, 0), CTX_OK);
    (void)hears(manager);
    press(CTX_KEY_LEFTALT);
    press(CTX_KEY_TAB);
    lift(CTX_KEY_TAB);
    lift(CTX_KEY_LEFTALT);
    assert_int_equal(hears(manager), 4); /* each once */
    end();
}

/* ---- far away ---- */

static void a_surface_far_away_is_far_away(void **state)
{
    (void)state;
    static const int32_t places[] = {INT32_MIN, INT32_MIN + 1, INT32_MAX, INT32_MAX - 1};
    begin("owner");
    uint32_t window = window_of(owner, 20, 20);
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        for (uint32_t scale = 1; scale <= 8; scale += 7) {
            assert_int_equal(wm_place(manager, owner->pid, window, 0, 0, 0), CTX_OK);
            point_at(5, 5);
            press(CTX_BTN_LEFT);
            wm.place.x = wm.place.y = places[i];
            wm.place.scale = scale;
            call(manager, body_wm);
            assert_int_equal(wm.status, CTX_OK);
            (void)hears(owner);
            point_at(W - 1, H - 1);
            assert_true(present_canvas(false));
            assert_int_equal(hears(owner), 1);
            assert_int_equal(heard[0].x > 0, places[i] < 0);
            assert_int_equal(heard[0].y > 0, places[i] < 0);
            lift(CTX_BTN_LEFT);
        }
    }
    end();
}

/* ---- the pointer's plane ---- */

static uint32_t plane_pixel, plane_count;

static void plane_shape(struct display *d, const uint32_t *from)
{
    (void)d;
    plane_pixel = from != NULL ? from[DISPLAY_POINTER / 2 * (DISPLAY_POINTER + 1)] : 0;
    plane_count++;
}

static void plane_move(struct display *d, uint32_t x, uint32_t y)
{
    (void)d;
    (void)x;
    (void)y;
}

static uint32_t paint;

static int32_t body_pointer(struct ctx *ctx)
{
    handle = make(ctx, 9, 9, CTX_SURFACE_RGBA, CTX_SURFACE_POINTER, CTX_OK);
    pixels = ctx->display->pixels(ctx->display, handle);
    for (uint32_t i = 0; i < 81; i++) {
        pixels[i] = paint;
    }
    return 0;
}

static int32_t body_repaint(struct ctx *ctx)
{
    pixels = ctx->display->pixels(ctx->display, handle);
    for (uint32_t i = 0; i < 81; i++) {
        pixels[i] = paint;
    }
    assert_int_equal(ctx->display->damage(ctx->display, handle, 0, 0, 9, 9), CTX_OK);
    return 0;
}

static void a_pointer_that_goes_back_is_shown_as_it_was(void **state)
{
    (void)state;
    display.pointer_shape = plane_shape;
    display.pointer_move = plane_move;
    owner = load_v3("owner");
    paint = 0xff112233;
    call(owner, body_pointer);
    assert_true(present_canvas(false));
    assert_int_equal(plane_pixel, 0xff112233);
    take(owner, 0);
    paint = 0xff445566;
    call(owner, body_repaint);
    assert_true(present_canvas(false));
    assert_int_equal(plane_pixel, 0xff445566);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(app_go_back(owner, &f.image, &f.error), CTX_OK);
    assert_true(present_canvas(false));
    assert_int_equal(plane_pixel, 0xff112233);
    uint32_t sent = plane_count;
    assert_true(present_canvas(false));
    assert_int_equal(plane_count, sent);
    app_unload(owner);
    assert_true(present_canvas(false));
    display.pointer_shape = NULL;
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_next_manager_finds_a_pointer_that_moves, setup),
        cmocka_unit_test_setup(who_manages_again_and_again_floods_nobody, setup),
        cmocka_unit_test_setup(a_manager_that_comes_back_leaves_the_pointer_relative, setup),
        cmocka_unit_test_setup(keys_of_a_focus_that_is_not_there_are_nobodys, setup),
        cmocka_unit_test_setup(a_resize_that_is_undone_leaves_keys_and_pointer, setup),
        cmocka_unit_test_setup(a_resize_that_can_not_be_undone_leaves_no_keys, setup),
        cmocka_unit_test_setup(the_canvas_of_one_with_windows_has_keys, setup),
        cmocka_unit_test_setup(a_button_goes_up_in_the_surface_where_it_went_down, setup),
        cmocka_unit_test_setup(a_first_window_leaves_no_key_down, setup),
        cmocka_unit_test_setup(what_is_unread_then_is_not_lost, setup),
        cmocka_unit_test_setup(a_chord_while_the_manager_has_the_keys, setup),
        cmocka_unit_test_setup(a_surface_far_away_is_far_away, setup),
        cmocka_unit_test_setup(a_pointer_that_goes_back_is_shown_as_it_was, setup),
    };
    return cmocka_run_group_tests(tests, windows_start, done);
}
