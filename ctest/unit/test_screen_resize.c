/* SPDX-License-Identifier: MIT */
/* The screen gets another size while apps run: what they draw on, where windows and the pointer
 * are, who is told, and what happens when memory is short. */
#include "windows_fixture.h"

#define W2 480u
#define H2 300u

static uint32_t larger[W2 * H2], expected_w, expected_h;
static bool drew;

static int32_t body_canvas(struct ctx *ctx)
{
    assert_int_equal(ctx->fb.w, expected_w);
    assert_int_equal(ctx->fb.h, expected_h);
    for (uint64_t i = 0; i < ctx->fb.len; i++) {
        ((uint32_t *)ctx->fb.pixels)[i] = 0xff3366aa;
    }
    drew = true;
    return 0;
}

static int32_t body_opens_canvas(struct ctx *ctx)
{
    assert_int_equal(ctx->display->canvas(ctx->display), CTX_OK);
    return 0;
}

static void draw(struct app *app, uint32_t w, uint32_t h)
{
    expected_w = w;
    expected_h = h;
    drew = false;
    call(app, body_canvas);
    assert_int_equal(app->faults, 0);
    assert_true(drew);
}

static void check_all(const uint32_t *pixels_shown, uint32_t count, uint32_t color)
{
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(pixels_shown[i] & 0xffffff, color & 0xffffff);
    }
}

static void all_that_it_meets(void **state)
{
    (void)state;
    struct app *old = load("old"), *young = load_v3("young"), *windowed = load_v3("windowed");
    struct app *own = load("own window=50x40");
    call(young, body_opens_canvas);
    (void)hears(young);
    uint32_t window = window_of(windowed, 60, 50);
    memset(pixels, 0x77, 60 * 50 * 4);
    draw(old, W, H);
    draw(young, W, H);
    point_at(W / 2, H / 4);
    assert_true(present_canvas(true));
    (void)hears(young);

    assert_true(display_resize(&display, W2, H2, larger));
    assert_int_equal(canvas_width(), W2);
    assert_int_equal(hears(young), 1);
    assert_int_equal(heard[0].kind, CTX_EVENT_RESIZE);
    assert_int_equal(heard[0].surface, 0);
    assert_int_equal(heard[0].x, W2);
    assert_int_equal(heard[0].y, H2);
    uint32_t x, y;
    input_pointer(&x, &y);
    assert_int_equal(x, W2 / 2);
    assert_int_equal(y, H2 / 4);
    draw(own, 50, 40);
    assert_true(present_canvas(false)); /* the old picture, scaled, and windows in the middle */
    assert_int_equal(larger[0] & 0xffffff, 0x3366aa);
    assert_int_equal(larger[W2 * H2 - 1] & 0xffffff, 0x3366aa);
    assert_int_equal(larger[H2 / 2 * W2 + W2 / 2] & 0xffffff, 0x3366aa); /* own, above the other */
    assert_int_equal(larger[(H2 / 2 - 24) * W2 + W2 / 2 - 29], 0x77777777);
    memset(canvas_pixels(), 0, W2 * H2 * 4);
    draw(old, W, H); /* it knows no other size, and is shown in the new one */
    assert_int_equal(canvas_pixels()[W2 * H2 - 1] & 0xffffff, 0x3366aa);
    draw(young, W, H);
    call(young, body_opens_canvas);
    draw(young, W2, H2);

    struct app *late = load("late"); /* one that begins now */
    draw(late, W2, H2);
    assert_true(display_resize(&display, W, H, shown));
    draw(old, W, H);
    assert_null(old->own_canvas); /* it shares again */
    draw(late, W2, H2);
    draw(young, W2, H2);
    assert_true(display_resize(&display, W2, H2, larger));
    draw(old, W, H);
    draw(late, W2, H2);
    assert_null(late->own_canvas);
    app_unload(windowed);
    app_unload(own);
    assert_true(present_canvas(true));
    check_all(larger, W2 * H2, 0x3366aa);
    (void)window;
    app_unload(late);
    app_unload(old);
    app_unload(young);
    assert_true(display_resize(&display, W, H, shown));
    assert_true(present_canvas(true));
    check_all(shown, W * H, 0x3366aa);
    all_is_back();
}

/* Back and forth during a drag: nobody loses the button that is held. */
static void during_a_drag(void **state)
{
    (void)state;
    struct app *manager = load_v3("manager grant=ctx.windows/1"), *app = load_v3("app");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    uint32_t window = window_of(app, 60, 50);
    assert_int_equal(wm_place(manager, app->pid, window, 10, 10, 0), CTX_OK);
    (void)hears(app);
    point_at(20, 20);
    press(CTX_BTN_LEFT);
    for (uint32_t i = 0; i < 10; i++) {
        assert_true(display_resize(&display, i % 2 == 0 ? W2 : W, i % 2 == 0 ? H2 : H,
                                   i % 2 == 0 ? larger : shown));
        assert_true(present_canvas(true));
        (void)hears(app);
        point_at(25 + i, 20);
        assert_int_equal(hears(app), 1);
        assert_int_equal(heard[0].surface, window);
        assert_int_equal(heard[0].code, 1);
    }
    lift(CTX_BTN_LEFT);
    assert_int_equal(hears(app), 1);
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    app_unload(app);
    app_unload(manager);
    all_is_back();
}

static void with_little_memory(void **state)
{
    (void)state;
    struct app *one = load("one"), *two = load("two");
    draw(one, W, H);
    uint32_t failures = 0;
    for (uint32_t n = 0; n < 30; n++) {
        fake.allocs_left = n;
        bool done = display_resize(&display, W2, H2, larger);
        fake.allocs_left = FAKE_ALWAYS;
        if (done) {
            break;
        }
        failures++;
        assert_int_equal(canvas_width(), W);
        assert_int_equal(display.width, W);
        draw(one, W, H);
        draw(two, W, H);
    }
    assert_true(failures >= 5); /* the canvas, and three pieces for each app */
    assert_int_equal(canvas_width(), W2);
    assert_true(display_resize(&display, W, H, shown));
    app_unload(two);
    app_unload(one);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_that_it_meets, setup),
        cmocka_unit_test_setup(during_a_drag, setup),
        cmocka_unit_test_setup(with_little_memory, setup),
    };
    return cmocka_run_group_tests(tests, windows_start, NULL);
}
