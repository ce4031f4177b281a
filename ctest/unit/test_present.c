/* SPDX-License-Identifier: MIT */
/* What changed is found, copied and told once, in few rectangles that do not overlap. */
#include "canvas.h"
#include "present.h"
#include "test.h"

#include <kernel/task.h>

#define W    1300u /* not whole tiles, on purpose */
#define H    840u
#define COLS ((W + 63) / 64)
#define ROWS ((H + 63) / 64)

static uint32_t pixels[W * H];
static struct {
    struct rect rects[DISPLAY_RECTS];
    uint32_t count, updates;
    bool busy, retired;
} seen;

static void update(struct display *d, const struct rect *rects, uint32_t count)
{
    (void)d;
    assert_false(seen.busy);
    assert_true(count > 0 && count <= DISPLAY_RECTS);
    memcpy(seen.rects, rects, count * sizeof *rects);
    seen.count = count;
    seen.updates++;
}

static bool busy(struct display *d)
{
    (void)d;
    return seen.busy;
}

static void retire(struct display *d)
{
    (void)d;
    seen.retired = true;
}

static struct display display = {"test", W,    H,    0,      0,    pixels, 1,
                                 update, busy, NULL, retire, NULL, NULL};

static void touch(uint32_t col, uint32_t row, uint32_t where)
{
    uint32_t x = MIN(col * 64 + where % 64, W - 1);
    uint32_t y = MIN(row * 64 + where / 64 % 64, H - 1);
    canvas_pixels()[y * W + x] ^= 0x010203;
}

/* Bring it on screen; the rectangles must cover every tile that was touched, no tile twice, and
 * lie inside. */
static void show(const uint8_t *touched, bool exact)
{
    uint8_t covered[ROWS * COLS] = {0};
    seen.count = 0;
    assert_true(present_canvas(true));
    for (uint32_t i = 0; i < seen.count; i++) {
        const struct rect *r = &seen.rects[i];
        assert_true(r->w > 0 && r->h > 0 && r->x + r->w <= W && r->y + r->h <= H);
        assert_true(r->x % 64 == 0 && (r->x + r->w == W || r->w % 64 == 0)); /* whole tiles */
        assert_true(r->y % 64 == 0 && (r->y + r->h == H || r->h % 64 == 0));
        for (uint32_t y = r->y / 64; y * 64 < r->y + r->h; y++) {
            for (uint32_t x = r->x / 64; x * 64 < r->x + r->w; x++) {
                assert_int_equal(covered[y * COLS + x]++, 0); /* they do not overlap */
            }
        }
    }
    for (uint32_t i = 0; i < ROWS * COLS; i++) {
        assert_true(covered[i] == touched[i] || (!exact && touched[i] == 0));
    }
    assert_memory_equal(pixels, canvas_pixels(), sizeof pixels);
}

static uint8_t tiles[ROWS * COLS];

static int setup(void **state)
{
    (void)state;
    (void)present_canvas(true);
    memset(tiles, 0, sizeof tiles);
    seen.updates = 0;
    return 0;
}

static void mark(uint32_t col, uint32_t row)
{
    tiles[row * COLS + col] = 1;
    touch(col, row, col * 977 + row * 131);
}

static void before_there_is_anything(void **state)
{
    (void)state;
    assert_null(present_display());
    assert_true(present_canvas(true)); /* nobody looks */
    present_rect(0, 0, 1, 1);
    present_pending();
    assert_false(present_last(0));
    fake_ram(32);
    struct display none = {.name = "none", .width = 0, .height = 5, .pixels = pixels};
    display_offer(&none);
    assert_null(present_display());
    display_offer(&display);
    assert_ptr_equal(present_display(), &display);
    present_pending(); /* what waited for no display is not shown on this one */
    assert_int_equal(seen.updates, 0);
    assert_true(present_canvas(true)); /* no canvas yet */
    assert_int_equal(canvas_init(W, H), CTX_OK);
}

static void nothing_changed(void **state)
{
    (void)state;
    assert_true(present_canvas(true));
    assert_int_equal(seen.updates, 0);
}

static void one_pixel_anywhere(void **state)
{
    (void)state;
    struct rng rng = {7};
    for (uint32_t i = 0; i < 60; i++) {
        memset(tiles, 0, sizeof tiles);
        uint32_t at = (uint32_t)rng_below(&rng, W * H);
        canvas_pixels()[at] ^= 1u << rng_below(&rng, 24);
        tiles[at / W / 64 * COLS + at % W / 64] = 1;
        show(tiles, true);
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.updates, i + 1);
        assert_true(present_canvas(true)); /* it is there already */
        assert_int_equal(seen.updates, i + 1);
    }
}

static void neighbours_are_joined(void **state)
{
    (void)state;
    uint64_t count = present_count();
    uint64_t shown = present_tiles();
    for (uint32_t i = 0; i < ROWS * COLS; i++) {
        mark(i % COLS, i / COLS);
    }
    show(tiles, true);
    assert_int_equal(seen.count, 1); /* all of it is one rectangle */
    assert_int_equal(present_count(), count + 1);
    assert_int_equal(present_tiles(), shown + ROWS * COLS);
    memset(tiles, 0, sizeof tiles);
    for (uint32_t col = 3; col < 9; col++) {
        mark(col, 2);
        mark(col, 3);
    }
    mark(0, 7);
    mark(COLS - 1, ROWS - 1);
    show(tiles, true);
    assert_int_equal(seen.count, 3);
}

/* More rectangles than an update may have: boxes that still cover all, inside, and do not
 * overlap. They did once, when a box of the last two met earlier ones. */
static void more_than_64_do_not_overlap(void **state)
{
    (void)state;
    for (uint32_t phase = 0; phase < 2; phase++) {
        memset(tiles, 0, sizeof tiles);
        for (uint32_t i = 0; i < ROWS * COLS; i++) {
            if ((i % COLS + i / COLS) % 2 == phase) {
                mark(i % COLS, i / COLS);
            }
        }
        show(tiles, false);
        assert_true(seen.count > 1);
    }
    struct rng rng = {8};
    for (uint32_t round = 0; round < 250; round++) {
        memset(tiles, 0, sizeof tiles);
        for (uint32_t i = 0; i < ROWS * COLS; i++) {
            /* Thin above and dense below, the other way round, or evenly. */
            uint64_t row = round % 2 == 0 ? i / COLS : ROWS - 1 - i / COLS;
            uint64_t one_in = round % 5 == 0 ? 2 + round % 3 : 2 + row / 2;
            if (rng_below(&rng, one_in) == 0) {
                mark(i % COLS, i / COLS);
            }
        }
        show(tiles, false);
    }
}

static void busy_displays_are_left_alone(void **state)
{
    (void)state;
    mark(1, 1);
    seen.busy = true;
    assert_false(present_canvas(true));
    assert_int_equal(seen.updates, 0);
    mark(5, 5);
    seen.busy = false;
    show(tiles, true); /* nothing was lost meanwhile */

    seen.busy = true;
    seen.updates = 0;
    present_rect(10, 20, 30, 40);
    present_rect(100, 10, 5, 5);
    present_pending();
    assert_int_equal(seen.updates, 0);
    seen.busy = false;
    present_pending();
    present_pending();
    assert_int_equal(seen.updates, 1);
    assert_int_equal(seen.count, 1);
    const struct rect *r = &seen.rects[0];
    assert_true(r->x == 10 && r->y == 10 && r->w == 95 && r->h == 50);
}

static struct task *display_task;
static uint32_t steps;

static void finish_what_began(struct task *task)
{
    steps++;
    assert_ptr_equal(task, display_task);
    seen.busy = steps < 3;
}

static void never_finishes(struct task *task)
{
    (void)task;
    fake.now_ns += NSEC_PER_MSEC;
}

static void panic_while_it_draws(struct display *d, const struct rect *rects, uint32_t count)
{
    update(d, rects, count);
    assert_false(present_last(NSEC_PER_SEC)); /* what a panic in the driver would ask */
}

/* A panic lets the display's task finish what it had begun, waits no longer than that, and leaves a
 * display alone that the panic came from. */
static void the_panic_page(void **state)
{
    (void)state;
    static struct task task;
    seen.updates = 0;
    seen.busy = true;
    assert_false(present_last(NSEC_PER_SEC)); /* busy, and nobody to finish it */
    display.task = display_task = &task;
    task = (struct task){.name = "test", .run = finish_what_began};
    steps = 2;
    assert_true(present_last(NSEC_PER_SEC));
    assert_int_equal(seen.updates, 1);
    assert_int_equal(seen.rects[0].w * seen.rects[0].h, W * H);
    seen.busy = true;
    task.run = never_finishes;
    uint64_t began = fake.now_ns;
    assert_false(present_last(NSEC_PER_SEC));
    assert_true(fake.now_ns - began >= NSEC_PER_SEC && fake.now_ns - began < 2 * NSEC_PER_SEC);
    task.done = true;
    assert_false(present_last(NSEC_PER_SEC));
    seen.busy = false;
    assert_int_equal(seen.updates, 1);
    display.update = panic_while_it_draws;
    present_rect(0, 0, 1, 1);
    assert_int_equal(seen.updates, 2);
    display.update = update;
    display.task = NULL;
}

static void which_display_is_used(void **state)
{
    (void)state;
    static uint32_t few[4];
    struct display lower = {"lower", W, H, 0, 0, pixels, 1, update, NULL, NULL, retire, NULL, NULL};
    struct display small = {"small", 2, 2, 0, 0, few, 9, update, NULL, NULL, retire, NULL, NULL};
    seen.retired = false;
    display_offer(&lower); /* not better than the one there is */
    assert_true(seen.retired);
    assert_ptr_equal(present_display(), &display);
    seen.retired = false;
    display_offer(&small); /* better, but the canvas has its size already */
    assert_true(seen.retired);
    assert_ptr_equal(present_display(), &display);
    static struct display higher = {"higher", W,    H,    0,    0,    pixels, 2,
                                    update,   NULL, NULL, NULL, NULL, NULL};
    seen.retired = false;
    display_offer(&higher);
    assert_true(seen.retired); /* the old one */
    assert_ptr_equal(present_display(), &higher);
    present_off();
    static struct display best = {"best", W,    H,    0,    0,    pixels, 3,
                                  update, NULL, NULL, NULL, NULL, NULL};
    display_offer(&best);
    assert_ptr_equal(present_display(), &higher);
    assert_false(present_probing());
    display_probe_begin();
    display_probe_begin();
    display_probe_end();
    assert_true(present_probing());
    display_probe_end();
    display_probe_end(); /* one too many */
    assert_false(present_probing());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_there_is_anything),
        cmocka_unit_test_setup(nothing_changed, setup),
        cmocka_unit_test_setup(one_pixel_anywhere, setup),
        cmocka_unit_test_setup(neighbours_are_joined, setup),
        cmocka_unit_test_setup(more_than_64_do_not_overlap, setup),
        cmocka_unit_test_setup(busy_displays_are_left_alone, setup),
        cmocka_unit_test_setup(the_panic_page, setup),
        cmocka_unit_test_setup(which_display_is_used, setup),
    };
    return RUN(tests);
}
