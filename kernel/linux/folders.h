/* SPDX-License-Identifier: MIT */
/* What the files of ctx.files/1 on Linux know of each other: folder_paths.c knows which folders are
 * lent and how to get below them, folders.c has what is open, folder_names.c changes names. */
#ifndef LINUX_FOLDERS_H
#define LINUX_FOLDERS_H

#include <kernel/files.h>

#include <ctx/tables.h>

#include <sys/types.h>

struct folder {
    char *path; /* the app's, without a slash at its end */
    int fd;
    bool writable;
};

/* ---- folder_paths.c ---- */

/* errno as a status. */
ctx_status folder_failed(void);

/* The tree that a path leads into, and what of it is below; "." is the tree itself. NULL: none. */
const struct folder *folder_find(const char *path, const char **below);

/* openat2() that never leads out of the folder: a descriptor, or -1 and errno. The mode counts for
 * O_CREAT; without one 0666. */
int folder_open_mode(int folder, const char *path, uint64_t flags, mode_t mode);
int folder_open(int folder, const char *path, uint64_t flags);

/* The folder that a path's last name lies in, and that name in *name. -1 and errno. */
int folder_open_parent(const struct folder *tree, const char *below, const char **name);

/* struct files: the trees by number, and whether there are any. */
const char *folder_root(uint32_t index, uint32_t *rights);
bool folder_any(void);

/* ---- folder_names.c: of struct files ---- */

ctx_status folder_make(const char *path, bool private);
ctx_status folder_remove(const char *path, bool folder);
ctx_status folder_rename(const char *from, const char *to);
ctx_status folder_date(const char *path, int64_t ns);
ctx_status folder_replace(const char *path, const uint8_t *bytes, uint32_t len, bool private);
ctx_status folder_space(const char *path, struct ctx_files_space *out);

#endif
