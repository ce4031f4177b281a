/* SPDX-License-Identifier: MIT */
/*
 * What of <sys/ioctl.h> there is: the size of the window that a terminal has, and whose it is.
 * Other requests answer EINVAL; what is no terminal, ENOTTY.
 */
#ifndef CTX_C_SYS_IOCTL_H
#define CTX_C_SYS_IOCTL_H

#ifdef __cplusplus
extern "C" {
#endif

#define TIOCGWINSZ 0x5413u
#define TIOCSWINSZ 0x5414u /* EINVAL: the window is whoever looks at it's */
#define TIOCSCTTY  0x540eu /* of a terminal: it is that already */
#define TIOCNOTTY  0x5422u /* EINVAL: it stays */
#define TIOCGPGRP  0x540fu /* a pid_t: the program */
#define TIOCSPGRP  0x5410u /* a pid_t: the program, or EPERM */
#define FIONREAD   0x541bu /* EINVAL */

struct winsize {
    unsigned short ws_row, ws_col;
    unsigned short ws_xpixel, ws_ypixel; /* 0: not known */
};

int ioctl(int fd, unsigned long request, ...);

#ifdef __cplusplus
}
#endif
#endif
