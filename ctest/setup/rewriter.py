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
def a_null_pointer_that_the_compiler_knows_faults_in_the_slot():
    becomes("movq %rcx, 0\n", "movq %rcx,%gs:0")
    becomes("movq %rcx, 0x7fffffff\n", "movq %rcx,%gs:0x7fffffff")
    try:
        of("movq %rcx, 2147483648\n")  # a negative number, in the instruction
    except ctx_rewrite.RewriteError as error:
        check("test.s:1: error: `movq %rcx, 2147483648`" in str(error), str(error))
    else:
        check(False, "an address elsewhere is taken")


if __name__ == "__main__":
    suite.main()
