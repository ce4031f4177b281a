/* SPDX-License-Identifier: MIT */
/* Terminal input (ECMA-48 control sequences as xterm sends them) to evdev codes. */
#include "serial_keys.h"

#include "event.h"

#include <kernel/input.h>

#include <ctx/key.h>

#define SHIFT 0x80u

/* Codes for 0x20..0x7e on a US layout. */
static const uint8_t
    ascii_keys[95] =
        {
            57,         2 | SHIFT,  40 | SHIFT, 4 | SHIFT,  5 | SHIFT,  6 | SHIFT,
            8 | SHIFT,  40, /* space ! " # $ % & ' */
            10 | SHIFT, 11 | SHIFT, 9 | SHIFT,  13 | SHIFT, 51,         12,
            52,         53, /* ( ) * + , - . / */
            11,         2,          3,          4,          5,          6,
            7,          8,          9,          10, /* 0-9 */
            39 | SHIFT, 39,         51 | SHIFT, 13,         52 | SHIFT, 53 | SHIFT,
            3 | SHIFT, /* : ; < = > ? @ */
            30 | SHIFT, 48 | SHIFT, 46 | SHIFT, 32 | SHIFT, 18 | SHIFT, 33 | SHIFT,
            34 | SHIFT, /* A-G */
            35 | SHIFT, 23 | SHIFT, 36 | SHIFT, 37 | SHIFT, 38 | SHIFT, 50 | SHIFT,
            49 | SHIFT, /* H-N */
            24 | SHIFT, 25 | SHIFT, 16 | SHIFT, 19 | SHIFT, 31 | SHIFT, 20 | SHIFT,
            22 | SHIFT,                                                     /* O-U */
            47 | SHIFT, 17 | SHIFT, 45 | SHIFT, 21 | SHIFT, 44 | SHIFT,     /* V-Z */
            26,         43,         27,         7 | SHIFT,  12 | SHIFT, 41, /* [ \ ] ^ _ ` */
            30,         48,         46,         32,         18,         33,
            34,         35,         23,         36,         37,         38,
            50,         49,         24,         25,         16,         19,
            31,         20,         22,         47,         17,         45,
            21,         44,                                 /* a-z */
            26 | SHIFT, 43 | SHIFT, 27 | SHIFT, 41 | SHIFT, /* { | } ~ */
};

/* Whoever reads events can tell: the serial line has no pointer, so no window has its focus. */
static void key(uint32_t code, uint32_t value)
{
    event_from_serial(true);
    input_key(code, value);
    event_from_serial(false);
}

static void tap(uint32_t code)
{
    key(code, INPUT_KEY_DOWN);
    key(code, INPUT_KEY_UP);
}

static void tap_with(uint32_t modifier, uint32_t code)
{
    key(modifier, INPUT_KEY_DOWN);
    tap(code);
    key(modifier, INPUT_KEY_UP);
}

static void text_byte(uint8_t byte)
{
    if (byte >= 0x20 && byte <= 0x7e) {
        uint32_t key = ascii_keys[byte - 0x20];
        if ((key & SHIFT) != 0) {
            tap_with(CTX_KEY_LEFTSHIFT, key & ~SHIFT);
        } else {
            tap(key);
        }
        return;
    }
    switch (byte) {
    case '\r':
    case '\n':
        tap(CTX_KEY_ENTER);
        break;
    case '\t':
        tap(CTX_KEY_TAB);
        break;
    case 0x08:
    case 0x7f:
        tap(CTX_KEY_BACKSPACE);
        break;
    default:
        if (byte >= 1 && byte <= 26) { /* Ctrl and a letter */
            tap_with(CTX_KEY_LEFTCTRL, ascii_keys['a' - 0x20 + byte - 1]);
        }
        break;
    }
}

static void sequence_end(uint8_t byte, uint8_t parameter)
{
    static const struct {
        uint8_t final, parameter, key;
    } table[] = {
        {'A', 0, CTX_KEY_UP},   {'B', 0, CTX_KEY_DOWN},   {'C', 0, CTX_KEY_RIGHT},
        {'D', 0, CTX_KEY_LEFT}, {'H', 0, CTX_KEY_HOME},   {'F', 0, CTX_KEY_END},
        {'~', 1, CTX_KEY_HOME}, {'~', 2, CTX_KEY_INSERT}, {'~', 3, CTX_KEY_DELETE},
        {'~', 4, CTX_KEY_END},  {'~', 5, CTX_KEY_PAGEUP}, {'~', 6, CTX_KEY_PAGEDOWN},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        if (table[i].final == byte && table[i].parameter == parameter) {
            tap(table[i].key);
        }
    }
}

void serial_keys_byte(struct serial_keys *keys, uint8_t byte)
{
    switch (keys->state) {
    case 1:
        if (byte == '[' || byte == 'O') {
            keys->state = 2;
            keys->parameter = 0;
            return;
        }
        serial_keys_pause(keys);
        break;
    case 2:
        if (byte >= '0' && byte <= '9') {
            keys->parameter = (uint8_t)(keys->parameter * 10 + byte - '0');
        } else if (byte >= 0x40 && byte <= 0x7e) {
            sequence_end(byte, keys->parameter);
            keys->state = 0;
        } else if (byte != ';') {
            keys->state = 0;
        }
        return;
    default:
        break;
    }
    if (byte == 0x1b) {
        keys->state = 1;
        return;
    }
    text_byte(byte);
}

void serial_keys_pause(struct serial_keys *keys)
{
    if (keys->state == 1) {
        tap(CTX_KEY_ESC);
    }
    keys->state = 0;
}

bool serial_keys_pending(const struct serial_keys *keys)
{
    return keys->state != 0;
}
