/* SPDX-License-Identifier: MIT */
/* Search and replace. Capital letters in what is looked for count; without one none does. */
#include "editor.h"

#include <ctx/key.h>

#include <stdlib.h>
#include <string.h>

static uint32_t flags_of(const struct ctx_ui_field *f)
{
    for (uint32_t i = 0; i < f->len; i++) {
        if (f->text[i] >= 'A' && f->text[i] <= 'Z') {
            return 0;
        }
    }
    return TEXT_FOLD;
}

void find_open(struct editor *e)
{
    uint32_t from = chosen_from(e), len = chosen_to(e) - from;
    if (len > 0 && len < FIND_ROOM &&
        text_line_of(&e->text, from) == text_line_of(&e->text, from + len)) {
        char text[FIND_ROOM];
        text[text_copy(&e->text, from, text, len)] = 0;
        ctx_ui_field_set(&e->find, text);
    }
    e->bar = BAR_FIND;
    e->find.mark = 0;
    e->find.caret = e->find.len;
    ctx_ui_focus(&e->pane.ui, "find");
}

static void choose(struct editor *e, uint32_t at)
{
    caret_to(e, at, 0);
    caret_to(e, at + e->find.len, 1);
}

void find_next(struct editor *e, int back)
{
    uint32_t flags = flags_of(&e->find), at = 0, len = e->find.len;
    const char *what = e->find.text;
    int around = 0, found;
    if (len == 0) {
        find_open(e);
        return;
    }
    if (back) {
        found = text_find_back(&e->text, chosen_from(e), what, len, flags, &at);
        if (!found) {
            around = found = text_find_back(&e->text, e->text.len, what, len, flags, &at);
        }
    } else {
        found = text_find(&e->text, chosen_to(e), UINT32_MAX, what, len, flags, &at);
        if (!found) {
            around = found = text_find(&e->text, 0, UINT32_MAX, what, len, flags, &at);
        }
    }
    if (found) {
        choose(e, at);
        note(e, around ? (back ? "Went on from the end" : "Went on from the start") : "%s", "");
    } else {
        note(e, "\u201c%.60s\u201d is not in this text", what);
    }
}

/* While it is typed: the first one from where we are. */
static void find_here(struct editor *e)
{
    uint32_t at = 0, flags = flags_of(&e->find), from = chosen_from(e);
    if (text_find(&e->text, from, UINT32_MAX, e->find.text, e->find.len, flags, &at) ||
        text_find(&e->text, 0, from, e->find.text, e->find.len, flags, &at)) {
        choose(e, at);
        note(e, "%s", "");
    } else if (e->find.len > 0) {
        note(e, "\u201c%.60s\u201d is not in this text", e->find.text);
    }
}

static int is_chosen(struct editor *e)
{
    uint32_t at = 0, from = chosen_from(e);
    return e->find.len > 0 && chosen_to(e) - from == e->find.len &&
           text_find(&e->text, from, from + 1, e->find.text, e->find.len, flags_of(&e->find), &at);
}

static void replace_one(struct editor *e)
{
    if (is_chosen(e) && !put_text(e, e->with.text, e->with.len, 0)) {
        return;
    }
    find_next(e, 0);
}

static void replace_all(struct editor *e)
{
    uint32_t at = 0, from = 0, flags = flags_of(&e->find), n = 0, caret = e->caret;
    text_group(&e->text);
    while (text_find(&e->text, from, UINT32_MAX, e->find.text, e->find.len, flags, &at)) {
        if (!text_replace(&e->text, at, e->find.len, e->with.text, e->with.len, 0)) {
            complain(e, "There is not enough memory for all of them; %u were replaced.",
                     (unsigned)n);
            break;
        }
        from = at + e->with.len;
        n++;
    }
    text_group(&e->text);
    caret_to(e, caret, 0);
    if (e->bar != BAR_ERROR) {
        note(e, "%u replaced", (unsigned)n);
    }
}

void find_bar(struct editor *e, struct ctx_rect r)
{
    struct ctx_ui *ui = &e->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    int32_t wide = ctx_theme_px(t, 88), small = t->control_h;
    struct ctx_rect close = ctx_rect_right(&r, small);
    if (ctx_ui_button_with(ui, close, CTX_ICON_CLOSE, "#close", CTX_UI_FLAT) & CTX_UI_CLICKED) {
        bar_close(e);
    }
    ctx_rect_right(&r, t->gap);
    int both = r.w > ctx_theme_px(t, 520);
    int32_t buttons = 2 * (small + t->gap / 2) + (both ? 2 * (wide + t->gap / 2) : 0);
    int32_t field = both ? (r.w - buttons - 2 * t->gap) / 2 : r.w - buttons - t->gap;
    uint32_t bits = ctx_ui_field(ui, ctx_rect_left(&r, field), "find", &e->find, "Find", 0);
    if ((bits & CTX_UI_CHANGED) != 0) {
        find_here(e);
    }
    if ((bits & CTX_UI_ENTER) != 0) {
        find_next(e, (ui->modifiers & CTX_MOD_SHIFT) != 0);
    }
    ctx_rect_left(&r, t->gap / 2);
    if (ctx_ui_button_with(ui, ctx_rect_left(&r, small), CTX_ICON_UP, "#up", 0) & CTX_UI_CLICKED) {
        find_next(e, 1);
    }
    ctx_rect_left(&r, t->gap / 2);
    if (ctx_ui_button_with(ui, ctx_rect_left(&r, small), CTX_ICON_DOWN, "#down", 0) &
        CTX_UI_CLICKED) {
        find_next(e, 0);
    }
    if (!both) {
        return;
    }
    ctx_rect_left(&r, t->gap);
    if (ctx_ui_field(ui, ctx_rect_left(&r, field), "with", &e->with, "Replace with", 0) &
        CTX_UI_ENTER) {
        replace_one(e);
    }
    ctx_rect_left(&r, t->gap / 2);
    uint32_t can = e->find.len > 0 ? 0 : CTX_UI_DISABLED;
    if (ctx_ui_button_with(ui, ctx_rect_left(&r, wide), 0, "Replace", can) & CTX_UI_CLICKED) {
        replace_one(e);
    }
    ctx_rect_left(&r, t->gap / 2);
    if (ctx_ui_button_with(ui, ctx_rect_left(&r, wide), 0, "All", can) & CTX_UI_CLICKED) {
        replace_all(e);
    }
}

void go_to_bar(struct editor *e, struct ctx_rect r)
{
    struct ctx_ui *ui = &e->pane.ui;
    const struct ctx_theme *t = &ui->theme;
    ctx_ui_label(ui, ctx_rect_left(&r, ctx_theme_px(t, 90)), "Go to line", 0);
    uint32_t bits =
        ctx_ui_field(ui, ctx_rect_left(&r, ctx_theme_px(t, 120)), "ask", &e->ask, "1", 0);
    if ((bits & CTX_UI_ENTER) != 0) {
        unsigned long line = strtoul(e->ask.text, NULL, 10);
        line = line > e->text.lines + 1 ? e->text.lines + 1 : line > 0 ? line : 1;
        caret_to(e, text_line_start(&e->text, (uint32_t)line - 1), 0);
        bar_close(e);
    }
}
