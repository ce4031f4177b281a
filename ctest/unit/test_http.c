/* SPDX-License-Identifier: MIT */
/* HTTP and WebSocket as libctx/http reads them: what RFC 9110, 9112 and 6455 say, and what is
 * refused though it looks well. */
#include <ctx/http.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ctx_http_text text(const char *words)
{
    return (struct ctx_http_text){words, strlen(words)};
}

static void is_text(struct ctx_http_text got, const char *wanted)
{
    assert_int_equal(got.len, strlen(wanted));
    assert_memory_equal(got.at, wanted, got.len);
}

/* A request out of memory that ends with it, so that a byte too many is seen. Its status, 0: it is
 * one. */
static int request(const char *words, size_t len, struct ctx_http_head *head)
{
    char *copy = malloc(len + 1);
    size_t from = 0;
    memcpy(copy, words, len);
    copy[len] = 'x';
    char *exact = realloc(copy, len);
    int end = ctx_http_head_end(exact, len, &from);
    int status = end < 0 ? -end : end == 0 ? 1 : ctx_http_request(head, exact, (size_t)end);
    free(exact);
    return status;
}

static int status_of(const char *words)
{
    struct ctx_http_head head;
    return request(words, strlen(words), &head);
}

static void a_request_is_read(void **state)
{
    (void)state;
    static const char words[] =
        "POST /a/b?c=d HTTP/1.1\r\nHost: argos.local:80\r\ncontent-LENGTH:\t 12 \r\n"
        "Connection: Upgrade, close\r\nX-Empty:\r\nExpect: 100-continue\r\n\r\nabc";
    struct ctx_http_head head;
    size_t from = 0;
    int len = ctx_http_head_end(words, sizeof words - 1, &from);
    assert_int_equal(len, sizeof words - 4);
    assert_int_equal(ctx_http_request(&head, words, (size_t)len), 0);
    is_text(head.method, "POST");
    is_text(head.target, "/a/b?c=d");
    is_text(head.host, "argos.local:80");
    assert_int_equal(head.body, CTX_HTTP_BODY_LENGTH);
    assert_int_equal(head.length, 12);
    assert_true(head.upgrade && head.expects && !head.keep_alive);
    is_text(*ctx_http_find(&head, "x-empty"), "");
    assert_null(ctx_http_find(&head, "x-empt"));
    /* And when it comes byte by byte. */
    from = 0;
    for (size_t i = 0; i < (size_t)len; i++) {
        assert_int_equal(ctx_http_head_end(words, i, &from), 0);
    }
    assert_int_equal(ctx_http_head_end(words, (size_t)len, &from), len);
}

static void connections_are_kept_or_not(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        bool kept;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, CLOSE\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ctx_http_head head;
        assert_int_equal(ctx_http_request(&head, cases[i].words, strlen(cases[i].words)), 0);
        assert_int_equal(head.keep_alive, cases[i].kept);
    }
}

static void what_two_could_read_in_two_ways_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        int status;
    } cases[] = {
        {"GET / HTTP/1.1\nHost: a\n\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n folded\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n: a\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
        {"GET / http/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
        {"GET /\r\n\r\n", 400},
        {"GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"\r\n\r\n", 400},
        {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417},
        /* Lengths. */
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9007199254740993\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
         501},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", 0},
        /* The host in the target. */
        {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        {"GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET http://b@c/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET ftp://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int status = status_of(cases[i].words);
        if (status != cases[i].status) {
            print_error("%s: %d, not %d\n", cases[i].words, status, cases[i].status);
        }
        assert_int_equal(status, cases[i].status);
    }
    struct ctx_http_head head;
    static const char nul[] = "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n";
    assert_int_equal(request(nul, sizeof nul - 1, &head), 400);
    assert_int_equal(request("GET http://b:8/c?d HTTP/1.1\r\nHost: a\r\n\r\n", 41, &head), 0);
}

static void limits_have_their_status(void **state)
{
    (void)state;
    char *words = malloc(3 * CTX_HTTP_HEAD_MOST);
    struct ctx_http_head head;
    int at = sprintf(words, "GET /%0*d HTTP/1.1\r\nHost: a\r\n\r\n", CTX_HTTP_TARGET_MOST - 1, 0);
    assert_int_equal(request(words, (size_t)at, &head), 0);
    at = sprintf(words, "GET /%0*d HTTP/1.1\r\nHost: a\r\n\r\n", CTX_HTTP_TARGET_MOST, 0);
    assert_int_equal(request(words, (size_t)at, &head), 414);
    at = sprintf(words, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 1; i < CTX_HTTP_FIELDS_MOST; i++) {
        at += sprintf(words + at, "a: b\r\n");
    }
    sprintf(words + at, "\r\n");
    assert_int_equal(status_of(words), 0);
    sprintf(words + at, "a: b\r\n\r\n");
    assert_int_equal(status_of(words), 431);
    sprintf(words, "GET / HTTP/1.1\r\nHost: a\r\nb: %0*d\r\n\r\n", CTX_HTTP_HEAD_MOST, 0);
    assert_int_equal(status_of(words), 431);
    free(words);
}

static void responses_are_read(void **state)
{
    (void)state;
    struct ctx_http_head head;
#define RESPONSE(words, to_head) ctx_http_response(&head, words, sizeof words - 1, to_head)
    assert_int_equal(RESPONSE("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false), 0);
    assert_true(head.status == 200 && head.body == CTX_HTTP_BODY_LENGTH && head.length == 5 &&
                head.keep_alive);
    assert_int_equal(RESPONSE("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true), 0);
    assert_int_equal(head.body, CTX_HTTP_BODY_NONE);
    assert_int_equal(RESPONSE("HTTP/1.0 200\r\n\r\n", false), 0);
    assert_true(head.body == CTX_HTTP_BODY_CLOSE && !head.keep_alive);
    assert_int_equal(RESPONSE("HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n", false), 0);
    assert_int_equal(head.body, CTX_HTTP_BODY_NONE);
    assert_int_equal(RESPONSE("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false), 0);
    assert_int_equal(head.body, CTX_HTTP_BODY_CHUNKED);
    assert_int_equal(RESPONSE("HTTP/1.1 2000 OK\r\n\r\n", false), 502);
    assert_int_equal(RESPONSE("HTTP/1.1 099 OK\r\n\r\n", false), 502);
    assert_int_equal(RESPONSE("HTTP/1.1 20x OK\r\n\r\n", false), 502);
    assert_int_equal(RESPONSE("ICY 200 OK\r\n\r\n", false), 502);
    assert_int_equal(
        RESPONSE("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", false), 502);
}

static void paths_stay_inside(void **state)
{
    (void)state;
    static const struct {
        const char *target, *path; /* NULL: refused */
    } cases[] = {
        {"/", "/"},
        {"/a/b", "/a/b"},
        {"/a/./b/", "/a/b/"},
        {"/a/../b", "/b"},
        {"/a//b", "/a/b"},
        {"/a/b/..", "/a/"},
        {"/%41%20b?x=/..", "/A b"},
        {"/a/.", "/a/"},
        {"/...", "/..."},
        {"/..a", "/..a"},
        {"/%C3%A9", "/\xc3\xa9"},
        {"/a/b/../../c", "/c"},
        {"/..", NULL},
        {"/a/../..", NULL},
        {"/%2e%2e/x", NULL},
        {"/.%2E/x", NULL},
        {"/a%2fb", NULL},
        {"/a%5cb", NULL},
        {"/a\\b", NULL},
        {"/a%00b", NULL},
        {"/a%0ab", NULL},
        {"/a%", NULL},
        {"/a%4", NULL},
        {"/a%zz", NULL},
        {"/%ff", NULL},
        {"/%c0%ae%c0%ae/", NULL},
        {"a", NULL},
        {"//../x", NULL},
        {"/../", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[64];
        struct ctx_http_text query;
        int status = ctx_http_path(text(cases[i].target), path, sizeof path, &query);
        if (status != (cases[i].path == NULL ? 400 : 0)) {
            print_error("%s: %d\n", cases[i].target, status);
        }
        assert_int_equal(status, cases[i].path == NULL ? 400 : 0);
        if (cases[i].path != NULL) {
            assert_string_equal(path, cases[i].path);
        }
    }
    char path[8];
    struct ctx_http_text query;
    assert_int_equal(ctx_http_path(text("/123456"), path, sizeof path, &query), 0);
    assert_int_equal(ctx_http_path(text("/1234567"), path, sizeof path, &query), 400);
    assert_int_equal(ctx_http_path(text("/1?b=%"), path, sizeof path, &query), 0);
    is_text(query, "b=%");
}

/* Fed in pieces of every size; the body, or NULL. */
static char *unchunk(const char *bytes, size_t piece, bool *ended, size_t *used)
{
    struct ctx_http_chunks chunks = {.left = 0};
    size_t len = strlen(bytes), got = 0;
    char *out = malloc(len + 1);
    *used = 0;
    *ended = false;
    while (*used < len && !*ended) {
        const char *body;
        size_t body_len, part = len - *used < piece ? len - *used : piece;
        int took = ctx_http_unchunk(&chunks, bytes + *used, part, &body, &body_len, ended);
        if (took < 0) {
            free(out);
            return NULL;
        }
        memcpy(out + got, body_len > 0 ? body : "", body_len);
        got += body_len;
        *used += (size_t)took;
    }
    out[got] = 0;
    return out;
}

static void chunks_are_taken_apart(void **state)
{
    (void)state;
    static const char good[] = "5\r\nhello\r\n6;x=\"y\"\r\n world\r\n0\r\nTrailer: a\r\n\r\nGET";
    static const char *const bad[] = {
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "g\r\n",
        " 5\r\n",
        "5 \r\n",
        "-5\r\n",
        "\r\n",
        "0x5\r\n",
        "ffffffffffffffff\r\n",
        "10000000000000000\r\n",
        "0\r\n folded\r\n\r\n",
        "0\r\na\n\r\n",
        "5;\n",
        "0\r\n\n",
    };
    bool ended;
    size_t used;
    for (size_t piece = 1; piece < sizeof good; piece++) {
        char *out = unchunk(good, piece, &ended, &used);
        assert_non_null(out);
        assert_string_equal(out, "hello world");
        assert_true(ended);
        assert_int_equal(used, sizeof good - 1 - 3);
        free(out);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *out = unchunk(bad[i], 100, &ended, &used);
        if (out != NULL) {
            print_error("%s\n", bad[i]);
        }
        assert_null(out);
    }
    /* What nobody reads has an end too. */
    char *words = malloc(10000);
    sprintf(words, "5;%0*d\r\n", 400, 0);
    assert_null(unchunk(words, 100, &ended, &used));
    sprintf(words, "0\r\nA: %0*d\r\n\r\n", 5000, 0);
    assert_null(unchunk(words, 100, &ended, &used));
    free(words);
}

static void ranges_are_chosen(void **state)
{
    (void)state;
    struct ctx_http_range r[CTX_HTTP_RANGES_MOST];
    assert_int_equal(ctx_http_ranges(text("bytes=0-0"), 10, r), 1);
    assert_true(r[0].first == 0 && r[0].last == 0);
    assert_int_equal(ctx_http_ranges(text("bytes=5-"), 10, r), 1);
    assert_true(r[0].first == 5 && r[0].last == 9);
    assert_int_equal(ctx_http_ranges(text("bytes=-3"), 10, r), 1);
    assert_true(r[0].first == 7 && r[0].last == 9);
    assert_int_equal(ctx_http_ranges(text("bytes=-30"), 10, r), 1);
    assert_true(r[0].first == 0 && r[0].last == 9);
    assert_int_equal(ctx_http_ranges(text("bytes=0-1, 8-99"), 10, r), 2);
    assert_true(r[1].first == 8 && r[1].last == 9);
    assert_int_equal(ctx_http_ranges(text("bytes=10-"), 10, r), -1);
    assert_int_equal(ctx_http_ranges(text("bytes=-0"), 10, r), -1);
    assert_int_equal(ctx_http_ranges(text("bytes=0-"), 0, r), -1);
    assert_int_equal(ctx_http_ranges(text("bytes=20-30,1-2"), 10, r), 1);
    static const char *const ignored[] = {"bytes=",
                                          "bytes=-",
                                          "bytes=2-1",
                                          "bytes=a-b",
                                          "lines=1-2",
                                          "bytes=1-2-3",
                                          "bytes=1 - 2",
                                          "bytes=,",
                                          "bytes=0-,0-,0-",
                                          "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8",
                                          "bytes=99999999999999999999-",
                                          ""};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) {
        assert_int_equal(ctx_http_ranges(text(ignored[i]), 10, r), 0);
    }
    uint64_t size;
    assert_true(ctx_http_content_range(text("bytes 5-9/20"), r, &size));
    assert_true(r[0].first == 5 && r[0].last == 9 && size == 20);
    assert_true(ctx_http_content_range(text("bytes 5-9/*"), r, &size) && size == UINT64_MAX);
    assert_false(ctx_http_content_range(text("bytes 5-9/9"), r, &size));
    assert_false(ctx_http_content_range(text("bytes */9"), r, &size));
    assert_false(ctx_http_content_range(text("bytes 9-5/20"), r, &size));
}

static void tags_and_dates_are_compared(void **state)
{
    (void)state;
    assert_true(ctx_http_etag(text("\"a\", W/\"b\""), "\"a\"", false));
    assert_true(ctx_http_etag(text("\"a\", W/\"b\""), "\"b\"", true));
    assert_false(ctx_http_etag(text("\"a\", W/\"b\""), "\"b\"", false));
    assert_true(ctx_http_etag(text("*"), "\"b\"", false));
    assert_false(ctx_http_etag(text("\"ab\""), "\"a\"", true));
    assert_false(ctx_http_etag(text(""), "\"a\"", true));
    static const int64_t moments[] = {0,
                                      784111777,
                                      951782400,
                                      1709164800,
                                      INT64_C(4102444799),
                                      1796000000,
                                      INT64_C(253402300799)};
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        char words[CTX_HTTP_DATE_ROOM];
        int64_t back = -1;
        ctx_http_put_date(words, moments[i]);
        assert_true(ctx_http_date(text(words), &back));
        assert_int_equal(back, moments[i]);
    }
    char words[CTX_HTTP_DATE_ROOM];
    ctx_http_put_date(words, 784111777);
    assert_string_equal(words, "Sun, 06 Nov 1994 08:49:37 GMT");
    int64_t when;
    assert_true(ctx_http_date(text("Sunday, 06-Nov-94 08:49:37 GMT"), &when) && when == 784111777);
    assert_true(ctx_http_date(text("Sun Nov  6 08:49:37 1994"), &when) && when == 784111777);
    static const char *const bad[] = {"",
                                      "Sun",
                                      "Sun, 06 Nov 1994 08:49:37 CET",
                                      "Sun, 06 Xyz 1994 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 24:49:37 GMT",
                                      "Sun, 6 Nov 1994 08:49:37 GMT",
                                      "Sun, 00 Nov 1994 08:49:37 GMT",
                                      "784111777"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(ctx_http_date(text(bad[i]), &when));
    }
}

static void urls_lead_somewhere(void **state)
{
    (void)state;
    struct ctx_http_url base, url;
    assert_true(ctx_http_url(&base, text("https://Example.org:8443/a/b?c#d"), NULL));
    assert_true(base.tls && base.port == 8443);
    assert_string_equal(base.host, "Example.org");
    assert_string_equal(base.target, "/a/b?c");
    assert_true(ctx_http_url(&url, text("http://[::1]"), NULL));
    assert_true(!url.tls && url.port == 80);
    assert_string_equal(url.host, "::1");
    assert_string_equal(url.target, "/");
    static const struct {
        const char *location, *target;
    } cases[] = {
        {"/x", "/x"}, {"x y", "/a/x%20y"}, {"?q", "/a/b?q"}, {"../x", "/a/../x"}, {"", "/a/"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(ctx_http_url(&url, text(cases[i].location), &base));
        assert_string_equal(url.target, cases[i].target);
        assert_true(url.tls && url.port == 8443);
    }
    assert_true(ctx_http_url(&url, text("//other/x"), &base));
    assert_string_equal(url.host, "other");
    assert_int_equal(url.port, 443);
    static const char *const bad[] = {"ftp://a/",
                                      "http://",
                                      "http:///a",
                                      "http://a@b/",
                                      "http://a:b@c/",
                                      "http://a:0/",
                                      "http://a:65536/",
                                      "http://a b/",
                                      "http://[::1",
                                      "http://[x]/",
                                      "http://a/\r\nX: y",
                                      "a",
                                      "",
                                      "http://\xc3\xa9/",
                                      "javascript:alert(1)"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(ctx_http_url(&url, text(bad[i]), NULL));
    }
    assert_false(ctx_http_url(&url, text("javascript:alert(1)"), &base));
}

static void secrets_are_compared(void **state)
{
    (void)state;
    assert_true(ctx_http_same_secret(text("abc"), text("abc")));
    assert_false(ctx_http_same_secret(text("abc"), text("abd")));
    assert_false(ctx_http_same_secret(text("abc"), text("ab")));
    assert_false(ctx_http_same_secret(text(""), text("")));
}

/* ---- WebSocket ---- */

static void the_handshake_answers(void **state)
{
    (void)state;
    char out[29];
    assert_true(ctx_ws_accept(out, text("dGhlIHNhbXBsZSBub25jZQ==")));
    assert_string_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_false(ctx_ws_accept(out, text("dGhlIHNhbXBsZSBub25jZQ=")));
    assert_false(ctx_ws_accept(out, text("dGhlIHNhbXBsZSBub25jZ!==")));
    assert_false(ctx_ws_accept(out, text("")));
}

static size_t frame(uint8_t *out, uint8_t first, const void *payload, size_t len, bool masked)
{
    static const uint8_t mask[4] = {1, 2, 3, 4};
    size_t at = ctx_ws_head(out, 0, len);
    out[0] = first;
    if (masked) {
        out[1] |= 0x80;
        memcpy(out + at, mask, 4);
        at += 4;
    }
    for (size_t i = 0; i < len; i++) {
        out[at++] = (uint8_t)(((const uint8_t *)payload)[i] ^ (masked ? mask[i % 4] : 0));
    }
    return at;
}

/* Frames in pieces: the last answer, and the first message. */
static int read_frames(const uint8_t *bytes, size_t len, size_t piece, struct ctx_ws_message *first,
                       char *copy)
{
    char room[1000];
    struct ctx_ws ws = {.message = room, .room = sizeof room, .from_client = true};
    size_t at = 0;
    *first = (struct ctx_ws_message){.kind = 0};
    while (at < len) {
        struct ctx_ws_message message;
        int took = ctx_ws_read(&ws, (const char *)bytes + at, len - at < piece ? len - at : piece,
                               &message);
        if (took < 0) {
            return took;
        }
        at += (size_t)took;
        if (message.kind != 0 && first->kind == 0) {
            *first = message;
            memcpy(copy, message.len > 0 ? message.at : "", message.len);
        }
    }
    return 0;
}

static void messages_are_put_together(void **state)
{
    (void)state;
    uint8_t bytes[4000];
    char copy[1000];
    struct ctx_ws_message message;
    /* In three parts, with a ping between them, and a character across two of them. */
    size_t len = frame(bytes, 0x01, "caf\xc3", 4, true);
    len += frame(bytes + len, 0x00, "\xa9 au", 4, true);
    size_t ping = frame(bytes + len, 0x89, "hm", 2, true);
    size_t end = len + ping + frame(bytes + len + ping, 0x80, " lait", 5, true);
    for (size_t piece = 1; piece < end; piece++) {
        assert_int_equal(read_frames(bytes, end, piece, &message, copy), 0);
        assert_int_equal(message.kind, CTX_WS_PING);
        assert_memory_equal(copy, "hm", 2);
    }
    memmove(bytes + len, bytes + len + ping, end - len - ping);
    assert_int_equal(read_frames(bytes, end - ping, 3, &message, copy), 0);
    assert_int_equal(message.kind, CTX_WS_TEXT);
    assert_int_equal(message.len, 13);
    assert_memory_equal(copy, "caf\xc3\xa9 au lait", 13);
    /* All lengths that have another form. */
    for (size_t n = 0; n <= 1000; n += n < 130 ? 1 : 435) {
        uint8_t payload[1000] = {7};
        len = frame(bytes, 0x82, payload, n, true);
        assert_int_equal(read_frames(bytes, len, 77, &message, copy), 0);
        assert_true(message.kind == CTX_WS_BINARY && message.len == n);
    }
}

static void frames_that_break_the_rules(void **state)
{
    (void)state;
    uint8_t bytes[4000], long_payload[1001] = {0};
    char copy[1000];
    struct ctx_ws_message message;
#define GIVES(first, payload, len, masked, code)                                                   \
    assert_int_equal(                                                                              \
        read_frames(bytes, frame(bytes, first, payload, len, masked), 7, &message, copy), code)
    GIVES(0x81, "a", 1, false, -1002);
    GIVES(0xc1, "a", 1, true, -1002);
    GIVES(0x83, "a", 1, true, -1002);
    GIVES(0x8b, "a", 1, true, -1002);
    GIVES(0x80, "a", 1, true, -1002);
    GIVES(0x09, "a", 1, true, -1002);
    GIVES(0x89, long_payload, 126, true, -1002);
    GIVES(0x81, "\xff", 1, true, -1007);
    GIVES(0x81, "\xc3", 1, true, -1007);
    GIVES(0x81, "\xed\xa0\x80", 3, true, -1007);
    GIVES(0x81, "\xc0\x80", 2, true, -1007);
    GIVES(0x81, "\xf4\x90\x80\x80", 4, true, -1007);
    GIVES(0x01, "\xf4\x90", 2, true, -1007); /* before it is whole */
    GIVES(0x81, "\xf0\x9f\x98\x80", 4, true, 0);
    GIVES(0x82, long_payload, 1001, true, -1009);
    GIVES(0x88, "", 0, true, 0);
    assert_int_equal(message.code, 1005);
    GIVES(0x88, "\x03\xe8 bye", 6, true, 0);
    assert_int_equal(message.code, 1000);
    GIVES(0x88, "\x03", 1, true, -1002);
    GIVES(0x88, "\x03\xed", 2, true, -1002); /* 1005 is never sent */
    GIVES(0x88, "\x03\xe8\xff", 3, true, -1007);
    /* A message inside of another; lengths longer than they need to be; more than memory has. */
    size_t len = frame(bytes, 0x01, "a", 1, true);
    len += frame(bytes + len, 0x81, "a", 1, true);
    assert_int_equal(read_frames(bytes, len, 9, &message, copy), -1002);
    static const uint8_t wide[] = {0x82, 0xfe, 0, 5, 1, 2, 3, 4, 0, 0, 0, 0, 0},
                         wider[] = {0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4},
                         huge[] = {0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 1,    2,    3,    4};
    assert_int_equal(read_frames(wide, sizeof wide, 9, &message, copy), -1002);
    assert_int_equal(read_frames(wider, sizeof wider, 9, &message, copy), -1002);
    assert_int_equal(read_frames(huge, sizeof huge, 9, &message, copy), -1002);
    /* Parts that are together too long. */
    len = frame(bytes, 0x02, long_payload, 600, true);
    len += frame(bytes + len, 0x00, long_payload, 600, true);
    assert_int_equal(read_frames(bytes, len, 99, &message, copy), -1009);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_read),
        cmocka_unit_test(connections_are_kept_or_not),
        cmocka_unit_test(what_two_could_read_in_two_ways_is_refused),
        cmocka_unit_test(limits_have_their_status),
        cmocka_unit_test(responses_are_read),
        cmocka_unit_test(paths_stay_inside),
        cmocka_unit_test(chunks_are_taken_apart),
        cmocka_unit_test(ranges_are_chosen),
        cmocka_unit_test(tags_and_dates_are_compared),
        cmocka_unit_test(urls_lead_somewhere),
        cmocka_unit_test(secrets_are_compared),
        cmocka_unit_test(the_handshake_answers),
        cmocka_unit_test(messages_are_put_together),
        cmocka_unit_test(frames_that_break_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
