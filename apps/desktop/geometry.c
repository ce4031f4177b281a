/* SPDX-License-Identifier: MIT */
#include "geometry.h"

static int32_t least_of(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most_of(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* ---- tiles ---- */

struct ctx_rect tile_rect(enum tile tile, struct ctx_rect work)
{
    int32_t half_w = work.w / 2, half_h = work.h / 2;
    struct ctx_rect r = work;
    int right = tile == TILE_RIGHT || tile == TILE_TOP_RIGHT || tile == TILE_BOTTOM_RIGHT;
    int bottom = tile == TILE_BOTTOM_LEFT || tile == TILE_BOTTOM_RIGHT;
    if (tile == TILE_NONE) {
        return CTX_RECT(0, 0, 0, 0);
    }
    if (tile != TILE_ALL) {
        r.x += right ? half_w : 0;
        r.w = right ? work.w - half_w : half_w;
    }
    if (tile >= TILE_TOP_LEFT) {
        r.y += bottom ? half_h : 0;
        r.h = bottom ? work.h - half_h : half_h;
    }
    return r;
}

enum tile tile_at(int32_t x, int32_t y, int32_t w, int32_t h, int32_t grip)
{
    int left = x < grip, right = x >= w - grip;
    int high = y < h / 8, low = y >= h - h / 8;
    if (left) {
        return high ? TILE_TOP_LEFT : low ? TILE_BOTTOM_LEFT : TILE_LEFT;
    }
    if (right) {
        return high ? TILE_TOP_RIGHT : low ? TILE_BOTTOM_RIGHT : TILE_RIGHT;
    }
    return y < grip ? TILE_ALL : TILE_NONE;
}

enum tile tile_step(enum tile now, enum side side, int *lower)
{
    /* By side: up, down, left, right. Down out of what is whole or free puts it away. */
    static const uint8_t next[][4] = {
        [TILE_NONE] = {TILE_ALL, TILE_NONE, TILE_LEFT, TILE_RIGHT},
        [TILE_ALL] = {TILE_ALL, TILE_NONE, TILE_LEFT, TILE_RIGHT},
        [TILE_LEFT] = {TILE_TOP_LEFT, TILE_BOTTOM_LEFT, TILE_LEFT, TILE_NONE},
        [TILE_RIGHT] = {TILE_TOP_RIGHT, TILE_BOTTOM_RIGHT, TILE_NONE, TILE_RIGHT},
        [TILE_TOP_LEFT] = {TILE_ALL, TILE_LEFT, TILE_TOP_LEFT, TILE_TOP_RIGHT},
        [TILE_TOP_RIGHT] = {TILE_ALL, TILE_RIGHT, TILE_TOP_LEFT, TILE_TOP_RIGHT},
        [TILE_BOTTOM_LEFT] = {TILE_LEFT, TILE_NONE, TILE_BOTTOM_LEFT, TILE_BOTTOM_RIGHT},
        [TILE_BOTTOM_RIGHT] = {TILE_RIGHT, TILE_NONE, TILE_BOTTOM_LEFT, TILE_BOTTOM_RIGHT},
    };
    *lower = now == TILE_NONE && side == SIDE_DOWN;
    return (enum tile)next[now][side];
}

static int near(int32_t a, int32_t b, int32_t by)
{
    return a - b <= by && b - a <= by;
}

enum tile tile_of(struct ctx_rect r, struct ctx_rect work, int32_t by)
{
    for (int tile = TILE_ALL; tile <= TILE_BOTTOM_RIGHT; tile++) {
        struct ctx_rect t = tile_rect((enum tile)tile, work);
        if (near(r.x, t.x, by) && near(r.y, t.y, by) && near(r.w, t.w, by) && near(r.h, t.h, by)) {
            return (enum tile)tile;
        }
    }
    return TILE_NONE;
}

/* ---- in sight ---- */

struct ctx_rect keep_reachable(struct ctx_rect r, struct ctx_rect work, int32_t title,
                               int32_t least)
{
    int32_t room = least_of(least, r.w);
    r.x = most_of(r.x, work.x + room - r.w);
    r.x = least_of(r.x, work.x + work.w - room);
    r.y = least_of(r.y, work.y + work.h - title);
    r.y = most_of(r.y, work.y);
    return r;
}

struct ctx_rect keep_inside(struct ctx_rect r, struct ctx_rect work)
{
    r.x = most_of(least_of(r.x, work.x + work.w - r.w), work.x);
    r.y = most_of(least_of(r.y, work.y + work.h - r.h), work.y);
    return r;
}

/* ---- a first place ---- */

static int64_t covered(struct ctx_rect r, const struct ctx_rect *others, uint32_t count,
                       int32_t gap)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct ctx_rect both = ctx_rect_and(r, ctx_rect_inset(others[i], -gap));
        sum += (int64_t)both.w * both.h;
    }
    return sum;
}

static int fits(struct ctx_rect r, struct ctx_rect work)
{
    return r.x >= work.x && r.y >= work.y && r.x + r.w <= work.x + work.w &&
           r.y + r.h <= work.y + work.h;
}

/* Places worth a try, along one side: the edge of work, and behind each of the others. */
static int32_t candidate(const struct ctx_rect *others, uint32_t no, int32_t start, int32_t gap,
                         int across)
{
    if (no == 0) {
        return start + gap;
    }
    const struct ctx_rect *o = &others[no - 1];
    return (across ? o->x + o->w : o->y + o->h) + gap;
}

struct ctx_rect place_first(int32_t w, int32_t h, const struct ctx_rect *others, uint32_t count,
                            struct ctx_rect work, int32_t gap, uint32_t step)
{
    struct ctx_rect best = {0, 0, 0, 0};
    int64_t nearest = INT64_MAX;
    for (uint32_t i = 0; i <= count; i++) {
        for (uint32_t k = 0; k <= count; k++) {
            struct ctx_rect r = {candidate(others, i, work.x, gap, 1),
                                 candidate(others, k, work.y, gap, 0), w, h};
            /* Rows first: a window further right is as near as one a little further down. */
            int64_t far = (int64_t)(r.x - work.x) + 2 * (int64_t)(r.y - work.y);
            if (far < nearest && fits(r, work) && covered(r, others, count, gap / 2) == 0) {
                nearest = far;
                best = r;
            }
        }
    }
    if (nearest != INT64_MAX) {
        return best;
    }
    int32_t stride = 2 * gap;
    int32_t room_x = most_of(work.w - w - gap, 1), room_y = most_of(work.h - h - gap, 1);
    int32_t by = (int32_t)(step % 4096) * stride;
    best = CTX_RECT(work.x + gap + by % room_x, work.y + gap + by % room_y, w, h);
    return keep_inside(best, work);
}

/* ---- edges ---- */

uint32_t edge_at(struct ctx_rect r, int32_t x, int32_t y, int32_t out, int32_t in, int32_t corner)
{
    int32_t left = x - r.x, right = r.x + r.w - 1 - x, top = y - r.y, bottom = r.y + r.h - 1 - y;
    uint32_t edges = 0;
    if (left < -out || right < -out || top < -out || bottom < -out) {
        return 0;
    }
    edges |= left < in ? EDGE_LEFT : right < in ? EDGE_RIGHT : 0;
    edges |= top < in ? EDGE_TOP : bottom < in ? EDGE_BOTTOM : 0;
    if (edges == 0) {
        return 0;
    }
    if ((edges & (EDGE_LEFT | EDGE_RIGHT)) == 0) {
        edges |= left < corner ? EDGE_LEFT : right < corner ? EDGE_RIGHT : 0;
    }
    if ((edges & (EDGE_TOP | EDGE_BOTTOM)) == 0) {
        edges |= top < corner ? EDGE_TOP : bottom < corner ? EDGE_BOTTOM : 0;
    }
    return edges;
}

struct ctx_rect move_edges(struct ctx_rect r, uint32_t edges, int32_t dx, int32_t dy, int32_t w,
                           int32_t h)
{
    int32_t x1 = r.x + r.w, y1 = r.y + r.h;
    if ((edges & EDGE_LEFT) != 0) {
        r.x = least_of(r.x + dx, x1 - w);
        r.w = x1 - r.x;
    } else if ((edges & EDGE_RIGHT) != 0) {
        r.w = most_of(r.w + dx, w);
    }
    if ((edges & EDGE_TOP) != 0) {
        r.y = least_of(r.y + dy, y1 - h);
        r.h = y1 - r.y;
    } else if ((edges & EDGE_BOTTOM) != 0) {
        r.h = most_of(r.h + dy, h);
    }
    return r;
}

/* ---- order ---- */

static uint32_t index_of(const uint16_t *order, uint32_t count, uint16_t id)
{
    uint32_t at = 0;
    while (at < count && order[at] != id) {
        at++;
    }
    return at;
}

void order_raise(uint16_t *order, uint32_t count, uint16_t id)
{
    uint32_t at = index_of(order, count, id);
    if (at < count) {
        for (; at + 1 < count; at++) {
            order[at] = order[at + 1];
        }
        order[at] = id;
    }
}

void order_lower(uint16_t *order, uint32_t count, uint16_t id)
{
    uint32_t at = index_of(order, count, id);
    if (at < count) {
        for (; at > 0; at--) {
            order[at] = order[at - 1];
        }
        order[0] = id;
    }
}

uint32_t order_remove(uint16_t *order, uint32_t count, uint16_t id)
{
    uint32_t at = index_of(order, count, id);
    if (at == count) {
        return count;
    }
    for (; at + 1 < count; at++) {
        order[at] = order[at + 1];
    }
    return count - 1;
}
