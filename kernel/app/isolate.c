/* SPDX-License-Identifier: MIT */
/* What becomes of an app by what the verifier says. */
#include "isolate.h"

#include "app_words.h"
#include "heap.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define BYTES_SHOWN 12u

struct allowed {
    char name[APP_NAME];
    uint64_t grants;
    struct grants list;
    struct allowed *next;
};

/* [boot] writes mode, options and allowed; [loop, in a call] read them, and have the rest. */
static struct {
    enum isolate_mode mode;
    struct verify_options options;
    uint64_t trusted;
    struct allowed *allowed;
} state;

/* Which of the names a word is that ends with a space or the text; count: none. */
static uint32_t which(const char *word, const char *const *names, uint32_t count)
{
    size_t len = 0;
    while (word[len] != 0 && word[len] != ' ') {
        len++;
    }
    uint32_t i = 0;
    while (i < count && (strlen(names[i]) != len || memcmp(names[i], word, len) != 0)) {
        i++;
    }
    return i;
}

bool isolate_read_mode(const char *word, enum isolate_mode *mode)
{
    static const char *const names[] = {
        [ISOLATE_PREFER] = "prefer", [ISOLATE_OFF] = "off", [ISOLATE_REQUIRE] = "require"};
    uint32_t no = word != NULL ? which(word, names, ARRAY_COUNT(names)) : ISOLATE_PREFER;
    bool known = no < ARRAY_COUNT(names);
    *mode = known ? (enum isolate_mode)no : ISOLATE_REQUIRE;
    return known;
}

bool isolate_read_rdtsc(const char *word, bool *may)
{
    static const char *const names[] = {"off", "on"};
    uint32_t no = word != NULL ? which(word, names, ARRAY_COUNT(names)) : 0;
    *may = no == 1;
    return no < ARRAY_COUNT(names);
}

void isolate_set_rdtsc(bool may)
{
    state.options.rdtsc = may;
}

void isolate_set_mode(enum isolate_mode mode)
{
    state.mode = mode;
}

enum isolate_mode isolate_mode(void)
{
    return state.mode;
}

uint64_t isolate_trusted_total(void)
{
    return state.trusted;
}

void isolate_count_trusted(void)
{
    state.trusted++;
}

static struct allowed *find_allowed(const char *name)
{
    struct allowed *a = state.allowed;
    while (a != NULL && strcmp(a->name, name) != 0) {
        a = a->next;
    }
    return a;
}

ctx_status isolate_allow(const char *file_name, const char *text)
{
    uint64_t tables;
    struct grants list = {NULL};
    char name[APP_NAME];
    bool enough = app_words_grant(text, &tables, &list);
    if (tables == 0 && list.first == NULL) {
        return enough ? CTX_OK : CTX_E_NOMEM;
    }
    app_set_name(name, file_name, text);
    struct allowed *a = find_allowed(name);
    if (a == NULL) {
        a = heap_alloc(sizeof *a);
        if (a != NULL) {
            *a = (struct allowed){.next = state.allowed};
            memcpy(a->name, name, sizeof a->name);
            state.allowed = a;
        }
    }
    if (a != NULL) {
        a->grants |= tables;
        enough &= grants_copy(&a->list, &list);
    }
    grants_free(&list);
    return a != NULL && enough ? CTX_OK : CTX_E_NOMEM;
}

static void not_given(const char *name)
{
    log_warn("app", "%s: its image has grants that the boot line does not give; they are left out",
             name);
}

uint64_t isolate_cut(const char *name, uint64_t grants)
{
    if (state.mode != ISOLATE_REQUIRE || grants == 0) {
        return grants;
    }
    const struct allowed *a = find_allowed(name);
    uint64_t cut = a != NULL ? grants & a->grants : 0;
    if (cut != grants) {
        not_given(name);
    }
    return cut;
}

static void count_lost(void *arg, enum grant_kind kind, const char *text)
{
    (void)kind;
    (void)text;
    *(uint32_t *)arg += 1;
}

bool isolate_cut_list(const char *name, struct grants *list)
{
    static const struct grants nothing = {NULL};
    const struct allowed *a = find_allowed(name);
    uint32_t lost = 0;
    if (state.mode != ISOLATE_REQUIRE) {
        return true;
    }
    bool enough = grants_limit(list, a != NULL ? &a->list : &nothing, count_lost, &lost);
    if (lost > 0) {
        not_given(name);
    }
    return enough;
}

/* One page of a segment as it will lie there, in *page, or where the file has it as a whole. */
static const uint8_t *page_of(const struct elf_segment *s, const uint8_t *file, uint64_t no,
                              uint8_t *page)
{
    uint64_t head = s->at & PAGE_MASK;
    uint64_t from = no * PAGE_SIZE, end = head + s->file_size;
    if (from >= head && from + PAGE_SIZE <= end) {
        return file + s->file_at + (from - head);
    }
    memset(page, VERIFY_FILL, PAGE_SIZE);
    uint64_t begin = MAX(from, head), stop = MIN(from + PAGE_SIZE, end);
    if (begin < stop) {
        memcpy(page + (begin - from), file + s->file_at + (begin - head), stop - begin);
    }
    return page;
}

static void look_at_pages(struct verification *v, const struct elf_segment *s, const uint8_t *file,
                          uint8_t *page)
{
    uint64_t head = s->at & PAGE_MASK, pages = elf_segment_pages(s);
    uint64_t of_file = ALIGN_UP(head + s->file_size, (uint64_t)PAGE_SIZE) / PAGE_SIZE;
    for (uint64_t no = 0; no < of_file; no++) {
        if (!verify_part(v, page_of(s, file, no, page), PAGE_SIZE)) {
            return;
        }
    }
    (void)verify_fill(v, (uint32_t)((pages - of_file) * PAGE_SIZE));
}

static ctx_status look_at_segment(const struct elf_segment *s, const uint8_t *file,
                                  struct verify_result *result)
{
    /* elf_check() has seen to it that all of it lies below CTX_SLOT_IMAGE_END */
    uint32_t size = (uint32_t)(elf_segment_pages(s) * PAGE_SIZE);
    uint64_t bytes = verify_scratch_bytes(size) + PAGE_SIZE;
    uint8_t *scratch = heap_alloc(bytes);
    struct verification v;
    if (scratch == NULL) {
        return CTX_E_NOMEM;
    }
    memset(scratch, 0, bytes);
    uint8_t *page = scratch + verify_scratch_bytes(size);
    verify_begin(&v, (uint32_t)ALIGN_DOWN(s->at, (uint64_t)PAGE_SIZE), size, &state.options,
                 scratch);
    look_at_pages(&v, s, file, page);
    if (!verify_end(&v) && verify_who_branches(&v)) {
        look_at_pages(&v, s, file, page);
    }
    heap_free(scratch, bytes);
    *result = v.result;
    return CTX_OK;
}

ctx_status isolate_look(const uint8_t *file, const struct elf_plan *plan,
                        struct verify_result *result)
{
    *result = (struct verify_result){.rule = VERIFY_FINE, .at = (uint32_t)plan->entry};
    if (plan->entry % VERIFY_BUNDLE != 0) {
        result->rule = VERIFY_RULE_ENTRY;
    }
    ctx_status status = CTX_OK;
    for (uint32_t i = 0; status == CTX_OK && result->rule == VERIFY_FINE && i < plan->segment_count;
         i++) {
        if (plan->segments[i].exec) {
            status = look_at_segment(&plan->segments[i], file, result);
        }
    }
    return status;
}

/* The file's bytes at an offset in the slot; NULL: it has none there. */
static const uint8_t *code_at(const uint8_t *file, const struct elf_plan *plan, uint64_t at,
                              uint64_t *len)
{
    for (uint32_t i = 0; i < plan->segment_count; i++) {
        const struct elf_segment *s = &plan->segments[i];
        if (s->exec && at >= s->at && at - s->at < s->file_size) {
            *len = s->file_size - (at - s->at);
            return file + s->file_at + (at - s->at);
        }
    }
    return NULL;
}

/* "at=slot+0x45f01f in=lua_load+0x1f bytes=.. rule=operand": where code breaks a rule. program may
 * be NULL: no names. */
static void describe(char *text, size_t size, const struct program *program, const uint8_t *file,
                     const struct elf_plan *plan, const struct verify_result *result)
{
    struct program_symbol symbol;
    uint64_t left = 0;
    size_t at = format_text(text, size, "at=slot+0x%x", result->at);
    if (program != NULL && program_find(program, result->at - plan->bias, &symbol)) {
        char name[48];
        size_t len = MIN((size_t)symbol.name_len, sizeof name - 1);
        memcpy(name, symbol.name, len);
        name[len] = 0;
        text_make_printable(name);
        at += format_text(text + at, size - at, " in=%s+0x%lx", name, symbol.offset);
    }
    const uint8_t *bytes = code_at(file, plan, result->at, &left);
    at += format_text(text + at, size - at, " bytes=");
    for (uint32_t i = 0; bytes != NULL && i < MIN(left, (uint64_t)BYTES_SHOWN); i++) {
        at += format_text(text + at, size - at, "%02x", bytes[i]);
    }
    format_text(text + at, size - at, " rule=%s", verify_rule_name(result->rule));
}

ctx_status isolate_trust(struct app *app, const uint8_t *file, const struct elf_plan *plan,
                         const struct verify_result *result)
{
    char text[160];
    bool may = state.mode == ISOLATE_PREFER && app->may_be_trusted;
    if (may) {
        isolate_count_trusted();
    }
    if (may && app->program->told) {
        return CTX_OK;
    }
    describe(text, sizeof text, app->program, file, plan, result);
    if (may) {
        app->program->told = true;
        log_info("app", "unverified name=%s %s: it runs trusted, and nothing is isolated from it",
                 app->name, text);
        return CTX_OK;
    }
    log_error("app", "unverified name=%s %s: rebuild with ctx cc or VERIFIED in CMake, or %s",
              app->name, text,
              state.mode == ISOLATE_REQUIRE ? "boot with isolate=prefer"
                                            : "let the line of who starts it say `trusted`");
    return CTX_E_UNVERIFIED;
}
