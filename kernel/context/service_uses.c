/* SPDX-License-Identifier: MIT */
/* Who has which service open, and what becomes of that when one of the two goes. */
#include "app_words.h"
#include "ctx_host.h"
#include "gate.h"
#include "heap.h"
#include "policy.h"
#include "service_private.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#include <ctx/tables.h>

/* Who wants to hear when a provider is ready. [loop, in a call] */
static struct service_use *wanting;

static void link_use(struct service_use *use, struct service *service)
{
    use->service = service;
    use->prev = NULL;
    use->next = service->uses;
    if (use->next != NULL) {
        use->next->prev = use;
    }
    service->uses = use;
    *(use->consumer != NULL ? &service->users : &service->gone) += 1;
}

static void want_no_more(struct service_use *use)
{
    if (use->wants_ready) {
        *(use->want_prev != NULL ? &use->want_prev->want_next : &wanting) = use->want_next;
        if (use->want_next != NULL) {
            use->want_next->want_prev = use->want_prev;
        }
        use->wants_ready = false;
    }
}

void service_wants_ready(struct service_use *use)
{
    if (!use->wants_ready) {
        use->wants_ready = true;
        use->want_prev = NULL;
        use->want_next = wanting;
        if (wanting != NULL) {
            wanting->want_prev = use;
        }
        wanting = use;
    }
}

static void unlink_use(struct service_use *use)
{
    struct service *service = use->service;
    if (service == NULL) {
        return;
    }
    *(use->prev != NULL ? &use->prev->next : &service->uses) = use->next;
    if (use->next != NULL) {
        use->next->prev = use->prev;
    }
    *(use->consumer != NULL ? &service->users : &service->gone) -= 1;
    use->service = NULL;
}

/* Whether it is still the same function: structs may have grown at their ends. */
static bool is_same(const struct ctx_interface_fn *a, const struct ctx_interface_fn *b)
{
    bool same = memcmp(a->name, b->name, sizeof a->name) == 0 && a->count == b->count;
    for (uint32_t i = 0; i < CTX_INTERFACE_ARGS; i++) {
        const struct ctx_interface_arg *x = &a->args[i], *y = &b->args[i];
        same &= x->kind == y->kind && x->flags == y->flags && x->first == y->first;
    }
    return same;
}

/* Which functions the service has as the consumer knows them. */
static void compare(struct service_use *use, const struct interface *theirs)
{
    const struct ctx_interface *mine = use->iface->descriptor;
    const struct ctx_interface_fn *a = ctx_interface_fns(mine);
    const struct ctx_interface_fn *b = ctx_interface_fns(theirs->descriptor);
    memset(use->same, 0, sizeof use->same);
    for (uint32_t i = 0; i < MIN(mine->count, theirs->descriptor->count); i++) {
        if (is_same(&a[i], &b[i])) {
            use->same[i / 64] |= UINT64_C(1) << (i % 64);
        }
    }
}

/* What the table's gates lead to. */
static void bind_use(struct service_use *use, bool granted)
{
    static const struct ctx_gate_info unknown = {.name = "unknown"};
    struct app *app = use->consumer;
    for (uint32_t i = 0; i < use->at.count; i++) {
        struct opened_gate *gate = v3_gate(app, use->at.gate + i);
        bool known = use->iface != NULL && i < use->iface->descriptor->count;
        gate->info = known ? &use->iface->infos[i] : &unknown;
        gate->bind = (struct gate_binding){
            .to = !granted ? GATE_DENIED : GATE_SERVICE,
            .traced = app_words_mean(app->instrument, gate->info),
            .fn_no = (uint8_t)i,
            .use = use,
        };
        host_gate_opened(app, use->at.gate + i, gate->info);
    }
}

static bool is_granted(const struct app *app, const struct interface *iface)
{
    return !service_is_denied(app, interface_id(iface)) &&
           ((iface->descriptor->flags & CTX_INTERFACE_NEEDS_GRANT) == 0 ||
            service_may_use(app, interface_id(iface)));
}

static struct service_use *find_use(const struct app *app, const char *id)
{
    char other[IMAGE_TABLE_ID];
    struct service_use *use = app->v3->uses;
    for (; use != NULL; use = use->next_of_app) {
        image_get_table_id(&use->at, other);
        if (strcmp(other, id) == 0) {
            break;
        }
    }
    return use;
}

static struct service_use *make_use(struct app *app)
{
    struct service_use *use = heap_alloc(sizeof *use);
    if (use != NULL) {
        use->consumer = app;
        use->pid = app->pid;
        use->next_of_app = app->v3->uses;
        app->v3->uses = use;
    }
    return use;
}

static void lead_to(struct service_use *use, struct service *service)
{
    bool granted = is_granted(use->consumer, service->iface);
    if (!granted && policy_may_log(use->consumer)) {
        log_warn("service", "%s#%lu: its line does not say use=%s: DENIED", use->consumer->name,
                 use->consumer->pid, interface_id(service->iface));
    }
    if (use->iface == NULL) {
        use->iface = service->iface;
        use->iface->refs++;
    }
    use->undone = false; /* what the one before it has not heard, and was called, is not its own */
    use->called = 0;
    use->calls = 0;
    link_use(use, service);
    compare(use, service->iface);
    bind_use(use, granted);
    v3_set_granted(use->consumer, &use->at, granted);
}

static uint32_t ended_of(const struct app *consumer)
{
    return consumer->leaving == FATE_UNLOAD ? CTX_ENDED_EXIT
           : consumer->leaving == FATE_STOP ? CTX_ENDED_STOP
                                            : CTX_ENDED_NOT;
}

/* What the provider is to be told of a consumer, beside its use. Where there is no memory for that,
 * or too much of it, it hears that something was lost. */
static void keep_news(struct service *service, const struct service_use *news)
{
    struct service_use *ghost = service->gone < GONE_MAX ? heap_alloc(sizeof *ghost) : NULL;
    if (ghost == NULL) {
        service->lost = true;
    } else {
        *ghost = *news;
        link_use(ghost, service);
    }
    app_tell(service->provider, CTX_EVENT_NEWS);
}

static void keep_undone(const struct service_use *use)
{
    keep_news(use->service, &(struct service_use){
                                .pid = use->pid, .undone = true, .undone_call = use->undone_call});
}

void service_use_undone(struct service_use *use)
{
    if (use->undone) {
        keep_undone(use); /* an earlier one that it has not heard of */
    }
    use->undone = true;
    use->undone_call = use->called;
    app_tell(use->service->provider, CTX_EVENT_NEWS);
}

/*
 * The consumer does not know this service any more. Its provider is told, by what is left behind.
 */
static void leave(struct service_use *use)
{
    struct service *service = use->service;
    want_no_more(use);
    if (service == NULL) {
        return;
    }
    if (use->undone) {
        keep_undone(use);
    }
    unlink_use(use);
    uint32_t ended = ended_of(use->consumer);
    keep_news(service, &(struct service_use){
                           .pid = use->pid,
                           .calls = use->calls,
                           .ended = ended,
                           .code = ended == CTX_ENDED_EXIT ? use->consumer->exit_code : 0});
    use->undone = false;
    use->called = 0;
    use->calls = 0;
}

ctx_status service_open(struct app *app, const char *id, uint32_t len, uint32_t min_size,
                        uint64_t *offset)
{
    if (!ctx_interface_is_id(id, len)) {
        return CTX_E_NOSYS;
    }
    struct service_use *use = find_use(app, id);
    if (use != NULL && use->service != NULL && service_is_going(use->service)) {
        leave(use);
    }
    struct service *service =
        use != NULL && use->service != NULL ? use->service : service_current(id);
    if (service == NULL) {
        return CTX_E_NOSYS;
    }
    uint32_t count = use != NULL ? use->at.count : service->iface->descriptor->count;
    if (min_size > sizeof(struct ctx_table) + 8 * count) {
        return CTX_E_NOSYS;
    }
    if (use == NULL) {
        use = make_use(app);
        if (use == NULL) {
            return CTX_E_NOMEM;
        }
        ctx_status status = v3_add_table(app, id, count, false, &use->at);
        if (status != CTX_OK) {
            app->v3->uses = use->next_of_app;
            heap_free(use, sizeof *use);
            return status;
        }
    }
    if (use->service == NULL) {
        lead_to(use, service);
    }
    *offset = use->at.offset;
    return CTX_OK;
}

ctx_status service_restore_use(struct app *app, const struct ctx_image_table *table)
{
    struct service_use *use = make_use(app);
    if (use == NULL) {
        return CTX_E_NOMEM;
    }
    use->at = *table;
    bind_use(use, true);
    return CTX_OK;
}

/* Crash reports name the last calls by what is about to go. */
static void forget_recent(struct app *app, const struct interface *iface)
{
    static const struct ctx_gate_info gone = {.name = "gone"};
    const struct ctx_gate_info *end = iface->infos + iface->descriptor->count;
    for (uint32_t i = 0; i < APP_RECENT; i++) {
        if (app->recent[i].info >= iface->infos && app->recent[i].info < end) {
            app->recent[i].info = &gone;
        }
    }
}

ctx_status service_know(struct service_use *use, struct interface *iface)
{
    if (iface == NULL) {
        return CTX_E_NOMEM;
    }
    use->iface = iface;
    bind_use(use, true);
    return CTX_OK;
}

void service_leave_uses(struct app *app)
{
    for (struct service_use *use = app->v3->uses; use != NULL; use = use->next_of_app) {
        leave(use);
    }
}

void service_use_told(struct service_use *use)
{
    use->undone = false;
    if (use->consumer == NULL) {
        unlink_use(use);
        heap_free(use, sizeof *use);
    }
}

void service_forget_uses(struct app *app)
{
    while (app->v3->uses != NULL) {
        struct service_use *use = app->v3->uses;
        app->v3->uses = use->next_of_app;
        leave(use);
        if (use->iface != NULL) {
            forget_recent(app, use->iface);
            interface_drop(use->iface);
        }
        heap_free(use, sizeof *use);
    }
}

void service_end_uses(struct service *service)
{
    while (service->uses != NULL) {
        struct service_use *use = service->uses;
        unlink_use(use); /* STALE from now on */
        if (use->wants_ready) {
            want_no_more(use);
            app_tell(use->consumer, CTX_EVENT_READY); /* for that, too */
        }
        if (use->consumer == NULL) {
            heap_free(use, sizeof *use);
        }
    }
}

void service_tell_ready(void)
{
    for (struct service_use *next, *use = wanting; use != NULL; use = next) {
        next = use->want_next;
        const struct app *provider = use->service->provider;
        if (app_is_between_calls(provider) && !provider->paused) {
            want_no_more(use);
            app_tell(use->consumer, CTX_EVENT_READY);
        }
    }
}
