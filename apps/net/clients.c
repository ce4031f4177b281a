/* SPDX-License-Identifier: MIT */
/* Who uses the network: what each of them may do, and what it waits for. */
#include "net_app.h"

#include <stdlib.h>
#include <string.h>

#define GRANT_ROOM 2048u
#define USERS_MOST 256u

static struct client *find(uint64_t pid)
{
    struct client *c = app.clients;
    while (c != NULL && c->pid != pid) {
        c = c->next;
    }
    return c;
}

/* Inside a function of the service. OK, or it is not known what the line allows. */
static ctx_status find_rights(struct client *c)
{
    static char text[GRANT_ROOM];
    uint32_t len = 0;
    ctx_status status = app.service->grant(app.service, text, sizeof text - 1, &len);
    if (status == CTX_E_NOENT) {
        /* Nothing stands there, or the call was given up since, which is no reason to allow all. */
        struct ctx_service_caller who = {.size = sizeof who};
        status = app.service->caller(app.service, &who);
        if (status == CTX_OK) {
            rights_all(c);
        }
        return status;
    }
    if (status != CTX_OK) {
        return status;
    }
    if (len > sizeof text - 1) {
        say(CTX_LOG_WARN, "%s: use=ctx.net/1(...) has more than %u bytes: nothing is allowed",
            c->name, GRANT_ROOM - 1);
        return CTX_OK;
    }
    text[len] = 0; /* of () nothing */
    rights_read(c, text);
    return CTX_OK;
}

struct client *client_of_caller(ctx_status *status)
{
    struct ctx_service_caller who = {.size = sizeof who};
    *status = app.service->caller(app.service, &who);
    if (*status != CTX_OK) {
        return NULL;
    }
    app.call = who.call;
    struct client *c = find(who.pid);
    if (c != NULL) {
        return c;
    }
    c = calloc(1, sizeof *c);
    if (c == NULL) {
        *status = CTX_E_NOMEM;
        return NULL;
    }
    c->pid = who.pid;
    memcpy(c->name, who.name, sizeof c->name - 1);
    c->owner.sockets_most = app.sockets_most;
    c->owner.bytes_most = app.bytes_most;
    c->owner.arg = c;
    *status = find_rights(c);
    if (*status != CTX_OK) {
        free(c);
        return NULL;
    }
    c->next = app.clients;
    app.clients = c;
    return c;
}

static void forget_wait(struct waiting *w)
{
    free(w->wants);
    *w = (struct waiting){0};
}

static void gone(struct client *c)
{
    struct client **at = &app.clients;
    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
    for (uint32_t i = 0; i < WAITS_MOST; i++) {
        forget_wait(&c->waits[i]);
    }
    handles_of_client_gone(c);
    owner_end(&c->owner);
    buffers_of_client_gone(c);
    free(c);
}

/* Some news are lost: those that are not there any more have gone. */
static void look_who_is_there(void)
{
    static struct ctx_service_user users[USERS_MOST];
    uint32_t count = 0;
    if (app.service->callers(app.service, app.handle, users, sizeof users, sizeof users[0],
                             &count) != CTX_OK ||
        count > USERS_MOST) {
        return;
    }
    for (struct client *c = app.clients, *next; c != NULL; c = next) {
        bool there = false;
        next = c->next;
        for (uint32_t i = 0; i < count; i++) {
            there |= users[i].pid == c->pid;
        }
        if (!there) {
            gone(c);
        }
    }
}

static void undone(struct client *c, uint64_t call)
{
    handles_undone(c, call);
    buffers_undone(c, call);
    if (c->names_call == call) {
        c->names_call = 0;
        c->names = c->names_before;
    }
    c->dirty = true;
}

void clients_news(void)
{
    struct ctx_service_news news = {.size = sizeof news};
    while (app.service->news(app.service, &news) == CTX_OK) {
        struct client *c = find(news.pid);
        if (news.kind == CTX_NEWS_LOST) {
            look_who_is_there();
        } else if (c != NULL && news.kind == CTX_NEWS_GONE) {
            gone(c);
        } else if (c != NULL && news.kind == CTX_NEWS_UNDONE) {
            undone(c, news.call);
        } else if (c != NULL && news.kind == CTX_NEWS_CANCELED) {
            for (uint32_t i = 0; i < WAITS_MOST; i++) {
                if (c->waits[i].request == news.request) {
                    forget_wait(&c->waits[i]);
                }
                if (c->watchers[i] == news.request) {
                    c->watchers[i] = 0;
                    c->watcher_count--;
                }
            }
        }
    }
}

uint32_t client_ready(struct client *c, const struct want *w)
{
    if (w->socket == 0) {
        return c->named ? NET_NAME & w->what : 0;
    }
    const struct sock *s = handle_of(c, w->socket);
    uint32_t all = NET_READ | NET_WRITE | NET_HANGUP | NET_SENT | NET_OVER;
    return (s != NULL ? sock_what(s) : all) & (w->what | NET_OVER);
}

bool client_any_watched(struct client *c)
{
    return (c->named && (c->names.what & NET_NAME) != 0) || handles_any_ready(c);
}

uint32_t client_watched(struct client *c, uint8_t *out, uint32_t most)
{
    uint32_t found = 0;
    if (c->named && (c->names.what & NET_NAME) != 0) {
        struct watched one = {c->names.tag, 0, NET_NAME};
        memcpy(out, &one, sizeof one);
        found = 1;
    }
    return found + handles_ready(c, out + found * sizeof(struct watched), most - found);
}

static void look_at_watchers(struct client *c)
{
    if (c->watcher_count == 0 || !client_any_watched(c)) {
        return;
    }
    for (uint32_t i = 0; i < WAITS_MOST; i++) {
        if (c->watchers[i] != 0) {
            (void)app.service->complete(app.service, c->watchers[i], (uint32_t)CTX_OK, NULL, 0);
            c->watchers[i] = 0;
        }
    }
    c->watcher_count = 0;
}

static void look(struct client *c)
{
    for (uint32_t i = 0; i < WAITS_MOST; i++) {
        struct waiting *w = &c->waits[i];
        uint32_t found = 0;
        for (uint32_t k = 0; w->request != 0 && k < w->count && found == 0; k++) {
            found = client_ready(c, &w->wants[k]);
        }
        if (found != 0) {
            (void)app.service->complete(app.service, w->request, (uint32_t)CTX_OK, NULL, 0);
            forget_wait(w);
        }
    }
}

void clients_look(void)
{
    for (struct client *c = app.clients; c != NULL; c = c->next) {
        if (c->owner.relieved) { /* no more is told of those that had no room but for this */
            c->owner.relieved = false;
            c->dirty = true;
            handles_look_all(c);
        }
        if (c->dirty) {
            c->dirty = false;
            look(c);
            look_at_watchers(c);
        }
    }
}
