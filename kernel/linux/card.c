/* SPDX-License-Identifier: MIT */
/*
 * Network cards: see card.h. `ctx run --net`: a user network; --net=tap:NAME, a tap device that is
 * there; --net=socket:OWN,OTHER, two paths of unix datagram sockets: a frame is a datagram, as of
 * QEMU's `-netdev dgram`.
 */
#define _GNU_SOURCE
#include "card.h"
#include "netdump.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define RETRY_NS NSEC_PER_MSEC
#define IN_A_ROW 256u /* frames that are taken before others have a turn */

/* [boot, loop, in a call] */
static struct {
    uint32_t count;
    struct card *cards[CARDS_MAX];
} state;

/* A card on a socket knows where to send. */
struct socket_card {
    struct card *card;
    struct sockaddr_un other;
    char own[sizeof((struct sockaddr_un *)0)->sun_path + 1];
};
static struct socket_card sockets[CARDS_MAX]; /* [boot] writes, [loop] reads */

/* ---- queues ---- */

static ctx_status send_frame(struct nic_device *nic, const struct nic_frame *frame, uint32_t tag)
{
    struct card *card = container_of(nic, struct card, nic);
    if (card->frame_count == CARD_FRAMES) {
        return CTX_E_AGAIN;
    }
    uint32_t at = (card->frame_first + card->frame_count++) % CARD_FRAMES;
    card->frames[at] = (struct card_frame){tag, *frame};
    return CTX_OK;
}

static ctx_status give_room(struct nic_device *nic, const struct nic_segment *segments,
                            uint32_t count, uint32_t tag)
{
    struct card *card = container_of(nic, struct card, nic);
    if (card->room_count == CARD_FRAMES) {
        return CTX_E_AGAIN;
    }
    struct card_room *room = &card->rooms[(card->room_first + card->room_count++) % CARD_FRAMES];
    room->tag = tag;
    room->count = count;
    memcpy(room->segments, segments, count * sizeof *segments);
    return CTX_OK;
}

void card_wake(struct card *card)
{
    card->nudged = true;
    task_wake(&card->task);
}

static void push(struct nic_device *nic, bool tell_sent)
{
    struct card *card = container_of(nic, struct card, nic);
    (void)tell_sent; /* what is sent is said at once */
    bool hears = card->fd < 0 ? !card->late : card->watch.fd >= 0;
    if (card->frame_count > 0 || (card->room_count > 0 && !hears)) {
        card_wake(card);
    }
}

static void stop(struct nic_device *nic)
{
    struct card *card = container_of(nic, struct card, nic);
    card->frame_count = card->room_count = 0;
    card->blocked = false;
    nic_was_reset(nic);
    nic_is_ready(nic);
}

static void came(struct card *card, uint32_t len)
{
    const struct card_room *room = &card->rooms[card->room_first];
    uint32_t tag = room->tag;
    netdump_frame(room->segments, room->count, len);
    card->room_first = (card->room_first + 1) % CARD_FRAMES;
    card->room_count--;
    nic_received(&card->nic, tag, &(struct nic_arrival){.len = len});
}

bool card_came(struct card *card, const void *bytes, size_t len)
{
    const struct card_room *room = &card->rooms[card->room_first];
    size_t done = 0;
    if (card->room_count == 0 || len > CARD_LONGEST) {
        card->nic.counters.dropped += card->nic.claim != NULL;
        return false;
    }
    for (uint32_t i = 0; i < room->count && done < len; i++) {
        size_t part = MIN(len - done, (size_t)room->segments[i].len);
        memcpy(room->segments[i].bytes, (const uint8_t *)bytes + done, part);
        done += part;
    }
    came(card, (uint32_t)len);
    return true;
}

/* ---- file descriptors ---- */

static ctx_status write_frame(struct card *card, const struct nic_frame *frame, void *to,
                              socklen_t to_len)
{
    struct iovec pieces[NIC_SEGMENTS];
    struct msghdr message = {
        .msg_name = to, .msg_namelen = to_len, .msg_iov = pieces, .msg_iovlen = frame->count};
    for (uint32_t i = 0; i < frame->count; i++) {
        pieces[i] = (struct iovec){frame->segments[i].bytes, frame->segments[i].len};
    }
    ssize_t n = to != NULL ? sendmsg(card->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL)
                           : writev(card->fd, pieces, (int)frame->count);
    if (n >= 0) {
        return CTX_OK;
    }
    /* Nobody at the other end is no mistake of ours: a cable that leads nowhere. */
    return errno == EAGAIN || errno == ENOBUFS || errno == EINTR ? CTX_E_AGAIN
           : to != NULL                                          ? CTX_OK
                                                                 : CTX_E_IO;
}

static ctx_status send_to_tap(struct card *card, const struct nic_frame *frame)
{
    return write_frame(card, frame, NULL, 0);
}

static ctx_status send_to_socket(struct card *card, const struct nic_frame *frame)
{
    struct socket_card *s = sockets;
    while (s->card != card) {
        s++;
    }
    return write_frame(card, frame, &s->other, sizeof s->other);
}

/* The next frame goes where it is to lie, without a copy of ours. One that is longer than its room
 * is none: what has a byte behind it was cut. */
static bool look_at_fd(struct card *card)
{
    static uint8_t behind; /* [loop] */
    struct iovec pieces[NIC_SEGMENTS + 1];
    size_t all = 0;
    if (card->room_count == 0) {
        return false;
    }
    const struct card_room *room = &card->rooms[card->room_first];
    for (uint32_t i = 0; i < room->count; i++) {
        pieces[i] = (struct iovec){room->segments[i].bytes, room->segments[i].len};
        all += room->segments[i].len;
    }
    pieces[room->count] = (struct iovec){&behind, sizeof behind};
    ssize_t n = readv(card->fd, pieces, (int)room->count + 1);
    if (n > 0) {
        came(card, (size_t)n > all ? 0 : (uint32_t)n);
    }
    card->lost = n < 0 && errno == EBADFD; /* the tap device was removed */
    return n >= 0; /* an empty datagram is no frame, but others may follow */
}

static const struct card_kind tap_kind = {.send = send_to_tap, .look = look_at_fd};
static const struct card_kind socket_kind = {.send = send_to_socket, .look = look_at_fd};

/* ---- the task ---- */

static void note_frame(const struct nic_frame *frame)
{
    size_t len = 0;
    for (uint32_t i = 0; i < frame->count; i++) {
        len += frame->segments[i].len;
    }
    netdump_frame(frame->segments, frame->count, len);
}

static void send_all(struct card *card)
{
    bool noted = card->blocked; /* this one was tried before */
    card->blocked = false;
    while (card->frame_count > 0) {
        const struct card_frame *f = &card->frames[card->frame_first];
        if (!noted) { /* first: a user network answers from in there */
            note_frame(&f->frame);
        }
        noted = false;
        ctx_status status = card->kind->send(card, &f->frame);
        if (status == CTX_E_AGAIN) {
            card->blocked = true;
            return;
        }
        uint32_t tag = f->tag;
        card->frame_first = (card->frame_first + 1) % CARD_FRAMES;
        card->frame_count--;
        nic_sent(&card->nic, tag, status);
    }
}

/* What comes wakes the task, once, if there is room for it. */
static void watch(struct card *card)
{
    if (card->fd >= 0 && card->room_count > 0) {
        linux_watch(&card->watch, card->fd, &card->task);
    }
}

static void card_run(struct task *task)
{
    struct card *card = container_of(task, struct card, task);
    TASK_BEGIN(task);
    for (;;) {
        card->nudged = false;
        card->nic.counters.interrupts++;
        send_all(card);
        for (uint32_t n = 0; n < IN_A_ROW; n++) {
            if (!card->kind->look(card)) {
                break;
            }
        }
        if (card->lost) { /* poll() would say for ever that there is something to read */
            card->frame_count = card->room_count = 0;
            nic_is_gone(&card->nic);
            TASK_EXIT(task);
        }
        watch(card);
        nic_settle(&card->nic);
        watch(card); /* it may have got room only now */
        if (card->blocked) {
            TASK_AWAIT_FOR(task, card->nudged, RETRY_NS);
        } else {
            /* Woken by who nudges it, or by the watch, which is over then. */
            TASK_AWAIT(task, card->nudged ||
                                 (card->fd >= 0 && card->room_count > 0 && card->watch.fd < 0));
        }
    }
    TASK_END(task);
}

/* ---- offering ---- */

struct card *card_make(void)
{
    struct card *card = state.count < CARDS_MAX ? calloc(1, sizeof *card) : NULL;
    if (card != NULL) {
        card->fd = card->watch.fd = -1;
    }
    return card;
}

const char *card_offer(struct card *card, const struct card_kind *kind, const char *label,
                       const uint8_t mac[NIC_MAC])
{
    card->kind = kind;
    card->nic = (struct nic_device){.mtu = CARD_MTU,
                                    .link = true,
                                    .send = send_frame,
                                    .receive = give_room,
                                    .push = push,
                                    .stop = stop};
    memcpy(card->nic.mac, mac, NIC_MAC);
    /* Named as on the other machine, so that boot words mean the same. */
    state.cards[state.count] = card;
    format_text(card->nic.name, sizeof card->nic.name, "net%u", state.count++);
    format_text(card->nic.label, sizeof card->nic.label, "%s", label);
    nic_offer(&card->nic);
    nic_is_ready(&card->nic);
    task_start(&card->task, "net", card_run);
    return NULL;
}

bool linux_net_busy(void)
{
    for (uint32_t i = 0; i < state.count; i++) {
        if (state.cards[i]->frame_count > 0 && !state.cards[i]->blocked) {
            return true;
        }
    }
    return false;
}

/* One that nobody else has: of ours alone, and of no group (RFC 7042, 2.1). */
static void make_mac(uint8_t mac[NIC_MAC])
{
    uint64_t random = machine_random();
    memcpy(mac, &random, NIC_MAC);
    mac[0] = (uint8_t)((mac[0] & ~1u) | 2u);
}

static const char *offer_fd(int fd, const struct card_kind *kind, const char *label,
                            struct card **out)
{
    uint8_t mac[NIC_MAC];
    *out = card_make();
    if (*out == NULL) {
        close(fd);
        return state.count == CARDS_MAX ? "there are four cards already" : "not enough memory";
    }
    (*out)->fd = fd;
    make_mac(mac);
    return card_offer(*out, kind, label, mac);
}

static const char *open_tap(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    char label[NIC_LABEL_MAX];
    struct card *card;
    if (*name == 0 || strlen(name) >= sizeof request.ifr_name) {
        return "this is no name of a device";
    }
    /* root would be given a new one, which leads nowhere. */
    if (if_nametoindex(name) == 0) {
        return "there is no such device (ip tuntap add NAME mode tap user USER)";
    }
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? "this Linux has no tap devices (/dev/net/tun)"
                               : "/dev/net/tun may not be opened";
    }
    memcpy(request.ifr_name, name, strlen(name) + 1);
    if (ioctl(fd, TUNSETIFF, &request) != 0) {
        int error = errno;
        close(fd);
        return error == EPERM
                   ? "it may not be used (make it for this user: ip tuntap add NAME mode "
                     "tap user USER)"
               : error == EBUSY ? "another program uses it"
                                : "it is no tap device";
    }
    format_text(label, sizeof label, "tap device %s", name);
    return offer_fd(fd, &tap_kind, label, &card);
}

static void remove_sockets(void)
{
    for (uint32_t i = 0; i < CARDS_MAX; i++) {
        if (sockets[i].card != NULL) {
            (void)unlink(sockets[i].own);
        }
    }
}

/* A socket that an earlier run has left behind is nobody's; anything else is not ours to remove. */
static void remove_left_over(int fd, const struct sockaddr_un *own)
{
    struct stat s;
    if (lstat(own->sun_path, &s) == 0 && S_ISSOCK(s.st_mode) &&
        connect(fd, (const struct sockaddr *)own, sizeof *own) != 0 && errno == ECONNREFUSED) {
        (void)unlink(own->sun_path);
    }
}

static const char *open_socket(const char *words)
{
    struct sockaddr_un own = {.sun_family = AF_UNIX}, other = own;
    const char *comma = strchr(words, ',');
    size_t len = comma != NULL ? (size_t)(comma - words) : 0;
    char label[NIC_LABEL_MAX];
    if (len == 0 || len >= sizeof own.sun_path || comma[1] == 0 ||
        strlen(comma + 1) >= sizeof other.sun_path) {
        return "it takes OWN,OTHER, two paths of at most 107 bytes";
    }
    memcpy(own.sun_path, words, len);
    memcpy(other.sun_path, comma + 1, strlen(comma + 1));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return "there is no socket to be had";
    }
    remove_left_over(fd, &own);
    if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0) {
        int error = errno;
        close(fd);
        return error == EADDRINUSE ? "another program uses its own path, or there is a file"
                                   : "its own path can not be made";
    }
    format_text(label, sizeof label, "socket %s", own.sun_path);
    struct socket_card *s = sockets;
    while (s < sockets + CARDS_MAX && s->card != NULL) {
        s++;
    }
    if (s == sockets + CARDS_MAX) {
        close(fd);
        return "there are four cards already";
    }
    s->other = other;
    memcpy(s->own, own.sun_path, sizeof own.sun_path);
    if (s == sockets) {
        (void)atexit(remove_sockets);
    }
    return offer_fd(fd, &socket_kind, label, &s->card);
}

const char *linux_net_open(const char *kind)
{
    if (strncmp(kind, "tap:", 4) == 0) {
        return open_tap(kind + 4);
    }
    if (strncmp(kind, "socket:", 7) == 0) {
        return open_socket(kind + 7);
    }
    if (strncmp(kind, "user", 4) == 0 && (kind[4] == 0 || kind[4] == ',')) {
        return slirp_open(kind + 4 + (kind[4] == ','));
    }
    return "it takes user, tap:NAME or socket:OWN,OTHER";
}
