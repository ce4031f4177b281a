/* SPDX-License-Identifier: MIT */
/* For net.py: shares that are lent to the network, by the table itself. Words: MILLISECONDS until
 * it begins, PORT, SIZE, where somebody on this machine sends back what comes. Or: deaf PORT, it
 * listens and reads nothing; MILLISECONDS hoard PORT, it lends more and more to who is deaf. */
#include <ctx/ctx.h>
#include <ctx/status.h>
#include <ctx/tables.h>

#include <net.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ctx *ctx_now(void);

static const void *table_of(const char *id)
{
    const struct ctx_table *table = NULL;
    struct ctx *ctx = ctx_now();
    ctx->iface->open(ctx->iface, id, (uint32_t)strlen(id), 0, &table);
    return table;
}

static uint8_t *share_of(const struct ctx_share *shares, uint64_t bytes, uint32_t *share)
{
    uint64_t address = 0;
    shares->create(shares, bytes, CTX_SHARE_ZERO, share);
    shares->map(shares, *share, CTX_SHARE_READ | CTX_SHARE_WRITE, &address);
    return (uint8_t *)(uintptr_t)address;
}

struct watched {
    uint64_t tag;
    uint32_t socket, what;
};

/* What is ready of what is watched, or nothing after a while. */
static struct watched look(const struct net_table *net)
{
    struct watched w = {0};
    uint32_t count = 0;
    for (int i = 0; i < 5000 && count == 0; i++) {
        if (net->watched(net, &w, sizeof w, &count) != CTX_OK) {
            break;
        }
        usleep(count == 0 ? 1000 : 0);
    }
    return w;
}

/* So many bytes there and back, out of one share and into another one. */
static void lent(const char *port, uint32_t size)
{
    const struct net_table *net = table_of(NET_ID);
    const struct ctx_share *shares = table_of(CTX_ID_SHARE);
    uint32_t there = 0, back = 0, from = 0, to = 0, s = 0, sent = 0, got = 0, count = 0;
    uint64_t bytes = 0;
    uint8_t *out = share_of(shares, size, &there), *in = share_of(shares, size, &back);
    struct net_address a = {
        .size = sizeof a, .family = NET_IP4, .port = (uint32_t)atoi(port), .bytes = {127, 0, 0, 1}};
    for (uint32_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(i * 2654435761u >> 13);
    }
    printf("lend %d %d", net->lend(net, there, &from, &bytes),
           net->lend_room(net, back, &to, &bytes));
    printf(" %d\n", bytes >= size);
    printf("unknown %d\n", net->lend(net, 12345, &count, &bytes));
    net->socket(net, NET_TCP, 0, &s);
    net->connect(net, s, &a);
    net->watch(net, s, NET_WRITE | NET_READ, 77);
    struct watched w = look(net);
    printf("watched %d %d %u\n", (int)w.tag, w.socket == s, (unsigned)w.what);
    printf("range %d", net->send_from(net, s, from, bytes - 5, 6, &count));
    printf(" %d", net->receive_into(net, s, to, UINT64_MAX, 2, &count));
    printf(" %d\n", net->receive_into(net, s, from, 0, 1, &count));
    while (got < size) {
        ctx_status status = CTX_E_AGAIN;
        if (sent < size) {
            status = net->send_from(net, s, from, sent, size - sent, &count);
            sent += status == CTX_OK ? count : 0;
            if (sent == size) {
                net->watch(net, s, NET_READ, 78);
            }
        }
        status = net->receive_into(net, s, to, got, size - got, &count);
        if (status == CTX_OK && count == 0) {
            break;
        }
        got += status == CTX_OK ? count : 0;
        if (status == CTX_E_AGAIN) {
            w = look(net);
        } else if (status != CTX_OK) {
            break;
        }
    }
    net->watch(net, s, NET_SENT, 79);
    w = look(net);
    printf("lent %u %d", (unsigned)got, memcmp(out, in, size) == 0);
    printf(" sent %d %u\n", (int)w.tag, (unsigned)w.what);
    net->watch(net, s, 0, 0);
    uint32_t none = 1;
    net->watched(net, &w, sizeof w, &none);
    printf("back %d", net->take_back(net, from));
    printf(" %d", net->take_back(net, from));
    printf(" %d %u\n", net->send_from(net, s, from, 0, 1, &count), (unsigned)none);
    shares->close(shares, back);
    /* 64 and 16 MiB and no more; what goes with the app is not given back. */
    for (count = 0; net->lend(net, there, &from, &bytes) == CTX_OK; count++) {
    }
    printf("most %u\n", (unsigned)count);
}

static void deaf(const char *port)
{
    const struct net_table *net = table_of(NET_ID);
    uint32_t s = 0, other = 0;
    struct net_address a = {.size = sizeof a, .family = NET_IP4, .port = (uint32_t)atoi(port)};
    net->socket(net, NET_TCP, 0, &s);
    printf("deaf %d", net->bind(net, s, &a));
    printf(" %d\n", net->listen(net, s, 255));
    fflush(stdout);
    for (;;) {
        while (net->accept(net, s, &other, &a) == CTX_OK) {
        }
        usleep(1000);
    }
}

/* Connected; who listens there may not have begun yet. */
static uint32_t reach(const struct net_table *net, const struct net_address *a)
{
    for (;;) {
        struct net_socket_info info = {.size = sizeof info, .state = NET_OPENING};
        uint32_t s = 0;
        if (net->socket(net, NET_TCP, 0, &s) != CTX_OK || net->connect(net, s, a) != CTX_OK) {
            return 0;
        }
        while (info.state == NET_OPENING && net->info(net, s, &info) == CTX_OK) {
            usleep(1000);
        }
        if (info.state == NET_OPEN) {
            return s;
        }
        net->close(net, s);
        usleep(10000);
    }
}

/* Shares of a MiB, each for a connection of its own, taken back at once, closed, and forgotten. */
static void hoard(const char *port)
{
    const struct net_table *net = table_of(NET_ID);
    const struct ctx_share *shares = table_of(CTX_ID_SHARE);
    uint32_t s = 0, count = 0, buffer = 0, share = 0, lent = 0;
    uint64_t bytes = 0;
    struct net_address a = {
        .size = sizeof a, .family = NET_IP4, .port = (uint32_t)atoi(port), .bytes = {127, 0, 0, 1}};
    for (;; lent++) {
        s = reach(net, &a);
        (void)share_of(shares, 1 << 20, &share);
        ctx_status status = net->lend(net, share, &buffer, &bytes);
        if (status != CTX_OK || lent == 40) {
            printf("hoarded %u %d\n", (unsigned)lent, status);
            return;
        }
        for (int still = 0; still < 10; still++) { /* until nobody takes any more of it */
            still = net->send_from(net, s, buffer, 0, 1 << 20, &count) == CTX_OK ? 0 : still;
            usleep(1000);
        }
        net->take_back(net, buffer);
        net->close(net, s);
        shares->close(shares, share);
    }
}

/* Ten times a second: what memory the stack has, and how often this app had its turn. */
static void gauge(void)
{
    const struct net_table *net = table_of(NET_ID);
    for (uint64_t turns = 1;; turns++) {
        struct net_overview o = {.size = sizeof o};
        usleep(10000);
        if (turns % 10 == 0) {
            ctx_status status = net->status(net, &o);
            net = status == CTX_E_STALE || net == NULL ? table_of(NET_ID) : net;
            printf("gauge memory=%llu turns=%llu\n", (unsigned long long)o.memory,
                   (unsigned long long)turns);
            fflush(stdout);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "gauge") == 0) {
        gauge();
    }
    if (argc == 3 && strcmp(argv[1], "deaf") == 0) {
        deaf(argv[2]);
    }
    usleep((useconds_t)atoi(argv[1]) * 1000);
    if (argc == 4 && strcmp(argv[2], "hoard") == 0) {
        hoard(argv[3]);
        return 0;
    }
    lent(argv[2], (uint32_t)atol(argv[argc - 1]));
    return 0;
}
