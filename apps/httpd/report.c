/* SPDX-License-Identifier: MIT */
/* The machine as text: for the page, and for who gathers numbers. Names are apps' own words:
 * whatever is in them stays inside of its quotes. */
#include "httpd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APPS_MOST 256
#define LOG_MOST  8192

struct text {
    char *at;
    size_t len, room;
    bool failed;
};

static struct ctx_app_info apps[APPS_MOST];

static void add_bytes(struct text *text, const char *bytes, size_t len)
{
    if (text->len + len + 1 > text->room) {
        size_t room = text->room < 4096 ? 4096 : text->room;
        for (; room < text->len + len + 1; room *= 2) {
        }
        char *moved = text->failed ? NULL : realloc(text->at, room);
        if (moved == NULL) {
            text->failed = true;
            return;
        }
        text->at = moved;
        text->room = room;
    }
    memcpy(text->at + text->len, bytes, len);
    text->len += len;
    text->at[text->len] = 0;
}

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    add_bytes(text, line, len < 0 ? 0 : (size_t)len < sizeof line ? (size_t)len : sizeof line - 1);
}

/* How long a character of UTF-8 is that begins here, 0: it is none. */
static size_t character(const char *at, size_t len)
{
    uint8_t c = (uint8_t)at[0];
    size_t wanted = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return wanted <= len && ctx_ws_utf8(at, wanted) ? wanted : 0;
}

static void add_quoted(struct text *text, const char *words, size_t len)
{
    add_bytes(text, "\"", 1);
    for (size_t i = 0; i < len;) {
        size_t one = character(words + i, len - i);
        uint8_t c = (uint8_t)words[i];
        if (one == 0) {
            add_bytes(text, "?", 1);
        } else if (c < ' ' || c == '"' || c == '\\' || c == '<' || c == 0x7f) {
            add(text, "\\u%04x", c);
        } else {
            add_bytes(text, words + i, one);
        }
        i += one == 0 ? 1 : one;
    }
    add_bytes(text, "\"", 1);
}

static size_t length(const void *name, size_t most)
{
    const char *end = memchr(name, 0, most);
    return end != NULL ? (size_t)(end - (const char *)name) : most;
}

static const char *state_name(uint32_t state)
{
    static const char *const names[] = {"runs",   "waits",    "stopped",      "ended",
                                        "paused", "restarts", "needs another"};
    return state < sizeof names / sizeof names[0] ? names[state] : "?";
}

static char *done(struct text *text, size_t *len)
{
    if (text->failed) {
        free(text->at);
        return NULL;
    }
    *len = text->len;
    return text->at;
}

static void add_crashes(struct text *text)
{
    static struct ctx_crash crash;
    uint64_t seq = 0;
    for (uint32_t i = 0; i < 16 && world_crash(seq, &crash); i++, seq = crash.seq + 1) {
        uint32_t len =
            crash.text_len < sizeof crash.text ? crash.text_len : (uint32_t)sizeof crash.text;
        add(text, "%s{\"seq\":%llu,\"pid\":%llu,\"text\":", i > 0 ? "," : "",
            (unsigned long long)crash.seq, (unsigned long long)crash.pid);
        add_quoted(text, (const char *)crash.text, len);
        add(text, "}");
    }
}

/* The log has the token, for who stands at the machine; whoever looks from outside has to bring it.
 */
static uint32_t log_without_token(char *log, uint32_t room)
{
    uint32_t len = world_log(log, room), token = (uint32_t)strlen(settings.token);
    for (uint32_t i = 0; token > 0 && i + token <= len; i++) {
        if (memcmp(log + i, settings.token, token) == 0) {
            memset(log + i, '*', token);
        }
    }
    /* One that was cut at the beginning is none that helps, but neither is it needed. */
    for (uint32_t part = token - 1; token > 0 && part > 0; part--) {
        if (part <= len && memcmp(log, settings.token + token - part, part) == 0) {
            memset(log, '*', part);
            break;
        }
    }
    /* Nor one whose end has not been read yet; of three letters nobody has anything. */
    for (uint32_t part = token - 1; token > 0 && part > 3; part--) {
        if (part <= len && memcmp(log + len - part, settings.token, part) == 0) {
            memset(log + len - part, '*', part);
            break;
        }
    }
    return len;
}

char *report_json(size_t *len)
{
    struct text text = {.len = 0};
    struct ctx_system_info system = {.size = sizeof system};
    char log[LOG_MOST];
    world_system(&system);
    add(&text, "{\"machine\":");
    add_quoted(&text, world_name(), strlen(world_name()));
    add(&text,
        ",\"full\":%s,\"files\":%s,\"uptime_ms\":%llu,\"memory\":%llu,\"memory_free\":%llu,\"trusted\":%llu,\"apps\":[",
        settings.full ? "true" : "false", settings.root != NULL ? "true" : "false",
        (unsigned long long)(system.uptime_ns / 1000000), (unsigned long long)system.memory,
        (unsigned long long)system.memory_free, (unsigned long long)system.trusted);
    uint32_t count = world_apps(apps, APPS_MOST);
    for (uint32_t i = 0; i < count; i++) {
        const struct ctx_app_info *app = &apps[i];
        add(&text, "%s{\"pid\":%llu,\"name\":", i > 0 ? "," : "", (unsigned long long)app->pid);
        add_quoted(&text, (const char *)app->name, length(app->name, sizeof app->name));
        add(&text,
            ",\"state\":\"%s\",\"version\":%u,\"calls\":%llu,\"faults\":%llu,\"time_ns\":%llu,\"longest_ns\":%llu,\"memory\":%llu,",
            state_name(app->state), (unsigned)app->version, (unsigned long long)app->calls,
            (unsigned long long)app->faults, (unsigned long long)app->time_ns,
            (unsigned long long)app->longest_ns, (unsigned long long)app->memory);
        add(&text, "\"quota\":%llu,\"restarts\":%u,\"overruns\":%llu,\"isolated\":%s%s}",
            (unsigned long long)app->memory_quota, (unsigned)app->restarts,
            (unsigned long long)app->overruns, app->isolated != 0 ? "true" : "false",
            world_carries(app->pid) ? ",\"carries\":true" : "");
    }
    add(&text, "],\"crashes\":[");
    add_crashes(&text);
    add(&text, "],\"log\":");
    add_quoted(&text, log, log_without_token(log, sizeof log));
    add(&text, "}");
    return done(&text, len);
}

static void metric(struct text *text, const char *name, const char *kind, const char *help)
{
    add(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static uint64_t value_of(const struct ctx_app_info *app, uint32_t which)
{
    const uint64_t values[] = {app->calls,      app->faults,   app->time_ns,
                               app->longest_ns, app->memory,   app->memory_quota,
                               app->restarts,   app->overruns, app->isolated};
    return values[which];
}

static void add_app_metrics(struct text *text, uint32_t count)
{
    static const struct {
        const char *name, *kind, *help;
        bool seconds;
    } all[] = {
        {"argos_app_calls_total", "counter", "Calls of an app.", false},
        {"argos_app_faults_total", "counter", "Calls that ended in a fault.", false},
        {"argos_app_call_seconds_total", "counter", "Time spent in its calls.", true},
        {"argos_app_longest_call_seconds", "gauge", "Its longest call.", true},
        {"argos_app_memory_bytes", "gauge", "Memory committed for it.", false},
        {"argos_app_memory_quota_bytes", "gauge", "The most that may become.", false},
        {"argos_app_restarts_total", "counter", "How often it began anew.", false},
        {"argos_app_overruns_total", "counter", "Slices of time beyond its budget.", false},
        {"argos_app_isolated", "gauge", "1: its code is verified.", false},
    };
    for (uint32_t which = 0; which < sizeof all / sizeof all[0]; which++) {
        metric(text, all[which].name, all[which].kind, all[which].help);
        for (uint32_t i = 0; i < count; i++) {
            uint64_t value = value_of(&apps[i], which);
            add(text, "%s{pid=\"%llu\",app=\"", all[which].name, (unsigned long long)apps[i].pid);
            size_t len = length(apps[i].name, sizeof apps[i].name);
            for (size_t c = 0; c < len; c++) {
                char one = (char)apps[i].name[c];
                add_bytes(text, one >= ' ' && one < 0x7f && one != '"' && one != '\\' ? &one : "_",
                          1);
            }
            if (all[which].seconds) {
                add(text, "\"} %llu.%09llu\n", (unsigned long long)(value / 1000000000),
                    (unsigned long long)(value % 1000000000));
            } else {
                add(text, "\"} %llu\n", (unsigned long long)value);
            }
        }
    }
}

char *report_metrics(size_t *len)
{
    struct text text = {.len = 0};
    struct ctx_system_info system = {.size = sizeof system};
    world_system(&system);
    metric(&text, "argos_uptime_seconds", "gauge", "Since the machine was switched on.");
    add(&text, "argos_uptime_seconds %llu.%03llu\n",
        (unsigned long long)(system.uptime_ns / 1000000000),
        (unsigned long long)(system.uptime_ns / 1000000 % 1000));
    metric(&text, "argos_memory_bytes", "gauge", "RAM that the kernel manages.");
    add(&text, "argos_memory_bytes %llu\n", (unsigned long long)system.memory);
    metric(&text, "argos_memory_free_bytes", "gauge", "Of that, free.");
    add(&text, "argos_memory_free_bytes %llu\n", (unsigned long long)system.memory_free);
    metric(&text, "argos_trusted_starts_total", "counter",
           "Apps that began whose code is not verified.");
    add(&text, "argos_trusted_starts_total %llu\n", (unsigned long long)system.trusted);
    add_app_metrics(&text, world_apps(apps, APPS_MOST));
    metric(&text, "argos_http_requests_total", "counter", "Requests that this server has read.");
    add(&text, "argos_http_requests_total %llu\n", (unsigned long long)count_requests);
    metric(&text, "argos_http_connections_total", "counter", "Connections that it has taken.");
    add(&text, "argos_http_connections_total %llu\n", (unsigned long long)count_connections);
    metric(&text, "argos_http_kept_bytes", "gauge",
           "Of files that are in memory because they are asked for again and again.");
    add(&text, "argos_http_kept_bytes %llu\n", (unsigned long long)kept_bytes());
    metric(&text, "argos_http_responses_total", "counter", "Answers by their status.");
    for (uint32_t i = 1; i < 6; i++) {
        add(&text, "argos_http_responses_total{status=\"%uxx\"} %llu\n", (unsigned)i,
            (unsigned long long)count_status[i]);
    }
    return done(&text, len);
}
