# SPDX-License-Identifier: MIT
"""The core's faults of old, each with the app that showed it (ctest/harness/coreruns.py)."""
import os

from runner import FINE, case, check, ctx, main, scratch, test_app, together, until
import coreruns


def run(wanted):
    apps = [[test_app("core/" + name), *words.split()] for name, words in wanted.apps]
    options = ["--headless", *(["--fast"] if wanted.fast else []), "--mem", str(wanted.mib)]
    said = until("run", *options, *together(apps), says=wanted.is_done).has("main: interrupted")
    wrong = wanted.wrong(said.text)
    check(wrong is None, f"{wrong} in\n{said.text[-3000:]}")


for _name, _run in coreruns.RUNS.items():
    def _case(wanted=_run):
        run(wanted)
    _case.__name__ = _name.replace("-", "_")
    case(_case)


@case
def undo_at_the_limit_of_mappings():
    run(coreruns.PIECES_LINUX)


@case
def a_call_that_takes_long_is_in_the_session():
    """It is nearly always in the middle of a call, of far less than a quarter of a second, also on a machine with much else to do: the session waits for that."""
    with scratch() as folder:
        disk = os.path.join(folder, "d.img")
        ctx("disk", "create", disk).ends(FINE)
        command = ["run", "--headless", "--disk", disk, "--session", "s", test_app("core/busy130"), "15", "budget=2ms"]
        first = until(*command, says=["with n 5"]).text
        second = until(*command, says=lambda text: text.count("begins with n") > 1).text
    for text in (first, second):
        check("in the middle of a call" not in text, text[-2000:])
    check("resumed file=session/s apps=1 of=1" in second and "begins with n 0\n" not in second, second[-2000:])


def script(lines):
    return "\n".join(lines) + "\n"


@case
def an_app_that_hangs_goes_back():
    with scratch() as folder:
        disk, path = os.path.join(folder, "d.img"), os.path.join(folder, "keys")
        ctx("disk", "create", disk).ends(FINE)
        with open(path, "w") as f:
            f.write(script(["wait 300", "key leftctrl down", "key leftalt down", "key insert tap", "wait 2500",
                            "key home tap", "wait 1000", "quit"]))
        said = ctx("run", "--headless", "--virtual-time", "--disk", disk, "--script", path, test_app("core/hang"), "+",
                   test_app("core/count"))
    said.has(r"overran name=hang(?s:.*)went back name=hang (?s:.*)went back file=quick/1 apps=2 failed=0")
    said.has(r"vault: restore name=quick/1 pid=-1 bytes=\d+ where=\S+$")
    after = said.text[said.text.index("went back file="):]
    check("hang#0: T n 40" in after, "it does not go on:\n" + after[-1500:])


@case
def a_put_off_app_does_not_hold_the_keyboard():
    """It has had a hundredth of the time for long; meanwhile another one hears many more keys than the queue holds."""
    with scratch() as folder:
        path = os.path.join(folder, "keys")
        lines = ["wait 4000"]
        for n in range(1800):
            lines += ["key a tap"] + (["wait 100"] if n % 40 == 0 else [])
        with open(path, "w") as f:
            f.write(script([*lines, "wait 2500", "quit"]))
        said = ctx("run", "--headless", "--script", path, test_app("core/v2hog"), "share=1%", "+", test_app("core/reader"))
    said.has(r"T key events so far 3600$", "the reader did not hear all keys")


if __name__ == "__main__":
    main()
