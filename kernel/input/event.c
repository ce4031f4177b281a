/* SPDX-License-Identifier: MIT */
#include "event.h"

#include "gate.h"
#include "heap.h"
#include "image.h"
#include "image_write.h"
#include "input_view.h"
#include "resource.h"

#include <kernel/string.h>

#include <ctx/key.h>
#include <ctx/keymap.h>

#define RING        1024u
#define KINDS       5u
#define BATCH       16u
#define PATIENCE_NS (500 * NSEC_PER_MSEC)

/* Which of the system's events an app of version 3 has seen. */
struct app_events {
    bool subscribed, lost, in_waiters;
    uint64_t event_next, event_first;
    struct ctx_event *own_events; /* its image's, before the system's; NULL: none are left */
    uint32_t own_count, own_next;
    uint64_t read_ns; /* when it last asked for events */
    struct app *next_waiter;
    struct app *next_reader; /* of those that have subscribed */
    struct {                 /* before the call that may be undone */
        uint64_t event_next, event_first;
        uint32_t own_next;
        bool lost, subscribed;
    } kept;
};

/* [boot, loop, in a call] */
static struct {
    struct ctx_event ring[RING];
    uint64_t next; /* events ever */
    uint32_t buttons;
    bool from_serial;
    uint64_t oldest;     /* the first event that a reader may still want */
    bool reading;        /* there is a reader */
    struct app *waiters; /* those who wait for some kind */
    struct app *readers; /* those who have subscribed */
    struct ctx_keyboard keyboard;
} state;

void event_set_layout(uint32_t layout)
{
    state.keyboard.layout = layout;
}

static void push(struct ctx_event event)
{
    event.time_ns = machine_now_ns();
    state.ring[state.next++ % RING] = event;
    for (struct app **p = &state.waiters; *p != NULL;) {
        struct app *app = *p;
        if ((app->event_mask >> event.kind & 1) != 0) {
            *p = app->events->next_waiter;
            app->events->in_waiters = false;
            ready_wake(app);
        } else {
            p = &app->events->next_waiter;
        }
    }
}

void event_key(uint32_t code, uint32_t value)
{
    if (code >= CTX_BTN_LEFT && code <= CTX_BTN_SIDE) {
        uint32_t bit = 1u << (code - CTX_BTN_LEFT);
        state.buttons = value != 0 ? state.buttons | bit : state.buttons & ~bit;
    }
    const uint32_t flags = state.from_serial ? CTX_EVENT_SERIAL : 0;
    push((struct ctx_event){.kind = CTX_EVENT_KEY, .flags = flags, .code = code, .value = value});
    uint32_t also;
    uint32_t text = ctx_keyboard_event(&state.keyboard, code, value != 0, &also);
    if (text != 0 && state.keyboard.ctrl == 0) {
        if (also != 0) {
            push((struct ctx_event){.kind = CTX_EVENT_TEXT, .flags = flags, .code = also});
        }
        push((struct ctx_event){.kind = CTX_EVENT_TEXT, .flags = flags, .code = text});
    }
}

void event_from_serial(bool serial)
{
    state.from_serial = serial;
}

void event_pointer(uint32_t x, uint32_t y)
{
    push((struct ctx_event){
        .kind = CTX_EVENT_POINTER, .code = state.buttons, .x = (int32_t)x, .y = (int32_t)y});
}

void event_wheel(int32_t dx, int32_t dy)
{
    push((struct ctx_event){.kind = CTX_EVENT_WHEEL, .x = dx, .y = dy});
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
        const struct app_events *mine = app->events;
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
    if (event->kind == CTX_EVENT_POINTER) {
        resources_point(app, &event->x, &event->y);
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

void event_wait(struct app *app)
{
    struct app_events *mine = app->events;
    catch_up(mine);
    for (uint32_t n = mine->own_next; n < mine->own_count; n++) {
        if ((app->event_mask >> mine->own_events[n].kind & 1) != 0) {
            ready_wake(app);
            return;
        }
    }
    for (uint64_t n = mine->event_next; n < state.next; n++) {
        if ((app->event_mask >> state.ring[n % RING].kind & 1) != 0) {
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
    for (uint64_t n = mine->event_next; n < state.next; n++, count++) {
        if (count < room) {
            out[count] = state.ring[n % RING];
            show(app, &out[count]);
        }
    }
    for (uint32_t code = 0; code < INPUT_KEYS; code++) {
        if (input_is_held(code)) {
            if (count < room) {
                out[count] = (struct ctx_event){.kind = CTX_EVENT_KEY, .code = code};
                out[count].time_ns = app_time(app, machine_now_ns());
            }
            count++;
        }
    }
    return count;
}

/* At most room of its image's events. False: the app's memory is not there. */
static bool read_own(struct app *app, uint64_t at, uint32_t room, uint32_t *count)
{
    struct app_events *mine = app->events;
    uint32_t n = MIN(mine->own_count - mine->own_next, room);
    uint64_t seq = event_last_seq(app);
    for (uint32_t i = 0; i < n; i++) {
        struct ctx_event *e = &mine->own_events[mine->own_next + i];
        e->seq = seq + i + 1;
        e->flags = (e->flags & CTX_EVENT_SERIAL) | (mine->lost && i == 0 ? CTX_EVENT_LOST : 0);
    }
    if (n > 0 &&
        gate_put(at, mine->own_events + mine->own_next, n * sizeof *mine->own_events) != CTX_OK) {
        return false;
    }
    mine->own_next += n;
    *count = n;
    return true;
}

static uint64_t events_read(struct app *app, const uint64_t args[6])
{
    struct app_events *mine = app->events;
    uint32_t room = (uint32_t)args[2] / (uint32_t)sizeof(struct ctx_event);
    uint32_t count = 0;
    if (room == 0) {
        return (uint32_t)CTX_E_INVAL;
    }
    /* Where the results go is looked at first: a call that fails moves nothing. */
    if (gate_put(args[3], &count, sizeof count) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    subscribe(app);
    catch_up(mine);
    mine->read_ns = machine_now_ns();
    state.reading = true; /* from now on devices are held back for it */
    uint64_t first = mine->event_next;
    uint32_t own = mine->own_next;
    if (!read_own(app, args[1], room, &count)) {
        return (uint32_t)CTX_E_INVAL;
    }
    while (count < room && mine->event_next < state.next) {
        struct ctx_event batch[BATCH];
        uint32_t n = 0;
        while (n < BATCH && count + n < room && mine->event_next + n < state.next) {
            batch[n] = state.ring[(mine->event_next + n) % RING];
            show(app, &batch[n]);
            batch[n].seq = mine->event_next + n - mine->event_first + 1;
            batch[n].flags |= mine->lost && count + n == 0 ? CTX_EVENT_LOST : 0u;
            n++;
        }
        uint64_t at = args[1] + (uint64_t)count * sizeof batch[0];
        if (gate_put(at, batch, n * sizeof batch[0]) != CTX_OK) {
            mine->event_next = first;
            mine->own_next = own;
            return (uint32_t)CTX_E_INVAL;
        }
        mine->event_next += n;
        count += n;
    }
    mine->lost = mine->lost && count == 0;
    if (gate_put(args[3], &count, sizeof count) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    return (uint32_t)(count != 0 ? CTX_OK : CTX_E_AGAIN);
}

static uint64_t events_wait(struct app *app, const uint64_t args[6])
{
    uint64_t known = ((1ull << KINDS) - 1) << CTX_EVENT_KEY;
    if ((args[1] & ~known) != 0) {
        return (uint32_t)CTX_E_INVAL;
    }
    subscribe(app);
    app->event_mask |= args[1];
    return CTX_OK;
}

GATE_TABLE(ctx_events_table, CTX_TABLE_EVENTS, events_read, events_wait);

/* ---- what an app has of this ---- */

static void wait(struct app *app)
{
    if (app->event_mask != 0) {
        event_wait(app);
    }
}

static ctx_status build(struct app *app, const struct elf_plan *plan)
{
    (void)plan;
    if (app->version < 3) {
        return CTX_OK;
    }
    app->events = heap_alloc(sizeof *app->events);
    return app->events != NULL ? CTX_OK : CTX_E_NOMEM;
}

static void tear_down(struct app *app)
{
    if (app->events != NULL) {
        event_forget(app);
        heap_free(app->events, sizeof *app->events);
        app->events = NULL;
    }
}

static uint32_t unread(struct app *app)
{
    return app->events != NULL ? MIN(event_unread(app, NULL, 0), INPUT_UNSEEN_MAX) : 0;
}

static uint64_t image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    return unread(app) * sizeof(struct ctx_event);
}

static void image_head(const struct app *app, struct ctx_image_app *out)
{
    const struct app_events *mine = app->events;
    if (mine != NULL) {
        out->flags |=
            (mine->subscribed ? CTX_IMAGE_SUBSCRIBED : 0) | (mine->lost ? CTX_IMAGE_LOST : 0);
        out->event_seq = mine->subscribed ? event_last_seq(app) : 0;
    }
}

static ctx_status save(struct app *app, struct image_writer *w)
{
    uint32_t most = unread(app);
    uint64_t bytes = most * sizeof(struct ctx_event);
    if (most == 0) {
        return CTX_OK;
    }
    struct ctx_event *events = heap_alloc(bytes);
    if (events == NULL) {
        return CTX_E_NOMEM;
    }
    uint32_t count = MIN(event_unread(app, events, most), most);
    image_write_whole(w, CTX_IMAGE_EVENTS, sizeof *events, events, count * sizeof *events, false);
    heap_free(events, bytes);
    return CTX_OK;
}

/* What it has not seen yet, behind what it is told. */
static ctx_status restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    const struct ctx_image_app *a = &image->app;
    uint32_t count = (uint32_t)image->parts[CTX_IMAGE_EVENTS].count, n = 0;
    if (app->events == NULL) {
        return CTX_OK;
    }
    if (how->in_place) {
        event_forget(app);
    }
    if ((a->flags & CTX_IMAGE_SUBSCRIBED) == 0 && how->tell == NULL) {
        return CTX_OK;
    }
    uint64_t bytes = (count + UINT64_C(1)) * sizeof(struct ctx_event);
    struct ctx_event *events = heap_alloc(bytes);
    if (events == NULL) {
        return CTX_E_NOMEM;
    }
    if (how->tell != NULL) {
        events[n++] = *how->tell;
    }
    for (uint32_t i = 0; i < count; i++) {
        image_entry(image, CTX_IMAGE_EVENTS, i, &events[n++], sizeof events[0]);
    }
    ctx_status status =
        event_restore(app, events, n, a->event_seq, (a->flags & CTX_IMAGE_LOST) != 0);
    heap_free(events, bytes);
    return status;
}

/* ---- undo ---- */

static bool remember(struct app *app)
{
    struct app_events *mine = app->events;
    if (mine != NULL) {
        mine->kept.event_next = mine->event_next;
        mine->kept.event_first = mine->event_first;
        mine->kept.own_next = mine->own_next;
        mine->kept.lost = mine->lost;
        mine->kept.subscribed = mine->subscribed;
    }
    return true;
}

static bool put_back(struct app *app, bool again)
{
    struct app_events *mine = app->events;
    if (mine != NULL && again && mine->kept.subscribed) {
        mine->event_next = mine->kept.event_next;
        mine->event_first = mine->kept.event_first;
        mine->own_next = mine->kept.own_next;
        mine->lost = mine->kept.lost;
    }
    return true;
}

static uint64_t count(const struct app *app)
{
    return app->events != NULL && app->events->subscribed;
}

const struct app_resource event_resource = {
    .name = "events",
    .build = build,
    .wait = wait,
    .tear_down = tear_down,
    .image_bytes = image_bytes,
    .image_head = image_head,
    .save = save,
    .restore = restore,
    .remember = remember,
    .put_back = put_back,
    .count = count,
};
