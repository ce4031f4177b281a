/* SPDX-License-Identifier: MIT */
/*
 * For desktop.py and windowing.py of both machines: windows, and what is heard in them, as lines of
 * the log. Words of its line:
 *
 *   2x300x200   so many surfaces, and their size
 *   big         it follows RESIZE; fixed, full: flags; far: it asks for a place off the screen
 *   deaf        it takes no CLOSE
 *   garbage     its title is that; long=N: of N letters, which is refused
 *   busy        it paints all of its first surface in every frame, each in another colour
 *
 * F8 is a fault.
 */
#include "v3.h"

#include <ctx/key.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define F8      66u
#define LETTERS 20000u

static volatile int *volatile nowhere = (volatile int *)8;

struct state {
    uint32_t s[64], count, w, h, deaf, big, full, fixed, far, garbage, busy, frames, letters;
    char title[LETTERS];
};

static uint32_t take(const char **p)
{
    uint32_t n = 0;
    for (; **p >= '0' && **p <= '9'; (*p)++) {
        n = n * 10 + (uint32_t)(**p - '0');
    }
    *p += **p != 0;
    return n;
}

static int begins(const char **p, const char *with)
{
    const char *at = *p;
    while (*with != 0 && *at == *with) {
        at++;
        with++;
    }
    *p = *with == 0 ? at : *p;
    return *with == 0;
}

static void one_word(struct state *st, const char *word)
{
    const char *p = word;
    if (*p >= '0' && *p <= '9') {
        st->count = take(&p);
        st->w = take(&p);
        st->h = take(&p);
    }
    if (begins(&p, "long=")) {
        st->letters = take(&p);
    }
    st->deaf |= same(word, "deaf");
    st->big |= same(word, "big");
    st->full |= same(word, "full");
    st->fixed |= same(word, "fixed");
    st->far |= same(word, "far");
    st->garbage |= same(word, "garbage");
    st->busy |= same(word, "busy");
}

static void words(struct ctx *ctx, struct state *st)
{
    const struct ctx_table *t = 0;
    char word[32];
    uint32_t len;
    if (ctx->iface->open(ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &t) != CTX_OK) {
        return;
    }
    const struct ctx_args *args = (const void *)t;
    for (uint32_t i = 0;
         (memset(word, 0, sizeof word), args->get(args, i, word, 31, &len)) == CTX_OK; i++) {
        one_word(st, word);
    }
}

static void draw(struct ctx *ctx, const struct state *st, uint32_t s, uint32_t color)
{
    uint32_t *px = ctx->display->pixels(ctx->display, s);
    for (uint32_t i = 0; i < st->w * st->h; i++) {
        px[i] = color;
    }
    ctx->display->damage(ctx->display, s, 0, 0, st->w, st->h);
}

static void titles(struct ctx *ctx, struct state *st, uint32_t s)
{
    static const char garbage[] =
        "\xf0\x9f\x98\xb8 \xe2\x80\xae<b>%s%n\xcc\x81\xcc\x81\xcc\x81 \xf0\x9d\x94\xb8 ]]>; DROP; "
        "\xef\xbf\xbd 12345678";
    if (st->garbage) {
        uint32_t len = length(garbage) < 63 ? length(garbage) : 63;
        say(ctx, "title", ctx->display->title(ctx->display, s, garbage, len));
    }
    if (st->letters > 0) {
        uint32_t len = st->letters < LETTERS ? st->letters : LETTERS;
        memset(st->title, 'w', len);
        say(ctx, "long title", ctx->display->title(ctx->display, s, st->title, len));
    }
}

static struct state *start(struct ctx *ctx)
{
    struct state *st = ctx->alloc(sizeof *st, 16);
    if (st == 0) {
        return 0;
    }
    memset(st, 0, sizeof *st);
    st->count = 1;
    st->w = 300;
    st->h = 200;
    words(ctx, st);
    for (uint32_t i = 0; i < st->count && i < 64; i++) {
        uint64_t flags = (st->full ? CTX_SURFACE_FULL : 0) | (st->fixed ? CTX_SURFACE_FIXED : 0);
        if (ctx->display->create(ctx->display, st->w, st->h, CTX_SURFACE_RGBX, flags, &st->s[i]) !=
            CTX_OK) {
            say(ctx, "refused", i);
            return 0;
        }
        if (st->far) {
            ctx->display->ask_position(ctx->display, st->s[i], -5000, 90000);
        }
        titles(ctx, st, st->s[i]);
        draw(ctx, st, st->s[i], 0xff40c0e0u);
    }
    *ctx->store = st;
    return st;
}

/* 1: it is to end. */
static int event(struct ctx *ctx, struct state *st, const struct ctx_event *e)
{
    int is_key = e->kind == CTX_EVENT_KEY && e->code < CTX_BTN_LEFT;
    if (is_key && e->value == 1) {
        say(ctx, "key", e->code);
    }
    if (is_key && e->value == 0) {
        say(ctx, "up", e->code);
    }
    if (e->kind == CTX_EVENT_KEY && e->value == 1 && e->code == CTX_BTN_LEFT) {
        say(ctx, "button", e->surface);
    }
    if (e->kind == CTX_EVENT_TEXT) {
        say(ctx, "text", e->code);
    }
    if (e->kind == CTX_EVENT_POINTER) {
        say(ctx, "at", e->x * 10000 + e->y);
    }
    if (e->kind == CTX_EVENT_CLOSE) {
        say(ctx, "close", e->surface);
        return !st->deaf;
    }
    if (e->kind == CTX_EVENT_RESIZE && st->big &&
        ctx->display->resize(ctx->display, e->surface, (uint32_t)e->x, (uint32_t)e->y) == CTX_OK) {
        st->w = (uint32_t)e->x;
        st->h = (uint32_t)e->y;
        draw(ctx, st, e->surface, 0xff40c0e0u);
    }
    if (is_key && e->value == 1 && e->code == F8) {
        *nowhere = 1;
    }
    return 0;
}

int32_t _start(struct ctx *ctx)
{
    struct state *st = *ctx->store != 0 ? *ctx->store : start(ctx);
    struct ctx_event e;
    uint32_t n;
    int ends = st == 0;
    while (!ends && ctx->events->read(ctx->events, &e, sizeof e, sizeof e, &n) == CTX_OK) {
        ends |= event(ctx, st, &e);
    }
    if (!ends && st->busy) {
        draw(ctx, st, st->s[0], 0xff000000u | (++st->frames * 3 & 0xff));
        return CTX_AGAIN;
    }
    ctx->events->wait(ctx->events, 1u << CTX_EVENT_KEY | 1u << CTX_EVENT_TEXT |
                                       1u << CTX_EVENT_POINTER | 1u << CTX_EVENT_CLOSE |
                                       1u << CTX_EVENT_RESIZE);
    return ends ? CTX_EXIT(0) : CTX_WAIT;
}
