/* SPDX-License-Identifier: MIT */
/* picolibc's <regex.h> uses size_t and does not say where it comes from. */
#ifndef CTX_C_REGEX_H
#define CTX_C_REGEX_H

#include <sys/types.h>

#include_next <regex.h>

#endif
