/* SPDX-License-Identifier: MIT */
/*
 * What only ring 0 may do. Argos lets apps do it, Linux does not: where both must say the same, it
 * is because the kernel has made it so. What nothing could survive is not here:
 * ctest/harness/hostile.py names it.
 */
#include "hostile.h"

#define CR0_MP (1ull << 1)
#define CR0_EM (1ull << 2)
#define CR0_TS (1ull << 3)

static inline void out8(uint16_t port, u8 value)
{
    __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static inline u64 read_msr(u32 msr)
{
    u32 low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return low | (u64)high << 32;
}

static inline void write_msr(u32 msr, u64 value)
{
    __asm__ volatile("wrmsr" ::"a"((u32)value), "d"((u32)(value >> 32)), "c"(msr));
}

__attribute__((noinline)) static void stepping_stone(void)
{
    __asm__ volatile("nop");
}

static void deed(struct ctx *ctx)
{
    u64 slot = slot_of(ctx);
    u64 v = 0;
    (void)slot;
    (void)v;
    (void)stepping_stone;
#if defined T_CLI_RETURN
    leave(ctx);
    __asm__ volatile("cli");
    RETURN_BY_GATE(slot);
#elif defined T_CLI_GATE
    __asm__ volatile("cli");
    say(ctx, "T without interrupts");
#elif defined T_CLI_FAULT
    __asm__ volatile("cli; ud2");
#elif defined T_STI
    __asm__ volatile("sti");
#elif defined T_HLT
    __asm__ volatile("hlt");
#elif defined T_PIC_MASK
    out8(0x21, 0xff);
    out8(0xa1, 0xff);
#elif defined T_PIC_UNMASK
    out8(0x21, 0);
    out8(0xa1, 0);
#elif defined T_PIT
    /* Ten thousand times a second. Faster ones keep QEMU on a busy host from all else: it makes up
     * for every tick that it missed. */
    out8(0x43, 0x34);
    out8(0x40, 119);
    out8(0x40, 0);
#elif defined T_PORT_READ
    __asm__ volatile("inb $0x64, %%al" : "=a"(v));
#elif defined T_PORT_NOBODY
    __asm__ volatile("outl %%eax, %%dx" ::"a"(0x12345678), "d"(0xdea0));
#elif defined T_CR0_READ
    __asm__ volatile("mov %%cr0, %0" : "=r"(v));
#elif defined T_CR0_TS
    /* Every x87 and SSE instruction of whoever comes next would fault. */
    __asm__ volatile("mov %%cr0, %0; or %1, %0; mov %0, %%cr0" : "=&r"(v) : "i"(CR0_TS));
#elif defined T_CR0_EM
    __asm__ volatile("mov %%cr0, %0; or %1, %0; mov %0, %%cr0" : "=&r"(v) : "i"(CR0_EM));
#elif defined T_CR4_RESERVED
    __asm__ volatile("mov %%cr4, %0; or $0x40000000, %0; mov %0, %%cr4" : "=&r"(v));
#elif defined T_CR0_PAGING
    __asm__ volatile("mov %%cr0, %0; and $0x7fffffff, %0; mov %0, %%cr0"
                     : "=&r"(v)); /* no paging in long mode */
#elif defined T_CR3_READ
    __asm__ volatile("mov %%cr3, %0; mov %0, %%cr3"
                     : "=&r"(v)); /* it loses what the TLB knew, nothing else */
#elif defined T_CR4_PAE
    __asm__ volatile("mov %%cr4, %0; and $~0x20, %0; mov %0, %%cr4" : "=&r"(v));
#elif defined T_CR4_SSE
    __asm__ volatile("mov %%cr4, %0; and $~0x600, %0; mov %0, %%cr4" : "=&r"(v));
#elif defined T_CR4_TSD
    __asm__ volatile("mov %%cr4, %0; or $4, %0; mov %0, %%cr4" : "=&r"(v));
#elif defined T_CR8
    __asm__ volatile(
        "mov %0, %%cr8" ::"r"(15ull)); /* no interrupt has a higher priority than that */
#elif defined T_DR7
    __asm__ volatile("mov %0, %%dr0; mov %1, %%dr7" ::"r"((u64)&stepping_stone), "r"(0x402ull));
    stepping_stone();
#elif defined T_DR7_KERNEL
    __asm__ volatile("mov %0, %%dr0; mov %1, %%dr7" ::"r"(*(u64 *)(slot + ENTRY_WORD)),
                     "r"(0x402ull));
#elif defined T_DR7_WATCH
    /* Its store cell is written by the kernel before each call, but through another address. */
    __asm__ volatile("mov %0, %%dr1; mov %1, %%dr7" ::"r"((u64)ctx->store), "r"(0xd00408ull));
    *ctx->store = 0;
#elif defined T_RDMSR
    v = read_msr(0x1b);
#elif defined T_WRMSR_LSTAR
    write_msr(0xc0000082, slot + 8);
#elif defined T_WRMSR_GS
    write_msr(0xc0000101, slot + 8);
    write_msr(0xc0000102, slot + 8);
#elif defined T_WRMSR_FS
    write_msr(0xc0000100, slot + 8);
#elif defined T_EFER_SCE
    /* System calls on, to a place of its own that is not there. */
    write_msr(0xc0000082, slot + 8);
    write_msr(0xc0000081, 0x0000000800000000);
    write_msr(0xc0000080, read_msr(0xc0000080) | 1);
    __asm__ volatile("syscall" ::: "rcx", "r11", "memory");
#elif defined T_SGDT
    struct __attribute__((packed)) {
        uint16_t limit;
        u64 base;
    } table;
    __asm__ volatile("sgdt %0" : "=m"(table));
    __asm__ volatile("sidt %0" : "=m"(table));
#elif defined T_LTR
    __asm__ volatile("ltr %%ax" ::"a"(0x7770));
#elif defined T_LLDT
    __asm__ volatile("lldt %%ax" ::"a"(0));
#elif defined T_LGDT_WILD
    /* The table itself is read from nowhere. */
    __asm__ volatile("lgdt 0x18" ::: "memory");
#elif defined T_CLTS
    __asm__ volatile("clts");
#elif defined T_WBINVD
    __asm__ volatile("wbinvd");
#elif defined T_INVLPG
    __asm__ volatile("invlpg (%0)" ::"r"(ctx) : "memory");
#elif defined T_SWAPGS
    __asm__ volatile("swapgs");
#elif defined T_WRGSBASE
    __asm__ volatile("wrgsbase %0" ::"r"(slot));
#elif defined T_WRFSBASE
    __asm__ volatile("wrfsbase %0" ::"r"(slot));
#elif defined T_SS_NULL
    __asm__ volatile("mov %0, %%ss" ::"r"(0));
#elif defined T_SEGMENTS_NULL
    __asm__ volatile("mov %0, %%ds; mov %0, %%es" ::"r"(0));
#elif defined T_FS_GS_NULL
    __asm__ volatile("mov %0, %%fs; mov %0, %%gs" ::"r"(0));
#else
#error which privilege?
#endif
}
