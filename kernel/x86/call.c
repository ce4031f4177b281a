/* SPDX-License-Identifier: MIT */
/* Calls into apps: the record that says where a call stands, the trampolines, and copies with
 * fix-up. See call.S. */
#include "call.h"
#include "control_words.h"
#include "step.h"
#include "x86.h"

#include <kernel/machine.h>
#include <kernel/string.h>

#include <ctx/slot.h>

#define MSR_GS_BASE 0xc0000101u

uint64_t x86_xstate;     /* [boot] writes, [any] reads. */
bool machine_has_gsbase; /* likewise */

uint64_t x86_enter_app(struct call *call, const struct machine_entry *entry);
uint64_t x86_resume_app(struct call *call, const struct machine_parked *parked);
extern char x86_gate_entry[], x86_gate_entry_verified[], x86_gate_return[];
ctx_status copy_checked(void *to, const void *from, uint64_t len);

_Static_assert(sizeof(struct trap_frame) == sizeof(((struct machine_parked *)0)->frame), "call.S");

void machine_set_gsbase(uint64_t base)
{
    wrmsr(MSR_GS_BASE, base);
}

/* After a nested call: whatever happened to gs in it, the outer one's is as it was. */
static ctx_status back(const struct call *call, uint64_t rax, int32_t *result)
{
    if (call->below != NULL && call->below->verified) {
        call_set_slot(call->below->base);
    }
    return call_ended(call, rax, result);
}

/* One instruction at a time. In *keep its registers lie until the first trap, and no longer. */
static __attribute__((noinline)) uint64_t step(struct call *call, const struct machine_entry *entry)
{
    if (!step_begin(call, entry)) {
        return x86_enter_app(call, entry);
    }
    call->keep->frame[STEP_CS] = SELECTOR_CODE;
    call->keep->frame[STEP_SS] = SELECTOR_DATA;
    call->stepped = true;
    return x86_resume_app(call, call->keep);
}

static ctx_status enter(struct call *call, const struct machine_entry *entry, int32_t *result)
{
    if (call->verified) {
        call_set_slot(call->base);
    }
    call->stepped = false;
    return back(call, entry->step ? step(call, entry) : x86_enter_app(call, entry), result);
}

/*
 * The kernel uses general registers only, so inside a gate the outer app's x87, SSE and AVX state
 * is in place. By the calling convention only the control words have to survive the inner call; the
 * rest is not for the inner app to see.
 */
ctx_status machine_call(struct call *call, const struct machine_entry *entry, int32_t *result)
{
    if (call->below == NULL) {
        return enter(call, entry, result);
    }
    struct control_words outer = control_words_begin();
    control_words_default_mxcsr();
    x86_clear_vectors();
    ctx_status status = enter(call, entry, result);
    control_words_end(&outer);
    return status;
}

ctx_status machine_resume(struct call *call, const struct machine_parked *parked, int32_t *result)
{
    struct machine_parked copy = *parked; /* the stack on which its registers are popped */
    call->stepped = step_is_on(parked);
    if (call->verified) {
        call_set_slot(call->base);
    }
    return back(call, x86_resume_app(call, &copy), result);
}

uint64_t machine_gate_entry(bool verified)
{
    return (uint64_t)(verified ? x86_gate_entry_verified : x86_gate_entry);
}

uint64_t machine_return(void)
{
    return (uint64_t)x86_gate_return;
}

ctx_status machine_copy_in(void *to, uint64_t address, uint64_t len)
{
    return copy_checked(to, (const void *)address, len);
}

ctx_status machine_copy_out(uint64_t address, const void *from, uint64_t len)
{
    return copy_checked((void *)address, from, len);
}
