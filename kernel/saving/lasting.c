/* SPDX-License-Identifier: MIT */
#include "lasting.h"

#include "app.h"
#include "gate.h"
#include "heap.h"
#include "resource.h"

#include <kernel/klog.h>
#include <kernel/machine.h>

#include <ctx/tables.h>

#define BREATH_NS NSEC_PER_MSEC /* between calls of an app that wants to be called each frame */

/* An app that has joined. */
struct member {
    struct app *app;
    uint64_t asked, answered; /* numbers of questions; 0: none */
    ctx_status status;        /* of its last answer */
    bool late;                /* nobody waits for it until it has answered */
    struct member *next;
};

/* [loop, in a call] */
static struct {
    uint64_t last;     /* question */
    uint64_t open;     /* the one that is waited for; 0: none */
    uint32_t gone;     /* apps that have ended since it was asked, and had not answered */
    struct task *task; /* waits for that */
    struct member *members;
} state;

extern const struct app_resource lasting_resource;

static struct member *member_of(const struct app *app)
{
    return *resource_part((struct app *)(uintptr_t)app, &lasting_resource);
}

static bool owes(const struct member *m, uint64_t question)
{
    return m->asked >= question && m->answered < question;
}

/* Whoever waits looks again. */
static void look_again(void)
{
    if (state.task != NULL) {
        task_wake(state.task);
    }
}

uint64_t lasting_ask(struct task *task)
{
    state.open = ++state.last;
    state.task = task;
    state.gone = 0;
    for (struct member *m = state.members; m != NULL; m = m->next) {
        m->asked = state.open;
        app_tell(m->app, CTX_EVENT_SAVING);
    }
    return state.open;
}

bool lasting_is_over(uint64_t question)
{
    for (const struct member *m = state.members; m != NULL; m = m->next) {
        if (owes(m, question) && !m->late) {
            return false;
        }
    }
    return true;
}

bool lasting_end(uint64_t question, const char *name)
{
    bool good = state.gone == 0;
    for (struct member *m = name != NULL ? state.members : NULL; m != NULL; m = m->next) {
        const struct app *app = m->app;
        if (owes(m, question)) {
            log_warn(
                "saving",
                "%s: %s#%lu did not say that what it has lasts: after a power cut that may be older",
                name, app->name, app->pid);
            m->late = true;
            good = false;
        } else if (m->asked >= question && m->status != CTX_OK) {
            log_warn("saving", "%s: %s#%lu says %s: what it has may be older", name, app->name,
                     app->pid, ctx_status_name(m->status));
            good = false;
        }
    }
    if (state.open == question) {
        state.open = 0;
        state.task = NULL;
    }
    return good;
}

/* ---- while the loop stands still ---- */

/* Whether it wants to be called now; else *until is when. */
static bool is_due(struct app *app, uint64_t now, uint64_t *until)
{
    switch (app->turn.where) {
    case TURN_FRAME:
    case TURN_READY:
        return true;
    case TURN_WAITING:
        *until = MIN(*until, app->turn.deadline_ns);
        return app->turn.deadline_ns <= now;
    default:
        return false;
    }
}

uint64_t lasting_call(void)
{
    uint64_t now = machine_now_ns(), until = NEVER_NS;
    struct member *due = NULL;
    for (struct member *m = state.members; state.open != 0 && m != NULL; m = m->next) {
        if (owes(m, state.open) && is_due(m->app, now, &until)) {
            due = m;
        }
    }
    if (due == NULL) {
        return until;
    }
    struct app *app = due->app;
    if (app->turn.where != TURN_FRAME) {
        ready_remove(app);
    }
    (void)app_call(app, now);
    bool again = app->turn.where == TURN_FRAME;
    app_settle(); /* it may have been its last */
    return again ? now + BREATH_NS : now;
}

void lasting_wait(uint64_t question)
{
    uint64_t deadline = machine_now_ns() + LASTING_NS;
    while (!lasting_is_over(question) && machine_now_ns() < deadline) {
        (void)task_run_ready(machine_now_ns());
        uint64_t until = lasting_call();
        if (!lasting_is_over(question)) {
            machine_wait(MIN(MIN(task_next_deadline_ns(), deadline), until));
        }
    }
}

/* ---- ctx.saving/1 ---- */

static void leave(struct app *app)
{
    struct member *mine = member_of(app);
    for (struct member **at = &state.members; mine != NULL && *at != NULL; at = &(*at)->next) {
        if (*at == mine) {
            *at = mine->next;
            break;
        }
    }
    if (mine != NULL) {
        heap_free(mine, sizeof *mine);
        *resource_part(app, &lasting_resource) = NULL;
        look_again();
    }
}

static uint64_t saving_join(struct app *app, const uint64_t args[6])
{
    (void)args;
    struct member *m = member_of(app);
    if (!app->no_undo || !app->fresh_on_restore) {
        return (uint32_t)CTX_E_INVAL;
    }
    if (m == NULL) {
        m = heap_alloc(sizeof *m);
        if (m == NULL) {
            return (uint32_t)CTX_E_NOMEM;
        }
        *m = (struct member){.app = app, .next = state.members};
        *resource_part(app, &lasting_resource) = m;
        state.members = m;
    }
    return (uint32_t)CTX_OK;
}

static uint64_t saving_asked(struct app *app, const uint64_t args[6])
{
    const struct member *m = member_of(app);
    if (m == NULL || m->answered >= m->asked) {
        return (uint32_t)CTX_E_AGAIN;
    }
    return (uint32_t)gate_put(args[1], &m->asked, sizeof m->asked);
}

static uint64_t saving_lasts(struct app *app, const uint64_t args[6])
{
    struct member *m = member_of(app);
    uint64_t question = args[1];
    if (m == NULL || question == 0 || question > m->asked || question <= m->answered) {
        return (uint32_t)CTX_E_NOENT;
    }
    m->answered = question;
    m->status = (ctx_status)(uint32_t)args[2];
    m->late = m->late && question < m->asked;
    look_again();
    return (uint32_t)CTX_OK;
}

/* Its slot goes: what it had not made to last is lost, whoever begins in its place. */
static void tear_down(struct app *app)
{
    const struct member *m = member_of(app);
    if (m != NULL && state.open != 0 && owes(m, state.open)) {
        state.gone++;
        log_warn("saving", "%s#%lu has gone before it said that what it has lasts", app->name,
                 app->pid);
    }
    leave(app);
}

static uint64_t count(const struct app *app)
{
    return member_of(app) != NULL;
}

const struct app_resource lasting_resource = {
    .name = "saving", .tear_down = tear_down, .forget = leave, .count = count};

GATE_TABLE(ctx_saving_table, CTX_TABLE_SAVING, saving_join, saving_asked, saving_lasts);
