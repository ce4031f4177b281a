/* SPDX-License-Identifier: MIT */
/* How an app sees keys and pointer: always relative to its previous call. */
#include "event.h"
#include "input.h"
#include "input_view.h"
#include "test.h"

#include <ctx/key.h>
#include <kernel/input.h>

#define A 30u

static struct ctx_input page, other_page;
static struct input_view view, other;

static int setup(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 1024; code++) {
        input_key(code, INPUT_KEY_UP);
        input_forget(UINT64_MAX, UINT64_MAX);
    }
    memset(&page, 0xa5, sizeof page);
    memset(&page.last, 0, sizeof page.last + sizeof page.ring);
    input_view_start(NULL, &view, &page);
    return 0;
}

/* What happens between two calls, as letters: d down, u up, r repeat. Returns the state after. */
static uint8_t step(const char *events)
{
    for (; *events != 0; events++) {
        input_key(A, *events == 'd'   ? INPUT_KEY_DOWN
                     : *events == 'u' ? INPUT_KEY_UP
                                      : INPUT_KEY_REPEAT);
    }
    input_view_update(&view, machine_now_ns());
    input_forget(view.seen, UINT64_MAX);
    return page.keys[A];
}

/* Each of the six states, each thing that may happen next. */
static void every_transition(void **state)
{
    (void)state;
    static const struct {
        uint8_t from;
        const char *how; /* from a key that is up, call by call */
    } ways[] = {
        {CTX_KEY_OFF, ""},
        {CTX_KEY_OFF_FROM_ON, "d u"},
        {CTX_KEY_OFF_TRANSIENT_ON, "du"},
        {CTX_KEY_ON_FROM_OFF, "d"},
        {CTX_KEY_ON, "d "},
        {CTX_KEY_ON_TRANSIENT_OFF, "d ud"},
    };
    static const struct {
        const char *events;
        uint8_t from_off, from_on; /* the state at the next call */
    } next[] = {
        {"", 0, 130},     {"d", 128, 130},   {"u", 0, 1},        {"du", 2, 1},
        {"ud", 128, 129}, {"dud", 128, 129}, {"udu", 2, 1},      {"r", 128, 130},
        {"rr", 128, 130}, {"dudu", 2, 1},    {"udud", 128, 129}, {"uu", 0, 1},
    };
    for (size_t w = 0; w < ARRAY_COUNT(ways); w++) {
        for (size_t i = 0; i < ARRAY_COUNT(next); i++) {
            setup(NULL);
            uint8_t now = CTX_KEY_OFF;
            char part[8];
            for (const char *p = ways[w].how; *p != 0;) {
                size_t len = strcspn(p, " ");
                memcpy(part, p, len);
                part[len] = 0;
                now = step(part);
                p += len;
                if (*p == ' ' && *++p == 0) {
                    now = step("");
                }
            }
            assert_int_equal(now, ways[w].from);
            bool on = CTX_KEY_IS_DOWN(ways[w].from);
            now = step(next[i].events);
            assert_int_equal(now, on ? next[i].from_on : next[i].from_off);
            now = step(""); /* an edge is seen once */
            assert_true(now == CTX_KEY_ON || now == CTX_KEY_OFF);
            assert_int_equal(CTX_KEY_IS_DOWN(now),
                             CTX_KEY_IS_DOWN(on ? next[i].from_on : next[i].from_off));
        }
    }
}

/* 0-83, 85-195 and the four mouse buttons; nothing else is seen or counted. */
static void codes_that_apps_know(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 70000; code++) {
        bool known = code <= 83 || (code >= 85 && code <= 195) || (code >= 0x110 && code <= 0x113);
        uint64_t last = page.last;
        input_key(code, INPUT_KEY_DOWN);
        input_view_update(&view, machine_now_ns());
        input_forget(view.seen, UINT64_MAX);
        assert_int_equal(page.last, last + known);
        if (known) {
            const struct ctx_key_event *e = &page.ring[page.last % 64];
            assert_int_equal(e->code, code);
            assert_int_equal(e->down, 1);
            for (uint32_t i = 0; i < 7; i++) {
                assert_int_equal(e->rsv[i], 0);
            }
        }
        if (code < 1024) {
            assert_int_equal(page.keys[code], known ? CTX_KEY_ON_FROM_OFF : CTX_KEY_OFF);
        }
    }
    input_key(A, 3); /* no such value */
    input_key(A, UINT32_MAX);
    uint64_t last = page.last;
    input_view_update(&view, machine_now_ns());
    assert_int_equal(page.last, last);
}

static void at_most_64_events_in_a_call(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 150; i++) {
        input_key(i % 80, INPUT_KEY_DOWN);
    }
    uint64_t seen = 0;
    for (uint32_t call = 0; call < 4; call++) {
        input_view_update(&view, machine_now_ns());
        assert_int_equal(page.last, MIN((call + 1) * 64, 150u));
        for (; seen < page.last; seen++) { /* none is missed, by the loop that ctx.h shows */
            assert_int_equal(page.ring[(seen + 1) % 64].code, seen % 80);
        }
    }
    input_forget(view.seen, UINT64_MAX);
    /* 64 keys change in one call and settle in the next. */
    setup(NULL);
    for (uint32_t i = 1; i <= 64; i++) {
        input_key(i, INPUT_KEY_DOWN);
    }
    input_view_update(&view, machine_now_ns());
    assert_int_equal(page.keys[64], CTX_KEY_ON_FROM_OFF);
    input_view_update(&view, machine_now_ns());
    for (uint32_t i = 1; i <= 64; i++) {
        assert_int_equal(page.keys[i], CTX_KEY_ON);
    }
    input_forget(view.seen, UINT64_MAX);
}

static void repeats_are_events_without_an_edge(void **state)
{
    (void)state;
    assert_int_equal(step("d"), CTX_KEY_ON_FROM_OFF);
    assert_int_equal(step("r"), CTX_KEY_ON);
    assert_int_equal(step("rrr"), CTX_KEY_ON);
    assert_int_equal(page.last, 5);
    assert_int_equal(page.ring[5].down, 1);
}

static void each_app_its_own_view(void **state)
{
    (void)state;
    step("d");
    memset(&other_page, 0, sizeof other_page);
    input_view_start(NULL, &other, &other_page); /* held keys count as held, and are no news */
    assert_int_equal(other_page.keys[A], CTX_KEY_ON);
    assert_int_equal(other_page.last, 0);
    input_key(A, INPUT_KEY_UP);
    input_view_update(&view, machine_now_ns());
    input_view_update(&view, machine_now_ns());
    assert_int_equal(page.keys[A], CTX_KEY_OFF);
    input_view_update(&other, machine_now_ns()); /* slower, but it sees the edge too */
    assert_int_equal(other_page.keys[A], CTX_KEY_OFF_FROM_ON);
    assert_int_equal(other_page.last, 1);
}

/* One that hung for so long that its events are gone: it sees what is held, and no stale edges. */
static void a_view_that_was_left_behind(void **state)
{
    (void)state;
    memset(&other_page, 0, sizeof other_page);
    input_view_start(NULL, &other, &other_page);
    step("d");
    step("u");
    step("d"); /* forgotten by the queue, step by step */
    input_view_update(&other, machine_now_ns());
    assert_int_equal(other_page.keys[A], CTX_KEY_ON);
    assert_int_equal(other_page.last, 0);
    input_key(A, INPUT_KEY_UP);
    input_view_update(&other, machine_now_ns());
    assert_int_equal(other_page.keys[A], CTX_KEY_OFF_FROM_ON);
    assert_int_equal(other_page.last, 1);
    input_view_update(&view, machine_now_ns());
    input_forget(view.seen, UINT64_MAX);
}

static void backpressure(void **state)
{
    (void)state;
    input_forget(UINT64_MAX, UINT64_MAX);
    event_settle(0); /* no app of version 3 reads events: those hold nobody back */
    assert_int_equal(input_room(), 1024);
    fake_serial_clear();
    for (uint32_t i = 0; i < 1024; i++) {
        input_key(i % 80, INPUT_KEY_DOWN);
        assert_int_equal(input_room(), 1023 - i);
    }
    assert_false(fake_said("the queue is full"));
    for (uint32_t i = 0; i < 100; i++) {
        input_key(90, INPUT_KEY_DOWN);
    }
    assert_int_equal(fake_said_times("the queue is full"), 1); /* it does not flood the log */
    for (uint32_t call = 0; call < 20; call++) {
        input_view_update(&view, machine_now_ns());
    }
    assert_int_equal(page.last, 1024);
    assert_int_equal(page.keys[90], CTX_KEY_OFF); /* what was dropped never comes */
    assert_int_equal(input_room(), 0);
    input_forget(view.seen - 10, UINT64_MAX);
    assert_int_equal(input_room(), 1014);
    input_forget(UINT64_MAX, UINT64_MAX);
    assert_int_equal(input_room(), 1024);
}

/* One app that was put off for long made the queue forget what it had forgotten already. */
static void the_oldest_event_never_moves_back(void **state)
{
    (void)state;
    input_forget(UINT64_MAX, UINT64_MAX);
    struct input_view late = {.seen = view.seen};
    for (uint32_t i = 0; i < 600; i++) {
        input_key(i % 80, INPUT_KEY_DOWN);
    }
    input_forget(UINT64_MAX, UINT64_MAX);
    input_forget(late.seen, UINT64_MAX);
    assert_int_equal(input_room(), 1024);
    for (uint32_t i = 0; i < 1024; i++) {
        input_key(i % 80, INPUT_KEY_DOWN);
    }
    assert_int_equal(input_room(), 0);
    input_forget(UINT64_MAX, UINT64_MAX);
    input_view_update(&view, machine_now_ns());
}

static void nobody_waits_for_a_view_that_is_not_updated(void **state)
{
    (void)state;
    uint64_t now = machine_now_ns();
    input_view_update(&view, now);
    assert_true(input_view_counts(&view, now));
    assert_true(input_view_counts(&view, now + 500 * NSEC_PER_MSEC - 1));
    assert_false(input_view_counts(&view, now + 500 * NSEC_PER_MSEC));
}

/* Some devices send a held key's press again and again, some a repetition. */
static void held_keys_and_keys_that_never_went_down(void **state)
{
    (void)state;
    uint64_t last = page.last;
    while (input_asked() != INPUT_ASKS_NOTHING) {
    }
    input_key(CTX_KEY_LEFTCTRL, INPUT_KEY_DOWN);
    input_key(CTX_KEY_LEFTALT, INPUT_KEY_DOWN);
    for (uint32_t i = 0; i < 11; i++) {
        input_key(CTX_KEY_DELETE, INPUT_KEY_DOWN);
    }
    assert_int_equal(input_asked(), INPUT_ASKS_REBOOT);
    assert_int_equal(input_asked(), INPUT_ASKS_NOTHING); /* held, it does not ask again */
    input_view_update(&view, machine_now_ns());
    assert_int_equal(page.last - last, 13); /* versions 1 and 2 count repetitions */
    for (uint32_t i = 0; i < 2; i++) {
        input_key(CTX_KEY_DELETE, INPUT_KEY_UP);
        input_key(CTX_KEY_LEFTALT, INPUT_KEY_UP);
        input_key(CTX_KEY_LEFTCTRL, INPUT_KEY_UP);
    }
    input_key(45, INPUT_KEY_REPEAT); /* a repetition of what nobody saw going down */
    input_view_update(&view, machine_now_ns());
    assert_int_equal(page.last - last, 17);
    assert_int_equal(page.keys[45], CTX_KEY_ON_FROM_OFF);
    input_key(45, INPUT_KEY_UP);
    input_view_update(&view, machine_now_ns());
}

/* A view that hangs has its events for as long as nobody else needs the room. */
static void events_wait_for_whoever_hangs(void **state)
{
    (void)state;
    input_forget(UINT64_MAX, UINT64_MAX);
    uint64_t hangs = view.seen;
    for (uint32_t i = 0; i < 512; i++) {
        input_key(30, i % 2 == 0 ? INPUT_KEY_DOWN : INPUT_KEY_UP);
        input_forget(UINT64_MAX, hangs);
        assert_int_equal(input_room(), 1023 - i);
    }
    input_key(30, INPUT_KEY_DOWN);
    input_forget(UINT64_MAX, hangs);
    assert_int_equal(input_room(), 1024);
    uint64_t last = page.last;
    input_view_update(&view, machine_now_ns());
    assert_int_equal(page.last, last); /* they are gone, but it is right what is held */
    assert_int_equal(page.keys[30], CTX_KEY_ON);
    input_key(30, INPUT_KEY_UP);
    input_forget(UINT64_MAX, view.seen);
    input_view_update(&view, machine_now_ns());
    assert_int_equal(page.last, last + 1);
}

static void pointer(void **state)
{
    (void)state;
    input_set_screen(0, 0);
    input_pointer_move(5, 5); /* no screen yet: nothing to go wrong */
    input_pointer_set(5, 10, 5, 10);
    input_view_update(&view, machine_now_ns());
    assert_true(page.mx == 0 && page.my == 0);
    input_set_screen(1280, 800);
    input_view_update(&view, machine_now_ns());
    assert_true(page.mx == 640 && page.my == 400);
    input_pointer_move(INT32_MIN, INT32_MIN);
    input_view_update(&view, machine_now_ns());
    assert_true(page.mx == 0 && page.my == 0);
    input_pointer_move(INT32_MAX, INT32_MAX);
    input_view_update(&view, machine_now_ns());
    assert_true(page.mx == 1279 && page.my == 799);
    input_pointer_move(-9, -99);
    input_view_update(&view, machine_now_ns());
    assert_true(page.mx == 1270 && page.my == 700);
    input_pointer_set(0, 32767, 32767, 32767);
    input_view_update(&view, machine_now_ns());
    assert_true(page.mx == 0 && page.my == 799);
    input_pointer_set(UINT32_MAX, 32767, UINT32_MAX, UINT32_MAX); /* beyond its own maximum */
    input_view_update(&view, machine_now_ns());
    assert_true(page.mx == 1279 && page.my == 799);
    input_pointer_move(-9, -99);
    input_pointer_set(1, 0, 1, 0); /* a device without a range, on one axis or on both */
    input_pointer_set(1, 2, 1, 0);
    input_pointer_set(1, 0, 1, 2);
    input_view_update(&view, machine_now_ns());
    assert_true(page.mx == 1270 && page.my == 700);
    input_pointer_set(1, 1, 0, 1); /* the smallest range */
    input_view_update(&view, machine_now_ns());
    assert_true(page.mx == 1279 && page.my == 0);
    input_pointer_set(16383, 32766, 16383, 32766);
    input_view_update(&view, machine_now_ns());
    assert_true(page.mx == 639 && page.my == 399);
    input_pointer_place(1280, 800); /* where no pixel is: the last one */
    input_view_update(&view, machine_now_ns());
    assert_true(page.mx == 1279 && page.my == 799);
    input_pointer_place(639, 399);
    input_view_update(&view, machine_now_ns());
    page.mx = page.my = 1;
    input_view_start(NULL, &view, &page); /* an app that begins sees it at once */
    assert_true(page.mx == 639 && page.my == 399);
}

/* A list of what a view has not seen yet: never more than there is room for, and how many there
 * are. */
static void as_many_unseen_as_there_is_room(void **state)
{
    (void)state;
    struct ctx_image_key keys[16], all[16];
    fake_ram(4);
    (void)step("u");
    for (uint16_t code = 50; code < 55; code++) {
        input_key(code, INPUT_KEY_DOWN);
    }
    input_key(50, INPUT_KEY_UP);
    uint32_t count = input_view_unseen(&view, all, 16);
    assert_int_equal(count, 6 + 4); /* and the ups of four that are held */
    for (uint32_t room = 0; room <= count; room++) {
        memset(keys, 0xee, sizeof keys);
        assert_int_equal(input_view_unseen(&view, keys, room), count);
        assert_memory_equal(keys, all, room * sizeof keys[0]);
        for (uint32_t i = room; i < 16; i++) {
            assert_int_equal(keys[i].code, 0xeeee);
        }
    }
    assert_int_equal(input_view_restore(&view, &page, all, count), CTX_OK);
    for (uint32_t room = 0; room < 2 * count; room++) { /* its own ones come first */
        memset(keys, 0xee, sizeof keys);
        (void)input_view_unseen(&view, keys, MIN(room, 16u));
        for (uint32_t i = MIN(room, 16u); i < 16; i++) {
            assert_int_equal(keys[i].code, 0xeeee);
        }
    }
    input_view_forget(&view);
    input_view_forget(&view); /* it has none of its own any more */
    assert_int_equal(input_view_unseen(&view, all, 16), count);
    assert_int_equal(input_view_restore(&view, &page, all, 1), CTX_OK);
    assert_int_equal(input_view_unseen(&view, keys, 1), count + 1);
    assert_memory_equal(keys, all, sizeof keys[0]);
    input_view_forget(&view);
    input_forget(UINT64_MAX, UINT64_MAX);
    memset(page.keys, CTX_KEY_OFF, sizeof page.keys);
    for (uint16_t down = 0; down < 2; down++) { /* one that was saved, and not read since either */
        const struct ctx_image_key own = {.code = 40, .down = down};
        view.seen = UINT64_MAX;
        assert_int_equal(input_view_restore(&view, &page, &own, 1), CTX_OK);
        assert_int_equal(input_view_unseen(&view, keys, 16), 1u + down);
        assert_true(keys[0].code == 40 && keys[0].down == down);
        assert_true(down == 0 || (keys[1].code == 40 && keys[1].down == 0));
        input_view_forget(&view);
    }
}

/* An image's keys: as many as one call can have brought change once more, others have changed. */
static void more_edges_than_a_call_can_bring(void **state)
{
    (void)state;
    static const uint8_t edges[][2] = {{CTX_KEY_ON_FROM_OFF, CTX_KEY_ON},
                                       {CTX_KEY_OFF_FROM_ON, CTX_KEY_OFF},
                                       {CTX_KEY_ON_TRANSIENT_OFF, CTX_KEY_ON},
                                       {CTX_KEY_OFF_TRANSIENT_ON, CTX_KEY_OFF}};
    static struct ctx_input saved;
    for (uint32_t calm = 0; calm < 2; calm++) { /* keys that do not change take no place */
        for (uint32_t code = 0; code < INPUT_KEYS; code++) {
            saved.keys[code] = calm != 0 && code < 500 ? (code & 1 ? CTX_KEY_ON : CTX_KEY_OFF)
                                                       : edges[code % 4][0];
        }
        uint32_t first = calm != 0 ? 500 : 0;
        input_view_start(NULL, &view, &page);
        assert_int_equal(input_view_restore(&view, &saved, NULL, 0), CTX_OK);
        assert_int_equal(view.edge_count, INPUT_VIEW_EVENTS);
        for (uint32_t code = 0; code < INPUT_KEYS; code++) {
            bool changes = code < first + INPUT_VIEW_EVENTS;
            assert_int_equal(page.keys[code], changes ? saved.keys[code] : edges[code % 4][1]);
        }
        input_view_update(&view, machine_now_ns());
        for (uint32_t code = first; code < INPUT_KEYS; code++) {
            assert_int_equal(page.keys[code], edges[code % 4][1]);
        }
        input_view_forget(&view);
    }
}

static void ctrl_alt_del(void **state)
{
    (void)state;
    input_key(CTX_KEY_DELETE, INPUT_KEY_DOWN);
    input_key(CTX_KEY_RIGHTALT, INPUT_KEY_DOWN);
    input_key(CTX_KEY_LEFTCTRL, INPUT_KEY_DOWN);
    assert_true(input_asked() == INPUT_ASKS_NOTHING);
    input_key(CTX_KEY_DELETE, INPUT_KEY_UP);
    assert_true(input_asked() == INPUT_ASKS_NOTHING);
    input_key(CTX_KEY_DELETE, INPUT_KEY_DOWN);
    assert_true(input_asked() == INPUT_ASKS_REBOOT);
    assert_true(input_asked() == INPUT_ASKS_NOTHING);
    /* Seen: of two within one frame only the last one was heard. */
    input_key(CTX_KEY_PAGEUP, INPUT_KEY_DOWN);
    input_key(CTX_KEY_PAGEUP, INPUT_KEY_UP);
    input_key(CTX_KEY_HOME, INPUT_KEY_DOWN);
    assert_true(input_asked() == INPUT_ASKS_NEXT_SLOT);
    assert_true(input_asked() == INPUT_ASKS_LOAD);
    assert_true(input_asked() == INPUT_ASKS_NOTHING);
    for (uint32_t i = 0; i < 50; i++) {
        input_key(CTX_KEY_INSERT, INPUT_KEY_DOWN);
        input_key(CTX_KEY_INSERT, INPUT_KEY_UP);
    }
    uint32_t heard = 0;
    while (input_asked() == INPUT_ASKS_SAVE) {
        heard++;
    }
    assert_int_equal(heard, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(more_edges_than_a_call_can_bring, setup),
        cmocka_unit_test_setup(ctrl_alt_del, setup), /* first: others press all keys */
        cmocka_unit_test_setup(every_transition, setup),
        cmocka_unit_test_setup(as_many_unseen_as_there_is_room, setup),
        cmocka_unit_test_setup(codes_that_apps_know, setup),
        cmocka_unit_test_setup(at_most_64_events_in_a_call, setup),
        cmocka_unit_test_setup(repeats_are_events_without_an_edge, setup),
        cmocka_unit_test_setup(each_app_its_own_view, setup),
        cmocka_unit_test_setup(a_view_that_was_left_behind, setup),
        cmocka_unit_test_setup(backpressure, setup),
        cmocka_unit_test_setup(the_oldest_event_never_moves_back, setup),
        cmocka_unit_test_setup(nobody_waits_for_a_view_that_is_not_updated, setup),
        cmocka_unit_test_setup(held_keys_and_keys_that_never_went_down, setup),
        cmocka_unit_test_setup(events_wait_for_whoever_hangs, setup),
        cmocka_unit_test_setup(pointer, setup),
    };
    return RUN(tests);
}
