/* SPDX-License-Identifier: MIT */
/*
 * A network of its own, for a card: libslirp is router, DHCP and name server in this process, and
 * does with sockets of Linux what apps do with frames, so it needs no rights. It is the network of
 * QEMU's
 * `-netdev user`: 10.0.2.0/24, the router and this machine 10.0.2.2, names 10.0.2.3, the first
 * guest 10.0.2.15; fec0::/64 likewise.
 *
 * libslirp is asked between calls of apps only. What it has to send while there
 * is no room for it waits here, up to a number of frames; then it is lost, as on any wire.
 */
#define _GNU_SOURCE
#include "card.h"

#include <kernel/klog.h>

#include <slirp/libslirp.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define BACKLOG    256u
#define FILES      30000 /* connections at a time, and a few more; the others wait */
#define TIMERS     4u
#define REST_MS    1000u /* what libslirp says when it waits for nothing */
#define NETWORK    0x0a000200u
#define ERRORS     8u
#define WORD_BYTES 128u

struct slirp_timer {
    SlirpTimerCb fn;
    void *opaque;
    int64_t due_ms; /* -1: not set */
};

struct network {
    struct card *card;
    Slirp *slirp;
    struct linux_poller poller;
    struct task task; /* of its timers and files */
    struct pollfd *fds;
    uint32_t count, room;
    uint64_t due_ns; /* when it wants to be asked */
    bool asked;      /* the rest is over, and it has to be told */
    struct slirp_timer timers[TIMERS];
    uint32_t first, waiting; /* of the backlog */
    uint32_t errors;
    struct late_frame {
        uint32_t len;
        uint8_t bytes[CARD_LONGEST];
    } backlog[BACKLOG];
};

/* Of each card, by its number. [boot] writes, [loop] reads */
static struct network *networks;
static uint32_t network_count; /* likewise */

static int64_t now_ms(void)
{
    return (int64_t)(machine_now_ns() / NSEC_PER_MSEC);
}

/* ---- what libslirp calls ---- */

static ssize_t on_packet(const void *bytes, size_t len, void *opaque)
{
    struct network *n = opaque;
    if (n->waiting == 0 && n->card->room_count > 0) {
        (void)card_came(n->card, bytes, len);
    } else if (n->waiting < BACKLOG && len <= CARD_LONGEST && n->card->nic.claim != NULL) {
        struct late_frame *late = &n->backlog[(n->first + n->waiting++) % BACKLOG];
        late->len = (uint32_t)len;
        memcpy(late->bytes, bytes, len);
        n->card->late = true;
    } else {
        n->card->nic.counters.dropped += n->card->nic.claim != NULL;
    }
    return (ssize_t)len;
}

static void on_error(const char *message, void *opaque)
{
    struct network *n = opaque;
    if (n->errors++ < ERRORS) {
        log_warn("net", "%s: libslirp: %s", n->card->nic.name, message);
    }
}

static int64_t on_clock(void *opaque)
{
    (void)opaque;
    return (int64_t)machine_now_ns();
}

static void *on_timer_new(SlirpTimerCb fn, void *timer_opaque, void *opaque)
{
    struct network *n = opaque;
    for (uint32_t i = 0; i < TIMERS; i++) {
        if (n->timers[i].fn == NULL) {
            n->timers[i] = (struct slirp_timer){fn, timer_opaque, -1};
            return &n->timers[i];
        }
    }
    return NULL;
}

static void on_timer_free(void *timer, void *opaque)
{
    (void)opaque;
    if (timer != NULL) {
        *(struct slirp_timer *)timer = (struct slirp_timer){0};
    }
}

static void on_timer_mod(void *timer, int64_t due_ms, void *opaque)
{
    (void)opaque;
    if (timer != NULL) {
        ((struct slirp_timer *)timer)->due_ms = due_ms;
    }
}

static void on_file(int fd, void *opaque)
{
    (void)fd; /* they are asked for before each rest */
    (void)opaque;
}

static void on_notify(void *opaque)
{
    task_wake(&((struct network *)opaque)->task);
}

static const SlirpCb callbacks = {
    .send_packet = on_packet,
    .guest_error = on_error,
    .clock_get_ns = on_clock,
    .timer_new = on_timer_new,
    .timer_free = on_timer_free,
    .timer_mod = on_timer_mod,
    .register_poll_fd = on_file,
    .unregister_poll_fd = on_file,
    .notify = on_notify,
};

/* ---- waiting ---- */

static short events_of(int slirp)
{
    return (short)((slirp & SLIRP_POLL_IN ? POLLIN : 0) | (slirp & SLIRP_POLL_OUT ? POLLOUT : 0) |
                   (slirp & SLIRP_POLL_PRI ? POLLPRI : 0) | (slirp & SLIRP_POLL_ERR ? POLLERR : 0) |
                   (slirp & SLIRP_POLL_HUP ? POLLHUP : 0));
}

static int add_file(int fd, int events, void *opaque)
{
    struct network *n = opaque;
    if (n->count == n->room) {
        return -1; /* the others first */
    }
    n->fds[n->count] = (struct pollfd){.fd = fd, .events = events_of(events)};
    return (int)n->count++;
}

static int events_at(int at, void *opaque)
{
    const struct network *n = opaque;
    short e = at >= 0 && (uint32_t)at < n->count ? n->fds[at].revents : 0;
    return (e & POLLIN ? SLIRP_POLL_IN : 0) | (e & POLLOUT ? SLIRP_POLL_OUT : 0) |
           (e & POLLPRI ? SLIRP_POLL_PRI : 0) | (e & POLLERR ? SLIRP_POLL_ERR : 0) |
           (e & POLLHUP ? SLIRP_POLL_HUP : 0);
}

/* Its part of the next rest. */
static uint32_t fill(struct linux_poller *poller, struct pollfd *fds, uint32_t room, uint64_t *ns)
{
    struct network *n = container_of(poller, struct network, poller);
    uint32_t ms = UINT32_MAX;
    n->count = 0;
    n->asked = false;
    n->due_ns = NEVER_NS;
    n->fds = fds;
    n->room = MIN(room, (uint32_t)FILES);
    if (n->waiting >= BACKLOG / 2) {
        return 0; /* no more, before the app has made room */
    }
    slirp_pollfds_fill(n->slirp, &ms, add_file, n);
    n->asked = true;
    if (ms < REST_MS) {
        n->due_ns = machine_now_ns() + ms * NSEC_PER_MSEC;
        *ns = MIN(*ns, (uint64_t)ms * NSEC_PER_MSEC);
    }
    return n->count;
}

static void polled(struct linux_poller *poller)
{
    struct network *n = container_of(poller, struct network, poller);
    bool news = machine_now_ns() >= n->due_ns;
    for (uint32_t i = 0; i < n->count; i++) {
        news = news || n->fds[i].revents != 0;
    }
    if (n->asked && news) {
        slirp_pollfds_poll(n->slirp, 0, events_at, n);
        card_wake(n->card);
    }
    n->asked = false;
}

static uint64_t next_timer_ns(const struct network *n)
{
    uint64_t next = NEVER_NS;
    for (uint32_t i = 0; i < TIMERS; i++) {
        const struct slirp_timer *t = &n->timers[i];
        if (t->fn != NULL && t->due_ms >= 0) {
            next = MIN(next, (uint64_t)t->due_ms * NSEC_PER_MSEC);
        }
    }
    return next;
}

/* Its timers: router advertisements, minutes apart. */
static void network_run(struct task *task)
{
    struct network *n = container_of(task, struct network, task);
    TASK_BEGIN(task);
    for (;;) {
        for (uint32_t i = 0; i < TIMERS; i++) {
            struct slirp_timer *t = &n->timers[i];
            if (t->fn != NULL && t->due_ms >= 0 && t->due_ms <= now_ms()) {
                t->due_ms = -1;
                t->fn(t->opaque);
                card_wake(n->card);
            }
        }
        if (next_timer_ns(n) == NEVER_NS) {
            TASK_AWAIT(task, next_timer_ns(n) != NEVER_NS);
        } else {
            TASK_AWAIT_FOR(task, false, next_timer_ns(n) - MIN(next_timer_ns(n), machine_now_ns()));
        }
    }
    TASK_END(task);
}

/* ---- the card's other side ---- */

static struct network *network_of(const struct card *card)
{
    struct network *n = networks;
    while (n->card != card) {
        n++;
    }
    return n;
}

static ctx_status send_to_slirp(struct card *card, const struct nic_frame *frame)
{
    static uint8_t bytes[CARD_LONGEST]; /* [loop] */
    uint32_t len = 0;
    if (frame->count == 1) {
        slirp_input(network_of(card)->slirp, frame->segments[0].bytes, (int)frame->len);
        return CTX_OK;
    }
    for (uint32_t i = 0; i < frame->count && len + frame->segments[i].len <= sizeof bytes; i++) {
        memcpy(bytes + len, frame->segments[i].bytes, frame->segments[i].len);
        len += frame->segments[i].len;
    }
    slirp_input(network_of(card)->slirp, bytes, (int)len);
    return CTX_OK;
}

/* What had to wait. */
static bool look_at_backlog(struct card *card)
{
    struct network *n = network_of(card);
    const struct late_frame *late = &n->backlog[n->first];
    if (card->nic.claim == NULL) {
        n->waiting = 0; /* for nobody any more */
    }
    card->late = n->waiting > 0;
    if (n->waiting == 0 || card->room_count == 0) {
        return false;
    }
    n->first = (n->first + 1) % BACKLOG;
    n->waiting--;
    return card_came(card, late->bytes, late->len);
}

static const struct card_kind slirp_kind = {.send = send_to_slirp, .look = look_at_backlog};

/* ---- words ---- */

/* ADDRESS:PORT, where both may be missing as it says: "" is any address, and the guest's. False: it
 * is none. */
static bool read_end(char *text, struct in_addr *address, uint32_t *port)
{
    char *colon = strrchr(text, ':'), *end;
    if (colon == NULL) {
        return false;
    }
    *colon = 0;
    unsigned long number = strtoul(colon + 1, &end, 10);
    *port = (uint32_t)number;
    return colon[1] >= '0' && colon[1] <= '9' && *end == 0 && number <= 65535 &&
           (*text == 0 || inet_pton(AF_INET, text, address) == 1);
}

/* tcp:[ADDRESS]:PORT-[ADDRESS]:PORT, as QEMU has it. */
static const char *forward(struct network *n, const char *value)
{
    char text[WORD_BYTES];
    struct in_addr host = {INADDR_ANY}, guest = {htonl(NETWORK | 15)};
    uint32_t host_port, guest_port;
    bool udp = strncmp(value, "udp:", 4) == 0;
    if (strlen(value) >= sizeof text || (!udp && strncmp(value, "tcp:", 4) != 0)) {
        return "hostfwd takes tcp:[ADDRESS]:PORT-[ADDRESS]:PORT, or udp:";
    }
    memcpy(text, value + 4, strlen(value + 4) + 1);
    char *dash = strchr(text, '-');
    if (dash == NULL) {
        return "hostfwd: there is no - between its two ends";
    }
    *dash = 0;
    if (!read_end(text, &host, &host_port) || !read_end(dash + 1, &guest, &guest_port) ||
        guest_port == 0) {
        return "hostfwd: an end is [ADDRESS]:PORT, of IPv4";
    }
    return slirp_add_hostfwd(n->slirp, udp, host, (int)host_port, guest, (int)guest_port) == 0
               ? NULL
               : "hostfwd: this port can not be had (another program has it, or it is below 1024)";
}

static bool read_mac(const char *text, uint8_t mac[NIC_MAC])
{
    for (uint32_t i = 0; i < NIC_MAC; i++) {
        char *end;
        unsigned long byte = strtoul(text, &end, 16);
        if (end != text + 2 || byte > 255 || *end != (i + 1 < NIC_MAC ? ':' : 0)) {
            return false;
        }
        mac[i] = (uint8_t)byte;
        text = end + 1;
    }
    return (mac[0] & 1) == 0;
}

/* One of the words; before: those that have to be known when the network is made. */
static const char *read_word(struct network *n, const char *word, SlirpConfig *config,
                             uint8_t mac[NIC_MAC])
{
    bool before = n->slirp == NULL;
    if (strncmp(word, "hostfwd=", 8) == 0) {
        return before ? NULL : forward(n, word + 8);
    }
    if (strcmp(word, "restrict=on") == 0) {
        config->restricted = 1;
        return NULL;
    }
    if (strncmp(word, "mac=", 4) == 0) {
        return read_mac(word + 4, mac) ? NULL : "mac takes six bytes, as 52:54:00:12:34:56";
    }
    return "user takes hostfwd=, restrict=on and mac=";
}

static const char *read_words(struct network *n, const char *words, SlirpConfig *config,
                              uint8_t mac[NIC_MAC])
{
    char word[WORD_BYTES];
    for (const char *at = words; *at != 0;) {
        size_t len = strcspn(at, ",");
        if (len >= sizeof word) {
            return "a word is too long";
        }
        memcpy(word, at, len);
        word[len] = 0;
        const char *why = read_word(n, word, config, mac);
        if (why != NULL) {
            return why;
        }
        at += len + (at[len] == ',');
    }
    return NULL;
}

const char *slirp_open(const char *words)
{
    static struct network room[CARDS_MAX]; /* [boot] writes, [loop] reads */
    struct network *n = &room[MIN(network_count, CARDS_MAX - 1u)];
    uint8_t mac[NIC_MAC] = {0x52, 0x54, 0, 0x12, 0x34, (uint8_t)(0x56 + network_count)};
    SlirpConfig config = {
        .version = 1,
        .in_enabled = true,
        .vnetwork = {htonl(NETWORK)},
        .vnetmask = {htonl(0xffffff00)},
        .vhost = {htonl(NETWORK | 2)},
        .vdhcp_start = {htonl(NETWORK | 15)},
        .vnameserver = {htonl(NETWORK | 3)},
        .in6_enabled = true,
        .vprefix_len = 64,
    };
    (void)inet_pton(AF_INET6, "fec0::", &config.vprefix_addr6);
    (void)inet_pton(AF_INET6, "fec0::2", &config.vhost6);
    (void)inet_pton(AF_INET6, "fec0::3", &config.vnameserver6);
    networks = room;
    n->card = card_make();
    if (n->card == NULL) {
        return "there are four cards already, or not enough memory";
    }
    const char *why = read_words(n, words, &config, mac);
    if (why != NULL) {
        return why;
    }
    n->slirp = slirp_new(&config, &callbacks, n);
    if (n->slirp == NULL) {
        return "libslirp could not begin";
    }
    why = read_words(n, words, &config, mac);
    if (why != NULL) {
        slirp_cleanup(n->slirp);
        return why;
    }
    network_count++;
    n->poller = (struct linux_poller){.fill = fill, .polled = polled};
    linux_poll_too(&n->poller);
    task_start(&n->task, "slirp", network_run);
    return card_offer(n->card, &slirp_kind, "user network (libslirp)", mac);
}
