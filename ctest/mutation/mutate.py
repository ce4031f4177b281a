#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Would the unit tests notice? Small changes of the core, one at a time, and what the tests say of each.

  mutate.py --build build/host [--seed N] [--count N] [--jobs N] [--list | --check] [FILE.c ...]

From each file (default: those of TESTS) `count` mutants are drawn, the same ones for the same seed and source. Only the changed
file is compiled, by the build's own command, and linked into the tests that can see it (TESTS), one after the other until one of
them fails or does not end in time. A mutant that all of them pass has survived. Calls of log_*() are for people and are
left alone. Nothing in the source tree is ever written. A test that does not end in time is run once more with four times the time,
for the machine may be busy with other things; how many mutants are noticed only by that is said at the end.

survivors.txt lists those that are accepted: FILE:FUNCTION, the line, the changed line, and why, with a tab between them. The score
is of the others: noticed / (all - accepted). Exit code 1: less than 95 %. The target `mutation` runs this.
"""
import argparse
import concurrent.futures
import glob
import hashlib
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
WANTED = 95

# Of each file what can see it, the quickest and likeliest first: a unit test, or all those of a subject (undo: undo.gives_up ...).
TESTS = {
    "undo.c": ["undo", "go_back", "v3"],
    "undo_pages.c": ["undo", "go_back", "v3"],
    "undo_close.c": ["undo", "go_back", "v3"],
    "image_check.c": ["image", "counts", "share"],
    "image_check_memory.c": ["image", "share"],
    "image_check_services.c": ["image", "service", "counts"],
    "restore.c": ["image", "session", "go_back", "kept"],
    "restore_check.c": ["image", "session", "go_back", "kept"],
    "restore_canvas.c": ["session"],
    "go_back.c": ["go_back", "session", "image", "kept"],
    "save.c": ["image", "session", "go_back", "kept"],
    "save_words.c": ["image", "session", "go_back", "kept"],
    "app_call.c": ["app", "watchdog", "policy", "host", "v3", "undo", "loop", "inject", "image", "session", "leaks"],
    "app_chain.c": ["app", "watchdog", "policy", "host", "loop", "leaks"],
    "app_context.c": ["app", "watchdog", "policy", "v3", "undo", "image"],
    "ctx_host.c": ["host", "watchdog", "undo", "image", "session", "kept"],
    "host_links.c": ["host", "watchdog", "image", "session", "kept"],
    "host_image.c": ["image", "session", "host", "kept"],
    "session.c": ["session", "go_back", "image", "vault", "kept"],
    "input.c": ["input", "kept", "app", "event", "loop", "v3", "windows", "image", "session"],
    "input_view.c": ["input", "kept", "app", "event", "loop", "v3", "undo", "image", "session", "go_back", "windows"],
    "event.c": ["event", "input", "kept", "loop", "v3", "image", "session"],
    "event_ring.c": ["event", "input", "kept", "loop", "v3", "windows", "image", "session", "go_back"],
    "event_image.c": ["event", "image", "session", "kept", "undo"],
    "compose.c": ["surface", "present", "windows", "undo"],
    "surface.c": ["surface", "present", "kept", "v3", "arguments", "undo", "image", "session", "host", "windows"],
    "ctx_display.c": ["surface", "event", "present", "kept", "v3", "arguments", "undo", "image", "session", "host"],
    "surface_image.c": ["image", "session", "surface", "kept", "undo", "go_back", "windows"],
    "resource.c": ["resource", "app", "leaks", "image", "undo", "files", "disks", "nics"],
    "gate.c": ["gate", "arguments", "v3", "app", "host", "service_calls", "interface", "service", "share", "crash"],
    "frame.c": ["frame", "memory", "leaks"],
    "slotheap.c": ["slotheap", "app_pages", "undo"],
    "ready.c": ["ready", "loop", "app", "policy"],
    "service.c": ["service", "needs", "leaks", "counts"],
    "service_uses.c": ["service", "needs", "leaks"],
    "service_call.c": ["service", "watchdog", "host"],
    "request.c": ["service", "terminal", "disks", "leaks"],
    "share.c": ["share", "leaks"],
    "share_map.c": ["share", "nics", "disks"],
    "verify.c": ["verify", "isolate"],
    "verify_insn.c": ["verify", "isolate"],
    "elf.c": ["elf", "app", "program", "isolate", "counts"],
    "route.c": ["windows", "event", "input", "surface"],
}
DEADLINES = 10  # a test may take so many times what it takes with the unchanged file, and five seconds more

COMPARE = {"==": ["!="], "!=": ["=="], "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"]}
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[A-Za-z_]\w*|\d\w*|->|<<=|>>=|<<|>>|&&|\|\||[-+*/%&|^=!<>]=|\+\+|--|.')


def code_lines(text):
    """(number, line) of the lines that are code of functions: no comment, no preprocessor, no declaration at file level."""
    text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)
    for number, line in enumerate(text.split("\n")):
        passed_over = r"\s*(#|_Static_assert|log_\w+\(|panic\(|\"|case |default:|(static )?(char|uint\d+_t) \w+\[)"
        if line.startswith(" ") and line.strip() and not re.match(passed_over, line):
            yield number, line.rstrip()


def changes(line):
    """(what, changed line): everything that is done to a line."""
    tokens = [(m[0], m.start(), m.end()) for m in TOKEN.finditer(line)]
    for i, (word, begin, end) in enumerate(tokens):
        put = lambda new: line[:begin] + new + line[end:]
        spaced = line[begin - 1:begin] == " " and line[end:end + 1] == " "
        if word in COMPARE and spaced:
            for new in COMPARE[word]:
                yield "comparison", put(new)
        elif word in ("&&", "||"):
            yield "and-or", put("||" if word == "&&" else "&&")
        elif word in ("+", "-") and spaced:
            yield "sign", put("-" if word == "+" else "+")
        elif word == "!" and line[end:end + 1] not in ("=", ""):
            yield "not", put("")
        elif word in ("true", "false"):
            yield "truth", put("false" if word == "true" else "true")
        elif re.fullmatch(r"\d+u?", word) and not re.search(r"sizeof [\w>.-]+\[$", line[:begin]):
            yield "constant", put(f"{int(word.rstrip('u')) + 1}{'u' if word.endswith('u') else ''}")
        elif word == "if" and line[end:end + 2] == " (" and line.rstrip().endswith(") {"):
            yield "negated", line[:end + 2] + "!(" + line[end + 2:].rstrip()[:-3] + ")) {"
    body = line.strip()
    indent = line[:len(line) - len(line.lstrip())]
    if re.fullmatch(r"(\(void\))?[a-z]\w*\(.*\);", body) and not re.match(r"(return|sizeof|switch|while|for|if)\b", body):
        yield "no call", indent + ";"
    if re.fullmatch(r"\*?[a-z][\w.>\[\]()&+-]*(->[\w.>\[\]-]+)? ([-+|&^]?=|<<=|>>=) .*;", body):
        yield "no assignment", indent + ";"
    if re.fullmatch(r"[\w.>\[\]-]+(\+\+|--);", body):
        yield "no assignment", indent + ";"


class Mutant:
    def __init__(self, file, function, number, line, what, changed):
        self.file, self.function, self.number, self.line, self.what, self.changed = file, function, number, line, what, changed

    def key(self):
        return (f"{self.file}:{self.function}", self.line.strip(), self.changed.strip())

    def __str__(self):
        return f"{self.file}:{self.number + 1}: {self.what}: {self.line.strip()}  =>  {self.changed.strip()}"


def where(file):
    """Its path: the name is the core's only one, whichever room it is in."""
    found = glob.glob(os.path.join(SOURCE, "kernel", "**", file), recursive=True)
    if len(found) != 1:
        sys.exit(f"mutate: {len(found)} files in kernel/ are called {file}")
    return found[0]


def mutants_of(file):
    with open(where(file), encoding="utf-8") as f:
        text = f.read()
    functions, function = [], ""
    for line in text.split("\n"):
        begins = re.match(r"[a-z][^=;]*?\b(\w+)\(", line)
        function = begins[1] if begins else function
        functions.append(function)
    return [Mutant(file, functions[number], number, line, what, changed)
            for number, line in code_lines(text) for what, changed in changes(line)]


class Build:
    """How the build compiles and links, without the file's name."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        with open(os.path.join(self.folder, "compile_commands.json"), encoding="utf-8") as f:
            self.commands = json.load(f)
        self.links, self.times = {}, {}
        self.tests = {t for entry in self.commands for t in re.findall(r"/test_core_(\w+)\.dir/", entry["command"])}

    def tests_of(self, file):
        """Of each subject the quickest test first, once they are measured."""
        found = []
        for subject in TESTS[file]:
            its = sorted(t for t in self.tests if t == subject or t.startswith(subject + "_"))
            if not its:
                sys.exit(f"mutate: there is no unit test of {subject} in {self.folder}")
            found += sorted(its, key=lambda t: self.times.get(t, 0))
        return list(dict.fromkeys(found))

    def object_of(self, file):
        path = where(file)
        for entry in self.commands:
            found = re.search(r" -o (\S+core_on_host\.dir\S+)", entry["command"])
            if os.path.realpath(entry["file"]) == os.path.realpath(path) and found:
                return entry["command"], found[1]
        sys.exit(f"mutate: {file} is not compiled for the unit tests in {self.folder}")

    def compile(self, file, source, out):
        command, made = self.object_of(file)
        words = shlex.split(command.replace(made, out))
        words[-1] = source
        words = [w for w in words if w != "-Werror"] + ["-w", f"-iquote{os.path.dirname(where(file))}"]
        return subprocess.run(words, cwd=self.folder, stderr=subprocess.DEVNULL).returncode == 0

    def link(self, test, file, replaced, out):
        if test not in self.links:
            said = subprocess.run(["ninja", "-t", "commands", "test_core_" + test], cwd=self.folder, stdout=subprocess.PIPE, text=True)
            if said.returncode != 0:
                sys.exit(f"mutate: there is no unit test {test}")
            self.links[test] = said.stdout.splitlines()[-1].removeprefix(": && ").removesuffix(" && :")
        made = self.object_of(file)[1]
        words = [replaced if w == made else w for w in shlex.split(self.links[test])]
        words[words.index("-o") + 1] = out
        subprocess.run(words, cwd=self.folder, check=True)

    def passes(self, program, seconds):
        """Whether it does; None if it does not end. A test that has failed may leave behind what hangs the next one."""
        with subprocess.Popen([program], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as running:
            timer = threading.Timer(seconds, running.kill)
            timer.start()
            failed = any(b"[  FAILED  ]" in line for line in running.stdout)
            if failed:
                running.kill()
            running.wait()
            late = not failed and not timer.is_alive()
            timer.cancel()
        return None if late else not failed and running.returncode == 0

    def measure(self, tests):
        for test in tests:
            began = time.monotonic()
            if not self.passes(os.path.join(self.folder, "ctest", "unit", "test_core_" + test), 600):
                sys.exit(f"mutate: unit.{test} fails without any change")
            self.times[test] = time.monotonic() - began


def judge(build, mutant):
    """Which test notices; "" if none does; None if it is no program."""
    with tempfile.TemporaryDirectory(prefix="argos-mutant-") as folder:
        source, made, program = (os.path.join(folder, n) for n in (mutant.file, "mutant.o", "test"))
        with open(where(mutant.file), encoding="utf-8") as f:
            lines = f.read().split("\n")
        lines[mutant.number] = mutant.changed
        with open(source, "w", encoding="utf-8") as f:
            f.write("\n".join(lines))
        if not build.compile(mutant.file, source, made):
            return None
        for test in build.tests_of(mutant.file):
            build.link(test, mutant.file, made, program)
            seconds = 5 + DEADLINES * build.times[test]
            said = build.passes(program, seconds)
            if said is None:
                said = build.passes(program, 4 * seconds)
            if not said:
                return test + (" (too late)" if said is None else "")
    return ""


def accepted():
    found = {}
    with open(os.path.join(HERE, "survivors.txt"), encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if line.strip() and not line.startswith("#"):
                parts = line.rstrip("\n").split("\t")
                if len(parts) != 4 or not parts[3]:
                    sys.exit(f"survivors.txt:{number}: FILE:FUNCTION, line, changed line and reason are wanted, with tabs between them")
                found[tuple(parts[:3])] = parts[3]
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.path.join(SOURCE, "build", "host"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=12, help="mutants of each file; 0: all")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="say of each mutant which test noticed it")
    parser.add_argument("--list", action="store_true", help="say which, and do nothing")
    parser.add_argument("--check", action="store_true", help="do nothing, but see that each file, test and accepted mutant is there")
    parser.add_argument("files", nargs="*", default=[])
    args = parser.parse_args()
    files = args.files or list(TESTS)
    unknown = [f for f in files if f not in TESTS]
    if unknown:
        sys.exit(f"mutate: nobody says which tests can see {' '.join(unknown)} (TESTS)")
    reasons = accepted()
    chosen, known = [], set()
    for file in files:
        every = mutants_of(file)
        known |= {m.key() for m in every}
        seed = int.from_bytes(hashlib.sha256(f"{args.seed} {file}".encode()).digest()[:8], "big")
        if args.count and args.count < len(every):
            every = [every[i] for i in sorted(random.Random(seed).sample(range(len(every)), args.count))]
        chosen += every
    for key in reasons:
        if key[0].split(":")[0] in files and key not in known:
            sys.exit(f"survivors.txt: there is no such line, or it is not changed so: {' | '.join(key)}")
    if args.list:
        print("\n".join(str(m) for m in chosen))
        return 0
    build = Build(args.build)
    if args.check:
        for file in files:
            build.tests_of(file)
            build.object_of(file)
        print(f"{len(chosen)} mutants of {len(files)} files, {len(reasons)} accepted")
        return 0
    build.measure(dict.fromkeys(t for f in files for t in build.tests_of(f)))
    noticed, counted, late = dict.fromkeys(files, 0), dict.fromkeys(files, 0), 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for mutant, by in zip(chosen, pool.map(lambda m: (m.key() in reasons and "accepted") or judge(build, m), chosen)):
            if args.verbose and by != "":
                print(f"{by or 'no program'}  {mutant}", flush=True)
            if by is None or by == "accepted":
                continue
            counted[mutant.file] += 1
            noticed[mutant.file] += by != ""
            late += by.endswith("(too late)")
            if by == "":
                print(f"survived  {mutant}", flush=True)
    for file in files:
        print(f"{file:20} {noticed[file]} of {counted[file]}")
    total, all_noticed = sum(counted.values()), sum(noticed.values())
    score = 100 * all_noticed / max(total, 1)
    left_out = sum(1 for m in chosen if m.key() in reasons)
    print(f"score {score:.1f} %: {all_noticed} of {total} noticed, {late} of them only because a test did not end, {left_out} accepted ones left out (seed {args.seed})")
    return 0 if score >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
