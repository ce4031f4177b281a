/* SPDX-License-Identifier: MIT */
/* What is the same for the files of the disk's own database and of apps': each has one user. */
#include "vfs.h"

#include <sqlite3.h>

int fdb_file_lock(sqlite3_file *file, int level)
{
    (void)file;
    (void)level;
    return SQLITE_OK;
}

int fdb_file_reserved(sqlite3_file *file, int *held)
{
    (void)file;
    *held = 0;
    return SQLITE_OK;
}

int fdb_file_control(sqlite3_file *file, int op, void *arg)
{
    (void)file;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

int64_t fdb_file_ms(int64_t unix_ns)
{
    return INT64_C(210866760000000) + unix_ns / 1000000;
}

int fdb_file_days(sqlite3_vfs *vfs, double *days)
{
    sqlite3_int64 ms = 0;
    int rc = vfs->xCurrentTimeInt64(vfs, &ms);
    *days = (double)ms / 86400000.0;
    return rc;
}
