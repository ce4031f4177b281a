/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* ---- pieces ---- */

static void count(struct text_piece *p)
{
    uint32_t lines = 0, chars = 0;
    for (uint32_t i = 0; i < p->len; i++) {
        lines += p->bytes[i] == '\n';
        chars += ((uint8_t)p->bytes[i] & 0xc0) != 0x80;
    }
    p->lines = (uint16_t)lines;
    p->chars = (uint16_t)chars;
}

static void free_pieces(struct text_piece *p, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        free(p[i].bytes);
    }
}

/* Room for n more pieces behind piece `at`, not filled yet. 0: no memory. */
static int make_pieces(struct text *t, uint32_t at, uint32_t n)
{
    if (t->count + n > t->room) {
        uint32_t room = t->room + t->room / 2 + n + 16;
        struct text_piece *more = realloc(t->pieces, room * sizeof *more);
        if (more == NULL) {
            return 0;
        }
        t->pieces = more;
        t->room = room;
    }
    struct text_piece *p = t->pieces + at;
    if (t->count > at) {
        memmove(p + n, p, (t->count - at) * sizeof *p);
    }
    for (uint32_t i = 0; i < n; i++) {
        p[i] = (struct text_piece){.bytes = malloc(TEXT_PIECE)};
        if (p[i].bytes == NULL) {
            free_pieces(p, i);
            if (t->count > at) {
                memmove(p, p + n, (t->count - at) * sizeof *p);
            }
            return 0;
        }
    }
    t->count += n;
    return 1;
}

/* `near` is the piece that `at` lies in, or ends with: near_at < at <= its end; the first at 0. */
static void go_to(struct text *t, uint32_t at)
{
    if (t->near >= t->count || at == 0) {
        t->near = t->near_at = t->near_line = 0;
    }
    while (t->near > 0 && at <= t->near_at) {
        t->near--;
        t->near_at -= t->pieces[t->near].len;
        t->near_line -= t->pieces[t->near].lines;
    }
    while (t->near + 1 < t->count && at > t->near_at + t->pieces[t->near].len) {
        t->near_at += t->pieces[t->near].len;
        t->near_line += t->pieces[t->near].lines;
        t->near++;
    }
}

/* The states of the first `known` pieces are still right. */
static void touched(struct text *t, uint32_t known)
{
    t->known = t->known > known ? known : t->known;
    t->changes++;
}

static int insert(struct text *t, uint32_t at, const char *bytes, uint32_t len)
{
    if (len == 0) {
        return 1;
    }
    if (len > TEXT_MOST - t->len || (t->count == 0 && !make_pieces(t, 0, 1))) {
        return 0;
    }
    go_to(t, at);
    struct text_piece *p = &t->pieces[t->near];
    uint32_t in = at - t->near_at, tail = p->len - in;
    if (p->len + len <= TEXT_PIECE) {
        memmove(p->bytes + in + len, p->bytes + in, tail);
        memcpy(p->bytes + in, bytes, len);
        p->len = (uint16_t)(p->len + len);
    } else {
        /* What was typed and what stood behind it fill new pieces. */
        uint32_t all = len + tail, n = (all + TEXT_PIECE - 1) / TEXT_PIECE, done = 0;
        if (!make_pieces(t, t->near + 1, n)) {
            return 0;
        }
        p = &t->pieces[t->near];
        for (uint32_t i = 1; i <= n; i++) {
            struct text_piece *to = p + i;
            uint32_t room = all - done < TEXT_PIECE ? all - done : TEXT_PIECE;
            uint32_t fresh = done < len ? (len - done < room ? len - done : room) : 0;
            memcpy(to->bytes, bytes + done, fresh);
            memcpy(to->bytes + fresh, p->bytes + in + (done + fresh - len), room - fresh);
            to->len = (uint16_t)room;
            done += room;
            count(to);
            t->lines += to->lines;
        }
        p->len = (uint16_t)in;
    }
    t->lines -= p->lines;
    count(p);
    t->lines += p->lines;
    t->len += len;
    touched(t, t->near + 1);
    return 1;
}

/* Two neighbours that are small become one. */
static void join(struct text *t, uint32_t at)
{
    if (at + 1 < t->count && t->pieces[at].len + t->pieces[at + 1].len <= TEXT_PIECE / 2) {
        struct text_piece *p = &t->pieces[at];
        memcpy(p->bytes + p->len, p[1].bytes, p[1].len);
        p->len = (uint16_t)(p->len + p[1].len);
        p->lines = (uint16_t)(p->lines + p[1].lines);
        p->chars = (uint16_t)(p->chars + p[1].chars);
        free(p[1].bytes);
        memmove(p + 1, p + 2, (t->count - at - 2) * sizeof *p);
        t->count--;
    }
}

static void cut(struct text *t, uint32_t at, uint32_t len)
{
    uint32_t first, gone = 0, from;
    if (len == 0) {
        return;
    }
    go_to(t, at);
    first = t->near;
    t->len -= len;
    if (at == t->near_at + t->pieces[first].len) { /* it ends with that one */
        t->near_at += t->pieces[first].len;
        t->near_line += t->pieces[first].lines;
        t->near = ++first;
    }
    from = at - t->near_at;
    for (uint32_t i = first; len > 0; i++) {
        struct text_piece *p = &t->pieces[i];
        uint32_t n = p->len - from < len ? p->len - from : len;
        t->lines -= p->lines;
        memmove(p->bytes + from, p->bytes + from + n, p->len - from - n);
        p->len = (uint16_t)(p->len - n);
        count(p);
        t->lines += p->lines;
        len -= n;
        from = 0;
        gone += p->len == 0 && i > first;
    }
    if (gone > 0) { /* they lie behind the first one, all together */
        free_pieces(&t->pieces[first + 1], gone);
        memmove(&t->pieces[first + 1], &t->pieces[first + 1 + gone],
                (t->count - first - 1 - gone) * sizeof *t->pieces);
        t->count -= gone;
    }
    touched(t, first);
    if (t->pieces[first].len == 0) {
        free(t->pieces[first].bytes);
        memmove(&t->pieces[first], &t->pieces[first + 1],
                (t->count - first - 1) * sizeof *t->pieces);
        t->count--;
    } else {
        join(t, first);
    }
    if (first > 0) {
        join(t, first - 1);
    }
    t->near = t->near_at = t->near_line = 0; /* counted anew */
}

/* ---- the whole ---- */

static void forget_edits(struct text *t, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        t->undo_bytes -= t->edit[i].room;
        free(t->edit[i].bytes);
    }
}

void text_free(struct text *t)
{
    free_pieces(t->pieces, t->count);
    free(t->pieces);
    forget_edits(t, 0, t->edits);
    free(t->edit);
    memset(t, 0, sizeof *t);
}

int text_load(struct text *t, const char *bytes, uint32_t len)
{
    text_free(t);
    if (!insert(t, 0, bytes, len)) {
        text_free(t);
        return 0;
    }
    return 1;
}

/* ---- taking back ---- */

static uint32_t serial_now(const struct text *t)
{
    return t->done > 0 ? t->edit[t->done - 1].serial : t->base;
}

/* The oldest are done for ever when there are too many. */
static void shorten(struct text *t)
{
    uint32_t n = 0, bytes = t->undo_bytes;
    while (n + 1 < t->done && bytes > TEXT_UNDO) {
        bytes -= t->edit[n++].room;
    }
    while (n > 0 && n + 1 < t->done && t->edit[n].group == t->edit[n - 1].group) {
        n++; /* no half groups */
    }
    if (n > 0) {
        t->base = t->edit[n - 1].serial;
        forget_edits(t, 0, n);
        memmove(t->edit, t->edit + n, (t->edits - n) * sizeof *t->edit);
        t->edits -= n;
        t->done -= n;
    }
}

/* A letter that follows the one before. 0: it is an edit of its own. */
static int joins(struct text *t, uint32_t at, const char *add, uint32_t len)
{
    struct text_edit *e = t->done > 0 ? &t->edit[t->done - 1] : NULL;
    if (e == NULL || !e->typed || t->done != t->edits || e->group != t->group ||
        e->at + e->added != at || add[0] == '\n' || e->serial == t->saved) {
        return 0;
    }
    uint32_t used = e->removed + e->added;
    if (used + len > e->room) {
        char *more = realloc(e->bytes, used + len + 64);
        if (more == NULL) {
            return 0;
        }
        t->undo_bytes += used + len + 64 - e->room;
        e->room = used + len + 64;
        e->bytes = more;
    }
    if (!insert(t, at, add, len)) {
        return 0;
    }
    memcpy(e->bytes + used, add, len);
    e->added += len;
    e->serial = ++t->serial;
    return 1;
}

/* Room for one more edit, with `bytes` of text. NULL: no memory. */
static struct text_edit *new_edit(struct text *t, uint32_t bytes)
{
    if (t->done == t->edit_room) {
        uint32_t room = t->edit_room * 2 + 64;
        struct text_edit *more = realloc(t->edit, room * sizeof *more);
        if (more == NULL) {
            return NULL;
        }
        t->edit = more;
        t->edit_room = room;
    }
    char *kept = malloc(bytes + 1);
    if (kept == NULL) {
        return NULL;
    }
    forget_edits(t, t->done, t->edits); /* what was taken back can not be done again */
    t->edits = t->done;
    struct text_edit *e = &t->edit[t->done];
    *e = (struct text_edit){.bytes = kept, .room = bytes};
    t->undo_bytes += bytes;
    return e;
}

int text_replace(struct text *t, uint32_t at, uint32_t remove, const char *add, uint32_t len,
                 int typed)
{
    if (at > t->len || remove > t->len - at) {
        return 0;
    }
    if (remove == 0 && len == 0) {
        return 1;
    }
    if (typed && remove == 0 && joins(t, at, add, len)) {
        return 1;
    }
    if (len > TEXT_MOST - t->len) {
        return 0;
    }
    if (typed && remove == 0) {
        t->group += t->done > 0 && t->edit[t->done - 1].group == t->group;
    }
    struct text_edit *e = new_edit(t, remove + len);
    if (e == NULL) {
        return 0;
    }
    e->at = at;
    e->removed = remove;
    e->added = len;
    e->group = t->group;
    e->typed = (uint32_t)(typed && len > 0 && add[len - 1] != '\n');
    text_copy(t, at, e->bytes, remove);
    memcpy(e->bytes + remove, add, len);
    /* First what may fail. */
    if (!insert(t, at + remove, add, len)) {
        t->undo_bytes -= e->room;
        free(e->bytes);
        return 0;
    }
    cut(t, at, remove);
    e->serial = ++t->serial;
    t->edits = ++t->done;
    shorten(t);
    return 1;
}

void text_group(struct text *t)
{
    t->group++;
}

int text_undo(struct text *t, uint32_t *at)
{
    if (t->done == 0) {
        return 0;
    }
    uint32_t group = t->edit[t->done - 1].group;
    while (t->done > 0 && t->edit[t->done - 1].group == group) {
        struct text_edit *e = &t->edit[t->done - 1];
        if (!insert(t, e->at + e->added, e->bytes, e->removed)) {
            return 0;
        }
        cut(t, e->at, e->added);
        *at = e->at + e->removed;
        t->done--;
    }
    t->group++;
    return 1;
}

int text_redo(struct text *t, uint32_t *at)
{
    if (t->done == t->edits) {
        return 0;
    }
    uint32_t group = t->edit[t->done].group;
    while (t->done < t->edits && t->edit[t->done].group == group) {
        struct text_edit *e = &t->edit[t->done];
        if (!insert(t, e->at + e->removed, e->bytes + e->removed, e->added)) {
            return 0;
        }
        cut(t, e->at, e->removed);
        *at = e->at + e->added;
        t->done++;
    }
    t->group++;
    return 1;
}

void text_saved(struct text *t)
{
    t->saved = serial_now(t);
}

int text_is_changed(const struct text *t)
{
    return serial_now(t) != t->saved;
}
