/* SPDX-License-Identifier: MIT */
/* Events: who gets which, in what order, and who is woken. */
#include "event.h"
#include "input.h"
#include "surface_private.h"
#include "v3_fixture.h"

#include <ctx/key.h>
#include <ctx/keymap.h>
#include <kernel/input.h>

#define EVERYBODY   ((struct route){ROUTE_ALL, 0}) /* nobody manages windows */

#define KEY_BIT     (1u << CTX_EVENT_KEY)
#define POINTER_BIT (1u << CTX_EVENT_POINTER)
#define TEXT_BIT    (1u << CTX_EVENT_TEXT)
#define ALL_BITS    0x3eu

/* The last read: what it said, and what it moved. */
static struct {
    ctx_status status;
    uint32_t count;
    struct ctx_event events[2000];
} got;
static uint32_t read_room = 2000;
static uint64_t wait_mask;

static int32_t body_read(struct ctx *ctx)
{
    uint32_t bytes = read_room * (uint32_t)sizeof(struct ctx_event);
    struct ctx_event *events = own(ctx, bytes);
    uint32_t *count = own(ctx, 4);
    *count = 77;
    got.status = ctx->events->read(ctx->events, events, bytes, sizeof events[0], count);
    got.count = *count;
    memcpy(got.events, events, *count * sizeof *events);
    ctx->mem->free(ctx->mem, events, bytes, 16);
    ctx->mem->free(ctx->mem, count, 4, 16);
    return 0;
}

static int32_t body_wait(struct ctx *ctx)
{
    assert_int_equal(ctx->events->wait(ctx->events, wait_mask), CTX_OK);
    return CTX_WAIT;
}

static void wait_for(struct app *app, uint64_t mask)
{
    wait_mask = mask;
    call(app, body_wait);
}

/* Whether it was woken; it is taken off the queue. */
static bool woken(const struct app *app)
{
    const struct app *taken = ready_take();
    assert_true(taken == NULL || taken == app);
    return taken != NULL;
}

static void subscribing(void **state)
{
    (void)state;
    struct app *early = load_v3("early");
    struct app *late = load_v3("late");
    event_key(30, 1, EVERYBODY); /* before anyone asked: not seen */
    call(early, body_read);
    assert_int_equal(got.status, CTX_E_AGAIN);
    assert_int_equal(got.count, 0);
    fake.now_ns = 1234;
    event_key(30, 0, EVERYBODY);
    fake.now_ns = 5678;
    call(late, body_read);
    assert_int_equal(got.status, CTX_E_AGAIN);
    event_wheel(-2, 3, EVERYBODY);
    call(early, body_read);
    assert_int_equal(got.status, CTX_OK);
    assert_int_equal(got.count, 2);
    assert_int_equal(got.events[0].flags, 0);
    assert_int_equal(got.events[0].kind, CTX_EVENT_KEY);
    assert_int_equal(got.events[0].seq, 1);
    assert_int_equal(got.events[0].time_ns, 1234);
    assert_int_equal(got.events[0].code, 30);
    assert_int_equal(got.events[0].value, 0);
    assert_int_equal(got.events[1].kind, CTX_EVENT_WHEEL);
    assert_int_equal(got.events[1].seq, 2);
    assert_int_equal(got.events[1].time_ns, 5678);
    assert_int_equal(got.events[1].x, -2);
    assert_int_equal(got.events[1].y, 3);
    call(late, body_read);
    assert_int_equal(got.count, 1);
    assert_int_equal(got.events[0].seq, 1); /* each counts its own */
    app_unload(early);
    app_unload(late);
}

static void batches(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    read_room = 7;
    call(app, body_read);
    for (uint32_t i = 0; i < 100; i++) {
        event_pointer((int32_t)i, 2 * (int32_t)i, 0, 0, EVERYBODY);
    }
    uint32_t seen = 0;
    for (read_room = 1; seen < 100; read_room = read_room % 40 + 1) {
        call(app, body_read);
        assert_int_equal(got.status, CTX_OK);
        assert_int_equal(got.count, MIN(read_room, 100 - seen));
        for (uint32_t i = 0; i < got.count; i++, seen++) {
            assert_int_equal(got.events[i].seq, seen + 1);
            assert_int_equal(got.events[i].x, seen);
            assert_int_equal(got.events[i].y, 2 * seen);
            assert_int_equal(got.events[i].flags, 0);
        }
    }
    read_room = 2000;
    call(app, body_read);
    assert_int_equal(got.status, CTX_E_AGAIN);
    app_unload(app);
}

/* One that falls behind by more than the ring: the newest 1024 are there, the first one says so. */
static void lost(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_read);
    for (uint32_t i = 1; i <= 1024; i++) {
        event_pointer((int32_t)i, 0, 0, 0, EVERYBODY);
    }
    call(app, body_read);
    assert_int_equal(got.count, 1024); /* exactly full: none is lost */
    assert_int_equal(got.events[0].flags, 0);
    for (uint32_t i = 1; i <= 1030; i++) {
        event_pointer((int32_t)i, 0, 0, 0, EVERYBODY);
    }
    read_room = 10;
    call(app, body_read);
    assert_int_equal(got.count, 10);
    assert_int_equal(got.events[0].flags, CTX_EVENT_LOST);
    assert_int_equal(got.events[0].x, 7);
    assert_int_equal(got.events[0].seq, 1024 + 7); /* the gap shows here too */
    assert_int_equal(got.events[1].flags, 0);
    read_room = 2000;
    call(app, body_read);
    assert_int_equal(got.count, 1014);
    assert_int_equal(got.events[0].flags, 0); /* said once */
    for (uint32_t i = 1; i <= 1030; i++) {
        event_pointer((int32_t)i, 0, 0, 0, EVERYBODY);
    }
    app_tell(app, CTX_EVENT_NEWS);
    call(app, body_read);
    assert_int_equal(got.count, 1025);
    assert_int_equal(got.events[0].kind, CTX_EVENT_NEWS);
    for (uint32_t i = 0; i < got.count; i++) { /* nor with what it is told besides */
        assert_int_equal(got.events[i].flags, i == 0 ? CTX_EVENT_LOST : 0);
    }
    app_unload(app);
}

static void waking(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    struct app *other = load_v3("other");
    wait_for(app, POINTER_BIT);
    assert_int_equal(app->turn.where, TURN_WAITING);
    event_key(30, 1, EVERYBODY);
    event_wheel(1, 1, EVERYBODY);
    assert_false(woken(app));
    event_pointer(1, 1, 0, 0, EVERYBODY);
    assert_true(woken(app));
    /* Nothing was read: what lies there wakes at once if it is of the kind. */
    wait_for(app, POINTER_BIT);
    assert_true(woken(app));
    wait_for(app, 1u << CTX_EVENT_RESIZE);
    assert_false(woken(app));
    call(app, body_read);
    assert_int_equal(app->turn.where, TURN_FRAME);
    event_pointer(2, 2, 0, 0, EVERYBODY); /* it does not wait: nothing happens to it */
    assert_int_equal(app->turn.where, TURN_FRAME);
    call(app, body_read);
    wait_for(app, KEY_BIT | POINTER_BIT);
    assert_false(woken(app));
    event_key(30, 0, EVERYBODY);
    assert_true(woken(app));
    call(app, body_read);

    /* Two of them, and one goes while it waits. */
    wait_for(app, ALL_BITS);
    wait_for(other, ALL_BITS);
    app_unload(other);
    event_wheel(0, 1, EVERYBODY);
    assert_true(woken(app));
    call(app, body_read);
    wait_for(app, ALL_BITS);
    app_unload(app);
    event_wheel(0, 1, EVERYBODY);
    assert_null(ready_take());
}

static int32_t body_wait_and_time(struct ctx *ctx)
{
    ctx->events->wait(ctx->events, POINTER_BIT);
    ctx->events->wait(ctx->events, KEY_BIT); /* they add up */
    ctx->time->wake_at(ctx->time, fake.now_ns + 900);
    ctx->time->wake_at(ctx->time, fake.now_ns + 500);
    ctx->time->wake_at(ctx->time, fake.now_ns + 700);
    return CTX_WAIT;
}

static int32_t body_wait_for_nothing(struct ctx *ctx)
{
    (void)ctx;
    return CTX_WAIT;
}

static int32_t body_wait_and_again(struct ctx *ctx)
{
    ctx->events->wait(ctx->events, ALL_BITS);
    return CTX_AGAIN;
}

static void whatever_comes_first(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_read);
    call(app, body_wait_and_time);
    assert_int_equal(ready_next_deadline_ns(), fake.now_ns + 500);
    event_key(30, 1, EVERYBODY);
    assert_true(woken(app));
    assert_int_equal(ready_next_deadline_ns(), NEVER_NS);
    call(app, body_read);
    call(app, body_wait_and_time);
    fake.now_ns += 500;
    ready_expire(fake.now_ns);
    assert_true(woken(app));
    /* A wait is forgotten when the next call begins. */
    call(app, body_wait_for_nothing);
    assert_int_equal(ready_next_deadline_ns(), NEVER_NS);
    event_key(30, 0, EVERYBODY);
    event_pointer(9, 9, 0, 0, EVERYBODY);
    assert_false(woken(app));
    call(app, body_read);
    call(app, body_wait_and_again); /* asked for, but not waited for */
    assert_int_equal(app->turn.where, TURN_FRAME);
    event_key(30, 1, EVERYBODY);
    assert_int_equal(app->turn.where, TURN_FRAME);
    assert_null(ready_take());
    app_unload(app);
}

static int32_t body_bad_mask(struct ctx *ctx)
{
    static const uint64_t bad[] = {1,          1u << 6,     1ull << 40,
                                   UINT64_MAX, KEY_BIT | 1, 1u << (CTX_EVENT_CALENDAR + 1)};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_int_equal(ctx->events->wait(ctx->events, bad[i]), CTX_E_INVAL);
    }
    for (uint32_t kind = CTX_EVENT_FOCUS; kind <= CTX_EVENT_CALENDAR;
         kind++) { /* though nobody sends it */
        assert_int_equal(ctx->events->wait(ctx->events, UINT64_C(1) << kind), CTX_OK);
    }
    assert_int_equal(ctx->events->wait(ctx->events, 0), CTX_OK);
    struct ctx_event *event = own(ctx, sizeof *event);
    uint32_t *count = own(ctx, 4);
    for (uint32_t bytes = 0; bytes < sizeof *event; bytes += 13) {
        assert_int_equal(ctx->events->read(ctx->events, event, bytes, sizeof event[0], count),
                         CTX_E_INVAL);
    }
    return CTX_WAIT;
}

static void bad_arguments(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_bad_mask);
    event_key(30, 1, EVERYBODY);
    assert_false(woken(app)); /* a refused mask is not half taken */
    app_unload(app);
}

static int32_t body_read_to_nowhere(struct ctx *ctx)
{
    struct ctx_event *events = own(ctx, 10 * sizeof *events);
    uint32_t *count = own(ctx, 4);
    uint32_t *constant = (uint32_t *)(uintptr_t)(app_current()->base + CTX_SLOT_NOSYS);
    void *missing = (void *)(uintptr_t)(app_current()->base + CTX_SLOT_HEAP_END - 4096);
    assert_int_equal(ctx->events->read(ctx->events, events, 10 * (uint32_t)sizeof *events,
                                       sizeof *events, constant),
                     CTX_E_INVAL);
    assert_int_equal(
        ctx->events->read(ctx->events, missing, (uint32_t)sizeof *events, sizeof *events, count),
        CTX_E_INVAL);
    return 0;
}

static void a_failed_read_moves_nothing(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_read);
    event_pointer(5, 6, 0, 0, EVERYBODY);
    event_pointer(7, 8, 0, 0, EVERYBODY);
    call(app, body_read_to_nowhere);
    call(app, body_read);
    assert_int_equal(got.count, 2);
    assert_int_equal(got.events[0].x, 5);
    app_unload(app);
}

/* The texts since the last read, as characters one after another; other kinds are left out. */
static const uint32_t *texts(struct app *app)
{
    static uint32_t codes[64];
    uint32_t n = 0;
    memset(codes, 0, sizeof codes);
    call(app, body_read);
    for (uint32_t i = 0; i < got.count; i++) {
        if (got.events[i].kind == CTX_EVENT_TEXT) {
            codes[n++] = got.events[i].code;
        }
    }
    return codes;
}

static void press(uint32_t code)
{
    event_key(code, 1, EVERYBODY);
    event_key(code, 0, EVERYBODY);
}

static void text(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_read);
    press(30);
    event_key(42, 1, EVERYBODY); /* Shift */
    press(30);
    event_key(42, 0, EVERYBODY);
    event_key(30, 1, EVERYBODY);
    event_key(30, 2, EVERYBODY); /* repeats itself */
    event_key(30, 0, EVERYBODY);
    event_key(29, 1, EVERYBODY); /* Ctrl: no text, but keys */
    press(46);
    event_key(29, 0, EVERYBODY);
    press(59); /* F1 has none */
    const uint32_t *codes = texts(app);
    assert_memory_equal(codes, ((uint32_t[]){'a', 'A', 'a', 'a', 0}), 20);
    uint32_t keys = 0;
    for (uint32_t i = 0; i < got.count; i++) {
        keys += got.events[i].kind == CTX_EVENT_KEY;
        /* Each text comes right after the key it is of. */
        assert_true(got.events[i].kind != CTX_EVENT_TEXT || got.events[i - 1].code == 30);
    }
    assert_int_equal(keys, 2 + 4 + 3 + 4 + 2);

    event_set_layout(1); /* AZERTY: the key of Q is A, and right of P lies a dead circumflex */
    press(16);
    press(26);
    press(18); /* e */
    press(26);
    press(45); /* x: does not go together */
    press(26);
    press(26);
    codes = texts(app);
    assert_memory_equal(codes, ((uint32_t[]){'a', 0xea, '^', 'x', '^', 0}), 24);
    press(26);
    event_set_layout(0); /* and with it goes what was dead */
    press(18);
    codes = texts(app);
    assert_memory_equal(codes, ((uint32_t[]){'e', 0}), 8);
    assert_true(event_set_layout_by_name("fr", 2));
    assert_int_equal(event_layout(), 1);
    for (uint32_t serial = 0; serial < 2; serial++) { /* a terminal sends what is meant */
        event_from_serial(serial != 0);
        press(16);
        codes = texts(app);
        assert_memory_equal(codes, ((uint32_t[]){serial != 0 ? 'q' : 'a', 0}), 8);
        assert_int_equal((got.events[0].flags & CTX_EVENT_SERIAL) != 0, serial);
    }
    event_from_serial(false);
    assert_int_equal(event_layout(), 1);
    assert_false(event_set_layout_by_name("f", 1) || event_set_layout_by_name("fra", 3));
    assert_int_equal(event_layout(), 1);
    event_set_layout(0);
    assert_text(ctx_keymap_get(0)->name, "en");
    assert_text(ctx_keymap_get(1)->name, "fr");

    wait_for(app, TEXT_BIT);
    event_key(59, 1, EVERYBODY);
    event_key(59, 0, EVERYBODY);
    assert_false(woken(app));
    press(30);
    assert_true(woken(app));
    app_unload(app);
}

/* Caps Lock that is held repeats itself; it is still pressed once. */
static void caps_lock_held_toggles_once(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_read);
    event_key(58, 1, EVERYBODY);
    event_key(58, 2, EVERYBODY);
    event_key(58, 2, EVERYBODY);
    event_key(58, 0, EVERYBODY);
    press(30);
    press(58);
    press(30);
    assert_memory_equal(texts(app), ((uint32_t[]){'A', 'a', 0}), 12);
    app_unload(app);
}

static void buttons(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    input_set_screen(320, 200);
    call(app, body_read);
    input_key(CTX_BTN_LEFT, 1);
    input_pointer_move(5, -3);
    input_key(CTX_BTN_LEFT + 1, 1);
    input_pointer_set(0, 1, 1, 1);
    input_key(CTX_BTN_LEFT, 0);
    input_pointer_set(1, 1, 0, 1);
    input_key(CTX_BTN_LEFT + 1, 0);
    input_pointer_move(-1000, 0);
    input_wheel(0, -1);
    call(app, body_read);
    static const struct ctx_event expected[] = {
        {.kind = CTX_EVENT_KEY, .code = CTX_BTN_LEFT, .value = 1, .x = 160, .y = 100},
        {.kind = CTX_EVENT_POINTER, .code = 1, .x = 165, .y = 97, .dx = 5, .dy = -3},
        {.kind = CTX_EVENT_KEY, .code = CTX_BTN_LEFT + 1, .value = 1, .x = 165, .y = 97},
        {.kind = CTX_EVENT_POINTER, .code = 3, .x = 0, .y = 199, .dx = -165, .dy = 102},
        {.kind = CTX_EVENT_KEY, .code = CTX_BTN_LEFT, .value = 0, .x = 0, .y = 199},
        {.kind = CTX_EVENT_POINTER, .code = 2, .x = 319, .y = 0, .dx = 319, .dy = -199},
        {.kind = CTX_EVENT_KEY, .code = CTX_BTN_LEFT + 1, .value = 0, .x = 319, .y = 0},
        /* how far it was moved, not how far it got */
        {.kind = CTX_EVENT_POINTER, .code = 0, .x = 0, .y = 0, .dx = -1000},
        {.kind = CTX_EVENT_WHEEL, .x = 0, .y = -1, .dy = -120},
    };
    assert_int_equal(got.count, ARRAY_COUNT(expected));
    for (uint32_t i = 0; i < got.count; i++) {
        struct ctx_event e = got.events[i];
        assert_int_equal(e.seq, i + 1);
        e.seq = 0;
        e.time_ns = 0;
        assert_memory_equal(&e, &expected[i], sizeof e);
    }
    app_unload(app);
}

static void modifiers_are_told_with_what_they_modify(void **state)
{
    (void)state;
    static const struct {
        uint32_t code, bit;
    } held[] = {{CTX_KEY_LEFTSHIFT, CTX_MOD_SHIFT}, {CTX_KEY_RIGHTSHIFT, CTX_MOD_SHIFT},
                {CTX_KEY_LEFTCTRL, CTX_MOD_CTRL},   {CTX_KEY_RIGHTCTRL, CTX_MOD_CTRL},
                {CTX_KEY_LEFTALT, CTX_MOD_ALT},     {CTX_KEY_RIGHTALT, CTX_MOD_ALTGR},
                {CTX_KEY_LEFTMETA, CTX_MOD_META},   {CTX_KEY_RIGHTMETA, CTX_MOD_META}};
    struct app *app = load_v3("app");
    read_room = 2000;
    call(app, body_read);
    for (size_t i = 0; i < ARRAY_COUNT(held); i++) {
        event_key(held[i].code, 1, EVERYBODY);
        event_key(held[i].code, 2, EVERYBODY);
        event_key(30, 1, EVERYBODY);
        event_pointer(1, 2, 0, 0, EVERYBODY);
        event_wheel(0, 1, EVERYBODY);
        event_key(held[i].code, 0, EVERYBODY);
        event_key(30, 0, EVERYBODY);
        call(app, body_read);
        uint32_t last = got.count - 1;
        for (uint32_t n = 0; n + 2 <= last; n++) { /* TEXT too, where there is some */
            assert_int_equal(got.events[n].modifiers, held[i].bit);
        }
        assert_int_equal(got.events[last - 1].modifiers, 0); /* its own going up counts */
        assert_int_equal(got.events[last].modifiers, 0);
    }
    /* Of two keys that mean the same one is still held. */
    for (size_t i = 0; i < ARRAY_COUNT(held); i += 2) {
        if (held[i].bit == held[i + 1].bit) {
            event_key(held[i].code, 1, EVERYBODY);
            event_key(held[i + 1].code, 1, EVERYBODY);
            event_key(held[i].code, 0, EVERYBODY);
            call(app, body_read);
            assert_int_equal(got.events[2].modifiers, held[i].bit);
            event_key(held[i + 1].code, 0, EVERYBODY);
            call(app, body_read);
            assert_int_equal(got.events[0].modifiers, 0);
        }
    }
    /* What others make says so too, but where it says something else. */
    event_key(CTX_KEY_LEFTCTRL, 1, EVERYBODY);
    event_send(ROUTE_ALL, &(struct ctx_event){.kind = CTX_EVENT_RESIZE});
    event_send(ROUTE_ALL, &(struct ctx_event){.kind = CTX_EVENT_RESIZE, .modifiers = CTX_MOD_META});
    event_key(CTX_KEY_LEFTCTRL, 0, EVERYBODY);
    call(app, body_read);
    assert_int_equal(got.count, 4);
    assert_int_equal(got.events[1].modifiers, CTX_MOD_CTRL);
    assert_int_equal(got.events[2].modifiers, CTX_MOD_META);
    /* Locks are on until they are pressed again, and repeats do not count. */
    static const struct {
        uint32_t code, bit;
    } locks[] = {{CTX_KEY_CAPSLOCK, CTX_MOD_CAPS}, {CTX_KEY_NUMLOCK, CTX_MOD_NUM}};
    for (size_t i = 0; i < ARRAY_COUNT(locks); i++) {
        for (uint32_t round = 0; round < 2; round++) {
            event_key(locks[i].code, 1, EVERYBODY);
            event_key(locks[i].code, 2, EVERYBODY);
            event_key(locks[i].code, 2, EVERYBODY);
            event_key(locks[i].code, 0, EVERYBODY);
            call(app, body_read);
            for (uint32_t n = 0; n < 4; n++) {
                assert_int_equal(got.events[n].modifiers, round == 0 ? locks[i].bit : 0);
            }
        }
    }
    app_unload(app);
}

static void wheels_may_say_anything(void **state)
{
    (void)state;
    static const struct {
        int32_t steps, parts;
    } cases[] = {{1, 120},
                 {-3, -360},
                 {INT32_MAX, INT32_MAX / 120 * 120},
                 {INT32_MIN, -(INT32_MAX / 120 * 120)}};
    struct app *app = load_v3("app");
    call(app, body_read);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        event_wheel(cases[i].steps, cases[i].steps, EVERYBODY);
        call(app, body_read);
        assert_int_equal(got.events[0].x, cases[i].steps);
        assert_int_equal(got.events[0].dx, cases[i].parts);
        assert_int_equal(got.events[0].dy, cases[i].parts);
    }
    app_unload(app);
}

/* An app's struct ctx_event may be shorter than the kernel's, or longer: each says its own. */
static uint32_t element;
static uint8_t elements[20 * 200];

static int32_t body_read_elements(struct ctx *ctx)
{
    uint32_t bytes = 20 * element + element / 2; /* half of one more is none */
    uint8_t *to = own(ctx, bytes);
    uint32_t *count = own(ctx, 4);
    memset(to, 0xee, bytes);
    got.status = ctx->events->read(ctx->events, to, bytes, element, count);
    got.count = *count;
    memcpy(elements, to, 20 * element);
    for (uint32_t i = got.count * element; i < bytes; i++) {
        assert_int_equal(to[i], 0xee);
    }
    return 0;
}

static void elements_of_any_size(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {8, 13, 40, 63, 64, 65, 96, 200};
    struct app *app = load_v3("app");
    input_set_screen(320, 200);
    element = sizeof(struct ctx_event);
    call(app, body_read_elements);
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        element = sizes[i];
        for (int32_t n = 0; n < 25; n++) {
            event_pointer(n, 7, n, -n, EVERYBODY);
        }
        for (uint32_t n = 0; n < 25; n++) {
            if (n % 20 == 0) {
                call(app, body_read_elements);
                assert_int_equal(got.status, CTX_OK);
                assert_int_equal(got.count, n == 0 ? 20 : 5);
            }
            struct ctx_event e = {.kind = 0};
            const uint8_t *from = elements + n % 20 * element;
            memcpy(&e, from, MIN(element, (uint32_t)sizeof e));
            assert_int_equal(e.kind, CTX_EVENT_POINTER);
            assert_int_equal(e.x, element >= 40 ? (int32_t)n : 0);
            assert_int_equal(e.dy, element >= 56 ? -(int32_t)n : 0);
            for (uint32_t b = sizeof e; b < element; b++) {
                assert_int_equal(from[b], 0);
            }
        }
        call(app, body_read_elements);
        assert_int_equal(got.status, CTX_E_AGAIN);
    }
    for (element = 0; element < 8; element++) {
        call(app, body_read_elements);
        assert_int_equal(got.status, CTX_E_INVAL);
    }
    app_unload(app);
}

static int32_t body_info(struct ctx *ctx)
{
    struct ctx_display_info *info = own(ctx, sizeof *info);
    info->size = sizeof *info;
    info->w = info->h = 1;
    assert_int_equal(ctx->display->info(ctx->display, info), CTX_OK);
    assert_int_equal(info->w, 0);
    assert_int_equal(info->h, 0);
    return CTX_AGAIN;
}

static void without_a_display_a_screen_has_no_size(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    call(app, body_info);
    assert_int_equal(app->faults, 0);
    app_unload(app);
}

/* What everybody's windows look like is told when it changes, and then once. */
static void scale_and_looks_are_told_once(void **state)
{
    (void)state;
    struct app *app = load_v3("app");
    const uint32_t was = display_scale();
    read_room = 2000;
    display_tell_scale();
    call(app, body_read);
    call(app, body_read);
    assert_int_equal(got.count, 0);
    for (uint32_t i = 0; i < 2; i++) {
        display_set_scale(2 * was);
        call(app, body_read);
        assert_int_equal(got.count, i == 0 ? 1 : 0);
    }
    for (uint32_t i = 0; i < 2; i++) {
        display_set_looks(CTX_DISPLAY_CONTRAST);
        call(app, body_read);
        assert_int_equal(got.count, i == 0 ? 1 : 0);
        if (i == 0) {
            assert_int_equal(got.events[0].kind, CTX_EVENT_SCALE);
            assert_int_equal(got.events[0].value, 2 * was);
        }
    }
    display_set_looks(0);
    display_set_scale(was);
    app_unload(app);
}

/* Drivers hold back for those that read, but nobody can hold the keyboard up by not reading. */
static void room(void **state)
{
    (void)state;
    struct app *reader = load_v3("reader");
    struct app *deaf = load_v3("deaf");
    call(deaf, body_read);
    call(reader, body_read);
    event_settle(fake.now_ns);
    assert_true(event_room() >= 1024);
    for (uint32_t i = 1; i <= 1000; i++) {
        event_wheel(0, 1, EVERYBODY);
        event_settle(fake.now_ns);
        assert_int_equal(event_room(), 1024 - i);
        assert_int_equal(input_room(), (1024 - i) / 3); /* a key may be so many events */
    }
    read_room = 400;
    call(reader, body_read);
    event_settle(fake.now_ns);
    assert_int_equal(event_room(), 24); /* the other one has read a moment ago */
    fake.now_ns += 501 * NSEC_PER_MSEC;
    read_room = 100;
    call(reader, body_read);
    event_settle(fake.now_ns);
    assert_int_equal(event_room(), 524);
    fake.now_ns += 501 * NSEC_PER_MSEC;
    event_settle(fake.now_ns);
    assert_true(event_room() >= 1024);
    read_room = 2000;
    app_unload(reader);
    app_unload(deaf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subscribing),
        cmocka_unit_test(batches),
        cmocka_unit_test(lost),
        cmocka_unit_test(waking),
        cmocka_unit_test(whatever_comes_first),
        cmocka_unit_test(bad_arguments),
        cmocka_unit_test(a_failed_read_moves_nothing),
        cmocka_unit_test(text),
        cmocka_unit_test(caps_lock_held_toggles_once),
        cmocka_unit_test(buttons),
        cmocka_unit_test(modifiers_are_told_with_what_they_modify),
        cmocka_unit_test(wheels_may_say_anything),
        cmocka_unit_test(elements_of_any_size),
        cmocka_unit_test(without_a_display_a_screen_has_no_size),
        cmocka_unit_test(scale_and_looks_are_told_once),
        cmocka_unit_test(room),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
