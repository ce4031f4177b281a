/* SPDX-License-Identifier: MIT */
/*
 * What changed of the screen. It is looked at for all who watch; each tile remembers the look at
 * which it changed last, so whoever has seen the looks up to one of them wants the tiles of later
 * ones. Tiles are written as QOI (qoiformat.org) writes pixels, all of a message as one strip.
 *
 *   u8 1, u8 shrink, u16 w, h, tile, count; count times u16 number of the tile, row by row; then
 * the pixels      (little-endian)
 */
#include "httpd.h"

#include <stdlib.h>
#include <string.h>

#define TILE        32
#define MESSAGE     (160 * 1024) /* so much at once, or a slow line would show nothing for long */
#define LOOK_MS     60
#define PIXELS_MOST (4096u * 2304u)
#define TILES_MOST  4096

static struct {
    uint32_t *now, *before;
    uint32_t pixels, w, h, shrink, across, down;
    uint64_t look, changed[TILES_MOST];
    int64_t when;
    uint8_t *message;
} state;

void picture_forget(void)
{
    free(state.now);
    free(state.before);
    free(state.message);
    uint64_t look = state.look;
    memset(&state, 0, sizeof state);
    state.look = look; /* goes on, so that nobody takes an old one for a new one */
}

static bool room(uint32_t pixels)
{
    if (pixels <= state.pixels) {
        return true;
    }
    if (pixels > PIXELS_MOST) {
        return false;
    }
    picture_forget();
    state.now = malloc((size_t)pixels * 4);
    state.before = malloc((size_t)pixels * 4);
    state.message = malloc(MESSAGE + 16 + 2 * TILES_MOST);
    if (state.now == NULL || state.before == NULL || state.message == NULL) {
        picture_forget();
        return false;
    }
    state.pixels = pixels;
    return true;
}

/* Takes a look, unless one was taken a moment ago. False: there is no picture. */
static bool look(uint32_t shrink)
{
    uint32_t w = 0, h = 0;
    int64_t now = now_ms();
    if (state.shrink == shrink && state.w > 0 && now - state.when < LOOK_MS) {
        return true;
    }
    if (!world_screen(state.now, state.pixels * 4, shrink, &w, &h)) {
        if (w == 0 || h == 0 || w > 16384 || h > 16384 || !room(w * h) ||
            !world_screen(state.now, state.pixels * 4, shrink, &w, &h)) {
            return false;
        }
    }
    uint32_t across = (w + TILE - 1) / TILE, down = (h + TILE - 1) / TILE;
    if (w == 0 || across * down > TILES_MOST) {
        return false;
    }
    bool all = state.w != w || state.h != h || state.shrink != shrink;
    state.look++;
    state.w = w;
    state.h = h;
    state.shrink = shrink;
    state.across = across;
    state.down = down;
    state.when = now;
    for (uint32_t tile = 0; tile < across * down; tile++) {
        uint32_t x = tile % across * TILE, y = tile / across * TILE,
                 width = w - x < TILE ? w - x : TILE;
        bool differs = all;
        for (uint32_t row = y; row < h && row < y + TILE && !differs; row++) {
            differs = memcmp(state.now + row * w + x, state.before + row * w + x, width * 4) != 0;
        }
        if (differs) {
            state.changed[tile] = state.look;
        }
    }
    memcpy(state.before, state.now, (size_t)w * h * 4);
    return true;
}

/* ---- QOI ---- */

struct qoi {
    uint8_t *at;
    uint32_t seen[64], last, run;
};

static void end_run(struct qoi *qoi)
{
    if (qoi->run > 0) {
        *qoi->at++ = (uint8_t)(0xc0 | (qoi->run - 1));
        qoi->run = 0;
    }
}

static void put_pixel(struct qoi *qoi, uint32_t pixel)
{
    pixel |= 0xff000000U;
    if (pixel == qoi->last) {
        if (++qoi->run == 62) {
            end_run(qoi);
        }
        return;
    }
    end_run(qoi);
    uint8_t r = (uint8_t)pixel, g = (uint8_t)(pixel >> 8), b = (uint8_t)(pixel >> 16);
    uint32_t place = (r * 3U + g * 5U + b * 7U + 255U * 11U) % 64;
    if (qoi->seen[place] == pixel) {
        *qoi->at++ = (uint8_t)place;
        qoi->last = pixel;
        return;
    }
    qoi->seen[place] = pixel;
    int8_t dr = (int8_t)(r - (uint8_t)qoi->last), dg = (int8_t)(g - (uint8_t)(qoi->last >> 8)),
           db = (int8_t)(b - (uint8_t)(qoi->last >> 16));
    int rg = dr - dg, bg = db - dg;
    qoi->last = pixel;
    if (dr >= -2 && dr <= 1 && dg >= -2 && dg <= 1 && db >= -2 && db <= 1) {
        *qoi->at++ = (uint8_t)(0x40 | (dr + 2) << 4 | (dg + 2) << 2 | (db + 2));
    } else if (dg >= -32 && dg <= 31 && rg >= -8 && rg <= 7 && bg >= -8 && bg <= 7) {
        *qoi->at++ = (uint8_t)(0x80 | (dg + 32));
        *qoi->at++ = (uint8_t)((rg + 8) << 4 | (bg + 8));
    } else {
        *qoi->at++ = 0xfe;
        *qoi->at++ = r;
        *qoi->at++ = g;
        *qoi->at++ = b;
    }
}

static void put_tile(struct qoi *qoi, uint32_t tile)
{
    uint32_t x = tile % state.across * TILE, y = tile / state.across * TILE;
    for (uint32_t row = y; row < state.h && row < y + TILE; row++) {
        for (uint32_t column = x; column < state.w && column < x + TILE; column++) {
            put_pixel(qoi, state.now[row * state.w + column]);
        }
    }
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

const uint8_t *picture_message(struct picture_seen *seen, uint32_t shrink, size_t *len)
{
    static uint16_t chosen[TILES_MOST];
    static uint8_t pixels[MESSAGE]; /* what is written of them */
    if (!look(shrink)) {
        return NULL;
    }
    if (seen->shrink != shrink || seen->w != state.w || seen->h != state.h) {
        *seen = (struct picture_seen){.shrink = shrink, .w = state.w, .h = state.h};
    }
    if (seen->next == 0) {
        seen->until = state.look; /* a new round over the tiles */
    }
    struct qoi qoi = {.at = pixels, .last = 0xff000000U};
    uint32_t count = 0, tiles = state.across * state.down, tile = seen->next;
    /* A pixel takes four bytes at most, and a run before it one. */
    for (; tile < tiles && (size_t)(qoi.at - pixels) + TILE * TILE * 5 < sizeof pixels; tile++) {
        if (state.changed[tile] > seen->look) {
            chosen[count++] = (uint16_t)tile;
            put_tile(&qoi, tile);
        }
    }
    end_run(&qoi);
    seen->next = tile < tiles ? tile : 0;
    if (seen->next == 0) {
        seen->look = seen->until;
    }
    if (count == 0) {
        return NULL;
    }
    uint8_t *at = state.message;
    at[0] = 1;
    at[1] = (uint8_t)shrink;
    put16(at + 2, state.w);
    put16(at + 4, state.h);
    put16(at + 6, TILE);
    put16(at + 8, count);
    at += 10;
    for (uint32_t i = 0; i < count; i++, at += 2) {
        put16(at, chosen[i]);
    }
    memcpy(at, pixels, (size_t)(qoi.at - pixels));
    *len = (size_t)(at - state.message) + (size_t)(qoi.at - pixels);
    return state.message;
}
