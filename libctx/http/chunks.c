/* SPDX-License-Identifier: MIT */
/* Bodies in chunks, RFC 9112, 7.1. */
#include "http_private.h"

#define LINE_MOST    256  /* a size with its extensions, which nobody uses */
#define TRAILER_MOST 4096 /* fields behind the last chunk, which nobody reads */

enum { SIZE, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, LINE, FIELD, FIELD_LF, END_LF, ENDED };

/* A character that is no data. False: it may not stand there. */
static bool step(struct ctx_http_chunks *chunks, char c)
{
    switch (chunks->state) {
    case SIZE: {
        int digit = http_hex(c);
        if (digit >= 0) {
            if (chunks->count++ >= 15) {
                return false; /* more than there is room for in a number */
            }
            chunks->left = chunks->left << 4 | (uint64_t)digit;
            return chunks->left <= CTX_HTTP_LENGTH_MOST;
        }
        if (chunks->count == 0) {
            return false;
        }
        chunks->state = c == ';' ? EXTENSION : SIZE_LF;
        return c == ';' || c == '\r';
    }
    case EXTENSION:
        if (c == '\r') {
            chunks->state = SIZE_LF;
            return true;
        }
        return ++chunks->count <= LINE_MOST && (c >= ' ' || c == '\t') && c != 0x7f;
    case SIZE_LF:
        chunks->state = chunks->left > 0 ? DATA : LINE;
        return c == '\n';
    case DATA_CR:
        chunks->state = DATA_LF;
        return c == '\r';
    case DATA_LF:
        chunks->state = SIZE;
        chunks->count = 0;
        return c == '\n';
    case LINE: /* a field, or the empty line */
        if (c == '\r') {
            chunks->state = END_LF;
            return true;
        }
        chunks->state = FIELD;
        return http_is_token(c);
    case FIELD:
        if (c == '\r') {
            chunks->state = FIELD_LF;
            return true;
        }
        return ++chunks->trailer <= TRAILER_MOST && ((uint8_t)c >= ' ' || c == '\t') && c != 0x7f;
    case FIELD_LF:
        chunks->state = LINE;
        return c == '\n';
    case END_LF:
        chunks->state = ENDED;
        return c == '\n';
    default:
        return false;
    }
}

int ctx_http_unchunk(struct ctx_http_chunks *chunks, const char *bytes, size_t len,
                     const char **body, size_t *body_len, bool *ended)
{
    size_t at = 0;
    *body = NULL;
    *body_len = 0;
    while (at < len && chunks->state != ENDED) {
        if (chunks->state != DATA) {
            if (!step(chunks, bytes[at++])) {
                return -400;
            }
            continue;
        }
        size_t part = chunks->left < len - at ? (size_t)chunks->left : len - at;
        *body = bytes + at;
        *body_len = part;
        at += part;
        chunks->left -= part;
        if (chunks->left == 0) {
            chunks->state = DATA_CR;
        }
        break;
    }
    *ended = chunks->state == ENDED;
    return (int)at;
}
