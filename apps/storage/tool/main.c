/* SPDX-License-Identifier: MIT */
/* The commands of `ctx files`. */
#define _GNU_SOURCE
#include "tool.h"

#include "vfs.h"

#include <sqlite3.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIZE_USUAL (UINT64_C(256) << 20)

enum { FINE, REFUSED, USAGE };

static const char usage[] =
    "ctx: files create DISK [--size 256M] [--force]\n"
    "     files ls|cat|rm|mkdir DISK PATH... | ls -l DISK PATH | rm -r DISK PATH...\n"
    "     files get DISK PATH [FILE] | put DISK FILE... PATH | cp -r|mv DISK FROM TO\n"
    "     files info|check|repair|recover|compact|grow|close|dump DISK\n";

static struct {
    struct file_disk disk;
    struct fdb *db;
    const char *path;
} t;

static const char *const commands[] = {"create",  "ls",   "cat",   "rm",      "mkdir", "get",
                                       "put",     "cp",   "mv",    "info",    "check", "repair",
                                       "recover", "grow", "close", "compact", "dump",  "--help"};

bool storage_tool_knows(const char *word)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(word, commands[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int wrong_words(void)
{
    fputs(usage, stderr);
    return USAGE;
}

static bool parse_size(const char *text, uint64_t *out)
{
    static const char units[] = "KMGT";
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 0);
    const char *unit = *end != 0 ? strchr(units, *end) : NULL;
    uint32_t shift = unit != NULL ? 10 * (uint32_t)(unit - units + 1) : 0;
    if (end == text || text[0] == '-' || errno != 0 ||
        (*end != 0 && (unit == NULL || end[1] != 0)) ||
        n > (unsigned long long)INT64_MAX >> shift) {
        return false;
    }
    *out = (uint64_t)n << shift;
    return true;
}

static int create(int argc, char **argv)
{
    uint64_t bytes = 0;
    bool force = false;
    const char *path = NULL, *why;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--force") == 0) {
            force = true;
        } else if (strcmp(argv[i], "--size") == 0 && i + 1 < argc) {
            if (!parse_size(argv[++i], &bytes) || bytes == 0) {
                storage_complain(argv[i], "a size is a number, perhaps with K, M, G or T");
                return USAGE;
            }
        } else if (path == NULL && argv[i][0] != '-') {
            path = argv[i];
        } else {
            return wrong_words();
        }
    }
    if (path == NULL) {
        return wrong_words();
    }
    bool fresh = access(path, F_OK) != 0;
    why = file_disk_create(&t.disk, path, bytes != 0 ? bytes : fresh ? SIZE_USUAL : 0, force);
    if (why == NULL) {
        ctx_status status = fdb_create(&t.disk.disk, &why);
        file_disk_close(&t.disk);
        if (status == CTX_OK) {
            return FINE;
        }
        if (fresh) {
            (void)unlink(path);
        }
    }
    storage_complain(path, why);
    return REFUSED;
}

static int open_disk(const char *path, bool writable, uint32_t flags)
{
    t.path = path;
    const char *why = file_disk_open(&t.disk, path, writable);
    if (why != NULL) {
        storage_complain(path, why);
        return REFUSED;
    }
    ctx_status status = fdb_open(&t.db, &t.disk.disk, flags | (writable ? 0 : FDB_READ_ONLY), &why);
    if (status != CTX_OK) {
        storage_complain(path, why);
        file_disk_close(&t.disk);
        return REFUSED;
    }
    return FINE;
}

static int close_disk(bool good)
{
    ctx_status status = fdb_close(t.db);
    file_disk_close(&t.disk);
    if (status != CTX_OK) {
        good = storage_complain(t.path, "it could not be written to the end");
    }
    return good ? FINE : REFUSED;
}

/* A path as people write it: they need not begin it with a slash. */
static bool path_of(const char *word, char out[FDB_PATH_MOST + 1])
{
    char whole[4096];
    ctx_status status;
    int n = snprintf(whole, sizeof whole, "/%s", word);
    if (n < 0 || n >= (int)sizeof whole || fdb_path(whole, (uint32_t)n, out, &status) == 0) {
        return storage_complain(word, "the path is too long, or a name in it is");
    }
    return true;
}

/* ---- looking ---- */

static void print_node(const struct fdb_node *n, bool whole)
{
    char when[32] = "";
    time_t seconds = (time_t)(n->modified_ns / 1000000000);
    struct tm tm;
    if (whole && gmtime_r(&seconds, &tm) != NULL) {
        (void)strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &tm);
        printf("%12llu  %s  ", (unsigned long long)n->bytes, when);
    }
    (void)fwrite(n->name, 1, n->name_len, stdout);
    puts(n->kind == FDB_FOLDER ? "/" : "");
}

static bool list(const char *word, bool whole)
{
    char path[FDB_PATH_MOST + 1];
    struct fdb_node node, n = {.name_len = 0};
    if (!path_of(word, path)) {
        return false;
    }
    ctx_status status = fdb_look(t.db, path, &node);
    if (status == CTX_OK && node.kind == FDB_FILE) {
        print_node(&node, whole);
        return true;
    }
    while (status == CTX_OK &&
           (status = fdb_list(t.db, node.id, n.name, n.name_len, &n)) == CTX_OK) {
        print_node(&n, whole);
    }
    return status == CTX_E_NOENT && n.name_len == 0 && node.id == 0
               ? storage_complain(path, "there is no such file or folder")
           : status == CTX_E_NOENT || status == CTX_OK ? true
                                                       : storage_complain(path, fdb_why(t.db));
}

static bool info(void)
{
    struct fdb_space space;
    const struct fdb_label *label = &fdb_vfs_state()->label;
    if (fdb_space(t.db, &space) != CTX_OK) {
        return storage_complain(t.path, fdb_why(t.db));
    }
    uint64_t journal = label->database + FDB_PAGE, log = journal + label->journal;
    printf("format    %12u, id ", label->format);
    for (size_t i = 0; i < sizeof label->id; i++) {
        printf("%02x", label->id[i]);
    }
    printf("\ndatabase  %12llu bytes, from 0 on\n", (unsigned long long)label->database);
    printf("journal   %12llu bytes, from %llu on\n", (unsigned long long)label->journal,
           (unsigned long long)journal);
    printf("log       %12llu bytes, from %llu on\n", (unsigned long long)label->log,
           (unsigned long long)log);
    printf("files     %12llu, and %llu folders\n", (unsigned long long)space.files,
           (unsigned long long)space.folders);
    printf("free      %12llu bytes of %llu\n", (unsigned long long)space.free,
           (unsigned long long)space.bytes);
    return true;
}

static void tell(void *arg, const char *text, uint64_t now, uint64_t all)
{
    (void)arg;
    if (text != NULL) {
        printf("%s\n", text);
    } else if (isatty(2)) {
        fprintf(stderr, "\r\033[K%llu of %llu pages", (unsigned long long)now,
                (unsigned long long)all);
    }
}

static bool check(bool quiet)
{
    struct fdb_check c = {.say = tell};
    ctx_status status = fdb_check(t.db, &c);
    if (isatty(2)) {
        fputs("\r\033[K", stderr);
    }
    if (!quiet || status != CTX_OK) {
        printf("%llu pages, %llu files and folders: %s\n", (unsigned long long)c.pages,
               (unsigned long long)c.nodes, status == CTX_OK ? "all is well" : "damaged");
    }
    return status == CTX_OK;
}

/* ---- mending ---- */

/*
 * Pages whose checksum is wrong, but which SQLite takes for good: some other program wrote them, or
 * only the checksum is damaged. They are written again. What SQLite does not take stays as it is:
 * `recover` saves what can be read.
 */
static bool repair(void)
{
    sqlite3 *sql = fdb_sqlite(t.db);
    char *said = NULL;
    sqlite3_stmt *s = NULL;
    bool whole = sqlite3_prepare_v2(sql, "PRAGMA integrity_check(1)", -1, &s, NULL) == SQLITE_OK &&
                 sqlite3_step(s) == SQLITE_ROW &&
                 strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;
    sqlite3_finalize(s);
    if (!whole) {
        return storage_complain(
            t.path,
            "the database itself is damaged: ctx files recover DISK NEW saves what can be read");
    }
    if (sqlite3_exec(sql, "VACUUM", NULL, NULL, &said) !=
        SQLITE_OK) { /* every page is written anew */
        return storage_complain(t.path, said);
    }
    return check(false);
}

static bool compact(void)
{
    char *said = NULL;
    return sqlite3_exec(fdb_sqlite(t.db), "VACUUM", NULL, NULL, &said) == SQLITE_OK
               ? true
               : storage_complain(t.path, said);
}

/* Everything that can be read, to a folder of Linux's: what cannot is named, and the rest goes on.
 */
static bool recover(const char *to)
{
    return storage_get(t.db, "/", to);
}

static bool dump(void)
{
    sqlite3_stmt *s = NULL;
    bool good = sqlite3_prepare_v2(
                    fdb_sqlite(t.db),
                    "SELECT id, parent, kind, bytes, modified, chunk, name FROM node ORDER BY id",
                    -1, &s, NULL) == SQLITE_OK;
    puts("id\tparent\tkind\tbytes\tmodified\tchunk\tname");
    while (good && sqlite3_step(s) == SQLITE_ROW) {
        for (int i = 0; i < 6; i++) {
            printf("%lld\t", (long long)sqlite3_column_int64(s, i));
        }
        puts(sqlite3_column_type(s, 6) == SQLITE_NULL ? ""
                                                      : (const char *)sqlite3_column_text(s, 6));
    }
    sqlite3_finalize(s);
    return good ? true : storage_complain(t.path, fdb_why(t.db));
}

/* ---- words ---- */

static int two_paths(int argc, char **argv)
{
    char from[FDB_PATH_MOST + 1], to[FDB_PATH_MOST + 1], name[2 * FDB_PATH_MOST + 2];
    bool move = strcmp(argv[0], "mv") == 0;
    int first = !move && argc > 1 && strcmp(argv[1], "-r") == 0 ? 2 : 1;
    struct fdb_node node;
    int64_t replaced;
    if (argc != first + 3) {
        return wrong_words();
    }
    int code = open_disk(argv[first], true, 0);
    if (code != FINE) {
        return code;
    }
    bool good = path_of(argv[first + 1], from) && path_of(argv[first + 2], to);
    if (good && !move) {
        return close_disk(storage_copy(t.db, from, to));
    }
    if (good && fdb_look(t.db, to, &node) == CTX_OK && node.kind == FDB_FOLDER &&
        strlen(to) + strlen(strrchr(from, '/')) <= FDB_PATH_MOST) {
        snprintf(name, sizeof name, "%s%s", strcmp(to, "/") != 0 ? to : "",
                 strrchr(from, '/')); /* as mv: into it */
        memcpy(to, name, strlen(name) + 1);
    }
    ctx_status status = good ? fdb_rename(t.db, from, to, NULL, NULL, &replaced) : CTX_OK;
    if (status != CTX_OK) {
        good = storage_complain(argv[first + 1], status == CTX_E_NOENT
                                                     ? "there is no such file or folder"
                                                     : "it can not be moved there");
    }
    return close_disk(good);
}

static int with_paths(int argc, char **argv)
{
    const char *command = argv[0];
    bool flag = argc > 1 && ((strcmp(command, "rm") == 0 && strcmp(argv[1], "-r") == 0) ||
                             (strcmp(command, "ls") == 0 && strcmp(argv[1], "-l") == 0));
    bool reads = strcmp(command, "ls") == 0 || strcmp(command, "cat") == 0;
    int first = flag ? 2 : 1;
    if (argc < first + 1 || (argc < first + 2 && strcmp(command, "ls") != 0)) {
        return wrong_words();
    }
    int code = open_disk(argv[first], !reads, 0);
    if (code != FINE) {
        return code;
    }
    bool good = argc > first + 1 ? true : list("/", flag);
    for (int i = first + 1; i < argc; i++) {
        char path[FDB_PATH_MOST + 1];
        int64_t id;
        if (!path_of(argv[i], path)) {
            good = false;
        } else if (strcmp(command, "ls") == 0) {
            good = list(argv[i], flag) && good;
        } else if (strcmp(command, "cat") == 0) {
            good = storage_cat(t.db, path) && good;
        } else if (strcmp(command, "rm") == 0) {
            good = storage_remove(t.db, path, flag) && good;
        } else if (fdb_make(t.db, path, FDB_FOLDER, &id) != CTX_OK) {
            good = storage_complain(
                argv[i], "it can not be made: there is something, or no such folder above it");
        }
    }
    return close_disk(good);
}

static int get_or_put(int argc, char **argv)
{
    bool put = strcmp(argv[0], "put") == 0;
    char path[FDB_PATH_MOST + 1];
    if (argc < (put ? 4 : 3) || (!put && argc > 4)) {
        return wrong_words();
    }
    int code = open_disk(argv[1], put, 0);
    if (code != FINE) {
        return code;
    }
    if (!path_of(put ? argv[argc - 1] : argv[2], path)) {
        return close_disk(false);
    }
    if (!put) {
        const char *name = strrchr(path, '/') + 1;
        return close_disk(storage_get(t.db, path, argc == 4 ? argv[3] : name[0] != 0 ? name : "."));
    }
    struct fdb_node node;
    bool folder = fdb_look(t.db, path, &node) == CTX_OK && node.kind == FDB_FOLDER;
    size_t len = strlen(argv[argc - 1]);
    if (!folder && (argc > 4 || (len > 0 && argv[argc - 1][len - 1] == '/'))) {
        storage_complain(argv[argc - 1], "there is no such folder (ctx files mkdir)");
        return close_disk(false);
    }
    bool good = true;
    for (int i = 2; i < argc - 1; i++) {
        good = storage_put(t.db, argv[i], path) && good;
    }
    return close_disk(good);
}

static int whole_disk(int argc, char **argv)
{
    const char *command = argv[0];
    bool recovers = strcmp(command, "recover") == 0;
    bool reads = recovers || strcmp(command, "info") == 0 || strcmp(command, "check") == 0 ||
                 strcmp(command, "dump") == 0;
    if (argc != (recovers ? 3 : 2)) {
        return wrong_words();
    }
    /* A check of a disk that lost power mends that first, if it may be written. */
    bool writable = !reads || (strcmp(command, "check") == 0 && access(argv[1], W_OK) == 0);
    int code =
        open_disk(argv[1], writable, strcmp(command, "repair") == 0 || recovers ? FDB_TRUST : 0);
    if (code != FINE) {
        return code;
    }
    ctx_status status = CTX_OK;
    bool good = recovers                          ? recover(argv[2])
                : strcmp(command, "info") == 0    ? info()
                : strcmp(command, "check") == 0   ? check(false)
                : strcmp(command, "dump") == 0    ? dump()
                : strcmp(command, "repair") == 0  ? repair()
                : strcmp(command, "compact") == 0 ? compact()
                : strcmp(command, "close") == 0   ? true
                                                  : (status = fdb_grow(t.db)) == CTX_OK;
    if (status != CTX_OK) {
        storage_complain(t.path, fdb_why(t.db));
    }
    return close_disk(good);
}

int storage_tool(int argc, char **argv)
{
    if (argc < 1) {
        return wrong_words();
    }
    const char *command = argv[0];
    if (strcmp(command, "--help") == 0) {
        fputs(usage, stdout);
        return FINE;
    }
    if (strcmp(command, "create") == 0) {
        return create(argc - 1, argv + 1);
    }
    if (strcmp(command, "cp") == 0 || strcmp(command, "mv") == 0) {
        return two_paths(argc, argv);
    }
    if (strcmp(command, "get") == 0 || strcmp(command, "put") == 0) {
        return get_or_put(argc, argv);
    }
    if (strcmp(command, "ls") == 0 || strcmp(command, "cat") == 0 || strcmp(command, "rm") == 0 ||
        strcmp(command, "mkdir") == 0) {
        return with_paths(argc, argv);
    }
    return storage_tool_knows(command) ? whole_disk(argc, argv) : wrong_words();
}
