/* SPDX-License-Identifier: MIT */
/* The cipher is the one of RFC 8439, and what was given out can not be worked out later. */
#include "random.h"
#include "test.h"

/* RFC 8439, section 2.3.2. */
static void the_block_of_the_rfc(void **state)
{
    (void)state;
    uint8_t bytes[32], out[64];
    uint32_t key[8];
    for (uint32_t i = 0; i < 32; i++) {
        bytes[i] = (uint8_t)i;
    }
    memcpy(key, bytes, sizeof key);
    const uint32_t nonce[3] = {0x09000000, 0x4a000000, 0};
    static const uint8_t expected[64] = {
        0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
        0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
        0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
        0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
        0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
    };
    chacha20_block(key, 1, nonce, out);
    assert_memory_equal(out, expected, sizeof out);
}

/* The key of a fill that begins with a fresh seed of zeroes and this noise, as random.c makes it.
 */
static void key_of(uint64_t noise[4], uint32_t key[8])
{
    memcpy(key, noise, 32);
}

static void a_fill_is_blocks_one_and_up_and_block_zero_is_the_next_key(void **state)
{
    (void)state;
    uint64_t noise[4];
    fake.random = 99;
    for (uint32_t i = 0; i < 4; i++) {
        noise[i] = machine_random();
    }
    fake.random = 99;
    uint8_t out[150], block[64];
    static const uint32_t nonce[3];
    uint32_t key[8];
    random_fill(out, sizeof out); /* the first ever: seeded now */
    key_of(noise, key);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t at = 0, n = 1; at < sizeof out; at += 64, n++) {
            chacha20_block(key, n, nonce, block);
            assert_memory_equal(out + at, block, MIN(64u, sizeof out - at));
        }
        chacha20_block(key, 0, nonce, block);
        assert_memory_not_equal(key, block, 32); /* the old one is gone */
        memcpy(key, block, 32);
        random_fill(out, sizeof out);
    }
}

static void no_two_fills_are_equal(void **state)
{
    (void)state;
    static uint8_t seen[64][32];
    for (uint32_t i = 0; i < 64; i++) {
        random_fill(seen[i], 32);
        if (i % 8 == 7) {
            random_reseed();
        }
        for (uint32_t n = 0; n < i; n++) {
            assert_memory_not_equal(seen[i], seen[n], 32);
        }
    }
    uint8_t guarded[3] = {1, 2, 3};
    random_fill(guarded + 1, 0);
    assert_memory_equal(guarded, ((uint8_t[]){1, 2, 3}), 3);
}

/* From one state, with and without a reseed, or with a minute in between: other bytes follow. */
static void noise_comes_in(void **state)
{
    (void)state;
    uint8_t out[32];
    uint64_t before = fake.random;
    random_fill(out, 1);
    assert_int_equal(fake.random, before); /* not at each fill */
    random_reseed();
    assert_true(fake.random != before);
    before = fake.random;
    fake.now_ns += 61 * NSEC_PER_SEC;
    random_fill(out, sizeof out);
    assert_true(fake.random != before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_block_of_the_rfc),
        cmocka_unit_test(a_fill_is_blocks_one_and_up_and_block_zero_is_the_next_key),
        cmocka_unit_test(no_two_fills_are_equal),
        cmocka_unit_test(noise_comes_in),
    };
    return RUN(tests);
}
