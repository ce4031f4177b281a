/* SPDX-License-Identifier: MIT */
/* The commands of `ctx files`. */
#define _GNU_SOURCE
#include "tool.h"

#include "diskfile.h"
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

static const char usage[] =
    "ctx: files create DISK [--size 256M] [--force]\n"
    "     files ls|cat|rm|mkdir DISK PATH... | ls -l DISK PATH | rm -r DISK PATH...\n"
    "     files get DISK PATH [FILE] | put DISK FILE... PATH | cp -r|mv DISK FROM TO\n"
    "     files sync DISK FOLDER [PATH] [--from-disk|--both] [--prefer folder|disk] [-n]\n"
    "     files info|check|repair|recover|compact|grow|close|dump DISK\n";

struct open_disk storage_disk;

static const char *const commands[] = {
    "create", "ls",     "cat",     "rm",   "mkdir", "get",     "put",  "cp",   "mv",    "info",
    "check",  "repair", "recover", "grow", "close", "compact", "dump", "sync", "--help"};

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

static int create(int argc, char **argv)
{
    uint64_t bytes = 0;
    bool force = false;
    const char *path = NULL, *why;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--force") == 0) {
            force = true;
        } else if (strcmp(argv[i], "--size") == 0 && i + 1 < argc) {
            if (!diskfile_size(argv[++i], &bytes)) {
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
    why = file_disk_create(&storage_disk.disk, path,
                           bytes != 0 ? bytes
                           : fresh    ? SIZE_USUAL
                                      : 0,
                           force);
    if (why == NULL) {
        ctx_status status = fdb_create(&storage_disk.disk.disk, &why);
        file_disk_close(&storage_disk.disk);
        if (status == CTX_OK) {
            return FINE;
        }
    }
    if (fresh) {
        (void)unlink(path);
    }
    storage_complain(path, why);
    return REFUSED;
}

int storage_open(const char *path, bool writable, uint32_t flags)
{
    storage_disk.path = path;
    const char *why = file_disk_open(&storage_disk.disk, path, writable);
    if (why != NULL) {
        storage_complain(path, why);
        return REFUSED;
    }
    ctx_status status = fdb_open(&storage_disk.db, &storage_disk.disk.disk,
                                 flags | (writable ? 0 : FDB_READ_ONLY), &why);
    if (status != CTX_OK) {
        storage_complain(path, why);
        file_disk_close(&storage_disk.disk);
        return REFUSED;
    }
    return FINE;
}

int storage_close(bool good)
{
    ctx_status status = fdb_close(storage_disk.db);
    file_disk_close(&storage_disk.disk);
    if (status != CTX_OK) {
        good = storage_complain(storage_disk.path, "it could not be written to the end");
    }
    return good ? FINE : REFUSED;
}

/* A path as people write it: they need not begin it with a slash. */
static bool path_of(const char *word, char out[FDB_PATH_MOST + 1])
{
    char whole[4096];
    ctx_status status;
    if (word[0] == 0) { /* of a shell's variable that is empty: it is not the whole disk */
        return storage_complain("''", "an empty word is no path");
    }
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
    storage_print_name(stdout, n->name, n->name_len);
    puts(n->kind == FDB_FOLDER ? "/" : "");
}

static bool list(const char *word, bool whole)
{
    char path[FDB_PATH_MOST + 1];
    struct fdb_node node, n = {.name_len = 0};
    if (!path_of(word, path)) {
        return false;
    }
    ctx_status status = fdb_look(storage_disk.db, path, &node);
    if (status != CTX_OK) {
        return storage_failed(storage_disk.db, path, status);
    }
    if (node.kind == FDB_FILE) {
        print_node(&node, whole);
        return true;
    }
    while ((status = fdb_list(storage_disk.db, node.id, n.name, n.name_len, &n)) == CTX_OK) {
        print_node(&n, whole);
    }
    return status == CTX_E_NOENT ? true : storage_failed(storage_disk.db, path, status);
}

static bool info(void)
{
    struct fdb_space space;
    const struct fdb_label *label = &fdb_vfs_state()->label;
    if (fdb_space(storage_disk.db, &space) != CTX_OK) {
        return storage_complain(storage_disk.path, fdb_why(storage_disk.db));
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

void storage_tell(void *arg, const char *text, uint64_t now, uint64_t all)
{
    (void)arg;
    if (text != NULL) {
        printf("%s\n", text);
    } else if (isatty(2)) {
        fprintf(stderr, "\r\033[K%llu of %llu pages", (unsigned long long)now,
                (unsigned long long)all);
    }
}

bool storage_check(bool quiet)
{
    struct fdb_check c = {.say = storage_tell};
    ctx_status status = fdb_check(storage_disk.db, &c);
    if (isatty(2)) {
        fputs("\r\033[K", stderr);
    }
    if (!quiet || status != CTX_OK) {
        printf("%llu pages, %llu files and folders: %s\n", (unsigned long long)c.pages,
               (unsigned long long)c.nodes, status == CTX_OK ? "all is well" : "damaged");
    }
    return status == CTX_OK;
}

/* ---- the rest ---- */

/* Everything that can be read, to a folder of Linux's: what cannot is named, and the rest goes on.
 */
static bool recover(const char *to)
{
    return storage_get(storage_disk.db, "/", to);
}

static bool dump(void)
{
    sqlite3_stmt *s = NULL;
    bool good = sqlite3_prepare_v2(
                    fdb_sqlite(storage_disk.db),
                    "SELECT id, parent, kind, bytes, modified, chunk, name FROM node ORDER BY id",
                    -1, &s, NULL) == SQLITE_OK;
    puts("id\tparent\tkind\tbytes\tmodified\tchunk\tname");
    int step = SQLITE_DONE;
    while (good && (step = sqlite3_step(s)) == SQLITE_ROW) {
        for (int i = 0; i < 6; i++) {
            printf("%lld\t", (long long)sqlite3_column_int64(s, i));
        }
        puts(sqlite3_column_type(s, 6) == SQLITE_NULL ? ""
                                                      : (const char *)sqlite3_column_text(s, 6));
    }
    good = good && step == SQLITE_DONE;
    sqlite3_finalize(s);
    return good ? true : storage_complain(storage_disk.path, fdb_why(storage_disk.db));
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
    int code = storage_open(argv[first], true, 0);
    if (code != FINE) {
        return code;
    }
    bool good = path_of(argv[first + 1], from) && path_of(argv[first + 2], to);
    size_t len = strlen(argv[first + 2]);
    if (good && len > 0 && argv[first + 2][len - 1] == '/' &&
        (fdb_look(storage_disk.db, to, &node) != CTX_OK || node.kind != FDB_FOLDER) &&
        (fdb_look(storage_disk.db, from, &node) != CTX_OK || node.kind != FDB_FOLDER)) {
        good = storage_complain(argv[first + 2], "there is no such folder (ctx files mkdir)");
        return storage_close(good);
    }
    if (good && !move) {
        return storage_close(storage_copy(storage_disk.db, from, to, first == 2));
    }
    if (good && fdb_look(storage_disk.db, to, &node) == CTX_OK && node.kind == FDB_FOLDER &&
        strlen(to) + strlen(strrchr(from, '/')) <= FDB_PATH_MOST) {
        snprintf(name, sizeof name, "%s%s", strcmp(to, "/") != 0 ? to : "",
                 strrchr(from, '/')); /* as mv: into it */
        memcpy(to, name, strlen(name) + 1);
    }
    ctx_status status =
        good ? fdb_rename(storage_disk.db, from, to, NULL, NULL, &replaced) : CTX_OK;
    if (status != CTX_OK) {
        good = storage_complain(argv[first + 1], status == CTX_E_NOENT
                                                     ? "there is no such file or folder"
                                                     : "it can not be moved there");
    }
    return storage_close(good);
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
    int code = storage_open(argv[first], !reads, 0);
    if (code != FINE) {
        return code;
    }
    bool good = argc > first + 1 ? true : list("/", flag);
    for (int i = first + 1; i < argc; i++) {
        char path[FDB_PATH_MOST + 1];
        ctx_status status;
        int64_t id;
        if (!path_of(argv[i], path)) {
            good = false;
        } else if (strcmp(command, "ls") == 0) {
            good = list(argv[i], flag) && good;
        } else if (strcmp(command, "cat") == 0) {
            good = storage_cat(storage_disk.db, path) && good;
        } else if (strcmp(command, "rm") == 0 && strcmp(path, "/") == 0) {
            good = storage_complain(argv[i], "that is the whole disk, which stays");
        } else if (strcmp(command, "rm") == 0) {
            good = storage_remove(storage_disk.db, path, flag) && good;
        } else if ((status = fdb_make(storage_disk.db, path, FDB_FOLDER, &id)) != CTX_OK) {
            good = status == CTX_E_NOENT || status == CTX_E_EXIST
                       ? storage_complain(
                             argv[i],
                             "it can not be made: there is something, or no such folder above it")
                       : storage_failed(storage_disk.db, path, status);
        }
    }
    return storage_close(good);
}

static int get_or_put(int argc, char **argv)
{
    bool put = strcmp(argv[0], "put") == 0;
    char path[FDB_PATH_MOST + 1];
    if (argc < (put ? 4 : 3) || (!put && argc > 4)) {
        return wrong_words();
    }
    int code = storage_open(argv[1], put, 0);
    if (code != FINE) {
        return code;
    }
    if (!path_of(put ? argv[argc - 1] : argv[2], path)) {
        return storage_close(false);
    }
    if (!put) {
        const char *name = strrchr(path, '/') + 1;
        return storage_close(storage_get(storage_disk.db, path,
                                         argc == 4      ? argv[3]
                                         : name[0] != 0 ? name
                                                        : "."));
    }
    struct fdb_node node;
    bool folder = fdb_look(storage_disk.db, path, &node) == CTX_OK && node.kind == FDB_FOLDER;
    size_t len = strlen(argv[argc - 1]);
    if (!folder && (argc > 4 || (len > 0 && argv[argc - 1][len - 1] == '/'))) {
        storage_complain(argv[argc - 1], "there is no such folder (ctx files mkdir)");
        return storage_close(false);
    }
    bool good = true;
    for (int i = 2; i < argc - 1; i++) {
        good = storage_put(storage_disk.db, argv[i], path) && good;
    }
    return storage_close(good);
}

static bool sync_words(int argc, char **argv, struct sync_wish *wish, const char **place)
{
    *place = "share";
    int paths = 0;
    for (int i = 0; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--both") == 0) {
            wish->way = SYNC_BOTH;
        } else if (strcmp(argv[i], "--from-disk") == 0) {
            wish->way = SYNC_FROM_DISK;
        } else if (strcmp(argv[i], "-n") == 0) {
            wish->only_tell = true;
        } else if (strcmp(argv[i], "--prefer") == 0 &&
                   (strcmp(next, "folder") == 0 || strcmp(next, "disk") == 0)) {
            wish->prefer = next[0] == 'f' ? SYNC_OF_FOLDER : SYNC_OF_DISK;
            i++;
        } else if (argv[i][0] == '-' || paths == 2) {
            return false;
        } else {
            *(paths++ == 0 ? &wish->folder : place) = argv[i];
        }
    }
    return paths > 0;
}

static int synchronize(int argc, char **argv)
{
    struct sync_wish wish = {.way = SYNC_TO_DISK};
    char path[FDB_PATH_MOST + 1];
    const char *place;
    if (argc < 3 || argv[1][0] == '-' || !sync_words(argc - 2, argv + 2, &wish, &place)) {
        return wrong_words();
    }
    int code = storage_open(argv[1], !wish.only_tell, 0);
    if (code != FINE) {
        return code;
    }
    wish.place = path;
    return storage_close(path_of(place, path) && storage_sync(storage_disk.db, &wish));
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
    if (strcmp(command, "compact") == 0) {
        return storage_compact(argv[1]);
    }
    /* A check of a disk that lost power mends that first, if it may be written. */
    bool writable = !reads || (strcmp(command, "check") == 0 && access(argv[1], W_OK) == 0);
    int code =
        storage_open(argv[1], writable, strcmp(command, "repair") == 0 || recovers ? FDB_TRUST : 0);
    if (code != FINE) {
        return code;
    }
    ctx_status status = CTX_OK;
    bool good = recovers                         ? recover(argv[2])
                : strcmp(command, "info") == 0   ? info()
                : strcmp(command, "check") == 0  ? storage_check(false)
                : strcmp(command, "dump") == 0   ? dump()
                : strcmp(command, "repair") == 0 ? storage_repair()
                : strcmp(command, "close") == 0  ? true
                                                 : (status = fdb_grow(storage_disk.db)) == CTX_OK;
    if (status != CTX_OK) {
        storage_complain(storage_disk.path, fdb_why(storage_disk.db));
    }
    return storage_close(good);
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
    if (strcmp(command, "sync") == 0) {
        return synchronize(argc, argv);
    }
    if (strcmp(command, "get") == 0 || strcmp(command, "put") == 0) {
        return get_or_put(argc, argv);
    }
    if (strcmp(command, "ls") == 0 || strcmp(command, "cat") == 0 || strcmp(command, "rm") == 0 ||
        strcmp(command, "mkdir") == 0) {
        return with_paths(argc, argv);
    }
    if (!storage_tool_knows(command)) {
        storage_complain(command, "ctx files has no such command");
        return wrong_words();
    }
    return whole_disk(argc, argv);
}
