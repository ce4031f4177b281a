/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "outcome.h"

#include "app.h"
#include "crash.h"
#include "grants.h"
#include "linux.h"
#include "resource.h"
#include "tool.h"

#include <kernel/klog.h>

#include <storage_tool.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAULT_CODE (128 + SIGSEGV) /* what the C library's glue ends with after any fault, */
#define ABORT_CODE (128 + SIGABRT) /* and after the one that abort() makes */

/* [boot, loop, in a call]; why and signal_no: handlers too, once */
static struct {
    const struct run_options *options; /* NULL: not so far */
    bool known;                        /* there is a first app that is no service: */
    uint64_t pid;
    char name[APP_NAME];
    bool services_only; /* or there are only services, and this is the first of them */
    bool ended;         /* it is not called any more */
    bool badly;         /* by a fault, */
    int fault;          /* of this signal */
    int32_t exit_code;
    uint64_t calls, faults;
    const char *why; /* NULL: the first app's end */
    bool unsaved;    /* what was to be kept is not */
    int signal_no;
    bool told;
} state;

/* Linux' signal for an exception of the processor. */
static int signal_of(uint32_t vector)
{
    switch (vector) {
    case 0:
    case 16:
    case 19:
        return SIGFPE;
    case 1:
    case 3:
        return SIGTRAP;
    case 6:
        return SIGILL;
    case 17:
        return SIGBUS;
    default:
        return SIGSEGV;
    }
}

static bool is_first(const struct app *app)
{
    return state.known && app->pid == state.pid;
}

static int last_fault(uint64_t pid)
{
    int found = SIGSEGV;
    uint64_t seq = 0;
    for (const struct ctx_crash *c; (c = crash_get(seq)) != NULL; seq = c->seq + 1) {
        found = c->pid == pid ? signal_of(c->vector) : found;
    }
    return found;
}

static void look(const struct app *app)
{
    state.calls = app->calls;
    state.faults = app->faults;
    state.exit_code = app->exit_code;
    bool aborted = app->exit_code == ABORT_CODE && app->faults > 0;
    state.badly = app->stopped || aborted || (app->exit_code == FAULT_CODE && app->faults > 0);
    if (state.badly) {
        state.fault = aborted ? SIGABRT : last_fault(app->pid);
    }
}

static void forget(struct app *app)
{
    if (is_first(app)) {
        look(app);
        state.ended = true;
    }
}

static const struct app_resource outcome_resource = {.name = "outcome", .forget = forget};

void outcome_start(const struct run_options *options)
{
    state.options = options;
    resource_add(&outcome_resource);
}

/* One that is there for others: it offers something. */
static bool is_service(const struct app *app)
{
    for (const struct grant *g = NULL; (g = grants_each(&app->grant_list, g)) != NULL;) {
        if (grants_item_kind(g) == GRANT_OFFER) {
            return true;
        }
    }
    return false;
}

struct app *outcome_foreground(void)
{
    for (struct app *app = app_first(); app != NULL; app = app->next) {
        if (!is_service(app)) {
            return app;
        }
    }
    return app_first();
}

void outcome_of_first(void)
{
    const struct app *app = outcome_foreground();
    if (app != NULL) {
        state.known = true;
        state.pid = app->pid;
        memcpy(state.name, app->name, sizeof state.name);
        state.services_only = is_service(app);
    }
}

bool outcome_is_over(void)
{
    const struct app *app = app_first();
    bool services = false, busy = false;
    if (state.options->verdict) {
        return false; /* it is told when to end */
    }
    for (; app != NULL; app = app->next) {
        if (app->stopped || (app->needs && app->base == 0)) {
            continue;
        }
        if (!is_service(app)) {
            return false;
        }
        services = true;
        busy |= app->turn.where != TURN_WAITING;
    }
    /* Those that are left have nobody to be there for: they end what they do, and what they sent
     * goes. Where there never was anybody else it is what was asked for that they go on. */
    return !services || (!state.services_only && !busy && !linux_net_busy());
}

void outcome_because(const char *why, int signal_no)
{
    if (state.why == NULL) {
        state.why = why;
        state.signal_no = signal_no;
    }
}

static bool is_number(const char *text)
{
    return *text != 0 && text[strspn(text, "0123456789")] == 0;
}

/* Of a descriptor that can be written to; -1: it is none. */
static int number_of(const char *text)
{
    uint64_t fd;
    int flags = tool_number(text, 0, INT_MAX, &fd) ? fcntl((int)fd, F_GETFL) : -1;
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
        errno = EBADF;
        return -1;
    }
    return (int)fd;
}

const char *outcome_wrong(const char **what)
{
    const struct run_options *o = state.options;
    bool number = o->json != NULL && is_number(o->json);
    if (number && number_of(o->json) < 0) {
        *what = o->json;
        return strerror(errno);
    }
    const char *const written[] = {o->save, o->screenshot, number ? NULL : o->json};
    for (size_t i = 0; i < ARRAY_COUNT(written); i++) {
        const char *why = written[i] != NULL ? tool_unwritable(written[i]) : NULL;
        if (why != NULL) {
            *what = written[i];
            return why;
        }
    }
    *what = o->has_files ? o->disks[o->files_disk].path : NULL;
    return *what != NULL ? storage_tool_wrong(*what) : NULL;
}

void outcome_unsaved(void)
{
    state.unsaved = true;
}

static bool is(const char *why)
{
    return state.why != NULL && strcmp(state.why, why) == 0;
}

static int code_of_first(void)
{
    if (state.known && !state.ended) {
        for (const struct app *app = app_first(); app != NULL; app = app->next) {
            if (is_first(app) && app->needs && app->base == 0) {
                outcome_because("missing", 0);
                return OUTCOME_MISSING;
            }
            if (is_first(app)) {
                look(app);
                if (!app->stopped) {
                    return 0; /* somebody else ended it all, and well */
                }
            }
        }
    }
    return state.badly ? OUTCOME_SIGNAL + state.fault : state.exit_code & 255;
}

static int find_code(void)
{
    if (is("signal")) {
        return OUTCOME_SIGNAL + state.signal_no;
    }
    if (is("refused") || is("missing")) {
        return is("refused") ? OUTCOME_REFUSED : OUTCOME_MISSING;
    }
    if (is("core")) {
        return OUTCOME_GAVE_UP;
    }
    return state.why != NULL ? 0 : code_of_first();
}

/* Names have printable characters alone; two of them mean something to JSON. */
static void put_text(FILE *out, const char *text)
{
    for (; *text != 0; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
}

static void write_json(int code)
{
    const char *name = state.options->json;
    int fd = is_number(name) ? number_of(name) : -1;
    FILE *out = fd >= 0 ? fdopen(dup(fd), "w") : is_number(name) ? NULL : fopen(name, "we");
    if (out == NULL) {
        fprintf(stderr, "ctx: %s: %s\n", name, strerror(errno));
        return;
    }
    const char *why = state.why != NULL ? state.why : state.badly && code >= 128 ? "fault" : "exit";
    fprintf(out, "{\"code\": %d, \"ended\": \"%s\"", code, why);
    if (is("signal") || (state.why == NULL && state.badly && code >= 128)) {
        fprintf(out, ", \"signal\": %d", code - 128);
    }
    if (state.known) {
        fputs(", \"app\": {\"name\": \"", out);
        put_text(out, state.name);
        fprintf(out, "\", \"pid\": %llu, \"calls\": %llu, \"faults\": %llu, \"exit\": ",
                (unsigned long long)state.pid, (unsigned long long)state.calls,
                (unsigned long long)state.faults);
        if (state.ended) {
            fprintf(out, "%d}", (int)state.exit_code);
        } else {
            fputs("null}", out);
        }
    }
    fprintf(out, ", \"apps\": %u, \"seconds\": %.3f}\n", app_count(),
            (double)machine_now_ns() / 1e9);
    if (fclose(out) != 0) {
        fprintf(stderr, "ctx: %s: %s\n", name, strerror(errno));
    }
}

int outcome_code(int verdict)
{
    const struct run_options *o = state.options;
    int code = verdict;
    if (o == NULL) {
        return code; /* another command of the tool */
    }
    if (verdict == LINUX_USAGE) {
        outcome_because("missing", 0);
    } else if (verdict == LINUX_PANIC) {
        state.why = NULL;
        outcome_because("core", 0);
    }
    if (!o->verdict) {
        code = find_code();
        code = code == 0 && state.unsaved ? OUTCOME_MISSING : code;
    }
    if (o->json != NULL && !state.told) {
        state.told = true;
        write_json(code);
    }
    return code;
}
