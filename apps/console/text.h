/* SPDX-License-Identifier: MIT */
/*
 * What the console has printed: logical lines in a ring of characters. Lines are wrapped when they
 * are drawn, so a window can change its width at any time. Memory is fixed: the oldest lines fall
 * out.
 */
#ifndef CONSOLE_TEXT_H
#define CONSOLE_TEXT_H

#include <stdint.h>

#define TEXT_CELLS 65536u /* characters kept, a power of two */
#define TEXT_LINES 2048u  /* lines kept, a power of two */

enum text_color {
    TEXT_PLAIN,
    TEXT_DIM,
    TEXT_PROMPT,
    TEXT_RESULT,
    TEXT_ERROR,
    TEXT_COLORS,
};

/* A character and its colour: code point in bits 0-20, enum text_color in bits 24-31. */
typedef uint32_t text_cell;

static inline text_cell text_make(uint32_t code, enum text_color color)
{
    return code | (uint32_t)color << 24;
}

struct text {
    text_cell cells[TEXT_CELLS];
    uint64_t starts[TEXT_LINES]; /* where each line begins, counting all characters ever */
    uint64_t end;                /* characters ever */
    uint64_t lines;              /* lines ever; the last one is being written */
};

void text_init(struct text *text);
void text_put(struct text *text, text_cell cell);
void text_newline(struct text *text);

/* The oldest line that is still whole. */
uint64_t text_first_line(const struct text *text);

/* Line no's length; its characters by index. */
uint32_t text_line_len(const struct text *text, uint64_t line);
text_cell text_at(const struct text *text, uint64_t line, uint32_t index);

/* ---- UTF-8 ---- */

/*
 * Decode one character. Returns how many bytes it took, at least 1 if len > 0; a malformed one is
 * U+FFFD.
 */
uint32_t utf8_decode(const char *bytes, uint32_t len, uint32_t *code);

/* Encode into out (4 bytes); returns how many. */
uint32_t utf8_encode(uint32_t code, char *out);

#endif
