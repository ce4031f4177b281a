# SPDX-License-Identifier: MIT
"""The desktop of windows on the machine: its menu entry, and the main flow by QMP's mouse and keys."""
import gzip
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from suite import DESKTOP, STOP, apps_vm, case, check, eventually, iso_vm, main, product, test_app  # noqa: E402
from picture import read_ppm  # noqa: E402

GRANTS = "grant=ctx.windows/1,ctx.loader/1,ctx.control/1,ctx.system/1"


def app(name, args=""):
    return product(f"apps/{name}.elf"), name, args


def window(vm, name, state, since=0):
    """The desktop has told this of the window; answers its place and size."""
    found = vm.until(rf"app\.desktop#\d+: window {name}: (-?\d+),(-?\d+) (\d+),(\d+)({state})\r?\n", since=since)
    numbers = re.findall(rf"window {name}: (-?\d+),(-?\d+) (\d+),(\d+){state}\r?\n", vm.text[since:])
    check(found is not None and numbers, f"{name} is not {state}")
    return tuple(map(int, numbers[-1]))


@case
def by_its_menu_entry():
    with iso_vm("windows", "") as vm:
        vm.until("windows: desktop#1 manages them")

        def seen():
            a = vm.screen()
            check((a.w, a.h) == (1280, 800), f"the screen is {a.w}x{a.h}")
            bar = a.crop(0, 762, 1280, 36)
            check(bar.at(640, 4) == (46, 44, 40), f"no task bar: {bar.at(640, 4)}")
            check(len(a.crop(20, 20, 400, 300).colours()) > 20, "no window")
        eventually(seen)
        check(" fault " not in vm.text and "refused" not in vm.text.split("main: running", 1)[0], vm.text[-2000:])


@case
def in_any_size():
    """The same picture in seven odd sizes: to the pixel what Linux shows (linux.shots, which has the golden picture)."""
    with apps_vm([(test_app("scaled"), "scaled", "grant=ctx.windows/1")], STOP, devices=DESKTOP) as vm:
        vm.until("T scaled")
        with gzip.open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "linux", "golden", "scaled.ppm.gz")) as f:
            golden = read_ppm(f.read())

        def seen():
            differing = golden.differing(vm.screen().crop(0, 0, 640, 400))
            check(not differing, f"{len(differing)} pixels differ, the first at {differing[:1]}")
        eventually(seen)


@case
def by_mouse_and_keys():
    apps = [app("desktop", f"trusted tell {GRANTS}"), app("clock"), app("widgets"), app("snake", "shelf")]
    with apps_vm(apps, STOP, devices=DESKTOP) as vm:
        x, y, w, h = window(vm, "Widgets", " active")
        mark = len(vm.text)
        vm.mouse_to(x + 100, y + 15)
        vm.button("left", True)
        vm.mouse_to(x + 130, y + 60)
        vm.mouse_to(x + 150, y + 95)
        vm.button("left", False)
        moved = window(vm, "Widgets", " active", mark)
        check(moved == (x + 50, y + 80, w, h), f"moved from {(x, y)} to {moved}")
        mark = len(vm.text)
        vm.mouse_to(moved[0] + w - 15, moved[1] + 15)  # close
        vm.button("left", True)
        vm.button("left", False)
        window(vm, "Clock", " active", mark)
        mark = len(vm.text)
        vm.chord("meta_l")
        vm.type("snake\n", 0.1)
        snake = window(vm, "Snake", " active", mark)
        mark = len(vm.text)
        vm.chord("alt", "tab")
        window(vm, "Clock", " active", mark)
        mark = len(vm.text)
        vm.chord("meta_l", "d")
        window(vm, "Snake", " minimized", mark)
        mark = len(vm.text)
        vm.chord("meta_l", "d")
        window(vm, "Snake", "", mark)
        x, y, w, h = snake

        def seen():
            board = vm.screen().crop(x + 40, y + h - 60, 100, 40).colours(1)
            check(2 <= len(board) <= 4, "the game is not seen, but what is behind it")
            return board
        board = eventually(seen)
        vm.key("alt", True)
        vm.key("tab")

        def small():
            both = vm.screen().crop(440, 290, 400, 150).colours(1) & board
            check(len(both) >= 2, "no small picture of the game")
        eventually(small)
        mark = len(vm.text)
        vm.key("print")
        vm.until("No picture of the screen: The desktop's line lacks grant=ctx.screen/1", since=mark)
        vm.key("alt", False)


@case
def files_of_the_disk():
    """A text of the disk is opened from the console, changed by keys, saved; the screenshot key's PNG lies beside; both are there on the host."""
    with tempfile.TemporaryDirectory() as folder:
        image, text = os.path.join(folder, "files.img"), os.path.join(folder, "note.txt")
        tool = product("ctx")
        with open(text, "w", encoding="utf-8") as f:
            f.write("world\n")
        for words in ("create", image, "--size", "16M"), ("mkdir", image, "/texts"), ("put", image, text, "/texts/"):
            subprocess.run([tool, "files", *words], check=True, stdout=subprocess.DEVNULL)
        drive = ["-drive", f"if=none,id=files,format=raw,file={image}", "-device", "virtio-blk-pci,drive=files"]
        apps = [app("storage", "offer=ctx.files/1,ctx.kv/1 grant=ctx.block/1 disk=*"), app("desktop", f"trusted tell {GRANTS},ctx.screen/1 use=ctx.files/1(/)"),
                app("clipboard", "offer=ctx.clipboard/1"), app("editor", "shelf use=ctx.files/1(/)"),
                app("console", "trusted grant=ctx.loader/1 use=ctx.files/1(/)")]
        with apps_vm(apps, "", devices=DESKTOP + drive) as vm:
            window(vm, "Console[^:]*", " active")
            mark = len(vm.text)
            vm.type("edit /disk/texts/note.txt\n", 0.1)
            x, y, _, _ = window(vm, "(?:New text|note.txt)", " active", mark)

            def is_read():
                text = vm.screen().crop(x + 45, y + 75, 60, 20).colours(1)
                check(any(min(colour) > 200 for colour in text), "no text")
            eventually(is_read)
            vm.type("hello ", 0.1)
            vm.chord("ctrl", "s")
            vm.chord("print")
            vm.until("notice: Picture of the screen: /disk/pictures/screen-1.png")
            check(" fault " not in vm.text, vm.text[-2000:])
        got = subprocess.run([tool, "files", "cat", image, "/texts/note.txt"], check=False, stdout=subprocess.PIPE).stdout
        check(got == b"hello world\n", f"{got}")
        shot = subprocess.run([tool, "files", "cat", image, "/pictures/screen-1.png"], check=False, stdout=subprocess.PIPE).stdout
        check(shot[:8] == b"\x89PNG\r\n\x1a\n" and shot[-8:-4] == b"IEND", f"{len(shot)} bytes")


if __name__ == "__main__":
    main()
