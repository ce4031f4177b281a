/* SPDX-License-Identifier: MIT */
/*
 * Status, features, configuration: a device's life (virtio 1.2, 3.1.1), with one that does not play
 * along.
 */
#include "fake_device.h"
#include "fake_kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct fake_device device;
static struct virtqueue q;

static int setup(void **state)
{
    (void)state;
    fake_reset();
    memset(&q, 0, sizeof(q));
    fake_device_init(&device, "dev", 0, 64, 16);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    virtq_release(&q);
    assert_int_equal(fake.dma_live, 0);
    return 0;
}

static void negotiates(void **state)
{
    (void)state;
    /*
     * Everything is offered, also bits that do not exist yet; only what is known is taken, word 1
     * included.
     */
    device.offers = UINT64_MAX;
    assert_int_equal(virtio_negotiate(&device.dev, VIRTIO_F_EVENT_IDX | 1u), CTX_OK);
    assert_int_equal(device.accepted,
                     VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM | VIRTIO_F_EVENT_IDX | 1u);
    assert_int_equal(device.dev.features, device.accepted);
    assert_int_equal(device.status,
                     VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER | VIRTIO_STATUS_FEATURES_OK);
    assert_true(virtio_in_trouble(&device.dev)); /* not yet DRIVER_OK */
    virtio_driver_ok(&device.dev);
    assert_false(virtio_in_trouble(&device.dev));
}

static void takes_nothing_that_is_not_offered(void **state)
{
    (void)state;
    assert_int_equal(virtio_negotiate(&device.dev, UINT64_MAX), CTX_OK);
    assert_int_equal(device.accepted, VIRTIO_F_VERSION_1);
}

static void needs_version_1(void **state)
{
    (void)state;
    device.offers = 0xffffffffu;
    assert_int_equal(virtio_negotiate(&device.dev, UINT64_MAX), CTX_E_NOSYS);
    assert_int_equal(device.status & VIRTIO_STATUS_FEATURES_OK, 0);
    assert_int_equal(fake_logged("E dev: offers no VERSION_1"), 1);
}

static void refused_features(void **state)
{
    (void)state;
    device.refuses = true;
    assert_int_equal(virtio_negotiate(&device.dev, 0), CTX_E_DENIED);
    assert_int_equal(fake_logged("E dev: refused features"), 1);
}

static void reset_has_a_deadline(void **state)
{
    (void)state;
    virtio_reset_begin(&device.dev);
    assert_false(virtio_reset_pending(&device.dev));
    assert_int_equal(virtio_reset_end(&device.dev), CTX_OK);

    device.never_resets = true;
    virtio_reset_begin(&device.dev);
    assert_true(virtio_reset_pending(&device.dev));
    fake.now_ns += VIRTIO_RESET_NS;
    assert_false(virtio_reset_pending(&device.dev));
    assert_int_equal(virtio_reset_end(&device.dev), CTX_E_TIMEDOUT);
    assert_int_equal(fake_logged("E dev: reset did not end"), 1);
}

static void queues(void **state)
{
    (void)state;
    assert_int_equal(virtio_negotiate(&device.dev, 0), CTX_OK);
    assert_int_equal(virtio_queue_start(&device.dev, &q, 2, 1), CTX_E_NOENT);
    assert_int_equal(fake_logged("has no queue 2"), 1);
    assert_int_equal(virtio_queue_start(&device.dev, &q, 1, 1), CTX_OK);
    assert_int_equal(q.size, 16);

    device.queues[0].max_size = 1024; /* more than we use */
    assert_int_equal(virtio_queue_start(&device.dev, &q, 0, 1), CTX_OK);
    assert_int_equal(q.size, VIRTQ_SIZE_MAX);
    assert_int_equal(device.queues[0].size, VIRTQ_SIZE_MAX);
    assert_int_equal(fake.dma_live, 1); /* the earlier one was given back */

    device.queues[0].max_size = 45; /* not a power of two: the next below is */
    assert_int_equal(virtio_queue_start(&device.dev, &q, 0, 1), CTX_OK);
    assert_int_equal(q.size, 32);

    fake.dma_limit = 16;
    assert_int_equal(virtio_queue_start(&device.dev, &q, 0, 1), CTX_E_NOMEM);
    assert_int_equal(fake_logged("queue 0 cannot be used"), 1);
}

static void configuration_of_one_generation(void **state)
{
    (void)state;
    uint32_t words[2];
    for (uint32_t i = 0; i < 16; i++) {
        device.config[i] = (uint8_t)i;
    }
    assert_true(virtio_config_read(&device.dev, 4, 4, 2, words));
    assert_int_equal(words[0], 0x07060504);
    assert_int_equal(words[1], 0x0b0a0908);

    device.moving = 5; /* changes under our hands: read again until it holds still */
    assert_true(virtio_config_read(&device.dev, 4, 4, 2, words));
    assert_memory_equal(words, device.config + 4, 8);
    device.moving = UINT32_MAX; /* never */
    assert_false(virtio_config_read(&device.dev, 4, 4, 2, words));
    assert_int_equal(fake_logged("configuration keeps changing"), 1);

    device.moving = 0;
    device.config_len = 8;
    assert_false(virtio_config_read(&device.dev, 4, 4, 2, words));
}

static void trouble(void **state)
{
    (void)state;
    assert_int_equal(virtio_negotiate(&device.dev, 0), CTX_OK);
    virtio_driver_ok(&device.dev);
    assert_false(virtio_in_trouble(&device.dev));
    device.status |= VIRTIO_STATUS_NEEDS_RESET;
    assert_true(virtio_in_trouble(&device.dev));
    device.status = 0; /* reset behind our back */
    assert_true(virtio_in_trouble(&device.dev));
    device.lie = LIE_GONE; /* unplugged: all ones */
    assert_true(virtio_in_trouble(&device.dev));

    assert_true(virtio_recover(&device.dev, "why"));
    assert_false(virtio_recover(&device.dev, "why"));
    assert_int_equal(fake_logged("W dev: why"), 2);
    device.lie = LIE_NONE;
    virtio_give_up(&device.dev, "because");
    assert_int_equal(fake_logged("E dev: given up: because"), 1);
    assert_int_equal(device.status, VIRTIO_STATUS_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(negotiates, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_nothing_that_is_not_offered, setup, teardown),
        cmocka_unit_test_setup_teardown(needs_version_1, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_features, setup, teardown),
        cmocka_unit_test_setup_teardown(reset_has_a_deadline, setup, teardown),
        cmocka_unit_test_setup_teardown(queues, setup, teardown),
        cmocka_unit_test_setup_teardown(configuration_of_one_generation, setup, teardown),
        cmocka_unit_test_setup_teardown(trouble, setup, teardown),
    };
    return cmocka_run_group_tests_name("unit.virtio", tests, NULL, NULL);
}
