/* SPDX-License-Identifier: MIT */
/* Writing images, <ctx/image.h>: sections one after the other, packed on the way if that is wanted.
 * What goes into them is the business of those whose it is. */
#ifndef KERNEL_IMAGE_WRITE_H
#define KERNEL_IMAGE_WRITE_H

#include <kernel/types.h>

#include <ctx/image.h>

/* An image in memory. */
struct image_bytes {
    uint8_t *bytes; /* whole pages of the direct map */
    uint64_t len;
    uint64_t pages; /* that it takes */
};

/* Give the memory back. Fine on zeroes. */
void image_bytes_free(struct image_bytes *image);

#define SAVE_PACKED    1u /* smaller, and slower to make and to read */
#define SAVE_UNCHECKED 2u /* no checksums: stays in memory */
#define SAVE_BARE      8u /* without its file: with UNCHECKED, and only for app_go_back() */
#define SAVE_CANVAS    4u /* with the canvas's pixels, if the app draws there */

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
/* A section of texts: one of them, and how many bytes it takes. */
void image_write_text(struct image_writer *w, uint32_t what, const char *text, size_t len);
static inline uint64_t image_text_bytes(size_t len)
{
    return sizeof(struct ctx_image_text) + ALIGN_UP((uint64_t)len + 1, UINT64_C(8));
}

/* The section that is being written: whoever does not know its kind must not use the image. */
void image_write_required(struct image_writer *w);

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

/* Make an image that was saved UNCHECKED one for a file: packed, with checksums. NOMEM: it stays as
 * it is. */
ctx_status image_finish(struct image_bytes *image);

#endif
