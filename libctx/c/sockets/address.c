/* SPDX-License-Identifier: MIT */
/* Addresses: as structs, as words. */
#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct in6_addr in6addr_any = IN6ADDR_ANY_INIT;
const struct in6_addr in6addr_loopback = IN6ADDR_LOOPBACK_INIT;

int ctx_c_address_in(int family, const struct sockaddr *address, socklen_t len,
                     struct net_address *out)
{
    const struct sockaddr_in *four = (const void *)address;
    const struct sockaddr_in6 *six = (const void *)address;
    *out = (struct net_address){.size = sizeof *out};
    if (address == NULL || len < sizeof address->sa_family) {
        return -EINVAL;
    }
    if (len < (address->sa_family == AF_INET6 ? sizeof *six : sizeof *four)) {
        return -EINVAL;
    }
    if (address->sa_family != family) {
        return -EAFNOSUPPORT;
    }
    if (family == AF_INET) {
        out->family = NET_IP4;
        out->port = ntohs(four->sin_port);
        memcpy(out->bytes, &four->sin_addr, 4);
        return 0;
    }
    out->family = NET_IP6;
    out->port = ntohs(six->sin6_port);
    out->card = six->sin6_scope_id;
    memcpy(out->bytes, &six->sin6_addr, 16);
    return 0;
}

void ctx_c_address_out(int family, const struct net_address *address, struct sockaddr *out,
                       socklen_t *len)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)address->port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)address->port)};
    if (out == NULL || len == NULL) {
        return;
    }
    if (family == AF_INET) { /* of any address of IPv6 that is the one of all */
        if (address->family == NET_IP4) {
            memcpy(&four.sin_addr, address->bytes, 4);
        }
        memcpy(out, &four, *len < sizeof four ? *len : sizeof four);
        *len = sizeof four;
        return;
    }
    if (address->family == NET_IP4) {
        six.sin6_addr.s6_addr[10] = six.sin6_addr.s6_addr[11] = 0xff;
        memcpy(six.sin6_addr.s6_addr + 12, address->bytes, 4);
    } else {
        memcpy(&six.sin6_addr, address->bytes, 16);
        six.sin6_scope_id = address->card;
    }
    memcpy(out, &six, *len < sizeof six ? *len : sizeof six);
    *len = sizeof six;
}

/* ---- words ---- */

/* Four numbers of 0 to 255 without needless zeroes. */
static bool read_four(const char *text, uint8_t out[4])
{
    for (int i = 0; i < 4; i++) {
        unsigned number = 0, digits = 0;
        while (*text >= '0' && *text <= '9' && digits < 4) {
            number = number * 10 + (unsigned)(*text++ - '0');
            digits++;
        }
        if (digits == 0 || number > 255 || (digits > 1 && text[-(int)digits] == '0') ||
            *text != (i < 3 ? '.' : 0)) {
            return false;
        }
        out[i] = (uint8_t)number;
        text += i < 3;
    }
    return true;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool read_six(const char *text, uint8_t out[16])
{
    uint8_t bytes[16] = {0};
    int at = 0, gap = -1;
    if (text[0] == ':' && text[1] != ':') {
        return false;
    }
    while (*text != 0) {
        if (text[0] == ':' && text[1] == ':') {
            if (gap >= 0) {
                return false;
            }
            gap = at;
            text += 2;
            if (*text == ':') {
                return false;
            }
            continue;
        }
        if (*text == ':') {
            text++;
            if (digit_of(*text) < 0) {
                return false;
            }
        }
        const char *part = text;
        unsigned number = 0, digits = 0;
        for (; digit_of(*text) >= 0 && digits < 5; digits++) {
            number = number << 4 | (unsigned)digit_of(*text++);
        }
        if (*text == '.' && at <= 12 && read_four(part, bytes + at)) {
            at += 4;
            break;
        }
        if (digits == 0 || digits > 4 || at > 14 || (*text != 0 && *text != ':')) {
            return false;
        }
        bytes[at++] = (uint8_t)(number >> 8);
        bytes[at++] = (uint8_t)number;
    }
    if (gap < 0 ? at != 16 : at > 14) {
        return false;
    }
    memset(out, 0, 16);
    gap = gap < 0 ? at : gap;
    memcpy(out, bytes, (size_t)gap);
    memcpy(out + 16 - (at - gap), bytes + gap, (size_t)(at - gap));
    return true;
}

int inet_pton(int family, const char *text, void *address)
{
    uint8_t bytes[16];
    if (family != AF_INET && family != AF_INET6) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    if (!(family == AF_INET ? read_four(text, bytes) : read_six(text, bytes))) {
        return 0;
    }
    memcpy(address, bytes, family == AF_INET ? 4 : 16);
    return 1;
}

/* The longest run of two or more zero words is "::". */
static void write_six(const uint8_t *bytes, char *out, size_t room)
{
    unsigned words[8];
    int best = -1, best_len = 1, at = 0;
    for (int i = 0; i < 8; i++) {
        words[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    }
    for (int i = 0; i < 8; i++) {
        int len = 0;
        while (i + len < 8 && words[i + len] == 0) {
            len++;
        }
        if (len > best_len) {
            best = i;
            best_len = len;
        }
    }
    bool mapped = best == 0 && (best_len == 6 || (best_len == 5 && words[5] == 0xffff));
    for (int i = 0; i < 8; i++) {
        if (i == best) {
            at += snprintf(out + at, room - (size_t)at, "::");
            i += best_len - 1;
        } else if (mapped && i == 6) {
            snprintf(out + at, room - (size_t)at, "%s%u.%u.%u.%u", out[at - 1] == ':' ? "" : ":",
                     bytes[12], bytes[13], bytes[14], bytes[15]);
            return;
        } else {
            at += snprintf(out + at, room - (size_t)at, "%s%x",
                           at > 0 && out[at - 1] != ':' ? ":" : "", words[i]);
        }
    }
}

const char *inet_ntop(int family, const void *address, char *text, socklen_t len)
{
    char out[INET6_ADDRSTRLEN];
    const uint8_t *bytes = address;
    if (family == AF_INET) {
        snprintf(out, sizeof out, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
    } else if (family == AF_INET6) {
        write_six(bytes, out, sizeof out);
    } else {
        errno = EAFNOSUPPORT;
        return NULL;
    }
    if (strlen(out) >= len) {
        errno = ENOSPC;
        return NULL;
    }
    return strcpy(text, out);
}

/* One to four numbers, each decimal, octal or hexadecimal; the last one has what is left. */
int inet_aton(const char *text, struct in_addr *address)
{
    uint32_t value = 0;
    for (int parts = 1; parts <= 4; parts++) {
        char *end;
        if (*text < '0' || *text > '9') {
            return 0;
        }
        unsigned long number = strtoul(text, &end, 0);
        if (*end == '.' && parts < 4 && number <= 255) {
            value |= (uint32_t)number << (32 - 8 * parts);
            text = end + 1;
            continue;
        }
        if (*end != 0 || number > 0xffffffffu >> (8 * (parts - 1))) {
            return 0;
        }
        if (address != NULL) {
            address->s_addr = htonl(value | (uint32_t)number);
        }
        return 1;
    }
    return 0;
}

in_addr_t inet_addr(const char *text)
{
    struct in_addr address;
    return inet_aton(text, &address) != 0 ? address.s_addr : INADDR_NONE;
}

char *inet_ntoa(struct in_addr address)
{
    static char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &address, text, sizeof text);
    return text;
}
