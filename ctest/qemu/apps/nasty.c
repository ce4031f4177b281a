/* SPDX-License-Identifier: MIT */
/*
 * Two apps that treat services, shares and each other as badly as the tables let them. `give`
 * offers functions that withdraw themselves, end their caller, take back what they were passed, end
 * requests twice and fault; `take` uses them in turns, thousands of times, with undo or restarts on
 * its line. Whatever happens, each answer is one that the pages name, nothing is left over, and the
 * last word of take is "T nasty ok".
 */
#include "v3.h"

#include <ctx/interface.h>
#include <ctx/note.h>

CTX_NOTE(3);

#define ID    "org.example.nasty/1"
#define PAGES 2u

enum { WITHDRAW, END_ME, TAKE_BACK, LATER, STORM, PLAIN, FNS };

#define ARG(kind)                                                                                  \
    {                                                                                              \
        CTX_INTERFACE_##kind, 0, 0, 0, 0                                                           \
    }

static const struct interface {
    struct ctx_interface head;
    struct ctx_interface_fn fns[FNS];
} nasty_1 = {
    {sizeof nasty_1, CTX_INTERFACE_VERSION, FNS, 0, sizeof(struct ctx_interface),
     sizeof(struct ctx_interface_fn), ID},
    {
        {"withdraw", 1, {0}, {ARG(OUT4)}},
        {"end_me", 1, {0}, {ARG(U32)}},
        {"take_back", 4, {0}, {ARG(IN), ARG(U32), ARG(OUT), ARG(U32)}},
        {"later", 2, {0}, {ARG(U32), ARG(REQUEST)}},
        {"storm", 1, {0}, {ARG(U32)}},
        {"plain", 1, {0}, {ARG(OUT4)}},
    },
};

struct nasty {
    struct ctx_table t;
    ctx_status(CTX_CALL *withdraw)(const struct nasty *self, uint32_t *out);
    ctx_status(CTX_CALL *end_me)(const struct nasty *self, uint32_t how);
    ctx_status(CTX_CALL *take_back)(const struct nasty *self, const void *in, uint32_t in_len,
                                    void *out, uint32_t out_len);
    ctx_status(CTX_CALL *later)(const struct nasty *self, uint32_t how, uint64_t *request);
    ctx_status(CTX_CALL *storm)(const struct nasty *self, uint32_t how);
    ctx_status(CTX_CALL *plain)(const struct nasty *self, uint32_t *out);
};

static char role[32], rounds_text[32];
static const struct ctx_service *service;
static const struct ctx_share *share;
static const struct ctx_control *control;

static void wrong(struct ctx *ctx, const char *what, int64_t status)
{
    struct line l = {0};
    put(&l, "T nasty FAIL ");
    put(&l, what);
    put(&l, " ");
    put_number(&l, status);
    send(ctx, &l);
}

/* Which step this is has to outlive restarts, and undoing: it is what the others' numbers say. */
static uint32_t step_of(struct ctx *ctx)
{
    const struct ctx_apps *apps = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
    struct ctx_app_info list[4] = {{0}};
    uint32_t count = 0;
    apps->list(apps, list, sizeof list, sizeof list[0], &count);
    return (uint32_t)(list[0].calls);
}

/* ---- who offers it ---- */

static uint32_t handle, page, withdrawn;
static uint64_t caller_pid = UINT64_MAX;
static ctx_status offer(void);

/* It is not there any more, or a new one is, before this call has ended. */
static ctx_status withdraw(struct ctx *ctx, uint32_t *out)
{
    ctx_status status = service->unpublish(service, handle);
    *out = ++withdrawn;
    if (status != CTX_OK) {
        wrong(ctx, "unpublish", status);
    }
    status = service->unpublish(service, handle);
    if (status != CTX_E_NOENT) {
        wrong(ctx, "unpublish twice", status);
    }
    if (withdrawn % 2 == 0 && (status = offer()) != CTX_OK) {
        wrong(ctx, "publish in its own call", status);
    }
    ctx->time->wake_at(ctx->time, 0); /* the others are offered again by our next call */
    return CTX_OK;
}

static ctx_status end_me(struct ctx *ctx, uint32_t how)
{
    struct ctx_service_caller who = {.size = sizeof who};
    ctx_status status = service->caller(service, &who);
    if (status != CTX_OK) {
        wrong(ctx, "caller", status);
    }
    status = how == 0   ? control->restart(control, who.pid)
             : how == 1 ? control->restart(control, ctx->pid) /* the one that answers */
                        : control->pause(control, who.pid);
    if (status == CTX_OK && how == 2) {
        status = control->resume(control, who.pid);
    }
    return status == CTX_E_BUSY ? CTX_OK : status; /* in the middle of a call it may not be */
}

/* Where its arguments lie is taken back while it reads and writes them. */
static ctx_status take_back(struct ctx *ctx, const uint8_t *in, uint32_t in_len, uint8_t *out,
                            uint32_t out_len)
{
    struct ctx_service_caller who = {.size = sizeof who};
    (void)ctx;
    service->caller(service, &who);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < in_len; i++) {
        sum += in[i];
    }
    if (page != 0) {
        share->revoke(share, page, who.pid);
        share->close(share, page);
        page = 0;
    }
    for (uint32_t i = 0; i < out_len; i++) {
        out[i] = (uint8_t)(sum + in[i % in_len]);
    }
    return CTX_OK;
}

static uint64_t kept;

static ctx_status later(struct ctx *ctx, uint32_t how, uint64_t request)
{
    ctx_status first, second;
    if (how == 0) { /* before it is one, twice */
        first = service->complete(service, request, CTX_OK, &how, sizeof how);
        second = service->complete(service, request, CTX_OK, &how, sizeof how);
        if (first != CTX_OK || second == CTX_OK) {
            wrong(ctx, "complete twice", first != CTX_OK ? first : second);
        }
        return CTX_PENDING;
    }
    if (how == 1) { /* one that ends in an error has no request */
        kept = request;
        return CTX_E_NOENT;
    }
    if (kept != 0) {
        first = service->complete(service, kept, CTX_OK, &how, sizeof how);
        if (first != CTX_E_NOENT) {
            wrong(ctx, "complete what is none", first);
        }
        kept = 0;
    }
    return CTX_PENDING; /* and nobody ever ends it */
}

static ctx_status storm(struct ctx *ctx, uint32_t how)
{
    uint32_t one;
    share->create(share, 4096, 0, &one);
    if (how % 2 == 0) {
        __builtin_trap();
    }
    share->close(share, one);
    (void)ctx;
    return CTX_OK;
}

static ctx_status plain(struct ctx *ctx, uint32_t *out)
{
    struct ctx_service_caller who = {.size = sizeof who};
    (void)ctx;
    service->caller(service, &who);
    caller_pid = who.pid;
    *out = 42;
    return CTX_OK;
}

static ctx_status offer(void)
{
    const uint64_t fns[FNS] = {(uint64_t)(uintptr_t)withdraw,  (uint64_t)(uintptr_t)end_me,
                               (uint64_t)(uintptr_t)take_back, (uint64_t)(uintptr_t)later,
                               (uint64_t)(uintptr_t)storm,     (uint64_t)(uintptr_t)plain};
    uint32_t fresh = 0;
    ctx_status status =
        service->publish(service, &nasty_1, sizeof nasty_1, fns, sizeof fns, &fresh);
    handle = status == CTX_OK ? fresh : handle;
    return status;
}

static int32_t give(struct ctx *ctx)
{
    ctx_status status = offer();
    if (status != CTX_OK && status != CTX_E_EXIST) {
        wrong(ctx, "publish", status);
    }
    struct ctx_service_news news = {.size = sizeof news};
    while (service->news(service, &news) == CTX_OK) {
    }
    static uint32_t turns;
    if (++turns % 8 == 0 && page != 0) { /* who it was for may have begun anew */
        share->close(share, page);
        page = 0;
    }
    if (step_of(ctx) >= number(rounds_text)) {
        return CTX_AGAIN; /* what comes now is counted */
    }
    if (page == 0 && caller_pid != UINT64_MAX) { /* the next one to be taken back */
        if (share->create(share, PAGES * 4096, CTX_SHARE_ZERO, &page) != CTX_OK ||
            share->grant(share, page, caller_pid, CTX_SHARE_READ | CTX_SHARE_WRITE, 1) != CTX_OK) {
            page = 0;
        }
    }
    return CTX_AGAIN;
}

/* ---- who uses it ---- */

static const struct nasty *nasty;

static int is_named(ctx_status status)
{
    return status == CTX_OK || status == CTX_PENDING || status == CTX_E_STALE ||
           status == CTX_E_FAULT || status == CTX_E_BUSY || status == CTX_E_NOENT ||
           status == CTX_E_NOSPC || status == CTX_E_TIMEDOUT;
}

static void expect(struct ctx *ctx, const char *what, ctx_status status)
{
    if (!is_named(status)) {
        wrong(ctx, what, status);
    }
    if (status == CTX_E_STALE) {
        nasty = NULL;
    }
}

/* Arguments in memory that the provider takes back while it has them. */
static void in_a_share(struct ctx *ctx)
{
    struct ctx_share_info info = {.size = sizeof info};
    uint64_t address = 0;
    if (share->take(share, &info) != CTX_OK) {
        return;
    }
    if (share->map(share, info.share, CTX_SHARE_READ | CTX_SHARE_WRITE, &address) == CTX_OK) {
        uint8_t *bytes = (uint8_t *)(uintptr_t)address;
        for (uint32_t i = 0; i < PAGES * 4096; i++) {
            bytes[i] = (uint8_t)(i * 3);
        }
        ctx_status status = nasty->take_back(nasty, bytes + 4000, 200, bytes + 4096 - 100, 200);
        expect(ctx, "take_back", status);
        for (uint32_t i = 0; i < 3996; i++) { /* it is there, whoever's it is now */
            if (bytes[i] != (uint8_t)(i * 3)) {
                wrong(ctx, "what was taken back has changed", i);
                break;
            }
        }
        bytes[PAGES * 4096 - 1] = 7;
    }
    share->close(share, info.share);
    if (share->close(share, info.share) != CTX_E_NOENT) {
        wrong(ctx, "close twice", info.share);
    }
}

static void requests(struct ctx *ctx)
{
    uint64_t request = 0, bytes = 0;
    uint32_t full = 0, outcome = 0;
    ctx_status status = nasty->later(nasty, 0, &request);
    expect(ctx, "later", status);
    if (status == CTX_PENDING) {
        status = service->take(service, request, &bytes, sizeof bytes, &full, &outcome);
        if (status != CTX_OK || full != 4) {
            wrong(ctx, "take", status);
        }
        status = service->take(service, request, &bytes, sizeof bytes, &full, &outcome);
        if (status != CTX_E_NOENT) {
            wrong(ctx, "take twice", status);
        }
        if (service->cancel(service, request) != CTX_E_NOENT) {
            wrong(ctx, "cancel what was taken", 0);
        }
    }
    if (nasty != NULL) {
        expect(ctx, "later that fails", nasty->later(nasty, 1, &request));
    }
    if (nasty != NULL) {
        status = nasty->later(nasty, 2, &request);
        expect(ctx, "later for ever", status);
        if (status == CTX_PENDING && service->cancel(service, request) != CTX_OK) {
            wrong(ctx, "cancel", 0);
        }
        if (status == CTX_PENDING && service->cancel(service, request) != CTX_E_NOENT) {
            wrong(ctx, "cancel twice", 0);
        }
    }
}

/* What a call makes that is going to be undone, or is the last of a life. */
static void make_and_fault(struct ctx *ctx, uint32_t step)
{
    uint64_t request, address;
    uint32_t one, again;
    for (uint32_t i = 0; i < 5; i++) {
        if (share->create(share, 8192, 0, &one) != CTX_OK) {
            wrong(ctx, "create", (int64_t)step);
        }
        share->map(share, one, CTX_SHARE_READ | CTX_SHARE_WRITE, &address);
        if (nasty != NULL) {
            nasty->later(nasty, 2, &request);
        }
    }
    if (nasty != NULL) {
        nasty->storm(nasty, step);
    }
    const uint64_t fns[FNS] = {0};
    service->publish(service, &nasty_1, sizeof nasty_1, fns, sizeof fns, &again);
    __builtin_trap();
}

/* How many shares this app can have still: all but what its line leaves it. */
static void nothing_is_left(struct ctx *ctx)
{
    static uint32_t all[1024];
    uint32_t n = 0;
    while (n < 1024 && share->create(share, 4096, 0, &all[n]) == CTX_OK) {
        n++;
    }
    if (n < 1024) {
        wrong(ctx, "shares are left over", 1024 - (int64_t)n);
    }
    while (n > 0) {
        share->close(share, all[--n]);
    }
    uint64_t request;
    while (n < 1024 && nasty != NULL && nasty->later(nasty, 2, &request) == CTX_PENDING) {
        service->cancel(service, request);
        n++;
    }
}

static int32_t take(struct ctx *ctx)
{
    const struct ctx_table *table = NULL;
    uint32_t out = 0, step = step_of(ctx);
    if (nasty == NULL) {
        ctx_status status = ctx->iface->open(ctx->iface, ID, sizeof ID - 1, 0, &table);
        if (status != CTX_OK && status != CTX_E_NOSYS) {
            wrong(ctx, "open", status);
        }
        nasty = (const struct nasty *)table;
        if (nasty == NULL) {
            return CTX_AGAIN;
        }
    }
    uint64_t goal = number(rounds_text);
    if (step >= goal && step < goal + 20) { /* what it was given, but did not take */
        struct ctx_share_info info = {.size = sizeof info};
        while (share->take(share, &info) == CTX_OK) {
            share->close(share, info.share);
        }
        return CTX_AGAIN;
    }
    if (step >= goal) {
        nothing_is_left(ctx);
        say(ctx, "nasty ok", step);
        return CTX_EXIT(0);
    }
    expect(ctx, "plain", nasty->plain(nasty, &out));
    for (uint32_t i = 0; i < 3 && nasty != NULL; i++) {
        switch ((step * 7 + i * 5) % 11) {
        case 0:
            expect(ctx, "withdraw", nasty->withdraw(nasty, &out));
            break;
        case 1:
            expect(ctx, "end_me", nasty->end_me(nasty, step % 3));
            break;
        case 2:
        case 3:
            in_a_share(ctx);
            break;
        case 4:
        case 5:
            requests(ctx);
            break;
        case 6:
            expect(ctx, "storm", nasty->storm(nasty, step));
            break;
        case 7:
            make_and_fault(ctx, step);
            break;
        default:
            expect(ctx, "plain", nasty->plain(nasty, &out));
            break;
        }
    }
    return CTX_AGAIN;
}

int32_t _start(struct ctx *ctx)
{
    if (role[0] == 0) {
        word(ctx, 0, role);
        word(ctx, 1, rounds_text);
        service = (const struct ctx_service *)open(ctx, CTX_ID_SERVICE);
        share = (const struct ctx_share *)open(ctx, CTX_ID_SHARE);
        control = (const struct ctx_control *)open(ctx, CTX_ID_CONTROL);
    }
    return same(role, "give")   ? give(ctx)
           : same(role, "take") ? take(ctx)
                                : CTX_AGAIN; /* `clock`: counts */
}
