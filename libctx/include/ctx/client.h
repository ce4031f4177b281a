/* SPDX-License-Identifier: MIT */
/*
 * <ctx/client.h> - calling what another app offers, as if it were there at once and always. What
 * `ctx idl` makes of an interface is built on this; nobody needs to call it by hand. libctx.a has
 * it. libctx/doc/services.md has an example.
 *
 * A generated NAME_call_FN() opens the interface when it is first needed, and
 * - on BUSY waits until the provider is ready, and calls again: nothing was done;
 * - on STALE (the provider went, or began anew) opens the interface again, once, and calls again:
 *   nothing was done either; unless the client `stays`. STALE again: it is not back yet;
 * ctx_client_wait() from the app's next call on waits for it;
 * - on PENDING waits until the request ends, and takes its result;
 * - gives everything else to its caller as it is. TIMEDOUT and FAULT are never repeated: whether
 *   the function did what it does is not known.
 *
 * It waits only inside a fiber (<ctx/fiber.h>); elsewhere BUSY is returned, and a function that has
 * a request is not called at all: INVAL. It waits for the events READY and DONE, never reads one,
 * and polls a little, for these events are hints that the app may have left unread.
 *
 * [in-call] of each function: anywhere inside _start, and inside a function that the app offers.
 */
#ifndef CTX_CLIENT_H
#define CTX_CLIENT_H

#include <ctx/ctx.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An interface in use. Every app may have several of one interface; nothing has to be freed. */
struct ctx_client {
    struct ctx *ctx;
    const struct ctx_table *table; /* NULL until it is opened */
    uint64_t deadline_ns;          /* of ctx->time->now: wait no longer; 0: as long as it takes */
    uint32_t stays;   /* not 0: STALE is the answer. In the middle of what is one, the provider that
                         came anew knows nothing of the beginning */
    uint32_t renewed; /* not 0: it was opened again, for its provider began anew. Whoever wants to
                         know sets it to 0 */
};

/* What NAME_client begins as: struct chat_client chat = CTX_CLIENT(ctx); */
/* clang-format off */
#define CTX_CLIENT(context) {{(context), 0, 0, 0, 0}}
/* clang-format on */

/* One call, from its begin to its end. */
struct ctx_client_call {
    struct ctx_client *client;
    const char *id;
    uint32_t pauses; /* how often it waited */
    uint32_t reopened;
};

#define CTX_CLIENT_REQUEST 1u /* flag of begin: the function has a request */

/*
 * Begin a call of a function that ends at byte `end` of the table. id: a text in memory, which
 * stays. CTX_OK: call it. Others are the call's status: NOSYS (nobody offers the interface, or what
 * is offered is older and ends before that function), DENIED, NOSPC, INVAL (CTX_CLIENT_REQUEST, but
 * not in a fiber).
 */
ctx_status ctx_client_begin(struct ctx_client_call *call, struct ctx_client *client, const char *id,
                            uint32_t end, uint32_t flags);

/* Whether to call it again after it answered status; waits first. 0: status is the answer. */
int32_t ctx_client_again(struct ctx_client_call *call, ctx_status status);

/*
 * The end of a call with a request, which answered status. If that is PENDING: waits for the
 * request's end, whose status this returns, and fills result; what the provider did not know of is
 * zero. STALE: the provider went, and what it did is not known. TIMEDOUT: the client's deadline is
 * over; the request was canceled. bytes: of result, 0 if there is none.
 */
ctx_status ctx_client_result(struct ctx_client_call *call, ctx_status status, uint64_t request,
                             void *result, uint32_t bytes);

/*
 * Open the interface; while nobody offers it, wait until somebody does: boot order does not matter.
 * NOSYS: nobody did before the client's deadline, or this is not in a fiber. Others as iface.open.
 */
ctx_status ctx_client_wait(struct ctx_client *client, const char *id);

#ifdef __cplusplus
}
#endif
#endif
