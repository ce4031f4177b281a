/* SPDX-License-Identifier: MIT */
#include "game.h"

struct cell game_segment(const struct game *g, uint32_t i)
{
    return g->body[(g->head + CELLS - i) % CELLS];
}

static uint32_t pick(struct game *g, uint32_t below)
{
    g->random ^= g->random << 13; /* xorshift64 (Marsaglia, 2003) */
    g->random ^= g->random >> 7;
    g->random ^= g->random << 17;
    return (uint32_t)(g->random >> 33) % below;
}

static int is_taken(const struct game *g, struct cell c, uint32_t but_last)
{
    for (uint32_t i = 0; i + but_last < g->len; i++) {
        struct cell s = game_segment(g, i);
        if (s.x == c.x && s.y == c.y) {
            return 1;
        }
    }
    return 0;
}

/* A free cell, each with the same chance. */
static void place_food(struct game *g)
{
    uint32_t no = pick(g, CELLS - g->len);
    for (int8_t y = 0; y < ROWS; y++) {
        for (int8_t x = 0; x < COLS; x++) {
            struct cell c = {x, y};
            if (!is_taken(g, c, 0) && no-- == 0) {
                g->food = c;
                return;
            }
        }
    }
}

void game_set_phase(struct game *g, enum phase phase, uint64_t now_ns)
{
    g->phase = phase;
    g->changed_ns = now_ns;
    g->stepped_ns = now_ns;
}

void game_begin(struct game *g, uint64_t random, uint64_t now_ns)
{
    uint32_t best = g->best;
    *g = (struct game){.best = best, .len = START, .head = START - 1, .dx = 1};
    g->random = random != 0 ? random : 1;
    for (int8_t i = 0; i < START; i++) {
        g->body[i] = (struct cell){(int8_t)(5 + i), ROWS / 2};
    }
    g->left = (struct cell){4, ROWS / 2};
    place_food(g);
    game_set_phase(g, PHASE_PLAY, now_ns);
}

void game_turn(struct game *g, int8_t dx, int8_t dy)
{
    struct cell last = g->turns > 0 ? g->turn[g->turns - 1] : (struct cell){g->dx, g->dy};
    int sideways = last.x * dx + last.y * dy == 0;
    if (g->phase == PHASE_PLAY && sideways && g->turns < TURNS) {
        g->turn[g->turns++] = (struct cell){dx, dy};
    }
}

uint64_t game_step_ns(const struct game *g)
{
    uint64_t faster = g->score * UINT64_C(1500000);
    return faster < STEP_NS - STEP_MIN ? STEP_NS - faster : STEP_MIN;
}

static void step(struct game *g, uint64_t now_ns)
{
    if (g->turns > 0) {
        g->dx = g->turn[0].x;
        g->dy = g->turn[0].y;
        g->turns--;
        for (uint32_t i = 0; i < g->turns; i++) {
            g->turn[i] = g->turn[i + 1];
        }
    }
    struct cell head = game_segment(g, 0);
    struct cell next = {(int8_t)(head.x + g->dx), (int8_t)(head.y + g->dy)};
    int eats = next.x == g->food.x && next.y == g->food.y;
    /* The last segment moves away, unless the snake grows. */
    if (next.x < 0 || next.x >= COLS || next.y < 0 || next.y >= ROWS || is_taken(g, next, !eats)) {
        game_set_phase(g, PHASE_OVER, now_ns);
        return;
    }
    g->left = game_segment(g, g->len - 1);
    g->head = (g->head + 1) % CELLS;
    g->body[g->head] = next;
    if (eats) {
        g->left = game_segment(g, g->len); /* the tail stays where it is */
        g->len++;
        g->score++;
        g->best = g->score > g->best ? g->score : g->best;
        if (g->len == CELLS) {
            game_set_phase(g, PHASE_OVER, now_ns);
            return;
        }
        place_food(g);
    }
}

void game_advance(struct game *g, uint64_t now_ns)
{
    uint64_t every = game_step_ns(g);
    if (now_ns - g->stepped_ns > 10 * every) {
        g->stepped_ns = now_ns - every; /* nobody played meanwhile */
    }
    while (g->phase == PHASE_PLAY && now_ns - g->stepped_ns >= every) {
        g->stepped_ns += every;
        step(g, now_ns);
    }
}
