/* SPDX-License-Identifier: MIT */
/*
 * ctx.terminal/1 is this process' own three streams: what its first app writes goes out byte for
 * byte, what it reads comes from standard input, and the line discipline is Linux'. Nothing here
 * waits: terminals and pipes are opened once more, without O_NONBLOCK for anybody else.
 */
#define _GNU_SOURCE
#include "linux.h"

#include <kernel/string.h>
#include <kernel/terminal.h>

#include <ctx/tables.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define STREAMS   3u
#define PIPE_ROOM 4096u /* a pipe that can be written has room for so much (PIPE_BUF) */
#define TENTH_NS  (100 * NSEC_PER_MSEC)

_Static_assert(NCCS <= sizeof((struct ctx_terminal_modes *)0)->cc, "all of them have a place");

static struct stream {
    uint32_t kind; /* CTX_STREAM_* */
    int fd;        /* ours, or the process' own */
    bool nonblocking, socket;
} streams[STREAMS]; /* [boot] writes, [loop, in a call] read. */

static struct {
    struct task task; /* [boot, loop, in a call] */
    struct linux_watch in, out, wake;
    uint32_t wanted;      /* CTX_READY_* */
    bool telling;         /* want() is called by who is being told */
    uint64_t quiet_until; /* VMIN 0 and VTIME: then read is over without a byte; 0: not counted */
    bool quiet;           /* it is */

    struct termios first; /* [in a call] writes it once, with changed behind it; then [any] reads */
    struct termios latest; /* what the app wants; for when the process goes on. Likewise. */
    volatile bool changed; /* handlers put back what was first, once */
    volatile bool paused;  /* handlers: the process is stopped, or is about to be */

    int pipe[2];               /* handlers write to it, [loop] reads. */
    volatile bool caught;      /* the app has its own way with signals; handlers read */
    volatile bool stops;       /* and with SIGTSTP */
    volatile bool others;      /* and with those that no key asks for */
    volatile uint32_t signals; /* that came, as bits; handlers set, [loop] clears */
    volatile uint32_t untaken; /* how often somebody asked it to end, and it did not look */
} state;

/* ---- the streams ---- */

static void look(uint32_t no)
{
    struct stream *s = &streams[no];
    struct stat st;
    char path[32];
    s->fd = (int)no;
    if (fstat(s->fd, &st) != 0) {
        s->kind = CTX_STREAM_FILE; /* that can neither be read nor written */
        return;
    }
    s->socket = S_ISSOCK(st.st_mode);
    s->kind = isatty(s->fd)                       ? CTX_STREAM_TERMINAL
              : S_ISFIFO(st.st_mode) || s->socket ? CTX_STREAM_PIPE
                                                  : CTX_STREAM_FILE;
    if (s->kind == CTX_STREAM_FILE || s->socket) {
        return; /* another opening of a file would begin at its start */
    }
    snprintf(path, sizeof path, "/proc/self/fd/%u", no);
    int fd = open(path, (no == 0 ? O_RDONLY : O_WRONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0) {
        s->fd = fd;
        s->nonblocking = true;
    }
}

static ctx_status status_of(int error)
{
    switch (error) {
    case EAGAIN:
    case EINTR:
        return CTX_E_AGAIN;
    case EPIPE:
    case ECONNRESET:
        return CTX_E_RESET;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return CTX_E_NOSPC;
    default:
        return CTX_E_IO;
    }
}

static bool is_ready(const struct stream *s, short what)
{
    struct pollfd fd = {.fd = s->fd, .events = what};
    return poll(&fd, 1, 0) > 0;
}

static ctx_status describe(uint32_t fd, struct ctx_terminal_stream *out)
{
    struct winsize size;
    out->kind = streams[fd].kind;
    if (out->kind == CTX_STREAM_TERMINAL && ioctl((int)fd, TIOCGWINSZ, &size) == 0) {
        out->columns = size.ws_col;
        out->rows = size.ws_row;
        out->w = size.ws_xpixel;
        out->h = size.ws_ypixel;
    }
    return CTX_OK;
}

static ctx_status write_stream(uint32_t fd, const uint8_t *bytes, uint32_t len, uint32_t *done)
{
    const struct stream *s = &streams[fd];
    bool careful = s->kind != CTX_STREAM_FILE && !s->nonblocking && !s->socket;
    if (len == 0 || s->kind == CTX_STREAM_NONE) {
        *done = len;
        return CTX_OK;
    }
    if (careful && !is_ready(s, POLLOUT)) {
        return CTX_E_AGAIN;
    }
    size_t part = careful ? MIN(len, PIPE_ROOM) : len;
    ssize_t n = s->socket ? send(s->fd, bytes, part, MSG_DONTWAIT | MSG_NOSIGNAL)
                          : write(s->fd, bytes, part);
    *done = n > 0 ? (uint32_t)n : 0;
    return n >= 0 ? CTX_OK : status_of(errno);
}

static ctx_status read_stream(uint8_t *bytes, uint32_t len, uint32_t *done)
{
    const struct stream *s = &streams[0];
    *done = 0;
    if (s->kind == CTX_STREAM_NONE) {
        return CTX_OK;
    }
    if (s->kind != CTX_STREAM_FILE && !s->nonblocking && !s->socket && !is_ready(s, POLLIN)) {
        return CTX_E_AGAIN;
    }
    ssize_t n = s->socket ? recv(s->fd, bytes, len, MSG_DONTWAIT) : read(s->fd, bytes, len);
    *done = n > 0 ? (uint32_t)n : 0;
    if (n >= 0) {
        state.quiet = false;
        return CTX_OK;
    }
    if (errno == EAGAIN && state.quiet) {
        state.quiet = false;
        return CTX_OK;
    }
    return errno == EIO && s->kind == CTX_STREAM_TERMINAL && is_ready(s, POLLHUP)
               ? CTX_OK /* it has hung up: that is the end of input */
               : status_of(errno);
}

/* ---- modes ---- */

static ctx_status get_modes(struct ctx_terminal_modes *out)
{
    struct termios t;
    if (streams[0].kind != CTX_STREAM_TERMINAL || tcgetattr(STDIN_FILENO, &t) != 0) {
        return CTX_E_NOENT;
    }
    out->input = t.c_iflag;
    out->output = t.c_oflag;
    out->control = t.c_cflag;
    out->local = t.c_lflag;
    memcpy(out->cc, t.c_cc, NCCS);
    return CTX_OK;
}

static ctx_status set_modes(uint32_t when, const struct ctx_terminal_modes *modes)
{
    static const int how[] = {TCSANOW, TCSADRAIN, TCSAFLUSH};
    struct termios t;
    if (streams[0].kind != CTX_STREAM_TERMINAL || tcgetattr(STDIN_FILENO, &t) != 0) {
        return CTX_E_NOENT;
    }
    if (!state.changed) {
        state.first = t;
    }
    t.c_iflag = modes->input;
    t.c_oflag = modes->output;
    t.c_cflag = (t.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | (modes->control & (CSIZE | PARENB));
    t.c_lflag = modes->local;
    memcpy(t.c_cc, modes->cc, NCCS);
    state.latest = t;
    state.changed = true; /* first: a signal may end it all in between */
    return tcsetattr(STDIN_FILENO, how[when], &t) == 0 ? CTX_OK : CTX_E_IO;
}

/* Also called from signal handlers: tcsetattr is safe there (POSIX 2.4.3). In the background it
 * would stop the process. */
static void put(const struct termios *modes)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGTTOU, &ignore, &before);
    tcsetattr(STDIN_FILENO, TCSANOW, modes); /* waits for nobody */
    sigaction(SIGTTOU, &before, NULL);
}

void linux_streams_restore(void)
{
    if (state.changed) {
        state.changed = false;
        put(&state.first);
    }
}

void linux_streams_pause(void)
{
    if (state.changed && !state.paused) {
        state.paused = true;
        put(&state.first);
    }
}

void linux_streams_go_on(void)
{
    if (state.changed && state.paused) {
        put(&state.latest);
    }
    state.paused = false;
}

/* ---- what the app waits for ---- */

/* Which output a WRITE would wait for: one that is full, -1: none. */
static int full_output(void)
{
    for (uint32_t no = 1; no < STREAMS; no++) {
        if ((streams[no].kind == CTX_STREAM_TERMINAL || streams[no].kind == CTX_STREAM_PIPE) &&
            !is_ready(&streams[no], POLLOUT)) {
            return streams[no].fd;
        }
    }
    return -1;
}

static bool can_read(void)
{
    return streams[0].kind == CTX_STREAM_FILE || streams[0].kind == CTX_STREAM_NONE ||
           state.quiet || is_ready(&streams[0], POLLIN);
}

static bool is_hung_up(void)
{
    struct pollfd fd = {.fd = streams[0].fd, .events = 0};
    return streams[0].kind == CTX_STREAM_TERMINAL && poll(&fd, 1, 0) > 0 &&
           (fd.revents & POLLHUP) != 0;
}

static uint32_t take_signal(void)
{
    uint32_t all = state.signals & ~(UINT32_C(1) << SIGWINCH);
    uint32_t no = all != 0 ? (uint32_t)__builtin_ctz(all) : 0;
    if (no != 0) {
        __atomic_fetch_and(&state.signals, ~(UINT32_C(1) << no), __ATOMIC_SEQ_CST);
        state.untaken = 0;
    }
    return no;
}

/* Nobody took them. */
static void keep_signals(uint32_t what, uint32_t signal)
{
    if ((what & CTX_READY_SIZE) != 0) {
        __atomic_fetch_or(&state.signals, UINT32_C(1) << SIGWINCH, __ATOMIC_SEQ_CST);
    }
    if ((what & CTX_READY_SIGNAL) != 0) {
        __atomic_fetch_or(&state.signals, UINT32_C(1) << signal, __ATOMIC_SEQ_CST);
    }
}

/* What is wanted of this is told, once; whoever still wants something says so meanwhile. */
static void tell(void)
{
    uint32_t what = 0, signal = 0;
    uint32_t wanted = state.wanted;
    if (state.telling) {
        return;
    }
    if ((wanted & CTX_READY_READ) != 0 && can_read()) {
        what |= CTX_READY_READ;
    }
    if ((wanted & CTX_READY_WRITE) != 0 && full_output() < 0) {
        what |= CTX_READY_WRITE;
    }
    if ((wanted & CTX_READY_SIZE) != 0 && (state.signals >> SIGWINCH & 1) != 0) {
        __atomic_fetch_and(&state.signals, ~(UINT32_C(1) << SIGWINCH), __ATOMIC_SEQ_CST);
        what |= CTX_READY_SIZE;
    }
    if ((wanted & CTX_READY_HANGUP) != 0 && is_hung_up()) {
        what |= CTX_READY_HANGUP;
    }
    if ((wanted & CTX_READY_SIGNAL) != 0 && (signal = take_signal()) != 0) {
        what |= CTX_READY_SIGNAL;
    }
    if (what == 0) {
        return;
    }
    state.wanted = 0;
    state.telling = true;
    if (!terminal_tell(what, signal)) {
        keep_signals(what, signal);
    }
    state.telling = false;
}

/* Whenever it is woken, from the top. */
static void terminal_run(struct task *task)
{
    char bytes[16];
    (void)!read(state.pipe[0], bytes, sizeof bytes);
    state.quiet |= state.quiet_until != 0 && machine_now_ns() >= state.quiet_until;
    tell();
    bool reads = (state.wanted & CTX_READY_READ) != 0;
    linux_watch(&state.wake, state.pipe[0], task);
    linux_watch(&state.in, reads ? streams[0].fd : -1, task);
    state.out.events = POLLOUT;
    linux_watch(&state.out, (state.wanted & CTX_READY_WRITE) != 0 ? full_output() : -1, task);
    task->wake_at_ns = reads && state.quiet_until != 0 ? state.quiet_until : NEVER_NS;
    if ((state.wanted & CTX_READY_WRITE) != 0 && full_output() < 0) {
        /* It says that it can be written, and takes nothing (a terminal with room for one byte,
         * and a line's end has two), or there was no memory to tell: nothing would wake us. */
        task->wake_at_ns = MIN(task->wake_at_ns, machine_now_ns() + NSEC_PER_MSEC);
    }
}

static void want(uint32_t wanted)
{
    state.wanted = wanted & ~(uint32_t)(CTX_READY_CAUGHT | CTX_READY_STOPS | CTX_READY_OTHERS);
    if ((wanted & ~(uint32_t)CTX_READY_WRITE) != 0) { /* not only for the kernel's sake */
        state.caught = (wanted & (CTX_READY_SIGNAL | CTX_READY_CAUGHT)) ==
                       (CTX_READY_SIGNAL | CTX_READY_CAUGHT);
        state.stops = (wanted & CTX_READY_STOPS) != 0;
        state.others = (wanted & (CTX_READY_SIGNAL | CTX_READY_OTHERS)) ==
                       (CTX_READY_SIGNAL | CTX_READY_OTHERS);
    }
    if (state.telling) {
        return; /* what goes on waits for as long as it did */
    }
    state.quiet_until = 0;
    struct termios t;
    if ((wanted & CTX_READY_READ) != 0 && streams[0].kind == CTX_STREAM_TERMINAL && state.changed &&
        tcgetattr(STDIN_FILENO, &t) == 0 && (t.c_lflag & ICANON) == 0 && t.c_cc[VMIN] == 0 &&
        t.c_cc[VTIME] != 0) {
        state.quiet_until = machine_now_ns() + t.c_cc[VTIME] * TENTH_NS;
    }
    tell();
    task_wake(&state.task);
}

/* A signal is somebody who does not want to wait any longer. */
static bool wait_to_write(void)
{
    int fd = full_output();
    struct pollfd out = {.fd = fd, .events = POLLOUT};
    return fd < 0 || poll(&out, 1, -1) > 0;
}

static void left(void)
{
    state.caught = state.others = false;
    state.signals = 0;
    linux_streams_restore();
}

bool linux_streams_signal(int no)
{
    bool size = no == SIGWINCH,
         other = no == SIGUSR1 || no == SIGUSR2 || no == SIGPIPE || no == SIGCHLD || no == SIGALRM;
    if (other && !state.others) {
        return false;
    }
    if (!size && !other && (!state.caught || (no == SIGTSTP && !state.stops))) {
        return false;
    }
    if (no == SIGINT && ++state.untaken >= 3) {
        return false; /* it will not listen */
    }
    __atomic_fetch_or(&state.signals, UINT32_C(1) << no, __ATOMIC_SEQ_CST);
    (void)!write(state.pipe[1], "", 1);
    return true;
}

bool linux_streams_start(bool with_input)
{
    static const struct terminal terminal = {
        .describe = describe,
        .write = write_stream,
        .read = read_stream,
        .modes = get_modes,
        .set_modes = set_modes,
        .want = want,
        .wait = wait_to_write,
        .left = left,
    };
    for (uint32_t no = 0; no < STREAMS; no++) {
        look(no);
    }
    if (!with_input) {
        streams[0].kind = CTX_STREAM_NONE;
    }
    if (pipe2(state.pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        return false;
    }
    task_start(&state.task, "terminal", terminal_run);
    terminal_offer(&terminal);
    return true;
}
