/* SPDX-License-Identifier: MIT */
/*
 * COM1, a 16550 (PC16550D data sheet): keys in by interrupt, log out by looking at it now and then:
 * when something is written, with the tick while the loop is at work, with a task while it is not.
 * A machine without it says nothing and hears nothing; everything else works.
 */
#include "serial_keys.h"
#include "serial_out.h"
#include "x86.h"

#include <kernel/input.h>
#include <kernel/klog.h>
#include <kernel/machine.h>

#define COM1 0x3f8

enum uart {
    UART_DATA = 0,
    UART_IER = 1,
    UART_FCR = 2,
    UART_IIR = 2,
    UART_LCR = 3,
    UART_MCR = 4,
    UART_LSR = 5,
    UART_SCRATCH = 7,
};

#define LSR_DATA  0x01
#define LSR_SPACE 0x20
#define IIR_FIFO  0xc0
#define FIFO      16u
#define PATIENCE  1000000u
#define LOOK_NS   NSEC_PER_MSEC /* a full FIFO takes 1.4 ms */

/* [boot] writes the flags, [any] reads them; tasks and keys are [loop]. */
static struct {
    bool present, debug_exit;
    bool queued;    /* from now on somebody looks: before, all waits for the line */
    uint64_t flags; /* of who writes, while interrupts are off for that */
    struct task out_task;
    struct task task;
    struct serial_keys keys;
} state;

static bool has_space(void)
{
    return (inb(COM1 + UART_LSR) & LSR_SPACE) != 0;
}

static void put(uint8_t byte)
{
    outb(COM1 + UART_DATA, byte);
}

/*
 * An app can log faster than any line is, for as long as it likes. The ticks that find it waiting
 * are its own: without them its call would last for ever, and be none too long.
 */
static void breathe(void)
{
    interrupts_as(state.flags);
    (void)interrupts_off();
}

/* [any] with interrupts off; [irq] */
static struct serial_out out = {.has_space = has_space, .put = put, .breathe = breathe, .fifo = 1};

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
    out.fifo = (inb(COM1 + UART_IIR) & IIR_FIFO) == IIR_FIFO ? FIFO : 1; /* an 8250 has none */
    outb(COM1 + UART_MCR, 0x0b); /* DTR, RTS, OUT2 = interrupts go out */
}

void machine_serial_write(const char *bytes, size_t len)
{
    if (!state.present) {
        return;
    }
    uint64_t flags = interrupts_off(), outer = state.flags; /* the tick looks too */
    state.flags = flags;
    serial_out_write(&out, bytes, len, PATIENCE);
    state.flags = outer;
    if (state.queued && !panic_is_going_on) {
        if (serial_out_pump(&out)) {
            task_wake(&state.out_task);
        }
    } else {
        serial_out_flush(&out, PATIENCE);
    }
    interrupts_as(flags);
}

bool serial_tick(void)
{
    return state.present && out.count > 0 && serial_out_pump(&out);
}

void serial_flush(void)
{
    if (state.present) {
        uint64_t flags = interrupts_off(); /* or the tick takes bytes that are counted twice */
        serial_out_flush(&out, PATIENCE);
        interrupts_as(flags);
    }
}

int machine_serial_read(void)
{
    return state.present && (inb(COM1 + UART_LSR) & LSR_DATA) != 0 ? inb(COM1 + UART_DATA) : -1;
}

void machine_verdict(enum machine_verdict verdict)
{
    serial_flush();
    if (state.debug_exit) {
        outl(0x501, verdict); /* isa-debug-exit,iobase=0x501: QEMU ends with 2 * verdict + 1 */
    }
}

/* As the tick does, but where the tick can come in between. */
static bool pump(void)
{
    uint64_t flags = interrupts_off();
    bool more = serial_tick();
    interrupts_as(flags);
    return more;
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

static void out_run(struct task *task)
{
    TASK_BEGIN(task);
    for (;;) {
        TASK_AWAIT(task, out.count > 0);
        TASK_AWAIT_FOR(task, !pump(), LOOK_NS);
    }
    TASK_END(task);
}

/* Where the line is level-triggered it fires for as long as a byte waits. */
static void serial_step(struct task *task)
{
    serial_run(task);
    if ((inb(COM1 + UART_LSR) & LSR_DATA) == 0) {
        isa_unmask(4);
    }
}

void serial_start(void)
{
    if (!state.present) {
        log_info("serial", "no COM1");
        return;
    }
    task_start(&state.task, "serial", serial_step);
    task_start(&state.out_task, "serial-out", out_run);
    state.queued = true;
    if (!isa_route(4, &state.task)) {
        log_warn("serial", "no interrupt, the line is write-only");
    }
}
