# SPDX-License-Identifier: MIT
"""The display while apps run: somebody makes QEMU's window larger, and the pointer lies in a plane of its own."""
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from rfb import Viewer  # noqa: E402
from patience import eventually  # noqa: E402
from suite import apps_vm, case, check, product  # noqa: E402


def app(name):
    return product(f"apps/{name}.elf")


def vnc(folder):
    return ["-vnc", f"unix:{folder}/vnc"]


def all_drawn(vm, width, height):
    screen = vm.screen()
    check((screen.w, screen.h) == (width, height), f"{screen.w}x{screen.h}, not {width}x{height}")
    colours = {screen.pixel(x, y) for x in range(3, width, width // 9) for y in range(3, height, height // 7)}
    check(len(colours) > 12, f"{width}x{height}: only {len(colours)} colours: not all of it is drawn")


@case
def another_size():
    """Versions 1 and 2 go on in the size that they know, scaled; the picture has the window's size."""
    with tempfile.TemporaryDirectory() as folder, apps_vm(
            [app("background"), app("clock"), app("veteran")], "", devices=suite.DESKTOP, extra=vnc(folder)) as vm:
        vm.until("main: running")
        with Viewer(os.path.join(folder, "vnc")) as viewer:
            for width, height in ((1024, 768), (1600, 900), (640, 480), (1280, 800)):
                viewer.ask_size(width, height)
                vm.until(rf"screen: virtio-gpu width={width} height={height}", 30)
                viewer.until(lambda v, want=(width, height): (v.width, v.height) == want)
                eventually(lambda w=width, h=height: all_drawn(vm, w, h))
        check(" E " not in vm.text, vm.text[-1500:])


@case
def a_plane_for_the_pointer():
    """Its picture and its place reach QEMU by the cursor queue; screenshots do not have it."""
    with tempfile.TemporaryDirectory() as folder, apps_vm(
            [app("paint"), app("cursor")], "pointer=plane", devices=suite.DESKTOP,
            extra=[*vnc(folder), "-trace", f"enable=virtio_gpu_update_cursor,file={folder}/trace"]) as vm:
        vm.until("main: running")

        def trace():
            with open(os.path.join(folder, "trace")) as f:
                return re.findall(r"virtio_gpu_update_cursor scanout 0, x (\d+), y (\d+), (update|move), res 0x([0-9a-f]+)", f.read())

        with Viewer(os.path.join(folder, "vnc")) as viewer:
            vm.mouse_to(300, 200)
            eventually(lambda: check(any(kind == "update" and res == "3" for _, _, kind, res in trace()), "no picture of the pointer"))
            viewer.until(lambda v: v.cursor is not None and v.cursor[0] == 64 and any(v.cursor[3]))
            for x, y in ((10, 10), (640, 400), (1279, 799)):
                vm.mouse_to(x, y)
                want = (str(x), str(y))
                eventually(lambda: check(trace() and trace()[-1][:2] == want, f"not told of {want}: {trace()[-3:]}"))


if __name__ == "__main__":
    suite.main()
