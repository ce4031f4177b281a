/* SPDX-License-Identifier: MIT */
/* Characters and texts as scanf reads them. */
#include "scan_private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts that grow ---- */

void ctx_c_grow(struct text *t, const void *bytes, size_t len)
{
    if (t->room - t->len < len && !t->failed) {
        size_t room = t->room * 2 + len;
        char *bigger = malloc(room);
        if (bigger == NULL) {
            t->failed = true;
            return;
        }
        memcpy(bigger, t->bytes, t->len);
        if (t->bytes != t->own) {
            free(t->bytes);
        }
        t->bytes = bigger;
        t->room = room;
    }
    if (!t->failed) {
        memcpy(t->bytes + t->len, bytes, len);
        t->len += len;
    }
}

void ctx_c_grow_start(struct text *t)
{
    t->bytes = t->own;
    t->len = 0;
    t->room = sizeof t->own;
    t->failed = false;
}

void ctx_c_grow_end(struct text *t)
{
    if (t->bytes != t->own) {
        free(t->bytes);
    }
}

/* ---- characters and texts ---- */

/* Characters on their way to the app: into its memory, or with m into a block that grows. */
struct target {
    char *to; /* NULL: nobody wants them */
    bool allocate;
    bool wide; /* it wants wchar_t */
    struct text text;
    mbstate_t state;
};

static void deliver(struct target *t, const void *bytes, size_t len)
{
    if (t->allocate) {
        ctx_c_grow(&t->text, bytes, len);
    } else if (t->to != NULL) {
        memcpy(t->to, bytes, len);
        t->to += len;
    }
}

/* One character of the input, narrow or wide; false: that is none in this locale. */
static bool give(struct target *t, const struct in *in, int32_t c)
{
    char bytes[MB_LEN_MAX] = {(char)c};
    if (in->wide == t->wide) {
        if (t->wide) {
            deliver(t, &c, sizeof c);
        } else {
            deliver(t, bytes, 1);
        }
        return true;
    }
    if (t->wide) {
        wchar_t wide = 0;
        size_t n = mbrtowc(&wide, bytes, 1, &t->state);
        if (n == (size_t)-2) {
            return true; /* the next byte belongs to it */
        }
        if (n <= 1) {
            deliver(t, &wide, sizeof wide);
        }
        return n <= 1;
    }
    size_t n = wcrtomb(bytes, (wchar_t)c, &t->state);
    if (n <= MB_LEN_MAX) {
        deliver(t, bytes, n);
    }
    return n <= MB_LEN_MAX;
}

/* A hyphen stands for itself where it can not mean a range: first, last, behind a greater
 * character. What ends one range may begin another ("a-c-e"); if it is a hyphen, that is so in
 * narrow formats only, as in glibc. */
static bool in_set(const struct ctx_c_walk *s, const struct spec *spec, uint32_t c)
{
    size_t i = spec->set;
    do {
        uint32_t one = ctx_c_at(s, i);
        uint32_t up = ctx_c_at(s, i + 1);
        if (one == '-' && i > spec->set && up != ']' && ctx_c_at(s, i - 1) <= up) {
            if (c >= ctx_c_at(s, i - 1) && c <= up) {
                return true;
            }
            i += s->wide;
        } else if (one == c) {
            return true;
        }
        i++;
    } while (ctx_c_at(s, i) != ']');
    return false;
}

/* One character of a multibyte sequence is as long as its bytes: a width counts whole characters of
 * what is stored. */
static bool is_whole(const struct target *t)
{
    return mbsinit(&t->state) != 0;
}

enum outcome ctx_c_scan_text(struct in *in, const struct ctx_c_walk *s, struct spec *spec, void *to)
{
    struct target t = {.to = spec->allocate ? NULL : to,
                       .allocate = spec->allocate && to != NULL,
                       .wide = spec->length == LENGTH_LONG};
    uint32_t kind = spec->conversion;
    int64_t left = spec->width < 0 ? (kind == 'c' ? 1 : INT64_MAX) : spec->width;
    int32_t c = kind == 's' ? ctx_c_scan_skip(in) : ctx_c_scan_next(in);
    enum outcome outcome = c == END ? NO_INPUT : DONE;
    bool any = false;
    ctx_c_grow_start(&t.text);
    while (outcome == DONE && c != END) {
        bool fits = kind == 'c' || (kind == 's' ? !ctx_c_scan_is_blank(in, c)
                                                : in_set(s, spec, (uint32_t)c) != spec->negated);
        if (!fits) {
            ctx_c_scan_back(in, c);
            break;
        }
        any = true;
        if (!give(&t, in, c)) {
            errno = EILSEQ;
            outcome = MISMATCH;
        }
        left -= is_whole(&t);
        c = outcome == DONE && left > 0 ? ctx_c_scan_next(in) : END;
    }
    if (outcome == DONE && !is_whole(&t)) {
        errno = EILSEQ;
        outcome = MISMATCH;
    } else if (outcome == DONE && !any) {
        outcome = MISMATCH;
    }
    if (outcome == DONE && kind != 'c') {
        const wchar_t zero = 0;
        deliver(&t, &zero, t.wide ? sizeof zero : 1);
    }
    if (t.allocate && outcome == DONE) {
        char *copy = t.text.failed ? NULL : malloc(t.text.len);
        if (copy == NULL) {
            errno = ENOMEM;
            outcome = NO_INPUT;
        } else {
            memcpy(copy, t.text.bytes, t.text.len);
            *(void **)to = copy;
        }
    }
    ctx_c_grow_end(&t.text);
    return outcome;
}
