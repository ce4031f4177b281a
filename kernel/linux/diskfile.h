/* SPDX-License-Identifier: MIT */
/*
 * diskfile.h - what all of `ctx` does alike with disks that are files: `ctx run`, `ctx disk` and
 * `ctx files` (apps/storage/tool). Of this system alone; no room of the kernel needs it.
 *
 * A disk is locked for as long as it is open, so that two programs never write one; several may
 * read it. Two kinds of locks: flock()'s, and those that QEMU takes (its block/file-posix.c: byte
 * 100 + n says "I do this", 200 + n "nobody else may", each a shared lock), so that neither opens
 * the disk of the other. Tools that ask for no lock notice neither.
 */
#ifndef LINUX_DISKFILE_H
#define LINUX_DISKFILE_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/* n of what is done */
#define DISKFILE_READ   0
#define DISKFILE_WRITE  1
#define DISKFILE_RESIZE 3

/* F_OFD_SETLK takes the lock, F_OFD_GETLK asks whether another has one there: then it is no
 * F_UNLCK. */
static inline short diskfile_byte(int fd, int command, short type, int byte)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    return fcntl(fd, command, &lock) == 0 ? lock.l_type : F_UNLCK;
}

/* Whether what was opened is still what lies there: `ctx files compact` puts another file in its
 * place, and whoever had opened the old one before would write where nobody reads. */
static inline bool diskfile_is_at(int fd, const char *path)
{
    struct stat opened, there;
    return fstat(fd, &opened) == 0 && stat(path, &there) == 0 && opened.st_dev == there.st_dev &&
           opened.st_ino == there.st_ino;
}

/* NULL, or why not. The locks go with the descriptor. */
static inline const char *diskfile_lock(int fd, const char *path, bool writable)
{
    static const int alone[] = {DISKFILE_WRITE, DISKFILE_RESIZE};
    const int does = 100, forbids = 200;
    if (flock(fd, (writable ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? "another program uses it" : "it can not be locked";
    }
    /* First say what is done here, then look at what others do: of two that come at once one sees
     * the other. File systems without such locks have no QEMU that would ask for them either. */
    diskfile_byte(fd, F_OFD_SETLK, F_RDLCK, does + DISKFILE_READ);
    if (writable) {
        diskfile_byte(fd, F_OFD_SETLK, F_RDLCK, does + DISKFILE_WRITE);
    }
    for (int i = 0; i < 2; i++) {
        diskfile_byte(fd, F_OFD_SETLK, F_RDLCK, forbids + alone[i]);
    }
    bool good =
        diskfile_byte(fd, F_OFD_GETLK, F_WRLCK, forbids + DISKFILE_READ) == F_UNLCK &&
        (!writable || diskfile_byte(fd, F_OFD_GETLK, F_WRLCK, forbids + DISKFILE_WRITE) == F_UNLCK);
    for (int i = 0; i < 2; i++) {
        good = good && diskfile_byte(fd, F_OFD_GETLK, F_WRLCK, does + alone[i]) == F_UNLCK;
    }
    if (good && !diskfile_is_at(fd, path)) {
        return "another program has just put another file there";
    }
    return good ? NULL : "another program uses it";
}

/* A size as people write it: 67108864, 64M, 64m; K, M, G or T. False: it is none, or 0. */
static inline bool diskfile_size(const char *text, uint64_t *out)
{
    static const char units[] = "KMGT";
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    const char *unit = *end != 0 ? strchr(units, *end & ~0x20) : NULL;
    uint32_t shift = unit != NULL ? 10 * (uint32_t)(unit - units + 1) : 0;
    *out = (uint64_t)n << shift;
    return text[0] >= '0' && text[0] <= '9' && errno == 0 && *out >> shift == n &&
           end[unit != NULL] == 0 && *out > 0 && *out <= INT64_MAX;
}

#endif
