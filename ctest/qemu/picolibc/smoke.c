#include <ctx/c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
static lua_State *l; static int n; static char *top, *low;
static int probe(lua_State *s){ (void)s; char c; char *volatile p=&c; if(p<low) low=p; return 0; }
static const char *const t[]={
"local function f(s) probe() return (s:gsub('.', f)) end f('x')",
"local m={} local o=setmetatable({},m) m.__tostring=function(x) probe() return string.format('%s', setmetatable({},m)) end string.format('%s',o)",
"local function f() probe() return pcall(f) end f()",
"local function f() probe() table.sort({1,2,3},function(a,b) f() return a<b end) end f()",
"local function f() probe() coroutine.wrap(f)() end f()",
"local m={} m.__index=function(t,k) probe() return setmetatable({},m)[k] end local x=setmetatable({},m).y",
"local m={} m.__concat=function(a,b) probe() return setmetatable({},m)..'x' end local x=setmetatable({},m)..'y'",
"local m={} m.__lt=function(a,b) probe() return setmetatable({},m)<setmetatable({},m) end local x=setmetatable({},m)<setmetatable({},m)",
"local m={} m.__tostring=function(x) probe() return tostring(setmetatable({},m)) end print(setmetatable({},m))",
"load(string.rep('(',1000))",
"return load('x='..string.rep('{',1000)) or 1",
"local f=function() probe() return error(setmetatable({},{__tostring=f})) end local function h(e) probe() return error(e) end xpcall(f,h)",
"local function f() probe() load(f) end f()",
"local function f() probe() local x<close> =setmetatable({},{__close=f}) end f()",
"string.find(string.rep('a',5000), string.rep('a?',4000)..'b')",
"local function f() return f()+1 end f()",
"string.rep('x',1<<30)",
"local t={} for i=1,1e9 do t[i]=i end",
"local s='x' while true do s=s..s end",
"local t={} for i=1,200000 do t={t} end t=nil collectgarbage()",
"return select('#',table.unpack({},1,1e6))","return string.byte(string.rep('x',100000),1,-1)",
};
int32_t ctx_start(struct ctx *ctx)
{
  char here; (void)ctx; top=(char*)__builtin_frame_address(0); low=&here;
  if(!l){ l=luaL_newstate(); luaL_openlibs(l); lua_register(l,"probe",probe);}
  if((size_t)n<sizeof t/sizeof*t){ int i=n++; int r=luaL_dostring(l,t[i]); printf("%d stack %ld %.70s\n   -> %d %.100s\n", i,(long)(top-low), t[i], r, luaL_tolstring(l,-1,0)); lua_settop(l,0);}
  return 0;
}
