/* SPDX-License-Identifier: MIT */
/* A line of text on the screen; what keys do to it is in edit.c. */
#include "ui.h"

#include <ctx/key.h>
#include <stddef.h>

#define KEY_A 30 /* by their place on a keyboard, as all layouts that there are have them */
#define KEY_X 45
#define KEY_C 46
#define KEY_V 47

/* CTRL and a letter. 1: the text is another. */
static int shortcut(struct ctx_ui *ui, struct ctx_ui_field *f)
{
    const struct ctx_ui_clipboard *board = ui->clipboard;
    uint32_t key = ui->key, from = ui_field_from(f), len = ui_field_to(f) - from;
    if (key == KEY_A) {
        f->mark = 0;
        f->caret = f->len;
    } else if ((key == KEY_C || key == KEY_X) && len > 0 && board != NULL) {
        board->put(board->self, f->text + from, len);
        ui->key = 0;
        return key == KEY_X ? (ctx_ui_field_put(f, "", 0), 1) : 0;
    } else if (key == KEY_V && board != NULL) {
        char text[1024];
        uint32_t got = board->get(board->self, text, sizeof text);
        ui->key = 0;
        return got != 0 ? (ctx_ui_field_put(f, text, got), 1) : 0;
    } else {
        return 0;
    }
    ui->key = 0;
    return 0;
}

/* What was typed. 1: the text is another. */
static int type(struct ctx_ui *ui, struct ctx_ui_field *f, uint32_t *bits)
{
    int changed = 0;
    if (ui->pasted != NULL && ui->pasted_len > 0) {
        ctx_ui_field_put(f, ui->pasted, ui->pasted_len);
        ui->pasted = NULL;
        changed = 1;
    }
    if (ui->text != 0 && ui->text <= 0x10ffff) {
        char utf8[4];
        uint32_t c = ui->text, n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (uint32_t i = n - 1; i > 0; i--, c >>= 6) {
            utf8[i] = (char)(0x80 | (c & 0x3f));
        }
        utf8[0] = (char)(n == 1 ? c : (0xf00u >> n & 0xff) | c);
        if (!(ui->modifiers & (CTX_MOD_CTRL | CTX_MOD_META)) || ui->modifiers & CTX_MOD_ALTGR) {
            ctx_ui_field_put(f, utf8, n);
            changed = 1;
        }
        ui->text = 0;
    }
    if (ui->key == CTX_KEY_ENTER) {
        *bits |= CTX_UI_ENTER;
        ui->key = 0;
    } else if (ui->modifiers & CTX_MOD_CTRL &&
               (ui->key == KEY_A || ui->key == KEY_C || ui->key == KEY_X || ui->key == KEY_V)) {
        changed |= shortcut(ui, f);
    } else if (ui->key == CTX_KEY_LEFT || ui->key == CTX_KEY_RIGHT || ui->key == CTX_KEY_HOME ||
               ui->key == CTX_KEY_END || ui->key == CTX_KEY_BACKSPACE ||
               ui->key == CTX_KEY_DELETE) {
        changed |= ctx_ui_field_key(f, ui->key, ui->modifiers);
        ui->key = 0;
    } else if (!(ui->modifiers & (CTX_MOD_CTRL | CTX_MOD_ALT | CTX_MOD_META)) &&
               ui->key == CTX_KEY_SPACE) {
        ui->key = 0; /* its character comes, too */
    }
    return changed;
}

static void draw(const struct ctx_ui *ui, struct ctx_rect r, const struct ctx_ui_field *f,
                 const char *hint, int focus, uint32_t flags)
{
    const struct ctx_theme *t = &ui->theme;
    struct ctx_draw d = ui->draw;
    int32_t thick = focus ? t->focus : t->border;
    ctx_draw_round(&d, r, t->radius, focus ? t->accent : t->line);
    ctx_draw_round(&d, ctx_rect_inset(r, thick), t->radius - thick, t->field);
    d.clip = ctx_rect_and(d.clip, ctx_rect_inset(r, t->focus + 1));
    int32_t x = r.x + t->gap - f->scroll, y = r.y + (r.h - t->body->height) / 2;
    uint32_t from = ui_field_from(f), to = ui_field_to(f);
    uint32_t color = flags & CTX_UI_DISABLED ? t->disabled : t->text;
    if (f->len == 0 && hint != NULL) {
        ctx_draw_text(&d, t->body, x, y, hint, CTX_TEXT_ALL, t->disabled);
    }
    x += ctx_draw_text(&d, t->body, x, y, f->text, from, color);
    int32_t caret = x, w = ctx_text_width(t->body, f->text + from, to - from);
    ctx_draw_fill(&d, CTX_RECT(x, y - 1, w, t->body->height + 2), focus ? t->select : t->control);
    ctx_draw_text(&d, t->body, x, y, f->text + from, to - from, focus ? t->on_select : color);
    ctx_draw_text(&d, t->body, x + w, y, f->text + to, f->len - to, color);
    caret += f->caret == from ? 0 : w;
    if (focus) {
        ctx_draw_fill(&d, CTX_RECT(caret, y, t->caret, t->body->height), t->accent);
    }
}

uint32_t ctx_ui_field(struct ctx_ui *ui, struct ctx_rect r, const char *name,
                      struct ctx_ui_field *f, const char *hint, uint32_t flags)
{
    const struct ctx_theme *t = &ui->theme;
    uint32_t id = ctx_ui_id(ui, name), bits = ctx_ui_control(ui, id, r, flags | CTX_UI_OWN_KEYS);
    uint32_t caret = f->caret, mark = f->mark;
    int32_t inner = r.w - 2 * t->gap;
    int changed = 0;
    if (bits & CTX_UI_FOCUS && ui->keys_here) {
        changed = type(ui, f, &bits);
    }
    if (bits & CTX_UI_DOWN || (bits & CTX_UI_HELD && ui->pointed)) {
        f->caret = ctx_text_at(t->body, f->text, f->len, ui->x - r.x - t->gap + f->scroll);
        f->mark = bits & CTX_UI_DOWN && !(ui->modifiers & CTX_MOD_SHIFT) ? f->caret : f->mark;
        if (bits & CTX_UI_DOWN && ui_double_click(ui, id)) {
            f->mark = 0;
            f->caret = f->len;
            ui->active = 0;
        }
    }
    int32_t at = ctx_text_width(t->body, f->text, f->caret),
            all = ctx_text_width(t->body, f->text, f->len);
    int32_t most = all + t->gap > inner ? all + t->gap - inner : 0;
    f->scroll = f->scroll > at                    ? at
                : f->scroll < at + t->gap - inner ? at + t->gap - inner
                                                  : f->scroll;
    f->scroll = f->scroll > most ? most : f->scroll < 0 ? 0 : f->scroll;
    int focus = bits & CTX_UI_FOCUS && ui->keys_here;
    uint32_t look =
        ctx_ui_mix(ctx_ui_mix_text(flags, f->text, f->len), ctx_ui_mix(f->caret, f->mark));
    look = ctx_ui_mix(ctx_ui_mix_text(look, f->len == 0 ? hint : NULL, CTX_TEXT_ALL),
                      (uint32_t)f->scroll * 2 + (uint32_t)focus);
    if (ctx_ui_look(ui, r, look)) {
        draw(ui, r, f, hint, focus, flags);
        ctx_ui_drawn(ui);
    }
    if (bits & CTX_UI_HOVER) {
        ui->cursor = CTX_CURSOR_TEXT;
    }
    ui->again |=
        (uint32_t)changed | (caret != f->caret) | (mark != f->mark) | (bits & CTX_UI_ENTER);
    return bits | (changed ? CTX_UI_CHANGED : 0);
}
