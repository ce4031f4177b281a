/* SPDX-License-Identifier: MIT */
/*
 * Files that the machine itself lends one app: what stands behind ctx.files/1 when no app offers
 * that. On Linux these are folders of `ctx run --dir` (linux/folders.c); on the other machine there
 * are none.
 *
 * A node is the machine's number of an open file. Paths are those of the table, terminated and
 * without a NUL in them; what of them leads where is the machine's business, and so is that nothing
 * leads out. Structs and statuses are the table's (<ctx/tables.h>). All of it: [in a call]; close
 * [loop, in a call].
 */
#ifndef KERNEL_FILES_H
#define KERNEL_FILES_H

#include <kernel/types.h>

#include <ctx/status.h>

struct app;
struct ctx_files_entry;
struct ctx_files_info;
struct ctx_files_space;

#define FILES_PATH 1024u /* bytes, without the NUL */

struct files {
    const char *(*root)(uint32_t index, uint32_t *rights); /* NULL: there are not so many */
    ctx_status (*open)(const char *path, uint32_t flags, uint64_t *node);
    void (*close)(uint64_t node);
    ctx_status (*read)(uint64_t node, uint64_t at, uint8_t *bytes, uint32_t len, uint32_t *count);
    ctx_status (*write)(uint64_t node, uint64_t at, const uint8_t *bytes, uint32_t len,
                        uint32_t *count);
    ctx_status (*info)(uint64_t node, struct ctx_files_info *out);
    ctx_status (*look)(const char *path, struct ctx_files_info *out);
    ctx_status (*list)(uint64_t node, uint64_t cursor, struct ctx_files_entry *out);
    ctx_status (*resize)(uint64_t node, uint64_t bytes);
    ctx_status (*make_folder)(const char *path, bool private);
    ctx_status (*remove)(const char *path, bool folder);
    ctx_status (*rename)(const char *from, const char *to);
    ctx_status (*date)(const char *path, int64_t modified_ns);
    ctx_status (*sync)(uint64_t node);
    ctx_status (*replace)(const char *path, const uint8_t *bytes, uint32_t len, bool private);
    ctx_status (*space)(const char *path, struct ctx_files_space *out);
};

/* There are some, for whoever is given them. NULL: not any more. [boot] */
void files_offer(const struct files *files);

/* This app has them from its next open of the table on; one whose line offers the table goes
 * before, as with terminal_give(). [boot, loop] */
void files_give(const struct app *app);

#endif
