/* SPDX-License-Identifier: MIT */
/*
 * Files: whole, in parts, not again, smaller; and folders. A path has been through
 * ctx_http_path(), so it has nothing in it that leads elsewhere. What begins with a dot is not
 * shown.
 */
#define _GNU_SOURCE
#include "httpd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void files_close(struct conn *conn)
{
    kept_release(conn->kept);
    conn->kept = NULL;
    if (conn->file >= 0) {
        close(conn->file);
        conn->file = -1;
    }
    if (conn->folder != NULL) {
        closedir(conn->folder);
        conn->folder = NULL;
    }
}

/* One of the fields of this name has it: a list may stand in several. */
static bool has_tag(const char *name, const char *tag, bool weak)
{
    for (uint32_t i = 0; i < head.field_count; i++) {
        if (ctx_http_is(head.fields[i].name, name) &&
            ctx_http_etag(head.fields[i].value, tag, weak)) {
            return true;
        }
    }
    return false;
}

static void put_tag(char tag[TAG_ROOM], const struct stat *info)
{
    snprintf(tag, TAG_ROOM, "\"%llx-%llx-%lx", (unsigned long long)info->st_size,
             (unsigned long long)info->st_mtim.tv_sec, (unsigned long)info->st_mtim.tv_nsec);
}

/* Has the client got this one, or does it want it only if it is another? 0, 304 or 412. */
static uint32_t condition(const char *tag, int64_t changed)
{
    const struct ctx_http_text *field;
    int64_t when;
    if (ctx_http_find(&head, "if-match") != NULL) {
        if (!has_tag("if-match", tag, false)) {
            return 412;
        }
    } else if ((field = ctx_http_find(&head, "if-unmodified-since")) != NULL &&
               ctx_http_date(*field, &when) && changed > when) {
        return 412;
    }
    if (ctx_http_find(&head, "if-none-match") != NULL) {
        return has_tag("if-none-match", tag, true) ? 304 : 0;
    }
    field = ctx_http_find(&head, "if-modified-since");
    return field != NULL && ctx_http_date(*field, &when) && changed <= when ? 304 : 0;
}

uint32_t files_may_change(const char *file)
{
    struct stat info;
    char tag[TAG_ROOM + 2] = "";
    int64_t when;
    bool there = stat(file, &info) == 0;
    if (there && S_ISDIR(info.st_mode)) {
        return 409;
    }
    if (there) {
        put_tag(tag, &info);
        strcat(tag, "\"");
    }
    const struct ctx_http_text *since = ctx_http_find(&head, "if-unmodified-since");
    if (ctx_http_find(&head, "if-match") != NULL) {
        if (!there || !has_tag("if-match", tag, false)) {
            return 412;
        }
    } else if (since != NULL && there && ctx_http_date(*since, &when) &&
               (int64_t)info.st_mtim.tv_sec > when) {
        return 412;
    }
    return there && has_tag("if-none-match", tag, true) ? 412 : 0;
}

/* The ranges of the request, as far as they are wanted of what is here now. As ctx_http_ranges().
 */
static int wanted_ranges(struct conn *conn, const char *tag, int64_t changed, uint64_t size)
{
    const struct ctx_http_text *range = ctx_http_find(&head, "range"),
                               *same = ctx_http_find(&head, "if-range");
    int64_t when;
    if (range == NULL || !ctx_http_is(head.method, "GET")) {
        return 0;
    }
    if (same != NULL && !ctx_http_etag(*same, tag, false) &&
        !(ctx_http_date(*same, &when) && when == changed)) {
        return 0;
    }
    return ctx_http_ranges(*range, size, conn->ranges);
}

static int part_head(const struct conn *conn, uint32_t no, char *out, size_t room)
{
    return snprintf(out, room,
                    "\r\n--%s\r\nContent-Type: %s\r\nContent-Range: bytes %llu-%llu/%llu\r\n\r\n",
                    conn->boundary, conn->type, (unsigned long long)conn->ranges[no].first,
                    (unsigned long long)conn->ranges[no].last, (unsigned long long)conn->size);
}

/* What all the parts are together. */
static uint64_t parts_length(const struct conn *conn)
{
    char text[300];
    uint64_t sum = 2 + 2 + strlen(conn->boundary) + 4;
    for (uint32_t i = 0; i < conn->range_count; i++) {
        sum += (uint64_t)part_head(conn, i, text, sizeof text) + conn->ranges[i].last -
               conn->ranges[i].first + 1;
    }
    return sum;
}

/* A page in the folder of files, which others may have put there, must not have the token that is
 * typed into ours: it has the same origin. Nothing in it runs. */
static const char *policy(void)
{
    return settings.full && strncmp(path, "/files/", 7) == 0
               ? "Content-Security-Policy: script-src 'none'\r\n"
               : "";
}

static void begin_file(struct conn *conn, const char *more, const char *tag, const char *date,
                       int64_t changed)
{
    char fields[700];
    int len = snprintf(
        fields, sizeof fields,
        "ETag: %s\r\nLast-Modified: %s\r\nAccept-Ranges: bytes\r\nCache-Control: no-cache\r\n%s%s",
        tag, date, policy(), more);
    uint32_t status = condition(tag, changed);
    if (status == 304) {
        files_close(conn);
        answer(conn, 304, fields, NULL, 0);
        return;
    }
    if (status != 0) {
        files_close(conn);
        answer_status(conn, status, "", "it is another one now");
        return;
    }
    int count = wanted_ranges(conn, tag, changed, conn->size);
    char *rest = fields + len;
    size_t room = sizeof fields - (size_t)len;
    conn->source = SOURCE_FILE;
    conn->range_at = 0;
    conn->range_count = count > 0 ? (uint32_t)count : 0;
    if (count < 0) {
        files_close(conn);
        conn->source = SOURCE_NONE;
        snprintf(fields, sizeof fields, "Content-Range: bytes */%llu\r\n",
                 (unsigned long long)conn->size);
        answer_status(conn, 416, fields, "");
        return;
    }
    if (count == 1) {
        snprintf(rest, room, "Content-Range: bytes %llu-%llu/%llu\r\n",
                 (unsigned long long)conn->ranges[0].first,
                 (unsigned long long)conn->ranges[0].last, (unsigned long long)conn->size);
        answer(conn, 206, fields, conn->type, conn->ranges[0].last - conn->ranges[0].first + 1);
    } else if (count > 1) {
        char type[64];
        door_random(conn->boundary, 16);
        snprintf(type, sizeof type, "multipart/byteranges; boundary=%s", conn->boundary);
        answer(conn, 206, fields, type, parts_length(conn));
    } else {
        conn->ranges[0] = (struct ctx_http_range){0, conn->size - 1};
        conn->range_count = conn->size > 0 ? 1 : 0;
        answer(conn, 200, fields, conn->type, conn->size);
    }
    conn->at = 0;
    if (count <= 1) {
        conn->boundary[0] = 0;
    }
    if (conn->head_only || conn->range_count == 0) {
        files_close(conn);
        conn->source = SOURCE_NONE;
    }
}

/* One is in out, or has been sent. */
static bool next_range(struct conn *conn)
{
    conn->at = 0;
    if (++conn->range_at < conn->range_count) {
        return true;
    }
    conn->source = SOURCE_NONE;
    files_close(conn);
    return conn->boundary[0] == 0 || conn_printf(conn, "\r\n--%s--\r\n", conn->boundary);
}

/* The next bytes of the parts of a file; those that are sent from where they lie are counted by who
 * sends them. False: it is not what it was. */
bool files_more(struct conn *conn)
{
    static char bytes[OUT_MOST];
    struct ctx_http_range range = conn->ranges[conn->range_at];
    if (conn->at == 0 && conn->boundary[0] != 0) {
        int len = part_head(conn, conn->range_at, bytes, sizeof bytes);
        if (!conn_put(conn, bytes, (size_t)len)) {
            return false;
        }
    }
    uint64_t left = range.last - range.first + 1 - conn->at, from = range.first + conn->at;
    if (left == 0) {
        return next_range(conn);
    }
    if (conn->kept != NULL && conn->kept->lent != NULL) {
        conn->direct = (size_t)left;
        return true;
    }
    size_t part = left < sizeof bytes ? (size_t)left : sizeof bytes;
    const char *at = conn->kept != NULL ? conn->kept->bytes + from : bytes;
    ssize_t got = conn->kept != NULL ? (ssize_t)part : pread(conn->file, bytes, part, (off_t)from);
    if (got <= 0 || !conn_put(conn, at, (size_t)got)) {
        return false;
    }
    conn->at += (uint64_t)got;
    return (uint64_t)got < left || next_range(conn);
}

static bool accepts_gzip(void)
{
    const struct ctx_http_text *field = ctx_http_find(&head, "accept-encoding");
    struct ctx_http_text list = field != NULL ? *field : (struct ctx_http_text){NULL, 0};
    /* `gzip;q=0` would be a no; nobody says so, and who does gets the plain one. */
    return list.at != NULL && ctx_http_has(list, "gzip");
}

static void begin_folder(struct conn *conn, const char *file, const char *shown)
{
    conn->folder = opendir(file);
    if (conn->folder == NULL) {
        answer_status(conn, 404, "", "");
        return;
    }
    char title[400] = "";
    for (size_t i = 0; shown[i] != 0 && i + 1 < sizeof title; i++) {
        title[i] = strchr("<>&\"'", shown[i]) != NULL ? '_' : shown[i];
        title[i + 1] = 0;
    }
    answer_chunked(conn, 200, "Cache-Control: no-cache\r\n", "text/html; charset=utf-8");
    if (conn->head_only) {
        files_close(conn);
        return;
    }
    char text[1400];
    int len = snprintf(
        text, sizeof text,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
        "<title>%s</title><link rel=\"stylesheet\" href=\"/style.css\"><main class=\"list\"><h1>%s</h1><ul>\n%s",
        title, title, strcmp(shown, "/") == 0 ? "" : "<li><a href=\"../\">../</a>\n");
    conn->source = SOURCE_FOLDER;
    answer_chunk(conn, text, (size_t)len);
}

/* A folder's path has no / behind it, and links in it would lead elsewhere. The path is ours: no
 * byte of it can end a line. */
static void lead_into(struct conn *conn, const char *shown)
{
    char where[3 * PATH_MOST], field[3 * PATH_MOST + 32];
    size_t at = 0;
    for (const char *c = shown; *c != 0; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("/-._~", *c) != NULL;
        at += (size_t)snprintf(where + at, 4, plain ? "%c" : "%%%02X", (uint8_t)*c);
    }
    snprintf(field, sizeof field, "Location: %s/\r\n", where);
    answer_status(conn, 301, field, "");
}

static bool is_older(const struct stat *one, const struct stat *other)
{
    return one->st_mtim.tv_sec != other->st_mtim.tv_sec
               ? one->st_mtim.tv_sec < other->st_mtim.tv_sec
               : one->st_mtim.tv_nsec < other->st_mtim.tv_nsec;
}

/* What is there now. NULL: it is no file, and the request has its answer. */
static const struct facts *look_at(struct conn *conn, const char *file, const char *shown)
{
    static struct facts facts;
    struct stat info, packed;
    char gz[FILE_ROOM + 4];
    snprintf(facts.file, sizeof facts.file, "%s", file);
    if (stat(file, &info) != 0) {
        answer_status(conn, 404, "", "");
        return NULL;
    }
    if (S_ISDIR(info.st_mode)) {
        if (shown[strlen(shown) - 1] != '/') {
            lead_into(conn, shown);
            return NULL;
        }
        snprintf(facts.file, sizeof facts.file, "%sindex.html", file);
        if (stat(facts.file, &info) != 0 || S_ISDIR(info.st_mode)) {
            begin_folder(conn, file, shown);
            return NULL;
        }
    }
    snprintf(gz, sizeof gz, "%s.gz", facts.file);
    /* One that is older was packed of what stood here before. */
    facts.has_packed =
        stat(gz, &packed) == 0 && !S_ISDIR(packed.st_mode) && !is_older(&packed, &info);
    facts.size = info.st_size > 0 ? (uint64_t)info.st_size : 0;
    facts.changed = (int64_t)info.st_mtim.tv_sec;
    put_tag(facts.tag, &info);
    ctx_http_put_date(facts.date, facts.changed);
    kept_note(file, &facts);
    return &facts;
}

/* What is kept, or is there now. */
static const struct facts *facts_of(struct conn *conn, const char *file, const char *shown,
                                    struct kept **kept)
{
    *kept = kept_find(file);
    return *kept != NULL ? &(*kept)->facts : look_at(conn, file, shown);
}

/* Where the bytes come from. False: it has its answer. */
static bool open_file(struct conn *conn, const char *file, struct kept *kept)
{
    if (kept == NULL || kept->bytes == NULL) {
        conn->file = open(file, O_RDONLY);
        if (conn->file < 0) {
            answer_status(conn,
                          errno == EACCES                      ? 403
                          : errno == EMFILE || errno == ENFILE ? 503
                                                               : 404,
                          "", "");
            return false;
        }
    }
    if (kept != NULL && kept->bytes == NULL) {
        kept_fill(kept, conn->file); /* for the next one; it may be forgotten at once */
    } else if (kept != NULL) {
        kept->users++;
        conn->kept = kept;
    }
    return true;
}

void files_get(struct conn *conn, const char *file, const char *shown)
{
    struct kept *kept;
    char gz[FILE_ROOM + 4], tag[TAG_ROOM + 4], date[CTX_HTTP_DATE_ROOM];
    const char *more = "";
    if (strstr(shown, "/.") != NULL) {
        answer_status(conn, 404, "", "");
        return;
    }
    const struct facts *facts = facts_of(conn, file, shown, &kept);
    if (facts == NULL) {
        return;
    }
    conn->type = ctx_http_type(facts->file);
    bool use_packed = facts->has_packed && accepts_gzip() && ctx_http_find(&head, "range") == NULL;
    if (facts->has_packed) {
        more = use_packed ? "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
                          : "Vary: Accept-Encoding\r\n";
    }
    if (use_packed) {
        snprintf(gz, sizeof gz, "%s.gz", facts->file);
        facts = facts_of(conn, gz, shown, &kept);
        if (facts == NULL) {
            return;
        }
    }
    /* It may be forgotten while others are waited for. */
    int64_t changed = facts->changed;
    conn->size = facts->size;
    strcpy(gz, facts->file);
    strcpy(date, facts->date);
    strcpy(tag, facts->tag);
    strcat(tag, use_packed ? "-gz\"" : "\"");
    if (open_file(conn, gz, kept)) {
        begin_file(conn, more, tag, date, changed);
    }
}
