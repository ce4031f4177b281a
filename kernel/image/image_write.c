/* SPDX-License-Identifier: MIT */
/*
 * Writing the container. All room is had before the first byte is written: nothing fails half-way,
 * and no byte is moved twice.
 */
#include "image_write.h"
#include "frame.h"
#include "heap.h"
#include "image_check.h"
#include "pack.h"

#include <kernel/machine.h>
#include <kernel/string.h>

#include <ctx/image.h>

#define STORED_RAW (1u << 31)
#define PACK_HOPES 3u /* halves */
#define PACK_HEAD  4u /* bytes: how much the chunk behind it takes */

void image_bytes_free(struct image_bytes *image)
{
    if (image->bytes != NULL) {
        frame_free_pages(machine_direct_paddr(image->bytes), image->pages);
    }
    *image = (struct image_bytes){NULL, 0, 0};
}

ctx_status image_write_begin(struct image_writer *w, uint64_t bytes, uint32_t sections,
                             uint32_t flags)
{
    *w = (struct image_writer){.flags = flags, .sections_max = sections};
    uint64_t chunks = bytes / CTX_IMAGE_CHUNK + sections;
    uint64_t room = sizeof(struct ctx_image_header) + bytes + 8 * chunks +
                    sections * (sizeof(struct ctx_image_section) + 16);
    w->out.pages = (room + PAGE_SIZE - 1) / PAGE_SIZE;
    w->room = w->out.pages * PAGE_SIZE;
    if (w->out.pages > UINT64_C(1) << (FRAME_ORDERS - 1)) {
        *w = (struct image_writer){.flags = flags};
        return CTX_E_TOOBIG;
    }
    /* What is packed takes a fraction, as a rule: where memory is short, that is hoped for. */
    paddr_t frame = frame_alloc_pages(w->out.pages, 0);
    for (uint32_t i = 0; frame == 0 && (flags & SAVE_PACKED) != 0 && i < PACK_HOPES; i++) {
        w->out.pages = (w->out.pages + 1) / 2;
        frame = frame_alloc_pages(w->out.pages, 0);
    }
    if (frame == 0) {
        *w = (struct image_writer){.flags = flags};
        return CTX_E_NOMEM;
    }
    w->room = w->out.pages * PAGE_SIZE;
    w->out.bytes = machine_direct(frame);
    w->table = (struct ctx_image_section *)(w->out.bytes + sizeof(struct ctx_image_header));
    w->out.len = sizeof(struct ctx_image_header) + sections * sizeof *w->table;
    if (w->out.len > w->room) {
        image_write_abandon(w);
        return CTX_E_NOMEM;
    }
    memset(w->out.bytes, 0, w->out.len);
    if ((flags & SAVE_PACKED) != 0) {
        w->chunk = heap_alloc(CTX_IMAGE_CHUNK);
        if (w->chunk == NULL) {
            image_write_abandon(w);
            return CTX_E_NOMEM;
        }
    }
    return CTX_OK;
}

void image_write_abandon(struct image_writer *w)
{
    if (w->chunk != NULL) {
        heap_free(w->chunk, CTX_IMAGE_CHUNK);
    }
    w->chunk = NULL;
    image_bytes_free(&w->out);
}

/*
 * Whether so many bytes more fit. If they do not because less room was to be had than all of it
 * would take, and it was hoped that packing makes up for it, it is moved to a larger one.
 */
static bool has_room(struct image_writer *w, uint64_t more)
{
    uint64_t pages = (w->out.len + more + PAGE_SIZE - 1) / PAGE_SIZE;
    if (more <= w->room - w->out.len) {
        return true;
    }
    if (w->chunk == NULL || pages > UINT64_C(1) << (FRAME_ORDERS - 1)) {
        return false;
    }
    uint64_t generous = MIN(pages + pages / 4, UINT64_C(1) << (FRAME_ORDERS - 1));
    paddr_t frame = frame_alloc_pages(generous, 0);
    if (frame == 0) {
        generous = pages;
        frame = frame_alloc_pages(generous, 0);
    }
    if (frame == 0) {
        return false;
    }
    uint64_t len = w->out.len;
    memcpy(machine_direct(frame), w->out.bytes, len);
    image_bytes_free(&w->out);
    w->out = (struct image_bytes){machine_direct(frame), len, generous};
    w->table = (struct ctx_image_section *)(w->out.bytes + sizeof(struct ctx_image_header));
    w->room = generous * PAGE_SIZE;
    return true;
}

void image_write_section(struct image_writer *w, uint32_t kind, uint32_t entry, bool pack)
{
    if (w->sections == w->sections_max) {
        w->failed = true;
        return;
    }
    w->packing = pack && w->chunk != NULL;
    w->chunk_len = 0;
    if (!has_room(w, -w->out.len & 7)) {
        w->failed = true;
        return;
    }
    while ((w->out.len & 7) != 0) {
        w->out.bytes[w->out.len++] = 0;
    }
    w->table[w->sections] = (struct ctx_image_section){
        .kind = kind,
        .flags = w->packing ? CTX_IMAGE_PACKED : 0,
        .at = w->out.len,
        .entry = entry,
    };
}

/* Pack the chunk into what room there is, and no less than it needs to shrink at all. 0: it is
 * better kept as it is, or does not fit. */
static uint32_t pack_chunk(struct image_writer *w, const uint8_t *chunk, uint32_t len)
{
    uint64_t left = w->room - w->out.len;
    uint64_t most = left > 2 * PACK_HEAD ? left - 2 * PACK_HEAD : 0; /* and up to four zeroes */
    most = MIN(most, (uint64_t)len - 1);
    return most == 0 ? 0 : pack(w->out.bytes + w->out.len + PACK_HEAD, (uint32_t)most, chunk, len);
}

/* One chunk of a packed section: as it is, where it does not shrink. */
static void write_chunk(struct image_writer *w, const uint8_t *chunk, uint32_t len)
{
    uint32_t stored = pack_chunk(w, chunk, len);
    if (stored == 0 && len + 2 * PACK_HEAD > w->room - w->out.len) {
        if (!has_room(w, len + 2 * PACK_HEAD)) {
            w->failed = true;
            return;
        }
        stored = pack_chunk(w, chunk, len);
    }
    uint8_t *to = w->out.bytes + w->out.len;
    uint32_t word = stored;
    if (stored == 0) {
        stored = len;
        word = stored | STORED_RAW;
        memcpy(to + PACK_HEAD, chunk, stored);
    }
    memcpy(to, &word, sizeof word);
    w->out.len += PACK_HEAD + stored;
    for (; (stored & 3) != 0; stored++) {
        w->out.bytes[w->out.len++] = 0;
    }
}

static void flush(struct image_writer *w)
{
    if (w->chunk_len != 0 && !w->failed) {
        write_chunk(w, w->chunk, w->chunk_len);
        w->chunk_len = 0;
    }
}

/* Whole chunks are packed from where they lie; pieces of them are put together first. */
static void write_packed(struct image_writer *w, const uint8_t *from, uint64_t len)
{
    while (len > 0 && !w->failed) {
        uint32_t part = (uint32_t)MIN(len, (uint64_t)(CTX_IMAGE_CHUNK - w->chunk_len));
        if (part == CTX_IMAGE_CHUNK) {
            write_chunk(w, from, part);
        } else {
            memcpy(w->chunk + w->chunk_len, from, part);
            w->chunk_len += part;
        }
        from += part;
        len -= part;
        if (w->chunk_len == CTX_IMAGE_CHUNK) {
            flush(w);
        }
    }
}

void image_write(struct image_writer *w, const void *bytes, uint64_t len)
{
    const uint8_t *from = bytes;
    if (w->failed || (!w->packing && !has_room(w, len))) {
        w->failed = true;
        return;
    }
    w->table[w->sections].len += len;
    if (!w->packing) {
        memcpy(w->out.bytes + w->out.len, from, len);
        w->out.len += len;
        return;
    }
    write_packed(w, from, len);
}

void image_write_text(struct image_writer *w, uint32_t what, const char *text, size_t len)
{
    static const uint8_t zeroes[8];
    const struct ctx_image_text head = {what, (uint32_t)len};
    image_write(w, &head, sizeof head);
    image_write(w, text, len);
    image_write(w, zeroes, image_text_bytes(len) - sizeof head - len);
}

void image_write_required(struct image_writer *w)
{
    if (!w->failed) {
        w->table[w->sections].flags |= CTX_IMAGE_REQUIRED;
    }
}

void image_write_end_section(struct image_writer *w)
{
    if (w->failed) {
        return;
    }
    if (w->packing) {
        flush(w); /* which may move the table */
    }
    if (w->failed) {
        return;
    }
    struct ctx_image_section *s = &w->table[w->sections++];
    s->stored = w->out.len - s->at;
    if ((w->flags & SAVE_UNCHECKED) == 0) {
        s->checksum = checksum(w->out.bytes + s->at, s->stored);
    }
}

void image_write_whole(struct image_writer *w, uint32_t kind, uint32_t entry, const void *bytes,
                       uint64_t len, bool pack)
{
    if (len > 0) {
        image_write_section(w, kind, entry, pack);
        image_write(w, bytes, len);
        image_write_end_section(w);
    }
}

void image_write_elsewhere(struct image_writer *w, uint32_t kind, struct image_bytes *image)
{
    image_write_section(w, kind, 0, false);
    if (w->failed) {
        return;
    }
    struct ctx_image_section *s = &w->table[w->sections++];
    s->at = ALIGN_UP(w->out.len + w->elsewhere, UINT64_C(8));
    s->len = image->len;
    s->stored = image->len;
    s->checksum = checksum(image->bytes, image->len);
    w->elsewhere = s->at + s->len - w->out.len;
    /* Its last page has the room for it, and nobody else looks there. */
    memset(image->bytes + image->len, 0, ALIGN_UP(image->len, UINT64_C(8)) - image->len);
}

/*
 * The room was for bytes as they are; what was packed takes less. Without memory it stays. A small
 * one waits in aside, CTX_IMAGE_CHUNK bytes or NULL, until its room is free: a copy that was made
 * before would lie in what is left of that room's block, and a thousand images would leave no two
 * free pages side by side. False: it is lost, there is no memory.
 */
static bool shrink(struct image_bytes *image, void *aside)
{
    uint64_t pages = (image->len + PAGE_SIZE - 1) / PAGE_SIZE;
    if (pages >= image->pages * 3 / 4) {
        return true;
    }
    if (aside != NULL && image->len <= CTX_IMAGE_CHUNK) {
        uint64_t len = image->len;
        memcpy(aside, image->bytes, len);
        image_bytes_free(image);
        paddr_t frame = frame_alloc_pages(pages, 0);
        if (frame != 0) {
            *image = (struct image_bytes){machine_direct(frame), len, pages};
            memcpy(image->bytes, aside, len);
        }
        return frame != 0;
    }
    paddr_t frame = frame_alloc_pages(pages, 0);
    if (frame != 0) {
        memcpy(machine_direct(frame), image->bytes, image->len);
        frame_free_pages(machine_direct_paddr(image->bytes), image->pages);
        image->bytes = machine_direct(frame);
        image->pages = pages;
    }
    return true;
}

ctx_status image_write_end(struct image_writer *w, uint32_t header_flags, struct image_bytes *out)
{
    if (w->failed) { /* the estimate of its room was wrong: better no image than a short one */
        image_write_abandon(w);
        return CTX_E_NOMEM;
    }
    struct ctx_image_header h = {
        .magic = CTX_IMAGE_MAGIC,
        .version = CTX_IMAGE_VERSION,
        .size = sizeof h,
        .bytes = w->out.len + w->elsewhere,
        .sections = w->sections,
        .flags = header_flags | ((w->flags & SAVE_UNCHECKED) != 0 ? CTX_IMAGE_UNCHECKED : 0),
        .table_checksum = checksum(w->table, w->sections * sizeof *w->table),
    };
    h.checksum = checksum(&h, offsetof(struct ctx_image_header, checksum));
    memcpy(w->out.bytes, &h, sizeof h);
    *out = w->out;
    bool good = shrink(out, w->chunk);
    if (w->chunk != NULL) {
        heap_free(w->chunk, CTX_IMAGE_CHUNK);
        w->chunk = NULL;
    }
    w->out = (struct image_bytes){NULL, 0, 0};
    return good ? CTX_OK : CTX_E_NOMEM;
}

ctx_status image_finish(struct image_bytes *image)
{
    struct image_writer w;
    struct ctx_image_header h;
    struct ctx_image_section s;
    memcpy(&h, image->bytes, sizeof h);
    ctx_status status = image_write_begin(&w, image->len, h.sections, SAVE_PACKED);
    if (status != CTX_OK) {
        return status;
    }
    for (uint32_t i = 0; i < h.sections; i++) { /* ours: whoever wrote it has seen to it */
        memcpy(&s, image->bytes + sizeof h + i * sizeof s, sizeof s);
        image_write_whole(&w, s.kind, s.entry, image->bytes + s.at, s.len,
                          image_may_be_packed(s.kind));
        if (!w.failed && s.len > 0) {
            w.table[w.sections - 1].flags |= s.flags & CTX_IMAGE_REQUIRED;
        }
    }
    struct image_bytes packed;
    status = image_write_end(&w, h.flags & CTX_IMAGE_SESSION, &packed);
    if (status == CTX_OK) {
        image_bytes_free(image);
        *image = packed;
    }
    return status;
}
