/* SPDX-License-Identifier: MIT */
/* picolibc's <fcntl.h> has no advice. */
#ifndef CTX_C_FCNTL_H
#define CTX_C_FCNTL_H

#include_next <fcntl.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef POSIX_FADV_NORMAL
#define POSIX_FADV_NORMAL     0
#define POSIX_FADV_RANDOM     1
#define POSIX_FADV_SEQUENTIAL 2
#define POSIX_FADV_WILLNEED   3
#define POSIX_FADV_DONTNEED   4
#define POSIX_FADV_NOREUSE    5
#endif

/* 0, or EBADF, EINVAL, ESPIPE; there is nothing to read ahead, or to forget. */
int posix_fadvise(int fd, off_t from, off_t len, int advice);

#ifdef __cplusplus
}
#endif
#endif
