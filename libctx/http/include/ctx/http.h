/* SPDX-License-Identifier: MIT */
/*
 * <ctx/http.h> - HTTP/1.1 and WebSocket without a connection: text in, meaning out. For servers and
 * for clients; apps link it, and so do tests. Nothing here waits, allocates or keeps anything.
 *
 * All that is parsed is taken to be hostile, and read in one way only. Where RFC 9112 lets a
 * recipient be generous, and two recipients of one text could disagree about where it ends, it is
 * refused: a line that ends with LF alone, a folded line, white space before a colon, two lengths,
 * a length beside `chunked`, a chunk that is not followed by CRLF.
 */
#ifndef CTX_HTTP_H
#define CTX_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CTX_HTTP_HEAD_MOST   16384 /* bytes of a first line with its fields; more: 431 */
#define CTX_HTTP_TARGET_MOST 4096  /* bytes of a target; more: 414 */
#define CTX_HTTP_FIELDS_MOST 96    /* more: 431 */
#define CTX_HTTP_RANGES_MOST 8     /* more: the range is ignored, as RFC 9110 allows */
#define CTX_HTTP_LENGTH_MOST (UINT64_C(1) << 53)

/* Bytes in a text, not ended by a NUL. A text that is not there has at = NULL. */
struct ctx_http_text {
    const char *at;
    size_t len;
};

struct ctx_http_field {
    struct ctx_http_text name, value;
};

/* How long a body is. */
#define CTX_HTTP_BODY_NONE    0
#define CTX_HTTP_BODY_LENGTH  1
#define CTX_HTTP_BODY_CHUNKED 2
#define CTX_HTTP_BODY_CLOSE   3 /* of a response: until the connection ends */

struct ctx_http_head {
    struct ctx_http_text method, target; /* of a request; target without scheme and host */
    uint32_t status;                     /* of a response */
    uint32_t minor;                      /* HTTP/1.minor, 0 or 1 */
    uint32_t body;                       /* CTX_HTTP_BODY_* */
    uint64_t length;                     /* with CTX_HTTP_BODY_LENGTH */
    struct ctx_http_text host;           /* with its port */
    bool keep_alive;                     /* the sender would keep the connection */
    bool upgrade;                        /* Connection says upgrade */
    bool expects;                        /* 100-continue */
    uint32_t field_count;
    struct ctx_http_field fields[CTX_HTTP_FIELDS_MOST];
};

/*
 * Where a head ends that begins at bytes: its length with the empty line, 0 if it is not whole yet.
 * Negative: the status that it deserves (-400, -431). *from is 0 at first, and kept between calls
 * about the same head that grows.
 */
int ctx_http_head_end(const char *bytes, size_t len, size_t *from);
/* The head in these bytes, which it goes on pointing into. 0, or the status that it deserves: 400,
 * 414, 431, 501, 505. */
int ctx_http_request(struct ctx_http_head *head, const char *bytes, size_t len);
/* The same of a response to a request of this method. 0, or 502: it is none that can be understood.
 */
int ctx_http_response(struct ctx_http_head *head, const char *bytes, size_t len, bool to_head);

/* The first field of this name (in any case), NULL: there is none. */
const struct ctx_http_text *ctx_http_find(const struct ctx_http_head *head, const char *name);
/* Is it these letters, in any case? */
bool ctx_http_is(struct ctx_http_text text, const char *word);
/* Does a list of words with commas have this one, in any case? */
bool ctx_http_has(struct ctx_http_text list, const char *word);
/* Decimal digits and nothing else. */
bool ctx_http_number(struct ctx_http_text text, uint64_t *out);

/*
 * The path of a target, decoded, into out: begins with '/', has no empty, `.` or `..` parts, no
 * NUL, no backslash and no control character; a '/' at its end stays. *query is what follows '?',
 * as it came. 0, or 400: it is none, or leads out of the root.
 */
int ctx_http_path(struct ctx_http_text target, char *out, size_t room, struct ctx_http_text *query);

/* A body that comes in chunks. Zeroed at first. */
struct ctx_http_chunks {
    uint64_t left;
    uint32_t state, count; /* of characters in a line */
    uint32_t trailer;      /* bytes of fields after the last chunk */
};
/*
 * Takes of bytes until there is something of the body: *body points to *body_len bytes of it, in
 * place. Returns how many bytes are done with; the rest comes again. *ended: that was all. -400: it
 * is none.
 */
int ctx_http_unchunk(struct ctx_http_chunks *chunks, const char *bytes, size_t len,
                     const char **body, size_t *body_len, bool *ended);

/* One range, both ends in it. */
struct ctx_http_range {
    uint64_t first, last;
};
/*
 * `Range` against something of size bytes: how many ranges, 0: ignore it, -1: none of them is in it
 * (416). More than two that overlap are ignored, so that nobody gets a file many times for one
 * request.
 */
int ctx_http_ranges(struct ctx_http_text value, uint64_t size,
                    struct ctx_http_range out[CTX_HTTP_RANGES_MOST]);
/* `Content-Range: bytes 5-9/20`: false if it is none. size is UINT64_MAX where it says `*`. */
bool ctx_http_content_range(struct ctx_http_text value, struct ctx_http_range *out, uint64_t *size);

/* Is the tag in the list? weak: those with W/ count too. `*` is in every list. */
bool ctx_http_etag(struct ctx_http_text list, const char *tag, bool weak);
/* "Sun, 06 Nov 1994 08:49:37 GMT" and its two elders, in seconds since 1970. */
bool ctx_http_date(struct ctx_http_text text, int64_t *out);
#define CTX_HTTP_DATE_ROOM 32
void ctx_http_put_date(char out[CTX_HTTP_DATE_ROOM], int64_t when);

/* "Not Found", "" for what is not known. */
const char *ctx_http_reason(uint32_t status);
/* By the end of a name. */
const char *ctx_http_type(const char *path);
/* Both are read to their end, wherever they differ. */
bool ctx_http_same_secret(struct ctx_http_text a, struct ctx_http_text b);

/* http://HOST:PORT/PATH, and what a redirect makes of it. */
struct ctx_http_url {
    bool tls;
    uint16_t port;
    char host[256];                        /* an IPv6 address without brackets */
    char target[CTX_HTTP_TARGET_MOST + 1]; /* path and query, begins with '/' */
};
/* base may be NULL. False: it is none of http or https, or has a user in it, or a character that
 * none may have. */
bool ctx_http_url(struct ctx_http_url *out, struct ctx_http_text text,
                  const struct ctx_http_url *base);

/* ---- WebSocket, RFC 6455 ---- */

/* The answer to `Sec-WebSocket-Key`. False: it is no key. */
bool ctx_ws_accept(char out[29], struct ctx_http_text key);

#define CTX_WS_TEXT   1
#define CTX_WS_BINARY 2
#define CTX_WS_CLOSE  8
#define CTX_WS_PING   9
#define CTX_WS_PONG   10

/* What comes in: messages are put together in room of the caller's. Zeroed at first, but for the
 * first three. */
struct ctx_ws {
    char *message;    /* room bytes */
    size_t room;      /* a longer message is closed with 1009 */
    bool from_client; /* its frames are masked, and must be; else they must not be */
    uint8_t head[14];
    uint32_t head_len;
    uint8_t control[125]; /* a frame of control may come between the parts of a message */
    uint64_t left, at;
    size_t message_len;
    uint8_t opcode, message_kind, phase;
    bool last;
    uint32_t utf8, utf8_more, utf8_least; /* of a text: a character that is not whole yet */
};
/* A whole message, or a frame of control. */
struct ctx_ws_message {
    uint8_t kind; /* 0: none yet; CTX_WS_* */
    const char *at;
    size_t len;
    uint16_t code; /* of CTX_WS_CLOSE: 1005 if it gave none */
};
/*
 * Takes of bytes, until there is a message or they are at their end; returns how many it took. The
 * message is good until the next call. Negative: the code to close with (-1002 not the protocol,
 * -1007 no UTF-8, -1009 too long).
 */
int ctx_ws_read(struct ctx_ws *ws, const char *bytes, size_t len, struct ctx_ws_message *message);
/* The head of a frame of a server, whose payload has len bytes: how long that is, 10 at most. */
size_t ctx_ws_head(uint8_t out[10], uint8_t kind, size_t len);
/* Text that is UTF-8, to its end. */
bool ctx_ws_utf8(const char *at, size_t len);

#endif
