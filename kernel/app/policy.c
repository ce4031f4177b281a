/* SPDX-License-Identifier: MIT */
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
#define BUDGET_LEAST  MACHINE_TICK_NS
#define BUDGET_MOST   (60 * NSEC_PER_SEC)
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
        policy->budget_ns = MIN(MAX(note->budget_ns, BUDGET_LEAST), BUDGET_NOTE);
    }
    policy->critical = CTX_NOTE_HAS(note, CTX_NOTE_CRITICAL);
}

void policy_limit(struct app_policy *child, const struct app_policy *parent)
{
    child->critical &= parent->critical;
    child->budget_ns = MIN(child->budget_ns, MAX(parent->budget_ns, BUDGET_NOTE));
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

/* ---- words ---- */

/* A number from *p on; false: there is none, or it is too large. */
static bool number(const char **p, uint64_t *out)
{
    *out = 0;
    if (**p < '0' || **p > '9') {
        return false;
    }
    for (; **p >= '0' && **p <= '9'; (*p)++) {
        *out = *out * 10 + (uint64_t)(**p - '0');
        if (*out > UINT32_MAX) {
            return false;
        }
    }
    return true;
}

struct unit {
    const char *name;
    uint64_t factor;
};

/* "250ms", "64M", "25%": a number with one of these units, up to `end`. */
static bool quantity(const char *p, const char *end, const struct unit *units, size_t count,
                     uint64_t *out)
{
    uint64_t value;
    if (!number(&p, &value)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(units[i].name);
        if (len == (size_t)(end - p) && memcmp(p, units[i].name, len) == 0) {
            *out = value * units[i].factor;
            return true;
        }
    }
    return false;
}

struct choice {
    const char *name;
    uint32_t value;
};

/* "on-fault:5": one of these, and perhaps a number behind it. */
static bool choose(const char *p, const char *end, const struct choice *choices, size_t count,
                   uint32_t *value, uint32_t *limit)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(choices[i].name);
        if ((size_t)(end - p) < len || memcmp(p, choices[i].name, len) != 0) {
            continue;
        }
        const char *rest = p + len;
        uint64_t n;
        if (rest == end) {
            *value = choices[i].value;
            return true;
        }
        if (*rest == ':' && (rest++, number(&rest, &n)) && rest == end && n > 0) {
            *value = choices[i].value;
            *limit = (uint32_t)n;
            return true;
        }
    }
    return false;
}

static bool restart_word(struct app *app, const char *p, const char *end)
{
    static const struct choice choices[] = {{"never", CTX_RESTART_NEVER},
                                            {"on-fault", CTX_RESTART_ON_FAULT},
                                            {"always", CTX_RESTART_ALWAYS},
                                            {"undo", CTX_RESTART_UNDO},
                                            {"ask", CTX_RESTART_ASK}};
    return choose(p, end, choices, ARRAY_COUNT(choices), &app->policy.restart,
                  &app->policy.restart_limit);
}

static bool overrun_word(struct app *app, const char *p, const char *end)
{
    static const struct choice choices[] = {
        {"keep", OVERRUN_KEEP}, {"stop", OVERRUN_STOP}, {"restart", OVERRUN_RESTART}};
    return choose(p, end, choices, ARRAY_COUNT(choices), &app->policy.overrun,
                  &app->policy.overrun_limit);
}

static bool budget_word(struct app *app, const char *p, const char *end)
{
    static const struct unit units[] = {{"ms", NSEC_PER_MSEC}, {"s", NSEC_PER_SEC}};
    uint64_t ns;
    bool good =
        quantity(p, end, units, ARRAY_COUNT(units), &ns) && ns >= BUDGET_LEAST && ns <= BUDGET_MOST;
    app->policy.budget_ns = good ? ns : app->policy.budget_ns;
    return good;
}

static bool share_word(struct app *app, const char *p, const char *end)
{
    static const struct unit units[] = {{"%", 1}};
    uint64_t percent;
    bool good =
        quantity(p, end, units, ARRAY_COUNT(units), &percent) && percent >= 1 && percent <= 100;
    app->policy.share = good ? (uint32_t)percent % 100 : app->policy.share; /* 100 %: no limit */
    return good;
}

static bool memory_word(struct app *app, const char *p, const char *end)
{
    static const struct unit units[] = {{"K", 1u << 10}, {"M", 1u << 20}, {"G", 1u << 30}};
    uint64_t bytes = 0;
    bool good = quantity(p, end, units, ARRAY_COUNT(units), &bytes) && bytes >= PAGE_SIZE;
    bytes = MIN(bytes, CTX_SLOT_SIZE); /* no app can have more: to say so is no mistake */
    app->quota_pages = good ? bytes / PAGE_SIZE : app->quota_pages;
    return good;
}

static bool log_word(struct app *app, const char *p, const char *end)
{
    static const struct unit units[] = {{"", 1}};
    uint64_t lines;
    bool good = quantity(p, end, units, 1, &lines) && lines >= 1;
    app->policy.log_per_second = good ? (uint32_t)lines : app->policy.log_per_second;
    return good;
}

static bool critical_word(struct app *app, const char *p, const char *end)
{
    app->policy.critical = p == end;
    return p == end;
}

bool policy_word(struct app *app, const char *word, size_t len)
{
    static const struct {
        const char *name;
        bool (*read)(struct app *app, const char *p, const char *end);
        const char *takes;
    } words[] = {
        {"restart=", restart_word,
         "never, on-fault, always, undo or ask, and :N for at most N times"},
        {"overrun=", overrun_word, "keep, stop or restart, and :N for after N slices"},
        {"budget=", budget_word, "2ms to 60s"},
        {"share=", share_word, "1% to 100%"},
        {"mem=", memory_word, "a size such as 512K or 16M"},
        {"log=", log_word, "lines per second"},
        {"critical", critical_word, "nothing"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        size_t name = strlen(words[i].name);
        bool whole = words[i].name[name - 1] == '=' ? len >= name : len == name;
        if (!whole || memcmp(word, words[i].name, name) != 0) {
            continue;
        }
        if (!words[i].read(app, word + name, word + len)) {
            app_wrong_words++;
            log_warn("app", "%s: %.*s: it takes %s", app->name, (int)len, word, words[i].takes);
        }
        return true;
    }
    return false;
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

bool policy_may_log(struct app *app, uint64_t now_ns, uint64_t *dropped)
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
