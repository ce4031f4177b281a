/* SPDX-License-Identifier: MIT */
/* The words that come with an app's file: its name, the kernel's own words about it, its arguments.
 */
#include "app.h"
#include "policy.h"
#include "resource.h"
#include "words.h"

#include <kernel/klog.h>
#include <kernel/string.h>

const char *app_next_word(const char *word, size_t *len)
{
    *len = 0;
    while (word[*len] != 0 && word[*len] != ' ' && word[*len] != ',') {
        (*len)++;
    }
    return word[*len] == ',' ? word + *len + 1 : NULL;
}

bool app_copy_words(char *to, size_t size, const char *words)
{
    size_t len = 0;
    while (words[len] != 0 && words[len] != ' ') {
        len++;
    }
    size_t part = MIN(len, size - 1);
    memcpy(to, words, part);
    to[part] = 0;
    return part == len;
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
    _Static_assert(APP_TEXT == 128, "the text below says so");
    *bytes = strlen(word_begin(text + word_length(text)));
    return *bytes < APP_TEXT ? NULL : "an app's arguments have at most 127 bytes";
}

/* "NAME ARGUMENTS"; without a name, the file's without folder and ending. */
bool app_set_names(struct app *app, const char *file_name, const char *text)
{
    size_t len = word_length(text);
    size_t name_len = word_plain(app->name, sizeof app->name, text, len);
    for (char *p = app->name; *p != 0; p++) {
        *p = *p == ' ' ? '_' : *p; /* names are words in lists of names */
    }
    bool whole = text_copy(app->arguments, sizeof app->arguments, word_begin(text + len));
    if (name_len != 0) {
        text_make_printable(app->name);
        return whole;
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
    text_make_printable(app->name);
    return whole;
}

static bool is_word(const char *text, const char *word, size_t len)
{
    return strlen(text) == len && memcmp(text, word, len) == 0;
}

/* The bits of the tables in a list of ids; those of ctx itself have only a name. what: the word,
 * for a complaint; NULL: without one. */
static uint32_t tables_of(const struct app *app, const char *what, const char *ids)
{
    uint32_t tables = 0;
    size_t len;
    for (const char *next; ids != NULL; ids = next) {
        next = app_next_word(ids, &len);
        uint32_t found = 0;
        for (uint32_t no = 0; no < CTX_TABLES; no++) {
            const struct ctx_table_info *table = &ctx_tables[no];
            found |= is_word(table->id[0] != 0 ? table->id : table->name, ids, len) ? 1u << no : 0;
        }
        if (found == 0 && what != NULL) {
            log_warn("app", "%s: %s%.*s: there is no such table", app->name, what, (int)len, ids);
        }
        tables |= found;
    }
    return tables;
}

static void deny(struct app *app, const char *ids)
{
    size_t len;
    app_next_word(ids, &len);
    app->denied |= is_word("random", ids, len)
                       ? (uint32_t)machine_random() /* a test: each table or not */
                       : tables_of(app, "deny=", ids);
    char text[160] = "";
    size_t at = 0;
    for (uint32_t no = 0; no < CTX_TABLES; no++) {
        const struct ctx_table_info *table = &ctx_tables[no];
        if (app_denies(app, no)) {
            at += format_text(text + at, sizeof text - at, " %s",
                              table->id[0] != 0 ? table->id : table->name);
        }
    }
    log_info("app", "%s: denied%s", app->name, text);
}

static void instrument(struct app *app, const char *words)
{
    size_t len;
    app_copy_words(app->instrument, sizeof app->instrument, words);
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
}

/*
 * One word of the kernel's own takes effect. False: it is the app's. None of the kernel's holds a
 * space.
 */
static bool take_word(struct app *app, const char *quoted, size_t quoted_len)
{
    char word[APP_TEXT];
    size_t len = word_plain(word, sizeof word, quoted, quoted_len);
    for (size_t i = 0; i < len; i++) {
        if (len >= sizeof word || word[i] == ' ') {
            return false;
        }
    }
    if (strncmp(word, "grant=", 6) == 0) {
        app->grants |= tables_of(app, "grant=", word + 6);
    } else if (strncmp(word, "deny=", 5) == 0) {
        deny(app, word + 5);
    } else if (strncmp(word, "instrument=", 11) == 0) {
        instrument(app, word + 11);
    } else if (strcmp(word, "trusted") == 0) {
        app->trusts = true;
    } else if (strncmp(word, "host=", 5) == 0) {
        app_copy_words(app->hosts, sizeof app->hosts, word + 5);
    } else {
        return policy_word(app, word, len) || resources_word(app, word, len);
    }
    return true;
}

static const char *for_all = ""; /* [boot] writes; [loop, in a call] read. */

void app_for_all(const char *words)
{
    for_all = words;
}

uint32_t app_words_grant(const char *text)
{
    uint32_t tables = 0;
    for (const char *p = word_begin(text); *p != 0;) {
        char word[APP_TEXT];
        size_t len = word_length(p);
        if (word_plain(word, sizeof word, p, len) < sizeof word &&
            strncmp(word, "grant=", 6) == 0) {
            tables |= tables_of(NULL, NULL, word + 6);
        }
        p = word_begin(p + len);
    }
    return tables;
}

/* The kernel's own words among the app's arguments: they take effect and disappear. */
void app_take_words(struct app *app)
{
    char *out = app->arguments;
    for (const char *p = word_begin(app->arguments); *p != 0;) {
        size_t len = word_length(p);
        if (!take_word(app, p, len)) {
            if (out != app->arguments) {
                *out++ = ' ';
            }
            memmove(out, p, len);
            out += len;
        }
        p = word_begin(p + len);
    }
    *out = 0;
    for (const char *p = word_begin(for_all); *p != 0;) {
        size_t len = word_length(p);
        take_word(app, p, len);
        p = word_begin(p + len);
    }
}
