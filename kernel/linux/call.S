/* SPDX-License-Identifier: MIT */
/*
 * Into an app and back, as kernel/x86/call.S does it, with what differs in a Linux process: its C library uses vector
 * registers, if only to copy; AC is the trap handler's business (trap.c). The core is compiled without floating point here
 * too: in a gate the app's control words stay. What both machines do is in <kernel/call_ways.inc>.
 *
 * DF is cleared on every way in. %fs is the C library's and no app may touch it (libctx/doc/porting.md).
 */
#define WAY(name) linux_##name
#define XSTATE    linux_xstate(%rip)
#include <kernel/call_ways.inc>

#define FLAG_AC       0x40000

	.text
/* From here to linux_park_app lies all code of the tool's that runs in the state STATE_APP. */
	PLACE linux_ways

/* What the tool's own code and an outer app have in vector registers is not for it, nor are the host's sticky flags; the host's
 * x87 is as linux_leave_app left it. */
	.macro OWN_STATE
	CLEAR_VECTORS XSTATE
	ldmxcsr	default_mxcsr(%rip)
	.endm

/* uint64_t linux_enter_app(call rdi, entry rsi) */
	FUNCTION linux_enter_app
	SAVE_CALLER
	OWN_STATE
	ENTER_APP
	.size linux_enter_app, . - linux_enter_app

/* uint64_t machine_begin(call rdi, code rsi): see <kernel/machine.h>. */
	FUNCTION machine_begin
	SAVE_CALLER
	OWN_STATE
	BEGIN_APP
	.size machine_begin, . - machine_begin

/*
 * uint64_t linux_resume_app(call rdi, parked rsi): back to where the call was interrupted. All its registers can be set only
 * by the end of a signal handler, so one is asked for: trap.c knows this ud2.
 */
	FUNCTION linux_resume_app
	SAVE_CALLER
	RESTORE_STATE
	PLACE linux_resume_here
	ud2
	.size linux_resume_app, . - linux_resume_app

	GATES

/* Where the trap handler sends a call that faulted, likewise. */
	PLACE linux_leave_app
	testb	$XSTATE_AVX, XSTATE
	jz	1f
	vzeroupper				/* or the tool's own SSE code would be slow */
1:
	BACK_TO_CALLER

/* Where the tick sends a call that has overstayed, with rsp = CALL_KERNEL_SP: its x87 and SSE state is still in place. */
	PLACE linux_park_app
	KEEP_STATE_AND_LEAVE
	.size linux_gate_entry, . - linux_gate_entry

/* void linux_clear_vectors(void): what an inner app has there is not for the outer one. */
	FUNCTION linux_clear_vectors
	CLEAR_VECTORS XSTATE
	ret
	.size linux_clear_vectors, . - linux_clear_vectors

/* A signal handler's first step: what an app did to AC must not make the handler itself fault. Linux clears DF and TF. */
	.macro HANDLER_ENTRY name, handler
	FUNCTION \name
	pushfq
	andl	$~FLAG_AC, (%rsp)
	popfq
	jmp	\handler
	.size \name, . - \name
	.endm

	HANDLER_ENTRY linux_trap_entry, linux_trap
	HANDLER_ENTRY linux_tick_entry, linux_tick

/* ctx_status linux_copy(to rdi, from rsi, len rdx): memcpy that answers FAULT instead of faulting. trap.c knows the labels. */
	FUNCTION linux_copy
	mov	%rdx, %rcx
	shr	$3, %rcx
	PLACE linux_copy_words
	rep movsq
	and	$7, %edx
	jnz	1f				/* to begin it for nothing takes longer than to ask */
	xor	%eax, %eax
	ret
1:	mov	%edx, %ecx
	PLACE linux_copy_bytes
	rep movsb
	xor	%eax, %eax
	ret
	PLACE linux_copy_failed
	mov	$-11, %eax			/* CTX_E_FAULT */
	ret
	.size linux_copy, . - linux_copy

	.section .note.GNU-stack, "", @progbits
