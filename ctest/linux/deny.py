# SPDX-License-Identifier: MIT
"""What an app is not given: denied tables, one by one and at random; memory full of rubbish; and what its children get."""
import os
import re

from runner import FAULTED, FINE, argos, case, check, compile_app, ctx, frozen, headless, main, own_apps, qemu_test, scratch
from runner import test_app, together
import suite

GRANTS = "trusted grant=ctx.system/1,ctx.loader/1"
ON_CTX = ["time", "mem", "display", "events"]
OPENED = ["log", "args", "random", "cpu", "apps", "system", "loader"]
IDS = {name: name for name in ["iface", *ON_CTX]} | {name: f"ctx.{name}/1" for name in OPENED}

# One function of each table; the last call tells which tables have GRANTED. The tracer says what each answered, so the
# app needs no log of its own.
ASKS = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static uint64_t granted, bit;
static void look(const void *table) { granted |= (uint64_t)(((const uint32_t *)table)[1] & CTX_TBL_GRANTED) << bit++; }
#define OPEN(type, id) \
    const struct type *type = (const void *)ctx->iface; \
    ctx->iface->open(ctx->iface, (const uint8_t *)id, sizeof id - 1, 0, (void *)&type); \
    look(type)
int32_t _start(struct ctx *ctx)
{
    static uint64_t number;
    static uint32_t small;
    if (*ctx->store != 0) {
        return CTX_WAIT;
    }
    *ctx->store = &number;
    struct ctx_display_info info = {.size = sizeof info};
    struct ctx_system_info system = {.size = sizeof system};
    struct ctx_cpu_info cpu = {.size = sizeof cpu};
    look(ctx->iface);
    look(ctx->time);
    ctx->time->now(ctx->time, &number);
    look(ctx->mem);
    ctx->mem->free(ctx->mem, 0, 0, 0);
    look(ctx->display);
    ctx->display->info(ctx->display, &info);
    look(ctx->events);
    ctx->events->wait(ctx->events, 0);
    OPEN(ctx_log, CTX_ID_LOG);
    if ((const void *)ctx_log == (const void *)ctx->iface) {
        ctx->time->wake_at(ctx->time, 0xf0000000000 | granted);
        return CTX_WAIT; /* there is no way to any of them */
    }
    ctx_log->write(ctx_log, 3, "hello", 5);
    OPEN(ctx_args, CTX_ID_ARGS);
    ctx_args->count(ctx_args, &small);
    OPEN(ctx_random, CTX_ID_RANDOM);
    ctx_random->reseed(ctx_random);
    OPEN(ctx_cpu, CTX_ID_CPU);
    ctx_cpu->info(ctx_cpu, &cpu);
    OPEN(ctx_apps, CTX_ID_APPS);
    ctx_apps->list(ctx_apps, 0, 0, 8, &small);
    OPEN(ctx_system, CTX_ID_SYSTEM);
    ctx_system->info(ctx_system, &system);
    OPEN(ctx_loader, CTX_ID_LOADER);
    ctx_loader->start(ctx_loader, "no app", 6, "x", 1, &number);
    ctx->time->wake_at(ctx->time, 0xf0000000000 | granted);
    return CTX_WAIT;
}
"""
ORDER = ["iface", *ON_CTX, *OPENED]


def answers(text):
    """{pid: ([(table, status)], the bits of tables that are GRANTED)} by the tracer."""
    found = {}
    for pid, table, name, args, status in re.findall(r"I trace\.\S+?#(\d+): (\w+)\.(\w+)\((.*?)\) = (\w+)", text):
        calls, _ = found.setdefault(int(pid), ([], [None]))
        calls.append((table, status))
        if name == "wake_at":
            found[int(pid)][1][0] = int(args, 16) & 0xfff
    return {pid: (calls, bits[0]) for pid, (calls, bits) in found.items()}


def check_denials(text, denied):
    found = answers(text)
    check(len(found) == len(denied), f"{sorted(found)} of {len(denied)} apps were traced:\n{text[-2000:]}")
    for pid, name in enumerate(denied):
        calls, bits = found[pid]
        want = 0xfff & ~(1 << ORDER.index(name)) if name else 0xfff
        want &= 0x1f if name == "iface" else 0xfff
        check(bits == want, f"without {name}: GRANTED has {bits:#x}, not {want:#x}")
        tables = {table for table, _ in calls}
        check(tables == set(ORDER[:5] if name == "iface" else ORDER), f"without {name}: it asked {tables}")
        for table, status in calls:
            check((status == "DENIED") == (table == name), f"without {name}: {table} answers {status}")


def names():
    return [None, *ORDER]


@case
def each_table():
    with scratch() as folder:
        elf = compile_app(folder, "asks", ASKS)
        apps = [[elf, *GRANTS.split(), "instrument=trace"] + ([f"deny={IDS[n]}"] if n else []) for n in names()]
        check_denials(headless(apps, frames=1).ends(FINE).text, names())
        # The option is the same for all apps, and comes again and again.
        said = headless([[elf, *GRANTS.split()]], "--trace", "--deny", "mem", "--deny=ctx.cpu/1,events", frames=1).ends(FINE)
        calls, bits = answers(said.text)[0]
        check(bits == 0xfff & ~(1 << 2 | 1 << 4 | 1 << 8), f"{bits:#x}")
        check({t for t, s in calls if s == "DENIED"} == {"mem", "cpu", "events"}, calls)


@case
def apps_of_an_archive():
    """The options mean those too, whatever the archive says about them."""
    with scratch() as folder:
        path = os.path.join(folder, "apps.cpio")
        with open(path, "wb") as f:
            f.write(suite.mkcpio.pack([("asks.elf", "asks", GRANTS, suite.read(compile_app(folder, "asks", ASKS)))]))
        calls, bits = answers(headless([path], "--trace", "--deny", "time", frames=1).ends(FINE).text)[0]
        check(bits == 0xffd and ("time", "DENIED") in calls, f"{bits:#x} {calls}")


@case
def each_table_on_argos():
    with scratch() as folder, argos():
        elf = compile_app(folder, "asks", ASKS)
        apps = [(elf, f"asks{i}", f"{GRANTS} instrument=trace" + (f" deny={IDS[n]}" if n else "")) for i, n in enumerate(names())]
        with suite.apps_vm(apps, "debugexit stop=1") as vm:
            vm.verdict("pass")
            check_denials(vm.text, names())


@case
def unknown_ids():
    """A name that is none is a mistake; an id may be an app's, now or later, whatever it begins with."""
    said = headless([test_app("idle")], "--deny", "ctx.nobody/1,log", frames=2).ends(FINE)
    said.hasnt("deny=ctx.nobody/1").has(r"W app: idle: deny=log: there is no such table")
    said = ctx("run", "--headless", "--frames", "2", test_app("idle"), "deny=ctx.clipboard/1,org.example.chat/1").ends(FINE)
    said.has("idle: denied ctx.clipboard/1 org.example.chat/1").hasnt("no such table")
    ctx("run", "--headless", "--frames", "2", test_app("idle"), "deny=nobody").has("deny=nobody: there is no such table")


OLD = r"""
#include "t.h"
int32_t _start(struct ctx *ctx)
{
    static u64 calls;
    void *p = ctx->alloc(100, 16);
    ctx->dealloc(p, 100, 16);
    ctx->dealloc(&calls, 100, 16); /* nothing like it was ever allocated */
    struct line l = {0};
    put(&l, p == 0 ? "T none" : "T some");
    send(ctx, &l);
    return 0;
}
"""


@case
def versions_1_and_2():
    """Point 3 of the profile: the functions are there and do nothing; alloc returns NULL."""
    with scratch() as folder:
        elf = compile_app(folder, "old", OLD)
        said = headless([elf], "--trace", frames=2).ends(FINE)
        said.has("T some").has(r"dealloc: nothing was allocated").has(r"old#0: alloc\(100, 16\) = 0x")
        said = headless([elf], "--trace", "--deny", "mem", frames=2).ends(FINE)
        said.has("T none").hasnt("T some").hasnt("nothing was allocated").has(r"old#0: alloc\(100, 16\) = 0x0$")
        said = headless([elf], "--trace", "--deny", "ctx.log/1", frames=2).ends(FINE)
        said.hasnt(r"app\.old#0").has(r"trace\.old#0: log\(0x\w+, 6\)").has(r"nothing was allocated")
        said = headless([elf], "--deny", "mem", "--deny", "ctx.log/1", frames=2).ends(FINE).hasnt(r"app\.old#0: T")
        said.has("I app: old: denied mem ctx.log/1$")


# ---- children ----

PARENT = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
__asm__(".section .rodata\nchild: .incbin \"" CHILD "\"\nchild_end:\n.text\n");
extern const uint8_t child[] __attribute__((visibility("hidden"))), child_end[] __attribute__((visibility("hidden")));
int32_t _start(struct ctx *ctx)
{
    const struct ctx_loader *loader = (const void *)ctx->iface;
    uint64_t pid;
    ctx->iface->open(ctx->iface, (const uint8_t *)CTX_ID_LOADER, sizeof CTX_ID_LOADER - 1, 0, (void *)&loader);
    loader->start(loader, child, (uint32_t)(child_end - child), "child", 5, &pid);
    loader->start(loader, child, (uint32_t)(child_end - child) / 2, "half", 4, &pid);
    return CTX_EXIT(0);
}
"""


def parent(folder, name, child):
    return compile_app(folder, name, f'#define CHILD "{child}"\n' + PARENT)


@case
def children():
    """What the parent may not have its child does not get; a child that is refused is the parent's affair, not the run's."""
    with scratch() as folder:
        elf = parent(folder, "parent", test_app("v3exit"))
        for deny in ((), ("deny=ctx.log/1",)):
            said = headless([[elf, *GRANTS.split(), "instrument=trace", *deny], test_app("idle")], frames=10).ends(FINE)
            said.has("exited name=child pid=2 code=42").has(r"loader\.start\(.*\) = OK").has(r"loader\.start\(.*\) = INVAL")
            said.has(r"refused file=half field=").has("KTEST PASS").hasnt("KTEST REFUSED")
            check(bool(re.search("app.child#2: T v3exit", said.text)) != bool(deny), f"deny={deny}, and the child logs")


@case
def children_and_memory():
    """A child that does not fit is NOMEM, and another one that does is still started."""
    with scratch() as folder:
        large = compile_app(folder, "large", "static char much[200 << 20];\n"
                            "int _start(void *c) { (void)c; ((volatile char *)much)[0] = 1; return 0; }\n")
        apps = [[parent(folder, "parent", large), *GRANTS.split(), "instrument=trace"], test_app("idle")]
        said = headless(apps, "--mem", "96", frames=10)
        said.ends(FINE).has(r"loader\.start\(.*\) = NOMEM").has(r"refused file=child field=memory").hasnt("pid=2")


FAULTS_AND_GOES = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
int32_t _start(struct ctx *ctx)
{
    static int calls;
    (void)ctx;
    if (calls++ == 0) {
        __builtin_trap();
    }
    return CTX_EXIT(0);
}
"""


@case
def faults_of_those_that_are_gone():
    """The exit code tells about a fault of an app that has ended itself since."""
    with scratch() as folder:
        elf = compile_app(folder, "goes", FAULTS_AND_GOES)
        said = headless([elf, test_app("idle")], frames=20).ends(FAULTED)
        said.has("fault name=goes").has("exited name=goes pid=0 code=0").has("KTEST PASS apps=1")


# ---- rubbish ----

RUBBISH = r"""
#include "v3.h"
#include <ctx/note.h>
CTX_NOTE(3);
static int all(const volatile uint8_t *p, uint32_t len, uint8_t byte)
{
    while (len > 0 && *p == byte) {
        p++;
        len--;
    }
    return len == 0;
}
int32_t _start(struct ctx *ctx)
{
    uint64_t base = (uint64_t)ctx & ~0xffffffffull;
    if (*ctx->store != 0) {
        return CTX_WAIT;
    }
    *ctx->store = ctx;
    uint8_t *zero = ctx->mem->alloc(ctx->mem, 100000, 16, CTX_MEM_ZERO);
    uint8_t *any = ctx->mem->alloc(ctx->mem, 100000, 16, 0), *old = ctx->alloc(5000, 16);
    say(ctx, "zero", all(zero, 100000, 0));
    say(ctx, "any", all(any, 100000, 0xa5));
    say(ctx, "old", all(old, 5000, 0xa5));
    say(ctx, "stack", all((uint8_t *)(base + 0x1e0000), 4096, 0xa5));
    say(ctx, "cleanstack", all((uint8_t *)(base + 0x1d0000), 4096, 0));
    say(ctx, "rsv", all(ctx->rsv0, 7, 0xa5) && ctx->rsv1 == 0xa5a5a5a5a5a5a5a5);
    say(ctx, "cleanrsv", all(ctx->rsv0, 7, 0) && ctx->rsv1 == 0);
    static uint8_t bss[9000];
    say(ctx, "bss", all(bss, sizeof bss, 0));
    say(ctx, "header", ctx->version == 3 && ctx->size == sizeof *ctx && ctx->epoch == 0 && ctx->fb.pixels != 0);
    return CTX_WAIT;
}
"""


@case
def poison():
    """What was not promised to be zero is not, what was is."""
    with scratch() as folder:
        elf = compile_app(folder, "rubbish", RUBBISH)
        for options, want in ((["--poison"], dict(any=1, old=1, stack=1, cleanstack=0, rsv=1, cleanrsv=0)),
                              ([], dict(stack=0, cleanstack=1, rsv=0, cleanrsv=1))):
            said = headless([elf], *options, frames=1).ends(FINE)
            told = {k: int(v) for k, v in re.findall(r"T (\w+) (\d)", said.text)}
            for name, value in dict(want, zero=1, bss=1, header=1).items():
                check(told.get(name) == value, f"{options}: {name} is {told.get(name)}, not {value}")
        with argos(), suite.apps_vm([elf], "debugexit stop=1 poison") as vm:
            vm.verdict("pass")
            told = {k: int(v) for k, v in re.findall(r"T (\w+) (\d)", vm.text)}
            check(told == dict(zero=1, any=1, old=1, stack=1, cleanstack=0, rsv=1, cleanrsv=0, bss=1, header=1), told)


@case
def poisoned_profile():
    """The points of the v1/v2 profile, the self-test and version 3's functions hold in rubbish too."""
    profile = qemu_test("profile")
    apps = [test_app(n) for n in profile.ALONE if n != "fb"]
    suite.verdicts(headless(apps, "--poison", frames=100).ends(FINE), profile.SAYS + ["p05"])
    headless(own_apps("selftest"), "--poison", frames=120).ends(FINE).has("T selftest all ok").hasnt("FAIL")
    # It ends itself, and with it the run.
    said = headless([[test_app("v3"), "one", "two"]], "--poison", frames=1000000, seconds=110).ends(FINE)
    # Its look at the header wants the reserved word to be 0, which is what a reader must not do.
    said.has("T v3 done").hasnt(r"T v3\.(?!header )\w+ FAIL").has("exited name=v3 pid=0 code=7")


SEEDS = 20
POKE = """frames 3
type 1+1<ret>help<ret>
pointer 300 200
button left down
pointer 330 220
button left up
wheel 1
key 2 tap
key esc tap
"""
OURS = ["hello", "veteran", "background", "rusty", "cursor", "clock", "paint", "selftest"]


@case
def random_denials():
    """Every app of ours and every frozen one, in rubbish, at random places, without random tables: none faults, whatever it
    is denied. The same seed denies the same."""
    apps = own_apps(*OURS) + [[*own_apps("console"), *GRANTS.split()]] + frozen()
    denied, first = set(), None
    with scratch() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w") as f:
            f.write(POKE)
        for seed in [*range(1, SEEDS + 1), 1]:
            said = ctx("run", "--headless", "--fast", "--size", "640x400", "--frames", "25", "--script", path, "--seed",
                       str(seed), "--poison", "--deny-random", *together(apps))
            check(said.rc == FINE, f"seed {seed}: exit code {said.rc}:\n" +
                  "\n".join(re.findall(".*(?:fault|PANIC|refused).*", said.text)))
            said.hasnt(" fault .*name=").hasnt("refused file=").has(rf"running apps={len(apps)} refused=0")
            lines = re.findall(r"app: (\S+): denied(.*)", said.text)
            denied |= {(name, table) for name, tables in lines for table in tables.split()}
            first = first or lines
    check(lines == first, "one seed, two runs, other denials")
    for name in [*OURS, "console"]:
        missing = [t for t in IDS.values() if (name, t) not in denied]
        check(not missing, f"{SEEDS} seeds never denied {missing} to {name}")


if __name__ == "__main__":
    main()
