-- SPDX-License-Identifier: MIT
-- Ends with an error in its second call.
coroutine.yield()
local function inner()
  return nil + 1
end
inner()
