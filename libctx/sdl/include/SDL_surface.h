/* SPDX-License-Identifier: MIT */
/*
 * SDL_surface.h - pictures in memory, in any format. Blits convert; they honour the source's colour
 * key, modulation and blend mode, and the destination's clip rectangle. No surface has to be
 * locked. Scaling takes the nearest pixel.
 */
#ifndef SDL_surface_h_
#define SDL_surface_h_

#include "SDL_blendmode.h"
#include "SDL_pixels.h"
#include "SDL_rect.h"
#include "SDL_rwops.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SDL_SWSURFACE   0u
#define SDL_PREALLOC    1u /* the pixels are the caller's */
#define SDL_RLEACCEL    2u /* kept, and changes nothing */
#define SDL_DONTFREE    4u
#define SDL_MUSTLOCK(s) (((s)->flags & SDL_RLEACCEL) != 0)

typedef struct SDL_Surface {
    Uint32 flags;
    SDL_PixelFormat *format;
    int w, h;
    int pitch; /* bytes from row to row */
    void *pixels;
    void *userdata; /* the caller's */
    int locked;
    void *list_blitmap;
    SDL_Rect clip_rect; /* see SDL_SetClipRect() */
    void *map;
    int refcount; /* SDL_FreeSurface() frees the last one */
} SDL_Surface;

typedef int (*SDL_blit)(SDL_Surface *from, SDL_Rect *from_rect, SDL_Surface *to, SDL_Rect *to_rect);

/* Black and transparent. Masks of 0: what is usual for so many bits; 8 bits have a palette. */
SDL_Surface *SDL_CreateRGBSurface(Uint32 flags, int w, int h, int depth, Uint32 r, Uint32 g,
                                  Uint32 b, Uint32 a);
SDL_Surface *SDL_CreateRGBSurfaceWithFormat(Uint32 flags, int w, int h, int depth, Uint32 format);
/* The pixels stay the caller's, and must stay. */
SDL_Surface *SDL_CreateRGBSurfaceFrom(void *pixels, int w, int h, int depth, int pitch, Uint32 r,
                                      Uint32 g, Uint32 b, Uint32 a);
SDL_Surface *SDL_CreateRGBSurfaceWithFormatFrom(void *pixels, int w, int h, int depth, int pitch,
                                                Uint32 format);
void SDL_FreeSurface(SDL_Surface *surface);
int SDL_SetSurfacePalette(SDL_Surface *surface, SDL_Palette *palette);
int SDL_LockSurface(SDL_Surface *surface);
void SDL_UnlockSurface(SDL_Surface *surface);
int SDL_SetSurfaceRLE(SDL_Surface *surface, int flag);

/* Windows bitmaps: 1, 4, 8 (also packed by runs), 16, 24, 32 bits; written with 24, or 8 or 32
 * where the surface has a palette or alpha. close: the stream is closed, whatever happens. */
SDL_Surface *SDL_LoadBMP_RW(SDL_RWops *from, int close);
int SDL_SaveBMP_RW(SDL_Surface *surface, SDL_RWops *to, int close);
#define SDL_LoadBMP(file)          SDL_LoadBMP_RW(SDL_RWFromFile((file), "rb"), 1)
#define SDL_SaveBMP(surface, file) SDL_SaveBMP_RW((surface), SDL_RWFromFile((file), "wb"), 1)

/* Pixels of this value are not drawn; flag false: all are. */
int SDL_SetColorKey(SDL_Surface *surface, int flag, Uint32 key);
SDL_bool SDL_HasColorKey(SDL_Surface *surface);
int SDL_GetColorKey(SDL_Surface *surface, Uint32 *key);
int SDL_SetSurfaceColorMod(SDL_Surface *surface, Uint8 r, Uint8 g, Uint8 b);
int SDL_GetSurfaceColorMod(SDL_Surface *surface, Uint8 *r, Uint8 *g, Uint8 *b);
int SDL_SetSurfaceAlphaMod(SDL_Surface *surface, Uint8 alpha);
int SDL_GetSurfaceAlphaMod(SDL_Surface *surface, Uint8 *alpha);
/* BLEND to begin with where the format has alpha, else NONE. */
int SDL_SetSurfaceBlendMode(SDL_Surface *surface, SDL_BlendMode mode);
int SDL_GetSurfaceBlendMode(SDL_Surface *surface, SDL_BlendMode *mode);
SDL_bool SDL_SetClipRect(SDL_Surface *surface, const SDL_Rect *rect); /* NULL: all of it */
void SDL_GetClipRect(SDL_Surface *surface, SDL_Rect *rect);

SDL_Surface *SDL_DuplicateSurface(SDL_Surface *surface);
SDL_Surface *SDL_ConvertSurface(SDL_Surface *surface, const SDL_PixelFormat *format, Uint32 flags);
SDL_Surface *SDL_ConvertSurfaceFormat(SDL_Surface *surface, Uint32 format, Uint32 flags);
int SDL_ConvertPixels(int w, int h, Uint32 from_format, const void *from, int from_pitch,
                      Uint32 to_format, void *to, int to_pitch);

/* NULL: all that clips let */
int SDL_FillRect(SDL_Surface *surface, const SDL_Rect *rect, Uint32 pixel);
int SDL_FillRects(SDL_Surface *surface, const SDL_Rect *rects, int count, Uint32 pixel);
/* A rectangle of NULL is all of a surface; of to_rect only x and y count, and it is told what was
 * drawn. Lower: without cutting, rectangles must lie inside. */
int SDL_UpperBlit(SDL_Surface *from, const SDL_Rect *from_rect, SDL_Surface *to, SDL_Rect *to_rect);
int SDL_LowerBlit(SDL_Surface *from, SDL_Rect *from_rect, SDL_Surface *to, SDL_Rect *to_rect);
int SDL_UpperBlitScaled(SDL_Surface *from, const SDL_Rect *from_rect, SDL_Surface *to,
                        SDL_Rect *to_rect);
int SDL_LowerBlitScaled(SDL_Surface *from, SDL_Rect *from_rect, SDL_Surface *to, SDL_Rect *to_rect);
int SDL_SoftStretch(SDL_Surface *from, const SDL_Rect *from_rect, SDL_Surface *to,
                    const SDL_Rect *to_rect);
#define SDL_BlitSurface SDL_UpperBlit
#define SDL_BlitScaled  SDL_UpperBlitScaled

#ifdef __cplusplus
}
#endif
#endif
