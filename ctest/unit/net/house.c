/* SPDX-License-Identifier: MIT */
#include "house.h"

uint32_t asked_dhcp, asked_dns;
bool answers_dhcp = true, taken;
uint8_t lease[4] = {10, 0, 2, 15}, lease_mask[4] = {255, 255, 255, 0};
uint8_t dns_says[4] = {1, 2, 3, 4}, dns_says6[16];

uint16_t fold(const uint8_t *p, uint32_t len)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i + 1 < len; i += 2) {
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    }
    while (sum >> 16 != 0) {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    return (uint16_t)~sum;
}

void put16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

void send_udp(const uint8_t *asked, const uint8_t from[4], const uint8_t to[4], uint32_t from_port,
              uint32_t to_port, const uint8_t *body, uint32_t len)
{
    uint8_t frame[1500] = {0};
    memcpy(frame, asked + 6, 6);
    memcpy(frame + 6, "\x52\x55\x0a\0\2\2", 6);
    put16(frame + 12, 0x800);
    uint8_t *ip = frame + 14, *udp = ip + 20;
    ip[0] = 0x45;
    put16(ip + 2, 28 + len);
    ip[8] = 64;
    ip[9] = 17;
    memcpy(ip + 12, from, 4);
    memcpy(ip + 16, to, 4);
    put16(ip + 10, fold(ip, 20));
    put16(udp, from_port);
    put16(udp + 2, to_port);
    put16(udp + 4, 8 + len);
    memcpy(udp + 8, body, len);
    wire_put(&a, frame, 42 + len);
}

static void answer_dhcp(const uint8_t *frame, const uint8_t *asked)
{
    static const uint8_t server[4] = {10, 0, 2, 2}, all[4] = {255, 255, 255, 255};
    uint8_t body[300] = {2, 1, 6};
    asked_dhcp++;
    memcpy(body + 4, asked + 4, 4);
    memcpy(body + 16, lease, 4);
    memcpy(body + 28, asked + 28, 16);
    memcpy(body + 236, "\x63\x82\x53\x63\x35\1", 6);
    body[242] = asked[242] == 1 ? 2 : 5; /* DISCOVER: OFFER; REQUEST: ACK */
    memcpy(body + 243,
           "\x36\4\x0a\0\2\2\x33\4\0\0\x0e\x10\1\4\xff\xff\xff\0\3\4\x0a\0\2\2\6\4\x0a\0\2\3"
           "\x2a\x08\x0a\0\2\7\x0a\0\2\x08\xff",
           41);
    memcpy(body + 257, lease_mask, 4);
    send_udp(frame, server, all, 67, 68, body, sizeof body);
}

static void answer_dns(const uint8_t *frame, const uint8_t *asked, uint32_t len)
{
    static const uint8_t server[4] = {10, 0, 2, 3};
    uint8_t body[512];
    asked_dns++;
    memcpy(body, asked, len);
    put16(body + 2, 0x8180);
    put16(body + 6, 1);
    bool six = asked[len - 3] == 28; /* AAAA */
    uint32_t room = six ? 16 : 4;
    memcpy(body + len,
           six ? "\xc0\x0c\0\x1c\0\1\0\0\0\x3c\0\x10" : "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4", 12);
    memcpy(body + len + 12, six ? dns_says6 : dns_says, room);
    send_udp(frame, server, frame + 26, 53, (uint32_t)frame[34] << 8 | frame[35], body,
             len + 12 + room);
}

/* The one of the two time servers that DHCP names which is there. */
static void answer_time(const uint8_t *frame)
{
    static const uint8_t server[4] = {10, 0, 2, 8};
    uint8_t body[48] = {4 << 3 | 4, 1};
    if (memcmp(frame + 30, server, 4) == 0) {
        memcpy(body + 24, frame + 42 + 40, 8);
        memcpy(body + 32, "\xed\0\0\0\0\0\0\0\xed\0\0\0\0\0\0\0", 16);
        send_udp(frame, server, frame + 26, 123, (uint32_t)frame[34] << 8 | frame[35], body, 48);
    }
}

static void answer_arp(const uint8_t *frame)
{
    uint8_t out[42];
    bool own = memcmp(frame + 38, lease, 4) == 0;
    if (frame[21] != 1 || (own && !taken)) {
        return;
    }
    memcpy(out, frame, sizeof out);
    memcpy(out, frame + 6, 6);
    memcpy(out + 6, "\x52\x55\x0a\0\2\2", 6);
    out[21] = 2;
    memcpy(out + 22, out + 6, 6);
    memcpy(out + 28, frame + 38, 4);
    memcpy(out + 32, frame + 22, 10);
    wire_put(&a, out, sizeof out);
}

void by_hand(const uint8_t *frame, uint32_t len)
{
    if (len >= 42 && frame[12] == 8 && frame[13] == 6) {
        answer_arp(frame);
    } else if (len > 42 && frame[12] == 8 && frame[13] == 0 && frame[23] == 17) {
        uint32_t port = (uint32_t)frame[36] << 8 | frame[37];
        if (port == 67 && answers_dhcp) {
            answer_dhcp(frame, frame + 42);
        } else if (port == 53) {
            answer_dns(frame, frame + 42, len - 42);
        } else if (port == 123 && len == 90) {
            answer_time(frame);
        }
    }
}

bool has_address(void)
{
    struct net_card_info card = {.size = sizeof card};
    return a.net->card_at(1, &card) && memcmp(card.ip4, lease, 4) == 0;
}

void begin_by_hand(void)
{
    b.deaf = true;
    heard = by_hand;
    wire_begin(NULL, "10.0.0.2/24");
    b.net->card_link(b.card, false);
}
