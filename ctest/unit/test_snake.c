/* SPDX-License-Identifier: MIT */
/* The rules of apps/snake, played without a screen. */
#include "../../apps/snake/game.h"

#include "test.h"

static struct game g;
static uint64_t now;

static void start(void)
{
    memset(&g, 0, sizeof g);
    now = 1000;
    game_begin(&g, 42, now);
    g.food = (struct cell){0, 0}; /* out of the way */
}

static void steps(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        now += game_step_ns(&g);
        game_advance(&g, now);
    }
}

static void expect_head(int x, int y)
{
    assert_int_equal(game_segment(&g, 0).x, x);
    assert_int_equal(game_segment(&g, 0).y, y);
}

static void moves_and_turns(void **state)
{
    (void)state;
    start();
    expect_head(8, 7);
    game_advance(&g, now + game_step_ns(&g) - 1); /* not yet */
    expect_head(8, 7);
    steps(2);
    expect_head(10, 7);
    game_turn(&g, -1, 0); /* backwards: ignored */
    game_turn(&g, 0, 1);
    game_turn(&g, 0, -1); /* against the turn that is ahead: ignored */
    game_turn(&g, -1, 0); /* a second one, kept for the next step */
    steps(1);
    expect_head(10, 8);
    steps(1);
    expect_head(9, 8);
    assert_int_equal(g.len, START);
    assert_int_equal(g.left.x, 8); /* where the tail was */
    assert_int_equal(g.phase, PHASE_PLAY);
}

static void eats_and_grows(void **state)
{
    (void)state;
    start();
    for (uint32_t i = 1; i <= 5; i++) {
        struct cell head = game_segment(&g, 0);
        g.food = (struct cell){(int8_t)(head.x + 1), head.y};
        uint64_t before = game_step_ns(&g);
        steps(1);
        assert_int_equal(g.score, i);
        assert_int_equal(g.len, START + i);
        assert_true(game_step_ns(&g) < before);
        for (uint32_t s = 0; s < g.len; s++) { /* never on the snake, no two segments in one cell */
            assert_false(game_segment(&g, s).x == g.food.x && game_segment(&g, s).y == g.food.y);
            for (uint32_t other = 0; other < s; other++) {
                assert_false(game_segment(&g, s).x == game_segment(&g, other).x &&
                             game_segment(&g, s).y == game_segment(&g, other).y);
            }
        }
    }
    assert_int_equal(g.best, 5);
    game_begin(&g, 1, now);
    assert_int_equal(g.score, 0);
    assert_int_equal(g.best, 5);
}

static void ends_at_the_wall(void **state)
{
    (void)state;
    start();
    steps(COLS);
    assert_int_equal(g.phase, PHASE_OVER);
    expect_head(COLS - 1, 7);
    steps(5);
    expect_head(COLS - 1, 7);
}

static void ends_on_itself_but_not_on_its_leaving_tail(void **state)
{
    (void)state;
    static const struct cell round[] = {{0, 1}, {-1, 0}, {0, -1}, {1, 0}};
    for (uint32_t len = 4; len <= 5; len++) { /* four chase their own tail, five bite it */
        start();
        if (len == 5) {
            g.food = (struct cell){9, 7};
            steps(1);
            g.food = (struct cell){0, 0};
        }
        for (uint32_t i = 0; i < 4; i++) {
            game_turn(&g, round[i].x, round[i].y);
            steps(1);
        }
        assert_int_equal(g.phase, len == 4 ? PHASE_PLAY : PHASE_OVER);
    }
}

static void a_pause_costs_nothing(void **state)
{
    (void)state;
    start();
    game_set_phase(&g, PHASE_PAUSE, now);
    steps(100);
    expect_head(8, 7);
    game_set_phase(&g, PHASE_PLAY, now);
    now += 60 * STEP_NS; /* nobody called meanwhile: it goes on, it does not race */
    game_advance(&g, now);
    expect_head(9, 7);
}

/* Row by row over the whole board, eating each time: the board can be filled. */
static void the_board_can_be_filled(void **state)
{
    (void)state;
    start();
    for (uint32_t turns = 0; g.phase == PHASE_PLAY && turns < 400000; turns++) {
        struct cell h = game_segment(&g, 0);
        /* A cycle through all cells: along row 0 to the left, then columns of rows 1.. up and down.
         */
        int dx = 0, dy = 0;
        if (h.y == 0) {
            dx = h.x > 0 ? -1 : 0;
            dy = h.x > 0 ? 0 : 1;
        } else if (h.x % 2 == 0) {
            dy = h.y < ROWS - 1 ? 1 : 0;
            dx = h.y < ROWS - 1 ? 0 : 1;
        } else if (h.y > 1 || h.x == COLS - 1) {
            dy = -1;
        } else {
            dx = 1;
        }
        game_turn(&g, (int8_t)dx, (int8_t)dy);
        steps(1);
    }
    assert_int_equal(g.len, CELLS);
    assert_int_equal(g.phase, PHASE_OVER);
    assert_int_equal(g.score, CELLS - START);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_and_turns),
        cmocka_unit_test(eats_and_grows),
        cmocka_unit_test(ends_at_the_wall),
        cmocka_unit_test(ends_on_itself_but_not_on_its_leaving_tail),
        cmocka_unit_test(a_pause_costs_nothing),
        cmocka_unit_test(the_board_can_be_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
