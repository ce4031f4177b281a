/* SPDX-License-Identifier: MIT */
/*
 * Keys and pointer in the shape of version 2, whatever the kernel offers: from ctx->input, or from
 * version 3's events. The rest of the console need not know.
 */
#ifndef CONSOLE_INPUT_H
#define CONSOLE_INPUT_H

#include <ctx/ctx.h>

struct input {
    struct ctx_input view; /* what version 3's events amount to */
    uint32_t edges[64], edge_count;
    uint64_t serial;    /* bit n: view.ring[n] was typed on the serial line; version 2 has none */
    uint64_t elsewhere; /* bit n: view.ring[n] was typed into something else than our surface */
    uint32_t own;       /* our surface while somebody manages windows, else 0; set by the caller */
    uint32_t pointed;   /* the surface that mx, my are pixels of; 0: the screen */
    uint64_t press_x, press_y; /* mx, my when the left button went down last */
    int32_t wheel;             /* steps away from the user in this call; version 2 has none */
};

/* Once per call; valid until the next one. Each event of version 3 is shown to saw too. */
const struct ctx_input *input_look(struct input *input, struct ctx *ctx,
                                   void (*saw)(void *arg, const struct ctx_event *event),
                                   void *arg);

#endif
