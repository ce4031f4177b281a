/* SPDX-License-Identifier: MIT */
/*
 * An app over a disk that forgets: reads, writes and flushes at random, by copies and by a share,
 * while the app dies, is undone, runs short of memory, and gives back its claim. A model knows what
 * each block may hold: what was read is that; and what had ended before a flush that ended is there
 * after a power cut, or something later.
 */
#include "disks_fixture.h"

#define PLACES 48u
#define SLOTS  40u
#define CALLS  6000u

struct slot {
    bool used, shared;
    uint32_t op, block, low; /* low: the oldest value that a read may find */
    uint64_t tag;
    uint32_t value;
    uint32_t ended[PLACES]; /* FLUSH: what had ended when it was submitted */
};

static struct {
    struct slot slot[SLOTS];
    uint32_t latest[PLACES], ended[PLACES], flushed[PLACES]; /* values: they only grow */
    bool busy[PLACES];
    uint32_t handle;
} m_now, m_kept;
static uint64_t next_tag, told, cuts, undos, deaths, refused, busy_claims;
static struct rng dice;
static bool may_write;

static uint32_t pick(uint32_t n)
{
    return (uint32_t)rng_below(&dice, n);
}

static uint8_t *place_of(uint32_t i)
{
    return m_now.slot[i].shared ? at_a + i * BLOCK_SECTOR : my.bytes + (i % 8) * BLOCK_SECTOR;
}

static void put_value(uint8_t *at, uint32_t value)
{
    for (uint32_t i = 0; i < BLOCK_SECTOR; i += 4) {
        memcpy(at + i, &value, 4);
    }
}

/* All of a block has one value: no block is ever torn, here. */
static uint32_t value_of(const uint8_t *at)
{
    uint32_t value, other;
    memcpy(&value, at, 4);
    for (uint32_t i = 0; i < BLOCK_SECTOR; i += 4) {
        memcpy(&other, at + i, 4);
        assert_int_equal(value, other);
    }
    return value;
}

static void do_submit(void)
{
    uint32_t i = pick(SLOTS);
    struct slot *slot = &m_now.slot[i];
    uint32_t op = may_write && pick(2) == 0 ? CTX_BLOCK_WRITE
                  : pick(5) == 0            ? CTX_BLOCK_FLUSH
                                            : CTX_BLOCK_READ;
    uint32_t block = pick(PLACES);
    if (slot->used || m_now.handle == 0 || (op == CTX_BLOCK_WRITE && m_now.busy[block])) {
        return;
    }
    *slot = (struct slot){.op = op,
                          .block = block,
                          .tag = ++next_tag,
                          .shared = may_write && pick(2) == 0, /* else it is not undone */
                          .low = m_now.ended[block],
                          .value = m_now.latest[block] + 1};
    memcpy(slot->ended, m_now.ended, sizeof slot->ended);
    bool moves = op != CTX_BLOCK_FLUSH;
    if (op == CTX_BLOCK_WRITE) {
        put_value(place_of(i), slot->value);
    }
    *my.request =
        (struct ctx_block_request){.size = sizeof *my.request,
                                   .op = op,
                                   .handle = m_now.handle,
                                   .share = moves && slot->shared ? share_a : 0,
                                   .from = !moves         ? 0
                                           : slot->shared ? i * BLOCK_SECTOR
                                                          : (uint64_t)(uintptr_t)place_of(i),
                                   .at = moves ? block * BLOCK_SECTOR : 0,
                                   .bytes = moves ? BLOCK_SECTOR : 0,
                                   .tag = slot->tag};
    ctx_status status = my.t->submit(my.t, my.request);
    if (status != CTX_OK) {
        assert_int_equal(status, CTX_E_NOMEM);
        refused++;
        return;
    }
    slot->used = true;
    if (op == CTX_BLOCK_WRITE) {
        m_now.latest[block] = slot->value;
        m_now.busy[block] = true;
    }
}

static void do_done(void)
{
    if (my.t->done(my.t, my.done) != CTX_OK) {
        return;
    }
    uint32_t i = 0;
    while (i < SLOTS && !(m_now.slot[i].used && m_now.slot[i].tag == my.done->tag)) {
        i++;
    }
    assert_in_range(i, 0, SLOTS - 1); /* it was submitted, and is told once */
    struct slot *slot = &m_now.slot[i];
    assert_int_equal(my.done->status, CTX_OK);
    assert_int_equal(my.done->op, slot->op);
    slot->used = false;
    told++;
    if (slot->op == CTX_BLOCK_READ) {
        assert_in_range(value_of(place_of(i)), slot->low, m_now.latest[slot->block]);
    } else if (slot->op == CTX_BLOCK_WRITE) {
        m_now.ended[slot->block] = slot->value;
        m_now.busy[slot->block] = false;
    } else {
        for (uint32_t at = 0; at < PLACES; at++) {
            m_now.flushed[at] = MAX(m_now.flushed[at], slot->ended[at]);
        }
    }
}

static void forget_slots(void)
{
    memset(m_now.slot, 0, sizeof m_now.slot);
    memset(m_now.busy, 0, sizeof m_now.busy);
    m_now.handle = 0;
}

static void do_claim(void)
{
    if (m_now.handle == 0) {
        ctx_status status = claim_disk(CTX_BLOCK_CLAIM_WRITE, &m_now.handle);
        assert_true(status == CTX_OK || status == CTX_E_NOMEM || status == CTX_E_BUSY);
        busy_claims += status == CTX_E_BUSY;
    } else if (pick(40) == 0) {
        assert_int_equal(my.t->release(my.t, m_now.handle), CTX_OK);
        forget_slots();
    }
}

static uint64_t allocs = FAKE_ALWAYS;

static void any_steps(void)
{
    fake.allocs_left = allocs;
    for (uint32_t n = pick(12); n > 0; n--) {
        switch (pick(3)) {
        case 0:
            do_done();
            break;
        default:
            do_submit();
            break;
        }
    }
    do_claim();
    fake.allocs_left = allocs = FAKE_ALWAYS;
}

static void first_steps(void)
{
    assert_int_equal(create(SLOTS * BLOCK_SECTOR, CTX_SHARE_ZERO, &share_a), CTX_OK);
    assert_int_equal(map(share_a, RW, &at_a), CTX_OK);
    open_block();
}

static void check_cut(void)
{
    static uint8_t out[DISK_SECTORS * BLOCK_SECTOR];
    fake_disk_cut(disk, pick(FAKE_DISK_CUTS), out);
    cuts++;
    for (uint32_t at = 0; at < PLACES; at++) {
        assert_in_range(value_of(out + at * BLOCK_SECTOR), m_now.flushed[at], m_now.latest[at]);
    }
}

static void load_again(void)
{
    a = load_v3("a" GRANTS " restart=undo:100000000");
    as(a, first_steps);
}

static void one_call(void)
{
    static uint32_t in_a_row;
    uint32_t kind = pick(60);
    if (kind > 0 && kind <= 5 && in_a_row++ == 2) { /* three, and it begins anew */
        kind = 30;
    }
    in_a_row = kind > 0 && kind <= 5 ? in_a_row : 0;
    for (uint32_t n = pick(6); n > 0; n--) {
        fake_disk_step(disk);
    }
    may_write = kind > 5;
    if (kind == 0) { /* with what is in flight */
        app_unload(a);
        forget_slots();
        load_again();
        deaths++;
    } else if (kind <= 5) {
        memcpy(&m_kept, &m_now, sizeof m_now);
        undone(a, any_steps);
        memcpy(&m_now, &m_kept, sizeof m_now);
        undos++;
    } else {
        allocs = kind < 10 ? pick(6) : FAKE_ALWAYS;
        as(a, any_steps);
    }
    if (pick(10) == 0) {
        check_cut();
    }
}

static void nothing_is_lost(void **state)
{
    (void)state;
    watch();
    new_disk();
    for (uint32_t i = 0; i < PLACES; i++) {
        memset(disk->seen + i * BLOCK_SECTOR, 0, BLOCK_SECTOR);
        memset(disk->durable + i * BLOCK_SECTOR, 0, BLOCK_SECTOR);
    }
    dice.state = 4711;
    remember();
    load_again();
    for (uint32_t i = 0; i < CALLS; i++) {
        one_call();
    }
    assert_true(told > 5000 && cuts > 300 && undos > 200 && deaths > 50 && refused > 20 &&
                busy_claims > 20);
    app_unload(a);
    work_all();
    all_is_back();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, boot_and_wait, NULL);
}
