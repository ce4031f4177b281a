/* SPDX-License-Identifier: MIT */
/*
 * The keyboard of versions 1 and 2: one queue of key events for the whole system, along which every
 * app walks at its own pace. The queue's length is part of what drivers see as input_room(): they
 * hold back rather than lose keys.
 */
#include "input_view.h"
#include "heap.h"
#include "image.h"
#include "image_write.h"
#include "input.h"
#include "resource.h"
#include "route.h"

#include <kernel/input.h>
#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#include <ctx/key.h>

#define QUEUE       1024u
#define PATIENCE_NS (500 * NSEC_PER_MSEC) /* with an app that hangs or is not called */

/* [boot, loop, in a call] */
static struct {
    struct {
        uint64_t to; /* route.h */
        uint16_t code;
        uint8_t down;
    } queue[QUEUE];
    uint64_t next;   /* number of the event that comes next; the first is 0 */
    uint64_t oldest; /* the first one that someone may still need */
    uint64_t dropped;
} state;

/* The codes that apps of versions 1 and 2 know (they type them as a closed set): ABI profile,
 * point 6. */
static bool is_known_code(uint32_t code)
{
    return code <= 83 || (code >= 85 && code <= 195) ||
           (code >= CTX_BTN_LEFT && code <= CTX_BTN_SIDE);
}

uint32_t input_queue_room(void)
{
    return QUEUE - (uint32_t)(state.next - state.oldest);
}

void input_queue_key(uint32_t code, bool down, uint64_t to)
{
    if (!is_known_code(code)) {
        return;
    }
    if (state.next - state.oldest == QUEUE) {
        if ((state.dropped++ & 1023) == 0) {
            log_warn("input", "the queue is full, key events are dropped dropped=%lu",
                     state.dropped);
        }
        return;
    }
    state.queue[state.next % QUEUE].code = (uint16_t)code;
    state.queue[state.next % QUEUE].down = down;
    state.queue[state.next % QUEUE].to = to;
    state.next++;
}

void input_forget(uint64_t needed, uint64_t wanted)
{
    uint64_t oldest =
        state.next - MIN(wanted, state.next) <= QUEUE / 2 ? MIN(needed, wanted) : needed;
    /* Never back: what lies there may be written over already. */
    state.oldest = MAX(state.oldest, MIN(oldest, state.next));
}

bool input_view_counts(const struct input_view *view, uint64_t now_ns)
{
    return now_ns < view->updated_ns + PATIENCE_NS;
}

/* ---- views ---- */

/* As the keys and the pointer are now. */
static void held_now(const struct app *app, struct ctx_input *page)
{
    memset(page->keys, CTX_KEY_OFF, INPUT_KEYS);
    for (uint32_t code = 0; code < INPUT_KEYS; code++) {
        if (input_is_held(app, code) && is_known_code(code)) {
            page->keys[code] = CTX_KEY_ON;
        }
    }
}

static void place_pointer(struct ctx_input *page)
{
    uint32_t x, y;
    input_pointer(&x, &y);
    page->mx = x;
    page->my = y;
}

static void begin_page(const struct app *app, struct ctx_input *page)
{
    held_now(app, page);
    place_pointer(page);
}

void input_view_start(const struct app *app, struct input_view *view, struct ctx_input *page)
{
    *view = (struct input_view){
        .app = app, .page = page, .seen = state.next, .updated_ns = machine_now_ns()};
    begin_page(app, page);
}

static void view_event(struct input_view *view, uint16_t code, bool down)
{
    uint8_t *key = &view->page->keys[code];
    uint8_t before = *key;
    if (down) {
        *key = before == CTX_KEY_OFF || before == CTX_KEY_OFF_TRANSIENT_ON ? CTX_KEY_ON_FROM_OFF
               : before == CTX_KEY_OFF_FROM_ON ? CTX_KEY_ON_TRANSIENT_OFF
                                               : before;
    } else {
        *key = before == CTX_KEY_ON_FROM_OFF ? CTX_KEY_OFF_TRANSIENT_ON
               : before == CTX_KEY_ON || before == CTX_KEY_ON_TRANSIENT_OFF ? CTX_KEY_OFF_FROM_ON
                                                                            : before;
    }
    bool was_edge = before != CTX_KEY_OFF && before != CTX_KEY_ON;
    if (!was_edge && *key != before) {
        view->edges[view->edge_count++] = code;
    }
    view->page->last++;
    struct ctx_key_event *e = &view->page->ring[view->page->last % 64];
    *e = (struct ctx_key_event){.down = down, .code = code};
}

void input_view_update(struct input_view *view, uint64_t now_ns)
{
    struct ctx_input *page = view->page;
    view->updated_ns = now_ns;
    for (uint32_t i = 0; i < view->edge_count; i++) {
        uint8_t *key = &page->keys[view->edges[i]];
        *key = CTX_KEY_IS_DOWN(*key) ? CTX_KEY_ON : CTX_KEY_OFF;
    }
    view->edge_count = 0;
    if (view->seen <
        state.oldest) { /* it was not called for long: events are gone, what is held counts */
        view->seen = state.next;
        held_now(view->app, page);
    }
    uint32_t events = 0;
    for (; events < INPUT_VIEW_EVENTS && view->own_next < view->own_count; events++) {
        const struct ctx_image_key *key = &view->own[view->own_next++];
        view_event(view, key->code, key->down != 0);
    }
    for (; events < INPUT_VIEW_EVENTS && view->seen < state.next; view->seen++) {
        if (route_hears(view->app, state.queue[view->seen % QUEUE].to)) {
            view_event(view, state.queue[view->seen % QUEUE].code,
                       state.queue[view->seen % QUEUE].down);
            events++;
        }
    }
    place_pointer(page);
}

/* ---- images ---- */

uint32_t input_view_unseen(const struct input_view *view, struct ctx_image_key *out, uint32_t room)
{
    uint32_t count = 0;
    uint8_t down[INPUT_KEYS];
    for (uint32_t code = 0; code < INPUT_KEYS; code++) {
        down[code] = CTX_KEY_IS_DOWN(view->page->keys[code]);
    }
    for (uint32_t i = view->own_next; i < view->own_count; i++, count++) {
        down[view->own[i].code] = view->own[i].down != 0;
        if (count < room) {
            out[count] = view->own[i];
        }
    }
    for (uint64_t seen = MAX(view->seen, state.oldest); seen < state.next; seen++) {
        uint16_t code = state.queue[seen % QUEUE].code;
        if (!route_hears(view->app, state.queue[seen % QUEUE].to)) {
            continue;
        }
        down[code] = state.queue[seen % QUEUE].down;
        if (count < room) {
            out[count] = (struct ctx_image_key){.code = code, .down = down[code]};
        }
        count++;
    }
    for (uint32_t code = 0; code < INPUT_KEYS; code++) {
        if (down[code]) {
            if (count < room) {
                out[count] = (struct ctx_image_key){.code = (uint16_t)code, .down = 0};
            }
            count++;
        }
    }
    return count;
}

ctx_status input_view_restore(struct input_view *view, const struct ctx_input *page,
                              const struct ctx_image_key *keys, uint32_t count)
{
    if (count > 0) {
        view->own = heap_alloc(count * sizeof *keys);
        if (view->own == NULL) {
            return CTX_E_NOMEM;
        }
        memcpy(view->own, keys, count * sizeof *keys);
    }
    view->own_count = count;
    memcpy(view->page, page, sizeof *page);
    for (uint32_t code = 0; code < INPUT_KEYS; code++) {
        uint8_t key = page->keys[code];
        if (key == CTX_KEY_OFF || key == CTX_KEY_ON) {
            continue;
        }
        if (view->edge_count < INPUT_VIEW_EVENTS) {
            view->edges[view->edge_count++] = (uint16_t)code;
        } else { /* more than one call can have brought */
            view->page->keys[code] = CTX_KEY_IS_DOWN(key) ? CTX_KEY_ON : CTX_KEY_OFF;
        }
    }
    return CTX_OK;
}

void input_view_forget(struct input_view *view)
{
    if (view->own != NULL) {
        heap_free(view->own, view->own_count * sizeof *view->own);
    }
    view->own = NULL;
    view->own_count = 0;
    view->own_next = 0;
}

/* ---- what an app has of this ---- */

struct input_kept {
    struct ctx_input page;
    uint16_t edges[INPUT_VIEW_EVENTS];
    uint32_t edge_count, own_next;
    uint64_t seen;
};

static ctx_status build(struct app *app, const struct elf_plan *plan)
{
    (void)plan;
    uint8_t *at = machine_direct(machine_slot_frame(app->base + CTX_SLOT_NOSYS));
    struct ctx_input *page = (struct ctx_input *)(at + (CTX_SLOT_INPUT - CTX_SLOT_NOSYS));
    if (app->version >= 3) {
        begin_page(app, page); /* and so it stays: later versions read events */
        return CTX_OK;
    }
    app->input = heap_alloc(sizeof *app->input);
    if (app->input == NULL) {
        return CTX_E_NOMEM;
    }
    input_view_start(app, app->input, page);
    return CTX_OK;
}

static bool at_calls(const struct app *app)
{
    return app->input != NULL;
}

static void begin(struct app *app, uint64_t now_ns, struct machine_entry *entry, bool served)
{
    (void)entry;
    (void)served;
    struct ctx_input *page = app->input->page;
    input_view_update(app->input, now_ns);
    int32_t x = (int32_t)page->mx, y = (int32_t)page->my;
    resources_point(app, &x, &y);
    page->mx = (uint64_t)x;
    page->my = (uint64_t)y;
}

static void tear_down(struct app *app)
{
    if (app->input != NULL) {
        input_view_forget(app->input);
        heap_free(app->input->kept, sizeof *app->input->kept);
        heap_free(app->input, sizeof *app->input);
        app->input = NULL;
    }
}

static uint32_t unseen(const struct app *app)
{
    return app->input != NULL ? MIN(input_view_unseen(app->input, NULL, 0), INPUT_UNSEEN_MAX) : 0;
}

static uint64_t image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    return app->input == NULL
               ? 0
               : sizeof(struct ctx_input) + unseen(app) * sizeof(struct ctx_image_key);
}

static ctx_status save(struct app *app, struct image_writer *w)
{
    if (app->input == NULL) {
        return CTX_OK;
    }
    uint32_t most = unseen(app);
    uint64_t bytes = (most + UINT64_C(1)) * sizeof(struct ctx_image_key);
    struct ctx_image_key *keys = heap_alloc(bytes);
    if (keys == NULL) {
        return CTX_E_NOMEM;
    }
    uint32_t count = MIN(input_view_unseen(app->input, keys, most), most);
    image_write_whole(w, CTX_IMAGE_INPUT, sizeof(struct ctx_input), app->input->page,
                      sizeof(struct ctx_input), false);
    image_write_whole(w, CTX_IMAGE_KEYS, sizeof *keys, keys, count * sizeof *keys, false);
    heap_free(keys, bytes);
    return CTX_OK;
}

/* What an image has of it. */
struct input_saved {
    struct ctx_input page;
    struct ctx_image_key keys[];
};

static ctx_status restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    uint32_t count = (uint32_t)image->parts[CTX_IMAGE_KEYS].count;
    if (app->input == NULL) {
        return CTX_OK;
    }
    if (how->in_place) {
        struct ctx_input *page = app->input->page;
        struct input_kept *kept = app->input->kept;
        input_view_forget(app->input);
        input_view_start(app, app->input, page);
        app->input->kept = kept;
    }
    if (image->parts[CTX_IMAGE_INPUT].len == 0) {
        return CTX_OK;
    }
    struct input_saved *saved = NULL;
    uint64_t bytes = sizeof *saved + count * sizeof saved->keys[0];
    saved = heap_alloc(bytes);
    if (saved == NULL) {
        return CTX_E_NOMEM;
    }
    image_entry(image, CTX_IMAGE_INPUT, 0, &saved->page, sizeof saved->page);
    for (uint32_t i = 0; i < count; i++) {
        image_entry(image, CTX_IMAGE_KEYS, i, &saved->keys[i], sizeof saved->keys[i]);
    }
    ctx_status status = input_view_restore(app->input, &saved->page, saved->keys, count);
    heap_free(saved, bytes);
    return status;
}

/* ---- undo ---- */

static bool remember(struct app *app)
{
    struct input_view *v = app->input;
    if (v == NULL) {
        return true;
    }
    if (v->kept == NULL) {
        v->kept = heap_alloc(sizeof *v->kept);
    }
    struct input_kept *k = v->kept;
    if (k == NULL) {
        return false;
    }
    memcpy(&k->page, v->page, sizeof k->page);
    memcpy(k->edges, v->edges, sizeof k->edges);
    k->edge_count = v->edge_count;
    k->seen = v->seen;
    k->own_next = v->own_next;
    return true;
}

static bool put_back(struct app *app, bool again)
{
    struct input_view *v = app->input;
    const struct input_kept *k = v != NULL ? v->kept : NULL;
    if (k != NULL && again) {
        memcpy(v->page, &k->page, sizeof k->page);
        memcpy(v->edges, k->edges, sizeof k->edges);
        v->edge_count = k->edge_count;
        v->seen = k->seen;
        v->own_next = k->own_next;
    }
    return true;
}

const struct app_resource input_resource = {
    .name = "input",
    .build = build,
    .at_calls = at_calls,
    .begin = begin,
    .tear_down = tear_down,
    .image_bytes = image_bytes,
    .save = save,
    .restore = restore,
    .remember = remember,
    .put_back = put_back,
};
