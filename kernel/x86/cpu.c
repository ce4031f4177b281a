/* SPDX-License-Identifier: MIT */
/*
 * One processor, set up: segments, the interrupt table with its stacks, control registers, and what
 * apps may use of x87, SSE and AVX. SDM chapters 2, 3, 6 and 7. Interrupt gates only, all on IST
 * stacks (cpu.h); what happens on a vector is trap.c's.
 */
#include "cpu.h"
#include "call.h"
#include "features.h"
#include "x86.h"

#include <kernel/machine.h>

#define CR0_MP       (1ull << 1)
#define CR0_EM       (1ull << 2)
#define CR0_TS       (1ull << 3)
#define CR4_SSE      (3ull << 9) /* OSFXSR, OSXMMEXCPT */
#define CR4_FSGSBASE (1ull << 16)
#define CR4_OSXSAVE  (1ull << 18)

struct idt_entry {
    uint16_t offset_low, selector;
    uint8_t ist, type;
    uint16_t offset_middle;
    uint32_t offset_high, rsv;
};

struct __attribute__((packed)) table_pointer {
    uint16_t limit;
    uint64_t base;
};

extern char trap_vectors[];

static struct machine_cpu first_cpu;           /* its header has who may touch what */
struct cpu this_cpu = {.machine = &first_cpu}; /* likewise */

/* For all processors. [boot] writes it, [any] reads it. */
static struct {
    struct idt_entry idt[256];
    uint64_t features;
    uint64_t cr4; /* bits that are ours to set: SSE; XSAVE and WRGSBASE where they are */
} state;

static uint8_t ist_of(uint32_t vector)
{
    switch (vector) {
    case VECTOR_DEBUG:
        return STACK_DEBUG;
    case VECTOR_NMI:
        return STACK_NMI;
    case VECTOR_DOUBLE_FAULT:
        return STACK_DOUBLE_FAULT;
    case VECTOR_MACHINE_CHECK:
        return STACK_MACHINE_CHECK;
    default:
        return vector < 32 ? STACK_EXCEPTION : STACK_INTERRUPT;
    }
}

/* So that gs is an app's slot without a detour, which a write to an MSR is. */
static void enable_gsbase(void)
{
    uint64_t cr4;
    uint32_t regs[4];
    cpuid_sub(7, 0, regs);
    machine_has_gsbase = (regs[1] & 1) != 0; /* EBX */
    if (machine_has_gsbase) {
        state.cr4 |= CR4_FSGSBASE;
        __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
        __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | CR4_FSGSBASE));
    }
}

/* What apps may use beyond SSE2 is what a parked call can be kept with. */
static void enable_vectors(void)
{
    uint64_t cr4;
    state.cr4 = CR4_SSE;
    if (xstate_is_there(cpuid_sub)) {
        state.cr4 |= CR4_OSXSAVE;
        __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
        __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | CR4_OSXSAVE));
        x86_xstate = xstate_choose(cpuid_sub, UINT64_MAX, MACHINE_VECTOR_BYTES);
        xsetbv(0, x86_xstate);
    }
    state.features = cpu_features(cpuid_sub, x86_xstate);
}

uint64_t machine_cpu_features(void)
{
    return state.features;
}

void cpu_init(void)
{
    struct machine_cpu *cpu = this_cpu.machine;
    uint64_t tss = (uint64_t)&cpu->tss;
    for (uint32_t no = STACK_INTERRUPT; no < STACK_PANIC; no++) {
        cpu->tss.ist[no - 1] = cpu_stack_top(cpu, no);
    }
    cpu->tss.io_map = sizeof cpu->tss;
    cpu->gdt[1] = 0x00af9a000000ffffull; /* 64-bit code */
    cpu->gdt[2] = 0x00cf92000000ffffull; /* data */
    cpu->gdt[3] =
        (sizeof cpu->tss - 1) | (tss & 0xffffff) << 16 | 0x89ull << 40 | (tss >> 24 & 0xff) << 56;
    cpu->gdt[4] = tss >> 32;
    for (uint32_t v = 0; v < 256; v++) {
        uint64_t at = (uint64_t)trap_vectors + 16 * v;
        state.idt[v] =
            (struct idt_entry){(uint16_t)at,         SELECTOR_CODE,        ist_of(v), 0x8e,
                               (uint16_t)(at >> 16), (uint32_t)(at >> 32), 0};
    }
    struct table_pointer gdt = {sizeof cpu->gdt - 1, (uint64_t)cpu->gdt};
    struct table_pointer idt = {sizeof state.idt - 1, (uint64_t)state.idt};
    __asm__ volatile("lgdt %0\n\t"
                     "pushq %1\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "lretq\n"
                     "1:\n\t"
                     "mov %2, %%ds\n\tmov %2, %%es\n\tmov %2, %%ss\n\t"
                     "ltr %w3\n\t"
                     "lidt %4"
                     :
                     : "m"(gdt), "i"(SELECTOR_CODE), "r"(SELECTOR_DATA), "r"(SELECTOR_TSS), "m"(idt)
                     : "rax", "memory");
    /* Loaders leave what they like; from here on every call begins and ends with these. */
    static const uint32_t default_mxcsr = 0x1f80;
    __asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(default_mxcsr));
    enable_vectors();
    enable_gsbase();
}

/*
 * Ring 0 may take x87, SSE and AVX away from everybody. Whoever stumbles over that is not to blame:
 * it is put right, and the instruction tried again.
 */
bool cpu_mend_control(void)
{
    uint64_t cr0, cr4;
    __asm__ volatile("mov %%cr0, %0\n\tmov %%cr4, %1" : "=r"(cr0), "=r"(cr4));
    uint64_t right = (cr0 & ~(CR0_EM | CR0_TS)) | CR0_MP;
    bool wrong = cr0 != right || (cr4 & state.cr4) != state.cr4;
    if (wrong) {
        __asm__ volatile("mov %0, %%cr0\n\tmov %1, %%cr4" : : "r"(right), "r"(cr4 | state.cr4));
    }
    if (x86_xstate != 0 && xgetbv(0) != x86_xstate) {
        xsetbv(0, x86_xstate);
        wrong = true;
    }
    return wrong;
}

void machine_on_panic_stack(void (*fn)(void))
{
    __asm__ volatile("cli\n\t"
                     "mov %0, %%rsp\n\t"
                     "call *%1\n"
                     "1:\tcli\n\thlt\n\tjmp 1b"
                     :
                     : "r"(cpu_stack_top(this_cpu.machine, STACK_PANIC)), "r"(fn)
                     : "memory");
    __builtin_unreachable();
}

void machine_halt(void)
{
    serial_flush();
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}
