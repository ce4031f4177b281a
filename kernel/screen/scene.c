/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include "canvas.h"
#include "heap.h"
#include "input.h"
#include "mirror.h"
#include "route.h"
#include "surface.h"
#include "surface_private.h"

#include <kernel/machine.h>
#include <kernel/string.h>

/* A screen has at most so many tiles across and down: displays of up to 16,384 pixels. What lies
 * beyond that is looked at in every picture. */
#define TILES 256u

/* [boot, loop, in a call] */
static struct {
    bool stale;                /* the list is not right any more */
    bool damage;               /* some surface has damage that no tile knows of */
    bool dirty;                /* some tile has to be looked at */
    struct app *first;         /* the apps that have surfaces, in list order */
    const struct app *manager; /* when the list was made */

    struct layer *layers, *spare; /* room of each */
    const struct layer **scratch;
    uint64_t room, reserved;
    uint32_t count, followers; /* the last `followers` of count follow the pointer */

    uint32_t x, y; /* where the pointer is in that list */
    bool has_plane;
    const struct surface *plane; /* what is shown there; NULL: nothing */
    bool plane_touched;
    uint64_t tiles[TILES][TILES / 64];
} state;

/* ---- room ---- */

static void free_lists(void)
{
    if (state.room != 0) {
        heap_free(state.layers, state.room * sizeof *state.layers);
        heap_free(state.spare, state.room * sizeof *state.spare);
        heap_free(state.scratch, state.room * sizeof *state.scratch);
    }
    state.layers = state.spare = NULL;
    state.scratch = NULL;
    state.room = 0;
    state.count = 0;
    state.followers = 0;
}

/* A function of what is wanted alone: what went by leaves nothing behind. */
static uint64_t room_for(uint64_t wanted)
{
    uint64_t room = wanted != 0 ? 8 : 0;
    while (room < wanted) {
        room *= 2;
    }
    return room;
}

ctx_status scene_reserve(int64_t more)
{
    uint64_t wanted = state.reserved + (uint64_t)more, room = room_for(wanted);
    if (room == 0) { /* they were all that there was */
        free_lists();
        state.stale = true;
    }
    if (room == state.room) {
        state.reserved = wanted;
        return CTX_OK;
    }
    struct layer *layers = heap_alloc(room * sizeof *layers);
    struct layer *spare = heap_alloc(room * sizeof *spare);
    const struct layer **scratch = heap_alloc(room * sizeof *scratch);
    if (layers == NULL || spare == NULL || scratch == NULL) {
        heap_free(layers, room * sizeof *layers);
        heap_free(spare, room * sizeof *spare);
        heap_free(scratch, room * sizeof *scratch);
        if (wanted <= state.room) { /* then they stay as long as they are */
            state.reserved = wanted;
            return CTX_OK;
        }
        return CTX_E_NOMEM;
    }
    free_lists();
    state.layers = layers;
    state.spare = spare;
    state.scratch = scratch;
    state.room = room;
    state.reserved = wanted;
    state.stale = true;
    return CTX_OK;
}

/* ---- what changed ---- */

void scene_list(struct app *app, bool shown)
{
    struct app **p = &state.first;
    if (app->surfaces->shown == shown) {
        return;
    }
    while (*p != NULL && *p != app && (*p)->order < app->order) {
        p = &(*p)->surfaces->next_shown;
    }
    if (shown) {
        app->surfaces->next_shown = *p;
        *p = app;
    } else {
        *p = app->surfaces->next_shown;
    }
    app->surfaces->shown = shown;
    state.stale = true;
}

void scene_changed(void)
{
    state.stale = true;
}

void scene_damaged(void)
{
    state.damage = true;
}

/* The tiles that this part of the screen reaches into. */
void scene_mark(struct surface_area a)
{
    int64_t x0 = MAX(a.x, 0), y0 = MAX(a.y, 0);
    int64_t x1 = MIN(a.x + a.w, (int64_t)TILES * PRESENT_TILE);
    int64_t y1 = MIN(a.y + a.h, (int64_t)TILES * PRESENT_TILE);
    if (x0 >= x1 || y0 >= y1) {
        return;
    }
    state.dirty = true;
    for (int64_t y = y0 / PRESENT_TILE; y <= (y1 - 1) / PRESENT_TILE; y++) {
        for (int64_t x = x0 / PRESENT_TILE; x <= (x1 - 1) / PRESENT_TILE; x++) {
            state.tiles[y][x / 64] |= UINT64_C(1) << (x % 64);
        }
    }
}

static void mark_all(void)
{
    memset(state.tiles, 0xff, sizeof state.tiles);
    state.dirty = true;
    state.plane_touched = true;
}

static bool follows(const struct surface *s)
{
    return (s->flags & CTX_SURFACE_POINTER) != 0;
}

void scene_lost(const struct surface *s)
{
    scene_mark(s->shown);
    state.stale = true;
    state.plane_touched |= follows(s); /* the next one may get its frames */
}

void scene_touched(const struct surface *s)
{
    scene_mark(s->shown);
    state.plane_touched |= follows(s);
    mirrors_touched();
}

/* ---- where they lie ---- */

/* Around the pointer, or as place.c says. Cut off by the edges. */
struct surface_area scene_area(const struct surface *s)
{
    struct surface_area around = {(int64_t)state.x - s->w / 2, (int64_t)state.y - s->h / 2, s->w,
                                  s->h};
    return follows(s) ? around : place_area(s);
}

static bool is_hidden(const struct app *app, const struct surface *s)
{
    if (follows(s)) {
        return false; /* which of them is shown depends on where the pointer is */
    }
    return s->place.placed ? s->place.hidden || s->place.opacity == 0
                           : state.manager != NULL && state.manager != app;
}

static struct layer layer_of(struct app *app, struct surface *s)
{
    bool opaque = s->format == CTX_SURFACE_RGBX && (!s->place.placed || s->place.opacity == 255);
    return (struct layer){.app = app, .s = s, .at = scene_area(s), .opaque = opaque};
}

/* ---- the list ---- */

/* Those that nobody has placed lie above the others: with nobody to see to them they must be seen.
 */
static int64_t level_of(const struct layer *layer)
{
    return layer->s->place.placed ? layer->s->place.level : (int64_t)INT32_MAX + 1;
}

/* Merge sort from below: of equal ones the earlier stays below. */
static void sort(uint32_t count)
{
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t from = 0; from < count; from += 2 * width) {
            uint32_t middle = MIN(from + width, count), end = MIN(from + 2 * width, count);
            uint32_t a = from, b = middle;
            for (uint32_t to = from; to < end; to++) {
                bool first = a < middle &&
                             (b == end || level_of(&state.layers[a]) <= level_of(&state.layers[b]));
                state.spare[to] = state.layers[first ? a++ : b++];
            }
        }
        struct layer *sorted = state.spare;
        state.spare = state.layers;
        state.layers = sorted;
    }
}

static bool same_area(const struct surface_area *a, const struct surface_area *b)
{
    return a->x == b->x && a->y == b->y && a->w == b->w && a->h == b->h;
}

/* The picture has it there from now on. */
static void show_at(struct surface *s, struct surface_area at)
{
    if (!same_area(&s->shown, &at)) {
        scene_mark(s->shown);
        scene_mark(at);
        s->shown = at;
    }
}

/* The surface under this place, the highest one; the canvas: NULL. */
static const struct layer *layer_at(int64_t x, int64_t y)
{
    for (uint32_t i = state.count - state.followers; i > 0; i--) {
        const struct layer *l = &state.layers[i - 1];
        if (place_is_there(l->s, &l->at, x, y)) {
            return l;
        }
    }
    return NULL;
}

/* Of one app's surfaces that follow the pointer: whether it has one of this shape. */
static bool has_shape(const struct app *app, uint32_t shape)
{
    for (uint32_t i = 0; i < app->surfaces->room; i++) {
        const struct surface *s = &app->surfaces->all[i];
        if (s->frame != 0 && follows(s) && s->cursor == shape) {
            return true;
        }
    }
    return false;
}

/* What follows the pointer: where it is now, in the shape that lies under it. Behind all others in
 * the list, those that are not shown as well, for when it moves. */
static void place_followers(void)
{
    input_pointer(&state.x, &state.y);
    state.plane = NULL;
    if (state.followers == 0) {
        return;
    }
    const struct layer *under = layer_at(state.x, state.y);
    bool none = route_is_relative() || (under != NULL && (under->s->flags & CTX_SURFACE_HIDDEN));
    uint32_t wanted = under != NULL ? under->s->cursor : CTX_CURSOR_ARROW, seen = 0;
    for (uint32_t i = state.count - state.followers; i < state.count; i++) {
        struct layer *l = &state.layers[i];
        uint32_t shape = has_shape(l->app, wanted) ? wanted : CTX_CURSOR_ARROW;
        struct surface_area at = scene_area(l->s);
        if (none || l->s->cursor != shape) {
            at = (struct surface_area){.w = 0};
        }
        l->at = at;
        if (at.w > 0) {
            seen++;
            state.plane = l->s;
        }
    }
    bool small = seen == 1 && state.plane->w <= DISPLAY_POINTER &&
                 state.plane->h <= DISPLAY_POINTER && state.plane->format == CTX_SURFACE_RGBA;
    state.plane = state.has_plane && small ? state.plane : NULL;
    for (uint32_t i = state.count - state.followers; i < state.count; i++) {
        struct layer *l = &state.layers[i];
        if (l->s == state.plane) {
            l->at = (struct surface_area){.w = 0};
        }
        show_at(l->s, l->at);
    }
}

static void add_all(bool followers)
{
    for (struct app *app = state.first; app != NULL; app = app->surfaces->next_shown) {
        for (uint32_t i = 0; i < app->surfaces->room; i++) {
            struct surface *s = &app->surfaces->all[i];
            if (s->frame == 0 || follows(s) != followers) {
                continue;
            }
            s->listed = !is_hidden(app, s);
            if (!s->listed) {
                show_at(s, (struct surface_area){.w = 0});
            } else {
                state.layers[state.count++] = layer_of(app, s);
            }
        }
    }
}

static void make_list(void)
{
    state.stale = false;
    state.manager = route_manager();
    state.count = 0;
    add_all(false);
    sort(state.count);
    for (uint32_t i = 0; i < state.count; i++) {
        show_at(state.layers[i].s, state.layers[i].at);
    }
    mirrors_find();
    for (uint32_t i = 0; i < state.count; i++) {
        state.layers[i].mirrored = mirrors_over(state.layers[i].s);
    }
    uint32_t before = state.count;
    add_all(true);
    state.followers = state.count - before;
    place_followers();
}

/* ---- what is asked ---- */

/* Also after another app began or ended to manage windows. */
static bool is_stale(void)
{
    return state.stale || state.manager != route_manager();
}

static void mark_damage(void)
{
    state.damage = false;
    for (uint32_t i = 0; i < state.count; i++) {
        const struct layer *l = &state.layers[i];
        const struct surface *s = l->s;
        if (s->damaged && l->at.w > 0) {
            scene_mark(place_damage(s, &l->at));
        }
    }
}

void scene_bring_up(void)
{
    uint32_t x, y;
    input_pointer(&x, &y);
    if (is_stale()) {
        make_list();
    } else if (x != state.x || y != state.y) {
        place_followers();
    }
    if (state.damage) {
        mark_damage();
        mirrors_damaged();
    }
    mirrors_bring_up();
}

void scene_use_plane(bool has)
{
    state.stale |= state.has_plane != has;
    state.has_plane = has;
}

const struct surface *scene_plane(void)
{
    return state.plane;
}

bool scene_plane_touched(void)
{
    bool touched = state.plane_touched;
    state.plane_touched = false;
    return touched;
}

uint32_t scene_count(void)
{
    return state.count;
}

bool scene_is_relative(void)
{
    scene_bring_up();
    uint32_t surfaces = state.count - state.followers;
    return route_manager() == NULL && surfaces > 0 &&
           (state.layers[surfaces - 1].s->flags & CTX_SURFACE_RELATIVE) != 0;
}

uint32_t scene_followers(void)
{
    return state.followers;
}

const struct layer *scene_layer(uint32_t no)
{
    return &state.layers[no];
}

const struct layer **scene_scratch(void)
{
    return state.scratch;
}

bool scene_is_dirty(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    uint32_t x1 = (x + w - 1) / PRESENT_TILE, y1 = (y + h - 1) / PRESENT_TILE;
    if (x1 >= TILES || y1 >= TILES) {
        return state.dirty;
    }
    for (uint32_t ty = y / PRESENT_TILE; ty <= y1; ty++) {
        for (uint32_t tx = x / PRESENT_TILE; tx <= x1; tx++) {
            if ((state.tiles[ty][tx / 64] >> (tx % 64) & 1) != 0) {
                return true;
            }
        }
    }
    return false;
}

/* ---- surface.h ---- */

bool surface_any_damage(void)
{
    uint32_t x, y;
    input_pointer(&x, &y);
    return is_stale() || state.damage || state.dirty ||
           (state.followers > 0 && (x != state.x || y != state.y));
}

void surface_repaint(void)
{
    state.stale = true;
    mark_all();
}

void surface_presented(uint64_t now_ns)
{
    if (state.dirty) {
        memset(state.tiles, 0, sizeof state.tiles);
    }
    state.dirty = false;
    state.damage = false;
    for (struct app *app = state.first; app != NULL; app = app->surfaces->next_shown) {
        for (uint32_t i = 0; i < app->surfaces->room; i++) {
            struct surface *s = &app->surfaces->all[i];
            if (s->damaged) {
                s->damaged = false;
                s->presented.count++;
                s->presented.time_ns = now_ns;
            }
        }
    }
}

/* Who hears of the pointer there (route.h). */
bool scene_hit(uint32_t x, uint32_t y, struct route_spot *out)
{
    if (is_stale()) {
        make_list();
    }
    const struct layer *l = layer_at(x, y);
    if (l == NULL) {
        return false;
    }
    scene_spot(l->app, l->s, x, y, out);
    return true;
}

void scene_spot(const struct app *app, const struct surface *s, uint32_t x, uint32_t y,
                struct route_spot *out)
{
    struct surface_area at = scene_area(s);
    place_spot(app, s, &at, x, y, out);
}
