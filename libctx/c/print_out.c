/* SPDX-License-Identifier: MIT */
/* Where the bytes of printf go: to a stream in pieces, or at once to where they are wanted. */
#include "files/stream.h"
#include "print_private.h"

#include <string.h>

void ctx_c_print_out(struct out *out)
{
    size_t len = (size_t)(out->next - out->held), done = 0;
    ctx_c_print_hold(out);
    if (out->file == NULL) {
        return; /* the text is full: the rest is only counted */
    }
    struct ctx_c_stream *stream = ctx_c_stream_of(out->file);
    if (stream != NULL) {
        done = ctx_c_stream_write(stream, out->held, len);
    } else {
        while (done < len && out->file->put(out->held[done], out->file) >= 0) {
            done++;
        }
    }
    out->failed |= done < len;
}

void ctx_c_print_bytes(struct out *out, const char *text, size_t len)
{
    while (len > 0 && !out->failed) {
        size_t room = (size_t)(out->end - out->next);
        size_t part = len < room ? len : room;
        if (part < 16) { /* most are: a call of memcpy() takes longer */
            for (size_t i = 0; i < part; i++) {
                out->next[i] = text[i];
            }
        } else {
            memcpy(out->next, text, part);
        }
        out->next += part;
        out->count += (int64_t)part;
        text += part;
        len -= part;
        if (part == room) {
            ctx_c_print_out(out);
        }
    }
}

void ctx_c_print_many(struct out *out, char c, size_t count)
{
    while (count > 0 && !out->failed) {
        size_t room = (size_t)(out->end - out->next);
        size_t part = count < room ? count : room;
        memset(out->next, c, part);
        out->next += part;
        out->count += (int64_t)part;
        count -= part;
        if (part == room) {
            ctx_c_print_out(out);
        }
    }
}
