-- SPDX-License-Identifier: MIT
-- Every function of the module, and what it says to wrong arguments; lua.py reads what is logged.
local failed = 0

local function check(right, what)
  if not right then
    failed = failed + 1
    ctx.log("T " .. what .. " FAIL", "error")
  end
end

-- f(...) must raise an error with these words, at this argument.
local function refuses(words, f, ...)
  local fine, message = pcall(f, ...)
  check(not fine and tostring(message):find(words, 1, true), ("wanted %q, got %s"):format(words, tostring(message)))
end

local function own()
  for _, a in ipairs(ctx.apps()) do
    if a.name == "script_module" then return a end
  end
end

local huge, nan = math.huge, 0 / 0

-- log
for level, name in ipairs({ "error", "warn", "info", "debug" }) do
  ctx.log("by name " .. name, name)
  ctx.log("by number " .. level, level)
end
ctx.log(42)
ctx.log(nil)
ctx.log("two\nlines")
refuses("value expected", ctx.log)
refuses("invalid option 'loud'", ctx.log, "x", "loud")
refuses("5 is not from 1 to 4", ctx.log, "x", 5)
refuses("0 is not from 1 to 4", ctx.log, "x", 0)
refuses("#2 to", ctx.log, "x", {})

-- time, wall, wake_at
local t = ctx.time()
check(math.type(t) == "float" and t >= 0 and ctx.time() >= t, "time")
check(ctx.wall() > 1.7e9, "wall")
refuses("a time is 0 or later", ctx.wake_at, -1)
refuses("a time is 0 or later", ctx.wake_at, nan)
refuses("number expected", ctx.wake_at, "soon")
refuses("number expected", ctx.wake_at)
ctx.wake_at(huge)
ctx.wake_at(t + 0.25)
coroutine.yield()
check(ctx.time() >= t + 0.25, "woken too early")

-- random
local seen, sum = {}, 0
for _ = 1, 2000 do
  local f = ctx.random()
  check(f >= 0 and f < 1, "random()")
  sum = sum + f
  seen[ctx.random(6)] = true
  seen[ctx.random(-3, -1)] = true
end
check(sum > 850 and sum < 1150, "random() is lopsided: " .. sum)
for i = -10, 10 do
  check(seen[i] == (i >= -3 and i <= -1 or i >= 1 and i <= 6 or nil), "random gave, or did not give, " .. i)
end
check(ctx.random(7, 7) == 7, "random(7, 7)")
check(math.type(ctx.random(math.mininteger, math.maxinteger)) == "integer", "the widest interval")
check(ctx.random(0) ~= ctx.random(0), "random(0)")
refuses("interval is empty", ctx.random, -1)
refuses("interval is empty", ctx.random, 2, 1)
refuses("no integer representation", ctx.random, 1.5)
refuses("wrong number of arguments", ctx.random, 1, 2, 3)

-- apps, screen
local me = own()
check(me and me.state == "ready" and me.calls > 0 and me.memory > 0 and me.faults == 0 and me.pid >= 0, "apps")
local w, h = ctx.screen()
check(w == 1280 and h == 800, "screen")

-- surface
for _, wrong in ipairs({ 0, -1, 8193, huge, -huge, nan, 1e300, math.mininteger }) do
  refuses("is not from 1 to 8192", ctx.surface, wrong, 10)
  refuses("is not from 1 to 8192", ctx.surface, 10, wrong)
end
refuses("number expected, got nil", ctx.surface, 10, nil)
local s = ctx.surface(40, 30)
local sw, sh = s:size()
check(sw == 40 and sh == 30 and s:pixel(0, 0) == 0, "size, black")
s:pixel(39, 29, 0x123456)
check(s:pixel(39, 29) == 0x123456, "pixel")
for _, wrong in ipairs({ -1, 40, huge, nan, 2 ^ 63, -2 ^ 31 }) do
  refuses("is not from 0 to 39", s.pixel, s, wrong, 0)
  refuses("is not from 0 to 39", s.pixel, s, wrong, 0, 0xffffff)
end
refuses("is not from 0 to 29", s.pixel, s, 0, 30)
refuses("is not from 0 to 29", s.pixel, s, 0, -0.5, 1)
refuses("a colour is 0 to 0xffffff", s.pixel, s, 0, 0, 0x1000000)
refuses("a colour is 0 to 0xffffff", s.fill, s, -1)
refuses("number expected", s.pixel, s, "a", 0)

local function count(colour)
  local n = 0
  for y = 0, sh - 1 do
    for x = 0, sw - 1 do
      n = n + (s:pixel(x, y) == colour and 1 or 0)
    end
  end
  return n
end

s:fill(0xff8000)
check(count(0xff8000) == 1200, "fill")
s:fill(0x00ff00, 38, 28, 100, 100)
s:fill(0x0000ff, -5, -5, 7, 8)
s:fill(0xffffff, 100, 100, 5, 5)
s:fill(0xffffff, 5, 5, 0, 5)
check(count(0x00ff00) == 4 and count(0x0000ff) == 6 and count(0xff8000) == 1190, "fill cuts off")
refuses("number expected", s.fill, s, 0, 1)
refuses("is not from 0 to", s.fill, s, 0, 1, 1, -1, 1)
refuses("is not from -100000 to", s.fill, s, 0, 1e9, 1, 1, 1)

s:fill(0)
s:line(0, 3, 39, 3, 0xff0000)
check(count(0xff0000) == 40 and count(0) == 1160, "a level line")
s:line(7, -1000, 7, 90000, 0x00ff00)
check(count(0x00ff00) == 30 and s:pixel(7, 29) == 0x00ff00, "an upright line beyond the edges")
s:line(29, 29, 0, 0, 0x0000ff)
check(s:pixel(0, 0) == 0x0000ff and s:pixel(12, 12) == 0x0000ff and s:pixel(29, 29) == 0x0000ff, "a slanting line")
s:line(-100, -100, -50, 90, 0xffffff)
s:line(100000, 100000, -100000, 100000, 0xffffff)
s:line(50, 0, 90, 99999, 0xffffff)
check(count(0xffffff) == 0, "lines outside")
s:line(20, 10, 20, 10, 0xffffff)
check(s:pixel(20, 10) == 0xffffff and count(0xffffff) == 1, "a line of one pixel")
s:fill(0)
s:line(0, 3.5, 39, 3.5, 0xffffff)
check(s:pixel(9, 3) == s:pixel(9, 4) and s:pixel(9, 3) > 0x707070 and s:pixel(9, 3) < 0x909090, "a line between two rows")
for _, wrong in ipairs({ huge, -huge, nan, 100001 }) do
  refuses("too far away", s.line, s, wrong, 0, 1, 1, 0)
  refuses("too far away", s.line, s, 0, 0, 1, wrong, 0)
end

s:fill(0)
check(s:text(2, 5, "Hi", 0xffffff) == 20, "text tells where it ends")
check(count(0) < 1195 and count(0) > 1000, "text")
s:fill(0)
check(s:text(2, 50, "Hi", 0xffffff) == 20 and s:text(-500, 5, "é€😀", 0xffffff) == -473 and count(0) == 1200, "text outside")
s:text(-4, -9, "MMMMMMMM", 0xffffff)
s:text(36, 20, "MMMMMMMM", 0xffffff)
check(count(0) < 1190, "text cuts off")
check(s:text(0, 0, "\xff\xc3\xe2\x82\x80\xf0\x9f\0\n", 0xffffff) == 6 * 9, "text that is no UTF-8")
refuses("string expected", s.text, s, 0, 0, nil, 0)
refuses("is not from -100000", s.text, s, nan, 0, "x", 0)

s:show()
check(not pcall(s.show, 5) and not pcall(s.show, {}) and not pcall(s.destroy) and getmetatable(s) == false, "not a surface")
s:destroy()
s:destroy()
refuses("the surface has been destroyed", s.show, s)
refuses("the surface has been destroyed", s.pixel, s, 0, 0)

-- Sixty-four at a time; those that nobody knows make room, and all the memory comes back.
local kept = {}
for i = 1, 64 do kept[i] = ctx.surface(16, 16) end
refuses("NOSPC", ctx.surface, 16, 16)
for i = 1, 64 do kept[i]:destroy() end
kept = nil
collectgarbage()
local before = own().memory
local big = ctx.surface(1024, 1024)
check(own().memory >= before + (4 << 20), "a surface counts as memory")
big = nil
for _ = 1, 100 do ctx.surface(256, 256):show() end
collectgarbage()
check(own().memory <= before + 65536, ("memory: %d before, %d after"):format(before, own().memory))

-- Events: keys are typed until Escape comes. None is there twice.
check(#ctx.events() == 0, "events before there were any")
ctx.log("T type now")
local keys, moved, text = {}, nil, ""
repeat
  coroutine.yield()
  for _, e in ipairs(ctx.events()) do
    if e.kind == "key" then table.insert(keys, e.code .. "/" .. e.value) end
    if e.kind == "text" then text = text .. e.text end
    if e.kind == "pointer" then moved = e.x .. "," .. e.y end
    if e.kind == "wheel" then table.insert(keys, "wheel " .. e.y) end
  end
until keys[#keys] == "1/0"
ctx.log("T keys " .. table.concat(keys, " "))
ctx.log("T text " .. text .. " pointer " .. tostring(moved))

-- More than are kept: the oldest are gone, and the first one says so.
ctx.log("T type more")
ctx.wake_at(ctx.time() + 4)
coroutine.yield()
local many = ctx.events()
check(#many == 64 and many[1].lost and not many[2].lost, "lost events: " .. #many)

ctx.log("T arguments " .. table.concat({ ... }, "+"))
LEFT = ctx.surface(8, 8) -- for __gc at the end
ctx.log("T module " .. (failed == 0 and "ok" or failed .. " FAIL"))
