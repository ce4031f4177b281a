# SPDX-License-Identifier: MIT
"""Verified apps under ctx: they do, say and show what plain builds of the same sources do."""
import os

from runner import FAULTED, FINE, REFUSED, USAGE, case, check, ctx, main, qemu_test, read_png, scratch, test_app, together, until
import groups
import isolation
import wraps

fibers = qemu_test("fibers")
ONLY = "--isolate=require"


def run(app, *options):
    """What it says and shows, with nothing in the world that is not the same every time. (Some wait for a key, and only then.)"""
    with scratch() as folder:
        path, script = os.path.join(folder, "shot.png"), os.path.join(folder, "script")
        with open(script, "w", encoding="utf-8") as f:
            f.write(f"wait 700\nkey up tap\nwait 300\ntype ab\nwait 700\nscreenshot {path}\nquit\n")
        said = ctx("run", "--headless", "--virtual-time", "--seed", "5", "--script", script, *options, app)
        return said, read_png(path)


def same(name, lines=isolation.comparable):
    plain, seen = run(isolation.plain(name))
    said, shot = run(isolation.verified(name), ONLY)
    plain.ends(FINE)
    said.ends(FINE).hasnt("unverified name=")
    a, b = lines(plain.text), lines(said.text)
    check(a == b, f"{name} says otherwise:\n" + "\n".join(sorted(set(a) ^ set(b))[:20]))
    others = shot.differing(seen)
    # The supervisor shows how much memory it takes itself, and has a longer code.
    allowed = 400 if name == "supervisor" else 0
    check(len(others) <= allowed, f"{name} looks otherwise: {len(others)} pixels, as at {sorted(others)[:3]}")
    return said


@case
def each_says_and_shows_what_its_plain_build_does():
    for name in isolation.APPS:
        same(name)


@case
def a_c_library_and_lua_compute_the_same():
    """Thousands of lines, which are those of this machine's C library (qemu.conformance). Calls last long: when they are cut into
    slices, and what time it is then, is no two times the same."""
    said = same("conformance", isolation.own_words)
    check(len(isolation.own_words(said.text)) > 1000, "it says next to nothing")
    check(isolation.own_words(same("conformance_differences", isolation.own_words).text), "it says nothing")
    said = ctx("run", "--headless", ONLY, "--virtual-time", "--seed", "5", "--frames", "400", isolation.verified("conformance_lua"))
    said.ends(FINE).has("conformance_lua#0: T lua ok$").hasnt(" fault name=")


@case
def floating_point_environment():
    """<fenv.h> is another one in verified apps (libctx/c/verified/fenv.c)."""
    same("floating").has(r"floating#0: rounding 0 1 2 3$").has("exited name=floating pid=0 code=0")


@case
def all_fibers():
    said = until("run", "--headless", ONLY, *together([[test_app(isolation.fibers()), words] for words in ("turns", "order")]),
                 says=["T turns ok", "T order ok"])
    said.hasnt("unverified name=")
    with scratch() as folder:
        files = []
        for name, words in fibers.FIBERS.items():
            path = os.path.join(folder, name + ".elf")
            os.symlink(test_app(isolation.fibers()), path)
            files.append([path, *words.split()])
        for options in ((), ("--seed", "7", "--poison")):
            said = until("run", "--headless", ONLY, *options, *together(files), says=[f"exited name={n} " for n in fibers.FIBERS])
            wrong = fibers.wrong(said.ends(FAULTED).text)
            check(not wrong, "\n  ".join(wrong) + "\n" + said.text[-2500:])


@case
def parked_behind_each_instruction_it_computes_the_same():
    """Two at once, so that each finds the machine as the other left it."""
    app = test_app(isolation.groups())
    groups.all_kinds(app)
    plain = until("run", "--headless", "--virtual-time", "--size", "160x100", app, says=["exited name=groups "])
    for options in ((), ("--seed", "7", "--poison")):
        said = until("run", "--headless", ONLY, "--virtual-time", "--fast", "--size", "160x100", *options,
                     *together([[app, *groups.WORDS.split()]] * 2), says=lambda text: groups.ended(text, 2))
        groups.same(plain.text, said.text, 2)


@case
def at_both_ends_of_a_slot_addresses_stay_in_it():
    """On the processor that is there."""
    with scratch() as folder:
        hello = [isolation.verified("hello"), *wraps.WORDS.split()]
        said = ctx("run", "--headless", "--fast", "--frames", str(wraps.FRAMES), "--mem", "64", "--size", "320x200", ONLY,
                   *together([hello, [wraps.build(folder), *wraps.WORDS.split()], hello]))
        wraps.right(said.ends(FAULTED).text)


@case
def a_fiber_waits_for_a_key():
    with scratch() as folder:
        script = os.path.join(folder, "script")
        with open(script, "w", encoding="utf-8") as f:
            f.write("frames 3\ntype abc\n")
        until("run", "--headless", ONLY, "--script", script, test_app(isolation.fibers()), "key",
              says=["T key ok", "exited name="]).ends(FINE)


@case
def time_stamps_are_refused_unless_the_system_allows_them():
    with scratch() as folder:
        app = isolation.clock_reader(folder)
        for words in ((), ("--isolate-rdtsc", "off")):
            ctx("run", "--headless", "--frames", "5", ONLY, *words, app).ends(REFUSED).has(
                r"E app: unverified name=reader at=slot\+0x[0-9a-f]+ in=_start\+0x0 bytes=0f31\w+ rule=opcode: ")
        ctx("run", "--headless", "--frames", "5", ONLY, "--isolate-rdtsc=on", app).ends(FINE).has("calls=5 faults=0").hasnt("unverified")
        ctx("check", "--isolate=require", app).ends(REFUSED).has("rule=opcode")
        ctx("check", "--isolate=require", "--isolate-rdtsc=on", app).ends(FINE).has("verified$")
        ctx("check", "--boot", "isolate=require isolate-rdtsc=on", app).ends(FINE)
        ctx("check", "--boot", "isolate=require", app).ends(REFUSED).has("rule=opcode")
        ctx("run", "--headless", "--isolate-rdtsc=yes", app).ends(USAGE).has("--isolate-rdtsc.*on or off")
        ctx("check", "--isolate-rdtsc=yes", app).ends(USAGE).has("--isolate-rdtsc=on.off")
        ctx("check", "--boot", "isolate-rdtsc=yes", app).ends(REFUSED).has("isolate-rdtsc.*it is on or off")


@case
def a_plain_one_is_refused():
    said = ctx("run", "--headless", "--frames", "5", ONLY, isolation.plain("scripts")).ends(REFUSED)
    said.has(r"E app: unverified name=scripts at=slot\+0x[0-9a-f]+ in=\S+ bytes=[0-9a-f]+ rule=\w+: rebuild with ctx cc")


if __name__ == "__main__":
    main()
