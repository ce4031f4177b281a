/* SPDX-License-Identifier: MIT */
/* What a disk says of itself: see virtio_blk.h. Numbers in brackets are sections of virtio 1.2. */
#include "virtio_blk.h"

#include <kernel/klog.h>

static uint32_t read_u32(struct virtio_blk *blk, uint64_t feature, uint32_t offset)
{
    uint32_t value;
    return (blk->dev->features & feature) != 0 &&
                   virtio_config_read(blk->dev, offset, sizeof(value), 1, &value)
               ? value
               : 0;
}

/*
 * Whether and how writes are made to last. [5.2.5.1]: a device that offers neither FLUSH nor
 * CONFIG_WCE has no cache that forgets: what it has answered is on the disk. One that offers
 * CONFIG_WCE alone breaks a rule [5.2.5.2], but can be told the same.
 */
enum blk_flush virtio_blk_flush_mode(struct virtio_blk *blk)
{
    struct virtio_device *dev = blk->dev;
    uint32_t writeback = 0;
    if ((dev->features & VIRTIO_BLK_F_FLUSH) != 0) {
        return BLK_FLUSH_SENT;
    }
    if ((dev->features & VIRTIO_BLK_F_CONFIG_WCE) != 0) {
        (void)dev->transport->config_write(dev, VIRTIO_BLK_CONFIG_WRITEBACK, 1, 0);
        if (!dev->transport->config_read(dev, VIRTIO_BLK_CONFIG_WRITEBACK, 1, &writeback) ||
            writeback != 0) {
            return BLK_FLUSH_MISSING;
        }
    }
    return BLK_FLUSH_NEEDLESS;
}

/* Sectors that the device wants together: QEMU refuses anything else, though [5.2.4] calls it a
 * hint. */
static uint32_t wanted_multiple(struct virtio_blk *blk)
{
    uint32_t size = read_u32(blk, VIRTIO_BLK_F_BLK_SIZE, VIRTIO_BLK_CONFIG_BLK_SIZE);
    if (size != 0 && (size < BLOCK_SECTOR || (size & (size - 1u)) != 0)) {
        log_warn(BLK_ROOM, "%s: a block of %u bytes makes no sense", blk->device.name, size);
        size = 0;
    }
    return MAX(size / BLOCK_SECTOR, 1u);
}

/* How long a chain may be: what the queue, and the device, take. */
uint32_t virtio_blk_chain_max(struct virtio_blk *blk)
{
    uint32_t pieces = read_u32(blk, VIRTIO_BLK_F_SEG_MAX, VIRTIO_BLK_CONFIG_SEG_MAX);
    uint32_t queue = blk->dev->transport->queue_size(blk->dev, BLK_REQUESTQ);
    uint32_t most = MIN(MAX(pieces, 1u), BLK_CHAIN_MAX - 2) + 2;
    return MAX(MIN(most, queue), BLK_CHAIN_LEAST);
}

/* DISCARD and WRITE_ZEROES, if the device takes them with one range at least. */
static void read_erasing(struct virtio_blk *blk, struct block_device *now)
{
    uint32_t unmap = 0;
    uint32_t discard = read_u32(blk, VIRTIO_BLK_F_DISCARD, VIRTIO_BLK_CONFIG_DISCARD);
    uint32_t zeroes = read_u32(blk, VIRTIO_BLK_F_ZEROES, VIRTIO_BLK_CONFIG_ZEROES);
    discard = ALIGN_DOWN(discard, now->multiple);
    zeroes = ALIGN_DOWN(zeroes, now->multiple);
    now->discards =
        !now->read_only && discard > 0 &&
        read_u32(blk, VIRTIO_BLK_F_DISCARD, VIRTIO_BLK_CONFIG_DISCARD + sizeof(uint32_t)) > 0;
    now->zeroes =
        !now->read_only && zeroes > 0 &&
        read_u32(blk, VIRTIO_BLK_F_ZEROES, VIRTIO_BLK_CONFIG_ZEROES + sizeof(uint32_t)) > 0;
    now->max_erase = now->discards && now->zeroes ? MIN(discard, zeroes)
                     : now->discards              ? discard
                     : now->zeroes                ? zeroes
                                                  : 0;
    blk->unmaps = now->zeroes &&
                  blk->dev->transport->config_read(blk->dev, VIRTIO_BLK_CONFIG_UNMAP, 1, &unmap) &&
                  unmap != 0;
}

/* Whether what was said to others of the device still holds; a size may change. */
static bool is_as_it_was(const struct block_device *was, const struct block_device *now)
{
    return now->max_sectors >= was->max_sectors && now->multiple <= was->multiple &&
           now->read_only == was->read_only && now->max_segments >= was->max_segments &&
           now->max_erase >= was->max_erase && now->discards >= was->discards &&
           now->zeroes >= was->zeroes;
}

/* What the device is. False: of no use, and blk->step says why. */
bool virtio_blk_read_config(struct virtio_blk *blk)
{
    struct virtio_device *dev = blk->dev;
    struct block_device now = blk->device;
    blk->generation = dev->transport->config_generation(dev);
    if (!virtio_config_read(dev, VIRTIO_BLK_CONFIG_CAPACITY, sizeof(uint32_t), 2, &now.sectors)) {
        blk->step = "its size cannot be read";
        return false;
    }
    uint32_t size_max = read_u32(blk, VIRTIO_BLK_F_SIZE_MAX, VIRTIO_BLK_CONFIG_SIZE_MAX);
    now.read_only = (dev->features & VIRTIO_BLK_F_RO) != 0;
    now.multiple = wanted_multiple(blk);
    now.max_sectors = BLK_SECTORS_MAX;
    if (size_max != 0) {
        now.max_sectors = MIN(now.max_sectors, size_max / BLOCK_SECTOR);
    }
    now.max_sectors = ALIGN_DOWN(now.max_sectors, now.multiple);
    now.sectors = ALIGN_DOWN(MIN(now.sectors, BLK_SECTORS_TOP), (uint64_t)now.multiple);
    now.max_segments = virtio_blk_chain_max(blk) - 2;
    read_erasing(blk, &now);
    if (now.max_sectors < BLOCK_SECTORS_LEAST || now.sectors == 0) {
        blk->step = now.sectors == 0 ? "it holds not one block" : "its requests are too small";
        return false;
    }
    if (blk->offered) {
        blk->step = "after the reset it is another disk";
        if (!is_as_it_was(&blk->device, &now)) {
            return false;
        }
        block_resized(&blk->device, ALIGN_DOWN(now.sectors, (uint64_t)blk->device.multiple));
        return true;
    }
    blk->device = now;
    return true;
}
