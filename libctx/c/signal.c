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
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

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

static bool stays_without_handler(int number)
{
    const sigset_t ignored = bit(SIGCHLD) | bit(SIGURG) | bit(SIGWINCH) | bit(SIGCONT) |
                             bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);
    return (ignored & bit(number)) != 0;
}

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
        _exit(128 + number);
    }
    if ((action.sa_flags & SA_RESETHAND) != 0) {
        actions[number].sa_handler = SIG_DFL;
    }
    int kept = errno;
    sigset_t before = blocked;
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

uint32_t ctx_c_catches(void)
{
    static const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH};
    uint32_t all = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (actions[numbers[i]].sa_handler != SIG_DFL) {
            all |= CTX_READY_CAUGHT | (numbers[i] == SIGTSTP ? CTX_READY_STOPS : 0);
        }
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
