/* SPDX-License-Identifier: MIT */
/*
 * The x86-64 machine's own header: what its files share, and what kernel/main.c calls to bring it
 * up. The core sees machine.h only. "SDM" is the Intel 64 and IA-32 Architectures Software
 * Developer's Manual, volume 3A.
 */
#ifndef KERNEL_X86_X86_H
#define KERNEL_X86_X86_H

#include "bootinfo.h"

#include <kernel/task.h>
#include <kernel/types.h>

#define DIRECT_MAP           0xffff800000000000ull
#define MMIO_WINDOW          0xffffc00000000000ull
#define KERNEL_HALF          0xffffffff80000000ull

#define SELECTOR_CODE        0x08u
#define SELECTOR_DATA        0x10u
#define SELECTOR_TSS         0x18u

#define VECTOR_DEBUG         1u
#define VECTOR_NMI           2u
#define VECTOR_BREAKPOINT    3u
#define VECTOR_OPCODE        6u
#define VECTOR_NO_DEVICE     7u
#define VECTOR_DOUBLE_FAULT  8u
#define VECTOR_PROTECTION    13u
#define VECTOR_PAGE_FAULT    14u
#define VECTOR_MACHINE_CHECK 18u

#define VECTOR_TIMER         0x20u
#define VECTOR_DEVICES       0x30u /* .. 0xdf, handed out by irq_alloc() */
#define VECTOR_DEVICES_END   0xe0u
#define VECTOR_8259          0xe0u /* 16 of them; masked, but a masked 8259 can still be spurious */
#define VECTOR_SPURIOUS      0xffu

/* ---- instructions ---- */

static inline void outb(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}
static inline void outw(uint16_t port, uint16_t v)
{
    __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}
static inline void outl(uint16_t port, uint32_t v)
{
    __asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}
static inline uint8_t inb(uint16_t port)
{
    uint8_t v;
    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline uint16_t inw(uint16_t port)
{
    uint16_t v;
    __asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline uint32_t inl(uint16_t port)
{
    uint32_t v;
    __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static inline uint64_t rdtsc(void)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}
static inline uint64_t rdmsr(uint32_t msr)
{
    uint32_t lo, hi;
    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
    return (uint64_t)hi << 32 | lo;
}
static inline void wrmsr(uint32_t msr, uint64_t v)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)));
}
static inline void cpuid(uint32_t leaf, uint32_t out[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
                     : "a"(leaf), "c"(0));
}

static inline void cpuid_sub(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
                     : "a"(leaf), "c"(subleaf));
}
static inline uint64_t xgetbv(uint32_t reg)
{
    uint32_t lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(reg));
    return (uint64_t)hi << 32 | lo;
}
static inline void xsetbv(uint32_t reg, uint64_t v)
{
    __asm__ volatile("xsetbv" : : "c"(reg), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)));
}
/* Interrupts off for what [irq] touches too, and then as they were. [any] */
static inline uint64_t interrupts_off(void)
{
    uint64_t flags;
    __asm__ volatile("pushfq\n\tpop %0\n\tcli" : "=r"(flags) : : "memory");
    return flags;
}
static inline void interrupts_as(uint64_t flags)
{
    __asm__ volatile("push %0\n\tpopfq" : : "r"(flags) : "cc", "memory");
}

/* ---- bring-up; the order is kernel/main.c's ---- */

void serial_init(const char *command_line); /* COM1; nothing is said if it is not there */
void cpu_init(void);                        /* GDT, TSS with its IST stacks, IDT */
/* the real page tables, of frames below 4 GiB; false: there are too few */
bool paging_init(const struct boot_info *boot);
/* whole pages of the kernel's data that are not used any more: never mapped again, and free */
void paging_give_away(const void *from, const void *to);
void acpi_init(const struct boot_info *boot); /* tables found and checked; all optional */
void clock_init(void); /* TSC and APIC timer against the PIT; time starts here */
void apic_init(void);  /* local APIC and I/O APIC, 8259 off; interrupts on afterwards */
void pci_init(const char *command_line); /* ECAM or ports */
void ps2_start(void);                    /* keyboard and mouse task */
void serial_start(void);                 /* bytes that come in become keys */
void power_start(void);                  /* ACPI power button */

/* ---- serial.c ---- */

/* Go on with what is on its way out; true if there is more. Interrupts off. [irq] */
bool serial_tick(void);

/* Wait until it is out: before the machine ends. [any] */
void serial_flush(void);

/* ---- trap.c ---- */

struct trap_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

/* The kernel has given up: no exception is an app's any more, and no call is parked. */
extern bool panic_is_going_on;

/* ---- apic.c ---- */

/* A vector whose interrupts wake this task; 0 when none is left. */
uint8_t irq_alloc(struct task *task);

/*
 * Route a legacy interrupt line, or the SCI, to the task. Any of them can be level-triggered: then
 * it is masked when it fires, so whoever routes a line says isa_unmask() after each step of the
 * task. For others that is nothing.
 */
bool isa_route(uint32_t irq, struct task *task);
void isa_unmask(uint32_t irq);

void irq_dispatch(uint8_t vector); /* [irq] */
uint32_t apic_id(void);
void apic_timer_arm(uint64_t ticks); /* 0: disarm */
uint64_t apic_timer_start_max(void); /* for calibration: start at the top ... */
uint64_t apic_timer_elapsed(void);   /* ... and how many ticks went by */
bool apic_early(void);               /* false: its registers can not be mapped */
void apic_tick(void);                /* interrupt in a few milliseconds: see trap.c */

/* ---- clock.c ---- */

uint64_t clock_apic_ticks(uint64_t ns);
void clock_delay_us(uint64_t us); /* busy; start-up of old devices only */

/* ---- paging.c ---- */

/*
 * Physical memory that may lie outside the direct map: device registers, firmware tables. NULL: no
 * address space, or there can be no such thing at this place: registers in RAM, whoever says so
 * (loader, ACPI, a device's BAR), or tables where the memory map names nothing.
 */
volatile void *mmio_map(paddr_t paddr, uint64_t len);
const void *firmware_map(paddr_t paddr, uint64_t len);

/* Whether some of it has been mapped as registers already. */
bool mmio_is_taken(paddr_t paddr, uint64_t len);

/* ---- acpi.c ---- */

struct acpi_override {
    uint8_t irq;
    uint32_t gsi;
    uint16_t flags;
};

struct acpi_facts {
    bool present, has_madt, has_fadt;
    paddr_t lapic, ecam, ioapic;
    uint8_t ecam_first_bus, ecam_last_bus;
    uint32_t ioapic_gsi, cpus, override_count;
    struct acpi_override overrides[16];
    uint32_t virtio_mmio; /* devices that the DSDT names */
    uint16_t sci, pm1a_event, pm1b_event, pm1a_control, pm1b_control,
        smi_command; /* ports: 0, none */
    uint8_t acpi_enable, pm1_event_len;
    uint8_t century; /* of CMOS: the register that has it, 0 = none */
    bool has_s5;
    uint8_t s5_a, s5_b;
    bool has_reset;
    uint8_t reset_space, reset_value;
    uint64_t reset_address;
};
extern struct acpi_facts acpi;

/* The I/O APIC's line of a legacy interrupt, or of the SCI, and how it is driven. */
uint32_t acpi_line(uint32_t irq, bool *low_active, bool *level);

/* Says which devices nobody drives because nobody speaks their transport. words: the kernel's
 * command line. [boot] */
void acpi_name_passed_over(const char *words);

#endif
