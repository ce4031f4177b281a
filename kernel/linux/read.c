/* SPDX-License-Identifier: MIT */
/*
 * What users name: files and numbers. Neither is believed: a file may be a device that never ends,
 * a number larger than any.
 */
#define _GNU_SOURCE
#include "store_private.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP (1u << 20)

/*
 * Files, and pipes: those bring what another program makes (`ctx check <(make-it)`, /dev/stdin).
 * Devices are not even opened, because opening some does something.
 */
static const char *wrong_kind(mode_t mode)
{
    return S_ISDIR(mode)    ? "it is a folder"
           : S_ISCHR(mode)  ? "it is a device, no file and no pipe"
           : S_ISBLK(mode)  ? "it is a disk, no file and no pipe"
           : S_ISSOCK(mode) ? "it is a socket, no file and no pipe"
                            : NULL;
}

static const char *too_long(uint64_t most, char *to, size_t size)
{
    const char *unit = most >= 10 << 20 ? "MiB" : "KiB";
    snprintf(to, size, "it is longer than %llu %s, and no more is read",
             (unsigned long long)(most >> (most >= 10 << 20 ? 20 : 10)), unit);
    return to;
}

/* Up to `most` bytes; *why is NULL, or what is wrong. To be freed in any case. */
static uint8_t *read_all(int fd, uint64_t most, uint64_t *len, const char **why, char *room,
                         size_t size)
{
    uint8_t *data = NULL;
    uint64_t capacity = 0;
    ssize_t n = 1;
    *len = 0;
    *why = NULL;
    while (n > 0) {
        if (capacity - *len < STEP) {
            uint8_t *more = realloc(data, capacity + 2 * STEP);
            if (more == NULL) {
                *why = "not enough memory";
                break;
            }
            data = more;
            capacity += 2 * STEP;
        }
        n = read(fd, data + *len, STEP);
        *why = n < 0 ? strerror(errno) : NULL; /* also when a signal says to end */
        *len += n > 0 ? (uint64_t)n : 0;
        if (*len > most) {
            *why = too_long(most, room, size);
            break;
        }
    }
    return data;
}

uint8_t *tool_read(const char *path, uint64_t most, uint64_t *len)
{
    struct stat s;
    char room[80];
    uint8_t *data = NULL;
    const char *why = stat(path, &s) != 0 ? strerror(errno) : wrong_kind(s.st_mode);
    int fd = why == NULL ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
    if (why == NULL && (fd < 0 || fstat(fd, &s) != 0)) {
        why = strerror(errno);
    }
    if (why == NULL && S_ISREG(s.st_mode) && (uint64_t)s.st_size > most) {
        why = too_long(most, room, sizeof room);
    }
    if (why == NULL) {
        data = read_all(fd, most, len, &why, room, sizeof room);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (why != NULL) {
        fprintf(stderr, "ctx: %s: %s\n", path, why);
        free(data);
        return NULL;
    }
    return data;
}

static bool begins(int fd, off_t at, const uint8_t magic[8])
{
    uint8_t bytes[8];
    return pread(fd, bytes, sizeof bytes, at) == (ssize_t)sizeof bytes &&
           memcmp(bytes, magic, sizeof bytes) == 0;
}

/* By either superblock, or the table of the partition that it is in. */
const char *tool_protected(const char *path)
{
    static const uint8_t gpt[8] = {'E', 'F', 'I', ' ', 'P', 'A', 'R', 'T'};
    struct stat s;
    if (stat(path, &s) != 0 || !S_ISREG(s.st_mode)) {
        return NULL; /* what is no file is others' business */
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t last = s.st_size - (off_t)STORE_BLOCK;
    bool disk =
        fd >= 0 && (begins(fd, 0, store_magic) || begins(fd, 512, gpt) ||
                    (last > 0 && begins(fd, last / STORE_BLOCK * STORE_BLOCK, store_magic)));
    if (fd >= 0) {
        close(fd);
    }
    return disk ? "it is a disk, and all that is saved on it would be lost" : NULL;
}

/* Of a file that is not there its folder counts. */
const char *tool_unwritable(const char *path)
{
    struct stat s;
    char folder[PATH_MAX];
    if (stat(path, &s) == 0) {
        return S_ISDIR(s.st_mode)        ? "it is a folder"
               : access(path, W_OK) != 0 ? strerror(errno)
                                         : tool_protected(path);
    }
    const char *slash = strrchr(path, '/');
    size_t len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    if (errno != ENOENT || len >= sizeof folder) {
        return strerror(errno != ENOENT ? errno : ENAMETOOLONG);
    }
    snprintf(folder, sizeof folder, "%.*s", (int)len, len > 0 ? path : "");
    if (access(len > 0 ? folder : ".", W_OK | X_OK) != 0) {
        return errno == ENOENT ? "there is no such folder" : strerror(errno);
    }
    return NULL;
}

bool tool_number(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 0); /* which saturates, and takes a sign */
    *out = v;
    return text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0 && v >= least && v <= most;
}
