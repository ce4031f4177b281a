/* SPDX-License-Identifier: MIT */
/* The rules of the game; nothing here knows a screen or a clock. All of it lies in one struct,
 * which hangs on the store. */
#ifndef GAME_H
#define GAME_H

#include <stdint.h>

#define COLS     24
#define ROWS     15
#define CELLS    (COLS * ROWS)
#define START    4 /* length at the beginning */
#define TURNS    3 /* keys that may be ahead of the snake */

#define STEP_NS  UINT64_C(150000000) /* at the beginning */
#define STEP_MIN UINT64_C(75000000)

enum phase { PHASE_TITLE, PHASE_PLAY, PHASE_PAUSE, PHASE_OVER };

struct cell {
    int8_t x, y;
};

struct game {
    uint32_t phase; /* enum phase */
    uint32_t score, best, len;
    uint32_t head;           /* index of the head in body, which is a ring */
    struct cell body[CELLS]; /* body[(head - i) mod CELLS] is segment i */
    struct cell left;        /* where the tail was before the last step */
    struct cell food;
    int8_t dx, dy;
    uint8_t turns;
    struct cell turn[TURNS];
    uint64_t stepped_ns; /* when the last step was */
    uint64_t changed_ns; /* when the phase began */
    uint64_t random;
};

void game_begin(struct game *g, uint64_t random, uint64_t now_ns);

/* The player turns; what makes no sense is ignored. */
void game_turn(struct game *g, int8_t dx, int8_t dy);

/* As many steps as are due. */
void game_advance(struct game *g, uint64_t now_ns);

void game_set_phase(struct game *g, enum phase phase, uint64_t now_ns);

uint64_t game_step_ns(const struct game *g);

struct cell game_segment(const struct game *g, uint32_t i);

#endif
