/* SPDX-License-Identifier: MIT */
/* The slot heap against its model, and with memory running out at every point in turn. */
#include "frame.h"
#include "heap.h"
#include "slotheap_model.h"
#include "test.h"

static struct model m;
static struct {
    uint64_t frames, used;
} before;

static int setup(void **state)
{
    (void)state;
    fake_ram(32);
    before.frames = frame_free_total();
    before.used = heap_used();
    return 0;
}

static void end(void)
{
    model_end(&m);
    assert_int_equal(frame_free_total(), before.frames);
    assert_int_equal(heap_used(), before.used);
}

static uint64_t some_size(struct rng *rng)
{
    uint64_t max = 1ull << rng_below(rng, 20);
    return 1 + rng_below(rng, max);
}

static void random_small(void **state)
{
    (void)state;
    struct rng rng = {5};
    assert_true(model_start(&m, 20000));
    for (uint32_t i = 0; i < 3000; i++) {
        if (m.count == 0 || (m.count < MODEL_LIVE && rng_below(&rng, 9) < 5)) {
            uint64_t size = some_size(&rng), align = 1ull << rng_below(&rng, 14);
            (void)(rng_below(&rng, 4) != 0 ? model_alloc(&m, size, align)
                                           : model_alloc_guarded(&m, size, align));
        } else {
            model_dealloc(&m, (uint32_t)rng_below(&rng, m.count));
        }
        if (i % 8 == 0 || i < 200) {
            model_check(&m);
        }
    }
    model_empty(&m);
    end();
}

/* Blocks that fill a page's worth of grains: the walk to a block is longest here. */
static void many_tiny_neighbours(void **state)
{
    (void)state;
    assert_true(model_start(&m, 100));
    for (uint32_t i = 0; i < MODEL_LIVE; i++) {
        assert_int_equal(model_alloc(&m, 1 + i % 16, 1), CTX_OK);
    }
    model_check(&m);
    for (uint32_t i = 0; i < MODEL_LIVE; i += 2) {
        model_dealloc(&m, i / 2);
        model_check(&m);
    }
    end();
}

static void alignments_up_to_a_gigabyte(void **state)
{
    (void)state;
    for (uint32_t log2 = 0; log2 <= 31; log2++) {
        assert_true(model_start(&m, 1000));
        assert_int_equal(model_alloc(&m, 24, 1), CTX_OK);
        assert_int_equal(model_alloc(&m, 5000, 1ull << log2), CTX_OK);
        assert_int_equal(model_alloc(&m, 24, 1), CTX_OK);
        (void)model_alloc(&m, 100, 1ull << log2);
        model_check(&m);
        model_dealloc(&m, 1);
        model_check(&m);
        end();
    }
    assert_true(model_start(&m, 1000));
    assert_int_equal(model_alloc(&m, 1, 1ull << 32), CTX_E_NOMEM);
    assert_int_equal(model_alloc(&m, 1, 1ull << 63), CTX_E_NOMEM);
    assert_int_equal(model_alloc(&m, 1, 0), CTX_E_INVAL);
    assert_int_equal(model_alloc(&m, 1, 48), CTX_E_INVAL);
    assert_int_equal(model_alloc(&m, 0, 16), CTX_E_NOMEM);
    assert_int_equal(model_alloc(&m, UINT64_MAX, 16), CTX_E_NOMEM);
    assert_int_equal(model_alloc(&m, UINT64_MAX - 15, 1ull << 31), CTX_E_NOMEM);
    assert_int_equal(model_alloc(&m, MODEL_BYTES + 1, 1), CTX_E_NOMEM);
    model_check(&m);
    end();
}

static void foreign_addresses(void **state)
{
    (void)state;
    uint64_t size, align;
    assert_true(model_start(&m, 100));
    assert_int_equal(slotheap_dealloc(m.heap, 0, 1, 1, &size, &align), CTX_E_NOENT);
    assert_int_equal(slotheap_dealloc(m.heap, MODEL_BYTES, 1, 1, &size, &align), CTX_E_NOENT);
    assert_int_equal(slotheap_dealloc(m.heap, MODEL_BYTES - 16, 1, 1, &size, &align), CTX_E_NOENT);
    assert_int_equal(slotheap_dealloc(m.heap, UINT64_MAX, 1, 1, &size, &align), CTX_E_NOENT);
    assert_int_equal(slotheap_dealloc(m.heap, UINT64_MAX - 15, 1, 1, &size, &align), CTX_E_NOENT);
    assert_int_equal(model_alloc(&m, 100, 16), CTX_OK);
    assert_int_equal(slotheap_dealloc(m.heap, m.live[0].offset + 112, 1, 1, &size, &align),
                     CTX_E_NOENT); /* a free block begins there */
    model_check(&m);
    end();
}

/* A guard is a page that was used before, or that neighbours would keep; it costs no memory. */
static void guards(void **state)
{
    (void)state;
    assert_true(model_start(&m, 10));
    assert_int_equal(model_alloc(&m, 9 * PAGE_SIZE, PAGE_SIZE), CTX_OK);
    assert_int_equal(model_alloc(&m, 1, 1), CTX_OK);
    model_dealloc(&m, 0); /* a short run: its pages are kept */
    assert_int_equal(m.pages, 10);
    assert_int_equal(model_alloc_guarded(&m, 2 * PAGE_SIZE, 16), CTX_OK);
    assert_int_equal(m.pages, 9);
    model_check(&m);
    assert_int_equal(model_alloc_guarded(&m, 1, 1), CTX_OK);
    model_check(&m);
    assert_int_equal(model_alloc(&m, 100, 16), CTX_OK);
    model_dealloc(&m, 0);
    model_check(&m);
    assert_int_equal(model_alloc_guarded(&m, 1, 0), CTX_E_INVAL);
    assert_int_equal(model_alloc_guarded(&m, 1, 3), CTX_E_INVAL);
    assert_int_equal(model_alloc_guarded(&m, 1, 5000), CTX_E_INVAL);
    assert_int_equal(model_alloc_guarded(&m, MODEL_BYTES, 16), CTX_E_NOMEM);
    assert_int_equal(model_alloc_guarded(&m, 0, 16), CTX_E_NOMEM);
    model_check(&m);
    model_empty(&m);
    end();
    /* The quota counts what is committed, so all ten pages can be had above a guard. */
    assert_true(model_start(&m, 10));
    assert_int_equal(model_alloc_guarded(&m, 10 * PAGE_SIZE, 16), CTX_OK);
    assert_int_equal(m.pages, 10);
    end();
    for (uint32_t log2 = 0; log2 <= 30; log2++) {
        assert_true(model_start(&m, 100));
        assert_int_equal(model_alloc_guarded(&m, 5000, 1ull << log2), CTX_OK);
        (void)model_alloc_guarded(&m, 5000, 1ull << log2);
        model_check(&m);
        end();
    }
}

/* The quota counts pages; what is refused leaves nothing behind. */
static void quota(void **state)
{
    (void)state;
    assert_true(model_start(&m, 300));
    assert_int_equal(model_alloc(&m, 301 * PAGE_SIZE, 1), CTX_E_NOMEM);
    model_check(&m);
    assert_int_equal(m.pages, 0);
    assert_int_equal(model_alloc(&m, 300 * PAGE_SIZE, PAGE_SIZE), CTX_OK);
    assert_int_equal(model_alloc(&m, 1, 1), CTX_E_NOMEM);
    model_check(&m);
    model_dealloc(&m, 0);
    assert_int_equal(m.pages, 0);
    for (uint32_t i = 0; i < 300; i++) {
        assert_int_equal(model_alloc(&m, PAGE_SIZE, PAGE_SIZE), CTX_OK);
    }
    assert_int_equal(model_alloc(&m, PAGE_SIZE, PAGE_SIZE), CTX_E_NOMEM);
    model_check(&m);
    end();
    assert_true(model_start(&m, 0));
    assert_int_equal(model_alloc(&m, 1, 1), CTX_E_NOMEM);
    end();
}

/* Large blocks all over the heap's range. */
static void random_large(void **state)
{
    (void)state;
    struct rng rng = {6};
    assert_true(model_start(&m, MODEL_PAGES));
    for (uint32_t i = 0; i < 120; i++) {
        if (m.count == 0 || rng_below(&rng, 3) != 0) {
            uint64_t size = 1 + rng_below(&rng, 1ull << (16 + rng_below(&rng, 11)));
            (void)model_alloc(&m, size, 1ull << rng_below(&rng, 31));
        } else {
            model_dealloc(&m, (uint32_t)rng_below(&rng, m.count));
        }
        if (i % 10 == 0) {
            model_check(&m);
        }
    }
    end();
}

/* A few of everything: what the tests below run while memory is short. */
static void script(void)
{
    (void)model_alloc(&m, 100, 16);
    (void)model_alloc(&m, 70 * PAGE_SIZE, PAGE_SIZE);
    (void)model_alloc(&m, 10, 1u << 22);
    (void)model_alloc(&m, 9000, 1u << 28);
    if (m.count > 1) {
        model_dealloc(&m, 1);
    }
    model_check(&m);
    (void)model_alloc(&m, 3 * PAGE_SIZE, 64);
    (void)model_alloc_guarded(&m, 5000, 16);
    uint32_t large = m.count; /* its end needs bookkeeping of its own */
    if (model_alloc(&m, 3u << 20, 16) == CTX_OK) {
        model_dealloc(&m, large);
    }
    (void)model_alloc(&m, 2 * PAGE_SIZE, 1u << 30);
    if (m.count > 0) {
        model_dealloc(&m, 0);
    }
    model_check(&m);
}

/* What was guarded is free like any other: the lists can be put in order. */
static void a_guarded_block_that_was_freed_has_its_place_in_the_order(void **state)
{
    (void)state;
    uint64_t order[8];
    assert_true(model_start(&m, 100));
    assert_int_equal(model_alloc(&m, PAGE_SIZE, PAGE_SIZE), CTX_OK);
    assert_int_equal(model_alloc_guarded(&m, PAGE_SIZE, PAGE_SIZE), CTX_OK);
    assert_int_equal(model_alloc(&m, PAGE_SIZE, PAGE_SIZE), CTX_OK);
    model_dealloc(&m, 1); /* alone between the others */
    uint64_t count = slotheap_free_order(m.heap, order, ARRAY_COUNT(order));
    assert_true(count >= 2 && count <= ARRAY_COUNT(order));
    assert_true(slotheap_set_free_order(m.heap, order, count));
    model_check(&m);
    end();
}

/* A block whose end needs bookkeeping of its own, which does not come: it stays findable. */
static void no_frame_for_the_rest_of_a_block(void **state)
{
    (void)state;
    fake.small_ones_free = true;
    for (uint64_t n = 0; n < 2; n++) {
        assert_true(model_start(&m, 1000));
        fake.allocs_left = n;
        assert_int_equal(model_alloc(&m, 3u << 20, 16), n < 1 ? CTX_E_NOMEM : CTX_OK);
        fake.allocs_left = FAKE_ALWAYS;
        model_empty(&m);
        end();
    }
    fake.small_ones_free = false;
}

static void no_frames_at_each_point(void **state)
{
    (void)state;
    for (uint32_t once = 0; once < 2; once++) {
        bool hit = true;
        for (uint64_t n = 0; hit; n++) {
            fake.allocs_left = n;
            fake.once = once != 0;
            bool started = model_start(&m, 1000);
            if (started) {
                script();
            }
            hit = fake.allocs_left == 0 || (fake.once && fake.allocs_left == FAKE_ALWAYS);
            fake.allocs_left = FAKE_ALWAYS;
            if (started) {
                model_empty(&m);
            }
            end();
            assert_true(n < 100);
        }
    }
    fake.once = false;
}

static void no_commit_at_each_point(void **state)
{
    (void)state;
    bool hit = true;
    for (uint64_t n = 0; hit; n += n < 100 ? 1 : 7) { /* later ones are all alike */
        assert_true(model_start(&m, 1000));
        m.commits_left = n;
        script();
        hit = m.commits_left == 0;
        m.commits_left = UINT64_MAX;
        script(); /* and it goes on working afterwards */
        model_empty(&m);
        end();
        assert_true(n < 2000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(random_small, setup),
        cmocka_unit_test_setup(many_tiny_neighbours, setup),
        cmocka_unit_test_setup(alignments_up_to_a_gigabyte, setup),
        cmocka_unit_test_setup(foreign_addresses, setup),
        cmocka_unit_test_setup(guards, setup),
        cmocka_unit_test_setup(a_guarded_block_that_was_freed_has_its_place_in_the_order, setup),
        cmocka_unit_test_setup(quota, setup),
        cmocka_unit_test_setup(random_large, setup),
        cmocka_unit_test_setup(no_frame_for_the_rest_of_a_block, setup),
        cmocka_unit_test_setup(no_frames_at_each_point, setup),
        cmocka_unit_test_setup(no_commit_at_each_point, setup),
    };
    return RUN(tests);
}
