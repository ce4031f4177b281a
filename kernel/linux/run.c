/* SPDX-License-Identifier: MIT */
/*
 * `ctx run`: the composition root of the Linux machine, as kernel/main.c is of the other one. What
 * is started, in which order, and why.
 */
#define _GNU_SOURCE
#include "app.h"
#include "app_words.h"
#include "canvas.h"
#include "cpio.h"
#include "event.h"
#include "frame.h"
#include "imagebench.h"
#include "images.h"
#include "input.h"
#include "isolate.h"
#include "keep.h"
#include "linux.h"
#include "loop.h"
#include "modules.h"
#include "netdump.h"
#include "notice.h"
#include "options.h"
#include "outcome.h"
#include "present.h"
#include "program.h"
#include "service.h"
#include "slot.h"
#include "statehash.h"
#include "surface.h"
#include "tool.h"
#include "vault.h"
#include "wall.h"
#include "words.h"

#include <kernel/files.h>
#include <kernel/input.h>
#include <kernel/klog.h>
#include <kernel/terminal.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAME_US 16667u
#define DISK_NS  (5 * NSEC_PER_SEC)
#define CALLS_NS (10 * NSEC_PER_SEC) /* until calls have ended, when their apps are to be saved */

static struct {
    struct run_options options; /* [boot] writes, [loop] reads. */
    struct task clock;          /* [boot, loop] */
    bool ending;                /* when all can be saved, or then. [loop] */
    uint64_t end_until_ns;
} state;

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "ctx: %s: %s\n", what, why);
    return LINUX_USAGE;
}

void linux_no_window(const char *why)
{
    fprintf(stderr, "ctx: no window: %s; --headless runs without one\n", why);
    outcome_because("missing", 0);
    linux_end();
}

/* ---- its end ---- */

void tool_screenshot(const char *path)
{
    const struct display *d = present_display();
    if (d == NULL) {
        return;
    }
    int error = linux_write_png(path, d->pixels, d->width, d->height);
    if (error != 0) {
        log_error("main", "screenshot %s: %s", path, strerror(error));
        machine_verdict(VERDICT_UNFIT);
        outcome_unsaved();
    } else {
        log_info("main", "screenshot file=%s width=%u height=%u", path, d->width, d->height);
    }
}

/* What is to be kept when it ends, however that comes. */
static void keep(void)
{
    const struct run_options *o = &state.options;
    if (o->save != NULL && !images_save(o->save, o->session)) {
        machine_verdict(VERDICT_UNFIT);
        outcome_unsaved();
    }
    if (o->screenshot != NULL) {
        tool_screenshot(o->screenshot);
    }
}

static bool has_session(void)
{
    return state.options.session != NULL && state.options.disk_count > 0;
}

/* At the end of a turn. An app can be saved between its calls, and one that computes may be far
 * from that: it has some time. */
static bool is_over(void)
{
    bool waited = state.ending && (images_busy() == NULL || machine_now_ns() >= state.end_until_ns);
    return waited || outcome_is_over();
}

void tool_end(bool asks_again)
{
    if (!has_session() && state.options.save == NULL) {
        linux_end();
    }
    if (!asks_again) { /* what is kept is kept by the loop: others have to be called for it */
        keep_or_lose();
    }
    /* The power button is obeyed a turn later: by then whoever is between calls now may be in one.
     */
    if (state.options.save != NULL && !state.ending) {
        state.ending = true;
        state.end_until_ns = machine_now_ns() + CALLS_NS;
        return;
    }
    input_power_button();
}

static void finish(uint64_t calls)
{
    if (has_session() && !keep_before_end()) {
        machine_verdict(VERDICT_UNFIT);
    }
    uint32_t refused = app_refused_count() + app_needing_count(); /* neither ran */
    if (!state.options.verdict) {
        linux_end();
    }
    if (refused > 0) {
        log_error("main", "KTEST REFUSED n=%u", refused);
    } else {
        log_info("main", "KTEST PASS apps=%u calls=%lu", app_count(), calls);
    }
    linux_end();
}

static void clock_run(struct task *task)
{
    TASK_BEGIN(task);
    TASK_AWAIT_FOR(task, false, state.options.seconds_ns);
    outcome_because("seconds", 0);
    tool_end(false);
    TASK_END(task);
}

/* ---- its apps ---- */

static const uint8_t *module_memory(paddr_t address, uint64_t len, void *arg)
{
    (void)len;
    (void)arg;
    return (const uint8_t *)(uintptr_t)address; /* one that this process has read itself */
}

/* What is wrong with a file's bytes the core says. False: it can not even be read. */
static bool load(const struct run_app *app)
{
    static struct boot_info archive; /* too large for a stack. [boot] */
    uint64_t len;
    uint8_t *data = tool_read(app->path, TOOL_FILE_MAX, &len);
    if (data == NULL) {
        return false;
    }
    if (cpio_is(data, len)) {
        paddr_t at = (paddr_t)(uintptr_t)data;
        archive.modules[0] = (struct boot_module){at, at + len, app->text, NULL};
        archive.module_count = 1;
        modules_load(&archive, module_memory, NULL, NULL);
    } else {
        const char *slash = strrchr(app->path, '/');
        app_load(data, len, slash != NULL ? slash + 1 : app->path, app->text);
    }
    free(data);
    return true;
}

/* What the command line grants, images may give under --isolate=require, and nothing else. */
static void allow_all(const struct run_options *o)
{
    for (uint32_t i = 0; o->isolate == ISOLATE_REQUIRE && i < o->app_count; i++) {
        const char *slash = strrchr(o->apps[i].path, '/');
        if (isolate_allow(slash != NULL ? slash + 1 : o->apps[i].path, o->apps[i].text) != CTX_OK) {
            log_warn("app", "%s: no memory to remember its grants for images", o->apps[i].path);
        }
    }
}

/* Data that the session's images name lie in the files of the command line. */
static void lend_all(const struct run_options *o)
{
    for (uint32_t i = 0; i < o->app_count; i++) {
        uint64_t len;
        uint8_t *data = tool_read(o->apps[i].path, TOOL_FILE_MAX, &len);
        if (data != NULL && !program_lend(data, len)) {
            log_warn("main", "%s: no memory to have its data at hand", o->apps[i].path);
        }
        free(data);
    }
}

static bool load_all(const struct run_options *o)
{
    bool good = o->load == NULL || images_load(o->load);
    for (uint32_t i = 0; good && i < o->app_count; i++) {
        good = load(&o->apps[i]);
    }
    return good;
}

static bool in_session(const char *text)
{
    char name[APP_NAME];
    word_plain(name, sizeof name, text, word_length(text));
    for (char *p = name; *p != 0; p++) {
        *p = *p == ' ' ? '_' : *p; /* as app_set_name() does */
    }
    for (const struct app *app = app_first(); app != NULL; app = app->next) {
        if (strcmp(app->name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* A session goes on instead of what the command line names: one line, louder if that is news. */
static void tell_resumed(const struct run_options *o)
{
    char names[160] = "";
    size_t len = 0;
    uint32_t news = o->load != NULL;
    if (o->load != NULL) {
        len = format_text(names, sizeof names, " --load %s", o->load);
    }
    for (uint32_t i = 0; i < o->app_count; i++) {
        news += !in_session(o->apps[i].text);
        if (len < sizeof names) {
            len += format_text(names + len, sizeof names - len, " %s", o->apps[i].path);
        }
    }
    if (news > 0) {
        log_warn("main", "session/%s goes on; what is named is not started (--fresh does):%s",
                 o->session, names);
    } else if (o->app_count > 0) {
        log_info("main", "session/%s goes on; what is named is not started anew (--fresh does):%s",
                 o->session, names);
    }
}

static const char *start_display(const struct run_options *o)
{
    if (o->headless) {
        return linux_headless_start(o->width, o->height) ? NULL : "not enough memory";
    }
    const char *path = o->app_count > o->added ? o->apps[o->added].path
                       : o->load != NULL       ? o->load
                       : o->session != NULL    ? o->session
                                               : o->apps[0].path;
    const char *slash = strrchr(path, '/');
    return linux_window_start(o->width, o->height, slash != NULL ? slash + 1 : path, !o->verdict);
}

/* Whether the files that are named can be had. */
static int check_files(const struct run_options *o)
{
    for (uint32_t i = 0; i < o->app_count; i++) {
        if (access(o->apps[i].path, R_OK) != 0) {
            return fail(o->apps[i].path, strerror(errno));
        }
    }
    const char *what, *no = outcome_wrong(&what);
    if (no != NULL) {
        return fail(what, no);
    }
    if (o->script != NULL && !script_read(o->script, o->width, o->height)) {
        return LINUX_USAGE;
    }
    return LINUX_FINE;
}

static int start_machine(const struct run_options *o)
{
    /* Time first, because log lines have it. */
    linux_clock_init();
    if (o->virtual_time) {
        linux_virtual_time();
    }
    if (o->seeded) {
        linux_seed(o->seed);
    }
    log_info("main", "Argos " ARGOS_VERSION " on Linux");
    const char *why = linux_ram_init(o->mib);
    if (why != NULL) {
        return fail("memory", why);
    }
    log_info("memory", "MiB=%lu free=%lu", frame_total() >> 8, frame_free_total() >> 8);

    /* The display before the traps: a library's own start-up is none of the apps' business. */
    why = start_display(o);
    if (why != NULL) {
        fprintf(stderr, "ctx: no window: %s; --headless runs without one\n", why);
        return LINUX_USAGE;
    }
    why = linux_trap_init(!o->no_watchdog);
    if (why != NULL) {
        return fail("signals", why);
    }
    if (!linux_streams_start(!o->keys_from_stdin) || !linux_catch_signals(o->verdict)) {
        return fail("signals", "no pipe");
    }
    return LINUX_FINE;
}

static int start_core(const struct run_options *o)
{
    /* The canvas has the display's size, and apps have the canvas. */
    slot_init(o->ascending);
    if (canvas_init(o->width, o->height) != CTX_OK ||
        app_init(frame_free_total() * PAGE_SIZE / 2) != CTX_OK) {
        return fail("memory", "not enough for the canvas; --mem gives more");
    }
    app_set_offer(o->offer, o->force);
    app_set_poison(o->poison);
    isolate_set_mode(o->isolate);
    isolate_set_rdtsc(o->rdtsc);
    app_for_all(o->words != NULL ? o->words : "");
    for (uint32_t i = 0; i < o->provider_count; i++) {
        if (!service_prefer(o->providers[i], strlen(o->providers[i]))) {
            return fail("memory", "not enough for --provider");
        }
    }
    event_set_layout(o->layout);
    (void)wall_set_zone(o->zone, false);
    input_set_screen(o->width, o->height);
    windows_init();
    if (o->hash) {
        statehash_all();
    }
    for (uint32_t i = 0; i < o->disk_count; i++) {
        const struct run_disk *disk = &o->disks[i];
        const char *why = linux_disk_open_as(disk->path, disk->read_only, disk->block);
        if (why != NULL) {
            return fail(disk->path, why);
        }
    }
    const char *wrong = o->net_dump == NULL ? NULL
                        : o->net_count == 0 ? "it wants --net, whose frames it writes"
                                            : netdump_open(o->net_dump);
    if (wrong != NULL) {
        fprintf(stderr, "ctx: --net-dump %s: %s\n", o->net_dump, wrong);
        return LINUX_USAGE;
    }
    for (uint32_t i = 0; i < o->net_count; i++) {
        const char *why = linux_net_open(o->nets[i]);
        if (why != NULL) {
            fprintf(stderr, "ctx: --net=%s: %s\n", o->nets[i], why);
            return LINUX_USAGE;
        }
    }
    return LINUX_FINE;
}

/* Where the log goes: NULL, else what is wrong. */
static const char *start_log(const struct run_options *o)
{
    if (o->log != NULL) {
        const char *no = tool_protected(o->log);
        int fd = no == NULL ? open(o->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
        if (fd < 0) {
            return no != NULL ? no : strerror(errno);
        }
        linux_log_to(fd, false);
    } else if (!o->verdict) {
        linux_log_to(STDERR_FILENO, o->app_count - o->added <= 1);
        for (uint32_t i = 0; i < o->added; i++) {
            const char *slash = strrchr(o->apps[i].path, '/');
            linux_log_leave_out(slash != NULL ? slash + 1 : o->apps[i].path);
        }
    }
    return NULL;
}

/* The apps are there, or what is missing or wrong with them ends it before the first one runs. */
static int check_apps(const struct run_options *o)
{
    if (!o->verdict && app_refused_count() > 0) {
        outcome_because("refused", 0);
        linux_end();
    }
    if (!o->verdict && app_wrong_words > 0) {
        return fail("wrong words", "see above; nothing was started");
    }
    if (app_first() != NULL && !o->verdict) {
        outcome_of_first();
        terminal_give(outcome_foreground());
        files_give(outcome_foreground());
    }
    for (const struct app *app = app_first(); app != NULL; app = app->next) {
        if (app->version < 3 && !o->headless) {
            linux_window_show(); /* it draws without making anything first */
        }
    }
    return LINUX_FINE;
}

static int run(const struct run_options *o)
{
    static int (*const steps[])(const struct run_options *) = {check_files, start_machine,
                                                               start_core};
    for (size_t i = 0; i < ARRAY_COUNT(steps); i++) {
        int code = steps[i](o);
        if (code != LINUX_FINE) {
            return code;
        }
    }
    allow_all(o);
    vault_start(machine_now_ns() + DISK_NS);
    if (has_session() && !images_have_store(o->session)) {
        return LINUX_USAGE;
    }
    keep_start(has_session() ? o->session : NULL, notice_show);
    if (has_session() && !o->fresh) {
        lend_all(o);
    }
    bool resumed = !o->fresh && keep_resume();
    program_lend_end();
    if (resumed) {
        tell_resumed(o);
    } else if (!load_all(o)) {
        return LINUX_USAGE;
    }
    linux_at_end(keep);
    int code = check_apps(o);
    if (code != LINUX_FINE) {
        return code;
    }
    if (app_count() == 0) {
        log_warn("main", "no apps: nothing to run");
        outcome_because("missing", 0);
        finish(0);
    }
    log_info("main", "running apps=%u refused=%u free=%luKiB", app_count(), app_refused_count(),
             frame_free_total() * 4);

    /* Keys last: nobody would see those that come before there are apps. */
    if (o->keys_from_stdin) {
        linux_serial_start();
    }
    if (o->keys != NULL) {
        linux_type(o->keys);
    }
    if (o->script != NULL) {
        script_start();
    }
    if (o->seconds_ns != 0) {
        task_start(&state.clock, "seconds", clock_run);
    }
    imagebench_start(o->imagebench);
    struct loop_options options = {
        .frame_ns = o->fast ? 0 : FRAME_US * NSEC_PER_USEC,
        .stop_calls = o->frames,
        .resumed = resumed || o->load != NULL,
        .waiting_counts = !o->verdict,
        .over = is_over,
    };
    if (loop_run(&options)) {
        outcome_because("frames", 0);
    }
    finish(o->frames);
    return LINUX_FINE;
}

int tool_run(int argc, char **argv)
{
    struct run_options *o = &state.options;
    if (!options_read(o, argc, argv)) {
        return o->verdict ? LINUX_USAGE : OUTCOME_MISSING;
    }
    outcome_start(o);
    linux_lend_start();
    const char *why = start_log(o);
    return outcome_code(why != NULL ? fail(o->log, why) : run(o));
}
