# SPDX-License-Identifier: MIT
"""What becomes of assembly that is to be verified, line by line: libctx/sdk/ctx_rewrite.py, without an assembler."""
import os
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(SOURCE, "ctest", "harness"))
sys.path.insert(0, os.path.join(SOURCE, "libctx", "sdk"))
import ctx_rewrite  # noqa: E402
import suite  # noqa: E402
from suite import case, check  # noqa: E402


def of(text):
    """The instructions and directives that the text becomes, but for the first line, which says that there are bundles."""
    return [" ".join(line.split()) for line in ctx_rewrite.rewrite(text, "test.s").splitlines()][1:]


def becomes(text, *lines):
    check(of(text) == list(lines), f"{text!r} becomes\n  " + "\n  ".join(of(text)))


@case
def labels_that_only_debug_information_names_are_not_aligned():
    """With -g code was three times as long: each line's label began a bundle."""
    debug = '.section .debug_loc,"",@progbits\n.quad .LVL1-.Ltext0\n'
    becomes(f".text\n.LVL1:\nnop\n{debug}", ".text", ".LVL1:", "nop", *debug.splitlines())
    table = ".section .rodata\n.long .L4-.L5\n"
    becomes(f".text\n.L4:\nnop\n{table}", ".text", ".p2align 5", ".L4:", "nop", *table.splitlines())


@case
def debug_information_goes_where_nobody_asked_for_it():
    """The compiler writes lines in any case, so that errors have them."""
    text = ('.file "a.c"\n.text\n.file 1 "a.c"\n.loc 1 5 1\nf:\nnop\n.LVL1:\n.section .debug_line,"",@progbits\n.LASF0:\n.string "x"\n'
            '.section .note.GNU-stack,"",@progbits\n')
    rewriter = ctx_rewrite.Rewriter("test.s", debug=False)
    got = [" ".join(line.split()) for line in rewriter.rewrite(text).splitlines()][1:]
    check(got == ['.file "a.c"', ".text", ".p2align 5", "f:", "nop", ".LVL1:", '.section .note.GNU-stack,"",@progbits'], str(got))
    check(len(rewriter.places) == len(got) + 1 and rewriter.places[5] == ("a.c:5", "nop"), str(rewriter.places))
    try:
        ctx_rewrite.Rewriter("test.s", debug=False).rewrite(text.replace("nop", "cli"))
    except ctx_rewrite.RewriteError as error:
        check(str(error).startswith("a.c:5: error: `cli`"), str(error))
    else:
        check(False, "cli is taken")


@case
def inline_assembly_has_its_own_lines():
    """Behind a function, at the file's top, the last line of that function would be named."""
    for text in ('.file 1 "a.c"\n.loc 1 5 1\nnop\n#APP\n# 9 "a.c" 1\ncli\n#NO_APP\n', '.file 1 "a.c"\n#APP\n# 3 "a.c" 1\nnop\n#NO_APP\n.loc 1 9 1\ncli\n'):
        try:
            of(text)
        except ctx_rewrite.RewriteError as error:
            check(str(error).startswith("a.c:9: error: `cli`"), str(error))
        else:
            check(False, "cli is taken")


@case
def the_stack_is_moved_with_a_probe():
    push = ".bundle_lock", "subq $24,%rsp", "pushq %rbx", ".bundle_unlock"
    becomes("subq $24, %rsp\npushq %rbx\n", *push)
    becomes("subq $24, %rsp\nnop\n", ".bundle_lock", "subq $32,%rsp", "popq %r11", ".bundle_unlock", "nop")
    becomes("addq $-128, %rsp\nnop\n", ".bundle_lock", "subq $136,%rsp", "popq %r11", ".bundle_unlock", "nop")
    becomes("addq $40, %rsp\nnop\n", ".bundle_lock", "addq $32,%rsp", "popq %r11", ".bundle_unlock", "nop")
    becomes("addq $8, %rsp\nnop\n", "popq %r11", "nop")
    # What a stack can not have behind it is not reached by a probe.
    far = "addq " + ctx_rewrite.BASE + ",%rsp"
    becomes("subq $40000, %rsp\nnop\n", ".bundle_lock", "subl $40000,%esp", far, ".bundle_unlock", "nop")
    becomes("movq %rbp, %rsp\nnop\n", ".bundle_lock", "movl %ebp,%esp", far, ".bundle_unlock", "nop")


@case
def flags_survive_a_leave():
    """GCC reads flags behind it where a function ends in another's call; what became of it changed them, and nobody said so."""
    leave = ".bundle_lock", "movl %ebp,%esp", "addq " + ctx_rewrite.BASE + ",%rsp", ".bundle_unlock", "popq %rbp"
    becomes("leave\nmovl $1, %eax\njmp f\n", *leave, "movl $1,%eax", "jmp f")
    becomes("cmpl %eax, %ebx\nleave\ncmovge %eax, %r8d\njmp f\n", "cmpl %eax,%ebx", "cmovge %eax,%r8d", *leave, "jmp f")
    becomes("leave\nmovl $0, %eax\nsetg %dl\naddl %eax, %edx\nret\n", "movl $0,%eax", "setg %dl", *leave, "addl %eax,%edx",
            *of("ret\n"))
    becomes("cmpl %eax, %ebx\nleave\nsbbl %eax, %eax\njmp f\n", "cmpl %eax,%ebx", "sbbl %eax,%eax", *leave, "jmp f")
    for text in "leave\nmovq 8(%rsp), %rax\ncmovge %eax, %r8d\njmp f\n", "leave\njg f\n":
        try:
            of(text)
        except ctx_rewrite.RewriteError as error:
            check("flags" in str(error), str(error))
        else:
            check(False, f"{text!r} is taken")


@case
def a_null_pointer_that_the_compiler_knows_faults_in_the_slot():
    becomes("movq %rcx, 0\n", "movq %rcx,%gs:0")
    becomes("movq %rcx, 0x7fffffff\n", "movq %rcx,%gs:0x7fffffff")
    becomes("movzbl -1, %eax\n", "movzbl %gs:0,%eax")
    try:
        of("movq %rcx, 2147483648\n")  # a negative number, in the instruction
    except ctx_rewrite.RewriteError as error:
        check("test.s:1: error: `movq %rcx, 2147483648`" in str(error), str(error))
    else:
        check(False, "an address elsewhere is taken")


if __name__ == "__main__":
    suite.main()
