/* SPDX-License-Identifier: MIT */
/*
 * Grants: what an app may open, may not open, and may offer. libctx/doc/grants.md has the grammar
 * of the words `grant=`, `deny=`, `offer=`, `use=`, `over=`, `disk=` and `nic=`, and what they
 * mean.
 *
 * Of the kernel's own tables the core keeps a bit for each, in struct app; what the words say of
 * other interfaces is this list.
 */
#ifndef KERNEL_GRANTS_H
#define KERNEL_GRANTS_H

#include <kernel/types.h>

#define GRANTS_ID   63u /* bytes of an id, or of the beginning of one */
#define GRANTS_APP  31u /* of an app's name */
#define GRANTS_DISK 23u /* of a disk's, and of a network card's */

enum grant_kind {
    GRANT_TABLE = 0, /* grant= */
    GRANT_DENY,
    GRANT_OFFER,
    GRANT_USE,
    GRANT_OVER, /* over=: of apps, by their names; in the place of an id */
    GRANT_DISK, /* disk=: of disks, likewise */
    GRANT_NIC,  /* nic=: of network cards */
    GRANT_KINDS,
};

/* One item of a list, as it stands there. */
struct grant_item {
    const char *id; /* without the star */
    uint32_t id_len;
    bool star;          /* all ids that begin so */
    bool has_params;    /* there are parentheses */
    const char *params; /* what is between them, quoted; as bytes, not terminated */
    uint32_t params_len;
};

struct grants_error {
    uint32_t at; /* in the list, from 0 */
    const char *reason;
};

/* Which of the words this one is, *list: what follows the =. False: none of them. */
bool grants_word(const char *word, enum grant_kind *kind, const char **list);
const char *grants_word_name(enum grant_kind kind); /* "use=" */

/* The next item of a list: 1, and *at behind it; 0: the end; -1: *error says why not. Starts with
 * *at = list. */
int grants_next(const char *list, const char **at, enum grant_kind kind, struct grant_item *item,
                struct grants_error *error);

/* Whether all of a list keeps the grammar. */
bool grants_check(const char *list, enum grant_kind kind, struct grants_error *error);

/* Whether an item means this id. */
bool grants_mean(const struct grant_item *item, const char *id, size_t id_len);

/* How many items it has, up to the first that is wrong. */
static inline uint32_t grants_items(const char *list, enum grant_kind kind)
{
    struct grant_item item;
    struct grants_error error;
    uint32_t count = 0;
    for (const char *at = list; grants_next(list, &at, kind, &item, &error) > 0;) {
        count++;
    }
    return count;
}

/* ---- a list in memory ---- */

/* Of one app, with those that it is denied because who started it is. */
#define GRANTS_MOST 4096u

struct grant; /* one item of a kind */

struct grants {
    struct grant *first; /* of a kind, those that say more of an id come first */
};

/* Add what a list says, which grants_check() has passed. Of two items with one pattern the first
 * one stays. False: no memory, and nothing was added. */
bool grants_add(struct grants *grants, enum grant_kind kind, const char *list);
void grants_free(struct grants *grants);
uint32_t grants_count(const struct grants *grants);

/*
 * Which item of a kind counts for an id: the one with the longest pattern, an id before the
 * beginning of one. *params: its parameters, unquoted; NULL: it has none. False: there is no such
 * item.
 */
bool grants_find(const struct grants *grants, enum grant_kind kind, const char *id,
                 const char **params);

/*
 * Leave what a giver has too: OFFER, USE and OVER that it has as well, with the same parameters
 * unless its own has none; of what it has with parameters within one of those, it is added. What
 * the giver is denied is denied as well. lost is told each item that goes. False: no memory; then
 * nothing is left but what is denied.
 */
typedef void grants_lost_fn(void *arg, enum grant_kind kind, const char *text);
bool grants_limit(struct grants *grants, const struct grants *giver, grants_lost_fn *lost,
                  void *arg);

/* The same list once more. False: no memory. */
bool grants_copy(struct grants *to, const struct grants *from);

/* Its items, for who keeps them elsewhere: NULL begins, NULL ends; one in the grammar. Returns the
 * length; size is more than grants_item_len() or it is cut. */
const struct grant *grants_each(const struct grants *grants, const struct grant *item);
enum grant_kind grants_item_kind(const struct grant *item);
size_t grants_item_len(const struct grant *item);
size_t grants_item_text(char *out, size_t size, const struct grant *item);

#endif
