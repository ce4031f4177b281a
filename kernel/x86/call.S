/* SPDX-License-Identifier: MIT */
/*
 * Into an app and back. What both machines do is in <kernel/call_ways.inc>.
 *
 * An app reaches the kernel through a trampoline in its gate page, which puts the gate's number into r11d and jumps
 * here. Whose call it is, is read from the kernel's own record, never from anything that the app can write. The return
 * target is taken from the app's stack, but only its lower half: the upper half is the slot's.
 *
 * AC needs no clearing: the kernel runs in ring 0 and does not use SMAP.
 */
#define WAY(name) x86_##name
#define XSTATE    x86_xstate(%rip)
#include <kernel/call_ways.inc>

#define ARITHMETIC_FLAGS 0x8d5	/* CF PF AF ZF SF OF */
#define FLAGS_DEFAULT    0x202	/* IF, and the bit that is always set */

	.text
/* From here to x86_park_app lies all code of the kernel's that runs in the state STATE_APP. */
	PLACE x86_ways

/* uint64_t x86_enter_app(call rdi, entry rsi): the x87 and SSE state is as x86_leave_app left it. */
	FUNCTION x86_enter_app
	SAVE_CALLER
	ENTER_APP

/* uint64_t machine_begin(call rdi, code rsi): see <kernel/machine.h>. */
	FUNCTION machine_begin
	SAVE_CALLER
	BEGIN_APP

/*
 * uint64_t x86_resume_app(call rdi, parked rsi): back to where the call was interrupted. Its registers are popped right from
 * *parked; interrupts use stacks of their own, so nothing is pushed over them.
 */
	FUNCTION x86_resume_app
	SAVE_CALLER
	RESTORE_STATE
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

	GATES

/*
 * Where the trap handler sends a call that faulted, likewise. Whatever the app did to control words, to the x87 stack and to
 * exceptions that wait for the next x87 instruction ends here, so that nobody after it is hit by them.
 */
	PLACE x86_leave_app
	pushfq					/* whatever the app did to IF, DF, TF, AC: seldom anything, and POPF is slow */
	andl	$~ARITHMETIC_FLAGS, (%rsp)
	cmpl	$FLAGS_DEFAULT, (%rsp)
	jne	4f
	add	$8, %rsp
2:
	CLEAR_VECTORS XSTATE
	BACK_TO_CALLER
4:	movq	$FLAGS_DEFAULT, (%rsp)
	popfq
	jmp	2b

/* Where the tick sends a call that has overstayed, with rsp = CALL_KERNEL_SP: its x87 and SSE state is still in place. */
	PLACE x86_park_app
	KEEP_STATE_AND_LEAVE

/* void x86_clear_vectors(void) */
	FUNCTION x86_clear_vectors
	CLEAR_VECTORS XSTATE
	ret

/* ctx_status copy_checked(to rdi, from rsi, len rdx): memcpy that answers FAULT instead of faulting. */
	FUNCTION copy_checked
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

	.section .note.GNU-stack, "", @progbits
