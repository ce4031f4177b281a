/* SPDX-License-Identifier: MIT */
/* The words that come with an app's file: its name, the kernel's own words about it, its arguments.
 */
#include "app_words.h"
#include "app.h"
#include "heap.h"
#include "policy.h"
#include "resource.h"
#include "words.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#include <ctx/interface.h>

uint32_t app_wrong_words; /* [boot, loop, in a call] */

const char *app_next_word(const char *word, size_t *len)
{
    *len = 0;
    while (word[*len] != 0 && word[*len] != ' ' && word[*len] != ',') {
        (*len)++;
    }
    return word[*len] == ',' ? word + *len + 1 : NULL;
}

bool app_keep_text(char **text, const char *value, size_t len)
{
    char *kept = len > 0 ? heap_alloc(len + 1) : NULL;
    if (len > 0 && kept == NULL) {
        return false;
    }
    if (kept != NULL) {
        memcpy(kept, value, len);
        kept[len] = 0;
    }
    if (*text != NULL) {
        heap_free(*text, strlen(*text) + 1);
    }
    *text = kept;
    return true;
}

void app_forget_texts(struct app *app)
{
    char **texts[] = {&app->arguments, &app->instrument, &app->hosts};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        (void)app_keep_text(texts[i], "", 0);
    }
}

static bool text_is(const char *text, size_t text_len, const char *word, size_t len)
{
    return text_len == len && memcmp(text, word, len) == 0;
}

bool app_word_means(const char *word, size_t len, const struct ctx_gate_info *info)
{
    size_t full = strlen(info->name);
    size_t table = 0;
    while (table < full && info->name[table] != '.') {
        table++;
    }
    size_t fn = table < full ? table + 1 : 0;
    return text_is("trace", 5, word, len) || text_is(info->name, full, word, len) ||
           text_is(info->name, table, word, len) || text_is(info->name + fn, full - fn, word, len);
}

bool app_words_mean(const char *words, const struct ctx_gate_info *info)
{
    size_t len;
    const char *next;
    for (const char *word = words; word != NULL && *word != 0; word = next) {
        next = app_next_word(word, &len);
        if (app_word_means(word, len, info)) {
            return true;
        }
    }
    return false;
}

const char *app_arguments_wrong(const char *text, size_t *bytes)
{
    _Static_assert(APP_TEXT == 4096, "the text below says so");
    *bytes = strlen(word_begin(text + word_length(text)));
    return *bytes < APP_TEXT ? NULL : "an app's arguments have at most 4095 bytes";
}

void app_set_name(char name[APP_NAME], const char *file_name, const char *text)
{
    bool named = word_plain(name, APP_NAME, text, word_length(text)) != 0;
    const char *start = file_name;
    for (const char *p = file_name; *p != 0; p++) {
        start = *p == '/' ? p + 1 : start;
    }
    if (!named) {
        text_copy(name, APP_NAME, start);
    }
    for (char *p = name; *p != 0; p++) {
        if (!named && strcmp(p, ".elf") == 0) {
            *p = 0;
            break;
        }
        *p = named && *p == ' ' ? '_' : *p; /* names are words in lists of names */
    }
    text_make_printable(name);
}

/* ---- grants ---- */

/* Those of ctx itself have only a name. */
static const char *table_id(uint32_t no)
{
    return ctx_tables[no].id[0] != 0 ? ctx_tables[no].id : ctx_tables[no].name;
}

static uint64_t tables_of_item(const struct grant_item *item)
{
    uint64_t tables = 0;
    for (uint32_t no = 0; no < CTX_TABLES; no++) {
        const char *id = table_id(no);
        tables |= grants_mean(item, id, strlen(id)) ? UINT64_C(1) << no : 0;
    }
    return tables;
}

uint64_t app_tables_of(enum grant_kind kind, const char *list)
{
    uint64_t tables = 0;
    struct grant_item item;
    struct grants_error error;
    for (const char *at = list; grants_next(list, &at, kind, &item, &error) > 0;) {
        tables |= tables_of_item(&item);
    }
    return tables;
}

/* An id that no table of the kernel's has may be one of an app's: also what begins as ours do, for
 * apps of the system offer such ones (ctx.clipboard/1). */
static bool may_be_offered(const struct grant_item *item)
{
    return item->star || ctx_interface_is_id(item->id, item->id_len);
}

static void warn_of_unknown(const struct app *app, enum grant_kind kind, const char *list)
{
    struct grant_item item;
    struct grants_error error;
    for (const char *at = list; grants_next(list, &at, kind, &item, &error) > 0;) {
        if (tables_of_item(&item) == 0 && !(kind == GRANT_DENY && may_be_offered(&item))) {
            app_wrong_words++;
            log_warn("app", "%s: %s%.*s%s: there is no such table", app->name,
                     grants_word_name(kind), (int)item.id_len, item.id, item.star ? "*" : "");
        }
    }
}

static bool deny(struct app *app, const char *list)
{
    bool random = strcmp(list, "random") == 0; /* a test: each table or not */
    struct grant_item item;
    struct grants_error error;
    app->denied |= random ? machine_random() : app_tables_of(GRANT_DENY, list);
    char text[400] = "";
    size_t at = 0;
    for (uint32_t no = 0; no < CTX_TABLES; no++) {
        if (app_denies(app, no)) {
            at += format_text(text + at, sizeof text - at, " %s", table_id(no));
        }
    }
    for (const char *p = list; !random && grants_next(list, &p, GRANT_DENY, &item, &error) > 0;) {
        if (tables_of_item(&item) == 0 && may_be_offered(&item)) {
            at += format_text(text + at, sizeof text - at, " %.*s%s", (int)item.id_len, item.id,
                              item.star ? "*" : "");
        }
    }
    log_info("app", "%s: denied%s", app->name, text);
    return random || grants_add(&app->grant_list, GRANT_DENY, list);
}

/* A bad list gives nothing; of a bad one that denies, what comes before the fault counts. */
static bool take_grants(struct app *app, enum grant_kind kind, const char *list)
{
    struct grants_error error;
    bool good = grants_check(list, kind, &error);
    if (!good) {
        app_wrong_words++;
        log_warn("app", "%s: %s%s: byte %u: %s", app->name, grants_word_name(kind), list, error.at,
                 error.reason);
    }
    if (kind <= GRANT_DENY && strcmp(list, "random") != 0) {
        warn_of_unknown(app, kind, list);
    }
    if (kind == GRANT_DENY) {
        return deny(app, list);
    }
    if (good && kind == GRANT_TABLE) {
        app->grants |= app_tables_of(kind, list);
    }
    return !good || kind == GRANT_TABLE || grants_add(&app->grant_list, kind, list);
}

/* Only within parentheses may the kernel's own words hold a space. */
static bool has_space(const char *word)
{
    bool inside = false;
    for (; *word != 0 && (inside || *word != ' '); word++) {
        inside = inside ? *word != ')' : *word == '(';
        word += inside && *word == '\\' && word[1] != 0;
    }
    return *word == ' ';
}

/* What stands behind it on a line is the app's, whatever it looks like. */
static bool ends_our_words(const char *word, size_t len)
{
    return len == 2 && word[0] == '-' && word[1] == '-';
}

bool app_words_grant(const char *text, uint64_t *tables, struct grants *list)
{
    bool enough = true;
    *tables = 0;
    for (const char *p = word_begin(text); *p != 0;) {
        size_t len = word_length(p);
        if (ends_our_words(p, len)) {
            break;
        }
        char *word = heap_alloc(len + 1);
        enum grant_kind kind;
        const char *value;
        struct grants_error error;
        if (word == NULL) {
            return false;
        }
        word_plain(word, len + 1, p, len);
        if (grants_word(word, &kind, &value) && !has_space(word) && kind != GRANT_DENY &&
            grants_check(value, kind, &error)) {
            *tables |= kind == GRANT_TABLE ? app_tables_of(kind, value) : 0;
            enough &= kind == GRANT_TABLE || grants_add(list, kind, value);
        }
        heap_free(word, len + 1);
        p = word_begin(p + len);
    }
    return enough;
}

const char *app_provider_wrong(const char *value, size_t len, const char **name)
{
    size_t at = 0;
    while (at < len && value[at] != ':') {
        at++;
    }
    if (at == len || !ctx_interface_is_id(value, (uint32_t)MIN(at, (size_t)GRANTS_ID + 1))) {
        return "it is ID:NAME, an interface and the app whose it is to be";
    }
    *name = value + at + 1;
    return at + 1 < len && len - at - 1 < APP_NAME ? NULL : "an app's name has 1 to 31 bytes";
}

/* ---- other words ---- */

static bool instrument(struct app *app, const char *words)
{
    size_t len;
    if (!app_keep_text(&app->instrument, words, strlen(words))) {
        return false;
    }
    for (const char *next, *word = app->instrument; word != NULL && *word != 0; word = next) {
        next = app_next_word(word, &len);
        bool known = false;
        for (uint32_t gate = CTX_GATE_V1_LOG; gate < CTX_GATE_USED; gate++) {
            known |= app_word_means(word, len, &ctx_gates[gate]);
        }
        if (!known) {
            log_info(
                "app",
                "%s: instrument=%.*s: no function of its Context so far; perhaps of a table it opens",
                app->name, (int)len, word);
        }
    }
    return true;
}

/*
 * One word of the kernel's own takes effect. False: it is the app's.
 * *enough becomes false where there was no memory for what it says.
 */
static bool take_word(struct app *app, const char *word, size_t len, bool *enough)
{
    enum grant_kind kind;
    const char *list;
    if (grants_word(word, &kind, &list) && !has_space(word)) {
        *enough &= take_grants(app, kind, list);
        return true;
    }
    for (size_t i = 0; i < len; i++) {
        if (word[i] == ' ') {
            return false;
        }
    }
    if (strncmp(word, "instrument=", 11) == 0) {
        *enough &= instrument(app, word + 11);
    } else if (strcmp(word, "trusted") == 0) {
        app->trusts = true;
    } else if (strncmp(word, "host=", 5) == 0) {
        *enough &= app_keep_text(&app->hosts, word + 5, len - 5);
    } else {
        return policy_word(app, word, len) || resources_word(app, word, len);
    }
    return true;
}

static const char *for_all = ""; /* [boot] writes; [loop, in a call] read. */
static bool of_all;              /* a word of those takes effect. [loop, in a call] */

void app_for_all(const char *words)
{
    for_all = words;
}

bool app_word_is_owners(const struct app *app, const char *word, size_t len)
{
    bool is = app->parent == APP_NO_PARENT || of_all;
    if (!is) {
        app_wrong_words++;
        log_warn("app", "%s: %.*s: only who starts the system may ask for that, and no app",
                 app->name, (int)len, word);
    }
    return is;
}

/* The words of a line. What is not the kernel's goes to *out as it stands, NULL: nowhere. */
static bool take_line(struct app *app, const char *line, char *plain, char *out)
{
    bool enough = true, ours = true;
    char *end = out;
    for (const char *p = word_begin(line); *p != 0;) {
        size_t len = word_length(p);
        size_t plain_len = word_plain(plain, len + 1, p, len);
        ours &= !ends_our_words(p, len);
        if (!(ours && take_word(app, plain, plain_len, &enough)) && out != NULL) {
            if (end != out) {
                *end++ = ' ';
            }
            memcpy(end, p, len);
            end += len;
        }
        p = word_begin(p + len);
    }
    return enough && (out == NULL || app_keep_text(&app->arguments, out, (size_t)(end - out)));
}

ctx_status app_take_words(struct app *app, const char *text)
{
    const char *line = word_begin(text + word_length(text));
    size_t own = strlen(line) + 1, room = MAX(own, strlen(for_all) + 1) + own;
    char *out = heap_alloc(room); /* too long for a stack that calls within calls share */
    if (out == NULL) {
        return CTX_E_NOMEM;
    }
    bool enough = take_line(app, line, out + own, out);
    of_all = true;
    enough &= take_line(app, for_all, out + own, NULL);
    of_all = false;
    heap_free(out, room);
    return enough ? CTX_OK : CTX_E_NOMEM;
}
