/* SPDX-License-Identifier: MIT */
/* Points, lines, rectangles, and copies of textures. */
#include "render.h"

int SDL_SetRenderDrawColor(SDL_Renderer *r, Uint8 red, Uint8 green, Uint8 blue, Uint8 alpha)
{
    if (r == NULL) {
        return SDL_InvalidParamError("renderer");
    }
    r->color = SDL_RGBA(red, green, blue, alpha);
    return 0;
}

int SDL_GetRenderDrawColor(SDL_Renderer *r, Uint8 *red, Uint8 *green, Uint8 *blue, Uint8 *alpha)
{
    if (r == NULL) {
        return SDL_InvalidParamError("renderer");
    }
    SDL_GetRGBA(r->color, &sdl_rgba32, red, green, blue, alpha);
    return 0;
}

int SDL_SetRenderDrawBlendMode(SDL_Renderer *r, SDL_BlendMode mode)
{
    if (r == NULL || !sdl_mode_known(mode)) {
        return SDL_InvalidParamError(r == NULL ? "renderer" : "blendMode");
    }
    r->mode = mode;
    return 0;
}

int SDL_GetRenderDrawBlendMode(SDL_Renderer *r, SDL_BlendMode *mode)
{
    if (r == NULL) {
        return SDL_InvalidParamError("renderer");
    }
    *mode = r->mode;
    return 0;
}

int SDL_RenderClear(SDL_Renderer *r)
{
    struct sdl_target t;
    if (!sdl_target(r, &t)) {
        return -1;
    }
    SDL_Rect all = {0, 0, t.w, t.h};
    sdl_fill(t.pixels, t.w, &all, &all, r->color, SDL_BLENDMODE_NONE);
    return 0;
}

/* ---- in the program's coordinates ---- */

static void fill(const SDL_Renderer *r, const struct sdl_target *t, float x, float y, float w,
                 float h)
{
    SDL_Rect rect = sdl_to_pixels(t, x, y, w, h);
    sdl_fill(t->pixels, t->w, &t->clip, &rect, r->color, r->mode);
}

/* A pixel of the program's, which may be several. */
static void point(const SDL_Renderer *r, const struct sdl_target *t, int x, int y)
{
    SDL_Rect rect = sdl_to_pixels(t, (float)x, (float)y, 1, 1);
    rect.w = rect.w > 0 ? rect.w : 1;
    rect.h = rect.h > 0 ? rect.h : 1;
    sdl_fill(t->pixels, t->w, &t->clip, &rect, r->color, r->mode);
}

/* What can be seen, in the program's coordinates, with a pixel more on each side. */
static SDL_Rect seen(const struct sdl_target *t)
{
    int left = (int)floorf(((float)t->clip.x - t->x) / t->scale_x) - 1;
    int top = (int)floorf(((float)t->clip.y - t->y) / t->scale_y) - 1;
    return (SDL_Rect){left, top, (int)ceilf((float)t->clip.w / t->scale_x) + 3,
                      (int)ceilf((float)t->clip.h / t->scale_y) + 3};
}

static void line(const SDL_Renderer *r, const struct sdl_target *t, int x1, int y1, int x2, int y2,
                 bool last)
{
    if (x1 == x2 || y1 == y2) {
        int w = abs(x2 - x1) + (last || x1 == x2), h = abs(y2 - y1) + (last || y1 == y2);
        int x = SDL_min(x1, x2) + (!last && x2 < x1), y = SDL_min(y1, y2) + (!last && y2 < y1);
        if (x1 == x2 && y1 == y2) {
            point(r, t, x1, y1);
            return;
        }
        fill(r, t, (float)x, (float)y, (float)w, (float)h);
        return;
    }
    SDL_Rect in = seen(t);
    int end_x = x2, end_y = y2;
    if (!SDL_IntersectRectAndLine(&in, &x1, &y1, &x2, &y2)) {
        return;
    }
    int dx = abs(x2 - x1), dy = -abs(y2 - y1), error = dx + dy;
    int sx = x1 < x2 ? 1 : -1, sy = y1 < y2 ? 1 : -1;
    for (;;) {
        if (last || x1 != end_x || y1 != end_y) {
            point(r, t, x1, y1);
        }
        if (x1 == x2 && y1 == y2) {
            return;
        }
        int twice = 2 * error;
        if (twice >= dy) {
            error += dy;
            x1 += sx;
        }
        if (twice <= dx) {
            error += dx;
            y1 += sy;
        }
    }
}

int SDL_RenderDrawPoints(SDL_Renderer *r, const SDL_Point *points, int count)
{
    struct sdl_target t;
    if (!sdl_target(r, &t)) {
        return -1;
    }
    for (int i = 0; i < count; i++) {
        point(r, &t, points[i].x, points[i].y);
    }
    return 0;
}

int SDL_RenderDrawPoint(SDL_Renderer *r, int x, int y)
{
    SDL_Point p = {x, y};
    return SDL_RenderDrawPoints(r, &p, 1);
}

int SDL_RenderDrawPointF(SDL_Renderer *r, float x, float y)
{
    return SDL_RenderDrawPoint(r, (int)floorf(x), (int)floorf(y));
}

/* Corners are drawn once, but for the last where it is no corner of the first. */
int SDL_RenderDrawLines(SDL_Renderer *r, const SDL_Point *points, int count)
{
    struct sdl_target t;
    if (!sdl_target(r, &t)) {
        return -1;
    }
    for (int i = 0; i + 1 < count; i++) {
        const SDL_Point *a = &points[i], *b = &points[i + 1];
        bool ends = i + 2 == count && (count == 2 || b->x != points[0].x || b->y != points[0].y);
        line(r, &t, a->x, a->y, b->x, b->y, ends);
    }
    return 0;
}

int SDL_RenderDrawLine(SDL_Renderer *r, int x1, int y1, int x2, int y2)
{
    SDL_Point points[] = {{x1, y1}, {x2, y2}};
    return SDL_RenderDrawLines(r, points, 2);
}

int SDL_RenderDrawLineF(SDL_Renderer *r, float x1, float y1, float x2, float y2)
{
    return SDL_RenderDrawLine(r, (int)floorf(x1), (int)floorf(y1), (int)floorf(x2),
                              (int)floorf(y2));
}

static SDL_Rect viewport(const struct sdl_target *t)
{
    return (SDL_Rect){0, 0, (int)ceilf((float)t->viewport.w / t->scale_x - 0.001f),
                      (int)ceilf((float)t->viewport.h / t->scale_y - 0.001f)};
}

int SDL_RenderDrawRect(SDL_Renderer *r, const SDL_Rect *rect)
{
    struct sdl_target t;
    if (!sdl_target(r, &t)) {
        return -1;
    }
    SDL_Rect a = rect != NULL ? *rect : viewport(&t);
    if (a.w <= 0 || a.h <= 0) {
        return 0;
    }
    fill(r, &t, (float)a.x, (float)a.y, (float)a.w, 1);
    if (a.h > 1) {
        fill(r, &t, (float)a.x, (float)(a.y + a.h - 1), (float)a.w, 1);
    }
    if (a.h > 2) {
        fill(r, &t, (float)a.x, (float)(a.y + 1), 1, (float)(a.h - 2));
    }
    if (a.h > 2 && a.w > 1) {
        fill(r, &t, (float)(a.x + a.w - 1), (float)(a.y + 1), 1, (float)(a.h - 2));
    }
    return 0;
}

int SDL_RenderDrawRects(SDL_Renderer *r, const SDL_Rect *rects, int count)
{
    int result = 0;
    for (int i = 0; i < count && result == 0; i++) {
        result = SDL_RenderDrawRect(r, &rects[i]);
    }
    return result;
}

static SDL_Rect whole(const SDL_FRect *f)
{
    return (SDL_Rect){(int)floorf(f->x), (int)floorf(f->y), (int)ceilf(f->w), (int)ceilf(f->h)};
}

int SDL_RenderDrawRectF(SDL_Renderer *r, const SDL_FRect *rect)
{
    SDL_Rect a = rect != NULL ? whole(rect) : (SDL_Rect){0, 0, 0, 0};
    return SDL_RenderDrawRect(r, rect != NULL ? &a : NULL);
}

int SDL_RenderFillRectF(SDL_Renderer *r, const SDL_FRect *rect)
{
    struct sdl_target t;
    if (!sdl_target(r, &t)) {
        return -1;
    }
    if (rect == NULL) {
        sdl_fill(t.pixels, t.w, &t.clip, &t.viewport, r->color, r->mode);
    } else {
        fill(r, &t, rect->x, rect->y, rect->w, rect->h);
    }
    return 0;
}

int SDL_RenderFillRect(SDL_Renderer *r, const SDL_Rect *rect)
{
    SDL_FRect f = {0, 0, 0, 0};
    if (rect != NULL) {
        f = (SDL_FRect){(float)rect->x, (float)rect->y, (float)rect->w, (float)rect->h};
    }
    return SDL_RenderFillRectF(r, rect != NULL ? &f : NULL);
}

int SDL_RenderFillRects(SDL_Renderer *r, const SDL_Rect *rects, int count)
{
    int result = 0;
    for (int i = 0; i < count && result == 0; i++) {
        result = SDL_RenderFillRect(r, &rects[i]);
    }
    return result;
}

/* ---- textures ---- */

int SDL_RenderCopyExF(SDL_Renderer *r, SDL_Texture *texture, const SDL_Rect *from,
                      const SDL_FRect *to, double angle, const SDL_FPoint *center,
                      SDL_RendererFlip flip)
{
    struct sdl_target t;
    if (!sdl_target(r, &t) || texture == NULL || texture->renderer != r) {
        return SDL_SetError("the texture is not this renderer's");
    }
    SDL_Rect all = {0, 0, texture->w, texture->h};
    struct sdl_blit b = {.from = {&sdl_rgba32, texture->pixels, texture->w * 4},
                         .to = {&sdl_rgba32, t.pixels, t.w * 4},
                         .src = all,
                         .dst = t.viewport,
                         .clip = t.clip,
                         .flip = (int)flip,
                         .mode = texture->mode,
                         .mod = texture->mod};
    if (from != NULL && !SDL_IntersectRect(from, &all, &b.src)) {
        return 0;
    }
    if (to != NULL) {
        b.dst = sdl_to_pixels(&t, to->x, to->y, to->w, to->h);
    }
    if (b.dst.w <= 0 || b.dst.h <= 0) {
        return 0;
    }
    if (angle == 0) {
        sdl_blit(&b);
        return 0;
    }
    double cx = center != NULL ? (double)center->x * (double)t.scale_x : b.dst.w / 2.0;
    double cy = center != NULL ? (double)center->y * (double)t.scale_y : b.dst.h / 2.0;
    sdl_blit_turned(&b, angle, cx, cy);
    return 0;
}

int SDL_RenderCopyEx(SDL_Renderer *r, SDL_Texture *texture, const SDL_Rect *from,
                     const SDL_Rect *to, double angle, const SDL_Point *center,
                     SDL_RendererFlip flip)
{
    SDL_FRect f = {0, 0, 0, 0};
    SDL_FPoint c = {0, 0};
    if (to != NULL) {
        f = (SDL_FRect){(float)to->x, (float)to->y, (float)to->w, (float)to->h};
    }
    if (center != NULL) {
        c = (SDL_FPoint){(float)center->x, (float)center->y};
    }
    return SDL_RenderCopyExF(r, texture, from, to != NULL ? &f : NULL, angle,
                             center != NULL ? &c : NULL, flip);
}

int SDL_RenderCopy(SDL_Renderer *r, SDL_Texture *texture, const SDL_Rect *from, const SDL_Rect *to)
{
    return SDL_RenderCopyEx(r, texture, from, to, 0, NULL, SDL_FLIP_NONE);
}

int SDL_RenderCopyF(SDL_Renderer *r, SDL_Texture *texture, const SDL_Rect *from,
                    const SDL_FRect *to)
{
    return SDL_RenderCopyExF(r, texture, from, to, 0, NULL, SDL_FLIP_NONE);
}

int SDL_RenderReadPixels(SDL_Renderer *r, const SDL_Rect *rect, Uint32 format, void *pixels,
                         int pitch)
{
    struct sdl_target t;
    if (!sdl_target(r, &t)) {
        return -1;
    }
    SDL_Rect all = {0, 0, t.w, t.h}, part;
    SDL_PixelFormat *f = SDL_AllocFormat(format != 0 ? format : SDL_PIXELFORMAT_RGB888);
    if (f == NULL || f->palette != NULL) {
        SDL_FreeFormat(f);
        return SDL_Unsupported();
    }
    if (SDL_IntersectRect(rect != NULL ? rect : &all, &all, &part)) {
        SDL_Rect to = {rect != NULL ? part.x - rect->x : 0, rect != NULL ? part.y - rect->y : 0,
                       part.w, part.h};
        sdl_blit(&(struct sdl_blit){.from = {&sdl_rgba32, t.pixels, t.w * 4},
                                    .to = {f, pixels, pitch},
                                    .src = part,
                                    .dst = to,
                                    .clip = to,
                                    .mod = SDL_WHITE});
    }
    SDL_FreeFormat(f);
    return 0;
}
