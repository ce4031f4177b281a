/* SPDX-License-Identifier: MIT */
/*
 * Who may come in. Looking needs nothing but to have come to us by a name that is ours. Doing needs
 * the token, and what was given out to be used once: a request that was written down on its way is
 * worth nothing a second time.
 */
#include "httpd.h"

#include <stdio.h>
#include <string.h>

#define TRIES     8    /* wrong tokens of one address at once */
#define TRY_MS    5000 /* and then one in so long */
#define ADDRESSES 64
#define ONCES     32
#define ONCE_MS   600000
#define LINES     40u  /* of the log, about what was refused, at once */
#define LINE_MS   5000 /* and then one in so long */

struct counted {
    uint64_t address;
    uint32_t wrong;
    int64_t since;
};

static struct counted counted[ADDRESSES];
static struct {
    char text[33];
    int64_t until;
} onces[ONCES];
static uint32_t next_once;

void door_random(char *out, size_t hex_digits)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[32];
    world_random(bytes, sizeof bytes);
    for (size_t i = 0; i < hex_digits && i < 2 * sizeof bytes; i++) {
        out[i] = digits[bytes[i / 2] >> (4 * (i % 2)) & 15];
    }
    out[hex_digits] = 0;
}

static struct ctx_http_text without_port(struct ctx_http_text host)
{
    if (host.len > 0 && host.at[0] == '[') {
        const char *end = memchr(host.at, ']', host.len);
        return end != NULL ? (struct ctx_http_text){host.at, (size_t)(end - host.at) + 1} : host;
    }
    const char *colon = host.len > 0 ? memchr(host.at, ':', host.len) : NULL;
    return colon != NULL ? (struct ctx_http_text){host.at, (size_t)(colon - host.at)} : host;
}

/* A page from elsewhere can have its own name lead to our address, and then read us as itself. But
 * it can not make its name one of ours. */
bool door_good_host(struct ctx_http_text host)
{
    struct ctx_http_text name = without_port(host);
    name.len -= name.len > 1 && name.at[name.len - 1] == '.'; /* the same name, written out */
    if (name.len == 0) {
        return host.at == NULL; /* HTTP/1.0 has none, and no browser speaks that */
    }
    bool address = name.at[0] == '[';
    uint32_t dots = 0;
    if (!address) {
        size_t i = 0;
        for (; i < name.len && ((name.at[i] >= '0' && name.at[i] <= '9') || name.at[i] == '.');
             i++) {
            dots += name.at[i] == '.';
        }
        address = i == name.len && dots == 3;
    }
    if (address || ctx_http_is(name, "localhost") || ctx_http_is(name, "argos.local")) {
        return true;
    }
    for (uint32_t i = 0; i < settings.name_count; i++) {
        if (ctx_http_is(name, settings.names[i])) {
            return true;
        }
    }
    return false;
}

/* No Origin: it is no browser, or a plain look. Then it is the token that counts. */
bool door_same_origin(const struct ctx_http_head *request, bool secure)
{
    const struct ctx_http_text *origin = ctx_http_find(request, "origin"),
                               *site = ctx_http_find(request, "sec-fetch-site");
    if (site != NULL && !ctx_http_is(*site, "same-origin") && !ctx_http_is(*site, "none")) {
        return false;
    }
    if (origin == NULL) {
        return true;
    }
    for (uint32_t i = 0; i < request->field_count; i++) {
        if (ctx_http_is(request->fields[i].name, "origin") && &request->fields[i].value != origin) {
            return false; /* which of them is meant? */
        }
    }
    char wanted[300];
    snprintf(wanted, sizeof wanted, "%s://%.*s", secure ? "https" : "http", (int)request->host.len,
             request->host.at);
    return ctx_http_is(*origin, wanted);
}

/* Where this address is counted; another one's place if there is none left. */
static struct counted *count_of(uint64_t address)
{
    struct counted *oldest = &counted[0];
    for (uint32_t i = 0; i < ADDRESSES; i++) {
        if (counted[i].since > 0 && counted[i].address == address) {
            return &counted[i];
        }
        /* One with nothing to forget is the first to go. */
        if (oldest->wrong > 0 && (counted[i].wrong == 0 || counted[i].since < oldest->since)) {
            oldest = &counted[i];
        }
    }
    *oldest = (struct counted){.address = address, .since = now_ms()};
    return oldest;
}

void door_once(char out[33])
{
    door_random(out, 32);
    memcpy(onces[next_once % ONCES].text, out, 33);
    onces[next_once++ % ONCES].until = now_ms() + ONCE_MS;
}

static bool use_once(struct ctx_http_text once)
{
    for (uint32_t i = 0; i < ONCES; i++) {
        struct ctx_http_text given = {onces[i].text, strlen(onces[i].text)};
        if (onces[i].until >= now_ms() && ctx_http_same_secret(given, once)) {
            onces[i].text[0] = 0;
            onces[i].until = 0;
            return true;
        }
    }
    return false;
}

uint32_t door_may(uint64_t address, struct ctx_http_text token, struct ctx_http_text once)
{
    if (!settings.full) {
        return 403; /* not even with the token */
    }
    world_token_check();
    /* The right one counts whatever others have guessed: many come by one address. It has 128
     * bits, so what is slowed down is who floods, not who guesses. */
    if (ctx_http_same_secret((struct ctx_http_text){settings.token, strlen(settings.token)},
                             token)) {
        return once.at == NULL || use_once(once) ? 0 : 409;
    }
    struct counted *count = count_of(address);
    int64_t now = now_ms();
    uint32_t forgiven = (uint32_t)((now - count->since) / TRY_MS);
    if (forgiven > 0) {
        count->wrong -= forgiven < count->wrong ? forgiven : count->wrong;
        count->since = now;
    }
    if (count->wrong >= TRIES) {
        return 429;
    }
    count->wrong++;
    return 401;
}

/* One line each, in the machine's own log. Nothing in it comes from outside but through %x and our
 * own words. */
void door_audit(uint64_t address, const char *what, const char *how)
{
    unsigned n[4];
    bool six = address >> 32 != 0;
    for (uint32_t i = 0; i < 4; i++) {
        n[i] = (unsigned)(six ? address >> (48 - 16 * i) & 0xffff : address >> (24 - 8 * i) & 255);
    }
    world_say(six ? "audit: %s from=%x:%x:%x:%x::/64: %s" : "audit: %s from=%u.%u.%u.%u: %s", what,
              n[0], n[1], n[2], n[3], how);
}

static struct {
    int64_t since;      /* when the last line was credited */
    uint32_t left;      /* lines that may be written at once */
    uint64_t unwritten; /* that were not */
} refusals = {.left = LINES};

static void say_unwritten(void)
{
    if (refusals.unwritten > 0) {
        world_say("audit: %llu more were refused", (unsigned long long)refusals.unwritten);
        refusals.unwritten = 0;
    }
}

/* A line for each LINE_MS, and LINES at once after a while of silence. */
static void credit(void)
{
    int64_t now = now_ms(), lines = (now - refusals.since) / LINE_MS;
    if (lines > 0) {
        refusals.since = now;
        refusals.left =
            lines > (int64_t)(LINES - refusals.left) ? LINES : refusals.left + (uint32_t)lines;
    }
}

void door_refused(uint64_t address, const char *what, const char *how)
{
    credit();
    if (refusals.left == 0) {
        refusals.unwritten++;
        return;
    }
    refusals.left--;
    door_audit(address, what, how);
}

int64_t door_tick(void)
{
    credit();
    if (refusals.unwritten > 0 && refusals.left > 0) {
        refusals.left--;
        say_unwritten();
    }
    return refusals.unwritten > 0 ? LINE_MS : -1;
}
