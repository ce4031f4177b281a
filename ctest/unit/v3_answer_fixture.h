/* SPDX-License-Identifier: MIT */
/* Apps of version 3 that answer what a test wants. */
#ifndef UNIT_V3_ANSWER_FIXTURE_H
#define UNIT_V3_ANSWER_FIXTURE_H

#include "v3_fixture.h"

static int32_t answer_is;

static inline int32_t body_answer(struct ctx *ctx)
{
    if (answer_is >= 0x100 && answer_is <= 0x1ff) { /* with everything an app can hold */
        const struct ctx_table *table;
        uint32_t *out = own(ctx, 4);
        ctx->display->create(ctx->display, 100, 100, CTX_SURFACE_RGBA, 0, out);
        ctx->display->canvas(ctx->display);
        open_table(ctx, CTX_ID_LOG, 0, &table);
        ctx->events->wait(ctx->events, 0x3e);
        ctx->time->wake_at(ctx->time, 5);
        gate_bind(app_current(), 5, (struct gate_binding){.to = GATE_DENIED});
        (void)app_page_in(app_current()->base + app_current()->stack_low);
    }
    return answer_is;
}

static inline enum app_turn turn_after(struct app *app, int32_t answer)
{
    answer_is = answer;
    call(app, body_answer);
    return app->turn.where;
}

#endif
