/* SPDX-License-Identifier: MIT */
/*
 * Apps: loading an ELF file into a slot, calling it, taking it away again. All writing into an
 * app's pages goes through the direct map, so pages can be read-only to the app. See libctx's
 * <ctx/slot.h> for what lies where.
 */
#include "app_v3.h"
#include "canvas.h"
#include "event.h"
#include "frame.h"
#include "heap.h"
#include "slot.h"

#include <kernel/klog.h>
#include <kernel/string.h>

static struct {
    paddr_t gates; /* CTX_SLOT_GATES .. GATES_END, the same for all */
    struct app *first, **end;
    uint32_t count, refused;
    uint64_t next_pid, next_order;
    uint64_t quota_pages;
    uint32_t offer; /* the newest Context version */
    bool force;     /* notes' minimum and requirements are only warnings */
} state;

ctx_status app_init(uint64_t heap_quota_bytes)
{
    uint64_t pages = (CTX_SLOT_GATES_END - CTX_SLOT_GATES) / PAGE_SIZE;
    state.gates = frame_alloc_pages(pages, 0);
    if (state.gates == 0) {
        return CTX_E_NOMEM;
    }
    ctx_slot_write_gates(machine_direct(state.gates));
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

void app_refuse(const char *file_name, const char *field, uint64_t value, const char *reason)
{
    state.refused++;
    log_error("app", "refused file=%s field=%s value=0x%lx: %s", file_name, field, value, reason);
}

/* ---- memory ---- */

ctx_status app_commit(struct app *app, uint64_t offset, uint32_t rights)
{
    paddr_t frame = frame_alloc(0, FRAME_ZERO);
    if (frame == 0) {
        return CTX_E_NOMEM;
    }
    ctx_status status = machine_slot_map(app->base + offset, frame, 1, rights);
    if (status != CTX_OK) {
        frame_free(frame, 0);
        return status;
    }
    app->pages++;
    return CTX_OK;
}

void app_decommit(struct app *app, uint64_t offset)
{
    paddr_t frame = machine_slot_frame(app->base + offset);
    if (frame != 0) {
        machine_slot_unmap(app->base + offset, 1);
        frame_free(frame, 0);
        app->pages--;
    }
}

static void decommit_range(struct app *app, uint64_t from, uint64_t to)
{
    for (uint64_t at = ALIGN_DOWN(from, (uint64_t)PAGE_SIZE); at < to; at += PAGE_SIZE) {
        app_decommit(app, at);
    }
}

/* Copy len bytes (or, with from NULL, the byte) to committed pages. */
static void put(struct app *app, uint64_t address, const uint8_t *from, uint8_t byte, uint64_t len)
{
    while (len > 0) {
        uint64_t in_page = address & PAGE_MASK;
        uint64_t part = MIN(len, PAGE_SIZE - in_page);
        uint8_t *to = (uint8_t *)machine_direct(machine_slot_frame(address)) + in_page;
        if (from != NULL) {
            memcpy(to, from, part);
            from += part;
        } else {
            memset(to, byte, part);
        }
        address += part;
        len -= part;
    }
    (void)app;
}

void app_fill(struct app *app, uint64_t address, uint8_t byte, uint64_t len)
{
    put(app, address, NULL, byte, len);
}

/* ---- loading ---- */

static void relocate_word(void *arg, uint64_t at, uint64_t value)
{
    struct app *app = arg;
    uint64_t word = app->base + value;
    put(app, app->base + at, (const uint8_t *)&word, 0, sizeof word);
}

static ctx_status commit_single(struct app *app, uint64_t offset, uint32_t rights, paddr_t *frame)
{
    ctx_status status = app_commit(app, offset, rights);
    *frame = status == CTX_OK ? machine_slot_frame(app->base + offset) : 0;
    return status;
}

static ctx_status load_segments(struct app *app, const uint8_t *file, const struct elf_plan *plan)
{
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        uint32_t rights = MAP_READ | (s->write ? MAP_WRITE : 0) | (s->exec ? MAP_EXEC : 0);
        app->segments[app->segment_count++] = *s;
        for (uint64_t at = ALIGN_DOWN(s->at, (uint64_t)PAGE_SIZE); at < s->at + s->size;
             at += PAGE_SIZE) {
            ctx_status status = app_commit(app, at, rights);
            if (status != CTX_OK) {
                return status;
            }
        }
        put(app, app->base + s->at, file + s->file_at, 0, s->file_size);
    }
    elf_relocate(file, plan, relocate_word, app);
    return CTX_OK;
}

/* The kernel-written pages, the stack's top page, and the canvas. */
static ctx_status build_slot(struct app *app, const uint8_t *file, const struct elf_plan *plan)
{
    uint64_t base = app->base;
    ctx_status status =
        machine_slot_map(base + CTX_SLOT_GATES, state.gates,
                         (CTX_SLOT_GATES_END - CTX_SLOT_GATES) / PAGE_SIZE, MAP_READ | MAP_EXEC);
    if (status == CTX_OK) {
        status = commit_single(app, CTX_SLOT_BASE_WORD, MAP_READ, &app->kernel_page);
    }
    if (status == CTX_OK) {
        status = commit_single(app, CTX_SLOT_NOSYS, MAP_READ, &app->table_page);
    }
    if (status == CTX_OK) {
        uint32_t rights = MAP_READ | (app->version >= 3 ? 0 : MAP_WRITE);
        status = commit_single(app, CTX_SLOT_CTX, rights, &app->ctx_page);
    }
    if (status == CTX_OK) {
        status = commit_single(app, CTX_SLOT_STORE, MAP_READ | MAP_WRITE, &app->store_page);
    }
    if (status == CTX_OK) {
        status = app_commit(app, CTX_SLOT_STACK_TOP - PAGE_SIZE, MAP_READ | MAP_WRITE);
    }
    if (status == CTX_OK) {
        status = load_segments(app, file, plan);
    }
    if (status == CTX_OK && app->version < 3) {
        status = machine_slot_map(base + canvas_slot_offset(), canvas_frame(), canvas_pages(),
                                  MAP_READ | MAP_WRITE);
    }
    if (status == CTX_OK && app->version >= 3) {
        status = v3_build(app);
    }
    if (status != CTX_OK) {
        return status;
    }
    uint64_t *words = machine_direct(app->kernel_page);
    words[0] = base;
    words[1] = machine_gate_entry();

    /* The table of missing calls: a header that says so, and NOSYS gates up to the capacity. */
    uint64_t *nosys = machine_direct(app->table_page);
    nosys[0] = 16; /* size 16, no flags */
    for (uint32_t i = 2; i < 128; i++) {
        nosys[i] = base + CTX_SLOT_GATES + CTX_GATE_NOSYS * CTX_GATE_SIZE;
    }
    uint8_t *table_page = machine_direct(app->table_page);
    input_view_start(&app->input,
                     (struct ctx_input *)(table_page + (CTX_SLOT_INPUT - CTX_SLOT_NOSYS)));
    return CTX_OK;
}

static void destroy(struct app *app)
{
    ready_remove(app);
    if (app->v3 != NULL) {
        event_forget(app);
        surface_destroy_all(app);
        v3_release_tables(app);
    }
    if (app->base != 0) {
        slotheap_delete(app->heap);
        for (uint32_t i = 0; i < app->segment_count; i++) {
            decommit_range(app, app->segments[i].at, app->segments[i].at + app->segments[i].size);
        }
        decommit_range(app, app->stack_low, CTX_SLOT_STACK_TOP);
        static const uint32_t singles[] = {CTX_SLOT_BASE_WORD, CTX_SLOT_NOSYS, CTX_SLOT_CTX,
                                           CTX_SLOT_STORE};
        for (size_t i = 0; i < ARRAY_COUNT(singles); i++) {
            app_decommit(app, singles[i]);
        }
        machine_slot_unmap(app->base + CTX_SLOT_GATES,
                           (CTX_SLOT_GATES_END - CTX_SLOT_GATES) / PAGE_SIZE);
        machine_slot_unmap(app->base + canvas_slot_offset(), canvas_pages());
        machine_slot_release(app->base);
        slot_free(app->base);
    }
    gate_release(app);
    heap_free(app->parked, sizeof *app->parked);
    heap_free(app->v3, sizeof *app->v3);
    heap_free(app, sizeof *app);
}

/* "NAME ARGUMENTS"; without a name, the file's without folder and ending. */
static void set_names(struct app *app, const char *file_name, const char *text)
{
    size_t len = 0;
    while (text[len] != 0 && text[len] != ' ' && len + 1 < APP_NAME) {
        app->name[len] = text[len];
        len++;
    }
    while (text[len] != 0 && text[len] != ' ') {
        len++;
    }
    text_copy(app->arguments, sizeof app->arguments, text[len] == ' ' ? text + len + 1 : "");
    if (len != 0) {
        return;
    }
    const char *start = file_name;
    for (const char *p = file_name; *p != 0; p++) {
        start = *p == '/' ? p + 1 : start;
    }
    text_copy(app->name, sizeof app->name, start);
    for (char *p = app->name; *p != 0; p++) {
        if (strcmp(p, ".elf") == 0) {
            *p = 0;
            break;
        }
    }
}

/* Each comma-separated part of a value. Returns the next one, NULL at the end. */
static const char *next_part(const char *p, size_t *len)
{
    *len = 0;
    while (p[*len] != 0 && p[*len] != ' ' && p[*len] != ',') {
        (*len)++;
    }
    return p[*len] == ',' ? p + *len + 1 : NULL;
}

static void grant(struct app *app, const char *ids)
{
    size_t len;
    for (const char *next; ids != NULL; ids = next) {
        next = next_part(ids, &len);
        bool known = false;
        for (uint32_t no = 0; no < CTX_TABLES; no++) {
            if (strlen(ctx_tables[no].id) == len && memcmp(ctx_tables[no].id, ids, len) == 0) {
                app->grants |= 1u << no;
                known = true;
            }
        }
        if (!known) {
            log_warn("app", "%s: grant=%.*s: there is no such table", app->name, (int)len, ids);
        }
    }
}

bool app_instruments(const struct app *app, const struct ctx_gate_info *info)
{
    size_t len;
    const char *next;
    for (const char *word = app->instrument; word != NULL && *word != 0; word = next) {
        next = next_part(word, &len);
        if (gate_matches(info, word, len)) {
            return true;
        }
    }
    return false;
}

static void instrument(struct app *app, const char *words)
{
    size_t all = 0;
    while (words[all] != 0 && words[all] != ' ') {
        all++;
    }
    memcpy(app->instrument, words, MIN(all, sizeof app->instrument - 1));
    size_t len;
    for (const char *next; words != NULL; words = next) {
        next = next_part(words, &len);
        if (gate_instrument(app, words, len) == CTX_E_NOENT) {
            log_info(
                "app",
                "%s: instrument=%.*s: no function of its Context so far; perhaps of a table it opens",
                app->name, (int)len, words);
        }
    }
}

/* The kernel's own words among the app's arguments: they take effect and disappear. */
static void take_options(struct app *app)
{
    char *out = app->arguments;
    for (const char *p = app->arguments; *p != 0;) {
        size_t len = 0;
        while (p[len] != 0 && p[len] != ' ') {
            len++;
        }
        if (strncmp(p, "grant=", 6) == 0) {
            grant(app, p + 6);
        } else if (strncmp(p, "instrument=", 11) == 0) {
            instrument(app, p + 11);
        } else if (len > 0) {
            if (out != app->arguments) {
                *out++ = ' ';
            }
            memmove(out, p, len);
            out += len;
        }
        p += len;
        while (*p == ' ') {
            p++;
        }
    }
    *out = 0;
}

static bool check_note(const struct elf_plan *plan, const char *file_name)
{
    const struct ctx_note *note = &plan->note;
    char reason[96];
    if (CTX_NOTE_HAS(note, CTX_NOTE_MINIMUM) && note->minimum > state.offer && !state.force) {
        format_text(reason, sizeof reason, "needs context v%u, this kernel offers v%u",
                    note->minimum, state.offer);
        app_refuse(file_name, "note.minimum", note->minimum, reason);
        return false;
    }
    bool draft = CTX_NOTE_HAS(note, CTX_NOTE_BUILT_FOR) && note->built_for >= 3;
    if (draft && state.offer >= 3 && note->draft != CTX_DRAFT_SERIAL && !state.force) {
        format_text(reason, sizeof reason,
                    "built for draft %u of context v3, this kernel has draft %u", note->draft,
                    CTX_DRAFT_SERIAL);
        app_refuse(file_name, "note.draft", note->draft, reason);
        return false;
    }
    return true;
}

static bool check_plan(const struct elf_plan *plan, const char *file_name)
{
    if (plan->has_note && !check_note(plan, file_name)) {
        return false;
    }
    if (plan->note.required_count > 0 && !state.force) {
        app_refuse(file_name, "note.required", plan->note.required_count,
                   "needs interfaces that this kernel does not have");
        return false;
    }
    if (plan->stack_protector) {
        log_warn("app",
                 "%s: reads %%fs:0x28, which holds nothing here; compile with -fno-stack-protector",
                 file_name);
    }
    if (plan->image_pointers > 0) {
        log_warn(
            "app",
            "%s: %lu data words look like addresses of a file that was linked for one place; relink with -static-pie",
            file_name, plan->image_pointers);
    }
    return true;
}

struct app *app_load(const uint8_t *file, uint64_t len, const char *file_name, const char *text)
{
    struct elf_plan plan;
    struct elf_error error;
    if (!elf_check(file, len, &plan, &error)) {
        app_refuse(file_name, error.field, error.value, error.reason);
        return NULL;
    }
    if (!check_plan(&plan, file_name)) {
        return NULL;
    }
    struct app *app = heap_alloc(sizeof *app);
    if (app == NULL) {
        app_refuse(file_name, "memory", frame_free_total() * PAGE_SIZE, "no memory for it");
        return NULL;
    }
    set_names(app, file_name, text);
    uint64_t stack =
        CTX_NOTE_HAS(&plan.note, CTX_NOTE_STACK) ? plan.note.stack_bytes : CTX_STACK_DEFAULT;
    app->stack_low = ALIGN_DOWN(CTX_SLOT_STACK_TOP - stack, (uint64_t)PAGE_SIZE);
    app->bind = gate_default_bindings();
    app->quota_pages = state.quota_pages;
    app->version = plan.has_note && state.offer >= 3 ? 3 : 2;
    app->order = state.next_order++;
    if (app->version >= 3) {
        app->v3 = heap_alloc(sizeof *app->v3);
        if (app->v3 == NULL) {
            app_refuse(file_name, "memory", frame_free_total() * PAGE_SIZE, "no memory for it");
            destroy(app);
            return NULL;
        }
    }
    take_options(app);
    app->base = slot_alloc();
    ctx_status status = app->base != 0 ? build_slot(app, file, &plan) : CTX_E_NOSPC;
    if (status != CTX_OK) {
        app_refuse(file_name, "memory", frame_free_total() * PAGE_SIZE,
                   status == CTX_E_NOSPC ? "all slots are taken" : "not enough memory for it");
        destroy(app);
        return NULL;
    }
    app->entry = app->base + plan.entry;
    app->pid = state.next_pid++;
    *state.end = app;
    state.end = &app->next;
    state.count++;
    ready_each_frame(app);
    log_info("app", "started name=%s pid=%lu slot=0x%lx file=%s", app->name, app->pid, app->base,
             file_name);
    return app;
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
    destroy(app);
}

struct app *app_first(void)
{
    return state.first;
}

uint32_t app_count(void)
{
    return state.count;
}

uint32_t app_refused_count(void)
{
    return state.refused;
}
