/* SPDX-License-Identifier: MIT */
/*
 * What a display says about itself: VESA E-EDID 1.4, as far as a size is wanted. Pure functions on
 * bytes of strangers.
 */
#ifndef VIRTIO_EDID_H
#define VIRTIO_EDID_H

#include <kernel/types.h>

#define EDID_BLOCK 128u /* the base block; extensions are not looked at */

/*
 * The preferred mode: the first detailed timing (3.10.2). False: too short, bad header or checksum,
 * no timing there, or a size that is not display_size_ok().
 */
bool edid_mode(const uint8_t *edid, uint32_t len, uint32_t *width, uint32_t *height);

/* Whether a size can be believed, whoever said it: each side 64 to 8,192 pixels. */
bool display_size_ok(uint32_t width, uint32_t height);

#endif
