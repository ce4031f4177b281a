/* SPDX-License-Identifier: MIT */
/*
 * poll() and select(). Files are always ready. Of the three streams stdin is when there is
 * something to read, or its end, and sockets know themselves; that is waited for, so both need a
 * fiber, as sleep() does. Without descriptors they sleep.
 */
#define _GNU_SOURCE
#include "files/files.h"
#include "glue.h"
#include "signals.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)
#define READS  (POLLIN | POLLRDNORM)
#define WRITES (POLLOUT | POLLWRNORM)
#define FEW    64 /* of select(): without malloc() */

static short look(const struct pollfd *one)
{
    const struct ctx_c_file *file = ctx_c_file_of(one->fd);
    if (one->fd < 0) {
        return 0;
    }
    if (file == NULL) {
        return POLLNVAL;
    }
    if (file->ops->ready != NULL) {
        return file->ops->ready(ctx_c_file_of(one->fd), one->events);
    }
    short ready = one->events & (READS | WRITES);
    if (file->ops->stream) { /* what is not asked for is not looked at: that would be a request */
        int number = (int)(intptr_t)file->node;
        if ((ready & READS) != 0 && ctx_c_ready(number, false) == 0) {
            ready &= ~READS;
        }
        if ((ready & WRITES) != 0 && ctx_c_ready(number, true) == 0) {
            ready &= ~WRITES;
        }
    }
    return ready;
}

/* Many sockets are asked for at once; -1: there was no memory for that. */
static int look_at_all(struct pollfd *list, nfds_t count)
{
    int ready = 0;
    bool sockets = false;
    for (nfds_t i = 0; i < count; i++) {
        const struct ctx_c_file *file = ctx_c_file_of(list[i].fd);
        bool socket = file != NULL && file->ops->wants != NULL;
        sockets |= socket;
        list[i].revents = socket ? 0 : look(&list[i]);
        ready += list[i].revents != 0;
    }
    if (sockets && &ctx_c_sockets_look != NULL) {
        int some = ctx_c_sockets_look(list, count);
        return some < 0 ? -1 : ready + some;
    }
    return ready;
}

/* Some are sockets, which somebody else knows of. */
static ctx_status await(const struct pollfd *list, nfds_t count, uint64_t deadline)
{
    bool sockets = false;
    uint32_t streams = 0;
    for (nfds_t i = 0; i < count; i++) {
        const struct ctx_c_file *file = ctx_c_file_of(list[i].fd);
        sockets |= file != NULL && file->ops->wants != NULL;
        if (file != NULL && file->ops->stream) {
            streams |= (list[i].events & READS) != 0 ? CTX_READY_READ : 0;
            streams |= (list[i].events & WRITES) != 0 ? CTX_READY_WRITE : 0;
        }
    }
    return sockets && &ctx_c_sockets_await != NULL
               ? ctx_c_sockets_await(list, count, deadline, streams)
               : ctx_c_await_streams(streams, deadline);
}

/* deadline 0: do not wait. */
static int wait_for(struct pollfd *list, nfds_t count, uint64_t deadline)
{
    uint32_t handled = ctx_c_signals_handled;
    for (;;) {
        int ready = look_at_all(list, count);
        if (ready < 0) {
            errno = ENOMEM;
            return -1;
        }
        if (ready > 0 || deadline == 0) {
            return ready;
        }
        ctx_status status = CTX_E_AGAIN;
        if (handled != ctx_c_signals_handled) {
            status = CTX_E_CANCELED;
        } else if (ctx_fiber_current() != NULL) {
            status = await(list, count, deadline);
        }
        if (status == CTX_E_TIMEDOUT) {
            deadline = 0;
        } else if (status != CTX_OK) {
            errno = status == CTX_E_CANCELED ? EINTR : ctx_errno(status);
            return -1;
        }
    }
}

static uint64_t deadline_of(const struct timespec *timeout)
{
    struct timespec now;
    if (timeout == NULL) {
        return CTX_FIBER_NEVER;
    }
    if (timeout->tv_sec <= 0 && timeout->tv_nsec <= 0) {
        return 0;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t ns = (uint64_t)timeout->tv_nsec + (uint64_t)now.tv_nsec;
    uint64_t seconds = (uint64_t)timeout->tv_sec + (uint64_t)now.tv_sec;
    return seconds > CTX_FIBER_NEVER / SECOND / 2 ? CTX_FIBER_NEVER : seconds * SECOND + ns;
}

int ppoll(struct pollfd *list, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    if (timeout != NULL && (timeout->tv_nsec < 0 || timeout->tv_nsec >= (long)SECOND)) {
        errno = EINVAL;
        return -1;
    }
    ctx_c_signals_poll(64); /* whoever polls without waiting waits for nothing else */
    sigset_t before = mask != NULL ? ctx_c_signals_block(*mask) : 0;
    int ready = wait_for(list, count, deadline_of(timeout));
    if (mask != NULL) {
        ctx_c_signals_block(before);
    }
    return ready;
}

int poll(struct pollfd *list, nfds_t count, int milliseconds)
{
    struct timespec t = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
    return ppoll(list, count, milliseconds >= 0 ? &t : NULL, NULL);
}

/* Those of a set into the list. */
static void add(struct pollfd *list, int count, const fd_set *set, short event)
{
    for (int fd = 0; set != NULL && fd < count; fd++) {
        if (FD_ISSET(fd, set)) {
            list[fd].fd = fd;
            list[fd].events |= event;
        }
    }
}

static int take(const struct pollfd *list, int count, fd_set *set, short event)
{
    int found = 0;
    for (int fd = 0; set != NULL && fd < count; fd++) {
        if (FD_ISSET(fd, set) && (list[fd].revents & event) == 0) {
            FD_CLR(fd, set);
        } else if (FD_ISSET(fd, set)) {
            found++;
        }
    }
    return found;
}

struct sets {
    fd_set *reads, *writes, *others;
};

static int select_in(struct pollfd *list, int count, struct sets sets,
                     const struct timespec *timeout, const sigset_t *mask)
{
    for (int fd = 0; fd < count; fd++) {
        list[fd] = (struct pollfd){.fd = -1};
    }
    add(list, count, sets.reads, POLLIN);
    add(list, count, sets.writes, POLLOUT);
    add(list, count, sets.others, 0);
    for (int fd = 0; fd < count; fd++) {
        if (list[fd].fd >= 0 && ctx_c_file_of(fd) == NULL) {
            errno = EBADF;
            return -1;
        }
    }
    int ready = ppoll(list, (nfds_t)count, timeout, mask);
    if (ready < 0) {
        return -1;
    }
    return take(list, count, sets.reads, POLLIN) + take(list, count, sets.writes, POLLOUT) +
           take(list, count, sets.others, POLLPRI);
}

int pselect(int count, fd_set *reads, fd_set *writes, fd_set *others,
            const struct timespec *timeout, const sigset_t *mask)
{
    if (count < 0 || count > CTX_C_FDS) {
        errno = EINVAL;
        return -1;
    }
    /* Who says getdtablesize() has no set of that size: no further than there can be any. */
    count = count < ctx_c_fd_end() ? count : ctx_c_fd_end();
    struct pollfd few[FEW], *list = count > FEW ? malloc((size_t)count * sizeof *list) : few;
    if (list == NULL) {
        errno = ENOMEM;
        return -1;
    }
    int found = select_in(list, count, (struct sets){reads, writes, others}, timeout, mask);
    if (list != few) {
        free(list);
    }
    return found;
}

int select(int count, fd_set *reads, fd_set *writes, fd_set *others, struct timeval *timeout)
{
    struct timespec t;
    if (timeout != NULL) {
        t.tv_sec = timeout->tv_sec + timeout->tv_usec / 1000000;
        t.tv_nsec = timeout->tv_usec % 1000000 * 1000;
    }
    return pselect(count, reads, writes, others, timeout != NULL ? &t : NULL, NULL);
}
