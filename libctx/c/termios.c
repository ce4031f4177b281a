/* SPDX-License-Identifier: MIT */
/*
 * <termios.h> and the size of the window: of the terminal that the program's streams are, if they
 * are one (streams.c). Its line discipline is that of whoever offers it.
 */
#include "glue.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

_Static_assert(sizeof((struct termios *)0)->c_cc == sizeof((struct ctx_terminal_modes *)0)->cc,
               "the same places");

/* Where the app has a table of descriptors: whether this one is still what it was. */
__attribute__((weak)) bool ctx_c_is_stream(int fd);

static int fail(int error)
{
    errno = error;
    return -1;
}

static bool is_terminal(int fd)
{
    bool moved = &ctx_c_is_stream != NULL && !ctx_c_is_stream(fd);
    return !moved && ctx_c_kind(fd) == CTX_STREAM_TERMINAL;
}

static int need_terminal(int fd)
{
    return is_terminal(fd) ? 0 : fail(ENOTTY);
}

int tcgetattr(int fd, struct termios *settings)
{
    struct ctx_terminal_modes modes;
    if (!is_terminal(fd) || ctx_c_modes(&modes) != CTX_OK) {
        return fail(ENOTTY);
    }
    *settings = (struct termios){.c_iflag = modes.input,
                                 .c_oflag = modes.output,
                                 .c_cflag = modes.control,
                                 .c_lflag = modes.local,
                                 .c_ispeed = B38400,
                                 .c_ospeed = B38400};
    memcpy(settings->c_cc, modes.cc, sizeof modes.cc);
    return 0;
}

int tcsetattr(int fd, int when, const struct termios *settings)
{
    struct ctx_terminal_modes modes = {.size = sizeof modes,
                                       .input = settings->c_iflag,
                                       .output = settings->c_oflag,
                                       .control = settings->c_cflag,
                                       .local = settings->c_lflag};
    if (when < TCSANOW || when > TCSAFLUSH) {
        return fail(EINVAL);
    }
    memcpy(modes.cc, settings->c_cc, sizeof modes.cc);
    if (!is_terminal(fd)) {
        return fail(ENOTTY);
    }
    ctx_status status = ctx_c_set_modes((uint32_t)when, &modes);
    return status == CTX_E_NOENT ? fail(ENOTTY) : ctx_c_result(status);
}

/* There is one process, and the terminal is its. */
static int whose(unsigned long request, va_list args)
{
    if (request == TIOCSCTTY) {
        return 0;
    }
    pid_t *group = va_arg(args, pid_t *);
    if (request == TIOCSPGRP) {
        return *group == getpid() ? 0 : fail(EPERM);
    }
    *group = getpid();
    return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
    struct ctx_terminal_stream stream = {.size = sizeof stream};
    if (!is_terminal(fd) || ctx_c_describe(fd, &stream) != CTX_OK) {
        return fail(ENOTTY);
    }
    va_list args;
    va_start(args, request);
    if (request == TIOCSCTTY || request == TIOCGPGRP || request == TIOCSPGRP) {
        int result = whose(request, args);
        va_end(args);
        return result;
    }
    if (request != TIOCGWINSZ) {
        va_end(args);
        return fail(EINVAL);
    }
    *va_arg(args, struct winsize *) = (struct winsize){.ws_row = (unsigned short)stream.rows,
                                                       .ws_col = (unsigned short)stream.columns,
                                                       .ws_xpixel = (unsigned short)stream.w,
                                                       .ws_ypixel = (unsigned short)stream.h};
    va_end(args);
    return 0;
}

/* Nothing is on its way longer than a call; nobody stops or breaks it. */
int tcdrain(int fd)
{
    return need_terminal(fd);
}

int tcflow(int fd, int action)
{
    (void)action;
    return need_terminal(fd);
}

/* What was typed and not read is thrown away by setting the modes that there are. */
int tcflush(int fd, int queue)
{
    struct ctx_terminal_modes modes;
    if (need_terminal(fd) != 0 || queue == TCOFLUSH) {
        return is_terminal(fd) ? 0 : -1;
    }
    return ctx_c_modes(&modes) == CTX_OK ? ctx_c_result(ctx_c_set_modes(TCSAFLUSH, &modes))
                                         : fail(ENOTTY);
}

int tcsendbreak(int fd, int duration)
{
    (void)duration;
    return need_terminal(fd);
}

/* clang-format off */
pid_t tcgetsid(int fd) { (void)fd; return fail(ENOTTY); }

speed_t cfgetispeed(const struct termios *settings) { return settings->c_ispeed; }
speed_t cfgetospeed(const struct termios *settings) { return settings->c_ospeed; }
int cfsetispeed(struct termios *settings, speed_t speed) { settings->c_ispeed = speed; return 0; }
int cfsetospeed(struct termios *settings, speed_t speed) { settings->c_ospeed = speed; return 0; }
/* clang-format on */

void cfmakeraw(struct termios *settings)
{
    settings->c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    settings->c_oflag &= ~OPOST;
    settings->c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    settings->c_cflag = (settings->c_cflag & ~(CSIZE | PARENB)) | CS8;
    settings->c_cc[VMIN] = 1;
    settings->c_cc[VTIME] = 0;
}
