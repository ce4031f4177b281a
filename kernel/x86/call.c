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
_Static_assert(offsetof(struct call_record, overdue) == 38, "call.S");
_Static_assert(offsetof(struct call_record, keep) == 48, "call.S");
_Static_assert(CALL_APP == 1 && CALL_GATE == 2, "call.S");
_Static_assert(offsetof(struct machine_entry, code) == 8, "call.S");
_Static_assert(offsetof(struct machine_entry, args) == 16, "call.S");
_Static_assert(offsetof(struct machine_entry, stack_top) == 32, "call.S");

struct call_record *x86_record;
uint64_t x86_xstate;

uint64_t x86_enter_app(struct call_record *record, const struct machine_entry *entry,
                       uint64_t return_gate);
uint64_t x86_resume_app(struct call_record *record, const struct machine_parked *parked);
extern char x86_gate_entry[];
ctx_status copy_checked(void *to, const void *from, uint64_t len);

_Static_assert(sizeof(struct trap_frame) == sizeof(((struct machine_parked *)0)->frame), "call.S");
_Static_assert(offsetof(struct machine_parked, fpu) == 192, "call.S");

/* How a call ended: x86_leave_app brought us back here in each case. */
static ctx_status ended(const struct call_record *record, uint64_t rax, int32_t *result)
{
    x86_record = record->previous;
    if (record->faulted || record->parked) {
        return record->faulted ? CTX_E_FAULT : CTX_E_TIMEDOUT;
    }
    *result = (int32_t)rax;
    return CTX_OK;
}

static ctx_status call(const struct machine_entry *entry, int32_t *result,
                       struct machine_fault *fault)
{
    struct call_record record = {
        .base = entry->base, .fault = fault, .keep = fault->parked, .previous = x86_record};
    x86_record = &record;
    uint64_t rax = x86_enter_app(&record, entry, entry->base + CTX_SLOT_GATES);
    return ended(&record, rax, result);
}

/*
 * The kernel uses general registers only, so inside a gate the outer app's x87, SSE and AVX state
 * is in place. By the calling convention only the control words have to survive the inner call; the
 * rest is not for the inner app to see.
 */
ctx_status machine_call(const struct machine_entry *entry, int32_t *result,
                        struct machine_fault *fault)
{
    if (x86_record == NULL) {
        return call(entry, result, fault);
    }
    static const uint32_t default_mxcsr = 0x1f80;
    uint32_t mxcsr;
    uint16_t fcw;
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1\n\tfninit\n\tldmxcsr %2"
                     : "=m"(mxcsr), "=m"(fcw)
                     : "m"(default_mxcsr));
    x86_clear_vectors();
    ctx_status status = call(entry, result, fault);
    __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(fcw));
    return status;
}

ctx_status machine_resume(uint64_t base, const struct machine_parked *parked, int32_t *result,
                          struct machine_fault *fault)
{
    struct machine_parked copy = *parked; /* the stack on which its registers are popped */
    struct call_record record = {
        .base = base, .fault = fault, .keep = fault->parked, .previous = x86_record};
    x86_record = &record;
    uint64_t rax = x86_resume_app(&record, &copy);
    return ended(&record, rax, result);
}

void machine_call_overdue(void)
{
    if (x86_record->keep != NULL) {
        x86_record->overdue = true;
    }
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
