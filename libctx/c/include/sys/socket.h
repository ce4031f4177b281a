/* SPDX-License-Identifier: MIT */
/*
 * <sys/socket.h>: sockets of ctx.net/1, of the families AF_INET and AF_INET6. They are descriptors
 * as any others, and wait in main() as files do. libctx/doc/net.md
 */
#ifndef CTX_C_SYS_SOCKET_H
#define CTX_C_SYS_SOCKET_H

#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t socklen_t;
typedef uint16_t sa_family_t;

#define AF_UNSPEC     0
#define AF_UNIX       1
#define AF_LOCAL      AF_UNIX
#define AF_INET       2
#define AF_INET6      10
#define PF_UNSPEC     AF_UNSPEC
#define PF_UNIX       AF_UNIX
#define PF_LOCAL      AF_UNIX
#define PF_INET       AF_INET
#define PF_INET6      AF_INET6

#define SOCK_STREAM   1
#define SOCK_DGRAM    2
#define SOCK_RAW      3
#define SOCK_NONBLOCK 04000
#define SOCK_CLOEXEC  02000000

#define SOL_SOCKET    1
#define SO_DEBUG      1
#define SO_REUSEADDR  2
#define SO_TYPE       3
#define SO_ERROR      4
#define SO_DONTROUTE  5
#define SO_BROADCAST  6
#define SO_SNDBUF     7
#define SO_RCVBUF     8
#define SO_KEEPALIVE  9
#define SO_OOBINLINE  10
#define SO_LINGER     13
#define SO_REUSEPORT  15
#define SO_RCVLOWAT   18
#define SO_SNDLOWAT   19
#define SO_RCVTIMEO   20
#define SO_SNDTIMEO   21
#define SO_ACCEPTCONN 30
#define SO_PROTOCOL   38
#define SO_DOMAIN     39
#define SOMAXCONN     255

#define MSG_OOB       0x1
#define MSG_PEEK      0x2
#define MSG_DONTROUTE 0x4
#define MSG_TRUNC     0x20
#define MSG_DONTWAIT  0x40
#define MSG_WAITALL   0x100
#define MSG_NOSIGNAL  0x4000
#define MSG_MORE      0x8000

#define SHUT_RD       0
#define SHUT_WR       1
#define SHUT_RDWR     2

struct sockaddr {
    sa_family_t sa_family;
    char sa_data[14];
};

struct sockaddr_storage {
    sa_family_t ss_family;
    char ss_rsv[118];
    uint64_t ss_align;
};

struct linger {
    int l_onoff;
    int l_linger;
};

struct msghdr {
    void *msg_name;
    socklen_t msg_namelen;
    struct iovec *msg_iov;
    size_t msg_iovlen;
    void *msg_control; /* nothing is ever there */
    size_t msg_controllen;
    int msg_flags;
};

int socket(int family, int type, int protocol);
int socketpair(int family, int type, int protocol, int both[2]);
int bind(int fd, const struct sockaddr *address, socklen_t len);
int listen(int fd, int most);
int accept(int fd, struct sockaddr *address, socklen_t *len);
int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);
int connect(int fd, const struct sockaddr *address, socklen_t len);
ssize_t send(int fd, const void *from, size_t len, int flags);
ssize_t sendto(int fd, const void *from, size_t len, int flags, const struct sockaddr *address,
               socklen_t address_len);
ssize_t sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t recv(int fd, void *to, size_t len, int flags);
ssize_t recvfrom(int fd, void *to, size_t len, int flags, struct sockaddr *address,
                 socklen_t *address_len);
ssize_t recvmsg(int fd, struct msghdr *message, int flags);
int shutdown(int fd, int how);
int getsockname(int fd, struct sockaddr *address, socklen_t *len);
int getpeername(int fd, struct sockaddr *address, socklen_t *len);
int setsockopt(int fd, int level, int option, const void *value, socklen_t len);
int getsockopt(int fd, int level, int option, void *value, socklen_t *len);

#ifdef __cplusplus
}
#endif
#endif
