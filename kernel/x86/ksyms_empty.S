/* SPDX-License-Identifier: MIT */
/* Stands in for the symbol table in the first link pass, from which cmake/ksyms.py makes the real one. */
	.section .ksyms, "a"
	.balign 8
	.globl ksyms_count, ksyms, ksyms_names
ksyms_count:	.long 0
	.balign 8
ksyms:		.quad 0
ksyms_names:	.byte 0
	.section .note.GNU-stack, "", @progbits
