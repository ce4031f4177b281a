/* SPDX-License-Identifier: MIT */
/* For save.c and save_words.c alone: what of an image does not change while the app runs. */
#ifndef SAVE_PRIVATE_H
#define SAVE_PRIVATE_H

#include "image_write.h"
#include "save.h"

/* Copies a text of at most size - 1 bytes, the rest is cut off; *to was zero, so a zero follows. */
void save_text(uint8_t *to, size_t size, const char *from);

/* How many bytes save_words() writes at most. */
uint64_t save_words_bytes(const struct app *app);

/* The sections of texts that are too long for the app's own section, and of grants. Errors:
 * CTX_E_NOMEM. */
ctx_status save_words(struct image_writer *w, const struct app *app);

/* How many bytes save_program() writes. */
uint64_t save_program_bytes(const struct app *app);

/* The sections of the app's file, of its symbols, and of what of the file is only named by its
 * hash. */
void save_program(struct image_writer *w, const struct app *app);

#endif
