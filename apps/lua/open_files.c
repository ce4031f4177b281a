/* SPDX-License-Identifier: MIT */
#include "lua_files.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>

void lua_open_files(lua_State *lua)
{
    static const luaL_Reg libraries[] = {
        {LUA_LOADLIBNAME, luaopen_package},
        {LUA_IOLIBNAME, luaopen_io},
        {LUA_OSLIBNAME, luaopen_os},
    };
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        luaL_requiref(lua, libraries[i].name, libraries[i].func, 1);
        lua_pop(lua, 1);
    }
    lua_getglobal(lua, LUA_LOADLIBNAME);
    if (getenv("LUA_PATH") == NULL && getenv("LUA_PATH_5_4") == NULL) {
        lua_pushliteral(lua, "/?.lua;/?/init.lua;./?.lua");
        lua_setfield(lua, -2, "path");
    }
    lua_pushliteral(lua, ""); /* no library is ever loaded */
    lua_setfield(lua, -2, "cpath");
    lua_pop(lua, 1);
}
