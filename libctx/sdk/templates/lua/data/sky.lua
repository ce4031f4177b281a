-- Stars that fall: a module, found by require because CMakeLists.txt says FILES data.
local sky = {}

function sky.new(w, h, count)
  local stars = {}
  for i = 1, count do
    stars[i] = { x = ctx.random(w) - 1, y = ctx.random(h) - 1, speed = ctx.random(3) }
  end
  return stars
end

function sky.fall(stars, h)
  for _, star in ipairs(stars) do
    star.y = (star.y + star.speed) % h
  end
end

return sky
