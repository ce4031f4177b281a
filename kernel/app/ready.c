/* SPDX-License-Identifier: MIT */
/*
 * Three places an app can be in: the frame list (doubly linked, in list order), the ready queue,
 * and the heap of deadlines (a binary heap, the earliest first; each app knows its place in it).
 * Waiting for ever is being in none of them.
 */
#include "ready.h"

#include "app.h"
#include "heap.h"

#include <kernel/string.h>

/* Apps whose pages no processor's TLB holds all of; fewer gain nothing by asking for them ahead. */
#define MANY 128u

/* [boot, loop, in a call] */
static struct {
    struct app *frame_first, *frame_last;
    struct app *cursor; /* of the walk along them: the one that comes next */
    bool many;          /* of this walk: there are so many apps */
    struct app *queue_first, *queue_last;
    struct app **heap;
    uint32_t count, capacity;
} state;

/* ---- the heap ---- */

static void place(struct app *app, uint32_t at)
{
    state.heap[at] = app;
    app->turn.heap_at = at + 1;
}

/* Of one deadline in list order: whoever restores them all finds the same order again. */
static bool is_due_before(const struct app *a, const struct app *b)
{
    return a->turn.deadline_ns != b->turn.deadline_ns ? a->turn.deadline_ns < b->turn.deadline_ns
                                                      : a->order < b->order;
}

static void sift_up(struct app *app, uint32_t at)
{
    while (at > 0 && is_due_before(app, state.heap[(at - 1) / 2])) {
        place(state.heap[(at - 1) / 2], at);
        at = (at - 1) / 2;
    }
    place(app, at);
}

static void sift_down(struct app *app, uint32_t at)
{
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= state.count) {
            break;
        }
        if (child + 1 < state.count && is_due_before(state.heap[child + 1], state.heap[child])) {
            child++;
        }
        if (!is_due_before(state.heap[child], app)) {
            break;
        }
        place(state.heap[child], at);
        at = child;
    }
    place(app, at);
}

static void heap_remove(struct app *app)
{
    if (app->turn.heap_at == 0) {
        return;
    }
    uint32_t at = app->turn.heap_at - 1;
    app->turn.heap_at = 0;
    struct app *last = state.heap[--state.count];
    if (last != app) {
        sift_up(last, at);
        sift_down(last, last->turn.heap_at - 1);
    }
}

static bool heap_add(struct app *app)
{
    if (state.count == state.capacity) {
        uint32_t capacity = state.capacity != 0 ? state.capacity * 2 : 64;
        struct app **bigger = heap_alloc(capacity * sizeof(struct app *));
        if (bigger == NULL) {
            return false;
        }
        if (state.heap != NULL) {
            memcpy(bigger, state.heap, state.count * sizeof(struct app *));
            heap_free(state.heap, state.capacity * sizeof(struct app *));
        }
        state.heap = bigger;
        state.capacity = capacity;
    }
    state.count++;
    sift_up(app, state.count - 1);
    return true;
}

/* ---- the lists ---- */

static void unlink(struct app *app, struct app **first, struct app **last)
{
    struct app_turn_state *t = &app->turn;
    *(t->prev != NULL ? &t->prev->turn.next : first) = t->next;
    *(t->next != NULL ? &t->next->turn.prev : last) = t->prev;
    t->next = NULL;
    t->prev = NULL;
}

void ready_remove(struct app *app)
{
    if (app->turn.where == TURN_FRAME) {
        state.cursor = state.cursor == app ? app->turn.next : state.cursor;
        unlink(app, &state.frame_first, &state.frame_last);
    } else if (app->turn.where == TURN_READY) {
        unlink(app, &state.queue_first, &state.queue_last);
    }
    heap_remove(app);
    app->turn.where = TURN_NONE;
}

void ready_each_frame(struct app *app)
{
    if (app->turn.where == TURN_FRAME) {
        return;
    }
    ready_remove(app);
    /* In list order; new apps come last, so looking from the end is short. */
    struct app *before = state.frame_last;
    while (before != NULL && before->order > app->order) {
        before = before->turn.prev;
    }
    struct app *after = before != NULL ? before->turn.next : state.frame_first;
    app->turn.prev = before;
    app->turn.next = after;
    *(before != NULL ? &before->turn.next : &state.frame_first) = app;
    *(after != NULL ? &after->turn.prev : &state.frame_last) = app;
    app->turn.where = TURN_FRAME;
}

ctx_status ready_wait(struct app *app, uint64_t deadline_ns)
{
    ready_remove(app);
    app->turn.deadline_ns = deadline_ns;
    if (deadline_ns != NEVER_NS && !heap_add(app)) {
        ready_each_frame(app);
        return CTX_E_NOMEM;
    }
    app->turn.where = TURN_WAITING;
    return CTX_OK;
}

void ready_wake(struct app *app)
{
    if (app->turn.where != TURN_WAITING) {
        return;
    }
    heap_remove(app);
    app->turn.prev = state.queue_last;
    app->turn.next = NULL;
    *(state.queue_last != NULL ? &state.queue_last->turn.next : &state.queue_first) = app;
    state.queue_last = app;
    app->turn.where = TURN_READY;
}

void ready_expire(uint64_t now_ns)
{
    while (state.count > 0 && state.heap[0]->turn.deadline_ns <= now_ns) {
        ready_wake(state.heap[0]);
    }
}

uint64_t ready_next_deadline_ns(void)
{
    return state.queue_first != NULL ? 0
           : state.count > 0         ? state.heap[0]->turn.deadline_ns
                                     : NEVER_NS;
}

struct app *ready_take(void)
{
    struct app *app = state.queue_first;
    if (app != NULL) {
        ready_remove(app);
    }
    return app;
}

struct app *ready_frame_first(void)
{
    return state.frame_first;
}

void ready_frame_rewind(void)
{
    state.cursor = state.frame_first;
    state.many = app_count() >= MANY;
}

/*
 * With hundreds of apps the loop waits for memory more than for anything else: what the next call
 * begins with is asked for while this one goes on, and where the one after that is to be found.
 */
static void fetch_ahead(const struct app *next)
{
    if (next != NULL) {
        __builtin_prefetch(next->store_cell);
        __builtin_prefetch((const uint8_t *)(uintptr_t)next->base + CTX_SLOT_STACK_TOP - 8, 1);
        __builtin_prefetch((const void *)(uintptr_t)next->entry);
        if (next->turn.next != NULL) {
            __builtin_prefetch(next->turn.next, 1);
            __builtin_prefetch((const uint8_t *)next->turn.next + 64, 1);
            __builtin_prefetch((const uint8_t *)next->turn.next + 128, 1);
        }
    }
}

struct app *ready_frame_next(void)
{
    struct app *app = state.cursor;
    if (app != NULL) {
        state.cursor = app->turn.next;
        if (state.many) {
            fetch_ahead(state.cursor);
        }
    }
    return app;
}
