/* SPDX-License-Identifier: MIT */
/* The code of an app's that goes wrong: a page in its own slot, which a verified app's verifier has
 * seen. */
#include "inject_private.h"
#include "verify.h"

#include <kernel/klog.h>
#include <kernel/machine.h>
#include <kernel/string.h>

_Static_assert(sizeof((struct inject *)0)->scratch >= 2 * (PAGE_SIZE / 8), "for verify_code()");

uint8_t *inject_page(const struct app *app)
{
    return machine_direct(machine_slot_frame(app->base + STUB_AT));
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static uint8_t *put_move(uint8_t *at, const char *opcode, uint64_t number)
{
    return put_bytes(put_bytes(at, opcode, 2), &number, sizeof number);
}

#define MOVE_R10 "\x49\xba" /* mov $number, %r10 */
#define MOVE_R11 "\x49\xbb"

/* In verified code a pointer is what its lower half says, from where the slot begins. */
static uint8_t *put_write(uint8_t *p, const struct inject *i, bool verified, uint64_t target)
{
    p = put_move(p, MOVE_R10, target);
    p = put_move(p, MOVE_R11, i->value);
    if (verified) {
        p = put_bytes(p, "\x65\x67", 2); /* mov %r11 or %r11b, %gs:(%r10d) */
    }
    return put_bytes(p, i->whole ? "\x4d\x89\x1a" : "\x45\x88\x1a", 3);
}

/* and $-32, %r11d; add BASE_WORD(%rip), %r11; jmp *%r11: in a bundle of its own. */
static void put_jump(uint8_t *page, uint8_t *p, bool verified, uint64_t code)
{
    while (verified && (p - page) % VERIFY_BUNDLE != 0) {
        *p++ = 0x90;
    }
    p = put_move(p, MOVE_R11, code);
    if (verified) {
        p = put_bytes(p, "\x41\x83\xe3\xe0\x4c\x03\x1d", 7);
        uint32_t from = (uint32_t)STUB_AT + (uint32_t)(p - page) + 4;
        uint32_t distance = (uint32_t)CTX_SLOT_BASE_WORD - from;
        p = put_bytes(p, &distance, sizeof distance);
    }
    put_bytes(p, "\x41\xff\xe3", 3);
}

/*
 * What the page holds is what a verified app may hold: its own wild jumps reach it, and so
 * do those that are made here. False: it is not, and nothing of it stays.
 */
static bool is_fine(struct app *app, uint8_t *page)
{
    static const struct verify_options options;
    struct verify_result result;
    memset(app->inject->scratch, 0, sizeof app->inject->scratch);
    if (!app->verified ||
        verify_code(page, PAGE_SIZE, (uint32_t)STUB_AT, &options, app->inject->scratch, &result)) {
        return true;
    }
    memset(page, VERIFY_FILL, PAGE_SIZE);
    log_error("inject", "%s#%lu: its code is not verified: at=slot+0x%x rule=%s", app->name,
              app->pid, result.at, verify_rule_name(result.rule));
    return false;
}

bool inject_write_code(struct app *app, bool writes, uint64_t target, uint64_t code)
{
    uint8_t *page = inject_page(app), *p = page;
    memset(page, VERIFY_FILL, 2 * VERIFY_BUNDLE);
    if (writes) {
        p = put_write(p, app->inject, app->verified, target);
    }
    put_jump(page, p, app->verified, code);
    return is_fine(app, page);
}
