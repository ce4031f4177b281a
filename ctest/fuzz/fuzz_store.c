/* SPDX-License-Identifier: MIT */
/*
 * Disks with anything on them: mount, list, read, check, put. The input is the disk's beginning;
 * with a partition table there is more disk behind it. Each is tried as it is, and with its
 * checksums made right. Mounting never writes; what is accepted can be used, and what was put is
 * there after the next mount.
 */
#include "fake_machine.h"
#include "fuzz.h"
#include "heap.h"
#include "store.h"
#include "store_private.h"
#include "store_reseal.h"

#include <string.h>

#define BLOCKS     16u
#define PART_FIRST 16u /* sectors */
#define BYTES      (2 * FUZZ_MAX)

static struct {
    struct block_device device;
    uint8_t bytes[BYTES];
    uint64_t writes;
} disk;

static struct store store;

static void submit(struct block_device *device, struct block_request *r)
{
    uint8_t *at = disk.bytes + r->sector * BLOCK_SECTOR;
    size_t len = (size_t)r->sectors * BLOCK_SECTOR;
    (void)device;
    FUZZ_MUST(r->sector <= device->sectors && r->sectors <= device->sectors - r->sector);
    if (r->op == BLOCK_READ) {
        memcpy(r->bytes, at, len);
    } else if (r->op == BLOCK_WRITE) {
        memcpy(at, r->bytes, len);
        disk.writes++;
    }
    block_done(r, CTX_OK);
}

static ctx_status run(struct store_job *job)
{
    job->device = &disk.device;
    store_submit(&store, job);
    ctx_status status = store_wait(job, NEVER_NS);
    FUZZ_MUST((status == CTX_OK) == (job->why[0] == 0));
    FUZZ_MUST(memchr(job->why, 0, sizeof job->why) != NULL);
    return status;
}

static void use(void)
{
    struct store_stat stat = {.name = ""};
    struct store_info info;
    uint32_t objects = 0;
    FUZZ_MUST(store_info(&store, &info) == CTX_OK);
    while (store_next(&store, &stat)) {
        struct store_job get = {.op = STORE_GET};
        memcpy(get.name, stat.name, sizeof get.name);
        ctx_status status = run(&get);
        FUZZ_MUST(status == CTX_OK || status == CTX_E_IO);
        FUZZ_MUST(stat.len <= sizeof disk.bytes && store_name_good(stat.name));
        objects++;
    }
    FUZZ_MUST(objects == info.objects);
    struct store_job check = {.op = STORE_CHECK};
    ctx_status status = run(&check);
    FUZZ_MUST((status == CTX_OK || status == CTX_E_IO) && check.report.objects == objects);
    struct store_piece piece = {"fuzz", 5};
    struct store_job put = {.op = STORE_PUT, .name = "f", .pieces = &piece, .piece_count = 1};
    status = run(&put);
    FUZZ_MUST(status == CTX_OK || status == CTX_E_NOSPC ||
              (status == CTX_E_RDONLY && info.read_only));
    struct store_job mount = {.op = STORE_MOUNT};
    if (status == CTX_OK) {
        char got[5] = "";
        struct store_job get = {.op = STORE_GET, .name = "f", .buffer = got, .len = sizeof got};
        FUZZ_MUST(run(&mount) == CTX_OK && run(&get) == CTX_OK && memcmp(got, "fuzz", 5) == 0);
    }
}

static void put_at(uint8_t *to, uint64_t v, uint32_t size)
{
    memcpy(to, &v, size);
}

/* The table's own sums, too. */
static void right_table(void)
{
    uint8_t *h = disk.bytes + BLOCK_SECTOR;
    uint64_t table, bytes;
    memcpy(&table, h + 72, 8);
    bytes = (uint64_t)h[80] * 128;
    if (table < 64 && table * BLOCK_SECTOR + bytes <= sizeof disk.bytes) {
        put_at(h + 88, store_crc32(disk.bytes + table * BLOCK_SECTOR, bytes), 4);
    }
    put_at(h + 16, 0, 4);
    put_at(h + 16, store_crc32(h, 92), 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool booted;
    if (!booted) {
        fake_ram(32);
        store_init(&store);
        disk.device = (struct block_device){.name = "fuzz", .max_sectors = 16, .submit = submit};
        booted = true;
    }
    bool table = size > 1024 && memcmp(data + BLOCK_SECTOR, "EFI PART", 8) == 0;
    for (uint32_t right = 0; right < 2; right++) {
        memset(disk.bytes, 0, sizeof disk.bytes);
        memcpy(disk.bytes, data, size < FUZZ_MAX ? size : FUZZ_MAX);
        disk.device.sectors = table ? BYTES / BLOCK_SECTOR : FUZZ_MAX / BLOCK_SECTOR;
        if (right == 1 && table) {
            right_table();
            reseal(disk.bytes + PART_FIRST * BLOCK_SECTOR, BLOCKS);
        } else if (right == 1) {
            reseal(disk.bytes, BLOCKS);
        }
        struct store_job mount = {.op = STORE_MOUNT}, forget = {.op = STORE_UNMOUNT};
        uint64_t before = disk.writes;
        ctx_status status = run(&mount);
        FUZZ_MUST(disk.writes == before);
        if (status == CTX_OK) {
            use();
        } else {
            FUZZ_MUST(status == CTX_E_NOENT || status == CTX_E_IO || status == CTX_E_NOSYS ||
                      status == CTX_E_RANGE);
        }
        FUZZ_MUST(run(&forget) == CTX_OK);
        FUZZ_MUST(heap_used() == 0);
    }
    return 0;
}

static void fill(uint64_t first, uint32_t objects)
{
    struct store_job job = {.op = STORE_FORMAT, .first_sector = first};
    job.sectors = BLOCKS * STORE_SECTORS;
    FUZZ_MUST(run(&job) == CTX_OK);
    job.op = STORE_MOUNT;
    FUZZ_MUST(run(&job) == CTX_OK);
    for (uint32_t i = 0; i < objects; i++) {
        static const uint8_t bytes[6000] = "some bytes";
        struct store_piece piece = {bytes, i * 1500};
        struct store_job put = {.op = STORE_PUT, .pieces = &piece, .piece_count = 1};
        memset(put.name, 'a' + (int)(i % 3), 1 + 9 * i);
        FUZZ_MUST(run(&put) == CTX_OK);
    }
    job.op = STORE_UNMOUNT;
    FUZZ_MUST(run(&job) == CTX_OK);
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    (void)LLVMFuzzerTestOneInput(buf, 0); /* boots */
    memset(disk.bytes, 0, sizeof disk.bytes);
    disk.device.sectors = BYTES / BLOCK_SECTOR;
    if (no < 3) { /* an empty one, one object, several with a past */
        fill(0, no == 2 ? 5 : no);
    } else if (no == 3) {
        uint8_t *h = disk.bytes + BLOCK_SECTOR, *e = h + 2 * BLOCK_SECTOR + 128;
        fill(PART_FIRST, 2);
        memcpy(h, "EFI PART\0\0\1\0\x5c\0\0\0", 16);
        put_at(h + 24, 1, 8);
        put_at(h + 32, BYTES / BLOCK_SECTOR - 1, 8);
        put_at(h + 40, 6, 8);
        put_at(h + 48, BYTES / BLOCK_SECTOR - 6, 8);
        put_at(h + 72, 3, 8);
        put_at(h + 80, 4, 4);
        put_at(h + 84, 128, 4);
        memcpy(e, store_gpt_type, 16);
        put_at(e + 32, PART_FIRST, 8);
        put_at(e + 40, PART_FIRST + BLOCKS * STORE_SECTORS - 1, 8);
        right_table();
    } else {
        return 0;
    }
    memcpy(buf, disk.bytes, FUZZ_MAX);
    return FUZZ_MAX;
}
