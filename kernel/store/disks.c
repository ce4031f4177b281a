/* SPDX-License-Identifier: MIT */
/* Who has which disk: see kernel/block.h. Two claims of one device never overlap, whoever has them
 * and whatever a partition table says of what lies where. */
#include <kernel/block.h>
#include <kernel/klog.h>

/* [boot, loop, in a call] */
static struct {
    uint32_t last; /* number of a disk */
    void (*tell)(void);
} state;

uint32_t block_number(void)
{
    return ++state.last;
}

void block_tell(void (*changed)(void))
{
    state.tell = changed;
}

void block_changed(void)
{
    if (state.tell != NULL) {
        state.tell();
    }
}

/* The next one that is there, behind this one of its device; NULL: no more of the device's. */
static struct block_disk *there(struct block_disk *disk)
{
    while (disk != NULL && disk->gone) {
        disk = disk->next;
    }
    return disk;
}

struct block_disk *block_disk_after(const struct block_disk *disk)
{
    struct block_device *device = block_first();
    if (disk != NULL) {
        struct block_disk *next = there(disk->part == 0 ? disk->device->parts : disk->next);
        if (next != NULL) {
            return next;
        }
        device = disk->device->next;
    }
    while (device != NULL && device->gone) {
        device = device->next;
    }
    return device != NULL ? &device->whole : NULL;
}

struct block_disk *block_disk_find(uint32_t number)
{
    struct block_disk *disk = block_disk_after(NULL);
    while (disk != NULL && disk->number != number) {
        disk = block_disk_after(disk);
    }
    return disk;
}

/* The whole device is all that it is, and all that it may become. */
static bool overlap(const struct block_disk *a, const struct block_disk *b)
{
    return a->part == 0 || b->part == 0 ||
           (a->first < b->first + b->sectors && b->first < a->first + a->sectors);
}

bool block_claimed(const struct block_disk *disk, uint64_t *owner)
{
    for (const struct block_claim *c = disk->device->claims; c != NULL; c = c->next) {
        if (overlap(c->disk, disk)) {
            *owner = c->owner;
            return true;
        }
    }
    return false;
}

ctx_status block_claim(struct block_claim *claim, struct block_disk *disk, uint64_t owner)
{
    uint64_t other;
    if (disk->gone || disk->device->gone) {
        return CTX_E_NOENT;
    }
    if (block_claimed(disk, &other)) {
        return CTX_E_BUSY;
    }
    *claim = (struct block_claim){disk, owner, disk->device->claims};
    disk->device->claims = claim;
    disk->claims++;
    return CTX_OK;
}

void block_unclaim(struct block_claim *claim, bool changed)
{
    struct block_disk *disk = claim->disk;
    if (disk == NULL) {
        return;
    }
    struct block_device *device = disk->device;
    struct block_claim **p = &device->claims;
    while (*p != claim) {
        p = &(*p)->next;
    }
    *p = claim->next;
    disk->claims--;
    claim->disk = NULL;
    if ((changed && disk->part == 0) || disk->gone) {
        device->look = true;
        block_partitions_look();
    }
    block_changed();
}
