/* SPDX-License-Identifier: MIT */
/*
 * <ctx/slot.h> - the slot: the 4 GiB window of addresses in which one app instance lives. Frozen.
 *
 * Only the base varies, a multiple of 4 GiB that is chosen for each instance. All numbers below are
 * offsets from it; apps need none of them, tools and kernels do.
 */
#ifndef CTX_SLOT_H
#define CTX_SLOT_H

#include <stdint.h>

#define CTX_SLOT_SIZE       UINT64_C(0x100000000)
#define CTX_SLOT_LOWEST     UINT64_C(0x200000000000) /* first base */
#define CTX_SLOT_COUNT      12288u                   /* bases LOWEST + n * SIZE, n < COUNT */
#define CTX_SLOT_GUARD      0x10000u                 /* unmapped at both ends */

#define CTX_SLOT_GATES      0x10000u /* RX: trampolines of 32 bytes */
#define CTX_SLOT_GATES_END  0x20000u
#define CTX_GATE_SIZE       32u
#define CTX_GATE_COUNT      2048u

#define CTX_SLOT_BASE_WORD  0x20000u /* R: u64, the slot's base */
#define CTX_SLOT_ENTRY_WORD 0x20008u /* R: u64, where the trampolines jump to */
#define CTX_SLOT_NOSYS      0x21000u /* R: the table of missing calls, 1 KiB */
#define CTX_SLOT_INPUT      0x21400u /* R: struct ctx_input */
#define CTX_SLOT_TABLES     0x28000u /* R: table n at 0x400 * n, n < 192 */
#define CTX_SLOT_OPENED     0x58000u /* R: tables that were opened */
#define CTX_SLOT_CTX        0x80000u /* one page: struct ctx; RW without a note */
#define CTX_SLOT_STORE      0x81000u /* one page RW: the store cell */

#define CTX_SLOT_STACK_LOW  0x90000u /* RW, NX: the stack's lowest possible byte */
#define CTX_SLOT_STACK_TOP  0x1f0000u
#define CTX_STACK_DEFAULT   0x40000u
#define CTX_STACK_MIN       0x2000u
#define CTX_STACK_MAX       0x100000u

#define CTX_SLOT_IMAGE      0x200000u /* the ELF file's segments, W^X */
#define CTX_SLOT_IMAGE_END  0x10000000u
#define CTX_SLOT_DYN_BIAS   0x400000u /* ET_DYN: base + bias + p_vaddr; ET_EXEC: base + p_vaddr */
#define CTX_SLOT_HEAP       0x10000000u
#define CTX_SLOT_HEAP_END   0xa0000000u
#define CTX_SLOT_SHARED     0xa0000000u
#define CTX_SLOT_SHARED_END 0xe0000000u
#define CTX_SLOT_CANVAS     0xe0000000u
#define CTX_SLOT_CANVAS_END 0xffff0000u

/*
 * Gate numbers: a list that only grows. The app reaches gate n at base + GATES + n * GATE_SIZE.
 * <ctx/gates.h> has those of version 3; numbers from CTX_GATE_OPENED on belong to tables that this
 * instance opened.
 */
#define CTX_GATE_RETURN     0u /* where _start returns to */
#define CTX_GATE_NOSYS      1u
#define CTX_GATE_V1_LOG     2u
#define CTX_GATE_V2_ALLOC   3u
#define CTX_GATE_V2_DEALLOC 4u
#define CTX_GATE_OPENED     1024u

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fill the 64 KiB of CTX_SLOT_GATES .. CTX_SLOT_GATES_END with the trampolines. They put the gate's
 * number into r11d and jump to where CTX_SLOT_ENTRY_WORD says: the same bytes in every slot, on
 * every kernel. Only the address of gate 0 is for apps, which return to it; its 32 bytes are the
 * kernel's own.
 */
void ctx_slot_write_gates(void *pages);

/* Let gate 0 lead straight to an address, with nothing to be read on the way. r11 is lost. */
void ctx_slot_write_return(void *pages, uint64_t address);

#ifdef __cplusplus
}
#endif

#endif
