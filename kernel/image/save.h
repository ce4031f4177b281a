/* SPDX-License-Identifier: MIT */
/* Making images: one app between two calls, without its help. The format is <ctx/image.h>'s. */
#ifndef KERNEL_SAVE_H
#define KERNEL_SAVE_H

#include "app.h"

/* An image in memory. */
struct image_bytes {
    uint8_t *bytes; /* whole pages of the direct map */
    uint64_t len;
    uint64_t pages; /* that it takes */
};

/* Give the memory back. Fine on zeroes. */
void image_bytes_free(struct image_bytes *image);

#ifndef ARGOS_VERSION
#define ARGOS_VERSION "?"
#endif
#define SAVED_BY       "Argos " ARGOS_VERSION /* what images say of their maker */

#define SAVE_PACKED    1u /* smaller, and slower to make and to read */
#define SAVE_UNCHECKED 2u /* no checksums: stays in memory */
#define SAVE_BARE      8u /* without its file: with UNCHECKED, and only for app_replace() */
#define SAVE_CANVAS    4u /* with the canvas's pixels, if the app draws there */

/*
 * Save an app as it is now. One that has no slot is saved as it would begin. AGAIN: it is in the
 * middle of a call, or one of it is parked; NOMEM; TOOBIG: more than 128 MiB. On an error *out is
 * zeroes. [loop, in a call of another app]
 */
ctx_status app_save(struct app *app, uint32_t flags, struct image_bytes *out);

/* The same, but nothing of what it has done: the app as it would begin. */
ctx_status app_save_fresh(struct app *app, uint32_t flags, struct image_bytes *out);

/* Make an image that was saved UNCHECKED one for a file: packed, with checksums. NOMEM: it stays as
 * it is. */
ctx_status image_finish(struct image_bytes *image);

/*
 * Call fn for each page of data that an image holds, in ascending order of the slot: the store's
 * page, writable segments, live blocks of the heap, and with `pixels` surfaces. page is where the
 * kernel sees it. [loop, in a call]
 */
typedef void app_page_fn(void *arg, uint64_t offset, const uint8_t *page);
void app_each_page(struct app *app, bool pixels, app_page_fn *fn, void *arg);

/* For what writes images; see image_write.c. */
struct image_writer {
    struct image_bytes out;
    uint64_t room;
    uint32_t flags; /* SAVE_* */
    uint32_t sections, sections_max;
    struct ctx_image_section *table; /* in out.bytes */
    uint8_t *chunk;                  /* CTX_IMAGE_CHUNK bytes, SAVE_PACKED */
    uint32_t chunk_len;
    uint64_t elsewhere; /* bytes of sections that follow, but not here */
    bool packing, failed;
};

/* Room for so many bytes of contents in so many sections. NOMEM, TOOBIG. */
ctx_status image_write_begin(struct image_writer *w, uint64_t bytes, uint32_t sections,
                             uint32_t flags);
void image_write_section(struct image_writer *w, uint32_t kind, uint32_t entry, bool pack);
void image_write(struct image_writer *w, const void *bytes, uint64_t len);
void image_write_end_section(struct image_writer *w);

/* kind's section in one go. */
void image_write_whole(struct image_writer *w, uint32_t kind, uint32_t entry, const void *bytes,
                       uint64_t len, bool pack);

/*
 * A section whose bytes are not copied: they follow behind what is here, the whole length of each
 * one before padded to 8 bytes. After all others. image->bytes is padded with zeroes.
 */
void image_write_elsewhere(struct image_writer *w, uint32_t kind, struct image_bytes *image);

/* The header; the image is *out's from here on. header_flags: CTX_IMAGE_SESSION. */
ctx_status image_write_end(struct image_writer *w, uint32_t header_flags, struct image_bytes *out);

/* On an error. */
void image_write_abandon(struct image_writer *w);

#endif
