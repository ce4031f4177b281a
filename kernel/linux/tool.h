/* SPDX-License-Identifier: MIT */
/* The tool's subcommands; each gives back the exit code (enum linux_exit). */
#ifndef KERNEL_LINUX_TOOL_H
#define KERNEL_LINUX_TOOL_H

#include <kernel/types.h>

#include <limits.h>

/* Of an app, an archive or an image: more than any that a machine of usual size can hold. */
#define TOOL_FILE_MAX (UINT64_C(1) << 30)

/* The whole of a file or a pipe, `most` bytes at most; free() it. NULL: stderr says why. */
uint8_t *tool_read(const char *path, uint64_t most, uint64_t *len);

/* Why a file must not be written over: it is a disk with a store. NULL: it may, as far as that is
 * concerned. */
const char *tool_protected(const char *path);

/* Why a file can not be written: that, or a folder that is missing, or rights. It is asked before
 * an app runs for an hour whose end is to be kept there. NULL: it can, as far as that is seen. */
const char *tool_unwritable(const char *path);

/* A number, also 0x10 or 010, all of the text. False: it is none, or not in this range. */
bool tool_number(const char *text, uint64_t least, uint64_t most, uint64_t *out);

/*
 * Someone wants to leave. With a session that is as when a power button is pressed: the loop saves
 * what runs first, so this returns. For tasks, which can not wait for that themselves. If saving
 * fails it goes on, for someone who can ask again; if nobody will, it ends with an error.
 */
void tool_end(bool asks_again);

/* Write what the display shows now as a PNG file. If that fails, the log and the exit code say so.
 */
void tool_screenshot(const char *path);

/* script.c: read a script for a screen of this size; false: it makes no sense, and stderr says
 * where and why. Then run it beside the apps. [boot] */
bool script_read(const char *path, uint32_t width, uint32_t height);
void script_start(void);

int tool_run(int argc, char **argv);
int tool_info(int argc, char **argv);
int tool_check(int argc, char **argv);
int tool_disk(int argc, char **argv);
int tool_image(int argc, char **argv);

struct block_device;

/* gpt.c: a new partition table with one partition for a store, and where that lies. False: too
 * small, or it can not be written. */
bool tool_write_gpt(struct block_device *device, uint64_t *first, uint64_t *sectors);

/* sdk.c: a script of the installed package, `new` or `iso`, takes over. Returns only if it can not.
 */
int tool_sdk(const char *name, int argc, char **argv);

/* sdk.c: an app that comes with this tool. False: it is not there. */
bool tool_app_path(const char *name, char path[PATH_MAX]);

/* By command what --help prints; the last one has no command. */
struct tool_help {
    const char *command, *text;
};
extern const struct tool_help tool_helps[];

#endif
