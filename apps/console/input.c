/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <ctx/key.h>

static void key(struct input *in, const struct ctx_event *e)
{
    if (e->code >= sizeof in->view.keys) {
        return;
    }
    uint8_t *state = &in->view.keys[e->code];
    uint8_t was_down = CTX_KEY_IS_DOWN(*state), down = e->value != 0;
    if (down && !was_down) {
        *state = *state == CTX_KEY_OFF_FROM_ON ? CTX_KEY_ON_TRANSIENT_OFF : CTX_KEY_ON_FROM_OFF;
    } else if (!down && was_down) {
        *state = *state == CTX_KEY_ON_FROM_OFF ? CTX_KEY_OFF_TRANSIENT_ON : CTX_KEY_OFF_FROM_ON;
    }
    if (e->code == CTX_BTN_LEFT && down) {
        in->press_x = in->view.mx;
        in->press_y = in->view.my;
    }
    in->edges[in->edge_count++] = e->code;
    in->view.last++;
    uint64_t bit = UINT64_C(1) << in->view.last % 64;
    in->serial = (e->flags & CTX_EVENT_SERIAL) != 0 ? in->serial | bit : in->serial & ~bit;
    int elsewhere = in->own != 0 && e->surface != in->own;
    in->elsewhere = elsewhere ? in->elsewhere | bit : in->elsewhere & ~bit;
    in->view.ring[in->view.last % 64] = (struct ctx_key_event){.down = down, .code = e->code};
}

const struct ctx_input *input_look(struct input *in, struct ctx *ctx,
                                   void (*saw)(void *arg, const struct ctx_event *event), void *arg)
{
    if (!CTX_HAS(ctx, events)) {
        return ctx->input;
    }
    for (uint32_t i = 0; i < in->edge_count; i++) { /* edges last one call */
        uint8_t *state = &in->view.keys[in->edges[i]];
        *state = CTX_KEY_IS_DOWN(*state) ? CTX_KEY_ON : CTX_KEY_OFF;
    }
    in->edge_count = 0;
    in->wheel = 0;
    /* At most as many keys as the ring holds; other events come along. The rest waits for the next
     * call. */
    struct ctx_event event;
    uint32_t count;
    while (in->edge_count < 64 &&
           ctx->events->read(ctx->events, &event, sizeof event, sizeof event, &count) == CTX_OK) {
        int foreign = in->own != 0 && event.surface != in->own; /* a button on the canvas */
        if (event.kind == CTX_EVENT_KEY && !(foreign && event.code >= CTX_BTN_LEFT)) {
            key(in, &event);
        } else if (event.kind == CTX_EVENT_POINTER) {
            in->view.mx = (uint64_t)event.x;
            in->view.my = (uint64_t)event.y;
            in->pointed = event.surface;
        } else if (event.kind == CTX_EVENT_WHEEL) {
            in->wheel += event.y;
        }
        saw(arg, &event);
    }
    return &in->view;
}
