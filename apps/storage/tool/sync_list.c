/* SPDX-License-Identifier: MIT */
/* What is in a folder here, in one on the disk, and was there the last time. */
#define _GNU_SOURCE
#include "sync.h"
#include "tool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD     "ctx sync 1"
#define CLOCK_NS INT64_C(3000000000) /* file systems are less exact than this */

/*
 * The record is texts that each end with a NUL: HEAD, its id, the folder here as realpath() has it,
 * then for each path
 *
 *     f LENGTH TIME-HERE TIME-ON-THE-DISK PRINT PATH
 *     d 0 0 0 0 PATH
 *
 * A folder that is written to has the same id in a file of its own, called as the record is.
 */

bool sync_here(const struct sync *s, const char *path, char out[SYNC_PATH])
{
    int n = snprintf(out, SYNC_PATH, "%s/%s", s->folder, path);
    return n > 0 && n < (int)SYNC_PATH ? true : storage_complain(path, "its path is too long");
}

bool sync_there(const struct sync *s, const char *path, char out[FDB_PATH_MOST + 1])
{
    int n = snprintf(out, FDB_PATH_MOST + 1, "%s/%s", s->place[1] != 0 ? s->place : "", path);
    return n > 0 && n <= (int)FDB_PATH_MOST
               ? true
               : storage_complain(path, "its path is too long for the disk");
}

static struct sync_entry *add(struct sync *s, const char *path)
{
    if (s->count == s->room) {
        size_t room = s->room > 0 ? 2 * s->room : 64;
        void *more = realloc(s->entries, room * sizeof *s->entries);
        if (more == NULL) {
            return NULL;
        }
        s->entries = more;
        s->room = room;
    }
    char *copy = strdup(path);
    if (copy == NULL) {
        return NULL;
    }
    s->entries[s->count] = (struct sync_entry){.path = copy};
    return &s->entries[s->count++];
}

static bool is_own(const char *name)
{
    return strncmp(name, SYNC_OWN, sizeof SYNC_OWN - 1) == 0;
}

/* A name in a folder that has this path; false: said. */
static bool join(const char *folder, const char *name, char out[SYNC_PATH])
{
    int n = snprintf(out, SYNC_PATH, "%s%s%s", folder, folder[0] != 0 ? "/" : "", name);
    return n > 0 && n < (int)SYNC_PATH ? true : storage_complain(name, "its path is too long");
}

static bool no_memory(const struct sync *s)
{
    return storage_complain(s->folder, "not enough memory");
}

struct sync_side sync_look(const char *path)
{
    struct stat st;
    struct sync_side side = {.kind = SYNC_NONE};
    if (lstat(path, &st) == 0) {
        side.kind = S_ISREG(st.st_mode)   ? SYNC_FILE
                    : S_ISDIR(st.st_mode) ? SYNC_FOLDER
                                          : SYNC_OTHER;
        side.bytes = side.kind == SYNC_FILE ? (uint64_t)st.st_size : 0;
        side.ns = side.kind == SYNC_FILE ? storage_ns(st.st_mtim) : 0;
    }
    return side;
}

/* folder: stays where it is, as entries' paths do. */
static bool list_here(struct sync *s, const char *folder)
{
    static char path[SYNC_PATH], below[SYNC_PATH];
    if (!sync_here(s, folder[0] != 0 ? folder : ".", path)) {
        return false;
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (folder[0] != 0 ? O_NOFOLLOW : 0));
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (d == NULL) {
        return storage_complain(path, strerror(errno));
    }
    bool good = true;
    errno = 0;
    for (const struct dirent *e; good && (e = readdir(d)) != NULL; errno = 0) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || is_own(e->d_name)) {
            continue;
        }
        struct sync_entry *entry = NULL;
        good = join(folder, e->d_name, below) && sync_here(s, below, path);
        if (good && (entry = add(s, below)) == NULL) {
            good = no_memory(s);
        }
        if (entry != NULL) {
            entry->here = sync_look(path);
            good = entry->here.kind != SYNC_FOLDER || list_here(s, entry->path);
        }
    }
    good = good && errno != 0 ? storage_complain(folder, strerror(errno)) : good;
    closedir(d);
    return good;
}

static bool list_disk(struct sync *s, int64_t id, const char *folder)
{
    static char below[SYNC_PATH];
    struct fdb_node n = {.name_len = 0};
    ctx_status status;
    while ((status = fdb_list(s->db, id, n.name, n.name_len, &n)) == CTX_OK) {
        if (!storage_name_is_one(&n)) {
            return storage_complain(folder, "a name in it on the disk is none (ctx files check)");
        }
        if (is_own(n.name)) {
            continue;
        }
        if (!join(folder, n.name, below)) {
            return false;
        }
        struct sync_entry *entry = add(s, below);
        if (entry == NULL) {
            return no_memory(s);
        }
        bool inner = n.kind == FDB_FOLDER;
        entry->disk.kind = inner ? SYNC_FOLDER : SYNC_FILE;
        entry->disk.bytes = inner ? 0 : n.bytes;
        entry->disk.ns = inner ? 0 : n.modified_ns;
        if (inner && !list_disk(s, n.id, entry->path)) {
            return false;
        }
    }
    return status == CTX_E_NOENT ? true : storage_complain(folder, fdb_why(s->db));
}

/* ---- the record ---- */

uint64_t sync_print(uint64_t print, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    print = print == 0 ? UINT64_C(0xcbf29ce484222325) : print;
    for (size_t i = 0; i < len; i++) {
        print = (print ^ p[i]) * UINT64_C(0x100000001b3);
    }
    return print != 0 ? print : 1;
}

/* What was copied, as the disk has it: the file here may be another one by now. */
static uint64_t print_of(struct sync *s, const struct sync_entry *e)
{
    static uint8_t bytes[65536];
    char path[FDB_PATH_MOST + 1];
    struct fdb_node n;
    uint32_t count = 1;
    uint64_t print = sync_print(0, "", 0);
    if (!sync_there(s, e->path, path) || fdb_look(s->db, path, &n) != CTX_OK) {
        return 1;
    }
    for (uint64_t at = 0; at < n.bytes && count > 0; at += count) {
        if (fdb_read(s->db, n.id, at, bytes, sizeof bytes, &count) != CTX_OK) {
            return 1; /* of no file, about: it has changed */
        }
        print = sync_print(print, bytes, count);
    }
    return print;
}

static char *read_disk(struct sync *s, const char *path, size_t *len)
{
    struct fdb_node n;
    uint32_t count = 1;
    if (fdb_look(s->db, path, &n) != CTX_OK || n.kind != FDB_FILE || n.bytes > SIZE_MAX / 2) {
        return NULL;
    }
    char *text = malloc((size_t)n.bytes + 1);
    for (*len = 0; text != NULL && *len < n.bytes && count > 0; *len += count) {
        uint64_t left = n.bytes - *len;
        if (fdb_read(s->db, n.id, *len, text + *len, left < 65536 ? (uint32_t)left : 65536u,
                     &count) != CTX_OK) {
            free(text);
            return NULL;
        }
    }
    if (text != NULL) {
        text[*len] = 0;
    }
    return text;
}

static bool read_line(struct sync *s, const char *line)
{
    char kind;
    unsigned long long bytes, print;
    long long here, disk;
    int end = 0;
    if (sscanf(line, "%c %llu %lld %lld %llx%n", &kind, &bytes, &here, &disk, &print, &end) != 5 ||
        line[end] != ' ' || line[end + 1] == 0 || (kind != 'f' && kind != 'd')) {
        return false;
    }
    struct sync_entry *entry = add(s, line + end + 1);
    if (entry != NULL) {
        entry->was_here.kind = entry->was_disk.kind = kind == 'f' ? SYNC_FILE : SYNC_FOLDER;
        entry->was_here.bytes = entry->was_disk.bytes = bytes;
        entry->was_here.ns = here;
        entry->was_disk.ns = disk;
        entry->was_here.print = print;
    }
    return entry != NULL;
}

/* Whether the folder here is the one that the record with this id and name is of. */
static bool is_known(const struct sync *s, const char *id, const char *name, bool marked)
{
    char path[SYNC_PATH], has[64] = "", *real;
    if (!sync_here(s, SYNC_OWN, path)) {
        return false;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t n = fd >= 0 ? read(fd, has, sizeof has - 1) : -1;
    if (fd >= 0) {
        close(fd);
        return n >= 32 && strncmp(has, id, 32) == 0;
    }
    real = realpath(s->folder, NULL);
    bool same = !marked && real != NULL && strcmp(real, name) == 0;
    free(real);
    return same;
}

static bool list_record(struct sync *s, bool marked)
{
    char path[FDB_PATH_MOST + 1];
    size_t len, at = 0, before = s->count;
    if (!sync_there(s, SYNC_OWN, path)) {
        return false;
    }
    char *text = read_disk(s, path, &len);
    if (text == NULL) {
        return true; /* the first time */
    }
    const char *heads[3];
    bool good = true;
    for (size_t i = 0; i < 3; i++) {
        heads[i] = at < len ? text + at : "";
        at += strlen(heads[i]) + 1;
    }
    good = strcmp(heads[0], HEAD) == 0 && strlen(heads[1]) == 32;
    if (good) {
        memcpy(s->id, heads[1], 33);
        s->here_is_known = is_known(s, heads[1], heads[2], marked);
    }
    while (good && s->here_is_known && at < len) {
        good = read_line(s, text + at);
        at += strlen(text + at) + 1;
    }
    if (!good) { /* as if there were none */
        storage_complain(path, "this record of the last time is damaged, and not used");
        s->here_is_known = false;
        while (s->count > before) {
            free(s->entries[--s->count].path);
        }
    }
    free(text);
    return true;
}

static bool make_id(struct sync *s)
{
    uint8_t bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return storage_complain(s->folder, "there are no random numbers");
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(s->id + 2 * i, 3, "%02x", bytes[i]);
    }
    return true;
}

static bool mark(const struct sync *s)
{
    char path[SYNC_PATH], text[64];
    int n = snprintf(text, sizeof text, "%s\n", s->id);
    if (!sync_here(s, SYNC_OWN, path)) {
        return false;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    bool good = fd >= 0 && write(fd, text, (size_t)n) == n;
    good = fd >= 0 && close(fd) == 0 && good;
    return good ? true : storage_complain(path, strerror(errno));
}

bool sync_record(struct sync *s, bool marked)
{
    char path[FDB_PATH_MOST + 1], *text = NULL, *real = realpath(s->folder, NULL);
    size_t len = 0;
    /* Of another folder than the last time: that one must not take this record for its own. */
    bool good = real != NULL && (s->here_is_known || make_id(s)) && sync_there(s, SYNC_OWN, path);
    FILE *f = good ? open_memstream(&text, &len) : NULL;
    if (f == NULL) {
        free(real);
        return good ? no_memory(s) : false;
    }
    fprintf(f, HEAD "%c%s%c%s%c", 0, s->id, 0, real, 0);
    free(real);
    for (size_t i = 0; i < s->count; i++) {
        const struct sync_entry *e = &s->entries[i];
        bool old = e->deed == SYNC_KEEP || e->deed == SYNC_NOTHING;
        const struct sync_side *here = old ? &e->was_here : &e->here,
                               *disk = old ? &e->was_disk : &e->disk;
        if (e->deed == SYNC_GONE || here->kind == SYNC_NONE) {
            continue;
        }
        /* It may change once more within the same tick of a clock. */
        bool unsure = !old && here->kind == SYNC_FILE && here->ns > s->began_ns - CLOCK_NS;
        fprintf(f, "%c %llu %lld %lld %llx %s%c", here->kind == SYNC_FILE ? 'f' : 'd',
                (unsigned long long)here->bytes, (long long)here->ns, (long long)disk->ns,
                (unsigned long long)(unsure ? print_of(s, e)
                                     : old  ? here->print
                                            : 0),
                e->path, 0);
    }
    if (fclose(f) != 0) {
        free(text);
        return no_memory(s);
    }
    good = storage_put_text(s->db, text, len, path) && (!marked || mark(s));
    free(text);
    return good;
}

/* ---- all of it ---- */

/* By path; a slash comes before everything, so that what is in a folder stands behind it. */
static int compare(const void *a, const void *b)
{
    const uint8_t *x = (const uint8_t *)((const struct sync_entry *)a)->path,
                  *y = (const uint8_t *)((const struct sync_entry *)b)->path;
    while (*x != 0 && *x == *y) {
        x++;
        y++;
    }
    int p = *x == '/' ? 1 : *x == 0 ? 0 : *x + 1, q = *y == '/' ? 1 : *y == 0 ? 0 : *y + 1;
    return p - q;
}

static void merge(struct sync *s)
{
    size_t to = 0;
    qsort(s->entries, s->count, sizeof *s->entries, compare);
    for (size_t i = 0; i < s->count; i++) {
        struct sync_entry *e = &s->entries[i], *last = to > 0 ? &s->entries[to - 1] : NULL;
        if (last == NULL || strcmp(last->path, e->path) != 0) {
            s->entries[to++] = *e;
            continue;
        }
        last->here = e->here.kind != SYNC_NONE ? e->here : last->here;
        last->disk = e->disk.kind != SYNC_NONE ? e->disk : last->disk;
        if (e->was_here.kind != SYNC_NONE) {
            last->was_here = e->was_here;
            last->was_disk = e->was_disk;
        }
        free(e->path);
    }
    s->count = to;
}

bool sync_list(struct sync *s, bool marked)
{
    struct fdb_node node;
    struct stat st;
    if (stat(s->folder, &st) != 0) {
        return storage_complain(s->folder, strerror(errno));
    }
    if (!S_ISDIR(st.st_mode)) {
        return storage_complain(s->folder, "it is no folder");
    }
    ctx_status status = fdb_look(s->db, s->place, &node);
    if (status == CTX_OK && node.kind != FDB_FOLDER) {
        return storage_complain(s->place, "it is a file on the disk, not a folder");
    }
    if (status != CTX_OK && status != CTX_E_NOENT) {
        return storage_complain(s->place,
                                status == CTX_E_INVAL ? "a part of it is a file" : fdb_why(s->db));
    }
    bool good = list_here(s, "") && (status == CTX_E_NOENT || list_disk(s, node.id, "")) &&
                (status == CTX_E_NOENT || list_record(s, marked));
    if (good) {
        merge(s);
    }
    return good;
}

void sync_forget(struct sync *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->entries[i].path);
    }
    free(s->entries);
    s->entries = NULL;
    s->count = s->room = 0;
}
