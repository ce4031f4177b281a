/* SPDX-License-Identifier: MIT */
/*
 * Network cards by ctx.nic/1. Claims one, and does with it what its words say, in their order:
 *
 *   list              T card NAME mtu N flags N groups N, for each that it sees
 *   on=NAME again=NAME   claim it: T claimed NAME STATUS; again: until nobody else has it
 *   me=A.B.C.D        its address from now on; 10.0.2.15
 *   arp=A.B.C.D       ask who has that address: T arp 1
 *   ping=N            N echo requests to the last one that arp asked for, of size= bytes, checked:
 * T ping N send=N            N frames of size= bytes to everybody, numbered, filled: T sent ok N, T
 * sent bad N STATUS take=N            wait for N of such, in their order, each as it was sent: T
 * took N, T took wrong N echo=N            send each of N such back bounce=N          send N, one
 * after the other, and wait for each one's echo: T bounce N pieces=N          frames of send, ping
 * and bounce lie in N entries other             and in another share bad               what has to
 * be refused: T bad N, so many were not wild              nonsense all over the rings, again and
 * again, then release: T wild 0 filter=N          flags of filter: T filter STATUS link=MS wait
 * until the link is another one, or it is gone: T link N, T gone 1 counters          T counters
 * sent N received N wait=MS turns=N   do nothing, for so long or in so many calls bench=NAME send,
 * or bounce, for time=MS: T bench NAME PER-SECOND die fault         with frames and room in flight
 *   release
 */
#include "v3.h"

#include <ctx/fiber.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define RING     64u
#define ROOM     2048u
#define TYPE     0x88b5u /* for experiments: IEEE 802 */
#define ENTRY(n) ((n) % RING)

static const struct ctx_nic *nic;
static const struct ctx_share *share;
static struct ctx_nic_info info;
static struct ctx_nic_rings *rings;
static struct ctx_nic_entry *out, *in;
static uint8_t *frames, *others; /* of `in`, then of `out`; in the other share, of `out` */
static uint32_t share_handle, other_handle, handle, size = 60, pieces = 1, seen, sent_seen,
                                                    from_other;
static uint8_t mine[4] = {10, 0, 2, 15}, theirs[4], their_mac[6];
static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};
static uint64_t bench_ns = 2000000000;
static uint32_t next_number, awaited;
static uint64_t sent_ok, sent_bad;
static ctx_status last_bad;

static void say_named(struct ctx *ctx, const char *a, const char *b, int64_t n)
{
    struct line l = {0};
    put(&l, "T ");
    put(&l, a);
    put(&l, " ");
    put(&l, b);
    put(&l, " ");
    put_number(&l, n);
    send(ctx, &l);
}

static void await_news(struct ctx *ctx, uint64_t ns)
{
    (void)ctx_fiber_await(UINT64_C(1) << CTX_EVENT_NIC, ns == 0 ? CTX_FIBER_NEVER : now(ctx) + ns);
}

/* ---- the rings ---- */

static uint32_t load(const uint32_t *from)
{
    return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *to, uint32_t value)
{
    __atomic_store_n(to, value, __ATOMIC_RELEASE);
}

static uint64_t place(uint32_t n)
{
    return 16384 + (uint64_t)n * ROOM;
}

static void give_room(uint32_t no)
{
    in[ENTRY(no)] = (struct ctx_nic_entry){.at = place(ENTRY(no)), .len = ROOM};
    store(&rings->receive_given, no + 1);
}

static uint8_t *make_share(uint32_t *to, uint64_t bytes)
{
    uint64_t address = 0;
    return share->create(share, bytes, CTX_SHARE_ZERO, to) == CTX_OK &&
                   share->map(share, *to, CTX_SHARE_READ | CTX_SHARE_WRITE, &address) == CTX_OK
               ? (uint8_t *)(uintptr_t)address
               : NULL;
}

static int make_shares(void)
{
    uint8_t *memory = make_share(&share_handle, place(2 * RING));
    others = make_share(&other_handle, place(RING));
    if (memory == NULL || others == NULL) {
        return 0;
    }
    rings = (struct ctx_nic_rings *)(void *)memory;
    out = (struct ctx_nic_entry *)(void *)(rings + 1);
    in = out + RING;
    frames = memory + place(0);
    others += place(0);
    return 1;
}

static ctx_status claim(struct ctx *ctx, const char *name)
{
    struct ctx_nic_info i = {.size = sizeof i};
    ctx_status status = CTX_E_NOENT;
    for (uint32_t n = 0; nic->list(nic, n, &i) == CTX_OK; n++) {
        if (same((const char *)i.name, name)) {
            struct ctx_nic_setup setup = {.size = sizeof setup,
                                          .card = i.card,
                                          .share = share_handle,
                                          .send_entries = RING,
                                          .receive_entries = RING};
            rings->send_given = rings->receive_given = 0;
            status = nic->claim(nic, &setup, &handle);
            if (status == CTX_OK) {
                info = i;
                seen = sent_seen = 0;
                for (uint32_t no = 0; no < RING; no++) {
                    give_room(no);
                }
                (void)nic->kick(nic, handle, 0);
            }
            break;
        }
    }
    say_named(ctx, "claimed", name, status);
    return status;
}

/* What has become of what was sent. */
static void look_at_sent(void)
{
    for (uint32_t now = load(&rings->sent); sent_seen != now; sent_seen++) {
        const struct ctx_nic_entry *e = &out[ENTRY(sent_seen)];
        if (e->status == CTX_OK) {
            sent_ok += (e->flags & CTX_NIC_MORE) == 0;
        } else {
            sent_bad++;
            last_bad = e->status;
        }
    }
}

/* Send a frame, as soon as there is room: the bytes are copied to where the ring has them. */
static void transmit(struct ctx *ctx, const uint8_t *frame, uint32_t len, int kick)
{
    uint32_t no = rings->send_given, part = (len / pieces) & ~1u;
    while (no + pieces - load(&rings->sent) > RING) {
        if (nic->kick(nic, handle, CTX_NIC_KICK_TELL_SENT) != CTX_OK) {
            return;
        }
        if (no + pieces - load(&rings->sent) > RING) {
            await_news(ctx, 0);
        }
    }
    look_at_sent();
    for (uint32_t i = 0; i < pieces; i++) {
        uint32_t n = i + 1 < pieces ? part : len - part * i;
        uint64_t at = place(ENTRY(no + i)) + (from_other ? 0 : RING * ROOM);
        memcpy((from_other ? others : frames) + at - place(0), frame + part * i, n);
        out[ENTRY(no + i)] = (struct ctx_nic_entry){.at = at,
                                                    .len = n,
                                                    .share = from_other ? other_handle : 0,
                                                    .flags = i + 1 < pieces ? CTX_NIC_MORE : 0};
    }
    store(&rings->send_given, no + pieces);
    if (kick) {
        (void)nic->kick(nic, handle, 0);
    }
}

/* The next frame that came, or NULL after so long. It is there until the next call. */
static const uint8_t *next_frame(struct ctx *ctx, uint64_t until, uint32_t *len)
{
    static uint8_t copy[ROOM];
    while (load(&rings->received) == seen) {
        if (now(ctx) >= until || nic->kick(nic, handle, 0) == CTX_E_IO) {
            return NULL;
        }
        if (load(&rings->received) == seen) {
            await_news(ctx, until - now(ctx));
        }
    }
    const struct ctx_nic_entry *e = &in[ENTRY(seen)];
    *len = e->status == CTX_OK && e->len <= ROOM ? e->len : 0;
    memcpy(copy, frames + ENTRY(seen) * ROOM, *len);
    give_room(seen + RING);
    seen++;
    return copy;
}

/* ---- frames ---- */

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static int equal(const uint8_t *a, const uint8_t *b, uint32_t len)
{
    uint32_t i = 0;
    while (i < len && a[i] == b[i]) {
        i++;
    }
    return i == len;
}

static void head(uint8_t *f, const uint8_t *to, uint32_t type)
{
    memcpy(f, to, 6);
    memcpy(f + 6, info.mac, 6);
    put16(f + 12, type);
}

static uint16_t sum_of(const uint8_t *p, uint32_t len)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < len; i++) {
        sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

/* A question for us is answered, so that the other side finds the way back. */
static void answer_arp(struct ctx *ctx, const uint8_t *f, uint32_t len)
{
    uint8_t a[60] = {0};
    if (len < 42 || get16(f + 12) != 0x0806 || get16(f + 20) != 1 || !equal(f + 38, mine, 4)) {
        return;
    }
    head(a, f + 6, 0x0806);
    memcpy(a + 14, f + 14, 6);
    put16(a + 20, 2);
    memcpy(a + 22, info.mac, 6);
    memcpy(a + 28, mine, 4);
    memcpy(a + 32, f + 22, 10);
    transmit(ctx, a, sizeof a, 1);
}

static void arp(struct ctx *ctx, const char *text)
{
    uint8_t q[60] = {0};
    static const uint8_t fixed[8] = {0, 1, 8, 0, 6, 4, 0, 1};
    uint32_t len, all = pieces;
    for (uint32_t i = 0; i < 4; i++) {
        theirs[i] = (uint8_t)number(text);
        while (*text >= '0' && *text <= '9') {
            text++;
        }
        text += *text == '.';
    }
    pieces = 1;
    for (uint32_t try = 0; try < 20; try++) {
        head(q, everybody, 0x0806);
        memcpy(q + 14, fixed, 8);
        memcpy(q + 22, info.mac, 6);
        memcpy(q + 28, mine, 4);
        memcpy(q + 38, theirs, 4);
        transmit(ctx, q, sizeof q, 1);
        const uint8_t *f;
        uint64_t until = now(ctx) + 500000000;
        while ((f = next_frame(ctx, until, &len)) != NULL) {
            answer_arp(ctx, f, len);
            if (len >= 42 && get16(f + 12) == 0x0806 && get16(f + 20) == 2 &&
                equal(f + 28, theirs, 4)) {
                memcpy(their_mac, f + 22, 6);
                pieces = all;
                say(ctx, "arp", 1);
                return;
            }
        }
    }
    pieces = all;
    say(ctx, "arp", 0);
}

static void ping(struct ctx *ctx, uint64_t count)
{
    static uint8_t q[ROOM];
    uint32_t len, good = 0, bytes = size < 42 ? 42 : size;
    for (uint32_t n = 0; n < count; n++) {
        memset(q, 0, 34);
        head(q, their_mac, 0x0800);
        q[14] = 0x45;
        put16(q + 16, bytes - 14);
        put16(q + 18, n);
        q[22] = 64;
        q[23] = 1;
        memcpy(q + 26, mine, 4);
        memcpy(q + 30, theirs, 4);
        put16(q + 24, sum_of(q + 14, 20));
        for (uint32_t i = 34; i < bytes; i++) {
            q[i] = (uint8_t)(i * 7 + n);
        }
        put16(q + 34, 8 << 8);
        put16(q + 36, 0);
        put16(q + 38, 0x4321);
        put16(q + 40, n);
        put16(q + 36, sum_of(q + 34, bytes - 34));
        transmit(ctx, q, bytes, 1);
        const uint8_t *f;
        uint64_t until = now(ctx) + 3000000000;
        while ((f = next_frame(ctx, until, &len)) != NULL) {
            answer_arp(ctx, f, len);
            if (len >= bytes && get16(f + 12) == 0x0800 && f[23] == 1 && f[34] == 0 &&
                get16(f + 40) == (uint16_t)n && equal(f + 42, q + 42, bytes - 42) &&
                sum_of(f + 34, bytes - 34) == 0) {
                good++;
                break;
            }
        }
    }
    say(ctx, "ping", good);
}

/* Number no of a sender: who took it can tell what it is to hold. */
static uint32_t make(uint8_t *f, uint32_t no)
{
    head(f, everybody, TYPE);
    f[14] = (uint8_t)(no >> 24);
    f[15] = (uint8_t)(no >> 16);
    put16(f + 16, no);
    put16(f + 18, size);
    for (uint32_t i = 20; i < size; i++) {
        f[i] = (uint8_t)(i * 13 + no);
    }
    return size;
}

static int is_ours(const uint8_t *f, uint32_t len)
{
    return len >= 20 && get16(f + 12) == TYPE && !equal(f + 6, info.mac, 6);
}

static int is_good(const uint8_t *f, uint32_t len, uint32_t no)
{
    uint32_t bytes = get16(f + 18), i = 20;
    while (i < bytes && i < len && f[i] == (uint8_t)(i * 13 + no)) {
        i++;
    }
    return i >= bytes && (uint32_t)(get16(f + 14) << 16 | get16(f + 16)) == no;
}

static void send_many(struct ctx *ctx, uint64_t count, uint64_t until)
{
    static uint8_t f[ROOM];
    look_at_sent();
    sent_ok = sent_bad = 0;
    for (uint64_t n = 0; n < count && (until == 0 || now(ctx) < until); n++) {
        transmit(ctx, f, make(f, next_number++), n % 16 == 15 || n + 1 == count);
    }
    while (load(&rings->sent) != rings->send_given &&
           nic->kick(nic, handle, CTX_NIC_KICK_TELL_SENT) == CTX_OK &&
           load(&rings->sent) != rings->send_given) {
        await_news(ctx, 0);
    }
    look_at_sent();
    if (until == 0) {
        say_named(ctx, "sent", "ok", (int64_t)sent_ok);
        if (sent_bad != 0) {
            say_named(ctx, "sent", "bad", (int64_t)sent_bad);
            say_named(ctx, "sent", "status", last_bad);
        }
    }
}

static void take(struct ctx *ctx, uint64_t count, int back)
{
    static uint8_t f[ROOM];
    uint32_t len;
    uint64_t good = 0, wrong = 0;
    while (good + wrong < count) {
        const uint8_t *came = next_frame(ctx, now(ctx) + 20000000000u, &len);
        if (came == NULL) {
            break;
        }
        if (is_ours(came, len)) {
            good += is_good(came, len, awaited) != 0;
            wrong += is_good(came, len, awaited) == 0;
            awaited = (uint32_t)(get16(came + 14) << 16 | get16(came + 16)) + 1;
            if (back) {
                memcpy(f, came, len);
                head(f, came + 6, TYPE);
                transmit(ctx, f, len, 1);
            }
        }
    }
    (void)nic->kick(nic, handle, 0);
    say_named(ctx, back ? "echoed" : "took", "ok", (int64_t)good);
    if (wrong != 0) {
        say_named(ctx, "took", "wrong", (int64_t)wrong);
    }
}

static uint64_t bounce(struct ctx *ctx, uint64_t count, uint64_t until)
{
    static uint8_t f[ROOM];
    uint32_t len;
    uint64_t good = 0;
    for (uint64_t n = 0; n < count && (until == 0 || now(ctx) < until); n++) {
        for (uint32_t try = 0, back = 0; try < 200 && !back; try++) {
            const uint8_t *came;
            transmit(ctx, f, make(f, next_number), 1);
            while (!back && (came = next_frame(ctx, now(ctx) + 100000000, &len)) != NULL) {
                back = is_ours(came, len) && is_good(came, len, next_number);
            }
            good += back;
        }
        next_number++;
    }
    return good;
}

/* ---- what has to be refused ---- */

/* What becomes of one entry of send. */
static ctx_status try(struct ctx *ctx, struct ctx_nic_entry e, uint32_t count)
{
    uint32_t no = rings->send_given;
    for (uint32_t i = 0; i < count; i++) {
        out[ENTRY(no + i)] = e;
        e.flags &= i + 2 < count ? ~0u : ~(uint32_t)CTX_NIC_MORE;
    }
    store(&rings->send_given, no + count);
    ctx_status status = nic->kick(nic, handle, CTX_NIC_KICK_TELL_SENT);
    while (status == CTX_OK && load(&rings->sent) != no + count) {
        await_news(ctx, 0);
    }
    sent_seen = load(&rings->sent);
    return status != CTX_OK ? status : out[ENTRY(no)].status;
}

static void refuse(struct ctx *ctx)
{
    const uint64_t here = place(RING);
    const struct {
        struct ctx_nic_entry e;
        uint32_t count;
        ctx_status want;
    } all[] = {
        {{.at = here, .len = 0}, 1, CTX_E_INVAL},
        {{.at = here, .len = 13}, 1, CTX_E_INVAL},
        {{.at = UINT64_MAX, .len = 60}, 1, CTX_E_RANGE},
        {{.at = UINT64_C(1) << 40, .len = 60}, 1, CTX_E_RANGE},
        {{.at = here, .len = UINT32_MAX}, 1, CTX_E_RANGE},
        {{.at = here, .len = 0x10000}, 1, CTX_E_TOOBIG},
        {{.at = here, .len = 60, .share = 4711}, 1, CTX_E_NOENT},
        {{.at = here, .len = 60, .flags = 0x80000000u}, 1, CTX_E_NOSYS},
        {{.at = here, .len = 60, .flags = CTX_NIC_PARTIAL}, 1, CTX_E_NOSYS},
        {{.at = here, .len = 60, .flags = CTX_NIC_MORE}, 12, CTX_E_TOOBIG},
        {{.at = here, .len = 60}, 1, CTX_OK},
    };
    uint32_t odd = 0, bad_handle;
    memset(frames + RING * ROOM, 0xff, 64);
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        ctx_status status = try(ctx, all[i].e, all[i].count);
        if (status != all[i].want) {
            say_named(ctx, "odd", "answer", status);
            say_named(ctx, "odd", "number", i);
            odd++;
        }
    }
    struct ctx_nic_setup s = {.size = sizeof s,
                              .card = info.card,
                              .share = share_handle,
                              .send_entries = RING,
                              .receive_entries = RING};
    odd += nic->claim(nic, &s, &bad_handle) != CTX_E_BUSY;
    s.send_entries = 63;
    odd += nic->claim(nic, &s, &bad_handle) != CTX_E_INVAL;
    s.send_entries = 2048;
    odd += nic->claim(nic, &s, &bad_handle) != CTX_E_INVAL;
    s.send_entries = RING;
    s.at = 32;
    odd += nic->claim(nic, &s, &bad_handle) != CTX_E_INVAL;
    s.at = 0;
    s.card = 4711;
    odd += nic->claim(nic, &s, &bad_handle) != CTX_E_NOENT;
    odd += nic->kick(nic, 99, 0) != CTX_E_STALE;
    odd += nic->kick(nic, handle, 8) != CTX_E_INVAL;
    odd += nic->release(nic, 99) != CTX_E_STALE;
    odd += nic->filter(nic, handle, 8, NULL, 0) != CTX_E_INVAL;
    odd += nic->filter(nic, handle, 1, frames, 7) != CTX_E_INVAL;
    odd += nic->filter(nic, handle, 1, frames, 6 * 65) != CTX_E_TOOBIG;
    uint32_t given = rings->send_given;
    store(&rings->send_given, given + RING + 1);
    odd += nic->kick(nic, handle, 0) != CTX_E_RANGE;
    store(&rings->send_given, given - 1);
    odd += nic->kick(nic, handle, 0) != CTX_E_RANGE;
    store(&rings->send_given, given);
    odd += nic->kick(nic, handle, 0) != CTX_OK;
    say(ctx, "bad", odd);
}

/* Anything, anywhere in the rings, and room for frames where the rings themselves lie. */
static void wild(struct ctx *ctx)
{
    uint64_t x = 88172645463325252u;
    for (uint32_t round = 0; round < 3000; round++) {
        uint64_t *words = (uint64_t *)(void *)rings;
        for (uint32_t i = 0; i < 40; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            uint32_t at = (uint32_t)(x >> 40) % (128 / 8 + 2 * RING * 4);
            words[at] = (x & 3) == 0   ? x
                        : (x & 3) == 1 ? x & 0x3ffff
                        : (x & 3) == 2 ? (x & 31) << 32 | 60
                                       : 0;
        }
        rings->send_given = rings->sent + (uint32_t)(x >> 20) % 70;
        rings->receive_given = rings->received + (uint32_t)(x >> 30) % 70;
        (void)nic->kick(nic, handle, (x >> 50) & 1);
        if (round % 100 == 0) {
            (void)ctx_fiber_yield();
        }
    }
    say(ctx, "wild", nic->release(nic, handle));
    handle = 0;
}

static void watch(struct ctx *ctx, uint64_t ms)
{
    struct ctx_nic_info i = {.size = sizeof i};
    uint64_t end = now(ctx) + ms * 1000000;
    while (now(ctx) < end) {
        (void)nic->info(nic, handle, &i);
        if ((i.flags & CTX_NIC_IS_GONE) != 0) {
            say(ctx, "gone", 1);
            break;
        }
        if (((i.flags ^ info.flags) & CTX_NIC_IS_LINK) != 0) {
            say(ctx, "link", i.flags & CTX_NIC_IS_LINK);
            break;
        }
        await_news(ctx, 200000000);
    }
    info = i;
}

static void list(struct ctx *ctx)
{
    struct ctx_nic_info i = {.size = sizeof i};
    for (uint32_t n = 0; nic->list(nic, n, &i) == CTX_OK; n++) {
        struct line l = {0};
        put(&l, "T card ");
        put(&l, (const char *)i.name);
        put(&l, " mtu ");
        put_number(&l, i.mtu);
        put(&l, " flags ");
        put_number(&l, i.flags & ~(uint32_t)CTX_NIC_IS_CLAIMED);
        put(&l, " label ");
        put(&l, (const char *)i.label);
        send(ctx, &l);
    }
}

static void count(struct ctx *ctx)
{
    struct ctx_nic_counters c = {.size = sizeof c};
    say(ctx, "counters", nic->counters(nic, info.card, &c));
    say_named(ctx, "counter", "sent", (int64_t)c.sent);
    say_named(ctx, "counter", "send_errors", (int64_t)c.send_errors);
    say_named(ctx, "counter", "received", (int64_t)c.received);
    say_named(ctx, "counter", "resets", (int64_t)c.resets);
}

static void bench(struct ctx *ctx, const char *what)
{
    uint64_t from = now(ctx), n = 0;
    if (same(what, "send")) {
        send_many(ctx, UINT64_MAX, from + bench_ns);
        n = sent_ok;
    } else {
        n = bounce(ctx, UINT64_MAX, from + bench_ns);
    }
    say_named(ctx, "bench", what, (int64_t)(n * 1000000000 / (now(ctx) - from)));
}

static void in_flight_and_gone(struct ctx *ctx, int fault)
{
    static uint8_t f[ROOM];
    for (uint32_t n = 0; n < RING / 2; n++) {
        transmit(ctx, f, make(f, next_number++), 1);
    }
    say(ctx, "in flight", RING / 2);
    if (fault) {
        __builtin_trap();
    }
}

/* Whether text is NAME, or NAME=VALUE. */
static const char *is(const char *text, const char *name)
{
    while (*name != 0 && *text == *name) {
        text++;
        name++;
    }
    return *name == 0 && (*text == '=' || *text == 0) ? text + (*text == '=') : NULL;
}

static int act_on_frames(struct ctx *ctx, const char *w)
{
    const char *v;
    if ((v = is(w, "arp"))) {
        arp(ctx, v);
    } else if ((v = is(w, "ping"))) {
        ping(ctx, number(v));
    } else if ((v = is(w, "send"))) {
        send_many(ctx, number(v), 0);
    } else if ((v = is(w, "take"))) {
        take(ctx, number(v), 0);
    } else if ((v = is(w, "echo"))) {
        take(ctx, number(v), 1);
    } else if ((v = is(w, "bounce"))) {
        say(ctx, "bounce", (int64_t)bounce(ctx, number(v), 0));
    } else if ((v = is(w, "bench"))) {
        bench(ctx, v);
    } else if (is(w, "bad") && handle != 0) {
        refuse(ctx);
    } else if (is(w, "wild")) {
        wild(ctx);
    } else if ((v = is(w, "filter"))) {
        say(ctx, "filter", nic->filter(nic, handle, (uint32_t)number(v), NULL, 0));
    } else if ((v = is(w, "link"))) {
        watch(ctx, number(v));
    } else if (is(w, "kick")) {
        say(ctx, "kick", nic->kick(nic, handle, 0));
    } else {
        return 0;
    }
    return 1;
}

static int act(struct ctx *ctx, const char *w)
{
    const char *v;
    if (act_on_frames(ctx, w)) {
        return 1;
    }
    if ((v = is(w, "on"))) {
        (void)claim(ctx, v);
    } else if ((v = is(w, "again"))) {
        for (ctx_status status; (status = claim(ctx, v)) != CTX_OK;) {
            if (status ==
                CTX_E_REVOKED) { /* a restore: what it had was shared with others of then */
                (void)make_shares();
            } else {
                await_news(ctx, 0);
            }
        }
    } else if ((v = is(w, "me"))) {
        mine[3] = (uint8_t)number(v);
    } else if ((v = is(w, "size"))) {
        size = number(v) >= 20 && number(v) <= 1514 ? (uint32_t)number(v) : 60;
    } else if ((v = is(w, "pieces"))) {
        pieces = number(v) >= 1 && number(v) <= 8 ? (uint32_t)number(v) : 1;
    } else if (is(w, "other")) {
        from_other = 1;
    } else if ((v = is(w, "wait"))) {
        (void)ctx_fiber_await(0, now(ctx) + number(v) * 1000000);
    } else if ((v = is(w, "turns"))) {
        for (uint64_t n = number(v); n > 0; n--) {
            (void)ctx_fiber_yield();
        }
    } else if ((v = is(w, "time"))) {
        bench_ns = number(v) * 1000000;
    } else if (is(w, "die") || is(w, "fault")) {
        in_flight_and_gone(ctx, w[0] == 'f');
        return 0;
    } else if (is(w, "release")) {
        say(ctx, "release", nic->release(nic, handle));
        handle = 0;
    } else if (is(w, "list")) {
        list(ctx);
    } else if (is(w, "counters")) {
        count(ctx);
    } else {
        return 0;
    }
    return 1;
}

static void run(struct ctx *ctx, void *arg)
{
    char text[32];
    (void)arg;
    for (uint32_t i = 0; word(ctx, i, text), text[0] != 0; i++) {
        if (!act(ctx, text)) {
            return;
        }
    }
    say(ctx, "end", 0);
}

int32_t _start(struct ctx *ctx)
{
    static int began;
    if (!began) {
        nic = (const struct ctx_nic *)open(ctx, CTX_ID_NIC);
        share = (const struct ctx_share *)open(ctx, CTX_ID_SHARE);
        if (nic == NULL || share == NULL || !make_shares() ||
            ctx_fiber_start(ctx, run, NULL, 32768) == NULL) {
            return CTX_EXIT(1);
        }
        began = 1;
    }
    return ctx_fibers_run(ctx);
}
