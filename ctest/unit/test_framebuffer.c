/* SPDX-License-Identifier: MIT */
/* The boot loader's framebuffer: every format, compared pixel by pixel with plain arithmetic. */
#include "canvas.h"
#include "frame.h"
#include "framebuffer.h"
#include "present.h"
#include "test.h"

static const struct boot_framebuffer formats[] = {
    {0, 0, 0, 0, 32, 16, 8, 8, 8, 0, 8},  {0, 0, 0, 0, 32, 0, 8, 8, 8, 16, 8},
    {0, 0, 0, 0, 32, 24, 8, 16, 8, 8, 8}, {0, 0, 0, 0, 24, 16, 8, 8, 8, 0, 8},
    {0, 0, 0, 0, 24, 0, 8, 8, 8, 16, 8},  {0, 0, 0, 0, 16, 11, 5, 5, 6, 0, 5},
    {0, 0, 0, 0, 16, 10, 5, 5, 5, 0, 5},  {0, 0, 0, 0, 32, 20, 8, 10, 8, 2, 8},
};

static uint32_t field(uint32_t value, uint32_t bits, uint32_t shift)
{
    return value / (1u << (8 - bits)) * (1u << shift);
}

/* The bytes that a pixel becomes, without the ones that no colour field covers. */
static void check_pixel(const struct boot_framebuffer *fb, const uint8_t *at, uint32_t rgba)
{
    uint32_t got = 0;
    memcpy(&got, at, fb->bpp / 8u);
    uint32_t mask = ((1u << fb->red_bits) - 1) << fb->red_shift |
                    ((1u << fb->green_bits) - 1) << fb->green_shift |
                    ((1u << fb->blue_bits) - 1) << fb->blue_shift;
    uint32_t want = field(rgba & 255, fb->red_bits, fb->red_shift) +
                    field(rgba >> 8 & 255, fb->green_bits, fb->green_shift) +
                    field(rgba >> 16 & 255, fb->blue_bits, fb->blue_shift);
    assert_int_equal(got & mask, want);
}

static void one_format(struct boot_framebuffer fb, uint32_t w, uint32_t h, uint32_t extra)
{
    fb.width = w;
    fb.height = h;
    fb.pitch = w * (fb.bpp / 8u) + extra;
    size_t bytes = (size_t)fb.pitch * h;
    uint8_t *memory = malloc(bytes); /* a write past it is an error that the sanitizer sees */
    assert_non_null(memory);
    memset(memory, 0xcc, bytes);
    assert_null(framebuffer_check(&fb));
    assert_true(framebuffer_start(&fb, memory));
    struct display *d = present_display();
    assert_non_null(d);
    assert_int_equal(d->width, w);
    struct rng rng = {w};
    for (uint32_t i = 0; i < w * h; i++) {
        d->pixels[i] = (uint32_t)rng_next(&rng);
    }
    /* A rectangle, then all but a frame of one pixel, then all. */
    const struct rect steps[] = {{w / 3, h / 4, w / 2, h / 2}, {1, 1, w - 2, h - 2}, {0, 0, w, h}};
    for (size_t s = 0; s < ARRAY_COUNT(steps); s++) {
        const struct rect *r = &steps[s];
        memset(memory, 0xcc, bytes);
        present_rect(r->x, r->y, r->w, r->h);
        for (uint32_t y = 0; y < h; y++) {
            const uint8_t *row = memory + (size_t)y * fb.pitch;
            for (uint32_t x = 0; x < w; x++) {
                const uint8_t *at = row + x * (fb.bpp / 8u);
                if (x >= r->x && x < r->x + r->w && y >= r->y && y < r->y + r->h) {
                    check_pixel(&fb, at, d->pixels[y * w + x]);
                } else {
                    for (uint32_t b = 0; b < fb.bpp / 8u; b++) {
                        assert_int_equal(at[b], 0xcc);
                    }
                }
            }
            for (uint32_t b = w * (fb.bpp / 8u); b < fb.pitch; b++) {
                assert_int_equal(row[b], 0xcc); /* between the rows */
            }
        }
    }
    /* Leave room for the next one: a better display takes over. */
    struct display *old = d;
    static uint32_t pixel;
    static struct display better;
    better = (struct display){.name = "better", .width = 1, .height = 1, .pixels = &pixel};
    better.rank = old->rank + 1;
    display_offer(&better);
    assert_ptr_equal(present_display(), &better);
    assert_null(old->pixels);
    better.rank = 0;
    free(memory);
}

static void every_format_and_odd_pitch(void **state)
{
    (void)state;
    fake_ram(8);
    uint64_t frames = frame_free_total();
    for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
        uint32_t align = formats[i].bpp == 32 ? 4 : formats[i].bpp == 16 ? 2 : 1;
        one_format(formats[i], 61, 17, 0);
        one_format(formats[i], 64, 8, 12 * align);
        one_format(formats[i], 33, 9, 1); /* rows that begin at odd addresses */
        one_format(formats[i], 33, 9, 7);
    }
    assert_int_equal(frame_free_total(), frames);
}

static void refusals(void **state)
{
    (void)state;
    struct boot_framebuffer good = {0xfd000000, 5120, 1280, 800, 32, 16, 8, 8, 8, 0, 8};
    assert_null(framebuffer_check(&good));
    struct boot_framebuffer fb = good;
    for (uint32_t bpp = 0; bpp < 256; bpp++) {
        fb.bpp = (uint8_t)bpp;
        fb.pitch = 1280 * 32;
        fb.red_shift = 11;
        fb.red_bits = 5;
        assert_int_equal(framebuffer_check(&fb) == NULL, bpp == 16 || bpp == 24 || bpp == 32);
    }
    fb = good;
    fb.pitch = 5119;
    assert_text(framebuffer_check(&fb), "its pitch is smaller than a row");
    fb.pitch = UINT32_MAX; /* page tables for it would take all memory */
    assert_text(framebuffer_check(&fb), "its pitch is out of range");
    fb = good;
    fb.width = 0;
    assert_text(framebuffer_check(&fb), "its size is out of range");
    fb = good;
    fb.height = 16385;
    assert_non_null(framebuffer_check(&fb));
    fb = good;
    fb.width = 0x40000001; /* its row would wrap around to 4 bytes */
    assert_non_null(framebuffer_check(&fb));
    uint8_t *fields = &fb.red_shift;
    for (uint32_t i = 0; i < 6; i++) {
        fb = good;
        fields[i] = i % 2 == 0 ? 25 : 9;
        assert_text(framebuffer_check(&fb), "its colour fields are out of range");
        fb = good;
        fields[i] = 255;
        assert_non_null(framebuffer_check(&fb));
        fb = good;
        fields[i] = 0;
        assert_int_equal(framebuffer_check(&fb) == NULL, i % 2 == 0);
    }
}

static void no_memory_for_it(void **state)
{
    (void)state;
    fake_ram(2);
    struct boot_framebuffer fb = {0xfd000000, 5120, 1280, 800, 32, 16, 8, 8, 8, 0, 8};
    assert_false(framebuffer_start(&fb, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_and_odd_pitch),
        cmocka_unit_test(refusals),
        cmocka_unit_test(no_memory_for_it),
    };
    return RUN(tests);
}
