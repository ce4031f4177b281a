/* SPDX-License-Identifier: MIT */
/* Descriptors that are sockets: how they come, listen, connect. */
#include "../glue.h"
#include "../signals.h"
#include "private.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- as files ---- */

static ssize_t file_read(struct ctx_c_file *file, off_t at, void *to, size_t len)
{
    (void)at;
    return ctx_c_socket_receive(file, to, len, 0, NULL);
}

static ssize_t file_write(struct ctx_c_file *file, off_t at, const void *from, size_t len)
{
    (void)at;
    return ctx_c_socket_send(file, from, len, 0, NULL);
}

static int file_stat(struct ctx_c_file *file, struct stat *out)
{
    (void)file;
    *out = (struct stat){.st_mode = S_IFSOCK | 0777, .st_nlink = 1};
    return 0;
}

static void file_close(struct ctx_c_file *file)
{
    struct ctx_c_socket *s = file->node;
    ctx_status status;
    if (s->items != NULL && &ctx_c_epoll_forget != NULL) {
        ctx_c_epoll_forget(s);
    }
    NET_ASK(status, close, s->handle);
    (void)status; /* STALE: it is closed */
    ctx_c_socket_groups_gone(s);
    free(s);
}

static bool file_wants(struct ctx_c_file *file, short events, uint32_t want[2])
{
    const struct ctx_c_socket *s = file->node;
    want[0] = s->handle;
    want[1] = ((events & (POLLIN | POLLRDNORM)) != 0 ? NET_READ : 0u) |
              ((events & (POLLOUT | POLLWRNORM)) != 0 ? NET_WRITE : 0u);
    return true;
}

short ctx_c_socket_ready(struct ctx_c_file *file, short events)
{
    struct ctx_c_socket *s = file->node;
    struct net_socket_info info = {.size = sizeof info};
    ctx_status status;
    NET_ASK(status, info, s->handle, &info);
    if (status == CTX_E_STALE && ctx_c_socket_revive(s)) {
        NET_ASK(status, info, s->handle, &info);
    }
    if (status != CTX_OK) {
        return POLLERR | POLLHUP | (events & (POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM));
    }
    short ready = (info.what & NET_READ) != 0 ? events & (POLLIN | POLLRDNORM) : 0;
    ready |= (info.what & NET_WRITE) != 0 ? events & (POLLOUT | POLLWRNORM) : 0;
    ready |= info.error != 0 ? POLLERR : 0;
    return ready | (info.state == NET_ENDED ? POLLHUP : 0);
}

static const struct ctx_c_file_ops ops = {.read = file_read,
                                          .write = file_write,
                                          .stat = file_stat,
                                          .close = file_close,
                                          .wants = file_wants,
                                          .ready = ctx_c_socket_ready,
                                          .stream = true};

struct ctx_c_socket *ctx_c_socket_of(int fd, struct ctx_c_file **file)
{
    struct ctx_c_file *f = ctx_c_file_of(fd);
    if (f == NULL || f->ops != &ops) {
        errno = f == NULL ? EBADF : ENOTSOCK;
        return NULL;
    }
    *file = f;
    return f->node;
}

/* A descriptor for it; -1, and it is closed. */
static int give(struct ctx_c_socket *s, int flags)
{
    struct ctx_c_file *file = calloc(1, sizeof *file);
    int fd = file != NULL ? ctx_c_fd_free(0) : -ENOMEM;
    if (fd < 0) {
        ctx_status status;
        NET_ASK(status, close, s->handle);
        (void)status;
        free(file);
        free(s);
        return ctx_c_files_result(fd);
    }
    file->ops = &ops;
    file->node = s;
    file->refs = 1;
    file->flags = O_RDWR | ((flags & SOCK_NONBLOCK) != 0 ? O_NONBLOCK : 0);
    ctx_c_fd_set(fd, file);
    return fd;
}

/* ---- from the start ---- */

static uint32_t kind_of(const struct ctx_c_socket *s)
{
    bool echo = s->protocol == IPPROTO_ICMP || s->protocol == IPPROTO_ICMPV6;
    return s->type == SOCK_STREAM ? NET_TCP : echo ? NET_ECHO : NET_UDP;
}

static ctx_status make(struct ctx_c_socket *s)
{
    ctx_status status;
    NET_ASK(status, socket, kind_of(s), 0, &s->handle);
    for (uint32_t option = 1; status == CTX_OK && option <= NET_MULTICAST_CARD; option++) {
        if ((s->has_option >> option & 1) != 0) {
            NET_ASK(status, set, s->handle, option, s->options[option]);
        }
    }
    return status;
}

bool ctx_c_socket_revive(struct ctx_c_socket *s)
{
    if (s->type == SOCK_STREAM && !s->listens) {
        return false; /* nobody can tell what of it has arrived */
    }
    ctx_status status = make(s);
    if (status == CTX_OK && s->bound) {
        NET_ASK(status, bind, s->handle, &s->own);
    }
    if (status == CTX_OK && s->listens) {
        NET_ASK(status, listen, s->handle, s->most);
    }
    if (status == CTX_OK && s->connected) {
        NET_ASK(status, connect, s->handle, &s->peer);
    }
    ctx_c_socket_groups_again(s);
    return status == CTX_OK;
}

int socket(int family, int type, int protocol)
{
    int flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
    type &= ~flags;
    if (family != AF_INET && family != AF_INET6) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    bool echo =
        type == SOCK_DGRAM && protocol == (family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
    if ((type != SOCK_STREAM || (protocol != 0 && protocol != IPPROTO_TCP)) &&
        (type != SOCK_DGRAM || (protocol != 0 && protocol != IPPROTO_UDP && !echo))) {
        errno = type == SOCK_STREAM || type == SOCK_DGRAM ? EPROTONOSUPPORT : ESOCKTNOSUPPORT;
        return -1;
    }
    struct ctx_c_socket *s = calloc(1, sizeof *s);
    if (s == NULL) {
        errno = ENOMEM;
        return -1;
    }
    s->family = family;
    s->type = type;
    s->protocol = protocol;
    ctx_status status = make(s);
    if (status != CTX_OK) {
        free(s);
        errno = status == CTX_E_NOSPC ? EMFILE : -ctx_c_net_error(status);
        return -1;
    }
    return give(s, flags);
}

int socketpair(int family, int type, int protocol, int both[2])
{
    static bool said;
    (void)family;
    (void)type;
    (void)protocol;
    (void)both;
    ctx_c_never("socketpair", &said);
    return -1;
}

int bind(int fd, const struct sockaddr *address, socklen_t len)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    struct net_address a;
    ctx_status status;
    if (s == NULL) {
        return -1;
    }
    int error = ctx_c_address_in(s->family, address, len, &a);
    if (error == 0) {
        NET_ASK(status, bind, s->handle, &a);
        error = status == CTX_E_UNREACHABLE ? -EADDRNOTAVAIL : ctx_c_net_error(status);
    }
    if (error == 0) {
        s->bound = true;
        s->own = a;
        if (a.port == 0) { /* that is its own from now on */
            struct net_address got = {.size = sizeof got};
            NET_ASK(status, local, s->handle, &got);
            s->own.port = status == CTX_OK ? got.port : 0;
        }
    }
    return ctx_c_files_result(error);
}

int listen(int fd, int most)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    ctx_status status;
    if (s == NULL) {
        return -1;
    }
    if (s->type != SOCK_STREAM) {
        errno = EOPNOTSUPP;
        return -1;
    }
    uint32_t count = most < 1 ? 1 : (uint32_t)most;
    NET_ASK(status, listen, s->handle, count);
    if (status == CTX_OK) {
        s->listens = true;
        s->most = count;
    }
    return ctx_c_files_result(ctx_c_net_error(status));
}

uint64_t ctx_c_socket_deadline(uint64_t ns)
{
    uint64_t time = 0;
    ctx_now()->time->now(ctx_now()->time, &time);
    return ns != 0 ? time + ns : CTX_FIBER_NEVER;
}

int ctx_c_socket_await(struct ctx_c_file *file, uint32_t what, uint64_t deadline, int flags)
{
    const struct ctx_c_socket *s = file->node;
    struct ctx_c_want want = {s->handle, what};
    if ((file->flags & O_NONBLOCK) != 0 || (flags & MSG_DONTWAIT) != 0) {
        return -EAGAIN;
    }
    ctx_status status = ctx_c_net_wait(&want, 1, deadline, true);
    return status == CTX_E_CANCELED   ? -EINTR
           : status == CTX_E_TIMEDOUT ? -EAGAIN
                                      : ctx_c_net_error(status);
}

int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    struct net_address from = {.size = sizeof from};
    uint32_t handle = 0;
    ctx_status status;
    if (s == NULL) {
        return -1;
    }
    if (!s->listens) {
        errno = EINVAL;
        return -1;
    }
    uint64_t deadline = ctx_c_socket_deadline(s->read_ns);
    for (;;) {
        NET_ASK(status, accept, s->handle, &handle, &from);
        if (status == CTX_E_STALE && ctx_c_socket_revive(s)) {
            continue;
        }
        if (status != CTX_E_AGAIN) {
            break;
        }
        int error = ctx_c_socket_await(file, NET_READ, deadline, 0);
        if (error != 0) {
            return ctx_c_files_result(error);
        }
    }
    if (status != CTX_OK) {
        return ctx_c_files_result(ctx_c_net_error(status));
    }
    struct ctx_c_socket *other = calloc(1, sizeof *other);
    if (other == NULL) {
        NET_ASK(status, close, handle);
        errno = ENOMEM;
        return -1;
    }
    *other = (struct ctx_c_socket){
        .handle = handle, .family = s->family, .type = s->type, .connected = true};
    ctx_c_address_out(s->family, &from, address, len);
    return give(other, flags);
}

int accept(int fd, struct sockaddr *address, socklen_t *len)
{
    return accept4(fd, address, len, 0);
}

/* How a connection that was begun is now: 0, -EINPROGRESS, or why it failed. */
int ctx_c_socket_opened(struct ctx_c_socket *s)
{
    struct net_socket_info info = {.size = sizeof info};
    ctx_status status;
    NET_ASK(status, info, s->handle, &info);
    if (status != CTX_OK) {
        return ctx_c_net_error(status);
    }
    if (info.state == NET_OPENING) {
        return -EINPROGRESS;
    }
    s->connecting = false;
    s->connected = info.state == NET_OPEN || (info.state == NET_ENDED && info.error == 0);
    return ctx_c_net_error(info.error);
}

static int open_connection(struct ctx_c_file *file, struct ctx_c_socket *s,
                           const struct net_address *to)
{
    ctx_status status;
    if (s->connecting) {
        return ctx_c_socket_opened(s) == -EINPROGRESS ? -EALREADY
               : s->connected                         ? -EISCONN
                                                      : -ECONNABORTED;
    }
    if (s->connected && s->type == SOCK_STREAM) {
        return -EISCONN;
    }
    NET_ASK(status, connect, s->handle, to);
    if (status == CTX_E_STALE && ctx_c_socket_revive(s)) {
        NET_ASK(status, connect, s->handle, to);
    }
    if (status != CTX_OK) {
        return status == CTX_E_NOSPC ? -EADDRNOTAVAIL : ctx_c_net_error(status);
    }
    if (s->type != SOCK_STREAM) {
        s->connected = true;
        s->peer = *to;
        return 0;
    }
    s->connecting = true;
    uint64_t deadline = ctx_c_socket_deadline(s->write_ns);
    int error;
    while ((error = ctx_c_socket_opened(s)) == -EINPROGRESS) {
        int waits = ctx_c_socket_await(file, NET_WRITE, deadline, 0);
        if (waits != 0) {
            return waits == -EAGAIN ? -EINPROGRESS : waits;
        }
    }
    return error;
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    struct net_address to;
    if (s == NULL) {
        return -1;
    }
    int error = ctx_c_address_in(s->family, address, len, &to);
    return ctx_c_files_result(error == 0 ? open_connection(file, s, &to) : error);
}

int shutdown(int fd, int how)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    ctx_status status;
    if (s == NULL) {
        return -1;
    }
    if (how < SHUT_RD || how > SHUT_RDWR) {
        errno = EINVAL;
        return -1;
    }
    NET_ASK(status, shutdown, s->handle, (uint32_t)how + 1);
    return ctx_c_files_result(status == CTX_E_INVAL ? -ENOTCONN : ctx_c_net_error(status));
}

static int name_of(int fd, struct sockaddr *address, socklen_t *len, bool peer)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    struct net_address a = {.size = sizeof a};
    ctx_status status;
    if (s == NULL) {
        return -1;
    }
    if (peer) {
        NET_ASK(status, peer, s->handle, &a);
    } else {
        NET_ASK(status, local, s->handle, &a);
    }
    if (status == CTX_OK) {
        ctx_c_address_out(s->family, &a, address, len);
    }
    return ctx_c_files_result(status == CTX_E_INVAL ? -ENOTCONN : ctx_c_net_error(status));
}

int getsockname(int fd, struct sockaddr *address, socklen_t *len)
{
    return name_of(fd, address, len, false);
}

int getpeername(int fd, struct sockaddr *address, socklen_t *len)
{
    return name_of(fd, address, len, true);
}
