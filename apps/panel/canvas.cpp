/* SPDX-License-Identifier: MIT */
#include "canvas.hpp"

#include <ctx/draw.h>

#include <font.h>

static_assert(letter_w == int32_t{FONT_W} && letter_h == int32_t{FONT_H},
              "letters have the font's size");

namespace
{

constexpr int32_t band = 8; /* rows that are compared at once */

/* '#' is the outline, '.' is inside. */
constexpr int32_t arrow_w = 12, arrow_h = 18;
constexpr char arrow[arrow_h][arrow_w + 1] = {
    "#           ", "##          ", "#.#         ", "#..#        ", "#...#       ", "#....#      ",
    "#.....#     ", "#......#    ", "#.......#   ", "#........#  ", "#.........# ", "#......#####",
    "#...#..#    ", "#..##..#    ", "#.#  #..#   ", "##   #..#   ", "      #..#  ", "       ##   ",
};

constexpr int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

constexpr int32_t most_of(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

void *font_alloc(void *self, size_t size)
{
    auto *ctx = static_cast<struct ctx *>(self);
    return ctx->mem->alloc(ctx->mem, size, 16, 0);
}

void font_free(void *self, void *p, size_t size)
{
    auto *ctx = static_cast<struct ctx *>(self);
    ctx->mem->free(ctx->mem, p, size, 16);
}

/* One character of UTF-8; what is none counts as itself. */
uint32_t next_code(View text, uint32_t &at)
{
    uint32_t first = static_cast<uint8_t>(text.bytes[at++]);
    uint32_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    uint32_t code = more == 0 ? first : first & (0x3fu >> more);
    for (; more > 0 && at < text.len && (static_cast<uint8_t>(text.bytes[at]) & 0xc0) == 0x80;
         more--) {
        code = code << 6 | (static_cast<uint8_t>(text.bytes[at++]) & 0x3fu);
    }
    return code;
}

} // namespace

/* ---- its life ---- */

bool Canvas::open(struct ctx *ctx, int32_t width, int32_t height)
{
    const font_memory memory = {font_alloc, font_free, ctx};
    auto bytes = static_cast<uint64_t>(width) * static_cast<uint64_t>(height) * sizeof(Color);
    w = width;
    h = height;
    arrow_x = -arrow_w;
    arrow_y = -arrow_h;
    back = static_cast<Color *>(ctx->mem->alloc(ctx->mem, bytes, 4096, CTX_MEM_ZERO));
    if (back == nullptr || font_init(&memory) == 0) {
        return false;
    }
    if (ctx->display->create(ctx->display, static_cast<uint32_t>(w), static_cast<uint32_t>(h),
                             CTX_SURFACE_RGBX, 0, &surface) != CTX_OK) {
        ctx->mem->free(ctx->mem, back, bytes, 4096);
        return false;
    }
    front = static_cast<Color *>(ctx->display->pixels(ctx->display, surface));
    clip_all();
    return true;
}

bool Canvas::resize(struct ctx *ctx, int32_t width, int32_t height)
{
    auto bytes = static_cast<uint64_t>(width) * static_cast<uint64_t>(height) * sizeof(Color);
    auto before = static_cast<uint64_t>(w) * static_cast<uint64_t>(h) * sizeof(Color);
    auto *fresh = static_cast<Color *>(ctx->mem->alloc(ctx->mem, bytes, 4096, CTX_MEM_ZERO));
    if (fresh == nullptr) {
        return false;
    }
    if (ctx->display->resize(ctx->display, surface, static_cast<uint32_t>(width),
                             static_cast<uint32_t>(height)) != CTX_OK) {
        ctx->mem->free(ctx->mem, fresh, bytes, 4096);
        return false;
    }
    ctx->mem->free(ctx->mem, back, before, 4096);
    back = fresh;
    w = width;
    h = height;
    front = static_cast<Color *>(ctx->display->pixels(ctx->display, surface));
    clip_all();
    return true;
}

void Canvas::close(struct ctx *ctx)
{
    ctx->display->destroy(ctx->display, surface);
    ctx->mem->free(ctx->mem, back,
                   static_cast<uint64_t>(w) * static_cast<uint64_t>(h) * sizeof(Color), 4096);
}

bool Canvas::place(struct ctx *ctx, int32_t x, int32_t y)
{
    return ctx->display->ask_position(ctx->display, surface, static_cast<uint32_t>(x),
                                      static_cast<uint32_t>(y)) == CTX_OK;
}

/* ---- shapes ---- */

void Canvas::clip(Rect to)
{
    int32_t x = most_of(0, to.x), y = most_of(0, to.y);
    clipped = {x, y, least(w, to.right()) - x, least(h, to.bottom()) - y};
}

void Canvas::clip_all()
{
    clipped = {0, 0, w, h};
}

void Canvas::span(int32_t y, int32_t from, int32_t to, Color color)
{
    if (y < clipped.y || y >= clipped.bottom()) {
        return;
    }
    Color *row = back + static_cast<int64_t>(y) * w;
    for (int32_t x = most_of(clipped.x, from), end = least(clipped.right(), to); x < end; x++) {
        row[x] = color;
    }
}

void Canvas::fill(Rect r, Color color)
{
    for (int32_t y = r.y; y < r.bottom(); y++) {
        span(y, r.x, r.right(), color);
    }
}

/* Four samples each way decide how much of a pixel of the edge is covered. */
void Canvas::round(Rect r, int32_t radius, Color color)
{
    radius = least(radius, least(r.w, r.h) / 2);
    fill({r.x, r.y + radius, r.w, r.h - 2 * radius}, color);
    for (int32_t v = 0; v < radius; v++) {
        span(r.y + v, r.x + radius, r.right() - radius, color);
        span(r.bottom() - 1 - v, r.x + radius, r.right() - radius, color);
        for (int32_t u = 0; u < radius; u++) {
            uint32_t inside = 0;
            for (int32_t i = 0; i < 16; i++) {
                int32_t dx = (radius - u) * 8 - 2 * (i % 4) - 1,
                        dy = (radius - v) * 8 - 2 * (i / 4) - 1;
                inside += dx * dx + dy * dy <= radius * radius * 64;
            }
            for (int32_t corner = 0; inside > 0 && corner < 4; corner++) {
                int32_t x = corner % 2 == 0 ? r.x + u : r.right() - 1 - u;
                int32_t y = corner / 2 == 0 ? r.y + v : r.bottom() - 1 - v;
                if (clipped.has(x, y)) {
                    Color *at = back + static_cast<int64_t>(y) * w + x;
                    *at = mix(*at, color, inside * 16);
                }
            }
        }
    }
}

void Canvas::dot(int32_t x, int32_t y, int32_t radius, Color color)
{
    round({x - radius, y - radius, 2 * radius, 2 * radius}, radius, color);
}

void Canvas::bar(Rect r, uint64_t part, uint64_t whole, Color color, Color track)
{
    round(r, r.h / 2, track);
    part = part < whole ? part : whole;
    auto width = whole == 0 ? 0 : static_cast<int32_t>(part * static_cast<uint64_t>(r.w) / whole);
    if (part > 0) {
        round({r.x, r.y, most_of(width, r.h), r.h}, r.h / 2, color);
    }
}

/* ---- text ---- */

/* font_draw wants the whole cell inside the picture. */
void Canvas::letter(int32_t x, int32_t y, uint32_t code, Color color)
{
    bool fits = x >= clipped.x && y >= clipped.y && x + letter_w <= clipped.right() &&
                y + letter_h <= clipped.bottom();
    const glyph *g = fits && code != ' ' ? font_glyph(code) : nullptr;
    if (g != nullptr) {
        font_draw(back + static_cast<int64_t>(y) * w + x, static_cast<uint32_t>(w), g, color);
    }
}

void Canvas::mono(int32_t x, int32_t y, View text, Color color, int32_t most)
{
    int32_t letters = 0, end = x + most;
    for (uint32_t i = 0; i < text.len; i++) {
        letters += (static_cast<uint8_t>(text.bytes[i]) & 0xc0) != 0x80;
    }
    bool cut = letters * letter_w > most;
    end -= cut ? letter_w : 0;
    for (uint32_t at = 0; at < text.len && x + letter_w <= end; x += letter_w) {
        letter(x, y, next_code(text, at), color);
    }
    if (cut && most >= letter_w) {
        letter(x, y, 0x2026, color);
    }
}

int32_t Canvas::width_of(View text)
{
    return ctx_text_width(&ctx_font_sans_15, text.bytes, text.len);
}

int32_t Canvas::line(int32_t x, int32_t y, View text, Color color, int32_t most, bool heavy)
{
    const ctx_font *font = heavy ? &ctx_font_bold_15 : &ctx_font_sans_15;
    int32_t width = ctx_text_width(font, text.bytes, text.len);
    width = width < most ? width : most;
    if (width <= 0) {
        return x;
    }
    ctx_draw on = ctx_draw_on(back, static_cast<uint32_t>(w), static_cast<uint32_t>(h),
                              static_cast<uint32_t>(w), CTX_SURFACE_RGBX);
    on.clip = {clipped.x, clipped.y, clipped.w, clipped.h};
    ctx_draw_text_in(&on, font, {x, y, width, letter_h}, text.bytes, text.len, CTX_TEXT_LEFT,
                     0xff000000u | color);
    return x + width;
}

int32_t Canvas::text(int32_t x, int32_t y, View text, Color color, int32_t most)
{
    return line(x, y, text, color, most, false);
}

int32_t Canvas::bold(int32_t x, int32_t y, View what, Color color, int32_t most)
{
    return line(x, y, what, color, most, true);
}

void Canvas::text_left_of(int32_t right, int32_t y, View what, Color color)
{
    text(right - width_of(what), y, what, color);
}

/* ---- to the screen ---- */

void Canvas::damage(struct ctx *ctx, Rect r)
{
    int32_t x = most_of(0, r.x), y = most_of(0, r.y);
    int32_t right = least(w, r.right()), bottom = least(h, r.bottom());
    if (x < right && y < bottom) {
        ctx->display->damage(ctx->display, surface, static_cast<uint32_t>(x),
                             static_cast<uint32_t>(y), static_cast<uint32_t>(right - x),
                             static_cast<uint32_t>(bottom - y));
    }
}

void Canvas::copy(int32_t y, int32_t from, int32_t to)
{
    int64_t row = static_cast<int64_t>(y) * w;
    __builtin_memcpy(front + row + from, back + row + from,
                     static_cast<size_t>(to - from) * sizeof *front);
}

void Canvas::erase_arrow(struct ctx *ctx)
{
    int32_t from = most_of(0, arrow_x), to = least(w, arrow_x + arrow_w);
    for (int32_t y = most_of(0, arrow_y); from < to && y < least(h, arrow_y + arrow_h); y++) {
        copy(y, from, to);
    }
    damage(ctx, {arrow_x, arrow_y, arrow_w, arrow_h});
}

void Canvas::draw_arrow(struct ctx *ctx)
{
    if (managed) {
        return;
    }
    for (int32_t v = 0; v < arrow_h; v++) {
        for (int32_t u = 0; u < arrow_w; u++) {
            int32_t x = arrow_x + u, y = arrow_y + v;
            if (arrow[v][u] != ' ' && x >= 0 && y >= 0 && x < w && y < h) {
                front[static_cast<int64_t>(y) * w + x] =
                    arrow[v][u] == '#' ? rgb(0x1a1917) : rgb(0xece7df);
            }
        }
    }
    damage(ctx, {arrow_x, arrow_y, arrow_w, arrow_h});
}

void Canvas::show(struct ctx *ctx)
{
    erase_arrow(ctx);
    for (int32_t y = 0; y < h; y += band) {
        int32_t rows = least(band, h - y);
        size_t bytes = static_cast<size_t>(rows) * static_cast<size_t>(w) * sizeof *front;
        int64_t at = static_cast<int64_t>(y) * w;
        if (__builtin_memcmp(front + at, back + at, bytes) != 0) {
            __builtin_memcpy(front + at, back + at, bytes);
            damage(ctx, {0, y, w, rows});
        }
    }
    draw_arrow(ctx);
}

void Canvas::point_at(struct ctx *ctx, int32_t x, int32_t y)
{
    if (!managed && (x != arrow_x || y != arrow_y)) {
        erase_arrow(ctx);
        arrow_x = x;
        arrow_y = y;
        draw_arrow(ctx);
    }
}
