/* SPDX-License-Identifier: MIT */
/*
 * Windows of apps that are undone, killed, put away and brought back at random moments, with little
 * memory: whoever was told that a key is down is told that it is up, and all memory comes back.
 */
#include "image_taken.h"
#include "input_view.h"
#include "surface_private.h"
#include "undo_private.h"
#include "watch.h"
#include "windows_fixture.h"

#include "policy.h"

#include <signal.h>

#define APPS   6u
#define SLOTS  6u
#define ROUNDS 3000u

static const char *const lines[APPS] = {"a restart=undo grant=ctx.windows/1",
                                        "b grant=ctx.windows/1",
                                        "c restart=undo",
                                        "d",
                                        "old window=40x30 restart=undo",
                                        "bare"};
static struct app *apps[APPS];
static bool down[APPS][INPUT_KEYS];
static uint64_t dice;

static uint32_t roll(uint32_t most)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(dice >> 33) % most;
}

static bool is_old(uint32_t no)
{
    return no >= 4;
}

/* ---- what apps do ---- */

static int32_t anywhere(void)
{
    static const int32_t far[] = {INT32_MIN, INT32_MAX, -65536, 65536, INT32_MAX - 3};
    return roll(4) == 0 ? far[roll(ARRAY_COUNT(far))] : (int32_t)roll(2 * W) - (int32_t)W / 2;
}

static uint32_t some_side(void)
{
    return roll(20) == 0 ? 600 : 1 + roll(150);
}

static uint32_t handle_of(const struct app *app, uint32_t no)
{
    bool there = app->surfaces != NULL && no < app->surfaces->room;
    return there ? surface_handle(&app->surfaces->all[no], no) : roll(2000);
}

static struct app *caller;

static int32_t body_nothing(struct ctx *ctx)
{
    (void)ctx;
    return 0;
}

/* Its parked call. */
static int32_t body_goes_on(struct ctx *ctx)
{
    (void)ctx;
    if (caller->undo != NULL && roll(3) == 0) {
        fake_fault(6, 0);
    }
    return 0;
}

/* How a call ends: taken back, put off, or well. */
static int32_t ends(void)
{
    if (caller->undo != NULL && roll(4) == 0) {
        fake_fault(6, 0);
    }
    if (roll(2) == 0) {
        (void)fake_spend(APP_BUDGET_NS);
        fake_overrun();
    }
    return 0;
}

static int32_t body_owner(struct ctx *ctx)
{
    const struct ctx_display *d = ctx->display;
    for (uint32_t n = 1 + roll(4); n > 0; n--) {
        uint32_t s = handle_of(caller, roll(SLOTS));
        switch (roll(13)) {
        case 0:
        case 1: {
            uint32_t *out = ctx->mem->alloc(ctx->mem, sizeof *out, 16, 0);
            static const uint32_t flags[] = {0,
                                             0,
                                             CTX_SURFACE_RELATIVE,
                                             CTX_SURFACE_HIDDEN,
                                             CTX_SURFACE_POINTER,
                                             CTX_SURFACE_SMOOTH,
                                             CTX_SURFACE_INTEGER | CTX_SURFACE_REDRAWN};
            uint32_t kind = flags[roll(ARRAY_COUNT(flags))];
            if (surface_count(caller) < SLOTS && out != NULL) {
                (void)d->create(d, some_side(), some_side(), 1 + roll(2), kind, out);
            }
            if (out != NULL) {
                ctx->mem->free(ctx->mem, out, sizeof *out, 16);
            }
            break;
        }
        case 2:
            (void)d->destroy(d, s);
            break;
        case 3:
        case 4:
            (void)d->resize(d, s, some_side(), some_side());
            break;
        default: {
            const struct surface *found = surface_by_handle(caller, s);
            if (found != NULL) {
                memset(d->pixels(d, s), (int)roll(256), (size_t)found->w * found->h * 4);
                (void)d->damage(d, s, 0, 0, found->w, found->h);
            }
            (void)d->damage(d, s, roll(300), roll(300), roll(300), UINT32_MAX - roll(3));
            break;
        }
        case 6:
            (void)d->cursor(d, s, roll(8));
            break;
        case 7:
            (void)d->ask_position(d, s, anywhere(), anywhere());
            break;
        case 5:
            if (roll(8) == 0) {
                (void)d->canvas(d);
            }
        }
    }
    return ends();
}

static int32_t body_old(struct ctx *ctx)
{
    memset(ctx->fb.pixels, (int)roll(256), ctx->fb.len * 4);
    return ends();
}

static int32_t body_manages(struct ctx *ctx)
{
    const struct ctx_table *t;
    uint64_t left = fake.allocs_left;
    fake.allocs_left = FAKE_ALWAYS;
    assert_int_equal(open_table(ctx, CTX_ID_WINDOWS, 0, &t), CTX_OK);
    fake.allocs_left = left;
    const struct ctx_windows *w = (const struct ctx_windows *)t;
    struct ctx_window_place *place = ctx->mem->alloc(ctx->mem, sizeof *place, 16, 0);
    struct ctx_window_mirror *mirror = ctx->mem->alloc(ctx->mem, sizeof *mirror, 16, 0);
    if (place == NULL || mirror == NULL) {
        return 0;
    }
    for (uint32_t n = 1 + roll(6); n > 0; n--) {
        const struct app *of = apps[roll(APPS)];
        uint32_t s = handle_of(of, roll(SLOTS));
        static const uint32_t codes[] = {0, 15, 30, CTX_BTN_LEFT};
        static const uint32_t mods[] = {0, CTX_MOD_ALT, CTX_MOD_META};
        uint32_t code = codes[roll(4)], mod = mods[roll(3)];
        switch (roll(9)) {
        case 0:
            (void)w->manage(w);
            break;
        case 1:
            if (roll(6) == 0) {
                (void)w->release(w);
            }
            break;
        case 2:
            (void)w->grab(w, code, mod);
            break;
        case 3:
            (void)w->ungrab(w, code, mod);
            break;
        case 4:
            (void)(roll(4) == 0 ? w->focus(w, NO_PID, 0) : w->focus(w, of->pid, s));
            break;
        case 5:
            (void)w->close(w, of->pid, s);
            break;
        case 6:
            *mirror = (struct ctx_window_mirror){.size = sizeof *mirror,
                                                 .surface = roll(5) == 0 ? 0 : s,
                                                 .pid = roll(5) == 0 ? NO_PID : of->pid,
                                                 .into = handle_of(caller, roll(SLOTS)),
                                                 .opacity = roll(256),
                                                 .x = anywhere(),
                                                 .y = anywhere(),
                                                 .w = some_side(),
                                                 .h = some_side()};
            (void)(roll(5) == 0 ? w->unmirror(w, roll(6)) : w->mirror(w, roll(6), mirror));
            break;
        default:
            *place = (struct ctx_window_place){.size = sizeof *place,
                                               .pid = of->pid,
                                               .surface = s,
                                               .x = anywhere(),
                                               .y = anywhere(),
                                               .level = anywhere(),
                                               .scale = 1 + roll(8),
                                               .opacity = roll(2) * 255,
                                               .state = roll(5) == 0 ? CTX_WINDOW_HIDDEN : 0,
                                               .filter = roll(2)};
            if (roll(2) == 0) { /* odd sizes, and now and then ends that stay as they are */
                place->shown_w = 1 + roll(500);
                place->shown_h = 1 + roll(400);
                place->keep_left = of == caller ? roll(40) : 0;
                place->keep_bottom = of == caller ? roll(40) : 0;
            }
            (void)w->place(w, place);
        }
    }
    ctx->mem->free(ctx->mem, place, sizeof *place, 16);
    ctx->mem->free(ctx->mem, mirror, sizeof *mirror, 16);
    return ends();
}

/* ---- what they hear ---- */

static void finish(uint32_t no)
{
    caller = apps[no];
    for (uint32_t n = 0; caller->parked != NULL; n++) {
        assert_true(n < 10000);
        call(caller, body_goes_on);
    }
}

static void listen(uint32_t no)
{
    finish(no);
    do {
        hears(apps[no]);
        for (uint32_t i = 0; i < heard_count; i++) {
            if (heard[i].kind == CTX_EVENT_KEY && heard[i].code != 0) {
                down[no][heard[i].code] = heard[i].value != 0;
            }
        }
    } while (heard_count == ARRAY_COUNT(heard));
}

/* As the loop does it at the end of a turn. */
static void settle(void)
{
    uint64_t needed = UINT64_MAX;
    for (uint32_t no = 0; no < APPS; no++) {
        needed = is_old(no) ? MIN(needed, apps[no]->input->seen) : needed;
    }
    input_forget(needed, UINT64_MAX);
    event_settle(machine_now_ns());
    fake.now_ns += 10 * NSEC_PER_MSEC;
}

static void nothing_is_down(void)
{
    for (uint32_t no = 0; no < APPS; no++) {
        if (is_old(no)) {
            finish(no);
            for (uint32_t n = 0; n < 20; n++) {
                call(apps[no], NULL);
            }
        } else {
            listen(no);
        }
        for (uint32_t code = 0; code < INPUT_KEYS; code++) {
            bool is =
                is_old(no) ? CTX_KEY_IS_DOWN(apps[no]->input->page->keys[code]) : down[no][code];
            if (is) {
                print_error("%s has key %u down\n", apps[no]->name, code);
                fail();
            }
        }
    }
}

static const uint32_t keys[] = {CTX_KEY_LEFTALT, CTX_KEY_LEFTMETA, 15, 30, 48,
                                CTX_BTN_LEFT,    CTX_BTN_RIGHT};

static void start_app(uint32_t no)
{
    apps[no] = is_old(no) ? load(lines[no]) : load_v3(lines[no]);
    memset(down[no], 0, sizeof down[no]);
    if (!is_old(no)) {
        hears(apps[no]);
        listen(no);
    }
}

/* What changed is all that had to be shown anew. */
static void the_picture_is_whole(void)
{
    static uint32_t seen[400 * 260], canvas[400 * 260];
    size_t bytes = (size_t)display.width * display.height * 4;
    size_t all = (size_t)canvas_width() * canvas_height() * 4;
    bool drawn = memcmp(canvas, canvas_pixels(), all) != 0;
    memcpy(canvas, canvas_pixels(), all);
    assert_true(present_canvas(drawn));
    memcpy(seen, display.pixels, bytes);
    surface_repaint();
    assert_true(present_canvas(true));
    for (size_t i = 0; i < bytes / 4; i++) {
        if ((seen[i] ^ display.pixels[i]) & 0xffffff) {
            print_error("%zu,%zu: %x, %x\n", i % display.width, i / display.width, seen[i],
                        display.pixels[i]);
            fail();
        }
    }
}

static void somebody_does_something(void)
{
    uint32_t no = roll(APPS);
    caller = apps[no];
    bool little = roll(5) == 0, was_parked = caller->parked != NULL;
    fake.allocs_left = little ? roll(4) : FAKE_ALWAYS;
    if (caller->parked != NULL) {
        call(caller, body_goes_on);
    } else if (is_old(no)) {
        call(caller, body_old);
    } else if (roll(3) == 0) {
        fake.allocs_left = FAKE_ALWAYS;
        listen(no);
    } else {
        call(caller, no < 2 && roll(2) == 0 ? body_manages : body_owner);
    }
    fake.allocs_left = FAKE_ALWAYS;
    if (caller->parked != NULL || was_parked) {
        the_picture_is_whole(); /* in the middle of it, and of what is taken back then */
    }
    app_settle();
    if (caller->base == 0 || caller->faults_in_a_row > 3) {
        app_unload(caller);
        start_app(no);
    }
}

static void keep_one(void)
{
    uint32_t no = roll(APPS);
    finish(no);
    if (!is_old(no)) {
        listen(no);
    }
    take(apps[no], 0);
    bool then[INPUT_KEYS];
    memcpy(then, down[no], sizeof then);
    for (uint32_t n = roll(4); n > 0; n--) {
        somebody_does_something();
    }
    assert_true(image_open(f.bytes, f.len, &f.image, &f.error));
    if (roll(2) != 0 || app_go_back(apps[no], &f.image, &f.error) != CTX_OK) {
        app_unload(apps[no]);
        apps[no] = bring_back();
    }
    memcpy(down[no], then, sizeof then); /* it knows what it knew */
}

/* A write to a page that is watched, as the machine's page fault would tell it. */
static void on_fault(int signal_no, siginfo_t *info, void *context)
{
    (void)context;
    if (!app_page_write((uint64_t)(uintptr_t)info->si_addr)) {
        (void)signal(signal_no, SIG_DFL);
    }
}

static uint32_t larger[400 * 260];

static void run(uint32_t rounds)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
    for (uint32_t no = 0; no < APPS; no++) {
        start_app(no);
    }
    for (uint32_t round = 0; round < rounds; round++) {
        input_settle();
        switch (roll(12)) {
        case 0:
        case 1:
            press(keys[roll(ARRAY_COUNT(keys))]);
            break;
        case 2:
            lift(keys[roll(ARRAY_COUNT(keys))]);
            break;
        case 3:
            point_at(roll(W), roll(H));
            input_pointer_move(anywhere(), anywhere());
            input_wheel(1, anywhere());
            break;
        case 4:
            the_picture_is_whole();
            break;
        case 5:
            if (roll(8) == 0) {
                uint32_t no = roll(APPS);
                app_unload(apps[no]);
                start_app(no);
            }
            break;
        case 6:
            if (roll(4) == 0) {
                keep_one();
            }
            break;
        case 7:
            if (roll(20) == 0) {
                bool large = roll(2) == 0;
                (void)display_resize(&display, large ? 400 : W, large ? 260 : H,
                                     large ? larger : shown);
            }
            break;
        case 8:
            settle();
            break;
        default:
            somebody_does_something();
        }
        if (round % 50 == 49) {
            for (uint32_t i = 0; i < ARRAY_COUNT(keys); i++) {
                lift(keys[i]);
            }
            for (uint32_t no = 0; no < 2; no++) { /* whoever manages has its call */
                call(apps[no], body_nothing);
            }
            input_settle();
            nothing_is_down();
            settle();
        }
    }
    (void)display_resize(&display, W, H, shown);
    for (uint32_t no = 0; no < APPS; no++) {
        app_unload(apps[no]);
    }
}

static void windows_at_random(void **state)
{
    (void)state;
    struct app *app = load_v3("first"); /* who waits: room for that stays */
    assert_int_equal(ready_wait(app, 1), CTX_OK);
    app_unload(app);
    remember();
    dice = getenv("SEED") != NULL ? strtoull(getenv("SEED"), NULL, 0) : 15;
    run(ROUNDS);
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(windows_at_random, setup)};
    return cmocka_run_group_tests(tests, windows_start, done);
}
