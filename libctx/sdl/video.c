/* SPDX-License-Identifier: MIT */
/* The display, what windows are asked that changes no pixel, and windows that are drawn to without
 * a renderer. */
#include "window.h"

/* clang-format off */
int SDL_GetNumVideoDrivers(void) { return 1; }
const char *SDL_GetVideoDriver(int index) { return index == 0 ? "ctx" : NULL; }
const char *SDL_GetCurrentVideoDriver(void) { return SDL_WasInit(SDL_INIT_VIDEO) ? "ctx" : NULL; }
int SDL_VideoInit(const char *driver) { (void)driver; return SDL_InitSubSystem(SDL_INIT_VIDEO); }
void SDL_VideoQuit(void) { SDL_QuitSubSystem(SDL_INIT_VIDEO); }
int SDL_GetNumVideoDisplays(void) { return 1; }
int SDL_GetNumDisplayModes(int display) { return display == 0 ? 1 : SDL_SetError("there is one display"); }
SDL_bool SDL_IsScreenSaverEnabled(void) { return SDL_FALSE; }
void SDL_EnableScreenSaver(void) {}
void SDL_DisableScreenSaver(void) {}
void SDL_SetWindowIcon(SDL_Window *window, SDL_Surface *icon) { (void)window; (void)icon; }
void SDL_RaiseWindow(SDL_Window *window) { (void)window; }
void SDL_MaximizeWindow(SDL_Window *window) { (void)window; }
void SDL_MinimizeWindow(SDL_Window *window) { (void)window; }
void SDL_RestoreWindow(SDL_Window *window) { (void)window; }
int SDL_SetWindowBrightness(SDL_Window *window, float brightness) { (void)window; (void)brightness; return SDL_Unsupported(); }
int SDL_SetWindowGammaRamp(SDL_Window *window, const Uint16 *r, const Uint16 *g, const Uint16 *b) { (void)window; (void)r; (void)g; (void)b; return SDL_Unsupported(); }
int SDL_SetWindowOpacity(SDL_Window *window, float opacity) { (void)window; (void)opacity; return SDL_Unsupported(); }
/* clang-format on */

const char *SDL_GetDisplayName(int display)
{
    if (display != 0) {
        SDL_SetError("there is one display");
        return NULL;
    }
    return "screen";
}

int SDL_GetDisplayBounds(int display, SDL_Rect *rect)
{
    *rect = (SDL_Rect){0, 0, 0, 0};
    if (display != 0 || !sdl_screen(&rect->w, &rect->h, NULL, NULL)) {
        return SDL_SetError("there is no such display");
    }
    return 0;
}

int SDL_GetDisplayUsableBounds(int display, SDL_Rect *rect)
{
    return SDL_GetDisplayBounds(display, rect);
}

int SDL_GetDisplayDPI(int display, float *diagonal, float *horizontal, float *vertical)
{
    (void)display;
    (void)diagonal;
    (void)horizontal;
    (void)vertical;
    return SDL_Unsupported();
}

int SDL_GetDesktopDisplayMode(int display, SDL_DisplayMode *mode)
{
    uint64_t frame_ns = 0;
    *mode = (SDL_DisplayMode){.format = SDL_PIXELFORMAT_RGB888};
    if (display != 0 || !sdl_screen(&mode->w, &mode->h, &frame_ns, NULL)) {
        return SDL_SetError("there is no such display");
    }
    mode->refresh_rate = frame_ns > 0 ? (int)((UINT64_C(1000000000) + frame_ns / 2) / frame_ns) : 0;
    return 0;
}

int SDL_GetCurrentDisplayMode(int display, SDL_DisplayMode *mode)
{
    return SDL_GetDesktopDisplayMode(display, mode);
}

int SDL_GetDisplayMode(int display, int index, SDL_DisplayMode *mode)
{
    return index == 0 ? SDL_GetDesktopDisplayMode(display, mode)
                      : SDL_InvalidParamError("modeIndex");
}

SDL_DisplayMode *SDL_GetClosestDisplayMode(int display, const SDL_DisplayMode *mode,
                                           SDL_DisplayMode *closest)
{
    if (SDL_GetDesktopDisplayMode(display, closest) != 0) {
        return NULL;
    }
    if (mode->w > 0 && mode->h > 0) { /* any size is shown, scaled */
        closest->w = mode->w;
        closest->h = mode->h;
    }
    return closest;
}

Uint32 SDL_GetWindowID(SDL_Window *window)
{
    return sdl_window_is(window) ? window->id : 0;
}

SDL_Window *SDL_GetWindowFromID(Uint32 id)
{
    SDL_Window *window = sdl_windows;
    while (window != NULL && window->id != id) {
        window = window->next;
    }
    return window;
}

Uint32 SDL_GetWindowFlags(SDL_Window *window)
{
    return sdl_window_is(window) ? window->flags : 0;
}

Uint32 SDL_GetWindowPixelFormat(SDL_Window *window)
{
    return sdl_window_is(window) ? SDL_PIXELFORMAT_RGB888 : SDL_PIXELFORMAT_UNKNOWN;
}

int SDL_GetWindowDisplayIndex(SDL_Window *window)
{
    return sdl_window_is(window) ? 0 : -1;
}

int SDL_SetWindowDisplayMode(SDL_Window *window, const SDL_DisplayMode *mode)
{
    if (!sdl_window_is(window)) {
        return -1;
    }
    if (mode != NULL && mode->w > 0 && mode->h > 0 &&
        (window->flags & SDL_WINDOW_FULLSCREEN_DESKTOP) == SDL_WINDOW_FULLSCREEN) {
        SDL_SetWindowSize(window, mode->w, mode->h);
    }
    return 0;
}

int SDL_GetWindowDisplayMode(SDL_Window *window, SDL_DisplayMode *mode)
{
    if (!sdl_window_is(window) || SDL_GetDesktopDisplayMode(0, mode) != 0) {
        return -1;
    }
    mode->w = window->w;
    mode->h = window->h;
    return 0;
}

const char *SDL_GetWindowTitle(SDL_Window *window)
{
    return sdl_window_is(window) ? window->title : "";
}

/* One at a time is kept, under one name: that is what programs do. */
void *SDL_SetWindowData(SDL_Window *window, const char *name, void *data)
{
    void *was = SDL_GetWindowData(window, name);
    if (sdl_window_is(window)) {
        SDL_strlcpy(window->data_name, name, sizeof window->data_name);
        window->data = data;
    }
    return was;
}

void *SDL_GetWindowData(SDL_Window *window, const char *name)
{
    return sdl_window_is(window) &&
                   strncmp(name, window->data_name, sizeof window->data_name - 1) == 0
               ? window->data
               : NULL;
}

void SDL_GetWindowSize(SDL_Window *window, int *w, int *h)
{
    bool known = sdl_window_is(window);
    if (w != NULL) {
        *w = known ? window->w : 0;
    }
    if (h != NULL) {
        *h = known ? window->h : 0;
    }
}

int SDL_GetWindowBordersSize(SDL_Window *window, int *top, int *left, int *bottom, int *right)
{
    (void)window;
    int *const sides[] = {top, left, bottom, right};
    for (int i = 0; i < 4; i++) {
        if (sides[i] != NULL) {
            *sides[i] = 0;
        }
    }
    return SDL_Unsupported();
}

void SDL_GetWindowMinimumSize(SDL_Window *window, int *w, int *h)
{
    *w = sdl_window_is(window) ? window->least_w : 0;
    *h = *w > 0 ? window->least_h : 0;
}

void SDL_SetWindowMaximumSize(SDL_Window *window, int w, int h)
{
    if (sdl_window_is(window)) {
        window->most_w = w;
        window->most_h = h;
    }
}

void SDL_GetWindowMaximumSize(SDL_Window *window, int *w, int *h)
{
    *w = sdl_window_is(window) ? window->most_w : 0;
    *h = *w > 0 ? window->most_h : 0;
}

static void set_flag(SDL_Window *window, Uint32 flag, bool on)
{
    if (sdl_window_is(window)) {
        window->flags = on ? window->flags | flag : window->flags & ~flag;
    }
}

void SDL_SetWindowBordered(SDL_Window *window, SDL_bool bordered)
{
    set_flag(window, SDL_WINDOW_BORDERLESS, !bordered);
}

void SDL_SetWindowResizable(SDL_Window *window, SDL_bool resizable)
{
    set_flag(window, SDL_WINDOW_RESIZABLE, resizable != SDL_FALSE);
}

void SDL_SetWindowGrab(SDL_Window *window, SDL_bool grabbed)
{
    set_flag(window, SDL_WINDOW_INPUT_GRABBED, grabbed != SDL_FALSE);
}

SDL_bool SDL_GetWindowGrab(SDL_Window *window)
{
    return (SDL_GetWindowFlags(window) & SDL_WINDOW_INPUT_GRABBED) != 0 ? SDL_TRUE : SDL_FALSE;
}

SDL_Window *SDL_GetGrabbedWindow(void)
{
    SDL_Window *window = sdl_windows;
    while (window != NULL && (window->flags & SDL_WINDOW_INPUT_GRABBED) == 0) {
        window = window->next;
    }
    return window;
}

int SDL_SetWindowFullscreen(SDL_Window *window, Uint32 flags)
{
    return sdl_window_is(window) ? sdl_window_full(window, flags) : -1;
}

/* ---- pixels without a renderer ---- */

SDL_Surface *SDL_GetWindowSurface(SDL_Window *window)
{
    if (!sdl_window_is(window)) {
        return NULL;
    }
    if (window->surface == NULL) {
        window->surface = sdl_surface_over(NULL, window->w, window->h, 0, SDL_PIXELFORMAT_RGB888);
        if (window->surface != NULL) {
            window->surface->flags |= SDL_DONTFREE;
        }
    }
    return window->surface;
}

int SDL_UpdateWindowSurfaceRects(SDL_Window *window, const SDL_Rect *rects, int count)
{
    if (!sdl_window_is(window) || window->surface == NULL) {
        return SDL_SetError("the window has no surface, or not any more: SDL_GetWindowSurface()");
    }
    SDL_Surface *s = window->surface;
    for (int i = 0; i < count; i++) {
        SDL_Rect all = {0, 0, s->w, s->h};
        sdl_blit(&(struct sdl_blit){.from = {s->format, s->pixels, s->pitch},
                                    .to = {&sdl_rgba32, window->back, window->w * 4},
                                    .src = all,
                                    .dst = all,
                                    .clip = rects[i],
                                    .mod = SDL_WHITE});
    }
    sdl_window_present(window);
    sdl_breathe();
    return 0;
}

int SDL_UpdateWindowSurface(SDL_Window *window)
{
    SDL_Rect all = {0, 0, sdl_window_is(window) ? window->w : 0, 0};
    if (all.w > 0) {
        all.h = window->h;
    }
    return SDL_UpdateWindowSurfaceRects(window, &all, 1);
}
