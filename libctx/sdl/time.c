/* SPDX-License-Identifier: MIT */
/*
 * Time, and waiting. There is one thread: timers and the audio callback run in sdl_turn(), which is
 * called wherever the program waits, and they may wait themselves; so they are not called again
 * while they run.
 */
#include "private.h"

#include "glue.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <time.h>

#define MS         UINT64_C(1000000)
#define TIMERS     32
#define ASKED_MOST 256 /* so often the time is asked for before that is a way of waiting */

/* Who works all the time lets the others go on so often. */
#define TURN (2 * MS)

/* So many empty polls, each so soon behind the one before, are one, too: a game may look two or
 * three times for each picture. */
#define POLLS_MOST 4
#define SOON       (MS / 10)

struct timer {
    SDL_TimerID id; /* 0: free */
    uint64_t due;
    Uint32 interval;
    SDL_TimerCallback callback;
    void *param;
};

static struct {
    bool begun;
    uint64_t start;
    struct timer timers[TIMERS];
    SDL_TimerID last_id;
    bool turning;    /* in sdl_turn */
    bool waited;     /* since sdl_breathe was called last */
    uint64_t rested; /* when the program had waited */
    uint64_t polled; /* when it found nothing */
    /* since the program waited: */
    uint32_t asked; /* for the time */
    uint32_t polls; /* that found nothing, each soon behind the one before */
} state;

uint64_t sdl_now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t now = (uint64_t)t.tv_sec * 1000 * MS + (uint64_t)t.tv_nsec;
    if (!state.begun) {
        state.begun = true;
        state.start = now;
    }
    return now;
}

/* ---- timers ---- */

static uint64_t timers_turn(uint64_t now)
{
    uint64_t next = UINT64_MAX;
    for (int i = 0; i < TIMERS; i++) {
        struct timer *t = &state.timers[i];
        SDL_TimerID id = t->id;
        if (id != 0 && t->due <= now) {
            Uint32 again = t->callback(t->interval, t->param);
            if (t->id != id) {
                continue; /* it removed itself */
            }
            t->interval = again;
            t->due = t->due + again * MS > now ? t->due + again * MS : now + again * MS;
            t->id = again > 0 ? id : 0;
        }
        if (t->id != 0 && t->due < next) {
            next = t->due;
        }
    }
    return next;
}

SDL_TimerID SDL_AddTimer(Uint32 interval, SDL_TimerCallback callback, void *param)
{
    for (int i = 0; i < TIMERS && callback != NULL; i++) {
        struct timer *t = &state.timers[i];
        if (t->id == 0) {
            *t = (struct timer){++state.last_id, sdl_now() + interval * MS, interval, callback,
                                param};
            return t->id;
        }
    }
    SDL_SetError(callback == NULL ? "a timer without a callback" : "there are %d timers already",
                 TIMERS);
    return 0;
}

SDL_bool SDL_RemoveTimer(SDL_TimerID id)
{
    for (int i = 0; i < TIMERS && id != 0; i++) {
        if (state.timers[i].id == id) {
            state.timers[i].id = 0;
            return SDL_TRUE;
        }
    }
    return SDL_FALSE;
}

/* ---- waiting ---- */

/* The moment when something is due next. */
static uint64_t turn(void)
{
    uint64_t next = UINT64_MAX;
    if (!state.turning) {
        uint64_t now = sdl_now();
        state.turning = true;
        uint64_t timers = timers_turn(now), audio = sdl_audio_turn(now);
        state.turning = false;
        next = timers < audio ? timers : audio;
    }
    return next;
}

void sdl_turn(void)
{
    turn();
}

static bool wait_until(uint64_t mask, uint64_t deadline)
{
    for (;;) {
        uint64_t next = turn();
        uint64_t until = next < deadline ? next : deadline;
        ctx_status status = ctx_c_await(mask, until, true);
        if (status == CTX_E_TIMEDOUT && until == deadline) {
            turn();
            return true;
        }
        if (status != CTX_E_TIMEDOUT && (status != CTX_OK || mask != 0)) {
            return status == CTX_OK;
        }
    }
}

static void begin_wait(void)
{
    state.waited = true;
    state.asked = state.polls = 0;
    ctx_c_flush_lines();
}

bool sdl_wait(uint64_t mask, uint64_t deadline)
{
    if (ctx_fiber_current() == NULL) {
        turn();
        return false;
    }
    begin_wait();
    bool done = wait_until(mask, deadline);
    state.rested = sdl_now();
    return done;
}

/* Where the clock stands still within a call (virtual time), nothing shows whether the program
 * works: it waits as if it did not. */
static bool stands_still(uint64_t now)
{
    return now == state.rested;
}

static bool is_its_turn_over(uint64_t now)
{
    return now - state.rested >= TURN;
}

void sdl_breathe(void)
{
    uint64_t now = sdl_now();
    if (!state.waited && stands_still(now)) {
        sdl_wait(0, now + MS / 16);
    } else if (!state.waited && is_its_turn_over(now)) {
        sdl_wait(0, now);
    }
    state.waited = false;
}

bool sdl_poll_empty(void)
{
    uint64_t now = sdl_now();
    if (now - state.polled >= SOON) {
        state.polls = 0;
    }
    state.polled = now;
    uint32_t most = stands_still(now) ? 2 : POLLS_MOST;
    if (++state.polls >= most) {
        sdl_wait(0, now + MS);
        state.polls = most - 1; /* this one, and those before */
        state.polled = state.rested;
        return true;
    }
    return is_its_turn_over(now) && sdl_wait(0, now);
}

void sdl_next_picture(void)
{
    turn();
    begin_wait();
    ctx_fiber_yield();
    state.rested = sdl_now();
}

void SDL_Delay(Uint32 ms)
{
    sdl_wait(0, sdl_now() + (ms > 0 ? ms * MS : MS / 4));
}

/* ---- clocks ---- */

/* A loop that looks at the clock until it is late enough must not stop the others. */
static uint64_t asked(void)
{
    uint64_t now = sdl_now();
    if (++state.asked >= ASKED_MOST && !state.turning) {
        sdl_wait(0, is_its_turn_over(now) ? now : now + MS / 4);
        now = sdl_now();
    }
    return now;
}

Uint64 SDL_GetTicks64(void)
{
    uint64_t now = asked();
    return (now - state.start) / MS;
}

Uint32 SDL_GetTicks(void)
{
    return (Uint32)SDL_GetTicks64();
}

Uint64 SDL_GetPerformanceCounter(void)
{
    return asked();
}

Uint64 SDL_GetPerformanceFrequency(void)
{
    return 1000 * MS;
}
