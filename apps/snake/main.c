/* SPDX-License-Identifier: MIT */
/*
 * A small complete game of version 3: a surface, keys by events, score and board in the store.
 * While it is played it is called each frame; on the title page, in a pause and after the end it
 * waits for a key and costs nothing. It pauses when its window loses the keys; closed it ends with
 * 0.
 */
#include "draw.h"

#include <ctx/key.h>
#include <ctx/note.h>

CTX_NOTE(3);

struct app {
    struct game game;
    uint32_t surface, scale;
    uint32_t *pixels;
    int follows; /* the scale; 0: an older system enlarges it */
};

#define FLAGS (CTX_SURFACE_FIXED | CTX_SURFACE_INTEGER)

static uint64_t now(struct ctx *ctx)
{
    uint64_t ns = 0;
    ctx->time->now(ctx->time, &ns);
    return ns;
}

static uint64_t noise(struct ctx *ctx)
{
    const struct ctx_table *table = 0;
    uint64_t bits = now(ctx);
    if (ctx->iface->open(ctx->iface, CTX_ID_RANDOM, sizeof CTX_ID_RANDOM - 1, 0, &table) ==
        CTX_OK) {
        const struct ctx_random *random = (const struct ctx_random *)table;
        random->fill(random, &bits, sizeof bits); /* without a grant the time has to do */
    }
    return bits;
}

/* As large as the screen wants things, if the board fits on it then. */
static uint32_t wanted_scale(struct ctx *ctx)
{
    struct ctx_display_info info = {.size = sizeof info};
    if (ctx->display->info(ctx->display, &info) != CTX_OK) {
        return 120;
    }
    uint32_t scale = info.scale > 480 ? 480 : info.scale;
    while (scale > 120 &&
           (draw_width(scale) > info.w || draw_height(scale) + scale * 2 / 3 > info.h)) {
        scale -= 5; /* what is above and below it takes two thirds of the scale */
    }
    return scale < 120 ? 120 : scale;
}

/* Without memory it stays as it is. */
static void use_scale(struct ctx *ctx, struct app *app, uint32_t scale)
{
    uint32_t w = draw_width(scale), h = draw_height(scale);
    if (scale == app->scale || ctx->display->resize(ctx->display, app->surface, w, h) != CTX_OK) {
        return;
    }
    ctx->display->ask_smallest(ctx->display, app->surface, w, h);
    app->pixels = ctx->display->pixels(ctx->display, app->surface);
    app->scale = scale;
}

static struct app *begin(struct ctx *ctx)
{
    struct app *app = ctx->mem->alloc(ctx->mem, sizeof *app, 16, CTX_MEM_ZERO);
    if (app == 0 || !draw_init(ctx) ||
        ctx->display->create(ctx->display, draw_width(120), draw_height(120), CTX_SURFACE_RGBX,
                             FLAGS, &app->surface) != CTX_OK) {
        static const uint8_t text[] = "no memory for the game";
        ctx->log(text, sizeof text - 1);
        return 0;
    }
    ctx->display->title(ctx->display, app->surface, "Snake", 5);
    ctx->display->ask_smallest(ctx->display, app->surface, draw_width(120), draw_height(120));
    app->pixels = ctx->display->pixels(ctx->display, app->surface);
    app->scale = 120;
    app->follows =
        ctx->display->ask_flags(ctx->display, app->surface, FLAGS | CTX_SURFACE_SCALED) == CTX_OK;
    *ctx->store = app;
    return app;
}

static void pressed(struct ctx *ctx, struct game *g, uint32_t code)
{
    static const struct {
        uint16_t arrow, letter;
        int8_t dx, dy;
    } turns[] = {{CTX_KEY_UP, 17, 0, -1},
                 {CTX_KEY_LEFT, 30, -1, 0},
                 {CTX_KEY_DOWN, 31, 0, 1},
                 {CTX_KEY_RIGHT, 32, 1, 0}};
    for (uint32_t i = 0; i < 4; i++) {
        if (code == turns[i].arrow || code == turns[i].letter) {
            game_turn(g, turns[i].dx, turns[i].dy);
        }
    }
    int pause = code == 25 || code == CTX_KEY_ESC; /* P */
    if (g->phase == PHASE_PLAY && pause) {
        game_set_phase(g, PHASE_PAUSE, now(ctx));
    } else if (g->phase == PHASE_PAUSE && (code == CTX_KEY_SPACE || pause)) {
        game_set_phase(g, PHASE_PLAY, now(ctx));
    } else if ((g->phase == PHASE_TITLE || g->phase == PHASE_OVER) && code == CTX_KEY_SPACE) {
        game_begin(g, noise(ctx), now(ctx));
    }
}

/* 1: the user has closed the window. */
static int read_events(struct ctx *ctx, struct game *g)
{
    int closed = 0;
    struct ctx_event events[16];
    uint32_t count = 0;
    while (ctx->events->read(ctx->events, events, sizeof events, sizeof events[0], &count) ==
           CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            if (events[i].kind == CTX_EVENT_KEY && events[i].value == 1) {
                pressed(ctx, g, events[i].code);
            } else if (events[i].kind == CTX_EVENT_LEAVE && events[i].code == 0 &&
                       g->phase == PHASE_PLAY) {
                game_set_phase(g, PHASE_PAUSE, now(ctx)); /* nobody could steer */
            }
            closed |= events[i].kind == CTX_EVENT_CLOSE;
        }
    }
    return closed;
}

int32_t _start(struct ctx *ctx)
{
    struct app *app = *ctx->store;
    if (app == 0) {
        app = begin(ctx);
    }
    if (app == 0) {
        return CTX_EXIT(1);
    }
    struct game *g = &app->game;
    if (read_events(ctx, g)) {
        return CTX_EXIT(0);
    }
    uint64_t ns = now(ctx);
    uint32_t before = g->phase;
    game_advance(g, ns);
    if (before == PHASE_PLAY && g->phase == PHASE_OVER) {
        static const uint8_t text[] = "over";
        ctx->log(text, sizeof text - 1);
    }
    if (app->follows) {
        use_scale(ctx, app, wanted_scale(ctx));
    }
    draw_all(app->pixels, app->scale, g, ns);
    ctx->display->damage(ctx->display, app->surface, 0, 0, draw_width(app->scale),
                         draw_height(app->scale));
    if (g->phase == PHASE_PLAY) {
        return CTX_AGAIN;
    }
    uint64_t kinds = UINT64_C(1) << CTX_EVENT_KEY | UINT64_C(1) << CTX_EVENT_CLOSE;
    uint64_t more = UINT64_C(1) << CTX_EVENT_SCALE | UINT64_C(1) << CTX_EVENT_RESIZE;
    ctx->events->wait(ctx->events, app->follows ? kinds | more : kinds);
    return CTX_WAIT;
}
