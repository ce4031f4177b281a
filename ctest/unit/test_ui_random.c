/* SPDX-License-Identifier: MIT */
/*
 * Anything that people, devices and apps may do, in any order, to all controls at once, on targets
 * of any size: nothing is written outside, passes end, values stay in their ranges, and the picture
 * that has come about bit by bit is the one that is drawn at once.
 */
#include "ui_fixture.h"

static uint64_t seed = 2026;
static uint32_t w, h, count, chosen, tab, first;
static int32_t on, value, shift;
static struct ctx_ui_list list;
static char text[24];
static struct ctx_ui_field field;
static const char *const tabs[] = {"A", "B"};
static const struct ctx_ui_item items[] = {{"One", "more", CTX_ICON_CHECK, 0},
                                           {NULL, NULL, 0, CTX_UI_RULE},
                                           {"Two", NULL, 0, CTX_UI_DISABLED},
                                           {"Three", NULL, 0, 0},
                                           {"Four", NULL, 0, CTX_UI_CHECKED},
                                           {"Five", NULL, 0, 0},
                                           {"Six", NULL, 0, 0},
                                           {"Seven", NULL, 0, 0},
                                           {"Eight", NULL, 0, 0},
                                           {"Nine", NULL, 0, 0},
                                           {"Ten", NULL, 0, 0},
                                           {"Eleven", NULL, 0, 0}};

static void item(void *self, uint32_t i, struct ctx_ui_item *out)
{
    (void)self;
    assert_true(i < count);
    *out = items[i % 12];
}

static void window(void)
{
    int32_t x = shift;
    ctx_ui_panel(&ui, CTX_RECT(-5, -5, 1000, 46), ui.theme.panel, 0);
    ctx_ui_button(&ui, CTX_RECT(x + 4, 4, 60, 30), "Save");
    uint32_t row = ctx_ui_menu(&ui, CTX_RECT(x + 70, 4, 60, 30), CTX_ICON_MENU, "Menu", items, 12,
                               CTX_UI_FLAT);
    assert_true(row == CTX_UI_NO_ROW || (row < 12 && row != 1 && row != 2));
    ui.back = ui.theme.window;
    ctx_ui_switch(&ui, CTX_RECT(x + 4, 44, 100, 26), "Switch", &on, 0);
    ctx_ui_tabs(&ui, CTX_RECT(x + 110, 44, 90, 26), "tabs", tabs, 2, &tab);
    ctx_ui_slider(&ui, CTX_RECT(x + 4, 74, 100, 26), "slider", &value, -50, 50, 7);
    ctx_ui_field(&ui, CTX_RECT(x + 110, 74, 100, 30), "field", &field, NULL, 0);
    ctx_ui_list(&ui, CTX_RECT(x + 4, 110, 120, 100), "list", &list, count, item, NULL);
    ctx_ui_choice(&ui, CTX_RECT(x + 130, 110, 100, 30), "choice", items, 12, &chosen);
    ctx_ui_progress(&ui, CTX_RECT(x + 130, 150, 100, 10), (uint32_t)(value + 50), 100);
    ctx_ui_label(&ui, CTX_RECT(x + 130, 170, 100, 20), text, CTX_UI_MONO);
    ctx_ui_scroll(&ui, CTX_RECT(x + 240, 44, 10, 160), "bar", &first, 10, count);
}

static void pass(const struct ctx_event *e)
{
    int passes = 0, more;
    if (e != NULL) {
        ctx_ui_feed(&ui, e);
    }
    do {
        ctx_ui_begin(&ui, picture + BAND * PITCH + BAND, w, h, PITCH);
        window();
        more = ctx_ui_end(&ui);
        assert_true(++passes < 12);
    } while (more);
    assert_true(on == 0 || on == 1);
    assert_true(value >= -50 && value <= 50 && tab < 2 && chosen < 12);
    assert_true(list.chosen == CTX_UI_NO_ROW || list.chosen < count || count == 0);
    assert_true(field.len < field.room && text[field.len] == 0);
    for (uint32_t i = 0; i < ui.damages; i++) {
        struct ctx_rect r = ui.damage[i];
        assert_true(r.x >= 0 && r.y >= 0 && r.w > 0 && r.h > 0 && r.x + r.w <= (int32_t)w &&
                    r.y + r.h <= (int32_t)h);
    }
    ui.damages = random_of(&seed) % 4 ? 0 : ui.damages;
}

static void other(void)
{
    struct ctx_theme theme;
    switch (random_of(&seed) % 8) {
    case 0:
        w = (uint32_t)between(&seed, 0, SIDE), h = (uint32_t)between(&seed, 0, SIDE);
        fresh(0);
        break;
    case 1:
        ctx_theme_make(&theme, (uint32_t)between(&seed, 60, 300), random_of(&seed) % 2,
                       &ctx_faces_1x2x);
        ctx_ui_set_theme(&ui, &theme);
        break;
    case 2:
        count = (uint32_t)between(&seed, 0, 40);
        break;
    case 3:
        shift = between(&seed, -3, 3) * 20;
        break;
    case 4:
        ctx_ui_paste(&ui, "\u20acuro\xff", 6);
        break;
    default:
        w = h = SIDE;
        break;
    }
    pass(NULL);
}

static void event(void)
{
    static const uint32_t codes[] = {CTX_KEY_TAB,
                                     CTX_KEY_ENTER,
                                     CTX_KEY_SPACE,
                                     CTX_KEY_ESC,
                                     CTX_KEY_UP,
                                     CTX_KEY_DOWN,
                                     CTX_KEY_LEFT,
                                     CTX_KEY_RIGHT,
                                     CTX_KEY_HOME,
                                     CTX_KEY_END,
                                     CTX_KEY_PAGEUP,
                                     CTX_KEY_PAGEDOWN,
                                     CTX_KEY_BACKSPACE,
                                     CTX_KEY_DELETE,
                                     30,
                                     45,
                                     46,
                                     47};
    struct ctx_event e = {
        .kind = random_of(&seed) % 20, .surface = random_of(&seed) % 3, .time_ns = now_ns};
    now_ns += random_of(&seed) % 500000000;
    e.value = random_of(&seed) % 3;
    e.modifiers = random_of(&seed) % 4 ? 0 : random_of(&seed) % 128;
    e.x = between(&seed, -20, 280);
    e.y = between(&seed, -20, 280);
    if (random_of(&seed) % 3) {
        e.kind = random_of(&seed) % 2 ? CTX_EVENT_KEY : CTX_EVENT_POINTER;
    }
    if (e.kind == CTX_EVENT_KEY) {
        e.code = random_of(&seed) % 8 ? codes[random_of(&seed) % 18]
                                      : CTX_BTN_LEFT + random_of(&seed) % 10;
    } else if (e.kind == CTX_EVENT_POINTER) {
        e.code = random_of(&seed) % 3 ? random_of(&seed) % 2 : random_of(&seed);
    } else if (e.kind == CTX_EVENT_WHEEL) {
        e.y = random_of(&seed) % 8 ? between(&seed, -3, 3) : (int32_t)random_of(&seed);
    } else {
        e.code = random_of(&seed) % 4 ? 32 + random_of(&seed) % 400 : random_of(&seed);
    }
    pass(&e);
}

static void anything_in_any_order(void **state)
{
    (void)state;
    static uint32_t kept[PITCH * PITCH];
    w = h = SIDE;
    count = 20;
    field = (struct ctx_ui_field){text, sizeof text, 0, 0, 0, 0, 0};
    start_with(window);
    for (int i = 0; i < 6000; i++) {
        if (random_of(&seed) % 40 == 0) {
            other();
        } else {
            event();
        }
        if (i % 100 == 0) {
            memcpy(kept, picture, sizeof kept);
            ctx_ui_redraw(&ui);
            pass(NULL);
            for (uint32_t n = 0; n < w * h; n++) {
                uint32_t place = (BAND + n / w) * PITCH + BAND + n % w;
                if (kept[place] != picture[place]) {
                    fail_msg("after %d: %u,%u was %#x, and is %#x at once", i, n % w, n / w,
                             kept[place], picture[place]);
                }
            }
            expect_band();
        }
    }
}

/* Another seed as a word has other events. */
int main(int argc, char **argv)
{
    seed = argc > 1 ? strtoull(argv[1], NULL, 10) : seed;
    const struct CMUnitTest tests[] = {cmocka_unit_test(anything_in_any_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
