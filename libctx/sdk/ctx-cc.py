# SPDX-License-Identifier: MIT
"""
ctx cc [OPTION]... FILE...
ctx c++ [OPTION]... FILE...

A compiler for apps: gcc with what every app needs, and with code that a kernel can verify.
An app comes out, a.elf or -o FILE, linked with libctx, and `ctx check` says what it is; with -c
an object for each source, with -S assembly, with -E, -M or -MM what gcc says of the source, which
is standard input where it is called - (-xc says of what kind). What gcc knows it is told:
-O2 -g -Wall -DX=1 -Ifolder -std=c17 -MMD -MF FILE @FILE --version ...

--trusted         do not rewrite: the code can reach everything, and runs only where it is trusted.
                  Without it code that no kernel would verify is an error, by file and line
--libc            with the C library picolibc, from ctx_start or main on
--launch CC ...   run this command of a compiler, whose object is to be verified (for CMake)

clang is needed as an assembler, and r11 is not the compiler's; inline assembly must leave it alone.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ctx_rewrite  # noqa: E402

# gcc's names of languages, and what is to be done with a file of each.
SUFFIXES = {".c": "c", ".i": "cpp-output", ".S": "assembler-with-cpp", ".sx": "assembler-with-cpp", ".s": "assembler", ".ii": "c++-cpp-output",
            **{suffix: "c++" for suffix in (".C", ".cc", ".cp", ".cpp", ".cxx", ".c++", ".CPP")}}
KINDS = {"c": "c", "cpp-output": "c", "c++": "c++", "c++-cpp-output": "c++", "assembler-with-cpp": "asm", "assembler": "asm"}
TAKES_VALUE = ("-o", "-I", "-D", "-U", "-include", "-isystem", "-iquote", "-idirafter", "-MF", "-MT", "-MQ", "-x", "-T", "-L", "-l",
               "-Xlinker", "-u", "-z", "-imacros", "-iprefix", "-B", "-Xassembler", "-Xpreprocessor", "-aux-info", "-dumpbase")
LINKS = ("-L", "-l", "-T", "-Xlinker", "-u", "-z")  # of the linker, the value behind it or in the same word
DEPTH = 10  # of @FILE in @FILE
ASKS = re.compile(r"--version|-v|-###|-dump(version|fullversion|machine|specs)|-print-.*|--print-.*|--target-help")  # about the compiler


def die(text):
    print(f"ctx cc: {text}", file=sys.stderr)
    sys.exit(1)


def assembler():
    clang = os.environ.get("CTX_AS") or shutil.which("clang") or shutil.which("clang-14")
    if clang is None:
        die("verified code needs clang as its assembler (package clang)")
    return clang


class Source:
    """A file, and what gcc takes it for; by its name, where nothing is said (-x)."""

    def __init__(self, at, path, said):
        self.at, self.path, self.said = at, path, said  # at: its place among the words
        self.language = said or SUFFIXES.get(os.path.splitext(path)[1])
        self.kind = KINDS.get(self.language)
        self.words = ["-x", said, path] if said else [path]
        self.stem = "-" if path == "-" else os.path.splitext(os.path.basename(path))[0]


def sources_of(words):
    """Sources among a compiler's words, and the places of the words that say what they are."""
    found, places, said, skip = [], [], None, None
    for i, word in enumerate(words):
        if skip is not None:
            if skip == "-x":
                said = word
                places.append(i)
            skip = None
        elif word in TAKES_VALUE:
            skip = word
            if word == "-x":
                places.append(i)
        elif word.startswith("-x"):
            said = word[2:]
            places.append(i)
        elif word == "-" or not word.startswith("-"):
            source = Source(i, word, said if said != "none" else None)
            if source.said and source.kind is None:
                die(f"-x {source.said}: not of an app; gcc does that")
            if source.kind is not None:
                found.append(source)
            elif word == "-":
                die("of what kind standard input is has to be said: -xc -")
    return found, places


def expand(words, depth=0):
    """Each @FILE becomes the words in it, quoted as a shell does; one that is not there is a word, as it is to gcc."""
    out = []
    for word in words:
        if not word.startswith("@") or not os.path.exists(word[1:]):
            out.append(word)
            continue
        if depth == DEPTH:
            die(f"{word}: such files name one another more than {DEPTH} deep")
        try:
            with open(word[1:], encoding="utf-8", errors="surrogateescape") as f:
                inside = shlex.split(f.read())
        except (OSError, ValueError) as error:
            die(f"{word[1:]}: {getattr(error, 'strerror', None) or error}")
        out += expand(inside, depth + 1)
    return out


def dependencies(words, target, beside):
    """What is to be added so that they name `target` and come to lie beside that, as gcc's own do, wherever the compiler writes."""
    if not any(w in words for w in ("-MD", "-MMD")):
        return []
    more = [] if any(w.startswith("-MF") for w in words) else ["-MF", os.path.splitext(beside)[0] + ".d"]
    return more + ([] if any(w.startswith(("-MT", "-MQ")) for w in words) else ["-MT", target])


def parted(words):
    """The compiler's words, and the linker's."""
    rest, linked, take = [], [], None
    for word in words:
        if take is not None:
            take.append(word)
            take = None
            continue
        link = word in LINKS or word.startswith(("-L", "-l", "-Wl,")) or word == "-s" or (not word.startswith("-") and word.endswith((".o", ".a")))
        (linked if link else rest).append(word)
        if word in TAKES_VALUE:
            take = linked if link else rest
    return rest, linked


def value_of(words, option):
    for i, word in enumerate(words):
        if word == option and i + 1 < len(words):
            return words[i + 1]
        if word.startswith(option) and len(word) > len(option) and option == "-o":
            return word[2:]
    return None


def without(words, option, has_value):
    out, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word == option:
            skip = has_value
        elif has_value and option == "-o" and word.startswith(option):
            pass
        else:
            out.append(word)
    return out


def run(words, given=None):
    """given: its standard input; None: ours."""
    code = subprocess.run(words, check=False, **({} if given is None else {"input": given})).returncode
    if code != 0:
        sys.exit(code if code > 0 else 1)


def has_debug(words):
    """Whether they ask for debug information: the last one counts."""
    asked = [w for w in words if re.fullmatch(r"-g([0-9]|gdb\d?|dwarf(-\d)?)?", w)]
    return bool(asked) and asked[-1] != "-g0"


def why_not(text, file, rewriter):
    """The assembler's complaints, at the places of the source."""
    said = []
    for line, why in re.findall(rf"^{re.escape(file)}:(\d+):\d+: error: (.*)$", text, re.M):
        where, what = rewriter.places[min(int(line), len(rewriter.places)) - 1]
        said.append(f"{where}: error: `{' '.join(what.split())}`: the assembler does not know this: {why}")
    return "\n".join(dict.fromkeys(said)) or text[:2000]


def compile_one(compiler, words, source, output, lines=False, assembly=False, given=None):
    """
    One source to an object whose code can be verified, or to its assembly. words: all but -c and -o; lines: those of the source are kept
    in any case; given: what standard input is, if that is the source.
    """
    asm = source.kind == "asm"
    with tempfile.TemporaryDirectory(prefix="ctx-cc-") as folder:
        before, after = f"{folder}/compiled.s", f"{folder}/rewritten.s"
        if source.language == "assembler":
            if source.path != "-":
                before = source.path
            else:
                with open(before, "wb") as f:
                    f.write(given or b"")
        elif asm:
            run([compiler, "-E", *words, "-o", before], given)
        else:
            # Lines in any case, so that what is refused is so by the source's line; who did not ask for them does not get them.
            more = [*([] if has_debug(words) else ["-g1"]), "-gdwarf-4", "-gno-variable-location-views"]
            run([compiler, "-S", *words, "-ffixed-r11", "-fno-reorder-blocks-and-partition", "-mno-red-zone", *more,
                 "-o", before], given)
        with open(before, encoding="utf-8", errors="surrogateescape") as f:
            text = f.read()
        rewriter = ctx_rewrite.Rewriter("<stdin>" if source.path == "-" else source.path, debug=lines or asm or has_debug(words))
        try:
            text = rewriter.rewrite(text)
        except ctx_rewrite.RewriteError as error:
            print(error, file=sys.stderr)
            sys.exit(1)
        if assembly and output == "-":
            sys.stdout.write(text)
            return
        try:
            with open(output if assembly else after, "w", encoding="utf-8", errors="surrogateescape") as f:
                f.write(text)
        except OSError as error:
            die(f"{output}: {error.strerror}")
        if assembly:
            return
        answer = subprocess.run([assembler(), "-c", "-fdebug-compilation-dir=.", "-Wno-unused-command-line-argument", after, "-o", output],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if answer.returncode != 0:
            kept = os.environ.get("CTX_KEEP")
            if kept:
                shutil.copy(after, kept)
            print(why_not(answer.stdout, after, rewriter), file=sys.stderr)
            die(f"{source.path}: it is not compiled")


def launch(words):
    compiler, words = words[0], words[1:]
    sources, _ = sources_of(words) if "-c" in words else ([], [])
    output = value_of(words, "-o")
    if len(sources) != 1 or output is None or "-E" in words or "-S" in words:
        os.execvp(compiler, [compiler, *words])
    rest = without(without(words, "-c", False), "-o", True)
    rest += dependencies(rest, output, output)
    compile_one(compiler, rest, sources[0], output)


def options_of(home):
    path = os.path.join(home, "flags.json")
    try:
        with open(path, encoding="utf-8") as f:
            return json.load(f)
    except OSError as error:
        die(f"{path}: {error.strerror}")


class Kit:
    """What the package has for one kind of app."""

    def __init__(self, home, trusted, libc):
        flags = options_of(home)
        self.trusted = trusted
        self.main = libc == "main"
        lib = home if trusted else os.path.join(home, "verified")
        self.compile = list(flags["compile"])
        self.cxx = list(flags["cxx"])
        self.link = list(flags["link"])
        include = flags["include"] if os.path.isabs(flags["include"]) else os.path.join(home, flags["include"])
        self.compile += ["-isystem", os.path.normpath(include)]
        if libc:
            headers = subprocess.run(["gcc", "-print-file-name=include"], stdout=subprocess.PIPE, text=True, check=True)
            self.compile = [f for f in self.compile if f != "-ffreestanding"] + flags["libc_compile"]
            self.compile += ["-isystem", f"{home}/c", "-isystem", f"{home}/picolibc/include", "-isystem", headers.stdout.strip()]
            self.link = flags["libc_link"] + ["-T", f"{home}/app.ld", "-Wl,-u,main" if libc == "main" else "-Wl,--as-needed"]
            clib = f"{home}/picolibc/lib/libc.a" if trusted else f"{lib}/libc.a"
            helpers = "-lgcc" if trusted else f"{lib}/libctx_helpers.a"
            self.libs = [f"{lib}/libctx_ui.a", f"{lib}/libctx.a", "-Wl,--start-group", f"{lib}/libctx_c.a", clib, helpers, f"{lib}/libctx.a", "-Wl,--end-group"]
        else:
            self.link.append(f"{home}/no-constructors.ld")
            self.libs = [f"{lib}/libctx_ui.a", f"{lib}/libctx.a"]
        for path in self.libs:
            if path[0] == "/" and not os.path.exists(path):
                die(f"{path} is not there: this package was built without verified libraries"
                    if not trusted and os.path.exists(os.path.join(home, os.path.basename(path))) else f"{path} is not there")


def defines_main(sources, given):
    """Whether one of them has an ordinary main(); ctx_start otherwise."""
    for source in sources:
        try:
            if source.path == "-":
                text = given
            else:
                with open(source.path, "rb") as f:
                    text = f.read()
            if b" main(" in text:
                return True
        except OSError:
            pass
    return False


HINTS = {"opcode": "no verified app may have this instruction", "operand": "an address that may lie outside of the slot",
         "target": "it branches to where no instruction begins", "base": "a computed branch, or a string instruction, that is not kept in the slot",
         "stack": "rsp can not be changed like this", "bundle": "it crosses a multiple of 32", "entry": "what the kernel calls begins at a multiple of 32"}


def source_line(output, at):
    """FILE:LINE of an address in the slot, or ""."""
    with open(output, "rb") as f:
        head = f.read(18)
    address = at - (0x400000 if head[16] == 3 else 0)  # position independent files are put there
    try:
        said = subprocess.run(["addr2line", "-e", output, hex(address)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.split()
    except OSError:
        return ""
    return said[0] if said and not re.search(r":[0?]$|^\?", said[0]) else ""


def judge(tool, output, trusted):
    """What `ctx check` says; code that was to be verified and is not is an error, and no app is left."""
    if trusted:
        return subprocess.call([tool, "check", output])
    answer = subprocess.run([tool, "check", "--isolate=require", output], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    refused = re.search(r"unverified name=\S+ at=slot\+(0x[0-9a-f]+)( in=\S+)?( bytes=\w*) rule=(\w+)", answer.stdout)
    if refused is None:
        sys.stdout.write(answer.stdout)
        return answer.returncode
    at, place, code, rule = refused.groups()
    where = source_line(output, int(at, 0)) or output
    print(f"{where}: error: a kernel refuses this code: {HINTS.get(rule, rule)} (rule={rule} at=slot+{at}{place or ''}{code}); "
          "with --trusted it is built, and runs only where it is trusted", file=sys.stderr)
    os.unlink(output)
    return 1


def name_source(folder, output):
    """What tells main its argv[0]."""
    path = os.path.join(folder, "argv0.c")
    with open(path, "w", encoding="utf-8") as f:
        name = os.path.splitext(os.path.basename(output))[0]
        text = ", ".join(str(byte) for byte in [*name.encode("utf-8", "surrogateescape"), 0])
        f.write('#ifdef __cplusplus\nextern "C" {\n#endif\nextern const char ctx_main_name[];\n#ifdef __cplusplus\n}\n#endif\n'
                f"const char ctx_main_name[] = {{{text}}};\n")
    return path


def drive(home, tool, cxx, words):
    words = expand(words)
    trusted, libc = "--trusted" in words, "--libc" in words
    words = [w for w in words if w not in ("--trusted", "--libc")]
    for option in ("-shared", "-m32"):
        if option in words:
            die(f"{option}: not of an app; gcc does that")
    stage = next((o for o in ("-E", "-M", "-MM", "-S", "-c") if o in words), None)
    sources, places = sources_of(words)
    if not sources and not any(w.endswith((".o", ".a")) for w in words):
        if any(ASKS.fullmatch(w) for w in words):
            run(["g++" if cxx else "gcc", *words])
            return
        die("there is nothing to compile (ctx cc --help)")
    output = value_of(words, "-o")
    if stage and output and len(sources) != 1:
        die(f"-o with {stage} is for one source")
    given = sys.stdin.buffer.read() if any(s.path == "-" for s in sources) else None
    output = output if stage else output or "a.elf"
    kit = Kit(home, trusted, libc and ("main" if defines_main(sources, given) else "start"))
    places += [s.at for s in sources]
    rest = [w for i, w in enumerate(words) if i not in places]
    rest, linked = parted(without(without(without(rest, "-S", False), "-c", False), "-o", True))
    if not any(w.startswith("-O") for w in rest):
        rest = ["-O2", *rest]
    with tempfile.TemporaryDirectory(prefix="ctx-cc-") as folder:
        objects = []
        if kit.main and not stage:
            sources.append(Source(None, name_source(folder, output), None))
        for n, source in enumerate(sources):
            name = source.stem + (".s" if stage == "-S" else ".o")
            target = output if stage and output else name if stage else f"{folder}/{n}-{name}"
            objects.append(target)
            flags = kit.compile + (kit.cxx if source.kind == "c++" else []) + rest
            compiler = "g++" if source.kind == "c++" or cxx and source.kind == "c" else "gcc"
            input_of = given if source.path == "-" else None
            if stage in ("-E", "-M", "-MM"):
                run([compiler, *flags, *source.words, *(["-o", output] if output else [])], input_of)
                continue
            # As gcc does: beside what comes out, and if that is an app, by both names.
            flags += dependencies(rest, target if stage else name, target if stage else f"{os.path.splitext(output or 'a.elf')[0]}-{name}")
            if trusted:
                run([compiler, stage or "-c", *flags, *source.words, "-o", target], input_of)
            else:
                compile_one(compiler, [*flags, *source.words], source, target, lines=not stage, assembly=stage == "-S", given=input_of)
        if stage:
            return
        run(["gcc", *kit.link, *objects, *linked, *kit.libs, "-o", output])
        code = judge(tool, output, trusted)
        if code == 0 and not trusted and not has_debug(rest):
            run(["objcopy", "--strip-debug", output])  # the lines were for judge()
    sys.exit(code)


def main():
    words = sys.argv[1:]
    home, tool, cxx = os.path.dirname(os.path.abspath(__file__)), "ctx", False
    while words[:1] and words[0] in ("--home", "--tool", "--c++"):  # of the tool, which starts this
        if words[0] == "--c++":
            cxx, words = True, words[1:]
            continue
        if words[0] == "--home":
            home = words[1]
        else:
            tool = words[1]
        words = words[2:]
    if words[:1] == ["--launch"] and len(words) > 1:
        launch(words[1:])
    elif words[:1] in (["--help"], ["-h"]):
        print(__doc__.strip())
    else:
        drive(home, tool, cxx, words)


if __name__ == "__main__":
    main()
