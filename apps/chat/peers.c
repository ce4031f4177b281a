/* SPDX-License-Identifier: MIT */
/* Who is there: those who called, and those who were called. */
#include "chat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AGAIN_MS   5000   /* until somebody who was not there is called again */
#define WAITS_MOST 65536u /* bytes that a peer has not taken: then it is given up */

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

struct peer {
    int fd;       /* -1: free */
    bool opening; /* the connection is not there yet */
    int called;   /* which of the hosts that we call it is; -1: it called */
    bool greeted; /* it has said who it is: */
    bool going;   /* one of two to the same peer: nothing is said on it, and what comes is heard */
    uint64_t id;
    char name[NAME_MOST + 1];
    char in[LINE_MOST];
    size_t in_len;
    char *out;
    size_t out_len;
};

static struct {
    uint64_t id;
    char name[NAME_MOST + 1];
    int listener;
    struct peer peers[PEERS];
    char *hosts[CALLED];
    int host_count;
    uint64_t moves;   /* who has ended one of two connections: it has not gone, */
    int moves_called; /* and need not be called */
    int64_t again_ms[CALLED];
    bool told[CALLED]; /* that it is not there */
} all;

static int64_t now_ms(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- one connection ---- */

static void drop(struct peer *p, const char *why)
{
    if (p->greeted) {
        line_print("* %s has gone%s%s", p->name, *why != 0 ? ": " : "", why);
    }
    if (p->called >= 0) {
        all.again_ms[p->called] = now_ms() + AGAIN_MS;
    }
    close(p->fd);
    free(p->out);
    *p = (struct peer){.fd = -1, .called = -1};
}

static void push(struct peer *p)
{
    while (p->out_len > 0) {
        ssize_t n = send(p->fd, p->out, p->out_len, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                drop(p, strerror(errno));
            }
            return;
        }
        p->out_len -= (size_t)n;
        memmove(p->out, p->out + n, p->out_len);
    }
}

/* What it does not take at once lies here. */
static void send_line(struct peer *p, const char *text)
{
    size_t len = strlen(text);
    char *more = p->out_len + len <= WAITS_MOST ? realloc(p->out, p->out_len + len) : NULL;
    if (more == NULL) {
        drop(p, "it does not listen any more");
        return;
    }
    memcpy(more + p->out_len, text, len);
    p->out = more;
    p->out_len += len;
    if (!p->opening) {
        push(p);
    }
}

static struct peer *add(int fd, int called)
{
    for (struct peer *p = all.peers; p < all.peers + PEERS; p++) {
        if (p->fd < 0) {
            char hello[LINE_MOST];
            *p = (struct peer){.fd = fd, .called = called, .opening = called >= 0};
            fcntl(fd, F_SETFL, O_NONBLOCK);
            snprintf(hello, sizeof hello, "chat/1 %" PRIu64 " %s\n", all.id, all.name);
            send_line(p, hello);
            return p;
        }
    }
    line_print("* there are %u already: somebody else was not let in", PEERS);
    close(fd);
    return NULL;
}

/* ---- what comes ---- */

/* Of two connections to one peer the one stays that the smaller number opened: both ends find the
 * same. What was said on the other one before that was known is on its way, so whoever finds it out
 * says "double" there and listens until the other end has closed it. False: the peer is gone. */
static bool greet(struct peer *p, const char *text)
{
    char *name = NULL;
    p->id = strncmp(text, "chat/1 ", 7) == 0 ? strtoull(text + 7, &name, 10) : 0;
    if (p->id == 0 || name == NULL || *name != ' ' || name[1] == 0 ||
        strlen(name + 1) > NAME_MOST) {
        line_print("* somebody called who does not speak chat/1");
        drop(p, "");
        return false;
    }
    strcpy(p->name, name + 1);
    for (struct peer *other = all.peers; other < all.peers + PEERS; other++) {
        if (other != p && other->fd >= 0 && other->greeted && other->id == p->id) {
            bool ours = all.id < p->id;
            struct peer *goes = (p->called >= 0) == ours ? other : p;
            int host = p->called >= 0 ? p->called : other->called;
            struct peer *stays = goes == p ? other : p;
            goes->greeted = false; /* nobody has gone */
            goes->going = true;
            goes->called = -1;
            stays->greeted = true;
            stays->called = host; /* it need not be called while it is there */
            send_line(goes, "double\n");
            return p->fd >= 0;
        }
    }
    if (p->id == all.id) { /* that is us */
        drop(p, "");
        return false;
    }
    p->greeted = true;
    if (p->called >= 0) {
        all.told[p->called] = false;
    }
    if (p->id != all.moves) {
        line_print("* %s is here", p->name);
    }
    if (p->id == all.moves && p->called < 0) {
        p->called = all.moves_called;
    }
    all.moves = 0;
    return true;
}

/* False: the peer is gone. */
static bool take_line(struct peer *p, const char *bytes, size_t len)
{
    char text[LINE_MOST + 1];
    text_clean(text, bytes, len);
    if (!p->greeted && !p->going) {
        return greet(p, text);
    }
    if (strncmp(text, "say ", 4) == 0) {
        line_print("%s: %s", p->name, text + 4);
    } else if (strcmp(text, "double") == 0 && p->going) {
        drop(p, "");
        return false;
    } else if (strcmp(text, "double") == 0) {
        struct peer *other = NULL;
        for (struct peer *o = all.peers; o < all.peers + PEERS; o++) {
            other = o != p && o->fd >= 0 && o->greeted && o->id == p->id ? o : other;
        }
        if (other != NULL) {
            other->called = other->called < 0 ? p->called : other->called;
        } else { /* that one has not said yet who it is */
            all.moves = p->id;
            all.moves_called = p->called;
        }
        p->greeted = false;
        drop(p, "");
        return false;
    }
    return true;
}

static void take(struct peer *p)
{
    ssize_t n = recv(p->fd, p->in + p->in_len, sizeof p->in - p->in_len, 0);
    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            drop(p, n == 0 ? "" : strerror(errno));
        }
        return;
    }
    p->in_len += (size_t)n;
    char *at = p->in, *end;
    while ((end = memchr(at, '\n', p->in_len - (size_t)(at - p->in))) != NULL) {
        if (!take_line(p, at, (size_t)(end - at))) {
            return;
        }
        at = end + 1;
    }
    p->in_len -= (size_t)(at - p->in);
    memmove(p->in, at, p->in_len);
    if (p->in_len == sizeof p->in) {
        drop(p, "it says too much at once");
    }
}

static void open_or_not(struct peer *p)
{
    int error = 0;
    socklen_t len = sizeof error;
    getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    if (error == 0) {
        p->opening = false;
        return;
    }
    if (p->called >= 0 && !all.told[p->called]) {
        all.told[p->called] = true;
        line_print("* %s is not there: %s", all.hosts[p->called], strerror(error));
    }
    drop(p, "");
}

/* ---- calling ---- */

/* HOST, HOST:PORT, [ADDRESS]:PORT, or an address of IPv6 alone. */
static void split(const char *text, char *host, size_t room, char *port, size_t port_room)
{
    const char *colon = strrchr(text, ':'), *bracket = text[0] == '[' ? strchr(text, ']') : NULL;
    snprintf(port, port_room, "%d", PORT);
    if (bracket != NULL) {
        snprintf(host, room, "%.*s", (int)(bracket - text - 1), text + 1);
        colon = bracket[1] == ':' ? bracket + 1 : NULL;
    } else if (colon != NULL && strchr(text, ':') == colon) {
        snprintf(host, room, "%.*s", (int)(colon - text), text);
    } else {
        snprintf(host, room, "%s", text);
        colon = NULL;
    }
    if (colon != NULL) {
        snprintf(port, port_room, "%s", colon + 1);
    }
}

static void call(int host_no)
{
    char host[256], port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    split(all.hosts[host_no], host, sizeof host, port, sizeof port);
    all.again_ms[host_no] = now_ms() + AGAIN_MS;
    int error = getaddrinfo(host, port, &hints, &list);
    if (error != 0) {
        if (!all.told[host_no]) {
            all.told[host_no] = true;
            line_print("* %s is not found: %s", host,
                       error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
        }
        return;
    }
    int fd = socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct peer *p = fd >= 0 ? add(fd, host_no) : NULL;
    if (p != NULL && connect(fd, list->ai_addr, list->ai_addrlen) != 0 && errno != EINPROGRESS) {
        open_or_not(p);
        if (p->fd == fd) {
            drop(p, "");
        }
    }
    freeaddrinfo(list);
}

int peers_call(void)
{
    int64_t next = -1;
    for (int i = 0; i < all.host_count; i++) {
        bool there = false;
        for (const struct peer *p = all.peers; p < all.peers + PEERS; p++) {
            there |= p->fd >= 0 && p->called == i;
        }
        if (!there && now_ms() >= all.again_ms[i]) {
            call(i);
        }
        if (!there) {
            int64_t left = all.again_ms[i] - now_ms();
            left = left > 0 ? left : 0;
            next = next < 0 || left < next ? left : next;
        }
    }
    return (int)next;
}

/* ---- all of them ---- */

bool peers_add(const char *host)
{
    char *own = all.host_count < (int)CALLED ? strdup(host) : NULL;
    if (own != NULL) {
        all.hosts[all.host_count++] = own;
    }
    return own != NULL;
}

bool peers_begin(const char *name, uint16_t port)
{
    struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int yes = 1;
    snprintf(all.name, sizeof all.name, "%s", name);
    getentropy(&all.id, sizeof all.id);
    all.id |= 1;
    for (struct peer *p = all.peers; p < all.peers + PEERS; p++) {
        p->fd = -1;
    }
    all.listener = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (all.listener >= 0) {
        setsockopt(all.listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    }
    if (all.listener < 0 || bind(all.listener, (struct sockaddr *)&own, sizeof own) != 0 ||
        listen(all.listener, 8) != 0) {
        fprintf(stderr, "chat: nobody can call: port %u: %s\n", (unsigned)port, strerror(errno));
        return false;
    }
    return true;
}

int peers_wants(struct pollfd *p)
{
    int count = 0;
    p[count++] = (struct pollfd){.fd = all.listener, .events = POLLIN};
    for (struct peer *peer = all.peers; peer < all.peers + PEERS; peer++) {
        if (peer->fd >= 0) {
            short events = peer->opening ? 0 : POLLIN;
            events |= peer->opening || peer->out_len > 0 ? POLLOUT : 0;
            p[count++] = (struct pollfd){.fd = peer->fd, .events = events};
        }
    }
    return count;
}

static struct peer *peer_of(int fd)
{
    for (struct peer *peer = all.peers; peer < all.peers + PEERS; peer++) {
        if (peer->fd == fd) {
            return peer;
        }
    }
    return NULL;
}

void peers_work(const struct pollfd *p, int count)
{
    for (int i = 1; i < count; i++) {
        struct peer *peer = p[i].revents != 0 ? peer_of(p[i].fd) : NULL;
        if (peer != NULL && peer->opening) {
            open_or_not(peer);
            peer = peer_of(p[i].fd);
        }
        if (peer != NULL && !peer->opening) {
            push(peer);
        }
        if (peer_of(p[i].fd) != NULL && (p[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            take(peer_of(p[i].fd));
        }
    }
    if (p[0].revents != 0) { /* last: a descriptor of those above must not be another one's */
        int fd = accept(all.listener, NULL, NULL);
        if (fd >= 0) {
            (void)add(fd, -1);
        }
    }
}

void peers_say(const char *text)
{
    char out[LINE_MOST + 8];
    snprintf(out, sizeof out, "say %s\n", text);
    for (struct peer *p = all.peers; p < all.peers + PEERS; p++) {
        if (p->fd >= 0 && p->greeted) {
            send_line(p, out);
        }
    }
    line_print("%s: %s", all.name, text);
}

void peers_tell(void)
{
    unsigned count = 0;
    for (const struct peer *p = all.peers; p < all.peers + PEERS; p++) {
        if (p->fd >= 0 && p->greeted) {
            count++;
            line_print("* %s is here", p->name);
        }
    }
    if (count == 0) {
        line_print("* nobody else is here");
    }
}

void peers_end(void)
{
    for (struct peer *p = all.peers; p < all.peers + PEERS; p++) {
        if (p->fd >= 0) {
            close(p->fd);
            p->fd = -1;
        }
    }
}
