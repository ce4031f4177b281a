# SPDX-License-Identifier: MIT
"""Apps that go from one machine to the other: saved in `ctx run` on Linux they go on in Argos, and back, with their pixels
and every byte of their memory."""
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "harness"))
sys.path.insert(0, os.path.join(HERE, "..", "linux"))
import served  # noqa: E402
import suite  # noqa: E402
from runner import read_png  # noqa: E402
from suite import Failure, case, check, eventually, limit, product, test_app  # noqa: E402
from vm import VM, disk as attach, pvh  # noqa: E402

SIZE = (1280, 800)
SCREEN = ["-device", f"virtio-gpu-pci,id=gpu,xres={SIZE[0]},yres={SIZE[1]}", "-device", "virtio-keyboard-pci"]
RUN = ("run", "--headless", "--size", f"{SIZE[0]}x{SIZE[1]}")
GRANTS = "trusted grant=ctx.system/1,ctx.image/1"

# Programs by name, and what is done to them on Linux before they are saved.
PAINTED = ["pointer 400 300", "button left down", *(f"pointer {400 + 7 * i} {300 + 3 * i}" for i in range(30)), "button left up"]
TYPED = ["type eval (function() kept = 41 end)()", "key enter tap", "wait 200", "type echo half a line", "key enter tap", "wait 200",
         "type and this is not done y"]
STILL = {  # nothing moves in these as long as nobody does anything
    "paint": PAINTED,
    "snake": ["key space tap", "wait 700", "key p tap"],
    "console": TYPED,
}
MOVING = {"veteran": [], "rusty": ["key right tap"], "clock": [], "background": [], "hello": []}


def built(*names):
    """The programs of these names that there are: rusty wants a compiler of its own."""
    paths = {n: os.path.join(suite.build(), "apps", n + ".elf") for n in names}
    return {n: p for n, p in paths.items() if os.path.exists(p)}


class Folder:
    """Images, a disk, and the two machines that share them."""

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="argos-across-")
        self.disk = self.path("disk.img")
        self.ctx("disk", "create", self.disk, "--size", "32M")
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def path(self, name):
        return os.path.join(self.temporary.name, name)

    def ctx(self, *words, rc=0):
        done = subprocess.run([product("ctx"), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=limit(60))
        text = done.stdout.decode("utf-8", "replace")
        check(rc is None or done.returncode == rc, f"ctx {' '.join(words)}: exit code {done.returncode}\n{text[-2000:]}")
        return text

    def on_linux(self, programs, actions, save):
        """Runs them on Linux, does that, and saves all of it as a session."""
        script = self.path("script")
        with open(script, "w") as f:
            f.write("\n".join(["wait 400", *sum(([a, "wait 20"] for a in actions), []), "wait 200", "quit", ""]))
        words = []
        for program in programs:
            words += ["+"] * bool(words) + [program] + GRANTS.split() * program.endswith("console.elf")
        return self.ctx(*RUN, "--script", script, "--save", self.path(save), "--session", "x", *words)

    def on_again(self, load, *options):
        return self.ctx(*RUN, "--load", self.path(load), *options)

    def put(self, image):
        self.ctx("disk", "put", self.disk, "session/x", self.path(image), "--force")

    def get(self, image):
        self.ctx("disk", "get", self.disk, "session/x", self.path(image))

    def argos(self, devices=SCREEN, **options):
        """Argos with nothing but what is on the disk."""
        return VM(pvh(product("argos.elf")), "session=x", devices=[*devices, *attach(self.disk)], **options)

    def at_once(self, count):
        """Argos goes on with the session and saves it before any of it was called each frame: its power button is
        pressed while it looks at the disk. Its time is that of its instructions, or a busy machine would let deadlines pass."""
        for _ in range(5):
            with self.argos(icount=1) as vm:
                vm.watch()
                vm.until("store: disk=vda")
                vm.qmp.command("system_powerdown")
                check(vm.wait(20) == 0, "it does not end")
                check(f"session: resumed file=session/x apps={count} of={count}" in vm.text, f"not all of it goes on:\n{vm.report()}")
                check("vault: save name=session/x" in vm.text, f"it was not saved:\n{vm.report()}")
                if vm.text.index("power: button") < vm.text.index("main: running"):
                    return
        raise Failure("the power button always comes too late")

    def same(self, one, other, but=""):
        """Nothing of what belongs to the apps differs."""
        said = self.ctx("image", "diff", "--state", self.path(one), self.path(other), rc=None)
        left = [line for line in said.splitlines() if line.strip() and not re.search(r"epoch" + but, line)]
        done = subprocess.run([product("ctx"), "image", "diff", "--state", self.path(one), self.path(other)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        state = said.split("of the systems that saved them")[0]
        # Who draws anew what is in no image (REDRAWN) has a call for that each time it comes back: no more than that.
        for name in ("paint", "console"):
            told = rf"^app \d+ \({name}\): (app\.calls|app\.event_seq|surface\.presented): (\d+) \| (\d+)\n"
            more = {int(b) - int(a) for _, a, b in re.findall(told, state, re.M)}
            check(more <= {1, 2}, f"{name} was told {more} times that it came back")
            state = re.sub(told, "", state, flags=re.M)
            state = re.sub(rf"^app \d+ \({name}\): surface\.presented_ns: .*\n", "", state, flags=re.M)
        check(done.returncode == 0 or not state.strip(), f"{one} and {other} differ:\n" + "\n".join(left[:40]))


def power_off(vm):
    vm.qmp.command("system_powerdown")
    check(vm.wait(20) == 0, "the power button does not end it")
    check("vault: save name=session/x" in vm.text, "the session was not saved")


def pixels(shot, picture, what):
    """Argos shows what Linux shows."""
    check((shot.w, shot.h) == (picture.w, picture.h), f"{what}: {shot.w}x{shot.h} and {picture.w}x{picture.h}")
    check(len(shot.colours(2)) > 1, f"{what}: there is nothing to see")
    wrong = shot.differing(picture, 0)
    check(not wrong, f"{what}: {len(wrong)} pixels differ, first at {wrong[:3]}")


@case
def memory_is_the_same():
    """Up to five times: the power button must come before the first frame, which is a matter of milliseconds."""
    for attempt in range(5):
        try:
            return compare_memory()
        except Failure:
            if attempt == 4:
                raise


def compare_memory():
    """Linux, Argos, Linux: each saves at once what it was given, and every byte is what it was."""
    everything = built(*STILL, *MOVING)
    for names in ([n] for n in everything) if os.environ.get("ARGOS_LONG") else (["paint", "hello"], list(everything)):
        programs = [everything[n] for n in names]
        with Folder() as f:
            f.on_linux(programs, sum((STILL.get(n, MOVING.get(n)) for n in names), []) if len(names) < 3 else [], "first.img")
            f.put("first.img")
            f.at_once(len(programs))
            f.get("second.img")
            f.same("first.img", "second.img")
            f.on_again("second.img", "--frames", "1", "--save", f.path("third.img"), "--session", "x")
            f.same("second.img", "third.img")
            f.same("first.img", "third.img")


@case
def pixels_are_the_same():
    """What does not move by itself looks the same on both, from the first picture on."""
    for name, program in built(*STILL).items():
        with Folder() as f:
            f.on_linux([program], STILL[name], "first.img")
            f.put("first.img")
            f.on_again("first.img", "--seconds", "0.5", "--screenshot", f.path("shot.png"))
            with f.argos() as vm:
                vm.until("main: running")
                check("session: resumed file=session/x apps=1 of=1" in vm.text, "it does not go on")

                def look():
                    now = vm.screen()
                    pixels(now, read_png(f.path("shot.png")), f"{name} in Argos")
                    return now
                shot = eventually(look)
                power_off(vm)
            f.get("second.img")
            f.on_again("second.img", "--seconds", "0.5", "--screenshot", f.path("back.png"))
            pixels(shot, read_png(f.path("back.png")), f"{name} back on Linux")


@case
def the_console_goes_on():
    """Half a line typed on Linux is ended in Argos, and what Argos computes Linux knows."""
    with Folder() as f:
        f.on_linux(list(built("console").values()), [TYPED[0], *TYPED[1:3], "type eval kept +"], "first.img")
        f.put("first.img")
        with f.argos() as vm:
            vm.until("main: running")
            time.sleep(0.2)
            vm.send(" 1\n")
            vm.until(r"app\.console#0: > eval kept \+ 1")
            vm.until(r"app\.console#0: 42")
            vm.send("eval (function() kept = 'from Argos' end)()\n")
            vm.until(r"app\.console#0: > eval \(function\(\) kept = 'from")
            time.sleep(0.2)
            check("Type help" not in vm.text, "the console is a new one")
            power_off(vm)
        f.get("second.img")
        said = f.on_again("second.img", "--keys", "eval kept<ret>", "--virtual-time", "--seconds", "10")
        check(re.search(r"app\.console#0: from Argos$", said, re.M), f"Linux does not know it:\n{said[-1500:]}")
        check("Type help" not in said, "the console is a new one")


@case
def what_moves_goes_on():
    """All of them at once: none faults, none begins anew, each is called again; there and back."""
    programs = built(*STILL, *MOVING)
    with Folder() as f:
        f.on_linux(list(programs.values()), ["wait 300"], "first.img")
        f.put("first.img")
        with f.argos() as vm:
            vm.until("main: running")
            # The first picture may be of the restored pixels alone. Between the second and the fourth lies a whole round, so everybody was called.
            for _ in range(3):
                before = vm.screen()
                eventually(lambda: check(before.data != vm.screen().data, "nothing moves"))
            power_off(vm)
            text = vm.text
        f.get("second.img")
        back = f.on_again("second.img", "--virtual-time", "--seconds", "1.5", "--screenshot", f.path("shot.png"))
        check(len(read_png(f.path("shot.png")).colours()) > 200, "Linux shows nothing")
        for where, said in (("Argos", text), ("Linux", back)):
            restored = re.findall(r"app: restored name=(\w+) .* calls=(\d+) ", said)
            check(sorted(n for n, _ in restored) == sorted(programs), f"{where} goes on with {restored}")
            check(not re.search(r"app: (started|fault|refused|stopped)", said),
                  f"{where}: one began anew, or was in trouble:\n{said[-2000:]}")
        calls = [dict(re.findall(r"app: restored name=(\w+) .* calls=(\d+) ", said)) for said in (text, back)]
        for name in ("veteran", "background", "hello"):
            check(int(calls[1][name]) > int(calls[0][name]), f"{name} was not called in Argos: {calls}")


@case
def a_program_in_a_terminal_goes_on():
    """Saved while it waits for a line: what was typed on Linux belongs to the line that is read in Argos."""
    with Folder() as folder:
        script = folder.path("script")
        with open(script, "w", encoding="utf-8") as f:
            f.write("wait 300\ntype arg\nwait 100\nquit\n")
        folder.ctx(*RUN, "--script", script, "--save", folder.path("image"), "--session", "x", product("apps/terminal.elf"), "offer=ctx.terminal/1",
                   "+", test_app("types"), "say", r"before\n", "read", "say", r"after\n", "end", "5")
        folder.put("image")
        with folder.argos(devices=suite.DESKTOP) as vm:
            vm.until("session: resumed file=session/x apps=2 of=2")
            eventually(lambda: check(bytes((0x1c, 0x1b, 0x19)) in vm.screen().colours(), "there is no window"))
            vm.type("os")
            vm.key("ret")
            vm.until(r"T read 0 6 argos\\0a")
            vm.until("name=types pid=1 code=5")


@case
def services_go_on():
    """Open tables and requests, there and back: both sides find them over on each machine, and open them anew."""
    with Folder() as folder:
        script = folder.path("script")
        with open(script, "w", encoding="utf-8") as f:
            f.write("wait 500\nquit\n")
        words = []
        for _, text in served.OWING:
            words += ["+"] * bool(words) + [test_app("owing"), *text.split()]
        said = folder.ctx(*RUN, "--script", script, "--save", folder.path("first.img"), "--session", "x", *words)
        check(all(re.search(p, said) for p in served.OWING_WAITS) and "FAIL" not in said, said[-2000:])
        folder.put("first.img")
        with folder.argos() as vm:
            vm.until("session: resumed file=session/x apps=3 of=3")
            for pattern in served.OWING_AGAIN:
                vm.until(pattern)
            check(served.owing_wrong(vm.text) is None, served.owing_wrong(vm.text))
            power_off(vm)
        folder.get("second.img")
        said = folder.on_again("second.img", "--seconds", "2")
        check(all(re.search(p, said) for p in served.OWING_AGAIN) and served.owing_wrong(said) is None, f"{served.owing_wrong(said)}\n{said[-2000:]}")


if __name__ == "__main__":
    suite.main()
