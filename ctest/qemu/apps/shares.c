/* SPDX-License-Identifier: MIT */
/*
 * Two apps that share memory. `shares maker PID` makes a ring in each direction and a page with a
 * pattern, grants them to the app of that pid, and sends numbered messages that come back;
 * `shares taker` takes what it is granted and echoes. Both go on whatever happens to the other one,
 * to their call or to the session, and say what they see:
 *
 *   T maker began          it has made new shares, and granted them
 *   T maker echoed N       so many messages came back, each as it was sent
 *   T maker stale 1, T taker stale 1, T taker revoked 1   what was mapped is still as it was
 *   T taker alone 1        the other side has gone, and the pattern is still there
 *
 * Words of the maker's: `messages=N` (then it takes back what it granted, writes over it, and
 * ends), `die=N` (a fault behind every Nth message of its first life), `fault=N` (a fault behind
 * every Nth message).
 */
#include "v3.h"

#include <ctx/note.h>
#include <ctx/ring.h>

CTX_NOTE(3);

#define RING    8192u
#define PAGE    4096u
#define PATTERN 0x5a
#define SHARES  3u /* there, back, pattern: their tags are 1, 2, 3 */

static const struct ctx_share *share;
static int is_maker, began, first_life;
static uint64_t peer, messages, die, fault;

static uint32_t handle[SHARES];
static uint8_t *memory[SHARES];
static struct ctx_ring there, back;
static uint64_t sent, echoed, calls, ended;
static uint8_t message[1000], answer[1000];

static uint64_t word_number(struct ctx *ctx, const char *name)
{
    char text[32];
    for (uint32_t i = 0; i < 8; i++) {
        word(ctx, i, text);
        uint32_t n = length(name), k = 0;
        while (k < n && text[k] == name[k]) {
            k++;
        }
        if (k == n && text[0] != 0) {
            return number(text + n);
        }
    }
    return 0;
}

/* NULL: there is none. */
static const struct ctx_app_info *find(struct ctx *ctx, uint64_t pid)
{
    static struct ctx_app_info list[16];
    const struct ctx_apps *apps = (const struct ctx_apps *)open(ctx, CTX_ID_APPS);
    uint32_t count = 0;
    if (apps->list(apps, list, sizeof list, sizeof list[0], &count) != CTX_OK) {
        return NULL;
    }
    for (uint32_t i = 0; i < count && i < 16; i++) {
        if (list[i].pid == pid) {
            return &list[i];
        }
    }
    return NULL;
}

static void fail(struct ctx *ctx, const char *what, int64_t status)
{
    static struct line l;
    l.n = 0;
    put(&l, is_maker ? "maker " : "taker ");
    put(&l, what);
    put(&l, " FAIL");
    l.text[l.n < sizeof l.text ? l.n : sizeof l.text - 1] = 0;
    say(ctx, l.text, status);
}

static void expect(struct ctx *ctx, const char *what, ctx_status got, ctx_status wanted)
{
    if (got != wanted) {
        fail(ctx, what, got);
    }
}

static int has_pattern(void)
{
    for (uint32_t i = 0; i < PAGE; i++) {
        if (memory[2] == NULL || memory[2][i] != PATTERN) {
            return 0;
        }
    }
    return 1;
}

static uint32_t fill(uint64_t no)
{
    uint32_t len = 8 + (uint32_t)(no * 37 % 900);
    for (uint32_t i = 0; i < len; i++) {
        message[i] = i < 8 ? (uint8_t)(no >> 8 * i) : (uint8_t)(no + i);
    }
    return len;
}

static void close_all(struct ctx *ctx)
{
    for (uint32_t i = 0; i < SHARES; i++) {
        if (handle[i] != 0) {
            expect(ctx, "close", share->close(share, handle[i]), CTX_OK);
        }
        handle[i] = 0;
        memory[i] = NULL;
    }
}

static uint8_t *map(struct ctx *ctx, uint32_t which, uint32_t rights)
{
    uint64_t address = 0;
    expect(ctx, "map", share->map(share, which, rights, &address), CTX_OK);
    return (uint8_t *)address;
}

/* ---- the maker ---- */

static int make(struct ctx *ctx)
{
    const struct ctx_app_info *to = find(ctx, peer);
    if (to == NULL || to->state == CTX_APP_RESTARTING || to->state == CTX_APP_STOPPED) {
        return 0;
    }
    for (uint32_t i = 0; i < SHARES; i++) {
        ctx_status status = share->create(share, i < 2 ? RING : PAGE, CTX_SHARE_ZERO, &handle[i]);
        if (status != CTX_OK) {
            fail(ctx, "create", status);
            close_all(ctx);
            return 0;
        }
        memory[i] = map(ctx, handle[i], CTX_SHARE_READ | CTX_SHARE_WRITE);
    }
    memset(memory[2], PATTERN, PAGE);
    expect(ctx, "attach", ctx_ring_attach(&there, memory[0], RING), CTX_OK);
    expect(ctx, "attach", ctx_ring_attach(&back, memory[1], RING), CTX_OK);
    for (uint32_t i = 0; i < SHARES; i++) {
        uint32_t rights = i < 2 ? CTX_SHARE_READ | CTX_SHARE_WRITE : CTX_SHARE_READ;
        expect(ctx, "grant", share->grant(share, handle[i], peer, rights, i + 1), CTX_OK);
    }
    sent = echoed = 0;
    say(ctx, "maker began", (int64_t)calls);
    return 1;
}

/* In a call that is undone the message stays: then it is sent twice, and comes back twice. */
static void send_some(struct ctx *ctx)
{
    uint64_t most = messages != 0 ? messages : UINT64_MAX;
    for (uint32_t n = 0; n < 4 && sent < most; n++) {
        uint32_t len = fill(sent + 1);
        ctx_status status = ctx_ring_send(&there, message, len);
        if (status != CTX_OK) {
            expect(ctx, "send", status, CTX_E_AGAIN);
            break;
        }
        sent++;
        if (fault != 0 && sent % fault == 0 && there.head->rsv0[0] != sent) {
            there.head->rsv0[0] = sent; /* all else that says so is undone */
            __builtin_trap();
        }
        if (first_life && sent == die) {
            __builtin_trap();
        }
    }
}

static void receive_some(struct ctx *ctx)
{
    uint32_t len;
    ctx_status status;
    while ((status = ctx_ring_receive(&back, answer, sizeof answer, &len)) == CTX_OK) {
        uint64_t no = 0;
        memcpy(&no, answer, 8);
        int good = no == echoed + 1 || (fault != 0 && no <= echoed + 1 && no > 0);
        good = good && fill(no) == len;
        for (uint32_t i = 0; good && i < len; i++) {
            good = answer[i] == message[i];
        }
        if (!good) {
            fail(ctx, "echo", (int64_t)no);
        }
        echoed = no > echoed ? no : echoed;
        if (echoed == no && (no & (no - 1)) == 0) {
            say(ctx, "maker echoed", (int64_t)no);
        }
    }
    expect(ctx, "receive", status, CTX_E_AGAIN);
}

/* ---- the taker ---- */

static void take(struct ctx *ctx)
{
    struct ctx_share_info info = {.size = sizeof info};
    while (share->take(share, &info) == CTX_OK) {
        uint32_t i = (uint32_t)info.tag - 1;
        if (i == 0) { /* the first of three new ones: whatever was before is over */
            close_all(ctx);
        }
        if (i >= SHARES || handle[i] != 0) {
            fail(ctx, "take", (int64_t)info.tag);
            return;
        }
        uint64_t address = 0;
        handle[i] = info.share;
        if (info.rights == CTX_SHARE_READ) {
            ctx_status denied =
                share->map(share, info.share, CTX_SHARE_READ | CTX_SHARE_WRITE, &address);
            expect(ctx, "denied", denied, CTX_E_DENIED);
        }
        memory[i] = map(ctx, info.share, info.rights);
        if (i == 0) {
            expect(ctx, "attach", ctx_ring_attach(&there, memory[0], RING), CTX_OK);
        } else if (i == 1) {
            expect(ctx, "attach", ctx_ring_attach(&back, memory[1], RING), CTX_OK);
        } else {
            say(ctx, "taker took", has_pattern());
        }
    }
}

static void echo(struct ctx *ctx)
{
    uint32_t len;
    ctx_status status = CTX_OK;
    while (memory[0] != NULL && memory[1] != NULL && status == CTX_OK) {
        status = ctx_ring_receive(&there, message, sizeof message, &len);
        echoed += status == CTX_OK;
        if (first_life && echoed == die && die != 0) {
            __builtin_trap();
        }
        if (status == CTX_OK && ctx_ring_send(&back, message, len) != CTX_OK) {
            fail(ctx, "echo", len); /* the maker reads faster than it writes */
        }
    }
    if (status != CTX_OK) {
        expect(ctx, "receive", status, CTX_E_AGAIN);
    }
}

/* ---- both ---- */

/* Handles that are not good any more, and what is still there. True: begin anew. */
static int look(struct ctx *ctx)
{
    static int alone;
    struct ctx_share_info info = {.size = sizeof info};
    if (handle[2] == 0 || share->info(share, handle[2], &info) != CTX_OK) {
        return 0;
    }
    const char *who = is_maker ? "maker stale" : "taker stale";
    if (info.flags == CTX_SHARE_STALE || info.flags == CTX_SHARE_REVOKED) {
        uint64_t address = 0;
        ctx_status wanted = info.flags == CTX_SHARE_STALE ? CTX_E_STALE : CTX_E_REVOKED;
        expect(ctx, "lost", share->map(share, handle[2], CTX_SHARE_READ, &address), wanted);
        say(ctx, info.flags == CTX_SHARE_STALE ? who : "taker revoked", has_pattern());
        close_all(ctx);
        ended = info.flags == CTX_SHARE_REVOKED; /* nothing more will come */
        return 1;
    }
    if (info.holders > 1) {
        alone = 0;
    } else if (!is_maker && !alone) {
        alone = 1;
        say(ctx, "taker alone", has_pattern());
    }
    return 0;
}

static int32_t run_maker(struct ctx *ctx)
{
    if (handle[0] == 0 && !make(ctx)) {
        return CTX_AGAIN;
    }
    struct ctx_share_info info = {.size = sizeof info};
    if (share->info(share, handle[2], &info) == CTX_OK && info.holders == 1 && echoed > 0 &&
        ended == 0) {
        close_all(ctx); /* the taker began anew */
        return CTX_AGAIN;
    }
    if (ended == 0) {
        send_some(ctx);
        receive_some(ctx);
        (void)share->wake(share, handle[0]);
    }
    if (messages != 0 && echoed == messages) {
        ended++;
        if (ended == 1) {
            say(ctx, "maker echoed", (int64_t)echoed);
            for (uint32_t i = 0; i < SHARES; i++) {
                expect(ctx, "revoke", share->revoke(share, handle[i], UINT64_MAX), CTX_OK);
                memset(memory[i], 0xee, PAGE);
            }
        }
        return ended < 5 ? CTX_AGAIN : CTX_EXIT(0);
    }
    return CTX_AGAIN;
}

static void begin(struct ctx *ctx)
{
    char role[32];
    share = (const struct ctx_share *)open(ctx, CTX_ID_SHARE);
    word(ctx, 0, role);
    is_maker = same(role, "maker");
    word(ctx, 1, role);
    peer = number(role);
    messages = word_number(ctx, "messages=");
    die = word_number(ctx, "die=");
    fault = word_number(ctx, "fault=");
    const struct ctx_app_info *me = find(ctx, ctx->pid);
    first_life = me != NULL && me->restarts == 0;
    began = 1;
}

int32_t _start(struct ctx *ctx)
{
    if (!began) {
        begin(ctx);
    }
    calls++;
    if (look(ctx)) {
        return ended != 0 ? CTX_EXIT(0) : CTX_AGAIN;
    }
    if (is_maker) {
        return run_maker(ctx);
    }
    take(ctx);
    echo(ctx);
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_SHARE);
    return CTX_WAIT;
}
