/* SPDX-License-Identifier: MIT */
/*
 * SDL_render.h - drawing by rectangles, lines and textures, in software. Nothing is seen before
 * SDL_RenderPresent(). Coordinates go through the scale, the viewport and the logical size; edges
 * are rounded down, so what touches in the program's coordinates touches on the screen. Textures
 * are scaled by their nearest pixel.
 */
#ifndef SDL_render_h_
#define SDL_render_h_

#include "SDL_blendmode.h"
#include "SDL_rect.h"
#include "SDL_video.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct SDL_Renderer SDL_Renderer;
typedef struct SDL_Texture SDL_Texture;

typedef enum {
    SDL_RENDERER_SOFTWARE = 1,
    SDL_RENDERER_ACCELERATED = 2,
    SDL_RENDERER_PRESENTVSYNC = 4, /* present waits for the next picture */
    SDL_RENDERER_TARGETTEXTURE = 8,
} SDL_RendererFlags;

typedef struct SDL_RendererInfo {
    const char *name; /* "software" */
    Uint32 flags;
    Uint32 num_texture_formats;
    Uint32 texture_formats[16];
    int max_texture_width, max_texture_height;
} SDL_RendererInfo;

typedef struct SDL_Vertex {
    SDL_FPoint position;
    SDL_Color color;
    SDL_FPoint tex_coord; /* 0 to 1 */
} SDL_Vertex;

typedef enum { SDL_ScaleModeNearest, SDL_ScaleModeLinear, SDL_ScaleModeBest } SDL_ScaleMode;
typedef enum {
    SDL_TEXTUREACCESS_STATIC,
    SDL_TEXTUREACCESS_STREAMING, /* can be locked */
    SDL_TEXTUREACCESS_TARGET,    /* can be drawn to */
} SDL_TextureAccess;
typedef enum {
    SDL_TEXTUREMODULATE_NONE,
    SDL_TEXTUREMODULATE_COLOR,
    SDL_TEXTUREMODULATE_ALPHA
} SDL_TextureModulate;
typedef enum { SDL_FLIP_NONE = 0, SDL_FLIP_HORIZONTAL = 1, SDL_FLIP_VERTICAL = 2 } SDL_RendererFlip;

int SDL_GetNumRenderDrivers(void); /* 1 */
int SDL_GetRenderDriverInfo(int index, SDL_RendererInfo *info);
int SDL_CreateWindowAndRenderer(int w, int h, Uint32 flags, SDL_Window **window,
                                SDL_Renderer **renderer);
/* One for a window. Whatever flags ask for, it is drawn in software. */
SDL_Renderer *SDL_CreateRenderer(SDL_Window *window, int index, Uint32 flags);
SDL_Renderer *SDL_CreateSoftwareRenderer(SDL_Surface *surface); /* the pixels come with present */
SDL_Renderer *SDL_GetRenderer(SDL_Window *window);
SDL_Window *SDL_RenderGetWindow(SDL_Renderer *renderer);
int SDL_GetRendererInfo(SDL_Renderer *renderer, SDL_RendererInfo *info);
int SDL_GetRendererOutputSize(SDL_Renderer *renderer, int *w, int *h);
void SDL_DestroyRenderer(SDL_Renderer *renderer); /* with its textures */

/* Pixels of any format but INDEX8, 1 to 8192 a side; transparent to begin with. */
SDL_Texture *SDL_CreateTexture(SDL_Renderer *renderer, Uint32 format, int access, int w, int h);
SDL_Texture *SDL_CreateTextureFromSurface(SDL_Renderer *renderer, SDL_Surface *surface);
void SDL_DestroyTexture(SDL_Texture *texture);
int SDL_QueryTexture(SDL_Texture *texture, Uint32 *format, int *access, int *w, int *h);
int SDL_SetTextureColorMod(SDL_Texture *texture, Uint8 r, Uint8 g, Uint8 b);
int SDL_GetTextureColorMod(SDL_Texture *texture, Uint8 *r, Uint8 *g, Uint8 *b);
int SDL_SetTextureAlphaMod(SDL_Texture *texture, Uint8 alpha);
int SDL_GetTextureAlphaMod(SDL_Texture *texture, Uint8 *alpha);
int SDL_SetTextureBlendMode(SDL_Texture *texture, SDL_BlendMode mode);
int SDL_GetTextureBlendMode(SDL_Texture *texture, SDL_BlendMode *mode);
/* kept; it is always the nearest */
int SDL_SetTextureScaleMode(SDL_Texture *texture, SDL_ScaleMode mode);
int SDL_GetTextureScaleMode(SDL_Texture *texture, SDL_ScaleMode *mode);
int SDL_SetTextureUserData(SDL_Texture *texture, void *data);
void *SDL_GetTextureUserData(SDL_Texture *texture);
int SDL_UpdateTexture(SDL_Texture *texture, const SDL_Rect *rect, const void *pixels, int pitch);
/* STREAMING only; what the texture had may be there or not, all of the rectangle is to be written.
 */
int SDL_LockTexture(SDL_Texture *texture, const SDL_Rect *rect, void **pixels, int *pitch);
int SDL_LockTextureToSurface(SDL_Texture *texture, const SDL_Rect *rect, SDL_Surface **surface);
void SDL_UnlockTexture(SDL_Texture *texture);

SDL_bool SDL_RenderTargetSupported(SDL_Renderer *renderer);
int SDL_SetRenderTarget(SDL_Renderer *renderer, SDL_Texture *texture); /* NULL: the window */
SDL_Texture *SDL_GetRenderTarget(SDL_Renderer *renderer);
int SDL_RenderSetLogicalSize(SDL_Renderer *renderer, int w, int h); /* 0, 0: none */
void SDL_RenderGetLogicalSize(SDL_Renderer *renderer, int *w, int *h);
int SDL_RenderSetIntegerScale(SDL_Renderer *renderer, SDL_bool enable);
SDL_bool SDL_RenderGetIntegerScale(SDL_Renderer *renderer);
int SDL_RenderSetViewport(SDL_Renderer *renderer, const SDL_Rect *rect);
void SDL_RenderGetViewport(SDL_Renderer *renderer, SDL_Rect *rect);
int SDL_RenderSetClipRect(SDL_Renderer *renderer, const SDL_Rect *rect);
void SDL_RenderGetClipRect(SDL_Renderer *renderer, SDL_Rect *rect);
SDL_bool SDL_RenderIsClipEnabled(SDL_Renderer *renderer);
int SDL_RenderSetScale(SDL_Renderer *renderer, float x, float y);
void SDL_RenderGetScale(SDL_Renderer *renderer, float *x, float *y);
void SDL_RenderWindowToLogical(SDL_Renderer *renderer, int x, int y, float *logical_x,
                               float *logical_y);
void SDL_RenderLogicalToWindow(SDL_Renderer *renderer, float logical_x, float logical_y, int *x,
                               int *y);

int SDL_SetRenderDrawColor(SDL_Renderer *renderer, Uint8 r, Uint8 g, Uint8 b, Uint8 a);
int SDL_GetRenderDrawColor(SDL_Renderer *renderer, Uint8 *r, Uint8 *g, Uint8 *b, Uint8 *a);
int SDL_SetRenderDrawBlendMode(SDL_Renderer *renderer, SDL_BlendMode mode);
int SDL_GetRenderDrawBlendMode(SDL_Renderer *renderer, SDL_BlendMode *mode);
int SDL_RenderClear(SDL_Renderer *renderer); /* all of it, whatever viewport and clip are */
int SDL_RenderDrawPoint(SDL_Renderer *renderer, int x, int y);
int SDL_RenderDrawPoints(SDL_Renderer *renderer, const SDL_Point *points, int count);
int SDL_RenderDrawLine(SDL_Renderer *renderer, int x1, int y1, int x2, int y2); /* both ends */
int SDL_RenderDrawLines(SDL_Renderer *renderer, const SDL_Point *points, int count);
int SDL_RenderDrawRect(SDL_Renderer *renderer, const SDL_Rect *rect); /* NULL: all */
int SDL_RenderDrawRects(SDL_Renderer *renderer, const SDL_Rect *rects, int count);
int SDL_RenderFillRect(SDL_Renderer *renderer, const SDL_Rect *rect);
int SDL_RenderFillRects(SDL_Renderer *renderer, const SDL_Rect *rects, int count);
int SDL_RenderCopy(SDL_Renderer *renderer, SDL_Texture *texture, const SDL_Rect *from,
                   const SDL_Rect *to);
/* angle: degrees, clockwise, around center (in `to`; NULL: its middle). */
int SDL_RenderCopyEx(SDL_Renderer *renderer, SDL_Texture *texture, const SDL_Rect *from,
                     const SDL_Rect *to, double angle, const SDL_Point *center,
                     SDL_RendererFlip flip);
int SDL_RenderDrawPointF(SDL_Renderer *renderer, float x, float y);
int SDL_RenderDrawLineF(SDL_Renderer *renderer, float x1, float y1, float x2, float y2);
int SDL_RenderDrawRectF(SDL_Renderer *renderer, const SDL_FRect *rect);
int SDL_RenderFillRectF(SDL_Renderer *renderer, const SDL_FRect *rect);
int SDL_RenderCopyF(SDL_Renderer *renderer, SDL_Texture *texture, const SDL_Rect *from,
                    const SDL_FRect *to);
int SDL_RenderCopyExF(SDL_Renderer *renderer, SDL_Texture *texture, const SDL_Rect *from,
                      const SDL_FRect *to, double angle, const SDL_FPoint *center,
                      SDL_RendererFlip flip);
/* Triangles; indices NULL: three vertices each, in order. */
int SDL_RenderGeometry(SDL_Renderer *renderer, SDL_Texture *texture, const SDL_Vertex *vertices,
                       int vertex_count, const int *indices, int index_count);
int SDL_RenderReadPixels(SDL_Renderer *renderer, const SDL_Rect *rect, Uint32 format, void *pixels,
                         int pitch);
void SDL_RenderPresent(SDL_Renderer *renderer);
int SDL_RenderFlush(SDL_Renderer *renderer);
int SDL_RenderSetVSync(SDL_Renderer *renderer, int vsync);

#ifdef __cplusplus
}
#endif
#endif
