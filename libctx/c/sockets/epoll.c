/* SPDX-License-Identifier: MIT */
/*
 * epoll: sets of sockets. ctx.net/1 watches all that are in any set, and tells which are ready; a
 * socket knows its items, one for each set that it is in. What is told is looked up by number, so
 * nothing that comes back is an address.
 *
 * Whoever offers the network may begin anew, or this app may have been put back: then nothing is
 * watched any more. It is noticed by the table that was opened anew, or by a socket that is STALE
 * when a wait has brought nothing for a while; then all are watched once more.
 */
#include "../glue.h"
#include "../signals.h"
#include "private.h"

#include <ctx/c.h>
#include <ctx/fiber.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>

#define TOLD_MOST 64u
#define MS        UINT64_C(1000000)
#define LOOK_NS   (1000 * MS)
#define PAUSE_NS  (2 * MS)
#define IN        (EPOLLIN | EPOLLRDNORM)
#define OUT       (EPOLLOUT | EPOLLWRNORM)
#define KNOWN                                                                                      \
    (IN | OUT | EPOLLPRI | EPOLLERR | EPOLLHUP | EPOLLRDBAND | EPOLLWRBAND | EPOLLMSG |            \
     EPOLLRDHUP | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET)

/* Items that have been taken out. A call of the network may wait, and a signal's handler or another
 * fiber close what is in a set meanwhile: whoever goes on behind such a call looks at this first.
 */
static uint32_t gone;

struct set {
    struct ctx_c_item *first;
    uint32_t lives; /* of the network, when all were watched */
    bool any_broken;
    bool any_pending;
    bool others; /* those of other sets are ready: a wait for all that are watched would not be one
                  */
};

struct ctx_c_item {
    struct ctx_c_item *next, **link; /* of its set's */
    struct ctx_c_item *other;        /* of the same socket's */
    struct set *set;
    struct ctx_c_socket *socket;
    struct ctx_c_file *file; /* it is not referred to: closing it takes the item out */
    int fd;
    uint32_t events;
    uint32_t seen; /* by which watch_all() */
    epoll_data_t data;
    uint32_t pending; /* EPOLLET: a wait of another set was told this, which is told once */
    bool off;         /* ONESHOT has told it, or EPOLLET that it is broken */
    bool broken;      /* its connection is STALE: nobody watches that, and it is told until it is
                         closed */
};

/* As net's watched tells it. */
struct told {
    uint64_t tag;
    uint32_t socket, what;
};

/* ---- sets as files ---- */

static int set_stat(struct ctx_c_file *file, struct stat *out)
{
    (void)file;
    *out = (struct stat){.st_mode = 0600, .st_nlink = 1};
    return 0;
}

/* By edges only where nobody wants it by level. */
static uint32_t wanted(const struct ctx_c_socket *s)
{
    uint32_t what = 0, edge = NET_EDGE;
    for (const struct ctx_c_item *item = s->items; item != NULL; item = item->other) {
        uint32_t events = item->off ? 0 : item->events;
        edge = item->off || (events & EPOLLET) != 0 ? edge : 0;
        what |= !item->off ? NET_OVER : 0u;
        what |= (events & IN) != 0 ? NET_READ : 0u;
        what |= (events & OUT) != 0 ? NET_WRITE : 0u;
        what |= (events & EPOLLRDHUP) != 0 ? NET_HANGUP : 0u;
    }
    return what != 0 ? what | edge : 0;
}

/* Tell the network what of this socket matters. force: it may have forgotten. */
static ctx_status tell(struct ctx_c_socket *s, int fd, bool force)
{
    uint32_t what = wanted(s), before = gone;
    ctx_status status = CTX_OK;
    if (force || what != s->watched) {
        s->watched = what;
        NET_ASK(status, watch, s->handle, what, (uint64_t)fd);
        if (status != CTX_OK && what != 0 && gone == before) {
            s->watched = 0;
        }
    }
    return status;
}

static void take_out(struct ctx_c_item *item)
{
    struct ctx_c_item **at = &item->socket->items;
    while (*at != item) {
        at = &(*at)->other;
    }
    *at = item->other;
    *item->link = item->next;
    if (item->next != NULL) {
        item->next->link = item->link;
    }
    gone++;
    free(item);
}

void ctx_c_epoll_forget(struct ctx_c_socket *s)
{
    while (s->items != NULL) {
        take_out(s->items);
    }
}

static void set_close(struct ctx_c_file *file)
{
    struct set *set = file->node;
    while (set->first != NULL) {
        struct ctx_c_socket *s = set->first->socket;
        int fd = set->first->fd;
        take_out(set->first);
        (void)tell(s, fd, false);
    }
    free(set);
}

static const struct ctx_c_file_ops ops = {.stat = set_stat, .close = set_close, .stream = true};

static struct set *set_of(int fd)
{
    struct ctx_c_file *file = ctx_c_file_of(fd);
    if (file == NULL || file->ops != &ops) {
        errno = file == NULL ? EBADF : EINVAL;
        return NULL;
    }
    return file->node;
}

int epoll_create1(int flags)
{
    if ((flags & ~EPOLL_CLOEXEC) != 0) {
        errno = EINVAL;
        return -1;
    }
    const struct net_table *net = ctx_c_net();
    size_t needed = offsetof(struct net_table, wait_watched) + sizeof net->wait_watched;
    if (net != NULL && net->t.size < needed) { /* of an older one */
        errno = ENOSYS;
        return -1;
    }
    struct ctx_c_file *file = calloc(1, sizeof *file);
    struct set *set = calloc(1, sizeof *set);
    int fd = file != NULL && set != NULL ? ctx_c_fd_free(0) : -ENOMEM;
    if (fd < 0) {
        free(file);
        free(set);
        return ctx_c_files_result(fd);
    }
    set->lives = ctx_c_net_lives;
    *file = (struct ctx_c_file){.ops = &ops, .node = set, .refs = 1, .flags = O_RDWR};
    ctx_c_fd_set(fd, file);
    return fd;
}

int epoll_create(int size)
{
    if (size <= 0) {
        errno = EINVAL;
        return -1;
    }
    return epoll_create1(0);
}

/* ---- what is in a set ---- */

static struct ctx_c_item *find(const struct set *set, const struct ctx_c_socket *s, int fd)
{
    struct ctx_c_item *item = s->items;
    while (item != NULL && (item->set != set || item->fd != fd)) {
        item = item->other;
    }
    return item;
}

static int add(struct set *set, struct ctx_c_file *file, int fd, const struct epoll_event *event)
{
    struct ctx_c_socket *s = file->node;
    struct ctx_c_item *item = calloc(1, sizeof *item);
    if (item == NULL) {
        return -ENOMEM;
    }
    *item = (struct ctx_c_item){.next = set->first,
                                .link = &set->first,
                                .other = s->items,
                                .set = set,
                                .socket = s,
                                .file = file,
                                .fd = fd,
                                .events = event->events,
                                .data = event->data};
    if (set->first != NULL) {
        set->first->link = &item->next;
    }
    set->first = item;
    s->items = item;
    return 0;
}

/* The item may not be there any more when this returns. */
static void watch_again(struct ctx_c_item *item)
{
    struct ctx_c_socket *s = item->socket;
    uint32_t before = gone;
    int fd = item->fd;
    bool stale = tell(s, fd, true) == CTX_E_STALE && gone == before;
    if (stale && ctx_c_socket_revive(s) && gone == before) {
        stale = tell(s, fd, true) == CTX_E_STALE;
    }
    if (stale && gone == before) {
        item->broken = item->set->any_broken = true;
    }
}

int epoll_ctl(int set_fd, int what, int fd, struct epoll_event *event)
{
    struct set *set = set_of(set_fd);
    struct ctx_c_file *file;
    if (set == NULL) {
        return -1;
    }
    struct ctx_c_socket *s = ctx_c_socket_of(fd, &file);
    if (s == NULL) {
        errno = errno == ENOTSOCK ? EPERM : errno;
        return -1;
    }
    struct ctx_c_item *item = find(set, s, fd);
    int error = what == EPOLL_CTL_ADD                            ? item != NULL ? -EEXIST : 0
                : what == EPOLL_CTL_DEL || what == EPOLL_CTL_MOD ? item == NULL ? -ENOENT : 0
                                                                 : -EINVAL;
    if (error == 0 && what != EPOLL_CTL_DEL && (event->events & ~KNOWN) != 0) {
        error = -EINVAL;
    }
    if (error != 0) {
        return ctx_c_files_result(error);
    }
    if (what == EPOLL_CTL_DEL) {
        take_out(item);
    } else if (what == EPOLL_CTL_ADD) {
        error = add(set, file, fd, event);
    } else {
        item->events = event->events;
        item->data = event->data;
        item->off = false;
        item->pending = 0;
    }
    if (error == 0) {
        /* By edges it is told once more what can be done already. */
        uint32_t before = gone;
        ctx_status status = tell(s, fd, what != EPOLL_CTL_DEL && (event->events & EPOLLET) != 0);
        if (gone != before) {
            return 0; /* something was closed meanwhile, perhaps this one */
        }
        error = status == CTX_OK || status == CTX_E_STALE ? 0 : ctx_c_net_error(status);
        item = find(set, s, fd);
        if (status == CTX_E_STALE && item != NULL) {
            watch_again(item);
        } else if (error != 0 && what == EPOLL_CTL_ADD && item != NULL) {
            take_out(item); /* as if it had never been asked for */
        }
    }
    return ctx_c_files_result(error);
}

/* ---- waiting ---- */

/* Everything is watched once more; sockets that listened do so again. */
static void watch_all(struct set *set)
{
    static uint32_t looks;
    uint32_t lives = 0;
    for (int tries = 0; tries < 4 && lives != ctx_c_net_lives; tries++) {
        lives = ctx_c_net_lives;
        looks++;
        for (struct ctx_c_item *item = set->first, *next; item != NULL; item = next) {
            uint32_t before = gone;
            if (!item->broken && item->seen != looks) {
                item->seen = looks;
                watch_again(item);
            }
            next = gone == before ? item->next : set->first;
        }
    }
    set->lives = ctx_c_net_lives;
}

/* Something of it is STALE: what was watched is not any more. */
static bool forgotten(const struct set *set)
{
    struct net_socket_info info = {.size = sizeof info};
    ctx_status status = CTX_OK;
    if (set->lives == ctx_c_net_lives && set->first != NULL) {
        NET_ASK(status, info, set->first->socket->handle, &info);
    }
    return status != CTX_OK || set->lives != ctx_c_net_lives;
}

static uint32_t events_of(struct ctx_c_item *item, uint32_t what)
{
    uint32_t events = 0;
    if ((what & NET_OVER) != 0) {
        events = (uint32_t)ctx_c_socket_ready(item->file, (short)(item->events & (IN | OUT)));
        events |= item->events & EPOLLRDHUP;
    } else {
        events |= (what & NET_READ) != 0 ? item->events & IN : 0u;
        events |= (what & NET_WRITE) != 0 ? item->events & OUT : 0u;
        events |= (what & NET_HANGUP) != 0 ? item->events & EPOLLRDHUP : 0u;
    }
    return events;
}

/* The socket that is meant: mostly that of the descriptor by which it was watched. */
static struct ctx_c_socket *socket_told(const struct set *set, const struct told *t)
{
    struct ctx_c_file *file;
    struct ctx_c_socket *s = t->tag < CTX_C_FDS ? ctx_c_socket_of((int)t->tag, &file) : NULL;
    if (s != NULL && s->handle == t->socket) {
        return s;
    }
    for (const struct ctx_c_item *item = set->first; item != NULL; item = item->next) {
        if (item->socket->handle == t->socket) {
            return item->socket;
        }
    }
    return NULL;
}

static int put_item(struct ctx_c_item *item, uint32_t what, struct epoll_event *events, int count)
{
    what = item->off ? 0 : events_of(item, what);
    if (what == 0) {
        return count;
    }
    events[count] = (struct epoll_event){.events = what, .data = item->data};
    item->off =
        (item->events & EPOLLONESHOT) != 0 || ((item->events & EPOLLET) != 0 && item->broken);
    if (item->off && !item->broken) {
        (void)tell(item->socket, item->fd, false);
    }
    return count + 1;
}

/* What is told once, and not to who waits now. */
static void put_off(struct ctx_c_item *item, uint32_t what)
{
    if ((item->socket->watched & NET_EDGE) != 0 && !item->off) {
        item->pending |= what;
        item->set->any_pending = true;
    }
}

/* The events of one that is told, as far as it is in this set. How many there are then. */
static int put(struct set *set, const struct told *t, struct epoll_event *events, int count,
               int most)
{
    struct ctx_c_socket *s = socket_told(set, t);
    for (struct ctx_c_item *item = s != NULL ? s->items : NULL; item != NULL; item = item->other) {
        uint32_t before = gone;
        if (item->set != set || count == most) {
            put_off(item, t->what);
        } else if (!item->broken) {
            count = put_item(item, t->what, events, count);
        }
        if (gone != before) {
            break;
        }
    }
    return count;
}

static int put_pending(struct set *set, struct epoll_event *events, int count, int most)
{
    set->any_pending = false;
    for (struct ctx_c_item *item = set->first; item != NULL; item = item->next) {
        if (item->pending != 0 && count < most) {
            uint32_t what = item->pending, before = gone;
            item->pending = 0;
            count = put_item(item, what, events, count);
            if (gone != before) {
                set->any_pending = true; /* the rest the next time */
                break;
            }
        }
        set->any_pending |= item->pending != 0;
    }
    return count;
}

/* What is ready now; those of other sets are passed over. Negative: an error. */
static int look_once(struct set *set, struct epoll_event *events, int most)
{
    struct told told[TOLD_MOST];
    int count = 0;
    set->others = false;
    if (set->lives != ctx_c_net_lives) {
        watch_all(set);
    }
    for (struct ctx_c_item *item = set->any_broken ? set->first : NULL;
         item != NULL && count < most; item = item->next) {
        count = item->broken ? put_item(item, NET_OVER, events, count) : count;
    }
    if (set->any_pending) {
        count = put_pending(set, events, count, most);
    }
    for (uint32_t turns = 0; count == 0 && turns < CTX_C_FDS / TOLD_MOST; turns++) {
        uint32_t n = 0, room = (uint32_t)most < TOLD_MOST ? (uint32_t)most : TOLD_MOST;
        ctx_status status;
        NET_ASK(status, watched, told, room * (uint32_t)sizeof told[0], &n);
        if (status != CTX_OK) {
            return ctx_c_net_error(status);
        }
        for (uint32_t i = 0; i < n; i++) {
            count = put(set, &told[i], events, count, most);
        }
        set->others |= n > 0;
        if (n < room) {
            break;
        }
    }
    return count;
}

static int look(struct set *set, struct epoll_event *events, int most)
{
    int count = look_once(set, events, most);
    /* Whoever offers the network is another one since: nothing was watched there. */
    for (int tries = 0; count == 0 && set->lives != ctx_c_net_lives && tries < 3; tries++) {
        count = look_once(set, events, most);
    }
    return count;
}

static uint64_t now(void)
{
    uint64_t ns = 0;
    ctx_now()->time->now(ctx_now()->time, &ns);
    return ns;
}

static int wait_for(struct set *set, struct epoll_event *events, int most, int milliseconds)
{
    uint64_t deadline = milliseconds < 0 ? CTX_FIBER_NEVER : now() + (uint64_t)milliseconds * MS;
    uint32_t handled = ctx_c_signals_handled;
    for (;;) {
        int count = look(set, events, most);
        if (count != 0 || milliseconds == 0) {
            return count;
        }
        if (handled != ctx_c_signals_handled) {
            return -EINTR; /* while others were asked, which goes on after a signal */
        }
        uint64_t time = now(), until = time + (set->others ? PAUSE_NS : LOOK_NS);
        until = until < deadline ? until : deadline;
        ctx_status status = time >= deadline ? CTX_E_TIMEDOUT
                            : set->others    ? ctx_c_await(0, until, false)
                                             : ctx_c_net_wait_watched(until);
        if (status == CTX_E_CANCELED) {
            return -EINTR;
        }
        if (status == CTX_E_TIMEDOUT && until >= deadline) {
            milliseconds = 0; /* one look more */
        } else if (status != CTX_OK && status != CTX_E_TIMEDOUT) {
            return ctx_c_net_error(status);
        }
        if (status == CTX_E_TIMEDOUT && !set->others && forgotten(set)) {
            watch_all(set);
        }
    }
}

int epoll_pwait(int set_fd, struct epoll_event *events, int most, int milliseconds,
                const sigset_t *mask)
{
    struct set *set = set_of(set_fd);
    if (set == NULL) {
        return -1;
    }
    if (most <= 0) {
        errno = EINVAL;
        return -1;
    }
    sigset_t before = mask != NULL ? ctx_c_signals_block(*mask) : 0;
    struct ctx_c_file *file = ctx_c_file_of(set_fd);
    file->refs++; /* it is there until this ends, whoever closes it */
    int count = wait_for(set, events, most, milliseconds);
    ctx_c_file_drop(file);
    if (mask != NULL) {
        ctx_c_signals_block(before);
    }
    return ctx_c_files_result(count);
}

int epoll_wait(int set_fd, struct epoll_event *events, int most, int milliseconds)
{
    return epoll_pwait(set_fd, events, most, milliseconds, NULL);
}
