/* SPDX-License-Identifier: MIT */
/*
 * The three functions of Context versions 1 and 2: log, alloc, dealloc. Arguments come from an app
 * and may be anything; what is wrong is a line in the log and no effect.
 */
#include "app.h"
#include "app_memory.h"
#include "gate.h"
#include "policy.h"
#include "slot.h"
#include "utf8.h"
#include "watch.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define LOG_LINE  160u /* bytes of text in one line; longer ones go on in the next */
#define LOG_CHUNK 256u

struct log_line {
    char level;
    struct app *app;
    char text[LOG_LINE + 16];
    uint32_t len;
    bool any, full; /* full: the app has said enough for now */
};

static void line_end(struct log_line *line)
{
    char room[APP_NAME + 32];
    format_text(room, sizeof room, "app.%s#%lu", line->app->name, line->app->pid);
    if (line->len > 0) { /* also one that is dropped: of many lines it may be the reason */
        struct app_log_state *log = &line->app->log;
        size_t len = MIN((size_t)line->len, sizeof log->said - 1);
        while (len > 0 && len < line->len && (line->text[len] & 0xc0) == 0x80) {
            len--; /* no half of a character */
        }
        memcpy(log->said, line->text, len);
        log->said[len] = 0;
        log->said_call = line->app->calls + 1;
    }
    line->full = !policy_may_log(line->app);
    if (!line->full) {
        klog(line->level, room, "%.*s", (int)line->len, line->text);
    }
    line->len = 0;
    line->any = true;
}

/* One printable character, or the bytes of something else escaped. */
static void line_add(struct log_line *line, const uint8_t *bytes, uint32_t len, bool printable)
{
    if (line->len + (printable ? len : 4) > LOG_LINE) {
        line_end(line);
    }
    if (printable) {
        memcpy(line->text + line->len, bytes, len);
        line->len += len;
    } else {
        line->len += (uint32_t)format_text(line->text + line->len, 5, "\\x%02x", *bytes);
    }
}

ctx_status gate_log(struct app *app, char level, uint64_t address, uint32_t len)
{
    uint64_t left = len;
    if (!slot_has_range(app->base, address, left)) {
        if (policy_may_log(app)) {
            log_warn("app", "%s#%lu: log: %lu bytes at 0x%lx are not its memory", app->name,
                     app->pid, left, address);
        }
        return CTX_E_INVAL;
    }
    struct log_line line = {.level = level, .app = app};
    uint8_t chunk[LOG_CHUNK];
    uint32_t have = 0;
    while ((left > 0 || have > 0) && !line.full) {
        uint32_t more = (uint32_t)MIN(left, (uint64_t)(LOG_CHUNK - have));
        if (machine_copy_in(chunk + have, address, more) != CTX_OK) {
            if (policy_may_log(app)) {
                log_warn("app", "%s#%lu: log: the bytes at 0x%lx can not be read", app->name,
                         app->pid, address);
            }
            return CTX_E_INVAL;
        }
        address += more;
        left -= more;
        have += more;
        uint32_t at = 0;
        /* A character may be cut by the chunk's end: keep up to three bytes for the next one. */
        while (at < have && (left == 0 || have - at >= 4) && !line.full) {
            uint32_t width = utf8_printable(chunk + at, have - at);
            if (chunk[at] == '\n') {
                line_end(&line);
                at++;
            } else {
                line_add(&line, chunk + at, MAX(width, 1u), width != 0);
                at += MAX(width, 1u);
            }
        }
        memmove(chunk, chunk + at, have - at);
        have -= at;
    }
    if (!line.full && (line.len > 0 || !line.any)) {
        line_end(&line);
    }
    return CTX_OK;
}

uint64_t ctx_v1_log(struct app *app, const uint64_t args[6])
{
    gate_log(app, 'I', args[0], (uint32_t)args[1]);
    return 0;
}

uint64_t ctx_v2_alloc(struct app *app, const uint64_t args[6])
{
    uint64_t size = args[0] != 0 ? args[0] : 1;
    uint64_t align = args[1] != 0 ? args[1] : 16;
    uint64_t offset;
    ctx_status status = app_heap_alloc(app, size, align, false, &offset);
    if (status != CTX_OK) {
        if (status == CTX_E_NOMEM && !app->told_no_memory && policy_may_log(app)) {
            app->told_no_memory = true;
            log_warn("app", "%s#%lu: no memory for alloc size=%lu align=%lu", app->name, app->pid,
                     size, align);
        }
        return 0;
    }
    app->told_no_memory = false;
    uint64_t address = app->base + CTX_SLOT_HEAP + offset;
#ifdef KERNEL_DEBUG
    app_touch(app, address - app->base, size);
    app_fill(address, 0xa5, size);
#endif
    return address;
}

uint64_t ctx_v2_dealloc(struct app *app, const uint64_t args[6])
{
    uint64_t address = args[0];
    uint64_t size = args[1] != 0 ? args[1] : 1;
    uint64_t align = args[2] != 0 ? args[2] : 16;
    if (address == 0) {
        return 0;
    }
    uint64_t real_size, real_align;
    uint64_t offset = address - app->base - CTX_SLOT_HEAP;
    bool in_heap = app->heap != NULL && offset < CTX_SLOT_HEAP_END - CTX_SLOT_HEAP;
    ctx_status status =
        in_heap ? app_heap_free(app, offset, size, align, &real_size, &real_align) : CTX_E_NOENT;
    bool wrong = status == CTX_E_NOENT || status == CTX_E_INVAL;
    if (!wrong || !policy_may_log(app)) {
        return 0;
    }
    if (status == CTX_E_NOENT) {
        log_warn("app", "%s#%lu: dealloc: nothing was allocated at 0x%lx; ignored", app->name,
                 app->pid, address);
    } else {
        log_warn(
            "app",
            "%s#%lu: dealloc: size=%lu align=%lu, but it was allocated with size=%lu align=%lu; ignored",
            app->name, app->pid, size, align, real_size, real_align);
    }
    return 0;
}
