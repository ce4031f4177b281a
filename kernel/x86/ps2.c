/* SPDX-License-Identifier: MIT */
/*
 * Keyboard and mouse of the plain PC, behind an Intel 8042. Scan codes arrive in set 1 (the
 * controller translates), which for most keys is the evdev code itself. Sources: IBM PS/2 Technical
 * Reference, Keyboard/Auxiliary Device Controller; linux/input-event-codes.h.
 */
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
#define EVENTS_PER_BYTE   4u /* a mouse packet can change three buttons */

static struct {
    struct task task;
    uint8_t replies[4]; /* what the mouse answered to the last byte; only while it is set up */
    uint32_t reply_count, reply_wanted, setup_step;
    bool setting_up;
    uint8_t prefix; /* 0xe0 or 0xe1 was seen */
    uint8_t skip;   /* bytes of a sequence still to be ignored */
    uint8_t packet[4], packet_len, packet_size, buttons;
    bool mouse;
} state;

/* Mouse: defaults, then the knock that makes a wheel mouse show itself, its id, and go. */
static const uint8_t mouse_setup[] = {0xf6, 0xf3, 200, 0xf3, 100, 0xf3, 80, 0xf2, 0xf3, 100, 0xf4};
#define SETUP_ID 7u /* index of 0xf2 */

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

static uint32_t extended_code(uint8_t code)
{
    static const uint8_t table[][2] = {
        {0x1c, 96},  {0x1d, 97},  {0x35, 98},  {0x37, 99},  {0x38, 100}, {0x47, 102}, {0x48, 103},
        {0x49, 104}, {0x4b, 105}, {0x4d, 106}, {0x4f, 107}, {0x50, 108}, {0x51, 109}, {0x52, 110},
        {0x53, 111}, {0x5b, 125}, {0x5c, 126}, {0x5d, 127}, {0x20, 113}, {0x2e, 114}, {0x30, 115},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        if (table[i][0] == code) {
            return table[i][1];
        }
    }
    return 0; /* fake shifts around the grey keys, and keys that nobody has */
}

static void keyboard_byte(uint8_t byte)
{
    if (state.skip > 0) { /* Pause: e1 1d 45, and the same released right away */
        state.skip--;
        if (state.skip == 0) {
            input_key(119, byte < 0x80 ? INPUT_KEY_DOWN : INPUT_KEY_UP);
        }
        return;
    }
    if (byte == 0xe1) {
        state.skip = 2;
        return;
    }
    if (byte == 0xe0) {
        state.prefix = byte;
        return;
    }
    if (state.prefix == 0 && (byte == ACK || byte == 0xfe || byte == 0 || byte == 0xff)) {
        return; /* answers and overruns, not keys */
    }
    uint8_t code = byte & 0x7f;
    uint32_t key = state.prefix != 0 ? extended_code(code) : code <= 88 ? code : 0;
    state.prefix = 0;
    if (key != 0) {
        input_key(key, byte < 0x80 ? INPUT_KEY_DOWN : INPUT_KEY_UP);
    }
}

static void mouse_packet(void)
{
    uint8_t flags = state.packet[0];
    if ((flags & 0xc0) == 0) { /* no overflow */
        int32_t dx = state.packet[1] - ((flags & 0x10) != 0 ? 256 : 0);
        int32_t dy = state.packet[2] - ((flags & 0x20) != 0 ? 256 : 0);
        input_pointer_move(dx, -dy);
    }
    if (state.packet_size == 4) { /* the wheel, four bits: towards the user is positive here */
        int32_t steps = state.packet[3] & 15;
        steps = steps > 7 ? steps - 16 : steps;
        if (steps != 0) {
            input_wheel(0, -steps);
        }
    }
    for (uint32_t i = 0; i < 3; i++) {
        if (((flags ^ state.buttons) >> i & 1) != 0) {
            input_key(CTX_BTN_LEFT + i, flags >> i & 1);
        }
    }
    state.buttons = flags & 7;
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
    send(0xf4); /* keyboard: scan; its ACK is ignored */
    state.packet_size = 3;
    state.setting_up = true;
    for (state.setup_step = 0; state.setup_step < ARRAY_COUNT(mouse_setup); state.setup_step++) {
        state.reply_count = 0;
        state.reply_wanted = state.setup_step == SETUP_ID ? 2 : 1;
        command(CTRL_TO_MOUSE);
        send(mouse_setup[state.setup_step]);
        TASK_AWAIT_FOR(task, answered(), ACK_NS);
        if (state.reply_count == 0 || state.replies[0] != ACK) {
            break;
        }
        if (state.setup_step == SETUP_ID) {
            state.packet_size = state.reply_count > 1 && state.replies[1] == 3 ? 4 : 3;
        }
    }
    state.setting_up = false;
    state.mouse = state.setup_step == ARRAY_COUNT(mouse_setup);
    log_info("ps2", "keyboard mouse=%s wheel=%s", state.mouse ? "yes" : "no",
             state.packet_size == 4 ? "yes" : "no");
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
