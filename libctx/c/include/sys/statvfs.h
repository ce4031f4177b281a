/* SPDX-License-Identifier: MIT */
/*
 * <sys/statvfs.h>: the app's files are memory, so every path that exists has the blocks, of 4096
 * bytes, that the app may have (f_blocks) and has left (f_bavail), whatever lent folders have.
 */
#ifndef CTX_C_SYS_STATVFS_H
#define CTX_C_SYS_STATVFS_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef _FSBLKCNT_T_DECLARED
typedef unsigned long fsblkcnt_t;
typedef unsigned long fsfilcnt_t;
#define _FSBLKCNT_T_DECLARED
#endif

struct statvfs {
    unsigned long f_bsize, f_frsize; /* bytes of a block */
    fsblkcnt_t f_blocks, f_bfree, f_bavail;
    fsfilcnt_t f_files, f_ffree, f_favail; /* 0: nobody counts them */
    unsigned long f_fsid, f_flag, f_namemax;
};

#define ST_RDONLY 1
#define ST_NOSUID 2

int statvfs(const char *__restrict path, struct statvfs *__restrict out); /* errors: stat's */
int fstatvfs(int fd, struct statvfs *out);                                /* errors: fstat's */

#ifdef __cplusplus
}
#endif
#endif
