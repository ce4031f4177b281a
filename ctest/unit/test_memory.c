/* SPDX-License-Identifier: MIT */
/* From the loader's memory map to page frames. */
#include "frame.h"
#include "memory_map.h"
#include "test.h"

#define PAGES 256u

static struct boot_info boot;
static struct memory_span spans[64];

/* What memory_spans() promises, page by page. */
static bool is_usable(const struct memory_span *reserved, uint32_t reserved_count, uint64_t page)
{
    uint64_t start = page * PAGE_SIZE;
    uint64_t end = start + PAGE_SIZE;
    bool usable = false;
    for (uint32_t i = 0; i < boot.range_count; i++) {
        const struct boot_range *r = &boot.ranges[i];
        if (r->type == BOOT_MEMORY_USABLE) {
            usable |= r->start <= start && r->end >= end;
        } else if (r->start < end && r->end > start) {
            return false;
        }
    }
    for (uint32_t i = 0; i < reserved_count; i++) {
        if (reserved[i].start < end && reserved[i].end > start) {
            return false;
        }
    }
    for (uint32_t i = 0; i < boot.module_count; i++) {
        const struct boot_module *m = &boot.modules[i];
        if (m->wrong == NULL && m->start < end && m->end > start) {
            return false;
        }
    }
    return usable;
}

static void random_maps(void **state)
{
    (void)state;
    struct rng rng = {2};
    for (uint32_t round = 0; round < 5000; round++) {
        struct memory_span reserved[6];
        uint32_t reserved_count = (uint32_t)rng_below(&rng, 7);
        uint64_t mask = rng_below(&rng, 2) != 0 ? ~(uint64_t)0 : ~(uint64_t)PAGE_MASK;
        boot.range_count = (uint32_t)rng_below(&rng, 9);
        for (uint32_t i = 0; i < boot.range_count; i++) {
            uint64_t start = rng_below(&rng, PAGES * PAGE_SIZE - 2) & mask;
            uint64_t len = 1 + rng_below(&rng, PAGES * PAGE_SIZE - start);
            uint32_t type = rng_below(&rng, 3) != 0 ? 1 : (uint32_t)rng_below(&rng, 9);
            boot.ranges[i] = (struct boot_range){start, start + len, type};
        }
        for (uint32_t i = 0; i < reserved_count; i++) {
            uint64_t start = rng_below(&rng, PAGES * PAGE_SIZE);
            reserved[i] = (struct memory_span){start, start + 1 + rng_below(&rng, 9 * PAGE_SIZE)};
        }
        boot.module_count = (uint32_t)rng_below(&rng, 4);
        for (uint32_t i = 0; i < boot.module_count; i++) {
            uint64_t start = rng_below(&rng, PAGES * PAGE_SIZE);
            boot.modules[i] =
                (struct boot_module){start, start + 1 + rng_below(&rng, 9 * PAGE_SIZE), "",
                                     rng_below(&rng, 3) == 0 ? "it lies" : NULL};
        }
        uint32_t lost;
        uint32_t count = memory_spans(&boot, reserved, reserved_count, spans, 64, &lost);
        assert_int_equal(lost, 0);
        uint64_t page = 0;
        for (uint32_t i = 0; i < count; i++) {
            assert_true(spans[i].start % PAGE_SIZE == 0 && spans[i].end % PAGE_SIZE == 0);
            assert_true(spans[i].start < spans[i].end);
            assert_true(i == 0 || spans[i].start > spans[i - 1].end); /* ascending, joined */
            for (; page < spans[i].start / PAGE_SIZE; page++) {
                assert_false(is_usable(reserved, reserved_count, page));
            }
            for (; page < spans[i].end / PAGE_SIZE; page++) {
                assert_true(is_usable(reserved, reserved_count, page));
            }
        }
        for (; page < PAGES; page++) {
            assert_false(is_usable(reserved, reserved_count, page));
        }
    }
}

/* The last bytes of the address space, where sums wrap. */
static void the_very_end(void **state)
{
    (void)state;
    uint32_t lost;
    boot.module_count = 0;
    boot.range_count = 2;
    boot.ranges[0] = (struct boot_range){0x100000, UINT64_MAX, 1};
    boot.ranges[1] = (struct boot_range){UINT64_MAX - 10, UINT64_MAX, 1};
    struct memory_span reserved[] = {{UINT64_MAX - 100, UINT64_MAX}, {0x200000, 0x200001}};
    uint32_t count = memory_spans(&boot, reserved, 2, spans, 64, &lost);
    assert_int_equal(count, 2);
    assert_int_equal(spans[0].end, 0x200000);
    assert_int_equal(spans[1].start, 0x201000);
    assert_int_equal(spans[1].end, ALIGN_DOWN(UINT64_MAX, (uint64_t)PAGE_SIZE));
}

static void too_many_pieces_are_counted(void **state)
{
    (void)state;
    uint32_t lost;
    struct memory_span reserved[10];
    boot.range_count = 1;
    boot.ranges[0] = (struct boot_range){0, PAGES * PAGE_SIZE, 1};
    for (uint32_t i = 0; i < 10; i++) {
        reserved[i] = (struct memory_span){(2 * i + 1) * PAGE_SIZE, (2 * i + 2) * PAGE_SIZE};
    }
    assert_int_equal(memory_spans(&boot, reserved, 10, spans, 4, &lost), 4);
    assert_int_equal(lost, 1); /* all that lies behind, in one piece */
    assert_int_equal(spans[3].start, 6 * PAGE_SIZE);
    assert_int_equal(memory_spans(&boot, reserved, 10, spans, 11, &lost), 11);
    assert_int_equal(lost, 0);
}

/* All of it: kernel, tables and modules stay whole until they are released. */
static void start_and_release(void **state)
{
    (void)state;
    fake_ram(32);
    memset(&boot, 0, sizeof boot);
    boot.ranges[0] = (struct boot_range){0, 0x9fc00, 1};
    boot.ranges[1] = (struct boot_range){0x100000, 0x1f00000, 1};
    boot.ranges[2] = (struct boot_range){0xfffc0000, 0x100000000, 2};
    boot.range_count = 3;
    boot.info_start = 0x500010;
    boot.info_end = 0x500100;
    boot.modules[0] = (struct boot_module){0x50000, 0x52000, "", NULL};
    boot.modules[1] = (struct boot_module){0x600000, 0x680000, "", NULL};
    boot.module_count = 2;
    assert_true(memory_init(&boot, 0x100000, 0x180000));
    uint64_t usable = 0x9f + (0x1f00000 - 0x100000) / PAGE_SIZE;
    uint64_t map_pages = ALIGN_UP(0x1f00u, PAGE_SIZE) / PAGE_SIZE;
    uint64_t reserved = 0x10 + 0x80 + 1 + 2 + 0x80;
    assert_int_equal(frame_total(), usable - reserved - map_pages);
    assert_int_equal(frame_free_total(), frame_total());
    paddr_t frame;
    while ((frame = frame_alloc(0, 0)) != 0) { /* nothing that is reserved is handed out */
        assert_true(frame >= 0x10000 && frame < 0x1f00000 &&
                    !(frame >= 0x9f000 && frame < 0x180000));
        assert_true(frame != 0x500000 && !(frame >= 0x50000 && frame < 0x52000) &&
                    !(frame >= 0x600000 && frame < 0x680000));
        memset(machine_direct(frame), 0xee, PAGE_SIZE);
    }
    assert_int_equal(frame_free_total(), 0);
    memory_add_high(); /* there is nothing above 4 GiB */
    assert_int_equal(frame_free_total(), 0);
    memory_release_modules(&boot);
    assert_int_equal(frame_free_total(), 2 + 0x80);
}

static void no_memory(void **state)
{
    (void)state;
    fake_ram(2);
    memset(&boot, 0, sizeof boot);
    assert_false(memory_init(&boot, 0x100000, 0x180000));
    boot.ranges[0] = (struct boot_range){0, 0x9fc00, 2};
    boot.range_count = 1;
    assert_false(memory_init(&boot, 0x100000, 0x180000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_maps),
        cmocka_unit_test(the_very_end),
        cmocka_unit_test(too_many_pieces_are_counted),
        cmocka_unit_test(start_and_release),
        cmocka_unit_test(no_memory),
    };
    return RUN(tests);
}
