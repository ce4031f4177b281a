/* SPDX-License-Identifier: MIT */
/* Bytes from a terminal and events from devices: two views must agree with each other. */
#include "fuzz.h"
#include "input.h"
#include "input_view.h"
#include "serial_keys.h"

#include <kernel/input.h>
#include <kernel/machine.h>
#include <string.h>

static struct ctx_input page;
static struct input_view view;

static void check(uint64_t last)
{
    FUZZ_MUST(page.last >= last && page.last - last <= INPUT_VIEW_EVENTS);
    FUZZ_MUST(page.mx < 640 && page.my < 480);
    for (uint32_t code = 0; code < 1024; code++) {
        uint8_t k = page.keys[code];
        FUZZ_MUST(k <= 2 || (k >= 128 && k <= 130));
    }
    for (; last < page.last; last++) {
        const struct ctx_key_event *e = &page.ring[(last + 1) % 64];
        FUZZ_MUST(e->down <= 1 && e->code < 1024);
        FUZZ_MUST(e->code <= 83 || (e->code >= 85 && e->code <= 195) ||
                  (e->code >= 0x110 && e->code <= 0x113));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct serial_keys keys = {0, 0};
    memset(&page, 0, sizeof page);
    input_set_screen(640, 480);
    input_view_start(NULL, &view, &page);
    for (size_t i = 0; i + 1 < size; i += 2) {
        uint32_t room = input_room();
        uint64_t last = page.last;
        switch (data[i] % 8) {
        case 0:
            input_key(data[i + 1] * 5u, data[i] >> 3);
            break;
        case 1:
            input_pointer_move((int8_t)data[i + 1] * 0x1000000, (int8_t)data[i]);
            break;
        case 2:
            input_pointer_set(data[i + 1], data[i], data[i], data[i + 1]);
            break;
        case 3:
            input_view_update(&view, machine_now_ns());
            input_forget(view.seen, UINT64_MAX);
            check(last);
            break;
        case 4:
            serial_keys_pause(&keys);
            break;
        default:
            serial_keys_byte(&keys, data[i + 1]);
            FUZZ_MUST(input_room() + SERIAL_KEYS_MAX >= room);
            break;
        }
        if (input_room() < 16) {
            input_view_update(&view, machine_now_ns());
            input_forget(UINT64_MAX, UINT64_MAX);
        }
    }
    /* Let go of everything: in the end no key is down. */
    for (uint32_t code = 0; code < 1024; code++) {
        input_key(code, INPUT_KEY_UP);
        input_view_update(&view, machine_now_ns());
        input_forget(view.seen, UINT64_MAX);
    }
    for (uint32_t i = 0; i < 20; i++) {
        input_view_update(&view, machine_now_ns());
    }
    input_forget(UINT64_MAX, UINT64_MAX);
    for (uint32_t code = 0; code < 1024; code++) {
        FUZZ_MUST(page.keys[code] == CTX_KEY_OFF);
    }
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    static const char text[] = "Hello, \x1b[A\x1b[3~\x1bOB\x1b\x1b[1;5C world\r\t\x7f\x03";
    if (no > 1) {
        return 0;
    }
    size_t len = 0;
    for (uint32_t i = 0; i < sizeof text - 1; i++) {
        buf[len++] = no == 0 ? 5 : (uint8_t)(i % 8);
        buf[len++] = (uint8_t)text[i];
        if (i % 4 == 3) {
            buf[len++] = 3;
            buf[len++] = 0;
        }
    }
    return len;
}
