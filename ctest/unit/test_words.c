/* SPDX-License-Identifier: MIT */
/*
 * Words of every kind come through every loader's quoting as they were. GRUB's is modelled by what
 * GRUB 2.06 was seen to do: a backslash before quotes and backslashes, double quotes around a word
 * with a space, nothing else.
 */
#include "bootinfo.h"
#include "make_boot.h"
#include "test.h"
#include "words.h"

#include <stdio.h>

static char line[4096], kept[4096];

static size_t grub_word(char *to, const char *word)
{
    char *out = to;
    bool space = strchr(word, ' ') != NULL;
    if (space) {
        *out++ = '"';
    }
    for (; *word != 0; word++) {
        if (*word == '\\' || *word == '\'' || *word == '"') {
            *out++ = '\\';
        }
        *out++ = *word;
    }
    if (space) {
        *out++ = '"';
    }
    *out = 0;
    return (size_t)(out - to);
}

/* Exactly these words are in the kept line, in this order. */
static void check_words(const char (*words)[40], uint32_t count)
{
    const char *p = word_begin(kept);
    for (uint32_t i = 0; i < count; i++) {
        char plain[64];
        size_t len = word_length(p);
        assert_int_equal(word_plain(plain, sizeof plain, p, len), strlen(words[i]));
        assert_text(plain, words[i]);
        assert_true(len > 0);
        p = word_begin(p + len);
    }
    assert_int_equal(*p, 0);
}

static void random_word(struct rng *rng, char word[40])
{
    static const char hard[] = "\\\\\\\"\"'' #$x41";
    size_t len = rng_below(rng, 12);
    for (size_t i = 0; i < len; i++) {
        word[i] = rng_below(rng, 2) != 0 ? hard[rng_below(rng, sizeof hard - 1)]
                                         : (char)(' ' + rng_below(rng, 95));
    }
    word[len] = 0;
}

static void grub_and_back(void **state)
{
    (void)state;
    struct rng rng = {12};
    for (uint32_t round = 0; round < 200000; round++) {
        char words[6][40];
        uint32_t count = (uint32_t)rng_below(&rng, 7);
        size_t len = 0;
        line[0] = 0;
        for (uint32_t i = 0; i < count; i++) {
            random_word(&rng, words[i]);
            if (count == 1 && words[i][0] == 0) {
                words[i][0] = 'x'; /* alone, GRUB shows nothing of it */
                words[i][1] = 0;
            }
            len += (size_t)sprintf(line + len, i > 0 ? " " : "%s", "");
            len += grub_word(line + len, words[i]);
        }
        assert_true(words_from_grub(kept, sizeof kept, line) == strlen(kept));
        check_words((const char(*)[40])words, count);
    }
}

/* The same words, written by ctx and mkcpio.py, and by a loader that quotes nothing. */
static void others_and_back(void **state)
{
    (void)state;
    struct rng rng = {13};
    for (uint32_t round = 0; round < 100000; round++) {
        char words[6][40];
        uint32_t count = (uint32_t)rng_below(&rng, 7);
        bool plain = true;
        size_t len = 0;
        char *out = line;
        kept[0] = line[0] = 0;
        for (uint32_t i = 0; i < count; i++) {
            random_word(&rng, words[i]);
            plain &= words[i][0] != 0 && strchr(words[i], ' ') == NULL;
            out += sprintf(out, "%s ", words[i]);
            len += word_quote(kept + len, sizeof kept - len, words[i], strlen(words[i]));
            kept[len++] = ' ';
            kept[len] = 0;
        }
        check_words((const char(*)[40])words, count);
        if (plain) { /* nothing else can not be written there */
            assert_true(words_from_plain(kept, sizeof kept, line) == strlen(kept));
            check_words((const char(*)[40])words, count);
        }
    }
}

/* Cut anywhere: terminated, never past the end, and the whole length is told. */
static void too_little_room(void **state)
{
    (void)state;
    static const char *const text = "a\\'b \"c d\" e\\\\f";
    size_t whole = words_from_grub(kept, sizeof kept, text);
    for (size_t size = 1; size <= whole + 2; size++) {
        char *exact = malloc(size);
        assert_non_null(exact);
        assert_int_equal(words_from_grub(exact, size, text), whole);
        assert_int_equal(strlen(exact), size <= whole ? size - 1 : whole);
        assert_memory_equal(exact, kept, strlen(exact));
        assert_int_equal(words_from_plain(exact, size, "a\\b"), 4);
        assert_int_equal(word_plain(exact, size, "a\\ b", 4), 3);
        assert_int_equal(word_quote(exact, size, "a b", 3), 4);
        free(exact);
    }
    assert_int_equal(word_length("ab\\"), 3); /* a backslash before the end is one */
    assert_int_equal(word_plain(kept, sizeof kept, "ab\\", 3), 3);
    assert_text(kept, "ab\\");
}

static struct boot_info info;

static void parse(const char *loader, const char *words, const char *module)
{
    struct made m;
    const char *why;
    uint8_t payload[256] = {0, 0, 0x20, 0, 0, 0x10, 0x20};
    const uint64_t map[] = {24, 0x100000, 0x4000000, 1};
    mb2_begin(&m, 0x10000);
    mb2_tag(&m, 1, words, strlen(words) + 1);
    memcpy(payload + 8, module, strlen(module) + 1);
    mb2_tag(&m, 3, payload, 8 + strlen(module) + 1);
    mb2_tag(&m, 2, loader, strlen(loader) + 1); /* behind what is written in its way */
    mb2_tag(&m, 6, map, sizeof map);
    mb2_end(&m);
    struct memory_view view = {m.bytes, m.len, m.base};
    assert_true(multiboot2_parse(&info, m.base, memory_view_at, &view, &why));
    assert_int_equal(info.module_count, 1);
}

static void each_loader_has_its_way(void **state)
{
    (void)state;
    parse("GRUB 2.06", "it\\'s \"session=my disk\" a\\\\b panic\\\"", "app it\\'s \"a b\" q\\\"z");
    assert_text(info.command_line, "it's session=my\\ disk a\\\\b panic\"");
    assert_text(info.modules[0].text, "app it's a\\ b q\"z");
    assert_null(boot_word(info.command_line, "disk")); /* not torn apart */
    assert_null(boot_word(info.command_line, "panic"));
    parse("Limine 7", "it's a\\b q\"z", "app it's a\\b");
    assert_text(info.command_line, "it's a\\\\b q\"z");
    assert_text(info.modules[0].text, "app it's a\\\\b");
}

/* `ctx run app.elf a '' b` gave the app two arguments. */
static void an_empty_word_vanishes(void **state)
{
    (void)state;
    static const char *const lines[] = {"app a  b",   "app a \"\" b", "app  ", "app \"\" ",
                                        " a",         "\"\" a",       "",      "\"\"",
                                        "app \"  \"", "app x\"\"y"};
    static const char *const words[] = {
        "app a \\0 b", "app a \\0 b", "app \\0 \\0", "app \\0 \\0", "\\0 a", "\\0 a", "",
        "\\0",         "app \\ \\ ",  "app xy"};
    for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
        assert_true(words_from_grub(kept, sizeof kept, lines[i]) == strlen(words[i]));
        assert_text(kept, words[i]);
    }
    char plain[8];
    assert_int_equal(word_quote(plain, sizeof plain, "", 0), 2);
    assert_text(plain, "\\0");
    assert_int_equal(word_length("\\0 x"), 2);
    assert_int_equal(word_plain(plain, sizeof plain, "\\0", 2), 0);
    assert_text(plain, "");
    assert_int_equal(word_plain(plain, sizeof plain, "\\0a\\0\\\\0\\", 9), 4);
    assert_text(plain, "a\\0\\");
    assert_int_equal(words_from_plain(kept, sizeof kept, "a  \\0"),
                     6); /* typed, it is two characters */
    assert_text(kept, "a  \\\\0");
}

static void long_lines_are_not_cut_in_silence(void **state)
{
    (void)state;
    static char text[BOOT_TEXT + 8];
    memset(&info, 0, sizeof info);
    memset(text, 'x', BOOT_TEXT - 1);
    boot_set_command_line(&info, text, words_from_plain);
    assert_false(info.command_line_cut);
    text[5] = '\\';
    boot_set_command_line(&info, text, words_from_plain);
    assert_true(info.command_line_cut);
    static char much[BOOT_TEXTS];
    memset(much, 'x', BOOT_TEXTS - 10);
    boot_add_module(&info, 0, 0, much, words_from_plain);
    boot_add_module(&info, 0, 0, "123456789", words_from_plain);
    boot_add_module(&info, 0, 0, "12345678", words_from_plain);
    assert_int_equal(info.module_count, 2);
    assert_int_equal(info.modules_lost, 1);
    assert_text(info.modules[1].text, "12345678");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grub_and_back),
        cmocka_unit_test(others_and_back),
        cmocka_unit_test(too_little_room),
        cmocka_unit_test(each_loader_has_its_way),
        cmocka_unit_test(an_empty_word_vanishes),
        cmocka_unit_test(long_lines_are_not_cut_in_silence),
    };
    return RUN(tests);
}
