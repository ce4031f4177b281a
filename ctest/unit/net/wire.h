/* SPDX-License-Identifier: MIT */
/*
 * Two machines and a wire between them that loses, doubles, reorders, delays and corrupts frames,
 * by a clock that is the test's. What a machine has been told lies in `said`.
 */
#ifndef NET_WIRE_H
#define NET_WIRE_H

#include "../test.h"
#include "twin.h"

/* Of a thousand frames. */
struct trouble {
    uint32_t lost, doubled, late, bent;
    uint32_t late_ms;
};

struct machine {
    const struct net_twin *net;
    struct card *card;
    struct owner owner;
    uint64_t named; /* how often a name was known */
    uint64_t times; /* how often a server has said what time it is, and what */
    int64_t time_ns;
    uint8_t room[70000];
    uint32_t pending; /* bytes of a frame that may still grow */
    struct card_work work;
    char said[4000];
    bool deaf; /* the test itself is at the other end: frames go to its `heard` */
};

extern struct machine a, b;
extern uint32_t wire_does;           /* CARD_*: what a's card does, set before wire_begin */
extern uint32_t wire_full;           /* for so many of a thousand frames no card has room */
extern uint64_t wire_bytes;          /* that a's card sent */
extern uint64_t wire_long;           /* frames that it cut */
extern uint64_t now_ms, wire_frames; /* since the begin */
extern struct trouble trouble;
extern void (*heard)(const uint8_t *frame, uint32_t len); /* instead of b */

/* Both begin anew, which a process can do once: each test has one of its own (wire_tests). */
void wire_begin(const char *address_a, const char *address_b);

/* Its card goes, and another one comes. */
void wire_card_again(struct machine *m, const char *address);

/* Until when() is true, or so much time has passed. What it was. */
bool wire_until(bool (*when)(void), uint64_t ms);
void wire_pass(uint64_t ms);

/* A frame of the test's own. */
void wire_put(struct machine *to, const void *frame, uint32_t len);

struct net_address at(uint8_t last, uint32_t port); /* 10.0.0.last */

/* Each in a process of its own. What main returns. */
int wire_tests(const struct CMUnitTest *tests, size_t count);

extern struct rng dice;

#endif
