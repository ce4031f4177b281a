/* SPDX-License-Identifier: MIT */
/*
 * The x86-64 machine's part of struct cpu (<kernel/call.h>): what one processor has for itself,
 * reached as this_cpu.machine, from the first instruction on.
 *
 * There is one processor. Each of several will need: a struct cpu with one of these, and a stack
 * for its loop (boot.S has the first one's); its GDT and TSS loaded, CR0, CR4 and XCR0 set as
 * cpu_init() does, its own timer started. The IDT, the page tables and the table of fix-ups are for
 * all. this_cpu is then found anew at each way into the kernel, and not by GS alone: an app runs in
 * ring 0 and may write its base. The stack that a vector runs on is the processor's own, and tells
 * whose it is; gates need a word of that kind as well.
 */
#ifndef KERNEL_X86_CPU_H
#define KERNEL_X86_CPU_H

#include <kernel/call.h>

struct trap_frame;

/* Classes of vectors, each with a stack: their numbers are the IST's (SDM 7.14.5), but panic's. */
enum cpu_stack_no {
    STACK_INTERRUPT = 1,
    STACK_EXCEPTION,
    STACK_DOUBLE_FAULT,
    STACK_NMI,
    STACK_MACHINE_CHECK,
    STACK_DEBUG,
    STACK_PANIC,
    STACKS_END,
};

struct cpu_stack {
    uint8_t guard[PAGE_SIZE]; /* paging.c leaves it unmapped */
    uint8_t room[2 * PAGE_SIZE];
};

struct __attribute__((packed)) tss {
    uint32_t rsv0;
    uint64_t rsp[3], rsv1, ist[7], rsv2;
    uint16_t rsv3, io_map;
};

struct machine_cpu {
    uint64_t irq_count[256]; /* by vector. [irq]; tests read it, at the symbol first_cpu */
    bool resting; /* the loop sleeps: the timer is its alarm, not the tick. [loop], with interrupts
                     off on the way in; read by [irq] */

    /* what a panic shows: written once, by whoever gives up */
    const struct trap_frame *panic_frame; /* NULL: the kernel itself called panic() */
    uint64_t panic_bp;                    /* then: its caller's */

    /* the processor's: set by [boot] */
    uint64_t gdt[5];
    struct tss tss;
    struct cpu_stack stacks[STACKS_END - 1] __attribute__((aligned(PAGE_SIZE))); /* from 1 */
};

static inline uint64_t cpu_stack_top(struct machine_cpu *cpu, enum cpu_stack_no no)
{
    return (uint64_t)&cpu->stacks[no - 1] + sizeof(struct cpu_stack);
}

/* Put right what an app has taken from all in CR0, CR4 and XCR0. False: it was right. */
bool cpu_mend_control(void);

#endif
