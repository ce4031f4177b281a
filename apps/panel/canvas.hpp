/* SPDX-License-Identifier: MIT */
/*
 * What the window is drawn on: a picture of its own, of which only what has changed goes to the
 * surface; and an arrow above it where nobody manages windows, because the other apps' pointer lies
 * below. Letters are the theme's, and those of a terminal where columns count.
 */
#ifndef PANEL_CANVAS_HPP
#define PANEL_CANVAS_HPP

#include "text.hpp"

#include <ctx/ctx.h>

using Color = uint32_t; /* bytes R, G, B from the lowest */

constexpr Color rgb(uint32_t hex)
{
    return (hex >> 16 & 0xff) | (hex & 0xff00) | (hex & 0xff) << 16;
}

/* a to b by t of 256. */
constexpr Color mix(Color a, Color b, uint32_t t)
{
    uint32_t rb = ((a & 0xff00ff) * (256 - t) + (b & 0xff00ff) * t) >> 8 & 0xff00ff;
    uint32_t g = ((a & 0xff00) * (256 - t) + (b & 0xff00) * t) >> 8 & 0xff00;
    return rb | g;
}

struct Rect {
    int32_t x, y, w, h;

    constexpr bool has(int32_t at_x, int32_t at_y) const
    {
        return at_x >= x && at_y >= y && at_x < x + w && at_y < y + h;
    }
    constexpr int32_t right() const
    {
        return x + w;
    }
    constexpr int32_t bottom() const
    {
        return y + h;
    }
    constexpr Rect inset(int32_t by_x, int32_t by_y) const
    {
        return {x + by_x, y + by_y, w - 2 * by_x, h - 2 * by_y};
    }
};

constexpr int32_t letter_w = 9, letter_h = 19; /* of mono(), checked against <font.h>; measures */

class Canvas
{
  public:
    /* False: no memory. The letters come from memory of the same Context. */
    bool open(struct ctx *ctx, int32_t width, int32_t height);
    void close(struct ctx *ctx);
    /* Another size; what is seen has to be drawn anew. False: no memory, it stays as it was. */
    bool resize(struct ctx *ctx, int32_t width, int32_t height);
    /* Where its upper left corner lies on the screen. False: it stays in the middle. */
    bool place(struct ctx *ctx, int32_t x, int32_t y);

    /* What fill() and the others below may change, until the next call. */
    void clip(Rect to);
    void clip_all();

    void fill(Rect r, Color color);
    void round(Rect r, int32_t radius, Color color);
    void dot(int32_t x, int32_t y, int32_t radius, Color color);
    /* A track of this size, and as much of it as part/whole says. */
    void bar(Rect r, uint64_t part, uint64_t whole, Color color, Color track);

    /* From its top left corner; longer than `most` pixels it ends in an ellipsis. Returns its right
     * edge. */
    int32_t text(int32_t x, int32_t y, View text, Color color, int32_t most = 4096);
    int32_t bold(int32_t x, int32_t y, View text, Color color, int32_t most = 4096);
    void text_left_of(int32_t right, int32_t y, View text, Color color);
    static int32_t width_of(View text);
    /* Letters of one width, letter_w times letter_h; without an end that is cut. */
    void mono(int32_t x, int32_t y, View text, Color color, int32_t most = 4096);

    /* Bring what was drawn to the screen. */
    void show(struct ctx *ctx);
    /* Where the arrow is, in pixels of this picture; it may be outside. */
    void point_at(struct ctx *ctx, int32_t x, int32_t y);

    int32_t w, h;
    uint32_t surface;
    bool managed; /* somebody manages windows, and draws frames and the pointer */

  private:
    void span(int32_t y, int32_t from, int32_t to, Color color);
    void letter(int32_t x, int32_t y, uint32_t code, Color color);
    void copy(int32_t y, int32_t from, int32_t to);
    void damage(struct ctx *ctx, Rect r);
    int32_t line(int32_t x, int32_t y, View text, Color color, int32_t most, bool heavy);
    void erase_arrow(struct ctx *ctx);
    void draw_arrow(struct ctx *ctx);

    Color *front, *back; /* what the surface shows; what is drawn on */
    Rect clipped;
    int32_t arrow_x, arrow_y;
};

#endif
