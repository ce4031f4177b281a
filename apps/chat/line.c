/* SPDX-License-Identifier: MIT */
/* The line that is being typed, and what is to be seen above it. */
#include "chat.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define TYPED_MOST (LINE_MOST - 8) /* in front of it stands "say " */
#define BACKSPACE  8
#define DELETE     127
#define CTRL_D     4
#define CTRL_U     21
#define ESCAPE     27

static struct {
    bool keys; /* it is a terminal: keys come one by one, and are shown by us */
    struct termios before;
    char text[TYPED_MOST + 1];
    size_t len;
    bool escape; /* in the middle of what an arrow key sends */
} line;

static void restore(void)
{
    tcsetattr(STDIN_FILENO, TCSADRAIN, &line.before);
}

static void show(void)
{
    if (line.keys) {
        printf("\r\033[K> %s", line.text);
    }
    fflush(stdout);
}

void line_begin(void)
{
    line.keys =
        isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && tcgetattr(STDIN_FILENO, &line.before) == 0;
    if (line.keys) {
        struct termios t = line.before;
        t.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
        atexit(restore);
    }
    show();
}

void line_print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (line.keys) {
        printf("\r\033[K");
    }
    vprintf(format, args);
    va_end(args);
    printf("\n");
    show();
}

static void finish(void (*done)(const char *text))
{
    char clean[TYPED_MOST + 1];
    size_t len = text_clean(clean, line.text, line.len);
    line.len = 0;
    line.text[0] = 0;
    show();
    if (len > 0) {
        done(clean);
    }
}

/* False: it was the last one. */
static bool take(unsigned char c, void (*done)(const char *text))
{
    if (line.escape) { /* ESC [ ... letter */
        line.escape = c == '[' || c == 'O' || c == ';' || (c >= '0' && c <= '9');
    } else if (c == '\n' || c == '\r') {
        finish(done);
    } else if (c == ESCAPE && line.keys) {
        line.escape = true;
    } else if (c == CTRL_D && line.keys) {
        return line.len > 0;
    } else if (c == CTRL_U && line.keys) {
        line.len = 0;
    } else if ((c == BACKSPACE || c == DELETE) && line.keys) {
        line.len = text_back(line.text, line.len);
    } else if (line.len < TYPED_MOST && (c >= ' ' || !line.keys)) {
        line.text[line.len++] = (char)c;
    }
    line.text[line.len] = 0;
    return true;
}

bool line_read(void (*done)(const char *text))
{
    unsigned char bytes[256];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    bool more = n > 0;
    for (ssize_t i = 0; i < n && more; i++) {
        more = take(bytes[i], done);
    }
    if (!more && line.len > 0) {
        finish(done); /* the end of a pipe is the end of a line */
    }
    show();
    return more;
}
