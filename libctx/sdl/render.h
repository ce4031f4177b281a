/* SPDX-License-Identifier: MIT */
/* Between render.c, texture.c, draw.c and geometry.c. */
#ifndef CTX_SDL_RENDER_H
#define CTX_SDL_RENDER_H

#include "private.h"

/* How the program's coordinates become pixels; each target has its own. */
struct sdl_view {
    SDL_Rect viewport, clip; /* in the program's units; clip in the viewport's */
    bool has_viewport, clipped;
    float scale_x, scale_y;
    int logical_w, logical_h; /* 0: none */
};

struct SDL_Texture {
    SDL_Texture *next;
    SDL_Renderer *renderer;
    Uint32 format;
    int access, w, h;
    uint32_t *pixels; /* RGBA32, whatever the format is */
    uint8_t *staging; /* what is locked, in its own format; NULL: never yet */
    SDL_Rect locked;  /* w 0: it is not */
    SDL_Surface *lock_surface;
    uint32_t mod;
    SDL_BlendMode mode;
    SDL_ScaleMode scale_mode;
    void *user;
};

struct SDL_Renderer {
    SDL_Window *window;   /* or */
    SDL_Surface *surface; /* of a software renderer, with pixels of its own */
    uint32_t *own;
    SDL_Texture *textures, *target;
    struct sdl_view view, kept; /* kept: the window's, while a texture is the target */
    Uint32 flags;
    bool whole; /* logical sizes by whole numbers */
    uint32_t color;
    SDL_BlendMode mode;
};

/* What is drawn to: its pixels, and of them what may change; where the program's 0, 0 lies. */
struct sdl_target {
    uint32_t *pixels;
    int w, h;
    SDL_Rect clip;
    float x, y, scale_x, scale_y;
    SDL_Rect viewport; /* in pixels */
};

/* False, and an error: there is no renderer. */
bool sdl_target(SDL_Renderer *renderer, struct sdl_target *target);

/* In pixels, edges rounded down. */
SDL_Rect sdl_to_pixels(const struct sdl_target *t, float x, float y, float w, float h);

#endif
