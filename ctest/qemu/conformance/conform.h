/* SPDX-License-Identifier: MIT */
/*
 * A program that prints the same with any good C library: compiled for this machine it makes the
 * expected lines, compiled as an app it makes the lines that conformance.py compares with them.
 * Lines are shorter than 150 characters and begin with what they are about and a number.
 */
#ifndef CONFORM_H
#define CONFORM_H

#include <stdint.h>

void conform_print(void);
void conform_parse(void);
void conform_strings(void);
void conform_wide(void);
void conform_sort(void);
void conform_memory(void);
void conform_jumps(void);
void conform_math(void);

/* The same numbers everywhere. */
uint32_t conform_random(void);

#endif
