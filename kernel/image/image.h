/* SPDX-License-Identifier: MIT */
/*
 * Reading images, <ctx/image.h>. image_open() looks at every number, every checksum and every
 * packed byte before anything acts on them: what it accepts contradicts neither itself nor the
 * slot's rules. Whether this system can take it is the question of
 * saving/restore_check.c.
 */
#ifndef KERNEL_IMAGE_H
#define KERNEL_IMAGE_H

#include <kernel/types.h>

#include <ctx/image.h>
#include <ctx/slot.h>

#define IMAGE_KINDS 34u

/* The most that an app of version 3 can have: the format's limits, and so the kernel's. */
#define IMAGE_SURFACES      64u
#define IMAGE_OPENED_GATES  1024u
#define IMAGE_OPENED_TABLES 160u
#define IMAGE_SHARES        1024u /* a handle's lower ten bits are its place */

/* A table's id in an image is in two pieces, the second one young. */
#define IMAGE_TABLE_ID 64u
void image_get_table_id(const struct ctx_image_table *table, char id[IMAGE_TABLE_ID]);
void image_set_table_id(struct ctx_image_table *table, const char *id);

/* The generation of surface number index; those of the first eight stand where they ever stood. */
static inline uint16_t *image_surface_generation(struct ctx_image_app *app, uint32_t index)
{
    const uint32_t old = sizeof app->surface_generation / sizeof app->surface_generation[0];
    return index < old ? &app->surface_generation[index] : &app->more_generations[index - old];
}

/* Why an image is refused: which field holds which value. */
struct image_error {
    const char *field; /* static */
    uint64_t value;
    const char *reason; /* static */
};

/* One section's place; len 0: the image has none. Lists: count entries of `entry` bytes. */
struct image_part {
    const uint8_t *stored;
    uint64_t stored_len, len;
    uint32_t flags, entry;
    uint64_t count;
};

struct image {
    const uint8_t *bytes; /* the caller's, as long as the image is used */
    uint64_t len;
    uint32_t flags; /* of the header */
    struct image_part parts[IMAGE_KINDS];
    struct ctx_image_app app;         /* not a session */
    struct ctx_image_session session; /* a session */
    uint64_t pages;                   /* in CONTENTS */
    bool in_session;                  /* it is one app of a session that all go back to */
};

/*
 * Check everything. False: *error says what is wrong. A session's apps are checked by a call for
 * each, see image_session_app(). Wants CTX_IMAGE_CHUNK bytes of memory for a while if something is
 * packed.
 */
bool image_open(const uint8_t *bytes, uint64_t len, struct image *out, struct image_error *error);

/* The same for bytes from a file or a disk: one without checksums is refused too. */
bool image_open_file(const uint8_t *bytes, uint64_t len, struct image *out,
                     struct image_error *error);

/* What a refusal is to whoever asked: NOMEM if only memory to look at it was missing, else INVAL.
 */
ctx_status image_refusal(const struct image_error *error);

/* The texts of such a section, one after the other: *at is 0 at first. NULL: there is none left. */
const char *image_next_text(const struct image *image, uint32_t kind, uint64_t *at, uint32_t *what);

/* A text of a section of struct ctx_image_text, as long as the image is used; NULL: it has none. */
const char *image_text_of(const struct image *image, uint32_t kind, uint32_t what);

/* Entry number index of a list: size bytes into *to, with zeroes where the image's are shorter. */
void image_entry(const struct image *image, uint32_t kind, uint64_t index, void *to, uint32_t size);

/* The bytes of app number index of a session's; NULL: there are fewer. */
const uint8_t *image_session_app(const struct image *session, uint32_t index, uint64_t *len);

/* Sequential reading of a section's contents, unpacked on the way. */
struct image_stream {
    const struct image_part *part;
    uint64_t at, stored_at; /* how far it has come */
    uint8_t *chunk;         /* of a packed section: CTX_IMAGE_CHUNK bytes, or NULL */
    uint32_t chunk_len, chunk_at;
};

/* False: no memory. */
bool image_stream_begin(struct image_stream *stream, const struct image *image, uint32_t kind);

/* The next len bytes; to NULL: skip them. False: there are not so many, or what is packed is not.
 */
bool image_stream_read(struct image_stream *stream, void *to, uint64_t len);
void image_stream_end(struct image_stream *stream);

#endif
