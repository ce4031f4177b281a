# SPDX-License-Identifier: MIT
"""The hostile apps of the QEMU test, batch by batch, under ctx run: what must come of each stands in harness/hostile.py."""
import os
import shutil
import signal
import subprocess
import threading

from runner import FAULTED, FINE, case, check, headless, main, qemu_test, scratch, together, tool

corpus = qemu_test("hostile")


def named(batch, folder):
    """The apps' files under the names of the table: ctx takes them from there."""
    apps = []
    for path, name, words in corpus.files(batch, "linux"):
        apps.append([os.path.join(folder, name + ".elf"), *words.split()])
        shutil.copyfile(path, apps[-1][0])
    return apps


def batch_run(batch, *options, frames=20):
    with scratch() as folder:
        said = headless(named(batch, folder), *options, frames=frames)
    try:
        check(said.rc in (FINE, FAULTED), f"ctx ends with {said.rc}: {said.text[-1000:]}")
    finally:
        corpus.judge(batch, "linux", said.text)


@case
def memory():
    batch_run("memory")


@case
def exceptions():
    batch_run("exceptions")


@case
def depths():
    batch_run("depths")


@case
def thousandth():
    batch_run("thousandth", "--fast", frames=1010)


@case
def state():
    batch_run("state")


@case
def gates():
    batch_run("gates")


@case
def privileged():
    batch_run("privileged")


@case
def greedy():
    batch_run("greedy")


@case
def exhaustion():
    batch_run("exhaustion", "--mem", "96")


@case
def answers():
    batch_run("answers")


@case
def overruns():
    batch_run("overruns")


@case
def endless():
    """They never come to an end, so the run is ended from outside, in order, as soon as the good ones are through."""
    text, left = "", 3
    with scratch() as folder:
        command = [tool(), "run", "--headless", *together(named("endless", folder))]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as p:
            net = threading.Timer(60, p.kill)
            net.start()
            for line in p.stdout:
                text += line.decode("utf-8", "replace")
                left -= b": T good ok" in line
                if left == 0:
                    p.send_signal(signal.SIGINT)
                    left = -1
            net.cancel()
    corpus.judge("endless", "linux", text, report=False)
    check("main: interrupted" in text, f"it does not end in order: {text[-1000:]}")


if __name__ == "__main__":
    main()
