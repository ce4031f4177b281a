/* SPDX-License-Identifier: MIT */
/* The printf family. */
#define _GNU_SOURCE
#include "conform.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int number;

#define P(...)                                                                                     \
    do {                                                                                           \
        printf("print %d [", ++number);                                                            \
        int printed = printf(__VA_ARGS__);                                                         \
        printf("] %d\n", printed);                                                                 \
    } while (0)

/* Each room from none to more than enough: what is written, what stays, what is counted. */
static void rooms(void)
{
    static const char *const formats[] = {
        "%d %s %x", "<%5d|%-9s|%#x>", "%.70d%s%x",
        "plain, then %d and %s and %x, and more than is held at once"};
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++) {
        for (size_t room = 0; room < 100; room++) {
            char text[100];
            memset(text, '#', sizeof text);
            int count = snprintf(text, room, formats[f], -1234567, "word", 0xbeef);
            unsigned long sum = 0;
            for (size_t i = 0; i < sizeof text; i++) {
                sum = sum * 31 + (unsigned char)text[i];
            }
            P("%zu %d %lx", room, count, sum);
        }
    }
    P("%s|%.3s|%9.70s|%c%%",
      "a text of more than sixty-four bytes, which is as much as is held at a time", "abcdef",
      "xyz", 'c');
}

static void integers(void)
{
    static const int values[] = {0, 1, -1, 7, -42, 123456, INT_MAX, INT_MIN};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        int v = values[i];
        P("%d|%i|%u|%x|%X|%o", v, v, (unsigned)v, (unsigned)v, (unsigned)v, (unsigned)v);
        P("%5d|%-5d|%05d|%+d|% d|%.3d|%8.4d|%-8.4d", v, v, v, v, v, v, v, v);
        P("%#x|%#X|%#o|%#10x|%-#10x|%#010x", (unsigned)v, (unsigned)v, (unsigned)v, (unsigned)v,
          (unsigned)v, (unsigned)v);
        P("%*d|%-*d|%.*d|%*.*d", 6, v, 6, v, 4, v, 9, 5, v);
    }
    P("%hhd %hhu %hd %hu", (signed char)-3, (unsigned char)253, (short)-300, (unsigned short)65000);
    P("%ld %lu %lld %llu", LONG_MIN, ULONG_MAX, LLONG_MIN, ULLONG_MAX);
    P("%zu %zd %td %jd %ju", sizeof(int), (ptrdiff_t)-5, (ptrdiff_t)-6, INTMAX_MIN, UINTMAX_MAX);
    P("%" PRId64 " %" PRIx64 " %" PRIu32 " %" PRIo8, INT64_MIN, UINT64_MAX, UINT32_MAX,
      (uint8_t)200);
    P("%.0d|%.0x|%.0d", 0, 0u, 1);
    P("%c%c%c|%5c|%-5c|", 'a', 'b', 'c', 'd', 'e');
    P("%%|%5s|%-5s|%.2s|%5.1s|%s", "ab", "cd", "efgh", "ijk", "");
    P("%2$s %1$d %2$s", 5, "place");
    P("%p", (void *)(uintptr_t)0x1234abcd);
}

static void floats(void)
{
    static const double values[] = {
        0.0,   -0.0, 1.0,       -1.5, 0.1,     123.456,  1e10,   6.02e23,
        1e100, 1e-5, 1.0 / 3.0, 2.5,  9.99999, 99999.95, 5e-324, 1.7976931348623157e308};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        double v = values[i];
        P("%e|%E|%g|%G|%a", v, v, v, v, v);
        P("%.3e|%.10g|%#g|%+g|% g|%012.3e", v, v, v, v, v, v);
        P("%.0e|%.15e|%.16g|%.17g", v, v, v, v);
        P("%.1a|%A|%20a|%-20a|%020a", v, v, v, v, v);
        if (v < 1e15) {
            P("%f|%.2f|%.0f|%#.0f|%10.1f|%-10.1f|%010.1f", v, v, v, v, v, v, v);
        }
    }
    P("%f %e %g %F %E", (double)INFINITY, (double)-INFINITY, (double)INFINITY, (double)NAN,
      fabs((double)NAN));
    P("%8f|%-8f|%08f|%+f", (double)INFINITY, (double)INFINITY, (double)INFINITY, (double)INFINITY);
    P("%.0f|%.2f", 6.02e23, -1e22);
    P("%.20f", 0.1);
    P("%.25e", 1.0 / 3.0);
    P("%.3f %.3f %.3f %.3f", 0.0005, 0.0015, 1.0005, 2.4995);
    P("%.0f %.0f %.0f %.0f %.0f", 0.5, 1.5, 2.5, 3.5, 4.5);
    P("%f", (double)(float)0.1);
    P("%Lf|%Le|%Lg|%.3Lf", 2.5L, -1e-7L, 1e300L, 1.0L / 3);
    for (int i = 0; i < 40; i++) {
        uint64_t bits = (uint64_t)conform_random() << 32 | conform_random();
        double v;
        bits &= ~(UINT64_C(1) << 62); /* finite */
        memcpy(&v, &bits, sizeof v);
        P("%.16e %a", v, v);
        P("%g %.3g %.12g", v, v, v);
    }
}

static int by_list(char *to, size_t size, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(to, size, format, list);
    va_end(list);
    return n;
}

static void into_buffers(void)
{
    char text[32];
    memset(text, 'x', sizeof text);
    int n = snprintf(text, 8, "%s", "longer than that");
    P("%d %s %c", n, text, text[8]);
    n = snprintf(NULL, 0, "%d-%s", 12345, "abc");
    P("%d", n);
    n = sprintf(text, "%03d:%5.2f", 7, 3.14159);
    P("%d %s", n, text);
    n = by_list(text, sizeof text, "%s/%c/%ld", "list", '!', 99L);
    P("%d %s", n, text);
    char *made = NULL;
    n = asprintf(&made, "%0*d", 40, 5);
    P("%d %s", n, made);
    free(made);
    fprintf(stdout, "print fprintf %d\n", 5);
    fputs("print fputs\n", stdout);
    fwrite("print fwrite\n", 1, 13, stdout);
    putchar('p');
    putc('u', stdout);
    fputc('t', stdout);
    puts("");
}

void conform_print(void)
{
    rooms();
    integers();
    floats();
    into_buffers();
}
