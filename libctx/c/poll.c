/* SPDX-License-Identifier: MIT */
/*
 * poll() and select(). Files are always ready. Of the three streams stdin is when there is
 * something to read, or its end; that is waited for, so both need a fiber, as sleep() does. Without
 * descriptors they sleep.
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
#include <string.h>
#include <sys/select.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)

static short look(const struct pollfd *one)
{
    const struct ctx_c_file *file = ctx_c_file_of(one->fd);
    if (one->fd < 0) {
        return 0;
    }
    if (file == NULL) {
        return POLLNVAL;
    }
    short ready = one->events & (POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM);
    if (file->ops->stream) {
        int number = (int)(intptr_t)file->node;
        if (ctx_c_ready(number, false) == 0) {
            ready &= ~(POLLIN | POLLRDNORM);
        }
        if (ctx_c_ready(number, true) == 0) {
            ready &= ~(POLLOUT | POLLWRNORM);
        }
    }
    return ready;
}

static int look_at_all(struct pollfd *list, nfds_t count)
{
    int ready = 0;
    for (nfds_t i = 0; i < count; i++) {
        list[i].revents = look(&list[i]);
        ready += list[i].revents != 0;
    }
    return ready;
}

/* deadline 0: do not wait. */
static int wait_for(struct pollfd *list, nfds_t count, uint64_t deadline)
{
    for (;;) {
        int ready = look_at_all(list, count);
        if (ready > 0 || deadline == 0) {
            return ready;
        }
        ctx_status status = CTX_E_AGAIN;
        if (ctx_fiber_current() != NULL) {
            status = ctx_c_await_input(deadline);
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

int pselect(int count, fd_set *reads, fd_set *writes, fd_set *others,
            const struct timespec *timeout, const sigset_t *mask)
{
    struct pollfd list[CTX_C_FDS];
    if (count < 0 || count > FD_SETSIZE) {
        errno = EINVAL;
        return -1;
    }
    count = count < (int)CTX_C_FDS ? count : (int)CTX_C_FDS;
    for (int fd = 0; fd < count; fd++) {
        list[fd] = (struct pollfd){.fd = -1};
    }
    add(list, count, reads, POLLIN);
    add(list, count, writes, POLLOUT);
    add(list, count, others, 0);
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
    return take(list, count, reads, POLLIN) + take(list, count, writes, POLLOUT) +
           take(list, count, others, POLLPRI);
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
