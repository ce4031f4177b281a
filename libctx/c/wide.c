/* SPDX-License-Identifier: MIT */
/*
 * Wide characters of streams: UTF-8 on every one, as it is on the terminal, in files and pipes.
 * picolibc's read and write a wchar_t as it lies in memory.
 */
#include "glue.h"

#include <errno.h>
#include <stdio.h>
#include <wchar.h>

/* What swscanf() reads from: picolibc's, which does have the bytes of a wchar_t. */
int __file_wstr_get(FILE *file);

static wint_t no_character(FILE *file)
{
    file->flags |= __SERR;
    file->flags &= (uint8_t)~__SEOF; /* of one that is cut off */
    errno = EILSEQ;
    return WEOF;
}

static wint_t from_text(FILE *file)
{
    wchar_t c;
    char *bytes = (char *)&c;
    for (size_t i = 0; i < sizeof c; i++) {
        int byte = file->get(file);
        if (byte < 0) {
            return WEOF;
        }
        bytes[i] = (char)byte;
    }
    return (wint_t)c;
}

static wint_t from_bytes(FILE *file)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    int byte = getc(file);
    if (byte < 0x80) {
        return byte == EOF ? WEOF : (wint_t)byte;
    }
    int more = byte < 0xc2 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : byte < 0xf5 ? 3 : 0;
    if (more == 0) {
        return no_character(file);
    }
    uint32_t c = (uint32_t)byte & (0x3fu >> more);
    for (int i = 0; i < more; i++) {
        byte = getc(file);
        if (byte < 0x80 || byte > 0xbf) {
            if (byte >= 0 && byte < 0x80) {
                ungetc(byte, file); /* it is one of its own */
            }
            return no_character(file);
        }
        c = c << 6 | ((uint32_t)byte & 0x3f);
    }
    bool good = c >= least[more] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
    return good ? (wint_t)c : no_character(file);
}

wint_t getwc(FILE *file)
{
    if ((file->flags & __SRD) == 0) {
        file->flags |= __SERR;
        errno = EBADF;
        return WEOF;
    }
    file->flags |= __SWIDE;
    if (file->unget != 0) { /* ungetwc()'s, or ungetc()'s */
        wint_t c = (wint_t)(file->unget - 1);
        file->unget = 0;
        return c;
    }
    return file->get == __file_wstr_get ? from_text(file) : from_bytes(file);
}

wint_t fgetwc(FILE *file) __attribute__((alias("getwc")));
wint_t getwc_unlocked(FILE *file) __attribute__((alias("getwc")));

wint_t putwc(wchar_t c, FILE *file)
{
    char bytes[sizeof c];
    if ((file->flags & __SWR) == 0) {
        file->flags |= __SERR;
        errno = EBADF;
        return WEOF;
    }
    file->flags |= __SWIDE;
    if ((uint32_t)c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return no_character(file);
    }
    uint32_t len = ctx_c_utf8((uint32_t)c, bytes);
    for (uint32_t i = 0; i < len; i++) {
        if (file->put(bytes[i], file) < 0) {
            return WEOF;
        }
    }
    return (wint_t)c;
}

wint_t fputwc(wchar_t c, FILE *file) __attribute__((alias("putwc")));
wint_t putwc_unlocked(wchar_t c, FILE *file) __attribute__((alias("putwc")));
