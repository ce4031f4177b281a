/* SPDX-License-Identifier: MIT */
/* The functions of <termios.h>: there is no terminal. */
#include <errno.h>
#include <termios.h>

static int no_terminal(void)
{
    errno = ENOTTY;
    return -1;
}

/* clang-format off */
int tcgetattr(int fd, struct termios *settings) { (void)fd; (void)settings; return no_terminal(); }
int tcsetattr(int fd, int when, const struct termios *settings) { (void)fd; (void)when; (void)settings; return no_terminal(); }
int tcdrain(int fd) { (void)fd; return no_terminal(); }
int tcflow(int fd, int action) { (void)fd; (void)action; return no_terminal(); }
int tcflush(int fd, int queue) { (void)fd; (void)queue; return no_terminal(); }
int tcsendbreak(int fd, int duration) { (void)fd; (void)duration; return no_terminal(); }
pid_t tcgetsid(int fd) { (void)fd; return no_terminal(); }

speed_t cfgetispeed(const struct termios *settings) { return settings->c_ispeed; }
speed_t cfgetospeed(const struct termios *settings) { return settings->c_ospeed; }
int cfsetispeed(struct termios *settings, speed_t speed) { settings->c_ispeed = speed; return 0; }
int cfsetospeed(struct termios *settings, speed_t speed) { settings->c_ospeed = speed; return 0; }
/* clang-format on */
