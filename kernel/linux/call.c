/* SPDX-License-Identifier: MIT */
/* Calls into apps: the record that says where a call stands, the trampolines, and copies with
 * fix-up. See call.S; kernel/x86/call.c is the same for the other machine. */
#include "linux.h"

#include "../x86/control_words.h"
#include "../x86/step.h"

#include <kernel/string.h>

#include <asm/prctl.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctx/slot.h>

uint64_t linux_xstate; /* [boot] writes, [any] reads. */

/* The kernel lets processes write their gs base: <linux/hwcap2.h>, newer than some C libraries. */
#define HWCAP2_FSGSBASE 2u
bool machine_has_gsbase; /* [boot] writes, [any] reads. */

uint64_t linux_enter_app(struct call *call, const struct machine_entry *entry);
uint64_t linux_resume_app(struct call *call, const struct machine_parked *parked);
ctx_status linux_copy(void *to, const void *from, uint64_t len);

/* The C library has fs, nobody gs. */
void machine_set_gsbase(uint64_t base)
{
    syscall(SYS_arch_prctl, ARCH_SET_GS, base);
}

void linux_gs_init(void)
{
    machine_has_gsbase = (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) != 0;
}

/* After a nested call: whatever happened to gs in it, the outer one's is as it was. */
static ctx_status back(const struct call *call, uint64_t rax, int32_t *result)
{
    if (call->below != NULL && call->below->verified) {
        call_set_slot(call->below->base);
    }
    return call_ended(call, rax, result);
}

/* Also one instruction at a time. */
static uint64_t enter(struct call *call, const struct machine_entry *entry)
{
    if (!entry->step || !step_begin(call, entry)) {
        return linux_enter_app(call, entry);
    }
    call->stepped = true;
    call->resume = call->keep;
    return linux_resume_app(call, call->keep);
}

ctx_status machine_call(struct call *call, const struct machine_entry *entry, int32_t *result)
{
    if (call->verified) {
        call_set_slot(call->base);
    }
    call->stepped = false;
    if (call->below == NULL && !entry->step) {
        return call_ended(call, linux_enter_app(call, entry), result);
    }
    struct control_words outer = control_words_begin(); /* linux_enter_app() sets MXCSR */
    uint64_t rax = enter(call, entry);
    linux_clear_vectors(); /* what the inner app has there is not for the outer one */
    control_words_end(&outer);
    return back(call, rax, result);
}

ctx_status machine_resume(struct call *call, const struct machine_parked *parked, int32_t *result)
{
    call->resume = parked;
    call->stepped = step_is_on(parked);
    if (call->verified) {
        call_set_slot(call->base);
    }
    return back(call, linux_resume_app(call, parked), result);
}

uint64_t machine_gate_entry(bool verified)
{
    return (uint64_t)(uintptr_t)(verified ? linux_gate_entry_verified : linux_gate_entry);
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
