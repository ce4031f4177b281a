/* SPDX-License-Identifier: MIT */
/* Windows bitmaps. A file is not trusted: what it says is held against what there is. */
#include "private.h"

#define SIDE_MAX 16384
#define RGB      0 /* ways of packing */
#define RLE8     1
#define FIELDS   3

struct head {
    Sint64 start; /* of the file */
    uint32_t at, size, packing, used;
    int w, h, bits;
    bool down; /* rows come from the top */
    uint32_t masks[4];
};

static bool read_head(SDL_RWops *in, struct head *h)
{
    h->start = SDL_RWtell(in);
    if (SDL_ReadLE16(in) != 0x4d42) {
        SDL_SetError("it is no BMP file");
        return false;
    }
    SDL_RWseek(in, 8, RW_SEEK_CUR);
    h->at = SDL_ReadLE32(in);
    h->size = SDL_ReadLE32(in);
    if (h->size < 40 || h->size > 124) {
        SDL_SetError("BMP: a header of %u bytes is not known", (unsigned)h->size);
        return false;
    }
    int32_t w = (int32_t)SDL_ReadLE32(in), rows = (int32_t)SDL_ReadLE32(in);
    SDL_ReadLE16(in);
    h->bits = SDL_ReadLE16(in);
    h->packing = SDL_ReadLE32(in);
    SDL_RWseek(in, 12, RW_SEEK_CUR);
    h->used = SDL_ReadLE32(in);
    SDL_ReadLE32(in);
    h->down = rows < 0;
    if (w <= 0 || w > SIDE_MAX || rows == 0 || rows < -SIDE_MAX || rows > SIDE_MAX) {
        SDL_SetError("BMP: width %d, height %d: a side is 1 to %d", (int)w, (int)rows, SIDE_MAX);
        return false;
    }
    h->w = w;
    h->h = rows < 0 ? -rows : rows;
    if (h->packing == FIELDS) {
        for (int i = 0; i < (h->size >= 56 ? 4 : 3); i++) {
            h->masks[i] = SDL_ReadLE32(in);
        }
    }
    return true;
}

static Uint32 format_of(const struct head *h)
{
    if (h->packing == FIELDS && (h->bits == 16 || h->bits == 32)) {
        return SDL_MasksToPixelFormatEnum(h->bits, h->masks[0], h->masks[1], h->masks[2],
                                          h->masks[3]);
    }
    if (h->packing == RLE8 && h->bits == 8) {
        return SDL_PIXELFORMAT_INDEX8;
    }
    if (h->packing != RGB) {
        return SDL_PIXELFORMAT_UNKNOWN;
    }
    switch (h->bits) {
    case 1:
    case 4:
    case 8:
        return SDL_PIXELFORMAT_INDEX8;
    case 16:
        return SDL_PIXELFORMAT_RGB555;
    case 24:
        return SDL_PIXELFORMAT_BGR24;
    case 32:
        return SDL_PIXELFORMAT_RGB888;
    default:
        return SDL_PIXELFORMAT_UNKNOWN;
    }
}

static void read_palette(SDL_RWops *in, const struct head *h, SDL_Palette *palette)
{
    uint32_t most = 1u << h->bits;
    uint32_t count = h->used > 0 && h->used < most ? h->used : most;
    SDL_RWseek(in, h->start + 14 + h->size, RW_SEEK_SET);
    for (uint32_t i = 0; i < count; i++) {
        SDL_Color *c = &palette->colors[i];
        c->b = SDL_ReadU8(in);
        c->g = SDL_ReadU8(in);
        c->r = SDL_ReadU8(in);
        c->a = 255;
        SDL_ReadU8(in);
    }
}

static Uint8 *row_of(const struct head *h, SDL_Surface *s, int y)
{
    return (Uint8 *)s->pixels + (ptrdiff_t)(h->down ? y : h->h - 1 - y) * s->pitch;
}

static bool read_rows(SDL_RWops *in, const struct head *h, SDL_Surface *s)
{
    size_t bytes = ((size_t)h->w * (size_t)h->bits + 31) / 32 * 4;
    Uint8 *line = malloc(bytes);
    bool fine = line != NULL;
    for (int y = 0; y < h->h && fine; y++) {
        Uint8 *row = row_of(h, s, y);
        fine = SDL_RWread(in, line, 1, bytes) == bytes;
        if (h->bits >= 8) {
            memcpy(row, line, (size_t)h->w * (size_t)h->bits / 8);
            continue;
        }
        for (int x = 0; x < h->w; x++) {
            int bit = x * h->bits;
            row[x] = (Uint8)(line[bit / 8] >> (8 - h->bits - bit % 8) & ((1 << h->bits) - 1));
        }
    }
    free(line);
    return fine;
}

/* Runs of one index; what points outside of the picture is left out. */
static bool read_runs(SDL_RWops *in, const struct head *h, SDL_Surface *s)
{
    int x = 0, y = 0;
    while (y < h->h) {
        Uint8 pair[2];
        if (SDL_RWread(in, pair, 1, 2) != 2) {
            return false;
        }
        int count = pair[0];
        bool literal = count == 0 && pair[1] > 2;
        if (count == 0 && pair[1] == 0) {
            x = 0;
            y++;
        } else if (count == 0 && pair[1] == 1) {
            return true;
        } else if (count == 0 && pair[1] == 2) {
            x += SDL_ReadU8(in);
            y += SDL_ReadU8(in);
        }
        count = literal ? pair[1] : count;
        for (int i = 0; i < count; i++, x++) {
            Uint8 pixel = literal ? SDL_ReadU8(in) : pair[1];
            if (x < h->w && y < h->h) {
                row_of(h, s, y)[x] = pixel;
            }
        }
        if (literal && (count & 1) != 0) {
            SDL_ReadU8(in);
        }
    }
    return true;
}

static SDL_Surface *load(SDL_RWops *in)
{
    struct head h = {0};
    if (!read_head(in, &h)) {
        return NULL;
    }
    Uint32 format = format_of(&h);
    if (format == SDL_PIXELFORMAT_UNKNOWN) {
        SDL_SetError("BMP: %d bits packed by %u are not known", h.bits, (unsigned)h.packing);
        return NULL;
    }
    SDL_Surface *s = sdl_surface_over(NULL, h.w, h.h, 0, format);
    if (s == NULL) {
        return NULL;
    }
    if (s->format->palette != NULL) {
        read_palette(in, &h, s->format->palette);
    }
    SDL_RWseek(in, h.start + h.at, RW_SEEK_SET);
    if (!(h.packing == RLE8 ? read_runs(in, &h, s) : read_rows(in, &h, s))) {
        SDL_FreeSurface(s);
        SDL_SetError("BMP: the file ends within its pixels");
        return NULL;
    }
    return s;
}

SDL_Surface *SDL_LoadBMP_RW(SDL_RWops *from, int close)
{
    if (from == NULL) {
        return NULL; /* the error is there */
    }
    SDL_Surface *s = load(from);
    if (close) {
        SDL_RWclose(from);
    }
    return s;
}

static bool save(SDL_Surface *s, SDL_RWops *to, int bits, uint32_t colors)
{
    uint32_t bytes = ((uint32_t)s->w * (uint32_t)bits + 31) / 32 * 4;
    uint32_t head = bits == 32 ? 108 : 40, at = 14 + head + colors * 4;
    SDL_WriteLE16(to, 0x4d42);
    SDL_WriteLE32(to, at + bytes * (uint32_t)s->h);
    SDL_WriteLE32(to, 0);
    SDL_WriteLE32(to, at);
    SDL_WriteLE32(to, head);
    SDL_WriteLE32(to, (Uint32)s->w);
    SDL_WriteLE32(to, (Uint32)s->h);
    SDL_WriteLE16(to, 1);
    SDL_WriteLE16(to, (Uint16)bits);
    SDL_WriteLE32(to, bits == 32 ? FIELDS : RGB);
    SDL_WriteLE32(to, bytes * (uint32_t)s->h);
    SDL_WriteLE32(to, 2835);
    SDL_WriteLE32(to, 2835);
    SDL_WriteLE32(to, colors);
    SDL_WriteLE32(to, 0);
    if (bits == 32) {
        static const Uint32 masks[] = {0xff0000, 0xff00, 0xff, 0xff000000, 0x73524742 /* sRGB */};
        for (uint32_t i = 0; i < (head - 40) / 4; i++) {
            SDL_WriteLE32(to, i < SDL_arraysize(masks) ? masks[i] : 0);
        }
    }
    for (uint32_t i = 0; i < colors; i++) {
        const SDL_Color *c = &s->format->palette->colors[i];
        SDL_WriteLE32(to, (Uint32)c->b | (Uint32)c->g << 8 | (Uint32)c->r << 16);
    }
    bool fine = true;
    for (int y = s->h - 1; y >= 0 && fine; y--) {
        static const Uint8 none[4];
        size_t len = (size_t)s->w * (size_t)bits / 8;
        const Uint8 *row = (const Uint8 *)s->pixels + (ptrdiff_t)y * s->pitch;
        fine = SDL_RWwrite(to, row, 1, len) == len &&
               SDL_RWwrite(to, none, 1, bytes - len) == bytes - len;
    }
    return fine;
}

int SDL_SaveBMP_RW(SDL_Surface *surface, SDL_RWops *to, int close)
{
    bool fine = false;
    if (to == NULL) {
        return -1;
    }
    if (surface == NULL) {
        SDL_InvalidParamError("surface");
    } else if (surface->format->palette != NULL) {
        fine = save(surface, to, 8, (uint32_t)surface->format->palette->ncolors);
    } else {
        bool alpha = surface->format->Amask != 0;
        SDL_Surface *s = SDL_ConvertSurfaceFormat(
            surface, alpha ? SDL_PIXELFORMAT_ARGB8888 : SDL_PIXELFORMAT_BGR24, 0);
        fine = s != NULL && save(s, to, alpha ? 32 : 24, 0);
        SDL_FreeSurface(s);
    }
    if (close && SDL_RWclose(to) != 0) {
        fine = false;
    }
    return fine ? 0 : -1;
}
