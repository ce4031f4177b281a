/* SPDX-License-Identifier: MIT */
/* Events of what devices say: keys, the text they mean, buttons, pointer, wheel. */
#include "event_private.h"

#include <kernel/string.h>

#include <ctx/key.h>
#include <ctx/keymap.h>

/* Of ctx_keymap_get(): US, which serial_keys.c makes codes for. */
#define SERIAL_LAYOUT 0u
#define WHEEL_STEP    120 /* of dx, dy */

/* [boot, loop, in a call] */
static struct {
    uint32_t buttons;
    int32_t wheel_rest[2]; /* across and away, of a step that is not whole yet */
    bool from_serial;
    struct ctx_keyboard keyboard;
    uint32_t held; /* CTX_MOD_*: what the keyboard's state does not have */
    uint8_t metas; /* held: a bit for each of two keys */
    bool num_held; /* so that automatic repeats do not count */
} state;

void event_set_layout(uint32_t layout)
{
    state.keyboard.layout = layout;
    state.keyboard.dead = 0;
}

uint32_t event_layout(void)
{
    return state.keyboard.layout;
}

bool event_set_layout_by_name(const char *name, size_t len)
{
    for (uint32_t i = 0; i < ctx_keymap_count(); i++) {
        const char *known = ctx_keymap_get(i)->name;
        if (strlen(known) == len && memcmp(known, name, len) == 0) {
            event_set_layout(i);
            return true;
        }
    }
    return false;
}

uint32_t event_modifiers(void)
{
    const struct ctx_keyboard *k = &state.keyboard;
    return state.held | (k->shift != 0 ? CTX_MOD_SHIFT : 0) | (k->ctrl != 0 ? CTX_MOD_CTRL : 0) |
           (k->altgr != 0 ? CTX_MOD_ALTGR : 0) | ((k->caps & 1) != 0 ? CTX_MOD_CAPS : 0);
}

void event_send(uint64_t to, const struct ctx_event *event)
{
    struct ctx_event out = *event;
    out.modifiers = out.modifiers != 0 ? out.modifiers : event_modifiers();
    event_push(out, to);
}

/* The keys that no text depends on. */
static void hold(uint32_t code, bool down)
{
    switch (code) {
    case CTX_KEY_LEFTALT:
        state.held = down ? state.held | CTX_MOD_ALT : state.held & ~(uint32_t)CTX_MOD_ALT;
        break;
    case CTX_KEY_LEFTMETA:
    case CTX_KEY_RIGHTMETA: {
        uint8_t bit = code == CTX_KEY_LEFTMETA ? 1 : 2;
        state.metas = (uint8_t)(down ? state.metas | bit : state.metas & ~bit);
        state.held =
            state.metas != 0 ? state.held | CTX_MOD_META : state.held & ~(uint32_t)CTX_MOD_META;
        break;
    }
    case CTX_KEY_NUMLOCK:
        state.held ^= down && !state.num_held ? CTX_MOD_NUM : 0u;
        state.num_held = down;
        break;
    default:
        break;
    }
}

static struct ctx_event key_event(uint32_t code, uint32_t value, struct route to)
{
    return (struct ctx_event){.kind = CTX_EVENT_KEY,
                              .flags = state.from_serial ? CTX_EVENT_SERIAL : 0,
                              .code = code,
                              .value = value,
                              .surface = to.surface,
                              .modifiers = event_modifiers()};
}

void event_button(uint32_t code, uint32_t value, struct route to, int32_t x, int32_t y)
{
    uint32_t bit = 1u << (code - CTX_BTN_LEFT);
    state.buttons = value != 0 ? state.buttons | bit : state.buttons & ~bit;
    struct ctx_event event = key_event(code, value, to);
    event.x = x;
    event.y = y;
    event_push(event, to.to);
}

void event_key(uint32_t code, uint32_t value, struct route to)
{
    uint32_t also, layout = state.keyboard.layout;
    if (state.from_serial) { /* a terminal has its own layout: what it sent is what was meant */
        state.keyboard.layout = SERIAL_LAYOUT;
    }
    uint32_t text = ctx_keyboard_event(&state.keyboard, code, value != 0, &also);
    state.keyboard.layout = layout;
    hold(code, value != 0);
    struct ctx_event event = key_event(code, value, to);
    event_push(event, to.to);
    event.kind = CTX_EVENT_TEXT;
    event.value = 0;
    if (text != 0 && state.keyboard.ctrl == 0) {
        if (also != 0) {
            event.code = also;
            event_push(event, to.to);
        }
        event.code = text;
        event_push(event, to.to);
    }
}

void event_key_up(uint32_t code, struct route to)
{
    event_push(key_event(code, 0, to), to.to);
}

bool event_is_from_serial(void)
{
    return state.from_serial;
}

void event_from_serial(bool serial)
{
    state.from_serial = serial;
}

void event_pointer(int32_t x, int32_t y, int32_t dx, int32_t dy, struct route to)
{
    event_push((struct ctx_event){.kind = CTX_EVENT_POINTER,
                                  .code = state.buttons,
                                  .x = x,
                                  .y = y,
                                  .surface = to.surface,
                                  .modifiers = event_modifiers(),
                                  .dx = dx,
                                  .dy = dy},
               to.to);
}

/* Steps in the unit of dx, dy. A device may say anything. */
static int32_t of_steps(int32_t steps)
{
    int32_t most = INT32_MAX / WHEEL_STEP;
    return (steps < -most ? -most : MIN(steps, most)) * WHEEL_STEP;
}

static void turn_wheel(int32_t x, int32_t y, int32_t dx, int32_t dy, struct route to)
{
    event_push((struct ctx_event){.kind = CTX_EVENT_WHEEL,
                                  .x = x,
                                  .y = y,
                                  .surface = to.surface,
                                  .modifiers = event_modifiers(),
                                  .dx = dx,
                                  .dy = dy},
               to.to);
}

void event_wheel(int32_t dx, int32_t dy, struct route to)
{
    turn_wheel(dx, dy, of_steps(dx), of_steps(dy), to);
}

/* Whole steps of what has come together so far; the rest stays. */
static int32_t whole_steps(int32_t *rest, int32_t parts)
{
    int32_t steps = (*rest + parts) / WHEEL_STEP;
    *rest = (*rest + parts) % WHEEL_STEP;
    return steps;
}

void event_wheel_parts(int32_t dx, int32_t dy, struct route to)
{
    int32_t x = whole_steps(&state.wheel_rest[0], dx);
    turn_wheel(x, whole_steps(&state.wheel_rest[1], dy), dx, dy, to);
}
