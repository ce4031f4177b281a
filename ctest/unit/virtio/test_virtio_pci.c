/* SPDX-License-Identifier: MIT */
/* The PCI transport over registers made of plain memory, and the walk that finds the devices. */
#include "fake_kernel.h"
#include "virtio_pci.h"

#include <virtio/virtio_start.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* BAR 4, as QEMU lays it out: common, isr, device, notify; BAR 1 stays empty. */
#define COMMON_AT 0x0000u
#define ISR_AT    0x1000u
#define CONFIG_AT 0x2000u
#define NOTIFY_AT 0x3000u
#define BAR_BYTES 0x4000u

static _Alignas(4096) uint8_t bars[12][BAR_BYTES];
static struct virtio_pci vpci;
static struct task task;

static uint16_t word_at(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

static uint64_t quad_at(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

static uint8_t *add_cap(struct fake_function *function, uint32_t at, uint8_t type, uint8_t bar,
                        uint32_t offset, uint32_t len)
{
    uint8_t *cap = function->config + at;
    uint8_t *link = function->config + 0x34;
    while (*link != 0) {
        link = function->config + *link + 1;
    }
    *link = (uint8_t)at;
    cap[0] = PCI_CAP_VENDOR;
    cap[1] = 0;
    cap[2] = type == 2 ? 20 : 16;
    cap[3] = type;
    cap[4] = bar;
    memcpy(cap + 8, &offset, 4);
    memcpy(cap + 12, &len, 4);
    return cap;
}

/* A function with one BAR, without capabilities. */
static struct fake_function *bare(uint16_t id, uint16_t subsystem)
{
    uint32_t no = fake.function_count++;
    struct fake_function *function = &fake.functions[no];
    memset(bars[no], 0, BAR_BYTES);
    function->pci = (struct pci_device){
        .slot = (uint8_t)(no + 1), .vendor = 0x1af4, .device = id, .subsystem = subsystem};
    function->bars[4] = bars[no];
    function->bar_len[4] = BAR_BYTES;
    function->vectors = function->routable = 3;
    bars[no][COMMON_AT + 4] =
        1; /* feature bit 0 of either word: VERSION_1, and one that nobody knows */
    bars[no][COMMON_AT + 18] = 2;  /* queues */
    bars[no][COMMON_AT + 24] = 64; /* entries */
    return function;
}

static struct fake_function *good(uint16_t id, uint16_t subsystem)
{
    struct fake_function *function = bare(id, subsystem);
    uint32_t multiplier = 4;
    add_cap(function, 0x40, 5, 0, 0, 0); /* configuration access: not for us */
    add_cap(function, 0x54, 1, 4, COMMON_AT, 0x1000);
    add_cap(function, 0x64, 3, 4, ISR_AT, 0x1000);
    add_cap(function, 0x74, 4, 4, CONFIG_AT, 64);
    memcpy(add_cap(function, 0x84, 2, 4, NOTIFY_AT, 0x1000) + 16, &multiplier, 4);
    return function;
}

static ctx_status open_it(struct fake_function *function)
{
    return virtio_pci_open(&vpci, &function->pci, "dev");
}

static int setup(void **state)
{
    (void)state;
    fake_reset();
    memset(&vpci, 0, sizeof(vpci));
    return 0;
}

static void start_queue(struct virtqueue *q, uint16_t no)
{
    vpci.dev.task = &task;
    virtio_reset_begin(&vpci.dev);
    assert_int_equal(virtio_reset_end(&vpci.dev), CTX_OK);
    assert_int_equal(virtio_negotiate(&vpci.dev, VIRTIO_F_EVENT_IDX), CTX_OK);
    assert_int_equal(virtio_queue_start(&vpci.dev, q, no, 1), CTX_OK);
    virtio_driver_ok(&vpci.dev);
}

static void drives_the_registers(void **state)
{
    (void)state;
    struct virtqueue q = {0};
    struct fake_function *function = good(0x1052, 0);
    uint8_t *bar = function->bars[4];
    bar[COMMON_AT + 30] = 3; /* queue_notify_off, times 4 */
    assert_int_equal(open_it(function), CTX_OK);
    assert_true(function->enabled);
    assert_string_equal(vpci.dev.at, "00:01.0");
    start_queue(&q, 1);
    assert_int_equal(bar[COMMON_AT + 20], 1 | 2 | 4 | 8);
    assert_int_equal(bar[COMMON_AT + 8], 1); /* word 1 was written last: VERSION_1 */
    assert_int_equal(vpci.dev.features, VIRTIO_F_VERSION_1); /* and bit 0 was not taken */
    assert_int_equal(word_at(bar + COMMON_AT + 16), 0);
    assert_int_equal(word_at(bar + COMMON_AT + 22), 1);
    assert_int_equal(word_at(bar + COMMON_AT + 24), 64);
    assert_int_equal(word_at(bar + COMMON_AT + 26), 2);
    assert_int_equal(word_at(bar + COMMON_AT + 28), 1);
    assert_int_equal(quad_at(bar + COMMON_AT + 32), q.desc_paddr);
    assert_int_equal(quad_at(bar + COMMON_AT + 40), q.avail_paddr);
    assert_int_equal(quad_at(bar + COMMON_AT + 48), q.used_paddr);
    assert_ptr_equal(function->routed[0], &task);
    assert_ptr_equal(function->routed[2], &task);
    assert_false(vpci.dev.polled);

    bar[NOTIFY_AT + 12] = 0xff;
    struct virtq_segment segment = {q.desc_paddr, 16};
    assert_int_equal(virtq_add(&q, &segment, 0, 1, &q), CTX_OK);
    virtio_kick(&vpci.dev, &q);
    assert_int_equal(word_at(bar + NOTIFY_AT + 12), 1);

    start_queue(
        &q,
        1); /* after a reset: vectors are not routed again (the fake would say so) but set again */
    assert_int_equal(word_at(bar + COMMON_AT + 26), 2);
    virtq_release(&q);
}

/* A device that does not end its reset loses the bus. */
static void cuts_off(void **state)
{
    (void)state;
    struct virtqueue q = {0};
    struct fake_function *function = good(0x1042, 0);
    uint8_t *bar = function->bars[4];
    function->config[PCI_COMMAND] = 0x07;
    assert_int_equal(open_it(function), CTX_OK);
    start_queue(&q, 0);
    bar[COMMON_AT + 20] = 0;
    virtio_cut_off(&vpci.dev);
    assert_int_equal(function->config[PCI_COMMAND], 0x07);
    bar[COMMON_AT + 20] = 0x0f;
    virtio_cut_off(&vpci.dev);
    assert_int_equal(function->config[PCI_COMMAND], 0x03);
    virtq_release(&q);
}

static void configuration_is_bounded(void **state)
{
    (void)state;
    struct fake_function *function = good(0x1052, 0);
    uint32_t value;
    assert_int_equal(open_it(function), CTX_OK);
    const struct virtio_transport *transport = vpci.dev.transport;
    memcpy(function->bars[4] + CONFIG_AT + 56, "\1\2\3\4\5\6\7\10", 8);
    assert_true(transport->config_read(&vpci.dev, 60, 4, &value));
    assert_int_equal(value, 0x08070605);
    assert_true(transport->config_read(&vpci.dev, 62, 2, &value));
    assert_int_equal(value, 0x0807);
    assert_true(transport->config_read(&vpci.dev, 63, 1, &value));
    assert_int_equal(value, 8);
    assert_false(transport->config_read(&vpci.dev, 64, 1, &value));
    assert_false(transport->config_read(&vpci.dev, 61, 4, &value));
    assert_false(transport->config_read(&vpci.dev, 0, 8, &value));
    assert_false(transport->config_read(&vpci.dev, UINT32_MAX - 3, 4, &value));
    assert_true(transport->config_write(&vpci.dev, 0, 1, 0x77));
    assert_true(transport->config_write(&vpci.dev, 4, 4, 0x11223344));
    assert_true(transport->config_write(&vpci.dev, 2, 2, 0x5566));
    assert_int_equal(quad_at(function->bars[4] + CONFIG_AT), 0x1122334455660077);
    assert_false(transport->config_write(&vpci.dev, 64, 1, 0));
}

static void polls_without_interrupts(void **state)
{
    (void)state;
    static const uint32_t cases[][2] = {{0, 0}, {3, 0}, {3, 1}, {3, 2}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct virtqueue q = {0};
        setup(NULL);
        struct fake_function *function = good(0x1052, 0);
        function->vectors = cases[i][0];
        function->routable = cases[i][1];
        assert_int_equal(open_it(function), CTX_OK);
        start_queue(&q, 1);
        assert_true(vpci.dev.polled);
        assert_false(q.interrupts);
        assert_false(virtio_in_trouble(&vpci.dev));
        assert_int_equal(fake_logged("no interrupt for vector") > 0, cases[i][0] > 0);
        virtq_release(&q);
    }
    /* Fewer vectors than queues: they share. */
    struct virtqueue q = {0};
    setup(NULL);
    struct fake_function *function = good(0x1052, 0);
    function->vectors = function->routable = 1;
    assert_int_equal(open_it(function), CTX_OK);
    start_queue(&q, 1);
    assert_false(vpci.dev.polled);
    assert_int_equal(word_at((uint8_t *)function->bars[4] + COMMON_AT + 26), 0);
    virtq_release(&q);
}

static void bad_queues(void **state)
{
    (void)state;
    struct virtqueue q = {0};
    struct fake_function *function = good(0x1052, 0);
    uint8_t *bar = function->bars[4];
    assert_int_equal(open_it(function), CTX_OK);
    virtio_reset_begin(&vpci.dev);
    assert_int_equal(virtio_negotiate(&vpci.dev, 0), CTX_OK);
    assert_int_equal(virtio_queue_start(&vpci.dev, &q, 2, 1), CTX_E_NOENT); /* of two */
    bar[COMMON_AT + 18] = 200;
    assert_int_equal(virtio_queue_start(&vpci.dev, &q, VIRTIO_PCI_QUEUES, 1), CTX_E_NOENT);
    bar[COMMON_AT + 30] = 0xff; /* a notification word outside its area */
    bar[COMMON_AT + 31] = 0xff;
    assert_int_equal(virtio_queue_start(&vpci.dev, &q, 0, 1), CTX_E_INVAL);
    assert_int_equal(fake_logged("notification of queue 0 lies outside"), 1);
    assert_int_equal(word_at(bar + COMMON_AT + 28), 0);
    virtq_release(&q);
}

/*
 * Each way in which a capability can be wrong; the device is refused, by name, nothing is touched
 * outside its BAR.
 */
static void bad_capabilities(void **state)
{
    (void)state;
    for (int why = 0; why < 12; why++) {
        setup(NULL);
        struct fake_function *function = good(0x1050, 0);
        uint8_t *common = function->config + 0x54, *notify = function->config + 0x84;
        uint32_t value = 0;
        switch (why) {
        case 0: /* the list is cut */
            function->config[0x41] = 0;
            break;
        case 1: /* too short for its fields */
            value = 55;
            memcpy(common + 12, &value, 4);
            break;
        case 2: /* beyond the BAR */
            value = BAR_BYTES - 55;
            memcpy(common + 8, &value, 4);
            break;
        case 3: /* offset and length wrap */
            value = 0xfffffffc;
            memcpy(common + 8, &value, 4);
            break;
        case 4:
            value = 0xffffffff;
            memcpy(common + 12, &value, 4);
            break;
        case 5: /* reserved BAR numbers */
            common[4] = 6;
            break;
        case 6: /* a BAR that is not there */
            common[4] = 1;
            break;
        case 7: /* a capability too short for its type */
            common[2] = 12;
            break;
        case 8:
            notify[2] = 16;
            break;
        case 9:
            value = 1;
            memcpy(notify + 12, &value, 4);
            break;
        case 10: /* odd registers */
            common[8] = 2;
            break;
        case 11: /* a list that loops before it comes to the point */
            function->config[0x41] = 0x40;
            break;
        }
        assert_int_equal(open_it(function), CTX_E_NOSYS);
        assert_int_equal(fake_logged("W dev: has no modern interface"), 1);
        assert_false(function->enabled);
    }
    /* The first capability of a type is bad, the next one does. */
    setup(NULL);
    struct fake_function *function = good(0x1050, 0);
    function->config[0x54 + 4] = 1;
    add_cap(function, 0xa0, 1, 4, COMMON_AT, 0x1000);
    assert_int_equal(open_it(function), CTX_OK);
    /* One at the end of configuration space, its notification multiplier behind it. */
    setup(NULL);
    function = good(0x1050, 0);
    function->config[0x75] = 0xf0;
    memcpy(function->config + 0xf0, function->config + 0x84, 16);
    assert_int_equal(open_it(function), CTX_E_NOSYS);
}

static void random_configuration_space(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int i = 0; i < 20000; i++) {
        setup(NULL);
        struct fake_function *function = good(0x1050, 0);
        for (int n = 0; n < 1 + i % 24; n++) {
            seed = seed * 1664525u + 1013904223u;
            function->config[0x34 + (seed >> 8) % 0x70] = (uint8_t)(seed >> 24);
        }
        struct virtqueue q = {0};
        if (open_it(function) == CTX_OK) {
            vpci.dev.task = &task;
            virtio_reset_begin(&vpci.dev);
            (void)virtio_negotiate(&vpci.dev, 0);
            if (virtio_queue_start(&vpci.dev, &q, 1, 1) == CTX_OK) {
                vpci.dev.transport->queue_notify(&vpci.dev, 1);
            }
            virtq_release(&q);
        }
    }
}

/*
 * The whole walk, once: what is driven is started, all else is named, and nothing is lost without a
 * word.
 */
static void finds_devices(void **state)
{
    (void)state;
    good(0x1001, 2);                                         /* transitional block device */
    bare(0x1049, 9);                                         /* modern folders of the host */
    bare(0x1077, 0);                                         /* a type without a name */
    good(0x1050, 0);                                         /* the gpu */
    good(0x1050, 0);                                         /* and a second one */
    bare(0x1052, 0);                                         /* input without a modern interface */
    fake.functions[fake.function_count].pci.vendor = 0x8086; /* somebody else's */
    fake.functions[fake.function_count++].pci.device = 0x1052;
    bare(0x1110, 0); /* the same vendor's, not virtio */
    good(0x1052, 0);
    good(0x1010, 18); /* transitional numbers, modern interface */
    good(0x1044, 0);
    good(0x1044, 0); /* a second source of noise */
    virtio_start();
    assert_int_equal(fake_logged("virtio-9p is not driven yet"), 1);
    assert_int_equal(fake_logged("virtio device is not driven yet type=55"), 1);
    assert_int_equal(fake_logged("only one virtio-gpu is driven"), 1);
    assert_int_equal(fake_logged("only one virtio-rng is driven"), 1);
    assert_int_equal(fake_logged("W virtio-input: has no modern interface at=00:06.0"), 1);
    assert_int_equal(fake.log_count, 5);
    assert_int_equal(fake.probes_begun, 1);
    assert_int_equal(fake.disk_probes_begun, 1);
    uint32_t tasks = 0;
    for (const struct task *it = fake.tasks; it != NULL; it = it->next) {
        tasks++;
    }
    assert_int_equal(tasks, 5);

    /*
     * Registers of plain memory take every step and never answer: gpu and disk say so and let main
     * go on.
     */
    fake_sleep(10 * NSEC_PER_SEC);
    assert_int_equal(fake_logged("I virtio-input: unknown"), 2);
    assert_int_equal(fake_logged("E virtio-gpu: given up: GET_DISPLAY_INFO failed"), 1);
    assert_int_equal(fake.probes_ended, 1);
    assert_int_equal(fake_logged("E virtio-blk: given up: it holds not one block"), 1);
    assert_int_equal(fake.disk_probes_ended, 1);
    fake_reset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(drives_the_registers, setup),
        cmocka_unit_test_setup(cuts_off, setup),
        cmocka_unit_test_setup(configuration_is_bounded, setup),
        cmocka_unit_test_setup(polls_without_interrupts, setup),
        cmocka_unit_test_setup(bad_queues, setup),
        cmocka_unit_test_setup(bad_capabilities, setup),
        cmocka_unit_test_setup(random_configuration_space, setup),
        cmocka_unit_test_setup(finds_devices, setup),
    };
    return cmocka_run_group_tests_name("unit.virtio_pci", tests, NULL, NULL);
}
