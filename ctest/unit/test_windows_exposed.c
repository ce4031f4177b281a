/* SPDX-License-Identifier: MIT */
/* Surfaces that their app draws anew (CTX_SURFACE_REDRAWN): whose pixels nobody keeps, and who is
 * told of it. */
#include "image_taken.h"
#include "surface_private.h"
#include "undo_private.h"
#include "windows_fixture.h"

#include <signal.h>

#define SIDE  80u /* 25,600 bytes: seven pages */
#define GREEN 0xff00ff00u

static struct app *app;
static uint32_t window, plain, *pixels_of_plain, page_faults; /* of window */
static uint64_t first_flags;

static int32_t body_two(struct ctx *ctx)
{
    window = make(ctx, SIDE, SIDE, CTX_SURFACE_RGBX, first_flags, CTX_OK);
    plain = make(ctx, SIDE, SIDE, CTX_SURFACE_RGBX, 0, CTX_OK);
    pixels = ctx->display->pixels(ctx->display, window);
    pixels_of_plain = ctx->display->pixels(ctx->display, plain);
    return 0;
}

static void fill(uint32_t *p, uint32_t with)
{
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        p[i] = with;
    }
}

static int32_t body_draw(struct ctx *ctx)
{
    (void)ctx;
    fill(pixels, GREEN);
    fill(pixels_of_plain, GREEN + 1);
    return 0;
}

static bool is_all(const uint32_t *p, uint32_t with)
{
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        if (p[i] != with) {
            return false;
        }
    }
    return true;
}

static int32_t body_waits(struct ctx *ctx)
{
    assert_int_equal(ctx->events->wait(ctx->events, 1u << CTX_EVENT_EXPOSE), CTX_OK);
    return CTX_WAIT;
}

/* It hears of `window` once, and of nothing else. */
static void hears_of_window(void)
{
    assert_int_equal(hears(app), 1);
    assert_int_equal(heard[0].kind, CTX_EVENT_EXPOSE);
    assert_int_equal(heard[0].surface, window);
    assert_int_equal(heard[0].x, SIDE);
    assert_int_equal(heard[0].y, SIDE);
    assert_int_equal(heard[0].dx | heard[0].dy, 0);
    assert_int_equal(hears(app), 0);
}

static void on_fault(int signal_no, siginfo_t *info, void *context)
{
    (void)context;
    uint64_t in_pixels = (uintptr_t)info->si_addr - (uintptr_t)pixels;
    page_faults += in_pixels < sizeof *pixels * SIDE * SIDE;
    if (!app_page_write((uint64_t)(uintptr_t)info->si_addr)) {
        (void)signal(signal_no, SIG_DFL);
    }
}

static void begin(const char *line, uint64_t flags)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
    app = load_v3(line);
    assert_int_equal(ready_wait(app, NEVER_NS), CTX_OK); /* room for that is there */
    ready_each_frame(app);
    first_flags = flags;
    call(app, body_two);
    call(app, body_draw);
    assert_int_equal(hears(app), 0);
}

static void end(void)
{
    app_unload(app);
    all_is_back();
}

static uint64_t contents(void)
{
    uint64_t pages = 0;
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    for (uint64_t i = 0; i < f.image.parts[CTX_IMAGE_RUNS].count; i++) {
        struct ctx_image_run run;
        image_entry(&f.image, CTX_IMAGE_RUNS, i, &run, sizeof run);
        pages += run.page >= CTX_SLOT_CANVAS / PAGE_SIZE ? run.count : 0;
    }
    return pages;
}

/* ---- images ---- */

static void an_image_is_without_them(void **state)
{
    (void)state;
    begin("app", CTX_SURFACE_REDRAWN);
    take(app, 0);
    assert_int_equal(contents(), surface_pages(SIDE, SIDE)); /* of the other */
    app_unload(app);
    app = bring_back();
    assert_true(is_all(pixels, 0)); /* at the same address */
    assert_true(is_all(pixels_of_plain, GREEN + 1));
    hears_of_window();
    end();
}

static void going_back_leaves_what_is_seen(void **state)
{
    (void)state;
    begin("app", CTX_SURFACE_REDRAWN);
    take(app, 0);
    fill(pixels, 7);
    fill(pixels_of_plain, 8);
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    assert_true(is_all(pixels, 7)); /* nothing flashes until the app has drawn */
    assert_true(is_all(pixels_of_plain, GREEN + 1));
    hears_of_window();
    end();
}

/* One that waited for it when it was saved is called, wherever it is now. */
static void who_waits_is_woken(void **state)
{
    (void)state;
    for (uint32_t in_place = 0; in_place < 2; in_place++) {
        begin("app", CTX_SURFACE_REDRAWN);
        call(app, body_waits);
        assert_int_equal(app->turn.where, TURN_WAITING);
        take(app, 0);
        if (in_place == 0) {
            app_unload(app);
            app = bring_back();
        } else {
            assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
            assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        }
        assert_true(app->turn.where != TURN_WAITING);
        hears_of_window();
        call(app, body_waits);
        assert_int_equal(app->turn.where, TURN_WAITING); /* once */
        end();
    }
}

/* An image of an app that said so only later, and one whose pixels are there all the same. */
static void flags_of_an_image(void **state)
{
    (void)state;
    begin("app", 0);
    take(app, 0);
    assert_int_equal(contents(), 2 * surface_pages(SIDE, SIDE));
    struct ctx_image_surface *s =
        (struct ctx_image_surface *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_SURFACES));
    s->flags = CTX_SURFACE_REDRAWN;
    image_reseal(f.bytes, f.len);
    app_unload(app);
    app = bring_back();
    assert_true(is_all(pixels, GREEN));
    hears_of_window();
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
    assert_true(is_all(pixels, GREEN));
    assert_true(is_all(pixels_of_plain, GREEN + 1));
    hears_of_window();
    end();
}

static int32_t body_waits_for_scale(struct ctx *ctx)
{
    assert_int_equal(ctx->events->wait(ctx->events, 1u << CTX_EVENT_SCALE), CTX_OK);
    return CTX_WAIT;
}

/* One that draws for the scale hears when it comes back that it is another, and is woken for it;
 * others do not. */
static void the_scale_after_an_image(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 16; i++) {
        bool in_place = i % 2 != 0, draws = i / 2 % 2 != 0, looks = i / 4 % 2 != 0;
        bool same = i / 8 != 0 && !looks, follows = draws && !same;
        begin("app", draws ? CTX_SURFACE_SCALED : 0);
        call(app, body_waits_for_scale);
        take(app, 0);
        struct ctx_image_app *a =
            (struct ctx_image_app *)(f.bytes + image_section_at(f.bytes, CTX_IMAGE_APP));
        assert_int_equal(a->scale, display_scale());
        a->looks = looks ? CTX_DISPLAY_CONTRAST : 0;
        a->scale *= i / 8 != 0 ? 1 : 2;
        image_reseal(f.bytes, f.len);
        if (in_place) {
            assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
            assert_int_equal(app_go_back(app, &f.image, &f.error), CTX_OK);
        } else {
            app_unload(app);
            app = bring_back();
        }
        assert_int_equal(app->turn.where != TURN_WAITING, follows);
        assert_int_equal(hears(app), follows);
        if (follows) {
            assert_int_equal(heard[0].kind, CTX_EVENT_SCALE);
            assert_int_equal(heard[0].value, display_scale());
        }
        assert_int_equal(hears(app), 0); /* once */
        end();
    }
}

static uint64_t later_flags;

static int32_t body_later(struct ctx *ctx)
{
    assert_int_equal(ctx->display->ask_flags(ctx->display, window, later_flags), CTX_OK);
    return 0;
}

static void said_later(void **state)
{
    (void)state;
    begin("app", 0);
    later_flags = CTX_SURFACE_REDRAWN | CTX_SURFACE_FIXED;
    call(app, body_later);
    take(app, 0);
    assert_int_equal(contents(), surface_pages(SIDE, SIDE));
    later_flags = 0;
    call(app, body_later);
    take(app, 0);
    assert_int_equal(contents(), 2 * surface_pages(SIDE, SIDE));
    end();
}

/* ---- undo ---- */

static int32_t body_draws_and_faults(struct ctx *ctx)
{
    (void)ctx;
    fill(pixels, 5);
    fill(pixels_of_plain, 6);
    fake_fault(6, 0);
    return 0;
}

static void undone(void **state)
{
    (void)state;
    begin("app restart=undo", CTX_SURFACE_REDRAWN);
    call(app, body_draw);
    assert_int_equal(app->undo->area_count, 1); /* the other alone is watched */
    call(app, body_draws_and_faults);
    app_settle();
    assert_int_equal(app->epoch, 0); /* it is the same instance */
    assert_true(is_all(pixels_of_plain, GREEN + 1));
    assert_true(is_all(pixels, 5)); /* nobody has kept it */
    hears_of_window();
    end();
}

/* What it has read in a call that is undone it reads again. */
static int32_t body_reads_and_faults(struct ctx *ctx)
{
    (void)body_hear(ctx);
    assert_int_equal(heard_count, 1);
    assert_int_equal(heard[0].kind, CTX_EVENT_EXPOSE);
    fake_fault(6, 0);
    return 0;
}

static void read_in_vain(void **state)
{
    (void)state;
    begin("app restart=undo", CTX_SURFACE_REDRAWN);
    call(app, body_draws_and_faults);
    app_settle();
    call(app, body_reads_and_faults);
    app_settle();
    hears_of_window();
    end();
}

static int32_t body_resizes_and_faults(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, window, 30, 30), CTX_OK);
    uint32_t more = make(ctx, 9, 9, CTX_SURFACE_RGBX, CTX_SURFACE_REDRAWN, CTX_OK);
    (void)more;
    assert_int_equal(ctx->display->destroy(ctx->display, plain), CTX_OK);
    fake_fault(6, 0);
    return 0;
}

static void resized_in_vain(void **state)
{
    (void)state;
    begin("app restart=undo", CTX_SURFACE_REDRAWN);
    call(app, body_resizes_and_faults);
    app_settle();
    hears_of_window();
    assert_true(is_all(pixels_of_plain, GREEN + 1));
    call(app, body_draw); /* all of it can be written */
    end();
}

/* A surface that was watched, and is not any more: a page of it faults once, and not in each call.
 */
static void watched_no_longer(void **state)
{
    (void)state;
    begin("app restart=undo", 0);
    call(app, body_draw);
    later_flags = CTX_SURFACE_REDRAWN;
    call(app, body_later);
    for (uint32_t i = 0; i < 3; i++) {
        call(app, body_draw);
    }
    page_faults = 0;
    for (uint32_t i = 0; i < 3; i++) {
        call(app, body_draw);
    }
    assert_int_equal(page_faults, 0);
    later_flags = 0;
    call(app, body_later); /* and is again */
    call(app, body_draw);
    call(app, body_draws_and_faults);
    app_settle();
    assert_true(is_all(pixels, GREEN));
    end();
}

/* ---- reading ---- */

static uint32_t many[SURFACES], seen[SURFACES];

static int32_t body_many(struct ctx *ctx)
{
    for (uint32_t i = 0; i < SURFACES; i++) {
        many[i] = make(ctx, 1 + i, 2, CTX_SURFACE_RGBX, CTX_SURFACE_REDRAWN, CTX_OK);
    }
    return 0;
}

static int32_t body_reads_some(struct ctx *ctx)
{
    struct ctx_event *to = own(ctx, 5 * sizeof *to);
    uint32_t *count = own(ctx, 4);
    for (ctx_status status = CTX_OK; status == CTX_OK;) {
        /* Behind the end of its memory: nothing is lost by that. */
        assert_int_equal(
            ctx->events->read(ctx->events, (void *)(uintptr_t)8, 5 * sizeof *to, sizeof *to, count),
            CTX_E_INVAL);
        status = ctx->events->read(ctx->events, to, 5 * sizeof *to, sizeof *to, count);
        for (uint32_t i = 0; i < *count; i++) {
            assert_int_equal(to[i].kind, CTX_EVENT_EXPOSE);
            for (uint32_t n = 0; n < SURFACES; n++) {
                if (to[i].surface == many[n]) {
                    assert_int_equal(to[i].x, n + 1);
                    seen[n]++;
                }
            }
        }
    }
    return 0;
}

static void all_of_many(void **state)
{
    (void)state;
    app = load_v3("app");
    call(app, body_many);
    take(app, 0);
    app_unload(app);
    app = bring_back();
    call(app, body_reads_some);
    assert_int_equal(app->faults, 0);
    for (uint32_t i = 0; i < SURFACES; i++) {
        assert_int_equal(seen[i], 1);
    }
    end();
}

static int32_t body_resizes(struct ctx *ctx)
{
    assert_int_equal(ctx->display->resize(ctx->display, window, SIDE / 2, SIDE), CTX_OK);
    return 0;
}

/* Who gives it a size knows that it is black, and who had it is not told of another. */
static void gone_before_it_was_read(void **state)
{
    (void)state;
    begin("app", CTX_SURFACE_REDRAWN);
    take(app, 0);
    app_unload(app);
    app = bring_back();
    call(app, body_resizes);
    assert_int_equal(hears(app), 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_image_is_without_them, setup),
        cmocka_unit_test_setup(going_back_leaves_what_is_seen, setup),
        cmocka_unit_test_setup(who_waits_is_woken, setup),
        cmocka_unit_test_setup(flags_of_an_image, setup),
        cmocka_unit_test_setup(the_scale_after_an_image, setup),
        cmocka_unit_test_setup(said_later, setup),
        cmocka_unit_test_setup(undone, setup),
        cmocka_unit_test_setup(read_in_vain, setup),
        cmocka_unit_test_setup(resized_in_vain, setup),
        cmocka_unit_test_setup(watched_no_longer, setup),
        cmocka_unit_test_setup(all_of_many, setup),
        cmocka_unit_test_setup(gone_before_it_was_read, setup),
    };
    return cmocka_run_group_tests(tests, windows_start, done);
}
