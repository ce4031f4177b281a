/* SPDX-License-Identifier: MIT */
/* Changes that the disk gets as one, however many there are: in the middle of a transaction, and in
 * nobody's way when they fail. */
#include "store.h"

#include "vfs.h"

#define LOG_PART     4u /* of the log may be one whole */
#define MEMORY_WHOLE (UINT64_C(4) << 20)
#define BEFORE_MOST  (UINT64_C(256) << 10) /* what is not committed when one begins */

uint64_t fdb_whole_most(const struct fdb *db)
{
    return db->disk != NULL ? fdb_vfs_state()->label.log / LOG_PART : MEMORY_WHOLE;
}

ctx_status fdb_whole_begin(struct fdb *db)
{
    if (db->held) {
        return CTX_E_INVAL; /* who holds it may drop all, and nobody here would know */
    }
    ctx_status status = db->since_commit > BEFORE_MOST ? fdb_commit(db) : CTX_OK;
    status = status == CTX_OK ? fdb_begin(db, 1) : status;
    if (status != CTX_OK) {
        return status;
    }
    (void)fdb_done(db);
    int rc = fdb_run(db, FDB_S_WHOLE);
    if (rc != SQLITE_DONE) {
        return fdb_fail(db, rc);
    }
    db->whole = true;
    db->whole_from = db->since_commit;
    return CTX_OK;
}

void fdb_whole_end(struct fdb *db, bool keep)
{
    db->whole = false;
    if (!db->in_transaction) {
        return; /* all of it is lost */
    }
    if (!keep) {
        (void)fdb_run(db, FDB_S_WHOLE_BACK);
        db->since_commit = db->whole_from;
        db->room = 0;
    }
    int rc = fdb_run(db, FDB_S_WHOLE_END);
    if (rc != SQLITE_DONE) {
        db->changing = true;
        (void)fdb_fail(db, rc);
    }
}
