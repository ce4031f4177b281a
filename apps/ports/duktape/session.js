// SPDX-License-Identifier: MIT
// What an interpreter can go wrong in: numbers, texts, closures, sorting, regular expressions, bytes, threads, proxies, exceptions.
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
print(fib(17), 0.1 + 0.2, 1e21, 1 / 3, Math.pow(2, 0.5), (255).toString(16), 123.456.toFixed(1), (1e-7).toExponential(3));
print([5, 3, 11, 1].sort().join(), [5, 3, 11, 1].sort(function (a, b) { return a - b; }).join());
print("The quick brown fox".replace(/(\w+) (\w+)/g, "$2 $1"), /(\d+)-(\d+)/.exec("10-20")[2], "a,b,,c".split(",").length);
print(JSON.stringify({ a: [1, { b: null }], c: "\u20ac\n" }), JSON.parse('{"x":[1,2,{"y":true}]}').x[2].y);
print(Duktape.enc("base64", "Hello, world"), Duktape.enc("jx", { n: NaN, u: undefined, b: Duktape.dec("hex", "c0ffee") }));
var bytes = new Uint8Array(8), view = new DataView(bytes.buffer);
view.setFloat32(0, 1.5); view.setUint16(4, 0xbeef, true);
print(Array.prototype.join.call(bytes, " "));
var walk = new Duktape.Thread(function (n) { while (n < 100) { n = Duktape.Thread.yield(n * 2) + 1; } return "done"; });
var step = Duktape.Thread.resume(walk, 1), steps = [];
while (step !== "done") { steps.push(step); step = Duktape.Thread.resume(walk, step); }
print(steps.join());
var watched = new Proxy({}, { get: function (t, key) { return "<" + String(key) + ">"; } });
print(watched.anything, new Date(0).toISOString(), Date.UTC(2024, 1, 29));
try { null.x; } catch (e) { print(e.name, e.message); }
try { (function deep(n) { return deep(n + 1) + 1; })(0); } catch (e) { print("deep:", e.name); }
var primes = [], sieve = [];
for (var n = 2; n < 2000; ++n) { if (!sieve[n]) { primes.push(n); for (var m = n * n; m < 2000; m += n) sieve[m] = true; } }
print(primes.length, primes[primes.length - 1]);
var seen = {};
for (var k = 0; k < 3000; ++k) { var letter = String.fromCharCode(97 + (k * k) % 26); seen[letter] = (seen[letter] || 0) + 1; }
print(Object.keys(seen).sort().map(function (x) { return x + seen[x]; }).join(" "));
// And what takes a while.
for (var round = 0; round < 6; ++round) {
    var words = {}, all = [], text = "";
    for (var w = 0; w < 6000; ++w) { text = "w" + (w * 7919 % 1009); words[text] = (words[text] || 0) + round; all[w] = text + round; }
    print(round, Object.keys(words).length, words.w7, all.sort().slice(0, 3).join());
}
throw new RangeError("the end");
