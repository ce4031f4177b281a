/* SPDX-License-Identifier: MIT */
#include "pack.h"

#include <kernel/string.h>

/*
 * LZ4 without a C library, and private to this file: what is not used does not become code. (Its
 * header defines LZ4LIB_API anew, whatever was said before. Functions that have no prototype there
 * stay public; the linker drops them.)
 */
#define LZ4_FREESTANDING  1
#define LZ4LIB_VISIBILITY static __attribute__((unused))
#define LZ4_memcpy        memcpy
#define LZ4_memmove       memmove
#define LZ4_memset        memset
#pragma GCC diagnostic ignored "-Wunused-function" /* it declares more than it defines */
#include <lz4.c> /* NOLINT(bugprone-suspicious-include): so that it is private */

#define XXH_PRIVATE_API
#include <xxhash.h>

static LZ4_stream_t state; /* 16 KiB are too much for a stack. [loop] */

uint32_t pack(void *to, uint32_t room, const void *from, uint32_t len)
{
    if (len > PACK_MAX) {
        return 0;
    }
    int n = LZ4_compress_fast_extState(&state, from, to, (int)len, (int)MIN(room, 2 * PACK_MAX), 1);
    return n > 0 ? (uint32_t)n : 0;
}

bool unpack(void *to, uint32_t room, const void *from, uint32_t len)
{
    return room <= PACK_MAX && len <= 2 * PACK_MAX &&
           LZ4_decompress_safe(from, to, (int)len, (int)room) == (int)room;
}

uint64_t checksum(const void *bytes, size_t len)
{
    return XXH64(bytes, len, 0);
}
