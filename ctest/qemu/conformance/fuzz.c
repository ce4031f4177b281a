/* SPDX-License-Identifier: MIT */
/*
 * printf, scanf and strtod with random input: the same program for this machine's C library and as
 * an app, which must print the same. Case n depends on the seed and n alone.
 *
 *   fuzz SEED FROM COUNT        a line per 1,000 cases: the hash of all that they said
 *   fuzz SEED FROM COUNT say    a line per case
 *
 * ctest/linux/libc_fuzz.py runs both, and asks for the cases of a line that differs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define BATCH 1000u
#define SAYS  40000u

static uint64_t random_state;
static char says[SAYS + 40];
static size_t says_len;

static uint64_t rnd(void)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint32_t below(uint32_t n)
{
    return (uint32_t)(rnd() >> 32) % n;
}

static bool one_in(uint32_t n)
{
    return below(n) == 0;
}

static char pick(const char *from)
{
    return from[below((uint32_t)strlen(from))];
}

/* What this case says, by means that are not under test. */
static void say_bytes(const void *bytes, size_t len)
{
    if (len > sizeof says - says_len) {
        len = sizeof says - says_len;
    }
    memcpy(says + says_len, bytes, len);
    says_len += len;
}

static void say(const char *text)
{
    say_bytes(text, strlen(text));
    say_bytes(" ", 1);
}

static void say_number(int64_t value)
{
    char text[24];
    char *at = text + sizeof text;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        *--at = (char)('0' + rest % 10);
    } while ((rest /= 10) != 0);
    if (value < 0) {
        *--at = '-';
    }
    say_bytes(at, (size_t)(text + sizeof text - at));
    say_bytes(" ", 1);
}

static void say_hex(const void *bytes, size_t len)
{
    for (size_t i = len; i-- > 0;) {
        uint8_t b = ((const uint8_t *)bytes)[i];
        say_bytes(&"0123456789abcdef"[b >> 4], 1);
        say_bytes(&"0123456789abcdef"[b & 15], 1);
    }
    say_bytes(" ", 1);
}

/* ---- values ---- */

static long double some_number(bool is_long)
{
    long double x;
    switch (below(8)) {
    case 0: { /* any double */
        uint64_t bits = rnd();
        double d;
        memcpy(&d, &bits, sizeof d);
        return d;
    }
    case 1: /* whole, or with few binary places: ties */
        return (long double)(int64_t)(rnd() >> below(63)) / (long double)(1u << below(12));
    case 2: /* a few decimals */
        return (double)(int64_t)below(1000000) / (double[]){1, 10, 100, 1000, 10000}[below(5)];
    case 3: /* around a power of ten */
        x = (double)powl(10, (long double)below(40) - 20);
        return (double)(one_in(2) ? x : nextafter((double)x, one_in(2) ? 0 : INFINITY));
    case 4: /* denormal or close to it */
        return (double)ldexp((double)(rnd() >> below(60)), -1074 - (int)below(20));
    case 5:
        return (const double[]){
            0, -0.0, INFINITY, -INFINITY, NAN, 1, 0.5, 9.5, 0.1, 999999.5}[below(10)];
    case 6:
        x = (double)(rnd() >> below(60)) * pow(2, (int)below(200) - 130);
        return one_in(2) ? -x : x;
    default:
        if (!is_long) {
            return (double)rnd() / (double)(1 + below(1000));
        }
        /* any long double of a moderate, or seldom of any, size */
        int range = one_in(50) ? 16400 : 300;
        return ldexpl((long double)(rnd() >> below(60)), (int)below(2 * (uint32_t)range) - range);
    }
}

/* ---- printf ---- */

static char format[200];
static size_t format_len;

static void add(char c)
{
    format[format_len++] = c;
    format[format_len] = 0;
}

static void add_text(const char *text)
{
    while (*text != 0) {
        add(*text++);
    }
}

static void add_number(uint32_t n)
{
    if (n >= 10) {
        add_number(n / 10);
    }
    add((char)('0' + n % 10));
}

static void begin_spec(const char *flags, uint32_t most, uint32_t most_precision)
{
    format_len = 0;
    add('%');
    while (one_in(2)) {
        add(pick(flags));
    }
    if (one_in(3)) {
        add_number(1 + below(most));
    }
    if (one_in(2)) {
        add('.');
        if (!one_in(6)) {
            add_number(below(most_precision));
        }
    }
}

static void printed(int result, const char *text)
{
    say(format);
    say_number(result);
    say(text);
}

static char text[16384];

static void print_integer(void)
{
    static const char *const lengths[] = {"", "hh", "h", "l", "ll", "j", "z", "t"};
    const char *length = lengths[below(8)];
    int64_t value = (int64_t)(rnd() >> below(64)) * (one_in(2) ? -1 : 1);
    begin_spec("-+ #0'", 40, 30);
    add_text(length);
    add(pick("diuoxXdiuoxXp"));
    if (format[format_len - 1] == 'p') {
        format[format_len - 1 - strlen(length)] = 'p';
        format[format_len - strlen(length)] = 0;
        value = one_in(4) ? 0 : value;
    }
    size_t room = one_in(4) ? below(12) : sizeof text;
    text[0] = 0;
    printed(snprintf(text, room, format, value), text);
}

/* Whether %g rounds x up to a power of ten. Then glibc's %#g leaves out the zeros that # asks for.
 */
static bool reaches_power(long double x)
{
    char probe[200], rounded[200];
    const char *dot = strchr(format, '.');
    int precision = dot != NULL ? atoi(dot + 1) : 6;
    precision = precision > 100 ? 100 : precision < 1 ? 1 : precision;
    snprintf(probe, sizeof probe, "%.120Le", x);
    snprintf(rounded, sizeof rounded, "%.*Le", precision - 1, x);
    const char *a = strchr(probe, 'e'), *b = strchr(rounded, 'e');
    return a != NULL && b != NULL && strcmp(a, b) != 0;
}

static void print_float(void)
{
    bool is_long = one_in(2);
    long double x = some_number(is_long);
    begin_spec("-+ #0", 40, one_in(30) ? 1200 : one_in(3) ? 40 : 8);
    if (is_long) {
        add('L');
    }
    char kind = pick("eEfFgGaA");
    bool is_odd = (kind == 'g' || kind == 'G') && strchr(format, '#') != NULL && reaches_power(x);
    add(is_odd ? 'e' : kind);
    size_t room = one_in(10) ? below(20) : sizeof text;
    text[0] = 0;
    printed(is_long ? snprintf(text, room, format, x) : snprintf(text, room, format, (double)x),
            text);
}

static const wchar_t *const wides[] = {
    L"", L"a", L"abc", L"\u00e4\u00f6", L"\u20ac", L"x\U0001F600y", L"longer than all that"};
static const char *const narrows[] = {
    "", "a", "abc", "\u00e4\u00f6", "\u20ac", "x\U0001F600y", "longer than all that"};

static void print_text(void)
{
    begin_spec("-", 20, 12);
    text[0] = 0;
    switch (below(5)) {
    case 0:
        add('s');
        printed(snprintf(text, sizeof text, format, one_in(10) ? NULL : narrows[below(7)]), text);
        break;
    case 1:
        add_text(one_in(2) ? "ls" : "S");
        printed(snprintf(text, sizeof text, format, wides[below(7)]), text);
        break;
    case 2:
        add('c');
        printed(snprintf(text, sizeof text, format, 'a' + (int)below(26)), text);
        break;
    case 3:
        add_text(one_in(2) ? "lc" : "C");
        printed(snprintf(text, sizeof text, format, (wint_t)L"az\u00e4\u20ac\U0001F600"[below(5)]),
                text);
        break;
    default:
        add_text("%%");
        printed(snprintf(text, sizeof text, "%%"), text);
    }
}

/* Several at once, by position too, and what %n counts. */
static void print_several(void)
{
    static const char *const formats[] = {"%d %s %f%n",
                                          "%*d|%-*d",
                                          "%.*f %.*s",
                                          "%2$s %1$d",
                                          "%3$f %2$s %1$d %2$s",
                                          "%1$*2$d|%3$.*2$f",
                                          "%2$Lf %1$d %3$s",
                                          "%1$d%1$x%1$o",
                                          "%hhn%d%ln",
                                          "%3$s|%1$*2$d|%4$.*2$Lf",
                                          "%s%%%d%%",
                                          "%-+08d%#x"};
    uint32_t which = below(12);
    int a = (int)rnd() >> below(31);
    int b = (int)below(20) - 6;
    double x = (double)some_number(false);
    long double y = some_number(true);
    const char *s = narrows[below(7)];
    int n = -1;
    signed char small = -1;
    long l = -1;
    int result;
    format_len = 0;
    add_text(formats[which]);
    switch (which) {
    case 0:
        result = snprintf(text, sizeof text, format, a, s, x, &n);
        break;
    case 1:
        result = snprintf(text, sizeof text, format, b, a, b, a);
        break;
    case 2:
        result = snprintf(text, sizeof text, format, b, x, b, s);
        break;
    case 3:
    case 7:
        result = snprintf(text, sizeof text, format, a, s);
        break;
    case 4:
        result = snprintf(text, sizeof text, format, a, s, x);
        break;
    case 5:
        result = snprintf(text, sizeof text, format, a, b, x);
        break;
    case 6:
        result = snprintf(text, sizeof text, format, a, y, s);
        break;
    case 8:
        result = snprintf(text, sizeof text, format, &small, a, &l);
        break;
    case 9:
        result = snprintf(text, sizeof text, format, a, b, s, y);
        break;
    case 10:
        result = snprintf(text, sizeof text, format, s, a);
        break;
    default:
        result = snprintf(text, sizeof text, format, a, b);
    }
    printed(result, text);
    say_number(n);
    say_number(small);
    say_number(l);
}

static void print_wide(void)
{
    static const wchar_t *const formats[] = {L"%d",    L"[%10ls]", L"%.3s|",  L"%-8.2f",
                                             L"%lc%c", L"%ls%s",   L"%#x %Lg"};
    wchar_t to[64];
    uint32_t which = below(7);
    size_t room = below(64);
    int result;
    wmemset(to, L'#', 64);
    double x = (double)some_number(false);
    if (which == 3 && (fabs(x) > 1e30 || x != x)) {
        x = 1.5;
    }
    switch (which) {
    case 0:
        result = swprintf(to, room, formats[which], (int)rnd());
        break;
    case 1:
        result = swprintf(to, room, formats[which], wides[below(7)]);
        break;
    case 2:
        result = swprintf(to, room, formats[which], narrows[below(7)]);
        break;
    case 3:
        result = swprintf(to, room, formats[which], x);
        break;
    case 4:
        result = swprintf(to, room, formats[which], (wint_t)L'\u20ac', 'z');
        break;
    case 5:
        result = swprintf(to, room, formats[which], wides[below(7)], narrows[below(7)]);
        break;
    default:
        result = swprintf(to, room, formats[which], 255, some_number(true));
    }
    say("swprintf");
    say_number(which);
    say_number((int64_t)room);
    say_number(result);
    if (room > 0 && result >= 0) { /* what is there otherwise is nobody's business */
        to[63] = 0;
        say_hex(to, wcslen(to) * sizeof *to);
    }
}

/* ---- strtod ---- */

static char number[2048];
static size_t number_len;

static void put(char c)
{
    if (number_len < sizeof number - 1) {
        number[number_len++] = c;
        number[number_len] = 0;
    }
}

static void put_digits(uint32_t count, const char *from)
{
    while (count-- > 0) {
        put(pick(from));
    }
}

static void put_exponent(char letter, uint32_t most)
{
    put(one_in(2) ? letter : (char)(letter - 32));
    if (one_in(2)) {
        put(pick("+-"));
    }
    for (uint32_t n = below(most); n > 0 || one_in(9); n /= 10) {
        put((char)('0' + n % 10));
    }
}

static void some_text(void)
{
    number_len = 0;
    number[0] = 0;
    switch (below(9)) {
    case 0: /* decimals */
    case 1:
        if (one_in(3)) {
            put(pick("+-  \t"));
        }
        put_digits(below(one_in(20) ? 900 : 25), one_in(4) ? "09" : "0123456789");
        if (one_in(2)) {
            put('.');
            put_digits(below(one_in(20) ? 900 : 25), one_in(4) ? "09" : "0123456789");
        }
        if (one_in(2)) {
            put_exponent('e', one_in(3) ? 6000 : one_in(2) ? 400 : 40);
        }
        break;
    case 2: /* hexadecimals */
        put('0');
        put(pick("xX"));
        put_digits(below(one_in(5) ? 60 : 20), one_in(3) ? "08f" : "0123456789abcdefABCDEF");
        if (one_in(2)) {
            put('.');
            put_digits(below(20), "0123456789abcdef");
        }
        if (one_in(2)) {
            put_exponent('p', one_in(3) ? 20000 : 1200);
        }
        break;
    case 3: { /* between two neighbours, exactly or almost */
        long double x = some_number(false);
        double d = (double)fabsl(x);
        float f = (float)d;
        long double middle = one_in(2) ? ((long double)d + nextafter(d, INFINITY)) / 2
                                       : ((long double)f + nextafterf(f, INFINITY)) / 2;
        snprintf(number, sizeof number, "%.*Le", (int)below(one_in(2) ? 30 : 800), middle);
        number_len = strlen(number);
        if (one_in(3)) {
            char *e = strchr(number, 'e');
            if (e != NULL && e > number && e[-1] == '0') {
                e[-1] = '1';
            }
        }
        break;
    }
    case 4: /* what was printed is read */
        snprintf(number, sizeof number, one_in(2) ? "%.*Lg" : "%.*Le", (int)below(25),
                 some_number(true));
        number_len = strlen(number);
        break;
    case 5: { /* words and beginnings of words */
        static const char *const words[] = {
            "inf",     "infinity",  "nan",     "nan(",      "nan()",
            "nan(12)", "nan(0x1f)", "nan(07)", "nan(abc_)", "nan(99999999999999999999999)",
            "nan( )",  "0x",        "0x.",     "0xp1",      "0x1p",
            "1e",      "1e+",       ".",       "-.",        "+",
            "",        "0x.8p-1",   ".5",      "5."};
        if (one_in(3)) {
            put(pick("+- "));
        }
        const char *word = words[below(24)];
        size_t most = one_in(2) ? strlen(word) : below((uint32_t)strlen(word) + 1);
        for (size_t i = 0; i < most; i++) {
            put(one_in(4) && word[i] >= 'a' && word[i] <= 'z' ? (char)(word[i] - 32) : word[i]);
        }
        if (one_in(3)) {
            put(pick("xgi(1.e"));
        }
        break;
    }
    default: /* anything */
        put_digits(below(14), one_in(2) ? "0123456789.+-eExX" : "0019.+-eEpPxXnNaAiIfFtTyY()_ ");
    }
}

static void read_number(void)
{
    some_text();
    say("strto");
    say(number);
    char *end;
    errno = 0;
    uint32_t which = below(6);
    if (which >= 3) {
        wchar_t wide[2048];
        wchar_t *wide_end;
        for (size_t i = 0; i <= number_len; i++) {
            wide[i] = (wchar_t)number[i];
        }
        if (which == 3) {
            float f = wcstof(wide, &wide_end);
            say_hex(&f, sizeof f);
        } else if (which == 4) {
            double d = wcstod(wide, &wide_end);
            say_hex(&d, sizeof d);
        } else {
            long double l = wcstold(wide, &wide_end);
            say_hex(&l, 10);
        }
        say_number(wide_end - wide);
    } else {
        if (which == 0) {
            float f = strtof(number, &end);
            say_hex(&f, sizeof f);
        } else if (which == 1) {
            double d = strtod(number, &end);
            say_hex(&d, sizeof d);
        } else {
            long double l = strtold(number, &end);
            say_hex(&l, 10);
        }
        say_number(end - number);
    }
    say_number(errno == ERANGE);
}

static void read_integer(void)
{
    number_len = 0;
    number[0] = 0;
    put_digits(below(4), " +-0");
    put_digits(below(24), one_in(2) ? "0123456789" : "0189xXabfzZ7");
    int base = one_in(3) ? 0 : (int)below(36) + 1;
    base = base == 1 ? 10 : base;
    char *end;
    say("strtol");
    say(number);
    say_number(base);
    errno = 0;
    say_number(strtol(number, &end, base));
    say_number(end - number);
    say_number(errno == ERANGE);
    errno = 0;
    say_number((int64_t)strtoull(number, &end, base));
    say_number(end - number);
    say_number(errno == ERANGE);
}

/* ---- scanf ---- */

#define SLOTS 5
#define SLOT  400

static union {
    unsigned char bytes[SLOT];
    long double align;
} slots[SLOTS];

static void some_set(void)
{
    add('[');
    if (one_in(3)) {
        add('^');
    }
    if (one_in(4)) {
        add(']');
    }
    for (uint32_t n = 1 + below(6); n > 0; n--) {
        add(pick("abcxyz0159---^+._ "));
    }
    add(']');
}

/* A conversion and, most of the time, something that fits it. */
static void some_directive(int *stored)
{
    char kind = pick("ddiuxolfffgas[[cn %wmp");
    bool suppress = one_in(8);
    if (kind == ' ') {
        add(' ');
        put_digits(below(3), " \t");
        return;
    }
    if (kind == '%') {
        add_text("%%");
        put_digits(below(2), " ");
        put(one_in(5) ? 'x' : '%');
        return;
    }
    if (kind == 'w') { /* a character of the text itself */
        char c = pick("abx-0");
        add(c);
        put(one_in(6) ? 'z' : c);
        return;
    }
    add('%');
    if (suppress && kind != 'n') {
        add('*');
    }
    if (one_in(3) && kind != 'n') {
        add_number(1 + below(one_in(2) ? 4 : 12));
    }
    if (strchr("diuxolnp", kind) != NULL) {
        static const char *const lengths[] = {"", "", "hh", "h", "l", "ll", "L", "j", "z", "t"};
        add_text(kind == 'p' ? "" : lengths[below(10)]);
        add(kind == 'l' ? 'd' : kind);
        if (kind == 'p' && one_in(3)) {
            const char *nil = "(nil)";
            for (size_t n = one_in(2) ? 5 : below(6); n > 0; n--) {
                put(*nil++);
            }
        } else if (kind != 'n') {
            put_digits(below(3), one_in(2) ? " " : " -+");
            put_digits(below(one_in(6) ? 25 : 6), one_in(2) ? "0123456789" : "0x1fX9a");
        }
    } else if (strchr("fgae", kind) != NULL) {
        static const char *const lengths[] = {"", "l", "L"};
        add_text(lengths[below(3)]);
        add(one_in(8) ? (char)(kind - 32) : kind);
        char kept[sizeof number];
        size_t len = number_len;
        memcpy(kept, number, len + 1);
        do {
            some_text();
        } while (number_len > 60);
        char more[64];
        size_t more_len = number_len;
        memcpy(more, number, more_len);
        memcpy(number, kept, len + 1);
        number_len = len;
        for (size_t i = 0; i < more_len; i++) {
            put(more[i]);
        }
    } else {
        if (one_in(6)) {
            add('l');
        }
        if (kind == '[') {
            some_set();
            put_digits(below(6), "abcxyz0159-^]+._");
        } else {
            add(kind == 'm' ? 'c' : kind);
            put_digits(below(3), " ");
            for (uint32_t n = below(7); n > 0; n--) {
                if (one_in(12)) {
                    put('\xe2');
                    put('\x82');
                    put('\xac');
                } else {
                    put(pick("abcxyz0159-"));
                }
            }
        }
    }
    *stored += !suppress || kind == 'n';
}

static void scan_text(void)
{
    format_len = 0;
    number_len = 0;
    number[0] = 0;
    format[0] = 0;
    int stored = 0;
    bool wide = one_in(4);
    for (uint32_t n = 1 + below(4); n > 0; n--) {
        some_directive(&stored);
        if (one_in(4)) {
            put_digits(1, " ,x");
        }
    }
    add_text("%n");
    if (number_len > 90) {
        for (number_len = 90; ((uint8_t)number[number_len] & 0xc0) == 0x80; number_len--) {
        }
        number[number_len] = 0;
    }
    for (size_t i = 0; strstr(format, "l[") != NULL && number[i] != 0; i++) {
        number[i] &= 0x7f; /* of broken characters glibc's %l[ makes holes */
    }
    memset(slots, 0x2e, sizeof slots);
    int result;
    say(wide ? "swscanf" : "sscanf");
    say(format);
    say("<");
    say(number);
    say(">");
    errno = 0;
    if (wide) {
        /* Bytes that are characters: the wide text is ASCII. */
        wchar_t wide_format[200], wide_number[100];
        size_t i;
        for (i = 0; format[i] != 0; i++) {
            wide_format[i] = format[i] & 0x7f;
        }
        wide_format[i] = 0;
        for (i = 0; number[i] != 0; i++) {
            wide_number[i] = number[i] & 0x7f;
        }
        wide_number[i] = 0;
        result = swscanf(wide_number, wide_format, &slots[0], &slots[1], &slots[2], &slots[3],
                         &slots[4]);
    } else {
        result = sscanf(number, format, &slots[0], &slots[1], &slots[2], &slots[3], &slots[4]);
    }
    say_number(result);
    for (int i = 0; i < SLOTS; i++) {
        size_t len = SLOT;
        while (len > 0 && slots[i].bytes[len - 1] == 0x2e) {
            len--;
        }
        /* From wide to narrow glibc ends a text with two zeros. */
        while (wide && len > 0 && slots[i].bytes[len - 1] == 0) {
            len--;
        }
        say_hex(slots[i].bytes,
                len > 10 && len < 17 ? 10 : len); /* not what fills a long double up */
    }
}

/* ---- all of it ---- */

static void run(uint64_t seed, uint64_t index)
{
    static void (*const kinds[])(void) = {print_integer, print_float,  print_float, print_text,
                                          print_several, print_wide,   read_number, read_number,
                                          read_number,   read_integer, scan_text,   scan_text};
    random_state = seed * UINT64_C(0x2545f4914f6cdd1d) + index * UINT64_C(0xd1342543de82ef95);
    says_len = 0;
    kinds[below(sizeof kinds / sizeof kinds[0])]();
}

/* In pieces that fit a line of the log. */
static void say_lines(uint64_t index)
{
    size_t end = says_len;
    for (size_t at = 0; at < end; at += 100) {
        size_t len = end - at < 100 ? end - at : 100;
        char piece[120];
        for (size_t i = 0; i < len; i++) {
            char c = says[at + i];
            piece[i] = c > ' ' && c < 127 ? c : c == ' ' ? '_' : '?';
        }
        piece[len] = '\n';
        says_len = end;
        say_number((int64_t)index);
        fwrite(says + end, 1, says_len - end, stdout);
        fwrite(piece, 1, len + 1, stdout);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        puts("fuzz SEED FROM COUNT [say]");
        return 2;
    }
    uint64_t seed = strtoull(argv[1], NULL, 10);
    uint64_t from = strtoull(argv[2], NULL, 10);
    uint64_t count = strtoull(argv[3], NULL, 10);
    setlocale(LC_ALL, "C.UTF-8");
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint64_t i = from; i < from + count; i++) {
        run(seed, i);
        if (argc > 4) {
            say_lines(i);
            continue;
        }
        for (size_t at = 0; at < says_len; at++) {
            hash = (hash ^ (uint8_t)says[at]) * UINT64_C(0x100000001b3);
        }
        if ((i + 1 - from) % BATCH == 0 || i + 1 == from + count) {
            says_len = 0;
            say_number((int64_t)(i / BATCH * BATCH));
            say_hex(&hash, sizeof hash);
            fputs("batch ", stdout);
            fwrite(says, 1, says_len, stdout);
            putchar('\n');
            hash = UINT64_C(0xcbf29ce484222325);
#ifdef CONFORM_APP
            usleep(1); /* the others' turn */
#endif
        }
    }
    puts("end");
    return 0;
}
