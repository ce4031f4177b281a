# SPDX-License-Identifier: MIT
"""AVX on both machines: it works, parked calls keep all of it, and nothing of it goes from one app to the next."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import Skip, apps_vm, case, check, limit, product, test_app  # noqa: E402


def need(flag):
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        if not re.search(rf"^flags\s*:.*\b{flag}\b", f.read(), re.M):
            raise Skip(f"this machine has no {flag}")


def ctx(*words):
    run = subprocess.run([product("ctx"), "run", "--headless", *words], stdout=subprocess.PIPE, timeout=limit(120),
                         stderr=subprocess.STDOUT, check=False, stdin=subprocess.DEVNULL)
    return run.stdout.decode("utf-8", "replace")


SUMS = ("avx", "avx2", "avx-v3")
VECTORS = [("vectors-filler", ""), ("vectors-looker", ""), ("vectors-faulter", ""), ("vectors-holder", "budget=2ms"),
           ("vectors-looker", "")]


def right(text, faulter):
    check("FAIL" not in text, re.findall(r".*FAIL.*", text)[:1])
    check(len(re.findall("T held", text)) == 2, "a long call did not end, or lost its registers")
    check(re.search("overran name=(vectors|wide)-holder", text), "nothing was parked: the proof is void")
    check(set(re.findall(r"fault name=(\S+)", text)) == {faulter}, "somebody else faulted")


@case
def sums_here():
    need("avx2")
    said = ctx("--frames", "3", *sum((["+", test_app(n)] for n in SUMS), [])[1:])
    check(said.count("GOOD AVX") == len(SUMS), said)


@case
def sums():
    with apps_vm([test_app(n) for n in SUMS]) as vm:
        vm.verdict("pass")
        check(vm.text.count("GOOD AVX") == len(SUMS), "a wrong sum, or none")


@case
def from_app_to_app_here():
    need("avx")
    words = []
    for name, word in VECTORS:
        words += ["+"] * bool(words) + [test_app(name)] + [word] * bool(word)
    right(ctx("--frames", "600", *words), "vectors-faulter")


@case
def from_app_to_app_by_avx512_here():
    """All of ZMM0-31 and of the masks: no QEMU has them, but a processor under ctx run may."""
    need("avx512vl")
    need("avx512bw")
    words = []
    for name, word in VECTORS:
        words += ["+"] * bool(words) + [test_app(name.replace("vectors", "wide"))] + [word] * bool(word)
    right(ctx("--frames", "600", *words), "wide-faulter")


@case
def from_app_to_app():
    """And although one of them takes AVX away from everybody, as ring 0 can."""
    apps = [(test_app(n), n, w) for n, w in VECTORS] + [test_app("vectors-spoiler")]
    with apps_vm(apps, "debugexit stop=40", seconds=100) as vm:
        vm.until(r"T held(.|\n)*T held", 90)
        vm.verdict("pass")
        right(vm.text, "vectors-faulter")


INSIDE = [("inside-host", "grant=ctx.host/1"), ("inside-child", "host=inside-host")]


def nothing_found(text):
    for who in ("host", "child"):
        match = re.search(rf"T {who} finds (\d+)", text)
        check(match, f"the {who} was not called")
        check(match[1] == "0", f"the {who} finds {match[1]} words of the other one")


@case
def from_child_to_host():
    """A host's function begins without its caller's registers, and the caller goes on without the host's."""
    with apps_vm([(test_app(n), n, w) for n, w in INSIDE], "debugexit stop=20") as vm:
        vm.verdict("pass")
        nothing_found(vm.text)


@case
def from_child_to_host_here():
    need("avx")
    words = [w for i, (n, word) in enumerate(INSIDE) for w in ["+"][:i] + [test_app(n), word]]
    nothing_found(ctx("--frames", "20", *words))


@case
def long_calls_here():
    need("avx2")
    said = ctx("--frames", "400", test_app("avxlong"), "budget=2ms")
    check("YMM KEPT" in said and "LOST" not in said and "overran" in said, said[-800:])


@case
def long_calls():
    with apps_vm([(test_app("avxlong"), "avxlong", "budget=2ms")], "debugexit", seconds=60) as vm:
        vm.until("YMM (KEPT|UPPER)|XMM LOST", 50)
        check("YMM KEPT" in vm.text, "upper halves were lost")
        check("overran" in vm.text, "nothing was parked: the proof is void")


@case
def processors_with_less():
    """No AVX, no XSAVE: SSE apps run and are parked, an AVX app faults alone."""
    for cpu in ("max,-avx,-avx2", "max,-xsave", "qemu64", "Haswell-noTSX"):
        apps = [test_app("avx2"), test_app("idle"), (test_app("slow"), "slow", "budget=2ms")]
        with apps_vm(apps, "debugexit stop=20", cpu=cpu, seconds=60) as vm:
            vm.verdict("pass")
            check("T idle ok" in vm.text, f"{cpu}: the other apps did not run")
            want = cpu.startswith("Haswell")
            check(("GOOD AVX" in vm.text) == want, f"{cpu}: AVX")
            check(("fault name=avx2" in vm.text) != want, f"{cpu}: the fault is not told")
            missing = re.search(r"app:   it used AVX2?, which is not there; ctx.cpu/1 tells what is", vm.text)
            check((missing is None) == want, f"{cpu}: what is missing is not named")


@case
def missing_ones_are_named():
    """AVX-512 where there is none; an ordinary ud2 is not taken for an extension."""
    with apps_vm([test_app("avx512"), test_app("vectors-faulter")], "debugexit stop=5") as vm:
        vm.verdict("pass")
        told = set(re.findall(r"app:   it (used .*?)\r?$", vm.text, re.M))
        check(told == {"used AVX-512, which is not there; ctx.cpu/1 tells what is"}, f"told: {told}")


def checked(name):
    run = subprocess.run([product("ctx"), "check", test_app(name)], stdout=subprocess.PIPE, text=True, check=False)
    check(run.returncode == 0, f"{name}: exit code {run.returncode}: {run.stdout}")
    return run.stdout


@case
def check_warns():
    """`ctx check` tells what code uses, unless the note lists ctx.cpu/1."""
    for name, says in (("avx", "AVX"), ("avx2", "AVX2"), ("avx-v3", "AVX2"), ("avx512", "AVX-512")):
        found = re.search(r": uses (.*), which not every processor has", checked(name))
        check(found and says in found[1].split(), f"{name}: {found and found[1]}")
    for name in ("asks-for-avx", "idle", "v3", "fibers"):
        check(checked(name).endswith(": fine\n"), f"{name}: {checked(name)}")


@case
def images_tell_what_was_there():
    """An app whose note lists ctx.cpu/1 is restored only where all is there that it may have used."""
    need("avx2")
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        image = os.path.join(folder, "asks.ctx")
        said = ctx("--frames", "10", "--save", image, "--at", "5", test_app("asks-for-avx"))
        check("SUM ok" in said, said)
        told = subprocess.run([product("ctx"), "image", "info", image], stdout=subprocess.PIPE, text=True, check=True).stdout
        check(re.search(r"was told of .*\bAVX2\b", told), told)
        check("SUM ok" in ctx("--frames", "20", "--load", image), "not restored where it was saved")


if __name__ == "__main__":
    suite.main()
