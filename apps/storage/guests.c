/* SPDX-License-Identifier: MIT */
/*
 * Statements of apps may take for ever, and others want their files meanwhile. So each runs in a
 * fiber of its own, a *guest*, which has the engine as the worker has, until it is done or has had
 * its turn: then it stands at the end of the queue again, in the middle of its statement. That is
 * never in the middle of the engine: SQLite asks between two steps of a statement, and writes
 * nothing before its end.
 */
#include "storage.h"

#include <ctx/tables.h>

#define STACK_BYTES (192u * 1024)

struct guest {
    struct ctx_fiber *fiber;
    struct op *op; /* NULL: it has nothing to do */
};

static struct guest guests[DATABASES_MOST];
static struct guest *at_work; /* the engine is its; NULL: the worker's */

bool guest_is_at_work(void)
{
    return at_work != NULL;
}

struct ctx_fiber *guest_fiber(void)
{
    return at_work != NULL ? at_work->fiber : NULL;
}

static void work(struct ctx *ctx, void *arg)
{
    struct guest *g = arg;
    (void)ctx;
    for (;;) {
        struct op *op = g->op;
        database_perform(op);
        op->state = OP_DONE;
        g->op = NULL;
        at_work = NULL;
        if (op->client != NULL) {
            client_answer(op->client);
        } else {
            op_forget(op);
        }
        (void)ctx_fiber_yield();
    }
}

bool guest_take(struct op *op)
{
    struct guest *g = NULL;
    for (uint32_t i = 0; i < DATABASES_MOST; i++) {
        if (guests[i].op == op) { /* it goes on */
            at_work = &guests[i];
            return true;
        }
        g = guests[i].op == NULL && (g == NULL || guests[i].fiber != NULL) ? &guests[i] : g;
    }
    if (g != NULL && g->fiber == NULL) {
        g->fiber = ctx_fiber_start(storage.ctx, work, g, STACK_BYTES);
    }
    if (g == NULL || g->fiber == NULL) {
        return false;
    }
    g->op = op;
    at_work = g;
    return true;
}

int guest_turn(void *arg)
{
    const struct database *d = arg;
    if (d->stop || d->client == NULL) {
        return 1;
    }
    if (at_work == NULL || now_ns() - storage.ran_ns < TURN_NS) {
        return 0;
    }
    bool wanted = storage.first != NULL || storage.commit_soon ||
                  (storage.commit_ns != 0 && now_ns() >= storage.commit_ns);
    if (wanted) {
        struct op *op = at_work->op;
        worker_queue(op);
        op->state = OP_RUNS;
        at_work = NULL;
    }
    (void)ctx_fiber_yield();
    return d->stop || d->client == NULL;
}
