/* SPDX-License-Identifier: MIT */
/*
 * The Context as a table of Lua, for any app with PICOLIBC: README.md lists its functions. The app
 * owns the lua_State; this never calls back into the app and never waits.
 */
#ifndef LUA_CTX_MODULE_H
#define LUA_CTX_MODULE_H

#include <ctx/ctx.h>

#include <lua.h>

/*
 * Make the global `ctx`. Raises an error of Lua when there is no memory: call it where
 * luaL_openlibs would be called, under lua_pcall. Once per state.
 */
void lua_ctx_open(lua_State *lua, struct ctx *ctx);

/* The Context of this call: before anything of Lua runs in it, and before lua_close. */
void lua_ctx_set(lua_State *lua, struct ctx *ctx);

/*
 * Something that the app has read from ctx->events and lets scripts see, through ctx.events(). The
 * last 64 are kept. Nothing else feeds it, so a script takes no event away from the app.
 */
void lua_ctx_push_event(lua_State *lua, const struct ctx_event *event);

/* Whether a script has called ctx.wake_at since lua_ctx_set: then the app may return CTX_WAIT from
 * the call in which this is asked. */
int lua_ctx_wakes(lua_State *lua);

#endif
