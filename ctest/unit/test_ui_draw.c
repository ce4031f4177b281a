/* SPDX-License-Identifier: MIT */
/* Planes, letters and icons: nothing is drawn outside target and clip, and what is drawn is right.
 */
#include "ui_fixture.h"

#define RED  CTX_RGB(0xff0000)
#define BLUE CTX_RGB(0x0000ff)

static struct ctx_draw target(uint32_t color, uint32_t format)
{
    return ctx_draw_on(fresh(color), SIDE, SIDE, PITCH, format);
}

static void colours(void **state)
{
    (void)state;
    struct ctx_rgba bytes = {0x12, 0x34, 0x56, 0xff};
    uint32_t color;
    memcpy(&color, &bytes, sizeof color);
    assert_int_equal(CTX_RGB(0x123456), color);
    assert_int_equal(ctx_color_mix(RED, BLUE, 0), RED);
    assert_int_equal(ctx_color_mix(RED, BLUE, 256), BLUE);
}

static void a_fill_is_its_rectangle(void **state)
{
    (void)state;
    struct ctx_draw d = target(RED, CTX_SURFACE_RGBX);
    struct ctx_rect r = {10, 20, 30, 40};
    ctx_draw_fill(&d, r, BLUE);
    expect_only(r, RED);
    assert_int_equal(at(10, 20), BLUE);
    assert_int_equal(at(39, 59), BLUE);
    ctx_draw_fill(&d, r, CTX_ALPHA(RED, 128)); /* half and half */
    assert_int_equal(at(10, 20), CTX_RGB(0x80007e));
}

static void round_corners_and_rings(void **state)
{
    (void)state;
    struct ctx_draw d = target(RED, CTX_SURFACE_RGBX);
    struct ctx_rect r = {10, 10, 60, 40};
    ctx_draw_round(&d, r, 12, BLUE);
    expect_only(r, RED);
    assert_int_equal(at(10, 10), RED);
    assert_int_equal(at(69, 49), RED);
    assert_int_equal(at(22, 10), BLUE);
    assert_int_equal(at(10, 22), BLUE);
    for (uint32_t y = 0; y < 40; y++) { /* all four corners are alike */
        for (uint32_t x = 0; x < 60; x++) {
            assert_int_equal(at(10 + x, 10 + y), at(69 - x, 10 + y));
            assert_int_equal(at(10 + x, 10 + y), at(10 + x, 49 - y));
        }
    }
    for (int32_t thick = 1; thick < 24;
         thick++) { /* thicker than the radius, and than there is room */
        d = target(RED, CTX_SURFACE_RGBX);
        ctx_draw_ring(&d, r, 12, thick, BLUE);
        expect_only(r, RED);
        uint32_t mid = at(40, 30), edge = at(40, 10 + (uint32_t)(thick < 20 ? thick : 20) - 1);
        assert_int_equal(mid, thick < 20 ? RED : BLUE);
        assert_int_equal(edge, BLUE);
        assert_int_equal(at(40, 10 + (uint32_t)thick), thick < 20 ? RED : BLUE);
    }
}

static void what_is_transparent(void **state)
{
    (void)state;
    struct ctx_draw d = target(0, CTX_SURFACE_RGBA);
    struct ctx_rect r = {100, 100, 50, 50};
    ctx_draw_shadow(&d, r, 20, CTX_ALPHA(0, 200));
    expect_only(ctx_rect_inset(r, -20), 0);
    assert_int_equal(at(125, 125), 0); /* not below itself */
    uint32_t last = 256;
    for (uint32_t y = 150; y < 170; y++) {
        assert_true(at(125, y) >> 24 <= last);
        last = at(125, y) >> 24;
    }
    assert_true(last < 4);
    assert_true(at(125, 150) >> 24 > 100 && at(125, 150) >> 24 <= 200);
    ctx_draw_fill(&d, CTX_RECT(0, 0, 10, 10), CTX_ALPHA(BLUE, 128));
    assert_int_equal(at(0, 0), CTX_ALPHA(BLUE, 128)); /* over nothing: itself */
    ctx_draw_fill(&d, CTX_RECT(0, 0, 10, 10), RED);
    assert_int_equal(at(0, 0), RED);
    ctx_draw_clear(&d, CTX_RECT(0, 0, 10, 10), 0);
    assert_int_equal(at(0, 0), 0);
}

static const struct ctx_font *const fonts[] = {&ctx_font_sans_13, &ctx_font_bold_36,
                                               &ctx_font_mono_16, &ctx_font_mono_64};
#define TEXT "A\u0144gj\u2026\u2192 \u2713\u4e2d\xff|"

/* One of everything. */
static void draw_some(const struct ctx_draw *d, uint64_t *seed)
{
    struct ctx_rect r = {between(seed, -300, 300), between(seed, -300, 300),
                         between(seed, -10, 400), between(seed, -10, 400)};
    const struct ctx_font *font = fonts[random_of(seed) % 4];
    uint32_t color = random_of(seed);
    static uint32_t other[40 * 30];
    struct ctx_draw from =
        ctx_draw_on(other, 40, 30, 40, random_of(seed) % 2 ? CTX_SURFACE_RGBA : CTX_SURFACE_RGBX);
    switch (random_of(seed) % 11) {
    case 0:
        ctx_draw_fill(d, r, color);
        break;
    case 1:
        ctx_draw_gradient(d, r, color, RED, color & 1);
        break;
    case 2:
        ctx_draw_border(d, r, between(seed, -2, 20), color);
        break;
    case 3:
        ctx_draw_round(d, r, between(seed, -2, 300), color);
        break;
    case 4:
        ctx_draw_ring(d, r, between(seed, -2, 60), between(seed, -2, 60), color);
        break;
    case 5:
        ctx_draw_shadow(d, r, between(seed, -2, 90), color);
        break;
    case 6:
        ctx_draw_picture(d, r.x, r.y, &from);
        break;
    case 7:
        ctx_draw_text(d, font, r.x, r.y, TEXT, CTX_TEXT_ALL, color);
        break;
    case 8:
        ctx_draw_text_in(d, font, r, TEXT, CTX_TEXT_ALL, random_of(seed) % 3, color);
        break;
    case 9:
        ctx_draw_icon(d, r, random_of(seed) % 30, color);
        break;
    default:
        ctx_draw_app_icon(d, r, font, TEXT);
        break;
    }
}

static void nothing_leaves_the_clip(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 1000; i++) {
        struct ctx_draw d = target(RED, i % 2 ? CTX_SURFACE_RGBX : CTX_SURFACE_RGBA);
        d.clip = CTX_RECT(between(&seed, -50, 260), between(&seed, -50, 260),
                          between(&seed, 0, 300), between(&seed, 0, 300));
        struct ctx_rect clip = d.clip;
        draw_some(&d, &seed);
        expect_only(clip, RED);
    }
}

static void far_away_and_nothing(void **state)
{
    (void)state;
    struct ctx_draw d = target(RED, CTX_SURFACE_RGBX);
    struct ctx_rect far[] = {
        {INT32_MAX, 0, 10, 10}, {0, INT32_MIN, 10, 10}, {0, 0, -1, 10}, {-20000000, 0, 1, 1}};
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        ctx_draw_fill(&d, far[i], BLUE);
        ctx_draw_round(&d, far[i], 3, BLUE);
    }
    expect_only(CTX_RECT(0, 0, 0, 0), RED);
    struct ctx_draw none = ctx_draw_on(NULL, 0, 0, 0, CTX_SURFACE_RGBX);
    ctx_draw_fill(&none, CTX_RECT(0, 0, 5, 5), BLUE);
    ctx_draw_text(&none, &ctx_font_sans_13, 0, 0, "a", CTX_TEXT_ALL, BLUE);
    ctx_draw_icon(&none, CTX_RECT(0, 0, 5, 5), CTX_ICON_CLOSE, BLUE);
}

static void letters_have_their_width(void **state)
{
    (void)state;
    const struct ctx_font *font = &ctx_font_sans_15;
    int32_t w = ctx_text_width(font, "Hello", CTX_TEXT_ALL);
    assert_int_equal(w, ctx_text_width(font, "Hel", CTX_TEXT_ALL) +
                            ctx_text_width(font, "lo", CTX_TEXT_ALL));
    assert_int_equal(ctx_text_width(&ctx_font_mono_16, "abc\u2500", CTX_TEXT_ALL), 4 * 8);
    struct ctx_draw d = target(RED, CTX_SURFACE_RGBX);
    assert_int_equal(ctx_draw_text(&d, font, 20, 20, "Hello", CTX_TEXT_ALL, BLUE), w);
    expect_only(CTX_RECT(20, 20, w, font->height), RED);
    /* Letters stand on the line: much of the row above it, and nothing of the one below. */
    int much = 0;
    for (uint32_t x = 20; x < 20 + (uint32_t)w; x++) {
        much += at(x, 20 + font->baseline - 1u) >> 16 > 0xff60;
        assert_int_equal(at(x, 20u + font->baseline), RED);
    }
    assert_true(much >= 8);
    for (int32_t width = 0; width < w + 5; width++) {
        uint32_t n = ctx_text_fit(font, "Hello", CTX_TEXT_ALL, width);
        assert_true(ctx_text_width(font, "Hello", n) <= width);
        assert_true(n == 5 || ctx_text_width(font, "Hello", n + 1) > width);
    }
    assert_int_equal(ctx_text_at(font, "Hello", 5, -5), 0);
    assert_int_equal(ctx_text_at(font, "Hello", 5, 1000), 5);
    for (uint32_t n = 0; n <= 5; n++) {
        assert_int_equal(ctx_text_at(font, "Hello", 5, ctx_text_width(font, "Hello", n)), n);
    }
    assert_int_equal(ctx_font_has(font, 0x141), 1);
    assert_int_equal(ctx_font_has(font, 0x4e2d), 0);
    assert_int_equal(ctx_font_has(font, 0x1f600), 0);
    assert_ptr_equal(ctx_font_glyph(font, 0x4e2d), &font->glyph[font->glyphs - 1]);
}

/* Every character of every font lies in its line, but for marks on capitals and deep tails. */
static void fonts_are_whole(void **state)
{
    (void)state;
    static const struct ctx_font *const all[] = {
        &ctx_font_sans_13, &ctx_font_sans_15, &ctx_font_sans_18, &ctx_font_sans_22,
        &ctx_font_sans_26, &ctx_font_sans_30, &ctx_font_sans_36, &ctx_font_bold_13,
        &ctx_font_bold_15, &ctx_font_bold_18, &ctx_font_bold_22, &ctx_font_bold_26,
        &ctx_font_bold_30, &ctx_font_bold_36, &ctx_font_mono_16, &ctx_font_mono_24,
        &ctx_font_mono_32, &ctx_font_mono_64};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const struct ctx_font *font = all[i];
        uint32_t glyphs = 0, behind = 0;
        for (uint32_t k = 0; k < font->ranges; k++) {
            assert_true(font->range[k].first >= behind);
            assert_int_equal(font->range[k].glyph, glyphs);
            behind = font->range[k].first + font->range[k].count;
            glyphs += font->range[k].count;
        }
        assert_int_equal(glyphs + 1, font->glyphs);
        assert_int_equal(font->range[0].first, 0x20);
        for (uint32_t code = 0x20; code < 0x7f; code++) {
            const struct ctx_glyph *g = ctx_font_glyph(font, code);
            assert_true(g->top >= 0 && g->top + g->rows <= font->height);
            assert_true(!font->mono || g->advance == font->glyph[0].advance);
        }
    }
}

static void what_is_too_long_ends_in_an_ellipsis(void **state)
{
    (void)state;
    const struct ctx_font *font = &ctx_font_sans_15;
    struct ctx_rect r = {20, 20, 60, 20};
    uint32_t *kept = malloc(sizeof picture);
    assert_non_null(kept);
    struct ctx_draw d = target(RED, CTX_SURFACE_RGBX);
    ctx_draw_text_in(&d, font, r, "A long, long text", CTX_TEXT_ALL, CTX_TEXT_LEFT, BLUE);
    expect_only(r, RED);
    memcpy(kept, picture, sizeof picture);
    uint32_t n = ctx_text_fit(font, "A long, long text", CTX_TEXT_ALL,
                              60 - ctx_text_width(font, "\u2026", CTX_TEXT_ALL));
    char cut[32];
    snprintf(cut, sizeof cut, "%.*s\u2026", (int)n, "A long, long text");
    d = target(RED, CTX_SURFACE_RGBX);
    ctx_draw_text(&d, font, 20, 20 + (20 - font->height) / 2, cut, CTX_TEXT_ALL, BLUE);
    assert_memory_equal(kept, picture, sizeof picture);
    /* What fits is drawn as it is, and where it was asked to be. */
    int32_t w = ctx_text_width(font, "ab", CTX_TEXT_ALL);
    d = target(RED, CTX_SURFACE_RGBX);
    ctx_draw_text_in(&d, font, CTX_RECT(20, 20, w, 20), "ab", CTX_TEXT_ALL, CTX_TEXT_RIGHT, BLUE);
    memcpy(kept, picture, sizeof picture);
    d = target(RED, CTX_SURFACE_RGBX);
    ctx_draw_text_in(&d, font, CTX_RECT(0, 20, w + 40, 20), "ab", CTX_TEXT_ALL, CTX_TEXT_CENTER,
                     BLUE);
    assert_memory_equal(kept, picture, sizeof picture);
    free(kept);
}

static void themes(void **state)
{
    (void)state;
    struct ctx_theme one, two, high;
    ctx_theme_make(&one, 0, 0, &ctx_faces_all);
    ctx_theme_make(&two, 240, 0, &ctx_faces_all);
    ctx_theme_make(&high, 120, CTX_THEME_CONTRAST, &ctx_faces_all);
    assert_int_equal(one.scale, 120);
    assert_int_equal(two.control_h, 2 * one.control_h);
    assert_int_equal(two.border, 2);
    assert_ptr_equal(one.body, &ctx_font_sans_15);
    assert_ptr_equal(two.body, &ctx_font_sans_30);
    assert_ptr_equal(two.mono, &ctx_font_mono_32);
    assert_int_equal(high.window, CTX_RGB(0));
    assert_int_equal(high.text, CTX_RGB(0xffffff));
    ctx_theme_make(&one, 60, 0, &ctx_faces_1x2x);
    assert_int_equal(one.border, 1);
    assert_ptr_equal(one.body, &ctx_font_sans_13);
    ctx_theme_make(&one, UINT32_MAX, 0, &ctx_faces_1x2x);
    assert_int_equal(one.scale, 480);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours),
        cmocka_unit_test(a_fill_is_its_rectangle),
        cmocka_unit_test(round_corners_and_rings),
        cmocka_unit_test(what_is_transparent),
        cmocka_unit_test(nothing_leaves_the_clip),
        cmocka_unit_test(far_away_and_nothing),
        cmocka_unit_test(letters_have_their_width),
        cmocka_unit_test(fonts_are_whole),
        cmocka_unit_test(what_is_too_long_ends_in_an_ellipsis),
        cmocka_unit_test(themes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
