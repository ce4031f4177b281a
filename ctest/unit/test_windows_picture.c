/* SPDX-License-Identifier: MIT */
/* What is shown when surfaces lie where they were put: against a picture that is painted from
 * below, pixel by pixel, without a thought of what changed. */
#include "windows_fixture.h"

#define MOST 12u

static struct app *manager, *owner;
static uint64_t dice;

/* The test's own notion of each window. */
static struct known {
    bool there, hidden, placed;
    uint32_t handle, w, h, scale, format;
    int32_t x, y, level;
    uint32_t *pixels, *mine; /* the app's, and a copy of what damage was said of */
    uint64_t born;
} known[MOST];
static uint64_t births;

static uint32_t draw(void)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(dice >> 33);
}

static uint32_t roll(uint32_t most)
{
    return draw() % most;
}

static uint32_t color(uint32_t format)
{
    uint32_t c = draw() & 0xffffff;
    return c | (format == CTX_SURFACE_RGBA && roll(3) == 0 ? 0 : 0xff000000u);
}

static struct known *who;
static uint32_t part[4];

static int32_t body_destroy(struct ctx *ctx)
{
    assert_int_equal(ctx->display->destroy(ctx->display, who->handle), CTX_OK);
    return 0;
}

static int32_t body_paint(struct ctx *ctx)
{
    uint32_t c = color(who->format);
    for (uint32_t y = part[1]; y < part[1] + part[3]; y++) {
        for (uint32_t x = part[0]; x < part[0] + part[2]; x++) {
            who->pixels[y * who->w + x] = c;
            who->mine[y * who->w + x] = c;
        }
    }
    assert_int_equal(
        ctx->display->damage(ctx->display, who->handle, part[0], part[1], part[2], part[3]),
        CTX_OK);
    return 0;
}

static int32_t body_resize(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, who->handle, who->w, who->h), CTX_OK);
    who->pixels = ctx->display->pixels(ctx->display, who->handle);
    return 0;
}

static void paint(struct known *k, bool all)
{
    who = k;
    part[0] = all ? 0 : roll(k->w);
    part[1] = all ? 0 : roll(k->h);
    part[2] = all ? k->w : 1 + roll(k->w - part[0]);
    part[3] = all ? k->h : 1 + roll(k->h - part[1]);
    call(owner, body_paint);
}

static void put(struct known *k)
{
    k->placed = true;
    k->hidden = roll(6) == 0;
    k->x = (int32_t)roll(W + 200) - 150;
    k->y = (int32_t)roll(H + 150) - 100;
    k->level = (int32_t)roll(5) - 2;
    k->scale = roll(3) == 0 ? 2 + roll(3) : 1;
    wm.does = WM_PLACE;
    wm.place = (struct ctx_window_place){.size = sizeof wm.place,
                                         .pid = owner->pid,
                                         .surface = k->handle,
                                         .x = k->x,
                                         .y = k->y,
                                         .level = k->level,
                                         .scale = k->scale,
                                         .opacity = 255,
                                         .state = k->hidden ? CTX_WINDOW_HIDDEN : 0};
    call(manager, body_wm);
    assert_int_equal(wm.status, CTX_OK);
}

static void copy_of(struct known *k)
{
    free(k->mine);
    k->mine = calloc((size_t)k->w * k->h, 4);
}

static void make_one(struct known *k)
{
    want_format = roll(2) == 0 ? CTX_SURFACE_RGBX : CTX_SURFACE_RGBA;
    k->format = want_format;
    k->w = 1 + roll(roll(3) == 0 ? W + 60 : 120);
    k->h = 1 + roll(roll(3) == 0 ? H + 60 : 90);
    k->handle = window_of(owner, k->w, k->h);
    k->pixels = pixels;
    k->there = true;
    k->placed = k->hidden = false;
    k->born = births++;
    copy_of(k);
    paint(k, true);
}

static void one_step(void)
{
    struct known *k = &known[roll(MOST)];
    who = k;
    if (!k->there) {
        make_one(k);
        return;
    }
    switch (roll(8)) {
    case 0:
        call(owner, body_destroy);
        k->there = false;
        return;
    case 1:
        k->w = 1 + roll(150);
        k->h = 1 + roll(120);
        call(owner, body_resize);
        copy_of(k);
        return;
    case 2:
    case 3:
        paint(k, false);
        return;
    default:
        put(k);
    }
}

/* Above a or not: level, and of one level the place in the app's array, which is its handle's. */
static bool lies_below(const struct known *a, const struct known *b)
{
    return a->level != b->level ? a->level < b->level : (a->handle & 0xff) < (b->handle & 0xff);
}

static void check_picture(void)
{
    const struct known *order[MOST];
    uint32_t count = 0;
    for (uint32_t i = 0; i < MOST; i++) { /* insertion sort */
        if (!known[i].there || !known[i].placed || known[i].hidden) {
            continue;
        }
        uint32_t at = count++;
        for (; at > 0 && lies_below(&known[i], order[at - 1]); at--) {
            order[at] = order[at - 1];
        }
        order[at] = &known[i];
    }
    for (int32_t y = 0; y < (int32_t)H; y++) {
        for (int32_t x = 0; x < (int32_t)W; x++) {
            uint32_t want = canvas_pixels()[y * (int32_t)W + x];
            for (uint32_t i = 0; i < count; i++) {
                const struct known *k = order[i];
                int32_t scale = (int32_t)k->scale, in_x = x - k->x, in_y = y - k->y;
                if (in_x < 0 || in_y < 0 || in_x >= (int32_t)k->w * scale ||
                    in_y >= (int32_t)k->h * scale) {
                    continue;
                }
                uint32_t p = k->mine[(uint32_t)(in_y / scale) * k->w + (uint32_t)(in_x / scale)];
                want = k->format == CTX_SURFACE_RGBX || p >> 24 != 0 ? p : want;
            }
            assert_int_equal(shown[y * (int32_t)W + x] & 0xffffff, want & 0xffffff);
        }
    }
}

static void what_is_shown_is_what_lies_there(void **state)
{
    (void)state;
    dice = 16;
    manager = load_v3("manager grant=ctx.windows/1");
    owner = load_v3("owner");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    for (uint32_t round = 0; round < 400; round++) {
        for (uint32_t n = roll(4); n > 0; n--) {
            one_step();
        }
        bool canvas = roll(5) == 0;
        if (canvas) {
            uint32_t at = roll(W * H), c = color(CTX_SURFACE_RGBX);
            for (uint32_t i = at; i < MIN(at + 5000, W * H); i++) {
                canvas_pixels()[i] = c;
            }
        }
        assert_true(present_canvas(canvas));
        assert_false(surface_any_damage());
        check_picture();
    }
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    app_unload(owner);
    app_unload(manager);
    for (uint32_t i = 0; i < MOST; i++) {
        free(known[i].mine);
        known[i].mine = NULL;
    }
    all_is_back();
}

/* What nobody has placed is not shown while somebody manages windows, and is when they have gone.
 */
static void not_before_it_is_placed(void **state)
{
    (void)state;
    memset(canvas_pixels(), 0, W * H * 4);
    manager = load_v3("manager grant=ctx.windows/1");
    owner = load_v3("owner");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    uint32_t window = window_of(owner, 30, 30);
    memset(pixels, 0x55, 30 * 30 * 4);
    assert_true(present_canvas(true));
    assert_int_equal(shown[H / 2 * W + W / 2], 0);
    assert_int_equal(wm_place(manager, owner->pid, window, 1, 2, 0), CTX_OK);
    assert_true(present_canvas(false));
    assert_int_equal(shown[3 * W + 3], 0x55555555);
    uint32_t later = window_of(owner, 10, 10);
    (void)later;
    memset(pixels, 0x66, 10 * 10 * 4);
    assert_true(present_canvas(false));
    assert_int_equal(shown[H / 2 * W + W / 2], 0);
    app_unload(manager);
    assert_true(surface_any_damage());
    assert_true(present_canvas(false));
    assert_int_equal(shown[3 * W + 3], 0x55555555); /* it stays where it was put */
    assert_int_equal(shown[H / 2 * W + W / 2], 0x66666666);
    manager = load_v3("manager grant=ctx.windows/1");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    app_unload(owner);
    app_unload(manager);
    all_is_back();
}

static void opacity_of_a_window(void **state)
{
    (void)state;
    manager = load_v3("manager grant=ctx.windows/1");
    owner = load_v3("owner");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    for (uint32_t i = 0; i < W * H; i++) {
        canvas_pixels()[i] = 0xff204060;
    }
    assert_true(present_canvas(true));
    for (uint32_t format = CTX_SURFACE_RGBX; format <= CTX_SURFACE_RGBA; format++) {
        want_format = format;
        uint32_t window = window_of(owner, 8, 8);
        for (uint32_t i = 0; i < 64; i++) {
            pixels[i] = 0x80e0c0a0;
        }
        for (uint32_t opacity = 0; opacity <= 256; opacity += 32) {
            wm.does = WM_PLACE;
            wm.place = (struct ctx_window_place){.size = sizeof wm.place,
                                                 .pid = owner->pid,
                                                 .surface = window,
                                                 .scale = 2,
                                                 .opacity = opacity - (opacity == 256)};
            call(manager, body_wm);
            assert_int_equal(wm.status, CTX_OK);
            assert_true(present_canvas(false));
            double a = wm.place.opacity / 255.0 * (format == CTX_SURFACE_RGBX ? 1 : 0x80 / 255.0);
            for (uint32_t shift = 0; shift < 24; shift += 8) {
                double over = 0xe0c0a0 >> shift & 0xff, under = 0x204060 >> shift & 0xff;
                double want = over * a + under * (1 - a);
                assert_true(abs((int)(shown[5 * W + 5] >> shift & 0xff) - (int)want) <= 2);
            }
            assert_int_equal(shown[17 * W + 17] & 0xffffff, 0x204060);
        }
        wm.place.opacity = 256;
        call(manager, body_wm);
        assert_int_equal(wm.status, CTX_E_INVAL);
        wm.place.opacity = 255;
        wm.place.scale = 9;
        call(manager, body_wm);
        assert_int_equal(wm.status, CTX_E_INVAL);
        wm.place.scale = 0;
        call(manager, body_wm);
        assert_int_equal(wm.status, CTX_E_INVAL);
        wm.place.scale = 1;
        wm.place.state = CTX_WINDOW_PLACED;
        call(manager, body_wm);
        assert_int_equal(wm.status, CTX_E_INVAL);
        who = &known[0];
        who->handle = window;
        call(owner, body_destroy);
    }
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    app_unload(owner);
    app_unload(manager);
    all_is_back();
}

/* Behind the boot screen: a small window alone, and all of the rest has to be seen too. */
static void the_first_picture_is_all_of_it(void **state)
{
    (void)state;
    memset(canvas_pixels(), 0, W * H * 4);
    memset(shown, 0x99, sizeof shown);
    present_whole();
    assert_false(surface_any_damage()); /* nothing to show: what is there stays */
    owner = load_v3("owner");
    want_format = CTX_SURFACE_RGBX;
    (void)window_of(owner, 10, 10);
    memset(pixels, 0x55, 10 * 10 * 4);
    assert_true(present_canvas(false));
    for (uint32_t i = 0; i < W * H; i++) {
        uint32_t x = i % W, y = i / W;
        bool inside = x >= W / 2 - 5 && x < W / 2 + 5 && y >= H / 2 - 5 && y < H / 2 + 5;
        assert_int_equal(shown[i], inside ? 0x55555555 : 0);
    }
    app_unload(owner);
    assert_true(present_canvas(false));
    all_is_back();
}

/* ---- the pointer's shape ---- */

static uint32_t shapes[2];

static int32_t body_shapes(struct ctx *ctx)
{
    for (uint32_t i = 0; i < 2; i++) {
        shapes[i] = make(ctx, 5, 5, CTX_SURFACE_RGBX, CTX_SURFACE_POINTER, CTX_OK);
        memset(ctx->display->pixels(ctx->display, shapes[i]), 0xa0 + (int)i, 5 * 5 * 4);
        assert_int_equal(ctx->display->cursor(ctx->display, shapes[i],
                                              i == 0 ? CTX_CURSOR_ARROW : CTX_CURSOR_TEXT),
                         CTX_OK);
    }
    return 0;
}

static uint32_t wanted_shape;

static int32_t body_wants(struct ctx *ctx)
{
    assert_int_equal(ctx->display->cursor(ctx->display, who->handle, wanted_shape), CTX_OK);
    return 0;
}

static void the_pointer_has_the_shape_that_is_asked_for(void **state)
{
    (void)state;
    manager = load_v3("manager grant=ctx.windows/1");
    owner = load_v3("owner");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    call(manager, body_shapes);
    want_format = CTX_SURFACE_RGBX;
    who = &known[0];
    who->handle = window_of(owner, 50, 50);
    assert_int_equal(wm_place(manager, owner->pid, who->handle, 0, 0, 0), CTX_OK);
    static const struct {
        uint32_t wants, x, shows;
    } cases[] = {{CTX_CURSOR_ARROW, 20, 0xa0a0a0a0},
                 {CTX_CURSOR_TEXT, 20, 0xa1a1a1a1},
                 {CTX_CURSOR_TEXT, 100, 0xa0a0a0a0}, /* outside */
                 {CTX_CURSOR_WAIT, 20, 0xa0a0a0a0},  /* there is none of that */
                 {CTX_CURSOR_TEXT, 21, 0xa1a1a1a1}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        wanted_shape = cases[i].wants;
        call(owner, body_wants);
        point_at(cases[i].x, 20);
        assert_true(present_canvas(false));
        assert_int_equal(shown[20 * W + cases[i].x], cases[i].shows);
        uint32_t lit = 0;
        for (uint32_t n = 0; n < W * H; n++) {
            lit += shown[n] == cases[i].shows;
        }
        assert_int_equal(lit, 25);
    }
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    app_unload(owner);
    app_unload(manager);
    all_is_back();
}

/* ---- a plane for it ---- */

static uint32_t plane[DISPLAY_POINTER * DISPLAY_POINTER], plane_x, plane_y, shape_count;
static bool plane_shown;

static void plane_shape(struct display *d, const uint32_t *from)
{
    (void)d;
    plane_shown = from != NULL;
    shape_count++;
    if (from != NULL) {
        memcpy(plane, from, sizeof plane);
    }
}

static void plane_move(struct display *d, uint32_t x, uint32_t y)
{
    (void)d;
    plane_x = x;
    plane_y = y;
}

static uint32_t pointer_side;

static int32_t body_pointer(struct ctx *ctx)
{
    who->handle =
        make(ctx, pointer_side, pointer_side, CTX_SURFACE_RGBA, CTX_SURFACE_POINTER, CTX_OK);
    who->w = who->h = pointer_side;
    who->pixels = ctx->display->pixels(ctx->display, who->handle);
    memset(who->pixels, 0xcc, pointer_side * pointer_side * 4);
    return 0;
}

static uint32_t lit(void)
{
    uint32_t count = 0;
    for (uint32_t n = 0; n < W * H; n++) {
        count += shown[n] != 0;
    }
    return count;
}

static void a_plane_for_the_pointer(void **state)
{
    (void)state;
    memset(canvas_pixels(), 0, W * H * 4);
    assert_true(present_canvas(true));
    display.pointer_shape = plane_shape;
    display.pointer_move = plane_move;
    owner = load_v3("owner");
    who = &known[0];
    pointer_side = 9;
    call(owner, body_pointer);
    point_at(50, 60);
    updates = 0;
    assert_true(present_canvas(false));
    assert_true(plane_shown);
    assert_int_equal(plane_x, 50);
    assert_int_equal(plane_y, 60);
    assert_int_equal(plane[32 * DISPLAY_POINTER + 32], 0xcccccccc);
    assert_int_equal(plane[28 * DISPLAY_POINTER + 28], 0xcccccccc);
    assert_int_equal(plane[27 * DISPLAY_POINTER + 28], 0);
    assert_int_equal(lit(), 0);
    is_busy = true; /* it moves while a picture is on its way */
    point_at(70, 80);
    uint32_t shapes_before = shape_count;
    assert_false(present_canvas(false));
    assert_int_equal(plane_x, 70);
    is_busy = false;
    assert_true(present_canvas(false));
    assert_int_equal(shape_count, shapes_before); /* the same picture is not sent again */
    assert_int_equal(updates, 0);
    part[0] = part[1] = 0;
    part[2] = part[3] = 9;
    who->format = CTX_SURFACE_RGBA;
    copy_of(who);
    call(owner, body_paint);
    assert_true(present_canvas(false));
    assert_int_equal(shape_count, shapes_before + 1);

    struct app *second = load_v3("second"); /* two of them: as without a plane */
    call(second, body_pointer);
    assert_true(present_canvas(false));
    assert_false(plane_shown);
    assert_true(lit() > 0);
    app_unload(second);
    assert_true(present_canvas(false));
    assert_true(plane_shown);
    assert_int_equal(lit(), 0);
    display.pointer_shape = NULL; /* the device has lost it */
    assert_true(present_canvas(false) && present_canvas(false));
    app_unload(owner);
    pointer_side = 100; /* too large for it */
    display.pointer_shape = plane_shape;
    owner = load_v3("owner");
    call(owner, body_pointer);
    assert_true(present_canvas(false));
    assert_true(lit() > 0);
    app_unload(owner);
    assert_true(present_canvas(false));
    display.pointer_shape = NULL;
    free(known[0].mine);
    known[0].mine = NULL;
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_shown_is_what_lies_there, setup),
        cmocka_unit_test_setup(not_before_it_is_placed, setup),
        cmocka_unit_test_setup(the_first_picture_is_all_of_it, setup),
        cmocka_unit_test_setup(opacity_of_a_window, setup),
        cmocka_unit_test_setup(the_pointer_has_the_shape_that_is_asked_for, setup),
        cmocka_unit_test_setup(a_plane_for_the_pointer, setup),
    };
    return cmocka_run_group_tests(tests, windows_start, NULL);
}
