/* SPDX-License-Identifier: MIT */
/* Calls into apps: the record that says where a call stands, the trampolines, and copies with
 * fix-up. See call.S; kernel/x86/call.c is the same for the other machine. */
#include "linux.h"

#include "../x86/control_words.h"

#include <kernel/string.h>

#include <ctx/slot.h>

uint64_t linux_xstate; /* [boot] writes, [any] reads. */

uint64_t linux_enter_app(struct call *call, const struct machine_entry *entry);
uint64_t linux_resume_app(struct call *call, const struct machine_parked *parked);
ctx_status linux_copy(void *to, const void *from, uint64_t len);

ctx_status machine_call(struct call *call, const struct machine_entry *entry, int32_t *result)
{
    if (call->below == NULL) {
        return call_ended(call, linux_enter_app(call, entry), result);
    }
    struct control_words outer = control_words_begin();
    uint64_t rax = linux_enter_app(call, entry);
    linux_clear_vectors(); /* what the inner app has there is not for the outer one */
    control_words_end(&outer);
    return call_ended(call, rax, result);
}

ctx_status machine_resume(struct call *call, const struct machine_parked *parked, int32_t *result)
{
    call->resume = parked;
    return call_ended(call, linux_resume_app(call, parked), result);
}

uint64_t machine_gate_entry(void)
{
    return (uint64_t)(uintptr_t)linux_gate_entry;
}

uint64_t machine_return(void)
{
    return (uint64_t)(uintptr_t)linux_gate_return;
}

ctx_status machine_copy_in(void *to, uint64_t address, uint64_t len)
{
    return linux_copy(to, (const void *)(uintptr_t)address, len);
}

ctx_status machine_copy_out(uint64_t address, const void *from, uint64_t len)
{
    return linux_copy((void *)(uintptr_t)address, from, len);
}
