/* SPDX-License-Identifier: MIT */
/* The steps of restoring, for the two ways: restore.c makes a new app, go_back.c changes one. */
#ifndef KERNEL_RESTORE_PRIVATE_H
#define KERNEL_RESTORE_PRIVATE_H

#include "app_slot.h"
#include "restore.h"

/* A section's bytes in one piece: the image's own, or a copy to be given back. */
struct restore_piece {
    const uint8_t *bytes;
    uint64_t len;
    void *copy;
};

/* The app's file with its names. */
struct restore_file {
    struct restore_piece program, symbols, strings;
    struct elf_plan plan;
};

/* Unpack and check it. Ends with restore_close_file(), whatever the status. */
ctx_status restore_open_file(const struct image *image, const char *label, struct restore_file *f,
                             struct image_error *error);
void restore_close_file(struct restore_file *f);

/*
 * fresh: the app's note says that it never comes back from an image. Of a session's *image becomes
 * one of an app that begins anew, in *copy, which is the caller's to free (else NULL); alone it is
 * refused: INVAL. NOMEM.
 */
ctx_status restore_fresh(bool fresh, const struct image **image, struct image **copy,
                         struct image_error *error);

/* Whether this system can take the image. comes_back: pages that will be free by then. */
ctx_status restore_check(const struct image *image, const struct elf_plan *plan,
                         uint64_t comes_back, struct image_error *error);

/* A slot for an app that has none. */
ctx_status restore_build(struct app *app, const struct image *image,
                         const struct restore_file *file);

/* Clock, counters, epoch; what it has not seen; where it stands in the loop. */
void restore_numbers(struct app *app, const struct image *image);
ctx_status restore_resources(struct app *app, const struct image *image, bool in_place);
void restore_turn(struct app *app, const struct image *image);

#endif
