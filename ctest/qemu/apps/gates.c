/* SPDX-License-Identifier: MIT */
/* Gates keep rbx, rbp, r12-r15, MXCSR and x87 control, and can be reached by a tail call. */
#include "t.h"

__asm__(".text\n"
        "keeps:\n" /* keeps(gate, a, b, c): 0 when nothing is lost */
        "    push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
        "    sub $24, %rsp\n"
        "    mov %rdi, %rax\n mov %rsi, %rdi\n mov %rdx, %rsi\n mov %rcx, %rdx\n"
        "    movl $0x7f80, 8(%rsp)\n ldmxcsr 8(%rsp)\n"
        "    movw $0x77f, 8(%rsp)\n fldcw 8(%rsp)\n"
        "    mov $0xb1, %rbx\n mov $0xb2, %rbp\n mov $0xb3, %r12\n"
        "    mov $0xb4, %r13\n mov $0xb5, %r14\n mov $0xb6, %r15\n"
        "    mov %rsp, (%rsp)\n"
        "    call *%rax\n"
        "    xor %eax, %eax\n"
        "    cmp %rsp, (%rsp)\n jne 1f\n inc %eax\n"
        "    cmp $0xb1, %rbx\n jne 1f\n inc %eax\n"
        "    cmp $0xb2, %rbp\n jne 1f\n inc %eax\n"
        "    cmp $0xb3, %r12\n jne 1f\n inc %eax\n"
        "    cmp $0xb4, %r13\n jne 1f\n inc %eax\n"
        "    cmp $0xb5, %r14\n jne 1f\n inc %eax\n"
        "    cmp $0xb6, %r15\n jne 1f\n inc %eax\n"
        "    stmxcsr 8(%rsp)\n andl $~0x3f, 8(%rsp)\n cmpl $0x7f80, 8(%rsp)\n jne 1f\n inc %eax\n"
        "    fnstcw 8(%rsp)\n cmpw $0x77f, 8(%rsp)\n jne 1f\n inc %eax\n"
        "    pushfq\n pop %rcx\n test $0x400, %ecx\n jnz 1f\n inc %eax\n"
        "1:  movl $0x1f80, 8(%rsp)\n ldmxcsr 8(%rsp)\n"
        "    movw $0x37f, 8(%rsp)\n fldcw 8(%rsp)\n"
        "    add $24, %rsp\n"
        "    pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n"
        "    ret\n"
        "tail:\n" /* tail(gate, a, b): jumps into the gate */
        "    mov %rdi, %rax\n mov %rsi, %rdi\n mov %rdx, %rsi\n"
        "    jmp *%rax\n"
        "on_stack:\n" /* on_stack(gate, a, b, top): calls the gate on another stack */
        "    push %rbp\n mov %rsp, %rbp\n mov %rcx, %rsp\n"
        "    mov %rdi, %rax\n mov %rsi, %rdi\n mov %rdx, %rsi\n"
        "    call *%rax\n"
        "    mov %rbp, %rsp\n pop %rbp\n ret\n");
u64 keeps(void *gate, u64 a, u64 b, u64 c);
u64 tail(void *gate, u64 a, u64 b);
u64 on_stack(void *gate, u64 a, u64 b, void *top);

int32_t _start(struct ctx *ctx)
{
    if (t_done) {
        return 0;
    }
    u64 kept = keeps((void *)ctx->log, (u64) "T gates logs", 12, 0);
    T_CHECK("gates", kept == 10, kept);
    kept = keeps((void *)ctx->alloc, 100, 16, 0);
    T_CHECK("gates", kept == 10, kept);
    kept = keeps((void *)ctx->dealloc, 0, 0, 0);
    T_CHECK("gates", kept == 10, kept);
    u64 p = tail((void *)ctx->alloc, 64, 64);
    T_CHECK("gates", p && p % 64 == 0, p);
    /* Any stack in the slot does, with 512 bytes free. */
    u8 *stack = ctx->alloc(4096, 16);
    T_CHECK("gates", stack, stack);
    u64 q = on_stack((void *)ctx->alloc, 64, 64, stack + 512);
    T_CHECK("gates", q && q != p, q);
    t_ok(ctx, "gates");
    return 0;
}
