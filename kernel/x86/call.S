/* SPDX-License-Identifier: MIT */
/*
 * Into an app and back. Offsets of struct call_record are asserted in call.c.
 *
 * An app reaches the kernel through a trampoline in its gate page, which puts the gate's number into r11d and jumps
 * here. Whose call it is, is read from the kernel's own record, never from anything that the app can write. The return
 * target is taken from the app's stack, but only its lower half: the upper half is the slot's.
 *
 * AC needs no clearing: the kernel runs in ring 0 and does not use SMAP.
 */
#define RECORD_KERNEL_SP 0
#define RECORD_CHAIN_SP  8
#define RECORD_APP_SP    16
#define RECORD_BASE      24
#define RECORD_STATE     32

#define STATE_KERNEL 0
#define STATE_APP    1
#define STATE_GATE   2

	.text
/* uint64_t x86_enter_app(record rdi, entry rsi, ctx rdx, stack_top rcx, return_gate r8) */
	.balign 32
	.globl x86_enter_app
x86_enter_app:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, RECORD_KERNEL_SP(%rdi)
	mov	%rsp, %rax
	and	$-16, %rax
	mov	%rax, RECORD_CHAIN_SP(%rdi)
	movl	$STATE_APP, RECORD_STATE(%rdi)
	lea	-8(%rcx), %rsp
	mov	%r8, (%rsp)
	ldmxcsr	default_mxcsr
	emms
	fldcw	default_fcw
	mov	%rsi, %rax
	mov	%rdx, %rdi
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%ebx, %ebx
	xor	%ebp, %ebp
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
	jmp	*%rax

/*
 * uint64_t x86_resume_app(record rdi, parked rsi): back to where the call was interrupted. Its registers are popped right from
 * *parked; interrupts use stacks of their own, so nothing is pushed over them.
 */
	.balign 32
	.globl x86_resume_app
x86_resume_app:
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, RECORD_KERNEL_SP(%rdi)
	mov	%rsp, %rax
	and	$-16, %rax
	mov	%rax, RECORD_CHAIN_SP(%rdi)
	fxrstor	176(%rsi)
	movl	$STATE_APP, RECORD_STATE(%rdi)
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

	.balign 32
	.globl x86_gate_entry
x86_gate_entry:
	cld
	mov	x86_record, %r10
	test	%r11d, %r11d
	jz	app_returned
	mov	%rsp, RECORD_APP_SP(%r10)
	movl	$STATE_GATE, RECORD_STATE(%r10)
	mov	RECORD_CHAIN_SP(%r10), %rsp
	push	%r9
	push	%r8
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	mov	%r11d, %edi
	mov	%rsp, %rsi
	call	gate_dispatch			/* general registers only: the app's SSE and x87 state stays */
	mov	x86_record, %r10
	mov	RECORD_APP_SP(%r10), %rsp
	movl	$STATE_APP, RECORD_STATE(%r10)
	pop	%r11				/* a wild rsp faults here, and the record says whose fault it is */
	mov	%r11d, %r11d
	or	RECORD_BASE(%r10), %r11
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%edi, %edi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	jmp	*%r11

/* Gate 0, with any rsp and anything in the registers that a function should have preserved. */
app_returned:
	mov	RECORD_KERNEL_SP(%r10), %rsp
	movl	$STATE_KERNEL, RECORD_STATE(%r10)
	/* Also where the trap handler sends a call that faulted, with rsp = RECORD_KERNEL_SP. */
	.globl x86_leave_app
x86_leave_app:
	push	$0x202				/* whatever the app did to IF, DF, TF, AC */
	popfq
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret

/* ctx_status copy_checked(to rdi, from rsi, len rdx): memcpy that answers FAULT instead of faulting. */
	.balign 32
	.globl copy_checked
copy_checked:
	mov	%rdx, %rcx
	shr	$3, %rcx
1:	rep movsq
	mov	%rdx, %rcx
	and	$7, %ecx
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
default_mxcsr:	.long 0x1f80
default_fcw:	.short 0x37f

	.section .note.GNU-stack, "", @progbits
