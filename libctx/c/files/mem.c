/* SPDX-License-Identifier: MIT */
/*
 * Files in memory: a tree of nodes, a file's bytes in blocks of 4 KiB, of which those that nobody
 * has written are not there. A node lives as long as it has a name or somebody has it open.
 */
#include "files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST ((off_t)1 << 40) /* bytes of a file */

static struct ctx_c_node tmp = {
    .parent = &ctx_c_mem_root,
    .name = (char[]){"tmp"},
    .name_len = 3,
    .number = UINT32_MAX - 1,
    .refs = 1,
    .mode = S_IFDIR | 01777,
    .fixed = true,
};

struct ctx_c_node ctx_c_mem_root = {
    .first = &tmp,
    .name = (char[]){""},
    .number = UINT32_MAX,
    .refs = 1,
    .mode = S_IFDIR | 0755,
    .fixed = true,
};

static ino_t last_number = (ino_t)UINT32_MAX; /* above those of the files compiled in */

struct ctx_c_node *ctx_c_mem_child(const struct ctx_c_node *folder, const char *name, size_t len)
{
    struct ctx_c_node *node = folder->first;
    while (node != NULL && (node->name_len != len || memcmp(node->name, name, len) != 0)) {
        node = node->next;
    }
    return node;
}

void ctx_c_mem_touch(struct ctx_c_node *node)
{
    struct timespec now = {0};
    int kept = errno;
    clock_gettime(CLOCK_REALTIME, &now);
    errno = kept;
    node->modified[0] = now.tv_sec;
    node->modified[1] = now.tv_nsec;
}

static char *copy_of(const char *name, size_t len)
{
    char *copy = malloc(len + 1);
    if (copy != NULL) {
        memcpy(copy, name, len);
        copy[len] = 0;
    }
    return copy;
}

static void link_to(struct ctx_c_node *node, struct ctx_c_node *folder)
{
    node->parent = folder;
    node->next = folder->first;
    folder->first = node;
    ctx_c_mem_touch(folder);
}

static void unlink_from(struct ctx_c_node *node)
{
    struct ctx_c_node **at = &node->parent->first;
    while (*at != node) {
        at = &(*at)->next;
    }
    *at = node->next;
    ctx_c_mem_touch(node->parent);
    node->parent = NULL;
}

int ctx_c_mem_add(struct ctx_c_node *folder, const char *name, size_t len, mode_t mode,
                  struct ctx_c_node **out)
{
    struct ctx_c_node *node = calloc(1, sizeof *node);
    char *copy = copy_of(name, len);
    if (node == NULL || copy == NULL) {
        free(node);
        free(copy);
        return -ENOSPC;
    }
    *node = (struct ctx_c_node){
        .name = copy, .name_len = len, .number = ++last_number, .refs = 1, .mode = mode};
    ctx_c_mem_touch(node);
    link_to(node, folder);
    *out = node;
    return 0;
}

void ctx_c_mem_drop(struct ctx_c_node *node)
{
    if (--node->refs > 0 || node->fixed) {
        return;
    }
    for (size_t i = 0; i < node->block_count; i++) {
        free(node->blocks[i]);
    }
    free(node->blocks);
    free(node->name);
    free(node);
}

void ctx_c_mem_unlink(struct ctx_c_node *node)
{
    unlink_from(node);
    ctx_c_mem_drop(node);
}

int ctx_c_mem_move(struct ctx_c_node *node, struct ctx_c_node *folder, const char *name, size_t len)
{
    char *copy = copy_of(name, len);
    if (copy == NULL) {
        return -ENOSPC;
    }
    unlink_from(node);
    free(node->name);
    node->name = copy;
    node->name_len = len;
    link_to(node, folder);
    return 0;
}

/* Room for so many blocks in the list of them; the new ones are not there. */
static bool make_room(struct ctx_c_node *node, size_t count)
{
    if (count <= node->block_count) {
        return true;
    }
    size_t more = node->block_count + node->block_count / 2;
    more = more < count ? count : more;
    char **blocks = realloc(node->blocks, more * sizeof *blocks);
    if (blocks == NULL) {
        return false;
    }
    memset(blocks + node->block_count, 0, (more - node->block_count) * sizeof *blocks);
    node->blocks = blocks;
    node->block_count = more;
    return true;
}

int ctx_c_mem_resize(struct ctx_c_node *node, off_t size)
{
    if (size < 0 || size > MOST) {
        return size < 0 ? -EINVAL : -EFBIG;
    }
    size_t whole = (size_t)size / CTX_C_BLOCK, rest = (size_t)size % CTX_C_BLOCK;
    if (size < node->size && whole < node->block_count) {
        /* What lies behind the end is zero, should the file grow again. */
        if (rest > 0 && node->blocks[whole] != NULL) {
            memset(node->blocks[whole] + rest, 0, CTX_C_BLOCK - rest);
        }
        for (size_t i = whole + (rest > 0); i < node->block_count; i++) {
            free(node->blocks[i]);
            node->blocks[i] = NULL;
        }
    }
    node->size = size;
    ctx_c_mem_touch(node);
    return 0;
}

ssize_t ctx_c_mem_read(const struct ctx_c_node *node, off_t at, void *to, size_t len)
{
    size_t done = 0;
    size_t most = at < node->size ? (size_t)(node->size - at) : 0;
    len = len < most ? len : most;
    while (done < len) {
        size_t block = ((size_t)at + done) / CTX_C_BLOCK;
        size_t off = ((size_t)at + done) % CTX_C_BLOCK;
        size_t count = CTX_C_BLOCK - off < len - done ? CTX_C_BLOCK - off : len - done;
        if (block < node->block_count && node->blocks[block] != NULL) {
            memcpy((char *)to + done, node->blocks[block] + off, count);
        } else {
            memset((char *)to + done, 0, count);
        }
        done += count;
    }
    return (ssize_t)done;
}

static char *block_to_write(struct ctx_c_node *node, size_t block)
{
    if (!make_room(node, block + 1)) {
        return NULL;
    }
    if (node->blocks[block] == NULL) {
        node->blocks[block] = calloc(1, CTX_C_BLOCK);
    }
    return node->blocks[block];
}

/* As much as fits; ENOSPC if that is nothing. */
ssize_t ctx_c_mem_write(struct ctx_c_node *node, off_t at, const void *from, size_t len)
{
    size_t done = 0;
    if (at > MOST || len > (size_t)(MOST - at)) {
        return -EFBIG;
    }
    while (done < len) {
        size_t off = ((size_t)at + done) % CTX_C_BLOCK;
        size_t count = CTX_C_BLOCK - off < len - done ? CTX_C_BLOCK - off : len - done;
        char *block = block_to_write(node, ((size_t)at + done) / CTX_C_BLOCK);
        if (block == NULL) {
            break;
        }
        memcpy(block + off, (const char *)from + done, count);
        done += count;
        node->size = at + (off_t)done > node->size ? at + (off_t)done : node->size;
    }
    if (done > 0) {
        ctx_c_mem_touch(node);
    }
    return done == 0 && len > 0 ? -ENOSPC : (ssize_t)done;
}
