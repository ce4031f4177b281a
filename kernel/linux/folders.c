/* SPDX-License-Identifier: MIT */
/*
 * ctx.files/1 is what `ctx run --dir` names: folders of this system, each at a path of the app's.
 * Linux itself finds every path below them (openat2 with RESOLVE_BENEATH: neither `..` nor a link
 * leads out, whoever changes the folder meanwhile); nothing is looked at by name twice. What is
 * neither a file nor a folder is not opened at all.
 */
#define _GNU_SOURCE
#include "linux.h"

#include <kernel/files.h>

#include <ctx/tables.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOTS 16u
#define RACES 1000u /* how often a path is looked up that changes meanwhile */
#define NODES 64u

struct folder {
    char *path; /* the app's, without a slash at its end */
    int fd;
    bool writable;
};

/* [boot] writes, [in a call] reads. */
static struct folder folders[ROOTS];
static uint32_t folder_count; /* likewise */

/* Nodes are numbers of these: one app has no more open. [in a call], and [loop] when it goes. */
static struct node {
    bool used;
    int fd;
    DIR *list;   /* NULL: not a folder, or nobody has asked */
    uint64_t at; /* the cursor that it stands at; to go anywhere costs a block that is read anew */
    bool reads, writes, folder;
    bool changeable; /* its tree may be changed */
} nodes[NODES];

static ctx_status status_of(int error)
{
    switch (error) {
    case ENOENT:
        return CTX_E_NOENT;
    case EEXIST:
    case ENOTEMPTY:
        return CTX_E_EXIST;
    case ENOTDIR:
    case EISDIR:
    case EINVAL:
        return CTX_E_INVAL;
    case ELOOP: /* links that lead to each other */
        return CTX_E_DEPTH;
    case EXDEV: /* it leads out */
    case EACCES:
    case EPERM:
        return CTX_E_DENIED;
    case EROFS:
        return CTX_E_RDONLY;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
        return CTX_E_NOSPC;
    case ENAMETOOLONG:
        return CTX_E_TOOBIG;
    case ENOMEM:
        return CTX_E_NOMEM;
    default:
        return CTX_E_IO;
    }
}

static ctx_status failed(void)
{
    return status_of(errno);
}

/* ---- paths ---- */

/* The tree that a path leads into, and what of it is below; "." is the tree itself. */
static const struct folder *find(const char *path, const char **below)
{
    const struct folder *best = NULL;
    size_t longest = 0;
    for (uint32_t i = 0; i < folder_count; i++) {
        size_t len = strlen(folders[i].path);
        if (strncmp(path, folders[i].path, len) == 0 && (path[len] == '/' || path[len] == 0) &&
            (best == NULL || len >= longest)) {
            best = &folders[i];
            longest = len;
        }
    }
    path += longest;
    path += strspn(path, "/");
    *below = *path != 0 ? path : ".";
    return best;
}

static int open_mode(int folder, const char *path, uint64_t flags, mode_t mode)
{
    struct open_how how = {
        .flags = flags | O_CLOEXEC | ((flags & O_PATH) == 0 ? O_NOCTTY : 0),
        .mode = (flags & O_CREAT) != 0 ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    int fd = -1;
    for (uint32_t tries = 0; tries < RACES; tries++) { /* somebody renames what lies there */
        fd = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) {
            break;
        }
    }
    return fd;
}

static int open_below(int folder, const char *path, uint64_t flags)
{
    return open_mode(folder, path, flags, 0666);
}

/* The folder that a path's last name lies in, and that name in *name. -1 and errno. */
static int open_parent(const struct folder *tree, const char *below, const char **name)
{
    char parent[FILES_PATH + 1];
    const char *slash = strrchr(below, '/');
    *name = slash != NULL ? slash + 1 : below;
    if (**name == 0 || strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0) {
        errno = EINVAL;
        return -1;
    }
    size_t len = slash != NULL ? (size_t)(slash - below) : 0;
    memcpy(parent, below, len);
    parent[len] = 0;
    return open_below(tree->fd, len > 0 ? parent : ".", O_PATH | O_DIRECTORY);
}

/* ---- what the table has ---- */

static const char *root(uint32_t index, uint32_t *rights)
{
    if (index >= folder_count) {
        return NULL;
    }
    *rights = CTX_FILES_READ | (folders[index].writable ? CTX_FILES_WRITE : 0u);
    return folders[index].path;
}

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
    int place = open_below(tree->fd, below, O_PATH);
    if (place < 0) {
        return failed();
    }
    ctx_status status = fstat(place, &s) == 0 ? CTX_OK : failed();
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
        status = n->fd >= 0 ? CTX_OK : failed();
    }
    close(place);
    return status;
}

static ctx_status open_node(const char *path, uint32_t flags, uint64_t *out)
{
    const char *below;
    const struct folder *tree = find(path, &below);
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
        n.fd = open_mode(tree->fd, below, O_RDWR | O_CREAT | O_EXCL,
                         (flags & CTX_FILES_PRIVATE) != 0 ? 0600 : 0666);
        status = n.fd >= 0 ? CTX_OK : failed();
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
    return got >= 0 ? CTX_OK : n->reads ? failed() : CTX_E_DENIED;
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
            return failed();
        }
        at = (uint64_t)s.st_size;
    }
    if (at > INT64_MAX) {
        return CTX_E_INVAL;
    }
    ssize_t put = pwrite(n->fd, bytes, len, (off_t)at);
    *count = put > 0 ? (uint32_t)put : 0;
    return put >= 0 ? CTX_OK : failed();
}

static ctx_status info(uint64_t node, struct ctx_files_info *out)
{
    struct stat s;
    if (fstat(node_of(node)->fd, &s) != 0) {
        return failed();
    }
    fill_info(&s, node_of(node)->changeable, out);
    return CTX_OK;
}

static ctx_status look(const char *path, struct ctx_files_info *out)
{
    const char *below;
    struct stat s;
    const struct folder *tree = find(path, &below);
    int fd = tree != NULL ? open_below(tree->fd, below, O_PATH) : -1;
    if (fd < 0) {
        return tree == NULL ? CTX_E_NOENT : failed();
    }
    ctx_status status = fstat(fd, &s) == 0 ? CTX_OK : failed();
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
            return failed();
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
        return errno == 0 ? CTX_E_NOENT : failed();
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
    return ftruncate(n->fd, (off_t)bytes) == 0 ? CTX_OK : failed();
}

/* ---- names ---- */

static ctx_status parent_to_change(const char *path, int *parent, const char **name)
{
    const char *below;
    const struct folder *tree = find(path, &below);
    if (tree == NULL || !tree->writable) {
        return tree == NULL ? CTX_E_NOENT : CTX_E_RDONLY;
    }
    *parent = open_parent(tree, below, name);
    return *parent >= 0 ? CTX_OK : failed();
}

static ctx_status make_folder(const char *path, bool private)
{
    const char *name;
    int parent;
    ctx_status status = parent_to_change(path, &parent, &name);
    if (status == CTX_OK) {
        status = mkdirat(parent, name, private ? 0700 : 0777) == 0 ? CTX_OK : failed();
        close(parent);
    }
    return status;
}

static ctx_status remove_name(const char *path, bool folder)
{
    const char *name;
    int parent;
    ctx_status status = parent_to_change(path, &parent, &name);
    if (status == CTX_OK) {
        status = unlinkat(parent, name, folder ? AT_REMOVEDIR : 0) == 0 ? CTX_OK : failed();
        close(parent);
    }
    return status;
}

static ctx_status rename_name(const char *from, const char *to)
{
    const char *below, *names[2];
    int parents[2];
    if (find(from, &below) != find(to, &below)) {
        return CTX_E_INVAL;
    }
    ctx_status status = parent_to_change(from, &parents[0], &names[0]);
    if (status != CTX_OK) {
        return status;
    }
    status = parent_to_change(to, &parents[1], &names[1]);
    if (status == CTX_OK) {
        status = renameat(parents[0], names[0], parents[1], names[1]) == 0 ? CTX_OK : failed();
        close(parents[1]);
    }
    close(parents[0]);
    return status;
}

static ctx_status date(const char *path, int64_t ns)
{
    const char *name;
    int parent;
    int64_t second = NSEC_PER_SEC, rest = (ns % second + second) % second;
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                {.tv_sec = (ns - rest) / second, .tv_nsec = rest}};
    ctx_status status = parent_to_change(path, &parent, &name);
    if (status == CTX_OK) {
        status = utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW) == 0 ? CTX_OK : failed();
        close(parent);
    }
    return status;
}

static ctx_status sync_node(uint64_t node)
{
    return fsync(node_of(node)->fd) == 0 ? CTX_OK : failed();
}

static bool write_all(int fd, const uint8_t *bytes, uint32_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes += n;
        len -= (uint32_t)n;
    }
    return true;
}

/* A file beside it, which takes its name when it is whole and on the disk. */
static ctx_status replace(const char *path, const uint8_t *bytes, uint32_t len, bool private)
{
    static uint32_t count; /* [in a call] */
    char beside[64];
    struct stat s;
    const char *name;
    int parent;
    ctx_status status = parent_to_change(path, &parent, &name);
    if (status != CTX_OK) {
        return status;
    }
    bool there = fstatat(parent, name, &s, AT_SYMLINK_NOFOLLOW) == 0;
    mode_t mode = there ? s.st_mode & 0777 : private ? 0600 : 0666;
    snprintf(beside, sizeof beside, ".ctx-%d-%u", (int)getpid(), count++);
    int fd = -1;
    if (there && !S_ISREG(s.st_mode)) {
        status = S_ISDIR(s.st_mode) ? CTX_E_INVAL : CTX_E_DENIED;
    } else {
        int own =
            openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* parent is only a place */
        fd = openat(parent, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        bool good = fd >= 0 && (!there || fchmod(fd, mode) == 0) && write_all(fd, bytes, len) &&
                    fsync(fd) == 0 && renameat(parent, beside, parent, name) == 0;
        status = good ? CTX_OK : failed();
        if (good && own >= 0 && fsync(own) != 0) {
            status = failed();
        } else if (!good && fd >= 0) {
            unlinkat(parent, beside, 0);
        }
        close(own);
    }
    close(fd);
    close(parent);
    return status;
}

static ctx_status space(const char *path, struct ctx_files_space *out)
{
    const char *below;
    struct statvfs s;
    const struct folder *tree = find(path, &below);
    int fd = tree != NULL ? open_below(tree->fd, below, O_PATH) : -1;
    if (fd < 0) {
        return tree == NULL ? CTX_E_NOENT : failed();
    }
    ctx_status status = fstatvfs(fd, &s) == 0 ? CTX_OK : failed();
    close(fd);
    if (status == CTX_OK) {
        out->bytes = (uint64_t)s.f_blocks * s.f_frsize;
        out->free = (uint64_t)s.f_bavail * s.f_frsize;
        out->flags = tree->writable ? 0 : CTX_FILES_READ_ONLY;
    }
    return status;
}

/* ---- the command line ---- */

/* Why no folder can be lent at such a path of the app's. */
static const char *path_wrong(const char *path, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t part = 1 + strcspn(path + at + 1, "/");
        part = MIN(part, len - at);
        bool dots =
            (part == 2 && path[at + 1] == '.') || (part == 3 && memcmp(path + at, "/..", 3) == 0);
        if (part < 2 || dots) {
            return "the app's path has no `.`, no `..` and no empty name";
        }
        if (at == 0 && part == 4 && memcmp(path, "/dev", 4) == 0) {
            return "/dev is the app's own";
        }
        at += part;
    }
    return NULL;
}

const char *linux_lend(const char *text)
{
    const char *colon = strstr(text, ":/");
    if (colon == NULL || colon == text) {
        return "it takes HOST:/PATH or HOST:/PATH:rw";
    }
    size_t len = strlen(colon + 1);
    bool writable = len > 3 && strcmp(colon + 1 + len - 3, ":rw") == 0;
    len -= writable ? 3 : 0;
    if (memchr(colon + 1, ':', len) != NULL) {
        return "behind the app's path there is :rw or nothing; and that path has no :";
    }
    while (len > 0 && colon[len] == '/') {
        len--;
    }
    if (len == 0) {
        return "the app has a / of its own: it takes a path below that";
    }
    if (len > FILES_PATH / 2 || folder_count == ROOTS) {
        return folder_count == ROOTS ? "16 folders at most" : "the app's path is too long";
    }
    for (uint32_t i = 0; i < folder_count; i++) {
        if (strlen(folders[i].path) == len && strncmp(folders[i].path, colon + 1, len) == 0) {
            return "another folder is lent there already";
        }
    }
    const char *wrong = path_wrong(colon + 1, len);
    if (wrong != NULL) {
        return wrong;
    }
    struct folder f = {.path = strndup(colon + 1, len), .writable = writable};
    char *host = strndup(text, (size_t)(colon - text));
    if (f.path == NULL || host == NULL) {
        return "not enough memory";
    }
    f.fd = open(host, O_PATH | O_DIRECTORY | O_CLOEXEC);
    free(host);
    if (f.fd < 0) {
        int error = errno;
        free(f.path);
        return strerror(error);
    }
    int probe = open_below(f.fd, ".", O_PATH);
    if (probe < 0) {
        return errno == ENOSYS ? "Linux 5.6 or newer is needed for that" : strerror(errno);
    }
    close(probe);
    folders[folder_count++] = f;
    return NULL;
}

void linux_lend_start(void)
{
    static const struct files files = {
        .root = root,
        .open = open_node,
        .close = close_node,
        .read = read_node,
        .write = write_node,
        .info = info,
        .look = look,
        .list = list,
        .resize = resize,
        .make_folder = make_folder,
        .remove = remove_name,
        .rename = rename_name,
        .date = date,
        .sync = sync_node,
        .replace = replace,
        .space = space,
    };
    if (folder_count > 0) {
        files_offer(&files);
    }
}
