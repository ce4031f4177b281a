# SPDX-License-Identifier: MIT
"""httpd under the kernel, over a card of QEMU's user network: all of it verified. What the page's requests do to the machine."""
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile

# Instead of this folder: its calendar.py is not the one that http.client means.
sys.path[0] = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness")
import webpage  # noqa: E402
from suite import apps_vm, case, check, eventually, main, product  # noqa: E402
from vm import disk as attach  # noqa: E402

NET = "offer=ctx.net/1 grant=ctx.nic/1 nic=*"
GRANTS = "use=ctx.net/1(in:80) grant=ctx.system/1,ctx.control/1,ctx.screen/1,ctx.journal/1,ctx.hands/1,ctx.image/1"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def machine(web, port, more=()):
    card = ["-netdev", f"user,id=n0,hostfwd=tcp:127.0.0.1:{port}-:80", "-device", "virtio-net-pci,netdev=n0,romfile="]
    display = ["-device", "virtio-vga,xres=640,yres=400"]
    apps = [(product("apps/net/verified/net.elf"), "net", NET), (product("apps/httpd/verified/httpd.elf"), "httpd", f"{GRANTS} {web}"),
            (product("apps/snake/verified/snake.elf"), "snake"), *more]
    return apps_vm(apps, "debugexit isolate=require", devices=card + display, seconds=60)


@case
def the_page_of_a_machine():
    port = free_port()
    with machine("web=full", port) as vm:
        token = vm.until(r"app\.httpd#\d+: token ([0-9a-f]{32})")[1].decode()
        vm.until(r"listening port=80")
        site = webpage.Site(port)
        eventually(lambda: check(site.get("/healthz")[1] == b"ok\n", "no answer"))
        status = json.loads(site.get("/api/status")[1])
        apps = {app["name"]: app for app in status["apps"]}
        check(set(apps) == {"net", "httpd", "snake"} and all(app["isolated"] for app in apps.values()), f"{apps}")
        check("listening port=80" in status["log"] and token not in status["log"] and "token " + "*" * 32 in status["log"] and status["memory"] > status["memory_free"] > 0, status["log"])
        check(b'argos_app_calls_total{pid="' in site.get("/metrics")[1], "no metrics")
        check(b"<title>Argos</title>" in site.get("/")[1] and site.get("/none")[0] == 404, "no page")
        # The picture is the screen's, where the token may be.
        page = site.page()
        page.send(f"token {token} {site.once(token)}")
        check(json.loads(page.until(1, lambda data: b"may" in data)) == {"may": True}, "no hands")
        page.send("look 1")
        _, shrink, w, h, tile, count = struct.unpack_from("<BBHHHH", page.until(2))
        check((shrink, w, h, tile) == (1, 640, 400, 32) and count > 1, f"{(shrink, w, h, tile, count)}")
        # Doing.
        pid = apps["snake"]["pid"]
        check(site.do("0" * 32, "pause", pid) == 401, "without the token")
        check(site.do(token, "pause", pid) == 200, "with it")
        vm.until(rf"audit: pause pid={pid} from=\d+\.\d+\.\d+\.\d+: done")

        def state(wanted):
            said = {a["pid"]: a["state"] for a in json.loads(site.get("/api/status")[1])["apps"]}
            check(said[pid] == wanted, f"{said}")
        eventually(lambda: state("paused"))
        check(site.do(token, "resume", pid) == 200 and site.do(token, "save", pid) == 200, "resume, save")
        check(site.do(token, "undo", pid) == 200, "undo")
        check(site.do(token, "stop", pid) == 200, "stop")
        eventually(lambda: state("stopped"))
        check(site.do(token, "start", pid) == 200, "start")
        # Hands.
        for words in ("key 103 1", "key 103 0", "move 10 10 640 400", "key 272 1", "key 272 0", "wheel 1"):
            page.send(words)
        page.send(b"still there", 0x89)
        check(page.until(10) == b"still there", "the page was closed")
        check("PANIC" not in vm.text and not re.search(r"crash|fault", vm.text), vm.text[-2000:])


@case
def the_token_stays():
    """It lies on the disk of files: the same when the machine was cut off, another one when the console was asked for one, and that stays too."""
    with tempfile.TemporaryDirectory(prefix="argos-web-") as folder:
        path = os.path.join(folder, "files.img")
        subprocess.run([product("ctx"), "files", "create", path, "--size", "8M"], check=True, stdout=subprocess.DEVNULL)
        apps = [(product("apps/storage/verified/storage.elf"), "storage", "offer=ctx.files/1,ctx.kv/1 grant=ctx.block/1 disk=*"),
                (product("apps/net/verified/net.elf"), "net", NET),
                (product("apps/httpd/verified/httpd.elf"), "httpd", f"offer=ctx.web/1 use=ctx.kv/1 {GRANTS} web=full"),
                (product("apps/console/verified/console.elf"), "console", "use=ctx.web/1,ctx.net/1")]

        def turn(words, says, port):
            card = ["-netdev", f"user,id=n0,hostfwd=tcp:127.0.0.1:{port}-:80", "-device", "virtio-net-pci,netdev=n0,romfile="]
            with apps_vm(apps, "debugexit isolate=require", devices=card + attach(path, node="files"), seconds=60) as vm:
                said = vm.until(rf"app\.httpd#\d+: token {says}")[1].decode()
                vm.until(r"Type help")
                site = webpage.Site(port)
                eventually(lambda: check(site.get("/healthz")[1] == b"ok\n", "no answer"))
                at = len(vm.text)
                vm.send(words + "\n")
                shown = vm.until(r"app\.console#\d+: token ([0-9a-f]{32})", 20, at)[1].decode()
                check("10.0.2.15  http port 80" in vm.text[at:], vm.text[at:])
                check(site.do(shown, "pause", 99) == 404 and (shown == said or site.do(said, "pause", 99) == 401), "what is shown does not count")
                check("PANIC" not in vm.text and not re.search(r"crash|fault", vm.text), vm.text[-2000:])
                return said, shown
        first, shown = turn("web", "([0-9a-f]{32}), a new one, which is kept", free_port())
        check(first == shown, "the console shows another one")
        again, second = turn("web new", f"({first}), as it was kept", free_port())
        check(again == first != second, "no new one")
        turn("web", f"({second}), as it was kept", free_port())


@case
def only_to_be_looked_at():
    port = free_port()
    with machine("web=look", port) as vm:
        vm.until(r"listening port=80")
        site = webpage.Site(port)
        eventually(lambda: check(site.get("/healthz")[1] == b"ok\n", "no answer"))
        page = site.page()
        page.send("look 2")
        check(struct.unpack_from("<BBHH", page.until(2)) == (1, 2, 320, 200), "no picture")
        check("token" not in vm.text and site.do("0" * 32, "stop", 0) == 403, "something could be done")
    with machine("", port) as vm:
        vm.until(r"nothing is served")
        check("listening" not in vm.text, "it listens")


if __name__ == "__main__":
    main()
