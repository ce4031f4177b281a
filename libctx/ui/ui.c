/* SPDX-License-Identifier: MIT */
/* Passes, events, focus, and which parts of the target are out of date. */
#include "ui.h"

#include <ctx/key.h>
#include <stddef.h>

#define AWAY (-1000000)
#define THIS 1u /* all is drawn in this pass, */
#define NEXT 2u /* or is to be in the next */

void ctx_ui_init(struct ctx_ui *ui, const struct ctx_theme *theme, uint32_t format)
{
    uint8_t *bytes = (uint8_t *)ui;
    for (size_t i = 0; i < sizeof *ui; i++) {
        bytes[i] = 0;
    }
    ui->theme = *theme;
    ui->format = format;
    ui->keys_here = 1;
    ui->all = NEXT;
    ui->x = ui->y = AWAY;
}

void ctx_ui_redraw(struct ctx_ui *ui)
{
    ui->all |= NEXT;
}

void ctx_ui_set_theme(struct ctx_ui *ui, const struct ctx_theme *theme)
{
    ui->theme = *theme;
    ctx_ui_redraw(ui);
}

void ctx_ui_paste(struct ctx_ui *ui, const char *text, uint32_t len)
{
    ui->pasted = text;
    ui->pasted_len = len;
}

uint32_t ctx_ui_merge(struct ctx_event *events, uint32_t count)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct ctx_event *e = &events[i], *last = left > 0 ? &events[left - 1] : e;
        int same = left > 0 && e->kind == CTX_EVENT_POINTER && last->kind == CTX_EVENT_POINTER &&
                   e->code == last->code && e->surface == last->surface;
        left += same ? 0 : 1;
        events[left - 1] = *e;
    }
    return left;
}

static void press(struct ctx_ui *ui, uint32_t buttons)
{
    ui->went_down = buttons & ~ui->buttons;
    ui->went_up = ui->buttons & ~buttons;
    ui->buttons = buttons;
    if (ui->went_down != 0) {
        ui->ring = 0;
    }
}

void ctx_ui_feed(struct ctx_ui *ui, const struct ctx_event *e)
{
    uint32_t button = e->code - CTX_BTN_LEFT; /* comes as a key, and with the next motion */
    ui->time_ns = e->time_ns;
    if (e->kind == CTX_EVENT_KEY || e->kind == CTX_EVENT_TEXT || e->kind == CTX_EVENT_POINTER ||
        e->kind == CTX_EVENT_WHEEL) {
        ui->modifiers = e->modifiers;
    }
    if (e->kind == CTX_EVENT_KEY && button < 8) {
        press(ui, e->value != 0 ? ui->buttons | 1u << button : ui->buttons & ~(1u << button));
    } else if (e->kind == CTX_EVENT_POINTER) {
        ui->x = e->surface != 0 ? e->x : e->x - ui->at_x;
        ui->y = e->surface != 0 ? e->y : e->y - ui->at_y;
        ui->pointed = 1;
        press(ui, e->code);
    } else if (e->kind == CTX_EVENT_KEY && e->value != 0) {
        ui->key = e->code;
        ui->repeated = e->value == 2;
    } else if (e->kind == CTX_EVENT_TEXT && e->code >= ' ' && e->code != 127) {
        ui->text = e->code;
    } else if (e->kind == CTX_EVENT_WHEEL) {
        ui->wheel = e->y;
    } else if (e->kind == CTX_EVENT_FOCUS) {
        ui->keys_here = 1;
    } else if (e->kind == CTX_EVENT_LEAVE) {
        ui->keys_here = e->code == 0 ? 0 : ui->keys_here;
        ui->x = ui->y = AWAY;
        ui->active = ui->buttons = 0;
    } else if (e->kind == CTX_EVENT_RESIZE || e->kind == CTX_EVENT_EXPOSE ||
               e->kind == CTX_EVENT_RESTORED) {
        ui->all = NEXT;
    }
}

void ui_damage(struct ctx_ui *ui, struct ctx_rect r)
{
    r = ctx_rect_and(r, CTX_RECT(0, 0, ui->draw.w, ui->draw.h));
    uint32_t best = 0;
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < ui->damages; i++) { /* the one that grows least; at best not at all */
        struct ctx_rect old = ui->damage[i], sum = ctx_rect_or(old, r);
        int64_t more = (int64_t)sum.w * sum.h - (int64_t)old.w * old.h - (int64_t)r.w * r.h;
        if (more < least) {
            best = i;
            least = more;
        }
    }
    if (r.w == 0) {
        return;
    }
    if (least > 0 && ui->damages < CTX_UI_DAMAGES) {
        ui->damage[ui->damages++] = r;
    } else {
        ui->damage[best] = ctx_rect_or(ui->damage[best], r);
    }
}

void ctx_ui_begin(struct ctx_ui *ui, void *pixels, uint32_t w, uint32_t h, uint32_t pitch)
{
    if (ui->draw.w != (int32_t)w || ui->draw.h != (int32_t)h) {
        ui->all = NEXT;
        ui->damages = 0; /* of another picture */
    }
    ui->draw = ctx_draw_on(pixels, w, h, pitch, ui->format);
    ui->pass++;
    ui->again = ui->drawn = ui->touched = ui->unkept = ui->ids = 0;
    ui->first = ui->last = ui->before = ui->after = ui->given = 0;
    ui->cursor = CTX_CURSOR_ARROW;
    ui->back = ui->theme.window;
    if (ui->wanted != 0) {
        ui->focus = ui->wanted;
        ui->wanted = 0;
    }
    if (ui->all != 0) {
        ui->all = THIS;
        for (uint32_t i = 0; i < CTX_UI_KEPT; i++) {
            ui->seen[i] = (struct ctx_ui_seen){0, 0, 0};
        }
        ui->live = 0;
        ctx_draw_clear(&ui->draw, ui->draw.clip, ui->back);
        ui_damage(ui, ui->draw.clip);
    }
}

/* Tab, and arrows that nobody wanted. */
static void move_focus(struct ctx_ui *ui)
{
    int back = ui->key == CTX_KEY_LEFT || ui->key == CTX_KEY_UP;
    int on = ui->key == CTX_KEY_RIGHT || ui->key == CTX_KEY_DOWN;
    if (ui->key == CTX_KEY_TAB) {
        back = (ui->modifiers & CTX_MOD_SHIFT) != 0;
        on = !back;
    }
    if ((!back && !on) || ui->modifiers & (CTX_MOD_CTRL | CTX_MOD_ALT | CTX_MOD_META)) {
        return;
    }
    uint32_t to =
        back ? (ui->before != 0 ? ui->before : ui->last) : (ui->after != 0 ? ui->after : ui->first);
    ui->again |= to != ui->focus || !ui->ring;
    ui->focus = to;
    ui->ring = 1;
}

int ctx_ui_end(struct ctx_ui *ui)
{
    ui->draw.clip = CTX_RECT(0, 0, ui->draw.w, ui->draw.h);
    uint32_t all = ui->all & THIS;
    ui->all &= NEXT;
    if (ui->popup != 0) {
        ui_popup(ui, all);
    } else {
        move_focus(ui);
    }
    if (ui->went_up & 1) {
        ui->active = 0;
        ui->again = 1;
    }
    if (ui->touched != ui->live || ui->unkept != ui->unkept_before) {
        ui->all = NEXT; /* something has gone or moved, and what lay there is still to be seen */
        ui->unkept_before = ui->unkept;
    }
    ui->key = ui->text = ui->pointed = ui->went_down = ui->went_up = 0;
    ui->wheel = 0;
    ui->pasted = NULL;
    return ui->all != 0 || ui->again != 0 || (ui->wanted != 0 && ui->wanted != ui->focus);
}

int ctx_ui_key(struct ctx_ui *ui, uint32_t code, uint32_t modifiers)
{
    uint32_t all = CTX_MOD_SHIFT | CTX_MOD_CTRL | CTX_MOD_ALT | CTX_MOD_META;
    if (ui->key != code || ui->popup != 0 || (ui->modifiers & all) != modifiers) {
        return 0;
    }
    ui->key = 0;
    ui->again = 1;
    return 1;
}

uint32_t ctx_ui_mix(uint32_t look, uint32_t number)
{
    look =
        ((look << 7 | look >> 25) + number + 1) * 0x9e3779b1u; /* two that are equal count, too */
    return look ^ look >> 15;
}

uint32_t ctx_ui_mix_text(uint32_t look, const char *text, uint32_t len)
{
    uint32_t i = 0;
    for (; text != NULL && i < len && text[i] != 0; i++) {
        look = (look ^ (uint8_t)text[i]) * 16777619u;
    }
    return ctx_ui_mix(look, i);
}

static uint32_t name_id(const char *name)
{
    return ctx_ui_mix_text(2166136261u, name, CTX_TEXT_ALL) | 1;
}

void ctx_ui_focus(struct ctx_ui *ui, const char *name)
{
    ui->wanted = name_id(name);
}

uint32_t ctx_ui_id(struct ctx_ui *ui, const char *name)
{
    uint32_t id = name_id(name), count = ui->ids < CTX_UI_KEPT ? ui->ids : CTX_UI_KEPT;
    for (uint32_t i = 0; i < count; i++) {
        if (ui->id[i] == id) {
            id += 2;
            i = UINT32_MAX; /* from the start: the next may be taken, too */
        }
    }
    ui->id[ui->ids++ % CTX_UI_KEPT] = id;
    return id;
}

int ctx_ui_ring(const struct ctx_ui *ui, uint32_t id)
{
    return ui->focus == id && ui->ring && ui->keys_here && !ui->popup;
}

int ctx_ui_ringed(const struct ctx_ui *ui)
{
    int passed = ui->after != 0 || (ui->last != 0 && ui->last == ui->focus);
    return passed && ui->ring && ui->keys_here && !ui->popup;
}

uint32_t ctx_ui_control(struct ctx_ui *ui, uint32_t id, struct ctx_rect r, uint32_t flags)
{
    uint32_t bits = 0;
    if (flags & CTX_UI_DISABLED || ui->popup != 0) {
        return 0;
    }
    if (!(flags & CTX_UI_NO_FOCUS)) {
        if (ui->focus == id) {
            ui->before = ui->last;
        } else if (ui->last == ui->focus && ui->last != 0) {
            ui->after = id;
        }
        ui->first = ui->first == 0 ? id : ui->first;
        ui->last = id;
    }
    if (ctx_rect_has(r, ui->x, ui->y) && (ui->active == 0 || ui->active == id)) {
        bits |= CTX_UI_HOVER | (ui->went_down & 2 ? CTX_UI_MENU : 0);
        if (ui->went_down & 1) {
            ui->active = id;
            if (!(flags & CTX_UI_NO_FOCUS)) {
                ui->focus = id;
            }
            ui->went_down &= ~1u;
            ui->again = 1;
            bits |= CTX_UI_DOWN;
        }
    }
    if (ui->active == id) {
        bits |= CTX_UI_HELD;
        if (ui->went_up & 1) {
            bits ^= CTX_UI_HELD;
            bits |= bits & CTX_UI_HOVER ? CTX_UI_CLICKED : 0;
        }
    }
    if (ui->focus == id && !(flags & CTX_UI_NO_FOCUS)) {
        bits |= CTX_UI_FOCUS;
        if ((ui->key == CTX_KEY_ENTER || ui->key == CTX_KEY_SPACE) && !(flags & CTX_UI_OWN_KEYS) &&
            !ui->repeated && !(ui->modifiers & (CTX_MOD_CTRL | CTX_MOD_ALT | CTX_MOD_META))) {
            ui->key = 0;
            ui->again = 1;
            bits |= CTX_UI_CLICKED;
        }
    }
    return bits;
}

int ctx_ui_look(struct ctx_ui *ui, struct ctx_rect r, uint32_t look)
{
    uint32_t key =
        ctx_ui_mix(ctx_ui_mix((uint32_t)r.x << 16 ^ (uint32_t)r.y, (uint32_t)r.w), (uint32_t)r.h) |
        1;
    uint32_t at = key >> 8;
    struct ctx_ui_seen *seen = &ui->seen[at % CTX_UI_KEPT];
    while (seen->key != 0 && (seen->key != key || seen->pass == ui->pass)) {
        key += seen->key == key ? 2 : 0; /* another control of this pass lies just there */
        seen = &ui->seen[++at % CTX_UI_KEPT];
    }
    look = ctx_ui_mix(look, ui->back);
    if (seen->key == key && seen->look == look) {
        seen->pass = ui->pass;
        ui->touched++;
        return 0;
    }
    if (seen->key == key || ui->live < CTX_UI_KEPT * 3 / 4) {
        ui->live += seen->key == 0;
        ui->touched++;
        *seen = (struct ctx_ui_seen){key, look, ui->pass};
    } else {
        ui->unkept++;
    }
    ui->drawn = 1;
    ui_damage(ui, r);
    ui->draw.clip = ctx_rect_and(r, CTX_RECT(0, 0, ui->draw.w, ui->draw.h));
    if (!(ui->all & THIS)) { /* then begin has wiped it out, or a panel */
        ctx_draw_clear(&ui->draw, r, ui->back);
    }
    return 1;
}

void ctx_ui_drawn(struct ctx_ui *ui)
{
    ui->draw.clip = CTX_RECT(0, 0, ui->draw.w, ui->draw.h);
}
