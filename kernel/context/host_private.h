/* SPDX-License-Identifier: MIT */
/*
 * What ctx_host.c, host_links.c and host_image.c share. A link is one host's hold on one child, and
 * the handle that the host has for it; a child's links form a chain, the latest first, and a call
 * of the child goes to the first link whose bit for that gate is set. forward() goes on behind it,
 * at last to what the gate is bound to. Links outlive a host that wraps something: a sandbox fails
 * closed. But one that lets calls pass only
 * looks on: where its host has no answer, it is as if the link were not there.
 */
#ifndef KERNEL_HOST_PRIVATE_H
#define KERNEL_HOST_PRIVATE_H

#include "app_v3.h"
#include "ctx_host.h"

#define PLACE_BITS 10u
#define LINKS_MAX  (1u << PLACE_BITS)
#define WORDS_MAX  64u
#define GATES      (CTX_GATE_USED + OPENED_GATES)

struct app_link {
    struct app *host;       /* NULL: it has gone, and its functions answer STALE */
    struct app *child;      /* NULL: it has gone, and the handle is stale */
    struct app_link *below; /* the child's next one */
    uint32_t handle;
    uint64_t host_pid; /* of one that has gone */
    uint64_t serve, cookie;
    uint64_t passed; /* calls that went by without its host since it was last asked */
    uint64_t result; /* of the call that is being served: what forward() said last */
    bool lets_pass;
    bool forwarded; /* the call that is being served */
    char words[WORDS_MAX];
    uint64_t gates[(GATES + 63) / 64]; /* which are wrapped */
};

/*
 * A host's array of its links; a handle is generation and place. A place whose generations are used
 * up is not used again, so no handle ever means another child than it did.
 */
struct app_link_place {
    struct app_link *link;
    uint32_t generation; /* of the last handle that was given out here */
};
#define GENERATION_MAX (UINT32_MAX >> PLACE_BITS)

static inline uint32_t host_place_of(uint64_t handle)
{
    return (uint32_t)handle & (LINKS_MAX - 1);
}

static inline uint32_t host_gate_index(uint32_t gate)
{
    return gate < CTX_GATE_USED ? gate : CTX_GATE_USED + (gate - CTX_GATE_OPENED);
}

static inline bool host_wraps_gate(const struct app_link *link, uint32_t gate)
{
    uint32_t i = host_gate_index(gate);
    return (link->gates[i / 64] >> (i % 64) & 1) != 0;
}

/* ---- host_links.c ---- */

bool host_wraps_any(const struct app_link *link);

/* Whether its functions stay shut when its host has gone. */
static inline bool host_stays_shut(const struct app_link *link)
{
    return !link->lets_pass && host_wraps_any(link);
}

/* Which of the child's gates the link's words mean, now. */
void host_mark_all(struct app_link *link);

/* Whether somebody wrapped it and does not now: its calls are refused. */
bool host_is_shut(const struct app *child);

/* NULL: it is no handle of this host. */
struct app_link *host_link_of(const struct app *host, uint64_t handle);

/* Its child knows it no more; the handle is stale from now on. */
void host_unlink(struct app_link *link);

/* A free place in the host's array; twice as many places. NOMEM; NOSPC: there are LINKS_MAX. */
ctx_status host_find_place(struct app *host, uint32_t *place);
ctx_status host_grow_places(struct app *host);

/* No handle that the app has given out is of a later one. */
uint32_t host_last_generation(const struct app *app);

#endif
