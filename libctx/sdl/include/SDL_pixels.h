/* SPDX-License-Identifier: MIT */
/*
 * SDL_pixels.h - formats of pixels. A format's number says type, order and layout of its
 * components, bits and bytes. Those that surfaces and textures can have: INDEX8 (surfaces only),
 * RGB332, the ones of 16, 24 and 32 bits below. INDEX1 and INDEX4 are for surfaces that are copied
 * from, never to. Others have names so that sources compile.
 */
#ifndef SDL_pixels_h_
#define SDL_pixels_h_

#include "SDL_endian.h"
#include "SDL_stdinc.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SDL_ALPHA_OPAQUE      255
#define SDL_ALPHA_TRANSPARENT 0

enum {
    SDL_PIXELTYPE_UNKNOWN,
    SDL_PIXELTYPE_INDEX1,
    SDL_PIXELTYPE_INDEX4,
    SDL_PIXELTYPE_INDEX8,
    SDL_PIXELTYPE_PACKED8,
    SDL_PIXELTYPE_PACKED16,
    SDL_PIXELTYPE_PACKED32,
    SDL_PIXELTYPE_ARRAYU8,
};

enum {
    SDL_PACKEDORDER_NONE,
    SDL_PACKEDORDER_XRGB,
    SDL_PACKEDORDER_RGBX,
    SDL_PACKEDORDER_ARGB,
    SDL_PACKEDORDER_RGBA,
    SDL_PACKEDORDER_XBGR,
    SDL_PACKEDORDER_BGRX,
    SDL_PACKEDORDER_ABGR,
    SDL_PACKEDORDER_BGRA,
};

enum {
    SDL_ARRAYORDER_NONE,
    SDL_ARRAYORDER_RGB,
    SDL_ARRAYORDER_RGBA,
    SDL_ARRAYORDER_ARGB,
    SDL_ARRAYORDER_BGR
};

enum {
    SDL_PACKEDLAYOUT_NONE,
    SDL_PACKEDLAYOUT_332,
    SDL_PACKEDLAYOUT_4444,
    SDL_PACKEDLAYOUT_1555,
    SDL_PACKEDLAYOUT_5551,
    SDL_PACKEDLAYOUT_565,
    SDL_PACKEDLAYOUT_8888,
    SDL_PACKEDLAYOUT_2101010,
    SDL_PACKEDLAYOUT_1010102,
};

#define SDL_DEFINE_PIXELFOURCC(a, b, c, d) SDL_FOURCC(a, b, c, d)
#define SDL_DEFINE_PIXELFORMAT(type, order, layout, bits, bytes)                                   \
    (1 << 28 | (type) << 24 | (order) << 20 | (layout) << 16 | (bits) << 8 | (bytes))
#define SDL_PIXELFLAG(f)            (((f) >> 28) & 15)
#define SDL_PIXELTYPE(f)            (((f) >> 24) & 15)
#define SDL_PIXELORDER(f)           (((f) >> 20) & 15)
#define SDL_PIXELLAYOUT(f)          (((f) >> 16) & 15)
#define SDL_BITSPERPIXEL(f)         (((f) >> 8) & 255)
#define SDL_BYTESPERPIXEL(f)        ((f)&255)
#define SDL_ISPIXELFORMAT_FOURCC(f) ((f) != 0 && SDL_PIXELFLAG(f) != 1)
#define SDL_ISPIXELFORMAT_INDEXED(f)                                                               \
    (!SDL_ISPIXELFORMAT_FOURCC(f) && SDL_PIXELTYPE(f) >= SDL_PIXELTYPE_INDEX1 &&                   \
     SDL_PIXELTYPE(f) <= SDL_PIXELTYPE_INDEX8)
#define SDL_ISPIXELFORMAT_ALPHA(f)                                                                 \
    (!SDL_ISPIXELFORMAT_FOURCC(f) && SDL_PIXELTYPE(f) >= SDL_PIXELTYPE_PACKED8 &&                  \
     SDL_PIXELTYPE(f) <= SDL_PIXELTYPE_PACKED32 &&                                                 \
     (SDL_PIXELORDER(f) == SDL_PACKEDORDER_ARGB || SDL_PIXELORDER(f) == SDL_PACKEDORDER_RGBA ||    \
      SDL_PIXELORDER(f) == SDL_PACKEDORDER_ABGR || SDL_PIXELORDER(f) == SDL_PACKEDORDER_BGRA))

#define SDL_FORMAT16_(order, layout, bits)                                                         \
    SDL_DEFINE_PIXELFORMAT(SDL_PIXELTYPE_PACKED16, SDL_PACKEDORDER_##order,                        \
                           SDL_PACKEDLAYOUT_##layout, bits, 2)
#define SDL_FORMAT32_(order, bits)                                                                 \
    SDL_DEFINE_PIXELFORMAT(SDL_PIXELTYPE_PACKED32, SDL_PACKEDORDER_##order, SDL_PACKEDLAYOUT_8888, \
                           bits, 4)

typedef enum {
    SDL_PIXELFORMAT_UNKNOWN = 0,
    SDL_PIXELFORMAT_INDEX1LSB = SDL_DEFINE_PIXELFORMAT(SDL_PIXELTYPE_INDEX1, 1, 0, 1, 0),
    SDL_PIXELFORMAT_INDEX1MSB = SDL_DEFINE_PIXELFORMAT(SDL_PIXELTYPE_INDEX1, 2, 0, 1, 0),
    SDL_PIXELFORMAT_INDEX4LSB = SDL_DEFINE_PIXELFORMAT(SDL_PIXELTYPE_INDEX4, 1, 0, 4, 0),
    SDL_PIXELFORMAT_INDEX4MSB = SDL_DEFINE_PIXELFORMAT(SDL_PIXELTYPE_INDEX4, 2, 0, 4, 0),
    SDL_PIXELFORMAT_INDEX8 = SDL_DEFINE_PIXELFORMAT(SDL_PIXELTYPE_INDEX8, 0, 0, 8, 1),
    SDL_PIXELFORMAT_RGB332 = SDL_DEFINE_PIXELFORMAT(SDL_PIXELTYPE_PACKED8, SDL_PACKEDORDER_XRGB,
                                                    SDL_PACKEDLAYOUT_332, 8, 1),
    SDL_PIXELFORMAT_XRGB4444 = SDL_FORMAT16_(XRGB, 4444, 12),
    SDL_PIXELFORMAT_RGB444 = SDL_PIXELFORMAT_XRGB4444,
    SDL_PIXELFORMAT_XRGB1555 = SDL_FORMAT16_(XRGB, 1555, 15),
    SDL_PIXELFORMAT_RGB555 = SDL_PIXELFORMAT_XRGB1555,
    SDL_PIXELFORMAT_XBGR1555 = SDL_FORMAT16_(XBGR, 1555, 15),
    SDL_PIXELFORMAT_BGR555 = SDL_PIXELFORMAT_XBGR1555,
    SDL_PIXELFORMAT_ARGB4444 = SDL_FORMAT16_(ARGB, 4444, 16),
    SDL_PIXELFORMAT_RGBA4444 = SDL_FORMAT16_(RGBA, 4444, 16),
    SDL_PIXELFORMAT_ABGR4444 = SDL_FORMAT16_(ABGR, 4444, 16),
    SDL_PIXELFORMAT_BGRA4444 = SDL_FORMAT16_(BGRA, 4444, 16),
    SDL_PIXELFORMAT_ARGB1555 = SDL_FORMAT16_(ARGB, 1555, 16),
    SDL_PIXELFORMAT_RGBA5551 = SDL_FORMAT16_(RGBA, 5551, 16),
    SDL_PIXELFORMAT_ABGR1555 = SDL_FORMAT16_(ABGR, 1555, 16),
    SDL_PIXELFORMAT_BGRA5551 = SDL_FORMAT16_(BGRA, 5551, 16),
    SDL_PIXELFORMAT_RGB565 = SDL_FORMAT16_(XRGB, 565, 16),
    SDL_PIXELFORMAT_BGR565 = SDL_FORMAT16_(XBGR, 565, 16),
    SDL_PIXELFORMAT_RGB24 =
        SDL_DEFINE_PIXELFORMAT(SDL_PIXELTYPE_ARRAYU8, SDL_ARRAYORDER_RGB, 0, 24, 3),
    SDL_PIXELFORMAT_BGR24 =
        SDL_DEFINE_PIXELFORMAT(SDL_PIXELTYPE_ARRAYU8, SDL_ARRAYORDER_BGR, 0, 24, 3),
    SDL_PIXELFORMAT_XRGB8888 = SDL_FORMAT32_(XRGB, 24),
    SDL_PIXELFORMAT_RGB888 = SDL_PIXELFORMAT_XRGB8888,
    SDL_PIXELFORMAT_RGBX8888 = SDL_FORMAT32_(RGBX, 24),
    SDL_PIXELFORMAT_XBGR8888 = SDL_FORMAT32_(XBGR, 24),
    SDL_PIXELFORMAT_BGR888 = SDL_PIXELFORMAT_XBGR8888,
    SDL_PIXELFORMAT_BGRX8888 = SDL_FORMAT32_(BGRX, 24),
    SDL_PIXELFORMAT_ARGB8888 = SDL_FORMAT32_(ARGB, 32),
    SDL_PIXELFORMAT_RGBA8888 = SDL_FORMAT32_(RGBA, 32),
    SDL_PIXELFORMAT_ABGR8888 = SDL_FORMAT32_(ABGR, 32),
    SDL_PIXELFORMAT_BGRA8888 = SDL_FORMAT32_(BGRA, 32),
    /* By the order of their bytes; all machines here are little-endian. */
    SDL_PIXELFORMAT_RGBA32 = SDL_PIXELFORMAT_ABGR8888,
    SDL_PIXELFORMAT_ARGB32 = SDL_PIXELFORMAT_BGRA8888,
    SDL_PIXELFORMAT_BGRA32 = SDL_PIXELFORMAT_ARGB8888,
    SDL_PIXELFORMAT_ABGR32 = SDL_PIXELFORMAT_RGBA8888,
    /* No texture has these. */
    SDL_PIXELFORMAT_YV12 = SDL_DEFINE_PIXELFOURCC('Y', 'V', '1', '2'),
    SDL_PIXELFORMAT_IYUV = SDL_DEFINE_PIXELFOURCC('I', 'Y', 'U', 'V'),
    SDL_PIXELFORMAT_YUY2 = SDL_DEFINE_PIXELFOURCC('Y', 'U', 'Y', '2'),
} SDL_PixelFormatEnum;

typedef struct SDL_Color {
    Uint8 r, g, b, a;
} SDL_Color;
#define SDL_Colour SDL_Color

/* Shared by those who set it; freed with the last of them. */
typedef struct SDL_Palette {
    int ncolors;
    SDL_Color *colors;
    Uint32 version; /* another one after each change */
    int refcount;
} SDL_Palette;

typedef struct SDL_PixelFormat {
    Uint32 format; /* SDL_PIXELFORMAT_* */
    SDL_Palette *palette;
    Uint8 BitsPerPixel, BytesPerPixel;
    Uint8 padding[2];
    Uint32 Rmask, Gmask, Bmask, Amask;
    Uint8 Rloss, Gloss, Bloss, Aloss;     /* bits that a component has less than 8 */
    Uint8 Rshift, Gshift, Bshift, Ashift; /* where its lowest bit is */
    int refcount;
    struct SDL_PixelFormat *next;
} SDL_PixelFormat;

const char *SDL_GetPixelFormatName(Uint32 format); /* "SDL_PIXELFORMAT_ARGB8888" */
SDL_bool SDL_PixelFormatEnumToMasks(Uint32 format, int *bits, Uint32 *r, Uint32 *g, Uint32 *b,
                                    Uint32 *a);
/* UNKNOWN: none has them */
Uint32 SDL_MasksToPixelFormatEnum(int bits, Uint32 r, Uint32 g, Uint32 b, Uint32 a);
SDL_PixelFormat *SDL_AllocFormat(Uint32 format);
void SDL_FreeFormat(SDL_PixelFormat *format);
SDL_Palette *SDL_AllocPalette(int colors); /* all white */
void SDL_FreePalette(SDL_Palette *palette);
int SDL_SetPixelFormatPalette(SDL_PixelFormat *format, SDL_Palette *palette);
int SDL_SetPaletteColors(SDL_Palette *palette, const SDL_Color *colors, int first, int count);
Uint32 SDL_MapRGB(const SDL_PixelFormat *format, Uint8 r, Uint8 g, Uint8 b);
Uint32 SDL_MapRGBA(const SDL_PixelFormat *format, Uint8 r, Uint8 g, Uint8 b, Uint8 a);
void SDL_GetRGB(Uint32 pixel, const SDL_PixelFormat *format, Uint8 *r, Uint8 *g, Uint8 *b);
void SDL_GetRGBA(Uint32 pixel, const SDL_PixelFormat *format, Uint8 *r, Uint8 *g, Uint8 *b,
                 Uint8 *a);
void SDL_CalculateGammaRamp(float gamma, Uint16 *ramp);

#ifdef __cplusplus
}
#endif
#endif
