/* SPDX-License-Identifier: MIT */
/* Several changes of an app's as one: all of them, or none. */
#include "storage.h"

#include <ctx/tables.h>

#define TOGETHER_NS UINT64_C(1000000000)

/* The disk has failed in the middle of what changes as one: the beginning of it is taken back. */
bool together_broken(void)
{
    return storage.together != NULL && storage.together_undone != fdb_undone(storage.db);
}

ctx_status together_op(uint32_t what, struct client *c)
{
    if (what == CTX_FILES_TOGETHER) {
        if (storage.together != NULL) {
            return CTX_E_INVAL; /* nobody else's operations come here meanwhile */
        }
        ctx_status status = fdb_commit(storage.db);
        if (status == CTX_OK) {
            storage.together = c;
            storage.together_ns = now_ns() + TOGETHER_NS;
            storage.together_undone = fdb_undone(storage.db);
            c->together = TOGETHER_NONE;
            fdb_hold(storage.db, true);
        }
        return status;
    }
    if (storage.together != c) {
        bool late = c->together == TOGETHER_LATE;
        c->together = TOGETHER_NONE;
        return late ? CTX_E_TIMEDOUT : CTX_E_INVAL;
    }
    bool broken = together_broken();
    storage.together = NULL;
    fdb_hold(storage.db, false);
    if (what == CTX_FILES_DROP || broken) {
        (void)fdb_drop_changes(storage.db);
    }
    ctx_status status = fdb_commit(storage.db);
    status = what != CTX_FILES_DROP && broken ? CTX_E_IO : status;
    if (status == CTX_E_IO) { /* it knows; of what was lost before sync tells */
        c->lost = fdb_lost(storage.db);
    }
    return status;
}

/* Whoever is in the middle of several changes has taken too long, or has gone. */
void together_end(void)
{
    if (storage.together == NULL || now_ns() < storage.together_ns) {
        return;
    }
    fdb_hold(storage.db, false);
    (void)fdb_drop_changes(storage.db);
    storage.together->together = TOGETHER_LATE;
    storage.together = NULL;
}
