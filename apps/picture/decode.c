/* SPDX-License-Identifier: MIT */
/*
 * stb_image on a Context. It wants malloc and friends; alloc wants sizes back, so each block
 * carries its own in front. The Context of the call in which all this happens is kept in a static
 * for that long.
 */
#include "decode.h"

static struct ctx *now;

#define HEAD 16u

static void *get_memory(uint64_t size)
{
    uint64_t *block = now->alloc(size + HEAD, HEAD);
    if (block == 0) {
        return 0;
    }
    block[0] = size;
    return (uint8_t *)block + HEAD;
}

static void give_back(void *memory)
{
    if (memory != 0) {
        uint64_t *block = (uint64_t *)((uint8_t *)memory - HEAD);
        now->dealloc(block, block[0] + HEAD, HEAD);
    }
}

static void *resize(void *memory, uint64_t old_size, uint64_t size)
{
    void *bigger = get_memory(size);
    if (bigger != 0 && memory != 0) {
        __builtin_memcpy(bigger, memory, old_size < size ? old_size : size);
        give_back(memory);
    }
    return bigger;
}

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_SIMD
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_THREAD_LOCALS
#define STBI_FAILURE_USERMSG
#define STBI_ASSERT(x)                             ((void)0)
#define STBI_MALLOC(size)                          get_memory(size)
#define STBI_FREE(memory)                          give_back(memory)
#define STBI_REALLOC_SIZED(memory, old_size, size) resize(memory, old_size, size)
#define STBI_REALLOC(memory, size)                 resize(memory, 0, size)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <stb_image.h>
#pragma GCC diagnostic pop

uint8_t *decode_picture(struct ctx *ctx, const uint8_t *bytes, uint64_t len, int channels, int *w,
                        int *h, const char **why)
{
    int there;
    now = ctx;
    if (len > INT32_MAX || !stbi_info_from_memory(bytes, (int)len, w, h, &there)) {
        *why = len > INT32_MAX ? "too large" : stbi_failure_reason();
        return 0;
    }
    if (*w <= 0 || *h <= 0 || (uint64_t)*w * (uint64_t)*h > DECODE_PIXELS_MAX) {
        *why = "more than 64 million pixels";
        return 0;
    }
    uint8_t *pixels = stbi_load_from_memory(bytes, (int)len, w, h, &there, channels);
    if (pixels == 0) {
        *why = stbi_failure_reason();
        if (*why == 0) {
            *why = "it is damaged";
        }
    }
    return pixels;
}

void decode_free(struct ctx *ctx, uint8_t *pixels)
{
    now = ctx;
    give_back(pixels);
}
