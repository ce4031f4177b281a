/* SPDX-License-Identifier: MIT */
/*
 * Signals that stand for exceptions, on a stack of their own: an app's stack pointer may be
 * anything. What the handler decides it writes into the interrupted context, as the kernel on the
 * other machine edits its interrupt frame, so nothing is ever jumped out of.
 *
 * The numbers in a crash report are the processor's. Linux passes them on (uc_mcontext: trapno,
 * err, cr2); where it can not know them as ring 0 would, they are put right here.
 */
#define _GNU_SOURCE
#include "linux.h"

#include "../x86/step.h"

#include <kernel/klog.h>

#include <ctx/slot.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define STACK_BYTES       0x40000u

#define VECTOR_DIVIDE     0u
#define VECTOR_DEBUG      1u
#define VECTOR_BREAKPOINT 3u
#define VECTOR_OPCODE     6u
#define VECTOR_PROTECTION 13u
#define VECTOR_PAGE_FAULT 14u
#define VECTOR_ALIGNMENT  17u

#define ERROR_PRESENT     1u
#define ERROR_WRITE       2u
#define ERROR_USER        4u

#define FLAG_AC           0x40000
#define FLAGS_DEFAULT     0x202

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id                                                                     \
    _sigev_un._tid /* timer_create(2) has a name for it, glibc 2.36 none */
#endif

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON           1
#endif

/* call.S: the first steps of linux_trap() and linux_tick() */
void linux_trap_entry(int signal_no, siginfo_t *info, void *context);
void linux_tick_entry(int signal_no, siginfo_t *info, void *context);

static struct machine_cpu first_cpu;           /* its header has who may touch what */
struct cpu this_cpu = {.machine = &first_cpu}; /* likewise */

struct exception {
    uint32_t vector, error;
    uint64_t address; /* page faults only */
    bool unmapped;    /* nothing is there: the core may put a page there */
};

/* Under valgrind there is no trap number. */
static uint32_t vector_of_signal(const siginfo_t *info)
{
    switch (info->si_signo) {
    case SIGILL:
    case SIGSYS:
        return VECTOR_OPCODE;
    case SIGTRAP:
        return info->si_code == TRAP_TRACE ? VECTOR_DEBUG : VECTOR_BREAKPOINT;
    case SIGFPE:
        return VECTOR_DIVIDE;
    case SIGBUS:
        return info->si_code == BUS_ADRALN ? VECTOR_ALIGNMENT : VECTOR_PAGE_FAULT;
    default:
        return info->si_code == SEGV_MAPERR || info->si_code == SEGV_ACCERR ? VECTOR_PAGE_FAULT
                                                                            : VECTOR_PROTECTION;
    }
}

static struct exception read_exception(const siginfo_t *info, const ucontext_t *u)
{
    const greg_t *regs = u->uc_mcontext.gregs;
    struct exception e = {.vector = (uint32_t)regs[REG_TRAPNO], .error = (uint32_t)regs[REG_ERR]};
    if (info->si_signo == SIGSYS) {
        return (struct exception){.vector = VECTOR_OPCODE}; /* what SYSCALL is without a system */
    }
    if (e.vector == 0 && info->si_signo != SIGFPE) {
        e = (struct exception){.vector = vector_of_signal(info)};
    }
    if (e.vector == VECTOR_PAGE_FAULT) {
        e.address = (uint64_t)(uintptr_t)info->si_addr;
        e.unmapped = info->si_code != SEGV_ACCERR;
        /* Present is what the core has mapped, touched or not; there is no user here. */
        e.error &= ~(ERROR_USER | ERROR_PRESENT);
        e.error |= e.unmapped ? 0 : ERROR_PRESENT;
    }
    return e;
}

/* The order of a trap_frame on the other machine; its other words (vector, error, cs, ss) stay 0.
 */
static const uint8_t parked_order[22] = {
    [0] = REG_R15,  [1] = REG_R14,  [2] = REG_R13,  [3] = REG_R12,  [4] = REG_R11,  [5] = REG_R10,
    [6] = REG_R9,   [7] = REG_R8,   [8] = REG_RDI,  [9] = REG_RSI,  [10] = REG_RBP, [11] = REG_RBX,
    [12] = REG_RDX, [13] = REG_RCX, [14] = REG_RAX, [17] = REG_RIP, [19] = REG_EFL, [20] = REG_RSP,
};
#define PARKED_REGISTERS 0x1a7fffu /* which of them are used */

/* Have the interrupted call return to whoever made it. */
static void leave(struct call *call, greg_t *regs, const char *by)
{
    uint16_t cs;
    __asm__("mov %%cs, %0" : "=r"(cs)); /* the app may have gone to a segment of 32 bits */
    regs[REG_CSGSFS] = (regs[REG_CSGSFS] & ~(greg_t)0xffff) | cs;
    call->state = CALL_KERNEL;
    regs[REG_RIP] = (greg_t)(uintptr_t)by;
    regs[REG_RSP] = (greg_t)call->kernel_sp;
    regs[REG_EFL] = FLAGS_DEFAULT;
}

/* The call ends here: remember why and go back to whoever made it. */
static void unwind(struct call *call, ucontext_t *u, const struct exception *e)
{
    greg_t *regs = u->uc_mcontext.gregs;
    static const uint8_t order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                      REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                      REG_R12, REG_R13, REG_R14, REG_R15};
    *call->fault = (struct machine_fault){
        .vector = e->vector,
        .error = e->error,
        .ip = (uint64_t)regs[REG_RIP],
        .sp = (uint64_t)regs[REG_RSP],
        .address = e->address,
    };
    for (uint32_t i = 0; i < 16; i++) {
        call->fault->regs[i] = (uint64_t)regs[order[i]];
    }
    call->ended = CALL_FAULTED;
    leave(call, regs, linux_leave_app);
}

/* The end of linux_resume_app(): the parked registers take the place of the interrupted ones. */
static void resume(struct call *call, greg_t *regs)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(parked_order); i++) {
        if ((PARKED_REGISTERS >> i & 1) != 0) {
            regs[parked_order[i]] = (greg_t)call->resume->frame[i];
        }
    }
    call->resume = NULL;
    call->state = CALL_APP;
}

/* Park the call: these registers are where it goes on. */
static void park(struct call *call, greg_t *regs)
{
    for (uint32_t i = 0; i < ARRAY_COUNT(parked_order); i++) {
        call->keep->frame[i] =
            (PARKED_REGISTERS >> i & 1) != 0 ? (uint64_t)regs[parked_order[i]] : 0;
    }
    if (call->stepped) {
        step_keep_on(call->keep);
    }
    call->ended = CALL_PARKED;
    leave(call, regs, linux_park_app);
}

/*
 * The tick counts only time at work: the processor time of the thread that calls apps. A call that
 * has had its time is taken out of the app here, if the app runs its own code, else at the end of
 * the gate that it is in. Nothing is armed for a single call. In its slot but outside its image an
 * app is on its way into a gate.
 */
void linux_tick(int signal_no, siginfo_t *info, void *context);
void linux_tick(int signal_no, siginfo_t *info, void *context)
{
    greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
    struct call *call = this_cpu.call;
    (void)signal_no;
    (void)info;
    if (call == NULL || call->keep == NULL || !app_overran()) {
        return;
    }
    uint64_t ip = (uint64_t)regs[REG_RIP];
    bool ours = ip >= (uint64_t)(uintptr_t)linux_ways && ip < (uint64_t)(uintptr_t)linux_park_app;
    const struct exception astray = {.vector = VECTOR_PROTECTION};
    switch (call_overstays(call, ip, ours)) {
    case CALL_PARK:
        park(call, regs);
        break;
    case CALL_ASTRAY:
        unwind(call, context, &astray); /* it loops in code that is not its own */
        break;
    default:
        break;
    }
}

/* The end of a gate for a call whose time was up in it. */
static void park_at_gate(struct call *call, greg_t *regs)
{
    static const uint8_t scratch[] = {REG_RCX, REG_RDX, REG_RSI, REG_RDI,
                                      REG_R8,  REG_R9,  REG_R10, REG_R11};
    regs[REG_RIP] = regs[REG_R11];
    for (uint32_t i = 0; i < ARRAY_COUNT(scratch); i++) {
        regs[scratch[i]] = 0; /* the kernel's, as at any gate's end */
    }
    call->overdue = false;
    park(call, regs);
}

/*
 * The trap behind an instruction of a call that is stepped: it is parked there. Outside its image
 * it is on its way into a gate, and parked at that one's end. False: it has jumped astray.
 */
static bool step(struct call *call, greg_t *regs)
{
    uint64_t ip = (uint64_t)regs[REG_RIP];
    bool ours = ip >= (uint64_t)(uintptr_t)linux_ways && ip < (uint64_t)(uintptr_t)linux_park_app;
    enum call_verdict verdict = call_overstays(call, ip, ours);
    if (verdict == CALL_PARK) {
        park(call, regs);
    } else {
        regs[REG_EFL] &= ~(greg_t)STEP_FLAG;
        call->overdue = true;
    }
    return verdict != CALL_ASTRAY;
}

/* Whether the access can be tried again. */
static bool core_resolves(const struct exception *e)
{
    if (e->vector != VECTOR_PAGE_FAULT) {
        return false;
    }
    return e->unmapped ? app_page_in(e->address)
                       : (e->error & ERROR_WRITE) != 0 && app_page_write(e->address);
}

static void app_exception(struct call *call, ucontext_t *u, const struct exception *e)
{
    if (core_resolves(e)) {
        return;
    }
    if (e->vector == VECTOR_DEBUG && call->stepped && step(call, u->uc_mcontext.gregs)) {
        return;
    }
    if (e->vector == VECTOR_BREAKPOINT &&
        app_breakpoint((uint64_t)u->uc_mcontext.gregs[REG_RIP] - 1)) {
        return;
    }
    unwind(call, u, e);
}

static bool is_copy(uint64_t ip)
{
    return ip == (uint64_t)(uintptr_t)linux_copy_words ||
           ip == (uint64_t)(uintptr_t)linux_copy_bytes;
}

void linux_trap(int signal_no, siginfo_t *info, void *context);
void linux_trap(int signal_no, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    greg_t *regs = u->uc_mcontext.gregs;
    struct call *call = this_cpu.call;
    bool ours = pthread_equal(pthread_self(), this_cpu.machine->thread) && info->si_code > 0;
    struct exception e = read_exception(info, u);
    if (ours && e.vector == VECTOR_ALIGNMENT && (regs[REG_EFL] & FLAG_AC) != 0) {
        regs[REG_EFL] &= ~FLAG_AC; /* ring 0 never checks alignment: go on without */
        return;
    }
    if (ours && call != NULL && call->resume != NULL &&
        (uint64_t)regs[REG_RIP] == (uint64_t)(uintptr_t)linux_resume_here) {
        resume(call, regs);
        return;
    }
    if (ours && call != NULL && call->state == CALL_APP &&
        (uint64_t)regs[REG_RIP] == (uint64_t)(uintptr_t)linux_gate_park) {
        park_at_gate(call, regs);
        return;
    }
    if (ours && call != NULL && call->state == CALL_APP) {
        app_exception(call, u, &e);
        return;
    }
    if (ours && call != NULL && call->state == CALL_GATE && is_copy((uint64_t)regs[REG_RIP])) {
        if (!core_resolves(&e)) {
            regs[REG_RIP] = (greg_t)(uintptr_t)linux_copy_failed;
        }
        return;
    }
    if (!ours) { /* someone sent it, or a library's thread: what would have happened without us */
        linux_terminal_restore();
        (void)signal(signal_no, SIG_DFL);
        (void)raise(signal_no);
        return;
    }
    panic("exception %u error=0x%x ip=0x%lx address=0x%lx", e.vector, e.error,
          (uint64_t)regs[REG_RIP], e.address);
}

/*
 * An app makes no system calls; where Linux (5.11) can do it, one that tries is told what the other
 * machine tells it: invalid opcode. All code above the slots may call, which is the tool itself,
 * its libraries, and nothing that came with an app.
 */
static void forbid_system_calls(void)
{
    uint64_t end = CTX_SLOT_LOWEST + CTX_SLOT_COUNT * CTX_SLOT_SIZE;
    if ((uint64_t)(uintptr_t)linux_gate_entry < end) {
        return; /* this tool was linked below the slots: it would be forbidden itself */
    }
    this_cpu.machine->selector = 1; /* SYSCALL_DISPATCH_FILTER_BLOCK */
    (void)prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, end, 0x800000000000ull - end,
                &this_cpu.machine->selector);
}

/* A timer whose signals reach this thread only. */
static bool start_tick(struct sigaction *action)
{
    timer_t *timer = &this_cpu.machine->timer;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGVTALRM};
    struct itimerspec every = {{0, MACHINE_TICK_NS}, {0, MACHINE_TICK_NS}};
    event.sigev_notify_thread_id = gettid();
    action->sa_sigaction = linux_tick_entry;
    action->sa_flags |= SA_RESTART;
    return sigaction(SIGVTALRM, action, NULL) == 0 &&
           timer_create(CLOCK_THREAD_CPUTIME_ID, &event, timer) == 0 &&
           timer_settime(*timer, 0, &every, NULL) == 0;
}

const char *linux_trap_init(bool watchdog)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
    struct machine_cpu *cpu = this_cpu.machine;
    cpu->signal_stack = mmap(NULL, STACK_BYTES + PAGE_SIZE, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (cpu->signal_stack == MAP_FAILED || mprotect(cpu->signal_stack, PAGE_SIZE, PROT_NONE) != 0) {
        return "no stack for signals";
    }
    stack_t alternate = {.ss_sp = cpu->signal_stack + PAGE_SIZE, .ss_size = STACK_BYTES};
    if (sigaltstack(&alternate, NULL) != 0) {
        return "no stack for signals (sigaltstack)";
    }
    cpu->thread = pthread_self();
    linux_xstate = linux_choose_xstate();
    linux_gs_init();
    struct sigaction action = {.sa_sigaction = linux_trap_entry,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_COUNT(signals); i++) {
        if (sigaction(signals[i], &action, NULL) != 0) {
            return "signals can not be handled (sigaction)";
        }
        sigdelset(&action.sa_mask, signals[i]);
    }
    if (watchdog && !start_tick(&action)) {
        log_warn("trap", "no tick: a call that takes too long is not interrupted");
    }
    forbid_system_calls();
    return NULL;
}
