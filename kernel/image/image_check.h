/* SPDX-License-Identifier: MIT */
/* The two halves of reading an image, for each other: image.c has the container, image_check*.c
 * what lies in its sections. And what of the format those ask who make such things: surfaces,
 * chords. */
#ifndef KERNEL_IMAGE_CHECK_H
#define KERNEL_IMAGE_CHECK_H

#include "image.h"

#include <ctx/tables.h>

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

/* The same for its title, and the last shape of a cursor that there is. */
#define SURFACE_SIDE_MAX  8192u
#define IMAGE_CURSOR_LAST CTX_CURSOR_FORBIDDEN
#define IMAGE_SCALE_MAX   8u /* of a window_place */
#define IMAGE_SHOWN_MAX   (IMAGE_SCALE_MAX * SURFACE_SIDE_MAX)
bool image_title_is_good(const char *title, uint64_t len);

/* Whether a surface can be shown so: what windows.place() takes too. */
bool image_shown_is_good(uint32_t scale, uint32_t opacity, const struct ctx_image_shown *shown);

/* Whether a chord can be grabbed, and how many can. */
#define IMAGE_GRABS        64u

#define IMAGE_SERVICES_MAX 1024u /* that one app offers */
bool image_is_chord(uint32_t code, uint32_t modifiers);

/* Whether its canvas is a window of its own (CTX_IMAGE_WINDOW_CANVAS). */
bool image_canvas_is_window(const struct image *image);

/* For the files of these checks: a text with an end; one without control characters; bytes that lie
 * in a slot. */
bool image_is_text(const uint8_t *text, size_t size);
bool image_is_line(const uint8_t *text, size_t size);
bool image_in_slot(uint64_t offset, uint64_t len);

/* Of those of image_check_app(): which pages there are (counted in image->pages), and the heap. */
bool image_check_runs(struct image *image, struct image_error *error);
bool image_check_heap(const struct image *image, struct image_error *error);

/* Of those of image_check_app(): surfaces and windows. */
bool image_check_screen(const struct image *image, struct image_error *error);

/* Of those of image_check_app(): services, and what their descriptors say. */
bool image_check_services(const struct image *image, struct image_error *error);

/* Of those of image_check_app(): the app's file. */
bool image_check_program(const struct image *image, struct image_error *error);

bool image_check_app(struct image *image, struct image_error *error);
bool image_check_session(struct image *image, struct image_error *error);

#endif
