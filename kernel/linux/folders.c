/* SPDX-License-Identifier: MIT */
/*
 * ctx.files/1 is what `ctx run --dir` names: folders of this system, each at a path of the app's.
 * Here is what apps have open. What is neither a file nor a folder is not opened at all.
 */
#define _GNU_SOURCE
#include "folders.h"
#include "linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NODES 64u

/* Nodes are numbers of these: one app has no more open. [in a call], and [loop] when it goes. */
static struct node {
    bool used;
    int fd;
    DIR *list;   /* NULL: not a folder, or nobody has asked */
    uint64_t at; /* the cursor that it stands at; to go anywhere costs a block that is read anew */
    bool reads, writes, folder;
    bool changeable; /* its tree may be changed */
} nodes[NODES];

static void fill_info(const struct stat *s, bool writable, struct ctx_files_info *out)
{
    out->kind = S_ISREG(s->st_mode)   ? CTX_FILES_FILE
                : S_ISDIR(s->st_mode) ? CTX_FILES_FOLDER
                                      : CTX_FILES_OTHER;
    out->bytes = S_ISREG(s->st_mode) ? (uint64_t)s->st_size : 0;
    out->modified_ns = s->st_mtim.tv_sec * (int64_t)NSEC_PER_SEC + s->st_mtim.tv_nsec;
    out->id = (uint64_t)s->st_ino ^ (uint64_t)s->st_dev << 48;
    out->rights = CTX_FILES_READ | (writable ? CTX_FILES_WRITE : 0u);
}

/* A descriptor of something that is there, looked at before anything is done with it. */
static ctx_status open_existing(const struct folder *tree, const char *below, uint32_t flags,
                                struct node *n)
{
    char path[40];
    struct stat s;
    int place = folder_open(tree->fd, below, O_PATH);
    if (place < 0) {
        return folder_failed();
    }
    ctx_status status = fstat(place, &s) == 0 ? CTX_OK : folder_failed();
    n->folder = S_ISDIR(s.st_mode);
    if (status == CTX_OK && !n->folder && !S_ISREG(s.st_mode)) {
        status = CTX_E_DENIED;
    } else if (status == CTX_OK && ((n->folder && (flags & CTX_FILES_WRITE) != 0) ||
                                    (!n->folder && (flags & CTX_FILES_ONLY_FOLDER) != 0))) {
        status = CTX_E_INVAL;
    }
    if (status == CTX_OK) {
        int how = (flags & CTX_FILES_WRITE) == 0  ? O_RDONLY
                  : (flags & CTX_FILES_READ) == 0 ? O_WRONLY
                                                  : O_RDWR;
        how |= (flags & CTX_FILES_TRUNCATE) != 0 ? O_TRUNC : 0;
        snprintf(path, sizeof path, "/proc/self/fd/%d", place);
        n->fd = open(path, how | O_CLOEXEC | O_NOCTTY);
        status = n->fd >= 0 ? CTX_OK : folder_failed();
    }
    close(place);
    return status;
}

static ctx_status open_node(const char *path, uint32_t flags, uint64_t *out)
{
    const char *below;
    const struct folder *tree = folder_find(path, &below);
    uint32_t no = 0;
    while (no < NODES && nodes[no].used) {
        no++;
    }
    if (tree == NULL || no == NODES) {
        return tree == NULL ? CTX_E_NOENT : CTX_E_NOSPC;
    }
    if ((flags & CTX_FILES_WRITE) != 0 && !tree->writable) {
        return CTX_E_RDONLY;
    }
    struct node n = {
        .used = true,
        .fd = -1,
        .reads = (flags & CTX_FILES_READ) != 0,
        .writes = (flags & CTX_FILES_WRITE) != 0,
        .changeable = tree->writable,
    };
    ctx_status status = CTX_E_NOENT;
    if ((flags & CTX_FILES_EXCLUSIVE) == 0) {
        status = open_existing(tree, below, flags, &n);
    }
    if (status == CTX_E_NOENT && (flags & CTX_FILES_CREATE) != 0) {
        n.fd = folder_open_mode(tree->fd, below, O_RDWR | O_CREAT | O_EXCL,
                                (flags & CTX_FILES_PRIVATE) != 0 ? 0600 : 0666);
        status = n.fd >= 0 ? CTX_OK : folder_failed();
    }
    if (status == CTX_OK) {
        nodes[no] = n;
        *out = no;
    }
    return status;
}

static struct node *node_of(uint64_t node)
{
    return &nodes[node];
}

static void close_node(uint64_t node)
{
    struct node *n = node_of(node);
    if (n->list != NULL) {
        closedir(n->list);
    }
    close(n->fd);
    n->used = false;
}

static ctx_status read_node(uint64_t node, uint64_t at, uint8_t *bytes, uint32_t len,
                            uint32_t *count)
{
    const struct node *n = node_of(node);
    if (n->folder || at > INT64_MAX) {
        return CTX_E_INVAL;
    }
    ssize_t got = n->reads ? pread(n->fd, bytes, len, (off_t)at) : -1;
    *count = got > 0 ? (uint32_t)got : 0;
    return got >= 0 ? CTX_OK : n->reads ? folder_failed() : CTX_E_DENIED;
}

static ctx_status write_node(uint64_t node, uint64_t at, const uint8_t *bytes, uint32_t len,
                             uint32_t *count)
{
    const struct node *n = node_of(node);
    struct stat s;
    if (!n->writes) {
        return n->folder ? CTX_E_INVAL : CTX_E_DENIED;
    }
    if (at == UINT64_MAX) {
        if (fstat(n->fd, &s) != 0) {
            return folder_failed();
        }
        at = (uint64_t)s.st_size;
    }
    if (at > INT64_MAX) {
        return CTX_E_INVAL;
    }
    ssize_t put = pwrite(n->fd, bytes, len, (off_t)at);
    *count = put > 0 ? (uint32_t)put : 0;
    return put >= 0 ? CTX_OK : folder_failed();
}

static ctx_status info(uint64_t node, struct ctx_files_info *out)
{
    struct stat s;
    if (fstat(node_of(node)->fd, &s) != 0) {
        return folder_failed();
    }
    fill_info(&s, node_of(node)->changeable, out);
    return CTX_OK;
}

static ctx_status look(const char *path, struct ctx_files_info *out)
{
    const char *below;
    struct stat s;
    const struct folder *tree = folder_find(path, &below);
    int fd = tree != NULL ? folder_open(tree->fd, below, O_PATH) : -1;
    if (fd < 0) {
        return tree == NULL ? CTX_E_NOENT : folder_failed();
    }
    ctx_status status = fstat(fd, &s) == 0 ? CTX_OK : folder_failed();
    close(fd);
    if (status == CTX_OK) {
        fill_info(&s, tree->writable, out);
    }
    return status;
}

static ctx_status list(uint64_t node, uint64_t cursor, struct ctx_files_entry *out)
{
    struct node *n = node_of(node);
    if (!n->folder || cursor > INT64_MAX) {
        return CTX_E_INVAL;
    }
    if (n->list == NULL) {
        int fd = openat(n->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        n->list = fd >= 0 ? fdopendir(fd) : NULL;
        if (n->list == NULL) {
            return folder_failed();
        }
    }
    if (cursor == 0) {
        rewinddir(n->list);
    } else if (cursor != n->at) {
        seekdir(n->list, (long)cursor);
    }
    n->at = UINT64_MAX;
    errno = 0;
    const struct dirent *e;
    do {
        e = readdir(n->list);
    } while (e != NULL && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0));
    if (e == NULL) {
        return errno == 0 ? CTX_E_NOENT : folder_failed();
    }
    out->kind = e->d_type == DT_REG       ? CTX_FILES_FILE
                : e->d_type == DT_DIR     ? CTX_FILES_FOLDER
                : e->d_type == DT_UNKNOWN ? 0
                : e->d_type == DT_LNK     ? 0
                                          : CTX_FILES_OTHER;
    out->id = e->d_ino;
    out->next = n->at = (uint64_t)telldir(n->list);
    out->len = (uint32_t)strlen(e->d_name);
    memcpy(out->name, e->d_name, out->len);
    return CTX_OK;
}

static ctx_status resize(uint64_t node, uint64_t bytes)
{
    const struct node *n = node_of(node);
    if (!n->writes || bytes > INT64_MAX) {
        return n->folder || bytes > INT64_MAX ? CTX_E_INVAL : CTX_E_DENIED;
    }
    return ftruncate(n->fd, (off_t)bytes) == 0 ? CTX_OK : folder_failed();
}

static ctx_status sync_node(uint64_t node)
{
    return fsync(node_of(node)->fd) == 0 ? CTX_OK : folder_failed();
}

void linux_lend_start(void)
{
    static const struct files files = {
        .root = folder_root,
        .open = open_node,
        .close = close_node,
        .read = read_node,
        .write = write_node,
        .info = info,
        .look = look,
        .list = list,
        .resize = resize,
        .make_folder = folder_make,
        .remove = folder_remove,
        .rename = folder_rename,
        .date = folder_date,
        .sync = sync_node,
        .replace = folder_replace,
        .space = folder_space,
    };
    if (folder_any()) {
        files_offer(&files);
    }
}
