/* SPDX-License-Identifier: MIT */
/* <err.h>: a message on stderr that begins with the program's name, as BSD has it. */
#ifndef CTX_C_ERR_H
#define CTX_C_ERR_H

#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ": " and what errno means follows; err and errx end the program. */
__attribute__((noreturn, format(printf, 2, 3))) void err(int status, const char *format, ...);
__attribute__((noreturn, format(printf, 2, 3))) void errx(int status, const char *format, ...);
__attribute__((format(printf, 1, 2))) void warn(const char *format, ...);
__attribute__((format(printf, 1, 2))) void warnx(const char *format, ...);
__attribute__((noreturn, format(printf, 2, 0))) void verr(int status, const char *format,
                                                          va_list args);
__attribute__((noreturn, format(printf, 2, 0))) void verrx(int status, const char *format,
                                                           va_list args);
__attribute__((format(printf, 1, 0))) void vwarn(const char *format, va_list args);
__attribute__((format(printf, 1, 0))) void vwarnx(const char *format, va_list args);

#ifdef __cplusplus
}
#endif
#endif
