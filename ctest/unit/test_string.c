/* SPDX-License-Identifier: MIT */
/* Text: copying, numbers, UTF-8, and the log's small printf against the C library's. */
#include "test.h"
#include "utf8.h"

#include <kernel/klog.h>
#include <kernel/string.h>

static void text_copy_cuts_and_terminates(void **state)
{
    (void)state;
    char to[4] = "xxx";
    assert_true(text_copy(to, sizeof to, "abc"));
    assert_text(to, "abc");
    assert_false(text_copy(to, sizeof to, "abcd"));
    assert_text(to, "abc");
    assert_true(text_copy(to, 1, ""));
    assert_false(text_copy(to, 1, "a"));
    assert_text(to, "");
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        uint64_t value;
    } table[] = {
        {"0", true, 0},
        {"60 more", true, 60},
        {"0x1f", true, 31},
        {"0xABCdef", true, 0xabcdef},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"0xffffffffffffffff", true, UINT64_MAX},
        {"0x10000000000000000", false, 0},
        {"", false, 0},
        {" ", false, 0},
        {"0x", false, 0},
        {"-1", false, 0},
        {"1k", false, 0},
        {"12a", false, 0},
        {"0xg", false, 0},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        uint64_t value = 0;
        assert_int_equal(text_to_u64(table[i].text, &value), table[i].good);
        if (table[i].good) {
            assert_int_equal(value, table[i].value);
        }
    }
}

/* The code points that RFC 3629 allows and that are no control characters, all of them. */
static void every_code_point(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x120000; code++) {
        uint8_t b[4];
        uint32_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        static const uint8_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
        for (uint32_t i = len - 1; i > 0; i--) {
            b[i] = (uint8_t)(0x80 | (code >> 6 * (len - 1 - i) & 0x3f));
        }
        b[0] = (uint8_t)(heads[len] | code >> 6 * (len - 1));
        bool good = code >= 0x20 && !(code >= 0x7f && code < 0xa0) &&
                    !(code >= 0xd800 && code < 0xe000) && code < 0x110000;
        assert_int_equal(utf8_printable(b, len), good ? len : 0);
        if (len > 1) { /* cut off, and followed by something else */
            assert_int_equal(utf8_printable(b, len - 1), 0);
            b[len - 1] = 'x';
            assert_int_equal(utf8_printable(b, len), 0);
        }
    }
    assert_int_equal(utf8_printable((const uint8_t *)"\xc0\x80", 2), 0); /* overlong */
    assert_int_equal(utf8_printable((const uint8_t *)"\xe0\x80\xa0", 3), 0);
    assert_int_equal(utf8_printable((const uint8_t *)"\xf0\x80\x80\xa0", 4), 0);
    assert_int_equal(utf8_printable((const uint8_t *)"\xff", 1), 0);
}

#define SAME(...)                                                                                  \
    do {                                                                                           \
        char ours[64], theirs[64];                                                                 \
        size_t len = format_text(ours, sizeof ours, __VA_ARGS__);                                  \
        snprintf(theirs, sizeof theirs, __VA_ARGS__);                                              \
        assert_text(ours, theirs);                                                                 \
        assert_int_equal(len, strlen(ours));                                                       \
    } while (0)

static void format_is_printf(void **state)
{
    (void)state;
    SAME("plain");
    SAME("%%");
    SAME("%d %i %u", -5, INT32_MIN, UINT32_MAX);
    SAME("%ld %lu %lx", INT64_MIN, UINT64_MAX, UINT64_MAX);
    SAME("%llu", (unsigned long long)UINT64_MAX);
    SAME("%zu", (size_t)7);
    SAME("[%5d] [%-5d] [%05d] [%05d]", 42, 42, 42, -42);
    SAME("[%08x] [%3x] [%x]", 0xbeefu, 0x12345u, 0u);
    SAME("[%8s] [%-8s] [%.3s] [%6.2s]", "abc", "abc", "abcdef", "abcdef");
    SAME("[%.*s] [%*d]", 2, "abcdef", 6, 7);
    SAME("%c%c", 'a', 'b');
    SAME("[%6c] [%-6c]", 'a', 'b');
    SAME("%p", (void *)0x1234abcd);
    struct rng rng = {1};
    for (uint32_t i = 0; i < 20000; i++) {
        uint64_t n = rng_next(&rng) << rng_below(&rng, 48);
        SAME("%lu|%ld|%lx|%d|%u|%x", n, (int64_t)n, n, (int32_t)n, (uint32_t)n, (uint32_t)n);
    }
}

static void format_never_passes_the_end(void **state)
{
    (void)state;
    for (size_t size = 1; size < 40; size++) {
        char *exact = malloc(size); /* one byte more is an error that the sanitizer sees */
        char theirs[64];
        assert_non_null(exact);
        snprintf(theirs, size, "%s %08x %5d|", "some text", 0xabcdu, -3);
        assert_int_equal(format_text(exact, size, "%s %08x %5d|", "some text", 0xabcdu, -3),
                         strlen(theirs));
        assert_text(exact, theirs);
        free(exact);
    }
}

static void log_lines(void **state)
{
    (void)state;
    fake.now_ns = 12 * NSEC_PER_SEC + 345678 * NSEC_PER_USEC;
    fake_serial_clear();
    klog('W', "room", "text key=%d", 5);
    assert_text(fake.serial, "[ 12.345678] W room: text key=5\n");

    char text[600];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    fake_serial_clear();
    klog('I', "room", "%s", text);
    assert_int_equal(fake.serial_len, KLOG_LINE);
    assert_text(fake.serial + KLOG_LINE - 5, "x...\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_copy_cuts_and_terminates),
        cmocka_unit_test(numbers),
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(format_is_printf),
        cmocka_unit_test(format_never_passes_the_end),
        cmocka_unit_test(log_lines),
    };
    return RUN(tests);
}
