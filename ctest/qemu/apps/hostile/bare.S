/* SPDX-License-Identifier: MIT */
/*
 * Apps without a line of C: each does its deed in its third call and says "T again ok" in its fourth. The Context is in rdi: log at
 * 16. Nothing else is known of the machine.
 */
	.text
	.globl	_start
_start:
	incq	calls(%rip)
#if defined T_ALWAYS
	ud2
#elif defined T_EVERY_SECOND
	testq	$1, calls(%rip)
	jnz	return
	ud2
#endif
	cmpq	$3, calls(%rip)
	je	deed
	cmpq	$4, calls(%rip)
	je	again
return:
	xor	%eax, %eax
	ret
again:
	mov	16(%rdi), %rax
	lea	text(%rip), %rdi
	mov	$10, %esi
	jmp	*%rax			/* a gate as a tail call returns for us */

went_on:
	mov	16(%rdi), %rax
	lea	went(%rip), %rdi
	mov	$9, %esi
	jmp	*%rax

/*
 * Longer than the budget of a call on any machine: it is taken out of it, and put back, in whatever state it is. It counts the time
 * in which it really runs: from one look at the TSC to the next, unless so much lies between them that somebody else had the processor.
 */
	.macro	SPIN
	rdtsc
	shl	$32, %rdx
	lea	(%rax, %rdx), %r9
	mov	$700000000, %ecx
1:	rdtsc
	shl	$32, %rdx
	add	%rdx, %rax
	mov	%rax, %r10
	sub	%r9, %r10
	mov	%rax, %r9
	cmp	$1000000, %r10
	ja	1b
	sub	%r10, %rcx
	jg	1b
	.endm

deed:
#if defined T_OVERRUN_FLAGS
	pushf
	std
	SPIN
	pushf
	testl	$0x400, (%rsp)
	jz	2f
	pop	%rax
	popf
	jmp	went_on
2:	hlt
#elif defined T_OVERRUN_RSP
	mov	%rsp, %r8
	movabs	$0x123456789abcdef, %rsp
	SPIN
	movabs	$0x123456789abcdef, %rax
	cmp	%rax, %rsp
	jne	2f
	mov	%r8, %rsp
	jmp	went_on
2:	hlt
#elif defined T_OVERRUN_X87
	/* An exception that waits is still its own when it comes back. */
	movl	$0x340, -4(%rsp)
	fldcw	-4(%rsp)
	fld1
	fldz
	fdivrp
	SPIN
	fwait
#elif defined T_OVERRUN_FAULT
	SPIN
	ud2
#elif defined T_OVERRUN_RETURN
	SPIN
	push	%rdi
	ret				/* to its Context, which is no code */
#elif defined T_CLI_LONG
	cli
	SPIN
	sti
	jmp	went_on
#elif defined T_RET_WRONG_RSP
	sub	$8, %rsp
	movq	$0x1234567, (%rsp)
	ret				/* to what lies there */
#elif defined T_RET_ABOVE
	add	$8, %rsp		/* the return gate is left behind: above it is nothing */
	ret
#elif defined T_RET_INTO_DATA
	lea	text(%rip), %rax
	push	%rax
	ret
#elif defined T_RED_ZONE
	/* What lies below rsp is the app's: 1,000,000 looks at it while ticks come. */
	movq	$0x5a5a5a5a, -8(%rsp)
	movq	$0x5a5a5a5a, -128(%rsp)
	mov	$1000000, %ecx
1:	cmpq	$0x5a5a5a5a, -8(%rsp)
	jne	2f
	cmpq	$0x5a5a5a5a, -128(%rsp)
	jne	2f
	dec	%ecx
	jnz	1b
	jmp	went_on
2:	ud2
#elif defined T_RSP_AS_NUMBER
	/* rsp as a register like any other, while ticks come. */
	mov	%rsp, %r8
	mov	$1000000, %ecx
1:	lea	0x1234567(%rcx), %rsp
	dec	%ecx
	jnz	1b
	mov	%r8, %rsp
	jmp	went_on
#elif defined T_JUMP_MIDDLE
	/* Into the middle of an instruction of its own: it decodes to an invalid one. */
	lea	1f+1(%rip), %rax
	jmp	*%rax
1:	mov	$0x0b0f0b0f, %eax
	ret
#elif defined T_CODE_ENDS
	/* Straight on, beyond the last page of code. */
	lea	beyond(%rip), %rax
	and	$-4096, %rax
	add	$4096, %rax
	jmp	*%rax
beyond:
	ret
#elif defined T_SPLIT_STACK_OVERFLOW
1:	call	1b
#elif defined T_ENTER
	enter	$0xfff0, $31		/* most of the stack in one instruction, four times */
	enter	$0xfff0, $31
	enter	$0xfff0, $31
	enter	$0xfff0, $31
	enter	$0xfff0, $31
#elif !defined T_ALWAYS && !defined T_EVERY_SECOND
#error which deed?
#endif

	.section .rodata
text:	.ascii	"T again ok"
went:	.ascii	"T went on"
	.bss
	.balign	8
calls:	.skip	8
	.section .note.GNU-stack, "", @progbits
