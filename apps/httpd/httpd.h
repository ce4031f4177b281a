/* SPDX-License-Identifier: MIT */
/*
 * The web server: what its files share. One loop over epoll and many connections, each a small
 * machine of states; nothing waits anywhere else. The same sources are a program on Linux
 * (world_here.c instead of world_argos.c), which is how they are tested by browsers.
 *
 *   main.c      words, listening, the loop
 *   conns.c     all of them: which is ready, whose time is over, who has to make room
 *   conn.c      a connection from first to last
 *   buffers.c   what it reads into and sends from
 *   answer.c    heads of answers
 *   routes.c    which path is what
 *   files.c     files, ranges, folders
 *   upload.c    files that are put here
 *   kept.c      what is known of files that are asked for again and again
 *   door.c      who may do what: hosts, origins, the token
 *   token.c     the token: where it is kept, and who is shown it (world_here.c has another)
 *   live.c      WebSocket: status, picture, hands
 *   picture.c   what changed of the screen, small
 *   report.c    the machine in JSON, metrics
 *   world_*.c   the machine itself
 */
#ifndef HTTPD_H
#define HTTPD_H

#include <ctx/ctx.h>
#include <ctx/http.h>
#include <ctx/status.h>
#include <ctx/tls.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONNS_MOST   10000 /* unless the line says connections= */
#define IN_MOST      (CTX_HTTP_HEAD_MOST + 4096)
#define OUT_MOST     32768        /* of an answer's body at once */
#define SOCKET_MOST  (512u << 10) /* of WebSocket, before no more is read: a picture and answers */
#define BODY_MOST    4096         /* of a request that is no upload: 413 */
#define DISCARD_MOST 65536        /* of a body that nobody wants, before the connection is closed */
#define UPLOAD_MOST  (UINT64_C(256) << 20)
#define MESSAGE_MOST 512   /* of WebSocket, from a page */
#define HEAD_MS      10000 /* from its first byte to its last: 408 */
#define IDLE_MS      30000 /* between requests */
#define STALL_MS     20000 /* for a body; of an upload or an answer without a byte of it */
#define LINGER_MS    2000  /* for what is on its way when we close */
#define PING_MS      20000
#define PATH_MOST    1024
#define TAG_ROOM     60
#define FILE_ROOM    (PATH_MOST + 32) /* of a file's path, index.html or .gz behind it */

/* What the words of the line say. */
struct settings {
    bool look, full;   /* web= */
    const char *root;  /* a folder whose files are served as /files/; NULL: none */
    const char *pages; /* the folder of our own pages */
    const char
        *names[8]; /* host=: by which we are called, besides addresses, localhost and argos.local */
    uint32_t name_count;
    uint32_t connections; /* at once */
    struct ctx_tls_config *tls;
    uint16_t port, tls_port; /* where it listens; 0: it does not */
    char token[33];          /* hexadecimal; "": there is none */
    uint32_t generation;     /* of the token: what was allowed with another one is not any more */
};
extern struct settings
    settings; /* main.c writes it before the first connection, and then token.c the token */

/* Where bytes of an answer come from when those in memory are sent. */
enum source { SOURCE_NONE, SOURCE_FILE, SOURCE_FOLDER, SOURCE_TEXT };
/* Where a request's body goes. */
enum sink { SINK_NONE, SINK_DISCARD, SINK_MEMORY, SINK_FILE };
enum state { GREETING, READING, BODY, SENDING, SOCKET, LINGER, CLOSED };

/* Of a file. */
struct facts {
    uint64_t size;
    int64_t changed;               /* in seconds since 1970 */
    char date[CTX_HTTP_DATE_ROOM]; /* the same */
    char tag[TAG_ROOM];            /* without the last quote */
    bool has_packed;               /* there is NAME.gz beside it */
    char file[FILE_ROOM];          /* a folder's index.html */
};

/* One that is remembered, by the path that was asked for. */
struct kept {
    struct kept *next;
    uint32_t users; /* one: it is listed; and each connection that sends it */
    struct facts facts;
    char *bytes;             /* NULL: they are read from the file */
    struct world_lent *lent; /* where they lie, if they are sent without a copy */
    char asked[];
};

struct upload;
struct live;

struct conn {
    struct conn *next, **link; /* of all */
    uint32_t place;            /* in the heap of times */
    int64_t due;               /* when it is looked at, whatever comes */
    uint32_t events;           /* that are waited for */
    int64_t since;             /* when its request began, or the one before ended */
    int fd;
    struct ctx_tls *tls;
    enum state state;
    uint64_t address; /* of the peer: of IPv4, or the first half of one of IPv6 (a network) */
    int64_t deadline; /* in milliseconds */
    bool wants_write; /* TLS has something to say before it can go on */
    bool keep, head_only, half_closed, chunked;

    char *in;
    size_t in_len, in_room, head_from, head_len;
    char *out;
    size_t out_len, out_at, out_room;

    enum source source;
    int file;
    struct kept *kept; /* instead of file: its bytes are here */
    size_t direct;     /* so many of them are next, behind those in out */
    void *folder;      /* DIR */
    char *text;        /* made for this answer, freed with it */
    size_t text_len, text_at;
    struct ctx_http_range ranges[CTX_HTTP_RANGES_MOST];
    uint32_t range_count, range_at;
    uint64_t size, at; /* of the file; within the range */
    const char *type;
    char boundary[17];

    enum sink sink;
    uint32_t framing;
    uint64_t body_left, body_len;
    struct ctx_http_chunks chunks;
    char *body;
    struct upload *upload;
    void (*then)(struct conn *conn); /* when the body is whole; it looks into head again */

    struct live *live;
};

/* One request at a time is looked at, between its head's end and its answer's beginning. */
extern struct ctx_http_head head;
extern char path[PATH_MOST];
extern struct ctx_http_text query;

extern uint64_t count_requests, count_connections, count_status[6]; /* by hundreds */

int64_t now_ms(void);

/* conns.c */
bool conns_begin(void);
bool conns_listen(int fd, bool secure);
/* False: no memory. */
bool conns_add(struct conn *conn);
uint32_t conns_count(void);
/* One that only looks goes: of those of whoever has the most of them the oldest. False: none may.
 */
bool conns_room_to_look(void);
/* There is no memory: another one goes, so that this one goes on. False: there is no other. */
bool conns_room_for(const struct conn *conn);
/* One round: waits for something to do, and does it. */
void conns_round(void);

/* conn.c */
void conn_open(int fd, bool secure, uint64_t address);
void conn_work(struct conn *conn, bool readable, bool writable);
void conn_timeout(struct conn *conn);
bool conn_wants_read(const struct conn *conn);
bool conn_wants_write(const struct conn *conn);
/* Bytes to be sent. False: no memory, and the connection is closed. */
bool conn_put(struct conn *conn, const void *bytes, size_t len);
bool conn_printf(struct conn *conn, const char *format, ...) __attribute__((format(printf, 2, 3)));
void conn_close(struct conn *conn);
/* The head that is at the beginning of `in` once more. */
bool conn_head_again(struct conn *conn);

/* buffers.c */
bool buffer_room(char **bytes, size_t *room, size_t wanted, size_t most); /* false: no memory */
void buffers_drop(struct conn *conn);                                     /* both are empty */

/* answer.c: each of them is a whole head, and perhaps a body that follows; the connection is
 * SENDING then. */
void answer(struct conn *conn, uint32_t status, const char *more, const char *type,
            uint64_t length);
void answer_chunked(struct conn *conn, uint32_t status, const char *more, const char *type);
void answer_status(struct conn *conn, uint32_t status, const char *more, const char *why);
/* A part of an answer that was begun by answer_chunked(); of no bytes: its end. */
bool answer_chunk(struct conn *conn, const char *text, size_t len);
/* text was allocated, and is freed when it is sent. */
void answer_text(struct conn *conn, const char *type, const char *more, char *text, size_t len);
/* The next bytes of a body into out. False: it can not be had, and the connection must end. */
bool answer_more(struct conn *conn);

/* routes.c */
void route(struct conn *conn);

/* files.c */
void files_get(struct conn *conn, const char *file, const char *shown);
bool files_more(struct conn *conn);
void files_close(struct conn *conn);
/* What the request's conditions say about this file being written: 0, 409 (it is a folder), 412. */
uint32_t files_may_change(const char *file);

/* upload.c */
void uploads_clean(void); /* those of an earlier life, unless they are gone */
bool upload_begin(struct conn *conn, const char *file);
bool upload_take(struct conn *conn, const char *bytes, size_t len);
void upload_end(struct conn *conn, bool whole);

/* kept.c. NULL: nothing is known of it. */
struct kept *kept_find(const char *asked);
/* What kept_find() did not know is this. */
void kept_note(const char *asked, const struct facts *facts);
void kept_fill(struct kept *kept, int fd);
/* A connection sends no more of it. */
void kept_release(struct kept *kept);
uint64_t kept_bytes(void);

/* door.c */
bool door_good_host(struct ctx_http_text host);
bool door_same_origin(const struct ctx_http_head *request, bool secure);
/* 0, or 401, 403, 409, 429; once: what was given out is used up. */
uint32_t door_may(uint64_t address, struct ctx_http_text token, struct ctx_http_text once);
void door_once(char out[33]);
void door_audit(uint64_t address, const char *what, const char *how);
/* Of what was refused: a flood of it does not fill the log, but is counted there. */
void door_refused(uint64_t address, const char *what, const char *how);
/* In how many milliseconds it has something to say; -1: it has not. */
int64_t door_tick(void);
void door_random(char *out, size_t hex_digits);

/* report.c: text that the caller frees, NULL: no memory. */
char *report_json(size_t *len);
char *report_metrics(size_t *len);

/* live.c */
void live_begin(struct conn *conn);
void live_read(struct conn *conn);
void live_tick(struct conn *conn);
void live_end(struct conn *conn);
bool live_may_go(const struct conn *conn); /* it has no hands */
int64_t live_next(const struct conn *conn);

/* picture.c: how far somebody has seen it. Zeroed at first. */
struct picture_seen {
    uint64_t look; /* the newest look that all tiles are shown of, or newer */
    uint64_t until;
    uint32_t next, shrink, w, h;
};
/* A message with what changed, or as much of it as fits; NULL: nothing did, or there is no screen.
 * Good until the next call. */
const uint8_t *picture_message(struct picture_seen *seen, uint32_t shrink, size_t *len);
/* Nobody looks any more. */
void picture_forget(void);

/* world_argos.c, world_here.c */
uint32_t world_apps(struct ctx_app_info *out, uint32_t most);
bool world_system(struct ctx_system_info *out);
bool world_crash(uint64_t seq, struct ctx_crash *out);
uint32_t world_log(char *out, uint32_t room);
bool world_screen(uint32_t *pixels, uint32_t room, uint32_t shrink, uint32_t *w, uint32_t *h);
ctx_status world_do(const char *action, uint64_t pid);
/* Without it nobody reaches this server any more: itself, and who offers the network. */
bool world_carries(uint64_t pid);
ctx_status world_key(uint32_t code, bool down);
ctx_status world_pointer(uint32_t x, uint32_t y, uint32_t w,
                         uint32_t h); /* of a picture of this size */
ctx_status world_wheel(int32_t away);
void world_random(void *out, size_t len);
/* Whether nothing in this folder has changed, whoever could have done it, since this said no. It
 * says no at first, and always where nobody can tell. */
bool world_unchanged(const char *folder);
/* What changes from now on is told. */
bool world_is_told(void);
/* The token of this machine, with web=full: the one that is kept, or a new one, which the log says;
 * fresh: a new one in any case. It is told to those who may know it from now on, where it can be.
 */
void world_token(bool fresh);
/* Before something is decided by the token: after a restore another one may count. May wait. */
void world_token_check(void);
/* Memory that connections send from without a copy; what is on its way when it is freed still
 * arrives. NULL: there is none of that kind. */
struct world_lent *world_lend(size_t bytes, char **at);
ptrdiff_t world_send(struct world_lent *lent, int fd, size_t at, size_t len); /* as send() */
void world_lend_end(struct world_lent *lent);
/* A line, without its end, for whoever runs the machine: in its log, whatever standard output is.
 */
void world_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *world_name(void);

#endif
