/* SPDX-License-Identifier: MIT */
/* Files in and out, in a job. A text that was changed goes only when somebody says so. */
#include "editor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *file_title(const struct editor *e)
{
    return e->path[0] != 0 ? disk_name(e->path) : "New text";
}

static void forget_text(struct editor *e)
{
    text_free(&e->text);
    e->caret = e->mark = e->top = e->left = 0;
    e->wish = NO_COLUMN;
    e->latin = e->crlf = 0;
    e->file_time = 0;
    e->file_len = 0;
    note(e, "%s", "");
}

/* How the file is now: whether somebody else has changed it meanwhile. */
static void look(const char *path, int64_t *changed, uint64_t *len)
{
    struct stat st;
    *changed = 0;
    *len = 0;
    if (stat(path, &st) == 0) {
        *changed = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
        *len = (uint64_t)st.st_size;
    }
}

static const char *why(int error)
{
    return error == ENOSPC   ? "the disk is full"
           : error == EROFS  ? "it can only be read"
           : error == EIO    ? "the disk failed"
           : error == EACCES ? "this app may not"
           : error == EFBIG  ? "it is larger than 256 MiB"
           : error == EISDIR ? "it is a folder"
                             : strerror(error);
}

/* ---- in ---- */

static int is_utf8(const char *bytes, uint32_t len)
{
    for (uint32_t at = 0; at < len;) {
        uint32_t from = at, c = ctx_utf8_next(bytes, len, &at);
        if (c == 0 || (c == 0xfffd && at - from == 1)) {
            return 0;
        }
    }
    return 1;
}

/* Each byte is a character. NULL: no memory. */
static char *from_latin(const char *bytes, size_t len, size_t *out_len)
{
    size_t more = 0, to = 0;
    for (size_t i = 0; i < len; i++) {
        more += (uint8_t)bytes[i] >= 0x80;
    }
    char *text = malloc(len + more + 1);
    for (size_t i = 0; text != NULL && i < len; i++) {
        uint8_t c = (uint8_t)bytes[i];
        if (c < 0x80) {
            text[to++] = (char)c;
        } else {
            text[to++] = (char)(0xc0 | c >> 6);
            text[to++] = (char)(0x80 | (c & 0x3f));
        }
    }
    *out_len = to;
    return text;
}

/* All lines end in CR LF: then that is how it is saved, too. */
static int take_crs(char *bytes, size_t *len)
{
    size_t to = 0;
    for (size_t i = 0; i < *len; i++) {
        if ((bytes[i] == '\n') != (i > 0 && bytes[i - 1] == '\r')) {
            return 0;
        }
    }
    if (*len == 0 || memchr(bytes, '\n', *len) == NULL || bytes[*len - 1] == '\r') {
        return 0;
    }
    for (size_t i = 0; i < *len; i++) {
        if (bytes[i] != '\r') {
            bytes[to++] = bytes[i];
        }
    }
    *len = to;
    return 1;
}

static void load(struct job *job, void *arg)
{
    struct editor *e = arg;
    size_t len = 0;
    int64_t changed;
    uint64_t file_len;
    look(e->other, &changed, &file_len);
    char *bytes = disk_read(job, e->other, TEXT_MOST / 2, &len);
    int error = errno, latin = 0;
    if (bytes == NULL && error != ENOENT) {
        complain(e, "%.150s can not be opened: %s.", disk_name(e->other), why(error));
        return;
    }
    if (bytes != NULL && !is_utf8(bytes, (uint32_t)len)) {
        char *text = from_latin(bytes, len, &len);
        free(bytes);
        bytes = text;
        latin = 1;
    }
    forget_text(e);
    snprintf(e->path, sizeof e->path, "%s", e->other);
    e->language = syntax_of_name(e->path);
    e->latin = latin;
    e->file_time = changed;
    e->file_len = file_len;
    if (bytes == NULL && error == ENOENT) {
        note(e, "A new file");
        return;
    }
    e->crlf = bytes != NULL && take_crs(bytes, &len);
    if (bytes == NULL || !text_load(&e->text, bytes, (uint32_t)len)) {
        forget_text(e);
        e->path[0] = 0; /* saving an empty text would be the end of it */
        complain(e, "There is not enough memory to open %.150s.", disk_name(e->other));
    } else if (latin) {
        note(e, "No UTF-8: opened as Latin-1, and saved so");
    }
    free(bytes);
}

/* ---- out ---- */

/* Piece by piece, where there is no memory for all of it at once: then nothing is typed meanwhile.
 */
static const void *next_bytes(void *arg, size_t *len)
{
    struct editor *e = arg;
    uint32_t n;
    const char *p = text_span(&e->text, e->saved_to, &n);
    e->saved_to += n;
    *len = n;
    return n > 0 ? p : NULL;
}

/* As it was read: lines in CR LF, characters of one byte. NULL: no memory. */
static char *all_bytes(struct editor *e, size_t *len)
{
    uint32_t more = e->crlf ? e->text.lines : 0;
    char *bytes = malloc((size_t)e->text.len + more + 1);
    size_t to = 0;
    if (bytes == NULL) {
        return NULL;
    }
    char *from = bytes + more, *end = from + text_copy(&e->text, 0, from, e->text.len);
    while (from < end && (e->latin || e->crlf)) {
        uint8_t c = (uint8_t)*from++;
        if (c == '\n' && e->crlf) {
            bytes[to++] = '\r';
        }
        if (c >= 0x80 && e->latin) { /* of two bytes: that was looked at before */
            c = (uint8_t)((c & 3) << 6 | ((uint8_t)*from++ & 0x3f));
        }
        bytes[to++] = (char)c;
    }
    *len = e->latin || e->crlf ? to : (size_t)(end - bytes);
    return bytes;
}

static int write_text(struct job *job, struct editor *e)
{
    size_t len = 0;
    char *bytes = all_bytes(e, &len);
    if (bytes == NULL && (e->latin || e->crlf)) {
        return ENOMEM;
    }
    if (bytes == NULL) {
        e->locked = 1;
        e->saved_to = 0;
        int error = disk_replace(job, e->other, next_bytes, e);
        e->locked = 0;
        return error;
    }
    int error = disk_replace_bytes(job, e->other, bytes, len);
    free(bytes);
    return error;
}

static int fits_latin(struct editor *e)
{
    uint32_t n;
    for (uint32_t at = 0; at < e->text.len; at += n) {
        const char *p = text_span(&e->text, at, &n);
        for (uint32_t i = 0; i < n; i++) {
            if ((uint8_t)p[i] > 0xc3) {
                return 0;
            }
        }
    }
    return 1;
}

static void save(struct job *job, void *arg)
{
    struct editor *e = arg;
    int64_t changed;
    uint64_t len;
    look(e->other, &changed, &len);
    int same = strcmp(e->other, e->path) == 0;
    if (!e->overwrites && changed != 0 &&
        (!same || changed != e->file_time || len != e->file_len)) {
        ask(e, BAR_OTHER, "");
        return;
    }
    e->overwrites = 0;
    if (e->latin && !fits_latin(e)) {
        e->latin = 0;
        note(e, "Saved as UTF-8: it has characters that Latin-1 lacks");
    }
    uint32_t changes = e->text.changes;
    int error = write_text(job, e);
    if (error != 0) {
        e->next = NEXT_NOTHING;
        complain(e, "%.120s is not saved: %s. The text is still here.", disk_name(e->other),
                 why(error));
        return;
    }
    snprintf(e->path, sizeof e->path, "%s", e->other);
    e->language = syntax_of_name(e->path);
    e->text.known = 0;
    look(e->path, &e->file_time, &e->file_len);
    if (changes == e->text.changes) { /* else it was typed on meanwhile */
        text_saved(&e->text);
    }
    char size[24];
    disk_size_text(size, sizeof size, e->file_len);
    note(e, "Saved, %s", size);
    if (e->bar != BAR_FIND && e->bar != BAR_GO_TO) {
        e->bar = BAR_NONE;
    }
}

/* ---- one after the other ---- */

static void begin(struct editor *e, int what, job_fn fn)
{
    if (e->doing != JOB_NONE || !job_begin(&e->job, e->ctx, fn, e)) {
        complain(e, e->doing != JOB_NONE ? "The disk is still busy with the last one."
                                         : "There is not enough memory for that.");
        return;
    }
    e->doing = what == JOB_LOAD ? JOB_LOAD : JOB_SAVE;
}

void file_open(struct editor *e, const char *path)
{
    if (path[0] == '/') {
        snprintf(e->after, sizeof e->after, "%s", path);
    } else { /* beside the one that is open */
        char folder[PATH_MAX];
        disk_folder(folder, e->path[0] != 0 ? e->path : "/disk/x");
        if (!disk_join(e->after, folder, path)) {
            complain(e, "That path is too long.");
            return;
        }
    }
    file_then(e, NEXT_OPEN);
}

void file_save(struct editor *e)
{
    if (e->path[0] == 0) {
        ask(e, BAR_SAVE_AS, "/disk/");
        return;
    }
    snprintf(e->other, sizeof e->other, "%s", e->path);
    begin(e, JOB_SAVE, save);
}

void file_save_as(struct editor *e, const char *path)
{
    snprintf(e->other, sizeof e->other, "%s", path);
    if (path[0] != '/' && !disk_join(e->other, "/disk", path)) {
        complain(e, "That path is too long.");
        return;
    }
    begin(e, JOB_SAVE, save);
}

void file_overwrite(struct editor *e)
{
    e->overwrites = 1;
    begin(e, JOB_SAVE, save);
}

void file_new(struct editor *e)
{
    forget_text(e);
    e->path[0] = 0;
    e->language = SYNTAX_NONE;
}

static void do_next(struct editor *e)
{
    enum next next = e->next;
    e->next = NEXT_NOTHING;
    switch (next) {
    case NEXT_CLOSE:
        e->done = 1;
        break;
    case NEXT_NEW:
        file_new(e);
        break;
    case NEXT_OPEN:
        snprintf(e->other, sizeof e->other, "%s", e->after);
        begin(e, JOB_LOAD, load);
        break;
    default:
        break;
    }
}

void file_then(struct editor *e, enum next next)
{
    e->next = next;
    if (text_is_changed(&e->text)) {
        e->bar = BAR_LEAVE;
        ctx_ui_focus(&e->pane.ui, "Save");
    } else {
        if (e->bar == BAR_LEAVE || e->bar == BAR_OPEN) {
            bar_close(e);
        }
        do_next(e);
    }
}

void file_done(struct editor *e)
{
    int saved = e->doing == JOB_SAVE;
    e->doing = JOB_NONE;
    pane_title(&e->pane, file_title(e));
    if (saved && e->next != NEXT_NOTHING && !text_is_changed(&e->text) && e->bar != BAR_ERROR) {
        do_next(e);
    }
    e->fresh = 1;
}
