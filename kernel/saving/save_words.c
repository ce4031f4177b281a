/* SPDX-License-Identifier: MIT */
/* What an image says of an app in words - its line, what it may do - and of its program. */
#include "save_private.h"

#include "app_words.h"
#include "heap.h"

#include <kernel/string.h>

void save_text(uint8_t *to, size_t size, const char *from)
{
    memcpy(to, from, MIN(strlen(from), size - 1));
}

/* ---- texts ---- */

#define LONG_TEXTS 3u

struct long_text {
    uint32_t what;
    const char *text; /* NULL: it fits into the app's own section */
};

/* How many bytes they take; 0: the app has none. */
static uint64_t find_long_texts(const struct app *app, struct long_text out[LONG_TEXTS])
{
    const struct ctx_image_app *a;
    const char *texts[LONG_TEXTS] = {app->arguments, app->hosts, app->instrument};
    static const size_t rooms[LONG_TEXTS] = {sizeof a->arguments, sizeof a->hosts,
                                             sizeof a->instrument};
    static const uint32_t whats[LONG_TEXTS] = {CTX_IMAGE_TEXT_ARGUMENTS, CTX_IMAGE_TEXT_HOSTS,
                                               CTX_IMAGE_TEXT_INSTRUMENT};
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < LONG_TEXTS; i++) {
        size_t len = strlen(app_text(texts[i]));
        out[i] = (struct long_text){whats[i], len >= rooms[i] ? texts[i] : NULL};
        bytes += out[i].text != NULL ? image_text_bytes(len) : 0;
    }
    return bytes;
}

static void write_long_texts(struct image_writer *w, const struct app *app)
{
    struct long_text texts[LONG_TEXTS];
    if (find_long_texts(app, texts) == 0) {
        return;
    }
    image_write_section(w, CTX_IMAGE_TEXTS, 0, false);
    image_write_required(w);
    for (uint32_t i = 0; i < LONG_TEXTS; i++) {
        if (texts[i].text != NULL) {
            image_write_text(w, texts[i].what, texts[i].text, strlen(texts[i].text));
        }
    }
    image_write_end_section(w);
}

/* ---- grants ---- */

#define KNOWN_TABLES (UINT64_MAX >> (64 - CTX_TABLES)) /* a bit for each */

static const char *table_id(uint32_t no)
{
    return ctx_tables[no].id[0] != 0 ? ctx_tables[no].id : ctx_tables[no].name;
}

static void write_grants(struct image_writer *w, const struct app *app)
{
    struct ctx_image_grant grants[CTX_TABLES];
    uint32_t count = 0;
    uint64_t left = (app->grants | app->denied) & KNOWN_TABLES;
    for (; left != 0; left &= left - 1) {
        uint32_t no = (uint32_t)__builtin_ctzll(left);
        struct ctx_image_grant g = {.granted = app->grants >> no & 1,
                                    .denied = app->denied >> no & 1};
        save_text(g.id, sizeof g.id, table_id(no));
        if (strlen(table_id(no)) < sizeof g.id) {
            grants[count++] = g;
        }
    }
    image_write_whole(w, CTX_IMAGE_GRANTS, sizeof grants[0], grants, count * sizeof grants[0],
                      false);
}

/* Tables whose ids are too long for struct ctx_image_grant. w NULL: only how many bytes. */
static uint64_t write_long_ids(struct image_writer *w, uint64_t tables, uint32_t what)
{
    uint64_t bytes = 0;
    for (tables &= KNOWN_TABLES; tables != 0; tables &= tables - 1) {
        uint32_t no = (uint32_t)__builtin_ctzll(tables);
        size_t len = strlen(table_id(no));
        if (len >= sizeof((struct ctx_image_grant *)NULL)->id) {
            bytes += image_text_bytes(len);
            if (w != NULL) {
                image_write_text(w, what, table_id(no), len);
            }
        }
    }
    return bytes;
}

static uint64_t grant_item_bytes(const struct app *app)
{
    uint64_t bytes = write_long_ids(NULL, app->grants, CTX_IMAGE_ITEM_TABLE) +
                     write_long_ids(NULL, app->denied, CTX_IMAGE_ITEM_DENY);
    for (const struct grant *g = NULL; (g = grants_each(&app->grant_list, g)) != NULL;) {
        bytes += image_text_bytes(grants_item_len(g));
    }
    return bytes;
}

static ctx_status write_grant_items(struct image_writer *w, const struct app *app)
{
    char *text = grant_item_bytes(app) > 0 ? heap_alloc(APP_TEXT) : NULL;
    if (text == NULL) {
        return grant_item_bytes(app) > 0 ? CTX_E_NOMEM : CTX_OK;
    }
    image_write_section(w, CTX_IMAGE_GRANT_ITEMS, 0, false);
    write_long_ids(w, app->grants, CTX_IMAGE_ITEM_TABLE);
    write_long_ids(w, app->denied, CTX_IMAGE_ITEM_DENY);
    for (const struct grant *g = NULL; (g = grants_each(&app->grant_list, g)) != NULL;) {
        size_t len = grants_item_text(text, APP_TEXT, g); /* no longer than on its line */
        image_write_text(w, CTX_IMAGE_ITEM_TABLE + (uint32_t)grants_item_kind(g), text, len);
    }
    image_write_end_section(w);
    heap_free(text, APP_TEXT);
    return CTX_OK;
}

uint64_t save_words_bytes(const struct app *app)
{
    struct long_text texts[LONG_TEXTS];
    return find_long_texts(app, texts) + CTX_TABLES * sizeof(struct ctx_image_grant) +
           grant_item_bytes(app);
}

ctx_status save_words(struct image_writer *w, const struct app *app)
{
    write_long_texts(w, app);
    write_grants(w, app);
    return write_grant_items(w, app);
}

/* ---- the program ---- */

/* How much of the file is only named, and what naming it takes. */
static uint64_t named_bytes(const struct app *app, uint32_t *count)
{
    uint64_t bytes = 0;
    struct program_data d;
    for (*count = 0; program_data(app->program, *count, &d); ++*count) {
        bytes += d.len;
    }
    return bytes;
}

uint64_t save_program_bytes(const struct app *app)
{
    struct program_parts parts;
    uint32_t needs;
    program_parts(app->program, &parts);
    uint64_t named = named_bytes(app, &needs);
    return parts.len + parts.symbols_len + parts.strings_len - named +
           needs * sizeof(struct ctx_image_need);
}

/* What is left out of the PROGRAM section, by its hash. */
static void write_needs(struct image_writer *w, const struct app *app)
{
    struct program_data d;
    for (uint32_t no = 0; program_data(app->program, no, &d); no++) {
        struct ctx_image_need need = {.at = d.at, .len = d.len, .hash = d.hash};
        save_text(need.name, sizeof need.name, app->name);
        if (no == 0) {
            image_write_section(w, CTX_IMAGE_NEEDS, sizeof need, false);
            image_write_required(w);
        }
        image_write(w, &need, sizeof need);
    }
    image_write_end_section(w);
}

void save_program(struct image_writer *w, const struct app *app)
{
    struct program_parts parts;
    struct program_data d;
    uint64_t from = 0;
    uint32_t count;
    program_parts(app->program, &parts);
    image_write_section(w, CTX_IMAGE_PROGRAM, 0, true);
    for (count = 0; program_data(app->program, count, &d); count++) {
        image_write(w, parts.file + from, d.at - from);
        from = d.at + d.len;
    }
    image_write(w, parts.file + from, parts.len - from);
    image_write_end_section(w);
    if (count > 0) {
        write_needs(w, app);
    }
    image_write_whole(w, CTX_IMAGE_SYMBOLS, 0, parts.symbols, parts.symbols_len, true);
    image_write_whole(w, CTX_IMAGE_STRINGS, 0, parts.strings, parts.strings_len, true);
}
