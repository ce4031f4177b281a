/* SPDX-License-Identifier: MIT */
/* Tables about the app itself and its machine: ctx.log/1, ctx.args/1, ctx.random/1, ctx.cpu/1. */
#include "app_v3.h"
#include "app_words.h"
#include "gate.h"
#include "random.h"
#include "words.h"

#include <kernel/klog.h>
#include <kernel/string.h>

/* ---- ctx.log/1 ---- */

static uint64_t log_write(struct app *app, const uint64_t args[6])
{
    static const char levels[] = {0, 'E', 'W', 'I', 'D'};
    uint32_t level = (uint32_t)args[1];
    if (level == 0 || level >= sizeof levels) {
        return (uint32_t)CTX_E_INVAL;
    }
    return (uint32_t)gate_log(app, levels[level], args[2], (uint32_t)args[3]);
}

/* ---- ctx.args/1 ---- */

/* Word number index of the arguments; NULL if there are fewer. With index UINT32_MAX *count gets
 * how many there are. */
static const char *word_at(const struct app *app, uint32_t index, uint32_t *len, uint32_t *count)
{
    const char *p = word_begin(app_text(app->arguments));
    for (*count = 0; *p != 0; (*count)++) {
        size_t length = word_length(p);
        if (*count == index) {
            *len = (uint32_t)length;
            return p;
        }
        p = word_begin(p + length);
    }
    return NULL;
}

static uint64_t args_count(struct app *app, const uint64_t args[6])
{
    uint32_t len, count;
    word_at(app, UINT32_MAX, &len, &count);
    return (uint32_t)gate_put(args[1], &count, sizeof count);
}

static uint64_t args_get(struct app *app, const uint64_t args[6])
{
    uint32_t len, count;
    const char *word = word_at(app, (uint32_t)args[1], &len, &count);
    if (word == NULL) {
        return (uint32_t)CTX_E_NOENT;
    }
    char plain[128]; /* so much of it at once: a word may be longer than a stack likes */
    uint32_t room = (uint32_t)args[3], end = len, at = 0;
    ctx_status status = CTX_OK;
    for (len = 0; at < end && status == CTX_OK;) {
        uint32_t part = 0;
        while (at + part < end && part < sizeof plain / 2) { /* a backslash with what it quotes */
            part += word[at + part] == '\\' && at + part + 1 < end ? 2 : 1;
        }
        uint32_t plain_len = (uint32_t)word_plain(plain, sizeof plain, word + at, part);
        status = gate_put(args[2] + len, plain, len < room ? MIN(plain_len, room - len) : 0);
        len += plain_len;
        at += part;
    }
    return (uint32_t)(status == CTX_OK ? gate_put(args[4], &len, sizeof len) : status);
}

/* ---- ctx.random/1 ---- */

static uint64_t random_fill_gate(struct app *app, const uint64_t args[6])
{
    (void)app;
    uint8_t chunk[256];
    uint64_t at = args[1];
    for (uint32_t left = (uint32_t)args[2]; left > 0;) {
        uint32_t part = MIN(left, (uint32_t)sizeof chunk);
        random_fill(chunk, part);
        if (gate_put(at, chunk, part) != CTX_OK) {
            return (uint32_t)CTX_E_INVAL;
        }
        at += part;
        left -= part;
    }
    return CTX_OK;
}

static uint64_t random_reseed_gate(struct app *app, const uint64_t args[6])
{
    (void)app;
    (void)args;
    random_reseed();
    return CTX_OK;
}

/* ---- ctx.cpu/1 ---- */

static uint64_t cpu_info(struct app *app, const uint64_t args[6])
{
    struct ctx_cpu_info out = {.size = sizeof out, .features = machine_cpu_features()};
    app->v3->cpu_told |= out.features;
    return (uint32_t)gate_put_struct(args, 1, &out, sizeof out);
}

GATE_TABLE(ctx_log_table, CTX_TABLE_LOG, log_write);
GATE_TABLE(ctx_args_table, CTX_TABLE_ARGS, args_count, args_get);
GATE_TABLE(ctx_random_table, CTX_TABLE_RANDOM, random_fill_gate, random_reseed_gate);
GATE_TABLE(ctx_cpu_table, CTX_TABLE_CPU, cpu_info);
