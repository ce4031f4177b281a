/* SPDX-License-Identifier: MIT */
#include "same.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME_ROOM 1200

static const char *name_of(const char *part)
{
    static char name[NAME_ROOM];
    snprintf(name, sizeof name, "%s.tag", part);
    return name;
}

/* It goes into a line of a request. */
static bool is_one_line(const char *text)
{
    for (; *text != 0; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f) {
            return false;
        }
    }
    return true;
}

void same_read(const char *part, char out[SAME_ROOM])
{
    FILE *file = fopen(name_of(part), "rb");
    size_t len = file != NULL ? fread(out, 1, SAME_ROOM - 1, file) : 0;
    out[len] = 0;
    if (file != NULL) {
        fclose(file);
    }
    if (strlen(out) != len || !is_one_line(out)) {
        out[0] = 0;
    }
}

/* A weak one (W/) is of files that are only alike, and no part of one goes on with another's. */
static const struct ctx_http_text *said(const struct ctx_http_head *head)
{
    const struct ctx_http_text *tag = ctx_http_find(head, "etag");
    tag = tag != NULL && tag->len > 1 && tag->at[0] == '"' ? tag
                                                           : ctx_http_find(head, "last-modified");
    return tag != NULL && tag->len > 0 && tag->len < SAME_ROOM ? tag : NULL;
}

bool same_begin(const char *part, const struct ctx_http_head *head)
{
    const struct ctx_http_text *tag = said(head);
    if (unlink(name_of(part)) != 0 && errno != ENOENT) {
        return false;
    }
    FILE *file = tag != NULL ? fopen(name_of(part), "wb") : NULL;
    if (file == NULL) {
        return tag == NULL;
    }
    bool fine = fwrite(tag->at, 1, tag->len, file) == tag->len;
    return fclose(file) == 0 && fine;
}

void same_end(const char *part)
{
    (void)unlink(name_of(part));
}
