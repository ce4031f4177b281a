/* SPDX-License-Identifier: MIT */
/*
 * The way from a boot loader's 32-bit protected mode into 64-bit C.
 *
 * Two doors, one kernel: Multiboot2 (GRUB, from an ISO) and PVH (QEMU's -kernel, micro-VMs). Both arrive here in
 * 32-bit protected mode, paging off, interrupts off, everything else undefined. The trampoline checks that the
 * machine can run the kernel, maps the first 4 GiB three times - at its own addresses, for the jump only; at the
 * direct map; and from the start of RAM at the kernel's half - turns long mode on and calls kernel_main().
 * kernel/x86/paging.c replaces these tables with the real ones before any app runs.
 *
 * No policy and no parsing here. Sources: Multiboot2 specification 2.0; Xen "x86/HVM direct boot ABI" (PVH);
 * Intel SDM volume 3A, 9.8.5 (initialising IA-32e mode).
 */

#define KERNEL_HALF 0xffffffff80000000
#define PHYS(symbol) (symbol - KERNEL_HALF)

#define MB2_HEADER_MAGIC 0xe85250d6
#define MB2_LOADER_MAGIC 0x36d76289

#define BOOT_MULTIBOOT2 1 /* enum boot_protocol, kernel/boot/bootinfo.h */
#define BOOT_PVH        2

#define COM1 0x3f8

/* ---- what the loaders look for ------------------------------------------------------------------------------ */

	.section .multiboot2, "a"
	.balign 8
mb2_header:
	.long	MB2_HEADER_MAGIC
	.long	0				/* i386 protected mode */
	.long	mb2_header_end - mb2_header
	.long	-(MB2_HEADER_MAGIC + 0 + (mb2_header_end - mb2_header))
	.balign 8
	.short	1, 1				/* information request, optional: */
	.long	8 + 4 * 5
	.long	1, 3, 6, 8, 15			/* command line, modules, memory map, framebuffer, ACPI 2 */
	.balign 8
	.short	5, 1				/* framebuffer, optional */
	.long	20
	.long	1280, 800, 32
	.balign 8
	.short	6, 0				/* modules on page boundaries */
	.long	8
	.balign 8
	.short	0, 0
	.long	8
mb2_header_end:

	.section .note.pvh, "a", @note
	.balign 4
	.long	4, 8, 18			/* owner "Xen", XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.quad	PHYS(pvh_start)

/* ---- 32 bits ------------------------------------------------------------------------------------------------- */

	.section .boot.text, "ax"
	.code32
	.globl mb2_start
mb2_start:
	cli
	cld
	mov	$PHYS(boot_stack_top), %esp
	cmp	$MB2_LOADER_MAGIC, %eax
	mov	$PHYS(msg_magic), %esi
	jne	fail
	mov	$BOOT_MULTIBOOT2, %edi
	jmp	check_cpu

	.globl pvh_start
pvh_start:
	cli
	cld
	mov	$PHYS(boot_stack_top), %esp
	mov	$BOOT_PVH, %edi

check_cpu:					/* edi: protocol, ebx: its information */
	mov	%ebx, %ebp
	mov	$PHYS(bss_end) - 4, %edx	/* is there memory at all where the kernel ends? Nothing is there yet. */
	movl	$0x5aa5c33c, (%edx)
	mov	%edx, PHYS(boot_pml4)		/* another word goes by on the bus */
	cmpl	$0x5aa5c33c, (%edx)
	mov	$PHYS(msg_memory), %esi
	jne	fail
	pushfl					/* CPUID is there if EFLAGS.ID can be flipped */
	pop	%eax
	mov	%eax, %ecx
	xor	$0x200000, %eax
	push	%eax
	popfl
	pushfl
	pop	%eax
	push	%ecx
	popfl
	xor	%ecx, %eax
	test	$0x200000, %eax
	mov	$PHYS(msg_cpuid), %esi
	jz	fail

	mov	$0x80000000, %eax
	cpuid
	cmp	$0x80000001, %eax
	mov	$PHYS(msg_long), %esi
	jb	fail
	mov	$0x80000001, %eax
	cpuid
	test	$(1 << 29), %edx		/* LM */
	jz	fail
	test	$(1 << 20), %edx		/* NX */
	mov	$PHYS(msg_nx), %esi
	jz	fail

	/* Four page directories map 4 GiB with pages of 2 MiB; one pdpt leads to them from both halves. */
	mov	$PHYS(boot_pd), %edx
	mov	$0x83, %eax			/* present, writable, 2 MiB */
	mov	$2048, %ecx
1:	mov	%eax, (%edx)
	add	$0x200000, %eax
	add	$8, %edx
	loop	1b

	mov	$PHYS(boot_pdpt), %edx
	mov	$PHYS(boot_pd) + 3, %eax
	mov	$4, %ecx
2:	mov	%eax, (%edx)
	add	$4096, %eax
	add	$8, %edx
	loop	2b

	movl	$PHYS(boot_pd) + 3, PHYS(boot_pdpt_kernel) + 510 * 8
	movl	$PHYS(boot_pdpt) + 3, PHYS(boot_pml4)			/* its own addresses */
	movl	$PHYS(boot_pdpt) + 3, PHYS(boot_pml4) + 256 * 8		/* direct map */
	movl	$PHYS(boot_pdpt_kernel) + 3, PHYS(boot_pml4) + 511 * 8	/* kernel */

	mov	%cr4, %eax
	or	$(1 << 5 | 1 << 9 | 1 << 10), %eax	/* PAE, OSFXSR, OSXMMEXCPT */
	mov	%eax, %cr4
	mov	$PHYS(boot_pml4), %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx		/* EFER */
	rdmsr
	or	$(1 << 8 | 1 << 11), %eax	/* LME, NXE */
	wrmsr
	mov	%cr0, %eax
	and	$~(1 << 2 | 1 << 3 | 1 << 30 | 1 << 29), %eax	/* EM, TS, CD, NW off */
	or	$(1 << 31 | 1 << 16 | 1 << 5 | 1 << 1), %eax	/* PG, WP, NE, MP */
	mov	%eax, %cr0
	lgdt	PHYS(boot_gdt_pointer)
	ljmp	$8, $PHYS(long_mode)

/* Say esi's text on COM1 and, for text mode, in the screen's top left corner; then stop. */
fail:
	mov	$COM1 + 1, %dx			/* 115200 8N1, no interrupts */
	xor	%eax, %eax
	out	%al, %dx
	mov	$COM1 + 3, %dx
	mov	$0x80, %al
	out	%al, %dx
	mov	$COM1, %dx
	mov	$1, %al
	out	%al, %dx
	mov	$COM1 + 1, %dx
	xor	%al, %al
	out	%al, %dx
	mov	$COM1 + 3, %dx
	mov	$3, %al
	out	%al, %dx
	mov	$0xb8000, %edi
3:	lodsb
	test	%al, %al
	jz	5f
	mov	$0x4f, %ah
	mov	%ax, (%edi)
	add	$2, %edi
	mov	%al, %bl
	mov	$COM1 + 5, %dx
	mov	$100000, %ecx
4:	in	%dx, %al			/* room in the transmitter? */
	test	$0x20, %al
	loopz	4b
	mov	$COM1, %dx
	mov	%bl, %al
	out	%al, %dx
	jmp	3b
5:	mov	$0x501, %dx			/* isa-debug-exit, where there is one: VERDICT_UNFIT */
	mov	$0x13, %eax
	out	%eax, %dx
6:	cli
	hlt
	jmp	6b

/* ---- 64 bits ------------------------------------------------------------------------------------------------- */

	.code64
long_mode:
	mov	$16, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	movabs	$kernel_half, %rax
	jmp	*%rax

	.section .boot.data, "aw"
msg_magic: .asciz "Argos: not started by a Multiboot2 boot loader\n"
msg_memory: .asciz "Argos: not enough memory for the kernel itself; give this machine 4 MiB\n"
msg_cpuid: .asciz "Argos: this processor is too old, it has no CPUID\n"
msg_long:  .asciz "Argos: this processor has no 64-bit mode; a 64-bit x86 processor is needed\n"
msg_nx:    .asciz "Argos: this processor has no NX, or the firmware turned it off; it is needed\n"
	.balign 8
boot_gdt:	.quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
boot_gdt_pointer:
	.short	23
	.long	PHYS(boot_gdt)

	.text
kernel_half:
	mov	$boot_stack_top, %rsp
	mov	%edi, %edx
	mov	$bss_start, %rdi		/* where there is little memory, something was put there after */
	mov	$bss_end, %rcx			/* the loader had cleared it; boot/enough.c says so then */
	sub	%rdi, %rcx
	shr	$3, %rcx
	xor	%eax, %eax
	rep stosq
	mov	%edx, %edi			/* the protocol; 32-bit moves clear the upper halves */
	mov	%ebp, %esi			/* its information */
	xor	%ebp, %ebp			/* the backtrace ends here */
	call	kernel_main
1:	cli
	hlt
	jmp	1b

	.section .bss.boot, "aw", @nobits
	.balign 4096
	.globl boot_pml4, boot_tables_end
boot_pml4:	.skip 4096
boot_pdpt:	.skip 4096
boot_pdpt_kernel: .skip 4096
boot_pd:	.skip 4096 * 4
boot_tables_end:			/* paging.c gives them away when it has made others */

	/* The kernel's stack; paging.c leaves the page below it unmapped. */
	.section .bss.stack, "aw", @nobits
	.balign 4096
	.globl boot_stack_guard, boot_stack_top
boot_stack_guard: .skip 4096
	.skip	65536			/* eight levels of calls, each with room for a parked one's registers */
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
