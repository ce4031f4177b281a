# SPDX-License-Identifier: MIT
"""
ctx cc [OPTION]... FILE...    ctx c++ ...

A compiler for apps: gcc with what every app needs, and with code that a kernel can verify (kernel/doc/isolation.md).
-c makes an object, else an app comes out: libctx is linked, and `ctx check` says what became of it.

As a compiler's launcher (CMake's C_COMPILER_LAUNCHER): ctx-cc.py --launch gcc ..., for one file with -c; other commands
are only passed on.

--trusted     do not rewrite: the code can reach everything
Everything else goes to gcc. clang is needed as an assembler.
"""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ctx_rewrite  # noqa: E402

SOURCES = {".c": "c", ".cpp": "c++", ".cc": "c++", ".cxx": "c++", ".S": "asm", ".s": "asm", ".i": "c", ".ii": "c++"}
TAKES_VALUE = ("-o", "-I", "-D", "-U", "-include", "-isystem", "-iquote", "-idirafter", "-MF", "-MT", "-MQ", "-x", "-T", "-L", "-l",
               "-Xlinker", "-u", "-z", "-imacros", "-iprefix", "-B", "-Xassembler", "-Xpreprocessor", "-aux-info", "-dumpbase")


def die(text):
    print(f"ctx cc: {text}", file=sys.stderr)
    sys.exit(1)


def assembler():
    clang = os.environ.get("CTX_AS") or shutil.which("clang") or shutil.which("clang-14")
    if clang is None:
        die("verified code needs clang as its assembler (package clang)")
    return clang


def sources_of(words):
    """Places of source files among a compiler's words."""
    found, skip = [], False
    for i, word in enumerate(words):
        if skip:
            skip = False
        elif word in TAKES_VALUE:
            skip = True
        elif not word.startswith("-") and os.path.splitext(word)[1] in SOURCES:
            found.append(i)
    return found


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
        else:
            out.append(word)
    return out


def run(words):
    code = subprocess.call(words)
    if code != 0:
        sys.exit(code if code > 0 else 1)


def compile_one(compiler, words, source, output):
    """One source file to an object whose code can be verified. words: all but -c and -o."""
    asm = SOURCES[os.path.splitext(source)[1]] == "asm"
    with tempfile.TemporaryDirectory(prefix="ctx-cc-") as folder:
        before, after = f"{folder}/compiled.s", f"{folder}/rewritten.s"
        if asm and source.endswith(".s"):
            before = source
        elif asm:
            run([compiler, "-E", *words, "-o", before])
        else:
            debug = [w for w in words if w.startswith("-g") and not w.startswith("-g0")]
            more = ["-gdwarf-4", "-gno-variable-location-views"] if debug else []
            run([compiler, "-S", *words, "-ffixed-r11", "-fno-reorder-blocks-and-partition", "-mno-red-zone", *more,
                 "-o", before])
        with open(before, encoding="utf-8", errors="surrogateescape") as f:
            text = f.read()
        try:
            text = ctx_rewrite.rewrite(text, source)
        except ctx_rewrite.RewriteError as error:
            print(error, file=sys.stderr)
            sys.exit(1)
        with open(after, "w", encoding="utf-8", errors="surrogateescape") as f:
            f.write(text)
        answer = subprocess.run([assembler(), "-c", "-Wno-unused-command-line-argument", after, "-o", output],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if answer.returncode != 0:
            kept = os.environ.get("CTX_KEEP")
            if kept:
                shutil.copy(after, kept)
            die(f"{source}: its assembler does not take what became of it:\n{answer.stdout[:2000]}")


def launch(words):
    compiler, words = words[0], words[1:]
    places = sources_of(words)
    output = value_of(words, "-o")
    if "-c" not in words or len(places) != 1 or output is None or "-E" in words or "-S" in words:
        os.execvp(compiler, [compiler, *words])
    rest = without(without(words, "-c", False), "-o", True)
    if not any(w in words for w in ("-MT", "-MQ")) and any(w in words for w in ("-MD", "-MMD")):
        rest += ["-MT", output]
    compile_one(compiler, rest, words[places[0]], output)


def main():
    words = sys.argv[1:]
    if words[:1] == ["--launch"] and len(words) > 1:
        launch(words[1:])
        return
    print(__doc__.strip())
    sys.exit(0 if words in (["--help"], ["-h"]) else 1)


if __name__ == "__main__":
    main()
