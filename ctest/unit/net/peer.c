/* SPDX-License-Identifier: MIT */
#include "peer.h"

uint32_t peer_port = 4000, peer_seen, peer_window;

uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void peer_says(uint32_t number, uint32_t flags, const void *options, uint32_t options_len,
               const uint8_t *body, uint32_t len)
{
    uint8_t f[1600] = {0}, *ip = f + 14, *tcp = ip + 20, pseudo[12 + 1500] = {0};
    uint32_t all = 20 + options_len + len;
    memcpy(f, "\x52\x54\0\x12\x34\1\x52\x54\0\x12\x34\2\x8", 13);
    ip[0] = 0x45;
    put16(ip + 2, 20 + all);
    ip[8] = 64;
    ip[9] = 6;
    memcpy(ip + 12, "\x0a\0\0\2\x0a\0\0\1", 8);
    put16(ip + 10, fold(ip, 20));
    put16(tcp, peer_port);
    put16(tcp + 2, PORT);
    put16(tcp + 4, number >> 16);
    put16(tcp + 6, number);
    put16(tcp + 8, peer_seen >> 16);
    put16(tcp + 10, peer_seen);
    tcp[12] = (uint8_t)((20 + options_len) / 4 << 4);
    tcp[13] = (uint8_t)flags;
    put16(tcp + 14, peer_window);
    if (options_len > 0) {
        memcpy(tcp + 20, options, options_len);
    }
    if (len > 0) {
        memcpy(tcp + 20 + options_len, body, len);
    }
    memcpy(pseudo, ip + 12, 8);
    pseudo[9] = 6;
    put16(pseudo + 10, all);
    memcpy(pseudo + 12, tcp, all);
    put16(tcp + 16, fold(pseudo, 12 + all + all % 2));
    wire_put(&a, f, 34 + all);
}

static void answer_arp(const uint8_t *frame)
{
    uint8_t f[60] = {0};
    if (frame[21] != 1 || memcmp(frame + 38, "\x0a\0\0\2", 4) != 0) {
        return;
    }
    memcpy(f, "\x52\x54\0\x12\x34\1\x52\x54\0\x12\x34\2\x8\x6\0\1\x8\0\6\4\0\2", 22);
    memcpy(f + 22, "\x52\x54\0\x12\x34\2\x0a\0\0\2\x52\x54\0\x12\x34\1\x0a\0\0\1", 20);
    wire_put(&a, f, sizeof f);
}

const uint8_t *peer_hears(const uint8_t *frame, uint32_t len, uint32_t *data)
{
    const uint8_t *ip = frame + 14, *tcp = ip + 20;
    if (frame[12] == 8 && frame[13] == 6) {
        answer_arp(frame);
    }
    if (len < 54 || frame[12] != 8 || frame[13] != 0 || ip[9] != 6) {
        return NULL;
    }
    *data = ((uint32_t)ip[2] << 8 | ip[3]) - 20 - (uint32_t)(tcp[12] >> 4) * 4;
    return tcp;
}
