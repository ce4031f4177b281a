/* SPDX-License-Identifier: MIT */
/* Events of the Context, on their way to become SDL's. */
#include "private.h"

#include <ctx/c.h>
#include <ctx/key.h>
#include <ctx/tables.h>

#define BIT(kind) (UINT64_C(1) << CTX_EVENT_##kind)
#define BTN_FIRST 0x110u
#define BTN_LAST  0x117u

uint64_t sdl_input_mask(void)
{
    return BIT(KEY) | BIT(POINTER) | BIT(WHEEL) | BIT(TEXT) | BIT(RESIZE) | BIT(FOCUS) |
           BIT(LEAVE) | BIT(CLOSE) | BIT(EXPOSE);
}

void sdl_input_focus(SDL_Window *window)
{
    sdl_keyboard_focus(window);
    sdl_mouse_focus(window);
}

void sdl_input_forget(SDL_Window *window)
{
    if (SDL_GetKeyboardFocus() == window) {
        sdl_keyboard_focus(NULL);
    }
    if (SDL_GetMouseFocus() == window) {
        sdl_mouse_focus(NULL);
    }
}

/* Where it is, in the window's own pixels. */
static void pointer(SDL_Window *window, const struct ctx_event *e)
{
    const struct ctx_display *d = ctx_now()->display;
    struct ctx_surface_info info = {.size = sizeof info};
    int x = e->x, y = e->y;
    if (e->surface == 0) { /* nobody manages windows: it is the screen's */
        if (d->describe(d, window->handle, &info) != CTX_OK) {
            return;
        }
        x -= info.x;
        y -= info.y;
    }
    const SDL_Rect *box = &window->box;
    sdl_motion(window, sdl_unscale(x, box->x, box->w, window->w),
               sdl_unscale(y, box->y, box->h, window->h), e->dx, e->dy);
}

static void key(SDL_Window *window, const struct ctx_event *e)
{
    if (e->code < BTN_FIRST || e->code > BTN_LAST) {
        sdl_key(window, e->code, e->value, e->modifiers);
        return;
    }
    if (!sdl_mouse_relative()) {
        struct ctx_event moved = *e;
        moved.dx = moved.dy = 0;
        pointer(window, &moved);
    }
    sdl_button(window, e->code, e->value != 0);
}

static void one(const struct ctx_event *e)
{
    SDL_Window *window = sdl_window_of(e->surface);
    if ((e->flags & CTX_EVENT_LOST) != 0) {
        SDL_ResetKeyboard(); /* who knows what went up */
    }
    if (e->kind == CTX_EVENT_RESIZE && e->surface == 0) {
        sdl_screen_resized(e->x, e->y);
        return;
    }
    if (window == NULL) {
        return;
    }
    switch (e->kind) {
    case CTX_EVENT_KEY:
        key(window, e);
        break;
    case CTX_EVENT_TEXT:
        sdl_text(window, e->code);
        break;
    case CTX_EVENT_POINTER:
        pointer(window, e);
        break;
    case CTX_EVENT_WHEEL:
        sdl_wheel(window, (const int32_t[]){e->x, e->y}, (const int32_t[]){e->dx, e->dy});
        break;
    case CTX_EVENT_RESIZE:
        sdl_window_resized(window, e->x, e->y);
        break;
    case CTX_EVENT_FOCUS:
        sdl_keyboard_focus(window);
        break;
    case CTX_EVENT_LEAVE:
        if (e->code == 0) {
            sdl_keyboard_focus(NULL);
        } else {
            sdl_mouse_focus(NULL);
        }
        break;
    case CTX_EVENT_CLOSE:
        sdl_window_event(window, SDL_WINDOWEVENT_CLOSE, 0, 0);
        break;
    case CTX_EVENT_EXPOSE:
        sdl_window_present(window);
        sdl_window_event(window, SDL_WINDOWEVENT_EXPOSED, 0, 0);
        break;
    default:
        break;
    }
}

void sdl_input_pump(void)
{
    struct ctx_event events[32];
    uint32_t count = 0;
    const struct ctx *ctx = ctx_now();
    while (CTX_HAS(ctx, events) && ctx->events->read(ctx->events, events, sizeof events,
                                                     sizeof events[0], &count) == CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            one(&events[i]);
        }
    }
}
