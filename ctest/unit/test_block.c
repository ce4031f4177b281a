/* SPDX-License-Identifier: MIT */
/*
 * The list of block devices, what is refused before a driver sees it, and the self-check over disks
 * of plain memory that can be wrong.
 */
#include "blocktest.h"
#include "test.h"

#include <kernel/block.h>
#include <kernel/task.h>

#define SECTORS 4099u /* no power of two, on purpose */

struct disk {
    struct block_device device;
    uint8_t *bytes;
    uint32_t submits, flushes;
    uint64_t bad;               /* answers IO for this sector */
    uint64_t forgets;           /* writes to this sector are lost */
    uint64_t confused;          /* reads of this sector bring the one before */
    struct block_request *held; /* one request is kept back, at most until the next comes */
    bool holds;
};

static void answer(struct disk *disk, struct block_request *r)
{
    for (uint32_t i = 0; i < r->sectors; i++) {
        uint64_t sector = r->sector + i;
        uint8_t *at = disk->bytes + sector * BLOCK_SECTOR;
        uint8_t *theirs = (uint8_t *)r->bytes + (size_t)i * BLOCK_SECTOR;
        if (sector == disk->bad) {
            block_done(r, CTX_E_IO);
            return;
        }
        if (r->op == BLOCK_READ) {
            memcpy(theirs, at - (sector == disk->confused ? BLOCK_SECTOR : 0), BLOCK_SECTOR);
        } else if (sector != disk->forgets) {
            memcpy(at, theirs, BLOCK_SECTOR);
        }
    }
    disk->flushes += r->op == BLOCK_FLUSH;
    block_done(r, CTX_OK);
}

static void answer_late(struct disk *disk)
{
    struct block_request *late = disk->held;
    disk->held = NULL;
    if (late != NULL) {
        answer(disk, late);
    }
}

static void submit(struct block_device *device, struct block_request *r)
{
    struct disk *disk = container_of(device, struct disk, device);
    disk->submits++;
    assert_int_equal(r->status, CTX_PENDING);
    assert_null(r->next);
    if (disk->holds && disk->held == NULL && r->op != BLOCK_FLUSH) {
        disk->held = r;
        return;
    }
    answer(disk, r);
    answer_late(disk);
}

static void make(struct disk *disk, const char *name, uint64_t sectors)
{
    *disk = (struct disk){
        .device = {.sectors = sectors, .max_sectors = 16, .submit = submit},
        .bytes = calloc(sectors, BLOCK_SECTOR),
        .bad = UINT64_MAX,
        .forgets = UINT64_MAX,
        .confused = UINT64_MAX,
    };
    snprintf(disk->device.name, sizeof disk->device.name, "%s", name);
    for (uint64_t i = 0; i < sectors; i++) {
        memset(disk->bytes + i * BLOCK_SECTOR, (int)(i * 5 + 3), BLOCK_SECTOR);
    }
}

static struct task asker;
static uint8_t memory[17 * BLOCK_SECTOR];

static ctx_status ask(struct disk *disk, enum block_op op, uint64_t sector, uint32_t sectors)
{
    struct block_request r = {.op = op,
                              .sectors = sectors,
                              .sector = sector,
                              .bytes = memory,
                              .task = &asker,
                              .status = 77,
                              .next = &r};
    uint32_t before = disk->submits;
    asker.woken = 0;
    block_submit(&disk->device, &r);
    assert_int_equal(asker.woken, 1); /* done at once here, and whoever asked is told */
    assert_int_equal(disk->submits, before + (r.status == CTX_OK && !disk->device.read_only));
    return r.status;
}

static void refuses(void **state)
{
    (void)state;
    struct disk disk;
    make(&disk, "a", 100);
    assert_int_equal(ask(&disk, BLOCK_READ, 0, 1), CTX_OK);
    assert_int_equal(ask(&disk, BLOCK_READ, 84, 16), CTX_OK);
    assert_int_equal(ask(&disk, BLOCK_WRITE, 99, 1), CTX_OK);
    assert_int_equal(ask(&disk, BLOCK_FLUSH, 0, 0), CTX_OK);

    assert_int_equal(ask(&disk, BLOCK_READ, 0, 0), CTX_E_INVAL);
    assert_int_equal(ask(&disk, BLOCK_READ, 0, 17), CTX_E_INVAL);
    assert_int_equal(ask(&disk, BLOCK_WRITE, 0, UINT32_MAX), CTX_E_INVAL);
    assert_int_equal(ask(&disk, BLOCK_FLUSH, 0, 1), CTX_E_INVAL);
    assert_int_equal(ask(&disk, (enum block_op)5, 0, 1), CTX_E_INVAL);
    assert_int_equal(ask(&disk, BLOCK_DISCARD, 0, 1), CTX_E_NOSYS);
    assert_int_equal(ask(&disk, BLOCK_ZEROES, 0, 1), CTX_E_NOSYS);
    disk.device.zeroes = true;
    disk.device.max_erase = 50;
    assert_int_equal(ask(&disk, BLOCK_DISCARD, 0, 1), CTX_E_NOSYS);
    assert_int_equal(ask(&disk, BLOCK_ZEROES, 50, 51), CTX_E_INVAL);
    assert_int_equal(ask(&disk, BLOCK_ZEROES, 51, 50), CTX_E_RANGE);
    assert_int_equal(ask(&disk, BLOCK_READ, 100, 1), CTX_E_RANGE);
    assert_int_equal(ask(&disk, BLOCK_READ, 85, 16), CTX_E_RANGE);
    assert_int_equal(ask(&disk, BLOCK_WRITE, 99, 2), CTX_E_RANGE);
    for (uint32_t n = 1; n <= 16; n++) { /* the sum wraps */
        assert_int_equal(ask(&disk, BLOCK_WRITE, UINT64_MAX - n + 1, n), CTX_E_RANGE);
        assert_int_equal(ask(&disk, BLOCK_WRITE, UINT64_MAX, n), CTX_E_RANGE);
    }
    struct block_request nowhere = {.op = BLOCK_READ, .sectors = 1, .task = &asker};
    block_submit(&disk.device, &nowhere);
    assert_int_equal(nowhere.status, CTX_E_INVAL);

    struct block_segment two[] = {{memory, BLOCK_SECTOR}, {memory + 1024, BLOCK_SECTOR}};
    struct block_request pieces = {
        .op = BLOCK_READ, .sectors = 2, .segments = two, .segment_count = 2};
    block_submit(&disk.device, &pieces);
    assert_int_equal(pieces.status, CTX_E_INVAL); /* the device takes one */
    disk.device.max_segments = 2;
    for (uint32_t sectors = 1; sectors < 4; sectors += 2) {
        pieces.sectors = sectors; /* not what they are together */
        block_submit(&disk.device, &pieces);
        assert_int_equal(pieces.status, CTX_E_INVAL);
    }

    disk.device.cache = BLOCK_CACHE_NONE;
    uint32_t submits = disk.submits;
    struct block_request flush = {.op = BLOCK_FLUSH};
    block_submit(&disk.device, &flush);
    assert_int_equal(flush.status, CTX_OK);
    disk.device.cache = BLOCK_CACHE_FORGETS;
    block_submit(&disk.device, &flush);
    assert_int_equal(flush.status, CTX_E_NOSYS);
    disk.device.gone = true;
    assert_int_equal(ask(&disk, BLOCK_READ, 0, 1), CTX_E_IO);
    disk.device.gone = false;
    assert_int_equal(disk.submits, submits);

    disk.device.sectors = UINT64_MAX / BLOCK_SECTOR;
    assert_int_equal(ask(&disk, BLOCK_READ, UINT64_MAX / BLOCK_SECTOR, 1), CTX_E_RANGE);
    disk.device.sectors = 96;
    disk.device.multiple = 8;
    assert_int_equal(ask(&disk, BLOCK_READ, 8, 16), CTX_OK);
    assert_int_equal(ask(&disk, BLOCK_READ, 4, 8), CTX_E_INVAL);
    assert_int_equal(ask(&disk, BLOCK_READ, 8, 4), CTX_E_INVAL);
    free(disk.bytes);
}

static void read_only(void **state)
{
    (void)state;
    struct disk disk;
    make(&disk, "a", 100);
    disk.device.read_only = true;
    assert_int_equal(ask(&disk, BLOCK_WRITE, 0, 1), CTX_E_RDONLY);
    assert_int_equal(ask(&disk, BLOCK_FLUSH, 0, 0), CTX_OK); /* without bothering it */
    assert_int_equal(disk.submits, 0);
    struct block_request r = {.op = BLOCK_READ, .sectors = 1, .bytes = memory, .task = &asker};
    block_submit(&disk.device, &r);
    assert_int_equal(r.status, CTX_OK);
    free(disk.bytes);
}

static void probing(void **state)
{
    (void)state;
    assert_false(block_probing());
    block_probe_begin();
    block_probe_begin();
    block_probe_end();
    assert_true(block_probing());
    block_probe_end();
    assert_false(block_probing());
    block_probe_end(); /* one too many does no harm */
    block_probe_begin();
    assert_true(block_probing());
    block_probe_end();
}

/* The sum that a stranger computes from what he knows to be on the disk. */
static uint64_t sum_of(const struct disk *disk)
{
    uint64_t sum = 0xcbf29ce484222325u;
    for (uint64_t i = 0; i < 67; i++) {
        uint64_t at = i == 0    ? 0
                      : i == 1  ? SECTORS - 1
                      : i == 66 ? SECTORS / 2
                                : i * 0x9e3779b97f4a7c15u % SECTORS;
        for (uint64_t n = 0; n < (i == 66 ? 16 : 1) * 64; n++) {
            sum = (sum ^ ((uint64_t *)disk->bytes)[at * 64 + n]) * 0x100000001b3u;
        }
    }
    return sum;
}

static void run_all(struct disk *slow)
{
    for (int i = 0; i < 1000; i++) {
        fake.now_ns += 20 * NSEC_PER_MSEC;
        task_run_ready(fake.now_ns);
        answer_late(slow);
    }
}

/* One self-check, over disks good and bad: it must see what is wrong with each. */
static void checks_itself(void **state)
{
    (void)state;
    static struct disk good, bad, forgets, confused, fixed;
    char want[160];
    fake_ram(64);
    assert_null(block_first());
    make(&good, "good", SECTORS);
    good.holds = true;
    make(&bad, "bad", SECTORS);
    bad.bad = SECTORS - 1;
    make(&forgets, "forgets", SECTORS);
    forgets.forgets = SECTORS - 1;
    make(&confused, "confused", SECTORS);
    confused.confused = SECTORS - 1;
    make(&fixed, "fixed", 1);
    fixed.device.read_only = true;
    uint64_t sum = sum_of(&good);

    blocktest_start(NULL);
    run_all(&good);
    assert_int_equal(good.submits, 0);

    fake_serial_clear();
    block_probe_begin();
    blocktest_start("write");
    block_offer(&good.device);
    block_offer(&bad.device);
    run_all(&good);
    assert_false(fake_said("blocktest")); /* others may come */
    block_offer(&forgets.device);
    block_offer(&confused.device);
    block_offer(&fixed.device);
    block_probe_end();
    run_all(&good);
    assert_ptr_equal(block_first(), &good.device);
    assert_ptr_equal(block_first()->next, &bad.device);
    assert_null(fixed.device.next);

    snprintf(want, sizeof want, "good: sum=0x%lx ", (unsigned long)sum);
    assert_true(fake_said(want));
    assert_true(fake_said("KBLOCK name=good sectors=4099 in_flight=1 errors=0 ok"));
    assert_true(fake_said("KBLOCK name=bad sectors=4099 in_flight=0 errors=4 FAILED"));
    assert_true(fake_said("bad: write sector=4098 sectors=1: failed status=-10"));
    assert_true(fake_said("KBLOCK name=forgets sectors=4099 in_flight=0 errors=1 FAILED"));
    assert_true(fake_said("forgets: read sector=4098 sectors=1: not what was written"));
    assert_true(fake_said("KBLOCK name=confused sectors=4099 in_flight=0 errors=1 FAILED"));
    assert_true(fake_said("KBLOCK name=fixed sectors=1 in_flight=0 errors=0 ok"));
    assert_true(fake_said("KBLOCK devices=5 failed=3"));
    assert_int_equal(good.flushes, 1);
    assert_int_equal(fixed.flushes, 0);
    assert_int_equal(fixed.bytes[0], 3);
    struct disk *all[] = {&good, &bad, &forgets, &confused, &fixed};
    for (size_t i = 0; i < ARRAY_COUNT(all); i++) {
        free(all[i]->bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses),
        cmocka_unit_test(read_only),
        cmocka_unit_test(probing),
        cmocka_unit_test(checks_itself),
    };
    return RUN(tests);
}
