/* SPDX-License-Identifier: MIT */
/*
 * Numbers of sockets. Those of an earlier life of this app mean nothing in this one: where they
 * begin is chosen by chance.
 *
 * Those that are watched and with which something can be done, or could be a moment ago, stand in
 * a list of their client's: whoever asks what is ready looks at no others. One that is watched by
 * EDGE leaves it when it has been told, and is back there when something of it changes.
 */
#include "net_app.h"

#include <stdlib.h>
#include <string.h>

#define PLACE_BITS 16u
#define PLACES     (1u << PLACE_BITS)
#define LIVES      (1u << (32 - PLACE_BITS))

struct place {
    struct sock *sock; /* NULL: free */
    struct client *client;
    uint32_t life;
    uint64_t made, moved; /* in which call of the client's it came, was read or written last */
    struct watch watch, watch_before; /* before the call that changed it last */
    uint64_t watch_call;
    uint32_t next, before; /* of the list: places, or NONE; next also of those that are free */
    bool listed;
};

#define NONE UINT32_MAX

static struct place *places;
static uint32_t count, room, first_free = NONE, first_life;

void handles_begin(void)
{
    app.random->fill(app.random, &first_life, sizeof first_life);
}

static uint32_t next_life(uint32_t life)
{
    life = (life + 1) % LIVES;
    return life != 0 ? life : 1;
}

static uint32_t place_free(void)
{
    if (first_free != NONE) {
        uint32_t at = first_free;
        first_free = places[at].next;
        return at;
    }
    if (count == room) {
        uint32_t more = room != 0 ? room * 2 : 64;
        struct place *new = more <= PLACES ? realloc(places, more * sizeof *new) : NULL;
        if (new == NULL) {
            return NONE;
        }
        places = new;
        room = more;
    }
    places[count] = (struct place){.life = first_life % LIVES};
    return count++;
}

uint32_t handle_make(struct client *c, struct sock *s)
{
    uint32_t at = place_free();
    if (at == NONE) {
        return 0;
    }
    struct place *p = &places[at];
    *p = (struct place){.sock = s, .client = c, .life = next_life(p->life)};
    uint32_t handle = p->life << PLACE_BITS | at;
    sock_mark(s, handle);
    return handle;
}

static struct place *place_of(uint32_t handle)
{
    uint32_t at = handle % PLACES;
    return at < count && places[at].sock != NULL && places[at].life == handle >> PLACE_BITS
               ? &places[at]
               : NULL;
}

struct sock *handle_of(struct client *c, uint32_t handle)
{
    const struct place *p = place_of(handle);
    return p != NULL && p->client == c ? p->sock : NULL;
}

/* ---- what is watched ---- */

static void list_in(struct client *c, struct place *p)
{
    uint32_t at = (uint32_t)(p - places);
    p->listed = true;
    p->next = NONE;
    p->before = c->ready_any ? c->ready_last : NONE;
    if (c->ready_any) {
        places[c->ready_last].next = at;
    } else {
        c->ready_first = at;
    }
    c->ready_last = at;
    c->ready_any = true;
}

static void list_out(struct client *c, struct place *p)
{
    if (!p->listed) {
        return;
    }
    p->listed = false;
    if (p->before != NONE) {
        places[p->before].next = p->next;
    } else {
        c->ready_first = p->next;
    }
    if (p->next != NONE) {
        places[p->next].before = p->before;
    } else {
        c->ready_last = p->before;
    }
    c->ready_any = c->ready_first != NONE;
}

void handle_look(uint32_t handle)
{
    struct place *p = place_of(handle);
    if (p != NULL && p->watch.what != 0 && !p->listed) {
        list_in(p->client, p);
    }
}

static void set_watch(struct place *p, struct watch watch)
{
    p->watch = watch;
    list_out(p->client, p);
    if (watch.what != 0) {
        list_in(p->client, p);
    }
}

void handle_watch(uint32_t handle, struct watch watch, uint64_t call)
{
    struct place *p = place_of(handle);
    if (p->watch_call != call) {
        p->watch_call = call;
        p->watch_before = p->watch;
    }
    set_watch(p, watch);
}

static uint32_t what_of(const struct place *p)
{
    return sock_what(p->sock) & (p->watch.what | NET_OVER);
}

bool handles_any_ready(struct client *c)
{
    while (c->ready_any) {
        struct place *p = &places[c->ready_first];
        if (what_of(p) != 0) {
            return true;
        }
        list_out(c, p);
    }
    return false;
}

uint32_t handles_ready(struct client *c, uint8_t *out, uint32_t most)
{
    uint32_t found = 0, last = c->ready_any ? c->ready_last : NONE;
    for (bool end = !c->ready_any; !end && found < most;) {
        uint32_t at = c->ready_first;
        struct place *p = &places[at];
        uint32_t what = what_of(p);
        list_out(c, p);
        if (what != 0) {
            struct watched one = {p->watch.tag, p->life << PLACE_BITS | at, what};
            memcpy(out + found++ * sizeof one, &one, sizeof one);
            if ((p->watch.what & NET_EDGE) == 0) {
                list_in(c, p); /* behind all others: each has its turn */
            }
        }
        end = at == last;
    }
    return found;
}

void handles_look_all(struct client *c)
{
    for (uint32_t i = 0; i < count; i++) {
        struct place *p = &places[i];
        if (p->sock != NULL && p->client == c && p->watch.what != 0 && !p->listed) {
            list_in(c, p);
        }
    }
}

/* ---- their ends ---- */

static void give_back(struct place *p)
{
    list_out(p->client, p);
    p->sock = NULL;
    p->next = first_free;
    first_free = (uint32_t)(p - places);
}

void handle_close(struct client *c, uint32_t handle)
{
    struct place *p = place_of(handle);
    if (p != NULL && p->client == c) {
        struct sock *s = p->sock;
        give_back(p);
        sock_mark(s, 0);
        sock_close(s);
    }
}

void handles_of_client_gone(struct client *c)
{
    for (uint32_t i = 0; i < count; i++) {
        if (places[i].sock != NULL && places[i].client == c) {
            give_back(&places[i]);
        }
    }
}

void handle_moved(uint32_t handle, uint64_t call, bool made)
{
    struct place *p = place_of(handle);
    if (p != NULL) {
        *(made ? &p->made : &p->moved) = call;
    }
}

void handles_undone(struct client *c, uint64_t call)
{
    for (uint32_t i = 0; i < count; i++) {
        struct place *p = &places[i];
        if (p->sock == NULL || p->client != c) {
            continue;
        }
        if (p->made == call) { /* the client never had it */
            handle_close(c, p->life << PLACE_BITS | i);
            continue;
        }
        if (p->moved == call) {
            sock_spoil(p->sock);
        }
        if (p->watch_call == call) {
            p->watch_call = 0;
            set_watch(p, p->watch_before);
        } else if ((p->watch.what & NET_EDGE) != 0 && !p->listed) {
            list_in(c, p); /* what the call was told it knows no more */
        }
    }
}
