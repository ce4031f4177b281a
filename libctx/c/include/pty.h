/* SPDX-License-Identifier: MIT */
/*
 * <pty.h>: an app makes no terminals. openpty() and forkpty() answer ENOSYS, and the log says so
 * once; login_tty() takes the terminal that the program has.
 */
#ifndef CTX_C_PTY_H
#define CTX_C_PTY_H

#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>

#ifdef __cplusplus
extern "C" {
#endif

int openpty(int *master, int *slave, char *name, const struct termios *modes,
            const struct winsize *size);
pid_t forkpty(int *master, char *name, const struct termios *modes, const struct winsize *size);
int login_tty(int fd);

#ifdef __cplusplus
}
#endif
#endif
