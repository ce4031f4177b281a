/* SPDX-License-Identifier: MIT */
/* Who offers what, and how it is found. */
#include "app_memory.h"
#include "app_words.h"
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
    bool changed; /* one came or went since all were told */
} state;

/* Boot words `provider=`. [boot] writes, [loop, in a call] read. */
static struct preference {
    struct preference *next;
    char id[GRANTS_ID + 1], name[APP_NAME];
} * preferences;

struct app_services *services_known(const struct app *app)
{
    return *resource_part((struct app *)app, &service_resource);
}

struct app_services *services_of(struct app *app)
{
    void **mine = resource_part(app, &service_resource);
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
    const char *table;
    size_t table_len = short_name((const char *)head.id, &table);
    size_t room = table_len + CTX_INTERFACE_NAME + 2; /* "table.function" */
    uint64_t bytes = at_names + head.count * room;
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
    const struct ctx_interface_fn *fns = ctx_interface_fns(iface->descriptor);
    for (uint32_t i = 0; i < head.count; i++) {
        char *name = (char *)block + at_names + i * room;
        format_text(name, room, "%.*s.%s", (int)table_len, table, (const char *)fns[i].name);
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

bool service_is_going(const struct service *service)
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
        if (strcmp(interface_id(s->iface), id) == 0 && !service_is_going(s)) {
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

/* ---- services ---- */

static uint64_t service_bytes(const struct interface *iface)
{
    return sizeof(struct service) + iface->descriptor->count * sizeof(uint64_t);
}

/* Else who may offer one interface could fill the kernel with its revisions. */
static void count_offered(struct app *app, struct app_services *mine, uint64_t bytes)
{
    app_unpromise(app, mine->offered_pages);
    mine->offered_bytes = bytes;
    mine->offered_pages = (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
    app_promise(app, mine->offered_pages);
}

bool service_may_offer_more(struct app *app, const struct interface *iface)
{
    const struct app_services *mine = services_known(app);
    uint64_t bytes = service_bytes(iface) + iface->bytes + (mine != NULL ? mine->offered_bytes : 0);
    uint64_t pages = (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
    return app_may_grow(app, pages - (mine != NULL ? mine->offered_pages : 0));
}

ctx_status service_publish(struct app *app, struct interface *iface, const uint64_t *code,
                           uint32_t handle)
{
    struct app_services *mine = services_of(app);
    if (mine == NULL) {
        return CTX_E_NOMEM;
    }
    for (const struct service *s = mine->services; s != NULL; s = s->next_of_app) {
        if (strcmp(interface_id(s->iface), interface_id(iface)) == 0) {
            return CTX_E_EXIST;
        }
    }
    if (mine->services_count == SERVICES_MAX) {
        return CTX_E_NOSPC;
    }
    struct service *service = heap_alloc(service_bytes(iface));
    if (service == NULL) {
        return CTX_E_NOMEM;
    }
    iface->refs++;
    service->provider = app;
    service->iface = iface;
    service->handle = handle;
    service->fresh = true;
    memcpy(service->code, code, iface->descriptor->count * sizeof service->code[0]);
    count_offered(app, mine, mine->offered_bytes + service_bytes(iface) + iface->bytes);
    service->next_of_app = mine->services;
    mine->services = service;
    mine->services_count++;
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
    service_end_uses(service);
    struct service **p = &mine->services;
    while (*p != service) {
        p = &(*p)->next_of_app;
    }
    *p = service->next_of_app;
    mine->services_count--;
    p = bucket_of(interface_id(service->iface));
    while (*p != service) {
        p = &(*p)->next_of_id;
    }
    *p = service->next_of_id;
    state.count--;
    state.changed = true;
    uint64_t bytes = service_bytes(service->iface);
    count_offered(service->provider, mine, mine->offered_bytes - bytes - service->iface->bytes);
    interface_drop(service->iface);
    heap_free(service, bytes);
}

/* ---- telling ---- */

void service_settle(void)
{
    service_tell_ready();
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
