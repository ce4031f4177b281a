/* SPDX-License-Identifier: MIT */
/* PVH start information. */
#include "make_boot.h"
#include "test.h"

static struct boot_info info;
static const char *why;

static bool parse(const struct made *m, uint64_t len)
{
    uint8_t *exact = malloc(len != 0 ? len : 1);
    assert_non_null(exact);
    memcpy(exact, m->bytes, len);
    struct memory_view view = {exact, len, m->base};
    why = NULL;
    bool good = pvh_parse(&info, m->base, memory_view_at, &view, &why);
    for (uint32_t i = 0; i < info.module_count; i++) {
        assert_true(strlen(info.modules[i].text) <= 2 * len); /* a backslash is kept as two */
        assert_true(info.modules[i].start <= info.modules[i].end);
        info.modules[i].text = NULL;
    }
    assert_true(good || why != NULL);
    free(exact);
    return good;
}

static void everything_is_read(void **state)
{
    (void)state;
    struct made m;
    pvh_full(&m);
    struct memory_view view = {m.bytes, m.len, m.base};
    assert_true(pvh_parse(&info, m.base, memory_view_at, &view, &why));
    assert_int_equal(info.protocol, BOOT_PVH);
    assert_text(info.command_line, "stop=5 slots=se"); /* cut by the maker's terminator */
    assert_int_equal(info.rsdp, 0xf5a10);
    assert_int_equal(info.module_count, 1);
    assert_int_equal(info.modules[0].start, 0x400000);
    assert_int_equal(info.modules[0].end, 0x401234);
    assert_text(info.modules[0].text, "initrd");
    assert_int_equal(info.range_count, 3);
    assert_int_equal(info.ranges[1].end, 0x100000 + 0x7ee0000);
    assert_int_equal(info.ranges[2].type, BOOT_MEMORY_RESERVED);
    assert_int_equal(info.framebuffer.bpp, 0);
}

static void every_truncation(void **state)
{
    (void)state;
    struct made m;
    pvh_full(&m);
    for (uint64_t len = 0; len <= m.len; len++) {
        /* From the first range on there is some memory to run with. */
        assert_int_equal(parse(&m, len), len >= 96 + 24);
        assert_int_equal(info.module_count + info.modules_lost, len >= 56 ? 1 : 0);
        assert_int_equal(info.range_count + info.ranges_lost, len >= 56 ? 3 : 0);
    }
}

static void refusals(void **state)
{
    (void)state;
    struct made m;
    pvh_full(&m);
    m.bytes[0] ^= 1;
    assert_false(parse(&m, m.len));
    assert_text(why, "pvh: magic is wrong");
    pvh_full(&m);
    m.bytes[4] = 0;
    assert_false(parse(&m, m.len));
    assert_text(why, "pvh: version 0 has no memory map");
    pvh_full(&m);
    m.bytes[48] = 0;
    assert_false(parse(&m, m.len));
    assert_text(why, "pvh: there is no memory map");
}

/* Counts and addresses that lie. */
static void lies(void **state)
{
    (void)state;
    struct made m;
    for (uint32_t at = 12; at < 56; at++) {
        pvh_full(&m);
        m.bytes[at] = 0xff;
        (void)parse(&m, m.len);
    }
    pvh_full(&m);
    memset(m.bytes + 12, 0xff, 4); /* 2^32 - 1 modules */
    assert_true(parse(&m, m.len));
    assert_int_equal(info.modules_lost + info.module_count, UINT32_MAX);
    pvh_full(&m);
    memset(m.bytes + 64, 0xff, 16); /* a module that wraps around */
    assert_true(parse(&m, m.len));
    assert_int_equal(info.module_count, 0);
    pvh_full(&m);
    memset(m.bytes + m.len - 7, 'x', 7); /* its text never ends */
    assert_true(parse(&m, m.len));
    assert_int_equal(info.module_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(refusals),
        cmocka_unit_test(lies),
    };
    return RUN(tests);
}
