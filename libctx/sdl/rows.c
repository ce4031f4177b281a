/* SPDX-License-Identifier: MIT */
/* One pixel: from a format and to it, modulated, blended. Pure. */
#include "private.h"

const SDL_PixelFormat sdl_rgba32 = {
    .format = SDL_PIXELFORMAT_RGBA32,
    .BitsPerPixel = 32,
    .BytesPerPixel = 4,
    .Rmask = 0xffu,
    .Gmask = 0xff00u,
    .Bmask = 0xff0000u,
    .Amask = 0xff000000u,
    .Gshift = 8,
    .Bshift = 16,
    .Ashift = 24,
    .refcount = 1,
};

uint32_t sdl_pixel_read(const void *at, int bytes)
{
    const uint8_t *p = at;
    uint32_t pixel = 0;
    switch (bytes) {
    case 1:
        return *p;
    case 2:
        memcpy(&pixel, p, 2);
        return pixel;
    case 3:
        return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
    default:
        memcpy(&pixel, p, 4);
        return pixel;
    }
}

void sdl_pixel_write(void *at, int bytes, uint32_t pixel)
{
    uint8_t *p = at;
    switch (bytes) {
    case 1:
        *p = (uint8_t)pixel;
        break;
    case 2:
        memcpy(p, &pixel, 2);
        break;
    case 3:
        p[0] = (uint8_t)pixel;
        p[1] = (uint8_t)(pixel >> 8);
        p[2] = (uint8_t)(pixel >> 16);
        break;
    default:
        memcpy(p, &pixel, 4);
        break;
    }
}

/* A component of fewer bits, as 8: the largest becomes 255. */
static uint32_t widen(uint32_t value, uint32_t loss)
{
    uint32_t bits = 8 - loss;
    if (loss == 0) {
        return value & 255;
    }
    if (bits == 0) {
        return 0;
    }
    return value * 255 / ((1u << bits) - 1);
}

uint32_t sdl_pixel_in(const SDL_PixelFormat *f, uint32_t pixel)
{
    if (f->palette != NULL) {
        SDL_Color c = {0, 0, 0, 255};
        if (pixel < (uint32_t)f->palette->ncolors) {
            c = f->palette->colors[pixel];
        }
        return SDL_RGBA(c.r, c.g, c.b, c.a);
    }
    if (f->format == SDL_PIXELFORMAT_RGBA32) {
        return pixel;
    }
    uint32_t r = widen((pixel & f->Rmask) >> f->Rshift, f->Rloss);
    uint32_t g = widen((pixel & f->Gmask) >> f->Gshift, f->Gloss);
    uint32_t b = widen((pixel & f->Bmask) >> f->Bshift, f->Bloss);
    uint32_t a = f->Amask == 0 ? 255 : widen((pixel & f->Amask) >> f->Ashift, f->Aloss);
    return SDL_RGBA(r, g, b, a);
}

static uint32_t nearest(const SDL_Palette *palette, uint32_t rgba)
{
    uint32_t best = 0, least = UINT32_MAX;
    for (int i = 0; i < palette->ncolors && least > 0; i++) {
        const SDL_Color *c = &palette->colors[i];
        int r = c->r - (int)(rgba & 255), g = c->g - (int)(rgba >> 8 & 255);
        int b = c->b - (int)(rgba >> 16 & 255), a = c->a - (int)(rgba >> 24);
        uint32_t far = (uint32_t)(r * r + g * g + b * b + a * a);
        if (far < least) {
            least = far;
            best = (uint32_t)i;
        }
    }
    return best;
}

uint32_t sdl_pixel_out(const SDL_PixelFormat *f, uint32_t rgba)
{
    if (f->palette != NULL) {
        return nearest(f->palette, rgba);
    }
    if (f->format == SDL_PIXELFORMAT_RGBA32) {
        return rgba;
    }
    return ((rgba & 255) >> f->Rloss) << f->Rshift | ((rgba >> 8 & 255) >> f->Gloss) << f->Gshift |
           ((rgba >> 16 & 255) >> f->Bloss) << f->Bshift |
           (f->Amask != 0 ? ((rgba >> 24) >> f->Aloss) << f->Ashift : 0);
}

/* a * b / 255, rounded. */
static inline uint32_t part(uint32_t a, uint32_t b)
{
    return (a * b + 128) * 257 >> 16;
}

static inline uint32_t most(uint32_t x)
{
    return x > 255 ? 255 : x;
}

uint32_t sdl_modulate(uint32_t s, uint32_t mod)
{
    if (mod == SDL_WHITE) {
        return s;
    }
    return SDL_RGBA(part(s & 255, mod & 255), part(s >> 8 & 255, mod >> 8 & 255),
                    part(s >> 16 & 255, mod >> 16 & 255), part(s >> 24, mod >> 24));
}

bool sdl_mode_known(SDL_BlendMode mode)
{
    return mode == SDL_BLENDMODE_NONE || mode == SDL_BLENDMODE_BLEND || mode == SDL_BLENDMODE_ADD ||
           mode == SDL_BLENDMODE_MOD || mode == SDL_BLENDMODE_MUL;
}

uint32_t sdl_blend(uint32_t s, uint32_t d, SDL_BlendMode mode)
{
    uint32_t a = s >> 24, rest = 255 - a;
    uint32_t out[3];
    if (mode == SDL_BLENDMODE_NONE || (mode == SDL_BLENDMODE_BLEND && a == 255)) {
        return s;
    }
    if (a == 0 && (mode == SDL_BLENDMODE_BLEND || mode == SDL_BLENDMODE_ADD)) {
        return d;
    }
    for (int i = 0; i < 3; i++) {
        uint32_t sc = s >> 8 * i & 255, dc = d >> 8 * i & 255;
        switch (mode) {
        case SDL_BLENDMODE_BLEND:
            out[i] = most(part(sc, a) + part(dc, rest));
            break;
        case SDL_BLENDMODE_ADD:
            out[i] = most(part(sc, a) + dc);
            break;
        case SDL_BLENDMODE_MOD:
            out[i] = part(sc, dc);
            break;
        default: /* MUL */
            out[i] = most(part(sc, dc) + part(dc, rest));
            break;
        }
    }
    uint32_t alpha = mode == SDL_BLENDMODE_BLEND ? most(a + part(d >> 24, rest)) : d >> 24;
    return SDL_RGBA(out[0], out[1], out[2], alpha);
}
