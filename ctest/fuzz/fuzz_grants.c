/* SPDX-License-Identifier: MIT */
/* Lists of grants: whatever is read keeps the grammar, and says the same once more; what one gives
 * to another is never more than it has. */
#include "fake_machine.h"
#include "fuzz.h"
#include "grants.h"
#include "heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST 512u

static enum grant_kind kind;

static void text_of(const struct grants *grants, char *out, size_t size)
{
    size_t at = 0;
    out[0] = 0;
    for (const struct grant *g = NULL; (g = grants_each(grants, g)) != NULL;) {
        if (grants_item_kind(g) == kind) {
            at += (size_t)snprintf(out + at, size - at, "%s", at > 0 ? "," : "");
            size_t len = grants_item_text(out + at, size - at, g);
            FUZZ_MUST(len == grants_item_len(g) && len == strlen(out + at));
            at += len;
        }
    }
}

/* Read, written, read: the same. */
static void round_trip(const struct grants *grants)
{
    static char once[4 * LIST], twice[4 * LIST];
    struct grants_error error;
    struct grants again = {NULL};
    text_of(grants, once, sizeof once);
    if (once[0] == 0) {
        return;
    }
    FUZZ_MUST(grants_check(once, kind, &error));
    FUZZ_MUST(grants_add(&again, kind, once));
    text_of(&again, twice, sizeof twice);
    FUZZ_MUST(strcmp(once, twice) == 0);
    grants_free(&again);
}

/* Ids that items of a list mean, or nearly: whoever was given something has no more of them than
 * the giver. */
static void no_more(const struct grants *giver, const struct grants *child, const char *list)
{
    struct grants_error error;
    struct grant_item item;
    for (const char *at = list; grants_next(list, &at, kind, &item, &error) > 0;) {
        for (uint32_t more = 0; more < 3; more++) {
            char id[GRANTS_ID + 3];
            const char *theirs, *params;
            snprintf(id, sizeof id, "%.*s%.*s", (int)item.id_len, item.id, (int)more, "a/");
            if (!grants_find(child, kind, id, &params)) {
                continue;
            }
            FUZZ_MUST(grants_find(giver, kind, id, &theirs));
            FUZZ_MUST(theirs == NULL || (params != NULL && strcmp(theirs, params) == 0));
        }
    }
}

/* Without stars, parameters and the like there is nothing to give: make lists that have them. */
static void make_list(const uint8_t *data, size_t size, char *out)
{
    static const char *const parts[] = {
        "a",  "b",   "/",    "1",     ".",  "*", ",",   "(",     ")",       "\\",     "a/", "/1",
        "*,", "(x)", "(y),", "a.b/1", "a.", "x", "/1,", "*(x),", "a.*(y),", "a.b.*,", " ",  ":"};
    size_t at = 0;
    out[0] = 0;
    for (size_t i = 0; i < size && at + 16 < LIST; i++) {
        at += (size_t)sprintf(out + at, "%s", parts[data[i] % (sizeof parts / sizeof parts[0])]);
    }
    while (at > 0 && out[at - 1] == ',') {
        out[--at] = 0;
    }
}

/* What parses of a list, item by item: a random one is rarely good as a whole. */
static void add_good(struct grants *grants, const char *list)
{
    char item[LIST];
    for (const char *p = list; *p != 0;) {
        size_t len = strcspn(p, ",");
        struct grants_error error;
        snprintf(item, sizeof item, "%.*s", (int)len, p);
        if (grants_check(item, kind, &error)) {
            FUZZ_MUST(grants_add(grants, kind, item));
        } else {
            FUZZ_MUST(error.reason != NULL && error.at <= strlen(item));
        }
        p += len + (p[len] == ',');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char list[2][LIST];
    static bool booted;
    if (!booted) {
        fake_ram(32);
        booted = true;
    }
    uint64_t used = heap_used();
    struct grants grants[2] = {{NULL}, {NULL}};
    struct grants_error error;
    if (size < 2) {
        return 0;
    }
    kind = (enum grant_kind)(data[0] % GRANT_KINDS);
    for (uint32_t i = 0; i < 2; i++) { /* as it comes, then made of pieces */
        size_t half = (size - 1) / 2;
        const uint8_t *from = data + 1 + i * half;
        if (data[0] % 3 == 0) {
            size_t len = half < LIST - 1 ? half : LIST - 1;
            memcpy(list[i], from, len);
            list[i][len] = 0;
        } else {
            kind = data[0] % 3 == 1 ? GRANT_USE : GRANT_OVER;
            make_list(from, half, list[i]);
        }
        if (grants_check(list[i], kind, &error)) {
            FUZZ_MUST(grants_add(&grants[i], kind, list[i]));
        } else {
            FUZZ_MUST(error.reason != NULL && error.at <= strlen(list[i]));
        }
        round_trip(&grants[i]);
        add_good(&grants[i], list[i]);
        round_trip(&grants[i]);
    }
    if (kind >= GRANT_OFFER) {
        FUZZ_MUST(grants_limit(&grants[1], &grants[0], NULL, NULL));
        for (uint32_t i = 0; i < 2; i++) {
            no_more(&grants[0], &grants[1], list[i]);
        }
        round_trip(&grants[1]);
    }
    grants_free(&grants[0]);
    grants_free(&grants[1]);
    FUZZ_MUST(heap_used() == used);
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
#define SEED(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
    static const struct {
        const char *text;
        size_t len;
    } seeds[] = {
        SEED("\3ctx.files/1(/home/**:rw),org.*,ctx.files/1(/home/**:rw)"),
        SEED("\3a.*(x),a.b/1(y),c/1,a.*(x),a.b/1,c/1(z)"),
        SEED("\3host/1([::1]:80,example.org:443\\))"),
        SEED("\1ctx.log/1,org.*"),
        SEED("\2chat.*,org.example.chat/1"),
        SEED("\x09veteran,Tr*,*,veteran,veteran"), /* over= */
        SEED("\5\x14\x13\x0f\x0d\x06\x15\x14\x0f\x0e\x13\x16\x14\x13\x0f\x0d\x06\x15\x14"),
        SEED("\4\x14\x13\x0f\x0d\x06\x15\x14\x0f\x0e\x13\x16\x14\x13\x0f\x0d\x06\x15\x14"),
    };
    if (no >= sizeof seeds / sizeof seeds[0]) {
        return 0;
    }
    memcpy(buf, seeds[no].text, seeds[no].len);
    return seeds[no].len;
}
