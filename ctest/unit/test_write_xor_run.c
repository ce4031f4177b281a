/* SPDX-License-Identifier: MIT */
/* Neither machine maps a page of a slot for writing and for running, whoever asks; and what they
 * know of memory that nobody has touched is true. */
#include "test.h"

#include <kernel/machine.h>

#include <ctx/slot.h>

/* The two machines' own functions, under these names here: ctest/unit/CMakeLists.txt. */
ctx_status linux_slot_map(uint64_t address, paddr_t frame, uint64_t count, uint32_t rights);
ctx_status x86_slot_map(uint64_t address, paddr_t frame, uint64_t count, uint32_t rights);
bool linux_is_untouched(paddr_t paddr, uint64_t bytes);
bool x86_is_untouched(paddr_t paddr, uint64_t bytes);
void *linux_direct(paddr_t paddr);
const char *linux_ram_init(uint32_t mib); /* linux.h */

/* What the kernel's linker script says, of which nothing is looked at here. */
extern char boot_stack_guard[], boot_pml4[], boot_tables_end[], text_start[], text_end[],
    rodata_start[], rodata_end[], kernel_end[];
char boot_stack_guard[1], boot_pml4[1], boot_tables_end[1], text_start[1], text_end[1],
    rodata_start[1], rodata_end[1], kernel_end[1];

static void pages_to_write_and_run_are_refused(void **state)
{
    (void)state;
    ctx_status (*const maps[])(uint64_t, paddr_t, uint64_t, uint32_t) = {linux_slot_map,
                                                                         x86_slot_map};
    const uint64_t at = CTX_SLOT_LOWEST + CTX_SLOT_IMAGE;
    for (size_t i = 0; i < ARRAY_COUNT(maps); i++) {
        for (uint32_t rights = 0; rights < 8; rights++) {
            if ((rights & MAP_WRITE) != 0 && (rights & MAP_EXEC) != 0) {
                assert_int_equal(maps[i](at, 0x1000, 1, rights), CTX_E_INVAL);
            }
        }
        /* and nothing outside of slots */
        assert_int_equal(maps[i](CTX_SLOT_LOWEST - 0x1000, 0x1000, 1, MAP_READ), CTX_E_INVAL);
        assert_int_equal(maps[i](0xffffffff80101000, 0x1000, 1, MAP_READ), CTX_E_INVAL);
        uint64_t end = CTX_SLOT_LOWEST + CTX_SLOT_COUNT * CTX_SLOT_SIZE;
        assert_int_equal(maps[i](end - 0x1000, 0x1000, 2, MAP_READ), CTX_E_INVAL);
    }
}

static void memory_that_nobody_has_touched(void **state)
{
    (void)state;
    const uint64_t piece = 4u << 20, least = 64u << 10;
    fake_ram(32); /* where the lists of free memory write; the other one stays as it is */
    assert_null(linux_ram_init(32));
    uint8_t *bytes = linux_direct(0);
    assert_true(linux_is_untouched(piece, piece)); /* free, and so without links in it */
    bytes[2 * piece - 1] = 1;
    assert_false(linux_is_untouched(piece, piece));
    assert_true(linux_is_untouched(piece, piece - PAGE_SIZE));
    assert_false(linux_is_untouched(2 * piece - PAGE_SIZE, least));
    assert_true(linux_is_untouched(2 * piece, 6 * piece)); /* to the end of it all */
    bytes[2 * piece - 1] = 0;
    assert_false(linux_is_untouched(piece, piece)); /* zero again is touched */
    for (uint64_t i = 2 * piece; i < 8 * piece; i += PAGE_SIZE / 8) {
        assert_int_equal(bytes[i], 0);
    }
    assert_false(x86_is_untouched(piece, piece));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pages_to_write_and_run_are_refused),
                                       cmocka_unit_test(memory_that_nobody_has_touched)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
