/* SPDX-License-Identifier: MIT */
/*
 * net - its line says which cards it has, and perhaps how it is to be called and reached:
 *
 *   net.elf net offer=ctx.net/1 grant=ctx.nic/1 nic=* [name=argos] [address=10.0.2.15/24
 * gateway=10.0.2.2 dns=10.0.2.3] [ntp=10.0.2.2] [sockets=4096] [buffers=16M] [memory=64M]
 *
 * Connections do not outlive it, so undo and restored images would only pretend: it is not undone,
 * and begins anew.
 */
#include "net_app.h"

#include <net_provider.h>

#include <ctx/note.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

CTX_NOTE(3);

CTX_NOTE_NUMBER(CTX_NOTE_FLAGS, CTX_NOTE_NO_UNDO | CTX_NOTE_FRESH_ON_RESTORE);
/* What an app sends in one call lies on the stack, of which it may take a quarter. */
CTX_NOTE_NUMBER(CTX_NOTE_STACK, 512 * 1024);
/* Listeners come back with the apps that had them. */
CTX_NOTE_NUMBER(CTX_NOTE_RESTART, CTX_RESTART_ON_FAULT);

#define MS        UINT64_C(1000000)
#define SOCKETS   16384u
#define BUFFERS   (UINT64_C(16) << 20)
#define MEMORY    (UINT64_C(64) << 20)
#define READ_MOST 8u

struct app app;

void say(uint32_t level, const char *format, ...)
{
    char text[300];
    va_list args;
    static const struct ctx_log *log;
    const struct ctx_table *table = NULL;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    len = len < (int)sizeof text ? len : (int)sizeof text - 1;
    struct ctx *ctx = app.ctx;
    if (log == NULL && ctx->iface->open(ctx->iface, CTX_ID_LOG, sizeof CTX_ID_LOG - 1, sizeof *log,
                                        &table) == CTX_OK) {
        log = (const struct ctx_log *)(const void *)table;
    }
    if (log != NULL) {
        log->write(log, level, text, (uint32_t)len);
    }
}

/* Of this call's beginning, plus whole ticks: that takes no gate, which would be most of what a
 * small call costs. */
uint64_t now_ms(void)
{
    return app.ctx->start_time_ms;
}

/* ---- what the stack stands on ---- */

static void noise(void *bytes, size_t len)
{
    static uint8_t pool[256];
    static size_t left;
    uint8_t *to = bytes;
    while (len > 0) {
        if (left == 0) {
            app.random->fill(app.random, pool, sizeof pool);
            left = sizeof pool;
        }
        *to++ = pool[--left];
        pool[left] = 0;
        len--;
    }
}

static void say_text(uint32_t level, const char *text)
{
    say(level, "%s", text);
}

static void broken(const char *what, const char *file, int line)
{
    const char *slash = strrchr(file, '/');
    say(CTX_LOG_ERROR, "%s:%d: %s", slash != NULL ? slash + 1 : file, line, what);
}

static void changed(struct sock *s)
{
    struct client *c = sock_owner(s)->arg;
    if (c != NULL) {
        c->dirty = true;
        handle_look((uint32_t)sock_marked(s));
    }
}

static void named(struct owner *o)
{
    struct client *c = o->arg;
    if (c != NULL) {
        c->dirty = c->named = true;
    }
}

/* The calendar is set by what a server says; of a first answer, and of one that is far from what
 * was thought, the log tells. */
static void on_time(int64_t unix_ns, const char *server)
{
    static bool told;
    int64_t before = 0;
    bool known = app.ctx->time->wall(app.ctx->time, &before) == CTX_OK && before > 0;
    ctx_status status = app.calendar->set(app.calendar, unix_ns);
    double late = (double)(unix_ns - before) / 1e9;
    if (status != CTX_OK) {
        say(CTX_LOG_ERROR, "the calendar can not be set: %s", ctx_status_name(status));
    } else if (!told || late > 1 || late < -1) {
        char text[32] = "";
        time_t seconds = (time_t)(unix_ns / 1000000000);
        struct tm tm;
        if (gmtime_r(&seconds, &tm) != NULL) {
            strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
        }
        if (known) {
            say(CTX_LOG_INFO, "time=%s UTC by=%s shift=%+.3fs", text, server, late);
        } else {
            say(CTX_LOG_INFO, "time=%s UTC by=%s: it was not known before", text, server);
        }
        told = true;
    }
}

/* ---- its line ---- */

static uint64_t number_of(const char *text, const char *word, uint64_t otherwise)
{
    char *end = NULL;
    unsigned long long n = strtoull(text, &end, 10);
    uint64_t unit = *end == 'K' || *end == 'k' ? 1024 : *end == 'M' || *end == 'm' ? 1 << 20 : 1;
    end += unit > 1;
    if (end == text || *end != 0 || n == 0 || n > (UINT64_C(1) << 40) / unit) {
        say(CTX_LOG_WARN, "%s=%s is no number of it: %llu", word, text,
            (unsigned long long)otherwise);
        return otherwise;
    }
    return n * unit;
}

static void read_word(char *word)
{
    static const struct {
        const char *word;
        char *to;
        size_t room;
    } texts[] = {{"address", app.address, sizeof app.address},
                 {"gateway", app.gateway, sizeof app.gateway},
                 {"dns", app.dns, sizeof app.dns},
                 {"name", app.name, sizeof app.name},
                 {"ntp", app.ntp, sizeof app.ntp}};
    char *value = strchr(word, '=');
    if (value == NULL) {
        say(CTX_LOG_WARN, "what does %s on its line mean?", word);
        return;
    }
    *value++ = 0;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(word, texts[i].word) == 0) {
            if (strlen(value) >= texts[i].room) {
                say(CTX_LOG_WARN, "%s= has more than %zu bytes", word, texts[i].room - 1);
                return;
            }
            strcpy(texts[i].to, value);
            app.has_ntp |= texts[i].to == app.ntp;
            return;
        }
    }
    if (strcmp(word, "sockets") == 0) {
        app.sockets_most = (uint32_t)number_of(value, word, SOCKETS);
    } else if (strcmp(word, "buffers") == 0) {
        app.bytes_most = number_of(value, word, BUFFERS);
    } else if (strcmp(word, "memory") == 0) {
        app.memory_most = number_of(value, word, MEMORY);
    } else {
        say(CTX_LOG_WARN, "what does %s= on its line mean?", word);
    }
}

static const void *open_table(struct ctx *ctx, const char *id, uint32_t size)
{
    const struct ctx_table *table = NULL;
    return ctx->iface->open(ctx->iface, id, (uint32_t)strlen(id), size, &table) == CTX_OK ? table
                                                                                          : NULL;
}

static void read_line(struct ctx *ctx)
{
    const struct ctx_args *args = open_table(ctx, CTX_ID_ARGS, sizeof *args);
    char text[512];
    uint32_t count = 0, len = 0;
    if (args == NULL || args->count(args, &count) != CTX_OK) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (args->get(args, i, text, sizeof text - 1, &len) != CTX_OK) {
            continue;
        }
        text[len < sizeof text ? len : sizeof text - 1] = 0;
        if (len < sizeof text) {
            read_word(text);
        } else {
            say(CTX_LOG_WARN, "%.40s... on its line has %u bytes: it is passed over", text, len);
        }
    }
}

static bool start(struct ctx *ctx)
{
    app.sockets_most = SOCKETS;
    app.bytes_most = BUFFERS;
    app.memory_most = MEMORY;
    strcpy(app.name, "argos");
    app.random = open_table(ctx, CTX_ID_RANDOM, sizeof *app.random);
    app.service = open_table(ctx, CTX_ID_SERVICE, sizeof *app.service);
    if (app.random == NULL || app.service == NULL) {
        return false;
    }
    app.calendar = open_table(ctx, CTX_ID_CALENDAR, sizeof *app.calendar);
    if (app.calendar != NULL && (app.calendar->t.flags & CTX_TBL_GRANTED) == 0) {
        app.calendar = NULL;
    }
    read_line(ctx);
    struct stack_setup setup = {
        .host = {noise, say_text, broken, changed, named, app.calendar != NULL ? on_time : NULL},
        .memory_most = app.memory_most,
        .name = app.name,
    };
    stack_begin(&setup, now_ms());
    handles_begin();
    if (app.dns[0] != 0 && !stack_dns(app.dns)) {
        say(CTX_LOG_ERROR, "dns=%s: addresses, three at most, between commas", app.dns);
    }
    if (app.ntp[0] != 0 && app.calendar == NULL) {
        say(CTX_LOG_ERROR, "ntp=%s: the time can not be set, the line needs grant=ctx.calendar/1",
            app.ntp);
    } else if (app.has_ntp && !stack_ntp(app.ntp)) {
        say(CTX_LOG_ERROR,
            "ntp=%s: names or addresses, four at most, each perhaps with :port, between commas",
            app.ntp);
    }
    if (net_publish(app.service, &app.handle) != CTX_OK) {
        say(CTX_LOG_ERROR, "it can not offer ctx.net/1: the line needs offer=ctx.net/1");
        return false;
    }
    cards_look();
    if (!cards_any()) {
        say(CTX_LOG_INFO,
            "there is no network card (its line needs grant=ctx.nic/1 nic=*): this machine talks to itself alone");
    }
    return true;
}

/* ---- its work ---- */

static void arm(bool anew)
{
    uint64_t next = stack_next();
    if (next == UINT64_MAX || (!anew && app.armed_ms <= next)) {
        app.armed_ms = anew ? next : app.armed_ms;
        return;
    }
    app.armed_ms = next;
    (void)app.ctx->time->wake_at(app.ctx->time, next * MS);
}

void work_begin(void)
{
    stack_run(now_ms());
    cards_take();
}

void work_end(void)
{
    stack_run(now_ms()); /* what goes from this machine to itself */
    cards_go(false);
    clients_look();
    arm(false);
}

/* Hints: they are read so that each is new. */
static bool read_events(struct ctx *ctx)
{
    struct ctx_event events[READ_MOST];
    uint32_t count = READ_MOST;
    bool cards = false;
    while (count == READ_MOST) {
        count = 0;
        if (ctx->events->read(ctx->events, events, sizeof events, sizeof events[0], &count) !=
            CTX_OK) {
            break;
        }
        for (uint32_t i = 0; i < count; i++) {
            cards |= events[i].kind == CTX_EVENT_NIC;
        }
    }
    return cards;
}

int32_t ctx_start(struct ctx *ctx)
{
    app.ctx = ctx;
    if (app.service == NULL && !start(ctx)) {
        return CTX_EXIT(1);
    }
    if (read_events(ctx)) {
        cards_look();
    }
    clients_news();
    stack_run(now_ms());
    cards_take();
    stack_run(now_ms());
    cards_go(true);
    clients_look();
    arm(true);
    ctx->events->wait(ctx->events, UINT64_C(1) << CTX_EVENT_NEWS | UINT64_C(1) << CTX_EVENT_NIC);
    return CTX_WAIT;
}
