# SPDX-License-Identifier: MIT
"""Keys reach an app by virtio, PS/2 and the serial line, with the right codes and states."""
import re
import time

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import apps_vm, case, check, test_app  # noqa: E402

VIRTIO = suite.DESKTOP
PS2 = ["-device", "virtio-vga"]
# QEMU's names and evdev's codes
KEYS = {"a": 30, "z": 44, "1": 2, "ret": 28, "spc": 57, "esc": 1, "f1": 59, "f12": 88, "up": 103,
        "down": 108, "left": 105, "right": 106, "home": 102, "delete": 111, "shift": 42,
        "ctrl_r": 97, "alt_r": 100, "kp_enter": 96, "kp_5": 76, "minus": 12, "slash": 53}


def events(vm):
    return [(d == "down", int(c)) for d, c in re.findall(r"T (down|up) code=(\d+)", vm.text)]


def numbers(vm):
    return [int(n) for n in re.findall(r"T (?:down|up) code=\d+ n=(\d+)", vm.text)]


def all_keys(devices):
    with apps_vm([test_app("keys")], "", devices=devices) as vm:
        vm.until("T keys ready")
        time.sleep(0.3)
        for name, code in KEYS.items():
            vm.key(name)
            vm.until(rf"T up code={code} ", 5)
        want = [e for code in KEYS.values() for e in ((True, code), (False, code))]
        got = events(vm)
        check(got == want, f"events are {got}, not {want}")
        n = numbers(vm)
        check(n == list(range(n[0], n[0] + len(n))), f"events are numbered {n}")
        check("FAIL" not in vm.text, "the app complains")


@case
def virtio():
    all_keys(VIRTIO)


@case
def ps2():
    all_keys(PS2)


# All names that QEMU has for keys.
NAMES = """shift shift_r alt alt_r ctrl ctrl_r menu esc 1 2 3 4 5 6 7 8 9 0 minus equal backspace tab q w e r t y u i o p
bracket_left bracket_right ret s d f g h j k l semicolon apostrophe grave_accent backslash z x c v b n m comma dot slash
asterisk spc caps_lock f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 num_lock scroll_lock kp_divide kp_multiply kp_subtract kp_add
kp_enter kp_decimal sysrq kp_0 kp_1 kp_2 kp_3 kp_4 kp_5 kp_6 kp_7 kp_8 kp_9 less f11 f12 print home pgup pgdn end left up
down right insert delete stop again props undo front copy open paste find cut lf help meta_l meta_r compose pause ro
hiragana henkan yen muhenkan katakanahiragana kp_comma kp_equals power sleep wake audionext audioprev audiostop audioplay
audiomute volumeup volumedown mediaselect mail calculator computer ac_home ac_back ac_forward ac_refresh ac_bookmarks
lang1 lang2""".split()
KEY = 1  # the kind of event


def logged(text):
    """[(code, value)] of the key events that evlog saw."""
    return [(int(c), int(v)) for c, v in re.findall(rf"EV {KEY} (\d+) (\d+) ", text)]


def codes(devices):
    """{name: the events that a tap of that key makes}, each between two taps of A."""
    found = {}
    with apps_vm([test_app("evlog")], "", devices=devices) as vm:
        vm.until("EV ready")
        time.sleep(0.3)
        for name in NAMES:
            since = len(vm.serial)
            if name != "a":
                vm.key(name)
            vm.key("a")
            vm.until(rf"EV {KEY} 30 0 ", 5, since)
            found[name] = [e for e in logged(vm.serial[since:].decode("utf-8", "replace")) if e[0] != 30]
    return found


@case
def every_key_is_the_same_by_both_ways():
    """What QEMU's PS/2 keyboard has of them is what its virtio keyboard says, media keys too."""
    virtio_codes, ps2_codes = codes(VIRTIO), codes(PS2)
    wrong = {n: (virtio_codes[n], got) for n, got in ps2_codes.items() if got and virtio_codes[n] and got != virtio_codes[n]}
    check(not wrong, f"virtio and PS/2 differ: {wrong}")
    silent = sorted(n for n, got in ps2_codes.items() if not got and virtio_codes[n])
    print("not on QEMU's PS/2 keyboard:", " ".join(silent))
    for name, code in (("ro", 89), ("yen", 124), ("henkan", 92), ("muhenkan", 94), ("hiragana", 91), ("kp_comma", 121),
                       ("kp_equals", 117), ("pause", 119), ("print", 99), ("audiomute", 113), ("calculator", 140)):
        check(ps2_codes[name] == [(code, 1), (code, 0)], f"{name} by PS/2: {ps2_codes[name]}")


@case
def chords_of_pause_and_print():
    with apps_vm([test_app("evlog")], "", devices=PS2) as vm:
        vm.until("EV ready")
        time.sleep(0.3)
        for modifier, name, code in (("alt", "print", 99), ("ctrl", "pause", 119), ("shift", "up", 103)):
            since = len(vm.serial)
            vm.key(modifier, True)
            vm.key(name)
            vm.key(modifier, False)
            # A key of its own marks the end: in the middle of Alt and Print QEMU lets go of Alt and presses it again.
            vm.key("a")
            vm.until(rf"EV {KEY} 30 0 ", 5, since)
            got = [e for e in logged(vm.serial[since:].decode()) if e[0] == code]
            check(got == [(code, 1), (code, 0)], f"{modifier} and {name}: {got}")


def held(devices):
    """Three presses without a release, as a held key sends them, then a release, and one that is too much."""
    with apps_vm([test_app("evlog")], "", devices=devices) as vm:
        vm.until("EV ready")
        time.sleep(0.3)
        for down in (True, True, True, False, False):
            vm.key("q", down)
        vm.key("a")
        vm.until(rf"EV {KEY} 30 0 ", 5)
        got = [e for e in logged(vm.text) if e[0] == 16]
        check(got == [(16, 1), (16, 2), (16, 2), (16, 0)], f"a held key is {got}")


@case
def a_held_key_repeats_by_virtio():
    held(VIRTIO)


@case
def a_held_key_repeats_by_ps2():
    held(PS2)


@case
def five_buttons_by_ps2():
    with apps_vm([test_app("evlog")], "", devices=PS2) as vm:
        vm.until("EV ready")
        vm.until("ps2: keyboard mouse=yes wheel=yes buttons=5")
        for name, code in (("left", 272), ("right", 273), ("middle", 274), ("side", 275), ("extra", 276)):
            for down in (True, False):
                since = len(vm.serial)
                vm.button(name, down)
                vm.until(rf"EV {KEY} {code} {int(down)} ", 5, since)
        for name, steps in (("wheel-up", 1), ("wheel-down", -1)):
            since = len(vm.serial)
            vm.button(name)
            vm.button(name, False)
            vm.until(rf"EV \d+ \d+ \d+ \d+ {steps} ", 5, since)


@case
def states():
    """keys[] at 16: 128 pressed, 130 held, 1 released, 0; 2 for a tap between two calls."""
    with apps_vm([test_app("keys")], "", devices=VIRTIO) as vm:
        vm.until("T keys ready")
        vm.key("q", True)
        vm.until("T state code=16 is=130", 5)
        vm.key("q", False)
        vm.until("T state code=16 is=0", 5)
        got = [int(s) for s in re.findall(r"T state code=16 is=(\d+)", vm.text)]
        check(got == [128, 130, 1, 0], f"states are {got}, not 128 130 1 0")
        for _ in range(20):  # down and up in one packet: mostly between two calls
            vm.input(*({"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": "w"}}}
                       for down in (True, False)))
            time.sleep(0.05)
        got = {int(s) for s in re.findall(r"T state code=17 is=(\d+)", vm.text)}
        check(2 in got, f"a quick tap never shows as 2, but as {sorted(got)}")


@case
def p06_only_old_codes():
    """Profile 6: codes outside 0-83, 85-195 and 0x110-0x113 are neither delivered nor counted."""
    with apps_vm([test_app("keys")], "", devices=VIRTIO) as vm:
        vm.until("T keys ready")
        time.sleep(0.3)
        vm.key("a")
        vm.key("mediaselect")
        vm.until("T up code=30 ", 5)
        for button in ("wheel-up", "wheel-down", "extra"):
            vm.button(button, True)
            vm.button(button, False)
        for button, code in (("left", 0x110), ("middle", 0x112), ("right", 0x111), ("side", 0x113)):
            vm.button(button, True)
            vm.button(button, False)
            vm.until(f"T up code={code} ", 5)
        vm.key("b")
        vm.until("T up code=48 ", 5)
        want = [(d, c) for c in (30, 0x110, 0x112, 0x111, 0x113, 48) for d in (True, False)]
        got = events(vm)
        check(got == want, f"events are {got}, not {want}")
        n = numbers(vm)
        check(n == list(range(n[0], n[0] + len(n))), f"hidden events were counted: {n}")


@case
def p04_steady_while_running():
    with apps_vm([test_app("p04")], "", devices=VIRTIO) as vm:
        vm.until("T p04 looking")
        for _ in range(4):
            vm.key("x")
            vm.mouse_to(300, 300)
            vm.send("y")
            time.sleep(0.02)
        check(b"T p04 looked" not in vm.serial, "typed too late: the app no longer looks")
        vm.until("T p04 (ok|FAIL)", 20)
        suite.verdicts(vm, ["p04"])


@case
def serial():
    with apps_vm([test_app("keys")], "", devices=[]) as vm:
        vm.until("T keys ready")
        time.sleep(0.2)
        for char, code in (("h", 35), ("5", 6), ("\r", 28), (" ", 57)):
            vm.send(char)
            vm.until(rf"T down code={code} ", 5)
            vm.until(rf"T up code={code} ", 5)
        vm.send("\x1b[A")  # the arrow key
        vm.until("T down code=103 ", 5)
        vm.send("A")  # with shift
        vm.until(r"T down code=42 [\s\S]*T down code=30 ", 5)
        time.sleep(0.3)
        held = set()
        for down, code in events(vm):
            (held.add if down else held.discard)(code)
        check(not held, f"keys stay down: {held}")


@case
def flood():
    """More than the ring holds between two calls is no harm; the newest 64 are right."""
    with apps_vm([test_app("keys")], "", devices=VIRTIO) as vm:
        vm.until("T keys ready")
        for _ in range(200):
            vm.key("k")
        time.sleep(1)
        vm.key("j")
        vm.until("T up code=36 ", 10)
        check("fault" not in vm.text, "the app faulted")


@case
def every_app_sees_its_own_edges():
    """Two apps, one key: each sees press, hold, release."""
    with apps_vm([(test_app("keys"), "one"), (test_app("keys"), "two")], "", devices=VIRTIO) as vm:
        vm.until("two#1: T keys ready")
        vm.key("q", True)
        time.sleep(0.2)
        vm.key("q", False)
        for name in ("one#0", "two#1"):
            vm.until(rf"{name}: T state code=16 is=0", 5)
            got = re.findall(rf"{name}: T state code=16 is=(\d+)", vm.text)
            check(got == ["128", "130", "1", "0"], f"{name} sees {got}")


if __name__ == "__main__":
    suite.main()
