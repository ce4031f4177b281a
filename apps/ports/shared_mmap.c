/* SPDX-License-Identifier: MIT */
/* For ports that write to a file by mapping it, which our C library refuses: the file is read when
 * it is mapped, and written when that is synchronised or ends. One mapping does not see what
 * another one of the same file has. */
#include <sys/mman.h>
#include <unistd.h>

#define MAPS 64

static struct {
    char *at;
    size_t len;
    int fd;
} maps[MAPS];

void *shared_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset);
int shared_munmap(void *at, size_t len);
int shared_msync(void *at, size_t len, int flags);

void *shared_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
    int i = 0;
    while (i < MAPS && maps[i].at != NULL) {
        i++;
    }
    if ((flags & MAP_SHARED) == 0 || fd < 0 || offset != 0 || i == MAPS) {
        return mmap(at, len, protection, flags, fd, offset);
    }
    char *block = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
        return block;
    }
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(fd, block + done, len - done, (off_t)done);
        if (n <= 0) {
            break;
        }
        done += (size_t)n;
    }
    maps[i].at = block;
    maps[i].len = len;
    maps[i].fd = fd;
    return block;
}

int shared_msync(void *at, size_t len, int flags)
{
    (void)flags;
    for (int i = 0; i < MAPS; i++) {
        if (maps[i].at == at && at != NULL) {
            return pwrite(maps[i].fd, at, len < maps[i].len ? len : maps[i].len, 0) < 0 ? -1 : 0;
        }
    }
    return 0;
}

int shared_munmap(void *at, size_t len)
{
    for (int i = 0; i < MAPS; i++) {
        if (maps[i].at == at && at != NULL) {
            off_t size = lseek(maps[i].fd, 0, SEEK_END); /* a mapping makes no file longer */
            size_t keep = size > 0 && (size_t)size < maps[i].len ? (size_t)size : maps[i].len;
            if (size > 0) {
                pwrite(maps[i].fd, at, keep, 0);
            }
            len = maps[i].len;
            maps[i].at = NULL;
        }
    }
    return munmap(at, len);
}
