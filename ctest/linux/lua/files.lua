-- io, os and require on a disk of files, from a script that is the whole app; and a coroutine that goes on meanwhile.
local how = ...
local ticks = 0
local ticker = coroutine.create(function()
  while true do
    ticks = ticks + 1
    coroutine.yield()
  end
end)

local function tick() assert(coroutine.resume(ticker)) end

tick()
local f = assert(io.open("/data/runs", "a"))
assert(f:write("x"))
assert(f:close())
for line in io.lines("/data/runs") do ctx.log("runs " .. #line) end
assert(not pcall(io.lines, "/data/none"), "a file that is not there")
ctx.log(select(2, io.open("/data/none")))

-- A module of the disk, and a chunk of it.
local m = assert(io.open("/data/module.lua", "w"))
assert(m:write("return {answer = 42}"))
m:close()
package.path = "/data/?.lua"
ctx.log("answer " .. require("module").answer .. " " .. dofile("/data/module.lua").answer)

-- Larger than what a stream holds, renamed, removed.
do
  local large <close> = assert(io.open("/data/large", "w"))
  for i = 1, 3000 do assert(large:write(string.format("%08d\n", i))) end
end
assert(os.rename("/data/large", "/data/moved"))
local n = 0
for line in io.lines("/data/moved") do n = n + tonumber(line) end
ctx.log("sum " .. n)
assert(os.remove("/data/moved"))
tick()

-- After ctx.wake_at it waits until then, although a disk was waited for in between.
local start = ctx.time()
ctx.wake_at(start + 0.2)
assert(io.open("/data/between", "w")):close()
coroutine.yield()
ctx.log("slept " .. tostring(ctx.time() - start >= 0.2))
if how == "exit" then
  io.open("/data/left", "a"):write("by exit ")
  os.exit(7)
elseif how == "error" then
  io.open("/data/left", "a"):write("by an error ")
  error("on purpose")
end
io.open("/data/left", "a"):write("at the end ")
