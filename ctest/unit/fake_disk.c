/* SPDX-License-Identifier: MIT */
#include "fake_disk.h"

static struct fake_disk *attended;

static void keep(struct fake_disk *d, uint64_t sector, const uint8_t *bytes,
                 struct block_request *request, uint64_t done_at)
{
    if (d->cached == d->cache_room) {
        d->cache_room = d->cache_room * 2 + 256;
        d->cache = realloc(d->cache, d->cache_room * sizeof *d->cache);
        if (d->cache == NULL) {
            abort();
        }
    }
    struct fake_disk_write *w = &d->cache[d->cached++];
    *w = (struct fake_disk_write){.sector = sector, .request = request, .done_at = done_at};
    memcpy(w->bytes, bytes, BLOCK_SECTOR);
}

/* What was done before the flush came is durable; the rest stays where it is. */
static void flush(struct fake_disk *d, uint64_t came)
{
    uint64_t left = 0;
    for (uint64_t i = 0; i < d->cached && !d->forgetful; i++) {
        if (d->cache[i].done_at < came) {
            memcpy(d->durable + d->cache[i].sector * BLOCK_SECTOR, d->cache[i].bytes, BLOCK_SECTOR);
        } else {
            d->cache[left++] = d->cache[i];
        }
    }
    d->cached = d->forgetful ? d->cached : left;
}

/* Where sector number i of the request lies in memory. */
static uint8_t *memory_of(const struct block_request *r, uint32_t i)
{
    uint64_t at = (uint64_t)i * BLOCK_SECTOR;
    if (r->segment_count == 0) {
        return (uint8_t *)r->bytes + at;
    }
    const struct block_segment *s = r->segments;
    while (at >= s->len) {
        at -= s->len;
        s++;
    }
    return (uint8_t *)s->bytes + at;
}

static void write_sectors(struct fake_disk *d, struct block_request *r, bool torn)
{
    static const uint8_t zeroes[BLOCK_SECTOR];
    for (uint32_t i = 0; i < r->sectors; i++) {
        const uint8_t *bytes = r->op == BLOCK_WRITE ? memory_of(r, i) : zeroes;
        if (!torn || rng_below(&d->rng, 2) == 0) {
            memcpy(d->seen + (r->sector + i) * BLOCK_SECTOR, bytes, BLOCK_SECTOR);
            keep(d, r->sector + i, bytes, r, d->clock);
        }
    }
}

static void work(struct fake_disk *d, struct block_request *r, uint64_t came)
{
    uint64_t no = d->requests++;
    bool fails = no - d->fail_from < d->fail_count;
    bool happens = !fails || d->fault == FAULT_DONE || d->fault == FAULT_TORN ||
                   (d->fault == FAULT_FIRST_DONE && no == d->fail_from);
    d->clock++;
    d->reads += r->op == BLOCK_READ;
    d->writes += r->op == BLOCK_WRITE;
    d->flushes += r->op == BLOCK_FLUSH;
    if (r->op == BLOCK_READ) {
        for (uint32_t i = 0; i < r->sectors; i++) {
            memcpy(memory_of(r, i), d->seen + (r->sector + i) * BLOCK_SECTOR, BLOCK_SECTOR);
            if (fails && i <= r->sectors / 2) {
                memset(memory_of(r, i), 0xee, BLOCK_SECTOR / 2);
            }
        }
    } else if ((r->op == BLOCK_WRITE || r->op == BLOCK_ZEROES) && happens) {
        write_sectors(d, r, fails && d->fault == FAULT_TORN);
    } else if (r->op == BLOCK_FLUSH && happens) {
        flush(d, came);
    }
    block_done(r, fails ? CTX_E_IO : CTX_OK);
}

static void submit(struct block_device *device, struct block_request *request)
{
    struct fake_disk *d = container_of(device, struct fake_disk, device);
    d->clock++;
    if (d->immediate) {
        work(d, request, d->clock);
        return;
    }
    if (d->queued == FAKE_DISK_QUEUE) {
        abort();
    }
    d->queued_at[d->queued] = d->clock;
    d->queue[d->queued++] = request;
    d->most_queued = MAX(d->most_queued, d->queued);
}

bool fake_disk_step(struct fake_disk *d)
{
    if (d->queued == 0) {
        return false;
    }
    if (d->before != NULL) {
        d->before(d);
    }
    uint32_t i = (uint32_t)rng_below(&d->rng, d->queued);
    struct block_request *r = d->queue[i];
    uint64_t came = d->queued_at[i];
    d->queue[i] = d->queue[--d->queued];
    d->queued_at[i] = d->queued_at[d->queued];
    work(d, r, came);
    return true;
}

static void on_wait(uint64_t deadline_ns)
{
    if (!fake_disk_step(attended)) {
        if (deadline_ns == NEVER_NS) {
            fprintf(stderr, "waiting for a disk that has nothing to do\n");
            abort();
        }
        fake.now_ns = MAX(fake.now_ns, deadline_ns);
    }
}

void fake_disk_attend(struct fake_disk *d)
{
    attended = d;
    fake.on_wait = on_wait;
}

/* One sector that was not flushed: is it on the disk after the cut? */
static bool survives(struct fake_disk *d, uint32_t how, uint64_t i, uint64_t prefix)
{
    switch (how) {
    case 0:
        return false;
    case 1:
        return true;
    case 2:
        return rng_below(&d->rng, 2) == 0;
    case 3:
        return rng_below(&d->rng, 10) == 0;
    case 4:
        return rng_below(&d->rng, 10) != 0;
    default:
        return i < prefix;
    }
}

void fake_disk_cut(struct fake_disk *d, uint32_t how, uint8_t *out)
{
    uint64_t before = d->cached;
    memcpy(out, d->durable, d->device.sectors * BLOCK_SECTOR);
    for (uint32_t q = 0; q < d->queued; q++) { /* begun, perhaps */
        struct block_request *r = d->queue[q];
        for (uint32_t i = 0; r->op == BLOCK_WRITE && i < r->sectors; i++) {
            keep(d, r->sector + i, memory_of(r, i), r, 0);
        }
    }
    uint64_t prefix = rng_below(&d->rng, d->cached + 1);
    for (uint64_t i = 0; i < d->cached; i++) {
        if (survives(d, how, i, prefix)) {
            memcpy(out + d->cache[i].sector * BLOCK_SECTOR, d->cache[i].bytes, BLOCK_SECTOR);
        }
    }
    d->cached = before;
}

void fake_disk_load(struct fake_disk *d, const uint8_t *bytes)
{
    memcpy(d->durable, bytes, d->device.sectors * BLOCK_SECTOR);
    memcpy(d->seen, bytes, d->device.sectors * BLOCK_SECTOR);
    d->cached = 0;
}

void fake_disk_make(struct fake_disk *d, uint64_t sectors)
{
    *d = (struct fake_disk){.device = {.name = "fake", .sectors = sectors, .max_sectors = 64}};
    d->device.submit = submit;
    d->durable = calloc(sectors, BLOCK_SECTOR);
    d->seen = calloc(sectors, BLOCK_SECTOR);
    if (d->durable == NULL || d->seen == NULL) {
        abort();
    }
}

void fake_disk_drop(struct fake_disk *d)
{
    free(d->durable);
    free(d->seen);
    free(d->cache);
}
