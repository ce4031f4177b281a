/* SPDX-License-Identifier: MIT */
/*
 * The words of an app's line, behind its file's name on the boot line, in a list or in what another
 * app asks for (app_words.c): its name, what the kernel is to do about it, its arguments. What a
 * word is stands in words.h; policy.h, grants.h and resource.h have words of their own, which are
 * found from here.
 */
#ifndef KERNEL_APP_WORDS_H
#define KERNEL_APP_WORDS_H

#include "app.h"

/* Words of the kernel's own (`deny=` ...) that every app gets from now on, behind those that come
 * with its file. The text must live for ever. [boot] */
void app_for_all(const char *words);

/*
 * The name that an app has whose line is "NAME ARGUMENTS", as <words.h> has them;
 * without one there it is the file's own.
 */
void app_set_name(char name[APP_NAME], const char *file_name, const char *text);

/* Would the arguments fit? NULL, or why not, for whoever writes such texts; *bytes is how long they
 * are. */
const char *app_arguments_wrong(const char *text, size_t *bytes);

/* The line's words: the kernel's own take effect, the others become the app's arguments. NOMEM: a
 * part of them may have taken effect. */
ctx_status app_take_words(struct app *app, const char *text);

/*
 * A text of the app's becomes these bytes, in memory of its own; none at all is NULL. False: no
 * memory, and it is what it was.
 */
bool app_keep_text(char **text, const char *value, size_t len);
void app_forget_texts(struct app *app);

static inline const char *app_text(const char *text)
{
    return text != NULL ? text : "";
}

/*
 * Whether the word that takes effect is one of whoever started the system, and not of another app:
 * test aids (`inject=`) write to the kernel and take any time they like. If not, it is told.
 */
bool app_word_is_owners(const struct app *app, const char *word, size_t len);

/* What a text of such words grants, without any effect: tables, and items that are added to a list.
 * False: no memory for all of it. */
bool app_words_grant(const char *text, uint64_t *tables, struct grants *list);

/* The kernel's own tables that a list of GRANT_TABLE or GRANT_DENY means. */
uint64_t app_tables_of(enum grant_kind kind, const char *list);

/*
 * The value of a boot word `provider=ID:NAME`: NULL, and *name is where the name begins; or why it
 * is none.
 */
const char *app_provider_wrong(const char *value, size_t len, const char **name);

/* Lists of words, separated by commas, ended by a space or the end. */

/* The word's length, and the word after it, NULL for none. */
const char *app_next_word(const char *word, size_t *len);

/* Whether a word, or one of a list, means this gate: its function, its table, or `trace` for all.
 */
bool app_word_means(const char *word, size_t len, const struct ctx_gate_info *info);
bool app_words_mean(const char *words, const struct ctx_gate_info *info);

/* How many words of apps' texts made no sense and were left out, each with a warning. [boot, loop,
 * in a call] */
extern uint32_t app_wrong_words;

#endif
