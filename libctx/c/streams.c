/* SPDX-License-Identifier: MIT */
/*
 * A program's three streams, where somebody has them for it: ctx.terminal/1, the kernel's own or an
 * app's, which is all the same here. Programs with main() use it, from their first byte on; others
 * are called again and again and never wait, so theirs is the log.
 *
 * One request is always open, for signals and for whatever somebody waits for; its end is the
 * event DONE. Whoever waits asks again himself afterwards: what one fiber is told may be what
 * another one waited for. When the other side has gone, or the app was restored, all answers are
 * STALE: the table is opened again, and the terminal gets the modes that the program had set.
 */
#include "glue.h"
#include "signals.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <errno.h>
#include <signal.h>

#define DONE    (UINT64_C(1) << CTX_EVENT_DONE)
#define READY   (UINT64_C(1) << CTX_EVENT_READY)
#define BUSY_NS UINT64_C(2000000)

#pragma weak ctx_c_has_main

static struct {
    const struct ctx_terminal *table; /* NULL: there is none, or not yet */
    uint64_t request;                 /* 0: none is open */
    uint32_t wanted;                  /* by it */
    bool hung_up;                     /* that was told: SIGHUP comes once */
    bool is_set;                      /* the program has set */
    struct ctx_terminal_modes modes;
} state;

uint32_t ctx_c_streams_opened;

/* ---- the table ---- */

static uint32_t ask(uint32_t wanted);

static bool open_again(void)
{
    state.table = ctx_c_open(CTX_ID_TERMINAL);
    if (state.table != NULL && (state.table->t.flags & CTX_TBL_GRANTED) == 0) {
        state.table = NULL; /* not for us */
    }
    state.request = 0;
    state.hung_up = false;
    ctx_c_streams_opened++;
    if (state.table == NULL) {
        return false;
    }
    if (state.is_set) {
        (void)state.table->set_modes(state.table, 0, &state.modes);
    }
    return true;
}

bool ctx_c_has_streams(void)
{
    if (&ctx_c_has_main == NULL || !ctx_c_is_v3()) {
        return false;
    }
    if (state.table == NULL && open_again()) {
        ask(0);
    }
    return state.table != NULL;
}

/* What to do about an answer. True: ask once more. */
static bool again(ctx_status status, uint32_t *tries)
{
    if (status == CTX_E_STALE && (*tries)++ == 0) {
        return open_again();
    }
    if (status == CTX_E_BUSY) { /* an app has it, which is in the middle of something */
        uint64_t now = 0;
        struct ctx *ctx = ctx_now();
        ctx->time->now(ctx->time, &now);
        return ctx_fiber_current() == NULL || ctx_fiber_await(READY, now + BUSY_NS) != CTX_E_INVAL;
    }
    return false;
}

#define CALL(result, function, ...)                                                                \
    do {                                                                                           \
        uint32_t tries = 0;                                                                        \
        do {                                                                                       \
            (result) = state.table != NULL ? state.table->function(state.table, __VA_ARGS__)       \
                                           : CTX_E_NOSYS;                                          \
        } while (again((result), &tries));                                                         \
    } while (0)

/* ---- the request ---- */

/* What the request has told, if it has ended: it is not open any more, and a signal is delivered.
 * Returns CTX_READY_*. */
static uint32_t collect(void)
{
    const struct ctx_service *service = ctx_c_open(CTX_ID_SERVICE);
    struct ctx_terminal_ready ready = {.size = sizeof ready};
    uint32_t len = 0, result = 0;
    if (state.request == 0 || service == NULL) {
        return 0;
    }
    ctx_status status = service->take(service, state.request, &ready, sizeof ready, &len, &result);
    if (status == CTX_E_AGAIN) {
        return 0;
    }
    state.request = 0;
    if (status != CTX_OK || result != CTX_OK || len < sizeof ready) {
        if (status == CTX_E_STALE || (ctx_status)result == CTX_E_STALE) {
            open_again();
        }
        return 0;
    }
    if ((ready.what & CTX_READY_SIZE) != 0) {
        ctx_c_signal(SIGWINCH);
    }
    if ((ready.what & CTX_READY_HANGUP) != 0) {
        state.hung_up = true;
        ctx_c_signal(SIGHUP);
    }
    if ((ready.what & CTX_READY_SIGNAL) != 0) {
        ctx_c_signal(ctx_c_signal_of(ready.signal)); /* 0 is none */
    }
    return ready.what;
}

/* One request that wants at least these, and what else is waited for. What the one before has told
 * meanwhile. */
static uint32_t ask(uint32_t wanted)
{
    ctx_status status;
    uint32_t told = 0;
    uint64_t request = 0;
    uint32_t catches = ctx_c_catches();
    wanted |= state.hung_up ? 0 : CTX_READY_HANGUP; /* it would hold for ever */
    wanted |= CTX_READY_SIGNAL | catches | (catches != 0 ? CTX_READY_SIZE : 0);
    if (state.request != 0 && (state.wanted & wanted) == wanted) {
        return 0;
    }
    told = collect();
    const struct ctx_service *service = ctx_c_open(CTX_ID_SERVICE);
    if (state.request != 0 && service != NULL) {
        wanted |= state.wanted & (CTX_READY_READ | CTX_READY_WRITE);
        service->cancel(service, state.request);
    }
    CALL(status, next, wanted, &request);
    state.request = status == CTX_PENDING ? request : 0;
    state.wanted = wanted;
    return told;
}

/* The same, when it may have ended; then another one is open. */
static uint32_t look(void)
{
    uint32_t told = collect();
    return told | (state.request == 0 && state.table != NULL ? ask(0) : 0);
}

void ctx_c_streams_changed(void)
{
    if (state.table != NULL) {
        state.wanted &= CTX_READY_READ | CTX_READY_WRITE; /* of signals it wants others now */
        ask(0);
    }
}

uint64_t ctx_c_streams_ask(void)
{
    if (!ctx_c_has_streams()) {
        return 0;
    }
    look();
    return DONE;
}

void ctx_c_streams_look(void)
{
    if (state.table != NULL) {
        look();
    }
}

uint64_t ctx_c_streams_ask_for(uint32_t wanted)
{
    uint64_t mask = 0;
    if ((wanted & CTX_READY_READ) != 0 && ctx_c_kind(0) == CTX_STREAM_NONE) {
        mask = CTX_C_TYPED;
        wanted &= ~(uint32_t)CTX_READY_READ;
    }
    if (wanted != 0 && ctx_c_has_streams()) {
        ask(wanted);
        mask |= DONE;
    }
    return mask;
}

/* Until one of these may hold, or a signal came: false, and errno. Outside of a fiber nobody waits:
 * whoever has bytes to write then asks again and again. */
static bool wait_for(uint32_t wanted)
{
    if (ctx_fiber_current() == NULL) {
        errno = EAGAIN;
        return (wanted & CTX_READY_WRITE) != 0;
    }
    ctx_status status = ask(wanted) == 0 ? ctx_c_await(DONE, CTX_FIBER_NEVER, true) : CTX_OK;
    if (status == CTX_E_CANCELED) {
        errno = EINTR;
        return false;
    }
    return ctx_c_result(status) == 0;
}

/* ---- what the others call ---- */

uint32_t ctx_c_kind(int fd)
{
    struct ctx_terminal_stream stream = {.size = sizeof stream};
    return ctx_c_describe(fd, &stream) == CTX_OK ? stream.kind : CTX_STREAM_NONE;
}

ctx_status ctx_c_describe(int fd, struct ctx_terminal_stream *stream)
{
    ctx_status status = CTX_E_NOSYS;
    if (fd >= 0 && fd <= 2 && ctx_c_has_streams()) {
        CALL(status, describe, (uint32_t)fd, stream);
    }
    return status;
}

ctx_status ctx_c_modes(struct ctx_terminal_modes *modes)
{
    ctx_status status = CTX_E_NOENT;
    modes->size = sizeof *modes;
    if (ctx_c_has_streams()) {
        CALL(status, modes, modes);
    }
    return status;
}

ctx_status ctx_c_set_modes(uint32_t when, const struct ctx_terminal_modes *modes)
{
    ctx_status status = CTX_E_NOENT;
    if (ctx_c_has_streams()) {
        CALL(status, set_modes, when, modes);
    }
    if (status == CTX_OK) {
        state.modes = *modes;
        state.is_set = true;
    }
    return status;
}

int ctx_c_ready(int fd, bool write)
{
    uint32_t bit = write ? CTX_READY_WRITE : CTX_READY_READ;
    if (fd == 0 && !write && ctx_c_kind(0) == CTX_STREAM_NONE) {
        return ctx_c_typed_ready();
    }
    if (fd < 0 || fd > 2 || !ctx_c_has_streams()) {
        return fd != 0;
    }
    uint32_t told = look() | ask(bit) | collect();
    look();
    return (told & bit) != 0;
}

long ctx_c_terminal_read(void *to, size_t len, bool at_once)
{
    uint32_t count = 0, most = len < 0x1000 ? (uint32_t)len : 0x1000;
    int kept = errno;
    if (len == 0) {
        return 0;
    }
    for (;;) {
        ctx_status status;
        CALL(status, read, to, most, &count);
        if (status == CTX_E_NOSYS) {
            return -2; /* there is none any more */
        }
        if (status == CTX_E_AGAIN && at_once) {
            errno = EAGAIN;
            return -1;
        }
        if (status != CTX_E_AGAIN) {
            errno = status == CTX_OK ? kept : EIO;
            return status == CTX_OK ? (long)count : -1;
        }
        ctx_c_flush_lines(); /* the question */
        if (!wait_for(CTX_READY_READ)) {
            return -1;
        }
    }
}

static int error_of(ctx_status status)
{
    if (status == CTX_E_RESET) {
        ctx_c_signal(SIGPIPE);
        ctx_c_signals_run();
        return EPIPE;
    }
    return status == CTX_E_NOSPC ? ENOSPC : EIO;
}

long ctx_c_terminal_write(int fd, const void *from, size_t len)
{
    const uint8_t *bytes = from;
    size_t done = 0;
    int kept = errno;
    ctx_c_streams_look();
    ctx_c_signals_run(); /* who prints all the time waits for nothing else */
    if (&ctx_c_pause != NULL) {
        ctx_c_pause();
    }
    while (done < len) {
        uint32_t written = 0, part = len - done < 0x8000 ? (uint32_t)(len - done) : 0x8000;
        ctx_status status;
        CALL(status, write, (uint32_t)fd, bytes + done, part, &written);
        done += status == CTX_OK ? written : 0;
        if (status == CTX_E_NOSYS) {
            return -2;
        }
        if ((status == CTX_E_AGAIN && !wait_for(CTX_READY_WRITE)) ||
            (status != CTX_OK && status != CTX_E_AGAIN)) {
            errno = status == CTX_E_AGAIN ? errno : error_of(status);
            return done > 0 ? (long)done : -1;
        }
    }
    errno = kept;
    return (long)done;
}
