/* SPDX-License-Identifier: MIT */
/* Between ctx_module.c and ctx_surface.c. */
#ifndef LUA_CTX_INTERNAL_H
#define LUA_CTX_INTERNAL_H

#include "ctx_module.h"

#include <clip.h>

#define EVENTS 64u /* kept for a script, a power of two */

struct module {
    struct ctx *ctx;  /* of this call */
    int wakes;        /* at: */
    uint64_t wake_ns; /* the earliest */
    int font;         /* 0 not asked for yet, 1 there, -1 not to be had */
    struct clip clip;
    uint32_t first, count;
    struct ctx_event events[EVENTS];
};

/* Never NULL after lua_ctx_open. */
struct module *lua_ctx_module(lua_State *lua);

/* A number of Lua as a whole one from low to high, anything else is an error; 1.5 counts as 1. */
int32_t lua_ctx_whole(lua_State *lua, int arg, int32_t low, int32_t high);

/* An error that says what was tried and which status came back. */
int lua_ctx_fail(lua_State *lua, const char *what, ctx_status status);

/* ctx_surface.c: the metatable of surfaces, and ctx.surface. */
void lua_ctx_open_surface(lua_State *lua);
int lua_ctx_surface(lua_State *lua);

#endif
