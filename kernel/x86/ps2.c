/* SPDX-License-Identifier: MIT */
/*
 * Keyboard and mouse of the plain PC, behind an Intel 8042, which translates to scan codes of set
 * 1: scancode.c knows what they mean. Source: IBM PS/2 Technical Reference, Keyboard/Auxiliary
 * Device Controller.
 */
#include "scancode.h"
#include "x86.h"

#include <kernel/input.h>
#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/task.h>

#include <ctx/key.h>

#define PORT_DATA    0x60
#define PORT_STATUS  0x64
#define STATUS_FULL  0x01 /* a byte for us */
#define STATUS_BUSY  0x02 /* the controller has not taken the last byte yet */
#define STATUS_MOUSE 0x20

enum controller {
    CTRL_READ_CONFIG = 0x20,
    CTRL_WRITE_CONFIG = 0x60,
    CTRL_MOUSE_OFF = 0xa7,
    CTRL_MOUSE_ON = 0xa8,
    CTRL_KEYS_OFF = 0xad,
    CTRL_KEYS_ON = 0xae,
    CTRL_TO_MOUSE = 0xd4,
};

#define CONFIG_IRQS       0x03
#define CONFIG_CLOCKS_OFF 0x30
#define CONFIG_TRANSLATE  0x40

#define ACK               0xfa
#define ACK_NS            (100 * NSEC_PER_MSEC)
#define EVENTS_PER_BYTE   6u /* a mouse packet can change five buttons */

/* [boot, loop] */
static struct {
    struct task task;
    uint8_t replies[4]; /* what the mouse answered to the last byte; only while it is set up */
    uint32_t reply_count, reply_wanted, setup_step;
    bool setting_up;
    struct scancode_keyboard keyboard;
    enum scancode_mouse kind;
    uint8_t packet[4], packet_len, packet_size;
    uint32_t buttons;
    bool mouse;
} state;

/* Mouse: defaults, then the knocks at which a mouse with a wheel shows itself, and at which one
 * with five buttons does, each followed by the question what it is; and go. */
static const uint8_t mouse_setup[] = {0xf6, 0xf3, 200, 0xf3, 100, 0xf3, 80,   0xf2, 0xf3,
                                      200,  0xf3, 200, 0xf3, 80,  0xf2, 0xf3, 100,  0xf4};
#define ASKS_FOR_ID 0xf2

static bool wait_ready(void)
{
    for (uint32_t i = 0; i < 20000; i++) {
        if ((inb(PORT_STATUS) & STATUS_BUSY) == 0) {
            return true;
        }
        __asm__ volatile("pause");
    }
    return false;
}

static bool command(uint8_t byte)
{
    bool ready = wait_ready();
    outb(PORT_STATUS, byte);
    return ready;
}

static bool send(uint8_t byte)
{
    bool ready = wait_ready();
    outb(PORT_DATA, byte);
    return ready;
}

static int read_byte(void)
{
    for (uint32_t i = 0; i < 20000; i++) {
        if ((inb(PORT_STATUS) & STATUS_FULL) != 0) {
            return inb(PORT_DATA);
        }
        __asm__ volatile("pause");
    }
    return -1;
}

/* ---- bytes to events ---- */

static void keyboard_byte(uint8_t byte)
{
    struct scancode_key keys[SCANCODE_KEYS];
    uint32_t count = scancode_byte(&state.keyboard, byte, keys);
    for (uint32_t i = 0; i < count; i++) {
        input_key(keys[i].code, keys[i].down ? INPUT_KEY_DOWN : INPUT_KEY_UP);
    }
}

static void mouse_packet(void)
{
    struct scancode_motion motion;
    scancode_packet(state.kind, state.packet, &motion);
    if (motion.dx != 0 || motion.dy != 0) {
        input_pointer_move(motion.dx, motion.dy);
    }
    if (motion.wheel != 0) {
        input_wheel(0, motion.wheel);
    }
    for (uint32_t i = 0; i < 5; i++) {
        if (((motion.buttons ^ state.buttons) >> i & 1) != 0) {
            input_key(CTX_BTN_LEFT + i, motion.buttons >> i & 1);
        }
    }
    state.buttons = motion.buttons;
}

static void mouse_byte(uint8_t byte)
{
    if (state.setting_up) {
        if (state.reply_count < ARRAY_COUNT(state.replies)) {
            state.replies[state.reply_count++] = byte;
        }
        return;
    }
    if (state.packet_len == 0 && (byte & 8) == 0) {
        return; /* out of step: the first byte has bit 3 set */
    }
    state.packet[state.packet_len++] = byte;
    if (state.packet_len == state.packet_size) {
        state.packet_len = 0;
        mouse_packet();
    }
}

static bool has_byte(void)
{
    return (inb(PORT_STATUS) & STATUS_FULL) != 0;
}

static void collect(void)
{
    for (uint32_t n = 0; n < 256 && input_room() >= EVENTS_PER_BYTE; n++) {
        uint8_t status = inb(PORT_STATUS);
        if ((status & STATUS_FULL) == 0) {
            return;
        }
        uint8_t byte = inb(PORT_DATA);
        if ((status & STATUS_MOUSE) != 0) {
            mouse_byte(byte);
        } else {
            keyboard_byte(byte);
        }
    }
}

/* Both devices off, leftovers out, translation and interrupts on. False: there is no controller. */
static bool controller_init(void)
{
    if (inb(PORT_STATUS) == 0xff || !command(CTRL_KEYS_OFF) || !command(CTRL_MOUSE_OFF)) {
        return false;
    }
    for (uint32_t i = 0; i < 64 && has_byte(); i++) {
        (void)inb(PORT_DATA);
    }
    if (!command(CTRL_READ_CONFIG)) {
        return false;
    }
    int config = read_byte();
    if (config < 0) {
        return false;
    }
    config = (config | CONFIG_IRQS | CONFIG_TRANSLATE) & ~CONFIG_CLOCKS_OFF;
    return command(CTRL_WRITE_CONFIG) && send((uint8_t)config) && command(CTRL_KEYS_ON) &&
           command(CTRL_MOUSE_ON);
}

static bool answered(void)
{
    collect();
    return state.reply_count >= state.reply_wanted;
}

static void ps2_run(struct task *task)
{
    TASK_BEGIN(task);
    if (!controller_init()) {
        log_info("ps2", "no controller");
        TASK_EXIT(task);
    }
    if (!isa_route(1, task) || !isa_route(12, task)) {
        log_warn("ps2", "no interrupts");
        TASK_EXIT(task);
    }
    state.keyboard.answers = true;
    send(0xf4); /* keyboard: scan; its ACK is no key */
    state.packet_size = 3;
    state.setting_up = true;
    for (state.setup_step = 0; state.setup_step < ARRAY_COUNT(mouse_setup); state.setup_step++) {
        state.reply_count = 0;
        state.reply_wanted = mouse_setup[state.setup_step] == ASKS_FOR_ID ? 2 : 1;
        command(CTRL_TO_MOUSE);
        send(mouse_setup[state.setup_step]);
        TASK_AWAIT_FOR(task, answered(), ACK_NS);
        if (state.reply_count == 0 || state.replies[0] != ACK) {
            break;
        }
        if (mouse_setup[state.setup_step] == ASKS_FOR_ID && state.reply_count > 1 &&
            (state.replies[1] == MOUSE_WHEEL || state.replies[1] == MOUSE_FIVE)) {
            state.kind = (enum scancode_mouse)state.replies[1];
            state.packet_size = 4;
        }
    }
    state.setting_up = false;
    state.mouse = state.setup_step == ARRAY_COUNT(mouse_setup);
    log_info("ps2", "keyboard mouse=%s wheel=%s buttons=%u", state.mouse ? "yes" : "no",
             state.packet_size == 4 ? "yes" : "no", state.kind == MOUSE_FIVE ? 5 : 3);
    for (;;) {
        collect();
        /* Bytes that did not fit wait in the controller; it holds the devices back. */
        TASK_AWAIT_FOR(task, input_room() >= EVENTS_PER_BYTE && has_byte(),
                       has_byte() ? 16 * NSEC_PER_MSEC : NEVER_NS);
    }
    TASK_END(task);
}

/* Where these lines are level-triggered they fire for as long as a byte waits. */
static void ps2_step(struct task *task)
{
    ps2_run(task);
    if (!has_byte()) {
        isa_unmask(1);
        isa_unmask(12);
    }
}

void ps2_start(void)
{
    task_start(&state.task, "ps2", ps2_step);
}
