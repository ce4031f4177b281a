/* SPDX-License-Identifier: MIT */
/*
 * All connections. What a round costs grows with those that have something to do: epoll says which
 * are ready, and a heap whose time is over. Where there is no room, whoever has the most
 * connections makes it: the one of them that has been idle longest, or else waits for its own
 * request longest.
 */
#define _GNU_SOURCE
#include "httpd.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENERS 4
#define EVENTS    128
#define TAKE_MOST 64  /* new ones in a round, then the others */
#define REST_MS   100 /* where nobody can be taken */
#define WAIT_MS   60000
#define BUCKETS   1024

static struct listener {
    int fd;
    bool secure, ready;
} listeners[LISTENERS];
static uint32_t listener_count;

static struct conn *first, *dead; /* dead: freed when the round is over, by next */
static uint32_t count;
static struct conn **heap; /* the least due first */
static int set = -1;
static bool resting;
static int64_t rest_until; /* nobody is accepted before */

/* ---- the heap ---- */

static void put(uint32_t at, struct conn *conn)
{
    heap[at] = conn;
    conn->place = at;
}

static void sift(struct conn *conn)
{
    uint32_t at = conn->place;
    while (at > 0 && heap[(at - 1) / 2]->due > conn->due) {
        put(at, heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && heap[child + 1]->due < heap[child]->due;
        if (heap[child]->due >= conn->due) {
            break;
        }
        put(at, heap[child]);
    }
    put(at, conn);
}

/* ---- their lives ---- */

bool conns_begin(void)
{
    set = epoll_create1(EPOLL_CLOEXEC);
    heap = calloc(settings.connections + 1, sizeof(struct conn *));
    return set >= 0 && heap != NULL;
}

bool conns_listen(int fd, bool secure)
{
    struct listener *l = &listeners[listener_count];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = l};
    if (fd < 0 || epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0) {
        return false;
    }
    *l = (struct listener){.fd = fd, .secure = secure};
    listener_count++;
    return true;
}

uint32_t conns_count(void)
{
    return count;
}

static uint32_t events_of(const struct conn *conn)
{
    return (conn_wants_read(conn) ? (uint32_t)EPOLLIN : 0u) |
           (conn_wants_write(conn) ? (uint32_t)EPOLLOUT : 0u);
}

static int64_t due_of(const struct conn *conn)
{
    return conn->live != NULL && live_next(conn) < conn->deadline ? live_next(conn)
                                                                  : conn->deadline;
}

bool conns_add(struct conn *conn)
{
    conn->events = events_of(conn);
    conn->due = due_of(conn);
    struct epoll_event event = {.events = conn->events, .data.ptr = conn};
    if (count > settings.connections || epoll_ctl(set, EPOLL_CTL_ADD, conn->fd, &event) != 0) {
        return false;
    }
    conn->next = first;
    conn->link = &first;
    if (first != NULL) {
        first->link = &conn->next;
    }
    first = conn;
    conn->place = count++;
    sift(conn);
    return true;
}

static void bury(struct conn *conn)
{
    struct conn *last = heap[--count];
    if (last != conn) {
        put(conn->place, last);
        sift(last);
    }
    *conn->link = conn->next;
    if (conn->next != NULL) {
        conn->next->link = conn->link;
    }
    conn->next = dead;
    dead = conn;
}

/* Something was done with it: what it waits for now. */
static void update(struct conn *conn)
{
    if (conn->state == CLOSED) {
        bury(conn);
        return;
    }
    uint32_t events = events_of(conn);
    if (events != conn->events) {
        struct epoll_event event = {.events = events, .data.ptr = conn};
        if (epoll_ctl(set, EPOLL_CTL_MOD, conn->fd, &event) != 0) {
            conn_close(conn);
            bury(conn);
            return;
        }
        conn->events = events;
    }
    conn->due = due_of(conn);
    sift(conn);
}

/* ---- room ---- */

static uint32_t bucket_of(const struct conn *conn)
{
    return (uint32_t)(conn->address * 0x9e3779b97f4a7c15u >> 54);
}

enum room { ROOM_PLACE, ROOM_LOOK, ROOM_MEMORY }; /* what is wanting */

/* How soon it goes, of those of one address: the more the sooner. */
static int64_t patience_with(const struct conn *conn, int64_t now, enum room room)
{
    bool idle = room == ROOM_MEMORY
                    ? conn->state == GREETING /* which has most of it for nothing */
                    : conn->state == LINGER || (conn->state == READING && conn->in_len == 0);
    return now - conn->since + (idle ? INT64_C(1) << 40 : 0);
}

static bool may_go(const struct conn *conn, enum room room)
{
    return room == ROOM_LOOK     ? live_may_go(conn)
           : room == ROOM_MEMORY ? conn->state != SOCKET &&
                                       (conn->tls != NULL || conn->in != NULL || conn->out != NULL)
                                 : conn->state != SOCKET;
}

/* Not this one. False: there is none that may go. */
static bool make_room(enum room room, const struct conn *but)
{
    static uint32_t counts[BUCKETS];
    struct conn *worst = NULL;
    int64_t now = now_ms();
    memset(counts, 0, sizeof counts);
    for (const struct conn *conn = first; conn != NULL; conn = conn->next) {
        counts[bucket_of(conn)] += room != ROOM_LOOK || conn->state == SOCKET;
    }
    for (struct conn *conn = first; conn != NULL; conn = conn->next) {
        uint32_t have = counts[bucket_of(conn)],
                 most = worst != NULL ? counts[bucket_of(worst)] : 0;
        if (conn != but && may_go(conn, room) &&
            (have > most ||
             (have == most && patience_with(conn, now, room) >= patience_with(worst, now, room)))) {
            worst = conn; /* of one moment the last: new ones stand in front */
        }
    }
    if (worst != NULL) {
        conn_close(worst);
        update(worst);
    }
    return worst != NULL;
}

bool conns_room_to_look(void)
{
    return make_room(ROOM_LOOK, NULL);
}

bool conns_room_for(const struct conn *conn)
{
    return make_room(ROOM_MEMORY, conn);
}

static uint64_t address_of(const struct sockaddr_storage *from)
{
    const struct sockaddr_in6 *six = (const void *)from;
    uint64_t half = 0;
    if (from->ss_family == AF_INET) {
        return ntohl(((const struct sockaddr_in *)from)->sin_addr.s_addr);
    }
    for (uint32_t i = 0; from->ss_family == AF_INET6 && i < 8; i++) {
        half = half << 8 | six->sin6_addr.s6_addr[i];
    }
    return half >> 32 != 0 ? half : INADDR_LOOPBACK; /* ::1 is the only one of those */
}

static void listen_again(bool on)
{
    for (uint32_t i = 0; i < listener_count && resting == on; i++) {
        struct epoll_event event = {.events = on ? EPOLLIN : 0, .data.ptr = &listeners[i]};
        (void)epoll_ctl(set, EPOLL_CTL_MOD, listeners[i].fd, &event);
    }
    resting = !on;
}

static void take_all(struct listener *l)
{
    l->ready = false;
    for (uint32_t i = 0; i < TAKE_MOST; i++) {
        struct sockaddr_storage from = {0};
        socklen_t len = sizeof from;
        int fd = accept(l->fd, (struct sockaddr *)&from, &len);
        if (fd < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR &&
            errno != ECONNABORTED) {
            (void)make_room(ROOM_PLACE, NULL); /* no descriptors, no memory */
            rest_until = now_ms() + REST_MS;
        }
        if (fd < 0) {
            return;
        }
        if (count >= settings.connections) {
            (void)make_room(ROOM_PLACE, NULL);
        }
        fcntl(fd, F_SETFL, O_NONBLOCK);
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        conn_open(fd, l->secure, address_of(&from));
    }
}

/* ---- a round ---- */

static void work(struct conn *conn, uint32_t what)
{
    if (conn->state != CLOSED) {
        conn_work(conn, (what & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0, (what & EPOLLOUT) != 0);
        update(conn);
    }
}

/* Each of those whose time has come, once. */
static void look_at_times(void)
{
    int64_t now = now_ms();
    for (uint32_t turns = count; turns > 0 && count > 0 && heap[0]->due <= now; turns--) {
        struct conn *conn = heap[0];
        if (conn->live != NULL && now >= live_next(conn)) {
            live_tick(conn);
            if (conn->state != CLOSED) {
                conn_work(conn, false, true);
            }
        }
        if (conn->state != CLOSED && now >= conn->deadline) {
            conn_timeout(conn);
        }
        update(conn);
        if (conn->state != CLOSED && conn->due <= now) { /* it wants more time than it says */
            conn->due = now + 1;
            sift(conn);
        }
    }
}

static int64_t time_to_wait(void)
{
    int64_t now = now_ms(), until = now + WAIT_MS, lines = door_tick();
    until = count > 0 && heap[0]->due < until ? heap[0]->due : until;
    until = resting && rest_until < until ? rest_until : until;
    until = lines >= 0 && now + lines < until ? now + lines : until;
    return until > now ? until - now : 0;
}

void conns_round(void)
{
    struct epoll_event events[EVENTS];
    listen_again(now_ms() >= rest_until);
    int n = epoll_wait(set, events, EVENTS, (int)time_to_wait());
    if (n < 0 && errno != EINTR) {
        world_say("epoll_wait: %s", strerror(errno));
        sleep(1); /* and not a thousand of these lines a second */
        return;
    }
    world_token_check();
    for (int i = 0; i < n; i++) {
        void *whose = events[i].data.ptr;
        bool is_listener = false;
        for (uint32_t k = 0; k < listener_count; k++) {
            bool this = whose == &listeners[k];
            listeners[k].ready |= this;
            is_listener |= this;
        }
        if (!is_listener) {
            work(whose, events[i].events);
        }
    }
    look_at_times();
    for (uint32_t k = 0; k < listener_count; k++) {
        if (listeners[k].ready) {
            take_all(&listeners[k]);
        }
    }
    while (dead != NULL) {
        struct conn *conn = dead;
        dead = conn->next;
        free(conn);
    }
}
