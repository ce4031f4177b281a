/* SPDX-License-Identifier: MIT */
/*
 * <sys/mman.h>. Pages are blocks of aligned_alloc; a list says which, so that munmap() of what is
 * part of a compiled in file frees nothing. Only what was mapped is unmapped, as a whole.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "files/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u

struct map {
    struct map *next;
    void *at;
    size_t len;
    bool ours; /* a block of its own */
};

static struct map *maps;

static void *fail(int error)
{
    errno = error;
    return MAP_FAILED;
}

/* The file's bytes in a block of their own. */
static int fill(char *at, size_t len, int fd, off_t offset)
{
    size_t done = 0;
    while (done < len) {
        ssize_t count = pread(fd, at + done, len - done, offset + (off_t)done);
        if (count < 0) {
            return errno;
        }
        if (count == 0) {
            break;
        }
        done += (size_t)count;
    }
    memset(at + done, 0, len - done);
    return 0;
}

/* In place, where nothing behind the file is asked for but the rest of its last page. */
static char *in_place(int fd, off_t offset, size_t len)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    size_t size = 0;
    const char *all = file->ops->whole != NULL ? file->ops->whole(file, &size) : NULL;
    bool fits = all != NULL && (uint64_t)offset <= size && len <= size - (size_t)offset &&
                ((uintptr_t)all + (uintptr_t)offset) % PAGE == 0;
    return fits ? (char *)(uintptr_t)(all + offset) : NULL;
}

void *mmap(void *wanted, size_t len, int protection, int flags, int fd, off_t offset)
{
    bool anonymous = (flags & MAP_ANONYMOUS) != 0, writes = (protection & PROT_WRITE) != 0;
    (void)wanted;
    if (len == 0 || len > PTRDIFF_MAX || offset < 0 || offset % PAGE != 0 ||
        ((flags & MAP_SHARED) != 0) == ((flags & MAP_PRIVATE) != 0)) {
        return fail(EINVAL);
    }
    if ((flags & MAP_FIXED) != 0 || (protection & PROT_EXEC) != 0) {
        return fail(ENOTSUP);
    }
    if (!anonymous && ctx_c_file_of(fd) == NULL) {
        return fail(EBADF);
    }
    if (!anonymous && (flags & MAP_SHARED) != 0 && writes) {
        return fail(ENODEV);
    }
    struct map *map = malloc(sizeof *map);
    if (map == NULL) {
        return fail(ENOMEM);
    }
    size_t whole = (len + PAGE - 1) & ~(size_t)(PAGE - 1);
    char *at = anonymous || writes ? NULL : in_place(fd, offset, len);
    bool ours = at == NULL;
    int error = 0;
    if (ours) {
        at = anonymous ? ctx_c_zeroed(whole, PAGE) : aligned_alloc(PAGE, whole);
        error = at == NULL ? ENOMEM : 0;
    }
    if (ours && error == 0 && !anonymous) {
        error = fill(at, whole, fd, offset);
    }
    if (error != 0) {
        free(ours ? at : NULL);
        free(map);
        return fail(error);
    }
    *map = (struct map){.next = maps, .at = at, .len = whole, .ours = ours};
    maps = map;
    return at;
}

int munmap(void *memory, size_t len)
{
    size_t whole = (len + PAGE - 1) & ~(size_t)(PAGE - 1);
    for (struct map **at = &maps; *at != NULL; at = &(*at)->next) {
        struct map *map = *at;
        if (map->at == memory && map->len == whole) {
            *at = map->next;
            free(map->ours ? map->at : NULL);
            free(map);
            return 0;
        }
    }
    errno = EINVAL;
    return -1;
}

static int find(const void *memory)
{
    for (const struct map *map = maps; map != NULL; map = map->next) {
        if ((uintptr_t)memory - (uintptr_t)map->at < map->len) {
            return 0;
        }
    }
    errno = ENOMEM;
    return -1;
}

/* Rights are those that the memory has: readable and writable, or compiled in. */
int mprotect(void *memory, size_t len, int protection)
{
    (void)len;
    if ((protection & PROT_EXEC) != 0) {
        errno = EACCES;
        return -1;
    }
    return find(memory);
}

/* clang-format off */
int msync(void *memory, size_t len, int flags) { (void)len; (void)flags; return find(memory); }
int madvise(void *memory, size_t len, int advice) { (void)memory; (void)len; (void)advice; return 0; }
int mlock(const void *memory, size_t len) { (void)memory; (void)len; return 0; }
int munlock(const void *memory, size_t len) { (void)memory; (void)len; return 0; }
/* clang-format on */
