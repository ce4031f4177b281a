/* SPDX-License-Identifier: MIT */
/* Links between hosts and children: which gates are wrapped, handles, and what becomes of both. */
#include "host_private.h"

#include "app_words.h"
#include "heap.h"

#include <kernel/string.h>

/* ---- which gates ---- */

bool host_wraps_any(const struct app_link *link)
{
    uint64_t all = 0;
    for (size_t i = 0; i < ARRAY_COUNT(link->gates); i++) {
        all |= link->gates[i];
    }
    return all != 0;
}

static void mark(struct app_link *link, uint32_t gate, const struct ctx_gate_info *info)
{
    if (app_words_mean(link->words, info)) {
        uint32_t i = host_gate_index(gate);
        link->gates[i / 64] |= UINT64_C(1) << (i % 64);
    }
}

bool host_is_shut(const struct app *child)
{
    const struct app_link *link = child->links;
    while (link != NULL && link->host != NULL) {
        link = link->below;
    }
    return link != NULL;
}

void host_mark_all(struct app_link *link)
{
    struct gate_binding binding;
    const struct ctx_gate_info *info;
    memset(link->gates, 0, sizeof link->gates);
    for (uint32_t gate = CTX_GATE_V1_LOG; gate < CTX_GATE_USED; gate++) {
        mark(link, gate, &ctx_gates[gate]);
    }
    for (uint32_t gate = CTX_GATE_OPENED; gate < CTX_GATE_OPENED + OPENED_GATES; gate++) {
        if (link->child->v3 == NULL || gate - CTX_GATE_OPENED >= link->child->v3->opened_gates) {
            break;
        }
        if (gate_find_opened(link->child, gate, &binding, &info)) {
            mark(link, gate, info);
        }
    }
}

void host_gate_opened(struct app *child, uint32_t gate, const struct ctx_gate_info *info)
{
    for (struct app_link *link = child->links; link != NULL; link = link->below) {
        mark(link, gate, info);
    }
}

/* ---- handles ---- */

struct app_link *host_link_of(const struct app *host, uint64_t handle)
{
    uint32_t at = host_place_of(handle);
    struct app_link *link = at < host->v3->links_room ? host->v3->links[at].link : NULL;
    return link != NULL && link->handle == (uint32_t)handle ? link : NULL;
}

void host_unlink(struct app_link *link)
{
    if (link->child == NULL) {
        return;
    }
    for (struct app_link **p = &link->child->links; *p != NULL; p = &(*p)->below) {
        if (*p == link) {
            *p = link->below;
            break;
        }
    }
    link->child = NULL;
}

/* Twice as many places. */
ctx_status host_grow_places(struct app *host)
{
    struct app_v3 *v3 = host->v3;
    if (v3->links_room == LINKS_MAX) {
        return CTX_E_NOSPC;
    }
    uint32_t room = v3->links_room != 0 ? v3->links_room * 2 : 4;
    struct app_link_place *bigger = heap_alloc(room * sizeof *bigger);
    if (bigger == NULL) {
        return CTX_E_NOMEM;
    }
    if (v3->links != NULL) {
        memcpy(bigger, v3->links, v3->links_room * sizeof *bigger);
        heap_free(v3->links, v3->links_room * sizeof *bigger);
    }
    for (uint32_t i = v3->links_room; i < room; i++) {
        bigger[i].generation = host->link_generation; /* what it gave out before it was saved */
    }
    v3->links = bigger;
    v3->links_room = room;
    return CTX_OK;
}

/* A free place in the host's array. NOMEM; NOSPC: there are LINKS_MAX. */
ctx_status host_find_place(struct app *host, uint32_t *place)
{
    struct app_v3 *v3 = host->v3;
    for (*place = 0; *place < v3->links_room; (*place)++) {
        const struct app_link_place *p = &v3->links[*place];
        if (p->link == NULL && p->generation < GENERATION_MAX) {
            return CTX_OK;
        }
    }
    return host_grow_places(host);
}

uint32_t host_last_generation(const struct app *app)
{
    uint32_t most = app->link_generation;
    for (uint32_t i = 0; i < app->v3->links_room; i++) {
        most = MAX(most, app->v3->links[i].generation);
    }
    return most;
}

/* ---- when one of the two goes ---- */

void host_child_began(struct app *child)
{
    for (struct app_link *link = child->links; link != NULL; link = link->below) {
        host_mark_all(link);
    }
}

void host_forget(struct app *app)
{
    while (app->links != NULL) {
        struct app_link *link = app->links;
        app->links = link->below;
        link->child = NULL;
        if (link->host == NULL) {
            heap_free(link, sizeof *link);
        }
    }
}

void host_forget_children(struct app *app)
{
    struct app_v3 *v3 = app->v3;
    app->link_generation = host_last_generation(app); /* handles are never given out twice */
    for (uint32_t i = 0; i < v3->links_room; i++) {
        struct app_link *link = v3->links[i].link;
        if (link == NULL) {
            continue;
        }
        link->host = NULL;
        link->host_pid = app->pid;
        if (link->child == NULL || !host_stays_shut(link)) {
            host_unlink(link);
            heap_free(link, sizeof *link);
        }
    }
    if (v3->links != NULL) {
        heap_free(v3->links, v3->links_room * sizeof *v3->links);
    }
    v3->links = NULL;
    v3->links_room = 0;
}
