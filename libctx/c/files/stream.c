/* SPDX-License-Identifier: MIT */
/*
 * fopen and its relatives: stream.h. A buffer holds what was read ahead, or what is still to be
 * written; between the two lies a seek, or a flush, as C wants it, but nothing breaks if it does
 * not. Bytes that could not be written stay, for the next try.
 */
#include "stream.h"
#include "../glue.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct ctx_c_stream *all;

static void get_buffer(struct ctx_c_stream *s)
{
    if (s->buffer == NULL && s->mode != _IONBF) {
        s->room = s->room != 0 ? s->room : CTX_C_STREAM_ROOM;
        s->buffer = malloc(s->room);
        s->own = s->buffer != NULL;
    }
    if (s->buffer == NULL) {
        s->buffer = &s->one;
        s->room = 1;
    }
}

/* All that waits; what does not get out stays in front. */
static int write_out(struct ctx_c_stream *s)
{
    size_t done = 0;
    while (done < s->len) {
        ssize_t count = write(s->fd, s->buffer + done, s->len - done);
        if (count <= 0) {
            break;
        }
        done += (size_t)count;
    }
    s->len -= done;
    memmove(s->buffer, s->buffer + done, s->len);
    return s->len == 0 ? 0 : _FDEV_ERR;
}

/* What was read ahead goes back to the descriptor, where that is possible. */
static void unread(struct ctx_c_stream *s)
{
    if (s->len > s->at) {
        int kept = errno;
        lseek(s->fd, (off_t)s->at - (off_t)s->len, SEEK_CUR);
        errno = kept;
    }
    s->len = s->at = 0;
}

static int flush(FILE *file)
{
    struct ctx_c_stream *s = (struct ctx_c_stream *)file;
    int result = 0;
    if (s->doing == CTX_C_STREAM_WRITES) {
        result = write_out(s);
        file->flags |= result != 0 ? __SERR : 0;
    } else if (s->doing == CTX_C_STREAM_READS) {
        unread(s);
    }
    return result != 0 ? EOF : 0;
}

/* False: there is something that can not be written. */
static bool turn_to(struct ctx_c_stream *s, uint8_t doing)
{
    if (s->doing != doing) {
        if (flush(&s->ext.cfile.file) != 0) {
            return false;
        }
        get_buffer(s);
        s->len = s->at = 0;
        s->doing = doing;
    }
    return true;
}

int ctx_c_stream_put(char c, FILE *file)
{
    struct ctx_c_stream *s = (struct ctx_c_stream *)file;
    if (!turn_to(s, CTX_C_STREAM_WRITES) || (s->len == s->room && write_out(s) != 0)) {
        file->flags |= __SERR;
        return _FDEV_ERR;
    }
    s->buffer[s->len++] = c;
    bool now = s->room == 1 || (c == '\n' && s->mode == _IOLBF);
    if (now && write_out(s) != 0) {
        file->flags |= __SERR;
        return _FDEV_ERR;
    }
    return (uint8_t)c;
}

/* Bytes there are; 0 at the end, negative: an error. */
static ssize_t fill(struct ctx_c_stream *s)
{
    if (!turn_to(s, CTX_C_STREAM_READS)) {
        return -1;
    }
    if (s->at == s->len) {
        s->at = s->len = 0;
        ssize_t count = read(s->fd, s->buffer, s->room);
        s->len = count > 0 ? (size_t)count : 0;
        return count;
    }
    return (ssize_t)(s->len - s->at);
}

static int get(FILE *file)
{
    struct ctx_c_stream *s = (struct ctx_c_stream *)file;
    if (s->doing != CTX_C_STREAM_READS || s->at == s->len) {
        ssize_t there = fill(s);
        if (there <= 0) {
            return there == 0 ? _FDEV_EOF : _FDEV_ERR;
        }
    }
    return (uint8_t)s->buffer[s->at++];
}

size_t ctx_c_stream_read(struct ctx_c_stream *s, void *to, size_t len)
{
    FILE *file = &s->ext.cfile.file;
    size_t done = 0;
    if (len > 0 && file->unget != 0) {
        *(char *)to = (char)(file->unget - 1);
        file->unget = 0;
        done = 1;
    }
    while (done < len) {
        ssize_t there = turn_to(s, CTX_C_STREAM_READS) ? (ssize_t)(s->len - s->at) : -1;
        if (there == 0 && len - done >= s->room) { /* past the buffer */
            there = read(s->fd, (char *)to + done, len - done);
            done += there > 0 ? (size_t)there : 0;
        } else if (there == 0) {
            there = fill(s);
        } else if (there > 0) {
            size_t count = (size_t)there < len - done ? (size_t)there : len - done;
            memcpy((char *)to + done, s->buffer + s->at, count);
            s->at += count;
            done += count;
        }
        if (there <= 0) {
            file->flags |= there == 0 ? __SEOF : __SERR;
            break;
        }
    }
    return done;
}

/* By line: all that ends in one goes out, the rest waits. */
static size_t write_lines(struct ctx_c_stream *s, const char *bytes, size_t len)
{
    size_t lines = len;
    while (lines > 0 && bytes[lines - 1] != '\n') {
        lines--;
    }
    s->mode = _IOFBF;
    size_t done = ctx_c_stream_write(s, bytes, lines);
    if (done == lines && (lines == 0 || flush(&s->ext.cfile.file) == 0)) {
        done += ctx_c_stream_write(s, bytes + lines, len - lines);
    }
    s->mode = _IOLBF;
    return done;
}

size_t ctx_c_stream_write(struct ctx_c_stream *s, const void *from, size_t len)
{
    FILE *file = &s->ext.cfile.file;
    const char *bytes = from;
    size_t done = 0;
    if (s->mode == _IOLBF) {
        return write_lines(s, bytes, len);
    }
    bool fine = turn_to(s, CTX_C_STREAM_WRITES);
    while (fine && done < len) {
        size_t count = s->room - s->len < len - done ? s->room - s->len : len - done;
        if (s->len == 0 && len - done >= s->room) { /* past the buffer */
            ssize_t written = write(s->fd, bytes + done, len - done);
            fine = written > 0;
            done += fine ? (size_t)written : 0;
        } else if (count == 0) {
            fine = write_out(s) == 0;
        } else {
            memcpy(s->buffer + s->len, bytes + done, count);
            s->len += count;
            done += count;
        }
    }
    file->flags |= fine ? 0 : __SERR;
    return done;
}

static __off_t seek(FILE *file, __off_t offset, int whence)
{
    struct ctx_c_stream *s = (struct ctx_c_stream *)file;
    if (offset == 0 && whence == SEEK_CUR) { /* ftell: nothing moves */
        off_t at =
            lseek(s->fd, 0,
                  s->append && s->doing == CTX_C_STREAM_WRITES && s->len > 0 ? SEEK_END : SEEK_CUR);
        off_t held = s->doing == CTX_C_STREAM_WRITES ? (off_t)s->len : (off_t)s->at - (off_t)s->len;
        return at < 0 ? at : at + held;
    }
    if (flush(file) != 0) {
        return -1;
    }
    return lseek(s->fd, offset, whence);
}

static int set_buffer(FILE *file, char *buffer, int mode, size_t size)
{
    struct ctx_c_stream *s = (struct ctx_c_stream *)file;
    if (mode != _IOFBF && mode != _IOLBF && mode != _IONBF) {
        errno = EINVAL;
        return -1;
    }
    if (flush(file) != 0) {
        return -1;
    }
    if (s->own) {
        free(s->buffer);
    }
    s->own = false;
    s->mode = (uint8_t)mode;
    s->buffer = mode != _IONBF && size > 0 ? buffer : NULL;
    s->room = mode != _IONBF ? size : 0;
    s->doing = CTX_C_STREAM_IDLE;
    return 0;
}

static void forget(const struct ctx_c_stream *s)
{
    struct ctx_c_stream **at = &all;
    while (*at != NULL && *at != s) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = s->next;
    }
}

static int close_it(FILE *file)
{
    struct ctx_c_stream *s = (struct ctx_c_stream *)file;
    int result = flush(file);
    forget(s);
    if (close(s->fd) != 0) {
        result = EOF;
    }
    if (s->own) {
        free(s->buffer);
    }
    free(s);
    return result;
}

int ctx_c_streams_flush(void)
{
    int result = 0;
    for (struct ctx_c_stream *s = all; s != NULL; s = s->next) {
        if (s->doing == CTX_C_STREAM_WRITES && flush(&s->ext.cfile.file) != 0) {
            result = EOF;
        }
    }
    return result;
}

/* The lowest priority there is: what atexit functions write gets out too. */
__attribute__((destructor(101))) static void at_exit(void)
{
    ctx_c_streams_flush();
}

/* Of "r+b" and its like; 0 and EINVAL: of nothing. */
static uint8_t flags_of(const char *mode, int *flags)
{
    static const struct {
        char letter;
        uint8_t stream;
        int open;
    } kinds[] = {{'r', __SRD, O_RDONLY},
                 {'w', __SWR, O_WRONLY | O_CREAT | O_TRUNC},
                 {'a', __SWR, O_WRONLY | O_CREAT | O_APPEND}};
    uint8_t result = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (mode[0] == kinds[i].letter) {
            result = kinds[i].stream;
            *flags = kinds[i].open;
        }
    }
    for (const char *c = mode + 1; result != 0 && *c != 0 && *c != ','; c++) {
        if (*c == '+') {
            result = __SRD | __SWR;
            *flags = (*flags & ~O_ACCMODE) | O_RDWR;
        } else if (*c == 'x' && mode[0] == 'w') {
            *flags |= O_EXCL;
        } else if (*c == 'e') {
            *flags |= O_CLOEXEC;
        }
    }
    errno = result == 0 ? EINVAL : errno;
    return result;
}

static FILE *make(int fd, uint8_t flags, bool append)
{
    struct ctx_c_stream *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    *s = (struct ctx_c_stream){
        .ext = FDEV_SETUP_EXT(ctx_c_stream_put, get, flush, close_it, seek, set_buffer, flags),
        .next = all,
        .fd = fd,
        .mode = isatty(fd) ? _IOLBF : _IOFBF,
        .append = append};
    if (append && (flags & __SRD) == 0) {
        int kept = errno;
        lseek(fd, 0, SEEK_END); /* for ftell() */
        errno = kept;
    }
    all = s;
    return &s->ext.cfile.file;
}

FILE *fdopen(int fd, const char *mode)
{
    int flags = 0, kept = errno;
    uint8_t stream = flags_of(mode, &flags);
    const struct ctx_c_file *file = ctx_c_file_of(fd);
    if (stream == 0) {
        return NULL;
    }
    if (file == NULL) {
        errno = EBADF;
        return NULL;
    }
    int has = file->flags & O_ACCMODE;
    if (((stream & __SRD) != 0 && has == O_WRONLY) || ((stream & __SWR) != 0 && has == O_RDONLY)) {
        errno = EINVAL;
        return NULL;
    }
    if ((flags & O_APPEND) != 0) {
        fcntl(fd, F_SETFL, file->flags | O_APPEND);
    }
    errno = kept;
    FILE *made = make(fd, stream, (flags & O_APPEND) != 0);
    errno = made != NULL ? kept : errno;
    return made;
}

FILE *fopen(const char *restrict path, const char *restrict mode)
{
    int flags = 0, kept = errno;
    uint8_t stream = flags_of(mode, &flags);
    int fd = stream != 0 ? open(path, flags, 0666) : -1;
    FILE *file = fd >= 0 ? make(fd, stream, (flags & O_APPEND) != 0) : NULL;
    if (file == NULL && fd >= 0) {
        close(fd);
        errno = ENOMEM;
    } else if (file != NULL) {
        errno = kept;
    }
    return file;
}

/* The same FILE over another file; stdin, stdout and stderr keep their descriptors. */
FILE *freopen(const char *restrict path, const char *restrict mode, FILE *restrict file)
{
    int flags = 0;
    uint8_t stream = flags_of(mode, &flags);
    struct ctx_c_stream *s = ctx_c_stream_of(file);
    int fd = s != NULL ? s->fd : fileno(file);
    if (stream == 0 || fd < 0) {
        return NULL;
    }
    if (path == NULL) {
        errno = EBADF; /* another mode for the same file: C leaves which there are to us */
        return NULL;
    }
    fflush(file);
    int other = open(path, flags, 0666);
    if (other < 0 || dup2(other, fd) < 0) {
        int kept = errno;
        if (other >= 0) {
            close(other);
        }
        fclose(file);
        errno = kept;
        return NULL;
    }
    close(other);
    file->flags = (uint8_t)((file->flags & ~(__SRD | __SWR | __SERR | __SEOF)) | stream);
    file->unget = 0;
    if (s != NULL) {
        s->doing = CTX_C_STREAM_IDLE;
        s->len = s->at = 0;
        s->append = (flags & O_APPEND) != 0;
    }
    return file;
}
