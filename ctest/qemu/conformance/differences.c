/* SPDX-License-Identifier: MIT */
/*
 * What still differs between the C library of a PC and the one of an app, a line each: the table in
 * libctx/doc/picolibc.md has these names, with what either prints. conformance.py compares all
 * three.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fenv.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static void row(const char *name, const char *value_format, ...)
{
    va_list args;
    printf("%s = ", name);
    va_start(args, value_format);
    vprintf(value_format, args);
    va_end(args);
    putchar('\n');
}

static void rounding(void)
{
    char text[20];
    fesetround(FE_UPWARD);
    snprintf(text, sizeof text, "%.0f", 2.5);
    double read = strtod("0.3000000000000000000001", NULL);
    fesetround(FE_TONEAREST);
    row("rounding upwards, printf %.0f of 2.5", "%s", text);
    row("rounding upwards, strtod of 0.3000000000000000000001", "%a", read);
}

static void wide_input(void)
{
    char text[8] = "#######";
    swscanf(L"ab", L"%s", text);
    row("swscanf %s of ab writes", "%d bytes", text[3] == 0 ? 4 : 3);
    ungetwc(0x1f600, stdin);
    row("ungetwc of 1F600, then getwc", "%X", (unsigned)getwc(stdin));
}

static void locales(void)
{
    setlocale(LC_ALL, "C");
    const char *name = setlocale(LC_NUMERIC, "C.UTF-8");
    row("setlocale(LC_NUMERIC, C.UTF-8) in C", "%s", name != NULL ? name : "NULL");
    setlocale(LC_ALL, "C.UTF-8");
}

static void output(void)
{
    fwide(stderr, 1);
    row("fprintf to a wide stream", "%d", fprintf(stderr, "both\n"));
    row("printf %#g of 999999.5", "%#g", 999999.5);
    wchar_t set[8];
    row("sscanf %l[^q] of a, E2, z", "%d", sscanf("a\xe2z", "%l[^q]", set));
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    row("ENOSYS, ENOTSUP, ETIMEDOUT", "%d %d %d", ENOSYS, ENOTSUP, ETIMEDOUT);
    row("strerror(ENOMEM)", "%s", strerror(ENOMEM));
    row("strerror(EILSEQ)", "%s", strerror(EILSEQ));
    row("BUFSIZ, FOPEN_MAX, FILENAME_MAX", "%d %d %d", BUFSIZ, FOPEN_MAX, FILENAME_MAX);
    srand(1);
    row("srand(1), rand()", "%d", rand());
    rounding();
    output();
    wide_input();
    locales();
    puts("end");
    return 0;
}
