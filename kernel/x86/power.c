/* SPDX-License-Identifier: MIT */
/* Off, reset, and the power button (ACPI 4.8.3: fixed hardware). */
#include "x86.h"

#include <kernel/input.h>
#include <kernel/klog.h>
#include <kernel/machine.h>

#define PM1_PWRBTN (1u << 8)
#define PM1_SCI_EN 1u
#define PM1_SLP_EN (1u << 13)

/* [boot, loop] */
static struct {
    struct task task;
} state;

void machine_power_off(void)
{
    log_info("power", "off");
    serial_flush();
    if (acpi.has_s5 && acpi.pm1a_control != 0) {
        outw(acpi.pm1a_control, (uint16_t)((uint32_t)acpi.s5_a << 10 | PM1_SLP_EN));
        if (acpi.pm1b_control != 0) {
            outw(acpi.pm1b_control, (uint16_t)((uint32_t)acpi.s5_b << 10 | PM1_SLP_EN));
        }
        clock_delay_us(100000);
    }
    log_warn("power", "this machine can not turn itself off; it may be switched off now");
    machine_halt();
}

void machine_reboot(void)
{
    log_info("power", "reboot");
    serial_flush();
    if (acpi.has_reset && acpi.reset_space == 1) {
        outb((uint16_t)acpi.reset_address, acpi.reset_value);
        clock_delay_us(10000);
    }
    for (uint32_t i = 0; i < 10000 && (inb(0x64) & 2) != 0; i++) {
    }
    outb(0x64, 0xfe); /* the keyboard controller's reset line */
    clock_delay_us(10000);
    struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } nothing = {0, 0};
    __asm__ volatile("lidt %0; int3" : : "m"(nothing)); /* a triple fault resets too */
    machine_halt();
}

/* The button is in one of the two blocks (ACPI 6.5, 4.8.1.1); the other one reads as 0. */
static bool pressed(void)
{
    const uint16_t ports[2] = {acpi.pm1a_event, acpi.pm1b_event};
    bool any = false;
    for (uint32_t i = 0; i < 2; i++) {
        if (ports[i] != 0 && (inw(ports[i]) & PM1_PWRBTN) != 0) {
            outw(ports[i], PM1_PWRBTN); /* write one to clear */
            any = true;
        }
    }
    return any;
}

static void power_run(struct task *task)
{
    TASK_BEGIN(task);
    for (;;) {
        TASK_AWAIT(task, pressed());
        log_info("power", "button");
        input_power_button();
    }
    TASK_END(task);
}

/* SCI can be shared and level-triggered: each firing masks the line until the task has looked. */
static void power_step(struct task *task)
{
    power_run(task);
    isa_unmask(acpi.sci);
}

void power_start(void)
{
    if (!acpi.has_fadt || acpi.pm1a_event == 0 || acpi.pm1a_control == 0 ||
        acpi.pm1_event_len < 4) {
        return;
    }
    if ((inw(acpi.pm1a_control) & PM1_SCI_EN) == 0 && acpi.smi_command != 0) {
        outb(acpi.smi_command, acpi.acpi_enable);
        for (uint32_t i = 0; i < 300 && (inw(acpi.pm1a_control) & PM1_SCI_EN) == 0; i++) {
            clock_delay_us(100);
        }
    }
    const uint16_t ports[2] = {acpi.pm1a_event, acpi.pm1b_event};
    for (uint32_t i = 0; i < 2 && ports[i] != 0; i++) {
        outw(ports[i], PM1_PWRBTN);
        outw((uint16_t)(ports[i] + acpi.pm1_event_len / 2), PM1_PWRBTN); /* enable register */
    }
    task_start(&state.task, "power", power_step);
    if (!isa_route(acpi.sci, &state.task)) {
        log_warn("power", "no interrupt for the power button");
    }
}
