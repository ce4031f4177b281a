/* SPDX-License-Identifier: MIT */
/* <err.h>, <dlfcn.h> and <syslog.h>: words that programs say, or would like to hear. */
#include "glue.h"

#include <ctx/c.h>

#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static void say(int error, const char *format, va_list args)
{
    fprintf(stderr, "%s: ", ctx_c_program_name);
    if (format != NULL) {
        vfprintf(stderr, format, args);
    }
    if (error >= 0) {
        fprintf(stderr, "%s%s", format != NULL ? ": " : "", strerror(error));
    }
    fputc('\n', stderr);
}

void vwarn(const char *format, va_list args)
{
    say(errno, format, args);
}

void vwarnx(const char *format, va_list args)
{
    say(-1, format, args);
}

void verr(int status, const char *format, va_list args)
{
    say(errno, format, args);
    exit(status);
}

void verrx(int status, const char *format, va_list args)
{
    say(-1, format, args);
    exit(status);
}

void warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vwarn(format, args);
    va_end(args);
}

void warnx(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vwarnx(format, args);
    va_end(args);
}

void err(int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    verr(status, format, args);
}

void errx(int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    verrx(status, format, args);
}

/* ---- <dlfcn.h>: an app is one file ---- */

static bool dl_failed;

static void *no_library(void)
{
    dl_failed = true;
    return NULL;
}

/* clang-format off */
void *dlopen(const char *path, int flags) { (void)path; (void)flags; return no_library(); }
void *dlsym(void *handle, const char *name) { (void)handle; (void)name; return no_library(); }
int dlclose(void *handle) { (void)handle; no_library(); return -1; }
/* clang-format on */

char *dlerror(void)
{
    static char text[] = "an app is one file, linked statically: it can load no library";
    bool failed = dl_failed;
    dl_failed = false;
    return failed ? text : NULL;
}

/* ---- <syslog.h>: the log ---- */

static int log_mask = 0xff;
static const char *log_name;

void openlog(const char *name, int options, int facility)
{
    (void)options;
    (void)facility;
    log_name = name;
}

void closelog(void)
{
    log_name = NULL;
}

int setlogmask(int mask)
{
    int before = log_mask;
    log_mask = mask != 0 ? mask : before;
    return before;
}

void vsyslog(int priority, const char *format, va_list args)
{
    char text[300];
    int level = priority & 7;
    if ((log_mask & 1 << level) != 0) {
        vsnprintf(text, sizeof text, format, args);
        ctx_c_say(level <= LOG_ERR       ? CTX_LOG_ERROR
                  : level <= LOG_WARNING ? CTX_LOG_WARN
                                         : CTX_LOG_INFO,
                  "%s%s%s", log_name != NULL ? log_name : "", log_name != NULL ? ": " : "", text);
    }
}

void syslog(int priority, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsyslog(priority, format, args);
    va_end(args);
}
