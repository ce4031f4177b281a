/* SPDX-License-Identifier: MIT */
/*
 * MXCSR and the x87 control word across a call inside a call, for both machines. The core computes
 * nothing in floating point, so in a gate the outer app's words are simply in place; an inner app
 * begins with those that the ABI names.
 */
#ifndef KERNEL_CONTROL_WORDS_H
#define KERNEL_CONTROL_WORDS_H

#include <kernel/call_offsets.h>
#include <kernel/types.h>

struct control_words {
    uint32_t mxcsr;
    uint16_t fcw;
};

/* Exceptions that wait for the next x87 instruction, in the status word. */
#define FSW_PENDING 0xffu

/*
 * FNINIT would do it always, in 33 ns: as long as the word is the usual one and nothing waits, all
 * there is to end is what is left on the x87 stack. Neither instruction waits, so that what the
 * outer app has left pending is not raised here.
 */
static inline void control_words_default_mxcsr(void)
{
    static const uint32_t mxcsr = MXCSR_DEFAULT;
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

static inline struct control_words control_words_begin(void)
{
    struct control_words kept;
    uint16_t fsw;
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1\n\tfnstsw %2"
                     : "=m"(kept.mxcsr), "=m"(kept.fcw), "=a"(fsw));
    if (kept.fcw == FCW_DEFAULT && (fsw & FSW_PENDING) == 0) {
        __asm__ volatile("emms");
    } else {
        __asm__ volatile("fninit");
    }
    return kept;
}

/* The inner app has left the default words behind (call.S). */
static inline void control_words_end(const struct control_words *kept)
{
    if (kept->mxcsr != MXCSR_DEFAULT) {
        __asm__ volatile("ldmxcsr %0" : : "m"(kept->mxcsr));
    }
    if (kept->fcw != FCW_DEFAULT) {
        __asm__ volatile("fldcw %0" : : "m"(kept->fcw));
    }
}

#endif
