/* SPDX-License-Identifier: MIT */
/*
 * For citizens.py: the least that manages windows. Each new surface is placed and gets the keys;
 * the log says what it is. With Meta, F1 gives the keys to the next one, F2 and F3 ask for another
 * size (700x500, 200x150), F4 closes the one with the keys, F5 gives them to the canvas, F6 stops
 * managing.
 */
#include "../qemu/apps/v3.h"

#include <ctx/key.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define ROOM 32
#define F1   59u

static struct ctx_surface_info all[ROOM];
static uint32_t count, has_keys; /* index of the surface with the keys */

static void tell(struct ctx *ctx, const struct ctx_surface_info *i)
{
    struct line l = {0};
    put(&l, "T window ");
    put(&l, (const char *)i->title);
    const int64_t numbers[] = {i->w,          i->h,          (int64_t)i->flags,
                               i->smallest_w, i->smallest_h, i->cursor};
    for (uint32_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
        put(&l, " ");
        put_number(&l, numbers[n]);
    }
    send(ctx, &l);
}

static void look(struct ctx *ctx, const struct ctx_windows *windows)
{
    windows->list(windows, all, sizeof all, sizeof all[0], &count);
    for (uint32_t i = 1; i < count && i < ROOM; i++) {
        struct ctx_surface_info *s = &all[i];
        int place = (s->state & CTX_WINDOW_PLACED) == 0 && (s->flags & CTX_SURFACE_POINTER) == 0;
        if (place) {
            struct ctx_window_place p = {
                .size = sizeof p, .surface = s->surface, .pid = s->pid, .scale = 1, .opacity = 255};
            p.x = 40;
            p.y = 60;
            p.level = (int32_t)i + (int32_t)s->pid * 100;
            windows->place(windows, &p);
            windows->focus(windows, s->pid, s->surface);
            has_keys = i;
            tell(ctx, s);
        }
    }
}

static void chord(const struct ctx_windows *windows, uint32_t code)
{
    windows->list(windows, all, sizeof all, sizeof all[0], &count);
    for (uint32_t i = 1; i < count; i++) {
        if ((all[i].state & CTX_WINDOW_FOCUS) != 0) {
            has_keys = i;
        }
    }
    if (code == F1 && count > 1) {
        has_keys = has_keys % (count - 1) + 1;
    }
    const struct ctx_surface_info *s = &all[has_keys < count ? has_keys : 0];
    if (code == F1) {
        windows->focus(windows, s->pid, s->surface);
    } else if (code == F1 + 1 || code == F1 + 2) {
        windows->resize(windows, s->pid, s->surface, code == F1 + 1 ? 700 : 200,
                        code == F1 + 1 ? 500 : 150);
    } else if (code == F1 + 3) {
        windows->close(windows, s->pid, s->surface);
    } else if (code == F1 + 4) {
        windows->focus(windows, UINT64_MAX, 0);
    } else {
        windows->release(windows);
    }
}

int32_t _start(struct ctx *ctx)
{
    static const struct ctx_windows *windows;
    struct ctx_event e;
    uint32_t n;
    if (windows == NULL) {
        windows = (const struct ctx_windows *)open(ctx, CTX_ID_WINDOWS);
        say(ctx, "manages", windows->manage(windows));
        for (uint32_t code = F1; code < F1 + 6; code++) {
            windows->grab(windows, code, CTX_MOD_META);
        }
        look(ctx, windows);
    }
    while (ctx->events->read(ctx->events, &e, sizeof e, sizeof e, &n) == CTX_OK) {
        if (e.kind == CTX_EVENT_WINDOWS) {
            look(ctx, windows);
        } else if (e.kind == CTX_EVENT_KEY && e.value == 1 && e.code >= F1 && e.code < F1 + 6) {
            chord(windows, e.code);
        }
    }
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_WINDOWS | UINT64_C(1) << CTX_EVENT_KEY);
    return CTX_WAIT;
}
