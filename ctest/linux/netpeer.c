/* SPDX-License-Identifier: MIT */
/*
 * For netload.py: the other end of a wire (ctx run --net=socket:), which speaks TCP by the same
 * stack as the app does, and can do what nobody would: floods, silence, halves of things.
 *
 *   netpeer OWN OTHER WORDS...
 *
 *   ask N AT_ONCE     so many connections, each asks for /healthz and closes
 *   hold N            so many that are all there, ask, wait for a line of stdin, ask again, close
 *   say N STATUS TEXT so many connections that say this (\r and \n as they are written there) and
 *                     read to the end; 0: nothing is answered
 *   cut N PORT HEX    so many that send these bytes and break off
 *   syn N             so many first segments from addresses that nobody has
 *   garbage N         frames that make no sense, some nearly
 *   wait MS
 */
#include "stack.h"

#include <ctx/status.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST 20000

enum phase { FREE, OPENING, ASKED, ANSWERED };

static struct conn {
    struct sock *s;
    enum phase phase;
    uint32_t got;
    bool listed;
    char text[64];
} conns[MOST];

static struct owner owner = {.sockets_most = MOST, .bytes_most = UINT64_C(1) << 30};
static uint32_t changed_list[MOST], changed_count;
static struct card *card;
static uint8_t frame[70000];
static int fd;
static struct sockaddr_un other = {.sun_family = AF_UNIX};
static const uint8_t own_mac[6] = {0x52, 0x54, 0, 0x99, 0x99, 0x99};
static uint8_t their_mac[6];
static uint32_t errors[64];

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* What has come is kept until it is looked at: both ends would wait for each other. */
static struct came {
    struct came *next;
    size_t len;
    uint8_t bytes[];
} * first_came, **last_came = &first_came;

static void fetch(void)
{
    static uint8_t in[70000];
    for (int i = 0; i < 512; i++) {
        ssize_t len = recv(fd, in, sizeof in, MSG_DONTWAIT);
        if (len < 14) {
            return;
        }
        struct came *c = malloc(sizeof *c + (size_t)len);
        c->next = NULL;
        c->len = (size_t)len;
        memcpy(c->bytes, in, (size_t)len);
        *last_came = c;
        last_came = &c->next;
    }
}

static void put(const void *bytes, size_t len)
{
    for (int tries = 0; tries < 2000; tries++) {
        if (sendto(fd, bytes, len, MSG_DONTWAIT, (struct sockaddr *)&other, sizeof other) >= 0) {
            return;
        }
        struct pollfd p = {.fd = fd, .events = POLLIN};
        (void)poll(&p, 1, 1); /* it has as much as it can take */
        fetch();
    }
}

static uint8_t *room(void *arg, uint32_t len)
{
    (void)arg;
    return len <= sizeof frame ? frame : NULL;
}

static void send_frame(void *arg, uint32_t len, const struct card_work *work)
{
    (void)arg;
    (void)work;
    put(frame, len);
}

static void noise(void *bytes, size_t len)
{
    (void)!getrandom(bytes, len, 0);
}

static void say(uint32_t level, const char *text)
{
    (void)level;
    (void)text;
}

static void broken(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

static void changed(struct sock *s)
{
    uint64_t mark = sock_marked(s);
    if (mark != 0 && !conns[mark - 1].listed) {
        conns[mark - 1].listed = true;
        changed_list[changed_count++] = (uint32_t)mark - 1;
    }
}

static void named(struct owner *o)
{
    (void)o;
}

/* What has come is taken; then something is waited for, so long at most. */
static void turn(int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    uint64_t next = stack_next(), now = now_ms();
    int wait = next <= now ? 0 : next - now < (uint64_t)ms ? (int)(next - now) : ms;
    (void)poll(&p, 1, changed_count > 0 || first_came != NULL ? 0 : wait);
    fetch();
    while (first_came != NULL) {
        struct came *c = first_came;
        first_came = c->next;
        last_came = first_came == NULL ? &first_came : last_came;
        if (memcmp(c->bytes, own_mac, 6) == 0) {
            memcpy(their_mac, c->bytes + 6, 6);
        }
        card_input(card, c->bytes, (uint32_t)c->len);
        free(c);
    }
    stack_run(now_ms());
}

/* ---- connections ---- */

static struct net_address target(uint32_t port)
{
    return (struct net_address){.size = sizeof(struct net_address),
                                .family = NET_IP4,
                                .port = port,
                                .bytes = {10, 0, 0, 2}};
}

static bool begin(uint32_t i, uint32_t port)
{
    struct net_address to = target(port);
    struct conn *c = &conns[i];
    *c = (struct conn){.phase = OPENING};
    if (sock_open(&owner, NET_TCP, &c->s) != CTX_OK) {
        return false;
    }
    sock_mark(c->s, i + 1);
    return sock_connect(c->s, &to) == CTX_OK;
}

static void end(struct conn *c)
{
    sock_mark(c->s, 0);
    sock_close(c->s);
    c->s = NULL;
    c->phase = FREE;
}

static void ask(struct conn *c)
{
    static const char text[] = "GET /healthz HTTP/1.1\r\nHost: 10.0.0.2\r\n\r\n";
    uint32_t count = 0;
    (void)sock_send(c->s, text, sizeof text - 1, &count);
    c->phase = ASKED;
    c->got = 0;
}

/* Takes an answer. 1: it is whole and good; -1: it is none, or the connection is over. */
static int answer(struct conn *c)
{
    char bytes[4096];
    uint32_t count = 0;
    ctx_status status = sock_receive(c->s, bytes, sizeof bytes, false, &count);
    if (status == CTX_E_AGAIN) {
        return 0;
    }
    if (status != CTX_OK || count == 0) {
        errors[-status & 63]++;
        return -1;
    }
    uint32_t part = c->got < sizeof c->text ? (uint32_t)sizeof c->text - c->got : 0;
    memcpy(c->text + (part > 0 ? c->got : 0), bytes, count < part ? count : part);
    c->got += count;
    if (c->got < 15 || memcmp(bytes + count - 3, "ok\n", 3) != 0) {
        return 0;
    }
    return memcmp(c->text, "HTTP/1.1 200 OK", 15) == 0 ? 1 : -1;
}

struct tally {
    uint32_t good, bad, most; /* at once */
};

/* Of those that have changed: the next step. keep: they stay when they have their answer. */
static void steps(struct tally *t, bool keep)
{
    static uint32_t list[MOST];
    uint32_t n = changed_count;
    memcpy(list, changed_list, n * sizeof *list);
    changed_count = 0;
    for (uint32_t k = 0; k < n; k++) {
        struct conn *c = &conns[list[k]];
        struct net_socket_info info = {.size = sizeof info};
        c->listed = false;
        if (c->phase == FREE) {
            continue;
        }
        sock_info(c->s, &info);
        if (c->phase == OPENING && info.state == NET_OPEN) {
            ask(c);
        } else if (info.state == NET_ENDED && info.error != CTX_OK) {
            errors[-info.error & 63]++;
            t->bad++;
            end(c);
        } else if (c->phase == ASKED) {
            int result = answer(c);
            t->good += result > 0;
            t->bad += result < 0;
            c->phase = result > 0 ? ANSWERED : c->phase;
            if (result < 0 || (result > 0 && !keep)) {
                end(c);
            }
        } else if (c->phase == ANSWERED && (info.what & NET_HANGUP) != 0) {
            t->bad++;
            end(c);
        }
    }
}

static void tell(const char *word, const struct tally *t, uint64_t begun)
{
    printf("%s good=%u bad=%u most=%u ms=%llu", word, t->good, t->bad, t->most,
           (unsigned long long)(now_ms() - begun));
    for (int i = 0; i < 64; i++) {
        if (errors[i] > 0) {
            printf(" error%d=%u", -i, errors[i]);
            errors[i] = 0;
        }
    }
    printf("\n");
    fflush(stdout);
}

static void open_and_ask(uint32_t n, uint32_t at_once, bool keep, struct tally *t)
{
    uint32_t begun = 0, there = 0;
    uint64_t until = now_ms() + 120000;
    while (t->good + t->bad < n && now_ms() < until) {
        uint32_t ended = keep ? 0 : t->good + t->bad, burst = 0;
        while (begun < n && begun - ended - (keep ? t->good : 0) < at_once && burst++ < 64) {
            uint32_t i = keep ? begun : 0;
            while (!keep && conns[i].phase != FREE) {
                i++;
            }
            begun++;
            if (!begin(i, 80)) {
                t->bad++;
            }
        }
        turn(20);
        steps(t, keep);
        there = begun - ended;
        t->most = there > t->most ? there : t->most;
    }
}

static void hold(uint32_t n)
{
    struct tally t = {0}, again = {0};
    char line[64];
    uint64_t begun = now_ms();
    open_and_ask(n, 100, true, &t);
    tell("held", &t, begun);
    for (struct pollfd p[2] = {{.fd = 0, .events = POLLIN}, {.fd = fd, .events = POLLIN}};;) {
        (void)poll(p, 2, 20);
        turn(0);
        steps(&t, true);
        if (p[0].revents != 0) {
            break;
        }
    }
    (void)!fgets(line, sizeof line, stdin);
    begun = now_ms();
    for (uint32_t i = 0; i < n; i++) {
        if (conns[i].phase == ANSWERED) {
            ask(&conns[i]);
        }
        if (i % 64 == 0) {
            turn(0);
        }
        steps(&again, false);
    }
    while (again.good + again.bad < t.good && now_ms() < begun + 60000) {
        turn(20);
        steps(&again, false);
    }
    tell("again", &again, begun);
}

/* Text with \r and \n as they are written. */
static uint32_t bytes_of(const char *text, uint8_t *out, uint32_t most)
{
    uint32_t len = 0;
    for (; *text != 0 && len < most; text++) {
        bool escaped = text[0] == '\\' && (text[1] == 'r' || text[1] == 'n');
        out[len++] = escaped ? text[1] == 'r' ? '\r' : '\n' : (uint8_t)*text;
        text += escaped;
        for (uint32_t more = *text == '*' ? 99999 : 0; more > 0 && len < most; more--) {
            out[len++] = 'a'; /* a star is a hundred thousand of these */
        }
    }
    return len;
}

static uint32_t hex_of(const char *text, uint8_t *out)
{
    uint32_t len = 0;
    for (unsigned value = 0; sscanf(text + 2 * len, "%2x", &value) == 1; len++) {
        out[len] = (uint8_t)value;
    }
    return len;
}

/* Each by itself. What was answered first, as a number; 0: nothing until the end. */
static unsigned say_one(uint32_t port, const uint8_t *bytes, uint32_t len, bool cut)
{
    struct conn *c = &conns[0];
    uint32_t sent = 0;
    unsigned status = 0;
    char text[32] = "";
    uint64_t until = now_ms() + 40000;
    struct net_socket_info info = {.size = sizeof info};
    if (!begin(0, port)) {
        return 999;
    }
    for (bool over = false; !over && now_ms() < until;) {
        uint8_t in[4096];
        uint32_t count = 0;
        turn(20);
        changed_count = 0;
        c->listed = false;
        sock_info(c->s, &info);
        over = info.state == NET_ENDED;
        if (info.state == NET_OPENING) {
            continue;
        }
        if (sent < len && sock_send(c->s, bytes + sent, len - sent, &count) == CTX_OK) {
            sent += count;
        }
        if (cut && sent == len && info.outward == 0) {
            sock_spoil(c->s); /* no orderly end */
            break;
        }
        ctx_status got = sock_receive(c->s, in, sizeof in, false, &count);
        if (got == CTX_OK && count > 0 && text[0] == 0) {
            memcpy(text, in, count < sizeof text - 1 ? count : sizeof text - 1);
        }
        over = over || (got != CTX_E_AGAIN && (got != CTX_OK || count == 0));
    }
    (void)sscanf(text, "HTTP/1.%*c %u", &status);
    end(c);
    turn(0);
    return status;
}

/* ---- what nobody would send ---- */

static uint16_t sum(const uint8_t *bytes, size_t len, uint32_t begin_with)
{
    uint32_t all = begin_with;
    for (size_t i = 0; i + 1 < len; i += 2) {
        all += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    }
    all += len % 2 != 0 ? (uint32_t)bytes[len - 1] << 8 : 0;
    while (all >> 16 != 0) {
        all = (all & 0xffff) + (all >> 16);
    }
    return (uint16_t)~all;
}

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void syn(void)
{
    uint8_t f[54] = {0};
    memcpy(f, their_mac, 6);
    memcpy(f + 6, own_mac, 6);
    put16(f + 12, 0x0800);
    f[14] = 0x45;
    put16(f + 16, 40);
    f[22] = 64;
    f[23] = 6;
    memcpy(f + 26, "\x0a\0\0", 3);
    noise(f + 29, 1);
    f[29] = (uint8_t)(f[29] | 128);
    memcpy(f + 30, "\x0a\0\0\x02", 4);
    put16(f + 24, sum(f + 14, 20, 0));
    noise(f + 34, 2);
    put16(f + 36, 80);
    noise(f + 38, 4);
    f[46] = 0x50;
    f[47] = 2;
    put16(f + 48, 65000);
    uint32_t pseudo = 6 + 20;
    for (int i = 26; i < 34; i += 2) {
        pseudo += (uint32_t)f[i] << 8 | f[i + 1];
    }
    put16(f + 50, sum(f + 34, 20, pseudo));
    put(f, sizeof f);
}

static void garbage(void)
{
    static const uint16_t types[] = {0x0800, 0x86dd, 0x0806, 0x8100, 0x1234};
    uint8_t f[1514], dice[8];
    noise(f, sizeof f);
    noise(dice, sizeof dice);
    if (dice[0] % 8 != 0) {
        memcpy(f, dice[0] % 2 != 0 ? their_mac : (const uint8_t *)"\xff\xff\xff\xff\xff\xff", 6);
        put16(f + 12, types[dice[1] % 5]);
    }
    if (dice[2] % 2 == 0) { /* nearly a segment to the web server */
        f[14] = dice[3] % 4 == 0 ? f[14] : 0x45;
        f[23] = dice[3] % 3 == 0 ? 17 : 6;
        memcpy(f + 30, "\x0a\0\0\x02", 4);
        put16(f + 16, (uint16_t)(dice[4] * 6));
        put16(f + 20, 0);
        put16(f + 24, 0);
        put16(f + 24, sum(f + 14, 20, 0));
        put16(f + 36, 80);
    }
    put(f, 14 + (dice[5] * 256u + dice[6]) % 1500);
}

/* ---- words ---- */

static int begin_card(const char *own, const char *theirs)
{
    static const struct card_ops ops = {.room = room, .send = send_frame};
    struct sockaddr_un here = {.sun_family = AF_UNIX};
    struct stack_setup setup = {
        .host = {noise, say, broken, changed, named}, .memory_most = UINT64_C(1) << 30, .name = ""};
    struct card_setup c = {.ops = &ops, .mtu = 1500, .address = "10.0.0.9/24"};
    snprintf(here.sun_path, sizeof here.sun_path, "%s", own);
    snprintf(other.sun_path, sizeof other.sun_path, "%s", theirs);
    memcpy(c.mac, own_mac, 6);
    fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0) {
        return 1;
    }
    stack_begin(&setup, now_ms());
    card = card_add(&c);
    card_link(card, true);
    return 0;
}

static void word(char **at)
{
    static uint8_t bytes[300000];
    uint32_t n = (uint32_t)atol(at[1]);
    uint64_t begun = now_ms();
    struct tally t = {0};
    if (strcmp(at[0], "ask") == 0) {
        open_and_ask(n, (uint32_t)atol(at[2]), false, &t);
        tell("asked", &t, begun);
    } else if (strcmp(at[0], "hold") == 0) {
        hold(n);
    } else if (strcmp(at[0], "say") == 0 || strcmp(at[0], "cut") == 0) {
        bool cut = at[0][0] == 'c';
        uint32_t len = cut ? hex_of(at[3], bytes) : bytes_of(at[3], bytes, sizeof bytes);
        for (uint32_t i = 0; i < n; i++) {
            unsigned status = say_one(cut ? (uint32_t)atol(at[2]) : 80, bytes, len, cut);
            t.good += cut || status == (unsigned)atol(at[2]);
            t.bad += !cut && status != (unsigned)atol(at[2]);
            errors[63] = status != (unsigned)atol(at[2]) && !cut ? status : 0;
        }
        tell(at[0], &t, begun);
    } else if (strcmp(at[0], "syn") == 0 || strcmp(at[0], "garbage") == 0) {
        for (uint32_t i = 0; i < n; i++) {
            (at[0][0] == 's' ? syn : garbage)();
            if (i % 64 == 0) {
                turn(0);
            }
        }
        t.good = n;
        tell(at[0], &t, begun);
    } else {
        while (now_ms() < begun + n) {
            turn(20);
            changed_count = 0;
        }
    }
}

int main(int argc, char **argv)
{
    char *padded[64] = {0};
    if (argc < 3 || argc > 60 || begin_card(argv[1], argv[2]) != 0) {
        fprintf(stderr, "netpeer OWN OTHER WORDS...\n");
        return 2;
    }
    memcpy(padded, argv, (size_t)argc * sizeof *argv);
    for (int i = 3; i < argc; i++) {
        static const char *const words[] = {"ask", "hold", "say", "cut", "syn", "garbage", "wait"};
        static const int more[] = {2, 1, 3, 3, 1, 1, 1};
        int k = 0;
        while (k < 6 && strcmp(argv[i], words[k]) != 0) {
            k++;
        }
        if (i + more[k] >= argc) {
            fprintf(stderr, "%s wants more\n", argv[i]);
            return 2;
        }
        word(&padded[i]);
        i += more[k];
    }
    for (uint64_t until = now_ms() + 300; now_ms() < until;) { /* the last ends arrive */
        turn(20);
        changed_count = 0;
    }
    unlink(argv[1]);
    return 0;
}
