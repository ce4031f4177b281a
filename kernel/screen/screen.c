/* SPDX-License-Identifier: MIT */
/*
 * Letters come from a PSF1 console font (8 pixels wide) that the build links in. Everything is
 * drawn into the display's pixels in RAM; present_rect() shows it.
 */
#include "screen.h"

#include "klog_private.h"
#include "present.h"

#include <kernel/klog.h>
#include <kernel/string.h>

extern const uint8_t font_psf[]; /* font.S.in */

#define PSF1_HEAD   4u
#define MARGIN      48u
#define LOG_LINES   14u
#define LOG_COLUMNS 120u
#define BAR_H       6u

/* Pixels as bytes R, G, B, x. */
#define RGB(r, g, b) ((uint32_t)(r) | (uint32_t)(g) << 8 | (uint32_t)(b) << 16)
#define COLOR_NIGHT  RGB(13, 17, 28)
#define COLOR_TITLE  RGB(236, 240, 248)
#define COLOR_TEXT   RGB(150, 160, 180)
#define COLOR_DIM    RGB(84, 96, 120)
#define COLOR_ACCENT RGB(94, 214, 190)
#define COLOR_GOLD   RGB(244, 190, 92)
#define COLOR_WARN   RGB(244, 190, 92)
#define COLOR_ERROR  RGB(250, 118, 108)
#define COLOR_TRACK  RGB(34, 42, 60)
#define COLOR_PANIC  RGB(64, 14, 24)

/* [boot, loop, panic] */
static struct {
    bool boot, panic;
    char lines[LOG_LINES][LOG_COLUMNS];
    char levels[LOG_LINES];
    uint32_t next_line; /* lines so far */
    uint32_t panic_y;
} state;

uint32_t screen_glyph_height(void)
{
    return font_psf[3];
}

void screen_fill(struct display *d, uint32_t x, uint32_t y, uint32_t w, uint32_t h, uint32_t color)
{
    for (uint32_t row = y; row < y + h && row < d->height; row++) {
        for (uint32_t col = x; col < x + w && col < d->width; col++) {
            d->pixels[(size_t)row * d->width + col] = color;
        }
    }
}

static void draw_char(struct display *d, uint32_t x, uint32_t y, char c, uint32_t scale,
                      uint32_t color)
{
    uint8_t code = (uint8_t)c < 0x20 || (uint8_t)c > 0x7e ? '?' : (uint8_t)c;
    const uint8_t *glyph = font_psf + PSF1_HEAD + (size_t)code * screen_glyph_height();
    for (uint32_t row = 0; row < screen_glyph_height(); row++) {
        for (uint32_t col = 0; col < SCREEN_GLYPH_W; col++) {
            if ((glyph[row] << col & 0x80) != 0) {
                screen_fill(d, x + col * scale, y + row * scale, scale, scale, color);
            }
        }
    }
}

void screen_text(struct display *d, uint32_t x, uint32_t y, const char *text, uint32_t scale,
                 uint32_t color)
{
    for (; *text != 0 && x + SCREEN_GLYPH_W * scale <= d->width;
         text++, x += SCREEN_GLYPH_W * scale) {
        draw_char(d, x, y, *text, scale, color);
    }
}

/* Argos had a hundred eyes: a row of them, one open. */
static void draw_eyes(struct display *d, uint32_t x, uint32_t y)
{
    for (uint32_t i = 0; i < 12; i++) {
        screen_fill(d, x + i * 14, y, 8, 2, i == 7 ? COLOR_GOLD : COLOR_TRACK);
        if (i == 7) {
            screen_fill(d, x + i * 14 + 2, y - 2, 4, 6, COLOR_GOLD);
        }
    }
}

static uint32_t scale_of(const struct display *d)
{
    return d->width >= 800 ? 6 : 3;
}

static uint32_t log_top(const struct display *d)
{
    return MARGIN + screen_glyph_height() * scale_of(d) + screen_glyph_height() * 4;
}

static uint32_t color_of(char level)
{
    return level == 'E' ? COLOR_ERROR : level == 'W' ? COLOR_WARN : COLOR_TEXT;
}

static void draw_log(struct display *d)
{
    uint32_t y = log_top(d);
    uint32_t first = state.next_line > LOG_LINES ? state.next_line - LOG_LINES : 0;
    screen_fill(d, MARGIN, y, d->width - 2 * MARGIN, LOG_LINES * (screen_glyph_height() + 2),
                COLOR_NIGHT);
    for (uint32_t i = first; i < state.next_line; i++, y += screen_glyph_height() + 2) {
        screen_text(d, MARGIN, y, state.lines[i % LOG_LINES], 1,
                    color_of(state.levels[i % LOG_LINES]));
    }
    present_rect(0, log_top(d), d->width,
                 MIN(LOG_LINES * (screen_glyph_height() + 2), d->height - log_top(d)));
}

static void sink(char level, const char *room, const char *text)
{
    struct display *d = present_display();
    if (state.panic) {
        if (d != NULL && state.panic_y + screen_glyph_height() < d->height) {
            screen_text(d, MARGIN, state.panic_y, text, 1,
                        state.panic_y == MARGIN + 56 ? COLOR_GOLD : COLOR_TITLE);
            state.panic_y += screen_glyph_height() + 2;
        }
        return;
    }
    uint32_t slot = state.next_line++ % LOG_LINES;
    format_text(state.lines[slot], LOG_COLUMNS, "%-10s %s", room, text);
    state.levels[slot] = level;
    if (state.boot && d != NULL &&
        d->height > log_top(d) + LOG_LINES * (screen_glyph_height() + 2)) {
        draw_log(d);
    }
}

void screen_boot_begin(void)
{
    struct display *d = present_display();
    klog_set_sink(sink);
    state.boot = true;
    if (d == NULL) {
        return;
    }
    screen_fill(d, 0, 0, d->width, d->height, COLOR_NIGHT);
    screen_text(d, MARGIN, MARGIN, "Argos", scale_of(d), COLOR_TITLE);
    uint32_t y = MARGIN + screen_glyph_height() * scale_of(d);
    draw_eyes(d, MARGIN + 4, y + 8);
    screen_text(d, MARGIN + 4, y + 24, "an app is a function, the OS is its argument", 1,
                COLOR_ACCENT);
    present_rect(0, 0, d->width, d->height);
    if (d->height > log_top(d) + LOG_LINES * (screen_glyph_height() + 2)) {
        draw_log(d);
    }
}

static uint32_t bar_top(const struct display *d)
{
    return d->height - MARGIN - BAR_H;
}

void screen_progress(uint32_t done, uint32_t total, const char *text)
{
    struct display *d = present_display();
    if (!state.boot || d == NULL || d->height < 3 * MARGIN || total == 0) {
        return;
    }
    char label[96];
    uint32_t y = bar_top(d) - screen_glyph_height() - 8;
    uint32_t w = d->width - 2 * MARGIN;
    format_text(label, sizeof label, "%s", text);
    screen_fill(d, MARGIN, y, w, screen_glyph_height(), COLOR_NIGHT);
    screen_text(d, MARGIN, y, label, 1, COLOR_DIM);
    format_text(label, sizeof label, "%u/%u", done, total);
    screen_text(d, d->width - MARGIN - (uint32_t)strlen(label) * SCREEN_GLYPH_W, y, label, 1,
                COLOR_DIM);
    screen_fill(d, MARGIN, bar_top(d), w, BAR_H, COLOR_TRACK);
    screen_fill(d, MARGIN, bar_top(d), (uint32_t)((uint64_t)w * MIN(done, total) / total), BAR_H,
                COLOR_ACCENT);
    present_rect(0, y, d->width, bar_top(d) + BAR_H - y);
}

void screen_message(const char *text)
{
    struct display *d = present_display();
    if (d == NULL || d->height < 3 * MARGIN) {
        return;
    }
    uint32_t y = bar_top(d) - screen_glyph_height() - 8;
    screen_fill(d, MARGIN, y, d->width - 2 * MARGIN, d->height - y, COLOR_NIGHT);
    screen_text(d, MARGIN, y, text, 1, COLOR_GOLD);
    present_rect(0, y, d->width, d->height - y);
}

void screen_boot_end(void)
{
    present_whole();
    state.boot = false;
    klog_set_sink(NULL);
}

void screen_panic_begin(void)
{
    struct display *d = present_display();
    state.panic = true;
    klog_set_sink(sink);
    if (d != NULL) {
        screen_fill(d, 0, 0, d->width, d->height, COLOR_PANIC);
        screen_text(d, MARGIN, MARGIN, "Argos has stopped", 2, COLOR_TITLE);
        state.panic_y = MARGIN + 56;
    }
}
