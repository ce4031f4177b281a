/* SPDX-License-Identifier: MIT */
/* The C library by other names. */
#include "private.h"

/* clang-format off */
void *SDL_malloc(size_t size) { return malloc(size > 0 ? size : 1); }
void *SDL_calloc(size_t count, size_t size) { return calloc(count > 0 ? count : 1, size > 0 ? size : 1); }
void *SDL_realloc(void *mem, size_t size) { return realloc(mem, size > 0 ? size : 1); }
void SDL_free(void *mem) { free(mem); }
char *SDL_getenv(const char *name) { return getenv(name); }
int SDL_setenv(const char *name, const char *value, int overwrite) { return setenv(name, value, overwrite); }
void SDL_qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *)) { qsort(base, count, size, compare); }
int SDL_abs(int x) { return x < 0 ? -x : x; }
int SDL_isalpha(int x) { return isalpha(x); }
int SDL_isdigit(int x) { return isdigit(x); }
int SDL_isspace(int x) { return isspace(x); }
int SDL_toupper(int x) { return toupper(x); }
int SDL_tolower(int x) { return tolower(x); }
void *SDL_memset(void *to, int c, size_t len) { return memset(to, c, len); }
void *SDL_memcpy(void *to, const void *from, size_t len) { return memcpy(to, from, len); }
void *SDL_memmove(void *to, const void *from, size_t len) { return memmove(to, from, len); }
int SDL_memcmp(const void *a, const void *b, size_t len) { return memcmp(a, b, len); }
size_t SDL_strlen(const char *text) { return strlen(text); }
char *SDL_strdup(const char *text) { return strdup(text); }
char *SDL_strchr(const char *text, int c) { return (char *)(uintptr_t)strchr(text, c); }
char *SDL_strrchr(const char *text, int c) { return (char *)(uintptr_t)strrchr(text, c); }
char *SDL_strstr(const char *text, const char *part) { return (char *)(uintptr_t)strstr(text, part); }
char *SDL_strtokr(char *text, const char *ends, char **rest) { return strtok_r(text, ends, rest); }
int SDL_atoi(const char *text) { return (int)strtol(text, NULL, 10); }
double SDL_atof(const char *text) { return strtod(text, NULL); }
long SDL_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
unsigned long SDL_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
double SDL_strtod(const char *text, char **end) { return strtod(text, end); }
int SDL_strcmp(const char *a, const char *b) { return strcmp(a, b); }
int SDL_strncmp(const char *a, const char *b, size_t most) { return strncmp(a, b, most); }
int SDL_strcasecmp(const char *a, const char *b) { return strcasecmp(a, b); }
int SDL_strncasecmp(const char *a, const char *b, size_t most) { return strncasecmp(a, b, most); }

double SDL_acos(double x) { return acos(x); }
double SDL_asin(double x) { return asin(x); }
double SDL_atan(double x) { return atan(x); }
double SDL_atan2(double y, double x) { return atan2(y, x); }
double SDL_ceil(double x) { return ceil(x); }
double SDL_cos(double x) { return cos(x); }
double SDL_exp(double x) { return exp(x); }
double SDL_fabs(double x) { return fabs(x); }
double SDL_floor(double x) { return floor(x); }
double SDL_fmod(double x, double y) { return fmod(x, y); }
double SDL_log(double x) { return log(x); }
double SDL_log10(double x) { return log10(x); }
double SDL_pow(double x, double y) { return pow(x, y); }
double SDL_round(double x) { return round(x); }
double SDL_scalbn(double x, int n) { return scalbn(x, n); }
double SDL_sin(double x) { return sin(x); }
double SDL_sqrt(double x) { return sqrt(x); }
double SDL_tan(double x) { return tan(x); }
float SDL_atan2f(float y, float x) { return atan2f(y, x); }
float SDL_ceilf(float x) { return ceilf(x); }
float SDL_cosf(float x) { return cosf(x); }
float SDL_fabsf(float x) { return fabsf(x); }
float SDL_floorf(float x) { return floorf(x); }
float SDL_fmodf(float x, float y) { return fmodf(x, y); }
float SDL_powf(float x, float y) { return powf(x, y); }
float SDL_roundf(float x) { return roundf(x); }
float SDL_sinf(float x) { return sinf(x); }
float SDL_sqrtf(float x) { return sqrtf(x); }
float SDL_tanf(float x) { return tanf(x); }
/* clang-format on */

size_t SDL_strlcpy(char *to, const char *from, size_t room)
{
    size_t len = strlen(from);
    if (room > 0) {
        size_t some = len < room ? len : room - 1;
        memcpy(to, from, some);
        to[some] = 0;
    }
    return len;
}

size_t SDL_utf8strlcpy(char *to, const char *from, size_t room)
{
    size_t len = strlen(from), some = len < room ? len : room > 0 ? room - 1 : 0;
    while (some < len && some > 0 && (from[some] & 0xc0) == 0x80) {
        some--;
    }
    if (room > 0) {
        memcpy(to, from, some);
        to[some] = 0;
    }
    return some;
}

size_t SDL_strlcat(char *to, const char *from, size_t room)
{
    size_t len = strnlen(to, room);
    return len + (len < room ? SDL_strlcpy(to + len, from, room - len) : strlen(from));
}

size_t SDL_utf8strlen(const char *text)
{
    size_t count = 0;
    for (; *text != 0; text++) {
        count += (*text & 0xc0) != 0x80;
    }
    return count;
}

char *SDL_strrev(char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len / 2; i++) {
        char c = text[i];
        text[i] = text[len - 1 - i];
        text[len - 1 - i] = c;
    }
    return text;
}

char *SDL_strupr(char *text)
{
    for (char *p = text; *p != 0; p++) {
        *p = (char)toupper((unsigned char)*p);
    }
    return text;
}

char *SDL_strlwr(char *text)
{
    for (char *p = text; *p != 0; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    return text;
}

char *SDL_itoa(int value, char *to, int radix)
{
    char *p = to;
    unsigned rest = value < 0 ? 0u - (unsigned)value : (unsigned)value;
    unsigned base = radix >= 2 && radix <= 36 ? (unsigned)radix : 10;
    do {
        *p++ = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % base];
        rest /= base;
    } while (rest > 0);
    if (value < 0) {
        *p++ = '-';
    }
    *p = 0;
    return SDL_strrev(to);
}

int SDL_sscanf(const char *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int count = vsscanf(text, format, args);
    va_end(args);
    return count;
}

int SDL_vsnprintf(char *to, size_t room, const char *format, va_list args)
{
    return vsnprintf(to, room, format, args);
}

int SDL_snprintf(char *to, size_t room, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(to, room, format, args);
    va_end(args);
    return len;
}
