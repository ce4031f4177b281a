/* SPDX-License-Identifier: MIT */
/* The app's file that an image has: in one piece, and with those data that it only names. */
#include "restore_private.h"

#include "app.h"
#include "heap.h"
#include "image_check.h"
#include "pack.h"
#include "program.h"

#include <kernel/klog.h>
#include <kernel/string.h>

static bool take(const struct image *image, uint32_t kind, struct restore_piece *out)
{
    struct image_stream stream;
    const struct image_part *part = &image->parts[kind];
    *out = (struct restore_piece){.bytes = part->stored, .len = part->len};
    if ((part->flags & CTX_IMAGE_PACKED) == 0 || part->len == 0) {
        return true;
    }
    out->copy = heap_alloc(part->len);
    out->bytes = out->copy;
    bool good = out->copy != NULL && image_stream_begin(&stream, image, kind);
    if (good) {
        good = image_stream_read(&stream, out->copy, part->len);
        image_stream_end(&stream);
    }
    return good;
}

static void give_back(struct restore_piece *piece)
{
    if (piece->copy != NULL) {
        heap_free(piece->copy, piece->len);
    }
    *piece = (struct restore_piece){NULL, 0, NULL};
}

/* Its length with what is put in; image.c has seen that the pieces have their places. */
static uint64_t whole_length(const struct image *image)
{
    uint64_t len = image->parts[CTX_IMAGE_PROGRAM].len;
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_NEEDS].count; i++) {
        struct ctx_image_need need;
        image_entry(image, CTX_IMAGE_NEEDS, i, &need, sizeof need);
        len += need.len;
    }
    return len;
}

static ctx_status put_in(const struct image *image, const char *label, uint8_t *to, uint64_t len,
                         struct image_error *error)
{
    struct image_stream stream;
    uint64_t at = 0;
    if (!image_stream_begin(&stream, image, CTX_IMAGE_PROGRAM)) {
        image_refuse(error, "memory", image->len, "no memory to look at it");
        return CTX_E_NOMEM;
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_NEEDS].count; i++) {
        struct ctx_image_need need;
        image_entry(image, CTX_IMAGE_NEEDS, i, &need, sizeof need);
        const uint8_t *data = program_find_data(need.len, need.hash);
        if (data == NULL) {
            image_stream_end(&stream);
            log_error(
                "image",
                "%s needs %lu bytes of %s's file, hash %016lx: no program that runs or is on the shelf has them",
                label, need.len, (const char *)need.name, need.hash);
            image_refuse(error, "need.hash", need.hash,
                         "the image needs its app's file, which is not here");
            return CTX_E_INVAL;
        }
        (void)image_stream_read(&stream, to + at, need.at - at);
        memcpy(to + need.at, data, need.len);
        at = need.at + need.len;
    }
    (void)image_stream_read(&stream, to + at, len - at);
    image_stream_end(&stream);
    return CTX_OK;
}

/* The whole file, of an image that names parts of it. */
static ctx_status join(const struct image *image, const char *label, struct restore_piece *out,
                       struct image_error *error)
{
    uint64_t len = whole_length(image);
    uint8_t *copy = heap_alloc(len);
    *out = (struct restore_piece){.bytes = copy, .len = len, .copy = copy};
    if (copy == NULL) {
        image_refuse(error, "memory", image->len, "no memory to look at it");
        return CTX_E_NOMEM;
    }
    return put_in(image, label, copy, len, error);
}

void restore_close_file(struct restore_file *f)
{
    give_back(&f->program);
    give_back(&f->symbols);
    give_back(&f->strings);
}

ctx_status restore_open_file(const struct image *image, const char *label, struct restore_file *f,
                             struct image_error *error)
{
    struct elf_error elf;
    *f = (struct restore_file){.program = {NULL, 0, NULL}};
    if (image->parts[CTX_IMAGE_NEEDS].count > 0) {
        ctx_status status = join(image, label, &f->program, error);
        if (status != CTX_OK) {
            return status;
        }
    }
    if ((f->program.bytes == NULL && !take(image, CTX_IMAGE_PROGRAM, &f->program)) ||
        !take(image, CTX_IMAGE_SYMBOLS, &f->symbols) ||
        !take(image, CTX_IMAGE_STRINGS, &f->strings)) {
        image_refuse(error, "memory", image->len, "no memory to look at it");
        return CTX_E_NOMEM;
    }
    if (checksum(f->program.bytes, f->program.len) != image->app.code_hash) {
        image_refuse(error, "app.code_hash", image->app.code_hash, "its file is another one");
        return CTX_E_INVAL;
    }
    if (!elf_check(f->program.bytes, f->program.len, &f->plan, &elf)) {
        image_refuse(error, elf.field, elf.value, elf.reason);
        return CTX_E_INVAL;
    }
    if (!app_check_plan(&f->plan, label)) {
        image_refuse(error, "program", image->app.version, "this kernel does not take its file");
        return CTX_E_INVAL;
    }
    return CTX_OK;
}
