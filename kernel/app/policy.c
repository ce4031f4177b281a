/* SPDX-License-Identifier: MIT */
/* What becomes of an app: decisions, its share of the time, how much it may log. Its words are
 * policy_words.c's. */
#include "policy.h"

#include "app_words.h"
#include "crash.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define RESTART_LIMIT 8u
#define UNDO_LIMIT    2u                    /* calls undone in a row at one place */
#define BACK_OFF_NS   (100 * NSEC_PER_MSEC) /* before the first restart; doubles */
#define BACK_OFF_MAX  (10 * NSEC_PER_SEC)
#define GOOD_RUN_NS   (10 * NSEC_PER_SEC) /* after which past restarts are forgiven */
#define OVERRUN_LIMIT 600u                /* slices: about ten seconds of frames */
#define BUDGET_NOTE                                                                                \
    (250 * NSEC_PER_MSEC) /* more only the boot line may give: others wait meanwhile */
#define SHARE_WINDOW   (100 * NSEC_PER_MSEC)
#define LOG_PER_SECOND 1000u
#define LOG_BURST      4u /* seconds' worth may come at once */

void policy_start(struct app_policy *policy, const struct ctx_note *note)
{
    *policy = (struct app_policy){
        .restart_limit = RESTART_LIMIT,
        .overrun_limit = OVERRUN_LIMIT,
        .budget_ns = APP_BUDGET_NS,
        .log_per_second = LOG_PER_SECOND,
    };
    if (CTX_NOTE_HAS(note, CTX_NOTE_RESTART) && note->restart <= CTX_RESTART_ASK) {
        policy->restart = note->restart;
    }
    if (CTX_NOTE_HAS(note, CTX_NOTE_BUDGET)) {
        policy->budget_ns = MIN(MAX(note->budget_ns, POLICY_BUDGET_LEAST), BUDGET_NOTE);
    }
    policy->critical = CTX_NOTE_HAS(note, CTX_NOTE_CRITICAL);
}

void policy_limit(struct app_policy *child, const struct app_policy *parent)
{
    child->critical &= parent->critical;
    child->budget_ns = MIN(child->budget_ns, MAX(parent->budget_ns, BUDGET_NOTE));
    child->log_per_second = MIN(child->log_per_second, parent->log_per_second);
    if (parent->share != 0) {
        child->share = child->share != 0 ? MIN(child->share, parent->share) : parent->share;
    }
}

static bool wants_undo(const struct app *app)
{
    return app->policy.restart == CTX_RESTART_UNDO || app->policy.restart == CTX_RESTART_ASK;
}

void policy_forbid_undo(struct app *app, bool forbidden)
{
    app->no_undo = forbidden;
    if (forbidden && wants_undo(app) && !app->told_no_undo) {
        app->told_no_undo = true;
        log_warn("app", "%s: its note forbids undo: when a call goes wrong it begins anew",
                 app->name);
    }
}

bool policy_undoes(const struct app *app)
{
    return wants_undo(app) && !app->no_undo;
}

/* ---- decisions ---- */

/* The end of an app that nothing will bring back. */
static void give_up(struct app *app, enum app_fate fate)
{
    app_set_fate(app, fate, 0);
    if (app->policy.critical) {
        log_error("app", "critical app %s#%lu has ended: everything stops", app->name, app->pid);
        app_ask(app, APP_ASKS_END);
    }
}

static void stop(struct app *app, const char *why, uint64_t count)
{
    char text[96];
    format_text(text, sizeof text, why, count);
    log_error("app", "stopped name=%s pid=%lu: %s", app->name, app->pid, text);
    give_up(app, FATE_STOP);
}

/* Later each time, unless it has run well for a while; after so many times not any more. */
static void restart(struct app *app)
{
    uint64_t now = machine_now_ns();
    if (app->base != 0 && now - app->began_ns >= GOOD_RUN_NS) {
        app->restarts_in_a_row = 0;
    }
    if (app->restarts_in_a_row >= app->policy.restart_limit) {
        stop(app, "%lu restarts did not help", app->restarts_in_a_row);
        return;
    }
    uint64_t pause = BACK_OFF_NS << MIN(app->restarts_in_a_row, 16u);
    pause = MIN(pause, BACK_OFF_MAX);
    app->restarts_in_a_row++;
    log_warn("app", "restarting name=%s pid=%lu in=%lums restarts=%u", app->name, app->pid,
             pause / NSEC_PER_MSEC, app->restarts + 1);
    app_set_fate(app, FATE_RESTART, now + pause);
}

/* The policy is to ask, and there is somebody who could answer: by ctx.control/1. */
static bool asks(const struct app *app)
{
    uint64_t control =
        app->policy.restart == CTX_RESTART_ASK ? app_tables_of(GRANT_TABLE, CTX_ID_CONTROL) : 0;
    for (const struct app *by = control != 0 ? app_first() : NULL; by != NULL; by = by->next) {
        if (by != app && (by->grants & ~by->denied & control) != 0 && !by->stopped && !by->paused) {
            return true;
        }
    }
    return false;
}

/* It waits for an answer, as it was before the call, or it has ended: there is nothing to go back
 * to. */
static bool ask(struct app *app)
{
    const char *why = app->no_undo         ? "its note forbids that"
                      : app->watch == NULL ? "no memory to keep what it changes"
                                           : app->watch->back(app, false);
    if (why != NULL) {
        crash_add("not taken back: %s", why);
        stop(app, "its call could not be taken back", 0);
        return false;
    }
    app->undone++;
    log_warn("app",
             "undone name=%s pid=%lu call=%lu undone=%lu: it waits for resume, restart or stop",
             app->name, app->pid, app->calls, app->undone);
    app_pause(app, true);
    return true;
}

/*
 * The first time at a place the app gets its events once more: perhaps it was chance. The second
 * time it goes on without them. If that does not help either, undoing does not.
 */
static bool undo(struct app *app, uint64_t ip)
{
    uint64_t offset = ip - app->base;
    app->undone_in_a_row = offset == app->undo_ip ? app->undone_in_a_row + 1 : 1;
    app->undo_ip = offset;
    bool again = app->undone_in_a_row == 1;
    if (app->undone_in_a_row > UNDO_LIMIT) {
        log_warn("app", "%s#%lu: %u calls undone at slot+0x%lx: that does not help", app->name,
                 app->pid, UNDO_LIMIT, offset);
        app->undone_in_a_row = 0;
        return false;
    }
    const char *why =
        app->watch != NULL ? app->watch->back(app, again) : "no memory to keep what it changes";
    if (why != NULL) {
        log_warn("app", "%s#%lu: this call can not be undone: %s", app->name, app->pid, why);
        return false;
    }
    app->undone++;
    log_warn("app", "undone name=%s pid=%lu call=%lu undone=%lu: %s", app->name, app->pid,
             app->calls, app->undone,
             again ? "its events come once more" : "its events are dropped");
    return true;
}

bool policy_fault(struct app *app, uint64_t ip)
{
    app->faults_in_a_row++;
    if (app->fate != FATE_NONE) {
        return false; /* somebody has decided in this very call */
    }
    if (asks(app)) {
        return ask(app);
    }
    if (policy_undoes(app) && undo(app, ip)) {
        return true;
    }
    if (app->policy.restart != CTX_RESTART_NEVER) {
        restart(app);
    } else if (app->faults_in_a_row >= APP_FAULTS) {
        stop(app, "%lu calls in a row ended in a fault", APP_FAULTS);
    }
    return false;
}

bool policy_overrun(struct app *app)
{
    /* The policy is to undo, or where the note forbids that to begin anew. */
    bool undoes = app->policy.restart == CTX_RESTART_UNDO && app->policy.overrun != OVERRUN_STOP;
    app->parked->slices++;
    if ((app->policy.overrun == OVERRUN_KEEP && !undoes) || app->fate != FATE_NONE ||
        app->parked->slices < app->policy.overrun_limit) {
        return false;
    }
    if (undoes && !app->no_undo && undo(app, app->base)) { /* all endless calls are at one place */
        return true;
    }
    if (app->policy.overrun == OVERRUN_RESTART || undoes) {
        log_warn("app", "%s#%lu: a call did not end after %u slices", app->name, app->pid,
                 app->parked->slices);
        restart(app);
    } else {
        stop(app, "a call did not end after %lu slices", app->parked->slices);
    }
    return false;
}

void policy_exit(struct app *app, int32_t code)
{
    log_info("app", "exited name=%s pid=%lu code=%d", app->name, app->pid, code);
    app->exit_code = code;
    if (app->policy.restart == CTX_RESTART_ALWAYS) {
        restart(app);
    } else {
        give_up(app, FATE_UNLOAD);
    }
}

void policy_failed_restart(struct app *app)
{
    restart(app);
}

/* ---- shares ---- */

bool policy_is_over_share(const struct app *app, uint64_t now_ns, uint64_t *until)
{
    if (app->policy.share == 0) {
        return false;
    }
    *until = app->window_ns + app->window_used_ns * 100 / app->policy.share;
    return now_ns < *until && app->window_used_ns * 100 >= SHARE_WINDOW * app->policy.share;
}

void policy_took(struct app *app, uint64_t now_ns, uint64_t ns)
{
    uint64_t until = app->window_ns + SHARE_WINDOW;
    if (app->policy.share != 0 && app->window_used_ns != 0) {
        until = MAX(until, app->window_ns + app->window_used_ns * 100 / app->policy.share);
    }
    if (now_ns - ns >= until) {
        app->window_ns = now_ns - ns;
        app->window_used_ns = 0;
    }
    app->window_used_ns += ns;
}

/* *dropped: how many before it were not. */
static bool may_log(struct app *app, uint64_t now_ns, uint64_t *dropped)
{
    struct app_log_state *log = &app->log;
    uint64_t rate = app->policy.log_per_second;
    uint64_t one = NSEC_PER_SEC / rate + 1;
    /* Credit is time: a line costs the time in which the next one may follow. */
    uint64_t most = LOG_BURST * NSEC_PER_SEC;
    log->credit_ns = MIN(log->credit_ns + (now_ns - log->counted_ns), most);
    if (log->counted_ns == 0) {
        log->credit_ns = most;
    }
    log->counted_ns = MAX(now_ns, UINT64_C(1));
    *dropped = 0;
    if (log->credit_ns < one) {
        log->dropped++;
        log->dropped_now++;
        return false;
    }
    log->credit_ns -= one;
    *dropped = log->dropped_now;
    log->dropped_now = 0;
    return true;
}

bool policy_may_log(struct app *app)
{
    uint64_t dropped;
    bool may = may_log(app, machine_now_ns(), &dropped);
    if (dropped > 0) {
        log_warn("app", "%s#%lu: %lu lines dropped: more than %u per second", app->name, app->pid,
                 dropped, app->policy.log_per_second);
    }
    return may;
}
