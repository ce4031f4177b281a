/* SPDX-License-Identifier: MIT */
/* A program with BSD sockets, for net.py: as an app, and natively at the other end. Words are
 * commands. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char *failed(const char *what)
{
    static char text[100];
    snprintf(text, sizeof text, "%s: %s", what, strerror(errno));
    return text;
}

static uint64_t sum_of(uint64_t sum, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        sum = (sum ^ bytes[i]) * 0x100000001b3u;
    }
    return sum;
}

static int reach(const char *host, const char *port, int type)
{
    struct addrinfo hints = {.ai_socktype = type}, *list = NULL;
    int error = getaddrinfo(host, port, &hints, &list), fd = -1;
    if (error != 0) {
        printf("%s: %s%s%s\n", host, gai_strerror(error), error == EAI_SYSTEM ? ", " : "",
               error == EAI_SYSTEM ? strerror(errno) : "");
        return -1;
    }
    for (struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            int why = errno;
            close(fd);
            errno = why;
            fd = -1;
        }
    }
    freeaddrinfo(list);
    if (fd < 0) {
        printf("%s\n", failed("connect"));
    }
    return fd;
}

/* A segment that is lost three times in a row is sent again after 3, 6 and 12 seconds. */
#define PATIENCE_MS 120000

/* So many bytes there and back, both at once. */
static void echo(const char *host, const char *port, size_t size)
{
    static uint8_t bytes[50000];
    size_t sent = 0, got = 0;
    uint64_t there = 0, back = 0;
    int fd = reach(host, port, SOCK_STREAM);
    if (fd < 0) {
        return;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (got < size) {
        struct pollfd p = {.fd = fd, .events = (short)(POLLIN | (sent < size ? POLLOUT : 0))};
        if (poll(&p, 1, PATIENCE_MS) <= 0) {
            printf("%s after %zu of %zu\n", failed("poll"), got, size);
            break;
        }
        if ((p.revents & POLLOUT) != 0) {
            size_t n = size - sent < sizeof bytes ? size - sent : sizeof bytes;
            for (size_t i = 0; i < n; i++) {
                bytes[i] = (uint8_t)((sent + i) * 2654435761u >> 13);
            }
            ssize_t count = send(fd, bytes, n, 0);
            if (count > 0) {
                there = sum_of(there, bytes, (size_t)count);
                sent += (size_t)count;
            }
        }
        if ((p.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            ssize_t count = recv(fd, bytes, sizeof bytes, 0);
            if (count == 0 || (count < 0 && errno != EAGAIN)) {
                printf("%s after %zu of %zu\n", count == 0 ? "end" : failed("recv"), got, size);
                break;
            }
            if (count > 0) {
                back = sum_of(back, bytes, (size_t)count);
                got += (size_t)count;
            }
        }
    }
    close(fd);
    printf("echo %zu %s\n", got, got == size && there == back ? "ok" : "differs");
}

static int listener(const char *port)
{
    struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(port))};
    int fd = socket(AF_INET6, SOCK_STREAM, 0), yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) != 0 || listen(fd, 50) != 0) {
        printf("%s\n", failed("listen"));
        close(fd);
        return -1;
    }
    return fd;
}

/* What comes goes back, until so many have been there; many at a time, by poll. */
static void serve(const char *port, int count)
{
    static uint8_t bytes[30000];
    struct pollfd p[40] = {{.fd = listener(port), .events = POLLIN}};
    int n = 1;
    if (p[0].fd < 0) {
        return;
    }
    printf("serves\n");
    fflush(stdout);
    while (count > 0 || n > 1) {
        if (poll(p, (nfds_t)n, PATIENCE_MS) <= 0) {
            printf("%s\n", failed("poll"));
            break;
        }
        for (int i = n - 1; i > 0; i--) {
            ssize_t got = p[i].revents != 0 ? recv(p[i].fd, bytes, sizeof bytes, 0) : 1;
            if (p[i].revents != 0 && got > 0) {
                got = send(p[i].fd, bytes, (size_t)got, 0); /* it waits */
            }
            if (got <= 0) {
                close(p[i].fd);
                p[i] = p[--n];
            }
        }
        if (p[0].revents != 0 && n < 40) {
            struct sockaddr_storage from;
            socklen_t len = sizeof from;
            int fd = accept(p[0].fd, (struct sockaddr *)&from, &len);
            if (fd < 0) {
                printf("%s\n", failed("accept"));
                break;
            }
            p[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
            count--;
        }
    }
    close(p[0].fd);
    printf("served\n");
}

/* The same by epoll, any number at a time; `most` are there at once. */
static void serve_many(const char *port, int count, int most)
{
    static uint8_t bytes[30000];
    struct epoll_event event = {.events = EPOLLIN}, events[50];
    int listens = listener(port), set = epoll_create1(0), there = 0, peak = 0;
    event.data.fd = listens;
    if (listens < 0 || epoll_ctl(set, EPOLL_CTL_ADD, listens, &event) != 0) {
        printf("%s\n", failed("epoll"));
        return;
    }
    printf("serves\n");
    fflush(stdout);
    while (count > 0 || there > 0) {
        int n = epoll_wait(set, events, 50, 30000);
        if (n <= 0) {
            printf("%s with %d there, %d to come\n", failed("epoll_wait"), there, count);
            break;
        }
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listens) {
                fd = there < most ? accept(fd, NULL, NULL) : -1;
                event.data.fd = fd;
                if (fd < 0 || epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0) {
                    printf("%s with %d there\n", failed("accept"), there);
                    continue;
                }
                there++;
                count--;
                peak = there > peak ? there : peak;
                continue;
            }
            ssize_t got = recv(fd, bytes, sizeof bytes, 0);
            if (got <= 0 || send(fd, bytes, (size_t)got, 0) < 0) {
                close(fd);
                there--;
            }
        }
    }
    close(listens);
    close(set);
    printf("served, %d at once\n", peak);
}

static void resolve(const char *name)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    char text[INET6_ADDRSTRLEN];
    int error = getaddrinfo(name, NULL, &hints, &list);
    if (error == 0) {
        error = getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof text, NULL, 0,
                            NI_NUMERICHOST);
        freeaddrinfo(list);
    }
    printf("%s is %s\n", name,
           error == 0            ? text
           : error == EAI_SYSTEM ? strerror(errno)
                                 : gai_strerror(error));
}

static void udp(const char *host, const char *port, const char *text)
{
    char back[100] = "";
    struct timeval t = {.tv_sec = 5};
    int fd = reach(host, port, SOCK_DGRAM);
    if (fd < 0) {
        return;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    if (send(fd, text, strlen(text), 0) < 0 || recv(fd, back, sizeof back - 1, 0) < 0) {
        printf("%s\n", failed("udp"));
    } else {
        printf("udp %s\n", back);
    }
    close(fd);
}

static void ping(const char *host)
{
    char back[100] = "";
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct timeval t = {.tv_sec = 5};
    inet_pton(AF_INET, host, &to.sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    if (sendto(fd, "hello", 5, 0, (struct sockaddr *)&to, sizeof to) != 5 ||
        recv(fd, back, sizeof back - 1, 0) < 0) {
        printf("%s\n", failed("ping"));
    } else {
        printf("ping %s\n", back);
    }
    close(fd);
}

/* More descriptors than a table that does not grow has. */
static void descriptors(void)
{
    static int fds[500];
    int good = 0, listens = listener("7000");
    for (int i = 0; i < 500; i++) {
        fds[i] = dup(i % 2 == 0 ? listens : 1);
        good += fds[i] == fds[0] + i;
    }
    printf("dup %d, %d", good, dup2(1, 900));
    printf(" %d", dup2(1, 1 << 20));
    printf(" %s\n", strerror(errno));
    printf("F_GETFD %d", fcntl(fds[300], F_SETFD, FD_CLOEXEC));
    printf(" %d %d\n", fcntl(fds[300], F_GETFD), fcntl(fds[299], F_GETFD));
    close(fds[77]);
    close(fds[221]);
    printf("lowest %d", dup(1) == fds[77]);
    printf(" %d\n", dup(1) == fds[221]);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fds[400], &set);
    FD_SET(fds[401], &set);
    struct timeval t = {0};
    printf("select %d", select(901, NULL, &set, NULL, &t)); /* a listener; and a file or a pipe */
    printf(" %d\n", FD_ISSET(fds[400], &set) != 0);
    static struct {
        fd_set set;
        uint8_t behind[8192]; /* which is no set */
    } all;
    memset(&all, 0xff, sizeof all);
    FD_ZERO(&all.set);
    FD_SET(900, &all.set);
    printf("all %d", select(getdtablesize(), NULL, &all.set, NULL, &t));
    size_t same = 0;
    while (same < sizeof all.behind && all.behind[same] == 0xff) {
        same++;
    }
    printf(" %d\n", same == sizeof all.behind);
    struct pollfd p[300];
    for (int i = 0; i < 300; i++) {
        p[i] = (struct pollfd){.fd = fds[2 * (i % 200)], .events = POLLIN};
    }
    printf("poll %d", poll(p, 300, 50));
    int client = reach("127.0.0.1", "7000", SOCK_STREAM);
    printf(" %d\n", poll(p, 300, 5000));
    close(client);
    for (int i = 0; i < 500; i++) {
        close(fds[i]);
    }
    close(900);
    close(listens);
}

static int joins(int fd, const char *group, bool drop)
{
    struct ip_mreq four = {0};
    struct ipv6_mreq six = {0};
    if (inet_pton(AF_INET6, group, &six.ipv6mr_multiaddr) == 1) {
        return setsockopt(fd, IPPROTO_IPV6, drop ? IPV6_LEAVE_GROUP : IPV6_JOIN_GROUP, &six,
                          sizeof six);
    }
    inet_pton(AF_INET, group, &four.imr_multiaddr);
    return setsockopt(fd, IPPROTO_IP, drop ? IP_DROP_MEMBERSHIP : IP_ADD_MEMBERSHIP, &four,
                      sizeof four);
}

static int packets(const char *group, const char *port, struct sockaddr_storage *to, socklen_t *len)
{
    struct sockaddr_in *four = (struct sockaddr_in *)to;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
    memset(to, 0, sizeof *to);
    if (strchr(group, ':') != NULL) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)atoi(port));
        inet_pton(AF_INET6, group, &six->sin6_addr);
        *len = sizeof *six;
    } else {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)atoi(port));
        inet_pton(AF_INET, group, &four->sin_addr);
        *len = sizeof *four;
    }
    return socket(to->ss_family, SOCK_DGRAM, 0);
}

/* What is said to a group, so many times; then no more. */
static void hears(const char *group, const char *port, int count)
{
    struct sockaddr_storage at;
    socklen_t len;
    char text[100];
    int fd = packets(group, port, &at, &len), one = 1;
    struct timeval patience = {.tv_sec = 20};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (at.ss_family == AF_INET) {
        ((struct sockaddr_in *)&at)->sin_addr.s_addr = INADDR_ANY;
    } else {
        ((struct sockaddr_in6 *)&at)->sin6_addr = in6addr_any;
    }
    int bound = bind(fd, (struct sockaddr *)&at, len);
    printf("bind %d %s\n", bound, bound != 0 ? strerror(errno) : "");
    int joined = joins(fd, group, false);
    printf("join %s: %d %s\n", group, joined, joined != 0 ? strerror(errno) : "");
    if (bound != 0 || joined != 0) {
        return;
    }
    joined = joins(fd, group, false);
    printf("again %d %s\n", joined, strerror(errno));
    fflush(stdout);
    for (int i = 0; i < count; i++) {
        ssize_t n = recv(fd, text, sizeof text - 1, 0);
        text[n > 0 ? n : 0] = 0;
        printf("heard %s\n", text);
        fflush(stdout);
    }
    printf("leave %d", joins(fd, group, true));
    printf(" %d", joins(fd, group, true));
    printf(" %s\n", strerror(errno));
    close(fd);
}

/* Says it, again and again, as often as that. */
static void tells(const char *group, const char *port, const char *text, int count)
{
    struct sockaddr_storage to;
    socklen_t len;
    int fd = packets(group, port, &to, &len), hops = 3, number = 0;
    unsigned char loops = 1;
    socklen_t size = sizeof number;
    if (to.ss_family == AF_INET) {
        struct in_addr any = {INADDR_ANY};
        unsigned char few = 3;
        printf("loop %d", setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loops, sizeof loops));
        printf(" ttl %d", setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &few, sizeof few));
        printf(" if %d", setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &any, sizeof any));
        getsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &number, &size);
    } else {
        printf("ttl %d", setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops));
        getsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &number, &size);
    }
    printf(" is %d\n", number);
    for (int i = 0; i < count; i++) {
        ssize_t n = sendto(fd, text, strlen(text), 0, (struct sockaddr *)&to, len);
        if (n < 0) {
            printf("tell %s\n", strerror(errno));
        }
        usleep(50000);
    }
    close(fd);
}

static void told(const char *when, int set)
{
    struct epoll_event events[8];
    int n = epoll_wait(set, events, 8, 100);
    printf("%s %d", when, n);
    for (int i = 0; i < n; i++) {
        printf(" %x:%u", events[i].events, events[i].data.u32);
    }
    printf("\n");
}

/* What is told once, until something changes. */
static void edges(void)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u32 = 1};
    int one = epoll_create1(0), two = epoll_create1(0), listens = listener("7002");
    char bytes[100];
    int client = reach("127.0.0.1", "7002", SOCK_STREAM), in = accept(listens, NULL, NULL);
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    printf("add %d\n", epoll_ctl(one, EPOLL_CTL_ADD, in, &event));
    told("nothing", one);
    send(client, "abc", 3, 0);
    told("bytes", one);
    told("not again", one);
    send(client, "de", 2, 0);
    told("more", one);
    told("not again", one);
    printf("read %d\n", (int)recv(in, bytes, sizeof bytes, 0));
    told("empty", one);
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.u32 = 2;
    epoll_ctl(one, EPOLL_CTL_MOD, in, &event);
    told("room", one);
    told("not again", one);
    epoll_ctl(one, EPOLL_CTL_MOD, in, &event);
    told("asked again", one);
    event.events = EPOLLIN | EPOLLET;
    event.data.u32 = 3;
    epoll_ctl(one, EPOLL_CTL_MOD, in, &event);
    event.data.u32 = 4;
    epoll_ctl(two, EPOLL_CTL_ADD, in, &event);
    send(client, "f", 1, 0);
    told("one", one);
    told("two", two);
    told("one, not again", one);
    told("two, not again", two);
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLET | EPOLLONESHOT;
    epoll_ctl(two, EPOLL_CTL_MOD, in, &event);
    told("once", two);
    epoll_ctl(one, EPOLL_CTL_DEL, in, NULL);
    send(client, "g", 1, 0);
    told("off", two);
    shutdown(client, SHUT_WR);
    epoll_ctl(two, EPOLL_CTL_MOD, in, &event);
    told("the end", two);
    close(in);
    told("closed", two);
    /* Many of them, room for one answer at a time. */
    int clients[5], ins[5], sum = 0;
    for (int i = 0; i < 5; i++) {
        clients[i] = reach("127.0.0.1", "7002", SOCK_STREAM);
        ins[i] = accept(listens, NULL, NULL);
        event.events = EPOLLIN | EPOLLET;
        event.data.u32 = 1u << i;
        epoll_ctl(one, EPOLL_CTL_ADD, ins[i], &event);
        send(clients[i], "x", 1, 0);
    }
    for (int i = 0; i < 5; i++) {
        sum += epoll_wait(one, &event, 1, 5000) == 1 ? (int)event.data.u32 : 100;
    }
    printf("each once %d", sum);
    told(", then", one);
    for (int i = 0; i < 5; i++) {
        close(clients[i]);
        close(ins[i]);
    }
    close(client);
    close(listens);
    close(one);
    close(two);
}

static int waited_for, watched[20];

static void closes(int number)
{
    (void)number;
    for (int i = 0; i < 20; i++) {
        close(watched[i]);
    }
    close(waited_for);
}

/* A signal's handler closes what is waited for, and the set. */
static void closed_by_a_signal(void)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT}, events[4];
    waited_for = epoll_create1(0);
    for (int i = 0; i < 20; i++) {
        watched[i] = socket(AF_INET, SOCK_DGRAM, 0);
        epoll_ctl(waited_for, EPOLL_CTL_ADD, watched[i], &event);
    }
    signal(SIGALRM, closes);
    alarm(1);
    int n = epoll_wait(waited_for, events, 4, 10000);
    printf("waited %d %s\n", n, strerror(errno));
    n = epoll_wait(waited_for, events, 4, 10);
    printf("gone %d %s\n", n, strerror(errno));
}

/* Sets of sockets. */
static void epolls(void)
{
    struct epoll_event event = {.events = EPOLLIN}, events[8];
    int one = epoll_create1(0), two = epoll_create1(0), listens = listener("7000");
    event.data.u32 = 5;
    printf("add %d", epoll_ctl(one, EPOLL_CTL_ADD, listens, &event));
    printf(" %d", epoll_ctl(one, EPOLL_CTL_ADD, listens, &event));
    printf(" %s", strerror(errno));
    printf(" %d", epoll_ctl(one, EPOLL_CTL_MOD, 1000, &event));
    printf(" %s", strerror(errno));
    printf(" %d", epoll_ctl(listens, EPOLL_CTL_ADD, listens, &event));
    printf(" %s\n", strerror(errno));
    event.data.u32 = 6;
    event.events = EPOLLIN | EPOLLONESHOT;
    printf("add %d", epoll_ctl(two, EPOLL_CTL_ADD, listens, &event));
    printf(" wait %d\n", epoll_wait(one, events, 8, 20));
    int client = reach("127.0.0.1", "7000", SOCK_STREAM), n = epoll_wait(one, events, 8, 5000);
    printf("wait %d %x %u", n, events[0].events, events[0].data.u32);
    n = epoll_wait(two, events, 8, 5000);
    printf(" %d %x %u", n, events[0].events, events[0].data.u32);
    printf(" once %d", epoll_wait(two, events, 8, 20));
    printf(" level %d\n", epoll_wait(one, events, 8, 20));
    event.data.u32 = 7;
    printf("mod %d", epoll_ctl(two, EPOLL_CTL_MOD, listens, &event));
    n = epoll_wait(two, events, 8, 5000);
    printf(" wait %d %u\n", n, events[0].data.u32);
    int in = accept(listens, NULL, NULL);
    printf("accepted, wait %d\n", epoll_wait(one, events, 8, 20));
    event.events = EPOLLOUT | EPOLLRDHUP;
    epoll_ctl(one, EPOLL_CTL_ADD, in, &event);
    n = epoll_wait(one, events, 8, 5000);
    printf("write %d %x\n", n, events[0].events);
    event.events = EPOLLRDHUP;
    epoll_ctl(one, EPOLL_CTL_MOD, in, &event);
    printf("nothing %d", epoll_wait(one, events, 8, 20));
    shutdown(client, SHUT_WR);
    n = epoll_wait(one, events, 8, 5000);
    printf(" end %d %x\n", n, events[0].events);
    event.events = 0;
    epoll_ctl(one, EPOLL_CTL_MOD, in, &event);
    printf("not asked %d\n", epoll_wait(one, events, 8, 20));
    shutdown(in, SHUT_WR);
    n = epoll_wait(one, events, 8, 5000);
    printf("over %d %x\n", n, events[0].events);
    printf("del %d", epoll_ctl(one, EPOLL_CTL_DEL, in, NULL));
    printf(" %d", epoll_ctl(one, EPOLL_CTL_DEL, in, NULL));
    printf(" %s, wait %d\n", strerror(errno), epoll_wait(one, events, 8, 20));
    close(listens); /* which takes it out */
    close(in);
    close(client);
    printf("empty %d\n", epoll_wait(one, events, 8, 20));
    close(one);
}

/* Everything that needs nobody else. */
static void alone(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(7000)}, b;
    socklen_t len = sizeof a;
    char bytes[64] = "";
    int number = 0, yes = 1, server = listener("7000");
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
    printf("%d %s\n", connect(client, (struct sockaddr *)&a, sizeof a), strerror(errno));
    fd_set set;
    FD_ZERO(&set);
    FD_SET(client, &set);
    printf("select %d\n", select(client + 1, NULL, &set, NULL, NULL));
    len = sizeof number;
    getsockopt(client, SOL_SOCKET, SO_ERROR, &number, &len);
    printf("error %d\n", number);
    struct sockaddr_in6 six;
    len = sizeof six;
    int in = accept(server, (struct sockaddr *)&six, &len);
    printf("from %s %u\n", inet_ntop(AF_INET6, &six.sin6_addr, bytes, sizeof bytes), (unsigned)len);
    len = sizeof b;
    getpeername(client, (struct sockaddr *)&b, &len);
    printf("peer %s %d\n", inet_ntoa(b.sin_addr), ntohs(b.sin_port));
    printf("recv %zd", recv(client, bytes, 1, 0));
    printf(" %s\n", strerror(errno));
    printf("write %zd\n", write(in, "hello", 5));
    fcntl(client, F_SETFL, 0);
    printf("peek %zd\n", recv(client, bytes, 3, MSG_PEEK));
    printf("read %zd %.5s\n", recv(client, bytes, 5, MSG_WAITALL), bytes);
    printf("nodelay %d", setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
    len = sizeof number;
    getsockopt(client, IPPROTO_TCP, TCP_NODELAY, &number, &len);
    printf(" %d\n", number != 0);
    printf("shutdown %d", shutdown(in, SHUT_WR));
    printf(" end %zd\n", read(client, bytes, 5));
    printf("send %zd", send(in, "x", 1, MSG_NOSIGNAL));
    printf(" %s\n", strerror(errno));
    printf("lseek %d", (int)lseek(in, 0, SEEK_SET));
    printf(" %s\n", strerror(errno));
    close(in);
    close(client);
    client = socket(AF_INET, SOCK_STREAM, 0);
    a.sin_port = htons(7001);
    printf("%d", connect(client, (struct sockaddr *)&a, sizeof a));
    printf(" %s\n", strerror(errno));
    printf("%d", bind(client, (struct sockaddr *)&six, 3));
    printf(" %s\n", strerror(errno));
    printf("%d", accept(client, NULL, NULL));
    printf(" %s\n", strerror(errno));
    printf("%d", listen(0, 1));
    printf(" %s\n", strerror(errno));
    close(server);
    /* Two that send packets, one that waits half a second. */
    struct timeval t = {.tv_usec = 200000};
    int one = socket(AF_INET, SOCK_DGRAM, 0), two = socket(AF_INET, SOCK_DGRAM, 0);
    a.sin_port = htons(7002);
    printf("bind %d\n", bind(one, (struct sockaddr *)&a, sizeof a));
    printf("sendto %zd\n", sendto(two, "packet", 6, 0, (struct sockaddr *)&a, sizeof a));
    len = sizeof b;
    printf("recvfrom %zd %s\n", recvfrom(one, bytes, 3, MSG_TRUNC, (struct sockaddr *)&b, &len),
           inet_ntoa(b.sin_addr));
    setsockopt(one, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    printf("%zd", recv(one, bytes, 3, 0));
    printf(" %s\n", strerror(errno));
    struct iovec v[2] = {{(void *)"ab", 2}, {(void *)"cde", 3}};
    struct msghdr m = {.msg_name = &a, .msg_namelen = sizeof a, .msg_iov = v, .msg_iovlen = 2};
    printf("sendmsg %zd\n", sendmsg(two, &m, 0));
    char left[2], right[9];
    struct iovec w[2] = {{left, 2}, {right, 9}};
    m = (struct msghdr){.msg_iov = w, .msg_iovlen = 2};
    printf("recvmsg %zd", recvmsg(one, &m, 0));
    printf(" %.2s %.3s\n", left, right);
    printf("%d", socket(77, SOCK_STREAM, 0));
    printf(" %s\n", strerror(errno));
    close(one);
    close(two);
    static const char *const words[] = {
        "::1", "fe80::1:0:0:2", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "::",   "1::",
        ":1",  "1:2",           "::1.2.3",         "12345::",        ":::1", "1:::2"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        uint8_t address[16];
        int ok = inet_pton(AF_INET6, words[i], address);
        printf("%s %d %s\n", words[i], ok,
               ok == 1 ? inet_ntop(AF_INET6, address, bytes, sizeof bytes) : "");
    }
}

#ifdef __PICOLIBC__
#include <ctx/ctx.h>
#include <ctx/tables.h>

struct ctx *ctx_now(void);

/* The app with this pid begins anew, so many times. */
static void kill_it(uint64_t pid, int count)
{
    const struct ctx_table *table = NULL;
    struct ctx *ctx = ctx_now();
    ctx->iface->open(ctx->iface, CTX_ID_CONTROL, sizeof CTX_ID_CONTROL - 1,
                     sizeof(struct ctx_control), &table);
    const struct ctx_control *control = (const struct ctx_control *)table;
    for (int i = 0; i < count; i++) {
        if (control->restart(control, pid) != CTX_OK) {
            printf("it does not let itself be killed\n");
        }
        usleep((useconds_t)(20 + i * 7 % 23) * 1000);
    }
    printf("killed\n");
}
#endif

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *w = argv[i];
        if (strcmp(w, "alone") == 0) {
            alone();
            descriptors();
            epolls();
            edges();
            closed_by_a_signal();
        } else if (strcmp(w, "hear") == 0 && i + 3 < argc) {
            hears(argv[i + 1], argv[i + 2], atoi(argv[i + 3]));
            i += 3;
        } else if (strcmp(w, "tell") == 0 && i + 4 < argc) {
            tells(argv[i + 1], argv[i + 2], argv[i + 3], atoi(argv[i + 4]));
            i += 4;
        } else if (strcmp(w, "resolve") == 0 && i + 1 < argc) {
            resolve(argv[++i]);
        } else if (strcmp(w, "ping") == 0 && i + 1 < argc) {
            ping(argv[++i]);
        } else if (strcmp(w, "sleep") == 0 && i + 1 < argc) {
            usleep((useconds_t)atoi(argv[++i]) * 1000);
#ifdef __PICOLIBC__
        } else if (strcmp(w, "kill") == 0 && i + 2 < argc) {
            kill_it((uint64_t)atol(argv[i + 1]), atoi(argv[i + 2]));
            i += 2;
#endif
        } else if (strcmp(w, "serve") == 0 && i + 2 < argc) {
            serve(argv[i + 1], atoi(argv[i + 2]));
            i += 2;
        } else if (strcmp(w, "many") == 0 && i + 3 < argc) {
            serve_many(argv[i + 1], atoi(argv[i + 2]), atoi(argv[i + 3]));
            i += 3;
        } else if (strcmp(w, "echo") == 0 && i + 3 < argc) {
            echo(argv[i + 1], argv[i + 2], (size_t)atol(argv[i + 3]));
            i += 3;
        } else if (strcmp(w, "udp") == 0 && i + 3 < argc) {
            udp(argv[i + 1], argv[i + 2], argv[i + 3]);
            i += 3;
        } else {
            printf("what is %s?\n", w);
        }
        fflush(stdout);
    }
    return 0;
}
