/* SPDX-License-Identifier: MIT */
/* Archives. */
#include "cpio.h"
#include "make_boot.h"
#include "test.h"

static struct made m;

static void make(void)
{
    memset(&m, 0, sizeof m);
    cpio_add(&m, ".", 040755, NULL, 0);
    cpio_add(&m, "apps", 0100644, "a.elf one\n", 10);
    cpio_add(&m, "./a.elf", 0100755, "AAAAA", 5);
    cpio_add(&m, "link", 0120777, "a.elf", 5);
    cpio_add(&m, "empty", 0100644, NULL, 0);
    cpio_end(&m);
    made_add(&m, "\0\0\0\0\0\0\0\0", 8); /* archives are padded */
}

static void regular_files_in_order(void **state)
{
    (void)state;
    make();
    static const struct {
        const char *name, *data;
    } expected[] = {{"apps", "a.elf one\n"}, {"./a.elf", "AAAAA"}, {"empty", ""}};
    uint64_t at = 0;
    struct cpio_file file;
    const char *why;
    assert_true(cpio_is(m.bytes, m.len));
    for (size_t i = 0; i < ARRAY_COUNT(expected); i++) {
        assert_int_equal(cpio_next(m.bytes, m.len, &at, &file, &why), 1);
        assert_text(file.name, expected[i].name);
        assert_int_equal(file.len, strlen(expected[i].data));
        assert_memory_equal(file.data, expected[i].data, file.len);
    }
    assert_int_equal(cpio_next(m.bytes, m.len, &at, &file, &why), 0);
    assert_int_equal(cpio_next(m.bytes, m.len, &at, &file, &why), 0);
}

static void find_by_name(void **state)
{
    (void)state;
    make();
    struct cpio_file file;
    assert_true(cpio_find(m.bytes, m.len, "a.elf", 5, &file));
    assert_int_equal(file.len, 5);
    assert_true(cpio_find(m.bytes, m.len, "apps and more", 4, &file));
    assert_false(cpio_find(m.bytes, m.len, "app", 3, &file));
    assert_false(cpio_find(m.bytes, m.len, "link", 4, &file));
}

static void every_truncation(void **state)
{
    (void)state;
    make();
    for (uint64_t len = 0; len <= m.len; len++) {
        uint8_t *exact = malloc(len != 0 ? len : 1);
        assert_non_null(exact);
        memcpy(exact, m.bytes, len);
        uint64_t at = 0, before = 0;
        struct cpio_file file;
        const char *why = NULL;
        int found;
        while ((found = cpio_next(exact, len, &at, &file, &why)) == 1) {
            assert_true(at > before && at <= len);
            assert_true(file.data >= exact && file.data + file.len <= exact + len);
            assert_true(strlen(file.name) < len);
            before = at;
        }
        assert_true(found == 0 || why != NULL);
        free(exact);
    }
}

static int next_of(void)
{
    uint64_t at = 0;
    struct cpio_file file;
    const char *why;
    return cpio_next(m.bytes, m.len, &at, &file, &why);
}

static void damage(void **state)
{
    (void)state;
    memset(&m, 0, sizeof m);
    cpio_add(&m, "file", 0100644, "data", 4);
    cpio_end(&m);
    assert_int_equal(next_of(), 1);
    struct made good = m;
    m.bytes[5] = '7'; /* the old octal format */
    assert_int_equal(next_of(), -1);
    m = good;
    memset(m.bytes + 6 + 8 * 6, 'f', 8); /* its size: 4 GiB */
    assert_int_equal(next_of(), -1);
    m = good;
    memset(m.bytes + 6 + 8 * 11, 'F', 8); /* its name's length */
    assert_int_equal(next_of(), -1);
    m = good;
    memset(m.bytes + 6 + 8 * 11, '0', 8);
    assert_int_equal(next_of(), -1);
    m = good;
    m.bytes[110 + 4] = 'x'; /* the name has no end */
    assert_int_equal(next_of(), -1);
    m = good;
    memcpy(m.bytes, "070702", 6); /* with a checksum: read alike */
    assert_int_equal(next_of(), 1);
}

/* Each byte that is no hexadecimal digit; '@' and '`' stand right before the letters and were taken
 * for 9 once. */
static void at_sign_is_no_digit(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 256; c++) {
        memset(&m, 0, sizeof m);
        cpio_add(&m, "file", 0100644, "0123456789abcdef", 16);
        cpio_end(&m);
        m.bytes[6 + 8 * 6 + 6] = '0'; /* the size's last two digits: 0 and c */
        m.bytes[6 + 8 * 6 + 7] = (uint8_t)c;
        bool digit = c < 128 && strchr("0123456789abcdefABCDEF", (int)c) != NULL && c != 0;
        assert_int_equal(next_of(), digit ? 1 : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regular_files_in_order), cmocka_unit_test(find_by_name),
        cmocka_unit_test(every_truncation),       cmocka_unit_test(damage),
        cmocka_unit_test(at_sign_is_no_digit),
    };
    return RUN(tests);
}
