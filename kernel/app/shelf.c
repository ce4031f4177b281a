/* SPDX-License-Identifier: MIT */
#include "shelf.h"

#include "app_slot.h"
#include "app_words.h"
#include "heap.h"
#include "program.h"
#include "words.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define WORD "shelf"

static struct shelf_entry *entries; /* [boot] writes, [in a call] reads */

/* A word of the line's behind its name. */
static bool is_word(const char *word, size_t len)
{
    return len == sizeof WORD - 1 && memcmp(word, WORD, len) == 0;
}

static const char *behind(const char *word, size_t *len)
{
    const char *next = word_begin(word + *len);
    *len = word_length(next);
    return next;
}

bool shelf_is_meant(const char *text)
{
    size_t len = word_length(text);
    for (const char *w = behind(text, &len); *w != 0; w = behind(w, &len)) {
        if (is_word(w, len)) {
            return true;
        }
    }
    return false;
}

/* The line without the word. NULL: no memory. */
static char *line_without(const char *text)
{
    char *line = heap_alloc(strlen(text) + 1);
    size_t at = 0, len = word_length(text);
    if (line == NULL) {
        return NULL;
    }
    for (const char *w = text; *w != 0; w = behind(w, &len)) {
        if (w == text || !is_word(w, len)) {
            at += at > 0;
            memcpy(line + at, w, len);
            at += len;
            line[at] = ' ';
        }
    }
    line[at] = 0;
    char *kept = heap_alloc(at + 1); /* as long as it says, for whoever frees it */
    if (kept != NULL) {
        memcpy(kept, line, at + 1);
    }
    heap_free(line, strlen(text) + 1);
    return kept;
}

static void drop(struct shelf_entry *e)
{
    program_drop(e->program);
    if (e->text != NULL) {
        heap_free(e->text, strlen(e->text) + 1);
    }
    heap_free(e, sizeof *e);
}

static void put_in_place(struct shelf_entry *e)
{
    struct shelf_entry **p = &entries;
    while (*p != NULL && strcmp((*p)->name, e->name) != 0) {
        p = &(*p)->next;
    }
    struct shelf_entry *old = *p;
    e->next = old != NULL ? old->next : NULL;
    *p = e;
    if (old != NULL) {
        log_warn("shelf", "%s: it was there already; the later one counts", e->name);
        drop(old);
    }
}

ctx_status shelf_put(const uint8_t *file, uint64_t len, const char *file_name, const char *text)
{
    struct elf_plan plan;
    struct elf_error error;
    if (!elf_check(file, len, &plan, &error)) {
        app_refuse(file_name, error.field, error.value, error.reason);
        return CTX_E_INVAL;
    }
    if (!app_check_plan(&plan, file_name)) {
        return CTX_E_INVAL;
    }
    struct shelf_entry *e = heap_alloc(sizeof *e);
    if (e == NULL) {
        app_refuse(file_name, "memory", len, "no memory for it on the shelf");
        return CTX_E_NOMEM;
    }
    app_set_name(e->name, file_name, text);
    text_copy(e->title, sizeof e->title, e->name);
    if (CTX_NOTE_HAS(&plan.note, CTX_NOTE_NAME)) {
        uint32_t most = MIN((uint32_t)plan.note.name_len, (uint32_t)sizeof e->title - 1);
        memcpy(e->title, plan.note.name, most);
        e->title[most] = 0;
        text_make_printable(e->title);
    }
    e->version = app_version_for(&plan);
    e->text = line_without(text);
    e->program = e->text != NULL ? program_keep(file, len, &plan.note) : NULL;
    if (e->program == NULL) {
        drop(e);
        app_refuse(file_name, "memory", len, "no memory for it on the shelf");
        return CTX_E_NOMEM;
    }
    put_in_place(e);
    log_info("shelf", "%s bytes=%lu file=%s", e->name, e->program->len, file_name);
    return CTX_OK;
}

const struct shelf_entry *shelf_first(void)
{
    return entries;
}

const struct shelf_entry *shelf_find(const char *name, size_t len)
{
    for (const struct shelf_entry *e = entries; e != NULL; e = e->next) {
        if (strlen(e->name) == len && memcmp(e->name, name, len) == 0) {
            return e;
        }
    }
    return NULL;
}
