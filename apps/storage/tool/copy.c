/* SPDX-License-Identifier: MIT */
/* Files and folders from Linux to the disk, back, and on it. */
#define _GNU_SOURCE
#include "tool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 65536u
#define SHOWN (UINT64_C(4) << 20) /* bytes between two lines of progress */

static struct {
    uint64_t files, bytes, shown;
} done;

void storage_print_name(FILE *to, const char *name, size_t len)
{
    const uint8_t *text = (const uint8_t *)name;
    bool shown = isatty(fileno(to)) != 0;
    for (size_t i = 0; i < len; i++) {
        bool c1 = text[i] == 0xc2 && i + 1 < len && text[i + 1] >= 0x80 && text[i + 1] < 0xa0;
        bool control = text[i] < ' ' || text[i] == 0x7f || c1;
        putc(shown && control ? '?' : text[i], to);
        i += shown && c1;
    }
}

static void progress(const char *path, uint64_t bytes, bool ended)
{
    done.bytes += bytes;
    done.files += ended;
    if (isatty(2) && done.bytes - done.shown > SHOWN) {
        done.shown = done.bytes;
        fprintf(stderr, "\r\033[Kctx: %llu files, %llu MiB: ", (unsigned long long)done.files,
                (unsigned long long)done.bytes >> 20);
        storage_print_name(stderr, path, strnlen(path, 60));
    }
}

bool storage_complain(const char *what, const char *why)
{
    fputs(done.shown > 0 && isatty(2) ? "\r\033[Kctx: " : "ctx: ", stderr);
    storage_print_name(stderr, what, strlen(what));
    fprintf(stderr, ": %s\n", why);
    return false;
}

bool storage_failed(struct fdb *db, const char *path, ctx_status status)
{
    return storage_complain(
        path, status == CTX_E_NOENT    ? "there is no such file or folder"
              : status == CTX_E_EXIST  ? "there is something, or a folder that is not empty"
              : status == CTX_E_INVAL  ? "it is a folder where a file should be, or the other way"
              : status == CTX_E_TOOBIG ? "the path is too long"
              : status == CTX_E_RANGE  ? "the file is too large"
                                       : fdb_why(db));
}

static bool join(char *out, size_t room, const char *folder, const char *name)
{
    int n =
        snprintf(out, room, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    return n > 0 && (size_t)n < room ? true : storage_complain(folder, "a path is too long");
}

/* ---- to Linux ---- */

static bool write_all(int fd, const uint8_t *bytes, size_t len)
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
        len -= (size_t)n;
    }
    return true;
}

/* Of a file that is written to: a hole stays one. */
static bool skip_hole(struct fdb *db, const struct fdb_node *node, uint64_t *at, int fd)
{
    uint64_t next = *at;
    if (fdb_data(db, node->id, *at, &next) == CTX_OK && next > *at) {
        *at = next;
        if (lseek(fd, (off_t)next, SEEK_SET) != (off_t)next) {
            return false;
        }
    }
    return *at < node->bytes || ftruncate(fd, (off_t)*at) == 0;
}

static bool get_bytes(struct fdb *db, const struct fdb_node *node, const char *path, int fd,
                      const char *to)
{
    static uint8_t bytes[PIECE];
    struct stat s;
    uint64_t at = 0;
    uint32_t count = 1;
    bool holes = fd != 1 && fstat(fd, &s) == 0 && S_ISREG(s.st_mode);
    while (count > 0) {
        if (holes && !skip_hole(db, node, &at, fd)) {
            return storage_complain(to, strerror(errno));
        }
        ctx_status status = fdb_read(db, node->id, at, bytes, PIECE, &count);
        if (status != CTX_OK) {
            return storage_failed(db, path, status);
        }
        if (!write_all(fd, bytes, count)) {
            return storage_complain(to, strerror(errno));
        }
        at += count;
        progress(path, count, false);
    }
    progress(path, 0, true);
    return at == node->bytes ? true : storage_complain(path, "a part of it is damaged");
}

bool storage_get_bytes(struct fdb *db, const char *path, int fd, const char *to)
{
    struct fdb_node node;
    ctx_status status = fdb_look(db, path, &node);
    return status == CTX_OK && node.kind == FDB_FILE
               ? get_bytes(db, &node, path, fd, to)
               : storage_failed(db, path, status != CTX_OK ? status : CTX_E_INVAL);
}

int64_t storage_ns(struct timespec t)
{
    const int64_t most = INT64_MAX / 1000000000 - 1;
    return t.tv_sec > most    ? INT64_MAX - 1
           : t.tv_sec < -most ? INT64_MIN
                              : t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

struct timespec storage_time(int64_t ns)
{
    int64_t seconds = ns / 1000000000, rest = ns % 1000000000;
    return rest < 0 ? (struct timespec){seconds - 1, rest + 1000000000}
                    : (struct timespec){seconds, rest};
}

bool storage_name_is_one(const struct fdb_node *n)
{
    return n->name_len > 0 && strlen(n->name) == n->name_len && strchr(n->name, '/') == NULL &&
           strcmp(n->name, ".") != 0 && strcmp(n->name, "..") != 0;
}

static bool get_node(struct fdb *db, const struct fdb_node *node, const char *path, const char *to)
{
    struct fdb_node n = {.name_len = 0};
    ctx_status status;
    bool good = true;
    if (node->kind == FDB_FILE) {
        int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (fd < 0) {
            return storage_complain(to, strerror(errno));
        }
        good = get_bytes(db, node, path, fd, to);
        struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, storage_time(node->modified_ns)};
        (void)futimens(fd, times);
        return close(fd) == 0 ? good : storage_complain(to, strerror(errno));
    }
    if (mkdir(to, 0777) != 0 && errno != EEXIST) {
        return storage_complain(to, strerror(errno));
    }
    while ((status = fdb_list(db, node->id, n.name, n.name_len, &n)) == CTX_OK) {
        char below[FDB_PATH_MOST + 1], there[4096];
        if (!storage_name_is_one(&n)) { /* it could lead out of `to` */
            good = storage_complain(path, "a name in it is none (ctx files check)");
            continue;
        }
        good = join(below, sizeof below, path, n.name) && join(there, sizeof there, to, n.name) &&
               get_node(db, &n, below, there) && good;
    }
    return status == CTX_E_NOENT ? good : storage_failed(db, path, status);
}

bool storage_get(struct fdb *db, const char *from, const char *to)
{
    struct fdb_node node;
    struct stat s;
    char whole[4096];
    ctx_status status = fdb_look(db, from, &node);
    if (status != CTX_OK) {
        return storage_failed(db, from, status);
    }
    if (strcmp(to, "-") == 0) {
        return storage_cat(db, from);
    }
    if (stat(to, &s) == 0 && S_ISDIR(s.st_mode) && node.id != FDB_ROOT) {
        return join(whole, sizeof whole, to, node.name) && get_node(db, &node, from, whole);
    }
    return get_node(db, &node, from, to);
}

bool storage_cat(struct fdb *db, const char *path)
{
    struct fdb_node node;
    ctx_status status = fdb_look(db, path, &node);
    if (status != CTX_OK || node.kind != FDB_FILE) {
        return storage_failed(db, path, status != CTX_OK ? status : CTX_E_INVAL);
    }
    return get_bytes(db, &node, path, 1, "standard output");
}

/* ---- from Linux ---- */

static bool is_hole(const uint8_t *bytes, size_t len)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

/* Past a hole of a file that is read from its beginning. */
static void pass_hole(int fd, uint64_t *at)
{
    off_t data = lseek(fd, (off_t)*at, SEEK_DATA), end = -1;
    if (data < 0 && errno == ENXIO) {
        end = lseek(fd, 0, SEEK_END);
    } else if (data >= 0) {
        end = data / (off_t)FDB_CHUNK * (off_t)FDB_CHUNK;
    }
    *at = end > (off_t)*at ? (uint64_t)end : *at;
    (void)lseek(fd, (off_t)*at, SEEK_SET);
}

static ssize_t read_some(int fd, uint8_t *bytes)
{
    ssize_t n;
    do {
        n = read(fd, bytes, PIECE);
    } while (n < 0 && errno == EINTR);
    return n;
}

static bool put_bytes(struct fdb *db, int fd, const char *from, int64_t id, const char *to)
{
    static uint8_t bytes[PIECE];
    bool whole = strcmp(from, "-") != 0; /* not from somewhere in the middle */
    for (uint64_t at = 0;;) {
        if (whole) {
            pass_hole(fd, &at);
        }
        ssize_t n = read_some(fd, bytes);
        if (n < 0) {
            return storage_complain(from, strerror(errno));
        }
        ctx_status status = n == 0                      ? fdb_resize(db, id, at)
                            : is_hole(bytes, (size_t)n) ? CTX_OK
                                                        : fdb_write(db, id, at, bytes, (uint32_t)n);
        if (status != CTX_OK) {
            return storage_failed(db, to, status);
        }
        at += (uint64_t)n;
        progress(to, (uint64_t)n, n == 0);
        if (n == 0) {
            return true;
        }
    }
}

/* What is hidden takes the place of what is there, or nothing does. */
static ctx_status put_hidden(struct fdb *db, int64_t hidden, const char *to, const int64_t *ns)
{
    struct fdb_node old;
    int64_t id;
    ctx_status status = fdb_look(db, to, &old);
    if (status == CTX_OK && old.kind != FDB_FILE) {
        return CTX_E_INVAL;
    }
    id = old.id;
    status = status == CTX_E_NOENT ? fdb_make(db, to, FDB_FILE, &id) : status;
    status = status == CTX_OK ? fdb_swap(db, hidden, id) : status;
    return status == CTX_OK && ns != NULL ? fdb_date(db, id, *ns) : status;
}

bool storage_put_file(struct fdb *db, int fd, const char *from, const char *to, const int64_t *ns)
{
    int64_t hidden;
    ctx_status status = fdb_make_hidden(db, &hidden);
    if (status != CTX_OK) {
        return storage_failed(db, to, status);
    }
    bool good = put_bytes(db, fd, from, hidden, to);
    status = good ? put_hidden(db, hidden, to, ns) : CTX_OK;
    if (!good || status != CTX_OK) {
        (void)fdb_drop(db, hidden);
    }
    return status == CTX_OK ? good : storage_failed(db, to, status);
}

bool storage_put_text(struct fdb *db, const char *text, size_t len, const char *to)
{
    int64_t hidden;
    ctx_status status = fdb_make_hidden(db, &hidden);
    if (status != CTX_OK) {
        return storage_failed(db, to, status);
    }
    for (size_t at = 0; status == CTX_OK && at < len; at += PIECE) {
        status =
            fdb_write(db, hidden, at, text + at, len - at < PIECE ? (uint32_t)(len - at) : PIECE);
    }
    status = status == CTX_OK ? put_hidden(db, hidden, to, NULL) : status;
    if (status != CTX_OK) {
        (void)fdb_drop(db, hidden);
    }
    return status == CTX_OK ? true : storage_failed(db, to, status);
}

/* The folders that what is put lies in, from the innermost on. */
struct above {
    const struct above *next;
    dev_t dev;
    ino_t ino;
};

static bool put_folder(struct fdb *db, const char *from, const char *to, const struct above *above);

static bool is_above(const struct above *a, const struct stat *s)
{
    while (a != NULL && (a->dev != s->st_dev || a->ino != s->st_ino)) {
        a = a->next;
    }
    return a != NULL;
}

static bool put_any(struct fdb *db, const char *from, const char *to, const struct above *above)
{
    struct stat s;
    int fd = strcmp(from, "-") == 0 ? dup(0) : open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &s) != 0) {
        return storage_complain(from, strerror(errno));
    }
    int64_t ns = storage_ns(s.st_mtim);
    const struct above here = {above, s.st_dev, s.st_ino};
    bool good = is_above(above, &s)  ? storage_complain(from, "it leads back to a folder above it")
                : S_ISDIR(s.st_mode) ? put_folder(db, from, to, &here)
                : S_ISREG(s.st_mode) ? storage_put_file(db, fd, from, to, &ns)
                : strcmp(from, "-") == 0 ? storage_put_file(db, fd, from, to, NULL)
                                         : storage_complain(from, "it is neither file nor folder");
    close(fd);
    return good;
}

static bool put_folder(struct fdb *db, const char *from, const char *to, const struct above *above)
{
    struct fdb_node node;
    int64_t id;
    ctx_status status = fdb_look(db, to, &node);
    if (status == CTX_E_NOENT) {
        status = fdb_make(db, to, FDB_FOLDER, &id);
    } else if (status == CTX_OK && node.kind != FDB_FOLDER) {
        status = CTX_E_INVAL;
    }
    if (status != CTX_OK) {
        return storage_failed(db, to, status);
    }
    DIR *d = opendir(from);
    if (d == NULL) {
        return storage_complain(from, strerror(errno));
    }
    bool good = true;
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        char here[4096], there[FDB_PATH_MOST + 1];
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            good = join(here, sizeof here, from, e->d_name) &&
                   join(there, sizeof there, to, e->d_name) && put_any(db, here, there, above) &&
                   good;
        }
    }
    closedir(d);
    return good;
}

/* As cp: into a folder that is there, under its own name. */
static bool target_of(struct fdb *db, const char *from, const char *to, char out[FDB_PATH_MOST + 1])
{
    struct fdb_node node;
    if (fdb_look(db, to, &node) != CTX_OK || node.kind != FDB_FOLDER) {
        snprintf(out, FDB_PATH_MOST + 1, "%s", to);
        return true;
    }
    char name[4096];
    snprintf(name, sizeof name, "%s", from);
    for (size_t n = strlen(name); n > 1 && name[n - 1] == '/'; n--) {
        name[n - 1] = 0;
    }
    const char *slash = strrchr(name, '/');
    const char *last = slash != NULL ? slash + 1 : name;
    if (strcmp(last, ".") == 0 || strcmp(last, "..") == 0 || last[0] == 0) {
        snprintf(out, FDB_PATH_MOST + 1, "%s", to); /* its content */
        return true;
    }
    return join(out, FDB_PATH_MOST + 1, to, last);
}

bool storage_put(struct fdb *db, const char *from, const char *to)
{
    char target[FDB_PATH_MOST + 1];
    return target_of(db, from, to, target) && put_any(db, from, target, NULL);
}

/* ---- on the disk ---- */

bool storage_remove(struct fdb *db, const char *path, bool deep)
{
    struct fdb_node node;
    ctx_status status = fdb_look(db, path, &node);
    if (status != CTX_OK) {
        return storage_failed(db, path, status);
    }
    while (deep && node.kind == FDB_FOLDER) {
        struct fdb_node child;
        char below[FDB_PATH_MOST + 1];
        status = fdb_list(db, node.id, "", 0, &child);
        if (status != CTX_OK) {
            break;
        }
        if (!join(below, sizeof below, path, child.name) || !storage_remove(db, below, true)) {
            return false;
        }
    }
    if (node.id == FDB_ROOT) {
        return deep ? true /* all that is in it */ : storage_complain(path, "it stays (rm -r)");
    }
    status = fdb_remove(db, path, (enum fdb_kind)node.kind, false);
    return status == CTX_OK ? true : storage_failed(db, path, status);
}

static bool copy_node(struct fdb *db, const char *from, const char *to)
{
    static uint8_t bytes[PIECE];
    struct fdb_node node, child = {.name_len = 0};
    int64_t id;
    ctx_status status = fdb_look(db, from, &node);
    if (status != CTX_OK) {
        return storage_failed(db, from, status);
    }
    status = fdb_make(db, to, (enum fdb_kind)node.kind, &id);
    if (status != CTX_OK) {
        return storage_failed(db, to, status);
    }
    uint32_t count = 1;
    for (uint64_t at = 0; node.kind == FDB_FILE && count > 0; at += count) {
        status = fdb_data(db, node.id, at, &at);
        status = status == CTX_OK ? fdb_read(db, node.id, at, bytes, PIECE, &count) : status;
        status = status != CTX_OK ? status
                 : count > 0      ? fdb_write(db, id, at, bytes, count)
                                  : fdb_resize(db, id, node.bytes);
        if (status != CTX_OK) {
            return storage_failed(db, from, status);
        }
        progress(to, count, false);
    }
    while (node.kind == FDB_FOLDER &&
           (status = fdb_list(db, node.id, child.name, child.name_len, &child)) == CTX_OK) {
        char a[FDB_PATH_MOST + 1], b[FDB_PATH_MOST + 1];
        if (!join(a, sizeof a, from, child.name) || !join(b, sizeof b, to, child.name) ||
            !copy_node(db, a, b)) {
            return false;
        }
    }
    /* A folder that can not be read to its end is not copied. */
    return node.kind != FDB_FOLDER || status == CTX_E_NOENT ? true
                                                            : storage_failed(db, from, status);
}

bool storage_copy(struct fdb *db, const char *from, const char *to, bool deep)
{
    char target[FDB_PATH_MOST + 1];
    struct fdb_node node;
    size_t n = strlen(from);
    if (!deep && fdb_look(db, from, &node) == CTX_OK && node.kind == FDB_FOLDER) {
        return storage_complain(from, "it is a folder (cp -r)");
    }
    if (!target_of(db, from, to, target)) {
        return false;
    }
    if (strncmp(target, from, n) == 0 && (target[n] == '/' || target[n] == 0 || n == 1)) {
        return storage_complain(to, "it lies in what is copied");
    }
    return copy_node(db, from, target);
}
