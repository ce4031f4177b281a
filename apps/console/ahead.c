/* SPDX-License-Identifier: MIT */
#include "ahead.h"

#include "console.h"
#include "repl.h"

#define DOWN 0x8000u

int ahead_keep(struct console *c, uint64_t code, int down)
{
    struct ahead *a = &c->ahead;
    uint32_t also;
    int script = c->repl != NULL && repl_is_running(c->repl); /* that has keys of its own */
    if (script || (!work_runs(c) && a->count == 0)) {
        return 0;
    }
    if (a->count == 0) {
        a->watch = c->keyboard;
    }
    uint32_t character = ctx_keyboard_event(&a->watch, code, down, &also);
    if (down && a->watch.ctrl != 0 && (character | 0x20) == 'c') {
        work_stop(c);
        c->keyboard = a->watch;
        a->count = 0;
        return 1;
    }
    if (a->count < AHEAD_KEYS && code < DOWN) {
        a->keys[(a->first + a->count++) % AHEAD_KEYS] = (uint16_t)(code | (down ? DOWN : 0));
    }
    return 1;
}

int ahead_take(struct console *c, uint64_t *code, int *down)
{
    struct ahead *a = &c->ahead;
    if (a->count == 0 || work_runs(c)) {
        return 0;
    }
    *code = a->keys[a->first] & (DOWN - 1);
    *down = (a->keys[a->first] & DOWN) != 0;
    a->first = (a->first + 1) % AHEAD_KEYS;
    a->count--;
    return 1;
}
