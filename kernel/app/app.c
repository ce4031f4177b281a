/* SPDX-License-Identifier: MIT */
/* The list of apps: loading one, beginning one anew, taking one away; and what they ask of the
 * whole machine. */
#include "app_chain.h"
#include "app_slot.h"
#include "app_words.h"
#include "frame.h"
#include "heap.h"
#include "needs.h"
#include "policy.h"
#include "resource.h"
#include "shelf.h"

#include <kernel/call.h>
#include <kernel/klog.h>
#include <kernel/string.h>

/* [boot, loop, in a call] */
static struct {
    struct app *first, **end;
    uint32_t count, refused;
    uint64_t next_pid, next_order;
    uint64_t quota_pages;
    uint32_t offer; /* the newest Context version */
    bool force;     /* notes' minimum and requirements are only warnings */
    bool poison;
    bool any_fate;
    enum app_asks asked;
} state;

ctx_status app_init(uint64_t heap_quota_bytes)
{
    app_open_usual(&this_cpu.usual);
    if (app_slots_init() != CTX_OK) {
        return CTX_E_NOMEM;
    }
    state.end = &state.first;
    state.quota_pages = heap_quota_bytes / PAGE_SIZE;
    state.offer = state.offer != 0 ? state.offer : CTX_ABI_VERSION;
    return CTX_OK;
}

void app_set_offer(uint32_t version, bool force)
{
    state.offer = version >= 2 && version < CTX_ABI_VERSION ? version : CTX_ABI_VERSION;
    state.force = force;
}

uint32_t app_offer(void)
{
    return state.offer;
}

void app_set_poison(bool poison)
{
    state.poison = poison;
}

static void refuse(const char *file_name, const char *field, uint64_t value, const char *reason)
{
    log_error("app", "refused file=%s field=%s value=0x%lx: %s", file_name, field, value, reason);
}

void app_refuse(const char *file_name, const char *field, uint64_t value, const char *reason)
{
    state.refused++;
    refuse(file_name, field, value, reason);
}

/* Each is looked for whenever an interface comes or goes, as long as the app waits for one. */
#define REQUIRED_MOST 256u

static bool check_note(const struct elf_plan *plan, const char *file_name)
{
    const struct ctx_note *note = &plan->note;
    char reason[96];
    if (CTX_NOTE_HAS(note, CTX_NOTE_MINIMUM) && note->minimum > state.offer && !state.force) {
        format_text(reason, sizeof reason, "needs context v%u, this kernel offers v%u",
                    note->minimum, state.offer);
        refuse(file_name, "note.minimum", note->minimum, reason);
        return false;
    }
    uint32_t draft = state.offer == CTX_ABI_VERSION ? CTX_DRAFT_SERIAL : 0;
    if (state.offer >= 3 && !state.force && !ctx_note_fits(note, state.offer, draft)) {
        size_t len = format_text(reason, sizeof reason, "built for draft %u of context v%u, ",
                                 note->draft, note->built_for);
        format_text(reason + len, sizeof reason - len,
                    draft != 0 ? "this kernel has draft %u" : "which is frozen: compile it again",
                    draft);
        refuse(file_name, "note.draft", note->draft, reason);
        return false;
    }
    return true;
}

bool app_check_plan(const struct elf_plan *plan, const char *file_name)
{
    if (plan->has_note && !check_note(plan, file_name)) {
        return false;
    }
    const struct ctx_note *note = &plan->note;
    if (note->required_count > REQUIRED_MOST) {
        refuse(file_name, "note.required", note->required_count, "more than an app can have");
        return false;
    }
    if (note->required_count > 0 && state.offer < 3 && !state.force) {
        refuse(file_name, "note.required", note->required_count,
               "needs tables of context v3, which this kernel does not have");
        return false;
    }
    if (plan->stack_protector) {
        log_warn("app",
                 "%s: reads %%fs:0x28, which holds nothing here; compile with -fno-stack-protector",
                 file_name);
    }
    if (plan->constructors > 0) {
        log_warn(
            "app",
            "%s: %lu function(s) of .init_array that nothing calls: an app begins at _start; link libctx_c, or make these objects constinit",
            file_name, plan->constructors);
    }
    if (plan->image_pointers > 0) {
        log_warn(
            "app",
            "%s: %lu data words look like addresses of a file that was linked for one place; relink with -static-pie",
            file_name, plan->image_pointers);
    }
    return true;
}

static uint64_t stack_low(const struct elf_plan *plan)
{
    uint64_t stack =
        CTX_NOTE_HAS(&plan->note, CTX_NOTE_STACK) ? plan->note.stack_bytes : CTX_STACK_DEFAULT;
    return ALIGN_DOWN(CTX_SLOT_STACK_TOP - stack, (uint64_t)PAGE_SIZE);
}

void app_discard(struct app *app)
{
    app_tear_down(app);
    resources_forget(app);
    app_forget_texts(app);
    grants_free(&app->grant_list);
    program_drop(app->program);
    heap_free(app, sizeof *app);
}

uint32_t app_version_for(const struct elf_plan *plan)
{
    return plan->has_note && state.offer >= 3 ? 3 : 2;
}

uint64_t app_take_order(void)
{
    return state.next_order++;
}

uint64_t app_next_pid(void)
{
    return state.next_pid;
}

void app_set_next_pid(uint64_t pid)
{
    state.next_pid = MAX(state.next_pid, pid);
}

void app_append(struct app *app, uint64_t pid)
{
    app->pid = pid;
    app_set_next_pid(pid + 1);
    *state.end = app;
    state.end = &app->next;
    state.count++;
}

/* ---- waiting for what is required ---- */

#define NEEDS_NS (10 * NSEC_PER_SEC) /* after which it is told aloud */

bool app_has_to_wait(const struct app *app, char id[NEEDS_ID])
{
    return !state.force && state.offer >= 3 && needs_missing(app->program, id);
}

static void wait_for(struct app *app, const char *id)
{
    uint64_t now = machine_now_ns();
    if (!app->needs) {
        app->needs = true;
        app->needs_told = false;
        app->needs_until = now + NEEDS_NS;
        log_info(
            "app",
            "waits name=%s pid=%lu for=%s: nobody offers it so far; it begins when an app does",
            app->name, app->pid, id);
    } else if (!app->needs_told && now >= app->needs_until) {
        app->needs_told = true;
        log_warn("app",
                 "%s#%lu is not started: it requires %s, which no app offers; start one that does, "
                 "or boot with the word `force`",
                 app->name, app->pid, id);
    }
    (void)ready_wait(app, app->needs_told ? NEVER_NS : app->needs_until);
}

static void lost_grant(void *arg, enum grant_kind kind, const char *text)
{
    const struct app *app = arg;
    log_warn("app", "%s: %s%s: who started it has not got that", app->name, grants_word_name(kind),
             text);
}

/* Nobody gives away what they do not have. False: no memory. */
static bool limit(struct app *app, const struct app *parent)
{
    app->grants &= parent->grants;
    app->denied |= parent->denied;
    policy_limit(&app->policy, &parent->policy);
    return grants_limit(&app->grant_list, &parent->grant_list, lost_grant, app);
}

static ctx_status load(const struct app *parent, const uint8_t *file, uint64_t len,
                       const char *file_name, const char *text, struct app **out)
{
    struct elf_plan plan;
    struct elf_error error;
    if (!elf_check(file, len, &plan, &error)) {
        refuse(file_name, error.field, error.value, error.reason);
        return CTX_E_INVAL;
    }
    if (!app_check_plan(&plan, file_name)) {
        return CTX_E_INVAL;
    }
    size_t bytes;
    const char *why = app_arguments_wrong(text, &bytes);
    if (why != NULL) {
        refuse(file_name, "arguments", bytes, why);
        return CTX_E_INVAL;
    }
    struct app *app = heap_alloc(sizeof *app);
    if (app == NULL) {
        refuse(file_name, "memory", frame_free_total() * PAGE_SIZE, "no memory for it");
        return CTX_E_NOMEM;
    }
    app_set_name(app->name, file_name, text);
    app->stack_low = stack_low(&plan);
    app->quota_pages = state.quota_pages;
    app->version = app_version_for(&plan);
    app->order = app_take_order();
    app->parent = parent != NULL ? parent->pid : APP_NO_PARENT;
    app->poison = state.poison;
    policy_start(&app->policy, &plan.note);
    ctx_status status = app_take_words(app, text);
    if (parent != NULL && !limit(app, parent)) {
        status = CTX_E_NOMEM;
    }
    app->may_be_trusted = parent == NULL || parent->trusts;
    app->trusts &= app->may_be_trusted;
    uint32_t items = grants_count(&app->grant_list);
    if (status == CTX_OK && items > GRANTS_MOST) {
        refuse(file_name, "grants", items, "more than an app can have");
        status = CTX_E_INVAL;
    }
    if (status == CTX_OK) {
        app->program = program_keep(file, len, &plan.note);
        status = app->program != NULL ? app_build(app, file, &plan, 0) : CTX_E_NOMEM;
    }
    if (status == CTX_E_UNVERIFIED || status == CTX_E_INVAL) {
        app_discard(app); /* why, the log has */
        return status;
    }
    if (status != CTX_OK) {
        refuse(file_name, "memory", frame_free_total() * PAGE_SIZE,
               status == CTX_E_NOSPC ? "all slots are taken" : "not enough memory for it");
        app_discard(app);
        return status;
    }
    *out = app;
    app_append(app, state.next_pid);
    char id[NEEDS_ID];
    if (app_has_to_wait(app, id)) { /* that it could be built is known now */
        app_tear_down(app);
        app->unstarted = true;
        wait_for(app, id);
        return CTX_OK;
    }
    ready_each_frame(app);
    log_info("app", "started name=%s pid=%lu slot=0x%lx file=%s", app->name, app->pid, app->base,
             file_name);
    return CTX_OK;
}

struct app *app_load(const uint8_t *file, uint64_t len, const char *file_name, const char *text)
{
    struct app *app = NULL;
    if (shelf_is_meant(text)) {
        uint32_t counted = state.refused;
        if (shelf_put(file, len, file_name, text) != CTX_OK && state.refused == counted) {
            state.refused++;
        }
        return NULL;
    }
    state.refused += load(NULL, file, len, file_name, text, &app) != CTX_OK;
    return app;
}

ctx_status app_load_child(const struct app *parent, const uint8_t *file, uint64_t len,
                          const char *file_name, const char *text, struct app **child)
{
    return load(parent, file, len, file_name, text, child);
}

void app_unload(struct app *app)
{
    for (struct app **p = &state.first; *p != NULL; p = &(*p)->next) {
        if (*p == app) {
            *p = app->next;
            break;
        }
    }
    state.end = &state.first;
    while (*state.end != NULL) {
        state.end = &(*state.end)->next;
    }
    state.count--;
    app_discard(app);
}

/* ---- fates ---- */

void app_set_fate(struct app *app, enum app_fate fate, uint64_t at_ns)
{
    app->fate = fate;
    app->fate_ns = at_ns;
    state.any_fate = true;
    ready_remove(app);
}

static void fulfil(struct app *app)
{
    enum app_fate fate = app->fate;
    app->fate = FATE_NONE;
    app->leaving = fate;
    switch (fate) {
    case FATE_UNLOAD:
        app_unload(app);
        return;
    case FATE_STOP:
        app_tear_down(app);
        app->needs = false;
        app->stopped = true;
        break;
    case FATE_RESTART:
        app_tear_down(app);
        app->needs = false; /* its time begins anew too */
        app->stopped = false;
        app->paused = false;
        ready_wait(app, app->fate_ns);
        break;
    default:
        break;
    }
    app->leaving = FATE_NONE;
}

void app_settle(void)
{
    while (state.any_fate) {
        state.any_fate = false;
        for (struct app *next, *app = state.first; app != NULL; app = next) {
            next = app->next;
            fulfil(app);
        }
    }
}

/* ---- what apps ask of the whole machine ---- */

void app_ask(const struct app *app, enum app_asks what)
{
    if (what != APP_ASKS_END) {
        log_info("app", "%s#%lu asks to %s", app->name, app->pid,
                 what == APP_ASKS_REBOOT ? "reboot" : "power off");
    }
    state.asked = what;
}

enum app_asks app_asked(void)
{
    return state.asked;
}

void app_forget_asked(void)
{
    state.asked = APP_ASKS_NOTHING;
}

/* ---- beginning anew ---- */

bool app_begin_anew(struct app *app)
{
    struct elf_plan plan;
    struct elf_error error;
    char id[NEEDS_ID];
    ctx_status status = CTX_E_NOMEM;
    if (app_has_to_wait(app, id)) {
        wait_for(app, id);
        return false;
    }
    app->needs = false;
    if (elf_check(app->program->file, app->program->len, &plan, &error)) {
        status = app_build(app, app->program->file, &plan, 0);
    }
    if (status != CTX_OK) {
        log_error("app", "%s#%lu can not begin anew: %s", app->name, app->pid,
                  ctx_status_name(status));
        policy_failed_restart(app);
        return false;
    }
    app->faults_in_a_row = 0;
    ready_each_frame(app);
    if (app->unstarted) {
        app->unstarted = false;
        log_info("app", "started name=%s pid=%lu slot=0x%lx: what it requires is there", app->name,
                 app->pid, app->base);
        return true;
    }
    app->restarts++;
    log_info("app", "restarted name=%s pid=%lu slot=0x%lx restarts=%u", app->name, app->pid,
             app->base, app->restarts);
    return true;
}

/* ---- the list ---- */

struct app *app_find(uint64_t pid)
{
    struct app *app = state.first;
    while (app != NULL && app->pid != pid) {
        app = app->next;
    }
    return app;
}

struct app *app_first(void)
{
    return state.first;
}

uint32_t app_count(void)
{
    return state.count;
}

uint32_t app_needing_count(void)
{
    uint32_t count = 0;
    for (const struct app *app = state.first; app != NULL; app = app->next) {
        count += app->needs && app->base == 0;
    }
    return count;
}

uint32_t app_refused_count(void)
{
    return state.refused;
}
