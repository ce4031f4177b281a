/* SPDX-License-Identifier: MIT */
/* For storage.py: what only ctx.files/1 can do, and programs that end in the middle. */
#include "storing.h"

#include <ctx/c.h>

#include <kv.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

const struct ctx_files *files;
const struct ctx_service *service;

const void *open_table(const char *id, uint32_t size)
{
    const struct ctx_table *table = NULL;
    struct ctx *ctx = ctx_now();
    return ctx->iface->open(ctx->iface, id, (uint32_t)strlen(id), size, &table) == CTX_OK ? table
                                                                                          : NULL;
}

void rest(uint64_t ns)
{
    uint64_t now = 0;
    struct ctx *ctx = ctx_now();
    ctx->time->now(ctx->time, &now);
    (void)ctx_fiber_await(0, now + ns);
}

static const char *word(ctx_status status)
{
    static char text[32];
    snprintf(text, sizeof text, "%d", (int)status);
    return status == CTX_OK ? "ok" : status == CTX_E_TIMEDOUT ? "timed out" : text;
}

static bool put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    bool good = f != NULL && fprintf(f, "%s\n", text) > 0;
    return f != NULL && fclose(f) == 0 && good;
}

/* Lines 0, 1, 2 ..., each told when it lasts. */
static int ledger(const char *path, long lines)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    for (long i = 0; fd >= 0 && i < lines; i++) {
        char text[32];
        int len = snprintf(text, sizeof text, "%ld\n", i);
        if (write(fd, text, (size_t)len) != len || fsync(fd) != 0) {
            break;
        }
        printf("synced %ld\n", i);
        fflush(stdout);
    }
    printf("ledger: %s\n", strerror(errno));
    return 1;
}

/* The same, whatever becomes of who keeps the file: then it looks how far it is, and goes on. */
static int stubborn(const char *path, long lines)
{
    long told = 0, troubles = 0;
    while (told < lines) {
        char text[32];
        long there = 0;
        FILE *f = fopen(path, "r");
        while (f != NULL && fgets(text, sizeof text, f) != NULL && atol(text) == there) {
            there++;
        }
        bool none = f == NULL && errno == ENOENT, all = f != NULL && !ferror(f);
        if (f != NULL) {
            fclose(f);
        }
        if (all && there < told) {
            printf("lost: %ld of %ld are there\n", there, told);
            return 1;
        }
        int fd = all || (none && told == 0) ? open(path, O_WRONLY | O_CREAT | O_APPEND, 0666) : -1;
        for (; fd >= 0 && there < lines; there++) {
            int len = snprintf(text, sizeof text, "%ld\n", there);
            if (write(fd, text, (size_t)len) != len || fsync(fd) != 0) {
                break;
            }
            told = there + 1;
        }
        if (fd >= 0) {
            close(fd);
        }
        troubles += told < lines;
        if (told < lines && getenv("LOUD") != NULL) {
            fprintf(stderr, "trouble there %ld told %ld f %d: %s\n", there, told, f != NULL,
                    strerror(errno));
        }
        rest(1000000);
    }
    printf("all %ld, troubles %ld\n", told, troubles);
    return 0;
}

static int fill(const char *path)
{
    static char bytes[50000];
    long all = 0;
    int fd = open(path, O_WRONLY | O_CREAT, 0666);
    memset(bytes, 'x', sizeof bytes);
    for (ssize_t n; fd >= 0 && (n = write(fd, bytes, sizeof bytes)) > 0;) {
        all += n;
    }
    int error = errno;
    int synced = fsync(fd);
    printf("fill %s after %ld%s\n", strerror(error), all, synced == 0 ? "" : " and lost some");
    return 0;
}

/* Whatever makes a folder longer and shorter, by chance, much of it refused; then how much is left.
 */
static int squeeze(long times)
{
    static char bytes[30000];
    uint32_t seed = 18, refused = 0;
    int held = -1;
    mkdir("/data/d", 0777);
    for (long i = 0; i < times; i++) {
        char name[40], other[40];
        seed = seed * 1664525 + 1013904223;
        snprintf(name, sizeof name, "/data/%sf%u", seed >> 9 & 1 ? "d/" : "", seed >> 10 & 7);
        snprintf(other, sizeof other, "/data/%sf%u", seed >> 13 & 1 ? "d/" : "", seed >> 14 & 7);
        size_t n = seed >> 17 & 0x3fff;
        int fd = -1, bad = 0;
        ctx_status status;
        switch (seed >> 28) {
        case 0:
        case 1:
            bad = unlink(name) != 0;
            break;
        case 2:
            bad = rename(name, other) != 0;
            break;
        case 3:
            bad = truncate(name, (off_t)n * 4) != 0;
            break;
        case 4:
            bad = (fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666)) < 0;
            break;
        case 5:
        case 6:
        case 7:
            fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0666);
            bad = fd < 0 || write(fd, bytes, n) < 0;
            break;
        case 8: /* it stays open, and goes with the next one */
            close(held);
            held = open(name, O_WRONLY | O_CREAT, 0666);
            bad = held < 0 || write(held, bytes, n) < 0;
            break;
        case 9:
            ALWAYS(status,
                   files->replace(files, name, (uint32_t)strlen(name), bytes, (uint32_t)n, 0));
            bad = status != CTX_OK;
            errno = status == CTX_E_NOSPC ? ENOSPC : EIO;
            break;
        case 10:
            bad = rename("/data/d", "/data/e") != 0 || rename("/data/e", "/data/d") != 0;
            break;
        default:
            fd = open(name, O_WRONLY | O_CREAT, 0666);
            bad = fd < 0 || pwrite(fd, bytes, n, (off_t)n) < 0;
        }
        refused += bad && errno == ENOSPC;
        if (fd >= 0) {
            close(fd);
        }
    }
    close(held);
    ctx_status status;
    struct ctx_files_space space = {.size = sizeof space};
    ALWAYS(status, files->space(files, "/data", 5, &space));
    printf("squeezed, %s\nspace %llu of %llu\n",
           refused > times / 50 ? "often refused" : "hardly refused",
           (unsigned long long)space.free, (unsigned long long)space.bytes);
    return 0;
}

static int together(const char *how, const char *a, const char *b, const char *text)
{
    ctx_status status;
    ALWAYS(status, files->together(files, CTX_FILES_TOGETHER));
    if (status != CTX_OK) {
        printf("%s: begin %s\n", how, word(status));
        return 1;
    }
    if (!put(a, text)) {
        printf("%s: %s\n", how, strerror(errno));
        return 1;
    }
    if (strcmp(how, "leave") == 0) {
        puts("leave");
        return 0;
    }
    if (strcmp(how, "late") == 0) {
        rest(1500000000);
    }
    if (put(b, text) != (strcmp(how, "late") != 0)) {
        printf("%s: the second one: %s\n", how, strerror(errno));
        return 1;
    }
    ALWAYS(status,
           files->together(files, strcmp(how, "drop") == 0 ? CTX_FILES_DROP : CTX_FILES_DONE));
    printf("%s %s\n", how, word(status));
    return 0;
}

static int watch(const char *path)
{
    uint64_t request = 0;
    uint32_t len = 0, result = 0;
    uint8_t none[1];
    ctx_status status = files->watch(files, path, (uint32_t)strlen(path), &request);
    if (status != CTX_PENDING) {
        printf("watch %s\n", word(status));
        return 1;
    }
    if (service->take(service, request, none, 0, &len, &result) != CTX_E_AGAIN) {
        puts("watch saw nothing");
        return 1;
    }
    if (!put(path, "changed")) {
        puts("watch can not write");
        return 1;
    }
    while (service->take(service, request, none, 0, &len, &result) == CTX_E_AGAIN) {
        rest(1000000);
    }
    puts(result == CTX_OK ? "watch saw it" : "watch failed");
    return 0;
}

/* By what `ctx idl` makes: storage begins anew behind a key that nobody synced. Two syncs follow.
 */
static int renewed(void)
{
    struct ctx *ctx = ctx_now();
    struct kv_client kv = CTX_CLIENT(ctx);
    const struct ctx_control *control = open_table(CTX_ID_CONTROL, sizeof *control);
    ctx_status status;
    for (int i = 0; i < 2; i++) { /* nothing has begun anew: both are well */
        ALWAYS(status, kv_call_put(&kv, "r", 1, &i, sizeof i));
        ALWAYS(status, kv_call_sync(&kv));
        printf("sync %s\n", word(status));
    }
    ALWAYS(status, kv_call_put(&kv, "r", 1, "lost?", 5));
    if (control->restart(control, 0) != CTX_OK) {
        puts("it can not begin anew");
    }
    do {
        rest(1000000);
        ALWAYS(status, kv_call_put(&kv, "s", 1, "new", 3));
    } while (status == CTX_E_STALE || status == CTX_E_NOSYS); /* it is not back yet */
    for (int i = 0; i < 2; i++) {
        ALWAYS(status, kv_call_sync(&kv));
        printf("then sync %s\n", word(status));
    }
    return 0;
}

/* What no open file can tell of: each of these, without a sync, and storage begins anew. */
static int nameless(void)
{
    static const char *const what[] = {"nothing", "mkdir", "rename", "remove",
                                       "closed",  "cut",   "sync"};
    const struct ctx_control *control = open_table(CTX_ID_CONTROL, sizeof *control);
    for (size_t i = 0; i < sizeof what / sizeof what[0]; i++) {
        int kept = open("/data/kept", O_RDWR | O_CREAT, 0666), other = -1;
        if (kept < 0 || write(kept, "kept", 4) != 4 || fsync(kept) != 0) {
            return 1;
        }
        close(kept);
        if (i == 1 && mkdir("/data/folder", 0777) != 0) {
            return 2;
        }
        if (i == 2 && rename("/data/kept", "/data/moved") != 0) {
            return 3;
        }
        if (i == 3 && unlink("/data/kept") != 0) {
            return 4;
        }
        if (i == 4 || i == 6) {
            other = open("/data/other", O_RDWR | O_CREAT, 0666);
            if (other < 0 || write(other, "other", 5) != 5) {
                return 5;
            }
            close(other);
        }
        if (i == 5) { /* it stays open: it tells by itself */
            other = open("/data/kept", O_RDWR | O_TRUNC);
        }
        if (i == 6) {
            sync();
        }
        if (control->restart(control, 0) != CTX_OK) {
            return 6;
        }
        rest(1000000);
        if (i != 5) {
            other = open("/data", O_RDONLY | O_DIRECTORY);
        }
        char text[8] = "";
        if (i == 6 &&
            (read(open("/data/other", O_RDONLY), text, 5) != 5 || strcmp(text, "other") != 0)) {
            puts("what was synced is gone");
        }
        int now = fsync(other) == 0 ? 0 : errno, then = fsync(other) == 0 ? 0 : errno;
        printf("%s: %s, then %s\n", what[i],
               now == EIO ? "EIO"
               : now == 0 ? "ok"
                          : strerror(now),
               then == 0 ? "ok" : strerror(then));
        close(other);
    }
    return 0;
}

/* Keys: a counter that several apps raise by compare and set, and what a batch does. */
static int kv(const char *what, long times)
{
    const struct kv_table *k = open_table(KV_ID, sizeof *k);
    struct kv_about about = {.size = sizeof about};
    ctx_status status;
    uint64_t n = 0;
    if (k == NULL) {
        puts("there is no ctx.kv/1");
        return 1;
    }
    if (strcmp(what, "count") == 0) {
        long lost = 0;
        for (long i = 0; i < times;) {
            n = 0;
            ALWAYS(status, k->get(k, "n", 1, &n, sizeof n, &about));
            uint64_t version = status == CTX_OK ? about.version : 0;
            n++;
            ALWAYS(status, k->put_if(k, "n", 1, &n, sizeof n, version));
            i += status == CTX_OK;
            lost += status == CTX_E_EXIST;
            if (status != CTX_OK && status != CTX_E_EXIST) {
                printf("count: %s\n", word(status));
                return 1;
            }
        }
        ALWAYS(status, k->sync(k));
        printf("counted %ld, %s again, %s\n", times, lost > 0 ? "some" : "none", word(status));
        return 0;
    }
    if (strcmp(what, "fill") == 0) {
        static uint8_t value[10000], most[60000];
        char key[20];
        do {
            snprintf(key, sizeof key, "k%llu", (unsigned long long)n);
            ALWAYS(status, k->put(k, key, (uint32_t)strlen(key), value, sizeof value));
            n += status == CTX_OK;
        } while (status == CTX_OK && n < 1000);
        printf("%llu keys, then %s\n", (unsigned long long)n, word(status));
        const uint32_t head[2] = {3, 20000};
        memcpy(most, head, sizeof head);
        ALWAYS(status, k->batch(k, most, sizeof head + 3 + 20000));
        printf("a batch %s\n", word(status));
        ALWAYS(status, k->remove(k, "k0", 2));
        ALWAYS(status, k->put(k, "again", 5, value, sizeof value - 10));
        printf("again %s\n", word(status));
        return 0;
    }
    static const uint8_t items[] = {1,   0, 0, 0, 2, 0,    0,    0,    'a',  'x',
                                    'y', 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 'n',
                                    2,   0, 0, 0, 0, 0,    0,    0,    'b',  0};
    char key[256];
    uint32_t len = 0;
    ALWAYS(status, k->get(k, "n", 1, &n, sizeof n, &about));
    printf("n %llu %s\n", (unsigned long long)n, word(status));
    ALWAYS(status, k->batch(k, items, sizeof items - 1));
    printf("half %s\n", word(status));
    ALWAYS(status, k->batch(k, items, sizeof items));
    printf("batch %s\n", word(status));
    for (key[0] = 0;;) {
        ALWAYS(status, k->next(k, key, len, key, sizeof key, &len));
        if (status != CTX_OK) {
            break;
        }
        printf("key %.*s\n", (int)len, key);
    }
    ALWAYS(status, k->get(k, "n", 1, &n, sizeof n, &about));
    printf("gone %s\n", word(status));
    return 0;
}

/* Its letter all over the file, again and again: whoever reads it sees one letter only. */
static int letters(const char *path, char letter, long times)
{
    static char bytes[50000];
    int fd = open(path, O_RDWR | O_CREAT, 0666);
    long others = 0;
    for (long i = 0; fd >= 0 && i < times; i++) {
        memset(bytes, letter, sizeof bytes);
        if (pwrite(fd, bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
            break;
        }
        rest(1000000);
        ssize_t n = pread(fd, bytes, sizeof bytes, 0);
        for (ssize_t j = 1; j < n; j++) {
            if (bytes[j] != bytes[0]) {
                printf("letters: mixed at %zd\n", j);
                return 1;
            }
        }
        others += n > 0 && bytes[0] != letter;
    }
    printf("letters %c, %s of others\n", letter, others > 0 ? "some" : "none");
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "", *a = argc > 2 ? argv[2] : "",
               *b = argc > 3 ? argv[3] : "";
    struct ctx_files_space space = {.size = sizeof space};
    ctx_status status;
    files = open_table(CTX_ID_FILES, sizeof *files);
    service = open_table(CTX_ID_SERVICE, sizeof *service);
    if (files == NULL || service == NULL) {
        puts("there is no ctx.files/1");
        return 1;
    }
    if (strcmp(what, "ledger") == 0) {
        return ledger(a, atol(b));
    }
    if (strcmp(what, "slowly") == 0) { /* for ever, and it knows where it is */
        for (long i = 0;; i++) {
            FILE *f = fopen(a, "a");
            bool good =
                f != NULL && fprintf(f, "%ld\n", i) > 0 && fflush(f) == 0 && fsync(fileno(f)) == 0;
            if (f != NULL) {
                fclose(f);
            }
            i -= !good;
            rest(20000000);
        }
    }
    if (strcmp(what, "kv") == 0) {
        return kv(a, atol(b));
    }
    if (strcmp(what, "stubborn") == 0) {
        return stubborn(a, atol(b));
    }
    if (strcmp(what, "hostile") == 0) {
        return hostile(atol(a));
    }
    if (strcmp(what, "odd") == 0) {
        return odd(a);
    }
    if (strcmp(what, "names") == 0) {
        return names(a, atol(b));
    }
    if (strcmp(what, "letters") == 0) {
        return letters(a, b[0], argc > 4 ? atol(argv[4]) : 100);
    }
    if (strcmp(what, "killer") == 0) { /* the app with this pid, so many times; between two it is
                                        * used, for so many ms at least */
        const struct ctx_control *control = open_table(CTX_ID_CONTROL, sizeof *control);
        long times = 0;
        for (long i = 0; i < atol(b); i++) {
            times += control->restart(control, (uint64_t)atol(a)) == CTX_OK;
            rest((uint64_t)(1 + i * 7 % 23 + (argc > 4 ? atol(argv[4]) : 0)) * 1000000);
        }
        printf("killed %ld times\n", times);
        return 0;
    }
    if (strcmp(what, "renewed") == 0) {
        return renewed();
    }
    if (strcmp(what, "nameless") == 0) {
        return nameless();
    }
    if (strcmp(what, "fill") == 0) {
        return fill(a);
    }
    if (strcmp(what, "peek") == 0) { /* keys first: then what does its line give of files? */
        const struct kv_table *k = open_table(KV_ID, sizeof *k);
        struct kv_about about = {.size = sizeof about};
        struct ctx_files_info info = {.size = sizeof info};
        ctx_status own;
        ALWAYS(status, k->get(k, "n", 1, &space, sizeof space, &about));
        ALWAYS(own, files->look(files, "/data", 5, &info));
        ALWAYS(status, files->look(files, "/disk", 5, &info));
        printf("own %s, ", word(own));
        printf("whole %s\n", word(status));
        return 0;
    }
    if (strcmp(what, "squeeze") == 0) {
        return squeeze(atol(a));
    }
    if (strcmp(what, "replace") == 0) {
        char text[64];
        snprintf(text, sizeof text, "%s\n", b);
        ALWAYS(status,
               files->replace(files, a, (uint32_t)strlen(a), text, (uint32_t)strlen(text), 0));
        printf("replace %s\n", word(status));
        return 0;
    }
    if (strcmp(what, "space") == 0) {
        ALWAYS(status, files->space(files, a, (uint32_t)strlen(a), &space));
        printf("space %llu of %llu\n", (unsigned long long)space.free,
               (unsigned long long)space.bytes);
        struct statvfs by_path, by_file;
        int fd = open(a, O_RDONLY);
        if (statvfs(a, &by_path) != 0 || fstatvfs(fd, &by_file) != 0 ||
            by_path.f_blocks != space.bytes / by_path.f_frsize ||
            by_path.f_bavail != space.free / by_path.f_frsize ||
            by_file.f_blocks != by_path.f_blocks || by_file.f_bavail != by_path.f_bavail) {
            puts("statvfs says something else");
        }
        close(fd);
        return 0;
    }
    if (strcmp(what, "watch") == 0) {
        return watch(a);
    }
    if (strcmp(what, "wait") == 0) {
        puts("waits");
        fflush(stdout);
        rest(20000000000);
        return 0;
    }
    return together(what, a, b, argc > 4 ? argv[4] : "");
}
