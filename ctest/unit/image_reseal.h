/* SPDX-License-Identifier: MIT */
/* Checksums of an image made right again, so that what is behind them is looked at. */
#ifndef UNIT_IMAGE_RESEAL_H
#define UNIT_IMAGE_RESEAL_H

#include "pack.h"

#include <ctx/image.h>
#include <kernel/string.h>
#include <kernel/types.h>

/* Header, table and sections fit again, whatever was changed in them; apps of a session too. */
static inline void image_reseal(uint8_t *bytes, uint64_t len)
{
    struct ctx_image_header h;
    if (len < sizeof h) {
        return;
    }
    memcpy(&h, bytes, sizeof h);
    memcpy(h.magic, CTX_IMAGE_MAGIC, sizeof h.magic);
    h.bytes = len;
    uint64_t count = MIN((uint64_t)h.sections, (len - sizeof h) / sizeof(struct ctx_image_section));
    for (uint64_t i = 0; i < count; i++) {
        struct ctx_image_section s;
        uint8_t *at = bytes + sizeof h + i * sizeof s;
        memcpy(&s, at, sizeof s);
        if (s.at <= len && s.stored <= len - s.at) {
            if (s.kind == CTX_IMAGE_SESSION_APP && s.at >= sizeof h) {
                image_reseal(bytes + s.at, s.stored);
            }
            s.checksum = checksum(bytes + s.at, s.stored);
            memcpy(at, &s, sizeof s);
        }
    }
    h.table_checksum = checksum(bytes + sizeof h, count * sizeof(struct ctx_image_section));
    h.checksum = checksum(&h, offsetof(struct ctx_image_header, checksum));
    memcpy(bytes, &h, sizeof h);
}

/* Where a section's bytes begin; 0: it has none. */
static inline uint64_t image_section_at(const uint8_t *bytes, uint32_t kind)
{
    struct ctx_image_header h;
    memcpy(&h, bytes, sizeof h);
    for (uint32_t i = 0; i < h.sections; i++) {
        struct ctx_image_section s;
        memcpy(&s, bytes + sizeof h + i * sizeof s, sizeof s);
        if (s.kind == kind) {
            return s.at;
        }
    }
    return 0;
}

#endif
