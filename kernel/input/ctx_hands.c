/* SPDX-License-Identifier: MIT */
/*
 * ctx.hands/1: keys and a pointer by an app, as if a device had sent them. What an app holds down
 * goes up when it ends: nobody else knows that these keys are down.
 */
#include "app.h"
#include "gate.h"
#include "resource.h"
#include "watch.h"

#include <kernel/input.h>

#define CODES     1024u
#define PLACE_MAX 65535u
#define WHEEL_MAX 12000 /* in 1/120 of a step */
#define REACHES   "it moved keys or the pointer for others"

/* [loop, in a call] */
static struct {
    uint64_t holder[CODES]; /* pid + 1; 0: nobody */
    uint32_t held;
} state;

static void let_go(uint32_t code)
{
    if (state.holder[code] != 0) {
        state.holder[code] = 0;
        state.held--;
    }
}

static uint64_t hands_key(struct app *app, const uint64_t args[6])
{
    uint32_t code = (uint32_t)args[1], down = (uint32_t)args[2];
    if (code == 0 || code >= CODES || down > 1) {
        return (uint32_t)CTX_E_INVAL;
    }
    if (down != 0 && input_room() == 0) {
        return (uint32_t)CTX_E_AGAIN;
    }
    app_reaches_out(app, REACHES);
    let_go(code);
    if (down != 0) {
        state.holder[code] = app->pid + 1;
        state.held++;
    }
    input_key(code, down != 0 ? INPUT_KEY_DOWN : INPUT_KEY_UP);
    return CTX_OK;
}

static uint64_t hands_pointer(struct app *app, const uint64_t args[6])
{
    uint32_t x = (uint32_t)args[1], y = (uint32_t)args[2], w = (uint32_t)args[3],
             h = (uint32_t)args[4];
    if (x >= w || y >= h || w > PLACE_MAX || h > PLACE_MAX) {
        return (uint32_t)CTX_E_INVAL;
    }
    app_reaches_out(app, REACHES);
    /* The middle of that pixel: it may be many of the screen's. */
    input_pointer_set(2 * x + 1, 2 * w - 1, 2 * y + 1, 2 * h - 1);
    return CTX_OK;
}

static uint64_t hands_wheel(struct app *app, const uint64_t args[6])
{
    int64_t across = (int64_t)args[1], away = (int64_t)args[2];
    if (across < -WHEEL_MAX || across > WHEEL_MAX || away < -WHEEL_MAX || away > WHEEL_MAX) {
        return (uint32_t)CTX_E_INVAL;
    }
    app_reaches_out(app, REACHES);
    input_wheel_parts((int32_t)across, (int32_t)away);
    return CTX_OK;
}

static void tear_down(struct app *app)
{
    for (uint32_t code = 0; code < CODES && state.held > 0; code++) {
        if (state.holder[code] == app->pid + 1) {
            let_go(code);
            input_key(code, INPUT_KEY_UP);
        }
    }
}

static ctx_status restore(struct app *app, const struct app_restore *how)
{
    (void)how;
    tear_down(app); /* what it held when the image was made was another time's, and so is what it
                       holds now */
    return CTX_OK;
}

const struct app_resource hands_resource = {
    .name = "hands", .tear_down = tear_down, .restore = restore};

GATE_TABLE(ctx_hands_table, CTX_TABLE_HANDS, hands_key, hands_pointer, hands_wheel);
