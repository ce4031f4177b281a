/* SPDX-License-Identifier: MIT */
/*
 * Windows. The program draws w x h pixels, and present copies them to a surface of ctx.display,
 * which has that size or another one: then they lie in it as large as they can.
 */
#include "window.h"
#include "private.h"

#include <ctx/c.h>
#include <ctx/tables.h>

#define SIDE_MAX 8192

struct SDL_Window *sdl_windows;

static const struct ctx_display *display(void)
{
    const struct ctx *ctx = ctx_now();
    return ctx != NULL && CTX_HAS(ctx, display) ? ctx->display : NULL;
}

bool sdl_screen(int *w, int *h, uint64_t *frame_ns, bool *managed)
{
    struct ctx_display_info info = {.size = sizeof info};
    const struct ctx_display *d = display();
    if (d == NULL || d->info(d, &info) != CTX_OK || info.w == 0 || info.h == 0) {
        return false;
    }
    if (w != NULL) {
        *w = (int)info.w;
        *h = (int)info.h;
    }
    if (frame_ns != NULL) {
        *frame_ns = info.frame_ns;
    }
    if (managed != NULL) {
        *managed = (info.flags & CTX_DISPLAY_MANAGED) != 0;
    }
    return true;
}

bool sdl_window_is(const SDL_Window *window)
{
    const SDL_Window *w = sdl_windows;
    while (w != NULL && w != window) {
        w = w->next;
    }
    if (w == NULL) {
        SDL_SetError("Invalid window");
    }
    return w != NULL;
}

SDL_Window *sdl_window_of(uint32_t handle)
{
    SDL_Window *w = sdl_windows;
    while (w != NULL && (w->handle == 0 || (handle != 0 && w->handle != handle))) {
        w = w->next;
    }
    return w;
}

static bool is_full(const SDL_Window *window)
{
    return (window->flags & SDL_WINDOW_FULLSCREEN) != 0;
}

static bool is_desktop(const SDL_Window *window)
{
    return (window->flags & SDL_WINDOW_FULLSCREEN_DESKTOP) == SDL_WINDOW_FULLSCREEN_DESKTOP;
}

/* ---- its surface ---- */

/* "1", "2", "linear" and "best"; "0" and "nearest" are not. */
static bool is_smooth(void)
{
    const char *quality = SDL_GetHint(SDL_HINT_RENDER_SCALE_QUALITY);
    return quality != NULL && quality[0] != 0 && quality[0] != '0' && quality[0] != 'n';
}

static uint64_t flags_of(const SDL_Window *window)
{
    return (is_full(window) ? (uint64_t)CTX_SURFACE_FULL : 0) |
           (is_smooth() ? (uint64_t)CTX_SURFACE_SMOOTH : 0) |
           (sdl_mouse_hidden() ? (uint64_t)CTX_SURFACE_HIDDEN : 0) |
           (sdl_mouse_relative() ? (uint64_t)CTX_SURFACE_RELATIVE : 0);
}

/* How large it is to be shown. */
static void wanted(const SDL_Window *window, int *w, int *h)
{
    int screen_w = window->w, screen_h = window->h;
    sdl_screen(&screen_w, &screen_h, NULL, NULL);
    if (is_full(window)) {
        *w = screen_w;
        *h = screen_h;
        return;
    }
    *w = window->w;
    *h = window->h;
    if (*w > screen_w || *h > screen_h) {
        SDL_Rect r = sdl_fit(window->w, window->h, screen_w, screen_h, false);
        *w = r.w;
        *h = r.h;
    }
}

static void place(SDL_Window *window)
{
    const struct ctx_display *d = display();
    if (is_full(window)) {
        d->ask_position(d, window->handle, 0, 0);
    } else if (window->asked) {
        d->ask_position(d, window->handle, window->x, window->y);
    }
}

static void show_title(SDL_Window *window)
{
    const struct ctx_display *d = display();
    if (window->handle != 0) {
        d->title(d, window->handle, window->title, (uint32_t)strlen(window->title));
    }
}

static bool show(SDL_Window *window)
{
    const struct ctx_display *d = display();
    int w, h;
    bool managed = false;
    wanted(window, &w, &h);
    sdl_screen(NULL, NULL, NULL, &managed);
    window->handle_flags = flags_of(window);
    ctx_status status = d->create(d, (uint32_t)w, (uint32_t)h, CTX_SURFACE_RGBX,
                                  window->handle_flags, &window->handle);
    if (status != CTX_OK) {
        window->handle = 0;
        SDL_SetError("a surface of %dx%d: %s", w, h, ctx_status_name(status));
        return false;
    }
    window->shown_w = w;
    window->shown_h = h;
    window->box = sdl_fit(window->w, window->h, w, h, false);
    show_title(window);
    place(window);
    d->ask_smallest(d, window->handle, (uint32_t)window->least_w, (uint32_t)window->least_h);
    d->cursor(d, window->handle, sdl_mouse_shape());
    window->flags = (window->flags & ~(Uint32)SDL_WINDOW_HIDDEN) | SDL_WINDOW_SHOWN;
    sdl_window_event(window, SDL_WINDOWEVENT_SHOWN, 0, 0);
    if (!managed) { /* nobody will say so */
        sdl_input_focus(window);
    }
    return true;
}

static void hide(SDL_Window *window)
{
    const struct ctx_display *d = display();
    if (window->handle != 0) {
        d->destroy(d, window->handle);
        window->handle = 0;
        window->flags = (window->flags & ~(Uint32)SDL_WINDOW_SHOWN) | SDL_WINDOW_HIDDEN;
    }
}

void sdl_window_show_pointer(void)
{
    const struct ctx_display *d = display();
    for (SDL_Window *w = sdl_windows; w != NULL; w = w->next) {
        uint64_t flags = flags_of(w);
        if (w->handle == 0) {
            continue;
        }
        d->cursor(d, w->handle, sdl_mouse_shape());
        if (flags != w->handle_flags && CTX_TABLE_HAS(struct ctx_display, d, ask_flags) &&
            d->ask_flags(d, w->handle, flags) == CTX_OK) {
            w->handle_flags = flags;
        }
    }
}

/* Its surface gets this size. False: there is no memory, and all stays. */
static bool show_as(SDL_Window *window, int w, int h)
{
    const struct ctx_display *d = display();
    if ((w != window->shown_w || h != window->shown_h) &&
        d->resize(d, window->handle, (uint32_t)w, (uint32_t)h) != CTX_OK) {
        return false;
    }
    window->shown_w = w;
    window->shown_h = h;
    window->box = sdl_fit(window->w, window->h, w, h, false);
    uint32_t *pixels = d->pixels(d, window->handle);
    if (pixels != NULL && (window->box.w < w || window->box.h < h)) {
        memset(pixels, 0, (size_t)w * (size_t)h * 4); /* the bars */
        d->damage(d, window->handle, 0, 0, (uint32_t)w, (uint32_t)h);
    }
    return true;
}

/* ---- its pixels ---- */

/* Rows that are another picture than the one that is shown. */
static void copy_rows(const SDL_Window *window, uint32_t *to, int *first, int *last)
{
    size_t bytes = (size_t)window->w * 4;
    for (int y = 0; y < window->h; y++) {
        const uint32_t *row = window->back + (ptrdiff_t)y * window->w;
        uint32_t *shown = to + (ptrdiff_t)y * window->w;
        if (memcmp(row, shown, bytes) != 0) {
            memcpy(shown, row, bytes);
            *first = *first < 0 ? y : *first;
            *last = y;
        }
    }
}

void sdl_window_present(SDL_Window *window)
{
    const struct ctx_display *d = display();
    uint32_t *pixels = window->handle != 0 ? d->pixels(d, window->handle) : NULL;
    const SDL_Rect *box = &window->box;
    if (pixels == NULL) {
        return;
    }
    if (window->shown_w == window->w && window->shown_h == window->h) {
        int first = -1, last = -1;
        copy_rows(window, pixels, &first, &last);
        if (first >= 0) {
            d->damage(d, window->handle, 0, (uint32_t)first, (uint32_t)window->w,
                      (uint32_t)(last - first + 1));
        }
        return;
    }
    sdl_stretch(window->back, window->w, window->h, pixels, window->shown_w, box);
    d->damage(d, window->handle, (uint32_t)box->x, (uint32_t)box->y, (uint32_t)box->w,
              (uint32_t)box->h);
}

static void forget_surface(SDL_Window *window)
{
    if (window->surface != NULL) {
        window->surface->flags &= ~SDL_DONTFREE;
        SDL_FreeSurface(window->surface);
        window->surface = NULL;
    }
}

/* The program's own size of it. */
static bool set_size(SDL_Window *window, int w, int h)
{
    w = SDL_clamp(w, 1, SIDE_MAX);
    h = SDL_clamp(h, 1, SIDE_MAX);
    if (w == window->w && h == window->h && window->back != NULL) {
        return false;
    }
    uint32_t *back = calloc((size_t)w * (size_t)h, 4);
    if (back == NULL) {
        SDL_OutOfMemory();
        return false;
    }
    free(window->back);
    window->back = back;
    window->w = w;
    window->h = h;
    window->box = sdl_fit(w, h, window->shown_w, window->shown_h, false);
    forget_surface(window);
    if (window->renderer != NULL) {
        sdl_renderer_resized(window->renderer);
    }
    return true;
}

void sdl_window_resized(SDL_Window *window, int w, int h)
{
    bool follows =
        is_desktop(window) || (!is_full(window) && (window->flags & SDL_WINDOW_RESIZABLE) != 0);
    w = SDL_clamp(w, 1, SIDE_MAX);
    h = SDL_clamp(h, 1, SIDE_MAX);
    if (window->handle == 0 || (w == window->shown_w && h == window->shown_h) ||
        !show_as(window, w, h)) {
        return;
    }
    if (follows && set_size(window, w, h)) {
        sdl_window_event(window, SDL_WINDOWEVENT_RESIZED, w, h);
        sdl_window_event(window, SDL_WINDOWEVENT_SIZE_CHANGED, w, h);
    } else {
        sdl_window_present(window);
    }
    sdl_window_event(window, SDL_WINDOWEVENT_EXPOSED, 0, 0);
}

void sdl_screen_resized(int w, int h)
{
    bool managed = false;
    sdl_screen(NULL, NULL, NULL, &managed);
    for (SDL_Window *window = sdl_windows; window != NULL && !managed; window = window->next) {
        if (is_full(window)) {
            sdl_window_resized(window, w, h);
        }
    }
}

int sdl_window_full(SDL_Window *window, Uint32 flags)
{
    bool was_desktop = is_desktop(window);
    flags &= SDL_WINDOW_FULLSCREEN_DESKTOP;
    window->flags = (window->flags & ~(Uint32)SDL_WINDOW_FULLSCREEN_DESKTOP) | flags;
    if (window->handle == 0) {
        return 0;
    }
    int w = window->w, h = window->h;
    if (is_desktop(window) && !was_desktop) {
        window->was_w = w;
        window->was_h = h;
        wanted(window, &w, &h);
    } else if (was_desktop && !is_desktop(window)) {
        w = window->was_w;
        h = window->was_h;
    }
    bool changed = set_size(window, w, h);
    sdl_window_show_pointer();
    wanted(window, &w, &h);
    if (!show_as(window, w, h)) {
        return SDL_OutOfMemory();
    }
    place(window);
    if (changed) {
        sdl_window_event(window, SDL_WINDOWEVENT_SIZE_CHANGED, window->w, window->h);
    } else {
        sdl_window_present(window);
    }
    return 0;
}

/* ---- beginning and end ---- */

SDL_Window *SDL_CreateWindow(const char *title, int x, int y, int w, int h, Uint32 flags)
{
    static Uint32 last_id;
    if (!sdl_screen(NULL, NULL, NULL, NULL)) {
        SDL_SetError("there is no screen");
        return NULL;
    }
    if ((flags & SDL_WINDOW_OPENGL) != 0) {
        SDL_SetError("there is no OpenGL");
        return NULL;
    }
    SDL_Window *window = calloc(1, sizeof *window);
    if (window == NULL) {
        SDL_OutOfMemory();
        return NULL;
    }
    window->id = ++last_id;
    window->flags =
        flags & ~(Uint32)(SDL_WINDOW_SHOWN | SDL_WINDOW_INPUT_FOCUS | SDL_WINDOW_MOUSE_FOCUS);
    window->was_w = w;
    window->was_h = h;
    window->asked = !SDL_WINDOWPOS_ISUNDEFINED((Uint32)x) && !SDL_WINDOWPOS_ISCENTERED((Uint32)x);
    window->x = window->asked ? x : 0;
    window->y = window->asked ? y : 0;
    if (is_desktop(window)) {
        sdl_screen(&w, &h, NULL, NULL);
    }
    SDL_utf8strlcpy(window->title, title != NULL ? title : "", sizeof window->title);
    window->next = sdl_windows;
    sdl_windows = window;
    if (!set_size(window, w, h) || ((flags & SDL_WINDOW_HIDDEN) == 0 && !show(window))) {
        SDL_DestroyWindow(window);
        return NULL;
    }
    return window;
}

void SDL_DestroyWindow(SDL_Window *window)
{
    if (!sdl_window_is(window)) {
        return;
    }
    if (window->renderer != NULL) {
        SDL_DestroyRenderer(window->renderer);
    }
    forget_surface(window);
    hide(window);
    sdl_input_forget(window);
    SDL_Window **p = &sdl_windows;
    while (*p != window) {
        p = &(*p)->next;
    }
    *p = window->next;
    free(window->back);
    free(window);
}

void sdl_video_quit(void)
{
    while (sdl_windows != NULL) {
        SDL_DestroyWindow(sdl_windows);
    }
}

void SDL_ShowWindow(SDL_Window *window)
{
    if (sdl_window_is(window) && window->handle == 0 && show(window)) {
        sdl_window_present(window);
    }
}

void SDL_HideWindow(SDL_Window *window)
{
    if (sdl_window_is(window) && window->handle != 0) {
        hide(window);
        sdl_window_event(window, SDL_WINDOWEVENT_HIDDEN, 0, 0);
    }
}

void SDL_SetWindowTitle(SDL_Window *window, const char *title)
{
    if (sdl_window_is(window)) {
        SDL_utf8strlcpy(window->title, title != NULL ? title : "", sizeof window->title);
        show_title(window);
    }
}

void SDL_SetWindowPosition(SDL_Window *window, int x, int y)
{
    if (!sdl_window_is(window)) {
        return;
    }
    int w = 0, h = 0;
    bool middle = SDL_WINDOWPOS_ISUNDEFINED((Uint32)x) || SDL_WINDOWPOS_ISCENTERED((Uint32)x);
    sdl_screen(&w, &h, NULL, NULL);
    window->asked = true;
    window->x = middle ? (w - window->shown_w) / 2 : x;
    window->y = middle ? (h - window->shown_h) / 2 : y;
    if (window->handle != 0) {
        place(window);
    }
}

void SDL_GetWindowPosition(SDL_Window *window, int *x, int *y)
{
    struct ctx_surface_info info = {.size = sizeof info};
    const struct ctx_display *d = display();
    bool known = sdl_window_is(window) && window->handle != 0 &&
                 d->describe(d, window->handle, &info) == CTX_OK;
    if (x != NULL) {
        *x = known ? info.x : 0;
    }
    if (y != NULL) {
        *y = known ? info.y : 0;
    }
}

void SDL_SetWindowSize(SDL_Window *window, int w, int h)
{
    if (!sdl_window_is(window)) {
        return;
    }
    if (is_desktop(window)) {
        window->was_w = w;
        window->was_h = h;
        return;
    }
    if (set_size(window, w, h)) {
        int shown_w, shown_h;
        wanted(window, &shown_w, &shown_h);
        if (window->handle != 0) {
            show_as(window, shown_w, shown_h);
        }
        sdl_window_event(window, SDL_WINDOWEVENT_SIZE_CHANGED, window->w, window->h);
    }
}

void SDL_SetWindowMinimumSize(SDL_Window *window, int w, int h)
{
    const struct ctx_display *d = display();
    if (sdl_window_is(window) && w > 0 && h > 0) {
        window->least_w = SDL_min(w, SIDE_MAX);
        window->least_h = SDL_min(h, SIDE_MAX);
        if (window->handle != 0) {
            d->ask_smallest(d, window->handle, (uint32_t)window->least_w,
                            (uint32_t)window->least_h);
        }
        if (window->w < w || window->h < h) {
            SDL_SetWindowSize(window, SDL_max(window->w, w), SDL_max(window->h, h));
        }
    }
}
