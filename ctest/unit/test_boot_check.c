/* SPDX-License-Identifier: MIT */
/*
 * Addresses that a boot loader names, against its own memory map, the kernel and each other. The
 * files in multiboot2/ are information blocks with framebuffers that can not be: at 0, in RAM, on
 * the kernel, and one that is said to be text as well.
 */
#include "make_boot.h"
#include "test.h"

#include <stdio.h>

#define KERNEL_START 0x100000u
#define KERNEL_END   0x180000u

static struct boot_info info;

static void parse_file(const char *name)
{
    static uint8_t bytes[4096];
    char path[512];
    snprintf(path, sizeof path, "%s/%s.bin", ARGOS_MULTIBOOT2, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    struct memory_view view = {bytes, fread(bytes, 1, sizeof bytes, f), 0x10000};
    fclose(f);
    const char *why = NULL;
    assert_true(view.len > 0);
    assert_true(multiboot2_parse(&info, view.base, memory_view_at, &view, &why));
    boot_check(&info, KERNEL_START, KERNEL_END);
}

static void framebuffers_that_can_not_be(void **state)
{
    (void)state;
    static const char *const files[][2] = {
        {"fb-at-0", "it lies on memory"},
        {"fb-in-ram", "it lies on memory"},
        {"fb-on-kernel", "it lies on memory"},
        {"fb-then-text", "two tags say different things about it"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
        parse_file(files[i][0]);
        assert_int_equal(info.framebuffer.bpp, 0);
        assert_non_null(info.framebuffer_wrong);
        assert_text(info.framebuffer_wrong, files[i][1]);
    }
}

static void plain_map(void)
{
    memset(&info, 0, sizeof info);
    info.ranges[0] = (struct boot_range){0, 0x9f000, BOOT_MEMORY_USABLE};
    info.ranges[1] = (struct boot_range){0x100000, 0x4000000, BOOT_MEMORY_USABLE};
    info.ranges[2] = (struct boot_range){0x4000000, 0x7fe0000, BOOT_MEMORY_USABLE}; /* adjoins */
    info.ranges[3] = (struct boot_range){0x7fe0000, 0x8000000, BOOT_MEMORY_ACPI};
    info.ranges[4] = (struct boot_range){0xe0000000, 0xf0000000, BOOT_MEMORY_RESERVED};
    info.ranges[5] = (struct boot_range){0x6000000, 0x6001000, BOOT_MEMORY_RESERVED}; /* inside */
    info.range_count = 6;
    info.info_start = 0x20000;
    info.info_end = 0x20400;
}

static const char *framebuffer_at(uint64_t address, uint32_t pitch, uint32_t height)
{
    plain_map();
    info.framebuffer =
        (struct boot_framebuffer){address, pitch, 1280, height, 32, 16, 8, 8, 8, 0, 8};
    boot_check(&info, KERNEL_START, KERNEL_END);
    assert_int_equal(info.framebuffer.bpp, info.framebuffer_wrong == NULL ? 32 : 0);
    return info.framebuffer_wrong;
}

static void framebuffers_of_every_place(void **state)
{
    (void)state;
    assert_null(framebuffer_at(0xfd000000, 5120, 800));
    assert_null(framebuffer_at(0xe0000000, 5120, 800)); /* reserved: firmware says so of devices */
    assert_null(framebuffer_at(0x8000000, 5120, 800));  /* right behind memory */
    assert_null(framebuffer_at(0x4000000000, 5120, 800));
    assert_text(framebuffer_at(0x8000000 - 1, 5120, 800), "it lies on memory");
    assert_text(framebuffer_at(0x7fe0000, 64, 16), "it lies on memory"); /* ACPI's tables */
    assert_text(framebuffer_at(0xa0000, 320, 200), "it lies in the first MiB");
    assert_text(framebuffer_at(UINT64_MAX - 100, 5120, 800), "its address is out of range");
    assert_text(framebuffer_at((1ull << 52) - 100, 5120, 800), "its address is out of range");
    assert_text(framebuffer_at(0xfd000000, UINT32_MAX, UINT32_MAX), "its address is out of range");
    /* The map need not name the kernel's place, nor the information's. */
    plain_map();
    info.range_count = 1;
    info.info_start = 0x300000;
    info.info_end = 0x300400;
    info.framebuffer = (struct boot_framebuffer){0x17f000, 4096, 64, 2, 32, 16, 8, 8, 8, 0, 8};
    struct boot_info other = info;
    boot_check(&info, KERNEL_START, KERNEL_END);
    assert_text(info.framebuffer_wrong, "it lies on the kernel");
    info = other;
    info.framebuffer.address = 0x2ff000;
    boot_check(&info, KERNEL_START, KERNEL_END);
    assert_text(info.framebuffer_wrong, "it lies on the boot loader's information");
    info = other;
    info.framebuffer.address = 0x2fe000;
    boot_check(&info, KERNEL_START, KERNEL_END);
    assert_null(info.framebuffer_wrong);
}

static const char *module_at(uint64_t start, uint64_t end)
{
    info.modules[info.module_count++] = (struct boot_module){start, end, "m", NULL};
    boot_check(&info, KERNEL_START, KERNEL_END);
    return info.modules[info.module_count - 1].wrong;
}

static void modules_that_can_not_be(void **state)
{
    (void)state;
    plain_map();
    assert_null(module_at(0x200000, 0x300000));
    assert_null(module_at(0x3fff000, 0x4001000)); /* over the seam of two entries */
    assert_null(module_at(0x5000, 0x6000));
    assert_null(module_at(0x12345678, 0x12345678)); /* empty ones lie nowhere */
    assert_null(module_at(0x200000, 0x300000));     /* one file, named twice */
    assert_text(module_at(0x2fffff, 0x300001), "the module lies on another one");
    assert_text(module_at(0x210000, 0x220000), "the module lies on another one");
    assert_null(module_at(0x300000, 0x300001)); /* only the refused one is there */
    assert_text(module_at(0x17ffff, 0x190000), "the module lies on the kernel");
    assert_text(module_at(0x20000, 0x20001), "the module lies on the boot loader's information");
    assert_text(module_at(0x5fff000, 0x6002000), "the module lies outside of memory");
    assert_text(module_at(0x7fdf000, 0x7fe0001), "the module lies outside of memory");
    assert_text(module_at(0x90000, 0x110000), "the module lies outside of memory");
    assert_text(module_at(0xfd000000, 0xfd001000), "the module lies outside of memory");
    assert_text(module_at(0, UINT64_MAX), "the module lies outside of memory");
}

static void where_tables_may_be(void **state)
{
    (void)state;
    plain_map();
    assert_true(boot_is_named(&info, 0x7fdfff0, 0x7fe0010));
    assert_true(boot_is_named(&info, 0xe0000000, 0xe0000001));
    assert_false(boot_is_named(&info, 0x7ffffff, 0x8000001));
    assert_false(boot_is_named(&info, 0xfee00000, 0xfee00001));
    assert_true(boot_touches_ram(&info, 0x7ffffff, 0x8000001));
    assert_false(boot_touches_ram(&info, 0x8000000, 0x8000001));
    assert_false(boot_touches_ram(&info, 0xe0000000, 0xe0000001));
    assert_false(boot_touches_ram(&info, 0x200000, 0x200000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framebuffers_that_can_not_be),
        cmocka_unit_test(framebuffers_of_every_place),
        cmocka_unit_test(modules_that_can_not_be),
        cmocka_unit_test(where_tables_may_be),
    };
    return RUN(tests);
}
