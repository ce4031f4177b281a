/* SPDX-License-Identifier: MIT */
/* Files that are all alike: for tests that go through all tables. */
#ifndef UNIT_FAKE_FILES_H
#define UNIT_FAKE_FILES_H

#include <kernel/files.h>

#include <ctx/tables.h>

#include <string.h>

static uint32_t fake_files_open_count;

static inline const char *fake_files_root(uint32_t index, uint32_t *rights)
{
    *rights = CTX_FILES_READ;
    return index == 0 ? "/lent/for/tests/that/read" : NULL;
}

static inline ctx_status fake_files_open(const char *path, uint32_t flags, uint64_t *node)
{
    (void)flags;
    fake_files_open_count++;
    *node = strlen(path);
    return CTX_OK;
}

static inline void fake_files_close(uint64_t node)
{
    (void)node;
    fake_files_open_count--;
}

static inline ctx_status fake_files_read(uint64_t node, uint64_t at, uint8_t *bytes, uint32_t len,
                                         uint32_t *count)
{
    (void)node;
    (void)at;
    memset(bytes, 'f', len);
    *count = len;
    return CTX_OK;
}

static inline ctx_status fake_files_write(uint64_t node, uint64_t at, const uint8_t *bytes,
                                          uint32_t len, uint32_t *count)
{
    (void)node;
    (void)at;
    (void)bytes;
    *count = len;
    return CTX_OK;
}

static inline ctx_status fake_files_info(uint64_t node, struct ctx_files_info *out)
{
    out->bytes = node;
    return CTX_OK;
}

static inline ctx_status fake_files_look(const char *path, struct ctx_files_info *out)
{
    out->bytes = strlen(path);
    return CTX_OK;
}

static inline ctx_status fake_files_list(uint64_t node, uint64_t cursor,
                                         struct ctx_files_entry *out)
{
    (void)node;
    out->next = cursor + 1;
    return CTX_OK;
}

static inline ctx_status fake_files_number(uint64_t node, uint64_t bytes)
{
    (void)node;
    (void)bytes;
    return CTX_OK;
}

static inline ctx_status fake_files_path(const char *path)
{
    (void)path;
    return CTX_OK;
}

static inline ctx_status fake_files_make(const char *path, bool private)
{
    (void)path;
    (void)private;
    return CTX_OK;
}

static inline ctx_status fake_files_remove(const char *path, bool folder)
{
    (void)path;
    (void)folder;
    return CTX_OK;
}

static inline ctx_status fake_files_rename(const char *from, const char *to)
{
    (void)from;
    (void)to;
    return CTX_OK;
}

static inline ctx_status fake_files_date(const char *path, int64_t ns)
{
    (void)path;
    (void)ns;
    return CTX_OK;
}

static inline ctx_status fake_files_sync(uint64_t node)
{
    (void)node;
    return CTX_OK;
}

static inline ctx_status fake_files_replace(const char *path, const uint8_t *bytes, uint32_t len,
                                            bool private)
{
    (void)path;
    (void)bytes;
    (void)len;
    (void)private;
    return CTX_OK;
}

static inline ctx_status fake_files_space(const char *path, struct ctx_files_space *out)
{
    out->bytes = strlen(path);
    return CTX_OK;
}

/* The machine lends some to this app. */
static inline void fake_files_give(const struct app *app)
{
    static const struct files files = {
        .root = fake_files_root,
        .open = fake_files_open,
        .close = fake_files_close,
        .read = fake_files_read,
        .write = fake_files_write,
        .info = fake_files_info,
        .look = fake_files_look,
        .list = fake_files_list,
        .resize = fake_files_number,
        .make_folder = fake_files_make,
        .remove = fake_files_remove,
        .rename = fake_files_rename,
        .date = fake_files_date,
        .sync = fake_files_sync,
        .replace = fake_files_replace,
        .space = fake_files_space,
    };
    files_offer(&files);
    files_give(app);
}

#endif
