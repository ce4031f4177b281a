/* SPDX-License-Identifier: MIT */
/*
 * machine.h - the whole list of what a machine must provide to the core.
 *
 * The core (rooms.cmake) is pure C that knows no processor. kernel/x86 and kernel/linux are the
 * machines under it, and unit tests put a small one of their own there (ctest/unit/fake_machine.c).
 * Nothing else crosses this border.
 *
 * Words: *direct map* all RAM at one fixed distance; *slot address* an address inside an app's
 * slot.
 */
#ifndef KERNEL_MACHINE_H
#define KERNEL_MACHINE_H

#include <kernel/types.h>

/* ---- RAM ---- */

/* Where a frame of RAM can be read and written. Only for RAM that the core was given. [any] */
void *machine_direct(paddr_t paddr);

/* The inverse, for pointers that machine_direct() returned (and into the same frame). [any] */
paddr_t machine_direct_paddr(const void *direct);

/* Whether this RAM is known to be zero without a look at it, because nobody has written to it since
 * the machine began. False is always right. [any] */
bool machine_is_untouched(paddr_t paddr, uint64_t bytes);

/* ---- slot pages ---- */

#define MAP_READ  1u
#define MAP_WRITE 2u
#define MAP_EXEC  4u /* never together with MAP_WRITE: INVAL */

/*
 * Map count frames that follow one another at a slot address, page-aligned. What was mapped there
 * before is an error (EXIST) and leaves the rest unmapped. NOMEM: no frame for a page table. The
 * frames stay the caller's. [loop, in a call]
 */
ctx_status machine_slot_map(uint64_t address, paddr_t frame, uint64_t count, uint32_t rights);

/* Take count pages out again; pages that are not mapped are fine. [loop, in a call] */
void machine_slot_unmap(uint64_t address, uint64_t count);

/*
 * Give count mapped pages other rights, never MAP_EXEC; pages that are not mapped are passed over.
 * False: not all of them have these rights now; machine_slot_rights() tells which. [loop, in a
 * call]
 */
bool machine_slot_protect(uint64_t address, uint64_t count, uint32_t rights);

/* The rights of a slot page, 0 if nothing is mapped there. [any] */
uint32_t machine_slot_rights(uint64_t address);

/* The frame behind a slot address, 0 if nothing is mapped there. [any] */
paddr_t machine_slot_frame(uint64_t address);

/* Where the machine keeps that frame, NULL if it keeps none: fault injection writes there. [any] */
uint64_t *machine_slot_entry(uint64_t address);

/* Give back the page tables of a slot in which nothing is mapped any more. [loop, in a call] */
void machine_slot_release(uint64_t base);

/* ---- gates ---- */

/* What the word at CTX_SLOT_ENTRY_WORD must hold. Verified apps come back from a gate to a multiple
 * of 32 only. */
uint64_t machine_gate_entry(bool verified);

/* Where gate 0 leads. */
uint64_t machine_return(void);

/* ---- calling an app ---- */

/*
 * A call that was interrupted in the middle of the app: its registers, for machine_resume(). The
 * room is for x87, SSE, AVX and AVX-512 as XSAVE lays them out (SDM 1, 13.4: up to 2,688 bytes).
 */
#define MACHINE_VECTOR_BYTES 2752u
struct machine_parked {
    uint64_t frame[22];                                             /* as the machine keeps them */
    uint8_t fpu[MACHINE_VECTOR_BYTES] __attribute__((aligned(64))); /* XSAVE, else FXSAVE */
};

/* What went wrong when a call ended in a fault. */
struct machine_fault {
    uint32_t vector;          /* exception number */
    uint32_t error;           /* error code, 0 for exceptions without one */
    uint64_t ip, sp, address; /* address: the faulting access, page faults only */
    uint64_t regs[16];        /* rax rcx rdx rbx rsp rbp rsi rdi r8..r15 */
};

/* Where and with what an app's code is entered. */
struct machine_entry {
    uint64_t code;      /* the function's address */
    uint64_t args[6];   /* rdi, rsi, rdx, rcx, r8, r9 */
    uint64_t stack_top; /* a multiple of 16 */
    bool step;          /* a test aid: park the call behind each of its instructions */
};

/*
 * All of it, with two arguments. Each word by name: compilers clear so many with `rep stos`, which
 * takes as long to begin as a tenth of an empty call.
 */
static inline void entry_set(struct machine_entry *entry, uint64_t code, uint64_t first,
                             uint64_t second, uint64_t stack_top)
{
    entry->code = code;
    entry->args[0] = first;
    entry->args[1] = second;
    entry->args[2] = 0;
    entry->args[3] = 0;
    entry->args[4] = 0;
    entry->args[5] = 0;
    entry->stack_top = stack_top;
    entry->step = false;
}

/*
 * Enter the app in the state that the ABI names. The call is this processor's innermost one
 * (<kernel/call.h>); its base, fault and keep are set. Returns OK with *result when the function
 * came back through gate 0, FAULT with *call->fault when an exception ended the call, TIMEDOUT when
 * it was parked in *call->keep. Gates that
 * the app uses meanwhile arrive at gate_dispatch(), which may enter another app: calls nest. An
 * outer app's control words are its own again when the inner call has ended. [loop, in a call]
 */
struct call;
ctx_status machine_call(struct call *call, const struct machine_entry *entry, int32_t *result);

/*
 * The usual case of it, in half its instructions: the loop calls an app's function with its
 * Context, on its empty stack, and with nothing in any other register. What the function returned;
 * call->ended says whether it did. Verified code needs call_set_slot() before (<kernel/call.h>).
 * [loop]
 */
uint64_t machine_begin(struct call *call, uint64_t code);

/*
 * Go on with a call that ended in TIMEDOUT because app_overran() said so, from *parked (which may
 * be call->keep too: it is read first). Answers as machine_call() does. NOSYS: this machine
 * never parks. [loop]
 */
ctx_status machine_resume(struct call *call, const struct machine_parked *parked, int32_t *result);

/* How often the machine's tick comes while the loop is at work. */
#define MACHINE_TICK_NS (2 * NSEC_PER_MSEC)

/*
 * The core's word, asked by each of these ticks that finds an app's call going on: it counts them,
 * because on a busy host time also passes while nobody runs. It says true if the innermost call has
 * had its time. Then that one ends with TIMEDOUT: at once if it runs its own code, at the gate's
 * end if it is in one. One that runs code that is nobody's to run from there (another app's, the
 * machine's own) has jumped astray and ends with FAULT, as if the jump itself had faulted. [irq]
 */
bool app_overran(void);

/* The core's end of a gate: its number and the six integer arguments; the result goes to rax. [in a
 * call] */
uint64_t gate_dispatch(uint32_t gate, const uint64_t args[6]);

/*
 * The core's word on an access to an unmapped page of a slot: true if a page is there now (a stack
 * page of an app of the chain, touched for the first time), false if it is a fault. Called in
 * exception context, from an app's code or from a copy that a gate makes; must not block.
 */
bool app_page_in(uint64_t address);

/*
 * The core's word on a write to a page that is mapped without that right: true if it has it now.
 * Called as app_page_in() is.
 */
bool app_page_write(uint64_t address);

/*
 * The core's word on `int3` at this address: true to go on behind it. Called in exception context.
 */
bool app_breakpoint(uint64_t ip);

/* ---- an app's memory, from a gate ---- */

/*
 * Copy from or to slot addresses. The caller has checked that the range lies in one slot, between
 * its guards. Pages that are missing or lack the right end the copy with FAULT; what was copied
 * until then stays copied. [in a call]
 */
ctx_status machine_copy_in(void *to, uint64_t address, uint64_t len);
ctx_status machine_copy_out(uint64_t address, const void *from, uint64_t len);

/* ---- time and rest ---- */

/* Nanoseconds since boot, never backwards. [any] */
uint64_t machine_now_ns(void);

/*
 * Sleep until an interrupt has woken a task or the deadline (ns since boot, NEVER_NS for none) has
 * passed. Returns at once if a task is woken already. May return early. [loop]
 */
void machine_wait(uint64_t deadline_ns);

/* The calendar: nanoseconds since 1970-01-01 00:00 UTC. NOSYS: this machine has none. [loop, in a
 * call] */
ctx_status machine_wall_ns(int64_t *out);

/* The calendar clock is by so many seconds ahead of UTC, which machine_wall_ns() takes off; a
 * machine that knows better takes no notice. */
void machine_wall_ahead(int64_t seconds);

/* CTX_CPU_* bits of <ctx/tables.h>: what apps may use, as parked calls keep it. [any] */
uint64_t machine_cpu_features(void);

/* A number that a stranger can not guess, as far as the machine can do that without drivers. [any]
 */
uint64_t machine_random(void);

/* ---- the serial line ---- */

void machine_serial_write(const char *bytes, size_t len); /* [any] */

/* One received byte, -1 if there is none. [loop] */
int machine_serial_read(void);

/* ---- the end ---- */

/* Verdicts, for whoever started the machine (see kernel/doc/boot.md). */
enum machine_verdict {
    VERDICT_PASS = 0x10,
    VERDICT_PANIC = 0x11,
    VERDICT_REFUSED = 0x12,
    VERDICT_UNFIT = 0x13, /* this machine cannot run it */
    VERDICT_FAIL = 0x14,
};

/* Tell the verdict where that was asked for (boot word `debugexit`), else do nothing. [any] */
void machine_verdict(enum machine_verdict verdict);

void machine_reboot(void) __attribute__((noreturn));    /* [any] */
void machine_power_off(void) __attribute__((noreturn)); /* halts if there is no way. [any] */
void machine_halt(void) __attribute__((noreturn));      /* [any] */

/* Where the panic comes from, for the backtrace: panic()'s own frame. [panic] */
void machine_panic_mark(uint64_t frame_pointer);

/* Registers and backtrace of the place that panics, as text lines through klog_raw(). [panic] */
void machine_panic_details(void);

/* Go to a stack of its own and run fn there; nothing else runs any more. [panic] */
void machine_on_panic_stack(void (*fn)(void)) __attribute__((noreturn));

#endif
