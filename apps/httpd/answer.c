/* SPDX-License-Identifier: MIT */
/* Heads of answers, and bodies that are made piece by piece. */
#include "httpd.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

uint64_t count_status[6];

static void put_text(struct conn *conn, const char *text)
{
    conn_put(conn, text, strlen(text));
}

static void put_number(struct conn *conn, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    conn_put(conn, digits + at, sizeof digits - at);
}

/* What every answer says. Nothing from elsewhere runs in our pages, nobody frames them, and nobody
 * else reads them. Without printf: it would be a tenth of what a small answer costs. */
static void begin(struct conn *conn, uint32_t status, const char *more, const char *type)
{
    static char date[CTX_HTTP_DATE_ROOM];
    static time_t dated;
    time_t now = time(NULL);
    count_status[status / 100 < 6 ? status / 100 : 0]++;
    put_text(conn, "HTTP/1.1 ");
    put_number(conn, status);
    put_text(conn, " ");
    put_text(conn, ctx_http_reason(status));
    put_text(conn, "\r\nServer: Argos\r\n");
    if (now > 0) {
        if (now != dated) {
            dated = now;
            ctx_http_put_date(date, now);
        }
        put_text(conn, "Date: ");
        put_text(conn, date);
        put_text(conn, "\r\n");
    }
    if (type != NULL) {
        put_text(conn, "Content-Type: ");
        put_text(conn, type);
        put_text(conn, "\r\n");
    }
    put_text(
        conn,
        "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n"
        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n");
    put_text(conn, more);
    put_text(conn, conn->keep ? "" : "Connection: close\r\n");
    if (conn->state != CLOSED) { /* no memory for it: nobody is answered */
        conn->state = SENDING;
        conn->deadline = now_ms() + STALL_MS;
    }
}

void answer(struct conn *conn, uint32_t status, const char *more, const char *type, uint64_t length)
{
    begin(conn, status, more, type);
    if (status != 304 && status != 204) { /* 204 must not have one: RFC 9110, 8.6 */
        put_text(conn, "Content-Length: ");
        put_number(conn, length);
        put_text(conn, "\r\n");
    }
    put_text(conn, "\r\n");
}

void answer_chunked(struct conn *conn, uint32_t status, const char *more, const char *type)
{
    conn->chunked = head.minor > 0;
    conn->keep &= conn->chunked; /* HTTP/1.0 knows no chunks: the end is that of the connection */
    begin(conn, status, more, type);
    conn_printf(conn, conn->chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
}

bool answer_chunk(struct conn *conn, const char *text, size_t len)
{
    if (!conn->chunked) {
        return conn_put(conn, text, len);
    }
    return conn_printf(conn, "%zx\r\n", len) && conn_put(conn, text, len) &&
           conn_put(conn, "\r\n", 2);
}

void answer_status(struct conn *conn, uint32_t status, const char *more, const char *why)
{
    char text[256];
    int len = snprintf(text, sizeof text, "%u %s%s%s\n", (unsigned)status, ctx_http_reason(status),
                       why[0] != 0 ? ": " : "", why);
    answer(conn, status, more, "text/plain; charset=utf-8", (uint64_t)len);
    if (!conn->head_only) {
        conn_put(conn, text, (size_t)len);
    }
}

void answer_text(struct conn *conn, const char *type, const char *more, char *text, size_t len)
{
    if (text == NULL) {
        answer_status(conn, 503, "", "no memory");
        return;
    }
    answer(conn, 200, more, type, len);
    if (conn->head_only || conn->state == CLOSED) {
        free(text);
        return;
    }
    conn->source = SOURCE_TEXT;
    conn->text = text;
    conn->text_len = len;
    conn->text_at = 0;
}

/* Letters that mean something in HTML, and in a link. */
static void put_escaped(char *out, size_t room, const char *name, bool link)
{
    size_t at = 0;
    for (; *name != 0 && at + 7 < room; name++) {
        uint8_t c = (uint8_t)*name;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-._~", c) != NULL;
        if (link && !plain) {
            at += (size_t)snprintf(out + at, room - at, "%%%02X", c);
        } else if (!link && strchr("<>&\"'", c) != NULL) {
            at += (size_t)snprintf(out + at, room - at, "&#%u;", c);
        } else {
            out[at++] = c < ' ' ? '?' : (char)c;
        }
    }
    out[at] = 0;
}

/* The next line of a folder's list, as a chunk. */
static bool folder_more(struct conn *conn)
{
    struct dirent *entry = readdir(conn->folder);
    char link[800], name[1600], line[2600];
    if (entry == NULL) {
        static const char end[] = "</ul></main>";
        conn->source = SOURCE_NONE;
        files_close(conn);
        return answer_chunk(conn, end, sizeof end - 1) &&
               (!conn->chunked || answer_chunk(conn, "", 0));
    }
    if (entry->d_name[0] == '.') {
        return true; /* . and .., and what wants to be hidden */
    }
    put_escaped(link, sizeof link, entry->d_name, true);
    put_escaped(name, sizeof name, entry->d_name, false);
    const char *slash = entry->d_type == DT_DIR ? "/" : "";
    int len =
        snprintf(line, sizeof line, "<li><a href=\"%s%s\">%s%s</a>\n", link, slash, name, slash);
    return answer_chunk(conn, line, (size_t)len);
}

bool answer_more(struct conn *conn)
{
    if (conn->source == SOURCE_FOLDER) {
        while (conn->source == SOURCE_FOLDER && conn->out_len < OUT_MOST / 2) {
            if (!folder_more(conn)) {
                return false;
            }
        }
        return true;
    }
    if (conn->source == SOURCE_TEXT) {
        size_t part =
            conn->text_len - conn->text_at < OUT_MOST ? conn->text_len - conn->text_at : OUT_MOST;
        bool fine = conn_put(conn, conn->text + conn->text_at, part);
        conn->text_at += part;
        if (conn->text_at == conn->text_len) {
            free(conn->text);
            conn->text = NULL;
            conn->source = SOURCE_NONE;
        }
        return fine;
    }
    return conn->source != SOURCE_FILE || files_more(conn);
}
