-- @NAME@ - an app in Lua: the script is the whole app, the OS is the table ctx. coroutine.yield() ends a call.
local sky = require "sky"

local W, H = 320, 200
local surface, stars = ctx.surface(W, H), sky.new(W, H, 60)
ctx.log(string.format("@NAME@ begins with %d stars", #stars))
while true do
  sky.fall(stars, H)
  surface:fill(0x101830)
  for _, star in ipairs(stars) do
    surface:pixel(star.x, star.y, 0xffffff)
  end
  surface:show()
  coroutine.yield() -- once more with the next frame
end
