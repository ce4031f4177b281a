/* SPDX-License-Identifier: MIT */
/*
 * For a program that inetd starts, compiled in front of it: its standard input and output are a
 * connection, its main is called for each, and its exit ends that call alone (inetd.c).
 */
#ifndef PORTS_INETD_H
#define PORTS_INETD_H

#include <stdio.h>
#include <stdlib.h>

extern FILE *inetd_in, *inetd_out;

int inetd_main(int argc, char **argv);
void inetd_exit(int code) __attribute__((noreturn));
int inetd_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int inetd_puts(const char *text);

#ifndef INETD_ITSELF
#undef stdin
#undef stdout
#undef putchar
#define stdin      inetd_in
#define stdout     inetd_out
#define main       inetd_main
#define exit       inetd_exit
#define printf     inetd_printf
#define puts       inetd_puts
#define putchar(c) putc((c), inetd_out)
#endif

#endif
