/* SPDX-License-Identifier: MIT */
/*
 * <lua_sql.h>: the library sql, for scripts that have a database of their own (ctx.sql/1), as a
 * global (README.md). The app's line says use=ctx.sql/1. Where main runs in a fiber a call waits
 * there; elsewhere it yields its coroutine until it can go on, so everything else of the app goes
 * on meanwhile.
 */
#ifndef LUA_SQL_H
#define LUA_SQL_H

#include <lua.h>

/* After luaL_openlibs, under lua_pcall: it raises an error of Lua where there is no memory. */
void lua_open_sql(lua_State *lua);

#endif
