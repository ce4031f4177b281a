# @NAME@ - an app by hand. rdi is the Context: log at offset 16. A note is not needed for version 1.
	.text
	.globl	_start
	.type	_start, @function
_start:
	cmpb	$0, said(%rip)
	jne	1f
	movb	$1, said(%rip)
	sub	$8, %rsp			# the stack is a multiple of 16 at a call
	mov	%rdi, %rax
	lea	text(%rip), %rdi
	mov	$text_end - text, %esi
	call	*16(%rax)
	add	$8, %rsp
1:	xor	%eax, %eax
	ret

	.section .rodata
text:	.ascii	"Hello from @NAME@, by hand"
text_end:
	.bss
said:	.byte	0
	.section .note.GNU-stack, "", @progbits
