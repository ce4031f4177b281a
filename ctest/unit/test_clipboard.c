/* SPDX-License-Identifier: MIT */
/* What the clipboard keeps, without the app around it. */
#include "../../apps/clipboard/content.h"

#include "test.h"

static struct content c;
static uint64_t lent; /* bytes that are not given back */
static int refuses;

static void *get_memory(void *self, uint64_t bytes)
{
    (void)self;
    lent += refuses ? 0 : bytes;
    return refuses ? NULL : malloc(bytes);
}

static void give_back(void *self, void *p, uint64_t bytes)
{
    (void)self;
    lent -= bytes;
    free(p);
}

static const struct content_memory memory = {get_memory, give_back, NULL};

static ctx_status put(const char *text, uint64_t len)
{
    uint8_t *copy = malloc(len + (len == 0)); /* of that size: what is read beyond is seen */
    memcpy(copy, text, len);
    ctx_status status = content_put_text(&c, &memory, copy, len);
    free(copy);
    return status;
}

static void keeps_the_last(void **state)
{
    (void)state;
    uint8_t pixels[24] = {1, 2, 3, 4};
    assert_int_equal(put("one", 3), CTX_OK);
    assert_int_equal(put("zwei\xc3\xa4", 6), CTX_OK);
    assert_int_equal(c.kind, CONTENT_TEXT);
    assert_int_equal(c.bytes, 6);
    assert_memory_equal(c.data, "zwei\xc3\xa4", 6);
    assert_int_equal(c.serial, 2);
    assert_int_equal(content_put_picture(&c, &memory, 2, 3, pixels), CTX_OK);
    assert_int_equal(c.kind, CONTENT_PICTURE);
    assert_int_equal(c.w * 10 + c.h, 23);
    assert_int_equal(lent, 24);
    assert_int_equal(put("", 0), CTX_OK);
    assert_int_equal(c.kind, CONTENT_NOTHING);
    assert_int_equal(c.w, 0);
    assert_int_equal(lent, 0);
}

static void refuses_what_is_no_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t len;
    } wrong[] = {{"\xc3", 1},
                 {"a\0b", 3},
                 {"\x80", 1},
                 {"\xc0\x80", 2},
                 {"\xe0\x80\x80", 3},
                 {"\xed\xa0\x80", 3},
                 {"\xf4\x90\x80\x80", 4},
                 {"\xf5\x80\x80\x80", 4},
                 {"\xe2\x82", 2},
                 {"\xc3(", 2},
                 {"\xf0\x8f\xbf\xbf", 4}};
    assert_int_equal(put("stays", 5), CTX_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(put(wrong[i].text, wrong[i].len), CTX_E_INVAL);
    }
    assert_memory_equal(c.data, "stays", 5);
    assert_int_equal(put("\xf4\x8f\xbf\xbf\xed\x9f\xbf\xef\xbf\xbd\x7f\n", 12), CTX_OK);
    assert_int_equal(put("", 0), CTX_OK);
}

static void has_limits(void **state)
{
    (void)state;
    static char much[CONTENT_TEXT_MAX + 1];
    memset(much, 'x', sizeof much);
    assert_int_equal(put(much, CONTENT_TEXT_MAX), CTX_OK);
    assert_int_equal(put(much, CONTENT_TEXT_MAX + 1), CTX_E_TOOBIG);
    refuses = 1;
    assert_int_equal(put("no", 2), CTX_E_NOMEM);
    refuses = 0;
    assert_int_equal(c.bytes, CONTENT_TEXT_MAX);
    assert_int_equal(put("", 0), CTX_OK);
    assert_int_equal(lent, 0);
    assert_int_equal(content_check_picture(2048, 2048, 1 << 24), CTX_OK);
    assert_int_equal(content_check_picture(2048, 2048, (1 << 24) - 1), CTX_E_INVAL);
    assert_int_equal(content_check_picture(2048, 2049, 1 << 30), CTX_E_TOOBIG);
    assert_int_equal(content_check_picture(8192, 512, 1 << 24), CTX_OK);
    assert_int_equal(content_check_picture(8193, 1, 1 << 24), CTX_E_INVAL);
    assert_int_equal(content_check_picture(0, 5, 1 << 24), CTX_E_INVAL);
    assert_int_equal(content_check_picture(UINT32_MAX, UINT32_MAX, UINT64_MAX), CTX_E_INVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_last),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(has_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
