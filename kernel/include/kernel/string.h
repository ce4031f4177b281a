/* SPDX-License-Identifier: MIT */
/* The memory and string functions that a freestanding compiler may call, and the few that the
 * kernel uses itself. */
#ifndef KERNEL_STRING_H
#define KERNEL_STRING_H

#include <kernel/types.h>

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library's header, which
 * kernel/linux has beside this one, has names of its own. */
void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t len);
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* Copy s into to (size bytes, at least 1), cut if need be, always terminated. Returns false if it
 * was cut. */
bool text_copy(char *to, size_t size, const char *s);

/* Text from a stranger becomes text for people: control characters become '?'. */
void text_make_printable(char *text);

/* Read a decimal or 0x number that ends at a NUL or a space. False: not a number, or it does not
 * fit. */
bool text_to_u64(const char *s, uint64_t *out);

#endif
