/* SPDX-License-Identifier: MIT */
/* A file, or a disk of Linux's, as a disk of files. Locks are flock()'s, and those that QEMU and
 * `ctx run` take. */
#define _GNU_SOURCE
#include "tool.h"

#include "layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* QEMU's block/file-posix.c: byte 100 + n says "I do this", 200 + n "nobody else may". */
#define BYTE_DO    100
#define BYTE_ALONE 200
#define DO_READ    0
#define DO_WRITE   1
#define DO_RESIZE  3

static struct file_disk *of(struct fdb_disk *disk)
{
    return (struct file_disk *)disk;
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
            return n == 0 ? CTX_E_RANGE : CTX_E_IO;
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
            return CTX_E_IO;
        }
        at += (uint64_t)n;
        from += n;
        len -= (uint32_t)n;
    }
    return CTX_OK;
}

static ctx_status disk_flush(struct fdb_disk *disk)
{
    return fdatasync(of(disk)->fd) == 0 ? CTX_OK : CTX_E_IO;
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

static short lock_byte(int fd, int command, short type, int byte)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    return fcntl(fd, command, &lock) == 0 ? lock.l_type : F_UNLCK;
}

/* First say what is done here, then look at what others do. */
static bool lock_out(int fd, bool writable)
{
    lock_byte(fd, F_OFD_SETLK, F_RDLCK, BYTE_DO + DO_READ);
    if (writable) {
        lock_byte(fd, F_OFD_SETLK, F_RDLCK, BYTE_DO + DO_WRITE);
    }
    lock_byte(fd, F_OFD_SETLK, F_RDLCK, BYTE_ALONE + DO_WRITE);
    lock_byte(fd, F_OFD_SETLK, F_RDLCK, BYTE_ALONE + DO_RESIZE);
    return lock_byte(fd, F_OFD_GETLK, F_WRLCK, BYTE_ALONE + DO_READ) == F_UNLCK &&
           (!writable || lock_byte(fd, F_OFD_GETLK, F_WRLCK, BYTE_ALONE + DO_WRITE) == F_UNLCK) &&
           lock_byte(fd, F_OFD_GETLK, F_WRLCK, BYTE_DO + DO_WRITE) == F_UNLCK &&
           lock_byte(fd, F_OFD_GETLK, F_WRLCK, BYTE_DO + DO_RESIZE) == F_UNLCK;
}

static const char *take(struct file_disk *d, const char *path, bool writable)
{
    struct stat s;
    d->path = path;
    if (fstat(d->fd, &s) != 0 || (!S_ISREG(s.st_mode) && !S_ISBLK(s.st_mode))) {
        return "it is no file and no disk";
    }
    if (flock(d->fd, (writable ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 || !lock_out(d->fd, writable)) {
        return "another program uses it";
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
    if (why == NULL && fstat(d->fd, &s) == 0 && S_ISREG(s.st_mode) && bytes != 0) {
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
