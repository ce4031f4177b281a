/* SPDX-License-Identifier: MIT */
/* The image store on a disk that does what it is told. */
#include "frame.h"
#include "store_fixture.h"

static struct box box;

static ctx_status put_named(const char *name, const void *bytes, uint64_t len)
{
    struct store_piece piece = {bytes, len};
    struct store_job job = {.op = STORE_PUT, .pieces = &piece, .piece_count = 1};
    text_copy(job.name, sizeof job.name, name);
    return run_job(&box, job);
}

static ctx_status get_named(const char *name, void *bytes, uint64_t len)
{
    struct store_job job = {.op = STORE_GET, .buffer = bytes, .len = len};
    text_copy(job.name, sizeof job.name, name);
    return run_job(&box, job);
}

static void put_get_remove(void **state)
{
    (void)state;
    struct store_stat stat;
    char bytes[16] = "";
    box_make(&box, 64, 0);
    assert_int_equal(store_stat(&box.store, "greeting", &stat), CTX_E_NOENT);
    assert_int_equal(get_named("greeting", bytes, sizeof bytes), CTX_E_NOENT);
    fake.wall_ns = 1234567;
    assert_int_equal(put_named("greeting", "hello", 5), CTX_OK);
    assert_int_equal(store_stat(&box.store, "greeting", &stat), CTX_OK);
    assert_text(stat.name, "greeting");
    assert_int_equal(stat.len, 5);
    assert_int_equal(stat.wall_ns, 1234567);
    assert_int_equal(stat.extents, 1);
    assert_int_equal(get_named("greeting", bytes, sizeof bytes), CTX_OK);
    assert_int_equal(box.job.done, 5);
    assert_int_equal(box.job.total, 5);
    assert_text(bytes, "hello");
    uint64_t generation = stat.generation;
    fake.wall_ns = 0; /* no calendar */
    assert_int_equal(put_named("greeting", "good day", 8), CTX_OK);
    assert_int_equal(mount(&box), CTX_OK);
    assert_int_equal(store_stat(&box.store, "greeting", &stat), CTX_OK);
    assert_int_equal(stat.len, 8);
    assert_int_equal(stat.wall_ns, 0);
    assert_true(stat.generation > generation);
    struct store_job job = {.op = STORE_REMOVE, .name = "greeting"};
    assert_int_equal(run_job(&box, job), CTX_OK);
    assert_int_equal(run_job(&box, job), CTX_E_NOENT);
    assert_int_equal(mount(&box), CTX_OK);
    stat.name[0] = 0;
    assert_false(store_next(&box.store, &stat));
}

static void names(void **state)
{
    (void)state;
    box_make(&box, 64, 0);
    char long_name[80];
    memset(long_name, 'n', sizeof long_name);
    long_name[64] = 0;
    assert_false(store_name_good(long_name));
    long_name[63] = 0;
    assert_int_equal(put_named(long_name, "x", 1), CTX_OK);
    assert_int_equal(put_named("", "x", 1), CTX_E_INVAL);
    assert_int_equal(put_named("a\nb", "x", 1), CTX_E_INVAL);
    assert_int_equal(put_named("a\xff", "x", 1), CTX_E_INVAL);
    assert_int_equal(put_named("zwei W\xc3\xb6rter", "x", 1), CTX_OK);
    assert_int_equal(put_named("n", "x", 1), CTX_OK);
    assert_int_equal(put_named("nn", "x", 1), CTX_OK);
    assert_int_equal(put_named("B", "x", 1), CTX_OK);
    struct store_stat stat = {.name = ""};
    const char *want[] = {"B", "n", "nn", long_name, "zwei W\xc3\xb6rter"};
    for (uint32_t i = 0; i < ARRAY_COUNT(want); i++) {
        assert_true(store_next(&box.store, &stat));
        assert_text(stat.name, want[i]);
    }
    assert_false(store_next(&box.store, &stat));
    assert_int_equal(mount(&box), CTX_OK); /* a reader agrees with the order */
}

/* Lengths around blocks and requests, in pieces of any kind, and parts of them. */
static void sizes(void **state)
{
    (void)state;
    static const uint32_t lens[] = {0,     1,     511,   512,    4095,   4096,  4097,
                                    65535, 65536, 65537, 300000, 524288, 262145};
    box_make(&box, 512, 0);
    box.disk.immediate = false;
    for (uint32_t i = 0; i < ARRAY_COUNT(lens); i++) {
        assert_int_equal(put(&box, 0, i + 1, lens[i]), CTX_OK);
        assert_int_equal(differs(&box, &box.model), NAMES);
    }
    assert_true(box.disk.most_queued >= 2); /* several requests at a time */
    uint8_t *all = malloc(262145), *part = malloc(262145);
    fill_bytes(all, 262145, 0, ARRAY_COUNT(lens));
    struct rng rng = {.state = 5};
    for (uint32_t i = 0; i < 200; i++) {
        struct store_job job = {.op = STORE_READ, .buffer = part};
        job.offset = rng_below(&rng, 262146);
        job.len = rng_below(&rng, 262146 - job.offset);
        name_of(0, job.name);
        memset(part, 0xcc, 262145);
        assert_int_equal(run_job(&box, job), CTX_OK);
        assert_int_equal(box.job.done, job.len);
        assert_memory_equal(part, all + job.offset, job.len);
        assert_true(job.len == 262145 || part[job.len] == 0xcc);
    }
    struct store_job job = {.op = STORE_READ, .buffer = part, .offset = 262140, .len = 6};
    name_of(0, job.name);
    assert_int_equal(run_job(&box, job), CTX_E_RANGE);
    job = (struct store_job){.op = STORE_READ, .buffer = part, .offset = UINT64_MAX, .len = 2};
    name_of(0, job.name);
    assert_int_equal(run_job(&box, job), CTX_E_RANGE);
    job = (struct store_job){.op = STORE_GET, .buffer = part, .len = 262144};
    name_of(0, job.name);
    assert_int_equal(run_job(&box, job), CTX_E_RANGE);
    assert_int_equal(box.job.total, 262145);
    job.buffer = NULL; /* only verify */
    assert_int_equal(run_job(&box, job), CTX_OK);
    free(all);
    free(part);
}

/* Jobs are done in the order in which they came, and each wakes its owner. */
static uint32_t woken;

static void wake(struct task *task)
{
    (void)task;
    woken++;
}

static void in_order(void **state)
{
    (void)state;
    static struct task owner;
    struct store_piece one = {"one", 3}, two = {"two!", 4};
    char got[8] = "";
    struct store_job jobs[] = {
        {.op = STORE_PUT, .name = "o", .pieces = &one, .piece_count = 1, .task = &owner},
        {.op = STORE_PUT, .name = "o", .pieces = &two, .piece_count = 1},
        {.op = STORE_GET, .name = "o", .buffer = got, .len = sizeof got},
        {.op = STORE_REMOVE, .name = "o"},
        {.op = STORE_GET, .name = "o", .buffer = got, .len = sizeof got, .task = &owner},
        {.op = (enum store_op)99},
    };
    box_make(&box, 64, 0);
    box.disk.immediate = false;
    fake_disk_attend(&box.disk);
    task_start(&owner, "owner", wake);
    task_run_ready(0);
    woken = 0;
    for (uint32_t i = 0; i < ARRAY_COUNT(jobs); i++) {
        store_submit(&box.store, &jobs[i]);
        assert_int_equal(jobs[i].status, CTX_PENDING);
    }
    assert_true(store_busy(&box.store));
    assert_int_equal(store_wait(&jobs[5], NEVER_NS), CTX_E_NOSYS);
    assert_false(store_busy(&box.store));
    task_run_ready(0);
    assert_int_equal(jobs[0].status, CTX_OK);
    assert_int_equal(jobs[2].status, CTX_OK);
    assert_text(got, "two!");
    assert_int_equal(jobs[4].status, CTX_E_NOENT);
    assert_int_equal(woken, 2);
    jobs[0].task = NULL;
    store_submit(&box.store, &jobs[0]);
    fake.on_wait = NULL; /* the disk says nothing */
    assert_int_equal(store_wait(&jobs[0], fake.now_ns + NSEC_PER_SEC), CTX_PENDING);
    fake_disk_attend(&box.disk);
    assert_int_equal(store_wait(&jobs[0], NEVER_NS), CTX_OK);
}

/* Thousands of random steps beside a model. */
static void random_steps(void **state)
{
    (void)state;
    struct rng rng = {.state = 41};
    uint32_t full = 0, remounts = 0, pieces = 0;
    box_make(&box, 200, 0);
    for (uint32_t step = 1; step <= 4000; step++) {
        uint32_t name = (uint32_t)rng_below(&rng, NAMES);
        uint64_t what = rng_below(&rng, 20);
        box.disk.immediate = rng_below(&rng, 2) == 0;
        if (what < 12) {
            uint32_t len = (uint32_t)rng_below(&rng, rng_below(&rng, 4) == 0 ? 250000 : 30000);
            ctx_status status = put(&box, name, step, len);
            assert_true(status == CTX_OK || status == CTX_E_NOSPC);
            full += status != CTX_OK;
        } else if (what < 15) {
            ctx_status status = take_out(&box, name);
            assert_true(status == CTX_OK || status == CTX_E_NOENT);
        } else if (what == 15) {
            assert_int_equal(mount(&box), CTX_OK);
            remounts++;
        } else {
            assert_true(holds(&box, name, box.model.version[name], box.model.len[name]));
        }
        struct store_stat stat = {.name = ""};
        while (store_next(&box.store, &stat)) {
            pieces = MAX(pieces, stat.extents);
        }
        if (step % 16 == 0) {
            assert_int_equal(differs(&box, &box.model), NAMES);
        }
    }
    assert_int_equal(run_job(&box, (struct store_job){.op = STORE_CHECK}), CTX_OK);
    assert_int_equal(box.job.report.superblocks, 2);
    assert_true(full > 20 && remounts > 20 && pieces > 2); /* the walk went everywhere */
}

/* A disk full of the same object over and over; a full one can be emptied. */
static void full_disk(void **state)
{
    (void)state;
    struct store_info info;
    box_make(&box, 64, 0);
    assert_int_equal(store_info(&box.store, &info), CTX_OK);
    assert_int_equal(info.room, (64 - 2 - 2) * STORE_BLOCK);
    uint64_t before = box.disk.requests;
    assert_int_equal(put(&box, 0, 1, (uint32_t)info.room + 1), CTX_E_NOSPC);
    assert_int_equal(box.disk.requests, before); /* said before anything is written */
    assert_int_equal(put(&box, 0, 1, (uint32_t)info.room), CTX_OK);
    assert_int_equal(store_info(&box.store, &info), CTX_OK);
    assert_int_equal(info.room, 0);
    assert_int_equal(put(&box, 1, 2, 1), CTX_E_NOSPC);
    assert_int_equal(put(&box, 0, 3, 1), CTX_E_NOSPC); /* the old one has to stay meanwhile */
    assert_int_equal(put(&box, 1, 4, 0),
                     CTX_OK); /* only a name: the index has a block in reserve */
    assert_int_equal(take_out(&box, 1), CTX_OK);
    assert_int_equal(differs(&box, &box.model), NAMES);
    assert_int_equal(take_out(&box, 0), CTX_OK);
    assert_int_equal(mount(&box), CTX_OK);
    /* Half of the disk can be replaced for ever. */
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(put(&box, 0, 10 + i, 29 * STORE_BLOCK), CTX_OK);
    }
    assert_int_equal(store_info(&box.store, &info), CTX_OK);
    assert_int_equal(put(&box, 1, 40, (uint32_t)info.room), CTX_OK); /* as info said */
    assert_int_equal(differs(&box, &box.model), NAMES);
    assert_int_equal(mount(&box), CTX_OK);
    assert_int_equal(differs(&box, &box.model), NAMES);
}

static void quota(void **state)
{
    (void)state;
    struct store_info info;
    box_make(&box, 256, 10000);
    assert_int_equal(store_info(&box.store, &info), CTX_OK);
    assert_int_equal(info.room, 10000);
    assert_int_equal(info.quota, 10000);
    assert_int_equal(put(&box, 0, 1, 10001), CTX_E_NOSPC);
    assert_int_equal(put(&box, 0, 1, 6000), CTX_OK);
    assert_int_equal(put(&box, 1, 2, 4001), CTX_E_NOSPC);
    assert_int_equal(put(&box, 1, 2, 4000), CTX_OK);
    assert_int_equal(put(&box, 0, 3, 6001), CTX_E_NOSPC);
    assert_int_equal(put(&box, 0, 3, 5999), CTX_OK); /* its own bytes do not count twice */
    assert_int_equal(mount(&box), CTX_OK);
    assert_int_equal(put(&box, 2, 4, 2), CTX_E_NOSPC);
    assert_int_equal(put(&box, 2, 4, 1), CTX_OK);
    struct store_piece mad[2] = {{"x", INT64_MAX}, {"y", INT64_MAX}};
    assert_int_equal(run_job(&box,
                             (struct store_job){
                                 .op = STORE_PUT, .name = "mad", .pieces = mad, .piece_count = 2}),
                     CTX_E_INVAL);
    assert_int_equal(differs(&box, &box.model), NAMES);
}

/* Holes of one block everywhere: an object of many pieces, and an index of many. */
static void fragments(void **state)
{
    (void)state;
    enum { OBJECTS = 300 };
    char name[32];
    uint8_t *bytes = malloc(600 * STORE_BLOCK), *got = malloc(600 * STORE_BLOCK);
    struct store_stat stat;
    box_make(&box, 700, 0);
    for (uint32_t i = 0; i < OBJECTS; i++) {
        snprintf(name, sizeof name, "small-%03u", i);
        fill_bytes(bytes, STORE_BLOCK, 5, i);
        assert_int_equal(put_named(name, bytes, STORE_BLOCK), CTX_OK);
    }
    for (uint32_t i = 0; i < OBJECTS; i += 2) {
        struct store_job job = {.op = STORE_REMOVE};
        snprintf(job.name, sizeof job.name, "small-%03u", i);
        assert_int_equal(run_job(&box, job), CTX_OK);
    }
    struct store_info info;
    assert_int_equal(store_info(&box.store, &info), CTX_OK);
    uint64_t len = info.room - 4 * STORE_BLOCK; /* its many extents make the index larger */
    fill_bytes(bytes, (uint32_t)len, 6, 1);
    assert_int_equal(put_named("large", bytes, len), CTX_OK);
    assert_int_equal(store_stat(&box.store, "large", &stat), CTX_OK);
    assert_true(stat.extents > 50);
    assert_int_equal(mount(&box), CTX_OK);
    assert_int_equal(get_named("large", got, len), CTX_OK);
    assert_memory_equal(bytes, got, len);
    for (uint32_t i = 1; i < OBJECTS; i += 2) {
        snprintf(name, sizeof name, "small-%03u", i);
        fill_bytes(bytes, STORE_BLOCK, 5, i);
        assert_int_equal(get_named(name, got, STORE_BLOCK), CTX_OK);
        assert_memory_equal(bytes, got, STORE_BLOCK);
    }
    assert_int_equal(run_job(&box, (struct store_job){.op = STORE_CHECK}), CTX_OK);
    assert_int_equal(box.job.report.objects, OBJECTS / 2 + 1);
    free(bytes);
    free(got);
}

/* More objects than an index holds: most of them are put into the one in memory by hand. */
static void many_objects(void **state)
{
    (void)state;
    enum { SIZE = 40 + 64, BY_HAND = 10000 };
    char name[STORE_NAME_MAX + 1];
    ctx_status status = CTX_OK;
    uint32_t count = 0;
    box_make(&box, 2000, 0);
    assert_int_equal(put_named("a", "", 0), CTX_OK);
    struct store_index *now = &box.store.now;
    heap_free(now->bytes, now->room);
    now->len = now->room = SIZE * BY_HAND;
    now->bytes = heap_alloc(now->room);
    now->count = BY_HAND;
    for (; count < BY_HAND; count++) {
        struct store_record *r = (void *)(now->bytes + (size_t)SIZE * count);
        r->name_len = STORE_NAME_MAX;
        snprintf(name, sizeof name, "%063u", count);
        memcpy(r + 1, name, STORE_NAME_MAX);
    }
    for (; count < 2 * BY_HAND && status == CTX_OK; count++) {
        snprintf(name, sizeof name, "%063u", count);
        status = put_named(name, "", 0);
    }
    assert_int_equal(status, CTX_E_NOSPC);
    assert_int_equal(now->count, STORE_INDEX_MAX / SIZE);
    assert_int_equal(mount(&box), CTX_OK);
    assert_int_equal(now->count, STORE_INDEX_MAX / SIZE);
    struct store_job job = {.op = STORE_REMOVE};
    memcpy(job.name, name, sizeof name);
    assert_int_equal(run_job(&box, job), CTX_E_NOENT);
    snprintf(job.name, sizeof job.name, "%063u", 5000);
    assert_int_equal(run_job(&box, job), CTX_OK);
    assert_int_equal(put_named(name, "", 0), CTX_OK);
}

static void read_only(void **state)
{
    (void)state;
    struct store_info info;
    box_make(&box, 64, 0);
    assert_int_equal(put(&box, 0, 1, 5000), CTX_OK);
    box.disk.device.read_only = true;
    assert_int_equal(mount(&box), CTX_OK);
    assert_int_equal(store_info(&box.store, &info), CTX_OK);
    assert_true(info.read_only);
    assert_int_equal(put(&box, 1, 2, 10), CTX_E_RDONLY);
    assert_int_equal(take_out(&box, 0), CTX_E_RDONLY);
    assert_int_equal(
        run_job(&box, (struct store_job){.op = STORE_FORMAT, .device = &box.disk.device}),
        CTX_E_RDONLY);
    assert_int_equal(mount(&box), CTX_OK);
    assert_int_equal(differs(&box, &box.model), NAMES);
    assert_int_equal(run_job(&box, (struct store_job){.op = STORE_CHECK}), CTX_OK);
}

static void nothing_mounted(void **state)
{
    (void)state;
    struct store_info info;
    struct store_stat stat = {.name = ""};
    box_make(&box, 64, 0);
    assert_int_equal(put(&box, 0, 1, 5000), CTX_OK);
    assert_int_equal(unmount(&box), CTX_OK);
    assert_int_equal(put(&box, 0, 1, 5000), CTX_E_NOENT);
    assert_int_equal(get_named("a", NULL, 0), CTX_E_NOENT);
    assert_int_equal(run_job(&box, (struct store_job){.op = STORE_CHECK}), CTX_E_NOENT);
    assert_int_equal(store_info(&box.store, &info), CTX_E_NOENT);
    assert_false(store_next(&box.store, &stat));
    assert_int_equal(run_job(&box, (struct store_job){.op = STORE_MOUNT}), CTX_E_NOENT);
    memset(box.disk.seen, 0, STORE_BLOCK * 64);
    assert_int_equal(mount(&box), CTX_E_NOENT);
    assert_int_equal(mount(&box), CTX_E_NOENT);
}

/* A range of a disk, and ranges that can not be. */
static void ranges(void **state)
{
    (void)state;
    struct store_job job = {.op = STORE_FORMAT, .device = &box.disk.device};
    box_make(&box, 300, 0);
    job.first_sector = 33; /* no multiple of anything */
    job.sectors = 1001;
    assert_int_equal(run_job(&box, job), CTX_OK);
    memset(box.disk.seen, 0x5a, 33 * BLOCK_SECTOR); /* its neighbours are somebody else's */
    memset(box.disk.seen + 1034 * BLOCK_SECTOR, 0xa5, (2400 - 1034) * BLOCK_SECTOR);
    job.op = STORE_MOUNT;
    assert_int_equal(run_job(&box, job), CTX_OK);
    for (uint32_t i = 0; i < 50; i++) {
        assert_int_equal(put(&box, i % NAMES, i + 1, 40000), CTX_OK);
        if (box.model.version[(i + 1) % NAMES] != NO_OBJECT) {
            assert_int_equal(take_out(&box, (i + 1) % NAMES), CTX_OK);
        }
    }
    for (uint64_t i = 0; i < 300 * STORE_BLOCK; i++) {
        uint64_t sector = i / BLOCK_SECTOR;
        if ((sector < 33 && box.disk.seen[i] != 0x5a) ||
            (sector >= 1034 && box.disk.seen[i] != 0xa5)) {
            fail_msg("sector %lu was written", sector);
        }
    }
    assert_int_equal(run_job(&box, job), CTX_OK);
    assert_int_equal(differs(&box, &box.model), NAMES);
    static const uint64_t wrong[][2] = {{2400, 0}, {2399, 2},          {0, 127},       {0, 2401},
                                        {2399, 0}, {UINT64_MAX, 1000}, {8, UINT64_MAX}};
    for (uint32_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        job = (struct store_job){.op = STORE_FORMAT, .device = &box.disk.device};
        job.first_sector = wrong[i][0];
        job.sectors = wrong[i][1];
        assert_int_equal(run_job(&box, job), CTX_E_RANGE);
    }
    box.disk.device.multiple = 8;
    job = (struct store_job){.op = STORE_FORMAT, .device = &box.disk.device, .first_sector = 4};
    assert_int_equal(run_job(&box, job), CTX_E_RANGE);
    job.first_sector = 16;
    assert_int_equal(run_job(&box, job), CTX_OK);
    box.disk.device.multiple = 16;
    assert_int_equal(run_job(&box, job), CTX_E_NOSYS);
}

/* Small requests are all that a device must take. */
static void small_requests(void **state)
{
    (void)state;
    box_make(&box, 128, 0);
    box.disk.device.max_sectors = 8;
    box.disk.device.multiple = 8;
    box.disk.immediate = false;
    assert_int_equal(put(&box, 0, 1, 200001), CTX_OK);
    assert_int_equal(mount(&box), CTX_OK);
    assert_int_equal(differs(&box, &box.model), NAMES);
}

/* All memory comes back, and too little of it is a status. */
static void memory(void **state)
{
    (void)state;
    uint64_t calls;
    box_make(&box, 300, 0);
    assert_int_equal(unmount(&box), CTX_OK);
    uint64_t used = heap_used();
    assert_int_equal(mount(&box), CTX_OK);
    for (uint32_t i = 0; i < NAMES; i++) {
        assert_int_equal(put(&box, i, i + 1, 10000 * i), CTX_OK);
    }
    assert_int_equal(unmount(&box), CTX_OK);
    assert_int_equal(heap_used(), used);
    for (uint64_t refuse = 0, failed = 1; failed > 0; refuse++) {
        failed = 0;
        fake.allocs_left = refuse;
        fake.once = true;
        calls = fake.alloc_calls;
        ctx_status status = mount(&box);
        assert_true(status == CTX_OK || status == CTX_E_NOMEM);
        failed += status != CTX_OK;
        if (status == CTX_OK) {
            status = put(&box, 3, 100 + (uint32_t)refuse, 9000);
            assert_true(status == CTX_OK || status == CTX_E_NOMEM);
            failed += status != CTX_OK;
            status = run_job(&box, (struct store_job){.op = STORE_CHECK});
            assert_true(status == CTX_OK || status == CTX_E_NOMEM);
            failed += status != CTX_OK;
        }
        failed += fake.alloc_calls - calls > refuse && fake.allocs_left != FAKE_ALWAYS;
        fake.allocs_left = FAKE_ALWAYS;
        assert_int_equal(mount(&box), CTX_OK);
        assert_int_equal(differs(&box, &box.model), NAMES);
        assert_int_equal(unmount(&box), CTX_OK);
        assert_int_equal(heap_used(), used);
        assert_true(refuse < 200);
    }
}

/* The numbers of the format, from a disk that was made long ago. */
static void format_is_frozen(void **state)
{
    (void)state;
    fake.random = 7;
    fake.wall_ns = 1700000000000000000;
    box_make(&box, 16, 99999);
    assert_int_equal(put_named("frozen", "abc", 3), CTX_OK);
    fake.wall_ns = 0;
    uint64_t sum = store_chain(0, box.disk.seen, 16 * STORE_BLOCK);
    assert_memory_equal(box.disk.seen, "ArgosSto\1\0\0\0\0\x10\0\0", 16);
    if (sum != UINT64_C(0xe183cbce39b0e334)) {
        fail_msg("the same put makes another disk: 0x%lx", sum);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_get_remove),
        cmocka_unit_test(names),
        cmocka_unit_test(sizes),
        cmocka_unit_test(in_order),
        cmocka_unit_test(random_steps),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(quota),
        cmocka_unit_test(fragments),
        cmocka_unit_test(many_objects),
        cmocka_unit_test(read_only),
        cmocka_unit_test(nothing_mounted),
        cmocka_unit_test(ranges),
        cmocka_unit_test(small_requests),
        cmocka_unit_test(memory),
        cmocka_unit_test(format_is_frozen),
    };
    fake_ram(64);
    return RUN(tests);
}
