/* SPDX-License-Identifier: MIT */
/* The ring of events, and those who read it: ctx.events/1. */
#include "event_private.h"
#include "gate.h"
#include "heap.h"
#include "input.h"
#include "resource.h"

#include <kernel/string.h>

#define RING 1024u
/* What an app can wait for; those that are hints are not in the ring (app_tell). */
#define KINDS                                                                                      \
    (1u << CTX_EVENT_KEY | 1u << CTX_EVENT_POINTER | 1u << CTX_EVENT_WHEEL |                       \
     1u << CTX_EVENT_TEXT | 1u << CTX_EVENT_RESIZE | 1u << CTX_EVENT_FOCUS |                       \
     1u << CTX_EVENT_LEAVE | 1u << CTX_EVENT_CLOSE | 1u << CTX_EVENT_PRESSED |                     \
     1u << CTX_EVENT_CALENDAR | PLANNED | HINTS)
/* SCALE is one for who comes back from an image, and in the ring for everybody. */
#define HINTS                                                                                      \
    (1u << CTX_EVENT_READY | 1u << CTX_EVENT_DONE | 1u << CTX_EVENT_INTERFACE |                    \
     1u << CTX_EVENT_NEWS | 1u << CTX_EVENT_WINDOWS | 1u << CTX_EVENT_BLOCK |                      \
     1u << CTX_EVENT_NIC | 1u << CTX_EVENT_SAVING | HINTS_OF_SURFACES)
/* What nobody sends yet, but an app may wait for. */
#define PLANNED     (1u << CTX_EVENT_PAD_BUTTON | 1u << CTX_EVENT_PAD_AXIS | 1u << CTX_EVENT_TOUCH)
#define BATCH       16u
#define PATIENCE_NS (500 * NSEC_PER_MSEC)

/* [boot, loop, in a call] */
static struct {
    struct ctx_event ring[RING];
    uint64_t to[RING];   /* whom each of them is for (route.h) */
    uint64_t next;       /* events ever */
    uint64_t oldest;     /* the first event that a reader may still want */
    bool reading;        /* there is a reader */
    struct app *waiters; /* those who wait for some kind */
    struct app *readers; /* those who have subscribed */
} state;

void event_push(struct ctx_event event, uint64_t to)
{
    if (to == ROUTE_NOBODY) {
        return;
    }
    event.time_ns = machine_now_ns();
    state.to[state.next % RING] = to;
    state.ring[state.next++ % RING] = event;
    for (struct app **p = &state.waiters; *p != NULL;) {
        struct app *app = *p;
        if ((app->event_mask >> event.kind & 1) != 0 && route_hears(app, to)) {
            *p = app->events->next_waiter;
            app->events->in_waiters = false;
            ready_wake(app);
        } else {
            p = &app->events->next_waiter;
        }
    }
}

/* Those that the ring no longer holds are lost. */
static void catch_up(struct app_events *mine)
{
    if (state.next - mine->event_next > RING) {
        mine->event_next = state.next - RING;
        mine->lost = true;
    }
}

/* What is for others is not in its way, and does not count among its own. */
static void step_over(const struct app *app, struct app_events *mine)
{
    catch_up(mine);
    while (mine->event_next < state.next && !route_hears(app, state.to[mine->event_next % RING])) {
        mine->event_next++;
        mine->event_first++;
    }
}

void event_leave_canvas(const struct app *app)
{
    struct app_events *mine = app->events;
    if (mine == NULL || !mine->subscribed) {
        return;
    }
    catch_up(mine);
    for (uint64_t n = mine->event_next, end = state.next; n < end; n++) {
        struct ctx_event event =
            state.ring[n % RING]; /* as far as pushing has not written over it */
        if (event.kind == CTX_EVENT_KEY && event.value == 0 && state.next - n <= RING &&
            state.to[n % RING] == ROUTE_CANVAS) {
            event_push(event, app->pid);
        }
    }
}

uint32_t event_room(void)
{
    uint64_t behind = state.next - state.oldest;
    return !state.reading ? UINT32_MAX : behind < RING ? RING - (uint32_t)behind : 0;
}

void event_settle(uint64_t now_ns)
{
    if (state.oldest == state.next) {
        return; /* nothing happened, or all have read it */
    }
    state.oldest = state.next;
    state.reading = false;
    for (const struct app *app = state.readers; app != NULL; app = app->events->next_reader) {
        struct app_events *mine = app->events;
        step_over(app, mine);
        if (mine->read_ns + PATIENCE_NS > now_ns) {
            state.reading = true;
            state.oldest = MIN(state.oldest, mine->event_next);
        }
    }
}

static void subscribe(struct app *app)
{
    struct app_events *mine = app->events;
    if (!mine->subscribed) {
        mine->next_reader = state.readers;
        state.readers = app;
        mine->subscribed = true;
        mine->event_next = state.next;
        mine->event_first = state.next;
    }
}

uint64_t event_last_seq(const struct app *app)
{
    const struct app_events *mine = app->events;
    return mine->event_next - mine->event_first - (mine->own_count - mine->own_next);
}

ctx_status event_restore(struct app *app, const struct ctx_event *events, uint32_t count,
                         uint64_t last_seq, bool lost)
{
    struct app_events *mine = app->events;
    if (count > 0) {
        mine->own_events = heap_alloc(count * sizeof *events);
        if (mine->own_events == NULL) {
            return CTX_E_NOMEM;
        }
        memcpy(mine->own_events, events, count * sizeof *events);
    }
    mine->own_count = count;
    mine->own_next = 0;
    subscribe(app);
    mine->event_first = mine->event_next - last_seq - count;
    mine->lost = lost;
    return CTX_OK;
}

static void drop_own(struct app_events *mine)
{
    if (mine->own_events != NULL) {
        heap_free(mine->own_events, mine->own_count * sizeof *mine->own_events);
        mine->own_events = NULL;
    }
    mine->own_count = 0;
    mine->own_next = 0;
}

/* An event of the system's as this app sees it. */
static void show(const struct app *app, struct ctx_event *event)
{
    event->time_ns = app_time(app, event->time_ns);
    bool placed = event->kind == CTX_EVENT_POINTER ||
                  (event->kind == CTX_EVENT_KEY && input_is_button(event->code));
    if (placed && event->surface == 0) {
        resources_point(app, &event->x, &event->y);
    }
}

void event_wait(struct app *app)
{
    struct app_events *mine = app->events;
    if (app_was_told(app, app->event_mask)) {
        ready_wake(app);
        return;
    }
    catch_up(mine);
    for (uint32_t n = mine->own_next; n < mine->own_count; n++) {
        if ((app->event_mask >> mine->own_events[n].kind & 1) != 0) {
            ready_wake(app);
            return;
        }
    }
    for (uint64_t n = mine->event_next; n < state.next; n++) {
        if ((app->event_mask >> state.ring[n % RING].kind & 1) != 0 &&
            route_hears(app, state.to[n % RING])) {
            ready_wake(app);
            return;
        }
    }
    if (!mine->in_waiters) {
        mine->in_waiters = true;
        mine->next_waiter = state.waiters;
        state.waiters = app;
    }
}

void event_forget(struct app *app)
{
    struct app **p = &state.waiters;
    while (app->events->in_waiters && *p != app) {
        p = &(*p)->events->next_waiter;
    }
    if (app->events->in_waiters) {
        *p = app->events->next_waiter;
        app->events->in_waiters = false;
    }
    p = &state.readers;
    while (app->events->subscribed && *p != app) {
        p = &(*p)->events->next_reader;
    }
    if (app->events->subscribed) {
        *p = app->events->next_reader;
        app->events->subscribed = false;
    }
    drop_own(app->events);
}

uint32_t event_unread(struct app *app, struct ctx_event *out, uint32_t room)
{
    struct app_events *mine = app->events;
    uint32_t count = 0;
    if (!mine->subscribed) {
        return 0;
    }
    catch_up(mine);
    for (uint32_t n = mine->own_next; n < mine->own_count; n++, count++) {
        if (count < room) {
            out[count] = mine->own_events[n];
        }
    }
    for (uint64_t n = mine->event_next; n < state.next; n++) {
        if (!route_hears(app, state.to[n % RING])) {
            continue;
        }
        if (count < room) {
            out[count] = state.ring[n % RING];
            show(app, &out[count]);
        }
        count++;
    }
    for (uint32_t code = 0; code < INPUT_KEYS; code++) {
        if (input_is_held(app, code)) {
            if (count < room) {
                out[count] = (struct ctx_event){.kind = CTX_EVENT_KEY, .code = code};
                out[count].time_ns = app_time(app, machine_now_ns());
            }
            count++;
        }
    }
    return count;
}

/* Where events go to: the app's array. */
struct destination {
    uint64_t at;
    uint32_t room, each;
};

/* n events, as its elements from number `first` on. False: the app's memory is not there. */
static bool put_events(const struct destination *to, uint32_t first, const struct ctx_event *events,
                       uint32_t n)
{
    if (to->each == sizeof *events) {
        return n == 0 || gate_put(to->at + (uint64_t)first * sizeof *events, events,
                                  n * sizeof *events) == CTX_OK;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (gate_put_element(to->at, first + i, to->each, &events[i], sizeof *events) != CTX_OK) {
            return false;
        }
    }
    return true;
}

/* At most room of its image's events. False: the app's memory is not there. */
static bool read_own(struct app *app, const struct destination *to, uint32_t *count)
{
    struct app_events *mine = app->events;
    uint32_t n = MIN(mine->own_count - mine->own_next, to->room);
    uint64_t seq = event_last_seq(app);
    for (uint32_t i = 0; i < n; i++) {
        struct ctx_event *e = &mine->own_events[mine->own_next + i];
        e->seq = seq + i + 1;
        e->flags = (e->flags & CTX_EVENT_SERIAL) | (mine->lost && i == 0 ? CTX_EVENT_LOST : 0);
    }
    if (n > 0 && !put_events(to, 0, mine->own_events + mine->own_next, n)) {
        return false;
    }
    mine->own_next += n;
    *count = n;
    return true;
}

/* What it was told, one event for each kind (of EXPOSE for each surface), until *count is room.
 * False: the app's memory is not there. */
static bool read_hints(struct app *app, const struct destination *to, uint32_t *count)
{
    struct app_events *mine = app->events;
    while (*count < to->room && (app->hints & HINTS) != 0) {
        struct ctx_event event = {
            .kind = (uint32_t)__builtin_ctz(app->hints & HINTS),
            .flags = mine->lost && *count == 0 ? CTX_EVENT_LOST : 0,
            .seq = event_last_seq(app) + 1,
            .time_ns = app_time(app, machine_now_ns()),
        };
        bool is = (HINTS_OF_SURFACES >> event.kind & 1) == 0 || route_exposed(app, &event);
        if (is && !put_events(to, *count, &event, 1)) {
            return false;
        }
        mine->event_first -= is; /* so that it counts among the others */
        *count += is;
        if (!is || event.kind != CTX_EVENT_EXPOSE) { /* of that there may be more */
            app->hints &= ~(1u << event.kind);
            app->fresh_hints &= ~(1u << event.kind);
        }
    }
    return true;
}

static uint64_t events_read(struct app *app, const uint64_t args[6])
{
    struct app_events *mine = app->events;
    uint32_t each = (uint32_t)args[3], count = 0;
    if (each < GATE_ELEMENT_MIN || (uint32_t)args[2] < each) {
        return (uint32_t)CTX_E_INVAL;
    }
    const struct destination to = {args[1], (uint32_t)args[2] / each, each};
    /* Where the results go is looked at first: a call that fails moves nothing. */
    if (gate_put(args[4], &count, sizeof count) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    subscribe(app);
    catch_up(mine);
    mine->read_ns = machine_now_ns();
    state.reading = true; /* from now on devices are held back for it */
    const struct app_events before = *mine;
    uint32_t hints = app->hints;
    bool put = read_own(app, &to, &count) && read_hints(app, &to, &count);
    while (put && count < to.room && mine->event_next < state.next) {
        struct ctx_event batch[BATCH];
        uint32_t n = 0;
        while (n < BATCH && count + n < to.room && mine->event_next < state.next) {
            uint64_t at = mine->event_next++ % RING;
            if (!route_hears(app, state.to[at])) {
                mine->event_first++;
                continue;
            }
            batch[n] = state.ring[at];
            show(app, &batch[n]);
            batch[n].seq = mine->event_next - mine->event_first;
            batch[n].flags |= mine->lost && count + n == 0 ? CTX_EVENT_LOST : 0u;
            n++;
        }
        put = put_events(&to, count, batch, n);
        count += n;
    }
    route_exposed_end(app, put);
    if (!put) {
        mine->event_next = before.event_next;
        mine->event_first = before.event_first;
        mine->own_next = before.own_next;
        app->hints = hints;
        return (uint32_t)CTX_E_INVAL;
    }
    mine->lost = mine->lost && count == 0;
    if (gate_put(args[4], &count, sizeof count) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    return (uint32_t)(count != 0 ? CTX_OK : CTX_E_AGAIN);
}

static uint64_t events_wait(struct app *app, const uint64_t args[6])
{
    /* A share is no event in the ring: share_image.c ends such a wait. */
    if ((args[1] & ~(uint64_t)(KINDS | 1u << CTX_EVENT_SHARE)) != 0) {
        return (uint32_t)CTX_E_INVAL;
    }
    subscribe(app);
    app->event_mask |= args[1];
    return CTX_OK;
}

GATE_TABLE(ctx_events_table, CTX_TABLE_EVENTS, events_read, events_wait);
