/* SPDX-License-Identifier: MIT */
#include "content.h"

/* Bytes of the character that begins here, 0: none does. */
static uint32_t character(const uint8_t *b, uint64_t len)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (b[0] < 0x80) {
        return b[0] != 0;
    }
    uint32_t n = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
    if (b[0] < 0xc2 || b[0] > 0xf4 || n > len) {
        return 0;
    }
    uint32_t code = b[0] & (0x7fu >> n);
    for (uint32_t i = 1; i < n; i++) {
        if ((b[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (b[i] & 0x3fu);
    }
    int fine = code >= least[n] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return fine ? n : 0;
}

static int is_text(const uint8_t *text, uint64_t len)
{
    for (uint64_t at = 0; at < len;) {
        uint32_t n = character(text + at, len - at);
        if (n == 0) {
            return 0;
        }
        at += n;
    }
    return 1;
}

/* A copy in place of what was there. */
static ctx_status replace(struct content *c, const struct content_memory *memory,
                          enum content_kind kind, const uint8_t *data, uint64_t bytes)
{
    uint8_t *copy = NULL;
    if (bytes > 0) {
        copy = memory->alloc(memory->self, bytes);
        if (copy == NULL) {
            return CTX_E_NOMEM;
        }
        __builtin_memcpy(copy, data, bytes);
    }
    if (c->data != NULL) {
        memory->free(memory->self, c->data, c->bytes);
    }
    *c = (struct content){.kind = kind, .bytes = bytes, .serial = c->serial + 1, .data = copy};
    return CTX_OK;
}

ctx_status content_put_text(struct content *c, const struct content_memory *memory,
                            const uint8_t *text, uint64_t len)
{
    if (len > CONTENT_TEXT_MAX) {
        return CTX_E_TOOBIG;
    }
    if (!is_text(text, len)) {
        return CTX_E_INVAL;
    }
    return replace(c, memory, len > 0 ? CONTENT_TEXT : CONTENT_NOTHING, text, len);
}

ctx_status content_check_picture(uint32_t w, uint32_t h, uint64_t there)
{
    if (w == 0 || h == 0 || w > CONTENT_SIDE_MAX || h > CONTENT_SIDE_MAX) {
        return CTX_E_INVAL;
    }
    uint64_t pixels = (uint64_t)w * h;
    if (pixels > CONTENT_PICTURE_MAX) {
        return CTX_E_TOOBIG;
    }
    return pixels * 4 <= there ? CTX_OK : CTX_E_INVAL;
}

ctx_status content_put_picture(struct content *c, const struct content_memory *memory, uint32_t w,
                               uint32_t h, const uint8_t *pixels)
{
    ctx_status status = replace(c, memory, CONTENT_PICTURE, pixels, (uint64_t)w * h * 4);
    if (status == CTX_OK) {
        c->w = w;
        c->h = h;
    }
    return status;
}
