/* SPDX-License-Identifier: MIT */
/* The pointer. */
#include "private.h"

#include <ctx/key.h>
#include <ctx/tables.h>

#define DOUBLE_MS 500u /* between two clicks that are one */
#define DOUBLE_PX 32

struct SDL_Cursor {
    uint32_t shape;
};

static struct {
    int x, y;           /* in the window's pixels */
    int rx, ry;         /* moved, and nobody has asked */
    int rest_x, rest_y; /* of motion, less than a pixel of the window, in parts of what is shown */
    Uint32 buttons;
    SDL_Window *focus;
    bool known; /* where it is */
    bool hidden, relative;
    const SDL_Cursor *cursor;
    Uint32 click_time;
    int click_x, click_y;
    Uint8 click_button, clicks;
} state;

static SDL_Cursor arrow = {CTX_CURSOR_ARROW};

bool sdl_mouse_hidden(void)
{
    return state.hidden || state.relative;
}

bool sdl_mouse_relative(void)
{
    return state.relative;
}

uint32_t sdl_mouse_shape(void)
{
    return state.cursor != NULL ? state.cursor->shape : CTX_CURSOR_ARROW;
}

SDL_Window *SDL_GetMouseFocus(void)
{
    return state.focus;
}

void sdl_mouse_focus(SDL_Window *window)
{
    if (window == state.focus) {
        return;
    }
    if (state.focus != NULL) {
        state.focus->flags &= ~(Uint32)SDL_WINDOW_MOUSE_FOCUS;
        sdl_window_event(state.focus, SDL_WINDOWEVENT_LEAVE, 0, 0);
    }
    state.focus = window;
    if (window != NULL) {
        window->flags |= SDL_WINDOW_MOUSE_FOCUS;
        sdl_window_event(window, SDL_WINDOWEVENT_ENTER, 0, 0);
    }
}

static void tell(SDL_Window *window, int dx, int dy)
{
    SDL_Event event = {.motion = {.type = SDL_MOUSEMOTION,
                                  .windowID = window->id,
                                  .state = state.buttons,
                                  .x = state.x,
                                  .y = state.y,
                                  .xrel = dx,
                                  .yrel = dy}};
    state.rx += dx;
    state.ry += dy;
    if (window->renderer != NULL) {
        sdl_renderer_to_logical(window->renderer, &event.motion.x, &event.motion.y);
        sdl_renderer_scale_motion(window->renderer, &event.motion.xrel, &event.motion.yrel);
    }
    sdl_event_add(&event);
}

/* Motion of the screen, as the window's pixels have it; what is less than one of them is kept. */
static int scaled(int moved, int *rest, int size, int shown)
{
    int64_t all = (int64_t)moved * size + *rest;
    int whole = shown > 0 ? (int)(all / shown) : 0;
    *rest = shown > 0 ? (int)(all % shown) : 0;
    return whole;
}

void sdl_motion(SDL_Window *window, int x, int y, int dx, int dy)
{
    sdl_mouse_focus(window);
    if (state.relative) {
        dx = scaled(dx, &state.rest_x, window->w, window->box.w);
        dy = scaled(dy, &state.rest_y, window->h, window->box.h);
        state.x = SDL_clamp(state.x + dx, 0, window->w - 1);
        state.y = SDL_clamp(state.y + dy, 0, window->h - 1);
    } else {
        dx = state.known ? x - state.x : 0;
        dy = state.known ? y - state.y : 0;
        if (state.known && dx == 0 && dy == 0) {
            return;
        }
        state.known = true;
        state.x = x;
        state.y = y;
    }
    if (dx != 0 || dy != 0 || !state.relative) {
        tell(window, dx, dy);
    }
}

static Uint8 button_of(uint32_t code)
{
    switch (code) {
    case CTX_BTN_LEFT:
        return SDL_BUTTON_LEFT;
    case CTX_BTN_RIGHT:
        return SDL_BUTTON_RIGHT;
    case CTX_BTN_MIDDLE:
        return SDL_BUTTON_MIDDLE;
    case CTX_BTN_SIDE:
        return SDL_BUTTON_X1;
    default:
        return SDL_BUTTON_X2;
    }
}

static void count_clicks(Uint8 button)
{
    Uint32 now = SDL_GetTicks();
    bool again = button == state.click_button && now - state.click_time < DOUBLE_MS &&
                 abs(state.x - state.click_x) < DOUBLE_PX &&
                 abs(state.y - state.click_y) < DOUBLE_PX;
    state.clicks = again ? (Uint8)(state.clicks + (state.clicks < 255)) : 1;
    state.click_button = button;
    state.click_time = now;
    state.click_x = state.x;
    state.click_y = state.y;
}

void sdl_button(SDL_Window *window, uint32_t code, bool down)
{
    Uint8 button = button_of(code);
    Uint32 bit = (Uint32)SDL_BUTTON(button);
    if (((state.buttons & bit) != 0) == down) {
        return;
    }
    state.buttons ^= bit;
    if (down) {
        count_clicks(button);
    }
    SDL_Event event = {.button = {.type = down ? SDL_MOUSEBUTTONDOWN : SDL_MOUSEBUTTONUP,
                                  .windowID = window->id,
                                  .button = button,
                                  .state = down ? SDL_PRESSED : SDL_RELEASED,
                                  .clicks = state.clicks,
                                  .x = state.x,
                                  .y = state.y}};
    if (window->renderer != NULL) {
        sdl_renderer_to_logical(window->renderer, &event.button.x, &event.button.y);
    }
    sdl_event_add(&event);
}

void sdl_wheel(SDL_Window *window, const int32_t steps[2], const int32_t parts[2])
{
    SDL_Event event = {.wheel = {.type = SDL_MOUSEWHEEL,
                                 .windowID = window->id,
                                 .x = steps[0],
                                 .y = steps[1],
                                 .preciseX = (float)parts[0] / 120,
                                 .preciseY = (float)parts[1] / 120,
                                 .mouseX = state.x,
                                 .mouseY = state.y}};
    sdl_event_add(&event);
}

Uint32 SDL_GetMouseState(int *x, int *y)
{
    if (x != NULL) {
        *x = state.x;
    }
    if (y != NULL) {
        *y = state.y;
    }
    return state.buttons;
}

Uint32 SDL_GetGlobalMouseState(int *x, int *y)
{
    int at_x = 0, at_y = 0;
    if (state.focus != NULL) {
        SDL_GetWindowPosition(state.focus, &at_x, &at_y);
    }
    SDL_GetMouseState(x, y);
    if (x != NULL) {
        *x += at_x;
    }
    if (y != NULL) {
        *y += at_y;
    }
    return state.buttons;
}

Uint32 SDL_GetRelativeMouseState(int *x, int *y)
{
    if (x != NULL) {
        *x = state.rx;
    }
    if (y != NULL) {
        *y = state.ry;
    }
    state.rx = state.ry = 0;
    return state.buttons;
}

void SDL_WarpMouseInWindow(SDL_Window *window, int x, int y)
{
    window = window != NULL ? window : state.focus;
    if (window == NULL) {
        return;
    }
    int dx = x - state.x, dy = y - state.y;
    state.x = x;
    state.y = y;
    state.known = true;
    if (dx != 0 || dy != 0) {
        tell(window, state.relative ? 0 : dx, state.relative ? 0 : dy);
    }
}

int SDL_WarpMouseGlobal(int x, int y)
{
    (void)x;
    (void)y;
    return SDL_Unsupported();
}

int SDL_SetRelativeMouseMode(SDL_bool enabled)
{
    state.relative = enabled != SDL_FALSE;
    state.rx = state.ry = state.rest_x = state.rest_y = 0;
    sdl_window_show_pointer();
    return 0;
}

SDL_bool SDL_GetRelativeMouseMode(void)
{
    return state.relative ? SDL_TRUE : SDL_FALSE;
}

int SDL_CaptureMouse(SDL_bool enabled)
{
    (void)enabled;
    return SDL_Unsupported();
}

/* ---- its looks ---- */

SDL_Cursor *SDL_CreateSystemCursor(SDL_SystemCursor which)
{
    static const uint8_t shapes[SDL_NUM_SYSTEM_CURSORS] = {
        [SDL_SYSTEM_CURSOR_ARROW] = CTX_CURSOR_ARROW,
        [SDL_SYSTEM_CURSOR_IBEAM] = CTX_CURSOR_TEXT,
        [SDL_SYSTEM_CURSOR_WAIT] = CTX_CURSOR_WAIT,
        [SDL_SYSTEM_CURSOR_CROSSHAIR] = CTX_CURSOR_CROSS,
        [SDL_SYSTEM_CURSOR_WAITARROW] = CTX_CURSOR_WAIT,
        [SDL_SYSTEM_CURSOR_SIZENWSE] = CTX_CURSOR_SIZE_NWSE,
        [SDL_SYSTEM_CURSOR_SIZENESW] = CTX_CURSOR_SIZE_NESW,
        [SDL_SYSTEM_CURSOR_SIZEWE] = CTX_CURSOR_SIZE_WE,
        [SDL_SYSTEM_CURSOR_SIZENS] = CTX_CURSOR_SIZE_NS,
        [SDL_SYSTEM_CURSOR_SIZEALL] = CTX_CURSOR_MOVE,
        [SDL_SYSTEM_CURSOR_NO] = CTX_CURSOR_FORBIDDEN,
        [SDL_SYSTEM_CURSOR_HAND] = CTX_CURSOR_HAND,
    };
    SDL_Cursor *cursor = (unsigned)which < SDL_NUM_SYSTEM_CURSORS ? malloc(sizeof *cursor) : NULL;
    if (cursor == NULL) {
        SDL_SetError("there is no such cursor, or no memory");
        return NULL;
    }
    cursor->shape = shapes[which];
    return cursor;
}

SDL_Cursor *SDL_CreateCursor(const Uint8 *data, const Uint8 *mask, int w, int h, int x, int y)
{
    (void)data;
    (void)mask;
    (void)w;
    (void)h;
    (void)x;
    (void)y;
    return SDL_CreateSystemCursor(SDL_SYSTEM_CURSOR_ARROW);
}

SDL_Cursor *SDL_CreateColorCursor(SDL_Surface *surface, int x, int y)
{
    (void)surface;
    return SDL_CreateCursor(NULL, NULL, 0, 0, x, y);
}

void SDL_SetCursor(SDL_Cursor *cursor)
{
    if (cursor != NULL) {
        state.cursor = cursor;
    }
    sdl_window_show_pointer();
}

SDL_Cursor *SDL_GetCursor(void)
{
    return state.cursor != NULL ? (SDL_Cursor *)(uintptr_t)state.cursor : &arrow;
}

SDL_Cursor *SDL_GetDefaultCursor(void)
{
    return &arrow;
}

void SDL_FreeCursor(SDL_Cursor *cursor)
{
    if (cursor == NULL || cursor == &arrow) {
        return;
    }
    if (cursor == state.cursor) {
        state.cursor = &arrow;
        sdl_window_show_pointer();
    }
    free(cursor);
}

int SDL_ShowCursor(int toggle)
{
    int was = state.hidden ? SDL_DISABLE : SDL_ENABLE;
    if (toggle >= 0) {
        state.hidden = toggle == SDL_DISABLE;
        sdl_window_show_pointer();
    }
    return was;
}
