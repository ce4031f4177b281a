/* SPDX-License-Identifier: MIT */
/* Accesses that the page tables forbid, one for each place in the slot and around it. */
#include "hostile.h"

__attribute__((unused)) static u8 data[64] = {0xc3};
__attribute__((unused)) static const u8 constant[64] = {0xc3};

/* It never comes to an end, but gcc is not to know. */
__attribute__((unused)) static volatile u64 never = 1ull << 60;

__attribute__((unused)) static u64 deeper(u64 n)
{
    if (n == never) {
        return 0;
    }
    volatile u64 block[512];
    block[n % 512] = n;
    return deeper(n + 1) + block[n % 512];
}

static void deed(struct ctx *ctx)
{
    u64 slot = slot_of(ctx);
    (void)slot;
#if defined T_NULL_READ
    read8(0x18);
#elif defined T_NULL_WRITE
    write8(0x18);
#elif defined T_NULL_CALL
    go(0);
#elif defined T_WILD_READ
    read8(0x123456789000);
#elif defined T_WILD_WRITE
    write8(0x123456789000);
#elif defined T_WILD_JUMP
    go(0x123456789000);
#elif defined T_NONCANONICAL_READ
    read8(NONCANONICAL);
#elif defined T_NONCANONICAL_WRITE
    write8(NONCANONICAL);
#elif defined T_NONCANONICAL_JUMP
    go(NONCANONICAL);
#elif defined T_NONCANONICAL_STACK
    __asm__ volatile("mov %0, %%rsp; push %%rax" ::"r"(NONCANONICAL) : "memory");
#elif defined T_STACK_OVERFLOW
    (void)deeper(0);
#elif defined T_STACK_BELOW
    write8(slot + STACK_TOP - STACK_BYTES - 8);
#elif defined T_STACK_ABOVE
    write8(slot + STACK_TOP - 4); /* half of it is there */
#elif defined T_CODE_WRITE
    write8((u64)&_start);
#elif defined T_RODATA_WRITE
    write8((u64)constant);
#elif defined T_DATA_EXECUTE
    go((u64)data);
#elif defined T_RODATA_EXECUTE
    go((u64)constant);
#elif defined T_HEAP_EXECUTE
    u8 *p = ctx->alloc(64, 16);
    p[0] = 0xc3;
    go((u64)p);
#elif defined T_STACK_EXECUTE
    volatile u8 code[16] = {0xc3};
    go((u64)code);
#elif defined T_CANVAS_EXECUTE
    ctx->fb.pixels[0] = 0xc3;
    go((u64)ctx->fb.pixels);
#elif defined T_CTX_EXECUTE
    go((u64)ctx);
#elif defined T_INPUT_EXECUTE
    go(slot + INPUT_PAGE);
#elif defined T_GATE_WRITE
    write8(slot + GATE(2));
#elif defined T_BASE_WORD_WRITE
    write8(slot + BASE_WORD);
#elif defined T_ENTRY_WORD_WRITE
    write8(slot + ENTRY_WORD);
#elif defined T_NOSYS_WRITE
    write8(slot + NOSYS_TABLE);
#elif defined T_INPUT_WRITE
    write8((u64)ctx->input);
#elif defined T_GUARD_LOW
    write8(slot + 0xfff8);
#elif defined T_GUARD_HIGH
    write8(slot + SLOT_END - 8);
#elif defined T_NEIGHBOUR_READ
    read8(slot + (slot < 0x210000000000 ? SLOT_END : -SLOT_END) +
          0x100); /* a slot's first page is never there */
#elif defined T_NEIGHBOUR_WRITE
    write8(slot + (slot < 0x210000000000 ? SLOT_END : -SLOT_END) + 0x100);
#elif defined T_HEAP_BEYOND
    u8 *p = ctx->alloc(64, 16);
    write8(((u64)p & ~0xfffull) + 0x400000);
#elif defined T_FREED
    u8 *p = ctx->alloc(1 << 20, 4096);
    ctx->dealloc(p, 1 << 20, 4096);
    write8((u64)p + 0x80000);
#elif defined T_CANVAS_BEYOND
    write8(((u64)(ctx->fb.pixels + ctx->fb.len) + 0xfff) & ~0xfffull);
#elif defined T_KERNEL_CODE_WRITE
    write8(*(u64 *)(slot + ENTRY_WORD));
#elif defined T_KERNEL_HIGH
    write8(0xffffffffc0000000);
#else
#error which access?
#endif
}
