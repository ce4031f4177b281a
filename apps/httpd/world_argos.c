/* SPDX-License-Identifier: MIT */
/*
 * The machine: what of its Context the server's line grants it. Nothing has to be granted: what is
 * not is not on the page.
 *
 *   grant=ctx.system/1,ctx.control/1,ctx.screen/1,ctx.journal/1      to look
 *   grant=ctx.image/1                                                save and undo, with web=full
 *   grant=ctx.hands/1                                                keys and mouse, with web=full
 *   offer=ctx.web/1                                                  the token (token.c)
 */
#include "httpd.h"

#include <ctx/c.h>
#include <ctx/note.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

CTX_NOTE_TEXT(CTX_NOTE_NAME, "httpd");
const uint32_t ctx_main_stack = 1 << 20; /* a handshake and an answer */

static const void *open_table(const char *id, uint32_t bytes)
{
    struct ctx *ctx = ctx_now();
    const struct ctx_table *table = NULL;
    return ctx->iface->open(ctx->iface, (const uint8_t *)id, (uint32_t)strlen(id), bytes, &table) ==
                   CTX_OK
               ? table
               : NULL;
}

/* Opened once: what an app has opened stays where it is, in an image too. */
#define OPEN_AS(name, ID)                                                                          \
    ({                                                                                             \
        static const struct ctx_##name *table;                                                     \
        table = table != NULL ? table : (const void *)open_table(ID, sizeof *table);               \
        table;                                                                                     \
    })

void world_say(const char *format, ...)
{
    char line[256];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    struct ctx *ctx = ctx_now();
    if (len > 0) {
        ctx->log((const uint8_t *)line,
                 (uint32_t)len < sizeof line ? (uint32_t)len : (uint32_t)sizeof line - 1);
    }
}

const char *world_name(void)
{
    return "Argos";
}

uint32_t world_apps(struct ctx_app_info *out, uint32_t most)
{
    const struct ctx_apps *apps = OPEN_AS(apps, CTX_ID_APPS);
    uint32_t count = 0;
    if (apps == NULL || apps->list(apps, (uint8_t *)out, most * (uint32_t)sizeof *out, sizeof *out,
                                   &count) != CTX_OK) {
        return 0;
    }
    return count < most ? count : most;
}

bool world_system(struct ctx_system_info *out)
{
    const struct ctx_system *system = OPEN_AS(system, CTX_ID_SYSTEM);
    return system != NULL && system->info(system, out) == CTX_OK;
}

bool world_crash(uint64_t seq, struct ctx_crash *out)
{
    const struct ctx_control *control = OPEN_AS(control, CTX_ID_CONTROL);
    out->size = sizeof *out;
    return control != NULL && control->crash(control, seq, out) == CTX_OK;
}

/* Its last lines: what is new is added behind those that were there. */
uint32_t world_log(char *out, uint32_t room)
{
    static char tail[8192];
    static uint32_t len;
    static uint64_t next;
    const struct ctx_journal *journal = OPEN_AS(journal, CTX_ID_JOURNAL);
    for (uint32_t turns = 0; journal != NULL && turns < 16; turns++) {
        char part[2048];
        uint32_t got = 0;
        if (journal->read(journal, next, (uint8_t *)part, sizeof part, &got, &next) != CTX_OK ||
            got == 0) {
            break;
        }
        if (len + got > sizeof tail) {
            /* Whole lines go. */
            uint32_t gone = len + got - (uint32_t)sizeof tail;
            const char *end = memchr(tail + gone, '\n', len > gone ? len - gone : 0);
            gone = end != NULL ? (uint32_t)(end - tail) + 1 : len;
            len -= gone;
            memmove(tail, tail + gone, len);
        }
        memcpy(tail + len, part, got);
        len += got;
    }
    uint32_t shown = len < room ? len : room;
    memcpy(out, tail + len - shown, shown);
    return shown;
}

bool world_screen(uint32_t *pixels, uint32_t room, uint32_t shrink, uint32_t *w, uint32_t *h)
{
    const struct ctx_screen *screen = OPEN_AS(screen, CTX_ID_SCREEN);
    return screen != NULL && screen->copy(screen, (uint8_t *)pixels, room, shrink, w, h) == CTX_OK;
}

/* Jobs are done between calls; others are called meanwhile, and pages wait for two seconds at most.
 */
static ctx_status end_of(const struct ctx_image *image, uint32_t job)
{
    struct ctx_image_job how = {.size = sizeof how};
    ctx_status status = CTX_PENDING;
    for (uint32_t i = 0; i < 100 && status == CTX_PENDING; i++) {
        usleep(20000);
        status = image->poll(image, job, &how);
    }
    if (status == CTX_OK) {
        return (ctx_status)how.status;
    }
    return status == CTX_PENDING ? CTX_E_TIMEDOUT : status;
}

/* `save` keeps what the app is now, `undo` goes back to what was kept last. */
static ctx_status keep_or_undo(bool undo, uint64_t pid)
{
    const struct ctx_image *image = OPEN_AS(image, CTX_ID_IMAGE);
    char name[32];
    uint32_t job = 0,
             len = (uint32_t)snprintf(name, sizeof name, "web-%llu", (unsigned long long)pid);
    if (image == NULL || pid > UINT32_MAX) { /* the largest ones mean all apps */
        return CTX_E_NOENT;
    }
    ctx_status status = undo ? image->restore(image, pid, (const uint8_t *)name, len, &job)
                             : image->save(image, pid, (const uint8_t *)name, len, &job);
    return status == CTX_PENDING || status == CTX_OK ? end_of(image, job) : status;
}

ctx_status world_do(const char *action, uint64_t pid)
{
    const struct ctx_control *control = OPEN_AS(control, CTX_ID_CONTROL);
    if (strcmp(action, "save") == 0 || strcmp(action, "undo") == 0) {
        return keep_or_undo(strcmp(action, "undo") == 0, pid);
    }
    if (control == NULL) {
        return CTX_E_NOSYS;
    }
    if (strcmp(action, "stop") == 0) {
        return control->stop(control, pid);
    }
    if (strcmp(action, "pause") == 0) {
        return control->pause(control, pid);
    }
    if (strcmp(action, "resume") == 0) {
        return control->resume(control, pid);
    }
    return strcmp(action, "restart") == 0 || strcmp(action, "start") == 0
               ? control->restart(control, pid)
               : CTX_E_NOSYS;
}

bool world_carries(uint64_t pid)
{
    static struct ctx_service_info services[64];
    const struct ctx_service *service = OPEN_AS(service, CTX_ID_SERVICE);
    uint32_t count = 0;
    if (service == NULL ||
        service->list(service, services, sizeof services, sizeof services[0], &count) != CTX_OK) {
        count = 0;
    }
    bool carries = pid == ctx_now()->pid;
    for (uint32_t i = 0; i < count && i < sizeof services / sizeof services[0]; i++) {
        carries |= services[i].provider == pid &&
                   memcmp(services[i].id, "ctx.net/1", sizeof "ctx.net/1") == 0;
    }
    return carries;
}

ctx_status world_key(uint32_t code, bool down)
{
    const struct ctx_hands *hands = OPEN_AS(hands, CTX_ID_HANDS);
    return hands != NULL ? hands->key(hands, code, down) : CTX_E_NOSYS;
}

ctx_status world_pointer(uint32_t x, uint32_t y, uint32_t w, uint32_t h)
{
    const struct ctx_hands *hands = OPEN_AS(hands, CTX_ID_HANDS);
    return hands != NULL ? hands->pointer(hands, x, y, w, h) : CTX_E_NOSYS;
}

#define WHEEL_STEP 120

ctx_status world_wheel(int32_t away)
{
    const struct ctx_hands *hands = OPEN_AS(hands, CTX_ID_HANDS);
    return hands != NULL ? hands->wheel(hands, 0, (int64_t)away * WHEEL_STEP) : CTX_E_NOSYS;
}

void world_random(void *out, size_t len)
{
    if (getentropy(out, len) != 0) {
        world_say("there is no randomness, so there could be no token");
        exit(1);
    }
}

/* ---- files ---- */

static uint64_t telling; /* the request that ends when something changes; 0: there is none */

/* Whether it is, or lies in, one of the folders that are lent. */
static bool is_lent(const struct ctx_files *files, const char *folder)
{
    char root[PATH_MOST];
    uint32_t len = 0, rights = 0;
    for (uint32_t i = 0;
         files->root(files, i, (uint8_t *)root, sizeof root, &len, &rights) == CTX_OK; i++) {
        if (len < sizeof root && strncmp(folder, root, len) == 0 &&
            (folder[len] == 0 || folder[len] == '/')) {
            return true;
        }
    }
    return false;
}

bool world_unchanged(const char *folder)
{
    static int64_t not_before; /* where nobody can tell it is not asked each time */
    const struct ctx_service *service = OPEN_AS(service, CTX_ID_SERVICE);
    uint32_t len = 0, result = 0;
    uint8_t none[1];
    if (telling != 0 && service->take(service, telling, none, 0, &len, &result) == CTX_E_AGAIN) {
        return true;
    }
    telling = 0;
    int64_t now = now_ms();
    if (service == NULL || now < not_before) {
        return false;
    }
    /* Anew each time: who lends may have begun anew, and the old table is STALE then. */
    const struct ctx_files *files = open_table(CTX_ID_FILES, sizeof *files);
    if (files == NULL || !is_lent(files, folder) ||
        files->watch(files, folder, (uint32_t)strlen(folder), &telling) != CTX_PENDING) {
        telling = 0;
        not_before = now + 1000;
    }
    return false;
}

bool world_is_told(void)
{
    return telling != 0;
}

/* ---- memory ---- */

struct world_lent *world_lend(size_t bytes, char **at)
{
    void *memory = NULL;
    struct ctx_lent *lent = ctx_lent_make(bytes, &memory);
    *at = memory;
    return (struct world_lent *)(void *)lent;
}

ptrdiff_t world_send(struct world_lent *lent, int fd, size_t at, size_t len)
{
    return ctx_lent_send((struct ctx_lent *)(void *)lent, fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void world_lend_end(struct world_lent *lent)
{
    ctx_lent_end((struct ctx_lent *)(void *)lent);
}
