/* SPDX-License-Identifier: MIT */
/*
 * What time it is, asked of time servers (SNTP, RFC 4330, with what RFC 9769 says of timestamps
 * that tell nobody anything). lwIP's own client takes an answer from a server that does not know
 * the time itself, and the same answer twice, so this is one of ours, over a socket as any app's.
 */
#include "stack_private.h"

#include "lwip/dhcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVERS     4u
#define PORT        123u
#define ANSWER_MS   3000u
#define AGAIN_MS    16000u   /* when nobody has answered; doubled each time, up to */
#define AGAIN_MOST  1024000u /* this */
#define POLL_MS     3600000u
#define POLL_DICE   300000u /* not all machines of a house at once */
#define MESSAGE     48u
#define BEFORE_UNIX INT64_C(2208988800) /* from 1900 to 1970 */
#define ERA         (INT64_C(1) << 32)
#define LEAST_S     INT64_C(1735689600) /* 2025, as <ctx/tls.h> has it */
#define MOST_S      INT64_C(4102444800) /* 2100 */
#define DISTANCE_MAX                                                                               \
    (UINT32_C(16) << 16) /* seconds to the clock that knows, with 16 bits behind                   \
                          */
#define NS INT64_C(1000000000)
#define MS INT64_C(1000000)

enum step { WAITS, NAMES, ASKED };

struct server {
    char name[254];
    uint16_t port;
};

static struct {
    struct server servers[SERVERS];
    uint32_t count, at, failed; /* failed: so many in a row */
    enum step step;
    bool by_line, good, tried; /* tried: each was asked once, and none has said */
    bool anew;                 /* others are to be asked */
    uint64_t next_ms, until_ms, sent_ms, again_ms;
    uint8_t cookie[8];
    struct owner owner;
    struct sock *sock;
} ntp = {.next_ms = UINT64_MAX, .again_ms = AGAIN_MS};

static void begin_round(void)
{
    ntp.next_ms = stack.host.time != NULL && ntp.count > 0 ? stack.now_ms : UINT64_MAX;
    ntp.failed = ntp.at = 0;
    ntp.again_ms = AGAIN_MS;
    ntp.tried = false;
}

/* ---- who is asked ---- */

static bool read_server(const char *word, size_t len, struct server *out)
{
    const char *name = word, *colon = memchr(word, ':', len), *port = NULL;
    size_t name_len = len;
    if (len > 0 && word[0] == '[') {
        const char *end = memchr(word, ']', len);
        if (end == NULL) {
            return false;
        }
        name = word + 1;
        name_len = (size_t)(end - name);
        port = end + 1 < word + len ? end + 1 : NULL;
    } else if (colon != NULL && memchr(colon + 1, ':', len - (size_t)(colon + 1 - word)) == NULL) {
        name_len = (size_t)(colon - word);
        port = colon;
    }
    char text[8] = "", *end = text;
    unsigned long number = PORT;
    if (port != NULL) {
        size_t digits = len - (size_t)(port + 1 - word);
        if (*port != ':' || digits == 0 || digits > 5) {
            return false;
        }
        memcpy(text, port + 1, digits);
        number = strtoul(text, &end, 10);
    }
    if (name_len == 0 || name_len >= sizeof out->name || *end != 0 || number < 1 ||
        number > UINT16_MAX) {
        return false;
    }
    memcpy(out->name, name, name_len);
    out->name[name_len] = 0;
    out->port = (uint16_t)number;
    return true;
}

bool stack_ntp(const char *words)
{
    ntp.by_line = true;
    ntp.count = 0;
    while (*words != 0) {
        size_t len = strcspn(words, ",");
        bool is_last = words[len] == 0;
        if (ntp.count == SERVERS || !read_server(words, len, &ntp.servers[ntp.count]) ||
            (!is_last && words[len + 1] == 0)) {
            ntp.count = 0;
            return false;
        }
        ntp.count++;
        words += len + !is_last;
    }
    begin_round();
    return true;
}

/* DHCP's option 42. */
void dhcp_set_ntp_servers(u8_t count, const ip4_addr_t *addresses)
{
    if (ntp.by_line) {
        return;
    }
    struct server told[SERVERS] = {0};
    uint32_t n = 0;
    for (; n < count && n < SERVERS; n++) {
        ip4addr_ntoa_r(&addresses[n], told[n].name, sizeof told[n].name);
        told[n].port = PORT;
    }
    if (n != ntp.count || memcmp(told, ntp.servers, sizeof told) != 0) {
        memcpy(ntp.servers, told, sizeof told);
        ntp.count = n;
        ntp.anew = true; /* this is in the middle of lwIP's work */
    }
}

/* ---- one question ---- */

static void close_socket(void)
{
    if (ntp.sock != NULL) {
        sock_close(ntp.sock);
        ntp.sock = NULL;
    }
    names_forget(&ntp.owner);
    ntp.step = WAITS;
}

static void failed(const char *why)
{
    close_socket();
    if (!ntp.tried) {
        stack_say(CTX_LOG_WARN, "time server %s %s", ntp.servers[ntp.at].name, why);
    }
    ntp.at = (ntp.at + 1) % ntp.count;
    ntp.failed++;
    ntp.next_ms = stack.now_ms;
    if (ntp.failed >= ntp.count) {
        ntp.failed = 0;
        ntp.tried = true;
        ntp.next_ms = stack.now_ms + ntp.again_ms;
        ntp.again_ms = ntp.again_ms * 2 < AGAIN_MOST ? ntp.again_ms * 2 : AGAIN_MOST;
    }
}

/* The time that is sent is a number of chance: it tells nothing of ours, and only who has seen it
 * can answer. */
static void ask(const struct net_address *to)
{
    uint8_t message[MESSAGE] = {4 << 3 | 3}; /* version 4, a client */
    uint32_t count = 0;
    if (sock_open(&ntp.owner, NET_UDP, &ntp.sock) != CTX_OK) {
        failed("can not be asked: no memory");
        return;
    }
    stack.host.noise(ntp.cookie, sizeof ntp.cookie);
    memcpy(message + 40, ntp.cookie, sizeof ntp.cookie);
    if (sock_connect(ntp.sock, to) != CTX_OK ||
        sock_send(ntp.sock, message, sizeof message, &count) != CTX_OK) {
        failed("can not be reached");
        return;
    }
    ntp.step = ASKED;
    ntp.sent_ms = stack.now_ms;
    ntp.until_ms = stack.now_ms + ANSWER_MS;
}

static void find(void)
{
    struct net_found found = {.size = sizeof found};
    const struct server *s = &ntp.servers[ntp.at];
    ctx_status status = name_resolve(&ntp.owner, s->name, NET_ANY, &found);
    if (status == CTX_E_AGAIN) {
        ntp.step = NAMES; /* how long that takes at most is known there */
        return;
    }
    if (status != CTX_OK || found.count == 0) {
        failed("has no address: there is no such name, or nobody to ask");
        return;
    }
    struct net_address to = {.size = sizeof to, .family = NET_IP6, .port = s->port};
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    memcpy(to.bytes, found.bytes, 16);
    if (memcmp(found.bytes, mapped, sizeof mapped) == 0) {
        to.family = NET_IP4;
        memset(to.bytes, 0, sizeof to.bytes);
        memcpy(to.bytes, found.bytes + 12, 4);
    }
    ask(&to);
}

static uint32_t word_at(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Since 1970. Seconds wrap in 2036: those from before 1968 are of the next era. */
static int64_t time_at(const uint8_t *p)
{
    int64_t seconds = word_at(p);
    seconds += seconds < ERA / 2 ? ERA : 0;
    return (seconds - BEFORE_UNIX) * NS + (int64_t)((uint64_t)word_at(p + 4) * (uint64_t)NS >> 32);
}

/* NULL: it is the answer, and *out the time now. "": it is for somebody else, and the true one may
 * come yet. */
static const char *read_answer(const uint8_t *m, uint32_t len, int64_t *out)
{
    uint32_t version = m[0] >> 3 & 7;
    if (len < MESSAGE || (m[0] & 7) != 4 || version < 3 || version > 4 ||
        memcmp(m + 24, ntp.cookie, sizeof ntp.cookie) != 0) {
        return "";
    }
    if (m[1] == 0) {
        return "does not want to be asked";
    }
    if (m[0] >> 6 == 3 || m[1] > 15 || word_at(m + 4) >= DISTANCE_MAX ||
        word_at(m + 8) >= DISTANCE_MAX) {
        return "does not know the time itself";
    }
    int64_t heard = time_at(m + 32), said = time_at(m + 40);
    int64_t away = (int64_t)(stack.now_ms - ntp.sent_ms) * MS - (said - heard);
    if (said < LEAST_S * NS || said >= MOST_S * NS || heard > said ||
        said - heard > (int64_t)ANSWER_MS * MS) {
        return "says a time that can not be";
    }
    *out = said + (away > 0 ? away / 2 : 0);
    return NULL;
}

static void hear(void)
{
    uint8_t message[128];
    uint32_t len = 0;
    int64_t now = 0;
    while (ntp.step == ASKED) {
        memset(message, 0, sizeof message);
        ctx_status status = sock_receive(ntp.sock, message, sizeof message, false, &len);
        if (status == CTX_E_AGAIN) {
            break;
        }
        const char *wrong =
            status == CTX_OK ? read_answer(message, len, &now) : "can not be reached";
        if (wrong == NULL) {
            close_socket();
            ntp.good = true;
            ntp.failed = 0;
            ntp.again_ms = AGAIN_MS;
            ntp.next_ms = stack.now_ms + POLL_MS + stack_rand() % POLL_DICE;
            stack.host.time(now, ntp.servers[ntp.at].name);
        } else if (*wrong != 0) {
            failed(wrong);
        }
    }
    if (ntp.step == ASKED && stack.now_ms >= ntp.until_ms) {
        failed("does not answer");
    }
}

/* ---- its turn ---- */

static bool there_is_a_way(void)
{
    struct net_overview o = {.size = sizeof o};
    stack_overview(&o);
    return (o.flags & (NET_UP4 | NET_UP6)) != 0;
}

void ntp_begin(void)
{
    ntp.owner.sockets_most = 1;
    ntp.owner.bytes_most = 16384;
}

void ntp_leapt(void)
{
    close_socket();
    begin_round();
}

void ntp_run(bool moved)
{
    if (ntp.anew) {
        ntp.anew = false;
        ntp_leapt();
    }
    if (ntp.count == 0 || stack.host.time == NULL) {
        return;
    }
    if (moved && ntp.step == WAITS && !ntp.good) {
        begin_round(); /* the way there may be open now */
    }
    if (ntp.step == NAMES) {
        find();
    } else if (ntp.step == ASKED) {
        hear();
    } else if (stack.now_ms >= ntp.next_ms) {
        ntp.next_ms = stack.now_ms + AGAIN_MOST;
        if (there_is_a_way()) {
            find();
        }
    }
}

uint64_t ntp_next(void)
{
    return ntp.step == ASKED ? ntp.until_ms : ntp.step == WAITS ? ntp.next_ms : UINT64_MAX;
}

uint32_t stack_clock(void)
{
    if (stack.host.time == NULL) {
        return 0;
    }
    bool may_come = ntp.count > 0 ? !ntp.tried && there_is_a_way() : false;
    return ntp.good ? NET_CLOCK : may_come || stack_settling() ? NET_CLOCK_SETTLING : 0u;
}
