/* SPDX-License-Identifier: MIT */
/* From key codes, which are positions, to characters. Layouts are data: one file each in layouts/.
 */
#ifndef CONSOLE_KEYMAP_H
#define CONSOLE_KEYMAP_H

#include <stdint.h>

#define KEYMAP_LEVELS 4 /* plain, Shift, AltGr, Shift+AltGr */

/* Dead keys: the accent waits for its letter. */
#define DEAD(accent) (0x80000000u | (uint32_t)(accent))

struct keymap_key {
    uint16_t code;
    uint32_t level[KEYMAP_LEVELS]; /* code points, 0 = nothing there */
};

struct keymap {
    char name[4]; /* what `lang` calls it */
    char title[12];
    uint32_t count;
    const struct keymap_key *keys;
};

struct keyboard {
    uint32_t layout;                  /* index */
    uint8_t shift, ctrl, altgr, caps; /* shift and ctrl: a bit for each of the two keys */
    uint32_t dead;                    /* the accent that waits, 0 for none */
};

/* How many layouts there are, and one of them. */
uint32_t keymap_count(void);
const struct keymap *keymap_get(uint32_t index);

/*
 * A key went down or up. Returns the character it means, 0 for none. Two characters (an accent that
 * does not fit its letter) come as the letter with *also set to the accent before it, else *also is
 * 0.
 */
uint32_t keyboard_event(struct keyboard *keyboard, uint64_t code, int down, uint32_t *also);

#endif
