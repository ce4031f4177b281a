/* SPDX-License-Identifier: MIT */
/*
 * What happens on each vector; trap.S leads here. Handlers never enable interrupts. An interrupt
 * wakes its task and is gone. An exception belongs to the app whose call record says "app"; with
 * "gate" it may have a fix-up; all others are the kernel's own end. kernel/linux/trap.c does the
 * same with signals.
 */
#include "call.h"
#include "cpu.h"
#include "step.h"
#include "x86.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

#include <ctx/slot.h>

#define PAGE_FAULT_PRESENT 1u
#define PAGE_FAULT_WRITE   2u

#define DR6_BREAKPOINTS    15ull
#define DR6_NONE           0xffff0ff0ull
#define DR7_NONE           0x400ull

struct fixup {
    uint64_t at, to;
};

extern const struct fixup fixups_start[], fixups_end[];

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
        return cpu_mend_control();
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
