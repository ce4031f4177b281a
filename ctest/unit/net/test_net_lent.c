/* SPDX-License-Identifier: MIT */
/* Sending without a copy: memory that is lent is read until all has arrived, and never after that.
 * Each piece lies in pages of its own, which nobody can read any more once they were given back. */
#include "wire.h"

#include <sys/mman.h>

#define SIZE  400000u
#define PAGES 65536u
#define HEAD  4096u

struct piece {
    struct lent lent;
    bool back;
};

static struct sock *listener, *out, *in;
static uint32_t lent_count, back_count, sent, got;
static uint64_t sent_sum, got_sum;
static bool ended;

static uint64_t sum_of(uint64_t sum, const uint8_t *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        sum = (sum ^ bytes[i]) * 0x100000001b3u;
    }
    return sum;
}

static void on_free(struct lent *l)
{
    struct piece *p = (struct piece *)(void *)l;
    assert_false(p->back);
    assert_true(l->over);
    p->back = true;
    back_count++;
    assert_int_equal(mprotect((uint8_t *)p + HEAD, PAGES, PROT_NONE), 0);
}

static struct piece *lend(void)
{
    uint8_t *memory =
        mmap(NULL, HEAD + PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    struct piece *p = (struct piece *)(void *)memory;
    p->lent = (struct lent){.bytes = memory + HEAD, .free = on_free};
    for (uint32_t i = 0; i < PAGES; i++) {
        memory[HEAD + i] = (uint8_t)rng_next(&dice);
    }
    lent_count++;
    return p;
}

static bool accepted(void)
{
    return b.net->accept(listener, &in) == CTX_OK;
}

static void listen_at(uint32_t port)
{
    struct net_address any = at(2, port);
    memset(any.bytes, 0, sizeof any.bytes);
    assert_int_equal(b.net->open(&b.owner, NET_TCP, &listener), CTX_OK);
    assert_int_equal(b.net->bind(listener, &any), CTX_OK);
    assert_int_equal(b.net->listen(listener, 10), CTX_OK);
}

static void connect_to(uint8_t last, uint32_t port)
{
    struct net_address address = at(last, port);
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &out), CTX_OK);
    assert_int_equal(a.net->connect(out, &address), CTX_OK);
}

/* Some of it from a new piece, perhaps some from memory that is copied; what arrives is read. */
static void move(void)
{
    static uint8_t bytes[30000];
    uint32_t count = 0;
    struct net_socket_info info = {.size = sizeof info};
    a.net->info(out, &info);
    if (sent < SIZE && (info.what & NET_WRITE) != 0) {
        uint32_t at = (uint32_t)rng_below(&dice, PAGES),
                 len = (uint32_t)rng_below(&dice, PAGES - at) + 1;
        len = SIZE - sent < len ? SIZE - sent : len;
        struct piece *p = lend();
        ctx_status status = CTX_OK;
        if (rng_below(&dice, 4) == 0) {
            status = a.net->send(out, p->lent.bytes + at, len, &count);
        } else {
            status = a.net->send_lent(out, &p->lent, at, len, &count);
        }
        assert_true(status == CTX_OK || status == CTX_E_AGAIN);
        sent += count;
        sent_sum = sum_of(sent_sum, p->lent.bytes + at, count);
        a.net->lent_end(&p->lent); /* what is on its way still arrives */
        if (sent == SIZE) {
            a.net->close(out);
            out = NULL;
        }
    }
    if (in != NULL && !ended && rng_below(&dice, 3) == 0) {
        ctx_status status = b.net->receive(in, bytes, sizeof bytes, false, &count);
        assert_true(status == CTX_OK || status == CTX_E_AGAIN);
        ended = status == CTX_OK && count == 0;
        got += status == CTX_OK ? count : 0;
        got_sum = sum_of(got_sum, bytes, status == CTX_OK ? count : 0);
    }
}

static bool all_there(void)
{
    if (in == NULL) {
        (void)accepted();
    }
    if (out != NULL) {
        move();
    } else if (in != NULL && !ended) {
        static uint8_t bytes[30000];
        uint32_t count = 0;
        ended = b.net->receive(in, bytes, sizeof bytes, false, &count) == CTX_OK && count == 0;
        got += count;
        got_sum = sum_of(got_sum, bytes, count);
    }
    return ended;
}

static void transfer(struct trouble t)
{
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(30000);
    uint64_t begun = a.net->memory();
    trouble = t;
    listen_at(80);
    connect_to(2, 80);
    assert_true(wire_until(all_there, 3600000));
    assert_int_equal(sent, SIZE);
    assert_int_equal(got, SIZE);
    assert_true(sent_sum == got_sum);
    trouble = (struct trouble){0};
    b.net->close(in);
    b.net->close(listener);
    wire_pass(400000);
    assert_in_range(lent_count, 5, 100000);
    assert_int_equal(back_count, lent_count);
    assert_int_equal(a.owner.sockets, 0);
    assert_int_equal(a.owner.bytes, 0);
    assert_in_range(a.net->memory(), 1, begun);
}

static void arrives(void **state)
{
    (void)state;
    transfer((struct trouble){0});
}

static void arrives_over_a_bad_wire(void **state)
{
    (void)state;
    transfer((struct trouble){.lost = 30, .doubled = 50, .late = 100, .late_ms = 200, .bent = 20});
}

static uint32_t what_of(struct sock *s)
{
    return a.net->what(s);
}

/* It is said when all has arrived, and only then is the memory free. */
static void sent_is_told(void **state)
{
    uint32_t count = 0;
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    listen_at(80);
    connect_to(2, 80);
    assert_true(wire_until(accepted, 10000));
    wire_pass(100);
    assert_true((what_of(out) & NET_SENT) != 0);
    b.net->card_link(b.card, false); /* nothing arrives */
    trouble.lost = 1000;
    struct piece *p = lend();
    assert_int_equal(a.net->send_lent(out, &p->lent, 100, 50000, &count), CTX_OK);
    assert_int_equal(count, 50000);
    a.net->lent_end(&p->lent);
    wire_pass(3000);
    assert_true((what_of(out) & NET_SENT) == 0);
    assert_false(p->back);
    trouble.lost = 0;
    b.net->card_link(b.card, true);
    wire_pass(60000);
    assert_true((what_of(out) & NET_SENT) != 0);
    assert_true(p->back);
}

/* A connection breaks off while its segments still wait for a neighbour in the queues. */
static void breaks_off(void **state)
{
    uint32_t count = 0;
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    listen_at(80);
    connect_to(2, 80);
    assert_true(wire_until(accepted, 10000));
    wire_pass(100);
    a.net->card_link(a.card, false); /* it forgets its neighbours */
    a.net->card_link(a.card, true);
    trouble.lost = 1000;
    struct piece *p = lend();
    assert_int_equal(a.net->send_lent(out, &p->lent, 0, 20000, &count), CTX_OK);
    assert_true(count > 0);
    a.net->lent_end(&p->lent);
    assert_false(p->back);
    a.net->owner_end(&a.owner);
    assert_true(p->back); /* nobody reads it any more, */
    trouble.lost = 0;
    wire_pass(60000); /* whenever the neighbour answers */
    assert_int_equal(a.owner.sockets, 0);
    /* The other end breaks off. */
    connect_to(2, 80);
    assert_true(wire_until(accepted, 20000));
    wire_pass(100);
    p = lend();
    assert_int_equal(a.net->send_lent(out, &p->lent, 0, 60000, &count), CTX_OK);
    a.net->lent_end(&p->lent);
    b.net->spoil(in);
    b.net->close(in);
    wire_pass(1000);
    assert_true(p->back);
}

/* Its owner has no room for what comes, has said its last and closes it: there is no orderly end,
 * and nobody reads lent memory after that. */
static void closed_with_bytes_that_had_no_room(void **state)
{
    static uint8_t bytes[20000];
    uint32_t count = 0;
    (void)state;
    wire_begin("10.0.0.1/24", "10.0.0.2/24");
    wire_pass(5000);
    listen_at(80);
    connect_to(2, 80);
    assert_true(wire_until(accepted, 10000));
    wire_pass(100);
    struct piece *p = lend();
    assert_int_equal(a.net->send_lent(out, &p->lent, 0, 50000, &count), CTX_OK);
    assert_int_equal(a.net->shutdown(out, NET_END_WRITE), CTX_OK);
    assert_int_equal(b.net->send(in, bytes, sizeof bytes, &count), CTX_OK);
    a.owner.bytes_most = b.owner.bytes_most = 1;
    wire_pass(1000);
    a.net->lent_end(&p->lent);
    assert_false(p->back);
    a.net->close(out);
    assert_true(p->back);
    wire_pass(60000);
    assert_int_equal(a.owner.sockets, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrives),
        cmocka_unit_test(arrives_over_a_bad_wire),
        cmocka_unit_test(sent_is_told),
        cmocka_unit_test(breaks_off),
        cmocka_unit_test(closed_with_bytes_that_had_no_room),
    };
    return wire_tests(tests, sizeof tests / sizeof tests[0]);
}
