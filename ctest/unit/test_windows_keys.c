/* SPDX-License-Identifier: MIT */
/* Who hears what when an app manages windows. */
#include "input_view.h"
#include "windows_fixture.h"

#include <kernel/klog.h>

/* evdev's; letters have no names in <ctx/key.h> */
#define KEY_W 17u
#define KEY_A 30u
#define KEY_B 48u

#define APPS  12u

static struct app *manager, *apps[APPS];
static uint32_t windows[APPS];

/* Twelve windows in two rows, each 40 by 80, and a manager, who has heard of all of them. */
static void begin(void)
{
    manager = load_v3("manager grant=ctx.windows/1");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    (void)hears(manager);
    for (uint32_t i = 0; i < APPS; i++) {
        char name[16];
        format_text(name, sizeof name, "app%u", i);
        apps[i] = load_v3(name);
        windows[i] = window_of(apps[i], 40, 80);
        assert_int_equal(wm_place(manager, apps[i]->pid, windows[i], (int32_t)(i % 6 * 50),
                                  (int32_t)(i / 6 * 100), 1),
                         CTX_OK);
        (void)hears(apps[i]);
    }
    assert_int_equal(hears(manager), 1);
    assert_int_equal(heard[0].kind, CTX_EVENT_WINDOWS); /* one, however often */
}

static void end(void)
{
    for (uint32_t i = 0; i < APPS; i++) {
        assert_int_equal(apps[i]->faults, 0);
        app_unload(apps[i]);
    }
    assert_int_equal(manager->faults, 0);
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    app_unload(manager);
    all_is_back();
}

static void nobody_hears_but(uint32_t no)
{
    for (uint32_t i = 0; i < APPS; i++) {
        if (i != no) {
            assert_int_equal(hears(apps[i]), 0);
        }
    }
}

static void a_key_goes_to_one_of_twelve(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 0; i < APPS; i++) {
        assert_int_equal(wm_do(manager, WM_FOCUS, apps[i]->pid, windows[i], 0), CTX_OK);
        if (i > 0) {
            assert_int_equal(hears(apps[i - 1]), 1);
            assert_int_equal(heard[0].kind, CTX_EVENT_LEAVE);
            assert_int_equal(heard[0].surface, windows[i - 1]);
            assert_int_equal(heard[0].code, 0);
        }
        press(KEY_A);
        lift(KEY_A);
        nobody_hears_but(i);
        assert_int_equal(hears(manager), 0);
        assert_int_equal(hears(apps[i]), 4);
        assert_int_equal(heard[0].kind, CTX_EVENT_FOCUS);
        assert_int_equal(heard[1].kind, CTX_EVENT_KEY);
        assert_int_equal(heard[1].surface, windows[i]);
        assert_int_equal(heard[2].kind, CTX_EVENT_TEXT);
        assert_int_equal(heard[2].code, 'a');
        assert_int_equal(heard[3].value, 0);
        for (uint32_t n = 0; n < 4; n++) { /* numbered without a gap: others' do not count */
            assert_int_equal(heard[n].seq, heard[0].seq + n);
        }
    }
    end();
}

static void a_key_that_is_held_goes_up_when_the_focus_leaves(void **state)
{
    (void)state;
    begin();
    (void)wm_do(manager, WM_FOCUS, apps[0]->pid, windows[0], 0);
    press(KEY_W);
    input_key(KEY_W, INPUT_KEY_REPEAT);
    (void)hears(apps[0]);
    (void)wm_do(manager, WM_FOCUS, apps[1]->pid, windows[1], 0);
    assert_int_equal(hears(apps[0]), 2);
    assert_int_equal(heard[0].kind, CTX_EVENT_KEY);
    assert_int_equal(heard[0].code, KEY_W);
    assert_int_equal(heard[0].value, 0);
    assert_int_equal(heard[1].kind, CTX_EVENT_LEAVE);
    assert_int_equal(hears(apps[1]), 1); /* FOCUS; what is held was not pressed for it */
    input_key(KEY_W, INPUT_KEY_REPEAT);
    lift(KEY_W);
    assert_int_equal(hears(apps[0]) + hears(apps[1]), 0);
    press(KEY_W);
    lift(KEY_W);
    assert_int_equal(hears(apps[1]), 3);
    end();
}

static void a_chord_is_the_managers_and_nobody_keeps_its_keys(void **state)
{
    (void)state;
    begin();
    (void)wm_do(manager, WM_FOCUS, apps[3]->pid, windows[3], 0);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, CTX_KEY_TAB, CTX_MOD_ALT), CTX_OK);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, CTX_KEY_TAB, CTX_MOD_ALT), CTX_E_EXIST);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, CTX_KEY_TAB, CTX_MOD_CAPS), CTX_E_INVAL);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, 0, 0), CTX_E_INVAL);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, INPUT_KEYS, 0), CTX_E_INVAL);
    (void)hears(apps[3]);
    (void)hears(manager);
    press(CTX_KEY_LEFTALT);
    assert_int_equal(hears(apps[3]), 1);
    press(CTX_KEY_TAB);
    assert_int_equal(hears(apps[3]), 1); /* Alt comes up for it */
    assert_int_equal(heard[0].code, CTX_KEY_LEFTALT);
    assert_int_equal(heard[0].value, 0);
    lift(CTX_KEY_TAB);
    press(KEY_B); /* anything, as long as something is held */
    lift(KEY_B);
    lift(CTX_KEY_LEFTALT);
    assert_int_equal(hears(apps[3]), 0);
    nobody_hears_but(APPS);
    assert_int_equal(hears(manager), 6); /* Tab, Tab, b, its text, b, Alt */
    assert_int_equal(heard[0].code, CTX_KEY_TAB);
    assert_int_equal(heard[0].modifiers, CTX_MOD_ALT);
    assert_int_equal(heard[5].code, CTX_KEY_LEFTALT);
    press(CTX_KEY_TAB); /* alone it is the app's again */
    lift(CTX_KEY_TAB);
    assert_true(hears(apps[3]) >= 2);
    assert_int_equal(hears(manager), 0);
    assert_int_equal(wm_do(manager, WM_UNGRAB, 0, CTX_KEY_TAB, CTX_MOD_ALT), CTX_OK);
    assert_int_equal(wm_do(manager, WM_UNGRAB, 0, CTX_KEY_TAB, CTX_MOD_ALT), CTX_E_NOENT);
    for (uint32_t i = 0; i < ROUTE_GRABS; i++) {
        assert_int_equal(wm_do(manager, WM_GRAB, 0, i + 1, CTX_MOD_META), CTX_OK);
    }
    assert_int_equal(wm_do(manager, WM_GRAB, 0, 100, CTX_MOD_META), CTX_E_NOSPC);
    end();
}

/* Super alone opens the launcher; Super with another key does not. */
static void modifiers_alone(void **state)
{
    (void)state;
    begin();
    assert_int_equal(wm_do(manager, WM_GRAB, 0, 0, CTX_MOD_META), CTX_OK);
    (void)hears(manager);
    press(CTX_KEY_LEFTMETA);
    lift(CTX_KEY_LEFTMETA);
    assert_int_equal(hears(manager), 1);
    assert_int_equal(heard[0].kind, CTX_EVENT_KEY);
    assert_int_equal(heard[0].code, 0);
    assert_int_equal(heard[0].modifiers, CTX_MOD_META);
    press(CTX_KEY_LEFTMETA);
    press(KEY_A);
    lift(KEY_A);
    lift(CTX_KEY_LEFTMETA);
    press(CTX_KEY_LEFTSHIFT);
    press(CTX_KEY_LEFTMETA);
    lift(CTX_KEY_LEFTMETA);
    lift(CTX_KEY_LEFTSHIFT);
    press(CTX_KEY_LEFTMETA);
    press(CTX_BTN_LEFT);
    lift(CTX_BTN_LEFT);
    (void)hears(manager); /* PRESSED */
    lift(CTX_KEY_LEFTMETA);
    assert_int_equal(hears(manager), 0);
    end();
}

/* ---- the pointer ---- */

static void the_pointer_is_told_in_a_windows_own_pixels(void **state)
{
    (void)state;
    begin();
    wm.place = (struct ctx_window_place){.size = sizeof wm.place,
                                         .pid = apps[7]->pid,
                                         .surface = windows[7],
                                         .x = 100,
                                         .y = 20,
                                         .level = 9,
                                         .scale = 2,
                                         .opacity = 255};
    wm.does = WM_PLACE;
    call(manager, body_wm);
    assert_int_equal(wm.status, CTX_OK);
    point_at(100 + 31, 20 + 41);
    nobody_hears_but(7);
    assert_int_equal(hears(apps[7]), 1);
    assert_int_equal(heard[0].kind, CTX_EVENT_POINTER);
    assert_int_equal(heard[0].surface, windows[7]);
    assert_int_equal(heard[0].x, 15);
    assert_int_equal(heard[0].y, 20);
    input_wheel(0, 1);
    nobody_hears_but(7);
    assert_int_equal(hears(apps[7]), 1);
    assert_int_equal(heard[0].kind, CTX_EVENT_WHEEL);
    /* A button that is held keeps it, wherever it goes. */
    press(CTX_BTN_LEFT);
    point_at(97, 0);
    nobody_hears_but(7);
    assert_int_equal(hears(apps[7]), 2);
    assert_int_equal(heard[1].x, -2);
    assert_int_equal(heard[1].y, -10);
    assert_int_equal(heard[1].code, 1);
    assert_int_equal(hears(manager), 1);
    assert_int_equal(heard[0].kind, CTX_EVENT_PRESSED);
    assert_int_equal(heard[0].cookie, apps[7]->pid);
    assert_int_equal(heard[0].surface, windows[7]);
    assert_int_equal(heard[0].x, 131);
    assert_int_equal(heard[0].y, 61);
    (void)wm_do(manager, WM_FOCUS, apps[7]->pid, windows[7], 0);
    (void)wm_do(manager, WM_FOCUS, apps[1]->pid, windows[1], 0); /* keys are something else */
    (void)hears(apps[7]);
    (void)hears(apps[1]);
    lift(CTX_BTN_LEFT);
    point_at(5, 5);
    assert_int_equal(hears(apps[7]), 2); /* up, and LEAVE */
    assert_int_equal(heard[0].code, CTX_BTN_LEFT);
    assert_int_equal(heard[0].surface, windows[7]); /* where it went down */
    assert_int_equal(heard[0].x, -2);
    assert_int_equal(heard[0].y, -10);
    assert_int_equal(heard[1].kind, CTX_EVENT_LEAVE);
    assert_int_equal(heard[1].code, 1);
    assert_int_equal(hears(apps[0]), 1);
    assert_int_equal(heard[0].x, 5);
    point_at(45, 5); /* between two windows: the canvas, which nobody of these is on */
    assert_int_equal(hears(apps[0]), 1);
    nobody_hears_but(APPS);
    end();
}

/* Placed at the upper left, over the first window. */
static void place_over_the_first(int no, int32_t level)
{
    wm.place = (struct ctx_window_place){.size = sizeof wm.place,
                                         .pid = apps[no]->pid,
                                         .surface = windows[no],
                                         .level = level,
                                         .scale = 1,
                                         .opacity = 255};
    wm.does = WM_PLACE;
    call(manager, body_wm);
    assert_int_equal(wm.status, CTX_OK);
}

static void
what_came_below_a_still_pointer_hears_where_it_is_before_a_button_or_the_wheel(void **state)
{
    (void)state;
    begin();
    point_at(10, 12);
    (void)hears(apps[0]);
    place_over_the_first(7, 8);
    press(CTX_BTN_LEFT);
    assert_int_equal(hears(apps[0]), 1);
    assert_int_equal(heard[0].kind, CTX_EVENT_LEAVE);
    assert_int_equal(hears(apps[7]), 2);
    assert_int_equal(heard[0].kind, CTX_EVENT_POINTER);
    assert_int_equal(heard[0].surface, windows[7]);
    assert_int_equal(heard[0].x, 10);
    assert_int_equal(heard[0].y, 12);
    assert_int_equal(heard[0].code, 0);
    assert_int_equal(heard[1].code, CTX_BTN_LEFT);
    lift(CTX_BTN_LEFT);
    (void)hears(apps[7]);
    (void)hears(manager);
    place_over_the_first(6, 9);
    input_wheel(0, 1);
    assert_int_equal(hears(apps[7]), 1);
    assert_int_equal(heard[0].kind, CTX_EVENT_LEAVE);
    assert_int_equal(hears(apps[6]), 2);
    assert_int_equal(heard[0].kind, CTX_EVENT_POINTER);
    assert_int_equal(heard[1].kind, CTX_EVENT_WHEEL);
    nobody_hears_but(APPS);
    end();
}

static void a_grabbed_button_is_the_managers(void **state)
{
    (void)state;
    begin();
    assert_int_equal(wm_do(manager, WM_GRAB, 0, CTX_BTN_LEFT, CTX_MOD_ALT), CTX_OK);
    (void)wm_do(manager, WM_FOCUS, apps[0]->pid, windows[0], 0);
    point_at(10, 10);
    (void)hears(apps[0]);
    press(CTX_KEY_LEFTALT);
    press(CTX_BTN_LEFT);
    point_at(60, 60);
    lift(CTX_BTN_LEFT);
    lift(CTX_KEY_LEFTALT);
    (void)hears(manager);
    assert_int_equal(heard_count, 3); /* down, to 60,60, up */
    assert_int_equal(heard[0].x, 10);
    assert_int_equal(heard[0].y, 10);
    assert_int_equal(heard[1].x, 60);
    assert_int_equal(heard[1].surface, 0);
    assert_int_equal(hears(apps[0]), 2); /* only Alt */
    nobody_hears_but(0);
    end();
}

/* ---- when somebody goes ---- */

static void a_window_that_goes_has_no_keys(void **state)
{
    (void)state;
    begin();
    (void)wm_do(manager, WM_FOCUS, apps[2]->pid, windows[2], 0);
    point_at(110, 10);
    nobody_hears_but(2);
    press(KEY_A);
    press(CTX_BTN_LEFT);
    app_unload(apps[2]);
    lift(CTX_BTN_LEFT);
    lift(KEY_A);
    press(KEY_B);
    lift(KEY_B);
    apps[2] = load_v3("another");
    assert_int_equal(hears(apps[2]), 0);
    nobody_hears_but(2);
    end();
}

/* Without a manager keys stay where they are, a press moves them, and the next one finds it so. */
static void windows_outlive_their_manager(void **state)
{
    (void)state;
    begin();
    (void)wm_do(manager, WM_FOCUS, apps[1]->pid, windows[1], 0);
    (void)hears(apps[1]);
    (void)hears(apps[0]);
    app_unload(manager);
    press(KEY_A);
    lift(KEY_A);
    assert_int_equal(hears(apps[1]), 3);
    nobody_hears_but(1);
    point_at(10, 10);
    press(CTX_BTN_LEFT);
    lift(CTX_BTN_LEFT);
    press(KEY_A);
    lift(KEY_A);
    assert_int_equal(hears(apps[1]), 1); /* LEAVE */
    assert_true(hears(apps[0]) >= 6);
    manager = load_v3("manager grant=ctx.windows/1");
    assert_int_equal(wm_do(manager, WM_PLACE, 0, 0, 0), CTX_E_DENIED);
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    press(KEY_A);
    lift(KEY_A);
    assert_int_equal(hears(apps[0]), 3);
    end();
}

static void one_manager_at_a_time(void **state)
{
    (void)state;
    begin();
    struct app *other = load_v3("other grant=ctx.windows/1");
    assert_int_equal(wm_do(other, WM_MANAGE, 0, 0, 0), CTX_E_EXIST);
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK); /* it does already */
    static const enum wm_does all[] = {WM_RELEASE, WM_PLACE, WM_FOCUS, WM_GRAB,
                                       WM_UNGRAB,  WM_CLOSE, WM_RESIZE};
    for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
        assert_int_equal(wm_do(other, all[i], apps[0]->pid, windows[0], 0), CTX_E_DENIED);
    }
    assert_int_equal(wm_do(manager, WM_RELEASE, 0, 0, 0), CTX_OK);
    (void)hears(apps[0]);
    (void)hears(apps[5]);
    press(KEY_A); /* everybody's again */
    lift(KEY_A);
    assert_int_equal(hears(apps[0]), 3);
    assert_int_equal(hears(apps[5]), 3);
    assert_int_equal(wm_do(other, WM_MANAGE, 0, 0, 0), CTX_OK);
    app_unload(other);
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    end();
}

static void what_is_asked_of_an_app(void **state)
{
    (void)state;
    begin();
    assert_int_equal(wm_do(manager, WM_CLOSE, apps[0]->pid, windows[0], 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_CLOSE, apps[0]->pid, windows[0] + 1, 0), CTX_E_NOENT);
    assert_int_equal(wm_do(manager, WM_CLOSE, 4711, windows[0], 0), CTX_E_NOENT);
    assert_int_equal(wm_do(manager, WM_FOCUS, 4711, windows[0], 0), CTX_E_NOENT);
    wm.c = 300;
    assert_int_equal(wm_do(manager, WM_RESIZE, apps[0]->pid, windows[0], 200), CTX_OK);
    assert_int_equal(wm_do(manager, WM_RESIZE, apps[0]->pid, windows[0], 0), CTX_E_INVAL);
    assert_int_equal(wm_do(manager, WM_RESIZE, apps[0]->pid, windows[0], 8193), CTX_E_INVAL);
    assert_int_equal(hears(apps[0]), 2);
    assert_int_equal(heard[0].kind, CTX_EVENT_CLOSE);
    assert_int_equal(heard[0].surface, windows[0]);
    assert_int_equal(heard[1].kind, CTX_EVENT_RESIZE);
    assert_int_equal(heard[1].surface, windows[0]);
    assert_int_equal(heard[1].x, 200);
    assert_int_equal(heard[1].y, 300);
    nobody_hears_but(0);
    end();
}

/* Apps without windows, those of version 2 too, hear keys while the canvas has them. */
static void the_canvas_has_keys(void **state)
{
    (void)state;
    begin();
    struct app *bare = load_v3("bare"), *old = load("old");
    call(old, NULL);
    (void)hears(bare);
    press(KEY_A);
    call(old, NULL);
    assert_true(CTX_KEY_IS_DOWN(old->input->page->keys[KEY_A]));
    assert_int_equal(hears(bare), 2);
    (void)wm_do(manager, WM_FOCUS, apps[0]->pid, windows[0], 0);
    call(old, NULL);
    assert_false(CTX_KEY_IS_DOWN(old->input->page->keys[KEY_A]));
    assert_int_equal(hears(bare), 1);
    lift(KEY_A);
    press(KEY_B);
    call(old, NULL);
    assert_false(CTX_KEY_IS_DOWN(old->input->page->keys[KEY_B]));
    struct app *young = load("young"); /* it begins while somebody else's key is held */
    call(young, NULL);
    assert_false(CTX_KEY_IS_DOWN(young->input->page->keys[KEY_B]));
    lift(KEY_B);
    assert_int_equal(hears(bare), 0);
    assert_int_equal(wm_do(manager, WM_FOCUS, NO_PID, 0, 0), CTX_OK);
    press(KEY_B);
    call(old, NULL);
    assert_true(CTX_KEY_IS_DOWN(old->input->page->keys[KEY_B]));
    lift(KEY_B);
    app_unload(young);
    app_unload(old);
    app_unload(bare);
    end();
}

/* ---- keys behind a chord, before its manager was called ---- */

static void tap(uint32_t key)
{
    press(key);
    lift(key);
}

/* How many of this key the app has heard go down, and up. */
static void heard_of(struct app *app, uint32_t key, uint32_t downs)
{
    uint32_t down = 0, up = 0;
    while (hears(app) > 0) {
        for (uint32_t i = 0; i < heard_count; i++) {
            bool is = heard[i].kind == CTX_EVENT_KEY && heard[i].code == key;
            down += is && heard[i].value == INPUT_KEY_DOWN;
            up += is && heard[i].value == INPUT_KEY_UP;
        }
    }
    assert_int_equal(down, downs);
    assert_int_equal(up, downs);
}

/* It is called in this turn, as one is that was woken. */
static void is_due(struct app *app)
{
    assert_int_equal(app->turn.where, TURN_FRAME);
}

/* Super, and what is typed behind it in the same frame: it went to the window that had the keys. */
static void what_is_typed_behind_a_chord_is_for_the_next_focus(void **state)
{
    (void)state;
    begin();
    assert_int_equal(wm_do(manager, WM_GRAB, 0, 0, CTX_MOD_META), CTX_OK);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, CTX_KEY_TAB, CTX_MOD_ALT), CTX_OK);
    assert_int_equal(wm_do(manager, WM_FOCUS, apps[0]->pid, windows[0], 0), CTX_OK);
    for (uint32_t i = 1; i < 3; i++) {
        is_due(manager);
        if (i == 1) {
            tap(CTX_KEY_LEFTMETA);
        } else {
            press(CTX_KEY_LEFTALT);
            tap(CTX_KEY_TAB);
            lift(CTX_KEY_LEFTALT);
        }
        press(KEY_A); /* held when it gets there */
        tap(KEY_B);
        input_settle();
        heard_of(apps[i - 1], KEY_A, 0);
        assert_int_equal(wm_do(manager, WM_FOCUS, apps[i]->pid, windows[i], 0), CTX_OK);
        heard_of(apps[i - 1], KEY_A, 0);
        input_settle();
        lift(KEY_A);
        heard_of(apps[i - 1], KEY_B, 0);
        heard_of(apps[i], KEY_A, 1);
        tap(KEY_W); /* nothing waits any more */
        heard_of(apps[i], KEY_W, 1);
    }
    end();
}

/* Nobody's keys are lost: more than wait, a manager that goes, one that is not called. */
static void keys_that_wait_are_somebodys(void **state)
{
    (void)state;
    begin();
    assert_int_equal(wm_do(manager, WM_GRAB, 0, 0, CTX_MOD_META), CTX_OK);
    assert_int_equal(wm_do(manager, WM_FOCUS, apps[0]->pid, windows[0], 0), CTX_OK);
    (void)hears(apps[0]);
    tap(CTX_KEY_LEFTMETA);
    for (uint32_t i = 0; i < 40; i++) {
        tap(KEY_A);
    }
    assert_int_equal(wm_do(manager, WM_FOCUS, apps[1]->pid, windows[1], 0), CTX_OK);
    input_settle();
    heard_of(apps[0], KEY_A, 8); /* 64 wait */
    heard_of(apps[1], KEY_A, 32);
    tap(CTX_KEY_LEFTMETA);
    tap(KEY_A);
    app_unload(manager);
    input_settle();
    heard_of(apps[1], KEY_A, 1);
    manager = load_v3("manager grant=ctx.windows/1");
    assert_int_equal(wm_do(manager, WM_MANAGE, 0, 0, 0), CTX_OK);
    assert_int_equal(wm_do(manager, WM_GRAB, 0, 0, CTX_MOD_META), CTX_OK);
    tap(CTX_KEY_LEFTMETA);
    tap(KEY_B);
    heard_of(apps[1], KEY_B, 0);
    app_pause(manager, true);
    app_settle();
    input_settle();
    heard_of(apps[1], KEY_B, 1);
    app_pause(manager, false);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_key_goes_to_one_of_twelve, setup),
        cmocka_unit_test_setup(a_key_that_is_held_goes_up_when_the_focus_leaves, setup),
        cmocka_unit_test_setup(a_chord_is_the_managers_and_nobody_keeps_its_keys, setup),
        cmocka_unit_test_setup(modifiers_alone, setup),
        cmocka_unit_test_setup(the_pointer_is_told_in_a_windows_own_pixels, setup),
        cmocka_unit_test_setup(
            what_came_below_a_still_pointer_hears_where_it_is_before_a_button_or_the_wheel, setup),
        cmocka_unit_test_setup(a_grabbed_button_is_the_managers, setup),
        cmocka_unit_test_setup(a_window_that_goes_has_no_keys, setup),
        cmocka_unit_test_setup(windows_outlive_their_manager, setup),
        cmocka_unit_test_setup(one_manager_at_a_time, setup),
        cmocka_unit_test_setup(what_is_asked_of_an_app, setup),
        cmocka_unit_test_setup(what_is_typed_behind_a_chord_is_for_the_next_focus, setup),
        cmocka_unit_test_setup(keys_that_wait_are_somebodys, setup),
        cmocka_unit_test_setup(the_canvas_has_keys, setup),
    };
    return cmocka_run_group_tests(tests, windows_start, NULL);
}
