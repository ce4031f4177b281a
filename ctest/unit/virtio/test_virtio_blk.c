/* SPDX-License-Identifier: MIT */
/*
 * virtio-blk, with a disk behind the ring that can be slow, small, full of errors, or a liar. What
 * every case comes to: each request is answered exactly once (block_done() of the fake kernel
 * aborts on a second answer), and what was said to be written is there.
 */
#include "fake_device.h"
#include "fake_kernel.h"
#include "virtio_blk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECTORS  512u
#define REQUESTS 200u
#define LONGEST  8u
#define RING     (VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC)
#define ALL      (RING | VIRTIO_BLK_F_FLUSH)

static struct fake_device device;
static struct virtio_blk blk;

/* The host's side. */
static struct {
    uint8_t bytes[SECTORS][BLOCK_SECTOR];
    uint64_t sectors;  /* what the configuration says */
    uint32_t commands; /* all but GET_ID */
    uint32_t flushes;
    uint32_t ids;
    struct virtio_blk_range erased; /* by the last DISCARD or WRITE_ZEROES */
    uint32_t erased_by;
    uint8_t say; /* instead of OK, for reads and writes at `bad` and for each flush */
    uint64_t bad;
    bool mute; /* writes no status byte there */
    bool bad_once;
    bool says_id;
    bool no_id; /* GET_ID is not known */
} host;

/* Who asks. */
static struct task asker;
static uint32_t wakes;
static struct block_request requests[REQUESTS];
static uint8_t memory[REQUESTS][LONGEST * BLOCK_SECTOR];

static void asker_run(struct task *task)
{
    (void)task;
    wakes++;
}

static uint32_t answer_id(const struct fake_chain *chain)
{
    assert_int_equal(chain->in_len, sizeof(struct virtio_blk_req_header));
    assert_int_equal(chain->out_len, VIRTIO_BLK_ID_BYTES);
    assert_int_equal(chain->more_len, 1);
    host.ids++;
    if (host.no_id) {
        *chain->more = VIRTIO_BLK_S_UNSUPP;
        return 1;
    }
    memcpy(chain->out, host.says_id ? "twenty\nbytes of name" : "short", host.says_id ? 20 : 6);
    *chain->more = VIRTIO_BLK_S_OK;
    return VIRTIO_BLK_ID_BYTES + 1;
}

static uint32_t answer(struct fake_device *it, uint16_t no, struct fake_chain *chain)
{
    struct virtio_blk_req_header header;
    assert_int_equal(no, 0);
    assert_true(chain->in_len >= sizeof(header));
    memcpy(&header, chain->in, sizeof(header));
    assert_int_equal(header.reserved, 0);
    if (header.type == VIRTIO_BLK_T_GET_ID) {
        return answer_id(chain);
    }
    if (header.type == VIRTIO_BLK_T_DISCARD || header.type == VIRTIO_BLK_T_ZEROES) {
        assert_int_equal(chain->in_len, sizeof header + sizeof host.erased);
        assert_int_equal(chain->out_len, 1);
        assert_int_equal(header.sector, 0);
        memcpy(&host.erased, chain->in + sizeof header, sizeof host.erased);
        host.erased_by = header.type;
        *chain->out = host.say;
        return 1;
    }
    bool read = header.type == VIRTIO_BLK_T_IN;
    uint8_t *status = read ? chain->more : chain->out;
    uint32_t len = read ? chain->out_len : chain->in_len - (uint32_t)sizeof(header);
    uint64_t count = len / BLOCK_SECTOR;
    assert_int_equal(len % BLOCK_SECTOR, 0);
    assert_int_equal(read ? chain->more_len : chain->out_len, 1);
    assert_true(read || chain->more == NULL);
    host.commands++;
    bool flush = header.type == VIRTIO_BLK_T_FLUSH;
    bool bad =
        host.say != 0 && (flush || (header.sector <= host.bad && host.bad - header.sector < count));
    if (bad) {
        if (!host.mute) {
            *status = host.say;
        }
        host.say = host.bad_once ? 0 : host.say;
        return read ? len + 1 : 1;
    }
    if (flush) {
        assert_int_equal(it->accepted & VIRTIO_BLK_F_FLUSH, VIRTIO_BLK_F_FLUSH);
        assert_int_equal(header.sector, 0);
        assert_int_equal(count, 0);
        host.flushes++;
    } else {
        assert_true(count > 0 && header.sector < SECTORS && count <= SECTORS - header.sector);
        uint8_t *at = host.bytes[header.sector];
        assert_true(read || header.type == VIRTIO_BLK_T_OUT);
        memcpy(read ? chain->out : at, read ? at : chain->in + sizeof(header), len);
    }
    *status = VIRTIO_BLK_S_OK;
    return read ? len + 1 : 1;
}

static void set_config(uint32_t offset, uint64_t value, size_t width)
{
    memcpy(device.config + offset, &value, width);
}

static void prepare(uint64_t features, uint16_t queue)
{
    fake_reset();
    memset(&blk, 0, sizeof(blk));
    memset(&host, 0, sizeof(host));
    memset(requests, 0, sizeof(requests));
    fake_device_init(&device, "virtio-blk", features, queue, 0);
    device.answer = answer;
    host.bad = UINT64_MAX;
    set_config(VIRTIO_BLK_CONFIG_CAPACITY, SECTORS, 8);
    for (uint32_t i = 0; i < SECTORS; i++) {
        memset(host.bytes[i], (int)(i * 7 + 1), BLOCK_SECTOR);
    }
    task_start(&asker, "asker", asker_run);
}

static void start(void)
{
    virtio_blk_start(&blk, &device.dev, "vda");
    fake_run();
    fake_sleep(5 * NSEC_PER_MSEC); /* one who is polled takes a moment */
    wakes = 0;
    host.commands = 0;
}

/* A disk that is up and running. */
static void bring_up(uint64_t features, uint16_t queue)
{
    prepare(features, queue);
    start();
    assert_ptr_equal(fake.disk, &blk.device);
    assert_int_equal(fake.disks, 1);
    assert_int_equal(fake.disk_probes_ended, 1);
    assert_int_equal(blk.device.sectors, SECTORS);
}

static void ask(uint32_t i, enum block_op op, uint64_t sector, uint32_t sectors)
{
    requests[i] = (struct block_request){.op = op,
                                         .sectors = sectors,
                                         .sector = sector,
                                         .bytes = memory[i],
                                         .task = &asker,
                                         .status = CTX_PENDING};
    blk.device.submit(&blk.device, &requests[i]);
}

static uint32_t count_status(uint32_t count, ctx_status status)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        n += requests[i].status == status;
    }
    return n;
}

static bool holds(const uint8_t *bytes, uint8_t value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

static int teardown(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

/* ---- work ---- */

static void reads_writes_flushes(void **state)
{
    (void)state;
    static const uint64_t features[] = {VIRTIO_BLK_F_FLUSH, VIRTIO_BLK_F_FLUSH | VIRTIO_F_EVENT_IDX,
                                        ALL};
    static const uint16_t queues[] = {4, 8, 64, 256};
    for (size_t n = 0; n < ARRAY_COUNT(features) * ARRAY_COUNT(queues) * 2; n++) {
        prepare(features[n % 3], queues[n / 3 % 4]);
        device.no_interrupts = n / 12 != 0;
        start();
        ask(0, BLOCK_READ, 9, 3);
        ask(1, BLOCK_READ, SECTORS - 1, 1);
        fake_sleep(BLK_POLL_NS);
        assert_int_equal(count_status(2, CTX_OK), 2);
        assert_true(wakes > 0);
        assert_true(holds(memory[0] + BLOCK_SECTOR, 10 * 7 + 1, BLOCK_SECTOR));
        assert_true(holds(memory[1], (uint8_t)((SECTORS - 1) * 7 + 1), BLOCK_SECTOR));
        memset(memory[2], 0xa5, sizeof(memory[2]));
        for (uint32_t round = 0; round < 20; round++) { /* round the ring */
            ask(2, BLOCK_WRITE, 100 + 8 * round, 8);
            ask(3, BLOCK_FLUSH, 0, 0);
            fake_sleep(BLK_POLL_NS);
            assert_int_equal(requests[2].status, CTX_OK);
            assert_int_equal(requests[3].status, CTX_OK);
            assert_int_equal(host.flushes, round + 1);
            assert_true(holds(host.bytes[100 + 8 * round], 0xa5, LONGEST * BLOCK_SECTOR));
        }
        assert_true(holds(host.bytes[99], (uint8_t)(99 * 7 + 1), BLOCK_SECTOR));
        fake_sleep(100 * NSEC_PER_SEC);
        assert_true(blk.task.wake_at_ns == NEVER_NS); /* idle costs nothing */
        assert_int_equal(device.resets, 1);
    }
}

/* More requests than places, taken and answered in any order. */
static void keeps_all_in_flight(void **state)
{
    (void)state;
    uint32_t seed = 4711;
    for (uint32_t n = 0; n < 40; n++) {
        uint16_t queue = (uint16_t)(4u << n % 5);
        bool indirect = n % 2 == 0;
        bring_up(indirect ? ALL : VIRTIO_BLK_F_FLUSH | VIRTIO_F_EVENT_IDX, queue);
        device.answer = NULL;
        for (uint32_t i = 0; i < REQUESTS; i++) {
            memset(memory[i], (int)i, sizeof(memory[i]));
            ask(i, i % 2 == 0 ? BLOCK_READ : BLOCK_WRITE, 2 * i, 1 + i % 2);
        }
        fake_run();
        uint32_t room = indirect ? queue : queue / 3u;
        assert_int_equal(blk.in_flight, room);
        assert_int_equal(count_status(REQUESTS, CTX_PENDING), REQUESTS);

        struct fake_chain chains[VIRTQ_SIZE_MAX];
        uint32_t held = 0, done = 0;
        while (done < REQUESTS) {
            while (held < VIRTQ_SIZE_MAX && fake_take(&device, 0, &chains[held])) {
                held++;
            }
            assert_true(held > 0); /* nothing is forgotten in the list */
            seed = seed * 1664525u + 1013904223u;
            uint32_t batch = 1 + (seed >> 16) % held;
            for (uint32_t i = 0; i < batch; i++) {
                seed = seed * 1664525u + 1013904223u;
                uint32_t pick = (seed >> 16) % held;
                uint32_t len = answer(&device, 0, &chains[pick]);
                fake_give(&device, 0, chains[pick].head, len);
                chains[pick] = chains[--held];
            }
            done += batch;
            fake_run();
            assert_int_equal(count_status(REQUESTS, CTX_OK), done);
        }
        assert_int_equal(host.commands, REQUESTS);
        for (uint32_t i = 0; i < REQUESTS; i++) {
            uint8_t want = i % 2 == 0 ? (uint8_t)(2 * i * 7 + 1) : (uint8_t)i;
            assert_true(holds(memory[i], want, BLOCK_SECTOR));
            assert_true(holds(host.bytes[2 * i], want, BLOCK_SECTOR));
        }
    }
}

/* Each request is announced, whether the device has asked for that or not (virtio_kick()); one wake
 * may stand for many answers. */
static void announces_each_and_wakes_once(void **state)
{
    (void)state;
    bring_up(ALL, 64);
    device.answer = NULL;
    uint32_t before = device.notifications;
    for (uint32_t i = 0; i < 64; i++) {
        ask(i, BLOCK_READ, i, 1);
    }
    assert_int_equal(device.notifications, before + 64); /* though it has not looked yet */
    fake_run();
    device.answer = answer;
    fake_process(&device, 0);
    fake_run();
    assert_int_equal(count_status(64, CTX_OK), 64);
    assert_true(wakes <= 2);
}

/* ---- errors ---- */

static void tells_errors(void **state)
{
    (void)state;
    bring_up(ALL, 64);
    host.say = VIRTIO_BLK_S_IOERR;
    host.bad = 5;
    for (uint32_t i = 0; i < 10; i++) {
        ask(i, i % 2 == 0 ? BLOCK_READ : BLOCK_WRITE, i, 1);
    }
    ask(10, BLOCK_READ, 3, 3);
    ask(11, BLOCK_READ, 3, 2);
    ask(12, BLOCK_FLUSH, 0, 0);
    fake_run();
    assert_int_equal(requests[5].status, CTX_E_IO);
    assert_int_equal(requests[10].status, CTX_E_IO);
    assert_int_equal(requests[12].status, CTX_E_IO);
    assert_int_equal(count_status(13, CTX_OK), 10);
    assert_int_equal(fake_logged("W virtio-blk: vda: write sector=5 sectors=1 failed"), 1);
    host.say = VIRTIO_BLK_S_UNSUPP;
    for (uint32_t i = 0; i < 20; i++) {
        ask(i, BLOCK_FLUSH, 0, 0);
    }
    fake_run();
    assert_int_equal(count_status(20, CTX_E_NOSYS), 20);
    assert_int_equal(fake_logged("failed"), BLK_ERRORS_SAID); /* and not one line for each */
    host.say = 0;
    ask(0, BLOCK_READ, 5, 1);
    fake_run();
    assert_int_equal(requests[0].status, CTX_OK); /* an error is no reason for a reset */
    assert_int_equal(device.resets, 1);
}

static void status_that_is_none(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 4; n++) {
        bring_up(ALL, 8);
        host.say = n < 2 ? 77 : VIRTIO_BLK_S_IOERR;
        host.mute = n >= 2;
        host.bad_once = n % 2 == 0;
        host.bad = 30;
        for (uint32_t i = 0; i < 50; i++) {
            ask(i, BLOCK_READ, i, 1);
        }
        fake_sleep(NSEC_PER_SEC);
        assert_int_equal(count_status(50, CTX_PENDING), 0);
        assert_int_equal(fake_logged("the device wrote no status"), host.bad_once ? 1 : 3);
        if (host.bad_once) { /* after the reset all is well */
            assert_int_equal(device.resets, 2);
            assert_int_equal(count_status(50, CTX_OK), 50);
            assert_false(blk.dead);
        } else { /* what was done is done, all others fail, and so does what comes later */
            assert_int_equal(requests[30].status, CTX_E_IO);
            assert_int_equal(count_status(50, CTX_OK) + count_status(50, CTX_E_IO), 50);
            ask(60, BLOCK_READ, 0, 1);
            assert_int_equal(requests[60].status, CTX_E_IO);
            assert_int_equal(fake_logged("E virtio-blk: given up"), 1);
        }
        assert_true(blk.in_flight == 0 && blk.waiting == NULL);
    }
}

/* ---- lies and deaths ---- */

static void lies(void **state)
{
    (void)state;
    static const enum fake_lie kinds[] = {LIE_BAD_ID, LIE_HUGE_ID, LIE_OLD_ID, LIE_LONG,
                                          LIE_JUMP,   LIE_BACK,    LIE_SILENT, LIE_RESET,
                                          LIE_DEMAND, LIE_GONE,    LIE_SHORT};
    for (uint32_t n = 0; n < ARRAY_COUNT(kinds) * 12; n++) {
        enum fake_lie kind = kinds[n / 12];
        bool for_ever = n % 2 == 0;
        prepare(ALL, n % 4 < 2 ? 64 : 16);
        device.lie = kind;
        device.honest = n % 12; /* 0: before the driver is up */
        device.lies = for_ever ? 100000 : 1;
        device.no_interrupts = n % 3 == 0;
        virtio_blk_start(&blk, &device.dev, "vda");
        fake_run();
        /* Also when it is still coming up, or has given up: a request is a request. */
        for (uint32_t i = 0; i < 100; i++) {
            memset(memory[i], (int)i, sizeof(memory[i]));
            ask(i, i % 2 == 0 ? BLOCK_READ : BLOCK_WRITE, i, 1);
        }
        for (uint32_t i = 0; i < 15; i++) {
            fake_sleep(10 * NSEC_PER_SEC);
        }
        assert_int_equal(count_status(100, CTX_PENDING), 0);
        assert_int_equal(count_status(100, CTX_OK) + count_status(100, CTX_E_IO), 100);
        assert_int_equal(fake.disk_probes_ended, 1);
        assert_true(device.resets <= 3);
        assert_true(fake.log_count < 60);
        /* Everything but the id is read or written somewhere; once is enough to lie about it. A
         * device that is gone does not come back, and a length of nothing suits the id. */
        bool dies = for_ever || kind == LIE_GONE;
        assert_int_equal(blk.dead, dies);
        assert_int_equal(device.cut_offs, kind == LIE_GONE);
        if (!dies) {
            assert_int_equal(count_status(100, CTX_OK), 100);
        }
        for (uint32_t i = 0; i < 100; i++) {
            if (requests[i].status == CTX_OK) {
                assert_true(holds(host.bytes[i], i % 2 == 0 ? (uint8_t)(i * 7 + 1) : (uint8_t)i,
                                  BLOCK_SECTOR));
                assert_true(i % 2 == 1 || holds(memory[i], (uint8_t)(i * 7 + 1), BLOCK_SECTOR));
            }
        }
        if (blk.dead) {
            ask(0, BLOCK_FLUSH, 0, 0);
            assert_int_equal(requests[0].status, CTX_E_IO);
        }
    }
}

static void silent(void **state)
{
    (void)state;
    bring_up(ALL, 64);
    device.answer = NULL;
    ask(0, BLOCK_READ, 1, 1);
    fake_sleep(BLK_SILENCE_NS - NSEC_PER_SEC);
    assert_int_equal(device.resets, 1);
    ask(1, BLOCK_READ, 2, 1); /* a late one is no excuse */
    fake_sleep(2 * NSEC_PER_SEC);
    assert_int_equal(device.resets, 2);
    assert_int_equal(fake_logged("no answer"), 1);
    device.answer = answer;
    fake_process(&device, 0);
    fake_run();
    assert_int_equal(count_status(2, CTX_OK), 2);

    /* A slow one, that answers now and then, is left alone. */
    device.answer = NULL;
    for (uint32_t i = 0; i < 20; i++) {
        ask(i, BLOCK_READ, i, 1);
    }
    for (uint32_t i = 0; i < 20; i++) {
        struct fake_chain chain;
        fake_sleep(BLK_SILENCE_NS - NSEC_PER_SEC);
        assert_true(fake_take(&device, 0, &chain));
        fake_give(&device, 0, chain.head, answer(&device, 0, &chain));
    }
    fake_run();
    assert_int_equal(count_status(20, CTX_OK), 20);
    assert_int_equal(device.resets, 2);

    /* The second time is the last. */
    ask(0, BLOCK_READ, 1, 1);
    fake_sleep(BLK_SILENCE_NS + NSEC_PER_SEC);
    assert_int_equal(requests[0].status, CTX_E_IO);
    assert_int_equal(device.cut_offs, 0); /* the reset was enough */
}

/* Not answered IO while the device may still write there. */
static void reset_that_does_not_end(void **state)
{
    (void)state;
    bring_up(ALL, 64);
    device.answer = NULL;
    ask(0, BLOCK_READ, 1, 1);
    device.never_resets = true;
    fake_sleep(BLK_SILENCE_NS);
    ask(1, BLOCK_READ, 2, 1); /* into the reset */
    fake_sleep(VIRTIO_RESET_NS / 2);
    assert_int_equal(count_status(2, CTX_PENDING), 2);
    fake_sleep(VIRTIO_RESET_NS);
    assert_int_equal(device.resets, 3); /* it is being given up */
    assert_int_equal(count_status(2, CTX_PENDING), 2);
    assert_int_equal(device.cut_offs, 0);
    fake_sleep(5 * VIRTIO_RESET_NS);
    assert_int_equal(count_status(2, CTX_E_IO), 2);
    assert_int_equal(device.cut_offs, 1);
}

static void waits_for_the_reset(void **state)
{
    (void)state;
    bring_up(ALL, 64);
    device.answer = NULL;
    for (uint32_t i = 0; i < 10; i++) {
        ask(i, BLOCK_READ, i, 1);
    }
    device.status |= VIRTIO_STATUS_NEEDS_RESET;
    fake_interrupt(&device);
    device.never_resets = true;
    fake_run();
    for (uint32_t i = 10; i < 90; i++) {
        ask(i, BLOCK_READ, i, 1);
    }
    fake_sleep(10 * NSEC_PER_MSEC);
    assert_int_equal(count_status(90, CTX_PENDING), 90);
    assert_int_equal(blk.in_flight, 10);
    device.never_resets = false;
    virtio_reset_begin(&device.dev); /* it has got there */
    fake_sleep(NSEC_PER_SEC);
    for (uint32_t i = 90; i < 99; i++) { /* it has not said its name yet */
        ask(i, BLOCK_READ, i, 1);
    }
    assert_int_equal(blk.in_flight, 1);
    device.answer = answer;
    fake_process(&device, 0);
    fake_run();
    assert_int_equal(count_status(99, CTX_OK), 99);
    assert_int_equal(host.commands, 99);

    /* The same with nothing waiting before: what was in flight is all there is. */
    bring_up(ALL, 64);
    device.answer = NULL;
    for (uint32_t i = 0; i < 10; i++) {
        ask(i, BLOCK_READ, i, 1);
    }
    device.status |= VIRTIO_STATUS_NEEDS_RESET;
    fake_interrupt(&device);
    fake_run();
    ask(10, BLOCK_READ, 10, 1);
    device.answer = answer;
    fake_process(&device, 0);
    fake_run();
    assert_int_equal(count_status(11, CTX_OK), 11);
}

/* ---- what the device says of itself ---- */

static bool comes_up(void)
{
    start();
    fake_sleep(60 * NSEC_PER_SEC);
    assert_int_equal(fake.disk_probes_ended, 1);
    assert_int_equal(fake.disks, !blk.dead);
    return fake.disks == 1;
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        uint64_t capacity, want;
    } capacities[] = {{0, 0},
                      {1, 1},
                      {7, 7},
                      {0x123456789a, 0x123456789a},
                      {UINT64_MAX, UINT64_MAX / BLOCK_SECTOR}};
    for (size_t i = 0; i < ARRAY_COUNT(capacities); i++) {
        prepare(ALL, 64);
        set_config(VIRTIO_BLK_CONFIG_CAPACITY, capacities[i].capacity, 8);
        assert_int_equal(comes_up(), capacities[i].want != 0);
        assert_true(capacities[i].want == 0 || blk.device.sectors == capacities[i].want);
    }
    assert_int_equal(blk.device.max_sectors, BLK_SECTORS_MAX);
    assert_int_equal(blk.device.multiple, 1);

    static const struct {
        uint32_t size_max, max_sectors;
    } maxima[] = {{1, 0}, {4095, 0}, {4096, 8}, {70000, 136}, {1u << 20, 2048}, {UINT32_MAX, 2048}};
    for (size_t i = 0; i < ARRAY_COUNT(maxima); i++) {
        prepare(ALL | VIRTIO_BLK_F_SIZE_MAX, 64);
        set_config(VIRTIO_BLK_CONFIG_SIZE_MAX, maxima[i].size_max, 4);
        assert_int_equal(comes_up(), maxima[i].max_sectors != 0);
        assert_true(blk.dead || blk.device.max_sectors == maxima[i].max_sectors);
    }

    static const struct {
        uint32_t blk_size, multiple, warnings;
        uint64_t sectors;
    } blocks[] = {{512, 1, 0, 515}, {4096, 8, 0, 512}, {1024, 2, 0, 514},    {0, 1, 0, 515},
                  {100, 1, 1, 515}, {768, 1, 1, 515},  {262144, 512, 0, 512}};
    for (size_t i = 0; i < ARRAY_COUNT(blocks); i++) {
        prepare(ALL | VIRTIO_BLK_F_BLK_SIZE, 64);
        set_config(VIRTIO_BLK_CONFIG_CAPACITY, 515, 8);
        set_config(VIRTIO_BLK_CONFIG_BLK_SIZE, blocks[i].blk_size, 4);
        assert_true(comes_up());
        assert_int_equal(blk.device.multiple, blocks[i].multiple);
        assert_int_equal(blk.device.sectors, blocks[i].sectors);
        assert_int_equal(fake_logged("makes no sense"), blocks[i].warnings);
    }
    prepare(ALL | VIRTIO_BLK_F_BLK_SIZE, 64); /* one block is longer than any request */
    set_config(VIRTIO_BLK_CONFIG_BLK_SIZE, 1u << 30, 4);
    assert_false(comes_up());

    prepare(ALL, 64); /* it changes while we read: never half of one and half of another */
    device.moving = 3;
    assert_true(comes_up());
    assert_int_equal(blk.device.sectors & 0xffffff00u, SECTORS);
    prepare(ALL, 64);
    device.moving = 1000;
    assert_false(comes_up());
    prepare(ALL, 64);
    device.config_len = 4;
    assert_false(comes_up());
}

static void read_only(void **state)
{
    (void)state;
    prepare(ALL | VIRTIO_BLK_F_RO, 64);
    assert_true(comes_up());
    assert_true(blk.device.read_only); /* block.c does the rest */
    bring_up(ALL, 64);
    assert_false(blk.device.read_only);
}

static void keeps_the_writeback_bit(struct fake_device *it)
{
    it->config[VIRTIO_BLK_CONFIG_WRITEBACK] = 1;
}

static void without_flush(void **state)
{
    (void)state;
    bring_up(RING, 64); /* block.c answers FLUSH by what the driver says of the cache */
    assert_int_equal(blk.device.cache, BLOCK_CACHE_NONE);

    prepare(RING | VIRTIO_BLK_F_CONFIG_WCE, 64); /* has a cache, and can be told not to use it */
    device.config[VIRTIO_BLK_CONFIG_WRITEBACK] = 1;
    assert_true(comes_up());
    assert_int_equal(device.config[VIRTIO_BLK_CONFIG_WRITEBACK], 0);
    assert_int_equal(blk.device.cache, BLOCK_CACHE_NONE);

    prepare(RING | VIRTIO_BLK_F_CONFIG_WCE, 64); /* which this one does not do */
    device.config_written = keeps_the_writeback_bit;
    assert_true(comes_up());
    assert_int_equal(blk.device.cache, BLOCK_CACHE_FORGETS);

    prepare(ALL | VIRTIO_BLK_F_CONFIG_WCE, 64); /* the host's choice stays; we flush */
    device.config[VIRTIO_BLK_CONFIG_WRITEBACK] = 1;
    assert_true(comes_up());
    assert_int_equal(device.config[VIRTIO_BLK_CONFIG_WRITEBACK], 1);
    assert_int_equal(blk.device.cache, BLOCK_CACHE_FLUSH);
    ask(0, BLOCK_FLUSH, 0, 0);
    fake_run();
    assert_int_equal(host.flushes, 1);
}

/* Three pieces of memory, which follow each other on the disk only. */
static void in_pieces(void **state)
{
    (void)state;
    static const uint16_t queues[] = {64, 4};
    for (size_t n = 0; n < ARRAY_COUNT(queues); n++) {
        prepare(ALL | VIRTIO_BLK_F_SEG_MAX, queues[n]);
        set_config(VIRTIO_BLK_CONFIG_SEG_MAX, 254, 4);
        assert_true(comes_up());
        uint32_t most = queues[n] == 64 ? 14 : 2;
        assert_int_equal(blk.device.max_segments, most);
        struct block_segment pieces[3] = {
            {memory[2], BLOCK_SECTOR}, {memory[0], 2 * BLOCK_SECTOR}, {memory[1], BLOCK_SECTOR}};
        memset(memory[2], 2, BLOCK_SECTOR);
        memset(memory[0], 3, BLOCK_SECTOR * 2);
        memset(memory[1], 4, BLOCK_SECTOR);
        uint32_t count = MIN(most, 3u);
        requests[0] = (struct block_request){.op = BLOCK_WRITE,
                                             .sectors = count + 1,
                                             .sector = 100,
                                             .segments = pieces,
                                             .segment_count = count,
                                             .task = &asker,
                                             .status = CTX_PENDING};
        blk.device.submit(&blk.device, &requests[0]);
        fake_run();
        assert_int_equal(requests[0].status, CTX_OK);
        assert_true(holds(host.bytes[100], 2, BLOCK_SECTOR));
        assert_true(holds(host.bytes[101], 3, 2 * BLOCK_SECTOR));
        assert_true(holds(host.bytes[103], count == 3 ? 4 : (uint8_t)(103 * 7 + 1), BLOCK_SECTOR));
    }
    prepare(ALL, 64); /* says nothing of it: one piece it takes */
    assert_true(comes_up());
    assert_int_equal(blk.device.max_segments, 1);
}

static void erases(void **state)
{
    (void)state;
    const uint64_t both = VIRTIO_BLK_F_DISCARD | VIRTIO_BLK_F_ZEROES;
    prepare(ALL | both, 64);
    set_config(VIRTIO_BLK_CONFIG_DISCARD, 300, 4);
    set_config(VIRTIO_BLK_CONFIG_DISCARD + 4, 1, 4);
    set_config(VIRTIO_BLK_CONFIG_ZEROES, 200, 4);
    set_config(VIRTIO_BLK_CONFIG_ZEROES + 4, 1, 4);
    set_config(VIRTIO_BLK_CONFIG_UNMAP, 1, 1);
    assert_true(comes_up());
    assert_true(blk.device.discards && blk.device.zeroes);
    assert_int_equal(blk.device.max_erase, 200);
    ask(0, BLOCK_DISCARD, 17, 200);
    fake_run();
    assert_int_equal(requests[0].status, CTX_OK);
    assert_int_equal(host.erased_by, VIRTIO_BLK_T_DISCARD);
    assert_int_equal(host.erased.sector, 17);
    assert_int_equal(host.erased.sectors, 200);
    assert_int_equal(host.erased.flags, 0); /* DISCARD has none, and QEMU refuses them */
    ask(1, BLOCK_ZEROES, 3, 4);
    host.say = VIRTIO_BLK_S_UNSUPP;
    ask(2, BLOCK_ZEROES, 5, 6);
    fake_run();
    assert_int_equal(host.erased_by, VIRTIO_BLK_T_ZEROES);
    assert_int_equal(host.erased.flags, VIRTIO_BLK_RANGE_UNMAP);
    assert_int_equal(requests[1].status, CTX_OK);
    assert_int_equal(requests[2].status, CTX_E_NOSYS);

    prepare(ALL | both | VIRTIO_BLK_F_RO, 64);
    set_config(VIRTIO_BLK_CONFIG_DISCARD, 300, 4);
    set_config(VIRTIO_BLK_CONFIG_DISCARD + 4, 1, 4);
    assert_true(comes_up());
    assert_false(blk.device.discards || blk.device.zeroes);
    assert_int_equal(blk.device.max_erase, 0);

    prepare(ALL | both, 64); /* not even one range, or sector */
    set_config(VIRTIO_BLK_CONFIG_DISCARD, 300, 4);
    set_config(VIRTIO_BLK_CONFIG_ZEROES + 4, 1, 4);
    assert_true(comes_up());
    assert_false(blk.device.discards || blk.device.zeroes);
}

/* The configuration changes while it runs. */
static void another_size(void **state)
{
    (void)state;
    bring_up(ALL, 64);
    set_config(VIRTIO_BLK_CONFIG_CAPACITY, SECTORS + 7, 8);
    device.generation++;
    fake_interrupt(&device);
    fake_run();
    assert_int_equal(blk.device.sectors, SECTORS + 7);
    set_config(VIRTIO_BLK_CONFIG_CAPACITY, 10, 8); /* no interrupt: it is seen when somebody asks */
    device.generation++;
    blk.device.refresh(&blk.device);
    assert_int_equal(blk.device.sectors, 10);
    host.say = VIRTIO_BLK_S_IOERR;
    host.bad = 10;
    ask(0, BLOCK_READ, 9, 2); /* was on its way when it shrank */
    fake_run();
    assert_int_equal(requests[0].status, CTX_E_RANGE);
    set_config(VIRTIO_BLK_CONFIG_CAPACITY, 0, 8);
    device.generation++;
    blk.device.refresh(&blk.device);
    assert_int_equal(blk.device.sectors, 0);
    device.moving = UINT32_MAX; /* it never holds still: others have their turns all the same */
    device.generation++;
    fake_interrupt(&device);
    assert_int_equal(fake_run_turns(20), 20);
    device.moving = 0;
    fake_run();
    assert_int_equal(device.resets, 1);
}

/* Somebody wants to pull it: what it has in flight ends, and it is left alone. */
static void is_taken_away(void **state)
{
    (void)state;
    bring_up(ALL, 64);
    device.answer = NULL;
    ask(0, BLOCK_READ, 1, 1);
    ask(1, BLOCK_WRITE, 2, 1);
    device.dev.leaving = true;
    task_wake(device.dev.task);
    fake_sleep(NSEC_PER_SEC);
    assert_int_equal(count_status(2, CTX_E_IO), 2);
    assert_true(blk.device.gone);
    assert_int_equal(fake_logged("given up: it is taken away"), 1);
    uint32_t notifications = device.notifications;
    ask(2, BLOCK_READ, 1, 1); /* block.c lets none through */
    assert_int_equal(requests[2].status, CTX_E_IO);
    assert_int_equal(device.notifications, notifications);
}

static void names_itself(void **state)
{
    (void)state;
    prepare(ALL, 64);
    host.says_id = true; /* all 20 bytes, without an end, and one of them bad */
    assert_true(comes_up());
    assert_int_equal(fake_logged("vda id=\"twenty?bytes of name\" "), 1);
    prepare(ALL, 64);
    assert_true(comes_up());
    assert_int_equal(fake_logged("id=\"short\""), 1);
    prepare(ALL, 64);
    host.no_id = true;
    assert_true(comes_up());
    assert_int_equal(fake_logged("id=\"\""), 1);
}

static void cannot_start(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 7; n++) {
        prepare(ALL, n == 0 ? 0 : n == 1 ? 2 : 64);
        fake.dma_limit = n == 2 ? 64 : 0;
        device.never_resets = n == 3;
        device.refuses = n == 4;
        device.offers = n == 5 ? ALL : device.offers;
        device.answer = n == 6 ? NULL : answer;
        assert_false(comes_up());
        assert_int_equal(fake_logged("given up"), 1);
        assert_int_equal(host.ids, 0);
    }
}

static void another_disk_after_the_reset(void **state)
{
    (void)state;
    static const struct {
        uint64_t capacity, features;
        bool fine;
    } changes[] = {{SECTORS, ALL, true},
                   {SECTORS * 2, ALL, true},
                   {SECTORS - 1, ALL, true},
                   {SECTORS, ALL | VIRTIO_BLK_F_RO, false}};
    for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
        bring_up(ALL, 64);
        set_config(VIRTIO_BLK_CONFIG_CAPACITY, changes[i].capacity, 8);
        device.offers = changes[i].features | VIRTIO_F_VERSION_1;
        device.answer = NULL;
        ask(0, BLOCK_READ, 1, 1);
        device.answer = answer;
        device.status |= VIRTIO_STATUS_NEEDS_RESET;
        fake_interrupt(&device);
        fake_sleep(NSEC_PER_SEC);
        assert_int_equal(requests[0].status, changes[i].fine ? CTX_OK : CTX_E_IO);
        assert_int_equal(blk.device.sectors, changes[i].capacity);
        assert_int_equal(blk.device.gone, !changes[i].fine);
        assert_int_equal(fake.disks, 1); /* not offered twice */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(reads_writes_flushes, teardown),
        cmocka_unit_test_teardown(keeps_all_in_flight, teardown),
        cmocka_unit_test_teardown(announces_each_and_wakes_once, teardown),
        cmocka_unit_test_teardown(tells_errors, teardown),
        cmocka_unit_test_teardown(status_that_is_none, teardown),
        cmocka_unit_test_teardown(lies, teardown),
        cmocka_unit_test_teardown(silent, teardown),
        cmocka_unit_test_teardown(reset_that_does_not_end, teardown),
        cmocka_unit_test_teardown(waits_for_the_reset, teardown),
        cmocka_unit_test_teardown(sizes, teardown),
        cmocka_unit_test_teardown(read_only, teardown),
        cmocka_unit_test_teardown(without_flush, teardown),
        cmocka_unit_test_teardown(in_pieces, teardown),
        cmocka_unit_test_teardown(erases, teardown),
        cmocka_unit_test_teardown(another_size, teardown),
        cmocka_unit_test_teardown(is_taken_away, teardown),
        cmocka_unit_test_teardown(names_itself, teardown),
        cmocka_unit_test_teardown(cannot_start, teardown),
        cmocka_unit_test_teardown(another_disk_after_the_reset, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
