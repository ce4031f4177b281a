/* SPDX-License-Identifier: MIT */
/* Controls: what they answer to pointer and keys, and that only what changed is drawn. */
#include "ui_fixture.h"

#define ROW 26 /* the theme's row_h */

static int saved, opened, shown;
static int32_t on, volume;
static uint32_t tab, chosen, row, list_bits, field_bits;
static struct ctx_ui_list list;
static uint32_t count;
static char text[32];
static struct ctx_ui_field field;

static void town(void *self, uint32_t i, struct ctx_ui_item *out)
{
    static char name[16];
    assert_ptr_equal(self, &list);
    assert_true(i < count);
    snprintf(name, sizeof name, "row %u", i);
    out->text = name;
}

static const struct ctx_ui_item items[] = {{"One", NULL, 0, 0},
                                           {NULL, NULL, 0, CTX_UI_RULE},
                                           {"Two", "2", 0, CTX_UI_DISABLED},
                                           {"Three", NULL, 0, 0}};
static const char *const tabs[] = {"A", "B", "C"};

static void window(void)
{
    saved += ctx_ui_button(&ui, CTX_RECT(0, 0, 60, 30), "Save");
    opened += ctx_ui_button_with(&ui, CTX_RECT(70, 0, 60, 30), 0, "Gone", CTX_UI_DISABLED) != 0;
    ctx_ui_check(&ui, CTX_RECT(0, 40, 100, 26), "Check", &on, 0);
    ctx_ui_tabs(&ui, CTX_RECT(110, 40, 90, 26), "tabs", tabs, 3, &tab);
    ctx_ui_slider(&ui, CTX_RECT(0, 70, 116, 26), "volume", &volume, 0, 100, 5);
    field_bits |= ctx_ui_field(&ui, CTX_RECT(130, 70, 120, 30), "field", &field, "hint", 0);
    list_bits |=
        ctx_ui_list(&ui, CTX_RECT(0, 110, 120, 4 * ROW + 6), "list", &list, count, town, &list);
    uint32_t got = ctx_ui_menu(&ui, CTX_RECT(130, 110, 60, 30), 0, "Menu", items, 4, 0);
    row = got != CTX_UI_NO_ROW ? got : row;
    ctx_ui_choice(&ui, CTX_RECT(130, 150, 100, 30), "choice", items, 4, &chosen);
    if (shown) {
        ctx_ui_label(&ui, CTX_RECT(130, 200, 100, 20), "shown", 0);
    }
}

static int begin(void **state)
{
    (void)state;
    saved = opened = shown = 0;
    on = volume = 0;
    tab = chosen = list_bits = field_bits = 0;
    row = CTX_UI_NO_ROW;
    count = 20;
    list = (struct ctx_ui_list){CTX_UI_NO_ROW, 0};
    field = (struct ctx_ui_field){text, sizeof text, 0, 0, 0, 0, 0};
    ctx_ui_field_set(&field, "");
    start_with(window);
    ui.damages = 0;
    return 0;
}

static void key(uint32_t code, uint32_t modifiers)
{
    key_with(code, modifiers, window);
}

static void click(int32_t x, int32_t y)
{
    click_with(x, y, window);
}

static void a_button_is_pressed_where_it_is_let_go(void **state)
{
    (void)state;
    click(30, 15);
    assert_int_equal(saved, 1);
    point_with(30, 15, 1, window);
    point_with(245, 245, 1, window);
    point_with(245, 245, 0, window);
    assert_int_equal(saved, 1);
    point_with(245, 245, 1, window); /* and the other way round */
    point_with(30, 15, 1, window);
    point_with(30, 15, 0, window);
    assert_int_equal(saved, 1);
    click(90, 15);
    assert_int_equal(opened, 0);
    key(CTX_KEY_ENTER, 0); /* the focus stayed on the first */
    key(CTX_KEY_SPACE, 0);
    assert_int_equal(saved, 3);
    struct ctx_event e = {
        .kind = CTX_EVENT_KEY, .code = CTX_BTN_LEFT, .value = 1}; /* buttons as keys */
    point_with(30, 15, 0, window);
    pass_with(&e, window);
    e.value = 0;
    pass_with(&e, window);
    assert_int_equal(saved, 4);
}

static void a_key_that_repeats_presses_once(void **state)
{
    (void)state;
    struct ctx_event e = {.kind = CTX_EVENT_KEY, .code = CTX_KEY_ENTER, .value = 1};
    key(CTX_KEY_TAB, 0);
    pass_with(&e, window);
    e.value = 2;
    pass_with(&e, window);
    assert_int_equal(saved, 1);
}

static void tab_goes_round(void **state)
{
    (void)state;
    uint32_t ids[16], n = 0;
    key(CTX_KEY_TAB, 0);
    do {
        ids[n++] = ui.focus;
        key(CTX_KEY_TAB, 0);
    } while (ui.focus != ids[0] && n < 16);
    assert_int_equal(n, 10); /* what is disabled is passed by, and three tabs */
    for (uint32_t i = n; i-- > 0;) {
        key(CTX_KEY_TAB, CTX_MOD_SHIFT);
        assert_int_equal(ui.focus, ids[i]);
    }
    assert_int_not_equal(ctx_ui_ring(&ui, ids[0]), 0);
    click(200, 240); /* nothing is there */
    assert_int_equal(ctx_ui_ring(&ui, ids[0]), 0);
    struct ctx_event leave = {.kind = CTX_EVENT_LEAVE}, focus = {.kind = CTX_EVENT_FOCUS};
    key(CTX_KEY_TAB, 0);
    pass_with(&leave, window);
    assert_int_equal(ctx_ui_ring(&ui, ui.focus), 0);
    pass_with(&focus, window);
    assert_int_not_equal(ctx_ui_ring(&ui, ui.focus), 0);
}

static void only_what_changed_is_drawn(void **state)
{
    (void)state;
    point_with(200, 240, 0, window);
    assert_int_equal(ui.damages, 0);
    point_with(30, 15, 0, window);
    assert_int_equal(ui.damages, 1);
    assert_memory_equal(&ui.damage[0], &CTX_RECT(0, 0, 60, 30), sizeof(struct ctx_rect));
    ui.damages = 0;
    shown = 1;
    pass_with(NULL, window);
    assert_int_equal(ui.damages, 1);
    assert_memory_equal(&ui.damage[0], &CTX_RECT(130, 200, 100, 20), sizeof(struct ctx_rect));
    ui.damages = 0;
    shown = 0; /* what goes is wiped out */
    pass_with(NULL, window);
    assert_memory_equal(&ui.damage[0], &CTX_RECT(0, 0, SIDE, SIDE), sizeof(struct ctx_rect));
    for (uint32_t y = 200; y < 220; y++) {
        for (uint32_t x = 130; x < 230; x++) {
            assert_int_equal(at(x, y), ui.theme.window);
        }
    }
}

/* What is drawn little by little is what is drawn at once. */
static void the_same_picture_as_at_once(void)
{
    static uint32_t kept[PITCH * PITCH];
    memcpy(kept, picture, sizeof kept);
    ctx_ui_redraw(&ui);
    pass_with(NULL, window);
    assert_memory_equal(kept, picture, sizeof kept);
    expect_band();
}

static void toggles_tabs_and_sliders(void **state)
{
    (void)state;
    click(20, 50);
    assert_int_equal(on, 1);
    key(CTX_KEY_SPACE, 0);
    assert_int_equal(on, 0);
    click(190, 50);
    assert_int_equal(tab, 2);
    key(CTX_KEY_LEFT, 0);
    key(CTX_KEY_ENTER, 0);
    assert_int_equal(tab, 1);
    click(58, 83); /* the middle of 100 pixels for the knob's middle, from 8 on */
    assert_int_equal(volume, 50);
    key(CTX_KEY_RIGHT, 0);
    assert_int_equal(volume, 55);
    key(CTX_KEY_END, 0);
    assert_int_equal(volume, 100);
    key(CTX_KEY_PAGEDOWN, 0);
    assert_int_equal(volume, 50);
    key(CTX_KEY_HOME, 0);
    key(CTX_KEY_LEFT, 0);
    assert_int_equal(volume, 0);
    point_with(8, 83, 1, window);
    point_with(2000, 500, 1, window); /* dragged away */
    assert_int_equal(volume, 100);
    point_with(-2000, 500, 1, window);
    assert_int_equal(volume, 0);
    point_with(-2000, 500, 0, window);
    the_same_picture_as_at_once();
}

static void wheel(int32_t steps)
{
    struct ctx_event e = {.kind = CTX_EVENT_WHEEL, .y = steps};
    pass_with(&e, window);
}

static void a_list_scrolls(void **state)
{
    (void)state;
    click(20, 110 + 4 + ROW);
    assert_int_equal(list.chosen, 1);
    assert_true(list_bits & CTX_UI_CHANGED);
    for (int i = 0; i < 3; i++) {
        key(CTX_KEY_DOWN, 0);
    }
    assert_int_equal(list.chosen, 4);
    assert_int_equal(list.first, 1); /* four rows are in sight */
    key(CTX_KEY_PAGEDOWN, 0);
    assert_int_equal(list.chosen, 8);
    key(CTX_KEY_END, 0);
    assert_int_equal(list.chosen, 19);
    assert_int_equal(list.first, 16);
    key(CTX_KEY_DOWN, 0);
    assert_int_equal(list.chosen, 19);
    the_same_picture_as_at_once();
    key(CTX_KEY_HOME, 0);
    key(CTX_KEY_UP, 0);
    assert_int_equal(list.chosen, 0);
    assert_int_equal(list.first, 0);
    wheel(-2);
    assert_int_equal(list.first, 6);
    assert_int_equal(list.chosen, 0);
    wheel(-100);
    assert_int_equal(list.first, 16);
    wheel(100);
    assert_int_equal(list.first, 0);
    count = 2; /* it shrinks: what was chosen is gone */
    list.chosen = 7;
    pass_with(NULL, window);
    assert_int_equal(list.chosen, CTX_UI_NO_ROW);
    count = 0;
    pass_with(NULL, window);
    key(CTX_KEY_DOWN, 0);
    assert_int_equal(list.first, 0);
    the_same_picture_as_at_once();
}

static void a_scroll_bar_is_dragged(void **state)
{
    (void)state;
    point_with(112, 115, 1, window);
    point_with(112, 2000, 1, window);
    assert_int_equal(list.first, 16);
    point_with(112, 115, 1, window);
    assert_int_equal(list.first, 0);
    point_with(112, 115, 0, window);
    assert_int_equal(list.chosen, CTX_UI_NO_ROW);
}

static void twice_is_enter(void **state)
{
    (void)state;
    click(20, 120);
    assert_false(list_bits & CTX_UI_ENTER);
    click(20, 120); /* a second later */
    assert_false(list_bits & CTX_UI_ENTER);
    point_with(20, 120, 1, window);
    point_with(20, 120, 0, window);
    assert_true(list_bits & CTX_UI_ENTER);
    list_bits = 0;
    key(CTX_KEY_ENTER, 0);
    assert_true(list_bits & CTX_UI_ENTER);
}

static const struct ctx_ui_item long_list[40] = {[0 ... 39] = {"One of many", NULL, 0, 0}};
static uint32_t of_many;

static void many_window(void)
{
    ctx_ui_choice(&ui, CTX_RECT(10, 10, 100, 30), "many", long_list, 40, &of_many);
}

/* More than there is room for: what is chosen is in sight at once. */
static void a_long_choice_opens_where_it_stands(void **state)
{
    (void)state;
    static const uint32_t cases[] = {0, 3, 25, 39};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start_with(many_window);
        of_many = cases[i];
        point_with(20, 20, 1, many_window);
        point_with(20, 20, 0, many_window);
        assert_true(ctx_ui_is_open(&ui));
        uint32_t rows = (uint32_t)ui.popup_rect.h / (uint32_t)ui.theme.row_h;
        assert_true(ui.popup_first <= of_many && of_many < ui.popup_first + rows);
        assert_true(of_many > rows || ui.popup_first == 0);
        key_with(CTX_KEY_ENTER, 0, many_window);
        assert_int_equal(of_many, cases[i]);
    }
}

static struct ctx_ui_item places[60];

static void places_window(void)
{
    ctx_ui_choice(&ui, CTX_RECT(10, 10, 100, 30), "place", places, 60, &of_many);
}

static uint32_t chosen_by(uint32_t from, uint32_t code, const char *letters)
{
    of_many = from;
    start_with(places_window);
    click_with(20, 20, places_window);
    if (code != 0) {
        key_with(code, 0, places_window);
    }
    text_with(letters, places_window);
    uint32_t rows = (uint32_t)ui.popup_rect.h / (uint32_t)ui.theme.row_h;
    assert_true(ui.popup_first <= ui.popup_row && ui.popup_row < ui.popup_first + rows);
    key_with(CTX_KEY_ENTER, 0, places_window);
    assert_false(ctx_ui_is_open(&ui));
    return of_many;
}

/* Sixty rows, of which seven are seen: a page at once, and to a letter. */
static void a_long_choice_by_pages_and_letters(void **state)
{
    (void)state;
    static const char *const names[6] = {"Africa", "America", "\u00c4land",
                                         "asia",   "Europe",  "Pacific"};
    for (uint32_t i = 0; i < 60; i++) { /* each ten times */
        places[i] = (struct ctx_ui_item){names[i / 10], NULL, 0, 0};
    }
    places[40].flags = CTX_UI_DISABLED;
    places[59].flags = CTX_UI_RULE;
    uint32_t page = chosen_by(10, CTX_KEY_PAGEDOWN, "") - 10;
    assert_in_range(page, 4, 8);
    assert_int_equal(chosen_by(30, CTX_KEY_PAGEUP, ""), 30 - page);
    assert_int_equal(chosen_by(57, CTX_KEY_PAGEDOWN, ""), 58); /* the last that can be chosen */
    assert_int_equal(chosen_by(58, CTX_KEY_PAGEDOWN, ""), 58);
    assert_int_equal(chosen_by(2, CTX_KEY_PAGEUP, ""), 0);
    assert_int_equal(chosen_by(0, CTX_KEY_PAGEUP, ""), 0);
    assert_int_equal(chosen_by(0, 0, "e"), 41); /* not to what cannot be chosen */
    assert_int_equal(chosen_by(0, 0, "EE"), 42);
    assert_int_equal(chosen_by(0, 0, "P"), 50);
    assert_int_equal(chosen_by(58, 0, "p"), 50); /* and around */
    assert_int_equal(chosen_by(0, 0, "\u00c4"), 20);
    assert_int_equal(chosen_by(5, 0, "q"), 5);
    assert_int_equal(chosen_by(12, 0, "A"), 13);
    assert_int_equal(chosen_by(29, 0, "A"), 30);
}

static int ringed[3]; /* before both, between them, behind both */

static void two_rows(void)
{
    ringed[0] = ctx_ui_ringed(&ui);
    ctx_ui_button(&ui, CTX_RECT(10, 10, 80, 30), "Above");
    ringed[1] = ctx_ui_ringed(&ui);
    ctx_ui_button(&ui, CTX_RECT(10, 50, 80, 30), "Below");
    ringed[2] = ctx_ui_ringed(&ui);
}

static void expect_ringed(int before, int between, int behind)
{
    assert_int_equal(ringed[0], before);
    assert_int_equal(ringed[1], between);
    assert_int_equal(ringed[2], behind);
}

static void who_scrolls_is_told_which_row_keys_go_to(void **state)
{
    (void)state;
    start_with(two_rows);
    struct ctx_event e = {.kind = CTX_EVENT_FOCUS};
    pass_with(&e, two_rows);
    expect_ringed(0, 0, 0);
    key_with(CTX_KEY_TAB, 0, two_rows);
    expect_ringed(0, 1, 1);
    key_with(CTX_KEY_TAB, 0, two_rows);
    expect_ringed(0, 0, 1);
    click_with(20, 20, two_rows); /* there is no ring where a hand pointed */
    expect_ringed(0, 0, 0);
}

static void menus(void **state)
{
    (void)state;
    click(150, 120);
    assert_true(ctx_ui_is_open(&ui));
    click(30, 15); /* elsewhere: it closes, and that button is not pressed */
    assert_false(ctx_ui_is_open(&ui));
    assert_int_equal(saved, 0);
    the_same_picture_as_at_once();
    click(150, 120);
    key(CTX_KEY_DOWN, 0);
    key(CTX_KEY_DOWN, 0); /* over the line and what is disabled */
    key(CTX_KEY_ENTER, 0);
    assert_int_equal(row, 3);
    row = CTX_UI_NO_ROW;
    click(150, 120);
    click(150, (int32_t)ui.popup_rect.y + 8);
    assert_int_equal(row, 0);
    row = CTX_UI_NO_ROW;
    point_with(150, 120, 1, window); /* pulled down to a row, and let go there */
    point_with(150, ui.popup_rect.y + ui.popup_rect.h - 8, 1, window);
    point_with(150, ui.popup_rect.y + ui.popup_rect.h - 8, 0, window);
    assert_int_equal(row, 3);
    row = CTX_UI_NO_ROW;
    key(CTX_KEY_ENTER, 0);
    assert_true(ctx_ui_is_open(&ui));
    key(CTX_KEY_ESC, 0);
    assert_false(ctx_ui_is_open(&ui));
    assert_int_equal(row, CTX_UI_NO_ROW);
    click(150, 160);
    key(CTX_KEY_END, 0);
    key(CTX_KEY_SPACE, 0);
    assert_int_equal(chosen, 3);
    the_same_picture_as_at_once();
}

static char board[64];

static void put(void *self, const char *bytes, uint32_t len)
{
    assert_ptr_equal(self, board);
    snprintf(board, sizeof board, "%.*s", (int)len, bytes);
}

static uint32_t get(void *self, char *bytes, uint32_t room)
{
    assert_ptr_equal(self, board);
    uint32_t len = (uint32_t)strlen(board);
    assert_true(len <= room);
    memcpy(bytes, board, len);
    return len;
}

static void fields(void **state)
{
    (void)state;
    static const struct ctx_ui_clipboard clipboard = {board, put, get};
    ui.clipboard = &clipboard;
    click(150, 85);
    assert_int_equal(ui.cursor, CTX_CURSOR_TEXT);
    key(CTX_KEY_SPACE, 0);
    text_with("h\u00e9 \u20ac", window);
    assert_string_equal(text, "h\u00e9 \u20ac");
    assert_true(field_bits & CTX_UI_CHANGED);
    key(30, CTX_MOD_CTRL); /* all */
    key(46, CTX_MOD_CTRL); /* copy */
    assert_string_equal(board, "h\u00e9 \u20ac");
    key(CTX_KEY_END, 0);
    key(47, CTX_MOD_CTRL); /* paste */
    assert_string_equal(text, "h\u00e9 \u20ach\u00e9 \u20ac");
    key(30, CTX_MOD_CTRL);
    key(45, CTX_MOD_CTRL); /* cut */
    assert_string_equal(text, "");
    ctx_ui_paste(&ui, "later", 5);
    pass_with(NULL, window);
    assert_string_equal(text, "later");
    text_with("\x1b", window);
    struct ctx_event ctrl = {.kind = CTX_EVENT_TEXT, .code = 'q', .modifiers = CTX_MOD_CTRL};
    pass_with(&ctrl, window);
    assert_string_equal(text, "later");
    point_with(138, 85, 1, window); /* chosen with the pointer */
    point_with(1000, 85, 1, window);
    point_with(1000, 85, 0, window);
    text_with("x", window);
    assert_string_equal(text, "x");
    key(CTX_KEY_ENTER, 0);
    assert_true(field_bits & CTX_UI_ENTER);
    text_with("a text that is longer than can be", window);
    assert_true(field.scroll > 0);
    the_same_picture_as_at_once();
    key(CTX_KEY_HOME, 0);
    assert_int_equal(field.scroll, 0);
    ctx_ui_focus(&ui, "Save");
    pass_with(NULL, window);
    text_with("y", window);
    key(CTX_KEY_ENTER, 0);
    assert_int_equal(saved, 1);
}

static void motion_is_merged(void **state)
{
    (void)state;
    struct ctx_event e[6] = {{.kind = CTX_EVENT_POINTER, .x = 1},
                             {.kind = CTX_EVENT_POINTER, .x = 2},
                             {.kind = CTX_EVENT_POINTER, .x = 3, .code = 1},
                             {.kind = CTX_EVENT_KEY, .x = 4},
                             {.kind = CTX_EVENT_POINTER, .x = 5, .code = 1},
                             {.kind = CTX_EVENT_POINTER, .x = 6, .code = 1}};
    assert_int_equal(ctx_ui_merge(e, 6), 4);
    assert_int_equal(e[0].x, 2);
    assert_int_equal(e[1].x, 3);
    assert_int_equal(e[2].x, 4);
    assert_int_equal(e[3].x, 6);
    assert_int_equal(ctx_ui_merge(e, 0), 0);
}

static uint32_t many, twins[2];

static void crowd(void)
{
    for (uint32_t i = 0; i < many; i++) {
        int hit = ctx_ui_button(
            &ui, CTX_RECT((int32_t)(i % 16) * 16, (int32_t)(i / 16) * 10, 15, 9), "same");
        twins[hit && i == 290 ? 1 : 0] += (uint32_t)hit;
    }
}

static void more_controls_than_are_remembered(void **state)
{
    (void)state;
    many = 300;
    start_with(crowd);
    click_with(2 * 16 + 5, 18 * 10 + 5, crowd); /* number 290 */
    assert_int_equal(twins[0], 0);
    assert_int_equal(twins[1], 1);
    many = 250; /* they go, and are wiped out */
    pass_with(NULL, crowd);
    assert_int_equal(at(2 * 16 + 5, 18 * 10 + 5), ui.theme.window);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_button_is_pressed_where_it_is_let_go, begin),
        cmocka_unit_test_setup(a_key_that_repeats_presses_once, begin),
        cmocka_unit_test_setup(tab_goes_round, begin),
        cmocka_unit_test_setup(only_what_changed_is_drawn, begin),
        cmocka_unit_test_setup(toggles_tabs_and_sliders, begin),
        cmocka_unit_test_setup(a_list_scrolls, begin),
        cmocka_unit_test_setup(a_scroll_bar_is_dragged, begin),
        cmocka_unit_test_setup(twice_is_enter, begin),
        cmocka_unit_test_setup(menus, begin),
        cmocka_unit_test_setup(a_long_choice_opens_where_it_stands, begin),
        cmocka_unit_test_setup(a_long_choice_by_pages_and_letters, begin),
        cmocka_unit_test_setup(who_scrolls_is_told_which_row_keys_go_to, begin),
        cmocka_unit_test_setup(fields, begin),
        cmocka_unit_test_setup(motion_is_merged, begin),
        cmocka_unit_test_setup(more_controls_than_are_remembered, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
