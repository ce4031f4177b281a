/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_UTF8_H
#define KERNEL_UTF8_H

#include <kernel/types.h>

/*
 * How many bytes the printable character at the start of these takes; 0 if it is a control
 * character or not well-formed UTF-8 (RFC 3629). len >= 1.
 */
uint32_t utf8_printable(const uint8_t *bytes, uint64_t len);

#endif
