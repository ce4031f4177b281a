/* SPDX-License-Identifier: MIT */
/* What a set of select() has room for, unless the program says so first: descriptors grow. */
#ifndef CTX_C_SYS_SELECT_ROOM_H
#define CTX_C_SYS_SELECT_ROOM_H

#ifndef FD_SETSIZE
#define FD_SETSIZE 1024
#endif

#include_next <sys/_select.h>

#endif
