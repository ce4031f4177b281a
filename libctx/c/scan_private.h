/* SPDX-License-Identifier: MIT */
/* What scan.c, scan_number.c and scan_text.c share: the input, and one conversion. */
#ifndef CTX_C_SCAN_PRIVATE_H
#define CTX_C_SCAN_PRIVATE_H

#include "formats.h"

#include <stdio.h>

#define END (-1)

struct in {
    FILE *file;
    bool wide;
    int32_t held; /* wide: one that was given back; END: none */
    int32_t last; /* END: there is no more */
    int64_t count;
};

struct spec {
    enum ctx_c_length length;
    uint32_t conversion;
    int64_t width; /* what is left of it; -1: no limit */
    bool suppress, allocate;
    size_t set; /* [: where the set begins, behind ^ */
    size_t end;
    bool negated;
};

enum outcome {
    DONE,
    MISMATCH,
    NO_INPUT,
};

/* ---- scan.c ---- */

/* The next character; give one back, END too; the first that is no blank, not given back. */
int32_t ctx_c_scan_next(struct in *in);
void ctx_c_scan_back(struct in *in, int32_t c);
int32_t ctx_c_scan_skip(struct in *in);
bool ctx_c_scan_is_blank(const struct in *in, int32_t c);

/* ---- scan_number.c: to is where the number goes, NULL: nobody wants it ---- */

enum outcome ctx_c_scan_integer(struct in *in, struct spec *spec, uint32_t base, bool is_signed,
                                void *to);
enum outcome ctx_c_scan_float(struct in *in, struct spec *spec, void *to);

/* ---- scan_text.c ---- */

enum outcome ctx_c_scan_text(struct in *in, const struct ctx_c_walk *s, struct spec *spec,
                             void *to);

/* A text that grows. */
struct text {
    char *bytes;
    size_t len, room;
    bool failed;
    char own[64];
};

void ctx_c_grow_start(struct text *t);
void ctx_c_grow(struct text *t, const void *bytes, size_t len);
void ctx_c_grow_end(struct text *t);

#endif
