/* SPDX-License-Identifier: MIT */
/* virtio-input's protocol, with devices that say too much, too little, or nothing. */
#include "fake_device.h"
#include "fake_kernel.h"
#include "virtio_input.h"

#include <kernel/input.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define RING (VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC)

static struct fake_device device;
static struct virtio_input input;

/* What the device says about itself. */
static struct {
    const char *name;
    bool keys, rel, abs;
    int32_t range[4]; /* x min, x max, y min, y max */
    uint8_t size_lie; /* not 0: what it says as every size */
} self;

static void config_written(struct fake_device *it)
{
    uint8_t select = it->config[VIRTIO_INPUT_CFG_SELECT],
            subsel = it->config[VIRTIO_INPUT_CFG_SUBSEL];
    uint8_t *data = it->config + VIRTIO_INPUT_CFG_DATA;
    uint8_t size = 0;
    memset(data, 0, VIRTIO_INPUT_CFG_DATA_MAX);
    if (select == VIRTIO_INPUT_CFG_ID_NAME) {
        size = (uint8_t)strlen(self.name);
        memcpy(data, self.name, size);
    } else if (select == VIRTIO_INPUT_CFG_EV_BITS) {
        bool has = (subsel == EV_KEY && self.keys) || (subsel == EV_REL && self.rel) ||
                   (subsel == EV_ABS && self.abs);
        size = has ? 16 : 0;
        data[3] = has ? 2 : 0;
    } else if (select == VIRTIO_INPUT_CFG_ABS_INFO && self.abs && subsel < 2) {
        size = VIRTIO_INPUT_ABS_INFO_SIZE;
        memcpy(data, &self.range[2 * subsel], 8);
    }
    it->config[VIRTIO_INPUT_CFG_SIZE] = self.size_lie != 0 ? self.size_lie : size;
    it->generation++;
}

static void prepare(uint64_t features, uint16_t size)
{
    fake_reset();
    memset(&input, 0, sizeof(input));
    memset(&self, 0, sizeof(self));
    self.name = "Fake Tablet";
    self.keys = self.abs = true;
    self.range[1] = self.range[3] = 32767;
    fake_device_init(&device, "virtio-input", features, size, 16);
    device.config_len = VIRTIO_INPUT_CFG_DATA + VIRTIO_INPUT_CFG_DATA_MAX;
    device.config_written = config_written;
}

static void start(void)
{
    virtio_input_start(&input, &device.dev);
    fake_run();
}

static int teardown(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

/* One event into the next buffer; false when the driver has none out. */
static bool send_len(uint16_t type, uint16_t code, int32_t value, uint32_t len)
{
    struct fake_chain chain;
    struct virtio_input_event event = {type, code, (uint32_t)value};
    if (!fake_take(&device, 0, &chain)) {
        return false;
    }
    assert_int_equal(chain.out_len, sizeof(event));
    memcpy(chain.out, &event, sizeof(event));
    fake_give(&device, 0, chain.head, len);
    return true;
}

static bool send(uint16_t type, uint16_t code, int32_t value)
{
    return send_len(type, code, value, 8);
}

static void expect(uint32_t no, enum fake_input_kind kind, int64_t a, int64_t b, int64_t c,
                   int64_t d)
{
    assert_true(no < fake.input_count);
    assert_int_equal(fake.inputs[no].kind, kind);
    assert_int_equal(fake.inputs[no].a, a);
    assert_int_equal(fake.inputs[no].b, b);
    assert_int_equal(fake.inputs[no].c, c);
    assert_int_equal(fake.inputs[no].d, d);
}

static void keyboard(void **state)
{
    (void)state;
    static const uint64_t features[] = {0, VIRTIO_F_EVENT_IDX, RING};
    static const uint16_t sizes[] = {1, 4, 64, 1024};
    for (size_t i = 0; i < ARRAY_COUNT(features); i++) {
        for (size_t k = 0; k < ARRAY_COUNT(sizes); k++) {
            for (int polled = 0; polled < 2; polled++) {
                prepare(features[i], sizes[k]);
                self.abs = false;
                self.name = "Fake Keyboard";
                device.no_interrupts = polled != 0;
                start();
                assert_int_equal(fake_logged("I virtio-input: keyboard name=\"Fake Keyboard\""), 1);
                for (uint32_t n = 0; n < 300; n++) { /* round the ring many times */
                    fake.room = 8;
                    assert_true(send(EV_KEY, (uint16_t)(n % 200), n & 1));
                    fake_sleep(INPUT_POLL_NS);
                    assert_int_equal(fake.input_count, n + 1);
                    expect(n, FAKE_KEY, n % 200, n & 1, 0, 0);
                }
                assert_true(polled != 0 || input.task.wake_at_ns == NEVER_NS);
                assert_int_equal(fake.log_count, 1);
            }
        }
    }
}

static void mouse(void **state)
{
    (void)state;
    prepare(RING, 64);
    self.abs = false;
    self.rel = true;
    start();
    assert_int_equal(fake_logged("mouse"), 1);
    send(EV_REL, 0, 5);
    send(EV_REL, 1, -3);
    send(EV_REL, 0, -7);
    fake_run();
    assert_int_equal(fake.input_count, 0); /* not before SYN */
    send(EV_SYN, 0, 0);
    fake_run();
    expect(0, FAKE_MOVE, -2, -3, 0, 0);
    send(EV_REL, 8, 1); /* the wheel */
    send(EV_SYN, 0, 0);
    send(EV_REL, 1, 4);
    send(EV_KEY, 0x110, 1);
    send(EV_SYN, 0, 0);
    fake_run();
    expect(1, FAKE_WHEEL, 0, 1, 0, 0);
    expect(2, FAKE_KEY, 0x110, 1, 0, 0);
    expect(3, FAKE_MOVE, 0, 4, 0, 0);
    for (int i = 0; i < 3; i++) { /* sums that would overflow */
        send(EV_REL, 0, INT32_MAX);
        send(EV_REL, 1, INT32_MIN);
    }
    send(EV_SYN, 0, 0);
    fake_run();
    expect(4, FAKE_MOVE, 16384, -16384, 0, 0);
    assert_int_equal(fake.input_count, 5);
}

static void tablet(void **state)
{
    (void)state;
    prepare(RING, 64);
    start();
    assert_int_equal(fake_logged("tablet name=\"Fake Tablet\""), 1);
    send(EV_ABS, 0, 100);
    send(EV_ABS, 1, 200);
    fake_run();
    assert_int_equal(fake.input_count, 0);
    send(EV_SYN, 0, 0);
    send(EV_ABS, 1, 300); /* x stays */
    send(EV_SYN, 0, 0);
    send(EV_SYN, 0, 0); /* nothing new */
    send(EV_ABS, 0, -5);
    send(EV_ABS, 1, 40000);
    send(EV_SYN, 0, 0);
    fake_run();
    assert_int_equal(fake.input_count, 3);
    expect(0, FAKE_SET, 100, 32767, 200, 32767);
    expect(1, FAKE_SET, 100, 32767, 300, 32767);
    expect(2, FAKE_SET, 0, 32767, 32767, 32767);
}

static void tablet_ranges(void **state)
{
    (void)state;
    prepare(RING, 64);
    self.range[0] = INT32_MIN;
    self.range[1] = INT32_MAX;
    self.range[2] = -100;
    self.range[3] = 100;
    start();
    send(EV_ABS, 0, 0);
    send(EV_ABS, 1, -50);
    send(EV_SYN, 0, 0);
    fake_run();
    expect(0, FAKE_SET, 1ll << 31, UINT32_MAX, 50, 200);

    prepare(RING, 64); /* an empty range: no axis, and no position from it */
    self.range[1] = 0;
    start();
    assert_int_equal(fake_logged("keyboard"), 1);
    send(EV_ABS, 0, 7);
    send(EV_ABS, 1, 7);
    send(EV_SYN, 0, 0);
    fake_run();
    assert_int_equal(fake.input_count, 0);
}

static void strange_descriptions(void **state)
{
    (void)state;
    prepare(RING, 64); /* a name that would write its own log lines */
    self.name = "a\nE fake: \"b\033[2J";
    start();
    assert_int_equal(fake_logged("name=\"a?E fake: ?b?[2J\""), 1);

    prepare(RING, 64); /* a name longer than ours */
    self.name = "0123456789012345678901234567890123456789012345678901234567890123456789";
    start();
    assert_int_equal(fake_logged("name=\"01234567890123456789012345678901234567890123456\""), 1);

    prepare(RING, 64); /* sizes beyond the structure */
    self.size_lie = 200;
    start();
    assert_int_equal(fake_logged("bad configuration"), 5);
    assert_int_equal(fake_logged("unknown name=\"\""), 1);
    send(EV_KEY, 30, 1); /* it may still have keys */
    fake_run();
    expect(0, FAKE_KEY, 30, 1, 0, 0);

    prepare(RING, 64); /* no configuration at all */
    device.config_len = 0;
    start();
    assert_int_equal(fake_logged("unknown name=\"\""), 1);

    prepare(RING, 64); /* one that never holds still */
    device.moving = UINT32_MAX;
    start();
    assert_int_equal(fake_logged("unknown"), 1);
}

static void unknown_events(void **state)
{
    (void)state;
    prepare(RING, 64);
    start();
    for (uint32_t type = 0; type < 0x10000; type += 17) {
        if (type != EV_KEY) {
            assert_true(send((uint16_t)type, (uint16_t)(type * 31), -1));
            fake_run();
        }
    }
    fake_run();
    assert_true(fake.input_count <= 4);
    assert_int_equal(fake.log_count, 1);
}

/*
 * No room: the key and all behind it wait, in order; the device runs out of buffers; then
 * everything comes.
 */
static void holds_back(void **state)
{
    (void)state;
    for (int polled = 0; polled < 2; polled++) {
        prepare(RING, 8);
        device.no_interrupts = polled != 0;
        start();
        fake.room = 2;
        uint32_t sent = 0;
        for (; send(EV_KEY, (uint16_t)sent, 1); sent++) {
            fake_sleep(INPUT_POLL_NS);
            assert_true(sent < 100);
        }
        assert_int_equal(sent, 2 + 1 + 8); /* passed on, held, and a ring full */
        assert_int_equal(fake.input_count, 2);
        fake_sleep(NSEC_PER_SEC);
        assert_int_equal(fake.input_count, 2);
        fake.room = 5;
        fake_sleep(INPUT_POLL_NS);
        assert_int_equal(fake.input_count, 7);
        fake.room = 100;
        fake_sleep(INPUT_POLL_NS);
        assert_int_equal(fake.input_count, sent);
        for (uint32_t i = 0; i < sent; i++) {
            expect(i, FAKE_KEY, i, 1, 0, 0);
        }
        assert_true(send(EV_KEY, 30, 0));
        fake_sleep(INPUT_POLL_NS);
        assert_int_equal(fake.input_count, sent + 1);
    }
}

/* Motion needs no room. */
static void motion_goes_on(void **state)
{
    (void)state;
    prepare(RING, 8);
    start();
    fake.room = 0;
    for (int i = 0; i < 20; i++) {
        assert_true(send(EV_ABS, 0, i) && send(EV_SYN, 0, 0));
        fake_run();
    }
    assert_int_equal(fake.input_count, 20);
}

/* A device that answers every buffer at once, for ever, does not keep the loop to itself. */
static uint32_t flood(struct fake_device *it, uint16_t no, struct fake_chain *chain)
{
    (void)it;
    (void)no;
    memset(chain->out, 0, chain->out_len);
    return 8;
}

static void flooding(void **state)
{
    (void)state;
    prepare(RING, 64);
    device.answer = flood;
    virtio_input_start(&input, &device.dev);
    assert_int_equal(fake_run_turns(100), 100);
    assert_false(input.task.done);
}

static void short_events(void **state)
{
    (void)state;
    prepare(RING, 64);
    start();
    for (uint32_t i = 0; i < 100; i++) {
        assert_true(send_len(EV_KEY, 30, 1, i % 8));
        fake_run();
    }
    assert_int_equal(fake.input_count, 0);
    assert_int_equal(fake_logged("short event"), 1);
    assert_true(send(EV_KEY, 30, 1));
    fake_run();
    assert_int_equal(fake.input_count, 1);
}

static void lies(void **state)
{
    (void)state;
    static const enum fake_lie kinds[] = {LIE_BAD_ID, LIE_HUGE_ID, LIE_OLD_ID, LIE_LONG,
                                          LIE_JUMP,   LIE_BACK,    LIE_DEMAND, LIE_RESET};
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        for (int polled = 0; polled < 2; polled++) {
            prepare(RING, 64);
            device.no_interrupts = polled != 0;
            start();
            send(EV_KEY, 29, 1); /* held down when the device loses its mind */
            fake_sleep(INPUT_POLL_NS);
            device.lie = kinds[i];
            send(EV_KEY, 30, 1);
            if (kinds[i] == LIE_RESET) {
                fake_interrupt(&device);
            }
            fake_sleep(10 * NSEC_PER_MSEC);
            assert_int_equal(device.resets, 2);
            assert_int_equal(fake_logged("resetting it once"), 1);
            assert_int_equal(fake.inputs[fake.input_count - 1].b, INPUT_KEY_UP);
            uint32_t before = fake.input_count;
            assert_true(send(EV_KEY, 31, 1)); /* it works again */
            fake_sleep(INPUT_POLL_NS);
            expect(before, FAKE_KEY, 31, 1, 0, 0);

            device.lies = 1;
            send(EV_KEY, 32, 1);
            if (kinds[i] == LIE_RESET) {
                fake_interrupt(&device);
            }
            fake_sleep(10 * NSEC_PER_MSEC);
            assert_int_equal(fake_logged("E virtio-input: given up"), 1);
            assert_true(input.task.done);
            assert_true(fake.log_count < 10);
        }
    }
}

static void silent(void **state)
{
    (void)state;
    prepare(RING, 64); /* a keyboard that nobody touches is no fault */
    start();
    fake_sleep(100 * NSEC_PER_SEC);
    assert_int_equal(fake.log_count, 1);
    assert_true(input.task.wake_at_ns == NEVER_NS);
    for (int i = 0; i < 10; i++) {
        fake_interrupt(&device); /* for nothing */
        fake_run();
    }
    assert_int_equal(device.resets, 1);
}

static void cannot_start(void **state)
{
    (void)state;
    for (int why = 0; why < 6; why++) {
        prepare(RING, why == 0 ? 0 : 64);
        device.refuses = why == 1;
        device.never_resets = why == 2;
        device.lie = why == 3 ? LIE_GONE : LIE_NONE;
        fake.dma_limit = why == 4 ? 16 : 0;
        device.offers = why == 5 ? RING : device.offers;
        start();
        fake_sleep(2 * NSEC_PER_SEC);
        assert_int_equal(fake_logged("E virtio-input: given up"), 1);
        assert_true(input.task.done);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(keyboard, teardown),
        cmocka_unit_test_teardown(mouse, teardown),
        cmocka_unit_test_teardown(tablet, teardown),
        cmocka_unit_test_teardown(tablet_ranges, teardown),
        cmocka_unit_test_teardown(strange_descriptions, teardown),
        cmocka_unit_test_teardown(unknown_events, teardown),
        cmocka_unit_test_teardown(holds_back, teardown),
        cmocka_unit_test_teardown(motion_goes_on, teardown),
        cmocka_unit_test_teardown(flooding, teardown),
        cmocka_unit_test_teardown(short_events, teardown),
        cmocka_unit_test_teardown(lies, teardown),
        cmocka_unit_test_teardown(silent, teardown),
        cmocka_unit_test_teardown(cannot_start, teardown),
    };
    return cmocka_run_group_tests_name("unit.virtio_input", tests, NULL, NULL);
}
