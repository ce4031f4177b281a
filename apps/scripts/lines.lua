-- SPDX-License-Identifier: MIT
-- Ribbons of lines that bounce about, and the time. With a number of seconds as the first word they come when nothing
-- has happened for so long, over the whole screen, and go with the next event.
local idle = tonumber((...))
local RATE, RIBBONS, LENGTH = 1 / 30, 3, 64
local NIGHT, SOFT = 0x0a0d1a, 0x8690ac

local function colour(hue, light)
  local function part(shift)
    local v = 0.5 + 0.5 * math.cos((hue + shift) * 2 * math.pi)
    return math.floor((40 + 215 * v) * light)
  end
  -- fading into the night, not into black
  local r, g, b = part(0), part(1 / 3), part(2 / 3)
  return math.max(r, 0x0a) << 16 | math.max(g, 0x0d) << 8 | math.max(b, 0x1a)
end

-- In one half of the width: so a ribbon begins long.
local function point(w, h, half)
  local angle, speed = ctx.random() * 2 * math.pi, 3 + 3 * ctx.random()
  return { x = (half + ctx.random()) * w / 2, y = ctx.random(h) - 1, dx = speed * math.cos(angle), dy = speed * math.sin(angle) }
end

local function move(p, w, h)
  p.x, p.y = p.x + p.dx, p.y + p.dy
  if p.x < 0 or p.x >= w then p.dx = -p.dx; p.x = math.max(0, math.min(p.x, w - 1)) end
  if p.y < 0 or p.y >= h then p.dy = -p.dy; p.y = math.max(0, math.min(p.y, h - 1)) end
end

local function clock()
  local wall = ctx.wall()
  local s = math.floor(wall or ctx.time())
  return string.format("%02d:%02d:%02d", s // 3600 % 24, s // 60 % 60, s % 60) .. (wall and " UTC" or "")
end

local function sleep(seconds)
  ctx.wake_at(ctx.time() + seconds)
  coroutine.yield()
  return #ctx.events() > 0
end

-- Until something happens, if it is there only while nothing does.
local function show(w, h)
  local surface, ribbons = ctx.surface(w, h), {}
  for i = 1, RIBBONS do
    ribbons[i] = { a = point(w, h, 0), b = point(w, h, 1), hue = (i - 1) / RIBBONS + ctx.random() / 6, trail = {} }
  end
  repeat
    surface:fill(NIGHT)
    for _, r in ipairs(ribbons) do
      move(r.a, w, h); move(r.b, w, h)
      r.hue = r.hue + 0.0012
      table.insert(r.trail, { r.a.x, r.a.y, r.b.x, r.b.y })
      if #r.trail > LENGTH then table.remove(r.trail, 1) end
      for i, l in ipairs(r.trail) do
        surface:line(l[1], l[2], l[3], l[4], colour(r.hue - (#r.trail - i) * 0.004, (i / #r.trail) ^ 1.6))
      end
    end
    local text = clock()
    surface:text(w - 9 * #text - 18, h - 34, text, SOFT)
    surface:show()
  until sleep(RATE) and idle
  surface:destroy()
end

ctx.events()
if not idle then
  local w, h = ctx.screen()
  show(math.max(w * 5 // 8, 320), math.max(h * 5 // 8, 200))
end
local since = ctx.time()
while true do
  if sleep(1) then since = ctx.time() end
  if ctx.time() - since >= idle then
    show(ctx.screen())
    since = ctx.time()
  end
end
