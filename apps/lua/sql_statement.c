/* SPDX-License-Identifier: MIT */
/* A script's statements: their parameters, and their rows. */
#include "sql_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_MOST 262144u /* what the interface says */
#define LONG_BLOB  8192u   /* from here on it goes in pieces */
#define PIECE      32768u

static struct statement *check_statement(lua_State *lua)
{
    struct statement *s = luaL_checkudata(lua, 1, TYPE);
    if (s->closed) {
        lua_sql_blame(lua, "the statement is closed");
    }
    return s;
}

/* ---- their parameters ---- */

/* Nobody knows it any more: storage hears that before the next call. */
static void forget(struct lib *lib, struct statement *s)
{
    if (s->q.statement != 0 && lib->closed_count < CLOSED) {
        lib->closed[lib->closed_count++] = s->q.statement;
    }
    if (lib->spare == NULL) {
        lib->spare = s->q.room;
    } else {
        free(s->q.room);
    }
    free(s->value);
    *s = (struct statement){.closed = true};
}

/* q:close(), and what the collector calls */
int lua_sql_close(lua_State *lua)
{
    struct statement *s = luaL_checkudata(lua, 1, TYPE);
    if (!s->closed) {
        forget(lua_sql_lib_of(lua), s);
    }
    return 0;
}

/* Its text anew, in its room. */
static ctx_status prepare(struct lib *lib, struct statement *s, const char *text)
{
    uint8_t *room = s->q.room;
    ctx_status status = ctx_sql_begin(&s->q, &lib->db, text, room, CTX_SQL_ROOM);
    s->q.room = room;
    return status;
}

/* Statements that nobody knows any more, but the collector does, may take all the places. */
static ctx_status try_prepare(lua_State *lua, struct lib *lib)
{
    struct statement *s = lua_touserdata(lua, 2);
    ctx_status status = prepare(lib, s, lua_tostring(lua, 1));
    if (status == CTX_E_NOSPC && !s->bound) {
        s->bound = true; /* once */
        lua_gc(lua, LUA_GCCOLLECT);
        status = CTX_E_AGAIN;
    }
    return status;
}

static int done_prepare(lua_State *lua, struct lib *lib)
{
    (void)lib;
    lua_pushvalue(lua, 2);
    return 1;
}

/* prepare(text): a statement */
int lua_sql_prepare(lua_State *lua)
{
    static const struct work work = {try_prepare, done_prepare, 2};
    struct lib *lib = lua_sql_lib_of(lua);
    (void)lua_sql_text_of(lua);
    lua_settop(lua, 1);
    struct statement *s = lua_newuserdatauv(lua, sizeof *s, 2);
    *s = (struct statement){.closed = false};
    luaL_setmetatable(lua, TYPE);
    lua_newtable(lua);
    lua_setiuservalue(lua, 2, NAMES);
    lua_pushvalue(lua, 1);
    lua_setiuservalue(lua, 2, TEXT);
    s->q.room = lib->spare != NULL ? lib->spare : malloc(CTX_SQL_ROOM);
    lib->spare = NULL;
    if (s->q.room == NULL) {
        return luaL_error(lua, "not enough memory");
    }
    return lua_sql_go(lua, &work);
}

/* The bytes of sql.blob(), or NULL. */
static const char *blob_of(lua_State *lua, int arg, size_t *len)
{
    if (luaL_testudata(lua, arg, BLOB) == NULL) {
        return NULL;
    }
    lua_getiuservalue(lua, arg, 1);
    const char *bytes = lua_tolstring(lua, -1, len);
    lua_pop(lua, 1); /* the blob has it */
    return bytes;
}

/* An error of Lua, before anything is done. */
static void check_parameter(lua_State *lua, int arg)
{
    char text[100];
    size_t len = 0;
    int type = lua_type(lua, arg);
    bool good = blob_of(lua, arg, &len) != NULL || type == LUA_TNIL || type == LUA_TBOOLEAN ||
                type == LUA_TNUMBER || type == LUA_TSTRING;
    len = type == LUA_TSTRING ? lua_rawlen(lua, arg) : len;
    if (!good || len > VALUE_MOST) {
        snprintf(text, sizeof text, "parameter %d: %s", arg - 1,
                 good ? "a value has 262,144 bytes at most"
                      : "nil, a boolean, a number, a string or sql.blob() is expected");
        lua_sql_blame(lua, text);
    }
}

static void bind(lua_State *lua, struct ctx_sql_query *q, int arg)
{
    size_t len = 0;
    const char *bytes = blob_of(lua, arg, &len);
    if (bytes != NULL) {
        ctx_sql_bind_blob(q, bytes, len >= LONG_BLOB ? 0 : (uint32_t)len);
    } else if (lua_isinteger(lua, arg)) {
        ctx_sql_bind_int(q, lua_tointeger(lua, arg));
    } else if (lua_type(lua, arg) == LUA_TNUMBER) {
        ctx_sql_bind_real(q, lua_tonumber(lua, arg));
    } else if (lua_type(lua, arg) == LUA_TSTRING) {
        bytes = lua_tolstring(lua, arg, &len);
        ctx_sql_bind_text(q, bytes, (uint32_t)len);
    } else if (lua_isboolean(lua, arg)) {
        ctx_sql_bind_int(q, lua_toboolean(lua, arg));
    } else {
        ctx_sql_bind_null(q);
    }
}

/* Long blobs go in pieces. */
static ctx_status send_pieces(lua_State *lua, struct statement *s)
{
    for (; s->columns < s->args; s->columns++, s->had = 0) {
        size_t len = 0;
        const char *bytes = blob_of(lua, (int)s->columns + 2, &len);
        while (bytes != NULL && len >= LONG_BLOB && s->had < len) {
            uint32_t n = len - s->had < PIECE ? (uint32_t)len - s->had : PIECE;
            ctx_status status = ctx_sql_append(&s->q, s->columns + 1, bytes + s->had, n);
            if (status != CTX_OK) {
                return status;
            }
            s->had += n;
        }
    }
    return CTX_OK;
}

static ctx_status try_begin(lua_State *lua, struct lib *lib)
{
    struct statement *s = lua_touserdata(lua, 1);
    if (s->stale) {
        lua_getiuservalue(lua, 1, TEXT);
        ctx_status status = prepare(lib, s, lua_tostring(lua, -1));
        lua_pop(lua, 1);
        if (status != CTX_OK) {
            return status;
        }
        s->stale = false;
        s->named = 0;
    }
    if (!s->bound) {
        ctx_sql_again(&s->q);
        for (uint32_t i = 0; i < s->args; i++) {
            bind(lua, &s->q, (int)i + 2);
        }
        s->bound = true;
    }
    ctx_status status = s->q.status == CTX_OK ? send_pieces(lua, s) : s->q.status;
    s->stale |= status == CTX_E_STALE;
    s->columns = status == CTX_E_AGAIN ? s->columns : 0;
    return status;
}

/* begin(q, ...): anew, with these parameters */
int lua_sql_begin(lua_State *lua)
{
    static const struct work work = {try_begin, lua_sql_say_true, 0};
    struct statement *s = check_statement(lua);
    int count = lua_gettop(lua) - 1;
    size_t bytes = 0;
    if (!s->stale && count > (int)s->q.parameters) { /* else storage says it */
        char text[80];
        snprintf(text, sizeof text, "the statement has %u parameters, not %d", s->q.parameters,
                 count);
        return lua_sql_blame(lua, text);
    }
    for (int arg = 2; arg <= count + 1; arg++) {
        check_parameter(lua, arg);
        size_t len = 0;
        bool is_blob = blob_of(lua, arg, &len) != NULL;
        len = is_blob && len >= LONG_BLOB ? 0 : is_blob ? len : lua_rawlen(lua, arg);
        bytes += 16 + (len + 7) / 8 * 8;
    }
    if (bytes > CTX_SQL_ROOM) {
        luaL_pushfail(lua);
        lua_pushliteral(lua, "TOOBIG: the parameters have more than 61,440 bytes: long ones go as "
                             "sql.blob, and CAST(? AS TEXT) makes a text of one");
        return 2;
    }
    s->args = (uint32_t)count;
    s->bound = false;
    s->columns = s->had = 0;
    free(s->value);
    s->value = NULL;
    return lua_sql_go(lua, &work);
}

/* ---- rows ---- */

/* The names of the columns, in the table that is the statement's. */
static ctx_status know_names(lua_State *lua, struct statement *s)
{
    char text[256];
    uint32_t len;
    for (; s->named < s->q.columns; s->named++) {
        ctx_status status = ctx_sql_name(&s->q, s->named, text, sizeof text, &len);
        if (status != CTX_OK) {
            return status;
        }
        lua_getiuservalue(lua, 1, NAMES);
        lua_pushlstring(lua, text, len < sizeof text ? len : sizeof text);
        lua_rawseti(lua, -2, (lua_Integer)s->named + 1);
        lua_pop(lua, 1);
    }
    return CTX_OK;
}

/* A value that was cut, on the stack: what is there of it stays in the statement until it is whole.
 */
static ctx_status push_pieces(lua_State *lua, struct statement *s, uint32_t len)
{
    if (len > VALUE_MOST) {
        return CTX_E_IO;
    }
    if (s->value == NULL) {
        s->value = malloc(len + (len == 0));
        s->had = 0;
    }
    while (s->value != NULL && s->had < len) {
        uint32_t count = 0;
        ctx_status status =
            ctx_sql_read(&s->q, s->columns, s->had, s->value + s->had, len - s->had, &count);
        if (status != CTX_OK || count == 0 || count > len - s->had) {
            return status != CTX_OK ? status : CTX_E_IO;
        }
        s->had += count;
    }
    if (s->value == NULL) {
        return CTX_E_NOMEM;
    }
    lua_pushlstring(lua, (const char *)s->value, len);
    free(s->value);
    s->value = NULL;
    return CTX_OK;
}

static ctx_status push_value(lua_State *lua, struct statement *s)
{
    struct ctx_sql_value v = ctx_sql_at(&s->q, s->columns);
    switch (v.kind) {
    case SQL_INTEGER:
        lua_pushinteger(lua, ctx_sql_int(&s->q, s->columns));
        break;
    case SQL_REAL:
        lua_pushnumber(lua, ctx_sql_real(&s->q, s->columns));
        break;
    case SQL_TEXT:
    case SQL_BLOB:
        lua_pushlstring(lua, (const char *)v.bytes, v.len);
        break;
    case SQL_TEXT | SQL_CUT:
    case SQL_BLOB | SQL_CUT:
        return push_pieces(lua, s, v.len);
    default:
        lua_pushnil(lua);
    }
    return CTX_OK;
}

/* Into the row, which is the second on the stack: by number and by name. */
static ctx_status tell_row(lua_State *lua, struct statement *s)
{
    for (; s->columns < s->q.columns; s->columns++) {
        ctx_status status = push_value(lua, s);
        if (status != CTX_OK) {
            return status;
        }
        lua_getiuservalue(lua, 1, NAMES);
        lua_rawgeti(lua, -1, (lua_Integer)s->columns + 1);
        lua_remove(lua, -2);
        lua_pushvalue(lua, -2);
        lua_rawset(lua, 2);
        lua_rawseti(lua, 2, (lua_Integer)s->columns + 1);
    }
    return CTX_OK;
}

static ctx_status next_row(lua_State *lua, struct statement *s)
{
    ctx_status status = know_names(lua, s);
    if (status != CTX_OK) {
        return status;
    }
    if (s->columns == 0 && s->value == NULL) { /* not in the middle of one */
        status = ctx_sql_next(&s->q);
        if (status != CTX_OK) {
            if (status == CTX_E_NOENT) {
                lua_pushnil(lua);
                lua_replace(lua, 2);
            }
            return status == CTX_E_NOENT ? CTX_OK : status;
        }
    }
    status = tell_row(lua, s);
    if (status != CTX_E_AGAIN) { /* the next time is another row's */
        s->columns = 0;
        free(s->value);
        s->value = NULL;
    }
    return status;
}

static ctx_status try_next(lua_State *lua, struct lib *lib)
{
    struct statement *s = lua_touserdata(lua, 1);
    (void)lib;
    ctx_status status = next_row(lua, s);
    s->stale |= status == CTX_E_STALE;
    return status;
}

static int done_next(lua_State *lua, struct lib *lib)
{
    (void)lib;
    lua_settop(lua, 2);
    return 1;
}

/* next(q): a row; nil: no more; nil and why */
int lua_sql_next(lua_State *lua)
{
    static const struct work work = {try_next, done_next, 2};
    const struct statement *s = check_statement(lua);
    lua_settop(lua, 1);
    lua_createtable(lua, (int)s->q.columns, (int)s->q.columns);
    return lua_sql_go(lua, &work);
}

/* changed(q): rows, and the last rowid */
int lua_sql_changed(lua_State *lua)
{
    const struct statement *s = check_statement(lua);
    lua_pushinteger(lua, (lua_Integer)s->q.changed);
    lua_pushinteger(lua, s->q.last_id);
    return 2;
}

static ctx_status try_columns(lua_State *lua, struct lib *lib)
{
    (void)lib;
    return know_names(lua, lua_touserdata(lua, 1));
}

static int done_columns(lua_State *lua, struct lib *lib)
{
    const struct statement *s = lua_touserdata(lua, 1);
    (void)lib;
    lua_getiuservalue(lua, 1, NAMES);
    lua_createtable(lua, (int)s->q.columns, 0);
    for (uint32_t i = 1; i <= s->q.columns; i++) {
        lua_rawgeti(lua, -2, i);
        lua_rawseti(lua, -2, i);
    }
    return 1;
}

/* q:columns(): their names */
int lua_sql_columns(lua_State *lua)
{
    static const struct work work = {try_columns, done_columns, 1};
    (void)check_statement(lua);
    return lua_sql_go(lua, &work);
}

int lua_sql_tostring(lua_State *lua)
{
    const struct statement *s = luaL_checkudata(lua, 1, TYPE);
    if (s->closed) {
        lua_pushliteral(lua, "statement (closed)");
    } else {
        lua_pushfstring(lua, "statement (%d columns, %d parameters)", (int)s->q.columns,
                        (int)s->q.parameters);
    }
    return 1;
}
