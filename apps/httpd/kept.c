/* SPDX-License-Identifier: MIT */
/*
 * What is known of files that are asked for again and again: their facts, and after a second
 * request the bytes of small ones. Whoever lends the folder is asked to tell when anything in it
 * changes (`world_unchanged()`), and then all of it is forgotten; where nobody tells, nothing is
 * kept. A connection that sends what is kept has it until it has sent it. Larger ones lie in memory
 * that is sent from without a copy.
 */
#include "httpd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT_MOST  256u       /* files */
#define FILE_MOST  (1u << 20) /* bytes of one */
#define BYTES_MOST (4u << 20) /* of all */
#define BUCKETS    256u       /* a power of two */
#define LENT_LEAST 16384u     /* bytes of a file that is worth a share of its own */
#define LENT_MOST  48u        /* of them: ctx.net/1 takes 64 of an app */

static struct kept *buckets[BUCKETS];
static uint32_t count;
static uint64_t bytes; /* of those that are listed */
static uint32_t lent;

uint64_t kept_bytes(void)
{
    return bytes;
}

static struct kept **bucket_of(const char *file)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *file != 0; file++) {
        hash = (hash ^ (uint8_t)*file) * 16777619u;
    }
    return &buckets[hash & (BUCKETS - 1)];
}

static void give_back(struct kept *kept, char *at)
{
    if (kept->lent != NULL) {
        world_lend_end(kept->lent);
        kept->lent = NULL;
        lent--;
    } else {
        free(at);
    }
}

void kept_release(struct kept *kept)
{
    if (kept == NULL || --kept->users > 0) {
        return;
    }
    give_back(kept, kept->bytes);
    free(kept);
}

/* Memory for its bytes. */
static char *memory_for(struct kept *kept, size_t len)
{
    char *at = NULL;
    kept->lent = len >= LENT_LEAST && lent < LENT_MOST ? world_lend(len, &at) : NULL;
    lent += kept->lent != NULL;
    return kept->lent != NULL ? at : malloc(len);
}

static void forget_all(void)
{
    for (uint32_t i = 0; i < BUCKETS && count > 0; i++) {
        while (buckets[i] != NULL) {
            struct kept *kept = buckets[i];
            buckets[i] = kept->next;
            count--;
            kept_release(kept);
        }
    }
    bytes = 0;
}

struct kept *kept_find(const char *asked)
{
    if (settings.root == NULL || !world_unchanged(settings.root)) {
        forget_all();
        return NULL;
    }
    struct kept *kept = count > 0 ? *bucket_of(asked) : NULL;
    while (kept != NULL && strcmp(kept->asked, asked) != 0) {
        kept = kept->next;
    }
    return kept;
}

/* The facts were looked at behind the last kept_find(), so whatever changes since then is told. */
void kept_note(const char *asked, const struct facts *facts)
{
    size_t root = settings.root != NULL ? strlen(settings.root) : 0, len = strlen(asked) + 1;
    if (root == 0 || strncmp(asked, settings.root, root) != 0 || !world_is_told()) {
        return; /* of our own pages nobody tells, and they are in memory anyhow */
    }
    if (count == KEPT_MOST) {
        forget_all();
    }
    struct kept *kept = malloc(sizeof *kept + len);
    if (kept == NULL) {
        return;
    }
    *kept = (struct kept){.users = 1, .facts = *facts};
    memcpy(kept->asked, asked, len);
    struct kept **at = bucket_of(asked);
    kept->next = *at;
    *at = kept;
    count++;
}

/* Its bytes too, from where it is open now. Changed meanwhile they could be of two files. */
void kept_fill(struct kept *kept, int fd)
{
    size_t len = (size_t)kept->facts.size, at = 0;
    if (kept->bytes != NULL || kept->facts.size > FILE_MOST || len == 0) {
        return;
    }
    if (bytes + len > BYTES_MOST) {
        return; /* until something changes: a folder of which most is wanted is not kept by turns */
    }
    char *all = memory_for(kept, len);
    kept->users++;
    while (all != NULL && at < len) {
        ssize_t got = pread(fd, all + at, len - at, (off_t)at);
        if (got <= 0) {
            break;
        }
        at += (size_t)got;
    }
    if (all != NULL && at == len && world_unchanged(settings.root)) {
        kept->bytes = all;
        bytes += len;
    } else {
        give_back(kept, all);
        forget_all();
    }
    kept_release(kept);
}
