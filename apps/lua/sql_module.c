/* SPDX-License-Identifier: MIT */
/*
 * Statements for scripts. A call that has to wait is made again: in main's fiber by <ctx/sql.h>
 * itself, else when the coroutine that made it is resumed. So each function is one that can be
 * begun anew, and what it has done so far lies in the library or in the statement.
 *
 * An app has one call at a time, and one transaction: a coroutine that is in the middle of either
 * is waited for by the others (struct lib, who).
 */
#include "sql_internal.h"
#include "waiting.h"

#include <ctx/c.h>
#include <ctx/fiber.h>
#include <ctx/status.h>

#include <lauxlib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LUA_NAME   "=sql" /* of sql.lua, where errors are told */
#define PAUSE_NS   1000000
#define OFFERED_MS 5000 /* so long who offers tables may take to begin */

extern const char lua_sql_text[], lua_sql_text_end[]; /* sql.S */

/* Upvalues of all functions: the library, and its weak table. */
struct lib *lua_sql_lib_of(lua_State *lua)
{
    return lua_touserdata(lua, lua_upvalueindex(1));
}

static void set_who(lua_State *lua, enum who role, bool on)
{
    lua_sql_lib_of(lua)->who[role] = on ? lua : NULL;
    if (on) {
        lua_pushthread(lua);
    } else {
        lua_pushnil(lua);
    }
    lua_rawseti(lua, lua_upvalueindex(2), role + 1);
}

/* Somebody else is in the middle of that. Who resumed this very coroutine is not: it can not go on
 * before we do. */
static bool is_others(lua_State *lua, enum who role)
{
    struct lib *lib = lua_sql_lib_of(lua);
    if (lib->who[role] == NULL) {
        return false;
    }
    lua_rawgeti(lua, lua_upvalueindex(2), role + 1);
    lua_State *other = lua_tothread(lua, -1);
    lua_Debug unused;
    lua_pop(lua, 1);
    if (other == lua ||
        (other != NULL && lua_status(other) == LUA_OK && lua_getstack(other, 0, &unused) == 1)) {
        return false;
    }
    if (other != NULL && lua_status(other) == LUA_YIELD) {
        return true;
    }
    lib->who[role] = NULL; /* it was collected or closed, or has failed */
    lib->left_open |= role == HOLDS;
    return false;
}

/* ---- what failed ---- */

static const char *words_of(ctx_status status, const char *why)
{
    switch (status) {
    case CTX_E_STALE:
        return "storage began anew, or the app was restored: what went on is done or not";
    case CTX_E_NOSYS:
    case CTX_E_NOENT:
        return "nobody offers ctx.sql/1";
    case CTX_E_TOOBIG:
        return why[0] != 0 ? why : "the text has more than 61,440 bytes";
    case CTX_E_DENIED:
        return why[0] != 0 ? why : "the app's line does not say use=ctx.sql/1";
    case CTX_E_INVAL:
        return why[0] != 0 ? why : "there is no statement in the text";
    default:
        return why;
    }
}

int lua_sql_refuse(lua_State *lua, ctx_status status)
{
    char why[240];
    struct lib *lib = lua_sql_lib_of(lua);
    const char *words = words_of(status, ctx_sql_why(&lib->db, why, sizeof why));
    luaL_pushfail(lua);
    lua_pushfstring(lua, "%s%s%s", ctx_status_name(status), words[0] != 0 ? ": " : "", words);
    return 2;
}

/* An error where the script called, not in sql.lua. */
int lua_sql_blame(lua_State *lua, const char *text)
{
    lua_Debug at;
    for (int level = 1; lua_getstack(lua, level, &at) == 1; level++) {
        lua_getinfo(lua, "Sl", &at);
        if (at.currentline > 0 && strcmp(at.source, LUA_NAME) != 0) {
            lua_pushfstring(lua, "%s:%d: %s", at.short_src, at.currentline, text);
            return lua_error(lua);
        }
    }
    lua_pushstring(lua, text);
    return lua_error(lua);
}

/* ---- waiting ---- */

static int64_t now_ms(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What was left behind, before anything else is done. */
static ctx_status clean_up(struct lib *lib)
{
    if (lib->left_open) {
        lib->db.client.of.stays = 0;
        ctx_status status = ctx_sql_run(&lib->db, "ROLLBACK"); /* INVAL: there was none */
        if (status == CTX_E_AGAIN || status == CTX_E_BUSY) {
            return CTX_E_AGAIN;
        }
        lib->left_open = false;
    }
    while (lib->closed_count > 0) {
        struct ctx_sql_query q = {.db = &lib->db, .statement = lib->closed[lib->closed_count - 1]};
        ctx_status status = ctx_sql_end(&q); /* or it is STALE */
        if (status == CTX_E_AGAIN || status == CTX_E_BUSY) {
            return CTX_E_AGAIN;
        }
        lib->closed_count--;
    }
    return CTX_OK;
}

static ctx_status attempt(lua_State *lua, struct lib *lib, const struct work *work)
{
    lib->db.client.of.ctx = ctx_now();
    if (lib->who[CALLS] == NULL) {
        set_who(lua, CALLS, true);
    }
    ctx_status status = clean_up(lib);
    status = status == CTX_OK ? work->attempt(lua, lib) : status;
    if (lib->asked_ms < 0) {
        lib->asked_ms = now_ms();
    }
    bool offered = status != CTX_E_NOSYS && status != CTX_E_NOENT;
    if (status == CTX_E_BUSY ||
        (!offered && lib->db.client.of.table == NULL && now_ms() - lib->asked_ms < OFFERED_MS)) {
        return CTX_E_AGAIN;
    }
    return status;
}

static int go_on(lua_State *lua, int status, lua_KContext context);

/* A moment later, in main's fiber. */
static void pause(void)
{
    struct ctx *ctx = ctx_now();
    uint64_t ns = 0;
    ctx->time->now(ctx->time, &ns);
    (void)ctx_fiber_await(0, ns + PAUSE_NS);
}

int lua_sql_go(lua_State *lua, const struct work *work)
{
    struct lib *lib = lua_sql_lib_of(lua);
    for (;;) {
        const struct statement *s = work->top == 0 ? lua_touserdata(lua, 1) : NULL;
        lua_settop(lua, s != NULL ? (int)s->args + 1 : work->top);
        bool others = is_others(lua, CALLS) || is_others(lua, HOLDS);
        int was = lua_wait_begin();
        ctx_status status = others ? CTX_E_AGAIN : attempt(lua, lib, work);
        bool yields = ctx_fiber_current() == NULL;
        lua_wait_end(was);
        if (status == CTX_E_AGAIN && !others && !yields) {
            pause();
            continue;
        }
        if (status == CTX_E_AGAIN && lua_isyieldable(lua)) {
            return lua_yieldk(lua, 0, (lua_KContext)work, go_on);
        }
        if (lib->who[CALLS] == lua) {
            set_who(lua, CALLS, false);
        }
        if (status == CTX_E_AGAIN) {
            return luaL_error(lua, others ? "another coroutine is in the middle of something here"
                                          : "it can not wait here: call it in a coroutine");
        }
        return status == CTX_OK ? work->finish(lua, lib) : lua_sql_refuse(lua, status);
    }
}

static int go_on(lua_State *lua, int status, lua_KContext context)
{
    (void)status;
    return lua_sql_go(lua, (const struct work *)context);
}

int lua_sql_say_true(lua_State *lua, struct lib *lib)
{
    (void)lib;
    lua_pushboolean(lua, 1);
    return 1;
}

/* ---- without statements ---- */

static ctx_status try_run(lua_State *lua, struct lib *lib)
{
    return ctx_sql_run(&lib->db, lua_tostring(lua, 1));
}

const char *lua_sql_text_of(lua_State *lua)
{
    size_t len = 0;
    const char *text = lua_type(lua, 1) == LUA_TSTRING ? lua_tolstring(lua, 1, &len) : NULL;
    if (text == NULL || strlen(text) != len) {
        lua_sql_blame(lua, text == NULL ? "a text of SQL is expected" : "the text has a NUL in it");
    }
    return text;
}

/* run(text) */
static int fn_run(lua_State *lua)
{
    static const struct work work = {try_run, lua_sql_say_true, 1};
    (void)lua_sql_text_of(lua);
    return lua_sql_go(lua, &work);
}

static ctx_status try_sync(lua_State *lua, struct lib *lib)
{
    (void)lua;
    return ctx_sql_sync(&lib->db);
}

/* sync() */
static int fn_sync(lua_State *lua)
{
    static const struct work work = {try_sync, lua_sql_say_true, 1};
    return lua_sql_go(lua, &work);
}

/* stop(): what another coroutine does there ends, soon. */
static int fn_stop(lua_State *lua)
{
    struct lib *lib = lua_sql_lib_of(lua);
    lib->db.client.of.ctx = ctx_now();
    ctx_status status = ctx_sql_stop(&lib->db);
    return status == CTX_OK ? lua_sql_say_true(lua, lib) : lua_sql_refuse(lua, status);
}

static ctx_status try_nothing(lua_State *lua, struct lib *lib)
{
    (void)lua;
    (void)lib;
    return CTX_OK;
}

static int done_hold(lua_State *lua, struct lib *lib)
{
    if (lib->who[HOLDS] != NULL) { /* this one, or who has resumed it */
        luaL_pushfail(lua);
        lua_pushliteral(lua, "INVAL: a change is going on already");
        return 2;
    }
    set_who(lua, HOLDS, true);
    return lua_sql_say_true(lua, lib);
}

/* hold(): from here on what others want waits */
static int fn_hold(lua_State *lua)
{
    static const struct work work = {try_nothing, done_hold, 1};
    return lua_sql_go(lua, &work);
}

/* release() */
static int fn_release(lua_State *lua)
{
    lua_sql_lib_of(lua)->db.client.of.stays = 0;
    if (lua_sql_lib_of(lua)->who[HOLDS] == lua) {
        set_who(lua, HOLDS, false);
    }
    return 0;
}

/* stay(): a transaction has begun. If storage begins anew in the middle nothing of it is done. */
static int fn_stay(lua_State *lua)
{
    lua_sql_lib_of(lua)->db.client.of.stays = 1;
    return 0;
}

/* blob(bytes): a parameter that is no text */
static int fn_blob(lua_State *lua)
{
    luaL_checkstring(lua, 1);
    lua_settop(lua, 1);
    (void)lua_newuserdatauv(lua, 0, 1);
    lua_insert(lua, 1);
    lua_setiuservalue(lua, 1, 1);
    luaL_setmetatable(lua, BLOB);
    return 1;
}

/* ---- the library ---- */

/* methods(table): what statements have */
static int fn_methods(lua_State *lua)
{
    luaL_getmetatable(lua, TYPE);
    lua_pushvalue(lua, 1);
    lua_setfield(lua, -2, "__index");
    return 0;
}

static int free_lib(lua_State *lua)
{
    struct lib *lib = lua_touserdata(lua, 1);
    free(lib->spare);
    lib->spare = NULL;
    return 0;
}

/* The library and its weak table, on the stack. */
static void push_lib(lua_State *lua)
{
    struct lib *lib = lua_newuserdatauv(lua, sizeof *lib, 0);
    *lib = (struct lib){.db = CTX_SQL(NULL), .asked_ms = -1};
    lua_createtable(lua, 0, 1);
    lua_pushcfunction(lua, free_lib);
    lua_setfield(lua, -2, "__gc");
    lua_setmetatable(lua, -2);
    lua_createtable(lua, WHO, 1);
    lua_createtable(lua, 0, 1);
    lua_pushliteral(lua, "v");
    lua_setfield(lua, -2, "__mode");
    lua_setmetatable(lua, -2);
}

void lua_open_sql(lua_State *lua)
{
    static const luaL_Reg functions[] = {{"begin", lua_sql_begin},
                                         {"blob", fn_blob},
                                         {"changed", lua_sql_changed},
                                         {"close", lua_sql_close},
                                         {"columns", lua_sql_columns},
                                         {"hold", fn_hold},
                                         {"methods", fn_methods},
                                         {"next", lua_sql_next},
                                         {"prepare", lua_sql_prepare},
                                         {"release", fn_release},
                                         {"stay", fn_stay},
                                         {"run", fn_run},
                                         {"stop", fn_stop},
                                         {"sync", fn_sync},
                                         {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__close", lua_sql_close},
                                    {"__gc", lua_sql_close},
                                    {"__tostring", lua_sql_tostring},
                                    {NULL, NULL}};
    int top = lua_gettop(lua);
    push_lib(lua);
    luaL_newmetatable(lua, BLOB);
    lua_pop(lua, 1);
    luaL_newmetatable(lua, TYPE);
    lua_pushvalue(lua, top + 1);
    lua_pushvalue(lua, top + 2);
    luaL_setfuncs(lua, meta, 2);
    lua_pop(lua, 1);
    if (luaL_loadbufferx(lua, lua_sql_text, (size_t)(lua_sql_text_end - lua_sql_text), LUA_NAME,
                         "t") != LUA_OK) {
        lua_error(lua);
    }
    lua_createtable(lua, 0, sizeof functions / sizeof functions[0]);
    lua_pushvalue(lua, top + 1);
    lua_pushvalue(lua, top + 2);
    luaL_setfuncs(lua, functions, 2);
    lua_call(lua, 1, 1);
    lua_setglobal(lua, "sql");
    lua_settop(lua, top);
}
