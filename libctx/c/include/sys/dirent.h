/* SPDX-License-Identifier: MIT */
/* What picolibc's <dirent.h> wants from the system below it. There are no folders: ENOSYS. */
#ifndef CTX_C_SYS_DIRENT_H
#define CTX_C_SYS_DIRENT_H

#include <sys/types.h>

typedef struct ctx_c_dir DIR;

struct dirent {
    ino_t d_ino;
    char d_name[256];
};

#endif
