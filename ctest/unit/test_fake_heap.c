/* SPDX-License-Identifier: MIT */
/* The unit tests' own watch over the kernel's heap: that it would be noticed. */
#include "frame.h"
#include "heap.h"
#include "test.h"

#include <sanitizer/asan_interface.h>

static bool is_forbidden(const void *at)
{
    return __asan_address_is_poisoned(at) != 0;
}

static void behind_a_block(void **state)
{
    (void)state;
    fake_ram(4);
    static const size_t sizes[] = {1,   16,  24,   31,   32,   33,   64,  100,
                                   500, 512, 1000, 1008, 1010, 3000, 5000};
    for (uint32_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        uint8_t *block = heap_alloc(sizes[i]), *next = heap_alloc(sizes[i]);
        for (size_t at = 0; at < sizes[i]; at++) {
            assert_false(is_forbidden(block + at) || is_forbidden(next + at));
        }
        assert_true(is_forbidden(block + sizes[i]) && is_forbidden(next + sizes[i]));
        heap_free(block, sizes[i]);
        if (sizes[i] <= 1024) {
            assert_true(is_forbidden(block) && is_forbidden(block + sizes[i] - 1));
        }
        assert_false(is_forbidden(next));
        uint8_t *again = heap_alloc(sizes[i]);
        assert_false(is_forbidden(again) || is_forbidden(again + sizes[i] - 1));
        heap_free(again, sizes[i]);
        heap_free(next, sizes[i]);
    }
}

/* A frame that was the heap's is all its next owner's. */
static void of_a_frame_that_went_back(void **state)
{
    (void)state;
    fake_ram(1);
    void *block = heap_alloc(40);
    heap_free(block, 40);
    paddr_t frame;
    while ((frame = frame_alloc(0, 0)) != 0) {
        for (uint32_t at = 0; at < PAGE_SIZE; at += 8) {
            assert_false(is_forbidden((uint8_t *)machine_direct(frame) + at));
        }
    }
}

static void each_allocation_can_be_refused(void **state)
{
    (void)state;
    fake_ram(1);
    void *first = heap_alloc(40); /* its class has room now */
    uint64_t calls = fake.alloc_calls;
    fake.allocs_left = 1;
    void *second = heap_alloc(40);
    assert_non_null(second);
    assert_null(heap_alloc(40));
    assert_null(heap_alloc(40));
    assert_int_equal(fake.alloc_calls - calls, 3);
    fake.once = true;
    assert_null(heap_alloc(40));
    void *third = heap_alloc(40);
    assert_non_null(third);
    fake.once = false;
    fake.allocs_left = FAKE_ALWAYS;
    heap_free(first, 40);
    heap_free(second, 40);
    heap_free(third, 40);
    assert_int_equal(heap_used(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(behind_a_block),
        cmocka_unit_test(of_a_frame_that_went_back),
        cmocka_unit_test(each_allocation_can_be_refused),
    };
    return RUN(tests);
}
