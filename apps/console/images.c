/* SPDX-License-Identifier: MIT */
#include "images.h"

#include "console.h"
#include "system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LISTED  64u
#define ALL     UINT64_MAX
#define NEW     (UINT64_MAX - 1)
#define TELL_MS 1000u
#define WAIT_MS 30000u /* a command waits no longer for the one before it */

static int french(const struct console *c)
{
    return c->language == 1;
}

static const struct ctx_image *table(struct console *c)
{
    const struct ctx_image *image = system_open(c, CTX_ID_IMAGE);
    if (image == NULL) {
        system_missing(c, CTX_ID_IMAGE);
    }
    return image;
}

static void refuse(struct console *c, ctx_status status)
{
    if (status == CTX_E_DENIED || status == CTX_E_REVOKED) {
        system_denied(c, status, CTX_ID_IMAGE);
        return;
    }
    console_printf(c, TEXT_ERROR, french(c) ? "refusé: %s\n" : "refused: %s\n",
                   status == CTX_E_INVAL ? (french(c) ? "ce n'est pas un nom" : "that is no name")
                                         : ctx_status_name(status));
}

/* ---- what is meant ---- */

struct target {
    uint64_t pid;
    char app[33];              /* empty: all of them */
    char name[IMAGE_NAME + 1]; /* of the image */
};

/* The app that a word names: by its pid, or its name. 0: there is none. */
static int find_app(struct console *c, const char *word, struct target *out)
{
    static struct ctx_app_info list[LISTED];
    const struct ctx_apps *apps = system_open(c, CTX_ID_APPS);
    uint32_t count = 0;
    char *end;
    unsigned long pid = strtoul(word, &end, 10);
    int number = end != word && *end == 0;
    if (apps == NULL || apps->list(apps, list, sizeof list, sizeof list[0], &count) != CTX_OK) {
        return 0;
    }
    for (uint32_t i = 0; i < count && i < LISTED; i++) {
        const char *name = (const char *)list[i].name;
        if (number ? list[i].pid == pid : strcmp(name, word) == 0) {
            out->pid = list[i].pid;
            snprintf(out->app, sizeof out->app, "%s", name);
            return 1;
        }
    }
    return 0;
}

/*
 * "[APP] [NAME]": a first word that names an app means that app, and so does `all` mean all; else
 * all of it is a name. Without a name it is the first quick slot, the keys' own for all apps. 0:
 * that makes no sense, and the console says why.
 */
static int parse(struct console *c, const char *rest, struct target *out)
{
    char word[33];
    size_t len = strcspn(rest, " ");
    *out = (struct target){.pid = ALL};
    snprintf(word, sizeof word, "%.*s", (int)len, rest);
    if (len < sizeof word && len > 0 && (strcmp(word, "all") == 0 || find_app(c, word, out))) {
        rest += len + strspn(rest + len, " ");
    }
    len = strlen(rest);
    while (len > 0 && rest[len - 1] == ' ') {
        len--;
    }
    if (len > IMAGE_NAME) {
        refuse(c, CTX_E_INVAL);
        return 0;
    }
    if (len > 0) {
        memcpy(out->name, rest, len);
    } else if (out->app[0] != 0) {
        snprintf(out->name, sizeof out->name, "quick/%s/1", out->app);
    } else {
        snprintf(out->name, sizeof out->name, "quick/1");
    }
    return 1;
}

/* ---- asking ---- */

static int64_t wall(const struct console *c)
{
    int64_t ns;
    return CTX_HAS(c->ctx, time) && c->ctx->time->wall(c->ctx->time, &ns) == CTX_OK ? ns : 0;
}

/* Whether something is not done yet. Then this command waits, unless one does already. */
static int busy(struct console *c, enum images_what what, const char *rest)
{
    struct images *i = &c->images;
    if (i->what == IMAGES_NOTHING) {
        return 0;
    }
    if (i->next != IMAGES_NOTHING || strlen(rest) > IMAGE_REST) {
        console_printf(c, TEXT_ERROR,
                       french(c) ? "%s n'est pas encore terminé\n" : "%s is not done yet\n",
                       i->name);
        return 1;
    }
    i->next = what;
    i->next_until_ms = c->ctx->start_time_ms + WAIT_MS;
    snprintf(i->next_rest, sizeof i->next_rest, "%s", rest);
    console_printf(c, TEXT_DIM, french(c) ? "après %s\n" : "after %s\n", i->name);
    return 1;
}

/* What waited does not begin. */
static void give_up(struct console *c)
{
    static const char *const names[] = {"", "save", "load", "forget"};
    struct images *i = &c->images;
    if (i->next != IMAGES_NOTHING) {
        console_printf(c, TEXT_ERROR, french(c) ? "%s %s: pas commencé\n" : "%s %s: not begun\n",
                       names[i->next], i->next_rest);
        i->next = IMAGES_NOTHING;
    }
}

/* The one before it is done. */
static void begin_next(struct console *c)
{
    char rest[IMAGE_REST + 1];
    enum images_what next = c->images.next;
    c->images.next = IMAGES_NOTHING;
    memcpy(rest, c->images.next_rest, sizeof rest);
    if (next == IMAGES_SAVE) {
        images_save(c, rest);
    } else if (next == IMAGES_LOAD) {
        images_load(c, rest);
    } else if (next == IMAGES_FORGET) {
        images_forget(c, rest);
    }
}

static void began(struct console *c, enum images_what what, const struct target *t,
                  ctx_status status, uint32_t job)
{
    if (status != CTX_PENDING) {
        refuse(c, status);
        return;
    }
    c->images = (struct images){
        .what = what,
        .job = job,
        .epoch = CTX_HAS(c->ctx, epoch) ? c->ctx->epoch : 0,
        .wall_ns = wall(c),
        .told_ms = c->ctx->start_time_ms,
    };
    memcpy(c->images.name, t->name, sizeof c->images.name);
    memcpy(c->images.app, t->app, sizeof c->images.app);
}

void images_save(struct console *c, const char *rest)
{
    struct target t;
    uint32_t job = 0;
    const struct ctx_image *image = table(c);
    if (image == NULL || busy(c, IMAGES_SAVE, rest) || !parse(c, rest, &t)) {
        return;
    }
    ctx_status status = image->save(image, t.pid, t.name, (uint32_t)strlen(t.name), &job);
    began(c, IMAGES_SAVE, &t, status, job);
}

void images_load(struct console *c, const char *rest)
{
    struct target t;
    uint32_t job = 0;
    const struct ctx_image *image = table(c);
    int new_app = strncmp(rest, "new ", 4) == 0;
    if (image == NULL || busy(c, IMAGES_LOAD, rest)) {
        return;
    }
    if (!parse(c, new_app ? rest + 4 : rest, &t)) {
        return;
    }
    t.pid = new_app ? NEW : t.pid;
    ctx_status status = image->restore(image, t.pid, t.name, (uint32_t)strlen(t.name), &job);
    began(c, IMAGES_LOAD, &t, status, job);
}

void images_forget(struct console *c, const char *rest)
{
    struct target t = {.pid = ALL};
    uint32_t job = 0;
    const struct ctx_image *image = table(c);
    if (image == NULL || busy(c, IMAGES_FORGET, rest)) {
        return;
    }
    snprintf(t.name, sizeof t.name, "%s", rest);
    ctx_status status = image->remove(image, rest, (uint32_t)strlen(rest), &job);
    began(c, IMAGES_FORGET, &t, status, job);
}

/* ---- what came of it ---- */

/* "12 s": how long ago that was. */
static void print_age(struct console *c, int64_t then)
{
    static const struct {
        int64_t seconds;
        char unit[2][8];
    } units[] = {
        {86400, {"days", "jours"}}, {3600, {"h", "h"}}, {60, {"min", "min"}}, {1, {"s", "s"}}};
    int64_t now = wall(c), age = (now - then) / 1000000000;
    uint32_t i = 0;
    if (then == 0 || now == 0 || age < 0) {
        return;
    }
    while (i < 3 && age < 2 * units[i].seconds) {
        i++;
    }
    console_printf(c, TEXT_RESULT, french(c) ? ", d'il y a %ld %s" : ", of %ld %s ago",
                   (long)(age / units[i].seconds), units[i].unit[french(c)]);
}

/* This console is the one that asked, and has been put back to that moment: its job is another's.
 */
static void came_back(struct console *c)
{
    struct images was = c->images;
    c->images.what = IMAGES_NOTHING;
    c->images.next = IMAGES_NOTHING; /* perhaps what has put it back */
    if (was.what != IMAGES_SAVE) {
        return;
    }
    console_printf(c, TEXT_RESULT, french(c) ? "retour à %s" : "back at %s", was.name);
    print_age(c, was.wall_ns);
    console_print(c, TEXT_RESULT, "\n");
}

static void ended(struct console *c, const struct ctx_image_job *how)
{
    int fr = french(c);
    const struct images *i = &c->images;
    const char *who = i->app[0] != 0 ? i->app : fr ? "tout" : "all";
    enum images_what what = i->what;
    c->images.what = IMAGES_NOTHING;
    if (how->status != CTX_OK) {
        console_printf(c, TEXT_ERROR, "%s: %s (%s)\n", i->name, (const char *)how->why,
                       ctx_status_name((ctx_status)how->status));
        give_up(c);
    } else if (what == IMAGES_SAVE) {
        console_printf(c, TEXT_RESULT,
                       fr ? "%s: gardé sous %s, %lu Kio\n" : "%s: saved as %s, %lu KiB\n", who,
                       i->name, (unsigned long)((how->total + 1023) / 1024));
    } else if (what == IMAGES_FORGET) {
        console_printf(c, TEXT_RESULT, fr ? "%s: oublié\n" : "%s: forgotten\n", i->name);
    } else if (how->pid != 0) {
        console_printf(c, TEXT_RESULT,
                       fr ? "%s: nouvelle application %lu\n" : "%s: the new app %lu\n", i->name,
                       (unsigned long)how->pid);
    } else {
        console_printf(c, TEXT_RESULT, fr ? "%s: retour à %s\n" : "%s: back at %s\n", who, i->name);
    }
    begin_next(c);
}

void images_go_on(struct console *c)
{
    struct images *i = &c->images;
    struct ctx_image_job how = {.size = sizeof how};
    if (i->what == IMAGES_NOTHING) {
        return;
    }
    const struct ctx_image *image = system_open(c, CTX_ID_IMAGE);
    if (CTX_HAS(c->ctx, epoch) && c->ctx->epoch != i->epoch) {
        came_back(c);
        return;
    }
    ctx_status status = image != NULL ? image->poll(image, i->job, &how) : CTX_E_NOSYS;
    if (status != CTX_OK) {
        i->what = IMAGES_NOTHING;
        refuse(c, status);
        give_up(c);
    } else if (how.status != CTX_PENDING) {
        ended(c, &how);
    } else if (i->next != IMAGES_NOTHING && c->ctx->start_time_ms >= i->next_until_ms) {
        give_up(c);
    } else if (c->ctx->start_time_ms - i->told_ms >= TELL_MS && how.total > 0) {
        i->told_ms = c->ctx->start_time_ms;
        console_printf(c, TEXT_DIM, french(c) ? "%s: %lu Kio sur %lu\n" : "%s: %lu KiB of %lu\n",
                       i->name, (unsigned long)(how.done / 1024),
                       (unsigned long)(how.total / 1024));
    }
}

/* ---- the list ---- */

void images_list(struct console *c)
{
    static struct ctx_image_info list[LISTED];
    struct ctx_image_place place = {.size = sizeof place};
    uint32_t count = 0;
    const struct ctx_image *image = table(c);
    if (image == NULL) {
        return;
    }
    ctx_status status = image->list(image, list, sizeof list, sizeof list[0], &count);
    status = status == CTX_OK ? image->place(image, &place) : status;
    if (status != CTX_OK) {
        refuse(c, status);
        return;
    }
    for (uint32_t i = 0; i < count && i < LISTED; i++) {
        char when[24] = "-";
        time_t seconds = (time_t)(list[i].wall_ns / 1000000000);
        struct tm tm;
        if (seconds > 0 && gmtime_r(&seconds, &tm) != NULL) {
            strftime(when, sizeof when, "%Y-%m-%d %H:%M", &tm);
        }
        console_printf(c, TEXT_RESULT, "%-28s %7lu %s  %s\n", (const char *)list[i].name,
                       (unsigned long)((list[i].bytes + 1023) / 1024), french(c) ? "Kio" : "KiB",
                       when);
    }
    if (count > LISTED) {
        console_printf(c, TEXT_DIM, "... %u\n", (unsigned)(count - LISTED));
    }
    int fr = french(c), disk = (place.flags & CTX_IMAGES_ON_DISK) != 0;
    console_printf(c, TEXT_DIM,
                   fr ? "%u images sur %s, encore %lu Kio de place\n"
                      : "%u images on %s, room for %lu KiB more\n",
                   (unsigned)count,
                   disk ? (const char *)place.place
                   : fr ? "la mémoire"
                        : "memory",
                   (unsigned long)(place.room / 1024));
    if (!disk) {
        console_printf(c, TEXT_DIM, fr ? "perdues à l'arrêt: %s\n" : "lost at the end: %s\n",
                       (const char *)place.place);
    }
}
