-- SPDX-License-Identifier: MIT
-- For lua.py and qemu.storage: sql, by the word that is said to it after its name.
local what, count = ...

local function say(...)
  local parts = {}
  for i = 1, select("#", ...) do
    parts[i] = tostring((select(i, ...)))
  end
  ctx.log(table.concat(parts, " "))
end

-- All of them, side by side, until each has ended: what failed in one fails here.
local function together(...)
  local all = { ... }
  for i, f in ipairs(all) do
    all[i] = coroutine.create(f)
  end
  repeat
    local any = false
    for _, one in ipairs(all) do
      if coroutine.status(one) == "suspended" then
        assert(coroutine.resume(one))
        any = true
      end
    end
    coroutine.yield()
  until not any
end

local does = {}

-- Every kind of value goes in and comes out as it was; names, parameters, what is wrong.
function does.values()
  assert(sql.run("DROP TABLE IF EXISTS v; CREATE TABLE v(a, b, c, d, e, f)"))
  local long, text = ("\0\255x"):rep(50000), ("ä"):rep(20000)
  say("run", sql.run("INSERT INTO v VALUES(?, ?, ?, ?, ?, ?)", nil, math.mininteger, 0.1, "a\0b", sql.blob("\0\255"), true))
  say("run", sql.run("INSERT INTO v VALUES(1, ?, CAST(? AS TEXT), ?, NULL, NULL)", sql.blob(long), sql.blob(text), text))
  local row = assert(sql.first("SELECT * FROM v WHERE a IS NULL"))
  say("row", row.a, row.b == math.mininteger and math.type(row[2]), row.c, #row.d, #row.e, row[6], row.f)
  row = assert(sql.first("SELECT typeof(d), typeof(e), b, c, d FROM v, (SELECT 1) WHERE a = 1"))
  say("long", row[1], row[2], row.b == long, row.c == text, row.d == text)
  say("none", sql.first("SELECT a FROM v WHERE a = 7"))
  say("empty", #sql.first("SELECT '' AS a, x'' AS b").a)
  say("twice", sql.run("CREATE TABLE u(i UNIQUE); INSERT INTO u VALUES(1), (1)"))
  say("wrong", sql.run("SELEC 1"))
  say("nothing", sql.prepare("-- a remark"))
  say("many", pcall(sql.first, "SELECT ?", 1, 2))
  say("kind", pcall(sql.first, "SELECT ?", {}))
  say("large", sql.first("SELECT ?", ("x"):rep(61440)))
  say("largest", pcall(sql.blob, nil), pcall(sql.first, "SELECT ?", sql.blob(("x"):rep(262145))))
  say("nul", pcall(sql.run, "SELECT 1\0"))
  say("refused", sql.run("ATTACH 'x' AS y"))
  say("rows", pcall(function() for _ in sql.rows("SELECT abs(-9223372036854775808)") do end end))
end

-- A statement again and again, and what is forgotten is closed.
function does.statements()
  assert(sql.run("CREATE TABLE IF NOT EXISTS n(i INTEGER PRIMARY KEY, half REAL); DELETE FROM n"))
  local put <close> = assert(sql.prepare("INSERT INTO n(half) VALUES(?)"))
  assert(sql.together(function()
    for i = 1, 1000 do
      local changed, id = assert(put:run(i / 2))
      assert(changed == 1 and id == i)
    end
  end))
  local some <close> = assert(sql.prepare("SELECT i, half AS h FROM n WHERE i > ? AND i <= ?"))
  say("columns", table.concat(some:columns(), " "), some, some:first(999, 5000).h, some:first(5000, 1))
  local sum, rows = 0, 0
  for row in some:rows(100, 1000) do
    sum, rows = sum + row.h, rows + 1
  end
  say("sum", rows, sum)
  for _ = 1, 100 do
    for row in sql.rows("SELECT i FROM n ORDER BY i") do
      if row.i == 3 then
        break
      end
    end
  end
  local all = {}
  for i = 1, 100 do
    all[1 + i % 20] = assert(sql.prepare("SELECT " .. i)) -- those before it are nobody's any more
    assert(all[1 + i % 20]:first()[1] == i)
  end
  say("dropped", sql.run("DROP TABLE n"))
  put:close()
  say("closed", put, pcall(put.run, put, 1))
  say("synced", sql.sync())
end

-- Several at once: nothing of one is in another's.
function does.side()
  assert(sql.run("DROP TABLE IF EXISTS s; CREATE TABLE s(who, n)"))
  local going, seen = true, 0
  local function writer(who)
    return function()
      for n = 1, 20 do
        local good, why = sql.together(function()
          assert(sql.run("INSERT INTO s VALUES(?, ?)", who, n))
          coroutine.yield()
          if n % 5 == 0 then
            return nil, "not this one"
          elseif n % 7 == 0 then
            error("nor this")
          end
          assert(sql.run("INSERT INTO s VALUES(?, ?)", who, -n))
          return true
        end)
        assert(good or why == "not this one")
      end
    end
  end
  local function patient(f)
    return function()
      for _ = 1, 2 do
        f(pcall(sql.together, function() error("on purpose") end))
      end
    end
  end
  local function guarded(who)
    local f = writer(who)
    return function()
      local ok, why = pcall(f)
      assert(not ok and why:find("nor this"), why)
    end
  end
  together(guarded("a"), guarded("b"), patient(function(ok, why) assert(not ok and why:find("on purpose")) end), function()
    for _ = 1, 10 do
      local row = assert(sql.first("SELECT count(*) AS n, coalesce(sum(n), 0) AS sum FROM s"))
      assert(row.sum == 0 and row.n % 4 ~= 1 and row.n % 2 == 0, "half of a change was seen")
      seen = seen + 1
      coroutine.yield()
    end
  end)
  say("side", sql.first("SELECT count(*) FROM s")[1], seen)
  -- One that nobody resumes: its change is undone, and others go on.
  local left = coroutine.create(function()
    sql.together(function()
      assert(sql.run("INSERT INTO s VALUES('left', 1)"))
      while true do
        coroutine.yield("in it")
      end
    end)
  end)
  repeat
    local _, where = assert(coroutine.resume(left))
    coroutine.yield()
  until where == "in it"
  going = coroutine.wrap(function() return sql.first("SELECT count(*) FROM s") end)
  say("waits", going())
  say("closed", coroutine.close(left))
  say("goes on", sql.first("SELECT count(*) FROM s WHERE who = 'left'")[1])
  say("nested", sql.together(function() return sql.together(print) end))
  say("inside", sql.together(function() return coroutine.wrap(function() return sql.first("SELECT 5")[1] end)() end))
  -- One that takes for ever is stopped by another.
  together(function()
    say("endless", sql.run("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c"))
  end, function()
    local til = ctx.time() + 0.3
    while ctx.time() < til do
      coroutine.yield()
    end
    assert(sql.stop())
  end)
end

-- Lines that are there or not: a number is said when it lasts.
function does.ledger()
  assert(sql.run("CREATE TABLE IF NOT EXISTS ledger(n, half)"))
  local from = sql.first("SELECT coalesce(max(n) + 1, 0) FROM ledger")[1]
  for n = from, from + tonumber(count) - 1 do
    local good, why
    repeat
      good, why = sql.together(function()
        local there = assert(sql.first("SELECT count(*) FROM ledger WHERE n = ?", n))
        if there[1] == 0 then
          assert(sql.run("INSERT INTO ledger VALUES(?, 1), (?, 2)", n, n))
        end
        return true
      end)
      good = good and sql.sync()
      if not good then
        say("trouble", why)
        coroutine.yield()
      end
    until good
    say("synced", n)
  end
end

-- Two rows as one change, with time between them for storage to begin anew; whatever a function says, the next is tried.
function does.halves()
  local cut, n = 0, 0
  while n < tonumber(count) or n - cut < 3 do
    n = n + 1
    sql.run("CREATE TABLE IF NOT EXISTS halves(n, half)")
    sql.sync()
    local good = sql.together(function()
      local till = ctx.time() + 0.05
      sql.run("INSERT INTO halves VALUES(?, 1)", n)
      repeat
        coroutine.yield()
      until ctx.time() > till
      sql.run("INSERT INTO halves VALUES(?, 2)", n)
      return true
    end)
    cut = cut + (good and 0 or 1)
  end
  local till = ctx.time() + 1
  repeat
    coroutine.yield()
  until ctx.time() > till
  local good = sql.sync() or sql.sync() -- the first one tells, once, that storage began anew since the one before
  say("halves", cut > 0 and "some cut" or "none cut", good)
end

-- ... and each of these functions may fail, because storage began anew: what was not synced may be gone, the table too.
function does.stubborn()
  local n, troubles, put = 0, 0, nil
  local function try()
    local good, why = sql.run("CREATE TABLE IF NOT EXISTS ledger(n, half)")
    put = put or (good and sql.prepare("INSERT INTO ledger VALUES(?, 1)"))
    local row
    if put then
      row, why = sql.first("SELECT count(*) FROM ledger WHERE n = ?", n)
    end
    if row and row[1] == 0 then
      row, why = put:run(n)
    end
    if row then
      row, why = sql.sync()
    end
    return row, why
  end
  -- A fast machine is through before anybody has killed storage: then it goes on until somebody has. A row whose sync failed may be
  -- there all the same, so the script never ends with one.
  local good, why = true, nil
  while n < tonumber(count) or not good or (troubles == 0 and n < 100000) do
    good, why = try()
    if good then
      n = n + 1
    else
      troubles = troubles + 1
      if troubles < 20 then
        say("trouble", why)
      end
      coroutine.yield()
    end
  end
  say("all", n, "troubles", troubles > 0 and "some" or "none")
end

does[what]()
say("done")
