/* SPDX-License-Identifier: MIT */
/*
 * ctx.host/1: apps that run other apps. A link is one host's hold on one child, and the handle that
 * the host has for it; a child's links form a chain, the latest first, and a call of the child goes
 * to the first link whose bit for that gate is set. forward() goes on behind it, at last to what
 * the gate is bound to. Links outlive a host that wraps something: a sandbox fails closed.
 */
#include "ctx_host.h"

#include "app_v3.h"
#include "heap.h"
#include "image.h"
#include "image_write.h"
#include "resource.h"
#include "slot.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define PLACE_BITS 10u
#define LINKS_MAX  (1u << PLACE_BITS)
#define WORDS_MAX  64u
#define GATES      (CTX_GATE_USED + OPENED_GATES)
#define COPY_CHUNK 512u
#define CALL_BYTES sizeof(struct ctx_host_call)

_Static_assert(CALL_BYTES % 16 == 0, "it lies above a stack");

struct app_link {
    struct app *host;       /* NULL: it has gone, and its functions answer STALE */
    struct app *child;      /* NULL: it has gone, and the handle is stale */
    struct app_link *below; /* the child's next one */
    uint32_t handle;
    uint64_t host_pid; /* of one that has gone */
    uint64_t serve, cookie;
    char words[WORDS_MAX];
    uint64_t gates[(GATES + 63) / 64]; /* which are wrapped */
};

/*
 * A host's array of its links; a handle is generation and place. A place whose generations are used
 * up is not used again, so no handle ever means another child than it did.
 */
struct app_link_place {
    struct app_link *link;
    uint32_t generation; /* of the last handle that was given out here */
};
#define GENERATION_MAX (UINT32_MAX >> PLACE_BITS)

static uint32_t place_of(uint64_t handle)
{
    return (uint32_t)handle & (LINKS_MAX - 1);
}

/* ---- which gates ---- */

static uint32_t gate_index(uint32_t gate)
{
    return gate < CTX_GATE_USED ? gate : CTX_GATE_USED + (gate - CTX_GATE_OPENED);
}

static bool wraps_gate(const struct app_link *link, uint32_t gate)
{
    uint32_t i = gate_index(gate);
    return (link->gates[i / 64] >> (i % 64) & 1) != 0;
}

static bool wraps_any(const struct app_link *link)
{
    uint64_t all = 0;
    for (size_t i = 0; i < ARRAY_COUNT(link->gates); i++) {
        all |= link->gates[i];
    }
    return all != 0;
}

static void mark(struct app_link *link, uint32_t gate, const struct ctx_gate_info *info)
{
    if (app_words_mean(link->words, info)) {
        uint32_t i = gate_index(gate);
        link->gates[i / 64] |= UINT64_C(1) << (i % 64);
    }
}

static void mark_all(struct app_link *link)
{
    struct gate_binding binding;
    const struct ctx_gate_info *info;
    memset(link->gates, 0, sizeof link->gates);
    for (uint32_t gate = CTX_GATE_V1_LOG; gate < CTX_GATE_USED; gate++) {
        mark(link, gate, &ctx_gates[gate]);
    }
    for (uint32_t gate = CTX_GATE_OPENED; gate < CTX_GATE_OPENED + OPENED_GATES; gate++) {
        if (link->child->v3 == NULL || !gate_find_opened(link->child, gate, &binding, &info)) {
            break;
        }
        mark(link, gate, info);
    }
}

void host_gate_opened(struct app *child, uint32_t gate, const struct ctx_gate_info *info)
{
    for (struct app_link *link = child->links; link != NULL; link = link->below) {
        mark(link, gate, info);
    }
}

/* ---- a wrapped call ---- */

static void describe(struct ctx_host_call *call, const struct app_link *link, uint32_t gate,
                     const struct ctx_gate_info *info, const uint64_t args[6])
{
    *call = (struct ctx_host_call){
        .size = sizeof *call,
        .child = link->handle,
        .cookie = link->cookie,
        .result = gate_failure(info, CTX_E_AGAIN),
        .index = gate,
        .returns = info->returns,
    };
    memcpy(call->args, args, sizeof call->args);
    memcpy(call->name, info->name, sizeof info->name);
    for (uint32_t no = 0; gate > CTX_GATE_V2_DEALLOC && no < CTX_TABLES; no++) {
        const struct ctx_table_info *table = &ctx_tables[no];
        if (info >= table->fns && info < table->fns + table->count) {
            call->index = (uint32_t)(info - table->fns);
            memcpy(call->table, table->id, sizeof call->table);
        } else if (table->first_gate != 0 && gate - table->first_gate < table->count) {
            call->index = gate - table->first_gate;
        }
    }
}

static uint64_t serve(struct app_link *link, uint32_t gate, const struct ctx_gate_info *info,
                      const uint64_t args[6])
{
    struct app *host = link->host;
    if (host == NULL) {
        return gate_failure(info, CTX_E_STALE);
    }
    /* The call lies above the host's stack, which is empty; the page is always there. */
    uint64_t at = host->base + CTX_SLOT_STACK_TOP - CALL_BYTES;
    struct ctx_host_call *call =
        (struct ctx_host_call *)((uint8_t *)machine_direct(machine_slot_frame(at)) +
                                 (at & PAGE_MASK));
    ctx_status status = app_may_serve(host);
    if (status != CTX_OK) {
        return gate_failure(info, status);
    }
    describe(call, link, gate, info, args);
    const struct app_served served = {link, gate};
    status = app_serve(host, link->serve, at, &served);
    return status == CTX_OK ? call->result : gate_failure(info, status);
}

uint64_t host_dispatch(struct app *child, struct app_link *link, uint32_t gate,
                       const struct gate_binding *binding, const struct ctx_gate_info *info,
                       const uint64_t args[6])
{
    while (link != NULL && !wraps_gate(link, gate)) {
        link = link->below;
    }
    return link != NULL ? serve(link, gate, info, args)
                        : gate_perform(child, gate, binding, info, args);
}

/* ---- handles ---- */

static struct app_link *by_handle(const struct app *host, uint64_t handle)
{
    uint32_t at = place_of(handle);
    struct app_link *link = at < host->v3->links_room ? host->v3->links[at].link : NULL;
    return link != NULL && link->handle == (uint32_t)handle ? link : NULL;
}

static void unlink(struct app_link *link)
{
    if (link->child == NULL) {
        return;
    }
    for (struct app_link **p = &link->child->links; *p != NULL; p = &(*p)->below) {
        if (*p == link) {
            *p = link->below;
            break;
        }
    }
    link->child = NULL;
}

/* Twice as many places. */
static ctx_status grow_places(struct app *host)
{
    struct app_v3 *v3 = host->v3;
    if (v3->links_room == LINKS_MAX) {
        return CTX_E_NOSPC;
    }
    uint32_t room = v3->links_room != 0 ? v3->links_room * 2 : 4;
    struct app_link_place *bigger = heap_alloc(room * sizeof *bigger);
    if (bigger == NULL) {
        return CTX_E_NOMEM;
    }
    if (v3->links != NULL) {
        memcpy(bigger, v3->links, v3->links_room * sizeof *bigger);
        heap_free(v3->links, v3->links_room * sizeof *bigger);
    }
    for (uint32_t i = v3->links_room; i < room; i++) {
        bigger[i].generation = host->link_generation; /* what it gave out before it was saved */
    }
    v3->links = bigger;
    v3->links_room = room;
    return CTX_OK;
}

/* A free place in the host's array. NOMEM; NOSPC: there are LINKS_MAX. */
static ctx_status find_place(struct app *host, uint32_t *place)
{
    struct app_v3 *v3 = host->v3;
    for (*place = 0; *place < v3->links_room; (*place)++) {
        const struct app_link_place *p = &v3->links[*place];
        if (p->link == NULL && p->generation < GENERATION_MAX) {
            return CTX_OK;
        }
    }
    return grow_places(host);
}

static uint32_t last_generation(const struct app *app)
{
    uint32_t most = app->link_generation;
    for (uint32_t i = 0; i < app->v3->links_room; i++) {
        most = MAX(most, app->v3->links[i].generation);
    }
    return most;
}

void host_child_began(struct app *child)
{
    for (struct app_link *link = child->links; link != NULL; link = link->below) {
        mark_all(link);
    }
}

void host_forget(struct app *app)
{
    while (app->links != NULL) {
        struct app_link *link = app->links;
        app->links = link->below;
        link->child = NULL;
        if (link->host == NULL) {
            heap_free(link, sizeof *link);
        }
    }
}

void host_forget_children(struct app *app)
{
    struct app_v3 *v3 = app->v3;
    app->link_generation = last_generation(app); /* handles are never given out twice */
    for (uint32_t i = 0; i < v3->links_room; i++) {
        struct app_link *link = v3->links[i].link;
        if (link == NULL) {
            continue;
        }
        link->host = NULL;
        link->host_pid = app->pid;
        if (link->child == NULL || !wraps_any(link)) {
            unlink(link);
            heap_free(link, sizeof *link);
        }
    }
    if (v3->links != NULL) {
        heap_free(v3->links, v3->links_room * sizeof *v3->links);
    }
    v3->links = NULL;
    v3->links_room = 0;
}

/* ---- images ---- */

static uint64_t image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    uint64_t bytes = app->v3 != NULL ? app->v3->links_room * sizeof(struct ctx_image_handle) : 0;
    for (const struct app_link *link = app->links; link != NULL; link = link->below) {
        bytes += sizeof(struct ctx_image_host);
    }
    return bytes;
}

static void write_handles(struct image_writer *w, const struct app *app)
{
    bool any = false;
    for (uint32_t i = 0; i < app->v3->links_room; i++) {
        if (app->v3->links[i].link == NULL) {
            continue;
        }
        if (!any) {
            image_write_section(w, CTX_IMAGE_HANDLES, sizeof(struct ctx_image_handle), false);
            any = true;
        }
        struct ctx_image_handle h = {.table = CTX_ID_HOST,
                                     .handle = app->v3->links[i].link->handle};
        image_write(w, &h, sizeof h);
    }
    if (any) {
        image_write_end_section(w);
    }
}

static void write_hosts(struct image_writer *w, const struct app *app)
{
    bool any = false;
    for (const struct app_link *link = app->links; link != NULL; link = link->below) {
        if (!wraps_any(link)) {
            continue;
        }
        if (!any) {
            image_write_section(w, CTX_IMAGE_HOSTS, sizeof(struct ctx_image_host), false);
            any = true;
        }
        struct ctx_image_host h = {.pid = link->host != NULL ? link->host->pid : link->host_pid};
        memcpy(h.words, link->words, sizeof h.words);
        image_write(w, &h, sizeof h);
    }
    if (any) {
        image_write_end_section(w);
    }
}

static ctx_status restore_handle(struct app *app, uint32_t handle)
{
    struct app_v3 *v3 = app->v3;
    uint32_t place = place_of(handle);
    while (place >= v3->links_room) {
        ctx_status status = grow_places(app);
        if (status != CTX_OK) {
            return status;
        }
    }
    struct app_link_place *p = &v3->links[place];
    if (p->link == NULL) {
        struct app_link *link = heap_alloc(sizeof *link);
        if (link == NULL) {
            return CTX_E_NOMEM;
        }
        link->host = app;
        link->handle = handle;
        p->link = link;
        p->generation = MAX(p->generation, handle >> PLACE_BITS);
    }
    return CTX_OK;
}

static bool is_linked(const struct app *app, uint64_t host_pid)
{
    const struct app_link *link = app->links;
    while (link != NULL && (link->host == NULL || link->host->pid != host_pid)) {
        link = link->below;
    }
    return link != NULL;
}

static ctx_status restore_wrap(struct app *app, const struct ctx_image_host *from)
{
    struct app_link *link = heap_alloc(sizeof *link);
    struct app_link **end = &app->links;
    if (link == NULL) {
        return CTX_E_NOMEM;
    }
    link->child = app;
    link->host_pid = from->pid;
    memcpy(link->words, from->words, sizeof link->words);
    while (*end != NULL) {
        end = &(*end)->below;
    }
    *end = link;
    mark_all(link);
    return CTX_OK;
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

/* A host that began anew takes its children back: what its former self wrapped is its own again. */
static void drop_former(struct app *child, uint64_t host_pid)
{
    for (struct app_link *next, *link = child->links; link != NULL; link = next) {
        next = link->below;
        if (link->host == NULL && link->host_pid == host_pid) {
            unlink(link);
            heap_free(link, sizeof *link);
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
    if (child->parent != host->pid && !names_host(child, host)) {
        return (uint32_t)CTX_E_DENIED;
    }
    uint32_t place;
    ctx_status status = find_place(host, &place);
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
    return CTX_OK;
}

static uint64_t host_wrap(struct app *host, const uint64_t args[6])
{
    struct app_link *link = by_handle(host, args[1]);
    uint32_t len = (uint32_t)args[3];
    char words[WORDS_MAX] = "";
    if (link == NULL || link->child == NULL) {
        return (uint32_t)(link == NULL ? CTX_E_NOENT : CTX_E_STALE);
    }
    if (!app_is_code(host, args[4]) || len >= sizeof words ||
        machine_copy_in(words, args[2], len) != CTX_OK) {
        return (uint32_t)CTX_E_INVAL;
    }
    app_reaches_out(host, "it stands in for another app's functions");
    memcpy(link->words, words, sizeof words);
    link->serve = args[4];
    link->cookie = args[5];
    mark_all(link);
    return CTX_OK;
}

static uint64_t host_forward(struct app *host, const uint64_t args[6])
{
    struct app_link *link = by_handle(host, args[1]);
    const struct app_served *served = app_serving(host); /* whoever runs the host itself */
    struct ctx_host_call call;
    struct gate_binding binding;
    const struct ctx_gate_info *info;
    if (link == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    if (served == NULL || served->link != link || link->child == NULL ||
        !gate_find(link->child, served->gate, &binding, &info) ||
        machine_copy_in(&call, args[2], sizeof call) != CTX_OK || call.size < sizeof call) {
        return (uint32_t)CTX_E_INVAL;
    }
    call.result = host_dispatch(link->child, link->below, served->gate, &binding, info, call.args);
    return (uint32_t)gate_put(args[2] + offsetof(struct ctx_host_call, result), &call.result,
                              sizeof call.result);
}

/* Between two slots, by way of the kernel. */
static uint64_t copy(struct app *host, const uint64_t args[6], bool in)
{
    const struct app_link *link = by_handle(host, args[1]);
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
    link->child->ctx_is_written &= in; /* its store cell is nobody else's, nor is its Context */
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
    struct app_link *link = by_handle(host, args[1]);
    if (link == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    const struct app_served *served = app_serving(host);
    if (served != NULL && served->link == link) {
        return (uint32_t)CTX_E_BUSY; /* its child is in the middle of a call through it */
    }
    app_reaches_out(host, "it let go of another app");
    unlink(link);
    host->v3->links[place_of(link->handle)].link = NULL;
    heap_free(link, sizeof *link);
    return CTX_OK;
}

GATE_TABLE(ctx_host_table, CTX_TABLE_HOST, host_open, host_wrap, host_forward, host_copy_in,
           host_copy_out, host_close);

/* ---- what the app has of this ---- */

static void image_head(const struct app *app, struct ctx_image_app *out)
{
    out->link_generation = app->v3 != NULL ? last_generation(app) : 0;
}

static ctx_status save(struct app *app, struct image_writer *w)
{
    if (app->v3 != NULL) {
        write_handles(w, app);
    }
    write_hosts(w, app);
    return CTX_OK;
}

static ctx_status restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    ctx_status status = CTX_OK;
    /* Whoever wrapped it then and does not now: its calls stay shut. */
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_HOSTS].count; i++) {
        struct ctx_image_host host;
        image_entry(image, CTX_IMAGE_HOSTS, i, &host, sizeof host);
        if (!is_linked(app, host.pid)) {
            status = restore_wrap(app, &host);
        }
    }
    if (app->v3 == NULL) {
        return status;
    }
    host_forget_children(app); /* what it held of others is stale */
    app->link_generation = MAX(app->link_generation, image->app.link_generation);
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_HANDLES].count; i++) {
        struct ctx_image_handle handle;
        image_entry(image, CTX_IMAGE_HANDLES, i, &handle, sizeof handle);
        if (strcmp((const char *)handle.table, CTX_ID_HOST) == 0) {
            status = restore_handle(app, handle.handle);
        }
    }
    return status;
}

static ctx_status build(struct app *app, const struct elf_plan *plan)
{
    (void)plan;
    app->link_generation = 0; /* it begins anew, and knows no handle */
    return CTX_OK;
}

static void tear_down(struct app *app)
{
    if (app->v3 != NULL) {
        host_forget_children(app);
    }
}

static uint64_t count(const struct app *app)
{
    uint64_t n = 0;
    for (const struct app_link *link = app->links; link != NULL; link = link->below) {
        n++;
    }
    for (uint32_t i = 0; app->v3 != NULL && i < app->v3->links_room; i++) {
        n += app->v3->links[i].link != NULL;
    }
    return n;
}

const struct app_resource host_resource = {
    .name = "links",
    .build = build,
    .began = host_child_began,
    .tear_down = tear_down,
    .forget = host_forget,
    .image_bytes = image_bytes,
    .image_head = image_head,
    .save = save,
    .restore = restore,
    .count = count,
};
