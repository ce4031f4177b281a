/* SPDX-License-Identifier: MIT */
/* What lwIP wants to know of a compiler and of what is under it: port.c has it. */
#ifndef ARCH_CC_H
#define ARCH_CC_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_UNISTD_H   1
#define LWIP_NO_CTYPE_H    1
#ifndef SSIZE_MAX
#define SSIZE_MAX INTPTR_MAX
#endif

#define X8_F  "02x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "zu"

_Noreturn void stack_broken(const char *what, const char *file, int line);
uint32_t stack_rand(void);

#define LWIP_PLATFORM_ASSERT(what) stack_broken(what, __FILE__, __LINE__)
#define LWIP_PLATFORM_DIAG(words)                                                                  \
    do {                                                                                           \
    } while (0)
#define LWIP_RAND() stack_rand()

typedef unsigned long sys_prot_t;

#endif
