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

/* FNINIT does not wait: what the app has left pending is not raised here. */
static inline struct control_words control_words_begin(void)
{
    static const uint32_t mxcsr = MXCSR_DEFAULT;
    struct control_words kept;
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1\n\tfninit\n\tldmxcsr %2"
                     : "=m"(kept.mxcsr), "=m"(kept.fcw)
                     : "m"(mxcsr));
    return kept;
}

static inline void control_words_end(const struct control_words *kept)
{
    __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(kept->mxcsr), "m"(kept->fcw));
}

#endif
