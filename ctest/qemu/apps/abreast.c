/* SPDX-License-Identifier: MIT */
/*
 * For storage.py: several fibers of one program, each in the middle of calls that wait for a disk.
 * Each line that is added is there once, whatever the others ask meanwhile.
 *
 *   abreast FILE LINES
 */
#include <ctx/c.h>
#include <ctx/fiber.h>
#include <ctx/sql.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRITERS 2
#define STACK   (64u * 1024)

static const char *path;
static long lines;
static int writing, errors;
static bool read_all;

static void say_error(const char *what, long n)
{
    errors++;
    printf("%s %ld: %s\n", what, n, strerror(errno));
}

/* Lines that are added, and folders that are made and removed: none of it may be done twice. */
static void write_lines(struct ctx *ctx, void *arg)
{
    int me = (int)(intptr_t)arg, fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    char text[300];
    (void)ctx;
    for (long i = 0; i < lines && fd >= 0; i++) {
        int len = snprintf(text, sizeof text, "%d %ld\n", me, i);
        if (write(fd, text, (size_t)len) != len || (i % 5 == 0 && fsync(fd) != 0)) {
            say_error("write", i);
        }
        snprintf(text, sizeof text, "%s.%d", path, me);
        if (mkdir(text, 0777) != 0) {
            say_error("mkdir", i);
        }
        if (rmdir(text) != 0) {
            say_error("rmdir", i);
        }
    }
    if (fd < 0 || close(fd) != 0) {
        say_error("open", me);
    }
    writing--;
}

static void write_rows(struct ctx *ctx, void *arg)
{
    struct ctx_sql db = CTX_SQL(ctx);
    char text[100];
    (void)arg;
    ctx_status status = ctx_sql_run(&db, "CREATE TABLE IF NOT EXISTS rows(n)");
    for (long i = 0; i < lines && status == CTX_OK; i++) {
        snprintf(text, sizeof text, "INSERT INTO rows VALUES(%ld)", i);
        status = ctx_sql_run(&db, text);
        status = status == CTX_OK && i % 5 == 0 ? ctx_sql_sync(&db) : status;
    }
    if (status != CTX_OK) {
        errors++;
        printf("rows: %d %s\n", (int)status, ctx_sql_why(&db, text, sizeof text));
    }
    writing--;
}

static void read_along(struct ctx *ctx, void *arg)
{
    char text[64];
    (void)ctx;
    (void)arg;
    while (writing > 0) {
        int fd = open(path, O_RDONLY);
        struct stat st;
        if (fd >= 0) {
            (void)read(fd, text, sizeof text);
            close(fd);
        }
        (void)stat("/data/none", &st);
        (void)ctx_fiber_yield();
    }
    read_all = true;
}

int main(int argc, char **argv)
{
    struct ctx *ctx = ctx_now();
    path = argc > 2 ? argv[1] : "/data/lines";
    lines = argc > 2 ? atol(argv[2]) : 100;
    int begun = 0;
    for (int i = 0; i < WRITERS; i++, writing++) {
        begun += ctx_fiber_start(ctx, write_lines, (void *)(intptr_t)i, STACK) != NULL;
    }
    begun += ctx_fiber_start(ctx, write_rows, NULL, STACK) != NULL;
    writing++;
    begun += ctx_fiber_start(ctx, read_along, NULL, STACK) != NULL;
    while (begun == WRITERS + 2 && !read_all) { /* main's own fiber, and those beside it */
        (void)ctx_fiber_yield();
    }
    printf("abreast: %d errors\n", errors);
    return errors != 0;
}
