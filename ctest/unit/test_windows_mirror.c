/* SPDX-License-Identifier: MIT */
/* Small pictures of surfaces over the manager's own: what is seen, when, and what it costs. */
#include "image_taken.h"
#include "surface_private.h"
#include "watch.h"
#include "windows_fixture.h"

#include <signal.h>

static struct app *manager, *owner;
static uint32_t panel, window;
static uint32_t *panel_pixels, *window_pixels;
static uint64_t dice;

static uint32_t roll(uint32_t most)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(dice >> 33) % most;
}

static void fill(uint32_t *to, uint32_t count, uint32_t color)
{
    for (uint32_t i = 0; i < count; i++) {
        to[i] = color;
    }
}

/* A panel of 100x80 at 10,20 of this manager's, above all; an owner's window of w by h. */
static void begin(const char *words, uint32_t w, uint32_t h, uint32_t format)
{
    memset(canvas_pixels(), 0, W * H * 4);
    manager = load_v3("manager grant=ctx.windows/1 restart=undo");
    owner = load_v3(words);
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    want_format = CTX_SURFACE_RGBX;
    panel = window_of(manager, 100, 80);
    panel_pixels = pixels;
    fill(pixels, 100 * 80, 0xff102030);
    want_format = format;
    window = window_of(owner, w, h);
    window_pixels = pixels;
    assert_int_equal(wm_place(manager, manager->pid, panel, 10, 20, 100), CTX_OK);
    assert_true(present_canvas(true));
}

static void end(void)
{
    if (route_manager() == manager) {
        assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    }
    app_unload(owner);
    app_unload(manager);
    (void)present_canvas(true);
    all_is_back();
}

static ctx_status mirror(uint32_t no, uint64_t pid, uint32_t surface, int32_t x, int32_t y,
                         uint32_t w, uint32_t h)
{
    wm.mirror = (struct ctx_window_mirror){.size = sizeof wm.mirror,
                                           .surface = surface,
                                           .pid = pid,
                                           .into = panel,
                                           .opacity = 255,
                                           .x = x,
                                           .y = y,
                                           .w = w,
                                           .h = h};
    return wm_do(manager, WM_MIRROR, 0, no, 0);
}

static uint32_t at(uint32_t x, uint32_t y)
{
    return shown[y * W + x] & 0xffffff;
}

/* The part of a row or column that pixel no of so many is, of `size`: what lies in it, weighed. */
static double part(uint32_t i, uint32_t no, uint32_t becomes, uint32_t size)
{
    double from = (double)no * size / becomes, to = (double)(no + 1) * size / becomes;
    double low = from > i ? from : i, high = to < i + 1.0 ? to : i + 1.0;
    return high > low ? high - low : 0;
}

static double average(const uint32_t *from, uint32_t w, uint32_t h, uint32_t x, uint32_t y,
                      uint32_t bw, uint32_t bh, uint32_t shift)
{
    double sum = 0, all = 0;
    for (uint32_t j = 0; j < h; j++) {
        for (uint32_t i = 0; i < w; i++) {
            double weight = part(i, x, bw, w) * part(j, y, bh, h);
            sum += weight * (from[j * w + i] >> shift & 0xff);
            all += weight;
        }
    }
    return sum / all;
}

static void each_pixel_is_an_average(void **state)
{
    (void)state;
    static const struct {
        uint32_t w, h, bw, bh;
    } cases[] = {
        {60, 40, 30, 20}, {61, 43, 17, 9}, {64, 64, 64, 64}, {7, 5, 20, 30}, {70, 70, 10, 10}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        uint32_t w = cases[i].w, h = cases[i].h, bw = cases[i].bw, bh = cases[i].bh;
        begin("owner", w, h, CTX_SURFACE_RGBX);
        dice = i;
        for (uint32_t n = 0; n < w * h; n++) {
            window_pixels[n] = roll(1u << 24);
        }
        assert_int_equal(mirror(0, owner->pid, window, 5, 6, bw, bh), CTX_OK);
        assert_true(present_canvas(false));
        for (uint32_t y = 0; y < bh; y++) {
            for (uint32_t x = 0; x < bw; x++) {
                for (uint32_t c = 0; c < 24; c += 8) {
                    double want = average(window_pixels, w, h, x, y, bw, bh, c);
                    double got = at(15 + x, 26 + y) >> c & 0xff;
                    assert_true(got > want - 3 && got < want + 3);
                }
            }
        }
        assert_int_equal(at(14, 26), 0x102030);
        assert_int_equal(at(15 + bw, 26 + bh - 1), 0x102030);
        assert_int_equal(at(15, 26 + bh), 0x102030);
        end();
    }
}

static void a_large_one_is_no_more_work(void **state)
{
    (void)state;
    begin("owner", 1000, 800, CTX_SURFACE_RGBX);
    fill(window_pixels, 1000 * 800, 0xff445566);
    fill(window_pixels, 1000 * 400, 0xff665544);
    assert_int_equal(mirror(0, owner->pid, window, 0, 0, 10, 8), CTX_OK);
    assert_true(present_canvas(false));
    assert_int_equal(at(10, 20), 0x665544);
    assert_int_equal(at(19, 23), 0x665544);
    assert_int_equal(at(19, 24), 0x445566);
    assert_int_equal(mirror(0, owner->pid, window, 0, 0, 1, 1), CTX_OK);
    assert_true(present_canvas(false));
    assert_int_equal(at(10, 20), 0x555555);
    assert_int_equal(mirror(0, owner->pid, window, -4000, -4000, 8192, 8192), CTX_OK);
    assert_true(present_canvas(false));
    assert_int_equal(at(10, 20), 0x665544);
    end();
}

static void opacity_and_alpha(void **state)
{
    (void)state;
    begin("owner", 20, 20, CTX_SURFACE_RGBA);
    fill(window_pixels, 400, 0x80ffffff);
    fill(window_pixels, 100, 0x00ff0000); /* nothing is there */
    assert_int_equal(mirror(0, owner->pid, window, 0, 0, 10, 20), CTX_OK);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x102030);
    assert_true(abs((int)(at(12, 30) & 0xff) - 0x98) <= 2);
    wm.mirror.opacity = 128;
    assert_int_equal(wm_do(manager, WM_MIRROR, 0, 0, 0), CTX_OK);
    assert_true(present_canvas(false));
    assert_true(abs((int)(at(12, 30) & 0xff) - 0x64) <= 3);
    wm.mirror.opacity = 0;
    assert_int_equal(wm_do(manager, WM_MIRROR, 0, 0, 0), CTX_OK);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 30), 0x102030);
    end();
}

static void what_is_none(void **state)
{
    (void)state;
    begin("owner", 20, 20, CTX_SURFACE_RGBX);
    assert_int_equal(mirror(64, owner->pid, window, 0, 0, 1, 1), CTX_E_RANGE);
    assert_int_equal(mirror(UINT32_MAX, owner->pid, window, 0, 0, 1, 1), CTX_E_RANGE);
    assert_int_equal(mirror(63, owner->pid, window + 1, 0, 0, 1, 1), CTX_E_NOENT);
    assert_int_equal(mirror(63, 4711, window, 0, 0, 1, 1), CTX_E_NOENT);
    assert_int_equal(mirror(63, NO_PID, window, 0, 0, 1, 1), CTX_E_NOENT);
    assert_int_equal(mirror(63, owner->pid, window, 0, 0, 0, 1), CTX_E_INVAL);
    assert_int_equal(mirror(63, owner->pid, window, 0, 0, 1, 8193), CTX_E_INVAL);
    assert_int_equal(mirror(63, owner->pid, window, INT32_MIN, INT32_MAX, 8192, 1), CTX_OK);
    assert_true(present_canvas(false));
    wm.mirror.opacity = 256;
    assert_int_equal(wm_do(manager, WM_MIRROR, 0, 63, 0), CTX_E_INVAL);
    wm.mirror.opacity = 255;
    wm.mirror.into = 4711; /* not the manager's */
    assert_int_equal(wm_do(manager, WM_MIRROR, 0, 63, 0), CTX_E_NOENT);
    assert_int_equal(wm_do(manager, WM_UNMIRROR, 0, 63, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_UNMIRROR, 0, 63, 0), CTX_E_NOENT);
    assert_int_equal(wm_do(manager, WM_UNMIRROR, 0, 64, 0), CTX_E_RANGE);
    struct app *other = load_v3("other grant=ctx.windows/1");
    assert_int_equal(wm_do(other, WM_MIRROR, 0, 0, 0), CTX_E_DENIED);
    assert_int_equal(wm_do(other, WM_UNMIRROR, 0, 0, 0), CTX_E_DENIED);
    app_unload(other);
    end();
}

static uint32_t resized;

static uint32_t color;

static int32_t body_paints(struct ctx *ctx)
{
    fill(window_pixels, 400, color);
    assert_int_equal(ctx->display->damage(ctx->display, window, 0, 0, 20, 20), CTX_OK);
    return 0;
}

/* All of it, in a call: pages of an app that can be undone are watched. */
static void paint(uint32_t with)
{
    color = with;
    call(owner, body_paints);
}

/* A write to a page that is watched, as the machine's page fault would tell it. */
static void on_fault(int signal_no, siginfo_t *info, void *context)
{
    (void)context;
    if (!app_page_write((uint64_t)(uintptr_t)info->si_addr)) {
        (void)signal(signal_no, SIG_DFL);
    }
}

static int32_t body_resizes(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, window, resized, resized), CTX_OK);
    window_pixels = ctx->display->pixels(ctx->display, window);
    fill(window_pixels, resized * resized, 0xff00ff00 + resized);
    return 0;
}

static int32_t body_goes_and_faults(struct ctx *ctx)
{
    assert_int_equal(ctx->display->destroy(ctx->display, window), CTX_OK);
    fake_fault(6, 0);
}

static int32_t body_goes(struct ctx *ctx)
{
    assert_int_equal(ctx->display->destroy(ctx->display, window), CTX_OK);
    return 0;
}

/* Hidden, put away, of another size, gone and back, gone for good. */
static void whatever_becomes_of_the_window(void **state)
{
    (void)state;
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER}, old;
    sigaction(SIGSEGV, &action, &old);
    begin("owner restart=undo", 20, 20, CTX_SURFACE_RGBX);
    paint(0xff111111);
    assert_int_equal(mirror(5, owner->pid, window, 0, 0, 10, 10), CTX_OK);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x111111); /* nobody has placed it yet */
    paint(0xff222222);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x222222);
    wm.does = WM_PLACE;
    wm.place = (struct ctx_window_place){.size = sizeof wm.place,
                                         .pid = owner->pid,
                                         .surface = window,
                                         .x = 200,
                                         .y = 100,
                                         .scale = 1,
                                         .opacity = 255,
                                         .state = CTX_WINDOW_HIDDEN};
    call(manager, body_wm);
    paint(0xff333333);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x333333);
    assert_int_equal(at(205, 105), 0);
    resized = 30;
    call(owner, body_resizes);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x00ff1e);
    call(owner, body_goes_and_faults);
    assert_int_equal(owner->undone, 1);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x00ff1e);
    call(owner, body_goes);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x102030);
    assert_int_equal(wm_do(manager, WM_UNMIRROR, 0, 5, 0), CTX_OK);
    end();
    sigaction(SIGSEGV, &old, NULL);
}

static void an_owner_that_ends(void **state)
{
    (void)state;
    begin("owner", 20, 20, CTX_SURFACE_RGBX);
    fill(window_pixels, 400, 0xff111111);
    assert_int_equal(mirror(0, owner->pid, window, 0, 0, 10, 10), CTX_OK);
    assert_true(present_canvas(false));
    app_unload(owner);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x102030);
    owner = load_v3("owner");
    end();
}

/* Its pictures are not its former self's, though the surfaces have the same names. */
static void a_manager_that_begins_anew(void **state)
{
    (void)state;
    begin("owner", 20, 20, CTX_SURFACE_RGBX);
    fill(window_pixels, 400, 0xff111111);
    assert_int_equal(mirror(0, owner->pid, window, 0, 0, 10, 10), CTX_OK);
    take(manager, 0);
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x102030);
    assert_int_equal(wm_do(manager, WM_UNMIRROR, 0, 0, 0), CTX_E_NOENT);
    assert_int_equal(mirror(0, owner->pid, window, 0, 0, 10, 10), CTX_OK);
    app_unload(manager);
    assert_true(present_canvas(false));
    manager = bring_back();
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x102030);
    assert_int_equal(mirror(0, owner->pid, window, 0, 0, 10, 10), CTX_OK);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x111111);
    end();
}

static void a_call_that_is_undone_leaves_it(void **state)
{
    (void)state;
    begin("owner", 20, 20, CTX_SURFACE_RGBX);
    fill(window_pixels, 400, 0xff111111);
    wm.faults = true;
    assert_int_equal(mirror(0, owner->pid, window, 0, 0, 10, 10), CTX_OK);
    wm.faults = false;
    assert_int_equal(manager->undone, 1);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x111111);
    end();
}

/* The panel is hidden: nothing is looked at, and with it nothing is shown. */
static void nobody_sees_it_and_it_costs_nothing(void **state)
{
    (void)state;
    begin("owner", 20, 20, CTX_SURFACE_RGBX);
    fill(window_pixels, 400, 0xff111111);
    assert_int_equal(mirror(0, owner->pid, window, 0, 0, 10, 10), CTX_OK);
    wm.does = WM_PLACE;
    wm.place = (struct ctx_window_place){.size = sizeof wm.place,
                                         .pid = manager->pid,
                                         .surface = panel,
                                         .x = 10,
                                         .y = 20,
                                         .level = 100,
                                         .scale = 1,
                                         .opacity = 255,
                                         .state = CTX_WINDOW_HIDDEN};
    call(manager, body_wm);
    assert_true(present_canvas(false));
    uint64_t tiles = present_tiles();
    paint(0xff222222);
    scene_bring_up();
    for (uint32_t y = 0; y < H; y += PRESENT_TILE) {
        for (uint32_t x = 0; x < W; x += PRESENT_TILE) {
            assert_false(scene_is_dirty(x, y, 1, 1));
        }
    }
    assert_true(present_canvas(false));
    assert_int_equal(present_tiles(), tiles);
    wm.place.state = 0;
    wm.place.scale = 2;
    call(manager, body_wm);
    assert_true(present_canvas(false));
    assert_int_equal(at(12, 22), 0x222222);
    assert_int_equal(at(29, 39), 0x222222); /* twice as large, as its panel is */
    assert_int_equal(at(30, 40), 0x102030);
    end();
}

static void of_the_canvas(void **state)
{
    (void)state;
    begin("owner", 20, 20, CTX_SURFACE_RGBX);
    fill(canvas_pixels(), W * H, 0xff777777);
    assert_int_equal(mirror(0, NO_PID, 0, 0, 0, 32, 20), CTX_OK);
    assert_true(present_canvas(true));
    assert_int_equal(at(12, 22), 0x777777);
    fill(canvas_pixels(), W * H, 0xff888888);
    assert_true(present_canvas(true));
    assert_int_equal(at(12, 22), 0x888888);
    assert_int_equal(at(10 + 33, 22), 0x102030);
    end();
}

/* ---- at random: what damage alone shows is what a picture of everything shows ---- */

static uint32_t part_of[4];

static int32_t body_paints_a_row(struct ctx *ctx)
{
    fill(window_pixels + part_of[1] * 64, 64, 0xff000000 | roll(1u << 24));
    assert_int_equal(ctx->display->damage(ctx->display, window, 0, part_of[1], 64, 1), CTX_OK);
    return 0;
}

static void at_random(void **state)
{
    (void)state;
    static uint32_t kept[W * H];
    begin("owner", 64, 64, CTX_SURFACE_RGBX);
    dice = 7;
    for (uint32_t round = 0; round < 600; round++) {
        part_of[1] = roll(64);
        switch (roll(4)) {
        case 0:
            (void)mirror(roll(6), roll(4) == 0 ? NO_PID : owner->pid, window,
                         (int32_t)roll(160) - 40, (int32_t)roll(120) - 40, 1 + roll(90),
                         1 + roll(90));
            break;
        case 1:
            (void)wm_do(manager, WM_UNMIRROR, 0, roll(6), 0);
            break;
        case 2:
            (void)wm_place(manager, roll(2) == 0 ? owner->pid : manager->pid,
                           roll(2) == 0 ? window : panel, (int32_t)roll(W) - 50,
                           (int32_t)roll(H) - 40, (int32_t)roll(3));
            break;
        default:
            call(owner, body_paints_a_row);
        }
        assert_true(present_canvas(false));
        memcpy(kept, shown, sizeof kept);
        surface_repaint();
        assert_true(present_canvas(true));
        assert_memory_equal(kept, shown, sizeof kept);
    }
    end();
}

/* ---- ctx.screen/1 ---- */

static uint32_t copied[W * H], copied_w, copied_h, by, room;
static ctx_status copied_status;

static int32_t body_copies(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_SCREEN, 0, &t), CTX_OK);
    const struct ctx_screen *screen = (const struct ctx_screen *)t;
    uint32_t *out = own(ctx, sizeof copied), *w = own(ctx, 4), *h = own(ctx, 4);
    copied_status = screen->copy(screen, out, room, by, w, h);
    copied_w = *w;
    copied_h = *h;
    memcpy(copied, out, sizeof copied);
    ctx->mem->free(ctx->mem, out, sizeof copied, 16);
    ctx->mem->free(ctx->mem, w, 4, 16);
    ctx->mem->free(ctx->mem, h, 4, 16);
    return 0;
}

static void a_picture_of_the_screen(void **state)
{
    (void)state;
    begin("owner", 64, 64, CTX_SURFACE_RGBX);
    dice = 3;
    for (uint32_t i = 0; i < 64 * 64; i++) {
        window_pixels[i] = roll(1u << 24);
    }
    assert_int_equal(wm_place(manager, owner->pid, window, 61, 33, 0), CTX_OK);
    assert_int_equal(mirror(0, owner->pid, window, 3, 4, 40, 40), CTX_OK);
    assert_true(present_canvas(true));
    room = sizeof copied;
    by = 1;
    call(manager, body_copies); /* it has no grant for that */
    assert_int_equal(copied_status, CTX_E_DENIED);
    struct app *sees = load_v3("sees grant=ctx.screen/1");
    call(sees, body_copies);
    assert_int_equal(copied_status, CTX_OK);
    assert_int_equal(copied_w, W);
    assert_int_equal(copied_h, H);
    for (uint32_t i = 0; i < W * H; i++) {
        assert_int_equal(copied[i], shown[i] | 0xff000000);
    }
    for (by = 2; by <= 8; by++) {
        call(sees, body_copies);
        assert_int_equal(copied_status, CTX_OK);
        assert_int_equal(copied_w, W / by);
        assert_int_equal(copied_h, H / by);
        for (uint32_t y = 0; y < copied_h; y++) {
            for (uint32_t x = 0; x < copied_w; x++) {
                double want = 0;
                for (uint32_t n = 0; n < by * by; n++) {
                    want += (double)(shown[(y * by + n / by) * W + x * by + n % by] & 0xff);
                }
                double got = copied[y * copied_w + x] & 0xff;
                assert_true(got - want / (by * by) < 1 && want / (by * by) - got < 1);
            }
        }
    }
    by = 0;
    call(sees, body_copies);
    assert_int_equal(copied_status, CTX_E_INVAL);
    by = 9;
    call(sees, body_copies);
    assert_int_equal(copied_status, CTX_E_INVAL);
    by = 1;
    room = sizeof copied - 1;
    call(sees, body_copies);
    assert_int_equal(copied_status, CTX_E_NOSPC);
    assert_int_equal(copied_w, W); /* so that it can be tried again */
    app_unload(sees);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_pixel_is_an_average, setup),
        cmocka_unit_test_setup(a_large_one_is_no_more_work, setup),
        cmocka_unit_test_setup(opacity_and_alpha, setup),
        cmocka_unit_test_setup(what_is_none, setup),
        cmocka_unit_test_setup(whatever_becomes_of_the_window, setup),
        cmocka_unit_test_setup(an_owner_that_ends, setup),
        cmocka_unit_test_setup(a_manager_that_begins_anew, setup),
        cmocka_unit_test_setup(a_call_that_is_undone_leaves_it, setup),
        cmocka_unit_test_setup(nobody_sees_it_and_it_costs_nothing, setup),
        cmocka_unit_test_setup(of_the_canvas, setup),
        cmocka_unit_test_setup(at_random, setup),
        cmocka_unit_test_setup(a_picture_of_the_screen, setup),
    };
    return cmocka_run_group_tests(tests, windows_start, done);
}
