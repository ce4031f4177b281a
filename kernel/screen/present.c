/* SPDX-License-Identifier: MIT */
/*
 * What changed is found by comparing: apps write pixels as they like, and nobody has to say where.
 * Tiles of 64x64 that differ are copied to the display's pixels and reported as rectangles,
 * neighbours in a row joined.
 */
#include "present.h"

#include "canvas.h"
#include "notice.h"
#include "surface.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>
#include <kernel/task.h>

/* [boot, loop, panic] */
static struct {
    struct display *display;
    uint32_t probing;
    bool off, updating; /* updating: the driver is at work just now */
    uint64_t count, tiles;
    struct rect pending; /* written into pixels, not shown yet; w 0 = nothing */
} state;

void display_probe_begin(void)
{
    state.probing++;
}

void display_probe_end(void)
{
    state.probing -= state.probing > 0;
}

bool present_probing(void)
{
    return state.probing > 0;
}

static void update(struct display *d, const struct rect *rects, uint32_t count)
{
    state.updating = true; /* a panic in there finds it so */
    d->update(d, rects, count);
    state.updating = false;
}

void present_off(void)
{
    state.off = true;
}

void display_offer(struct display *display)
{
    struct display *old = state.display;
    if (display->width == 0 || display->height == 0 || display->pixels == NULL) {
        log_warn("display", "%s offers %ux%u; not used", display->name, display->width,
                 display->height);
        return;
    }
    /* Once there is a canvas its size is settled. */
    bool fits = canvas_width() == 0 ||
                (display->width == canvas_width() && display->height == canvas_height());
    if (state.off || (old != NULL && old->rank >= display->rank) || !fits) {
        log_info("display", "%s %ux%u found, not needed", display->name, display->width,
                 display->height);
        if (display->retire != NULL) {
            display->retire(display);
        }
        return;
    }
    state.display = display;
    state.pending.w = 0;
    log_info("display", "using %s width=%u height=%u", display->name, display->width,
             display->height);
    if (old != NULL && old->retire != NULL) {
        old->retire(old);
    }
}

struct display *present_display(void)
{
    return state.display;
}

static bool is_busy(void)
{
    struct display *d = state.display;
    return d->busy != NULL && d->busy(d);
}

typedef uint64_t __attribute__((may_alias, aligned(4))) pixel_pair;

/*
 * Compare w pixels, copy them if they differ. The fourth byte is compared too: harmless, and
 * faster. Most rows are equal, so the loop has no exit before its end.
 */
static bool sync_row(uint32_t *to, const uint32_t *from, uint32_t w)
{
    const pixel_pair *a = (const pixel_pair *)from;
    const pixel_pair *b = (const pixel_pair *)to;
    uint64_t difference = (w & 1) != 0 ? from[w - 1] ^ to[w - 1] : 0;
    for (uint32_t pairs = w / 2; pairs >= 8; pairs -= 8, a += 8, b += 8) {
        difference |= a[0] ^ b[0];
        difference |= a[1] ^ b[1];
        difference |= a[2] ^ b[2];
        difference |= a[3] ^ b[3];
        difference |= a[4] ^ b[4];
        difference |= a[5] ^ b[5];
        difference |= a[6] ^ b[6];
        difference |= a[7] ^ b[7];
    }
    for (uint32_t pairs = w / 2 % 8; pairs > 0; pairs--) {
        difference |= *a++ ^ *b++;
    }
    if (difference != 0) {
        memcpy(to, from, (size_t)w * 4);
    }
    return difference != 0;
}

/* One tile of the screen: canvas, and surfaces above it. Rows that surfaces reach into are put
 * together first. */
static bool sync_tile(struct display *d, uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    bool changed = false;
    bool covered = surface_covers(x, y, w, h) || notice_covers(x, y, w, h);
    const uint32_t *from = canvas_pixels() + (size_t)y * d->width + x;
    uint32_t *to = d->pixels + (size_t)y * d->width + x;
    for (uint32_t row = 0; row < h; row++, from += d->width, to += d->width) {
        uint32_t composed[PRESENT_TILE];
        if (covered) {
            memcpy(composed, from, (size_t)w * 4);
            surface_compose(composed, x, y + row, w);
            notice_compose(composed, x, y + row, w);
        }
        changed |= sync_row(to, covered ? composed : from, w);
    }
    return changed;
}

struct rect_list {
    struct rect rects[DISPLAY_RECTS];
    uint32_t count;
    bool boxed; /* the last one is a box that later rectangles may meet */
};

static bool meet(const struct rect *a, const struct rect *b)
{
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

static struct rect box_of(const struct rect *a, const struct rect *b)
{
    uint32_t x = MIN(a->x, b->x);
    uint32_t y = MIN(a->y, b->y);
    return (struct rect){x, y, MAX(a->x + a->w, b->x + b->w) - x,
                         MAX(a->y + a->h, b->y + b->h) - y};
}

/* The last one grows by r, and swallows what it meets then: rectangles never overlap. */
static void rects_box(struct rect_list *list, struct rect r)
{
    struct rect box = box_of(&list->rects[--list->count], &r);
    for (uint32_t i = 0; i < list->count;) {
        if (meet(&list->rects[i], &box)) {
            box = box_of(&list->rects[i], &box);
            list->rects[i] = list->rects[--list->count];
            i = 0;
        } else {
            i++;
        }
    }
    list->rects[list->count++] = box;
    list->boxed = true;
}

static void rects_add(struct rect_list *list, struct rect r)
{
    if (list->boxed || list->count == DISPLAY_RECTS) { /* too scattered */
        rects_box(list, r);
        return;
    }
    struct rect *last = list->count > 0 ? &list->rects[list->count - 1] : NULL;
    if (last != NULL && last->y == r.y && last->x + last->w == r.x) {
        last->w += r.w;
        return;
    }
    /* A full row of tiles right below the last one, equally wide: one rectangle. */
    if (last != NULL && last->x == r.x && last->w == r.w && last->y + last->h == r.y) {
        last->h += r.h;
        return;
    }
    list->rects[list->count++] = r;
}

bool present_canvas(bool canvas)
{
    struct display *d = state.display;
    if (d == NULL || canvas_width() != d->width || canvas_height() != d->height) {
        surface_follow();
        surface_presented(machine_now_ns()); /* nobody looks */
        notice_presented();
        return true;
    }
    if (is_busy()) {
        return false;
    }
    struct rect_list list = {.count = 0};
    surface_follow();
    for (uint32_t y = 0; y < d->height; y += PRESENT_TILE) {
        uint32_t h = MIN(PRESENT_TILE, d->height - y);
        struct rect run = {0, y, 0, h};
        for (uint32_t x = 0; x < d->width; x += PRESENT_TILE) {
            uint32_t w = MIN(PRESENT_TILE, d->width - x);
            bool look = canvas || surface_damaged(x, y, w, h) || notice_damaged(x, y, w, h);
            bool changed = look && sync_tile(d, x, y, w, h);
            state.tiles += changed;
            if (changed) {
                run.x = run.w == 0 ? x : run.x;
                run.w += w;
            }
            if (run.w != 0 && (!changed || x + w == d->width)) {
                rects_add(&list, run);
                run.w = 0;
            }
        }
    }
    surface_presented(machine_now_ns());
    notice_presented();
    if (list.count > 0) {
        update(d, list.rects, list.count);
        state.count++;
    }
    return true;
}

void present_rect(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    struct rect *p = &state.pending;
    if (p->w == 0) {
        *p = (struct rect){x, y, w, h};
    } else {
        uint32_t right = MAX(p->x + p->w, x + w);
        uint32_t bottom = MAX(p->y + p->h, y + h);
        p->x = MIN(p->x, x);
        p->y = MIN(p->y, y);
        p->w = right - p->x;
        p->h = bottom - p->y;
    }
    present_pending();
}

void present_pending(void)
{
    struct display *d = state.display;
    if (d != NULL && state.pending.w != 0 && !is_busy()) {
        struct rect r = state.pending;
        state.pending.w = 0;
        update(d, &r, 1);
    }
}

bool present_last(uint64_t patience_ns)
{
    struct display *d = state.display;
    if (d == NULL || state.updating) {
        return false;
    }
    uint64_t end = machine_now_ns() + patience_ns;
    while (is_busy()) {
        if (machine_now_ns() >= end || !task_step(d->task)) {
            return false;
        }
    }
    struct rect r = {0, 0, d->width, d->height};
    d->update(d, &r, 1);
    return true;
}

uint64_t present_count(void)
{
    return state.count;
}

uint64_t present_tiles(void)
{
    return state.tiles;
}
