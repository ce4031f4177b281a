/* SPDX-License-Identifier: MIT */
/*
 * A disk that is a file, for <kernel/block.h>. Requests are done before submit returns: the file
 * lies in Linux's cache most of the time, and whoever asked is a task that is woken later all
 * the same.
 *
 * The file is locked for as long as the process lives (diskfile.h).
 */
#define _GNU_SOURCE
#include "diskfile.h"
#include "linux.h"

#include <kernel/block.h>
#include <kernel/klog.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM         "disk"
#define DISKS_MAX    8u
#define SECTORS_MAX  2048u /* of one request, as virtio-blk */
#define SEGMENTS_MAX 256u
#define ERASE_MAX    (1u << 21) /* a GiB */
#define ERRORS_SAID  8u

struct disk {
    struct block_device device;
    int fd;
    uint32_t errors;
    bool broken; /* a flush has failed */
};

/* [boot, loop, in a call] */
static struct {
    struct disk disks[DISKS_MAX];
    uint32_t count;
} state;

/* All of it, or an errno. */
static int move_part(const struct disk *disk, bool reads, off_t at, uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = reads ? pread(disk->fd, bytes, len, at) : pwrite(disk->fd, bytes, len, at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? errno : EIO; /* 0: someone has cut the file */
        }
        bytes += n;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

static int move_bytes(const struct disk *disk, const struct block_request *r)
{
    off_t at = (off_t)(r->sector * BLOCK_SECTOR);
    bool reads = r->op == BLOCK_READ;
    int error = 0;
    if (r->segment_count == 0) {
        return move_part(disk, reads, at, r->bytes, (size_t)r->sectors * BLOCK_SECTOR);
    }
    for (uint32_t i = 0; error == 0 && i < r->segment_count; i++) {
        error = move_part(disk, reads, at, r->segments[i].bytes, r->segments[i].len);
        at += r->segments[i].len;
    }
    return error;
}

/* Where a file system can not make holes, DISCARD may as well do nothing; ZEROES are written. */
static int erase(const struct disk *disk, const struct block_request *r)
{
    static uint8_t zeroes[64 * 1024]; /* [loop, in a call] read; nobody writes it */
    off_t at = (off_t)(r->sector * BLOCK_SECTOR), len = (off_t)r->sectors * BLOCK_SECTOR;
    bool keep = r->op == BLOCK_ZEROES; /* the room, for what will be written there */
    int error = 0;
    if ((keep && fallocate(disk->fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, at, len) == 0) ||
        fallocate(disk->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, len) == 0) {
        return 0;
    }
    if (errno != EOPNOTSUPP && errno != ENODEV && errno != ENOSYS) {
        return errno;
    }
    for (off_t part; keep && error == 0 && len > 0; at += part, len -= part) {
        part = MIN(len, (off_t)sizeof zeroes);
        error = move_part(disk, false, at, zeroes, (size_t)part);
    }
    return error;
}

/* Its size, if somebody has changed that. A disk or file that is not there any more can still be
 * read and written by who has it open. */
static void refresh(struct block_device *device)
{
    struct disk *disk = container_of(device, struct disk, device);
    off_t len = lseek(disk->fd, 0, SEEK_END); /* fstat() knows nothing of a disk's size */
    if (len >= 0) {
        uint64_t sectors = (uint64_t)len / BLOCK_SECTOR; /* the rest is not used */
        block_resized(device, ALIGN_DOWN(sectors, (uint64_t)MAX(device->multiple, 1u)));
    }
}

/*
 * When fdatasync() fails, Linux forgets that the pages were not written: the next one says OK and
 * means nothing. So no flush succeeds any more.
 */
static int flush(struct disk *disk)
{
    if (disk->broken) {
        return EIO;
    }
    int error = fdatasync(disk->fd) == 0 ? 0 : errno;
    disk->broken = error != 0;
    return error;
}

static void submit(struct block_device *device, struct block_request *r)
{
    struct disk *disk = container_of(device, struct disk, device);
    bool moves = r->op == BLOCK_READ || r->op == BLOCK_WRITE;
    int error = moves ? move_bytes(disk, r) : r->op == BLOCK_FLUSH ? flush(disk) : erase(disk, r);
    if (error == EIO && r->op == BLOCK_READ) {
        refresh(device);
    }
    bool beyond = r->op != BLOCK_FLUSH && r->sector + r->sectors > device->sectors;
    if (error != 0 && disk->errors++ < ERRORS_SAID) {
        log_warn(ROOM, "%s: %s sector=%lu sectors=%u: %s%s", device->name, block_op_name(r->op),
                 r->sector, r->sectors, strerror(error),
                 disk->errors == ERRORS_SAID ? "; more are not named" : "");
    }
    block_done(r, error == 0 ? CTX_OK : beyond ? CTX_E_RANGE : CTX_E_IO);
}

static const char *open_file(struct disk *disk, const char *path, bool read_only)
{
    struct stat s;
    disk->fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
    if (disk->fd < 0) {
        return errno == ENOENT    ? "there is no such file"
               : errno == EISDIR  ? "it is a folder"
               : errno == EACCES  ? "it may not be opened"
               : errno == EROFS   ? "it can only be read"
               : errno == ETXTBSY ? "it is a program that runs"
                                  : "it can not be opened";
    }
    if (fstat(disk->fd, &s) != 0 || (!S_ISREG(s.st_mode) && !S_ISBLK(s.st_mode))) {
        return "it is no file and no disk";
    }
    const char *why = diskfile_lock(disk->fd, path, !read_only);
    if (why != NULL) {
        return why;
    }
    off_t len = lseek(disk->fd, 0, SEEK_END);
    uint32_t block = disk->device.multiple * BLOCK_SECTOR;
    if (len < (off_t)block) {
        return block == BLOCK_SECTOR ? "it is shorter than one sector of 512 bytes"
                                     : "it is shorter than one block of 4096 bytes";
    }
    disk->device.sectors = (uint64_t)len / block * disk->device.multiple; /* the rest is not used */
    return NULL;
}

const char *linux_disk_open(const char *path, bool read_only)
{
    return linux_disk_open_as(path, read_only, BLOCK_SECTOR);
}

const char *linux_disk_open_as(const char *path, bool read_only, uint32_t block)
{
    if (state.count == DISKS_MAX) {
        return "there are eight disks already";
    }
    struct disk *disk = &state.disks[state.count];
    *disk = (struct disk){.device = {.max_sectors = SECTORS_MAX,
                                     .max_segments = SEGMENTS_MAX,
                                     .max_erase = ERASE_MAX,
                                     .multiple = block / BLOCK_SECTOR,
                                     .read_only = read_only,
                                     .discards = !read_only,
                                     .zeroes = !read_only,
                                     .submit = submit,
                                     .refresh = refresh}};
    const char *why = open_file(disk, path, read_only);
    if (why != NULL) {
        if (disk->fd >= 0) {
            close(disk->fd);
        }
        return why;
    }
    /* Named as on the other machine, so that boot words mean the same. */
    format_text(disk->device.name, sizeof disk->device.name, "vd%c", 'a' + (int)state.count);
    state.count++;
    block_offer(&disk->device);
    return NULL;
}
