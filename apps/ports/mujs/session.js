// SPDX-License-Identifier: MIT
// What an interpreter can go wrong in: numbers, texts, closures, sorting, regular expressions, dates, exceptions.
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
print(fib(18), 0.1 + 0.2, 1e21, 1 / 3, -0, Math.sqrt(2), (255).toString(16), parseFloat("1e-7"));
print([5, 3, 11, 1].sort().join(), [5, 3, 11, 1].sort(function (a, b) { return a - b; }).join());
print("The quick brown fox".replace(/(\w+) (\w+)/g, "$2 $1"), /(\d+)-(\d+)/.exec("10-20")[2], "a,b,,c".split(",").length);
var counters = [];
for (var i = 0; i < 3; ++i) { (function (n) { counters.push(function () { return n++; }); })(i * 10); }
print(counters[2](), counters[2](), counters[0](), JSON.stringify({ a: [1, { b: null }], c: "\u20ac\n" }));
print(new Date(0).toISOString(), Date.UTC(2024, 1, 29), new Date(86400000).getUTCDate());
try { null.x; } catch (e) { print(e.name, e.message); }
try { (function deep(n) { return deep(n + 1) + 1; })(0); } catch (e) { print("deep:", e.name); }
var primes = [], sieve = [];
for (var n = 2; n < 2000; ++n) { if (!sieve[n]) { primes.push(n); for (var m = n * n; m < 2000; m += n) sieve[m] = true; } }
print(primes.length, primes[primes.length - 1]);
var text = "";
for (var k = 0; k < 3000; ++k) text += String.fromCharCode(97 + (k * k) % 26);
var seen = {};
for (var c = 0; c < text.length; ++c) seen[text[c]] = (seen[text[c]] || 0) + 1;
print(Object.keys(seen).sort().map(function (x) { return x + seen[x]; }).join(" "));
print(read("data.txt").split("\n").length, scriptArgs.join("+"));
// And what takes a while.
for (var round = 0; round < 6; ++round) {
    var words = {}, all = [], word = "";
    for (var w = 0; w < 6000; ++w) { word = "w" + (w * 7919 % 1009); words[word] = (words[word] || 0) + round; all[w] = word + round; }
    print(round, Object.keys(words).length, words.w7, all.sort().slice(0, 3).join());
}
