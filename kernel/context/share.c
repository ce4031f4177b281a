/* SPDX-License-Identifier: MIT */
/*
 * Shares and who holds them. Nobody's death, and nothing that is revoked, takes a page away from
 * under a holder: it goes on with the share, or with a copy. See kernel/doc/shares.md.
 */
#include "share_private.h"

#include "app_memory.h"
#include "heap.h"
#include "resource.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/string.h>

/* [loop, in a call] */
static struct {
    struct share *first;
    uint64_t order; /* of holdings: grows */
} state;

struct app_shares *shares_of(const struct app *app)
{
    return *resource_part((struct app *)(uintptr_t)app, &share_resource);
}

static struct app_shares *make(struct app *app)
{
    void **mine = resource_part(app, &share_resource);
    if (*mine == NULL) {
        *mine = heap_alloc(sizeof(struct app_shares));
    }
    return *mine;
}

bool share_rights_are_good(uint32_t rights)
{
    return rights == CTX_SHARE_READ || rights == (CTX_SHARE_READ | CTX_SHARE_WRITE);
}

/* ---- handles ---- */

static uint32_t place_of(uint64_t handle)
{
    return (uint32_t)handle & (SHARE_HANDLES - 1);
}

static struct holding *holding_at(const struct app *app, uint64_t handle)
{
    const struct app_shares *mine = shares_of(app);
    uint32_t place = place_of(handle);
    struct holding *h = mine != NULL && place < mine->room ? mine->places[place].holding : NULL;
    return h != NULL && h->handle == (uint32_t)handle ? h : NULL;
}

struct holding *share_find(const struct app *app, uint64_t handle)
{
    struct holding *h = holding_at(app, handle);
    return h != NULL && !h->untaken && !h->closing ? h : NULL;
}

ctx_status share_state(const struct holding *h)
{
    return (h->lost & CTX_SHARE_STALE) != 0     ? CTX_E_STALE
           : (h->lost & CTX_SHARE_REVOKED) != 0 ? CTX_E_REVOKED
                                                : CTX_OK;
}

/* Twice as many places. */
static ctx_status grow(struct app_shares *mine)
{
    if (mine->room == SHARE_HANDLES) {
        return CTX_E_NOSPC;
    }
    uint32_t room = mine->room != 0 ? mine->room * 2 : 4;
    struct share_place *bigger = heap_alloc(room * sizeof *bigger);
    if (bigger == NULL) {
        return CTX_E_NOMEM;
    }
    if (mine->places != NULL) {
        memcpy(bigger, mine->places, mine->room * sizeof *bigger);
        heap_free(mine->places, mine->room * sizeof *bigger);
    }
    mine->places = bigger;
    mine->room = room;
    return CTX_OK;
}

uint32_t share_last_generation(const struct app *app)
{
    const struct app_shares *mine = shares_of(app);
    uint32_t most = app->link_generation;
    for (uint32_t i = 0; mine != NULL && i < mine->room; i++) {
        most = MAX(most, mine->places[i].generation);
    }
    return most;
}

/* A place whose next handle is one that the app has never seen, in this life or that of its image.
 */
static ctx_status find_place(const struct app *app, struct app_shares *mine, uint32_t *place)
{
    for (*place = 0; *place < mine->room; (*place)++) {
        const struct share_place *p = &mine->places[*place];
        if (p->holding == NULL && MAX(p->generation, app->link_generation) < SHARE_GENERATION_MAX) {
            return CTX_OK;
        }
    }
    return app->link_generation < SHARE_GENERATION_MAX ? grow(mine) : CTX_E_NOSPC;
}

/* ---- holdings ---- */

bool share_end_wait(struct app *app)
{
    /* What an app that serves another waits for stands elsewhere until it has done so. */
    bool waits = (app->event_mask >> CTX_EVENT_SHARE & 1) != 0 || app_is_in_chain(app);
    if (app->turn.where != TURN_WAITING || !waits) {
        return false;
    }
    ready_wake(app);
    return true;
}

static void wake(struct app *app)
{
    if (!share_end_wait(app)) {
        shares_of(app)->woken = true;
    }
}

void share_wake_others(const struct share *s, const struct app *app)
{
    for (const struct holding *x = s->first; x != NULL; x = x->next) {
        if (x->app != app && !x->untaken) {
            wake(x->app);
        }
    }
}

static void link_to(struct holding *h, struct share *s)
{
    h->share = s;
    h->pages = s->pages;
    h->next = NULL;
    h->prev = s->last;
    *(s->last != NULL ? &s->last->next : &s->first) = h;
    s->last = h;
    s->count++;
}

void share_end(struct share *s)
{
    if (s->count > 0 || s->pins > 0) {
        return;
    }
    *(s->prev != NULL ? &s->prev->next : &state.first) = s->next;
    if (s->next != NULL) {
        s->next->prev = s->prev;
    }
    if (s->owner != NULL) {
        s->owner->pages -= s->pages;
    }
    share_free_runs(&s->runs);
    heap_free(s, sizeof *s);
}

/* The share knows it no more; what hung below it hangs higher. */
static void unlink_from(struct holding *h)
{
    struct share *s = h->share;
    for (struct holding *child = h->next; child != NULL; child = child->next) {
        if (child->parent == h) {
            child->parent = h->parent;
            share_count_promise(child);
        }
    }
    *(h->prev != NULL ? &h->prev->next : &s->first) = h->next;
    *(h->next != NULL ? &h->next->prev : &s->last) = h->prev;
    h->share = NULL;
    h->parent = NULL;
    if (--s->count == 0) {
        share_end(s);
    } else if (!h->untaken) {
        share_wake_others(s, h->app);
    }
}

static ctx_status make_holding(struct app *app, uint32_t handle, struct holding **out)
{
    struct app_shares *mine = make(app);
    uint32_t place = place_of(handle);
    ctx_status status = mine != NULL ? CTX_OK : CTX_E_NOMEM;
    if (status == CTX_OK && handle == 0) {
        status = find_place(app, mine, &place);
    }
    while (status == CTX_OK && place >= mine->room) {
        status = grow(mine);
    }
    struct holding *h = status == CTX_OK ? heap_alloc(sizeof *h) : NULL;
    if (h == NULL) {
        return status == CTX_OK ? CTX_E_NOMEM : status;
    }
    struct share_place *p = &mine->places[place];
    p->generation = handle != 0 ? MAX(p->generation, handle >> SHARE_PLACE_BITS)
                                : MAX(p->generation, app->link_generation) + 1;
    p->holding = h;
    h->app = app;
    h->handle = handle != 0 ? handle : p->generation << SHARE_PLACE_BITS | place;
    h->order = state.order++;
    *out = h;
    return CTX_OK;
}

ctx_status share_make_lost(struct app *app, uint32_t handle, struct holding **out)
{
    ctx_status status = make_holding(app, handle, out);
    if (status == CTX_OK) {
        (*out)->lost = CTX_SHARE_STALE;
    }
    return status;
}

void share_let(struct holding *h)
{
    struct app_shares *mine = shares_of(h->app);
    if (h->at != 0) {
        share_unmap(h);
    }
    if (h->share != NULL) {
        unlink_from(h);
    }
    mine->untaken -= h->untaken;
    mine->places[place_of(h->handle)].holding = NULL;
    heap_free(h, sizeof *h);
}

uint32_t share_holders(const struct share *s)
{
    uint32_t n = 0;
    for (const struct holding *h = s->first; h != NULL; h = h->next) {
        n += !h->untaken && !h->closing;
    }
    return n;
}

ctx_status share_create(struct app *app, uint64_t pages, bool poison, struct holding **out)
{
    if (!app_may_grow(app, pages)) {
        return CTX_E_NOMEM;
    }
    struct share *s = heap_alloc(sizeof *s);
    if (s == NULL || !share_alloc_runs(pages, &s->runs)) {
        heap_free(s, sizeof *s);
        return CTX_E_NOMEM;
    }
    ctx_status status = make_holding(app, 0, out);
    if (status != CTX_OK) {
        share_free_runs(&s->runs);
        heap_free(s, sizeof *s);
        return status;
    }
    for (const struct share_run *run = s->runs; poison && run != NULL; run = run->next) {
        memset(machine_direct(run->frame), APP_POISON, run->pages * PAGE_SIZE);
    }
    s->owner = app;
    s->pages = pages;
    s->next = state.first;
    if (s->next != NULL) {
        s->next->prev = s;
    }
    state.first = s;
    app->pages += pages;
    link_to(*out, s);
    (*out)->rights = CTX_SHARE_READ | CTX_SHARE_WRITE;
    (*out)->from_pid = app->pid;
    (*out)->fresh = app_may_undo(app);
    return CTX_OK;
}

ctx_status share_derive(struct holding *parent, struct app *to, uint32_t rights,
                        struct holding **out)
{
    if (parent->share->count >= SHARE_HOLDERS) {
        return CTX_E_NOSPC;
    }
    ctx_status status = make_holding(to, 0, out);
    if (status == CTX_OK) {
        link_to(*out, parent->share);
        (*out)->parent = parent;
        (*out)->rights = rights;
        (*out)->from_pid = parent->app->pid;
    }
    return status;
}

ctx_status share_pass(struct app *from, uint32_t handle, uint32_t rights, struct app *to,
                      uint32_t *theirs)
{
    struct holding *h = share_find(from, handle), *out;
    *theirs = 0;
    ctx_status status = h != NULL ? share_state(h) : CTX_E_NOENT;
    if (status != CTX_OK) {
        return status;
    }
    if (!share_rights_are_good(rights) || to == from || to->version < 3 || to->base == 0) {
        return CTX_E_INVAL;
    }
    if ((rights & ~h->rights) != 0 || app_denies(to, CTX_TABLE_SHARE)) {
        return CTX_E_DENIED;
    }
    status = share_derive(h, to, rights, &out);
    if (status == CTX_OK) {
        out->fresh = app_may_undo(to);
        shares_of(to)->changed |= out->fresh;
        *theirs = out->handle;
    }
    return status;
}

void share_drop(struct app *holder, uint32_t handle)
{
    struct holding *h = holding_at(holder, handle);
    if (h != NULL) {
        share_let(h);
    }
}

/* ---- revoking ---- */

/* Mark what is to go. A parent comes before its children, so one walk will do. How many. */
static uint32_t mark(const struct holding *h, uint64_t pid)
{
    uint32_t hits = 0;
    for (struct holding *x = h->share->first; x != NULL; x = x->next) {
        const struct holding *p = x->parent;
        x->below = p != NULL && (p == h || p->below);
        x->hit = x->below && (pid == SHARE_ALL || x->app->pid == pid || (p != h && p->hit));
        hits += x->hit;
    }
    return hits;
}

/* All copies that are wanted, or none. */
static bool copy_mapped(const struct share *s)
{
    for (struct holding *x = s->first; x != NULL; x = x->next) {
        if (x->hit && x->at != 0 && !share_copy_runs(s->runs, &x->own)) {
            for (x = s->first; x != NULL; x = x->next) {
                share_free_runs(&x->own);
            }
            return false;
        }
    }
    return true;
}

static void lose(struct holding *x)
{
    unlink_from(x);
    x->lost = CTX_SHARE_REVOKED;
    wake(x->app);
    share_count_promise(x); /* and from now on it is memory */
    if (x->at == 0) {
        return;
    }
    x->app->pages += x->pages;
    if (!share_remap_own(x)) {
        log_warn("share", "%s#%lu begins anew: the machine can not map its copy of a share",
                 x->app->name, x->app->pid);
        app_set_fate(x->app, FATE_RESTART, machine_now_ns());
    }
}

ctx_status share_revoke(struct holding *h, uint64_t pid)
{
    struct share *s = h->share;
    if (mark(h, pid) == 0) {
        return pid == SHARE_ALL ? CTX_OK : CTX_E_NOENT;
    }
    if (!copy_mapped(s)) {
        return CTX_E_NOMEM;
    }
    for (struct holding *next, *x = s->first; x != NULL; x = next) { /* h stays, and so does s */
        next = x->next;
        if (x->hit && x->untaken) {
            share_let(x);
        } else if (x->hit) {
            lose(x);
        }
    }
    return CTX_OK;
}

/* ---- when somebody goes ---- */

/* Who is to have it counted now: a holder that has it mapped, for whom that changes nothing; else
 * the one that has it longest. */
static void hand_over(struct share *s)
{
    struct app *next = NULL;
    for (const struct holding *h = s->first; h != NULL; h = h->next) {
        struct app *granter = h->untaken ? app_find(h->from_pid) : NULL;
        bool lives = granter != NULL && granter != s->owner && shares_of(granter) != NULL;
        struct app *app = lives ? granter : h->app;
        if (next == NULL || h->at != 0) {
            next = app;
        }
        if (h->at != 0) {
            break;
        }
    }
    s->owner->pages -= s->pages;
    s->owner = next;
    if (next != NULL) {
        next->pages += s->pages;
    }
}

void share_settle_granted(struct app *app, bool keep)
{
    for (struct share *following, *s = state.first; s != NULL; s = following) {
        following = s->next;
        for (struct holding *next, *h = s->first; h != NULL; h = next) {
            next = h->next;
            bool his = h->granted_now && h->from_pid == app->pid;
            h->granted_now &= !his;
            if (his && !keep && h->untaken) {
                share_let(h); /* the last one, and s goes with it: then next is NULL */
            }
        }
    }
}

void share_leave(struct app *app)
{
    bool granted = shares_of(app)->granted;
    for (struct share *following, *s = state.first; s != NULL; s = following) {
        following = s->next;
        for (struct holding *next, *h = s->first; granted && h != NULL; h = next) {
            next = h->next;
            if (h->untaken && h->from_pid == app->pid) {
                bool last = s->count == 1 && s->pins == 0;
                share_let(h);
                s = last ? NULL : s;
            }
        }
        if (s != NULL && s->owner == app) {
            hand_over(s);
        }
    }
}
