/* SPDX-License-Identifier: MIT */
/*
 * terminal - offers ctx.terminal/1: each program that reads or writes as in a terminal gets a
 * window of its own. What programs write is taken in service.c, between this app's own calls; here
 * the windows' events are heard, programs are told what they wait for, and what changed is drawn.
 *
 * Its line says offer=ctx.terminal/1. Without programs it has no window and is never called.
 */
#include "terminal.h"

#include <ctx/c.h>
#include <ctx/key.h>
#include <ctx/note.h>
#include <terminal_provider.h>

#include <stdlib.h>

#define CREDIT 0x40000u
#define BATCH  32u

CTX_NOTE(3);

/* What a program writes in one call lies on the stack, of which it may take a quarter. */
__attribute__((section(".note.ctx"), used, aligned(4))) static const struct {
    uint32_t owner_len, len, type;
    char owner[4];
    uint16_t tag, tag_len;
    uint32_t bytes;
} stack_note = {4, 8, 1, "ctx", CTX_NOTE_STACK, 4, 512 * 1024};

struct terminal *terminal_of(struct ctx *ctx)
{
    struct terminal *t = *ctx->store;
    if (t != NULL) {
        t->ctx = ctx;
    }
    return t;
}

void terminal_tell_time(struct terminal *t)
{
    t->ctx->time->now(t->ctx->time, &t->now_ns);
}

static uint32_t looks(const struct ctx_display_info *info)
{
    return (info->flags & CTX_DISPLAY_CONTRAST) != 0 ? CTX_THEME_CONTRAST : 0;
}

static struct terminal *start(struct ctx *ctx)
{
    const struct ctx_table *table = NULL;
    struct ctx_display_info info = {.size = sizeof info};
    struct terminal *t = calloc(1, sizeof *t);
    if (t == NULL || ctx->iface->open(ctx->iface, CTX_ID_SERVICE, sizeof CTX_ID_SERVICE - 1,
                                      sizeof *t->service, &table) != CTX_OK) {
        free(t);
        return NULL;
    }
    t->ctx = ctx;
    t->service = (const struct ctx_service *)(const void *)table;
    t->epoch = (uint32_t)ctx->epoch;
    ctx->display->info(ctx->display, &info);
    ctx_theme_make(&t->theme, info.scale, looks(&info), &ctx_faces_1x2x);
    *ctx->store = t;
    if (terminal_publish(t->service, &t->handle) != CTX_OK) {
        static const char why[] =
            "it can not offer ctx.terminal/1: the line needs offer=ctx.terminal/1";
        ctx->log((const uint8_t *)why, sizeof why - 1);
        return NULL;
    }
    return t;
}

static void hear_news(struct terminal *t)
{
    struct ctx_service_news news = {.size = sizeof news};
    while (t->service->news(t->service, &news) == CTX_OK) {
        if (news.kind == CTX_NEWS_LOST) {
            clients_look(t);
            continue;
        }
        for (struct client *c = t->clients; c != NULL; c = c->next) {
            if (c->pid != news.pid) {
                continue;
            }
            if (news.kind == CTX_NEWS_CANCELED && c->request == news.request) {
                c->request = 0;
            } else if (news.kind == CTX_NEWS_GONE) {
                client_gone(t, c, news.ended, news.code);
            }
        }
    }
}

/* A button at this pixel of the screen brings the window that lies there to the keys, or takes them
 * from all; those that were made later lie above. */
static void choose_front(struct terminal *t, const struct ctx_event *e)
{
    const struct ctx_display *display = t->ctx->display;
    t->front = NULL; /* beside them: keys are others' */
    for (struct client *c = t->clients; c != NULL; c = c->next) {
        struct ctx_surface_info at = {.size = sizeof at};
        if (c->window.surface != 0 &&
            display->describe(display, c->window.surface, &at) == CTX_OK && e->x >= at.x &&
            e->y >= at.y && e->x - at.x < (int32_t)at.w && e->y - at.y < (int32_t)at.h) {
            t->front = c;
        }
    }
}

/* Whose window it is about; without a window manager the one in front. */
static struct client *whose(struct terminal *t, const struct ctx_event *e)
{
    if (e->surface == 0 && !t->managed) {
        if ((e->flags & CTX_EVENT_SERIAL) != 0 && t->serial_is_others) {
            return NULL;
        }
        if (e->kind == CTX_EVENT_KEY && e->code >= CTX_BTN_LEFT && e->value != 0) {
            choose_front(t, e);
        }
        return t->front;
    }
    struct client *c = t->clients;
    while (c != NULL && c->window.surface != e->surface) {
        c = c->next;
    }
    return c;
}

/* People want things in another size, or with other looks. */
static void rescale(struct terminal *t)
{
    struct ctx_display_info info = {.size = sizeof info};
    t->ctx->display->info(t->ctx->display, &info);
    ctx_theme_make(&t->theme, info.scale, looks(&info), &ctx_faces_1x2x);
    for (struct client *c = t->clients; c != NULL; c = c->next) {
        window_rescale(t, c);
    }
}

static void read_events(struct terminal *t)
{
    struct ctx_event events[BATCH];
    uint32_t count;
    do {
        count = 0;
        t->ctx->events->read(t->ctx->events, events, sizeof events, sizeof events[0], &count);
        for (uint32_t i = 0; i < count; i++) {
            if (events[i].kind == CTX_EVENT_SCALE) {
                rescale(t);
            }
            struct client *c = whose(t, &events[i]);
            if (c != NULL && c->window.surface != 0) {
                window_event(t, c, &events[i]);
            }
        }
    } while (count == BATCH);
}

/* What is seen of a program's doings beside its text. */
static void look_after(struct terminal *t, struct client *c)
{
    struct window *w = &c->window;
    struct screen *s = &c->tty.screen;
    c->tty.now_ns = t->now_ns;
    tty_pump(&c->tty);
    if (!t->managed && w->focused != (t->front == c)) {
        w->focused = t->front == c;
        w->redraw |= REDRAW_ROWS;
    }
    if (s->titled) {
        s->titled = 0;
        window_title(t, c);
    }
    if (w->selection.cleared != s->cleared && !select_is_empty(&w->selection)) {
        select_clear(&w->selection); /* its lines are elsewhere, or gone */
        w->redraw |= REDRAW_ROWS;
    }
    uint8_t cursor = s->mouse != VTERM_PROP_MOUSE_NONE ? CTX_CURSOR_ARROW : CTX_CURSOR_TEXT;
    if (w->cursor != cursor + 1) {
        w->cursor = (uint8_t)(cursor + 1);
        t->ctx->display->cursor(t->ctx->display, w->surface, cursor);
    }
    s->bell = c->tty.bell = 0; /* there is no sound yet */
    draw_window(t, c);
}

/* When it is to be told that the time of VTIME is over. What it could be told by now it was told.
 */
static uint64_t due_of(const struct terminal *t, const struct client *c)
{
    int waits = c->request != 0 && (c->wanted & READY_READ) != 0 && c->window.surface != 0 &&
                !discipline_readable(&c->tty.line, t->now_ns);
    return waits ? discipline_deadline(&c->tty.line) : UINT64_MAX;
}

static void wait(struct terminal *t)
{
    uint64_t at = UINT64_MAX;
    for (struct client *c = t->clients; c != NULL; c = c->next) {
        uint64_t due = due_of(t, c), late = client_patience(c);
        due = late < due ? late : due;
        at = due < at ? due : at;
    }
    if (at != UINT64_MAX) {
        t->ctx->time->wake_at(t->ctx->time, at > t->now_ns ? at : t->now_ns + 1);
    }
    t->ctx->events->wait(t->ctx->events,
                         1u << CTX_EVENT_KEY | 1u << CTX_EVENT_TEXT | 1u << CTX_EVENT_POINTER |
                             1u << CTX_EVENT_WHEEL | 1u << CTX_EVENT_RESIZE |
                             1u << CTX_EVENT_FOCUS | 1u << CTX_EVENT_LEAVE | 1u << CTX_EVENT_CLOSE |
                             1u << CTX_EVENT_EXPOSE | 1u << CTX_EVENT_SCALE | 1u << CTX_EVENT_NEWS);
}

int32_t ctx_start(struct ctx *ctx)
{
    struct terminal *t = *ctx->store != NULL ? terminal_of(ctx) : start(ctx);
    struct ctx_display_info info = {.size = sizeof info};
    if (t == NULL) {
        return CTX_EXIT(1);
    }
    terminal_tell_time(t);
    t->managed = ctx->display->info(ctx->display, &info) == CTX_OK &&
                 (info.flags & CTX_DISPLAY_MANAGED) != 0;
    if (t->epoch != (uint32_t)ctx->epoch) {
        t->epoch = (uint32_t)ctx->epoch;
        clients_look(t);
    }
    hear_news(t);
    read_events(t);
    t->spent_ns = 0;
    for (struct client *c = t->clients; c != NULL; c = c->next) {
        c->credit = CREDIT;
        if (c->window.surface != 0) {
            look_after(t, c);
        }
        client_tell(t, c);
        client_stop_late(t, c);
    }
    clients_sweep(t);
    terminal_tell_time(t);
    t->drawn_ns = t->now_ns;
    wait(t);
    return CTX_WAIT;
}
