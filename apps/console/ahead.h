/* SPDX-License-Identifier: MIT */
/* Keys that are pressed while a command works: they are kept for the line that follows. */
#ifndef CONSOLE_AHEAD_H
#define CONSOLE_AHEAD_H

#include <ctx/keymap.h>

#include <stdint.h>

#define AHEAD_KEYS 512u /* ups and downs; what is more is lost */

struct console;

struct ahead {
    uint16_t keys[AHEAD_KEYS]; /* code, and 0x8000: down */
    uint32_t first, count;
    struct ctx_keyboard watch; /* what the keys that are kept have done */
};

/* Keep it, if it is not its turn. Ctrl-C stops the command at once, and drops what was kept. 0: the
 * key is to be taken now. */
int ahead_keep(struct console *console, uint64_t code, int down);

/* The next one, whose turn it is; 0: there is none. */
int ahead_take(struct console *console, uint64_t *code, int *down);

#endif
