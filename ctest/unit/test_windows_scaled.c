/* SPDX-License-Identifier: MIT */
/*
 * Surfaces in another size than they have: against a picture in floating point that knows of no
 * tiles, rows or damage; and a screen of which only parts were made anew against one made whole.
 */
#include "image_taken.h"
#include "surface_private.h"
#include "windows_fixture.h"

#define NEAR 3.0 /* of 255: weights are in 1/256, and a pixel is rounded up to three times */

static struct app *manager, *owner;
static uint64_t dice;

static uint32_t roll(uint32_t most)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(dice >> 33) % most;
}

/* ---- one that lies there ---- */

static struct {
    uint32_t w, h, format, window;
    uint32_t *pixels;
    struct ctx_window_place at;
} now;

static int32_t body_make(struct ctx *ctx)
{
    now.window = make(ctx, now.w, now.h, now.format, 0, CTX_OK);
    now.pixels = ctx->display->pixels(ctx->display, now.window);
    return 0;
}

static uint32_t part[4];

static int32_t body_damage(struct ctx *ctx)
{
    assert_int_equal(
        ctx->display->damage(ctx->display, now.window, part[0], part[1], part[2], part[3]), CTX_OK);
    return 0;
}

static int32_t body_destroy(struct ctx *ctx)
{
    assert_int_equal(ctx->display->destroy(ctx->display, now.window), CTX_OK);
    return 0;
}

static uint64_t asked_flags;

static int32_t body_flags(struct ctx *ctx)
{
    assert_int_equal(ctx->display->ask_flags(ctx->display, now.window, asked_flags), CTX_OK);
    return 0;
}

static uint32_t color(void)
{
    uint32_t alpha = roll(3) == 0 ? roll(256) : roll(2) * 255;
    return roll(1 << 24) | alpha << 24;
}

static void paint(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    bool flat = roll(2) == 0;
    uint32_t c = color();
    for (uint32_t row = y; row < y + h; row++) {
        for (uint32_t column = x; column < x + w; column++) {
            now.pixels[row * now.w + column] = flat ? c : color();
        }
    }
    part[0] = x;
    part[1] = y;
    part[2] = w;
    part[3] = h;
    call(owner, body_damage);
}

static ctx_status put(void)
{
    wm.does = WM_PLACE;
    wm.place = now.at;
    wm.place.size = sizeof wm.place;
    wm.place.pid = owner->pid;
    wm.place.surface = now.window;
    call(manager, body_wm);
    return wm.status;
}

static void begin(bool both)
{
    dice = 4;
    manager = load_v3("manager grant=ctx.windows/1");
    owner = both ? load_v3("owner") : manager;
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    for (uint32_t i = 0; i < W * H; i++) {
        canvas_pixels()[i] = roll(1 << 24);
    }
    assert_true(present_canvas(true));
}

static void end(void)
{
    if (owner != manager) {
        app_unload(owner);
    }
    app_unload(manager);
    all_is_back();
}

/* ---- the picture as it should be ---- */

struct tap {
    uint32_t at;
    double weight;
};

/* What of one row or column of the surface is in one of the screen. */
static uint32_t taps_of(uint32_t size, uint32_t seen, uint32_t first, uint32_t behind, bool smooth,
                        uint32_t at, struct tap *out)
{
    if (first + behind >= size || first + behind >= seen) {
        first = behind = 0;
    }
    if (at < first || at >= seen - behind) {
        out[0] = (struct tap){at < first ? at : size - (seen - at), 1};
        return 1;
    }
    uint32_t n = size - first - behind, to = seen - first - behind, no = at - first, count = 0;
    double each = (double)n / to;
    if (!smooth) {
        out[0] = (struct tap){first + (uint32_t)((uint64_t)no * n / to), 1};
        return 1;
    }
    if (to >= n) {
        double place = MIN(MAX((no + 0.5) * each - 0.5, 0), (double)(n - 1));
        uint32_t low = (uint32_t)place;
        out[count++] = (struct tap){first + low, 1 - (place - low)};
        if (low + 1 < n) {
            out[count++] = (struct tap){first + low + 1, place - low};
        }
        return count;
    }
    for (uint32_t i = 0; i < n; i++) {
        double has = MIN((double)(i + 1), (no + 1) * each) - MAX((double)i, no * each);
        if (has > 0) {
            out[count++] = (struct tap){first + i, has / each};
        }
    }
    return count;
}

static bool is_smooth(void)
{
    return now.at.filter == CTX_FILTER_SMOOTH;
}

static void wanted(uint32_t x, uint32_t y, double out[3])
{
    const struct ctx_window_place *p = &now.at;
    struct tap across[W], down[H];
    uint32_t under = canvas_pixels()[y * W + x];
    int64_t in_x = (int64_t)x - p->x, in_y = (int64_t)y - p->y;
    double color[3] = {0}, alpha = 0;
    bool outside = in_x < 0 || in_y < 0 || in_x >= p->shown_w || in_y >= p->shown_h;
    uint32_t columns = outside ? 0
                               : taps_of(now.w, p->shown_w, p->keep_left, p->keep_right,
                                         is_smooth(), (uint32_t)in_x, across);
    uint32_t rows = outside ? 0
                            : taps_of(now.h, p->shown_h, p->keep_top, p->keep_bottom, is_smooth(),
                                      (uint32_t)in_y, down);
    for (uint32_t i = 0; i < rows; i++) {
        for (uint32_t j = 0; j < columns; j++) {
            uint32_t pixel = now.pixels[down[i].at * now.w + across[j].at];
            double a = now.format == CTX_SURFACE_RGBA ? (pixel >> 24) / 255.0 : 1;
            double has = down[i].weight * across[j].weight * a;
            alpha += has;
            for (uint32_t c = 0; c < 3; c++) {
                color[c] += (pixel >> (8 * c) & 0xff) * has;
            }
        }
    }
    double opacity = p->opacity / 255.0;
    for (uint32_t c = 0; c < 3; c++) {
        out[c] = color[c] * opacity + (under >> (8 * c) & 0xff) * (1 - alpha * opacity);
    }
}

static void check_picture(double most)
{
    for (uint32_t y = 0; y < H; y++) {
        for (uint32_t x = 0; x < W; x++) {
            double want[3];
            wanted(x, y, want);
            for (uint32_t c = 0; c < 3; c++) {
                double is = shown[y * W + x] >> (8 * c) & 0xff;
                if (is - want[c] > most || want[c] - is > most) {
                    print_error("%u,%u of %ux%u as %ux%u: %f, not %f\n", x, y, now.w, now.h,
                                now.at.shown_w, now.at.shown_h, is, want[c]);
                    fail();
                }
            }
        }
    }
}

/* An area that is averaged with more than eight rows or columns is what eight of them say: not
 * looked at here. */
static uint32_t not_too_small(uint32_t size, uint32_t most)
{
    uint32_t least = (size + 6) / 7;
    return least + roll(most - least);
}

static void some_place(bool keeps)
{
    now.at = (struct ctx_window_place){.x = (int32_t)roll(W) - 100,
                                       .y = (int32_t)roll(H) - 60,
                                       .scale = 1 + roll(8), /* which does not count */
                                       .opacity = roll(2) == 0 ? 255 : roll(256),
                                       .shown_w = not_too_small(now.w, 300),
                                       .shown_h = not_too_small(now.h, 260),
                                       .filter = roll(3) != 0};
    if (keeps) { /* what lies between is not made much smaller */
        now.at.keep_left = roll(2) * roll(now.w / 3 + 1);
        now.at.keep_right = roll(now.w / 3 + 1);
        now.at.keep_top = roll(now.h / 3 + 1);
        now.at.keep_bottom = roll(2) * roll(now.h / 3 + 1);
        now.at.shown_w = now.w / 2 + roll(300);
        now.at.shown_h = now.h / 2 + roll(200);
    }
}

static void some_surface(void)
{
    now.w = 1 + roll(roll(2) == 0 ? 12 : 150);
    now.h = 1 + roll(roll(2) == 0 ? 12 : 110);
    now.format = 1 + roll(2);
    call(owner, body_make);
    paint(0, 0, now.w, now.h);
}

static void odd_sizes(bool own, uint32_t rounds)
{
    begin(!own);
    for (uint32_t round = 0; round < rounds; round++) {
        some_surface();
        some_place(own);
        assert_int_equal(put(), CTX_OK);
        assert_true(present_canvas(false));
        bool exact = !is_smooth() && now.at.opacity == 255 && now.format == CTX_SURFACE_RGBX;
        check_picture(exact ? 0 : NEAR);
        call(owner, body_destroy);
        assert_true(present_canvas(false));
    }
    end();
}

static void in_odd_sizes(void **state)
{
    (void)state;
    odd_sizes(false, 60);
}

static void with_ends_that_stay(void **state)
{
    (void)state;
    odd_sizes(true, 60);
}

/* ---- damage ---- */

static void a_part_is_as_the_whole(void **state)
{
    (void)state;
    static uint32_t parts[W * H];
    uint64_t tiles = 0, all = 0;
    begin(false);
    for (uint32_t round = 0; round < 60; round++) {
        some_surface();
        some_place(roll(2) == 0);
        assert_int_equal(put(), CTX_OK);
        assert_true(present_canvas(false));
        for (uint32_t n = 0; n < 10; n++) {
            uint32_t x = roll(now.w), y = roll(now.h);
            paint(x, y, 1 + roll(MIN(now.w - x, 9)), 1 + roll(MIN(now.h - y, 9)));
            uint64_t then = present_tiles();
            assert_true(present_canvas(false));
            tiles += present_tiles() - then;
            memcpy(parts, shown, sizeof parts);
            memset(shown, 0xee, sizeof shown); /* so that each tile is another */
            surface_repaint();
            then = present_tiles();
            assert_true(present_canvas(true));
            all += present_tiles() - then;
            for (uint32_t i = 0; i < W * H; i++) {
                if (parts[i] << 8 != shown[i] << 8) {
                    print_error("%u,%u of %ux%u as %ux%u at %d,%d\n", i % W, i / W, now.w, now.h,
                                now.at.shown_w, now.at.shown_h, now.at.x, now.at.y);
                    fail();
                }
            }
        }
        call(owner, body_destroy);
    }
    assert_true(tiles * 4 < all); /* and they are parts */
    end();
}

/* ---- what it says and takes ---- */

static void who_decides_how(void **state)
{
    (void)state;
    begin(true);
    now.w = now.h = 4;
    now.format = CTX_SURFACE_RGBX;
    call(owner, body_make);
    for (uint32_t i = 0; i < 16; i++) {
        now.pixels[i] = i % 4 < 2 ? 0 : 0xffffff;
    }
    now.at = (struct ctx_window_place){.scale = 3, .opacity = 255};
    static const struct {
        uint64_t flags;
        uint32_t filter;
        bool smooth;
    } cases[] = {
        {0, CTX_FILTER_PIXELS, false},
        {0, CTX_FILTER_SMOOTH, true},
        {CTX_SURFACE_INTEGER, CTX_FILTER_SMOOTH, false},
        {CTX_SURFACE_SMOOTH, CTX_FILTER_PIXELS, true},
    };
    for (uint32_t i = 0; i < ARRAY_COUNT(cases); i++) {
        asked_flags = cases[i].flags; /* also while it is shown */
        call(owner, body_flags);
        now.at.filter = cases[i].filter;
        assert_int_equal(put(), CTX_OK);
        assert_true(present_canvas(false));
        assert_int_equal(shown[5 * W + 4] & 0xffffff, 0);
        assert_int_equal(shown[5 * W + 7] & 0xffffff, 0xffffff);
        bool between = (shown[5 * W + 5] & 0xff) != 0 || (shown[5 * W + 6] & 0xff) != 0xff;
        assert_int_equal(between, cases[i].smooth);
    }
    end();
}

static void what_is_refused(void **state)
{
    (void)state;
    begin(true);
    now.w = now.h = 10;
    now.format = CTX_SURFACE_RGBX;
    call(owner, body_make);
    const struct ctx_window_place good = {.scale = 1, .opacity = 255};
    struct ctx_window_place bad[7];
    for (uint32_t i = 0; i < ARRAY_COUNT(bad); i++) {
        bad[i] = good;
    }
    bad[0].shown_w = 5;
    bad[1].shown_h = 5;
    bad[2].shown_w = bad[2].shown_h = 65537;
    bad[3].filter = CTX_FILTER_SMOOTH + 1;
    bad[4].keep_top = 1; /* another app's */
    bad[5].rsv = 1;
    bad[6].keep_left = 8193;
    for (uint32_t i = 0; i < ARRAY_COUNT(bad); i++) {
        now.at = bad[i];
        assert_int_equal(put(), CTX_E_INVAL);
    }
    now.at = good;
    now.at.shown_w = now.at.shown_h = 65536;
    assert_int_equal(put(), CTX_OK);
    assert_true(present_canvas(false));
    end();
}

/* A manager that was built before: its struct is shorter. */
static int32_t body_old_place(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_WINDOWS, 0, &t), CTX_OK);
    const struct ctx_windows *w = (const struct ctx_windows *)t;
    struct ctx_window_place *place = own(ctx, sizeof *place);
    memset(place, 0x77, sizeof *place);
    *(struct ctx_window_place *)place = (struct ctx_window_place){.size = 40,
                                                                  .pid = owner->pid,
                                                                  .surface = now.window,
                                                                  .scale = 2,
                                                                  .opacity = 255,
                                                                  .shown_w = 1};
    assert_int_equal(w->place(w, place), CTX_OK);
    place->size = 39;
    assert_int_equal(w->place(w, place), CTX_E_INVAL);
    ctx->mem->free(ctx->mem, place, sizeof *place, 16);
    return 0;
}

static struct ctx_surface_info described;

static int32_t body_describe(struct ctx *ctx)
{
    struct ctx_surface_info *info = own(ctx, sizeof *info);
    info->size = sizeof *info;
    assert_int_equal(ctx->display->describe(ctx->display, now.window, info), CTX_OK);
    described = *info;
    ctx->mem->free(ctx->mem, info, sizeof *info, 16);
    return 0;
}

static void an_older_manager(void **state)
{
    (void)state;
    begin(true);
    now.w = now.h = 10;
    now.format = CTX_SURFACE_RGBX;
    call(owner, body_make);
    call(manager, body_old_place);
    call(owner, body_describe);
    assert_int_equal(described.shown_w, 20);
    assert_int_equal(described.shown_h, 20);
    end();
}

static void the_pointer_over_it(void **state)
{
    (void)state;
    begin(true);
    now.w = 10;
    now.h = 20;
    now.format = CTX_SURFACE_RGBA;
    call(owner, body_make);
    paint(0, 0, now.w, now.h);
    for (uint32_t i = 0; i < now.w * now.h; i++) {
        now.pixels[i] = i / now.w == 7 ? 0 : 0xff00ff00; /* a row that is not there */
    }
    now.at = (struct ctx_window_place){
        .x = 100, .y = 50, .scale = 1, .opacity = 255, .shown_w = 25, .shown_h = 30};
    assert_int_equal(put(), CTX_OK);
    call(owner, body_describe);
    assert_int_equal(described.shown_w, 25);
    assert_int_equal(described.shown_h, 30);
    assert_int_equal(described.w, 10);
    hears(owner);
    for (uint32_t y = 0; y < 30; y++) {
        point_at(100 + y % 25, 50 + y);
        bool hit = y * 20 / 30 != 7;
        hears(owner);
        assert_int_equal(heard_count > 0 && heard[heard_count - 1].kind == CTX_EVENT_POINTER, hit);
        if (hit) {
            assert_int_equal(heard[heard_count - 1].x, y % 25 * 10 / 25);
            assert_int_equal(heard[heard_count - 1].y, y * 20 / 30);
        }
    }
    end();

    /* One of the manager's own, whose ends stay: places are the screen's. */
    begin(false);
    call(owner, body_make);
    paint(0, 0, now.w, now.h);
    memset(now.pixels, 0xff, (size_t)now.w * now.h * 4);
    now.at.keep_top = now.at.keep_bottom = 9;
    assert_int_equal(put(), CTX_OK);
    hears(owner);
    point_at(110, 50 + 14);
    hears(owner);
    assert_int_equal(heard[heard_count - 1].y, 14);
    assert_int_equal(heard[heard_count - 1].x, 4);
    end();
}

static void an_image_has_it(void **state)
{
    (void)state;
    begin(true);
    now.w = now.h = 16;
    now.format = CTX_SURFACE_RGBX;
    call(owner, body_make);
    paint(0, 0, 16, 16);
    now.at = (struct ctx_window_place){.x = 9,
                                       .y = 8,
                                       .scale = 2,
                                       .opacity = 200,
                                       .shown_w = 41,
                                       .shown_h = 23,
                                       .filter = CTX_FILTER_SMOOTH};
    assert_int_equal(put(), CTX_OK);
    static uint32_t then[W * H];
    assert_true(present_canvas(false));
    memcpy(then, shown, sizeof then);
    take(owner, 0);
    now.at.shown_w = now.at.shown_h = 0;
    assert_int_equal(put(), CTX_OK);
    assert_true(present_canvas(false));
    assert_true(memcmp(then, shown, sizeof then) != 0);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(app_go_back(owner, &f.image, &f.error), CTX_OK); /* in place */
    assert_true(present_canvas(false));
    assert_memory_equal(then, shown, sizeof then);
    app_unload(owner);
    owner = bring_back();
    assert_true(present_canvas(false));
    assert_memory_equal(then, shown, sizeof then);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(in_odd_sizes, setup),
        cmocka_unit_test_setup(with_ends_that_stay, setup),
        cmocka_unit_test_setup(a_part_is_as_the_whole, setup),
        cmocka_unit_test_setup(who_decides_how, setup),
        cmocka_unit_test_setup(what_is_refused, setup),
        cmocka_unit_test_setup(an_older_manager, setup),
        cmocka_unit_test_setup(the_pointer_over_it, setup),
        cmocka_unit_test_setup(an_image_has_it, setup),
    };
    return cmocka_run_group_tests(tests, windows_start, done);
}
