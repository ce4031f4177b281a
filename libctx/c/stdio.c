/* SPDX-License-Identifier: MIT */
/*
 * stdout and stderr. The log takes lines, so both collect one each; a line that does not fit is cut
 * between two characters and goes on in the next. stdin is in stdin.c.
 */
#include "glue.h"

#include <ctx/c.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <wchar.h>

#define LINE 512u

struct output {
    FILE file;
    uint32_t level;
    uint32_t len;
    char text[LINE];
};

void ctx_c_line(uint32_t level, const char *text, size_t len)
{
    const struct ctx_log *log = ctx_c_open(CTX_ID_LOG);
    if (log != NULL) {
        log->write(log, level, text, (uint32_t)len);
    } else {
        ctx_now()->log((const uint8_t *)text, (uint32_t)len);
    }
}

void ctx_c_say(uint32_t level, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ctx_c_line(level, text, len < (int)sizeof text ? (size_t)len : sizeof text - 1);
}

/* How many of the bytes are whole characters of UTF-8; all of them if that is no UTF-8. */
static uint32_t whole(const char *text, uint32_t len)
{
    for (uint32_t back = 1; back <= 3 && back < len; back++) {
        uint8_t byte = (uint8_t)text[len - back];
        if (byte >= 0xc0) {
            uint32_t need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
            return need > back ? len - back : len;
        }
        if (byte < 0x80) {
            break;
        }
    }
    return len;
}

static void put_byte(struct output *out, char c)
{
    if (c == '\n') {
        ctx_c_line(out->level, out->text, out->len);
        out->len = 0;
        return;
    }
    if (out->len == LINE) {
        uint32_t len = whole(out->text, LINE);
        ctx_c_line(out->level, out->text, len);
        out->len = LINE - len;
        memmove(out->text, out->text + len, out->len);
    }
    out->text[out->len++] = c;
}

uint32_t ctx_c_utf8(uint32_t c, char bytes[4])
{
    static const uint8_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    c = c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0xfffd : c;
    uint32_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (uint32_t i = len; i-- > 1; c >>= 6) {
        bytes[i] = (char)(0x80 | (c & 0x3f));
    }
    bytes[0] = (char)(heads[len] | c);
    return len;
}

static int put(char c, FILE *file)
{
    put_byte((struct output *)file, c);
    return (uint8_t)c;
}

static int flush(FILE *file)
{
    struct output *out = (struct output *)file;
    if (out->len > 0) {
        ctx_c_line(out->level, out->text, out->len);
        out->len = 0;
    }
    return 0;
}

static struct output output = {.file = FDEV_SETUP_STREAM(put, NULL, flush, _FDEV_SETUP_WRITE),
                               .level = CTX_LOG_INFO};
static struct output errors = {.file = FDEV_SETUP_STREAM(put, NULL, flush, _FDEV_SETUP_WRITE),
                               .level = CTX_LOG_WARN};

FILE *const stdout = &output.file;
FILE *const stderr = &errors.file;

/* picolibc's hands on the bytes of the wchar_t, and all that is printed narrowly afterwards would
 * be taken for such. */
wint_t putwc(wchar_t c, FILE *file)
{
    char bytes[sizeof c];
    uint32_t len = sizeof c;
    if ((file->flags & __SWR) == 0) {
        errno = EBADF;
        return WEOF;
    }
    if (file == stdout || file == stderr) {
        len = ctx_c_utf8((uint32_t)c, bytes);
    } else {
        memcpy(bytes, &c, sizeof c);
        file->flags |= __SWIDE;
    }
    for (uint32_t i = 0; i < len; i++) {
        if (file->put(bytes[i], file) < 0) {
            return WEOF;
        }
    }
    return (wint_t)c;
}

wint_t fputwc(wchar_t c, FILE *file) __attribute__((alias("putwc")));
wint_t putwc_unlocked(wchar_t c, FILE *file) __attribute__((alias("putwc")));

/* Of all streams, if none is named. */
int fflush(FILE *file)
{
    if (file == NULL) {
        ctx_c_flush();
        return 0;
    }
    return file->flush != NULL ? file->flush(file) : 0;
}

int fclose(FILE *file)
{
    int result = fflush(file);
    const struct __file_close *closing = (const struct __file_close *)file;
    if ((file->flags & __SCLOSE) != 0 && closing->close != NULL) {
        int closed = closing->close(file);
        return closed != 0 ? closed : result;
    }
    return result;
}

int fileno(FILE *file)
{
    if (file == stdin || file == stdout || file == stderr) {
        return file == stdin ? 0 : file == stdout ? 1 : 2;
    }
    errno = EBADF;
    return -1;
}

/* Also getline(). picolibc's writes a zero behind its block, and does not say -1 at the end. */
ssize_t getdelim(char **restrict line, size_t *restrict room, int end, FILE *restrict file)
{
    size_t len = 0;
    int c = 0;
    *room = *line == NULL ? 0 : *room;
    while (len == 0 || c != (unsigned char)end) {
        c = getc(file);
        if (c == EOF) {
            break;
        }
        if (*room - len < 2 || *room < 2) {
            size_t more = *room < 64 ? 128 : *room * 2;
            char *bigger = realloc(*line, more);
            if (bigger == NULL) {
                return -1;
            }
            *line = bigger;
            *room = more;
        }
        (*line)[len++] = (char)c;
        (*line)[len] = 0;
    }
    return len > 0 ? (ssize_t)len : -1;
}

void ctx_c_flush(void)
{
    flush(stdout);
    flush(stderr);
}

long ctx_c_write(int fd, const void *from, size_t len)
{
    const char *bytes = from;
    for (size_t i = 0; i < len; i++) {
        put_byte(fd == 1 ? &output : &errors, bytes[i]);
    }
    return (long)len;
}
