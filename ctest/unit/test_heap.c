/* SPDX-License-Identifier: MIT */
/* The kernel's own heap, and memory for devices, which comes from the same frames. */
#include "frame.h"
#include "heap.h"
#include "test.h"

#include <kernel/dma.h>

#define LIVE 500u

static struct {
    uint8_t *memory;
    size_t size;
    uint8_t fill;
} live[LIVE];

static void random_blocks(void **state)
{
    (void)state;
    fake_ram(16);
    uint64_t frames = frame_free_total();
    uint64_t used = heap_used();
    struct rng rng = {4};
    for (uint32_t step = 0; step < 30000; step++) {
        uint32_t no = (uint32_t)rng_below(&rng, LIVE);
        if (live[no].memory == NULL) {
            size_t size = 1 + (size_t)rng_below(&rng, rng_below(&rng, 20) == 0 ? 20000 : 1200);
            uint8_t *memory = heap_alloc(size);
            assert_non_null(memory);
            assert_int_equal((uintptr_t)memory % (size > 1344 ? PAGE_SIZE : 16), 0);
            for (size_t i = 0; i < size; i++) {
                assert_int_equal(memory[i], 0);
            }
            live[no].memory = memory;
            live[no].size = size;
            live[no].fill = (uint8_t)(step | 1);
            memset(memory, live[no].fill, size);
            used += size;
        } else {
            for (size_t i = 0; i < live[no].size; i++) {
                assert_int_equal(live[no].memory[i], live[no].fill);
            }
            heap_free(live[no].memory, live[no].size);
            used -= live[no].size;
            live[no].memory = NULL;
        }
        assert_int_equal(heap_used(), used);
    }
    for (uint32_t no = 0; no < LIVE; no++) {
        heap_free(live[no].memory, live[no].memory != NULL ? live[no].size : 0);
    }
    assert_int_equal(heap_used(), 0);
    assert_int_equal(frame_free_total(), frames);
}

static void every_size_and_exhaustion(void **state)
{
    (void)state;
    fake_ram(2);
    uint64_t frames = frame_free_total();
    for (size_t size = 1; size <= 9000; size++) {
        uint8_t *memory = heap_alloc(size);
        assert_non_null(memory);
        memset(memory, 0xff, size);
        heap_free(memory, size);
        assert_int_equal(frame_free_total(), frames);
    }
    void *list = NULL;
    void **block;
    uint32_t count = 0;
    while ((block = heap_alloc(100)) != NULL) {
        *block = list;
        list = block;
        count++;
    }
    assert_int_equal(count, frames * 31); /* 128 bytes each, and one place for the header */
    assert_null(heap_alloc(5000));
    while (list != NULL) {
        block = list;
        list = *block;
        heap_free(block, 100);
    }
    assert_int_equal(heap_used(), 0);
    assert_int_equal(frame_free_total(), frames);
}

static uint64_t to_be_had(void)
{
    return frame_free_total() * PAGE_SIZE + heap_slack();
}

/* Seen: "bytes lost 4096" where nothing was: a block that stays had been made while others were
 * there, and kept a second frame. */
static void what_can_be_had_is_the_same_wherever_the_rest_lies(void **state)
{
    (void)state;
    fake_ram(2);
    uint64_t all = to_be_had();
    void *blocks[100];
    for (uint32_t i = 0; i < 100; i++) {
        blocks[i] = heap_alloc(100);
        assert_non_null(blocks[i]);
    }
    assert_int_equal(to_be_had(), all - 100ul * 128);
    for (uint32_t i = 0; i < 100; i++) { /* one stays in each of four frames */
        if (i % 31 != 0) {
            heap_free(blocks[i], 100);
        }
    }
    assert_int_equal(to_be_had(), all - 4ul * 128);
    assert_int_equal(heap_slack(), 4ul * (PAGE_SIZE - 128));
    for (uint32_t i = 0; i < 100; i += 31) {
        heap_free(blocks[i], 100);
    }
    assert_int_equal(heap_slack(), 0);
    assert_int_equal(to_be_had(), all);
}

/* Seen: a file of 33 KiB took 64, its copy being a block of the frame allocator's. */
static void a_large_block_takes_its_pages_only(void **state)
{
    (void)state;
    fake_ram(2);
    uint64_t frames = frame_free_total();
    for (size_t pages = 1; pages < 70; pages++) {
        size_t size = (pages - 1) * PAGE_SIZE + 1400;
        void *memory = heap_alloc(size);
        assert_int_equal(frame_free_total(), frames - pages);
        heap_free(memory, size);
        assert_int_equal(frame_free_total(), frames);
    }
    assert_null(heap_alloc(SIZE_MAX));
    assert_int_equal(frame_free_total(), frames);
}

static void free_as_large(void *memory)
{
    heap_free(memory, 300);
}

static void wrong_size_panics(void **state)
{
    (void)state;
    fake_ram(2);
    assert_true(fake_panics(free_as_large, heap_alloc(20)));
    assert_true(fake_said("heap: freeing 300 bytes"));
    heap_free(NULL, 5);
}

static void memory_for_devices(void **state)
{
    (void)state;
    fake_ram(4);
    uint64_t frames = frame_free_total();
    for (size_t bytes = 1; bytes < 100000; bytes += 1237) {
        paddr_t at;
        uint8_t *memory = dma_alloc(bytes, &at);
        assert_non_null(memory);
        assert_ptr_equal(memory, machine_direct(at));
        assert_int_equal(at % PAGE_SIZE, 0);
        assert_true(memory[0] == 0 && memory[bytes - 1] == 0);
        assert_int_equal(frames - frame_free_total(), (bytes + PAGE_SIZE - 1) / PAGE_SIZE);
        memset(memory, 0xff, bytes);
        dma_free(memory, bytes);
        assert_int_equal(frame_free_total(), frames);
    }
    paddr_t at;
    assert_null(dma_alloc(8u << 20, &at));
    assert_null(dma_alloc(SIZE_MAX, &at));
    dma_free(NULL, 5);
}

int main(void)
{
    fake.no_redzones = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_blocks),
        cmocka_unit_test(what_can_be_had_is_the_same_wherever_the_rest_lies),
        cmocka_unit_test(a_large_block_takes_its_pages_only),
        cmocka_unit_test(every_size_and_exhaustion),
        cmocka_unit_test(memory_for_devices),
        cmocka_unit_test(wrong_size_panics),
    };
    return RUN(tests);
}
