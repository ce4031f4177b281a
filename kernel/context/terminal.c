/* SPDX-License-Identifier: MIT */
/*
 * ctx.terminal/1, where the machine has a terminal: for one app, the others may offer or use a
 * service of the same id.
 *
 * A call that may be undone writes into *held*, which goes out when it can not be undone any more,
 * and what it has read is kept in *given*, to be read again. What the machine does not take at once
 * of held bytes stays in front of all that follows.
 */
#include "terminal.h"

#include "gate.h"
#include "heap.h"
#include "resource.h"
#include "service_private.h"
#include "watch.h"

#include <kernel/machine.h>
#include <kernel/string.h>
#include <kernel/terminal.h>

#include <ctx/tables.h>

#define CHUNK  0x1000u  /* bytes that go through the kernel in one piece */
#define HELD   0x10000u /* what one call may write, or read, and still be undone */
#define WANTED 255u     /* bits that next knows */

/* Bytes for one stream, which follow this. */
struct piece {
    uint32_t fd, len;
};

struct terminal_user {
    struct request *next; /* NULL: none is open */
    uint32_t wanted;
    uint8_t *held; /* pieces; HELD bytes, NULL: none were needed so far */
    uint32_t held_at, held_len;
    uint32_t settled; /* up to here they are of calls that have ended */
    uint8_t *given;   /* likewise HELD bytes */
    uint32_t given_at, given_len;
};

extern const struct app_resource terminal_resource;

/* [boot, loop] write, [in a call] reads. */
static struct {
    const struct terminal *machine;
    uint64_t pid;     /* whose it is, */
    bool given;       /* if it was given to one */
    struct app *user; /* who has opened it; NULL: nobody. [in a call] writes too. */
} state;

static struct terminal_user *known(const struct app *app)
{
    return *resource_part((struct app *)app, &terminal_resource);
}

static struct terminal_user *user_of(struct app *app)
{
    void **mine = resource_part(app, &terminal_resource);
    if (*mine == NULL) {
        *mine = heap_alloc(sizeof(struct terminal_user));
        state.user = *mine != NULL ? app : state.user;
    }
    return *mine;
}

void terminal_offer(const struct terminal *terminal)
{
    state.machine = terminal;
    state.given = false;
}

void terminal_give(const struct app *app)
{
    if (!service_anybody_may_offer(CTX_ID_TERMINAL)) {
        state.pid = app->pid;
        state.given = true;
    }
}

bool terminal_is_native(const struct app *app)
{
    return state.machine != NULL && state.given && app->pid == state.pid;
}

/* ---- what was written, and is not out yet ---- */

/* What the machine is to say, once: for the app, if it waits, and for what is held back. */
static void want(const struct terminal_user *u)
{
    uint32_t wanted = u->next != NULL ? u->wanted : 0;
    state.machine->want(u->held_at < u->settled ? wanted | CTX_READY_WRITE : wanted);
}

/* Gives the machine what it takes of what may go out. True: nothing of that is left. */
static bool drain(struct terminal_user *u)
{
    while (u->held_at < u->settled) {
        struct piece p;
        uint32_t done = 0;
        memcpy(&p, u->held + u->held_at, sizeof p);
        const uint8_t *bytes = u->held + u->held_at + sizeof p;
        ctx_status status = state.machine->write(p.fd, bytes, p.len, &done);
        if (status == CTX_E_AGAIN) {
            want(u);
            return false;
        }
        if (status != CTX_OK || done == p.len) { /* lost, as the file is; or out */
            u->held_at += (uint32_t)sizeof p + p.len;
            continue;
        }
        p.len -= done;
        u->held_at += done;
        memcpy(u->held + u->held_at, &p, sizeof p);
    }
    if (u->held_at == u->held_len) {
        u->held_at = u->held_len = u->settled = 0;
    }
    return true;
}

/* Behind all that is held already. False: there is no room. */
static bool hold(struct terminal_user *u, uint32_t fd, const uint8_t *bytes, uint32_t len)
{
    struct piece p = {fd, len};
    u->held = u->held != NULL ? u->held : heap_alloc(HELD);
    if (u->held == NULL || sizeof p + len > HELD - u->held_len) {
        return false;
    }
    memcpy(u->held + u->held_len, &p, sizeof p);
    memcpy(u->held + u->held_len + sizeof p, bytes, len);
    u->held_len += (uint32_t)sizeof p + len;
    return true;
}

static void let_go(struct app *app)
{
    struct terminal_user *u = known(app);
    if (u != NULL && state.machine != NULL) {
        u->settled = u->held_len;
        drain(u);
    }
}

static ctx_status put(struct app *app, struct terminal_user *u, uint32_t fd, const uint8_t *bytes,
                      uint32_t len, uint32_t *done)
{
    if (app_may_undo(app)) {
        if (hold(u, fd, bytes, len)) {
            *done = len;
            return CTX_OK;
        }
        app_reaches_out(app, "it wrote more than is kept back");
    }
    let_go(app); /* whatever it was that can not be taken back, this comes first */
    return drain(u) ? state.machine->write(fd, bytes, len, done) : CTX_E_AGAIN;
}

/* ---- the table ---- */

static uint64_t terminal_describe(struct app *app, const uint64_t args[6])
{
    struct ctx_terminal_stream out = {.size = sizeof out};
    (void)app;
    if (args[1] > 2) {
        return (uint32_t)CTX_E_INVAL;
    }
    ctx_status status = state.machine->describe((uint32_t)args[1], &out);
    return (uint32_t)(status == CTX_OK ? gate_put_struct(args, 2, &out, sizeof out) : status);
}

static uint64_t terminal_write(struct app *app, const uint64_t args[6])
{
    uint8_t chunk[CHUNK];
    uint32_t fd = (uint32_t)args[1], len = (uint32_t)args[3], total = 0;
    struct terminal_user *u = user_of(app);
    ctx_status status = CTX_OK;
    if (u == NULL || fd < 1 || fd > 2) {
        return (uint32_t)(u == NULL ? CTX_E_NOMEM : CTX_E_INVAL);
    }
    while (status == CTX_OK && total < len) {
        uint32_t part = MIN(len - total, CHUNK), done = 0;
        if (machine_copy_in(chunk, args[2] + total, part) != CTX_OK) {
            return (uint32_t)CTX_E_INVAL;
        }
        status = put(app, u, fd, chunk, part, &done);
        total += status == CTX_OK ? done : 0;
    }
    if (total == 0 && status != CTX_OK) {
        return (uint32_t)status;
    }
    return (uint32_t)gate_put(args[4], &total, sizeof total);
}

/* Keep it for the case that the call is undone. */
static void keep_given(struct app *app, struct terminal_user *u, const uint8_t *bytes, uint32_t len)
{
    u->given = u->given != NULL ? u->given : heap_alloc(HELD);
    if (u->given == NULL || len > HELD - u->given_len) {
        app_reaches_out(app, "it read more than is kept to be read again");
        return;
    }
    memcpy(u->given + u->given_len, bytes, len);
    u->given_len += len;
    u->given_at = u->given_len;
}

static uint64_t terminal_read(struct app *app, const uint64_t args[6])
{
    uint8_t chunk[CHUNK];
    uint32_t done = 0, len = MIN((uint32_t)args[2], CHUNK);
    struct terminal_user *u = user_of(app);
    ctx_status status = CTX_OK;
    if (u == NULL || len == 0) {
        return (uint32_t)(u == NULL ? CTX_E_NOMEM : gate_put(args[3], &done, sizeof done));
    }
    if (u->given_at < u->given_len) {
        done = MIN(len, u->given_len - u->given_at);
        memcpy(chunk, u->given + u->given_at, done);
        u->given_at += done;
    } else {
        if (!app_may_undo(app)) {
            u->given_at = u->given_len = 0;
        }
        status = state.machine->read(chunk, len, &done);
        if (status == CTX_OK && app_may_undo(app)) {
            keep_given(app, u, chunk, done);
        }
    }
    if (status == CTX_OK) {
        status = gate_put(args[1], chunk, done);
    }
    return (uint32_t)(status == CTX_OK ? gate_put(args[3], &done, sizeof done) : status);
}

static uint64_t terminal_modes(struct app *app, const uint64_t args[6])
{
    struct ctx_terminal_modes out = {.size = sizeof out};
    (void)app;
    ctx_status status = state.machine->modes(&out);
    return (uint32_t)(status == CTX_OK ? gate_put_struct(args, 1, &out, sizeof out) : status);
}

static uint64_t terminal_set_modes(struct app *app, const uint64_t args[6])
{
    struct ctx_terminal_modes modes;
    ctx_status status = gate_get_struct(args, 2, &modes, sizeof modes);
    if (status == CTX_OK && (args[1] > 2 || modes.rsv != 0)) {
        status = CTX_E_INVAL;
    }
    if (status == CTX_OK && user_of(app) == NULL) { /* whose end puts them back */
        status = CTX_E_NOMEM;
    }
    return (uint32_t)(status == CTX_OK ? state.machine->set_modes((uint32_t)args[1], &modes)
                                       : status);
}

static uint64_t terminal_next(struct app *app, const uint64_t args[6])
{
    uint32_t wanted = (uint32_t)args[1];
    struct terminal_user *u = user_of(app);
    if (u == NULL || (wanted & WANTED) == 0 || (wanted & ~WANTED) != 0) {
        return (uint32_t)(u == NULL ? CTX_E_NOMEM : CTX_E_INVAL);
    }
    if (u->next != NULL && request_answer(u->next, CTX_E_CANCELED, NULL, 0) != CTX_OK) {
        return (uint32_t)CTX_E_NOMEM;
    }
    ctx_status status = request_make_own(app, &u->next);
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    status = gate_put(args[2], &u->next->consumer_id, sizeof u->next->consumer_id);
    if (status != CTX_OK) {
        request_free(u->next);
        return (uint32_t)status;
    }
    u->wanted = wanted;
    if (u->given_at < u->given_len) {
        (void)terminal_tell(CTX_READY_READ, 0);
    }
    if (u->next != NULL) {
        want(u);
    }
    return CTX_PENDING;
}

bool terminal_tell(uint32_t what, uint32_t signal)
{
    struct terminal_user *u = state.user != NULL ? known(state.user) : NULL;
    if (u == NULL) {
        return false;
    }
    bool full = (what & CTX_READY_WRITE) != 0 && !drain(u);
    struct ctx_terminal_ready out = {
        .size = sizeof out,
        .what = what & u->wanted & ~(full ? (uint32_t)CTX_READY_WRITE : 0),
        .signal = signal,
    };
    bool told = u->next != NULL && out.what != 0 &&
                request_answer(u->next, CTX_OK, &out, sizeof out) == CTX_OK;
    if (u->next != NULL || u->held_at < u->settled) {
        want(u);
    }
    return told;
}

bool terminal_has_more(void)
{
    const struct terminal_user *u = state.user != NULL ? known(state.user) : NULL;
    return u != NULL && u->held_at < u->held_len;
}

/* ---- what an app has of this ---- */

static bool offers(const char *id)
{
    return state.machine != NULL && strcmp(id, CTX_ID_TERMINAL) == 0;
}

static void forget_user(struct app *app)
{
    struct terminal_user *u = known(app);
    if (u == NULL) {
        return;
    }
    let_go(app);
    while (terminal_has_more() && state.machine != NULL && state.machine->wait()) {
        (void)drain(u);
    }
    if (u->next != NULL) {
        request_free(u->next);
    }
    heap_free(u->held, HELD);
    heap_free(u->given, HELD);
    heap_free(u, sizeof *u);
    *resource_part(app, &terminal_resource) = NULL;
    state.user = NULL;
    if (state.machine != NULL) {
        state.machine->want(0);
        state.machine->left();
    }
}

static bool remember(struct app *app)
{
    struct terminal_user *u = known(app);
    if (u != NULL && u->given_at > 0) { /* what is to be read again moves to the front */
        memmove(u->given, u->given + u->given_at, u->given_len - u->given_at);
        u->given_len -= u->given_at;
        u->given_at = 0;
    }
    return true;
}

static bool put_back(struct app *app, bool again)
{
    struct terminal_user *u = known(app);
    if (u != NULL) {
        u->held_len = u->settled;
        u->given_at = again ? 0 : u->given_at;
        drain(u);
    }
    return true;
}

static uint64_t count(const struct app *app)
{
    const struct terminal_user *u = known(app);
    return u != NULL && u->next != NULL;
}

GATE_TABLE(ctx_terminal_table, CTX_TABLE_TERMINAL, terminal_describe, terminal_write, terminal_read,
           terminal_modes, terminal_set_modes, terminal_next);

const struct app_resource terminal_resource = {
    .name = "terminals",
    .offers = offers,
    .tear_down = forget_user,
    .remember = remember,
    .put_back = put_back,
    .let_go = let_go,
    .count = count,
};
