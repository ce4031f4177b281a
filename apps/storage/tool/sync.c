/* SPDX-License-Identifier: MIT */
/*
 * `ctx files sync`: a folder here and one on the disk are made the same, one way or both. Removals
 * come first, from the innermost on; then what is new, each file as a whole.
 */
#define _GNU_SOURCE
#include "sync.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PIECE 65536u

/* ---- what is to be done ---- */

static uint64_t print_here(const struct sync *s, const char *path)
{
    static uint8_t bytes[PIECE];
    char here[SYNC_PATH];
    uint64_t print = sync_print(0, "", 0);
    int fd =
        sync_here(s, path, here) ? open(here, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    ssize_t n = -1;
    while (fd >= 0 && (n = read(fd, bytes, sizeof bytes)) > 0) {
        print = sync_print(print, bytes, (size_t)n);
    }
    if (fd >= 0) {
        close(fd);
    }
    return n == 0 ? print : 0;
}

static bool changed(const struct sync_side *now, const struct sync_side *was)
{
    return now->kind != was->kind ||
           (now->kind == SYNC_FILE && (now->bytes != was->bytes || now->ns != was->ns));
}

static bool changed_here(const struct sync *s, const struct sync_entry *e)
{
    return changed(&e->here, &e->was_here) ||
           (e->here.kind == SYNC_FILE && e->was_here.print != 0 &&
            print_here(s, e->path) != e->was_here.print);
}

static bool same_bytes(struct sync *s, const struct sync_entry *e)
{
    static uint8_t a[PIECE], b[PIECE];
    char here[SYNC_PATH], there[FDB_PATH_MOST + 1];
    struct fdb_node node;
    if (e->here.bytes != e->disk.bytes || !sync_here(s, e->path, here) ||
        !sync_there(s, e->path, there) || fdb_look(s->db, there, &node) != CTX_OK) {
        return false;
    }
    int fd = open(here, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    uint64_t at = 0;
    bool same = fd >= 0;
    while (same && at < node.bytes) {
        uint32_t count = 0;
        same = fdb_read(s->db, node.id, at, a, PIECE, &count) == CTX_OK && count > 0 &&
               pread(fd, b, count, (off_t)at) == (ssize_t)count && memcmp(a, b, count) == 0;
        at += count;
    }
    if (fd >= 0) {
        close(fd);
    }
    return same;
}

static const char *conflict_of(const struct sync_entry *e)
{
    return e->here.kind == SYNC_NONE      ? "removed in the folder, changed on the disk"
           : e->disk.kind == SYNC_NONE    ? "changed in the folder, removed on the disk"
           : e->here.kind != e->disk.kind ? "a file on one side, a folder on the other"
                                          : "changed on both sides";
}

static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/';
}

/* Where the other side has a file: a folder has changed if something in it has. */
static bool changed_in(const struct sync *s, const struct sync_entry *e, bool on_disk)
{
    const struct sync_entry *end = s->entries + s->count;
    enum sync_kind kind = on_disk ? e->disk.kind : e->here.kind,
                   other = on_disk ? e->here.kind : e->disk.kind;
    bool any = false;
    for (const struct sync_entry *x = e + 1; kind == SYNC_FOLDER && other == SYNC_FILE && x < end;
         x++) {
        if (any || !is_below(x->path, e->path)) {
            break;
        }
        any = on_disk ? x->disk.kind != SYNC_NONE && changed(&x->disk, &x->was_disk)
                      : x->here.kind != SYNC_NONE && changed_here(s, x);
    }
    return any;
}

static enum sync_deed deed_of(struct sync *s, const struct sync_entry *e,
                              const struct sync_wish *wish)
{
    if (e->here.kind == SYNC_OTHER) {
        storage_complain(e->path, "neither file nor folder: left out");
        return SYNC_KEEP;
    }
    bool here = changed_here(s, e) || changed_in(s, e, false);
    bool disk = changed(&e->disk, &e->was_disk) || changed_in(s, e, true);
    if (e->here.kind == e->disk.kind) {
        if (e->here.kind == SYNC_NONE) {
            return SYNC_GONE;
        }
        if (e->here.kind == SYNC_FOLDER || (!here && !disk) || same_bytes(s, e)) {
            return SYNC_SAME;
        }
    }
    if (here && disk && wish->prefer == SYNC_ASK) {
        char text[100];
        snprintf(text, sizeof text, "conflict: %s; it stays so (--prefer folder, --prefer disk)",
                 conflict_of(e));
        s->failed++;
        storage_complain(e->path, text);
        return SYNC_KEEP;
    }
    bool to_disk = here && disk ? wish->prefer == SYNC_OF_FOLDER : here;
    if (wish->way == (to_disk ? SYNC_FROM_DISK : SYNC_TO_DISK)) {
        return SYNC_KEEP;
    }
    return to_disk ? (e->here.kind == SYNC_NONE ? SYNC_DROP_DISK : SYNC_PUT)
                   : (e->disk.kind == SYNC_NONE ? SYNC_DROP_FOLDER : SYNC_GET);
}

/* What lies below something that stays a file on one side, and a folder on the other, stays too;
 * below a folder that becomes a file nothing does. */
static void decide(struct sync *s, const struct sync_wish *wish)
{
    const struct sync_entry *top = NULL;
    for (size_t i = 0; i < s->count; i++) {
        struct sync_entry *e = &s->entries[i];
        if (top == NULL || !is_below(e->path, top->path)) {
            e->deed = deed_of(s, e, wish);
            bool differ = e->here.kind != e->disk.kind && e->here.kind != SYNC_NONE &&
                          e->disk.kind != SYNC_NONE;
            bool folds = (e->deed == SYNC_PUT && e->disk.kind == SYNC_FOLDER) ||
                         (e->deed == SYNC_GET && e->here.kind == SYNC_FOLDER);
            top = differ && (e->deed == SYNC_KEEP || folds) ? e : NULL;
        } else if (top->deed == SYNC_KEEP || e->here.kind == SYNC_OTHER) {
            e->deed = SYNC_KEEP;
        } else if (top->deed == SYNC_PUT) {
            e->deed = e->disk.kind != SYNC_NONE ? SYNC_DROP_DISK : SYNC_GONE;
        } else {
            e->deed = e->here.kind != SYNC_NONE ? SYNC_DROP_FOLDER : SYNC_GONE;
        }
    }
}

/* ---- removing ---- */

/* Here, as it was when it was listed. */
static bool remove_here(struct sync *s, struct sync_entry *e)
{
    char path[SYNC_PATH];
    if (!sync_here(s, e->path, path)) {
        return false;
    }
    const struct sync_side now = sync_look(path);
    if (now.kind != e->here.kind || now.bytes != e->here.bytes || now.ns != e->here.ns) {
        return storage_complain(path, "it changes while it is looked at: once more, please");
    }
    if ((now.kind == SYNC_FOLDER ? rmdir(path) : unlink(path)) != 0) {
        return errno == ENOTEMPTY || errno == EEXIST ? false
                                                     : storage_complain(path, strerror(errno));
    }
    e->here = (struct sync_side){.kind = SYNC_NONE};
    return true;
}

static bool remove_there(struct sync *s, struct sync_entry *e)
{
    char path[FDB_PATH_MOST + 1];
    if (!sync_there(s, e->path, path)) {
        return false;
    }
    ctx_status status =
        fdb_remove(s->db, path, e->disk.kind == SYNC_FOLDER ? FDB_FOLDER : FDB_FILE, false);
    if (status != CTX_OK) {
        return status == CTX_E_EXIST ? false : storage_complain(path, fdb_why(s->db));
    }
    e->disk = (struct sync_side){.kind = SYNC_NONE};
    return true;
}

static void removals(struct sync *s)
{
    for (size_t i = s->count; i > 0; i--) {
        struct sync_entry *e = &s->entries[i - 1];
        bool put = e->deed == SYNC_PUT, get = e->deed == SYNC_GET;
        bool other = e->here.kind != SYNC_NONE && e->disk.kind != SYNC_NONE &&
                     e->here.kind != e->disk.kind; /* it has to make room */
        if (e->deed == SYNC_DROP_DISK || (put && other)) {
            bool gone = remove_there(s, e);
            e->deed = gone ? (put ? SYNC_PUT : SYNC_GONE) : SYNC_KEEP;
        } else if (e->deed == SYNC_DROP_FOLDER || (get && other)) {
            bool gone = remove_here(s, e);
            e->deed = gone ? (get ? SYNC_GET : SYNC_GONE) : SYNC_KEEP;
        } else {
            continue;
        }
        /* A folder that is not empty stays because something in it does, which has been said. */
        bool folder = e->deed == SYNC_KEEP && !put && !get &&
                      (e->disk.kind == SYNC_FOLDER || e->here.kind == SYNC_FOLDER);
        s->failed += e->deed == SYNC_KEEP && !folder;
    }
}

/* ---- making ---- */

static bool make_parents_here(const struct sync *s, const char *path)
{
    char part[SYNC_PATH], whole[SYNC_PATH];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        if (!sync_here(s, part, whole)) {
            return false;
        }
        if (mkdir(whole, 0777) != 0 && (errno != EEXIST || sync_look(whole).kind != SYNC_FOLDER)) {
            return storage_complain(whole, errno == EEXIST ? "it is no folder" : strerror(errno));
        }
    }
    return true;
}

static bool make_folder_there(const struct sync *s, const char *path)
{
    int64_t id;
    struct fdb_node node;
    ctx_status status = fdb_make(s->db, path, FDB_FOLDER, &id);
    if (status == CTX_E_EXIST && fdb_look(s->db, path, &node) == CTX_OK) {
        status = node.kind == FDB_FOLDER ? CTX_OK : CTX_E_EXIST;
    }
    return status == CTX_OK
               ? true
               : storage_complain(path, status == CTX_E_EXIST ? "it is no folder" : fdb_why(s->db));
}

static bool make_parents_there(const struct sync *s, const char *path)
{
    char part[FDB_PATH_MOST + 1];
    for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        if (!make_folder_there(s, part)) {
            return false;
        }
    }
    return true;
}

/* Its bytes go to a file of ours first, which takes its name when it is whole. */
static bool get_file(struct sync *s, struct sync_entry *e, const char *there, const char *here)
{
    char beside[SYNC_PATH];
    const struct sync_side now = sync_look(here);
    if (now.kind != e->here.kind || now.bytes != e->here.bytes || now.ns != e->here.ns) {
        return storage_complain(here, "it changes while it is looked at: once more, please");
    }
    const char *slash = strrchr(here, '/');
    int n = snprintf(beside, sizeof beside, "%.*s/%s-XXXXXX", (int)(slash - here), here, SYNC_OWN);
    int fd = n > 0 && n < (int)sizeof beside ? mkostemp(beside, O_CLOEXEC) : -1;
    if (fd < 0) {
        return storage_complain(here, strerror(errno));
    }
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, storage_time(e->disk.ns)};
    struct stat old;
    mode_t mask = umask(0);
    umask(mask);
    bool good = storage_get_bytes(s->db, there, fd, beside);
    if (good && (fchmod(fd, lstat(here, &old) == 0 ? old.st_mode & 0777 : 0666 & ~mask) != 0 ||
                 futimens(fd, times) != 0 || fsync(fd) != 0 || rename(beside, here) != 0)) {
        good = storage_complain(here, strerror(errno));
    }
    close(fd);
    if (!good) {
        (void)unlink(beside);
    }
    return good;
}

static bool get(struct sync *s, struct sync_entry *e)
{
    char here[SYNC_PATH], there[FDB_PATH_MOST + 1];
    if (!sync_here(s, e->path, here) || !sync_there(s, e->path, there) ||
        !make_parents_here(s, e->path)) {
        return false;
    }
    if (e->disk.kind == SYNC_FOLDER) {
        if (mkdir(here, 0777) != 0 && errno != EEXIST) {
            return storage_complain(here, strerror(errno));
        }
    } else if (!get_file(s, e, there, here)) {
        return false;
    }
    e->here = sync_look(here);
    return true;
}

static bool put(struct sync *s, struct sync_entry *e)
{
    char here[SYNC_PATH], there[FDB_PATH_MOST + 1];
    if (!sync_here(s, e->path, here) || !sync_there(s, e->path, there) ||
        !make_parents_there(s, there)) {
        return false;
    }
    if (e->here.kind == SYNC_FOLDER) {
        e->disk = e->here;
        return make_folder_there(s, there);
    }
    int fd = open(here, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        return storage_complain(here, strerror(errno));
    }
    bool good = storage_put_file(s->db, fd, here, there, &e->here.ns);
    close(fd);
    const struct sync_side now = sync_look(here);
    struct fdb_node node;
    if (good && fdb_look(s->db, there, &node) == CTX_OK) {
        e->disk =
            (struct sync_side){.kind = SYNC_FILE, .bytes = node.bytes, .ns = node.modified_ns};
        if (now.kind != SYNC_FILE || now.bytes != node.bytes || now.ns != e->here.ns) {
            e->here.bytes = node.bytes; /* it changed meanwhile: the next time shows that */
            e->here.ns = INT64_MAX;
        }
    }
    return good;
}

static void makings(struct sync *s)
{
    for (size_t i = 0; i < s->count; i++) {
        struct sync_entry *e = &s->entries[i];
        if (e->deed == SYNC_PUT || e->deed == SYNC_GET) {
            bool good = e->deed == SYNC_PUT ? put(s, e) : get(s, e);
            e->deed = good ? SYNC_SAME : SYNC_KEEP;
            s->failed += !good;
        }
    }
}

/* ---- all of it ---- */

static void tell(const struct sync *s)
{
    static const char *const words[] = {[SYNC_PUT] = "put",
                                        [SYNC_GET] = "got",
                                        [SYNC_DROP_DISK] = "removed on the disk",
                                        [SYNC_DROP_FOLDER] = "removed in the folder"};
    for (size_t i = 0; i < s->count; i++) {
        const struct sync_entry *e = &s->entries[i];
        if (e->deed < sizeof words / sizeof words[0] && words[e->deed] != NULL) {
            bool folder = e->here.kind == SYNC_FOLDER || e->disk.kind == SYNC_FOLDER;
            printf("%s ", words[e->deed]);
            storage_print_name(stdout, e->path, strlen(e->path));
            puts(folder ? "/" : "");
        }
    }
    fflush(stdout);
}

/* An empty folder may be one whose disk is not there. */
static bool is_emptied(const struct sync *s)
{
    bool had = false;
    for (size_t i = 0; i < s->count; i++) {
        had |= s->entries[i].was_here.kind != SYNC_NONE;
        if (s->entries[i].here.kind != SYNC_NONE) {
            return false;
        }
    }
    return had;
}

bool storage_sync(struct fdb *db, const struct sync_wish *wish)
{
    struct sync s = {.db = db, .folder = wish->folder};
    struct timespec now;
    bool marked = wish->way != SYNC_TO_DISK;
    clock_gettime(CLOCK_REALTIME, &now);
    s.began_ns = storage_ns(now);
    snprintf(s.place, sizeof s.place, "%s", wish->place);
    bool good = sync_list(&s, marked);
    if (good && is_emptied(&s) && wish->prefer != SYNC_OF_FOLDER && wish->way != SYNC_FROM_DISK) {
        good = storage_complain(
            wish->folder,
            "all that was in it is gone (--prefer folder removes it on the disk too)");
    }
    if (good) {
        decide(&s, wish);
        tell(&s);
    }
    if (good && !wish->only_tell) {
        char folder[FDB_PATH_MOST + 8];
        snprintf(folder, sizeof folder, "%s/", wish->place);
        removals(&s);
        if (make_parents_there(&s, folder)) {
            makings(&s);
            good = sync_record(&s, marked);
        } else {
            good = false;
        }
    }
    sync_forget(&s);
    return good && s.failed == 0;
}
