# SPDX-License-Identifier: MIT
"""Apps run as under Argos: the frozen binaries, the v1/v2 profile's test apps, and our own."""
import re

from runner import FINE, REFUSED, Skip, case, check, compile_app, ctx, frozen, headless, main, own_apps, qemu_test, scratch
from runner import sanitized, test_app, together
import suite

profile = qemu_test("profile")


@case
def frozen_binaries():
    check(frozen(), "there is no binary under libctx/abi")
    for path in frozen():
        said = headless([path]).ends(FINE)
        said.has(r"started name=").hasnt(r" fault .*name=").hasnt("refused file=")


@case
def profile_points():
    """The points of the v1/v2 profile, by the list and the apps of the QEMU test."""
    apps = [test_app(n) for n in profile.ALONE if n != "fb"]
    said = headless(apps, frames=100).ends(FINE).has("KTEST PASS")
    suite.verdicts(said, profile.SAYS + ["p05"])
    said.hasnt("refused file=").hasnt(r" fault .*name=").has(r"\] [DIWE] [^\n]*int3", "int3 was not logged")
    pids = [int(p) for p in re.findall(r"started name=\S+ pid=(\d+)", said.text)]
    check(pids == list(range(len(apps))), f"pids are {pids}")


@case
def other_apps():
    """Log, memory and its end, exactly as there."""
    said = headless([test_app("log"), test_app("fb"), test_app("idle")], frames=40).ends(FINE)
    suite.verdicts(said, ["log", "fb"])
    said.has(r"log#0: T exactly this\s*$", "log ignores the length").hasnt(r"^PANIC")
    said = headless([test_app("exhaust"), test_app("idle")], "--mem", "96", frames=40).ends(FINE)
    suite.verdicts(said, ["exhaust", "idle"])


@case
def selftest():
    headless(own_apps("selftest"), frames=120).ends(FINE).has("T selftest all ok").hasnt("FAIL")


@case
def all_of_ours():
    """The desktop and everything beside it, for two seconds; nobody is refused, nobody faults."""
    names = ["background", "clock", "console", "cursor", "hello", "paint", "rusty", "scripts", "selftest",
             "snake", "supervisor", "veteran"]
    apps = []
    for name in names:
        try:
            apps += own_apps(name)
        except Skip as why:
            print(why)
    if not apps:
        raise Skip("none of our apps is built")
    said = ctx("run", "--headless", "--seconds", "2", *together(apps))
    said.ends(FINE).hasnt("refused file=").hasnt(r" fault .*name=").has(rf"running apps={len(apps)} refused=0")


@case
def two_hundred():
    apps = [test_app("idle")] * 200
    said = headless(apps, "--size", "320x200", frames=40).ends(FINE).has("KTEST PASS apps=200 ")
    check(said.text.count("T idle ok") == 200, "not all of them ran")


CONTROL = r"""
#include "t.h"
static u64 calls;
int32_t _start(struct ctx *ctx)
{
    u32 mxcsr;
    uint16_t fcw;
    __asm__ volatile("stmxcsr %0; fnstcw %1" : "=m"(mxcsr), "=m"(fcw));
    T_CHECK("control", mxcsr == 0x1f80 && fcw == 0x37f, mxcsr | (u64)fcw << 32);
    /* Round down, flush to zero, unmask what can not happen here; extended precision off. */
    u32 mine = 0x1f80 | 0x2000 | 0x8000;
    uint16_t my_fcw = 0x27f & ~0x4;
    __asm__ volatile("ldmxcsr %0; fldcw %1" ::"m"(mine), "m"(my_fcw));
    void *p = ctx->alloc(100, 16);
    ctx->dealloc(p, 100, 16);
    __asm__ volatile("stmxcsr %0; fnstcw %1" : "=m"(mxcsr), "=m"(fcw));
    T_CHECK("control", (mxcsr & 0xffc0) == mine && fcw == my_fcw, mxcsr | (u64)fcw << 32);
    __asm__ volatile("std; pcmpeqb %%mm0, %%mm0; fldz" ::: "mm0"); /* left behind */
    if (++calls == 20) {
        __asm__ volatile("cld; emms");
        t_ok(ctx, "control");
    }
    return 0;
}
"""


@case
def control_words():
    """A gate keeps the app's MXCSR and x87 control word; a call begins with the ABI's, whatever the last one left."""
    with scratch() as folder:
        elf = compile_app(folder, "control", CONTROL)
        suite.verdicts(headless([elf, elf], frames=30).ends(FINE), ["control"])


# Two apps of versions 1 and 2 share the canvas: one counts its calls there, the other looks on from the middle of a call of its own.
COUNTS = r"""
#include "t.h"
int32_t _start(struct ctx *ctx)
{
    static u32 calls;
    *(volatile u32 *)ctx->fb.pixels = ++calls;
    return 0;
}
"""
LONG = r"""
#include "t.h"
int32_t _start(struct ctx *ctx)
{
    static u64 calls;
    if (calls++) {
        return 0;
    }
    u64 x = 1, y = 2;
    double sum = 0;
    for (u64 round = 0; round < WAITS; round++) {
        for (u64 i = 0; i < STEPS; i++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            y = (y << 7 | y >> 57) + x;
            sum += 1;
            __asm__ volatile("" : "+x"(sum), "+r"(x), "+r"(y));
        }
        u32 seen = *(volatile u32 *)ctx->fb.pixels;
        while (*(volatile u32 *)ctx->fb.pixels == seen) { /* until the other was called: for ever, if it has to wait */
        }
    }
    T_CHECK("long", sum == (double)(WAITS * STEPS), (u64)sum);
    struct line l = {0};
    put(&l, "T long x=");
    put_hex(&l, x);
    send(ctx, &l);
    t_ok(ctx, "long");
    return 0;
}
"""


@case
def long_call():
    """A call that lasts for thirty calls of another app is interrupted again and again, and nobody notices but the log."""
    waits, steps, a, c, m = 30, 1000000, 6364136223846793005, 1442695040888963407, 1 << 64
    x, ra, rc, n = 1, a, c, waits * steps
    while n:  # so many steps of the generator, by squaring one
        if n & 1:
            x = (ra * x + rc) % m
        ra, rc, n = ra * ra % m, (ra * rc + rc) % m, n >> 1
    with scratch() as folder:
        long = compile_app(folder, "long", f"#define WAITS {waits}ull\n#define STEPS {steps}ull\n" + LONG)
        said = headless([long, compile_app(folder, "counts", COUNTS)], frames=3).ends(FINE)
    suite.verdicts(said, ["long"])
    said.has(rf"T long x={x:#x}$").has(r"W app: overran name=long pid=0 call=0 preemptions=\d+")
    counted = re.search(r"app=long pid=0 calls=(\d+) faults=0 preempted=(\d+) ", said.text)
    check(counted and int(counted[2]) >= waits, f"it was interrupted {counted and counted[2]} times")


@case
def as_many_as_linux_maps():
    """At Linux' limit of mappings the next app is refused; the others run."""
    if sanitized():
        raise Skip("without sanitizers only: their mappings count too")
    said = headless([test_app("idle")] * 7500, "--size", "320x200", frames=35)
    many, refused = said.text.count("T idle ok"), said.text.count("E app: refused file=idle.elf field=memory")
    print(f"{many} apps run")
    check(many > 6000 and many + refused == 7500, f"{many} run, {refused} are refused")
    said.ends(REFUSED if refused else FINE).hasnt("PANIC").hasnt(r" fault .*name=")


if __name__ == "__main__":
    main()
