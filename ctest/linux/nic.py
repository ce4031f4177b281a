# SPDX-License-Identifier: MIT
"""ctx.nic/1 under ctx run: an app over the user network, as the other machine's tests have it; two runs on one wire; what the options say."""
import os
import socket

from runner import USAGE, Live, Skip, case, check, ctx, main, sanitized, scratch, test_app, until
import nics  # harness/nics.py: runner has put that folder first
import suite

GRANT = "grant=ctx.nic/1"


def run(options, words, grants="nic=*", app=None, says=r"T end 0"):
    return until("run", "--headless", *options, app or test_app("nics"), GRANT, *grants.split(), *words.split(), says=says if callable(says) else [says]).text


def good(text, says):
    wrong = nics.missing(text, says)
    check(not wrong, f"{wrong}\n{text[-2500:]}")


def user():
    """Whether this ctx has libslirp; else the cases that need it say so."""
    said = ctx("run", "--headless", "--frames", "1", "--net", test_app("nics"), "list")
    if "without libslirp" in said.text:
        raise Skip("there is no libslirp (package libslirp-dev)")


@case
def everything():
    user()
    good(run(["--net"], nics.ALL), nics.SAYS)


@case
def two_on_one_wire():
    """A thousand frames of all lengths are sent back as they were, and as many in one go; then the wire loses, breaks, swaps and doubles some."""
    for bad in (0, 0.03):
        with scratch() as folder, nics.Wire(folder, bad) as wire:
            p = wire.paths
            echo = Live("run", "--headless", f"--net=socket:{p['near_b']},{p['b']}", test_app("nics"), GRANT, "nic=*", "on=net0", "echo=100000")
            with echo:
                echo.until(r"T claimed net0 0")
                text = run([f"--net=socket:{p['near_a']},{p['a']}"], "on=net0 bounce=100 size=1514 bounce=100 pieces=8 bounce=50 other bounce=50")
            good(text, [r"T claimed net0 0$", r"T bounce 100$", r"T bounce 100$", r"T bounce 50$", r"T bounce 50$", r"T end 0$"])
            check(len(wire.frames) >= 600, f"{len(wire.frames)} frames on the wire")
            check(bad == 0 or len(wire.frames) > 620, "no trouble")


@case
def many_in_one_go():
    with scratch() as folder:
        a, b = os.path.join(folder, "a"), os.path.join(folder, "b")
        with Live("run", "--headless", f"--net=socket:{b},{a}", test_app("nics"), GRANT, "nic=*", "on=net0", "take=3000", "counters") as take:
            take.until(r"T claimed net0 0")
            good(run([f"--net=socket:{a},{b}"], "on=net0 size=700 send=3000"), [r"T sent ok 3000$"])
            take.until(r"T took ok 3000")
            take.until(r"T counter received 3000")
        check(not os.path.exists(a), "a socket is left behind")


@case
def a_forwarded_port():
    """Linux asks for a connection, and the app sees a frame of it."""
    user()
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with Live("run", "--headless", f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:80", test_app("nics"), GRANT, "nic=*", "on=net0", "arp=10.0.2.2", "ping=1",
              "wait=300", "counters", "ping=1", "wait=100000") as live:
        live.until(r"T ping 1")
        with socket.create_connection(("127.0.0.1", port), timeout=20):
            live.until(r"T counter received \d+")
    said = ctx("run", "--headless", f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:80", f"--net=user,hostfwd=tcp:127.0.0.1:{port}-:80", test_app("nics"), "list")
    check("hostfwd: this port can not be had" in said.text, said.text)


@case
def options():
    app = test_app("nics")
    for value, says in (("nothing", "it takes user, tap:NAME or socket:OWN,OTHER"), ("user,color=red", "user takes hostfwd=, restrict=on and mac="),
                        ("user,hostfwd=tcp:80", "hostfwd: there is no - between its two ends"), ("user,hostfwd=tcp::x-:80", "an end is [ADDRESS]:PORT"),
                        ("user,hostfwd=sctp::1-:80", "hostfwd takes tcp:"), ("user,mac=01:00:00:00:00:00", "mac takes six bytes"), ("tap:", "no name of a device"),
                        ("tap:thisnameistoolong", "no name of a device"), ("socket:a", "it takes OWN,OTHER"), ("socket:/nowhere/at/all,b", "its own path can not be made")):
        said = ctx("run", "--headless", f"--net={value}", app, "list")
        if "without libslirp" in said.text:
            continue
        check(f"ctx: --net={value}: " in said.text and says in said.text, said.text)
        said.ends(USAGE)
    with scratch() as folder:
        path = os.path.join(folder, "a file")
        with open(path, "w", encoding="utf-8") as f:
            f.write("mine")
        said = ctx("run", "--headless", f"--net=socket:{path},b", app, "list")
        check("or there is a file" in said.text and os.path.getsize(path) == 4, "a file of somebody's was removed")


@case
def grants():
    """Who may see which."""
    with scratch() as folder:
        net = [f"--net=socket:{folder}/a,{folder}/b", f"--net=socket:{folder}/c,{folder}/d"]
        text = run(net, "list on=net0 on=net1", "nic=net1")
        good(text, [r"T card net1 ", r"T claimed net0 -14$", r"T claimed net1 0$"])
        check("T card net0" not in text, "it sees what it was not given")
        check("T card" not in run(net, "list", ""), "without nic= it sees one")
        said = ctx("run", "--headless", "--frames", "100", *net, test_app("nics"), "nic=*", "list")
        check("T end 0" in said.text and "T card" not in said.text, "without the grant it sees one")
        said = ctx("run", "--headless", "--frames", "100", *net, test_app("nics"), GRANT, "nic=n(x)", "list")
        check("nic=n(x): byte 1: only use= takes parameters" in said.text, said.text)


@case
def from_an_image():
    """A handle of before is none of now; the card can be had again."""
    user()
    with scratch() as folder:
        image = os.path.join(folder, "image")
        ctx("run", "--headless", "--net", "--save", image, "--at", "60", test_app("nics"), GRANT, "nic=*",
            *"on=net0 arp=10.0.2.2 ping=1 turns=200 kick release again=net0 arp=10.0.2.2 ping=2".split())
        text = until("run", "--headless", "--net", "--load", image, says=[r"T end 0"]).text
        good(text, [r"T kick -4$", r"T release -4$", r"T claimed net0 0$", r"T arp 1$", r"T ping 2$", r"T end 0$"])


@case
def die_and_come_back():
    """A fault with frames and room in flight: the next life has the card."""
    user()
    text = run(["--net"], "on=net0 arp=10.0.2.2 ping=1 fault", "nic=* restart=on-fault:3", says=lambda text: text.count("#0: T in flight") == 4)
    check(text.count("T claimed net0 0") == 4 and text.count("T ping 1") == 4 and "T claimed net0 -" not in text, text[-2000:])


@case
def undone():
    """A call that sent is not undone: nothing is sent twice."""
    user()
    text = run(["--net"], "on=net0 fault", "nic=* restart=undo:3", says="a network card works for it")
    check("a network card works for it" in text, text[-2000:])


@case
def in_a_host():
    """All that it does with cards goes through another app, which forwards it; and one that stands in for all of it and denies."""
    user()
    apps = [test_app("wrapper"), "identity", "grant=ctx.host/1", "+", test_app("nics"), GRANT, "nic=*", "host=wrapper", *nics.ALL.split()]
    good(until("run", "--headless", "--net", *apps, says=[r"T end 0"]).text, nics.SAYS)
    apps[1] = "deny"
    said = ctx("run", "--headless", "--net", "--frames", "100", *apps)
    check("T card" not in said.text and "T wraps" in said.text, said.text[-2000:])


@case
def verified():
    """No instruction of it can leave its slot, and the machine starts nothing else."""
    user()
    if sanitized():
        raise Skip("without sanitizers only: nothing is verified there")
    app = os.path.join(suite.build(), "ctest", "qemu", "apps", "verified", "nics-libctx.elf")
    if not os.path.exists(app):
        raise Skip("no verified apps: they were not built, or there is no clang")
    text = run(["--net", "--isolate=require"], nics.ALL, app=app)
    good(text, nics.SAYS)
    check("runs trusted" not in text, "it is not verified")


if __name__ == "__main__":
    main()
