/* SPDX-License-Identifier: MIT */
/*
 * The names of locales. There are two, "C" and "C.UTF-8", and any other is refused: picolibc takes
 * whatever it does not know for one of them. Its setlocale() and newlocale() ask here; the numbers
 * are those of its tables.
 */
#include <stddef.h>
#include <string.h>

enum {
    LOCALE_NONE,
    LOCALE_C,
    LOCALE_UTF_8,
};

extern const char *const __locale_names[];
int __find_locale(const char *name);
int __find_charset(const char *name);

const char *const __locale_names[] = {"C", "C.UTF-8"};

/* utf8, UTF-8: capitals and marks between do not matter. */
static int is_charset(const char *name, const char *lower)
{
    for (;; name++) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
        if (c == '-' || c == '_') {
            continue;
        }
        if (c != *lower) {
            return 0;
        }
        if (c == 0) {
            return 1;
        }
        lower++;
    }
}

int __find_charset(const char *name)
{
    return is_charset(name, "utf8")                                   ? LOCALE_UTF_8
           : is_charset(name, "ascii") || is_charset(name, "usascii") ? LOCALE_C
                                                                      : LOCALE_NONE;
}

int __find_locale(const char *name)
{
    if (name == NULL) {
        return LOCALE_NONE;
    }
    if (*name == 0) {
        return LOCALE_UTF_8; /* the user's own: what is typed and shown here is UTF-8 */
    }
    if (strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0) {
        return LOCALE_C;
    }
    return strncmp(name, "C.", 2) == 0 && is_charset(name + 2, "utf8") ? LOCALE_UTF_8 : LOCALE_NONE;
}
