/* SPDX-License-Identifier: MIT */
/* The files compiled in, those in memory, and what POSIX says of both. Each argument is a part. */
#define _GNU_SOURCE
#include <ctx/c.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

static int bad;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("T files FAIL line %d: %s (errno %d)\n", __LINE__, #condition, errno);          \
            bad = 1;                                                                               \
        }                                                                                          \
    } while (0)
#define FAILS(call, error)                                                                         \
    do {                                                                                           \
        errno = 0;                                                                                 \
        CHECK((call) && errno == (error));                                                         \
    } while (0)

/* All of a file, NUL behind it; NULL. */
static char *slurp(const char *path)
{
    static char text[40000];
    FILE *file = fopen(path, "rb");
    size_t len = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    text[len] = 0;
    return file != NULL && fclose(file) == 0 ? text : NULL;
}

static int spit(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    return file != NULL && fputs(text, file) >= 0 && fclose(file) == 0;
}

/* The names in a folder, sorted, with a slash behind folders. */
static const char *names(const char *path)
{
    static char text[1000];
    struct dirent **list;
    int count = scandir(path, &list, NULL, alphasort);
    text[0] = 0;
    for (int i = 0; i < count; i++) {
        strcat(strcat(text, list[i]->d_name), list[i]->d_type == DT_DIR ? "/ " : " ");
        free(list[i]);
    }
    if (count >= 0) {
        free(list);
    }
    return text;
}

/* ---- what was compiled in ---- */

static void tree(void)
{
    char text[32] = "";
    struct stat st;
    CHECK(strcmp(slurp("/a.txt"), "one\n") == 0 && strcmp(slurp("a.txt"), "one\n") == 0);
    CHECK(strcmp(slurp("./sub/../sub//lines.txt"), "first line\nsecond line\nno end") == 0);
    CHECK(strcmp(slurp("/sub/deeper/na\xc3\xafve name.txt"), "\xc3\xa9\n") == 0);
    CHECK(*slurp("empty.txt") == 0);
    CHECK(strcmp(names("/"), "./ ../ a.txt dev/ empty.txt made/ sub/ tmp/ ") == 0);
    CHECK(strcmp(names("sub"), "./ ../ deeper/ lines.txt module.lua ") == 0);
    CHECK(strcmp(names("/made"), "./ ../ big.txt nothing/ ") == 0);
    CHECK(strcmp(names("/made/nothing/"), "./ ../ ") == 0);
    CHECK(stat("/made/big.txt", &st) == 0 && st.st_size == 20000 && S_ISREG(st.st_mode));
    CHECK((st.st_mode & 0222) == 0 && stat("sub", &st) == 0 && S_ISDIR(st.st_mode));
    int a = open("/made/big.txt", O_RDONLY), b = open("/made/big.txt", O_RDONLY);
    CHECK(a == 3 && b == 4 && lseek(a, 19995, SEEK_SET) == 19995);
    CHECK(read(a, text, sizeof text) == 5 && memcmp(text, "56789", 5) == 0);
    CHECK(read(a, text, 1) == 0 && read(b, text, 3) == 3 && memcmp(text, "012", 3) == 0);
    CHECK(pread(b, text, 4, 10006) == 4 && memcmp(text, "6789", 4) == 0);
    CHECK(lseek(b, 0, SEEK_CUR) == 3 && lseek(b, -1, SEEK_END) == 19999);
    CHECK(lseek(b, 100000, SEEK_SET) == 100000 && read(b, text, 1) == 0);
    FAILS(lseek(b, -1, SEEK_SET) == -1, EINVAL);
    FAILS(write(a, "x", 1) == -1, EBADF);
    FAILS(ftruncate(a, 0) == -1, EINVAL);
    CHECK(fstat(a, &st) == 0 && st.st_size == 20000 && !isatty(a));
    CHECK(close(a) == 0 && close(b) == 0);
    FAILS(close(a) == -1, EBADF);
}

static void read_only(void)
{
    FAILS(open("/a.txt", O_WRONLY) == -1, EROFS);
    FAILS(open("/a.txt", O_RDWR) == -1, EROFS);
    FAILS(open("/a.txt", O_RDONLY | O_TRUNC) == -1, EROFS);
    FAILS(open("/a.txt", O_WRONLY | O_CREAT | O_EXCL, 0600) == -1, EEXIST);
    FAILS(fopen("/a.txt", "w") == NULL, EROFS);
    FAILS(fopen("/a.txt", "a") == NULL, EROFS);
    FAILS(unlink("/a.txt") == -1, EROFS);
    FAILS(remove("/a.txt") == -1, EROFS);
    FAILS(rename("/a.txt", "/b.txt") == -1, EROFS);
    FAILS(truncate("/a.txt", 0) == -1, EROFS);
    FAILS(rmdir("/sub") == -1, EROFS);
    FAILS(rename("/sub", "/bus") == -1, EROFS);
    FAILS(chmod("/a.txt", 0600) == -1, EROFS);
    FAILS(utime("/a.txt", NULL) == -1, EROFS);
    FAILS(access("/a.txt", W_OK) == -1, EROFS);
    FAILS(access("/a.txt", X_OK) == -1, EACCES);
    FAILS(mkdir("/sub", 0700) == -1, EEXIST);
    CHECK(access("/a.txt", R_OK) == 0 && access("/sub", R_OK | X_OK) == 0);
    CHECK(spit("/tmp/other", "x"));
    FAILS(rename("/tmp/other", "/a.txt") == -1, EROFS);
    FAILS(access("/sub", W_OK) == -1, EROFS);
    FAILS(fopen("sub/deeper/new", "w") == NULL, EROFS);
    FAILS(mkdir("/sub/new", 0700) == -1, EROFS);
    FAILS(rename("/tmp/other", "/made/other") == -1, EROFS);
    FAILS(open("sub/deeper/new", O_RDONLY) == -1, ENOENT);
    /* Beside it, in the folder that the program starts in. */
    CHECK(spit("new", "new") && strcmp(slurp("/new"), "new") == 0 && access("/", W_OK) == 0);
    CHECK(unlink("new") == 0 && unlink("/tmp/other") == 0);
}

/* ---- what there is to say of paths ---- */

static void paths(void)
{
    char text[1100], *real;
    memset(text, 'a', sizeof text);
    text[256] = 0;
    FAILS(open("", O_RDONLY) == -1, ENOENT);
    FAILS(open(text, O_RDONLY) == -1, ENAMETOOLONG);
    for (size_t i = 0; i < 1090; i += 100) {
        text[i] = '/';
    }
    text[256] = 'a';
    text[1090] = 0;
    FAILS(open(text, O_RDONLY) == -1, ENAMETOOLONG);
    FAILS(open("/nobody/x", O_RDONLY | O_CREAT, 0600) == -1, ENOENT);
    FAILS(open("/a.txt/x", O_RDONLY) == -1, ENOTDIR);
    FAILS(open("/a.txt/", O_RDONLY) == -1, ENOTDIR);
    FAILS(open("/a.txt/../a.txt", O_RDONLY) == -1, ENOTDIR);
    FAILS(open("/nobody/../a.txt", O_RDONLY) == -1, ENOENT);
    FAILS(open("/sub", O_WRONLY) == -1, EISDIR);
    FAILS(open("/new/", O_WRONLY | O_CREAT, 0600) == -1, EISDIR);
    FAILS(open("/a.txt", O_RDONLY | O_DIRECTORY) == -1, ENOTDIR);
    FAILS(opendir("/a.txt") == NULL, ENOTDIR);
    FAILS(opendir("/nobody") == NULL, ENOENT);
    FAILS(fopen("/a.txt", "q") == NULL, EINVAL);
    FAILS(link("/a.txt", "/b") == -1, EPERM);
    FAILS(symlink("/a.txt", "/b") == -1, EPERM);
    FAILS(readlink("/a.txt", text, 10) == -1, EINVAL);
    FAILS(read(63, text, 1) == -1, EBADF);
    FAILS(read(64, text, 1) == -1, EBADF);
    FAILS(read(-1, text, 1) == -1, EBADF);
    int fd = open("/sub", O_RDONLY | O_DIRECTORY);
    FAILS(read(fd, text, 1) == -1, EISDIR);
    int in = openat(fd, "lines.txt", O_RDONLY);
    CHECK(in >= 0 && read(in, text, 5) == 5 && memcmp(text, "first", 5) == 0);
    close(in);
    CHECK(strcmp(getcwd(text, sizeof text), "/") == 0 && chdir("sub/deeper") == 0);
    CHECK(strcmp(getcwd(text, sizeof text), "/sub/deeper") == 0);
    FAILS(getcwd(text, 5) == NULL, ERANGE);
    CHECK(strcmp((real = realpath("../lines.txt", NULL)), "/sub/lines.txt") == 0);
    free(real);
    FAILS(realpath("../nobody", NULL) == NULL, ENOENT);
    FAILS(chdir("../lines.txt") == -1, ENOTDIR);
    CHECK(chdir("../../../..") == 0 && strcmp(getcwd(text, sizeof text), "/") == 0);
    CHECK(fchdir(fd) == 0 && access("module.lua", R_OK) == 0 && chdir("/") == 0);
    close(fd);
}

/* ---- files in memory ---- */

static void memory(void)
{
    struct stat st;
    char text[32];
    CHECK(mkdir("/tmp/d", 0755) == 0 && spit("/tmp/d/x", "12345"));
    FAILS(rmdir("/tmp/d") == -1, ENOTEMPTY);
    FAILS(unlink("/tmp/d") == -1, EISDIR);
    FAILS(rmdir("/tmp/d/x") == -1, ENOTDIR);
    FAILS(rename("/tmp/d", "/tmp/d/e") == -1, EINVAL);
    FAILS(rmdir("/tmp") == -1, EBUSY);
    FAILS(rmdir("/") == -1, EBUSY);
    CHECK(rename("/tmp/d/x", "/y") == 0 && strcmp(slurp("y"), "12345") == 0 &&
          rmdir("/tmp/d") == 0);
    int fd = open("/y", O_RDWR | O_APPEND), other = open("/y", O_RDONLY);
    CHECK(write(fd, "678", 3) == 3 && lseek(fd, 0, SEEK_CUR) == 8 && pwrite(fd, "X", 1, 0) == 1);
    CHECK(unlink("/y") == 0);
    FAILS(stat("/y", &st) == -1, ENOENT);
    CHECK(fstat(other, &st) == 0 && st.st_size == 8 && st.st_nlink == 0);
    CHECK(read(other, text, 32) == 8 && memcmp(text, "X2345678", 8) == 0);
    CHECK(spit("/y", "new") && fstat(fd, &st) == 0 && st.st_size == 8);
    close(fd);
    close(other);
    /* Holes are zero, and so is what was cut off and comes again. */
    fd = open("/tmp/hole", O_RDWR | O_CREAT, 0644);
    CHECK(lseek(fd, 100000, SEEK_SET) == 100000 && write(fd, "end", 3) == 3);
    CHECK(pread(fd, text, 4, 50000) == 4 && memcmp(text, "\0\0\0\0", 4) == 0);
    CHECK(ftruncate(fd, 100001) == 0 && ftruncate(fd, 100010) == 0);
    CHECK(pread(fd, text, 32, 100000) == 10 && memcmp(text, "e\0\0\0\0\0\0\0\0\0", 10) == 0);
    FAILS(ftruncate(fd, -1) == -1, EINVAL);
    FAILS(pwrite(fd, "x", 1, (off_t)1 << 50) == -1, EFBIG);
    close(fd);
    CHECK(chmod("/tmp/hole", 0400) == 0);
    FAILS(open("/tmp/hole", O_RDWR) == -1, EACCES);
    struct utimbuf times = {.modtime = 1234567};
    CHECK(utime("/tmp/hole", &times) == 0 && stat("/tmp/hole", &st) == 0 && st.st_mtime == 1234567);
    CHECK(umask(0777) == 022 && spit("/tmp/shut", "") && umask(022) == 0777);
    CHECK(stat("/tmp/shut", &st) == 0 && (st.st_mode & 0777) == 0);
    struct iovec parts[2] = {{"ab", 2}, {"cde", 3}};
    fd = open("/tmp/v", O_RDWR | O_CREAT, 0600);
    CHECK(writev(fd, parts, 2) == 5 && fcntl(fd, F_GETFL) == O_RDWR);
    int twin = dup(fd);
    CHECK(lseek(twin, 1, SEEK_SET) == 1 && read(fd, text, 2) == 2 && memcmp(text, "bc", 2) == 0);
    CHECK(dup2(fd, 40) == 40 && fcntl(fd, F_DUPFD, 50) == 50 && close(twin) == 0);
    close(fd);
    CHECK(close(40) == 0 && close(50) == 0);
}

static void many(void)
{
    int count = 3, fd = -1;
    while ((fd = open("/a.txt", O_RDONLY)) == count) {
        count++;
    }
    /* Until the quota is used up, or there are 65,536. */
    CHECK(fd == -1 && count > 2000 && errno == (count == 65536 ? EMFILE : ENOMEM));
    CHECK(fopen("/a.txt", "r") == NULL && sysconf(_SC_OPEN_MAX) == 65536);
    CHECK(close(300) == 0 && close(1999) == 0 && dup(1) == 300 && dup(1) == 1999);
    FAILS(dup2(1, 65536) == -1, EBADF);
    FAILS(fcntl(1, F_DUPFD, 65536) == -1, EINVAL);
    for (; count > 3; count--) {
        CHECK(close(count - 1) == 0);
    }
    /* Until the quota is used up: what was written stays, and all comes back. */
    static char block[65536];
    for (int round = 0; round < 3; round++) {
        fd = open("/tmp/full", O_RDWR | O_CREAT | O_TRUNC, 0600);
        ssize_t all = 0, len;
        memset(block, 'a' + round, sizeof block);
        while ((len = write(fd, block, sizeof block)) > 0) {
            all += len;
        }
        CHECK(len == -1 && errno == ENOSPC && all > 1 << 20 && lseek(fd, 0, SEEK_END) == all);
        CHECK(pread(fd, block, 1, all - 1) == 1 && block[0] == 'a' + round);
        close(fd);
        CHECK(unlink("/tmp/full") == 0);
        free(malloc(1 << 20));
    }
}

static void devices(void)
{
    char a[300] = "", b[300] = "";
    struct stat st;
    int fd = open("/dev/null", O_RDWR);
    CHECK(fd >= 0 && read(fd, a, 1) == 0 && write(fd, "xyz", 3) == 3 && close(fd) == 0);
    fd = open("/dev/zero", O_RDONLY);
    a[5] = 'x';
    CHECK(read(fd, a, 10) == 10 && a[5] == 0 && close(fd) == 0);
    fd = open("/dev/urandom", O_RDONLY);
    CHECK(read(fd, a, 300) == 300 && read(fd, b, 300) == 300 && memcmp(a, b, 300) != 0 &&
          close(fd) == 0);
    fd = open("/dev/stdout", O_WRONLY);
    CHECK(write(fd, "by its name\n", 12) == 12 && close(fd) == 0);
    FAILS(open("/dev/tty", O_RDWR) == -1, ENXIO);
    FAILS(open("/dev/new", O_WRONLY | O_CREAT, 0600) == -1, EROFS);
    FAILS(unlink("/dev/null") == -1, EROFS);
    FAILS(rename("/tmp", "/dev/x") == -1, EXDEV);
    CHECK(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode) &&
          freopen("/dev/null", "w", stderr) == stderr);
    fputs("nobody reads this\n", stderr);
}

/* ---- streams ---- */

static void streams(void)
{
    char text[64];
    FILE *file = fopen("/tmp/s", "w+x");
    CHECK(file != NULL && fileno(file) == 3 && fputs("hello, world\n", file) >= 0);
    FAILS(fopen("/tmp/s", "wx") == NULL, EEXIST);
    CHECK(ftell(file) == 13 && *slurp("/tmp/s") == 0); /* buffered */
    CHECK(fflush(file) == 0 && strcmp(slurp("/tmp/s"), "hello, world\n") == 0);
    CHECK(fseek(file, 7, SEEK_SET) == 0 && fgetc(file) == 'w' && ftell(file) == 8);
    CHECK(ungetc('W', file) == 'W' && ftell(file) == 7 && fgetc(file) == 'W' && ftell(file) == 8);
    CHECK(ungetc('?', file) == '?' && fseek(file, 0, SEEK_CUR) == 0 && fgetc(file) == 'w');
    CHECK(fseek(file, 0, SEEK_CUR) == 0 && fputc('O', file) == 'O' &&
          fseek(file, -4, SEEK_CUR) == 0);
    CHECK(fgets(text, sizeof text, file) == text && strcmp(text, ", wOrld\n") == 0);
    CHECK(fgetc(file) == EOF && feof(file) && !ferror(file));
    rewind(file);
    CHECK(!feof(file) && fread(text, 1, 5, file) == 5 && memcmp(text, "hello", 5) == 0);
    CHECK(fclose(file) == 0);
    file = fopen("/tmp/s", "a+");
    CHECK(fputs("more", file) >= 0 && ftell(file) == 17 && fseek(file, 0, SEEK_SET) == 0);
    CHECK(fgetc(file) == 'h' && fseek(file, 0, SEEK_SET) == 0 && fputs("!", file) >= 0 &&
          fclose(file) == 0);
    CHECK(strcmp(slurp("/tmp/s"), "hello, wOrld\nmore!") == 0);
    file = fopen("/tmp/s", "r");
    CHECK(fputc('x', file) == EOF);
    CHECK(fscanf(file, "%63[^,], %63s", text, text + 32) == 2 && strcmp(text + 32, "wOrld") == 0);
    fclose(file);
    /* Unbuffered, by line, and with a buffer of one's own. */
    static char own[16];
    file = fopen("/tmp/s", "w");
    CHECK(setvbuf(file, NULL, _IONBF, 0) == 0 && fputs("abc", file) >= 0 &&
          strcmp(slurp("/tmp/s"), "abc") == 0);
    CHECK(setvbuf(file, NULL, _IOLBF, 100) == 0 && fputs("d\ne", file) >= 0 &&
          strcmp(slurp("/tmp/s"), "abcd\n") == 0);
    CHECK(setvbuf(file, own, _IOFBF, sizeof own) == 0 && fputs("f", file) >= 0 && own[0] == 'f');
    CHECK(fclose(file) == 0 && strcmp(slurp("/tmp/s"), "abcd\nef") == 0);
    CHECK((file = tmpfile()) != NULL && fputs("gone", file) >= 0 && fclose(file) == 0);
    char name[] = "/tmp/xXXXXXX", twin[] = "/tmp/xXXXXXX";
    int a = mkstemp(name), b = mkstemp(twin);
    CHECK(a >= 0 && b >= 0 && strcmp(name, twin) != 0 && close(a) == 0 && close(b) == 0);
    FAILS(mkstemp(strcpy(text, "/tmp/xXXXXX")) == -1, EINVAL);
    CHECK(tmpnam(NULL) != NULL && access(tmpnam(NULL), F_OK) != 0);
    CHECK(unlink(name) == 0 && unlink(twin) == 0 && unlink("/tmp/s") == 0);
    CHECK((file = fopen("/made/big.txt", "r")) != NULL);
    static char all[20001];
    CHECK(fgetc(file) == '0' && fread(all, 1, sizeof all, file) == 19999 && feof(file));
    CHECK(fclose(file) == 0 && memcmp(all + 19990, "123456789", 9) == 0);
}

/* What is printed goes where the descriptor goes, and comes back. */
static void redirect(void)
{
    fflush(stdout);
    int kept = dup(1);
    CHECK(freopen("/tmp/out", "w", stdout) == stdout);
    printf("to a %s\n", "file");
    fflush(stdout);
    dup2(kept, 1);
    close(kept);
    printf("and back\n");
    CHECK(strcmp(slurp("/tmp/out"), "to a file\n") == 0);
    CHECK(freopen("/sub/lines.txt", "r", stdin) == stdin);
    char text[32];
    CHECK(fgets(text, sizeof text, stdin) == text && strcmp(text, "first line\n") == 0);
    CHECK(getchar() == 's');
}

/* A file that is open when the app ends is written out. */
static FILE *last;
static void at_exit(void)
{
    fputs(", at exit", last);
    puts(strcmp(slurp("/tmp/last"), "") == 0 ? "not yet written" : "T files FAIL written early");
}

/* For images and undo: so many steps, each of which says where it is. */
static void steps(int count)
{
    FILE *log = fopen("/tmp/log", "w+");
    FILE *in = fopen("/made/big.txt", "r");
    for (int i = 0; i < count; i++) {
        char line[64] = "";
        CHECK(fseek(in, i * 7 % 20000, SEEK_SET) == 0 && fgets(line, 12, in) != NULL);
        fprintf(log, "%d %s\n", i, line);
        fflush(log);
        rewind(log);
        unsigned sum = 0;
        for (int c; (c = fgetc(log)) != EOF;) {
            sum = sum * 31 + (unsigned)c;
        }
        printf("step %d %08x\n", i, sum);
        usleep(20000);
    }
    fclose(log);
    fclose(in);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } parts[] = {{"tree", tree},         {"read-only", read_only}, {"paths", paths},
                 {"memory", memory},     {"streams", streams},     {"many", many},
                 {"redirect", redirect}, {"devices", devices}};
    if (argc > 2 && strcmp(argv[1], "steps") == 0) {
        steps(atoi(argv[2]));
        return bad;
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (argc < 2 || strcmp(argv[1], parts[i].name) == 0) {
            int before = bad;
            bad = 0;
            parts[i].run();
            printf("T files %s %s\n", parts[i].name, bad ? "FAIL" : "ok");
            bad |= before;
        }
    }
    last = fopen("/tmp/last", "w");
    fputs("kept", last);
    atexit(at_exit);
    return bad;
}
