/* SPDX-License-Identifier: MIT */
/*
 * What share.c, share_map.c, share_image.c and ctx_share.c have in common. A *share* is pages that
 * are nobody's slot's; a *holding* is one app's hold on it, with the handle and perhaps a mapping.
 * Holdings of one share form a tree: each hangs below the one that it was granted from, and can be
 * revoked from all above it. One whose parent is closed hangs below that one's parent.
 */
#ifndef KERNEL_SHARE_PRIVATE_H
#define KERNEL_SHARE_PRIVATE_H

#include "app.h"
#include "image.h"
#include "share.h"

#include <ctx/tables.h>

#define SHARE_PLACE_BITS     10u
#define SHARE_HANDLES        IMAGE_SHARES
#define SHARE_GENERATION_MAX (UINT32_MAX >> SHARE_PLACE_BITS)
#define SHARE_HOLDERS        4096u /* of one share; closing looks at all of them */
#define SHARE_UNTAKEN        16u   /* grants from one app to another that are not taken */
#define SHARE_ALL            UINT64_MAX

_Static_assert(SHARE_HANDLES == 1u << SHARE_PLACE_BITS, "a handle's place");

/* Frames that follow one another. */
struct share_run {
    paddr_t frame;
    uint64_t pages;
    struct share_run *next;
};

struct share {
    struct share *next, *prev; /* of all */
    struct app *owner;         /* whose quota it counts against; NULL: only devices have it */
    uint64_t pages;
    struct share_run *runs;
    struct holding *first,
        *last; /* in the order in which they came: a parent before its children */
    uint32_t count;
    uint32_t pins; /* of devices: the pages stay while there are some */
};

struct holding {
    struct app *app;
    struct share *share; /* NULL: `lost` says why */
    struct holding *next, *prev, *parent;
    uint64_t pages, from_pid, tag, order;
    uint32_t handle, rights;
    uint32_t lost;         /* CTX_SHARE_REVOKED, CTX_SHARE_STALE; 0: it is good */
    uint64_t at;           /* of its mapping, an offset in the slot; 0: there is none */
    uint32_t mapped;       /* the mapping's rights */
    struct share_run *own; /* lost and mapped: what is mapped */
    struct holding *above; /* the app's next mapping in the slot */
    bool untaken;          /* granted, and not its app's to use yet */
    bool promised;         /* its pages are counted: it gets a copy when it is revoked */

    /* in a call that may be undone: what is done at its end, and what is taken back */
    bool fresh, taken_now; /* it came in this call; by take() */
    bool granted_now;      /* the same, but in its granter's call */
    bool mapped_now;
    bool closing, unmapping;
    uint32_t mapped_before; /* unmapping, or mapped once more: the rights at the call's begin */

    bool below, hit; /* revoke() marks them */
};

struct app_shares {
    struct share_place {
        struct holding *holding;
        uint32_t generation; /* of the last handle that was given out here */
    } * places;
    uint32_t room;
    struct holding *lowest; /* mapping in the slot */
    uint32_t untaken;
    bool granted;     /* ever, to anybody */
    bool woken;       /* somebody called wake */
    bool changed;     /* in the call that may be undone there is something to finish */
    bool granted_now; /* and others have something of it */
};

extern const struct app_resource share_resource;

/* ---- share.c ---- */

/* NULL: the app has nothing of this kind; made when it gets something (NULL then: no memory). */
struct app_shares *shares_of(const struct app *app);

/* A handle that the app may use. NULL: it is none. */
struct holding *share_find(const struct app *app, uint64_t handle);

/* Why a handle is not good: OK, REVOKED, STALE. */
ctx_status share_state(const struct holding *h);

/* READ, or READ and WRITE. */
bool share_rights_are_good(uint32_t rights);

/* New pages and their first holding. poison: nobody asked for zeroes. NOMEM, NOSPC. */
ctx_status share_create(struct app *app, uint64_t pages, bool poison, struct holding **out);

/* One more holding below parent, of another app's. NOMEM, NOSPC. */
ctx_status share_derive(struct holding *parent, struct app *to, uint32_t rights,
                        struct holding **out);

/* A holding without a share, for one of an image, with this handle. NOMEM. */
ctx_status share_make_lost(struct app *app, uint32_t handle, struct holding **out);

/* It goes, with its mapping; and with the last one the share. */
void share_let(struct holding *h);

/* Take back what hangs below h: of one app and of those who have it from there, or of all. NOENT,
 * NOMEM. */
ctx_status share_revoke(struct holding *h, uint64_t pid);

/* End its wait for SHARE; false: it does not wait. The same for all others who have the share; of
 * those that do not wait now, the next one. */
bool share_end_wait(struct app *app);
void share_wake_others(const struct share *s, const struct app *app);

/* Nobody has it any more, neither an app nor a device. */
void share_end(struct share *s);

/* How many are taken and not closed. */
uint32_t share_holders(const struct share *s);

/* The app goes: what it granted and nobody took, and whose quota its shares count against. */
void share_leave(struct app *app);

/* The granter's call has ended well (keep), or is undone: then what nobody took goes. */
void share_settle_granted(struct app *app, bool keep);

/* No handle that the app has given out is of a later one. */
uint32_t share_last_generation(const struct app *app);

/* ---- share_map.c ---- */

/* Frames for so many pages, zeroed, in as few runs as there are. False: no memory. */
bool share_alloc_runs(uint64_t pages, struct share_run **out);
/* A copy in runs of the same lengths. False: no memory. */
bool share_copy_runs(const struct share_run *from, struct share_run **out);
void share_free_runs(struct share_run **runs);

/* Map what the holding has at the lowest gap that is wide enough, or, with at, there. NOMEM, NOSPC.
 */
ctx_status share_map(struct holding *h, uint32_t rights, uint64_t at);
void share_unmap(struct holding *h);

/* Its mapping shows its own pages from now on: h->own. False: the machine could not. */
bool share_remap_own(struct holding *h);

/* Count what may become a copy of its own, as things are now. */
void share_count_promise(struct holding *h);

#endif
