/* SPDX-License-Identifier: MIT */
/* What statements of an app may not do: leave their database, hurt it, or take all there is. */
#include "sql_private.h"

#include <string.h>

/* What tells something, or changes what is the database's own affair. Not here: all that says how
 * and where it is kept. */
static const char *const pragmas[] = {
    "application_id",
    "case_sensitive_like",
    "collation_list",
    "compile_options",
    "data_version",
    "defer_foreign_keys",
    "foreign_key_check",
    "foreign_key_list",
    "foreign_keys",
    "freelist_count",
    "function_list",
    "incremental_vacuum",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "optimize",
    "page_count",
    "quick_check",
    "recursive_triggers",
    "reverse_unordered_selects",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
};

static int allows(void *arg, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)arg;
    (void)c;
    (void)d;
    if (action == SQLITE_ATTACH || action == SQLITE_DETACH) {
        return SQLITE_DENY;
    }
    if (action != SQLITE_PRAGMA) {
        return SQLITE_OK;
    }
    for (size_t i = 0; i < sizeof pragmas / sizeof pragmas[0]; i++) {
        if (a != NULL && sqlite3_stricmp(a, pragmas[i]) == 0) {
            return SQLITE_OK;
        }
    }
    /* Whether it can give space back, to be asked only. */
    return a != NULL && b == NULL && sqlite3_stricmp(a, "auto_vacuum") == 0 ? SQLITE_OK
                                                                            : SQLITE_DENY;
}

int sql_turn(struct fdb_sql *s)
{
    if (s->turn == NULL) {
        return 0;
    }
    sql_leave(s); /* others may be at work meanwhile */
    int stop = s->turn(s->arg);
    sql_enter(s);
    return stop;
}

static int turn(void *arg)
{
    return sql_turn(arg);
}

/* Of SQLite's, between two looks at the clock. Few: one of LIKE's can take a tenth of a second. */
#define STEPS_A_TURN 25

int sql_guard(struct fdb_sql *s)
{
    static const struct {
        int which, most;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, (int)FDB_SQL_VALUE_MOST},
        {SQLITE_LIMIT_SQL_LENGTH, (int)FDB_SQL_TEXT_MOST},
        {SQLITE_LIMIT_COLUMN, (int)FDB_SQL_COLUMNS},
        {SQLITE_LIMIT_EXPR_DEPTH, 100},
        {SQLITE_LIMIT_COMPOUND_SELECT, 50},
        {SQLITE_LIMIT_VDBE_OP, 100000},
        {SQLITE_LIMIT_FUNCTION_ARG, 100},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, (int)FDB_SQL_PATTERN_MOST},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 1000},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 20},
    };
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        (void)sqlite3_limit(s->sql, limits[i].which, limits[i].most);
    }
    int rc = sqlite3_db_config(s->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    rc = rc == SQLITE_OK ? sqlite3_db_config(s->sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) : rc;
    rc = rc == SQLITE_OK ? sqlite3_set_authorizer(s->sql, allows, NULL) : rc;
    sqlite3_progress_handler(s->sql, STEPS_A_TURN, turn, s);
    return rc == SQLITE_OK ? sql_functions(s) : rc;
}

void sql_enter(struct fdb_sql *s)
{
    s->entered = sqlite3_memory_used();
    int64_t left = (int64_t)FDB_SQL_MEMORY + FDB_SQL_CACHE - s->used;
    (void)sqlite3_hard_heap_limit64(s->entered + (left > 1 ? left : 1));
}

void sql_leave(struct fdb_sql *s)
{
    (void)sqlite3_hard_heap_limit64(0);
    s->used += sqlite3_memory_used() - s->entered;
}
