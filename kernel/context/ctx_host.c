/* SPDX-License-Identifier: MIT */
/*
 * ctx.host/1: apps that run other apps. Here are the functions, and how a call of a child comes to
 * its host; the links between them are host_links.c's.
 */
#include "host_private.h"

#include "app_words.h"
#include "heap.h"
#include "policy.h"
#include "service.h"
#include "slot.h"
#include "verify.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define COPY_CHUNK 512u
#define CALL_BYTES sizeof(struct ctx_host_call)

_Static_assert(CALL_BYTES % 16 == 0, "it lies above a stack");

/* ---- a wrapped call ---- */

/* Where table and function are too long together, the function's alone: the table's id is there. */
static void put_name(struct ctx_host_call *call, const char *name)
{
    if (strlen(name) >= sizeof call->name) {
        while (*name++ != '.') {
        }
    }
    memcpy(call->name, name, MIN(strlen(name), sizeof call->name - 1));
}

static void describe(struct ctx_host_call *call, const struct app_link *link, uint32_t gate,
                     const struct gate_binding *binding, const struct ctx_gate_info *info,
                     const uint64_t args[6])
{
    *call = (struct ctx_host_call){
        .size = sizeof *call,
        .child = link->handle,
        .cookie = link->cookie,
        .result = gate_failure(info, CTX_E_AGAIN),
        .index = gate,
        .returns = info->returns,
        .pid = link->child->pid,
        .passed = link->passed,
    };
    memcpy(call->args, args, sizeof call->args);
    put_name(call, info->name);
    for (uint32_t i = 0; i < info->count; i++) {
        call->kinds[i] = (uint8_t)info->args[i].kind;
    }
    if (binding->to == GATE_SERVICE) {
        const char *id = service_use_id(binding->use);
        call->index = binding->fn_no;
        memcpy(call->table, id, MIN(strlen(id), sizeof call->table - 1));
        return;
    }
    for (uint32_t no = 0; gate > CTX_GATE_V2_DEALLOC && no < CTX_TABLES; no++) {
        const struct ctx_table_info *table = &ctx_tables[no];
        uint32_t fn;
        if (info >= table->fns && info < table->fns + table->count) {
            call->index = (uint32_t)(info - table->fns);
            memcpy(call->table, table->id, strlen(table->id));
            break;
        }
        if (gate < CTX_GATE_USED && gate_is_of(table, gate, &fn)) {
            call->index = fn;
            break;
        }
    }
}

/* OK, and *result is what the host made of the call; else why it has no answer: then *result is
 * what the child gets all the same if its last forward() has done the call. */
static ctx_status serve(struct app_link *link, uint32_t gate, const struct gate_binding *binding,
                        const struct ctx_gate_info *info, const uint64_t args[6], uint64_t *result)
{
    struct app *host = link->host;
    link->forwarded = false;
    if (host == NULL) {
        return CTX_E_STALE;
    }
    /* The call lies above the host's stack, which is empty; the page is always there. */
    uint64_t at = host->base + CTX_SLOT_STACK_TOP - CALL_BYTES;
    struct ctx_host_call *call =
        (struct ctx_host_call *)((uint8_t *)machine_direct(machine_slot_frame(at)) +
                                 (at & PAGE_MASK));
    ctx_status status = app_may_serve(host);
    if (status != CTX_OK) {
        return status;
    }
    describe(call, link, gate, binding, info, args);
    link->passed = 0;
    struct app_served served = {.link = link, .gate = gate};
    struct machine_entry entry;
    entry_set(&entry, link->serve, host->base + CTX_SLOT_CTX, at, at);
    int32_t returned;
    status = app_serve(host, &entry, &served, &returned);
    *result = status == CTX_OK ? call->result : link->result;
    return status;
}

uint64_t host_dispatch(struct app *child, struct app_link *link, uint32_t gate,
                       const struct gate_binding *binding, const struct ctx_gate_info *info,
                       const uint64_t args[6])
{
    for (; link != NULL; link = link->below) { /* no recursion: a child may have many links */
        uint64_t result = 0;
        if (!host_wraps_gate(link, gate)) {
            continue;
        }
        ctx_status status = serve(link, gate, binding, info, args, &result);
        if (status == CTX_OK) {
            return result;
        }
        if (!link->lets_pass) {
            return gate_failure(info, status);
        }
        if (link->forwarded) {
            return result; /* it was done, and is not done twice */
        }
        link->passed++;
    }
    return gate_perform(child, gate, binding, info, args);
}

/* ---- ctx.host/1 ---- */

static bool names_host(const struct app *child, const struct app *host)
{
    size_t len, name = strlen(host->name);
    const char *next;
    for (const char *word = child->hosts; word != NULL && *word != 0; word = next) {
        next = app_next_word(word, &len);
        if (len == name && memcmp(word, host->name, len) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether the host's own words let it take hold of any app of this name (over=NAME). */
static bool may_take_over(const struct app *host, const struct app *child)
{
    const char *params;
    return grants_find(&host->grant_list, GRANT_OVER, child->name, &params);
}

/* A host that began anew takes its children back: what its former self wrapped is its own again. */
static void drop_former(struct app *child, uint64_t host_pid)
{
    for (struct app_link *next, *link = child->links; link != NULL; link = next) {
        next = link->below;
        if (link->host == NULL && link->host_pid == host_pid) {
            host_unlink(link);
            heap_free(link, sizeof *link);
        }
    }
}

/* What it was told while its host was away: it could not have asked. */
static void tell_what_waited(struct app *child)
{
    for (uint32_t kind = 0; kind < 32 && !host_is_shut(child); kind++) {
        if ((child->hints & HINTS_OF_SURFACES) >> kind & 1) {
            app_tell(child, kind);
        }
    }
}

static uint64_t host_open(struct app *host, const uint64_t args[6])
{
    struct app *child = app_first();
    while (child != NULL && (child->pid != args[1] || child == host)) {
        child = child->next;
    }
    if (child == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    bool known = child->parent == host->pid || names_host(child, host);
    if (!known && !may_take_over(host, child)) {
        return (uint32_t)CTX_E_DENIED;
    }
    uint32_t place;
    ctx_status status = host_find_place(host, &place);
    if (status != CTX_OK) {
        return (uint32_t)status;
    }
    struct app_link *link = heap_alloc(sizeof *link);
    if (link == NULL) {
        return (uint32_t)CTX_E_NOMEM;
    }
    struct app_link_place *p = &host->v3->links[place];
    link->handle = (p->generation + 1) << PLACE_BITS | place;
    status = gate_put(args[2], &link->handle, sizeof link->handle);
    if (status != CTX_OK) {
        heap_free(link, sizeof *link);
        return (uint32_t)status;
    }
    app_reaches_out(host, "it took hold of another app");
    drop_former(child, host->pid);
    link->host = host;
    link->child = child;
    link->below = child->links;
    child->links = link;
    p->link = link;
    p->generation++;
    tell_what_waited(child);
    if (!known && policy_may_log(host)) {
        log_info("app", "takes-over name=%s pid=%lu host=%s host-pid=%lu", child->name, child->pid,
                 host->name, host->pid);
    }
    return CTX_OK;
}

static uint64_t host_wrap(struct app *host, const uint64_t args[6])
{
    struct app_link *link = host_link_of(host, args[1]);
    uint32_t len = (uint32_t)args[3];
    char words[WORDS_MAX] = "";
    if (link == NULL || link->child == NULL) {
        return (uint32_t)(link == NULL ? CTX_E_NOENT : CTX_E_STALE);
    }
    bool bundle = !host->verified || args[4] % VERIFY_BUNDLE == 0;
    if (!app_is_code(host, args[4]) || !bundle || len >= sizeof words ||
        machine_copy_in(words, args[2], len) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    app_reaches_out(host, "it stands in for another app's functions");
    memcpy(link->words, words, sizeof words);
    link->serve = args[4];
    link->cookie = args[5];
    host_mark_all(link);
    return CTX_OK;
}

static uint64_t host_forward(struct app *host, const uint64_t args[6])
{
    struct app_link *link = host_link_of(host, args[1]);
    const struct app_served *served = app_serving(host); /* whoever runs the host itself */
    struct ctx_host_call call;
    struct gate_binding binding;
    const struct ctx_gate_info *info;
    if (link == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (served == NULL || served->link != link || link->child == NULL ||
        !gate_find(link->child, served->gate, &binding, &info) || args[0] < sizeof call ||
        machine_copy_in((uint8_t *)&call + sizeof call.size, args[2] + sizeof call.size,
                        sizeof call - sizeof call.size) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    call.result = host_dispatch(link->child, link->below, served->gate, &binding, info, call.args);
    link->forwarded = true;
    link->result = call.result;
    return (uint32_t)gate_put(args[2] + offsetof(struct ctx_host_call, result), &call.result,
                              sizeof call.result);
}

/* Between two slots, by way of the kernel. */
static uint64_t copy(struct app *host, const uint64_t args[6], bool in)
{
    const struct app_link *link = host_link_of(host, args[1]);
    uint8_t chunk[COPY_CHUNK];
    uint64_t theirs = args[2], ours = args[3];
    uint32_t len = (uint32_t)args[4];
    if (link == NULL || link->child == NULL) {
        return (uint32_t)(link == NULL ? CTX_E_NOENT : CTX_E_STALE);
    }
    if (!in && link->child->parked != NULL) {
        return (uint32_t)CTX_E_AGAIN;
    }
    if (!slot_has_range(link->child->base, theirs, len)) {
        return (uint32_t)CTX_E_FAULT;
    }
    while (len > 0) {
        uint32_t part = MIN(len, COPY_CHUNK);
        if (machine_copy_in(chunk, in ? theirs : ours, part) != CTX_OK) {
            return (uint32_t)(in ? CTX_E_FAULT : CTX_E_INVAL);
        }
        if (machine_copy_out(in ? ours : theirs, chunk, part) != CTX_OK) {
            return (uint32_t)(in ? CTX_E_INVAL : CTX_E_FAULT);
        }
        theirs += part;
        ours += part;
        len -= part;
    }
    return CTX_OK;
}

static uint64_t host_copy_in(struct app *host, const uint64_t args[6])
{
    return copy(host, args, true);
}

static uint64_t host_copy_out(struct app *host, const uint64_t args[6])
{
    return copy(host, args, false);
}

static uint64_t host_close(struct app *host, const uint64_t args[6])
{
    struct app_link *link = host_link_of(host, args[1]);
    if (link == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    const struct app_served *served = app_serving(host);
    if (served != NULL && served->link == link) {
        return (uint32_t)CTX_E_BUSY; /* its child is in the middle of a call through it */
    }
    app_reaches_out(host, "it let go of another app");
    host_unlink(link);
    host->v3->links[host_place_of(link->handle)].link = NULL;
    heap_free(link, sizeof *link);
    return CTX_OK;
}

static uint64_t host_let_pass(struct app *host, const uint64_t args[6])
{
    struct app_link *link = host_link_of(host, args[1]);
    if (link == NULL || link->child == NULL) {
        return (uint32_t)(link == NULL ? CTX_E_NOENT : CTX_E_STALE);
    }
    if ((uint32_t)args[2] > 1) {
        return (uint32_t)CTX_E_INVAL;
    }
    app_reaches_out(host, "it decides what becomes of another app's functions");
    link->lets_pass = (uint32_t)args[2] != 0;
    return CTX_OK;
}

static uint64_t host_rest(struct app *host, const uint64_t args[6])
{
    struct app_link *link = host_link_of(host, args[1]);
    if (link == NULL || link->child == NULL) {
        return (uint32_t)(link == NULL ? CTX_E_NOENT : CTX_E_STALE);
    }
    app_reaches_out(host, "it has another app rest");
    return (uint32_t)(app_rest(link->child, machine_now_ns(), args[2]) ? CTX_OK : CTX_E_RANGE);
}

GATE_TABLE(ctx_host_table, CTX_TABLE_HOST, host_open, host_wrap, host_forward, host_copy_in,
           host_copy_out, host_close, host_let_pass, host_rest);
