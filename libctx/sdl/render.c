/* SPDX-License-Identifier: MIT */
/* Renderers: where drawing goes, and how coordinates become pixels. */
#include "render.h"

#define NUDGE 0.0005f /* a product that is a whole number but for its last bit is one */

/* ---- coordinates ---- */

static bool output(const SDL_Renderer *r, int *w, int *h)
{
    if (r == NULL || (r->window == NULL && r->surface == NULL)) {
        SDL_SetError("Invalid renderer");
        return false;
    }
    *w = r->window != NULL ? r->window->w : r->surface->w;
    *h = r->window != NULL ? r->window->h : r->surface->h;
    return true;
}

static int down(float x)
{
    float f = floorf(x + NUDGE);
    return f < -1e9f ? -1000000000 : f > 1e9f ? 1000000000 : (int)f;
}

SDL_Rect sdl_to_pixels(const struct sdl_target *t, float x, float y, float w, float h)
{
    int left = down(t->x + x * t->scale_x), top = down(t->y + y * t->scale_y);
    int right = down(t->x + (x + w) * t->scale_x), bottom = down(t->y + (y + h) * t->scale_y);
    return (SDL_Rect){left, top, right - left, bottom - top};
}

bool sdl_target(SDL_Renderer *r, struct sdl_target *t)
{
    int w, h;
    if (!output(r, &w, &h)) {
        return false;
    }
    *t =
        (struct sdl_target){.pixels = r->window != NULL ? r->window->back : r->own, .w = w, .h = h};
    if (r->target != NULL) {
        t->pixels = r->target->pixels;
        t->w = r->target->w;
        t->h = r->target->h;
    }
    const struct sdl_view *v = &r->view;
    SDL_Rect all = {0, 0, t->w, t->h}, box = all;
    t->scale_x = v->scale_x;
    t->scale_y = v->scale_y;
    if (v->logical_w > 0) {
        box = sdl_fit(v->logical_w, v->logical_h, t->w, t->h, r->whole);
        t->scale_x = (float)box.w / (float)v->logical_w;
        t->scale_y = (float)box.h / (float)v->logical_h;
    }
    t->x = (float)box.x;
    t->y = (float)box.y;
    t->viewport = box;
    if (v->has_viewport) {
        t->viewport = sdl_to_pixels(t, (float)v->viewport.x, (float)v->viewport.y,
                                    (float)v->viewport.w, (float)v->viewport.h);
        t->x = (float)t->viewport.x;
        t->y = (float)t->viewport.y;
    }
    SDL_IntersectRect(&t->viewport, &all, &t->clip);
    if (v->clipped) {
        SDL_Rect clip = sdl_to_pixels(t, (float)v->clip.x, (float)v->clip.y, (float)v->clip.w,
                                      (float)v->clip.h);
        SDL_IntersectRect(&clip, &t->clip, &t->clip);
    }
    return true;
}

static struct sdl_view plain_view(void)
{
    return (struct sdl_view){.scale_x = 1, .scale_y = 1};
}

void sdl_renderer_resized(SDL_Renderer *r)
{
    struct sdl_view *v = r->target != NULL ? &r->kept : &r->view;
    v->has_viewport = false; /* of another window */
}

static bool window_target(SDL_Renderer *r, struct sdl_target *t)
{
    SDL_Texture *target = r->target;
    struct sdl_view view = r->view;
    if (target != NULL) {
        r->target = NULL;
        r->view = r->kept;
    }
    bool fine = sdl_target(r, t);
    r->target = target;
    r->view = view;
    return fine;
}

static const struct sdl_view *window_view(const SDL_Renderer *r)
{
    return r->target != NULL ? &r->kept : &r->view;
}

void sdl_renderer_to_logical(SDL_Renderer *r, int *x, int *y)
{
    struct sdl_target t;
    const struct sdl_view *v = window_view(r);
    if (!window_target(r, &t) || (v->logical_w == 0 && v->scale_x == 1 && v->scale_y == 1)) {
        return;
    }
    if (v->logical_w > 0) {
        SDL_Rect box = sdl_fit(v->logical_w, v->logical_h, t.w, t.h, r->whole);
        *x = sdl_unscale(*x, box.x, box.w, v->logical_w);
        *y = sdl_unscale(*y, box.y, box.h, v->logical_h);
        return;
    }
    *x = down((float)*x / v->scale_x);
    *y = down((float)*y / v->scale_y);
}

void sdl_renderer_scale_motion(SDL_Renderer *r, int *x, int *y)
{
    struct sdl_target t;
    if (window_target(r, &t) && window_view(r)->logical_w > 0) {
        *x = (int)((float)*x / t.scale_x);
        *y = (int)((float)*y / t.scale_y);
    }
}

void SDL_RenderWindowToLogical(SDL_Renderer *r, int x, int y, float *logical_x, float *logical_y)
{
    sdl_renderer_to_logical(r, &x, &y);
    *logical_x = (float)x;
    *logical_y = (float)y;
}

void SDL_RenderLogicalToWindow(SDL_Renderer *r, float logical_x, float logical_y, int *x, int *y)
{
    struct sdl_target t;
    *x = *y = 0;
    if (window_target(r, &t)) {
        SDL_Rect at = sdl_to_pixels(&t, logical_x, logical_y, 0, 0);
        *x = at.x;
        *y = at.y;
    }
}

int SDL_RenderSetLogicalSize(SDL_Renderer *r, int w, int h)
{
    int out_w, out_h;
    if (!output(r, &out_w, &out_h)) {
        return -1;
    }
    bool some = w > 0 && h > 0;
    r->view = plain_view();
    r->view.logical_w = some ? w : 0;
    r->view.logical_h = some ? h : 0;
    return 0;
}

void SDL_RenderGetLogicalSize(SDL_Renderer *r, int *w, int *h)
{
    if (w != NULL) {
        *w = r != NULL ? r->view.logical_w : 0;
    }
    if (h != NULL) {
        *h = r != NULL ? r->view.logical_h : 0;
    }
}

int SDL_RenderSetIntegerScale(SDL_Renderer *r, SDL_bool enable)
{
    if (r == NULL) {
        return SDL_InvalidParamError("renderer");
    }
    r->whole = enable != SDL_FALSE;
    return 0;
}

SDL_bool SDL_RenderGetIntegerScale(SDL_Renderer *r)
{
    return r != NULL && r->whole ? SDL_TRUE : SDL_FALSE;
}

int SDL_RenderSetViewport(SDL_Renderer *r, const SDL_Rect *rect)
{
    if (r == NULL) {
        return SDL_InvalidParamError("renderer");
    }
    r->view.has_viewport = rect != NULL;
    if (rect != NULL) {
        r->view.viewport = *rect;
    }
    return 0;
}

void SDL_RenderGetViewport(SDL_Renderer *r, SDL_Rect *rect)
{
    struct sdl_target t;
    *rect = (SDL_Rect){0, 0, 0, 0};
    if (sdl_target(r, &t)) {
        *rect = r->view.has_viewport
                    ? r->view.viewport
                    : (SDL_Rect){0, 0, (int)lroundf((float)t.viewport.w / t.scale_x),
                                 (int)lroundf((float)t.viewport.h / t.scale_y)};
    }
}

int SDL_RenderSetClipRect(SDL_Renderer *r, const SDL_Rect *rect)
{
    if (r == NULL) {
        return SDL_InvalidParamError("renderer");
    }
    r->view.clipped = rect != NULL;
    r->view.clip = rect != NULL ? *rect : (SDL_Rect){0, 0, 0, 0};
    return 0;
}

void SDL_RenderGetClipRect(SDL_Renderer *r, SDL_Rect *rect)
{
    *rect = r != NULL ? r->view.clip : (SDL_Rect){0, 0, 0, 0};
}

SDL_bool SDL_RenderIsClipEnabled(SDL_Renderer *r)
{
    return r != NULL && r->view.clipped ? SDL_TRUE : SDL_FALSE;
}

int SDL_RenderSetScale(SDL_Renderer *r, float x, float y)
{
    if (r == NULL || !(x > 0) || !(y > 0)) {
        return SDL_InvalidParamError(r == NULL ? "renderer" : "scale");
    }
    r->view.scale_x = x;
    r->view.scale_y = y;
    return 0;
}

void SDL_RenderGetScale(SDL_Renderer *r, float *x, float *y)
{
    struct sdl_target t = {0};
    sdl_target(r, &t);
    if (x != NULL) {
        *x = t.scale_x;
    }
    if (y != NULL) {
        *y = t.scale_y;
    }
}

/* ---- beginning and end ---- */

static const SDL_RendererInfo about = {
    .name = "software",
    .flags = SDL_RENDERER_SOFTWARE | SDL_RENDERER_TARGETTEXTURE | SDL_RENDERER_PRESENTVSYNC,
    .num_texture_formats = 4,
    .texture_formats = {SDL_PIXELFORMAT_ARGB8888, SDL_PIXELFORMAT_ABGR8888, SDL_PIXELFORMAT_RGB888,
                        SDL_PIXELFORMAT_BGR888},
    .max_texture_width = 8192,
    .max_texture_height = 8192,
};

int SDL_GetNumRenderDrivers(void)
{
    return 1;
}

int SDL_GetRenderDriverInfo(int index, SDL_RendererInfo *info)
{
    if (index != 0) {
        return SDL_InvalidParamError("index");
    }
    *info = about;
    return 0;
}

int SDL_GetRendererInfo(SDL_Renderer *r, SDL_RendererInfo *info)
{
    if (r == NULL) {
        return SDL_InvalidParamError("renderer");
    }
    *info = about;
    info->flags = r->flags;
    return 0;
}

static SDL_Renderer *make(Uint32 flags)
{
    SDL_Renderer *r = calloc(1, sizeof *r);
    if (r == NULL) {
        SDL_OutOfMemory();
        return NULL;
    }
    r->view = r->kept = plain_view();
    r->flags =
        SDL_RENDERER_SOFTWARE | SDL_RENDERER_TARGETTEXTURE | (flags & SDL_RENDERER_PRESENTVSYNC);
    r->color = SDL_RGBA(0, 0, 0, 255);
    return r;
}

SDL_Renderer *SDL_CreateRenderer(SDL_Window *window, int index, Uint32 flags)
{
    (void)index;
    if (window == NULL || window->renderer != NULL) {
        SDL_SetError(window == NULL ? "Invalid window" : "Renderer already associated with window");
        return NULL;
    }
    const char *hint = SDL_GetHint(SDL_HINT_RENDER_VSYNC);
    if (hint != NULL) {
        flags = hint[0] == '1' ? flags | SDL_RENDERER_PRESENTVSYNC
                               : flags & ~(Uint32)SDL_RENDERER_PRESENTVSYNC;
    }
    SDL_Renderer *r = make(flags);
    if (r != NULL) {
        r->window = window;
        window->renderer = r;
    }
    return r;
}

SDL_Renderer *SDL_CreateSoftwareRenderer(SDL_Surface *surface)
{
    SDL_Renderer *r = surface != NULL ? make(0) : NULL;
    if (r == NULL) {
        return NULL;
    }
    r->surface = surface;
    r->own = calloc((size_t)surface->w * (size_t)surface->h + 1, 4);
    if (r->own == NULL) {
        free(r);
        SDL_OutOfMemory();
        return NULL;
    }
    SDL_Rect all = {0, 0, surface->w, surface->h};
    sdl_blit(&(struct sdl_blit){.from = {surface->format, surface->pixels, surface->pitch},
                                .to = {&sdl_rgba32, r->own, surface->w * 4},
                                .src = all,
                                .dst = all,
                                .clip = all,
                                .mod = SDL_WHITE});
    return r;
}

int SDL_CreateWindowAndRenderer(int w, int h, Uint32 flags, SDL_Window **window,
                                SDL_Renderer **renderer)
{
    *renderer = NULL;
    *window = SDL_CreateWindow("", (int)SDL_WINDOWPOS_UNDEFINED, (int)SDL_WINDOWPOS_UNDEFINED, w, h,
                               flags);
    if (*window == NULL) {
        return -1;
    }
    *renderer = SDL_CreateRenderer(*window, -1, 0);
    return *renderer != NULL ? 0 : -1;
}

SDL_Renderer *SDL_GetRenderer(SDL_Window *window)
{
    return window != NULL ? window->renderer : NULL;
}

SDL_Window *SDL_RenderGetWindow(SDL_Renderer *r)
{
    return r != NULL ? r->window : NULL;
}

int SDL_GetRendererOutputSize(SDL_Renderer *r, int *w, int *h)
{
    int out_w, out_h;
    if (!output(r, &out_w, &out_h)) {
        return -1;
    }
    if (w != NULL) {
        *w = r->target != NULL ? r->target->w : out_w;
    }
    if (h != NULL) {
        *h = r->target != NULL ? r->target->h : out_h;
    }
    return 0;
}

void SDL_DestroyRenderer(SDL_Renderer *r)
{
    if (r == NULL) {
        return;
    }
    while (r->textures != NULL) {
        SDL_DestroyTexture(r->textures);
    }
    if (r->window != NULL) {
        r->window->renderer = NULL;
    }
    free(r->own);
    free(r);
}

SDL_bool SDL_RenderTargetSupported(SDL_Renderer *r)
{
    return r != NULL ? SDL_TRUE : SDL_FALSE;
}

int SDL_SetRenderTarget(SDL_Renderer *r, SDL_Texture *texture)
{
    if (r == NULL || (texture != NULL &&
                      (texture->renderer != r || texture->access != SDL_TEXTUREACCESS_TARGET))) {
        return SDL_SetError("the texture is no target of this renderer");
    }
    if (texture == r->target) {
        return 0;
    }
    if (r->target == NULL) {
        r->kept = r->view;
    }
    r->target = texture;
    r->view = texture != NULL ? plain_view() : r->kept;
    return 0;
}

SDL_Texture *SDL_GetRenderTarget(SDL_Renderer *r)
{
    return r != NULL ? r->target : NULL;
}

void SDL_RenderPresent(SDL_Renderer *r)
{
    if (r == NULL) {
        return;
    }
    if (r->surface != NULL) {
        SDL_Rect all = {0, 0, r->surface->w, r->surface->h};
        sdl_blit(
            &(struct sdl_blit){.from = {&sdl_rgba32, r->own, r->surface->w * 4},
                               .to = {r->surface->format, r->surface->pixels, r->surface->pitch},
                               .src = all,
                               .dst = all,
                               .clip = all,
                               .mod = SDL_WHITE});
        return;
    }
    sdl_window_present(r->window);
    if ((r->flags & SDL_RENDERER_PRESENTVSYNC) != 0) {
        sdl_next_picture();
    } else {
        sdl_breathe();
    }
}

int SDL_RenderFlush(SDL_Renderer *r)
{
    return r != NULL ? 0 : SDL_InvalidParamError("renderer");
}

int SDL_RenderSetVSync(SDL_Renderer *r, int vsync)
{
    if (r == NULL) {
        return SDL_InvalidParamError("renderer");
    }
    r->flags = vsync != 0 ? r->flags | SDL_RENDERER_PRESENTVSYNC
                          : r->flags & ~(Uint32)SDL_RENDERER_PRESENTVSYNC;
    return 0;
}
