/* SPDX-License-Identifier: MIT */
/* The boot screen and the panic page on displays of every size: nothing is drawn outside. */
#include "present.h"
#include "screen.h"
#include "test.h"

#include <kernel/klog.h>

static uint32_t shown;

static void update(struct display *d, const struct rect *rects, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        assert_true(rects[i].x + rects[i].w <= d->width && rects[i].y + rects[i].h <= d->height);
        assert_true(rects[i].w > 0 && rects[i].h > 0 && rects[i].w <= d->width);
    }
    shown++;
}

static void draw_all(void)
{
    screen_boot_begin();
    log_info("test", "a line that is longer than a narrow screen, of a room with a name");
    log_error("test", "an error");
    for (uint32_t i = 0; i < 30; i++) {
        screen_progress(i, 30, "some-app.elf");
    }
    screen_progress(5, 0, "nothing to do");
    screen_progress(50, 30, "more than all");
    screen_message("no apps: nothing to run");
    screen_boot_end();
}

static void every_size(void **state)
{
    (void)state;
    static struct display displays[400];
    uint32_t n = 0;
    draw_all(); /* no display */
    static const uint32_t heights[] = {1, 16, 97, 143, 144, 150, 200, 431, 600, 800};
    for (uint32_t h = 0; h < ARRAY_COUNT(heights); h++) {
        for (uint32_t w = 1; w < 1300; w += w < 100 ? 31 : 173) {
            struct display *d = &displays[n];
            *d = (struct display){"test", w,    heights[h], 0,    0,    NULL, ++n,
                                  update, NULL, NULL,       NULL, NULL, NULL};
            d->pixels = malloc((size_t)w * heights[h] * 4);
            assert_non_null(d->pixels);
            display_offer(d);
            assert_ptr_equal(present_display(), d);
            shown = 0;
            draw_all();
            assert_true(shown > 0);
        }
    }
    assert_true(n > 50 && n <= ARRAY_COUNT(displays));
    for (uint32_t i = 0; i + 1 < n; i++) {
        free(displays[i].pixels);
    }
}

static void panic_now(void *unused)
{
    (void)unused;
    panic("something broke, no=%d", 7);
}

static void panic_page(void **state)
{
    (void)state;
    fake_serial_clear();
    shown = 0;
    assert_true(fake_panics(panic_now, NULL));
    assert_true(fake_said("PANIC something broke, no=7\n"));
    assert_true(shown > 0);
    assert_true(fake_panics(panic_now, NULL));
    assert_true(fake_said("PANIC inside a panic: something broke, no=7\n"));
    fake_serial_clear();
    assert_true(fake_panics(panic_now, NULL)); /* the third: the verdict, and not a word */
    assert_false(fake_said("PANIC"));
    free(present_display()->pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_size), cmocka_unit_test(panic_page)};
    return RUN(tests);
}
