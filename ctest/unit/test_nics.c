/* SPDX-License-Identifier: MIT */
/* ctx.nic/1: what rings say and are told, and what becomes of a card when its app, its call or a
 * share goes. */
#include "fake_nic.h"
#include "nic_private.h"
#include "share_fixture.h"
#include "test.h"
#include "undo_fixture.h"

#define GRANTS " grant=ctx.nic/1 nic=*"
#define RING   8u
#define ROOM   2048u

static struct fake_nic *card; /* the last one; those before it are gone */

/* What an app has of the table: a's and b's. */
static struct {
    const struct ctx_nic *t;
    struct ctx_nic_info *info;
    struct ctx_nic_setup *setup;
    uint32_t *out;
    uint32_t share, handle;
    struct ctx_nic_rings *rings;
    struct ctx_nic_entry *send, *receive;
    uint8_t *frames;
} both[2];
#define my both[me.app == b]

static void open_nic(void)
{
    const struct ctx_table *table;
    uint8_t *at;
    assert_int_equal(open_table(me.ctx, CTX_ID_NIC, sizeof(struct ctx_nic), &table), CTX_OK);
    my.t = (const struct ctx_nic *)table;
    uint8_t *memory = own(me.ctx, 512);
    my.info = (struct ctx_nic_info *)(void *)memory;
    my.setup = (struct ctx_nic_setup *)(void *)(memory + 256);
    my.out = (uint32_t *)(void *)(memory + 384);
    assert_int_equal(create(16 * PAGE_SIZE, CTX_SHARE_ZERO, &my.share), CTX_OK);
    assert_int_equal(map(my.share, RW, &at), CTX_OK);
    my.rings = (struct ctx_nic_rings *)(void *)at;
    my.send = (struct ctx_nic_entry *)(void *)(my.rings + 1);
    my.receive = my.send + RING;
    my.frames = at + PAGE_SIZE;
}

static ctx_status claim(void)
{
    my.info->size = sizeof *my.info;
    ctx_status status = my.t->list(my.t, 0, my.info);
    *my.setup = (struct ctx_nic_setup){.size = sizeof *my.setup,
                                       .card = my.info->card,
                                       .share = my.share,
                                       .send_entries = RING,
                                       .receive_entries = RING};
    my.rings->send_given = my.rings->receive_given = 0;
    status = status == CTX_OK ? my.t->claim(my.t, my.setup, my.out) : status;
    my.handle = *my.out;
    return status;
}

static void open_and_claim(void)
{
    open_nic();
    assert_int_equal(claim(), CTX_OK);
}

static void give_send(uint32_t at, uint32_t len, uint32_t flags)
{
    my.send[my.rings->send_given % RING] =
        (struct ctx_nic_entry){.at = PAGE_SIZE + at, .len = len, .flags = flags, .status = 99};
    my.rings->send_given++;
}

static void give_room(uint32_t at)
{
    my.receive[my.rings->receive_given % RING] =
        (struct ctx_nic_entry){.at = PAGE_SIZE + at, .len = ROOM, .status = 99};
    my.rings->receive_given++;
}

static ctx_status kick(void)
{
    return my.t->kick(my.t, my.handle, 0);
}

static void begin_a(const char *words)
{
    static struct fake_nic cards[40];
    static uint32_t count;
    char text[100];
    watch();
    if (count > 0) {
        nic_is_gone(&card->device);
    }
    assert_in_range(count, 0, 39);
    card = fake_nic_make(&cards[count++], "net0");
    remember();
    snprintf(text, sizeof text, "a%s %s", GRANTS, words);
    a = load_v3(text);
    b = load_v3("b" GRANTS);
}

static void end(void)
{
    app_unload(a);
    app_unload(b);
    if (card->lingers && card->device.claim != NULL) {
        fake_nic_stopped(card);
    }
    assert_null(card->device.claim);
    all_is_back();
}

/* ---- plain work ---- */

static void send_and_give_room(void)
{
    open_and_claim();
    memset(my.frames, 0x11, 100);
    give_send(0, 100, 0);
    give_send(200, 14, CTX_NIC_MORE); /* and its data */
    give_send(300, 500, 0);
    give_room(ROOM);
    give_room(2 * ROOM);
    assert_int_equal(kick(), CTX_OK);
    assert_int_equal(my.rings->sent, 0);
}

static void b_finds_it_busy(void)
{
    open_nic();
    assert_int_equal(claim(), CTX_E_BUSY);
    assert_int_equal(my.info->flags & CTX_NIC_IS_CLAIMED, CTX_NIC_IS_CLAIMED);
}

static void look_at_them(void)
{
    assert_int_equal(my.rings->sent, 3);
    assert_int_equal(my.send[0].status, CTX_OK);
    assert_int_equal(my.send[1].status, CTX_E_IO);
    assert_int_equal(my.send[2].status, CTX_E_IO);
    assert_int_equal(my.rings->received, 2);
    assert_int_equal(my.receive[0].len, 60);
    assert_int_equal(my.receive[0].status, CTX_OK);
    assert_int_equal(my.receive[1].len, 1518);
    expect_all(my.frames + ROOM, 0x60, 60);
    expect_all(my.frames + 2 * ROOM, 0x61, 1518);
    assert_int_equal(my.t->release(my.t, my.handle), CTX_OK);
    assert_int_equal(kick(), CTX_E_STALE);
}

static void b_has_it(void)
{
    assert_int_equal(claim(), CTX_OK);
}

static void works(void **state)
{
    (void)state;
    begin_a("");
    as(a, send_and_give_room);
    as(b, b_finds_it_busy);
    assert_int_equal(card->frame_count, 2);
    assert_int_equal(card->frames[0].len, 100);
    expect_all(card->frames[0].segments[0].bytes, 0x11, 100); /* where the app has it */
    assert_int_equal(card->frames[1].count, 2);
    assert_int_equal(card->frames[1].len, 514);
    assert_int_equal(card->room_count, 2);
    a->hints = 0;
    fake_nic_sent(card, CTX_OK);
    fake_nic_sent(card, CTX_E_IO);
    assert_int_equal(a->hints >> CTX_EVENT_NIC & 1, 0); /* nobody has asked for that */
    fake_nic_came(card, 1, (struct nic_arrival){.len = 1518}, 0x61);
    assert_int_equal(a->hints >> CTX_EVENT_NIC & 1, 0); /* told in order */
    fake_nic_came(card, 0, (struct nic_arrival){.len = 60}, 0x60);
    assert_int_equal(a->hints >> CTX_EVENT_NIC & 1, 1);
    as(a, look_at_them);
    as(b, b_has_it);
    assert_int_equal(card->device.counters.sent, 1);
    assert_int_equal(card->device.counters.received_bytes, 1578);
    end();
}

/* ---- nonsense ---- */

static uint32_t odd;

static void any_rings(void)
{
    static struct rng rng = {7};
    open_and_claim();
    for (uint32_t round = 0; round < 20000; round++) {
        uint64_t *words = (uint64_t *)(void *)my.rings;
        for (uint32_t i = 0; i < 12; i++) {
            uint64_t x = rng_next(&rng);
            words[rng_below(&rng, (128 + 2 * RING * 32) / 8)] = x % 4 == 0   ? x
                                                                : x % 4 == 1 ? x % 70000
                                                                : x % 4 == 2
                                                                    ? x % 2000 | x % 3 << 32
                                                                    : 0;
        }
        if (round % 2 == 0) {
            my.rings->send_given = my.rings->sent + (uint32_t)rng_below(&rng, RING + 3);
            my.rings->receive_given = my.rings->received + (uint32_t)rng_below(&rng, RING + 3);
        }
        ctx_status status = kick();
        odd += status != CTX_OK && status != CTX_E_RANGE;
        while (card->frame_count > 0 && rng_below(&rng, 3) != 0) {
            fake_nic_sent(card, CTX_OK);
        }
        while (card->room_count > 0 && rng_below(&rng, 3) != 0) {
            struct nic_arrival any = {.len = (uint32_t)rng_below(&rng, 1600),
                                      .flags = (uint32_t)rng_below(&rng, 4) * NIC_GOOD,
                                      .csum_start = (uint16_t)rng_below(&rng, 1600),
                                      .csum_offset = (uint16_t)rng_below(&rng, 60)};
            any.len = any.len <= 1518 ? any.len : 1518;
            fake_nic_came(card, (uint32_t)rng_below(&rng, card->room_count), any, 3);
        }
        if (rng_below(&rng, 200) == 0) {
            card->frame_count = card->room_count = 0;
            nic_was_reset(&card->device);
            nic_is_ready(&card->device);
        }
    }
}

static void any_rings_at_all(void **state)
{
    (void)state;
    begin_a("");
    odd = 0;
    as(a, any_rings);
    assert_int_equal(odd, 0);
    assert_int_equal(a->faults, 0);
    end();
}

static void partial_sums(void)
{
    static const uint8_t want[] = {0xc2, 0x31}; /* ~(0x0102 + 0x3ccc) */
    open_and_claim();
    give_room(0);
    assert_int_equal(kick(), CTX_OK);
    struct nic_arrival a_ = {.len = 38, .flags = NIC_PARTIAL, .csum_start = 34, .csum_offset = 2};
    uint8_t *at = card->rooms[0][0].bytes;
    uint32_t tag = card->room_tags[0];
    memcpy(at + 34, "\x01\x02\x3c\xcc", 4);
    card->room_count = 0;
    nic_received(&card->device, tag, &a_);
    nic_settle(&card->device);
    assert_int_equal(my.receive[0].flags, 0);
    assert_memory_equal(my.frames + 36, want, 2);
}

static void sums_are_filled_in(void **state)
{
    (void)state;
    begin_a("");
    as(a, partial_sums);
    end();
}

/* ---- who goes ---- */

static void claim_and_fly(void)
{
    open_and_claim();
    give_send(0, 60, 0);
    give_room(ROOM);
    assert_int_equal(kick(), CTX_OK);
}

static void its_app_goes(void **state)
{
    (void)state;
    begin_a("");
    card->lingers = true;
    as(a, claim_and_fly);
    app_unload(a);
    assert_int_equal(card->stops, 1);
    assert_non_null(card->device.claim); /* the card still has its memory */
    as(b, b_finds_it_busy);
    b->hints = 0;
    fake_nic_stopped(card);
    assert_null(card->device.claim);
    assert_int_equal(b->hints >> CTX_EVENT_NIC & 1, 1);
    as(b, b_has_it);
    app_unload(b);
    assert_null(card->device.claim);
    all_is_back();
}

static void claim_and_undo(void)
{
    open_and_claim();
}

static void release_it(void)
{
    assert_int_equal(my.t->release(my.t, my.handle), CTX_OK);
    assert_int_equal(kick(), CTX_E_STALE);
}

static void it_is_there(void)
{
    assert_int_equal(kick(), CTX_OK);
}

static void claims_are_undone(void **state)
{
    (void)state;
    begin_a("restart=undo:1000");
    undone(a, claim_and_undo);
    assert_null(card->device.claim);
    as(a, claim_and_fly);
    undone(a, release_it);
    as(a, it_is_there);
    uint64_t so_far = a->undone;
    steps = it_is_there;
    turn(a, body_steps_and_fault); /* nothing was given: it may be undone */
    assert_int_equal(a->undone, so_far + 1);
    end();
}

static void send_more(void)
{
    give_send(0, 60, 0);
    assert_int_equal(kick(), CTX_OK);
}

static void what_was_sent_is_not_undone(void **state)
{
    (void)state;
    begin_a("restart=undo:1000");
    as(a, claim_and_fly);
    uint64_t so_far = a->undone;
    steps = send_more;
    turn(a, body_steps_and_fault);
    assert_int_equal(a->undone, so_far);
    assert_true(fake_said("this call can not be undone: a network card works for it"));
    end();
}

static void lost_by_the_reset(void)
{
    assert_int_equal(my.rings->sent, 1);
    assert_int_equal(my.send[0].status, CTX_E_IO);
    assert_int_equal(my.rings->received, 0);
}

static void it_has_gone(void)
{
    assert_int_equal(my.rings->changes, 1);
    assert_int_equal(kick(), CTX_E_IO);
    assert_int_equal(my.t->info(my.t, my.handle, my.info), CTX_OK);
    assert_int_equal(my.info->flags & (CTX_NIC_IS_GONE | CTX_NIC_IS_LINK), CTX_NIC_IS_GONE);
    assert_int_equal(my.t->list(my.t, 0, my.info), CTX_E_NOENT);
}

/* After a reset room is told again, what was to be sent is lost, and the filter is what it was. */
static void a_reset_and_gone(void **state)
{
    (void)state;
    begin_a("");
    as(a, claim_and_fly);
    uint32_t filters = card->filters;
    fake_nic_stopped(card);
    assert_int_equal(card->room_count, 1);
    assert_int_equal(card->frame_count, 0);
    assert_int_equal(card->filters, filters + 1);
    assert_true(card->filter.groups);
    as(a, lost_by_the_reset);
    card->room_count = 0;
    nic_is_gone(&card->device);
    as(a, it_has_gone);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(works),
        cmocka_unit_test(any_rings_at_all),
        cmocka_unit_test(sums_are_filled_in),
        cmocka_unit_test(its_app_goes),
        cmocka_unit_test(claims_are_undone),
        cmocka_unit_test(what_was_sent_is_not_undone),
        cmocka_unit_test(a_reset_and_gone),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
