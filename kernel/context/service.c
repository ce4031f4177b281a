/* SPDX-License-Identifier: MIT */
/* Who offers what, who has it open, and what becomes of both when one of them goes. */
#include "ctx_host.h"
#include "gate.h"
#include "heap.h"
#include "needs.h"
#include "resource.h"
#include "service_private.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#include <ctx/tables.h>

#define BUCKETS 1024u

/* [loop, in a call] */
static struct {
    struct service *bucket[BUCKETS];
    uint32_t count;
    bool changed;                /* one came or went since all were told */
    struct service_use *wanting; /* who wants to hear when a provider is ready */
} state;

/* Boot words `provider=`. [boot] writes, [loop, in a call] read. */
static struct preference {
    struct preference *next;
    char id[GRANTS_ID + 1], name[APP_NAME];
} * preferences;

struct app_services *services_known(const struct app *app)
{
    return *app_share((struct app *)app, &service_resource);
}

struct app_services *services_of(struct app *app)
{
    void **mine = app_share(app, &service_resource);
    if (*mine == NULL) {
        *mine = heap_alloc(sizeof(struct app_services));
    }
    return *mine;
}

/* ---- interfaces ---- */

/* The id's last part: "chat" of "org.example.chat/1". */
static size_t short_name(const char *id, const char **name)
{
    *name = id;
    for (; *id != '/'; id++) {
        *name = *id == '.' ? id + 1 : *name;
    }
    return (size_t)(id - *name);
}

struct interface *interface_make(const void *descriptor, uint32_t len)
{
    struct ctx_interface head;
    memcpy(&head, descriptor, sizeof head);
    uint64_t at_infos = sizeof(struct interface) + ALIGN_UP((uint64_t)len, 16ul);
    uint64_t at_names = at_infos + head.count * sizeof(struct ctx_gate_info);
    uint64_t bytes = at_names + (uint64_t)head.count * NAME_BYTES;
    struct interface *iface = heap_alloc(bytes);
    if (iface == NULL) {
        return NULL;
    }
    uint8_t *block = (uint8_t *)iface;
    memcpy(block + sizeof *iface, descriptor, len);
    iface->refs = 1;
    iface->bytes = bytes;
    iface->descriptor = (const struct ctx_interface *)(block + sizeof *iface);
    iface->infos = (struct ctx_gate_info *)(block + at_infos);
    const char *table;
    size_t table_len = short_name(interface_id(iface), &table);
    const struct ctx_interface_fn *fns = ctx_interface_fns(iface->descriptor);
    for (uint32_t i = 0; i < head.count; i++) {
        char *name = (char *)block + at_names + (size_t)i * NAME_BYTES;
        format_text(name, NAME_BYTES, "%.*s.%s", (int)table_len, table, (const char *)fns[i].name);
        struct ctx_gate_info *info = &iface->infos[i];
        *info = (struct ctx_gate_info){.name = name, .count = fns[i].count};
        bool plain = true;
        for (uint32_t a = 0; a < fns[i].count; a++) {
            plain &= fns[i].args[a].kind <= CTX_INTERFACE_U64;
            info->args[a] = (struct ctx_arg_info){fns[i].args[a].kind, fns[i].args[a].size};
        }
        iface->plain[i / 64] |= (uint64_t)plain << (i % 64);
    }
    return iface;
}

const char *service_use_id(const struct service_use *use)
{
    return use->iface != NULL ? interface_id(use->iface) : "";
}

void interface_drop(struct interface *iface)
{
    if (iface != NULL && --iface->refs == 0) {
        heap_free(iface, iface->bytes);
    }
}

/* ---- finding ---- */

static struct service **bucket_of(const char *id)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *id != 0; id++) {
        hash = (hash ^ (uint8_t)*id) * 16777619u;
    }
    return &state.bucket[(hash ^ hash >> 16) % BUCKETS];
}

/* Its provider is about to begin anew, or to go. */
static bool is_going(const struct service *service)
{
    return service->provider->base == 0 || service->provider->fate != FATE_NONE;
}

/* The name of the app that the boot line wants for an id; NULL: any. */
static const char *preferred(const char *id)
{
    const struct preference *p = preferences;
    while (p != NULL && strcmp(p->id, id) != 0) {
        p = p->next;
    }
    return p != NULL ? p->name : NULL;
}

struct service *service_current(const char *id)
{
    const char *name = preferred(id);
    struct service *first = NULL;
    for (struct service *s = *bucket_of(id); s != NULL; s = s->next_of_id) {
        if (strcmp(interface_id(s->iface), id) == 0 && !is_going(s)) {
            first = first != NULL ? first : s;
            if (name == NULL || strcmp(s->provider->name, name) == 0) {
                return s;
            }
        }
    }
    return first;
}

bool service_prefer(const char *value, size_t len)
{
    const char *name;
    struct preference *p = NULL;
    const char *why = app_provider_wrong(value, len, &name);
    if (why != NULL) {
        log_warn("boot", "provider=%.*s: %s; it is taken as not given", (int)len, value, why);
        return true;
    }
    p = heap_alloc(sizeof *p);
    if (p == NULL) {
        return false;
    }
    memcpy(p->id, value, (size_t)(name - value) - 1);
    memcpy(p->name, name, (size_t)(value + len - name));
    struct preference **end = &preferences; /* of two for one id the first counts */
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = p;
    return true;
}

struct service *service_of(const struct app *app, uint32_t handle)
{
    const struct app_services *mine = services_known(app);
    struct service *s = mine != NULL ? mine->services : NULL;
    while (s != NULL && s->handle != handle) {
        s = s->next_of_app;
    }
    return s;
}

struct service *service_after(const struct service *service)
{
    uint32_t next = 0;
    if (service != NULL) {
        if (service->next_of_id != NULL) {
            return service->next_of_id;
        }
        next = (uint32_t)(bucket_of(interface_id(service->iface)) - state.bucket) + 1;
    }
    while (next < BUCKETS && state.bucket[next] == NULL) {
        next++;
    }
    return next < BUCKETS ? state.bucket[next] : NULL;
}

uint32_t service_count(void)
{
    return state.count;
}

/* ---- uses ---- */

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
        *(use->want_prev != NULL ? &use->want_prev->want_next : &state.wanting) = use->want_next;
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
        use->want_next = state.wanting;
        if (state.wanting != NULL) {
            state.wanting->want_prev = use;
        }
        state.wanting = use;
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
    if (!granted) {
        log_warn("service", "%s#%lu: its line does not say use=%s: DENIED", use->consumer->name,
                 use->consumer->pid, interface_id(service->iface));
    }
    if (use->iface == NULL) {
        use->iface = service->iface;
        use->iface->refs++;
    }
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

/*
 * The consumer does not know this service any more. Its provider is told, by what is left behind;
 * where there is no memory for that, or too much of it, that something was lost.
 */
static void leave(struct service_use *use)
{
    struct service *service = use->service;
    want_no_more(use);
    if (service == NULL) {
        return;
    }
    unlink_use(use);
    struct service_use *ghost = service->gone < GONE_MAX ? heap_alloc(sizeof *ghost) : NULL;
    if (ghost == NULL) {
        service->lost = true;
    } else {
        ghost->pid = use->pid;
        ghost->calls = use->calls;
        ghost->ended = ended_of(use->consumer);
        ghost->code = ghost->ended == CTX_ENDED_EXIT ? use->consumer->exit_code : 0;
        link_use(ghost, service);
    }
    use->undone = false;
    use->calls = 0;
    app_tell(service->provider, CTX_EVENT_NEWS);
}

ctx_status service_open(struct app *app, const char *id, uint32_t len, uint32_t min_size,
                        uint64_t *offset)
{
    if (!ctx_interface_is_id(id, len)) {
        return CTX_E_NOSYS;
    }
    struct service_use *use = find_use(app, id);
    if (use != NULL && use->service != NULL && is_going(use->service)) {
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
        struct ctx_image_table at;
        ctx_status status = v3_add_table(app, id, count, false, &at);
        if (status != CTX_OK) {
            return status;
        }
        use = make_use(app);
        if (use == NULL) {
            app->v3->opened_tables--; /* the gates are lost to it, the place is not */
            return CTX_E_NOMEM;
        }
        use->at = at;
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

/* ---- services ---- */

ctx_status service_publish(struct app *app, struct interface *iface, const uint64_t *code,
                           uint32_t handle)
{
    struct app_services *mine = services_of(app);
    uint32_t count = iface->descriptor->count;
    if (mine == NULL) {
        return CTX_E_NOMEM;
    }
    for (const struct service *s = mine->services; s != NULL; s = s->next_of_app) {
        if (strcmp(interface_id(s->iface), interface_id(iface)) == 0) {
            return CTX_E_EXIST;
        }
    }
    struct service *service = heap_alloc(sizeof *service + count * sizeof service->code[0]);
    if (service == NULL) {
        return CTX_E_NOMEM;
    }
    iface->refs++;
    service->provider = app;
    service->iface = iface;
    service->handle = handle;
    service->fresh = true;
    memcpy(service->code, code, count * sizeof service->code[0]);
    service->next_of_app = mine->services;
    mine->services = service;
    struct service **end = bucket_of(interface_id(iface));
    while (*end != NULL) {
        end = &(*end)->next_of_id;
    }
    *end = service;
    state.count++;
    state.changed = true;
    return CTX_OK;
}

void service_withdraw(struct service *service)
{
    struct app_services *mine = services_known(service->provider);
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
    struct service **p = &mine->services;
    while (*p != service) {
        p = &(*p)->next_of_app;
    }
    *p = service->next_of_app;
    p = bucket_of(interface_id(service->iface));
    while (*p != service) {
        p = &(*p)->next_of_id;
    }
    *p = service->next_of_id;
    state.count--;
    state.changed = true;
    uint32_t count = service->iface->descriptor->count;
    interface_drop(service->iface);
    heap_free(service, sizeof *service + count * sizeof service->code[0]);
}

/* ---- telling ---- */

static void tell_ready(void)
{
    for (struct service_use *next, *use = state.wanting; use != NULL; use = next) {
        next = use->want_next;
        const struct app *provider = use->service->provider;
        if (app_is_between_calls(provider) && !provider->paused) {
            want_no_more(use);
            app_tell(use->consumer, CTX_EVENT_READY);
        }
    }
}

void service_settle(void)
{
    tell_ready();
    if (state.changed) {
        state.changed = false;
        needs_look_again();
        for (struct app *app = app_first(); app != NULL; app = app->next) {
            if (app->v3 != NULL && app->v3->opened_at[CTX_TABLE_SERVICE] != 0) {
                app_tell(app, CTX_EVENT_INTERFACE); /* others could not ask which */
            }
        }
    }
}
