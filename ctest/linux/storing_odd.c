/* SPDX-License-Identifier: MIT */
/* For oddities.py: what is taken back, moved away, or very long, and who has it open meanwhile. */
#include "storing.h"

#include <ctx/c.h>
#include <ctx/sql.h>

#include <kv.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint32_t len_of(const char *text)
{
    return (uint32_t)strlen(text);
}

static ctx_status change(uint32_t what)
{
    ctx_status status;
    ALWAYS(status, files->together(files, what));
    return status;
}

static ctx_status replace(const char *path, const char *text)
{
    ctx_status status;
    ALWAYS(status, files->replace(files, path, len_of(path), text, len_of(text), 0));
    return status;
}

static ctx_status remove_it(const char *path)
{
    ctx_status status;
    ALWAYS(status, files->remove(files, path, len_of(path), 0));
    return status;
}

static uint32_t open_it(const char *path, uint32_t flags)
{
    uint32_t handle = 0;
    ctx_status status;
    ALWAYS(status, files->open(files, path, len_of(path), flags, &handle));
    return status == CTX_OK ? handle : 0;
}

static bool is_there(const char *path)
{
    struct ctx_files_info info = {.size = sizeof info};
    ctx_status status;
    ALWAYS(status, files->look(files, path, len_of(path), &info));
    return status == CTX_OK;
}

static ctx_status read_it(uint32_t handle, char text[64])
{
    ctx_status status;
    uint32_t n = 0;
    memset(text, 0, 64);
    ALWAYS(status, files->read(files, handle, 0, text, 63, &n));
    return status;
}

/* What was made, and then was not: who has it open has nobody else's. */
static void made_and_dropped(void)
{
    char text[64];
    change(CTX_FILES_TOGETHER);
    uint32_t handle = open_it("/data/mine", CTX_FILES_READ | CTX_FILES_WRITE | CTX_FILES_CREATE);
    change(CTX_FILES_DROP);
    replace("/data/others", "a secret");
    ctx_status status = read_it(handle, text);
    printf("dropped: %s\n", status == CTX_OK ? text : "nothing");
}

/* What was removed, and then was not, is whole when its last handle is closed. */
static void removed_and_dropped(void)
{
    char text[64];
    replace("/data/kept", "as it was");
    uint32_t handle = open_it("/data/kept", CTX_FILES_READ);
    change(CTX_FILES_TOGETHER);
    remove_it("/data/kept");
    change(CTX_FILES_DROP);
    files->close(files, handle);
    rest(300000000);
    handle = open_it("/data/kept", CTX_FILES_READ);
    printf("kept: %s\n", read_it(handle, text) == CTX_OK ? text : "nothing");
    files->close(files, handle);
}

static void make_large(const char *path)
{
    static char bytes[60000];
    uint32_t n = 0;
    uint32_t handle = open_it(path, CTX_FILES_WRITE | CTX_FILES_CREATE);
    memset(bytes, 'l', sizeof bytes);
    for (uint64_t at = 0; at < 12u << 20; at += sizeof bytes) {
        ctx_status status;
        ALWAYS(status, files->write(files, handle, at, bytes, sizeof bytes, &n));
    }
    files->close(files, handle);
}

static uint64_t room(void)
{
    struct ctx_files_space space = {.size = sizeof space};
    ctx_status status;
    ALWAYS(status, files->space(files, "/data", 5, &space));
    return space.free;
}

/* Large files go with others as one, or stay. */
static void large_together(void)
{
    ctx_status status, moved;
    uint64_t before = room();
    make_large("/data/a");
    for (int i = 0; i < 2; i++) {
        change(CTX_FILES_TOGETHER);
        status = remove_it("/data/a");
        printf("large removed: %d, ", (int)status);
        status = change(i == 0 ? CTX_FILES_DROP : CTX_FILES_DONE);
        printf("%d, %s\n", (int)status, is_there("/data/a") ? "there" : "gone");
    }
    make_large("/data/b");
    change(CTX_FILES_TOGETHER);
    status = replace("/data/b", "short");
    printf("large replaced: %d, %d\n", (int)status, (int)change(CTX_FILES_DONE));
    make_large("/data/c");
    change(CTX_FILES_TOGETHER);
    ALWAYS(moved, files->rename(files, "/data/b", 7, "/data/c", 7));
    printf("large moved over: %d, %d\n", (int)moved, (int)change(CTX_FILES_DONE));
    uint64_t after = room();
    for (int i = 0; i < 100 && after + 100000 < before; i++) {
        rest(10000000);
        after = room();
    }
    printf("room %s\n", after + 100000 >= before ? "again" : "lost");
}

/* In the middle of several changes a page of `bad` turns out to be damaged: none of them is. */
static void broken_together(void)
{
    ctx_status first, second, bad, done;
    uint32_t n = 0;
    uint32_t handle = open_it("/data/bad", CTX_FILES_READ | CTX_FILES_WRITE);
    change(CTX_FILES_TOGETHER);
    first = replace("/data/one", "half");
    ALWAYS(bad, files->write(files, handle, 7000, "x", 1, &n));
    second = replace("/data/two", "half");
    done = change(CTX_FILES_DONE);
    printf("broken: %s %s %s %s, %s %s\n", first == CTX_OK ? "ok" : "no",
           bad == CTX_OK ? "ok" : "no", second == CTX_OK ? "ok" : "no",
           done == CTX_OK ? "ok" : "no", is_there("/data/one") ? "there" : "gone",
           is_there("/data/two") ? "there" : "gone");
    first = replace("/data/one", "whole");
    printf("after it: %d %s\n", (int)first, is_there("/data/one") ? "there" : "gone");
}

static bool is_told(uint64_t request)
{
    uint32_t len = 0, result = 0;
    uint8_t none[1];
    for (int i = 0; i < 200; i++) {
        if (service->take(service, request, none, 0, &len, &result) != CTX_E_AGAIN) {
            return true;
        }
        rest(1000000);
    }
    return false;
}

static void watch(const char *path, const char *what, const char *from, const char *to)
{
    uint64_t request = 0;
    ctx_status status = files->watch(files, path, len_of(path), &request);
    if (status != CTX_PENDING) {
        printf("%s: %d\n", what, (int)status);
        return;
    }
    if (to == NULL) {
        ALWAYS(status, files->date(files, from, len_of(from), 5));
    } else {
        ALWAYS(status, files->rename(files, from, len_of(from), to, len_of(to)));
    }
    printf("%s: %d %s\n", what, (int)status, is_told(request) ? "told" : "not told");
}

static void watched(void)
{
    mkdir("/data/w", 0777);
    mkdir("/data/w/deep", 0777);
    replace("/data/w/deep/f", "1");
    watch("/data/w/deep/f", "moved away", "/data/w", "/data/v");
    watch("/data/w/deep/f", "moved there", "/data/v", "/data/w");
    watch("/data/w/deep", "dated", "/data/w/deep/f", NULL);
    watch("/data/wide", "beside", "/data/w", "/data/v");
}

static void own_folder(void)
{
    struct ctx_files_entry entry = {.size = sizeof entry};
    ctx_status before, after;
    uint32_t handle = open_it("/data", CTX_FILES_READ | CTX_FILES_ONLY_FOLDER);
    ALWAYS(before, files->list(files, handle, 0, &entry));
    replace("/data/first", "1");
    ALWAYS(after, files->list(files, handle, 0, &entry));
    printf("own folder: %d, then %d %.*s\n", (int)before, (int)after,
           after == CTX_OK ? (int)entry.len : 0, (const char *)entry.name);
}

/* Nearly all of it is a hole; others are not held up while it goes. */
static void very_long(void)
{
    int fd = open("/data/long", O_RDWR | O_CREAT, 0666);
    bool good = fd >= 0 && ftruncate(fd, (off_t)1 << 40) == 0 &&
                pwrite(fd, "end", 3, ((off_t)1 << 40) - 3) == 3 && close(fd) == 0;
    printf("long: %s\n", good && unlink("/data/long") == 0 ? "gone" : "no");
}

/* Two files are open when who keeps them begins anew: each is itself, whichever is used first. */
static void two_files(void)
{
    const struct ctx_control *control = open_table(CTX_ID_CONTROL, sizeof *control);
    char text[2][64] = {{0}};
    int first = open("/data/first", O_RDWR | O_CREAT, 0666);
    int second = open("/data/second", O_RDWR | O_CREAT, 0666);
    bool good = first >= 0 && second >= 0 && write(first, "one", 3) == 3 &&
                write(second, "two", 3) == 3 && fsync(second) == 0 && control != NULL &&
                control->restart(control, 0) == CTX_OK;
    rest(100000000);
    good = good && pwrite(second, "TWO", 3, 0) == 3 && pwrite(first, "ONE", 3, 0) == 3 &&
           pread(first, text[0], 60, 0) == 3 && pread(second, text[1], 60, 0) == 3;
    printf("two files: %s %s %s\n", good ? "ok" : "no", text[0], text[1]);
}

/* What was done before storage began anew, and not synced, is gone: sync says so, once. */
static void synced(void)
{
    const struct ctx_control *control = open_table(CTX_ID_CONTROL, sizeof *control);
    struct ctx_sql db = CTX_SQL(ctx_now());
    bool good = ctx_sql_run(&db, "CREATE TABLE t(a)") == CTX_OK && ctx_sql_sync(&db) == CTX_OK &&
                ctx_sql_run(&db, "INSERT INTO t VALUES(1)") == CTX_OK && control != NULL &&
                control->restart(control, 0) == CTX_OK;
    rest(100000000);
    ctx_status first = ctx_sql_sync(&db), done = ctx_sql_run(&db, "INSERT INTO t VALUES(2)");
    ctx_status second = ctx_sql_sync(&db);
    printf("synced: %s %d, then %d %d\n", good ? "ok" : "no", (int)first, (int)done, (int)second);
}

static void keys(void)
{
    static uint8_t items[65536];
    const struct kv_table *k = open_table(KV_ID, sizeof *k);
    struct kv_about about = {.size = sizeof about};
    ctx_status status;
    uint64_t versions[3] = {0};
    char text[8];
    for (int i = 0; i < 3; i++) {
        ALWAYS(status, k->put(k, "k", 1, "v", 1));
        ALWAYS(status, k->get(k, "k", 1, text, sizeof text, &about));
        versions[i] = about.version;
        if (i < 2) {
            ALWAYS(status, k->remove(k, "k", 1));
        }
    }
    printf("versions %s, last %llu\n",
           versions[0] < versions[1] && versions[1] < versions[2] ? "grow" : "come again",
           (unsigned long long)versions[2]);
    ALWAYS(status, k->remove(k, "k", 1));
    for (uint32_t more = 0; more < 2; more++) {
        const uint32_t head[2] = {1, 61440 + more};
        memcpy(items, head, sizeof head);
        items[sizeof head] = 'l';
        ALWAYS(status, k->batch(k, items, (uint32_t)sizeof head + 1 + head[1]));
        printf("batch of %u: %s\n", head[1], status == CTX_OK ? "ok" : "refused");
    }
}

int odd(const char *what)
{
    static const struct {
        const char *word;
        void (*does)(void);
    } words[] = {{"made", made_and_dropped}, {"removed", removed_and_dropped},
                 {"large", large_together},  {"broken", broken_together},
                 {"watched", watched},       {"own", own_folder},
                 {"long", very_long},        {"keys", keys},
                 {"two", two_files},         {"synced", synced}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(what, words[i].word) == 0) {
            words[i].does();
            return 0;
        }
    }
    return 1;
}
