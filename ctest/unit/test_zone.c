/* SPDX-License-Identifier: MIT */
/* The time zone: said by who may, everybody's, and taken off where the machine's clock has it. */
#include "v3_fixture.h"
#include "wall.h"

#define S      INT64_C(1000000000)
#define Y2026  (INT64_C(1767225600) * S)
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

static struct {
    int64_t zone, wall;
    ctx_status set;
} zoned;

static int32_t body_zone(struct ctx *ctx)
{
    const struct ctx_table *t;
    assert_int_equal(open_table(ctx, CTX_ID_CALENDAR, 0, &t), CTX_OK);
    const struct ctx_calendar *calendar = (const struct ctx_calendar *)t;
    zoned.set = calendar->set_zone(calendar, zoned.zone, (uint32_t)the.to);
    int64_t *out = own(ctx, 2 * sizeof *out);
    assert_int_equal(ctx->time->zone(ctx->time, &out[0]), CTX_OK);
    assert_int_equal(ctx->time->wall(ctx->time, &out[1]), CTX_OK);
    zoned.zone = out[0];
    zoned.wall = out[1];
    ctx->mem->free(ctx->mem, out, 2 * sizeof *out, 16);
    return 0;
}

static ctx_status zones(struct app *app, int64_t seconds, uint32_t local)
{
    zoned.zone = seconds;
    the.to = local;
    call(app, body_zone);
    assert_int_equal(app->faults, 0);
    return zoned.set;
}

static uint32_t heard;

static int32_t body_hears(struct ctx *ctx)
{
    struct ctx_event *e = own(ctx, 4 * sizeof *e);
    uint32_t *count = own(ctx, 4);
    while (ctx->events->read(ctx->events, e, 4 * sizeof *e, sizeof *e, count) == CTX_OK &&
           *count > 0) {
        for (uint32_t i = 0; i < *count; i++) {
            heard += e[i].kind == CTX_EVENT_CALENDAR;
        }
    }
    ctx->mem->free(ctx->mem, e, 4 * sizeof *e, 16);
    ctx->mem->free(ctx->mem, count, 4, 16);
    assert_int_equal(ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_CALENDAR), CTX_OK);
    return CTX_WAIT;
}

/* Said by who may, seen and heard by everybody; a machine's clock with local time is set right. */
static void a_zone_for_everybody(void **state)
{
    (void)state;
    struct app *nobody = load_v3("nobody"), *may = load_v3("desktop grant=ctx.calendar/1");
    fake.wall_ns = Y2026;
    heard = 0;
    call(nobody, body_hears);
    assert_int_equal(zones(nobody, 3600, 0), CTX_E_DENIED);
    assert_int_equal(zoned.zone, 0);
    assert_int_equal(zones(may, 86400, 0), CTX_E_RANGE);
    assert_int_equal(zones(may, -86400, 0), CTX_E_RANGE);
    assert_int_equal(zones(may, INT64_MIN, 0), CTX_E_RANGE);
    assert_int_equal(zones(may, 0, 3), CTX_E_INVAL);
    call(nobody, body_hears);
    assert_int_equal(heard, 0);
    assert_int_equal(zones(may, 7200, 0), CTX_OK);
    assert_int_equal(zoned.zone, 7200);
    assert_int_equal(zoned.wall, Y2026);
    call(nobody, body_hears);
    assert_int_equal(heard, 1);
    assert_int_equal(zones(may, 7200, 1), CTX_OK);
    assert_int_equal(zoned.wall, Y2026 - 7200 * S);
    assert_int_equal(zones(may, -3600, 2), CTX_OK); /* local still */
    assert_int_equal(zoned.wall, Y2026 + 3600 * S);
    assert_int_equal(sets(may, FRIDAY), CTX_OK); /* what was set stays, wherever people are */
    assert_int_equal(zones(may, 3600, 2), CTX_OK);
    assert_int_equal(zoned.wall, FRIDAY);
    assert_int_equal(zones(may, 0, 0), CTX_OK);
    assert_int_equal(zoned.wall, FRIDAY);
    fake.wall_ns += 5 * S;
    assert_int_equal(zones(may, 0, 2), CTX_OK);
    assert_int_equal(zoned.wall, FRIDAY + 5 * S);
    app_unload(may);
    app_unload(nobody);
}

static void words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds; /* 1: it is none */
    } all[] = {{"+2:00", 7200},  {"-3:30 x", -12600}, {"5", 18000}, {"+05:45", 20700}, {"0", 0},
               {"14:59", 53940}, {"15", 1},           {"", 1},      {"+", 1},          {":30", 1},
               {"2:", 1},        {"2:60", 1},         {"2:0:0", 1}, {"2h", 1},         {"++2", 1},
               {"002", 1},       {"1:000", 1}};
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        int64_t seconds = 0;
        bool good = wall_read_zone(all[i].text, &seconds);
        assert_int_equal(good, all[i].seconds != 1);
        assert_true(!good || seconds == all[i].seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(a_zone_for_everybody), /* before anybody has set the time */
    };
    return cmocka_run_group_tests(tests, boot, NULL);
}
