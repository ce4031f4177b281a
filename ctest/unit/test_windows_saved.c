/* SPDX-License-Identifier: MIT */
/* Windows that are saved: where they lie, who manages them, and a canvas that is one. */
#include "image_taken.h"
#include "input_view.h"
#include "surface_private.h"
#include "windows_fixture.h"

static uint32_t fill;
static uint64_t seen_x, seen_y;

static int32_t body_canvas(struct ctx *ctx)
{
    assert_int_equal(ctx->fb.w, 40);
    assert_int_equal(ctx->fb.h, 30);
    assert_int_equal(ctx->fb.len, 40 * 30);
    seen_x = ctx->input->mx;
    seen_y = ctx->input->my;
    memset(ctx->fb.pixels, (int)fill, 40 * 30 * 4);
    return 0;
}

static int32_t body_spoils(struct ctx *ctx)
{
    (void)body_canvas(ctx);
    fake_fault(6, 0);
}

static struct app *by_name(const char *name)
{
    struct app *app = app_first();
    while (app != NULL && strcmp(app->name, name) != 0) {
        app = app->next;
    }
    assert_non_null(app);
    return app;
}

static void a_canvas_in_a_window(void **state)
{
    (void)state;
    memset(canvas_pixels(), 0, W * H * 4);
    assert_true(present_canvas(true));
    struct app *old = load("old window=40x30 restart=undo");
    uint64_t pages = old->pages;
    assert_int_equal(old->windows, 1);
    fill = 0x11;
    call(old, body_canvas);
    assert_true(present_canvas(false));
    assert_int_equal(shown[H / 2 * W + W / 2], 0x11111111); /* in the middle, like any surface */
    assert_int_equal(canvas_pixels()[H / 2 * W + W / 2], 0);
    fill = 0x22;
    call(old, body_spoils); /* taken back */
    assert_int_equal(old->undone, 1);
    assert_true(present_canvas(false));
    assert_int_equal(shown[H / 2 * W + W / 2], 0x11111111);

    struct app *manager = load_v3("manager grant=ctx.windows/1");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    wm.does = WM_PLACE;
    wm.place = (struct ctx_window_place){.size = sizeof wm.place,
                                         .pid = old->pid,
                                         .surface = surface_handle(&old->surfaces->all[0], 0),
                                         .x = 10,
                                         .y = 20,
                                         .level = 3,
                                         .scale = 2,
                                         .opacity = 255};
    call(manager, body_wm);
    assert_int_equal(wm.status, CTX_OK);
    assert_int_equal(wm_do(manager, WM_FOCUS, old->pid, wm.place.surface, 0), CTX_OK);
    fill = 0x33;
    point_at(10 + 2 * 7, 20 + 2 * 8);
    press(30);
    call(old, body_canvas);
    assert_int_equal(seen_x, 7);
    assert_int_equal(seen_y, 8);
    assert_true(CTX_KEY_IS_DOWN(old->input->page->keys[30]));
    lift(30);
    point_at(0, H - 1); /* it is told where the pointer would be in it */
    call(old, body_canvas);
    assert_int_equal(seen_x, 0);
    assert_int_equal(seen_y, 29);
    assert_true(present_canvas(false));
    assert_int_equal(shown[20 * W + 10], 0x33333333);
    assert_int_equal(shown[79 * W + 89], 0x33333333);
    assert_int_equal(shown[80 * W + 89], 0);

    take(old, 0);
    app_unload(old);
    assert_true(present_canvas(false));
    assert_int_equal(shown[20 * W + 10], 0);
    old = bring_back();
    assert_int_equal(old->windows, 1);
    assert_int_equal(old->pages, pages);
    assert_true(present_canvas(false));
    assert_int_equal(shown[20 * W + 10], 0x33333333); /* where it lay, as it was */
    assert_int_equal(shown[79 * W + 89], 0x33333333);
    call(old, body_canvas);
    assert_int_equal(old->faults, 1);
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    app_unload(old);
    app_unload(manager);
    all_is_back();
}

static void sizes_that_are_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"old window=",
                                        "old window=40",
                                        "old window=40x",
                                        "old window=x30",
                                        "old window=0x30",
                                        "old window=40x0",
                                        "old window=8193x1",
                                        "old window=4x3x",
                                        "old window=8192x8192",
                                        "old window=-1x3",
                                        "old window=99999999999999999999x3"};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        struct app *old = load(texts[i]);
        assert_int_equal(old->window_w, 0);
        assert_null(old->arguments);
        app_unload(old);
    }
    struct app *young = load_v3("young window=40x30");
    assert_int_equal(young->window_w, 0);
    app_unload(young);
    all_is_back();
}

/* A manager that is brought back manages, with its chords, and the keys are where they were. */
static void who_manages_them(void **state)
{
    (void)state;
    struct app *manager = load_v3("manager grant=ctx.windows/1"), *other = load_v3("other");
    uint32_t window = window_of(other, 20, 20);
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, CTX_KEY_TAB, CTX_MOD_ALT), CTX_OK);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, 0, CTX_MOD_META), CTX_OK);
    assert_int_equal(wm_do(manager, WM_FOCUS, other->pid, window, 0), CTX_OK);
    take(manager, 0);
    app_unload(manager);
    assert_true(route_is_managed());
    assert_null(route_manager());
    manager = bring_back();
    assert_ptr_equal(route_manager(), manager);
    assert_int_equal(route_focused().to, other->pid);
    assert_int_equal(route_focused().surface, window);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, CTX_KEY_TAB, CTX_MOD_ALT), CTX_E_EXIST);
    assert_int_equal(wm_do(manager, WM_UNGRAB, 0, 0, CTX_MOD_META), CTX_OK);
    app_unload(manager);

    /* Somebody else does by now. */
    struct app *next = load_v3("next grant=ctx.windows/1");
    assert_int_equal(wm_do(next, WM_MANAGE, 0, 0, 0), CTX_OK);
    manager = bring_back();
    assert_ptr_equal(route_manager(), next);
    assert_int_equal(wm_do(manager, WM_FOCUS, NO_PID, 0, 0), CTX_E_DENIED);
    assert_int_equal(wm_do(next, WM_RELEASE, 0, 0, 0), CTX_OK);
    app_unload(next);
    app_unload(by_name("manager"));
    app_unload(other);
    all_is_back();
}

static void what_no_image_can_say(void **state)
{
    (void)state;
    struct app *manager = load_v3("manager grant=ctx.windows/1");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, CTX_KEY_TAB, CTX_MOD_ALT), CTX_OK);
    take(manager, 0);
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    app_unload(manager);
    static const struct {
        uint32_t entry, at, value;
    } wrong[] = {{0, 0, 0}, {0, 0, 2},    {0, 0, 3},  {0, 0, 4},  {1, 0, 1},
                 {1, 0, 3}, {1, 4, 1024}, {1, 8, 16}, {1, 8, 128}};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        uint8_t *p = f.bytes + image_section_at(f.bytes, CTX_IMAGE_WINDOWS) +
                     wrong[i].entry * sizeof(struct ctx_image_window) + wrong[i].at;
        uint32_t was;
        memcpy(&was, p, 4);
        memcpy(p, &wrong[i].value, 4);
        image_reseal(f.bytes, f.len);
        assert_false(image_open(f.bytes, f.len, &f.image, &f.error));
        assert_true(strncmp(f.error.field, "window.", 7) == 0);
        memcpy(p, &was, 4);
    }
    image_reseal(f.bytes, f.len);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_canvas_in_a_window, setup),
        cmocka_unit_test_setup(sizes_that_are_none, setup),
        cmocka_unit_test_setup(who_manages_them, setup),
        cmocka_unit_test_setup(what_no_image_can_say, setup),
    };
    return cmocka_run_group_tests(tests, windows_start, done);
}
