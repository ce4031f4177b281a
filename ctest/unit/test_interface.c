/* SPDX-License-Identifier: MIT */
/* Descriptors: what is one, and which rule another breaks. */
#include "service_fixture.h"

static struct all_interface d;
static struct ctx_interface_error error;

static bool check(uint32_t len)
{
    memset(&error, 0, sizeof error);
    /* At an odd address, with nothing behind it that may be read. */
    uint8_t *copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy + 1, &d, MIN(len, (uint32_t)sizeof d));
    bool good = ctx_interface_check(copy + 1, len, &error) != 0;
    free(copy);
    return good;
}

static void expect(const char *field, uint32_t fn, uint32_t arg)
{
    assert_false(check(sizeof d));
    assert_text(error.field, field);
    assert_true(strlen(error.reason) > 4);
    assert_int_equal(error.fn, fn);
    assert_int_equal(error.arg, arg);
    d = all_1;
    assert_true(check(sizeof d));
}

static void ids(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a/1",
        "ctx.log/1",
        "org.example.chat/999999999",
        "a1.b_c.d-e/10",
        "x.abcdefghijabcdefghijabcdefghijkl/1",
        "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijk/1"};
    static const char *const bad[] = {
        "",
        "a",
        "a/",
        "/1",
        "a/0",
        "a/01",
        "a/1 ",
        "A/1",
        "a..b/1",
        ".a/1",
        "a./1",
        "1a/1",
        "a.1b/1",
        "a/1/1",
        "a/-1",
        "a b/1",
        "a/1234567890",
        "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijk/12",
        "a*/1",
        "a,b/1",
        "a(b)/1",
        "a:b/1",
        "\xc3\xa4/1"};
    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        assert_true(ctx_interface_is_id(good[i], (uint32_t)strlen(good[i])));
    }
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_false(ctx_interface_is_id(bad[i], (uint32_t)strlen(bad[i])));
    }
    char long_one[80];
    memset(long_one, 'a', sizeof long_one);
    for (uint32_t i = 20; i < 60; i += 20) {
        long_one[i] = '.';
    }
    long_one[61] = '/';
    long_one[62] = '1';
    assert_true(ctx_interface_is_id(long_one, 63));
    long_one[61] = 'a';
    long_one[62] = '/';
    long_one[63] = '1';
    assert_false(ctx_interface_is_id(long_one, 64));
}

static void header(void **state)
{
    (void)state;
    d = all_1;
    assert_true(check(sizeof d));
    for (uint32_t len = 0; len < sizeof d; len++) {
        assert_false(check(len));
        assert_text(error.field, "size");
    }
    assert_false(check(sizeof d + 1));
    d.head.size++;
    expect("size", UINT32_MAX, UINT32_MAX);
    d.head.version = 2;
    expect("version", UINT32_MAX, UINT32_MAX);
    d.head.count = 0;
    expect("count", UINT32_MAX, UINT32_MAX);
    d.head.count = 127;
    expect("count", UINT32_MAX, UINT32_MAX);
    d.head.count = FN_COUNT - 1;
    expect("size", UINT32_MAX, UINT32_MAX);
    d.head.head = 88;
    expect("head", UINT32_MAX, UINT32_MAX);
    d.head.fn_size = 0;
    expect("head", UINT32_MAX, UINT32_MAX);
    d.head.flags = 2;
    expect("flags", UINT32_MAX, UINT32_MAX);
    d.head.flags = CTX_INTERFACE_NEEDS_GRANT;
    assert_true(check(sizeof d));
    d.head.id[63] = 1;
    expect("id", UINT32_MAX, UINT32_MAX);
    d.head.id[0] = 0;
    expect("id", UINT32_MAX, UINT32_MAX);
}

static void functions(void **state)
{
    (void)state;
    d = all_1;
    d.fns[1].name[0] = 'B';
    expect("name", 1, UINT32_MAX);
    d.fns[1].name[31] = 'x';
    expect("name", 1, UINT32_MAX);
    memcpy(d.fns[3].name, "add\0\0", 5);
    expect("name", 3, UINT32_MAX);
    d.fns[2].count = 6;
    expect("count", 2, UINT32_MAX);
    d.fns[2].rsv[6] = 1;
    expect("rsv", 2, UINT32_MAX);
    d.fns[5].args[4].rsv = 1;
    expect("args", 5, 0);
    static const uint8_t no_kinds[] = {0, 9, 13, 255};
    for (size_t i = 0; i < sizeof no_kinds; i++) {
        d.fns[0].args[1].kind = no_kinds[i];
        expect("kind", 0, 1);
    }
    d.fns[0].args[1].flags = 1;
    expect("flags", 0, 1);
    d.fns[0].args[1].rsv = 1;
    expect("rsv", 0, 1);
    d.fns[0].args[1].size = 8;
    expect("size", 0, 1);
    d.fns[1].args[1].kind = CTX_INTERFACE_U64; /* behind IN */
    expect("kind", 1, 0);
    d.fns[1].count = 3; /* OUT is the last */
    d.fns[1].args[3] = (struct ctx_interface_arg){0};
    expect("kind", 1, 2);
    d.fns[3].args[0].kind = CTX_INTERFACE_REQUEST;
    expect("kind", 3, 1);
    d.fns[3].args[1] =
        (struct ctx_interface_arg){CTX_INTERFACE_SHARE, CTX_INTERFACE_WRITE, 0, 0, 0};
    assert_true(check(sizeof d));
    d.fns[3].args[1].flags = 2;
    expect("flags", 3, 1);
}

static void structs(void **state)
{
    (void)state;
    static const uint16_t bad[][2] = {{0, 8},  {7, 8},   {8, 0},      {16, 8},
                                      {8, 12}, {12, 16}, {8, 0x4008}, {0xfff8, 0xfff8}};
    static const uint16_t good[][2] = {{8, 8}, {8, 16}, {8, 0x4000}, {0x4000, 0x4000}};
    d = all_1;
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        d.fns[2].args[0].first = bad[i][0];
        d.fns[2].args[0].size = bad[i][1];
        expect("size", 2, 0);
    }
    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        d.fns[2].args[0].first = good[i][0];
        d.fns[2].args[0].size = good[i][1];
        assert_true(check(sizeof d));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids),
        cmocka_unit_test(header),
        cmocka_unit_test(functions),
        cmocka_unit_test(structs),
    };
    return RUN(tests);
}
