/* SPDX-License-Identifier: MIT */
/*
 * What an app's line allows: use=ctx.net/1(out:*.example.org:443 in:8080). Items stand between
 * spaces or commas:
 *
 *   out[:HOST[:PORTS]]    it may reach HOST: *, a name, *.name, an address, a network 10.0.0.0/8,
 *                         IPv6 in brackets
 *   in[:PORTS]            others may reach it there
 *
 * PORTS: *, 80, or 8000-8099. Without parentheses: out. An address may be reached if the app got
 * it for a name that it may reach.
 */
#include "net_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PORT_LAST 65535u

static bool read_ports(const char *text, struct rule *r)
{
    char *end = NULL;
    r->first_port = 0;
    r->last_port = PORT_LAST;
    if (text == NULL || strcmp(text, "*") == 0) {
        return true;
    }
    unsigned long first = strtoul(text, &end, 10), last = first;
    if (end == text) {
        return false;
    }
    if (*end == '-') {
        const char *more = end + 1;
        last = strtoul(more, &end, 10);
        if (end == more) {
            return false;
        }
    }
    r->first_port = (uint32_t)first;
    r->last_port = (uint32_t)last;
    return *end == 0 && first >= 1 && first <= last && last <= PORT_LAST;
}

static void as_six(const struct net_address *a, uint8_t out[16])
{
    memset(out, 0, 16);
    if (a->family == NET_IP4) {
        out[10] = out[11] = 0xff;
        memcpy(out + 12, a->bytes, 4);
    } else {
        memcpy(out, a->bytes, 16);
    }
}

static bool read_host(char *text, struct rule *r)
{
    struct net_address a = {.size = sizeof a};
    size_t len = strlen(text);
    if (len == 0 || len >= PATTERN_MOST) {
        return false;
    }
    if (strcmp(text, "*") == 0) {
        r->kind = RULE_ANY;
        return true;
    }
    char *slash = strchr(text, '/'), *end = NULL;
    unsigned long bits = slash != NULL ? strtoul(slash + 1, &end, 10) : 0;
    if (slash != NULL) {
        if (end == slash + 1 || *end != 0) {
            return false;
        }
        *slash = 0;
    }
    if (name_is_address(text, &a)) {
        unsigned long most = a.family == NET_IP4 ? 32 : 128;
        bits = slash != NULL ? bits : most;
        r->kind = RULE_NETWORK;
        r->bits = (uint32_t)bits + (a.family == NET_IP4 ? 96u : 0u);
        as_six(&a, r->network);
        return bits <= most;
    }
    if (slash != NULL) {
        return false;
    }
    r->kind = strncmp(text, "*.", 2) == 0 ? RULE_SUFFIX : RULE_NAME;
    text += r->kind == RULE_SUFFIX;
    for (size_t i = 0; text[i] != 0; i++) {
        if (strchr("*()[]: ", text[i]) != NULL) {
            return false;
        }
        r->name[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
    }
    return true;
}

static bool read_item(char *text, struct rule *r)
{
    char *rest = strchr(text, ':');
    *r = (struct rule){.last_port = PORT_LAST};
    if (rest != NULL) {
        *rest++ = 0;
    }
    if (strcmp(text, "in") == 0) {
        r->inward = true;
        return read_ports(rest, r);
    }
    if (strcmp(text, "out") != 0) {
        return false;
    }
    if (rest == NULL) {
        return true; /* RULE_ANY */
    }
    char *ports = NULL, *host = rest;
    if (*rest == '[') {
        char *close = strchr(rest, ']');
        if (close == NULL || (close[1] != 0 && close[1] != ':')) {
            return false;
        }
        ports = close[1] == ':' ? close + 2 : NULL;
        *close = 0;
        host = rest + 1;
    } else if ((ports = strchr(rest, ':')) != NULL) {
        *ports++ = 0;
    }
    return read_host(host, r) && read_ports(ports, r);
}

void rights_read(struct client *c, char *text)
{
    for (char *item = strtok(text, " ,"); item != NULL; item = strtok(NULL, " ,")) {
        char whole[PATTERN_MOST + 32];
        snprintf(whole, sizeof whole, "%s", item);
        if (c->rule_count == RULES_MOST) {
            say(CTX_LOG_WARN,
                "%s: use=ctx.net/1: more than %u items: those from %s on are left out", c->name,
                RULES_MOST, whole);
            return;
        }
        if (!read_item(item, &c->rules[c->rule_count])) {
            say(CTX_LOG_WARN, "%s: use=ctx.net/1(%s): it is out:HOST:PORT or in:PORT", c->name,
                whole);
            continue;
        }
        c->rule_count++;
    }
}

void rights_all(struct client *c)
{
    c->rules[c->rule_count++] = (struct rule){.last_port = PORT_LAST};
}

static bool has_port(const struct rule *r, uint32_t port, bool matters)
{
    return !matters || (port >= r->first_port && port <= r->last_port);
}

static bool has_address(const struct rule *r, const uint8_t bytes[16])
{
    uint32_t whole = r->bits / 8, rest = r->bits % 8;
    if (r->kind != RULE_NETWORK || memcmp(bytes, r->network, whole) != 0) {
        return r->kind == RULE_ANY;
    }
    return rest == 0 || ((bytes[whole] ^ r->network[whole]) >> (8 - rest)) == 0;
}

/* Whether a rule for names means this one: without the dot at its end. */
static bool has_name(const struct rule *r, const char *name)
{
    size_t len = strlen(name), part = strlen(r->name);
    len -= len > 0 && name[len - 1] == '.';
    if (r->kind == RULE_ANY) {
        return true;
    }
    if (r->kind == RULE_NAME) {
        return len == part && strncasecmp(name, r->name, len) == 0;
    }
    return r->kind == RULE_SUFFIX && len > part &&
           strncasecmp(name + len - part, r->name, part) == 0;
}

bool rights_out(const struct client *c, const struct net_address *a, bool port_matters)
{
    uint8_t bytes[16];
    as_six(a, bytes);
    uint64_t known = 0;
    for (uint32_t i = 0; i < KNOWN_MOST; i++) {
        known |= memcmp(c->known[i].bytes, bytes, 16) == 0 ? c->known[i].rules : 0;
    }
    for (uint32_t i = 0; i < c->rule_count; i++) {
        const struct rule *r = &c->rules[i];
        if (!r->inward && has_port(r, a->port, port_matters) &&
            (has_address(r, bytes) || (known >> i & 1) != 0)) {
            return true;
        }
    }
    return false;
}

bool rights_name(const struct client *c, const char *name, uint32_t port, bool port_matters)
{
    struct net_address a = {.size = sizeof a};
    if (name_is_address(name, &a)) {
        a.port = port;
        return rights_out(c, &a, port_matters);
    }
    for (uint32_t i = 0; i < c->rule_count; i++) {
        if (!c->rules[i].inward && has_name(&c->rules[i], name) &&
            has_port(&c->rules[i], port, port_matters)) {
            return true;
        }
    }
    return false;
}

bool rights_in(const struct client *c, uint32_t first, uint32_t last)
{
    for (uint32_t i = 0; i < c->rule_count; i++) {
        const struct rule *r = &c->rules[i];
        if (r->inward && has_port(r, first, true) && has_port(r, last, true)) {
            return true;
        }
    }
    return false;
}

bool rights_in_any(const struct client *c)
{
    for (uint32_t i = 0; i < c->rule_count; i++) {
        if (c->rules[i].inward) {
            return true;
        }
    }
    return false;
}

void rights_know(struct client *c, const char *name, const struct net_found *found)
{
    uint64_t rules = 0;
    for (uint32_t i = 0; i < c->rule_count; i++) {
        const struct rule *r = &c->rules[i];
        rules |= !r->inward && r->kind != RULE_ANY && has_name(r, name) ? UINT64_C(1) << i : 0;
    }
    for (uint32_t i = 0; rules != 0 && i < found->count; i++) {
        struct known *k = &c->known[c->known_next++ % KNOWN_MOST];
        memcpy(k->bytes, found->bytes + 16 * i, 16);
        k->rules = rules;
    }
}

static bool is_heard(const struct heard *h, const uint8_t bytes[16], uint32_t port)
{
    return h->port == port && memcmp(h->bytes, bytes, 16) == 0;
}

void rights_hear(struct client *c, const struct net_address *from)
{
    struct heard who = {.port = from->port};
    as_six(from, who.bytes);
    if (who.port != 0 &&
        !is_heard(&c->heard[(c->heard_next - 1) % HEARD_MOST], who.bytes, who.port)) {
        c->heard[c->heard_next++ % HEARD_MOST] = who;
    }
}

bool rights_answer(const struct client *c, const struct net_address *to)
{
    uint8_t bytes[16];
    as_six(to, bytes);
    for (uint32_t i = 0; i < HEARD_MOST; i++) {
        if (to->port != 0 && is_heard(&c->heard[i], bytes, to->port)) {
            return true;
        }
    }
    return false;
}
