/* SPDX-License-Identifier: MIT */
/* Surfaces of our SDL with indexes, and files of pictures and sounds, also ones that lie. */
#include "private.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What the rest of the library would do. */
int SDL_SetError(const char *format, ...)
{
    (void)format;
    return -1;
}

int SDL_Error(SDL_errorcode code)
{
    (void)code;
    return -1;
}

static SDL_Surface *picture(Uint32 format, int w, int h)
{
    SDL_Surface *s = SDL_CreateRGBSurfaceWithFormat(0, w, h, 0, format);
    for (int i = 0; i < s->h * s->pitch; i++) {
        ((Uint8 *)s->pixels)[i] = (Uint8)(i * 7 + i / 13);
    }
    if (s->format->palette != NULL) {
        for (int i = 0; i < 256; i++) {
            s->format->palette->colors[i] =
                (SDL_Color){(Uint8)i, (Uint8)(i * 3), (Uint8)(255 - i), 255};
        }
    }
    return s;
}

static void bitmaps_there_and_back(void **state)
{
    (void)state;
    static Uint8 file[16384];
    const Uint32 some[] = {SDL_PIXELFORMAT_INDEX8, SDL_PIXELFORMAT_RGB24,
                           SDL_PIXELFORMAT_RGB565, SDL_PIXELFORMAT_ARGB8888,
                           SDL_PIXELFORMAT_RGBA32, SDL_PIXELFORMAT_RGB888};
    for (size_t n = 0; n < SDL_arraysize(some); n++) {
        for (int w = 1; w < 20; w++) {
            SDL_Surface *s = picture(some[n], w, 11);
            assert_int_equal(SDL_SaveBMP_RW(s, SDL_RWFromMem(file, sizeof file), 1), 0);
            SDL_Surface *back = SDL_LoadBMP_RW(SDL_RWFromConstMem(file, sizeof file), 1);
            assert_non_null(back);
            assert_int_equal(back->w, w);
            assert_int_equal(back->h, 11);
            for (int i = 0; i < w * 11; i++) {
                int x = i % w, y = i / w;
                uint32_t a =
                    sdl_pixel_read((Uint8 *)s->pixels + y * s->pitch + x * s->format->BytesPerPixel,
                                   s->format->BytesPerPixel);
                uint32_t b = sdl_pixel_read((Uint8 *)back->pixels + y * back->pitch +
                                                x * back->format->BytesPerPixel,
                                            back->format->BytesPerPixel);
                assert_int_equal(sdl_pixel_in(s->format, a), sdl_pixel_in(back->format, b));
            }
            SDL_FreeSurface(s);
            SDL_FreeSurface(back);
        }
    }
}

/* The smallest files of each kind, with bytes changed by chance and cut anywhere. */
static void files_by_chance(void **state)
{
    (void)state;
    static Uint8 file[4096], made[4096];
    static const Uint8 rle[] = {3, 9, 0, 4, 1,   2, 3, 4, 0, 0, 2, 7, 0,
                                2, 1, 1, 5, 200, 0, 3, 1, 2, 3, 0, 0, 1};
    int loaded = 0, sounds = 0;
    for (uint32_t n = 0; n < 30000; n++) {
        uint32_t r = n * 2654435761u;
        SDL_Surface *s = picture(n % 3 == 0   ? SDL_PIXELFORMAT_INDEX8
                                 : n % 3 == 1 ? SDL_PIXELFORMAT_BGR24
                                              : SDL_PIXELFORMAT_ARGB8888,
                                 5, 4);
        SDL_RWops *to = SDL_RWFromMem(made, sizeof made);
        SDL_SaveBMP_RW(s, to, 0);
        size_t len = (size_t)SDL_RWtell(to);
        SDL_RWclose(to);
        SDL_FreeSurface(s);
        if (n % 6 == 3) { /* by runs */
            made[30] = 1;
            len = 14 + 40 + 1024 + sizeof rle;
            memcpy(made + 14 + 40 + 1024, rle, sizeof rle);
        }
        memcpy(file, made, len);
        for (uint32_t k = 0; k < (r >> 28); k++) {
            file[(r >> k ^ k * 77) % (k % 2 == 0 ? 70 : len)] = (Uint8)(r >> (k & 7) * 3);
        }
        int cut = (int)(n % 4 == 0 ? 1 + r % len : len);
        Uint8 *exact = malloc((size_t)cut); /* so that a read beyond is seen */
        memcpy(exact, file, (size_t)cut);
        SDL_Surface *got = SDL_LoadBMP_RW(SDL_RWFromConstMem(exact, cut), 1);
        loaded += got != NULL;
        SDL_FreeSurface(got);
        free(exact);
    }
    for (uint32_t n = 0; n < 30000; n++) {
        uint32_t r = n * 2654435761u;
        Uint8 wav[64] =
            "RIFF\x38\0\0\0WAVEfmt \x10\0\0\0\1\0\2\0\x44\xac\0\0\x10\xb1\2\0\4\0\x10\0data\x14\0\0\0";
        for (uint32_t k = 0; k < (r >> 30); k++) {
            wav[(r >> k * 5) % 64] = (Uint8)(r >> k * 3);
        }
        int cut = n % 3 == 0 ? 1 + (int)(r % 64) : 64;
        Uint8 *exact = malloc((size_t)cut), *samples;
        memcpy(exact, wav, (size_t)cut);
        SDL_AudioSpec spec;
        Uint32 len;
        if (SDL_LoadWAV_RW(SDL_RWFromConstMem(exact, cut), 1, &spec, &samples, &len) != NULL) {
            sounds++;
            assert_true(len <= 64);
        }
        SDL_FreeWAV(samples);
        free(exact);
    }
    assert_in_range(loaded, 3000, 29000);
    assert_in_range(sounds, 3000, 29000);
}

/* Indexes to indexes, and of 1 and 4 bits. */
static void indexed(void **state)
{
    (void)state;
    SDL_Surface *a = picture(SDL_PIXELFORMAT_INDEX8, 16, 4),
                *b = picture(SDL_PIXELFORMAT_INDEX8, 16, 4);
    for (int i = 0; i < 256; i++) {
        b->format->palette->colors[i] = a->format->palette->colors[255 - i];
    }
    Uint8 was = *(Uint8 *)b->pixels;
    SDL_SetColorKey(a, SDL_TRUE, *(Uint8 *)a->pixels);
    assert_int_equal(SDL_BlitSurface(a, NULL, b, NULL), 0);
    for (int x = 0; x < 16; x++) {
        Uint8 p = ((Uint8 *)a->pixels)[x];
        assert_int_equal(((Uint8 *)b->pixels)[x], p == *(Uint8 *)a->pixels ? was : 255 - p);
    }
    static Uint8 bits[] = {0xa5, 0x0f}, nibbles[] = {0x12, 0x34};
    SDL_Surface *one = SDL_CreateRGBSurfaceFrom(bits, 16, 1, 1, 2, 0, 0, 0, 0);
    SDL_Surface *four =
        SDL_CreateRGBSurfaceWithFormatFrom(nibbles, 4, 1, 4, 2, SDL_PIXELFORMAT_INDEX4LSB);
    SDL_Surface *out = SDL_CreateRGBSurfaceWithFormat(0, 16, 1, 32, SDL_PIXELFORMAT_RGBA32);
    SDL_BlitSurface(one, &(SDL_Rect){3, 0, 13, 1}, out, NULL);
    for (int x = 0; x < 13; x++) {
        int bit = 0xa50f >> (15 - 3 - x) & 1; /* 1 is black */
        assert_int_equal(((uint32_t *)out->pixels)[x], bit ? 0xff000000u : 0xffffffffu);
    }
    for (int i = 0; i < 16; i++) {
        four->format->palette->colors[i] = (SDL_Color){(Uint8)i, 0, 0, 255};
    }
    SDL_BlitSurface(four, NULL, out, NULL);
    const uint32_t want[] = {0xff000002, 0xff000001, 0xff000004, 0xff000003};
    assert_memory_equal(out->pixels, want, sizeof want);
    assert_int_equal(SDL_BlitSurface(out, NULL, one, NULL), -1);
    assert_int_equal(SDL_FillRect(one, NULL, 1), -1);
    SDL_FreeSurface(a);
    SDL_FreeSurface(b);
    SDL_FreeSurface(one);
    SDL_FreeSurface(four);
    SDL_FreeSurface(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bitmaps_there_and_back),
        cmocka_unit_test(files_by_chance),
        cmocka_unit_test(indexed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
