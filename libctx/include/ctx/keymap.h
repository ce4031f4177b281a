/* SPDX-License-Identifier: MIT */
/* From key codes, which are positions, to characters. Layouts are data: one file each in layouts/.
 */
#ifndef CTX_KEYMAP_H
#define CTX_KEYMAP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTX_KEYMAP_LEVELS 4 /* plain, Shift, AltGr, Shift+AltGr */

/* Dead keys: the accent waits for its letter. */
#define CTX_KEYMAP_DEAD(accent) (0x80000000u | (uint32_t)(accent))

struct ctx_keymap_key {
    uint32_t code;
    uint32_t level[CTX_KEYMAP_LEVELS]; /* code points, 0 = nothing there */
};

struct ctx_keymap {
    char name[4]; /* what `lang` calls it */
    char title[12];
    uint32_t count, rsv;
    const struct ctx_keymap_key *keys;
};

struct ctx_keyboard {
    uint32_t layout;                  /* index */
    uint8_t shift, ctrl, altgr, caps; /* shift, ctrl: a bit for each of two keys; caps: on, held */
    uint32_t dead;                    /* the accent that waits, 0 for none */
};

/* How many layouts there are, and one of them. */
uint32_t ctx_keymap_count(void);
const struct ctx_keymap *ctx_keymap_get(uint32_t index);

/*
 * A key went down or up. Returns the character it means, 0 for none. Two characters (an accent that
 * does not fit its letter) come as the letter with *also set to the accent before it, else *also is
 * 0.
 */
uint32_t ctx_keyboard_event(struct ctx_keyboard *keyboard, uint64_t code, int down, uint32_t *also);

#ifdef __cplusplus
}
#endif
#endif
