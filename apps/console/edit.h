/* SPDX-License-Identifier: MIT */
/* The line that is being typed: characters, cursor, history. A line may hold newlines
 * (Shift+Enter). */
#ifndef CONSOLE_EDIT_H
#define CONSOLE_EDIT_H

#include <stdint.h>

#define EDIT_MAX     16384u /* characters in a line */
#define HISTORY_MAX  128u   /* lines remembered, at most ... */
#define HISTORY_ROOM 32768u /* ... and characters of them all */

struct edit {
    uint32_t line[EDIT_MAX];
    uint32_t len, cursor;

    uint32_t room[HISTORY_ROOM];  /* a ring: remembered lines one after another */
    uint64_t starts[HISTORY_MAX]; /* counting all characters ever */
    uint32_t lens[HISTORY_MAX];
    uint64_t end;
    uint32_t count;          /* lines ever */
    uint32_t shown;          /* which one is in the line, counted back from the newest; 0 = none */
    uint32_t kept[EDIT_MAX]; /* what was being typed when Up was pressed */
    uint32_t kept_len;
};

enum edit_key {
    EDIT_LEFT,
    EDIT_RIGHT,
    EDIT_WORD_LEFT,
    EDIT_WORD_RIGHT,
    EDIT_HOME,
    EDIT_END,
    EDIT_BACKSPACE,
    EDIT_DELETE,
    EDIT_KILL_END,
    EDIT_KILL_START,
    EDIT_KILL_WORD,
    EDIT_UP,
    EDIT_DOWN,
};

void edit_clear(struct edit *edit);

/* Insert at the cursor. 0 if the line is full. */
int edit_insert(struct edit *edit, uint32_t code);

/* Take characters from..to out, as far as they are there; the cursor is at from then. */
void edit_cut(struct edit *edit, uint32_t from, uint32_t to);

void edit_key(struct edit *edit, enum edit_key key);

/* Remember the line for Up and Down; empty lines and repetitions are not. */
void edit_remember(struct edit *edit);

/* The line as UTF-8, terminated. Returns its length; out must hold 4 * EDIT_MAX + 1 bytes. */
uint32_t edit_text(const struct edit *edit, char *out);

#endif
