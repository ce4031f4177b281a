/* SPDX-License-Identifier: MIT */
/* For the sources of others that pack.c compiles: the C library's header is not the kernel's. */
#include <kernel/string.h>
