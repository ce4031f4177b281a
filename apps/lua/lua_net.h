/* SPDX-License-Identifier: MIT */
/*
 * <lua_net.h>: the libraries net and http, for scripts that reach others over the network: as
 * globals, connections by TCP and TLS, and HTTP over both (README.md). The app's line says
 * use=ctx.net/1. Where main runs in a fiber a call waits there; elsewhere it yields its coroutine
 * until it can go on, so everything else of the app goes on meanwhile.
 */
#ifndef LUA_NET_H
#define LUA_NET_H

#include <lua.h>

/* After luaL_openlibs, under lua_pcall: it raises an error of Lua where there is no memory. */
void lua_open_net(lua_State *lua);

#endif
