/* SPDX-License-Identifier: MIT */
/*
 * Keys, pointer and wheel of the whole system: what devices say goes to whoever hears it, as events
 * of version 3 (event.c) and into the queue of versions 1 and 2 (input_view.c).
 */
#include "input.h"

#include "event.h"
#include "input_view.h"
#include "route.h"

#include <kernel/input.h>
#include <kernel/string.h>

#define ASKS 8u

/* A key whose addressee is not decided. */
struct kept {
    uint16_t code;
    uint8_t value;
    bool serial;
};
#define KEPT 64u

/* [boot, loop, in a call] */
static struct {
    uint8_t held[INPUT_KEYS];
    uint8_t told[INPUT_KEYS]; /* its owner has heard that it is down, and not that it is up */
    uint64_t owner[INPUT_KEYS];
    uint32_t held_keys, held_buttons;
    uint32_t width, height; /* of the screen */
    uint32_t x, y;
    uint32_t set_x,
        set_y; /* where a device that says places has it, also when it does not go there */
    enum input_asks asks[ASKS]; /* in order; more at once nobody means */
    uint32_t asked;
    struct kept kept[KEPT]; /* keys that wait, the oldest first */
    uint32_t kept_count;
} state;

uint32_t input_room(void)
{
    /* A key is up to three events of version 3: itself, and the characters it means. */
    return MIN(input_queue_room(), event_room() / 3);
}

static void add_ask(enum input_asks what)
{
    if (state.asked < ASKS) {
        state.asks[state.asked++] = what;
    }
}

static void ask(uint32_t code)
{
    static const struct {
        uint16_t code;
        enum input_asks asks;
    } keys[] = {
        {CTX_KEY_DELETE, INPUT_ASKS_REBOOT},      {CTX_KEY_INSERT, INPUT_ASKS_SAVE},
        {CTX_KEY_HOME, INPUT_ASKS_LOAD},          {CTX_KEY_PAGEUP, INPUT_ASKS_NEXT_SLOT},
        {CTX_KEY_PAGEDOWN, INPUT_ASKS_LAST_SLOT},
    };
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        if (keys[i].code == code) {
            add_ask(keys[i].asks);
        }
    }
}

void input_power_button(void)
{
    add_ask(INPUT_ASKS_POWER_OFF);
}

static void count_held(uint32_t code, bool down)
{
    uint32_t *count = input_is_button(code) ? &state.held_buttons : &state.held_keys;
    *count += down ? 1u : -1u;
}

/* ---- the pointer, to whoever hears it ---- */

static void tell_pointer(int32_t dx, int32_t dy)
{
    int32_t x, y;
    struct route to = route_pointer(state.x, state.y, &x, &y);
    event_pointer(x, y, dx, dy, to);
}

/* A window came, moved or went below a pointer that stands still. */
static void tell_pointer_anew(void)
{
    if (route_is_elsewhere(state.x, state.y)) {
        tell_pointer(0, 0);
    }
}

/* ---- a key, to whoever hears it ---- */

static void deliver(uint32_t code, uint32_t value)
{
    struct route to;
    uint32_t modifiers = event_modifiers();
    if (value == INPUT_KEY_DOWN) {
        if (input_is_button(code)) {
            tell_pointer_anew();
        }
        count_held(code, true);
        to = route_down(code, modifiers, state.x, state.y);
        state.owner[code] = to.to;
        state.told[code] = true;
    } else { /* whoever saw it go down, also when the focus has moved */
        to = (struct route){state.owner[code],
                            route_surface_of(state.owner[code], input_is_button(code))};
    }
    if (input_is_button(code)) {
        int32_t x, y;
        (void)route_pointer(state.x, state.y, &x, &y); /* a button that is held holds it */
        event_button(code, value, to, x, y);
    } else {
        event_key(code, value, to);
    }
    input_queue_key(code, value != INPUT_KEY_UP, to.to);
    if (value == INPUT_KEY_UP) {
        state.told[code] = false;
        count_held(code, false);
        route_up(code, modifiers, state.held_keys, state.held_buttons);
    }
}

/* ---- keys that wait for the manager to move the focus (route_waits) ---- */

static void deliver_oldest(void)
{
    struct kept first = state.kept[0];
    bool serial = event_is_from_serial();
    memmove(&state.kept[0], &state.kept[1], --state.kept_count * sizeof first);
    event_from_serial(first.serial);
    deliver(first.code, first.value);
    event_from_serial(serial);
}

void input_settle(void)
{
    while (state.kept_count > 0 && !route_waits()) {
        deliver_oldest();
    }
}

static void keep(uint32_t code, uint32_t value)
{
    while (state.kept_count == KEPT) { /* somebody types faster than apps are called */
        deliver_oldest();
    }
    state.kept[state.kept_count++] =
        (struct kept){(uint16_t)code, (uint8_t)value, event_is_from_serial()};
}

void input_key(uint32_t code, uint32_t value)
{
    if (code >= INPUT_KEYS || value > INPUT_KEY_REPEAT) {
        return;
    }
    /* Devices differ in what a held key sends; nothing can go up that is not down. */
    if (value == INPUT_KEY_UP && !state.held[code]) {
        return;
    }
    if (value != INPUT_KEY_UP) {
        value = state.held[code] ? INPUT_KEY_REPEAT : INPUT_KEY_DOWN;
    }
    state.held[code] = value != INPUT_KEY_UP;
    bool ctrl = state.held[CTX_KEY_LEFTCTRL] || state.held[CTX_KEY_RIGHTCTRL];
    bool alt = state.held[CTX_KEY_LEFTALT] || state.held[CTX_KEY_RIGHTALT];
    if (ctrl && alt && value == INPUT_KEY_DOWN) {
        ask(code);
    }
    input_settle();
    if (!input_is_button(code) && (state.kept_count > 0 || route_waits())) {
        keep(code, value);
    } else {
        deliver(code, value);
    }
}

void input_release(uint64_t of, uint64_t to)
{
    for (uint32_t code = 0; code < INPUT_KEYS; code++) {
        if (state.told[code] && !input_is_button(code) && state.owner[code] == of) {
            state.owner[code] = to;
            event_key_up(code, (struct route){of, route_surface_of(of, false)});
            input_queue_key(code, false, of);
        }
    }
}

void input_leave_canvas(const struct app *app)
{
    event_leave_canvas(app);
    for (uint32_t code = 0; code < INPUT_KEYS; code++) {
        if (state.told[code] && state.owner[code] == ROUTE_CANVAS) {
            event_key_up(code, (struct route){app->pid, 0});
            input_queue_key(code, false, app->pid);
        }
    }
}

void input_pointer_move(int32_t dx, int32_t dy)
{
    if (state.width == 0) {
        return; /* no screen yet */
    }
    if (!route_is_relative()) {
        int64_t x = (int64_t)state.x + dx;
        int64_t y = (int64_t)state.y + dy;
        state.x = (uint32_t)(x < 0 ? 0 : MIN(x, (int64_t)state.width - 1));
        state.y = (uint32_t)(y < 0 ? 0 : MIN(y, (int64_t)state.height - 1));
        state.set_x = state.x;
        state.set_y = state.y;
    }
    tell_pointer(dx, dy);
}

void input_pointer_set(uint32_t x, uint32_t max_x, uint32_t y, uint32_t max_y)
{
    if (max_x == 0 || max_y == 0 || state.width == 0) {
        return;
    }
    uint32_t was_x = state.set_x, was_y = state.set_y;
    state.set_x = (uint32_t)((uint64_t)MIN(x, max_x) * (state.width - 1) / max_x);
    state.set_y = (uint32_t)((uint64_t)MIN(y, max_y) * (state.height - 1) / max_y);
    if (!route_is_relative()) {
        state.x = state.set_x;
        state.y = state.set_y;
    }
    tell_pointer((int32_t)(state.set_x - was_x), (int32_t)(state.set_y - was_y));
}

void input_pointer(uint32_t *x, uint32_t *y)
{
    *x = state.x;
    *y = state.y;
}

void input_pointer_place(uint32_t x, uint32_t y)
{
    state.x = state.set_x = MIN(x, MAX(state.width, 1u) - 1);
    state.y = state.set_y = MIN(y, MAX(state.height, 1u) - 1);
}

void input_wheel(int32_t dx, int32_t dy)
{
    tell_pointer_anew();
    event_wheel(dx, dy, route_wheel());
}

void input_wheel_parts(int32_t dx, int32_t dy)
{
    tell_pointer_anew();
    event_wheel_parts(dx, dy, route_wheel());
}

void input_set_screen(uint32_t width, uint32_t height)
{
    state.width = width;
    state.height = height;
    state.x = state.set_x = width / 2;
    state.y = state.set_y = height / 2;
}

void input_resize_screen(uint32_t width, uint32_t height)
{
    uint64_t x = (uint64_t)state.x * width / MAX(state.width, 1u);
    uint64_t y = (uint64_t)state.y * height / MAX(state.height, 1u);
    state.width = width;
    state.height = height;
    input_pointer_place((uint32_t)x, (uint32_t)y);
}

enum input_asks input_asked(void)
{
    if (state.asked == 0) {
        return INPUT_ASKS_NOTHING;
    }
    enum input_asks first = state.asks[0];
    state.asked--;
    memmove(state.asks, state.asks + 1, state.asked * sizeof state.asks[0]);
    return first;
}

bool input_is_held(const struct app *app, uint32_t code)
{
    return code < INPUT_KEYS && state.told[code] && route_hears(app, state.owner[code]);
}
