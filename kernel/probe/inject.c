/* SPDX-License-Identifier: MIT */
/*
 * Wild writes are made by the app itself: a call begins at a page of code of ours, which writes and
 * then jumps to the app's function. So what the processor says of it is what it would say of the
 * app. Only where a write goes is chosen here, with all that the kernel knows about where bytes of
 * others are: an app would find them by chance.
 */
#include "inject_private.h"

#include "app_memory.h"
#include "app_words.h"
#include "frame.h"
#include "gate.h"
#include "heap.h"
#include "pack.h"
#include "resource.h"
#include "verify.h"

#include <kernel/call.h>
#include <kernel/klog.h>
#include <kernel/string.h>

#define TRIES          32u
#define GATES_PER_CALL 8u  /* uses of the Context that count as one chance */
#define HEAP_LOOK      64u /* pages of others' heaps that are written to */

static const char *const names[KINDS] = {"write-nowhere", "write-others", "write-kernel",
                                         "write-tables",  "jump-code",    "jump-elsewhere",
                                         "nothing",       "no-memory",    "garbage"};
static const char letters[KINDS + 1] = "uoktjxnag";

/* [loop, in a call] */
static struct {
    struct {
        uint64_t injected, trapped, parked, status, quiet, recovered, changed, looked;
    } kind[KINDS];
    bool used;
} state;

/* The same numbers in every run (Marsaglia, "Xorshift RNGs", 2003). */
static uint64_t next(struct inject *i)
{
    i->random ^= i->random << 13;
    i->random ^= i->random >> 7;
    i->random ^= i->random << 17;
    return i->random * 0x2545f4914f6cdd1d;
}

static uint64_t below(struct inject *i, uint64_t n)
{
    return (next(i) >> 11) % n;
}

/* ---- the word ---- */

static bool read_number(const char **p, const char *end, uint64_t *out)
{
    const char *from = *p;
    *out = 0;
    while (*p < end && **p >= '0' && **p <= '9' && *out < UINT32_MAX) {
        *out = *out * 10 + (uint64_t)(*(*p)++ - '0');
    }
    return *p > from;
}

static const struct gate_tap tap;

static bool word(struct app *app, const char *word, size_t len)
{
    static const char prefix[] = "inject=";
    const char *p = word + sizeof prefix - 1, *end = word + len;
    uint64_t seed, rate = 0;
    uint32_t kinds = 0;
    if (len < sizeof prefix - 1 || memcmp(word, prefix, sizeof prefix - 1) != 0) {
        return false;
    }
    if (!app_word_is_owners(app, word, len)) {
        return true;
    }
    bool good = read_number(&p, end, &seed) && p < end && *p++ == ',' &&
                read_number(&p, end, &rate) && rate > 0 && rate <= UINT32_MAX &&
                (p == end || *p++ == ',');
    for (bool known = good; p < end && known; p++) {
        known = false;
        for (uint32_t k = 0; k < KINDS; k++) {
            known |= letters[k] == *p;
            kinds |= letters[k] == *p ? 1u << k : 0;
        }
        good &= known;
    }
    if (!good) {
        app_wrong_words++;
        log_warn("app", "%s: %.*s: it takes SEED,RATE and perhaps some of uoktjxnag", app->name,
                 (int)len, word);
        return true;
    }
    if (app->inject == NULL) {
        app->inject = heap_alloc(sizeof *app->inject);
    }
    if (app->inject != NULL) {
        const uint64_t unasked = 1u << WRITE_KERNEL | 1u << WRITE_TABLES | 1u << NOTHING;
        uint64_t all = (1u << KINDS) - 1;
        app->inject->random = (seed + app->order) * 0x9e3779b97f4a7c15 | 1;
        app->inject->rate = (uint32_t)rate;
        app->inject->kinds = kinds != 0 ? kinds : (uint32_t)(all & ~unasked);
        app->tap = &tap;
        state.used = true;
    }
    return true;
}

static void forget(struct app *app)
{
    app->tap = NULL;
    heap_free(app->inject, sizeof *app->inject);
    app->inject = NULL;
}

/* A verified app can jump into the page, wherever a bundle begins: nothing is there to be found. */
static ctx_status build(struct app *app, const struct elf_plan *plan)
{
    (void)plan;
    ctx_status status =
        app->inject != NULL ? app_commit(app, STUB_AT, MAP_READ | MAP_EXEC) : CTX_OK;
    if (app->inject != NULL && status == CTX_OK) {
        memset(inject_page(app), VERIFY_FILL, PAGE_SIZE);
    }
    return status;
}

static void tear_down(struct app *app)
{
    if (app->inject != NULL && app->base != 0) {
        app_decommit(app, STUB_AT);
    }
}

/* ---- whereto ---- */

static struct app *any_other(struct inject *i, const struct app *app)
{
    struct app *other = app_first();
    for (uint64_t n = below(i, app_count()); n > 0 && other->next != NULL; n--) {
        other = other->next;
    }
    return other != app && other->base != 0 ? other : NULL;
}

/* Some page of its slot that may be there. */
static uint64_t any_page(struct inject *i, const struct app *app)
{
    static const uint32_t singles[] = {CTX_SLOT_BASE_WORD, CTX_SLOT_NOSYS, CTX_SLOT_CTX,
                                       CTX_SLOT_STORE};
    const struct elf_segment *s = &app->segments[below(i, MAX(app->segment_count, 1u))];
    switch (below(i, 8)) {
    case 0:
        return singles[below(i, ARRAY_COUNT(singles))];
    case 1:
    case 2:
        return CTX_SLOT_STACK_TOP - (below(i, 4) + 1) * PAGE_SIZE;
    case 3:
    case 4:
        return CTX_SLOT_HEAP + below(i, HEAP_LOOK) * PAGE_SIZE;
    default:
        return ALIGN_DOWN(s->at + below(i, MAX(s->size, UINT64_C(1))), (uint64_t)PAGE_SIZE);
    }
}

/* An address of another app's memory: in its slot, where writing is allowed there, or in the direct
 * map. 0: none was found. */
static uint64_t others_byte(struct inject *i, const struct app *app)
{
    for (uint32_t n = 0; n < TRIES; n++) {
        const struct app *other = any_other(i, app);
        uint64_t page = other != NULL ? any_page(i, other) : 0;
        paddr_t frame = other != NULL ? machine_slot_frame(other->base + page) : 0;
        bool writable = page >= CTX_SLOT_STORE && (page < CTX_SLOT_IMAGE || page >= CTX_SLOT_HEAP);
        if (frame != 0) {
            uint64_t at = below(i, PAGE_SIZE - 8);
            return writable && below(i, 2) == 0 ? other->base + page + at
                                                : (uint64_t)(uintptr_t)machine_direct(frame) + at;
        }
    }
    return 0;
}

/* Of the kernel: an app's description, which lies among its objects, or any RAM. */
static uint64_t kernel_byte(struct inject *i, const struct app *app)
{
    const struct app *other = any_other(i, app);
    if (other != NULL && below(i, 2) == 0) {
        return (uint64_t)(uintptr_t)other + below(i, sizeof *other - 8);
    }
    paddr_t at = PAGE_SIZE + below(i, (frame_total() - 1) * PAGE_SIZE - 8);
    return (uint64_t)(uintptr_t)machine_direct(at & ~(paddr_t)PAGE_MASK) + (at & PAGE_MASK);
}

/* Of the entry for some page, its own or another app's. */
static uint64_t table_byte(struct inject *i, const struct app *app)
{
    for (uint32_t n = 0; n < TRIES; n++) {
        const struct app *other = any_other(i, app);
        other = other != NULL ? other : app;
        const uint64_t *entry = machine_slot_entry(other->base + any_page(i, other));
        if (entry != NULL) {
            return (uint64_t)(uintptr_t)entry;
        }
    }
    return 0;
}

/* Where a write must fail. */
static uint64_t nowhere(struct inject *i, const struct app *app)
{
    uint64_t at;
    switch (below(i, 6)) {
    case 0:
        return below(i, 0x1000);
    case 1: /* no address at all */
        return 0x8000000000000000 | next(i) >> 8;
    case 2: /* slots without an app, and the guards around all of them */
        at = CTX_SLOT_LOWEST + below(i, CTX_SLOT_COUNT) * CTX_SLOT_SIZE + below(i, CTX_SLOT_GUARD);
        return at;
    case 3: /* its own pages that are not for writing */
        return app->base + CTX_SLOT_GATES + below(i, 0x12000 - 8);
    case 4:
        return app->entry;
    default:
        at = CTX_SLOT_SHARED + below(i, CTX_SLOT_SHARED_END - CTX_SLOT_SHARED - 2 * PAGE_SIZE);
        return app->base + at;
    }
}

/* ---- calls ---- */

static void injected(struct inject *i, enum kind kind)
{
    i->injected++;
    i->in_call[kind]++;
    state.kind[kind].injected++;
}

static uint64_t jump_elsewhere(struct inject *i, const struct app *app)
{
    const uint64_t places[] = {0,
                               app->base + CTX_SLOT_STACK_TOP - 64,
                               app->base + CTX_SLOT_STORE,
                               app->base + CTX_SLOT_HEAP,
                               app->base + CTX_SLOT_IMAGE_END - 1,
                               0x8000000000000000 | next(i) >> 8,
                               below(i, CTX_SLOT_GUARD)};
    return places[below(i, ARRAY_COUNT(places))];
}

static uint64_t jump_code(struct inject *i, const struct app *app)
{
    uint64_t target = 0;
    for (uint32_t s = 0; s < app->segment_count; s++) {
        if (app->segments[s].exec) {
            target = app->base + app->segments[s].at + below(i, app->segments[s].size);
        }
    }
    return target;
}

/* Where its write or jump goes; 0: nowhere at all. */
static uint64_t choose(struct inject *i, const struct app *app, enum kind kind)
{
    switch (kind) {
    case JUMP_CODE:
        return jump_code(i, app);
    case JUMP_ELSEWHERE:
        return jump_elsewhere(i, app);
    case WRITE_NOWHERE:
        return nowhere(i, app);
    case WRITE_OTHERS:
        return others_byte(i, app);
    case WRITE_TABLES:
        return table_byte(i, app);
    default:
        return kernel_byte(i, app);
    }
}

static void go_wrong(struct app *app, struct machine_entry *entry, enum kind kind)
{
    struct inject *i = app->inject;
    if (kind == NOTHING) {
        i->target = 0;
        inject_look_before(app);
        injected(i, kind);
        return;
    }
    bool writes = kind <= WRITE_TABLES, kernels = kind == WRITE_KERNEL || kind == WRITE_TABLES;
    uint64_t target = choose(i, app, kind);
    if (writes && target == 0 && kind != WRITE_NOWHERE) {
        return; /* nobody else is there */
    }
    if (kernels) {
        log_info("inject", "%s#%lu writes to 0x%lx", app->name, app->pid, target);
    }
    if (writes) {
        i->value = next(i);
        i->whole = below(i, 2) == 0;
    }
    if (!writes && !app->verified) {
        entry->code = target;
    } else if (inject_write_code(app, writes, target, writes ? entry->code : target)) {
        entry->code = app->base + STUB_AT;
    } else {
        return;
    }
    i->target = kernels ? target : 0;
    inject_look_before(app);
    injected(i, kind);
}

void inject_call(struct app *app, struct machine_entry *entry)
{
    struct inject *i = app->inject;
    enum kind kind = (enum kind)below(i, NOTHING); /* those before it begin with a call */
    kind = (i->kinds >> NOTHING & 1) != 0 ? NOTHING : kind;
    if (below(i, i->rate) == 0 && (i->kinds >> kind & 1) != 0) {
        go_wrong(app, entry, kind);
    }
}

void inject_ended(struct app *app, enum app_ending how)
{
    struct inject *i = app->inject;
    for (uint32_t k = 0; k < KINDS; k++) {
        uint32_t n = i->in_call[k];
        if (how == ENDED_WELL) { /* a good call, later than what ended badly */
            state.kind[k].recovered += i->pending[k];
            i->pending[k] = 0;
        }
        if (n == 0) {
            continue;
        }
        i->in_call[k] = 0;
        if (k < NO_MEMORY) {
            bool looked;
            state.kind[k].changed += inject_look_after(app, &looked);
            state.kind[k].looked += looked;
        }
        if (how == ENDED_WELL) {
            *(k < NO_MEMORY ? &state.kind[k].quiet : &state.kind[k].recovered) += n;
        } else {
            state.kind[k].trapped += how != ENDED_PARKED ? n : 0;
            state.kind[k].parked += how == ENDED_PARKED ? n : 0;
            i->pending[k] += n;
        }
    }
}

uint64_t inject_count(const struct app *app)
{
    return app->inject != NULL ? app->inject->injected : 0;
}

/* ---- gates ---- */

static bool asks_for_memory(const struct ctx_gate_info *info)
{
    static const char *const those[] = {
        "alloc",      "mem.alloc",    "mem.resize", "display.create", "display.resize",
        "iface.open", "share.create", "share.map",  "share.grant",    "share.revoke"};
    for (size_t n = 0; n < ARRAY_COUNT(those); n++) {
        if (strcmp(info->name, those[n]) == 0) {
            return true;
        }
    }
    return false;
}

static uint64_t garbage(struct inject *i, const struct app *app)
{
    const struct app *other = any_other(i, app);
    switch (below(i, 8)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX - below(i, 16);
    case 2:
        return below(i, 0x10000);
    case 3:
        return other != NULL ? other->base + any_page(i, other) : 1;
    case 4:
        return (uint64_t)(uintptr_t)app; /* the kernel's */
    case 5:
        return app->base + any_page(i, app) + below(i, PAGE_SIZE);
    case 6:
        return app->base + below(i, CTX_SLOT_SIZE);
    default:
        return next(i);
    }
}

static bool before_gate(struct app *app, uint32_t gate, const struct ctx_gate_info *info,
                        const uint64_t **args, uint64_t changed[6], uint64_t *result)
{
    struct inject *i = app->inject;
    enum kind kind = asks_for_memory(info) && below(i, 2) == 0 ? NO_MEMORY : GARBAGE;
    i->gate_garbage = false;
    if (below(i, (uint64_t)i->rate * GATES_PER_CALL) != 0 || (i->kinds >> kind & 1) == 0) {
        return false;
    }
    injected(i, kind);
    if (kind == NO_MEMORY) {
        state.kind[kind].status++;
        *result = gate_failure(info, CTX_E_NOMEM);
        return true;
    }
    uint32_t self = gate > CTX_GATE_V2_DEALLOC ? 1 : 0;
    memcpy(changed, *args, 6 * sizeof changed[0]);
    changed[info->count > 0 ? self + below(i, info->count) : 0] = garbage(i, app);
    *args = changed;
    i->gate_garbage = true;
    return false;
}

static void after_gate(struct app *app, const struct ctx_gate_info *info, uint64_t result)
{
    if (app->inject->gate_garbage) {
        bool refused = info->returns == CTX_RETURNS_STATUS    ? (int32_t)result != CTX_OK
                       : info->returns == CTX_RETURNS_POINTER ? result == 0
                                                              : false;
        state.kind[GARBAGE].status += refused;
        state.kind[GARBAGE].quiet += !refused;
        app->inject->gate_garbage = false;
    }
}

static const struct gate_tap tap = {before_gate, after_gate};

void inject_report(void)
{
    for (uint32_t k = 0; state.used && k < KINDS; k++) {
        log_info(
            "inject",
            "kind=%s injected=%lu trapped=%lu parked=%lu status=%lu quiet=%lu recovered=%lu changed=%lu looked=%lu",
            names[k], state.kind[k].injected, state.kind[k].trapped, state.kind[k].parked,
            state.kind[k].status, state.kind[k].quiet, state.kind[k].recovered,
            state.kind[k].changed, state.kind[k].looked);
    }
}

/* ---- what an app has of this ---- */

static bool at_calls(const struct app *app)
{
    return app->inject != NULL;
}

static void begin(struct app *app, uint64_t now_ns, struct machine_entry *entry, bool served)
{
    (void)now_ns;
    if (!served) {
        inject_call(app, entry);
    }
}

static void end(struct app *app, enum app_ending how, bool served)
{
    if (!served) {
        inject_ended(app, how);
    }
}

const struct app_resource inject_resource = {
    .name = "faults to come",
    .word = word,
    .build = build,
    .at_calls = at_calls,
    .begin = begin,
    .end = end,
    .tear_down = tear_down,
    .forget = forget,
};
