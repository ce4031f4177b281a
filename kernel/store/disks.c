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

/* A whole device is all that it is, and all that it may become. */
static uint64_t sectors_of(const struct block_disk *disk)
{
    return disk->part == 0 ? UINT64_MAX : disk->sectors;
}

static const struct block_claim *over(const struct block_device *device, uint64_t first,
                                      uint64_t sectors)
{
    const struct block_claim *c = device->claims;
    while (c != NULL && (c->first >= first + sectors || first >= c->first + c->sectors)) {
        c = c->next;
    }
    return c;
}

bool block_claimed(const struct block_disk *disk, uint64_t *owner)
{
    const struct block_claim *c = over(disk->device, disk->first, sectors_of(disk));
    *owner = c != NULL ? c->owner : *owner;
    return c != NULL;
}

ctx_status block_claim_sectors(struct block_claim *claim, struct block_device *device,
                               uint64_t first, uint64_t sectors, uint64_t owner)
{
    if (over(device, first, sectors) != NULL) {
        return CTX_E_BUSY;
    }
    *claim = (struct block_claim){.device = device,
                                  .first = first,
                                  .sectors = sectors,
                                  .owner = owner,
                                  .next = device->claims};
    device->claims = claim;
    return CTX_OK;
}

ctx_status block_claim(struct block_claim *claim, struct block_disk *disk, uint64_t owner)
{
    if (disk->gone || disk->device->gone) {
        return CTX_E_NOENT;
    }
    ctx_status status =
        block_claim_sectors(claim, disk->device, disk->first, sectors_of(disk), owner);
    if (status == CTX_OK) {
        claim->disk = disk;
        disk->claims++;
    }
    return status;
}

void block_unclaim(struct block_claim *claim, bool changed)
{
    struct block_disk *disk = claim->disk;
    struct block_device *device = claim->device;
    if (device == NULL) {
        return;
    }
    struct block_claim **p = &device->claims;
    while (*p != claim) {
        p = &(*p)->next;
    }
    *p = claim->next;
    *claim = (struct block_claim){.device = NULL};
    if (disk != NULL) {
        disk->claims--;
        if ((changed && disk->part == 0) || disk->gone) {
            device->look = true;
            block_partitions_look();
        }
    }
    block_changed();
}
