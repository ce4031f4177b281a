/* SPDX-License-Identifier: MIT */
/* Short texts put together from words and numbers, cut at a whole character. */
#ifndef DESKTOP_TEXT_H
#define DESKTOP_TEXT_H

#include <stdint.h>

#define LINE_ROOM 160

struct line {
    uint32_t len;
    char text[LINE_ROOM]; /* NUL-terminated */
};

void line_clear(struct line *line);
void line_put(struct line *line, const char *text);
/* len bytes, or up to a NUL. */
void line_put_bytes(struct line *line, const void *text, uint32_t len);
void line_put_number(struct line *line, uint64_t n);
void line_put_two(struct line *line, uint32_t n); /* 07 */
/* 512 B, 4 KiB, 1.5 MiB */
void line_put_bytes_of(struct line *line, uint64_t bytes);

/* 1: the texts are the same. */
int same_text(const char *a, const char *b);
uint32_t text_len(const char *text);
/* 1: `part` lies in text, and whether letters are small does not matter. */
int has_text(const char *text, const char *part);
/* The same for one that begins a word. */
int has_word(const char *text, const char *begin);
/* A decimal number of at most nine digits at text; answers how many bytes it took. */
uint32_t read_number(const char *text, uint32_t *out);

#endif
