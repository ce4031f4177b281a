/* SPDX-License-Identifier: MIT */
/* An app that manages windows, and apps that have some: each does one thing in a call. */
#ifndef UNIT_WINDOWS_FIXTURE_H
#define UNIT_WINDOWS_FIXTURE_H

#include "canvas.h"
#include "event.h"
#include "input.h"
#include "route.h"
#include "surface_fixture.h"

#include <kernel/input.h>

#include <ctx/key.h>

#define NO_PID UINT64_MAX

/* What the next call of a manager does. */
enum wm_does {
    WM_MANAGE,
    WM_RELEASE,
    WM_PLACE,
    WM_FOCUS,
    WM_GRAB,
    WM_UNGRAB,
    WM_CLOSE,
    WM_RESIZE,
    WM_LAYOUT,
    WM_SCALE,
    WM_LOOKS,
    WM_MIRROR,
    WM_UNMIRROR
};

static struct {
    enum wm_does does;
    uint64_t pid;
    uint32_t a, b, c;
    struct ctx_window_place place;
    struct ctx_window_mirror mirror;
    const char *layout;
    bool faults; /* and then the call ends in a fault */
    ctx_status status;
} wm;

static inline int32_t body_wm(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_WINDOWS, 0, &t), CTX_OK);
    const struct ctx_windows *w = (const struct ctx_windows *)t;
    struct ctx_window_place *place = own(ctx, sizeof *place);
    struct ctx_window_mirror *mirror = own(ctx, sizeof *mirror);
    char *layout = own(ctx, 16);
    *place = wm.place;
    *mirror = wm.mirror;
    switch (wm.does) {
    case WM_MANAGE:
        wm.status = w->manage(w);
        break;
    case WM_RELEASE:
        wm.status = w->release(w);
        break;
    case WM_PLACE:
        wm.status = w->place(w, place);
        break;
    case WM_FOCUS:
        wm.status = w->focus(w, wm.pid, wm.a);
        break;
    case WM_GRAB:
        wm.status = w->grab(w, wm.a, wm.b);
        break;
    case WM_UNGRAB:
        wm.status = w->ungrab(w, wm.a, wm.b);
        break;
    case WM_CLOSE:
        wm.status = w->close(w, wm.pid, wm.a);
        break;
    case WM_RESIZE:
        wm.status = w->resize(w, wm.pid, wm.a, wm.b, wm.c);
        break;
    case WM_LAYOUT:
        strcpy(layout, wm.layout);
        wm.status = w->set_layout(w, layout, (uint32_t)strlen(layout));
        break;
    case WM_SCALE:
        wm.status = w->set_scale(w, wm.a);
        break;
    case WM_LOOKS:
        wm.status = w->set_looks(w, wm.a);
        break;
    case WM_MIRROR:
        wm.status = w->mirror(w, wm.a, mirror);
        break;
    case WM_UNMIRROR:
        wm.status = w->unmirror(w, wm.a);
        break;
    }
    ctx->mem->free(ctx->mem, place, sizeof *place, 16);
    ctx->mem->free(ctx->mem, mirror, sizeof *mirror, 16);
    ctx->mem->free(ctx->mem, layout, 16, 16);
    if (wm.faults) {
        fake_fault(6, 0);
    }
    return 0;
}

static inline ctx_status wm_do(struct app *app, enum wm_does does, uint64_t pid, uint32_t a,
                               uint32_t b)
{
    wm.does = does;
    wm.pid = pid;
    wm.a = a;
    wm.b = b;
    call(app, body_wm);
    return wm.status;
}

static inline ctx_status wm_place(struct app *app, uint64_t pid, uint32_t surface, int32_t x,
                                  int32_t y, int32_t level)
{
    wm.does = WM_PLACE;
    wm.place = (struct ctx_window_place){.size = sizeof wm.place,
                                         .pid = pid,
                                         .surface = surface,
                                         .x = x,
                                         .y = y,
                                         .level = level,
                                         .scale = 1,
                                         .opacity = 255};
    call(app, body_wm);
    return wm.status;
}

/* An app with one window; pixels are where `pixels` says then. */
static inline uint32_t window_of(struct app *app, uint32_t w, uint32_t h)
{
    want_w = w;
    want_h = h;
    call(app, body_create);
    return handle;
}

/* ---- what an app hears ---- */

static struct ctx_event heard[64];
static uint32_t heard_count;

static inline int32_t body_hear(struct ctx *ctx)
{
    struct ctx_event *to = own(ctx, sizeof heard);
    uint32_t *count = own(ctx, 4);
    (void)ctx->events->read(ctx->events, to, sizeof heard, sizeof heard[0], count);
    heard_count = *count;
    memcpy(heard, to, sizeof heard);
    ctx->mem->free(ctx->mem, to, sizeof heard, 16);
    ctx->mem->free(ctx->mem, count, 4, 16);
    return 0;
}

static inline uint32_t hears(struct app *app)
{
    call(app, body_hear);
    return heard_count;
}

static inline void press(uint32_t code)
{
    input_key(code, INPUT_KEY_DOWN);
}

static inline void lift(uint32_t code)
{
    input_key(code, INPUT_KEY_UP);
}

static inline void point_at(uint32_t x, uint32_t y)
{
    input_pointer_set(x, W - 1, y, H - 1);
}

static inline int windows_start(void **state)
{
    (void)start(state);
    input_set_screen(W, H);
    windows_init();
    return 0;
}

#endif
