/* SPDX-License-Identifier: MIT */
/*
 * An ordinary program: it knows nothing of the Context but for a few lines. The first argument says
 * what it does; each part ends with "<part> ok", or says what was wrong.
 */
#undef NDEBUG /* assert() is tested here, however we are built */
#define _GNU_SOURCE
#include <ctx/c.h>
#include <ctx/fiber.h>
#include <ctx/note.h>

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

CTX_NOTE_TEXT(CTX_NOTE_NAME, "program");

const uint32_t ctx_main_stack = 64 << 10;

static int bad;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("T program FAIL line %d: %s (errno %d)\n", __LINE__, #condition, errno);        \
            bad = 1;                                                                               \
        }                                                                                          \
    } while (0)

/* ---- input ---- */

static void ask(void)
{
    char name[32] = "";
    printf("Who are you? ");
    CHECK(fgets(name, sizeof name, stdin) == name);
    name[strcspn(name, "\n")] = 0;
    printf("Hello, %s: %zu bytes\n", name, strlen(name));
    int number = 0;
    CHECK(scanf("%d", &number) == 1 && getchar() == '\n');
    printf("twice %d is %d\n", number, 2 * number);
}

/* What is typed before the program asks waits for it. */
static void late(void)
{
    char line[16];
    usleep(300000);
    CHECK(fgets(line, sizeof line, stdin) == line && strcmp(line, "early\n") == 0);
}

/* Tab, Backspace, half a line and the end of input, which a second Ctrl-D ends again. */
static void input_keys(void)
{
    char line[16];
    puts("ready");
    CHECK(fgets(line, sizeof line, stdin) != NULL && strcmp(line, "a\tb\bc") == 0);
    CHECK(feof(stdin) && !ferror(stdin));
    (clearerr)(stdin);
    CHECK(getchar() == 'd' && getchar() == EOF);
    (clearerr)(stdin);
    CHECK(read(0, line, sizeof line) == 1 && line[0] == 'e' && read(0, line, 0) == 0);
}

static void wide_keys(void)
{
    wchar_t line[8];
    puts("ready");
    CHECK(fgetws(line, 8, stdin) == line && wcscmp(line, L"\u20acz\n") == 0);
    CHECK(getwchar() == L'\u20ac' && getwchar() == WEOF);
}

/* ---- time ---- */

static int64_t now_ns(void)
{
    struct timespec t;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0 && t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void clocks(void)
{
    struct timespec t = {0, 0};
    struct timeval v;
    int64_t before = now_ns();
    CHECK(now_ns() >= before && clock() > 0);
    CHECK(clock_gettime(CLOCK_REALTIME, &t) == 0 && t.tv_sec > 1600000000);
    CHECK(gettimeofday(&v, NULL) == 0 && v.tv_sec >= t.tv_sec && v.tv_sec < t.tv_sec + 60);
    CHECK(time(NULL) >= t.tv_sec);
    CHECK(clock_getres(CLOCK_MONOTONIC, &t) == 0 && t.tv_sec == 0 && t.tv_nsec > 0);
    errno = 0;
    CHECK(clock_gettime(99, &t) == -1 && errno == EINVAL);

    struct timespec ms20 = {0, 20000000}, odd = {0, 1000000000}, past = {-5, 0};
    errno = 77;
    before = now_ns();
    CHECK(nanosleep(&ms20, NULL) == 0 && now_ns() >= before + 20000000);
    before = now_ns();
    CHECK(usleep(10000) == 0 && now_ns() >= before + 10000000);
    before = now_ns();
    CHECK(sleep(1) == 0 && now_ns() >= before + 1000000000);
    CHECK(nanosleep(&past, NULL) == 0 && sleep(0) == 0 && errno == 77);
    CHECK(nanosleep(&odd, NULL) == -1 && errno == EINVAL);
    CHECK(clock_nanosleep(99, 0, &ms20, NULL) == EINVAL);
    before = now_ns() + 30000000;
    t = (struct timespec){before / 1000000000, (long)(before % 1000000000)};
    CHECK(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == 0 && now_ns() >= before);
    CHECK(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL) == 0);
}

/* Two fibers beside main sleep in another order than they were started; main wakes between them. A
 * machine that is late gets more time. */
static char order[8];

static void sleeper(struct ctx *ctx, void *arg)
{
    const int *ms = arg;
    (void)ctx;
    usleep((useconds_t)*ms * 1000);
    errno = 55;
    strcat(order, ms[1] != 0 ? "3" : "1");
}

static bool in_order(int ms)
{
    int times[2][2] = {{3 * ms, 1}, {ms, 0}};
    order[0] = 0;
    CHECK(ctx_fiber_start(ctx_now(), sleeper, times[0], 8192) != NULL);
    CHECK(ctx_fiber_start(ctx_now(), sleeper, times[1], 8192) != NULL);
    errno = 77;
    usleep((useconds_t)ms * 2000);
    CHECK(errno == 77); /* whatever others did meanwhile */
    strcat(order, "2");
    while (strlen(order) < 3) {
        usleep(1000);
    }
    return strcmp(order, "123") == 0;
}

static void sleeps(void)
{
    int ms = 20;
    while (!in_order(ms) && ms < 1000) {
        ms *= 2;
    }
    CHECK(ms < 1000);
}

/* ---- files: none that are not made ---- */

#define NONE(call, error)                                                                          \
    do {                                                                                           \
        errno = 0;                                                                                 \
        CHECK((call) && errno == (error));                                                         \
    } while (0)

static void files(void)
{
    struct stat st;
    char text[8];
    int fds[2];
    NONE(open("/a", O_RDONLY) == -1, ENOENT);
    NONE(read(3, text, 1) == -1, EBADF);
    NONE(write(3, text, 1) == -1, EBADF);
    NONE(close(3) == -1, EBADF);
    NONE(lseek(3, 0, SEEK_SET) == -1, EBADF);
    NONE(lseek(1, 0, SEEK_SET) == -1, ESPIPE);
    NONE(fcntl(3, F_GETFL) == -1, EBADF);
    NONE(fsync(3) == -1, EBADF);
    NONE(dup(3) == -1, EBADF);
    NONE(dup2(3, 4) == -1, EBADF);
    NONE(pipe(fds) == -1, ENOSYS);
    NONE(stat("/a", &st) == -1, ENOENT);
    NONE(fstat(3, &st) == -1, EBADF);
    NONE(unlink("/a") == -1, ENOENT);
    NONE(rename("/a", "/b") == -1, ENOENT);
    NONE(opendir("/a") == NULL, ENOENT);
    NONE(fopen("/a", "r") == NULL, ENOENT);
    CHECK(write(1, "written\n", 8) == 8 && write(2, "a warning\n", 10) == 10);
    errno = 0;
    CHECK(isatty(1) == 0 && errno == ENOTTY);
}

/* ---- statuses ---- */

static void errors(void)
{
    static const int wanted[] = {
        0,     ENOSYS, EACCES,       EPERM,        ESTALE,     EINVAL,
        E2BIG, EAGAIN, ENOMEM,       ENOSPC,       EIO,        ECONNABORTED,
        EBUSY, ELOOP,  ENOENT,       EEXIST,       ETIMEDOUT,  ECANCELED,
        EROFS, ERANGE, EKEYREJECTED, ECONNREFUSED, ECONNRESET, EHOSTUNREACH};
    for (int i = 0; i < (int)(sizeof wanted / sizeof wanted[0]); i++) {
        CHECK(ctx_errno(-i) == wanted[i]);
    }
    CHECK(ctx_status_name(1 - (int)(sizeof wanted / sizeof wanted[0]))[0] == 'U');
    CHECK(strcmp(ctx_status_name(CTX_E_UNVERIFIED), "UNVERIFIED") == 0);
    CHECK(strcmp(ctx_status_name(CTX_E_REFUSED), "REFUSED") == 0);
    CHECK(strcmp(ctx_status_name(CTX_E_RESET), "RESET") == 0);
    CHECK(strcmp(ctx_status_name(CTX_E_UNREACHABLE), "UNREACHABLE") == 0);
    CHECK(strcmp(ctx_status_name(CTX_E_LAST - 1), "?") == 0);
    CHECK(ctx_errno(CTX_PENDING) == EINPROGRESS && ctx_errno(INT32_MAX) == EINPROGRESS);
    CHECK(ctx_errno(CTX_E_LAST - 1) == EPROTO && ctx_errno(INT32_MIN) == EPROTO);
    CHECK(ENOSYS == 88 && ETIMEDOUT == 116); /* picolibc's numbers, not Linux's */
}

/* ---- characters ---- */

static void wide(void)
{
    wchar_t text[16];
    mbstate_t state = {0};
    CHECK(strcmp(setlocale(LC_CTYPE, "C.UTF-8"), "C.UTF-8") == 0);
    CHECK(mbrtowc(text, "\u20ac!", 4, &state) == 3 && text[0] == 0x20ac);
    CHECK(swprintf(text, 16, L"%ls %s", L"\u00e9", "\u00e8") == 3 && text[2] == 0xe8);
    printf("wide [%ls] [%lc] [%3ls]\n", L"\u20ac\u00e9\U0001f642", (wint_t)0xe9, L"x");
    CHECK(fwide(stderr, 1) > 0 && fputws(L"\u20ac to ", stderr) >= 0);
    CHECK(fwprintf(stderr, L"%d%lc %ls\n", 2, (wint_t)0x1f642, L"stderr") == 10);
}

/* ---- memory: what is freed is the machine's again ---- */

static uint64_t committed(void)
{
    struct ctx *ctx = ctx_now();
    struct ctx_mem_usage usage = {.size = sizeof usage};
    CHECK(ctx->mem->usage(ctx->mem, &usage) == CTX_OK);
    return usage.committed;
}

static void memory(void)
{
    static char *volatile blocks[200];
    uint64_t before = committed();
    for (int i = 0; i < 200; i++) {
        blocks[i] = malloc(10000);
        CHECK(blocks[i] != NULL);
        memset(blocks[i], i, 10000);
    }
    CHECK(committed() >= before + 2000000);
    for (int i = 0; i < 200; i++) {
        blocks[i] = realloc(blocks[i], 30000);
        CHECK(blocks[i] != NULL && blocks[i][0] == (char)i && blocks[i][9999] == (char)i);
    }
    errno = 0;
    CHECK(realloc(blocks[0], (size_t)3 << 30) == NULL && errno == ENOMEM && blocks[0][1] == 0);
    volatile size_t most = SIZE_MAX;
    CHECK(realloc(blocks[0], most) == NULL && malloc(most / 2) == NULL);
    blocks[1] = realloc(blocks[1], 10);
    CHECK(blocks[1] != NULL && blocks[1][9] == 1);
    for (int i = 0; i < 200; i++) {
        free(blocks[i]);
    }
    CHECK(committed() <= before + 65536);
    char *aligned = aligned_alloc(4096, 100);
    CHECK(aligned != NULL && (uintptr_t)aligned % 4096 == 0);
    strcpy(aligned, "kept");
    aligned = realloc(aligned, 9000);
    CHECK(aligned != NULL && strcmp(aligned, "kept") == 0);
    free(aligned);
}

static void chance(void)
{
    uint32_t a[8] = {0}, b[8] = {0};
    CHECK(getentropy(a, sizeof a) == 0 && getentropy(b, sizeof b) == 0);
    CHECK(memcmp(a, b, sizeof a) != 0);
    CHECK(getentropy(a, 257) == -1 && errno == EIO);
}

/* ---- ends ---- */

__attribute__((noinline)) static void check_number(int number)
{
    assert(number > 1000);
    printf("%d\n", number);
}

__attribute__((noinline)) static int outer(int number)
{
    check_number(number);
    return 1;
}

__attribute__((noinline)) static int too_deep(volatile char *from, int depth)
{
    volatile char here[1000];
    here[0] = from[0];
    return depth > 0 ? too_deep(here, depth - 1) + here[0] : 0;
}

static void bye(void)
{
    puts("bye");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*fn)(void);
    } parts[] = {
        {"ask", ask},       {"late", late},     {"keys", input_keys}, {"wide-keys", wide_keys},
        {"clocks", clocks}, {"sleeps", sleeps}, {"files", files},     {"errors", errors},
        {"wide", wide},     {"memory", memory}, {"chance", chance}};
    const char *part = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strcmp(part, parts[i].name) == 0) {
            parts[i].fn();
            if (!bad) {
                printf("T %s ok\n", part);
            }
            return bad;
        }
    }
    if (strcmp(part, "arguments") == 0) {
        for (int i = 0; i <= argc; i++) {
            printf("argv[%d] %s\n", i, argv[i] != NULL ? argv[i] : "NULL");
        }
        return 0;
    }
    if (strcmp(part, "half") == 0) { /* one line, two calls; the second half at the end */
        printf("one ");
        usleep(1000);
        printf("line\nand ");
        fflush(stdout);
        printf("the end");
        return 0;
    }
    int number = argc > 2 ? atoi(argv[2]) : 0;
    if (strcmp(part, "exit") == 0) {
        atexit(bye);
        exit(number);
    }
    if (strcmp(part, "assert") == 0) {
        printf("half a line");
        return outer(number);
    }
    if (strcmp(part, "abort") == 0) {
        usleep(1);
        abort();
    }
    if (strcmp(part, "fault") == 0) {
        printf("before");
        volatile uintptr_t nowhere = 16;
        *(volatile int *)nowhere = number;
    }
    if (strcmp(part, "overflow") == 0) {
        volatile char start = 1;
        return too_deep(&start, 1000);
    }
    return number;
}
