/* SPDX-License-Identifier: MIT */
/* How surfaces lie over the canvas, and what is looked at when they change. */
#include "canvas.h"
#include "input.h"
#include "surface_fixture.h"

#include <kernel/input.h>

static uint32_t damage[4];

static int32_t body_damage(struct ctx *ctx)
{
    assert_int_equal(
        ctx->display->damage(ctx->display, handle, damage[0], damage[1], damage[2], damage[3]),
        CTX_OK);
    return 0;
}

static void damage_all(struct app *app, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    damage[0] = x;
    damage[1] = y;
    damage[2] = w;
    damage[3] = h;
    call(app, body_damage);
}

static struct ctx_presented seen;

static int32_t body_presented(struct ctx *ctx)
{
    struct ctx_presented *p = own(ctx, sizeof *p);
    p->size = sizeof *p;
    assert_int_equal(ctx->display->presented(ctx->display, handle, p), CTX_OK);
    seen = *p;
    ctx->mem->free(ctx->mem, p, sizeof *p, 16);
    return 0;
}

static uint32_t canvas_at(uint32_t x, uint32_t y)
{
    return 0x404040 + x + (y << 8);
}

static void paint_canvas(void)
{
    for (uint32_t i = 0; i < W * H; i++) {
        canvas_pixels()[i] = canvas_at(i % W, i / W);
    }
}

/* One surface of this size, opaque: in the middle, cut off at the screen's edges; all else is the
 * canvas. */
static void check_placed(struct app *app, uint32_t w, uint32_t h)
{
    want_w = w;
    want_h = h;
    call(app, body_create);
    for (uint32_t i = 0; i < w * h; i++) {
        pixels[i] = 0xff000000u + i;
    }
    int32_t left = ((int32_t)W - (int32_t)w) / 2, top = ((int32_t)H - (int32_t)h) / 2;
    assert_true(present_canvas(true));
    for (int32_t y = 0; y < (int32_t)H; y++) {
        for (int32_t x = 0; x < (int32_t)W; x++) {
            bool inside = x >= left && y >= top && x < left + (int32_t)w && y < top + (int32_t)h;
            uint32_t expected = inside
                                    ? 0xff000000u + (uint32_t)(y - top) * w + (uint32_t)(x - left)
                                    : canvas_at((uint32_t)x, (uint32_t)y);
            assert_int_equal(shown[y * (int32_t)W + x], expected);
        }
    }
}

static void in_the_middle(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {
        {1, 1},     {2, 3},    {64, 64},  {99, 77},   {320, 200}, {319, 199},
        {321, 201}, {400, 10}, {10, 300}, {700, 600}, {1, 200},
    };
    paint_canvas();
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        struct app *app = load_v3("app");
        check_placed(app, sizes[i][0], sizes[i][1]);
        app_unload(app);
        assert_true(surface_any_damage()); /* it is gone: that is a change */
        assert_true(present_canvas(false));
        assert_memory_equal(shown, canvas_pixels(), sizeof shown);
        assert_false(surface_any_damage());
    }
    all_is_back();
}

static int32_t asked_x, asked_y;

static int32_t body_ask(struct ctx *ctx)
{
    assert_int_equal(ctx->display->ask_position(ctx->display, handle, asked_x, asked_y), CTX_OK);
    return 0;
}

/* Nobody manages windows: a surface lies where its app wants it, also when that is half outside. */
static void where_it_asked_to_lie(void **state)
{
    (void)state;
    static const int32_t places[][2] = {
        {0, 0}, {3, 5}, {-10, 7}, {310, -4}, {400, 0}, {0, -200}, {INT32_MIN, INT32_MAX}};
    paint_canvas();
    struct app *app = load_v3("app");
    want_w = 30;
    want_h = 20;
    want_format = CTX_SURFACE_RGBX;
    call(app, body_create);
    for (uint32_t i = 0; i < 30 * 20; i++) {
        pixels[i] = 0xff000000u + i;
    }
    for (size_t n = 0; n < ARRAY_COUNT(places); n++) {
        asked_x = places[n][0];
        asked_y = places[n][1];
        call(app, body_ask);
        assert_true(present_canvas(false)); /* that is a change */
        for (int64_t i = 0; i < W * H; i++) {
            int64_t x = i % W - asked_x, y = i / W - asked_y;
            bool inside = x >= 0 && y >= 0 && x < 30 && y < 20;
            assert_int_equal(shown[i], inside ? 0xff000000u + (uint32_t)(y * 30 + x)
                                              : canvas_at((uint32_t)(i % W), (uint32_t)(i / W)));
        }
    }
    app_unload(app);
    all_is_back();
}

static void order_and_opacity(void **state)
{
    (void)state;
    paint_canvas();
    struct app *below = load_v3("below");
    struct app *above = load_v3("above");
    want_w = want_h = 40;
    want_format = CTX_SURFACE_RGBA;
    call(above, body_create); /* made first, but later in the list */
    uint32_t *over = pixels;
    want_w = want_h = 80;
    want_format = CTX_SURFACE_RGBX;
    call(below, body_create);
    for (uint32_t i = 0; i < 80 * 80; i++) {
        pixels[i] = 0x00ffffff; /* the fourth byte says nothing here */
    }
    const uint32_t alphas[] = {0, 1, 64, 127, 128, 200, 254, 255};
    for (size_t i = 0; i < ARRAY_COUNT(alphas); i++) {
        for (uint32_t n = 0; n < 40 * 40; n++) {
            over[n] = alphas[i] << 24 | 0x80ff00;
        }
        surface_repaint(); /* nobody has said damage of it */
        assert_true(present_canvas(true));
        uint32_t got = shown[(H / 2) * W + W / 2];
        for (uint32_t shift = 0; shift < 24; shift += 8) {
            uint32_t colour = 0x80ff00u >> shift & 0xff;
            double exact = (colour * alphas[i] + 255.0 * (255 - alphas[i])) / 255;
            assert_true(abs((int)(got >> shift & 0xff) - (int)exact) <= 2);
        }
        assert_true(alphas[i] != 0 || (got & 0xffffff) == 0xffffff);
        assert_true(alphas[i] != 255 || (got & 0xffffff) == 0x80ff00);
        assert_int_equal(shown[(H / 2) * W + W / 2 - 30] & 0xffffff, 0xffffff);
        assert_int_equal(shown[10], canvas_at(10, 0));
    }
    app_unload(above);
    app_unload(below);
    all_is_back();
}

/* ---- one that follows the pointer ---- */

static int32_t body_follow(struct ctx *ctx)
{
    handle = make(ctx, 9, 9, CTX_SURFACE_RGBX, CTX_SURFACE_POINTER, CTX_OK);
    pixels = ctx->display->pixels(ctx->display, handle);
    memset(pixels, 0xab, 9 * 9 * 4);
    assert_int_equal(ctx->display->damage(ctx->display, handle, 0, 0, 9, 9), CTX_OK);
    assert_int_equal(ctx->display->resize(ctx->display, handle, 129, 9), CTX_E_INVAL);
    return 0;
}

static uint32_t lit(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < W * H; i++) {
        count += shown[i] == 0xabababab;
    }
    return count;
}

/* It lies where the pointer is, above surfaces that were made later, and leaves nothing behind. */
static void where_the_pointer_is(void **state)
{
    (void)state;
    input_set_screen(W, H);
    struct app *app = load_v3("pointer");
    struct app *other = load_v3("other");
    call(app, body_follow);
    want_w = W;
    want_h = H;
    call(other, body_create); /* covers the whole screen */
    struct app *top = load_v3("top");
    call(top, body_follow); /* a second one */
    app_unload(top);
    const int32_t way[][2] = {{160, 100}, {4, 4}, {0, 0}, {319, 199}, {150, 90}, {151, 90}};
    for (size_t i = 0; i < ARRAY_COUNT(way); i++) {
        input_pointer_set((uint32_t)way[i][0], W - 1, (uint32_t)way[i][1], H - 1);
        assert_true(surface_any_damage() || i == 0);
        assert_true(present_canvas(false));
        assert_false(surface_any_damage());
        uint32_t across = (uint32_t)MIN(MIN(way[i][0], 4) + 5, (int32_t)W - way[i][0] + 4);
        uint32_t down = (uint32_t)MIN(MIN(way[i][1], 4) + 5, (int32_t)H - way[i][1] + 4);
        assert_int_equal(lit(), across * down);
        assert_int_equal(shown[(uint32_t)way[i][1] * W + (uint32_t)way[i][0]], 0xabababab);
    }
    app_unload(app);
    assert_true(present_canvas(false));
    assert_int_equal(lit(), 0);
    input_pointer_set(5, W - 1, 5, H - 1);
    assert_false(surface_any_damage()); /* nobody follows it any more */
    app_unload(other);
    all_is_back();
}

static int32_t body_only_damage(struct ctx *ctx)
{
    ctx_status status = ctx->display->damage(ctx->display, handle, 140, 80, 6, 7);
    assert_int_equal(status, CTX_OK);
    return 0;
}

/* What a region of the screen has to do with a surface, to the pixel and on each side. */
static void what_a_region_meets(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    assert_false(surface_covers(0, 0, W, H));
    want_w = 300;
    want_h = 180;
    call(app, body_create); /* at 10,10 */
    assert_true(present_canvas(false));
    assert_false(surface_damaged(0, 0, W, H));
    call(app, body_only_damage);
    static const uint32_t areas[][4] = {{10, 10, 310, 190}, {150, 90, 156, 97}};
    for (uint32_t i = 0; i < ARRAY_COUNT(areas); i++) {
        bool (*meets)(uint32_t, uint32_t, uint32_t, uint32_t) =
            i == 0 ? surface_covers : surface_damaged;
        /* Damage is known by tiles. */
        const uint32_t tile = i == 0 ? 1 : PRESENT_TILE, *given = areas[i];
        const uint32_t a[] = {given[0] / tile * tile, given[1] / tile * tile,
                              ALIGN_UP(given[2], tile), ALIGN_UP(given[3], tile)};
        for (uint32_t y = 0; y < H; y++) {
            for (uint32_t x = 0; x < W; x++) {
                bool in_x = x >= a[0] && x < a[2], in_y = y >= a[1] && y < a[3];
                assert_int_equal(meets(x, y, 1, 1), in_x && in_y);
            }
        }
        assert_true(meets(0, 0, W, H));
        for (uint32_t more = 0; more < 2; more++) { /* up to its edges, and a pixel further */
            assert_int_equal(meets(0, 0, a[0] + more, H), more != 0);
            assert_int_equal(meets(0, 0, W, a[1] + more), more != 0);
            assert_int_equal(meets(a[2] - more, 0, W - a[2] + more, H), more != 0);
            assert_int_equal(meets(0, a[3] - more, W, H - a[3] + more), more != 0);
        }
    }
    app_unload(app);
    assert_false(surface_covers(0, 0, W, H));
    all_is_back();
}

static void damage_is_what_is_looked_at(void **state)
{
    (void)state;
    paint_canvas();
    struct app *app = load_v3("app");
    want_w = 300;
    want_h = 180;
    call(app, body_create); /* at 10,10 */
    assert_true(present_canvas(true));
    updates = 0;
    for (uint32_t i = 0; i < 300 * 180; i++) {
        pixels[i] = 0x12345678;
    }
    assert_false(surface_any_damage());
    damage_all(app, 300, 0, 5, 5); /* outside: nothing */
    damage_all(app, 0, 180, UINT32_MAX, UINT32_MAX);
    damage_all(app, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX);
    damage_all(app, 5, 5, 0, 9);
    assert_false(surface_any_damage());
    call(app, body_presented);
    uint64_t count = seen.count;
    damage_all(app, 60, 60, 1, 1); /* on screen at 70,70: one tile */
    assert_true(surface_any_damage());
    assert_true(surface_damaged(64, 64, 64, 64));
    assert_false(surface_damaged(0, 0, 64, 64));
    fake.now_ns = 4711;
    is_busy = true;
    assert_false(present_canvas(false));
    assert_true(surface_any_damage());
    is_busy = false;
    assert_true(present_canvas(false));
    assert_int_equal(updates, 1);
    assert_true(last.x == 64 && last.y == 64 && last.w == 64 && last.h == 64);
    assert_false(surface_any_damage());
    call(app, body_presented);
    assert_int_equal(seen.count, count + 1);
    assert_int_equal(seen.time_ns, 4711);
    assert_int_equal(seen.size, sizeof seen);
    assert_int_equal(seen.rsv, 0);
    call(app, body_presented);
    assert_true(present_canvas(false)); /* without damage it does not count */
    call(app, body_presented);
    assert_int_equal(seen.count, count + 1);
    damage_all(app, 290, 170, UINT32_MAX, UINT32_MAX); /* cut off at its edge */
    damage_all(app, 0, 0, 1, 1);                       /* joined: all of it */
    updates = 0;
    assert_true(present_canvas(false));
    assert_int_equal(updates, 1);
    for (uint32_t y = 0; y < H; y++) {
        for (uint32_t x = 0; x < W; x++) {
            bool inside = x >= 10 && x < 310 && y >= 10 && y < 190;
            assert_int_equal(shown[y * W + x], inside ? 0x12345678 : canvas_at(x, y));
        }
    }
    call(app, body_presented);
    assert_int_equal(seen.count, count + 2);
    app_unload(app);
    all_is_back();
}

static int32_t body_canvas(struct ctx *ctx)
{
    static uint32_t calls;
    if (calls++ == 0) {
        assert_true(ctx->fb.pixels != NULL && ctx->fb.len == 0 && ctx->fb.w == 0 && ctx->fb.h == 0);
        assert_int_equal(ctx->display->canvas(ctx->display), CTX_OK);
        assert_int_equal(ctx->display->canvas(ctx->display), CTX_OK);
        assert_int_equal(ctx->fb.len, 0); /* from the next call on */
    } else {
        assert_true(ctx->fb.len == W * H && ctx->fb.w == W && ctx->fb.h == H);
        ctx->fb.pixels[W * H - 1].g = 9;
    }
    struct ctx_display_info *info = own(ctx, sizeof *info);
    info->size = sizeof *info;
    assert_int_equal(ctx->display->info(ctx->display, info), CTX_OK);
    assert_int_equal(info->w, W);
    assert_int_equal(info->h, H);
    assert_int_equal(info->frame_ns, NSEC_PER_SEC / 60);
    return 0;
}

static void the_canvas(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    canvas_pixels()[W * H - 1] = 0;
    call(app, body_canvas);
    call(app, body_canvas);
    assert_int_equal(app->faults, 0);
    assert_int_equal(canvas_pixels()[W * H - 1], 9 << 8);
    app_unload(app);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(in_the_middle, setup),
        cmocka_unit_test_setup(order_and_opacity, setup),
        cmocka_unit_test_setup(where_it_asked_to_lie, setup),
        cmocka_unit_test_setup(where_the_pointer_is, setup),
        cmocka_unit_test_setup(what_a_region_meets, setup),
        cmocka_unit_test_setup(damage_is_what_is_looked_at, setup),
        cmocka_unit_test_setup(the_canvas, setup),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
