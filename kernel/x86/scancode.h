/* SPDX-License-Identifier: MIT */
/*
 * What a PS/2 keyboard and mouse send, as evdev codes: without ports, so that it can be tried
 * anywhere. Scan codes are those of set 1, into which the controller translates.
 *
 * Sources: IBM PS/2 Hardware Interface Technical Reference, "Keyboard"; Microsoft, Keyboard Scan
 * Code Specification 1.3a, appendix C; the numbers of linux/input-event-codes.h.
 */
#ifndef KERNEL_X86_SCANCODE_H
#define KERNEL_X86_SCANCODE_H

#include <kernel/types.h>

/* What one byte makes of it: at most this many keys. */
#define SCANCODE_KEYS 2u

struct scancode_key {
    uint16_t code;
    bool down;
};

struct scancode_keyboard {
    uint8_t prefix;      /* 0xe0: the next code is one of the second table */
    uint8_t skip;        /* bytes of Pause that are still to come */
    bool answers;        /* a command was sent: 0xfa and 0xfe are answers, and no keys */
    uint8_t down[2][16]; /* which codes of both tables are down, a bit each */
};

/* The keys that this byte completes; how many. */
uint32_t scancode_byte(struct scancode_keyboard *k, uint8_t byte,
                       struct scancode_key out[SCANCODE_KEYS]);

/* The key of a code without its top bit, 0: none; extended: behind 0xe0. */
uint32_t scancode_key(uint8_t code, bool extended);

/* The mouse's knocks, after which it tells what it is. */
enum scancode_mouse {
    MOUSE_PLAIN = 0, /* three buttons, packets of three bytes */
    MOUSE_WHEEL = 3, /* and a wheel, in a fourth */
    MOUSE_FIVE = 4,  /* and two more buttons */
};

struct scancode_motion {
    int32_t dx, dy;   /* dy: down is positive */
    int32_t wheel;    /* away from the user is positive */
    uint32_t buttons; /* bit n: CTX_BTN_LEFT + n */
};

/* A whole packet of such a mouse. */
void scancode_packet(enum scancode_mouse mouse, const uint8_t packet[4],
                     struct scancode_motion *out);

#endif
