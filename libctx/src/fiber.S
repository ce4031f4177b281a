/* SPDX-License-Identifier: MIT */
/*
 * Switching stacks. What lies on a stack that is switched away from, upwards:
 *   MXCSR, x87 control word, 2 bytes, r15, r14, r13, r12, rbx, rbp, return address
 */
        .text

/* void ctx_fiber_switch_(uint64_t *from, uint64_t to): the stack pointers */
        .globl ctx_fiber_switch_
        .hidden ctx_fiber_switch_
        .type ctx_fiber_switch_, @function
ctx_fiber_switch_:
        push %rbp
        push %rbx
        push %r12
        push %r13
        push %r14
        push %r15
        sub $8, %rsp
        stmxcsr (%rsp)
        fnstcw 4(%rsp)
        mov %rsp, (%rdi)
        mov %rsi, %rsp
        ldmxcsr (%rsp)
        fldcw 4(%rsp)
        add $8, %rsp
        pop %r15
        pop %r14
        pop %r13
        pop %r12
        pop %rbx
        pop %rbp
        pop %rcx # the return predictor would be wrong
        jmp *%rcx
        .size ctx_fiber_switch_, . - ctx_fiber_switch_

/* Where a new fiber's stack returns to: rbx is the fiber, rbp 0, which ends a backtrace. */
        .globl ctx_fiber_entry_
        .hidden ctx_fiber_entry_
        .type ctx_fiber_entry_, @function
ctx_fiber_entry_:
        mov %rbx, %rdi
        call ctx_fiber_begin_
        ud2
        .size ctx_fiber_entry_, . - ctx_fiber_entry_

        .section .note.GNU-stack, "", @progbits
