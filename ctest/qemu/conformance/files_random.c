/* SPDX-License-Identifier: MIT */
/*
 * Files at random: compiled for this machine, and run in an empty folder, it says what is expected
 * of the app, which does the same in /tmp. Arguments: the first number of a case, how many cases,
 * and the folder. Each case prints one line, a sum over all answers; with a fourth argument each
 * step does.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static uint64_t state;
static uint64_t sum;
static int says;

static uint32_t chance(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(state >> 33) % below;
}

/* The numbers differ from library to library. */
static int error_number(void)
{
    static const int known[] = {ENOENT, ENOTDIR, EISDIR, EEXIST, ENOTEMPTY, EINVAL,
                                EBADF,  ESPIPE,  EACCES, EBUSY,  EPERM};
    for (size_t i = 0; i < COUNT(known); i++) {
        if (errno == known[i]) {
            return (int)i + 1;
        }
    }
    return errno == 0 ? 0 : 99;
}

static void tell(const char *what, long long a, long long b)
{
    sum = (sum ^ (uint64_t)a) * UINT64_C(1099511628211);
    sum = (sum ^ (uint64_t)b) * UINT64_C(1099511628211);
    if (says) {
        printf("  %s %lld %lld\n", what, a, b);
    }
}

/* A result, and errno if it failed. */
static void result(const char *what, long long value)
{
    tell(what, value, value < 0 ? error_number() : 0);
}

static void bytes(const char *what, const char *text, long long len)
{
    uint64_t h = 0;
    for (long long i = 0; i < len; i++) {
        h = h * 31 + (uint8_t)text[i];
    }
    tell(what, len, (long long)(h & 0xffffffff));
}

static const char *name(void)
{
    static const char *const names[] = {"a",   "b",   "d",    "d/a",    "d/e",    "d/e/a",
                                        "f/b", "f",   "a/b",  "./a",    "d/../a", "d/",
                                        "a/",  "d/.", "d//a", "x/../a", "d/e/.."};
    return names[chance(COUNT(names))];
}

/* What a stream holds back, or has read ahead, is its library's business: nobody else looks into
 * its file. */
static const char *stream_name(int i)
{
    static const char *const names[4][4] = {{"s0", "d/s0", "./s0", "s0/"},
                                            {"s1", "d/s1", "f/s1", "d//s1"},
                                            {"s2", "d/../s2", "d/e/s2", "d/e/../s2"},
                                            {"s3", "a/s3", "s3", "s3/."}};
    return names[i][chance(4)];
}

static int fds[4] = {-1, -1, -1, -1};

static void with_fd(void)
{
    static const int flags[] = {O_RDONLY,
                                O_WRONLY,
                                O_RDWR,
                                O_RDWR | O_CREAT,
                                O_WRONLY | O_CREAT | O_TRUNC,
                                O_RDWR | O_CREAT | O_EXCL,
                                O_WRONLY | O_APPEND | O_CREAT,
                                O_RDWR | O_APPEND,
                                O_RDONLY | O_DIRECTORY};
    char text[9000];
    struct stat st;
    int i = (int)chance(4), *fd = &fds[i];
    uint32_t what = chance(10);
    if (*fd < 0) {
        const char *path = name();
        int how = flags[chance(COUNT(flags))];
        *fd = open(path, how, 0644);
        result(path, *fd < 0 ? -1 : 0);
        return;
    }
    size_t len = chance(4) == 0 ? chance(sizeof text) : chance(40);
    long long n;
    switch (what) {
    case 0:
        result("close", close(*fd));
        *fd = -1;
        break;
    case 1:
    case 2:
        memset(text, 'a' + (int)chance(26), len);
        result("write", write(*fd, text, len));
        break;
    case 3:
    case 4:
        n = read(*fd, text, len);
        result("read", n);
        bytes("bytes", text, n);
        break;
    case 5: {
        int whence = (int)chance(3);
        off_t by = (off_t)chance(3000);
        by -= chance(2) ? 0 : 1500;
        if (fstat(*fd, &st) == 0 &&
            !S_ISDIR(st.st_mode)) { /* where a folder's place may be is nobody's business */
            result("lseek", lseek(*fd, by, whence));
        }
        break;
    }
    case 6:
        result("fstat", fstat(*fd, &st));
        tell("size", S_ISDIR(st.st_mode) ? -1 : (long long)st.st_size,
             S_ISDIR(st.st_mode) ? 0 : (long long)st.st_nlink);
        break;
    case 7:
        if (fstat(*fd, &st) == 0 && !S_ISDIR(st.st_mode)) {
            result("ftruncate", ftruncate(*fd, chance(10000)));
        }
        break;
    case 8:
        n = pread(*fd, text, len, chance(5000));
        result("pread", n);
        bytes("bytes", text, n);
        break;
    default:
        memset(text, 'A' + (int)chance(26), len);
        if ((fcntl(*fd, F_GETFL) & O_APPEND) == 0) { /* Linux appends then, POSIX does not */
            result("pwrite", pwrite(*fd, text, len, chance(5000)));
        }
        break;
    }
}

static struct {
    FILE *file;
    int last; /* 'r', 'w': C wants a seek between the two */
} files[4];

static void with_stream(void)
{
    static const char *const modes[] = {"r", "w", "a", "r+", "w+", "a+", "wx", "rb", "w+b"};
    char text[6000];
    int i = (int)chance(4);
    FILE *file = files[i].file;
    uint32_t what = chance(12);
    int n;
    if (file == NULL) {
        const char *path = stream_name(i);
        files[i].file = fopen(path, modes[chance(COUNT(modes))]);
        files[i].last = 0;
        result(path, files[i].file != NULL ? 0 : -1);
        struct stat st;
        if (files[i].file != NULL && fstat(fileno(files[i].file), &st) == 0 &&
            S_ISDIR(st.st_mode)) {
            fclose(files[i].file); /* places in folders are nobody's business */
            files[i].file = NULL;
        }
        if (files[i].file != NULL && chance(3) == 0) {
            int mode = (int[]){_IOFBF, _IOLBF, _IONBF}[chance(3)];
            result("setvbuf", setvbuf(files[i].file, NULL, mode, chance(2) ? 16 : 5000));
        }
        return;
    }
    size_t len = chance(3) == 0 ? chance(sizeof text) : chance(40);
    if (what >= 2 && what <= 6 && files[i].last != 0 && files[i].last != (what < 4 ? 'w' : 'r')) {
        result("between", fseek(file, 0, SEEK_CUR));
        files[i].last = 0;
    }
    switch (what) {
    case 0:
        result("fclose", fclose(file));
        files[i].file = NULL;
        break;
    case 1:
        result("fflush", files[i].last == 'w' ? fflush(file) : 0);
        break;
    case 2:
        memset(text, 'a' + (int)chance(26), len);
        text[len / 2] = '\n';
        result("fwrite", (long long)fwrite(text, 1, len, file));
        files[i].last = 'w';
        break;
    case 3:
        result("putc", fputc('0' + (int)chance(10), file));
        files[i].last = 'w';
        break;
    case 4:
        len = fread(text, 1, len, file);
        bytes("fread", text, (long long)len);
        files[i].last = 'r';
        break;
    case 5:
        n = fgetc(file);
        tell("getc", n, feof(file) != 0);
        files[i].last = 'r';
        break;
    case 6:
        if (fgets(text, (int)(len + 2), file) != NULL) {
            bytes("fgets", text, (long long)strlen(text));
            if (text[0] != 0 && chance(3) == 0) {
                result("ungetc", ungetc(text[strlen(text) - 1], file));
                result("place", ftell(file));
            }
        }
        files[i].last = 'r';
        break;
    case 7:
    case 8: {
        int whence = (int)chance(3);
        long by = (long)chance(3000);
        by -= chance(2) ? 0 : 1500;
        if (says) {
            printf("  %d by %ld from %d\n", i, by, whence);
        }
        result("fseek", fseek(file, by, whence));
        files[i].last = 0;
        break;
    }
    case 9:
        result("ftell", ftell(file));
        break;
    case 10:
        rewind(file);
        files[i].last = 0;
        break;
    default:
        clearerr(file);
        break;
    }
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void look_at(const char *path)
{
    struct dirent **list = NULL;
    int count = scandir(path, &list, NULL, by_name);
    result("scandir", count);
    for (int i = 0; i < count; i++) {
        bytes(list[i]->d_name, list[i]->d_name, (long long)strlen(list[i]->d_name));
        free(list[i]);
    }
    free(list);
}

static void with_names(void)
{
    struct stat st;
    const char *a = name(), *b = name();
    uint32_t what = chance(8);
    int n, own = (int)chance(6);
    if (own < 4 && what != 4 && what != 6) {
        a = stream_name(own);
        b = stream_name(own);
    }
    if (says) {
        printf("  (%s, %s)\n", a, b);
    }
    switch (what) {
    case 0:
        result("mkdir", mkdir(a, 0755));
        break;
    case 1:
        result("rmdir", a[strlen(a) - 1] == '.' ? 0 : rmdir(a));
        break;
    case 2:
        result("unlink", unlink(a));
        break;
    case 3:
        if (a[strlen(a) - 1] != '.' && b[strlen(b) - 1] != '.') {
            n = rename(a, b);
            /* If both names are wrong, it is anybody's choice which one is said. */
            errno = n < 0 && errno == ENOTDIR ? ENOENT : errno;
            result("rename", n);
        }
        break;
    case 4:
        n = stat(a, &st);
        result("stat", n);
        if (n == 0) {
            tell("kind", S_ISDIR(st.st_mode), S_ISDIR(st.st_mode) ? 0 : (long long)st.st_size);
        }
        break;
    case 5:
        look_at(a);
        break;
    case 6:
        result("truncate", truncate(a, chance(5000)));
        break;
    default:
        result("access", access(a, R_OK | W_OK));
        break;
    }
}

static void clear(void)
{
    static const char *const all[] = {"d/e/a", "d/e", "d/a", "d",  "f/b", "f",
                                      "a",     "b",   "s0",  "s1", "s2",  "s3"};
    for (int i = 0; i < 4; i++) {
        if (files[i].file != NULL) {
            result("last fclose", fclose(files[i].file));
        }
        if (fds[i] >= 0) {
            result("last close", close(fds[i]));
        }
        files[i].file = NULL;
        fds[i] = -1;
    }
    look_at(".");
    for (int round = 0; round < 3; round++) { /* what was renamed lies deeper */
        char path[100];
        for (size_t i = 0; i < COUNT(all); i++) {
            for (size_t j = 0; j < COUNT(all); j++) {
                snprintf(path, sizeof path, "%s/%s", all[i], all[j]);
                remove(path);
            }
            remove(all[i]);
        }
    }
    look_at(".");
}

int main(int argc, char **argv)
{
    long first = argc > 1 ? atol(argv[1]) : 0, count = argc > 2 ? atol(argv[2]) : 100;
    says = argc > 4;
    if (argc > 3 && chdir(argv[3]) != 0) {
        puts("no such folder");
        return 1;
    }
    for (long i = first; i < first + count; i++) {
        state = (uint64_t)i * 77 + 1;
        sum = UINT64_C(14695981039346656037);
        for (int step = 0; step < 300; step++) {
            errno = 0;
            uint32_t what = chance(5);
            what < 2 ? with_stream() : what < 4 ? with_fd() : with_names();
        }
        clear();
        printf("case %ld: %016llx\n", i, (unsigned long long)sum);
    }
    return 0;
}
