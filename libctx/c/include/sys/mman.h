/* SPDX-License-Identifier: MIT */
/*
 * <sys/mman.h>: memory without a file, and files that are only read. A file compiled in is not
 * copied: the answer lies in it. What others could see change (MAP_SHARED and PROT_WRITE of a
 * file), addresses that the caller chooses and memory that can be executed are refused.
 */
#ifndef CTX_C_SYS_MMAN_H
#define CTX_C_SYS_MMAN_H

#include <sys/types.h>

#define PROT_NONE       0
#define PROT_READ       1
#define PROT_WRITE      2
#define PROT_EXEC       4

#define MAP_SHARED      0x01
#define MAP_PRIVATE     0x02
#define MAP_FIXED       0x10
#define MAP_ANONYMOUS   0x20
#define MAP_ANON        MAP_ANONYMOUS
#define MAP_NORESERVE   0x4000
#define MAP_FAILED      ((void *)-1)

#define MS_ASYNC        1
#define MS_INVALIDATE   2
#define MS_SYNC         4

#define MADV_NORMAL     0
#define MADV_RANDOM     1
#define MADV_SEQUENTIAL 2
#define MADV_WILLNEED   3
#define MADV_DONTNEED   4

#ifdef __cplusplus
extern "C" {
#endif

void *mmap(void *wanted, size_t len, int protection, int flags, int fd, off_t offset);
int munmap(void *memory, size_t len);
int mprotect(void *memory, size_t len, int protection);
int msync(void *memory, size_t len, int flags);
int madvise(void *memory, size_t len, int advice);
int mlock(const void *memory, size_t len);
int munlock(const void *memory, size_t len);

#ifdef __cplusplus
}
#endif
#endif
