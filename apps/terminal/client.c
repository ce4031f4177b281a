/* SPDX-License-Identifier: MIT */
/* Programs: who they are, what they wait for, how they end. */
#include "terminal.h"

#include <terminal_provider.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CREDIT   0x40000u /* bytes that a program may write before others have their turn */
#define GRACE_NS UINT64_C(5000000000) /* for a program whose window was closed */

struct client *client_find(struct terminal *t, uint64_t pid)
{
    uint32_t count = 0;
    struct client **at = &t->clients;
    for (; *at != NULL; at = &(*at)->next, count++) {
        if ((*at)->pid == pid) {
            return *at;
        }
    }
    struct client *c = count < CLIENTS_MAX ? calloc(1, sizeof *c) : NULL;
    if (c != NULL) {
        c->pid = pid;
        c->credit = CREDIT;
        *at = c; /* the newest last: it is in front */
    }
    return c;
}

/* One that ended, or was put back, and calls again goes on in its window. */
static void revive(struct terminal *t, struct client *c)
{
    c->ended = 0;
    if (c->window.surface == 0) {
        return;
    }
    const struct disc_screen screen = c->tty.line.screen;
    discipline_init(&c->tty.line, &screen);
    screen_soft_reset(&c->tty.screen);
    c->tty.screen.title_len = 0;
    window_title(t, c);
}

struct client *client_of_caller(struct terminal *t, ctx_status *status)
{
    struct ctx_service_caller who = {.size = sizeof who};
    *status = t == NULL ? CTX_E_BUSY : t->service->caller(t->service, &who);
    if (*status != CTX_OK) {
        return NULL;
    }
    terminal_tell_time(t);
    struct client *c = client_find(t, who.pid);
    if (c == NULL) {
        *status = CTX_E_NOMEM;
        return NULL;
    }
    if (c->name[0] == 0) {
        memcpy(c->name, who.name, sizeof who.name);
    }
    if (c->ended) {
        revive(t, c);
    }
    c->tty.now_ns = t->now_ns;
    return c;
}

ctx_status client_open(struct terminal *t, struct client *c)
{
    if (c->hung) {
        return CTX_E_IO;
    }
    if (c->window.surface == 0 && !window_open(t, c)) {
        return CTX_E_NOMEM;
    }
    c->has_tty = 1;
    c->tty.now_ns = t->now_ns;
    return CTX_OK;
}

/* ---- what it waits for ---- */

static uint32_t holds(const struct terminal *t, const struct client *c)
{
    const struct discipline *d = &c->tty.line;
    uint32_t what = 0;
    if (c->hung) {
        return READY_HANGUP | READY_READ | READY_WRITE;
    }
    what |= !c->has_tty || (!d->stopped && c->credit > 0) ? READY_WRITE : 0;
    what |= c->has_tty && discipline_readable(d, t->now_ns) ? READY_READ : 0;
    what |= c->new_size ? READY_SIZE : 0;
    what |= c->has_tty && d->signals != 0 ? READY_SIGNAL : 0;
    return what;
}

void client_tell(struct terminal *t, struct client *c)
{
    uint32_t what = c->request != 0 ? holds(t, c) & c->wanted : 0;
    struct terminal_ready ready = {.size = sizeof ready, .what = what};
    if (what == 0) {
        return;
    }
    if (what & READY_SIGNAL) {
        ready.signal = discipline_signal(&c->tty.line);
    }
    /* Without memory for the result another time; a request that nobody knows is over. */
    ctx_status status = terminal_complete_next(t->service, c->request, CTX_OK, &ready);
    if (status == CTX_E_NOMEM || status == CTX_E_NOSPC) {
        c->tty.line.signals |= ready.signal != 0 ? 1u << ready.signal : 0;
        return;
    }
    c->request = 0;
    if (status == CTX_OK && (what & READY_SIZE) != 0) {
        c->new_size = 0;
    }
}

/* ---- how it ends ---- */

static void say_end(struct client *c, const char *text)
{
    static const uint8_t dim[] = "\x1b[0;90m", plain[] = "\x1b[0m";
    struct screen *s = &c->tty.screen;
    screen_soft_reset(s);
    if (s->cursor.col > 0) {
        screen_write(s, (const uint8_t *)"\r\n", 2);
    }
    screen_write(s, dim, sizeof dim - 1);
    screen_write(s, (const uint8_t *)text, (uint32_t)strlen(text));
    screen_write(s, plain, sizeof plain - 1);
    c->window.redraw |= REDRAW_ROWS;
}

void client_close(struct terminal *t, struct client *c)
{
    if (!c->ended) {
        c->hung = 1;
        c->hung_ns = t->now_ns;
    }
    window_close(t, c);
    client_tell(t, c);
}

uint64_t client_patience(const struct client *c)
{
    return c->hung && !c->ended ? c->hung_ns + GRACE_NS : UINT64_MAX;
}

/* Without the grant nobody is stopped, and it goes on without a window. */
void client_stop_late(struct terminal *t, struct client *c)
{
    const struct ctx_table *table = NULL;
    if (t->now_ns < client_patience(c)) {
        return;
    }
    c->hung_ns = UINT64_MAX - GRACE_NS; /* asked once */
    if (t->ctx->iface->open(t->ctx->iface, CTX_ID_CONTROL, sizeof CTX_ID_CONTROL - 1, 0, &table) !=
            CTX_OK ||
        (table->flags & CTX_TBL_GRANTED) == 0) {
        return;
    }
    const struct ctx_control *control = (const struct ctx_control *)(const void *)table;
    (void)control->stop(control, c->pid); /* its end is told as any other */
}

void client_gone(struct terminal *t, struct client *c, uint32_t ended, int32_t code)
{
    char text[96];
    c->request = 0;
    if (ended == CTX_ENDED_NOT && c->window.surface != 0) {
        c->ended = 1; /* until it calls again: revive() */
        return;
    }
    if (c->window.surface != 0 && !c->hung) {
        if (ended == CTX_ENDED_STOP) {
            snprintf(text, sizeof text, "[%s was stopped - Enter closes]", c->name);
        } else if (code == 0) {
            snprintf(text, sizeof text, "[%s has ended - Enter closes]", c->name);
        } else {
            snprintf(text, sizeof text, "[%s has ended with status %d - Enter closes]", c->name,
                     (int)code);
        }
        window_scroll(c, INT64_MIN);
        say_end(c, text);
    }
    c->ended = 1;
    c->hung = 0;
    (void)t;
}

void clients_sweep(struct terminal *t)
{
    for (struct client **at = &t->clients; *at != NULL;) {
        struct client *c = *at;
        if (c->ended && c->window.surface == 0) {
            *at = c->next;
            free(c);
        } else {
            at = &c->next;
        }
    }
}

void clients_look(struct terminal *t)
{
    const struct ctx_table *table = NULL;
    struct ctx_app_info *all = malloc(256 * sizeof *all);
    uint32_t count = 0;
    if (all == NULL || t->ctx->iface->open(t->ctx->iface, CTX_ID_APPS, sizeof CTX_ID_APPS - 1, 0,
                                           &table) != CTX_OK) {
        free(all);
        return;
    }
    const struct ctx_apps *apps = (const struct ctx_apps *)(const void *)table;
    ctx_status status = apps->list(apps, all, 256 * sizeof *all, sizeof *all, &count);
    for (struct client *c = t->clients; status == CTX_OK && count <= 256 && c != NULL;
         c = c->next) {
        int there = 0;
        for (uint32_t i = 0; i < count; i++) {
            there |=
                all[i].pid == c->pid && strncmp((const char *)all[i].name, c->name, NAME_MAX) == 0;
        }
        c->request = 0;
        if (!there && !c->ended) {
            client_gone(t, c, CTX_ENDED_STOP, 0);
        }
    }
    free(all);
}
