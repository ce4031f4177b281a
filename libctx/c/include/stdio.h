/* SPDX-License-Identifier: MIT */
/* picolibc's <stdio.h> has no room in L_tmpnam for a folder, no P_tmpdir, and not all of POSIX. */
#ifndef CTX_C_STDIO_H
#define CTX_C_STDIO_H

#include_next <stdio.h>

#undef L_tmpnam
#define L_tmpnam 20
#undef P_tmpdir
#define P_tmpdir "/tmp"

#ifdef __cplusplus
extern "C" {
#endif

#if __ATFILE_VISIBLE
int renameat(int from_folder, const char *from, int to_folder, const char *to);
#endif
#if __POSIX_VISIBLE >= 199209
FILE *popen(const char *command, const char *mode);
int pclose(FILE *file);
char *ctermid(char *to);
#endif
#if __POSIX_VISIBLE >= 200809
int dprintf(int fd, const char *__restrict format, ...)
    __attribute__((__format__(__printf__, 2, 3)));
int vdprintf(int fd, const char *__restrict format, __builtin_va_list args)
    __attribute__((__format__(__printf__, 2, 0)));
FILE *open_memstream(char **bytes, size_t *len);
#endif

#ifdef __cplusplus
}
#endif
#endif
