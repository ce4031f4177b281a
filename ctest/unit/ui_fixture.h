/* SPDX-License-Identifier: MIT */
/* What the tests of <ctx/ui.h> share: a picture with a band around it that nothing may touch. */
#ifndef UNIT_UI_FIXTURE_H
#define UNIT_UI_FIXTURE_H

#include <ctx/ctx.h>
#include <ctx/key.h>
#include <ctx/ui.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BAND  16u
#define SIDE  256u
#define PITCH (SIDE + 2 * BAND)
#define GUARD 0xdeadbeefu

static uint32_t picture[PITCH * PITCH];

/* The picture's own pixels, and all else the guard. */
static inline uint32_t *fresh(uint32_t color)
{
    for (size_t i = 0; i < PITCH * PITCH; i++) {
        size_t x = i % PITCH, y = i / PITCH;
        int in = x >= BAND && y >= BAND && x < BAND + SIDE && y < BAND + SIDE;
        picture[i] = in ? color : GUARD;
    }
    return picture + BAND * PITCH + BAND;
}

static inline uint32_t at(uint32_t x, uint32_t y)
{
    return picture[(BAND + y) * PITCH + BAND + x];
}

/* Nothing outside of this rectangle is another than `color`, and the band is whole. */
static inline void expect_only(struct ctx_rect r, uint32_t color)
{
    for (uint32_t y = 0; y < PITCH; y++) {
        for (uint32_t x = 0; x < PITCH; x++) {
            int32_t u = (int32_t)x - (int32_t)BAND, v = (int32_t)y - (int32_t)BAND;
            int in = u >= 0 && v >= 0 && u < (int32_t)SIDE && v < (int32_t)SIDE;
            uint32_t pixel = picture[y * PITCH + x];
            if (pixel != (in ? color : GUARD) &&
                !(in && u >= r.x && v >= r.y && u - r.x < r.w && v - r.y < r.h)) {
                fail_msg("the pixel at %d,%d is %#x", u, v, pixel);
            }
        }
    }
}

static inline void expect_band(void)
{
    expect_only(CTX_RECT(0, 0, SIDE, SIDE), 0);
}

/* A generator that gives the same numbers in every run (Marsaglia, "Xorshift RNGs", 2003). */
static inline uint32_t random_of(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state * 0x2545f4914f6cdd1du >> 32);
}

static inline int32_t between(uint64_t *state, int32_t low, int32_t high)
{
    return low + (int32_t)(random_of(state) % (uint32_t)(high - low + 1));
}

/* One event after the other, and as many passes as it takes. A dozen is too many. */
static struct ctx_ui ui;
static uint64_t now_ns;

static inline void pass_with(const struct ctx_event *e, void (*window)(void))
{
    int passes = 0, more;
    if (e != NULL) {
        ctx_ui_feed(&ui, e);
    }
    do {
        ctx_ui_begin(&ui, picture + BAND * PITCH + BAND, SIDE, SIDE, PITCH);
        window();
        more = ctx_ui_end(&ui);
        assert_true(++passes < 12);
    } while (more);
}

static inline void key_with(uint32_t code, uint32_t modifiers, void (*window)(void))
{
    now_ns += 1000000;
    struct ctx_event e = {
        .kind = CTX_EVENT_KEY, .code = code, .value = 1, .modifiers = modifiers, .time_ns = now_ns};
    pass_with(&e, window);
    e.value = 0;
    pass_with(&e, window);
}

static inline void text_with(const char *text, void (*window)(void))
{
    for (uint32_t i = 0, code; (code = ctx_utf8_next(text, CTX_TEXT_ALL, &i)) != 0;) {
        struct ctx_event e = {.kind = CTX_EVENT_TEXT, .code = code, .time_ns = now_ns};
        pass_with(&e, window);
    }
}

static inline void point_with(int32_t x, int32_t y, uint32_t buttons, void (*window)(void))
{
    now_ns += 1000000;
    struct ctx_event e = {.kind = CTX_EVENT_POINTER,
                          .surface = 1,
                          .x = x,
                          .y = y,
                          .code = buttons,
                          .time_ns = now_ns};
    pass_with(&e, window);
}

static inline void click_with(int32_t x, int32_t y, void (*window)(void))
{
    now_ns += 1000000000; /* no double click */
    point_with(x, y, 0, window);
    point_with(x, y, 1, window);
    point_with(x, y, 0, window);
}

static inline void start_with(void (*window)(void))
{
    struct ctx_theme theme;
    ctx_theme_make(&theme, 120, 0, &ctx_faces_1x2x);
    ctx_ui_init(&ui, &theme, CTX_SURFACE_RGBX);
    fresh(0);
    pass_with(NULL, window);
}

#endif
