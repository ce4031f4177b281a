/* SPDX-License-Identifier: MIT */
/*
 * Clocks and sleeping. Before version 3 there is one clock, the time since the machine was switched
 * on, of the moment when this call began: it stands still during a call.
 *
 * Who sleeps leaves _start, so that takes a fiber. Elsewhere sleeping fails at once with EAGAIN: a
 * loop that waited would stop all other apps.
 */
#include "glue.h"
#include "signals.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

static ctx_status monotonic(int64_t *ns)
{
    struct ctx *ctx = ctx_now();
    uint64_t now = ctx->start_time_ms * 1000000;
    ctx_status status = ctx_c_is_v3() ? ctx->time->now(ctx->time, &now) : CTX_OK;
    *ns = (int64_t)now;
    return status;
}

static ctx_status calendar(int64_t *ns)
{
    struct ctx *ctx = ctx_now();
    ctx_c_follow_zone();
    return ctx_c_is_v3() ? ctx->time->wall(ctx->time, ns) : monotonic(ns);
}

static void put_two(char *to, uint32_t number)
{
    to[0] = (char)('0' + number / 10 % 10);
    to[1] = (char)('0' + number % 10);
}

/*
 * localtime() and the like go by TZ, which follows the system's zone where the app has not set one.
 * In its text the sign is the other one: POSIX has east of Greenwich negative.
 */
void ctx_c_follow_zone(void)
{
    static char ours[24]; /* what it was set to here; empty: nothing */
    struct ctx *ctx = ctx_now();
    int offset = 0; /* as getenv() of below would find it */
    const char *has = _findenv("TZ", &offset);
    int64_t zone = 0;
    char text[sizeof ours] = "<+hhmm>-hh:mm:ss";
    if (!ctx_c_is_v3() || !CTX_TABLE_HAS(struct ctx_time, ctx->time, zone) ||
        (has != NULL && strcmp(has, ours) != 0) || ctx->time->zone(ctx->time, &zone) != CTX_OK) {
        return;
    }
    uint32_t seconds = (uint32_t)(zone < 0 ? -zone : zone), minutes = seconds / 60;
    if (zone < 0) {
        text[1] = '-';
        text[7] = '+';
    }
    put_two(text + 2, minutes / 60);
    put_two(text + 8, minutes / 60);
    put_two(text + 4, minutes % 60);
    put_two(text + 11, minutes % 60);
    put_two(text + 14, seconds % 60);
    text[seconds == 0 ? 0 : seconds % 60 == 0 ? 13 : 16] = 0;
    if (strcmp(text, ours) != 0 && (seconds != 0 ? setenv("TZ", text, 1) : unsetenv("TZ")) == 0) {
        strcpy(ours, text);
        tzset();
    }
}

/*
 * Whoever asks for TZ gets what it is now: localtime(), mktime() and strftime() do each time, so a
 * program that runs on while summer begins is right about it. Weak: some programs have their own.
 */
__attribute__((weak)) char *getenv(const char *name)
{
    int offset = 0;
    if (strcmp(name, "TZ") == 0) {
        ctx_c_follow_zone();
    }
    return _findenv(name, &offset);
}

static struct timespec to_timespec(int64_t ns)
{
    int64_t rest = ns % SECOND;
    rest += rest < 0 ? SECOND : 0; /* before 1970 */
    return (struct timespec){.tv_sec = (time_t)((ns - rest) / SECOND), .tv_nsec = (long)rest};
}

/* False: it is none. Those that are too far away are as far as can be. */
static bool from_timespec(const struct timespec *t, int64_t *ns)
{
    if (t->tv_nsec < 0 || t->tv_nsec >= SECOND) {
        return false;
    }
    if (__builtin_mul_overflow((int64_t)t->tv_sec, SECOND, ns) ||
        __builtin_add_overflow(*ns, (int64_t)t->tv_nsec, ns)) {
        *ns = t->tv_sec < 0 ? INT64_MIN : INT64_MAX;
    }
    return true;
}

int clock_gettime(clockid_t clock_id, struct timespec *now)
{
    int64_t ns = 0;
    ctx_c_signals_poll(64);
    if (clock_id != CLOCK_MONOTONIC && clock_id != CLOCK_REALTIME) {
        errno = EINVAL;
        return -1;
    }
    ctx_status status = clock_id == CLOCK_MONOTONIC ? monotonic(&ns) : calendar(&ns);
    if (status == CTX_OK) {
        *now = to_timespec(ns);
    }
    return ctx_c_result(status);
}

int clock_getres(clockid_t clock_id, struct timespec *step)
{
    struct timespec now;
    if (clock_gettime(clock_id, &now) != 0) {
        return -1;
    }
    if (step != NULL) {
        *step = (struct timespec){.tv_nsec = ctx_c_is_v3() ? 1 : 1000000};
    }
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    int64_t ns = 0;
    ctx_c_signals_poll(64);
    ctx_status status = calendar(&ns);
    (void)zone;
    struct timespec t = to_timespec(ns);
    if (status != CTX_OK) {
        t = (struct timespec){.tv_sec = -1}; /* time() looks at nothing else */
    }
    now->tv_sec = t.tv_sec;
    now->tv_usec = (suseconds_t)(t.tv_nsec / 1000);
    return ctx_c_result(status);
}

clock_t clock(void)
{
    int64_t ns;
    ctx_c_signals_poll(64);
    return monotonic(&ns) == CTX_OK ? (clock_t)(ns / (SECOND / CLOCKS_PER_SEC)) : (clock_t)-1;
}

clock_t times(struct tms *out)
{
    *out = (struct tms){.tms_utime = clock()};
    return out->tms_utime;
}

/* 0, or the errno value. */
static int sleep_until(int64_t ns)
{
    int kept = errno;
    ctx_status status = CTX_E_AGAIN;
    if (ctx_fiber_current() != NULL) {
        status = ctx_c_await(0, ns > 0 ? (uint64_t)ns : 0, false);
    }
    errno = kept;
    return status == CTX_E_TIMEDOUT ? 0 : status == CTX_E_CANCELED ? EINTR : ctx_errno(status);
}

static int sleep_for(int64_t ns)
{
    int64_t now;
    if (ns < 0) {
        ns = 0;
    }
    ctx_status status = monotonic(&now);
    if (status != CTX_OK) {
        return ctx_errno(status);
    }
    return sleep_until(ns > INT64_MAX - now ? INT64_MAX : now + ns);
}

/* With TIMER_ABSTIME by CLOCK_REALTIME: however that clock jumps meanwhile. Returns the error. */
int clock_nanosleep(clockid_t clock_id, int flags, const struct timespec *wanted,
                    struct timespec *left)
{
    struct timespec t;
    int64_t ns, now = 0;
    int kept = errno;
    if (!from_timespec(wanted, &ns) ||
        (clock_id != CLOCK_MONOTONIC && clock_id != CLOCK_REALTIME)) {
        return EINVAL;
    }
    if ((flags & TIMER_ABSTIME) != 0) {
        if (clock_gettime(clock_id, &t) != 0) {
            int error = errno;
            errno = kept;
            return error;
        }
        from_timespec(&t, &now);
        ns = ns > now ? ns - now : 0;
        left = NULL;
    }
    int64_t begun = 0, ended = 0;
    monotonic(&begun);
    int error = sleep_for(ns);
    if (error != 0 && left != NULL) {
        monotonic(&ended);
        *left =
            error == EINTR ? to_timespec(ended - begun < ns ? ns - (ended - begun) : 0) : *wanted;
    }
    return error;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    int error = clock_nanosleep(CLOCK_MONOTONIC, 0, wanted, left);
    if (error != 0) {
        errno = error;
        return -1;
    }
    return 0;
}

int usleep(useconds_t us)
{
    struct timespec t = {.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
    return nanosleep(&t, NULL);
}

/* Seconds that were not slept: all of them outside of a fiber. */
unsigned sleep(unsigned seconds)
{
    struct timespec t = {.tv_sec = (time_t)seconds};
    return nanosleep(&t, &t) == 0 ? 0 : (unsigned)t.tv_sec + (t.tv_nsec > 0);
}
