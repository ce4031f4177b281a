/* SPDX-License-Identifier: MIT */
/* Formats and palettes. */
#include "private.h"

struct known {
    Uint32 format;
    Uint32 r, g, b, a;
    const char *name;
};

#define KNOWN(name, r, g, b, a)                                                                    \
    {                                                                                              \
        SDL_PIXELFORMAT_##name, r, g, b, a, "SDL_PIXELFORMAT_" #name                               \
    }

static const struct known all[] = {
    KNOWN(INDEX1MSB, 0, 0, 0, 0),
    KNOWN(INDEX1LSB, 0, 0, 0, 0),
    KNOWN(INDEX4MSB, 0, 0, 0, 0),
    KNOWN(INDEX4LSB, 0, 0, 0, 0),
    KNOWN(INDEX8, 0, 0, 0, 0),
    KNOWN(RGB332, 0xe0, 0x1c, 0x03, 0),
    KNOWN(RGB444, 0xf00, 0xf0, 0xf, 0),
    KNOWN(RGB555, 0x7c00, 0x3e0, 0x1f, 0),
    KNOWN(BGR555, 0x1f, 0x3e0, 0x7c00, 0),
    KNOWN(ARGB4444, 0xf00, 0xf0, 0xf, 0xf000),
    KNOWN(RGBA4444, 0xf000, 0xf00, 0xf0, 0xf),
    KNOWN(ABGR4444, 0xf, 0xf0, 0xf00, 0xf000),
    KNOWN(BGRA4444, 0xf0, 0xf00, 0xf000, 0xf),
    KNOWN(ARGB1555, 0x7c00, 0x3e0, 0x1f, 0x8000),
    KNOWN(RGBA5551, 0xf800, 0x7c0, 0x3e, 1),
    KNOWN(ABGR1555, 0x1f, 0x3e0, 0x7c00, 0x8000),
    KNOWN(BGRA5551, 0x3e, 0x7c0, 0xf800, 1),
    KNOWN(RGB565, 0xf800, 0x7e0, 0x1f, 0),
    KNOWN(BGR565, 0x1f, 0x7e0, 0xf800, 0),
    KNOWN(RGB24, 0xff, 0xff00, 0xff0000, 0),
    KNOWN(BGR24, 0xff0000, 0xff00, 0xff, 0),
    KNOWN(RGB888, 0xff0000, 0xff00, 0xff, 0),
    KNOWN(RGBX8888, 0xff000000, 0xff0000, 0xff00, 0),
    KNOWN(BGR888, 0xff, 0xff00, 0xff0000, 0),
    KNOWN(BGRX8888, 0xff00, 0xff0000, 0xff000000, 0),
    KNOWN(ARGB8888, 0xff0000, 0xff00, 0xff, 0xff000000),
    KNOWN(RGBA8888, 0xff000000, 0xff0000, 0xff00, 0xff),
    KNOWN(ABGR8888, 0xff, 0xff00, 0xff0000, 0xff000000),
    KNOWN(BGRA8888, 0xff00, 0xff0000, 0xff000000, 0xff),
};

static const struct known *find(Uint32 format)
{
    for (size_t i = 0; i < SDL_arraysize(all); i++) {
        if (all[i].format == format) {
            return &all[i];
        }
    }
    return NULL;
}

const char *SDL_GetPixelFormatName(Uint32 format)
{
    const struct known *k = find(format);
    return k != NULL ? k->name : "SDL_PIXELFORMAT_UNKNOWN";
}

SDL_bool SDL_PixelFormatEnumToMasks(Uint32 format, int *bits, Uint32 *r, Uint32 *g, Uint32 *b,
                                    Uint32 *a)
{
    const struct known *k = find(format);
    if (k == NULL) {
        SDL_SetError("format 0x%x is not known", (unsigned)format);
        return SDL_FALSE;
    }
    int bytes = SDL_BYTESPERPIXEL((int)format);
    *bits = bytes <= 2 ? SDL_BITSPERPIXEL((int)format) : bytes * 8;
    *r = k->r;
    *g = k->g;
    *b = k->b;
    *a = k->a;
    return SDL_TRUE;
}

Uint32 SDL_MasksToPixelFormatEnum(int bits, Uint32 r, Uint32 g, Uint32 b, Uint32 a)
{
    if (r == 0) { /* what is usual */
        return bits == 1    ? SDL_PIXELFORMAT_INDEX1MSB
               : bits == 4  ? SDL_PIXELFORMAT_INDEX4MSB
               : bits == 8  ? SDL_PIXELFORMAT_INDEX8
               : bits == 12 ? SDL_PIXELFORMAT_RGB444
               : bits == 15 ? SDL_PIXELFORMAT_RGB555
               : bits == 16 ? SDL_PIXELFORMAT_RGB565
               : bits == 24 ? SDL_PIXELFORMAT_BGR24
               : bits == 32 ? (a != 0 ? SDL_PIXELFORMAT_ARGB8888 : SDL_PIXELFORMAT_RGB888)
                            : SDL_PIXELFORMAT_UNKNOWN;
    }
    for (size_t i = 0; i < SDL_arraysize(all); i++) {
        const struct known *k = &all[i];
        int bytes = SDL_BYTESPERPIXEL((int)k->format);
        if (k->r == r && k->g == g && k->b == b && k->a == a && bytes == (bits + 7) / 8) {
            return k->format;
        }
    }
    return SDL_PIXELFORMAT_UNKNOWN;
}

static void component(Uint32 mask, Uint8 *loss, Uint8 *shift)
{
    *shift = mask != 0 ? (Uint8)__builtin_ctz(mask) : 0;
    *loss = (Uint8)(8 - __builtin_popcount(mask));
}

SDL_PixelFormat *SDL_AllocFormat(Uint32 format)
{
    int bits;
    Uint32 r, g, b, a;
    if (!SDL_PixelFormatEnumToMasks(format, &bits, &r, &g, &b, &a)) {
        return NULL;
    }
    SDL_PixelFormat *f = calloc(1, sizeof *f);
    if (f == NULL) {
        SDL_OutOfMemory();
        return NULL;
    }
    f->format = format;
    f->BitsPerPixel = (Uint8)bits;
    f->BytesPerPixel = (Uint8)((bits + 7) / 8);
    f->Rmask = r;
    f->Gmask = g;
    f->Bmask = b;
    f->Amask = a;
    component(r, &f->Rloss, &f->Rshift);
    component(g, &f->Gloss, &f->Gshift);
    component(b, &f->Bloss, &f->Bshift);
    component(a, &f->Aloss, &f->Ashift);
    f->refcount = 1;
    return f;
}

void SDL_FreeFormat(SDL_PixelFormat *format)
{
    if (format != NULL && --format->refcount <= 0) {
        SDL_FreePalette(format->palette);
        free(format);
    }
}

SDL_Palette *SDL_AllocPalette(int colors)
{
    if (colors < 1 || colors > 256) {
        SDL_InvalidParamError("ncolors");
        return NULL;
    }
    SDL_Palette *palette = calloc(1, sizeof *palette);
    SDL_Color *list = malloc((size_t)colors * sizeof *list);
    if (palette == NULL || list == NULL) {
        free(palette);
        free(list);
        SDL_OutOfMemory();
        return NULL;
    }
    memset(list, 0xff, (size_t)colors * sizeof *list);
    *palette = (SDL_Palette){.ncolors = colors, .colors = list, .version = 1, .refcount = 1};
    return palette;
}

void SDL_FreePalette(SDL_Palette *palette)
{
    if (palette != NULL && --palette->refcount <= 0) {
        free(palette->colors);
        free(palette);
    }
}

int SDL_SetPixelFormatPalette(SDL_PixelFormat *format, SDL_Palette *palette)
{
    if (format == NULL || (palette != NULL && palette->ncolors > 1 << format->BitsPerPixel)) {
        return SDL_InvalidParamError(format == NULL ? "format" : "palette");
    }
    if (palette != format->palette) {
        SDL_FreePalette(format->palette);
        format->palette = palette;
        if (palette != NULL) {
            palette->refcount++;
        }
    }
    return 0;
}

int SDL_SetPaletteColors(SDL_Palette *palette, const SDL_Color *colors, int first, int count)
{
    if (palette == NULL || first < 0 || count < 0) {
        return SDL_InvalidParamError(palette == NULL ? "palette" : "firstcolor");
    }
    int fits = first < palette->ncolors ? palette->ncolors - first : 0;
    if (fits > 0) {
        int some = count < fits ? count : fits;
        memmove(palette->colors + first, colors, (size_t)some * sizeof *colors);
        palette->version++;
    }
    return count <= fits ? 0 : -1;
}

Uint32 SDL_MapRGB(const SDL_PixelFormat *format, Uint8 r, Uint8 g, Uint8 b)
{
    return sdl_pixel_out(format, SDL_RGBA(r, g, b, 255));
}

Uint32 SDL_MapRGBA(const SDL_PixelFormat *format, Uint8 r, Uint8 g, Uint8 b, Uint8 a)
{
    return sdl_pixel_out(format, SDL_RGBA(r, g, b, a));
}

void SDL_GetRGB(Uint32 pixel, const SDL_PixelFormat *format, Uint8 *r, Uint8 *g, Uint8 *b)
{
    Uint8 a;
    SDL_GetRGBA(pixel, format, r, g, b, &a);
}

void SDL_GetRGBA(Uint32 pixel, const SDL_PixelFormat *format, Uint8 *r, Uint8 *g, Uint8 *b,
                 Uint8 *a)
{
    uint32_t rgba = sdl_pixel_in(format, pixel);
    *r = (Uint8)rgba;
    *g = (Uint8)(rgba >> 8);
    *b = (Uint8)(rgba >> 16);
    *a = (Uint8)(rgba >> 24);
}

void SDL_CalculateGammaRamp(float gamma, Uint16 *ramp)
{
    for (int i = 0; i < 256; i++) {
        double v = gamma > 0 ? pow(i / 256.0, 1.0 / gamma) * 65535 + 0.5 : 0;
        ramp[i] = v > 65535 ? 65535 : (Uint16)v;
    }
}
