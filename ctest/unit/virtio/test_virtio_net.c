/* SPDX-License-Identifier: MIT */
/*
 * virtio-net, with a wire behind the rings that can be slow, take and give in any order, or lie.
 * What every case comes to: each frame and each piece of memory comes back once, or with the card's
 * reset, and never before the card has let go of it.
 */
#include "fake_device.h"
#include "fake_kernel.h"
#include "virtio_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RING  (VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC)
#define SELF  (VIRTIO_NET_F_MAC | VIRTIO_NET_F_STATUS)
#define SUMS  (VIRTIO_NET_F_CSUM | VIRTIO_NET_F_GUEST_CSUM)
#define CTRL  (VIRTIO_NET_F_CTRL_VQ | VIRTIO_NET_F_CTRL_RX)
#define BYTES 1600u

static struct fake_device device;
static struct virtio_net net;
static uint8_t memory[600][BYTES];

/* The host's side. */
static struct {
    uint8_t last[2048]; /* header and frame that were sent */
    uint32_t last_len, sent;
    uint8_t commands[16][512];
    uint32_t command_len[16], command_count;
    uint8_t says; /* to commands */
} host;

static uint32_t answer(struct fake_device *it, uint16_t no, struct fake_chain *chain)
{
    (void)it;
    if (no == NET_TX) {
        assert_null(chain->out);
        assert_true(chain->in_len >= sizeof(struct virtio_net_hdr));
        host.last_len = chain->in_len;
        memcpy(host.last, chain->in, MIN(chain->in_len, sizeof host.last));
        host.sent++;
        return 0;
    }
    assert_int_equal(no, NET_CTRL);
    assert_int_equal(chain->out_len, 1);
    uint32_t i = host.command_count++ % 16;
    memcpy(host.commands[i], chain->in, MIN(chain->in_len, 512u));
    host.command_len[i] = chain->in_len;
    *chain->out = host.says;
    return 1;
}

/* Only what is sent and commanded is answered by itself: memory waits for frames. */
static void work_all(void)
{
    for (uint32_t i = 0; i < 3; i++) {
        device.answer = answer;
        fake_process(&device, NET_TX);
        fake_process(&device, NET_CTRL);
        device.answer = NULL;
        fake_run();
        fake_sleep(2 * NET_POLL_NS);
    }
}

static void prepare(uint64_t features, uint16_t queue)
{
    static const uint8_t mac[] = {0x52, 0x54, 0, 1, 2, 3, VIRTIO_NET_S_LINK_UP, 0};
    fake_reset();
    memset(&net, 0, sizeof net);
    memset(&host, 0, sizeof host);
    fake_device_init(&device, "virtio-net", features, queue, queue);
    device.queues[NET_CTRL].max_size = 64;
    memcpy(device.config, mac, sizeof mac);
}

static void start(void)
{
    virtio_net_start(&net, &device.dev, "net0");
    fake_run();
    fake_sleep(5 * NSEC_PER_MSEC);
}

static void bring_up(uint64_t features, uint16_t queue)
{
    prepare(features, queue);
    start();
    assert_ptr_equal(fake.nic, &net.nic);
    assert_true(net.nic.ready);
}

static ctx_status post(uint32_t i)
{
    struct nic_segment s[] = {{memory[i], 700}, {memory[i] + 700, 900}};
    return net.nic.receive(&net.nic, s, 1 + i % 2, i);
}

static ctx_status transmit(uint32_t i, uint32_t len, uint32_t flags)
{
    struct nic_frame f = {.len = len,
                          .flags = flags,
                          .csum_start = 34,
                          .csum_offset = 16,
                          .gso_size = 1400,
                          .header = 54,
                          .count = 2,
                          .segments = {{memory[i], 20}, {memory[i] + 20, len - 20}}};
    return net.nic.send(&net.nic, &f, i);
}

/* A frame comes into the next memory. False: there is none. */
static bool arrive(uint32_t len, struct virtio_net_hdr header)
{
    struct fake_chain chain;
    if (!fake_take(&device, NET_RX, &chain)) {
        return false;
    }
    assert_int_equal(chain.out_len, sizeof header);
    memcpy(chain.out, &header, sizeof header);
    if (len > 0) {
        memset(chain.more, 0x5a, MIN(len, chain.more_len));
    }
    fake_give(&device, NET_RX, chain.head, len + (uint32_t)sizeof header);
    fake_run();
    fake_sleep(2 * NET_POLL_NS);
    return true;
}

static int teardown(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

/* ---- work ---- */

static void frames_go_and_come(void **state)
{
    (void)state;
    static const uint64_t features[] = {SELF, SELF | RING, SELF | RING | SUMS | CTRL,
                                        SELF | VIRTIO_F_EVENT_IDX | CTRL};
    static const uint16_t queues[] = {4, 16, 256, 1024};
    for (uint32_t n = 0; n < 32; n++) {
        prepare(features[n % 4], queues[n / 4 % 4]);
        device.no_interrupts = n >= 16;
        start();
        assert_true(net.nic.ready && net.nic.link);
        for (uint32_t round = 0; round < 300; round++) { /* round the ring, and its numbers */
            uint32_t i = round % 2;
            assert_int_equal(post(i), CTX_OK);
            memset(memory[9], (int)round, 100);
            assert_int_equal(transmit(9, 100, 0), CTX_OK);
            net.nic.push(&net.nic, round % 3 == 0);
            work_all();
            assert_int_equal(host.sent, round + 1);
            assert_int_equal(host.last_len, sizeof(struct virtio_net_hdr) + 100);
            assert_int_equal(host.last[sizeof(struct virtio_net_hdr) + 99], (uint8_t)round);
            assert_true(arrive(60 + round, (struct virtio_net_hdr){.num_buffers = 4711}));
            assert_int_equal(fake.came_count, round + 1);
            assert_int_equal(fake.came[round].arrival.len, 60 + round);
            assert_int_equal(fake.came[round].tag, i);
            net.nic.collect(&net.nic); /* what was sent may not have been said */
            assert_int_equal(fake.sent_count, round + 1);
            assert_int_equal(fake.sent[round].status, CTX_OK);
        }
        assert_int_equal(net.rx.used + net.tx.used, 0);
        fake_sleep(100 * NSEC_PER_SEC);
        assert_true(net.task.wake_at_ns == NEVER_NS); /* idle costs nothing */
        assert_int_equal(device.resets, 1);
    }
}

/* All the room there is, answered in any order: each comes back once. */
static void many_in_any_order(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 20; n++) {
        bool indirect = n % 2 == 0;
        bring_up(SELF | (indirect ? RING : VIRTIO_F_EVENT_IDX), (uint16_t)(16u << n % 6));
        uint32_t posted = 0;
        while (post(posted) == CTX_OK) {
            posted++;
        }
        assert_int_equal(post(posted), CTX_E_AGAIN);
        net.nic.push(&net.nic, false);
        struct fake_chain chains[NET_FRAMES];
        uint32_t held = 0;
        bool back[600] = {false};
        while (fake_take(&device, NET_RX, &chains[held])) {
            held++;
        }
        assert_int_equal(held, posted);
        while (held > 0) {
            uint32_t pick = (uint32_t)rand() % held;
            fake_give(&device, NET_RX, chains[pick].head, sizeof(struct virtio_net_hdr) + 64);
            chains[pick] = chains[--held];
            if (held % 7 == 0) {
                fake_run();
            }
        }
        fake_run();
        assert_int_equal(fake.came_count, posted);
        for (uint32_t i = 0; i < posted; i++) {
            assert_false(back[fake.came[i].tag]);
            back[fake.came[i].tag] = true;
            assert_int_equal(fake.came[i].arrival.len, 64);
        }
        assert_int_equal(post(0), CTX_OK);
    }
}

static void one_notification_for_many(void **state)
{
    (void)state;
    bring_up(SELF | RING, 256);
    uint32_t notifications = device.notifications, interrupts = device.interrupts;
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(transmit(i, 100, 0), CTX_OK);
    }
    assert_int_equal(device.notifications, notifications);
    net.nic.push(&net.nic, false);
    assert_int_equal(device.notifications, notifications + 1);
    work_all();
    assert_int_equal(fake.sent_count, 200);
    assert_int_equal(device.interrupts, interrupts + 1); /* the last one's */
    transmit(0, 100, 0);
    transmit(1, 100, 0);
    net.nic.push(&net.nic, true);
    work_all();
    assert_int_equal(device.interrupts, interrupts + 2); /* the first one's */
}

/* It has sent all before anybody asked it to tell: what found no room goes on all the same. */
static void a_card_that_is_fast(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 2; n++) {
        bring_up(SELF | (n == 0 ? RING : VIRTIO_F_EVENT_IDX), 64);
        device.answer = answer;
        uint32_t taken = 0;
        while (transmit(taken, 100, 0) == CTX_OK) {
            taken++;
        }
        net.nic.push(&net.nic, false);
        assert_int_equal(host.sent, taken);
        fake_run();
        assert_int_equal(fake.sent_count, taken);
        device.answer = NULL;
    }
}

static void offloads(void **state)
{
    (void)state;
    struct virtio_net_hdr h;
    bring_up(SELF | RING | SUMS | VIRTIO_NET_F_HOST_TSO4 | VIRTIO_NET_F_HOST_TSO6, 256);
    assert_true(net.nic.sums && net.nic.tso4 && net.nic.tso6 && net.nic.checks);
    assert_int_equal(net.nic.longest, NET_TSO_MOST);
    static const struct {
        uint32_t flags;
        struct virtio_net_hdr want;
    } all[] = {
        {0, {0}},
        {NIC_CSUM, {.flags = 1, .csum_start = 34, .csum_offset = 16}},
        {NIC_CSUM | NIC_TSO4,
         {.flags = 1,
          .gso_type = 1,
          .hdr_len = 54,
          .gso_size = 1400,
          .csum_start = 34,
          .csum_offset = 16}},
        {NIC_CSUM | NIC_TSO6,
         {.flags = 1,
          .gso_type = 4,
          .hdr_len = 54,
          .gso_size = 1400,
          .csum_start = 34,
          .csum_offset = 16}},
    };
    for (uint32_t i = 0; i < ARRAY_COUNT(all); i++) {
        assert_int_equal(transmit(i, 1500, all[i].flags), CTX_OK);
        net.nic.push(&net.nic, false);
        work_all();
        memcpy(&h, host.last, sizeof h);
        assert_memory_equal(&h, &all[i].want, sizeof h);
    }
    post(0);
    post(1);
    post(2);
    net.nic.push(&net.nic, false);
    arrive(90, (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_DATA_VALID});
    arrive(90, (struct virtio_net_hdr){.flags = 3, .csum_start = 34, .csum_offset = 6});
    arrive(90, (struct virtio_net_hdr){0});
    assert_int_equal(fake.came[0].arrival.flags, NIC_GOOD);
    assert_int_equal(fake.came[1].arrival.flags, NIC_PARTIAL);
    assert_int_equal(fake.came[1].arrival.csum_start, 34);
    assert_int_equal(fake.came[1].arrival.csum_offset, 6);
    assert_int_equal(fake.came[2].arrival.flags, 0);
    /* TSO without CSUM is none [5.1.3.1]. */
    bring_up(SELF | RING | VIRTIO_NET_F_HOST_TSO4, 256);
    assert_false(net.nic.tso4);
}

/* ---- lies ---- */

static void headers_that_make_no_sense(void **state)
{
    (void)state;
    bring_up(SELF | RING, 256);
    for (uint32_t i = 0; i < 40; i++) {
        post(i);
    }
    net.nic.push(&net.nic, false);
    arrive(0, (struct virtio_net_hdr){0});
    arrive(13, (struct virtio_net_hdr){0});
    arrive(60, (struct virtio_net_hdr){.gso_type = 1});
    arrive(60, (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM});
    for (uint32_t i = 4; i < 30; i++) {
        arrive(0, (struct virtio_net_hdr){0});
    }
    assert_int_equal(fake.came_count, 30);
    for (uint32_t i = 0; i < 30; i++) {
        assert_int_equal(fake.came[i].arrival.len, 0);
    }
    assert_int_equal(fake_logged("a frame that makes no sense"), 8); /* not one for each */
    arrive(60, (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_DATA_VALID});
    assert_int_equal(fake.came[30].arrival.len, 60);
    assert_int_equal(fake.came[30].arrival.flags, 0); /* nobody has asked it to look */
    assert_int_equal(device.resets, 1);
}

/* Each lie is found, the card reset once, all memory given back; the second time it is gone. */
static void lies(void **state)
{
    (void)state;
    static const enum fake_lie all[] = {LIE_BAD_ID, LIE_HUGE_ID, LIE_OLD_ID, LIE_LONG, LIE_JUMP,
                                        LIE_BACK,   LIE_RESET,   LIE_DEMAND, LIE_GONE};
    for (uint32_t n = 0; n < ARRAY_COUNT(all) * 4; n++) {
        bool rx = n % 2 != 0;
        bring_up(SELF | (n / 2 % 2 != 0 ? RING : 0) | CTRL, 64);
        for (uint32_t round = 0; round < 2; round++) {
            uint32_t resets = fake.nic_resets;
            device.lie = all[n / 4];
            device.lies = 1;
            for (uint32_t i = 0; i < 4; i++) {
                post(i);
                transmit(i, 100, 0);
            }
            net.nic.push(&net.nic, true);
            if (rx) {
                arrive(60, (struct virtio_net_hdr){0});
            } else {
                struct fake_chain chain; /* one: what follows could make up for the lie */
                assert_true(fake_take(&device, NET_TX, &chain));
                fake_give(&device, NET_TX, chain.head, 0);
            }
            if (all[n / 4] == LIE_RESET) {
                task_wake(&net.task); /* it says nothing: found at the next look */
            }
            fake_run();
            fake_sleep(3 * NSEC_PER_SEC);
            if (all[n / 4] == LIE_GONE) {
                assert_int_equal(fake.nic_gone, 1);
                assert_int_equal(device.cut_offs, 1); /* it can not be reset either */
                break;
            }
            assert_int_equal(fake.nic_resets, resets + (round == 0));
            assert_int_equal(fake.nic_gone, round);
            assert_int_equal(net.nic.ready, round == 0);
        }
        assert_true(net.task.done);
        assert_int_equal(post(0), CTX_E_AGAIN);
        assert_int_equal(transmit(0, 60, 0), CTX_E_AGAIN);
        net.nic.push(&net.nic, true);
        net.nic.collect(&net.nic);
        net.nic.stop(&net.nic);
    }
}

static void what_it_says_it_is(void **state)
{
    (void)state;
    prepare(SELF, 64);
    device.config[0] = 0x33; /* a group's */
    start();
    assert_int_equal(fake.nics, 0);
    assert_int_equal(fake_logged("given up: its address is that of a group"), 1);

    prepare(SELF | VIRTIO_NET_F_MTU, 64);
    device.config[VIRTIO_NET_CONFIG_MTU] = 67;
    start();
    assert_int_equal(net.nic.mtu, 1500);
    assert_int_equal(fake_logged("an MTU of 67 makes no sense"), 1);

    prepare(SELF | VIRTIO_NET_F_MTU | VIRTIO_NET_F_SPEED_DUPLEX, 64);
    device.config[VIRTIO_NET_CONFIG_MTU + 1] = 0x23;
    device.config[VIRTIO_NET_CONFIG_SPEED] = 100;
    start();
    assert_int_equal(net.nic.mtu, 0x2300);
    assert_int_equal(net.nic.speed, 100);

    prepare(RING, 64);
    start();
    assert_int_equal(net.nic.mac[0] & 3, 2); /* its own choice, and no group's */
    assert_true(net.nic.link && !net.nic.link_known);

    prepare(SELF, 0);
    start();
    assert_int_equal(fake.nics, 0);
    assert_int_equal(fake_logged("given up"), 1);

    prepare(SELF, 1); /* no room for a header and a frame */
    start();
    assert_int_equal(fake.nics, 0);

    prepare(SELF | CTRL, 64);
    device.queues[NET_CTRL].max_size = 8;
    start();
    assert_true(net.nic.ready && !net.nic.filters);

    bring_up(SELF, 64);
    device.config[5] ^= 1;
    net.nic.stop(&net.nic);
    fake_run();
    assert_int_equal(fake_logged("given up: after the reset it is another card"), 1);
    assert_int_equal(fake.nic_gone, 1);
}

static void the_link(void **state)
{
    (void)state;
    bring_up(SELF, 64);
    for (uint32_t i = 0; i < 6; i++) {
        device.config[VIRTIO_NET_CONFIG_STATUS] ^= VIRTIO_NET_S_LINK_UP;
        device.generation++;
        fake_interrupt(&device);
        fake_run();
        assert_int_equal(net.nic.link, i % 2);
        assert_int_equal(fake.nic_changes, i + 1);
    }
    device.generation++; /* something else */
    fake_interrupt(&device);
    fake_run();
    assert_int_equal(fake.nic_changes, 6);
    assert_int_equal(device.resets, 1);
    device.moving = UINT32_MAX; /* it never holds still: others have their turns all the same */
    device.generation++;
    fake_interrupt(&device);
    assert_int_equal(fake_run_turns(20), 20);
    device.moving = 0;
    fake_run();
    assert_int_equal(device.resets, 1);
}

/* Whoever lets go of it has it reset, as often as he likes. */
static void stops(void **state)
{
    (void)state;
    bring_up(SELF | RING | CTRL, 64);
    for (uint32_t i = 0; i < 50; i++) {
        post(1);
        transmit(2, 60, 0);
        net.nic.push(&net.nic, false);
        net.nic.stop(&net.nic);
        assert_int_equal(fake.nic_resets, i); /* not before it has let go */
        fake_run();
        assert_int_equal(fake.nic_resets, i + 1);
        assert_int_equal(fake.nic_ready, i + 2);
        assert_int_equal(net.rx.used + net.tx.used, 0);
    }
    assert_int_equal(fake.nic_gone, 0);
    assert_int_equal(fake_logged("resetting"), 0);
    long live = fake.dma_live;
    net.nic.stop(&net.nic);
    fake_run();
    assert_int_equal(fake.dma_live, live);
    device.never_resets = true;
    post(1);
    net.nic.push(&net.nic, false);
    net.nic.stop(&net.nic);
    fake_run();
    fake_sleep(3 * NSEC_PER_SEC);
    assert_int_equal(fake.nic_gone, 1);
    assert_int_equal(device.cut_offs, 1); /* before anybody gets his memory back */
}

static void filters(void **state)
{
    (void)state;
    struct nic_filter f = {.groups = true};
    bring_up(SELF | CTRL, 64);
    net.nic.filter(&net.nic, &f);
    f = (struct nic_filter){
        .all = true, .count = 2, .group = {{1, 0, 0x5e, 0, 0, 1}, {0x33, 0x33}}};
    net.nic.filter(&net.nic, &f); /* while the first one is on its way */
    net.nic.filter(&net.nic, &f);
    work_all();
    assert_int_equal(host.command_count, 6);
    static const uint8_t quiet[] = {0, 0, 0}, groups[] = {0, 1, 1}, everything[] = {0, 0, 1};
    assert_memory_equal(host.commands[0], quiet, 3);
    assert_memory_equal(host.commands[1], groups, 3);
    assert_int_equal(host.command_len[2], 2 + 8);
    assert_memory_equal(host.commands[3], everything, 3);
    assert_int_equal(host.commands[4][2], 0);
    assert_int_equal(host.command_len[5], 2 + 8 + 12);
    assert_int_equal(host.commands[5][6], 2);
    assert_memory_equal(host.commands[5] + 10, f.group, 12);
    host.says = 1;
    net.nic.filter(&net.nic, &f);
    work_all();
    net.nic.filter(&net.nic, &f);
    work_all();
    assert_int_equal(fake_logged("it does not filter"), 1);
    assert_int_equal(device.resets, 1);
    bring_up(SELF, 64);
    net.nic.filter(&net.nic, &f); /* it has no way */
    assert_false(net.nic.filters);
}

static void taken_away(void **state)
{
    (void)state;
    bring_up(SELF | RING, 64);
    post(0);
    net.nic.push(&net.nic, false);
    device.dev.leaving = true;
    task_wake(&net.task);
    fake_run();
    assert_int_equal(fake.nic_gone, 1);
    assert_int_equal(fake_logged("given up: it is taken away"), 1);
    assert_true(net.task.done);
    for (size_t limit = 1; limit < 200000; limit *= 3) { /* no memory for one thing or another */
        prepare(SELF | RING | CTRL, 256);
        fake.dma_limit = limit;
        start();
        assert_true(fake.nics == 1 || fake_logged("given up") == 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(frames_go_and_come, teardown),
        cmocka_unit_test_teardown(many_in_any_order, teardown),
        cmocka_unit_test_teardown(one_notification_for_many, teardown),
        cmocka_unit_test_teardown(a_card_that_is_fast, teardown),
        cmocka_unit_test_teardown(offloads, teardown),
        cmocka_unit_test_teardown(headers_that_make_no_sense, teardown),
        cmocka_unit_test_teardown(lies, teardown),
        cmocka_unit_test_teardown(what_it_says_it_is, teardown),
        cmocka_unit_test_teardown(the_link, teardown),
        cmocka_unit_test_teardown(stops, teardown),
        cmocka_unit_test_teardown(filters, teardown),
        cmocka_unit_test_teardown(taken_away, teardown),
    };
    return cmocka_run_group_tests_name("unit.virtio_net", tests, NULL, NULL);
}
