# SPDX-License-Identifier: MIT
"""ctx.nic/1 under the kernel: an app over cards of QEMU's user network, and two machines on one wire; links that go, cards that are pulled, apps that go wild and die."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
from suite import apps_vm, case, check, eventually, main, test_app  # noqa: E402
import nics  # noqa: E402

GRANT = "grant=ctx.nic/1 nic=*"


def card(options="", netdev="user,id=n0", name="n0"):
    return ["-netdev", netdev, "-device", f"virtio-net-pci,netdev={name},id=card{name},romfile={',' + options if options else ''}"]


def run(words, devices, until=r"exited name=nics", grants=GRANT, boot="", then=None, **options):
    """An app with these words; what it said."""
    with apps_vm([(test_app("nics"), "nics", f"{grants} {words}")], f"debugexit nodisplay {boot}", devices=devices, seconds=40, **options) as vm:
        if then:
            then(vm)
        vm.until(until)
        check("PANIC" not in vm.text, "the kernel panicked")
        return vm.text


def good(text, says):
    wrong = nics.missing(text, says)
    check(not wrong, f"{wrong}\n{text[-2500:]}")


@case
def everything():
    """With all that QEMU offers; polled, with small rings, without the control queue; with a large MTU that says itself."""
    for options in ("", "disable-legacy=on,vectors=0,rx_queue_size=256,ctrl_vq=off,event_idx=off", "indirect_desc=off,host_mtu=1500,speed=1000,duplex=full"):
        good(run(nics.ALL, card(options)), nics.SAYS)


@case
def two_machines():
    """On one wire; then one that loses, breaks, swaps and doubles frames. What is sent back is what was sent."""
    for bad in (0, 0.02):
        with tempfile.TemporaryDirectory(prefix="argos-nic-") as folder, nics.Wire(folder, bad) as wire:
            def end(near, far):
                return card(f"mac=52:54:00:00:00:0{far}", f"dgram,id=n0,local.type=unix,local.path={wire.paths[near]},remote.type=unix,remote.path={wire.paths[far]}")
            with apps_vm([(test_app("nics"), "nics", f"{GRANT} on=net0 echo=100000")], "debugexit nodisplay", devices=end("near_b", "b")) as echo:
                echo.until(r"T claimed net0 0")
                text = run("on=net0 bounce=60 size=1514 pieces=8 bounce=60", end("near_a", "a"))
            good(text, [r"T claimed net0 0$", r"T bounce 60$", r"T bounce 60$", r"T end 0$"])
            check(len(wire.frames) >= 240, "nothing went over the wire")


@case
def the_link():
    """Down, and up again: told, and frames go then."""
    def pull(vm):
        vm.until(r"T ping 1")
        vm.qmp.command("human-monitor-command", **{"command-line": "set_link n0 off"})
        vm.until(r"T link 0")
        vm.qmp.command("human-monitor-command", **{"command-line": "set_link n0 on"})
    text = run("on=net0 arp=10.0.2.2 ping=1 link=20000 link=20000 arp=10.0.2.2 ping=2", card(), then=pull)
    good(text, [r"T ping 1$", r"T link 0$", r"T link 1$", r"T arp 1$", r"T ping 2$"])


@case
def plugged_and_pulled():
    """Into a slot with native hot plug, pulled with room and frames in flight, and plugged in again as another one."""
    def plug(vm):
        vm.until(r"running apps=1")
        for name in ("net0", "net1"):
            vm.qmp.command("device_add", driver="virtio-net-pci", netdev="n0", id="plugged", bus="rp0", romfile="")
            vm.until(rf"T claimed {name} 0(?s:.*?)T ping 2")
            vm.qmp.command("device_del", id="plugged")
            vm.until(rf"nic: name={name} is gone")
            eventually(lambda: check("plugged" not in str(vm.qmp.command("qom-list", path="/machine/peripheral")), "it is still there"))
    text = run("again=net0 arp=10.0.2.2 ping=2 link=20000 kick release again=net1 arp=10.0.2.2 ping=2 link=20000 kick",
               ["-netdev", "user,id=n0", "-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off", "-device", "pcie-root-port,id=rp0,slot=1"], then=plug)
    good(text, [r"T claimed net0 0$", r"T ping 2$", r"T gone 1$", r"T kick -10$", r"T release 0$", r"T claimed net1 0$", r"T ping 2$", r"T gone 1$", r"T kick -10$"])


@case
def killed_while_frames_fly():
    """A fault with frames and room in flight: the card is stopped, the next life has it, memory is what it was."""
    text = run("on=net0 arp=10.0.2.2 ping=1 fault", card(), grants=GRANT + " restart=on-fault:3", until=r"restarts=3$(?s:.*)#0: T in flight")
    check(text.count("#0: T ping 1") == 4, text[-2500:])


@case
def undone():
    """A call that sent is not undone; one that only claimed is, and the card is free."""
    text = run("on=net0 fault", card(), grants=GRANT + " restart=undo:3", until="a network card works for it")
    check("PANIC" not in text, text[-2000:])


if __name__ == "__main__":
    main()
