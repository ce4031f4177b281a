/* SPDX-License-Identifier: MIT */
/* The four functions of libctx.a that compilers call out of thin air, against the C library's. */
#include "test.h"

#include <stdlib.h>

#define memcpy  own_memcpy
#define memmove own_memmove
#define memset  own_memset
#define memcmp  own_memcmp
#include "../../libctx/src/mem.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

#define BYTES 96u

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

/* Every length from both ends of a word, at every place in it, equal and with one byte that is not.
 */
static void compares_like_the_library(void **state)
{
    (void)state;
    uint8_t a[BYTES], b[BYTES];
    for (size_t len = 0; len <= 40; len++) {
        for (size_t at = 0; at < 8; at++) {
            for (size_t i = 0; i < BYTES; i++) {
                a[i] = b[(i + 3) % BYTES] = (uint8_t)(i * 37 + 0x75);
            }
            const uint8_t *x = a + at, *y = b + at + 3;
            assert_int_equal(own_memcmp(x, y, len), 0);
            for (size_t i = 0; i <= len; i++) { /* the last: right behind */
                for (int by = -1; by <= 1; by += 2) {
                    a[at + i] = (uint8_t)(a[at + i] + by * 0x90);
                    assert_int_equal(sign(own_memcmp(x, y, len)), sign(memcmp(x, y, len)));
                    assert_int_equal(sign(own_memcmp(y, x, len)), sign(memcmp(y, x, len)));
                    a[at + i] = (uint8_t)(a[at + i] - by * 0x90);
                }
            }
        }
    }
}

static void copies_moves_and_fills(void **state)
{
    (void)state;
    uint8_t mine[BYTES], theirs[BYTES];
    for (size_t len = 0; len <= 40; len++) {
        for (size_t to = 0; to < 24; to++) {
            for (size_t from = 0; from < 24; from++) {
                for (size_t i = 0; i < BYTES; i++) {
                    mine[i] = theirs[i] = (uint8_t)(i * 29);
                }
                assert_ptr_equal(own_memmove(mine + to, mine + from, len), mine + to);
                memmove(theirs + to, theirs + from, len);
                assert_memory_equal(mine, theirs, BYTES);
            }
            uint8_t source[BYTES];
            memset(source, (int)len + 1, sizeof source);
            assert_ptr_equal(own_memcpy(mine + to, source, len), mine + to);
            memcpy(theirs + to, source, len);
            assert_memory_equal(mine, theirs, BYTES);
            assert_ptr_equal(own_memset(mine + to, 0x1a5, len), mine + to);
            memset(theirs + to, 0x1a5, len);
            assert_memory_equal(mine, theirs, BYTES);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_like_the_library),
        cmocka_unit_test(copies_moves_and_fills),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
