# SPDX-License-Identifier: MIT
"""Words of apps and of the kernel are the same by every way to start: PVH, GRUB, `ctx run`."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "harness"))
import suite  # noqa: E402
from suite import VM, apps_vm, case, cdrom, check, limit, mkcpio, product, test_app  # noqa: E402

PRINTABLE = "".join(map(chr, range(33, 127)))
APPS = [
    ["it's", r"a\b", 'q"z', "a b", " begins", "ends ", "  ", '"', "'", "\\", '""', "''"],
    [r"\x41", r"\\x41", r"\"", r"\'", r"\\", r"a\ b", "a' b", 'a" b', '"a b"', r"\n", "x=a b"],
    [PRINTABLE[:47]], [PRINTABLE[47:]], [PRINTABLE[::-1][:60]], [" ".join(PRINTABLE[:24])],
    ["#", "#x", "a#b", "$x", "${x}", "$(x)", "*", "/*", "?", ";", "{", "}", "(cd)", "&&", "|", "~", "!x", "--title", "-o", "--"],
    ["größe", "→", "a é"],
    ["", "a", "", "", " ", "b", ""], [""],
]
KERNEL = r"""it's a\b q"z \\ \x41 '' x=it's #x $y * /* ? ; { } ( ) < > | & ~ ! `u` @ % ^ + , . / : _ [x] \" \' -v"""


def ctx(*words, rc=0):
    run = subprocess.run([product("ctx"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                         stdin=subprocess.DEVNULL, timeout=limit(60))
    said = run.stdout.decode("utf-8", "replace")
    check(run.returncode == rc, f"ctx {words[0]}: exit code {run.returncode}: {said[-800:]}")
    return said


def command_line():
    out = []
    for words in APPS:
        out += (["+"] if out else []) + [test_app("words"), *words]
    return out


def compare(text, way):
    """The log of all apps, whatever the order in which they were called."""
    for pid, words in enumerate(APPS):
        got = re.findall(rf"app\.words[0-9]*#{pid}: \[(.*)\]\r?$", text, re.M)
        check(got == words, f"{way}, app {pid}: {got} instead of {words}")


def kernel_words(text):
    match = re.search(r'I boot: protocol=\w+ loader="[^"]*" modules=\d+ words="(.*)"\r?$', text, re.M)
    check(match, "the kernel does not tell its words")
    return mkcpio.split_words(match[1])


@case
def of_apps():
    compare(ctx("run", "--headless", "--frames", "3", *command_line()), "ctx run")
    apps = [(test_app("words"), "words", mkcpio.join_words(words)) for words in APPS]
    with apps_vm(apps, "debugexit stop=3") as vm:
        vm.until(rf"ended name=words pid={len(APPS) - 1}|(end of words(.|\n)*){{{len(APPS)}}}", 20)
        compare(vm.text, "PVH")
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        image = os.path.join(folder, "words.iso")
        ctx("iso", "-o", image, "--kernel", product("argos.elf"), "--words", "debugexit", *command_line())
        with VM(cdrom(image), devices=suite.DESKTOP) as vm:
            vm.until(rf"(end of words(.|\n)*){{{len(APPS)}}}", 30)
            compare(vm.text, "GRUB")


@case
def an_empty_argument_vanishes():
    """Also where someone wrote it into the menu, beside a variable that holds nothing; a name may be empty, too."""
    apps = [(test_app("words"), "words", r"a \0 b"), (test_app("words"), "", r"\0 c")]
    with apps_vm(apps, "debugexit stop=3") as vm:
        vm.until(r"(end of words(.|\n)*){2}", 20)
        said = [re.findall(rf"app\.words#{pid}: \[(.*)\]", vm.text) for pid in (0, 1)]
        check(said == [["a", "", "b"], ["", "c"]], f"archive: {said}")
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        image = os.path.join(folder, "words.iso")
        ctx("iso", "-o", image, "--kernel", product("argos.elf"), "--words", " debugexit  x ", test_app("words"), "$nothing", "")
        with open(image, "rb") as f:
            data = f.read()
        entry = data[data.index(b"    module2"):].split(b"\n")[0]
        check(entry.endswith(b"words '$nothing' ''"), f"the menu says {entry}")
        with open(image, "wb") as f:
            f.write(data.replace(entry, entry.replace(b"'$nothing' ''", b"''   $nothing")))
        with VM(cdrom(image), devices=suite.DESKTOP) as vm:
            vm.until("end of words", 30)
            said = re.findall(r"app\.words#0: \[(.*)\]", vm.text)
            check(said == [""], f"GRUB: {said}")
            check(kernel_words(vm.text) == ["debugexit", "x"], f"GRUB: {kernel_words(vm.text)}")


@case
def of_the_kernel():
    want = ["debugexit", *KERNEL.split()]
    with apps_vm([], "debugexit " + KERNEL) as vm:
        vm.until("no apps", 20)
        check(kernel_words(vm.text) == want, f"PVH: {kernel_words(vm.text)}")
        unknown = re.findall(r"W boot: (\S+): there is no such word", vm.text)
        check(unknown == [w.replace("\\", "\\\\") for w in KERNEL.split()[:8]], f"these words there are not: {unknown}")
        vm.until(f"W boot: and so are {len(KERNEL.split()) - 8} more")
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        image = os.path.join(folder, "words.iso")
        ctx("iso", "-o", image, "--kernel", product("argos.elf"), "--title", r"it's $x \ `y` {", "--words",
            "debugexit " + KERNEL, test_app("words"))
        with VM(cdrom(image), devices=suite.DESKTOP) as vm:
            vm.until("end of words", 30)
            check(kernel_words(vm.text) == want, f"grub.cfg: {kernel_words(vm.text)}")
    # What the menu takes from outside: split at spaces, and nothing else.
    with suite.iso_vm("veterans", KERNEL, soft_pointer=False) as vm:
        vm.until("main: running", 30)
        check(kernel_words(vm.text) == KERNEL.split(), f"SMBIOS: {kernel_words(vm.text)}")


@case
def misspelt_ones_are_said():
    """A misspelt word does nothing, which nobody notices of `isolat=require`; a menu's writer hears of it, too."""
    with apps_vm([test_app("words")], "isolat=require debugexit stop=3 nomsi") as vm:
        check(vm.wait(60) is not None, "it does not end")
        for word in ("isolat=require", "nomsi"):
            check(f"W boot: {word}: there is no such word, and it does nothing" in vm.text, f"not a word of {word}:\n{vm.text[:2000]}")
        check("W boot: stop" not in vm.text and "W boot: debugexit" not in vm.text, vm.text[:2000])
    said = ctx("check", "--boot", "isolat=require isolate=off to=a:b", test_app("words"))
    check(re.findall(r"menu: (\S+): there is no such word", said) == ["isolat=require"], said)


@case
def a_space_inside():
    """A boot word within another one is none: it is quoted in grub.cfg."""
    with tempfile.TemporaryDirectory(prefix="argos-") as folder:
        lists = os.path.join(folder, "lists")
        os.mkdir(lists)
        with open(os.path.join(lists, "one.list"), "w", encoding="utf-8") as f:
            f.write(r"words.elf it\ is a\ b c\#d # a comment" + "\n")
        with open(os.path.join(folder, "cfg.in"), "w", encoding="utf-8") as f:
            f.write('insmod all_video\nset default=one\nset timeout=0\n@menu one "One" debugexit x=my\\ panic\\ disk\n')
        image = os.path.join(folder, "one.iso")
        subprocess.run([sys.executable, "-B", os.path.join(suite.SOURCE, "cmake", "mkiso.py"), image, "--kernel",
                        product("argos.elf"), "--template", os.path.join(folder, "cfg.in"), "--lists", lists,
                        "--stage", os.path.join(folder, "stage"), test_app("words")], check=True)
        with VM(cdrom(image), devices=suite.DESKTOP) as vm:
            vm.until("end of words", 30)
            check(kernel_words(vm.text) == ["debugexit", "x=my panic disk"], f"{kernel_words(vm.text)}")
            check("PANIC" not in vm.text, "a word within a word was taken")
            check(re.findall(r"app\.it_is#0: \[(.*)\]", vm.text) == ["a b", "c#d"], "the list's quoting")


@case
def too_long():
    """Arguments that do not fit are not cut in silence."""
    with apps_vm([(test_app("words"), "words", "x" * 4096)], "debugexit stop=3") as vm:
        vm.until(r"refused file=words.elf field=arguments value=0x[0-9a-f]+: an app's arguments have at most 4095 bytes", 20)
    said = ctx("run", "--headless", "--frames", "3", test_app("words"), "\\" * 2070, rc=1)
    check("words.elf: field=arguments value=0x102c: an app's arguments have at most 4095 bytes" in said, said)


if __name__ == "__main__":
    suite.main()
