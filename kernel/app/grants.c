/* SPDX-License-Identifier: MIT */
/* The grammar is in libctx/doc/grants.md; what is here and what is there are the same. */
#include "grants.h"

#include "heap.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#include <ctx/interface.h>

_Static_assert(GRANTS_ID == CTX_INTERFACE_ID, "an id is as long as an interface's");

struct grant {
    struct grant *next;
    uint32_t bytes; /* of this block */
    enum grant_kind kind;
    bool star, has_params;
    uint32_t id_len;
    char text[]; /* the id, a NUL, the parameters, a NUL */
};

static const char *const words[GRANT_KINDS] = {
    "grant=", "deny=", "offer=", "use=", "over=", "disk=", "nic="};

const char *grants_word_name(enum grant_kind kind)
{
    return words[kind];
}

bool grants_word(const char *word, enum grant_kind *kind, const char **list)
{
    for (uint32_t i = 0; i < GRANT_KINDS; i++) {
        size_t len = strlen(words[i]);
        if (strncmp(word, words[i], len) == 0) {
            *kind = (enum grant_kind)i;
            *list = word + len;
            return true;
        }
    }
    return false;
}

/* ---- the grammar ---- */

static bool is_of_id(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' ||
           c == '/';
}

/* Of the name of an app, a disk or a card, as it stands in lists of names. */
static bool is_of_name(char c)
{
    return (uint8_t)c > ' ' && c != 0x7f && c != ')' && c != '\\';
}

static int wrong(struct grants_error *error, const char *list, const char *at, const char *reason)
{
    *error = (struct grants_error){(uint32_t)(at - list), reason};
    return -1;
}

/* Tables that hang on ctx have only a name: "log", "mem". */
static bool is_name(const char *id, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (!is_of_id(id[i])) {
            return false;
        }
    }
    return len > 0 && len <= GRANTS_ID;
}

/* Kinds whose items are no ids but names of things. */
static const struct named {
    uint32_t most; /* bytes */
    const char *too_long, *none, *wrong;
} named[GRANT_KINDS] = {
    [GRANT_OVER] = {GRANTS_APP, "an app's name has at most 31 bytes",
                    "no app's name, nor the beginning of one with a star",
                    "no character of an app's name"},
    [GRANT_DISK] = {GRANTS_DISK, "a disk's name has at most 23 bytes",
                    "no disk's name, nor the beginning of one with a star",
                    "no character of a disk's name"},
    [GRANT_NIC] = {GRANTS_DISK, "a card's name has at most 23 bytes",
                   "no card's name, nor the beginning of one with a star",
                   "no character of a card's name"},
};

/* What is wrong with an item's id, or its beginning with a star; NULL: nothing. */
static const char *id_wrong(const struct grant_item *item, enum grant_kind kind)
{
    if (kind >= GRANT_OVER) {
        const struct named *n = &named[kind];
        return item->id_len > n->most           ? n->too_long
               : item->id_len > 0 || item->star ? NULL
                                                : n->none;
    }
    bool good = item->star            ? true
                : kind >= GRANT_OFFER ? ctx_interface_is_id(item->id, item->id_len)
                                      : is_name(item->id, item->id_len);
    return item->id_len > GRANTS_ID ? "an id has at most 63 bytes"
           : good                   ? NULL
                                    : "no id, nor the beginning of one with a star";
}

/* From behind the ( to behind the ). NULL: *error says why. */
static const char *read_params(const char *list, const char *p, struct grant_item *item,
                               struct grants_error *error)
{
    const char *begin = p;
    for (; *p != ')'; p++) {
        if (*p == 0) {
            wrong(error, list, begin - 1, "no ) ends what this ( begins");
            return NULL;
        }
        if (*p == '(') {
            wrong(error, list, p, "a ( within parentheses needs a backslash");
            return NULL;
        }
        if ((uint8_t)*p < ' ' || *p == 0x7f) {
            wrong(error, list, p, "a control character");
            return NULL;
        }
        if (*p == '\\' && (uint8_t) * ++p < ' ') {
            wrong(error, list, p - 1, "nothing follows the backslash");
            return NULL;
        }
    }
    item->has_params = true;
    item->params = begin;
    item->params_len = (uint32_t)(p - begin);
    return p + 1;
}

int grants_next(const char *list, const char **at, enum grant_kind kind, struct grant_item *item,
                struct grants_error *error)
{
    const char *p = *at;
    if (*p == 0 && p != list) {
        return 0;
    }
    if (p != list) {
        p++; /* the comma that the last item ended at */
    }
    *item = (struct grant_item){.id = p};
    while (*p != 0 && *p != ',' && *p != '(' && *p != '*') {
        if (kind >= GRANT_OVER ? !is_of_name(*p) : !is_of_id(*p)) {
            return wrong(error, list, p,
                         kind >= GRANT_OVER ? named[kind].wrong : "no character of an id");
        }
        p++;
    }
    item->id_len = (uint32_t)(p - item->id);
    if (*p == '*') {
        item->star = true;
        p++;
    }
    const char *reason = id_wrong(item, kind);
    if (reason != NULL) {
        return wrong(error, list, item->id, reason);
    }
    if (*p == '(') {
        if (kind != GRANT_USE) {
            return wrong(error, list, p, "only use= takes parameters");
        }
        p = read_params(list, p + 1, item, error);
        if (p == NULL) {
            return -1;
        }
    }
    if (*p != 0 && *p != ',') {
        return wrong(error, list, p,
                     !item->star || item->has_params ? "a comma or the end comes behind the )"
                     : kind >= GRANT_OVER            ? "a star is the end of a name"
                                                     : "a star is the end of an id");
    }
    *at = p;
    return 1;
}

bool grants_check(const char *list, enum grant_kind kind, struct grants_error *error)
{
    struct grant_item item;
    const char *at = list;
    int found;
    do {
        found = grants_next(list, &at, kind, &item, error);
    } while (found > 0);
    return found == 0;
}

/* What the parentheses mean, without backslashes: returns its length; terminated, cut at size - 1.
 */
static size_t plain_params(char *out, size_t size, const struct grant_item *item)
{
    size_t len = 0;
    for (uint32_t i = 0; i < item->params_len; i++, len++) {
        i += item->params[i] == '\\';
        if (len + 1 < size) {
            out[len] = item->params[i];
        }
    }
    if (size > 0) {
        out[MIN(len, size - 1)] = 0;
    }
    return len;
}

static bool pattern_means(const char *pattern, size_t len, bool star, const char *id, size_t id_len)
{
    return (star ? id_len >= len : id_len == len) && memcmp(pattern, id, len) == 0;
}

bool grants_mean(const struct grant_item *item, const char *id, size_t id_len)
{
    return pattern_means(item->id, item->id_len, item->star, id, id_len);
}

/* ---- the list ---- */

static const char *params_of(const struct grant *g)
{
    return g->has_params ? g->text + g->id_len + 1 : NULL;
}

/* Of two that mean an id, the first one counts. Equal: 0. */
static int32_t order(const struct grant *a, const struct grant *b)
{
    if (a->kind != b->kind) {
        return (int32_t)a->kind - (int32_t)b->kind;
    }
    if (a->star != b->star) {
        return a->star ? 1 : -1;
    }
    if (a->id_len != b->id_len) {
        return a->id_len > b->id_len ? -1 : 1;
    }
    return (int32_t)memcmp(a->text, b->text, a->id_len);
}

static void drop(struct grant *g)
{
    heap_free(g, g->bytes);
}

/* Into its place; of two with one pattern the first one stays. */
static void insert(struct grants *grants, struct grant *g)
{
    struct grant **p = &grants->first;
    while (*p != NULL && order(*p, g) < 0) {
        p = &(*p)->next;
    }
    if (*p != NULL && order(*p, g) == 0) {
        drop(g);
        return;
    }
    g->next = *p;
    *p = g;
}

static struct grant *make(enum grant_kind kind, const char *id, uint32_t id_len, size_t params_len)
{
    size_t bytes = sizeof(struct grant) + id_len + params_len + 2;
    struct grant *g = heap_alloc(bytes);
    if (g != NULL) {
        g->bytes = (uint32_t)bytes;
        g->kind = kind;
        g->id_len = id_len;
        memcpy(g->text, id, id_len);
    }
    return g;
}

static struct grant *make_like(const struct grant *from)
{
    struct grant *g = heap_alloc(from->bytes);
    if (g != NULL) {
        memcpy(g, from, from->bytes);
        g->next = NULL;
    }
    return g;
}

void grants_free(struct grants *grants)
{
    while (grants->first != NULL) {
        struct grant *g = grants->first;
        grants->first = g->next;
        drop(g);
    }
}

uint32_t grants_count(const struct grants *grants)
{
    uint32_t count = 0;
    for (const struct grant *g = grants->first; g != NULL; g = g->next) {
        count++;
    }
    return count;
}

/* All of one list join another. */
static void join(struct grants *grants, struct grants *more)
{
    while (more->first != NULL) {
        struct grant *g = more->first;
        more->first = g->next;
        insert(grants, g);
    }
}

bool grants_add(struct grants *grants, enum grant_kind kind, const char *list)
{
    struct grants added = {NULL};
    struct grant_item item;
    struct grants_error error;
    for (const char *at = list; grants_next(list, &at, kind, &item, &error) > 0;) {
        size_t len = item.has_params ? plain_params(NULL, 0, &item) : 0;
        struct grant *g = make(kind, item.id, item.id_len, len);
        if (g == NULL) {
            grants_free(&added);
            return false;
        }
        g->star = item.star;
        g->has_params = item.has_params;
        if (item.has_params) {
            plain_params(g->text + item.id_len + 1, len + 1, &item);
        }
        insert(&added, g);
    }
    join(grants, &added);
    return true;
}

bool grants_copy(struct grants *to, const struct grants *from)
{
    struct grants copy = {NULL};
    for (const struct grant *g = from->first; g != NULL; g = g->next) {
        struct grant *other = make_like(g);
        if (other == NULL) {
            grants_free(&copy);
            return false;
        }
        insert(&copy, other);
    }
    join(to, &copy);
    return true;
}

/* What begins with `ctx.` is this system's: it is offered only where the line says so itself, not
 * by a star that means everything. */
static bool is_own(const char *id, size_t len)
{
    return len >= 4 && memcmp(id, "ctx.", 4) == 0;
}

static bool means(const struct grant *g, const char *id, size_t len)
{
    return pattern_means(g->text, g->id_len, g->star, id, len) &&
           (g->kind != GRANT_OFFER || !is_own(id, len) || is_own(g->text, g->id_len));
}

bool grants_find(const struct grants *grants, enum grant_kind kind, const char *id,
                 const char **params)
{
    size_t len = strlen(id);
    for (const struct grant *g = grants->first; g != NULL; g = g->next) {
        if (g->kind == kind && means(g, id, len)) {
            *params = params_of(g);
            return true;
        }
    }
    return false;
}

/* ---- what one gives to another ---- */

/* Whether all ids that b means are ones that a means. */
static bool covers(const struct grant *a, const struct grant *b)
{
    return a->kind == b->kind && (a->star || !b->star) && means(a, b->text, b->id_len);
}

/* The giver's item that counts for all of this one's ids, where none of its own says more. */
static const struct grant *covering(const struct grants *giver, const struct grant *g)
{
    const struct grant *other = giver->first;
    while (other != NULL && !covers(other, g)) {
        other = other->next;
    }
    return other;
}

static bool may_have(const struct grants *giver, const struct grant *g)
{
    const struct grant *theirs = covering(giver, g);
    return theirs != NULL &&
           (!theirs->has_params || (g->has_params && strcmp(params_of(theirs), params_of(g)) == 0));
}

/* Where the giver's rights are narrower for some of an item's ids, so are those of who gets it. */
static bool add_narrower(struct grants *out, const struct grants *giver, const struct grant *g)
{
    for (const struct grant *other = giver->first; other != NULL; other = other->next) {
        if (other->has_params && covers(g, other) && order(g, other) != 0) {
            struct grant *copy = make_like(other);
            if (copy == NULL) {
                return false;
            }
            insert(out, copy);
        }
    }
    return true;
}

static bool is_quoted(char c)
{
    return c == '(' || c == ')' || c == '\\';
}

size_t grants_item_len(const struct grant *item)
{
    size_t len = item->id_len + item->star + 2u * item->has_params;
    for (const char *p = params_of(item); p != NULL && *p != 0; p++) {
        len += is_quoted(*p) ? 2 : 1;
    }
    return len;
}

size_t grants_item_text(char *out, size_t size, const struct grant *item)
{
    const char *p = params_of(item);
    size_t at =
        format_text(out, size, "%s%s%s", item->text, item->star ? "*" : "", p != NULL ? "(" : "");
    for (; p != NULL && *p != 0; p++) {
        at += format_text(out + at, size - at, "%s%c", is_quoted(*p) ? "\\" : "", *p);
    }
    return item->has_params ? at + format_text(out + at, size - at, ")") : at;
}

const struct grant *grants_each(const struct grants *grants, const struct grant *item)
{
    return item == NULL ? grants->first : item->next;
}

enum grant_kind grants_item_kind(const struct grant *item)
{
    return item->kind;
}

bool grants_limit(struct grants *grants, const struct grants *giver, grants_lost_fn *lost,
                  void *arg)
{
    struct grants old = *grants, narrower = {NULL};
    bool enough = true;
    *grants = (struct grants){NULL};
    while (old.first != NULL) {
        struct grant *g = old.first;
        old.first = g->next;
        if (g->kind < GRANT_OFFER || may_have(giver, g)) {
            enough &= g->kind < GRANT_OFFER || add_narrower(&narrower, giver, g);
            insert(grants, g);
            continue;
        }
        if (lost != NULL) {
            char text[160];
            grants_item_text(text, sizeof text, g);
            lost(arg, g->kind, text);
        }
        drop(g);
    }
    join(grants, &narrower); /* behind all of its own: of one pattern those stay */
    for (const struct grant *g = giver->first; g != NULL; g = g->next) {
        struct grant *copy = g->kind == GRANT_DENY ? make_like(g) : NULL;
        enough &= g->kind != GRANT_DENY || copy != NULL;
        if (copy != NULL) {
            insert(grants, copy);
        }
    }
    for (struct grant **p = &grants->first; !enough && *p != NULL;) {
        struct grant *g = *p;
        if (g->kind == GRANT_DENY) {
            p = &g->next;
            continue;
        }
        *p = g->next;
        drop(g);
    }
    return enough;
}
