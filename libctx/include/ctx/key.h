/* SPDX-License-Identifier: MIT */
/*
 * <ctx/key.h> - key codes by name. The numbers are those of the evdev protocol (Linux
 * input-event-codes.h), which virtio-input uses too. Only the codes that apps commonly name are
 * listed; any code may arrive.
 */
#ifndef CTX_KEY_H
#define CTX_KEY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTX_KEY_ESC        1
#define CTX_KEY_1          2 /* 2..10 are the digits 1..9 */
#define CTX_KEY_0          11
#define CTX_KEY_MINUS      12
#define CTX_KEY_EQUAL      13
#define CTX_KEY_BACKSPACE  14
#define CTX_KEY_TAB        15
#define CTX_KEY_ENTER      28
#define CTX_KEY_LEFTCTRL   29
#define CTX_KEY_LEFTSHIFT  42
#define CTX_KEY_RIGHTSHIFT 54
#define CTX_KEY_LEFTALT    56
#define CTX_KEY_SPACE      57
#define CTX_KEY_CAPSLOCK   58
#define CTX_KEY_F1         59 /* 59..68 are F1..F10 */
#define CTX_KEY_NUMLOCK    69
#define CTX_KEY_RIGHTCTRL  97
#define CTX_KEY_RIGHTALT   100
#define CTX_KEY_HOME       102
#define CTX_KEY_UP         103
#define CTX_KEY_PAGEUP     104
#define CTX_KEY_LEFT       105
#define CTX_KEY_RIGHT      106
#define CTX_KEY_END        107
#define CTX_KEY_DOWN       108
#define CTX_KEY_PAGEDOWN   109
#define CTX_KEY_INSERT     110
#define CTX_KEY_DELETE     111
#define CTX_KEY_POWER      116
#define CTX_KEY_LEFTMETA   125
#define CTX_KEY_RIGHTMETA  126

#define CTX_BTN_LEFT       0x110
#define CTX_BTN_RIGHT      0x111
#define CTX_BTN_MIDDLE     0x112
#define CTX_BTN_SIDE       0x113

/*
 * The name of a key ("A", "LEFTSHIFT", "BTN_LEFT") as its position on a US keyboard has it; NULL
 * for a code without one. Static.
 */
const char *ctx_key_name(uint64_t code);

#ifdef __cplusplus
}
#endif
#endif
