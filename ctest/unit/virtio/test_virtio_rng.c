/* SPDX-License-Identifier: MIT */
/* virtio-rng, with devices that say too much, too little, or nothing. */
#include "fake_device.h"
#include "fake_kernel.h"
#include "virtio_rng.h"

#include <kernel/noise.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define RING (VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC)

static struct fake_device device;
static struct virtio_rng rng;

static uint8_t pattern;
static uint32_t written;

static uint32_t answer(struct fake_device *it, uint16_t no, struct fake_chain *chain)
{
    (void)it;
    (void)no;
    assert_int_equal(chain->in_len, 0);
    assert_int_equal(chain->out_len, RNG_BYTES);
    memset(chain->out, ++pattern, MIN(written, chain->out_len));
    return written;
}

static void prepare(uint64_t features)
{
    fake_reset();
    memset(&rng, 0, sizeof rng);
    memset(&fake_noise, 0, sizeof fake_noise);
    fake_device_init(&device, "virtio-rng", features, 8, 0);
    device.answer = answer;
    written = RNG_BYTES;
    pattern = 0;
}

static void want(void)
{
    fake_noise.wanted = true;
    if (fake_noise.source != NULL) {
        task_wake(fake_noise.source);
    }
    fake_sleep(RNG_POLL_NS);
}

static int teardown(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static void brings_noise_when_asked(void **state)
{
    (void)state;
    static const uint64_t features[] = {0, VIRTIO_F_EVENT_IDX, RING};
    for (size_t i = 0; i < ARRAY_COUNT(features); i++) {
        for (int polled = 0; polled < 2; polled++) {
            prepare(features[i]);
            device.no_interrupts = polled != 0;
            virtio_rng_start(&rng, &device.dev);
            fake_run();
            fake_sleep(RNG_POLL_NS);
            assert_int_equal(fake_noise.times, 1);
            assert_int_equal(fake_noise.len, RNG_BYTES);
            assert_int_equal(fake_noise.bytes[RNG_BYTES - 1], 1);
            fake_sleep(10 * NSEC_PER_SEC);
            assert_int_equal(fake_noise.times, 1); /* nobody wants more */
            assert_true(rng.task.wake_at_ns == NEVER_NS);
            for (uint32_t n = 2; n < 12; n++) { /* round the ring */
                want();
                assert_int_equal(fake_noise.times, n);
                assert_int_equal(fake_noise.bytes[fake_noise.len - 1], n);
            }
        }
    }
}

static void says_too_little_or_too_much(void **state)
{
    (void)state;
    prepare(RING);
    written = 5;
    virtio_rng_start(&rng, &device.dev);
    fake_run();
    assert_int_equal(fake_noise.len, 5);
    written = 0;
    want();
    assert_int_equal(fake_noise.times, 2);
    assert_int_equal(fake_noise.len, 5);
    prepare(RING);
    device.lie = LIE_LONG;
    device.lies = 1;
    virtio_rng_start(&rng, &device.dev);
    fake_run();
    assert_true(fake_noise.len <= RNG_BYTES * fake_noise.times);
}

static void lies(void **state)
{
    (void)state;
    static const enum fake_lie kinds[] = {LIE_BAD_ID, LIE_HUGE_ID, LIE_OLD_ID, LIE_JUMP, LIE_BACK,
                                          LIE_SILENT, LIE_RESET,   LIE_DEMAND, LIE_GONE};
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        for (uint32_t honest = 0; honest < 3; honest++) {
            prepare(RING);
            device.lie = kinds[i];
            device.honest = honest;
            device.lies = 100;
            virtio_rng_start(&rng, &device.dev);
            for (uint32_t n = 0; n < 5; n++) {
                fake_run();
                want();
            }
            assert_true(fake_noise.times <=
                        honest + 2); /* and it is quiet: fake_run() would not end */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(brings_noise_when_asked, teardown),
        cmocka_unit_test_teardown(says_too_little_or_too_much, teardown),
        cmocka_unit_test_teardown(lies, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
