/* SPDX-License-Identifier: MIT */
/*
 * Streams, lines and names: what programs for a PC take for granted. "typed" waits for input: abc,
 * Enter, de, Ctrl-D, f, Enter.
 */
#define _GNU_SOURCE
#include <ctx/c.h>

#include <errno.h>
#include <locale.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <utime.h>
#include <wchar.h>

static int bad;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("T streams FAIL line %d: %s (errno %d)\n", __LINE__, #condition, errno);        \
            bad = 1;                                                                               \
        }                                                                                          \
    } while (0)

static void output(void)
{
    FILE *volatile all = NULL;
    int n = -1;
    printf("half");
    CHECK(fflush(all) == 0);
    printf("another\n");
    CHECK(fileno(stdin) == 0 && fileno(stdout) == 1 && fileno(stderr) == 2);
    CHECK(printf("counted%n\n", &n) == 8 && n == 7);
    wchar_t wide[4];
    errno = 0;
    CHECK(swprintf(wide, 4, L"%ls", L"four") == -1 && errno == EOVERFLOW);
    CHECK(swprintf(wide, 4, L"%ls", L"yes") == 3);
    CHECK(strcmp(strerror(9999), "Unknown error 9999") == 0);
    printf("narrow, ");
    CHECK(wprintf(L"%ls", L"\u20ac wide, ") == 8);
    printf("n");
    putchar('a');
    fputws(L"rr", stdout);
    puts("ow");
    printf("closed");
    CHECK(fclose(stdout) == 0);
    printf("again\n");
}

static void lines(void)
{
    static char text[] = "1234567890123456\n\nlast";
    FILE *file = fmemopen(text, strlen(text), "r");
    char *line = NULL;
    size_t room = 0;
    CHECK(file != NULL);
    CHECK(getline(&line, &room, file) == 17 && strcmp(line, "1234567890123456\n") == 0 &&
          room > 17);
    CHECK(getline(&line, &room, file) == 1 && strcmp(line, "\n") == 0);
    CHECK(getline(&line, &room, file) == 4 && strcmp(line, "last") == 0);
    CHECK(getline(&line, &room, file) == -1);
    fclose(file);
    free(line);
    char *word = NULL;
    CHECK(sscanf("  allocated x", "%ms", &word) == 1 && strcmp(word, "allocated") == 0);
    free(word);
}

static void names(void)
{
    CHECK(setlocale(LC_ALL, "xx_YY") == NULL && setlocale(LC_ALL, "de_DE.UTF-8") == NULL);
    CHECK(setlocale(LC_ALL, "C.latin1") == NULL && setlocale(LC_CTYPE, "UTF-8") == NULL);
    CHECK(newlocale(LC_ALL_MASK, "xx_YY", 0) == 0);
    CHECK(strcmp(setlocale(LC_ALL, NULL), "C") == 0);
    CHECK(strcmp(setlocale(LC_ALL, "C.utf8"), "C.UTF-8") == 0);
    CHECK(strcmp(setlocale(LC_ALL, "POSIX"), "C") == 0);
    CHECK(strcmp(setlocale(LC_ALL, ""), "C.UTF-8") == 0);
}

static void terminal(void)
{
    struct termios settings;
    errno = 0;
    CHECK(tcgetattr(0, &settings) == -1 && errno == ENOTTY);
    CHECK(tcsetattr(0, TCSANOW, &settings) == -1 && errno == ENOTTY);
    CHECK(cfsetospeed(&settings, B9600) == 0 && cfgetospeed(&settings) == B9600);
}

/* All of it is waiting: each read takes what belongs together. */
static void typed(void)
{
    char text[16] = "";
    usleep(500000);
    CHECK(read(0, text, 2) == 2 && memcmp(text, "ab", 2) == 0);
    CHECK(read(0, text, sizeof text) == 2 && memcmp(text, "c\n", 2) == 0);
    CHECK(read(0, text, 0) == 0);
    CHECK(read(0, text, sizeof text) == 2 && memcmp(text, "de", 2) == 0);
    CHECK(read(0, text, sizeof text) == 0);
    CHECK(read(0, text, sizeof text) == 2 && memcmp(text, "f\n", 2) == 0);
}

/* It comes at its own pace: a read waits for something, and nothing is lost. */
static void slowly(void)
{
    char text[16] = "";
    long len = 0, ends = 0;
    while (len < 8 || text[len - 1] != '\n') {
        long n = read(0, text + len, sizeof text - (size_t)len);
        CHECK(n >= 0);
        ends += n == 0;
        len += n;
    }
    CHECK(ends == 1 && memcmp(text, "abc\ndef\n", 8) == 0);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        printf("ready\n");
        if (strcmp(argv[1], "typed") == 0) {
            typed();
        } else {
            slowly();
        }
    } else {
        output();
        lines();
        names();
        terminal();
    }
    if (!bad) {
        printf("T streams ok\n");
    }
    return bad;
}
