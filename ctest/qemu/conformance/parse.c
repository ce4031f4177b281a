/* SPDX-License-Identifier: MIT */
/* strtol, strtod, sscanf and their sisters. */
#include "conform.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t bits_of(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static void integers(void)
{
    static const char *const texts[] = {"0",
                                        "42",
                                        "  -17xyz",
                                        "+5",
                                        "0x1fg",
                                        "0755",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "-9223372036854775808",
                                        "-9223372036854775809",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "",
                                        "-",
                                        "0x",
                                        "zz",
                                        "\t\n 12"};
    static const int bases[] = {0, 2, 8, 10, 16, 36};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (size_t b = 0; b < sizeof bases / sizeof bases[0]; b++) {
            char *end;
            errno = 0;
            long s = strtol(texts[i], &end, bases[b]);
            int error = errno;
            long taken = end - texts[i];
            errno = 0;
            unsigned long u = strtoul(texts[i], &end, bases[b]);
            printf("strtol %zu,%d: %ld %ld %d, %lu %ld %d\n", i, bases[b], s, taken,
                   error == ERANGE, u, (long)(end - texts[i]), errno == ERANGE);
        }
    }
    printf("atoi %d %ld %lld %jd %ju\n", atoi("-12a"), atol("77"), atoll("-1"),
           strtoimax("-99", NULL, 10), strtoumax("99", NULL, 10));
    div_t d = div(-7, 2);
    ldiv_t l = ldiv(7, -2);
    printf("div %d %d %ld %ld %d %ld\n", d.quot, d.rem, l.quot, l.rem, abs(-5), labs(-6L));
}

static void doubles(void)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "1",
                                        "0.1",
                                        "1e-3",
                                        "3.14159265358979323846",
                                        "1e308",
                                        "1.7976931348623157e308",
                                        "1.7976931348623159e308",
                                        "-1e309",
                                        "2.2250738585072014e-308",
                                        "2.2250738585072011e-308",
                                        "4.9406564584124654e-324",
                                        "2.4703282292062328e-324",
                                        "1e-400",
                                        "9007199254740993",
                                        "9007199254740992.9999999999999999999999",
                                        "0x1.8p3",
                                        "0x1p-1074",
                                        "0x.8",
                                        "inf",
                                        "-INFINITY",
                                        "  12.5abc",
                                        ".5e1",
                                        "5.",
                                        "e5",
                                        "1e",
                                        "1e+",
                                        "123456789012345678901234567890",
                                        "0.000000000000000000000000000001",
                                        "100000000000000016777215",
                                        "100000000000000016777216"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char *end;
        errno = 0;
        double v = strtod(texts[i], &end);
        printf("strtod %zu: %016" PRIx64 " %ld %d\n", i, bits_of(v), (long)(end - texts[i]),
               errno == ERANGE);
        float f = strtof(texts[i], &end);
        uint32_t bits;
        memcpy(&bits, &f, sizeof bits);
        printf("strtof %zu: %08" PRIx32 " %ld\n", i, bits, (long)(end - texts[i]));
    }
    /* There and back: the shortest text that is exact has at most 17 digits. */
    int bad = 0;
    for (int i = 0; i < 2000; i++) {
        uint64_t bits = (uint64_t)conform_random() << 32 | conform_random();
        bits &= ~(UINT64_C(1) << 62);
        double v;
        memcpy(&v, &bits, sizeof v);
        char text[40];
        snprintf(text, sizeof text, "%.17g", v);
        bad += bits_of(strtod(text, NULL)) != bits;
        snprintf(text, sizeof text, "%a", v);
        bad += bits_of(strtod(text, NULL)) != bits;
    }
    printf("strtod there and back: %d bad\n", bad);
}

static void scanning(void)
{
    int a = 0, b = 0, c = 0;
    unsigned u = 0;
    long l = 0;
    double d = 0;
    float f = 0;
    char word[16] = "", rest[16] = "", ch = 0;
    int n = sscanf("3.25 17 word tail", "%lf %d %15s %c", &d, &a, word, &ch);
    printf("sscanf 1: %d %g %d %s %c\n", n, d, a, word, ch);
    n = sscanf("0x1f 077 -5 99", "%i %i %i %u", &a, &b, &c, &u);
    printf("sscanf 2: %d %d %d %d %u\n", n, a, b, c, u);
    n = sscanf("12345", "%2d%3d", &a, &b);
    printf("sscanf 3: %d %d %d\n", n, a, b);
    n = sscanf("abc123:xyz", "%15[a-z]%d:%15[^q]", word, &a, rest);
    printf("sscanf 4: %d %s %d %s\n", n, word, a, rest);
    n = sscanf("1,2;3", "%d,%d,%d", &a, &b, &c);
    printf("sscanf 5: %d %d %d\n", n, a, b);
    n = sscanf("", "%d", &a);
    printf("sscanf 6: %d\n", n);
    n = sscanf("x", "%d", &a);
    printf("sscanf 7: %d\n", n);
    n = sscanf("10 20", "%*d %d%n", &a, &b);
    printf("sscanf 8: %d %d\n", n, a);
    n = sscanf("ff -1234567890123 2.5e-3", "%x %ld %f", &u, &l, &f);
    printf("sscanf 9: %d %x %ld %g\n", n, u, l, (double)f);
    n = sscanf("100%", "%d%%", &a);
    printf("sscanf 10: %d %d\n", n, a);
}

void conform_parse(void)
{
    integers();
    doubles();
    scanning();
}
