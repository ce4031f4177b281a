/* SPDX-License-Identifier: MIT */
/* Calls into apps: the record that says where a call stands, the trampolines, and copies with
 * fix-up. See call.S; kernel/x86/call.c is the same for the other machine. */
#include "linux.h"

#include <kernel/string.h>

#include <ctx/slot.h>

_Static_assert(offsetof(struct call_record, kernel_sp) == 0, "call.S");
_Static_assert(offsetof(struct call_record, chain_sp) == 8, "call.S");
_Static_assert(offsetof(struct call_record, app_sp) == 16, "call.S");
_Static_assert(offsetof(struct call_record, base) == 24, "call.S");
_Static_assert(offsetof(struct call_record, state) == 32, "call.S");
_Static_assert(offsetof(struct call_record, mxcsr) == 36, "call.S");
_Static_assert(offsetof(struct call_record, fcw) == 40, "call.S");
_Static_assert(offsetof(struct call_record, overdue) == 44, "call.S");
_Static_assert(CALL_APP == 1 && CALL_GATE == 2, "call.S");
_Static_assert(offsetof(struct machine_entry, code) == 8, "call.S");
_Static_assert(offsetof(struct machine_entry, args) == 16, "call.S");
_Static_assert(offsetof(struct machine_entry, stack_top) == 32, "call.S");

struct call_record *linux_record;
uint64_t linux_xstate;

_Static_assert(offsetof(struct call_record, keep) == 56, "call.S");
_Static_assert(offsetof(struct machine_parked, fpu) == 192, "call.S");

uint64_t linux_enter_app(struct call_record *record, const struct machine_entry *entry,
                         uint64_t return_gate);
uint64_t linux_resume_app(struct call_record *record, const struct machine_parked *parked);
ctx_status linux_copy(void *to, const void *from, uint64_t len);

/* How a call ended: linux_leave_app brought us back here in each case. */
static ctx_status ended(const struct call_record *record, uint64_t rax, int32_t *result)
{
    linux_record = record->previous;
    if (record->faulted || record->parked) {
        return record->faulted ? CTX_E_FAULT : CTX_E_TIMEDOUT;
    }
    *result = (int32_t)rax;
    return CTX_OK;
}

ctx_status machine_call(const struct machine_entry *entry, int32_t *result,
                        struct machine_fault *fault)
{
    struct call_record record = {
        .base = entry->base, .fault = fault, .keep = fault->parked, .previous = linux_record};
    linux_clear_vectors(); /* of the host's own code, and of the outer app */
    linux_record = &record;
    uint64_t rax = linux_enter_app(&record, entry, entry->base + CTX_SLOT_GATES);
    return ended(&record, rax, result);
}

ctx_status machine_resume(uint64_t base, const struct machine_parked *parked, int32_t *result,
                          struct machine_fault *fault)
{
    struct call_record record = {.base = base,
                                 .fault = fault,
                                 .keep = fault->parked,
                                 .resume = parked,
                                 .previous = linux_record};
    linux_record = &record;
    uint64_t rax = linux_resume_app(&record, parked);
    return ended(&record, rax, result);
}

void machine_call_overdue(void)
{
    if (linux_record->keep != NULL) {
        linux_record->overdue = true;
    }
}

uint64_t machine_gate_entry(void)
{
    return (uint64_t)(uintptr_t)linux_gate_entry;
}

ctx_status machine_copy_in(void *to, uint64_t address, uint64_t len)
{
    return linux_copy(to, (const void *)(uintptr_t)address, len);
}

ctx_status machine_copy_out(uint64_t address, const void *from, uint64_t len)
{
    return linux_copy((void *)(uintptr_t)address, from, len);
}
