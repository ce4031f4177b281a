/* SPDX-License-Identifier: MIT */
/* See wire.h. */
#include "wire.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

struct flying {
    struct flying *next;
    uint64_t at_ms;
    struct machine *to;
    uint32_t len;
    uint8_t frame[];
};

struct machine a, b;
uint64_t now_ms = 1000, wire_frames, wire_bytes, wire_long;
uint32_t wire_does, wire_full;
struct trouble trouble;
struct rng dice = {.state = 20261130};
void (*heard)(const uint8_t *frame, uint32_t len);
static struct flying *first;

static bool happens(uint32_t of_thousand)
{
    return rng_below(&dice, 1000) < of_thousand;
}

static void fly(struct machine *to, const void *frame, uint32_t len, uint64_t ms)
{
    struct flying *f = malloc(sizeof *f + len), **at = &first;
    f->at_ms = now_ms + ms;
    f->to = to;
    f->len = len;
    memcpy(f->frame, frame, len);
    while (*at != NULL && (*at)->at_ms <= f->at_ms) {
        at = &(*at)->next;
    }
    f->next = *at;
    *at = f;
}

void wire_put(struct machine *to, const void *frame, uint32_t len)
{
    fly(to, frame, len, 1);
}

static void flush(struct machine *m);

static uint8_t *room(void *arg, uint32_t len)
{
    struct machine *m = arg;
    flush(m);
    return len <= sizeof m->room && !happens(wire_full) ? m->room : NULL;
}

static void put_one(void *arg, uint32_t len)
{
    struct machine *from = arg, *to = from == &a ? &b : &a;
    wire_frames++;
    wire_bytes += from == &a ? len : 0;
    if (to->deaf) {
        if (heard != NULL) {
            heard(from->room, len);
        }
        return;
    }
    if (happens(trouble.lost)) {
        return;
    }
    if (happens(trouble.bent)) {
        from->room[rng_below(&dice, len)] ^= (uint8_t)(1 + rng_below(&dice, 255));
    }
    for (int i = happens(trouble.doubled) ? 2 : 1; i > 0; i--) {
        fly(to, from->room, len,
            1 + (happens(trouble.late) ? rng_below(&dice, trouble.late_ms) : 0));
    }
}

/* ---- a card that makes sums and cuts segments ---- */

static uint32_t get16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint32_t sum_of(const uint8_t *bytes, uint32_t len)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < len; i++) {
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    }
    while (sum >> 16 != 0) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

/* One frame of a long one, with this part of its data. */
static void put_part(struct machine *m, const uint8_t *whole, uint32_t header, uint32_t at,
                     uint32_t len, bool last)
{
    uint32_t tcp = m->work.sum_start;
    uint8_t *f = m->room;
    memcpy(f, whole, header);
    memcpy(f + header, whole + header + at, len);
    uint32_t number = (get16(whole + tcp + 4) << 16 | get16(whole + tcp + 6)) + at;
    put16(f + tcp + 4, number >> 16);
    put16(f + tcp + 6, number);
    f[tcp + 13] &= last ? 0xff : (uint8_t)~9u; /* PSH, FIN */
    uint32_t pseudo = 6 + header + len - tcp;
    if (m->work.six) {
        put16(f + 18, header + len - 54);
        pseudo += sum_of(f + 22, 32);
    } else {
        put16(f + 16, header + len - 14);
        put16(f + 24, 0);
        put16(f + 24, ~sum_of(f + 14, 20));
        pseudo += sum_of(f + 26, 8);
    }
    put16(f + tcp + 16, (pseudo & 0xffff) + (pseudo >> 16));
    put16(f + tcp + 16, ~sum_of(f + tcp, header + len - tcp));
    put_one(m, header + len);
}

static void flush(struct machine *m)
{
    static uint8_t whole[70000];
    uint32_t len = m->pending, tcp = m->work.sum_start;
    if (len == 0) {
        return;
    }
    m->pending = 0;
    memcpy(whole, m->room, len);
    uint32_t header = tcp + (uint32_t)(whole[tcp + 12] >> 4) * 4, data = len - header;
    uint32_t segment = m->work.segment != 0 ? m->work.segment : data;
    /* What the card is told has to be so. */
    uint32_t pseudo =
        6 + len - tcp + (m->work.six ? sum_of(whole + 22, 32) : sum_of(whole + 26, 8));
    assert_int_equal(get16(whole + tcp + m->work.sum_offset), (pseudo & 0xffff) + (pseudo >> 16));
    assert_true(m->work.segment == 0 || m->work.header == header);
    assert_int_equal(m->work.six ? get16(whole + 18) + 54 : get16(whole + 16) + 14, len);
    assert_true(m->work.six || sum_of(whole + 14, 20) == 0xffff);
    wire_long += data > segment;
    for (uint32_t at = 0; at < data || at == 0; at += segment) {
        uint32_t part = data - at < segment ? data - at : segment;
        put_part(m, whole, header, at, part, at + part >= data);
        if (data == 0) {
            break;
        }
    }
}

static void put(void *arg, uint32_t len, const struct card_work *work)
{
    struct machine *m = arg;
    if (work == NULL) {
        put_one(m, len);
        return;
    }
    assert_true((wire_does & CARD_SUMS) != 0 && m == &a);
    assert_true(work->segment == 0 ||
                (wire_does & (work->six ? CARD_TSO6 : CARD_TSO4)) != 0); /* it cuts them */
    m->pending = len;
    m->work = *work;
}

static uint8_t *more(void *arg, uint32_t len)
{
    struct machine *m = arg;
    return m->pending != 0 && len <= sizeof m->room - m->pending ? m->room + m->pending : NULL;
}

static void grow(void *arg, uint32_t len, const struct card_work *work)
{
    struct machine *m = arg;
    assert_true((wire_does & (work->six ? CARD_TSO6 : CARD_TSO4)) != 0);
    assert_true(work->segment != 0 && len <= work->segment);
    m->pending += len;
    m->work = *work;
}

static const struct card_ops ops = {.room = room, .send = put, .more = more, .grow = grow};

static void noise(void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        ((uint8_t *)bytes)[i] = (uint8_t)rng_next(&dice);
    }
}

static void say_of(struct machine *m, const char *text)
{
    size_t at = strlen(m->said);
    snprintf(m->said + at, sizeof m->said - at, "%s\n", text);
}

static void say_a(uint32_t level, const char *text)
{
    (void)level;
    say_of(&a, text);
}

static void say_b(uint32_t level, const char *text)
{
    (void)level;
    say_of(&b, text);
}

static void broken(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

static void changed(struct sock *s)
{
    (void)s;
}

static void named(struct owner *o)
{
    if (o->arg != NULL) { /* it is not the stack's own */
        ((struct machine *)o->arg)->named++;
    }
}

static void tell_time(int64_t unix_ns, const char *server)
{
    assert_non_null(server);
    a.times++;
    a.time_ns = unix_ns;
}

static void add_card(struct machine *m, const char *address)
{
    struct card_setup card = {.ops = &ops,
                              .arg = m,
                              .mtu = 1500,
                              .address = address,
                              .does = m == &a ? wire_does : 0,
                              .most = 65549};
    memcpy(card.mac, "\x52\x54\0\x12\x34", 5);
    card.mac[5] = m == &a ? 1 : 2;
    m->card = m->net->card_add(&card);
    assert_non_null(m->card);
}

static void begin(struct machine *m, const char *library, const char *name, const char *address)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        fprintf(stderr, "%s\n", dlerror());
    }
    assert_non_null(handle);
    m->net = dlsym(handle, "net_twin");
    m->owner.sockets_most = 5000;
    m->owner.bytes_most = 8 << 20;
    m->owner.arg = m;
    struct stack_setup setup = {
        .host = {noise, m == &a ? say_a : say_b, broken, changed, named,
                 m == &a ? tell_time : NULL},
        .memory_most = 64 << 20,
        .name = name,
    };
    m->net->begin(&setup, now_ms);
    add_card(m, address);
}

void wire_card_again(struct machine *m, const char *address)
{
    m->net->card_remove(m->card);
    add_card(m, address);
    m->net->card_link(m->card, true);
}

void wire_begin(const char *address_a, const char *address_b)
{
    begin(&a, NET_TWIN_A, "a", address_a);
    begin(&b, NET_TWIN_B, "b", address_b);
    a.net->card_link(a.card, true);
    b.net->card_link(b.card, true);
}

static void deliver(void)
{
    while (first != NULL && first->at_ms <= now_ms) {
        struct flying *f = first;
        first = f->next;
        f->to->net->card_input(f->to->card, f->frame, f->len);
        free(f);
    }
}

static void step(uint64_t end_ms)
{
    flush(&a);
    flush(&b);
    uint64_t next = end_ms, other = a.net->next();
    next = other < next ? other : next;
    other = b.net->next();
    next = other < next ? other : next;
    next = first != NULL && first->at_ms < next ? first->at_ms : next;
    now_ms = next > now_ms ? next : now_ms;
    a.net->run(now_ms);
    b.net->run(now_ms);
    deliver();
    a.net->run(now_ms);
    b.net->run(now_ms);
    flush(&a);
    flush(&b);
}

bool wire_until(bool (*when)(void), uint64_t ms)
{
    uint64_t end_ms = now_ms + ms;
    uint32_t still = 0;
    while (!when()) {
        uint64_t before = now_ms;
        if (now_ms >= end_ms) {
            return false;
        }
        step(end_ms);
        still = now_ms == before ? still + 1 : 0;
        assert_true(still < 10000); /* somebody wants to be called for ever */
    }
    return true;
}

static bool never(void)
{
    return false;
}

void wire_pass(uint64_t ms)
{
    (void)wire_until(never, ms);
}

struct net_address at(uint8_t last, uint32_t port)
{
    struct net_address address = {.size = sizeof address, .family = NET_IP4, .port = port};
    memcpy(address.bytes, "\x0a\0\0", 3);
    address.bytes[3] = last;
    return address;
}

int wire_tests(const struct CMUnitTest *tests, size_t count)
{
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        int status = 0;
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            const struct CMUnitTest one[] = {tests[i]};
            exit(cmocka_run_group_tests_name(tests[i].name, one, NULL, NULL));
        }
        failed += child < 0 || waitpid(child, &status, 0) != child || status != 0;
    }
    return failed != 0;
}
