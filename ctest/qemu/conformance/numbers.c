/* SPDX-License-Identifier: MIT */
/*
 * Numbers in Lua, read and written: numbers.want is what Lua 5.4 on a PC says. The script is
 * compiled in; its ctx.log is printf, for the Context's module is tested elsewhere.
 */
#include <ctx/c.h>
#include <ctx/note.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

CTX_NOTE(3);

__asm__(".pushsection .rodata\nnumbers_script: .incbin \"" NUMBERS_LUA "\"\n.byte 0\n.popsection");
extern const char numbers_script[] __attribute__((visibility("hidden")));

static int say(lua_State *lua)
{
    puts(luaL_checkstring(lua, 1));
    return 0;
}

int32_t ctx_start(struct ctx *ctx)
{
    (void)ctx;
    lua_State *lua = luaL_newstate();
    luaL_openlibs(lua);
    lua_newtable(lua);
    lua_pushcfunction(lua, say);
    lua_setfield(lua, -2, "log");
    lua_setglobal(lua, "ctx");
    if (luaL_dostring(lua, numbers_script)) {
        printf("FAIL %s\n", lua_tostring(lua, -1));
    }
    lua_close(lua);
    puts("end");
    exit(0);
}
