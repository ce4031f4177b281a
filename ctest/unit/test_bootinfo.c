/* SPDX-License-Identifier: MIT */
/* Words of the boot command line. */
#include "bootinfo.h"
#include "test.h"

static void words(void **state)
{
    (void)state;
    const char *line = "  debugexit stop=60  slots=seq empty= name=a=b stopwatch=1";
    assert_non_null(boot_word(line, "debugexit"));
    assert_int_equal(boot_word(line, "debugexit")[0], ' ');
    assert_memory_equal(boot_word(line, "stop"), "60 ", 3);
    assert_memory_equal(boot_word(line, "slots"), "seq ", 4);
    assert_int_equal(boot_word(line, "empty")[0], ' ');
    assert_memory_equal(boot_word(line, "name"), "a=b ", 4);
    assert_text(boot_word(line, "stopwatch"), "1");
    assert_null(boot_word(line, "sto"));
    assert_null(boot_word(line, "seq"));
    assert_null(boot_word(line, "debug"));
    assert_null(boot_word("", "stop"));
    assert_null(boot_word("   ", "stop"));
    assert_text(boot_word("stop", "stop"), "");
}

static void numbers(void **state)
{
    (void)state;
    assert_int_equal(boot_word_u64("stop=60 x", "stop", 7), 60);
    assert_int_equal(boot_word_u64("stop=0x10", "stop", 7), 16);
    assert_int_equal(boot_word_u64("stop=6o", "stop", 7), 7);
    assert_int_equal(boot_word_u64("stop", "stop", 7), 7);
    assert_int_equal(boot_word_u64("", "stop", 7), 7);
    assert_int_equal(boot_word_u64("stop=1 stop=2", "stop", 7), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(numbers)};
    return RUN(tests);
}
