/* SPDX-License-Identifier: MIT */
/* See edid.h. */
#include "edid.h"

#include <kernel/string.h>

#define SIDE_MIN 64u
#define SIDE_MAX 8192u

bool display_size_ok(uint32_t width, uint32_t height)
{
    return width >= SIDE_MIN && width <= SIDE_MAX && height >= SIDE_MIN && height <= SIDE_MAX;
}

bool edid_mode(const uint8_t *edid, uint32_t len, uint32_t *width, uint32_t *height)
{
    static const uint8_t header[8] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
    if (len < EDID_BLOCK || memcmp(edid, header, sizeof(header)) != 0) {
        return false;
    }
    uint32_t sum = 0;
    for (uint32_t i = 0; i < EDID_BLOCK; i++) {
        sum += edid[i];
    }
    const uint8_t *timing = edid + 54;
    if (sum % 256 != 0 ||
        (timing[0] == 0 && timing[1] == 0)) { /* no pixel clock: another kind of descriptor */
        return false;
    }
    *width = timing[2] | (timing[4] & 0xf0u) << 4;
    *height = timing[5] | (timing[7] & 0xf0u) << 4;
    return display_size_ok(*width, *height);
}
