/* SPDX-License-Identifier: MIT */
/* The split ring against a device that keeps the rules, and against one that does not. */
#include "fake_device.h"
#include "fake_kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM "ring"

static struct fake_device device;
static struct virtqueue q;
static struct task task;
static uint8_t memory[VIRTQ_SIZE_MAX][64];

static void nothing(struct task *unused)
{
    (void)unused;
}

/* A ring of `size` entries that both sides agreed on. */
static void open_ring(uint16_t size, uint16_t chain_max, uint64_t features)
{
    fake_reset();
    memset(&q, 0, sizeof(q));
    fake_device_init(&device, ROOM, features, size, 0);
    task_start(&task, ROOM, nothing);
    device.dev.task = &task;
    fake_run();
    assert_int_equal(virtio_negotiate(&device.dev, features), CTX_OK);
    assert_int_equal(virtio_queue_start(&device.dev, &q, 0, chain_max), CTX_OK);
    virtio_driver_ok(&device.dev);
    assert_int_equal(q.size, size);
}

static struct virtq_segment segment(uint32_t no, uint32_t at, uint32_t len)
{
    return (struct virtq_segment){(paddr_t)(uintptr_t)&memory[no % VIRTQ_SIZE_MAX][at], len};
}

/* A request of 8 bytes and room for 16 bytes of answer. */
static ctx_status add_pair(uint32_t no)
{
    struct virtq_segment segments[2] = {segment(no, 0, 8), segment(no, 16, 16)};
    return virtq_add(&q, segments, 1, 1, memory[no % VIRTQ_SIZE_MAX]);
}

static ctx_status add_one(uint32_t no)
{
    struct virtq_segment one = segment(no, 0, 16);
    return virtq_add(&q, &one, 0, 1, memory[no % VIRTQ_SIZE_MAX]);
}

static int teardown(void **state)
{
    (void)state;
    virtq_release(&q);
    assert_int_equal(fake.dma_live, 0);
    fake_reset();
    return 0;
}

static const uint64_t feature_sets[] = {0, VIRTIO_F_EVENT_IDX, VIRTIO_F_INDIRECT_DESC,
                                        VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC};

/* 70,000 chains through 8 entries: the ring wraps, and so do the 16-bit indices. */
static void wraps(void **state)
{
    (void)state;
    for (size_t set = 0; set < ARRAY_COUNT(feature_sets); set++) {
        open_ring(8, 2, feature_sets[set]);
        for (uint32_t i = 0; i < 70000; i++) {
            struct fake_chain taken;
            struct virtq_chain chain;
            memory[i % VIRTQ_SIZE_MAX][0] = (uint8_t)i;
            assert_int_equal(add_pair(i), CTX_OK);
            assert_false(fake_take(&device, 0, &taken)); /* not published yet */
            assert_true(virtq_publish(&q));
            assert_true(fake_take(&device, 0, &taken));
            assert_int_equal(taken.in_len, 8);
            assert_int_equal(taken.in[0], (uint8_t)i);
            assert_int_equal(taken.out_len, 16);
            assert_ptr_equal(taken.out, &memory[i % VIRTQ_SIZE_MAX][16]);
            assert_false(virtq_get(&q, &chain));
            fake_give(&device, 0, taken.head, i % 17);
            assert_true(virtq_has_news(&q));
            assert_true(virtq_get(&q, &chain));
            assert_ptr_equal(chain.cookie, memory[i % VIRTQ_SIZE_MAX]);
            assert_int_equal(chain.len, i % 17);
            assert_false(virtq_has_news(&q));
        }
        assert_int_equal(q.free_count, q.size);
        assert_int_equal(fake.log_count, 0);
        teardown(NULL);
    }
}

/* Random batches that come back in random order, against a model of what is in flight. */
static void any_order(void **state)
{
    (void)state;
    srand(20250101);
    for (size_t set = 0; set < ARRAY_COUNT(feature_sets); set++) {
        open_ring(16, 2, feature_sets[set]);
        uint32_t per_chain = (feature_sets[set] & VIRTIO_F_INDIRECT_DESC) != 0 ? 1 : 2;
        struct fake_chain with_device[VIRTQ_SIZE_MAX];
        bool out[VIRTQ_SIZE_MAX] = {false};
        uint32_t held = 0, in_flight = 0;
        for (uint32_t i = 0; i < 20000; i++) {
            for (int n = rand() % 5; n > 0; n--) {
                uint32_t no = (uint32_t)rand() % VIRTQ_SIZE_MAX;
                if (out[no]) {
                    continue;
                }
                bool fits = (in_flight + 1) * per_chain <= 16;
                assert_int_equal(add_pair(no), fits ? CTX_OK : CTX_E_NOSPC);
                out[no] = fits;
                in_flight += fits;
            }
            virtq_publish(&q);
            while (fake_take(&device, 0, &with_device[held])) {
                held++;
            }
            for (int n = rand() % 5; n > 0 && held > 0; n--) {
                uint32_t which = (uint32_t)rand() % held;
                fake_give(&device, 0, with_device[which].head, 4);
                with_device[which] = with_device[--held];
            }
            struct virtq_chain chain;
            while (virtq_get(&q, &chain)) {
                uint32_t no = (uint32_t)(((uint8_t *)chain.cookie - memory[0]) / 64);
                assert_true(out[no]);
                out[no] = false;
                in_flight--;
            }
            assert_int_equal(q.in_flight, in_flight);
            assert_int_equal(q.free_count, 16 - in_flight * per_chain);
        }
        assert_false(q.broken);
        teardown(NULL);
    }
}

static void indirect(void **state)
{
    (void)state;
    open_ring(4, 3, VIRTIO_F_INDIRECT_DESC);
    struct virtq_segment segments[3] = {segment(0, 0, 4), segment(0, 8, 8), segment(0, 32, 16)};
    for (uint32_t i = 0; i < 4; i++) { /* as many chains as entries, whatever their length */
        assert_int_equal(virtq_add(&q, segments, 2, 1, memory), CTX_OK);
    }
    assert_int_equal(virtq_add(&q, segments, 2, 1, memory), CTX_E_NOSPC);
    virtq_publish(&q);
    struct fake_chain taken;
    assert_true(fake_take(&device, 0, &taken));
    assert_true(taken.indirect);
    assert_int_equal(taken.in_len, 12);
    assert_int_equal(taken.out_len, 16);
    teardown(NULL);

    open_ring(4, 3, VIRTIO_F_INDIRECT_DESC);
    assert_int_equal(add_one(0), CTX_OK); /* one segment needs no table */
    virtq_publish(&q);
    assert_true(fake_take(&device, 0, &taken));
    assert_false(taken.indirect);
    teardown(NULL);

    open_ring(4, 3, 0); /* not offered, so not used */
    assert_int_equal(virtq_add(&q, segments, 2, 1, memory), CTX_OK);
    assert_int_equal(virtq_add(&q, segments, 2, 1, memory), CTX_E_NOSPC);
    virtq_publish(&q);
    assert_true(fake_take(&device, 0, &taken));
    assert_false(taken.indirect);
    assert_int_equal(taken.in_len, 12);
}

static void notifies_only_when_asked(void **state)
{
    (void)state;
    struct fake_chain taken;
    open_ring(8, 1, VIRTIO_F_EVENT_IDX);
    add_one(0);
    assert_true(virtq_publish(&q));
    assert_false(virtq_publish(&q)); /* nothing new */
    add_one(1);
    assert_false(virtq_publish(&q)); /* the device has not looked since: it is told already */
    assert_true(fake_take(&device, 0, &taken));
    assert_true(fake_take(&device, 0, &taken));
    add_one(2);
    add_one(3);
    assert_true(virtq_publish(&q)); /* one for two */
    device.no_notify = true;
    assert_true(fake_take(&device, 0, &taken));
    add_one(4);
    assert_false(virtq_publish(&q));
    teardown(NULL);

    open_ring(8, 1, 0);
    add_one(0);
    assert_true(virtq_publish(&q));
    device.queues[0].used->flags = VIRTQ_USED_F_NO_NOTIFY;
    add_one(1);
    assert_false(virtq_publish(&q));
}

static void interrupts_only_when_armed(void **state)
{
    (void)state;
    for (int polled = 0; polled < 2; polled++) {
        for (size_t set = 0; set < 2; set++) {
            struct fake_chain taken[4];
            struct virtq_chain chain;
            open_ring(8, 1, feature_sets[set]);
            if (polled) {
                virtq_poll(&q);
            }
            virtq_arm(&q);
            for (uint32_t i = 0; i < 4; i++) {
                add_one(i);
            }
            virtq_publish(&q);
            for (uint32_t i = 0; i < 4; i++) {
                assert_true(fake_take(&device, 0, &taken[i]));
            }
            fake_give(&device, 0, taken[0].head, 0);
            assert_int_equal(device.interrupts, polled ? 0 : 1);
            fake_give(&device, 0, taken[1].head, 0);
            /* With event indices one interrupt stands for both. */
            assert_int_equal(device.interrupts, polled ? 0 : set == 0 ? 2 : 1);
            assert_true(virtq_get(&q, &chain) && virtq_get(&q, &chain) && !virtq_get(&q, &chain));
            device.interrupts = 0;
            virtq_arm(&q);
            assert_false(virtq_has_news(&q));
            fake_give(&device, 0, taken[2].head, 0);
            assert_int_equal(device.interrupts, polled ? 0 : 1);
            assert_true(virtq_has_news(&q));
            teardown(NULL);
        }
    }
}

static void exhaustion(void **state)
{
    (void)state;
    struct fake_chain taken;
    struct virtq_chain chain;
    open_ring(4, 2, 0);
    assert_int_equal(add_pair(0), CTX_OK);
    assert_int_equal(add_one(1), CTX_OK);
    assert_int_equal(add_pair(2), CTX_E_NOSPC); /* one is left, two are needed, nothing is taken */
    assert_int_equal(q.free_count, 1);
    assert_int_equal(add_one(3), CTX_OK);
    assert_int_equal(add_one(4), CTX_E_NOSPC);
    virtq_publish(&q);
    while (fake_take(&device, 0, &taken)) {
        fake_give(&device, 0, taken.head, 1);
    }
    for (int i = 0; i < 3; i++) {
        assert_true(virtq_get(&q, &chain));
    }
    assert_int_equal(q.free_count, 4);
    assert_int_equal(add_pair(0), CTX_OK);
    assert_int_equal(add_pair(1), CTX_OK);
}

static void refuses_bad_arguments(void **state)
{
    (void)state;
    struct virtqueue other = {0};
    open_ring(8, 2, 0);
    struct virtq_segment segments[3] = {segment(0, 0, 4), segment(0, 8, 4), segment(0, 16, 4)};
    assert_int_equal(virtq_add(&q, segments, 0, 0, memory), CTX_E_INVAL);
    assert_int_equal(virtq_add(&q, segments, 2, 1, memory), CTX_E_INVAL);
    assert_int_equal(virtq_add(&q, segments, UINT32_MAX, 2, memory), CTX_E_INVAL);
    assert_int_equal(virtq_add(&q, segments, 1, 1, NULL), CTX_E_INVAL);
    segments[1].len = 0;
    assert_int_equal(virtq_add(&q, segments, 1, 1, memory), CTX_E_INVAL);
    segments[1].len = UINT32_MAX; /* 2.7.5.2: 4 GiB in all */
    assert_int_equal(virtq_add(&q, segments, 1, 1, memory), CTX_E_INVAL);
    assert_int_equal(q.free_count, 8);

    static const uint16_t sizes[] = {0, 3, 12, VIRTQ_SIZE_MAX + 1, VIRTQ_SIZE_MAX * 2};
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        assert_int_equal(virtq_init(&other, ROOM, 0, sizes[i], 1, 0), CTX_E_INVAL);
    }
    assert_int_equal(virtq_init(&other, ROOM, 0, 8, 0, 0), CTX_E_INVAL);
    assert_int_equal(virtq_init(&other, ROOM, 0, 1, 2, 0), CTX_E_INVAL);
    fake.dma_limit = 1;
    assert_int_equal(virtq_init(&other, ROOM, 0, 8, 1, 0), CTX_E_NOMEM);
    assert_false(virtq_has_news(&other));
    virtq_release(&other); /* never initialised: nothing to give back */
}

/* What the device writes over our side of the ring does not lead the driver anywhere. */
static void scribbled_ring(void **state)
{
    (void)state;
    struct fake_chain taken[4];
    struct virtq_chain chain;
    open_ring(8, 2, 0);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(add_pair(i), CTX_OK);
    }
    virtq_publish(&q);
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(fake_take(&device, 0, &taken[i]));
    }
    memset(q.desc, 0xff, 8 * sizeof(*q.desc));
    for (uint32_t i = 0; i < 4; i++) {
        fake_give(&device, 0, taken[i].head, 0);
        assert_true(virtq_get(&q, &chain));
        assert_ptr_equal(chain.cookie, memory[i]);
    }
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(add_pair(i), CTX_OK);
        assert_true(q.slots[i].count <= 2);
    }
    assert_int_equal(q.free_count, 0);
}

/*
 * Each lie: said once in the log, by name; nothing more comes out of the queue; everything else
 * still answers.
 */
static void lie(enum fake_lie kind, const char *name, uint32_t honest)
{
    struct fake_chain taken;
    struct virtq_chain chain;
    for (size_t set = 0; set < ARRAY_COUNT(feature_sets); set++) {
        open_ring(8, 2, feature_sets[set]);
        device.lie = kind;
        device.honest = honest;
        for (uint32_t i = 0; i < 3; i++) {
            assert_int_equal(add_pair(i), CTX_OK);
        }
        virtq_publish(&q);
        while (device.lies > 0 && fake_take(&device, 0, &taken)) {
            fake_give(&device, 0, taken.head, 16);
        }
        uint32_t got = 0;
        while (virtq_get(&q, &chain)) {
            assert_in_range(chain.len, 0, 16);
            assert_true(++got <= 3);
        }
        assert_true(q.broken);
        assert_true(virtq_has_news(&q)); /* so that a task that waits comes to look */
        assert_int_equal(fake_logged("E ring: queue 0 is broken"), 1);
        assert_int_equal(fake_logged(name), 1);
        assert_false(virtq_get(&q, &chain));
        assert_int_equal(add_pair(5), CTX_E_IO);
        assert_false(virtq_publish(&q));
        virtq_arm(&q);
        assert_int_equal(fake.log_count, 1);
        virtq_release(&q); /* and a new life is possible */
        assert_int_equal(virtq_init(&q, ROOM, 0, 8, 2, feature_sets[set]), CTX_OK);
        assert_int_equal(add_pair(0), CTX_OK);
        teardown(NULL);
    }
}

static void lie_bad_id(void **state)
{
    (void)state;
    lie(LIE_BAD_ID, "used id=8", 1);
    lie(LIE_HUGE_ID, "used id=4294967280", 0);
}

static void lie_id_not_in_flight(void **state)
{
    (void)state;
    lie(LIE_OLD_ID, "used id not in flight", 0);
    lie(LIE_OLD_ID, "used id not in flight", 2);
}

static void lie_long_length(void **state)
{
    (void)state;
    lie(LIE_LONG, "used length=65536 limit=16", 1);
}

static void lie_index_jump(void **state)
{
    (void)state;
    lie(LIE_JUMP, "used index jump", 0);
    lie(LIE_BACK, "used index jump", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(wraps, teardown),
        cmocka_unit_test_teardown(any_order, teardown),
        cmocka_unit_test_teardown(indirect, teardown),
        cmocka_unit_test_teardown(notifies_only_when_asked, teardown),
        cmocka_unit_test_teardown(interrupts_only_when_armed, teardown),
        cmocka_unit_test_teardown(exhaustion, teardown),
        cmocka_unit_test_teardown(refuses_bad_arguments, teardown),
        cmocka_unit_test_teardown(scribbled_ring, teardown),
        cmocka_unit_test_teardown(lie_bad_id, teardown),
        cmocka_unit_test_teardown(lie_id_not_in_flight, teardown),
        cmocka_unit_test_teardown(lie_long_length, teardown),
        cmocka_unit_test_teardown(lie_index_jump, teardown),
    };
    return cmocka_run_group_tests_name("unit.virtqueue", tests, NULL, NULL);
}
