/* SPDX-License-Identifier: MIT */
/* Surfaces: pictures in memory. */
#include "private.h"

#define SIDE_MAX 16384

static struct sdl_surface *more(SDL_Surface *s)
{
    return (struct sdl_surface *)(void *)s;
}

SDL_Surface *sdl_surface_over(void *pixels, int w, int h, int pitch, Uint32 format)
{
    struct sdl_surface *s = NULL;
    SDL_PixelFormat *f =
        w < 0 || h < 0 || w > SIDE_MAX || h > SIDE_MAX ? NULL : SDL_AllocFormat(format);
    if (f == NULL) {
        SDL_SetError("a surface of %dx%d in format %s can not be", w, h,
                     SDL_GetPixelFormatName(format));
        return NULL;
    }
    s = calloc(1, sizeof *s);
    if (s != NULL && pixels == NULL) {
        pitch =
            ((f->BitsPerPixel < 8 ? (w * f->BitsPerPixel + 7) / 8 : w * f->BytesPerPixel) + 3) & ~3;
        s->s.pixels = w > 0 && h > 0 ? calloc((size_t)h, (size_t)pitch) : NULL;
    }
    SDL_Palette *palette = s != NULL && SDL_ISPIXELFORMAT_INDEXED(format)
                               ? SDL_AllocPalette(1 << f->BitsPerPixel)
                               : NULL;
    if (s == NULL || (pixels == NULL && s->s.pixels == NULL && w > 0 && h > 0) ||
        (SDL_ISPIXELFORMAT_INDEXED(format) && palette == NULL)) {
        if (s != NULL) {
            free(s->s.pixels);
        }
        free(s);
        SDL_FreeFormat(f);
        SDL_OutOfMemory();
        return NULL;
    }
    f->palette = palette;
    if (palette != NULL && palette->ncolors == 2) {
        palette->colors[1] = (SDL_Color){0, 0, 0, 255};
    }
    if (pixels != NULL) {
        s->s.pixels = pixels;
        s->s.flags = SDL_PREALLOC;
    }
    s->s.format = f;
    s->s.w = w;
    s->s.h = h;
    s->s.pitch = pitch;
    s->s.clip_rect = (SDL_Rect){0, 0, w, h};
    s->s.refcount = 1;
    s->mod = SDL_WHITE;
    s->mode = f->Amask != 0 ? SDL_BLENDMODE_BLEND : SDL_BLENDMODE_NONE;
    return &s->s;
}

SDL_Surface *SDL_CreateRGBSurfaceWithFormat(Uint32 flags, int w, int h, int depth, Uint32 format)
{
    (void)flags;
    (void)depth;
    return sdl_surface_over(NULL, w, h, 0, format);
}

SDL_Surface *SDL_CreateRGBSurface(Uint32 flags, int w, int h, int depth, Uint32 r, Uint32 g,
                                  Uint32 b, Uint32 a)
{
    return SDL_CreateRGBSurfaceWithFormat(flags, w, h, depth,
                                          SDL_MasksToPixelFormatEnum(depth, r, g, b, a));
}

SDL_Surface *SDL_CreateRGBSurfaceWithFormatFrom(void *pixels, int w, int h, int depth, int pitch,
                                                Uint32 format)
{
    (void)depth;
    /* Without pixels it is a form that the caller fills in later. */
    bool form = pixels == NULL;
    SDL_Surface *s = sdl_surface_over(pixels, form ? 0 : w, form ? 0 : h, pitch, format);
    if (s != NULL && form) {
        s->flags |= SDL_PREALLOC;
        s->w = w;
        s->h = h;
        s->pitch = pitch;
        s->clip_rect = (SDL_Rect){0, 0, w, h};
    }
    return s;
}

SDL_Surface *SDL_CreateRGBSurfaceFrom(void *pixels, int w, int h, int depth, int pitch, Uint32 r,
                                      Uint32 g, Uint32 b, Uint32 a)
{
    return SDL_CreateRGBSurfaceWithFormatFrom(pixels, w, h, depth, pitch,
                                              SDL_MasksToPixelFormatEnum(depth, r, g, b, a));
}

void SDL_FreeSurface(SDL_Surface *s)
{
    if (s == NULL || (s->flags & SDL_DONTFREE) != 0 || --s->refcount > 0) {
        return;
    }
    if ((s->flags & SDL_PREALLOC) == 0) {
        free(s->pixels);
    }
    SDL_FreeFormat(s->format);
    free(s);
}

int SDL_SetSurfacePalette(SDL_Surface *s, SDL_Palette *palette)
{
    return s == NULL ? SDL_InvalidParamError("surface")
                     : SDL_SetPixelFormatPalette(s->format, palette);
}

int SDL_LockSurface(SDL_Surface *s)
{
    s->locked++;
    return 0;
}

void SDL_UnlockSurface(SDL_Surface *s)
{
    s->locked -= s->locked > 0;
}

int SDL_SetSurfaceRLE(SDL_Surface *s, int flag)
{
    (void)flag; /* nothing would be faster, and SDL_MUSTLOCK() would say yes */
    return s == NULL ? SDL_InvalidParamError("surface") : 0;
}

/* ---- how it is copied ---- */

int SDL_SetColorKey(SDL_Surface *s, int flag, Uint32 key)
{
    if (s == NULL) {
        return SDL_InvalidParamError("surface");
    }
    more(s)->keyed = flag != 0;
    more(s)->key = key;
    return 0;
}

SDL_bool SDL_HasColorKey(SDL_Surface *s)
{
    return s != NULL && more(s)->keyed ? SDL_TRUE : SDL_FALSE;
}

int SDL_GetColorKey(SDL_Surface *s, Uint32 *key)
{
    if (!SDL_HasColorKey(s)) {
        return SDL_SetError("the surface has no colour key");
    }
    if (key != NULL) {
        *key = more(s)->key;
    }
    return 0;
}

int SDL_SetSurfaceColorMod(SDL_Surface *s, Uint8 r, Uint8 g, Uint8 b)
{
    if (s == NULL) {
        return SDL_InvalidParamError("surface");
    }
    more(s)->mod = (more(s)->mod & 0xff000000u) | SDL_RGBA(r, g, b, 0);
    return 0;
}

int SDL_GetSurfaceColorMod(SDL_Surface *s, Uint8 *r, Uint8 *g, Uint8 *b)
{
    if (s == NULL) {
        return SDL_InvalidParamError("surface");
    }
    *r = (Uint8)more(s)->mod;
    *g = (Uint8)(more(s)->mod >> 8);
    *b = (Uint8)(more(s)->mod >> 16);
    return 0;
}

int SDL_SetSurfaceAlphaMod(SDL_Surface *s, Uint8 alpha)
{
    if (s == NULL) {
        return SDL_InvalidParamError("surface");
    }
    more(s)->mod = (more(s)->mod & 0xffffffu) | SDL_RGBA(0, 0, 0, alpha);
    return 0;
}

int SDL_GetSurfaceAlphaMod(SDL_Surface *s, Uint8 *alpha)
{
    if (s == NULL) {
        return SDL_InvalidParamError("surface");
    }
    *alpha = (Uint8)(more(s)->mod >> 24);
    return 0;
}

int SDL_SetSurfaceBlendMode(SDL_Surface *s, SDL_BlendMode mode)
{
    if (s == NULL || !sdl_mode_known(mode)) {
        return SDL_InvalidParamError(s == NULL ? "surface" : "blendMode");
    }
    more(s)->mode = mode;
    return 0;
}

int SDL_GetSurfaceBlendMode(SDL_Surface *s, SDL_BlendMode *mode)
{
    if (s == NULL) {
        return SDL_InvalidParamError("surface");
    }
    *mode = more(s)->mode;
    return 0;
}

SDL_bool SDL_SetClipRect(SDL_Surface *s, const SDL_Rect *rect)
{
    SDL_Rect all = {0, 0, s->w, s->h};
    if (rect == NULL) {
        s->clip_rect = all;
        return SDL_TRUE;
    }
    return SDL_IntersectRect(rect, &all, &s->clip_rect);
}

void SDL_GetClipRect(SDL_Surface *s, SDL_Rect *rect)
{
    *rect = s->clip_rect;
}

/* ---- copies ---- */

SDL_Surface *SDL_ConvertSurface(SDL_Surface *s, const SDL_PixelFormat *format, Uint32 flags)
{
    (void)flags;
    if (s == NULL || format == NULL) {
        SDL_InvalidParamError(s == NULL ? "surface" : "format");
        return NULL;
    }
    SDL_Surface *out =
        format->BitsPerPixel < 8 ? NULL : sdl_surface_over(NULL, s->w, s->h, 0, format->format);
    if (out == NULL) {
        return NULL;
    }
    if (out->format->palette != NULL && format->palette != NULL) {
        SDL_SetPaletteColors(out->format->palette, format->palette->colors, 0,
                             format->palette->ncolors);
    }
    struct sdl_blit b = {.from = {s->format, s->pixels, s->pitch},
                         .to = {out->format, out->pixels, out->pitch},
                         .src = {0, 0, s->w, s->h},
                         .dst = {0, 0, s->w, s->h},
                         .clip = {0, 0, s->w, s->h},
                         .mode = SDL_BLENDMODE_NONE,
                         .mod = SDL_WHITE};
    /* A colour key becomes transparency where there is some, else the same colour's key. */
    b.keyed = more(s)->keyed && out->format->Amask != 0;
    b.key = more(s)->key;
    sdl_blit(&b);
    more(out)->mod = more(s)->mod;
    more(out)->mode = more(s)->mode;
    out->clip_rect = s->clip_rect;
    if (b.keyed) {
        more(out)->mode = SDL_BLENDMODE_BLEND;
    } else if (more(s)->keyed) {
        more(out)->keyed = true;
        more(out)->key = out->format->palette != NULL && s->format->palette != NULL
                             ? more(s)->key
                             : sdl_pixel_out(out->format, sdl_pixel_in(s->format, more(s)->key));
    }
    if (out->format->Amask != 0 && s->format->Amask == 0 && !b.keyed &&
        s->format->palette == NULL) {
        more(out)->mode = SDL_BLENDMODE_NONE;
    }
    return out;
}

SDL_Surface *SDL_ConvertSurfaceFormat(SDL_Surface *s, Uint32 format, Uint32 flags)
{
    SDL_PixelFormat *f = SDL_AllocFormat(format);
    SDL_Surface *out = f != NULL ? SDL_ConvertSurface(s, f, flags) : NULL;
    SDL_FreeFormat(f);
    return out;
}

SDL_Surface *SDL_DuplicateSurface(SDL_Surface *s)
{
    if (s == NULL) {
        SDL_InvalidParamError("surface");
        return NULL;
    }
    SDL_Surface *out = sdl_surface_over(NULL, s->w, s->h, 0, s->format->format);
    if (out == NULL) {
        return NULL;
    }
    if (s->format->palette != NULL) {
        SDL_SetPaletteColors(out->format->palette, s->format->palette->colors, 0,
                             s->format->palette->ncolors);
    }
    for (int y = 0; y < s->h; y++) {
        memcpy((Uint8 *)out->pixels + (ptrdiff_t)y * out->pitch,
               (Uint8 *)s->pixels + (ptrdiff_t)y * s->pitch,
               (size_t)(s->format->BitsPerPixel < 8 ? (s->w * s->format->BitsPerPixel + 7) / 8
                                                    : s->w * s->format->BytesPerPixel));
    }
    more(out)->mod = more(s)->mod;
    more(out)->mode = more(s)->mode;
    more(out)->keyed = more(s)->keyed;
    more(out)->key = more(s)->key;
    out->clip_rect = s->clip_rect;
    return out;
}

int SDL_ConvertPixels(int w, int h, Uint32 from_format, const void *from, int from_pitch,
                      Uint32 to_format, void *to, int to_pitch)
{
    SDL_PixelFormat *f = SDL_AllocFormat(from_format), *t = SDL_AllocFormat(to_format);
    bool fine = f != NULL && t != NULL && !SDL_ISPIXELFORMAT_INDEXED(from_format) &&
                !SDL_ISPIXELFORMAT_INDEXED(to_format);
    if (fine) {
        union {
            const void *given;
            void *pixels;
        } source = {from};
        sdl_blit(&(struct sdl_blit){.from = {f, source.pixels, from_pitch},
                                    .to = {t, to, to_pitch},
                                    .src = {0, 0, w, h},
                                    .dst = {0, 0, w, h},
                                    .clip = {0, 0, w, h},
                                    .mod = SDL_WHITE});
    }
    SDL_FreeFormat(f);
    SDL_FreeFormat(t);
    return fine ? 0 : SDL_SetError("these formats can not be converted");
}

/* ---- drawing ---- */

int SDL_FillRect(SDL_Surface *s, const SDL_Rect *rect, Uint32 pixel)
{
    if (s == NULL || s->format->BitsPerPixel < 8) {
        return SDL_SetError("nothing is drawn to a surface of less than 8 bits");
    }
    SDL_Rect r = s->clip_rect;
    if (rect != NULL && !SDL_IntersectRect(rect, &s->clip_rect, &r)) {
        return 0;
    }
    int bytes = s->format->BytesPerPixel;
    for (int y = r.y; y < r.y + r.h; y++) {
        Uint8 *row = (Uint8 *)s->pixels + (ptrdiff_t)y * s->pitch + (ptrdiff_t)r.x * bytes;
        if (bytes == 1) {
            memset(row, (int)(pixel & 255), (size_t)r.w);
            continue;
        }
        for (int x = 0; x < r.w; x++) {
            sdl_pixel_write(row + (ptrdiff_t)x * bytes, bytes, pixel);
        }
    }
    return 0;
}

int SDL_FillRects(SDL_Surface *s, const SDL_Rect *rects, int count, Uint32 pixel)
{
    int result = 0;
    for (int i = 0; i < count && result == 0; i++) {
        result = SDL_FillRect(s, &rects[i], pixel);
    }
    return result;
}

static int blit(SDL_Surface *from, const SDL_Rect *src, SDL_Surface *to, const SDL_Rect *dst,
                const SDL_Rect *clip)
{
    const struct sdl_surface *m = more(from);
    if (to->format->BitsPerPixel < 8) {
        return SDL_SetError("nothing is drawn to a surface of less than 8 bits");
    }
    sdl_blit(&(struct sdl_blit){.from = {from->format, from->pixels, from->pitch},
                                .to = {to->format, to->pixels, to->pitch},
                                .src = *src,
                                .dst = *dst,
                                .clip = *clip,
                                .mode = m->mode,
                                .mod = m->mod,
                                .keyed = m->keyed,
                                .key = m->key});
    return 0;
}

int SDL_LowerBlit(SDL_Surface *from, SDL_Rect *from_rect, SDL_Surface *to, SDL_Rect *to_rect)
{
    SDL_Rect all = {0, 0, to->w, to->h};
    SDL_Rect src = {0, 0, from->w, from->h};
    if (SDL_IntersectRect(from_rect, &src, &src)) {
        SDL_Rect dst = {to_rect->x, to_rect->y, src.w, src.h};
        return blit(from, &src, to, &dst, &all);
    }
    return 0;
}

int SDL_UpperBlit(SDL_Surface *from, const SDL_Rect *from_rect, SDL_Surface *to, SDL_Rect *to_rect)
{
    if (from == NULL || to == NULL) {
        return SDL_InvalidParamError(from == NULL ? "src" : "dst");
    }
    SDL_Rect src = {0, 0, from->w, from->h};
    SDL_Rect wanted = from_rect != NULL ? *from_rect : src;
    SDL_Rect dst = {to_rect != NULL ? to_rect->x : 0, to_rect != NULL ? to_rect->y : 0, 0, 0};
    SDL_Rect drawn = {dst.x, dst.y, 0, 0};
    int result = 0;
    if (SDL_IntersectRect(&wanted, &src, &src)) {
        dst = (SDL_Rect){dst.x + src.x - wanted.x, dst.y + src.y - wanted.y, src.w, src.h};
        if (SDL_IntersectRect(&dst, &to->clip_rect, &drawn)) {
            result = blit(from, &src, to, &dst, &to->clip_rect);
        }
    }
    if (to_rect != NULL) {
        *to_rect = drawn;
    }
    return result;
}

int SDL_UpperBlitScaled(SDL_Surface *from, const SDL_Rect *from_rect, SDL_Surface *to,
                        SDL_Rect *to_rect)
{
    if (from == NULL || to == NULL) {
        return SDL_InvalidParamError(from == NULL ? "src" : "dst");
    }
    SDL_Rect all = {0, 0, from->w, from->h}, src;
    SDL_Rect wanted = from_rect != NULL ? *from_rect : all;
    SDL_Rect dst = to_rect != NULL ? *to_rect : (SDL_Rect){0, 0, to->w, to->h};
    if (dst.w <= 0 || dst.h <= 0 || !SDL_IntersectRect(&wanted, &all, &src)) {
        return 0;
    }
    if (!SDL_RectEquals(&src, &wanted)) { /* the part that is there, of where it would be */
        int64_t w = dst.w, h = dst.h;
        dst.x += (int)((src.x - wanted.x) * w / wanted.w);
        dst.y += (int)((src.y - wanted.y) * h / wanted.h);
        dst.w = (int)(src.w * w / wanted.w);
        dst.h = (int)(src.h * h / wanted.h);
    }
    int result = blit(from, &src, to, &dst, &to->clip_rect);
    if (to_rect != NULL) {
        SDL_IntersectRect(&dst, &to->clip_rect, to_rect);
    }
    return result;
}

int SDL_LowerBlitScaled(SDL_Surface *from, SDL_Rect *from_rect, SDL_Surface *to, SDL_Rect *to_rect)
{
    return SDL_UpperBlitScaled(from, from_rect, to, to_rect);
}

int SDL_SoftStretch(SDL_Surface *from, const SDL_Rect *from_rect, SDL_Surface *to,
                    const SDL_Rect *to_rect)
{
    SDL_Rect r = to_rect != NULL ? *to_rect : (SDL_Rect){0, 0, to->w, to->h};
    return SDL_UpperBlitScaled(from, from_rect, to, &r);
}
