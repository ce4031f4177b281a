/* SPDX-License-Identifier: MIT */
/*
 * Interrupt controllers: the local APIC in xAPIC mode (SDM chapter 11) with its one-shot timer, the
 * I/O APIC (Intel 82093AA) for legacy lines with the MADT's overrides, and the 8259s remapped and
 * masked. An interrupt does one thing: it wakes a task.
 */
#include "cpu.h"
#include "x86.h"

#include <kernel/klog.h>
#include <kernel/machine.h>

#define MSR_APIC_BASE 0x1b
#define APIC_ENABLE   (1u << 11)
#define APIC_X2       (1u << 10)

enum lapic {
    LAPIC_ID = 0x20,
    LAPIC_TPR = 0x80,
    LAPIC_EOI = 0xb0,
    LAPIC_SVR = 0xf0,
    LAPIC_LVT_TIMER = 0x320,
    LAPIC_LVT_LINT0 = 0x350,
    LAPIC_LVT_LINT1 = 0x360,
    LAPIC_LVT_ERROR = 0x370,
    LAPIC_TIMER_INITIAL = 0x380,
    LAPIC_TIMER_CURRENT = 0x390,
    LAPIC_TIMER_DIVIDE = 0x3e0,
};

#define LVT_MASKED          (1u << 16)
#define DIVIDE_BY_16        3u
#define SVR_ON              0x100u
#define REDIRECT_LOW_ACTIVE (1u << 13)
#define REDIRECT_LEVEL      (1u << 15)
#define REDIRECT_MASKED     (1u << 16)

static struct {
    volatile uint32_t *lapic;  /* each processor's own, at the same place. [any] */
    volatile uint32_t *ioapic; /* a pair of registers: [boot, loop] with interrupts off; [irq] */
    uint32_t ioapic_lines;     /* [boot] writes, [any] reads. */
    struct task *tasks[256];   /* [boot, loop] before the line can fire; [irq] reads. */
    uint8_t level_line[256];   /* 1 + line of a level-triggered vector. As tasks */
    volatile bool masked[256]; /* by line: since it fired. As ioapic */
    uint8_t next_vector;       /* [boot, loop] */
} state;

static void lapic_write(enum lapic reg, uint32_t v)
{
    state.lapic[reg / 4] = v;
}

static uint32_t lapic_read(enum lapic reg)
{
    return state.lapic[reg / 4];
}

static uint32_t ioapic_read(uint32_t reg)
{
    state.ioapic[0] = reg;
    return state.ioapic[4];
}

static void ioapic_write(uint32_t reg, uint32_t v)
{
    state.ioapic[0] = reg;
    state.ioapic[4] = v;
}

/* Both 8259s to vectors of their own, everything masked (Intel 8259A: ICW1-4, OCW1). */
static void pic_off(void)
{
    static const uint8_t words[][2] = {
        {0x20, 0x11}, {0xa0, 0x11}, {0x21, VECTOR_8259}, {0xa1, VECTOR_8259 + 8},
        {0x21, 4},    {0xa1, 2},    {0x21, 1},           {0xa1, 1},
        {0x21, 0xff}, {0xa1, 0xff}};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        outb(words[i][0], words[i][1]);
    }
}

/* Before the clock is measured: registers mapped, timer usable, no interrupt let through yet. */
bool apic_early(void)
{
    pic_off();
    uint64_t base = rdmsr(MSR_APIC_BASE);
    if ((base & APIC_X2) !=
        0) { /* firmware left x2APIC on: the way back leads through "off" (SDM 11.12.5) */
        wrmsr(MSR_APIC_BASE, base & ~(uint64_t)(APIC_ENABLE | APIC_X2));
    }
    base &= ~(uint64_t)APIC_X2;
    wrmsr(MSR_APIC_BASE, base | APIC_ENABLE);
    state.lapic = mmio_map(base & 0xffffff000ull, PAGE_SIZE);
    state.next_vector = VECTOR_DEVICES;
    if (state.lapic == NULL) {
        return false;
    }
    lapic_write(LAPIC_TPR, 0);
    lapic_write(LAPIC_LVT_LINT0, LVT_MASKED);
    lapic_write(LAPIC_LVT_LINT1, 0x400); /* NMI */
    lapic_write(LAPIC_LVT_ERROR, LVT_MASKED);
    lapic_write(LAPIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
    lapic_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_16);
    lapic_write(LAPIC_SVR, SVR_ON | VECTOR_SPURIOUS);
    return true;
}

void apic_init(void)
{
    paddr_t base = acpi.ioapic != 0 ? acpi.ioapic : 0xfec00000u;
    state.ioapic = mmio_map(base, PAGE_SIZE);
    uint32_t version = state.ioapic != NULL ? ioapic_read(1) : 0;
    state.ioapic_lines =
        version != 0 && version != UINT32_MAX ? MIN((version >> 16 & 0xff) + 1, 240u) : 0;
    for (uint32_t i = 0; i < state.ioapic_lines; i++) {
        ioapic_write(0x10 + 2 * i, REDIRECT_MASKED);
    }
    if (state.ioapic_lines == 0) {
        log_warn("apic", "no I/O APIC: keyboard, mouse and serial input of the plain PC are off");
    }
    lapic_write(LAPIC_LVT_TIMER, VECTOR_TIMER); /* one-shot, unmasked */
    log_info("apic", "id=%u ioapic_lines=%u", apic_id(), state.ioapic_lines);
    apic_tick(); /* at work from now on */
    __asm__ volatile("sti");
}

uint32_t apic_id(void)
{
    return lapic_read(LAPIC_ID) >> 24;
}

uint64_t apic_timer_start_max(void)
{
    lapic_write(LAPIC_TIMER_INITIAL, UINT32_MAX);
    return UINT32_MAX;
}

uint64_t apic_timer_elapsed(void)
{
    return UINT32_MAX - lapic_read(LAPIC_TIMER_CURRENT);
}

void apic_timer_arm(uint64_t ticks)
{
    lapic_write(LAPIC_TIMER_INITIAL, (uint32_t)MIN(ticks, (uint64_t)UINT32_MAX));
}

uint8_t irq_alloc(struct task *task)
{
    if (state.next_vector == VECTOR_DEVICES_END) {
        return 0;
    }
    uint8_t vector = state.next_vector++;
    state.tasks[vector] = task;
    return vector;
}

bool isa_route(uint32_t irq, struct task *task)
{
    bool low_active, level;
    uint32_t gsi = acpi_line(irq, &low_active, &level);
    uint32_t line = gsi - acpi.ioapic_gsi;
    uint8_t vector = gsi >= acpi.ioapic_gsi && line < state.ioapic_lines ? irq_alloc(task) : 0;
    if (vector == 0) {
        return false;
    }
    uint32_t low = vector;
    low |= low_active ? REDIRECT_LOW_ACTIVE : 0;
    low |= level ? REDIRECT_LEVEL : 0;
    state.level_line[vector] = level ? (uint8_t)(line + 1) : 0;
    uint64_t flags = interrupts_off(); /* likewise: lines that were routed before may fire */
    ioapic_write(0x11 + 2 * line, apic_id() << 24);
    ioapic_write(0x10 + 2 * line, low);
    interrupts_as(flags);
    return true;
}

static void mask_line(uint32_t line, bool mask)
{
    uint32_t low = ioapic_read(0x10 + 2 * line);
    ioapic_write(0x10 + 2 * line, mask ? low | REDIRECT_MASKED : low & ~REDIRECT_MASKED);
    state.masked[line] = mask;
}

void isa_unmask(uint32_t irq)
{
    bool low_active, level;
    uint32_t line = acpi_line(irq, &low_active, &level) - acpi.ioapic_gsi;
    if (line >= state.ioapic_lines || !state.masked[line]) {
        return;
    }
    uint64_t flags = interrupts_off(); /* the register pair is shared with irq_dispatch() */
    mask_line(line, false);
    interrupts_as(flags);
}

void irq_dispatch(uint8_t vector)
{
    if (vector == VECTOR_SPURIOUS || (vector >= VECTOR_8259 && vector < VECTOR_8259 + 16)) {
        return; /* no EOI for these */
    }
    if (state.tasks[vector] != NULL) {
        task_wake(state.tasks[vector]);
    }
    if (state.level_line[vector] != 0) {
        mask_line(state.level_line[vector] - 1u, true);
    }
    lapic_write(LAPIC_EOI, 0);
}

void apic_tick(void)
{
    if (!this_cpu.machine->resting) {
        apic_timer_arm(clock_apic_ticks(MACHINE_TICK_NS));
    }
}

void machine_wait(uint64_t deadline_ns)
{
    /* Interrupts are off between looking and sleeping; `sti; hlt` lets none slip through in between
     * (SDM, STI). An app may have raised the task priority above all of them. */
    __asm__ volatile("cli\n\tmov %0, %%cr8" : : "r"(0ull));
    uint64_t now = machine_now_ns();
    if (task_next_deadline_ns() == 0 || deadline_ns <= now) {
        apic_tick();
        __asm__ volatile("sti");
        return;
    }
    this_cpu.machine->resting = true;
    apic_timer_arm(deadline_ns == NEVER_NS ? 0 : clock_apic_ticks(deadline_ns - now) + 1);
    __asm__ volatile("sti; hlt" : : : "memory");
    this_cpu.machine->resting = false;
    apic_tick(); /* at work again: the next sleep sets the timer anew */
}
