/* SPDX-License-Identifier: MIT */
/* Files, by POSIX alone: the same program natively and as an app. Each line: what, and how many of
 * it a second. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef __PICOLIBC__ /* an app: what its own library says */
#include <ctx/c.h>
#include <ctx/tables.h>
#endif

#define COMMITS 300
#define FILES   2000
#define PIECE   60000
#define PIECES  600
#define READS   2000

static char bytes[PIECE], folder[200];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void tell(const char *what, double count, double since)
{
    printf("%s %.1f\n", what, count / (now() - since));
}

static int open_file(const char *name, int flags)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, flags, 0666);
    if (fd < 0) {
        perror(path);
        exit(1);
    }
    return fd;
}

static void put(int fd, const char *from, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, from, len);
        if (n <= 0) {
            perror("write");
            exit(1);
        }
        from += n;
        len -= (size_t)n;
    }
}

/* What a folder with so many files costs: making the last tenth, looking at some, listing all. */
static void grow(int count)
{
    char path[300], what[40];
    struct stat s;
    unsigned place = 1;
    int last = count / 10 * 9, names = 0, looks = count < 2000 ? count : 2000;
    double since = now();
    snprintf(path, sizeof path, "%s/%d", folder, count);
    if (mkdir(path, 0777) != 0) {
        perror(path);
        exit(1);
    }
    for (int i = 0; i < count; i++) {
        since = i == last ? now() : since;
        snprintf(path, sizeof path, "%s/%d/name%d", folder, count, i);
        close(open(path, O_WRONLY | O_CREAT, 0666));
    }
    snprintf(what, sizeof what, "make-%d", count);
    tell(what, count - last, since);
    since = now();
    for (int i = 0; i < looks; i++) {
        place = place * 1103515245u + 12345u;
        snprintf(path, sizeof path, "%s/%d/name%u", folder, count, (place >> 8) % (unsigned)count);
        if (stat(path, &s) != 0) {
            perror(path);
            exit(1);
        }
    }
    snprintf(what, sizeof what, "look-%d", count);
    tell(what, looks, since);
    snprintf(path, sizeof path, "%s/%d", folder, count);
    since = now();
    DIR *d = opendir(path);
    while (d != NULL && readdir(d) != NULL) {
        names++;
    }
    closedir(d);
    if (names != count + 2) {
        fprintf(stderr, "%d names of %d\n", names, count);
        exit(1);
    }
    snprintf(what, sizeof what, "list-%d", count);
    tell(what, count, since);
}

#ifdef __PICOLIBC__
/* What storage takes when nothing has been done for a while. */
static void idle(void)
{
    static struct ctx_app_info apps[8];
    const struct ctx_table *table = NULL;
    struct ctx *ctx = ctx_now();
    uint32_t count = 0;
    sleep(5);
    if (ctx->iface->open(ctx->iface, CTX_ID_APPS, sizeof CTX_ID_APPS - 1, sizeof(struct ctx_apps),
                         &table) == CTX_OK &&
        ((const struct ctx_apps *)table)
                ->list((const struct ctx_apps *)table, apps, sizeof apps, sizeof apps[0], &count) ==
            CTX_OK) {
        printf("idle-KiB %.1f\n", (double)apps[0].memory / 1024);
    }
}
#endif

int main(int argc, char **argv)
{
    char name[32];
    unsigned place = 1;
    snprintf(folder, sizeof folder, "%s", argc > 1 ? argv[1] : ".");
    memset(bytes, 'b', sizeof bytes);
    if (argc > 2) {
        for (int i = 2; i < argc; i++) {
            grow(atoi(argv[i]));
        }
#ifdef __PICOLIBC__
        idle();
#endif
        return 0;
    }

    int fd = open_file("log", O_WRONLY | O_CREAT | O_APPEND);
    double since = now();
    for (int i = 0; i < COMMITS; i++) {
        put(fd, bytes, 100);
        fsync(fd);
    }
    tell("commits", COMMITS, since);
    close(fd);

    since = now();
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "small%d", i);
        fd = open_file(name, O_WRONLY | O_CREAT);
        put(fd, bytes, 1024);
        if (i == FILES - 1) {
            fsync(fd);
        }
        close(fd);
    }
    tell("small", FILES, since);

    fd = open_file("large", O_RDWR | O_CREAT);
    since = now();
    for (int i = 0; i < PIECES; i++) {
        put(fd, bytes, PIECE);
    }
    fsync(fd);
    tell("written-MiB", (double)PIECE * PIECES / (1 << 20), since);
    since = now();
    lseek(fd, 0, SEEK_SET);
    while (read(fd, bytes, PIECE) > 0) {
    }
    tell("read-MiB", (double)PIECE * PIECES / (1 << 20), since);
    since = now();
    for (int i = 0; i < READS; i++) {
        place = place * 1103515245u + 12345u;
        if (pread(fd, bytes, 4096, (off_t)(place >> 8) % (PIECES * 14) * 4096) <= 0) {
            perror("pread");
            return 1;
        }
    }
    tell("random", READS, since);
    close(fd);
    return 0;
}
