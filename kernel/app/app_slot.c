/* SPDX-License-Identifier: MIT */
/*
 * The inside of a slot: what the kernel puts there before an app's first call, and takes out after
 * its last one. All writing into an app's pages goes through the direct map, so pages can be
 * read-only to the app. See libctx's <ctx/slot.h> for what lies where.
 */
#include "app_slot.h"

#include "app_memory.h"
#include "frame.h"
#include "heap.h"
#include "isolate.h"
#include "policy.h"
#include "resource.h"
#include "slot.h"

#include <kernel/string.h>

/*
 * So much of the free memory no app's file, heap or surfaces get: stacks, tables and the kernel go
 * on. Of that, stacks leave half to the kernel. A machine that has little keeps back a quarter.
 */
#define RESERVE_PART  16u
#define RESERVE_LEAST (UINT64_C(1) << 20)
#define RESERVE_MOST  4u /* parts of what is free */

/* Beside the file: the pages that every slot has from the start. */
#define SLOT_PAGES 5u

/* And beside those, at most: tables of functions and input; the kernel's notes about an app; the
 * page tables of a slot but for its image and its canvas. */
#define RESOURCE_PAGES 4u
#define NOTES_PAGES    1u
#define SLOT_TABLES    4u
#define TABLE_PAGES    512u /* mapped by one page table */

/* [boot] writes; [loop, in a call] read. */
static struct {
    paddr_t gates;     /* CTX_SLOT_GATES .. GATES_END, the same for all */
    uint64_t reserve;  /* frames that apps leave to the kernel */
    uint64_t promised; /* app_promise(), of all */
} state;

static uint64_t reserve_of(uint64_t free)
{
    return MIN(MAX(free / RESERVE_PART, RESERVE_LEAST / PAGE_SIZE), free / RESERVE_MOST);
}

ctx_status app_slots_init(void)
{
    uint64_t pages = (CTX_SLOT_GATES_END - CTX_SLOT_GATES) / PAGE_SIZE;
    state.gates = frame_alloc_pages(pages, 0);
    if (state.gates == 0) {
        return CTX_E_NOMEM;
    }
    ctx_slot_write_gates(machine_direct(state.gates));
    ctx_slot_write_return(machine_direct(state.gates), machine_return());
    state.reserve = reserve_of(frame_free_total());
    return CTX_OK;
}

uint64_t app_frames_for(uint64_t pages)
{
    uint64_t free = pages;
    while (free - reserve_of(free) < pages) { /* a few times: the reserve grows slower */
        free = pages + reserve_of(free) + 1;
    }
    return free + (CTX_SLOT_GATES_END - CTX_SLOT_GATES) / PAGE_SIZE;
}

bool app_foresee(const uint8_t *file, uint64_t len, uint64_t canvas_pages, struct app_foreseen *out)
{
    struct elf_plan plan;
    struct elf_error error;
    if (!elf_check(file, len, &plan, &error)) {
        return false;
    }
    uint64_t tables = SLOT_TABLES + canvas_pages / TABLE_PAGES + 2;
    uint64_t table_bytes = TABLE_PAGES * PAGE_SIZE, next_table = 0, shared_pages = 0;
    *out = (struct app_foreseen){.pages = SLOT_PAGES + RESOURCE_PAGES, .has_note = plan.has_note};
    for (uint32_t i = 0; i < plan.segment_count; i++) {
        uint64_t here = elf_segment_pages(&plan.segments[i]);
        out->pages += here;
        /* Segments that lie in ascending order share their tables; others may, and are not known
         * to. */
        uint64_t first = plan.segments[i].at / table_bytes;
        uint64_t end = (plan.segments[i].at + plan.segments[i].size - 1) / table_bytes + 1;
        first = first < next_table && end >= next_table ? next_table : first;
        tables += end - first;
        next_table = MAX(next_table, end);
        bool shared = !plan.segments[i].write;
        out->once += shared && !elf_is_shown(&plan.segments[i]) ? here : 0;
        shared_pages += shared ? here : 0;
    }
    out->each = out->pages - shared_pages + tables + NOTES_PAGES;
    out->once += program_pages(file, len);
    return true;
}

/* ---- memory ---- */

uint64_t app_room(void)
{
    uint64_t free = frame_free_total(), kept = state.reserve + state.promised;
    return free > kept ? free - kept : 0;
}

void app_promise(struct app *app, uint64_t pages)
{
    app->pages += pages;
    state.promised += pages;
}

void app_unpromise(struct app *app, uint64_t pages)
{
    app->pages -= pages;
    state.promised -= pages;
}

bool app_may_grow(const struct app *app, uint64_t pages)
{
    return app->pages + pages <= app->quota_pages && pages <= app_room();
}

bool app_may_use_stack(void)
{
    return frame_free_total() > state.reserve / 2; /* what was promised too: see app.h */
}

static void decommit_range(struct app *app, uint64_t from, uint64_t to)
{
    from = ALIGN_DOWN(from, (uint64_t)PAGE_SIZE);
    app_decommit_run(app, from, (ALIGN_UP(to, (uint64_t)PAGE_SIZE) - from) / PAGE_SIZE);
}

/* Copy len bytes (or, with from NULL, the byte) to committed pages. */
static void put(uint64_t address, const uint8_t *from, uint8_t byte, uint64_t len)
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
}

void app_fill(uint64_t address, uint8_t byte, uint64_t len)
{
    put(address, NULL, byte, len);
}

/* ---- loading ---- */

static void relocate_word(void *arg, uint64_t at, uint64_t value)
{
    struct app *app = arg;
    uint64_t word = app->base + value;
    put(app->base + at, (const uint8_t *)&word, 0, sizeof word);
}

_Static_assert(CTX_SLOT_NOSYS == CTX_SLOT_BASE_WORD + PAGE_SIZE, "two pages of words in a row");

/* NULL: there is none. */
static void *direct_page(const struct app *app, uint64_t offset)
{
    paddr_t frame = machine_slot_frame(app->base + offset);
    return frame != 0 ? machine_direct(frame) : NULL;
}

static ctx_status commit_single(struct app *app, uint64_t offset, uint32_t rights, void **page)
{
    ctx_status status = app_commit(app, offset, rights);
    *page = direct_page(app, offset);
    return status;
}

/* How many of a file's pages have to be found for one more instance; *all: how many it has. */
static uint64_t pages_to_find(const struct program *program, uint64_t *all)
{
    uint64_t pages = 0;
    *all = 0;
    for (uint32_t i = 0; i < program->segment_count; i++) {
        uint64_t here = elf_segment_pages(&program->segments[i]);
        pages += program->text[i] == 0 && program_shown(program, i) == 0 ? here : 0;
        *all += here;
    }
    return pages;
}

/* The bytes of such pages are the file's, with one byte all around them. */
static void refresh(uint8_t *pages, const struct elf_segment *s, const uint8_t *file, uint8_t fill)
{
    uint64_t head = s->at & PAGE_MASK, end = head + s->file_size;
    if (memcmp(pages + head, file + s->file_at, s->file_size) != 0) {
        memcpy(pages + head, file + s->file_at, s->file_size);
    }
    memset(pages, fill, head);
    memset(pages + end, fill, elf_segment_pages(s) * PAGE_SIZE - end);
}

/*
 * A segment that nobody may write to and that is the same in every slot (no relocation is in it):
 * its pages are the program's, so that a thousand instances take one's memory, and one's place in
 * the caches. They are looked at for each instance: an app can write over another's code all the
 * same, in the direct map, and who begins anew because of that is to begin with what the file says.
 * Of much data the kept file itself is shown. False: no piece of memory is long enough.
 */
static bool share_text(struct program *program, uint32_t no, const uint8_t *file, uint8_t fill)
{
    const struct elf_segment *s = &program->segments[no];
    paddr_t shown = program_shown(program, no);
    if (program->text[no] == 0) {
        program->text[no] = shown != 0 ? shown : frame_alloc_pages(elf_segment_pages(s), 0);
    }
    if (program->text[no] != 0 && shown == 0) {
        refresh(machine_direct(program->text[no]), s, file, fill);
    }
    return program->text[no] != 0;
}

/* When no slot shows them any more, or does yet, they are free memory: of an app that is stopped
 * only the file stays. */
static void leave_text(struct program *program, uint32_t no)
{
    if (program->text[no] != 0 && program->mapped[no] == 0) {
        if (program_shown(program, no) == 0) {
            frame_free_pages(program->text[no], elf_segment_pages(&program->segments[no]));
        }
        program->text[no] = 0;
    }
}

/* Whether the code that is about to be loaded is fine: for each instance, whatever was said of the
 * one before. */
static ctx_status verify(struct app *app, const uint8_t *file, const struct elf_plan *plan)
{
    struct verify_result result;
    app->verified = false;
    if (isolate_mode() == ISOLATE_OFF) {
        isolate_count_trusted();
        return CTX_OK;
    }
    ctx_status status = isolate_look(file, plan, &result);
    app->verified = status == CTX_OK && result.rule == VERIFY_FINE;
    return status != CTX_OK || app->verified ? status : isolate_trust(app, file, plan, &result);
}

static ctx_status load_segment(struct app *app, const uint8_t *file, uint32_t no)
{
    const struct elf_segment *s = &app->segments[no];
    uint32_t rights = MAP_READ | (s->write ? MAP_WRITE : 0) | (s->exec ? MAP_EXEC : 0);
    uint64_t at = ALIGN_DOWN(s->at, (uint64_t)PAGE_SIZE), pages = elf_segment_pages(s);
    ctx_status status = CTX_OK;
    uint8_t fill = app->verified && s->exec ? VERIFY_FILL : 0;
    if (!s->write && share_text(app->program, no, file, fill)) {
        status = machine_slot_map(app->base + at, app->program->text[no], pages, rights);
        if (status != CTX_OK) {
            leave_text(app->program, no);
            return status;
        }
        app->pages += pages;
        app->segment_count++;
        app->program->mapped[no]++;
        return CTX_OK;
    }
    app->segment_count++;
    status = app_commit_run(app, at, pages, rights, &pages);
    if (status == CTX_OK) {
        if (fill != 0) {
            put(app->base + ALIGN_DOWN(s->at, (uint64_t)PAGE_SIZE), NULL, fill,
                elf_segment_pages(s) * PAGE_SIZE);
        }
        put(app->base + s->at, file + s->file_at, 0, s->file_size);
    }
    return status;
}

static ctx_status load_segments(struct app *app, const uint8_t *file, const struct elf_plan *plan)
{
    ctx_status status = verify(app, file, plan);
    for (uint32_t i = 0; status == CTX_OK && i < plan->segment_count; i++) {
        status = load_segment(app, file, i);
    }
    if (status == CTX_OK) {
        elf_relocate(file, plan, relocate_word, app);
    }
    return status;
}

static void unload_segments(struct app *app)
{
    for (uint32_t i = 0; i < app->segment_count; i++) {
        const struct elf_segment *s = &app->segments[i];
        uint64_t at = app->base + ALIGN_DOWN(s->at, (uint64_t)PAGE_SIZE);
        struct program *program = app->program;
        /* What others share may have come later than this slot, which then has pages of its own. */
        if (program->text[i] == 0 || machine_slot_frame(at) != program->text[i]) {
            decommit_range(app, s->at, s->at + s->size);
            continue;
        }
        machine_slot_unmap(at, elf_segment_pages(s));
        app->pages -= elf_segment_pages(s);
        program->mapped[i]--;
        leave_text(program, i);
    }
    app->segments = NULL;
    app->segment_count = 0;
}

/* What every slot's two pages of words say. */
static void write_words(const struct app *app, uint64_t *words, uint64_t *nosys)
{
    uint64_t base = app->base;
    words[0] = base;
    words[1] = machine_gate_entry(app->verified);

    /* The table of missing calls: a header that says so, and NOSYS gates up to the capacity. */
    nosys[0] = 16; /* size 16, no flags */
    for (uint32_t i = 2; i < 128; i++) {
        nosys[i] = base + CTX_SLOT_GATES + CTX_GATE_NOSYS * CTX_GATE_SIZE;
    }
}

/* The kernel-written pages, the stack's top page, the file, and what the resources put there. */
static ctx_status fill_slot(struct app *app, const uint8_t *file, const struct elf_plan *plan)
{
    uint64_t base = app->base;
    struct program *program = app->program;
    if (program->segment_count == 0) {
        memcpy(program->segments, plan->segments, sizeof program->segments);
        program->segment_count = plan->segment_count;
    }
    app->segments = program->segments;
    uint64_t all, to_find = pages_to_find(program, &all);
    if (app->pages + SLOT_PAGES + all > app->quota_pages || SLOT_PAGES + to_find > app_room()) {
        return CTX_E_NOMEM;
    }
    void *words, *nosys, *ctx, *store;
    ctx_status status =
        machine_slot_map(base + CTX_SLOT_GATES, state.gates,
                         (CTX_SLOT_GATES_END - CTX_SLOT_GATES) / PAGE_SIZE, MAP_READ | MAP_EXEC);
    if (status == CTX_OK) { /* both are read-only, and side by side */
        uint64_t came;
        status = app_commit_run(app, CTX_SLOT_BASE_WORD, 2, MAP_READ, &came);
        words = direct_page(app, CTX_SLOT_BASE_WORD);
        nosys = direct_page(app, CTX_SLOT_NOSYS);
    }
    if (status == CTX_OK) {
        uint32_t rights = MAP_READ | (app->version >= 3 ? 0 : MAP_WRITE);
        status = commit_single(app, CTX_SLOT_CTX, rights, &ctx);
    }
    if (status == CTX_OK) {
        status = commit_single(app, CTX_SLOT_STORE, MAP_READ | MAP_WRITE, &store);
    }
    if (status == CTX_OK) {
        status = app_commit(app, CTX_SLOT_STACK_TOP - PAGE_SIZE, MAP_READ | MAP_WRITE);
    }
    if (status == CTX_OK) {
        status = load_segments(app, file, plan);
    }
    if (status != CTX_OK) {
        return status;
    }
    if (app->poison) {
        memset(ctx, APP_POISON, PAGE_SIZE);
        memset((uint64_t *)store + 1, APP_POISON, PAGE_SIZE - 8);
    }
    app->ctx = ctx;
    app->store_cell = store;
    app->ctx_is_outdated = true;
    write_words(app, words, nosys);
    return resources_build(app, plan);
}

bool app_is_code(const struct app *app, uint64_t address)
{
    for (uint32_t i = 0; i < app->segment_count; i++) {
        const struct elf_segment *s = &app->segments[i];
        if (s->exec && address - app->base - s->at < s->size) {
            return true;
        }
    }
    return false;
}

void app_tear_down(struct app *app)
{
    ready_remove(app);
    resources_tear_down(app);
    if (app->base != 0) {
        slotheap_delete(app->heap);
        unload_segments(app);
        decommit_range(app, app->stack_low, CTX_SLOT_STACK_TOP);
        static const uint32_t singles[] = {CTX_SLOT_BASE_WORD, CTX_SLOT_NOSYS, CTX_SLOT_CTX,
                                           CTX_SLOT_STORE};
        for (size_t i = 0; i < ARRAY_COUNT(singles); i++) {
            app_decommit(app, singles[i]);
        }
        machine_slot_unmap(app->base + CTX_SLOT_GATES,
                           (CTX_SLOT_GATES_END - CTX_SLOT_GATES) / PAGE_SIZE);
        machine_slot_release(app->base);
        slot_free(app->base);
    }
    app_drop_parked(app);
    app->base = 0;
    app->heap = NULL;
    app->store = 0;
}

static uint64_t claim(uint64_t base)
{
    return base == 0 ? slot_alloc() : slot_claim(base) ? base : 0;
}

ctx_status app_build(struct app *app, const uint8_t *file, const struct elf_plan *plan,
                     uint64_t base)
{
    uint32_t flags = CTX_NOTE_HAS(&plan->note, CTX_NOTE_FLAGS) ? plan->note.flags : 0;
    app->tells_restored = (flags & CTX_NOTE_TELL_RESTORED) != 0;
    app->fresh_on_restore = (flags & CTX_NOTE_FRESH_ON_RESTORE) != 0;
    policy_forbid_undo(app, (flags & CTX_NOTE_NO_UNDO) != 0);
    app->base = claim(base);
    ctx_status status = app->base != 0 ? fill_slot(app, file, plan) : CTX_E_NOSPC;
    if (status != CTX_OK) {
        app_tear_down(app);
        return status == CTX_E_NOSPC || status == CTX_E_UNVERIFIED ? status : CTX_E_NOMEM;
    }
    app->entry = app->base + plan->entry;
    app->bias = plan->bias;
    app->began_ns = machine_now_ns();
    resources_began(app);
    return CTX_OK;
}
