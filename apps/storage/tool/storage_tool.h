/* SPDX-License-Identifier: MIT */
/* storage_tool.h - `ctx files`: disks of files on Linux, by the same code that the app has. */
#ifndef STORAGE_TOOL_H
#define STORAGE_TOOL_H

#include <stdbool.h>

/* Whether `ctx files WORD` is about a disk; else it is about files that are compiled in. */
bool storage_tool_knows(const char *word);

/* The words behind `ctx files`. An exit code: 0, 1 it was refused or is damaged, 2 usage. */
int storage_tool(int argc, char **argv);

/* Why a file, or disk, has no files for the app storage, and what to do. NULL: it has, or it is
 * damaged, or can not be opened, which others say; or there are partitions, whose app that is. */
const char *storage_tool_wrong(const char *path);

#endif
