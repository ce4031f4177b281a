/* SPDX-License-Identifier: MIT */
/*
 * What picolibc's <termios.h> wants from the system below it. The program's streams may be a
 * terminal (ctx.terminal/1); where they are none, every function says ENOTTY. Numbers and places
 * are Linux', and ctx.terminal/1 has them too.
 */
#ifndef CTX_C_SYS_TERMIOS_H
#define CTX_C_SYS_TERMIOS_H

#include <sys/types.h>

typedef unsigned char cc_t;
typedef unsigned int speed_t;
typedef unsigned int tcflag_t;

/* c_cc */
#define VINTR    0
#define VQUIT    1
#define VERASE   2
#define VKILL    3
#define VEOF     4
#define VTIME    5
#define VMIN     6
#define VSTART   8
#define VSTOP    9
#define VSUSP    10
#define VEOL     11
#define VREPRINT 12
#define VWERASE  14
#define VLNEXT   15
#define NCCS     32

/* c_iflag */
#define IGNBRK  0x0001u
#define BRKINT  0x0002u
#define IGNPAR  0x0004u
#define PARMRK  0x0008u
#define INPCK   0x0010u
#define ISTRIP  0x0020u
#define INLCR   0x0040u
#define IGNCR   0x0080u
#define ICRNL   0x0100u
#define IXON    0x0400u
#define IXANY   0x0800u
#define IXOFF   0x1000u
#define IMAXBEL 0x2000u
#define IUTF8   0x4000u

/* c_oflag */
#define OPOST  0x0001u
#define ONLCR  0x0004u
#define OCRNL  0x0008u
#define ONOCR  0x0010u
#define ONLRET 0x0020u

/* c_cflag */
#define CSIZE  0x0030u
#define CS5    0x0000u
#define CS6    0x0010u
#define CS7    0x0020u
#define CS8    0x0030u
#define CSTOPB 0x0040u
#define CREAD  0x0080u
#define PARENB 0x0100u
#define PARODD 0x0200u
#define HUPCL  0x0400u
#define CLOCAL 0x0800u

/* c_lflag */
#define ISIG    0x0001u
#define ICANON  0x0002u
#define ECHO    0x0008u
#define ECHOE   0x0010u
#define ECHOK   0x0020u
#define ECHONL  0x0040u
#define NOFLSH  0x0080u
#define TOSTOP  0x0100u
#define ECHOCTL 0x0200u
#define ECHOKE  0x0800u
#define IEXTEN  0x8000u

/* Speeds are what they say. */
#define B0        0u
#define B50       50u
#define B75       75u
#define B110      110u
#define B134      134u
#define B150      150u
#define B200      200u
#define B300      300u
#define B600      600u
#define B1200     1200u
#define B1800     1800u
#define B2400     2400u
#define B4800     4800u
#define B9600     9600u
#define B19200    19200u
#define B38400    38400u

#define TCSANOW   0
#define TCSADRAIN 1
#define TCSAFLUSH 2

#define TCIFLUSH  0
#define TCOFLUSH  1
#define TCIOFLUSH 2

#define TCOOFF    0
#define TCOON     1
#define TCIOFF    2
#define TCION     3

struct termios {
    tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
    cc_t c_cc[NCCS];
    speed_t c_ispeed, c_ospeed;
};

/* Of a struct termios that the program fills in itself. */
speed_t cfgetispeed(const struct termios *settings);
speed_t cfgetospeed(const struct termios *settings);
int cfsetispeed(struct termios *settings, speed_t speed);
int cfsetospeed(struct termios *settings, speed_t speed);

/* Bytes as they are typed, unedited; to be handed to tcsetattr(). */
void cfmakeraw(struct termios *settings);

/* Of what is no terminal: -1 and ENOTTY. */
int tcgetattr(int fd, struct termios *settings);
int tcsetattr(int fd, int when, const struct termios *settings);
int tcdrain(int fd);
int tcflow(int fd, int action);
int tcflush(int fd, int queue);
int tcsendbreak(int fd, int duration);
pid_t tcgetsid(int fd);

#endif
