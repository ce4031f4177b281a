-- SPDX-License-Identifier: MIT
-- For lua.py and qemu.net: what is said to it after its name, over net and http.
local words = { ... }

local function say(...)
  local parts = {}
  for i = 1, select("#", ...) do
    parts[i] = tostring((select(i, ...)))
  end
  ctx.log(table.concat(parts, " "))
end

local function sum(text)
  local s = 0
  for i = 1, #text do
    s = (s * 31 + text:byte(i)) & 0xffffffff
  end
  return s
end

local does = {}

-- With itself: a server and its clients are coroutines, side by side.
function does.alone()
  local listener, why = net.listen(7000)
  say("listens", listener, why)
  local done, text = 0, ("0123456789abcdef\r\n"):rep(20000)
  local function serve(s, from)
    assert(from == "127.0.0.1", from)
    while true do
      local line = s:receive("l")
      if not line or not s:send(line .. "\r\n") then
        break
      end
    end
    s:close()
    done = done + 1
  end
  local all = { coroutine.create(function()
    for _ = 1, 3 do
      local s, from = assert(listener:accept())
      local one = coroutine.create(serve)
      assert(coroutine.resume(one, s, from))
      ALL[#ALL + 1] = one
    end
  end) }
  ALL = all
  for i = 1, 3 do
    all[#all + 1] = coroutine.create(function()
      local s <close> = assert(net.connect("localhost", 7000, 5))
      local sender = coroutine.create(function() assert(s:send("one\r\ntwo\n")) end)
      assert(coroutine.resume(sender))
      assert(s:receive("l") == "one" and s:receive("l") == "two")
      assert(select(2, s:peer()) == 7000)
      s:timeout(0.2)
      local nothing, late = s:receive(5)
      assert(nothing == nil and late == "timed out", late)
      s:timeout(20)
      if i == 1 then
        assert(s:send(text:sub(1, 18 * 1000)))
        local got = 0
        while got < 18 * 1000 do
          got = got + #assert(s:receive())
        end
      end
    end)
  end
  local deadline = ctx.time() + 60
  repeat
    for _, one in ipairs(all) do
      if coroutine.status(one) == "suspended" then
        assert(coroutine.resume(one))
      end
    end
    coroutine.yield()
  until done == 3 or ctx.time() > deadline
  say("served", done)
  -- Nobody reads for a while: how much went is said, and the rest follows.
  local big = ("0123456789abcde\n"):rep(1 << 16)
  local one = assert(net.connect("localhost", 7000, 5))
  local other = assert(listener:accept())
  one:timeout(0.3)
  local sent, late, count = one:send(big)
  local sender = coroutine.create(function()
    one:timeout(20)
    assert(one:send(big:sub(count + 1)))
    one:close()
  end)
  assert(coroutine.resume(sender))
  local parts = {}
  for part in function() return other:receive(65536) end do
    parts[#parts + 1] = part
    if coroutine.status(sender) == "suspended" then
      assert(coroutine.resume(sender))
    end
  end
  say("late", sent, late, count > 0 and count < #big, table.concat(parts) == big)
  listener:close()
  say("closed", listener, select(2, listener:accept()))
  say("nobody", select(2, net.connect("127.0.0.1", 7001)))
  say("resolve", net.resolve("localhost"), net.resolve("::1"))
  say("wrong", pcall(net.connect, "localhost", 70000))
  say("wrong", pcall(net.connect, "localhost", 80, -1))
  say("url", select(2, http.url("ftp://a/")), select(2, http.url("http://a b/")), select(2, http.url("http://a:0/")))
  local u = http.url("HTTPS://[::1]:8443?x#y")
  say("url", u.scheme, u.host, u.port, u.target)
  say("header", select(2, http.get("http://127.0.0.1:7001/", { headers = { ["a b"] = 1 } })))
end

function does.echo(host, port, size)
  local s = assert(net.connect(host, tonumber(port)))
  local parts = {}
  for i = 1, tonumber(size) // 8 do
    parts[i] = ("%08x"):format(i * 2654435761 & 0xffffffff)
  end
  local text, got = table.concat(parts), {}
  local sender = coroutine.create(function() assert(s:send(text)) end)
  local len = 0
  assert(coroutine.resume(sender))
  while len < #text do
    local part = assert(s:receive(65536))
    got[#got + 1], len = part, len + #part
    if coroutine.status(sender) == "suspended" then
      assert(coroutine.resume(sender))
    end
  end
  s:close()
  say("echo", len, sum(table.concat(got)) == sum(text) and "ok" or "differs")
end

-- Both at once, until each has ended.
local function together(...)
  local all = { ... }
  for i, f in ipairs(all) do
    all[i] = coroutine.create(f)
  end
  local alive = true
  while alive do
    alive = false
    for _, c in ipairs(all) do
      if coroutine.status(c) == "suspended" then
        assert(coroutine.resume(c))
        alive = true
      end
    end
    coroutine.yield()
  end
end

-- Packets, with itself.
function does.packets()
  local hearer, teller = assert(net.udp(7001)), assert(net.udp())
  together(function()
    for _ = 1, 3 do
      local text, host, port = assert(hearer:receive_from())
      assert(hearer:send_to(text:reverse(), host, port))
    end
  end, function()
    assert(teller:send_to("abc", "localhost", 7001))
    say("packet", teller:receive_from())
    assert(teller:send_to("", "127.0.0.1", 7001))
    say("empty", #teller:receive_from())
    assert(teller:send_to(("x"):rep(20000), "::1", 7001))
    local text, host, port = teller:receive_from()
    say("large", #text, host, port)
  end)
  teller:timeout(0.1)
  say("late", teller:receive_from())
  say("too large", pcall(teller.send_to, teller, ("x"):rep(65508), "localhost", 7001))
  say("no port", pcall(teller.send_to, teller, "x", "localhost", 0))
  say("stream", teller:send("x"))
  say("other", net.listen(7005):receive_from())
  say("taken", net.udp(7001))
  say("nobody", teller:send_to("x", "no.such.name.invalid", 7001))
  say("group", teller:join("239.1.1.1"))
  say("no group", teller:join("10.0.0.1"))
  say("no address", teller:leave("nonsense"))
  teller:close()
  say("closed", teller:send_to("x", "localhost", 7001))
  hearer:close()
end

-- Groups need a card.
function does.group(group)
  local hearer, teller = assert(net.udp(7001)), assert(net.udp())
  assert(hearer:join(group))
  say("again", hearer:join(group))
  assert(teller:send_to("hello", group, 7001))
  local text = hearer:receive_from()
  assert(hearer:leave(group))
  assert(teller:send_to("unheard", group, 7001))
  hearer:timeout(0.2)
  say("group", text, hearer:receive_from())
end

-- A server with TLS, and its clients: one that knows the root, one that does not, one without TLS.
function does.secure(cert, key, root)
  local listener = assert(net.listen(7443, cert, key))
  say("no key", net.listen(7444, cert, root))
  say("no file", net.listen(7444, "/lent/none", key))
  together(function()
    local first = assert(listener:accept())
    assert(first:tls())
    assert(first:send(assert(first:receive("l")):reverse() .. "\n"))
    local second = assert(listener:accept())
    say("second", second:tls())
    local third = assert(listener:accept())
    say("third", third:tls())
    local fourth = assert(listener:accept())
    assert(fourth:send("plain\n"))
  end, function()
    local s = assert(net.connect("localhost", 7443))
    assert(s:tls("localhost", root))
    assert(s:send("hello\n"))
    say("first", s:receive("l"))
    s = assert(net.connect("localhost", 7443))
    say("unknown", s:tls("other.example", root))
    s:close()
    s = assert(net.connect("localhost", 7443))
    assert(s:send("GET / HTTP/1.0\r\n\r\n"))
    s:timeout(3)
    s:receive("a")
    s:close()
    s = assert(net.connect("localhost", 7443))
    say("fourth", s:receive("l"))
  end)
  listener:close()
end

function does.get(url, roots)
  local answer, why = http.get(url, { roots = roots ~= "" and roots or nil, timeout = 10, most = 1 << 20, headers = { Authorization = "secret" } })
  say("get", answer and answer.status or why, answer and #answer.body or "", answer and sum(answer.body) or "", answer and answer.url or "")
end

function does.post(url, body)
  local answer, why = http.post(url, body, { timeout = 10 })
  say("post", answer and answer.status or why, answer and answer.body or "")
end

-- A file in memory, such as roots of TLS.
function does.file(path, hex)
  local f = assert(io.open(path, "w"))
  f:write((hex:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end)))
  f:close()
end

local at = 1
local counts = { alone = 0, packets = 0, group = 1, secure = 3, echo = 3, file = 2, get = 2, post = 2 }
while words[at] do
  local what = words[at]
  does[what](table.unpack(words, at + 1, at + counts[what]))
  at = at + 1 + counts[what]
end
say("done")
