/* SPDX-License-Identifier: MIT */
/*
 * Segments, the interrupt table, and what happens on each vector. SDM chapters 3, 6 and 7.
 *
 * Interrupt gates only, all on IST stacks: 1 interrupts, 2 exceptions, 3 double fault, 4 NMI, 5
 * machine check, 6 debug. Handlers never enable interrupts. An interrupt wakes its task and is
 * gone. An exception belongs to the app whose call record says "app"; with "gate" it may have a
 * fix-up; all others are the kernel's own end.
 */
#include "call.h"
#include "x86.h"

#include <kernel/klog.h>
#include <kernel/machine.h>

#include <ctx/slot.h>

#define IST_STACKS         7u /* six of the TSS, and panic's */
#define IST_GUARD          4096u
#define IST_SIZE           8192u

#define VECTOR_BREAKPOINT  3u
#define VECTOR_PAGE_FAULT  14u
#define PAGE_FAULT_PRESENT 1u

struct idt_entry {
    uint16_t offset_low, selector;
    uint8_t ist, type;
    uint16_t offset_middle;
    uint32_t offset_high, rsv;
};

struct __attribute__((packed)) tss {
    uint32_t rsv0;
    uint64_t rsp[3], rsv1, ist[7], rsv2;
    uint16_t rsv3, io_map;
};

struct __attribute__((packed)) table_pointer {
    uint16_t limit;
    uint64_t base;
};

struct fixup {
    uint64_t at, to;
};

extern char trap_vectors[], ist_stacks[];
extern const struct fixup fixups_start[], fixups_end[];

uint64_t irq_count[256];
const struct trap_frame *panic_frame;

static struct {
    uint64_t gdt[5];
    struct tss tss;
    struct idt_entry idt[256];
} state;

static uint64_t stack_top(uint32_t no) /* 1.. */
{
    return (uint64_t)ist_stacks + no * (IST_GUARD + IST_SIZE);
}

static uint8_t ist_of(uint32_t vector)
{
    switch (vector) {
    case 1:
        return 6;
    case 2:
        return 4;
    case 8:
        return 3;
    case 18:
        return 5;
    default:
        return vector < 32 ? 2 : 1;
    }
}

void cpu_init(void)
{
    uint64_t tss = (uint64_t)&state.tss;
    for (uint32_t i = 0; i < 6; i++) {
        state.tss.ist[i] = stack_top(i + 1);
    }
    state.tss.io_map = sizeof state.tss;
    state.gdt[1] = 0x00af9a000000ffffull; /* 64-bit code */
    state.gdt[2] = 0x00cf92000000ffffull; /* data */
    state.gdt[3] =
        (sizeof state.tss - 1) | (tss & 0xffffff) << 16 | 0x89ull << 40 | (tss >> 24 & 0xff) << 56;
    state.gdt[4] = tss >> 32;
    for (uint32_t v = 0; v < 256; v++) {
        uint64_t at = (uint64_t)trap_vectors + 16 * v;
        state.idt[v] =
            (struct idt_entry){(uint16_t)at,         SELECTOR_CODE,        ist_of(v), 0x8e,
                               (uint16_t)(at >> 16), (uint32_t)(at >> 32), 0};
    }
    struct table_pointer gdt = {sizeof state.gdt - 1, (uint64_t)state.gdt};
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
}

static uint64_t fixup_for(uint64_t ip)
{
    for (const struct fixup *f = fixups_start; f < fixups_end; f++) {
        if (f->at == ip) {
            return f->to;
        }
    }
    return 0;
}

/* Have the interrupted call return to whoever made it. */
static void leave(struct call_record *record, struct trap_frame *f)
{
    record->state = CALL_KERNEL;
    f->rip = (uint64_t)x86_leave_app;
    f->rsp = record->kernel_sp;
    f->rflags = 0x202;
    f->cs = SELECTOR_CODE;
    f->ss = SELECTOR_DATA;
}

/* The call ends here: remember why and go back to whoever made it. */
static void unwind(struct call_record *record, struct trap_frame *f, uint64_t address)
{
    *record->fault = (struct machine_fault){
        .vector = (uint32_t)f->vector,
        .error = (uint32_t)f->error,
        .ip = f->rip,
        .sp = f->rsp,
        .address = address,
        .parked = record->fault->parked,
        .regs = {f->rax, f->rcx, f->rdx, f->rbx, f->rsp, f->rbp, f->rsi, f->rdi, f->r8, f->r9,
                 f->r10, f->r11, f->r12, f->r13, f->r14, f->r15},
    };
    record->faulted = true;
    leave(record, f);
}

static bool is_unmapped_access(const struct trap_frame *f)
{
    return f->vector == VECTOR_PAGE_FAULT && (f->error & PAGE_FAULT_PRESENT) == 0;
}

static void exception(struct trap_frame *f)
{
    struct call_record *record = x86_record;
    uint64_t address = 0;
    if (f->vector == VECTOR_PAGE_FAULT) {
        __asm__ volatile("mov %%cr2, %0" : "=r"(address));
    }
    bool hopeless =
        f->vector == 2 || f->vector == 8 || f->vector == 18; /* NMI, double fault, machine check */
    if (record != NULL && record->state == CALL_APP && !hopeless) {
        if (is_unmapped_access(f) && app_page_in(address)) {
            return;
        }
        if (f->vector == VECTOR_BREAKPOINT && app_breakpoint(f->rip - 1)) {
            return;
        }
        unwind(record, f, address);
        return;
    }
    uint64_t fixup = fixup_for(f->rip);
    if (record != NULL && record->state == CALL_GATE && fixup != 0 && !hopeless) {
        if (!is_unmapped_access(f) || !app_page_in(address)) {
            f->rip = fixup;
        }
        return;
    }
    panic_frame = f;
    panic("exception %lu error=0x%lx ip=0x%lx address=0x%lx", f->vector, f->error, f->rip, address);
}

/*
 * The tick, which runs only while the loop is at work. A call that has had its time is taken out of
 * the app here, if the app runs its own code; in a gate the next tick will find it. Nothing is
 * armed for a single call.
 */
static void tick(struct trap_frame *f)
{
    struct call_record *record = x86_record;
    apic_tick();
    if (record == NULL) {
        return;
    }
    uint64_t offset = f->rip - record->base;
    bool own_code = offset >= CTX_SLOT_IMAGE && offset < CTX_SLOT_IMAGE_END;
    if (record->state != CALL_APP || !own_code || record->fault->parked == NULL || !app_overran()) {
        return;
    }
    record->frame = *f;
    record->parked = true;
    leave(record, f);
}

void x86_trap(struct trap_frame *f);
void x86_trap(struct trap_frame *f)
{
    irq_count[f->vector]++;
    if (f->vector < 32) {
        exception(f);
    } else {
        irq_dispatch((uint8_t)f->vector);
        if (f->vector == VECTOR_TIMER) {
            tick(f);
        }
    }
}

void machine_on_panic_stack(void (*fn)(void))
{
    __asm__ volatile("cli\n\t"
                     "mov %0, %%rsp\n\t"
                     "call *%1\n"
                     "1:\tcli\n\thlt\n\tjmp 1b"
                     :
                     : "r"(stack_top(IST_STACKS)), "r"(fn)
                     : "memory");
    __builtin_unreachable();
}

void machine_halt(void)
{
    for (;;) {
        __asm__ volatile("cli; hlt");
    }
}
