/* SPDX-License-Identifier: MIT */
/*
 * <ctx/ring.h>: both sides in every order of their loads, stores and copies; a peer that lies; two
 * threads; and the plain cases.
 */
#include <stddef.h>
#include <stdint.h>

static uint64_t hook_load(const uint64_t *from);
static void hook_store(uint64_t *to, uint64_t value);
static void hook_copy(void *to, const void *from, size_t n);

#define CTX_RING_LOAD(from)        hook_load(from)
#define CTX_RING_STORE(to, value)  hook_store((to), (value))
#define CTX_RING_COPY(to, from, n) hook_copy((to), (from), (n))

#include <ctx/ring.h>

#include "test.h"

#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <ucontext.h>

#define STACK 65536u

static enum { PLAIN, EXPLORE, LIE } mode;
static struct rng rng = {7};

/* ---- every order ---- */

/* Two sides that stop before each access of the ring, and go on when they are told to. */
static struct {
    ucontext_t scheduler, side[2];
    char stack[2][STACK];
    bool ended[2];
    uint32_t running;
    void (*body[2])(void);
    uint8_t choice[64]; /* of this order */
    uint32_t choices, given;
    void *fake_stack;
    const void *bottom;
    size_t size;
} e;

static void to_scheduler(bool last)
{
    void *mine = NULL;
    __sanitizer_start_switch_fiber(last ? NULL : &mine, e.bottom, e.size);
    swapcontext(&e.side[e.running], &e.scheduler);
    __sanitizer_finish_switch_fiber(mine, NULL, NULL);
}

static void side_main(void)
{
    __sanitizer_finish_switch_fiber(NULL, &e.bottom, &e.size);
    uint32_t me = e.running;
    e.body[me]();
    e.ended[me] = true;
    to_scheduler(true);
}

static void step(uint32_t side)
{
    e.running = side;
    __sanitizer_start_switch_fiber(&e.fake_stack, e.stack[side], STACK);
    swapcontext(&e.scheduler, &e.side[side]);
    __sanitizer_finish_switch_fiber(e.fake_stack, NULL, NULL);
}

/* One order: as many choices as are given, then the first side first. */
static void run_order(void)
{
    for (uint32_t i = 0; i < 2; i++) {
        getcontext(&e.side[i]);
        e.side[i].uc_stack.ss_sp = e.stack[i];
        e.side[i].uc_stack.ss_size = STACK;
        e.side[i].uc_link = NULL;
        makecontext(&e.side[i], side_main, 0);
        e.ended[i] = false;
    }
    e.choices = 0;
    while (!e.ended[0] || !e.ended[1]) {
        uint32_t side = e.ended[0];
        if (!e.ended[0] && !e.ended[1]) {
            assert_true(e.choices < sizeof e.choice);
            if (e.choices >= e.given) {
                e.choice[e.choices] = 0;
            }
            side = e.choice[e.choices++];
        }
        step(side);
    }
}

/* All orders of two bodies; after each one, check. How many there were. */
static uint64_t all_orders(void (*begin)(void), void (*one)(void), void (*two)(void),
                           void (*check)(void))
{
    uint64_t orders = 0;
    e.body[0] = one;
    e.body[1] = two;
    e.given = 0;
    do {
        begin();
        mode = EXPLORE;
        run_order();
        mode = PLAIN;
        check();
        orders++;
        while (e.choices > 0 && e.choice[e.choices - 1] == 1) {
            e.choices--;
        }
        if (e.choices > 0) {
            e.choice[e.choices - 1] = 1;
        }
        e.given = e.choices;
    } while (e.choices > 0);
    return orders;
}

/* ---- the hooks ---- */

static struct {
    uint8_t *low, *high; /* all that may be touched in the ring */
    uint32_t accesses;
    uint64_t lie[8];
} lying;

static uint64_t hook_load(const uint64_t *from)
{
    if (mode == EXPLORE) {
        to_scheduler(false);
    }
    if (mode == LIE) {
        lying.accesses++;
        if (rng_below(&rng, 3) == 0) {
            return lying.lie[rng_below(&rng, 8)];
        }
    }
    return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

static void hook_store(uint64_t *to, uint64_t value)
{
    if (mode == EXPLORE) {
        to_scheduler(false);
    }
    lying.accesses++;
    __atomic_store_n(to, value, __ATOMIC_RELEASE);
}

static bool halves; /* a copy is two accesses */

static void hook_copy(void *to, const void *from, size_t n)
{
    if (mode == EXPLORE) {
        to_scheduler(false);
        size_t half = n / 2;
        if (halves && half > 0) {
            memcpy(to, from, half);
            to_scheduler(false);
            memcpy((uint8_t *)to + half, (const uint8_t *)from + half, n - half);
            return;
        }
    }
    if (mode == LIE) {
        const uint8_t *a = to, *b = from;
        bool to_ring = a >= lying.low && a <= lying.high,
             is_ring = b >= lying.low && b <= lying.high;
        assert_true(to_ring || is_ring);
        assert_true(!to_ring || n <= (size_t)(lying.high - a));
        assert_true(!is_ring || n <= (size_t)(lying.high - b));
        lying.accesses++;
        if (rng_below(&rng, 4) == 0 && is_ring && n == 8) { /* a length that is no length */
            memcpy(to, &lying.lie[rng_below(&rng, 8)], 8);
            return;
        }
    }
    memcpy(to, from, n);
}

/* ---- streams ---- */

static uint64_t memory[(sizeof(struct ctx_ring_head) + 64) / 8];
static struct ctx_ring sender, receiver;
static uint64_t at_begin; /* what both indices are when it begins */
static uint32_t room_wanted;

static struct {
    uint64_t sent, got;
    uint32_t messages, received;
    bool wrong;
} t;

static void begin(void)
{
    memset(memory, 0xee, sizeof memory);
    memset(&t, 0, sizeof t);
    ctx_ring_attach(&sender, memory, CTX_RING_BYTES(room_wanted));
    ctx_ring_attach(&receiver, memory, CTX_RING_BYTES(room_wanted));
    sender.head->written = sender.head->read = at_begin;
}

static void write_some(uint64_t len)
{
    uint8_t bytes[32];
    uint64_t done;
    for (uint64_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(t.sent + i + 1);
    }
    ctx_status status = ctx_ring_write(&sender, bytes, len, &done);
    t.wrong |= status != (done > 0 ? CTX_OK : CTX_E_AGAIN);
    t.sent += done;
}

static void read_some(uint64_t len)
{
    uint8_t bytes[32];
    uint64_t done;
    ctx_status status = ctx_ring_read(&receiver, bytes, len, &done);
    t.wrong |= status != (done > 0 ? CTX_OK : CTX_E_AGAIN);
    for (uint64_t i = 0; i < done; i++) {
        t.wrong |= bytes[i] != (uint8_t)(t.got + i + 1);
    }
    t.got += done;
}

static void write_twice(void)
{
    write_some(10);
    write_some(13);
}

static void read_twice(void)
{
    read_some(7);
    read_some(16);
}

static void check_stream(void)
{
    assert_true(t.got <= t.sent && t.sent >= 16); /* the second write finds room for some */
    read_some(32);
    assert_false(t.wrong);
    assert_int_equal(t.got, t.sent);
}

/* Every order of each access of two writes and two reads, wherever in the ring they begin. */
static void streams_in_every_order(void **state)
{
    (void)state;
    uint64_t orders = 0;
    room_wanted = 16;
    halves = false;
    static const uint64_t begins[] = {0, 9, UINT64_MAX - 3};
    for (size_t i = 0; i < ARRAY_COUNT(begins); i++) {
        at_begin = begins[i];
        orders += all_orders(begin, write_twice, read_twice, check_stream);
    }
    print_message("%lu orders\n", (unsigned long)orders);
    assert_true(orders > 20000);
}

static void write_once(void)
{
    write_some(10);
}

static void read_once_or_twice(void)
{
    read_some(4);
    read_some(16);
}

static void check_one(void)
{
    read_some(32);
    assert_int_equal(t.sent, 10);
    assert_int_equal(t.got, 10);
}

/* The same with copies that are seen half done. */
static void copies_in_halves(void **state)
{
    (void)state;
    uint64_t orders = 0;
    room_wanted = 16;
    halves = true;
    for (at_begin = 0; at_begin < 16; at_begin += 5) {
        orders += all_orders(begin, write_once, read_once_or_twice, check_one);
    }
    assert_true(orders > 1000);
}

/* ---- messages ---- */

static void send_one(uint32_t len)
{
    uint8_t bytes[64];
    memset(bytes, (int)(t.messages + 1), len);
    ctx_status status = ctx_ring_send(&sender, bytes, len);
    t.wrong |= status != CTX_OK && status != CTX_E_AGAIN;
    t.messages += status == CTX_OK;
}

static void receive_one(void)
{
    uint8_t bytes[64];
    uint32_t len;
    ctx_status status = ctx_ring_receive(&receiver, bytes, sizeof bytes, &len);
    t.wrong |= status != CTX_OK && status != CTX_E_AGAIN;
    for (uint32_t i = 0; status == CTX_OK && i < len; i++) {
        t.wrong |= bytes[i] != (uint8_t)(t.received + 1);
    }
    t.received += status == CTX_OK;
}

static void send_two(void)
{
    send_one(9);
    send_one(3);
}

static void receive_two(void)
{
    receive_one();
    receive_one();
}

static void check_messages(void)
{
    assert_false(t.wrong);
    assert_true(t.messages >= 1 && t.received <= t.messages);
    receive_one();
    receive_one();
    assert_int_equal(t.received, t.messages);
    assert_false(t.wrong);
}

static void messages_in_every_order(void **state)
{
    (void)state;
    uint64_t orders = 0;
    room_wanted = 32; /* one and a half of them */
    halves = false;
    static const uint64_t begins[] = {0, 24, UINT64_MAX - 7};
    for (size_t i = 0; i < ARRAY_COUNT(begins); i++) {
        at_begin = begins[i];
        orders += all_orders(begin, send_two, receive_two, check_messages);
    }
    print_message("%lu orders\n", (unsigned long)orders);
    assert_true(orders > 10000);
}

/* ---- a peer that lies ---- */

static void wild(uint64_t *to)
{
    static const uint64_t some[] = {0,
                                    1,
                                    7,
                                    8,
                                    15,
                                    16,
                                    17,
                                    24,
                                    63,
                                    64,
                                    65,
                                    0x7fffffff,
                                    0x80000000,
                                    UINT32_MAX,
                                    1ull << 32,
                                    INT64_MAX,
                                    1ull << 63,
                                    UINT64_MAX,
                                    UINT64_MAX - 7};
    *to = rng_below(&rng, 4) == 0 ? rng_next(&rng) : some[rng_below(&rng, ARRAY_COUNT(some))];
    *to += rng_below(&rng, 3) == 0 ? rng_below(&rng, 200) : 0;
}

/* A million uses with indices and lengths that are anything: garbage at most. */
static void a_peer_that_lies(void **state)
{
    (void)state;
    static const uint32_t rooms[] = {16, 32, 64, 4096};
    uint64_t faults = 0, fine = 0, again = 0;
    for (size_t n = 0; n < ARRAY_COUNT(rooms); n++) {
        uint64_t bytes = CTX_RING_BYTES(rooms[n]);
        uint8_t *ring = malloc(bytes), *own = malloc(5000), guard[16];
        assert_non_null(ring);
        assert_non_null(own);
        memset(ring, 0, bytes);
        assert_int_equal(ctx_ring_attach(&sender, ring, bytes), CTX_OK);
        lying.low = ring + sizeof(struct ctx_ring_head);
        lying.high = ring + bytes;
        for (uint32_t i = 0; i < 250000; i++) {
            for (uint32_t k = 0; k < 8; k++) {
                wild(&lying.lie[k]);
            }
            if (rng_below(&rng, 2) == 0) {
                wild(&sender.head->written);
                sender.head->read = sender.head->written - rng_below(&rng, rooms[n] + 20);
            }
            uint32_t len = (uint32_t)rng_below(&rng, 5000), got = 0;
            uint32_t op = (uint32_t)rng_below(&rng, 4);
            uint64_t done = 0;
            memset(guard, 0x77, sizeof guard);
            mode = LIE;
            lying.accesses = 0;
            ctx_status status = op == 0   ? ctx_ring_write(&sender, own, len, &done)
                                : op == 1 ? ctx_ring_read(&sender, own, len, &done)
                                : op == 2 ? ctx_ring_send(&sender, own, len)
                                          : ctx_ring_receive(&sender, own, len, &got);
            mode = PLAIN;
            assert_true(lying.accesses <= 8);
            assert_true(done <= len && (got <= len || status == CTX_E_TOOBIG));
            faults += status == CTX_E_FAULT;
            again += status == CTX_E_AGAIN;
            fine += status == CTX_OK;
            assert_true(status == CTX_E_FAULT || status == CTX_E_AGAIN || status == CTX_OK ||
                        status == CTX_E_TOOBIG);
        }
        free(ring);
        free(own);
    }
    assert_true(faults > 10000 && fine > 10000 && again > 100);
}

static void damage_is_told(void **state)
{
    (void)state;
    uint8_t bytes[32] = {0};
    uint64_t done;
    uint32_t len;
    room_wanted = 32;
    at_begin = 0;
    begin();
    sender.head->written = 33;
    assert_int_equal(ctx_ring_write(&sender, bytes, 1, &done), CTX_E_FAULT);
    assert_int_equal(ctx_ring_read(&receiver, bytes, 1, &done), CTX_E_FAULT);
    assert_int_equal(ctx_ring_send(&sender, bytes, 1), CTX_E_FAULT);
    assert_int_equal(ctx_ring_receive(&receiver, bytes, 32, &len), CTX_E_FAULT);
    sender.head->written = 0;
    sender.head->read = 1;
    assert_int_equal(ctx_ring_write(&sender, bytes, 1, &done), CTX_E_FAULT);
    static const uint64_t lengths[] = {9, 17, 31, 32, UINT32_MAX, UINT64_MAX - 8, UINT64_MAX};
    for (size_t i = 0; i < ARRAY_COUNT(lengths); i++) {
        begin();
        assert_int_equal(ctx_ring_send(&sender, bytes, 5), CTX_OK);
        memcpy(sender.bytes, &lengths[i], 8);
        assert_int_equal(ctx_ring_receive(&receiver, bytes, 32, &len), CTX_E_FAULT);
        ctx_ring_skip(&receiver); /* the way out */
        assert_int_equal(ctx_ring_receive(&receiver, bytes, 32, &len), CTX_E_AGAIN);
        assert_int_equal(ctx_ring_send(&sender, bytes, 5), CTX_OK);
        assert_int_equal(ctx_ring_receive(&receiver, bytes, 32, &len), CTX_OK);
        assert_int_equal(len, 5);
    }
}

/* ---- the plain cases ---- */

static void plain_cases(void **state)
{
    (void)state;
    uint8_t bytes[64] = {0};
    uint64_t done;
    uint32_t len;
    struct ctx_ring ring;
    assert_int_equal(ctx_ring_attach(&ring, NULL, 4096), CTX_E_INVAL);
    assert_int_equal(ctx_ring_attach(&ring, (uint8_t *)memory + 4, 4096), CTX_E_INVAL);
    assert_int_equal(ctx_ring_attach(&ring, memory, CTX_RING_BYTES(16) - 1), CTX_E_INVAL);
    assert_int_equal(ctx_ring_attach(&ring, memory, 0), CTX_E_INVAL);
    assert_int_equal(ctx_ring_attach(&ring, memory, CTX_RING_BYTES(31)), CTX_OK);
    assert_int_equal(ctx_ring_room(&ring), 16);
    assert_int_equal(ctx_ring_attach(&ring, memory, UINT64_MAX), CTX_OK);
    assert_int_equal(ctx_ring_room(&ring), UINT64_C(1) << 63);
    assert_int_equal(ctx_ring_attach(&ring, memory, CTX_RING_BYTES(64)), CTX_OK);
    ctx_ring_reset(&ring);
    assert_int_equal(ctx_ring_read(&ring, bytes, 0, &done), CTX_OK);
    assert_int_equal(ctx_ring_read(&ring, bytes, 1, &done), CTX_E_AGAIN);
    assert_int_equal(ctx_ring_write(&ring, bytes, 0, &done), CTX_OK);
    assert_int_equal(ctx_ring_write(&ring, bytes, 64, &done), CTX_OK);
    assert_int_equal(done, 64);
    assert_int_equal(ctx_ring_write(&ring, bytes, 1, &done), CTX_E_AGAIN);
    ctx_ring_reset(&ring);
    assert_int_equal(ctx_ring_send(&ring, bytes, 57), CTX_E_TOOBIG);
    assert_int_equal(ctx_ring_send(&ring, bytes, UINT32_MAX), CTX_E_TOOBIG);
    assert_int_equal(ctx_ring_send(&ring, bytes, 56), CTX_OK);
    assert_int_equal(ctx_ring_send(&ring, bytes, 0), CTX_E_AGAIN);
    assert_int_equal(ctx_ring_receive(&ring, bytes, 55, &len), CTX_E_TOOBIG);
    assert_int_equal(len, 56);
    assert_int_equal(ctx_ring_receive(&ring, bytes, 56, &len), CTX_OK);
    for (uint32_t i = 0; i < 8; i++) { /* empty ones are messages too */
        assert_int_equal(ctx_ring_send(&ring, NULL, 0), CTX_OK);
    }
    assert_int_equal(ctx_ring_send(&ring, NULL, 0), CTX_E_AGAIN);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(ctx_ring_receive(&ring, NULL, 0, &len), CTX_OK);
    }
    assert_int_equal(ctx_ring_receive(&ring, NULL, 0, &len), CTX_E_AGAIN);
}

/* Small and large ones of every length, from wherever they begin. */
static void messages_of_every_length(void **state)
{
    (void)state;
    static uint64_t large[(sizeof(struct ctx_ring_head) + 4096) / 8];
    static uint8_t out[5000], in[5000];
    uint32_t len, sent = 0;
    for (uint32_t i = 0; i < sizeof out; i++) {
        out[i] = (uint8_t)(i * 7 + i / 256);
    }
    assert_int_equal(ctx_ring_attach(&sender, large, sizeof large), CTX_OK);
    sender.head->written = sender.head->read = UINT64_MAX - 8191;
    for (uint32_t n = 0; n < 5000; n++) {
        ctx_status status = ctx_ring_send(&sender, out, n);
        assert_int_equal(status, CTX_RING_MESSAGE(n) > 4096 ? CTX_E_TOOBIG : CTX_OK);
        if (status != CTX_OK) {
            continue;
        }
        sent++;
        (void)ctx_ring_send(&sender, out, n % 40); /* and a small one, so that places vary */
        memset(in, 0, n + 1);
        assert_int_equal(ctx_ring_receive(&sender, in, sizeof in, &len), CTX_OK);
        assert_int_equal(len, n);
        assert_memory_equal(in, out, n);
        assert_int_equal(in[n], 0);
        if (ctx_ring_receive(&sender, in, sizeof in, &len) == CTX_OK) {
            assert_int_equal(len, n % 40);
        }
        assert_int_equal(sender.head->written, sender.head->read);
    }
    assert_int_equal(sent, 4033); /* up to 4096 - 64 */
}

/* ---- two threads ---- */

#define MESSAGES 20000u

static void *thread_sends(void *arg)
{
    (void)arg;
    uint8_t bytes[60];
    for (uint32_t i = 0; i < MESSAGES;) {
        memset(bytes, (int)i, sizeof bytes);
        ctx_status status = ctx_ring_send(&sender, bytes, i % 49);
        if (status == CTX_OK) {
            i++;
        } else if (status != CTX_E_AGAIN) {
            t.wrong = true;
            return NULL;
        } else {
            sched_yield();
        }
    }
    return NULL;
}

static void two_threads(void **state)
{
    (void)state;
    pthread_t thread;
    uint8_t bytes[60];
    uint32_t len;
    room_wanted = 64;
    at_begin = UINT64_MAX - 63;
    begin();
    assert_int_equal(pthread_create(&thread, NULL, thread_sends, NULL), 0);
    for (uint32_t i = 0; i < MESSAGES;) {
        ctx_status status = ctx_ring_receive(&receiver, bytes, sizeof bytes, &len);
        if (status == CTX_E_AGAIN) {
            sched_yield();
            continue;
        }
        assert_int_equal(status, CTX_OK);
        assert_int_equal(len, i % 49);
        for (uint32_t k = 0; k < len; k++) {
            assert_true(bytes[k] == (uint8_t)i);
        }
        i++;
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(t.wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_cases),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(streams_in_every_order),
        cmocka_unit_test(copies_in_halves),
        cmocka_unit_test(messages_in_every_order),
        cmocka_unit_test(a_peer_that_lies),
        cmocka_unit_test(messages_of_every_length),
        cmocka_unit_test(two_threads),
    };
    return RUN(tests);
}
