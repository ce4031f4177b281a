/* SPDX-License-Identifier: MIT */
/* Where windows go: apps/desktop/geometry.c without a screen. */
#include "../../apps/desktop/geometry.h"

#include "../../apps/desktop/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct ctx_rect work = {0, 0, 1280, 760};

static uint64_t seed = 1;

/* From low to high, both included. */
static int32_t any(int32_t low, int32_t high)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return low + (int32_t)((seed >> 33) % (uint64_t)((int64_t)high - low + 1));
}

static void expect_rect(struct ctx_rect r, int32_t x, int32_t y, int32_t w, int32_t h)
{
    assert_int_equal(r.x, x);
    assert_int_equal(r.y, y);
    assert_int_equal(r.w, w);
    assert_int_equal(r.h, h);
}

static void tiles_cover_the_work_area(void **state)
{
    (void)state;
    for (int32_t w = 1; w < 200; w += 7) {
        struct ctx_rect odd = {3, 5, w, 2 * w + 1};
        struct ctx_rect l = tile_rect(TILE_LEFT, odd), r = tile_rect(TILE_RIGHT, odd);
        struct ctx_rect a = tile_rect(TILE_TOP_LEFT, odd), b = tile_rect(TILE_BOTTOM_RIGHT, odd);
        assert_int_equal(l.w + r.w, odd.w);
        assert_int_equal(l.x + l.w, r.x);
        assert_int_equal(a.w + b.w, odd.w);
        assert_int_equal(a.h + b.h, odd.h);
        assert_int_equal(a.y + a.h, b.y);
    }
    expect_rect(tile_rect(TILE_ALL, work), 0, 0, 1280, 760);
    expect_rect(tile_rect(TILE_NONE, work), 0, 0, 0, 0);
    expect_rect(tile_rect(TILE_TOP_RIGHT, work), 640, 0, 640, 380);
    for (int tile = TILE_ALL; tile <= TILE_BOTTOM_RIGHT; tile++) {
        assert_int_equal(tile_of(tile_rect((enum tile)tile, work), work, 1), tile);
    }
    assert_int_equal(tile_of(CTX_RECT(10, 0, 640, 760), work, 1), TILE_NONE);
}

static void edges_of_the_screen_tile(void **state)
{
    (void)state;
    assert_int_equal(tile_at(0, 400, 1280, 800, 4), TILE_LEFT);
    assert_int_equal(tile_at(1279, 400, 1280, 800, 4), TILE_RIGHT);
    assert_int_equal(tile_at(0, 20, 1280, 800, 4), TILE_TOP_LEFT);
    assert_int_equal(tile_at(1279, 790, 1280, 800, 4), TILE_BOTTOM_RIGHT);
    assert_int_equal(tile_at(600, 0, 1280, 800, 4), TILE_ALL);
    assert_int_equal(tile_at(600, 400, 1280, 800, 4), TILE_NONE);
    assert_int_equal(tile_at(600, 799, 1280, 800, 4), TILE_NONE);
}

/* However arrows are pressed: a tile is one of the eight, and each can be reached. */
static void arrows_reach_every_tile(void **state)
{
    (void)state;
    uint32_t seen = 0;
    enum tile now = TILE_NONE;
    for (uint32_t i = 0; i < 2000; i++) {
        int lower = 0;
        enum side side = (enum side)any(0, 3);
        enum tile next = tile_step(now, side, &lower);
        assert_in_range(next, TILE_NONE, TILE_BOTTOM_RIGHT);
        assert_int_equal(lower, now == TILE_NONE && side == SIDE_DOWN);
        now = next;
        seen |= 1u << now;
    }
    assert_int_equal(seen, 0xff);
}

static void titles_stay_in_reach(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 20000; i++) {
        struct ctx_rect r = {any(-9000, 9000), any(-9000, 9000), any(1, 3000), any(1, 3000)};
        struct ctx_rect k = keep_reachable(r, work, 32, 80);
        int32_t least = r.w < 80 ? r.w : 80;
        assert_int_equal(k.w, r.w);
        assert_int_equal(k.h, r.h);
        assert_true(k.x + k.w >= work.x + least && k.x <= work.x + work.w - least);
        assert_true(k.y >= work.y && k.y <= work.y + work.h - 32);
        struct ctx_rect again = keep_reachable(k, work, 32, 80);
        assert_memory_equal(&again, &k, sizeof k);
        struct ctx_rect in = keep_inside(r, work);
        assert_true(in.x >= work.x && in.y >= work.y);
        assert_true(in.w > work.w || in.x + in.w <= work.x + work.w);
        assert_true(in.h > work.h || in.y + in.h <= work.y + work.h);
    }
    /* One that is in reach is left alone. */
    expect_rect(keep_reachable(CTX_RECT(-200, 30, 300, 200), work, 32, 80), -200, 30, 300, 200);
}

static void new_windows_cover_nothing_while_there_is_room(void **state)
{
    (void)state;
    struct ctx_rect others[64];
    uint32_t count = 0;
    for (; count < 6; count++) {
        others[count] = place_first(300, 200, others, count, work, 20, count);
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(ctx_rect_and(others[i], others[count]).w, 0);
        }
    }
    expect_rect(others[0], 20, 20, 300, 200);
    for (; count < 64; count++) { /* then they do, but none of them just as another */
        others[count] = place_first(any(1, 1500), any(1, 900), others, count, work, 20, count);
        assert_true(others[count].x >= 0 && others[count].y >= 0);
    }
    struct ctx_rect a = place_first(1200, 700, others, count, work, 20, 5);
    struct ctx_rect b = place_first(1200, 700, others, count, work, 20, 6);
    assert_true(a.x != b.x || a.y != b.y);
}

static void edges_and_corners(void **state)
{
    (void)state;
    struct ctx_rect r = {100, 100, 200, 100};
    assert_int_equal(edge_at(r, 200, 150, 10, 3, 20), 0);
    assert_int_equal(edge_at(r, 95, 150, 10, 3, 20), EDGE_LEFT);
    assert_int_equal(edge_at(r, 89, 150, 10, 3, 20), 0);
    assert_int_equal(edge_at(r, 299, 150, 10, 3, 20), EDGE_RIGHT);
    assert_int_equal(edge_at(r, 200, 95, 10, 3, 20), EDGE_TOP);
    assert_int_equal(edge_at(r, 105, 95, 10, 3, 20), EDGE_TOP | EDGE_LEFT);
    assert_int_equal(edge_at(r, 305, 195, 10, 3, 20), EDGE_BOTTOM | EDGE_RIGHT);
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t edges = (uint32_t)any(1, 15);
        struct ctx_rect m = move_edges(r, edges, any(-900, 900), any(-900, 900), 50, 40);
        assert_true(m.w >= 50 && m.h >= 40);
        if ((edges & EDGE_LEFT) != 0) {
            assert_int_equal(m.x + m.w, 300);
        } else {
            assert_int_equal(m.x, 100);
        }
        if ((edges & EDGE_TOP) != 0) {
            assert_int_equal(m.y + m.h, 200);
        } else {
            assert_int_equal(m.y, 100);
        }
    }
}

static void orders(void **state)
{
    (void)state;
    uint16_t order[5] = {0, 1, 2, 3, 4};
    order_raise(order, 5, 1);
    assert_memory_equal(order, ((uint16_t[]){0, 2, 3, 4, 1}), sizeof order);
    order_lower(order, 5, 4);
    assert_memory_equal(order, ((uint16_t[]){4, 0, 2, 3, 1}), sizeof order);
    order_raise(order, 5, 9); /* not there */
    assert_memory_equal(order, ((uint16_t[]){4, 0, 2, 3, 1}), sizeof order);
    assert_int_equal(order_remove(order, 5, 0), 4);
    assert_memory_equal(order, ((uint16_t[]){4, 2, 3, 1}), 4 * sizeof order[0]);
    assert_int_equal(order_remove(order, 4, 0), 4);
}

static void lines(void **state)
{
    (void)state;
    struct line line;
    uint32_t n;
    line_clear(&line);
    line_put_number(&line, UINT64_MAX);
    line_put(&line, " ");
    line_put_two(&line, 7);
    line_put(&line, " ");
    line_put_bytes_of(&line, 1536);
    assert_string_equal(line.text, "18446744073709551615 07 1.5 KiB");
    line_clear(&line);
    for (uint32_t i = 0; i < LINE_ROOM; i++) { /* cut at a whole character */
        line_put(&line, "\xe2\x82\xac");
    }
    assert_true(line.len < LINE_ROOM && line.len % 3 == 0);
    assert_true(has_text("Settings", "TING") && !has_text("Settings", "tong") && has_text("a", ""));
    assert_true(has_word("a game: turn", "GAM") && has_word("a game", "a g"));
    assert_true(!has_word("a game: turn", "ame") && !has_word("", "a"));
    assert_int_equal(read_number("42x", &n), 2);
    assert_int_equal(n, 42);
    assert_int_equal(read_number("x", &n), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_cover_the_work_area),
        cmocka_unit_test(edges_of_the_screen_tile),
        cmocka_unit_test(arrows_reach_every_tile),
        cmocka_unit_test(titles_stay_in_reach),
        cmocka_unit_test(new_windows_cover_nothing_while_there_is_room),
        cmocka_unit_test(edges_and_corners),
        cmocka_unit_test(orders),
        cmocka_unit_test(lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
