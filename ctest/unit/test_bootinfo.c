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

/* `stop=` and others took the number's lower bits, or nothing, in silence. */
static void a_number_too_large_is_another_one(void **state)
{
    (void)state;
    const char *why;
    assert_true(boot_word_u64("stop=18446744073709551615", "stop", 7) == UINT64_MAX);
    assert_null(boot_number_wrong("stop=18446744073709551615 context=2 frame_us=0", &why));
    assert_int_equal(boot_word_u64("stop=18446744073709551616", "stop", 7), 7);
    assert_text(boot_number_wrong("a stop=18446744073709551616 b", &why), "stop");
    assert_text(why, "it takes a number from 0 to 18446744073709551615");
    assert_int_equal(boot_word_u64("context=4294967298", "context", 3), 3);
    assert_text(boot_number_wrong("context=4294967298", &why), "context");
    assert_int_equal(boot_word_u64("frame_us=18446744073709551", "frame_us", 5), 5);
    assert_text(boot_number_wrong("frame_us=18446744073709551", &why), "frame_us");
    assert_text(boot_number_wrong("imagebench=x", &why), "imagebench");
    assert_text(boot_number_wrong("stop", &why), "stop");
    assert_null(boot_number_wrong("nonstop=x", &why));
}

static void misspelt_words_are_found(void **state)
{
    (void)state;
    size_t len;
    const char *line =
        " isolate=require stop=3 nomsix  isolat=require\\ x to=a:b isolate-rdtsc sto";
    const char *found = boot_word_unknown(line, &len);
    assert_ptr_equal(found, strstr(line, "isolat=r"));
    assert_int_equal(len, strlen("isolat=require\\ x"));
    found = boot_word_unknown(found + len, &len);
    assert_ptr_equal(found, line + strlen(line) - 3);
    assert_int_equal(len, 3);
    assert_null(boot_word_unknown(found + len, &len));
    assert_null(boot_word_unknown("", &len));
    assert_non_null(boot_word_unknown("=x", &len));
    assert_non_null(boot_word_unknown("stops", &len));
    assert_non_null(
        boot_word_unknown("blocktest\\ debugexit", &len)); /* one word, of the list two */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(numbers),
                                       cmocka_unit_test(misspelt_words_are_found),
                                       cmocka_unit_test(a_number_too_large_is_another_one)};
    return RUN(tests);
}
