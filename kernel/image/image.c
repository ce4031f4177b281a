/* SPDX-License-Identifier: MIT */
/*
 * The container: header, table, sections, packing. What the sections of an app may hold is
 * image_check.c's.
 */
#include "image.h"

#include "heap.h"
#include "image_check.h"
#include "pack.h"

#include <kernel/string.h>

#define STORED_RAW (1u << 31)

bool image_refuse(struct image_error *error, const char *field, uint64_t value, const char *reason)
{
    *error = (struct image_error){field, value, reason};
    return false;
}

ctx_status image_refusal(const struct image_error *error)
{
    return strcmp(error->field, "memory") == 0 ? CTX_E_NOMEM : CTX_E_INVAL;
}

static bool claims_to_be_one(const uint8_t *bytes, uint64_t len)
{
    return len >= sizeof(struct ctx_image_header) && memcmp(bytes, CTX_IMAGE_MAGIC, 8) == 0;
}

static bool check_header(const uint8_t *bytes, uint64_t len, struct ctx_image_header *h,
                         struct image_error *error)
{
    if (!claims_to_be_one(bytes, len)) {
        return image_refuse(error, "magic", len, "this is no image");
    }
    memcpy(h, bytes, sizeof *h);
    if (h->version != CTX_IMAGE_VERSION) {
        return image_refuse(error, "version", h->version, "an image of another format");
    }
    if (h->checksum != checksum(bytes, offsetof(struct ctx_image_header, checksum))) {
        return image_refuse(error, "checksum", h->checksum, "the header is damaged");
    }
    if (h->bytes != len) {
        return image_refuse(error, "bytes", h->bytes, "the image is cut off, or has a tail");
    }
    if (h->size != sizeof *h) {
        return image_refuse(error, "size", h->size, "not the size of a header");
    }
    if ((h->flags & ~(CTX_IMAGE_SESSION | CTX_IMAGE_UNCHECKED)) != 0) {
        return image_refuse(error, "flags", h->flags, "unknown flags");
    }
    if (h->sections == 0 || h->sections > CTX_IMAGE_SECTIONS_MAX ||
        h->sections * sizeof(struct ctx_image_section) > len - sizeof *h) {
        return image_refuse(error, "sections", h->sections, "no such number of sections fits");
    }
    if (h->table_checksum !=
        checksum(bytes + sizeof *h, h->sections * sizeof(struct ctx_image_section))) {
        return image_refuse(error, "table_checksum", h->table_checksum,
                            "the table of sections is damaged");
    }
    return true;
}

bool image_may_be_packed(uint32_t kind)
{
    return kind == CTX_IMAGE_PROGRAM || kind == CTX_IMAGE_SYMBOLS || kind == CTX_IMAGE_STRINGS ||
           kind == CTX_IMAGE_CONTENTS || kind == CTX_IMAGE_CANVAS;
}

/* The bytes of one section, and how they are cut into entries. *end is where the one before ended.
 */
static bool check_section(struct image *image, const struct ctx_image_section *s, uint64_t *end,
                          struct image_error *error)
{
    if ((s->at & 7) != 0 || s->at < *end || s->at > image->len || s->stored > image->len - s->at) {
        return image_refuse(error, "section.at", s->at,
                            "the section lies outside, or over another");
    }
    for (; *end < s->at; (*end)++) { /* no checksum has what lies between */
        if (image->bytes[*end] != 0) {
            return image_refuse(error, "section.at", *end, "something lies between two sections");
        }
    }
    *end = s->at + s->stored;
    bool packed = (s->flags & CTX_IMAGE_PACKED) != 0;
    if ((s->flags & ~(CTX_IMAGE_REQUIRED | CTX_IMAGE_PACKED)) != 0 ||
        (packed && !image_may_be_packed(s->kind))) {
        return image_refuse(error, "section.flags", s->flags, "not the flags of such a section");
    }
    if (!packed && s->len != s->stored) {
        return image_refuse(error, "section.len", s->len, "not what is stored");
    }
    if (packed && (s->len > IMAGE_BYTES_MAX || s->stored < s->len / 256)) {
        return image_refuse(error, "section.len", s->len, "packed bytes can not become so many");
    }
    if ((image->flags & CTX_IMAGE_UNCHECKED) == 0 &&
        s->checksum != checksum(image->bytes + s->at, s->stored)) {
        return image_refuse(error, "section.checksum", s->kind, "the section is damaged; its kind");
    }
    if (s->kind >= IMAGE_KINDS) {
        return (s->flags & CTX_IMAGE_REQUIRED) == 0 ||
               image_refuse(error, "section.kind", s->kind,
                            "a section that this system does not know and must");
    }
    struct image_part *part = &image->parts[s->kind];
    uint32_t least = image_entry_size(s->kind);
    if (s->kind == CTX_IMAGE_SESSION_APP) { /* there are many: looked up in the table */
        part->count++;
        return true;
    }
    if (part->stored != NULL) {
        return image_refuse(error, "section.kind", s->kind, "two sections of one kind");
    }
    if (least != 0 && (s->entry < least || s->entry > 4096 || s->len % s->entry != 0)) {
        return image_refuse(error, "section.entry", s->entry, "not the size of such entries");
    }
    *part = (struct image_part){
        .stored = image->bytes + s->at,
        .stored_len = s->stored,
        .len = s->len,
        .flags = s->flags,
        .entry = s->entry,
        .count = least != 0 ? s->len / s->entry : 0,
    };
    return true;
}

static void section(const struct image *image, uint32_t index, struct ctx_image_section *s)
{
    memcpy(s, image->bytes + sizeof(struct ctx_image_header) + (uint64_t)index * sizeof *s,
           sizeof *s);
}

static uint32_t sections(const struct image *image)
{
    struct ctx_image_header h;
    memcpy(&h, image->bytes, sizeof h);
    return h.sections;
}

/* Unpack everything once: nothing that comes later can fail on the image's account. */
static bool check_packed(const struct image *image, struct image_error *error)
{
    for (uint32_t kind = 1; kind < IMAGE_KINDS; kind++) {
        struct image_stream stream;
        const struct image_part *part = &image->parts[kind];
        if ((part->flags & CTX_IMAGE_PACKED) == 0) {
            continue;
        }
        if (!image_stream_begin(&stream, image, kind)) {
            return image_refuse(error, "memory", CTX_IMAGE_CHUNK, "no memory to look at it");
        }
        bool good =
            image_stream_read(&stream, NULL, part->len) && stream.stored_at == part->stored_len;
        image_stream_end(&stream);
        if (!good) {
            return image_refuse(error, "section.stored", kind,
                                "what is packed can not be unpacked; its kind");
        }
    }
    return true;
}

bool image_open(const uint8_t *bytes, uint64_t len, struct image *out, struct image_error *error)
{
    struct ctx_image_header h;
    *out = (struct image){.bytes = bytes, .len = len};
    if (!check_header(bytes, len, &h, error)) {
        return false;
    }
    out->flags = h.flags;
    uint64_t end = sizeof h + h.sections * sizeof(struct ctx_image_section);
    for (uint32_t i = 0; i < h.sections; i++) {
        struct ctx_image_section s;
        section(out, i, &s);
        if (!check_section(out, &s, &end, error)) {
            return false;
        }
    }
    if (end != len) {
        return image_refuse(error, "bytes", len, "something lies behind the last section");
    }
    bool session = (h.flags & CTX_IMAGE_SESSION) != 0;
    return (session ? image_check_session(out, error) : image_check_app(out, error)) &&
           check_packed(out, error);
}

bool image_open_file(const uint8_t *bytes, uint64_t len, struct image *out,
                     struct image_error *error)
{
    if (!image_open(bytes, len, out, error)) {
        return false;
    }
    return (out->flags & CTX_IMAGE_UNCHECKED) == 0 ||
           image_refuse(error, "flags", out->flags, "it has no checksums");
}

void image_entry(const struct image *image, uint32_t kind, uint64_t index, void *to, uint32_t size)
{
    const struct image_part *part = &image->parts[kind];
    uint32_t known = MIN(size, part->entry);
    memcpy(to, part->stored + index * part->entry, known);
    memset((uint8_t *)to + known, 0, size - known);
}

const uint8_t *image_session_app(const struct image *session, uint32_t index, uint64_t *len)
{
    for (uint32_t i = 0, seen = 0; i < sections(session); i++) {
        struct ctx_image_section s;
        section(session, i, &s);
        if (s.kind == CTX_IMAGE_SESSION_APP && seen++ == index) {
            *len = s.len;
            return session->bytes + s.at;
        }
    }
    return NULL;
}

/* ---- streams ---- */

bool image_stream_begin(struct image_stream *stream, const struct image *image, uint32_t kind)
{
    *stream = (struct image_stream){.part = &image->parts[kind]};
    if ((stream->part->flags & CTX_IMAGE_PACKED) != 0) {
        stream->chunk = heap_alloc(CTX_IMAGE_CHUNK);
        return stream->chunk != NULL;
    }
    return true;
}

void image_stream_end(struct image_stream *stream)
{
    if (stream->chunk != NULL) {
        heap_free(stream->chunk, CTX_IMAGE_CHUNK);
        stream->chunk = NULL;
    }
}

/* The next chunk of a packed section. */
static bool refill(struct image_stream *s)
{
    const struct image_part *part = s->part;
    uint32_t want = (uint32_t)MIN(part->len - s->at, (uint64_t)CTX_IMAGE_CHUNK);
    uint32_t stored;
    if (want == 0 || part->stored_len - s->stored_at < sizeof stored) {
        return false;
    }
    memcpy(&stored, part->stored + s->stored_at, sizeof stored);
    const uint8_t *from = part->stored + s->stored_at + sizeof stored;
    bool raw = (stored & STORED_RAW) != 0;
    stored &= ~STORED_RAW;
    uint64_t left = part->stored_len - s->stored_at - sizeof stored;
    if (stored > left || ALIGN_UP((uint64_t)stored, UINT64_C(4)) > left ||
        (raw && stored != want)) {
        return false;
    }
    if (raw) {
        memcpy(s->chunk, from, want);
    } else if (!unpack(s->chunk, want, from, stored)) {
        return false;
    }
    s->stored_at += sizeof stored + ALIGN_UP((uint64_t)stored, UINT64_C(4));
    s->chunk_len = want;
    s->chunk_at = 0;
    return true;
}

bool image_stream_read(struct image_stream *s, void *to, uint64_t len)
{
    uint8_t *out = to;
    if (len > s->part->len - s->at) {
        return false;
    }
    if (s->chunk == NULL) {
        if (out != NULL && len > 0) {
            memcpy(out, s->part->stored + s->at, len);
        }
        s->at += len;
        return true;
    }
    while (len > 0) {
        if (s->chunk_at == s->chunk_len && !refill(s)) {
            return false;
        }
        uint64_t part = MIN(len, (uint64_t)(s->chunk_len - s->chunk_at));
        if (out != NULL) {
            memcpy(out, s->chunk + s->chunk_at, part);
            out += part;
        }
        s->chunk_at += (uint32_t)part;
        s->at += part;
        len -= part;
    }
    return true;
}
