/* SPDX-License-Identifier: MIT */
/* The tool's subcommands; each gives back the exit code (enum host_exit). */
#ifndef KERNEL_HOST_TOOL_H
#define KERNEL_HOST_TOOL_H

#include <kernel/types.h>

/* A whole file; free() it. NULL: stderr says why. */
uint8_t *tool_read(const char *path, uint64_t *len);

int tool_run(int argc, char **argv);
int tool_info(int argc, char **argv);
int tool_check(int argc, char **argv);

#endif
