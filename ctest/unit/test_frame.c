/* SPDX-License-Identifier: MIT */
/* The frame allocator against a model: who owns each frame. */
#include "frame.h"
#include "test.h"

#define MIB    32u
#define FRAMES (MIB * 256u)
#define LIVE   600u

static struct {
    uint8_t owned[FRAMES];
    struct {
        paddr_t frame;
        uint64_t count; /* 0: frame_alloc with order */
        uint32_t order;
    } live[LIVE];
    uint32_t count;
    uint64_t free;
} model;

static void own(paddr_t frame, uint64_t count, bool take)
{
    for (uint64_t i = frame / PAGE_SIZE; i < frame / PAGE_SIZE + count; i++) {
        assert_true(i > 0 && i < FRAMES);
        assert_int_equal(model.owned[i], !take);
        model.owned[i] = take;
    }
    model.free += take ? 0 - count : count;
    assert_int_equal(frame_free_total(), model.free);
}

static void give_back(uint32_t no)
{
    paddr_t frame = model.live[no].frame;
    uint64_t count = model.live[no].count;
    if (count != 0) {
        frame_free_pages(frame, count);
    } else {
        frame_free(frame, model.live[no].order);
    }
    own(frame, count != 0 ? count : 1ull << model.live[no].order, false);
    model.live[no] = model.live[--model.count];
}

/* The sizes of the blocks that RAM falls into, greedily: the same whenever all is free. */
static void shape(uint32_t *orders)
{
    paddr_t blocks[FRAME_ORDERS][8];
    for (uint32_t order = FRAME_ORDERS; order-- > 0;) {
        orders[order] = 0;
        while (orders[order] < 8 && (blocks[order][orders[order]] = frame_alloc(order, 0)) != 0) {
            orders[order]++;
        }
    }
    assert_int_equal(frame_free_total(), 0);
    for (uint32_t order = 0; order < FRAME_ORDERS; order++) {
        for (uint32_t i = 0; i < orders[order]; i++) {
            frame_free(blocks[order][i], order);
        }
    }
}

static void one_step(struct rng *rng)
{
    uint64_t what = rng_below(rng, 10);
    if (what < 5 && model.count < LIVE) {
        uint32_t order = (uint32_t)(what < 4 ? rng_below(rng, 4) : rng_below(rng, FRAME_ORDERS));
        uint64_t count = rng_below(rng, 3) == 0 ? 1 + rng_below(rng, 200) : 0;
        uint32_t flags = rng_below(rng, 2) != 0 ? FRAME_ZERO : 0;
        uint64_t skip = rng_below(rng, 2) * rng_below(rng, 70);
        paddr_t frame = count == 0  ? frame_alloc(order, flags)
                        : skip == 0 ? frame_alloc_pages(count, flags)
                                    : frame_alloc_run(count, skip, flags);
        if (frame == 0) {
            return;
        }
        uint64_t pages = count != 0 ? count : 1ull << order;
        assert_int_equal(frame % PAGE_SIZE, 0);
        assert_true(count != 0 || frame % ((paddr_t)PAGE_SIZE << order) == 0);
        own(frame, pages, true);
        uint8_t *bytes = machine_direct(frame);
        uint64_t probe = rng_below(rng, pages * PAGE_SIZE);
        assert_true(flags == 0 || (bytes[0] == 0 && bytes[probe] == 0));
        memset(bytes, 0xff, pages * PAGE_SIZE);
        model.live[model.count].frame = frame;
        model.live[model.count].count = count;
        model.live[model.count++].order = order;
    } else if (model.count > 0) {
        give_back((uint32_t)rng_below(rng, model.count));
    }
}

static void random_against_a_model(void **state)
{
    (void)state;
    uint32_t before[FRAME_ORDERS], after[FRAME_ORDERS];
    fake_ram(MIB);
    memset(&model, 0, sizeof model);
    model.free = FRAMES - 1; /* frame 0 is never used */
    assert_int_equal(frame_total(), FRAMES - 1);
    assert_int_equal(frame_free_total(), FRAMES - 1);
    shape(before);
    struct rng rng = {3};
    for (uint32_t i = 0; i < 20000; i++) {
        one_step(&rng);
    }
    while (model.count > 0) {
        give_back((uint32_t)rng_below(&rng, model.count));
    }
    assert_int_equal(frame_free_total(), FRAMES - 1);
    shape(after); /* all neighbours have found each other again */
    assert_memory_equal(before, after, sizeof before);
}

static void exhaustion(void **state)
{
    (void)state;
    static paddr_t frames[FRAMES];
    uint32_t n = 0;
    fake_ram(MIB);
    while ((frames[n] = frame_alloc(0, 0)) != 0) {
        n++;
    }
    assert_int_equal(n, FRAMES - 1);
    assert_int_equal(frame_alloc(1, 0), 0);
    assert_int_equal(frame_alloc_pages(1, 0), 0);
    /* Every second one: no two stand side by side. */
    for (uint32_t i = 0; i < n; i++) {
        if (frames[i] / PAGE_SIZE % 2 == 0) {
            frame_free(frames[i], 0);
        }
    }
    assert_int_equal(frame_alloc(1, 0), 0);
    assert_int_equal(frame_alloc_pages(2, 0), 0);
    assert_int_not_equal(frame_alloc(0, 0), 0);
}

/* Seen: 2.7 MiB of a canvas were refused where 10 were free, because no block had so many. */
static void a_run_where_no_block_is_large_enough(void **state)
{
    (void)state;
    fake_ram(MIB);
    paddr_t all[MIB], none;
    for (uint32_t i = 1; i < MIB; i++) { /* all but the first MiB, a MiB each */
        all[i] = frame_alloc(8, 0);
        assert_int_not_equal(all[i], 0);
    }
    none = frame_alloc_pages(256, 0);
    assert_int_equal(none, 0);
    frame_free((paddr_t)3 << 20, 8); /* no buddies: 2 and 3, 4 and 5 are */
    frame_free((paddr_t)4 << 20, 8);
    frame_free((paddr_t)7 << 20, 8);
    uint64_t free = frame_free_total();
    assert_int_equal(frame_alloc_pages(513, 0), 0);
    assert_int_equal(frame_free_total(), free);
    for (uint64_t count = 257; count <= 512; count += 51) {
        paddr_t run = frame_alloc_pages(count, FRAME_ZERO);
        assert_int_equal(run, (paddr_t)3 << 20);
        assert_int_equal(frame_free_total(), free - count);
        frame_free_pages(run, count);
        run = frame_alloc_run(257, count - 257, 0);
        assert_int_equal(run, ((paddr_t)3 << 20) + (count - 257) * PAGE_SIZE);
        assert_int_equal(frame_free_total(), free - 257);
        frame_free_pages(run, 257);
        assert_int_equal(frame_free_total(), free);
    }
    assert_int_not_equal(frame_alloc(8, 0), 0); /* whole again: as three blocks */
    assert_int_not_equal(frame_alloc(8, 0), 0);
    assert_int_not_equal(frame_alloc(8, 0), 0);
    assert_int_equal(frame_alloc(8, 0), 0);
}

/* What is skipped is not lost, whatever the numbers. */
static void skipped_frames_stay_free(void **state)
{
    (void)state;
    fake_ram(MIB);
    uint64_t free = frame_free_total();
    paddr_t run = frame_alloc_run(1000, 37, 0);
    assert_int_equal(run / PAGE_SIZE % 2048, 37);
    assert_int_equal(frame_free_total(), free - 1000);
    frame_free_pages(run, 1000);
    assert_int_equal(frame_free_total(), free);
    assert_int_equal(frame_alloc_run(1, 1u << (FRAME_ORDERS - 1), 0), 0);
    assert_int_equal(frame_alloc_run(1, UINT64_MAX, 0), 0);
    assert_int_equal(frame_alloc_run(UINT64_MAX, 1, 0), 0);
    assert_int_equal(frame_alloc_run(0, 5, 0), 0);
    assert_int_equal(frame_free_total(), free);
}

static void impossible_sizes(void **state)
{
    (void)state;
    fake_ram(MIB);
    assert_int_equal(frame_alloc_pages(0, 0), 0);
    assert_int_equal(frame_alloc(FRAME_ORDERS, 0), 0);
    assert_int_equal(frame_alloc(UINT32_MAX, 0), 0);
    /* Counts whose bytes do not fit in 64 bits were taken for small ones. */
    for (uint32_t shift = 13; shift < 64; shift++) {
        assert_int_equal(frame_alloc_pages(1ull << shift, 0), 0);
        assert_int_equal(frame_alloc_pages((1ull << shift) + 1, 0), 0);
    }
    assert_int_equal(frame_alloc_pages(UINT64_MAX, 0), 0);
    assert_int_equal(frame_free_total(), FRAMES - 1);
    assert_int_equal(frame_order(0), 0);
    assert_int_equal(frame_order(1), 0);
    assert_int_equal(frame_order(4096), 0);
    assert_int_equal(frame_order(4097), 1);
    assert_int_equal(frame_order(UINT64_MAX), FRAME_ORDERS);
}

/* What is added may be ragged; what is not a whole frame is left out. */
static void adding_ragged_memory(void **state)
{
    (void)state;
    static uint8_t map[FRAMES];
    fake_ram(MIB);
    memset(map, 0, sizeof map);
    frame_init(map, FRAMES);
    frame_add(0, 0x1fff);
    assert_int_equal(frame_total(), 0);
    frame_add(0x1001, 0x3fff);
    assert_int_equal(frame_total(), 1);
    assert_int_equal(frame_alloc(0, 0), 0x2000);
    frame_add(UINT64_MAX - 0x5000, UINT64_MAX); /* beyond the map */
    frame_add(0x5000, 0x4000);
    assert_int_equal(frame_total(), 1);
    frame_add((paddr_t)FRAMES * PAGE_SIZE - 0x2000, UINT64_MAX);
    assert_int_equal(frame_total(), 3);
}

/* A host gives memory in large pieces, cleared, when they are first written to. */
static void what_is_free_is_not_touched(void **state)
{
    (void)state;
    const uint64_t piece = 2u << 20, end = (uint64_t)MIB << 20;
    fake_ram(MIB);
    memset(machine_direct(piece), 0x5a, end - piece);
    paddr_t low = frame_alloc(0, FRAME_ZERO);
    assert_true(low < piece);
    paddr_t high = frame_alloc(9, 0), higher = frame_alloc(11, 0), run = frame_alloc_run(600, 7, 0);
    assert_true(high != 0 && higher != 0 && run >= piece);
    const uint8_t *bytes = machine_direct(piece);
    uint32_t touched = 0;
    for (uint64_t at = piece; at < end; at += PAGE_SIZE) {
        for (uint64_t i = 0; i < PAGE_SIZE; i++) {
            if (bytes[at - piece + i] != 0x5a) {
                touched++;
                assert_in_range(at, run / piece * piece, run + 600 * PAGE_SIZE + piece);
                break;
            }
        }
    }
    assert_true(touched < 20); /* the two ends of the run, where it left less than a piece */
    frame_free(low, 0);
    frame_free(high, 9);
    frame_free(higher, 11);
    frame_free_pages(run, 600);
    assert_int_equal(frame_free_total(), FRAMES - 1);
}

static void free_it(void *frame)
{
    frame_free(*(paddr_t *)frame, 0);
}

static void freeing_twice_panics(void **state)
{
    (void)state;
    fake_ram(MIB);
    paddr_t two = frame_alloc(1, 0);
    assert_true(fake_panics(free_it, &two)); /* wrong order */
    assert_true(fake_said("frame: freeing what was not allocated"));
    frame_free(two, 1);
    assert_true(fake_panics(free_it, &two));
    paddr_t outside = (paddr_t)FRAMES * PAGE_SIZE;
    assert_true(fake_panics(free_it, &outside));
    paddr_t large = frame_alloc(10, 0);
    frame_free(large, 10);
    for (uint32_t i = 0; i < 32; i++) { /* where its links are kept */
        paddr_t inside = large + i * (paddr_t)PAGE_SIZE;
        assert_true(fake_panics(free_it, &inside));
    }
    assert_int_equal(frame_free_total(), FRAMES - 1);
}

/* One frame too many. */
static void free_row(void *frame)
{
    frame_free_singles(*(paddr_t *)frame, 342);
}

/* A block that was split goes back frame by frame, in any order, and is the same block again. */
static void a_block_that_was_split(void **state)
{
    (void)state;
    struct rng rng = {3};
    uint32_t before[FRAME_ORDERS], behind[FRAME_ORDERS];
    uint64_t free = frame_free_total();
    shape(before);
    for (uint32_t order = 0; order < 11; order++) {
        uint32_t all = 1u << order, at[1024];
        paddr_t block = frame_alloc(order, 0);
        frame_split(block, order);
        assert_int_equal(frame_free_total(), free - all);
        for (uint32_t i = 0; i < all; i++) {
            uint32_t other = (uint32_t)rng_below(&rng, i + 1);
            at[i] = at[other];
            at[other] = i;
        }
        for (uint32_t i = 0; i < all; i++) {
            paddr_t frame = block + at[i] * (paddr_t)PAGE_SIZE;
            frame_free(frame, 0);
            assert_int_equal(frame_free_total(), free - all + i + 1);
            assert_true(fake_panics(free_it, &frame));
        }
        block = frame_alloc(order, 0); /* and in two rows, of which none is a block */
        frame_split(block, order);
        uint32_t part = all / 3;
        frame_free_singles(block + part * (paddr_t)PAGE_SIZE, all - part);
        assert_int_equal(frame_free_total(), free - part);
        assert_true(order < 10 ||
                    fake_panics(free_row, &block)); /* a third of 1024, and one more */
        frame_free_singles(block, part);
        assert_int_equal(frame_free_total(), free);
    }
    shape(behind);
    assert_memory_equal(before, behind, sizeof before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_against_a_model),
        cmocka_unit_test(exhaustion),
        cmocka_unit_test(impossible_sizes),
        cmocka_unit_test(adding_ragged_memory),
        cmocka_unit_test(what_is_free_is_not_touched),
        cmocka_unit_test(freeing_twice_panics),
        cmocka_unit_test(a_run_where_no_block_is_large_enough),
        cmocka_unit_test(skipped_frames_stay_free),
        cmocka_unit_test(a_block_that_was_split),
    };
    return RUN(tests);
}
