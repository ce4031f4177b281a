/* SPDX-License-Identifier: MIT */
/* Multiboot2 information, good and cut off at every byte. */
#include "make_boot.h"
#include "test.h"

static struct boot_info info;

/* Parse exactly these bytes: one read past them is an error that the sanitizer sees. */
static bool parse(const uint8_t *bytes, uint64_t len, paddr_t base, const char **why)
{
    uint8_t *exact = malloc(len != 0 ? len : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    struct memory_view view = {exact, len, base};
    *why = NULL;
    bool good = multiboot2_parse(&info, base, memory_view_at, &view, why);
    for (uint32_t i = 0; i < info.module_count; i++) {
        assert_true(strlen(info.modules[i].text) < 2 * len);
        assert_true(info.modules[i].start <= info.modules[i].end);
    }
    for (uint32_t i = 0; i < info.range_count; i++) {
        assert_true(info.ranges[i].start < info.ranges[i].end);
    }
    assert_true(good || *why != NULL);
    free(exact);
    return good;
}

static void everything_is_read(void **state)
{
    (void)state;
    struct made m;
    mb2_full(&m);
    struct memory_view view = {m.bytes, m.len, m.base};
    const char *why;
    assert_true(multiboot2_parse(&info, m.base, memory_view_at, &view, &why));
    assert_int_equal(info.protocol, BOOT_MULTIBOOT2);
    assert_text(info.command_line, "stop=60 debugexit");
    assert_text(info.loader, "GRUB 2.06");
    assert_int_equal(info.module_count, 2);
    assert_int_equal(info.modules[0].start, 0x200000);
    assert_int_equal(info.modules[0].end, 0x201234);
    assert_text(info.modules[0].text, "hello one two");
    assert_text(info.modules[1].text, "");
    assert_int_equal(info.range_count, 3);
    assert_int_equal(info.ranges[1].start, 0x100000);
    assert_int_equal(info.ranges[1].end, 0x8000000);
    assert_int_equal(info.ranges[2].type, BOOT_MEMORY_RESERVED);
    assert_int_equal(info.framebuffer.address, 0xfd000000);
    assert_int_equal(info.framebuffer.pitch, 5120);
    assert_int_equal(info.framebuffer.width, 1280);
    assert_int_equal(info.framebuffer.height, 800);
    assert_int_equal(info.framebuffer.bpp, 32);
    assert_int_equal(info.framebuffer.red_shift, 16);
    assert_int_equal(info.framebuffer.blue_bits, 8);
    assert_true(info.rsdp > m.base && info.rsdp + 36 <= m.base + m.len);
    assert_memory_equal(m.bytes + (info.rsdp - m.base), "RSD PTR ", 8);
    assert_int_equal(info.info_start, m.base);
    assert_int_equal(info.info_end, m.base + m.len);
    assert_int_equal(info.modules_lost + info.ranges_lost, 0);
}

/* Memory ends early, total_size says so or does not. */
static void every_truncation(void **state)
{
    (void)state;
    struct made m;
    const char *why;
    mb2_full(&m);
    for (uint32_t len = 0; len < m.len; len++) {
        assert_false(parse(m.bytes, len, m.base, &why));
        struct made cut = m;
        memcpy(cut.bytes, &len, 4);
        (void)parse(cut.bytes, len, m.base, &why);
    }
    assert_true(parse(m.bytes, m.len, m.base, &why));
}

/* Each tag's size, set to every small value and to some large ones. */
static void every_tag_size(void **state)
{
    (void)state;
    struct made m;
    const char *why;
    mb2_full(&m);
    for (uint32_t at = 8; at < m.len;) {
        uint32_t size;
        memcpy(&size, m.bytes + at + 4, 4);
        for (uint32_t wrong = 0; wrong < 260; wrong++) {
            struct made bad = m;
            uint32_t value = wrong < 256 ? wrong : UINT32_MAX - (wrong - 256);
            memcpy(bad.bytes + at + 4, &value, 4);
            bool good = parse(bad.bytes, bad.len, bad.base, &why);
            bool is_end = at + 8 == m.len;
            if ((value < 8 || value > m.len - at) && !is_end) {
                assert_false(good);
            }
        }
        at += ALIGN_UP(size, 8u);
    }
}

static void refusals(void **state)
{
    (void)state;
    struct made m;
    const char *why;
    mb2_full(&m);
    assert_false(parse(m.bytes, m.len, m.base + 4, &why)); /* not aligned */
    assert_text(why, "multiboot2: the information lies nowhere");
    mb2_begin(&m, 0x10000);
    mb2_end(&m);
    assert_false(parse(m.bytes, m.len, m.base, &why));
    assert_text(why, "multiboot2: there is no memory map");
    memcpy(m.bytes, &(uint32_t){0x200000}, 4);
    assert_false(parse(m.bytes, m.len, m.base, &why));
    assert_text(why, "multiboot2: total_size is out of range");
}

static void other_framebuffers_are_none(void **state)
{
    (void)state;
    struct made m;
    const char *why;
    for (uint8_t type = 0; type < 4; type++) {
        mb2_full(&m);
        for (uint32_t at = 8; at < m.len; at += 8) {
            if (memcmp(m.bytes + at, "\x08\0\0\0\x26\0\0\0", 8) == 0) {
                m.bytes[at + 29] = type;
            }
        }
        assert_true(parse(m.bytes, m.len, m.base, &why));
        assert_int_equal(info.framebuffer.bpp, type == 1 ? 32 : 0);
    }
}

/* More modules and more ranges than fit, strings without an end, modules that end before they
 * begin. */
static void too_many_and_too_bad(void **state)
{
    (void)state;
    struct made m;
    const char *why;
    mb2_begin(&m, 0x10000);
    uint8_t module[12] = {0, 0, 16, 0, 0, 0, 32, 0, 'a', 'b', 0, 0};
    for (uint32_t i = 0; i < BOOT_MODULES + 5; i++) {
        mb2_tag(&m, 3, module, 11);
    }
    mb2_tag(&m, 3, module, 10); /* no end of the string inside the tag */
    module[6] = 0;              /* end 0 */
    mb2_tag(&m, 3, module, 11);
    uint64_t map[2 + 3 * (BOOT_RANGES + 3)];
    map[0] = 24; /* entry size, version 0 */
    map[1] = 0;
    size_t n = 1;
    for (uint64_t i = 0; i < BOOT_RANGES + 3; i++) {
        map[n++] = i << 20;
        map[n++] = 0x1000;
        map[n++] = 1;
    }
    mb2_tag(&m, 6, map, n * 8);
    mb2_end(&m);
    assert_true(parse(m.bytes, m.len, m.base, &why));
    assert_int_equal(info.module_count, BOOT_MODULES);
    assert_int_equal(info.modules_lost, 7);
    assert_int_equal(info.range_count, BOOT_RANGES);
    assert_int_equal(info.ranges_lost, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),   cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_tag_size),       cmocka_unit_test(refusals),
        cmocka_unit_test(too_many_and_too_bad), cmocka_unit_test(other_framebuffers_are_none),
    };
    return RUN(tests);
}
