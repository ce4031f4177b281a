/* SPDX-License-Identifier: MIT */
/* Devices that fail, disks that hold anything, partition tables good and bad. */
#include "store_fixture.h"

#define BLOCKS 64u
#define BYTES  ((size_t)BLOCKS * STORE_BLOCK)

static struct box box;
static uint8_t good[BYTES], disk[BYTES];
static struct rng rng = {.state = 3};

/* ---- I/O errors ---- */

static struct model other; /* what the disk may also hold: a superblock failed last */
static bool maybe_other;

/* One step of the work; what fails changes nothing. */
static void step(uint32_t i)
{
    struct model was = box.model;
    uint32_t name = i * 7 % 4, len = i * 9973 % 50000;
    bool removes = i % 4 == 3 && was.version[name] != NO_OBJECT;
    ctx_status status = removes ? take_out(&box, name) : put(&box, name, i + 1, len);
    if (status == CTX_OK) {
        maybe_other = false;
        return;
    }
    assert_int_equal(status, CTX_E_IO);
    if (!maybe_other) { /* later ones do not come that far */
        other = was;
        other.version[name] = removes ? NO_OBJECT : i + 1;
        other.len[name] = len;
    }
    maybe_other = box.store.uncertain;
    if (box.disk.requests >= box.disk.fail_from + box.disk.fail_count) {
        assert_int_equal(differs(&box, &box.model), NAMES); /* it is as it was */
    }
}

static void at_each_request(void **state)
{
    (void)state;
    enum { STEPS = 10 };
    box_make(&box, BLOCKS, 0);
    uint64_t from = box.disk.requests, uncertain = 0, refused = 0;
    for (uint32_t i = 0; i < STEPS; i++) {
        step(i);
    }
    uint64_t all = box.disk.requests - from;
    assert_true(all > 40);
    static const uint64_t counts[] = {1, 2, 4, UINT64_MAX / 2};
    for (uint64_t at = 0; at < all; at++) {
        for (uint32_t kind = 0; kind < FAULT_KINDS * ARRAY_COUNT(counts); kind++) {
            box_make(&box, BLOCKS, 0);
            box.disk.rng.state = at + 1;
            box.disk.fail_from = box.disk.requests + at;
            box.disk.fail_count = counts[kind / FAULT_KINDS];
            box.disk.fault = (enum fake_disk_fault)(kind % FAULT_KINDS);
            maybe_other = false;
            uint64_t failed = 0;
            for (uint32_t i = 0; i < STEPS; i++) {
                struct model was = box.model;
                step(i);
                failed += box.job.status != CTX_OK;
                assert_true(box.job.status == CTX_OK || memcmp(&was, &box.model, sizeof was) == 0);
            }
            refused += failed;
            box.disk.fail_count = 0;
            uncertain += maybe_other;
            if (at % 2 == 0) { /* the machine went down with that */
                assert_int_equal(mount(&box), CTX_OK);
                if (maybe_other && differs(&box, &box.model) != NAMES) {
                    box.model = other;
                }
            }
            assert_int_equal(differs(&box, &box.model), NAMES);
            assert_int_equal(put(&box, 9, 1000, 777), CTX_OK); /* it can be used again */
            assert_int_equal(differs(&box, &box.model), NAMES);
            assert_int_equal(run_job(&box, (struct store_job){.op = STORE_CHECK}), CTX_OK);
            assert_int_equal(box.job.report.superblocks, 2);
            assert_int_equal(mount(&box), CTX_OK);
            assert_int_equal(differs(&box, &box.model), NAMES);
        }
    }
    assert_true(uncertain > 20 && refused > all * 12);
}

/* A put failed at the superblock and so did everything after it; then the power is cut. The disk
 * holds the old state or the new one, not a mixture with what came later. */
static void uncertain_then_cut(void **state)
{
    (void)state;
    uint32_t seen[2] = {0};
    for (uint32_t round = 0; round < 200; round++) {
        box_make(&box, BLOCKS, 0);
        assert_int_equal(put(&box, 0, 1, 60000), CTX_OK);
        assert_int_equal(put(&box, 1, 2, 20000), CTX_OK);
        struct model was = box.model;
        box.disk.rng.state = round + 1;
        box.disk.fail_from = box.disk.requests + 4; /* data twice, index, flush, then: */
        box.disk.fail_count = 2; /* the superblock, and the one that would make it certain */
        box.disk.fault = FAULT_FIRST_DONE;
        assert_int_equal(put(&box, 0, 3, 60000), CTX_E_IO);
        other = was;
        other.version[0] = 3;
        struct store_info info;
        assert_int_equal(store_info(&box.store, &info), CTX_OK);
        assert_true(box.store.uncertain && info.read_only);
        box.disk.fail_count = 0;
        /* The next put first makes it certain. The power goes at some request of it. */
        box.disk.immediate = false;
        fake_disk_attend(&box.disk);
        uint8_t *bytes = calloc(1, 60000);
        struct store_piece piece = {bytes, 60000};
        struct store_job job = {.op = STORE_PUT, .pieces = &piece, .piece_count = 1};
        name_of(5, job.name);
        store_submit(&box.store, &job);
        for (uint32_t n = round % 6; n > 0; n--) {
            task_run_ready(0);
            fake_disk_step(&box.disk);
        }
        fake_disk_cut(&box.disk, round / 6 % FAKE_DISK_CUTS, disk);
        assert_int_equal(store_wait(&job, NEVER_NS), CTX_OK);
        free(bytes);
        fake_disk_load(&box.disk, disk);
        box.disk.immediate = true;
        assert_int_equal(mount(&box), CTX_OK);
        bool is_other = differs(&box, &was) != NAMES;
        assert_true(!is_other || differs(&box, &other) == NAMES);
        seen[is_other]++;
    }
    assert_true(seen[0] > 20 && seen[1] > 5);
}

/* What can not be read is not guessed at: the newer state may be there. */
static void unreadable_superblock(void **state)
{
    (void)state;
    struct store_info info;
    box_make(&box, BLOCKS, 0);
    assert_int_equal(put(&box, 0, 1, 5000), CTX_OK);
    assert_int_equal(put(&box, 1, 1, 5000), CTX_OK);
    for (uint64_t at = 0; at < 5; at++) { /* look, first, last, two indices */
        box.disk.fail_from = box.disk.requests + at;
        box.disk.fail_count = 1;
        ctx_status status = mount(&box);
        box.disk.fail_count = 0;
        assert_int_equal(status, CTX_OK);
        assert_int_equal(store_info(&box.store, &info), CTX_OK);
        assert_true(info.read_only == (at > 0) && (info.note[0] != 0) == (at > 0));
        if (at > 0) {
            assert_int_equal(put(&box, 1, 2, 10), CTX_E_RDONLY);
        }
    }
    box.disk.fail_from = 0;
    box.disk.fail_count = UINT64_MAX;
    assert_int_equal(mount(&box), CTX_E_IO);
    box.disk.fail_count = 0;
    assert_int_equal(mount(&box), CTX_OK);
    assert_int_equal(differs(&box, &box.model), NAMES);
}

/* ---- disks that hold anything ---- */

/* A store with a past, as bytes. */
static void make_good(void)
{
    box_make(&box, BLOCKS, 0);
    for (uint32_t i = 0; i < 30; i++) {
        (void)put(&box, i % NAMES, i + 1, (uint32_t)rng_below(&rng, 20000));
    }
    (void)take_out(&box, 2);
    memcpy(good, box.disk.seen, BYTES);
}

/* Mount these bytes; whatever it says, nothing breaks. True: mounted. */
static bool try_disk(const uint8_t *bytes)
{
    uint64_t writes = box.disk.writes;
    fake_disk_load(&box.disk, bytes);
    ctx_status status = mount(&box);
    assert_int_equal(box.disk.writes, writes);
    if (status != CTX_OK) {
        assert_true(status == CTX_E_NOENT || status == CTX_E_IO || status == CTX_E_NOSYS ||
                    status == CTX_E_RANGE);
        return false;
    }
    return true;
}

/* It is mounted: whatever is in it can be read or not, checked, and more can be put. */
static ctx_status use(void)
{
    struct store_stat stat = {.name = ""};
    while (store_next(&box.store, &stat)) {
        struct store_job job = {.op = STORE_GET};
        memcpy(job.name, stat.name, sizeof job.name);
        ctx_status status = run_job(&box, job);
        assert_true(status == CTX_OK || status == CTX_E_IO);
    }
    ctx_status checked = run_job(&box, (struct store_job){.op = STORE_CHECK});
    assert_true(checked == CTX_OK || checked == CTX_E_IO);
    ctx_status status = put(&box, 8, 4711, 3000);
    assert_true(status == CTX_OK || status == CTX_E_NOSPC || status == CTX_E_RDONLY);
    if (status == CTX_OK) {
        assert_true(holds(&box, 8, 4711, 3000));
        assert_int_equal(mount(&box), CTX_OK);
        assert_true(holds(&box, 8, 4711, 3000));
    }
    return checked;
}

static void garbage(void **state)
{
    (void)state;
    make_good();
    for (uint32_t i = 0; i < 300; i++) {
        for (size_t at = 0; at < BYTES; at += 8) {
            uint64_t word = rng_next(&rng) * 0x9e3779b97f4a7c15u;
            memcpy(disk + at, &word, 8);
        }
        if (i % 3 > 0) { /* that claims to be one */
            memcpy(disk, good, i % 3 == 1 ? 8 : 128);
            memcpy(disk + BYTES - STORE_BLOCK, good, i % 3 == 1 ? 8 : 128);
            reseal(disk, BLOCKS);
        }
        if (i % 7 == 0) {
            memset(disk + rng_below(&rng, BYTES / 2), 0, BYTES / 2);
        }
        assert_false(try_disk(disk));
    }
}

/* Flipped bits: found by check where they hurt, and by nobody where they do not. */
static void flipped_bits(void **state)
{
    (void)state;
    uint32_t mounted = 0, refused = 0, found = 0;
    make_good();
    assert_true(try_disk(good));
    struct model model = box.model;
    static bool data[BYTES]; /* of objects and their index, newer state */
    uint64_t bits = 0;
    const struct store_index *now = &box.store.now;
    for (uint64_t at = 0; at < now->len;) {
        const struct store_record *r = store_record(now, at);
        uint64_t left = r->len;
        for (uint32_t e = 0; e < r->extent_count; e++) {
            uint64_t extent = store_record_extents(r)[e];
            uint64_t part = MIN(left, EXTENT_COUNT(extent) * (uint64_t)STORE_BLOCK);
            memset(data + (size_t)EXTENT_FIRST(extent) * STORE_BLOCK, true, part);
            left -= part;
            bits += part * 8;
        }
        at += store_record_size(r->name_len, r->extent_count);
    }
    assert_true(bits > 100000);
    for (uint32_t i = 0; i < 600; i++) {
        bool hurts = false;
        memcpy(disk, good, BYTES);
        for (uint64_t n = 1 + rng_below(&rng, i % 3 == 0 ? 20 : 2); n > 0; n--) {
            size_t at = rng_below(&rng, BYTES);
            disk[at] ^= (uint8_t)(1u << rng_below(&rng, 8));
            hurts |= data[at];
        }
        if (!try_disk(disk)) {
            refused++;
            continue;
        }
        mounted++;
        bool newest = box.store.now.count == 9 && box.store.note[0] == 0;
        ctx_status checked = run_job(&box, (struct store_job){.op = STORE_CHECK});
        if (newest && hurts && memcmp(disk, good, BYTES) != 0) {
            struct store_job get = {.op = STORE_GET};
            memcpy(get.name, box.job.name, sizeof get.name);
            assert_int_equal(checked, CTX_E_IO);
            assert_int_equal(run_job(&box, get),
                             CTX_E_IO); /* that one, and not as if it were good */
            found++;
        } else if (newest) {
            assert_int_equal(checked, CTX_OK);
            assert_int_equal(differs(&box, &model), NAMES);
        }
        (void)use();
    }
    printf("mounted=%u refused=%u found=%u\n", mounted, refused, found);
    assert_true(mounted > 300 && found > 100);
}

/* Whatever happens to the newer superblock or its index, the state before it is there as it was. */
static void state_before(void **state)
{
    (void)state;
    static struct box spare;
    struct model before;
    uint32_t fallen = 0, settled = 0;
    box_make(&spare, BLOCKS, 0);
    box_make(&box, BLOCKS, 0);
    for (uint32_t i = 1; i < 400; i++) {
        before = box.model;
        uint64_t sequence = box.store.sequence;
        uint32_t name = (uint32_t)rng_below(&rng, NAMES);
        ctx_status status = rng_below(&rng, 4) == 0
                                ? take_out(&box, name)
                                : put(&box, name, i, (uint32_t)rng_below(&rng, 40000));
        if (status != CTX_OK) {
            assert_true(status == CTX_E_NOSPC || status == CTX_E_NOENT);
            continue;
        }
        settled += box.store.sequence == sequence + 2;
        memcpy(disk, box.disk.seen, BYTES);
        size_t super = box.store.slot == 0 ? 0 : BYTES - STORE_BLOCK;
        size_t index = box.store.now.extent_count > 0
                           ? (size_t)EXTENT_FIRST(box.store.now.extents[0]) * STORE_BLOCK
                           : super;
        disk[i % 2 == 0 ? super + 48 : index + 8] ^= 0x10;
        fake_disk_load(&spare.disk, disk);
        assert_int_equal(mount(&spare), CTX_OK);
        assert_true(spare.store.note[0] != 0);
        assert_int_equal(differs(&spare, &before), NAMES);
        assert_int_equal(run_job(&spare, (struct store_job){.op = STORE_CHECK}), CTX_OK);
        spare.model = before;
        if (put(&spare, 9, 5000, 100) == CTX_OK) { /* and it goes on from there */
            assert_int_equal(mount(&spare), CTX_OK);
            assert_int_equal(differs(&spare, &spare.model), NAMES);
        }
        fallen++;
    }
    assert_true(fallen > 150 && settled > 10);
}

/* Fields of superblocks and index that are wrong, under checksums that are right. */
static void wrong_fields(void **state)
{
    (void)state;
    uint32_t refused = 0;
    make_good();
    const struct store_super *super = (const void *)good;
    size_t index = (size_t)EXTENT_FIRST(super->extents[0]) * STORE_BLOCK;
    static const uint64_t numbers[] = {
        0, 1, 2, 63, 64, 255, 4096, 1u << 31, UINT32_MAX, 1ull << 32, 1ull << 63, UINT64_MAX};
    for (uint32_t i = 0; i < 3000; i++) {
        memcpy(disk, good, BYTES);
        size_t base = i % 3 == 0 ? 0 : i % 3 == 1 ? index : BYTES - STORE_BLOCK;
        size_t size = (size_t)1 << rng_below(&rng, 4);
        size_t at = base + rng_below(&rng, i % 3 == 1 ? super->index_len : 600) / size * size;
        uint64_t number = numbers[rng_below(&rng, ARRAY_COUNT(numbers))] + rng_below(&rng, 2);
        memcpy(disk + at, &number, size);
        if (i % 2 == 0) { /* no way out by the other one */
            memset(disk + (base < BYTES - STORE_BLOCK ? BYTES - STORE_BLOCK : 0), 0, 8);
        }
        reseal(disk, BLOCKS);
        if (try_disk(disk)) {
            (void)use();
        } else {
            assert_true(strlen(box.job.why) > 10);
            refused++;
        }
    }
    printf("refused=%u\n", refused);
    assert_true(refused > 300 && refused < 2000);
}

/* Each refusal by name. */
static void refuse_as(const char *why)
{
    reseal(disk, BLOCKS);
    fake_disk_load(&box.disk, disk);
    if (mount(&box) == CTX_OK || strstr(box.job.why, why) == NULL) {
        fail_msg("not refused for \"%s\", but: %s", why, box.job.why);
    }
}

#define SUPER_WITH(field, v, why)                                                                  \
    do {                                                                                           \
        memcpy(disk, good, BYTES);                                                                 \
        ((struct store_super *)(void *)disk)->field = (v);                                         \
        ((struct store_super *)(void *)(disk + BYTES - STORE_BLOCK))->field = (v);                 \
        refuse_as(why);                                                                            \
    } while (0)

#define RECORD_WITH(v, why)                                                                        \
    do {                                                                                           \
        memcpy(disk, good, BYTES);                                                                 \
        struct store_record *r = record_on_disk(0), *second = record_on_disk(1);                   \
        uint64_t *extents = (uint64_t *)(uintptr_t)store_record_extents(r);                        \
        (void)second;                                                                              \
        (void)extents;                                                                             \
        (v);                                                                                       \
        refuse_as(why);                                                                            \
    } while (0)

/* A record of the newer index; the older superblock is made useless. */
static struct store_record *record_on_disk(uint32_t n)
{
    struct store_super *a = (void *)disk, *b = (void *)(disk + BYTES - STORE_BLOCK);
    struct store_super *newer = a->sequence > b->sequence || b->blocks == 0 ? a : b;
    (newer == a ? b : a)->blocks = 0;
    uint8_t *at = disk + (size_t)EXTENT_FIRST(newer->extents[0]) * STORE_BLOCK;
    while (n-- > 0) {
        struct store_record *r = (void *)at;
        at += store_record_size(r->name_len, r->extent_count);
    }
    return (void *)at;
}

static void refusals(void **state)
{
    (void)state;
    box_make(&box, BLOCKS, 0);
    assert_int_equal(put(&box, 0, 1, 30000), CTX_OK);
    assert_int_equal(put(&box, 1, 1, 30000), CTX_OK);
    memcpy(good, box.disk.seen, BYTES);
    SUPER_WITH(version, 2, "version value=0x2");
    assert_int_equal(box.job.status, CTX_E_NOSYS);
    SUPER_WITH(block, 512, "block value=0x200");
    SUPER_WITH(blocks, 65, "it was cut short");
    SUPER_WITH(blocks, 15, "no size for a store");
    SUPER_WITH(slot, 2, "it belongs elsewhere");
    SUPER_WITH(sequence, 0, "sequence");
    SUPER_WITH(sequence, UINT64_MAX, "sequence");
    SUPER_WITH(index_len, STORE_INDEX_MAX + 1, "index_len");
    SUPER_WITH(index_len, 8192, "index_len");
    SUPER_WITH(index_extents, 257, "index_extents");
    SUPER_WITH(index_count, 7, "index_count");
    SUPER_WITH(index_count, 0, "index_count");
    SUPER_WITH(extents[0], EXTENT(63, 1), "extents");
    SUPER_WITH(extents[0], EXTENT(0, 1), "extents");
    SUPER_WITH(extents[0], EXTENT(5, 0), "extents");
    SUPER_WITH(extents[0], EXTENT(UINT32_MAX, UINT32_MAX), "extents");
    RECORD_WITH(r->len = 40000, "len");
    RECORD_WITH(r->len = UINT64_MAX, "len");
    RECORD_WITH(r->name_len = 0, "name_len");
    RECORD_WITH(r->name_len = 64, "name_len");
    RECORD_WITH(r->rsv[2] = 1, "rsv");
    RECORD_WITH(r->generation = UINT64_MAX, "generation");
    RECORD_WITH(r->extent_count = UINT32_MAX, "extent_count");
    RECORD_WITH(*(char *)(r + 1) = 7, "not printable");
    RECORD_WITH(*(char *)(r + 1) = 'b', "twice, or out of order");
    RECORD_WITH(*(char *)(r + 1) = 'c', "twice, or out of order");
    RECORD_WITH(((char *)(r + 1))[5] = 'c', "not zero behind it");
    RECORD_WITH(*extents = EXTENT(0, 8), "not inside the store");
    RECORD_WITH(*extents = EXTENT(60, 8), "not inside the store");
    RECORD_WITH(*extents = EXTENT(UINT32_MAX, 8), "not inside the store");
    RECORD_WITH(*extents = store_record_extents(second)[0], "overlaps");
    RECORD_WITH(*extents = store_record_extents(second)[0] + EXTENT(7, 0), "overlaps");
    memset(disk, 0, BYTES);
    refuse_as("there is no store");
    assert_int_equal(box.job.status, CTX_E_NOENT);
}

/* A disk cut short refuses, one that has grown goes on; without its first block it is read-only. */
static void other_sizes(void **state)
{
    (void)state;
    struct store_info info;
    make_good();
    for (uint32_t blocks = 1; blocks < BLOCKS; blocks++) {
        fake_disk_load(&box.disk, good);
        box.disk.device.sectors = blocks * STORE_SECTORS;
        ctx_status status = mount(&box);
        assert_true(status == CTX_E_IO || status == CTX_E_NOENT || status == CTX_E_RANGE);
    }
    struct box grown_box = box; /* only for its model */
    uint8_t *larger = calloc(2, BYTES);
    memcpy(larger, good, BYTES);
    fake_disk_drop(&box.disk);
    fake_disk_make(&box.disk, 2 * BLOCKS * STORE_SECTORS);
    box.disk.immediate = true;
    fake_disk_load(&box.disk, larger);
    assert_int_equal(mount(&box), CTX_OK);
    assert_int_equal(differs(&box, &grown_box.model), NAMES);
    assert_int_equal(put(&box, 1, 99, 10), CTX_OK);
    free(larger);
    box_make(&box, BLOCKS, 0);
    assert_int_equal(put(&box, 1, 99, 10), CTX_OK);
    memset(box.disk.seen, 'E', BLOCK_SECTOR); /* somebody else's beginning */
    assert_int_equal(mount(&box), CTX_OK);
    assert_int_equal(store_info(&box.store, &info), CTX_OK);
    assert_true(info.read_only);
    assert_true(holds(&box, 1, 99, 10) || info.sequence < 4);
    assert_int_equal(put(&box, 1, 100, 10), CTX_E_RDONLY);
}

/* ---- partitions ---- */

#define DISK_SECTORS 4096u

static void put_at(uint8_t *to, uint64_t v, uint32_t size)
{
    memcpy(to, &v, size);
}

/* A table with 128 entries in units of so many sectors; ours is number 3. */
static void make_gpt(uint8_t *bytes, uint32_t unit, uint64_t first, uint64_t last)
{
    uint64_t lba = (uint64_t)unit * BLOCK_SECTOR, end = DISK_SECTORS / unit - 1;
    uint64_t table = 128 * 128 / lba;
    uint8_t entries[128 * 128] = {0};
    memset(entries, 0x11, 16);
    put_at(entries + 32, 40, 8);
    put_at(entries + 40, 41, 8);
    memcpy(entries + 256, store_gpt_type, 16);
    memset(entries + 256 + 16, 0x22, 16);
    put_at(entries + 256 + 32, first, 8);
    put_at(entries + 256 + 40, last, 8);
    for (uint32_t copy = 0; copy < 2; copy++) {
        uint8_t h[512] = {0};
        uint64_t at = copy == 0 ? 1 : end, where = copy == 0 ? 2 : end - table;
        memcpy(h, "EFI PART\0\0\1\0\x5c\0\0\0", 16);
        put_at(h + 24, at, 8);
        put_at(h + 32, copy == 0 ? end : 1, 8);
        put_at(h + 40, 2 + table, 8);
        put_at(h + 48, end - table - 1, 8);
        put_at(h + 72, where, 8);
        put_at(h + 80, 128, 4);
        put_at(h + 84, 128, 4);
        put_at(h + 88, store_crc32(entries, sizeof entries), 4);
        put_at(h + 16, store_crc32(h, 92), 4);
        memcpy(bytes + at * lba, h, sizeof h);
        memcpy(bytes + where * lba, entries, sizeof entries);
    }
}

static ctx_status probe(void)
{
    return run_job(&box, (struct store_job){.op = STORE_PROBE, .device = &box.disk.device});
}

static void partitions(void **state)
{
    (void)state;
    static uint8_t bytes[DISK_SECTORS * BLOCK_SECTOR], kept[DISK_SECTORS * BLOCK_SECTOR];
    assert_int_equal(store_crc32((const uint8_t *)"123456789", 9), 0xcbf43926u);
    for (uint32_t unit = 1; unit <= 8; unit *= 8) {
        uint64_t lba = (uint64_t)unit * BLOCK_SECTOR, end = DISK_SECTORS / unit - 1;
        fake_disk_drop(&box.disk);
        fake_disk_make(&box.disk, DISK_SECTORS);
        box.disk.immediate = true;
        box.disk.device.multiple = unit;
        memset(bytes, 0, sizeof bytes);
        assert_int_equal(probe(), CTX_E_NOENT);
        make_gpt(bytes, unit, 101, 400);
        fake_disk_load(&box.disk, bytes);
        assert_int_equal(probe(), CTX_OK);
        assert_int_equal(box.job.first_sector, 101 * unit);
        assert_int_equal(box.job.sectors, 300 * unit);
        assert_int_equal(box.job.partition, 3);
        assert_int_equal(mount(&box), CTX_E_NOENT); /* nobody has formatted it */
        struct store_job job = box.job;
        job.op = STORE_FORMAT;
        assert_int_equal(run_job(&box, job), CTX_OK);
        assert_int_equal(mount(&box), CTX_OK);
        assert_int_equal(put(&box, 1, 5, 100000), CTX_OK);
        memcpy(kept, box.disk.seen, sizeof kept);
        /* One copy is enough; without any there is nothing. */
        static const uint32_t fields[] = {0, 13, 16, 25, 41, 49, 73, 81, 85, 89};
        for (uint32_t i = 0; i < ARRAY_COUNT(fields) + 1; i++) {
            for (uint32_t copy = 0; copy < 3; copy++) {
                memcpy(bytes, kept, sizeof kept);
                size_t first = i < ARRAY_COUNT(fields) ? lba + fields[i] : 2 * lba + 300;
                size_t second =
                    i < ARRAY_COUNT(fields) ? end * lba + fields[i] : end * lba - 128 * 128 + 300;
                bytes[first] ^= copy != 1;
                bytes[second] ^= copy != 0;
                fake_disk_load(&box.disk, bytes);
                ctx_status status = mount(&box);
                if (copy == 2) {
                    assert_true(status == (i == 0 ? CTX_E_NOENT : CTX_E_IO));
                } else {
                    assert_int_equal(status, CTX_OK);
                    assert_true(holds(&box, 1, 5, 100000));
                    assert_int_equal(box.job.status, CTX_OK);
                }
            }
        }
    }
}

/* Tables under good checksums that ask for what must not be. */
static void mad_partitions(void **state)
{
    (void)state;
    static uint8_t bytes[DISK_SECTORS * BLOCK_SECTOR];
    static const uint64_t wrong[][2] = {
        {0, 300},    {1, 300},    {33, 300},         {300, 299},
        {300, 4095}, {300, 4063}, {300, UINT64_MAX}, {UINT64_MAX, UINT64_MAX},
        {5000, 6000}};
    for (uint32_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        make_gpt(bytes, 1, wrong[i][0], wrong[i][1]);
        fake_disk_load(&box.disk, bytes);
        box.disk.device.multiple = 1;
        assert_int_equal(probe(), CTX_E_NOENT);
    }
    for (uint32_t i = 0; i < 3000; i++) {
        make_gpt(bytes, 1, 101, 400);
        for (uint32_t copy = 0; copy < 2; copy++) {
            uint8_t *h = bytes + (copy == 0 ? 1 : DISK_SECTORS - 1) * BLOCK_SECTOR;
            uint64_t number = rng_next(&rng) >> rng_below(&rng, 64);
            memcpy(h + 12 + 4 * rng_below(&rng, 20), &number, (size_t)4 << rng_below(&rng, 2));
            put_at(h + 16, 0, 4);
            put_at(h + 16, store_crc32(h, 92), 4);
        }
        fake_disk_load(&box.disk, bytes);
        if (probe() == CTX_OK) {
            assert_int_equal(box.job.sectors, 300);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_each_request),       cmocka_unit_test(uncertain_then_cut),
        cmocka_unit_test(unreadable_superblock), cmocka_unit_test(garbage),
        cmocka_unit_test(flipped_bits),          cmocka_unit_test(state_before),
        cmocka_unit_test(wrong_fields),          cmocka_unit_test(refusals),
        cmocka_unit_test(other_sizes),           cmocka_unit_test(partitions),
        cmocka_unit_test(mad_partitions),
    };
    fake_ram(32);
    return RUN(tests);
}
