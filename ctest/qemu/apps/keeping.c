/* SPDX-License-Identifier: MIT */
/* For keeping.py: who counts in a file and in its own memory, who saves, and who is in the way. */
#include <ctx/c.h>
#include <ctx/fiber.h>
#include <ctx/tables.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const void *open_table(const char *id, uint32_t size)
{
    const struct ctx_table *table = NULL;
    struct ctx *ctx = ctx_now();
    return ctx->iface->open(ctx->iface, id, (uint32_t)strlen(id), size, &table) == CTX_OK ? table
                                                                                          : NULL;
}

static void rest(uint64_t ns)
{
    uint64_t now = 0;
    struct ctx *ctx = ctx_now();
    ctx->time->now(ctx->time, &now);
    (void)ctx_fiber_await(0, now + ns);
}

static void say(const char *format, long a, long b)
{
    char text[100];
    struct ctx *ctx = ctx_now();
    int len = snprintf(text, sizeof text, format, a, b);
    ctx->log((const uint8_t *)text, (uint32_t)len);
}

static long number_in(const char *path)
{
    char text[32] = "";
    int fd = open(path, O_RDONLY);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    return n < 0 ? -1 : atol(text);
}

/* For ever, never synced: what is in memory was in the file before. A session that is newer than
 * the file is found by whom it goes on as. */
static _Noreturn void count(const char *path)
{
    static volatile long counted;                /* in every image */
    static volatile uint32_t epoch = UINT32_MAX; /* in which this was said */
    for (;;) {
        long there = number_in(path);
        if (there < 0 && counted > 0 && errno != ENOENT) { /* who keeps it begins anew just now */
            rest(1000000);
            continue;
        }
        if (epoch != ctx_now()->epoch) {
            epoch = ctx_now()->epoch;
            say("it goes on: the file has %ld, the session %ld", there, counted);
        }
        if (counted > 0 && there < counted) {
            say("OLDER: the file has %ld, the session %ld", there, counted);
        }
        long next = (there > counted ? there : counted) + 1;
        char text[32];
        int len = snprintf(text, sizeof text, "%ld\n", next);
        int fd = open(path, O_WRONLY | O_CREAT, 0666);
        if (fd >= 0 && pwrite(fd, text, (size_t)len, 0) == len) {
            counted = next;
        }
        if (fd >= 0) {
            close(fd);
        }
        rest(500000);
    }
}

/* All apps, again and again; after a restore it begins anew. */
static int saver(const char *name, long times, long pause_pid)
{
    const struct ctx_image *image = open_table(CTX_ID_IMAGE, sizeof *image);
    const struct ctx_control *control = open_table(CTX_ID_CONTROL, sizeof *control);
    if (pause_pid >= 0) {
        rest(300000000);
        say("pause: %ld", (long)control->pause(control, (uint64_t)pause_pid), 0);
    }
    for (long i = 0; i < times; i++) {
        uint32_t job = 0;
        struct ctx_image_job how = {.size = sizeof how};
        ctx_status status = image->save(image, UINT64_MAX, name, (uint32_t)strlen(name), &job);
        while (status == CTX_PENDING) {
            rest(1000000);
            status = image->poll(image, job, &how);
            status = status == CTX_OK ? (ctx_status)how.status : status;
        }
        say("saved: %ld", (long)status, 0);
        rest((uint64_t)(i * 7 % 11) * 1000000);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "", *a = argc > 2 ? argv[2] : "";
    if (strcmp(what, "count") == 0) {
        count(a);
    }
    return saver(a, argc > 3 ? atol(argv[3]) : 1, argc > 4 ? atol(argv[4]) : -1);
}
