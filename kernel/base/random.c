/* SPDX-License-Identifier: MIT */
#include "random.h"

#include <kernel/machine.h>
#include <kernel/noise.h>
#include <kernel/string.h>

#define RESEED_NS (60 * NSEC_PER_SEC)

/* [boot, loop, in a call] */
static struct {
    uint32_t key[8];
    uint64_t seeded_ns;
    bool seeded;
    struct task *source; /* brings noise when asked for */
    bool wanted;
} state;

static void quarter(uint32_t *x, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
#define ROTATE(v, n) ((v) << (n) | (v) >> (32 - (n)))
    x[a] += x[b];
    x[d] = ROTATE(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = ROTATE(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = ROTATE(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = ROTATE(x[b] ^ x[c], 7);
#undef ROTATE
}

void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3],
                    uint8_t out[64])
{
    uint32_t start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    uint32_t x[16];
    memcpy(start + 4, key, 32);
    start[12] = counter;
    memcpy(start + 13, nonce, 12);
    memcpy(x, start, sizeof x);
    for (uint32_t i = 0; i < 10; i++) {
        quarter(x, 0, 4, 8, 12);
        quarter(x, 1, 5, 9, 13);
        quarter(x, 2, 6, 10, 14);
        quarter(x, 3, 7, 11, 15);
        quarter(x, 0, 5, 10, 15);
        quarter(x, 1, 6, 11, 12);
        quarter(x, 2, 7, 8, 13);
        quarter(x, 3, 4, 9, 14);
    }
    for (uint32_t i = 0; i < 16; i++) {
        x[i] += start[i];
    }
    memcpy(out, x, sizeof x);
}

void random_reseed(void)
{
    for (uint32_t i = 0; i < 8; i += 2) {
        uint64_t noise = machine_random();
        state.key[i] ^= (uint32_t)noise;
        state.key[i + 1] ^= (uint32_t)(noise >> 32);
    }
    state.seeded = true;
    state.seeded_ns = machine_now_ns();
    state.wanted = true;
    if (state.source != NULL) {
        task_wake(state.source);
    }
}

void noise_source(struct task *task)
{
    state.source = task;
}

bool noise_is_wanted(void)
{
    return state.wanted;
}

/* Each 32 bytes change the key, and the cipher goes over it: no bit of the old one is lost. */
void noise_add(const void *bytes, size_t len)
{
    static const uint32_t nonce[3] = {1, 0, 0};
    const uint8_t *p = bytes;
    uint8_t block[64];
    while (len > 0) {
        size_t part = MIN(len, sizeof state.key);
        for (size_t i = 0; i < part; i++) {
            state.key[i / 4] ^= (uint32_t)p[i] << (i % 4 * 8);
        }
        chacha20_block(state.key, 0, nonce, block);
        memcpy(state.key, block, sizeof state.key);
        p += part;
        len -= part;
    }
    memset(block, 0, sizeof block);
    state.wanted = false;
}

void random_fill(uint8_t *out, size_t len)
{
    static const uint32_t nonce[3];
    uint8_t block[64];
    if (!state.seeded || machine_now_ns() - state.seeded_ns > RESEED_NS) {
        random_reseed();
    }
    /* The first half of block 0 becomes the next key; the blocks after it are given out. */
    uint32_t key[8];
    memcpy(key, state.key, sizeof key);
    chacha20_block(key, 0, nonce, block);
    memcpy(state.key, block, sizeof state.key);
    for (uint32_t counter = 1; len > 0; counter++) {
        size_t part = MIN(len, sizeof block);
        chacha20_block(key, counter, nonce, block);
        memcpy(out, block, part);
        out += part;
        len -= part;
    }
    memset(block, 0, sizeof block);
    memset(key, 0, sizeof key);
}
