/* SPDX-License-Identifier: MIT */
/* Files, by POSIX alone: the same program natively and as an app. Each line: what, and how many of
 * it a second. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

int main(int argc, char **argv)
{
    char name[32];
    unsigned place = 1;
    snprintf(folder, sizeof folder, "%s", argc > 1 ? argv[1] : ".");
    memset(bytes, 'b', sizeof bytes);

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
