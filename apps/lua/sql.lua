-- SPDX-License-Identifier: MIT
-- sql - what a script calls, over the functions of sql_module.c, which are this text's argument:
-- statements that are kept and statements that are done once, and several changes that are one.
local raw = ...
local sql = { blob = raw.blob, sync = raw.sync, stop = raw.stop }
local methods = {}

-- q:rows(...): for row in q:rows(1, "two") do ... end. What fails there is an error.
function methods.rows(q, ...)
  assert(raw.begin(q, ...))
  return function()
    local row, why = raw.next(q)
    if not row and why then
      error(why, 2)
    end
    return row
  end
end

-- q:first(...): a row; nil: there is none; nil and why.
function methods.first(q, ...)
  local good, why = raw.begin(q, ...)
  if not good then
    return nil, why
  end
  return raw.next(q)
end

-- q:run(...): how many rows it changed, and the rowid that was inserted last; nil and why.
function methods.run(q, ...)
  local good, why = raw.begin(q, ...)
  while good do
    good, why = raw.next(q)
  end
  if why then
    return nil, why
  end
  return raw.changed(q)
end

methods.columns = raw.columns
methods.close = raw.close
raw.methods(methods)

-- sql.prepare(text): a statement, to be done again and again; nil and why.
sql.prepare = raw.prepare

-- sql.run(text): all statements of a text. sql.run(text, ...): one, with parameters.
function sql.run(text, ...)
  if select("#", ...) == 0 then
    return raw.run(text)
  end
  local q <close>, why = raw.prepare(text)
  if not q then
    return nil, why
  end
  return q:run(...)
end

function sql.first(text, ...)
  local q <close>, why = raw.prepare(text)
  if not q then
    return nil, why
  end
  return q:first(...)
end

-- for row in sql.rows(text, ...) do ... end: the statement is closed with the loop, however it ends.
function sql.rows(text, ...)
  local q = assert(raw.prepare(text))
  local good, why = raw.begin(q, ...)
  if not good then
    q:close()
    error(why, 2)
  end
  return function()
    local row, wrong = raw.next(q)
    if not row and wrong then
      error(wrong, 2)
    end
    return row
  end, nil, nil, q
end

local function finish(results)
  local failed = not results[1] or (results[2] == nil and results[3] ~= nil)
  local good, why
  if not failed then
    good, why = raw.run("COMMIT")
  end
  if not good then
    raw.run("ROLLBACK") -- SQLite may have done so already
  end
  return failed or good, why
end

-- sql.together(f, ...): what f changes is one change, which is not there at all if f fails, or returns nil and why. Its results, or
-- true; other coroutines wait until it is over.
function sql.together(f, ...)
  local good, why = raw.hold()
  if not good then
    return nil, why
  end
  good, why = raw.run("BEGIN IMMEDIATE")
  if not good then
    raw.release()
    return nil, why
  end
  raw.stay()
  local results = table.pack(pcall(f, ...))
  if results[1] and results.n == 1 then
    results[2] = true
  end
  good, why = finish(results)
  raw.release()
  if not results[1] then
    error(results[2], 0)
  elseif not good then
    return nil, why
  end
  return table.unpack(results, 2, math.max(results.n, 2))
end

return sql
