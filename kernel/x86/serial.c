/* SPDX-License-Identifier: MIT */
/*
 * COM1, a 16550 (PC16550D data sheet): log out by polling, keys in by interrupt. A machine without
 * it says nothing and hears nothing; everything else works.
 */
#include "../serial_keys.h"
#include "x86.h"

#include <kernel/input.h>
#include <kernel/klog.h>
#include <kernel/machine.h>

#define COM1 0x3f8

enum uart {
    UART_DATA = 0,
    UART_IER = 1,
    UART_FCR = 2,
    UART_LCR = 3,
    UART_MCR = 4,
    UART_LSR = 5,
    UART_SCRATCH = 7,
};

#define LSR_DATA  0x01
#define LSR_SPACE 0x20

static struct {
    bool present, debug_exit;
    struct task task;
    struct serial_keys keys;
} state;

void serial_init(const char *command_line)
{
    state.debug_exit = boot_word(command_line, "debugexit") != NULL;
    outb(COM1 + UART_SCRATCH, 0x5a);
    state.present = inb(COM1 + UART_SCRATCH) == 0x5a;
    if (!state.present) {
        return;
    }
    outb(COM1 + UART_IER, 0);
    outb(COM1 + UART_LCR, 0x80); /* divisor: 1 = 115200 */
    outb(COM1 + UART_DATA, 1);
    outb(COM1 + UART_IER, 0);
    outb(COM1 + UART_LCR, 0x03); /* 8N1 */
    outb(COM1 + UART_FCR, 0xc7); /* FIFO on and empty, interrupt at 14 bytes or after a pause */
    outb(COM1 + UART_MCR, 0x0b); /* DTR, RTS, OUT2 = interrupts go out */
}

bool serial_present(void)
{
    return state.present;
}

void machine_serial_write(const char *bytes, size_t len)
{
    if (!state.present) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        for (uint32_t spins = 0; (inb(COM1 + UART_LSR) & LSR_SPACE) == 0 && spins < 1000000;
             spins++) {
        }
        outb(COM1 + UART_DATA, (uint8_t)bytes[i]);
    }
}

int machine_serial_read(void)
{
    return state.present && (inb(COM1 + UART_LSR) & LSR_DATA) != 0 ? inb(COM1 + UART_DATA) : -1;
}

void machine_verdict(enum machine_verdict verdict)
{
    if (state.debug_exit) {
        outl(0x501, verdict); /* isa-debug-exit,iobase=0x501: QEMU ends with 2 * verdict + 1 */
    }
}

/*
 * A byte becomes a press and a release, at most SERIAL_KEYS_MAX events; read only while they fit,
 * so that a long paste waits in the sender. While waiting, look again each frame.
 */
static void serial_run(struct task *task)
{
    TASK_BEGIN(task);
    outb(COM1 + UART_IER, 0x01);
    for (;;) {
        TASK_AWAIT_FOR(task,
                       input_room() >= SERIAL_KEYS_MAX && (inb(COM1 + UART_LSR) & LSR_DATA) != 0,
                       serial_keys_pending(&state.keys) ? 50 * NSEC_PER_MSEC
                       : input_room() < SERIAL_KEYS_MAX ? 16 * NSEC_PER_MSEC
                                                        : NEVER_NS);
        int byte = -1;
        while (input_room() >= SERIAL_KEYS_MAX && (byte = machine_serial_read()) >= 0) {
            serial_keys_byte(&state.keys, (uint8_t)byte);
        }
        if (byte < 0 && task_overdue(task)) {
            serial_keys_pause(&state.keys); /* a lone ESC was the key */
        }
    }
    TASK_END(task);
}

void serial_start(void)
{
    if (!state.present) {
        log_info("serial", "no COM1");
        return;
    }
    task_start(&state.task, "serial", serial_run);
    if (!isa_route(4, &state.task)) {
        log_warn("serial", "no interrupt, the line is write-only");
    }
}
