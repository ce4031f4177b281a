-- SPDX-License-Identifier: MIT
-- For isolation.py: pieces of work of an interpreter and its C library, one a call, each told in nanoseconds.
local function fib(n)
    if n < 2 then
        return n
    end
    return fib(n - 1) + fib(n - 2)
end

local words = {}
for i = 1, 500 do
    words[i] = "word" .. i * 7919 % 1000
end
local text = table.concat(words, " ")

local Point = {}
Point.__index = Point
function Point:move(x, y)
    self.x, self.y = self.x + x, self.y + y
    return self
end

local pieces = {
    { "fib", function() return fib(20) end },
    { "string.format", function()
        for i = 1, 1500 do
            local s = string.format("%d %5.2f %s %x", i, i / 3, "abc", i)
        end
    end },
    { "table.sort", function()
        local t, v = {}, 1
        for i = 1, 3000 do
            v = v * 1103515245 + 12345 & 0x7fffffff
            t[i] = v
        end
        table.sort(t)
    end },
    { "string.gsub", function()
        for i = 1, 10 do
            local s = text:gsub("%w+", string.upper)
        end
    end },
    { "concat", function()
        local t = {}
        for i = 1, 4000 do
            t[#t + 1] = "n" .. i
        end
        return #table.concat(t)
    end },
    { "floats", function()
        local sum = 0.0
        for i = 1, 60000 do
            sum = sum + (i % 7) * 0.5 - sum / 3
        end
        return sum
    end },
    { "methods", function()
        local p = setmetatable({ x = 0, y = 0 }, Point)
        for i = 1, 20000 do
            p:move(i, 1)
        end
    end },
    { "pcall", function()
        for i = 1, 2000 do
            pcall(error, i)
        end
    end },
}

local which = 0
while true do
    local name, run = table.unpack(pieces[which % #pieces + 1])
    which = which + 1
    collectgarbage()
    local before = ctx.time()
    run()
    ctx.log(string.format("T piece lua.%s %d", name, math.floor((ctx.time() - before) * 1e9)))
    coroutine.yield()
end
