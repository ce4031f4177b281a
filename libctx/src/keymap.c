/* SPDX-License-Identifier: MIT */
#include <ctx/key.h>
#include <ctx/keymap.h>

#include "layouts/fr.h"
#include "layouts/us.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct ctx_keymap keymaps[] = {
    {"en", "US", COUNT(layout_us), 0, layout_us},
    {"fr", "AZERTY", COUNT(layout_fr), 0, layout_fr},
};

uint32_t ctx_keymap_count(void)
{
    return COUNT(keymaps);
}

const struct ctx_keymap *ctx_keymap_get(uint32_t index)
{
    return &keymaps[index < COUNT(keymaps) ? index : 0];
}

/* An accent and its letter, 0 if they do not go together. */
static uint32_t compose(uint32_t accent, uint32_t letter)
{
    static const struct {
        uint16_t accent, letter, result;
    } table[] = {
        {'^', 'a', 0xe2},  {'^', 'e', 0xea},  {'^', 'i', 0xee},  {'^', 'o', 0xf4},
        {'^', 'u', 0xfb},  {'^', 'A', 0xc2},  {'^', 'E', 0xca},  {'^', 'I', 0xce},
        {'^', 'O', 0xd4},  {'^', 'U', 0xdb},  {'^', ' ', '^'},   {0xa8, 'a', 0xe4},
        {0xa8, 'e', 0xeb}, {0xa8, 'i', 0xef}, {0xa8, 'o', 0xf6}, {0xa8, 'u', 0xfc},
        {0xa8, 'y', 0xff}, {0xa8, 'A', 0xc4}, {0xa8, 'E', 0xcb}, {0xa8, 'I', 0xcf},
        {0xa8, 'O', 0xd6}, {0xa8, 'U', 0xdc}, {0xa8, ' ', 0xa8},
    };
    for (uint32_t i = 0; i < COUNT(table); i++) {
        if (table[i].accent == accent && table[i].letter == letter) {
            return table[i].result;
        }
    }
    return 0;
}

static void set_bit(uint8_t *bits, uint8_t bit, int on)
{
    *bits = (uint8_t)(on ? *bits | bit : *bits & ~bit);
}

/* True if this was a key that only changes what others mean. */
static int modifier(struct ctx_keyboard *k, uint64_t code, int down)
{
    switch (code) {
    case CTX_KEY_LEFTSHIFT:
        set_bit(&k->shift, 1, down);
        return 1;
    case CTX_KEY_RIGHTSHIFT:
        set_bit(&k->shift, 2, down);
        return 1;
    case CTX_KEY_LEFTCTRL:
        set_bit(&k->ctrl, 1, down);
        return 1;
    case CTX_KEY_RIGHTCTRL:
        set_bit(&k->ctrl, 2, down);
        return 1;
    case CTX_KEY_RIGHTALT:
        k->altgr = down != 0;
        return 1;
    case CTX_KEY_CAPSLOCK:
        /* Bit 0: on; bit 1: held, so that automatic repeats do not count. */
        k->caps = (uint8_t)(down ? (k->caps & 2 ? k->caps : (k->caps ^ 1) | 2) : k->caps & 1);
        return 1;
    default:
        return 0;
    }
}

static uint32_t meaning(const struct ctx_keyboard *k, uint64_t code)
{
    const struct ctx_keymap *map = ctx_keymap_get(k->layout);
    for (uint32_t i = 0; i < map->count; i++) {
        const struct ctx_keymap_key *key = &map->keys[i];
        if (key->code != code) {
            continue;
        }
        uint32_t plain = key->level[0];
        int letter = (plain >= 'a' && plain <= 'z') || (plain >= 0xe0 && plain <= 0xfe);
        int shift = (k->shift != 0) != (letter && (k->caps & 1));
        return key->level[(k->altgr ? 2 : 0) + (shift ? 1 : 0)];
    }
    return 0;
}

uint32_t ctx_keyboard_event(struct ctx_keyboard *k, uint64_t code, int down, uint32_t *also)
{
    *also = 0;
    if (modifier(k, code, down) || !down) {
        return 0;
    }
    uint32_t c = meaning(k, code);
    if (c == 0) {
        return 0;
    }
    uint32_t accent = k->dead;
    k->dead = 0;
    if ((c & 0x80000000u) != 0) {
        if (accent == 0) {
            k->dead = c & 0x7fffffffu;
            return 0;
        }
        return accent; /* twice: the accent itself */
    }
    if (accent != 0) {
        uint32_t both = compose(accent, c);
        if (both != 0) {
            return both;
        }
        *also = accent;
    }
    return c;
}
