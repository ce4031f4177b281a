# SPDX-License-Identifier: MIT
"""The window, on a screen that nobody sees (Xvfb): pixels, keys, mouse, its end."""
import ctypes
import os
import re
import shutil
import struct
import subprocess
import tempfile
import time

from runner import FINE, USAGE, Failure, Skip, case, check, ctx, eventually, limit, main, qemu_test, sanitized, scratch, test_app, tool
import picture
import suite

desktop = qemu_test("desktop")


def has_window():
    """Whether this ctx was built with SDL2."""
    said = ctx("run", "--frames", "1", test_app("idle"), env={"DISPLAY": "", "WAYLAND_DISPLAY": "", "SDL_VIDEODRIVER": "x11"})
    said.ends(USAGE).has("no window: .*--headless runs without one")
    return "without SDL2" not in said.text


@case
def headless_calls_itself_a_window():
    """Where SDL finds no display it takes a driver that shows nothing: the log says headless, and why."""
    if not has_window():
        raise Skip("this ctx was built without SDL2 (package libsdl2-dev)")
    for env in ({"DISPLAY": "", "SDL_VIDEODRIVER": ""}, {"DISPLAY": ":7777", "SDL_VIDEODRIVER": "dummy"}, {"DISPLAY": "", "SDL_VIDEODRIVER": "offscreen"}):
        said = ctx("run", "--frames", "3", test_app("idle"), env={**env, "WAYLAND_DISPLAY": ""})
        if said.rc == USAGE and not env["SDL_VIDEODRIVER"]:
            said.has("no window: .*--headless runs without one")  # an SDL without such a driver
            continue
        want = " ".join(f"{name}={env.get(name) or '(not set)'}" for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"))
        said.ends(FINE).has("W window: headless: SDL finds no display; " + re.escape(want) + "$")
        said.has("display: using headless").hasnt("using window")


class Screen:
    """An X server without a screen, and ctx in it."""

    def __init__(self, apps, *options):
        if not has_window():
            raise Skip("this ctx was built without SDL2 (package libsdl2-dev)")
        if not shutil.which("Xvfb"):
            raise Skip("there is no Xvfb (package xvfb)")
        self.folder = tempfile.mkdtemp(prefix="argos-")
        read, write = os.pipe()
        self.x = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24", "-fbdir", self.folder,
                                   "-nolisten", "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as f:
            number = f.readline().strip()
        if not number:
            raise Failure("Xvfb does not start")
        self.env = {**os.environ, "DISPLAY": ":" + number, "SDL_VIDEODRIVER": "x11"}
        self.log = os.path.join(self.folder, "log")
        words = []
        for app in apps:
            words += (["+"] if words else []) + [app]
        with open(self.log, "wb") as log:
            self.p = subprocess.Popen([tool(), "run", *options, *words], stdin=subprocess.DEVNULL, stdout=log,
                                      stderr=subprocess.STDOUT, env=self.env)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for p in (self.p, self.x):
            p.terminate() # an X server that is killed leaves its lock and its socket behind
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def until(self, pattern, seconds=15):
        end = time.monotonic() + limit(seconds)
        while not re.search(pattern, self.text, re.M):
            if time.monotonic() > end or self.p.poll() is not None:
                raise Failure(f"{pattern!r} does not come:\n{self.text[-2000:]}")
            time.sleep(0.02)

    def screen(self):
        """What the X server shows, from its XWD file."""
        with open(os.path.join(self.folder, "Xvfb_screen0"), "rb") as f:
            data = f.read()
        head = struct.unpack(">25I", data[:100])
        start, w, h, pitch, colours = head[0] + 12 * head[19], head[4], head[5], head[12], head[19]
        check(head[1] == 7 and head[11] == 32 and colours >= 0, "not an XWD file of 32 bits")
        pixels = bytearray(3 * w * h)
        little = head[7] == 0
        for y in range(h):
            row = data[start + y * pitch:start + y * pitch + 4 * w]
            for c, at in enumerate((2, 1, 0) if little else (1, 2, 3)):
                pixels[3 * w * y + c:3 * w * (y + 1):3] = row[at::4]
        return picture.Picture(w, h, bytes(pixels))

    def place(self):
        """Where the window's first pixel is."""
        found = self.tool("search", "--onlyvisible", "--name", ".", "getwindowgeometry")
        match = re.search(r"Position: (-?\d+),(-?\d+)", found)
        check(match, f"no window: {found}")
        return int(match[1]), int(match[2])

    def tool(self, *words):
        if not shutil.which("xdotool"):
            raise Skip("there is no xdotool (package xdotool)")
        return subprocess.run(["xdotool", *words], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False).stdout


@case
def pixels():
    with Screen([test_app("p05a"), test_app("p05b")], "--size", "800x600") as s:
        s.until("T p05 ok")
        x, y = s.place()
        eventually(lambda: desktop.exact_now(s.screen().crop(x, y, 800, 600)))


@case
def keys():
    with Screen([test_app("keys")], "--size", "320x200") as s:
        s.until("T keys ready")
        x, y = s.place()
        s.tool("mousemove", str(x + 10), str(y + 10))
        time.sleep(0.3)
        for name, code in (("a", 30), ("1", 2), ("Return", 28), ("Escape", 1), ("F12", 88), ("Up", 103), ("Shift_R", 54),
                           ("Control_L", 29), ("KP_Enter", 96), ("Home", 102), ("Delete", 111), ("slash", 53)):
            s.tool("key", name)
            s.until(rf"T down code={code} ")
            s.until(rf"T up code={code} ")
        check("FAIL" not in s.text, "the app complains")


@case
def mouse():
    with Screen([test_app("mouse"), test_app("keys")], "--size", "400x300") as s:
        s.until("T keys ready")
        x, y = s.place()
        for dx, dy in ((100, 50), (0, 0), (399, 299), (7, 200)):
            s.tool("mousemove", str(x + dx), str(y + dy))
            s.until(rf"T mouse x={dx} y={dy}$")
        for button, code in ((1, 0x110), (3, 0x111), (2, 0x112)):
            s.tool("click", str(button))
            s.until(rf"T down code={code} ")
            s.until(rf"T up code={code} ")


@case
def mouse_without_an_end():
    """While a surface is RELATIVE the mouse moves on where the window ends; a game that asks for it (sdl.py)."""
    game = os.path.join(suite.build(), "ctest", "qemu", "conformance", "sheet.elf")
    if sanitized():
        raise Skip("without sanitizers only: games are built where apps are")
    with Screen([], "--size", "400x300", "--keys-from-stdin", game, "relative") as s:
        s.until("window 10 0,0")
        x, y = s.place()
        s.tool("mousemove", str(x + 200), str(y + 150))
        time.sleep(0.3)

        def further():
            for _ in range(5):
                s.tool("mousemove_relative", "150", "0")
            moved = sum(int(n) for n in re.findall(r"motion \d+,\d+ by (\d+),", s.text))
            check(moved > 1500, f"it moved by {moved} only:\n{s.text[-1500:]}")
        eventually(further)


class ClientMessage(ctypes.Structure):
    """XClientMessageEvent, padded to the size of an XEvent."""
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
                ("window", ctypes.c_ulong), ("message", ctypes.c_ulong), ("format", ctypes.c_int), ("data", ctypes.c_long * 5),
                ("rest", ctypes.c_char * 128)]


def quit_window(s):
    """What a window manager sends when someone clicks on the cross; there is none here."""
    window = int(s.tool("search", "--onlyvisible", "--name", ".").split()[0])
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XInternAtom.restype = ctypes.c_ulong
    display = ctypes.c_void_p(x.XOpenDisplay(s.env["DISPLAY"].encode()))
    e = ClientMessage(type=33, window=window, format=32, message=x.XInternAtom(display, b"WM_PROTOCOLS", 0))
    e.data[0] = x.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
    x.XSendEvent(display, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(e))
    x.XCloseDisplay(display)


@case
def called_as_its_app():
    """With --files too, which brings an app along, before all others."""
    with scratch() as folder:
        image = os.path.join(folder, "files.img")
        ctx("files", "create", image, "--size", "8M").ends(FINE)
        for options in ((), *([] if sanitized() else [("--files", image)])):  # no storage app is built beside that tool
            with Screen([test_app("idle")], "--size", "320x200", *options) as s:
                s.until("T idle ok")
                said = s.tool("search", "--onlyvisible", "--name", ".", "getwindowname")
                check("idle.elf" in said, f"{options}: it is called {said}")


@case
def closing():
    """Closing the window ends it, in order."""
    with Screen([test_app("idle")], "--size", "320x200") as s:
        s.until("T idle ok")
        quit_window(s)
        try:
            rc = s.p.wait(limit(10))
        except subprocess.TimeoutExpired:
            raise Failure("it does not end") from None
        check(rc == FINE and "I window: closed" in s.text, f"{rc}: {s.text}")


@case
def closing_keeps_the_session():
    with scratch() as folder:
        path = os.path.join(folder, "disk.img")
        ctx("disk", "create", path, "--size", "2M").ends(FINE)
        for again in (False, True):
            with Screen([test_app("idle")], "--size", "320x200", "--disk", path, "--session", "w") as s:
                s.until("main: running" if again else "T idle ok")
                quit_window(s)
                rc = s.p.wait(limit(10))
                check(rc == FINE and "vault: save name=session/w" in s.text, f"{rc}: {s.text}")
                check(again == ("session: resumed file=session/w apps=1 of=1" in s.text), s.text)


@case
def without_a_screen():
    has_window()


if __name__ == "__main__":
    suite  # the lists of cases are its
    main()
