/* SPDX-License-Identifier: MIT */
/* ctx.screen/1: what everybody sees, for who may have it. */
#include "canvas.h"
#include "compose.h"
#include "gate.h"
#include "notice.h"
#include "present.h"
#include "scene.h"

#include <kernel/machine.h>
#include <kernel/string.h>

#define SHRINK_MAX 8u

/* Part of a row of the screen, with the kernel's own line. */
static void read_row(const struct compose_tile *tile, uint32_t y, uint32_t *out)
{
    uint32_t room[PRESENT_TILE];
    const uint32_t *from = compose_row(tile, y, room);
    memcpy(out, from, (size_t)tile->w * 4);
    notice_compose(out, tile->x, y, tile->w);
}

/* count pixels of the picture: each of `by` across and down, whose sums are in three numbers. */
static void shrink_row(const uint32_t (*sums)[3], uint32_t count, uint32_t by, uint32_t *out)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t pixel = 0xff000000u;
        for (uint32_t c = 0; c < 3; c++) {
            pixel |= (sums[i][c] + by * by / 2) / (by * by) << (8 * c);
        }
        out[i] = pixel;
    }
}

/* count pixels of row y of the picture from x on; at most a tile of the screen. */
static void copy_part(uint32_t x, uint32_t y, uint32_t count, uint32_t by, uint32_t *out)
{
    uint32_t row[PRESENT_TILE], sums[PRESENT_TILE][3] = {{0}};
    struct compose_tile tile;
    compose_still(&tile, x * by, y * by, count * by, by);
    for (uint32_t down = 0; down < by; down++) {
        read_row(&tile, y * by + down, row);
        for (uint32_t i = 0; i < count * by; i++) {
            for (uint32_t c = 0; c < 3; c++) {
                sums[i / by][c] += row[i] >> (8 * c) & 0xff;
            }
        }
    }
    shrink_row(sums, count, by, out);
}

static ctx_status copy_all(uint64_t address, uint32_t w, uint32_t h, uint32_t by)
{
    const uint32_t part = PRESENT_TILE / by;
    scene_bring_up();
    for (uint32_t y = 0; y < h; y++) {
        for (uint32_t x = 0; x < w; x += part) {
            uint32_t out[PRESENT_TILE], count = MIN(part, w - x);
            copy_part(x, y, count, by, out);
            if (machine_copy_out(address + ((uint64_t)y * w + x) * 4, out, (size_t)count * 4) !=
                CTX_OK) {
                return CTX_E_INVAL;
            }
        }
    }
    return CTX_OK;
}

static uint64_t screen_copy(struct app *app, const uint64_t args[6])
{
    (void)app;
    uint32_t by = (uint32_t)args[3];
    if (by < 1 || by > SHRINK_MAX) {
        return (uint32_t)CTX_E_INVAL;
    }
    uint32_t w = canvas_width() / by, h = canvas_height() / by;
    if (gate_put(args[4], &w, sizeof w) != CTX_OK || gate_put(args[5], &h, sizeof h) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    bool fits = (uint64_t)w * h * 4 <= (uint32_t)args[2];
    return (uint32_t)(fits ? copy_all(args[1], w, h, by) : CTX_E_NOSPC);
}

GATE_TABLE(ctx_screen_table, CTX_TABLE_SCREEN, screen_copy);
