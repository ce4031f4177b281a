/* SPDX-License-Identifier: MIT */
/*
 * The folders that `ctx run --dir` lends, and the way below them. Linux itself finds every path
 * (openat2 with RESOLVE_BENEATH: neither `..` nor a link leads out, whoever changes the folder
 * meanwhile); nothing is looked at by name twice.
 */
#define _GNU_SOURCE
#include "folders.h"
#include "linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOTS 16u
#define RACES 1000u /* how often a path is looked up that changes meanwhile */

/* [boot] writes, [in a call] reads. */
static struct folder folders[ROOTS];
static uint32_t folder_count; /* likewise */

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

ctx_status folder_failed(void)
{
    return status_of(errno);
}

const struct folder *folder_find(const char *path, const char **below)
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

int folder_open_mode(int folder, const char *path, uint64_t flags, mode_t mode)
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

int folder_open(int folder, const char *path, uint64_t flags)
{
    return folder_open_mode(folder, path, flags, 0666);
}

int folder_open_parent(const struct folder *tree, const char *below, const char **name)
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
    return folder_open(tree->fd, len > 0 ? parent : ".", O_PATH | O_DIRECTORY);
}

const char *folder_root(uint32_t index, uint32_t *rights)
{
    if (index >= folder_count) {
        return NULL;
    }
    *rights = CTX_FILES_READ | (folders[index].writable ? CTX_FILES_WRITE : 0u);
    return folders[index].path;
}

bool folder_any(void)
{
    return folder_count > 0;
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
    int probe = folder_open(f.fd, ".", O_PATH);
    if (probe < 0) {
        return errno == ENOSYS ? "Linux 5.6 or newer is needed for that" : strerror(errno);
    }
    close(probe);
    folders[folder_count++] = f;
    return NULL;
}
