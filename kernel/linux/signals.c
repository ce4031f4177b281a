/* SPDX-License-Identifier: MIT */
/* Signals to the process: Ctrl-C, Ctrl-Z and whoever wants it to end. */
#define _GNU_SOURCE
#include "app.h"
#include "linux.h"
#include "outcome.h"
#include "tool.h"

#include <kernel/klog.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static struct {
    struct task task;         /* [boot, loop] */
    struct linux_watch watch; /* [boot, loop] */
    int pipe[2];              /* [boot]; the handler of signals writes to it, [loop] reads. */

    /* The handler counts up, [loop] puts back. */
    volatile sig_atomic_t interrupted;
    volatile sig_atomic_t ordered;   /* by a signal of a program's, which comes once */
    volatile sig_atomic_t signal_no; /* the last one */
} state;

/* Ctrl-Z: whoever has the terminal next finds it as it was. */
static void stop(void)
{
    linux_streams_pause();
    kill(getpid(), SIGSTOP);
}

/* Ctrl-C ends the loop in order; if that is stuck in an app, the second one ends the process. An
 * app that has its own way with signals is told instead. */
static void on_signal(int signal_no)
{
    int kept = errno;
    if (signal_no == SIGCONT) {
        linux_streams_go_on();
    }
    if (linux_streams_signal(signal_no) || signal_no == SIGCONT) {
        errno = kept;
        return;
    }
    if (signal_no == SIGTSTP) {
        stop();
        errno = kept;
        return;
    }
    state.ordered |= signal_no != SIGINT;
    state.signal_no = signal_no;
    linux_serial_hurry(state.ordered != 0);
    if (state.interrupted++ > 0) {
        static const char text[] = "ctx: ended in the middle of a call\n";
        linux_terminal_restore();
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
        _exit(128 + signal_no);
    }
    app_hurry(true); /* a call may have a minute */
    (void)!write(state.pipe[1], "", 1);
    errno = kept;
}

static void interrupt_run(struct task *task)
{
    TASK_BEGIN(task);
    for (;;) { /* again when the session could not be saved */
        linux_watch(&state.watch, state.pipe[0], task);
        TASK_AWAIT(task, state.interrupted > 0);
        log_info("main", "interrupted");
        char bytes[16];
        (void)!read(state.pipe[0], bytes, sizeof bytes);
        state.interrupted = 0;
        outcome_because("signal", state.signal_no);
        app_hurry(false);
        if (state.interrupted > 0) { /* by a signal between the two */
            app_hurry(true);
        }
        tool_end(!state.ordered);
    }
    TASK_END(task);
}

/* One that nobody here has a use for, and that ends the process: the terminal is given back first.
 */
static void on_end(int signal_no)
{
    linux_terminal_restore();
    (void)signal(signal_no, SIG_DFL);
    (void)raise(signal_no);
}

/* One that no key asks for: the app's, if it has a use for it, else what it always does. A pipe
 * that nobody reads is told to who wrote, by EPIPE. */
static void on_other(int signal_no, siginfo_t *info, void *context)
{
    int kept = errno;
    (void)context;
    bool from_here = signal_no == SIGPIPE && info->si_pid == getpid();
    if (!from_here && !linux_streams_signal(signal_no) && signal_no != SIGCHLD) {
        on_end(signal_no);
    }
    errno = kept;
}

static void catch_others(void)
{
    static const int signals[] = {SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE, SIGCHLD};
    struct sigaction action = {.sa_sigaction = on_other,
                               .sa_flags = SA_ONSTACK | SA_NODEFER | SA_SIGINFO | SA_RESTART};
    for (size_t i = 0; i < ARRAY_COUNT(signals); i++) {
        sigaction(signals[i], &action, NULL);
    }
}

static void catch_ends(void)
{
    static const int signals[] = {SIGPROF, SIGXCPU, SIGPOLL, SIGPWR, SIGABRT, SIGSTKFLT};
    struct sigaction action = {.sa_handler = on_end, .sa_flags = SA_ONSTACK | SA_NODEFER};
    for (size_t i = 0; i < ARRAY_COUNT(signals); i++) {
        sigaction(signals[i], &action, NULL);
    }
}

bool linux_catch_signals(bool few)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
    size_t count = few ? 3 : ARRAY_COUNT(signals);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    if (pipe2(state.pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        sigaddset(&action.sa_mask, signals[i]); /* none in the middle of another */
    }
    for (size_t i = 0; i < count; i++) {
        sigaction(signals[i], &action, NULL);
    }
    catch_others();
    catch_ends();
    task_start(&state.task, "interrupt", interrupt_run);
    return true;
}
