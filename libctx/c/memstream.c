/* SPDX-License-Identifier: MIT */
/*
 * What picolibc's <stdio.h> lacks of POSIX 2008: dprintf, and open_memstream, a stream that is
 * written into memory. The buffer grows by half; it always ends in a 0 that does not count, and
 * what the caller sees of it is so after fflush and fclose.
 */
#define _GNU_SOURCE
#include "glue.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int vdprintf(int fd, const char *restrict format, va_list args)
{
    char *text = NULL;
    int len = vasprintf(&text, format, args);
    int done = 0;
    while (done < len) {
        ssize_t count = write(fd, text + done, (size_t)(len - done));
        if (count <= 0) {
            break;
        }
        done += (int)count;
    }
    free(text);
    return done == len ? len : -1;
}

int dprintf(int fd, const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vdprintf(fd, format, args);
    va_end(args);
    return len;
}

struct memory {
    struct __file_ext ext; /* first: picolibc's */
    char **bytes;          /* the caller's, */
    size_t *len;           /* set by fflush and fclose */
    char *buffer;
    size_t room, at, end; /* without the 0 */
};

/* Room for so many bytes and a 0; what lies between the end and there is 0. */
static bool make_room(struct memory *m, size_t need)
{
    if (need >= m->room) {
        size_t room = need + need / 2 + 64;
        char *more = room > need ? realloc(m->buffer, room) : NULL;
        if (more == NULL) {
            errno = ENOMEM;
            return false;
        }
        memset(more + m->room, 0, room - m->room);
        m->buffer = more;
        m->room = room;
    }
    return true;
}

static int put(char c, FILE *file)
{
    struct memory *m = (struct memory *)file;
    if (!make_room(m, m->at + 1)) {
        file->flags |= __SERR;
        return _FDEV_ERR;
    }
    m->buffer[m->at++] = c;
    m->end = m->at > m->end ? m->at : m->end;
    return (unsigned char)c;
}

static int flush(FILE *file)
{
    struct memory *m = (struct memory *)file;
    *m->bytes = m->buffer;
    *m->len = m->at < m->end ? m->at : m->end;
    return 0;
}

static __off_t seek(FILE *file, __off_t offset, int whence)
{
    struct memory *m = (struct memory *)file;
    __off_t from = whence == SEEK_SET ? 0 : (__off_t)(whence == SEEK_CUR ? m->at : m->end);
    if ((whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) ||
        (offset < 0 ? from + offset < 0 : offset > PTRDIFF_MAX - from)) {
        errno = EINVAL;
        return -1;
    }
    m->at = (size_t)(from + offset);
    return (__off_t)m->at;
}

static int close_it(FILE *file)
{
    flush(file);
    free(file);
    return 0;
}

/* There is no buffer beside the one. */
static int set_buffer(FILE *file, char *buffer, int mode, size_t size)
{
    (void)file;
    (void)buffer;
    (void)mode;
    (void)size;
    return 0;
}

FILE *open_memstream(char **bytes, size_t *len)
{
    struct memory *m = bytes != NULL && len != NULL ? calloc(1, sizeof *m) : NULL;
    if (m == NULL) {
        errno = bytes == NULL || len == NULL ? EINVAL : ENOMEM;
        return NULL;
    }
    *m = (struct memory){.ext = FDEV_SETUP_EXT(put, NULL, flush, close_it, seek, set_buffer, __SWR),
                         .bytes = bytes,
                         .len = len};
    if (!make_room(m, 0)) {
        free(m);
        return NULL;
    }
    flush(&m->ext.cfile.file);
    return &m->ext.cfile.file;
}
