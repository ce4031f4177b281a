/* SPDX-License-Identifier: MIT */
/* <sys/uio.h>: several pieces of memory in one call. */
#ifndef CTX_C_SYS_UIO_H
#define CTX_C_SYS_UIO_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct iovec {
    void *iov_base;
    size_t iov_len;
};

ssize_t readv(int fd, const struct iovec *pieces, int count);
ssize_t writev(int fd, const struct iovec *pieces, int count);

#ifdef __cplusplus
}
#endif
#endif
