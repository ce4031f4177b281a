/* SPDX-License-Identifier: MIT */
/*
 * What lies in the clipboard: rules and memory, without a Context. Bytes are copied in and out;
 * whatever fails leaves what was there.
 */
#ifndef CLIPBOARD_CONTENT_H
#define CLIPBOARD_CONTENT_H

#include <ctx/status.h>
#include <stddef.h>
#include <stdint.h>

#define CONTENT_TEXT_MAX    60000u /* bytes: what a call of a service carries, less some */
#define CONTENT_SIDE_MAX    8192u  /* pixels, as a surface's */
#define CONTENT_PICTURE_MAX (4u * 1024 * 1024) /* pixels: 16 MiB */

enum content_kind { CONTENT_NOTHING, CONTENT_TEXT, CONTENT_PICTURE };

/* Where memory comes from. alloc: NULL where there is none. */
struct content_memory {
    void *(*alloc)(void *self, uint64_t bytes);
    void (*free)(void *self, void *p, uint64_t bytes);
    void *self;
};

struct content {
    enum content_kind kind;
    uint32_t w, h; /* of a picture */
    uint64_t bytes;
    uint64_t serial; /* goes up with each change */
    uint8_t *data;
};

/* No bytes: nothing lies there. TOOBIG, INVAL (not UTF-8, or a NUL), NOMEM. */
ctx_status content_put_text(struct content *content, const struct content_memory *memory,
                            const uint8_t *text, uint64_t len);

/* Whether a picture of this size may come, of which `there` bytes are there: INVAL, TOOBIG. */
ctx_status content_check_picture(uint32_t w, uint32_t h, uint64_t there);

/* Pixels of a size that was found good. They may change while they are copied. NOMEM. */
ctx_status content_put_picture(struct content *content, const struct content_memory *memory,
                               uint32_t w, uint32_t h, const uint8_t *pixels);

#endif
