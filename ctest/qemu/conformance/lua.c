/* SPDX-License-Identifier: MIT */
/*
 * Lua as apps get it: it computes, its errors come back, and whatever a script nests, Lua says "C
 * stack overflow" or "not enough memory" before the app's stack is at its end.
 */
#include <ctx/c.h>
#include <ctx/slot.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uintptr_t highest, lowest;

/* probe(): how deep are we? */
static int probe(lua_State *lua)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    (void)lua;
    lowest = here < lowest ? here : lowest;
    return 0;
}

static const struct {
    const char *script, *answer; /* a part of what it returns, or of its error */
} tests[] = {
    {"return _VERSION, 6*7, 7//2, 7/2, 2^10, 10%3", "Lua 5.4 42 3 3.5 1024.0 1"},
    {"return string.format('%5.2f %d %q %x %s', math.pi, 42, 'a', 255, nil)",
     " 3.14 42 \"a\" ff nil"},
    {"return 0.1, 1e100, 1/0, math.maxinteger, math.mininteger, 2^53",
     "0.1 1e+100 inf 9223372036854775807"},
    {"return utf8.char(8364), #'\u20ac', utf8.len('\u20ac'), ('abc'):upper()", "\u20ac 3 1 ABC"},
    {"local t={5,3,1} table.sort(t) return table.concat(t, ','), #t, select('#', 1, 2)",
     "1,3,5 3 2"},
    {"local s=0 for k, v in pairs{a=1, b=2, 3} do s=s+v end return s", "6"},
    {"return string.gsub('hello world', '(%w+)', '<%1>')", "<hello> <world> 2"},
    {"local c=coroutine.wrap(function() for i=1,3 do coroutine.yield(i) end end) return c()+c()+c()",
     "6"},
    {"return math.floor(2.7), math.sqrt(2), math.fmod(7,3), math.type(1), math.type(1.0)",
     "2 1.4142135623731 1 integer float"},
    {"return tonumber('0x10'), tonumber('1e1'), tonumber('z', 36), tonumber('x')",
     "16 10.0 35 nil"},
    {"return io, os, package, debug, require", "nil nil nil nil nil"},
    {"return pcall(dofile, 'x')", "cannot open x"},
    {"error({})", "table:"},
    {"local x = nil + 1", "arithmetic on a nil value"},
    {"x = = 1", "unexpected symbol"},
    {"local function f(s) probe() return (s:gsub('.', f)) end f('x')", "stack overflow"},
    {"local m={} m.__tostring=function() probe() return string.format('%s', setmetatable({},m)) end "
     "return tostring(setmetatable({},m))",
     "stack overflow"},
    {"local function f() probe() return pcall(f) end f() return 'back'", "back"},
    {"local function f() probe() table.sort({1,2}, function(a,b) f() return a<b end) end f()",
     "stack overflow"},
    {"local function f() probe() coroutine.wrap(f)() end f()", "stack overflow"},
    {"local function f() probe() load(f) end f() return 'back'", "back"},
    {"local function h(e) probe() return ('x'):gsub('.', h) end xpcall(error, h) return 'back'",
     "back"},
    {"return load(string.rep('(', 1000))", "stack overflow"},
    {"return load('x=' .. string.rep('{', 1000))", "stack overflow"},
    {"return string.find(string.rep('a',5000), string.rep('a?',4000)..'b')", "too complex"},
    {"local function f() return f() + 1 end f()", "stack overflow"},
    {"return string.rep('x', 1 << 30)", "not enough memory"},
    {"local s='x' while true do s=s..s end", "not enough memory"},
    {"local t={} for i=1,20000 do t={t} end t=nil collectgarbage() return 'back'", "back"},
};

static void run(lua_State *lua, const char *script, const char *answer)
{
    lua_settop(lua, 0);
    luaL_dostring(lua, script);
    int results = lua_gettop(lua);
    luaL_Buffer all;
    luaL_buffinit(lua, &all);
    for (int i = 1; i <= results; i++) {
        luaL_tolstring(lua, i, NULL);
        luaL_addvalue(&all);
        luaL_addchar(&all, ' ');
    }
    luaL_pushresult(&all);
    const char *text = lua_tostring(lua, -1);
    if (strstr(text, answer) == NULL) {
        printf("T lua FAIL %.60s: %.100s\n", script, text);
    }
}

int32_t ctx_start(struct ctx *ctx)
{
    static lua_State *lua;
    static size_t next;
    if (lua == NULL) {
        lua = luaL_newstate();
        luaL_openlibs(lua);
        lua_register(lua, "probe", probe);
    }
    (void)ctx;
    highest = lowest = (uintptr_t)__builtin_frame_address(0);
    run(lua, tests[next].script, tests[next].answer);
    static size_t deepest;
    deepest = highest - lowest > deepest ? highest - lowest : deepest;
    if (++next == sizeof tests / sizeof tests[0]) {
        lua_close(lua);
        /* What stays is for the app itself, and for what its C functions do that a script calls. */
        printf("deepest %zu of %u bytes\n", deepest, CTX_STACK_DEFAULT);
        printf("T lua %s\n", deepest + 48 * 1024 < CTX_STACK_DEFAULT ? "ok" : "FAIL: stack");
        exit(0);
    }
    return 0;
}
