/* SPDX-License-Identifier: MIT */
/*
 * What the bytes of a program are: comments, strings, words that a language has. One byte after the
 * other, so that it may begin anywhere where the state is known; a state is one number.
 */
#ifndef EDITOR_SYNTAX_H
#define EDITOR_SYNTAX_H

#include <stdint.h>

enum syntax_language { SYNTAX_NONE, SYNTAX_C, SYNTAX_LUA, SYNTAX_LANGUAGES };

enum syntax_kind {
    SYNTAX_PLAIN,
    SYNTAX_WORD,
    SYNTAX_TYPE,
    SYNTAX_NUMBER,
    SYNTAX_STRING,
    SYNTAX_COMMENT,
    SYNTAX_HASH, /* a line for the preprocessor */
    SYNTAX_KINDS
};

/* By a file's ending. */
enum syntax_language syntax_of_name(const char *name);
const char *syntax_name(enum syntax_language language);

/* The state at the start of a text is 0. Behind a byte: */
uint32_t syntax_step(enum syntax_language language, uint32_t state, uint8_t byte);
uint32_t syntax_run(enum syntax_language language, uint32_t state, const char *bytes, uint32_t len);

/* The kind of each byte, from a state on; `before` is the byte in front of them, 0: none. */
void syntax_kinds(enum syntax_language language, uint32_t state, uint8_t before, const char *bytes,
                  uint32_t len, uint8_t *kinds);

#endif
