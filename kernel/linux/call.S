/* SPDX-License-Identifier: MIT */
/*
 * Into an app and back, as kernel/x86/call.S does it, with what differs in a Linux process: its C library uses vector
 * registers, if only to copy; AC is the trap handler's business (trap.c). The core is compiled without floating point here
 * too: in a gate the app's control words stay. Offsets are those of <kernel/call_offsets.h>.
 *
 * DF is cleared on every way in. %fs is the C library's and no app may touch it (abi.md section 2).
 */
#include <kernel/clear_vectors.inc>

#define FLAG_AC       0x40000

	.text
/* From here to linux_park_app lies all code of the tool's that runs in the state STATE_APP. */
	.globl linux_ways
	.hidden linux_ways
linux_ways:

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

/* uint64_t linux_enter_app(call rdi, entry rsi): what the tool's own code and an outer app have in vector registers is not for it. */
	.balign 32
	.globl linux_enter_app
	.hidden linux_enter_app
	.type linux_enter_app, @function
linux_enter_app:
	SAVE_CALLER
	CLEAR_VECTORS linux_xstate(%rip)
	mov	CALL_BASE(%rdi), %rdx
	add	$SLOT_GATES, %rdx
	movl	$STATE_APP, CALL_STATE(%rdi)
	ldmxcsr	default_mxcsr(%rip)		/* the host's sticky flags; its x87 is as linux_leave_app left it */
	mov	ENTRY_STACK_TOP(%rsi), %rsp
	cmpb	$0, CALL_VERIFIED(%rdi)
	jne	4f
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
4:	push	%rdx				/* verified code never uses ret: a call of ours would be one too many, */
	jmp	1b				/* and each return of the kernel's own be mistaken */
	.size linux_enter_app, . - linux_enter_app

/* uint64_t machine_begin(call rdi, code rsi): see <kernel/machine.h>. */
	.balign 32
	.globl machine_begin
	.hidden machine_begin
	.type machine_begin, @function
machine_begin:
	SAVE_CALLER
	CLEAR_VECTORS linux_xstate(%rip)
	mov	CALL_BASE(%rdi), %rdx
	movl	$STATE_APP, CALL_STATE(%rdi)
	ldmxcsr	default_mxcsr(%rip)
	lea	SLOT_STACK_TOP(%rdx), %rsp
	lea	SLOT_GATES(%rdx), %rcx
	cmpb	$0, CALL_VERIFIED(%rdi)
	lea	SLOT_CTX(%rdx), %rdi
	mov	%rsi, %rax
	jne	4f
	call	1f				/* see above */
	int3
1:	mov	%rcx, (%rsp)
5:	xor	%edx, %edx
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
4:	push	%rcx				/* see above */
	jmp	5b
	.size machine_begin, . - machine_begin

/*
 * uint64_t linux_resume_app(call rdi, parked rsi): back to where the call was interrupted. All its registers can be set only
 * by the end of a signal handler, so one is asked for: trap.c knows this ud2.
 */
	.balign 32
	.globl linux_resume_app
	.hidden linux_resume_app
	.type linux_resume_app, @function
linux_resume_app:
	SAVE_CALLER
	mov	linux_xstate(%rip), %eax
	xor	%edx, %edx
	test	%eax, %eax
	jz	1f
	xrstor64 PARKED_FPU(%rsi)
	jmp	linux_resume_here
1:	fxrstor	PARKED_FPU(%rsi)
	.globl linux_resume_here
	.hidden linux_resume_here
linux_resume_here:
	ud2
	.size linux_resume_app, . - linux_resume_app

/*
 * Into a gate and out of it, up to where the app's rcx has the return target, and r11 what becomes of it.
 */
	.macro GATE_ENTRY name
	.balign 32
	.globl \name
	.hidden \name
	.type \name, @function
\name:
	cld
	test	%r11d, %r11d			/* nobody goes that way to gate 0, but may */
	jz	linux_gate_return
	mov	this_cpu + CPU_CALL(%rip), %r10
	mov	%rsp, CALL_APP_SP(%r10)
	mov	CALL_KERNEL_SP(%r10), %rsp
	movl	$STATE_GATE, CALL_STATE(%r10)
	push	%r9
	push	%r8
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	mov	%r11d, %edi
	mov	%rsp, %rsi
	call	gate_dispatch			/* kernel_sp is a multiple of 16, and so is what was pushed */
	mov	this_cpu + CPU_CALL(%rip), %r10
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

	GATE_ENTRY linux_gate_entry
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
	GATE_ENTRY linux_gate_entry_verified
	and	$-32, %r11d
	or	CALL_BASE(%r10), %r11
	GATE_CLEAR
	xor	%ecx, %ecx
	add	$8, %rsp
	jmp	*%r11

/* The time was up in the gate: trap.c knows this ud2, and parks the call as if it had been interrupted at its next instruction, r11. */
overdue:
	add	$8, %rsp
	.globl linux_gate_park
	.hidden linux_gate_park
linux_gate_park:
	ud2

/* Gate 0, with any rsp and anything in the registers that a function should have preserved. */
	.globl linux_gate_return
	.hidden linux_gate_return
linux_gate_return:
	cld
	mov	this_cpu + CPU_CALL(%rip), %r10
	mov	CALL_KERNEL_SP(%r10), %rsp
	movl	$STATE_KERNEL, CALL_STATE(%r10)

/* Where the trap handler sends a call that faulted, likewise. */
	.globl linux_leave_app
	.hidden linux_leave_app
linux_leave_app:
	testb	$XSTATE_AVX, linux_xstate(%rip)
	jz	1f
	vzeroupper				/* or the tool's own SSE code would be slow */
1:	fnstcw	(%rsp)
	cmpw	$FCW_DEFAULT, (%rsp)
	jne	4f
	mov	%rax, %rdx			/* the result: fnstsw into a register is the quicker one */
	fnstsw	%ax
	test	$0xff, %al			/* exceptions that are masked now hit whoever unmasks them */
	mov	%rdx, %rax
	jne	4f
	emms					/* the app may have left MMX values behind */
1:	ldmxcsr	default_mxcsr(%rip)
	add	$8, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
4:	fninit
	jmp	1b

/* Where the tick sends a call that has overstayed, with rsp = CALL_KERNEL_SP: its x87 and SSE state is still in place. */
	.globl linux_park_app
	.hidden linux_park_app
linux_park_app:
	mov	this_cpu + CPU_CALL(%rip), %rcx
	mov	CALL_KEEP(%rcx), %rcx
	mov	linux_xstate(%rip), %eax
	xor	%edx, %edx
	test	%eax, %eax
	jz	1f
	.irp	word, 0, 8, 16, 24, 32, 40, 48, 56	/* XSAVE leaves what it does not write: SDM 1, 13.7 */
	mov	%rdx, PARKED_FPU + XSAVE_HEADER + \word(%rcx)
	.endr
	xsave64	PARKED_FPU(%rcx)
	jmp	linux_leave_app
1:	fxsave	PARKED_FPU(%rcx)
	jmp	linux_leave_app
	.size linux_gate_entry, . - linux_gate_entry

/* void linux_clear_vectors(void): what an inner app has there is not for the outer one. */
	.balign 32
	.globl linux_clear_vectors
	.hidden linux_clear_vectors
	.type linux_clear_vectors, @function
linux_clear_vectors:
	CLEAR_VECTORS linux_xstate(%rip)
	ret
	.size linux_clear_vectors, . - linux_clear_vectors

/* A signal handler's first step: what an app did to AC must not make the handler itself fault. Linux clears DF and TF. */
	.macro HANDLER_ENTRY name, handler
	.balign 32
	.globl \name
	.hidden \name
	.type \name, @function
\name:
	pushfq
	andl	$~FLAG_AC, (%rsp)
	popfq
	jmp	\handler
	.size \name, . - \name
	.endm

	HANDLER_ENTRY linux_trap_entry, linux_trap
	HANDLER_ENTRY linux_tick_entry, linux_tick

/* ctx_status linux_copy(to rdi, from rsi, len rdx): memcpy that answers FAULT instead of faulting. trap.c knows the labels. */
	.balign 32
	.globl linux_copy
	.hidden linux_copy
	.type linux_copy, @function
linux_copy:
	mov	%rdx, %rcx
	shr	$3, %rcx
	.globl linux_copy_words
	.hidden linux_copy_words
linux_copy_words:
	rep movsq
	and	$7, %edx
	jnz	1f				/* to begin it for nothing takes longer than to ask */
	xor	%eax, %eax
	ret
1:	mov	%edx, %ecx
	.globl linux_copy_bytes
	.hidden linux_copy_bytes
linux_copy_bytes:
	rep movsb
	xor	%eax, %eax
	ret
	.globl linux_copy_failed
	.hidden linux_copy_failed
linux_copy_failed:
	mov	$-11, %eax			/* CTX_E_FAULT */
	ret
	.size linux_copy, . - linux_copy

	.section .rodata
	.balign 4
default_mxcsr:	.long MXCSR_DEFAULT

	.section .note.GNU-stack, "", @progbits
