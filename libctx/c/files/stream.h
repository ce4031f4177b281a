/* SPDX-License-Identifier: MIT */
/*
 * Streams over descriptors: what fopen() returns. picolibc's stdio calls put, get, flush, close and
 * seek of any FILE; what it has for descriptors itself (bufio.c) sets all of a stream's flags when
 * a write fails, forgets streams at exit and knows no mode "x". Functions that go by more than a
 * byte (fread, fwrite) ask is_stream(), which is false where nobody has opened any.
 */
#ifndef CTX_C_STREAM_H
#define CTX_C_STREAM_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#define CTX_C_STREAM_ROOM 4096

struct ctx_c_stream {
    struct __file_ext ext; /* first: picolibc's */
    struct ctx_c_stream *next;
    int fd;
    uint8_t doing; /* CTX_C_STREAM_* */
    uint8_t mode;  /* _IOFBF ... */
    bool own;      /* buffer is malloc's */
    bool append;
    char *buffer; /* NULL: not yet */
    size_t room;
    size_t len; /* read: bytes in it; written: bytes that wait */
    size_t at;  /* read: the next one */
    char one;   /* a buffer for whoever wants none, or when memory is short */
};
#define CTX_C_STREAM_IDLE   0
#define CTX_C_STREAM_READS  1
#define CTX_C_STREAM_WRITES 2

/* Weak: those who ask do not want stream.c linked. */
__attribute__((weak)) int ctx_c_stream_put(char c, FILE *file);
__attribute__((weak)) size_t ctx_c_stream_read(struct ctx_c_stream *s, void *to, size_t len);
__attribute__((weak)) size_t ctx_c_stream_write(struct ctx_c_stream *s, const void *from,
                                                size_t len);
__attribute__((weak)) int ctx_c_streams_flush(void); /* of all that write */

/* One of ours; NULL. */
static inline struct ctx_c_stream *ctx_c_stream_of(FILE *file)
{
    bool ours = &ctx_c_stream_put != NULL && file->put == ctx_c_stream_put;
    return ours ? (struct ctx_c_stream *)file : NULL;
}

#endif
