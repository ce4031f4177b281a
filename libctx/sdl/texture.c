/* SPDX-License-Identifier: MIT */
/* Textures: kept as RGBA32; what is locked or updated is in the texture's own format. */
#include "render.h"

#define SIDE_MAX 8192

static bool is(const SDL_Texture *texture)
{
    if (texture == NULL) {
        SDL_SetError("Invalid texture");
    }
    return texture != NULL;
}

SDL_Texture *SDL_CreateTexture(SDL_Renderer *r, Uint32 format, int access, int w, int h)
{
    int bits;
    Uint32 masks[4];
    if (format == SDL_PIXELFORMAT_UNKNOWN) {
        format = SDL_PIXELFORMAT_ARGB8888;
    }
    if (r == NULL || w <= 0 || h <= 0 || w > SIDE_MAX || h > SIDE_MAX ||
        SDL_ISPIXELFORMAT_INDEXED(format) ||
        !SDL_PixelFormatEnumToMasks(format, &bits, &masks[0], &masks[1], &masks[2], &masks[3])) {
        SDL_SetError("a texture of %dx%d in format %s can not be", w, h,
                     SDL_GetPixelFormatName(format));
        return NULL;
    }
    SDL_Texture *t = calloc(1, sizeof *t);
    uint32_t *pixels = calloc((size_t)w * (size_t)h, 4);
    if (t == NULL || pixels == NULL) {
        free(t);
        free(pixels);
        SDL_OutOfMemory();
        return NULL;
    }
    *t = (SDL_Texture){.next = r->textures,
                       .renderer = r,
                       .format = format,
                       .access = access,
                       .w = w,
                       .h = h,
                       .pixels = pixels,
                       .mod = SDL_WHITE,
                       .mode = SDL_BLENDMODE_NONE};
    r->textures = t;
    return t;
}

static void copy(const SDL_PixelFormat *format, const void *from, int pitch, SDL_Texture *t,
                 const SDL_Rect *rect, bool keyed, uint32_t key)
{
    union {
        const void *given;
        void *pixels;
    } source = {from};
    sdl_blit(&(struct sdl_blit){.from = {format, source.pixels, pitch},
                                .to = {&sdl_rgba32, t->pixels, t->w * 4},
                                .src = {0, 0, rect->w, rect->h},
                                .dst = *rect,
                                .clip = {0, 0, t->w, t->h},
                                .mod = SDL_WHITE,
                                .keyed = keyed,
                                .key = key});
}

SDL_Texture *SDL_CreateTextureFromSurface(SDL_Renderer *r, SDL_Surface *s)
{
    if (s == NULL) {
        SDL_InvalidParamError("surface");
        return NULL;
    }
    const struct sdl_surface *more = (const struct sdl_surface *)(const void *)s;
    bool alpha = s->format->Amask != 0 || more->keyed;
    for (int i = 0; s->format->palette != NULL && i < s->format->palette->ncolors; i++) {
        alpha |= s->format->palette->colors[i].a != 255;
    }
    SDL_Texture *t = SDL_CreateTexture(r, alpha ? SDL_PIXELFORMAT_ARGB8888 : SDL_PIXELFORMAT_RGB888,
                                       SDL_TEXTUREACCESS_STATIC, s->w, s->h);
    if (t != NULL) {
        SDL_Rect all = {0, 0, s->w, s->h};
        copy(s->format, s->pixels, s->pitch, t, &all, more->keyed, more->key);
        t->mod = more->mod;
        t->mode = alpha ? SDL_BLENDMODE_BLEND : more->mode;
    }
    return t;
}

void SDL_DestroyTexture(SDL_Texture *t)
{
    if (!is(t)) {
        return;
    }
    SDL_Texture **p = &t->renderer->textures;
    while (*p != NULL && *p != t) {
        p = &(*p)->next;
    }
    if (*p == t) {
        *p = t->next;
    }
    if (t->renderer->target == t) {
        SDL_SetRenderTarget(t->renderer, NULL);
    }
    SDL_FreeSurface(t->lock_surface);
    free(t->staging);
    free(t->pixels);
    free(t);
}

int SDL_QueryTexture(SDL_Texture *t, Uint32 *format, int *access, int *w, int *h)
{
    if (!is(t)) {
        return -1;
    }
    if (format != NULL) {
        *format = t->format;
    }
    if (access != NULL) {
        *access = t->access;
    }
    if (w != NULL) {
        *w = t->w;
    }
    if (h != NULL) {
        *h = t->h;
    }
    return 0;
}

int SDL_SetTextureColorMod(SDL_Texture *t, Uint8 r, Uint8 g, Uint8 b)
{
    if (!is(t)) {
        return -1;
    }
    t->mod = (t->mod & 0xff000000u) | SDL_RGBA(r, g, b, 0);
    return 0;
}

int SDL_GetTextureColorMod(SDL_Texture *t, Uint8 *r, Uint8 *g, Uint8 *b)
{
    if (!is(t)) {
        return -1;
    }
    *r = (Uint8)t->mod;
    *g = (Uint8)(t->mod >> 8);
    *b = (Uint8)(t->mod >> 16);
    return 0;
}

int SDL_SetTextureAlphaMod(SDL_Texture *t, Uint8 alpha)
{
    if (!is(t)) {
        return -1;
    }
    t->mod = (t->mod & 0xffffffu) | SDL_RGBA(0, 0, 0, alpha);
    return 0;
}

int SDL_GetTextureAlphaMod(SDL_Texture *t, Uint8 *alpha)
{
    if (!is(t)) {
        return -1;
    }
    *alpha = (Uint8)(t->mod >> 24);
    return 0;
}

int SDL_SetTextureBlendMode(SDL_Texture *t, SDL_BlendMode mode)
{
    if (!is(t) || !sdl_mode_known(mode)) {
        return t == NULL ? -1 : SDL_InvalidParamError("blendMode");
    }
    t->mode = mode;
    return 0;
}

int SDL_GetTextureBlendMode(SDL_Texture *t, SDL_BlendMode *mode)
{
    if (!is(t)) {
        return -1;
    }
    *mode = t->mode;
    return 0;
}

int SDL_SetTextureScaleMode(SDL_Texture *t, SDL_ScaleMode mode)
{
    if (!is(t)) {
        return -1;
    }
    t->scale_mode = mode;
    return 0;
}

int SDL_GetTextureScaleMode(SDL_Texture *t, SDL_ScaleMode *mode)
{
    if (!is(t)) {
        return -1;
    }
    *mode = t->scale_mode;
    return 0;
}

int SDL_SetTextureUserData(SDL_Texture *t, void *data)
{
    if (!is(t)) {
        return -1;
    }
    t->user = data;
    return 0;
}

void *SDL_GetTextureUserData(SDL_Texture *t)
{
    return is(t) ? t->user : NULL;
}

/* ---- pixels ---- */

static bool part(const SDL_Texture *t, const SDL_Rect *rect, SDL_Rect *out)
{
    SDL_Rect all = {0, 0, t->w, t->h};
    *out = rect != NULL ? *rect : all;
    SDL_Rect r;
    if (!SDL_IntersectRect(out, &all, &r) || !SDL_RectEquals(&r, out)) {
        SDL_SetError("the rectangle lies outside of the texture");
        return false;
    }
    return true;
}

int SDL_UpdateTexture(SDL_Texture *t, const SDL_Rect *rect, const void *pixels, int pitch)
{
    SDL_Rect r;
    if (!is(t) || pixels == NULL) {
        return t == NULL ? -1 : SDL_InvalidParamError("pixels");
    }
    SDL_Rect all = {0, 0, t->w, t->h};
    SDL_PixelFormat *format = SDL_AllocFormat(t->format);
    if (format == NULL) {
        return -1;
    }
    /* What of it is outside is left out. */
    if (SDL_IntersectRect(rect != NULL ? rect : &all, &all, &r)) {
        const uint8_t *from = pixels;
        if (rect != NULL) {
            from += (ptrdiff_t)(r.y - rect->y) * pitch +
                    (ptrdiff_t)(r.x - rect->x) * format->BytesPerPixel;
        }
        copy(format, from, pitch, t, &r, false, 0);
    }
    SDL_FreeFormat(format);
    return 0;
}

int SDL_LockTexture(SDL_Texture *t, const SDL_Rect *rect, void **pixels, int *pitch)
{
    SDL_Rect r;
    if (!is(t) || t->access != SDL_TEXTUREACCESS_STREAMING) {
        return t == NULL ? -1 : SDL_SetError("only a texture of STREAMING access can be locked");
    }
    int bytes = SDL_BYTESPERPIXEL((int)t->format);
    if (!part(t, rect, &r)) {
        return -1;
    }
    if (t->staging == NULL) {
        t->staging = calloc((size_t)t->w * (size_t)t->h, (size_t)bytes);
        if (t->staging == NULL) {
            return SDL_OutOfMemory();
        }
    }
    t->locked = r;
    *pitch = t->w * bytes;
    *pixels = t->staging + (ptrdiff_t)r.y * *pitch + (ptrdiff_t)r.x * bytes;
    return 0;
}

int SDL_LockTextureToSurface(SDL_Texture *t, const SDL_Rect *rect, SDL_Surface **surface)
{
    void *pixels;
    int pitch;
    if (surface == NULL || SDL_LockTexture(t, rect, &pixels, &pitch) != 0) {
        return surface == NULL ? SDL_InvalidParamError("surface") : -1;
    }
    SDL_FreeSurface(t->lock_surface);
    t->lock_surface = sdl_surface_over(pixels, t->locked.w, t->locked.h, pitch, t->format);
    *surface = t->lock_surface;
    if (t->lock_surface == NULL) {
        t->locked.w = 0;
        return -1;
    }
    return 0;
}

void SDL_UnlockTexture(SDL_Texture *t)
{
    if (!is(t) || t->locked.w == 0) {
        return;
    }
    int bytes = SDL_BYTESPERPIXEL((int)t->format), pitch = t->w * bytes;
    SDL_UpdateTexture(t, &t->locked,
                      t->staging + (ptrdiff_t)t->locked.y * pitch + (ptrdiff_t)t->locked.x * bytes,
                      pitch);
    t->locked.w = 0;
    SDL_FreeSurface(t->lock_surface);
    t->lock_surface = NULL;
}
