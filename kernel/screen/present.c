/* SPDX-License-Identifier: MIT */
/*
 * What changed is found by comparing: apps write pixels as they like, and nobody has to say where.
 * Tiles of 64x64 that differ are copied to the display's pixels and reported as rectangles,
 * neighbours in a row joined.
 */
#include "present.h"

#include "canvas.h"
#include "compose.h"
#include "input.h"
#include "mirror.h"
#include "notice.h"
#include "scene.h"
#include "surface.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>
#include <kernel/task.h>

/* [boot, loop, panic]; [in a call] reads which display there is. */
static struct {
    struct display *display;
    uint32_t probing;
    bool off, updating; /* updating: the driver is at work just now */
    uint64_t count, tiles;
    bool soft;       /* no plane for the pointer */
    bool whole;      /* the next picture is all of it: something else is shown now */
    paddr_t pointer; /* whose picture the plane shows; 0: none */
    uint32_t pointer_x, pointer_y;
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

void present_whole(void)
{
    state.whole = true;
}

void present_soft_pointer(void)
{
    state.soft = true;
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

void present_anew(void)
{
    state.pending.w = 0;
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

/* One tile of the screen: canvas, surfaces above it, and the kernel's own line above all. canvas:
 * only because that may have changed. */
static bool sync_tile(struct display *d, struct rect at, bool canvas)
{
    struct compose_tile tile;
    bool changed = false, noticed = notice_covers(at.x, at.y, at.w, at.h);
    compose_tile(&tile, at.x, at.y, at.w, at.h);
    if (canvas && tile.hides_canvas) {
        return false;
    }
    uint32_t *to = d->pixels + (size_t)at.y * d->width + at.x;
    if (tile.plain != NULL && !noticed) {
        for (uint32_t row = 0; row < at.h; row++) {
            changed |=
                sync_row(to + (size_t)row * d->width, tile.plain + (size_t)row * tile.pitch, at.w);
        }
        return changed;
    }
    for (uint32_t row = 0; row < at.h; row++, to += d->width) {
        uint32_t room[PRESENT_TILE];
        const uint32_t *from = compose_row(&tile, at.y + row, room);
        if (noticed) {
            memmove(room, from, (size_t)at.w * 4);
            notice_compose(room, at.x, at.y + row, at.w);
            from = room;
        }
        changed |= sync_row(to, from, at.w);
    }
    return changed;
}

/* The pointer's own plane: its picture when that is another one, and its place. */
static void show_pointer(struct display *d)
{
    uint32_t x, y;
    const struct surface *s = scene_plane();
    paddr_t frame = s != NULL ? s->frame : 0;
    if (d->pointer_shape == NULL) {
        return;
    }
    input_pointer(&x, &y);
    if (s != NULL && (x != state.pointer_x || y != state.pointer_y || frame != state.pointer)) {
        d->pointer_move(d, x, y);
        state.pointer_x = x;
        state.pointer_y = y;
    }
    bool touched = scene_plane_touched();
    if (frame == state.pointer && (s == NULL || (!s->damaged && !touched))) {
        return;
    }
    uint32_t pixels[DISPLAY_POINTER * DISPLAY_POINTER] = {0};
    uint32_t left = DISPLAY_POINTER / 2, top = DISPLAY_POINTER / 2;
    for (uint32_t row = 0; s != NULL && row < s->h; row++) {
        memcpy(pixels + (top - s->h / 2 + row) * DISPLAY_POINTER + left - s->w / 2,
               (const uint32_t *)machine_direct(frame) + (size_t)row * s->w, (size_t)s->w * 4);
    }
    d->pointer_shape(d, s != NULL ? pixels : NULL);
    state.pointer = frame;
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
        scene_bring_up();
        surface_presented(machine_now_ns()); /* nobody looks */
        notice_presented();
        return true;
    }
    scene_use_plane(d->pointer_shape != NULL && !state.soft);
    if (canvas) {
        mirrors_canvas_drawn();
    }
    scene_bring_up();
    if (!state.soft) {
        show_pointer(d);
    }
    if (is_busy()) {
        return false;
    }
    canvas |= state.whole;
    state.whole = false;
    struct rect_list list = {.count = 0};
    for (uint32_t y = 0; y < d->height; y += PRESENT_TILE) {
        uint32_t h = MIN(PRESENT_TILE, d->height - y);
        struct rect run = {0, y, 0, h};
        for (uint32_t x = 0; x < d->width; x += PRESENT_TILE) {
            uint32_t w = MIN(PRESENT_TILE, d->width - x);
            bool dirty = scene_is_dirty(x, y, w, h) || notice_damaged(x, y, w, h);
            bool changed = (canvas || dirty) && sync_tile(d, (struct rect){x, y, w, h}, !dirty);
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
