/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <ctx/key.h>

#define KEY_F11       87u
#define KEY_F12       88u
#define KEY_F10       68u
#define KP_ENTER      96u
#define KP_SLASH      98u
#define KP_STAR       55u
#define KP_MINUS      74u
#define KP_PLUS       78u
#define KP_FIRST      71u /* 7 8 9 - 4 5 6 + 1 2 3 0 . */
#define KP_LAST       83u
#define WHEEL_UP      4
#define WHEEL_DOWN    5
#define WHEEL_AT_ONCE 8

static VTermModifier modifiers_of(uint32_t m)
{
    return (VTermModifier)((m & CTX_MOD_SHIFT ? VTERM_MOD_SHIFT : 0) |
                           (m & CTX_MOD_CTRL ? VTERM_MOD_CTRL : 0) |
                           (m & CTX_MOD_ALT ? VTERM_MOD_ALT : 0));
}

static uint32_t utf8(uint32_t c, uint8_t out[4])
{
    static const uint8_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    uint32_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (uint32_t i = len; i-- > 1; c >>= 6) {
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    }
    out[0] = (uint8_t)(heads[len] | c);
    return len;
}

/* A byte, behind ESC with Alt. */
static void send_byte(struct tty *t, uint8_t byte, uint32_t modifiers)
{
    const uint8_t both[2] = {0x1b, byte};
    if (modifiers & CTX_MOD_ALT) {
        tty_send(t, both, 2);
    } else {
        tty_send(t, &byte, 1);
    }
}

static VTermKey named(uint32_t code)
{
    switch (code) {
    case CTX_KEY_UP:
        return VTERM_KEY_UP;
    case CTX_KEY_DOWN:
        return VTERM_KEY_DOWN;
    case CTX_KEY_LEFT:
        return VTERM_KEY_LEFT;
    case CTX_KEY_RIGHT:
        return VTERM_KEY_RIGHT;
    case CTX_KEY_HOME:
        return VTERM_KEY_HOME;
    case CTX_KEY_END:
        return VTERM_KEY_END;
    case CTX_KEY_PAGEUP:
        return VTERM_KEY_PAGEUP;
    case CTX_KEY_PAGEDOWN:
        return VTERM_KEY_PAGEDOWN;
    case CTX_KEY_INSERT:
        return VTERM_KEY_INS;
    case CTX_KEY_DELETE:
        return VTERM_KEY_DEL;
    default:
        break;
    }
    if (code >= CTX_KEY_F1 && code <= KEY_F10) {
        return (VTermKey)VTERM_KEY_FUNCTION(code - CTX_KEY_F1 + 1);
    }
    return code == KEY_F11 || code == KEY_F12 ? (VTermKey)VTERM_KEY_FUNCTION(code - KEY_F11 + 11)
                                              : VTERM_KEY_NONE;
}

/* The number pad's, which layouts say nothing of. */
static int keypad(struct tty *t, uint32_t code, uint32_t modifiers)
{
    static const char digits[] = "789-456+1230.";
    static const VTermKey moves[] = {
        VTERM_KEY_HOME,     VTERM_KEY_UP,    VTERM_KEY_PAGEUP, VTERM_KEY_NONE, VTERM_KEY_LEFT,
        VTERM_KEY_NONE,     VTERM_KEY_RIGHT, VTERM_KEY_NONE,   VTERM_KEY_END,  VTERM_KEY_DOWN,
        VTERM_KEY_PAGEDOWN, VTERM_KEY_INS,   VTERM_KEY_DEL};
    if (code < KP_FIRST || code > KP_LAST) {
        return 0;
    }
    uint32_t i = code - KP_FIRST;
    if (moves[i] == VTERM_KEY_NONE || (modifiers & CTX_MOD_NUM) != 0) {
        send_byte(t, (uint8_t)digits[i], modifiers);
    } else {
        vterm_keyboard_key(t->screen.vt, moves[i], modifiers_of(modifiers));
        tty_settle(t);
    }
    return 1;
}

/* Keys with a control character of their own: libvterm says Ctrl and Shift with them in a way that
 * no program asked for. */
static int plain(struct tty *t, uint32_t code, uint32_t modifiers)
{
    int ctrl = (modifiers & CTX_MOD_CTRL) != 0;
    switch (code) {
    case CTX_KEY_ENTER:
    case KP_ENTER:
        send_byte(t, '\r', modifiers);
        return 1;
    case CTX_KEY_BACKSPACE:
        send_byte(t, ctrl ? 0x08 : 0x7f, modifiers);
        return 1;
    case CTX_KEY_ESC:
        send_byte(t, 0x1b, modifiers);
        return 1;
    case CTX_KEY_TAB:
        if (modifiers & CTX_MOD_SHIFT) {
            tty_send(t, (const uint8_t *)"\x1b[Z", 3);
        } else {
            send_byte(t, '\t', modifiers);
        }
        return 1;
    case KP_SLASH:
        send_byte(t, '/', modifiers);
        return 1;
    case KP_STAR:
        send_byte(t, '*', modifiers);
        return 1;
    default:
        return 0;
    }
}

/* The control character of Ctrl and a character; -1: it has none. */
static int control_of(uint32_t c)
{
    if (c >= '@' && c <= '~') {
        return (int)(c & 0x1f);
    }
    switch (c) {
    case ' ':
    case '2':
        return 0;
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
        return (int)(c - '3' + 0x1b);
    case '/':
        return 0x1f;
    case '8':
    case '?':
        return 0x7f;
    default:
        return -1;
    }
}

int keys_key(struct tty *t, struct ctx_keyboard *keyboard, const struct ctx_event *e)
{
    uint32_t also, c = ctx_keyboard_event(keyboard, e->code, e->value != 0, &also);
    VTermKey key = named(e->code);
    if (e->value == 0) {
        return 0;
    }
    if (plain(t, e->code, e->modifiers) || keypad(t, e->code, e->modifiers)) {
        return 1;
    }
    if (key != VTERM_KEY_NONE) {
        vterm_keyboard_key(t->screen.vt, key, modifiers_of(e->modifiers));
        tty_settle(t);
        return 1;
    }
    int control = (e->modifiers & CTX_MOD_CTRL) != 0 && c != 0 ? control_of(c) : -1;
    if (control >= 0) {
        send_byte(t, (uint8_t)control, e->modifiers);
    }
    return control >= 0;
}

/* What is typed with Enter and the like came as a key. */
void keys_text(struct tty *t, const struct ctx_event *e)
{
    uint8_t bytes[5] = {0x1b};
    if (e->code < 0x20 || e->code == 0x7f || e->code > 0x10ffff) {
        return;
    }
    uint32_t len = utf8(e->code, bytes + 1);
    int alt = (e->modifiers & CTX_MOD_ALT) != 0;
    tty_send(t, alt ? bytes : bytes + 1, len + (uint32_t)alt);
}

void keys_mouse(struct tty *t, int row, int column, int button, int down, uint32_t modifiers)
{
    if (t->screen.mouse == VTERM_PROP_MOUSE_NONE) {
        return;
    }
    vterm_mouse_move(t->screen.vt, row, column, modifiers_of(modifiers));
    if (button != 0) {
        vterm_mouse_button(t->screen.vt, button, down != 0, modifiers_of(modifiers));
    }
    tty_settle(t);
}

/* A step is a press: libvterm takes a release for another one. */
void keys_wheel(struct tty *t, int row, int column, int steps, uint32_t modifiers)
{
    int button = steps > 0 ? WHEEL_UP : WHEEL_DOWN;
    steps = steps < 0 ? -steps : steps;
    vterm_mouse_move(t->screen.vt, row, column, modifiers_of(modifiers));
    for (int i = 0; i < steps && i < WHEEL_AT_ONCE; i++) {
        vterm_mouse_button(t->screen.vt, button, true, modifiers_of(modifiers));
    }
    tty_settle(t);
}

void keys_arrows(struct tty *t, int steps)
{
    VTermKey key = steps > 0 ? VTERM_KEY_UP : VTERM_KEY_DOWN;
    steps = steps < 0 ? -steps : steps;
    for (int i = 0; i < steps * 3 && i < 3 * WHEEL_AT_ONCE; i++) {
        vterm_keyboard_key(t->screen.vt, key, VTERM_MOD_NONE);
    }
    tty_settle(t);
}
