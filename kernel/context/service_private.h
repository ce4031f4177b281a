/* SPDX-License-Identifier: MIT */
/*
 * What service.c, service_uses.c, service_call.c, request.c, ctx_service.c and service_image.c
 * share.
 *
 * Who holds whom: an interface (the descriptor, and what is made of it) belongs to all services and
 * uses that count on it. A service belongs to its provider's instance, a use to its consumer's; a
 * use whose consumer has gone stays with the service until the provider has been told. A request
 * is in two lists, its consumer's and its provider's, and goes when the consumer has taken its
 * result, or one of the two has gone and the other has been told.
 */
#ifndef KERNEL_SERVICE_PRIVATE_H
#define KERNEL_SERVICE_PRIVATE_H

#include "app_v3.h"
#include "image_check.h"
#include "service.h"

#include <ctx/interface.h>

#define FN_WORDS       ((CTX_INTERFACE_FNS + 63u) / 64u)
#define REQUEST_CHAINS 64u
#define SERVICES_MAX   IMAGE_SERVICES_MAX /* of one provider */
#define REQUESTS_MAX   1024u              /* of one consumer */
#define CANCELED_MAX   4096u /* that a provider has not heard of, of consumers that have gone */
#define RESULT_BYTES   0x10000u
#define RESULTS_MAX    (UINT64_C(1) << 20) /* bytes that one consumer has not taken */
#define GONE_MAX       256u                /* news of consumers, beside one of each that is there */

struct interface {
    uint32_t refs;
    uint64_t bytes; /* of this block */
    const struct ctx_interface *descriptor;
    struct ctx_gate_info *infos; /* a gate's, for each function */
    uint64_t plain[FN_WORDS];    /* functions that take only numbers: no copies */
};

struct service {
    struct app *provider;
    struct interface *iface;
    uint32_t handle;
    struct service *next_of_app, *next_of_id; /* the latter in the order of publishing */
    struct service_use *uses;
    uint32_t users, gone; /* uses with a consumer, and others */
    bool lost;            /* some were forgotten before the provider was told */
    bool fresh;           /* of a call of the provider's that is going on and may be undone */
    uint64_t calls, ticks;
    uint64_t code[]; /* addresses of its functions */
};

struct service_use {
    struct app *consumer; /* NULL: it has gone, or more than one of its calls was undone, and the
                             provider is to be told */
    struct service_use *next_of_app;
    struct interface *iface; /* as it was when it was first opened; NULL: not known any more */
    struct service *service; /* NULL: STALE */
    struct service_use *prev, *next; /* of its service */
    struct ctx_image_table at;
    uint64_t same[FN_WORDS]; /* functions that the service has as the consumer knows them */
    bool wants_ready;        /* it was told BUSY, and is in the list of those: */
    struct service_use *want_prev, *want_next;
    uint64_t called;      /* in the consumer's call of this number, which goes on; 0: in none */
    bool undone;          /* the provider is to be told that such a call was undone: */
    uint64_t undone_call; /* which */
    uint64_t pid, calls;  /* the consumer's pid */
    uint32_t ended;       /* it has gone: CTX_ENDED_*, and what it exited with */
    int32_t code;
};

enum request_state {
    REQUEST_OPEN = 0,
    REQUEST_DONE,
    REQUEST_STALE,    /* its provider has gone */
    REQUEST_CANCELED, /* its consumer does not want it, and the provider is to be told */
};

struct request {
    enum request_state state;
    struct app *consumer, *provider; /* NULL: gone, or not interested */
    uint64_t consumer_id, provider_id;
    struct request *next_made, *next_owed; /* in the chains of both */
    uint32_t service;                      /* the provider's handle */
    uint64_t pid, call;                    /* the consumer's; which of its calls made it */
    bool named;                            /* done() has said it, */
    bool named_now;                        /* in such a call: */
    bool fresh;           /* made in a call of the consumer's that is going on and may be undone */
    bool native;          /* the kernel answers it: */
    bool taken;           /* or canceled, in such a call: it is there again if that is undone */
    struct request **own; /* native: where who answers it has it; NULL: it has ended */
    int32_t status;
    uint32_t len;
    uint8_t *bytes;
};

/* What an app has of this; made when it is first needed. */
struct app_services {
    struct service *services;
    uint32_t services_count;
    uint64_t offered_bytes; /* of the kernel's, for what it offers; they count against its quota: */
    uint64_t offered_pages; /* app_promise()d */
    uint32_t last_handle;
    uint64_t last_made, last_owed; /* ids of requests */
    uint64_t stale_made;           /* up to here they are of an earlier life: STALE */
    uint32_t made_count;
    uint32_t canceled, left; /* of those it owes; the latter of consumers that have gone */
    uint64_t result_bytes;
    struct request *made[REQUEST_CHAINS], *owed[REQUEST_CHAINS];
};

extern const struct app_resource service_resource; /* service_image.c */

/* ---- service.c ---- */

/* NULL: no memory. */
struct app_services *services_of(struct app *app);
/* NULL: it has none so far. */
struct app_services *services_known(const struct app *app);

struct interface *interface_make(const void *descriptor, uint32_t len); /* NULL: no memory */
void interface_drop(struct interface *iface);

static inline const char *interface_id(const struct interface *iface)
{
    return (const char *)iface->descriptor->id;
}

/*
 * Offer it, as this handle. *iface is counted once more, unless this fails. EXIST: the app offers
 * this id already; NOSPC: it offers SERVICES_MAX; NOMEM. [loop, in a call]
 */
ctx_status service_publish(struct app *app, struct interface *iface, const uint64_t *code,
                           uint32_t handle);
void service_withdraw(struct service *service);

/* Whether the app's quota has room for what one more takes. */
bool service_may_offer_more(struct app *app, const struct interface *iface);
struct service *service_of(const struct app *app, uint32_t handle); /* NULL: no such one */

/* The service that is opened with this id, NULL: there is none. */
struct service *service_current(const char *id);

/* Its provider is about to begin anew, or to go. */
bool service_is_going(const struct service *service);

/* All of them, in no order that means anything: NULL begins, NULL ends. */
struct service *service_after(const struct service *service);

/* Whether the app's line has a word offer=, use= or deny= that means this id. */
bool service_may_offer(const struct app *app, const char *id);
bool service_anybody_may_offer(const char *id);
bool service_may_use(const struct app *app, const char *id);
bool service_is_denied(const struct app *app, const char *id);

/* ---- service_uses.c ---- */

/* What the app had open; of its instance nothing is left. */
void service_forget_uses(struct app *app);

/* What a use was opened as, from an image; *iface is its own. NULL: NOMEM. */
ctx_status service_know(struct service_use *use, struct interface *iface);

/* The app was put back: its uses lead nowhere until it opens the ids again. */
void service_leave_uses(struct app *app);

/* The call that it was called in is undone. */
void service_use_undone(struct service_use *use);

/* A use that its provider has been told of: it goes, if its consumer has. */
void service_use_told(struct service_use *use);

/* Its consumer has been answered BUSY. */
void service_wants_ready(struct service_use *use);

/* All who have it open: STALE from now on. */
void service_end_uses(struct service *service);

/* Those hear of it whose provider is ready now. [loop] */
void service_tell_ready(void);

/* ---- request.c ---- */

/* One more, open. NOMEM; NOSPC: the consumer has REQUESTS_MAX. */
ctx_status request_make(struct app *consumer, struct service *service, struct request **out);
/* One that the kernel answers itself, with request_answer(): it has no provider. *own is NULL again
 * when that is done, or when nobody wants it any more. NOMEM, NOSPC. */
ctx_status request_make_own(struct app *consumer, struct request **own);
void request_free(struct request *request);

struct request *request_made(const struct app *consumer, uint64_t id);
struct request *request_owed(const struct app *provider, uint64_t id);

/* The consumer does not want it any more: for good; or says so in a call, which may be undone. */
void request_cancel(struct request *request);
void request_leave(struct request *request);

/* The provider ends it, with len bytes of its memory. NOSPC, NOMEM: later; INVAL: they are not
 * there. [in a call] */
ctx_status request_complete(struct request *request, int32_t status, uint64_t address,
                            uint32_t len);

/* End one of the kernel's own. NOSPC, NOMEM: later. [loop, in a call] */
ctx_status request_answer(struct request *request, int32_t status, const void *bytes, uint32_t len);

/* The consumer has its result. [in a call] */
void request_take(struct request *request);

/* One that the provider is to be told of; one that has ended and that the consumer was not told
 * of. NULL: there is none. */
struct request *request_canceled(const struct app *provider);
struct request *request_ended(const struct app *consumer);

/* The provider goes, or was put back: its consumers get STALE. The consumer does: canceled. */
void requests_owed_end(struct app *provider);
void requests_made_end(struct app *consumer);

/* Those of a call that has been undone are canceled, and what it heard of others is told again; or
 * that call is not undone any more. */
void requests_settle(struct app *consumer, bool undone);

#endif
