/* SPDX-License-Identifier: MIT */
/* Calls into apps: the record that says where a call stands, the trampolines, and copies with
 * fix-up. See call.S. */
#include "call.h"
#include "x86.h"

#include <kernel/machine.h>
#include <kernel/string.h>

#include <ctx/slot.h>

_Static_assert(offsetof(struct call_record, kernel_sp) == 0, "call.S");
_Static_assert(offsetof(struct call_record, chain_sp) == 8, "call.S");
_Static_assert(offsetof(struct call_record, app_sp) == 16, "call.S");
_Static_assert(offsetof(struct call_record, base) == 24, "call.S");
_Static_assert(offsetof(struct call_record, state) == 32, "call.S");
_Static_assert(CALL_APP == 1 && CALL_GATE == 2, "call.S");

struct call_record *x86_record;

uint64_t x86_enter_app(struct call_record *record, uint64_t entry, uint64_t ctx, uint64_t stack_top,
                       uint64_t return_gate);
uint64_t x86_resume_app(struct call_record *record, const struct machine_parked *parked);
extern char x86_gate_entry[];
ctx_status copy_checked(void *to, const void *from, uint64_t len);

_Static_assert(sizeof(struct trap_frame) == sizeof(((struct machine_parked *)0)->frame), "call.S");
_Static_assert(offsetof(struct machine_parked, fpu) == 176, "call.S");

/* How a call ended: x86_leave_app brought us back here in each case. */
static ctx_status ended(const struct call_record *record, uint64_t rax, int32_t *result)
{
    x86_record = record->previous;
    if (record->faulted) {
        return CTX_E_FAULT;
    }
    if (record->parked) {
        /* The kernel uses general registers only, so the app's others are still in place. */
        struct machine_parked *parked = record->fault->parked;
        memcpy(parked->frame, &record->frame, sizeof parked->frame);
        __asm__ volatile("fxsave %0" : "=m"(parked->fpu));
        return CTX_E_TIMEDOUT;
    }
    *result = (int32_t)rax;
    return CTX_OK;
}

ctx_status machine_call(uint64_t base, uint64_t entry, uint64_t ctx_address, uint64_t stack_top,
                        int32_t *result, struct machine_fault *fault)
{
    struct call_record record = {.base = base, .fault = fault, .previous = x86_record};
    x86_record = &record;
    uint64_t rax = x86_enter_app(&record, entry, ctx_address, stack_top, base + CTX_SLOT_GATES);
    return ended(&record, rax, result);
}

ctx_status machine_resume(uint64_t base, const struct machine_parked *parked, int32_t *result,
                          struct machine_fault *fault)
{
    struct machine_parked copy = *parked; /* the stack on which its registers are popped */
    struct call_record record = {.base = base, .fault = fault, .previous = x86_record};
    x86_record = &record;
    uint64_t rax = x86_resume_app(&record, &copy);
    return ended(&record, rax, result);
}

uint64_t machine_gate_entry(void)
{
    return (uint64_t)x86_gate_entry;
}

ctx_status machine_copy_in(void *to, uint64_t address, uint64_t len)
{
    return copy_checked(to, (const void *)address, len);
}

ctx_status machine_copy_out(uint64_t address, const void *from, uint64_t len)
{
    return copy_checked((void *)address, from, len);
}
