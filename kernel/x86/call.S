/* SPDX-License-Identifier: MIT */
/*
 * Into an app and back. Offsets are those of <kernel/call_offsets.h>.
 *
 * An app reaches the kernel through a trampoline in its gate page, which puts the gate's number into r11d and jumps
 * here. Whose call it is, is read from the kernel's own record, never from anything that the app can write. The return
 * target is taken from the app's stack, but only its lower half: the upper half is the slot's.
 *
 * AC needs no clearing: the kernel runs in ring 0 and does not use SMAP.
 */
#include <kernel/clear_vectors.inc>

#define ARITHMETIC_FLAGS 0x8d5	/* CF PF AF ZF SF OF */
#define FLAGS_DEFAULT    0x202	/* IF, and the bit that is always set */

	.text
/* From here to x86_park_app lies all code of the kernel's that runs in the state STATE_APP. */
	.globl x86_ways
x86_ways:

/*
 * Where a call unwinds to, and right below it where its gates run: callers keep to the calling convention, so rsp is a
 * multiple of 16 when six registers and eight bytes have been pushed.
 */
	.macro SAVE_CALLER
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	sub	$8, %rsp
	mov	%rsp, CALL_KERNEL_SP(%rdi)
	.endm

/* uint64_t x86_enter_app(call rdi, entry rsi): the x87 and SSE state is as x86_leave_app left it. */
	.balign 32
	.globl x86_enter_app
x86_enter_app:
	SAVE_CALLER
	mov	CALL_BASE(%rdi), %rdx
	add	$SLOT_GATES, %rdx
	movl	$STATE_APP, CALL_STATE(%rdi)
	mov	ENTRY_STACK_TOP(%rsi), %rsp
	cmpb	$0, CALL_VERIFIED(%rdi)
	jne	2f
	call	1f				/* so that the app's return does not take the place of one of ours */
	int3					/* (a call of the next instruction would not count as one) */
1:	mov	%rdx, (%rsp)			/* in the processor's prediction: only it is mistaken then */
	mov	ENTRY_CODE(%rsi), %rax
	mov	ENTRY_ARGS(%rsi), %rdi
	mov	ENTRY_ARGS+16(%rsi), %rdx
	mov	ENTRY_ARGS+24(%rsi), %rcx
	mov	ENTRY_ARGS+32(%rsi), %r8
	mov	ENTRY_ARGS+40(%rsi), %r9
	mov	ENTRY_ARGS+8(%rsi), %rsi
	xor	%ebx, %ebx
	xor	%ebp, %ebp
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
	jmp	*%rax
2:	push	%rdx				/* verified code never uses ret: a call of ours would be one too many, */
	jmp	1b				/* and each return of the kernel's own be mistaken */

/* uint64_t machine_begin(call rdi, code rsi): see <kernel/machine.h>. */
	.balign 32
	.globl machine_begin
machine_begin:
	SAVE_CALLER
	mov	CALL_BASE(%rdi), %rdx
	movl	$STATE_APP, CALL_STATE(%rdi)
	lea	SLOT_STACK_TOP(%rdx), %rsp
	lea	SLOT_GATES(%rdx), %rcx
	cmpb	$0, CALL_VERIFIED(%rdi)
	lea	SLOT_CTX(%rdx), %rdi
	mov	%rsi, %rax
	jne	2f
	call	1f				/* see above */
	int3
1:	mov	%rcx, (%rsp)
3:	xor	%edx, %edx
	xor	%ecx, %ecx
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%esi, %esi
	xor	%ebx, %ebx
	xor	%ebp, %ebp
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
	jmp	*%rax
2:	push	%rcx				/* see above */
	jmp	3b

/*
 * uint64_t x86_resume_app(call rdi, parked rsi): back to where the call was interrupted. Its registers are popped right from
 * *parked; interrupts use stacks of their own, so nothing is pushed over them.
 */
	.balign 32
	.globl x86_resume_app
x86_resume_app:
	SAVE_CALLER
	mov	x86_xstate, %eax
	xor	%edx, %edx
	test	%eax, %eax
	jz	1f
	xrstor64 PARKED_FPU(%rsi)
	jmp	2f
1:	fxrstor	PARKED_FPU(%rsi)
2:
	movl	$STATE_APP, CALL_STATE(%rdi)
	mov	%rsi, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rbp
	pop	%rbx
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$16, %rsp
	iretq

/*
 * Into a gate and out of it, up to where the app's rcx has the return target, and r11 what becomes of it.
 */
	.macro GATE_ENTRY name
	.balign 32
	.globl \name
\name:
	cld
	test	%r11d, %r11d			/* nobody goes that way to gate 0, but may */
	jz	x86_gate_return
	mov	this_cpu + CPU_CALL, %r10
	mov	%rsp, CALL_APP_SP(%r10)
	movl	$STATE_GATE, CALL_STATE(%r10)
	mov	CALL_KERNEL_SP(%r10), %rsp
	push	%r9
	push	%r8
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	mov	%r11d, %edi
	mov	%rsp, %rsi
	call	gate_dispatch			/* general registers only: the app's SSE and x87 state stays */
	mov	this_cpu + CPU_CALL, %r10
	mov	CALL_APP_SP(%r10), %rsp
	movl	$STATE_APP, CALL_STATE(%r10)
	mov	(%rsp), %rcx			/* a wild rsp faults here, and the record says whose fault it is */
	mov	%ecx, %r11d
	.endm

	.macro GATE_CLEAR
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%edi, %edi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	cmpb	$0, CALL_OVERDUE(%r10)
	jne	overdue
	mov	$0, %r10d
	.endm

	GATE_ENTRY x86_gate_entry
	or	CALL_BASE(%r10), %r11
	GATE_CLEAR
	cmp	%rcx, %r11
	mov	$0, %ecx
	jne	1f
	xor	%r11d, %r11d
	ret					/* as the processor expects: nobody writes to the stack in between */
1:	add	$8, %rsp
	jmp	*%r11

/* Code that the verifier has seen goes on only where a bundle begins, and where that is is not read twice. */
	GATE_ENTRY x86_gate_entry_verified
	and	$-32, %r11d
	or	CALL_BASE(%r10), %r11
	GATE_CLEAR
	xor	%ecx, %ecx
	add	$8, %rsp
	jmp	*%r11

/* The time was up in the gate: cpu.c knows this ud2, and parks the call as if it had been interrupted at its next instruction, r11. */
overdue:
	add	$8, %rsp
	.globl x86_gate_park
x86_gate_park:
	ud2

/* Gate 0, with any rsp and anything in the registers that a function should have preserved. */
	.globl x86_gate_return
x86_gate_return:
	cld
	mov	this_cpu + CPU_CALL, %r10
	mov	CALL_KERNEL_SP(%r10), %rsp
	movl	$STATE_KERNEL, CALL_STATE(%r10)

/*
 * Where the trap handler sends a call that faulted, likewise. Whatever the app did to control words, to the x87 stack and to
 * exceptions that wait for the next x87 instruction ends here, so that nobody after it is hit by them.
 */
	.globl x86_leave_app
x86_leave_app:
	pushfq					/* whatever the app did to IF, DF, TF, AC: seldom anything, and POPF is slow */
	andl	$~ARITHMETIC_FLAGS, (%rsp)
	cmpl	$FLAGS_DEFAULT, (%rsp)
	jne	4f
	add	$8, %rsp
2:
	CLEAR_VECTORS x86_xstate
	fnstcw	(%rsp)
	cmpw	$FCW_DEFAULT, (%rsp)
	jne	3f
	mov	%rax, %rdx			/* the result: fnstsw into a register is the quicker one */
	fnstsw	%ax
	test	$0xff, %al			/* exceptions that are masked now hit whoever unmasks them */
	mov	%rdx, %rax
	jne	3f
	emms
1:	ldmxcsr	default_mxcsr
	add	$8, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
3:	fninit
	jmp	1b
4:	movq	$FLAGS_DEFAULT, (%rsp)
	popfq
	jmp	2b

/* Where the tick sends a call that has overstayed, with rsp = CALL_KERNEL_SP: its x87 and SSE state is still in place. */
	.globl x86_park_app
x86_park_app:
	mov	this_cpu + CPU_CALL, %rcx
	mov	CALL_KEEP(%rcx), %rcx
	mov	x86_xstate, %eax
	xor	%edx, %edx
	test	%eax, %eax
	jz	1f
	.irp	word, 0, 8, 16, 24, 32, 40, 48, 56	/* XSAVE leaves what it does not write: SDM 1, 13.7 */
	mov	%rdx, PARKED_FPU + XSAVE_HEADER + \word(%rcx)
	.endr
	xsave64	PARKED_FPU(%rcx)
	jmp	x86_leave_app
1:	fxsave	PARKED_FPU(%rcx)
	jmp	x86_leave_app

/* void x86_clear_vectors(void) */
	.balign 32
	.globl x86_clear_vectors
x86_clear_vectors:
	CLEAR_VECTORS x86_xstate
	ret

/* ctx_status copy_checked(to rdi, from rsi, len rdx): memcpy that answers FAULT instead of faulting. */
	.balign 32
	.globl copy_checked
copy_checked:
	mov	%rdx, %rcx
	shr	$3, %rcx
1:	rep movsq
	and	$7, %edx
	jnz	4f				/* to begin it for nothing takes longer than to ask */
	xor	%eax, %eax
	ret
4:	mov	%edx, %ecx
2:	rep movsb
	xor	%eax, %eax
	ret
3:	mov	$-11, %eax			/* CTX_E_FAULT */
	ret

	.section .fixups, "a"
	.quad	1b, 3b
	.quad	2b, 3b

	.section .rodata
	.balign 4
default_mxcsr:	.long MXCSR_DEFAULT

	.section .note.GNU-stack, "", @progbits
