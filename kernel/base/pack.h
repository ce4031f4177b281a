/* SPDX-License-Identifier: MIT */
/* Compression and checksums: LZ4's block format and XXH64, by their own authors' code. */
#ifndef KERNEL_PACK_H
#define KERNEL_PACK_H

#include <kernel/types.h>

/* At most so many bytes are packed at once. */
#define PACK_MAX (1u << 20)

/*
 * Pack len bytes (1 to PACK_MAX). How many it became, 0 if they did not fit into room: what does
 * not shrink is better kept as it is. [loop]
 */
uint32_t pack(void *to, uint32_t room, const void *from, uint32_t len);

/* Unpack len bytes into exactly room bytes. False: they are not what pack() makes; `to` then holds
 * anything. Reads and writes nothing else, whatever the bytes are. [any] */
bool unpack(void *to, uint32_t room, const void *from, uint32_t len);

/* XXH64 of these bytes. Detects damage, not malice. [any] */
uint64_t checksum(const void *bytes, size_t len);

#endif
