/* SPDX-License-Identifier: MIT */
/*
 * Segments, the interrupt table, and what happens on each vector. SDM chapters 3, 6 and 7.
 *
 * Interrupt gates only, all on IST stacks (cpu.h). Handlers never enable interrupts. An interrupt
 * wakes its task and is gone. An exception belongs to the app whose call record says "app"; with
 * "gate" it may have a fix-up; all others are the kernel's own end.
 */
#include "cpu.h"
#include "call.h"
#include "features.h"
#include "step.h"
#include "x86.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#include <ctx/slot.h>

#define VECTOR_DEBUG         1u
#define VECTOR_NMI           2u
#define VECTOR_BREAKPOINT    3u
#define VECTOR_OPCODE        6u
#define VECTOR_NO_DEVICE     7u
#define VECTOR_DOUBLE_FAULT  8u
#define VECTOR_PROTECTION    13u
#define VECTOR_PAGE_FAULT    14u
#define VECTOR_MACHINE_CHECK 18u
#define PAGE_FAULT_PRESENT   1u
#define PAGE_FAULT_WRITE     2u

#define CR0_MP               (1ull << 1)
#define CR0_EM               (1ull << 2)
#define CR0_TS               (1ull << 3)
#define CR4_SSE              (3ull << 9) /* OSFXSR, OSXMMEXCPT */
#define CR4_FSGSBASE         (1ull << 16)
#define CR4_OSXSAVE          (1ull << 18)
#define DR6_BREAKPOINTS      15ull
#define DR6_NONE             0xffff0ff0ull
#define DR7_NONE             0x400ull

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

struct fixup {
    uint64_t at, to;
};

extern char trap_vectors[];
extern const struct fixup fixups_start[], fixups_end[];

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

static uint64_t fixup_for(uint64_t ip)
{
    for (const struct fixup *f = fixups_start; f < fixups_end; f++) {
        if (f->at == ip) {
            return f->to;
        }
    }
    return 0;
}

/* Have the interrupted call return to whoever made it, by x86_leave_app or x86_park_app. */
static void leave(struct call *call, struct trap_frame *f, const char *by)
{
    call->state = CALL_KERNEL;
    f->rip = (uint64_t)by;
    f->rsp = call->kernel_sp;
    f->rflags = 0x202;
    f->cs = SELECTOR_CODE;
    f->ss = SELECTOR_DATA;
}

/* The call ends here: remember why and go back to whoever made it. */
static void unwind(struct call *call, struct trap_frame *f, uint64_t address)
{
    *call->fault = (struct machine_fault){
        .vector = (uint32_t)f->vector,
        .error = (uint32_t)f->error,
        .ip = f->rip,
        .sp = f->rsp,
        .address = address,
        .regs = {f->rax, f->rcx, f->rdx, f->rbx, f->rsp, f->rbp, f->rsi, f->rdi, f->r8, f->r9,
                 f->r10, f->r11, f->r12, f->r13, f->r14, f->r15},
    };
    call->ended = CALL_FAULTED;
    leave(call, f, x86_leave_app);
}

/* Park the call: the frame is where it goes on. */
static void park(struct call *call, struct trap_frame *f)
{
    memcpy(call->keep->frame, f, sizeof call->keep->frame);
    if (call->stepped) {
        step_keep_on(call->keep);
    }
    call->ended = CALL_PARKED;
    leave(call, f, x86_park_app);
}

/* The end of a gate for a call whose time was up in it. */
static void park_at_gate(struct call *call, struct trap_frame *f)
{
    f->rip = f->r11;
    f->rcx = f->rdx = f->rsi = f->rdi = 0; /* the kernel's, as at any gate's end */
    f->r8 = f->r9 = f->r10 = f->r11 = 0;
    call->overdue = false;
    park(call, f);
}

/*
 * The trap behind an instruction of a call that is stepped: it is parked there. Outside its image
 * it is on its way into a gate, and parked at that one's end. False: it has jumped astray.
 */
static bool step(struct call *call, struct trap_frame *f)
{
    bool ours = f->rip >= (uint64_t)x86_ways && f->rip < (uint64_t)x86_park_app;
    enum call_verdict verdict = call_overstays(call, f->rip, ours);
    __asm__ volatile("mov %0, %%dr6" : : "r"(DR6_NONE));
    if (verdict == CALL_PARK) {
        park(call, f);
    } else {
        f->rflags &= ~(uint64_t)STEP_FLAG;
        call->overdue = true;
    }
    return verdict != CALL_ASTRAY;
}

static bool is_unmapped_access(const struct trap_frame *f)
{
    return f->vector == VECTOR_PAGE_FAULT && (f->error & PAGE_FAULT_PRESENT) == 0;
}

static bool is_forbidden_write(const struct trap_frame *f)
{
    return f->vector == VECTOR_PAGE_FAULT && (f->error & (PAGE_FAULT_PRESENT | PAGE_FAULT_WRITE)) ==
                                                 (PAGE_FAULT_PRESENT | PAGE_FAULT_WRITE);
}

/*
 * Ring 0 may take x87, SSE and AVX away from everybody. Whoever stumbles over that is not to blame:
 * it is put right, and the instruction tried again.
 */
static bool mend_control(void)
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

/* The kernel sets no breakpoints: one that is hit was set by some app, for whom nobody is to blame
 * either. */
static bool mend_debug(void)
{
    uint64_t dr6;
    __asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
    __asm__ volatile("mov %0, %%dr6" : : "r"(DR6_NONE));
    if ((dr6 & DR6_BREAKPOINTS) == 0) {
        return false;
    }
    __asm__ volatile("mov %0, %%dr7" : : "r"(DR7_NONE));
    return true;
}

static bool mended(uint64_t vector)
{
    switch (vector) {
    case VECTOR_DEBUG:
        return mend_debug();
    case VECTOR_OPCODE:
    case VECTOR_NO_DEVICE:
    case VECTOR_PROTECTION: /* XRSTOR of what XCR0 does not have */
        return mend_control();
    default:
        return false;
    }
}

/*
 * `int $2` and `int $18` look like the events themselves, which end the machine, but for the
 * instruction before. (In trap.S the other vectors of that kind are told by their missing error
 * code.)
 */
static bool is_instruction(struct call *call, struct trap_frame *f)
{
    uint8_t bytes[2] = {0, 0};
    uint64_t offset = f->rip - 2 - call->base;
    if ((f->vector != VECTOR_NMI && f->vector != VECTOR_MACHINE_CHECK) || offset < CTX_SLOT_IMAGE ||
        offset >= CTX_SLOT_IMAGE_END) {
        return false;
    }
    call->state = CALL_GATE; /* the copy may fault */
    (void)machine_copy_in(bytes, f->rip - 2, sizeof bytes);
    call->state = CALL_APP;
    if (bytes[0] != 0xcd || bytes[1] != f->vector) {
        return false;
    }
    f->error = f->vector << 3 | 2;
    f->vector = VECTOR_PROTECTION;
    f->rip -= 2;
    return true;
}

static void exception(struct trap_frame *f)
{
    struct call *call = this_cpu.call;
    if (panic_is_going_on) { /* whoever was being called is not to blame, and nothing goes on */
        panic("exception %lu error=0x%lx ip=0x%lx", f->vector, f->error, f->rip);
    }
    bool in_app = call != NULL && call->state == CALL_APP;
    if (in_app && call->stepped && f->vector == VECTOR_DEBUG && step(call, f)) {
        return;
    }
    if (mended(f->vector)) {
        return;
    }
    uint64_t address = 0;
    if (f->vector == VECTOR_PAGE_FAULT) {
        __asm__ volatile("mov %%cr2, %0" : "=r"(address));
    }
    if (in_app && f->rip == (uint64_t)x86_gate_park) {
        park_at_gate(call, f);
        return;
    }
    bool hopeless = f->vector == VECTOR_NMI || f->vector == VECTOR_DOUBLE_FAULT ||
                    f->vector == VECTOR_MACHINE_CHECK;
    if (in_app && (!hopeless || is_instruction(call, f))) {
        if ((is_unmapped_access(f) && app_page_in(address)) ||
            (is_forbidden_write(f) && app_page_write(address))) {
            return;
        }
        if (f->vector == VECTOR_BREAKPOINT && app_breakpoint(f->rip - 1)) {
            return;
        }
        unwind(call, f, address);
        return;
    }
    uint64_t fixup = fixup_for(f->rip);
    if (call != NULL && call->state == CALL_GATE && fixup != 0 && !hopeless) {
        if (!(is_unmapped_access(f) && app_page_in(address)) &&
            !(is_forbidden_write(f) && app_page_write(address))) {
            f->rip = fixup;
        }
        return;
    }
    this_cpu.machine->panic_frame = f;
    panic("exception %lu error=0x%lx ip=0x%lx address=0x%lx", f->vector, f->error, f->rip, address);
}

/*
 * The tick, which runs only while the loop is at work. A call that has had its time is taken out of
 * the app here, if the app runs its own code, else at the end of the gate that it is in. Nothing is
 * armed for a single call.
 */
static void tick(struct trap_frame *f)
{
    struct call *call = this_cpu.call;
    apic_tick();
    (void)serial_tick();
    if (call == NULL || call->keep == NULL || !app_overran()) {
        return;
    }
    bool ours = f->rip >= (uint64_t)x86_ways && f->rip < (uint64_t)x86_park_app;
    switch (call_overstays(call, f->rip, ours)) {
    case CALL_PARK:
        park(call, f);
        break;
    case CALL_ASTRAY: /* it loops in code that is not its own */
        f->vector = VECTOR_PROTECTION;
        f->error = 0;
        unwind(call, f, 0);
        break;
    default:
        break;
    }
}

void x86_trap(struct trap_frame *f);
void x86_trap(struct trap_frame *f)
{
    this_cpu.machine->irq_count[f->vector]++;
    if (f->vector < 32) {
        exception(f);
    } else {
        irq_dispatch((uint8_t)f->vector);
        if (f->vector == VECTOR_TIMER && !panic_is_going_on) {
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
