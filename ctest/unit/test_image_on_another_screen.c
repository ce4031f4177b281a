/* SPDX-License-Identifier: MIT */
/* An app of versions 1 and 2 keeps the canvas's size that it began with. */
#include "canvas.h"
#include "image_fixture.h"
#include "input.h"
#include "surface_private.h"

#include <kernel/input.h>

static uint64_t pointed[2];

static int32_t body_canvas(struct ctx *ctx)
{
    assert_int_equal(ctx->fb.w, 160);
    assert_int_equal(ctx->fb.h, 100);
    assert_int_equal(ctx->fb.len, 160 * 100);
    const uint32_t *pixels = (const uint32_t *)ctx->fb.pixels;
    assert_int_equal(pixels[20 * 160 + 10], 0x112233); /* what all see, made smaller */
    ((uint32_t *)ctx->fb.pixels)[50 * 160 + 80] = 0x445566;
    assert_int_equal(ctx->input->mx, pointed[0]);
    assert_int_equal(ctx->input->my, pointed[1]);
    return 0;
}

static void a_canvas_of_another_size(void **state)
{
    (void)state;
    remember();
    struct app *app = load("old");
    take(app, 0);
    app_unload(app);
    head()->canvas_w = 160;
    head()->canvas_h = 100;
    image_reseal(f.bytes, f.len);
    app = bring_back();
    uint32_t *shared = canvas_pixels();
    for (uint32_t i = 0; i < 320 * 200; i++) {
        shared[i] = 0x112233;
    }
    static const uint32_t points[][2] = {{319, 199}, {0, 199}, {319, 0}, {31, 21}};
    input_set_screen(320, 200);
    for (uint32_t i = 0; i < ARRAY_COUNT(points); i++) { /* where it is in the app's own canvas */
        input_pointer_set(points[i][0], 319, points[i][1], 199);
        pointed[0] = points[i][0] / 2;
        pointed[1] = points[i][1] / 2;
        call(app, body_canvas);
        assert_int_equal(app->faults, 0);
    }
    for (uint32_t y = 0; y < 200; y++) {
        for (uint32_t x = 0; x < 320; x++) {
            bool changed = x / 2 == 80 && y / 2 == 50;
            assert_int_equal(shared[y * 320 + x] & 0xffffff, changed ? 0x445566 : 0x112233);
        }
    }
    app_unload(app);
    all_is_back();
}

static struct ctx_presented presented;

static int32_t body_presented(struct ctx *ctx)
{
    struct ctx_presented *out = own(ctx, sizeof *out);
    out->size = sizeof *out;
    assert_int_equal(ctx->display->presented(ctx->display, kept.surface, out), CTX_OK);
    presented = *out;
    return 0;
}

/* In the app's own time, which is another than this machine's. */
static void when_it_was_last_shown_comes_back(void **state)
{
    (void)state;
    for (uint64_t times = 0; times < 3; times++) {
        fake.now_ns = 900 * NSEC_PER_SEC;
        struct app *app = load_v3("new one two");
        call(app, body_begin);
        struct surface *s = surface_by_handle(app, kept.surface);
        assert_non_null(s);
        s->presented.count = times;
        s->presented.time_ns = times != 0 ? fake.now_ns : 0;
        take(app, 0);
        app_unload(app);
        fake.now_ns = 2000 * NSEC_PER_SEC;
        app = bring_back();
        call(app, body_presented);
        assert_int_equal(presented.count, times);
        assert_int_equal(presented.time_ns, times != 0 ? 900 * NSEC_PER_SEC : 0);
        assert_int_equal(app->faults, 0);
        app_unload(app);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_canvas_of_another_size),
        cmocka_unit_test(when_it_was_last_shown_comes_back),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, done);
}
