/* SPDX-License-Identifier: MIT */
/*
 * verify_cpu RUNS [SEED]: the verifier against the processor that is there.
 *
 * RUNS random instructions that the verifier takes are run, one step each, in a slot of which only
 * a stack is mapped. Each lies right before a page that can not be run, so what it has more than
 * the verifier says is fetched from there, and what it has less is seen behind it. Wrong is another
 * length, an address that is not in the slot or its guards, an rsp that did more than a push or a
 * pop, and flags that an app may not have changed.
 */
#define _GNU_SOURCE
#include "encodings.h"

#include "verify.h"

#include <asm/prctl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <ctx/slot.h>

#define PAGE        0x1000u
#define CODE        0x400000u /* its page in the slot */
#define CODE_END    (CODE + PAGE)
#define STACK       0x1f0000u /* rsp, in the middle of what is mapped */
#define STACK_REACH 0x10000u
#define FETCH       0x10 /* of a page fault's error: it was to be run */
#define TRACE       0x100
#define FLAGS_KEPT  0x247700 /* TF IF DF IOPL NT AC ID */
#define FLAGS       0x302    /* TF IF, and the bit that is always set */

static uint8_t *slot;
static sigjmp_buf finished;
static uint64_t runs, left, ran, faulted, unknown, branched, wrong;
static uint8_t code[16];
static uint32_t length;
static bool fetch_is_told; /* by this system, in the error of a page fault */

static bool is_branch(void)
{
    return code[0] == 0xe8 || code[0] == 0xe9 || code[0] == 0xeb || code[0] == 0xe3 ||
           (code[0] & 0xf0) == 0x70 || (code[0] == 0x0f && (code[1] & 0xf0) == 0x80);
}

static void complain(const char *what, uint64_t value)
{
    if (wrong++ < 20) {
        printf("%s 0x%lx, length %u:", what, (unsigned long)value, length);
        for (uint32_t i = 0; i < length; i++) {
            printf(" %02x", code[i]);
        }
        printf("\n");
    }
}

/* With LOCK, or XCHG: across a line of the cache systems let such a one wait for seconds, and here
 * nearly all would be. */
static bool is_locked(void)
{
    uint32_t i = 0;
    while (code[i] == 0x65 || code[i] == 0x66 || code[i] == 0x67 || (code[i] & 0xf0) == 0x40) {
        i++;
    }
    return code[i] == 0xf0 || (code[i] & 0xfe) == 0x86;
}

/* The next one that the verifier takes where it will lie. */
static void choose(void)
{
    static const struct verify_options options;
    enum verify_rule rule;
    do {
        encodings_make(code);
        length = verify_instruction(code, 15, CODE_END - 15, &options, &rule);
    } while (length == 0 || is_locked() ||
             verify_instruction(code, length, CODE_END - length, &options, &rule) != length);
}

static void begin(ucontext_t *u)
{
    static const int others[] = {REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI,
                                 REG_RDI, REG_RBP, REG_R8,  REG_R9,  REG_R10,
                                 REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    greg_t *regs = u->uc_mcontext.gregs;
    choose();
    memcpy(slot + CODE_END - length, code, length);
    for (uint32_t i = 0; i < sizeof others / sizeof *others; i++) {
        uint64_t r = encodings_next();
        regs[others[i]] = (greg_t)(r >> (r % 2 == 0 ? 18 : r % 16)); /* most are addresses */
    }
    regs[REG_RIP] = (greg_t)(uintptr_t)(slot + CODE_END - length);
    regs[REG_RSP] = (greg_t)(uintptr_t)(slot + STACK);
    regs[REG_EFL] = FLAGS;
    u->uc_mcontext.fpregs->cwd = 0x37f;
    u->uc_mcontext.fpregs->swd = 0;
    u->uc_mcontext.fpregs->mxcsr = 0x1f80;
}

static void look_at_fault(const siginfo_t *info, const greg_t *regs)
{
    uint64_t at = (uint64_t)(uintptr_t)info->si_addr, base = (uint64_t)(uintptr_t)slot;
    bool of_page = info->si_signo == SIGSEGV && info->si_code != SI_KERNEL;
    faulted++;
    unknown += info->si_signo == SIGILL;
    if ((uint64_t)regs[REG_RIP] != base + CODE_END - length) {
        complain("a fault at", (uint64_t)regs[REG_RIP]);
    } else if (of_page && fetch_is_told && (regs[REG_ERR] & FETCH) != 0) {
        complain("it is longer: fetched from", at - base);
    } else if (of_page && at - base + CTX_SLOT_GUARD >= CTX_SLOT_SIZE + 2 * CTX_SLOT_GUARD) {
        complain("it touches", at);
    }
}

static void look_at_step(const greg_t *regs)
{
    uint64_t base = (uint64_t)(uintptr_t)slot;
    int64_t moved = (int64_t)((uint64_t)regs[REG_RSP] - (base + STACK));
    ran++;
    if (is_branch()) {
        branched++;
    } else if ((uint64_t)regs[REG_RIP] != base + CODE_END) {
        complain("it ends at", (uint64_t)regs[REG_RIP] - base);
    }
    if (moved != 0 && moved != 8 && moved != -8) {
        complain("rsp moves by", (uint64_t)moved);
    }
    if ((regs[REG_EFL] & FLAGS_KEPT) != (FLAGS & FLAGS_KEPT)) {
        complain("flags", (uint64_t)regs[REG_EFL]);
    }
}

static void stepped(int signal_no, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    if (left == runs) {
        /* how it began */
    } else if (signal_no == SIGTRAP) {
        look_at_step(u->uc_mcontext.gregs);
    } else {
        look_at_fault(info, u->uc_mcontext.gregs);
    }
    if (left-- == 0) {
        siglongjmp(finished, 1);
    }
    begin(u);
}

/* Whether a page fault's error says what it was for: of an instruction that is cut off. */
static void probed(int signal_no, siginfo_t *info, void *context)
{
    (void)signal_no;
    (void)info;
    fetch_is_told = (((ucontext_t *)context)->uc_mcontext.gregs[REG_ERR] & FETCH) != 0;
    siglongjmp(finished, 1);
}

static void handle(int signal_no, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    sigaction(signal_no, &action, NULL);
}

static bool make_slot(void)
{
    uint64_t room = 2 * CTX_SLOT_SIZE;
    uint8_t *all = mmap(NULL, room + CTX_SLOT_SIZE, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    static uint8_t handlers[0x10000];
    stack_t stack = {.ss_sp = handlers, .ss_size = sizeof handlers};
    slot = (uint8_t *)(((uintptr_t)all + CTX_SLOT_GUARD + CTX_SLOT_SIZE - 1) &
                       ~(uintptr_t)(CTX_SLOT_SIZE - 1));
    return all != MAP_FAILED && sigaltstack(&stack, NULL) == 0 &&
           mprotect(slot + CODE, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) == 0 &&
           mprotect(slot + STACK - STACK_REACH, 2 * STACK_REACH, PROT_READ | PROT_WRITE) == 0 &&
           syscall(SYS_arch_prctl, ARCH_SET_GS, slot) == 0;
}

int main(int argc, char **argv)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    uint64_t base = 0;
    runs = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    encodings_begin(argc > 2 ? strtoull(argv[2], NULL, 10) : 0);
    left = runs;
    if (!make_slot()) {
        printf("there is no room for a slot\n");
        return 1;
    }
    handle(SIGSEGV, probed);
    if (sigsetjmp(finished, 1) == 0) {
        slot[CODE_END - 1] = 0xb8; /* mov $.., %eax */
        ((void (*)(void))(uintptr_t)(slot + CODE_END - 1))();
    }
    for (uint32_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        handle(signals[i], stepped);
    }
    if (sigsetjmp(finished, 1) == 0) {
        length = 1; /* and once for nothing, to get into the handler */
        code[0] = 0xcc;
        slot[CODE_END - 1] = 0xcc;
        __asm__ volatile("mov %%rsp, %%rbx; mov %0, %%rsp; jmp *%1" ::"r"(slot + STACK),
                         "r"(slot + CODE_END - 1)
                         : "rbx", "memory");
    }
    syscall(SYS_arch_prctl, ARCH_GET_GS, &base);
    if (base != (uint64_t)(uintptr_t)slot) {
        complain("gs is", base);
    }
    printf("%lu instructions: %lu ran, %lu of them branches, %lu ended in a fault, %lu are none of "
           "this processor's; %lu wrong\n",
           (unsigned long)runs, (unsigned long)ran, (unsigned long)branched, (unsigned long)faulted,
           (unsigned long)unknown, (unsigned long)wrong);
    if (!fetch_is_told) {
        printf("nobody says here what a page was wanted for: none is known to be longer\n");
    }
    if (ran < runs / 8 || faulted < runs / 8) {
        printf("too few ran, or were stopped, for this to mean anything\n");
        wrong++;
    }
    return wrong > 0 ? 1 : 0;
}
