/* SPDX-License-Identifier: MIT */
/* Which path is what. Nothing here changes anything without door_may(). */
#include "httpd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char path[PATH_MOST];
struct ctx_http_text query;

static struct ctx_http_text field(const char *name)
{
    const struct ctx_http_text *value = ctx_http_find(&head, name);
    return value != NULL ? *value : (struct ctx_http_text){"", 0};
}

/* What stands behind `Bearer `. */
static struct ctx_http_text bearer(void)
{
    struct ctx_http_text value = field("authorization");
    if (value.len > 7 && ctx_http_is((struct ctx_http_text){value.at, 7}, "Bearer ")) {
        return (struct ctx_http_text){value.at + 7, value.len - 7};
    }
    return (struct ctx_http_text){"", 0};
}

/* May this request do something? False: it has its answer, and the log a line. */
static bool may(struct conn *conn, const char *what, bool with_once)
{
    struct ctx_http_text once = with_once ? field("once") : (struct ctx_http_text){NULL, 0};
    if (!door_same_origin(&head, conn->tls != NULL)) {
        door_refused(conn->address, what, "refused, it comes from another page");
        answer_status(conn, 403, "", "another page's request");
        return false;
    }
    uint32_t status = door_may(conn->address, bearer(), once);
    if (status == 0) {
        return true;
    }
    door_refused(conn->address, what,
                 status == 401   ? "refused, no token or a wrong one"
                 : status == 403 ? "refused, web=full is not on the line"
                 : status == 409 ? "refused, it was used already"
                                 : "refused, too many tries");
    answer_status(conn, status,
                  status == 401   ? "WWW-Authenticate: Bearer realm=\"Argos\"\r\n"
                  : status == 429 ? "Retry-After: 5\r\n"
                                  : "",
                  status == 403   ? "this machine is only to be looked at (web=full)"
                  : status == 409 ? "ask /api/login for another"
                                  : "");
    return false;
}

/* name=value of a form; nothing in ours needs decoding. */
static struct ctx_http_text value_of(const char *form, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = form; at != NULL && *at != 0;
         at = strchr(at, '&'), at = at != NULL ? at + 1 : NULL) {
        if (strncmp(at, name, len) == 0 && at[len] == '=') {
            return (struct ctx_http_text){at + len + 1, strcspn(at + len + 1, "&\r\n")};
        }
    }
    return (struct ctx_http_text){"", 0};
}

static void answer_once(struct conn *conn, uint32_t status)
{
    char once[33], text[64];
    door_once(once);
    int len = snprintf(text, sizeof text, "{\"once\":\"%s\"}\n", once);
    answer(conn, status, "Cache-Control: no-store\r\n", "application/json", (uint64_t)len);
    conn_put(conn, text, (size_t)len);
}

static void login(struct conn *conn)
{
    if (may(conn, "login", false)) {
        answer_once(conn, 200);
    }
}

static void do_it(struct conn *conn)
{
    static const char *const known[] = {"stop",   "start", "restart", "pause",
                                        "resume", "save",  "undo"};
    const char *action = NULL;
    struct ctx_http_text word = value_of(conn->body != NULL ? conn->body : "", "action");
    uint64_t pid = 0;
    char what[64];
    for (uint32_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        action = ctx_http_is(word, known[i]) ? known[i] : action;
    }
    bool number = ctx_http_number(value_of(conn->body != NULL ? conn->body : "", "pid"), &pid);
    snprintf(what, sizeof what, "%s pid=%llu", action != NULL ? action : "?",
             (unsigned long long)pid);
    if (!may(conn, what, true)) {
        return;
    }
    if (action == NULL || !number) {
        answer_status(conn, 400, "",
                      "action=stop, start, restart, pause, resume, save or undo, and pid=");
        return;
    }
    if ((strcmp(action, "stop") == 0 || strcmp(action, "pause") == 0) && world_carries(pid)) {
        door_audit(conn->address, what, "refused: this page would be gone with it");
        answer_status(conn, 409, "",
                      "this page would be gone with it: that takes the machine's own keyboard");
        return;
    }
    ctx_status status = world_do(action, pid);
    door_audit(conn->address, what, status == CTX_OK ? "done" : ctx_status_name(status));
    if (status == CTX_OK) {
        answer_once(conn, 200);
    } else {
        answer_status(conn, status == CTX_E_NOENT ? 404 : 409, "", ctx_status_name(status));
    }
}

static void uploaded(struct conn *conn)
{
    upload_end(conn, true);
}

/* A path below the folder of files, or false: it has its answer. */
static bool file_of(struct conn *conn, const char *shown, char out[PATH_MOST])
{
    if (settings.root == NULL ||
        snprintf(out, PATH_MOST, "%s%s", settings.root, shown) >= PATH_MOST) {
        answer_status(conn, 404, "", "");
        return false;
    }
    return true;
}

static void put(struct conn *conn)
{
    char file[PATH_MOST];
    if (!may(conn, "upload", true) || !file_of(conn, path + 6, file)) {
        return;
    }
    if (path[strlen(path) - 1] == '/' || strstr(path, "/.") != NULL ||
        head.body == CTX_HTTP_BODY_NONE) {
        answer_status(conn, head.body == CTX_HTTP_BODY_NONE ? 411 : 400, "", "");
        return;
    }
    /* A part would be taken for the whole, and what is packed for what it was before. */
    const struct ctx_http_text *coding = ctx_http_find(&head, "content-encoding");
    uint32_t status = ctx_http_find(&head, "content-range") != NULL ? 400
                      : coding != NULL && !ctx_http_is(*coding, "identity")
                          ? 415
                          : files_may_change(file);
    if (status != 0) {
        answer_status(conn, status, "",
                      status == 400   ? "only whole files are taken"
                      : status == 412 ? "it is another one now"
                                      : "");
        return;
    }
    if (!upload_begin(conn, file)) {
        answer_status(conn, 409, "", "it can not be written there");
        return;
    }
    door_audit(conn->address, "upload", "begins");
    conn->then = uploaded;
}

static void get(struct conn *conn)
{
    static const char fresh[] = "Cache-Control: no-store\r\n";
    static const char *const pages[] = {"/", "/style.css", "/app.js", "/icon.svg"};
    size_t len = 0;
    char file[PATH_MOST];
    for (uint32_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        if (strcmp(path, pages[i]) == 0) {
            snprintf(file, sizeof file, "%s%s", settings.pages, i == 0 ? "/index.html" : pages[i]);
            files_get(conn, file, pages[i][1] == 0 ? "/index.html" : pages[i]);
            return;
        }
    }
    if (strcmp(path, "/healthz") == 0) {
        char *text = strdup("ok\n");
        answer_text(conn, "text/plain; charset=utf-8", fresh, text, 3);
    } else if (strcmp(path, "/metrics") == 0) {
        char *text = report_metrics(&len);
        answer_text(conn, "text/plain; version=0.0.4; charset=utf-8", fresh, text, len);
    } else if (strcmp(path, "/api/status") == 0) {
        char *text = report_json(&len);
        answer_text(conn, "application/json", fresh, text, len);
    } else if (strcmp(path, "/ws") == 0) {
        live_begin(conn);
    } else if (strcmp(path, "/files") == 0 && settings.root != NULL) {
        answer_status(conn, 301, "Location: /files/\r\n", "");
    } else if (strncmp(path, "/files/", 7) == 0) {
        if (file_of(conn, path + 6, file)) {
            files_get(conn, file, path); /* shown with /files, as links are */
        }
    } else if (strcmp(path, "/api/do") == 0 || strcmp(path, "/api/login") == 0) {
        answer_status(conn, 405, "Allow: POST, OPTIONS\r\n", "");
    } else {
        answer_status(conn, 404, "", "");
    }
}

/* Of what is asked for before one is let in there is one of each: of two, who stands between might
 * have looked at the other. Of Origin door_same_origin() sees to that. */
static bool any_doubled(void)
{
    static const char *const names[] = {"authorization", "once", "sec-fetch-site",
                                        "sec-websocket-key", "sec-websocket-version"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint32_t count = 0;
        for (uint32_t k = 0; k < head.field_count; k++) {
            count += ctx_http_is(head.fields[k].name, names[i]);
        }
        if (count > 1) {
            return true;
        }
    }
    return false;
}

void route(struct conn *conn)
{
    bool looks = ctx_http_is(head.method, "GET") || conn->head_only;
    /* Methods are what they are in big letters only. */
    for (size_t i = 0; i < head.method.len; i++) {
        if (head.method.at[i] >= 'a' && head.method.at[i] <= 'z') {
            answer_status(conn, 501, "", "");
            return;
        }
    }
    if (!door_good_host(head.host)) {
        answer_status(conn, 421, "", "this machine has another name (name=NAME on its line)");
        return;
    }
    if (any_doubled()) {
        answer_status(conn, 400, "", "a field stands there twice");
        return;
    }
    if (ctx_http_is(head.method, "OPTIONS")) {
        answer(conn, 204, "Allow: GET, HEAD, POST, PUT, OPTIONS\r\n", NULL, 0);
        return;
    }
    if (ctx_http_path(head.target, path, sizeof path, &query) != 0) {
        answer_status(conn, 400, "", "the path");
        return;
    }
    if (looks) {
        get(conn);
    } else if (ctx_http_is(head.method, "POST") && strcmp(path, "/api/login") == 0) {
        conn->sink = SINK_MEMORY;
        conn->then = login;
    } else if (ctx_http_is(head.method, "POST") && strcmp(path, "/api/do") == 0) {
        conn->sink = SINK_MEMORY;
        conn->then = do_it;
    } else if (ctx_http_is(head.method, "PUT") && strncmp(path, "/files/", 7) == 0) {
        put(conn);
    } else if (ctx_http_is(head.method, "POST") || ctx_http_is(head.method, "PUT") ||
               ctx_http_is(head.method, "DELETE") || ctx_http_is(head.method, "PATCH") ||
               ctx_http_is(head.method, "TRACE") || ctx_http_is(head.method, "CONNECT")) {
        answer_status(conn, 405, "Allow: GET, HEAD, OPTIONS\r\n", "");
    } else {
        answer_status(conn, 501, "", "");
    }
}
