# SPDX-License-Identifier: MIT
"""tracer and warden under ctx run: the app inside is what it is alone, whatever becomes of them; what they show and refuse."""
import contextlib
import os
import re
import signal

from runner import FAULTED, FINE, Live, Skip, case, check, compile_app, ctx, frozen, headless, main, own_apps, read_png, sanitized, scratch, test_app, \
    together, verified_app
import served
import tracing  # harness/tracing.py: runner has put that folder first

GRANT = tracing.GRANT
HOST = [GRANT, "hidden"]


def around(name, **how):
    """The two of them, as `ctx run` takes apps."""
    paths = own_apps("tracer", "warden")
    return [[path, *(w.replace("\\ ", " ") for w in re.findall(r"(?:\\ |\S)+", words))]
            for path, (_, _, words) in zip(paths, tracing.tools(name, **how))]


def warden(name, *rules):
    return [*own_apps("warden"), f"app={name}", f"over={name}", *HOST, *(f"rule={r}" for r in rules)]


def picture(apps, wait=1500, options=()):
    with scratch() as folder:
        path, shot = os.path.join(folder, "script"), os.path.join(folder, "shot.png")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"wait {wait}\nscreenshot {shot}\nquit\n")
        said = ctx("run", "--headless", "--virtual-time", "--seconds", "20", "--size", "320x240", "--script", path, *options, *together(apps))
        return said.ends(FINE), read_png(shot)


@case
def the_same_pixels():
    """In virtual time: all of the screen, and veteran's own arithmetic says so too."""
    veteran, background = own_apps("veteran", "background")
    alone = picture([[background], [veteran]])[1]
    said, both = picture([*around("veteran"), [background], [veteran]])
    said.has("takes-over name=veteran pid=3 host=tracer").has("takes-over name=veteran pid=3 host=warden")
    said.has(r'app\.tracer#0: veteran#3 log\("veteran: 64 bytes are plenty", 28\) in \d+ ns')
    check(both.data == alone.data, f"{len(both.differing(alone))} pixels are others")
    check(tracing.veterans_time(both)[0] is not None, tracing.veterans_time(both)[1])


@case
def drawn_anew_in_a_host():
    """A session of a warden and an app whose pixels are in no image (CTX_SURFACE_REDRAWN): what EXPOSE asks for goes through the host, and the picture is the same."""
    with scratch() as folder:
        image, before, after = (os.path.join(folder, n) for n in ("image", "before.png", "after.png"))
        common = "--headless", "--virtual-time", "--size", "800x600", "--seconds", "1"
        said = ctx("run", *common, "--save", image, "--screenshot", before, *together([warden("widgets", "allow all"), own_apps("widgets")]))
        said.ends(FINE).has("takes-over name=widgets .*host=warden")
        check("pages  surface" not in ctx("image", "info", image).ends(FINE).text, "pixels are in the image")
        ctx("run", *common, "--load", image, "--screenshot", after).ends(FINE)
        check(len(read_png(after).colours()) > 20, "nothing is drawn")
        check(not read_png(before).differing(read_png(after)), "another picture after the image")


@case
def frozen_binaries():
    """Each does the same bare and with both around it: its trace is the same, call by call."""
    for path in frozen():
        name = os.path.basename(path)[:-4]
        seen = []
        for inside in ("nobody", name):
            apps = [*around(inside), [path, "instrument=trace"]]
            said = headless(apps, "--seed", "7", "--fast", "--mem", "64", frames=30).ends(FINE)
            check(("takes-over" in said.text) == (inside == name), f"{name}: {said.text[-2000:]}")
            seen.append(tracing.lines_of(said.text, name))
        check(seen[0], f"{name}: no trace")
        different = [f"alone  {a}\ninside {b}" for a, b in zip(*seen) if a != b]
        check(not different and len(seen[0]) == len(seen[1]), f"{name}: {len(seen[0])}, {len(seen[1])} lines\n" + "".join(different[:1]))


@case
def verified_under_require():
    """All three are verified; what one may take over is what the boot line says."""
    if sanitized():
        raise Skip("without sanitizers only: verified apps")
    tracer, guard, clock = (verified_app(n) for n in ("tracer", "warden", "clock"))
    apps = [[tracer, "app=clock", "over=clock", "log", *HOST], [guard, "app=clock", "over=clock", *HOST, "rule=allow all"], [clock]]
    said = headless(apps, "--virtual-time", "--isolate=require", frames=120).ends(FINE).hasnt("unverified")
    said.has(r"tracer#0: clock#2 display\.create\(200, 200, 2, 18, 0x\w+\) = OK in \d+ ns").has("watches clock#2, after 0 calls")
    alone, inside = (picture(a, options=["--isolate=require"])[1] for a in ([[clock]], [apps[0], apps[1], [clock]]))
    check(inside.data == alone.data, "the clock looks otherwise")
    headless([[tracer, "app=clock", "over=clocks", "log", *HOST], [clock]], "--virtual-time", "--isolate=require", frames=20).ends(FINE).hasnt("takes-over")


TICKS = r"""
#include "t.h"
int32_t _start(struct ctx *ctx)
{
    static u64 calls;
    struct line l = {0};
    put(&l, "T tick ");
    put_number(&l, ++calls);
    send(ctx, &l);
    return 0;
}
"""


# What becomes of 60 lines of the log in a second: a policy, and how many are written, at least and at most.
LIMITS = [(("deny log", ), 0, 0), (("limit log 7", ), 7, 7), (("limit log 10/s", ), 17, 21), (("fail log 3", ), 58, 60), (("delay log 100", ), 8, 11),
          (("allow log", "deny all"), 59, 61), (("deny mem", ), 59, 61)]
MISTAKES = [("deny lgo", r'rule= 1: field 2 "lgo": no function, no table'), ("limit log", r'rule= 1: field 3 "": a number is missing'),
            ("permit all", r'rule= 1: field 1 "permit": no such line')]


@contextlib.contextmanager
def watched(policies):
    """A warden for each policy, and behind all of them an app for each, which says something in each call: ticks0, ticks1 ..."""
    with scratch() as folder:
        ticks = compile_app(folder, "ticks", TICKS)
        names = [f"ticks{n}" for n in range(len(policies))]
        for name in names:
            os.symlink(ticks, os.path.join(folder, name + ".elf"))
        yield [warden(n, *p) for n, p in zip(names, policies)] + [[os.path.join(folder, n + ".elf")] for n in names]


def lines_of(said, n):
    return len(re.findall(rf"app\.ticks{n}#\d+: T tick", said.text))


@case
def what_is_refused():
    """Seven apps under seven policies: how many lines of each are in the log."""
    with watched([rules for rules, _, _ in LIMITS]) as apps:
        said = ctx("run", "--headless", "--virtual-time", "--seconds", "1", *together(apps)).ends(FINE)
    for n, (rules, least, most) in enumerate(LIMITS):
        check(least <= lines_of(said, n) <= most, f"{rules}: {lines_of(said, n)} lines, not {least} to {most}\n{said.text[-1500:]}")
        refuses = rules[0].split()[0] in ("deny", "limit", "fail") and rules[0] != "deny mem"
        told = re.search(rf'refused ticks{n}#\d+ log\("T tick \d+", \d+\) by rule= 1', said.text)
        check(bool(told) == refuses, f"{rules}: {said.text[-1500:]}")


FILES = {"good": "# so much and no more\n\nlimit log 3\n", "bad": "allow mem\nlimit log 3\n\ndeny lgo # what?\n", "large": "#" * 65537,
         "just": "limit log 3\n" + "#" * (65536 - 12)}
FILE_MISTAKES = [("/p/bad", r'/p/bad 4: field 2 "lgo": no function, no table'), ("/p/none", "/p/none: there is no such file"),
                 ("/p/large", "/p/large: a policy's file has at most 65536 bytes"), ("/p", "/p: that is a folder"),
                 ("p/good", "file=: one path that begins with /"), ("", "file=: one path that begins with /"), ("/" + "p" * 255, "file=: one path that begins with /")]


@contextlib.contextmanager
def policy_files():
    with scratch() as folder:
        for name, text in FILES.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(text)
        yield folder


def watch(apps, *options):
    """A file's host is waited for, and a clock that does not wait would have run on meanwhile: the real one, until the app had eight calls."""
    return headless(apps, *options, frames=8, env={"CTX_RUN_OPTIONS": ""})  # with a verdict nobody is lent a folder


@case
def a_policy_from_a_file():
    """Of a folder that is lent to it; the app begins when the policy is there. What is wrong with a file refuses everything, and is named."""
    with watched([()]) as apps, policy_files() as folder:
        for name, line in (("good", 3), ("just", 1)):
            said = watch([[*apps[0], f"file=/p/{name}"], apps[1]], "--dir", f"{folder}:/p").has(rf"refused ticks0#\d+ log\(.*by /p/{name} {line}$")
            check(lines_of(said, 0) == 3, f"{name}: {lines_of(said, 0)} lines, not 3\n{said.text[-1500:]}")
        for path, says in FILE_MISTAKES:
            said = watch([[*apps[0], f"file={path}"], apps[1]], "--dir", f"{folder}:/p")
            said.has(says).has("refused ticks0#").hasnt(r"app\.ticks0#\d+: T tick")
        twice = watch([[*apps[0], "file=/p/good", "file=/p/good"], apps[1]], "--dir", f"{folder}:/p")
        twice.has("file=: one path").hasnt(r"app\.ticks0#\d+: T tick")


@case
def a_policy_from_the_disk():
    """storage offers it, and begins after both of them: until then the app rests, and nothing of it is refused. Nobody offers files: all is, in the end."""
    if sanitized():
        raise Skip("without sanitizers only: storage is built where apps are")
    with watched([()]) as apps, policy_files() as folder:
        image = os.path.join(folder, "files.img")
        for words in (("create", image, "--size", "16M"), ("put", image, os.path.join(folder, "good"), "/good")):
            ctx("files", *words).ends(FINE)
        who = [[*apps[0], "file=/disk/good", "use=ctx.files/1(/:ro)"], apps[1]]
        said = watch(who, f"--files={image}").has(r"refused ticks0#\d+ log\(.*by /disk/good 3$")
        check(lines_of(said, 0) == 3, f"{lines_of(said, 0)} lines, not 3\n{said.text[-1500:]}")
        said = headless(who, "--virtual-time", frames=900).ends(FINE).hasnt(r"ticks0#\d+: T tick")
        said.has("/disk/good: nobody offers ctx.files/1").has("refused ticks0#")


@case
def mistakes():
    """A policy with one refuses everything; the log names line, field and reason."""
    with watched([(rule, ) for rule, _ in MISTAKES]) as apps:
        said = headless(apps, "--virtual-time", frames=40).ends(FINE).hasnt(r"app\.ticks\d+#\d+: T tick")
    for n, (_, says) in enumerate(MISTAKES):
        said.has(says).has(f"refused ticks{n}#")
    path = own_apps("tracer")[0]
    wrong = [(["app=x", "filter=lgo"], 'filter=: word "lgo"'), (["app=x", "quiet"], 'what does the word "quiet" mean'), ([], "app=NAME is missing")]
    good = [[path, "app=x", "hidden"], [path, "app=veteran", "filter=log", *HOST], own_apps("veteran")]
    said = headless([[path, GRANT, *words] for words, _ in wrong] + good, "--virtual-time", frames=20)
    said.has("tracer#3: it takes grant=ctx.host/1").hasnt("takes-over")
    for n, (_, says) in enumerate(wrong):
        said.has(rf"tracer#{n}: .*{says}").has(f"exited name=tracer pid={n} code=1")


@case
def killed_at_random():
    """Both are begun anew, stopped and paused while veteran draws: it goes on, and is as alone in the end."""
    apps = [[*a, "restart=on-fault"] for a in around("veteran")]
    apps += [own_apps("veteran"), [test_app("meddler"), "2", "3", "60", "grant=ctx.control/1"]]
    said, shot = picture(apps, 8000)
    said.has("T meddled 60")
    check(tracing.hosts_failed(said.text.replace("stopped name=", "")) is None, tracing.hosts_failed(said.text))
    check(len(re.findall("watches veteran#2", said.text)) > 5, "the warden never came back")
    check(tracing.veterans_time(shot)[0] is not None, tracing.veterans_time(shot)[1])


@case
def killed_in_verified_code():
    """The same with a clock, a tracer that only looks on, and nothing that is not verified: the picture is what it is alone."""
    if sanitized():
        raise Skip("without sanitizers only: verified apps")
    clock, require = [verified_app("clock")], ["--isolate=require"]
    tracer = [verified_app("tracer"), "app=clock", "over=clock", "restart=on-fault", *HOST]
    meddler = [test_app("verified/meddler-libctx"), "1", "3", "60", "grant=ctx.control/1"]
    alone = picture([clock], 8000, require)[1]
    said, inside = picture([tracer, clock, meddler], 8000, require)
    said.has("T meddled 60").hasnt("unverified").hasnt(" fault name=")
    check(len(re.findall("looks at clock#1", said.text)) > 10, "the tracer never came back")
    check(inside.data == alone.data, f"{len(inside.differing(alone))} pixels are others")


@case
def a_service_seen_from_outside():
    """Calls of another app's functions have its id and its arguments; who waits for a service is taken before it begins."""
    tracer = [*own_apps("tracer"), "app=ask0", "over=ask0", "log", "filter=org.example.serving/1", *HOST]
    apps = [tracer, [test_app("serving-needs"), "ask0", "ask", "20"], [test_app("serving"), "offer", "offer", "0", "offer=org.example.*"]]
    apps[1][1:2] = []
    with scratch() as folder:
        named = os.path.join(folder, "ask0.elf")
        os.symlink(test_app("serving-needs"), named)
        apps[1][0] = named
        apps[2] = [test_app("serving"), "offer", "0", "offer=org.example.*"]
        with Live("run", "--headless", "--fast", *together(apps)) as run:
            run.until(r"T asked")
            run.p.send_signal(signal.SIGTERM)
            text = run.ends()
    check(re.search(r'tracer#0: ask0#1 serving\.work\("[^"]*"(\.\.)?, \d+, 0x\w+, \d+\) = OK in \d+ ns', text), text[-3000:])


def nasty(app, *options):
    """The apps of served.nasty(), the two that treat each other badly each in a tracer within a warden; named by links, for one file is all of them."""
    tools = [verified_app(t) for t in ("tracer", "warden")] if options else own_apps("tracer", "warden")
    with scratch() as folder:
        for how in served.NASTY:
            roles, apps = served.nasty(**how), []
            for name, words in roles:
                link = os.path.join(folder, name + ".elf")
                if not os.path.lexists(link):
                    os.symlink(os.path.abspath(app), link)
                apps.append([link, *words.split()])
            around_both = [[tool, f"app={name}", f"over={name}", *more, *HOST] for name, _ in roles[1:]
                           for tool, more in zip(tools, (["totals"], ["rule=limit all 1000000/s"]))]
            with Live("run", "--headless", "--virtual-time", *options, *together([apps[0], *around_both, *apps[1:]])) as run:
                run.until(served.NASTY_END)
                run.p.send_signal(signal.SIGTERM)
                text = run.ends(FAULTED)
            why = served.nasty_wrong(text) or tracing.hosts_failed(text)
            hosts = re.findall(r"takes-over name=(give|take) pid=\d+ host=(tracer|warden)", text)
            check(why is None and len(set(hosts)) == 4 and (not options or "runs trusted" not in text), f"{how}: {why} {hosts}\n{text[-2000:]}")


@case
def two_that_treat_each_other_badly():
    """Withdrawn, taken back, undone, begun anew in the middle of everything, and all of it by way of two hosts each: every answer is one that has a name."""
    nasty(test_app("nasty"))


@case
def two_verified_ones_that_treat_each_other_badly():
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    nasty(served.verified("nasty"), "--isolate=require")


UNDONE = r"""
#include "t.h"
int32_t _start(struct ctx *ctx)
{
    static u64 calls, bad;
    struct line l = {0};
    put(&l, "T call ");
    put_number(&l, ++calls);
    send(ctx, &l);
    if (calls % 5 == 0 && ctx->start_time_ms % 2 == 0) {
        *(volatile int *)8 = 1;
    }
    return 0;
}
"""


@case
def an_app_that_is_undone():
    """What is put back inside is what would be put back alone."""
    with scratch() as folder:
        path, seen = compile_app(folder, "undone", UNDONE), []
        for name in ("nobody", "undone"):
            said = ctx("run", "--headless", "--virtual-time", "--seconds", "1", *together([*around(name), [path, "restart=undo"]])).ends(FAULTED)
            check(("takes-over" in said.text) == (name == "undone"), said.text[-2000:])
            seen.append(re.findall(r"app\.undone#2: (T call \d+)|(undone name=undone)", said.text))
        check(any(undone for _, undone in seen[0]), "nothing was undone")
        check(len(seen[0]) > 40 and seen[0] == seen[1], f"{len(seen[0])} and {len(seen[1])} lines")


@case
def a_session_goes_on():
    """Who comes back with it takes hold again; in between the app gets STALE from the warden, and nothing is lost of it."""
    with scratch() as folder:
        disk = os.path.join(folder, "disk.img")
        ctx("disk", "create", disk, "--size", "16M").ends(FINE)
        with Live("run", "--headless", "--disk", disk, "--session", "test", *together([*around("veteran"), own_apps("veteran")])) as run:
            run.until("watches veteran#2")
            run.p.send_signal(signal.SIGTERM)
            run.ends()
        with Live("run", "--headless", "--disk", disk, "--session", "test") as run:
            run.until("watches veteran#2")
            run.until("looks at veteran#2")
            run.p.send_signal(signal.SIGTERM)
            text = run.ends()
    check(tracing.hosts_failed(text) is None, tracing.hosts_failed(text))


@case
def it_is_found_and_lost():
    """Among more apps than the tracer has room for on its own; and when it ends that is told, and nothing else."""
    tracer = [*own_apps("tracer"), "app=v3exit", "over=v3e*", "log", *HOST]
    said = headless([tracer, *[test_app("idle")] * 70, [test_app("v3exit")]], "--virtual-time", "--size", "64x64", frames=60)
    said.has("looks at v3exit#71, after 0 calls").has("v3exit has gone").hasnt("fault name=tracer")
    check(re.search(r"tracer#0: v3exit#71 \S+\(.*in \d+ ns", said.text), said.text[-2000:])


@case
def two_around_each_other():
    """Each looks at the other: what would come round to who is in the middle of a call goes by, and both work on."""
    with scratch() as folder:
        for name in ("one", "two"):
            os.symlink(own_apps("tracer")[0], os.path.join(folder, name + ".elf"))
        apps = [[os.path.join(folder, a + ".elf"), f"app={b}", f"over={b}", "totals", *HOST] for a, b in (("one", "two"), ("two", "one"))]
        said = ctx("run", "--headless", "--virtual-time", "--seconds", "2", *together(apps)).ends(FINE)
    for name in ("one", "two"):
        said.has(rf"app\.{name}#\d: total time\.wake_at calls=[1-9]\d* failed=0 ns=\d+ max=\d+ unseen=[1-9]")


@case
def keys_and_clicks():
    """The other page, sort, filter, a click on pause, reset: each changes what it is about, and nothing else."""
    left, top, w, h = 40, 20, 900, 380
    tracer = [*own_apps("tracer"), "app=clock", "over=clock", GRANT, "totals", f"at={left},{top}"]
    with scratch() as folder:
        path, shots = os.path.join(folder, "script"), [os.path.join(folder, f"{i}.png") for i in range(6)]
        shot = [f"screenshot {s}" for s in shots]
        steps = ["wait 1500", shot[0], "key tab tap", "wait 50", shot[1], "key tab tap", "key s tap", "wait 50", shot[2], "key f tap",
                 *(f"key {k} tap" for k in "mem"), "key enter tap", "wait 50", shot[3], f"pointer {left + 36} {top + h - 24}", "wait 50",
                 "button left click", "key f tap", *["key backspace tap"] * 3, "key enter tap", "wait 50", shot[4], "key r tap", "wait 1200", shot[5], "quit"]
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(steps) + "\n")
        said = ctx("run", "--headless", "--virtual-time", "--seconds", "20", "--size", "1000x700", "--script", path, *together([tracer, own_apps("clock")]))
        said.ends(FINE).has(r"total display\.damage calls=\d+ failed=0")
        pictures = [read_png(s) for s in shots]
    heads = [p.crop(left + 1, top + 52, w - 2, 33).data for p in pictures]
    rows = [len({p.at(left + 24 + x, top + 90 + y) for x in range(0, 170) for y in range(16)}) > 1 for p in pictures]
    feet = [p.crop(left + 60, top + h - 40, 560, 32).data for p in pictures]
    lamps = [p.at(left + 29, top + 26) for p in pictures]
    check(len(set(heads[:3])) == 3 and heads[3] == heads[2], "the columns' heads are not those of the page and of the order")
    check(rows == [True, True, True, False, True, False], f"rows of functions: {rows}")
    check(len(set(feet[:4])) == 4, "the foot does not say what the keys do")
    check(lamps == [(0xe3, 0xa8, 0x57)] * 4 + [(0xdc, 0xc0, 0x5a)] * 2, f"the lamps are {lamps}")


if __name__ == "__main__":
    main()
