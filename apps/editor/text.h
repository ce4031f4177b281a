/* SPDX-License-Identifier: MIT */
/*
 * A text that is edited: bytes, in pieces of 4 KiB at most, so that a change in the middle of ten
 * megabytes moves a few of them, and touches few pages of what undo and images keep. What was done
 * can be taken back. Positions are bytes from its start; lines count from 0. Nothing here knows a
 * screen.
 */
#ifndef EDITOR_TEXT_H
#define EDITOR_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TEXT_PIECE 4096u        /* bytes of a piece */
#define TEXT_MOST  (256u << 20) /* of a text */
#define TEXT_UNDO  (4u << 20)   /* bytes that are kept to take back; older changes stay done */

struct text_piece {
    char *bytes; /* TEXT_PIECE */
    uint16_t len;
    uint16_t lines; /* newlines in it */
    uint16_t chars; /* bytes that begin a character of UTF-8 */
    uint16_t rsv;
    uint32_t state; /* of whoever colours it, at its first byte: see text.known */
};

struct text_edit {
    uint32_t at, removed, added;
    uint32_t group;  /* edits of one group are taken back together */
    uint32_t serial; /* of the text's state behind it */
    uint32_t typed;  /* what is typed next may join it */
    uint32_t room;
    char *bytes; /* what was removed, then what was added */
};

struct text {
    struct text_piece *pieces;
    uint32_t count, room;
    uint32_t len, lines; /* lines: newlines; there is one line more */
    uint32_t known;      /* the state of so many pieces is known, from the first on */
    /* Where something was looked for last. */
    uint32_t near, near_at, near_line;
    /* What was done: `done` of `edits` are, the others were taken back. */
    struct text_edit *edit;
    uint32_t edits, done, edit_room, undo_bytes;
    uint32_t group, serial, saved, base; /* base: the state's number before the oldest edit */
    uint32_t changes;                    /* counts whatever changes */
};

/* All 0 is an empty text. */
void text_free(struct text *t);

/* Bytes that were read from a file: all of it, nothing to take back. 0: no memory; it is empty. */
int text_load(struct text *t, const char *bytes, uint32_t len);

/*
 * Put `add` in the place of `remove` bytes at `at`. All that is done until text_group is called is
 * taken back together; typed: a letter of several, so that a word is. 0: no memory, or too large,
 * and nothing has changed.
 */
int text_replace(struct text *t, uint32_t at, uint32_t remove, const char *add, uint32_t len,
                 int typed);
void text_group(struct text *t);

/* 1: *at is where it happened (its end). 0: there is nothing to take back, or to do again. */
int text_undo(struct text *t, uint32_t *at);
int text_redo(struct text *t, uint32_t *at);
/* It is on the disk as it is now. */
void text_saved(struct text *t);
int text_is_changed(const struct text *t);

/* ---- looking ---- */

/* Bytes from `at` on that lie together; *len 0 at the end. They stay until the text changes. */
const char *text_span(struct text *t, uint32_t at, uint32_t *len);
/* Copies at most len; answers how many there were. */
uint32_t text_copy(struct text *t, uint32_t at, char *out, uint32_t len);
/* 0 outside. */
uint8_t text_byte(struct text *t, uint32_t at);

uint32_t text_line_of(struct text *t, uint32_t at);
/* Of a line that is not there: the end of the text. */
uint32_t text_line_start(struct text *t, uint32_t line);
/* Without the newline. */
uint32_t text_line_end(struct text *t, uint32_t line);

/* Characters that begin in from..to, and where the n-th one behind `from` begins, `to` at most. */
uint32_t text_chars(struct text *t, uint32_t from, uint32_t to);
uint32_t text_skip(struct text *t, uint32_t from, uint32_t n, uint32_t to);
/* The next and previous place between two characters. */
uint32_t text_next(struct text *t, uint32_t at);
uint32_t text_before(struct text *t, uint32_t at);

#define TEXT_FOLD 1u /* a letter of ASCII is also its other case */

/* The next place from `from` on, and before `to`, where `what` begins. 0: none. */
int text_find(struct text *t, uint32_t from, uint32_t to, const char *what, uint32_t len,
              uint32_t flags, uint32_t *at);
/* The last place that ends before or at `to`. */
int text_find_back(struct text *t, uint32_t to, const char *what, uint32_t len, uint32_t flags,
                   uint32_t *at);

/* The piece that `at` lies in, and where that begins: for whoever colours. */
uint32_t text_piece_of(struct text *t, uint32_t at, uint32_t *start);

#endif
