/* SPDX-License-Identifier: MIT */
/* <string.h>, <ctype.h>, <wchar.h>, UTF-8. */
#define _GNU_SOURCE
#include "conform.h"

#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include <wctype.h>

static int sign(int v)
{
    return (v > 0) - (v < 0);
}

static void bytes(void)
{
    /* Every length and offset that a word at a time could get wrong. */
    static uint8_t a[256], b[256], want[256];
    int bad = 0;
    for (size_t from = 0; from < 16; from++) {
        for (size_t to = 0; to < 16; to++) {
            for (size_t len = 0; len < 70; len++) {
                for (size_t i = 0; i < sizeof a; i++) {
                    a[i] = (uint8_t)(i * 7);
                    b[i] = want[i] = 0xee;
                }
                for (size_t i = 0; i < len; i++) {
                    want[to + i] = a[from + i];
                }
                bad += memcpy(b + to, a + from, len) != b + to;
                bad += memcmp(b, want, sizeof b) != 0;
                /* Overlapping. */
                for (size_t i = 0; i < len; i++) {
                    want[i] = a[from + i];
                }
                memmove(a + to, a + from, len);
                bad += memcmp(a + to, want, len) != 0;
                memset(b + to, (int)len, len);
                for (size_t i = 0; i < len; i++) {
                    bad += b[to + i] != len;
                }
                bad += len + to < sizeof b && b[to + len] != 0xee;
            }
        }
    }
    printf("bytes: %d bad\n", bad);
    printf("memcmp %d %d %d\n", sign(memcmp("abc", "abd", 3)), sign(memcmp("\xff", "\1", 1)),
           sign(memcmp("a", "b", 0)));
    const char *s = "hello";
    printf("memchr %ld %d\n", (long)((const char *)memchr(s, 'l', 5) - s),
           memchr(s, 'z', 5) == NULL);
}

static void strings(void)
{
    char to[64];
    const char *s = "the quick brown fox";
    printf("strlen %zu %zu %zu\n", strlen(s), strnlen(s, 5), strlen(""));
    printf("strcpy %s %s\n", strcpy(to, "abc"), strcat(to, "def"));
    memset(to, 'x', sizeof to);
    strncpy(to, "ab", 5);
    printf("strncpy %s %d %d %c\n", to, to[2], to[4], to[5]);
    strncat(to, "cdefgh", 3);
    printf("strncat %s\n", to);
    printf("stpcpy %d\n", (int)(stpcpy(to, "four") - to));
    printf("strcmp %d %d %d %d\n", sign(strcmp("a", "b")), sign(strcmp("b", "a")),
           sign(strcmp("a", "a")), sign(strcmp("", "a")));
    printf("strncmp %d %d\n", sign(strncmp("abcd", "abce", 3)), sign(strncmp("abcd", "abce", 4)));
    printf("strcasecmp %d %d\n", sign(strcasecmp("HeLLo", "hEllO")),
           sign(strncasecmp("ABz", "abc", 2)));
    printf("strchr %s %s %d\n", strchr(s, 'q'), strrchr(s, 'o'), strchr(s, 'Z') == NULL);
    printf("strstr %s %d %s\n", strstr(s, "brown"), strstr(s, "cat") == NULL, strstr("x", ""));
    printf("strspn %zu %zu %s\n", strspn(s, "eht "), strcspn(s, "q"), strpbrk(s, "xq"));
    char list[] = ",a,b,,c,";
    char *state = NULL;
    for (char *t = strtok_r(list, ",", &state); t != NULL; t = strtok_r(NULL, ",", &state)) {
        printf("strtok_r %s\n", t);
    }
    char fields[] = "a::b";
    char *rest = fields;
    for (char *t = strsep(&rest, ":"); t != NULL; t = strsep(&rest, ":")) {
        printf("strsep [%s]\n", t);
    }
    char *copy = strdup("dup"), *part = strndup("partial", 4);
    printf("strdup %s %s\n", copy, part);
    free(copy);
    free(part);
    unsigned classes = 0;
    for (int c = 0; c < 128; c++) {
        int is[] = {isalpha(c), isdigit(c), isspace(c),  isupper(c), islower(c), ispunct(c),
                    isprint(c), iscntrl(c), isxdigit(c), isgraph(c), isblank(c)};
        unsigned bits = 0;
        for (size_t i = 0; i < sizeof is / sizeof is[0]; i++) {
            bits = bits << 1 | (is[i] != 0);
        }
        classes = classes * 31 + bits + (unsigned)toupper(c) * 3 + (unsigned)tolower(c) * 5;
    }
    printf("ctype %08x\n", classes);
}

void conform_strings(void)
{
    bytes();
    strings();
}

void conform_wide(void)
{
    printf("setlocale %s\n", setlocale(LC_CTYPE, "C.UTF-8") != NULL ? "yes" : "no");
    static const char text[] = "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82z";
    wchar_t wide[16];
    size_t n = mbstowcs(wide, text, 16);
    printf("mbstowcs %zu:", n);
    for (size_t i = 0; i < n && i < 16; i++) {
        printf(" U+%04X", (unsigned)wide[i]);
    }
    char back[32];
    printf("\nwcstombs %zu %d\n", wcstombs(back, wide, sizeof back), strcmp(back, text));
    printf("wcslen %zu %d %d\n", wcslen(wide), sign(wcscmp(L"abc", L"abd")),
           wcschr(wide, L'z') == wide + 4);
    mbstate_t state;
    memset(&state, 0, sizeof state);
    wchar_t c = 0;
    int first = (int)mbrtowc(&c, "\xe2", 1, &state);
    int second = (int)mbrtowc(&c, "\x82\xac", 2, &state);
    printf("mbrtowc %d %d %X\n", first, second, (unsigned)c);
    memset(&state, 0, sizeof state);
    printf("mbrtowc bad %d\n", (int)mbrtowc(&c, "\xff", 1, &state));
    memset(&state, 0, sizeof state);
    printf("wcrtomb %zu %zu\n", wcrtomb(back, 0x20ac, &state), wcrtomb(back, 0x1f642, &state));
    printf("print wide [%ls] [%lc] [%5ls]\n", L"\u20ac\u00e9", (wint_t)0x20ac, L"ab");
    printf("towupper %X %X %d\n", (unsigned)towupper(L'a'), (unsigned)towlower(L'Z'),
           iswalpha(L'q') != 0);
    printf("wcstol %ld %g\n", wcstol(L"-42", NULL, 10), wcstod(L"2.5", NULL));
}
