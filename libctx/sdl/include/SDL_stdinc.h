/* SPDX-License-Identifier: MIT */
/* SDL_stdinc.h - types, and the C library by other names. */
#ifndef SDL_stdinc_h_
#define SDL_stdinc_h_

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DECLSPEC
#define SDLCALL
#define SDL_FORCE_INLINE       static __attribute__((always_inline)) __inline__
#define SDL_INLINE             __inline__
#define SDL_UNUSED             __attribute__((unused))
#define SDL_arraysize(array)   (sizeof(array) / sizeof((array)[0]))
#define SDL_TABLESIZE(table)   SDL_arraysize(table)
#define SDL_STRINGIFY_ARG(arg) #arg
#define SDL_FOURCC(a, b, c, d)                                                                     \
    ((Uint32)(Uint8)(a) | (Uint32)(Uint8)(b) << 8 | (Uint32)(Uint8)(c) << 16 |                     \
     (Uint32)(Uint8)(d) << 24)
#define SDL_COMPILE_TIME_ASSERT(name, x) typedef int SDL_compile_time_assert_##name[(x)*2 - 1]
#define SDL_PRINTF_FORMAT_STRING
#define SDL_PRINTF_VARARG_FUNC(n) __attribute__((format(printf, n, n + 1)))
#define SDL_min(x, y)             ((x) < (y) ? (x) : (y))
#define SDL_max(x, y)             ((x) > (y) ? (x) : (y))
#define SDL_clamp(x, a, b)        ((x) < (a) ? (a) : (x) > (b) ? (b) : (x))
#define SDL_zero(x)               memset(&(x), 0, sizeof(x))
#define SDL_zerop(x)              memset((x), 0, sizeof(*(x)))
#define SDL_zeroa(x)              memset((x), 0, sizeof(x))

/* Casts that C and C++ write alike. */
#ifdef __cplusplus
#define SDL_reinterpret_cast(type, expression) reinterpret_cast<type>(expression)
#define SDL_static_cast(type, expression)      static_cast<type>(expression)
#define SDL_const_cast(type, expression)       const_cast<type>(expression)
#else
#define SDL_reinterpret_cast(type, expression) ((type)(expression))
#define SDL_static_cast(type, expression)      ((type)(expression))
#define SDL_const_cast(type, expression)       ((type)(expression))
#endif

typedef enum { SDL_FALSE = 0, SDL_TRUE = 1 } SDL_bool;
typedef int8_t Sint8;
typedef uint8_t Uint8;
typedef int16_t Sint16;
typedef uint16_t Uint16;
typedef int32_t Sint32;
typedef uint32_t Uint32;
typedef int64_t Sint64;
typedef uint64_t Uint64;

#ifndef M_PI
#define M_PI 3.14159265358979323846264338327950288
#endif

#define SDL_PRIs64 PRId64
#define SDL_PRIu64 PRIu64
#define SDL_PRIx64 PRIx64

/* Memory: as malloc() and the like; what other SDL functions say is to be freed goes here. */
void *SDL_malloc(size_t size);
void *SDL_calloc(size_t count, size_t size);
void *SDL_realloc(void *mem, size_t size);
void SDL_free(void *mem);

char *SDL_getenv(const char *name);
int SDL_setenv(const char *name, const char *value, int overwrite);
void SDL_qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));

int SDL_abs(int x);
int SDL_isalpha(int x);
int SDL_isdigit(int x);
int SDL_isspace(int x);
int SDL_toupper(int x);
int SDL_tolower(int x);

void *SDL_memset(void *to, int c, size_t len);
void *SDL_memcpy(void *to, const void *from, size_t len);
void *SDL_memmove(void *to, const void *from, size_t len);
int SDL_memcmp(const void *a, const void *b, size_t len);

size_t SDL_strlen(const char *text);
/* always ends; returns the length of from */
size_t SDL_strlcpy(char *to, const char *from, size_t room);
size_t SDL_utf8strlcpy(char *to, const char *from, size_t room); /* the same, no half characters */
size_t SDL_strlcat(char *to, const char *from, size_t room);
size_t SDL_utf8strlen(const char *text);
char *SDL_strdup(const char *text);
char *SDL_strrev(char *text);
char *SDL_strupr(char *text);
char *SDL_strlwr(char *text);
char *SDL_strchr(const char *text, int c);
char *SDL_strrchr(const char *text, int c);
char *SDL_strstr(const char *text, const char *part);
char *SDL_strtokr(char *text, const char *ends, char **rest);
char *SDL_itoa(int value, char *to, int radix);
int SDL_atoi(const char *text);
double SDL_atof(const char *text);
long SDL_strtol(const char *text, char **end, int base);
unsigned long SDL_strtoul(const char *text, char **end, int base);
double SDL_strtod(const char *text, char **end);
int SDL_strcmp(const char *a, const char *b);
int SDL_strncmp(const char *a, const char *b, size_t most);
int SDL_strcasecmp(const char *a, const char *b);
int SDL_strncasecmp(const char *a, const char *b, size_t most);
int SDL_sscanf(const char *text, const char *format, ...) __attribute__((format(scanf, 2, 3)));
int SDL_snprintf(char *to, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int SDL_vsnprintf(char *to, size_t room, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

double SDL_acos(double x);
double SDL_asin(double x);
double SDL_atan(double x);
double SDL_atan2(double y, double x);
double SDL_ceil(double x);
double SDL_cos(double x);
double SDL_exp(double x);
double SDL_fabs(double x);
double SDL_floor(double x);
double SDL_fmod(double x, double y);
double SDL_log(double x);
double SDL_log10(double x);
double SDL_pow(double x, double y);
double SDL_round(double x);
double SDL_scalbn(double x, int n);
double SDL_sin(double x);
double SDL_sqrt(double x);
double SDL_tan(double x);
float SDL_atan2f(float y, float x);
float SDL_ceilf(float x);
float SDL_cosf(float x);
float SDL_fabsf(float x);
float SDL_floorf(float x);
float SDL_fmodf(float x, float y);
float SDL_powf(float x, float y);
float SDL_roundf(float x);
float SDL_sinf(float x);
float SDL_sqrtf(float x);
float SDL_tanf(float x);

#ifdef __cplusplus
}
#endif
#endif
