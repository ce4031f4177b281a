/* SPDX-License-Identifier: MIT */
/* A file, or a disk of Linux's, as a disk of files. */
#define _GNU_SOURCE
#include "tool.h"

#include "diskfile.h"
#include "layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct file_disk *of(struct fdb_disk *disk)
{
    return (struct file_disk *)disk;
}

/* What this system said, once: what comes of it is only called an error. */
static ctx_status failed(struct fdb_disk *disk)
{
    if (!of(disk)->told) {
        of(disk)->told = true;
        storage_complain(of(disk)->path, strerror(errno));
    }
    return CTX_E_IO;
}

static ctx_status disk_read(struct fdb_disk *disk, uint64_t at, void *bytes, uint32_t len)
{
    uint8_t *to = bytes;
    while (len > 0) {
        ssize_t n = pread(of(disk)->fd, to, len, (off_t)at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n == 0 ? CTX_E_RANGE : failed(disk);
        }
        at += (uint64_t)n;
        to += n;
        len -= (uint32_t)n;
    }
    return CTX_OK;
}

static ctx_status disk_write(struct fdb_disk *disk, uint64_t at, const void *bytes, uint32_t len)
{
    const uint8_t *from = bytes;
    if (at > disk->bytes || len > disk->bytes - at) {
        return CTX_E_RANGE;
    }
    while (len > 0) {
        ssize_t n = pwrite(of(disk)->fd, from, len, (off_t)at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return failed(disk);
        }
        at += (uint64_t)n;
        from += n;
        len -= (uint32_t)n;
    }
    return CTX_OK;
}

static ctx_status disk_flush(struct fdb_disk *disk)
{
    return fdatasync(of(disk)->fd) == 0 ? CTX_OK : failed(disk);
}

static int64_t disk_now(struct fdb_disk *disk)
{
    struct timespec t;
    (void)disk;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void disk_random(struct fdb_disk *disk, void *bytes, uint32_t len)
{
    (void)disk;
    if (getrandom(bytes, len, 0) != (ssize_t)len) {
        memset(bytes, 0x5a, len);
    }
}

static const char *take(struct file_disk *d, const char *path, bool writable)
{
    struct stat s;
    d->path = path;
    d->told = false;
    if (fstat(d->fd, &s) != 0 || (!S_ISREG(s.st_mode) && !S_ISBLK(s.st_mode))) {
        return "it is no file and no disk";
    }
    const char *why = diskfile_lock(d->fd, path, writable);
    if (why != NULL) {
        return why;
    }
    off_t len = lseek(d->fd, 0, SEEK_END); /* fstat() knows nothing of a disk's size */
    d->disk = (struct fdb_disk){
        .bytes = len > 0 ? (uint64_t)len / 512 * 512 : 0,
        .block = 512,
        .read_only = !writable,
        .read = disk_read,
        .write = disk_write,
        .flush = disk_flush,
        .now_ns = disk_now,
        .random = disk_random,
    };
    return NULL;
}

const char *file_disk_open(struct file_disk *d, const char *path, bool writable)
{
    d->fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    if (d->fd < 0) {
        return strerror(errno);
    }
    const char *why = take(d, path, writable);
    if (why != NULL) {
        close(d->fd);
    }
    return why;
}

/* A file that has something in it, or a disk that is not blank, is not written over unasked. */
static const char *is_free(struct file_disk *d)
{
    struct fdb_label label;
    const char *why;
    bool blank;
    ctx_status status = fdb_layout_read(&d->disk, &label, &blank, &why);
    if (status == CTX_E_NOENT && (blank || d->disk.bytes == 0)) {
        return NULL;
    }
    return status == CTX_E_NOENT ? "there is something on it (--force)"
                                 : "it is a disk of files already (--force)";
}

const char *storage_tool_wrong(const char *path)
{
    struct file_disk d;
    struct fdb_label label;
    bool blank;
    uint8_t table[8];
    const char *why = NULL;
    if (file_disk_open(&d, path, false) != NULL) {
        return NULL;
    }
    ctx_status status = fdb_layout_read(&d.disk, &label, &blank, NULL);
    bool parts = disk_read(&d.disk, 512, table, sizeof table) == CTX_OK &&
                 memcmp(table, "EFI PART", sizeof table) == 0;
    if (status == CTX_E_NOENT && !parts) {
        why = blank ? "there is nothing on it (ctx files create makes a disk of files)"
                    : "it is no disk of files (ctx files create makes one)";
    }
    file_disk_close(&d);
    return why;
}

const char *file_disk_create(struct file_disk *d, const char *path, uint64_t bytes, bool force)
{
    struct stat s;
    d->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (d->fd < 0) {
        return strerror(errno);
    }
    const char *why = take(d, path, true);
    if (why == NULL && !force) {
        why = is_free(d);
    }
    /* What is refused is left as it was. */
    bool sized = why == NULL && fstat(d->fd, &s) == 0 && S_ISREG(s.st_mode) && bytes != 0;
    if (why == NULL && (sized ? bytes : d->disk.bytes) < FDB_DISK_LEAST) {
        why = "the disk is too small: 8 MiB are the least";
    }
    if (why == NULL && sized) {
        /* What was there must not shine through holes: to nothing, then to its size. */
        if (ftruncate(d->fd, 0) != 0 || ftruncate(d->fd, (off_t)bytes) != 0) {
            why = strerror(errno);
        }
        d->disk.bytes = bytes;
    }
    if (why != NULL) {
        close(d->fd);
    }
    return why;
}

void file_disk_close(struct file_disk *d)
{
    close(d->fd);
}

bool file_disk_is_file(const struct file_disk *d)
{
    struct stat s;
    return fstat(d->fd, &s) == 0 && S_ISREG(s.st_mode);
}

/* What is zeroes stays a hole. */
static const char *copy_bytes(int from, int to, off_t len)
{
    static uint8_t bytes[65536], zeroes[sizeof bytes];
    for (off_t at = 0; at < len;) {
        off_t data = lseek(from, at, SEEK_DATA);
        if (data < 0) {
            return errno == ENXIO ? NULL : strerror(errno); /* holes up to the end */
        }
        at = data / (off_t)sizeof bytes * (off_t)sizeof bytes;
        ssize_t n = pread(from, bytes, sizeof bytes, at);
        if (n <= 0) {
            return n == 0 ? NULL : strerror(errno);
        }
        if (memcmp(bytes, zeroes, (size_t)n) != 0 && pwrite(to, bytes, (size_t)n, at) != n) {
            return strerror(errno);
        }
        at += n;
    }
    return NULL;
}

const char *file_disk_copy(const struct file_disk *d, char *path, size_t room)
{
    struct stat s;
    int n = snprintf(path, room, "%s.XXXXXX", d->path);
    if (n < 0 || (size_t)n >= room) {
        path[0] = 0;
        return "its path is too long";
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0) {
        return strerror(errno);
    }
    /* Whose it is only root can say; for others it is theirs, or somebody's who lets them. */
    bool good = fstat(d->fd, &s) == 0 && (fchown(fd, s.st_uid, s.st_gid) == 0 || errno == EPERM) &&
                fchmod(fd, s.st_mode & 0777) == 0 && ftruncate(fd, s.st_size) == 0;
    const char *why = good ? copy_bytes(d->fd, fd, s.st_size) : strerror(errno);
    if (why == NULL && fsync(fd) != 0) {
        why = strerror(errno);
    }
    close(fd);
    if (why != NULL) {
        (void)unlink(path);
    }
    return why;
}

bool file_disk_punch(struct file_disk *d, uint64_t at, uint64_t bytes)
{
    int rc = fallocate(d->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)bytes);
    if (rc != 0 && errno != EOPNOTSUPP) { /* that file system has no holes */
        return storage_complain(d->path, strerror(errno));
    }
    return fsync(d->fd) == 0 ? true : storage_complain(d->path, strerror(errno));
}
