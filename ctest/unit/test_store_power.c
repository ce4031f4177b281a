/* SPDX-License-Identifier: MIT */
/*
 * Power cuts. Random work on a disk with a volatile cache and requests that overtake each other; at
 * every request the power is cut on a copy: of what was not flushed all, nothing or some sectors
 * survive. The copy must mount, hold each object whole, and all that was acknowledged. Now and then
 * the cut is real and the work goes on with what is left.
 *
 * ARGOS_STORE_CUTS=N asks for another number of cuts than 5,000, ARGOS_STORE_SEED=N for other ones.
 */
#include "store_fixture.h"

#define BLOCKS 80u
#define BYTES  (BLOCKS * STORE_BLOCK)

static struct box box, copy;
static uint8_t image[BYTES];

static struct {
    uint64_t cuts, real, by_cut[2]; /* by_cut: the work of the moment was lost, or was kept */
    struct model after;             /* what the job at work would make of it */
    uint32_t name;                  /* of it, NAMES if it changes nothing */
    bool falls;                     /* a real cut is due */
    struct rng rng;
} work;

/* The copy holds what was, or what is about to be. True: the latter. */
static bool judge(struct box *b, uint32_t how)
{
    ctx_status status = mount(b);
    if (status != CTX_OK) {
        fail_msg("cut %lu (kind %u): it does not mount: %s", work.cuts, how, b->job.why);
    }
    uint32_t wrong = differs(b, &box.model);
    if (wrong == NAMES) {
        return false;
    }
    if (wrong != work.name || differs(b, &work.after) != NAMES) {
        fail_msg("cut %lu (kind %u): object %u is neither what it was nor what it was to be",
                 work.cuts, how, wrong);
    }
    return true;
}

static void check_copy(uint32_t how)
{
    fake_disk_load(&copy.disk, image);
    bool kept = judge(&copy, how);
    work.by_cut[kept]++;
    if (run_job(&copy, (struct store_job){.op = STORE_CHECK}) != CTX_OK) {
        fail_msg("cut %lu (kind %u): %s", work.cuts, how, copy.job.why);
    }
    if (rng_below(&work.rng, 4) == 0) { /* and it can be used */
        copy.model = kept ? work.after : box.model;
        ctx_status status = put(&copy, 3, UINT32_MAX, 5000);
        assert_true(status == CTX_OK || status == CTX_E_NOSPC);
        assert_int_equal(mount(&copy), CTX_OK);
        assert_int_equal(differs(&copy, &copy.model), NAMES);
    }
}

static void before(struct fake_disk *disk)
{
    uint32_t how = (uint32_t)rng_below(&work.rng, FAKE_DISK_CUTS);
    if (disk->fail_count != 0) {
        return; /* the power is gone already */
    }
    work.cuts++;
    fake_disk_cut(disk, how, image);
    check_copy(how);
    if (rng_below(&work.rng, 60) == 0) { /* the device is gone from now on */
        work.falls = true;
        disk->fail_from = 0;
        disk->fail_count = UINT64_MAX;
        disk->fault = FAULT_REFUSED;
    }
}

/* The power is back: go on with what the cut left. */
static void recover(void)
{
    box.disk.fail_count = 0;
    box.disk.before = NULL;
    fake_disk_load(&box.disk, image);
    if (judge(&box, 99)) {
        box.model = work.after;
    }
    box.disk.before = before;
    work.falls = false;
    work.real++;
}

static ctx_status step(uint32_t version)
{
    uint64_t what = rng_below(&work.rng, 10);
    work.name = (uint32_t)rng_below(&work.rng, NAMES);
    work.after = box.model;
    if (what < 7) {
        uint32_t len = (uint32_t)rng_below(&work.rng, rng_below(&work.rng, 5) == 0 ? 130000 : 9000);
        work.after.version[work.name] = version;
        work.after.len[work.name] = len;
        return put(&box, work.name, version, len);
    }
    if (what < 9) {
        work.after.version[work.name] = NO_OBJECT;
        return take_out(&box, work.name);
    }
    work.name = NAMES;
    return mount(&box);
}

static uint64_t asked_for(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 0) : otherwise;
}

static void every_write(void **state)
{
    (void)state;
    uint64_t cuts = asked_for("ARGOS_STORE_CUTS", 5000);
    uint32_t version = 1, full = 0;
    work.rng.state = asked_for("ARGOS_STORE_SEED", 20);
    box_make(&copy, BLOCKS, 0);
    box_make(&box, BLOCKS, 0);
    box.disk.rng.state = work.rng.state + 1;
    box.disk.immediate = false;
    box.disk.before = before;
    while (work.cuts < cuts) {
        ctx_status status = step(version++);
        if (work.falls) {
            recover();
        } else if (status != CTX_OK) {
            assert_true(status == CTX_E_NOSPC || status == CTX_E_NOENT);
            full += status == CTX_E_NOSPC;
        }
    }
    printf("cuts=%lu lost=%lu kept=%lu real=%lu full=%u writes=%lu flushes=%lu\n", work.cuts,
           work.by_cut[0], work.by_cut[1], work.real, full, box.disk.writes, box.disk.flushes);
    assert_true(work.by_cut[1] > cuts / 100 && work.real > cuts / 200 && full > cuts / 1000);
}

/* Format, cut: no store, a damaged one, an empty one, or one that is read-only; never what was
 * there before. */
static void while_formatting(void **state)
{
    (void)state;
    uint32_t none = 0, empty = 0;
    for (uint32_t round = 0; round < 300; round++) {
        struct store_job job = {.op = STORE_FORMAT, .device = &box.disk.device};
        box.disk.before = NULL;
        box_make(&box, BLOCKS, 0);
        assert_int_equal(put(&box, 0, 1, 4000), CTX_OK);
        box.disk.rng.state = round + 1;
        box.disk.immediate = false;
        fake_disk_attend(&box.disk);
        store_submit(&box.store, &job);
        task_run_ready(0);
        for (uint32_t n = round % 9; n > 0 && box.disk.queued > 0; n--) {
            fake_disk_step(&box.disk);
            task_run_ready(0);
        }
        fake_disk_cut(&box.disk, round / 9 % FAKE_DISK_CUTS, image);
        store_wait(&job, NEVER_NS);
        fake_disk_load(&copy.disk, image);
        ctx_status status = mount(&copy);
        struct store_stat stat = {.name = ""};
        bool old = status == CTX_OK && store_next(&copy.store, &stat);
        assert_true(status == CTX_OK || status == CTX_E_NOENT || status == CTX_E_IO);
        assert_true(!old || round % 9 < 3); /* not after its first flush */
        none += status != CTX_OK;
        empty += status == CTX_OK && !old;
    }
    assert_true(none > 20 && empty > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_write),
        cmocka_unit_test(while_formatting),
    };
    fake_ram(32);
    return RUN(tests);
}
