# SPDX-License-Identifier: MIT
"""The calendar: in every century, after the machine was stopped, after it went back to a snapshot."""
import datetime
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import apps_vm, case, check, limit, test_app  # noqa: E402


def boot(*extra, **options):
    return apps_vm([test_app("wall")], "debugexit", devices=list(extra), seconds=90, **options)


def wall(vm, since=0):
    return int(vm.until(r"T wall (-?\d+)\r?\n", 20, since)[1])


def newest(vm):
    """What the app says next."""
    return wall(vm, len(vm.serial))


@case
def every_century():
    for text in ("1999-06-01", "2000-02-29", "2026-11-28", "2069-12-31", "2100-06-01", "1970-01-02", "2199-12-31"):
        want = int(datetime.datetime.fromisoformat(text + "T00:00:00+00:00").timestamp())
        # By the host's clock QEMU 7.2 can not be more than 68 years away from it.
        with boot("-rtc", f"base={text},clock=vm") as vm:
            got = wall(vm)
            check(want <= got <= want + 30, f"base={text}: {got - want} s off")


@case
def implausible():
    """What QEMU 7.2 makes of 2100 by the host's clock is a year before 1970: no time rather than a wrong one."""
    with boot("-rtc", "base=2100-06-01") as vm:
        match = vm.until(r"T (no wall -1|wall (\d+))\r?\n", 20)
        year = datetime.datetime.fromtimestamp(int(match[2]), datetime.timezone.utc).year if match[2] else None
        check(year in (None, 2100), f"it is said to be {year}")


@case
def by_the_host():
    with boot("-rtc", "base=utc") as vm:
        while True:  # until nothing kept the machine or this test from it for long
            before = time.time()
            got, now = newest(vm), time.time()
            if now - before < 4:
                break
        check(before - 2 <= got <= now + 2, f"{got - now} s off")


@case
def stopped_and_going_on():
    """QMP stop and cont: the TSC shows no gap, the calendar does."""
    with boot("-rtc", "base=utc,clock=host") as vm:
        wall(vm)
        vm.qmp.command("stop")
        time.sleep(8)
        vm.qmp.command("cont")
        end = time.monotonic() + limit(10)
        while (off := time.time() - newest(vm)) > 2 and time.monotonic() < end:
            pass
        check(abs(off) <= 2, f"{off:.1f} s late after it was stopped for 8")


def job(vm, name, **arguments):
    """One of QEMU's jobs from beginning to end."""
    vm.qmp.command(name, **{"job-id": name, **arguments})
    end = time.monotonic() + limit(60)
    while time.monotonic() < end:
        state = [j for j in vm.qmp.command("query-jobs") if j["id"] == name]
        if state and state[0]["status"] == "concluded":
            vm.qmp.command("job-dismiss", id=name)
            check("error" not in state[0], f"{name}: {state[0].get('error')}")
            return
        time.sleep(0.05)
    raise suite.Failure(f"{name} does not end")


@case
def back_to_a_snapshot():
    with boot("-rtc", "base=utc,clock=host") as vm:
        path = os.path.join(vm.dir, "state.qcow2")
        job(vm, "blockdev-create", options={"driver": "file", "filename": path, "size": 0})
        vm.qmp.command("blockdev-add", **{"driver": "file", "filename": path, "node-name": "file"})
        job(vm, "blockdev-create", options={"driver": "qcow2", "file": "file", "size": 1 << 20})
        vm.qmp.command("blockdev-add", **{"driver": "qcow2", "file": "file", "node-name": "state"})
        wall(vm)
        job(vm, "snapshot-save", tag="one", vmstate="state", devices=["state"])
        time.sleep(6)
        job(vm, "snapshot-load", tag="one", vmstate="state", devices=["state"])
        vm.qmp.command("cont")
        end = time.monotonic() + limit(10)
        while abs(off := time.time() - newest(vm)) > 2 and time.monotonic() < end:
            pass
        check(abs(off) <= 2, f"{off:.1f} s late after a snapshot of 6 seconds before")


@case
def no_calendar():
    """A machine without one says so once, and apps get NOSYS."""
    with boot(machine="microvm,rtc=off") as vm:
        vm.until(r"T no wall -1\r?\n(.|\n)*T no wall -1\r?\n", 20)
        check(len(re.findall("W rtc: the calendar shows no time", vm.text)) == 1, "not said, or not once")


@case
def zone_and_local_time():
    """The PC's clock has local time, as rtc=local says: wall is UTC all the same, and the C library's localtime is what the clock shows."""
    apps = [(test_app("wall"), "wall"), (suite.product("apps/console.elf"), "console")]
    for words, wall_off, shows in (("zone=+2:00 rtc=local", -7200, "14:00"), ("zone=-3:30", 0, "08:30"), ("zone=soon rtc=local", 0, "12:00")):
        with apps_vm(apps, f"debugexit {words}", devices=[*suite.DESKTOP, "-rtc", "base=2026-06-01T12:00:00,clock=vm"], seconds=90) as vm:
            off = wall(vm) - int(datetime.datetime.fromisoformat("2026-06-01T12:00:00+00:00").timestamp())
            check(wall_off <= off <= wall_off + 30, f"{words}: {off} s off")
            check(("W boot: zone, rtc: want" in vm.text) == ("soon" in words), f"{words}: what is said of it")
            vm.until("Type help")
            vm.send('eval os.date("%H:%M", 1780315200)\n')
            shown = vm.until(r"app\.console#\d+: (\d\d:\d\d)")[1].decode()
            check(shown == shows, f"{words}: {shown}, not {shows}")


@case
def summer_time_and_a_clock_that_has_local_time():
    """A PC's clock that has local time knows nothing of summer: the desktop's rule changes the zone, and what time it is goes on as it was."""
    words = "trusted grant=ctx.windows/1,ctx.calendar/1 zone=CET-1CEST,M3.5.0,M10.5.0/3 rtc=local"
    apps = [(suite.product("apps/desktop.elf"), "desktop", words), (test_app("wall"), "wall", "zone")]
    with apps_vm(apps, "debugexit", devices=[*suite.DESKTOP, "-rtc", "base=2026-03-29T01:59:40,clock=vm"], seconds=120) as vm:
        vm.until(r"T zone 3600\r?\n", 60)
        vm.until(r"T zone 7200\r?\n", 60)
        for _ in range(6):
            newest(vm)
        said = [(name, int(n)) for name, n in re.findall(r"T (wall|zone) (-?\d+)", vm.text)]
        check([n for name, n in said if name == "zone"] == [3600, 7200], f"the zone changes more than once: {said}")
        at = said.index(("zone", 7200))
        walls = [n for name, n in said[said.index(("zone", 3600)) + 1:] if name == "wall"]
        check(all(0 <= b - a <= 20 for a, b in zip(walls, walls[1:])), f"the time jumps: {said}")
        instant = int(datetime.datetime.fromisoformat("2026-03-29T01:00:00+00:00").timestamp())
        check(said[at - 1][1] in (instant, instant + 1), f"not at {instant}: {said}")


if __name__ == "__main__":
    suite.main()
