/* SPDX-License-Identifier: MIT */
/* Loading and calling apps in tests, and whether all they took is back. */
#ifndef UNIT_APP_FIXTURE_H
#define UNIT_APP_FIXTURE_H

#include "app.h"
#include "frame.h"
#include "heap.h"
#include "make_elf.h"
#include "test.h"

static struct made_elf m;
static struct {
    uint64_t frames, used, mapped;
} before;

static inline void remember(void)
{
    before.frames = frame_free_total();
    before.used = heap_used();
    before.mapped = fake.extents_live;
}

static inline void all_is_back(void)
{
    assert_int_equal(frame_free_total(), before.frames);
    assert_int_equal(heap_used(), before.used);
    assert_int_equal(fake.extents_live, before.mapped);
    assert_int_equal(fake.left_mapped, 0);
}

static inline struct app *load(const char *text)
{
    make_elf(&m);
    struct app *app = app_load(m.bytes, m.len, "/apps/made.elf", text);
    assert_non_null(app);
    return app;
}

static inline void call(struct app *app, int32_t (*body)(struct ctx *))
{
    fake.app = body;
    app_call(app, machine_now_ns());
    fake.app = NULL;
}

static int boot(void **state)
{
    (void)state;
    fake_boot(32, 320, 200);
    return 0;
}

#endif
