/* SPDX-License-Identifier: MIT */
/*
 * <lua_files.h>: the libraries package, io and os, for scripts that are to see the app's files:
 * those compiled in (FILES) and those in memory. luaL_openlibs leaves them out. require looks for
 * modules in /?.lua, /?/init.lua and ./?.lua; os.execute and io.popen answer no; os.exit ends the
 * app.
 */
#ifndef LUA_FILES_H
#define LUA_FILES_H

#include <lua.h>

void lua_open_files(lua_State *lua);

/* For who runs scripts in a fiber, where files may wait for a disk: net and sql yield the coroutine
 * that calls them all the same, so that the others go on. */
void lua_yields_to_wait(int on);

#endif
