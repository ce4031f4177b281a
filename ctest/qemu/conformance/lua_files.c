/* SPDX-License-Identifier: MIT */
/* Lua sees the app's files: those compiled in, and those that it makes. */
#include <lauxlib.h>
#include <lua.h>
#include <lua_files.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

static const char script[] =
    "local m = require 'sub.module'\n"
    "assert(m.name == 'module' and m.value == 42 and package.loaded['sub.module'] == m)\n"
    "assert(not pcall(require, 'sub.nothing'))\n"
    "local lines = {}\n"
    "for l in io.lines('/sub/lines.txt') do lines[#lines + 1] = l end\n"
    "assert(#lines == 3 and lines[1] == 'first line' and lines[3] == 'no end')\n"
    "assert(dofile('sub/module.lua').value == 42 and loadfile('/sub/module.lua')().name == 'module')\n"
    "assert(loadfile('/nobody.lua') == nil)\n"
    "local f, why = io.open('/a.txt', 'w')\n"
    "assert(f == nil and why:find('ead%-only'), why)\n"
    "local name = os.tmpname()\n"
    "f = assert(io.open(name, 'w+'))\n"
    "assert(f:write(1, ' ', 2.5, '\\n', 'rest') and f:seek('set', 0) == 0)\n"
    "assert(f:read('n') == 1 and f:read('n') == 2.5 and f:read('l') == '' and f:read('a') == 'rest')\n"
    "assert(f:close() and os.rename(name, '/tmp/other') and not io.open(name))\n"
    "assert(os.remove('/tmp/other') and not os.remove('/tmp/other') and not os.remove('/sub'))\n"
    "assert(not os.execute('ls') and not os.execute() and os.getenv('HOME') == nil)\n"
    "assert(type(os.time()) == 'number' and os.clock() >= 0)\n"
    "io.write('T lua files ok\\n')\n"
    "local f = assert(io.open('/tmp/next.lua', 'w'))\n"
    "f:write('return ...') f:close()\n"
    "package.path = '/tmp/?.lua'\n"
    "assert(require 'next' == 'next')\n";

int main(void)
{
    lua_State *lua = luaL_newstate();
    if (lua == NULL) {
        return EXIT_FAILURE;
    }
    luaL_openlibs(lua);
    lua_open_files(lua);
    if (luaL_dostring(lua, script) != LUA_OK) {
        printf("T lua files FAIL: %s\n", lua_tostring(lua, -1));
        return EXIT_FAILURE;
    }
    lua_close(lua);
    return EXIT_SUCCESS;
}
