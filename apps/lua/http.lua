-- SPDX-License-Identifier: MIT
-- HTTP/1.1 for scripts, over net: one request, one answer, one connection. README.md says what each
-- function takes. What a server says is believed only as far as it makes sense; what does not is nil
-- and a message that names it.
local http = { redirects = 5, most = 64 << 20 }

local HEAD_MOST <const> = 65536
local FIELDS_MOST <const> = 200
local EARLY_MOST <const> = 20 -- answers before the answer

-- scheme://host[:port][/target]: its parts; nil and why.
function http.url(text)
  local scheme, rest = text:match("^(%a[%w+.-]*)://(.*)$")
  scheme = scheme and scheme:lower()
  if scheme ~= "http" and scheme ~= "https" then
    return nil, text .. ": it begins neither with http:// nor with https://"
  end
  local place, target = rest:match("^([^/?#]*)([^#]*)")
  if text:find("[%c ]") or place:find("@", 1, true) then
    return nil, "a space, a control character or a password in a URL"
  end
  local host, port = place:match("^%[([%x:.]+)%](.*)$")
  if not host then
    host, port = place:match("^([^:]+)(.*)$")
  end
  local number = port == "" and (scheme == "https" and 443 or 80) or tonumber((port or ""):match("^:(%d+)$"))
  if not host or not number or number < 1 or number > 65535 then
    return nil, text .. ": its host or its port is none"
  end
  if target:sub(1, 1) ~= "/" then
    target = "/" .. target
  end
  return { scheme = scheme, host = host, port = math.tointeger(number), target = target, place = place }
end

-- Where a Location leads, seen from there.
local function follow(from, location)
  if location:find("^%a[%w+.-]*://") then
    return http.url(location)
  end
  local base = from.scheme .. "://"
  if location:sub(1, 2) == "//" then
    return http.url(from.scheme .. ":" .. location)
  end
  if location:sub(1, 1) == "/" then
    return http.url(base .. from.place .. location)
  end
  return http.url(base .. from.place .. from.target:match("^[^?]*/") .. location)
end

local function request_text(method, url, headers, body)
  local lines, has = { method .. " " .. url.target .. " HTTP/1.1" }, {}
  for name, value in pairs(headers) do
    value = tostring(value)
    if not name:find("^[%w!#$%%&'*+.^_`|~-]+$") or value:find("[\r\n\0]") then
      return nil, "a header's name or value has a character that it can not have: " .. name
    end
    has[name:lower()] = true
    lines[#lines + 1] = name .. ": " .. value
  end
  local function add(name, value)
    if not has[name:lower()] then
      lines[#lines + 1] = name .. ": " .. value
    end
  end
  add("Host", url.place)
  add("User-Agent", "argos-lua")
  add("Accept", "*/*")
  lines[#lines + 1] = "Connection: close"
  if body then
    lines[#lines + 1] = "Content-Length: " .. #body
    add("Content-Type", "application/x-www-form-urlencoded")
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

-- Lines until an empty one: fields by their small names; several of one name, between commas.
local function read_fields(socket)
  local fields, bytes, count, last = {}, 0, 0, nil
  while true do
    local line, why = socket:receive("l", HEAD_MOST)
    if not line then
      return nil, why == "closed" and "the answer is cut off in its head" or why
    end
    bytes, count = bytes + #line, count + 1
    if bytes > HEAD_MOST or count > FIELDS_MOST then
      return nil, "the answer's head is too long"
    end
    if line == "" then
      return fields
    end
    local name, value = line:match("^([%w!#$%%&'*+.^_`|~-]+):[ \t]*(.-)[ \t]*$")
    if not name then
      return nil, "a line of the answer's head is none: " .. line:sub(1, 60)
    end
    last = name:lower()
    fields[last] = fields[last] and fields[last] .. ", " .. value or value
  end
end

local function read_head(socket)
  for _ = 1, EARLY_MOST do
    local line, why = socket:receive("l", HEAD_MOST)
    if not line then
      return nil, why == "closed" and "the server has ended without an answer" or why
    end
    local status, reason = line:match("^HTTP/1%.[01] (%d%d%d) ?(.*)$")
    if not status then
      return nil, "this is no answer of HTTP: " .. line:sub(1, 60)
    end
    local fields
    fields, why = read_fields(socket)
    if not fields then
      return nil, why
    end
    if tonumber(status) >= 200 then -- those before are about what is to come
      return { status = math.tointeger(tonumber(status)), reason = reason, headers = fields }
    end
  end
  return nil, "one answer after the other is about what is to come"
end

local function read_exactly(socket, parts, len)
  while len > 0 do
    local part, why = socket:receive(math.min(len, 1 << 20))
    if not part then
      return nil, why == "closed" and "the answer is cut off" or why
    end
    parts[#parts + 1] = part
    len = len - #part
  end
  return true
end

local function read_chunks(socket, most)
  local parts, size = {}, 0
  while true do
    local line, why = socket:receive("l", 4096)
    local digits = line and line:match("^(%x+)[ \t]*;?") or nil
    if not digits or #digits > 8 then
      return nil, not line and (why == "closed" and "the answer is cut off" or why) or "a chunk of the answer has no length"
    end
    local len = tonumber(digits, 16)
    size = size + len
    if size > most then
      return nil, "the answer has more than " .. most .. " bytes"
    end
    if len == 0 then
      local fields
      fields, why = read_fields(socket)
      if not fields then
        return nil, why
      end
      return table.concat(parts)
    end
    local good
    good, why = read_exactly(socket, parts, len)
    if not good then
      return nil, why
    end
    line, why = socket:receive("l", 2)
    if line ~= "" then
      return nil, why == "closed" and "the answer is cut off" or why or "a chunk of the answer is longer than it says"
    end
  end
end

local function read_body(socket, method, answer, most)
  local coding, length = answer.headers["transfer-encoding"], answer.headers["content-length"]
  if method == "HEAD" or answer.status == 204 or answer.status == 304 then
    return ""
  end
  if coding then
    if coding:lower() ~= "chunked" then
      return nil, "the answer's Transfer-Encoding is not known: " .. coding:sub(1, 60)
    end
    return read_chunks(socket, most)
  end
  if length then
    if not length:find("^%d+$") or #length > 15 then
      return nil, "the answer's Content-Length is no number: " .. length:sub(1, 60)
    end
    local len, parts = math.tointeger(tonumber(length)), {}
    if len > most then
      return nil, "the answer has more than " .. most .. " bytes"
    end
    local good, why = read_exactly(socket, parts, len)
    if not good then
      return nil, why
    end
    return table.concat(parts)
  end
  local all, why = socket:receive("a", most)
  if not all and why == "more than it may be" then
    why = "the answer has more than " .. most .. " bytes"
  end
  return all, why
end

local function ask(socket, text, method, url, options)
  local why
  if url.scheme == "https" then
    local good
    good, why = socket:tls(url.host, options.roots)
    if not good then
      return nil, why
    end
  end
  local sent
  sent, why = socket:send(text)
  if not sent then
    return nil, why
  end
  local answer
  answer, why = read_head(socket)
  if not answer then
    return nil, why
  end
  answer.body, why = read_body(socket, method, answer, options.most or http.most)
  if not answer.body then
    return nil, why
  end
  answer.url = url.scheme .. "://" .. url.place .. url.target
  return answer
end

local function once(method, url, options)
  local text, wrong = request_text(method, url, options.headers or {}, options.body)
  if not text then
    return nil, wrong
  end
  local socket, why = net.connect(url.host, url.port, options.timeout)
  if not socket then -- what is wrong with a name names it
    return nil, why:sub(1, #url.host + 2) == url.host .. ": " and why or url.host .. ":" .. url.port .. ": " .. why
  end
  socket:timeout(options.timeout or 30)
  local answer
  answer, why = ask(socket, text, method, url, options)
  socket:close()
  if not answer then
    return nil, url.host .. ": " .. why
  end
  return answer
end

local function copy(from)
  local to = {}
  for name, value in pairs(from or {}) do
    to[name] = value
  end
  return to
end

-- Passwords are for whom they were meant.
local function without_secrets(headers)
  local left = {}
  for name, value in pairs(headers or {}) do
    local small = name:lower()
    if small ~= "authorization" and small ~= "cookie" and small ~= "host" then
      left[name] = value
    end
  end
  return left
end

function http.request(method, text, options)
  local url, why = http.url(text)
  options = copy(options)
  if not method:find("^%u+$") then
    return nil, "a method is in capital letters: " .. method
  end
  for _ = 0, options.redirects or http.redirects do
    if not url then
      return nil, why
    end
    local answer
    answer, why = once(method, url, options)
    local location = answer and answer.headers.location
    local moved = answer and (answer.status == 301 or answer.status == 302 or answer.status == 303 or answer.status == 307 or answer.status == 308)
    if not moved or not location then
      return answer, why
    end
    local to
    to, why = follow(url, location)
    if to and url.scheme == "https" and to.scheme ~= "https" then
      return nil, url.host .. ": it leads out of TLS"
    end
    if to and (to.host ~= url.host or to.port ~= url.port or to.scheme ~= url.scheme) then
      options.headers = without_secrets(options.headers)
    end
    if answer.status < 307 and method ~= "GET" and method ~= "HEAD" then
      method, options.body = "GET", nil
    end
    url = to
  end
  return nil, text .. ": it leads from one place to the next"
end

function http.get(url, options)
  return http.request("GET", url, options)
end

function http.post(url, body, options)
  options = copy(options)
  options.body = body
  return http.request("POST", url, options)
end

return http
