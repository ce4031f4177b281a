/* SPDX-License-Identifier: MIT */
/*
 * Functions of stdio that move bytes, or a stream's place. Streams of fopen() move what they can in
 * one piece (files/stream.h), all others byte by byte. Whoever may not read or write sets the
 * stream's error and EBADF.
 */
#include "files/stream.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Names that the header has as macros too. */
#undef getc
#undef getc_unlocked
#undef putc
#undef putc_unlocked

static bool may(FILE *file, uint8_t flag)
{
    if ((file->flags & flag) == 0) {
        file->flags |= __SERR;
        errno = EBADF;
    }
    return (file->flags & flag) != 0;
}

int fgetc(FILE *file)
{
    struct ctx_c_stream *s = ctx_c_stream_of(file);
    if (file->unget != 0) {
        uint8_t c = (uint8_t)(file->unget - 1);
        file->unget = 0;
        return c;
    }
    if (s != NULL && s->doing == CTX_C_STREAM_READS && s->at < s->len) {
        return (uint8_t)s->buffer[s->at++];
    }
    if (!may(file, __SRD)) {
        return EOF;
    }
    int c = file->get(file);
    if (c < 0) {
        file->flags |= c == _FDEV_ERR ? __SERR : __SEOF;
        return EOF;
    }
    return (uint8_t)c;
}

int getc(FILE *file) __attribute__((alias("fgetc")));
int getc_unlocked(FILE *file) __attribute__((alias("fgetc")));

int fputc(int c, FILE *file)
{
    if (!may(file, __SWR)) {
        return EOF;
    }
    if (file->put((char)c, file) < 0) {
        file->flags |= __SERR;
        return EOF;
    }
    return (uint8_t)c;
}

int putc(int c, FILE *file) __attribute__((alias("fputc")));
int putc_unlocked(int c, FILE *file) __attribute__((alias("fputc")));

/* One that stops behind an end of line copies what lies in the buffer at once. */
char *fgets(char *restrict to, int room, FILE *restrict file)
{
    struct ctx_c_stream *s = ctx_c_stream_of(file);
    uint8_t before = file->flags & __SERR;
    int len = 0, c = 0;
    file->flags &= (uint8_t)~__SERR;
    while (len < room - 1 && c != '\n') {
        if (s != NULL && file->unget == 0 && s->doing == CTX_C_STREAM_READS && s->at < s->len) {
            size_t most = s->len - s->at < (size_t)(room - 1 - len) ? s->len - s->at
                                                                    : (size_t)(room - 1 - len);
            char *end = memccpy(to + len, s->buffer + s->at, '\n', most);
            size_t count = end != NULL ? (size_t)(end - to) - (size_t)len : most;
            s->at += count;
            len += (int)count;
            c = end != NULL ? '\n' : 0;
        } else {
            c = fgetc(file);
            if (c == EOF) {
                break;
            }
            to[len++] = (char)c;
        }
    }
    bool failed = room <= 0 || (c == EOF && (len == 0 || ferror(file)));
    file->flags |= before;
    if (failed) {
        return NULL;
    }
    to[len] = 0;
    return to;
}

int fputs(const char *restrict text, FILE *restrict file)
{
    size_t len = strlen(text);
    return fwrite(text, 1, len, file) == len ? 0 : EOF;
}

size_t fread(void *restrict to, size_t size, size_t count, FILE *restrict file)
{
    struct ctx_c_stream *s = ctx_c_stream_of(file);
    size_t len;
    if (__builtin_mul_overflow(size, count, &len)) {
        errno = EOVERFLOW;
        return 0;
    }
    if (len == 0 || !may(file, __SRD)) {
        return 0;
    }
    if (s != NULL) {
        return ctx_c_stream_read(s, to, len) / size;
    }
    for (size_t i = 0; i < len; i++) {
        int c = fgetc(file);
        if (c == EOF) {
            return i / size;
        }
        ((uint8_t *)to)[i] = (uint8_t)c;
    }
    return count;
}

size_t fwrite(const void *restrict from, size_t size, size_t count, FILE *restrict file)
{
    struct ctx_c_stream *s = ctx_c_stream_of(file);
    size_t len;
    if (__builtin_mul_overflow(size, count, &len)) {
        errno = EOVERFLOW;
        return 0;
    }
    if (len == 0 || !may(file, __SWR)) {
        return 0;
    }
    if (s != NULL) {
        return ctx_c_stream_write(s, from, len) / size;
    }
    for (size_t i = 0; i < len; i++) {
        if (file->put(((const char *)from)[i], file) < 0) {
            file->flags |= __SERR;
            return i / size;
        }
    }
    return count;
}

static __off_t place(FILE *file, __off_t offset, int whence)
{
    struct __file_ext *ext = (struct __file_ext *)file;
    if ((file->flags & __SEXT) == 0 || ext->seek == NULL) {
        errno = ESPIPE;
        return -1;
    }
    return ext->seek(file, offset, whence);
}

int fseeko(FILE *file, __off_t offset, int whence)
{
    if (whence == SEEK_CUR && file->unget != 0) {
        offset--; /* what was put back is read already, and counts as not */
    }
    if (place(file, offset, whence) < 0) {
        return -1;
    }
    file->unget = 0;
    file->flags &= (uint8_t)~__SEOF;
    return 0;
}

int fseek(FILE *file, long offset, int whence)
{
    return fseeko(file, offset, whence);
}

__off_t ftello(FILE *file)
{
    __off_t at = place(file, 0, SEEK_CUR);
    return at > 0 && file->unget != 0 ? at - 1 : at;
}

long ftell(FILE *file)
{
    return ftello(file);
}
