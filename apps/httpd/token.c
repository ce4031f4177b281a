/* SPDX-License-Identifier: MIT */
/*
 * The token of this machine: kept by ctx.kv/1 where somebody offers it, else as long as this server
 * runs. Who stands at the machine gets it by ctx.web/1, which a console and a desktop show.
 *
 * What is kept counts, not what is in memory: an image or an undone call would bring back a token
 * that has been replaced since. So it is read again whenever the epoch is another one, before
 * anything is decided by it; and a new one is written only over the version that was read.
 */
#include "httpd.h"

#include <ctx/c.h>
#include <ctx/fiber.h>
#include <kv.h>
#include <net.h>
#include <web_provider.h>

#include <stdio.h>
#include <string.h>

#define KEY     "token"
#define DIGITS  32u
#define STACK   (64u << 10)
#define OFFERED UINT64_C(1000000000) /* so long at the start for somebody who keeps it */
#define ANSWER  UINT64_C(5000000000) /* so long for its answer */

static struct {
    const struct ctx_service *service; /* NULL: ctx.web/1 is not offered */
    uint64_t version;                  /* of what is kept, 0: nothing is */
    uint64_t request;                  /* of who waits for a new one */
    uint32_t epoch;                    /* when it was read last */
    bool kept, made;                   /* by ctx.kv/1; by us */
    bool begun, busy;                  /* there is one; a fiber is at it */
} own;

/* ---- what keeps it ---- */

static struct kv_client keeper(uint64_t patience)
{
    struct ctx *ctx = ctx_now();
    struct kv_client kv = CTX_CLIENT(ctx);
    uint64_t now = 0;
    if (ctx->time->now(ctx->time, &now) == CTX_OK) {
        kv.of.deadline_ns = now + patience;
    }
    return kv;
}

/* AGAIN: the disk has to be waited for, and then the same is asked once more. */
static bool again(struct kv_client *kv, ctx_status *status)
{
    if (*status != CTX_E_AGAIN) {
        return false;
    }
    ctx_status waited = kv_call_wait(kv);
    if (waited < 0 && waited != CTX_E_STALE) {
        *status = waited;
        return false;
    }
    return true;
}

#define ASK(kv, status, call)                                                                      \
    do {                                                                                           \
        (status) = (call);                                                                         \
    } while (again((kv), &(status)))

/* NOENT: there is none, or something else is there; version is what a new one replaces. */
static ctx_status read_kept(char token[DIGITS + 1], uint64_t *version)
{
    struct kv_client kv = keeper(ANSWER);
    struct kv_about about;
    ctx_status status;
    char text[DIGITS + 1] = {0};
    ASK(&kv, status, kv_call_get(&kv, KEY, sizeof KEY - 1, text, DIGITS, &about));
    if (status == CTX_OK) {
        *version = about.version;
        bool good = about.len == DIGITS && strspn(text, "0123456789abcdef") == DIGITS;
        memcpy(token, text, good ? sizeof text : 0);
        return good ? CTX_OK : CTX_E_NOENT;
    }
    *version = status == CTX_E_NOENT ? 0 : *version;
    return status;
}

/* EXIST: it is another one than was read, by now. What was kept and is not sure to be on the disk
 * is kept all the same: then the disk says so at the next write. */
static ctx_status keep(const char token[DIGITS + 1], uint64_t version)
{
    struct kv_client kv = keeper(ANSWER);
    ctx_status status;
    for (uint32_t turns = 0;; turns++) {
        ASK(&kv, status, kv_call_put_if(&kv, KEY, sizeof KEY - 1, token, DIGITS, version));
        if (status != CTX_OK) {
            return status; /* EXIST in the second turn: perhaps it was kept in the first */
        }
        ASK(&kv, status, kv_call_sync(&kv));
        if (status == CTX_E_STALE && turns == 0) {
            continue; /* who keeps it began anew in between: it is there or not */
        }
        if (status != CTX_OK) {
            world_say("the token may be another one after a power cut: %s",
                      ctx_status_name(status));
        }
        return CTX_OK;
    }
}

/* ---- which one counts ---- */

static void use(const char token[DIGITS + 1], bool made)
{
    own.made = made;
    own.begun = true;
    if (strcmp(settings.token, token) != 0) {
        memcpy(settings.token, token, DIGITS + 1);
        settings.generation++;
    }
}

/* A new one, or the one that is kept. Others than OK and EXIST: neither could be had. */
static ctx_status replace(bool fresh)
{
    char token[DIGITS + 1];
    uint64_t version = own.version;
    ctx_status status = read_kept(token, &version);
    bool made = status == CTX_E_NOENT || (status == CTX_OK && fresh);
    if (made) {
        door_random(token, DIGITS);
        status = keep(token, version);
        made = status == CTX_OK;
        if (made || status == CTX_E_EXIST) { /* whose version it is now, or somebody else's */
            ctx_status look = read_kept(token, &version);
            status = look == CTX_OK ? status : look;
        }
    }
    if (status == CTX_OK || status == CTX_E_EXIST) {
        own.version = version;
        own.kept = true;
        use(token, made);
    }
    return status;
}

static void for_this_start(void)
{
    char token[DIGITS + 1];
    door_random(token, DIGITS);
    own.kept = false;
    use(token, true);
}

static void say_it(const char *why)
{
    world_say("token %s%s%s", settings.token,
              !own.kept  ? ", for this start only"
              : own.made ? ", a new one, which is kept"
                         : ", as it was kept",
              why);
}

void world_token_check(void)
{
    if (!own.begun || own.epoch == ctx_now()->epoch) {
        return;
    }
    /* Another restore may come while we wait: then once more. */
    for (uint32_t turns = 0; own.epoch != ctx_now()->epoch && turns < 4; turns++) {
        uint32_t epoch = ctx_now()->epoch, before = settings.generation;
        ctx_status status = own.kept ? replace(false) : CTX_OK;
        if (status != CTX_OK && status != CTX_E_EXIST) {
            /* The one that we have may have been replaced: it is worth nothing. */
            world_say("the token that is kept can not be read: %s; for now it is another one",
                      ctx_status_name(status));
            for_this_start();
        }
        own.epoch = epoch;
        if (settings.generation != before) {
            say_it("");
        }
    }
}

/* ---- ctx.web/1 ---- */

static void fill(struct web_state *state)
{
    state->mode = settings.full ? 2 : 1;
    state->serial = settings.generation;
    state->port = settings.port;
    state->tls_port = settings.tls_port;
    state->kept = own.kept;
    state->made = own.made;
    if (settings.full) {
        memcpy(state->token, settings.token, DIGITS);
    }
}

/* BUSY and the like of the network's: not now, but that is no reason to say nothing. */
static void fill_address(struct ctx *ctx, struct web_state *state)
{
    static const uint8_t none[4];
    struct net_client net = CTX_CLIENT(ctx);
    struct net_card_info card = {.size = sizeof card};
    for (uint32_t i = 0; net_call_card(&net, i, &card) == CTX_OK; i++) {
        if ((card.flags & NET_CARD_LOOP) == 0 && memcmp(card.ip4, none, 4) != 0) {
            memcpy(state->ip4, card.ip4, 4);
            return;
        }
        card = (struct net_card_info){.size = sizeof card};
    }
}

/* In a fiber of its own: main waits for its connections. */
static void in_fiber(struct ctx *ctx, void *arg)
{
    struct ctx_service_news news = {.size = sizeof news};
    (void)arg;
    world_token_check();
    if (own.request != 0) {
        struct web_state state = {.size = sizeof state};
        ctx_status status = CTX_OK;
        if (own.kept) {
            status = replace(true);
        } else {
            for_this_start();
        }
        if (status == CTX_OK || status == CTX_E_EXIST) {
            say_it("");
            fill(&state);
            fill_address(ctx, &state);
        } else {
            world_say("the token stays as it is: %s", ctx_status_name(status));
        }
        (void)web_complete_renew(own.service, own.request, status, &state);
        own.request = 0;
    }
    while (own.service->news(own.service, &news) == CTX_OK) {
    }
    own.busy = false;
}

static bool begin_fiber(struct ctx *ctx)
{
    own.busy = ctx_fiber_start(ctx, in_fiber, NULL, STACK) != NULL;
    return own.busy && ctx->time->wake_at(ctx->time, 0) == CTX_OK;
}

ctx_status web_tell(struct ctx *ctx, struct web_state *state)
{
    if (settings.full && (!own.begun || own.epoch != ctx->epoch)) {
        if (own.begun && !own.busy) {
            (void)begin_fiber(ctx);
        }
        return CTX_E_BUSY; /* it is read just now */
    }
    fill(state);
    fill_address(ctx, state);
    return CTX_OK;
}

ctx_status web_renew(struct ctx *ctx, uint64_t request)
{
    struct ctx_service_caller who = {.size = sizeof who};
    if (!settings.full) {
        return CTX_E_NOENT;
    }
    if (!own.begun || own.busy) {
        return CTX_E_AGAIN;
    }
    if (own.service->caller(own.service, &who) == CTX_OK) {
        world_say("a new token is asked for by %.31s, pid=%llu", (const char *)who.name,
                  (unsigned long long)who.pid);
    }
    own.request = request;
    if (!begin_fiber(ctx)) {
        own.request = 0;
        return CTX_E_NOMEM;
    }
    return CTX_PENDING;
}

/* Where its line does not say offer=ctx.web/1 the log alone has the token. */
static void offer(struct ctx *ctx)
{
    const struct ctx_table *table = NULL;
    uint32_t handle = 0;
    if (ctx->iface->open(ctx->iface, CTX_ID_SERVICE, sizeof CTX_ID_SERVICE - 1,
                         sizeof(struct ctx_service), &table) != CTX_OK) {
        return;
    }
    own.service = (const struct ctx_service *)(const void *)table;
    ctx_status status = web_publish(own.service, &handle);
    if (status != CTX_OK && status != CTX_E_DENIED) {
        world_say("it can not offer ctx.web/1: %s", ctx_status_name(status));
    }
}

void world_token(bool fresh)
{
    if (settings.full) {
        struct kv_client kv = keeper(OFFERED);
        own.epoch = ctx_now()->epoch;
        ctx_status status = ctx_client_wait(&kv.of, KV_ID);
        bool is_there = status == CTX_OK;
        status = is_there ? replace(fresh) : status;
        if (status == CTX_OK || status == CTX_E_EXIST) {
            say_it("");
        } else {
            char why[64];
            snprintf(why, sizeof why, ": %s",
                     is_there                 ? ctx_status_name(status)
                     : status == CTX_E_DENIED ? "the line denies ctx.kv/1"
                                              : "nobody offers ctx.kv/1");
            for_this_start();
            say_it(why);
        }
        world_token_check();
    }
    offer(ctx_now());
}
