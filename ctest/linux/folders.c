/* SPDX-License-Identifier: MIT */
/* For folders.py: what a program sees of a folder that is lent to it. Its words are done one after
 * the other; each says what came of it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *word(int result)
{
    return result >= 0 ? "ok" : strerror(errno);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path)
{
    char *names[5000];
    size_t count = 0;
    DIR *dir = opendir(path);
    if (dir == NULL) {
        printf("list %s\n", strerror(errno));
        return;
    }
    for (struct dirent *e; (e = readdir(dir)) != NULL && count < 5000;) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            names[count++] = strdup(e->d_name);
        }
    }
    closedir(dir);
    qsort(names, count, sizeof *names, by_name);
    printf("list %zu", count);
    for (size_t i = 0; i < count && i < 10; i++) {
        printf(" %s", names[i]);
    }
    printf("\n");
}

static void get(const char *path)
{
    char text[100];
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        printf("get %s\n", strerror(errno));
        return;
    }
    size_t len = fread(text, 1, sizeof text - 1, f);
    text[len] = 0;
    printf("get %s\n", ferror(f) ? strerror(errno) : text);
    fclose(f);
}

static void sum(const char *path)
{
    static unsigned char bytes[70000];
    unsigned sum = 1;
    size_t all = 0;
    int fd = open(path, O_RDONLY);
    for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0; all += (size_t)n) {
        for (ssize_t i = 0; i < n; i++) {
            sum = sum * 31 + bytes[i];
        }
    }
    lseek(fd, -5, SEEK_END);
    ssize_t last = read(fd, bytes, 100);
    printf("sum %zu %08x last %zd\n", all, sum, last);
    close(fd);
}

static void put(const char *path, const char *text, const char *how)
{
    FILE *f = fopen(path, how);
    int result = f != NULL ? fputs(text, f) : -1;
    if (f != NULL && fclose(f) != 0) {
        result = -1;
    }
    printf("put %s\n", word(result));
}

/* Two lines of a file, with a wait in between: so long it stays open. */
static void slowly(const char *path)
{
    char line[100];
    FILE *f = fopen(path, "r");
    for (int i = 0; f != NULL && fgets(line, sizeof line, f) != NULL; i++) {
        printf("line %s", line);
        fflush(stdout);
        if (i == 0) {
            setvbuf(f, NULL, _IONBF, 0);
            fgets(line, sizeof line, stdin);
        }
    }
}

/* One byte of an open file's end, and one written near its beginning. */
static const char *touch(int fd, int at, char *text)
{
    char small;
    if (pread(fd, text, 1, 9) != 1) {
        return strerror(errno);
    }
    text[1] = 0;
    small = (char)(*text | 32);
    return at == 0 || pwrite(fd, &small, 1, at) == 1 ? text : strerror(errno);
}

/* Two files that are open all the time. */
static void two(const char *first, const char *second)
{
    int a = open(first, O_RDWR), b = open(second, O_RDWR);
    char line[100], text[2][2];
    for (int i = 0; i < 4; i++) {
        printf("two %s", touch(a, i, text[0]));
        printf(" %s\n", touch(b, i, text[1]));
        fflush(stdout);
        fgets(line, sizeof line, stdin);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *what = argv[i], *path = i + 1 < argc ? argv[i + 1] : "";
        struct stat s;
        if (strcmp(what, "list") == 0) {
            list(path);
        } else if (strcmp(what, "get") == 0) {
            get(path);
        } else if (strcmp(what, "sum") == 0) {
            sum(path);
        } else if (strcmp(what, "put") == 0) {
            put(path, "new\n", "w");
        } else if (strcmp(what, "add") == 0) {
            put(path, "more\n", "a");
        } else if (strcmp(what, "stat") == 0) {
            int result = stat(path, &s);
            printf("stat %s", word(result));
            if (result == 0) {
                printf(" %s %ld %ld", S_ISDIR(s.st_mode) ? "folder" : "file",
                       S_ISDIR(s.st_mode) ? 0 : (long)s.st_size, (long)s.st_mtime);
            }
            printf("\n");
        } else if (strcmp(what, "chmod") == 0) { /* as it is: nothing is to be done */
            struct stat s = {0};
            printf("chmod %s\n", word(stat(path, &s) | chmod(path, s.st_mode & 07777)));
        } else if (strcmp(what, "mkdir") == 0) {
            printf("mkdir %s\n", word(mkdir(path, 0777)));
        } else if (strcmp(what, "rmdir") == 0) {
            printf("rmdir %s\n", word(rmdir(path)));
        } else if (strcmp(what, "unlink") == 0) {
            printf("unlink %s\n", word(unlink(path)));
        } else if (strcmp(what, "rename") == 0) {
            printf("rename %s\n", word(rename(path, argv[i + 2])));
            i++;
        } else if (strcmp(what, "cut") == 0) {
            printf("cut %s\n", word(truncate(path, 2)));
        } else if (strcmp(what, "secret") == 0) {
            printf("secret %s\n", word(open(path, O_WRONLY | O_CREAT, 0600) < 0 ? -1 : 0));
        } else if (strcmp(what, "secretdir") == 0) {
            printf("secretdir %s\n", word(mkdir(path, 0700)));
        } else if (strcmp(what, "two") == 0) {
            two(path, argv[i + 2]);
            i++;
        } else if (strcmp(what, "slowly") == 0) {
            slowly(path);
        }
        i++;
    }
    return 0;
}
