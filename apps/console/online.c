/* SPDX-License-Identifier: MIT */
/* ip, ping, resolve, nc: the network, by the C library's sockets. */
#include "files.h"

#include "work.h"

#include <net.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 200 /* between two looks whether Ctrl-C was pressed */
#define PINGS   4
#define WAIT_MS 2000

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

/* Ready within that time: 1. 0: not. -1: it is to stop. */
static int await(struct console *c, int fd, short events, int ms)
{
    uint64_t end_us = now_us() + (uint64_t)(ms > 0 ? ms : 0) * 1000u;
    do {
        struct pollfd p = {.fd = fd, .events = events};
        if (!work_turn(c)) { /* also where something is ready each time */
            return -1;
        }
        int ready = poll(&p, 1, LOOK_MS);
        if (ready != 0) {
            return ready;
        }
    } while (ms < 0 || now_us() < end_us);
    return 0;
}

/* ---- ip ---- */

static void show_card(struct console *c, const struct net_card_info *card)
{
    char four[INET_ADDRSTRLEN], mask[INET_ADDRSTRLEN], way[INET_ADDRSTRLEN];
    char six[INET6_ADDRSTRLEN];
    static const uint8_t none[4];
    bool has = memcmp(card->ip4, none, 4) != 0;
    bool loop = (card->flags & NET_CARD_LOOP) != 0;
    const char *state = loop                                     ? "leads back"
                        : (card->flags & NET_CARD_LINK) == 0     ? "no cable"
                        : (card->flags & NET_CARD_SETTLING) != 0 ? "asks DHCP"
                        : (card->flags & NET_CARD_FIXED) != 0    ? "fixed address"
                        : (card->flags & NET_CARD_DHCP) != 0     ? "address by DHCP"
                                                                 : "nobody answers DHCP";
    console_printf(c, TEXT_RESULT, "%-5s %s", (const char *)card->name, state);
    if (!loop) {
        console_printf(c, TEXT_DIM, "  %02x:%02x:%02x:%02x:%02x:%02x  mtu %lu", card->mac[0],
                       card->mac[1], card->mac[2], card->mac[3], card->mac[4], card->mac[5],
                       (unsigned long)card->mtu);
    }
    console_print(c, TEXT_PLAIN, "\n");
    if (has) {
        inet_ntop(AF_INET, card->ip4, four, sizeof four);
        inet_ntop(AF_INET, card->mask4, mask, sizeof mask);
        inet_ntop(AF_INET, card->gateway4, way, sizeof way);
        console_printf(c, TEXT_PLAIN, "      %s  mask %s", four, mask);
        console_printf(c, TEXT_PLAIN, loop ? "\n" : "  gateway %s\n", way);
    }
    for (uint32_t i = 0; i < card->count6 && i < 4; i++) {
        inet_ntop(AF_INET6, card->ip6 + 16 * i, six, sizeof six);
        console_printf(c, TEXT_PLAIN, "      %s\n", six);
    }
    if (!loop) {
        console_printf(c, TEXT_DIM, "      in %lu frames, %lu bytes; out %lu, %lu; lost %lu, %lu\n",
                       (unsigned long)card->frames_in, (unsigned long)card->bytes_in,
                       (unsigned long)card->frames_out, (unsigned long)card->bytes_out,
                       (unsigned long)card->lost_in, (unsigned long)card->lost_out);
    }
}

void online_ip(struct console *c, int argc, char **argv)
{
    struct net_client net = CTX_CLIENT(c->ctx);
    struct net_overview all = {.size = sizeof all};
    struct net_card_info card = {.size = sizeof card};
    (void)argc;
    ctx_status status = net_call_status(&net, &all);
    if (status != CTX_OK) {
        files_complain(c, argv[0],
                       status == CTX_E_NOSYS    ? "nobody offers ctx.net/1 here"
                       : status == CTX_E_DENIED ? "the console's line needs use=ctx.net/1"
                                                : ctx_status_name(status));
        return;
    }
    for (uint32_t i = 0; net_call_card(&net, i, &card) == CTX_OK; i++) {
        show_card(c, &card);
        card = (struct net_card_info){.size = sizeof card};
    }
    for (uint32_t i = 0; i < all.count_dns && i < 4; i++) {
        char text[INET6_ADDRSTRLEN];
        const uint8_t *at = all.dns + 16 * i;
        bool four = memcmp(at, "\0\0\0\0\0\0\0\0\0\0\377\377", 12) == 0;
        inet_ntop(four ? AF_INET : AF_INET6, four ? at + 12 : at, text, sizeof text);
        console_printf(c, TEXT_PLAIN, "names %s\n", text);
    }
    console_printf(c, TEXT_DIM, "%s  memory %lu K of %lu K\n", (const char *)all.name,
                   (unsigned long)(all.memory / 1024), (unsigned long)(all.memory_most / 1024));
}

/* ---- names ---- */

static int find(struct console *c, const char *host, const char *port, int type,
                struct sockaddr_storage *out, socklen_t *len)
{
    struct addrinfo hints = {.ai_socktype = type}, *list = NULL;
    int error = getaddrinfo(host, port, &hints, &list);
    if (error != 0) {
        files_complain(c, host, error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
        return 0;
    }
    *len = list->ai_addrlen;
    memcpy(out, list->ai_addr, list->ai_addrlen);
    freeaddrinfo(list);
    return 1;
}

static const char *text_of(const struct sockaddr_storage *a, char out[INET6_ADDRSTRLEN])
{
    return getnameinfo((const struct sockaddr *)a, sizeof *a, out, INET6_ADDRSTRLEN, NULL, 0,
                       NI_NUMERICHOST) == 0
               ? out
               : "?";
}

void online_resolve(struct console *c, int argc, char **argv)
{
    for (int i = 1; i < argc && work_turn(c); i++) {
        struct sockaddr_storage a;
        char text[INET6_ADDRSTRLEN];
        socklen_t len;
        if (find(c, argv[i], NULL, SOCK_STREAM, &a, &len)) {
            console_printf(c, TEXT_RESULT, "%.200s is %s\n", argv[i], text_of(&a, text));
        }
    }
}

/* ---- ping ---- */

static int ping_once(struct console *c, int fd, const struct sockaddr_storage *to, socklen_t len,
                     uint32_t number)
{
    uint32_t sent[14] = {number}, back[14];
    char text[INET6_ADDRSTRLEN];
    uint64_t begun = now_us();
    if (sendto(fd, sent, sizeof sent, 0, (const struct sockaddr *)to, len) < 0) {
        files_complain(c, "ping", NULL);
        return 0;
    }
    for (;;) {
        uint64_t gone_ms = (now_us() - begun) / 1000u; /* others than this one do not count */
        int ready = gone_ms < WAIT_MS ? await(c, fd, POLLIN, (int)(WAIT_MS - gone_ms)) : 0;
        if (ready == 0) {
            console_printf(c, TEXT_ERROR, "%lu: no answer\n", (unsigned long)number);
            return 1;
        }
        ssize_t got = ready > 0 ? recv(fd, back, sizeof back, 0) : -1;
        if (got < 0) {
            return 0;
        }
        if (got == sizeof back && back[0] == number) { /* not an older one */
            uint64_t us = now_us() - begun;
            console_printf(c, TEXT_RESULT, "%lu: %s answers after %lu.%03lu ms\n",
                           (unsigned long)number, text_of(to, text), (unsigned long)(us / 1000),
                           (unsigned long)(us % 1000));
            return 1;
        }
    }
}

void online_ping(struct console *c, int argc, char **argv)
{
    struct sockaddr_storage to;
    socklen_t len;
    uint32_t count = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : PINGS;
    if (!find(c, argv[1], NULL, SOCK_DGRAM, &to, &len)) {
        return;
    }
    bool six = to.ss_family == AF_INET6;
    int fd = socket(to.ss_family, SOCK_DGRAM, six ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
    if (fd < 0) {
        files_complain(c, argv[0], NULL);
        return;
    }
    for (uint32_t i = 1; i <= count && ping_once(c, fd, &to, len, i) && work_turn(c); i++) {
        if (i < count) {
            usleep(500000);
        }
    }
    close(fd);
}

/* ---- nc ---- */

/* Until the other end is through, or Ctrl-C. */
static void show_all(struct console *c, int fd)
{
    char bytes[1024];
    for (;;) {
        int ready = await(c, fd, POLLIN, -1);
        ssize_t got = ready > 0 ? recv(fd, bytes, sizeof bytes, 0) : -1;
        if (got > 0) {
            console_write(c, TEXT_PLAIN, bytes, (uint32_t)got);
            continue;
        }
        if (got < 0 && ready >= 0) {
            files_complain(c, "nc", NULL);
        }
        return;
    }
}

static int listen_once(struct console *c, const char *port)
{
    struct sockaddr_in6 own = {.sin6_family = AF_INET6};
    struct sockaddr_storage from;
    char text[INET6_ADDRSTRLEN];
    socklen_t len = sizeof from;
    int yes = 1, fd = socket(AF_INET6, SOCK_STREAM, 0), other = -1;
    own.sin6_port = htons((uint16_t)strtoul(port, NULL, 10));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) != 0 || listen(fd, 1) != 0) {
        files_complain(c, "nc", NULL);
    } else {
        console_printf(c, TEXT_DIM, "listens at port %s\n", port);
        if (await(c, fd, POLLIN, -1) > 0) {
            other = accept(fd, (struct sockaddr *)&from, &len);
        }
        if (other >= 0) {
            console_printf(c, TEXT_DIM, "%s\n", text_of(&from, text));
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return other;
}

static int reach(struct console *c, const char *host, const char *port)
{
    struct sockaddr_storage to;
    socklen_t len;
    if (!find(c, host, port, SOCK_STREAM, &to, &len)) {
        return -1;
    }
    int error = 0, fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    socklen_t size = sizeof error;
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, len) != 0 && errno != EINPROGRESS) {
        error = errno;
    } else if (fd >= 0 && await(c, fd, POLLOUT, -1) > 0) {
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    } else {
        error = fd < 0 ? errno : EINTR;
    }
    if (error != 0) {
        files_complain(c, host, strerror(error));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

void online_nc(struct console *c, int argc, char **argv)
{
    bool listens = strcmp(argv[1], "-l") == 0;
    int fd = listens ? listen_once(c, argv[2]) : reach(c, argv[1], argv[2]);
    if (fd < 0) {
        return;
    }
    for (int i = 3; i < argc; i++) {
        send(fd, argv[i], strlen(argv[i]), MSG_NOSIGNAL);
        send(fd, i + 1 < argc ? " " : "\n", 1, MSG_NOSIGNAL);
    }
    shutdown(fd, SHUT_WR);
    show_all(c, fd);
    close(fd);
}
