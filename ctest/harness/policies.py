# SPDX-License-Identifier: MIT
"""What becomes of apps that misbehave, by the words that come with them: one table for both machines.

The last app of each entry looks on: after so many frames it lists all apps and ends the machine; where a `critical` app
ends it instead, `ended` is true.
"""
import re

END = "grant=ctx.system/1"


class Entry:
    def __init__(self, name, apps, says, never=(), frames=120, ended=False, judge=None):
        self.name, self.says, self.never, self.ended, self.judge = name, says, never, ended, judge
        self.apps = [(f"misbehave{'-note' if n.endswith('-note') else ''}", n, words) for n, words in apps]
        self.apps.append(("misbehave", "end", f"end {frames} {END}"))

    def wrong(self, text):
        """Why it is not as it should be; empty if it is."""
        said = [f"no line {p}" for p in self.says if not re.search(p, text, re.M)]
        said += [f"it says {m[0]}" for m in (re.search(p, text, re.M) for p in (*self.never, "^PANIC", "T .*FAIL")) if m]
        if self.ended == bool(re.search(r"app\.end#\d+: T end", text)):
            said.append("it goes on" if self.ended else "the one that looks on did not come to its end")
        return said or (self.judge(text) if self.judge else [])


def seen(text, name):
    """The numbers of the list."""
    line = re.search(rf": T app {name}((?: \w+=-?\d+)+)", text)
    return {k: int(v) for k, v in re.findall(r"(\w+)=(-?\d+)", line[1])} if line else {}


def times(pattern, text):
    return len(re.findall(pattern, text))


def expect(**numbers):
    """Numbers of app `a` in the list."""
    def judge(text):
        got = seen(text, "a")
        return [f"{k} is {got.get(k)}, not {v}" for k, v in numbers.items() if got.get(k) != v]
    return judge


def share(percent, call_ms):
    def judge(text):
        ms = re.search(r": T ms (\d+)", text)
        had, most = seen(text, "a")["calls"] * call_ms, int(ms[1]) * percent / 100 + 100 + 2 * call_ms
        return [f"it had {had} ms or more of {ms[1]}"] if had > most else []
    return judge


def flood(text):
    """All lines are written or counted."""
    a = seen(text, "a")
    written = times(r"app\.a#\d+: T flood", text)
    rows = a["calls"] * 50
    return [f"{written} lines written, {a['dropped']} dropped, of {rows}"] if not 0 < written <= rows - a["dropped"] + 50 else []


NEVER, STOPPED, RESTARTING = 0, 2, 5
AGAIN = r"app: restarting name={} pid=\d+ in=(\d+)ms"

ENTRIES = [
    Entry("never", [("a", "fault")], [r"fault name=a pid=0 call=3"], ["restarting", "stopped name"], judge=expect(restarts=0, faults=1)),
    Entry("on-fault", [("a", "fault restart=on-fault:1000000")],
          [r"restarting name=a pid=0 in=100ms", r"restarting name=a pid=0 in=200ms", r"restarted name=a .* restarts=2"],
          ["stopped name"], frames=90),
    Entry("limit", [("a", "fault restart=on-fault:2")],
          ["in=100ms restarts=1", "in=200ms restarts=2", r"stopped name=a pid=0: 2 restarts did not help"], ["in=400ms"],
          judge=expect(restarts=2, faults=3, state=STOPPED)),
    Entry("exit", [("a", "exit restart=on-fault")], [r"exited name=a pid=0 code=7"], ["restarting"]),
    Entry("always", [("a", "exit restart=always:2")],
          [r"exited name=a pid=0 code=7", "restarts=2$", "2 restarts did not help"], judge=expect(restarts=2, faults=0, state=STOPPED)),
    Entry("overrun-stop", [("a", "loop overrun=stop:3 budget=10ms")],
          [r"stopped name=a pid=0: a call did not end after 3 slices"], judge=expect(overruns=3, state=STOPPED)),
    Entry("overrun-restart", [("a", "loop overrun=restart:2 restart=never:1 budget=10ms")],
          [r"a#0: a call did not end after 2 slices", "restarted name=a", "1 restarts did not help"], frames=180,
          judge=expect(overruns=4, restarts=1, state=STOPPED)),
    Entry("overrun-keep", [("a", "loop budget=10ms")], [r"overran name=a"], ["stopped name", "restarting"],
          judge=lambda text: [] if seen(text, "a")["overruns"] > 10 else ["it is not interrupted"]),
    Entry("budget", [("a", "loop budget=10ms"), ("b", "slow 40 budget=5s")], ["overran name=a"], ["overran name=b"], frames=20,
          judge=lambda text: [] if seen(text, "b")["overruns"] == 0 and seen(text, "a")["budget"] == 10 else ["budgets"]),
    Entry("memory", [("a", "memory mem=1M"), ("b", "memory mem=3M")], [r"app\.a#0: T memory \d+", r"app\.b#1: T memory \d+"], frames=10,
          judge=lambda text: [f"{n} has {seen(text, n)['KiB']} KiB" for n, most in (("a", 1024), ("b", 3072))
                              if not most // 2 < seen(text, n)["KiB"] <= most]),
    Entry("log", [("a", "log 50 log=20")], [r"W app: a#0: \d+ lines dropped: more than 20 per second"], judge=flood),
    Entry("share", [("a", "slow 30 share=10% budget=5s")], [], judge=share(10, 30)),
    Entry("bad-words", [("a", "fault restart=maybe overrun= budget=1 share=7 mem=7 log=x")],
          [rf"W app: a: {w}: it takes " for w in ("restart=maybe", "overrun=", "budget=1", "share=7", "mem=7", "log=x")],
          judge=expect(restarts=0, faults=1, budget=100)),
    Entry("critical", [("a", "fault restart=on-fault:1 critical")],
          ["restarted name=a", r"E app: critical app a#0 has ended: everything stops"], frames=600, ended=True),
    Entry("critical-exit", [("a", "exit critical")], ["exited name=a", r"critical app a#0 has ended"], frames=600, ended=True),
    # The same from the note: restart on-fault, a budget of 20 ms, critical.
    Entry("note", [("a-note", "fault restart=on-fault:1")],
          ["restarted name=a-note", "critical app a-note#0 has ended"], frames=600, ended=True),
    Entry("note-budget", [("a-note", "loop")], ["overran name=a-note"], frames=20,
          judge=lambda text: [] if seen(text, "a-note")["budget"] == 20 else ["the budget"]),
    Entry("note-overruled", [("a-note", "fault restart=never")], ["fault name=a-note"], ["restarting", "critical app"],
          judge=lambda text: [] if seen(text, "a-note")["restarts"] == 0 else ["it began anew"]),
]

CYCLES = ("cycles", "cycles", "{} trusted grant=ctx.loader/1,ctx.control/1,ctx.system/1")


def cycles_wrong(text, count):
    lines = {k: int(v) for k, v in re.findall(r"app\.cycles#0: T ([\w-]+) (-?\d+)", text)}
    want = {"killed": count, "lost": 0, "more-apps": 0}
    said = [f"{k} is {lines.get(k)}, not {v}" for k, v in want.items() if lines.get(k) != v]
    if not lines.get("stopped", 0) > count // 10:
        said.append(f"only {lines.get('stopped')} were stopped for three faults")
    return said + [m[0] for m in (re.search(p, text, re.M) for p in ("^PANIC.*", "T .*FAIL.*")) if m]
