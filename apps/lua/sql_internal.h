/* SPDX-License-Identifier: MIT */
/* sql_internal.h - between sql_module.c and sql_statement.c. */
#ifndef LUA_SQL_INTERNAL_H
#define LUA_SQL_INTERNAL_H

#include "lua_sql.h"

#include <ctx/sql.h>

#include <lauxlib.h>
#include <stdbool.h>
#include <stdint.h>

#define TYPE   "sql.statement"
#define BLOB   "sql.blob"
#define CLOSED 64u /* that nobody has told storage of yet: twice what it has open */

/* Both: its thread is an entry of a weak table, so that one that nobody will resume is forgotten.
 */
enum who { CALLS, HOLDS, WHO };

struct lib {
    struct ctx_sql db;
    lua_State *who[WHO];     /* NULL: nobody */
    uint8_t *spare;          /* a room that nobody uses */
    uint32_t closed[CLOSED]; /* statements that nobody knows any more */
    uint32_t closed_count;
    int64_t asked_ms; /* the first time; -1: not yet */
    bool left_open;   /* a transaction of a thread that is gone */
};

/* Its user values. */
enum { NAMES = 1, TEXT };

struct statement {
    struct ctx_sql_query q;
    bool closed;
    bool stale;       /* storage does not know it any more */
    bool bound;       /* its parameters are, but for what of them goes in pieces */
    uint32_t args;    /* parameters that it was begun with */
    uint32_t named;   /* so many columns' names are known */
    uint32_t columns; /* so many of the row are told, or so many parameters have gone */
    uint8_t *value;   /* one that was cut, and comes in pieces */
    uint32_t had;     /* of it, or of a parameter that goes in pieces */
};

/* Try until the status is not AGAIN, then finish. The stack is as the function was given it, each
 * time. */
struct work {
    ctx_status (*attempt)(lua_State *lua, struct lib *lib);
    int (*finish)(lua_State *lua, struct lib *lib);
    int top; /* of the stack; 0: as the statement was begun */
};

/* sql_module.c */
struct lib *lua_sql_lib_of(lua_State *lua);
int lua_sql_refuse(lua_State *lua, ctx_status status); /* nil and why */
int lua_sql_blame(lua_State *lua, const char *text);   /* an error where the script called */
int lua_sql_go(lua_State *lua, const struct work *work);
int lua_sql_say_true(lua_State *lua, struct lib *lib);
const char *lua_sql_text_of(lua_State *lua); /* the first argument, of SQL */

/* sql_statement.c: functions of Lua, with the upvalues of all of them */
int lua_sql_begin(lua_State *lua);
int lua_sql_changed(lua_State *lua);
int lua_sql_close(lua_State *lua);
int lua_sql_columns(lua_State *lua);
int lua_sql_next(lua_State *lua);
int lua_sql_prepare(lua_State *lua);
int lua_sql_tostring(lua_State *lua);

#endif
