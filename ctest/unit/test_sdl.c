/* SPDX-License-Identifier: MIT */
/* What of our SDL is pure: pixels of all formats, blending, copies, scaling, rectangles, keys. */
#include "private.h"

#include <linux/input-event-codes.h>

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

static const Uint32 formats[] = {
    SDL_PIXELFORMAT_RGB332,   SDL_PIXELFORMAT_RGB444,   SDL_PIXELFORMAT_RGB555,
    SDL_PIXELFORMAT_BGR555,   SDL_PIXELFORMAT_ARGB4444, SDL_PIXELFORMAT_RGBA4444,
    SDL_PIXELFORMAT_ABGR4444, SDL_PIXELFORMAT_BGRA4444, SDL_PIXELFORMAT_ARGB1555,
    SDL_PIXELFORMAT_RGBA5551, SDL_PIXELFORMAT_ABGR1555, SDL_PIXELFORMAT_BGRA5551,
    SDL_PIXELFORMAT_RGB565,   SDL_PIXELFORMAT_BGR565,   SDL_PIXELFORMAT_RGB24,
    SDL_PIXELFORMAT_BGR24,    SDL_PIXELFORMAT_RGB888,   SDL_PIXELFORMAT_RGBX8888,
    SDL_PIXELFORMAT_BGR888,   SDL_PIXELFORMAT_BGRX8888, SDL_PIXELFORMAT_ARGB8888,
    SDL_PIXELFORMAT_RGBA8888, SDL_PIXELFORMAT_ABGR8888, SDL_PIXELFORMAT_BGRA8888,
};

/* Numbers that programs keep in files, as SDL 2 has them. */
static void numbers_are_sdls(void **state)
{
    (void)state;
    assert_int_equal(SDL_PIXELFORMAT_INDEX8, 318769153);
    assert_int_equal(SDL_PIXELFORMAT_RGB565, 353701890);
    assert_int_equal(SDL_PIXELFORMAT_RGB24, 386930691);
    assert_int_equal(SDL_PIXELFORMAT_ARGB8888, 372645892);
    assert_int_equal(SDL_PIXELFORMAT_ABGR8888, 376840196);
    assert_int_equal(SDL_PIXELFORMAT_RGB888, 370546692);
    assert_int_equal(SDLK_UP, 1073741906);
    assert_int_equal(SDLK_F1, 1073741882);
    assert_int_equal(SDLK_LCTRL, 1073742048);
    assert_int_equal(SDL_SCANCODE_KP_0, 98);
    assert_int_equal(SDL_MOUSEWHEEL, 0x403);
    assert_int_equal(sizeof(SDL_Event), 64);
}

/* A colour goes into each format and back; only bits that are not there are lost. */
static void formats_keep_colours(void **state)
{
    (void)state;
    for (size_t i = 0; i < SDL_arraysize(formats); i++) {
        SDL_PixelFormat *f = SDL_AllocFormat(formats[i]);
        assert_non_null(f);
        for (uint32_t n = 0; n < 4096; n++) {
            uint32_t rgba = n * 2654435761u;
            Uint8 in[4], loss[4] = {f->Rloss, f->Gloss, f->Bloss, f->Aloss};
            uint32_t pixel = SDL_MapRGBA(f, (Uint8)rgba, (Uint8)(rgba >> 8), (Uint8)(rgba >> 16),
                                         (Uint8)(rgba >> 24));
            SDL_GetRGBA(pixel, f, &in[0], &in[1], &in[2], &in[3]);
            for (int c = 0; c < 4; c++) {
                Uint8 was = (Uint8)(rgba >> 8 * c);
                if (c == 3 && f->Amask == 0) {
                    assert_int_equal(in[c], 255);
                } else {
                    assert_int_equal(in[c] >> loss[c], was >> loss[c]);
                }
            }
            assert_int_equal(SDL_MapRGBA(f, in[0], in[1], in[2], in[3]), pixel);
        }
        /* The extremes stay extremes. */
        assert_int_equal(sdl_pixel_in(f, sdl_pixel_out(f, 0xffffffff)), 0xffffffff);
        assert_int_equal(sdl_pixel_in(f, sdl_pixel_out(f, 0xff000000)), 0xff000000);
        int bits;
        Uint32 r, g, b, a;
        assert_true(SDL_PixelFormatEnumToMasks(formats[i], &bits, &r, &g, &b, &a));
        assert_int_equal(SDL_MasksToPixelFormatEnum(bits, r, g, b, a), formats[i]);
        assert_string_not_equal(SDL_GetPixelFormatName(formats[i]), "SDL_PIXELFORMAT_UNKNOWN");
        SDL_FreeFormat(f);
    }
    assert_null(SDL_AllocFormat(12345));
    assert_int_equal(SDL_MasksToPixelFormatEnum(32, 1, 2, 4, 8), SDL_PIXELFORMAT_UNKNOWN);
}

static uint32_t exactly(double s, double sa, double d, SDL_BlendMode mode)
{
    double out = mode == SDL_BLENDMODE_BLEND ? s * sa + d * (1 - sa)
                 : mode == SDL_BLENDMODE_ADD ? s * sa + d
                 : mode == SDL_BLENDMODE_MOD ? s * d
                                             : s * d + d * (1 - sa);
    return (uint32_t)(SDL_min(out, 1.0) * 255 + 0.5);
}

static void blending_by_the_formulas(void **state)
{
    (void)state;
    const SDL_BlendMode modes[] = {SDL_BLENDMODE_BLEND, SDL_BLENDMODE_ADD, SDL_BLENDMODE_MOD,
                                   SDL_BLENDMODE_MUL};
    for (uint32_t n = 0; n < 200000; n++) {
        uint32_t s = n * 2654435761u, d = n * 40503u ^ s >> 7;
        SDL_BlendMode mode = modes[n % 4];
        uint32_t got = sdl_blend(s, d, mode);
        for (int c = 0; c < 3; c++) {
            uint32_t want = exactly((s >> 8 * c & 255) / 255.0, (s >> 24) / 255.0,
                                    (d >> 8 * c & 255) / 255.0, mode);
            assert_in_range((got >> 8 * c & 255) + 1, want, want + 2);
        }
        double alpha = (s >> 24) / 255.0 + (d >> 24) / 255.0 * (1 - (s >> 24) / 255.0);
        uint32_t want = mode == SDL_BLENDMODE_BLEND ? (uint32_t)(alpha * 255 + 0.5) : d >> 24;
        assert_in_range((got >> 24) + 1, want, want + 2);
    }
    assert_int_equal(sdl_blend(0x12345678, 0x9abcdef0, SDL_BLENDMODE_NONE), 0x12345678);
    assert_int_equal(sdl_modulate(0x80604020, 0xffffffff), 0x80604020);
    assert_int_equal(sdl_modulate(0xffffffff, 0x80604020), 0x80604020);
    assert_int_equal(sdl_modulate(0xffffffff, 0), 0);
    assert_false(sdl_mode_known(SDL_BLENDMODE_INVALID));
}

/* Copies between all formats, at all places, in all sizes: against one pixel at a time. Around the
 * destination nothing changes. */
static void copies(void **state)
{
    (void)state;
    enum { W = 13, H = 9 };
    for (uint32_t n = 0; n < 12000; n++) {
        uint32_t r = n * 2654435761u;
        static const Uint32 usual[][2] = {/* what has a way of its own */
                                          {SDL_PIXELFORMAT_RGBA32, SDL_PIXELFORMAT_RGBA32},
                                          {SDL_PIXELFORMAT_INDEX8, SDL_PIXELFORMAT_ARGB8888},
                                          {SDL_PIXELFORMAT_ARGB8888, SDL_PIXELFORMAT_RGBA32},
                                          {SDL_PIXELFORMAT_RGB888, SDL_PIXELFORMAT_ABGR8888},
                                          {SDL_PIXELFORMAT_RGBA8888, SDL_PIXELFORMAT_BGR888}};
        const Uint32 *pair = n % 2 != 0 ? usual[n / 2 % SDL_arraysize(usual)] : NULL;
        SDL_PixelFormat *f =
            SDL_AllocFormat(pair != NULL ? pair[0] : formats[r % SDL_arraysize(formats)]);
        SDL_PixelFormat *t =
            SDL_AllocFormat(pair != NULL ? pair[1] : formats[r / 64 % SDL_arraysize(formats)]);
        SDL_Palette *palette = SDL_AllocPalette(256);
        for (int i = 0; i < 256; i++) {
            Uint8 alpha = n % 4 == 1 || i % 50 != 0 ? 255 : (Uint8)i;
            palette->colors[i] =
                (SDL_Color){(Uint8)(i * 7), (Uint8)(i * 31), (Uint8)(i / 3), alpha};
        }
        if (f->BytesPerPixel == 1 && pair != NULL) {
            (void)SDL_SetPixelFormatPalette(f, palette);
        }
        uint8_t *from = malloc((size_t)W * H * f->BytesPerPixel),
                *to = malloc((size_t)W * H * t->BytesPerPixel);
        for (int i = 0; i < W * H * f->BytesPerPixel; i++) {
            from[i] = (uint8_t)(r >> i % 24 ^ (uint32_t)i * 77);
        }
        for (int i = 0; f->Amask != 0 && n % 4 < 2 && i < W * H; i++) { /* rows that cover */
            uint8_t *p = from + i * f->BytesPerPixel;
            uint32_t covers = i / W % 3 != 0 ? f->Amask : 0;
            sdl_pixel_write(p, f->BytesPerPixel, sdl_pixel_read(p, f->BytesPerPixel) | covers);
        }
        memset(to, 0x5a, (size_t)W * H * t->BytesPerPixel);
        struct sdl_blit b = {
            .from = {f, from, W * f->BytesPerPixel},
            .to = {t, to, W * t->BytesPerPixel},
            .src = {(int)(r % 5), (int)(r / 8 % 4), 1 + (int)(r / 16 % 8), 1 + (int)(r / 32 % 5)},
            .clip = {(int)(r >> 9 & 3), (int)(r >> 11 & 1), 9, 7},
            .flip = (int)(r >> 13 & 3),
            .mode = (SDL_BlendMode[]){SDL_BLENDMODE_NONE, SDL_BLENDMODE_BLEND, SDL_BLENDMODE_ADD,
                                      SDL_BLENDMODE_MOD}[r >> 15 & 3],
            .mod = (r >> 17 & 1) != 0 ? 0xff8040ff : SDL_WHITE,
            .keyed = (r >> 18 & 1) != 0};
        b.dst = (SDL_Rect){(int)(r >> 19 & 15) - 4, (int)(r >> 23 & 7) - 2, b.src.w, b.src.h};
        if ((r >> 26 & 1) != 0) {
            b.dst.w = 1 + (int)(r >> 27 & 15);
            b.dst.h = 1 + (int)(r >> 28 & 15);
        }
        b.key = sdl_pixel_read(from, f->BytesPerPixel);
        sdl_blit(&b);
        for (int y = 0; y < H; y++) {
            for (int x = 0; x < W; x++) {
                SDL_Point p = {x, y};
                uint32_t want =
                    sdl_pixel_read((uint8_t[]){0x5a, 0x5a, 0x5a, 0x5a}, t->BytesPerPixel);
                if (SDL_PointInRect(&p, &b.clip) && SDL_PointInRect(&p, &b.dst)) {
                    int u = ((x - b.dst.x) * 2 + 1) * b.src.w / (b.dst.w * 2),
                        v = ((y - b.dst.y) * 2 + 1) * b.src.h / (b.dst.h * 2);
                    u = (b.flip & SDL_FLIP_HORIZONTAL) != 0 ? b.src.w - 1 - u : u;
                    v = (b.flip & SDL_FLIP_VERTICAL) != 0 ? b.src.h - 1 - v : v;
                    uint32_t pixel =
                        sdl_pixel_read(from + ((b.src.y + v) * W + b.src.x + u) * f->BytesPerPixel,
                                       f->BytesPerPixel);
                    uint32_t s = sdl_modulate(sdl_pixel_in(f, pixel), b.mod);
                    bool same = f->format == t->format && b.mod == SDL_WHITE &&
                                (b.mode == SDL_BLENDMODE_NONE ||
                                 (b.mode == SDL_BLENDMODE_BLEND && f->Amask == 0));
                    if (!b.keyed || pixel != b.key) {
                        uint32_t d = sdl_pixel_in(t, want);
                        bool none = b.mode == SDL_BLENDMODE_BLEND && s >> 24 == 0;
                        want = none   ? want
                               : same ? pixel
                                      : sdl_pixel_out(t, sdl_blend(s, d, b.mode));
                    }
                }
                uint32_t got =
                             sdl_pixel_read(to + (y * W + x) * t->BytesPerPixel, t->BytesPerPixel),
                         mask = t->Rmask | t->Gmask | t->Bmask | t->Amask;
                assert_int_equal(got & mask, want & mask);
            }
        }
        free(from);
        free(to);
        SDL_FreePalette(palette);
        SDL_FreeFormat(f);
        SDL_FreeFormat(t);
    }
}

static void within_itself(void **state)
{
    (void)state;
    uint32_t pixels[64], want[64];
    const int moves[][2] = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}, {1, 1}, {-1, -1}};
    for (size_t n = 0; n < SDL_arraysize(moves); n++) {
        for (uint32_t i = 0; i < 64; i++) {
            pixels[i] = i;
        }
        memcpy(want, pixels, sizeof want);
        struct sdl_blit b = {.from = {&sdl_rgba32, pixels, 32},
                             .to = {&sdl_rgba32, pixels, 32},
                             .src = {1, 1, 6, 6},
                             .dst = {1 + moves[n][0], 1 + moves[n][1], 6, 6},
                             .clip = {0, 0, 8, 8},
                             .mod = SDL_WHITE};
        for (int y = 0; y < 6; y++) {
            for (int x = 0; x < 6; x++) {
                want[(b.dst.y + y) * 8 + b.dst.x + x] = (uint32_t)((1 + y) * 8 + 1 + x);
            }
        }
        sdl_blit(&b);
        assert_memory_equal(pixels, want, sizeof want);
    }
}

static void turned(void **state)
{
    (void)state;
    uint32_t from[6] = {1, 2, 3, 4, 5, 6}, to[25] = {0};
    struct sdl_blit b = {.from = {&sdl_rgba32, from, 12},
                         .to = {&sdl_rgba32, to, 20},
                         .src = {0, 0, 3, 2},
                         .dst = {1, 1, 3, 2},
                         .clip = {0, 0, 5, 5},
                         .mod = SDL_WHITE};
    sdl_blit_turned(&b, 180, 1.5, 1);
    const uint32_t half[25] = {0, 0, 0, 0, 0, 0, 6, 5, 4, 0, 0, 3, 2, 1};
    assert_memory_equal(to, half, sizeof to);
    memset(to, 0, sizeof to);
    b.dst = (SDL_Rect){1, 1, 2, 2};
    b.src = (SDL_Rect){0, 0, 2, 2};
    sdl_blit_turned(&b, 90, 1, 1); /* clockwise */
    const uint32_t quarter[25] = {0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 5, 2};
    assert_memory_equal(to, quarter, sizeof to);
    b.clip = (SDL_Rect){0, 0, 0, 0};
    sdl_blit_turned(&b, 33, 1, 1);
    assert_memory_equal(to, quarter, sizeof to);
}

static void fitting(void **state)
{
    (void)state;
    const struct {
        int w, h, in_w, in_h, whole;
        SDL_Rect want;
    } cases[] = {
        {320, 200, 640, 480, 0, {0, 40, 640, 400}},
        {320, 200, 320, 200, 0, {0, 0, 320, 200}},
        {320, 240, 1280, 800, 0, {106, 0, 1067, 800}},
        {320, 240, 1280, 800, 1, {160, 40, 960, 720}},
        {640, 480, 320, 200, 1, {26, 0, 267, 200}},
        {1, 8192, 100, 100, 0, {49, 0, 1, 100}},
        {0, 1, 5, 5, 0, {0, 0, 0, 0}},
    };
    for (size_t i = 0; i < SDL_arraysize(cases); i++) {
        SDL_Rect got =
            sdl_fit(cases[i].w, cases[i].h, cases[i].in_w, cases[i].in_h, cases[i].whole);
        assert_memory_equal(&got, &cases[i].want, sizeof got);
    }
    for (int w = 1; w < 400; w += 7) { /* there and back */
        for (int shown = 1; shown < 500; shown += 11) {
            for (int i = 0; i < w; i++) {
                int at = (int)(((int64_t)i * shown + w - 1) / w);
                assert_in_range(sdl_unscale(10 + at, 10, shown, w), shown < w ? 0 : i,
                                shown < w ? w - 1 : i);
            }
            assert_int_equal(sdl_unscale(-5, 10, shown, w), 0);
            assert_int_equal(sdl_unscale(10000, 10, shown, w), w - 1);
        }
    }
}

/* Means of what is covered: exact where sizes are multiples, else nothing is lost and nothing
 * comes. */
static void stretching(void **state)
{
    (void)state;
    enum { SIDE = 24 };
    uint32_t from[SIDE * SIDE];
    for (uint32_t i = 0; i < SIDE * SIDE; i++) {
        from[i] = i * 2654435761u;
    }
    for (int w = 1; w <= 2 * SIDE; w++) {
        uint32_t *to = calloc((size_t)(w + 2) * (size_t)(w + 2), 4);
        SDL_Rect dst = {1, 1, w, w};
        sdl_stretch(from, SIDE, SIDE, to, w + 2, &dst);
        uint64_t in = 0, out = 0;
        for (int i = 0; i < (w + 2) * (w + 2); i++) {
            int x = i % (w + 2) - 1, y = i / (w + 2) - 1;
            bool inside = x >= 0 && y >= 0 && x < w && y < w;
            out += to[i] & 255;
            if (!inside) {
                assert_int_equal(to[i], 0);
            } else if (w % SIDE == 0) {
                assert_int_equal(to[i], from[y / (w / SIDE) * SIDE + x / (w / SIDE)]);
            }
        }
        for (int i = 0; i < SIDE * SIDE; i++) {
            in += from[i] & 255;
        }
        double a = (double)in / (SIDE * SIDE), b = (double)out / (w * w);
        assert_true(fabs(a - b) < 1.5);
        free(to);
    }
    const uint32_t pair[4] = {0, 0xffffffff, 0xffffffff, 0};
    uint32_t one = 1;
    sdl_stretch(pair, 2, 2, &one, 1, &(SDL_Rect){0, 0, 1, 1});
    assert_int_equal(one, 0x80808080);
}

static void rectangles(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 20000; n++) {
        uint32_t r = n * 2654435761u;
        SDL_Rect a = {(int)(r & 7), (int)(r >> 3 & 7), (int)(r >> 6 & 7) - 1, (int)(r >> 9 & 7)}, c;
        SDL_Rect b = {(int)(r >> 12 & 7), (int)(r >> 15 & 7), (int)(r >> 18 & 7),
                      (int)(r >> 21 & 7) - 1};
        SDL_bool some = SDL_IntersectRect(&a, &b, &c);
        int count = 0;
        for (int i = 0; i < 400; i++) {
            SDL_Point p = {i % 20, i / 20};
            bool both = SDL_PointInRect(&p, &a) && SDL_PointInRect(&p, &b);
            assert_int_equal(both, SDL_PointInRect(&p, &c));
            count += both;
        }
        assert_int_equal(count > 0, some);
        int x1 = (int)(r >> 2 & 15) - 4, y1 = (int)(r >> 5 & 15) - 4, x2 = (int)(r >> 8 & 15),
            y2 = (int)(r >> 11 & 15);
        if (SDL_IntersectRectAndLine(&a, &x1, &y1, &x2, &y2)) {
            assert_in_range(x1, a.x, a.x + a.w - 1);
            assert_in_range(y2, a.y, a.y + a.h - 1);
        }
    }
    SDL_Rect far = {INT32_MAX - 1, 0, 100, 100}, other = {INT32_MAX - 50, 0, 100, 1}, out;
    assert_true(SDL_IntersectRect(&far, &other, &out));
    assert_int_equal(out.w, 51);
}

/* Codes by the names that Linux gives them, and SDL gives them. */
static void keys(void **state)
{
    (void)state;
    const struct {
        uint32_t code;
        SDL_Scancode scancode;
        SDL_Keycode key;
        const char *name;
    } all[] = {
        {KEY_A, SDL_SCANCODE_A, 'a', "A"},
        {KEY_Z, SDL_SCANCODE_Z, 'z', "Z"},
        {KEY_Q, SDL_SCANCODE_Q, 'q', "Q"},
        {KEY_M, SDL_SCANCODE_M, 'm', "M"},
        {KEY_1, SDL_SCANCODE_1, '1', "1"},
        {KEY_0, SDL_SCANCODE_0, '0', "0"},
        {KEY_ESC, SDL_SCANCODE_ESCAPE, 27, "Escape"},
        {KEY_ENTER, SDL_SCANCODE_RETURN, 13, "Return"},
        {KEY_SPACE, SDL_SCANCODE_SPACE, ' ', "Space"},
        {KEY_TAB, SDL_SCANCODE_TAB, '\t', "Tab"},
        {KEY_BACKSPACE, SDL_SCANCODE_BACKSPACE, '\b', "Backspace"},
        {KEY_LEFTCTRL, SDL_SCANCODE_LCTRL, SDLK_LCTRL, "Left Ctrl"},
        {KEY_RIGHTSHIFT, SDL_SCANCODE_RSHIFT, SDLK_RSHIFT, "Right Shift"},
        {KEY_LEFTALT, SDL_SCANCODE_LALT, SDLK_LALT, "Left Alt"},
        {KEY_RIGHTALT, SDL_SCANCODE_RALT, SDLK_RALT, "Right Alt"},
        {KEY_LEFTMETA, SDL_SCANCODE_LGUI, SDLK_LGUI, "Left GUI"},
        {KEY_UP, SDL_SCANCODE_UP, SDLK_UP, "Up"},
        {KEY_DOWN, SDL_SCANCODE_DOWN, SDLK_DOWN, "Down"},
        {KEY_LEFT, SDL_SCANCODE_LEFT, SDLK_LEFT, "Left"},
        {KEY_RIGHT, SDL_SCANCODE_RIGHT, SDLK_RIGHT, "Right"},
        {KEY_F1, SDL_SCANCODE_F1, SDLK_F1, "F1"},
        {KEY_F10, SDL_SCANCODE_F10, SDLK_F10, "F10"},
        {KEY_F11, SDL_SCANCODE_F11, SDLK_F11, "F11"},
        {KEY_F12, SDL_SCANCODE_F12, SDLK_F12, "F12"},
        {KEY_F24, SDL_SCANCODE_F24, SDLK_F24, "F24"},
        {KEY_KP7, SDL_SCANCODE_KP_7, SDLK_KP_7, "Keypad 7"},
        {KEY_KP0, SDL_SCANCODE_KP_0, SDLK_KP_0, "Keypad 0"},
        {KEY_KPENTER, SDL_SCANCODE_KP_ENTER, SDLK_KP_ENTER, "Keypad Enter"},
        {KEY_KPPLUS, SDL_SCANCODE_KP_PLUS, SDLK_KP_PLUS, "Keypad +"},
        {KEY_KPDOT, SDL_SCANCODE_KP_PERIOD, SDLK_KP_PERIOD, "Keypad ."},
        {KEY_PAGEUP, SDL_SCANCODE_PAGEUP, SDLK_PAGEUP, "PageUp"},
        {KEY_DELETE, SDL_SCANCODE_DELETE, 127, "Delete"},
        {KEY_CAPSLOCK, SDL_SCANCODE_CAPSLOCK, SDLK_CAPSLOCK, "CapsLock"},
        {KEY_MINUS, SDL_SCANCODE_MINUS, '-', "-"},
        {KEY_GRAVE, SDL_SCANCODE_GRAVE, '`', "`"},
        {KEY_BACKSLASH, SDL_SCANCODE_BACKSLASH, '\\', "\\"},
        {KEY_102ND, SDL_SCANCODE_NONUSBACKSLASH, '\\', ""},
        {KEY_SYSRQ, SDL_SCANCODE_PRINTSCREEN, SDLK_PRINTSCREEN, "PrintScreen"},
        {KEY_PAUSE, SDL_SCANCODE_PAUSE, SDLK_PAUSE, "Pause"},
    };
    for (size_t i = 0; i < SDL_arraysize(all); i++) {
        assert_int_equal(sdl_scancode(all[i].code), all[i].scancode);
        assert_int_equal(SDL_GetKeyFromScancode(all[i].scancode), all[i].key);
        assert_string_equal(SDL_GetScancodeName(all[i].scancode), all[i].name);
        if (all[i].name[0] != 0) {
            assert_int_equal(SDL_GetScancodeFromName(all[i].name), all[i].scancode);
            assert_int_equal(SDL_GetScancodeFromKey(all[i].key), all[i].scancode);
            assert_string_equal(SDL_GetKeyName(all[i].key), all[i].name);
        }
    }
    for (uint32_t code = 0; code < 0x400; code++) { /* no two codes are one key */
        SDL_Scancode scancode = sdl_scancode(code);
        for (uint32_t other = code + 1; other < 0x400 && scancode != SDL_SCANCODE_UNKNOWN;
             other++) {
            assert_int_not_equal(sdl_scancode(other), scancode);
        }
    }
    assert_int_equal(sdl_scancode(UINT32_MAX), SDL_SCANCODE_UNKNOWN);
    assert_int_equal(SDL_GetKeyFromScancode((SDL_Scancode)-1), SDLK_UNKNOWN);
    assert_string_equal(SDL_GetKeyName('!'), "!");
    assert_int_equal(SDL_GetKeyFromName("A"), 'a');
    assert_int_equal(SDL_GetScancodeFromName("nothing"), SDL_SCANCODE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_sdls),
        cmocka_unit_test(formats_keep_colours),
        cmocka_unit_test(blending_by_the_formulas),
        cmocka_unit_test(copies),
        cmocka_unit_test(within_itself),
        cmocka_unit_test(turned),
        cmocka_unit_test(fitting),
        cmocka_unit_test(stretching),
        cmocka_unit_test(rectangles),
        cmocka_unit_test(keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
