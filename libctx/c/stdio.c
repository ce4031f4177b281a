/* SPDX-License-Identifier: MIT */
/*
 * stdout and stderr. To a stream of ctx.terminal/1 they go byte for byte: lines to a terminal, else
 * blocks, stderr at once. Without one they are the log, which takes lines, so both collect one
 * each; a line that does not fit is cut between two characters and goes on in the next. stdin is in
 * stdin.c.
 */
#include "files/stream.h"
#include "glue.h"

#include <ctx/c.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#include <wchar.h>

#define LINE  512u  /* of the log */
#define BLOCK 4096u /* of a stream */

enum mode {
    MODE_UNKNOWN,
    MODE_LOG,
    MODE_LINES, /* the others go to a stream of ctx.terminal/1 */
    MODE_BLOCKS,
    MODE_BYTES,
};

struct output {
    struct __file_ext file; /* first: a FILE */
    int fd;
    uint32_t level;
    enum mode mode, asked; /* by setvbuf() */
    uint32_t opened;       /* ctx_c_streams_opened when the mode was found out */
    bool held;             /* in the middle of a printf(): that is one write */
    uint32_t len;
    char text[BLOCK];
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

/* ---- to a stream ---- */

static void write_log(struct output *out)
{
    char text[BLOCK];
    uint32_t len = out->len;
    memcpy(text, out->text, len);
    out->len = 0;
    for (uint32_t i = 0; i < len; i++) {
        put_byte(out, text[i]);
    }
}

/* All that is there. -1 and errno: it is lost. */
static int write_out(struct output *out)
{
    uint32_t len = out->len;
    long moved = 0;
    for (uint32_t at = 0; at < len && moved >= 0; at += (uint32_t)moved) {
        moved = ctx_c_terminal_write(out->fd, out->text + at, len - at);
        if (moved == -2) { /* nobody has streams for us any more */
            out->len = len - at;
            memmove(out->text, out->text + at, out->len);
            out->mode = MODE_LOG;
            write_log(out);
            return 0;
        }
    }
    out->len = 0;
    if (moved < 0) {
        out->file.cfile.file.flags |= __SERR;
        return -1;
    }
    return 0;
}

/* What it goes to may be another thing since the app was restored, or there was nothing so far. */
static void find_mode(struct output *out)
{
    if (out->mode > MODE_LOG && out->opened == ctx_c_streams_opened) {
        return;
    }
    out->mode = MODE_LOG;
    if (!ctx_c_has_streams()) {
        return;
    }
    uint32_t kind = ctx_c_kind(out->fd);
    out->opened = ctx_c_streams_opened;
    out->mode = out->asked != MODE_UNKNOWN    ? out->asked
                : out->fd == STDERR_FILENO    ? MODE_BYTES
                : kind == CTX_STREAM_TERMINAL ? MODE_LINES
                                              : MODE_BLOCKS;
}

static int flush(FILE *file)
{
    struct output *out = (struct output *)file;
    if (out->len > 0 && out->mode > MODE_LOG) {
        return write_out(out);
    }
    if (out->len > 0) {
        ctx_c_line(out->level, out->text, out->len);
        out->len = 0;
    }
    return 0;
}

long (*ctx_c_redirect)(int fd, const void *from, size_t len);

static int put(char c, FILE *file)
{
    struct output *out = (struct output *)file;
    if (ctx_c_redirect != NULL) {
        long moved = ctx_c_redirect(out->fd, &c, 1);
        if (moved != -2) {
            return moved == 1 ? (uint8_t)c : _FDEV_ERR;
        }
    }
    if (out->len == 0) {
        find_mode(out);
    }
    if (out->mode == MODE_LOG) {
        put_byte(out, c);
        return (uint8_t)c;
    }
    out->text[out->len++] = c;
    bool full = out->len == BLOCK || (out->mode == MODE_BYTES && !out->held) ||
                (out->mode == MODE_LINES && c == '\n');
    return full && write_out(out) != 0 ? _FDEV_ERR : (uint8_t)c;
}

static off_t seek(FILE *file, off_t offset, int whence)
{
    (void)file;
    (void)offset;
    (void)whence;
    errno = ESPIPE;
    return -1;
}

/* A block of the program's own is not needed. */
static int set_buffer(FILE *file, char *block, int mode, size_t size)
{
    static const enum mode modes[] = {
        [_IOFBF] = MODE_BLOCKS, [_IOLBF] = MODE_LINES, [_IONBF] = MODE_BYTES};
    struct output *out = (struct output *)file;
    (void)block;
    (void)size;
    if (mode < 0 || mode > _IONBF || flush(file) != 0) {
        return -1;
    }
    out->asked = modes[mode];
    out->mode = MODE_UNKNOWN;
    return 0;
}

static struct output output = {
    .file = FDEV_SETUP_EXT(put, NULL, flush, flush, seek, set_buffer, _FDEV_SETUP_WRITE),
    .fd = STDOUT_FILENO,
    .level = CTX_LOG_INFO};
static struct output errors = {
    .file = FDEV_SETUP_EXT(put, NULL, flush, flush, seek, set_buffer, _FDEV_SETUP_WRITE),
    .fd = STDERR_FILENO,
    .level = CTX_LOG_WARN};

FILE *const stdout = &output.file.cfile.file;
FILE *const stderr = &errors.file.cfile.file;

void ctx_c_print_begin(FILE *file)
{
    errors.held |= file == stderr;
}

void ctx_c_print_end(FILE *file)
{
    if (file == stderr) {
        errors.held = false;
        if (errors.mode == MODE_BYTES) {
            flush(file);
        }
    }
}

/* Of all streams, if none is named. */
int fflush(FILE *file)
{
    if (file == NULL) {
        ctx_c_flush();
        return &ctx_c_streams_flush != NULL ? ctx_c_streams_flush() : 0;
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
    const struct ctx_c_stream *s = ctx_c_stream_of(file);
    if (s != NULL) {
        return s->fd;
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

void ctx_c_flush_lines(void)
{
    if (output.mode == MODE_LINES || output.mode == MODE_LOG) {
        flush(stdout);
    }
    flush(stderr);
}

void ctx_c_flush_log(void)
{
    if (output.mode <= MODE_LOG) {
        flush(stdout);
    }
    if (errors.mode <= MODE_LOG) {
        flush(stderr);
    }
}

/* Behind all that exit() calls: the last there is. */
__attribute__((destructor(101))) static void flush_at_exit(void)
{
    ctx_c_flush();
}

/* By the descriptor: nothing is kept. */
long ctx_c_write(int fd, const void *from, size_t len)
{
    const char *bytes = from;
    if (ctx_c_has_streams()) {
        long moved = ctx_c_terminal_write(fd, from, len);
        if (moved != -2) {
            return moved;
        }
    }
    for (size_t i = 0; i < len; i++) {
        put_byte(fd == STDOUT_FILENO ? &output : &errors, bytes[i]);
    }
    return (long)len;
}
