/* SPDX-License-Identifier: MIT */
/*
 * fetch - a file from the web.
 *
 *   fetch [-o FILE] [-c] [-q] [--retry N] [--roots FILE] URL
 *
 * Without -o it goes to stdout. A file is called FILE.part until it is whole; -c goes on with one,
 * if the server still has the same.
 * --retry: where nobody is reached, again, a second later, N times. Ends with 0; 1, it did not
 * work, and says why; 2, the words are wrong.
 */
#include "same.h"
#include "wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REDIRECTS 10
#define HOST_ROOM 272 /* for a host, brackets and a port */
#define ROOTS     "/etc/ssl/certs/ca-certificates.crt"

static struct {
    const char *file, *roots;
    uint64_t retries;
    bool go_on, quiet, own_roots;
} words = {.roots = ROOTS};

static char part_name[1100];

/* One answer, as far as it has come. */
struct answer {
    struct wire wire;
    struct ctx_http_head head;
    char bytes[CTX_HTTP_HEAD_MOST + 16384];
    size_t len, head_len; /* of bytes; of them the head */
    FILE *out;
    uint64_t done, whole; /* of the file; whole is 0 where nobody knows */
    struct ctx_http_chunks chunks;
    struct timespec begin;
    uint64_t begin_at;
};

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "fetch: %s%s%s\n", what, why[0] != 0 ? ": " : "", why);
    return 1;
}

static void show_progress(const struct answer *a, bool last)
{
    static time_t shown;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (words.quiet || isatty(2) == 0 || (!last && now.tv_sec == shown)) {
        return;
    }
    shown = now.tv_sec;
    double seconds =
        (double)(now.tv_sec - a->begin.tv_sec) + (double)(now.tv_nsec - a->begin.tv_nsec) / 1e9;
    double rate = seconds > 0 ? (double)(a->done - a->begin_at) / seconds / 1024 : 0;
    if (a->whole > 0) {
        fprintf(stderr, "\r%3u %%  %llu of %llu KiB, %.0f KiB/s   ",
                (unsigned)(a->done * 100 / a->whole), (unsigned long long)(a->done / 1024),
                (unsigned long long)(a->whole / 1024), rate);
    } else {
        fprintf(stderr, "\r%llu KiB, %.0f KiB/s   ", (unsigned long long)(a->done / 1024), rate);
    }
    if (last) {
        fputc('\n', stderr);
    }
}

/* More of the answer behind what is there. False: it failed, or has ended. */
static bool more(struct answer *a)
{
    long got = wire_receive(&a->wire, a->bytes + a->len, sizeof a->bytes - a->len);
    if (got == 0) {
        snprintf(a->wire.why, sizeof a->wire.why, "the connection ended too early");
    }
    a->len += got > 0 ? (size_t)got : 0;
    return got > 0;
}

/* The head of the answer itself, behind those that only say to wait. */
static bool read_head(struct answer *a)
{
    for (uint32_t i = 0; i < 20; i++) {
        size_t from = 0;
        int end;
        while ((end = ctx_http_head_end(a->bytes, a->len, &from)) == 0) {
            if (!more(a)) {
                return false;
            }
        }
        if (end < 0 || ctx_http_response(&a->head, a->bytes, (size_t)end, false) != 0) {
            snprintf(a->wire.why, sizeof a->wire.why,
                     "what it answers is no HTTP that can be understood");
            return false;
        }
        if (a->head.status >= 200) {
            a->head_len = (size_t)end;
            return true;
        }
        a->len -= (size_t)end;
        memmove(a->bytes, a->bytes + end, a->len);
    }
    snprintf(a->wire.why, sizeof a->wire.why, "it only says to wait");
    return false;
}

static bool store(struct answer *a, const char *bytes, size_t len)
{
    if (len > 0 && fwrite(bytes, 1, len, a->out) != len) {
        snprintf(a->wire.why, sizeof a->wire.why, "%.150s: %s",
                 words.file != NULL ? part_name : "stdout", strerror(errno));
        return false;
    }
    a->done += len;
    show_progress(a, false);
    return true;
}

static bool read_body(struct answer *a)
{
    uint64_t left = a->head.length;
    bool ended =
        a->head.body == CTX_HTTP_BODY_NONE || (a->head.body == CTX_HTTP_BODY_LENGTH && left == 0);
    a->len -= a->head_len;
    memmove(a->bytes, a->bytes + a->head_len, a->len); /* fields point into nothing from now on */
    while (!ended) {
        if (a->head.body == CTX_HTTP_BODY_CHUNKED) {
            const char *body;
            size_t body_len, at = 0;
            while (at < a->len && !ended) {
                int took = ctx_http_unchunk(&a->chunks, a->bytes + at, a->len - at, &body,
                                            &body_len, &ended);
                if (took < 0) {
                    snprintf(a->wire.why, sizeof a->wire.why, "its chunks are none");
                    return false;
                }
                if (!store(a, body, body_len)) {
                    return false;
                }
                at += (size_t)took;
            }
        } else {
            size_t part =
                a->head.body == CTX_HTTP_BODY_LENGTH && left < a->len ? (size_t)left : a->len;
            if (!store(a, a->bytes, part)) {
                return false;
            }
            left -= a->head.body == CTX_HTTP_BODY_LENGTH ? part : 0;
            ended = a->head.body == CTX_HTTP_BODY_LENGTH && left == 0;
        }
        a->len = 0;
        if (!ended) {
            long got = wire_receive(&a->wire, a->bytes, sizeof a->bytes);
            if (got < 0) {
                return false;
            }
            if (got == 0 && a->head.body != CTX_HTTP_BODY_CLOSE) {
                snprintf(a->wire.why, sizeof a->wire.why, "the connection ended too early");
                return false;
            }
            ended = got == 0;
            a->len = (size_t)got;
        }
    }
    return true;
}

static uint64_t size_of_part(void)
{
    FILE *file = words.go_on && words.file != NULL ? fopen(part_name, "rb") : NULL;
    long size = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    return size > 0 ? (uint64_t)size : 0;
}

/* Host and port as an address has them: an IPv6 address in brackets, a port that is not the usual
 * one. */
static void write_host(char *out, size_t room, const struct ctx_http_url *url)
{
    bool v6 = strchr(url->host, ':') != NULL;
    char port[8] = "";
    if (url->port != (url->tls ? 443 : 80)) {
        snprintf(port, sizeof port, ":%u", (unsigned)url->port);
    }
    snprintf(out, room, "%s%s%s%s", v6 ? "[" : "", url->host, v6 ? "]" : "", port);
}

static bool ask(struct answer *a, const struct ctx_http_url *url, uint64_t from)
{
    char request[CTX_HTTP_TARGET_MOST + 1000], range[48 + SAME_ROOM] = "", host[HOST_ROOM];
    if (from > 0) {
        char tag[SAME_ROOM];
        same_read(part_name, tag);
        snprintf(range, sizeof range, "Range: bytes=%llu-\r\n%s%s%s", (unsigned long long)from,
                 tag[0] != 0 ? "If-Range: " : "", tag, tag[0] != 0 ? "\r\n" : "");
    }
    write_host(host, sizeof host, url);
    int len = snprintf(
        request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Argos-fetch\r\nAccept: */*\r\nConnection: close\r\n%s\r\n",
        url->target, host, range);
    return len > 0 && (size_t)len < sizeof request && wire_send(&a->wire, request, (size_t)len);
}

/* It is whole. */
static int take_over(void)
{
    if (rename(part_name, words.file) != 0) {
        return complain(words.file, strerror(errno));
    }
    same_end(part_name);
    return 0;
}

/* The answer is the file, or the rest of it. 0, or how the program ends. */
static int take_file(struct answer *a, const char *shown, uint64_t from)
{
    struct ctx_http_range range = {0, 0};
    const struct ctx_http_text *field = ctx_http_find(&a->head, "content-range");
    uint64_t size = 0;
    if (a->head.status == 206 &&
        (field == NULL || !ctx_http_content_range(*field, &range, &size) || range.first != from)) {
        return complain(shown, "it answers with another part than was asked for");
    }
    if (a->head.status == 200 && from > 0) {
        fprintf(stderr, "fetch: it can not go on there, so it begins anew\n");
        from = 0;
    }
    a->out = words.file == NULL ? stdout : fopen(part_name, from > 0 ? "ab" : "wb");
    if (a->out == NULL) {
        return complain(part_name, strerror(errno));
    }
    /* The old part has gone by now: its bytes never lie under the new one's name. */
    if (words.file != NULL && from == 0 && !same_begin(part_name, &a->head)) {
        int why = errno;
        fclose(a->out);
        return complain(part_name, strerror(why));
    }
    a->done = a->begin_at = from;
    a->whole = a->head.body == CTX_HTTP_BODY_LENGTH ? from + a->head.length : 0;
    clock_gettime(CLOCK_MONOTONIC, &a->begin);
    bool fine = read_body(a);
    if (fine && a->head.status == 206 && (size != UINT64_MAX ? a->done != size : from == 0)) {
        snprintf(a->wire.why, sizeof a->wire.why, "it has sent a part that is not the rest");
        fine = false;
    }
    show_progress(a, true);
    if (words.file == NULL) {
        return fine && fflush(stdout) == 0 ? 0 : complain(shown, a->wire.why);
    }
    if (fclose(a->out) != 0 && fine) {
        return complain(part_name, strerror(errno));
    }
    if (!fine) {
        complain(shown, a->wire.why);
        fprintf(stderr, "fetch: %llu bytes are in %s; -c goes on with them\n",
                (unsigned long long)a->done, part_name);
        return 1;
    }
    return take_over();
}

/* Nothing is left to be had: what is there is the whole. */
static bool is_whole(const struct answer *a, uint64_t from)
{
    const struct ctx_http_text *field = ctx_http_find(&a->head, "content-range");
    uint64_t size = 0;
    return a->head.status == 416 && from > 0 && field != NULL && field->len > 8 &&
           memcmp(field->at, "bytes */", 8) == 0 &&
           ctx_http_number((struct ctx_http_text){field->at + 8, field->len - 8}, &size) &&
           size == from;
}

/* 0 or 1: it is over; -1: url is another one now. */
static int once(struct ctx_http_url *url, struct ctx_tls_config *roots)
{
    static struct answer answer;
    char host[HOST_ROOM], shown[HOST_ROOM + 220], why[80];
    memset(&answer, 0, sizeof answer);
    uint64_t from = size_of_part();
    write_host(host, sizeof host, url);
    snprintf(shown, sizeof shown, "%s://%s%.200s", url->tls ? "https" : "http", host, url->target);
    bool reached = wire_open(&answer.wire, url, roots);
    for (; !reached && !answer.wire.refused && words.retries > 0; words.retries--) {
        wire_close(&answer.wire);
        sleep(1);
        reached = wire_open(&answer.wire, url, roots);
    }
    if (!reached || !ask(&answer, url, from) || !read_head(&answer)) {
        wire_close(&answer.wire);
        return complain(shown, answer.wire.why);
    }
    uint32_t status = answer.head.status;
    const struct ctx_http_text *to = ctx_http_find(&answer.head, "location");
    int result = 1;
    if ((status == 301 || status == 302 || status == 303 || status == 307 || status == 308) &&
        to != NULL) {
        struct ctx_http_url next;
        if (!ctx_http_url(&next, *to, url)) {
            complain(shown, "it leads to somewhere that is no address of the web");
        } else if (url->tls && !next.tls) {
            complain(shown, "it leads out of TLS, and is not followed there");
        } else {
            *url = next;
            result = -1;
        }
    } else if (status == 200 || status == 206) {
        result = take_file(&answer, shown, from);
    } else if (is_whole(&answer, from)) {
        result = take_over();
    } else {
        snprintf(why, sizeof why, "%u %s", (unsigned)status, ctx_http_reason(status));
        complain(shown, why);
    }
    wire_close(&answer.wire);
    return result;
}

static int usage(void)
{
    fprintf(stderr, "fetch [-o FILE] [-c] [-q] [--retry N] [--roots FILE] URL\n");
    return 2;
}

int main(int argc, char **argv)
{
    const char *address = NULL;
    static struct ctx_http_url url;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
            words.file = argv[++i];
        } else if (strcmp(argv[i], "--roots") == 0 && i + 1 < argc) {
            words.roots = argv[++i];
            words.own_roots = true;
        } else if (strcmp(argv[i], "--retry") == 0 && i + 1 < argc &&
                   ctx_http_number((struct ctx_http_text){argv[i + 1], strlen(argv[i + 1])},
                                   &words.retries)) {
            i++;
        } else if (strcmp(argv[i], "-c") == 0) {
            words.go_on = true;
        } else if (strcmp(argv[i], "-q") == 0) {
            words.quiet = true;
        } else if (argv[i][0] != '-' && address == NULL) {
            address = argv[i];
        } else {
            return usage();
        }
    }
    if (address == NULL || (words.go_on && words.file == NULL) ||
        (words.file != NULL && strlen(words.file) > 1000)) {
        return usage();
    }
    if (!ctx_http_url(&url, (struct ctx_http_text){address, strlen(address)}, NULL)) {
        complain(address, "an address begins with http:// or https://, and has no user in it");
        return 2;
    }
    snprintf(part_name, sizeof part_name, "%s.part", words.file != NULL ? words.file : "");
    struct ctx_tls_config *roots = ctx_tls_client();
    int result = roots == NULL ? CTX_TLS_E_RANDOM : ctx_tls_roots(roots, words.roots);
    if (result != CTX_TLS_OK && (url.tls || words.own_roots)) {
        ctx_tls_config_free(roots);
        return complain(words.roots, ctx_tls_name(result));
    }
    result = -1;
    for (uint32_t i = 0; i <= REDIRECTS && result < 0; i++) {
        result = once(&url, roots);
    }
    ctx_tls_config_free(roots);
    return result < 0 ? complain(address, "it leads on and on") : result;
}
