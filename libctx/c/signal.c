/* SPDX-License-Identifier: MIT */
/*
 * Signals: those that the program sends itself, those of the terminal (ctx_c_signal), and SIGALRM
 * (alarm.c). Nothing interrupts a program in the middle of its own code: a handler runs inside
 * raise() and kill(), and wherever the program waits (wait.c), which then says EINTR, or waits on
 * if the handler was set with SA_RESTART. What would stop a process is ignored.
 */
#define _GNU_SOURCE
#include "glue.h"
#include "signals.h"

#include <ctx/c.h>

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#pragma weak ctx_c_has_main
#define POLLED 1024u

static struct sigaction actions[NSIG]; /* at first all SIG_DFL, which is 0 */
static sigset_t blocked, waiting;

static bool known(int number)
{
    return number > 0 && number < NSIG;
}

static sigset_t bit(int number)
{
    return (sigset_t)1 << number;
}

/* As Linux counts them, who tells of them and is told by which one a program ended: those that
 * picolibc counts otherwise. */
static const struct {
    uint8_t here, there;
} numbers[] = {
    {SIGBUS, 7},   {SIGUSR1, 10}, {SIGUSR2, 12}, {SIGCHLD, 17},   {SIGCONT, 18}, {SIGSTOP, 19},
    {SIGTSTP, 20}, {SIGURG, 23},  {SIGIO, 29},   {SIGVTALRM, 26}, {SIGSYS, 31},
};

int ctx_c_signal_of(uint32_t number)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i].there == number) {
            return numbers[i].here;
        }
    }
    static const int same = 1 << SIGHUP | 1 << SIGINT | 1 << SIGQUIT | 1 << SIGILL | 1 << SIGTRAP |
                            1 << SIGABRT | 1 << SIGFPE | 1 << SIGSEGV | 1 << SIGPIPE |
                            1 << SIGALRM | 1 << SIGTERM | 1 << SIGTTIN | 1 << SIGTTOU |
                            1 << SIGXCPU | 1 << SIGXFSZ | 1 << SIGPROF | 1 << SIGWINCH;
    return number < NSIG && (same >> number & 1) != 0 ? (int)number : 0;
}

static int number_of(int signal)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i].here == signal) {
            return numbers[i].there;
        }
    }
    return signal;
}

static bool stays_without_handler(int number)
{
    const sigset_t ignored = bit(SIGCHLD) | bit(SIGURG) | bit(SIGWINCH) | bit(SIGCONT) |
                             bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);
    return (ignored & bit(number)) != 0;
}

uint32_t ctx_c_signals_handled;

static enum ctx_c_handled deliver(int number)
{
    struct sigaction action = actions[number];
    if (action.sa_handler == SIG_IGN ||
        (action.sa_handler == SIG_DFL && stays_without_handler(number))) {
        return CTX_C_NOT_HANDLED;
    }
    if (action.sa_handler == SIG_DFL) {
        if (number == SIGABRT) {
            abort();
        }
        _exit(128 + number_of(number));
    }
    if ((action.sa_flags & SA_RESETHAND) != 0) {
        actions[number].sa_handler = SIG_DFL;
    }
    int kept = errno;
    sigset_t before = blocked;
    ctx_c_signals_handled++; /* before it: it may jump away */
    blocked |= action.sa_mask | ((action.sa_flags & SA_NODEFER) == 0 ? bit(number) : 0);
    if ((action.sa_flags & SA_SIGINFO) != 0) {
        siginfo_t info = {.si_signo = number, .si_code = SI_USER, .si_pid = getpid()};
        action.sa_sigaction(number, &info, NULL);
    } else {
        action.sa_handler(number);
    }
    blocked = before;
    errno = kept;
    return (action.sa_flags & SA_RESTART) != 0 ? CTX_C_HANDLED_RESTART : CTX_C_HANDLED;
}

enum ctx_c_handled ctx_c_signals_run(void)
{
    enum ctx_c_handled most = CTX_C_NOT_HANDLED;
    for (int number = 1; number < NSIG; number++) {
        if ((waiting & ~blocked & bit(number)) != 0) {
            waiting &= ~bit(number);
            enum ctx_c_handled one = deliver(number);
            most = one > most ? one : most;
        }
    }
    return most;
}

/* A program that never waits hears of signals where it asks for the time, for memory or for a file,
 * now and then. */
void ctx_c_signals_poll(uint32_t weight)
{
    static uint32_t count;
    static bool inside; /* what is asked here asks for the time, too */
    count += weight;
    if (count < POLLED || inside || &ctx_c_has_main == NULL) {
        return;
    }
    int kept = errno;
    count = 0;
    inside = true;
    if (&ctx_c_alarm_deadline != NULL) {
        ctx_c_alarm_check();
    }
    ctx_c_streams_look();
    inside = false; /* a handler may jump away */
    ctx_c_pause();
    errno = kept;
    ctx_c_signals_run();
}

uint32_t ctx_c_catches(void)
{
    static const int keys[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH};
    static const int others[] = {SIGALRM, SIGCHLD, SIGPIPE, SIGUSR1, SIGUSR2};
    uint32_t all = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (actions[keys[i]].sa_handler != SIG_DFL) {
            all |= CTX_READY_CAUGHT | (keys[i] == SIGTSTP ? CTX_READY_STOPS : 0);
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        all |= actions[others[i]].sa_handler != SIG_DFL ? CTX_READY_OTHERS : 0;
    }
    return all;
}

void ctx_c_signal(int number)
{
    if (known(number)) {
        waiting |= bit(number);
    }
}

sigset_t ctx_c_signals_block(sigset_t set)
{
    sigset_t before = blocked;
    blocked = set & ~(bit(SIGKILL) | bit(SIGSTOP));
    return before;
}

sigset_t ctx_c_signals_take(sigset_t set)
{
    sigset_t taken = waiting & set;
    waiting &= ~taken;
    return taken;
}

int raise(int number)
{
    if (!known(number)) {
        errno = EINVAL;
        return -1;
    }
    ctx_c_signal(number);
    ctx_c_signals_run();
    return 0;
}

int sigaction(int number, const struct sigaction *restrict action, struct sigaction *restrict old)
{
    if (!known(number) || (action != NULL && (number == SIGKILL || number == SIGSTOP))) {
        errno = EINVAL;
        return -1;
    }
    struct sigaction before = actions[number];
    if (action != NULL) {
        actions[number] = *action;
        ctx_c_streams_changed();
    }
    if (old != NULL) {
        *old = before;
    }
    return 0;
}

/* As BSD and glibc have it: the handler stays, and what waits is begun again. */
_sig_func_ptr signal(int number, _sig_func_ptr handler)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, old;
    return sigaction(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    sigset_t before = blocked;
    if (set != NULL) {
        if (how != SIG_BLOCK && how != SIG_UNBLOCK && how != SIG_SETMASK) {
            errno = EINVAL;
            return -1;
        }
        ctx_c_signals_block(how == SIG_BLOCK     ? before | *set
                            : how == SIG_UNBLOCK ? before & ~*set
                                                 : *set);
        ctx_c_signals_run();
    }
    if (old != NULL) {
        *old = before;
    }
    return 0;
}

int siginterrupt(int number, int interrupts)
{
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) {
        return -1;
    }
    action.sa_flags =
        interrupts != 0 ? action.sa_flags & ~SA_RESTART : action.sa_flags | SA_RESTART;
    return sigaction(number, &action, NULL);
}

void ctx_c_keep_blocked(struct ctx_c_sigjmp *to, int keep)
{
    to->kept = keep != 0;
    to->blocked = blocked;
}

/* What was blocked and came meanwhile is handled before the jump. */
void siglongjmp(sigjmp_buf to, int value)
{
    if (to->kept) {
        sigset_t mask = to->blocked;
        sigprocmask(SIG_SETMASK, &mask, NULL);
    }
    longjmp(to->place, value);
}

int sigpending(sigset_t *set)
{
    *set = waiting & blocked;
    return 0;
}

/* There is one process: this. */
int kill(pid_t pid, int number)
{
    if (pid != getpid() && pid != 0 && pid != -1) {
        errno = ESRCH;
        return -1;
    }
    return number == 0 ? 0 : raise(number);
}

int killpg(pid_t group, int number)
{
    return kill(group, number);
}
