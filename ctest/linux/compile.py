# SPDX-License-Identifier: MIT
"""`ctx cc`: apps whose code can be verified, from C, C++ and assembly; what the rewriter refuses, and where it says that is."""
import os
import re
import shutil
import subprocess
import sys

from runner import FINE, REFUSED, SOURCE, Skip, case, check, ctx, headless, main, scratch, tool
import suite

sys.path.insert(0, os.path.join(SOURCE, "libctx", "sdk"))
import ctx_rewrite  # noqa: E402

HEAD = "#include <ctx/ctx.h>\n"
START = "int _start(struct ctx *ctx);\nint _start(struct ctx *ctx)\n"


def folder():
    if not shutil.which("clang"):
        raise Skip("no clang, the assembler of verified code")
    return scratch()


def write(where, name, text):
    path = os.path.join(where, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def rewrite(text):
    return [line.strip() for line in ctx_rewrite.rewrite(text, "x.s").splitlines()]


def refusal(text):
    try:
        ctx_rewrite.rewrite(text, "x.s")
    except ctx_rewrite.RewriteError as error:
        return str(error)
    return None


# ---- an app ----

@case
def an_app_is_verified():
    with folder() as where:
        source = write(where, "say.c", HEAD + START + '{\n    ctx->log((const uint8_t *)"verified", 8);\n    return 0;\n}\n')
        app = os.path.join(where, "say.elf")
        ctx("cc", "-Wall", "-Werror", source, "-o", app).ends(FINE).has(r"say\.elf: fine, verified$")
        headless([app], "--isolate=require", frames=2).ends(FINE).has("verified")
        plain = os.path.join(where, "plain.elf")
        ctx("cc", "--trusted", source, "-o", plain).ends(FINE).has("unverified name=plain .* it runs trusted")
        headless([plain], "--isolate=require", frames=2).ends(REFUSED).has("unverified name=plain at=.* rule=")
        headless([plain], "--isolate=off", frames=2).ends(FINE)
        ctx("check", "--isolate=require", plain).ends(REFUSED).has("unverified name=plain")
        ctx("check", "--isolate=require", app).ends(FINE)


@case
def several_sources_in_several_languages():
    with folder() as where:
        one = write(where, "one.c", HEAD + "int two(int);\nint three(int);\n" + START +
                    '{\n    ctx->log((const uint8_t *)"0123456789", (uint32_t)(two(1) + three(2)));\n    return 0;\n}\n')
        two = write(where, "two.cpp", 'struct S { virtual int f(int n) { return n + 1; } };\nextern "C" int two(int n);\n'
                    "int two(int n) { S s; S *p = &s; __asm__(\"\" : \"+r\"(p)); return p->f(n); }\n")
        three = write(where, "three.S", "        .text\n        .globl three\nthree:\n        lea 1(%rdi), %eax\n        ret\n"
                      '        .section .note.GNU-stack, "", @progbits\n')
        app = os.path.join(where, "all.elf")
        ctx("cc", one, two, three, "-o", app).ends(FINE).has("all.elf: fine, verified$")
        headless([app], "--isolate=require", frames=1).ends(FINE).has("01234$")
        object_file = os.path.join(where, "two.o")
        ctx("c++", "-c", two, "-o", object_file).ends(FINE)
        ctx("cc", one, three, object_file, "-o", app).ends(FINE).has("all.elf: fine, verified$")


def within(where, *words, rc=FINE, given=""):
    """`ctx cc` in that folder."""
    p = subprocess.run([tool(), "cc", *words], cwd=where, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=suite.limit(60))
    check(p.returncode == rc, f"{words}: {p.returncode}, not {rc}\n{p.stdout[-1500:]}")
    return p.stdout


def holds(where, name, *texts):
    path = os.path.join(where, name)
    check(os.path.exists(path), f"{name} is not there: {sorted(os.listdir(where))}")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    check(all(t in text for t in texts), f"{name}: {text[:600]}")


@case
def as_a_compilers_driver():
    """-c, -S, -E, -M, dependencies beside what comes out, words from files; verified or trusted, gcc's names for all of it."""
    for trusted in ((), ("--trusted",)):
        with folder() as where:
            write(where, "own.h", "#define VALUE 7\n")
            write(where, "a.c", HEAD + '#include "own.h"\n' + START + "{\n    return CTX_WAIT;\n}\nint other = VALUE + EXTRA;\n")
            write(where, "b.c", "int b;\n")
            write(where, "words", '-DEXTRA="1 + 2" @more')
            write(where, "more", "-c\n'a.c'")
            within(where, *trusted, "-DEXTRA=1", "-c", "a.c", "b.c", "-MD")
            holds(where, "a.d", "a.o: a.c", "own.h", "ctx/ctx.h")
            holds(where, "b.d", "b.o: b.c")
            os.unlink(os.path.join(where, "a.o"))
            within(where, *trusted, "@words")
            within(where, *trusted, "a.o", "b.o", "-o", "ab.elf")
            within(where, *trusted, "-DEXTRA=1", "-c", "a.c", "-oz.o", "-MMD", "-MF", "deps", "-MT", "y")
            holds(where, "deps", "y: a.c own.h\n")
            within(where, *trusted, "-DEXTRA=1", "a.c", "-o", "q.elf", "-MMD")
            holds(where, "q-a.d", "a.o: a.c own.h\n")
            within(where, *trusted, "-DEXTRA=1", "a.c", "-L", where, "-o", "q.elf")
            within(where, *trusted, "-DEXTRA=1", "-E", "a.c", "-o", "a.i")
            holds(where, "a.i", "int other = 7 + 1;")
            check("own.h" in within(where, *trusted, "-DEXTRA=1", "-M", "a.c") and "ctx.h" not in within(where, *trusted, "-DEXTRA=1", "-MM", "b.c"), "-M")
            within(where, *trusted, "-DEXTRA=1", "-S", "a.c")
            holds(where, "a.s", "_start:", ".text")
            check((".bundle_align_mode" in within(where, *trusted, "-DEXTRA=1", "-S", "a.c", "-o", "-")) == (not trusted), "-S")
            write(where, "self", "@self")
            write(where, "open", "'a.c")
            for words, says in ((["@self"], "name one another"), (["@open"], "open: No closing quotation"), (["@none"], "there is nothing to compile"),
                                (["-S", "a.c", "b.c", "-o", "x"], "-o with -S is for one source"), (["-shared", "a.c"], "-shared: not of an app")):
                said = within(where, *trusted, *words, rc=1)
                check(says in said, f"{words}: {said}")


@case
def what_is_on_standard_input():
    """And files of any name: -x says what they are, for those behind it. What configure scripts ask a compiler is answered."""
    code, assembly = START + "{\n    return 0;\n}\n", "#define NAME other\n.globl NAME\nNAME:\n    nop\n"
    for trusted in ((), ("--trusted",)):
        with folder() as where:
            within(where, *trusted, "-xc", "-", "-o", "in.elf", given=HEAD + code)
            ctx("check", os.path.join(where, "in.elf")).ends(FINE)
            within(where, *trusted, "-c", "-x", "c++", "-", given=HEAD + 'extern "C" ' + code.replace("ctx);\n", 'ctx);\nextern "C" ', 1))
            check(os.path.exists(os.path.join(where, "-.o")), "gcc's name for it")
            within(where, *trusted, "-x", "assembler-with-cpp", "-c", "-", "-o", "s.o", given=assembly)
            within(where, *trusted, "-x", "assembler", "-c", "-", "-o", "s.o", given=assembly.split("\n", 1)[1].replace("NAME", "other"))
            check("int x = 7;" in within(where, *trusted, "-E", "-xc", "-", "-DX=7", given="int x = X;\n"), "-E")
            check("-: own.h" in within(where, *trusted, "-MM", "-xc", "-", "-MT", "-", given='#include "own.h"\n' * bool(write(where, "own.h", ""))), "-MM")
            check("other:" in within(where, *trusted, "-S", "-o", "-", "-xc", "-", given="int other(void) { return 3; }\n"), "-S")
            write(where, "text", HEAD + code)
            write(where, "more.c", "int more;\n")
            within(where, *trusted, "-xc", "text", "-xnone", "more.c", "s.o", "-o", "text.elf")
            within(where, *trusted, "--libc", "-xc", "-", "-o", "main.elf", given='#include <stdio.h>\nint main(void) { puts("T hello"); return 0; }\n')
            headless([os.path.join(where, "main.elf")], frames=5).ends(FINE).has("T hello")
            check("<stdin>:3:" in within(where, *trusted, "-xc", "-c", "-", rc=1, given="int a;\n\nint b = c;\n"), "the place of what is wrong")
            for words, says in ((["-"], "of what kind"), (["-xada", "more.c"], "-x ada: not of an app")):
                check(says in within(where, *trusted, *words, rc=1), words)
            check("gcc" in within(where, *trusted, "--version") and "x86_64" in within(where, *trusted, "-dumpmachine"), "what it is")


@case
def a_program_of_the_c_library():
    """Also by the kit of a build folder."""
    for trusted in ((), ("--trusted",)):
        with folder() as where:
            write(where, "main.c", '#include <stdio.h>\nint main(void) { printf("T sum %d\\n", 40 + 2); return 0; }\n')
            within(where, *trusted, "--libc", "main.c", "-o", "main.elf")
            headless([os.path.join(where, "main.elf")], frames=5).ends(FINE).has("T sum 42")


@case
def any_number_of_arguments():
    """`ctx c++` with an odd one had no end behind its words: python3: Bad address."""
    for n in range(8):
        ctx("c++", *["-DX"] * n).hasnt("Bad address").has("there is nothing to compile")


@case
def a_crash_says_the_line():
    """Debug information survives: functions by name, and gdb's lines."""
    with folder() as where:
        source = write(where, "wild.c", HEAD + "__attribute__((noinline)) static void hurt(volatile int *p)\n{\n    *p = 1;\n}\n" +
                       START + "{\n    (void)ctx;\n    hurt((volatile int *)16);\n    return 0;\n}\n")
        app = os.path.join(where, "wild.elf")
        ctx("cc", "-g", source, "-o", app).ends(FINE)
        said = headless([app], frames=1)
        check(re.search(r"#0 hurt[.\w]*\+0x", said.text), said.text)
        if shutil.which("objdump"):
            lines = subprocess.run(["objdump", "--dwarf=decodedline", app], stdout=subprocess.PIPE, text=True,
                                         check=True).stdout
            check(re.search(r"wild\.c +4 ", lines), "the line table lacks the store's line")


@case
def what_can_not_be_verified_is_refused_with_file_and_line():
    with folder() as where:
        for asm, word in (("cli", "no verified app may have it"), ("mov %fs:0, %rax", "a segment register.*make it static"),
                          ("mov $1, %r11", "r11 is reserved.*another register"), ("pop %rsp", "rsp can not be changed"),
                          ("mov %rax, %cr3", "no verified app may have it: %cr3 is the kernel's"),
                          ("vaddps %zmm0, %zmm1, %zmm2", "no verified app may have it: .*AVX-512"),
                          ("fancy %rax", "the assembler does not know this: .*fancy"),
                          ("mov symbol, %eax", r"an address that only the linker knows.*name\(%rip\)")):
            source = write(where, "bad.c", HEAD + START + f'{{\n    (void)ctx;\n    __asm__ volatile("{asm}");\n    return 0;\n}}\n')
            for words in (["-g"], []):  # and nobody needs -g for that
                said = ctx("cc", *words, "-c", source, "-o", os.path.join(where, "bad.o"))
                said.ends(1)
                check(re.search(rf"bad\.c:6: error: `{re.escape(asm)}`: {word}", said.text), f"{asm}: {said.text}")
        source = write(where, "bad.c", HEAD + "static _Thread_local int count;\n" + START + "{\n    (void)ctx;\n    return count++;\n}\n")
        ctx("cc", source, "-o", os.path.join(where, "bad.elf")).ends(1).has(r"bad\.c:7: error: `.*`: thread-local data \(_Thread_local.*make it static")
        source = write(where, "bad.c", "_Thread_local int count = 5;\n")
        ctx("cc", "-c", source, "-o", os.path.join(where, "bad.o")).ends(1).has(r"bad\.c: error: thread-local data")


@case
def what_only_the_kernel_refuses_is_an_error_too():
    """The rewriter takes what it has never heard of; then `ctx cc` looks at what came out, and leaves nothing that would run trusted."""
    with folder() as where:
        text = HEAD + START + '{\n    (void)ctx;\n    __asm__ volatile("lar %%ax, %%ebx" ::: "ebx");\n    return 0;\n}\n'
        source, app, middle = write(where, "odd.c", text), os.path.join(where, "odd.elf"), os.path.join(where, "odd.o")
        for words in ([], ["-g"]):
            ctx("cc", *words, source, "-o", app).ends(1).has(r"odd\.c:6: error: a kernel refuses this code: .*rule=opcode at=slot\+0x.* in=_start\+0x")
            check(not os.path.exists(app), "it is there all the same")
        ctx("cc", "-g", "-c", source, "-o", middle).ends(FINE)
        ctx("cc", middle, "-o", app).ends(1).has(r"odd\.c:6: error: a kernel refuses")
        ctx("cc", "--trusted", source, "-o", app).ends(FINE).has("it runs trusted")


@case
def lines_that_nobody_asked_for_are_not_in_the_app():
    """They are compiled in any case, for errors."""
    with folder() as where:
        source = write(where, "say.c", HEAD + START + "{\n    (void)ctx;\n    return 0;\n}\n")
        made = {}
        for words in ("", "-g", "-g0", "-g -g0"):
            for out in ("say.elf", "say.o"):
                path = os.path.join(where, out)
                ctx("cc", *words.split(), *(["-c"] if out == "say.o" else []), source, "-o", path).ends(FINE)
                with open(path, "rb") as f:
                    made[words, out] = f.read()
                check((b".debug_line" in made[words, out]) == (words == "-g"), f"{words!r}: {out}")
        check(made["", "say.o"] == made["-g0", "say.o"], "-g0 makes a difference")


ASKS = HEAD + """#include <ctx/note.h>
CTX_NOTE(3);
int32_t _start(struct ctx *ctx);
int32_t _start(struct ctx *ctx)
{
    const struct ctx_table *t = 0;
    ctx->iface->open(ctx->iface, CTX_ID_SYSTEM, sizeof CTX_ID_SYSTEM - 1, 0, &t);
    const struct ctx_system *system = (const struct ctx_system *)t;
    struct ctx_system_info info = {.size = sizeof info};
    int granted = system->info(system, &info) == CTX_OK;
    ctx->log((const uint8_t *)(granted ? "T granted" : "T refused"), 9);
    return CTX_AGAIN;
}
"""


@case
def where_only_verified_apps_run_an_image_grants_no_more_than_the_line():
    """A session that was saved with a grant goes on under a line that gives it, and under one that does not."""
    with folder() as where:
        app, disk = os.path.join(where, "asks.elf"), os.path.join(where, "disk")
        ctx("cc", write(where, "asks.c", ASKS), "-o", app).ends(FINE)
        ctx("disk", "create", disk).ends(FINE)
        session = ("--disk", disk, "--session", "mine", "--isolate=require")
        headless([[app, "grant=ctx.system/1"]], *session, frames=3).ends(FINE).has("T granted")
        headless([[app, "grant=ctx.system/1"]], *session, frames=6).ends(FINE).has("resumed").has("T granted")
        headless([[app]], *session, frames=9).ends(FINE).has("grants that the boot line does not give").has("T refused")


# ---- the rewriter, line by line ----

@case
def each_kind_of_instruction():
    base = ctx_rewrite.BASE
    for before, after in (
            ("mov 8(%rax,%rcx,4),%rbx", ["mov %gs:8(%eax,%ecx,4),%rbx"]),
            ("movq (%rsp),%rax", ["movq (%rsp),%rax"]),
            ("movq 40000(%rsp),%rax", ["movq %gs:40000(%esp),%rax"]),
            ("movq (%rsp,%rax),%rax", ["movq %gs:(%esp,%eax),%rax"]),
            ("movl x(%rip),%eax", ["movl x(%rip),%eax"]),
            ("lock cmpxchgq %rax,(%rdi)", ["lock cmpxchgq %rax,%gs:(%edi)"]),
            ("movl 4(%edi,%ecx,2),%eax", ["movl %gs:4(%edi,%ecx,2),%eax"]),  # an address of 32 bits is one of the slot's as it is
            ("mov 16,%rbx", ["mov %gs:16,%rbx"]),
            ("lea 8(%rax),%rbx", ["lea 8(%rax),%rbx"]),
            ("pushq 8(%rax)", ["pushq %gs:8(%eax)"]),
            ("ret", ["popq %r11", ".bundle_lock", "andl $-32,%r11d", f"addq {base},%r11", "jmp *%r11", ".bundle_unlock"]),
            ("call f", [".bundle_lock align_to_end", "call f", ".bundle_unlock"]),
            ("jmp *%rax", [".bundle_lock", "andl $-32,%eax", f"addq {base},%rax", "jmp *%rax", ".bundle_unlock"]),
            ("call *8(%r12)", ["movq %gs:8(%r12d),%r11", ".bundle_lock align_to_end", "andl $-32,%r11d", f"addq {base},%r11",
                               "call *%r11", ".bundle_unlock"]),
            ("leave", [".bundle_lock", "movl %ebp,%esp", f"addq {base},%rsp", ".bundle_unlock", "popq %rbp"]),
            ("sub $40,%rsp", [".bundle_lock", "subq $48,%rsp", "popq %r11", ".bundle_unlock"]),
            ("sub $100000,%rsp", [".bundle_lock", "subl $100000,%esp", f"addq {base},%rsp", ".bundle_unlock"]),
            ("addq $8,%rsp\n\tpopq %rbx", [".bundle_lock", "addq $8,%rsp", "popq %rbx", ".bundle_unlock"]),
            ("addq $8,%rsp\n\tret", [".bundle_lock", "addq $8,%rsp", "popq %r11", ".bundle_unlock", ".bundle_lock",
                                     "andl $-32,%r11d", f"addq {base},%r11", "jmp *%r11", ".bundle_unlock"]),
            ("rep stosq", [".bundle_lock", "movl %edi,%edi", f"addq {base},%rdi", "rep stosq", ".bundle_unlock"]),
            ("movsd %xmm0,(%rax)", ["movsd %xmm0,%gs:(%eax)"]),
            ("je .L1", ["je .L1"])):
        got = rewrite("\t.text\n\t" + before)[2:]
        check(got == after, f"{before}: {got}")


@case
def labels_that_are_computed_begin_bundles():
    text = "\t.text\nf:\n\tje .L1\n.L1:\n\tnop\n.L2:\n\tnop\n\t.section .rodata\n.L3:\n\t.long .L2-.L3\n"
    got = rewrite(text)
    check(got[got.index("f:") - 1] == ".p2align 5" and got[got.index(".L2:") - 1] == ".p2align 5", got)
    check(got[got.index(".L1:") - 1] != ".p2align 5" and got[got.index(".L3:") - 1] != ".p2align 5", got)


@case
def what_the_rewriter_does_not_know_it_says():
    for text, word in (("xchgq %rax,%rsp", "rsp can not be changed"), ("xchgq %rsp,%rax", "rsp can not be changed"),
                       ("popq %rsp", "rsp"), ("incq %rsp", "rsp"), ("mov %fs:40,%rax", "segment"), ("mov x,%eax", "-fPIE"),
                       ("jmp *%rsp", "rsp"), ("syscall", "no verified app"), ("std", "no verified app"),
                       ("movq %r11,%rax", "r11"), ("movq (%bx),%rbx", "an address by %bx"), ("movl %fs:x@tpoff,%eax", "thread-local"),
                       ("mov %cr8,%rax", "%cr8 is the kernel's"), ("popq %fs", "%fs is the kernel's"), ("kmovw %eax,%k1", "AVX-512"),
                       ("vpxord %ymm16,%ymm1,%ymm2", "AVX-512"), ("ret $8", "returns like this"),
                       ("leaq 8(%rsp),%rsp\n\tje .L1", "flags are needed"), ("rep movsb\n\tjne .L1", "flags are needed"),
                       ("\t.long 1", "data among the code"), ("maskmovdqu %xmm0,%xmm1", "no verified app")):
        why = refusal("\t.text\n\t" + text)
        check(why is not None and re.search(word, why) and why.startswith("x.s:2: error: `"), f"{text}: {why}")


if __name__ == "__main__":
    main()
