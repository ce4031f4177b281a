/* SPDX-License-Identifier: MIT */
/* The two halves of reading an image, for each other: image.c has the container, image_check.c what
 * lies in its sections. */
#ifndef KERNEL_IMAGE_CHECK_H
#define KERNEL_IMAGE_CHECK_H

#include "image.h"

/* The most that a section can become: all that a slot may hold. */
#define IMAGE_BYTES_MAX CTX_SLOT_SIZE

/* Fill in *error; false. */
bool image_refuse(struct image_error *error, const char *field, uint64_t value, const char *reason);

/* The least size of an entry of this kind of list; 0: it is none. */
uint32_t image_entry_size(uint32_t kind);

/* Whether sections of this kind may be PACKED. */
bool image_may_be_packed(uint32_t kind);

/* Whether there can be a surface of that size, format and flags: what display.create() and
 * display.resize() take too. */
bool image_surface_is_good(uint64_t w, uint64_t h, uint32_t format, uint64_t flags);

bool image_check_app(struct image *image, struct image_error *error);
bool image_check_session(struct image *image, struct image_error *error);

#endif
