// SPDX-License-Identifier: MIT
// What the language has: classes, metamethods, generators, coroutines, tables, closures, texts, patterns, files, exceptions.
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
print(fib(17) + " " + 1.0 / 3 + " " + 7 / 2 + " " + 7 % 3 + " " + (1 << 40) + " " + (0x10 ^ 3) + "\n");

class Vector {
    x = 0; y = 0;
    constructor(a, b) { x = a; y = b; }
    function _add(other) { return Vector(x + other.x, y + other.y); }
    function _tostring() { return "(" + x + "," + y + ")"; }
    function _cmp(other) { return x * x + y * y - other.x * other.x - other.y * other.y; }
}
class Named extends Vector {
    name = "";
    constructor(n, a, b) { base.constructor(a, b); name = n; }
    function _tostring() { return name + "(" + x + ";" + y + ")"; }
}
print(Vector(1, 2) + Vector(3, 4) + " " + Named("here", 5, 6) + " " + (Vector(1, 1) < Vector(2, 0)) + "\n");

function primes(upto) {
    local sieve = array(upto + 1, true);
    for (local i = 2; i <= upto; i++) {
        if (!sieve[i]) continue;
        yield i;
        for (local j = i * i; j <= upto; j += i) sieve[j] = false;
    }
}
local count = 0, last = 0;
foreach (p in primes(3000)) { count++; last = p; }
print(count + " " + last + "\n");

local talk = newthread(function (a) { for (local i = 0; i < 3; i++) a = suspend(a + i); return "over"; });
local said = talk.call(10);
while (talk.getstatus() == "suspended") { print("said " + said + "\n"); said = talk.wakeup(said * 2); }
print(said + "\n");

local words = split("the quick brown fox jumps over the lazy dog", " ");
words.sort(@(a, b) a.len() <=> b.len() || a <=> b);
print(words.reduce(@(a, b) a + "," + b) + " " + "MiXeD".tolower() + " " + format("%05.2f|%-6s|%x", 3.14159, "ab", 48879) + "\n");
local r = regexp(@"(\d+)-(\a+)"), found = r.capture("on 2024-may");
foreach (part in found) print("2024-may".len() + ":" + part.begin + "-" + part.end + " ");
local b = blob(8);
b.writen(1.5, 'f'); b.writen(0xbeef, 'w'); b.seek(0);
print(b.readn('b') + " " + b.readn('b') + "\n");
local seen = {};
for (local k = 0; k < 3000; k++) { local key = (k * k) % 26; seen[key] <- key in seen ? seen[key] + 1 : 1; }
local total = 0;
foreach (key, n in seen) total += key * n;
print(seen.len() + " " + total + "\n");
local f = file(vargv[0], "w+");
f.writeblob(b); f.seek(4); print(f.tell() + " " + f.len() + "\n"); f.close();
remove(vargv[0]);
try { throw { code = 7 }; } catch (e) { print("caught " + e.code + "\n"); }
try { local t = {}; t.nothing(); } catch (e) { print(e + "\n"); }
// And what takes a while.
for (local round = 0; round < 40; round++) {
    local seen = {}, all = [];
    for (local w = 0; w < 6000; w++) { local t = "w" + (w * 7919 % 1009); seen[t] <- t in seen ? seen[t] + round : round; all.append(t + round); }
    all.sort();
    print(round + " " + seen.len() + " " + seen.w7 + " " + all[0] + " " + all[5999] + "\n");
}
