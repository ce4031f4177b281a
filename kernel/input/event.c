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

#define RING 1024u
/* What an app can wait for; those that are hints are not in the ring (app_tell). */
#define KINDS                                                                                      \
    (1u << CTX_EVENT_KEY | 1u << CTX_EVENT_POINTER | 1u << CTX_EVENT_WHEEL |                       \
     1u << CTX_EVENT_TEXT | 1u << CTX_EVENT_RESIZE | 1u << CTX_EVENT_FOCUS |                       \
     1u << CTX_EVENT_LEAVE | 1u << CTX_EVENT_CLOSE | 1u << CTX_EVENT_PRESSED | PLANNED | HINTS)
#define HINTS                                                                                      \
    (1u << CTX_EVENT_READY | 1u << CTX_EVENT_DONE | 1u << CTX_EVENT_INTERFACE |                    \
     1u << CTX_EVENT_NEWS | 1u << CTX_EVENT_WINDOWS | 1u << CTX_EVENT_BLOCK)
/* What nobody sends yet, but an app may wait for. */
#define PLANNED                                                                                    \
    (1u << CTX_EVENT_EXPOSE | 1u << CTX_EVENT_SCALE | 1u << CTX_EVENT_PAD_BUTTON |                 \
     1u << CTX_EVENT_PAD_AXIS | 1u << CTX_EVENT_TOUCH)
#define BATCH 16u
/* Of ctx_keymap_get(): US, which serial_keys.c makes codes for. */
#define SERIAL_LAYOUT 0u
#define WHEEL_STEP    120 /* of dx, dy */
#define PATIENCE_NS   (500 * NSEC_PER_MSEC)

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
        uint32_t own_next, hints;
        bool lost, subscribed;
    } kept;
};

/* [boot, loop, in a call] */
static struct {
    struct ctx_event ring[RING];
    uint64_t to[RING]; /* whom each of them is for (route.h) */
    uint64_t next;     /* events ever */
    uint32_t buttons;
    bool from_serial;
    uint64_t oldest;     /* the first event that a reader may still want */
    bool reading;        /* there is a reader */
    struct app *waiters; /* those who wait for some kind */
    struct app *readers; /* those who have subscribed */
    struct ctx_keyboard keyboard;
    uint32_t held; /* CTX_MOD_*: what the keyboard's state does not have */
    uint8_t metas; /* held: a bit for each of two keys */
    bool num_held; /* so that automatic repeats do not count */
} state;

void event_set_layout(uint32_t layout)
{
    state.keyboard.layout = layout;
    state.keyboard.dead = 0;
}

uint32_t event_layout(void)
{
    return state.keyboard.layout;
}

bool event_set_layout_by_name(const char *name, size_t len)
{
    for (uint32_t i = 0; i < ctx_keymap_count(); i++) {
        const char *known = ctx_keymap_get(i)->name;
        if (strlen(known) == len && memcmp(known, name, len) == 0) {
            event_set_layout(i);
            return true;
        }
    }
    return false;
}

static void push(struct ctx_event event, uint64_t to)
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

uint32_t event_modifiers(void)
{
    const struct ctx_keyboard *k = &state.keyboard;
    return state.held | (k->shift != 0 ? CTX_MOD_SHIFT : 0) | (k->ctrl != 0 ? CTX_MOD_CTRL : 0) |
           (k->altgr != 0 ? CTX_MOD_ALTGR : 0) | ((k->caps & 1) != 0 ? CTX_MOD_CAPS : 0);
}

void event_send(uint64_t to, const struct ctx_event *event)
{
    struct ctx_event out = *event;
    out.modifiers = out.modifiers != 0 ? out.modifiers : event_modifiers();
    push(out, to);
}

/* The keys that no text depends on. */
static void hold(uint32_t code, bool down)
{
    switch (code) {
    case CTX_KEY_LEFTALT:
        state.held = down ? state.held | CTX_MOD_ALT : state.held & ~(uint32_t)CTX_MOD_ALT;
        break;
    case CTX_KEY_LEFTMETA:
    case CTX_KEY_RIGHTMETA: {
        uint8_t bit = code == CTX_KEY_LEFTMETA ? 1 : 2;
        state.metas = (uint8_t)(down ? state.metas | bit : state.metas & ~bit);
        state.held =
            state.metas != 0 ? state.held | CTX_MOD_META : state.held & ~(uint32_t)CTX_MOD_META;
        break;
    }
    case CTX_KEY_NUMLOCK:
        state.held ^= down && !state.num_held ? CTX_MOD_NUM : 0u;
        state.num_held = down;
        break;
    default:
        break;
    }
}

static struct ctx_event key_event(uint32_t code, uint32_t value, struct route to)
{
    return (struct ctx_event){.kind = CTX_EVENT_KEY,
                              .flags = state.from_serial ? CTX_EVENT_SERIAL : 0,
                              .code = code,
                              .value = value,
                              .surface = to.surface,
                              .modifiers = event_modifiers()};
}

static bool is_button(uint32_t code)
{
    return code >= CTX_BTN_LEFT && code <= CTX_BTN_SIDE;
}

void event_button(uint32_t code, uint32_t value, struct route to, int32_t x, int32_t y)
{
    uint32_t bit = 1u << (code - CTX_BTN_LEFT);
    state.buttons = value != 0 ? state.buttons | bit : state.buttons & ~bit;
    struct ctx_event event = key_event(code, value, to);
    event.x = x;
    event.y = y;
    push(event, to.to);
}

void event_key(uint32_t code, uint32_t value, struct route to)
{
    uint32_t also, layout = state.keyboard.layout;
    if (state.from_serial) { /* a terminal has its own layout: what it sent is what was meant */
        state.keyboard.layout = SERIAL_LAYOUT;
    }
    uint32_t text = ctx_keyboard_event(&state.keyboard, code, value != 0, &also);
    state.keyboard.layout = layout;
    hold(code, value != 0);
    struct ctx_event event = key_event(code, value, to);
    push(event, to.to);
    event.kind = CTX_EVENT_TEXT;
    event.value = 0;
    if (text != 0 && state.keyboard.ctrl == 0) {
        if (also != 0) {
            event.code = also;
            push(event, to.to);
        }
        event.code = text;
        push(event, to.to);
    }
}

void event_key_up(uint32_t code, struct route to)
{
    push(key_event(code, 0, to), to.to);
}

bool event_is_from_serial(void)
{
    return state.from_serial;
}

void event_from_serial(bool serial)
{
    state.from_serial = serial;
}

void event_pointer(int32_t x, int32_t y, int32_t dx, int32_t dy, struct route to)
{
    push((struct ctx_event){.kind = CTX_EVENT_POINTER,
                            .code = state.buttons,
                            .x = x,
                            .y = y,
                            .surface = to.surface,
                            .modifiers = event_modifiers(),
                            .dx = dx,
                            .dy = dy},
         to.to);
}

/* Steps in the unit of dx, dy. A device may say anything. */
static int32_t of_steps(int32_t steps)
{
    int32_t most = INT32_MAX / WHEEL_STEP;
    return (steps < -most ? -most : MIN(steps, most)) * WHEEL_STEP;
}

void event_wheel(int32_t dx, int32_t dy, struct route to)
{
    push((struct ctx_event){.kind = CTX_EVENT_WHEEL,
                            .x = dx,
                            .y = dy,
                            .surface = to.surface,
                            .modifiers = event_modifiers(),
                            .dx = of_steps(dx),
                            .dy = of_steps(dy)},
         to.to);
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
            push(event, app->pid);
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
                  (event->kind == CTX_EVENT_KEY && is_button(event->code));
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

/* What it was told, one event for each kind, until *count is room. False: the app's memory is not
 * there. */
static bool read_hints(struct app *app, const struct destination *to, uint32_t *count)
{
    struct app_events *mine = app->events;
    for (; *count < to->room && (app->hints & HINTS) != 0; (*count)++) {
        struct ctx_event event = {
            .kind = (uint32_t)__builtin_ctz(app->hints & HINTS),
            .flags = mine->lost && *count == 0 ? CTX_EVENT_LOST : 0,
            .seq = event_last_seq(app) + 1,
            .time_ns = app_time(app, machine_now_ns()),
        };
        if (!put_events(to, *count, &event, 1)) {
            return false;
        }
        mine->event_first--; /* so that it counts among the others */
        app->hints &= ~(1u << event.kind);
        app->fresh_hints &= ~(1u << event.kind);
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
        mine->kept.hints = app->hints;
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
        app->hints |= mine->kept.hints;
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
