/* SPDX-License-Identifier: MIT */
/* ctx.calendar/1: the time that somebody has said is everybody's, and goes on. */
#include "v3_fixture.h"
#include "wall.h"

#define S      INT64_C(1000000000)
#define Y2026  (INT64_C(1767225600) * S)
#define Y2200  (INT64_C(7258118400) * S)
#define FRIDAY (Y2026 + 86400 * S)

static struct {
    int64_t to, wall;
    ctx_status set, asked;
} the;

static int32_t body(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_CALENDAR, 0, &t), CTX_OK);
    const struct ctx_calendar *calendar = (const struct ctx_calendar *)t;
    the.set = calendar->set(calendar, the.to);
    int64_t *wall = own(ctx, sizeof *wall);
    the.asked = ctx->time->wall(ctx->time, wall);
    the.wall = *wall;
    ctx->mem->free(ctx->mem, wall, sizeof *wall, 16);
    return 0;
}

static ctx_status sets(struct app *app, int64_t to)
{
    the.to = to;
    call(app, body);
    assert_int_equal(app->faults, 0);
    return the.set;
}

static void only_who_may(void **state)
{
    (void)state;
    struct app *app = load_v3("nobody");
    fake.wall_ns = Y2026;
    assert_int_equal(sets(app, FRIDAY), CTX_E_DENIED);
    assert_int_equal(the.wall, Y2026);
    app_unload(app);
}

static void a_machine_that_does_not_know(void **state)
{
    (void)state;
    struct app *app = load_v3("net grant=ctx.calendar/1");
    int64_t wall = 1;
    fake.wall_ns = 0;
    assert_int_equal(wall_ns(&wall), CTX_E_NOSYS);
    assert_int_equal(wall, 0);
    assert_int_equal(sets(app, -1), CTX_E_RANGE);
    assert_int_equal(sets(app, Y2200), CTX_E_RANGE);
    assert_int_equal(the.asked, CTX_E_NOSYS);
    fake.now_ns = 0;
    assert_int_equal(sets(app, Y2026), CTX_OK);
    assert_int_equal(the.wall, Y2026);
    fake.now_ns = 5 * (uint64_t)S;
    assert_int_equal(wall_ns(&wall), CTX_OK);
    assert_int_equal(wall, Y2026 + 5 * S);
    fake.wall_ns = 77 * S; /* it begins to tell one: what was said counts */
    assert_int_equal(wall_ns(&wall), CTX_OK);
    assert_int_equal(wall, Y2026 + 5 * S);
    app_unload(app);
}

/* Its calendar shows when a virtual machine stood still, which machine_now_ns() does not. */
static void it_goes_on_with_the_machine(void **state)
{
    (void)state;
    struct app *app = load_v3("net grant=ctx.calendar/1");
    int64_t wall = 0;
    fake.wall_ns = 1000 * S;
    fake.now_ns = 0;
    assert_int_equal(sets(app, Y2026), CTX_OK);
    fake.wall_ns += 3600 * S;
    fake.now_ns = 2 * (uint64_t)S;
    assert_int_equal(wall_ns(&wall), CTX_OK);
    assert_int_equal(wall, Y2026 + 3600 * S);
    fake.wall_ns = 0; /* its battery is empty: by the other clock */
    assert_int_equal(wall_ns(&wall), CTX_OK);
    assert_int_equal(wall, Y2026 + 2 * S);
    assert_int_equal(sets(app, FRIDAY), CTX_OK);
    assert_int_equal(the.wall, FRIDAY);
    app_unload(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_who_may),
        cmocka_unit_test(a_machine_that_does_not_know),
        cmocka_unit_test(it_goes_on_with_the_machine),
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
