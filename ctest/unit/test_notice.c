/* SPDX-License-Identifier: MIT */
/* A line over the apps' picture: it is seen, it goes, and nothing of it stays. */
#include "canvas.h"
#include "frame.h"
#include "notice.h"
#include "present.h"
#include "test.h"

#include <kernel/task.h>

#define W 800u
#define H 300u

static uint32_t pixels[W * H];

static void update(struct display *d, const struct rect *rects, uint32_t count)
{
    (void)d;
    (void)rects;
    assert_true(count > 0);
}

static struct display display = {"test", W,    H,    0,    0,    pixels, 1,
                                 update, NULL, NULL, NULL, NULL, NULL};

static uint32_t different(void)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < W * H; i++) {
        n += pixels[i] != canvas_pixels()[i];
    }
    return n;
}

/* Time passes, and what is then to be shown is. */
static void after(uint64_t ns)
{
    fake.now_ns += ns;
    task_run_ready(fake.now_ns);
    if (notice_any_damage()) {
        assert_true(present_canvas(false));
    }
}

static void comes_and_goes(void **state)
{
    (void)state;
    uint64_t frames = frame_free_total();
    notice_show(false, "saved in slot 1");
    assert_true(notice_any_damage());
    after(0);
    assert_true(different() > 2000);
    assert_true(present_canvas(true)); /* apps draw: it stays above them */
    assert_true(different() > 2000);
    after(2 * NSEC_PER_SEC);
    assert_true(different() > 2000);
    after(2 * NSEC_PER_SEC);
    assert_int_equal(different(), 0);
    assert_false(notice_any_damage());
    assert_int_equal(frame_free_total(), frames);
}

static void a_shorter_one_after_a_longer_one(void **state)
{
    (void)state;
    notice_show(true, "the session could not be saved: the disk is full; ask once more");
    after(0);
    uint32_t large = different();
    notice_show(false, "slot 2");
    after(0);
    assert_true(different() > 0 && different() < large / 3);
    after(4 * NSEC_PER_SEC); /* and not as long as the one before it would have stayed */
    assert_int_equal(different(), 0);
}

/* Seen: it stayed as long as the one that had been there before. */
static void each_stays_for_its_own_time(void **state)
{
    (void)state;
    notice_show(false, "slot 2");
    after(2 * NSEC_PER_SEC);
    notice_show(true, "nothing is saved in slot 2");
    after(2 *
          NSEC_PER_SEC); /* the first one's time is over: from here on the second one's counts */
    assert_true(different() > 0);
    notice_show(false, "slot 1");
    after(NSEC_PER_SEC);
    assert_true(different() > 0);
    after(3 * NSEC_PER_SEC);
    assert_int_equal(different(), 0);
}

static void longer_than_the_screen(void **state)
{
    (void)state;
    char text[300];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    notice_show(true, text);
    after(0);
    assert_true(different() > 0);
    after(20 * NSEC_PER_SEC);
    assert_int_equal(different(), 0);
}

static int start(void **state)
{
    (void)state;
    fake_boot(32, W, H);
    fake.now_ns = NSEC_PER_SEC;
    display_offer(&display);
    for (uint32_t i = 0; i < W * H; i++) {
        canvas_pixels()[i] = i * 2654435761u;
    }
    return present_canvas(true) ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_and_goes),
        cmocka_unit_test(a_shorter_one_after_a_longer_one),
        cmocka_unit_test(each_stays_for_its_own_time),
        cmocka_unit_test(longer_than_the_screen),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
