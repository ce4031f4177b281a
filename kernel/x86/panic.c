/* SPDX-License-Identifier: MIT */
/* What the processor knows when the kernel gives up: registers, and who called whom, by name. */
#include "cpu.h"
#include "x86.h"

#include "klog_private.h"

#include <kernel/klog.h>
#include <kernel/machine.h>

#define FRAMES 24u

extern char text_start[], text_end[], data_start[], kernel_end[];

/* Written by cmake/ksyms.py from the first link pass: sorted offsets from text_start, and names. */
struct ksym {
    uint32_t offset, name;
};
extern const uint32_t ksyms_count;
extern const struct ksym ksyms[];
extern const char ksyms_names[];

/* The function that holds this kernel address, "?" if none; *offset into it. */
static const char *symbol_at(uint64_t address, uint64_t *offset)
{
    uint64_t at = address - (uint64_t)text_start;
    uint32_t low = 0;
    uint32_t high = ksyms_count;
    *offset = 0;
    if (address < (uint64_t)text_start || address >= (uint64_t)text_end || high == 0 ||
        ksyms[0].offset > at) {
        return "?";
    }
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (ksyms[middle].offset <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *offset = at - ksyms[low].offset;
    return ksyms_names + ksyms[low].name;
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    char line[160];
    va_list args;
    va_start(args, format);
    format_args(line, sizeof line, format, args);
    va_end(args);
    klog_raw(line);
}

static void say_place(uint32_t no, uint64_t address)
{
    uint64_t offset;
    const char *name = symbol_at(address, &offset);
    say("  #%-2u %s+0x%lx  [0x%lx]", no, name, offset, address);
}

static bool is_kernel_stack(uint64_t at)
{
    return at % 8 == 0 && at >= (uint64_t)data_start && at + 16 <= (uint64_t)kernel_end;
}

static void backtrace(uint64_t ip, uint64_t bp)
{
    uint32_t no = 0;
    say("backtrace:");
    if (ip != 0) {
        say_place(no++, ip);
    }
    while (no < FRAMES && is_kernel_stack(bp)) {
        const uint64_t *frame = (const uint64_t *)bp;
        if (frame[1] == 0) {
            break;
        }
        say_place(no++, frame[1]);
        if (frame[0] <= bp && is_kernel_stack(frame[0])) {
            break; /* not a chain any more */
        }
        bp = frame[0];
    }
}

bool panic_is_going_on; /* on any processor. [panic] writes it, once; [irq] and the rest read it */

void machine_panic_details(void)
{
    uint64_t cr2, cr3;
    __asm__ volatile("mov %%cr2, %0\n\tmov %%cr3, %1" : "=r"(cr2), "=r"(cr3));
    const struct trap_frame *f = this_cpu.machine->panic_frame;
    if (f != NULL) {
        say("rax=%016lx rbx=%016lx rcx=%016lx rdx=%016lx", f->rax, f->rbx, f->rcx, f->rdx);
        say("rsi=%016lx rdi=%016lx rbp=%016lx rsp=%016lx", f->rsi, f->rdi, f->rbp, f->rsp);
        say("r8 =%016lx r9 =%016lx r10=%016lx r11=%016lx", f->r8, f->r9, f->r10, f->r11);
        say("r12=%016lx r13=%016lx r14=%016lx r15=%016lx", f->r12, f->r13, f->r14, f->r15);
        say("rip=%016lx rflags=%08lx cs=%lx ss=%lx vector=%lu error=%lx", f->rip, f->rflags, f->cs,
            f->ss, f->vector, f->error);
    }
    say("cr2=%016lx cr3=%016lx", cr2, cr3);
    backtrace(f != NULL ? f->rip : 0, f != NULL ? f->rbp : this_cpu.machine->panic_bp);
}

void machine_panic_mark(uint64_t frame_pointer)
{
    panic_is_going_on = true;
    this_cpu.machine->panic_bp = frame_pointer;
}
